"""The rules that a sheet prints, each at its cell, and where they say something else than a scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_COLUMNS, MOST_ROWS, Sheet
from workbook_tools.schemes.scheme import Bands, BudgetRule, Group, Scheme
from workbook_tools.schemes.sentences import RuleKind, Stated, stated_in
from workbook_tools.values import normalize, plain

LONGEST = 16  # of words beside a sentence that may name what it is about


class Rule(NamedTuple):
    """A rule as it is printed: what it states, the cell of its sentence, and the words to the left of it."""

    stated: Stated
    cell: Cell
    near: tuple[str, ...]

    @property
    def kind(self) -> RuleKind:
        """What kind of rule it is."""
        return self.stated.kind


class Contradiction(NamedTuple):
    """A printed sentence and what the scheme says instead."""

    cell: Cell
    sentence: str
    scheme_says: str


def printed_rules(sheet: Sheet) -> list[Rule]:
    """Every rule that the cells of a sheet state, in reading order."""
    found = []
    for cell in sheet.filled():
        if cell[0] <= MOST_ROWS and cell[1] <= MOST_COLUMNS and (stated := stated_in(sheet.text(cell))):
            near = tuple(_left_of(sheet, cell))
            found += [Rule(one, cell, near) for one in stated]
    return found


def _left_of(sheet: Sheet, cell: Cell) -> Iterator[str]:
    """The short words to the left of a cell, also of cells merged down past it."""
    for column in range(1, cell[1]):
        words = normalize(sheet.text(sheet.anchor((cell[0], column)))).partition("(")[0]
        if words and len(words) <= LONGEST:
            yield words


def contradictions(rules: Iterable[Rule], scheme: Scheme) -> list[Contradiction]:
    """The sentences whose numbers or words differ from the scheme; none where the scheme does not say anything."""
    found = []
    for rule in rules:
        differs = _DIFFERS.get(rule.kind)
        says = differs(rule, scheme) if differs else ""
        if says:
            found.append(Contradiction(rule.cell, rule.stated.quote, says))
    return found


def _stem(words: str) -> str:
    return normalize(words).partition("(")[0].removeprefix("项目").removesuffix("指标").removesuffix("绩效")


def _group(scheme: Scheme, words: str) -> Group | None:
    """The group that words name: 产出, 产出指标, 预算资金执行率."""
    stem = _stem(words)
    for group in scheme.groups:
        if stem and stem == _stem(group.label):
            return group
    rates = ((group, _stem(group.label)) for group in scheme.groups if group.weights == "rules")
    return next((group for group, rate in rates if rate.endswith("率") and stem.endswith(rate[-3:])), None)


def _budget(rule: Rule, scheme: Scheme) -> BudgetRule | None:
    """The rule of money that a sentence is about: by its own words, or by those beside it."""
    named = {normalize(words) for words in (rule.stated.about, *rule.near)}
    return next((one for one in scheme.budget if normalize(one.label) in named), None)


def _points_differ(rule: Rule, scheme: Scheme) -> str:
    about, (points,) = rule.stated.about, rule.stated.numbers
    taken = scheme.deductions
    if taken.rows and normalize(taken.label) == about:
        return f"“{taken.label}”最多扣 {plain(-taken.lowest)} 分" if points != taken.lowest else ""
    group = _group(scheme, about)
    return _group_says(scheme, group, points) if group else ""


def _group_says(scheme: Scheme, group: Group, points: Decimal) -> str:
    """The points of a group where they are other ones; not of groups that share theirs, whose split units print."""
    alone = len(scheme.together(group)) == 1 and group.points is not None
    return f"“{group.label}” {plain(group.most)} 分" if alone and points != group.points else ""


def _weights_differ(rule: Rule, scheme: Scheme) -> str:
    said = []
    for words, points in zip(rule.stated.words, rule.stated.numbers, strict=True):
        group = _group(scheme, words) or next((one for one in scheme.groups if _stem(one.label) in words), None)
        said.append(_group_says(scheme, group, points) if group else "")
    return "、".join(filter(None, said))


def _equal_differs(rule: Rule, scheme: Scheme) -> str:
    (points,), (letter,) = rule.stated.numbers, rule.stated.words
    group = _group(scheme, rule.stated.about) if rule.stated.about else None
    group = group or next((one for one in scheme.groups if one.divisor == letter), None)
    if group is None or group.points is None or (group.weights == "equal" and points == group.points):
        return ""
    how = f"{plain(group.points)} ÷ {group.divisor}" if group.weights == "equal" else "写在表上"
    return f"“{group.label}”每行的权重 = {how}" if group.weights == "equal" else f"“{group.label}”每行的分值{how}"


def _bands_differ(rule: Rule, scheme: Scheme) -> str:
    one = _budget(rule, scheme)
    if one is None or one.rule == "none":
        return ""
    if one.rule == "bands" and _as_numbers(one.bands) == (rule.stated.words[0], rule.stated.numbers):
        return ""
    return f"“{one.label}”{_bands_said(one)}"


def _as_numbers(bands: Bands[Decimal]) -> tuple[str, tuple[Decimal, ...]]:
    return bands.direction, (*(number for step in bands.steps for number in step), bands.otherwise)


def _bands_said(rule: BudgetRule) -> str:
    if rule.rule != "bands":
        return {"linear": "得分 = 分值 × 比率", "loss": "得分 = 分值 - 分值 × 比率"}.get(rule.rule, "")
    sign = "≥" if rule.bands.direction == "at_least" else "≤"
    steps = [f"{sign}{plain(limit)}% 得 {plain(points)} 分" for limit, points in rule.bands.steps]
    return f"{'、'.join(steps)}、其余得 {plain(rule.bands.otherwise)} 分"


def _grades_differ(rule: Rule, scheme: Scheme) -> str:
    grades = scheme.grades
    names = (*(grade for _, grade in grades.steps), grades.otherwise)
    limits = tuple(limit for limit, _ in grades.steps)
    if not grades.steps or (names, limits) == (rule.stated.words, rule.stated.numbers):
        return ""
    return _grades_said(grades)


def _grades_said(grades: Bands[str]) -> str:
    steps = "、".join(f"≥{plain(limit)} 分为{grade}" for limit, grade in grades.steps)
    return f"{steps}、其余为{grades.otherwise}"


def _deduction_differs(rule: Rule, scheme: Scheme) -> str:
    row = next((one for one in scheme.deductions.rows if normalize(one.label) in rule.near), None)
    if row is None or row.points is None or sum(rule.stated.numbers, Decimal(0)) == row.points:
        return ""
    told = {number for one in stated_in(row.quote) if one.kind == "deduction" for number in one.numbers}
    if set(rule.stated.numbers) <= told:  # a part of the sentence: 否则-5分, of twice five
        return ""
    return f"“{row.label}”最多扣 {plain(-row.points)} 分"


def _veto_differs(rule: Rule, scheme: Scheme) -> str:
    grade = scheme.deductions.veto_grade
    return f"一票否决的，等级为{grade}" if scheme.deductions.rows and rule.stated.words != (grade,) else ""


def _shares_differ(rule: Rule, scheme: Scheme) -> str:
    pairs = zip(rule.stated.words, rule.stated.numbers, strict=True)
    found = [(group, share) for words, share in pairs if (group := _group(scheme, words))]
    return "、".join(f"“{group.label}”占 {plain(group.share)}%" for group, share in found if group.share != share)


def _linear_differs(rule: Rule, scheme: Scheme) -> str:
    one = next((one for one in scheme.budget if one.field == "execution" and not one.row), None)
    if one is None or one.points is None or (one.rule == "linear" and (one.points,) == rule.stated.numbers):
        return ""
    return f"“{one.label}” {plain(one.points)} 分，{_bands_said(one)}"


def _loss_differs(rule: Rule, scheme: Scheme) -> str:
    one = next((one for one in scheme.budget if one.row and normalize(one.row) == rule.stated.about), None)
    return f"“{one.row}”{_bands_said(one)}" if one and one.rule != "loss" else ""


def _formula_differs(rule: Rule, scheme: Scheme) -> str:
    one = _budget(rule, scheme)
    below = {amount for amount, label in scheme.money.items() if normalize(label) in rule.stated.words[1]}
    return f"“{one.label}”：{one.formula}" if one and below and below != {*one.base} else ""


def _levels_differ(rule: Rule, scheme: Scheme) -> str:
    levels = scheme.indicators.levels
    limits = {limit for level in levels for limit in (level.low, level.high)}
    if not levels or limits == {*rule.stated.numbers}:
        return ""
    return "定性指标各档的界限是 " + "、".join(f"{plain(limit)}%" for limit in sorted(limits, reverse=True))


def _unclear_differs(rule: Rule, scheme: Scheme) -> str:
    """A sentence that contradicts itself, where its numbers are not even those of the scheme."""
    numbers, what = {*rule.stated.numbers}, rule.stated.words[0]
    if what == "bands":
        one = _budget(rule, scheme)
        same = one is None or one.rule != "bands" or numbers == {*_as_numbers(one.bands)[1]}
        return "" if same or one is None else f"“{one.label}”{_bands_said(one)}"
    if what == "grades":
        same = not scheme.grades.steps or numbers == {limit for limit, _ in scheme.grades.steps}
        return "" if same else _grades_said(scheme.grades)
    return _levels_differ(rule, scheme)


_RATES = {"proportion": "完成率可以超过 100%，只在小计封顶", "capped": "每行最多得满分"}
_INVERSES = {"linear": "超过的部分按比例扣", "zero": "没有达到的得 0 分"}


def _rate_differs(rule: Rule, scheme: Scheme) -> str:
    rate = scheme.indicators.rate
    return f"定量指标：{_RATES[rate]}" if rate in _RATES and rule.stated.words != (rate,) else ""


def _inverse_differs(rule: Rule, scheme: Scheme) -> str:
    inverse = scheme.indicators.inverse
    return f"越低越好的指标：{_INVERSES[inverse]}" if inverse in _INVERSES and rule.stated.words != (inverse,) else ""


_DIFFERS: Mapping[RuleKind, Callable[[Rule, Scheme], str]] = {
    "points": _points_differ,
    "cap": _points_differ,
    "weights": _weights_differ,
    "equal": _equal_differs,
    "bands": _bands_differ,
    "grades": _grades_differ,
    "unclear": _unclear_differs,
    "deduction": _deduction_differs,
    "veto": _veto_differs,
    "share": _shares_differ,
    "linear": _linear_differs,
    "loss": _loss_differs,
    "formula": _formula_differs,
    "levels": _levels_differ,
    "rate": _rate_differs,
    "inverse": _inverse_differs,
}
