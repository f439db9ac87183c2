"""What a form says and what its rules make of it: frozen records without behaviour.

A field path names one place of a form, whatever workbook it stands in: `budget.spent`, `indicators.3.score`,
`groups.output`, `total`. Rows count from 1 in the order of the sheet, unused rows included.

Words have three states: None where the form has no such column, "" where the cell is blank, otherwise what is printed.
A number is known or None, and None never becomes 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.values import Value

Field = str


class Indicator(NamedTuple):
    """One row of an indicator table, as printed."""

    group: str
    kind: str
    name: str
    weight: str | None
    target: str | None
    actual: str | None
    rate: str | None
    score: str | None
    reason: str | None = None
    own: str | None = None  # the person's score where the form has a column of its own for it
    own_kind: bool = True  # whether the kind is printed in this row, not only merged down from one above


class Form(NamedTuple):
    """The words of one self-evaluation form, as printed."""

    budget: Mapping[str, str]
    indicators: tuple[Indicator, ...]
    deductions: tuple[Indicator, ...]
    texts: Mapping[str, str]
    total: str
    grade: str


class Line(NamedTuple):
    """One computed cell: its value, why it is so, and the fields it was computed from.

    `value` None means open: a person has to decide, and `why` says what is missing and what to do.
    """

    value: Value | None
    why: str
    of: tuple[Field, ...] = ()


class Scores(NamedTuple):
    """Every computed field of one form; `total` and `grade` None while anything they rest on is open."""

    lines: Mapping[Field, Line]
    total: Decimal | None
    grade: str | None
