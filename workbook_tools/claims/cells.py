"""One cell of the row of an indicator in a report, held against that row of the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbook_tools.claims.facts import Facts, Row
from workbook_tools.claims.figures import same_words
from workbook_tools.forms.form import Indicator
from workbook_tools.scoring.comparing import actual_words, says_met, target_words
from workbook_tools.text import one_line
from workbook_tools.values import (
    Quantity,
    decimals,
    normalize,
    plain,
    read_points,
    read_quantity,
    read_target,
    read_weight,
    round_half_up,
    scaled,
)


class Verdict(NamedTuple):
    """What a cell says: right, wrong, or None where nobody can tell; what to say of it; whether that is sure.

    `own` is whether it is beyond doubt what the cell is of.
    """

    right: bool | None
    message: str = ""
    sure: bool = True
    own: bool = False


class Cell(NamedTuple):
    """One compared cell: where it stands, the kind of claim, its column, and what was decided."""

    place: str
    kind: str
    column: int
    verdict: Verdict


def judged_cell(idea: str, words: str, unit: str, row: Row, facts: Facts) -> Verdict:
    """The words of a cell under a heading of that idea, against the row."""
    printed = facts.form.indicators[int(row.field.partition(".")[2]) - 1]
    said = f"{words.strip()}{normalize(unit)}" if unit and _is_bare(words) else words.strip()
    if idea in ("target", "initial", "revised"):
        return _target(said, row, printed)
    if idea == "actual":
        return _actual(said, row, printed)
    if idea in ("label", "kind", "name", "reason"):
        own = {"label": printed.label, "kind": printed.kind, "name": printed.name, "reason": printed.reason}[idea] or ""
        shown = one_line(own)
        return Verdict(same_words(words, [own]), f"写“{one_line(words)}”，表里是“{shown}”；请改成一致")
    if idea == "status":
        met = says_met(said)
        right = None if met is None or row.met is None else met == row.met
        says = "达到" if met else "没有达到"
        message = f"说“{row.shown}”{says}目标，表里却{'已经' if row.met else '没有'}达到（{row.why}）；请核对"
        return Verdict(right, message)
    what, points, known = (
        ("分值（权重）", read_weight(said), [] if row.weight is None else [row.weight])
        if idea == "weight"
        else ("得分", read_points(said), sorted(row.scores))
    )
    if points is None or not known:
        return Verdict(None)
    right = any(round_half_up(one, decimals(points)) == points for one in known)
    shown = "或".join(plain(round_half_up(one, 2)) for one in known)
    return Verdict(right, f"写“{row.shown}”的{what}{words.strip()}，表里是 {shown}；请改成一致")


def _is_bare(words: str) -> bool:
    read = read_target(words)
    return read is not None and not read.quantity.unit


def _target(said: str, row: Row, printed: Indicator) -> Verdict:
    known = [one for one in (target_words(printed), printed.target, printed.initial) if one]
    message = f"写“{row.shown}”的指标值{said}，表里是 {known[0] if known else ''}；请改成一致"
    aims = [aim for one in known if (aim := read_target(one))]
    wanted = read_target(said)
    if not known or _among(said, known):
        return Verdict(True if known else None)
    if wanted is None or not aims or row.target is None:
        return Verdict(same_words(said, known), message)
    right = any(_same(wanted.quantity, aim.quantity, said) for aim in aims)
    signs = {aim.op for aim in aims}
    if right and wanted.op and None not in signs and wanted.op not in signs:
        return Verdict(None)
    return Verdict(True if right else _other(wanted.quantity, [aim.quantity for aim in aims], said), message)


def _actual(said: str, row: Row, printed: Indicator) -> Verdict:
    known = [one for one in (actual_words(printed), printed.actual) if one]
    values = list(row.actuals)
    shown = str(values[0]) if values else known[0] if known else ""
    message = f"写“{row.shown}”的完成值{said}，表里是 {shown}；请改成一致"
    if _among(said, known):
        return Verdict(right=True)
    done = read_quantity(said)
    if done is None or not values:
        return Verdict(same_words(said, known), message)
    right = any(_same(done, one, said) for one in values)
    return Verdict(True if right else _other(done, values, said), message)


def _among(said: str, known: Iterable[str]) -> bool:
    return normalize(said).rstrip("。;") in {normalize(one).rstrip("。;") for one in known}


def _same(said: Quantity, value: Quantity, words: str) -> bool:
    """Whether a figure is a value, rounded perhaps; a bare one may be percent."""
    if said.unit and value.unit and said.unit != value.unit:
        return False
    places = 0 if scaled(words) else decimals(said.number)
    numbers = [said.number]
    if not said.unit and value.unit == "%" and abs(said.number) <= 2:
        numbers.append(said.number * 100)
    return any(one == value.number or round_half_up(value.number, places) == one for one in numbers)


def _other(said: Quantity, values: list[Quantity], words: str) -> bool | None:
    """False where a figure is surely another one than these; None where units, 余 or 万 leave it open."""
    vague = said.over or scaled(words) or any(one.over for one in values)
    units = {said.unit, *(one.unit for one in values)} - {""}
    return None if vague or len(units) > 1 else False
