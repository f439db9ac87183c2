"""The words that forms are printed with, and the ideas they stand for: `vocabulary.toml`, loaded once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from workbook_tools.schemes.packaged import packaged
from workbook_tools.text import regex
from workbook_tools.values import normalize

MOST_COMPOSED = 24  # characters of a word that is known by its parts
_FILE = Path(__file__).with_name("vocabulary.toml")
MORE = "…"  # at the end of a spelling: other words may follow
_BRACKETS = regex(r"\([^()]*\)?|\[[^\[\]]*\]|【[^【】]*】|\{[^{}]*\}", needs="(|[|【|{")
_NUMBERING = regex(r"^[★☆*▲]+|^[(]?[一二三四五六七八九十]{1,3}[)、.]|^\d{1,2}[、.)](?!\d)|^[①-⑳]")
_FORMULA = regex(r"[①-⑳](?:[=＝][①-⑳+\-*/×÷%\d]*)?$|[A-Z]=?[A-Z/÷×*+\-\d%]{0,40}$|^[①-⑳]=[①-⑳+\-*/×÷%]*$")
_FIGURES = regex(r"[\d/A-Za-z%=.×*]{1,60}$")
_TAKEN_OUT = ("\\(", "（", "\\[", "［", "【", "{", "｛", "\u200b", "\ufeff")  # or begins what is, inside a word
_MONTHS = regex(
    r"(?:截至|截止|至)?(?:\d{1,2}月?[-—~至到])?\d{1,2}月(?:底|末|份)?(?:为止)?|上半年|半年度?|监控期(?:内)?|截至目前|当前",
    needs="月|半年|监控期|截至目前|当前",
)
_LAST_MONTH = regex(r"(?<![\d.])(1[0-2]|[1-9])月?(?:底|末|份)?(?:为止)?$")
_HALF_YEAR = regex("上半年|半年度?")
_SO_FAR = (  # what stands behind the months: kind → idea → its end
    (
        "money",
        "so_far",
        regex(r"(?:预算|累计|实际|资金|项目){0,4}(?:执行|支出|使用|支付)(?:资金|金额|数|额){0,3}(?:情况)?"),
    ),
    (
        "money",
        "so_far.execution",
        regex(r"(?:预算|累计|实际|资金){0,4}(?:执行|支出|使用|支付)(?:完成)?(?:率|进度)"),
    ),
    ("indicator", "so_far", regex(r"(?:指标|实际|目标|绩效){0,4}(?:完成|执行|实现)(?:值|情况|数|指标值)")),
)

HALF = 6  # the last month of the first half of a year
COLUMNS = ("money", "indicator")  # kinds of words that head a column


@lru_cache(maxsize=8192)
def normalized(text: str) -> str:
    """The words without what varies: width, white space, numbering, brackets, formulas, the final colon."""
    words = normalize(text)
    while (shorter := _BRACKETS.sub("", words)) != words:
        words = shorter
    words = _FORMULA.sub("", words.strip(":。、,;*★※"))
    while (shorter := _NUMBERING.sub("", words)) != words:
        words = shorter
    return words.strip(":。、,;")


@cache
def _file() -> Mapping[str, Any]:
    return packaged(_FILE)


@cache
def spellings() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Kind → idea → every word that forms print for it."""
    kinds = {kind: ideas for kind, ideas in _file().items() if kind not in ("composed", "needs", "stems")}
    return {kind: {idea: tuple(words) for idea, words in ideas.items()} for kind, ideas in kinds.items()}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Spelling → kind → idea."""
    words: dict[str, dict[str, str]] = {}
    for kind, known in spellings().items():
        for idea, spelled in known.items():
            for word in spelled:
                words.setdefault(word, {})[kind] = idea
    return words


@cache
def _stems() -> re.Pattern[str]:
    """Finds what stands in every composed word."""
    return re.compile("|".join(_file()["stems"]["composed"]))


@cache
def _columns() -> re.Pattern[str]:
    """Finds what may be a word of a column, and what `normalized` takes out of the middle of one."""
    listed = {word.removesuffix(MORE) for word, known in _words().items() if known.keys() & set(COLUMNS)}
    others = sorted(word for word in listed if not _stems().search(word))
    parts = (r"\s*".join(word) for word in (*_file()["stems"]["composed"], *others))
    return re.compile("|".join((*parts, *_TAKEN_OUT)))


@cache
def _pattern(kind: str, idea: str) -> re.Pattern[str]:
    """How a word of an idea may be composed: compiled for the first word that may be one."""
    return regex(_file()["composed"][kind][idea], needs=_file()["needs"].get(kind, {}).get(idea, ""))


@cache
def _beginnings() -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The spellings that go on in many ways (未完成原因…), with their kinds and ideas."""
    return tuple((word.removesuffix(MORE), known) for word, known in _words().items() if word.endswith(MORE))


