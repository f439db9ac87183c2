"""Charts that stay readable with many units: the longest bars, the rest in words; amounts against scores as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.styles import Font
from openpyxl.worksheet.pagebreak import Break, RowBreak

from workbook_tools.excel.loading import put_text
from workbook_tools.excel.new_book import one_page_wide
from workbook_tools.terminal import width

MOST_BARS = 30
LONGEST_NAME = 36  # columns of a terminal that the name of a bar may take
ROW_HEIGHT = 0.53  # centimetres of a row of a sheet
PAGE_ROWS = 46  # that a printed page holds
WIDTH = 22.0  # of a chart, in centimetres
POINTS_HEIGHT = 11.0  # of the chart of points
BLUE, GREY = "4472C4", "D9D9D9"
_CHARTS_AT, _LAST_PRINTED = "G", "S"
_POINTS_AT = 27  # the column of the points, outside of what is printed
_NAME_WIDTH = 36
Number = float | Decimal


class Longest(NamedTuple):
    """The names whose bars are drawn, the longest first; `rest` counts the others."""

    names: list[str]
    rest: int


def longest(sizes: Mapping[str, Number], most: int = MOST_BARS) -> Longest:
    """The names of the greatest values in their order, by size without sign; the others are counted."""
    ranked = sorted(sizes, key=lambda name: (-abs(float(sizes[name])), name))
    return Longest(ranked[:most], max(len(ranked) - most, 0))


class ChartSheet:
    """A sheet of charts, each beside its figures, and none over the end of a printed page."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._grid: dict[tuple[int, int], str | Number] = {}
        self._row = 1
        sheet.row_breaks = RowBreak()

    def bars(self, title: str, values: Mapping[str, Number], *, ranked: bool = True) -> None:
        """A lying bar for each name, which is then read without turning the head; the longest first, or as given."""
        shown = longest(values) if ranked else Longest(list(values), 0)
        self._bar_chart(title, shown, [""], {name: [values[name]] for name in shown.names})

    def stacked(self, title: str, series: Sequence[str], values: Mapping[str, Sequence[Number]]) -> None:
        """A bar in several parts for each name; those first whose parts behind the first are the longest."""
        behind = {name: sum(float(part) for part in parts[1:]) for name, parts in values.items()}
        self._bar_chart(title, longest(behind), series, values)

    def points(self, title: str, x: str, y: str, points: Sequence[tuple[Number, Number]]) -> None:
        """A point for each amount and score; amounts on a logarithmic axis, so that small ones are seen."""
        if len(points) < 2:
            return
        self._begin(POINTS_HEIGHT)
        self._grid[1, _POINTS_AT], self._grid[1, _POINTS_AT + 1] = x, y
        for at, (amount, score) in enumerate(points, 2):
            self._grid[at, _POINTS_AT], self._grid[at, _POINTS_AT + 1] = amount, score
        self._grid[self._row, 1] = f"{title}：每张表一个点，共 {len(points)} 个"
        self._sheet.add_chart(_point_chart(self._sheet, (title, x, y), points), f"{_CHARTS_AT}{self._row}")
        self._row += _rows_of(POINTS_HEIGHT) + 2

    def write(self) -> None:
        """Writes the figures, with nothing of what is outside the printed pages."""
        one_page_wide(self._sheet)
        self._sheet.column_dimensions["A"].width = _NAME_WIDTH
        for column in "BCDE":
            self._sheet.column_dimensions[column].width = 7
        self._sheet.print_area = f"A1:{_LAST_PRINTED}{max(self._row, 2)}"
        for at in range(1, max((at for at, _ in self._grid), default=0) + 1):
            columns = range(1, _POINTS_AT + 2)
            self._sheet.append([_cell(self._sheet, self._grid.get((at, column))) for column in columns])

    def _bar_chart(
        self, title: str, shown: Longest, series: Sequence[str], values: Mapping[str, Sequence[Number]]
    ) -> None:
        height = max(5.0, 2.2 + len(shown.names) * 0.58)
        self._begin(height)
        first, last = self._row, self._row + len(shown.names)
        said = f"{title}：前 {len(shown.names)} 个，另有 {shown.rest} 个没有画" if shown.rest else title
        self._grid[first, 1] = said
        for column, name in enumerate(series, 2):
            if name:
                self._grid[first, column] = name
        for at, name in enumerate(shown.names, first + 1):
            self._grid[at, 1] = _cut(name)
            for column, value in enumerate(values[name], 2):
                self._grid[at, column] = value
        chart: Any = BarChart()
        chart.type, chart.title, chart.gapWidth = "bar", said, 40
        chart.height, chart.width = height, WIDTH
        many = len(series) > 1
        data = Reference(self._sheet, min_col=2, max_col=len(series) + 1, min_row=first + (not many), max_row=last)
        chart.add_data(data, titles_from_data=many)
        chart.set_categories(Reference(self._sheet, min_col=1, min_row=first + 1, max_row=last))
        chart.x_axis.scaling.orientation = "maxMin"  # the first name above
        chart.x_axis.delete, chart.y_axis.delete = False, not many
        chart.x_axis.tickLblPos = "low"
        chart.y_axis.majorGridlines = None
        if many:
            chart.grouping, chart.overlap, chart.legend = "stacked", 100, Legend(legendPos="b")
            chart.y_axis.number_format = "0"
        else:
            chart.legend = None
            chart.series[0].graphicalProperties = GraphicalProperties(solidFill=BLUE)
            chart.dataLabels = DataLabelList(showVal=True)
            for mark in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
                setattr(chart.dataLabels, mark, False)
        self._sheet.add_chart(chart, f"{_CHARTS_AT}{first}")
        self._row = max(last, first + _rows_of(height)) + 2

    def _begin(self, height: float) -> None:
        """Begins a new page before a chart that would go over the end of this one."""
        breaks = self._sheet.row_breaks
        begun = breaks.brk[-1].id + 1 if breaks.brk else 1
        if self._row > begun and self._row + _rows_of(height) - begun > PAGE_ROWS:
            breaks.append(Break(self._row - 2))


def _point_chart(sheet: Any, titles: tuple[str, str, str], points: Sequence[tuple[Number, Number]]) -> Any:
    chart: Any = ScatterChart()
    (chart.title, chart.x_axis.title, chart.y_axis.title), chart.legend, chart.style = titles, None, 13
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
    chart.y_axis.scaling.min = max(0.0, min(90.0, (min(float(score) for _, score in points) - 1) // 10 * 10))
    chart.y_axis.scaling.max = max(100.0, *(float(score) for _, score in points))
    chart.x_axis.number_format, chart.y_axis.number_format = "#,##0", "0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.crosses = chart.y_axis.crosses = "min"
    grey = GraphicalProperties(ln=LineProperties(solidFill=GREY))
    chart.x_axis.majorGridlines = chart.y_axis.majorGridlines = ChartLines(spPr=grey)
    return chart


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


def _rows_of(height: float) -> int:
    return int(height / ROW_HEIGHT) + 1
