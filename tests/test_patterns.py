"""No pattern takes more steps than in proportion to a text: each is tried at the length of a cell on the worst for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from re import _parser  # type: ignore[attr-defined]

import pytest

from patterns import ENDS, LENGTH, Used, has_one, needing, package_patterns, slow, worst_of, worst_texts
from workbook_tools import text
from workbook_tools.claims import sentences
from workbook_tools.forms import vocabulary
from workbook_tools.text import regex


@pytest.mark.slow
def test_no_pattern_of_the_package_is_slow() -> None:
    patterns = package_patterns()
    assert len(patterns) > 150
    assert [(pattern.pattern, text[:40], taken) for pattern, text, taken in slow(patterns)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [
        (r"(\d+(?:\.\d+)?)%", True),  # a long run of digits is read again from each of them
        (r"\s*([^:]{2,24}?)\s*:", False),
        (r"(?:每|人均)[^,。]*$", True),
        (r"(?:a|aa)+$", False),
    ],
)
def test_a_slow_pattern_is_found(pattern: str, anywhere: bool) -> None:
    assert worst_of(Used(re.compile(pattern, re.DOTALL), anywhere)) is not None


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [(r"(?<!\d)(\d{1,15})%", True), (r"\s*+([^:]{2,24}?)\s*+:", False), (r"[\d,.]{1,30}", True), ("一|二", True)],
)
def test_a_quick_pattern_is_not(pattern: str, anywhere: bool) -> None:
    assert worst_of(Used(re.compile(pattern), anywhere)) is None


def test_the_worst_texts_are_as_long_as_a_cell_and_end_with_what_fits_nowhere() -> None:
    texts = list(worst_texts(re.compile(r"(?:原因|说明)[:：]\s*(\d{1,3}(?:,\d{3})+)分")))
    assert {len(text) for text in texts} <= {LENGTH, *range(LENGTH - 20, LENGTH)}
    assert any(text.startswith("原因:") and ",111,111" in text for text in texts)
    assert all(text.endswith(ENDS) for text in texts)


def test_whatever_a_pattern_takes_has_one_of_the_words_that_it_needs() -> None:
    found = [*needing()]
    assert len(found) > 10
    assert [name for name, pattern, flags, words in found if not has_one(_parser.parse(pattern, flags), words)] == []
    assert not [name for name, _, flags, _ in found if flags & (re.IGNORECASE | re.VERBOSE)]


def test_every_composed_word_has_one_of_the_words_that_it_needs() -> None:
    file = vocabulary._file()
    composed = {(kind, idea): said for kind, ideas in file["composed"].items() for idea, said in ideas.items()}
    needs = {(kind, idea): words.split("|") for kind, ideas in file["needs"].items() for idea, words in ideas.items()}
    assert needs.keys() == composed.keys() - {("source", "name")}
    assert [key for key, words in needs.items() if not has_one(_parser.parse(composed[key]), words)] == []


@pytest.mark.parametrize(
    ("pattern", "words", "proven"),
    [
        ("一二(?:三|四)", ["二"], True),
        ("一(?:二|三)", ["二"], False),
        ("一(?:二|三)", ["二", "三"], True),
        ("一二?", ["二"], False),
        ("一(?:二)+", ["二"], True),
        ("一.二", ["一二"], False),
        ("[一二]", ["一", "二"], True),
        ("[^一]", ["一"], False),
        ("一(?=二)", ["二"], False),
    ],
)
def test_the_words_of_a_pattern_are_proven_by_its_parts(pattern: str, words: Sequence[str], proven: bool) -> None:
    assert has_one(_parser.parse(pattern), words) == proven


def test_what_is_looked_for_before_a_figure_is_no_longer_than_what_is_looked_at() -> None:
    for pattern in (sentences._VAGUE, sentences._FROM, sentences._RANGE_BEFORE):
        assert pattern.pattern.endswith("$")
        assert _parser.parse(pattern.pattern).getwidth()[1] < sentences._NEAREST  # and one that it may look behind


def test_a_word_that_holds_the_sign_between_words_is_found() -> None:
    assert regex(re.escape("甲|乙率"), needs="甲|乙率").search("丙甲|乙率")


@pytest.mark.parametrize("said", ["", "一", "扣一分", "每降扣2分扣3分", "扣"])
def test_a_pattern_that_needs_a_word_gives_what_it_gives_without(said: str) -> None:
    lazy, plain = regex("扣([0-9])分", needs="扣"), re.compile("扣([0-9])分")
    assert str(lazy.search(said)) == str(plain.search(said))
    assert str(lazy.match(said)) == str(plain.match(said))
    assert str(lazy.fullmatch(said)) == str(plain.fullmatch(said))
    assert lazy.findall(said) == plain.findall(said)
    assert [*map(str, lazy.finditer(said))] == [*map(str, plain.finditer(said))]
    assert lazy.sub("", said) == plain.sub("", said)


def test_no_character_that_is_taken_for_printable_is_one_of_those_that_cannot_be_seen() -> None:
    printable = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isprintable()]
    patterns = (text._UNSEEN, text._SURROGATE, text._NOT_IN_XML, text._BYTE, text._LINE_ENDS)
    assert not [pattern.pattern for pattern in patterns if pattern.search("".join(printable))]
    assert text._HARMFUL.findall("".join(printable)) == ["\ufffd"]
