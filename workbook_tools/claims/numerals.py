"""Chinese numerals as digits, where it is beyond doubt that a figure is meant: 百分之九十五, 九十四点六六分, 五千元.

Only rates, points, money and dates. 几十, 八九十, 十余万 and 三成 are no exact figures, and 十分重视, 一方面, 第三,
百分百 none at all: they stay words. A numeral that leaves a zero out (三万五) may be short for another number, so it
stays, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.text import regex
from workbook_tools.values import plain

_ONES = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "○": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}

_D = "[一二两三四五六七八九]"
_TEN = f"{_D}?十{_D}?"
_HUNDRED = f"{_D}百(?:零{_D}|{_D}十{_D}?)?"
_THOUSAND = f"{_D}千(?:零{_D}(?:十{_D}?)?|{_HUNDRED})?"
_SMALL = f"(?:{_THOUSAND}|{_HUNDRED}|{_TEN}|{_D})"
_MYRIAD = f"{_SMALL}万(?:零(?:{_HUNDRED}|{_TEN}|{_D})|{_THOUSAND})?"
_POINT = "点[零一二三四五六七八九]{1,6}"
_AMOUNT = f"(?:{_SMALL}亿(?:零?{_MYRIAD})?|{_MYRIAD}|{_SMALL}(?:{_POINT}[万亿]?)?)"

_ALONE = r"(?=[,。;、:()]|$)"
_NOT_BEFORE = r"(?<![\d零一二两三四五六七八九十百千万亿几数多余点第])"
_EARNED = r"(?<=[得扣为计值分各是减除:])"
_FIGURES = regex(
    rf"百分之(?P<percent>百|零{_POINT}|{_SMALL}(?:{_POINT})?|\d{{1,3}}(?:\.\d{{1,4}})?)(?![\d零一二两三四五六七八九十百千万几多余来成点])"
    rf"|千分之(?P<mille>零{_POINT}|{_SMALL}(?:{_POINT})?)(?![零一二两三四五六七八九十百千万几多余来成点])"
    rf"|{_NOT_BEFORE}(?<![时])(?P<points>(?:{_HUNDRED}|{_D}?十{_D}|{_D}十)(?:{_POINT})?|[零一二三四五六七八九]{_POINT})分"
    r"(?![之钟类为部别辨秒析]|的[热努])"
    rf"|{_EARNED}(?<![时之百千万])(?P<few>{_D}|十)分{_ALONE}"
    rf"|{_NOT_BEFORE}(?P<money>{_AMOUNT})元(?![化件素旦首气月宵/老])"
    r"|(?P<year>(?:二〇|二○|二零|一九)[〇○零一二三四五六七八九]{2})(?=年)"
    r"|(?<![\d零一二两三四五六七八九十几每上本当])(?P<month>十[一二]?|[一二三四五六七八九])月(?P<day>(?:三十一?|二?十[一二三四五六七八九]?|二十|[一二三四五六七八九])日)?",
    needs="百分之|千分之|分|元|月|二〇|二○|二零|一九",
)
_FEW_CHARACTERS = 1  # 一元 may begin a word: 一元化


class Numeral(NamedTuple):
    """A numeral that was put in digits: where these stand in the new text, and what was written."""

    start: int
    end: int
    written: str


def in_digits(words: str, names: Iterable[tuple[int, int]] = ()) -> tuple[str, tuple[Numeral, ...]]:
    """Words with their numerals as digits, but for what stands in a name; and what was exchanged."""
    kept = list(names)
    pieces: list[str] = []
    found: list[Numeral] = []
    last = length = 0
    for place in _FIGURES.finditer(words):
        digits = _digits(place)
        if digits is None or any(place.start() < end and start < place.end() for start, end in kept):
            continue
        pieces += [words[last : place.start()], digits]
        start = length + place.start() - last
        length = start + len(digits)
        found.append(Numeral(start, length, place[0]))
        last = place.end()
    return "".join((*pieces, words[last:])), tuple(found)


def _digits(place: re.Match[str]) -> str | None:
    if place["percent"] or place["mille"]:
        words = place["percent"] or place["mille"]
        number = words if words[0].isdecimal() else plain(Decimal(100) if words == "百" else _number(words))
        return f"{number}{'%' if place['percent'] else '‰'}"
    if place["points"] or place["few"]:
        return f"{plain(_number(place['points'] or place['few']))}分"
    if place["money"]:
        return _money(place)
    if place["year"]:
        return "".join(str(_ONES[one]) for one in place["year"])
    day = place["day"] or ""
    return f"{_number(place['month'])}月{f'{_number(day[:-1])}日' if day else ''}"


def _money(place: re.Match[str]) -> str | None:
    """An amount in the largest unit: what is written in words may be rounded at its last word."""
    follows = place.string[place.end() : place.end() + 1]
    if len(place["money"]) == _FEW_CHARACTERS and follows not in ("", *",。;、:()整"):
        return None
    number = _number(place["money"])
    unit, per = next(((f"{one}元", per) for one, per in reversed(_LARGE.items()) if number >= per), ("元", Decimal(1)))
    return f"{plain(number / per)}{unit}"


def _number(words: str) -> Decimal:
    """The number of a numeral that is well formed: 一亿三千四百一十万, 九十四点六六, 一点二亿."""
    whole, point, rest = words.partition("点")
    large = _LARGE[rest[-1]] if rest and rest[-1] in _LARGE else Decimal(1)
    added, below, one = Decimal(0), 0, 0
    for word in whole:
        if word in _LARGE:
            added += (below + one) * _LARGE[word]
            below = one = 0
        elif word in _TENS:
            below += (one or 1) * _TENS[word]
            one = 0
        else:
            one = _ONES[word]
    decimals = "".join(str(_ONES[word]) for word in rest if word in _ONES)
    return (added + below + one + (Decimal(f"0.{decimals}") if point else 0)) * large
