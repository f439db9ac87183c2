"""R: what texts say of indicators, money and rates, and their own arithmetic."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.told import wrong
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.text import regex


@check("R103", HINT, since="0.1")
def text_says_another_figure(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的数和表里的不一样。

    ## 为什么
    正文写 148 批次、表里写 14 批次，看的人不知道信哪一个。

    ## 例
    查出：（广州）问题 = 话务平台可用率99.9%
    不查：（广州）问题 = 话务平台可用率99.99%
    不判：（广州）问题 = 上年话务平台可用率99.9%

    ## 怎么改
    改成一致的数。

    ## 依据
    公开的自评表中正文与表格的数不一致的有多份。
    """
    yield from wrong(form, scores, scheme, "actual")


@check("R104", HINT, since="0.1")
def all_done_but_one(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字说全部完成，表里有没有完成的。

    ## 为什么
    正文说“全部指标达到”，表里却有一行没有达到。

    ## 例
    查出：（广州）问题 = 全部指标达标
    不查：（广州）问题 = 大部分指标达标
    不判：（广州）问题 = 除个别指标外，全部指标达标

    ## 怎么改
    改正文，或者核对表里的完成值。

    ## 依据
    湖北一份公开的自评结果写“未完成(无)”，家长满意度却没有达到。
    """
    yield from wrong(form, scores, scheme, "all_done")


@check("R105", HINT, since="0.1")
def money_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的金额，表里没有。

    ## 为什么
    节约、调整的金额是表里两个数相减；与表里的金额只差一位的，多半是抄错了。

    ## 例
    查出：（广州）问题 = 累计支付服务费13,410.16万元
    不查：（广州）问题 = 累计支付服务费13,410.06万元
    不判：（广州）问题 = 其他单位同类项目支出9,000.00万元

    ## 怎么改
    改成一致的数；确实是另一笔钱的，写明是哪一笔。

    ## 依据
    公开的自评表中正文写 174 万元、表里写 202.64 万元。
    """
    yield from wrong(form, scores, scheme, "money")


@check("R106", HINT, since="0.1")
def quotient_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的两个数相除，和写的比率不一样。

    ## 为什么
    “总时长525600分钟，正常运行525585分钟，可用率99.99%”：相除是 99.997%，四舍五入应写 100.00%。

    ## 例
    查出：（广州）问题 = 平台服务总时长525600分钟，正常运行时长525585分钟，可用率99.99%
    不查：（广州）问题 = 总呼入数11666777次，总接通数为10975138次，接通率为94.07%
    不判：（广州）问题 = 受理300件，转办200件，办结100件，办结率60%

    ## 怎么改
    核对两个数和比率；比率四舍五入，不要舍去。

    ## 依据
    比率是前面两个数相除。
    """
    yield from wrong(form, scores, scheme, "quotient")


@check("R107", HINT, since="0.1")
def count_of_points_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """说有几个方面，写出来的不是几个。

    ## 为什么
    “从两方面改进：一是……二是……三是……四是……”，改稿时前面的数没有跟着改。

    ## 例
    查出：（广州）问题 = 将从两方面改进：一是加强调度，二是完善预案，三是科学评估
    不查：（广州）问题 = 将从三方面改进：一是加强调度，二是完善预案，三是科学评估
    不判：（广州）问题 = 将从两方面改进，具体见附件

    ## 怎么改
    改成实际写出的个数。

    ## 依据
    前后应当一致。
    """
    yield from wrong(form, scores, scheme, "listing")


@check("R108", HINT, since="0.1")
def no_number_lies_between(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """写的区间里一个数也没有。

    ## 为什么
    “良（80≥得分≥90分）”：没有一个数既不大于80、又不小于90，符号写反了，照它什么等级也评不出来。

    ## 例
    查出：（广州）问题 = 判定标准：优（得分≥90分）、良（80≥得分≥90分）
    不查：（广州）问题 = 判定标准：优（得分≥90分）、良（80≤得分<90分）
    不判：（广州）问题 = 判定标准：优（得分≥90分）

    ## 怎么改
    把“≥”“≤”改过来，如“80≤得分<90”。

    ## 依据
    分数≥90分为优、80≤分数<90分为良、60分≤分数<80分为中、分数<60分为差（中山市附件1-1）。
    """
    ranges: dict[str, list[str]] = {}
    for field, written in wrong(form, scores, scheme, "band"):
        ranges.setdefault(field, []).append(written)
    for field, found in ranges.items():
        yield field, f"“{'”“'.join(found)}”里一个数也没有，符号写反了；请改正"


@check("R119", ERROR, since="0.1")
def rate_of_execution_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的预算执行率和表里的不一样。

    ## 为什么
    预算执行率是支出除以预算，正文和表里应当是一个数。

    ## 例
    查出：（广州）问题 = 项目预算执行率98%
    不查：（广州）问题 = 项目预算执行率100%
    不判：（广州）问题 = 其中专项资金预算执行率98%

    ## 怎么改
    改成一致的数。

    ## 依据
    表上印的预算执行率。
    """
    yield from wrong(form, scores, scheme, "rate")


@check("R125", ERROR, since="0.1")
def own_money_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的预算、支出和表里的不一样。

    ## 为什么
    同一笔钱，正文和表里应当是一个数；元和万元换算以后比。

    ## 例
    查出：（广州）问题 = 年度预算执行资金为13,410.60万元
    不查：（广州）问题 = 年度预算执行资金为13,410.06万元，即支出134,100,600.00元
    不判：（广州）问题 = 其中专项资金支出13,000.00万元

    ## 怎么改
    改成一致的数。

    ## 依据
    公开的自评表中正文写 174 万元、表里写 202.64 万元。
    """
    yield from wrong(form, scores, scheme, "own_money")


UNFINISHED = "R126"
_TO_WRITE = regex("【(?:请填写|待定)[：:]?[^】]{0,60}】?", needs="【")


@check(UNFINISHED, ERROR, since="0.1")
def unfinished_text(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里有没有写完的地方。

    ## 为什么
    生成的报告里，要人写的地方标着【请填写】，表上还没有定的标着【待定】；没有写就报送，等于没有写完。

    ## 例
    查出：（广州）问题 = 【请填写：评价中发现的问题】
    不查：（广州）问题 = 部分月份接通率不达标。
    不判：（广州）问题 = 部分材料待定，请填写人员补齐

    ## 怎么改
    写好，把方括号删去；【待定】的，先在自评表上填好，再更新报告。

    ## 依据
    报告要写完整。
    """
    for field, words in (form.report.paragraphs if form.report else form.texts).items():
        if found := _TO_WRITE.search(words):
            yield field, f"还没有写完：“{found[0]}”；请写好"


@check("R127", HINT, since="0.2")
def title_of_the_report_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """报告的题目和自评表的年度、项目不一样。

    ## 为什么
    用上年的报告改，题目里的年度没有改；或者拿错了别的项目的报告。

    ## 例
    查出：（部门评价）报告 = 2022年度热线外包项目绩效评价报告
    不查：（部门评价）报告 = 2023年度热线外包项目绩效评价报告
    不判：（部门评价）报告 = 2020年度至2022年度热线外包项目绩效评价报告

    ## 怎么改
    改题目，或者换成这张自评表的报告。

    ## 依据
    报告写的就是这张自评表的年度和项目。
    """
    yield from wrong(form, scores, scheme, "heading")
