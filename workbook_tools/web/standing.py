"""How a unit stands in a collection: what counts of all that it has handed in, and in a word what is the matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Row

from workbook_tools.values import normalize

Word = Literal["未报", "已退回", "有错误", "已报"]
WORDS: tuple[Word, ...] = get_args(Word)
MISSING, RETURNED, FAULTY, DONE = WORDS


class Project(NamedTuple):
    """One project of a unit: the version that counts, how many there are, and whether the first one came too late."""

    version: Row[Any]
    versions: int
    first: str  # when the first one was handed in
    late: bool

    @property
    def word(self) -> Word:
        """How it stands."""
        if self.version.returned:
            return RETURNED
        return FAULTY if self.version.errors else DONE


class Standing(NamedTuple):
    """A unit and its projects."""

    unit: Row[Any]
    projects: Sequence[Project]

    @property
    def word(self) -> Word:
        """The worst of its projects."""
        return min((one.word for one in self.projects), key=WORDS.index, default=MISSING)

    @property
    def late(self) -> bool:
        """Whether any came too late."""
        return any(one.late for one in self.projects)


def local(moment: str | None) -> datetime | None:
    """A moment of the database in the time of this place."""
    return datetime.fromisoformat(moment).astimezone() if moment else None


def shown(moment: str | None) -> str:
    """A moment as people read it."""
    at = local(moment)
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def projects(handed_in: Iterable[Row[Any]], deadline: str | None) -> list[Project]:
    """The projects of one unit, from everything it has handed in, in that order; late by the first receipt."""
    found: dict[str, list[Row[Any]]] = {}
    for one in handed_in:
        found.setdefault(_project(one), []).append(one)
    last = date.fromisoformat(deadline) if deadline else None
    return [Project(of[-1], len(of), of[0].handed_in, _late(of[0].handed_in, last)) for of in found.values()]


def newest(versions: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The newest upload of each project, from versions of which the newest is the first."""
    found: dict[str, Row[Any]] = {}
    for one in versions:
        found.setdefault(_project(one), one)
    return list(found.values())


def _project(version: Row[Any]) -> str:
    """What tells the projects of a unit apart: the name, and without one the file."""
    return normalize(version.project) or str(version.name)


def standings(units: Iterable[Row[Any]], handed_in: Iterable[Row[Any]], deadline: str | None) -> list[Standing]:
    """How every unit stands, in the order of the list."""
    by_unit: dict[int, list[Row[Any]]] = {}
    for one in handed_in:
        by_unit.setdefault(one.unit, []).append(one)
    return [Standing(one, projects(by_unit.get(one.id, ()), deadline)) for one in units]


def _late(moment: str, last: date | None) -> bool:
    at = local(moment)
    return last is not None and at is not None and at.date() > last
