"""Cells of an open workbook that are written and can be taken back: what is typed, and what stood there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self

from workbook_tools.excel.addresses import Cell, column_letters
from workbook_tools.values import Quantity, Value, needs_text_prefix

TEXT, GENERAL = "@", "General"  # number formats


class Written(NamedTuple):
    """Cells below one another.

    Attributes:
        sheet: the name of their sheet.
        first: the uppermost.
        area: all of them in Excel.
        formulas: what Excel says that they held.
        formats: the number format of each.
        typed: what a person would type so that they hold it again.
    """

    sheet: str
    first: Cell
    area: Any
    formulas: list[str]
    formats: list[str]
    typed: list[str]

    @classmethod
    def of(cls, sheet: str, first: Cell, area: Any, count: int) -> Self:
        """The `count` cells of an area, before they are written."""
        formulas, formats = _formulas(area), _formats(area, count)
        values = area.options(ndim=2, err_to_str=True).value
        typed = [
            f"'{formula}" if value == formula and needs_text_prefix(formula) and shown_as != TEXT else formula
            for formula, (value,), shown_as in zip(formulas, values, formats, strict=True)
        ]
        return cls(sheet, first, area, formulas, formats, typed)

    def write(self, values: Sequence[Value]) -> None:
        """Types the values; in a cell that is formatted as text Excel would make a text of a number."""
        for number, (value, shown_as) in enumerate(zip(values, self.formats, strict=True)):
            if isinstance(value, Decimal) and shown_as == TEXT:
                self.area[number, 0].number_format = GENERAL
        self.area.value = [[_typed(value)] for value in values]

    def take_back(self) -> bool:
        """Whether what stood there stands there again."""
        try:
            if (_formulas(self.area), _formats(self.area, len(self.formats))) == (self.formulas, self.formats):
                return True
            for number, shown_as in enumerate(self.formats):
                self.area[number, 0].number_format = shown_as
            self.area.formula = [[one] for one in self.typed] if len(self.typed) > 1 else self.typed[0]
            return _formulas(self.area) == self.formulas
        except Exception:  # of an Excel that is ill: what is left is told
            return False

    @property
    def address(self) -> str:
        """The cells as people name them: 自评表!J18:J20."""
        row, column = self.first
        last = f":{column_letters(column)}{row + len(self.formulas) - 1}" if len(self.formulas) > 1 else ""
        return f"{self.sheet}!{column_letters(column)}{row}{last}"


def _formulas(area: Any) -> list[str]:
    formulas = area.formula
    return [row[0] for row in formulas] if isinstance(formulas, tuple | list) else [formulas]


def _formats(area: Any, count: int) -> list[str]:
    """The number format of each cell; all are asked at once first."""
    shown_as = area.number_format
    return [shown_as] * count if shown_as is not None else [area[number, 0].number_format for number in range(count)]


def runs(typed: Sequence[tuple[str, Cell, Value]]) -> list[tuple[str, Cell, list[Value]]]:
    """Cells below one another as one run: sheet, first cell, values."""
    found: list[tuple[str, Cell, list[Value]]] = []
    for sheet, (row, column), value in sorted(typed, key=lambda one: (one[0], one[1][1], one[1][0])):
        if found and found[-1][0] == sheet and (found[-1][1][0] + len(found[-1][2]), found[-1][1][1]) == (row, column):
            found[-1][2].append(value)
        else:
            found.append((sheet, (row, column), [value]))
    return found


def _typed(value: Value) -> float | str:
    """What Excel is to be given; the apostrophe keeps a text a text, as when a person types it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Quantity):
        return f"{value}"
    return f"'{value}" if needs_text_prefix(value) else value
