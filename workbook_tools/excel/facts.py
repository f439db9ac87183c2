"""What the reader of values does not tell of a sheet: formats, formulas, errors, merged areas, what is hidden."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.formats import NumberFormat

MOST_CELLS = 1_000_000  # rows × columns of a sheet that may be a form
MOST_CELLS_OF_BOOK = 8_000_000
BUILT_IN_NAMES = "_xl"  # what the names of print areas and the like begin with
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass(slots=True, kw_only=True)
class SheetFacts:
    """One worksheet.

    Attributes:
        name: its name.
        hidden: whether its tab is hidden.
        formats: the number formats of the cells that have one of their own.
        numbers: the numbers as they are stored, also of cells that show a date.
        words: the words of cells that hold an error or a truth value.
        formulas: the cells with a live formula.
        uncalculated: those of them whose saved result no program has calculated.
        merged: first and last cell of each merged area.
        hidden_rows: first and last of each run of hidden rows.
        hidden_columns: likewise of columns.
        size: the last row and the last column that hold anything.
        pictures: how many pictures stand on it.
        controls: how many buttons, boxes and lists stand on it.
    """

    name: str
    hidden: bool
    formats: dict[Cell, NumberFormat] = field(default_factory=dict)
    numbers: dict[Cell, float] = field(default_factory=dict)
    words: dict[Cell, str] = field(default_factory=dict)
    formulas: set[Cell] = field(default_factory=set)
    uncalculated: set[Cell] = field(default_factory=set)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    pictures: int = 0
    controls: int = 0

    @property
    def too_big(self) -> bool:
        """Whether it is too large for a form."""
        return self.size[0] * self.size[1] > MOST_CELLS

    def hold(self, cell: Cell) -> None:
        """Notes that a cell holds something."""
        self.size = max(self.size[0], cell[0]), max(self.size[1], cell[1])


class BookFacts(NamedTuple):
    """One workbook: its worksheets, and what lies beside them."""

    sheets: list[SheetFacts]
    names: Mapping[str, tuple[str, Cell]]  # the defined names that stand for one cell each: sheet and cell
    unread_names: bool = False  # whether there are names whose cells were not read
    macros: bool = False
    signed: bool = False
    from_1904: bool = False

    def checked(self) -> BookFacts:
        """The facts themselves; raises `FileRejected` for more cells than a reader of values can hold."""
        if sum(sheet.size[0] * sheet.size[1] for sheet in self.sheets) > MOST_CELLS_OF_BOOK:
            raise FileRejected("E_TOO_BIG", "工作簿太大，不像自评表，没有打开；请删去多余的行、列和工作表，或核对文件")
        return self


def packed_number(data: bytes) -> float:
    """A number in the four bytes that Excel needs for most: 30 bits, a whole number or the first of a float's."""
    (bits,) = struct.unpack("<L", data)
    if bits & 2:
        number = float(struct.unpack("<l", data)[0] >> 2)
    else:
        number = struct.unpack("<d", struct.pack("<Q", (bits & 0xFFFFFFFC) << 32))[0]
    return number / 100 if bits & 1 else number
