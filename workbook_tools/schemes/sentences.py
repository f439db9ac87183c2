"""The rules that a printed sentence states, as exact numbers: bands, grades, points, caps, shares, deductions.

Every parser reads one wording and gives nothing where the words say anything else. Whether a rule counts is for a
person to confirm; what contradicts itself (80≥得分≥90分) is read as `unclear`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from workbook_tools.values import normalize, read_step

RuleKind = Literal[
    "bands",
    "grades",
    "unclear",
    "points",
    "cap",
    "equal",
    "weights",
    "deduction",
    "veto",
    "share",
    "linear",
    "loss",
    "levels",
    "rate",
    "inverse",
    "formula",
    "step",
    "exempt",
    "average",
    "limit",
    "unit",
    "year",
]


class Stated(NamedTuple):
    """What a sentence states.

    `about` are the words it is about, "" where only the place of the sentence tells. Numbers and words by kind:

    - bands: limit, points, …, the points otherwise; at_least or at_most
    - grades: limits; the grades, last that of the rest
    - unclear: its numbers; the kind that it would be, and its words
    - points, cap, linear, deduction (negative): the points
    - equal: the points; the letter that they are divided by
    - weights, share: points or percents; what each is for
    - levels: limits from the top; what they are called
    - rate, inverse: the rule word
    - formula: both sides of the fraction
    - loss: the rate; exempt: what is exempt, and how that is said
    - limit: characters; unit: 元 or 万元; year: the year
    """

    kind: RuleKind
    about: str
    numbers: tuple[Decimal, ...]
    words: tuple[str, ...]
    quote: str


# Every repetition is bounded: a cell may hold 32,767 characters, and the time to read it must only grow with them.
# They are compiled when a cell may need them: most forms need few.
_N = r"(?<![\d.])(\d{1,7}(?:\.\d{1,6})?)"
_HAN = r"[\u4e00-\u9fff]"
_BETWEEN = rf"(?:{_N}[分%]?([≤<≥>]))?({_HAN}{{1,8}}?)(?:([≤<≥>]){_N}[分%]?)?"
_BAND = rf"{_BETWEEN}的?,?得{_N}分"
_GRADE_AFTER = rf"{_BETWEEN}[为是评]([优良中差])"
_GRADE_BEFORE = rf"([优良中差])\({_BETWEEN}\)"
_POINTS = r"(.{1,34})\((-?\d{1,4}(?:\.\d{1,4})?)分\)"
_CAP = rf"({_HAN}{{1,24}})小计\(上限不超过{_N}分\)"
_EQUAL = rf"(?:权重|分值){_N}/([A-Za-z])(?![A-Za-z])(?:\(([A-Za-z])为({_HAN}{{1,16}}?)总数\))?"
_WEIGHTS = rf"一级指标(?:分值|权重)?(?:统一)?设置为:?((?:{_HAN}{{1,16}}{_N}分[、,%]?){{1,12}})"
_WEIGHT = rf"({_HAN}{{1,16}}){_N}分"
_OTHERWISE = rf"否则(?:扣|-){_N}分"
_VETO = r"降级?为[“\"'‘]?([优良中差])(?:级|等|[”\"'’])?"
_SHARE = rf"({_HAN}{{1,16}}?)(?:合计)?[*×]{_N}%(?:加上|\+)({_HAN}{{1,16}}?)(?:合计)?[*×]{_N}%"
_LINEAR = rf"{_N}分[*×]({_HAN}{{0,6}}执行率)"
_LOSS = rf"({_HAN}{{1,16}}?)指标?,?按照?({_HAN}{{1,12}}?)的?比率,?扣"
_LEVELS = rf"{_N}%?-{_N}%(?:\(含{_N}%\))?、{_N}%?-{_N}%(?:\(含{_N}%\))?、{_N}%?-0%?"
_LEVEL_WORDS = rf"分为:?({_HAN}{{1,24}})、({_HAN}{{1,24}})、({_HAN}{{1,24}})三档"
_PROPORTION = r"定量指标(?:得分)?=完成值/指标值"
_CAPPED = r"完成值达到指标值,?记满分[;,。]?未达到指标值,?按"
_FORWARD = r"正向指标.{0,40}(?:B/A|完成值/)|B/A(?:或A/B)?\*该指标分值"
_INVERSE = r"反向指标.{0,60}?(?:A/B|指标值\(A\)/|指标值/)"
_SIDE = r"\([^()]{1,60}\)"
_FORMULA = rf"({_HAN}{{1,12}}率)=({_SIDE}|[^/()÷=]{{1,60}})[/÷]({_SIDE}|{_HAN}{{1,24}})"
_EXEMPT = rf"({_HAN}{{2,8}})项目(不考核)({_HAN}{{1,14}})"
_LIMIT = r"(\d{2,5})字以?内"
_UNIT = r"单位:(万元|元)|\((万元|元)\)"
_YEAR = r"(20\d\d)年(?:度|$|[^\d月])"
_COMPARED = frozenset("≤≥<>")
LONGEST_NAME = 17  # characters of a label with its points
LONGEST_STEP = 400  # characters of a sentence with a step rule
_NONE = ("其中", "另外", "另", "但")


@lru_cache(maxsize=4096)  # the forms of one bureau print the same sentences
def stated_in(text: str) -> tuple[Stated, ...]:
    """Every rule that the words of one cell state; none where they are anything else."""
    words = normalize(text)
    found = [one for parse in _PARSERS for one in parse(words)] if len(words) > 1 else []
    return tuple(one._replace(quote=in_one_line(text)) for one in found)


def in_one_line(text: str) -> str:
    """The words of a cell as they are printed, its lines joined: with a space only between letters and figures."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        joined += line if not (joined[-1] + line[0]).isascii() or joined[-1] in ";,:" else f" {line}"
    return joined


