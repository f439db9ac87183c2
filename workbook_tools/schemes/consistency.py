"""Whether a scheme agrees with itself: points that add up, tables that say what their quotes say."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.scheme import Bands, Scheme, T
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, plain

_NUMBER = regex(r"\d+(?:\.\d+)?")


def adds_up(scheme: Scheme) -> None:
    """Refuses points that do not add up; raises `BadScheme`."""
    for named in ([group.name for group in scheme.groups], [rule.field for rule in scheme.budget]):
        if twice := [name for number, name in enumerate(named) if name in named[:number]]:
            raise BadScheme(f"有两处都叫“{twice[0]}”，请改成不同的")
    total = sum((group.most * group.share / HUNDRED for group in scheme.groups), Decimal(0))
    if total != HUNDRED and not (scheme.general or scheme.monitoring):
        raise BadScheme(f"各组分值合计 {plain(total)}，应为 100")
    owners = {group.name for group in scheme.groups if group.points is not None}
    for group in scheme.groups:
        if group.points_of and (group.points is not None or group.points_of not in owners):
            raise BadScheme(f"“{group.label}”的 points_of 要写另一个有分值的组，自己不写 points")
        own = [rule.points for rule in scheme.budget if not rule.row and rule.points is not None]
        whole = len(own) == sum(not rule.row for rule in scheme.budget) or not scheme.general
        if group.weights == "rules" and group.points is not None and whole and sum(own) != group.points:
            raise BadScheme(f"“{group.label}”各行分值合计 {sum(own)}，应为 {group.points}")
    for rule in scheme.budget:
        if rule.bands.steps and (most := max(points for _, points in rule.bands.steps)) != rule.points:
            raise BadScheme(f"“{rule.label}”最高一档 {most} 分，应为 {rule.points} 分")
    amounts = {amount for rule in scheme.budget for amount in rule.base} | {"spent"}
    if scheme.budget and (lacking := amounts - scheme.money.keys()):
        raise BadScheme(f"[money] 缺少 {'、'.join(sorted(lacking))}")


def agrees_with_its_quotes(scheme: Scheme) -> None:
    """Refuses a table that contradicts the sentence it rests on; raises `BadScheme`."""
    for group in scheme.groups:
        said = _numbers(group.cap_quote or group.quote or group.observed)
        if group.points is not None and plain(group.points) not in said and (said or not scheme.general):
            raise BadScheme(f"“{group.label}”是 {plain(group.points)} 分，原文写的是“{group.cap_quote or group.quote}”")
    for rule in scheme.budget:
        if rule.bands.steps:
            _bands_agree(rule.bands, rule.quote, rule.label, plain)
    if scheme.grades.steps:
        _bands_agree(scheme.grades, scheme.grade_quote, "等级", str)
    rules = scheme.indicators
    limits = {plain(limit) for level in rules.levels for limit in (level.low, level.high)}
    if rules.levels and limits != set(_numbers(rules.level_quote)):
        raise BadScheme(f"定性指标各档是 {'、'.join(sorted(limits))}，原文写的是“{rules.level_quote}”")
    if scheme.deductions.rows and _numbers(scheme.deductions.quote) != [plain(-scheme.deductions.lowest)]:
        raise BadScheme(f"最多扣 {plain(-scheme.deductions.lowest)} 分，原文写的是“{scheme.deductions.quote}”")
    _review_agrees(scheme)


def _review_agrees(scheme: Scheme) -> None:
    """Its options and points stand in its quotes, its grades and rows in the scheme."""
    review, rows = scheme.review, {row.label: row for row in scheme.deductions.rows}
    grades = {*(grade for _, grade in scheme.grades.steps), scheme.grades.otherwise}
    if lacking := [option for option in review.budget if option not in review.budget_quote]:
        raise BadScheme(f"[review] budget 有“{lacking[0]}”，原文写的是“{review.budget_quote}”")
    for grade, option in review.budget_by_grade.items():
        if grade not in grades or option not in review.budget:
            raise BadScheme(f"[review.budget_by_grade] {grade} = “{option}”：没有这个等级，或者 budget 里没有这一项")
    if review.far is not None and plain(review.far) not in _numbers(review.far_quote):
        raise BadScheme(f"[review] far 是 {plain(review.far)} 分，原文写的是“{review.far_quote}”")
    for proposal in review.proposals:
        row = rows.get(proposal.row)
        if row is None or proposal.quote not in row.quote or f"{plain(proposal.points)}分" not in proposal.quote:
            raise BadScheme(f"[[review.proposal]] {plain(proposal.points)} 分，扣分项“{proposal.row}”的原文里没有")


def _bands_agree(bands: Bands[T], quote: str, label: str, shown: Callable[[T], str]) -> None:
    """Each step in the order of the sentence: its limits and its value stand in the clause of the same number."""
    limits = [plain(limit) for limit, _ in bands.steps]
    values = [shown(value) for _, value in bands.steps] + [shown(bands.otherwise)]
    clauses = [clause for clause in re.split("[；;、]", quote) if _numbers(clause)]
    if len(clauses) == len(values):
        for number, (clause, value) in enumerate(zip(clauses, values, strict=True)):
            wanted = {*limits[max(number - 1, 0) : number + 1]} | ({value} if _numbers(value) else set())
            if set(_numbers(clause)) != wanted or value not in clause:
                raise BadScheme(f"“{label}”第 {number + 1} 档与原文“{clause}”不一致")
        return
    raise BadScheme(f"“{label}”有 {len(values)} 档，原文写了 {len(clauses)} 档：“{quote}”")


def _numbers(quote: str) -> list[str]:
    return [plain(Decimal(number)) for number in _NUMBER.findall(quote)]
