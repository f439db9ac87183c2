"""M: tables of the middle of the year: lights, what is owed in a row, forecasts, the money so far."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import blank
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.describe import OWES
from workbook_tools.schemes.monitoring import Monitoring, Owed, Owes
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.lights import (
    DEVIATIONS,
    PROSPECTS,
    MonitoredRow,
    budget_of,
    light_of,
    money,
    monitored_rows,
)
from workbook_tools.values import agrees, format_value, plain

COUNTED = "数量"  # the kind of what only grows in the course of a year
COLUMNS: dict[Owes, tuple[str, ...]] = {
    "reason": ("reason", *DEVIATIONS),
    "explanation": ("explanation",),
    "expected": ("expected",),
}


def _rows(form: Form, scheme: Scheme) -> Iterator[tuple[MonitoredRow, Monitoring]]:
    """The rows of a monitoring table with its rules; none of a form of the whole year."""
    if scheme.monitoring:
        for row in monitored_rows(form, scheme.monitoring):
            yield row, scheme.monitoring


def _money_rows(form: Form, scheme: Scheme) -> list[Field]:
    numbers = range(1, len(form.sources) + 1)
    return ["budget", *(f"sources.{number}" for number in numbers)] if scheme.monitoring else []


@check("M101", ERROR, since="0.2")
def light_differs_from_rule(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """预警灯不符合规则。

    ## 为什么
    红灯、黄灯是要纠偏的信号，填成绿灯就没有人再看这一行。规则没有读到的，不核对灯。

    ## 例
    查出：（监控）当前完成值 = 3；预警 = 绿灯
    不查：（监控）当前完成值 = 3；预警 = 红灯

    ## 怎么改
    核对当前完成值和监控到几月；都没有错的，改成规则算出的灯。

    ## 依据
    标准值 = 年度指标值*(月份/12)；实际完成值＜标准值*60%,红灯（山西预警规则）；各办法见 workbook_tools schemes show。
    """
    for row, monitoring in _rows(form, scheme):
        line = scores.lines.get(f"{row.field}.light")
        if (
            row.light
            and line
            and isinstance(line.value, str)
            and monitoring.light(row.light) != monitoring.light(line.value)
        ):
            yield f"{row.field}.light", f"填“{row.light}”，按规则是{line.value}（{line.why}）"


@check("M102", ERROR, since="0.2")
def reason_is_owed(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """应写偏差原因，没有写。

    ## 为什么
    亮了红灯、黄灯，或者自己判断完不成的，要说明是经费、制度、人员、硬件条件哪一项没有保障，才谈得上纠偏。

    ## 例
    查出：（监控）当前完成值 = 3；预警 = 红灯
    不查：（监控）当前完成值 = 3；预警 = 红灯；偏差原因 = 人员保障

    ## 怎么改
    选一项偏差原因，有“偏差原因说明”一栏的写清楚是什么情况。

    ## 依据
    序时进度预警是红灯、黄灯的，“偏差原因为必录项”；各地要求不同，见 workbook_tools schemes show。
    """
    yield from _owed(form, scores, scheme, ("reason", "explanation"))


@check("M103", ERROR, since="0.2")
def forecast_is_owed(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """应写全年预计完成情况，没有写。

    ## 为什么
    不能确定完成的，要写明全年预计能完成多少，才知道要不要调整预算和目标。

    ## 例
    查出：（天津监控）可能性 = 有可能；全年预计 = ；偏差原因 = 人员保障；偏差原因说明 = 人手不足
    不查：（天津监控）可能性 = 有可能；全年预计 = 11；偏差原因 = 人员保障；偏差原因说明 = 人手不足

    ## 怎么改
    填写全年预计完成情况。

    ## 依据
    完成可能性是第二、第三档的，“全年预计完成情况为必录项”（天津）。
    """
    yield from _owed(form, scores, scheme, ("expected",))


def _owed(form: Form, scores: Scores, scheme: Scheme, wanted: tuple[Owes, ...]) -> Found:
    for row, monitoring in _rows(form, scheme):
        said = {"reason": row.reason, "explanation": row.explanation, "expected": row.expected}
        lacking: dict[Owes, str] = {}
        for rule in monitoring.owed:
            if why := _applies(rule, row, scores, monitoring):
                lacking |= {
                    what: why for what in rule.what if what in wanted and not said[what] and what not in lacking
                }
        for what, why in lacking.items():
            columns = [column for column in COLUMNS[what] if column in row.columns]
            where = columns[0] if columns else "" if what == "explanation" else "so_far"
            if where:
                yield f"{row.field}.{where}", f"{why}，没有写{OWES[what]}；请填写"


def _applies(rule: Owed, row: MonitoredRow, scores: Scores, monitoring: Monitoring) -> str:
    """Why a rule asks for something in a row, "" where it does not."""
    light = light_of(row, scores, monitoring)
    if rule.when == "light":
        return f"这一行是{monitoring.lights[light]}" if light in rule.lights and light else ""
    if rule.when == "outlook":
        return (
            f"完成目标可能性是“{monitoring.outlooks[row.outlook]}”"
            if row.outlook in rule.outlooks and row.outlook
            else ""
        )
    if rule.when == "reason":
        return f"写了偏差原因“{row.reason}”" if row.reason else ""
    target, reached = row.target, row.quantity(row.so_far)
    beyond = target and reached and target.op == "=" and row.reached(row.so_far).met is not None
    if beyond and target and reached and reached.number > target.quantity.number:
        return f"当前完成 {reached}，已经超过指标值“{target}”"
    return ""


@check("M104", ERROR, since="0.2")
def outlook_contradicts_forecast(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成目标可能性和全年预计互相矛盾。

    ## 为什么
    写“确定能”，全年预计却达不到指标值；或者写“完全不可能”，全年预计已经达到：两处总有一处是错的。

    ## 例
    查出：（监控）可能性 = 确定能；全年预计 = 10
    不查：（监控）可能性 = 有可能；全年预计 = 10

    ## 怎么改
    核对全年预计完成情况，改成一致。

    ## 依据
    两栏说的是同一件事：年底能不能达到年度指标值。
    """
    for row, monitoring in _rows(form, scheme):
        met = row.reached(row.expected).met if row.expected else None
        if met is not None and row.outlook == ("never" if met else "sure"):
            field = next(
                (one for one, prospect in PROSPECTS.items() if prospect == row.outlook and one in row.columns),
                "outlook",
            )
            reaches = "已经达到" if met else "没有达到"
            yield (
                f"{row.field}.{field}",
                (
                    f"写“{monitoring.outlooks[row.outlook]}”，全年预计“{row.expected}”{reaches}指标值“{row.indicator.target}”；请改成一致"
                ),
            )


