"""Sheets that are printed as official tables: a title, headings that every page repeats, borders, numbers, a total.

Written row by row, so that memory does not grow with a table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from workbook_tools.excel.loading import put_text
from workbook_tools.excel.new_book import A3, A4, MOST_LINKS, one_page_wide
from workbook_tools.excel.remote import is_elsewhere
from workbook_tools.terminal import width
from workbook_tools.text import shown_path

Kind = Literal["text", "word", "count", "points", "money", "percent"]
Value = float | Decimal | str | None
Written = Any  # a cell with its ready style, which the stubs do not know
Sheet = Any  # openpyxl: the stubs of a sheet that is written row by row know less than it has
NUMBER, TOTAL = "序号", "合计"
HEAD = 3  # the row of the headings, below the title and the note
FORMATS: Mapping[Kind, str] = {"count": "0", "points": "0.00", "money": "#,##0.00", "percent": "0.00%"}
LINE, MOST_LINES = 14, 6  # points; of one row
WIDE = 190  # digits; a wider table is printed on A3
SAMPLE = 200  # rows by which the columns are made wide enough
_LINE = Side(style="thin", color="808080")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_GREY = PatternFill("solid", fgColor="DDEBF7")
_PALE = PatternFill("solid", fgColor="F2F2F2")
_ASKED = PatternFill("solid", fgColor="FFF2CC")
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


class Column(NamedTuple):
    """A column: its heading, what stands in it, and how wide it may become, in digits."""

    title: str
    kind: Kind = "text"
    widest: int = 26
    asked: bool = False  # filled in by a person


class Link(NamedTuple):
    """Words that lead to a file, and there to a cell; `shown` "" is the path itself."""

    path: str
    cell: str = ""
    shown: str = ""


class Printed(NamedTuple):
    """Where the rows of a table stand: the first and the last; `last` is below `first` where there are none."""

    first: int
    last: int


def official_table(
    sheet: Sheet,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value | Link]],
    *,
    note: str = "",
    total: Sequence[Value] | None = None,
    beside: Path | None = None,
    printed: int | None = None,
) -> Printed:
    """Writes the table: number, columns, a total in the last row; links are relative to the folder `beside`.

    Of the columns only the first `printed` are printed.
    """
    rows = iter(rows)
    first = list(islice(rows, SAMPLE))
    every = (Column(NUMBER, "count", 6), *columns)
    last_column = get_column_letter(len(every))
    across = get_column_letter(printed + 1) if printed else last_column
    widths = [6, *(_room(column, [row[at] for row in first]) for at, column in enumerate(columns))]
    for at, room in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = room
    sheet.freeze_panes = f"A{HEAD + 1}"
    one_page_wide(sheet, A3 if sum(widths[: (printed or len(columns)) + 1]) > WIDE else A4)
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    styles = _Styles(sheet)
    for at, height in ((1, 30), (2, 18), (HEAD, 2 * LINE + 6)):
        sheet.row_dimensions[at].height = height
    _across(sheet, 1, across)
    sheet.append([styles.cell(title, "title")])
    _across(sheet, 2, across)
    sheet.append([styles.cell(note, "note")])
    sheet.append([styles.cell(column.title, "head") for column in every])
    count = HEAD
    links = MOST_LINKS if beside is not None else 0  # how many more there may be; a row has all of its links or none
    address = cache(partial(relative, folder=beside or Path()))  # a file has many rows, and asking the disk is slow
    for count, row in enumerate(chain(first, rows), HEAD + 1):
        sheet.row_dimensions[count].height = LINE * min(_lines(row, widths), MOST_LINES) + 5
        written = [
            styles.cell(value, column.kind, asked=column.asked) for value, column in zip(row, columns, strict=True)
        ]
        links -= sum(isinstance(value, Link) and value.path != "" for value in row)
        if links >= 0 and beside is not None:
            for cell, value in zip(written, row, strict=True):
                if isinstance(value, Link):
                    _link(cell, value, address, styles)
        sheet.append([styles.cell(count - HEAD, "count"), *written])
        sheet.row_dimensions.pop(count, None)  # written with the row; one for each would not stay small
    if printed is not None:
        sheet.print_area = f"A1:{get_column_letter(printed + 1)}{count + (total is not None)}"
    if count > HEAD:
        sheet.auto_filter.ref = f"A{HEAD}:{last_column}{count}"
    if total is not None and count > HEAD:
        sheet.row_dimensions[count + 1].height = LINE * min(_lines(total, widths), MOST_LINES) + 5
        said = [styles.cell(value, column.kind, bold=True) for value, column in zip(total, columns, strict=True)]
        sheet.append([styles.cell(TOTAL, "total"), *said])
    return Printed(HEAD + 1, count)


def sum_of(values: Iterable[Value]) -> float | None:
    """The exact sum of the known numbers; None where there is none."""
    known = [Decimal(str(value)) for value in values if isinstance(value, float | int | Decimal) and value == value]
    return float(sum(known, Decimal(0))) if known else None


class _Styles:
    """Cells of a sheet, each style made once."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._known: dict[tuple[str, bool, bool, bool], Any] = {}

    def cell(
        self, value: Value | Link, kind: str, *, bold: bool = False, asked: bool = False, link: bool = False
    ) -> Written:
        """A cell with a value; words are never a formula."""
        value = _plain(value)
        cell: Written = WriteOnlyCell(self._sheet, value if not isinstance(value, str) else None)
        if isinstance(value, str) and value:
            put_text(cell, value)
        words = isinstance(value, str) and kind in FORMATS
        cell._style = self.style("word" if words else kind, bold=bold, asked=asked, link=link)
        return cell

    def style(self, kind: str, *, bold: bool = False, asked: bool = False, link: bool = False) -> Any:
        """The style of a kind of cell."""
        key = (kind, bold, asked, link)
        if key not in self._known:
            cell: Written = WriteOnlyCell(self._sheet, "")
            _dress(cell, kind, bold=bold, asked=asked, link=link)
            self._known[key] = cell._style
        return self._known[key]


