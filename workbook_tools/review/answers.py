"""What the reviewer typed into 复核.xlsx, by the marks in the hidden column: sorting and inserted rows do not matter."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.review.workbook import LEFT_OUT, LISTED, MARK, NAMES
from workbook_tools.values import normalize, read_quantity

TYPED = ("复核完成值", "复核得分", "处理", "复核意见")
MARKS = NAMES[0]
_FOREIGN = "不是 workbook_tools review 生成的复核表，或者最前面隐藏的一列被删掉了；请用生成的那一份填写"


class Answer(NamedTuple):
    """What the reviewer typed into one row, and the cell of the points."""

    cell: str
    actual: str = ""
    points: str = ""
    action: str = ""
    opinion: str = ""

    @property
    def number(self) -> Decimal | None:
        """The points as a number; None where they are none."""
        read = read_quantity(self.points)
        return read.number if read and read.unit in ("", "分") and not read.over else None

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not (self.actual or self.points or self.action or self.opinion)

    def lists(self, code: str, *, usually: bool) -> bool:
        """Whether a finding of that code goes onto the list of issues."""
        said = normalize(self.action).upper()
        if said.startswith(LEFT_OUT):
            named = said.removeprefix(LEFT_OUT)
            return usually and bool(named) and code not in named
        return usually or said.startswith(LISTED)


class Sheets(NamedTuple):
    """One 复核表 as it came back: the form that it is about, what was typed by mark, and what cannot be used."""

    name: str
    file: str
    form: str
    digest: str
    scheme: str
    waive: str
    answers: dict[str, Answer]
    problems: list[str]


def read_review(path: Path) -> list[Sheets]:
    """Every 复核表 of a workbook; raises `FileRejected` for a workbook that has none."""
    try:
        book = read_book(read_file(path))
        found = [one for info in book.sheets if (one := _sheet(book.sheet(info)))]
    except FileRejected as fault:
        raise fault.at(path) from None
    if not found:
        raise FileRejected("E_KIND", _FOREIGN).at(path)
    return found


def _sheet(sheet: Sheet) -> Sheets | None:
    filled = sorted(sheet.filled())
    mark = next((cell for cell in filled if sheet.text(cell).strip() == MARK), None)
    if mark is None:
        return None
    column = mark[1]
    below = [cell for cell in filled if cell[1] == column and cell > mark]
    try:
        known = json.loads(sheet.text(below[0]))
        about = [str(known[name]) for name in ("file", "form", "digest", "scheme", "waive")]
        top = next(row for row, _ in below if sheet.text((row, column)) == MARKS)
        names = {sheet.text(cell).strip(): cell[1] for cell in filled if cell[0] == top}
        columns = {name: names[name] for name in TYPED}
    except (ValueError, KeyError, TypeError, IndexError, StopIteration):
        raise FileRejected("E_KIND", f"工作表“{sheet.name}”{_FOREIGN}") from None
    answers: dict[str, Answer] = {}
    problems: list[str] = []
    for row in dict.fromkeys(cell[0] for cell in filled if cell[0] > top):
        key = sheet.text((row, column)).strip()
        words = {name: sheet.text((row, at)).strip() for name, at in columns.items()}
        one = Answer(sheet.address((row, columns["复核得分"])), *words.values())
        if key in answers:
            problems.append(f"{sheet.name} 第 {row} 行和另一行重复，不知道按哪一行；请删去一行")
        elif key:
            answers[key] = one
        elif not one.blank:
            problems.append(f"{sheet.name} 第 {row} 行是新加的，不知道是哪个指标的；请写到原来的行里")
    return Sheets(sheet.name, *about, answers, problems)

