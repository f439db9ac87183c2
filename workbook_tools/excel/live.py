"""The workbook that is open in Excel: the same sheets as of a saved one, read in few calls, written in few.

The only module that imports xlwings. Nothing is saved or closed, and no cell with a formula is written: Excel
calculates it. What goes wrong while it is being written is taken back, so that the book is as it was. An Excel that
does not answer while it is read cannot be reached: then nothing was written, and a copy of the book does as well.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from types import ModuleType
from typing import Any

sys.modules.setdefault("xlwings.pro", None)  # type: ignore[arg-type]  # its licence is not free, and nothing needs it
_unused = [name for name in ("pandas", "numpy", "PIL", "matplotlib", "plotly", "polars") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_unused))  # type: ignore[arg-type]  # xlwings would import them: most of its time
_serving = [name for name in ("xlwings.com_server", "xlwings.udfs") if name not in sys.modules]
for _name in _serving:  # functions for Excel's cells; on Windows xlwings would import them, and asyncio with them
    sys.modules[_name] = ModuleType(_name)
    sys.modules[_name].__getattr__ = lambda _: None  # type: ignore[method-assign]
try:
    import xlwings
finally:
    for _name in (*_unused, *_serving):
        del sys.modules[_name]

from workbook_tools.errors import FileRejected, NotReachable
from workbook_tools.excel import (
    FIFTEEN,
    NumberFormat,
    SheetInfo,
    as_formatted,
    column_letters,
    named_cell,
    number_format,
    position,
)
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.formats import as_date
from workbook_tools.excel.sheet import MOST_COLUMNS, MOST_ROWS
from workbook_tools.excel.written_cells import Area, Written, area_name, runs
from workbook_tools.values import Quantity, Value, format_value

_SHOWN = (True, -1)  # how Excel says that a sheet is visible; 0 is hidden, 2 hidden so that only VBA shows it
_ERROR = -2_146_828_288  # what COM adds to the number of an error value
_ERRORS = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A"}
_ERRORS |= {2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!"}
_ERRORS |= {2049: "#FIELD!", 2050: "#CALC!"}


def faults() -> tuple[type[Exception], ...]:
    """What a call to Excel may raise; on Windows also the errors of COM and of its windows, which exist only there."""
    windows = sys.modules.get("pywintypes")
    return (xlwings.XlwingsError, OSError, *([windows.com_error, windows.error] if windows else []))


def open_book(name: str, path: str) -> xlwings.Book:
    """The open workbook that started this program; raises `NotReachable`."""
    _spare_other_excels()
    silent: tuple[type[Exception], ...] = (*faults(), KeyError)
    if not list(xlwings.engines):
        raise NotReachable
    try:
        if not {"=", "%"} & set(name):  # `caller` cuts the name at one, and the macros write the other otherwise
            return xlwings.Book.caller()
        every = [book for app in xlwings.apps for book in app.books]
        found = [book for book in every if book.name == name and book.fullname == path]
    except silent:
        raise NotReachable from None
    if len(found) != 1:  # two Excels have it open: nothing says which of them asks
        raise NotReachable
    return found[0]


def _spare_other_excels() -> None:
    """Takes back what xlwings would do when this program ends: on Windows it kills every Excel in which it sees no
    workbook, also one that shows a protected view or has only just been started."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows:
        atexit.unregister(windows.cleanup)


