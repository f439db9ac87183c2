"""A scheme in a finance clerk's words: what each rule is, and the sentence it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook_tools.schemes.direction import direction_words
from workbook_tools.schemes.monitoring import Deadline, Light, LightRule, Monitoring, Owed, Owes
from workbook_tools.schemes.review import Ground
from workbook_tools.schemes.scheme import BudgetRule, Group, Inverse, Rate, Scheme, Status
from workbook_tools.values import HUNDRED, plain

STATUS: dict[Status, str] = {"read": "读过原文", "memory": "凭记忆，没有读到原文"}
RATES: dict[Rate, str] = {
    "proportion": "完成率 = 完成值 ÷ 指标值，得分 = 完成率 × 权重；可以超过 100%，只在小计封顶",
    "capped": "达到指标值记满分；没有达到的，得分 = 分值 × 完成值 ÷ 指标值",
    "met": "达到指标值记满分；没有达到的，原文没有写怎样扣，由评分人评分",
    "judged": "由填表人评分，只核对是否在 0 到分值之间；与一般算法不同的给出提示",
}
INVERSE: dict[Inverse, str] = {
    "ratio": "指标值是“≤”的（越低越好）：达到记满分；没有达到的，得分 = 分值 × 指标值 ÷ 完成值",
    "linear": "指标值是“≤”的（越低越好）：达到记满分；没有达到的，得分 = 分值 ×（1 - 超过的部分 ÷ 指标值），最低 0 分",
    "zero": "指标值是“≤”的（越低越好）：达到记满分；没有达到的得 0 分",
    "judged": "指标值是“≤”的（越低越好）：原文没有写明算法，由填表人评分",
}
GROUNDS_SAID: dict[Ground, str] = {
    "late": "报送逾期",
    "poor": "自评质量差",
    "unchanged": "绩效目标没有按评审意见调整",
}
OWES: dict[Owes, str] = {"reason": "偏差原因", "explanation": "偏差原因说明", "expected": "全年预计完成情况"}
WEIGHTS = {
    "printed": "每行的分值写在表上",
    "shared": "没有分值一列，得分在本组分值以内",
    "rules": "各行分值见下",
}


def describe_scheme(scheme: Scheme) -> list[tuple[str, str]]:
    """Label and sentence of every rule, in the order of the form."""
    if scheme.monitoring:
        return [*_about(scheme), *_monitoring(scheme.monitoring)]
    return [*_about(scheme), *_groups(scheme), *_budget(scheme), *_indicators(scheme), *_ends(scheme)]


def _about(scheme: Scheme) -> Iterator[tuple[str, str]]:
    if scheme.general:
        yield "没有确认完" if scheme.unconfirmed else "通用办法", scheme.general
    for number, one in enumerate(scheme.unconfirmed):
        yield "" if number else "没有确认", one.sentence
    for source in scheme.sources:
        yield "依据", f"{source.document}（{STATUS[source.status]}）"
    if scheme.monitoring:
        return
    yield "小数", f"权重、得分逐行四舍五入到 {scheme.places} 位小数，再相加"


def _groups(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for group in scheme.groups:
        quotes = f"{_quoted(group.quote)}{_quoted(group.cap_quote)}{_observed(group)}"
        yield group.label, f"{describe_group(scheme, group)}{quotes}"


def describe_group(scheme: Scheme, group: Group) -> str:
    """The points of a group and where the weights of its rows come from."""
    given = scheme.points(group)
    points = "分值写在表上" if given is None else f"{plain(given)} 分"
    if len(scheme.together(group)) > 1:
        points = f"{'、'.join(one.label for one in scheme.together(group))}合计 {points}"
    share = f"，按 {plain(group.share)}% 计入总分" if group.share != HUNDRED else ""
    return f"{points}{share}；{_weights(group)}"


def _weights(group: Group) -> str:
    if group.weights == "equal":
        return f"每行权重 = {plain(group.points or HUNDRED)} ÷ {group.divisor}（{group.divisor} 是在用的指标行数）"
    return WEIGHTS[group.weights]


def _budget(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for rule in scheme.budget:
        stop = "" if rule.formula.endswith("。") else "；"
        yield rule.label, f"{rule.formula}{stop}{describe_budget(rule)}{_quoted(rule.quote)}{_observed(rule)}"
        if rule.exempt:
            yield "", f"写有“{'”“'.join(rule.exempt)}”的由填表人评分{_quoted(rule.exempt_quote)}"
    if scheme.budget and any(rule.part == "spent" for rule in scheme.budget):
        yield "金额", "各资金来源相加应等于合计；比率超过 200% 的不计算，请核对单位"


def describe_budget(rule: BudgetRule) -> str:
    """What a rate of money earns."""
    points = "表上的分值" if rule.points is None else f"{plain(rule.points)} 分"
    where = f"（写在“{rule.row}”一行）" if rule.row else ""
    if rule.rule == "bands":
        sign = "≥" if rule.bands.direction == "at_least" else "≤"
        steps = [f"{sign}{plain(limit)}% 得 {plain(value)} 分" for limit, value in rule.bands.steps]
        return f"{points}，{'、'.join(steps)}、其余得 {plain(rule.bands.otherwise)} 分{where}"
    if rule.rule == "linear":
        return f"得分 = {points} × 比率，最多得满分{where}"
    if rule.rule == "loss":
        return f"得分 = {points} - {points} × 比率{where}"
    if rule.rule == "judged":
        return "表上印有分值的，得分由填表人决定；没有印的只算比率"
    return "只算比率，不单独计分"


def _indicators(scheme: Scheme) -> Iterator[tuple[str, str]]:
    rules = scheme.indicators
    if not scheme.groups:
        return
    yield "指标得分", f"{RATES[rules.rate]}{_quoted(rules.rate_quote)}{_quoted(rules.score_quote)}"
    if rules.rate != "judged":
        yield "", f"{INVERSE[rules.inverse]}{_quoted(rules.inverse_quote)}"
    if rules.step == "printed":
        yield "", f"本行写有扣分规则的（每下降…扣…分），按该规则；无法识别的由填表人评分{_quoted(rules.step_quote)}"
    if rules.stated:
        yield "", f"写明“{'”“'.join(rules.stated)}”的记满分{_quoted(rules.stated_quote)}"
    for level in rules.levels:
        to = f"{plain(level.high)}%（不含）" if level.below else f"{plain(level.high)}%"
        yield "定性指标", f"“{'”“'.join(level.words)}”：分值的 {plain(level.low)}%（含）～{to}"
    if rules.levels:
        yield "", f"原文：{rules.level_quote}"
    yield "时效指标", "指标值是时长（12个月）、没有写≥或≤、又不正好一样的，不知道提前了还是没有做满，由填表人评分"
    for kind in rules.either_way:
        yield f"{kind}指标", "指标值没有写≥或≤、又没有正好完成的，不知道高了好还是低了好，由填表人评分"
    falling = "、".join(direction_words().falls)
    yield (
        "越低越好的",
        f"名称里有{falling}等字，指标值没有写≥或≤、又没有正好完成的，不知道高了好还是低了好，请填表人写明",
    )


def _ends(scheme: Scheme) -> Iterator[tuple[str, str]]:
    if scheme.evaluators_quote:
        yield "评委评分", f"每行得分 = 各位成员评分的算术平均{_quoted(scheme.evaluators_quote)}"
    for statistic in scheme.statistics:
        yield statistic.label, f"由“月度统计”各月相加算出，填入完成值{_quoted(statistic.quote)}"
    rule = scheme.deductions
    if rule.rows:
        for row in rule.rows:
            points = "一票否决" if row.points is None else f"最多扣 {plain(-row.points)} 分"
            yield row.label, f"{points}{_quoted(row.quote)}"
        yield rule.label, f"合计最多扣 {plain(-rule.lowest)} 分{_quoted(rule.quote)}"
    if scheme.grades.steps:
        steps = [f"≥{plain(limit)} 分为{grade}" for limit, grade in scheme.grades.steps]
        yield "等级", f"{'、'.join(steps)}、其余为{scheme.grades.otherwise}{_quoted(scheme.grade_quote)}"
    yield from _review(scheme)


def _review(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """What the supervising department fills in, and what is asked of it."""
    review = scheme.review
    if not review.quote:
        return
    yield "主管部门审核", f"由主管部门填写，本工具只核对；自评得分、自评等级不因审核改动{_quoted(review.quote)}"
    if scheme.grades.steps:
        yield "核定等级", "原文没有另印分数段；审核分数按上面的分数段核对"
    for proposal in review.proposals:
        said = "、".join(GROUNDS_SAID[ground] for ground in proposal.grounds)
        yield (
            proposal.row,
            f"{said}的，可以扣 {plain(-proposal.points)} 分，由审核人决定，不自动扣{_quoted(proposal.quote)}",
        )
    if review.budget:
        yield "下年度预算", f"从 {'、'.join(review.budget)} 中选{_quoted(review.budget_quote)}"
        for grade, option in review.budget_by_grade.items():
            yield "", f"核定等级为{grade}的，一般是“{option}”"
    elif review.budget_quote:
        yield "下年度预算", f"选项没有印在表上，写文字{_quoted(review.budget_quote)}"
    far = "没有印差多少分要重看，只给出差数" if review.far is None else f"差 {plain(review.far)} 分以上的请说明"
    yield "两个分数", f"审核分数和自评总分{far}{_quoted(review.far_quote)}"


def _monitoring(rules: Monitoring) -> Iterator[tuple[str, str]]:
    """The rules of a monitoring table."""
    yield (
        "监控期",
        f"1～{rules.until} 月，表头写了的以表头为准{_quoted(rules.until_quote)}"
        if rules.until
        else "没有读到，以表头为准",
    )
    yield "执行率", "执行数 ÷ 预算数（有全年预算数的用全年预算数），不是 ÷ 到位资金"
    for rule in rules.rules:
        yield "预警灯", f"{'、'.join(rule.kinds)}指标：{_measured(rule, rules.lights)}{_quoted(rule.quote)}"
    for level in rules.levels:
        yield "定性指标", f"完成值写“{level.words}”的，{rules.lights[level.light]}"
    if rules.level_quote:
        yield "", f"原文：{rules.level_quote}"
    if not rules.rules:
        yield "预警灯", "没有读到给灯的规则，由填表人填，不核对"
    for owed in rules.owed:
        yield "必填", f"{_when(owed, rules)}，写{'、'.join(OWES[one] for one in owed.what)}{_quoted(owed.quote)}"
    yield "偏差原因", "、".join(rules.reasons)
    yield "可能性", f"{'、'.join(rules.outlooks.values())}{_quoted(rules.outlooks_quote)}"
    for due in rules.deadlines:
        yield "期限", f"{due.what}：{deadline(due)}{_quoted(due.quote)}"


def deadline(due: Deadline) -> str:
    """By when a table is due."""
    return f"监控期末后 {due.days} 日内" if due.days else f"{due.month} 月底前"


def _measured(rule: LightRule, lights: Mapping[Light, str]) -> str:
    if rule.measure == "within":
        return "完成值在范围内还是范围外"
    steps = [f"<{plain(limit)}% {lights[light]}" for limit, light in rule.steps]
    last = lights[rule.otherwise] if rule.otherwise else ""
    rising = f"完成值 ÷（年度指标值 × 月份 ÷ 12）{'、'.join(steps)}、其余{last}"
    return f"“≥”“＝”“＞”的，{rising}；“≤”“＜”的看在范围内还是范围外；指标值是比率的照算，并提示核对"


def _when(owed: Owed, rules: Monitoring) -> str:
    if owed.when == "light":
        return f"{'、'.join(rules.lights[light] for light in owed.lights)}的"
    if owed.when == "outlook":
        return f"可能性是“{'”“'.join(rules.outlooks[one] for one in owed.outlooks)}”的"
    return "写了偏差原因的" if owed.when == "reason" else "指标值是“＝”、当前完成值已经超过的"


def _quoted(quote: str) -> str:
    return f"。原文：{quote}" if quote else ""


def _observed(rule: BudgetRule | Group) -> str:
    return f"。原文没有写，按公布的表：{rule.observed}" if rule.observed else ""
