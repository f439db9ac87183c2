"""Checks of a form beside its monitoring table: their pages stand here, `monitoring.against` finds them."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme

TARGET_CHANGED, BELOW_MIDYEAR, DROPPED, BUDGET_DIFFERS, OTHER_PROJECT = "M111", "M112", "M113", "M114", "M115"
CODES = (TARGET_CHANGED, BELOW_MIDYEAR, DROPPED, BUDGET_DIFFERS, OTHER_PROJECT)


@check(TARGET_CHANGED, ERROR, since="0.2")
def target_changed(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值和监控表上的不一样。

    ## 为什么
    年中监控用的是批复的指标值，年底自评换成低的，得分就高了。确实批准调整过的，要能说明。

    ## 例
    查出：监控表写“≥200人”，自评表写“≥150人”
    不查：监控表写“≥”“200”“人”，自评表写“≥200人”

    ## 怎么改
    改回批复的指标值；批准调整过的，放行并写明文号。

    ## 依据
    绩效目标一经批复，不得自行调整；两张表说的是同一个年度指标值。
    """
    yield from ()


@check(BELOW_MIDYEAR, ERROR, since="0.2")
def below_midyear(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """全年完成的、支出的比年中还少。

    ## 为什么
    数量和支出从 1 月累计起，只增不减；年底反而少了，两张表里总有一张填错了。

    ## 例
    查出：监控表 7 月完成 120 人，自评表全年完成 90 人
    不查：监控表 7 月满意度 95%，自评表全年 93%

    ## 怎么改
    核对两张表的原始记录，改正填错的一张。

    ## 依据
    累计数不会减少。比率、成本、“≤”的指标不比。
    """
    yield from ()


@check(DROPPED, ERROR, since="0.2")
def indicator_dropped(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """监控表上有的指标，自评表上没有。

    ## 为什么
    年中完成得不好的指标，年底不见了，是审核时最先查的。

    ## 例
    查出：监控表有“培训人数”，自评表没有
    不查：两张表的指标名称一样

    ## 怎么改
    补上这个指标；批准取消的，放行并写明文号。

    ## 依据
    自评的指标就是批复、监控的指标。
    """
    yield from ()


@check(BUDGET_DIFFERS, HINT, since="0.2")
def budget_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """年初预算数和监控表上的不一样。

    ## 为什么
    年初预算是批复的，到年底也不变；变了的是全年（调整后）预算数。

    ## 例
    查出：监控表年初预算 240 万元，自评表年初预算 200 万元
    不查：监控表 240 万元，自评表 2400000 元

    ## 怎么改
    核对批复，改正填错的一张。

    ## 依据
    两张表说的是同一个年初预算数。
    """
    yield from ()


@check(OTHER_PROJECT, HINT, since="0.2")
def other_project(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """给的监控表不是这个项目的。

    ## 为什么
    项目名称不一致，就没有和监控表核对；不说出来，会以为核对过了。

    ## 例
    查出：自评表是“会议服务”，给的监控表是“物业管理费”
    不查：项目名称一样

    ## 怎么改
    换成这个项目的监控表；改过名称的，两张表写成一样的。

    ## 依据
    监控和自评是同一个项目的两张表。
    """
    yield from ()
