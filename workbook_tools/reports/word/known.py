"""The figures of a form that a report may state: each as the form prints it, or as computed where its cell is blank.

Where both are there and differ, neither is stated: the form has to be put right first.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.checks.told import facts_of
from workbook_tools.claims import Facts, Row
from workbook_tools.claims.facts import YUAN
from workbook_tools.forms.form import Field
from workbook_tools.scoring.comparing import actual_words, bare, target_words
from workbook_tools.scoring.groups import rows_in_use
from workbook_tools.text import regex
from workbook_tools.values import (
    UNCALCULATED,
    Quantity,
    agrees,
    decimals,
    format_value,
    grouped,
    plain,
    read_points,
    read_quantity,
    round_half_up,
)


class Differing(NamedTuple):
    """A figure that is not stated because the form prints another one than the rules give."""

    label: str
    printed: str
    computed: str


class Known:
    """What an assessed form says for sure; `differing` lists what it does not."""

    def __init__(self, form: Assessment) -> None:
        self.form, self.scores, self.scheme = form.form, form.scores, form.scheme
        self.labels = form.placement.labels
        self.year = form.form.year or form.year
        self.facts: Facts = facts_of(form.form, form.scores, form.scheme)
        self.rows: tuple[Row, ...] = tuple(self.facts.rows)
        self.words = dict(rows_in_use(form.form.indicators))
        self.differing: list[Differing] = []
        self.unit = self.form.money_unit or self.scheme.unit

    def text(self, name: str) -> str:
        """A text of the form, in one line."""
        return one_line_of(self.form.texts.get(f"texts.{name}", ""))

    def _settled(self, field: Field, printed: str) -> bool:
        """Whether the computed value of a field, if there is one, is what is printed."""
        line = self.scores.lines.get(field)
        if line is None or line.value is None or not printed or printed == UNCALCULATED:
            return True
        if agrees(line.value, printed, self.scheme.places):
            return True
        self.differing.append(Differing(self.labels.get(field, ""), printed, format_value(line.value)))
        return False

    def points(self, field: Field, printed: str) -> str:
        """Points as the form prints them, as computed where the cell is blank; "" where they are not known."""
        if not self._settled(field, printed):
            return ""
        read = read_points(printed)
        line = self.scores.lines.get(field)
        if read is not None:
            return plain(read) if decimals(read) > self.scheme.places else str(read)
        return str(line.value) if line and isinstance(line.value, Decimal) else ""

    @property
    def scored(self) -> bool:
        """Whether the form gives points at all: one of transfer payments does not."""
        return bool(self.scheme.groups) or self.total != ""

    @property
    def total(self) -> str:
        """总分."""
        return self.points("total", self.form.total)

    @property
    def grade(self) -> str:
        """等级."""
        known = self.facts.grades
        if len(known) > 1:
            self.differing.append(Differing("等级", self.form.grade, self.scores.grade or ""))
        return next(iter(known)) if len(known) == 1 else ""

    def amount(self, column: str) -> Decimal | None:
        """An amount of the budget in the unit of the form, with its sign."""
        printed, field = self.form.budget.get(column, ""), f"budget.{column}"
        if self.unit not in YUAN or not self._settled(field, printed):
            return None
        read, line = read_quantity(printed), self.scores.lines.get(field)
        if read is not None and read.unit in ("", "元"):
            return read.number if bare(printed, read) else read.number / YUAN[self.unit]
        return line.value if line and isinstance(line.value, Decimal) else None

    def money(self, column: str) -> str:
        """An amount as a sentence writes it: 13,410.06万元; "" where it is not known."""
        amount = self.amount(column)
        return "" if amount is None else f"{grouped(abs(amount))}{self.unit}"

    def rate(self, name: str = "execution") -> str:
        """A rate of money, in percent: 98.59%."""
        printed, field = self.form.budget.get(name, ""), f"budget.{name}"
        line = self.scores.lines.get(field)
        if line and isinstance(line.value, Quantity):
            return f"{plain(round_half_up(line.value.number, 2))}%" if self._settled(field, printed) else ""
        read = read_quantity(printed)
        return f"{plain(read.number)}%" if read is not None and read.unit in ("", "%") else ""

    def score(self, row: Row) -> str:
        """得分 of a row."""
        return self.points(f"{row.field}.score", self.words[row.field].score or "")

    def actual(self, row: Row) -> str:
        """完成值 of a row as printed, as computed where the cell is blank."""
        field, words = f"{row.field}.actual", self.words[row.field]
        printed = one_line_of(words.actual or "")
        line = self.scores.lines.get(field)
        if printed and printed != UNCALCULATED:
            settled = not (line and isinstance(line.value, Quantity)) or self._settled(field, printed)
            return one_line_of(actual_words(words)) if settled else ""
        return format_value(line.value) if line and line.value is not None else ""

    def target(self, row: Row) -> str:
        """指标值 of a row, with its sign and unit where they stand in columns of their own."""
        return one_line_of(target_words(self.words[row.field]))


_AFTER_A_STOP = regex(r"(?<=[，。；：、！？（“]) | (?=[，。；：、！？）”])")


def one_line_of(words: str) -> str:
    """Words of a cell in one line, as a sentence may cite them: no space beside a full-width stop."""
    return _AFTER_A_STOP.sub("", " ".join(words.split()))