@check("M105", HINT, since="0.2")
def forecast_below_what_is_reached(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """全年预计比已经完成的还少。

    ## 为什么
    数量和支出只增不减，年底不会比年中少；多半是填错了行，或者填的是下半年的数。

    ## 例
    查出：（监控）全年预计 = 4
    不查：（监控）全年预计 = 12

    ## 怎么改
    全年预计写从 1 月起的累计数。

    ## 依据
    累计数不会减少。
    """
    for row, _ in _rows(form, scheme):
        expected, reached, target = row.quantity(row.expected), row.quantity(row.so_far), row.target
        counted = row.indicator.kind.startswith(COUNTED) and not (target and target.op in ("≤", "<"))
        if (
            counted
            and expected
            and reached
            and expected.unit == reached.unit != "%"
            and expected.number < reached.number
        ):
            yield f"{row.field}.expected", f"全年预计 {expected}，当前已经完成 {reached}；请核对"
    for one in _money_rows(form, scheme):
        whole, part = money(form, f"{one}.expected"), money(form, f"{one}.so_far")
        if whole is not None and part is not None and whole < part:
            yield f"{one}.expected", f"全年预计执行 {plain(whole)}，已经执行 {plain(part)}；请核对"


@check("M106", ERROR, since="0.2")
def money_over_budget(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行数或全年预计超过预算。

    ## 为什么
    没有预算不得支出；已经追加了预算的，预算数要改成追加后的。

    ## 例
    查出：（监控）监控执行数 = 130；预计执行数 = 130；监控执行率 = 108.33%
    不查：（监控）监控执行数 = 66

    ## 怎么改
    核对金额和单位；追加过预算的，改预算数，或加一列“全年预算数”。

    ## 依据
    执行数是预算数的一部分。
    """
    for one in _money_rows(form, scheme):
        base = budget_of(form, one)
        whole = money(form, base) if base else None
        for field, called in ((f"{one}.so_far", "执行数"), (f"{one}.expected", "全年预计执行数")):
            part = money(form, field)
            if whole is not None and part is not None and part > whole:
                yield field, f"{called} {plain(part)} 超过预算数 {plain(whole)}；请核对"


@check("M107", ERROR, since="0.2")
def rate_differs_from_money_so_far(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """年中的执行率与金额不一致。

    ## 为什么
    执行率是执行数除以预算数。写“使用率 100%”的，多半除的是到位的资金，占预算可能只有四分之一。

    ## 例
    查出：（监控）监控执行率 = 100%
    不查：（监控）监控执行率 = 55%

    ## 怎么改
    改成执行数 ÷ 预算数；要说明到位资金用了多少的，写在备注里。

    ## 依据
    预算执行率=预算执行数/预算数；一份公开的监控报告把到位 672.44 万元、支出 672.44 万元写成“使用率100%”，占预算 2646.34 万元是 25.41%。
    """
    for one in _money_rows(form, scheme):
        field = f"{one}.so_far.execution"
        line, printed = scores.lines.get(field), form.words.get(field, "")
        if line is None or line.value is None or blank(printed) or agrees(line.value, printed, 2):
            continue
        received, spent = money(form, f"{one}.received"), money(form, f"{one}.so_far")
        of_received = "；填的是占到位资金的使用率" if received and spent == received else ""
        yield field, f"填 {printed}，应为 {format_value(line.value)}（{line.why}）{of_received}；请核对"


@check("M108", ERROR, since="0.2")
def nothing_so_far(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行数或当前完成值没有填。

    ## 为什么
    监控就是看年中做到了哪里；空着的，灯、执行率都算不出。

    ## 例
    查出：（监控）当前完成值 =
    不查：（监控）当前完成值 = 7

    ## 怎么改
    填写从 1 月起到监控期末的累计数；还没有开始的填 0。

    ## 依据
    监控表的“当前完成值”“执行数”两栏。
    """
    for row, _ in _rows(form, scheme):
        if "so_far" in row.columns and not row.so_far:
            yield f"{row.field}.so_far", "当前完成值没有填；请填写，还没有开始的填 0"
    if scheme.monitoring and form.words.get("budget.so_far") == "":
        yield "budget.so_far", "执行数没有填；请填写，还没有支出的填 0"


@check("M116", HINT, since="0.2")
def outlook_is_none_of_the_choices(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成目标可能性写的不是几种里的一种。

    ## 为什么
    写“能”“不一定”的，不知道算哪一种：要不要写原因、和全年预计一致不一致，都没有核对。

    ## 例
    查出：（监控）可能性 = 不一定
    不查：（监控）可能性 = 有可能；全年预计 = 12

    ## 怎么改
    从下拉列表里选一种；要说明的，写在偏差原因或备注里。

    ## 依据
    监控表的“完成目标可能性”一栏；有哪几种，见 workbook_tools schemes show。
    """
    for row, monitoring in _rows(form, scheme):
        said = form.words.get(f"{row.field}.outlook", "")
        if row.outlook is None and not blank(said):
            yield f"{row.field}.outlook", f"写“{said}”，不知道是哪一种；请选 {'、'.join(monitoring.outlooks.values())}"


@check("M117", ERROR, since="0.2")
def money_is_no_amount(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行数或全年预计执行数写的不是一个数。

    ## 为什么
    写成“二百四十”“约 60”的，执行率算不出，也不知道超没超预算。

    ## 例
    查出：（监控）预计执行数 = 二百四十
    不查：（监控）预计执行数 = 120

    ## 怎么改
    只填数，单位照表头（万元或元）；话写在备注里。

    ## 依据
    监控表的“执行数”“全年预计执行数”两栏是金额。
    """
    for one in _money_rows(form, scheme):
        for field, called in ((f"{one}.so_far", "执行数"), (f"{one}.expected", "全年预计执行数")):
            said = form.words.get(field, "")
            if not blank(said) and money(form, field) is None:
                from workbook_tools.checks.compared import shortened  # most checks hold no two forms together

                yield field, f"{called}写“{shortened(said)}”，不是一个数；请填金额"
