"""What a text says of its own figures: quotients, multiples, sums, means, shares, ranges, lists with their count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from workbook_tools.claims.claim import Claim
from workbook_tools.claims.facts import Facts
from workbook_tools.claims.money import how_mistyped, mistyped
from workbook_tools.claims.sentences import COUNT, Figure, Text, count_of
from workbook_tools.text import regex
from workbook_tools.values import decimals, plain, round_half_up

_COUNTS = r"(?<![\d,])([\d,]{3,30}+)(?:分钟|次|件|通|人|个|户|份|项)"
_QUOTIENT = regex(
    rf"{_COUNTS}[^\d。;；%]{{0,30}}?{_COUNTS}[^\d。;；%]{{0,40}}?(\d{{1,15}}(?:\.\d{{1,15}})?)%", needs="%"
)
_SHARE_OF = regex(r"[\u4e00-\u9fff]{1,2}的", needs="的")  # 新增就业2989人,完成目标2468人的121%


_OF_WHAT = regex(
    r"(满意|合格|优良|优秀|就业|知晓|参与|覆盖|回收|有效|到位|执行|出勤|成活|好评|投诉)[率度](?:达到|达|为|是|:)?$",
    needs="率|度",
)
_RATE = regex(r"([\u4e00-\u9fff]{2,12})率(?:达到|达|为|是|:)?$", needs="率")
_PLAIN_SHARE = regex("占比?(?:为|达)?$", needs="占")
_COUNTED = regex(r"(?:数量|[数量])?[为共是有达到计:]{0,8}+$")
_DUE = regex("应|需|须|拟|计划|目标|任务")  # 需审核500人,审核率100%
_IN_TIME = ("及时", "按时", "准时")


def quotient(text: Text, _: Facts) -> Iterator[Claim]:
    """总呼入A次，接通B次，接通率C%: B ÷ A or (A − B) ÷ A, half up and not cut; A人，占B人的C%: A ÷ B."""
    figures = {one.start: one for one in text.figures}
    for sentence in re.finditer("[^。;；]+", text.words):
        found = _QUOTIENT.search(sentence[0])
        if found is None or len(re.findall(_COUNTS, sentence[0])) > 2:
            continue  # of three figures it is unknown which two belong together
        beside = _SHARE_OF.fullmatch(sentence[0][found.end(2) : found.start(3)])
        of, share = found.group(2, 1) if beside else found.group(1, 2)
        whole, part = (Decimal(said.replace(",", "") or "0") for said in (of, share))
        if not whole or part > whole:
            continue
        rate = _OF_WHAT.search(sentence[0][: found.start(3)])
        if rate and rate[1] not in sentence[0][: rate.start()]:
            continue  # 考核通过110人,满意度96%: who was content was not counted
        said = Decimal(found[3])
        places = decimals(said)
        shares = [part / whole * 100, (whole - part) / whole * 100]
        start = sentence.start() + found.start(3)
        near = min(shares, key=lambda share: abs(share - said))
        message = f"{share} ÷ {of} 应为 {round_half_up(near, max(places, 2))}%，写的是 {found[3]}%"
        right = said in [round_half_up(share, places) for share in shares]
        figure = figures.get(start)
        sure = figure is not None and figure.may_accuse and (beside or _is_of_them(found, near))
        yield Claim(start, start + len(found[3]), True if right else False if sure else None, message)


def _is_of_them(found: re.Match[str], quotient: Decimal) -> bool:
    """Whether a rate is surely of the two counts before it: called as the second, 占, or nearly their quotient."""
    counted, before = found.string[: found.start(2)], found.string[: found.start(3)]
    part = _COUNTED.sub("", _EDGE.split(counted)[-1])
    rate = _RATE.search(_EDGE.split(before)[-1])
    if _PLAIN_SHARE.search(before) or Decimal(found[3]) > 100:
        return True
    if (
        rate
        and not _DUE.search(part)
        and (part.endswith(rate[1]) or (rate[1] in _IN_TIME and part.startswith(rate[1])))
    ):
        return True
    places = decimals(Decimal(found[3]))
    known = plain(round_half_up(quotient, places))
    one_less = abs(Decimal(known) - Decimal(found[3])).scaleb(places) == 1
    return places >= 2 and (one_less or mistyped(found[3], known))


_EDGE = regex("[,、:()]")

_MULTIPLE = regex(
    r"(?<![\d,.])(\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,10})?)(万|亿)?[\u4e00-\u9fff]{0,3}\)?的(\d{1,6}(?:\.\d{1,6})?)倍",
    needs="倍",
)


def multiple(text: Text, _: Facts) -> Iterator[Claim]:
    """A达到合同量（B）的2.37倍: A ÷ B, half up to the places written."""
    for sentence in text.sentences:
        for found in _MULTIPLE.finditer(sentence.masked):
            base = Decimal(found[1].replace(",", ""))
            before = [one for one in sentence.figures if one.end <= sentence.start + found.start()]
            same = [one for one in before if one.unit.startswith(found[2] or "") and "%" not in one.unit]
            if not same or not base:
                continue
            said = Decimal(found[3])
            start = sentence.start + found.start(3)
            right = round_half_up(same[-1].number / base, decimals(said))
            message = f"{same[-1].said} ÷ {found[1]} 应为 {right} 倍，写的是 {found[3]} 倍；请核对"
            yield Claim(start, start + len(found[3]), said == right, message)


def addition(text: Text, _: Facts) -> Iterator[Claim]:
    """坐席567个…全外包坐席61个，半外包坐席506个: the parts add up to the whole."""
    figures = [one for one in text.figures if one.unit[:1] not in ("%", "‰", "分") and one.unit]
    for n, whole in enumerate(figures):
        parts = [one for one in figures[n + 1 :] if one.unit[:1] == whole.unit[:1] and _shared(one, whole)]
        if len(parts) < 2 or not whole.number:
            continue
        for last in range(2, min(6, len(parts)) + 1):
            added = sum((one.number for one in parts[:last]), Decimal(0))
            if added == whole.number:
                yield from (Claim(one.start, one.end, verdict=True) for one in (whole, *parts[:last]))
                break
        else:
            added = sum((one.number for one in parts), Decimal(0))
            said, known = plain(whole.number), plain(added)
            one_off = len(said) == len(known) > 2 and sum(a != b for a, b in zip(said, known, strict=True)) == 1
            if one_off and len(parts) == 2 and whole.may_accuse:
                terms = " + ".join(one.said for one in parts)
                message = f"写 {whole.said}，后面 {terms} 相加是 {known}；请核对"
                yield Claim(whole.start, whole.end, verdict=False, message=message)


def _shared(part: Figure, whole: Figure) -> bool:
    """Whether a part counts the same thing as its whole: 全外包坐席, 坐席规模."""
    words = re.sub("规模|保持|数量|总数|[为是共]", "", whole.subject)
    return len(words) > 1 and part.subject.endswith(words) and part.subject != whole.subject


_STAGES = regex(rf"分为({COUNT})期", needs="分为")


def share(text: Text, _: Facts) -> Iterator[Claim]:
    """分为三期…占总工作量33.3%: one of N equal parts may be confirmed."""
    parts = _STAGES.search(text.words)
    count = count_of(parts[1]) if parts else None
    shares = [one for one in text.figures if count and one.after.startswith("%") and "占" in one.subject]
    whole = len(shares) == count and sum((one.number for one in shares), Decimal(0)) == 100
    for figure in shares:
        right = whole or round_half_up(Decimal(100) / (count or 1), figure.places) == figure.number
        if right:
            yield Claim(figure.start, figure.end, verdict=True)


def mean(text: Text, facts: Facts) -> Iterator[Claim]:
    """月均 × 12: a yearly figure may be confirmed by the monthly mean that the form states."""
    means = [number for name, number, unit in facts.stated if name.startswith("月均") and not unit]
    for figure in text.figures:
        if any(round_half_up(figure.number / 12, 0) == one for one in means if one > 100):
            yield Claim(figure.start, figure.end, verdict=True)


_ASPECTS = regex(
    r"(?:从|有|采取|推行|实行)[^。]{0,40}?(?<!十)([一两二三四五六七八九])(?:个)?(?:方面|项措施|点)[^。]{0,12}?[:：](.*)",
    re.DOTALL,
    needs="方面|项措施|点",
)
_MEASURES = regex(r"等?(?<!十)([两二三四五六七八九])(?:项措施|个方面|方面|点)", needs="项措施|方面|点")
_SOME = regex("其中|主要|重点")  # of five measures two are told
_BESIDES = regex("此外|另外|除此之外")  # 四方面…此外,五是
_NTH = regex(r"([一二三四五六七八九])是")
_KINDS = regex(rf"分为([^。;:(]{{2,40}}?)({COUNT})(?:种|类|部分)", needs="分为")
_PHASES = regex(rf"分为({COUNT})(?:期|类|部分|个阶段)\((?:分别为|即)?([^()]*)\)", needs="分为")


def listing(text: Text, _: Facts) -> Iterator[Claim]:
    """从三方面改进：一是…: the highest 是 that follows; 分为A、B两种: the things listed."""
    found = _ASPECTS.search(text.words)
    listed = _NTH.findall(_BESIDES.split(found[2])[0]) if found else []
    again = listed.index("一", 1) if "一" in listed[1:] else None  # 二是分3班:一是种植班
    if found and listed:
        highest = max(count_of(one) or 0 for one in listed[:again])
        message = f"说“{found[1]}”个方面，写了“一是”到“{listed[-1]}是”；请改成一致"
        some = _SOME.search(text.words[found.end(1) : found.start(2)]) is not None
        right = highest == count_of(found[1])
        yield Claim(found.start(1), found.end(1), None if (some or again) and not right else right, message)
    elif found := _MEASURES.search(text.words):
        begun = [one[1] for words in text.following[:9] if (one := _NTH.match(words))]
        if begun and begun[0] == "一":
            highest = max(count_of(one) or 0 for one in begun)
            message = f"说“{found[1]}”项，后面写了“一是”到“{begun[-1]}是”；请改成一致"
            yield Claim(found.start(1), found.end(1), highest == count_of(found[1]), message)
    for found, count, items in [(one, 2, 1) for one in _KINDS.finditer(text.words)] + [
        (one, 1, 2) for one in _PHASES.finditer(text.words)
    ]:
        if "等" not in found[items]:
            number = len([item for item in re.split("以及|[,、和及与]", found[items]) if item])
            message = f"说“{found[count]}”，列出的是 {number} 个；请改成一致"
            verdict = number == count_of(found[count]) if number > 1 else None
            yield Claim(found.start(count), found.end(count), verdict, message)


_BETWEEN = regex(
    r"(?<!\d)(\d{1,15}(?:\.\d{1,15})?)[%分]?([≥>≤<])[^\d≥>≤<,.;:、()。]{1,8}([≥>≤<])(\d{1,15}(?:\.\d{1,15})?)",
    needs="≥|>|≤|<",
)


def band(text: Text, _: Facts) -> Iterator[Claim]:
    """80≤得分<90: some number must lie between the two."""
    for found in _BETWEEN.finditer(text.words):
        yield Claim(found.start(), found.end(), not _empty(*found.groups()), found[0])


def _empty(first: str, sign: str, other: str, last: str) -> bool:
    """Whether nothing lies between two numbers by the signs that stand there."""
    down, up = {sign, other} <= {"≥", ">"}, {sign, other} <= {"≤", "<"}
    return (down and Decimal(first) < Decimal(last)) or (up and Decimal(first) > Decimal(last))


def near_miss(text: Text, facts: Facts) -> Iterator[Claim]:
    """A figure of at least four digits that is one digit off one of the statistics."""
    known = {plain(added) for added in facts.sums.values() if added}
    for figure in text.figures:
        close = next((one for one in sorted(known) if mistyped(plain(figure.number), one)), None)
        if close and len(close) > 4 and figure.may_accuse and "元" not in figure.unit:
            message = f"写 {figure.said}，与统计表的 {Decimal(close):,} {how_mistyped(figure.said, close)}；请核对"
            yield Claim(figure.start, figure.end, verdict=False, message=message)
