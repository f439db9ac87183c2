"""汇总表: many forms in one workbook: a row a form, a row an indicator, charts, duplicates, who is missing or late.

Written row by row, so that memory does not grow with the number of indicators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.legend import Legend
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from workbook_tools.excel.loading import put_text, written
from workbook_tools.excel.remote import is_elsewhere
from workbook_tools.summary.receipts import Receipts
from workbook_tools.summary.rows import (
    ABSENT,
    BASIS,
    DAY,
    FORMS,
    INDICATORS,
    FormRow,
    IndicatorRow,
    Shown,
    cells,
)
from workbook_tools.summary.submissions import COLUMNS, Submission
from workbook_tools.terminal import width
from workbook_tools.text import shown_path
from workbook_tools.values import normalize

STEPS = ((90, "90分以上"), (80, "80～90分"), (60, "60～80分"), (0, "60分以下"))
HEADING = PatternFill("solid", fgColor="DDEBF7")
BOLD = Font(name="Calibri", size=11, bold=True)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LINK = Font(name="Calibri", size=11, color="0563C1", underline="single")
WIDEST = {"三级指标": 36, "文件": 30, "原因": 60, "说明": 60}  # of the columns, in digits
MOST_LINKS = 60_000  # Excel opens no sheet with more than 65,530
NOTES = (
    (ABSENT, "表上没有这一项，或者这种表不评这一项"),
    ("空白", "表上有这一项，没有填，或者还不能确定"),
    ("全年预算（万元）", "表上只有年初预算和预算调整额的，是两项相加"),
    ("指标值", "调整后的指标值空着的，是年初指标值"),
    ("分值", "表上没有填的，是按办法算出的分值；写成百分数的（40%），是百分之几的数"),
    ("审核分数", "主管部门在表上填的；总分、等级仍是自评的，不因审核改动"),
    (DAY, "收到日期清单（--receipts）上有的，按清单；没有的，按文件时间"),
    (BASIS, "“文件时间”是文件最后改动的时间，不一定是报送的时间；填过的表按填写前备份的文件时间"),
)
Sheet = Any  # openpyxl: the stubs of a sheet that is written row by row know less than it has
MENDING = ("未整改", "已整改")  # issues of a review
GRADES = ["优", "良", "中", "差"]
LINE, MOST_LINES = 15, 6  # points; of one row


def summary_workbook(
    forms: Sequence[FormRow],
    indicators: Iterable[IndicatorRow],
    refused: Iterable[tuple[str, str]],
    units: Iterable[Submission],
    receipts: Receipts | None = None,
    issues: Mapping[tuple[str, str], tuple[int, int]] | None = None,
) -> bytes:
    """The 汇总表 of all rows; `units` says who is missing, late, or twice there, `receipts` when a form came in.

    `issues` are the issues of a review, open ones and mended ones, by unit and project as half-width text.
    """
    receipts = receipts or Receipts()
    table = pd.DataFrame([cells(form) for form in forms], columns=list(FORMS))
    workbook = Workbook(write_only=True)
    _write(
        workbook.create_sheet("汇总"),
        [*FORMS, DAY, BASIS, *(() if issues is None else MENDING)],
        _with_days(forms, receipts, issues),
        links=len(table) < MOST_LINKS,
    )
    _write(workbook.create_sheet("指标"), INDICATORS, map(cells, indicators))
    _charts(workbook.create_sheet("统计"), table)
    named = table[(table["单位"] != "") & (table["项目"] != "")]
    named = named.assign(_unit=named["单位"].map(normalize), _project=named["项目"].map(normalize))
    double = named[named.duplicated(["_unit", "_project"], keep=False)].sort_values(["_unit", "_project"])
    double = double[["单位", "项目", "文件"]]
    _write(
        workbook.create_sheet("重复"),
        list(double.columns),
        double.itertuples(index=False),
        links=len(double) < MOST_LINKS,
    )
    _write(workbook.create_sheet("催报"), COLUMNS, (one.row for one in units))
    _write(workbook.create_sheet("没有读"), ("文件", "原因"), refused)
    _write(workbook.create_sheet("说明"), ("列", "说明"), NOTES)
    return written(workbook)


def _with_days(
    forms: Iterable[FormRow], receipts: Receipts, issues: Mapping[tuple[str, str], tuple[int, int]] | None
) -> Iterator[tuple[Shown, ...]]:
    """The rows of forms, each with the day on which it came in, and with how many issues are open and mended."""
    for form in forms:
        day = receipts.of(form)
        project = form.project or Path(form.file).stem
        counts = () if issues is None else issues.get((normalize(form.unit), normalize(project)), (ABSENT, ABSENT))
        yield (*cells(form), day.words, day.basis, *counts)


def _write(sheet: Sheet, names: Sequence[str], rows: Iterable[Sequence[Shown]], *, links: bool = False) -> None:
    """A heading and the rows; words are never formulas, files are links where asked."""
    rows = iter(rows)
    first = list(islice(rows, 200))
    for column, name in enumerate(names, 1):
        widest = max((width(_seen(name, row[column - 1])) for row in first), default=0)
        room = max(8, ceil(width(name) / 2) + 3, widest + 2)  # a long heading has two lines
        sheet.column_dimensions[get_column_letter(column)].width = min(room, WIDEST.get(name, 26))
    sheet.freeze_panes = "A2"
    _on_one_page_wide(sheet)
    sheet.print_title_rows = "1:1"
    widths = [sheet.column_dimensions[get_column_letter(column)].width for column in range(1, len(names) + 1)]
    heading = [_cell(sheet, name) for name in names]
    for cell in heading:
        cell.font, cell.fill, cell.alignment = BOLD, HEADING, MIDDLE
    sheet.row_dimensions[1].height = 2 * LINE + 4
    sheet.append(heading)
    count = 1
    for count, row in enumerate(chain(first, rows), 2):
        seen = zip(names, row, widths, strict=True)
        lines = max(ceil(width(_seen(name, value)) / (room - 1)) for name, value, room in seen)
        if lines > 1:
            sheet.row_dimensions[count].height = LINE * min(lines, MOST_LINES)
        sheet.append([_shown(sheet, name, value, link=links) for name, value in zip(names, row, strict=True)])
        sheet.row_dimensions.pop(count, None)  # written with the row; one for each would not stay small
    if count > 1:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{count}"


def _seen(name: str, value: Shown) -> str:
    """What the cell shows."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.2%}" if name == "执行率" else f"{value:,.2f}"
    return str(value)


