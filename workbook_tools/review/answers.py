"""What the reviewer typed into 复核.xlsx, by the marks in the hidden column, so that rows may be sorted or inserted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.errors import FileRejected, WorkbookToolsError
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.review.workbook import LEFT_OUT, LISTED, MARK, NAMES, SUMMARY_COLUMNS, book_name
from workbook_tools.text import regex, shown_path
from workbook_tools.values import UNCALCULATED, normalize, read_quantity

ABOUT = ("file", "form", "digest", "scheme", "waive")
TYPED = ("复核完成值", "复核得分", "处理", "复核意见")
PRINTED = ("自评得分", "备注")  # where a tired reviewer types, too
FIELDS = dict(zip((*TYPED, *PRINTED), ("actual", "points", "action", "opinion", "own", "remark"), strict=True))
MARKS = NAMES[0]
MOST_ROWS = 3  # that a sentence names
_SOME_LEFT_OUT = regex(rf"{LEFT_OUT}[A-Z]\d{{3}}(?:[,、;]?[A-Z]\d{{3}})*")
_FOREIGN = "不是 workbook_tools review 生成的复核表，或者最前面隐藏的一列被删掉了；请用生成的那一份填写"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the reviewer typed into one row; "" where nothing.

    Attributes:
        cell: the cell of the points.
        row: the row of the sheet in words.
        actual: in 复核完成值; the grade, in the row of the whole form.
        points: in 复核得分.
        action: in 处理.
        opinion: in 复核意见.
        own: what stands in 自评得分, where nothing is to be typed.
        remark: what stands in 备注, likewise.
    """

    cell: str
    row: str = ""
    actual: str = ""
    points: str = ""
    action: str = ""
    opinion: str = ""
    own: str = ""
    remark: str = ""

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

    @property
    def typed(self) -> dict[str, tuple[str, ...]]:
        """What was typed, without rows that were left blank: the mark of a row → actual, points, action, opinion."""
        answers = {mark: said for mark, said in self.answers.items() if not said.blank}
        return {mark: (said.actual, said.points, said.action, said.opinion) for mark, said in answers.items()}


class ReviewBook(NamedTuple):
    """One workbook of a review: its sheets, what is wrong with others, and what its 复核汇总 lists.

    `listed` has the files of the 复核汇总, each with whether it was read and has a 复核表; () where that sheet is gone.
    """

    path: Path
    sheets: Sequence[ReviewSheet]
    broken: Sequence[str] = ()
    listed: Sequence[tuple[str, bool]] = ()

    @property
    def part(self) -> tuple[str, int]:
        """Which workbook of which review it is, whatever it is called now: copies are the same part."""
        first = self.sheets[0].first
        return (first, self.sheets[0].number) if first else (str(self.path), 1)

    @property
    def came(self) -> int:
        """How many forms and unreadable files it was made of."""
        return len(self.listed) or len(self.sheets)


def read_review(path: Path) -> ReviewBook:
    """Every 复核表 of a workbook; raises `FileRejected` for a workbook that has none."""
    sheets: list[ReviewSheet] = []
    broken: list[str] = []
    listed: list[tuple[str, bool]] = []
    try:
        book = read_book(read_file(path))
    except FileRejected as fault:
        raise fault.at(path) from None
    for info in book.sheets:
        sheet = book.sheet(info)
        listed += _listed(sheet)
        try:
            sheets += [one] if (one := _sheet(sheet)) else []
        except FileRejected as fault:
            broken.append(str(fault.at(path)))
    if not sheets:
        raise FileRejected("E_KIND", broken[0]) if broken else FileRejected("E_KIND", _FOREIGN).at(path)
    return ReviewBook(path, sheets, broken, listed)


def read_reviews(given: Sequence[Path]) -> tuple[list[ReviewBook], list[str]]:
    """The workbooks of reviews, also those in the folders among them; and why others there were not read.

    Of a folder only workbooks of a review count. Raises `FileRejected` for a named file, or a folder, that has none.
    """
    books: dict[Path, ReviewBook] = {}
    unread: list[str] = []
    for one in given:
        if not one.is_dir():
            books[one] = read_review(one)
            continue
        found = [path for path in sorted(one.glob("*.xlsx")) if not path.name.startswith(("~$", ".~"))]
        before = len(books)
        for path in found:
            try:
                books[path] = read_review(path)
            except FileRejected as fault:
                unread += [str(fault)] if fault.code != "E_KIND" else []
        if len(books) == before:
            raise FileRejected("E_KIND", "这个文件夹里没有复核表（子文件夹不看）；请写复核表的文件名").at(one)
    return [*books.values()], unread


def one_of_each(books: Sequence[ReviewBook]) -> tuple[list[tuple[Path, Sequence[ReviewSheet]]], list[str]]:
    """Of several sheets about one form, as two reviewers' copies have them, the one that was filled in.

    Where several were, and not alike, none is taken, and a sentence asks.
    """
    of_form: dict[tuple[Path, str], list[tuple[Path, ReviewSheet]]] = {}
    for book in books:
        for sheet in book.sheets:
            of_form.setdefault((book.path.parent / sheet.file, sheet.form), []).append((book.path, sheet))
    taken: list[tuple[Path, Sequence[ReviewSheet]]] = []
    asked: list[str] = []
    for copies in of_form.values():
        filled = [one for one in copies if one[1].typed] or copies[:1]
        if rows := _unlike([sheet for _, sheet in filled]):
            where = "、".join(f"{path.name}“{sheet.name}”" for path, sheet in filled)
            asked.append(
                f"{filled[0][1].file} 的复核表有 {len(filled)} 份都填了（{where}），{'、'.join(rows)}不一样，"
                "不知道按哪一份；请合到一份里，删去别的，再运行一次"
            )
        else:
            taken.append((filled[0][0], [filled[0][1]]))
    return taken, asked


