"""Charts that stay readable with many units: the longest bars and the rest as one; amounts against scores as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.styles import Font
from openpyxl.worksheet.pagebreak import Break, RowBreak

from workbook_tools.excel.loading import put_text
from workbook_tools.terminal import width

MOST_BARS = 30
LONGEST_NAME = 36  # columns of a terminal that the name of a bar may take
ROW_HEIGHT = 0.53  # centimetres of a row of a sheet
PAGE_ROWS = 46  # that a printed page holds
POINTS_HEIGHT = 11.0  # of the chart of points, in centimetres
WIDTH = 22.0  # of a chart, in centimetres
BLUE, GREY = "4472C4", "D9D9D9"
_POINTS_AT = 27  # the column of the points, outside of what is printed
Number = float | Decimal


class Bars(NamedTuple):
    """The bars of one chart: the longest first; `rest` counts the names that are not shown."""

    names: list[str]
    values: list[Number]
    rest: int


def longest(values: Mapping[str, Number], most: int = MOST_BARS) -> Bars:
    """The greatest values in their order, by size without sign; the others are counted."""
    ranked = sorted(values.items(), key=lambda one: (-abs(one[1]), one[0]))
    shown = ranked[:most]
    return Bars([name for name, _ in shown], [value for _, value in shown], len(ranked) - len(shown))


def draw(sheet: Any, bars: Sequence[tuple[str, Mapping[str, Number]]], points: Sequence[tuple[Number, Number]]) -> None:
    """Draws a chart of bars for each title, and one of points: amount in 万元 and score."""
    grid: dict[tuple[int, int], str | Number] = {}
    row, sheet.row_breaks = 1, RowBreak()
    for title, values in bars:
        shown = longest(values)
        _on_one_page(sheet, row, _height(len(shown.names)))
        said = f"{title}：最多的 {len(shown.names)} 个，另有 {shown.rest} 个没有画" if shown.rest else title
        grid[row, 1] = said
        for at, (name, value) in enumerate(zip(shown.names, shown.values, strict=True), row + 1):
            grid[at, 1], grid[at, 2] = _cut(name), value
        last = row + len(shown.names)
        row = max(last, row + _bar_chart(sheet, said, row, last)) + 2
    if len(points) > 1:
        _on_one_page(sheet, row, POINTS_HEIGHT)
        grid[1, _POINTS_AT], grid[1, _POINTS_AT + 1] = "预算（万元）", "总分"
        for at, (amount, score) in enumerate(points, 2):
            grid[at, _POINTS_AT], grid[at, _POINTS_AT + 1] = amount, score
        grid[row, 1] = "预算和总分（每张表一个点）"
        row += _point_chart(sheet, row, points) + 2
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 38, 9
    sheet.print_area = f"A1:P{max(row, 2)}"
    for at in range(1, max((at for at, _ in grid), default=0) + 1):
        sheet.append([_cell(sheet, grid.get((at, column))) for column in range(1, _POINTS_AT + 2)])


def _cut(name: str) -> str:
    while width(name) > LONGEST_NAME:
        name = name[:-2] + "…"
    return name


def _cell(sheet: Any, value: str | Number | None) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet)
        put_text(cell, value)
        cell.font = Font(name="宋体", size=10)
        return cell
    return None if value is None else round(float(value), 2)


def _bar_chart(sheet: Any, title: str, row: int, last: int) -> int:
    """A lying bar for each name, which is then read without turning the head; gives the rows it takes."""
    chart = BarChart()
    chart.type, chart.title, chart.legend, chart.gapWidth = "bar", title, None, 40
    chart.height, chart.width = _height(last - row), WIDTH
    chart.add_data(Reference(sheet, min_col=2, min_row=row + 1, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=row + 1, max_row=last))
    chart.x_axis.scaling.orientation = "maxMin"  # the first name above
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.majorGridlines = None
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=BLUE)
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for mark in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, mark, False)
    sheet.add_chart(chart, f"D{row}")
    return _rows_of(chart.height)


def _point_chart(sheet: Any, row: int, points: Sequence[tuple[Number, Number]]) -> int:
    """A point for each form; amounts on a logarithmic axis, so that small and large ones are seen."""
    chart = ScatterChart()
    chart.title, chart.legend, chart.style = "预算（万元，每格十倍）和总分", None, 13
    chart.height, chart.width, chart.scatterStyle = POINTS_HEIGHT, WIDTH, "lineMarker"
    last = len(points) + 1
    series = Series(
        Reference(sheet, min_col=_POINTS_AT + 1, min_row=2, max_row=last),
        Reference(sheet, min_col=_POINTS_AT, min_row=2, max_row=last),
    )
    series.marker = Marker(symbol="circle", size=5, spPr=GraphicalProperties(solidFill=BLUE))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.series.append(series)
    if all(amount > 0 for amount, _ in points):
        chart.x_axis.scaling.logBase = 10
    least = min(float(score) for _, score in points)
    chart.y_axis.scaling.min = min(90.0, (least - 1) // 10 * 10)
    chart.y_axis.scaling.max = max(100.0, *(float(score) for _, score in points))
    chart.x_axis.title, chart.y_axis.title = "预算（万元）", "总分"
    chart.x_axis.number_format, chart.y_axis.number_format = "#,##0", "0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.crosses = chart.y_axis.crosses = "min"
    grey = GraphicalProperties(ln=LineProperties(solidFill=GREY))
    chart.x_axis.majorGridlines = chart.y_axis.majorGridlines = ChartLines(spPr=grey)
    sheet.add_chart(chart, f"D{row}")
    return _rows_of(chart.height)


def _height(bars: int) -> float:
    """Of a chart, in centimetres."""
    return max(5.0, 2.2 + bars * 0.58)


def _rows_of(height: float) -> int:
    return int(height / ROW_HEIGHT) + 1


def _on_one_page(sheet: Any, row: int, height: float) -> None:
    """Begins a new page before a chart that would go over the end of this one."""
    begun = sheet.row_breaks.brk[-1].id + 1 if sheet.row_breaks.brk else 1
    if row > begun and row + _rows_of(height) - begun > PAGE_ROWS:
        sheet.row_breaks.append(Break(row - 2))
