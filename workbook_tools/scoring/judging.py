"""Rows that no rule decides: the person's own points, if they lie where the row and the scheme's levels allow."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from workbook_tools.forms.form import Field
from workbook_tools.schemes.scheme import Level
from workbook_tools.scoring.comparing import short
from workbook_tools.scoring.scorecard import Scorecard
from workbook_tools.values import HUNDRED, UNCALCULATED, normalize, plain, read_points


def judge(
    card: Scorecard,
    field: Field,
    score: str | None,
    own: str | None,
    weight: Decimal,
    reason: str,
    of: Iterable[Field],
    level: Level | None = None,
) -> None:
    """Takes the person's own score as the decision, or asks for one between 0 (or the level's least) and the weight."""
    words = score if own is None else own
    words = None if words == UNCALCULATED else words
    points = read_points(words or "", card.places)
    low, high = (level.low, level.high) if level else (Decimal(0), HUNDRED)
    least, most = card.round(weight * low / HUNDRED), card.round(weight * high / HUNDRED)
    within = points is not None and least <= points <= most and not (level and level.below and points == most)
    if within and points is not None:
        card.put(f"{field}.score", card.round(points), f"{reason}；按填表人自评", of, judged=True)
        return
    between = f"{plain(least)}～{plain(most if level else weight)}"
    note = f"（不含 {plain(most)}）" if level and level.below else ""
    if words:
        ask = f"{reason}；填的“{short(words)}”不在 {between}{note} 之间，请改正"
    else:
        ask = f"{reason}；请按完成情况在这里填 {between} 分{note}"
    if own is not None:
        of = [*of, card.put(f"{field}.own", None, ask)]
    card.put(f"{field}.score", None, ask, of)


def level_of(words: str, levels: tuple[Level, ...]) -> Level | None:
    """The level that the words of 完成值 name, None where they name none."""
    said = normalize(words)
    return next((level for level in levels if said.startswith(level.words)), None)


def level_said(level: Level) -> str:
    """A level as the notice writes it: 80%～100%."""
    return f"{plain(level.low)}%～{plain(level.high)}%"
