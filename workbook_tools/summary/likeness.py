"""Texts of different units that are nearly the same, by rapidfuzz; from a thousand forms on by MinHash.

Years, figures and a form's own unit and project do not count. Each text is held against one of every group of like
texts, so that ten thousand copies of a model cost no more than ten thousand comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple
from zlib import crc32

from workbook_tools.checks.compared import (
    AlikeText,
    CommonText,
    ComparedForm,
    ComparedText,
    Folder,
    measures,
    without_years,
)
from workbook_tools.summary.pairs import can_compare_names
from workbook_tools.text import regex
from workbook_tools.values import normalize

MANY = 1_000  # forms from which on texts are found by MinHash
SHINGLE, PERMUTATIONS = 3, 64
MOST_HELD = 50  # texts of a group that one is held against for the nearest
JACCARD = 0.55  # of the shingles of two texts that may be alike enough; rapidfuzz decides
_FIGURES = regex(r"\d[\d,.]*")


class _Said(NamedTuple):
    form: ComparedForm
    text: ComparedText
    words: str  # without what may differ between two forms anyway


def folder_of(forms: Sequence[ComparedForm]) -> Folder:
    """The forms with their texts that are alike; only those that are the same where rapidfuzz is not installed."""
    least = measures()["least"]["alike"]
    by_words: dict[str, list[_Said]] = {}
    for form in forms:
        for text in form.texts:
            words = _compared_words(form, text)
            if len(words) >= least:
                by_words.setdefault(_FIGURES.sub("#", words), []).append(_Said(form, text, words))
    alike: list[AlikeText] = []
    common: list[CommonText] = []
    for keys in _groups(list(by_words), len(forms)):
        group = [said for key in keys for said in by_words[key]]
        owners = {said.form.owner for said in group}
        if len(owners) < 2:
            continue
        if _is_model(len(owners), len(forms)):
            common.append(CommonText(group[0].form, group[0].text, len(owners)))
            continue
        for said in group:
            others = [other for other in group if not _one_unit(said.form.owner, other.form.owner)]
            if not others:
                continue
            nearest = max(others[:MOST_HELD], key=lambda other: _percent(said.words, other.words))
            percent = _percent(said.words, nearest.words)
            if percent >= measures()["similar"]["text"]:
                count = len({(other.form.file, other.form.sheet) for other in others})
                alike.append(AlikeText(said.form, said.text, nearest.form, nearest.text, percent, count))
    order = {id(form): number for number, form in enumerate(forms)}
    alike.sort(key=lambda one: order[id(one.form)])
    return Folder(forms, alike, common)


def _one_unit(one: str, other: str) -> bool:
    """Whether two names may be of one unit: the same, or the one without the place that the other begins with."""
    return one.endswith(other) or other.endswith(one)


def _compared_words(form: ComparedForm, text: ComparedText) -> str:
    words = without_years(text.words)
    for own in sorted({normalize(form.unit), normalize(form.project), without_years(form.project)}, key=len)[::-1]:
        words = words.replace(own, "") if own else words
    return words.rstrip("。;")


def _is_model(units: int, forms: int) -> bool:
    similar = measures()["similar"]
    return bool(units >= similar["common"] and units * 100 > forms * similar["share"])


def _percent(one: str, other: str) -> int:
    """How like two texts are, in percent: 100 only for the same words."""
    if one == other:
        return 100
    if not can_compare_names():
        return 0
    from rapidfuzz.fuzz import ratio

    return min(int(ratio(one, other)), 99)


def _groups(words: Sequence[str], forms: int) -> list[list[str]]:
    """The texts in groups, each with the first of its group that it is like."""
    if not can_compare_names():
        return [[one] for one in words]
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extractOne

    least = measures()["similar"]["text"]
    groups: dict[str, list[str]] = {}
    leaders = _ByHash() if forms >= MANY and find_spec("datasketch") else _ByLength(least)
    for one in words:
        near = leaders.near(one)
        found = extractOne(one, near, scorer=ratio, score_cutoff=least) if near else None
        if found is None:
            leaders.add(one)
            groups[one] = [one]
        else:
            groups[found[0]].append(one)
    return list(groups.values())


class _ByLength:
    """Texts by their length: those much longer or shorter than another cannot be like it."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._by_length: dict[int, list[str]] = {}

    def add(self, words: str) -> None:
        """Keeps a text."""
        self._by_length.setdefault(len(words), []).append(words)

    def near(self, words: str) -> list[str]:
        """The texts kept so far that may be like another: 2 · shorter ÷ both is at least what is asked."""
        size, least = len(words), self._least
        shortest = size * least // (200 - least)
        longest = size * (200 - least) // least + 1
        return [one for length in range(shortest, longest + 1) for one in self._by_length.get(length, ())]


class _ByHash:
    """Texts by MinHash of their shingles."""

    def __init__(self) -> None:
        from datasketch import MinHashLSH

        self._lsh = MinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS)
        self._last: tuple[str, Any] = ("", None)

    def add(self, words: str) -> None:
        """Keeps a text."""
        self._lsh.insert(words, self._hash(words), check_duplication=False)

    def near(self, words: str) -> list[str]:
        """The texts kept so far that may be like another."""
        return list(self._lsh.query(self._hash(words)))

    def _hash(self, words: str) -> Any:
        from datasketch import MinHash

        if self._last[0] != words:
            shingles = {words[at : at + SHINGLE].encode() for at in range(max(len(words) - SHINGLE, 0) + 1)}
            made = MinHash(num_perm=PERMUTATIONS, hashfunc=crc32)
            made.update_batch(list(shingles))
            self._last = (words, made)
        return self._last[1]