def known_ideas() -> frozenset[str]:
    """Every idea that a column of money or of indicators may have."""
    return frozenset(idea for kind in COLUMNS for idea in spellings()[kind])


def is_label(text: str) -> bool:
    """Whether the words of a cell are nothing but a word of the vocabulary, a colon perhaps."""
    if not text or len(text) > MOST_COMPOSED:
        return False
    known = _words().get(normalize(text).rstrip(":"), {})
    return bool(known.keys() - {"block", "section", "reviewed", "split"})


@lru_cache(maxsize=8192)
def ideas(text: str) -> Mapping[str, str]:
    """Kind → idea of the words of a cell; empty where they are no label."""
    known, word = _words(), normalized(text)
    if found := known.get(word):
        return found
    if len(word) <= MOST_COMPOSED and (
        found := next((idea for begins, idea in _beginnings() if word.startswith(begins)), None)
    ):
        return found
    if word.endswith("小计") and len(word) <= MOST_COMPOSED:
        return {"total": "subtotal"}
    if months := _MONTHS.match(word):
        rest = word[months.end() :]
        return {kind: idea for kind, idea, end in _SO_FAR if end.fullmatch(rest)}
    if found := _composed(word):
        return found
    shorter = _FIGURES.sub("", word)
    if shorter == word:
        return {}
    return {kind: idea for kind, idea in known.get(shorter, {}).items() if kind != "info"}  # 项目003 is a name


def last_month(text: str) -> int | None:
    """The last month that a heading tells of (1-7月执行数, 截至9月底执行数, 上半年); None where it names none."""
    if (months := _MONTHS.match(normalized(text))) is None:
        return None
    if _HALF_YEAR.fullmatch(months[0]):
        return HALF
    found = _LAST_MONTH.search(months[0])
    return int(found[1]) if found else None


def columns_named(texts: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """The ideas of those texts that name a column of money or of indicators."""
    may_name = _columns().search
    for text in texts:
        if may_name(text) and not (known := ideas(text)).keys().isdisjoint(COLUMNS):
            yield known


def names_source(text: str) -> bool:
    """Whether words are the name of where money comes from."""
    return _pattern("source", "name").fullmatch(normalized(text)) is not None


def is_whole(text: str) -> bool:
    """Whether words are the name of money that rows below it may break down by budget: 财政拨款."""
    return _pattern("source", "whole").fullmatch(normalized(text)) is not None


def is_use(text: str) -> bool:
    """Whether words are the name of what money is for, and not of where it comes from: 基本支出."""
    return _pattern("source", "use").fullmatch(normalized(text)) is not None


def may_be_part(text: str) -> bool:
    """Whether words are the name of one budget that money of a whole comes from: 一般公共预算."""
    return _pattern("source", "part").fullmatch(normalized(text)) is not None


def _composed(word: str) -> Mapping[str, str]:
    """Kind → idea of a word that is not listed, by its parts; none where it fits two ideas of a kind."""
    if not 2 <= len(word) <= MOST_COMPOSED or not _stems().search(word):
        return {}
    found = {}
    for kind, said in _file()["composed"].items():
        if kind == "source":
            continue  # any of these words may be something else in another place
        fitting = [idea for idea in said if _pattern(kind, idea).fullmatch(word)]
        if len(fitting) == 1:
            found[kind] = fitting[0]
    return found
