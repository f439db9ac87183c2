"""The tables of a form: what stands in each row below a heading, and where the table ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Literal, NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import AMOUNTS, VALUES, Column, Heading, Kind, heading_at, is_number
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.text import regex
from workbook_tools.values import normalize, not_applicable

_NOTE = regex(
    r"^(?:备?注|填表说明|填报说明|说明)\d?[:：.、].|^附[件表][-\d一二三四五六]{0,5}:?$|^公开\d{1,2}表$",
    needs="注|说明|附|公开",
)
_TITLE = regex(r"(?:自评|评价|评分|监控|绩效目标)[\u4e00-\u9fff]{0,6}表", needs="自评|评价|评分|监控|绩效目标")
MOST_TITLE = 60  # characters


def is_title(text: str) -> bool:
    """Whether words are the title of a form."""
    words = normalize(text)
    titled = "绩效自评" in words or words.endswith("整体绩效目标") or ("表" in words and _TITLE.search(words))
    return bool(titled) and len(words) <= MOST_TITLE and not is_note(words) and not words.startswith("附")


class Row(NamedTuple):
    """One row of a table: idea → cell; `more` the cells below that go on with it, `sum` the words of a sum."""

    number: int
    kind: Literal["data", "subtotal", "total"]
    cells: Mapping[str, Cell]
    name: Box | None = None  # of a row of money, of a sum
    more: Mapping[str, tuple[Cell, ...]] = {}


class Table(NamedTuple):
    """A table: its columns by idea, the unknown ones of its heading, its rows; by their words where it is another."""

    kind: Kind
    first: int
    columns: Mapping[str, Column]
    unknown: list[Column]
    rows: list[Row]
    title: str = ""


def is_note(text: str) -> bool:
    """Whether words are a note below a form."""
    return _NOTE.match(normalize(text)) is not None


# ── rows ─────────────────────────────────────────────────


def indicator_rows(grid: Grid, heading: Heading) -> tuple[list[Row], int]:
    """The rows below a heading of indicators, and the first row that belongs to the table no more."""
    columns = {column.idea: column for column in heading.columns if column.idea}
    printed = {normalized(column.words) for column in columns.values()}
    first = min(column.left for column in heading.columns)
    rows: list[Row] = []
    waiting: list[Row] = []  # blank rows, until a later row shows that the table goes on
    context: dict[str, Cell] = {}
    number = heading.bottom
    while number < grid.last:
        number += 1
        whole = grid.rows.get(number, [])
        own = [box for box in whole if box.left >= first]
        if own and _repeats(own, columns, printed):
            continue
        if whole and (ended := _sum_row(whole, number, columns, grid)):
            rows += [*waiting, ended]
            waiting = []
            if ended.kind == "total":
                return rows, number + 1
            context.clear()
            continue
        if whole and _ends(grid, number, whole, columns, first):
            if _only_across(grid, number, whole, columns, first):
                continue
            return [*rows, *waiting], number
        row = _indicator_row(grid, number, columns, context)
        if row is None:
            _go_on(grid, number, columns, rows)
        elif own:
            rows += [*waiting, row]
            waiting = []
        else:
            waiting.append(row)
    return rows, number + 1


def _repeats(own: Sequence[Box], columns: Mapping[str, Column], printed: Set[str]) -> bool:
    """Whether a row is the heading, of these words, printed once more, as at a page break."""
    same = sum(normalized(box.text) in printed for box in own)
    if same < 3 or same * 2 <= len(own):
        return False
    known = {column.left: column for column in columns.values()}
    other = [
        box
        for box in own
        if (column := known.get(box.left))
        and normalized(box.text) != normalized(column.words)
        and ideas(box.text).get("indicator") != column.idea
    ]
    return not other and not any(is_number(box.text) for box in own)


def _sum_row(own: Sequence[Box], number: int, columns: Mapping[str, Column], grid: Grid) -> Row | None:
    """A row of a sum, known by its first words."""
    idea = ideas(own[0].text).get("total", "")
    if idea not in ("subtotal", "total") or own[0].left > columns.get("name", own[0]).left:
        return None
    cells = {}
    for name in ("weight", "label.weight", "kind.weight", "score", "own", "reason"):
        column = columns.get(name)
        if column and (box := grid.box(number, column.left)).cell != own[0].cell and box.row == number:
            cells[name] = box.cell
    return Row(number, "subtotal" if idea == "subtotal" else "total", cells, own[0])


def _ends(grid: Grid, number: int, own: Sequence[Box], columns: Mapping[str, Column], first: int) -> bool:
    """Whether a row is none of the table's: a label, a note, words across its columns."""
    box = next((box for box in own if box.right >= first), own[0])
    values = [columns[idea] for idea in VALUES if idea in columns]
    across = sum(box.left <= column.left <= box.right for column in values)
    if is_note(box.text) or heading_at(grid, number) or (len(own) == 1 and is_title(own[0].text)):
        return True
    known = ideas(box.text).keys() & {"text", "review", "info", "total"}
    if known and box.left <= first and len(own) <= 3 and box.row == box.bottom and _only_texts(own[1:]):
        return True
    return (across >= min(2, len(values)) and len(values) > 0) or _side_changes(grid, number, first, columns)


def _only_across(grid: Grid, number: int, own: Sequence[Box], columns: Mapping[str, Column], first: int) -> bool:
    """Whether a row is words across the table and the next one is a row of it again."""
    text = own[0].text
    if len(own) != 1 or own[0].left > first or is_note(text) or is_title(text) or "total" in ideas(text):
        return False
    below = grid.rows.get(number + 1, [])
    if not below or _ends(grid, number + 1, below, columns, first):
        return False
    values = [columns[idea] for idea in VALUES if idea in columns]
    filled = [box for column in values if (box := grid.box(number + 1, column.left)).row == number + 1 and box.text]
    return bool(filled)


