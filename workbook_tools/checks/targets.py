"""T: targets, actual values, and the statistics they come from."""

from __future__ import annotations

import re
from decimal import Decimal

from workbook_tools.checks.reading import FAULT, is_broken
from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import (
    OVER,
    IndicatorRow,
    beyond_all,
    blank,
    falls,
    no_reason,
    over_target,
    reason_owed,
    rows,
    says_none,
    target_field,
    unsigned,
)
from workbook_tools.forms.form import Form, Scores
from workbook_tools.moments import read_moment
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import target_words
from workbook_tools.text import regex
from workbook_tools.values import normalize, plain, says_no_indicator

_SIGNED = regex(r"^(?!=DISP)(?:[≥≤<>=＞＜]|不低于|不少于|不超过|不高于|[大小高低]于)|^[\d.,]{1,20}\D{0,4}以[上下内]$")
_FIGURE = regex(r"[\d一二三四五六七八九十百千万亿零]")
_MANY = regex(r"(?:^|[\s;；。])(?:[1-9]|[(（][1-9一二三四五六七八九][)）])[.、．)）]")
_NO_COST = regex("节约|节省|降低|减少|压减|标准")  # what may rise under 成本: savings, and a standard of benefits
_COST = regex(r"成本(?:控制)?[率数额]?$", needs="成本")  # 成本核算项目数 is a number of things
_SCALE = ("好坏", "优良中差", "高低", "大小", "多少", "是否", "有无")


