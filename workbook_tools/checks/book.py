"""Checks of a whole workbook: their pages stand here, they are found by `checking`, which sees more than one form."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.form import Form, Scores
from workbook_tools.scheme import Scheme

HIDDEN_SHEET, STALE, OTHER_RESULT, NOT_APPROVED = "F108", "F109", "S111", "T121"
CODES = (HIDDEN_SHEET, STALE, OTHER_RESULT, NOT_APPROVED)


class NoWitness(Exception):
    """The formulas of a workbook could not be calculated once more; the message says why."""


@check(HIDDEN_SHEET, HINT, since="0.1")
def hidden_sheet(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """隐藏的工作表里有数。

    ## 为什么
    看不见的工作表也随文件报送出去；里面可能是底稿、别的项目，或者公式引用的数。

    ## 例
    查出：工作簿里有隐藏的工作表“底稿”，A1 是 12.5
    不查：隐藏的工作表是空的

    ## 怎么改
    取消隐藏，让审核的人看得见；不要的删除。

    ## 依据
    报送的表应当看得见全部内容。
    """
    yield from ()


@check(STALE, ERROR, since="0.1")
def stale_formula(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """公式重算的结果和保存的不一样。

    ## 为什么
    关了自动计算，或者用别的程序改过数，表上显示的还是旧的结果。

    ## 例
    查出：D1 是 =SUM(B1:C1)，B1、C1 是 1 和 2，保存的结果是 4
    不查：保存的结果是 3

    ## 怎么改
    用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存。加 --recalc 才检查这一项。

    ## 依据
    工作簿自己的公式，由 formulas 或 LibreOffice 独立重算。
    """
    yield from ()


@check(OTHER_RESULT, ERROR, since="0.1")
def formula_differs_from_rule(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """公式算的和按办法算的不一样。

    ## 为什么
    公式写错了（比如少乘一项、没有封顶），算出来的分就不符合办法。

    ## 例
    查出：得分的公式是 =F10*2，重算得 40，按办法应为 20.00
    不查：得分的公式重算得 20

    ## 怎么改
    改公式，或者用 workbook_tools new 生成的空白表。加 --recalc 才检查这一项。

    ## 依据
    评分办法：workbook_tools schemes show。
    """
    yield from ()


@check(NOT_APPROVED, ERROR, since="0.1")
def target_is_not_the_approved(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值和批复的绩效目标表不一样。

    ## 为什么
    自评要对照批复的绩效目标；把指标值改低、把指标删掉，完成率就不真实。

    ## 例
    查出：绩效目标表批复“云客服人员出勤率 ≥92%”，自评表写“≥90%”
    不查：自评表写“≥92%”

    ## 怎么改
    改回批复的指标值；按程序调整过的，附调整的批复。加 --targets 绩效目标表 才检查这一项。

    ## 依据
    对照批复的绩效目标表填报具体指标名称（中山市附件1-1）。
    """
    yield from ()
