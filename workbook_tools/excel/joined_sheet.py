"""A form that goes on in several sheets, as one sheet: theirs below one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.values import Value


class JoinedSheet:
    """Sheets below one another; every cell keeps the address of the sheet that it belongs to."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self.name = sheets[0].name
        self.parts: list[tuple[int, Sheet]] = []  # the rows above a sheet, and the sheet
        above = 0
        for sheet in sheets:
            self.parts.append((above, sheet))
            above += max((row for row, _ in sheet.filled()), default=0)
        self.size = above, max(sheet.size[1] for sheet in sheets)

    @property
    def names(self) -> Mapping[str, Cell]:
        """The defined names of all sheets."""
        return {field: (above + cell[0], cell[1]) for above, sheet in self.parts for field, cell in sheet.names.items()}

    def filled(self) -> Iterator[Cell]:
        """Every cell with content, in reading order."""
        for above, sheet in self.parts:
            yield from ((above + row, column) for row, column in sheet.filled())

    def text(self, cell: Cell) -> str:
        """The words of a cell."""
        sheet, own = self._part(cell)
        return sheet.text(own)

    def anchor(self, cell: Cell) -> Cell:
        """The first cell of the merged area that a cell lies in."""
        sheet, own = self._part(cell)
        row, column = sheet.anchor(own)
        return cell[0] - own[0] + row, column

    def formula(self, cell: Cell) -> bool:
        """Whether a cell holds a live formula."""
        sheet, own = self._part(cell)
        return sheet.formula(own)

    def hidden(self, cell: Cell) -> bool:
        """Whether a cell stands in a hidden row or column."""
        sheet, own = self._part(cell)
        return sheet.hidden(own)

    def struck(self) -> dict[Cell, str]:
        """The words that are struck through, of each cell with such words."""
        return {(above + r, c): words for above, sheet in self.parts for (r, c), words in sheet.struck().items()}

    def percent(self, cell: Cell) -> bool:
        """Whether the cell shows a number as percent."""
        sheet, own = self._part(cell)
        return sheet.percent(own)

    def write(self, cell: Cell, value: Value) -> None:
        """Puts a value into a cell."""
        sheet, own = self._part(cell)
        sheet.write(own, value)

    def take_back(self, cell: Cell) -> None:
        """Forgets what was put into a cell."""
        sheet, own = self._part(cell)
        sheet.take_back(own)

    def address(self, cell: Cell) -> str:
        """Sheet and cell as people name it."""
        sheet, own = self._part(cell)
        return sheet.address(own)

    def _part(self, cell: Cell) -> tuple[Sheet, Cell]:
        row, column = cell
        for above, sheet in reversed(self.parts):
            if above < row:
                return sheet, (row - above, column)
        raise IndexError(row)  # rows count from 1
