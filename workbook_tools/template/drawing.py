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

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.errors import FileRejected
from workbook_tools.excel.loading import put_text
from workbook_tools.terminal import width
from workbook_tools.text import regex, visible, wrong_in_cell

WIDTHS = (12, 22, 16, 18, 16, 18, 32, 13, 30, 31)  # of the columns A to J, in digits
FORM = "自评表"
Position = tuple[int, int]
LINE_HEIGHT, PADDING, LOWEST = 15.5, 8.0, 22.0  # of the rows, in points, for text of 10.5 points
TITLE_HEIGHT = 32.0
LONG = 22  # characters: longer text starts at the left edge, shorter text is centred
NUMBER = regex(r"-?\d+(\.\d+)?")
_HIDDEN = 0xF0000  # where the characters that mean something in a line stand while they are words of data
_SIGNS = "|{}<^¶#*="

TITLE = Font(name="方正小标宋简体", size=18)
BODY = Font(name="仿宋_GB2312", size=10.5)
HEADING = Font(name="仿宋_GB2312", size=10.5, bold=True)
SECTION = Font(name="黑体", size=11)
MARKED = {"# ": SECTION, "* ": HEADING}
THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
ABOVE_THE_TABLE = (BODY, TITLE, BODY)  # the annex number, the title, the unit and the date
TO_FILL_IN = PatternFill("solid", bgColor="FFFBE6")
A4 = (842.0, 595.0)  # points
SIDES, TOP, BOTTOM, FOOTER = 0.5, 0.45, 0.6, 0.3  # margins, in inches
READABLE = 0.7  # the least scale at which a sheet is turned upright rather than broken over pages


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


def as_printed(words: str) -> str:
    """Words of data for a cell of a line: none of their characters is taken for a sign of the line or of a formula.

    A number that is written plainly goes into its cell as a number.
    """
    signs = _SIGNS if _is_plain_number(words) else f"{_SIGNS}{words[:1]}"
    hidden = {ord(sign): chr(_HIDDEN + ord(sign)) for sign in signs if ord(sign) < 0x100}
    return words.strip().translate(hidden).replace("\n", "¶")


def put_words(cell: Cell | MergedCell, words: str) -> None:
    """Puts words of data into a cell: a number that is written plainly as a number, anything else as text.

    Raises `FileRejected` for words that no cell holds.
    """
    if _is_plain_number(words):
        cell.value = _value(words)
        return
    if why := wrong_in_cell(words):
        raise FileRejected("E_TEXT", f"“{visible(words[:20])}……”这一格的内容{why}")
    put_text(cell, words)


def _is_plain_number(words: str) -> bool:
    return bool(NUMBER.fullmatch(words)) and str(_value(words)) == words


def _shown(words: str) -> str:
    return "".join(chr(ord(c) - _HIDDEN) if _HIDDEN <= ord(c) < _HIDDEN + 0x100 else c for c in words)


def _draw_sheet(sheet: Worksheet, lines: Sequence[str]) -> None:
    widths: tuple[float, ...] = WIDTHS
    merged: dict[Position, Area] = {}  # first cell of a printed cell → what it is and how far it goes down
    tops: dict[Position, Position] = {}
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
    _set_heights(sheet, merged, widths)
    _set_page(sheet, widths)


def _areas(line: str, columns: int) -> list[Area]:
    """The printed cells of one line, from left to right."""
    found: list[Area] = []
    for column, text in enumerate((part.strip() for part in line.split("|")), start=1):
        if text == "<":
            found[-1] = found[-1]._replace(last=column)
            continue
        words, number_format = words_and_format(text)
        found.append(Area(words.replace("¶", "\n"), number_format, column, column))
    found[-1] = found[-1]._replace(last=columns)
    return found


def words_and_format(text: str) -> tuple[str, str]:
    """What a cell of a line prints, and its number format, "" where none is written."""
    words, opened, number_format = text.partition("{")
    if opened and text.endswith("}") and len(number_format) > 1:
        return words.rstrip(), number_format[:-1]
    return text.rstrip(), ""


def _value(words: str) -> str | int | float | None:
    """What is typed into the cell: a number where only a number is printed, None where nothing is."""
    if NUMBER.fullmatch(words):
        return float(words) if "." in words else int(words)
    return words or None


def text_height(cells: Sequence[Area], widths: Sequence[float]) -> float:
    """The points a row needs so that no text is cut off; spreadsheets do not work this out for merged cells."""
    most = 1
    for area in cells:
        room = sum(widths[area.first - 1 : area.last]) - 2
        shown = [] if area.words.startswith("=") else area.words.split("\n")
        most = max(most, sum(max(1, ceil(width(line) / room)) for line in shown))
    return max(LOWEST, most * LINE_HEIGHT + PADDING)


