"""A monitoring table: the rate of the money so far, and the light of each row by the rules that were read.

Nothing is scored. Where no rule was read, or the words do not tell, the light is a person's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from workbook_tools.forms.form import Field, Form, Indicator, Scores
from workbook_tools.schemes.monitoring import Light, LightRule, Monitoring, Outlook
from workbook_tools.scoring.comparing import ORDINARY, Comparison, compare_row, target_words
from workbook_tools.scoring.comparing import actual_words as with_unit
from workbook_tools.scoring.scorecard import Scorecard, percent
from workbook_tools.values import (
    HUNDRED,
    Quantity,
    Target,
    agrees,
    names_nothing,
    normalize,
    not_applicable,
    plain,
    read_quantity,
    read_target,
    round_half_up,
)

MONTHS = 12
BUDGETS = ("revised", "budget", "initial")  # what the money so far is a rate of: the first that is filled in
DEVIATIONS = ("deviation_funds", "deviation_rules", "deviation_staff", "deviation_equipment", "deviation_other")
PROSPECTS: dict[str, Outlook] = {"outlook_sure": "sure", "outlook_maybe": "maybe", "outlook_never": "never"}
ASK = "请核对，自己填预警灯"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredRow:
    """One row of a monitoring table; words as printed, "" where blank or where there is no such column.

    Attributes:
        field: its path.
        indicator: its name, kind and target.
        so_far: what is reached until the month of the table.
        expected: what will be reached in the whole year.
        reason: the choice of 偏差原因, or the columns that are marked.
        explanation: 偏差原因说明.
        outlook: the choice of 完成目标可能性, None where none was made.
        light: 序时进度预警.
        columns: the columns that the table has.
    """

    field: Field
    indicator: Indicator
    so_far: str
    expected: str
    reason: str
    explanation: str
    outlook: Outlook | None
    light: str
    columns: frozenset[str]

    @property
    def target(self) -> Target | None:
        """The target of the year as a figure; None where it is words."""
        return read_target(target_words(self.indicator))

    def reached(self, words: str) -> Comparison:
        """A value of this row, in its unit, beside the target of the year."""
        return compare_row(replace(self.indicator, actual=words), ORDINARY)

    def at_least(self, words: str) -> Comparison:
        """The same where the rules say of `＝` that more is better: it is reached from the target on."""
        target = self.target
        if target is None or target.op != "=":
            return self.reached(words)
        rising = replace(self.indicator, op=None, unit=None, target=str(target._replace(op="≥")))
        quantity = self.quantity(words)
        return compare_row(replace(rising, actual=str(quantity) if quantity else words), ORDINARY)

    def quantity(self, words: str) -> Quantity | None:
        """A value of this row with the unit of its own column."""
        return read_quantity(with_unit(replace(self.indicator, actual=words)))


def monitored_rows(form: Form, monitoring: Monitoring) -> list[MonitoredRow]:
    """The rows of a monitoring table that have an indicator."""
    rows = []
    for number, indicator in enumerate(form.indicators, 1):
        field = f"indicators.{number}"
        said = {
            path.removeprefix(f"{field}."): words.strip()
            for path, words in form.words.items()
            if path.startswith(f"{field}.")
        }
        if names_nothing(indicator.name) and not (said.get("target") or said.get("so_far")):
            continue
        marked = [column for column in DEVIATIONS if _is_marked(said.get(column, ""))]
        prospects = [one for column, one in PROSPECTS.items() if _is_marked(said.get(column, ""))]
        chosen = monitoring.outlook(said.get("outlook", ""))
        reason = said.get("reason", "")
        rows.append(
            MonitoredRow(
                field=field,
                indicator=indicator,
                so_far=said.get("so_far", ""),
                expected=said.get("expected", ""),
                reason="" if not_applicable(reason) else reason or "、".join(marked),
                explanation=said.get("explanation", ""),
                outlook=chosen or (prospects[0] if len(prospects) == 1 else None),
                light=said.get("light", ""),
                columns=frozenset(said),
            )
        )
    return rows


def _is_marked(words: str) -> bool:
    return bool(words) and not not_applicable(words)


def score_monitoring(form: Form, monitoring: Monitoring, card: Scorecard) -> None:
    """The lines of a monitoring table: its rates of money, and its lights where the rules of them were read."""
    for row in ("budget", *(f"sources.{number}" for number in range(1, len(form.sources) + 1))):
        if f"{row}.so_far" in form.words:
            _rate(form, row, card)
    for one in monitored_rows(form, monitoring) if monitoring.rules else ():
        light, why, hint = _light(one, form.until, monitoring)
        value = (
            None if light is None else one.light if monitoring.light(one.light) == light else monitoring.lights[light]
        )
        of = [f"{one.field}.target", f"{one.field}.so_far"]
        card.put(f"{one.field}.light", value, f"{why}{f' → {monitoring.lights[light]}' if light else ''}", of, hint)


def money(form: Form, field: Field) -> Decimal | None:
    """An amount of the form, None where it is blank or no figure."""
    quantity = read_quantity(form.words.get(field, ""))
    return quantity.number if quantity and quantity.unit in ("", "元", "万元") else None


def budget_of(form: Form, row: Field) -> Field | None:
    """The field of the budget that a row's money is a part of, None where none is filled in."""
    return next((field for one in BUDGETS if money(form, field := f"{row}.{one}") is not None), None)


