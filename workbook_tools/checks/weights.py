"""W: weights of rows and points of groups."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import IndicatorRow, blank, differing, rows
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.groups import marks, printed_points
from workbook_tools.values import HUNDRED, normalize, plain, read_weight


def _printed_weights(scheme: Scheme) -> bool:
    return any(group.weights == "printed" for group in scheme.groups)


def _earned(form: Form, scores: Scores, scheme: Scheme) -> Decimal:
    """The points of the money, where they are not an indicator's."""
    points = Decimal(0)
    for rule in scheme.budget:
        if not rule.row and f"budget.{rule.field}.score" in scores.lines:
            points += rule.most or read_weight(form.budget.get(f"{rule.field}.weight", "")) or Decimal(0)
    return points


def by_group(form: Form) -> dict[str, list[IndicatorRow]]:
    """The rows in use of each group of the scheme, and of each 一级指标 that is none of them."""
    groups: dict[str, list[IndicatorRow]] = {}
    for row in rows(form):
        groups.setdefault(row.words.group or normalize(row.words.label or ""), []).append(row)
    return groups


def said_points(listed: list[IndicatorRow]) -> Decimal | None:
    """The points printed after the name of a group."""
    return next((said for row in listed if (said := printed_points(row.words.label)) is not None), None)


def group_points(listed: list[IndicatorRow], name: str, scheme: Scheme) -> Decimal | None:
    """The points of a group alone: those printed after its name, else the scheme's where no other group shares them."""
    said = said_points(listed)
    alone = (one.points for one in scheme.groups if one.name == name and len(scheme.together(one)) == 1)
    return said if said is not None else next(alone, None)


def beyond_their_group(form: Form, scheme: Scheme) -> dict[str, tuple[list[IndicatorRow], str, str]]:
    """Groups whose rows share points and have more of them: their rows, the points, and what the rows have."""
    found = {}
    for name, listed in by_group(form).items():
        shared = any(group.name == name and group.weights == "shared" for group in scheme.groups)
        points, earned = group_points(listed, name, scheme), [row.score for row in listed if row.score is not None]
        if shared and points is not None and sum(earned) > points:
            found[name] = listed, plain(points), plain(sum(earned, Decimal(0)))
    return found


