"""C: the texts, the money and the result of a form held against its form of an earlier year."""

from __future__ import annotations

from decimal import Decimal

from workbook_tools.checks.compared import ComparedForm, ComparedRow, YearPair, measures, shortened, without_years
from workbook_tools.checks.registry import CHECKS, HINT, INFORMATION, cross_check
from workbook_tools.checks.years import Found, change_in_words
from workbook_tools.forms.form import Field
from workbook_tools.values import HUNDRED, plain, round_half_up


@cross_check("C110", HINT, since="0.2")
def text_is_last_year_s(pair: YearPair) -> Found:
    """完成情况、原因和上年完全相同。

    ## 为什么
    完成情况、偏差原因每年不同；除了年度完全相同的，多半是照抄上年的。

    ## 例
    查出：上年机制原因 = 制度刚刚建立，还需要在明年的工作中逐步落实完善；机制原因 = 制度刚刚建立，还需要在明年的工作中逐步落实完善
    不查：上年机制原因 = 制度刚刚建立，还需要在明年的工作中逐步落实完善；机制原因 = 两个部门的办法没有衔接好，今年六月已经修订

    ## 怎么改
    按今年的实际情况写。

    ## 依据
    常见的审核要求，没有读到原文。
    """
    yield from _same_texts(pair, ("result", "late", "deviation", "reason", "problems", "achievements"))


@cross_check("C111", INFORMATION, since="0.2")
def goal_is_last_year_s(pair: YearPair) -> Found:
    """年度目标和上年完全相同。

    ## 为什么
    连续几年的项目，目标可以一样；也可能是没有按今年的任务重新写。

    ## 例
    查出：上年目标 = 培训城乡劳动者二百人，提高就业能力，服务对象满意；目标 = 培训城乡劳动者二百人，提高就业能力，服务对象满意
    不查：上年目标 = 培训城乡劳动者二百人，提高就业能力，服务对象满意；目标 = 培训城乡劳动者三百人，开办夜校，建立回访制度

    ## 怎么改
    核对是不是今年批复的目标。

    ## 依据
    常见的审核要求，没有读到原文。
    """
    yield from _same_texts(pair, ("goal", "revised_goal"))


@cross_check("C112", HINT, since="0.2")
def measures_are_last_year_s(pair: YearPair) -> Found:
    """改进措施和上年完全相同。

    ## 为什么
    上年写了要改进，今年还是同样的措施，说明没有落实。

    ## 例
    查出：（广州）上年改进 = 一是加强资源协调调度，二是完善突发事件应急预案；改进 = 一是加强资源协调调度，二是完善突发事件应急预案
    不查：（广州）上年改进 = 一是加强资源协调调度，二是完善突发事件应急预案；改进 = 上年的措施已经落实，今年增加夜班坐席六十个

    ## 怎么改
    写明上年的措施做了没有，今年还要做什么。

    ## 依据
    绩效评价结果应当与改进管理挂钩（常见的要求，没有读到原文）。
    """
    yield from _same_texts(pair, ("improvements",))


def _same_texts(pair: YearPair, ideas: tuple[str, ...]) -> Found:
    """The texts that say the same in both years, but for the year."""
    least, names = measures()["least"]["text"], measures()["texts"]
    before = {_text_key(text.words): text for text in pair.last.texts if text.idea in ideas}
    for text in pair.this.texts:
        same = before.get(_text_key(text.words)) if text.idea in ideas else None
        if same and len(_text_key(text.words)) >= least:
            said = f"{names[text.idea]}和{pair.before}完全相同：“{shortened(text.words, 30)}”"
            yield text.field, f"{said}；请按今年的情况写", same.field


def _text_key(words: str) -> str:
    return without_years(words).rstrip("。;")


