"""一级指标: which rows count, what each weighs, and the subtotal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from workbook_tools.forms.form import Field, Form, Indicator
from workbook_tools.schemes.scheme import BudgetRule, Group, Scheme
from workbook_tools.scoring.comparing import short
from workbook_tools.scoring.judging import judge
from workbook_tools.scoring.rows import score_row
from workbook_tools.scoring.scorecard import ZERO, Scorecard, percent
from workbook_tools.text import regex
from workbook_tools.values import (
    HUNDRED,
    UNCALCULATED,
    Quantity,
    names_nothing,
    normalize,
    not_applicable,
    plain,
    read_points,
    read_weight,
    round_half_up,
    says_no_indicator,
)

OTHERS = Group(  # 一级指标 that is none of the scheme's
    name="",
    label="其他指标",
    points=None,
    share=HUNDRED,
    weights="printed",
    divisor="",
    kinds=(),
    quote="",
    cap_quote="",
    observed="",
)
_POINTS_PRINTED = regex(r"[(](\d{1,15}(?:\.\d{1,15})?)分?[)]|(?<!\d)(\d{1,15}(?:\.\d{1,15})?)分$")
Rows = list[tuple[Field, Indicator]]


def used_groups(form: Form, scheme: Scheme) -> list[Group]:
    """The groups of the scheme that the form needs, and one for rows of none of them.

    A group without rows is left out where the others make 100 points by themselves, or where the scheme is general.
    """
    groups = list(scheme.groups)
    in_use = rows_in_use(form.indicators)
    rows = {group.name: _scored_of(in_use, group.name) for group in (*groups, OTHERS)}
    if rows[OTHERS.name]:
        groups.append(OTHERS)
    kinds = {normalize(row.kind) for _, row in in_use}
    groups = [group for group in groups if rows[group.name] or not _within_another(scheme, group, kinds)]
    empty = [group for group in groups if group.weights == "printed" and not rows[group.name]]
    if empty and any(rows.values()) and all(group.share == HUNDRED for group in groups):
        weights = [
            read_weight(row.weight or "", scheme.places) or ZERO for group in groups for _, row in rows[group.name]
        ]
        points = sum(weights) + sum(rule.points or 0 for rule in scheme.budget if not rule.row)
        if scheme.general or points == HUNDRED:
            groups = [group for group in groups if group not in empty]
    return [group for group in groups if group.weights != "rules" or _earning(form, scheme)]


def _within_another(scheme: Scheme, group: Group, kinds: Collection[str]) -> bool:
    """Whether the kinds of a group stand below another one that has its points too: 满意度 as a kind of 效益."""
    return len(scheme.together(group)) > 1 and any(normalize(kind) in kinds for kind in group.kinds)


def score_group(form: Form, scheme: Scheme, group: Group, card: Scorecard) -> Field:
    """Adds the lines of a group's rows and of its subtotal; gives the field of the subtotal."""
    if group.weights == "rules":
        return _capped(group, [_of_money(form, rule, card) for rule in _earning(form, scheme)], card)
    if group.weights == "equal":
        return _equal(form, scheme, group, card)
    rows = _scored(form, group.name)
    for field, row in rows:
        _printed(form, scheme, group, field, row, card)
    scores = [f"{field}.score" for field, _ in rows]
    field = f"groups.{group.name or 'other'}"
    if not rows:
        return card.put(field, None, f"{group.label}没有在用的指标行，请填写")
    card.sum(field, scores)
    _check_points(scheme, group, field, rows, card)
    return field


