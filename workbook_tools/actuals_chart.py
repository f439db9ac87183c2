"""Charts of the months with the target's line, in a copy of the statistics workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.chart import LineChart, Reference
from openpyxl.styles import Font
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from workbook_tools.actuals import Recipe, Table, monthly_values
from workbook_tools.book import read_file
from workbook_tools.values import read_target

SHEET = "走势图"
A_PAGE = 3  # charts
BETWEEN = 18  # rows from one chart to the next; a chart is 15 rows high


def with_charts(path: Path, tables: list[Table], recipes: list[Recipe], targets: Mapping[str, str]) -> bytes:
    """The workbook with a sheet 走势图: for each indicator its months, and a line at its target where it has a number.

    Raises `Refused` or `BadStatistics`. Made by openpyxl, which does not keep pictures and controls.
    """
    workbook = load_workbook(io.BytesIO(read_file(path)))
    if SHEET in workbook.sheetnames:
        del workbook[SHEET]
    sheet = workbook.create_sheet(SHEET)
    sheet.column_dimensions["A"].width = 14
    sheet.column_dimensions["B"].width = 28
    sheet.column_dimensions["C"].width = 14
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    row = 1
    for number, recipe in enumerate(recipes):
        if number and not number % A_PAGE:
            sheet.row_breaks.append(Break(row - 1))
        row = _indicator(sheet, row, tables, recipe, targets.get(recipe.indicator, ""))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _indicator(sheet: Any, row: int, tables: list[Table], recipe: Recipe, target: str) -> int:
    """The months of one indicator from a row on, and their chart; gives the row of the next one."""
    months = monthly_values(tables, recipe)
    wanted = read_target(target)
    line = wanted.quantity.number if wanted and wanted.quantity.unit == recipe.unit else None
    heading = ["月份", f"{recipe.indicator}（{recipe.unit}）" if recipe.unit else recipe.indicator]
    heading += [f"目标 {target}"] if line is not None else []
    for column, words in enumerate(heading, 1):
        _text(sheet.cell(row, column), words).font = Font(bold=True)
    for number, (month, value) in enumerate(months, row + 1):
        _text(sheet.cell(number, 1), month)
        sheet.cell(number, 2).value = None if value is None else float(round(value, recipe.places))
        if line is not None:
            sheet.cell(number, 3).value = float(line)
    chart = LineChart()
    chart.title, chart.height, chart.width = recipe.indicator, 7.5, 16
    last = row + len(months)
    chart.add_data(Reference(sheet, min_col=2, max_col=len(heading), min_row=row, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    for series in chart.series:
        series.smooth = False
    if line is not None:
        chart.series[1].graphicalProperties.line.dashStyle = "dash"
        chart.series[1].graphicalProperties.line.solidFill = "C00000"
    sheet.add_chart(chart, f"E{row}")
    return row + max(BETWEEN, len(months) + 3)


def _text(cell: Any, words: str) -> Any:
    cell.value = words
    cell.data_type = "s"
    return cell
