"""Cells of an open workbook that are written and can be taken back: what is typed, and what stood there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self

from workbook_tools.excel.addresses import Cell, column_letters
from workbook_tools.values import Quantity, Value, needs_text_prefix

Area = tuple[int, int, int, int]  # first row and column, last row and column
TEXT, GENERAL = "@", "General"  # number formats


class Written(NamedTuple):
    """Cells below one another.

    Attributes:
        address: where they are, as people name it: 自评表!J18:J20.
        area: all of them in Excel.
        formulas: what Excel says that they held.
        formats: the number format of each.
        typed: what a person would type so that they hold it again.
    """

    address: str
    area: Any
    formulas: list[str]
    formats: list[str]
    typed: list[str]

    @classmethod
    def of(cls, address: str, area: Any, count: int) -> Self:
        """The `count` cells of an area, before they are written."""
        formulas, formats = _formulas(area), _formats(area, count)
        typed = [
            f"'{formula}" if value == formula and needs_text_prefix(formula) and shown_as != TEXT else formula
            for formula, value, shown_as in zip(formulas, _column(area.raw_value), formats, strict=True)
        ]
        return cls(address, area, formulas, formats, typed)

    def write(self, values: Sequence[Value]) -> None:
        """Types the values; in a cell that is formatted as text Excel would make a text of a number."""
        for number, (value, shown_as) in enumerate(zip(values, self.formats, strict=True)):
            if isinstance(value, Decimal) and shown_as == TEXT:
                self.area[number, 0].number_format = GENERAL
        self.area.raw_value = _as_column([_typed(value) for value in values])

    def take_back(self) -> bool:
        """Whether what stood there stands there again."""
        try:
            if (_formulas(self.area), _formats(self.area, len(self.formats))) == (self.formulas, self.formats):
                return True
            for number, shown_as in enumerate(self.formats):
                self.area[number, 0].number_format = shown_as
            self.area.formula = _as_column(self.typed)
            return _formulas(self.area) == self.formulas
        except Exception:  # of an Excel that is ill: what is left is told
            return False


def _formulas(area: Any) -> list[str]:
    return list(map(str, _column(area.formula)))


def _column(said: Any) -> list[Any]:
    """The cells of a column as Excel says them: an area as rows, and one cell by itself."""
    return [row[0] for row in said] if isinstance(said, tuple | list) else [said]


def _as_column(typed: Sequence[Any]) -> Any:
    """The cells of a column as Excel takes them."""
    return [[one] for one in typed] if len(typed) > 1 else typed[0]


def _formats(area: Any, count: int) -> list[str]:
    """The number format of each cell; all are asked at once first."""
    shown_as = area.number_format
    return [shown_as] * count if shown_as is not None else [area[number, 0].number_format for number in range(count)]


def area_name(area: Area) -> str:
    """The area as a formula names it: J18:J20. One call to Excel finds it, where four numbers take three."""
    top, left, bottom, right = area
    first = f"{column_letters(left)}{top}"
    return first if (top, left) == (bottom, right) else f"{first}:{column_letters(right)}{bottom}"


def runs(typed: Sequence[tuple[str, Cell, Value]]) -> list[tuple[str, Area, list[Value]]]:
    """Cells below one another as one run: sheet, area, values."""
    found: list[tuple[str, Area, list[Value]]] = []
    for sheet, (row, column), value in sorted(typed, key=lambda one: (one[0], one[1][1], one[1][0])):
        if found and (found[-1][0], *found[-1][1][2:]) == (sheet, row - 1, column):
            _, (top, left, _, _), values = found.pop()
            found.append((sheet, (top, left, row, column), [*values, value]))
        else:
            found.append((sheet, (row, column, row, column), [value]))
    return found


def _typed(value: Value) -> float | str:
    """What Excel is to be given; the apostrophe keeps a text a text, as when a person types it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Quantity):
        return f"{value}"
    return f"'{value}" if needs_text_prefix(value) else value
