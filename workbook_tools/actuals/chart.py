"""Charts of the months with the target's line, in a copy of the statistics workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from openpyxl.chart import LineChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RichTextProperties
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.pagebreak import Break

from workbook_tools.actuals.work import MonthlyTable, Recipe, monthly_values
from workbook_tools.excel import read_file
from workbook_tools.excel.loading import loaded, put_text, written
from workbook_tools.excel.new_book import one_page_wide
from workbook_tools.values import decimals, read_target

SHEET = "走势图"
A_PAGE = 2  # charts
BETWEEN = 18  # rows from one chart to the next; a chart is 15 rows high
HEIGHT, WIDTH = 7.5, 21  # of a chart, in centimetres: twelve months stand beside each other without slanting
STEPS = 5  # of the axis of values, about
WHOLE = Decimal(100)  # percent


def with_charts(path: Path, tables: list[MonthlyTable], recipes: list[Recipe], targets: Mapping[str, str]) -> bytes:
    """The workbook with a sheet 走势图: for each indicator its months, and a line at its target where it has a number.

    Raises `FileRejected` or `BadStatistics`. Made by openpyxl, which does not keep pictures and controls.
    """
    workbook = loaded(read_file(path))
    if SHEET in workbook.sheetnames:
        del workbook[SHEET]
    sheet = workbook.create_sheet(SHEET)
    sheet.column_dimensions["A"].width = 14
    sheet.column_dimensions["B"].width = 28
    sheet.column_dimensions["C"].width = 14
    one_page_wide(sheet)
    row = 1
    for number, recipe in enumerate(recipes):
        if number and not number % A_PAGE:
            sheet.row_breaks.append(Break(row - 1))
        row = _indicator(sheet, row, tables, recipe, targets.get(recipe.indicator, ""))
    return written(workbook)


def _indicator(sheet: Any, row: int, tables: list[MonthlyTable], recipe: Recipe, target: str) -> int:
    """The months of one indicator from a row on, and their chart; gives the row of the next one."""
    months = monthly_values(tables, recipe)
    wanted = read_target(target)
    line = wanted.quantity.number if wanted and wanted.quantity.unit == recipe.unit else None
    heading = ["月份", f"{recipe.indicator}（{recipe.unit}）" if recipe.unit else recipe.indicator]
    heading += [f"目标 {target}"] if line is not None else []
    for column, words in enumerate(heading, 1):
        _text(sheet.cell(row, column), words).font = Font(bold=True)
        sheet.cell(row, column).alignment = Alignment(horizontal="right" if column > 1 else "left", wrap_text=True)
    for number, (month, value) in enumerate(months, row + 1):
        _text(sheet.cell(number, 1), month)
        sheet.cell(number, 2).value = None if value is None else float(round(value, recipe.places))
        sheet.cell(number, 2).number_format = f"#,##0.{'0' * recipe.places}" if recipe.places else "#,##0"
        if line is not None:
            sheet.cell(number, 3).value = float(line)
    chart = LineChart()
    chart.title, chart.height, chart.width = recipe.indicator, HEIGHT, WIDTH
    known = [round(value, recipe.places) for _, value in months if value is not None]
    least, most, step = axis([*known, *([line] if line is not None else [])], percent=recipe.unit == "%")
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = float(least), float(most)
    chart.y_axis.majorUnit = float(step)
    chart.y_axis.number_format = "#,##0" if step == step.to_integral_value() else f"0.{'0' * decimals(step)}"
    chart.y_axis.numFmt.sourceLinked = False
    chart.x_axis.txPr = RichText(bodyPr=RichTextProperties(rot=0), p=[_small()])
    grey = GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
    chart.y_axis.majorGridlines, chart.legend = ChartLines(spPr=grey), Legend(legendPos="b")
    last = row + len(months)
    chart.add_data(Reference(sheet, min_col=2, max_col=len(heading), min_row=row, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    for series in chart.series:
        series.smooth = False
    if line is not None:
        chart.series[1].graphicalProperties.line.dashStyle = "dash"
        chart.series[1].graphicalProperties.line.solidFill = "C00000"
    sheet.add_chart(chart, f"E{row + 1}")
    return row + max(BETWEEN, len(months) + 3)


def axis(values: Sequence[Decimal], *, percent: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Least, most and step of an axis on which the values can be told apart: 90 to 100 for months of 100 %.

    It begins at 0 where a value is less than half of the greatest, and ends at 100 % where none is beyond.
    """
    low, high = (min(values), max(values)) if values else (Decimal(0), Decimal(1))
    span = high - low if low * 2 < high else max(high - low, abs(high) / 10)
    rough = (span or Decimal(1)) / STEPS
    unit = Decimal(10) ** rough.adjusted()
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    start = Decimal(0) if low >= 0 and low * 2 < high else min(low, high - span)
    least = (start / step).to_integral_value(ROUND_FLOOR) * step
    most = (high / step).to_integral_value(ROUND_CEILING) * step
    return least, most if most > high or (percent and least < most and high <= WHOLE) else most + step, step


def _small() -> Paragraph:
    return Paragraph(
        pPr=ParagraphProperties(defRPr=CharacterProperties(sz=800)), endParaRPr=CharacterProperties(sz=800)
    )


def _text(cell: Any, words: str) -> Any:
    put_text(cell, words)
    return cell
