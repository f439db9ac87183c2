"""T: comparisons of figures: rates, monthly statistics and the values computed from them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import OVER, differing, no_reason, over_target, rows, target_field, unsigned
from workbook_tools.forms.form import Form, Indicator, Scores
from workbook_tools.moments import in_time, read_moment
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import ORDINARY, actual_words, compare_row, qualitative, says_met, target_words
from workbook_tools.text import regex
from workbook_tools.values import Quantity, format_value, normalize, plain, read_quantity, read_target

_DATES = regex(r"(?:(?:完成)?(?:时间|期限)[为是:]?)?[\d年月日号季度第一二三四前后底末至到、.~～/-]+(?:完成)?")
_CATEGORIES = ("级别", "等级", "类别", "类型", "名称")  # of what was done nothing else can be said (市级保护单位)
_TO = regex(r"(?<=.)[-~至到](?=\d)")
LONG = 6  # characters: 及时 and 全部完成 are said of anything


@check("T115", ERROR, since="0.1")
def rate_differs_from_values(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成率与完成值、指标值不一致。

    ## 为什么
    完成率 = 完成值 ÷ 指标值。

    ## 例
    查出：（中山）完成率 = 80%
    不查：（中山）完成率 = 100.00%

    ## 怎么改
    核对完成值，改完成率。

    ## 依据
    完成率 (定量指标=完成值/指标值*100%)（中山市附件1-1）。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.startswith("indicators.") and field.endswith(".rate"):
            row = form.indicators[int(field.split(".")[1]) - 1]
            if read_target(target_words(row)) is None and read_quantity(words) is None:
                continue  # 定性指标自行表述: 按时 for a day that was kept
            yield field, f"填 {words}，应为 {wanted}（{why}）"


@check("T116", ERROR, since="0.1")
def actual_differs_from_statistics(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成值和统计表算出来的不一样。

    ## 为什么
    完成值是由各月统计相加、相除得来的。

    ## 例
    查出：（部门评价）话务接通率已实现情况 = 99%
    不查：（部门评价）话务接通率已实现情况 = 96.16%

    ## 怎么改
    核对统计表，改完成值。

    ## 依据
    报告写明各指标由哪两个数相除。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.startswith("indicators.") and field.endswith(".actual"):
            yield field, f"填 {words}，按统计表应为 {wanted}（{why}）"


@check("T117", ERROR, since="0.1")
def statistics_do_not_add_up(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """统计表的合计不是各月之和。

    ## 为什么
    合计错了，年度的比率就可能跟着错。

    ## 例
    查出：（部门评价）呼入量合计 = 14097000
    不查：（部门评价）呼入量合计 = 14097337

    ## 怎么改
    核对各月的数和合计。

    ## 依据
    合计等于各月之和。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.startswith("tables.") and ".total." in field and not field.endswith(".rate"):
            yield field, f"填 {words}，应为 {wanted}（{why}）"


@check("T118", ERROR, since="0.1")
def rate_of_a_month_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """统计表的比率与数值不一致。

    ## 为什么
    比率是同一行两个数相除。

    ## 例
    查出：（部门评价）一月接通率 = 99.96%
    不查：（部门评价）一月接通率 = 96.96%

    ## 怎么改
    核对这一行的数和比率。

    ## 依据
    表上印的各列。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.startswith("tables.") and field.endswith(".rate"):
            yield field, f"填 {words}，应为 {wanted}（{why}）"


@check("T119", HINT, since="0.1")
def contradicts_the_money(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成情况和资金使用互相矛盾。

    ## 为什么
    钱几乎没花，事却干了好几倍；执行率 76%，结余率却写 0：总有一个不对。

    ## 例
    查出：财政拨款执行数 = 0.05；其他资金执行数 = 0.05；全年执行数 = 0.1；执行率 = 0.10%；执行率得分 = 0.01；指标值 = ≥20人
    不查：指标值 = ≥200人

    ## 怎么改
    核对支出数和完成值。

    ## 依据
    郫都 2025 年复核：执行率 0.08%，数量完成 748%。
    """
    line = scores.lines.get("budget.execution")
    rate = getattr(line.value, "number", None) if line else None
    if rate is None:
        return
    for row in rows(form):
        ratio = over_target(row)
        if rate < 1 and ratio is not None and ratio >= OVER:
            yield (
                f"{row.field}.actual",
                f"预算执行率只有 {format_value(line.value)}，这一行却超额完成；请核对" if line and line.value else "",
            )
        left = read_quantity(actual_words(row.words))
        leftover = "结余率" in row.words.name and left is not None and left.number == 0
        if leftover and rate < 95 and not qualitative(row.words):
            yield f"{row.field}.actual", f"结余率写 0，预算执行率却是 {plain(rate.quantize(Decimal('0.01')))}%；请核对"