@check("T101", ERROR, since="0.1")
def actual_carries_a_sign(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成值带着“≥”“≤”“=”这样的符号。

    ## 为什么
    完成值是实际做到的数，不是要求。“≥360天”是照抄指标值，不知道到底做到多少。

    ## 例
    查出：完成值 = ≥200人
    不查：完成值 = 210人

    ## 怎么改
    填实际完成的数，不带符号。

    ## 依据
    公开的自评表中有“≥266米”“≥95%”的完成值。
    """
    for row in rows(form):
        words = normalize(row.words.actual or "")
        if _SIGNED.match(words) and _FIGURE.search(words):
            yield f"{row.field}.actual", f"完成值写“{row.words.actual}”，带着要求的符号；请填实际完成的数"


@check("T102", ERROR, since="0.1")
def units_differ(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值和完成值的单位不同。

    ## 为什么
    单位不同的两个数不能比，完成率无法计算。

    ## 例
    查出：完成值 = 150次
    不查：完成值 = 210人

    ## 怎么改
    两格写成一样的单位；元和万元也要一致。

    ## 依据
    完成值和指标值按比例计分，要先单位一致。
    """
    for row in rows(form):
        if row.target is None or row.actual is None:
            continue
        wanted, reached = row.target.quantity.unit, row.actual.unit
        if wanted and reached and wanted != reached:
            computed = f"{row.field}.actual" in scores.lines  # from the statistics: then the target is what is typed
            at = f"{row.field}.{'target' if computed else 'actual'}"
            yield at, f"指标值是“{wanted}”，完成值是“{reached}”；请写成一样的单位"


@check("T103", ERROR, since="0.1")
def words_for_a_figure(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值是数，完成值却是文字。

    ## 为什么
    “≤30万元”只写“完成”，不知道用了多少，得分没有办法核对。数夹在文字里（94%，基本达标）、写成约数（约150人）的也不能和指标值比。

    ## 例
    查出：完成值 = 已完成
    不查：完成值 = 210人

    ## 怎么改
    只填实际完成的数，说明写在原因一栏。

    ## 依据
    公开的自评表中有“成本控制数 ≤30万元，完成值：完成”。
    """
    for row in rows(form):
        said, wanted = row.words.actual or "", target_words(row.words)
        others = blank(said) or _SIGNED.match(normalize(said)) or is_broken(said) or FAULT.search(said)
        if row.target is not None and row.actual is None and not others and read_moment(wanted) is None:
            yield f"{row.field}.actual", f"指标值是“{wanted}”，完成值写“{said}”；请只填实际完成的数"


@check("T104", ERROR, since="0.1")
def a_value_is_missing(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标名称、指标值或完成值没有填。

    ## 为什么
    缺了一个就不知道是什么指标、完成没有，得分没有依据。

    ## 例
    查出：完成值 =
    不查：完成值 = 210人
    不查：指标值 = —

    ## 怎么改
    填写；不考核的指标写“无”或清空整行。

    ## 依据
    公开的自评表中有整列完成值空着就上网的。
    """
    fed = {statistic.row for statistic in scheme.statistics}
    evaluated = {normalize(row.name) for row in form.evaluators}
    computed = {group.name for group in scheme.groups if group.weights == "equal"}  # S110 asks of their names
    for row in rows(form):
        name = normalize(row.words.name)
        if row.words.group not in computed and (not name or says_no_indicator(name)):
            said = f"写“{row.words.name}”" if name else "是空的"
            yield f"{row.field}.name", f"指标名称{said}，这一行却填了内容；请写明指标，不考核的清空整行"
        by_others = (
            row.words.name in fed or name in evaluated or any(rule.row == row.words.name for rule in scheme.budget)
        )
        if by_others or scheme.indicators.stated or row.weight == 0:
            continue
        for column, word, words in (
            ("target", "指标值", target_words(row.words)),
            ("actual", "完成值", row.words.actual),
        ):
            if getattr(row.words, column) is None:
                continue  # no such column in its table
            told = column == "actual" and (says_none(row) or (words and not no_reason(row.words.reason)))
            told = told or (column == "target" and bool(words) and not blank(row.words.actual))  # — and what was done
            if blank(words) and not told:
                yield f"{row.field}.{column}", f"“{row.name}”的{word}没有填"


@check("T105", HINT, since="0.1")
def far_beyond_the_target(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """超额 30% 以上，没有写原因。

    ## 为什么
    完成值远远超过指标值，多半是指标值定低了，要说明原因，下年调整。

    ## 例
    查出：指标值 = ≥100人
    不查：指标值 = ≥200人

    ## 怎么改
    在偏差原因一栏写明为什么超额。

    ## 依据
    广西：完成值达到指标值 130% 的必须填写偏差原因；郫都：完成值超过130%不扣分，应标注。
    """
    for row in rows(form):
        ratio = over_target(row)
        if ratio is not None and ratio >= OVER and no_reason(row.words.reason):
            percent = plain((ratio * 100).quantize(Decimal("0.01")))
            yield (
                f"{row.field}.actual",
                f"完成 {row.actual}，是指标值 {target_words(row.words)} 的 {percent}%，{reason_owed(row)}",
            )


@check("T106", HINT, since="0.1")
def direction_is_doubtful(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """方向可能写反了。

    ## 为什么
    成本应当越低越好，写成“≥”就成了花得越多越好；数量写成“≤”也一样。投诉件数、调整次数等本来就越少越好的，节约额、补助标准等本来就可以“≥”的，不查。

    ## 例
    查出：单位成本指标值 = ≥400元/人；单位成本得分 = 10
    不查：指标值 = ≥200人

    ## 怎么改
    核对符号；没有写反的不用管。

    ## 依据
    郫都复核：统战特别费 ≥17.4万元；公开的表中有“≤4 个示范村”。
    """
    for row in rows(form):
        op, kind = row.target.op if row.target else None, row.words.kind
        if op in ("≥", ">") and "成本" in kind and not _NO_COST.search(row.words.name):
            yield target_field(row), f"成本指标写“{target_words(row.words)}”，成了花得越多越好；请核对符号"
        elif op in ("≤", "<") and "数量" in kind and not falls(row.words.name):
            yield target_field(row), f"数量指标写“{target_words(row.words)}”，成了做得越少越好；请核对符号"


@check("T107", HINT, since="0.1")
def money_as_an_output(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """把花钱当成产出。

    ## 为什么
    资金、支付率、预算执行率已经在执行率里算过分，再当数量、时效指标就重复了，复核时这一行记 0 分。

    ## 例
    查出：三级指标 = 项目资金支付率
    不查：三级指标 = 培训人数

    ## 怎么改
    换成干成了什么事的指标。

    ## 依据
    郫都 2025 年复核规则 12。
    """
    for row in rows(form):
        named = any(word in row.words.name for word in ("资金", "经费", "预算执行率", "支付率", "支出进度"))
        unit = row.target.quantity.unit if row.target and "率" not in row.words.name else ""
        counted = unit not in ("", "%") and "元" not in unit  # 资金发放人数 ≥200人 tells what was done
        named = named and not counted and "合规" not in row.words.name
        if named and any(kind in row.words.kind for kind in ("数量", "时效")):
            yield f"{row.field}.name", f"“{row.name}”是资金支出，不是产出；请换成做了什么事的指标"


@check("T108", HINT, since="0.1")
def satisfaction_is_no_rate(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """满意度不是比率。

    ## 为什么
    满意度应当来自调查，是百分数或分数；写成“≤5件”是投诉数，不是满意度。

    ## 例
    查出：满意度指标值 = ≤5件；满意度完成值 = 3件
    不查：满意度指标值 = ≥90%

    ## 怎么改
    填调查得到的满意率；投诉数另设质量指标。

    ## 依据
    公开的绩效目标表中有“社工服务对象满意度：≤5件”。
    """
    for row in rows(form):
        unit = row.target.quantity.unit if row.target else ""
        if "满意度" in row.words.name + row.words.kind and unit not in ("", "%", "分"):
            yield target_field(row), f"满意度写“{target_words(row.words)}”，不是比率；请填调查得到的满意率"
        elif beyond_all(row):
            yield target_field(row), f"满意度写“{target_words(row.words)}”，超过 100%；请核对指标值"


@check("T109", HINT, since="0.1")
def satisfaction_is_the_target(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """满意度正好等于指标值。

    ## 为什么
    调查得到的满意率很少正好是 95%；照抄指标值的多。

    ## 例
    查出：满意度完成值 = 90%
    不查：满意度完成值 = 95%

    ## 怎么改
    核对调查结果，填实际的满意率。

    ## 依据
    公开的自评表中两个满意度都正好等于指标值。
    """
    for row in rows(form):
        satisfied = "满意度" in row.words.name + row.words.kind + (row.words.label or "")
        same = row.target and row.actual and row.target.quantity.number == row.actual.number
        if satisfied and same and row.actual:
            if str(row.actual) in ("100%", "100") or row.actual.unit not in ("", "%", "分") or not row.actual.number:
                continue
            yield f"{row.field}.actual", f"正好等于指标值 {target_words(row.words)}；请核对是不是调查得到的结果"


@check("T110", HINT, since="0.1")
def several_in_one_row(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """一行写了几个指标。

    ## 为什么
    一行只有一个指标值和完成值，几个指标合在一起，完成值 60 是怎么来的说不清，分值也不对。

    ## 例
    查出：三级指标 = 1.培训场次 2.培训人数
    不查：三级指标 = 培训人数

    ## 怎么改
    一行写一个指标。

    ## 依据
    每行一个三级指标；公开的表中有一行写 5 个的。
    """
    for row in rows(form):
        count = len(_MANY.findall(row.words.name))
        if count > 1:
            yield f"{row.field}.name", f"这一行写了 {count} 个指标；请分成 {count} 行，各填指标值和完成值"


@check("T111", HINT, since="0.1")
def same_indicator_twice(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """同一个指标出现两次。

    ## 为什么
    产出里有，效益里又有，同一件事算了两次分。

    ## 例
    查出：合格率三级指标 = 培训人数
    不查：合格率三级指标 = 合格率

    ## 怎么改
    留一个，另一个换成别的。

    ## 依据
    郫都 2025 年复核规则 10。
    """
    seen: dict[str, IndicatorRow] = {}
    for row in rows(form):
        name = re.sub(r"^指标\d+[:.]?", "", normalize(row.words.name))
        merged = f"{row.field}.name" in form.shared  # one indicator over several rows
        if name in seen and name and not merged:
            yield f"{row.field}.name", f"“{row.name}”和第 {seen[name].field.rpartition('.')[2]} 行重复"
        seen.setdefault(name, row)


@check("T112", HINT, since="0.1")
def nothing_to_judge_by(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """定性指标没有可以评价的标准。

    ## 为什么
    指标值写“好坏”“是否”是尺子的名字，不是要求，无法判断做到什么程度算完成。

    ## 例
    查出：机制指标值 = 好坏
    不查：机制指标值 = 制度健全并落实

    ## 怎么改
    写清楚做到什么程度算完成，完成值写实际情况。

    ## 依据
    郫都 2025 年复核规则 4：定性指标不可衡量的按程度扣分。
    """
    for row in rows(form):
        words = normalize(row.words.target or "")
        if words in _SCALE or words.startswith("是否") or words.endswith(("?", "？")):
            yield target_field(row), f"指标值“{row.words.target}”不是要求；请写清楚做到什么程度算完成"


@check("T113", HINT, since="0.1")
def kind_does_not_fit(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """三级指标放错了二级指标。

    ## 为什么
    出勤率、合格率是质量，不是数量；控制成本不是生态效益。

    ## 例
    查出：三级指标 = 人员出勤率
    不查：三级指标 = 培训人数

    ## 怎么改
    换到合适的二级指标下面。

    ## 依据
    郫都 2025 年复核规则 11。
    """
    for row in rows(form):
        name, kind = normalize(row.words.name), row.words.kind
        if "数量" in kind and re.search(r"(?:出勤|合格|达标|满意|及时|完好)率", name):
            yield f"{row.field}.kind", f"“{row.name}”是质量或时效，放在“{kind}”下面；请换一个二级指标"
        elif ("数量" in kind and _COST.search(name)) or ("生态" in kind and re.search("成本|资金|投资", name)):
            yield f"{row.field}.kind", f"“{row.name}”说的是成本，放在“{kind}”下面；请换一个二级指标"


@check("T114", HINT, since="0.1")
def no_sign_where_less_may_be_better(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """指标值没有写“≥”或“≤”，不知道高了好还是低了好。

    ## 为什么
    成本只写“400元”，不知道是不超过 400 元还是要花够 400 元；系统故障率指标值“1%”、完成值“0.5%”，是更好了，还是只做到一半，看的人说不清。工具不从名称猜方向。

    ## 例
    查出：三级指标 = 系统故障率；指标值 = 1%；完成值 = 0.5%
    不查：三级指标 = 系统故障率；指标值 = ≤1%；完成值 = 0.5%

    ## 怎么改
    在指标值前面写“≤”（越低越好）或“≥”（越高越好），如“≤400元/人”“≤1%”。

    ## 依据
    正向、反向指标的算法不同（江西表注）。
    """
    yield from ((target_field(row), question) for row in rows(form) if (question := unsigned(row)))
