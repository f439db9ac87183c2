"""The words that forms are printed with, and the ideas they stand for: `vocabulary.toml`, loaded once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from workbook_tools.values import normalize

_FILE = Path(__file__).with_name("vocabulary.toml")
MORE = "…"  # at the end of a spelling: other words may follow
MOST_LABEL = 24  # characters
_BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]|【[^】]*】|\{[^{}]*\}")
_NUMBERING = re.compile(r"^[★☆*▲]+|^[(]?[一二三四五六七八九十]{1,3}[)、.]|^\d{1,2}[、.)](?!\d)|^[①-⑳]")
_FORMULA = re.compile(r"[①-⑳](?:[=＝][①-⑳+\-*/×÷%\d]*)?$|[A-Z]=?[A-Z/÷×*+\-\d%]*$|^[①-⑳]=[①-⑳+\-*/×÷%]*$")
_FIGURES = re.compile(r"[\d/A-Za-z%=.×*]+$")
_MONTHS = re.compile(r"\d{1,2}[-—~至到]\d{1,2}月|\d{1,2}月底?")


@lru_cache(maxsize=4096)
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
def spellings() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Kind → idea → every word that forms print for it."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {kind: {idea: tuple(words) for idea, words in ideas.items()} for kind, ideas in tables.items()}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Spelling → kind → idea."""
    found: dict[str, dict[str, str]] = {}
    for kind, known in spellings().items():
        for idea, words in known.items():
            for word in words:
                found.setdefault(word, {})[kind] = idea
    return found


@cache
def _beginnings() -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The spellings that go on in many ways (未完成原因…), with their kinds and ideas."""
    return tuple((word.removesuffix(MORE), known) for word, known in _words().items() if word.endswith(MORE))


def is_label(text: str) -> bool:
    """Whether the words of a cell are nothing but a word of the vocabulary, a colon perhaps."""
    return bool(_words().get(normalize(text).rstrip(":"), {}).keys() - {"block"})


@lru_cache(maxsize=4096)
def ideas(text: str) -> Mapping[str, str]:
    """Kind → idea of the words of a cell; empty where they are no label."""
    known, word = _words(), normalized(text)
    if found := known.get(word):
        return found
    if len(word) <= MOST_LABEL and (
        found := next((idea for begins, idea in _beginnings() if word.startswith(begins)), None)
    ):
        return found
    if word.endswith("小计") and len(word) <= MOST_LABEL:
        return {"total": "subtotal"}
    if months := _MONTHS.match(word):
        return {"money": "so_far"} if word[months.end() :].startswith("执行") else {}
    shorter = _FIGURES.sub("", word)
    return known.get(shorter, {}) if shorter != word else {}