def _numbers(*found: str | None) -> tuple[Decimal, ...]:
    return tuple(Decimal(number) for number in found if number is not None)


class _Interval(NamedTuple):
    """A band: its lower and upper limit, None where it is open, and whether the limit belongs to it."""

    low: Decimal | None
    low_in: bool
    high: Decimal | None
    high_in: bool


def _interval(before: str | None, sign: str | None, after_sign: str | None, after: str | None) -> _Interval | None:
    """a≤X<b as a band; None where both signs say the same side, or the limits are the wrong way round."""
    low: tuple[Decimal, bool] | None = None
    high: tuple[Decimal, bool] | None = None
    for number, above, within in (
        (before, sign in ("≤", "<"), sign in ("≤", "≥")),
        (after, after_sign in ("≥", ">"), after_sign in ("≤", "≥")),
    ):
        if number is None:
            continue
        if (low if above else high) is not None:
            return None
        if above:
            low = (Decimal(number), within)
        else:
            high = (Decimal(number), within)
    if (low is None and high is None) or (low and high and low[0] >= high[0]):
        return None
    return _Interval(*(low or (None, False)), *(high or (None, False)))


def _steps(bands: list[_Interval]) -> tuple[str, list[int]] | None:
    """at_least or at_most, and the bands in the order of their steps, the rest last; None where they leave gaps."""
    order = sorted(range(len(bands)), key=lambda n: (bands[n].low is not None, bands[n].low or 0))
    for lower, upper in pairwise(order):
        one, other = bands[lower], bands[upper]
        if one.high is None or one.high != other.low or one.high_in == other.low_in:
            return None
    limits_below = {bands[n].low_in for n in order if bands[n].low is not None}
    if len(limits_below) != 1 or bands[order[0]].low is not None:
        return None
    return ("at_least", order[::-1]) if limits_below == {True} else ("at_most", order)


def _bands(words: str) -> Iterator[Stated]:
    found = list(re.finditer(_BAND, words)) if words.count("得") > 1 and _COMPARED & {*words} else []
    if len(found) < 2:
        return
    about = found[0][3]
    bands = [_interval(one[1], one[2], one[4], one[5]) for one in found]
    points = [Decimal(one[6]) for one in found]
    limits = [Decimal(number) for one in found for number in (one[1], one[5]) if number is not None]
    known = [band for band in bands if band is not None]
    steps = _steps(known) if len(known) == len(bands) else None
    if steps is None:
        yield Stated("unclear", about, (*limits, *points), ("bands",), "")
        return
    direction, order = steps
    *firsts, last = order
    edges = [known[n].low if direction == "at_least" else known[n].high for n in firsts]
    if known[last].low is not None and known[last].high is not None:
        return
    pairs = [number for n, edge in zip(firsts, edges, strict=True) for number in (edge or Decimal(0), points[n])]
    yield Stated("bands", about, (*pairs, points[last]), (direction,), "")


def _grades(words: str) -> Iterator[Stated]:
    if sum(grade in words for grade in "优良中差") < 3 or not _COMPARED & {*words}:
        return
    after = [(one[6], one[1], one[2], one[4], one[5]) for one in re.finditer(_GRADE_AFTER, words)]
    found = after
    if len(after) < 3:
        found = [(one[1], one[2], one[3], one[5], one[6]) for one in re.finditer(_GRADE_BEFORE, words)]
    if len(found) < 3:
        return
    names = tuple(one[0] for one in found)
    bands = [_interval(*one[1:]) for one in found]
    known = [band for band in bands if band is not None]
    steps = _steps(known) if len(known) == len(bands) else None
    if steps is not None and steps[0] == "at_least":
        *firsts, last = steps[1]
        limits = [known[n].low or Decimal(0) for n in firsts]
        yield Stated("grades", "", tuple(limits), (*(names[n] for n in firsts), names[last]), "")
        return
    edges = {Decimal(number) for one in found for number in (one[1], one[4]) if number is not None}
    yield Stated("unclear", "", tuple(sorted(edges, reverse=True)), ("grades", *names), "")


