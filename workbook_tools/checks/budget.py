"""B: the money, its rates and what they earn."""

from __future__ import annotations

import re
from decimal import Decimal

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import blank, differing, no_reason, open_texts
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import AMOUNTS, Scheme
from workbook_tools.scoring.comparing import bare
from workbook_tools.scoring.money import in_two_units
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, Quantity, agrees, format_value, plain, read_quantity, round_half_up, scaled

REASON_BELOW = 90  # 510000_0013zp: 预算执行率未达到90%的需说明原因
VAST = Decimal(100_000_000)  # 万元: a thousand billion yuan is no project


def _rates(scheme: Scheme) -> list[str]:
    return [f"budget.{rule.field}" for rule in scheme.budget]


@check("B101", ERROR, since="0.1")
def rate_differs_from_money(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """比率与金额不一致。

    ## 为什么
    执行率、调整率是两个金额相除，金额在表上，比率就只能是一个数。按印出的小数四舍五入的不算错：85.75% 印成 86%、85.8% 都对，印成 86.00% 就错了。

    ## 例
    查出：执行率 = 95%
    不查：执行率 = 90.00%

    ## 怎么改
    核对金额；金额没有错的，改比率。

    ## 依据
    预算执行率=预算执行数/调整后预算数（四川 510000_0013zp 表注）；各办法的算式见 workbook_tools schemes show。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field in _rates(scheme):
            yield field, f"填 {words}，应为 {wanted}（{why}）；请核对金额和比率"


@check("B102", ERROR, since="0.1")
def rate_score_differs_from_rule(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行率的得分不符合办法。

    ## 为什么
    执行率定了，得分就定了：86.2% 得 9 分、89.7% 得 9 分都是公开的表里出现过的错。

    ## 例
    查出：执行率得分 = 9.5
    不查：执行率得分 = 9

    ## 怎么改
    改成按办法算出的分。

    ## 依据
    得分=权重×执行率（如执行率95.88%→得分9.59/10）；分档的办法按各档。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.startswith("budget.") and field.endswith(".score"):
            yield field, f"填 {words}，按办法应为 {wanted}（{why}）"


@check("B103", ERROR, since="0.1")
def total_differs_from_sources(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """合计和各来源相加不一致。

    ## 为什么
    合计行填了 0 或漏加一项，执行率就错了：有的表因此丢了 10 分。

    ## 例
    查出：全年执行数 = 0
    不查：全年执行数 = 90

    ## 怎么改
    合计改成各来源之和；或者核对来源。

    ## 依据
    合计等于各项之和；小计③=①+②（福建表头）。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.partition("budget.")[2] in AMOUNTS:
            yield field, f"填 {words}，应为 {wanted}（{why}）；请核对合计和各项"


@check("B104", ERROR, since="0.1")
def spent_more_than_budget(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行率超过 100%。

    ## 为什么
    支出不能超过预算；超过的，不是预算数没有用调整后的，就是支出数多填了。

    ## 例
    查出：全年执行数 = 102.59；财政拨款执行数 = 93.59
    不查：全年执行数 = 90

    ## 怎么改
    预算数用调整后（全年）的；核对支出数。

    ## 依据
    公开的自评表中有执行率 102.59% 的。
    """
    for rule in scheme.budget:
        line = scores.lines.get(f"budget.{rule.field}")
        if rule.part == "spent" and line and isinstance(line.value, Quantity) and line.value.number > HUNDRED:
            yield _overspent(form, scores, rule.base[-1]), f"{line.why}，支出超过了预算；请核对预算数是不是调整后的"


def _overspent(form: Form, scores: Scores, planned: str) -> str:
    """Where too much was typed: in the sum, or where that is computed in the first source that spent more than it had."""
    if "budget.spent" not in scores.lines:
        return "budget.spent"
    typed = [(f"sources.{number}.spent", one) for number, one in enumerate(form.sources, 1) if one.get("spent")]
    amounts = [(field, read_quantity(one.get(planned, "")), read_quantity(one["spent"])) for field, one in typed]
    more = (field for field, had, spent in amounts if spent and spent.number > (had.number if had else 0))
    return next(more, typed[0][0])


@check("B105", ERROR, since="0.1")
def rate_printed_twice(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """同一个比率在两处写得不一样。

    ## 为什么
    上表写调整率 0.00%，评分行写 100%：至少有一处是错的，得分不知道按哪一个。

    ## 例
    查出：（中山）预算调整率完成值 = 100%
    不查：（中山）预算调整率完成值 = 0.00%

    ## 怎么改
    两处改成一样。

    ## 依据
    中山市 2022 年公开的自评表上有这样的错。
    """
    for field, words, wanted, _ in differing(form, scores, scheme):
        if field.startswith("budget.") and field.endswith(".actual"):
            yield field, f"这里填 {words}，上表应为 {wanted}；请改成一样的"


@check("B106", ERROR, since="0.1")
def source_rate_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """资金来源一行的比率与金额不一致。

    ## 为什么
    每个来源的执行率也是两个金额相除；按印出的小数四舍五入的不算错。

    ## 例
    查出：财政拨款执行率 = 50%
    不查：财政拨款执行率 = 90%

    ## 怎么改
    核对这一行的金额和比率。

    ## 依据
    执行率(B/A)=全年执行数(B)/全年预算数(A)。
    """
    base = next((rule.base[0] for rule in scheme.budget if rule.part == "spent" and len(rule.base) == 1), "")
    for number, source in enumerate(form.sources, 1):
        rate, whole, part = source.get("execution", ""), source.get(base, ""), source.get("spent", "")
        above, below = read_quantity(part), read_quantity(whole)
        if blank(rate) or above is None or below is None or not below.number:
            continue
        if bare(part, above) != bare(whole, below):  # B111
            continue
        exact = Quantity(above.number / below.number * HUNDRED, "%")
        if not agrees(exact, rate, 2):
            yield f"sources.{number}.execution", f"填 {rate}，{part} ÷ {whole} 应为 {format_value(exact)}"


@check("B107", ERROR, since="0.1")
def score_of_a_source(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """资金来源一行也写了分值或得分。

    ## 为什么
    执行率只在合计行计分。来源行再写 10 分，加起来就成了 20 分；有的表两行的比率一样，得分却一个 9、一个 8。合计行没有分值和得分、只有一个来源行有的，就是这张表计分的地方，不查。

    ## 例
    查出：财政拨款分值 = 10
    不查：财政拨款分值 = -

    ## 怎么改
    来源行的分值、得分写“-”或留空。

    ## 依据
    财预〔2020〕10号附表的来源行印的是“-”。
    """
    for column, word in (("execution.weight", "分值"), ("execution.score", "得分")):
        counted = read_quantity(form.budget.get(column, "")) is not None
        cure = "请改成“-”" if counted else f"请把{word}写在合计行，这里改成“-”"
        for number, source in enumerate(form.sources, 1):
            words = source.get(column, "")
            quantity = read_quantity(words)
            if quantity and quantity.number:
                yield f"sources.{number}.{column}", f"资金来源一行写了{word} {words}，执行率只在合计行计分；{cure}"


@check("B108", HINT, since="0.1")
def low_execution_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """执行率低于 90%，没有写原因。

    ## 为什么
    执行率低，审核时一定会问原因。资金没有原因一栏的表，写在完成情况、存在问题或指标的偏差原因里。

    ## 例
    查出：（四川）调整后预算数 = 120；执行率 = 75%；执行率得分 = 7.5
    不查：（四川）调整后预算数 = 120；执行率 = 75%；执行率得分 = 7.5；预算原因 = 招标推迟

    ## 怎么改
    在原因一栏写明。

    ## 依据
    四川 510000_0013zp 表注：预算执行率未达到90%的需说明原因(100字以内)。
    """
    line = scores.lines.get("budget.execution")
    rate = line.value if line and line.value is not None else read_quantity(form.budget.get("execution", ""))
    if not isinstance(rate, Quantity) or rate.unit != "%" or rate.number >= REASON_BELOW:
        return
    reason, noted = form.budget.get("reason"), not no_reason(form.budget.get("note"))
    said = format_value(rate)
    if round_half_up(rate.number, 2) >= REASON_BELOW:  # 89.996 is printed as 90.00%
        said = f"{said}（准确值 {plain(rate.number)[:14]}%）"
    if reason is not None and no_reason(reason):
        yield "budget.execution", f"{said} 低于 90%，没有写原因；请在原因栏说明"
    others = _places_for_reasons(form)
    told = noted or any(map(_explains_money, others))
    if reason is None and others and not told:
        where = "完成情况、存在问题或偏差原因"
        yield "budget.execution", f"{said} 低于 90%，没有写原因；资金没有原因一栏，请在{where}里写明"


_MONEY = regex("执行率|支出率|支出进度|实现率|执行进度|支付|支出|拨付|资金|预算|结余|结转")
_CAUSE = regex("因|由于|鉴于|受|未|推迟|延迟|延期|滞后|尚|跨年|节约|节省|结余|结转|结算|次年|下年")


def _places_for_reasons(form: Form) -> list[str]:
    """What is written where a form without a column for it may tell why so little was spent."""
    return open_texts(form) + [row.reason for row in form.indicators if row.reason is not None]


def _explains_money(words: str) -> bool:
    """Whether a sentence speaks of the money and of a cause."""
    return any(_MONEY.search(said) and _CAUSE.search(said) for said in re.split("[。；;\n]", words))


@check("B109", HINT, since="0.1")
def adjusted_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """年中调整了预算，没有写原因。

    ## 为什么
    追加、调减都要说明理由。

    ## 例
    查出：（四川）年初预算 = 110
    不查：（四川）年初预算 = 110；预算原因 = 年中追加

    ## 怎么改
    在原因一栏写明为什么调整。

    ## 依据
    四川 510000_0013zp 表注：年中发生预算调整的(追加或调减),应单独说明理由。
    """
    reason = form.budget.get("reason")
    initial, revised = (read_quantity(form.budget.get(field, "")) for field in ("initial", "revised"))
    adjusted = read_quantity(form.budget.get("adjusted", ""))
    if reason is None or not no_reason(reason):
        return
    if adjusted is not None and adjusted.number:
        yield "budget.adjusted", f"调整了 {plain(adjusted.number)}，没有写原因；请在原因栏说明"
    elif initial and revised and "adjusted" not in form.budget and initial.number != revised.number:
        change = plain(revised.number - initial.number)
        yield "budget.revised", f"和年初预算相差 {change}，没有写调整的原因；请在原因栏说明"


@check("B110", HINT, since="0.1")
def money_in_another_unit(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """金额太大或太小，单位可能不对。

    ## 为什么
    表头是万元，却按元填了：298.67 万元写成 2986700，比率不变，金额错了一万倍。预算按元填、支出按万元填，执行率就成了万分之几。

    ## 例
    查出：财政拨款全年预算数 = 900000000；其他资金全年预算数 = 100000000；全年预算数 = 1000000000；执行率 = 0.00%；执行率得分 = 0
    不查：全年预算数 = 100

    ## 怎么改
    按表头的单位填。表头印的是元的不查。

    ## 依据
    公开的自评表中有把元当万元填的。
    """
    for rule in scheme.budget:
        line = scores.lines.get(f"budget.{rule.field}")
        if line and isinstance(line.value, Quantity) and in_two_units(rule, line.value.number):
            said = f"只有预算的 {plain(round_half_up(line.value.number, 4))}%，可能一个填的是元、一个填的是万元"
            yield "budget.spent", f"支出{said}；请核对单位"
    if (form.money_unit or scheme.unit) != "万元":
        return
    where = "请按表头的单位填" if form.money_unit else "表上没有印金额单位，请写明"
    for amount in AMOUNTS:
        quantity = read_quantity(form.budget.get(amount, ""))
        if quantity and not quantity.unit and abs(quantity.number) >= VAST:
            yield f"budget.{amount}", f"{form.budget[amount]} 万元太大，可能填的是元；{where}"


@check("B111", ERROR, since="0.2")
def amount_with_another_unit(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """合计写的单位和表头、和各来源不一样。

    ## 为什么
    合计写“637.2万元”，各来源只有数字，合计对不对就核对不了；表头印的是元，写成“2400000万元”，金额错了一万倍，比率却不变。

    ## 例
    查出：全年预算数 = 100万元；全年执行数 = 90万元
    不查：全年预算数 = 100

    ## 怎么改
    按表头的单位填，只填数字。

    ## 依据
    同一张表的金额用同一个单位，写在表头。
    """
    for amount in AMOUNTS:
        words = form.budget.get(amount, "")
        quantity = read_quantity(words)
        yield from _sources_with_units(form, scores, amount)
        if quantity is None or not (quantity.unit == "元" or scaled(words)):
            continue
        sources = [(said, one) for row in form.sources if (one := read_quantity(said := row.get(amount, "")))]
        printed = form.money_unit
        if any(one.number and not one.unit and not scaled(said) for said, one in sources):
            yield f"budget.{amount}", f"填“{words}”，各来源只有数字，核对不了合计；请按表头的单位填，只填数字"
        elif printed and (printed == "元") == scaled(words):
            yield f"budget.{amount}", f"填“{words}”，表头的单位是{printed}；请按表头的单位填，只填数字"


def _sources_with_units(form: Form, scores: Scores, amount: str) -> Found:
    """The sources of an amount that are written with 元 or 万, where their sum is a figure alone.

    They are not added; where the unit that the form prints, or any, makes all of them the sum, nothing is wrong.
    """
    words = form.budget.get(amount, "")
    total, line = read_quantity(words), scores.lines.get(f"budget.{amount}")
    if total is None or not total.number or not bare(words, total) or (line and line.value is None):
        return
    amounts = [(number, row.get(amount, "")) for number, row in enumerate(form.sources, 1)]
    known = [(number, said, one) for number, said in amounts if (one := read_quantity(said)) and one.number]
    shares = {"元": [Decimal(1)], "万元": [Decimal(10_000)]}.get(form.money_unit, [Decimal(1), Decimal(10_000)])
    for share in shares:
        if sum(one.number if bare(said, one) else one.number / share for _, said, one in known) == total.number:
            return
    for number, said, one in known:
        if one.unit == "元" or scaled(said):
            yield f"sources.{number}.{amount}", f"填“{said}”，合计只有数字，核对不了合计；请按表头的单位填，只填数字"
