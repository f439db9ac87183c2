"""What is left of a form when its fields are placed: cells that stand for none, and questions that it leaves open.

Together with the fields, headings, labels and notes this is every cell with words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from workbook_tools.excel.addresses import Cell, column_letters
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field, Left, Remainder
from workbook_tools.forms.headings import Asked, is_number
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.text import regex
from workbook_tools.values import normalize

MOST_CELLS = 8  # unread cells side by side that are told one by one
_DIGITS = regex(r"[-+]?[,.]{0,3}\d[\d,.]{0,30}%?")


def left_over(form: PrintedForm, sheet: Sheet, cells: Mapping[Field, Cell]) -> dict[Field, Remainder]:
    """What a person has to be told of, under `unread.1` …, in the order of the sheet."""
    found = [*_unread(form, sheet, set(cells.values())), *_open(form, sheet, cells)]
    return {f"unread.{number}": one for number, one in enumerate(sorted(found, key=lambda one: one.cell), 1)}


def is_figure(text: str) -> bool:
    """Whether words are a number, also one whose commas are wrong."""
    return is_number(text) or _DIGITS.fullmatch(normalize(text)) is not None


def _unread(form: PrintedForm, sheet: Sheet, used: Collection[Cell]) -> Iterator[Remainder]:
    """Cells in no role, below an unknown heading, in a table that no field stands in, behind an unknown label."""
    unread = sorted(cell for cell, role in form.roles.items() if role == "unread" and cell not in used)
    for block in _blocks(unread, sheet):
        for part in [block] if len(block) > MOST_CELLS else [[cell] for cell in block]:
            yield _remainder("cells", part, part, sheet)
    doubled = {cell for asked in form.asked if asked.what == "columns" for cell in asked.cells}
    for table in form.tables:
        if table.kind == "other":
            own = [cell for row in table.rows for cell in row.cells.values() if sheet.text(cell).strip()]
            titled = sorted(cell for cell in own if form.roles.get(cell, "").startswith("table"))
            if titled and not set(own) & set(used):
                yield _remainder("table", titled, titled, sheet, (table.title,))
            continue
        for column in (one for one in table.unknown if one.cell not in doubled):
            below = sorted(
                cell
                for cell, role in form.roles.items()
                if not column.idea
                and role == f"other.{column.words}"
                and cell[0] > table.first
                and column.left <= cell[1] <= column.right
                and cell not in used
            )
            if below:
                yield _remainder("heading", [column.cell], below, sheet, (column.words,))
    labelled = [
        (field, cell)
        for field, cell in form.fields.items()
        if field.startswith("other.") and cell not in used and is_figure(sheet.text(cell))
    ]
    if labelled:
        own = [cell for _, cell in labelled]
        yield _remainder("labels", own, own, sheet, tuple(form.labels[field] for field, _ in labelled))


def _open(form: PrintedForm, sheet: Sheet, cells: Mapping[Field, Cell]) -> Iterator[Remainder]:
    """What the form leaves open and the scheme does not settle."""
    targets = [asked.cells[0] for asked in form.asked if asked.what == "target"]
    if targets:
        yield _remainder("target", targets, targets, sheet)
    for asked in form.asked:
        if not _settled(asked, cells):
            yield _remainder(asked.what, asked.cells, asked.cells, sheet)


def _settled(asked: Asked, cells: Mapping[Field, Cell]) -> bool:
    """Whether a question needs no person: told elsewhere, or answered by the scheme that knows one budget only."""
    if asked.what in ("heading", "target"):
        return True
    return asked.what == "budget" and cells.keys().isdisjoint(("budget.budget", "headings.budget.budget"))


def _blocks(cells: Sequence[Cell], sheet: Sheet) -> list[list[Cell]]:
    """Cells of rows that follow one another on one sheet."""
    blocks: list[list[Cell]] = []
    for cell in cells:
        last = blocks[-1][-1] if blocks else None
        if last and cell[0] - last[0] <= 1 and _sheet_of(last, sheet) == _sheet_of(cell, sheet):
            blocks[-1].append(cell)
        else:
            blocks.append([cell])
    return blocks


def _remainder(
    what: Left, first: Sequence[Cell], cells: Sequence[Cell], sheet: Sheet, words: tuple[str, ...] = ()
) -> Remainder:
    said = [" ".join(sheet.text(cell).split()) for cell in cells]
    return Remainder(
        what=what,
        cell=first[0],
        where=_where(cells, sheet),
        words=words or tuple(said[:MOST_CELLS]),
        count=len(cells),
        numbers=tuple(text for text in said if is_figure(text)),
    )


def _where(cells: Sequence[Cell], sheet: Sheet) -> str:
    """A few cells one by one, others as the area that they lie in."""
    named = [sheet.address(cell).rpartition("!")[2] for cell in cells]
    below = [int(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for name in named]
    right = [cell[1] for cell in cells]
    if len(cells) <= 3:
        return "、".join(named)
    return f"{column_letters(min(right))}{min(below)}:{column_letters(max(right))}{max(below)}"


def _sheet_of(cell: Cell, sheet: Sheet) -> str:
    return sheet.address(cell).rpartition("!")[0]
