"""The headings of tables: one to three rows of words, and which idea each column stands for."""

from __future__ import annotations

from itertools import takewhile
from typing import Literal, NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.values import UNCALCULATED, normalize, read_points, read_quantity, read_target

Kind = Literal["indicator", "money", "other"]
Question = Literal["columns", "heading", "budget", "target", "total", "money"]
AMOUNTS = ("initial", "adjusted", "budget", "revised", "received", "spent")
LEVELS = ("label", "kind", "name")
VALUES = ("target", "actual", "so_far", "weight", "score")
# Figures: two columns of one of these are asked about, and neither is taken.
FIGURES = (
    *AMOUNTS,
    "so_far",
    "execution",
    "target",
    "actual",
    "weight",
    "score",
    "execution.weight",
    "execution.score",
)
MOST_HEADING_ROWS = 3


class Asked(NamedTuple):
    """What a form does not say by itself: two columns of one idea, a foreign heading, the only column of the budget, …

    Attributes:
        what: The question.
        cells: Where the words or figures stand that leave it open.
        choices: The ideas that a person chooses between; empty where any word may be meant.
    """

    what: Question
    cells: tuple[Cell, ...]
    choices: tuple[str, ...] = ()


class Column(NamedTuple):
    """One column of a table: its idea ("" where its words are unknown), where it stands, and what it is called."""

    idea: str
    left: int
    right: int
    words: str
    cell: Cell  # of its words


def is_number(text: str) -> bool:
    """Whether words are an amount, a figure or a rate, or a formula that will give one."""
    return text == UNCALCULATED or read_quantity(text) is not None or read_points(text) is not None


class Heading(NamedTuple):
    """A heading: the kind of its table, its columns, its last row, its boxes, and what it leaves open."""

    kind: Kind
    columns: list[Column]
    bottom: int
    boxes: list[Box]
    asked: list[Asked]


def heading_at(grid: Grid, row: int) -> Heading | None:
    """The heading that begins in a row, None where none does."""
    if row not in grid.headings:
        grid.headings[row] = _found_at(grid, row)
    found: Heading | None = grid.headings[row]
    return found


def _found_at(grid: Grid, row: int) -> Heading | None:
    own = grid.rows.get(row, [])
    if len(own) < 2:
        return None
    for kind in ("indicator", "money"):
        known = [box for box in own if kind in ideas(box.text)]
        if len(known) < 2:
            continue
        numbers = sum(is_number(box.text) for box in own)
        if numbers > (1 if len(known) > 4 else 0):  # points may stand in a heading
            continue
        if kind == "money" and (_are_names(grid, known) or any(_names_projects(box) for box in own)):
            continue
        for height in range(1, MOST_HEADING_ROWS + 1):
            if height > 1 and not _belongs(grid, row, row + height - 1, kind):
                break
            heading = _heading(grid, row, height, kind)
            if _is_whole(heading):
                while len(range(row, heading.bottom + 1)) < MOST_HEADING_ROWS and _belongs(
                    grid, row, heading.bottom + 1, kind
                ):
                    heading = _heading(grid, row, heading.bottom + 2 - row, kind)
                return heading
    return None


def _are_names(grid: Grid, known: list[Box]) -> bool:
    """Whether words are names beside their own blank places, not over columns: other words stand below them."""
    right = [grid.box(box.row, box.right + 1) for box in known]
    below = [grid.box(box.bottom + 1, box.left) for box in known]
    beside = all(not box.text and box.row == name.row for name, box in zip(known, right, strict=True))
    return beside and all(box.text and not is_number(box.text) for box in below)


def _names_projects(box: Box) -> bool:
    """Whether a heading is over the names of projects: a list of them is no budget."""
    known = ideas(box.text)
    return known.get("info") == "project" and "money" not in known


def _is_whole(heading: Heading) -> bool:
    found = {column.idea for column in heading.columns if column.idea}
    if heading.kind == "money":
        return len(found & {*AMOUNTS, "so_far"}) >= 2 or (
            len(found & {*AMOUNTS, "so_far"}) == 1 and bool(found & {"execution", "name"}) and len(found) > 2
        )
    levels = len(found & set(LEVELS))
    if "average" in found:  # of what evaluators gave
        return False
    return len(found) >= 3 and (levels == 3 or (levels > 0 and bool(found & set(VALUES))))


