"""What one indicator earns of its weight."""

from __future__ import annotations

from decimal import Decimal

from workbook_tools.forms.form import Field, Form, Indicator
from workbook_tools.schemes.scheme import IndicatorRules, Scheme
from workbook_tools.scoring.comparing import (
    ORDINARY,
    Comparison,
    actual_words,
    compare_row,
    short,
    step_points,
    target_words,
)
from workbook_tools.scoring.judging import judge, level_of, level_said
from workbook_tools.scoring.money import rule_points
from workbook_tools.scoring.scorecard import ZERO, Scorecard, percent
from workbook_tools.scoring.statistics import evaluated
from workbook_tools.values import (
    HUNDRED,
    UNCALCULATED,
    Quantity,
    deducts,
    normalize,
    plain,
    read_quantity,
    read_step,
    read_target,
)


def score_row(
    form: Form, scheme: Scheme, field: Field, row: Indicator, weight: Decimal | None, card: Scorecard
) -> None:
    """Adds the lines of one row in use; `weight` None while it is not known."""
    of = [f"{field}.weight"] if f"{field}.weight" in card else []
    if weight is None:
        card.put(f"{field}.score", None, "权重还定不下来", of)
        return
    if not _by_money(scheme, field, row, weight, card) and not _by_evaluators(form, field, row, weight, card):
        if row.coefficient is not None:
            _by_coefficient(field, row, weight, card)
        else:
            _by_rule(scheme, field, row, weight, of, card)


def _by_money(scheme: Scheme, field: Field, row: Indicator, weight: Decimal, card: Scorecard) -> bool:
    rule = next((rule for rule in scheme.budget if rule.row and normalize(rule.row) == normalize(row.name)), None)
    if rule is None:
        return False
    of = [f"budget.{rule.field}"]
    rate = card[of[0]].value
    if isinstance(rate, Quantity):
        card.put(f"{field}.score", *rule_points(rule, weight, rate.number, card), of)
    else:
        card.put(f"{field}.score", None, f"{rule.label}暂时无法计算", of)
    return True


def _by_evaluators(form: Form, field: Field, row: Indicator, weight: Decimal, card: Scorecard) -> bool:
    mean = evaluated(form, row.name)
    if mean is None:
        return False
    points = card.points(mean)
    if points is None:
        card.put(f"{field}.score", None, "评委的评分还没有齐", [mean])
    elif not 0 <= points <= weight:
        card.put(f"{field}.score", None, f"评委的平均分 {points} 不在 0～{plain(weight)} 之间，请核对", [])
    else:
        card.put(f"{field}.score", points, f"每位成员评分算术平均：{card[mean].why}", [mean])
    return True


def _by_coefficient(field: Field, row: Indicator, weight: Decimal, card: Scorecard) -> None:
    """得分 = 得分系数 × 权重; the coefficient itself is computed where the rules tell how, else the person's."""
    read = read_quantity(row.coefficient or "")
    typed = read.number if read and read.unit in ("", "%", "分") and 0 <= read.number <= HUNDRED else None
    ordinary = _compared(row, ORDINARY, card, field)
    usual = None if ordinary.above is None or not ordinary.below else ordinary.above / ordinary.below * HUNDRED
    if typed is None:
        said = "" if row.coefficient in (None, UNCALCULATED) else row.coefficient
        what = f"填的“{short(said)}”不在 0～100 之间，请改正" if said else "请填写得分系数（0～100）"
        usually = "" if usual is None else f"（{ordinary.why}，一般是 {percent(usual)}）"
        of = [card.put(f"{field}.coefficient", None, f"{what}{usually}")]
        card.put(f"{field}.score", None, "得分系数还没有定下来", of)
        return
    points = card.round(weight * typed / HUNDRED)
    far = usual is not None and percent(usual) != percent(typed)
    hint = (
        f"得分系数填 {plain(typed)}%；{_supposing(row)}{ordinary.why}，一般是 {percent(usual or ZERO)}" if far else ""
    )
    card.put(f"{field}.score", points, f"{plain(weight)} × {plain(typed)}% → {points}", (), hint)


