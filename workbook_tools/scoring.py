"""The exact scores of a form under a scheme, each with its why.

Weights and row scores are rounded to the scheme's places, then added. What cannot be decided from the printed words
stays open: its line has no value, and its `why` says what is missing and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from workbook_tools.form import Field, Form, Indicator, Line, Scores
from workbook_tools.scheme import BudgetRule, Group, Scheme
from workbook_tools.values import (
    HUNDRED,
    Quantity,
    grouped,
    half_width,
    in_time,
    not_applicable,
    plain,
    read_moment,
    read_points,
    read_quantity,
    read_target,
    round_half_up,
    shown,
)

ZERO = Decimal(0)
MOST_EXECUTION = 2  # beyond 200 % two amounts are surely in different units
FAR_APART = 50  # a bare 1 beside a bare 95 may be 100 %


def score(form: Form, scheme: Scheme) -> Scores:
    """Every computed field of the form; open lines and whatever rests on them have no value."""
    return _Scoring(form, scheme).scores()


class _Scoring:
    """The lines of one form as they are worked out, in the order of the sheet."""

    def __init__(self, form: Form, scheme: Scheme) -> None:
        self.form, self.scheme = form, scheme
        self.lines: dict[Field, Line] = {}

    def scores(self) -> Scores:
        for rule in self.scheme.budget:
            self._budget(rule)
        groups = [self._group(group) for group in self.scheme.groups]
        subtotal = self._sum("subtotal", groups)
        deducted = self._deductions()
        total = self._sum("total", [subtotal, deducted])
        self._grade()
        grade = self.lines["grade"].value
        return Scores(self.lines, self._points(total), grade if isinstance(grade, str) else None)

    def _line(self, field: Field, value: Decimal | Quantity | str | None, why: str, of: Iterable[Field] = ()) -> Field:
        self.lines[field] = Line(value, why, tuple(of))
        return field

    def _points(self, field: Field) -> Decimal | None:
        value = self.lines[field].value
        return value if isinstance(value, Decimal) else None

    def _round(self, number: Decimal) -> Decimal:
        return round_half_up(number, self.scheme.places)

    # ── money ────────────────────────────────────────────

    def _budget(self, rule: BudgetRule) -> None:
        rate_field = row = f"budget.{rule.field}"
        part, base, why = self._amounts(rule)
        self._line(f"{row}.weight", self._round(rule.points), f"原文：{rule.label} {plain(rule.points)} 分")
        rate = None
        if part is not None and base is not None:
            if part == 0 and rule.part == "reduced":
                rate = ZERO
            elif base <= 0:
                why = f"{why}；分母应大于 0，请核对金额"
            elif part / base > MOST_EXECUTION:
                why = f"{why} = {_percent(part / base * HUNDRED)}，超过 200%，请核对金额的单位和正负号"
            else:
                rate = part / base * HUNDRED
        percent = None if rate is None else Quantity(rate, "%")
        self._line(rate_field, percent, why if rate is None else f"{why} = {_percent(rate)}")
        of = [rate_field, f"{row}.weight"]
        if exempt := self._exempt(rule):
            budget = self.form.budget
            score, own = budget.get(f"{rule.field}.score"), budget.get(f"{rule.field}.own")
            self._judged(row, score, own, rule.points, exempt, of[1:])
            return
        self._line(f"{row}.actual", percent, f"即上表{rule.label}", [rate_field])
        if rate is None:
            self._line(f"{row}.score", None, f"{rule.label}还算不出来", of)
            return
        step, points = rule.bands.step(rate)
        near = rule.bands.step(round_half_up(rate, 2))[0] != step
        exact = f"（准确值 {plain(rate)[:14]}%，不按四舍五入后的比率分档）" if near else ""
        self._line(f"{row}.score", self._round(points), f"{_percent(rate)} {step}% → {plain(points)} 分{exact}", of)

    def _exempt(self, rule: BudgetRule) -> str:
        words = half_width(self.form.budget.get(f"{rule.field}.actual", ""))
        own = rule.exempt and self.form.budget.get(f"{rule.field}.own")
        if own or any(word in words for word in rule.exempt):
            return f"原文“{rule.exempt_quote}”没有写明得多少分"
        return ""

    def _amounts(self, rule: BudgetRule) -> tuple[Decimal | None, Decimal | None, str]:
        """Part and base of a rate as money, and how they are worked out or what is missing."""
        names = self.scheme.money
        needed = dict.fromkeys((*rule.base, "adjusted" if rule.part == "reduced" else rule.part))
        money: dict[str, Quantity] = {}
        bare: set[bool] = set()
        for field in needed:
            words = self.form.budget.get(field, "")
            amount = read_quantity(words)
            if not words or not_applicable(words):
                found = f"写的是“{_short(words)}”" if words else "是空的"
                return None, None, f"“{names[field]}”{found}，请填写金额（没有就填 0）"
            if amount is None or amount.over or amount.unit not in ("", "元"):
                return None, None, f"“{names[field]}”写的是“{_short(words)}”，读不出金额，请只填数字"
            money[field] = amount
            bare |= {_bare(words, amount)} if amount.number else set()
        if len(bare) > 1:
            return None, None, "几个金额有的写了元或万、有的只有数字，不知道是元还是万元，请写成一样的"
        base = sum((money[field].number for field in rule.base), ZERO)
        below = "+".join(grouped(money[field].number) for field in rule.base).replace("+-", "-")
        below = f"({below})" if len(rule.base) > 1 else below
        if rule.part == "reduced":
            reduced = max(-money["adjusted"].number, ZERO)
            return reduced, base, f"调减 {grouped(reduced)} ÷ {below}" if reduced else "没有调减"
        part = money[rule.part].number
        return part, base, f"{grouped(part)} ÷ {below}"

    # ── groups ───────────────────────────────────────────

    def _group(self, group: Group) -> Field:
        if group.weights == "printed":
            return self._capped(group, [f"budget.{rule.field}.score" for rule in self.scheme.budget])
        rows = [(f"indicators.{n}", row) for n, row in enumerate(self.form.indicators, 1) if row.group == group.name]
        open_rows: list[Field] = []
        for field, row in rows:
            if question := _question(row):
                open_rows.append(self._line(f"{field}.score", None, question))
        used = [(field, row) for field, row in rows if row.name and not not_applicable(row.name)]
        weight = None
        why = f"{group.label}没有在用的指标行，请填写指标；“无”的行不计"
        if used and not open_rows:
            self._line(f"counts.{group.name}", Decimal(len(used)), f"{group.label}在用的指标行数")
            weight = self._round(group.points / len(used))
            why = f"{plain(group.points)} ÷ {group.divisor}，{group.divisor}={len(used)} 行 → {weight}"
        elif used:
            why = f"{group.label}还有没填写的行，{group.divisor} 定不下来"
        for field, row in used:
            self._line(f"{field}.weight", weight, why)
            self._indicator(field, row, weight)
        scores = [f"{field}.score" for field, _ in used] + open_rows
        if not used:
            return self._line(f"groups.{group.name}", None, why, scores)
        return self._capped(group, scores)

    def _capped(self, group: Group, scores: list[Field]) -> Field:
        field = self._sum(f"groups.{group.name}", scores)
        points = self._points(field)
        if points is not None and points > group.points:
            capped = self._round(group.points)
            self._line(field, capped, f"各行相加 {points}，封顶 {plain(group.points)}", scores)
        return field

    def _sum(self, field: Field, parts: list[Field]) -> Field:
        values = [self._points(part) for part in parts]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return self._line(field, None, f"还有 {len(values) - len(known)} 项没有定下来，先不合计", parts)
        terms = " + ".join(str(value) for value in known).replace("+ -", "- ")
        return self._line(field, self._round(sum(known, ZERO)), terms if len(known) > 1 else "各行相加", parts)

    # ── one indicator ────────────────────────────────────

    def _indicator(self, field: Field, row: Indicator, weight: Decimal | None) -> None:
        of = [f"{field}.weight"]
        if weight is None:
            self._line(f"{field}.score", None, "权重还定不下来", of)
            return
        reached, wanted, reason = compare(row.target or "", row.actual or "", self.scheme.inverse)
        if reached is None or wanted is None:
            self._judged(field, row.score, row.own, weight, reason, of)
            return
        rate = reached / wanted * HUNDRED
        rate_field = self._line(f"{field}.rate", Quantity(rate, "%"), reason)
        points = self._round(weight * reached / wanted)
        self._line(f"{field}.score", points, f"{weight} × {_percent(rate)} → {points}", [*of, rate_field])

    def _judged(
        self, field: Field, score: str | None, own: str | None, weight: Decimal, reason: str, of: Iterable[Field]
    ) -> None:
        """A row that no rule decides: the person's own score, if it lies within the weight."""
        words = score if own is None else own
        points = read_points(words or "", self.scheme.places)
        if points is not None and 0 <= points <= weight:
            self._line(f"{field}.score", self._round(points), f"{reason}；按填表人自评", of)
            return
        if words:
            ask = f"{reason}；填的“{_short(words)}”不在 0～{weight} 之间，请改正"
        else:
            ask = f"{reason}；请按完成情况在这里填 0～{weight} 分"
        if own is not None:
            of = [*of, self._line(f"{field}.own", None, ask)]
        self._line(f"{field}.score", None, ask, of)

    # ── deductions and grade ─────────────────────────────

    def _deductions(self) -> Field:
        rule = self.scheme.deductions
        scores: list[Field] = []
        for number, row in enumerate(self.form.deductions, 1):
            field = f"deductions.{number}.score"
            if rule.veto not in row.kind:
                if row.kind or row.name or row.score:
                    scores.append(self._deduction(field, row))
            elif not row.score and self._vetoed(row) is False:
                self._line(field, self._round(ZERO), f"写明“{_said(row)}”，不扣分")
        total = self._sum("groups.deduction", scores)
        points = self._points(total)
        if points is not None and points < rule.lowest:
            self._line(total, self._round(rule.lowest), f"各行相加 {points}，最多扣 {plain(-rule.lowest)} 分", scores)
        return total

    def _deduction(self, field: Field, row: Indicator) -> Field:
        """0 where the row says that nothing happened, otherwise the person's own figure, a negative number."""
        printed = read_points(row.weight or "")
        most = None if printed is None else -abs(printed)
        words = row.score if row.own is None else row.own
        points = read_points(words or "")
        nothing = self._nothing_happened(row)
        if nothing and (not words or points == 0):
            return self._line(field, self._round(ZERO), f"写明“{_said(row)}”，不扣分")
        if not words:
            ask = "请填扣分（负数）；没有发生就写“未发生扣分行为”"
        elif points is None or points > 0 or (most is not None and points < most):
            limit = f"{plain(most)}～0" if most is not None else "0 或负数"
            ask = f"填的“{_short(words)}”不对，扣分应为 {limit}，请改正"
        elif nothing:
            ask = f"写明“{_said(row)}”，却扣 {plain(-points)} 分，请改成一致"
        else:
            return self._line(field, self._round(points), "按填表人自评")
        of = [] if row.own is None else [self._line(field.replace(".score", ".own"), None, ask)]
        return self._line(field, None, ask, of)

    def _nothing_happened(self, row: Indicator) -> bool:
        said = half_width(_said(row)).rstrip("。.")
        rule = self.scheme.deductions
        return said in rule.none_exactly or (said.startswith(rule.none) and "但" not in said)

    def _vetoed(self, row: Indicator) -> bool | None:
        """Whether the row of the veto says that it happened; None when its words do not tell."""
        rule = self.scheme.deductions
        said = half_width(_said(row)).rstrip("。.")
        if self._nothing_happened(row):
            return False
        if said in rule.veto_words or half_width(row.score or "") == rule.veto_grade:
            return True
        return False if not said and read_points(row.score or "") == 0 else None

    def _grade(self) -> None:
        rule = self.scheme.deductions
        vetoes = [row for row in self.form.deductions if rule.veto in row.kind]
        happened = [self._vetoed(row) for row in vetoes]
        total = self._points("total")
        if True in happened:
            self._line("grade", rule.veto_grade, f"一票否决：{rule.veto_quote}")
        elif None in happened:
            self._line("grade", None, "“一票否决扣分项”是否发生没有写清楚；没有发生就写“未发生扣分行为”")
        elif total is None:
            self._line("grade", None, "总分还没有定下来", ["total"])
        else:
            step, grade = self.scheme.grades.step(total)
            self._line("grade", grade, f"{total} 分，{step} → {grade}", ["total"])


