"""The last row of a 复核表, which is about the whole form: the total and the grade that the reviewer gives at once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.checks.audit import most_points
from workbook_tools.forms.form import Field, Scores
from workbook_tools.review.answers import Answer
from workbook_tools.review.rows import FormToReview
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import plain, read_points

NAME = "整张表"


class Whole(NamedTuple):
    """What the review of a form comes to: its scores, the grade, why where no row says it, and what cannot be used."""

    scores: Scores
    grade: str
    reason: str
    problems: list[str]


def settle(
    said: Answer,
    read: Assessment,
    points: Mapping[Field, Decimal | None],
    *,
    by_rows: bool,
    vetoed: bool | None = None,
) -> Whole:
    """The total and the grade by the points of the rows, or as the reviewer gave them for the whole form.

    `by_rows` says whether the reviewer gave points for single rows: then both totals have to be the same. `vetoed` is
    what the reviewer says of 一票否决, None where that is what the unit says.
    """
    given = {f"{field}.score": one for field, one in points.items()}
    scores = score(read.form, read.scheme, given, vetoed=vetoed)
    problems: list[str] = []
    total, reason = scores.total, ""
    if said.points:
        number, most = said.number, most_points(scores, read.scheme)
        if number is None:
            problems.append(f"{said.cell}：“{NAME}”的复核得分写的是“{said.points}”，不是数；请改正")
        elif "total" not in scores.lines:
            problems.append(f"{said.cell}：这种表没有总分，“{NAME}”的复核得分不能采用；请删去")
        elif number < 0 or (most is not None and number > most):
            limits = f"0～{plain(most)}" if most is not None else "0 以上"
            problems.append(f"{said.cell}：“{NAME}”的复核得分 {plain(number)} 不在 {limits} 之间；请改正")
        elif by_rows and total is not None and total != number:
            problems.append(
                f"{said.cell}：“{NAME}”的复核得分是 {plain(number)}，按各行的复核得分是 {plain(total)}；"
                f"请改成一样，或者删去“{NAME}”的复核得分，按各行算"
            )
        else:
            scores = score(read.form, read.scheme, {**given, "total": number}, vetoed=vetoed)
            reason = f"复核人给的总分 {plain(number)}{f'（{said.opinion}）' if said.opinion else ''}"
    grade = scores.grade or ""
    if said.actual:
        known = grades_of(read.scheme)
        if known and said.actual not in known:
            problems.append(
                f"{said.cell}：“{NAME}”的复核等级“{said.actual}”不是这个评分办法的等级（{'、'.join(known)}）；请改正"
            )
        elif (by_rows or vetoed is not None) and grade and said.actual != grade:
            problems.append(
                f"{said.cell}：“{NAME}”的复核等级是“{said.actual}”，按各行是“{grade}”；"
                f"请改成一样，或者删去“{NAME}”的复核等级，按各行定"
            )
        grade = said.actual
    return Whole(scores, grade, reason, problems)


def grades_of(scheme: Scheme) -> list[str]:
    """The grades that a scheme knows, from the best."""
    steps = scheme.grades.steps
    return list(dict.fromkeys([grade for _, grade in steps] + [scheme.grades.otherwise] * bool(steps)))


def said_of_whole(form: FormToReview, said: Answer) -> str:
    """What the reviewer says of the whole form, in one sentence."""
    other_total = said.points and said.number != read_points(form.total)
    points = [f"自评总分 {form.total or '没有填'}，复核 {said.points}"] if other_total else []
    other_grade = said.actual and said.actual != form.grade
    grade = [f"自评等级 {form.grade or '没有填'}，复核 {said.actual}"] if other_grade else []
    opinion = [f"复核意见：{said.opinion}" if points or grade else said.opinion] if said.opinion else []
    return "；".join([*points, *grade, *opinion])
