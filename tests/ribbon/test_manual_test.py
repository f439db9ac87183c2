"""The lists for people say only what the buttons really say."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from places import ROOT
from workbook_tools.excel import Book
from workbook_tools.ribbon import actions, addin

PAGE = (ROOT / "docs" / "manual_test.md").read_text("utf-8")
ZHONGSHAN = (ROOT / "examples" / "zhongshan_12345_2022.xlsx").read_bytes()
LISTS = dict(zip(("Excel", "WPS"), re.split(r"^## [一二]、.*$", PAGE, flags=re.MULTILINE)[1:], strict=True))
SAID = [said for said in re.findall(r"`([^`\n]+)`", PAGE.replace("```", "")) if re.search(r"[\u4e00-\u9fff]", said)]
# Commands, files and words that a person types, and what the commands themselves say.
TYPED = re.compile(r"workbook_tools|fill_form|\.xlsx|^已安装|^按钮启动|^按时办结|^系统升级|没有发送$")


def told() -> str:
    """What can stand in a message: the texts, and what the actions say of the example and of a changed one."""
    saved = Book(ZHONGSHAN)
    filled = Book(ZHONGSHAN)
    first = actions.fill(filled, "表.xlsx")
    second = actions.fill(Book(filled.saved() or b""), "表.xlsx")
    filled.sheet(filled.sheets[0]).write((18, 10), Decimal(12))
    typed = actions.fill(Book(filled.saved() or b""), "表.xlsx")
    rows = [*first, *second, *typed, *actions.check(saved, "表.xlsx"), *actions.check(Book(calculated()), "表.xlsx")]
    texts = [*addin.texts(addin.sources()).values(), *addin.wps_texts(addin.sources()).values()]
    return "\n".join([*texts, *(str(row.value) for row in rows)])


def calculated() -> bytes:
    """The filled example as an office saves it, with what its formulas show."""
    book = Book(ZHONGSHAN)
    actions.fill(book, "表.xlsx")
    book.calculate()
    named = {info.name: book.sheet(info) for info in book.sheets}
    for name, cell in list(book.formulas()):
        shown = named[name].text(cell)
        named[name].write(cell, Decimal(shown.rstrip("%")) / (100 if shown.endswith("%") else 1))
    return book.saved() or b""


@pytest.mark.slow
def test_every_message_on_the_lists_is_one_of_the_tool() -> None:
    everything = told() + told().replace("{}", "7")
    quoted = [said for said in SAID if not TYPED.search(said)]
    assert len(quoted) > 20
    for said in quoted:
        for part in said.split("……"):
            assert part in everything, said


@pytest.mark.parametrize("who", LISTS)
def test_the_steps_are_numbered_and_say_what_should_be_seen(who: str) -> None:
    rows = re.findall(r"^\| (\d+)\. ([^|]+) \| ([^|]+) \|$", LISTS[who], re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, len(rows) + 1))
    assert 20 <= len(rows) <= 30  # a minute each
    assert all(seen.strip() for *_, seen in rows)
