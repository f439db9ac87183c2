"""What a form says and what its rules make of it: frozen records without behaviour.

A field path names one field of a form in any workbook: `budget.spent`, `sources.1.spent`, `indicators.3.score`,
`evaluators.2.1`, `tables.calls.total.rate`, `groups.output`, `total`. Rows count from 1 in the order of the sheet,
unused rows included.

Words have three states: None where the form has no such column, "" where the cell is blank, otherwise what is printed.
A number is known or None, and None never becomes 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from workbook_tools.values import Value

Field = str
AMOUNTS = ("initial", "adjusted", "revised", "spent")  # of a budget or of one source of money: the last part of a field


class Indicator(NamedTuple):
    """One row of an indicator table, as printed; `group` is the scheme's name of its 一级指标, "" where it is none."""

    group: str
    kind: str
    name: str
    weight: str | None
    target: str | None
    actual: str | None
    rate: str | None
    score: str | None
    reason: str | None = None
    manual_score: str | None = None  # the person's score where the form has a column of its own for it
    has_own_kind: bool = True  # whether the kind is printed in this row, not only merged down from one above
    label: str | None = None  # 一级指标 as printed, with its points where they stand in brackets
    op: str | None = None  # 指标性质: ≥, =, 定性
    unit: str | None = None  # 度量单位
    initial: str | None = None  # 年初指标值, where `target` is the adjusted one
    coefficient: str | None = None  # 得分系数, or the row's points out of 100 before they are weighted
    criteria: str | None = None  # 评分标准 of this row
    status: str | None = None  # 是否达标, as the unit itself says
    previous: str | None = None  # 上年完成值


class Evaluated(NamedTuple):
    """One row of the evaluators' sheet: an indicator and what each of them gave."""

    name: str
    scores: tuple[str, ...]


class Table(NamedTuple):
    """A table of statistics: column → words, for each month and for the printed total."""

    rows: tuple[Mapping[str, str], ...]
    total: Mapping[str, str]


class Wanted(NamedTuple):
    """What a text has to tell, where the form has a place for it; `none` where 无 is an answer."""

    what: str
    none: bool = False


class Form(NamedTuple):
    """The words of one self-evaluation form, as printed.

    `words` has every field that is placed, blank ones too; the other attributes are views on it.
    """

    budget: Mapping[str, str]
    indicators: tuple[Indicator, ...]
    deductions: tuple[Indicator, ...]
    texts: Mapping[str, str]
    total: str
    grade: str
    sources: tuple[Mapping[str, str], ...] = ()  # the money by source: name and amounts
    evaluators: tuple[Evaluated, ...] = ()
    tables: Mapping[str, Table] = MappingProxyType({})
    sums: Mapping[Field, str] = MappingProxyType({})  # subtotals as printed
    words: Mapping[Field, str] = MappingProxyType({})
    money_unit: str = ""  # 元 or 万元 as printed above the amounts or beside them, "" where it is not printed
    limits: Mapping[Field, int] = MappingProxyType({})  # text → characters that its heading allows (200字以内)
    live: frozenset[Field] = frozenset()  # fields whose cells hold a formula; only where the form was read closely
    hidden: frozenset[Field] = frozenset()  # fields in hidden rows or columns; likewise
    shared: frozenset[Field] = frozenset()  # fields whose cell is that of an earlier field: a kind merged over rows
    wanted: Mapping[Field, Wanted] = MappingProxyType({})  # texts that may not be left blank


class Line(NamedTuple):
    """One computed cell: its value, why it is so, and the fields it was computed from.

    `value` None means open: a person has to decide, and `why` says what is missing and what to do. `hint` is what a
    person should look at although the value stands.
    """

    value: Value | None
    why: str
    of: tuple[Field, ...] = ()
    hint: str = ""
    judged: bool = False  # whether the value is a person's own decision, not what the rules give


class Scores(NamedTuple):
    """Every computed field of one form; `total` and `grade` None while anything they rest on is open."""

    lines: Mapping[Field, Line]
    total: Decimal | None
    grade: str | None
    full: Decimal | None = None  # the sum of the printed weights; None if unknown
