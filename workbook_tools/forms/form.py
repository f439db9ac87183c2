"""What a form says and what its rules make of it: frozen records without behaviour.

A field path names one field of a form in any workbook: `budget.spent`, `sources.1.spent`, `indicators.3.score`,
`evaluators.2.1`, `tables.calls.total.rate`, `groups.output`, `total`. Rows count from 1 in the order of the sheet,
unused rows included.

Words have three states: None where the form has no such column, "" where the cell is blank, otherwise what is printed.
A number is known or None, and None never becomes 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.values import Value

Field = str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indicator:
    """One row of an indicator table, as printed.

    Attributes:
        group: the scheme's name of its 一级指标, "" where it is none of them.
        kind: 二级指标, without the line breaks of a narrow column.
        name: 三级指标, or 指标内容.
        weight: 分值 or 权重.
        target: 指标值; the adjusted one where the form has both.
        actual: 完成值.
        rate: 完成率.
        score: 得分.
        reason: 偏差原因及改进措施.
        manual_score: the person's score where the form has a column of its own for it.
        has_own_kind: whether the kind is printed in this row, not only merged down from one above.
        label: 一级指标 as printed, with its points where they stand in brackets.
        op: 指标性质: ≥, =, 定性.
        unit: 度量单位.
        initial: 年初指标值, where `target` is the adjusted one.
        coefficient: 得分系数, or the row's points out of 100 before they are weighted.
        criteria: 评分标准 of this row.
        status: 是否达标, as the unit itself says.
        previous: 上年完成值.
        period: 实施周期指标值, of the years that the project takes.
    """

    group: str
    kind: str
    name: str
    weight: str | None = None
    target: str | None = None
    actual: str | None = None
    rate: str | None = None
    score: str | None = None
    reason: str | None = None
    manual_score: str | None = None
    has_own_kind: bool = True
    label: str | None = None
    op: str | None = None
    unit: str | None = None
    initial: str | None = None
    coefficient: str | None = None
    criteria: str | None = None
    status: str | None = None
    previous: str | None = None
    period: str | None = None


class Evaluated(NamedTuple):
    """One row of the evaluators' sheet: an indicator and what each of them gave."""

    name: str
    scores: tuple[str, ...]


class Table(NamedTuple):
    """A table of statistics: column → words, for each month and for the printed total."""

    rows: tuple[Mapping[str, str], ...]
    total: Mapping[str, str]


Left = Literal["cells", "table", "labels", "heading", "columns", "budget", "target", "total", "money"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """Cells of a form that stand for no field, and what a form leaves open: a person is told of both.

    Attributes:
        what: `cells` in which nothing was read, a `heading` of a column that is not known, a `table` that the scheme
            does not know, `labels` that are not known; `columns` of one idea, the only column of the `budget`, a
            `target` of which only the one before the adjustment is filled in, one figure that may be the `total` or
            the sum of the points, tables of `money` of which none is the sum.
        cell: the first cell.
        where: the cells as people write them: B65:F69, or each by itself.
        words: what is written in the first cells, or above them.
        count: how many cells.
        numbers: the figures among them, as printed.
    """

    what: Left
    cell: Cell
    where: str
    words: tuple[str, ...]
    count: int
    numbers: tuple[str, ...] = ()


class ReportTable(NamedTuple):
    """One table of a report: `title` is what stands above it; merged cells repeat their words, and have one place."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    places: tuple[tuple[str, ...], ...]  # of each cell: 报告.docx 第1张表第2行第3格; "" where a merged one goes on


class Report(NamedTuple):
    """The report that comes with a form: its paragraphs by where they stand, and its tables.

    `lit` is where words are yellow although nothing is left to be written there.
    """

    paragraphs: Mapping[str, str]
    tables: tuple[ReportTable, ...] = ()
    lit: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """What a text has to tell, where the form has a place for it; `none` where 无 is an answer."""

    what: str
    none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The words of one self-evaluation form, as printed.

    `words` has every field that is placed, blank ones too; the other attributes are views on it.

    Attributes:
        budget: the money of the form: amount, rate or points → words.
        indicators: the rows of the indicator tables.
        deductions: the rows of the deductions.
        texts: text → words.
        review: what the supervising department wrote: score, grade, opinion, advice, budget → words; blank where only
            the printed prompt stands; nothing where the form has no such section.
        total: 总分.
        grade: 等级.
        sources: the money by source: its name and amounts.
        splits: income, expenditure → the amounts of its parts; nothing where the budget is not split in two ways.
        evaluators: the rows of the evaluators' sheet.
        tables: the tables of months by name.
        sums: subtotals as printed.
        words: field path → words.
        money_unit: 元 or 万元 as printed above the amounts or beside them, "" where it is not printed.
        limits: text → characters that its heading allows (200字以内).
        live: fields whose cells hold a formula; only where the form was read closely.
        hidden: fields in hidden rows or columns; likewise.
        struck: the words of fields that are struck through (删除线); likewise.
        shared: fields whose cell is that of an earlier field: a kind merged over rows.
        wanted: texts that may not be left blank.
        year: the year of its title, None where it does not say.
        left: `unread.1` → cells that stand for no field and questions that the form leaves open.
        until: the last month that a monitoring table tells of (1-7月完成值), None where its headings name none.
        report: the report that is held against it; None where there is none, and its own texts are read.
    """

    budget: Mapping[str, str]
    indicators: tuple[Indicator, ...]
    deductions: tuple[Indicator, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    review: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    grade: str = ""
    sources: tuple[Mapping[str, str], ...] = ()
    splits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    evaluators: tuple[Evaluated, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    sums: Mapping[Field, str] = field(default_factory=dict)
    words: Mapping[Field, str] = field(default_factory=dict)
    money_unit: str = ""
    limits: Mapping[Field, int] = field(default_factory=dict)
    live: frozenset[Field] = frozenset()
    hidden: frozenset[Field] = frozenset()
    struck: Mapping[Field, str] = field(default_factory=dict)
    shared: frozenset[Field] = frozenset()
    wanted: Mapping[Field, Wanted] = field(default_factory=dict)
    year: int | None = None
    left: Mapping[Field, Remainder] = field(default_factory=dict)
    until: int | None = None
    report: Report | None = None


class Line(NamedTuple):
    """One computed cell: its value, why it is so, and the fields it depends on.

    `value` None means open: a person has to decide, and `why` says what is missing and what to do. `hint` is what a
    person should look at although the value stands.
    """

    value: Value | None
    why: str
    depends_on: tuple[Field, ...] = ()
    hint: str = ""
    judged: bool = False  # whether the value is a person's own decision, not what the rules give
    withheld: str = ""  # the rule of a drafted scheme that nobody has confirmed and that it rests on


class Scores(NamedTuple):
    """Every computed field of one form; `total` and `grade` None while anything they rest on is open.

    Nobody changes them: scoring fills a `Scorecard` and hands out this record of it.
    """

    lines: Mapping[Field, Line]  # in the order of the form
    total: Decimal | None
    grade: str | None
    full: Decimal | None = None  # the sum of the printed weights; None if unknown
    weights: Mapping[Field, Decimal | None] = MappingProxyType({})  # of each row that is scored; None if unknown
