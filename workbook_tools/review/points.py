"""What a reviewer gave each row of a form: the points that count, the veto, and what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.forms.form import Field
from workbook_tools.review.answers import Answer, ReviewSheet
from workbook_tools.review.limits import most_with
from workbook_tools.review.rows import FormToReview, Row, Veto
from workbook_tools.values import plain, round_half_up

NOTHING = Answer(cell="")


class Reviewed(NamedTuple):
    """The reviewed points of a form: what was given for each row, the veto, and what cannot be used.

    `vetoed` is None where the reviewer says nothing else than the form.
    """

    points: Mapping[Field, Decimal | None]
    vetoed: bool | None
    problems: Sequence[str]


def rounded(sheet: ReviewSheet, places: int) -> ReviewSheet:
    """The sheet with points as the form rounds them: a formula of the reviewer's may give 18.934."""
    answers = {
        mark: said if said.number is None else replace(said, points=plain(round_half_up(said.number, places)))
        for mark, said in sheet.answers.items()
    }
    return replace(sheet, answers=answers)


def points_of(sheet: ReviewSheet, form: FormToReview, read: Assessment) -> Reviewed:
    """The points of every row: the reviewer's, else the unit's own where they can stand, else None."""
    points: dict[Field, Decimal | None] = {}
    problems: list[str] = []
    for row in form.rows:
        said = sheet.answers.get(row.field, NOTHING)
        if said.points:
            number = said.number
            if number is None:
                problems.append(f"{said.cell}：“{row.title}”的复核得分写的是“{said.points}”，不是数；请改正")
            else:
                known = _with_actual(row, said, read)
                if not known.allows(number):
                    words = f"“{row.title}”的复核得分 {plain(number)} 不在 {known.limits} 之间"
                    problems.append(f"{said.cell}：{words}{_why_no_more(row, number)}；请改正")
            points[row.field] = number
        else:
            points[row.field] = row.score if row.usable else None
            if said.actual and said.actual != row.actual:
                problems.append(f"{said.cell}：“{row.title}”填了复核完成值“{said.actual}”，没有填复核得分；请填写")
    vetoed, wrong = _vetoed(sheet, form.veto)
    return Reviewed(points, vetoed, [*problems, *wrong])


def _with_actual(row: Row, said: Answer, read: Assessment) -> Row:
    """The row with the limits of the actual value that the reviewer found."""
    found = said.actual if row.most is not None and row.most != row.ceiling else ""
    return replace(row, most=most_with(read, row.field, found)) if found else row


def _why_no_more(row: Row, points: Decimal) -> str:
    """Why a row whose rate may be beyond 100% has no more points; "" where that is not in question."""
    if row.most is None or row.ceiling is None or row.ceiling == row.most or points <= row.most:
        return ""
    return "（超过权重的，按完成率算；完成值不对的，先写复核完成值）"


def _vetoed(sheet: ReviewSheet, veto: Veto | None) -> tuple[bool | None, list[str]]:
    """What the reviewer says of 一票否决, None where nothing else than the unit; and what cannot be used."""
    said = sheet.answers.get(veto.field, NOTHING) if veto else NOTHING
    if veto is None or not (said.actual or said.points):
        return None, []
    where = f"{sheet.name} {said.row}"
    choose = f"发生了的，在“复核完成值”选“{veto.occurred}”，没有发生选“{veto.never}”"
    if said.points and said.number != 0:
        return None, [f"{where}：“{veto.name}”不填分数；{choose}"]
    if not said.actual:
        return None, []
    if said.actual not in (veto.never, veto.occurred):
        return None, [f"{where}：“{veto.name}”的复核完成值写的是“{said.actual}”；{choose}"]
    vetoed = said.actual == veto.occurred
    if vetoed != veto.happened and not said.opinion:
        return None, [f"{where}：“{veto.name}”选了“{said.actual}”，和自评不一样；请在“复核意见”写明原因"]
    return (None if vetoed == veto.happened else vetoed), []


def is_changed(row: Row, reviewed: Reviewed, said: Answer) -> bool:
    """Whether the reviewer gave other points than the unit."""
    return bool(said.points) and reviewed.points[row.field] != row.score
