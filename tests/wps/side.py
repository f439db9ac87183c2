"""The files of the stand-in for WPS: a workbook as JSON, and a copy of it with the cells that were changed.

side.py load FILE · side.py save FILE COPY, with the changed cells on standard input
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.cell import coordinate_to_tuple

from workbook_tools.excel import Book


def load(path: str) -> list[dict[str, Any]]:
    """The sheets with their filled cells."""
    formulas, values = load_workbook(path), load_workbook(path, data_only=True)
    sheets = []
    for sheet in formulas.worksheets:
        cells = {
            cell.coordinate: {
                "value": values[sheet.title][cell.coordinate].value,
                "formula": cell.value if isinstance(cell.value, str) and cell.value.startswith("=") else "",
                "format": cell.number_format,
                "locked": cell.protection.locked,
                "comment": cell.comment.text if cell.comment else None,
            }
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell, Cell)
        }
        extent = [sheet.min_row, sheet.min_column, sheet.max_row, sheet.max_column]
        sheets.append(
            {
                "name": sheet.title,
                "visible": sheet.sheet_state == "visible",
                "protected": sheet.protection.sheet,
                "extent": extent,
                "cells": cells,
            }
        )
    return sheets


def save(path: str, copy: str, changed: dict[str, dict[str, str | float | None]]) -> None:
    """A copy with what was typed and the formulas calculated; every other byte as in the file."""
    book = Book(Path(path).read_bytes())
    for info in book.sheets:
        sheet = book.sheet(info)
        for name, value in changed.get(info.name, {}).items():
            sheet.write(
                coordinate_to_tuple(name), Decimal(str(value)) if isinstance(value, int | float) else value or ""
            )
    book.calculate()
    named = {info.name: book.sheet(info) for info in book.sheets}
    for name, cell in list(book.formulas()):  # an office saves what its formulas show
        shown = named[name].text(cell)
        named[name].write(cell, Decimal(shown.rstrip("%")) / (100 if shown.endswith("%") else 1))
    Path(copy).write_bytes(book.saved() or Path(path).read_bytes())


if __name__ == "__main__":
    if sys.argv[1] == "load":
        print(json.dumps(load(sys.argv[2]), default=str))
    else:
        save(sys.argv[2], sys.argv[3], json.load(sys.stdin))
