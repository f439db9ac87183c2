"""C: the indicators of a form held against those of its form of an earlier year."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from workbook_tools.checks.compared import ComparedRow, YearPair, measures, name_key, shortened
from workbook_tools.checks.registry import HINT, INFORMATION, UNCHECKED, cross_check
from workbook_tools.forms.form import Field
from workbook_tools.schemes.direction import may_fall
from workbook_tools.values import HUNDRED, Quantity, Target, plain, round_half_up

Found = Iterator[tuple[Field, str, Field]]  # the field of this year, what is found, the field of the other year
Column = Literal["target", "actual"]
Way = Literal[-1, 0, 1]  # less is better, not declared, more is better


def _way(target: Target | None) -> Way:
    op = target.op if target else None
    return 1 if op in ("≥", ">") else -1 if op in ("≤", "<") else 0


def _declared(last: Target | None, this: Target) -> Way | None:
    """Which way is better as the signs of two years declare it; None where they contradict each other."""
    ways = {_way(last), _way(this)} - {0}
    if len(ways) > 1:
        return None
    return ways.pop() if ways else 0


def _marks(last: ComparedRow, this: ComparedRow) -> list[tuple[Column, Quantity]]:
    """Last year's target and actual value, as far as they are in the unit of this year's target."""
    wanted = last.target.quantity if last.target else None
    unit = this.target.quantity.unit if this.target else None
    named: tuple[tuple[Column, Quantity | None], ...] = (("target", wanted), ("actual", last.actual))
    return [(column, one) for column, one in named if one is not None and one.unit == unit and not one.over]


def _is_ceiling_of_money(target: Target) -> bool:
    """Whether the target is a ceiling in plain money, which follows the budget."""
    return target.op in ("≤", "<") and target.quantity.unit == "元"


def _percent(part: Decimal, whole: Decimal) -> str:
    return plain(round_half_up(part / whole * HUNDRED, 0))


@cross_check("C101", HINT, since="0.2")
def years_are_not_in_order(pair: YearPair) -> Found:
    """作比较的表不是上一年的。

    ## 为什么
    前面给的应当是上年的表，后面是今年的。放反了，或者两份是同一年的，比出来的“放松”“退步”都是反的，所以别的都没有比。

    ## 例
    查出：上年表题 = (2023年度)；表题 = (2023年度)
    不查：上年表题 = (2022年度)；表题 = (2023年度)

    ## 怎么改
    核对两份表的年度；放反了的，换过来再比：workbook_tools compare 上年 今年 -o 对比.xlsx。

    ## 依据
    本工具的规则：年度按表题。
    """
    if pair.last.year and pair.this.year and pair.last.year >= pair.this.year:
        yield "", f"作为上年的表是 {pair.last.year} 年度的，这一份是 {pair.this.year} 年度的；请核对，别的没有比", ""


@cross_check("C102", HINT, since="0.2")
def target_is_looser(pair: YearPair) -> Found:
    """指标值比上年的指标值松，或者比上年的完成值松很多。

    ## 为什么
    上年已经做到 98.79%，今年只要求 85%，不用做什么就能得满分。好坏的方向按表上写的“≥”“≤”，不从名称猜。以元计的上限（≤30万元）跟着预算走，不查；比上年完成值松得不多（不到一成）的，见 C117。

    ## 例
    查出：上年就业率完成值 = 98.79%；就业率指标值 = ≥85%
    不查：上年就业率完成值 = 84%；就业率指标值 = ≥85%

    ## 怎么改
    按上年做到的定指标值；确实要放低的，写明原因。

    ## 依据
    指标值应当依据历史数据、行业标准、计划标准合理确定（常见的审核要求，没有读到原文）；一成是本工具定的。
    """
    for last, this, looser in _looser(pair):
        if any(column == "target" or much for column, much in looser):
            said = f"“{shortened(this.name)}”今年指标值 {this.wanted}，{pair.before}{_wanted_and_reached(last)}"
            low = "低" if _way(this.target) > 0 else "松"
            yield f"{this.field}.target", f"{said}；请核对是不是定{low}了", f"{last.field}.{looser[-1][0]}"


@cross_check("C117", INFORMATION, since="0.2")
def target_is_slightly_below_last_actual(pair: YearPair) -> Found:
    """指标值比上年的完成值松，差得不多。

    ## 为什么
    上年完成 97.52%，今年仍要求 95%：留一点余地是常见的，年年如此就没有改进。一张表只列一条。

    ## 例
    查出：上年满意度完成值 = 97.52%；满意度指标值 = ≥95%
    不查：上年完成值 = 200人；上年单位成本完成值 = 400元/人；上年就业率完成值 = 60%；满意度指标值 = ≥95%

    ## 怎么改
    不一定要改；定下年指标值的时候参考。

    ## 依据
    同 C102。
    """
    found = [(last, this) for last, this, looser in _looser(pair) if not any(c == "target" or m for c, m in looser)]
    if found:
        said = "；".join(
            f"“{shortened(this.name)}”{this.wanted}，{pair.before}完成 {last.reached}" for last, this in found[:3]
        )
        more = f"等 {len(found)} 个指标" if len(found) > 3 else ""
        yield f"{found[0][1].field}.target", f"{said}{more}", f"{found[0][0].field}.actual"


def _looser(pair: YearPair) -> Iterator[tuple[ComparedRow, ComparedRow, list[tuple[Column, bool]]]]:
    """The rows whose target is looser than last year's target or actual value: which, and whether by much."""
    much = Decimal(measures()["change"]["looser"])
    for last, this in pair.rows:
        if this.target is None or _is_ceiling_of_money(this.target) or this.target.quantity.over:
            continue
        way, number = _declared(last.target, this.target), this.target.quantity.number
        gaps = [(column, (one.number - number) * (way or 0)) for column, one in _marks(last, this)]
        looser = [(column, gap * HUNDRED > abs(number) * much) for column, gap in gaps if gap > 0]
        if looser:
            yield last, this, looser