def check_points_together(form: Form, scheme: Scheme, groups: Mapping[Group, Field], card: Scorecard) -> None:
    """Says so where groups that share points have, or print, more of them than the notice gives to them together.

    A form that prints other points than the notice for another group divides them all in its own way.
    """
    of_form = {group: _printed_points(_scored(form, group.name)) for group in scheme.groups}
    for owner in scheme.groups:
        listed = [group for group in scheme.together(owner) if group in groups]
        points = owner.points
        together = scheme.together(owner)
        if points is None or len(together) < 2 or not listed:
            continue
        others = [(group.points, said) for group, said in of_form.items() if group not in together]
        if any(said is not None and own not in (None, said) for own, said in others):
            continue
        names = "、".join(group.label for group in listed)
        *_, last = fields = [groups[group] for group in listed]
        earned = [card.points(field) for field in fields]
        total = sum((one for one in earned if one is not None), ZERO)
        if total > points:
            card.put(last, None, f"{names}各行相加 {total}，超过合计 {plain(points)} 分，请核对", card[last].depends_on)
        labels = [next((row.label for row in form.indicators if row.group == group.name), "") for group in listed]
        printed = [said for label in labels if (said := printed_points(label)) is not None]
        if len(printed) == len(together) and sum(printed) != points:
            words = f"{names}印的分值合计 {plain(sum(printed, ZERO))}，原文是合计 {plain(points)} 分，请核对"
            card.hint(last, words)


def _earning(form: Form, scheme: Scheme) -> list[BudgetRule]:
    earning = [rule for rule in scheme.budget if not rule.row and rule.rule != "none"]
    return [rule for rule in earning if _earns(form, rule)]


def _earns(form: Form, rule: BudgetRule) -> bool:
    if rule.rule == "judged":
        return _judged_points(form, rule) is not None or _without_points(form, rule)
    return rule.points is not None or f"{rule.field}.score" in form.budget


def _without_points(form: Form, rule: BudgetRule) -> bool:
    """Whether a form prints what a rate has earned and not of how many points, which its rows leave room for."""
    printed = (form.budget.get(f"{rule.field}.{column}", "") for column in ("weight", "score"))
    points, score = (read_points(words) for words in printed)
    rows = sum((read_weight(row.weight or "") or ZERO for _, row in rows_in_use(form.indicators)), ZERO)
    return points is None and bool(score) and rows != HUNDRED


def _judged_points(form: Form, rule: BudgetRule) -> Decimal | None:
    """The points of a rate that a person judges, as the form prints them.

    None where it prints none, or where its rows make 100 points without them: one of these then stands for the rate.
    """
    points = read_weight(form.budget.get(f"{rule.field}.weight", ""))
    if points is None or points < 0 or f"{rule.field}.score" not in form.budget:
        return None
    weights = [read_weight(row.weight or "") or ZERO for _, row in rows_in_use(form.indicators)]
    return None if sum(weights, ZERO) == HUNDRED else points


def _of_money(form: Form, rule: BudgetRule, card: Scorecard) -> Field:
    """The field of the points of a rate, which a person gives where the rule leaves it to one."""
    row = f"budget.{rule.field}"
    if rule.rule == "judged" and (points := _judged_points(form, rule)) is not None:
        card.weights[row] = points
        score, own = form.budget.get(f"{rule.field}.score"), form.budget.get(f"{rule.field}.own")
        reason, rate = f"{rule.label}的得分办法没有收录", card[row].value
        if isinstance(rate, Quantity) and rate.number >= 0:
            usual = card.round(min(rate.number, HUNDRED) * points / HUNDRED)
            reason = f"{rule.label} {percent(rate.number)}，一般得 {usual} 分"
        judge(card, row, score, own, points, reason, [row])
    elif rule.rule == "judged":
        card.weights[row] = None
        said = form.budget[f"{rule.field}.score"]
        card.put(f"{row}.score", None, f"{rule.label}得 {said} 分，没有写满分是多少，总分不能核对；请写明分值")
    return f"{row}.score"


def _scored(form: Form, group: str) -> Rows:
    """The rows of a group that are in use and have a score of their own."""
    return _scored_of(rows_in_use(form.indicators), group)


def _scored_of(in_use: Rows, group: str) -> Rows:
    return [(field, row) for field, row in in_use if row.group == group and row.score is not None]


def rows_in_use(indicators: Sequence[Indicator]) -> Rows:
    """The rows of indicators that count; checks and scores use only these.

    Left out are spare lines and those of the empty form (指标1：, ……), rows that name no indicator (无, 指标1：无),
    parts of the row above (其中…), rows marked 不考核, and a blank line under a name merged over it.
    """
    rows = zip([None, *indicators], indicators, strict=False)
    return [
        (f"indicators.{number}", row)
        for number, (before, row) in enumerate(rows, 1)
        if not _unused(row) and not (before and before.name == row.name and _nothing_in(row))
    ]