def _belongs(grid: Grid, first: int, row: int, kind: Kind) -> bool:
    """Whether a row goes on with the heading that begins above.

    Either most of its words are known, or known words of the row above reach down into it; none of its own is a number.
    """
    own = grid.rows.get(row, [])
    if any(is_number(box.text) for box in own) or all("sum" in ideas(box.text) for box in own):
        return False
    if any("sum" in ideas(box.text) and ideas(grid.box(row - 1, box.left).text).get("money") == "name" for box in own):
        return False
    above = [box for line in range(first, row) for box in grid.rows.get(line, []) if box.bottom >= row]
    if sum(kind in ideas(box.text) for box in above) > 1:
        return True
    named = [box for box in own if normalized(box.text)]  # ③=①+② says nothing
    under = all(grid.box(row - 1, box.left).row >= first for box in own)
    known = sum(kind in ideas(box.text) or bool(_joined(grid, first, box, kind)) for box in named)
    return under and known * 5 >= len(named) * 3


def _joined(grid: Grid, first: int, box: Box, kind: Kind) -> str:
    """The idea of the words of a box behind those above it: 绩效 over 目标值."""
    above = grid.box(box.row - 1, box.left) if box.row > first else None
    return ideas(normalized(above.text) + normalized(box.text)).get(kind, "") if above else ""


def _heading(grid: Grid, row: int, height: int, kind: Kind) -> Heading:
    bottom = row + height - 1
    boxes = [box for line in range(row, bottom + 1) for box in grid.rows.get(line, []) if box.bottom <= bottom]
    bottom = max((box.bottom for box in boxes), default=bottom)
    leaves = [box for box in boxes if not any(_below(box, other) for other in boxes if normalized(other.text))]
    columns = [_column(grid, row, box, kind) for box in leaves if normalized(box.text)]
    columns, asked = _unique(_explained(columns, kind))
    if kind == "indicator":
        columns = _known_by_its_signs(grid, columns, bottom)
    return Heading(kind, sorted(columns, key=lambda column: column.left), bottom, boxes, asked)


def _known_by_its_signs(grid: Grid, columns: list[Column], bottom: int) -> list[Column]:
    """The columns, where one with words that nobody knows holds ≥ and ≤ in every row and nothing else."""
    unknown = [column for column in columns if not column.idea]
    wanted = next((column for column in columns if column.idea == "target"), None)
    if wanted is None or not unknown or any(column.idea == "op" for column in columns):
        return columns
    lines = range(bottom + 1, grid.last + 1)
    filled = takewhile(lambda box: box.text, (grid.box(line, wanted.left) for line in lines))
    rows = [box.row for box in filled if box.row > bottom]
    for column in unknown:
        signs = [grid.box(row, column.left) for row in rows]
        if signs and all(box.row > bottom and _is_sign(box.text) for box in signs):
            return [one._replace(idea="op") if one == column else one for one in columns]
    return columns


def _is_sign(text: str) -> bool:
    """Whether words are a sign of a target and nothing else: ≥, 小于等于."""
    words = normalize(text)
    target = read_target(f"{words}1") if words and not words[-1:].isdigit() else None
    return target is not None and target.op is not None and str(target.quantity) == "1"


def _below(box: Box, other: Box) -> bool:
    return other.row > box.bottom and other.left <= box.right and other.right >= box.left


def _column(grid: Grid, first: int, box: Box, kind: Kind) -> Column:
    """The idea of a column: of all its words, else of its own, else of what stands above where that is no wider."""
    above = grid.box(box.row - 1, box.left) if box.row > first else None
    idea = _joined(grid, first, box, kind) or ideas(box.text).get(kind, "")
    if is_number(box.text):  # points in a heading: the words of the column stand at the top of the form
        over = (grid.box(row, box.left) for row in range(box.row - 1, 0, -1))
        if named := next((one for one in over if kind in ideas(one.text)), None):
            return Column(ideas(named.text)[kind], box.left, box.right, normalized(named.text), box.cell)
        return Column("", box.left, box.right, normalized(box.text), box.cell)
    if not idea and above and "sum" in ideas(box.text):  # 全年预算数 over 总额, 财政拨款, 其他资金
        idea, words = ideas(above.text).get(kind, ""), normalized(above.text + box.text)
        return Column(idea, box.left, box.right, words, box.cell)
    if not idea and above and (above.left, above.right) == (box.left, box.right):
        idea = ideas(above.text).get(kind, "")
    words = normalized(box.text) if idea != _joined(grid, first, box, kind) or above is None else ""
    return Column(idea, box.left, box.right, words or normalized((above.text if above else "") + box.text), box.cell)


