"""Compare actual value and target: two comparable numbers, or a question for a person."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from workbook_tools.forms.form import Indicator
from workbook_tools.moments import in_time, read_moment, says_not_done, says_what_was_not_done
from workbook_tools.schemes.direction import may_fall
from workbook_tools.schemes.scheme import IndicatorRules
from workbook_tools.text import regex
from workbook_tools.values import (
    HUNDRED,
    ONE,
    Quantity,
    Step,
    Target,
    decimals,
    format_value,
    normalize,
    not_applicable,
    plain,
    read_quantity,
    read_target,
    scaled,
)

ZERO = Decimal(0)
MOST_DECIMALS = 8  # that people type
FAR_APART = 50  # a bare 1 beside a bare 95 may be 100 %
MOST_PERCENT = 1000  # from here on a percentage may be a figure under a percent format
# What most notices say; a general scheme only compares with it.
ORDINARY = IndicatorRules(
    rate="capped",
    rate_quote="",
    score_quote="",
    inverse="ratio",
    inverse_quote="",
    levels=(),
    level_quote="",
    stated=(),
    stated_quote="",
    step="printed",
    step_quote="",
    either_way=("成本",),
)
_BRACKETS = regex(r"\([^()]*\)")
_FIGURE = regex(r"[\d.,]")
_SPAN = regex(
    "个?(?:年|月|星期|周|工作日|天|小时|分钟|秒)", needs="分钟|周|天|小时|工作日|年|星期|月|秒"
)  # of which less may be better, or more
_DAY = regex(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONTH_DAY = regex(r"(?:1[0-2]|[1-9])\.(?:0?[1-9]|[12]\d?|3[01]?)")
_FIRST_DAY, _LAST_DAY = 40_000, 60_000  # 2009 to 2064
_RISING = ("正向",)  # how 指标性质 is worded where it holds no sign
_FALLING = ("反向", "逆向", "负向")


class Comparison(NamedTuple):
    """The exact quotient `above` ÷ `below` of a row's weight that it earns; None where `why` leaves it to a person.

    `met` tells whether the target is reached, also where no number tells what a missed one earns (a deadline); None
    if that cannot be determined.
    """

    above: Decimal | None
    below: Decimal | None
    why: str
    met: bool | None = None

    @property
    def known(self) -> bool:
        """Whether the share is known."""
        return self.above is not None


def compare(
    target_words: str, actual_words: str | Quantity, rules: IndicatorRules, kind: str = "", name: str = ""
) -> Comparison:
    """The share of its weight that a row earns by the rules; a question where the words or the rules leave it open."""
    said = actual_words if isinstance(actual_words, str) else format_value(actual_words)
    if not target_words or not said:
        lacking = "指标值" if not target_words else "完成值"
        return _ask(f"{lacking}是空的，请填写；定性指标请写文字并自行评分")
    if (in_due_time := _in_due_time(target_words, said)) is not None:
        return in_due_time
    if says_what_was_not_done(said, target_words + name):
        return _ask(f"指标值是“{short(target_words)}”，写明“{short(said)}”", met=False)
    target = read_target(target_words)
    actual = read_quantity(actual_words) if isinstance(actual_words, str) else actual_words
    if target is None or actual is None:
        return _ask(f"“{short(target_words)}”对“{short(said)}”不能相除，按定性指标")
    if question := _unlike(target.quantity, actual) or _scaled(target_words, said, target.quantity, actual):
        return _ask(question)
    if question := _share_as_percent(target, actual) or _like_dates(target.quantity, actual, kind):
        return _ask(question)
    question = no_direction(target, actual, rules, kind, name)
    if rules.rate == "proportion":
        return _proportion(target, actual, rules, question)
    return _met_or_not(target, actual, rules, question)


def compare_row(row: Indicator, rules: IndicatorRules, computed: Quantity | None = None) -> Comparison:
    """The same for a row, whose actual value may be computed; a qualitative row is a person's, but not its deadline."""
    wanted, reached = target_words(row), computed or actual_words(row)
    if qualitative(row) and not read_moment(wanted):
        undone = says_what_was_not_done(row.actual or "", wanted + row.name)
        return _ask(f"定性指标，写明“{short(row.actual or '')}”", met=False) if undone else _ask("定性指标")
    return compare(wanted, reached, rules, row.kind, row.name)


