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
    """One project of a unit: what it has handed in for it, in that order, and whether the first one came too late."""

    versions: Sequence[Row[Any]]
    late: bool

    @property
    def version(self) -> Row[Any]:
        """The one that counts: the last."""
        return self.versions[-1]

    @property
    def name(self) -> str:
        """What it is called, now."""
        return named(self.version)

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
    """The projects of one unit, from everything it has handed in, in that order; late by the first receipt.

    What somebody has said of a version counts: it follows another one, or begins a project; else it goes by its name.
    """
    found: list[list[Row[Any]]] = []
    group_of: dict[int, list[Row[Any]]] = {}
    for one in handed_in:
        group = group_of.get(one.follows) if one.follows is not None else _by_name(found, one)
        if group is None:
            found.append(group := [])
        group.append(one)
        group_of[one.id] = group
    last = date.fromisoformat(deadline) if deadline else None
    return [Project(group, _late(group[0].handed_in, last)) for group in found]


def _by_name(found: list[list[Row[Any]]], version: Row[Any]) -> list[Row[Any]] | None:
    """The newest project of which a version has the same name."""
    name = project_key(version)
    return next((group for group in reversed(found) if name in map(project_key, group)), None)


def continued(known: Iterable[Project], version: Row[Any]) -> Project | None:
    """The only one of the projects that is called now as a version is; None where a person has to say."""
    same = [one for one in known if project_key(one.version) == project_key(version)]
    return same[0] if len(same) == 1 else None


def newest(versions: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The newest upload of each project, from versions of which the newest is the first."""
    found: dict[str, Row[Any]] = {}
    for one in versions:
        found.setdefault(project_key(one), one)
    return list(found.values())


def project_key(version: Row[Any]) -> str:
    """What tells the projects of a unit apart: the name, and without one the file."""
    return normalize(version.project) or str(version.name)


def named(version: Row[Any]) -> str:
    """What the project of a version is called in a sentence."""
    return str(version.project or version.name)


def standings(units: Iterable[Row[Any]], handed_in: Iterable[Row[Any]], deadline: str | None) -> list[Standing]:
    """How every unit stands, in the order of the list."""
    by_unit: dict[int, list[Row[Any]]] = {}
    for one in handed_in:
        by_unit.setdefault(one.unit, []).append(one)
    return [Standing(one, projects(by_unit.get(one.id, ()), deadline)) for one in units]


def overdue(deadline: str | None) -> bool:
    """Whether the last day has passed."""
    return deadline is not None and datetime.now().astimezone().date() > date.fromisoformat(deadline)


def _late(moment: str, last: date | None) -> bool:
    at = local(moment)
    return last is not None and at is not None and at.date() > last
