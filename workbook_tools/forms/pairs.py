"""Money as names and amounts beside one another: 预算数 6.84, 到位数 6.84; sources below stand in the same places."""

from __future__ import annotations

from collections.abc import Sequence

from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import AMOUNTS, Column, is_number
from workbook_tools.forms.labels import LABELS
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas, names_source, normalized
from workbook_tools.values import normalize

POINTS = ("execution.weight", "execution.score")


def pairs_at(grid: Grid, form: PrintedForm, row: int, own: Sequence[Box]) -> bool:
    """Whether a row holds such pairs; they are added to the money of the form."""
    named = {box.cell: ideas(box.text).get("money", "") for box in own}
    if any(named[box.cell] in AMOUNTS for box in own):
        named |= {box.cell: ideas(box.text)["amount"] for box in own if "amount" in ideas(box.text)}
    known = [box for box in own if named[box.cell] in (*AMOUNTS, "execution", "balance")]
    if any(named[box.cell] == "execution" for box in known):  # what it earns, beside it
        known = [box for box in own if box in known or named[box.cell] in POINTS]
    values = [grid.box(box.row, box.right + 1) if box.right < grid.width else None for box in known]
    if not known or not (any(value and is_number(value.text) for value in values) or _blank(grid, known, values)):
        return _source_at(grid, form, row)
    table = _table(form, row)
    cells = {}
    for box, value in zip(known, values, strict=True):
        if value:
            idea = named[box.cell]
            cells[idea] = value.cell
            table.unknown.append(Column(idea, box.left, box.right, normalized(box.text), box.cell))
            form.roles[box.cell] = "label"
            form.roles[value.cell] = f"money.{idea}"
    previous = table.rows[0].cells if table.rows else {}
    table.rows[:1] = [Row(row, "data", {**previous, **cells}, None)]
    for box in own:
        if box.left < known[0].left and not ideas(box.text).keys() & set(LABELS) and box.bottom > row:
            form.roles.setdefault(box.cell, "block")
    return True


def _blank(grid: Grid, known: Sequence[Box], values: Sequence[Box | None]) -> bool:
    """Whether the places beside the names of amounts wait for their figures: no figures stand below instead."""
    below = [grid.box(one.bottom + 1, one.left) for pair in zip(known, values, strict=True) for one in pair if one]
    return all(value and not value.text for value in values) and not any(is_number(box.text) for box in below)


def _table(form: PrintedForm, row: int) -> Table:
    tables = [table for table in form.tables if table.kind == "money" and not table.columns]
    if not tables:
        form.tables.append(Table("money", row, {}, [], []))
        return form.tables[-1]
    return tables[-1]


def _source_at(grid: Grid, form: PrintedForm, row: int) -> bool:
    """A source of money below such pairs: its name and amount stand in the same places."""
    tables = [table for table in form.tables if table.kind == "money" and not table.columns and table.rows]
    if not tables or tables[-1].rows[-1].number not in (row - 1, row):
        return False
    cells, name = {}, None
    for idea, cell in tables[-1].rows[0].cells.items():
        box = grid.box(row, cell[1])
        label = grid.box(row, box.left - 1) if box.left > 1 else None
        if idea not in AMOUNTS or box.row != row or label is None or not _may_name(label.text):
            continue
        if (is_number(box.text) and "%" not in normalize(box.text)) or normalize(box.text) in ("", "万元", "元"):
            cells[idea], name = box.cell, name or label
            form.roles[label.cell] = "label"
    waits = len(cells) > 1  # the names stand there, their places are blank
    if not (waits or any(grid.sheet.text(cell) for cell in cells.values())):
        return False
    tables[-1].rows.append(Row(row, "data", cells, name))
    form.roles.update({cell: f"money.{idea}" for idea, cell in cells.items()})
    return True


def _may_name(text: str) -> bool:
    return names_source(text) and not is_number(text) and not ideas(text).keys() & {"text", "info", "alone", "block"}