def _explained(columns: list[Column], kind: Kind) -> list[Column]:
    """The columns, where what one is depends on those beside it."""
    found = {column.idea for column in columns}
    changes: dict[str, str] = {}
    if kind == "indicator":
        if "revised" in found:  # 年初指标值 beside 调整指标值
            changes = {"revised": "target"} | ({"target": "initial"} if "initial" not in found else {})
        elif "initial" in found and "target" not in found:
            changes = {"initial": "target"}
        if sum(column.idea == "actual" for column in columns) > 1:  # 完成情况 beside 实际完成值
            told = [column for column in columns if column.idea == "actual" and column.words == "完成情况"]
            columns = [column._replace(idea="status") if column in told else column for column in columns]
        marked = any(one.startswith("deviation_") for one in found)
        if marked:  # beside columns of reasons to be marked
            columns = [_beside_reasons(column) for column in columns]
            found = {column.idea for column in columns}
        if "explanation" in found and "reason" not in found and not (marked and "so_far" in found):
            changes |= {"explanation": "reason"}
        columns = _weights_of_levels(columns)
        scores = [column for column in columns if column.idea == "score"]
        if len(scores) > 1 and any("折算" in column.words for column in scores):
            columns = [_raw(column) for column in columns]
        names = sorted(column.left for column in columns if column.idea == "name")
        if len(names) > 1 and "kind" not in found:  # the levels go from left to right
            columns = [column._replace(idea="kind") if column.left == names[0] else column for column in columns]
    else:
        if "rest" in found and "revised" not in found:  # of the initial budget and what changed it, else of its sources
            summed = found & {"initial", "budget", "adjusted"}
            changes = {"rest": "revised", "budget": "initial"} if summed else {"rest": "budget"}
        elif "budget" in found and ("revised" in found) != ("initial" in found):
            changes = {"budget": "initial" if "revised" in found else "revised"}
        elif "adjusted" in found:
            changes = {"budget": "initial"}
        between = {"initial", "revised"} <= found and "adjusted" not in found
        changes |= {"part": "", "group": "", "change": "adjusted" if between else ""}
    return [column._replace(idea=changes.get(column.idea, column.idea)) for column in columns]


def _beside_reasons(column: Column) -> Column:
    """原因说明 beside 经费保障, 制度保障 … explains what is marked there."""
    return column._replace(idea="explanation") if column.idea == "reason" and column.words == "原因说明" else column


def _weights_of_levels(columns: list[Column]) -> list[Column]:
    """一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值: each but the last belongs to the level to its left."""
    by_place = sorted(columns, key=lambda column: column.left)
    weights = [number for number, column in enumerate(by_place) if column.idea == "weight"]
    of_level = {number: by_place[number - 1].idea for number in weights if number and len(weights) > 1}
    for number, level in of_level.items():
        if level in LEVELS[:2]:
            by_place[number] = by_place[number]._replace(idea=f"{level}.weight")
    return by_place


def _raw(column: Column) -> Column:
    """得分 beside 折算得分 is the score before it is weighted."""
    return column._replace(idea="coefficient") if column.idea == "score" and "折算" not in column.words else column


def _unique(columns: list[Column]) -> tuple[list[Column], list[Asked]]:
    """The columns, each idea once: of two for the same words the first counts, of two for the same figures none."""
    by_idea: dict[str, list[Column]] = {}
    for column in sorted(columns, key=lambda one: one.left):
        by_idea.setdefault(column.idea, []).append(column)
    unique, asked = by_idea.pop("", []), []
    for idea, same in by_idea.items():
        if len(same) > 1 and idea in FIGURES:
            asked.append(Asked("columns", tuple(column.cell for column in same), (idea,)))
            unique += [column._replace(idea="") for column in same]
        else:
            unique += [same[0], *(column._replace(idea="") for column in same[1:])]
    return unique, asked
