"""Forms drawn as text become sheets of a workbook: one line for each printed row, bars between its columns.

<           this cell continues the cell on its left; the last cell of a line reaches to the last column
^           this cell continues the cell above
¶           a line break inside the cell
{0.00}      the number format of the cell; a cell with nothing else is left empty for its computed value
# , *       at the start of a line: the row opens a part of the form, is a heading or a sum
empty line  a new page of paper
== 月度统计   the rows that follow stand on a sheet of their own
= 12 14 18  the widths of its columns, in digits; ten columns where no line says so
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.terminal import width

WIDTHS = (12, 14, 18, 18, 18, 17, 24, 13, 18, 18)  # of the columns A to J, in digits
FORM = "自评表"
Cell = tuple[int, int]
LINE_HEIGHT, PADDING, LOWEST = 15.5, 8.0, 25.0  # of the rows, in points, for text of 10.5 points
LONG = 22  # characters: longer text starts at the left edge, shorter text is centred
NUMBER = re.compile(r"-?\d+(\.\d+)?")
CELL = re.compile(r"(?P<words>.*?)\s*(\{(?P<format>.+)\})?")

TITLE = Font(name="方正小标宋简体", size=18)
BODY = Font(name="仿宋_GB2312", size=10.5)
HEADING = Font(name="仿宋_GB2312", size=10.5, bold=True)
SECTION = Font(name="黑体", size=11)
MARKED = {"# ": SECTION, "* ": HEADING}
THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
ABOVE_THE_TABLE = (BODY, TITLE, BODY)  # the annex number, the title, the unit and the date


class Area(NamedTuple):
    """One printed cell: its words, its number format ("" for the ordinary one), first and last column, last row."""

    words: str
    number_format: str
    first: int
    last: int
    bottom: int = 0


def draw_form(lines: Iterable[str]) -> Workbook:
    """A workbook with the sheet 自评表 that the lines describe, and those that they name."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator = "workbook_tools"
    drawn: dict[str, list[str]] = {}
    name = FORM
    for line in lines:
        if line.startswith("== "):
            name = line[3:].strip()
        else:
            drawn.setdefault(name, []).append(line)
    for name, text in drawn.items():
        _draw_sheet(workbook.create_sheet(name), text)
    return workbook


def _draw_sheet(sheet: Worksheet, lines: Sequence[str]) -> None:
    widths: tuple[float, ...] = WIDTHS
    merged: dict[Cell, Area] = {}  # first cell of a printed cell → what it is and how far it goes down
    tops: dict[Cell, Cell] = {}
    row = 0
    for line in lines:
        if line.startswith("= "):
            widths = tuple(float(width) for width in line[2:].split())
            continue
        if not line:
            sheet.row_breaks.append(Break(id=row))
            continue
        row += 1
        boxed = row > len(ABOVE_THE_TABLE)
        font = MARKED.get(line[:2], BODY) if boxed else ABOVE_THE_TABLE[row - 1]
        areas = _areas(line[2:] if line[:2] in MARKED else line, len(widths))
        _draw_row(sheet, row, areas, font, widths, boxed=boxed)
        for area in areas:
            above = tops.get((row - 1, area.first)) if area.words == "^" else None
            top = tops[row, area.first] = above or (row, area.first)
            merged[top] = merged[top]._replace(bottom=row) if above else area._replace(bottom=row)
    for (start, first), area in merged.items():
        if (start, first) != (area.bottom, area.last):
            sheet.merge_cells(start_row=start, end_row=area.bottom, start_column=first, end_column=area.last)
    _set_page(sheet, widths)


def _areas(line: str, columns: int) -> list[Area]:
    """The printed cells of one line, from left to right."""
    found: list[Area] = []
    for column, text in enumerate((part.strip() for part in line.split("|")), start=1):
        cell = CELL.fullmatch(text)
        if text == "<":
            found[-1] = found[-1]._replace(last=column)
        elif cell:
            words = cell["words"].replace("¶", "\n")
            found.append(Area(words, cell["format"] or "", column, column))
    found[-1] = found[-1]._replace(last=columns)
    return found


def _value(words: str) -> str | int | float | None:
    """What is typed into the cell: a number where only a number is printed, None where nothing is."""
    if NUMBER.fullmatch(words):
        return float(words) if "." in words else int(words)
    return words or None


def _height(cells: Sequence[Area], widths: Sequence[float]) -> float:
    """The points a row needs so that no text is cut off; spreadsheets do not work this out for merged cells."""
    most = 1
    for area in cells:
        room = sum(widths[area.first - 1 : area.last]) - 2
        shown = [] if area.words.startswith("=") else area.words.split("\n")
        most = max(most, sum(max(1, ceil(width(line) / room)) for line in shown))
    return max(LOWEST, most * LINE_HEIGHT + PADDING)


def _draw_row(
    sheet: Worksheet, row: int, cells: Sequence[Area], font: Font, widths: Sequence[float], *, boxed: bool
) -> None:
    """Writes one line of the form into a row of the sheet; cells that continue upwards are left for later."""
    sheet.row_dimensions[row].height = _height(cells, widths)
    for column in range(1, len(widths) + 1):
        sheet.cell(row, column).font = font
        if boxed:
            sheet.cell(row, column).border = BOX
    for area in cells:
        cell = sheet.cell(row, area.first)
        if area.words != "^":
            sheet.cell(row, area.first, _value(area.words))
        cell.number_format = area.number_format or "General"
        left = font is SECTION or (font is BODY and (len(area.words) > LONG or not boxed))
        cell.alignment = Alignment(horizontal="left" if left else "center", vertical="center", wrap_text=True)


def _set_page(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Landscape A4, one page wide, title and unit repeated on each page, pages numbered."""
    for column, digits in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = digits
    sheet.print_area = f"A1:{get_column_letter(len(widths))}{sheet.max_row}"
    sheet.print_title_rows = "2:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.7, 0.3
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