def _set_heights(sheet: Worksheet, merged: Mapping[Position, Area], widths: Sequence[float]) -> None:
    """Makes every row as high as its texts; a text over several rows needs all of them together."""
    rows = sheet.row_dimensions
    for row in range(1, sheet.max_row + 1):
        alone = [area for (start, _), area in merged.items() if start == area.bottom == row]
        rows[row].height = TITLE_HEIGHT if row == 2 else text_height(alone, widths)
    for (start, _), area in merged.items():
        lacking = text_height([area], widths) - sum(rows[row].height or 0 for row in range(start, area.bottom + 1))
        rows[area.bottom].height = (rows[area.bottom].height or 0) + max(0, lacking)


def tint_blanks(sheet: Worksheet, places: Iterable[Position], labels: Iterable[str] = ()) -> None:
    """Tints cells for as long as they are blank, or hold nothing but one of the labels that words are to follow."""
    cells = [f"{get_column_letter(column)}{row}" for row, column in sorted(places)]
    if cells:
        for words in ("", *labels):
            rule = Rule("cellIs", operator="equal", formula=[f'"{words}"'], dxf=DifferentialStyle(fill=TO_FILL_IN))
            sheet.conditional_formatting.add(" ".join(cells), rule)


def is_tint(rule: Rule) -> bool:
    """Whether a conditional format is the tint of blank inputs."""
    fill = rule.dxf.fill if rule.dxf else None
    return isinstance(fill, PatternFill) and fill.bgColor.rgb == TO_FILL_IN.bgColor.rgb


def page_scale(sheet: Worksheet, height: float, *, landscape: bool = True) -> tuple[float, float]:
    """The scale at which the columns fill the paper, and the part of its height that `height` points take."""
    across, down = A4 if landscape else A4[::-1]
    widths = (sheet.column_dimensions[get_column_letter(n)].width for n in range(1, printed_columns(sheet) + 1))
    scale = min(1.0, (across - 144 * SIDES) / sum(digits * 5.25 + 3.75 for digits in widths))  # 7 and 5 pixels
    return scale, height * scale / (down - 72 * (TOP + BOTTOM))


def page_heights(sheet: Worksheet) -> list[float]:
    """The points that the rows of each page of paper take, with the rows that every page repeats."""
    heights = [sheet.row_dimensions[row].height or 15.0 for row in range(1, sheet.max_row + 1)]
    ends = [*(page.id for page in sheet.row_breaks.brk), sheet.max_row]
    starts = [0, *ends]
    repeated = sum(heights[1:3])
    return [sum(heights[start:end]) + (repeated if start else 0) for start, end in zip(starts, ends, strict=False)]


def printed_columns(sheet: Worksheet) -> int:
    """The columns of the printed area."""
    return range_boundaries(str(sheet.print_area).rpartition("!")[2].replace("$", ""))[2] or 1


def _draw_row(
    sheet: Worksheet, row: int, cells: Sequence[Area], font: Font, widths: Sequence[float], *, boxed: bool
) -> None:
    """Writes one line of the form into a row of the sheet; cells that continue upwards are left for later."""
    for column in range(1, len(widths) + 1):
        sheet.cell(row, column).font = font
        if boxed:
            sheet.cell(row, column).border = BOX
    for area in cells:
        cell = sheet.cell(row, area.first)
        if area.words != "^":
            if (words := _shown(area.words)) == area.words:
                cell.value = _value(words)
            else:
                put_words(cell, words)
        cell.number_format = area.number_format or "General"
        side = _side(area, font) if boxed else _side_above(area, cells, font, len(widths))
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)


def _side(area: Area, font: Font) -> str:
    """Headings of parts and long texts begin at the left edge; figures, formulas and short words are centred."""
    text = len(area.words) > LONG and not area.words.startswith("=")
    return "left" if font is SECTION or (font is BODY and text) else "center"


def _side_above(area: Area, cells: Sequence[Area], font: Font, columns: int) -> str:
    """Title and year in the middle, the unit of money or the date at the right edge, the rest at the left."""
    if font is TITLE or (not cells[0].words and area.words and area.last < columns):
        return "center"
    return "right" if area.first > 1 and area.last == columns else "left"


def _set_page(sheet: Worksheet, widths: Sequence[float]) -> None:
    """A4, one page wide, title and unit repeated on each page, pages numbered, no colours on paper.

    Landscape, but for sheets of several tables whose pages fit only when the paper stands upright.
    """
    for column, digits in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = digits
    sheet.print_area = f"A1:{get_column_letter(len(widths))}{sheet.max_row}"
    sheet.print_title_rows = "2:3"
    longest = max(page_heights(sheet))
    upright, used = page_scale(sheet, longest, landscape=False)
    turned = page_scale(sheet, longest)[1] > 1 and used <= 1 and upright >= READABLE
    sheet.page_setup.orientation = "portrait" if turned else "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.page_setup.blackAndWhite = True
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = SIDES
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = TOP, BOTTOM, FOOTER
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