def _points(words: str) -> Iterator[Stated]:
    found = re.fullmatch(_POINTS, words) if words.endswith("分)") else None
    name = found[1].partition("(")[0] if found else ""  # 预算执行情况(万元)(20分)
    if found and "\u4e00" <= name[:1] <= "\u9fff" and len(name) <= LONGEST_NAME and not any(map(str.isdigit, found[1])):
        yield Stated("points", name, _numbers(found[2]), (), "")


def _caps(words: str) -> Iterator[Stated]:
    for found in re.finditer(_CAP, words) if "上限不超过" in words else ():
        about = found[1].removesuffix("得分").removesuffix("指标")
        yield Stated("cap", about, _numbers(found[2]), (), "")


def _equal(words: str) -> Iterator[Stated]:
    found = re.match(_EQUAL, words) if words.startswith(("权重", "分值")) and "/" in words else None
    if found and found[3] in (None, found[2]):
        yield Stated("equal", found[4] or "", _numbers(found[1]), (found[2],), "")


def _weights(words: str) -> Iterator[Stated]:
    if "设置为" in words and (found := re.search(_WEIGHTS, words)):
        each = re.findall(_WEIGHT, found[1])
        yield Stated("weights", "", _numbers(*(points for _, points in each)), tuple(name for name, _ in each), "")


def _deductions(words: str) -> Iterator[Stated]:
    if "否则" in words and (each := re.findall(_OTHERWISE, words)):
        yield Stated("deduction", "", tuple(-number for number in _numbers(*each)), (), "")
    if "项目" in words and ("降为" in words or "降级为" in words) and (found := re.search(_VETO, words)):
        yield Stated("veto", "", (), (found[1],), "")


def _shares(words: str) -> Iterator[Stated]:
    if ("%+" in words or "%加上" in words) and (found := re.search(_SHARE, words)):
        names = [name.removesuffix("得分").lstrip("按再") for name in (found[1], found[3])]
        yield Stated("share", "", _numbers(found[2], found[4]), tuple(names), "")


def _execution(words: str) -> Iterator[Stated]:
    if "执行率" in words and ("分*" in words or "分×" in words) and (found := re.search(_LINEAR, words)):
        yield Stated("linear", found[2], _numbers(found[1]), (), "")
    if "比率" in words and "扣" in words and (found := re.search(_LOSS, words)):
        yield Stated("loss", found[1].rpartition("是")[2], (), (found[2],), "")
    for fraction in re.finditer(_FORMULA, words) if "率=" in words and ("/" in words or "÷" in words) else ():
        parts = tuple(part.strip("()") for part in (fraction[2], fraction[3]))
        yield Stated("formula", fraction[1], (), parts, "")
    for exempt in re.finditer(_EXEMPT, words) if "项目不考核" in words else ():
        whose = next((exempt[1].removeprefix(word) for word in _NONE if exempt[1].startswith(word)), exempt[1])
        yield Stated("exempt", exempt[3], (), (whose, exempt[2]), "")


def _indicator_rules(words: str) -> Iterator[Stated]:
    scales = {
        (Decimal(0), *sorted({*_numbers(*one.groups())}))
        for one in (re.finditer(_LEVELS, words) if "-0" in words else ())
    }
    if scales:
        names = re.search(_LEVEL_WORDS, words)
        limits = sorted({limit for scale in scales for limit in scale}, reverse=True)
        kind: RuleKind = "levels" if len(scales) == 1 else "unclear"  # 80-50% in one clause, 80-60% in another
        worded = names.groups() if names else ()
        yield Stated(kind, "", tuple(limits), worded if kind == "levels" else ("levels", *worded), "")
    if "定量指标" in words and re.search(_PROPORTION, words):
        yield Stated("rate", "", (), ("proportion",), "")
    elif ("记满分" in words and re.search(_CAPPED, words)) or (
        ("正向指标" in words or "B/A" in words) and re.search(_FORWARD, words)
    ):
        yield Stated("rate", "", (), ("capped",), "")
    if "反向指标" in words and re.search(_INVERSE, words):
        yield Stated("inverse", "", (), ("ratio",), "")
    if "扣" in words and len(words) <= LONGEST_STEP and read_step(words):
        yield Stated("step", "", (), (), "")


def _facts(words: str) -> Iterator[Stated]:
    if "算术平均" in words and "得分" in words:
        yield Stated("average", "", (), (), "")
    if "字" in words and (found := re.search(_LIMIT, words)):
        yield Stated("limit", "", _numbers(found[1]), (), "")
    if "元" in words and (found := re.search(_UNIT, words)):
        yield Stated("unit", "", (), (found[1] or found[2],), "")
    if "年" in words and (found := re.search(_YEAR, words)):
        yield Stated("year", "", _numbers(found[1]), (), "")


_PARSERS: tuple[Callable[[str], Iterator[Stated]], ...] = (
    *(_bands, _grades, _points, _caps, _equal, _weights, _deductions, _shares),
    *(_execution, _indicator_rules, _facts),
)
