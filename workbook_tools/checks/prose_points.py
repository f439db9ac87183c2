"""R: what texts say of the total, the grade, scores, weights, and how many indicators there are."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.told import wrong
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme


@check("R110", ERROR, since="0.1")
def total_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的总分和表里的不一样。

    ## 为什么
    正文的总分和表里的总分是同一个数，只能有一个是对的。

    ## 例
    查出：（广州）问题 = 绩效自评分值为99.8分
    不查：（广州）问题 = 绩效自评分值为99.7分
    不判：（广州）问题 = 上年绩效自评分值为98分

    ## 怎么改
    改成一致的数。

    ## 依据
    公开的报告中正文写 84.47 分，表里是另一个数。
    """
    yield from wrong(form, scores, scheme, "total")


@check("R111", ERROR, since="0.1")
def grade_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的等级和表里的不一样。

    ## 为什么
    正文写“良”，表里是“优”，看的人不知道信哪一个。

    ## 例
    查出：（中山）完成情况 = 自评绩效等级为“良”
    不查：（中山）完成情况 = 自评绩效等级为“优秀”
    不判：（中山）完成情况 = 上年自评绩效等级为“良”

    ## 怎么改
    改成一致的等级。

    ## 依据
    表上印的等级。
    """
    yield from wrong(form, scores, scheme, "grade")


@check("R112", HINT, since="0.1")
def subtotal_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里一组指标的得分和表里的不一样。

    ## 为什么
    “产出指标49.7分”是这一组各行得分之和。

    ## 例
    查出：（广州）问题 = 产出指标49.8分
    不查：（广州）问题 = 产出指标49.7分
    不判：（广州）问题 = 安全和质量指标20.5分

    ## 怎么改
    改成一致的数。

    ## 依据
    表上各行的得分。
    """
    yield from wrong(form, scores, scheme, "subtotal")


@check("R113", HINT, since="0.1")
def score_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里一个指标的得分和表里的不一样。

    ## 为什么
    “达到年度指标值，得分13分”是表里这一行的得分。

    ## 例
    查出：（广州）问题 = 话务平台可用率99.99%，达到年度指标值，得分12分
    不查：（广州）问题 = 话务平台可用率99.99%，达到年度指标值，得分13分
    不判：（广州）问题 = 平台可靠率得分12分

    ## 怎么改
    改成一致的数。

    ## 依据
    表上这一行的得分。
    """
    yield from wrong(form, scores, scheme, "row_score")


@check("R114", HINT, since="0.1")
def deduction_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里扣的分不是表里少得的分。

    ## 为什么
    “主要扣分点是甲，扣0.3分”：扣的分等于这一行的分值减得分。

    ## 例
    查出：（广州）问题 = 主要扣分点是月度话务接通率，扣0.4分
    不查：（广州）问题 = 主要扣分点是月度话务接通率，扣0.3分
    不判：（广州）问题 = 按规则每下降1%扣0.4分

    ## 怎么改
    改成一致的数。

    ## 依据
    表上这一行的分值和得分。
    """
    yield from wrong(form, scores, scheme, "deduction")


@check("R115", HINT, since="0.1")
def weight_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的分值、权重和表里的不一样。

    ## 为什么
    “权重为12分”是表里这一行的分值；后面分别列出的，加起来等于前面的数。

    ## 例
    查出：（广州）问题 = 月度话务接通率权重为15分
    不查：（广州）问题 = 月度话务接通率权重为12分
    不判：（广州）问题 = 其他指标权重为15分

    ## 怎么改
    改成一致的数。

    ## 依据
    表上印的分值（权重）。
    """
    yield from wrong(form, scores, scheme, "weight")


@check("R116", HINT, since="0.1")
def count_of_indicators_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里说的指标个数和表里的不一样。

    ## 为什么
    “设置7个绩效量化指标”：表里就应当有 7 行。

    ## 例
    查出：（广州）问题 = 设置8个绩效量化指标
    不查：（广州）问题 = 设置7个绩效量化指标
    不判：（广州）问题 = 每月对28个指标开展月度考核

    ## 怎么改
    改成表里的个数。

    ## 依据
    表上的各行。
    """
    yield from wrong(form, scores, scheme, "count")


@check("R117", HINT, since="0.1")
def met_or_missed_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字说一个指标达到（没有达到），表里相反。

    ## 为什么
    正文说“接通率达到年度指标值”，表里的完成值却没有达到。

    ## 例
    查出：（广州）问题 = 月度话务接通率达到年度指标值
    不查：（广州）问题 = “月度话务接通率”未达到目标值
    不判：（广州）问题 = 接通率达到年度指标值

    ## 怎么改
    改正文，或者核对表里的完成值。

    ## 依据
    表上的指标值和完成值。
    """
    yield from wrong(form, scores, scheme, "met")


@check("R118", HINT, since="0.1")
def target_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的指标值和表里的不一样。

    ## 为什么
    “不低于95%”是表里这一行的指标值。

    ## 例
    查出：（广州）问题 = 月度话务接通率不低于96%
    不查：（广州）问题 = 月度话务接通率不低于95%
    不判：（广州）问题 = 平台接通率不低于60%

    ## 怎么改
    改成一致的数。

    ## 依据
    表上印的指标值。
    """
    yield from wrong(form, scores, scheme, "target")
