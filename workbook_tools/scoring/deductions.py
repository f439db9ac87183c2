"""逆向指标: points taken away, and the event that costs the grade."""

from __future__ import annotations

from workbook_tools.forms.form import Field, Form, Indicator
from workbook_tools.schemes.scheme import Deductions
from workbook_tools.scoring.comparing import short
from workbook_tools.scoring.scorecard import ZERO, Scorecard
from workbook_tools.values import UNCALCULATED, deducts, normalize, plain, read_points


def score_deductions(form: Form, rule: Deductions, card: Scorecard) -> Field:
    """Adds a line for each row of deductions and their sum; gives the field of the sum."""
    scores: list[Field] = []
    for number, row in enumerate(form.deductions, 1):
        field = f"deductions.{number}.score"
        if not is_veto(row, rule):
            if row.kind or row.name or row.score:
                scores.append(_deduction(field, row, rule, card))
        elif row.score in (None, "", UNCALCULATED) and _vetoed(row, rule) is False:
            card.put(field, card.round(ZERO), f"写明“{_said(row)}”，不扣分")
    total = card.sum("groups.deduction", scores)
    points = card.points(total)
    if points is not None and points < rule.lowest:
        card.put(total, card.round(rule.lowest), f"各行相加 {points}，最多扣 {plain(-rule.lowest)} 分", scores)
    return total


def veto(form: Form, rule: Deductions) -> bool | None:
    """Whether any row of the veto says that it happened; None when its words do not tell."""
    happened = [_vetoed(row, rule) for row in form.deductions if is_veto(row, rule)]
    return True if True in happened else None if None in happened else False


def is_veto(row: Indicator, rule: Deductions) -> bool:
    """Whether a row is that of the event that costs the grade."""
    return rule.veto in row.kind


def _deduction(field: Field, row: Indicator, rule: Deductions, card: Scorecard) -> Field:
    """0 where the row says that nothing happened, otherwise the person's own figure, a negative number."""
    printed = read_points(row.weight or "")
    most = None if printed is None else -abs(printed)
    words = row.score if row.manual_score is None else row.manual_score
    points = read_points(words or "")
    nothing = _nothing_happened(row, rule)
    if nothing and (not words or points == 0):
        return card.put(field, card.round(ZERO), f"写明“{_said(row)}”，不扣分")
    if not words:
        ask = "请填扣分（负数）；没有发生就写“未发生扣分行为”"
    elif points is None or points > 0 or (most is not None and points < most):
        limit = f"{plain(most)}～0" if most is not None else "0 或负数"
        ask = f"填的“{short(words)}”不对，扣分应为 {limit}，请改正"
    elif nothing:
        ask = f"写明“{_said(row)}”，却扣 {plain(-points)} 分，请改成一致"
    elif not points and _happened(row, rule):
        ask = f"写明“{_said(row)}”，却填 {words}，请改成一致"
    else:
        return card.put(field, card.round(points), "按填表人自评")
    of = [] if row.manual_score is None else [card.put(field.replace(".score", ".own"), None, ask)]
    return card.put(field, None, ask, of)


def _nothing_happened(row: Indicator, rule: Deductions) -> bool:
    said = normalize(_said(row)).rstrip("。.")
    return said in rule.none_exactly or (said.startswith(rule.none) and "但" not in said)


def _happened(row: Indicator, rule: Deductions) -> bool:
    """Whether a row says no more than that it happened (已发生, 发生扣分行为), or names the points (扣5分)."""
    said = normalize(_said(row)).rstrip("。.")
    if deducts(said) and not set("不未无没免") & set(said):
        return True
    return said in rule.veto_words or said.removeprefix("已") in {word.removeprefix("未") for word in rule.none} - {
        *rule.none
    }


def _vetoed(row: Indicator, rule: Deductions) -> bool | None:
    """Whether the row of the veto says that it happened; None when its words do not tell."""
    said = normalize(_said(row)).rstrip("。.")
    if _nothing_happened(row, rule):
        return False
    if said in rule.veto_words or normalize(row.score or "") == rule.veto_grade:
        return True
    return False if not said and read_points(row.score or "") == 0 else None


def _said(row: Indicator) -> str:
    """What a deduction row states (未发生扣分行为。) in 完成率 or 完成值; a dash states nothing."""
    return next((words for words in (row.rate, row.actual) if words and normalize(words).strip("-—/")), "")
