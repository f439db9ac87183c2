"""Where the fields of a form stand in a sheet: by defined names where the book has them, else by the printed words.

A layout is a TOML file in `layouts/`. It names the words of headings, of the rows that end a block, and of single
labels; rows may be inserted, columns shifted, and headings may carry notes. Nothing is found by a fixed address.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from workbook_tools.form import Field, Form, Indicator
from workbook_tools.values import Value, half_width, read_quantity

FOLDER = Path(__file__).with_name("layouts")
Cell = tuple[int, int]  # row and column, from 1
MOST_ROWS, MOST_COLUMNS = 2_000, 200

_NUMBERED = re.compile(r"^[(]?[一二三四五六七八九十\d]{1,3}[).、]+")
_GOES_ON = re.compile(r"[\u4e00-\u9fffA-Za-z=]")
_YEAR = re.compile(r"(20\d\d)年")


class NotThisForm(Exception):
    """The sheet lacks a word that its layout needs; the message names it."""


class Sheet(Protocol):
    """One worksheet, saved or open: words out, values in."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def names(self) -> Mapping[str, Cell]: ...
    def filled(self) -> Iterable[Cell]: ...
    def text(self, cell: Cell) -> str: ...
    def anchor(self, cell: Cell) -> Cell: ...
    def formula(self, cell: Cell) -> bool: ...
    def write(self, cell: Cell, value: Value) -> None: ...
    def address(self, cell: Cell) -> str: ...


class Block(NamedTuple):
    """A heading row, the rows below it, and the words of the row that ends them."""

    name: str
    heading: Mapping[str, str]  # column → printed word
    optional: frozenset[str]
    rows: str | Mapping[str, str]  # one | indicators | deductions | field → word of its row
    same_heading_as: str
    starts: str
    ends: str


class Layout(NamedTuple):
    """The printed words of one family of forms."""

    name: str
    every: tuple[str, ...]
    never: tuple[str, ...]
    blocks: tuple[Block, ...]
    fields: Mapping[str, Mapping[str, Any]]


class Placement(NamedTuple):
    """Field path → cell, what people call the field, and the words that stand before a value in its own cell."""

    cells: Mapping[Field, Cell]
    labels: Mapping[Field, str]
    prefixes: Mapping[Field, str]
    rows: tuple[tuple[str, Field], ...]  # group and field path of each row of indicators and deductions
    more: Mapping[Field, tuple[Cell, ...]]  # cells below that belong to the same merged row


@cache
def load_layout(name: str) -> Layout:
    """The layout of that name."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    blocks = []
    for block in table["block"]:
        heading = {column.rstrip("?"): word for column, word in block.get("heading", {}).items()}
        optional = frozenset(column[:-1] for column in block.get("heading", {}) if column.endswith("?"))
        same, starts = block.get("same_heading_as", ""), block.get("starts", "")
        blocks.append(Block(block["name"], heading, optional, block["rows"], same, starts, block["ends"]))
    recognise = table["recognise"]
    return Layout(table["name"], tuple(recognise["all"]), tuple(recognise["none"]), tuple(blocks), table["fields"])


class Page:
    """The first words of every filled cell of a sheet, in reading order."""

    def __init__(self, sheet: Sheet) -> None:
        self.words: dict[Cell, str] = {}
        self.rows: dict[int, list[Cell]] = {}
        for cell in sheet.filled():
            if cell[0] <= MOST_ROWS and cell[1] <= MOST_COLUMNS and (text := sheet.text(cell)):
                self.words[cell] = half_width(text[:48])
                self.rows.setdefault(cell[0], []).append(cell)

    def find(self, label: str, first: int = 1, last: int = MOST_ROWS) -> Cell | None:
        """The first cell from row `first` to row `last` whose words begin with the label."""
        for cell, words in self.words.items():
            if label in words and first <= cell[0] <= last and says(words, label):
                return cell
        return None

    def in_row(self, row: int, label: str) -> Cell | None:
        """The first cell of a row whose words begin with the label."""
        words = self.words
        return next(
            (cell for cell in self.rows.get(row, ()) if label in words[cell] and says(words[cell], label)), None
        )

    def year(self) -> int | None:
        """The year of the form's title."""
        titled = (words for words in self.words.values() if "自评" in words and _YEAR.search(words))
        found = _YEAR.search(next(titled, ""))
        return int(found[1]) if found else None


