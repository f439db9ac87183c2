"""B: one budget split in two ways, by income and by expenditure."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import AMOUNTS, Scheme
from workbook_tools.values import Quantity, grouped, plain, read_quantity, scaled

CALLED = {"income": "按收入性质分", "expenditure": "按支出性质分"}
TEN_THOUSAND = Decimal(10_000)


class Split(NamedTuple):
    """The parts of a budget in one of its two ways.

    Attributes:
        name: income or expenditure.
        at: the field of its first part that is filled in.
        terms: what is filled in.
        blank: how many parts are left blank.
    """

    name: str
    at: str
    terms: tuple[Decimal, ...]
    blank: int

    @property
    def total(self) -> Decimal:
        """The sum of what is filled in."""
        return sum(self.terms, Decimal(0))

    @property
    def said(self) -> str:
        """Its parts and their sum."""
        added = f"（{' + '.join(map(grouped, self.terms))}）" if len(self.terms) > 1 else ""
        return f"{CALLED[self.name]}相加是 {grouped(self.total)}{added}"


def _splits(form: Form, scheme: Scheme) -> tuple[Split, ...]:
    """Both ways, where every part that is filled in is an amount; () where a part is none, or one way is blank."""
    found = []
    for name, parts in form.splits.items():
        amounts = {part: _amount(words, form, scheme) for part, words in parts.items() if words}
        terms = [amount for amount in amounts.values() if amount is not None]
        if not terms or len(terms) < len(amounts):
            return ()
        found.append(Split(name, f"splits.{name}.{next(iter(amounts))}", tuple(terms), len(parts) - len(amounts)))
    return tuple(found) if len(found) == len(CALLED) else ()


def _amount(words: str, form: Form, scheme: Scheme) -> Decimal | None:
    """An amount in the unit of the money of the form; None where it is none."""
    quantity = read_quantity(words)
    if quantity is None or quantity.over or quantity.unit not in ("", "元"):
        return None
    in_yuan = quantity.unit == "元" or scaled(words)
    return _of_unit(quantity, form.money_unit or scheme.unit) if in_yuan else quantity.number


def _of_unit(quantity: Quantity, unit: str) -> Decimal:
    return quantity.number / TEN_THOUSAND if unit == "万元" else quantity.number


@check("B112", ERROR, since="0.2")
def two_splits_differ(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """预算按收入性质分、按支出性质分，合计不一样，或者都不是表上的金额。

    ## 为什么
    同一笔预算分两次，合计只能是一个数；两边不一样，一定有一项漏了或多了。有空着的项目、还差一些的，见 B113。

    ## 例
    查出：（整体支出）项目支出 = 298.5万元
    不查：（整体支出）项目支出 = 2985.5万元

    ## 怎么改
    核对两边的各项；没有错的，核对年度资金总额。

    ## 依据
    年度资金总额下面印有“按收入性质分”和“按支出性质分”两栏（湖南零陵 2021 年部门整体支出绩效自评表）：两栏分的是同一笔钱。
    """
    known = _splits(form, scheme)
    if not known:
        return
    for one, other in (known, known[::-1]):
        if one.total > other.total and not other.blank:
            yield other.at, f"{other.said}，{one.said}，差 {plain(one.total - other.total)}；请核对各项"
            return
    printed = [form.budget[amount] for amount in AMOUNTS if amount in form.budget]
    amounts = [amount for words in printed if (amount := _amount(words, form, scheme)) is not None]
    if not amounts or len(amounts) < len(printed):
        return
    if known[0].total == known[1].total and not any(one.blank for one in known):
        if known[0].total not in amounts:
            said = "、".join(dict.fromkeys(printed))
            yield known[0].at, f"两种分法相加都是 {grouped(known[0].total)}，年度资金总额是 {said}；请核对"
        return
    for one in known:
        if one.total > max(amounts):
            yield one.at, f"{one.said}，比年度资金总额 {grouped(max(amounts))} 还多；请核对各项"


@check("B113", HINT, since="0.2")
def a_split_may_lack_a_part(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """两种分法的合计不一样，少的一边有空着的项目。

    ## 为什么
    空着的可能是没有，也可能是漏填。没有的填 0，两边才能核对。

    ## 例
    查出：（整体支出）其他资金 = 880万元
    不查：（整体支出）其他资金 = 2880万元

    ## 怎么改
    漏填的补上；没有的填 0。

    ## 依据
    两栏分的是同一笔钱（湖南零陵 2021 年部门整体支出绩效自评表）。
    """
    known = _splits(form, scheme)
    for one, other in (known, known[::-1]) if known else ():
        if one.total > other.total and other.blank:
            said = f"{other.said}，{one.said}，差 {plain(one.total - other.total)}"
            yield other.at, f"{said}；有 {other.blank} 项空着，没有的请填 0"
