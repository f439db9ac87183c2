"""Excel on Windows as xlwings' own Windows engine sees it: the modules of pywin32 and Excel's objects are stand-ins.

Between them runs `xlwings._xlwindows` as it is, with its signatures, conversions and retries. The objects answer as
Excel's do by its reference: numbers as floats, amounts as decimals, errors as integers, an area as tuples of rows, None
for an area whose cells differ; a busy Excel rejects calls, and a cell in text format makes a text of a number.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import io
import re
import ssl as ssl  # what it has depends on the platform, which is another from here on
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import xlwings
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

HWND, PID = 4711, 42
REJECTED, EXCEPTION, UNKNOWN = -2147418111, -2147352567, -2147352570
AUTOMATIC, MANUAL = -4105, -4135  # XlCalculation
_PERCENT = re.compile(r"-?\d+(\.\d+)?%")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class ComError(Exception):
    """pywintypes.com_error: its four arguments, and the first of them by name."""

    def __init__(self, hresult: int, words: str = "", info: Any = None, argument: Any = None) -> None:
        super().__init__(hresult, words, info, argument)
        self.hresult, self.strerror, self.excepinfo, self.argerror = hresult, words, info, argument


def refused(words: str) -> ComError:
    """What Excel raises where it does not do something: 1004."""
    return ComError(EXCEPTION, "Exception occurred.", (0, "Microsoft Excel", words, None, 0, -2146827284), None)


class Com:
    """win32com.client.CDispatch: an object of Excel; a name that it has not is told by pywin32 as AttributeError."""

    @property
    def _oleobj_(self) -> Any:
        def look_up(_: int, name: str) -> None:
            raise ComError(UNKNOWN, f"Unknown name: {name}")

        return SimpleNamespace(GetIDsOfNames=look_up)


class Cell:
    """One cell."""

    def __init__(self, value: Any, formula: str, shown_as: str) -> None:
        self.value, self.formula, self.shown_as = value, formula, shown_as

    def type(self, typed: Any) -> None:
        """What a person types, or a program assigns."""
        self.formula = ""
        if typed in ("", None):
            self.value = None
        elif self.shown_as == "@":
            self.value = f"{typed:.15g}" if isinstance(typed, float | int) else typed.removeprefix("'")
        elif not isinstance(typed, str):
            self.value = float(typed)
        elif typed.startswith("'"):
            self.value = typed[1:]
        elif typed.startswith("="):
            self.value, self.formula = 0.0, typed
        elif _PERCENT.fullmatch(typed):
            self.value, self.shown_as = float(Decimal(typed[:-1]) / 100), "0.00%"
        else:
            self.value = float(typed) if _NUMBER.fullmatch(typed) else typed

    @property
    def typed(self) -> str:
        """Range.Formula of it."""
        if self.formula or self.value is None or isinstance(self.value, str):
            return self.formula or self.value or ""
        if isinstance(self.value, int):
            return "#SPILL!"
        return f"{self.value:.15g}" if isinstance(self.value, float) else f"{self.value}"


class Application(Com):
    """Excel. `busy` rejects every call; after `refuse_after` cells one is not taken, as on a partly protected sheet."""

    def __init__(self) -> None:
        self.Hwnd, self.Version, self.books = HWND, "16.0", list[Book]()
        self.ScreenUpdating = self.EnableEvents = True
        self.Calculation = AUTOMATIC
        self.calculated: list[bool] = []  # of each calculation asked for, whether the books' own macros heard of it
        self.busy = False
        self.refuse_after: int | None = None
        self.events: list[str] = []

    @property
    def Application(self) -> Application:  # noqa: N802
        return self

    @property
    def Workbooks(self) -> Books:  # noqa: N802
        self.ask()
        return Books(self)

    def Calculate(self) -> None:  # noqa: N802
        self.calculated.append(self.EnableEvents)

    def ask(self) -> None:
        if self.busy:
            raise ComError(REJECTED, "Call was rejected by callee.")

    def open(self, path: Path, values: dict[str, Any] | None = None) -> Book:
        """Opens a workbook; `values` are what its formulas give."""
        self.books.append(Book(self, path, values or {}))
        return self.books[-1]


class Books(Com):
    def __init__(self, app: Application) -> None:
        self.app = app

    @property
    def Count(self) -> int:  # noqa: N802
        return len(self.app.books)

    def __iter__(self) -> Iterator[Book]:
        return iter(self.app.books)

    def __call__(self, name: str | int) -> Book:
        for book in self.app.books:
            if isinstance(name, str) and book.Name.lower() == name.lower():
                return book
        raise ComError(EXCEPTION, "Exception occurred.", (0, None, None, None, 0, -2147352565), None)


class Book(Com):
    def __init__(self, app: Application, path: Path, values: dict[str, Any]) -> None:
        self.Application, self.Name, self.FullName = app, path.name, str(path)
        drawn = load_workbook(io.BytesIO(path.read_bytes()))
        self.sheets = [Sheet(self, sheet, values) for sheet in drawn.worksheets]
        self.defined = [SimpleCom(Name=name, RefersTo=f"={one.attr_text}") for name, one in drawn.defined_names.items()]

    @property
    def Worksheets(self) -> Many:  # noqa: N802
        self.Application.ask()
        return Many(self.sheets)

    @property
    def Names(self) -> Many:  # noqa: N802
        self.Application.ask()
        return Many(self.defined)


class SimpleCom(Com):
    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)


class Many(Com):
    """A collection, counted from 1."""

    def __init__(self, items: list[Any]) -> None:
        self.items, self.Count = items, len(items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __call__(self, which: int | str) -> Any:
        if isinstance(which, int):
            return self.items[which - 1]
        return next(item for item in self.items if item.Name == which)

    def Item(self, which: int | str) -> Any:  # noqa: N802
        return self(which)


class Sheet(Com):
    def __init__(self, book: Book, drawn: Any, values: dict[str, Any]) -> None:
        self.Parent, self.Name = book, drawn.title
        self.Visible = {"visible": -1, "hidden": 0, "veryHidden": 2}[drawn.sheet_state]
        self.size = (drawn.max_row, drawn.max_column)
        self.merges: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        for area in drawn.merged_cells.ranges:
            cells = [(row, column) for row, column in area.cells]
            self.merges.update(dict.fromkeys(cells, (*cells[0], *cells[-1])))
        self.hidden_rows = {row for row, how in drawn.row_dimensions.items() if how.hidden}
        self.hidden_columns = {letter for letter, how in drawn.column_dimensions.items() if how.hidden}
        self.cells: dict[tuple[int, int], Cell] = {}
        self.struck = {(cell.row, cell.column) for row in drawn.iter_rows() for cell in row if cell.font.strike}
        self.struck_signs: dict[tuple[int, int], str] = {}  # of cells with text of which a part is struck through
        for row in drawn.iter_rows():
            for cell in row:
                formula = cell.value if cell.data_type == "f" else ""
                value = values.get(cell.coordinate, 0.0) if formula else cell.value
                value = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
                self.cells[cell.row, cell.column] = Cell(value, formula, cell.number_format)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def Range(self, first: Any, last: Any = None) -> Area:  # noqa: N802
        if isinstance(first, str):
            named = CellRange(first)
            return Area(self, (named.min_row, named.min_col, named.max_row, named.max_col))
        return Area(self, (first._inner.top, first._inner.left, last._inner.bottom, last._inner.right))

    def Cells(self, row: int, column: int) -> Area:  # noqa: N802
        return Area(self, (row, column, row, column))

    @property
    def UsedRange(self) -> Area:  # noqa: N802
        self.Parent.Application.ask()
        return Area(self, (1, 1, *self.size))

    def cell(self, row: int, column: int) -> Cell:
        return self.cells.setdefault((row, column), Cell(None, "", "General"))


class Area(Com):
    def __init__(self, sheet: Sheet, area: tuple[int, int, int, int]) -> None:
        self.__dict__.update(Worksheet=sheet, area=area)
        self.__dict__.update(zip(("top", "left", "bottom", "right"), area, strict=True))

    top: int
    left: int
    bottom: int
    right: int
    Worksheet: Sheet
    area: tuple[int, int, int, int]

    @property
    def Row(self) -> int:  # noqa: N802
        return self.top

    @property
    def Column(self) -> int:  # noqa: N802
        return self.left

    @property
    def Rows(self) -> Many:  # noqa: N802
        return Many([Line(Hidden=row in self.Worksheet.hidden_rows) for row in range(self.top, self.bottom + 1)])

    @property
    def Columns(self) -> Many:  # noqa: N802
        letters = map(get_column_letter, range(self.left, self.right + 1))
        return Many([Line(Hidden=letter in self.Worksheet.hidden_columns) for letter in letters])

    @property
    def Font(self) -> Line:  # noqa: N802
        sheet = self.Worksheet
        lines, columns = range(self.top, self.bottom + 1), range(self.left, self.right + 1)
        said = {None if at in sheet.struck_signs else at in sheet.struck for at in product(lines, columns)}
        return Line(Strikethrough=said.pop() if len(said) == 1 else None)

    def GetCharacters(self, at: int, _: int) -> Line:  # noqa: N802
        sign = str(self.Value)[at - 1]
        return Line(Font=Line(Strikethrough=sign in self.Worksheet.struck_signs[self.top, self.left]))

    @property
    def EntireRow(self) -> Area:  # noqa: N802
        return self

    EntireColumn = EntireRow

    @property
    def Address(self) -> str:  # noqa: N802
        first = f"${get_column_letter(self.left)}${self.top}"
        last = f":${get_column_letter(self.right)}${self.bottom}"
        return first if self.area[:2] == self.area[2:] else first + last

    def __call__(self, row: int, column: int) -> Area:
        return self.Worksheet.Cells(self.top + row - 1, self.left + column - 1)

    def rows(self) -> list[list[Cell]]:
        self.Worksheet.Parent.Application.ask()
        columns = range(self.left, self.right + 1)
        return [[self.Worksheet.cell(row, column) for column in columns] for row in range(self.top, self.bottom + 1)]

    def every(self, name: str) -> Any:
        said = tuple(tuple(getattr(cell, name) for cell in row) for row in self.rows())
        return said if self.area[:2] != self.area[2:] else said[0][0]

    def __setattr__(self, name: str, given: Any) -> None:
        {"Value": self._type, "Formula": self._type, "NumberFormat": self._format}[name](given)

    def _type(self, given: Any) -> None:
        app = self.Worksheet.Parent.Application
        rows = self.rows()
        lines = given if isinstance(given, list | tuple) else [[given] * len(rows[0])] * len(rows)
        for row, line in zip(rows, lines, strict=True):
            for cell, value in zip(row, line, strict=True):
                if app.refuse_after is not None:
                    app.refuse_after -= 1
                if app.refuse_after == -1:
                    raise refused("The cell or chart you're trying to change is on a protected sheet.")
                cell.type(value)
        if app.EnableEvents:
            app.events.append(self.Address)

    def _format(self, code: str) -> None:
        for row in self.rows():
            for cell in row:
                cell.shown_as = code

    @property
    def Value(self) -> Any:  # noqa: N802
        return self.every("value")

    Value2 = Value

    @property
    def Formula(self) -> Any:  # noqa: N802
        return self.every("typed")

    @property
    def NumberFormat(self) -> str | None:  # noqa: N802
        said = {cell.shown_as for row in self.rows() for cell in row}
        return said.pop() if len(said) == 1 else None

    @property
    def MergeArea(self) -> Area:  # noqa: N802
        return Area(self.Worksheet, self.Worksheet.merges.get((self.top, self.left), self.area))

    @property
    def MergeCells(self) -> bool | None:  # noqa: N802
        merges, columns = self.Worksheet.merges, range(self.left, self.right + 1)
        said = {(row, column) in merges for row in range(self.top, self.bottom + 1) for column in columns}
        return said.pop() if len(said) == 1 else None


class Line(SimpleCom):
    """A row or column."""


def install(patch: pytest.MonkeyPatch) -> Application:
    """Makes a stand-in Excel the engine of xlwings, as on Windows; gives it."""
    app = Application()
    window = SimpleNamespace(FindWindowEx=lambda parent, *_: parent and 1)
    stubs: dict[str, Any] = {
        "pywintypes": {"com_error": ComError, "error": type("error", (Exception,), {}), "TimeType": datetime},
        "win32api": {},
        "win32con": {},
        "pythoncom": {"CoInitialize": lambda: None, "ole_error": ComError, "__file__": "pythoncom311.dll"},
        "win32com": {},
        "win32com.client": dict.fromkeys(("CDispatch", "DispatchEx"), Com)
        | {"Dispatch": lambda made: made, "CoClassBaseClass": Com, "DispatchBaseClass": Com},
        "win32gui": vars(window),
        "win32process": {"GetWindowThreadProcessId": lambda _: (1, PID)},
        "win32timezone": {"TimeZoneInfo": SimpleNamespace(utc=lambda: UTC)},
    }
    for name, members in stubs.items():
        module = ModuleType(name)
        vars(module).update(members)
        patch.setitem(sys.modules, name, module)
    sys.modules["win32com"].client = sys.modules["win32com.client"]  # type: ignore[attr-defined]
    found = SimpleNamespace(PyCom_PyObjectFromIUnknown=Native(app))
    nothing = SimpleNamespace(
        ole32=SimpleNamespace(CLSIDFromString=lambda *_: 0),
        oleacc=SimpleNamespace(AccessibleObjectFromWindow=lambda *_: 0),
        user32=SimpleNamespace(GetTopWindow=lambda _: HWND, GetWindow=lambda *_: 0),
    )
    with pytest.MonkeyPatch.context() as loading:
        loading.setattr(ctypes, "PyDLL", lambda _: found)
        loading.setattr(ctypes, "oledll", nothing, raising=False)
        loading.setattr(ctypes, "windll", nothing, raising=False)
        patch.delitem(sys.modules, "xlwings._xlwindows", raising=False)
        windows = importlib.import_module("xlwings._xlwindows")
    atexit.unregister(windows.cleanup)
    patch.setitem(sys.modules, "xlwings._xlwindows", windows)
    patch.setattr(xlwings, "_xlwindows", windows, raising=False)
    patch.setattr(sys, "platform", "win32")
    engine = xlwings.Engine(impl=windows.engine)
    patch.setattr(xlwings.engines, "engines", [engine])
    patch.setattr(xlwings.engines, "active", engine)
    return app


class Native:
    """The function of pythoncom that makes an object of a pointer."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, *_: Any) -> SimpleCom:
        return SimpleCom(Application=self.app)