class LiveBook:
    """An open workbook; raises `NotReachable` when Excel does not answer while it is read.

    `before_writing` is called before anything is written.
    """

    def __init__(self, book: xlwings.Book, before_writing: Callable[[], object] = lambda: None) -> None:
        self._book, self._before_writing = book, before_writing
        self._sheets: dict[str, LiveSheet] = {}
        self._read_before: dict[str, LiveSheet] = {}
        self._written: list[Written] = []

    @cached_property
    def sheets(self) -> list[SheetInfo]:
        """The worksheets in the order of their tabs."""
        with _asking():
            self._catch_up()
            return [SheetInfo(sheet.name, "", sheet.visible not in _SHOWN) for sheet in self._book.sheets]

    def sheet(self, info: SheetInfo) -> LiveSheet:
        """The sheet with its words, read in one go."""
        if info.name not in self._sheets:
            names = {name: cell for name, (sheet, cell) in self._names.items() if sheet == info.name}
            with _asking():
                read = LiveSheet(self._book.sheets[info.name], names, self._read_before.get(info.name))
            self._sheets[info.name] = self._read_before[info.name] = read
        return self._sheets[info.name]

    @property
    def unseen(self) -> str:
        """Nothing: all of an open workbook can be looked at."""
        return ""

    def calculate(self) -> frozenset[str]:
        """Nothing: Excel has calculated what its formulas show, where need be when it was told to."""
        return frozenset()

    def as_saved(self) -> None:
        """Nothing: what formulas show is what Excel would save."""

    def write(self, typed: Sequence[tuple[str, Cell, Value]]) -> bool:
        """Types values into cells; gives whether a formula of the sheets that were read shows anything else now.

        Raises `FileRejected` when Excel does not take them. Whatever goes wrong, everything is taken back, also of
        earlier calls; what is left even so is `changed`.
        """
        self._before_writing()
        try:
            with self._quiet():
                for sheet, area, values in runs(typed):
                    cells = self._book.sheets[sheet].range(area_name(area))
                    self._written.append(Written.of(f"{sheet}!{area_name(area)}", cells, len(values)))
                    self._written[-1].write(values)
            self._catch_up()
        except Exception as fault:
            self.take_back()
            if self.changed or not isinstance(fault, faults()):
                raise
            raise FileRejected(
                "E_LOCKED",
                "Excel 不让写，所以一格也没有写。请看工作表是否受保护（审阅 → 撤销工作表保护）、是否有格正在编辑"
                "（按回车或 Esc），然后再点一次。",
            ) from None
        finally:
            self._sheets.clear()
        return any(sheet.recalculated() for sheet in self._read_before.values())

    @property
    def changed(self) -> list[str]:
        """The areas that have been written and not taken back: 自评表!J18:J20."""
        return [written.address for written in self._written]

    def take_back(self) -> None:
        """Puts what stood there into everything that was written, as far as Excel lets it."""
        if self._written:
            with suppress(Exception), self._quiet():  # of an Excel that is ill: what is left is told
                self._written = [written for written in reversed(self._written) if not written.take_back()][::-1]
                self._catch_up()
        self._sheets.clear()

    def _catch_up(self) -> None:
        """Has an Excel that is set to 手动 calculate, as F9 does: its formulas show what they gave before."""
        if self._book.app.calculation == "manual":
            with self._quiet():
                self._book.app.calculate()

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Without what the book's own macros do when a person types, and without drawing every cell."""
        app = self._book.app
        events = app.enable_events
        try:
            app.enable_events = app.screen_updating = False
            yield
        finally:
            _put(app, "screen_updating", value=True)
            _put(app, "enable_events", value=events)

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, Cell]]:
        with _asking():
            named = [(name.name, named_cell((name.refers_to or "").removeprefix("="))) for name in self._book.names]
        return {name: place for name, place in named if place}