def says(words: str, label: str) -> bool:
    """Whether words begin with a label and then end or go on with a note in brackets, a colon, a figure."""
    for start in (words, _NUMBERED.sub("", words)):
        if start.startswith(label) and not _GOES_ON.match(start, len(label)):
            return True
    return False


def missing_words(page: Page, layout: Layout) -> list[str]:
    """The words of the layout that the page lacks; all of them when the page says what the form never says."""
    if any(word in words for words in page.words.values() for word in layout.never):
        return list(layout.every)
    return [word for word in layout.every if page.find(word) is None]


def place(sheet: Sheet, layout: Layout, page: Page | None = None) -> Placement:
    """The cells of all fields; raises `NotThisForm` naming the words that are missing."""
    return _Placing(sheet, layout, page or Page(sheet)).placement()


class _Placing:
    """The state of placing one sheet: which columns each block has, and what has been found."""

    def __init__(self, sheet: Sheet, layout: Layout, page: Page) -> None:
        self.sheet, self.layout, self.page = sheet, layout, page
        self.cells: dict[Field, Cell] = {}
        self.labels: dict[Field, str] = {}
        self.prefixes: dict[Field, str] = {}
        self.rows: list[tuple[str, Field]] = []
        self.more: dict[Field, tuple[Cell, ...]] = {}
        self.headings: dict[str, tuple[int, dict[str, int]]] = {}

    def placement(self) -> Placement:
        after = 1
        for block in self.layout.blocks:
            end = self._end(block, after)
            start, columns = self._heading(block, after, end)
            self.headings[block.name] = start, columns
            rows = [row for row in range(start, end) if self._is_data(row, columns, block)]
            if block.rows == "one":
                self._money(block, rows, columns)
            elif isinstance(block.rows, str):
                self._indicators(block, rows, columns)
            else:
                self._known_rows(block, block.rows, rows, columns)
            if "score" in columns:
                self._add(f"groups.{block.name}", (end, columns["score"]), block.ends)
            if "own" in columns and block.rows == "indicators":
                self._add(f"counts.{block.name}", (end, columns["own"]), "指标行数")
            after = end + 1
        for field, rule in self.layout.fields.items():
            self._single(field, rule)
        return Placement(self.cells, self.labels, self.prefixes, tuple(self.rows), self.more)

    def _add(self, field: Field, cell: Cell, label: str) -> None:
        if not field.startswith(("indicators.", "deductions.")):  # rows may have been inserted: they go by their place
            cell = self.sheet.names.get(field, cell)
        self.cells[field] = self.sheet.anchor(cell)
        self.labels[field] = label

    def _end(self, block: Block, after: int) -> int:
        if named := self.sheet.names.get(f"groups.{block.name}"):
            return named[0]
        found = self.page.find(block.ends, after)
        if found is None:
            raise NotThisForm(f"找不到“{block.ends}”")
        return found[0]

    def _heading(self, block: Block, after: int, end: int) -> tuple[int, dict[str, int]]:
        """The first row below the heading, and the column of each heading word."""
        if block.same_heading_as:
            start = self.page.find(block.starts, after, end)
            if start is None:
                raise NotThisForm(f"找不到“{block.starts}”")
            return start[0] + 1, self.headings[block.same_heading_as][1]
        names = self.sheet.names
        named = {column: cell for column in block.heading if (cell := names.get(f"headings.{block.name}.{column}"))}
        if named.keys() >= block.heading.keys() - block.optional:
            cells = named
        else:
            cells = self._heading_by_words(block, after, end)
        for column, cell in cells.items():
            self._add(f"headings.{block.name}.{column}", cell, block.heading[column])
        bottom = max(cell[0] for cell in cells.values())
        while bottom < end and any(self.sheet.anchor((bottom + 1, cell[1])) == cell for cell in cells.values()):
            bottom += 1
        return bottom + 1, {column: cell[1] for column, cell in cells.items()}

    def _heading_by_words(self, block: Block, after: int, end: int) -> dict[str, Cell]:
        best: dict[str, Cell] = {}
        for row in range(after, end):
            words = block.heading.items()
            cells = {column: cell for column, word in words if (cell := self.page.in_row(row, word))}
            if len(cells) > len(best):
                best = cells
            if cells.keys() >= block.heading.keys() - block.optional:
                return cells
        known = best.keys() | block.optional
        lacking = "、".join(f"“{word}”" for column, word in block.heading.items() if column not in known)
        raise NotThisForm(f"“{block.ends}”上面的表头里找不到{lacking}")

    def _is_data(self, row: int, columns: Mapping[str, int], block: Block) -> bool:
        """Whether a row is not the heading printed once more."""
        words = block.heading.get("kind") or block.heading.get("year", "")
        column = columns.get("kind") or columns.get("year", 0)
        return not words or not says(self.page.words.get((row, column), ""), words)

    def _money(self, block: Block, rows: list[int], columns: Mapping[str, int]) -> None:
        amounts = [columns[field] for field in ("initial", "adjusted", "spent")]
        filled = [row for row in rows if any(read_quantity(self.sheet.text((row, column))) for column in amounts)]
        if len(filled) > 1:
            wanted = ("合计", f"{self.page.year()}年")
            several = f"“{block.heading['initial']}”下面有 {len(filled)} 行金额，不知道用哪一行；请只留评价年度一行"
            filled = [row for word in wanted for row in filled if word in self._words(row, columns.get("year"))]
            if not filled:
                raise NotThisForm(several)
        if not rows:
            raise NotThisForm(f"“{block.heading['initial']}”下面没有填写金额的行")
        row = filled[0] if filled else rows[0]
        for column, word in block.heading.items():
            if column in columns:
                self._add(f"budget.{column}", (row, columns[column]), word)

    def _words(self, row: int, column: int | None) -> str:
        return self.page.words.get(self.sheet.anchor((row, column)), "") if column else ""

    def _known_rows(self, block: Block, known: Mapping[str, str], rows: list[int], columns: Mapping[str, int]) -> None:
        for field, word in known.items():
            row = next((row for row in rows if says(self._words(row, columns["kind"]), word)), None)
            if row is None:
                raise NotThisForm(f"“{block.ends}”上面找不到“{word}”一行")
            for column, heading in block.heading.items():
                if column in columns:
                    self._add(f"{field}.{column}", (row, columns[column]), f"{word} {heading}")

    def _indicators(self, block: Block, rows: list[int], columns: Mapping[str, int]) -> None:
        kind_of_row = "indicators" if block.rows == "indicators" else "deductions"
        number = sum(field.startswith(kind_of_row) for _, field in self.rows)
        words = next(b for b in self.layout.blocks if b.name == (block.same_heading_as or block.name)).heading
        for row in rows:
            score = self.sheet.anchor((row, columns["score"]))
            if score[0] < row and number:  # goes on with the indicator above
                for column in ("name", "target", "actual"):
                    field = f"{kind_of_row}.{number}.{column}"
                    if self.sheet.anchor((row, columns[column])) != self.cells[field]:
                        self.more[field] = (*self.more.get(field, ()), (row, columns[column]))
                continue
            number += 1
            field = f"{kind_of_row}.{number}"
            self.rows.append((block.name, field))
            kind = self._words(row, columns["kind"]) or f"第{row}行"
            for column in columns:
                self._add(f"{field}.{column}", (row, columns[column]), f"{kind} {words[column]}")

    def _single(self, field: Field, rule: Mapping[str, Any]) -> None:
        if named := self.sheet.names.get(field):
            self._add(field, named, rule.get("right") or rule.get("score") or rule["after"])
            if "after" in rule:
                self._sentence(field, rule["after"])
            return
        finder: Callable[[Field, Mapping[str, Any]], bool] = self._right if "right" in rule else self._score
        if "after" in rule:
            finder = self._after
        if not finder(field, rule) and not rule.get("optional"):
            raise NotThisForm(f"找不到“{rule.get('right') or rule.get('score') or rule['after']}”")

    def _right(self, field: Field, rule: Mapping[str, Any]) -> bool:
        label = self.page.find(rule["right"])
        if label is None:
            return False
        cell = (label[0], label[1] + 1)
        while self.sheet.anchor(cell) == label:
            cell = (cell[0], cell[1] + 1)
        self._add(field, cell, rule["right"])
        return True

    def _score(self, field: Field, rule: Mapping[str, Any]) -> bool:
        row = self.page.find(rule["score"])
        column = next((columns["score"] for _, columns in self.headings.values() if "score" in columns), None)
        if row is None or column is None:
            return False
        self._add(field, (row[0], column), rule["score"])
        return True

    def _after(self, field: Field, rule: Mapping[str, Any]) -> bool:
        """A value in the label's own cell, behind its colon; in the next cell when the table goes on there."""
        if "beside" in rule:
            label = self.page.in_row(self.cells[rule["beside"]][0], rule["after"])
        else:
            label = self.page.find(rule["after"])
        if label is None:
            return False
        widest = max(columns.get("score", 0) for _, columns in self.headings.values())
        right = (label[0], label[1] + 1)
        while right[1] <= widest and self.sheet.anchor(right) == label:
            right = (right[0], right[1] + 1)
        if "beside" in rule and right[1] <= widest:
            self._add(field, right, rule["after"])
        else:
            self._add(field, label, rule["after"])
            self._sentence(field, rule["after"])
        return True

    def _sentence(self, field: Field, label: str) -> None:
        text = self.sheet.text(self.cells[field])
        spaced = r"\s*".join(label)
        found = re.match(rf"\s*{spaced}\s*[:：]?\s*", text)
        said = found[0] if found else label  # a formula that was never calculated says nothing yet
        self.prefixes[field] = said if said.rstrip()[-1:] in ":：" else f"{said.rstrip()}："


