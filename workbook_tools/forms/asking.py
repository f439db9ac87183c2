"""What the tables of a form leave open: a person is asked, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.headings import AMOUNTS, Asked, is_number
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.values import normalize, read_points, read_quantity


def ask_about_tables(form: PrintedForm, sheet: Sheet) -> None:
    """Adds what the tables of a form leave open, once they are all known."""
    money = [table for table in form.tables if table.kind == "money" and table.rows]
    for table in money:
        known = [*table.columns.values(), *(column for column in table.unknown if column.idea)]
        form.asked += [Asked("budget", (one.cell,), ("initial", "revised")) for one in known if one.idea == "budget"]
    for table in form.tables:
        if table.kind != "other":
            form.asked += _foreign(table, sheet)
        form.asked += [Asked("target", cells, ("initial", "target")) for cells in _old_targets(table, sheet)]
    for table in money:
        if "year" not in table.columns and len(table.rows) > 1 and row_of_the_sum(table, sheet) is None:
            named = tuple(row.name.cell for row in table.rows if row.name)
            form.asked.append(Asked("money", named or tuple(min(row.cells.values()) for row in table.rows)))
    summed = [table for table in money if any(_is_sum(row) for row in table.rows)]
    if len(money) > 1 and len(summed) != 1:
        form.asked.append(Asked("money", tuple(_first(table) for table in money)))
    if len(money) > 1:  # what is spent on what, beside the table of the budget: none of its figures is the form's
        for table in money:
            if summed != [table]:
                form.tables[form.tables.index(table)] = table._replace(kind="other", title="")
                form.roles = {cell: role for cell, role in form.roles.items() if cell not in set(_cells(table))}


def _is_sum(row: Row) -> bool:
    """Whether a row of money is the sum of all: by its name, or because it needs none."""
    return row.name is None or "sum" in ideas(row.name.text)


def row_of_the_sum(table: Table, sheet: Sheet) -> Row | None:
    """The row of money that the others are parts of; None where no row says so and the first is not their sum."""
    first, *rest = table.rows
    if summed := [row for row in table.rows if row.name and "sum" in ideas(row.name.text)]:
        return summed[0]
    if not rest or normalize(rest[0].name.text if rest[0].name else "").startswith("其中"):
        return first
    if first.name is None:  # over named parts it is their sum; of several without names none is
        return first if all(row.name for row in rest) else None
    agreed = 0
    for idea in AMOUNTS:
        read = [read_quantity(sheet.text(row.cells[idea])) if idea in row.cells else None for row in table.rows]
        if None in read:
            continue
        whole, *parts = [quantity.number for quantity in read if quantity]
        if whole != sum(parts):
            return None
        agreed += 1
    return first if agreed else None


def _cells(table: Table) -> Iterator[Cell]:
    for row in table.rows:
        yield from row.cells.values()


def sums_like(form: PrintedForm, sheet: Sheet, cell: Cell) -> tuple[str, ...]:
    """What one number under points and scores may be, where that is not clear: the points come to it too."""
    number = read_points(sheet.text(cell))
    if number is None:
        return ()
    tables = [table for table in form.tables if table.kind == "indicator"]
    rows = [one for table in tables for one in table.rows if one.kind == "data"]
    read = [read_points(sheet.text(one.cells["weight"])) for one in rows if "weight" in one.cells]
    points = sum((value for value in read if value is not None), start=number * 0)
    return ("total", "counts.total.weight") if points == number else ()


def _first(table: Table) -> Cell:
    columns = [*table.columns.values(), *table.unknown]
    return min(column.cell for column in columns)


def _foreign(table: Table, sheet: Sheet) -> list[Asked]:
    """The columns with unknown words over figures."""
    found = []
    for column in table.unknown:
        below = [sheet.text(sheet.anchor((row.number, column.left))) for row in table.rows if row.kind == "data"]
        if not column.idea and "block" not in ideas(column.words) and any(is_number(text) for text in below):
            found.append(Asked("heading", (column.cell,)))
    return found


def _old_targets(table: Table, sheet: Sheet) -> list[tuple[Cell, ...]]:
    """The targets of rows where only the one before the adjustment is filled in."""
    if "initial" not in table.columns or table.kind != "indicator" or "target" not in table.columns:
        return []
    pairs = [(row.cells["initial"], row.cells["target"]) for row in table.rows if row.kind == "data"]
    return [pair for pair in pairs if sheet.text(pair[0]) and not sheet.text(pair[1])]
