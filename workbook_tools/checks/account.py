"""F: what was not read, and what a form leaves open: no cell with words is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.checks.registry import HINT, UNCHECKED, Found, check
from workbook_tools.forms.form import Field, Form, Left, Remainder, Scores
from workbook_tools.schemes.scheme import Scheme

MOST, LONGEST = 3, 20  # words that a finding shows, and characters of each
OWN = "请自己核对"
READABLE: tuple[Left, ...] = ("cells", "heading", "table")
BUDGETS = {"initial": "年初预算数", "revised": "全年预算数"}


@check("F123", HINT, since="0.2")
def words_not_read(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """有内容没有读到。

    ## 为什么
    这些字不在任何一栏里，也不是表头、标签和说明，就没有参加核对；可能是填错了格子，或者表头、标签改动过。

    ## 例
    查出：单元格 J10 = 按季度统计
    不查：三级指标 = 培训班次

    ## 怎么改
    填错了格子的，移到该填的地方；只是自己记的，报送前删去。

    ## 依据
    没有读到的内容一格一格列出来，不当作没有。
    """
    for field, left in _left(form, *READABLE):
        if not left.numbers:
            yield field, _not_read(left)
    for field, left in _left(form, "labels"):
        pairs = "、".join(f"{label} {figure}" for label, figure in zip(left.words, left.numbers, strict=False))
        yield field, f"{left.count} 个标签不知道是什么，后面的数没有核对：{pairs}；{OWN}"


@check("F119", UNCHECKED, since="0.2")
def figures_not_read(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """有数没有核对。

    ## 为什么
    不知道是哪一栏的数，就不能参加计算；它上面的表头认不出，或者表头、标签改动过、删掉了。

    ## 例
    查出：单元格 J10 = 35.2
    不查：得分 = 20

    ## 怎么改
    把表头改回原表印的字；填错了格子的，移到该填的地方；原表就是这样印的，请自己核对。

    ## 依据
    不能确定的不算；没有核对的列出来。
    """
    for field, left in _left(form, *READABLE):
        if left.numbers:
            yield field, _not_read(left)


def _not_read(left: Remainder) -> str:
    """What was not read, and what to do."""
    said = "、".join(f"“{_short(words)}”" for words in (left.numbers or left.words)[:MOST])
    figures = f" {len(left.numbers)} 个数" if left.numbers else f" {left.count} 格"
    if left.what == "heading":
        cure = f"请改回原表的表头；原表就是这样印的，{OWN}"
        return f"表头“{left.words[0]}”认不出，这一列的{figures}（{left.where}）没有核对；{cure}"
    if left.what == "table":
        title = f"“{left.words[0]}”（{left.where}）" if left.words[0] else f"{left.where} 的表"
        return f"{title}不是评分办法里的表，里面的{figures}没有核对；{OWN}"
    cure = "请看表头、标签有没有改动或删掉，有没有填错格子"
    if left.count > 1:
        more = f"，其中 {len(left.numbers)} 个是数" if left.numbers else ""
        return f"{left.where} 有 {left.count} 格没有读到{more}（{said} 等），没有核对；{cure}"
    return f"{said}不知道是哪一栏的{'数' if left.numbers else '内容'}，没有核对；{cure}"


@check("F120", UNCHECKED, since="0.2")
def open_question(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """表上没有说清楚，没有核对。

    ## 为什么
    同一种数有两列、合计行的一个数两种解释都对：取哪一个，表上没有写，猜错了得分就错。

    ## 例
    查出：（通用）单元格 H9 = 得分
    不查：（通用）单元格 H9 = 备注

    ## 怎么改
    把表头写明，不用的一列删去，再检查一遍。

    ## 依据
    不能确定的问人，不猜。
    """
    for field, left in _left(form, "columns"):
        headings = "、".join(f"“{words}”" for words in left.words)
        yield (
            field,
            f"{left.where} 的表头{headings}是同一种数，不知道以哪一列为准，都没有核对；请删去或改写其中一个表头",
        )
    for field, left in _left(form, "budget"):
        choices = "”或“".join(BUDGETS.values())
        said = "不知道是年初预算还是调整后的预算，执行率没有核对"
        yield field, f"预算只有“{left.words[0]}”一列，{said}；请把表头写成“{choices}”"
    for field, left in _left(form, "total"):
        said = f"合计行只有 {left.words[0]}，正好也是各行分值的和，不知道它是总分还是分值的合计"
        yield field, f"{said}，总分没有核对；请把两个数分两格填"
    for field, left in _left(form, "money"):
        said = f"有 {left.count} 处金额（{left.where}），没有一处写明是资金总额，不知道以哪一处为准"
        yield field, f"{said}，金额没有核对；请在总额一行写上“年度资金总额”"


@check("F121", HINT, since="0.2")
def target_before_adjustment(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值用的是年初的。

    ## 为什么
    调整后的指标值空着，只能用年初的指标值核对；年中调整过的，结果就不对。

    ## 例
    查出：（年初值）培训人数指标值 =
    不查：（年初值）培训人数指标值 = ≥200人

    ## 怎么改
    没有调整过的，不用改；调整过的，填上调整后的指标值。

    ## 依据
    表上印了年初和调整后两列指标值。
    """
    for field, left in _left(form, "target"):
        yield field, f"{left.where} 有 {left.count} 个指标没有填调整后的指标值，按年初的指标值核对；调整过的请填上"


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _left(form: Form, *kinds: Left) -> Iterator[tuple[Field, Remainder]]:
    return ((field, left) for field, left in form.left.items() if left.what in kinds)