def _unused(row: Indicator) -> bool:
    no_weight, no_score = _blank(row.weight), _blank(row.score) or read_points(row.score or "") == 0
    if normalize(row.name).lstrip("★").startswith("其中") and no_weight and no_score:
        return True
    if row.weight and not_applicable(row.weight) and no_score:
        return True  # marked as not assessed
    return names_nothing(row.name) and _nothing_in(row)


def _nothing_in(row: Indicator) -> bool:
    """Whether a row has no target, no actual value and no points; 0 of 0 points are none."""
    no_points = all(_blank(words) or read_points(words or "") == 0 for words in (row.weight, row.score))
    return no_points and _blank(row.target) and _blank(row.initial) and _blank(row.actual)


def _blank(words: str | None) -> bool:
    return not words or words == UNCALCULATED or not_applicable(words)


def _printed(form: Form, scheme: Scheme, group: Group, field: Field, row: Indicator, card: Scorecard) -> None:
    """One row whose weight stands in the form, or that shares the points of its group."""
    if group.weights == "shared" and row.weight is None:
        printed = printed_points(row.label)
        weight = card.weights[field] = printed if printed is not None else scheme.points(group)
        score_row(form, scheme, field, row, weight, card)
        return
    weight = read_weight(row.weight or "", scheme.places)
    card.weights[field] = weight
    if row.weight is None and scheme.general:
        card.put(f"{field}.score", None, "表上没有分值一栏，得分由填表人决定")
        return
    if weight is None or weight < 0:
        said = f"写的是“{short(row.weight)}”，无法读取分值" if row.weight else "是空的"
        card.put(f"{field}.weight", None, f"分值{said}，请填写")
        weight = None
    score_row(form, scheme, field, row, weight, card)
    if group is OTHERS and not scheme.general:
        card.hint(f"{field}.score", f"一级指标“{short(row.label or '')}”不是本办法的一级指标，请核对")


def printed_points(label: str | None) -> Decimal | None:
    """The points printed after the name of a 一级指标 (产出指标(50分)), None where none are."""
    found = _POINTS_PRINTED.search(normalize(label or ""))
    return Decimal(found[1] or found[2]) if found else None


def _printed_points(rows: Rows) -> Decimal | None:
    return next((points for _, row in rows if (points := printed_points(row.label)) is not None), None)


def _label(row: Indicator) -> str:
    return normalize(row.label or "")


def _points(scheme: Scheme, group: Group, rows: Rows) -> Decimal | None:
    """The points of a group alone: those printed after its name, else the scheme's where no other group shares them."""
    printed = _printed_points(rows)
    alone = len(scheme.together(group)) == 1
    return printed if printed is not None else group.points if alone else None


def full_marks(form: Form, scheme: Scheme, weights: Mapping[Field, Decimal | None]) -> Decimal | None:
    """The sum of all weights; None if the form does not print them or one is unknown."""
    known = {field: weight for field, weight in weights.items() if weight is not None}
    printed = all(group.weights in ("printed", "rules") and group.share == HUNDRED for group in scheme.groups)
    rows: dict[str, Rows] = {}
    for number, row in enumerate(form.indicators, 1):
        if f"indicators.{number}" in known:
            rows.setdefault(row.group or _label(row), []).append((f"indicators.{number}", row))
    if not printed or not known or len(known) < len(weights):
        return None
    total = sum((weight for field, weight in known.items() if not field.startswith("indicators.")), ZERO)
    for name, listed in rows.items():
        points = _points(scheme, next((group for group in scheme.groups if group.name == name), OTHERS), listed)
        total += marks([known[field] for field, _ in listed], points, scheme.places)
    return total


def marks(weights: Sequence[Decimal], points: Decimal | None, places: int) -> Decimal:
    """The sum of the weights of a group; rows that share its points evenly sum to all of them (13.33 × 3 of 40)."""
    if points is not None and {round_half_up(weight, places) for weight in weights} == {
        round_half_up(points / len(weights), places)
    }:
        return points
    return round_half_up(sum(weights, ZERO), places)


