"""S: points of rows, subtotals, total and grade."""

from __future__ import annotations

from decimal import Decimal

from workbook_tools.checks.reading import amount_missing
from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.weights import beyond_their_group, said_points, weight_missing, weights_are_not_a_hundred
from workbook_tools.checks.words import (
    OVER,
    IndicatorRow,
    blank,
    differing,
    given_by_others,
    given_by_rule,
    no_reason,
    not_filled,
    over_target,
    rate_beyond_its_weight,
    reason_owed,
    rows,
    total_printed_twice,
)
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.deductions import veto
from workbook_tools.values import HUNDRED, format_value, plain, read_points, read_quantity, round_half_up


@check("S101", ERROR, since="0.1")
def score_differs_from_rule(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """得分不符合办法。

    ## 为什么
    定量指标的得分由指标值、完成值和分值决定，多一分少一分都要改。超额 30% 以上、写明原因而适度调减的，不查。

    ## 例
    查出：得分 = 18
    不查：得分 = 20

    ## 怎么改
    改成按办法算出的分；办法允许扣分的，在原因里写明。

    ## 依据
    若为定量指标,完成值达到指标值,记满分;未达到指标值,按 B/A 或 A/B*该指标分值记分（江西表注）；各办法见 workbook_tools schemes show。
    """
    reduced = {f"{row.field}.score" for row in rows(form) if _reduced_for_a_reason(row)}
    for field, words, wanted, why in differing(form, scores, scheme):
        if field in reduced and (read_points(words) or 0) < Decimal(wanted):
            continue
        if field.startswith(("indicators.", "deductions.")) and field.endswith((".score", ".coefficient")):
            yield field, f"填 {words}，按办法应为 {wanted}（{why}）"


def _reduced_for_a_reason(row: IndicatorRow) -> bool:
    """Whether far more than the target was reached and the row says why: points may be taken off a target set too low."""
    ratio = over_target(row)
    return ratio is not None and ratio >= OVER and not no_reason(row.words.reason)


@check("S102", ERROR, since="0.1")
def sum_differs_from_rows(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """小计、总分不是各行之和。

    ## 为什么
    各行得分加起来是多少，总分就是多少；有的表各行最多加到 94，总分写 98。

    ## 例
    查出：总分 = 99
    不查：总分 = 98

    ## 怎么改
    重新相加；小计有上限的不超过上限。

    ## 依据
    总分等于各项得分之和。
    """
    only_rises = not scheme.deductions.rows and all(group.share == HUNDRED for group in scheme.groups)
    withheld = {field for field, line in scores.lines.items() if line.withheld}
    yield from total_printed_twice(form)
    for field in (*form.sums, "total"):
        said = read_points(form.words.get(field, "")) if field not in withheld else None
        terms, whole = printed_terms(form, scores, scheme, field)
        exact, _ = printed_terms(form, scores, scheme, field, rounded=False)  # as SUM adds 40/3 in three cells
        if said is None or not terms:
            continue
        total, added = _come_to(terms, field, scheme), " + ".join(plain(term) for term in terms)
        if whole and round_half_up(said, scheme.places) not in (total, _come_to(exact, field, scheme)):
            yield field, f"填 {form.words[field]}，表上各项相加应为 {total}（{added}）"
        elif not whole and only_rises and min(total, _come_to(exact, field, scheme)) > said:
            yield field, f"填 {form.words[field]}，表上填了的各项相加已有 {total}（{added}）"


def printed_terms(
    form: Form, scores: Scores, scheme: Scheme, field: Field, *, rounded: bool = True
) -> tuple[list[Decimal], bool]:
    """What is printed in the parts of a sum, rounded as the scheme rounds rows; and whether all could be read."""
    line = scores.lines.get(field)
    needed = line.depends_on if line else ()
    blank = {part for part in needed if part.startswith("indicators.") and not form.words.get(part)}
    used = {row.field for row in rows(form)} if blank else set()
    asked = [part for part in needed if part not in blank or part[:-6] in used]
    parts = [_printed_sum(form, scores, scheme, part, rounded=rounded) for part in asked]
    return [part for part, _ in parts if part is not None], bool(parts) and all(whole for _, whole in parts)


def _printed_sum(
    form: Form, scores: Scores, scheme: Scheme, field: Field, *, rounded: bool
) -> tuple[Decimal | None, bool]:
    """What is printed in a field, else the sum of its printed parts; and whether nothing is missing from it."""
    if words := form.words.get(field, ""):
        points = read_points(words)
        return round_half_up(points, scheme.places) if rounded and points is not None else points, points is not None
    line = scores.lines.get(field)
    if line is None or not field.startswith(("groups.", "subtotal")):
        return None, False
    terms, whole = printed_terms(form, scores, scheme, field, rounded=rounded)
    without_rows = not line.depends_on and bool(rows(form))  # of a form that has others: nothing is earned there
    return _come_to(terms, field, scheme) if terms else Decimal(0), whole or without_rows


def _come_to(terms: list[Decimal], field: Field, scheme: Scheme) -> Decimal:
    """The sum of the parts, weighted, capped and rounded as in scoring."""
    caps = {f"groups.{group.name}": group.points for group in scheme.groups if group.weights in ("rules", "equal")}
    total = _weighted(terms, scheme) if field == "total" else sum(terms, Decimal(0))
    if (cap := caps.get(field)) is not None:
        total = min(total, cap)
    if field == "groups.deduction":
        total = max(total, scheme.deductions.lowest)
    return round_half_up(total, scheme.places)


def _weighted(parts: list[Decimal], scheme: Scheme) -> Decimal:
    shares = [group.share for group in scheme.groups]
    if len(shares) != len(parts) or all(share == HUNDRED for share in shares):
        return sum(parts, Decimal(0))
    return sum((part * share / HUNDRED for part, share in zip(parts, shares, strict=True)), Decimal(0))


@check("S103", ERROR, since="0.1")
def grade_differs_from_total(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """等级与总分不符。

    ## 为什么
    84.47 分写“优”，一看就是错的。

    ## 例
    查出：（中山）等级 = 良
    不查：（中山）等级 = 优

    ## 怎么改
    按总分改等级；一票否决的改为“差”。

    ## 依据
    分数≥90分为优、80≤分数<90分为良、60分≤分数<80分为中、分数<60分为差（中山市附件1-1）。
    """
    total = read_points(form.total)
    vetoed = "grade" in scores.lines and veto(form, scheme.deductions) is True
    if not form.grade or not scheme.grades.steps or (total is None and not vetoed):
        return
    step, grade = ("", scheme.deductions.veto_grade) if vetoed else scheme.grades.step(total or Decimal(0))
    if form.grade.rstrip("。 ") != grade:
        why = "一票否决" if vetoed else f"{form.total} 分，{step}"
        yield "grade", f"填“{form.grade}”，{why}，应为“{grade}”"


@check("S104", ERROR, since="0.1")
def score_beyond_its_weight(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """得分超过分值，或是负数。

    ## 为什么
    得分最高是这一行的分值，最低是 0；扣分另有扣分项。

    ## 例
    查出：得分 = 21
    不查：得分 = 20

    ## 怎么改
    改到 0 和分值之间。

    ## 依据
    得分最高不能超过该指标分值上限（中江县表注）。
    """
    proportional = scheme.indicators.rate == "proportion"  # 完成率可以超过 100%，只在小计封顶
    for row in rows(form):
        if row.score is None or row.weight is None:
            continue
        if row.score < 0 or (row.score > row.weight and not proportional and not given_by_rule(row, scores, scheme)):
            said = f"得 {row.words.score} 分，分值是 {row.words.weight}；请改到 0～{plain(row.weight)} 之间"
            yield f"{row.field}.score", said
    yield from rate_beyond_its_weight(form, scores)
    for listed, points, earned in beyond_their_group(form, scheme).values():
        label = " ".join((listed[0].words.label or "").split())
        own = "，本地另定分值的，请印在组名后面" if said_points(listed) is None else ""
        of = "原文的 " if own else " "
        yield f"{listed[0].field}.score", f"“{label}”各行得分合计 {earned}，超过{of}{points} 分；请核对各行的得分{own}"
    for number, deduction in enumerate(form.deductions, 1):
        score = read_points(deduction.score or "")
        if score is not None and score > 0:
            yield f"deductions.{number}.score", f"扣分项得 {deduction.score} 分；扣分写负数，不扣写 0"


@check("S105", ERROR, since="0.1")
def missed_with_full_marks(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有完成，却得了满分。

    ## 为什么
    应为 4754 人，实际 4604 人，仍得满分；审核时这样的行最先被查出来。

    ## 例
    查出：完成值 = 150人
    不查：完成值 = 210人

    ## 怎么改
    按比例减分；客观原因造成的，在偏差原因里写明，由主管部门认定。

    ## 依据
    未达到指标值,按 B/A 或 A/B*该指标分值记分（江西表注）。
    """
    for row in rows(form):
        full = row.score is not None and row.weight is not None and row.score == row.weight > 0
        if full and row.missed and not row.unsigned and not given_by_rule(row, scores, scheme):
            typed = "score" if row.words.coefficient is None else "coefficient"  # the score follows from it
            yield f"{row.field}.{typed}", f"{row.why}，没有完成，却得满分 {plain(row.weight or Decimal(0))}"


@check("S106", HINT, since="0.1")
def met_but_reduced_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """完成了却扣了分，没有写原因。

    ## 为什么
    指标完成了，扣 1 分、3 分应当写明原因；每行都少一点，看上去是为凑总分而扣。

    ## 例
    查出：得分 = 19
    不查：得分 = 20

    ## 怎么改
    写明扣分的原因，或改成满分。

    ## 依据
    完成值达到指标值,记满分（江西表注）；丽江一份公开的表四行都完成、四行都扣了分。
    """
    for row in rows(form):
        if row.share is None or row.missed or row.score is None or row.weight is None:
            continue
        if 0 <= row.score < row.weight and no_reason(row.words.reason):
            yield (
                f"{row.field}.score",
                f"{row.comparison.why}，分值 {row.words.weight}，只得 {row.words.score}，{reason_owed(row)}",
            )


@check("S114", HINT, since="0.1")
def points_lost_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """扣了分，没有写原因。

    ## 为什么
    定性指标、不能相除的指标由填表人评分，扣了几分，看的人不知道为什么扣。

    ## 例
    查出：机制得分 = 12；机制原因 =
    不查：机制得分 = 12

    ## 怎么改
    写明扣分的原因；没有理由扣的，改成满分。

    ## 依据
    请在“未完成原因分析”中说明偏离目标,不能完成的原因及拟采取的措施（江西表注）。
    """
    for row in rows(form):
        unknown = row.comparison.met is None and not row.missed and not given_by_others(form, row, scheme)
        lost = row.score is not None and row.weight is not None and 0 <= row.score < row.weight
        if unknown and lost and no_reason(row.words.reason):
            said = f"分值 {row.words.weight}，只得 {row.words.score}"
            yield f"{row.field}.score", f"{said}，{reason_owed(row)}"


@check("S107", HINT, since="0.1")
def full_marks_everywhere(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """每一行都是满分。

    ## 为什么
    全部满分的自评，多半没有认真评；审核时会重点看。

    ## 例
    查出：机制得分 = 15
    不查：机制得分 = 14

    ## 怎么改
    确实都完成了的不用改；备好证明材料。

    ## 依据
    郫都 2025 年复核：10 个项目全部自评 100 分。
    """
    scored = [row for row in rows(form) if row.score is not None and row.weight is not None]
    if len(scored) > 2 and all(row.score == row.weight for row in scored):
        yield "total", f"{len(scored)} 个指标全部满分；请核对，备好证明材料"


@check("S108", ERROR, since="0.1")
def weighted_twice(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """分值乘了两次权重。

    ## 为什么
    25 分的指标满分就是 25 分，再乘 25% 只剩 6.25 分。河北的表“单项得分”是百分制，填成 25 再折算，也只剩 6.25 分。

    ## 例
    查出：得分 = 4
    不查：得分 = 20

    ## 怎么改
    得分直接按分值计，不要再乘权重。

    ## 依据
    公开的自评表中有 25 × 25% 的。
    """
    for row in rows(form):
        weight, share = row.weight, Decimal(1) if row.share is None else row.share
        if weight is None or not 0 < weight < HUNDRED or (row.missed and row.share is None):
            continue
        earned = round_half_up(weight * share, 2)  # 单项得分 counted in points of the weight, not out of 100
        if row.words.coefficient is not None:
            said = read_quantity(row.words.coefficient)
            if said and earned and said.number == earned != round_half_up(HUNDRED * share, 2):
                at = f"“{' '.join(row.words.coefficient.split())}”正好是按分值 {plain(weight)} 计的得分"
                yield f"{row.field}.coefficient", f"{at}，又乘了 {plain(weight)}%；这一格按百分制填，完成的填 100"
        elif row.score == round_half_up(earned * weight / HUNDRED, 2) and not given_by_rule(row, scores, scheme):
            times = f"{plain(earned)} × {plain(weight)}%"
            yield f"{row.field}.score", f"得 {row.words.score} 分，像是 {times}；请不要再乘权重"


@check("S109", ERROR, since="0.1")
def score_missing(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """得分没有填。

    ## 为什么
    少一行得分，总分就不对。

    ## 例
    查出：得分 =
    不查：得分 = 20

    ## 怎么改
    填写，或者用 fill_form 计算。

    ## 依据
    公开的自评表中有得分、总分空着就上网的。
    """
    missing = {
        f"{row.field}.score": f"“{row.name}”的得分没有填"
        for row in rows(form)
        if row.words.score is not None
        and (blank(row.words.score) or not_filled(row.words.score))
        and (row.words.weight is None or not blank(row.words.weight))
    }
    if "total" in scores.lines and not_filled(form.total) and ("total" in form.words or scheme.form.indicators):
        missing["total"] = "总分没有填"
    if "grade" in scores.lines and not form.grade and scheme.deductions.rows:
        missing["grade"] = "等级没有填"
    for field, line in scores.lines.items():
        if line.value is not None and not_filled(form.words.get(field)) and field not in ("total", "grade"):
            missing[field] = f"没有填，应为 {format_value(line.value)}"
    yield from missing.items()


@check("S110", ERROR, since="0.1")
def left_to_a_person(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """有一处要由人决定。

    ## 为什么
    指标值、完成值的写法有两种读法，办法没有写明，或者少填了一格，程序不作推断；这一处不定下来，总分就无法计算。

    ## 例
    查出：完成值 = 1.5人以上吧；得分 = 25
    不查：完成值 = 210人

    ## 怎么改
    按提示补充或改写。

    ## 依据
    不能确定的不算，由填表人决定。
    """
    others = (score_missing, weight_missing, weights_are_not_a_hundred)
    told = {field for other in others for field, _ in other(form, scores, scheme)}
    told |= {f"groups.{name}" for name in beyond_their_group(form, scheme)}  # S104
    if scheme.general:  # what its form does not print is left unchecked, not asked for
        told |= {f"{row.field}.score" for row in rows(form) if row.words.weight is None}
    if any(amount_missing(form, scores, scheme)):
        told |= {field for field in scores.lines if field.startswith("budget.")}
    still_open = {field: line for field, line in scores.lines.items() if line.value is None and not line.withheld}
    wrong = {field for field, *_ in differing(form, scores, scheme)}  # said already: a sum of 0 that another ÷ by
    for field, line in still_open.items():
        if (still_open.keys() | wrong).isdisjoint(line.depends_on) and field not in told:
            yield field, line.why