def compare(target_words: str, actual_words: str, inverse: str) -> tuple[Decimal | None, Decimal | None, str]:
    """What was reached and what was wanted as two comparable numbers, or None twice with the question to a person."""
    if not target_words or not actual_words:
        lacking = "指标值" if not target_words else "完成值"
        return None, None, f"{lacking}是空的，请填写；定性指标请写文字并自行评分"
    deadline, done = read_moment(target_words), read_moment(actual_words)
    if deadline and done and in_time(deadline, done):
        return HUNDRED, HUNDRED, f"“{_short(actual_words)}”在“{_short(target_words)}”期限内"
    target, actual = read_target(target_words), read_quantity(actual_words)
    if target is None or actual is None:
        return None, None, f"“{_short(target_words)}”对“{_short(actual_words)}”不能相除，按定性指标"
    wanted, reached = target.quantity, actual
    if question := _unlike(wanted, reached):
        return None, None, question
    if _bare(target_words, wanted) != _bare(actual_words, reached) and _in_ten_thousands(target_words + actual_words):
        return None, None, f"“{_short(target_words)}”和“{_short(actual_words)}”只有一个写明万或亿，请写成一样的"
    if wanted.number <= 0:
        return None, None, f"指标值是 {wanted}，不能作除数"
    if target.op in ("≤", "<") and reached.number != wanted.number and inverse == "judged":
        return None, None, f"指标值是“{target}”（越低越好），原文没有写明算法"
    if reached.number < 0:
        return None, None, f"完成值 {reached} 是负数，请核对"
    if reached.over:
        return None, None, f"完成值“{reached}”不是确数，不能相除"
    return reached.number, wanted.number, f"{reached} ÷ {wanted}"


