"""A sheet as rows of cells with their spans and the numbers of the findings in them, as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.text import visible
from workbook_tools.values import decimals, format_value, read_quantity

MOST_ROWS, MOST_COLUMNS = 300, 60
MOST_DECIMALS, MOST_DIGITS = 4, 40  # of a figure that a person writes


class ShownCell(NamedTuple):
    """One cell: its words, how many columns and rows it covers, and the numbers of the findings in it."""

    words: str
    columns: int
    rows: int
    findings: Sequence[int]


class SheetTable(NamedTuple):
    """The cells by rows; `cut` where the sheet goes on below or to the right of what is shown."""

    name: str
    rows: Sequence[Sequence[ShownCell]]
    cut: bool


def sheet_table(sheet: Sheet, findings: Mapping[Cell, Sequence[int]]) -> SheetTable:
    """The visible part of a sheet that has words; a merged area is one cell, and has the findings of all of it."""
    filled = [*sheet.filled(), *findings]
    last, widest = max((row for row, _ in filled), default=0), max((column for _, column in filled), default=0)
    areas: dict[Cell, list[Cell]] = {}
    for row in range(1, min(last, MOST_ROWS) + 1):
        for column in range(1, min(widest, MOST_COLUMNS) + 1):
            if not sheet.hidden((row, column)):
                areas.setdefault(sheet.anchor((row, column)), []).append((row, column))
    shown: dict[int, list[tuple[int, ShownCell]]] = {}
    for anchor, cells in areas.items():
        numbers = sorted({number for cell in {anchor, *cells} for number in findings.get(cell, ())})
        rows, columns = {row for row, _ in cells}, {column for _, column in cells}
        one = ShownCell(_brief(visible(sheet.text(anchor), "\n")), len(columns), len(rows), numbers)
        shown.setdefault(min(rows), []).append((min(columns), one))
    visible_rows = sorted({row for cells in areas.values() for row, _ in cells})
    table = [[one for _, one in sorted(shown.get(row, []))] for row in visible_rows]
    return SheetTable(sheet.name, table, cut=last > MOST_ROWS or widest > MOST_COLUMNS)


def _brief(words: str) -> str:
    """A figure that a program worked out, with two decimals as a cell shows it; other words as they are."""
    quantity = read_quantity(words) if "." in words and len(words) < MOST_DIGITS else None
    return format_value(quantity) if quantity is not None and decimals(quantity.number) > MOST_DECIMALS else words
