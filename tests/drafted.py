"""Drafted schemes: written as a clerk gets them, confirmed and answered as a clerk does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from workbook_tools.drafting.build import Draft, draft
from workbook_tools.drafting.writing import draft_text
from workbook_tools.excel import Book
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.page import INSTRUCTIONS


def sheets_of(book: Book) -> list[Sheet]:
    """The sheets of the form itself."""
    return [book.sheet(info) for info in book.sheets if not info.hidden and info.name != INSTRUCTIONS]


def drafted(sheets: list[Sheet], name: str = "bureau") -> Draft:
    """The draft of a form."""
    return draft(sheets, name, "空白表.xlsx")


def first_choices(one: Draft) -> dict[str, str]:
    """The first answer to every question."""
    return {ask.question: ask.choices[0].words for ask in one.asks}


def answered(text: str, answers: Mapping[str, str]) -> str:
    """The file with the answers written into it."""
    for question, answer in answers.items():
        found = re.search(rf'question = "{re.escape(question)}"\n(?:quote = .*\n)?(?:cell = .*\n)?answer = ""', text)
        assert found, question
        text = text[: found.end() - 1] + answer + text[found.end() - 1 :]
    return text


def every(number: int) -> bool:
    """Every fact."""
    return number >= 0


def confirmed(text: str, which: Callable[[int], bool] = every) -> str:
    """The file with the facts confirmed that are chosen by their number."""
    parts = text.split("confirmed = false\n")
    said = ["true" if which(number) else "false" for number in range(len(parts) - 1)]
    return "".join(f"{part}confirmed = {word}\n" for part, word in zip(parts, said, strict=False)) + parts[-1]


def complete(one: Draft) -> str:
    """The file with everything confirmed, and the first answer to every question."""
    return confirmed(answered(draft_text(one), first_choices(one)))


def placed_in(folder: Path, text: str, name: str = "bureau") -> Path:
    """The folder of a scheme with this file."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "scheme.toml").write_text(text, "utf-8")
    return folder / name