def _only_texts(rest: Iterable[Box]) -> bool:
    """Whether what stands behind a label is words."""
    return all(not is_number(box.text) or ideas(box.text) for box in rest)


def _side_changes(grid: Grid, number: int, first: int, columns: Mapping[str, Column]) -> bool:
    """Whether other words begin beside the table: 评价结论 below 绩效指标."""
    if first == 1:
        return False
    side = [box for box in grid.rows.get(number, []) if box.right < first]
    return any(ideas(box.text).keys() & {"text", "review", "info", "block"} for box in side) and "name" in columns


def _indicator_row(grid: Grid, number: int, columns: Mapping[str, Column], context: dict[str, Cell]) -> Row | None:
    """The cells of one row; None where its score is merged into the one above."""
    score = columns.get("score")
    if score and grid.box(number, score.left).row < number:
        return None
    cells: dict[str, Cell] = {}
    boxes = {idea: grid.box(number, column.left) for idea, column in columns.items()}
    renewed = False
    named = any(
        boxes[idea].text and boxes[idea].row == number for idea in ("name", "target", "actual") if idea in boxes
    )
    for idea, box in boxes.items():
        if idea in ("label", "kind"):
            if (
                box.text and normalized(box.text) != columns[idea].words
            ):  # 一级指标 merged down from a heading says none
                renewed = renewed or (idea == "label" and context.get(idea) != box.cell)
                context[idea] = box.cell
                if idea == "label" and renewed:
                    context.pop("kind", None)
            elif named and idea in context and (box.row == box.bottom or idea == "label"):  # said once, blank below
                cells[idea] = context[idea]
                continue
        cells[idea] = box.cell
    return Row(number, "data", cells)


def _go_on(grid: Grid, number: int, columns: Mapping[str, Column], rows: list[Row]) -> None:
    """Adds a row to the indicator above, into whose score its own is merged."""
    if not rows or rows[-1].kind != "data":
        return
    last = rows[-1]
    more = dict(last.more)
    for idea in ("name", "target", "actual"):
        if idea in columns and (box := grid.box(number, columns[idea].left)).cell != last.cells[idea]:
            more[idea] = (*more.get(idea, ()), box.cell)
    rows[-1] = last._replace(more=more)


def money_rows(grid: Grid, heading: Heading) -> tuple[list[Row], int]:
    """The rows below a heading of money, and the first row that belongs to the table no more."""
    columns = {column.idea: column for column in heading.columns if column.idea}
    amounts = [column for column in heading.columns if column.idea in (*AMOUNTS, "so_far", "expected")]
    if not amounts:  # their words stand over parts that nobody knows
        return [], heading.bottom + 1
    first = min(column.left for column in amounts)
    numbered = {column.left for column in heading.columns if ideas(column.words).get("numbers") == "rows"}
    rows: list[Row] = []
    number = heading.bottom
    while number < grid.last:
        number += 1
        own = grid.rows.get(number, [])
        if heading_at(grid, number):
            break
        if own and ideas(own[0].text).get("numbers") == "columns":
            continue
        name = _named_in(grid, number, columns.get("name")) or _name_before(grid, number, first, numbered)
        figures = [box for column in amounts if (box := grid.box(number, column.left)).text and box.row == number]
        wordy = [box for box in figures if not is_number(box.text) and not not_applicable(box.text)]
        label = name is not None and not _is_source(name, own)
        only_words = bool(wordy) and len(wordy) == len(figures) and not (name and "sum" in ideas(name.text))
        only_words = only_words and not (name is None and _goes_on_beside(grid, heading, number, first))
        if (label and not any(is_number(box.text) for box in figures)) or only_words:
            break
        if name is None and not figures and not _goes_on_beside(grid, heading, number, first):
            if own or rows:
                break
            continue
        cells = {idea: grid.box(number, column.left).cell for idea, column in columns.items()}
        rows.append(Row(number, "data", cells, name))
    return rows, number if number < grid.last or not rows or rows[-1].number < number else number + 1


def _goes_on_beside(grid: Grid, heading: Heading, number: int, first: int) -> bool:
    """Whether a blank row is the one row below a heading, beside words that go on down from the heading."""
    left = [grid.box(number, column) for column in range(1, first)]
    return number == heading.bottom + 1 and any(box.text and box.row <= heading.bottom for box in left)


def _named_in(grid: Grid, number: int, column: Column | None) -> Box | None:
    """The name of a row in the column of names, which need not stand beside the amounts."""
    if column is None:
        return None
    box = grid.box(number, column.left)
    alone = box.text and (box.row, box.bottom) == (number, number)
    return box if alone and not is_number(box.text) else None


def _name_before(grid: Grid, number: int, first: int, numbered: Set[int]) -> Box | None:
    """The nearest words to the left of the amounts that belong to this row alone; a number is never a name."""
    for column in range(first - 1, 0, -1):
        box = grid.box(number, column)
        if box.text and column not in numbered:
            return box if box.row == number and box.bottom == number and not is_number(box.text) else None
    return None


def _is_source(name: Box, own: Sequence[Box]) -> bool:
    """Whether words beside amounts can be the name of money: no label, no heading of texts."""
    known = ideas(name.text)
    if "sum" in known or known.get("total") == "subtotal":
        return True
    others = [box for box in own if box is not name]
    text = known.keys() & {"text", "total", "review", "alone", "block"}
    return not text and not any(ideas(box.text).keys() & {"text", "review"} for box in others)