def _in_due_time(target_words: str, said: str) -> Comparison | None:
    """A deadline beside the day it was done; None where the two are none, or leave it open."""
    deadline, done = read_moment(target_words), read_moment(said)
    if deadline and says_not_done(said):
        return _ask(f"期限是“{short(target_words)}”，写明“{short(said)}”", met=False)
    kept = in_time(deadline, done) if deadline and done else None
    if kept is None:
        return None
    if kept:
        return _share(HUNDRED, HUNDRED, f"“{short(said)}”在“{short(target_words)}”期限内")
    return _ask(f"“{short(said)}”晚于期限“{short(target_words)}”，逾期", met=False)


def _ask(question: str, met: bool | None = None) -> Comparison:
    return Comparison(None, None, question, met)


def _share(above: Decimal, below: Decimal, why: str) -> Comparison:
    return Comparison(above, below, why, above >= below)


def _proportion(target: Target, reached: Quantity, rules: IndicatorRules, question: str) -> Comparison:
    """完成值 ÷ 指标值, also beyond 100 %."""
    wanted = target.quantity
    if wanted.number <= 0:
        return _ask(f"指标值是 {wanted}，不能作除数")
    if target.op in ("≤", "<") and reached.number != wanted.number and rules.inverse == "judged":
        return _ask(f"指标值是“{target}”（越低越好），原文没有写明算法")
    if reached.number < 0:
        return _ask(f"完成值 {reached} 是负数，请核对")
    if question:
        return _ask(question)
    if reached.over:
        return _ask(f"完成值“{reached}”不是确数，不能相除")
    return _share(reached.number, wanted.number, f"{reached} ÷ {wanted}")


def _met_or_not(target: Target, reached: Quantity, rules: IndicatorRules, question: str) -> Comparison:
    """Full points where the target is reached, otherwise what the rules say."""
    wanted = target.quantity
    falling = target.op in ("≤", "<")
    if question := _not_to_be_divided(target, reached) or question:
        return _ask(question)
    order = reached.number - wanted.number if not falling else wanted.number - reached.number
    strict = target.op in ("<", ">")
    if order > 0 or (order == 0 and not strict):
        return _share(ONE, ONE, f"完成 {_brief(reached)}，达到指标值“{target}”")
    if reached.over:
        return _ask(f"完成值“{reached}”不是确数，不能相除")
    if order == 0 or (rules.rate != "capped" and not falling) or (falling and rules.inverse == "judged"):
        return _ask(f"完成 {_brief(reached)}，没有达到指标值“{target}”，原文没有写明怎样减分", met=False)
    if not falling:
        return _share(reached.number, wanted.number, f"{_brief(reached)} ÷ {wanted}")
    if rules.inverse == "ratio":
        return _share(wanted.number, reached.number, f"越低越好：{wanted} ÷ {reached}")
    if rules.inverse == "linear" and wanted.number > 0:
        left = max(2 * wanted.number - reached.number, ZERO)
        return _share(left, wanted.number, f"越低越好：1 - ({reached} - {wanted}) ÷ {wanted}")
    return _share(ZERO, ONE, f"越低越好：{reached} 超过 {wanted}，不得分")


def _brief(quantity: Quantity) -> str:
    """A quantity as printed; one that was computed to two places."""
    computed = decimals(quantity.number) > MOST_DECIMALS
    return format_value(quantity) if computed else str(quantity)


