"""Points in a text: the total, the grade, the sums of groups, the scores and weights of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from workbook_tools.claims.claim import Claim, is_last_of, judged, last_named, names_in, row_of
from workbook_tools.claims.facts import Facts, Group, Row
from workbook_tools.claims.sentences import Figure, Text, left_over
from workbook_tools.text import regex
from workbook_tools.values import plain, round_half_up

_TOTAL = regex(
    r"(?:自评|综合|总体|最终|绩效评价|绩效|总)(?:绩效)?(?:评价)?(?:得分|评分|总分|分值|分数|分)$", needs="分"
)
_SCORE = regex(r"(?:得分|评分|自评分|得)$")
_FULL = regex(r"(?:总分|满分|总分值)$", needs="总分|满分")
_WEIGHT = regex(r"(?:权重|分值|标准分)(?:均|分别|各)?$", needs="分值|权重|标准分")


def _shown(numbers: frozenset[Decimal]) -> str:
    return "或".join(plain(round_half_up(number, 2)) for number in sorted(numbers))


def _right(figure: Figure, numbers: frozenset[Decimal]) -> bool:
    return any(round_half_up(number, figure.places) == figure.number for number in numbers)


def total(text: Text, facts: Facts) -> Iterator[Claim]:
    """自评分值为99.7分: the total, half up to the places written."""
    for figure in text.figures:
        if figure.unit == "分" and (points := _FULL.search(figure.subject)):
            before = figure.subject[: points.start()]
            own = (*facts.own_words, "自评", "评价", "绩效", "评分")
            if not left_over(before, own) and not _of_group(figure, facts):
                numbers = facts.full | facts.totals
                message = f"写总分{figure.said}分，表里是 {_shown(numbers)}；请改成一致"
                sure = not _OF_OTHERS.search(figure.before)
                yield judged(figure, message, right=figure.number in numbers, sure=sure)
            continue
        found = _TOTAL.search(figure.subject)
        if figure.unit != "分" or found is None or not facts.totals:
            continue
        before = figure.subject[: found.start()]
        whole = not left_over(before, (*facts.own_words, "评价", "绩效", "自评")) or before.endswith("项目")
        named = last_named(figure.before, facts)
        if named and figure.before[named.end :] != "" and not _TOTAL.search(figure.before[named.end :][-8:]):
            continue
        if named and named.group and _stands_alone(figure, named.end):
            continue  # 项目管理绩效指标总分是100分: of a group
        whole = whole and not _OF_OTHERS.search(figure.before)
        right = _right(figure, facts.totals)
        message = f"写“{found[0]}”{figure.said}分，表里的总分是 {_shown(facts.totals)}；请改成一致"
        yield judged(figure, message, right=right, sure=whole and not named and not figure.in_part, own=True)


_OF_OTHERS = regex("初评|复评|复核|审核|核定|专家|第三方")  # what others gave is no 自评


def _of_group(figure: Figure, facts: Facts) -> bool:
    named = last_named(figure.before, facts)
    return named is not None and named.group is not None


def _stands_alone(figure: Figure, end: int) -> bool:
    return "。" not in figure.before[end:]


_GRADE = regex(
    r"(?:(?:等级|等次|级别|评级|档次)(?:等次)?(?:评定|评|定|确定)?(?:为|是|:)?|自评(?:结果|结论)(?:为|是|:)?|达到|评(?:定)?为)[“\"]?"
    r"(优秀|良好|优|良|中等|中|合格|差)(?:[”\"]|(?=[,。;)]|$|等?级|等次|档))",
    needs="档次|等次|等级|级别|评|达到",
)


def grade(text: Text, facts: Facts) -> Iterator[Claim]:
    """等级为“优”: the grade that the form prints; 优秀 is 优."""
    if not facts.grades:
        return
    for sentence in text.sentences:
        for found in _GRADE.finditer(sentence.words):
            if sentence.other_year or "标准" in sentence.words[: found.start()] or re.search("[≥≤<>]", sentence.words):
                continue
            said = {"合格": "中"}.get(found[1], found[1][0])
            start = sentence.start + found.start(1)
            right = said in facts.grades
            others = left_over(sentence.words[: found.start()], facts.own_words)
            doubt = re.search("满意|服务|质量|验收|考核|项目组|部门|目标|上年|去年", others) is not None
            message = f"写等级“{found[1]}”，表里是“{'”或“'.join(sorted(facts.grades))}”；请改成一致"
            verdict = True if right else None if doubt or len(facts.grades) > 1 else False
            yield Claim(start, start + len(found[1]), verdict, message, own=True)


_OF_ANY = regex(r"([\u4e00-\u9fff]{2})(?:绩效)?指标(?:得分|得)?为?\d")


def _all_known(words: str, facts: Facts) -> bool:
    """Whether the form has every group whose points a sentence tells: 决策指标得分18分 is of another way to score."""
    stems = tuple(group.stem for group in facts.groups)
    return all(any(stem.endswith(said) for stem in stems) for said in _OF_ANY.findall(words))


_NEUTRAL = regex(
    r"[\d.]{1,12}分|共?(?:数量[为共]?)?\d{1,3}[个项]|数量[为共]?\d{1,6}[个项]|全部指标均?(?:达标|达到)|截[至止]|(?:19|20)\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?"
)


_TO_ITS_POINTS = regex(r"(?:合计|小计)?(?:满分|分值|权重|总分|得分|评分|自评|评价|实|为|是|得|,|、|:|共|[\d.])*+")
# 产出指标50分 of 50 may tell what the group is worth; 得50分 tells what it earned.
_EARNED = regex(r"得|评分|自评|评价")


def _of_scores(figure: Figure) -> bool:
    """Whether a sentence says that it tells what was earned, and not what there is to earn."""
    return "得分" in figure.before and not _WORTHS.search(figure.before)


_WORTHS = regex("满分|分值|权重|标准|体系|总分")


def subtotal(text: Text, facts: Facts) -> Iterator[Claim]:
    """产出指标49.7分: the sum of a group, half up to the places written."""
    for figure in text.figures:
        if figure.unit != "分":
            continue
        subject = re.sub(r"\([^()]*\)", "", figure.before[max(figure.before.rfind("。") + 1, 0) :])
        if _WEIGHT.search(figure.subject) or _FULL.search(figure.subject) or "扣" in subject[-3:]:
            continue
        named = last_named(subject, facts)
        if named is None or named.group is None or not named.group.sums:
            continue
        between = _NEUTRAL.sub("", subject[named.end :])
        sure = _TO_ITS_POINTS.fullmatch(between) is not None
        sure = sure and _all_known(figure.before + figure.said + figure.after, facts)
        earned = _EARNED.search(between[-4:]) is not None or _of_scores(figure)
        sure = sure and (figure.number not in named.group.points or earned)
        sure = sure and not _OF_OTHERS.search(figure.before) and not is_last_of(subject, named.start)
        only = [one for one in facts.groups if one.stem == named.group.stem]
        message = f"写“{named.group.stem}”{figure.said}分，表里是 {_shown(named.group.sums)}；请改成一致"
        yield judged(figure, message, right=_right(figure, named.group.sums), sure=sure and len(only) == 1)


_EXECUTION = regex(
    r"(?P<what>(?:预算|资金)(?:执行|完成)(?:率|情况)?|执行率)(?:指标)?(?:(?:分值|满分|权重)为?[\d.]{1,8}分,|[为是达到仅]{0,3}[\d.]{1,8}%,)?"
    r"(?P<earned>(?:自评|该项)?(?:得分|评分|实?得)(?:为|是)?)?$",
    needs="执行|完成",
)
_WORTH = regex(r"(?:分值|满分|权重|标准分|扣减?|扣除)(?:为)?[\d.]{1,8}分")
_PLAINLY = ("", "得分", "得分为", "评分", "评分为", "得")
_ANOTHER_RATE = regex("(?<!完成)(?<!达标)(?<!得分)(?<!比)率|满意度")  # 培训500人次,合格率90%,扣1分
_OWN_SCALE = regex("满意|测评|考核|评价|评分")


def row_score(text: Text, facts: Facts) -> Iterator[Claim]:
    """出勤率98%，达到年度指标值，得分50分: the score of the row that the sentence names last."""
    for figure in text.figures:
        if figure.unit != "分" or "扣" in figure.before[-4:] or _WEIGHT.search(figure.subject):
            continue
        named = last_named(figure.before, facts)
        rate = _EXECUTION.search(figure.before)
        if rate and not (named and named.row and named.end > rate.start()) and facts.budget_scores:
            before = re.split("[,、。;:()]", figure.before[: rate.start()])[-1]
            sure = rate["earned"] is not None and not left_over(before, ("资金", "预算", *facts.own_words))
            message = f"写{rate['what']}得{figure.said}分，表里是 {_shown(facts.budget_scores)}；请改成一致"
            yield judged(figure, message, right=_right(figure, facts.budget_scores), sure=sure)
            continue
        if named is None or named.row is None or not named.row.scores:
            continue
        between = figure.before[named.end :]
        if not (_SCORE.search(figure.subject) or not between.strip("”")) or _TOTAL.search(figure.subject):
            continue
        rows, sure = row_of(figure.before[: named.end][-40:], facts)
        alone = len(rows) == 1 and re.search(r"\d分", _WORTH.sub("", between)) is None
        bare = between.strip("”") == "" and figure.number == named.row.weight and not _of_scores(figure)
        alone = alone and _OF_OTHERS.search(figure.before) is None and not is_last_of(figure.before, named.start)
        alone = alone and _ANOTHER_RATE.search(between) is None
        if bare or (between.strip("”") in _PLAINLY and _OWN_SCALE.search(named.row.name)):
            alone = False  # 满意度得分92分 is of its own scale; 甲10分 of 10 may be what it is worth
        message = f"写“{named.row.shown}”得{figure.said}分，表里是 {_shown(named.row.scores)}；请改成一致"
        yield judged(figure, message, right=_right(figure, named.row.scores), sure=alone)


def deduction(text: Text, facts: Facts) -> Iterator[Claim]:
    """主要扣分点是甲，扣0.33分: what the row lacks of its weight."""
    for figure in text.figures:
        if figure.unit != "分" or not re.search(r"扣[减除]?(?:了)?$", figure.before):
            continue
        named = last_named(figure.before, facts)
        if named is None or named.row is None or named.row.weight is None or not named.row.scores:
            continue
        lost = frozenset(named.row.weight - score for score in named.row.scores)
        single = sum(one.row is not None for one in names_in(figure.before, facts)) == 1
        single = single and _ANOTHER_RATE.search(figure.before[named.end :]) is None
        message = f"写“{named.row.shown}”扣{figure.said}分，表里分值减得分是 {_shown(lost)}；请改成一致"
        single = single and not is_last_of(figure.before, named.start)
        yield judged(figure, message, right=_right(figure, lost), sure=single)


_SHARE = regex(r"得分\*(\d+(?:\.\d+)?)%", needs="得分*")
_OF_ANOTHER = regex(
    "(?<!绩效)(?<!每个)(?<!三级)(?<=[\u4e00-\u9fff])指标"
)  # 数量指标 where the form knows no such group
_LISTED = regex(r"权重(\d+(?:\.\d+)?)%,分别为(.*)", needs="权重")


def weight(text: Text, facts: Facts) -> Iterator[Claim]:
    """权重50% · 每个三级指标的分值均为12分 · 得分*40%: what the form prints for the row or the group."""
    for sentence in text.sentences:
        yield from _shares(sentence.start, sentence.words, facts)
        if (listed := _LISTED.search(sentence.words)) and sentence.figures:
            parts = [Decimal(one) for one in re.findall(r"权重(\d+(?:\.\d+)?)%", listed[2])]
            if len(parts) > 1:
                said = Decimal(listed[1])
                message = f"写权重{listed[1]}%，后面各项相加是 {plain(sum(parts, Decimal(0)))}%；请核对"
                start = sentence.start + listed.start(1)
                yield Claim(start, start + len(listed[1]), said == sum(parts, Decimal(0)), message)
    for figure in text.figures:
        full = _FULL.search(figure.subject)
        if figure.unit not in ("分", "%") or not (full or _WEIGHT.search(figure.subject)):
            continue
        named = last_named(figure.before, facts)
        if named is None or figure.before[named.end :].count(",") > 2:
            if full and figure.unit == "分" and figure.number in facts.full:
                yield Claim(figure.start, figure.end, verdict=True)
            continue
        each = re.search(r"每[个项](?:三级)?指标", figure.before[named.end :]) is not None or "每" in figure.subject
        known = _weights(named.row, named.group, each)
        what = named.row.shown if named.row else named.group.stem if named.group else ""
        message = f"写“{what}”的分值（权重）{figure.said}，表里是 {_shown(known)}；请改成一致"
        sure = named.row is not None or named.group in facts.first_level or each
        sure = sure and _OF_ANOTHER.search(figure.before[named.end :]) is None
        sure = sure and not is_last_of(figure.before, named.start)
        sure = sure and not (full and full[0] == "总分" and "," in figure.before[named.end :])
        yield judged(figure, message, right=figure.number in known, sure=sure and bool(known))


def _weights(row: Row | None, group: Group | None, each: bool) -> frozenset[Decimal]:
    if row is not None:
        return frozenset() if row.weight is None else frozenset([row.weight])
    if group is None:
        return frozenset()
    return frozenset(row.weight for row in group.rows if row.weight is not None) if each else group.points


def _shares(offset: int, words: str, facts: Facts) -> Iterator[Claim]:
    for found in _SHARE.finditer(words):
        named = [group for group in facts.first_level if group.stem in words[max(0, found.start() - 8) : found.start()]]
        shares = {group.share for group in named if group.share is not None}
        if len(shares) == 1:
            (share,) = shares
            start = offset + found.start(1)
            message = f"写占{found[1]}%，办法是 {plain(share or Decimal(0))}%；请改成一致"
            yield Claim(start, start + len(found[1]), Decimal(found[1]) == share, message)
