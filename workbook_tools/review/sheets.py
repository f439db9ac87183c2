"""What the sheets of the review and of the list of issues have in common: their look, and rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.excel.loading import put_text
from workbook_tools.excel.new_book import one_page_wide
from workbook_tools.review.rules import rules, source
from workbook_tools.summary.tables import lines_in

FONT = "宋体"
BODY, BOLD, TITLE = Font(name=FONT, size=10), Font(name=FONT, size=10, bold=True), Font(name="黑体", size=15)
LINK = Font(name=FONT, size=10, color="0563C1", underline="single")
HEADING, INPUT = PatternFill("solid", fgColor="DDEBF7"), PatternFill("solid", fgColor="FFF2CC")
LEVELS = {"P0": PatternFill("solid", fgColor="F4CCCC"), "P1": PatternFill("solid", fgColor="FCE4D6")}
THIN = Side(style="thin", color="BFBFBF")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
LEFT, MIDDLE = (
    Alignment(vertical="center", wrap_text=True),
    Alignment(horizontal="center", vertical="center", wrap_text=True),
)
LINE, MOST_HEIGHT = 13.5, 400.0  # points; Excel allows 409 for a row
MOST_INLINE = 250  # characters of a list of choices
Shown = Decimal | int | str | None


def put(cell: Cell | MergedCell, value: Shown, *, centred: bool = False) -> Cell:
    """Puts a value into a cell with the look of a body cell; words are never formulas."""
    if isinstance(value, str):
        put_text(cell, value)
    elif value is not None:
        cell.value = value
    cell.font, cell.border, cell.alignment = BODY, BOX, MIDDLE if centred else LEFT
    return cell  # type: ignore[return-value]


def heading(sheet: Worksheet, row: int, names: Sequence[str], first: int = 1) -> None:
    """The row of the names of the columns."""
    for column, name in enumerate(names, first):
        cell = put(sheet.cell(row, column), name, centred=True)
        cell.font, cell.fill = BOLD, HEADING
    sheet.row_dimensions[row].height = 2 * LINE + 4


def widths(sheet: Worksheet, given: Sequence[float], first: int = 1) -> None:
    """Sets the widths of columns; a width of 0 hides its column."""
    for column, wide in enumerate(given, first):
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width, dimension.hidden = (wide, False) if wide else (8, True)


def fit(sheet: Worksheet, row: int, given: Sequence[float], values: Sequence[Shown]) -> None:
    """Sets the height of a row so that wrapped words can be read; programs do not do so for a file made elsewhere."""
    lines = max(lines_in(value, wide) for wide, value in zip(given, values, strict=True) if wide)
    sheet.row_dimensions[row].height = min(max(lines * LINE + 4, 18), MOST_HEIGHT)


def page(sheet: Worksheet, title_row: int, freeze: str) -> None:
    """One page wide, headings on every page, frozen heads."""
    one_page_wide(sheet)
    sheet.print_title_rows = f"{title_row}:{title_row}"
    sheet.freeze_panes = freeze


def choices(sheet: Worksheet, said: Sequence[str], cells: str, *, only: bool = False) -> None:
    """A list to choose from in some cells; without `only` other words may be typed, too."""
    listed = ",".join(said)
    if len(listed) > MOST_INLINE:
        return
    rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=only)
    rule.add(cells)
    sheet.data_validations.append(rule)


def draw_rules(sheet: Worksheet) -> None:
    """The rules of published reviews, for the reviewer to look at."""
    names, wide = ["情形", "原话", "本表怎样用"], [28, 60, 60]
    heading(sheet, 1, names)
    widths(sheet, wide)
    for number, rule in enumerate(rules(), 2):
        used = f"查出 {'、'.join(rule.codes)} 的，写进“建议”" if rule.codes else "要看材料才能定，由复核人判断"
        for column, value in enumerate((rule.name, rule.quote, used), 1):
            put(sheet.cell(number, column), value)
        fit(sheet, number, wide, (rule.name, rule.quote, used))
    cell = put(sheet.cell(len(rules()) + 3, 1), f"出处：{source()}")
    cell.border, cell.alignment = Border(), Alignment()
    page(sheet, 1, "A2")
