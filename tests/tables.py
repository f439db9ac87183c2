"""Tables of a 汇总表 or a 对比表 as their readers see them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from workbook_tools.summary.tables import HEAD, TOTAL


def listed(book: Path | bytes, sheet: str) -> list[tuple[Any, ...]]:
    """The headings of a table and its rows, without their numbers and without the row of the total."""
    read = load_workbook(book if isinstance(book, Path) else io.BytesIO(book))
    rows = list(read[sheet].iter_rows(min_row=HEAD, values_only=True))
    return [tuple(row[1:]) for row in rows if row[0] != TOTAL]


def records(book: Path | bytes, sheet: str) -> list[dict[str, Any]]:
    """The rows by their headings."""
    heading, *rows = listed(book, sheet)
    return [dict(zip(heading, row, strict=True)) for row in rows]
