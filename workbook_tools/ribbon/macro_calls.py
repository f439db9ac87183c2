"""What the ribbon's macros are to do, one row for each thing, kind · sheet · cell · value.

For the macros of Excel it is a small workbook, for the add-in of WPS it is JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["plain", "words", "unmark", "note", "select", "open", "say", "ask", "about", "grade", "findings"]


class Row(NamedTuple):
    """One thing to do. `plain` goes into a cell, `words` as text that is not to be taken for anything else; `note`
    becomes its comment; `unmark` deletes all comments of ours.

    `select` shows a cell; `open` makes a new workbook of a file; `say` and `ask` are told to the clerk, and after
    a yes to `ask` the action is run once more with --yes; `about`, `grade` and `findings` stand in the ribbon.
    """

    kind: Kind
    value: Decimal | str = ""
    sheet: str = ""
    cell: str = ""


def answer_workbook(rows: Iterable[Row]) -> bytes:
    """The rows as an xlsx file in which every text is text, also one that begins like a formula."""
    with _without("numpy", "PIL"):
        from openpyxl import Workbook
    from workbook_tools.excel.loading import put_text, written

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for number, row in enumerate(rows, 1):
        for column, said in enumerate((row.kind, row.sheet, row.cell, row.value), 1):
            cell = sheet.cell(number, column)
            if isinstance(said, str) and said:
                put_text(cell, said)
            else:
                cell.value = said
    return written(workbook)


def answer_json(rows: Iterable[Row]) -> bytes:
    """The rows as a list of records in ASCII: `text`, or `number` with its digits, tells a text from a number."""
    records = [
        {"kind": row.kind, "sheet": row.sheet, "cell": row.cell}
        | ({"text": row.value} if isinstance(row.value, str) else {"number": f"{row.value:f}"})
        for row in rows
    ]
    return json.dumps(records, indent=1).encode("ascii")


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Packages that are not there while another is imported, which would import them for what nobody uses here."""
    lacking = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(lacking))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in lacking:
            del sys.modules[name]
