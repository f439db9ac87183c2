"""A: what the supervising department fills in below the self-evaluation; and the whole period beside its year."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from workbook_tools.checks.grades import usual_grades
from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import blank, differing
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Bands, Scheme
from workbook_tools.scoring.deductions import veto
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, UNCALCULATED, normalize, plain, read_points, read_target, unfilled

ANSWERS = ("grade", "opinion", "advice", "budget")  # what the supervising department writes besides the points
_YEAR = regex(r"20\d\d")
_BOXES = regex(r"[□■○●√\u2610-\u2612\u2713]", needs="□|■|○|●|√|\u2610|\u2611|\u2612|\u2713")
_WHOLE, _OF_YEAR = regex(r"实施周期(?:绩效)?目标:?"), regex(r"年度(?:实施周期|绩效)?目标:?")


class Reviewed(NamedTuple):
    """What the supervising department gave, beside the self-evaluation that stays as it is.

    Attributes:
        score: 审核分数, None where it is blank or no number.
        grade: 核定等级 as written, "" where it is blank.
        total: 总分 of the self-evaluation as printed, None where it is no number.
        difference: score less total, None where one of them is not known.
    """

    score: Decimal | None
    grade: str
    total: Decimal | None
    difference: Decimal | None


def reviewed(form: Form) -> Reviewed | None:
    """What the department gave; None where the form has no room for it."""
    if form.review.keys().isdisjoint(("score", "grade")):
        return None
    points, own = _points(form), _own_total(form)
    return Reviewed(points, _said(form, "grade"), own, None if points is None or own is None else points - own)


def most_points(scores: Scores, scheme: Scheme) -> Decimal | None:
    """The most points that a review can give to a form; None where its full marks are not known."""
    return max(HUNDRED, scores.full or HUNDRED) if scores.full or not scheme.general else None


def _said(form: Form, name: str) -> str:
    """What is written in a field of the section; "" where it is blank, or says 无 or 请选择."""
    words = form.review.get(name, "")
    return "" if blank(words) or unfilled(words) else words


def _points(form: Form) -> Decimal | None:
    return read_points(_said(form, "score"))


def _own_total(form: Form) -> Decimal | None:
    """The total of the self-evaluation, as printed."""
    return read_points(form.total) if form.total != UNCALCULATED else None


def _grade(words: str) -> str:
    """A grade as a scheme writes it: 优秀 is 优; "" where it is to be ticked (□优 □良)."""
    if _BOXES.search(words):
        return ""
    same: dict[str, str] = {word: grade["words"][0] for grade in usual_grades()["grade"] for word in grade["words"]}
    word = normalize(words).rstrip("。. ").removesuffix("等级").removesuffix("等")
    return same.get(word, word)


def grade_differs(words: str, points: Decimal | None, grades: Bands[str], lost: str) -> str:
    """Why a reviewed grade does not follow from the score, "" where it does or that is not known; `lost` by a veto."""
    grade = _grade(words)
    if points is None or not grade or not grades.steps:
        return ""
    step, right = grades.step(points)
    return "" if grade in (right, lost) else f"填“{words}”，审核分数 {plain(points)} 分，{step}，应为“{right}”"


def vetoed(form: Form, scheme: Scheme) -> str:
    """Why the grade is lost: the row of the veto, or the department's own words; "" where neither says so."""
    rules = scheme.deductions
    if rules.veto and veto(form, rules) is True:
        return f"“{rules.veto}”一行写明已发生"
    if rules.veto and normalize(_said(form, "veto")).rstrip("。") in rules.veto_words:
        return f"审核的“{rules.veto}”写“{_said(form, 'veto')}”"
    return ""


