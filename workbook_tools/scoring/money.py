"""The money of a form: sums of its sources, rates of two amounts, and the points they earn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from workbook_tools.forms.form import Form
from workbook_tools.forms.vocabulary import is_use, is_whole, may_be_part
from workbook_tools.schemes.scheme import AMOUNTS, Amount, BudgetRule, Scheme
from workbook_tools.scoring.comparing import bare, short
from workbook_tools.scoring.judging import judge
from workbook_tools.scoring.scorecard import ZERO, Scorecard, percent
from workbook_tools.values import (
    HUNDRED,
    UNCALCULATED,
    Quantity,
    grouped,
    normalize,
    not_applicable,
    plain,
    read_quantity,
    read_weight,
    round_half_up,
)

MOST_EXECUTION = 2  # beyond 200 % two amounts are surely in different units
LEAST_EXECUTION = Decimal("0.02")  # percent: below it the part ÷ 10,000 is up to 200 %, so that it may be in 万元
MOST_SOURCES = 20  # of which some may break others down
Kind = Literal["source", "detail", "whole", "part", "use"]  # of a row of money
Rate = tuple[Decimal | None, str]  # in percent, and how it was worked out or what is missing


def score_money(form: Form, scheme: Scheme, card: Scorecard) -> None:
    """Adds the lines of every amount, rate and rule of the budget."""
    for amount in AMOUNTS:
        _sum_of_sources(form, amount, card)
    _revised(form, scheme, card)
    for rule in scheme.budget:
        _score_rule(form, scheme, rule, card)


def rule_points(rule: BudgetRule, points: Decimal, rate: Decimal, card: Scorecard) -> tuple[Decimal, str]:
    """What a rate in percent earns of `points`, and how."""
    if rule.rule == "bands":
        step, earned = rule.bands.step(rate)
        near = rule.bands.step(round_half_up(rate, 2))[0] != step
        exact = f"（准确值 {plain(rate)[:14]}%，不按四舍五入后的比率分档）" if near else ""
        return card.round(earned), f"{percent(rate)} {step}% → {plain(earned)} 分{exact}"
    if rule.rule == "loss":
        lost = card.round(points * min(rate, HUNDRED) / HUNDRED)
        return card.round(points - lost), f"{plain(points)} - {plain(points)} × {percent(rate)}（扣 {lost}）"
    earned = card.round(points * min(max(rate, ZERO), HUNDRED) / HUNDRED)
    capped = "，超过 100% 按满分" if rate > HUNDRED else ""
    return earned, f"{plain(points)} × {percent(rate)}{capped} → {earned}"


def _sum_of_sources(form: Form, amount: str, card: Scorecard) -> None:
    """The amount of all sources, where any of them is filled in and all are plain numbers.

    Rows that together make exactly the row above them may break it down, or be sources of their own: the printed sum
    tells which, and without one a person has to. Where the money comes from and what it is for are the same money.
    """
    kinds = _kinds(form)
    named = [(source.get(amount, ""), kind) for source, kind in zip(form.sources, kinds, strict=True)]
    amounts = [(said, read_quantity(said), kind) for said, kind in named if said and not not_applicable(said)]
    total = form.budget.get(amount)
    if total is None or all(kind == "detail" for _, _, kind in amounts) or not total_is_plain(total):
        return
    known = [(one.number, kind) for said, one, kind in amounts if one and bare(said, one) and not one.over]
    printed, readings = read_quantity(total), _readings(known)
    fitting = [parts for parts in readings if printed and sum(parts, ZERO) == printed.number]
    if len(known) < len(amounts):
        if why := _not_added(amounts, total, fitting=bool(fitting)):
            card.put(f"budget.{amount}", None, why)
        return
    minus = next((said for said, one, _ in amounts if one and one.number < 0), "")
    if minus and amount != "adjusted" and not fitting:
        said = f"合计写的是 {total}，请核对" if printed else "没有填错的，请填写合计"
        card.put(f"budget.{amount}", None, f"“{minus}”是负数，不知道要不要从合计里减去；{said}")
        return
    ways = [[one for one in known if (one[1] == "use") is use] for use in (False, True)]
    if all(ways) and not fitting:
        both = [dict.fromkeys(sum(parts, ZERO) for parts in _readings(way)) for way in ways]
        fits = [bool(printed and printed.number in way) for way in both]
        if not all(fits) and (any(fits) or any(both[0].keys() & both[1].keys() - {ZERO})):  # else one division
            card.put(f"budget.{amount}", None, _two_ways(both, total if printed else ""))
            return
        fitting = [
            parts for parts in _readings(ways[0]) if printed and all(fits) and sum(parts, ZERO) == printed.number
        ]
    if fitting or len(readings) == 1:
        counted = (fitting or readings)[0]
        terms = " + ".join(grouped(number) for number in counted)
        why = f"各来源相加：{terms}" if len(counted) > 1 else f"资金来源只有一项：{terms}"
        card.put(f"budget.{amount}", sum(counted, ZERO), why)
        return
    sums = " 或 ".join(dict.fromkeys(grouped(sum(parts, ZERO)) for parts in readings))
    said = f"合计写的是 {total}，请核对" if printed else "请填写合计"
    why = f"各来源相加是 {sums}：有几行相加正好是上一行，不知道是不是它的明细；{said}"
    card.put(f"budget.{amount}", None, why)


def _two_ways(sums: Sequence[Mapping[Decimal, None]], total: str) -> str:
    """The question where money by its sources and money by its uses are not both the printed sum."""
    sources, uses = (" 或 ".join(map(grouped, way)) for way in sums)
    said = f"按来源相加是 {sources}，按用途相加是 {uses}" if sources != uses else f"按来源、按用途相加都是 {sources}"
    return f"{said}；合计写的是 {total}，请核对" if total else f"{said}；请填写合计"


def _not_added(amounts: Sequence[tuple[str, Quantity | None, Kind]], total: str, *, fitting: bool) -> str:
    """The question where an amount is no figure alone and the sum is blank, or is that of the others; "" for none."""
    others = (said for said, one, kind in amounts if kind != "detail" and (not one or not bare(said, one) or one.over))
    other = next(others, "")
    if not other or not (fitting or total in ("", UNCALCULATED)):
        return ""  # the printed sum may well contain it
    if other == UNCALCULATED:
        return "有一个来源的公式没有算出来，不能相加；请用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存"
    said = f"合计 {total} 没有算上“{short(other)}”" if fitting else f"合计是空的，“{short(other)}”不能直接相加"
    return f"{said}；请各行都只填数字，单位相同"


def _readings(amounts: list[tuple[Decimal, Kind]]) -> list[list[Decimal]]:
    """The amounts to be added: all but surely known details, then also without runs of rows that make the row above."""
    if len(amounts) > MOST_SOURCES:
        return [[number for number, kind in amounts if kind != "detail"]]
    if not amounts:
        return [[]]
    (first, kind), rest = amounts[0], amounts[1:]
    found = [[*([] if kind == "detail" else [first]), *others] for others in _readings(rest)]
    for end in range(1, len(amounts)):
        run = [number for number, _ in rest[:end]]
        named = kind == "whole" and all(one == "part" for _, one in rest[:end])
        if first and kind != "detail" and run[-1] and sum(run, ZERO) == first and (named or end > 1):
            found += [[first, *others] for others in _readings(rest[end:])]
    return found


def _kinds(form: Form) -> Iterator[Kind]:
    """What each source is by its name: a second 其中 breaks down the one above, a budget (一般公共预算) may do so."""
    for number, source in enumerate(form.sources):
        name = source.get("name", "")
        if number and may_be_part(name) and any(is_whole(one.get("name", "")) for one in form.sources[:number]):
            yield "part"
        elif number and _breaks_down(source):
            yield "detail"
        elif is_use(name):
            yield "use"
        else:
            yield "whole" if is_whole(name) else "source"


def _breaks_down(source: Mapping[str, str]) -> bool:
    """Whether a row only breaks down the source above it: a second 其中."""
    return normalize(source.get("name", "")).startswith("其中")


def total_is_plain(words: str) -> bool:
    """Whether the cell of a sum is blank or holds a plain number, so that a sum of plain numbers may stand there."""
    amount = read_quantity(words)
    return words in ("", UNCALCULATED) or bool(amount and bare(words, amount) and not amount.over)


def _revised(form: Form, scheme: Scheme, card: Scorecard) -> None:
    """全年预算数 = 年初预算数 + 调整数, in forms that print all three."""
    if "adjusted" not in form.budget or "revised" not in form.budget or "budget.revised" in card:
        return
    if not {"initial", "adjusted"} <= scheme.money.keys():  # the scheme does not say what the column is
        return
    money = [_amount(form, scheme, field, card)[0] for field in ("initial", "adjusted")]
    if all(amount is not None and not amount.unit for amount in money) and total_is_plain(form.budget["revised"]):
        total = sum((amount.number for amount in money if amount), ZERO)
        names = f"{scheme.money['initial']} + {scheme.money['adjusted']}"
        card.put("budget.revised", total, names, ["budget.initial"] if "budget.initial" in card else [])


def _score_rule(form: Form, scheme: Scheme, rule: BudgetRule, card: Scorecard) -> None:
    row = f"budget.{rule.field}"
    rate, why = _rate(form, scheme, rule, card)
    of = [f"budget.{field}" for field in _needed(rule) if f"budget.{field}" in card]
    value = None if rate is None else Quantity(rate, "%")
    card.put(row, value, why if rate is None else f"{why} = {percent(rate)}", of)
    if in_two_units(rule, rate):
        card.hint(row, "只有万分之几：两个金额可能一个是元、一个是万元，请核对")
    if rule.row or rule.rule in ("judged", "none"):
        return
    printed = form.budget.get(f"{rule.field}.weight")
    points = rule.points if rule.points is not None else read_weight(printed or "")
    if points is None or points < 0:
        if f"{rule.field}.score" in form.budget:
            said = f"写的是“{short(printed)}”，无法读取分值" if printed else "是空的"
            card.put(f"{row}.score", None, f"{rule.label}的分值{said}，请填写", [row])
        return
    card.weights[row] = points
    if rule.points is not None:
        card.put(f"{row}.weight", card.round(points), f"原文：{rule.label} {plain(points)} 分")
    of = [row, f"{row}.weight"] if rule.points is not None else [row]
    if exempt := _exempt(form, rule) or _rate_of_one_source(form, rule, rate):
        score, own = form.budget.get(f"{rule.field}.score"), form.budget.get(f"{rule.field}.own")
        judge(card, row, score, own, points, exempt, of[1:])
        return
    if f"{rule.field}.actual" in form.budget or rule.rule == "bands":
        card.put(f"{row}.actual", value, f"即上表{rule.label}", [row])
    if rate is None:
        card.put(f"{row}.score", None, f"{rule.label}暂时无法计算", of)
    else:
        card.put(f"{row}.score", *rule_points(rule, points, rate, card), of)


def in_two_units(rule: BudgetRule, rate: Decimal | None) -> bool:
    """Whether what was spent is so small a part of the budget that it may be in 万元 and the budget in 元."""
    return rule.part == "spent" and rate is not None and ZERO < rate < LEAST_EXECUTION


def _exempt(form: Form, rule: BudgetRule) -> str:
    words = normalize(form.budget.get(f"{rule.field}.actual", ""))
    own = rule.exempt and form.budget.get(f"{rule.field}.own")
    if own or any(word in words for word in rule.exempt):
        return f"原文“{rule.exempt_quote}”没有写明得多少分"
    return ""


def _rate_of_one_source(form: Form, rule: BudgetRule, rate: Decimal | None) -> str:
    """The question where the points stand in the row of one source, and that row has another rate than the total."""
    column = f"{rule.field}.score"
    scored = [source for source in form.sources if column in form.budget and column not in source]
    if len(scored) != 1 or rate is None or rule.part != "spent":
        return ""
    part, *base = (read_quantity(scored[0].get(field, "")) for field in (rule.part, *rule.base))
    whole = sum((amount.number for amount in base if amount), ZERO)
    if part is None or not whole or percent(part.number / whole * HUNDRED) == percent(rate):
        return ""
    own = percent(part.number / whole * HUNDRED)
    name = short(scored[0].get("name", ""))
    return f"得分写在“{name}”一行，这一行的{rule.label}是 {own}，合计是 {percent(rate)}，原文没有写明按哪一个"


def _needed(rule: BudgetRule) -> list[Amount]:
    return list(dict.fromkeys((*rule.base, "adjusted" if rule.part == "reduced" else rule.part)))


def _rate(form: Form, scheme: Scheme, rule: BudgetRule, card: Scorecard) -> Rate:
    amounts, why = _part_and_base(form, scheme, rule, card)
    if amounts is None:
        return None, why
    part, base = amounts
    if part == 0 and rule.part == "reduced":
        return ZERO, why
    if base <= 0:
        return None, f"{why}；分母应大于 0，请核对金额"
    if part < 0:
        return None, f"{why}；金额是负数，请核对"
    if part / base > MOST_EXECUTION:
        return None, f"{why} = {percent(part / base * HUNDRED)}，超过 200%，请核对金额的单位和正负号"
    return part / base * HUNDRED, why


def _part_and_base(
    form: Form, scheme: Scheme, rule: BudgetRule, card: Scorecard
) -> tuple[tuple[Decimal, Decimal] | None, str]:
    """Part and base of a rate as money, and how they are worked out or what is missing."""
    money: dict[str, Quantity] = {}
    written: set[bool] = set()
    for field in _needed(rule):
        amount, missing = _amount(form, scheme, field, card)
        if amount is None:
            return None, missing
        money[field] = amount
        words = form.budget.get(field, "") if f"budget.{field}" not in card else plain(amount.number)
        written |= {bare(words, amount)} if amount.number else set()
    if len(written) > 1:
        return None, "几个金额有的写了元或万、有的只有数字，不知道是元还是万元，请写成一样的"
    base = sum((money[field].number for field in rule.base), ZERO)
    below = "+".join(grouped(money[field].number) for field in rule.base).replace("+-", "-")
    below = f"({below})" if len(rule.base) > 1 else below
    if rule.part == "reduced":
        reduced = max(-money["adjusted"].number, ZERO)
        return (reduced, base), f"调减 {grouped(reduced)} ÷ {below}" if reduced else "没有调减"
    part = money[rule.part].number
    return (part, base), f"{grouped(part)} ÷ {below}"


def _amount(form: Form, scheme: Scheme, field: Amount, card: Scorecard) -> tuple[Quantity | None, str]:
    """An amount of money, or None and what is missing."""
    if (line := card.get(f"budget.{field}")) and isinstance(line.value, Decimal):
        return Quantity(line.value, ""), ""
    name, words = scheme.money.get(field, field), form.budget.get(field, "")
    if line:
        return None, f"“{name}”还没有定下来"
    words = "" if words == UNCALCULATED else words
    amount = read_quantity(words)
    if field not in form.budget:
        return None, f"没有读到“{name}”，请看表头、标签有没有改动"
    if not words or not_applicable(words):
        found = f"写的是“{short(words)}”" if words else "是空的"
        return None, f"“{name}”{found}，请填写金额（没有就填 0）"
    if amount is None or amount.over or amount.unit not in ("", "元"):
        return None, f"“{name}”写的是“{short(words)}”，无法读取金额，请只填数字"
    return amount, ""