def _not_to_be_divided(target: Target, reached: Quantity) -> str:
    wanted = target.quantity
    if reached.number < 0 or wanted.number < 0:
        return f"指标值 {wanted}、完成值 {reached} 中有负数，请核对"
    if target.op in (None, "=") and reached.number and not wanted.number:
        return f"指标值是 {wanted}，没有写≥或≤，不能作除数"
    return ""


def no_direction(target: Target, reached: Quantity, rules: IndicatorRules, kind: str, name: str) -> str:
    """The question where a target without ≥ or ≤ is not exactly reached and less may be better, else ""."""
    if target.op not in (None, "=") or reached.number == target.quantity.number:
        return ""
    unsigned = f"指标值“{target}”没有写≥或≤"
    if any(word in kind for word in rules.either_way):
        return f"{kind}的{unsigned}，不知道高了好还是低了好，请在指标值前面写明"
    if "时效" in kind and _SPAN.fullmatch(target.quantity.unit):
        return f"{kind}的{unsigned}，不知道提前了还是没有做满，请在指标值前面写明"
    if may_fall(name):
        return f"“{short(name)}”的{unsigned}，不知道高了好还是低了好，请在指标值前面写明"
    return ""


def _scaled(target_words: str, actual_words: str, wanted: Quantity, reached: Quantity) -> str:
    if bare(target_words, wanted) != bare(actual_words, reached) and scaled(target_words + actual_words):
        scale = "万或亿" if set(target_words + actual_words) & {"万", "亿"} else "千"
        return f"“{short(target_words)}”和“{short(actual_words)}”只有一个写明{scale}，请写成一样的"
    return ""


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


def _share_as_percent(target: Target, reached: Quantity) -> str:
    """The question where a share stands as a percentage, or a percentage as a share: 0.96% or 9600% beside ≥95%."""
    wanted = target.quantity
    if wanted.unit != "%" or reached.unit != "%" or target.op in ("≤", "<") or wanted.number <= 0:
        return ""
    if 0 < reached.number <= 2 and wanted.number >= FAR_APART * reached.number:
        other = reached.number * HUNDRED
    elif reached.number >= MOST_PERCENT and reached.number >= FAR_APART * wanted.number:
        other = reached.number / HUNDRED
    else:
        return ""
    return f"指标值 {wanted} 和完成值 {reached} 相差太大，{reached} 可能是 {plain(other)}%，请核对"


def _like_dates(wanted: Quantity, reached: Quantity, kind: str) -> str:
    """The question where two bare figures of a deadline may be days: 20231130, 11.30, 45260 without its format."""
    if wanted.unit or reached.unit or wanted.number == reached.number:
        return ""
    written = (format(wanted.number, "f"), format(reached.number, "f"))
    if all(map(_DAY.fullmatch, written)) or ("时效" in kind and _looks_dated(wanted.number, reached.number)):
        return f"“{written[0]}”和“{written[1]}”像是日期，请写成“11月30日”这样的；是数量的，请写明单位"
    return ""


def _looks_dated(wanted: Decimal, reached: Decimal) -> bool:
    """Whether both are month.day, or both are days as Excel counts them."""
    month_day = all(map(_MONTH_DAY.fullmatch, (plain(wanted), plain(reached))))
    return month_day or all(_FIRST_DAY <= number <= _LAST_DAY and number % 1 == 0 for number in (wanted, reached))


def bare(words: str, quantity: Quantity) -> bool:
    """Whether a figure stands alone, without unit and without 千, 万 or 亿."""
    return not quantity.unit and not scaled(words)


def target_words(row: Indicator) -> str:
    """指标性质, 指标值 and 度量单位 of a row as one target (`≥95%`), also where they stand in three columns."""
    target = (row.target or "").strip() or (row.initial or "").strip()
    op = normalize(row.op or "")
    if not target or op.startswith("定性"):
        return target
    sign = "≥" if op.startswith(_RISING) else "≤" if op.startswith(_FALLING) else op
    sign = sign if read_target(f"{sign}1") and not sign[-1:].isdigit() else ""
    if (read := read_target(target)) is None:
        return target
    if read.op is None:
        return sign + _with_unit(target, row.unit)
    quantity = f"{plain(read.quantity.number)}{read.quantity.unit}"  # the sign stands in the value: ≥98, 98以上
    joined = _with_unit(quantity, row.unit)
    return target if joined == quantity else f"{read.op}{joined}"