@check("A101", ERROR, since="0.2")
def reviewed_grade_differs_from_score(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """核定等级与审核分数不符。

    ## 为什么
    审核分数定了，等级就定了：85 分核定为“优”，结果应用时会被问到。一票否决的另看 A108、A109。

    ## 例
    查出：（中山）审核分数 = 85；核定等级 = 优
    不查：（中山）审核分数 = 85；核定等级 = 良

    ## 怎么改
    核对审核分数；分数没有错的，按分数改核定等级。

    ## 依据
    分数≥90分为优、80≤分数<90分为良、60分≤分数<80分为中、分数<60分为差（中山市附件1-1，印的是自评绩效等级；核定等级没有另印分数段）。表上没有印分数段的不查。
    """
    said = grade_differs(_said(form, "grade"), _points(form), scheme.grades, scheme.deductions.veto_grade)
    if said and not vetoed(form, scheme):
        yield "review.grade", said


@check("A102", ERROR, since="0.2")
def reviewed_score_is_no_score(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """审核分数不在 0 和满分之间，或者不是一个数。

    ## 为什么
    审核分数要和自评总分比较，还要定等级：多打一位、写成文字，后面都错。

    ## 例
    查出：（中山）审核分数 = 946.6
    不查：（中山）审核分数 = 94.66

    ## 怎么改
    填 0 到满分之间的一个数，不写别的字；话写在审核意见里。

    ## 依据
    表上印的是“审核分数”；满分是各组分值之和。
    """
    words, points = _said(form, "score"), _points(form)
    most = most_points(scores, scheme)
    if words and points is None and scheme.review.quote:  # else it may be printed there
        yield "review.score", f"写的是“{words}”，不是一个数；请填分数，话写在审核意见里"
    elif points is not None and (points < 0 or (most is not None and points > most)):
        yield "review.score", f"填 {words}，不在 0 和满分{f' {plain(most)} ' if most else ''}之间"


@check("A103", HINT, since="0.2")
def reduced_without_an_opinion(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """审核分数低于自评，没有写审核意见。

    ## 为什么
    扣了分不写为什么，单位不知道改哪里，也没法复核。

    ## 例
    查出：（中山）审核分数 = 85；核定等级 = 良
    不查：（中山）审核分数 = 85；核定等级 = 良；审核意见 = 时效指标完成值偏低，扣 9.66 分

    ## 怎么改
    在审核意见或改进建议里写明扣在哪里、为什么。

    ## 依据
    主管部门仍须尽到尽职审核责任（中山市附件1-1）。郫都 2025 年复核：每一处扣分都写明按哪一条。
    """
    points, own = _points(form), _own_total(form)
    places = [name for name in ("opinion", "advice") if name in form.review]
    if points is not None and own is not None and points < own and not any(_said(form, name) for name in places):
        at = f"review.{places[0]}" if places else "review.score"
        yield at, f"自评 {plain(own)} 分，审核 {plain(points)} 分，少 {plain(own - points)} 分，没有写原因"


@check("A104", HINT, since="0.2")
def answered_without_a_score(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """写了审核意见或核定等级，没有填审核分数。

    ## 为什么
    没有分数，等级没有根据，汇总里也是空的。

    ## 例
    查出：（中山）核定等级 = 优
    不查：（中山）审核分数 = 94.66；核定等级 = 优

    ## 怎么改
    填审核分数；不打分的，请核对办法是不是允许。

    ## 依据
    表上“审核分数”和“核定等级”“审核意见”在同一栏（中山市附件1-1）。
    """
    if "score" in form.review and not _said(form, "score"):
        # of a form that no scheme knows, what stands in the other cells may be printed there
        answered = any(_said(form, name) for name in ANSWERS if name != "grade") and bool(scheme.review.quote)
        if answered or _grade(_said(form, "grade")):
            yield "review.score", "是空的，审核的其他栏已经填了；请填审核分数"


@check("A105", HINT, since="0.2")
def scores_are_far_apart(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """审核分数和自评总分相差太大。

    ## 为什么
    差得多，不是自评不实，就是审核看错了，要再看一次。差多少算大，由办法写明（scheme.toml 的 [review] far）；办法没有写的不查，只在结果里写出差数。

    ## 例
    查出：（差10分要重看）审核分数 = 80；审核意见 = 时效指标完成值偏低
    不查：（差10分要重看）审核分数 = 90；审核意见 = 时效指标完成值偏低

    ## 怎么改
    和单位核对有出入的各行；确实如此的，在审核意见里写明。

    ## 依据
    各办法的 far_quote，见 workbook_tools schemes show；收录的办法里没有写明的。
    """
    points, own, far = _points(form), _own_total(form), scheme.review.far
    if points is not None and own is not None and far is not None and abs(own - points) >= far:
        said = f"自评 {plain(own)} 分，审核 {plain(points)} 分，差 {plain(abs(own - points))} 分"
        yield "review.score", f"{said}，{plain(far)} 分以上要重看（{scheme.review.far_quote}）"


@check("A106", HINT, since="0.2")
def poor_quality_may_cost_points(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """自评的得分有错，自评质量没有扣分，请审核人决定。

    ## 为什么
    办法里有“按时按质提交，否则扣分”的，由审核的人决定扣不扣。这里只提醒，不改分，也不算进总分。只在主管部门已经填了审核的表上提醒。

    ## 例
    查出：（中山）得分 = 10；审核分数 = 91.33；审核意见 = 第一行多算
    不查：（中山）审核分数 = 94.66

    ## 怎么改
    决定扣的，在扣分项这一行写明情况和扣分；不扣的，不用改。

    ## 依据
    是否按照按时按质提交自评材料, 否则-5分（中山市附件1-1）。办法没有这一条的不查。
    """
    if not any(_said(form, name) for name in ("score", *ANSWERS)):
        return
    wrong = [field for field, *_ in differing(form, scores, scheme) if field == "total" or field.endswith(".score")]
    for proposal in scheme.review.proposals if wrong else ():
        for number, row in enumerate(form.deductions, 1):
            points = read_points(row.score or "")
            if "poor" in proposal.grounds and normalize(row.kind) == normalize(proposal.row) and not points:
                said = f"表上有 {len(wrong)} 处得分和办法不一致；“{proposal.quote}”"
                yield f"deductions.{number}.score", f"{said}，扣不扣由审核人决定"


@check("A107", HINT, since="0.2")
def year_does_not_fit_its_period(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """年度目标比整个实施周期的还大，或者几年的项目两个目标完全相同。

    ## 为什么
    几年的项目，一年的目标是整个周期的一部分。完全相同，多半是抄的；一年的比几年的还多，一定有一个填错了。百分数、“不超过”的不比大小。

    ## 例
    查出：（中山）实施周期目标 = 实施周期绩效目标：保障热线正常运行，话务量 100 万件；年度目标 = 年度实施周期目标：保障热线正常运行，话务量 100 万件
    不查：（中山）实施周期目标 = 实施周期绩效目标：三年保障热线正常运行，话务量 300 万件；年度目标 = 年度实施周期目标：保障热线正常运行，话务量 100 万件

    ## 怎么改
    按批复的目标，分别写整个周期的和本年度的。

    ## 依据
    表上分印“实施周期绩效目标”和“年度实施周期目标”（中山市附件1-1）；绩效目标表分印实施周期指标值和年度指标值（广州市信访局）。
    """
    years = [int(year) for year in _YEAR.findall(form.texts.get("texts.period", ""))]
    several = bool(years) and max(years) > min(years)
    goals = {field: normalize(words) for field, words in form.texts.items() if field.startswith("texts.goal")}
    whole = next((_WHOLE.sub("", words, count=1) for words in goals.values() if _WHOLE.match(words)), "")
    for field, words in goals.items():
        if several and whole and _OF_YEAR.match(words) and _OF_YEAR.sub("", words, count=1) == whole:
            yield field, f"和实施周期绩效目标完全相同，项目从 {min(years)} 年到 {max(years)} 年；请写本年度的目标"
    for number, row in enumerate(form.indicators, 1):
        of_all, of_year = (read_target(words or "") for words in (row.period, row.target))
        if (
            of_all
            and of_year
            and of_all.quantity.unit == of_year.quantity.unit != "%"
            and _more_is_better(of_all.op, of_year.op)
        ):
            if of_year.quantity.number > of_all.quantity.number:
                said = f"年度指标值“{row.target}”比实施周期指标值“{row.period}”还大"
                yield f"indicators.{number}.target", f"“{row.name}”的{said}，请核对"
            elif several and of_year.quantity == of_all.quantity:
                said = f"年度指标值和实施周期指标值都是“{row.target}”，项目从 {min(years)} 年到 {max(years)} 年"
                yield f"indicators.{number}.target", f"“{row.name}”的{said}，请核对"


def _more_is_better(*signs: str | None) -> bool:
    """Whether more is better in all of the targets, or they carry no sign."""
    return all(sign not in ("≤", "<") for sign in signs)


@check("A108", ERROR, since="0.2")
def veto_without_its_grade(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """一票否决，核定等级不是“差”。

    ## 为什么
    一票否决的项目，多少分都是“差”；核定成别的等级，后面的预算建议也跟着错。

    ## 例
    查出：（中山）一票否决 = 已发生；审核分数 = 94.66；核定等级 = 优
    不查：（中山）一票否决 = 已发生；审核分数 = 94.66；核定等级 = 差

    ## 怎么改
    核定等级改为“差”；没有发生的，改“一票否决”一行。

    ## 依据
    如有该项目自评绩效等级直接降级为“差”（中山市附件1-1）。
    """
    words, why = _said(form, "grade"), vetoed(form, scheme)
    if why and _grade(words) not in ("", scheme.deductions.veto_grade):
        yield "review.grade", f"填“{words}”，{why}，应为“{scheme.deductions.veto_grade}”"


@check("A109", HINT, since="0.2")
def lowest_grade_without_a_veto(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """核定等级为“差”，分数不到这一档，没有写明一票否决。

    ## 为什么
    分数够得上更高的等级，只有一票否决（包括不配合核查）才是“差”。没有写明的，单位会问为什么。

    ## 例
    查出：（中山）审核分数 = 94.66；核定等级 = 差
    不查：（中山）审核分数 = 94.66；核定等级 = 差；审核意见 = 不配合核查，一票否决

    ## 怎么改
    是一票否决的，在审核意见里写明“一票否决”和原因；不是的，按分数改等级。

    ## 依据
    以及不配合开展自评核查工作的,如有该项目自评绩效等级直接降级为“差”（中山市附件1-1）。
    """
    points, rules = _points(form), scheme.deductions
    if points is None or not rules.veto or not scheme.grades.steps or vetoed(form, scheme):
        return
    step, right = scheme.grades.step(points)
    told = any(rules.veto in _said(form, name) for name in ("opinion", "advice", "budget"))
    if _grade(_said(form, "grade")) == rules.veto_grade != right and not told:
        said = f"审核分数 {plain(points)} 分，{step}，为“{right}”"
        yield "review.grade", f"填“{form.review['grade']}”，{said}；是{rules.veto}的，请在审核意见里写明原因"
