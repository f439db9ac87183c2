"""Charts of the months for a report, as Word holds them: the figures can be edited in Word, no picture.

openpyxl draws the chart and makes the small workbook behind it; the values stand in the chart too, where Word reads
them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple, cast

from openpyxl import Workbook
from openpyxl.chart import LineChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.layout import Layout
from openpyxl.chart.legend import Legend
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.xml.functions import tostring

from workbook_tools.actuals.chart import axis
from workbook_tools.excel.loading import put_text, written
from workbook_tools.reports.word.months import Months
from workbook_tools.text import regex

SHEET = "数据"
_CACHE, _POINT, _VALUE = "numCache", "pt", "v"  # openpyxl declares the namespace at the root only
_YEAR = regex(r"^\d{4}年(?=.)")  # of 2023年1月: twelve months stand beside each other


class Chart(NamedTuple):
    """A chart and the workbook with its figures."""

    xml: bytes
    workbook: bytes


def chart_of(table: Months) -> Chart | None:
    """The rate of each month of a table as a line; None where a month has none."""
    if not table.values:
        return None
    months = [_YEAR.sub("", month) for month, _ in table.values]
    rates = [rate for _, rate in table.values if rate is not None]
    chart = LineChart()
    chart.series = [_series(0, table.heading[-1], months, rates)]
    if table.target is not None:
        wanted = _series(1, "年度指标值", months, [table.target] * len(rates))
        wanted.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="C00000", prstDash="dash"))
        chart.series.append(wanted)
    least, most, step = axis([*rates, *([table.target] if table.target is not None else [])], percent=True)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = float(least), float(most)
    chart.y_axis.majorUnit, chart.y_axis.number_format = float(step), 'General"%"'
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill="D9D9D9")))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend, chart.layout = Legend(legendPos="b"), Layout()
    tree: Any = cast("Any", chart)._write()
    exact = [*rates, *([table.target] * len(rates) if table.target is not None else [])]
    points = [point for cache in tree.iter(_CACHE) for point in cache.iter(_POINT)]
    for shown, value in zip(points, exact, strict=True):  # openpyxl writes 96.96 as 96.95999999999999
        shown.find(_VALUE).text = str(value)
    return Chart(cast("bytes", tostring(tree)), _workbook(table, months, rates))


def _series(number: int, name: str, months: list[str], values: list[Decimal]) -> Series:
    column, last = "BC"[number], len(months) + 1
    points = [NumVal(idx=at, v=str(value)) for at, value in enumerate(values)]
    labels = [StrVal(idx=at, v=month) for at, month in enumerate(months)]
    series = Series(
        idx=number,
        order=number,
        tx=SeriesLabel(
            strRef=StrRef(f=f"'{SHEET}'!${column}$1", strCache=StrData(ptCount=1, pt=[StrVal(idx=0, v=name)]))
        ),
        cat=AxDataSource(
            strRef=StrRef(f=f"'{SHEET}'!$A$2:$A${last}", strCache=StrData(ptCount=len(labels), pt=labels))
        ),
        val=NumDataSource(
            numRef=NumRef(
                f=f"'{SHEET}'!${column}$2:${column}${last}",
                numCache=NumData(formatCode="General", ptCount=len(points), pt=points),
            )
        ),
    )
    series.smooth = False
    return series


def _workbook(table: Months, months: list[str], rates: list[Decimal]) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    put_text(sheet.cell(1, 1), table.heading[0])
    put_text(sheet.cell(1, 2), table.heading[-1])
    if table.target is not None:
        put_text(sheet.cell(1, 3), "年度指标值")
    for number, (month, rate) in enumerate(zip(months, rates, strict=True), 2):
        put_text(sheet.cell(number, 1), month)
        sheet.cell(number, 2).value = rate
        if table.target is not None:
            sheet.cell(number, 3).value = table.target
    return written(workbook)
