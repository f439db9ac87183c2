"""Words in names of indicators for which lower may be better; they only lead to a question, never to a score."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from workbook_tools.schemes.packaged import packaged
from workbook_tools.values import normalize

PATH = Path(__file__).with_name("direction.toml")


class Direction(NamedTuple):
    """The words of `direction.toml`.

    `falls` are asked about, unless one of `rises` stands in the name too; one of `turned` is asked about in any case.
    """

    falls: tuple[str, ...]
    rises: tuple[str, ...]
    turned: tuple[str, ...]


@cache
def direction_words() -> Direction:
    """The words, read when a target without a sign is first missed or exceeded."""
    table = packaged(PATH)
    return Direction(*(tuple(word for one in table[key] for word in one["words"]) for key in Direction._fields))


def may_fall(name: str) -> bool:
    """Whether the name leaves open if higher figures are better: 系统故障率, 公用经费控制率."""
    words, said = direction_words(), normalize(name)
    if any(word in said for word in words.turned):
        return True
    return any(word in said for word in words.falls) and not any(word in said for word in words.rises)