def _by_rule(scheme: Scheme, field: Field, row: Indicator, weight: Decimal, of: list[Field], card: Scorecard) -> None:
    rules = scheme.indicators
    if f"{field}.actual" in card:
        of = [*of, f"{field}.actual"]
    if said := _stated(row, rules):
        card.put(f"{field}.score", card.round(weight), f"写明“{said}”，记满分 {plain(weight)}", of)
        return
    if rules.step == "printed" and _by_step(field, row, weight, of, card):
        return
    comparison = _compared(row, rules if rules.rate != "judged" else ORDINARY, card, field)
    if rules.rate == "judged":
        _general(field, row, weight, comparison, card)
        return
    if comparison.above is None or comparison.below is None:
        level = level_of(row.actual or "", rules.levels)
        reason = (
            f"{comparison.why}；“{short(row.actual or '')}”得分值的 {level_said(level)}" if level else comparison.why
        )
        judge(card, field, row.score, row.manual_score, weight, reason, of, level)
        return
    share = comparison.above / comparison.below * HUNDRED
    points = card.round(weight * comparison.above / comparison.below)
    if rules.rate == "proportion" or row.rate is not None:
        of = [*of, card.put(f"{field}.rate", Quantity(share, "%"), comparison.why)]
    card.put(f"{field}.score", points, _earned(rules, weight, share, comparison, points), of)


def _earned(rules: IndicatorRules, weight: Decimal, share: Decimal, comparison: Comparison, points: Decimal) -> str:
    if rules.rate == "proportion":
        return f"{weight} × {percent(share)} → {points}"
    if share == HUNDRED:
        return f"{comparison.why}，记满分 {plain(weight)}"
    return f"{plain(weight)} × {percent(share)}（{comparison.why}）→ {points}"


def _compared(row: Indicator, rules: IndicatorRules, card: Scorecard, field: Field) -> Comparison:
    computed = card[f"{field}.actual"].value if f"{field}.actual" in card else None
    return compare_row(row, rules, computed if isinstance(computed, Quantity) else None)


def _stated(row: Indicator, rules: IndicatorRules) -> str:
    said = normalize(f"{row.actual or ''}")
    for words in rules.stated:
        before, found, _ = said.partition(words)
        if found and not before.endswith(("未", "没有", "没", "不")):
            return words
    return ""


def _by_step(field: Field, row: Indicator, weight: Decimal, of: list[Field], card: Scorecard) -> bool:
    """The row's own step rule, from 评分标准 or from the reason; what is not understood is left to the person."""
    text = next((words for words in (row.criteria, row.reason) if words and deducts(words)), "")
    if not text and not (row.criteria or "").strip():
        return False
    step = read_step(text) if text else None
    points, why = step_points(step, row, weight) if step else (None, "本行自定的评分标准无法识别")
    if points is None:
        judge(card, field, row.score, row.manual_score, weight, why, of)
    else:
        card.put(f"{field}.score", card.round(points), f"{why} → {card.round(points)}", of)
    return True


def _general(field: Field, row: Indicator, weight: Decimal, ordinary: Comparison, card: Scorecard) -> None:
    """The person's score; what most notices would give is said beside it where it differs or nothing is filled in."""
    usual = None
    if ordinary.above is not None and ordinary.below and row.weight is not None:
        usual = card.round(weight * ordinary.above / ordinary.below)
    reason = ordinary.why if usual is None else f"{ordinary.why}，一般得 {usual} 分"
    judge(card, field, row.score, row.manual_score, weight, reason, ())
    points = card.points(f"{field}.score")
    if points is not None and usual is not None and points != usual:
        written = (row.reason or "").strip()
        asked = "" if written else "，请写明原因"
        card.hint(
            f"{field}.score", f"填的是 {plain(points)}；{_supposing(row)}{ordinary.why}，一般得 {usual} 分{asked}"
        )


def _supposing(row: Indicator) -> str:
    """What the ordinary rule takes for granted where a target is missed and has no sign."""
    target, actual = read_target(target_words(row)), read_quantity(actual_words(row))
    missed = target is not None and actual is not None and actual.number < target.quantity.number
    return "指标值没有写≥或≤，如果是越高越好：" if missed and target and target.op is None else ""