def _wanted_and_reached(row: ComparedRow) -> str:
    said = ((f"指标值 {row.wanted}", row.wanted), (f"完成 {row.reached}", row.reached))
    return "，".join(shortened(words, 30) for words, there in said if there)


@cross_check("C103", UNCHECKED, since="0.2")
def direction_is_not_declared(pair: YearPair) -> Found:
    """没有写“≥”“≤”，或者两年写反了，不知道指标值是不是放松。

    ## 为什么
    没有写符号的，高了好还是低了好要填表人写明；上年写“≥”今年写“≤”的，一定有一年写反了。

    ## 例
    查出：上年合格率指标值 = 97%；合格率指标值 = 95%
    查出：上年合格率完成值 = 98%；合格率指标值 = 95%
    不查：上年合格率指标值 = ≥94%；合格率指标值 = 95%

    ## 怎么改
    在指标值前面写“≥”或“≤”，再比一次。

    ## 依据
    本工具的规则：方向只按表上写的，从不猜。
    """
    for last, this in pair.rows:
        if this.target is None:
            continue
        way, field, marks = _declared(last.target, this.target), f"{this.field}.target", _marks(last, this)
        before, now = last.wanted, this.wanted
        if way is None:
            yield (
                field,
                f"“{shortened(this.name)}”{pair.before}写“{before}”，今年写“{now}”，方向相反",
                f"{last.field}.target",
            )
        elif way == 0 and any(_may_be_looser(column, one, this) for column, one in marks):
            said = f"“{shortened(this.name)}”今年指标值 {now}，{pair.before}{_wanted_and_reached(last)}"
            yield field, f"{said}；没有写≥或≤，不知道是不是放松，请写明", f"{last.field}.target"


def _may_be_looser(column: Column, one: Quantity, this: ComparedRow) -> bool:
    number = this.target.quantity.number if this.target else one.number
    return one.number != number and (column == "target" or one.number > number or may_fall(this.name))


@cross_check("C104", HINT, since="0.2")
def missed_indicator_has_gone(pair: YearPair) -> Found:
    """上年没有完成的指标，今年没有了。

    ## 为什么
    没有完成的指标换掉了，问题就看不见了。

    ## 例
    查出：上年就业率完成值 = 40%；就业率三级指标 = 带动产业发展
    不查：上年就业率完成值 = 66%；就业率三级指标 = 带动产业发展

    ## 怎么改
    继续考核；确实不再考核的，说明原因。

    ## 依据
    常见的审核要求，没有读到原文。
    """
    for last, similar in pair.alone:
        if last.missed and similar is None:
            yield (
                "",
                f"“{shortened(last.name)}”{pair.before}没有完成（{_wanted_and_reached(last)}），今年的表上没有这个指标",
                f"{last.field}.name",
            )


@cross_check("C105", INFORMATION, since="0.2")
def missed_indicator_has_another_name(pair: YearPair) -> Found:
    """上年没有完成的指标，今年可能换了名称。

    ## 为什么
    名称相近，可能是同一个指标；是不是，要人看。

    ## 例
    查出：上年就业率完成值 = 40%；就业率三级指标 = 学员就业率
    不查：上年就业率完成值 = 66%；就业率三级指标 = 学员就业率

    ## 怎么改
    在“待确认配对”里写“是”或“否”，用 --pairs 再比一次。

    ## 依据
    本工具的规则：名称不一样的不当作同一个指标。
    """
    for last, similar in pair.alone:
        if last.missed and similar is not None:
            said = f"“{shortened(last.name)}”{pair.before}没有完成（{_wanted_and_reached(last)}），今年有名称相近的“{shortened(similar.name)}”"
            yield f"{similar.field}.name", f"{said}，请在“待确认配对”里写是不是同一个", f"{last.field}.name"