def _rate(form: Form, row: Field, card: Scorecard) -> None:
    """执行数 ÷ 预算数 of a row of money, never ÷ 到位数."""
    field, spent, base = f"{row}.so_far.execution", money(form, f"{row}.so_far"), budget_of(form, row)
    if spent is None or base is None:
        lacking = "执行数" if spent is None else "预算数"
        if row == "budget":
            card.put(field, None, f"“{lacking}”是空的或不是数，请填写金额（没有就填 0）", [f"{row}.so_far"])
        return
    printed, initial = form.words.get(field, ""), money(form, f"{row}.initial")
    whole, called = money(form, base), "预算数"
    if initial and printed and base != f"{row}.initial" and agrees(_percent(spent, initial), printed, 2):
        whole, called = initial, "年初预算数"
    if whole:
        value = _percent(spent, whole)
        why = f"{plain(spent)} ÷ {called} {plain(whole)} = {percent(value.number)}"
        card.put(field, value, why, [f"{row}.so_far", base])
    elif spent:
        card.put(field, None, f"预算数是 0，执行数是 {plain(spent)}，请核对", [f"{row}.so_far", base])


def _percent(part: Decimal, whole: Decimal) -> Quantity:
    return Quantity(part * HUNDRED / whole, "%")


def _light(row: MonitoredRow, until: int | None, monitoring: Monitoring) -> tuple[Light | None, str, str]:
    """The light of a row, None where a person has to give it; why, and what to look at although it stands."""
    if not row.so_far:
        return None, "当前完成值是空的，请填写", ""
    said = normalize(row.so_far)
    if level := next((one for one in monitoring.levels if said.startswith(one.words)), None):
        return level.light, f"完成值写的是“{level.words}”", ""
    rule = monitoring.rule(row.indicator.kind)
    if rule is None:
        return None, f"预警规则里没有“{row.indicator.kind}”，{ASK}", ""
    if "op" in row.columns and row.target and row.target.op is None:
        return None, f"指标值“{row.indicator.target}”没有填符号（≥、≤、＝），{ASK}", ""
    found = row.at_least(row.so_far)
    if found.met is None:
        return None, f"{found.why}；{ASK}", ""
    target, quantity = row.target, row.quantity(row.so_far)
    if target is None or quantity is None:  # a deadline
        light = monitoring.inside if found.met else None
        return light, found.why if light else f"{found.why}；监控时没有到期的不算，{ASK}", ""
    if rule.measure == "month" and target.op not in ("≤", "<"):
        return _by_months(rule, target, quantity, until)
    if target.op == "=" and quantity.number > target.quantity.number:
        return None, f"指标值是“{target}”，完成 {quantity} 已经超过，规则没有写算不算范围内；{ASK}", ""
    within = f"{quantity} {'在' if found.met else '不在'}“{target}”范围内"
    return monitoring.inside if found.met else monitoring.outside, within, ""


def _by_months(rule: LightRule, target: Target, reached: Quantity, until: int | None) -> tuple[Light | None, str, str]:
    """The light by the share of the year that has gone by."""
    wanted = target.quantity
    if until is None:
        return None, f"表头没有写到几月为止（如“1-7月完成值”），不能按月份折算；请写明，或{ASK}", ""
    if wanted.number <= 0 or reached.over:
        what = f"指标值是 {wanted}" if wanted.number <= 0 else f"完成值“{reached}”不是确数"
        return None, f"{what}，不能按月份折算；{ASK}", ""
    share = reached.number * HUNDRED * MONTHS / (wanted.number * until)
    standard = f"{plain(round_half_up(wanted.number * until / MONTHS, 2))}{wanted.unit}"
    exact = [limit for limit, _ in rule.steps if reached.number * HUNDRED * MONTHS < limit * wanted.number * until]
    light = next((light for limit, light in rule.steps if exact and limit == exact[0]), rule.otherwise)
    below = f"，<{plain(exact[0])}%" if exact else f"，≥{plain(rule.steps[-1][0])}%"
    why = f"{reached} ÷ 标准值 {standard}（{wanted} × {until}/{MONTHS}）= {percent(share)}{below}"
    rate = "指标值是比率，规则没有把比率除外，照原文按月份折算；请核对" if wanted.unit == "%" else ""
    return light, why, rate


def light_of(row: MonitoredRow, scores: Scores, monitoring: Monitoring) -> Light | None:
    """The light of a row: by the rules, else as a person has given it; None where neither tells."""
    line = scores.lines.get(f"{row.field}.light")
    return monitoring.light(line.value if line and isinstance(line.value, str) else row.light)