class LiveSheet:
    """One open worksheet in its current state."""

    def __init__(self, sheet: xlwings.Sheet, names: Mapping[str, Cell], before: LiveSheet | None = None) -> None:
        self.name = sheet.name
        self.names = names
        self.written: dict[Cell, Value] = {}
        self._sheet = sheet
        used = sheet.used_range.last_cell
        self.size = (min(used.row, MOST_ROWS), min(used.column, MOST_COLUMNS))
        whole = self._area((1, 1, *self.size))
        self._values = _by_cell(whole.raw_value)
        self._formulas = {
            cell
            for cell, formula in _by_cell(whole.formula).items()
            if isinstance(formula, str) and formula.startswith("=") and formula != self._values.get(cell)
        }
        self._formats: dict[Cell, NumberFormat] = {}
        merges = before._anchors if before and before.size == self.size else None  # writing merges nothing
        self._anchors: dict[Cell, Cell] = self._read_merges() if merges is None else merges
        self._words: dict[Cell, str] = {}

    def recalculated(self) -> bool:
        """Whether a formula shows anything else than when the sheet was read."""
        if not self._formulas:
            return False
        with _asking():
            now = _by_cell(self._area((1, 1, *self.size)).raw_value)
        return any(now.get(cell) != self._values.get(cell) for cell in self._formulas)

    def filled(self) -> Iterator[Cell]:
        """The cells that hold anything, in reading order."""
        return iter(sorted(self._values.keys() | self._formulas))

    def text(self, cell: Cell) -> str:
        """The words of a cell: its text, or its exact number as its format shows it (0.6 as 60%)."""
        if cell not in self._words:
            self._words[cell] = self._read(cell)
        return self._words[cell]

    def anchor(self, cell: Cell) -> Cell:
        """The cell that holds the words of a merged area, or the cell itself."""
        return self._anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        """Whether the cell holds a live formula."""
        return cell in self._formulas

    def hidden(self, cell: Cell) -> bool:
        """Whether the cell stands in a hidden row or column."""
        return cell[0] in self._hidden_rows or cell[1] in self._hidden_columns

    def struck(self) -> dict[Cell, str]:
        """The words that are struck through, of each cell with such words; Excel is asked for all, then by rows."""
        with _asking():
            areas = [(row, 1, row, self.size[1]) for row in range(1, self.size[0] + 1)]
            rows = [area[0] for area in areas if self._strikes(area)] if self._strikes((1, 1, *self.size)) else ()
            return {cell: words for cell in self.filled() if cell[0] in rows and (words := self._struck(cell))}

    def percent(self, cell: Cell) -> bool:
        """Whether the cell shows a number as percent."""
        return self._format(cell).percent

    def write(self, cell: Cell, value: Value) -> None:
        """Notes `value` for the cell; it is typed by `LiveBook.write`."""
        self.written[cell] = value
        self._words[cell] = format_value(value)

    def take_back(self, cell: Cell) -> None:
        """Forgets what was noted for the cell."""
        self.written.pop(cell, None)
        self._words.pop(cell, None)

    def typed(self) -> Iterator[tuple[Cell, Decimal | str]]:
        """What was written, as a person would type it: numbers and texts. Cells with a formula calculate themselves."""
        for cell, value in self.written.items():
            if cell in self._formulas:
                continue
            if isinstance(value, Decimal):
                yield cell, FIFTEEN.plus(value)
            elif isinstance(value, Quantity) and value.unit == "%" and self._format(cell).percent:
                yield cell, FIFTEEN.divide(value.number, Decimal(100))
            else:
                yield cell, format_value(value)

    def address(self, cell: Cell) -> str:
        """The cell as people name it: 自评表!J17."""
        return f"{self.name}!{column_letters(cell[1])}{cell[0]}"

    def _read(self, cell: Cell) -> str:
        value = self._values.get(cell)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, datetime):
            return as_date(value.date(), self._format(cell))
        if isinstance(value, Decimal):  # a cell with a currency sign, of which Excel gives four places unless asked so
            with _asking():
                value = self._area((*cell, *cell)).api.Value2
        if isinstance(value, int | float):
            number = FIFTEEN.create_decimal(repr(value) if isinstance(value, float) else value)
            return as_formatted(number, self._format(cell), from_1904=False) if number.is_finite() else str(value)
        return str(value)

    def _strikes(self, area: Area) -> bool:
        """Whether any words of an area are struck through; of some only Excel says None."""
        return self._area(area).api.Font.Strikethrough is not False

    def _struck(self, cell: Cell) -> str:
        words, found = self.text(cell), self._area((*cell, *cell)).api
        if (said := found.Font.Strikethrough) is not None:
            return words if said else ""
        return "".join(one for at, one in enumerate(words, 1) if found.GetCharacters(at, 1).Font.Strikethrough)

    def _format(self, cell: Cell) -> NumberFormat:
        if cell not in self._formats:
            with _asking():
                self._formats[cell] = number_format(self._area((*cell, *cell)).number_format or "")
        return self._formats[cell]

    def _read_merges(self) -> dict[Cell, Cell]:
        """Every cell of a merged area → its first cell; a sheet, or the rest of a row, without any is asked once."""
        anchors: dict[Cell, Cell] = {}
        if self._area((1, 1, *self.size)).merge_cells is False:
            return anchors
        for row in range(1, self.size[0] + 1):
            left = [cell for cell in _cells((row, 1, row, self.size[1])) if cell not in anchors]
            found = True  # in a row nothing is known of yet as behind a merged area
            while left:
                if found and len(left) > 1 and self._area((*left[0], *left[-1])).merge_cells is False:
                    break
                cell, *left = left
                one = self._area((*cell, *cell))
                found = bool(one.merge_cells)
                if found:
                    first, _, last = one.merge_area.address.replace("$", "").encode().partition(b":")
                    anchors.update(dict.fromkeys(_cells((*position(first), *position(last or first))), cell))
                    left = [other for other in left if other not in anchors]
        return anchors

    @cached_property
    def _hidden_rows(self) -> set[int]:
        rows = range(1, self.size[0] + 1)
        return _hidden([((row, 1, row, 1), row) for row in rows], lambda area: self._area(area).rows.hidden)

    @cached_property
    def _hidden_columns(self) -> set[int]:
        columns = range(1, self.size[1] + 1)
        return _hidden([((1, one, 1, one), one) for one in columns], lambda area: self._area(area).columns.hidden)

    def _area(self, area: Area) -> xlwings.Range:
        return self._sheet.range(area_name(area))


@contextmanager
def _asking() -> Iterator[None]:
    """Turns what Excel raises while it is being read into `NotReachable`."""
    try:
        yield
    except faults():
        raise NotReachable from None


def _by_cell(said: Any) -> dict[Cell, Any]:
    """What Excel says of an area from A1 on, a row of rows or one cell by itself, without what is blank."""
    rows = said if isinstance(said, tuple | list) else ((said,),)
    return {
        (row, column): _error(value) if isinstance(value, int) else value
        for row, line in enumerate(rows, 1)
        for column, value in enumerate(line, 1)
        if value not in (None, "")
    }


def _error(value: int) -> int | str:
    """The error value that Excel tells as a number: numbers themselves come as floats."""
    number = value - _ERROR
    return _ERRORS.get(number, "#VALUE!") if 2000 <= number < 3000 else value


def _hidden(lines: Sequence[tuple[Area, int]], ask: Callable[[Area], bool | None]) -> set[int]:
    """The rows or columns that are hidden: all are asked at once, then each half of those that differ."""
    with _asking():
        said = ask((*lines[0][0][:2], *lines[-1][0][2:]))
    if said is False:
        return set()
    if said or len(lines) < 2:
        return {number for _, number in lines if said}
    middle = len(lines) // 2
    return _hidden(lines[:middle], ask) | _hidden(lines[middle:], ask)


def _cells(area: Area) -> Iterator[Cell]:
    top, left, bottom, right = area
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _put(thing: Any, name: str, value: Any) -> None:
    """Sets what may be refused by now."""
    try:
        setattr(thing, name, value)
    except faults():
        return