@cross_check("C106", HINT, since="0.2")
def name_or_unit_has_changed(pair: YearPair) -> Found:
    """指标改了名称或单位。

    ## 为什么
    改了名称、单位，两年的数可能不是一回事，比较前要核对口径。

    ## 例
    查出：上年培训人数指标值 = ≥20场；上年培训人数完成值 = 21场
    不查：上年培训人数指标值 = ≥180人；上年培训人数完成值 = 190人

    ## 怎么改
    沿用上年的名称和单位；口径变了的，写明怎样变的。

    ## 依据
    常见的审核要求，没有读到原文。
    """
    for last, this in pair.rows:
        if name_key(last.name) != name_key(this.name):
            yield (
                f"{this.field}.name",
                f"{pair.before}叫“{shortened(last.name)}”，今年叫“{shortened(this.name)}”",
                f"{last.field}.name",
            )
        before, now = last.target, this.target
        if before and now and before.quantity.unit and now.quantity.unit and before.quantity.unit != now.quantity.unit:
            said = (
                f"“{shortened(this.name)}”{pair.before}指标值“{last.wanted}”，今年“{this.wanted}”，单位不同，没有比大小"
            )
            yield f"{this.field}.target", said, f"{last.field}.target"


@cross_check("C107", INFORMATION, since="0.2")
def project_or_unit_has_another_name(pair: YearPair) -> Found:
    """项目或单位的名称和上年不一样。

    ## 为什么
    改了名的要知道是同一个，汇总、存档才对得上。

    ## 例
    查出：上年项目名称 = 公共服务外包项目
    不查：上年项目名称 = 2022年公共服务项目

    ## 怎么改
    核对名称；是改了名的，不用管。

    ## 依据
    本工具的规则：年度不算不一样。
    """
    named = (("项目", "texts.project", pair.last.project, pair.this.project),)
    for word, field, before, now in (*named, ("单位", "texts.unit", pair.last.unit, pair.this.unit)):
        if before and now and name_key(before) != name_key(now):
            yield field, f"{word}{pair.before}是“{shortened(before, 40)}”，今年是“{shortened(now, 40)}”", field


@cross_check("C108", HINT, since="0.2")
def same_actual_in_both_years(pair: YearPair) -> Found:
    """两年的完成值完全相同。

    ## 为什么
    97.52% 这样的数两年正好一样，多半是照抄上年的。正好等于指标值的，100、95 这样的整数，不查。

    ## 例
    查出：上年满意度完成值 = 97.52%；满意度完成值 = 97.52%
    不查：上年满意度完成值 = 95%；满意度完成值 = 95%

    ## 怎么改
    核对今年的数据来源，填今年的数。

    ## 依据
    常见的审核要求，没有读到原文。
    """
    for last, this in pair.rows:
        reached, wanted = this.actual, this.target.quantity.number if this.target else None
        if reached is None or reached != last.actual or reached.number == wanted:
            continue
        if len(reached.number.normalize().as_tuple().digits) >= measures()["least"]["digits"]:
            yield (
                f"{this.field}.actual",
                f"“{shortened(this.name)}”完成 {this.reached}，和{pair.before}完全相同；请核对是不是今年的数",
                f"{last.field}.actual",
            )


@cross_check("C109", HINT, since="0.2")
def actual_has_jumped(pair: YearPair) -> Found:
    """完成值比上年多或少一半以上。

    ## 为什么
    同一个指标、同一个单位，一年里变化这么大，要有原因；也可能是口径变了、填错了位数。指标值也这样变了的不查。

    ## 例
    查出：上年培训人数完成值 = 800人
    不查：上年培训人数完成值 = 205人

    ## 怎么改
    核对数据；属实的，在偏差原因里说明。

    ## 依据
    常见的审核要求，没有读到原文；一半是本工具定的。
    """
    most = Decimal(measures()["change"]["actual"])
    for last, this in pair.rows:
        before, now = last.actual, this.actual
        if before is None or now is None or before.unit != now.unit or before.over or now.over:
            continue
        if not _jumped(before.number, now.number, most) or _planned(last, this, most):
            continue
        said = f"“{shortened(this.name)}”{pair.before}完成 {last.reached}，今年 {this.reached}，{change_in_words(before.number, now.number)}"
        yield f"{this.field}.actual", f"{said}；请核对，属实的说明原因", f"{last.field}.actual"


def _jumped(before: Decimal, now: Decimal, most: Decimal) -> bool:
    """Whether a figure has changed by so many percent or more, and is none of the small ones."""
    if before <= 0 or max(before, now) < measures()["least"]["actual"]:
        return False
    return abs(now - before) * HUNDRED >= before * most


def _planned(last: ComparedRow, this: ComparedRow, most: Decimal) -> bool:
    """Whether the target has changed as much, in the same direction."""
    before, now = (one.target.quantity if one.target else None for one in (last, this))
    if before is None or now is None or before.unit != now.unit or before.number <= 0:
        return False
    rise = now.number > before.number
    grown = this.actual is not None and last.actual is not None and this.actual.number > last.actual.number
    return rise == grown and abs(now.number - before.number) * HUNDRED >= before.number * most


def change_in_words(before: Decimal, now: Decimal) -> str:
    """By how many percent a figure has risen or fallen."""
    word = "增加" if now > before else "减少"
    return f"{word} {_percent(abs(now - before), before)}%"
