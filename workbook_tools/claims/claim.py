"""What one figure of a text claims, and whether the form confirms or refutes it."""

from __future__ import annotations

import re
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
    """The rows and groups that words name in full, in order; of two that overlap the longer one."""
    found = []
    for row in facts.rows:
        if len(row.name) >= SHORTEST:
            begin = WHOLE if len(row.name) == SHORTEST else ""
            places = re.finditer(f"{begin}{re.escape(row.name)}", words)
            found += [Named(place.start(), place.end(), row, None) for place in places]
    for group in facts.groups:
        found += [Named(place.start(), place.end(), None, group) for place in re.finditer(group.pattern, words)]
    found.sort(key=lambda one: one.start - one.end)
    kept: list[Named] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept)


SHORTEST = 3  # characters of an indicator's name that may be looked for in a text
WHOLE = r"(?<![一-龥])"  # before a name so short: 满意度, but not 群众满意度


def last_named(words: str, facts: Facts) -> Named | None:
    """The row or group that words name last."""
    return next(reversed(names_in(words, facts)), None)


def row_of(subject: str, facts: Facts) -> tuple[list[Row], bool]:
    """The rows that a subject may mean, and whether it surely means the only one."""
    words = subject.strip("“”")
    named = [one for one in names_in(words, facts) if one.row]
    if named and named[-1].end >= len(words) - 1 and named[-1].row:
        rows = [row for row in facts.rows if row.name == named[-1].row.name]
        before = words[: named[-1].start]
        for group in facts.groups:
            before = re.sub(group.pattern, "", before)
        return rows, len(rows) == 1 and not left_over(before, facts.own_words)
    ends = [words[n:] for n in range(max(0, len(words) - 20), len(words) - 2)]
    return [row for row in facts.rows if any(like(end, row.name) for end in ends)], False