@check("T120", HINT, since="0.1")
def rate_is_no_percentage(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """名称是“率”，单位却不是百分数。

    ## 为什么
    达标率、出勤率是百分数；写成“≥90分”，就不知道是得分还是比率。

    ## 例
    查出：合格率指标值 = ≥90分；合格率完成值 = 96分
    不查：合格率指标值 = 95%

    ## 怎么改
    按百分数填；或者把名称改成“得分”。

    ## 依据
    公开的绩效目标表中有“云客服服务达标率：≥90分”，报告里却写 98%。
    """
    for row in rows(form):
        unit = row.target.quantity.unit if row.target else ""
        if normalize(row.words.name).endswith("率") and unit not in ("", "%", "‰"):
            yield target_field(row), f"“{row.name}”写“{target_words(row.words)}”，不是百分数；请写成百分数"


@check("T122", HINT, since="0.1")
def nobody_can_compare(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值和完成值无法比较。

    ## 为什么
    指标值“≤20万元”，完成值“198000”：是元还是万元？“≥95%”对“0.96”，是 96% 还是 0.96%？看的人不知道完成没有，得分也没有办法核对。

    ## 例
    查出：单位成本指标值 = ≤20万元；单位成本完成值 = 198000
    不查：单位成本指标值 = ≤20万元；单位成本完成值 = 198000元

    ## 怎么改
    两格写成一样的单位；负数、约数改成实际完成的数。

    ## 依据
    完成值和指标值按比例计分，要先能够相比。
    """
    for row in rows(form):
        target, actual = row.target, row.actual
        if target is None and actual and (span := _span(row.words)) and _outside(actual, *span):
            wanted = (row.words.target or "").strip()
            yield f"{row.field}.actual", f"指标值“{wanted}”是一段范围，完成 {actual} 不在里面，得分没有核对；请核对"
        if row.comparison.met is None and row.score and row.score == row.weight and _late_in(form.year, row.words):
            wanted, done = (row.words.target or "").strip(), (row.words.actual or "").strip()
            said = f"“{wanted}”没有写年份，“{done}”晚于 {form.year} 年的这个期限"
            yield f"{row.field}.actual", f"{said}；请核对是不是逾期"
        if qualitative(row.words) and row.score and row.score == row.weight:
            in_figures = compare_row(replace(row.words, op=None), ORDINARY)
            if in_figures.known and in_figures.met is False:
                said = f"指标性质写“定性”，指标值、完成值却都是数（{in_figures.why}），得分没有核对"
                yield f"{row.field}.actual", f"{said}；请核对指标性质"
        if target is None or actual is None or row.comparison.known or f"{row.field}.actual" in scores.lines:
            continue
        other_units = "" not in (target.quantity.unit, actual.unit) and target.quantity.unit != actual.unit  # T102
        if not other_units and not unsigned(row):  # T114
            yield f"{row.field}.actual", row.comparison.why


def _span(row: Indicator) -> tuple[Quantity, Quantity] | None:
    """The two ends of a target that is a range (95%-98%, 6～9), None where it is anything else."""
    ends = _TO.split(normalize(row.target or ""))
    if len(ends) != 2 or qualitative(row):
        return None
    unit = normalize(row.unit or "")
    last = read_quantity(ends[1] + unit) or read_quantity(ends[1])
    first = read_quantity(ends[0]) if last else None
    if first is None or last is None or first.unit not in ("", last.unit) or first.number >= last.number:
        return None
    return first, last


def _late_in(year: int | None, row: Indicator) -> bool:
    """Whether a day with its year is after a deadline without one, if that is of the year of the form."""
    if year is None:
        return False
    deadline, done = read_moment(f"{year}年{normalize(row.target or '')}"), read_moment(row.actual or "")
    return deadline is not None and done is not None and in_time(deadline, done) is False


def _outside(actual: Quantity, first: Quantity, last: Quantity) -> bool:
    """Whether a figure in the unit of a range, or in none, lies beyond its ends."""
    return actual.unit in ("", last.unit) and not first.number <= actual.number <= last.number


@check("T123", HINT, since="0.1")
def actual_repeats_the_target(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成值和指标值完全相同。

    ## 为什么
    指标值写“制度健全并得到落实”，完成值照抄一遍，无法判断实际做了什么、凭什么算完成。

    ## 例
    查出：机制指标值 = 制度健全并得到落实；机制完成值 = 制度健全并得到落实
    不查：机制指标值 = 制度健全并得到落实；机制完成值 = 修订制度3项，全年无违规

    ## 怎么改
    完成值写实际做到的情况。

    ## 依据
    公开的自评表中照抄指标值的有多份。
    """
    for row in rows(form):
        wanted, done = normalize(target_words(row.words)), normalize(row.words.actual or "")
        said = [part for part in re.split("[;；]", wanted) if len(part) >= LONG]  # one for each row that is merged
        one_of_few = normalize(row.words.name).endswith(_CATEGORIES)
        if wanted == done and not one_of_few and not all(map(_is_figure, said)):
            yield f"{row.field}.actual", f"照抄指标值“{row.words.actual}”；请写实际做到的情况"


def _is_figure(words: str) -> bool:
    """Whether words are a figure or a date, which may well be what was done."""
    dated = read_moment(words) is not None or _DATES.fullmatch(words) is not None
    return dated or read_target(words) is not None


@check("T124", ERROR, since="0.1")
def status_differs_from_values(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """是否达标与完成值不一致。

    ## 为什么
    完成值没有达到指标值，“是否达标”却写“是”；或者达到了却写“否”：至少有一格填错了。

    ## 例
    查出：（河北）完成值 = 450
    不查：（河北）完成值 = 510

    ## 怎么改
    核对指标值和完成值，把“是否达标”（完成情况）改成一致。

    ## 依据
    表上印的“是否达标”“完成情况”一栏，由指标值和完成值决定。
    """
    for row in rows(form):
        met, said = row.comparison.met, says_met(row.words.status)
        if met is not None and said is not None and met != said:
            reached = "达到了" if met else "没有达到"
            yield (
                f"{row.field}.status",
                f"写“{row.words.status}”，{row.comparison.why}，{reached}指标值；请核对，改成一致",
            )


_LEAST, _MOST = (
    ("不低于", "不少于", "不小于", "高于", "超过", "大于"),
    ("不高于", "不超过", "不大于", "不多于", "低于", "小于"),
)
_OF_LAST_YEAR = regex(
    rf"(?P<than>{'|'.join((*_LEAST, *_MOST))})(?:上年|去年|上一年)|"
    r"[比较](?:上年|去年|上一年)(?:度|同期)?(?:有所|明显|稳步|略有)?(?P<turn>增长|增加|提高|提升|上升|下降|减少|降低)",
    needs="上一年|上年|去年|比|较",
)
_FALLING = ("下降", "减少", "降低")


@check("T125", HINT, since="0.1")
def last_year_says_otherwise(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """与上年的数、年初的指标值不一致。

    ## 为什么
    指标值写“不低于上年”，上年完成 220，今年 210，就没有完成；指标值比上年已经做到的还低，或者年中调低了，要说明为什么。

    ## 例
    查出：（上年值）培训人数上年值 = 220人；指标值 = 不低于上年
    不查：（上年值）培训人数上年值 = 190人；指标值 = 不低于上年

    ## 怎么改
    核对上年的数；确实要定低的，在偏差原因里写明。

    ## 依据
    表上印的上年完成值、年初指标值；绩效目标值应参考历史数据确定。
    """
    for row in rows(form):
        last, target, actual = read_quantity(row.words.previous or ""), row.target, row.actual
        wanted = _OF_LAST_YEAR.search(normalize(target_words(row.words)))
        if last and actual and wanted and _alike(last, actual):
            less = wanted["than"] in _MOST or wanted["turn"] in _FALLING
            even = (wanted["than"] or "").startswith("不")
            gap = last.number - actual.number if less else actual.number - last.number
            if gap < 0 or (gap == 0 and not even):
                yield f"{row.field}.actual", f"上年是 {last}，完成 {actual}，没有达到“{wanted[0]}”；请核对"
        first = read_target(row.words.initial or "") if row.words.target else None
        earlier, said = (first.quantity, f"年初指标值是 {first}") if first else (last, f"上年完成值是 {last}")
        if earlier is None or target is None or not _alike(earlier, target.quantity) or not no_reason(row.words.reason):
            continue
        easier = earlier.number - target.quantity.number
        if (easier > 0 and target.op in ("≥", ">")) or (easier < 0 and target.op in ("≤", "<")):
            yield target_field(row), f"指标值 {target}，{said}，定得更低了，没有写原因；请核对"


def _alike(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities may be compared: in one unit, or one of them bare."""
    return one.unit == other.unit or (("" in (one.unit, other.unit)) and "%" not in (one.unit, other.unit))