@check("W101", ERROR, since="0.1")
def weights_are_not_a_hundred(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """各行分值加起来不是 100。

    ## 为什么
    满分不是 100，总分就不能和别人比，也不能按 90、80、60 分等级。一组的分值平均分给各行的（13.33 × 3），加起来 99.99 是四舍五入，不算错。

    ## 例
    查出：分值 = 30
    不查：分值 = 20

    ## 怎么改
    重新分配各行的分值，含预算执行率合计 100 分。

    ## 依据
    一级指标分值统一设置为:产出指标50分、效益指标30分、满意度指标10分,预算资金执行率10分（中江县表注）。
    """
    if not rows(form) or not _printed_weights(scheme) or "total" not in scores.lines:
        return
    if scores.full is not None and scores.full != HUNDRED:
        yield "total", f"各行分值合计 {plain(scores.full)}，应为 100；请核对每行的分值"
    unread = sum(row.weight is None for row in rows(form))
    known = sum((row.weight for row in rows(form) if row.weight is not None), _earned(form, scores, scheme))
    whole = all(group.share == HUNDRED for group in scheme.groups)
    if scores.full is None and whole and unread and known > HUNDRED:  # whatever the others come to
        yield "total", f"各行分值合计已有 {plain(known)}（还有 {unread} 行没有读出），应为 100；请核对每行的分值"


@check("W102", ERROR, since="0.1")
def group_points_differ(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """一组的分值和组名后面印的不一样。

    ## 为什么
    “产出指标(50分)”下面各行的分值加起来应当是 50。组名后面没有印分值的不查。

    ## 例
    查出：分值 = 10；满意度分值 = 20
    不查：分值 = 20

    ## 怎么改
    调整这一组各行的分值；按规定调整了一级指标权重的，把组名后面的分也改过来。

    ## 依据
    表上印的一级指标分值。
    """
    for name, listed in by_group(form).items():
        points = said_points(listed)
        weights = [weight for row in listed if (weight := read_weight(row.words.weight or "")) is not None]
        if points is None or not _printed_weights(scheme) or len(weights) < len(listed):
            continue
        total = marks(weights, points, scheme.places)
        if total != points:
            label = listed[0].words.label or name
            at = f"{listed[0].field}.weight"
            yield at, f"“{' '.join(label.split())}”各行分值合计 {plain(total)}，应为 {plain(points)}；请核对各行分值"


@check("W103", ERROR, since="0.1")
def weight_differs_from_rule(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """权重不符合办法。

    ## 为什么
    权重是组分值 ÷ 在用的指标行数（40/m），写“无”的行不计。

    ## 例
    查出：（中山）权重 = 10
    不查：（中山）权重 = 40/3=13.33

    ## 怎么改
    改成按办法算出的权重。

    ## 依据
    权重 40/m (m为产出指标总数)（中山市附件1-1）。
    """
    for field, words, wanted, why in differing(form, scores, scheme):
        if field.endswith(".weight"):
            yield field, f"填 {words}，按办法应为 {wanted}（{why}）"


@check("W104", HINT, since="0.1")
def one_row_has_most_points(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """一个指标占了大部分分值。

    ## 为什么
    一个指标 90 分，这一项完成就是优，别的都不用做，起不到评价的作用。一行的分值超过全部分值的一半才提示。

    ## 例
    查出：分值 = 60；合格率分值 = 0；满意度分值 = 0；就业率分值 = 5
    不查：分值 = 20

    ## 怎么改
    把目标分解成几个指标，分别设分值。

    ## 依据
    公开的自评表中有一个成本指标占 90 分的。
    """
    listed = rows(form)
    total = sum((row.weight for row in listed if row.weight is not None), _earned(form, scores, scheme))
    for row in listed:
        if row.weight is not None and row.weight > 0 and row.weight * 2 > total:
            said = f"“{row.name}”一行占 {plain(row.weight)} 分，超过全部 {plain(total)} 分的一半"
            yield f"{row.field}.weight", f"{said}；请考虑分解成几个指标"


@check("W105", HINT, since="0.1")
def a_kind_is_missing(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有效益指标，或没有满意度指标。

    ## 为什么
    只有产出、没有效益和满意度，说不清花钱办成了什么事、群众满意不满意。

    ## 例
    查出：满意度三级指标 = ；满意度指标值 = ；满意度完成值 = ；满意度分值 = ；满意度得分 = ；就业率分值 = 25；就业率得分 = 25
    不查：分值 = 20

    ## 怎么改
    补上指标；确实不适用的，在说明里写清楚。

    ## 依据
    财预〔2020〕10号附表设产出、效益、满意度三组指标。
    """
    listed = rows(form)
    if not listed or not form.indicators:
        return
    at = "total" if "total" in scores.lines else listed[-1].field
    asked = {field for field, line in scores.lines.items() if line.value is None}  # S110
    for group in scheme.groups:
        if f"groups.{group.name}" in asked and not any(row.words.group == group.name for row in listed):
            continue
        named = "满意" if group.name == "satisfaction" else "效益"
        expected = group.weights in ("printed", "equal") and group.name in ("benefit", "satisfaction")
        if expected and not _has(form, listed, named) and not any(row.words.group == group.name for row in listed):
            yield at, f"没有{group.label}；请补上，不适用的请说明"
        satisfied = next((kind for kind in group.kinds if "满意" in kind), "") if group.weights == "equal" else ""
        if satisfied and not _has(form, listed, "满意"):
            yield at, f"没有{satisfied}；请补上，不适用的请说明"


def _has(form: Form, listed: Sequence[IndicatorRow], named: str) -> bool:
    """Whether any row is about it, or says 无 of it."""
    told = any(named in row.kind and row.name.strip() for row in form.indicators)
    return told or any(named in row.words.kind or named in row.words.name for row in listed)


@check("W106", ERROR, since="0.1")
def weight_missing(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """有得分，没有分值。

    ## 为什么
    不知道满分是多少，就不知道这个得分对不对。

    ## 例
    查出：分值 =
    不查：分值 = 20

    ## 怎么改
    填写这一行的分值。

    ## 依据
    得分最高不能超过该指标分值上限（中江县表注）。
    """
    for row in rows(form):
        if row.words.weight is not None and blank(row.words.weight) and not blank(row.words.score):
            yield f"{row.field}.weight", f"“{row.name}”得 {row.words.score} 分，分值是空的；请填写"


@check("W107", ERROR, since="0.1")
def printed_sum_of_weights_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """合计行的分值不是各行之和。

    ## 为什么
    各行加起来是 100，合计行却写了别的数：不是合计写错了，就是后来改过分值没有改合计。

    ## 例
    查出：总分的分值 = 90
    不查：总分的分值 = 100

    ## 怎么改
    核对各行的分值，把合计改成各行之和。

    ## 依据
    总分100分，为各项分值之和（财预〔2020〕10号附表的总分行）。
    """
    at = "counts.total.weight"
    stated, listed = read_weight(form.sums.get(at, "")), rows(form)
    if stated is None or not listed or not _printed_weights(scheme):
        return
    total = sum((row.weight for row in listed if row.weight is not None), _earned(form, scores, scheme))
    whole = all(group.share == HUNDRED for group in scheme.groups)
    unread = any(row.weight is None for row in listed)  # then at most too little is known of the sum
    differs, told = (total > stated, total > HUNDRED) if unread else (stated != total, total != HUNDRED)
    if differs and not (whole and told):  # rows that do not make 100 are W101's
        yield at, f"填 {plain(stated)}，各行分值合计{'已有' if unread else ''} {plain(total)}"