def _unlike(wanted: Quantity, reached: Quantity) -> str:
    """The question where the two may not be in the same unit, "" where they surely are."""
    bare = "" in (wanted.unit, reached.unit)
    if "%" in (wanted.unit, reached.unit) and wanted.unit != reached.unit:
        number = reached if wanted.unit == "%" else wanted
        if number.unit or reached is not number or 0 < abs(number.number) <= 2:
            return f"指标值 {wanted} 和完成值 {reached}，一个是百分数、一个不是，请写成一样的"
        return ""
    if not bare and wanted.unit != reached.unit:
        return f"指标值 {wanted} 和完成值 {reached} 的单位不同，请写成一样的"
    low, high = sorted((abs(wanted.number), abs(reached.number)))
    if wanted.unit == reached.unit == "" and 0 < low <= 2 < high and high >= FAR_APART * low:
        return f"指标值 {wanted} 和完成值 {reached} 相差太大，{plain(low)} 可能是 {plain(low * 100)}%，请写明单位"
    return ""


def _bare(words: str, quantity: Quantity) -> bool:
    """Whether a figure stands alone, without unit and without 万 or 亿."""
    return not quantity.unit and not _in_ten_thousands(words)


def _in_ten_thousands(words: str) -> bool:
    return "万" in words or "亿" in words


def _question(row: Indicator) -> str:
    """What is wrong with a row that names no indicator, "" when it is simply not used."""
    if not row.name:
        if row.target or row.actual:
            return "指标内容是空的，请填写"
        if row.kind and row.own_kind:
            return "这一行没有填写；不考核的请在指标内容里写“无”"
    elif not_applicable(row.name):
        if any(words and not not_applicable(words) for words in (row.target, row.actual)):
            return "指标内容写“无”，却填了指标值或完成值，请改成一致"
    else:
        return ""
    if read_points(row.score or ""):
        return f"这一行没有指标，却有得分“{row.score}”，请改成一致"
    return ""


def _percent(rate: Decimal) -> str:
    return shown(Quantity(rate, "%"))


def _said(row: Indicator) -> str:
    """What a deduction row states (未发生扣分行为。) in 完成率 or 完成值; a dash states nothing."""
    return next((words for words in (row.rate, row.actual) if words and half_width(words).strip("-—/")), "")


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 16 else f"{words[:15]}…"
