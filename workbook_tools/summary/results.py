"""What was given to forms in their review, as a list beside them: 文件, 审核分数, 核定等级, 审核意见.

`review close` writes it; `review` and `summary` take it, so that they say the same as whoever has reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel.tables import column_of, csv_text, read_rows, unescape_csv
from workbook_tools.values import plain, read_points

if TYPE_CHECKING:
    from workbook_tools.summary.rows import FormRow

OPINION, REASON = "审核意见", "主要原因"
TITLES = ("文件", "工作表", "审核分数", "核定等级", OPINION, REASON)
_NEEDED = TITLES[:3]


class Result(NamedTuple):
    """What a review gave to a form.

    Attributes:
        score: 审核分数; None where there is none.
        grade: 核定等级, "" where there is none.
        opinion: 审核意见, likewise.
        reason: what the score comes from, in words.
    """

    score: Decimal | None = None
    grade: str = ""
    opinion: str = ""
    reason: str = ""


class Results:
    """The results of several forms, by file and by what each is called among the forms of its workbook."""

    def __init__(self, known: Mapping[tuple[str, str], Result]) -> None:
        self.known = known

    def of(self, file: str, form: str) -> Result | None:
        """What a form got, None where it is not on the list; a row without 工作表 is about the whole file."""
        return self.known.get((file, form)) or self.known.get((file, ""))

    def on(self, row: FormRow) -> FormRow:
        """A row of the summary with what the list says: it stands for what the form itself may print."""
        given = self.of(Path(row.file).name, row.sheet)
        if given is None or (given.score is None and not given.grade):
            return row
        own = row.total if isinstance(row.total, Decimal) else None
        difference = None if given.score is None or own is None else given.score - own
        return replace(row, reviewed_score=given.score, reviewed_grade=given.grade, reviewed_difference=difference)

    def opinion(self, row: FormRow) -> str:
        """The opinion on a form, with what the form itself prints where that is another score or grade."""
        given = self.of(Path(row.file).name, row.sheet)
        if given is None:
            return ""
        score, grade = given.score, given.grade
        other = (
            [plain(row.reviewed_score)]
            if isinstance(row.reviewed_score, Decimal) and row.reviewed_score != score
            else []
        )
        other += [row.reviewed_grade] if grade and row.reviewed_grade not in ("", "—", grade) else []
        return "；".join(filter(None, (given.opinion, f"表上填的审核结果是 {' '.join(other)}" if other else "")))


def read_results(path: Path) -> Results:
    """The list in a .csv or .xlsx; raises `FileRejected`."""
    rows = read_rows(path)
    at = next(
        (number for number, row in enumerate(rows) if column_of(row, TITLES[:1]) and column_of(row, TITLES[2:3])), None
    )
    if at is None:
        raise FileRejected("E_KIND", f"{path}：审核结果要有“文件”“审核分数”两列（核定等级、审核意见可以没有）")
    columns = {title: column_of(rows[at], (title,)) for title in TITLES}
    known: dict[tuple[str, str], Result] = {}
    for number, row in enumerate(rows[at + 1 :], at + 2):
        said = {title: _cell(row, column) for title, column in columns.items()}
        file, form, score, grade, opinion, reason = said.values()
        points = read_points(score)
        if not file:
            continue
        if score and points is None:
            raise FileRejected("E_KIND", f"{path} 第 {number} 行：审核分数“{score}”不是数；请写成 92.5 这样")
        if (file, form) in known:
            raise FileRejected("E_KIND", f"{path} 第 {number} 行：“{file}”前面已经有了；请留一行")
        known[file, form] = Result(points, grade, opinion, reason)
    return Results(known)


def _cell(row: Sequence[str], column: int) -> str:
    return unescape_csv(row[column - 1].strip()) if 0 < column <= len(row) else ""


def results_list(known: Iterable[tuple[str, str, Result]]) -> str:
    """The list as CSV, of files and forms with their results."""
    rows = [
        (file, form, "" if one.score is None else plain(one.score), one.grade, one.opinion, one.reason)
        for file, form, one in known
    ]
    return csv_text([TITLES, *rows])