@cross_check("C113", INFORMATION, since="0.2")
def unit_cost_has_changed(pair: YearPair) -> Found:
    """单位成本比上年高或低一半以上。

    ## 为什么
    同样的事，每人、每个花的钱差这么多，要看原因。只在两年都只有一个数量指标、单位相同、支出都知道的时候算：支出 ÷ 完成值。

    ## 例
    查出：上年培训人数完成值 = 90人
    不查：上年培训人数完成值 = 205人

    ## 怎么改
    核对支出和数量；属实的，说明成本变化的原因。

    ## 依据
    单位成本 = 支出 ÷ 数量；一半是本工具定的。
    """
    last, this = _only_quantity(pair.last), _only_quantity(pair.this)
    if (last, this) not in [(one, other) for one, other in pair.rows] or last is None or this is None:
        return
    before, now = last.actual, this.actual
    if pair.last.spent is None or pair.this.spent is None or before is None or now is None or before.unit != now.unit:
        return
    if before.number <= 0 or now.number <= 0 or pair.last.spent <= 0 or before.over or now.over:
        return
    cost = (pair.last.spent / before.number, pair.this.spent / now.number)
    if abs(cost[1] - cost[0]) * HUNDRED >= cost[0] * Decimal(measures()["change"]["cost"]):
        each = [plain(round_half_up(one * 10_000, 2)) for one in cost]
        said = f"支出 ÷ “{shortened(this.name)}”：{pair.before} {each[0]} 元/{now.unit}，今年 {each[1]} 元/{now.unit}"
        yield f"{this.field}.actual", f"{said}，{change_in_words(*cost)}", f"{last.field}.actual"


def _only_quantity(form: ComparedForm) -> ComparedRow | None:
    """The only row of the 数量指标 of a form; None where it has none or several, or counts no things."""
    rows = [row for row in form.rows if "数量" in row.kind]
    counted = len(rows) == 1 and rows[0].actual is not None and rows[0].actual.unit not in ("", "%", "元")
    return rows[0] if counted else None


@cross_check("C114", INFORMATION, since="0.2")
def total_or_grade_has_changed(pair: YearPair) -> Found:
    """等级变了，或者总分变化很大。

    ## 为什么
    看得出哪些项目进步了、退步了。

    ## 例
    查出：上年总分 = 78
    不查：上年总分 = 96

    ## 怎么改
    不用改；退步的看原因，进步很大的看得分的依据。

    ## 依据
    10 分是本工具定的。
    """
    last, this = pair.last, pair.this
    if last.grade and this.grade and last.grade != this.grade:
        yield "grade", f"{pair.before}“{last.grade}”，今年“{this.grade}”", "grade"
        return
    if last.total is None or this.total is None:
        return
    if abs(this.total - last.total) >= measures()["change"]["total"]:
        yield "total", f"{pair.before} {plain(last.total)} 分，今年 {plain(this.total)} 分", "total"


@cross_check("C115", INFORMATION, since="0.2")
def execution_has_changed(pair: YearPair) -> Found:
    """执行率变化很大。

    ## 为什么
    执行率一下子高了或低了很多，预算可能没有编准，或者项目没有做完。

    ## 例
    查出：（四川）上年支出 = 60
    不查：（四川）上年支出 = 88

    ## 怎么改
    不用改；看原因。

    ## 依据
    20 个百分点是本工具定的。
    """
    before, now = pair.last.execution, pair.this.execution
    if before is not None and now is not None and abs(now - before) >= measures()["change"]["execution"]:
        said = [plain(round_half_up(one, 2)) for one in (before, now)]
        yield "budget.execution", f"执行率{pair.before} {said[0]}%，今年 {said[1]}%", "budget.execution"


@cross_check("C116", HINT, since="0.2")
def faults_come_back(pair: YearPair) -> Found:
    """上年查出的问题，今年还有。

    ## 为什么
    同一个地方、同样的问题，上年没有改，今年又出现了。已经放行的不算。

    ## 例
    查出：上年完成值 = ≥200人；完成值 = ≥210人
    不查：上年完成值 = ≥200人；完成值 = 210人

    ## 怎么改
    用 workbook_tools check 看今年的表，逐条改正；不用改的，写明理由放行。

    ## 依据
    评价发现的问题应当整改（常见的要求，没有读到原文）。
    """
    before = {(fault.code, fault.place): fault for fault in pair.last.faults}
    again: dict[str, list[tuple[Field, Field, str]]] = {}
    for fault in pair.this.faults:
        if same := before.get((fault.code, fault.place)):
            again.setdefault(fault.code, []).append((fault.field, same.field, fault.name))
    for code, places in sorted(again.items()):
        (at, other, _), count = places[0], len(places)
        named = "、".join(
            f"“{shortened(name, 16)}”" for name in dict.fromkeys(name for _, _, name in places[:3]) if name
        )
        where = f"（{named}{'等' if count > 3 else ''}）" if named else ""
        yield at, f"{code} {CHECKS[code].title}，{pair.before}也有：{count} 处{where}", other