def _dress(cell: Cell, kind: str, *, bold: bool, asked: bool, link: bool) -> None:
    if kind == "title":
        cell.font, cell.alignment = Font(name="黑体", size=16), Alignment(horizontal="center", vertical="center")
        return
    if kind == "note":
        cell.font, cell.alignment = Font(name="宋体", size=10), Alignment(horizontal="right", vertical="center")
        return
    heading = kind in ("head", "total")
    cell.font = Font(name="宋体", size=10, bold=heading or bold)
    if link:
        cell.font = Font(name="宋体", size=10, color="0563C1", underline="single")
    cell.border = _BORDER
    cell.alignment = _MIDDLE if heading or kind in ("word", "count") else Alignment(vertical="center", wrap_text=True)
    if kind in ("points", "money", "percent"):
        cell.alignment = Alignment(horizontal="right", vertical="center")
    if kind in FORMATS:
        cell.number_format = FORMATS[kind]  # type: ignore[index]
    if heading or bold:
        cell.fill = _GREY if kind == "head" else _PALE
    if asked:
        cell.fill = _ASKED
    if asked and kind == "text":
        cell.number_format = "@"  # what is typed stays as it is typed: 95%, ≥3


def _plain(value: Value | Link) -> float | str | None:
    if isinstance(value, Link):
        return value.shown or shown_path(value.path)
    if value is None or value != value:
        return None
    return float(value) if isinstance(value, Decimal) else value


def _link(cell: Written, link: Link, address: Callable[[str], str], styles: _Styles) -> None:
    if not link.path:
        return
    cell.hyperlink = Hyperlink(ref="", target=address(link.path), location=_location(link.cell))
    cell._style = styles.style("text", link=True)


def relative(path: str, folder: Path) -> str:
    """The address of a file as seen from a folder, so that both can be moved together; whole on another drive."""
    if is_elsewhere(path):
        return path
    file = Path(path).resolve()
    try:
        seen = Path(os.path.relpath(file, folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return file.as_uri()
    return "".join(sign if ord(sign) > 127 else quote(sign) for sign in seen)


def _location(cell: str) -> str | None:
    sheet, mark, address = cell.rpartition("!")
    return f"'{sheet.replace(chr(39), chr(39) * 2)}'!{address}" if mark else None


def _across(sheet: Sheet, row: int, last_column: str) -> None:
    sheet.merged_cells.add(f"A{row}:{last_column}{row}")


def _seen(value: Value | Link, kind: Kind) -> str:
    plain = _plain(value)
    if plain is None or isinstance(plain, str):
        return plain or ""
    return {"percent": f"{plain:.2%}", "count": f"{plain:.0f}"}.get(kind, f"{plain:,.2f}")


def _room(column: Column, values: Iterable[Value | Link]) -> int:
    widest = max((width(_seen(value, column.kind)) for value in values), default=0)
    least = max(7, ceil(width(column.title) / 2) + (4 if column.kind == "money" else 2))  # a long heading has two lines
    most = max(column.widest, least)
    return most if column.asked else min(max(least, widest + 2), most)


def _lines(row: Sequence[Value | Link], widths: Sequence[int]) -> int:
    """How many lines the row needs."""
    return max((lines_in(_plain(value), room) for value, room in zip(row, widths[1:], strict=True)), default=1)


def lines_in(value: Decimal | float | str | None, room: float) -> int:
    """How many lines a value takes in a column that is so many digits wide; a number takes one."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, ceil(width(line) / max(room - 1.5, 1))) for line in value.split("\n"))
