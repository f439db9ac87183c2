"""What one figure of a text claims, and whether the form confirms or refutes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from workbook_tools.claims.facts import Facts, Group, Row
from workbook_tools.claims.sentences import Figure, Text, left_over, like


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
        return rows, len(rows) == 1 and not left_over(before, facts.own_words)
    ends = [words[n:] for n in range(max(0, len(words) - 20), len(words) - 2)]
    return [row for row in facts.rows if any(like(end, row.name) for end in ends)], False


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
