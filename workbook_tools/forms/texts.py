"""Long texts below their headings: 预期目标 and 实际完成情况, one row or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import heading_at, is_number
from workbook_tools.forms.labels import LABELS, may_be_label
from workbook_tools.forms.printed import REPORT_TITLE, PrintedForm
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.values import not_applicable


def texts_at(grid: Grid, form: PrintedForm, row: int, own: Sequence[Box], width: int) -> int:
    """Reads headings of texts with their words below; gives the row behind them, 0 where there are none."""
    if after := _told_at(grid, form, row, own):
        return after
    found = _headings(grid, row, own)
    side = [box for box in own if box not in found]
    if not found or any(box.left > found[0].left and not is_number(box.text) for box in side):
        return 0
    if len(found) == 1 and not _stands_below(grid, found[0], width):
        return 0
    rows = list(_text_rows(grid, row + 1, found, max((box.bottom for box in side), default=row)))
    filled = [line for line in rows if any(grid.box(line, box.left).text for box in found)]
    reach = max((box.bottom for box in side if box.left < found[0].left), default=row)
    listed = filled or [line for line in rows if line <= reach] or rows[:1]
    for box in side:
        if box.left < found[0].left:
            form.roles.setdefault(box.cell, "block")
    for box in found:
        form.roles[box.cell] = "heading"
        known = ideas(box.text)
        idea = known.get("text") or known.get("alone") or ("result" if known.get("indicator") == "actual" else "")
        path = f"texts.{idea}" if idea else f"other.{normalized(box.text)}"
        for number, line in enumerate(listed, 1):
            field = f"{path}.{number}" if len(listed) > 1 else path
            form.add(field, grid.box(line, box.left).cell, normalized(box.text), box.cell)
    return (rows[-1] if rows else row) + 1


def _told_at(grid: Grid, form: PrintedForm, row: int, own: Sequence[Box]) -> int:
    """Reads how each thing named beside a block was done (资金管理情况); gives the row behind it, 0 for none."""
    first = next((number for number, box in enumerate(own) if "told" in ideas(box.text)), 0)
    if first != 1 or own[0].bottom == row:
        return 0
    form.roles.setdefault(own[0].cell, "block")
    for line in range(row + 1, own[0].bottom + 1):
        name = next((box for box in grid.rows.get(line, []) if box.left < own[1].left), None)
        for number, heading in enumerate(own[1:]):
            form.roles[heading.cell] = "heading"
            told = grid.box(line, heading.left)
            if name and told.row == line:
                form.roles[name.cell] = "label"
                words = normalized(name.text) + (normalized(heading.text) if number else "")
                form.add(f"other.{words}", told.cell, words)
    return own[0].bottom + 1


def _headings(grid: Grid, row: int, own: Sequence[Box]) -> list[Box]:
    """The known headings of texts in a row, and those beside them that have words of their own below."""
    low = [box for box in own if box.bottom == row]
    known = [box for box in low if "text" in ideas(box.text)]
    if not known:
        return []
    beside = any(box.bottom > row and box.right < low[0].left for box in own)
    return [box for box in low if box in known or _is_heading(grid, box, known[0], beside=beside)]


def _is_heading(grid: Grid, box: Box, known: Box, *, beside: bool) -> bool:
    below, first = (grid.box(row, column) for row, column in ((box.row + 1, box.left), (box.row + 1, known.left)))
    same = below.row > box.row and (below.left, below.right) == (box.left, box.right) and not ideas(below.text)
    if "alone" in ideas(box.text):
        return same and (beside or bool(below.text))
    own = same and below.text and (first.left, first.right) == (known.left, known.right)
    words = first.text and not ideas(first.text) and may_be_label(box.text)
    words = words and ideas(box.text).keys() <= {"indicator"}  # what was achieved, of the indicators or of the goal
    return beside and bool(own and words) and not not_applicable(box.text)


def _stands_below(grid: Grid, box: Box, width: int) -> bool:
    right = grid.box(box.row, box.right + 1) if box.right < width else None
    below = grid.box(box.bottom + 1, box.left)
    same = not ideas(below.text) and (below.left, below.right) == (box.left, box.right) and below.row > box.bottom
    same = same and normalized(below.text) != REPORT_TITLE  # the next sheet of a form that goes on in several
    if right is None or not same:
        return same
    wider = right.right - right.left > box.right - box.left  # the place of the words, and below the next label
    return not right.text and bool(below.text) and not wider


def _text_rows(grid: Grid, first: int, headings: Sequence[Box], reach: int) -> Iterator[int]:
    """The rows of words below headings of texts; blank ones as far as the words beside them reach."""
    lefts = {box.left for box in headings}
    row = first
    while row <= grid.last:
        own = grid.rows.get(row, [])
        if heading_at(grid, row) or any(box.left < min(lefts) for box in own):
            return
        if any(ideas(box.text).keys() & {*LABELS, "block", "indicator"} for box in own if box.bottom == row):
            return
        if row > max(first, reach) and not own:
            return
        if row > first and any(box.left not in lefts for box in own):
            return
        yield row
        row = grid.box(row, headings[0].left).bottom + 1
