"""A page as people read it: the first words of every cell; and the documents that are sent instead of a form."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_COLUMNS, MOST_ROWS, Sheet
from workbook_tools.schemes.packaged import packaged
from workbook_tools.text import regex
from workbook_tools.values import normalize

DOCUMENTS = Path(__file__).with_name("documents.toml")  # what is sent instead of a form
INSTRUCTIONS = "填报说明"  # the sheet of an empty form that tells how to fill it in: no part of the form

_NUMBERED = regex(r"^[(]?[一二三四五六七八九十\d]{1,3}[).、]+")
_GOES_ON = regex(r"[\u4e00-\u9fffA-Za-z=]")


class Document(NamedTuple):
    """A document that is no form: the words that tell it, and what to do with it."""

    name: str
    every: tuple[str, ...]
    never: tuple[str, ...]
    advice: str


class SheetText:
    """The first words of every filled cell of a sheet, in reading order."""

    def __init__(self, sheet: Sheet) -> None:
        self.words: dict[Cell, str] = {}
        self.rows: dict[int, list[Cell]] = {}
        for cell in sheet.filled():
            if cell[0] <= MOST_ROWS and cell[1] <= MOST_COLUMNS and (text := sheet.text(cell)):
                self.words[cell] = normalize(text[:48])
                self.rows.setdefault(cell[0], []).append(cell)
        self.all = "\n".join(self.words.values())

    def says(self, label: str) -> bool:
        """Whether a cell begins with the label."""
        return any(label in words and starts_with_label(words, label) for words in self.words.values())

    def in_row(self, row: int, label: str) -> Cell | None:
        """The first cell of a row whose words begin with the label."""
        return next((cell for cell in self.rows.get(row, ()) if starts_with_label(self.words[cell], label)), None)


def starts_with_label(words: str, label: str) -> bool:
    """Whether words begin with a label and then end or go on with a note in brackets, a colon, a figure."""
    for start in (words, _NUMBERED.sub("", words)):
        if start.startswith(label) and not _GOES_ON.match(start, len(label)):
            return True
    return False


def other_document(page: SheetText) -> Document | None:
    """The document that a page is where it is no form, None where it is none that is known."""
    table = packaged(DOCUMENTS)
    for known in (Document(**one) for one in table["document"]):
        if all(page.says(word) for word in known.every) and not any(word in page.all for word in known.never):
            return known
    return None
