"""R: what texts say of monthly statistics, of multiples and of sums."""

from __future__ import annotations

from workbook_tools.checks.registry import HINT, Found, check
from workbook_tools.checks.told import wrong
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme


@check("R120", HINT, since="0.1")
def statistics_in_a_text_differ(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的统计数不是各月之和。

    ## 为什么
    “年度总呼入数”是各月相加，不是表底印的合计：合计加错了，正文也跟着错。

    ## 例
    查出：（部门评价）报告 = 话务接通率：年度总呼入数为14,097,338通
    不查：（部门评价）报告 = 话务接通率：年度总呼入数为14,097,337通
    不判：（部门评价）报告 = 话务接通率：年度服务总量为20,000,000通

    ## 怎么改
    改成各月相加的数。

    ## 依据
    部门评价报告的各月统计表。
    """
    yield from wrong(form, scores, scheme, "statistics")


@check("R121", HINT, since="0.1")
def every_month_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字说每个月都达到，有的月没有。

    ## 为什么
    “月度接通率均高于95%”：每个月都要高于 95%。

    ## 例
    查出：（部门评价）报告 = 月度话务接通率均高于96%
    不查：（部门评价）报告 = 月度话务接通率均高于95%
    不判：（部门评价）报告 = 月度话务接通率多数高于96%

    ## 怎么改
    核对各月的比率，改正文。

    ## 依据
    部门评价报告的各月统计表。
    """
    yield from wrong(form, scores, scheme, "monthly")


@check("R122", HINT, since="0.1")
def none_in_a_text_but_some(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字说没有，统计表里有。

    ## 为什么
    “无超时工单”：统计表的“超时”一列，各月相加应当是 0。

    ## 例
    查出：（部门评价）报告 = 工单转派准确率：全年转派规范，无错派工单
    不查：（部门评价）报告 = 工单转派的及时率：全年转派及时，无超时工单
    不判：（部门评价）报告 = 工单转派准确率：全年转派规范，无漏派工单

    ## 怎么改
    核对各月的数，改正文。

    ## 依据
    部门评价报告的各月统计表。
    """
    yield from wrong(form, scores, scheme, "zero")


@check("R123", HINT, since="0.1")
def multiple_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的倍数不是两个数相除。

    ## 为什么
    “增长至2871.7436万件，达到合同约定（1212万件）的2.37倍”：倍数是前面两个数相除。

    ## 例
    查出：（广州）问题 = 服务量增长至2871.7436万件，达到合同约定服务量（1212万件）的2.38倍
    不查：（广州）问题 = 服务量增长至2871.7436万件，达到合同约定服务量（1212万件）的2.37倍
    不判：（广州）问题 = 服务量是合同约定的2.38倍

    ## 怎么改
    核对两个数和倍数。

    ## 依据
    倍数是前面两个数相除。
    """
    yield from wrong(form, scores, scheme, "multiple")


@check("R124", HINT, since="0.1")
def parts_in_a_text_do_not_add_up(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里各部分相加，不是前面的总数。

    ## 为什么
    “坐席567个，全外包坐席61个，半外包坐席506个”：各部分相加等于总数。

    ## 例
    查出：（广州）问题 = 坐席规模保持568个，全外包坐席61个，半外包坐席506个
    不查：（广州）问题 = 坐席规模保持567个，全外包坐席61个，半外包坐席506个
    不判：（广州）问题 = 坐席规模保持900个，全外包坐席61个，半外包坐席506个

    ## 怎么改
    核对总数和各部分。

    ## 依据
    前后应当一致。
    """
    yield from wrong(form, scores, scheme, "addition")
