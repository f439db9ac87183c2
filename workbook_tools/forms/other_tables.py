"""Tables that are none of a form's own kinds: months of figures, what evaluators gave."""

from __future__ import annotations

from collections.abc import Sequence

from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import Column, heading_at, is_number
from workbook_tools.forms.labels import is_inline
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.values import read_quantity


def other_table(grid: Grid, row: int, title: str) -> tuple[Table, int] | None:
    """A table of figures that is none of the form's own (months, evaluators), and the row behind it."""
    own = grid.rows.get(row, [])
    if len(own) < 3 or any(_is_figure(box.text) or len(box.text) > 60 for box in own) or not _figures(grid, row, own):
        return None
    labels = sum(bool(ideas(box.text).keys() & {"text", "info", "review"}) for box in own)
    if labels * 2 >= len(own) or any(is_inline(box.text) for box in own):
        return None  # labels above their blank places
    columns = {normalized(box.text): Column("", box.left, box.right, normalized(box.text), box.cell) for box in own}
    rows: list[Row] = []
    number = row
    while number < grid.last:
        number += 1
        line = grid.rows.get(number, [])
        if not line or line[0].left > own[0].right or line[0].right > own[0].right or heading_at(grid, number):
            break
        if len(line) == 1 and "表" in line[0].text:  # the title of the next
            break
        total = "total" in ideas(line[0].text)
        cells = {words: grid.box(number, column.left).cell for words, column in columns.items()}
        rows.append(Row(number, "total" if total else "data", cells, line[0]))
        if total:
            number += 1
            break
    return Table("other", row, columns, [], rows, title), number


def _is_figure(text: str) -> bool:
    """Whether words are a figure, and not a name that begins with one (180秒响应量)."""
    quantity = read_quantity(text)
    return is_number(text) and (quantity is None or len(quantity.unit) < 4)


def _figures(grid: Grid, row: int, own: Sequence[Box]) -> bool:
    """Whether figures or formulas stand below most words of a row."""
    below = [grid.box(row + 1, box.left) for box in own[1:]]
    return sum(is_number(box.text) or not box.text for box in below) * 2 > len(below) and bool(
        grid.box(row + 1, own[0].left).text
    )
