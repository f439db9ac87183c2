"""What the reviewer typed into 复核.xlsx, by the marks in the hidden column, so that rows may be sorted or inserted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.errors import FileRejected, WorkbookToolsError
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.review.rows import SUMMARY
from workbook_tools.review.workbook import LEFT_OUT, LISTED, MARK, NAMES, book_name
from workbook_tools.text import regex
from workbook_tools.values import UNCALCULATED, normalize, read_quantity

ABOUT = ("file", "form", "digest", "scheme", "waive")
TYPED = ("复核完成值", "复核得分", "处理", "复核意见")
MARKS = NAMES[0]
_SOME_LEFT_OUT = regex(rf"{LEFT_OUT}[A-Z]\d{{3}}(?:[,、;]?[A-Z]\d{{3}})*")
_FOREIGN = "不是 workbook_tools review 生成的复核表，或者最前面隐藏的一列被删掉了；请用生成的那一份填写"


class Answer(NamedTuple):
    """What the reviewer typed into one row, the cell of the points, and the row of the sheet in words."""

    cell: str
    row: str = ""
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

    @property
    def left_out(self) -> bool:
        """Whether nothing of the row goes onto the list of issues, also not what the reviewer says there."""
        return normalize(self.action) == LEFT_OUT

    def lists(self, code: str, *, usually: bool) -> bool:
        """Whether a finding of that code goes onto the list of issues."""
        said = normalize(self.action).upper()
        if said.startswith(LEFT_OUT):
            named = said.removeprefix(LEFT_OUT)
            return usually and bool(named) and code not in named
        return usually or said == LISTED

    @property
    def unclear(self) -> bool:
        """Whether the action is none of those that can be chosen: it is not guessed."""
        said = normalize(self.action).upper()
        return said not in ("", LISTED, LEFT_OUT) and not _SOME_LEFT_OUT.fullmatch(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSheet:
    """One 复核表 as it came back.

    Attributes:
        name: the sheet.
        file: the workbook of its form, from the folder of the review.
        form: the form among those of that workbook.
        digest: of the workbook when the review was made.
        scheme: the scheme that was named, "" where none was.
        waive: the list of waivers, likewise a path.
        answers: what was typed, by the mark of its row.
        problems: what cannot be used, each in a sentence.
        first: the first workbook of its review, "" where it is not known.
        number: which of the workbooks of the review it is in, from 1.
        more: whether another workbook of the review follows.
    """

    name: str
    file: str
    form: str
    digest: str
    scheme: str
    waive: str
    answers: Mapping[str, Answer]
    problems: Sequence[str]
    first: str = ""
    number: int = 1
    more: bool = False


def read_review(path: Path) -> list[ReviewSheet]:
    """Every 复核表 of a workbook; raises `FileRejected` for a workbook that has none."""
    try:
        book = read_book(read_file(path))
        found = [one for info in book.sheets if (one := _sheet(book.sheet(info)))]
    except FileRejected as fault:
        raise fault.at(path) from None
    if not found:
        raise FileRejected("E_KIND", _FOREIGN).at(path)
    return found


def _sheet(sheet: Sheet) -> ReviewSheet | None:
    filled = sorted(sheet.filled())
    mark = next((cell for cell in filled if sheet.text(cell).strip() == MARK), None)
    if mark is None:
        return None
    column = mark[1]
    below = [cell for cell in filled if cell[1] == column and cell > mark]
    try:
        known = json.loads(sheet.text(below[0]))
        about = {name: str(known[name]) for name in ABOUT}
        first, number, more = str(known.get("first", "")), int(known.get("number", 1)), known.get("more") is True
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
        one = Answer(sheet.address((row, columns["复核得分"])), f"第 {row} 行", *words.values())
        if key in answers:
            problems.append(f"{sheet.name} 第 {row} 行和另一行重复，不知道按哪一行；请删去一行")
        elif key:
            answers[key] = one
            where = f"{sheet.name} 第 {row} 行"
            problems += [f"{where}的“{name}”是公式，没有算出结果；请写成文字或数" for name in _uncalculated(words)]
            if one.unclear and one.action != UNCALCULATED:
                problems.append(
                    f"{where}的“处理”写的是“{one.action}”；请选“{LISTED}”或“{LEFT_OUT}”，说明写在“复核意见”"
                )
        elif not one.blank:
            problems.append(f"{sheet.name} 第 {row} 行是新加的，不知道是哪个指标的；请写到原来的行里")
    return ReviewSheet(
        name=sheet.name, **about, answers=answers, problems=problems, first=first, number=number, more=more
    )


def other_books(books: Sequence[tuple[Path, Sequence[ReviewSheet]]]) -> dict[Path, int | None]:
    """The workbooks of the same reviews that were not given → how many forms came in with each, None where it is gone.

    They are looked for beside those that were given, by the names under which they were written.
    """
    given = {(sheet.first, sheet.number) for _, sheets in books for sheet in sheets}
    found: dict[Path, int | None] = {}
    waiting = [(path.parent, sheet) for path, sheets in books for sheet in sheets if sheet.first]
    for folder, sheet in waiting:
        for number in range(1, sheet.number + 1 + sheet.more):
            path = folder / book_name(sheet.first, number)
            if (sheet.first, number) in given or path in found:
                continue
            try:
                sheets = read_review(path)
            except WorkbookToolsError:
                found[path] = None
                continue
            found[path] = len(sheets) + unread_files(path)
            waiting += [(folder, one) for one in sheets[:1]]
    return found


def _uncalculated(words: Mapping[str, str]) -> list[str]:
    return [name for name, said in words.items() if said == UNCALCULATED]


def unread_files(path: Path) -> int:
    """How many files the 复核汇总 of a review lists that could not be read; 0 where that sheet is gone."""
    book = read_book(read_file(path))
    info = next((info for info in book.sheets if info.name == SUMMARY), None)
    if info is None:
        return 0
    sheet = book.sheet(info)
    names = {sheet.text(cell).strip(): cell[1] for cell in sheet.filled() if cell[0] == 1}
    if not {"文件", "复核表"} <= names.keys():
        return 0
    rows = range(2, sheet.size[0] + 1)
    return sum(bool(sheet.text((row, names["文件"]))) and not sheet.text((row, names["复核表"])) for row in rows)