def _unlike(sheets: Sequence[ReviewSheet]) -> list[str]:
    """The rows in which sheets about one form were not filled in alike."""
    first, *others = sheets
    marks = dict.fromkeys(mark for sheet in sheets for mark in sheet.typed)
    unlike = [mark for mark in marks if any(sheet.typed.get(mark) != first.typed.get(mark) for sheet in others)]
    rows = [next(sheet.answers[mark].row for sheet in sheets if mark in sheet.answers) for mark in unlike]
    return [*rows[:MOST_ROWS], *([f"……共 {len(rows)} 行"] if len(rows) > MOST_ROWS else [])]


def sheets_gone(books: Sequence[ReviewBook]) -> list[str]:
    """The files that a 复核汇总 lists with a 复核表, and that no copy of that workbook has a sheet of."""
    gone: list[str] = []
    for part in dict.fromkeys(book.part for book in books):
        copies = [book for book in books if book.part == part]
        left = Counter(file for file, has_sheet in max((one.listed for one in copies), key=len) if has_sheet)
        found = Counter(
            file for file, _ in {(shown_path(one.file), one.form) for book in copies for one in book.sheets}
        )
        gone += (left - found).elements()
    return gone


def _sheet(sheet: Sheet) -> ReviewSheet | None:
    filled = sorted(sheet.filled())
    mark = next((cell for cell in filled if sheet.text(cell).strip() == MARK), None)
    if mark is None:
        if {"复核完成值", "复核得分", "复核意见"} <= {sheet.text(cell).strip() for cell in filled}:
            raise FileRejected("E_KIND", f"工作表“{sheet.name}”{_FOREIGN}")
        return None
    column = mark[1]
    below = [cell for cell in filled if cell[1] == column and cell > mark]
    try:
        known = json.loads(sheet.text(below[0]))
        about = {name: str(known[name]) for name in ABOUT}
        first, number, more = str(known.get("first", "")), int(known.get("number", 1)), known.get("more") is True
        top = next(row for row, _ in below if sheet.text((row, column)) == MARKS)
        names = {sheet.text(cell).strip(): cell[1] for cell in filled if cell[0] == top}
        columns = {name: names[name] for name in (*TYPED, *PRINTED)}
    except (ValueError, KeyError, TypeError, IndexError, StopIteration):
        raise FileRejected("E_KIND", f"工作表“{sheet.name}”{_FOREIGN}") from None
    answers: dict[str, Answer] = {}
    problems: list[str] = []
    for row in dict.fromkeys(cell[0] for cell in filled if cell[0] > top):
        key = sheet.text((row, column)).strip()
        words = {FIELDS[name]: sheet.text((row, at)).strip() for name, at in columns.items()}
        one = Answer(cell=sheet.address((row, columns["复核得分"])), row=f"第 {row} 行", **words)
        if key in answers:
            problems.append(f"{sheet.name} 第 {row} 行和另一行重复，不知道按哪一行；请删去一行")
        elif key:
            answers[key] = one
            where = f"{sheet.name} 第 {row} 行"
            problems += [
                f"{where}的“{name}”是公式，没有算出结果；请写成文字或数"
                for name in TYPED
                if words[FIELDS[name]] == UNCALCULATED
            ]
            if one.unclear and one.action != UNCALCULATED:
                problems.append(
                    f"{where}的“处理”写的是“{one.action}”；请选“{LISTED}”或“{LEFT_OUT}”，说明写在“复核意见”"
                )
        elif not one.blank:
            problems.append(f"{sheet.name} 第 {row} 行是新加的，不知道是哪个指标的；请写到原来的行里")
    return ReviewSheet(
        name=sheet.name, **about, answers=answers, problems=problems, first=first, number=number, more=more
    )


def other_books(books: Sequence[ReviewBook]) -> dict[Path, int | None]:
    """The workbooks of the same reviews that were not given → how many forms came in with each, None where it is gone.

    They are looked for beside those that were given, by the names under which they were written.
    """
    given = {book.part for book in books}
    found: dict[Path, int | None] = {}
    waiting = [(book.path.parent, sheet) for book in books for sheet in book.sheets[:1] if sheet.first]
    for folder, sheet in waiting:
        for number in range(1, sheet.number + 1 + sheet.more):
            path = folder / book_name(sheet.first, number)
            if (sheet.first, number) in given or path in found:
                continue
            try:
                other = read_review(path)
            except WorkbookToolsError:
                found[path] = None
                continue
            found[path] = other.came
            waiting += [(folder, one) for one in other.sheets[:1]]
    return found


def came_in(books: Sequence[ReviewBook]) -> int:
    """How many forms and unreadable files the given workbooks were made of; copies of one count once."""
    most: dict[tuple[str, int], int] = {}
    for book in books:
        most[book.part] = max(most.get(book.part, 0), book.came)
    return sum(most.values())


def _listed(sheet: Sheet) -> list[tuple[str, bool]]:
    """The files of a 复核汇总, each with whether it has a 复核表; [] for any other sheet, whatever it is called."""
    names = {sheet.text(cell).strip(): cell[1] for cell in sheet.filled() if cell[0] == 1}
    if not SUMMARY_COLUMNS.keys() <= names.keys():
        return []
    rows = range(2, sheet.size[0] + 1)
    files = ((sheet.text((row, names["文件"])), sheet.text((row, names["复核表"]))) for row in rows)
    return [(file, bool(reviewed)) for file, reviewed in files if file]