def words_at(sheet: Sheet, placement: Placement, field: Field) -> str | None:
    """The words of a field as printed, None when the form has no such field."""
    cell = placement.cells.get(field)
    if cell is None:
        return None
    text = sheet.text(cell).strip()
    if prefix := placement.prefixes.get(field):
        text = text.removeprefix(prefix.rstrip(" ：:").strip()).lstrip(" ：:\u3000")
    if more := placement.more.get(field):
        parts = [text, *(sheet.text(below).strip() for below in more)]
        text = "；".join(part for part in parts if part)
    return text


def read_form(sheet: Sheet, placement: Placement) -> Form:
    """The form as printed."""

    def words(field: Field) -> str | None:
        return words_at(sheet, placement, field)

    def rows(table: str) -> Iterator[Indicator]:
        for group, field in placement.rows:
            if field.startswith(table):
                columns = ("weight", "target", "actual", "rate", "score", "reason", "own")
                kind, name = words(f"{field}.kind") or "", words(f"{field}.name") or ""
                printed = {column: words(f"{field}.{column}") for column in columns}
                own_kind = placement.cells[f"{field}.kind"][0] == placement.cells[f"{field}.score"][0]
                yield Indicator(group, kind, name, own_kind=own_kind, **printed)

    texts = {field: words(field) or "" for field in placement.cells if field.startswith("texts.")}
    money = (field for field in placement.cells if field.startswith("budget."))
    budget = {field.removeprefix("budget."): words(field) or "" for field in money}
    indicators, deductions = tuple(rows("indicators.")), tuple(rows("deductions."))
    return Form(budget, indicators, deductions, texts, words("total") or "", words("grade") or "")