def actual_words(row: Indicator) -> str:
    """完成值 with the unit of its own column."""
    return _with_unit((row.actual or "").strip(), row.unit)


def qualitative(row: Indicator) -> bool:
    """Whether 指标性质 says 定性."""
    return normalize(row.op or "").startswith("定性")


def _with_unit(words: str, unit: str | None) -> str:
    """A bare figure with the unit of its own column; without the note that stands there in brackets: %(百分比).

    A figure in the column of units is none: 95 beside 12 is not 9512.
    """
    quantity = read_quantity(words)
    if quantity is None or quantity.unit or not unit or not_applicable(unit):
        return words
    named = _BRACKETS.sub("", normalize(unit)) or normalize(unit).strip("()")
    joined = f"{words}{named}"
    return joined if read_quantity(joined) and not _FIGURE.match(named) else words


def step_points(step: Step, row: Indicator, weight: Decimal) -> tuple[Decimal | None, str]:
    """The points that a row's own step rule gives and how; None and the question where it does not fit the figures."""
    target, reached = read_target(target_words(row)), read_quantity(actual_words(row))
    if step.full_points is not None and step.full_points != weight:
        return None, f"本行的规则写满分 {plain(step.full_points)} 分，分值却是 {plain(weight)} 分"
    full = step.full or (target.quantity if target else None)
    if full is None or reached is None or reached.over:
        return None, f"本行的规则是“{step.words}”，但指标值或完成值无法读取数值"
    units = {full.unit, reached.unit, step.unit} - {""}
    if len(units) > 1 or (step.unit == "%" and "" in (full.unit, reached.unit)):
        return None, f"本行的规则是“{step.words}”，单位与指标值、完成值不一致"
    gap = reached.number - full.number if step.up else full.number - reached.number
    sign = f"{reached} - {full}" if step.up else f"{full} - {reached}"
    if gap <= 0:
        return weight, f"完成 {reached}，按本行的规则“{step.words}”不扣分"
    steps = gap / step.per
    if steps != steps.to_integral_value():
        if not step.started:
            return (
                None,
                f"{sign} = {plain(gap)}{full.unit}，不是 {plain(step.per)}{step.unit} 的整数倍，规则没有写不足的怎样算",
            )
        steps = steps.to_integral_value(ROUND_CEILING)
    lost = min(steps * step.points, weight)
    times = "" if steps == 1 else f" × {plain(steps)}"
    whole = "（扣完为止）" if lost < steps * step.points else ""
    taken = f"{plain(step.points)}{times}{whole}"
    return weight - lost, f"{sign} = {plain(gap)}{full.unit}，{step.words}：{plain(weight)} - {taken}"


def short(words: str) -> str:
    """The first words of a long text."""
    words = " ".join(words.split())
    return words if len(words) <= 16 else f"{words[:15]}…"


_MET = regex(r"是|√|已?(?:全部|按期)?(?:达标|达到|完成|实现)", needs="√|完成|实现|是|达到|达标")
_NOT_MET = regex(
    r"否|×|[未不](?:全部|完全|按期)?(?:达标|达到|完成|实现)|(?:没有|部分)(?:达标|达到|完成|实现)",
    needs="×|不|否|未|没有|部分",
)


def says_met(status: str | None) -> bool | None:
    """What 是否达标 says: yes, no, or None where it is blank or says anything else."""
    words = normalize(status or "").rstrip("。")
    return True if _MET.fullmatch(words) else False if _NOT_MET.fullmatch(words) else None