def _cell(sheet: Sheet, value: Shown) -> Cell:
    cell = WriteOnlyCell(sheet, value if not isinstance(value, str) else None)
    if isinstance(value, str):
        put_text(cell, value)
    return cell


def _shown(sheet: Sheet, name: str, value: Shown, *, link: bool) -> Cell | None:
    if value is None or value != value:
        return None
    cell = _cell(sheet, shown_path(value) if name == "文件" else value)
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    if name == "执行率":
        cell.number_format = "0.00%"
    elif "分" in name and isinstance(value, float):
        cell.number_format = "0.00"
    elif name.endswith("（万元）"):
        cell.number_format = "#,##0.00"
    elif name == "文件" and link:
        cell.hyperlink = Hyperlink(ref="", target=_link(str(value)))
        cell.font = LINK
    return cell


def _link(path: str) -> str:
    return path if is_elsewhere(path) else Path(path).resolve().as_uri()


def _on_one_page_wide(sheet: Sheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.6, 0.3
    sheet.print_options.gridLines = True
    sheet.oddFooter.center.text = "&A　第 &P 页，共 &N 页"


def _charts(sheet: Sheet, table: pd.DataFrame) -> None:
    """How many forms have how many points, and the grades of each unit."""
    _on_one_page_wide(sheet)
    sheet.page_setup.fitToHeight = 1
    sheet.column_dimensions["A"].width = 34
    sheet.print_options.gridLines = False
    totals = _figures(table["总分"]).fillna(_figures(table["按办法总分"])).dropna()
    above = 1000
    rows: list[list[str | int]] = [["总分", "表数"]]
    for least, name in STEPS:
        rows.append([name, int(((totals >= least) & (totals < above)).sum())])
        above = least
    end = len(rows)
    _bar(sheet, "总分分布", Reference(sheet, min_col=2, min_row=1, max_row=end), (2, end), "G1")
    grades = table["等级"].where(table["等级"].isin(GRADES), table["按办法等级"])
    graded = grades.isin(GRADES)
    if graded.any():
        by_unit = pd.crosstab(table["单位"][graded], grades[graded]).reindex(columns=GRADES, fill_value=0)
        rows += [[], [], ["单位", *GRADES]]
        first = len(rows)
        rows += [[str(unit), *map(int, counts)] for unit, counts in zip(by_unit.index, by_unit.to_numpy(), strict=True)]
        data = Reference(sheet, min_col=2, max_col=5, min_row=first, max_row=min(len(rows), first + 40))
        _bar(sheet, "各单位等级", data, (first + 1, min(len(rows), first + 40)), "G18", units=min(len(by_unit), 40))
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _figures(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")


def _bar(sheet: Sheet, title: str, data: Reference, names: tuple[int, int], at: str, units: int = 0) -> None:
    """A chart of counts: columns, or a lying bar for each unit, whose name is then read without turning the head."""
    chart = BarChart()
    chart.title, chart.height, chart.width = title, 8, 16
    chart.y_axis.number_format, chart.y_axis.scaling.min = "0", 0
    chart.legend = Legend(legendPos="b") if units else None
    if units:
        chart.type, chart.grouping, chart.overlap = "bar", "stacked", 100
        chart.x_axis.scaling.orientation = "maxMin"  # the first unit above
        chart.height = max(8, 3 + units * 0.7)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=names[0], max_row=names[1]))
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, at)
