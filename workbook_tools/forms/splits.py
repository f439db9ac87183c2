"""One budget split in two ways, by income and by expenditure: the parts below each heading, side by side.

An amount stands behind the name of its part in the same cell (其他资金：2880万元), or in the cell to its right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import heading_at, is_number
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.text import regex
from workbook_tools.values import normalize

LABELS = {"text", "info", "review", "block"}  # what begins below the parts
_COLON = regex("[:：]")
_OF_WHICH = "其中"


def splits_at(grid: Grid, form: PrintedForm, row: int, own: Sequence[Box]) -> int:
    """Reads the parts below headings in this row; gives the first row behind them, 0 for no heading."""
    headings = {box: idea for box in own if (idea := ideas(box.text).get("split"))}
    if not headings:
        return 0
    form.roles.update({box.cell: "heading" for box in headings})
    counts = dict.fromkeys(headings.values(), 0)
    first = min(box.left for box in headings)
    while row < grid.last:
        row += 1
        boxes = grid.rows.get(row, [])
        if heading_at(grid, row) or any(box.left < first for box in boxes):
            break
        parts = [(heading, part) for heading in headings for part in _parts(grid, row, heading)]
        if not parts:
            break
        for heading, (box, name, before) in parts:
            counts[headings[heading]] += 1
            field = f"splits.{headings[heading]}.{counts[headings[heading]]}"
            form.add(field, box.cell, f"{normalized(heading.text)} {name}")
            if before:
                form.prefixes[field] = before
            else:
                form.roles[grid.box(row, heading.left).cell] = "label"
    return row


def _parts(grid: Grid, row: int, heading: Box) -> Iterator[tuple[Box, str, str]]:
    """The cell of an amount in a row below a heading, the name of the part, and what stands before the amount there."""
    box = grid.box(row, heading.left)
    if box.row != row or not box.text or box.right > heading.right:
        return
    if named := _named(box.text):
        if not ideas(named[0]).keys() & LABELS:
            yield box, *named
    elif box.right < heading.right and not is_number(box.text) and not ideas(box.text):
        yield grid.box(row, box.right + 1), normalized(box.text), ""


def _named(text: str) -> tuple[str, str] | None:
    """The name of a part before its colon, and the text up to there: 其中：基本支出：; None where there is no colon."""
    begins = 0
    for colon in _COLON.finditer(text):
        if name := normalize(text[begins : colon.start()]):
            if name != _OF_WHICH:
                return name, text[: colon.end()]
            begins = colon.end()
    return None
