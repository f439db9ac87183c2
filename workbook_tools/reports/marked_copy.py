"""A marked copy of a checked workbook: coloured cells, comments, and a sheet 校验结果 whose rows lead to the cells.

openpyxl reads the workbook and writes the copy; pictures, controls and macros of the original are not in it. The
original is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.checks import ERROR, UNCHECKED
from workbook_tools.errors import FileRejected
from workbook_tools.excel import other_kind, read_file
from workbook_tools.excel.loading import loaded, put_text, written
from workbook_tools.excel.new_book import MOST_LINKS, one_page_wide
from workbook_tools.findings import LocatedFinding
from workbook_tools.reports.checked import AnyFile, AnyForm
from workbook_tools.template.drawing import BOX, is_tint
from workbook_tools.text import visible

RESULT = "校验结果"
RED, YELLOW, BLUE, GREY = (PatternFill("solid", fgColor=colour) for colour in ("FFC7CE", "FFEB9C", "DDEBF7", "E7E6E6"))
HEADING = PatternFill("solid", fgColor="DDEBF7")
LINK = Font(color="0563C1", underline="single")
AUTHOR = "绩效自评校验"
COLUMNS = (("级别", 8), ("代码", 8), ("单元格", 18), ("项目", 30), ("说明", 90), ("放行", 24))


def marked_copy(checked: AnyFile) -> bytes:
    """The workbook with every finding marked in it; raises `FileRejected`."""
    data = read_file(checked.path)
    if kind := other_kind(data):
        raise FileRejected("E_KIND", f"标注的副本不能由 {kind} 格式的文件写成；请在 Excel 或 WPS 里另存为 .xlsx 再标注")
    workbook = loaded(data)
    for form in checked.forms:
        for place in form.found:
            if place.address:
                _mark(workbook, place)
    if RESULT in workbook.sheetnames:
        del workbook[RESULT]
    _list(workbook.create_sheet(RESULT, 0), checked.forms)
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == RESULT
        sheet.page_setup.blackAndWhite = False  # marks are to be seen on paper, too
        _without_tint(sheet)
    workbook.active = 0
    return written(workbook)


def _without_tint(sheet: Worksheet) -> None:
    """Takes away the tint of blank inputs, which would lie over their marks."""
    kept = [(area.sqref, rule) for area in sheet.conditional_formatting for rule in area.rules if not is_tint(rule)]
    sheet.conditional_formatting = ConditionalFormattingList()
    for cells, rule in kept:
        sheet.conditional_formatting.add(str(cells), rule)


def _mark(workbook: Workbook, place: LocatedFinding) -> None:
    """Colours the cell of a finding and says in a comment what was found; comments of others stay."""
    name, _, address = place.address.rpartition("!")
    cell = _written_in(workbook[name], address)
    fill = _fill(place)
    if cell.fill.fgColor.rgb != f"00{RED.fgColor.rgb[2:]}":  # an error stays red under a hint
        cell.fill = fill
    said = f"{place.level} {place.finding.code}：{place.finding.message}"
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(
        visible(f"{before}{said}", "\n"), AUTHOR, width=360, height=min(60 + 20 * (before + said).count("\n") + 40, 300)
    )


def _written_in(sheet: Worksheet, address: str) -> Cell:
    """The cell, or the first one of the merged area that covers it."""
    cell = sheet[address]
    if isinstance(cell, MergedCell):
        area = next(area for area in sheet.merged_cells.ranges if address in area)
        cell = sheet.cell(area.min_row, area.min_col)
    return cast("Cell", cell)


def _fill(place: LocatedFinding) -> PatternFill:
    if place.waived:
        return GREY
    return {ERROR: RED, UNCHECKED: BLUE}.get(place.finding.level, YELLOW)


def _list(sheet: Worksheet, forms: Sequence[AnyForm]) -> None:
    """One row for each finding, its cell a link."""
    for column, (name, width) in enumerate(COLUMNS, 1):
        heading = sheet.cell(1, column, name)
        heading.font, heading.fill, heading.border = Font(bold=True), HEADING, BOX
        sheet.column_dimensions[get_column_letter(column)].width = width
    row = 1
    for form in forms:
        for place in form.found:
            row += 1
            waived = f"{place.waived.name}：{place.waived.reason}" if place.waived else ""
            words = (place.level, place.finding.code, place.address, place.label, place.finding.message, waived)
            for column, said in enumerate(words, 1):
                cell = sheet.cell(row, column)
                put_text(cell, said)
                cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), BOX
            sheet.cell(row, 1).fill = _fill(place)
            if place.address and row <= MOST_LINKS:
                name, _, address = place.address.rpartition("!")
                where = f"{quote_sheetname(name)}!{address}"
                sheet.cell(row, 3).hyperlink = Hyperlink(ref=f"C{row}", location=where, display=place.address)
                sheet.cell(row, 3).font = LINK
    if row == 1:
        sheet.cell(2, 1, "没有发现问题")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:F{max(row, 2)}"
    one_page_wide(sheet)
    sheet.print_title_rows = "1:1"
