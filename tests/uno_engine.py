"""LibreOffice behind xlwings' object model, as Excel stands behind it on Windows: what the live handler calls, no more.

Registered with `xlwings.engines.add`; each method does over UNO what Excel's does, also its tri-state answers: None for
an area whose cells differ.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import xlwings

_import = builtins.__import__
try:
    import uno
except ImportError:  # Debian puts it beside the packages of the system's Python
    sys.path.append("/usr/lib/python3/dist-packages")
    import uno

from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException as NoConnectException  # type: ignore[import-not-found]
from com.sun.star.table.CellContentType import EMPTY, FORMULA, VALUE  # type: ignore[import-not-found]
from com.sun.star.uno import RuntimeException  # type: ignore[import-not-found]

builtins.__import__ = _import  # uno's own raises another ImportError than other packages expect


def properties(given: dict[str, Any]) -> tuple[Any, ...]:
    """Named values as UNO takes them."""
    return tuple(PropertyValue(Name=name, Value=value) for name, value in given.items())


def desktop(pipe: str) -> Any:
    """The desktop of the LibreOffice that listens on a pipe."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
    return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)


def register(pipe: str) -> None:
    """Makes LibreOffice the engine of xlwings."""
    engine = xlwings.Engine(impl=UnoEngine(pipe))
    xlwings.engines.add(engine)
    engine.activate()


class UnoEngine:
    name, type = "libreoffice", "desktop"

    def __init__(self, pipe: str) -> None:
        self.apps = UnoApps(UnoApp(desktop(pipe), self))

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Any, dates: Any, empty: Any, numbers: Any, errors: bool) -> Any:
        return [[empty if value in ("", None) else value for value in row] for row in data]


class UnoApps:
    def __init__(self, app: UnoApp) -> None:
        self.app = app

    def __iter__(self) -> Iterator[UnoApp]:
        return iter([self.app])

    def __len__(self) -> int:
        return 1

    def keys(self) -> list[int]:
        return [1]

    def __getitem__(self, pid: int) -> UnoApp:
        return self.app


class UnoApp:
    pid, hwnd = 1, 0
    version = "16.0"

    def __init__(self, root: Any, engine: UnoEngine | None) -> None:
        self.root, self.engine = root, engine
        self.screen_updating = self.enable_events = True

    @property
    def books(self) -> UnoBooks:
        return UnoBooks(self)

    @property
    def calculation(self) -> str:
        return "automatic" if all(book.document.isAutomaticCalculationEnabled() for book in self.books) else "manual"

    def calculate(self) -> None:
        for book in self.books:
            book.document.calculate()

    def activate(self, steal_focus: bool = False) -> None: ...


class UnoBooks:
    def __init__(self, app: UnoApp) -> None:
        self.app = app

    @property
    def _open(self) -> list[UnoBook]:
        found, every = [], self.app.root.Components.createEnumeration()
        while every.hasMoreElements():
            document = every.nextElement()
            if document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
                found.append(UnoBook(self.app, document))
        return found

    def __iter__(self) -> Iterator[UnoBook]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def __call__(self, name: str | int) -> UnoBook:
        if isinstance(name, int):
            return self._open[name - 1]
        for book in self._open:
            if book.name.lower() == name.lower():
                return book
        raise KeyError(name)


class UnoBook:
    def __init__(self, app: UnoApp, document: Any) -> None:
        self.app, self.document = app, document

    @property
    def fullname(self) -> str:
        return str(uno.fileUrlToSystemPath(self.document.URL)) if self.document.URL else self.name

    @property
    def name(self) -> str:
        return str(self.document.URL.rpartition("/")[2] and self.fullname_of_url) or str(self.document.Title)

    @property
    def fullname_of_url(self) -> str:
        return str(uno.fileUrlToSystemPath(self.document.URL)).rpartition("/")[2]

    @property
    def sheets(self) -> UnoSheets:
        return UnoSheets(self)

    @property
    def names(self) -> UnoNames:
        return UnoNames(self.document.NamedRanges)


class UnoNames:
    def __init__(self, ranges: Any) -> None:
        self.ranges = ranges

    def __len__(self) -> int:
        return int(self.ranges.Count)

    def __call__(self, index: int) -> UnoName:
        return UnoName(self.ranges.getByName(self.ranges.ElementNames[index - 1]))

    def snapshot(self) -> list[tuple[str, UnoName]]:
        return [(name, UnoName(self.ranges.getByName(name))) for name in self.ranges.ElementNames]


class UnoName:
    def __init__(self, named: Any) -> None:
        self.name = named.Name
        sheet, _, cell = named.Content.replace("$", "").rpartition(".")
        letters = cell.rstrip("0123456789")
        self.refers_to = f"={sheet}!${letters}${cell[len(letters) :]}"


class UnoSheets:
    def __init__(self, book: UnoBook) -> None:
        self.book, self.sheets = book, book.document.Sheets

    def __len__(self) -> int:
        return int(self.sheets.Count)

    def __iter__(self) -> Iterator[UnoSheet]:
        return (UnoSheet(self.book, self.sheets.getByIndex(index)) for index in range(len(self)))

    def __call__(self, name: str | int) -> UnoSheet:
        found = self.sheets.getByIndex(name - 1) if isinstance(name, int) else self.sheets.getByName(name)
        return UnoSheet(self.book, found)