def _check_points(scheme: Scheme, group: Group, field: Field, rows: Rows, card: Scorecard) -> None:
    points = _points(scheme, group, rows)
    if points is None:
        return
    if group.weights == "shared":
        earned = card.points(field)
        if earned is not None and earned > points:
            scores = [f"{row}.score" for row, _ in rows]
            why = f"各行相加 {earned}，超过{group.label} {plain(points)} 分，请核对"
            own = "" if _printed_points(rows) is not None else f"；表上没有印分值，{plain(points)} 分是原文的"
            card.put(field, None, f"{why}{own}", scores)
        return
    if group is OTHERS and len(labels := dict.fromkeys(_label(row) for _, row in rows)) > 1:
        for label in labels:  # each with points of its own
            _check_points(scheme, group, field, [one for one in rows if _label(one[1]) == label], card)
        return
    weights = [card.weights.get(row) for row, _ in rows]
    known = [weight for weight in weights if weight is not None]
    if len(known) == len(weights) and (total := marks(known, points, card.places)) != points:
        in_form = _printed_points(rows) is not None
        said = f"应为 {plain(points)}" if in_form else f"原文是 {plain(points)} 分；按规定调整了的不用改"
        label = (rows[0][1].label or "") if group is OTHERS else ""
        card.hint(field, f"{' '.join(label.split()) or group.label}各行分值合计 {plain(total)}，{said}")


def _equal(form: Form, scheme: Scheme, group: Group, card: Scorecard) -> Field:
    """Points ÷ number of rows in use."""
    points = group.points or ZERO
    rows = [(f"indicators.{n}", row) for n, row in enumerate(form.indicators, 1) if row.group == group.name]
    open_rows = [card.put(f"{field}.score", None, ask) for field, row in rows if (ask := _question(row))]
    used = [(field, row) for field, row in rows if _named(row)]
    weight = None
    why = f"{group.label}没有在用的指标行，请填写指标；“无”的行不计"
    if used and not open_rows:
        card.put(f"counts.{group.name}", Decimal(len(used)), f"{group.label}在用的指标行数")
        weight = card.round(points / len(used))
        why = f"{plain(points)} ÷ {group.divisor}，{group.divisor}={len(used)} 行 → {weight}"
    elif used:
        why = f"{group.label}还有没填写的行，{group.divisor} 定不下来"
    for field, row in used:
        card.weights[field] = weight
        card.put(f"{field}.weight", weight, why, open_rows)
        score_row(form, scheme, field, row, weight, card)
    scores = [f"{field}.score" for field, _ in used] + open_rows
    if not used:
        return card.put(f"groups.{group.name}", None, why, scores)
    return _capped(group, scores, card)


def _capped(group: Group, scores: list[Field], card: Scorecard) -> Field:
    field = card.sum(f"groups.{group.name}", scores)
    points = card.points(field)
    if points is not None and group.points is not None and points > group.points:
        card.put(field, card.round(group.points), f"各行相加 {points}，封顶 {plain(group.points)}", scores)
    return field


def _named(row: Indicator) -> bool:
    """Whether a row that gets a share of the points is in use; its weight is computed and tells nothing."""
    if not row.name or says_no_indicator(row.name):
        return False
    return not (names_nothing(row.name) and _blank(row.target) and _blank(row.actual))


def _question(row: Indicator) -> str:
    """What is wrong with a row that names no indicator, "" when it is simply not used."""
    if _named(row):
        return ""
    filled = any(words and not not_applicable(words) for words in (row.target, row.actual))
    if row.name and filled:
        return f"指标内容写“{short(row.name)}”，却填了指标值或完成值，请改成一致"
    if not row.name and (row.target or row.actual):
        return "指标内容是空的，请填写"
    if not row.name and row.kind and row.has_own_kind and not names_nothing(row.kind):
        return "这一行没有填写；不考核的请在指标内容里写“无”"
    if read_points(row.score or ""):
        return f"这一行没有指标，却有得分“{row.score}”，请改成一致"
    return ""
