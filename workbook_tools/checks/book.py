"""Checks of a whole workbook: their pages stand here, they are found by `checking`, which sees more than one form."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme

HIDDEN_SHEET, STALE, OTHER_RESULT, NOT_APPROVED = "F108", "F109", "S111", "T121"
NOT_RECALCULATED = "F117"
UNSEEN = "F118"
NOT_A_FORM = "F122"
OUTSIDE, MACROS, COMMENTS, PERSONAL = "F110", "F111", "F112", "F113"
CODES = (
    HIDDEN_SHEET,
    STALE,
    OUTSIDE,
    MACROS,
    COMMENTS,
    PERSONAL,
    NOT_RECALCULATED,
    UNSEEN,
    NOT_A_FORM,
    OTHER_RESULT,
    NOT_APPROVED,
)


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


@check(NOT_A_FORM, HINT, since="0.2")
def table_without_form(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """另有一张表没有核对。

    ## 为什么
    同一个工作簿里还有像自评表的表：只有一半、只有目标、是年中的监控表，就不能核对；不说出来，会以为都核对过了。

    ## 例
    查出：工作簿里另有一张只有目标的表“目标”
    不查：工作簿里另有一张“通讯录”

    ## 怎么改
    是自评表的，按提示补齐，再检查一遍；不是的，不用改。

    ## 依据
    没有核对的列出来。
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
    用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存。表里各栏的公式总是检查；加 --recalc 时别处的公式也检查。

    ## 依据
    工作簿自己的公式，由 ironcalc 独立重算；加 --recalc 时由 formulas 或 LibreOffice 再算一遍。
    """
    yield from ()


@check(NOT_RECALCULATED, HINT, since="0.1")
def formula_not_recalculated(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """公式不能重算，结果没有核对。

    ## 为什么
    公式引用了别的文件，或者用了本工具不支持的函数，保存的结果是否正确，本工具无法确定。

    ## 例
    查出：总分的公式是 =[底稿.xlsx]Sheet1!B3，保存的结果是 98
    不查：总分的公式是 =SUM(H5,G10:G16)

    ## 怎么改
    用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，看结果变不变；引用别的文件的，断开链接，把数留下。

    ## 依据
    工作簿自己的公式，由 ironcalc 独立重算。
    """
    yield from ()


@check(UNSEEN, HINT, since="0.1")
def only_values_read(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """不是 .xlsx 文件，只看了保存的值。

    ## 为什么
    .xls、.et、.ods、.xlsb 文件里的公式不能重算，批注、图片、字体没有看；没有看的，不等于没有问题。

    ## 例
    查出：自评表是 .xls 文件
    不查：自评表是 .xlsx 文件

    ## 怎么改
    用 Excel 或 WPS 打开，另存为 .xlsx 再查；用 fill_form 填写时会自己转成 .xlsx。

    ## 依据
    没有看的要说明。
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
    改公式，或者用 workbook_tools new 生成的空白表。保存的结果就不符合办法的，不加 --recalc 时只报 S101 等。

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


@check(OUTSIDE, ERROR, since="0.1")
def outside_link(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """工作簿链接到别的文件，或者连到网上。

    ## 为什么
    收件人没有那个文件，打开时会提示更新链接，数会变成错误值；链接里还带着您电脑上的路径。到网上取数的公式打开时会向外发送数据。

    ## 例
    查出：有公式引用 [底稿.xlsx]Sheet1!B3
    不查：公式只引用本工作簿的格

    ## 怎么改
    数据 → 编辑链接 → 断开链接，把数留下。发送邮件时才检查这一项。

    ## 依据
    报送的表应当自己完整。
    """
    yield from ()


@check(MACROS, HINT, since="0.1")
def macros_inside(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """工作簿里有宏。

    ## 为什么
    许多邮件服务器不收带宏的附件，收件人打开也会看到安全警告。

    ## 例
    查出：工作簿是 .xlsm，里面有 VBA
    不查：工作簿没有 VBA

    ## 怎么改
    另存为 .xlsx 再发。发送邮件时才检查这一项。

    ## 依据
    常见邮件系统的附件规定。
    """
    yield from ()


@check(COMMENTS, HINT, since="0.1")
def comments_inside(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """工作簿里有批注。

    ## 为什么
    单位内部讨论的话、校验加的批注，会随文件一起发出去。

    ## 例
    查出：有一张工作表带批注
    不查：没有批注

    ## 怎么改
    审阅 → 删除批注；校验加的批注点“清除标注”。有意留给对方看的可以不删。发送邮件时才检查这一项。

    ## 依据
    报送的表只留该给对方看的内容。
    """
    yield from ()


@check(PERSONAL, HINT, since="0.1")
def personal_information(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文件属性里有个人信息。

    ## 为什么
    作者、最后修改人、公司、经理这些属性会随文件发出去。

    ## 例
    查出：文件属性的作者是“张三”
    不查：文件属性里没有人名

    ## 怎么改
    文件 → 信息 → 检查文档 → 删除文档属性和个人信息。发送邮件时才检查这一项。

    ## 依据
    个人信息只提供必要的。
    """
    yield from ()