class UnoSheet:
    def __init__(self, book: UnoBook, sheet: Any) -> None:
        self.book, self.sheet = book, sheet

    @property
    def name(self) -> str:
        return str(self.sheet.Name)

    @property
    def visible(self) -> bool:
        return bool(self.sheet.IsVisible)

    @property
    def used_range(self) -> UnoRange:
        cursor = self.sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        cursor.gotoStartOfUsedArea(True)
        return UnoRange(self, cursor.RangeAddress)

    def range(self, first: Any, last: Any = None) -> UnoRange:
        if isinstance(first, str):
            return UnoRange(self, self.sheet.getCellRangeByName(first).RangeAddress)
        first = (first.row, first.column) if isinstance(first, UnoRange) else first
        last = (last.at.EndRow + 1, last.at.EndColumn + 1) if isinstance(last, UnoRange) else last or first
        area = self.sheet.getCellRangeByPosition(first[1] - 1, first[0] - 1, last[1] - 1, last[0] - 1)
        return UnoRange(self, area.RangeAddress)


class UnoRange:
    max_cells_per_read, max_cells_per_write = 4_000_000, 100_000
    options: Any = None

    def __init__(self, sheet: UnoSheet, at: Any) -> None:
        self.sheet, self.at = sheet, at
        self.area = sheet.sheet.getCellRangeByPosition(at.StartColumn, at.StartRow, at.EndColumn, at.EndRow)

    @property
    def api(self) -> Any:
        """As much of Excel's own object as is asked: whether the font is struck through; None where cells differ."""
        differ = self.area.getPropertyState("CharStrikeout").value == "AMBIGUOUS_VALUE"
        struck = None if differ else bool(self.area.CharStrikeout)
        return SimpleNamespace(Font=SimpleNamespace(Strikethrough=struck))

    @property
    def rows(self) -> UnoRange:
        return self

    columns = rows

    @property
    def row(self) -> int:
        return int(self.at.StartRow) + 1

    @property
    def column(self) -> int:
        return int(self.at.StartColumn) + 1

    @property
    def address(self) -> str:
        return str(self.area.AbsoluteName).rpartition(".")[2]

    @property
    def shape(self) -> tuple[int, int]:
        return self.at.EndRow - self.at.StartRow + 1, self.at.EndColumn - self.at.StartColumn + 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> UnoRange:
        return self.sheet.range((self.row + row - 1, self.column + column - 1))

    def cells(self) -> Iterator[Any]:
        rows, columns = self.shape
        return (self.area.getCellByPosition(column, row) for row in range(rows) for column in range(columns))

    @property
    def raw_value(self) -> Any:
        return self.area.getDataArray()

    @raw_value.setter
    def raw_value(self, values: Any) -> None:
        rows = values if isinstance(values, list | tuple) else [[values]]
        try:
            for cell, value in zip(self.cells(), [value for row in rows for value in row], strict=True):
                if self.sheet.sheet.isProtected() and cell.CellProtection.IsLocked:
                    raise xlwings.XlwingsError("protected")
                if isinstance(value, str) and value.startswith(
                    "'"
                ):  # as Excel: the rest is text whatever it looks like
                    cell.setString(value[1:])
                elif isinstance(value, str):
                    cell.setFormula(value)
                else:
                    cell.setValue(value)
        except RuntimeException as fault:
            raise xlwings.XlwingsError(str(fault)) from None

    @property
    def formula(self) -> Any:
        said = tuple(
            tuple(_formula(self.area.getCellByPosition(c, r)) for c in range(self.shape[1]))
            for r in range(self.shape[0])
        )
        return said if len(self) > 1 else said[0][0]

    @formula.setter
    def formula(self, formulas: Any) -> None:
        rows = formulas if isinstance(formulas, tuple | list) else ((formulas,),)
        for cell, formula in zip(self.cells(), [formula for row in rows for formula in row], strict=True):
            cell.setFormula(formula)

    @property
    def number_format(self) -> str | None:
        formats = self.sheet.book.document.NumberFormats
        kept = {cell.NumberFormat for cell in self.cells()}
        if len(kept) > 1:
            return None
        code = str(formats.getByKey(kept.pop()).FormatString)
        return "General" if code in ("General", "Standard", "G/通用格式") else code

    @number_format.setter
    def number_format(self, code: str) -> None:
        formats, locale = self.sheet.book.document.NumberFormats, self.area.CharLocale
        key = formats.queryKey(code, locale, False)
        self.area.NumberFormat = formats.addNew(code, locale) if key < 0 else key

    @property
    def merge_cells(self) -> bool | None:
        merged = {self._area_of(cell) != cell.RangeAddress for cell in self.cells()}
        return merged.pop() if len(merged) == 1 else None

    @property
    def merge_area(self) -> UnoRange:
        return UnoRange(self.sheet, self._area_of(self.area.getCellByPosition(0, 0)))

    def _area_of(self, cell: Any) -> Any:
        cursor = self.sheet.sheet.createCursorByRange(cell)
        cursor.collapseToMergedArea()
        return cursor.RangeAddress

    @property
    def row_hidden(self) -> bool | None:
        return self._alike({not self.area.Rows.getByIndex(row).IsVisible for row in range(self.shape[0])})

    @property
    def column_hidden(self) -> bool | None:
        return self._alike({not self.area.Columns.getByIndex(column).IsVisible for column in range(self.shape[1])})

    @staticmethod
    def _alike(said: set[bool]) -> bool | None:
        return said.pop() if len(said) == 1 else None


def _formula(cell: Any) -> str:
    """What Excel gives as the formula of a cell: that of a formula, else what a person would see in the bar above."""
    if cell.Type == EMPTY:
        return ""
    if cell.Type == FORMULA:
        return str(cell.getFormula())
    return repr(cell.getValue()) if cell.Type == VALUE else str(cell.getString())
