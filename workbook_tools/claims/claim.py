"""What one figure of a text claims, and whether the form confirms or refutes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from workbook_tools.claims.facts import Facts, Group, Row
from workbook_tools.claims.sentences import PARTS, Figure, Text, left_over, like, without_verbs
from workbook_tools.text import regex


class Claim(NamedTuple):
    """One figure or phrase of a text: true, false, or None where the form cannot tell.

    `own` is whether it names a thing by the form's own word, so that it is decided beyond doubt.
    """

    start: int
    end: int
    verdict: bool | None
    message: str = ""
    own: bool = False


Kind = Callable[[Text, Facts], Iterator[Claim]]


class Named(NamedTuple):
    """A row or a group that a sentence names, and where."""

    start: int
    end: int
    row: Row | None
    group: Group | None


def judged(figure: Figure, message: str, *, right: bool, sure: bool, own: bool = False) -> Claim:
    """True where it is right; false only where the subject is surely known and the figure may be accused; else open."""
    if right:
        return Claim(figure.start, figure.end, verdict=True)
    if sure and figure.may_accuse:
        return Claim(figure.start, figure.end, verdict=False, message=message, own=own)
    return Claim(figure.start, figure.end, None)


def of_a_part(figure: Figure, facts: Facts) -> bool:
    """Whether a figure may be of a part, by words that are not in the form's own names: 各类蔬菜面积, 省级补助项目."""
    if not figure.in_part:
        return False
    words = figure.before
    for name in facts.own_words:
        words = words.replace(f"{name}项目", "").replace(name, "")
    return PARTS.search(facts.spelled.sub("", words)) is not None


def names_in(words: str, facts: Facts) -> list[Named]:
    """The rows and groups that words name in full, in order."""
    found = []
    for place in facts.spelled.finditer(words):
        what = facts.names[place[0]]
        row, group = (what, None) if isinstance(what, Row) else (None, what)
        found.append(Named(place.start(), place.end(), row, group))
    return found


def last_named(words: str, facts: Facts) -> Named | None:
    """The row or group that words name last."""
    return next(reversed(names_in(words, facts)), None)


def row_of(subject: str, facts: Facts) -> tuple[list[Row], bool]:
    """The rows that a subject may mean, and whether it surely means the only one."""
    words = subject.strip("“”")
    named_all = names_in(words, facts)
    named = [one for one in named_all if one.row]
    if named and named[-1] is named_all[-1] and named[-1].end >= len(words) - 1 and named[-1].row:
        rows = [row for row in facts.rows if row.name == named[-1].row.name]
        between = [0, *(place for one in named_all[:-1] if one.group for place in (one.start, one.end))]
        between.append(named[-1].start)
        before = "".join(words[start:end] for start, end in zip(between[::2], between[1::2], strict=True))
        if words.endswith("均"):  # 甲与乙均为100%: each of them is
            before = facts.spelled.sub("", before)
        return rows, len(rows) == 1 and not left_over(before, facts.own_words)
    ends = [words[n:] for n in range(max(0, len(words) - 20), len(words) - 2)]
    return [row for row in facts.rows if any(like(end, row.name) for end in ends)], False


def row_just_named(figure: Figure, facts: Facts) -> list[Row]:
    """The only row that a clause names in full right before its figure: 孕产妇7天访视数203人, 增收(总收入)12万元."""
    words = without_verbs(figure.before)
    named = last_named(words, facts)
    if named is None or named.row is None or named.end != len(words):
        return []
    before = _CLAUSE.split(words[: named.start])[-1]
    rows = [row for row in facts.rows if row.name == named.row.name]
    return rows if len(rows) == 1 and not left_over(before, facts.own_words) else []


_CLAUSE = regex("[,、。;:]")


_LAST_OF = regex(r"(?:^|[,。;:()、])([^,。;:()、]+?)(?:、|以及|(?<![涉普])及|和|与)$", needs="、|及|和|与")
_OF_ITS_OWN = regex(r"\d|^[一二三四五六七八九十]+$|满分$")
_EACH = regex("均|各|都|皆|分别", needs="均|各|都|皆|分别")


def is_last_of(before: str, start: int) -> bool:
    """Whether a name is the last of several that may share a figure: 甲、乙得20分, and no 甲、乙各得10分."""
    beside = _LAST_OF.search(before[:start])
    return beside is not None and not _OF_ITS_OWN.search(beside[1]) and not _EACH.search(before[start:])


def shared_by_several(figure: Figure, facts: Facts) -> bool:
    """Whether what a figure is of may be the last of several that share it."""
    named = last_named(figure.before, facts)
    starts = [named.start] if named else []
    if figure.subject:
        starts.append(figure.before.rfind(figure.subject))
    return any(is_last_of(figure.before, start) for start in starts)


def row_begun(before: str, facts: Facts) -> Row | None:
    """The row that a sentence begins with and names alone: 甲：年度指标值≥95%，实际完成值96%."""
    every = names_in(before, facts)
    named = [one for one in every if one.row]
    if len(named) != 1 or named[0].row is None:
        return None
    row, start = named[0].row, named[0].start
    groups = [before[one.start : one.end] for one in every if one.group and one.end <= start]  # 数量指标：甲…
    if left_over(before[:start].strip("★"), (*facts.own_words, *groups)):
        return None
    return row if sum(one.name == row.name for one in facts.rows) == 1 else None
