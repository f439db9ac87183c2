"""A sheet as printed boxes: every cell or merged area with words, where it stands and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_COLUMNS, MOST_ROWS, Sheet
from workbook_tools.forms.vocabulary import ideas, normalized, spellings

# the tables whose headings our empty forms name, those of earlier versions too
_TABLES = {
    "budget": "money",
    "texts": "text",
    **dict.fromkeys(("indicators", "process", "output", "benefit"), "indicator"),
}


class Box(NamedTuple):
    """One cell or merged area: its first and last row and column, and its words ("" for none)."""

    row: int
    left: int
    bottom: int
    right: int
    text: str

    @property
    def cell(self) -> Cell:
        """Its first cell, where its words stand."""
        return self.row, self.left


class Grid:
    """The boxes of a sheet; each is measured once."""

    def __init__(self, sheet: Sheet, told: Mapping[str, str] = MappingProxyType({})) -> None:
        self.sheet = sheet
        self._named = _words_of_names(sheet)
        self._told = told
        self._anchor = sheet.anchor
        self._boxes: dict[Cell, Box] = {}  # by every cell that belongs to one
        self.rows: dict[int, list[Box]] = {}  # boxes with words, by their first row, from left to right
        for cell in sheet.filled():
            if cell[0] <= MOST_ROWS and cell[1] <= MOST_COLUMNS and (text := self._text(cell)):
                self.rows.setdefault(cell[0], []).append(self._own(cell, text))
        self.headings: dict[int, Any] = {}  # row → the heading that begins there, None for none: found once
        self.last = max((box.bottom for row in self.rows.values() for box in row), default=0)
        self.width = max((box.right for row in self.rows.values() for box in row), default=0)

    def box(self, row: int, column: int) -> Box:
        """The box that a place of the grid belongs to."""
        return self._boxes.get((row, column)) or self._measured(self._anchor((row, column)))

    def _own(self, cell: Cell, text: str) -> Box:
        """The box that begins at a cell; words that a merged area covers are a box by themselves."""
        return self._measured(cell, text) if self._anchor(cell) == cell else Box(*cell, *cell, text)

    def _measured(self, cell: Cell, text: str | None = None) -> Box:
        box = self._boxes.get(cell)
        if box is None:
            anchor, (row, left) = self._anchor, cell
            bottom, right = row, left
            while right < MOST_COLUMNS and anchor((row, right + 1)) == cell:
                right += 1
            while bottom < MOST_ROWS and anchor((bottom + 1, left)) == cell:
                bottom += 1
            box = self._boxes[cell] = Box(row, left, bottom, right, self._text(cell) if text is None else text)
            if (bottom, right) != cell:
                for line in range(row, bottom + 1):
                    for column in range(left, right + 1):
                        self._boxes[line, column] = box
        return box

    def _text(self, cell: Cell) -> str:
        """The words of a cell; of a heading that the workbook names, and whose words were changed, the usual ones."""
        text = self.sheet.text(cell).strip()
        if cell in self._named:
            kind, word = self._named[cell]
            return text if kind in ideas(text) else word
        return self._told.get(normalized(text), text) if self._told else text


def _words_of_names(sheet: Sheet) -> dict[Cell, tuple[str, str]]:
    """The headings that the workbook names (headings.budget.spent) → kind of their table, and a word that is known."""
    found = {}
    for field, cell in sheet.names.items():
        table, _, idea = field.removeprefix("headings.").partition(".")
        kind = _TABLES.get(table)
        if field.startswith("headings.") and kind and (words := spellings()[kind].get(idea)):
            found[cell] = kind, words[0]
    return found
