"""汇总表: many forms in one workbook: a row a form, a row an indicator, charts, duplicates, who is missing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.book import Book, Refused, read_file
from workbook_tools.checks import ERROR, run_checks
from workbook_tools.fill import forms_of, read_and_score
from workbook_tools.form import Form, Scores
from workbook_tools.layout import BadLayout, NotThisForm
from workbook_tools.scheme import Scheme
from workbook_tools.scheme_file import BadScheme
from workbook_tools.values import UNCALCULATED, Quantity, read_points, read_quantity, shown

FORMS = (
    *("单位", "项目", "评分办法", "年初预算（万元）", "全年预算（万元）", "支出（万元）", "执行率", "总分", "等级"),
    *("按办法总分", "错误", "提示", "文件", "工作表"),
)
INDICATORS = (
    "单位",
    "项目",
    "一级指标",
    "二级指标",
    "三级指标",
    "指标值",
    "完成值",
    "分值",
    "得分",
    "按办法得分",
    "文件",
)
STEPS = ((90, "90分以上"), (80, "80～90分"), (60, "60～80分"), (0, "60分以下"))
TEN_THOUSAND = Decimal(10_000)
HEADING = PatternFill("solid", fgColor="DDEBF7")
WIDEST = {"三级指标": 36, "文件": 30}  # of the columns, in digits
CHUNK = 20  # forms that a worker takes at a time
Rows = tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str]]]


def rows_of(path: Path, scheme: str | None = None) -> Rows:
    """The rows of the forms and of the indicators of one workbook, or why it was not read."""
    try:
        forms = forms_of(Book(read_file(path)), scheme)
        listed, indicators = [], []
        for sheet, known, page in forms:
            _, form, scores = read_and_score(sheet, known, page, closely=True)
            row = _form_row(path, sheet.name, known, form, scores)
            listed.append(row)
            indicators += list(_indicator_rows(row, form, scores))
    except (Refused, NotThisForm, BadScheme, BadLayout) as fault:
        return [], [], [(str(path), str(fault))]
    return listed, indicators, []


def collect(paths: Iterable[Path], scheme: str | None = None, workers: int = 1) -> Iterator[Rows]:
    """The rows of every workbook in turn, read by worker processes where there are several."""
    if workers < 2:
        yield from (rows_of(path, scheme) for path in paths)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(rows_of, scheme=scheme), paths, chunksize=CHUNK)


def _form_row(path: Path, sheet: str, scheme: Scheme, form: Form, scores: Scores) -> dict[str, Any]:
    findings = run_checks(form, scores, scheme)
    execution = scores.lines.get("budget.execution")
    rate = execution.value if execution and isinstance(execution.value, Quantity) else None
    errors = sum(finding.level == ERROR for finding in findings)
    total = read_points(form.total) if form.total != UNCALCULATED else None
    cells = (
        _said(form.texts.get("texts.unit", "")),
        _said(form.texts.get("texts.project", "")),
        scheme.title,
        *(_money(form, scores, amount, scheme) for amount in ("initial", "revised", "spent")),
        None if rate is None else float(rate.number / 100),
        None if total is None else float(total),
        form.grade if form.grade != UNCALCULATED else "",
        None if scores.total is None else float(scores.total),
        errors,
        len(findings) - errors,
        str(path),
        sheet,
    )
    return dict(zip(FORMS, cells, strict=True))


def _money(form: Form, scores: Scores, amount: str, scheme: Scheme) -> float | None:
    """An amount in 万元, whatever the form counts in."""
    line = scores.lines.get(f"budget.{amount}")
    words = form.budget.get(amount, "")
    quantity = Quantity(line.value, "") if line and isinstance(line.value, Decimal) else read_quantity(words)
    if quantity is None or quantity.unit not in ("", "元"):
        return None
    in_yuan = scheme.unit == "元" or quantity.unit == "元" or any(mark in words for mark in "万亿")
    return float(quantity.number / TEN_THOUSAND if in_yuan else quantity.number)


def _indicator_rows(row: dict[str, Any], form: Form, scores: Scores) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(form.indicators, 1):
        line = scores.lines.get(f"indicators.{number}.score")
        if not one.name or not (one.target or one.actual or one.score):
            continue
        weight, score = read_points(one.weight or ""), read_points(one.score or "")
        computed = line.value if line and isinstance(line.value, Decimal) else None
        words = (
            row["单位"],
            row["项目"],
            _said(one.label or ""),
            one.kind,
            _said(one.name),
            one.target,
            _brief(one.actual),
        )
        figures = (None if value is None else float(value) for value in (weight, score, computed))
        yield dict(zip(INDICATORS, (*words, *figures, row["文件"]), strict=True))


def _brief(words: str | None) -> str | None:
    """A rate that a program worked out, as its cell shows it."""
    quantity = read_quantity(words or "")
    long = quantity is not None and quantity.unit == "%" and int(quantity.number.as_tuple().exponent) < -4
    return shown(quantity) if quantity is not None and long else words


def _said(words: str) -> str:
    return " ".join(words.split()) if words != UNCALCULATED else ""


def summary_workbook(
    forms: list[dict[str, Any]], indicators: list[dict[str, Any]], refused: list[tuple[str, str]], expected: list[str]
) -> bytes:
    """The 汇总表 of all rows; `expected` lists the units that should have sent a form."""
    table = pd.DataFrame(forms, columns=list(FORMS))
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _write(workbook.create_sheet("汇总"), list(FORMS), table)
    _write(workbook.create_sheet("指标"), list(INDICATORS), pd.DataFrame(indicators, columns=list(INDICATORS)))
    _charts(workbook.create_sheet("统计"), table)
    named = table[(table["单位"] != "") & (table["项目"] != "")]
    double = named[named.duplicated(["单位", "项目"], keep=False)][["单位", "项目", "文件"]]
    _write(workbook.create_sheet("重复"), list(double.columns), double)
    missing = pd.DataFrame({"没有报送的单位": [unit for unit in expected if unit not in set(table["单位"])]})
    _write(workbook.create_sheet("催报"), list(missing.columns), missing)
    _write(workbook.create_sheet("没有读"), ["文件", "原因"], pd.DataFrame(refused, columns=["文件", "原因"]))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, names: list[str], table: pd.DataFrame) -> None:
    """A heading and the rows; words are never formulas, files are links."""
    for column, name in enumerate(names, 1):
        cell = sheet.cell(1, column, name)
        cell.font, cell.fill = Font(bold=True), HEADING
        widest = max([len(str(value)) for value in table[name].head(200) if not pd.isna(value)], default=4)
        sheet.column_dimensions[get_column_letter(column)].width = min(
            max(8, 2 * len(name) + 2, 1.7 * widest), WIDEST.get(name, 26)
        )
    for row, values in enumerate(table.itertuples(index=False), 2):
        for column, (name, value) in enumerate(zip(names, values, strict=True), 1):
            if pd.isna(value):
                continue
            cell = sheet[f"{get_column_letter(column)}{row}"]
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
                cell.alignment = Alignment(vertical="top", wrap_text=True)
            if name == "执行率":
                cell.number_format = "0.00%"
            elif "分" in name and isinstance(value, float):
                cell.number_format = "0.00"
            elif name.endswith("（万元）"):
                cell.number_format = "#,##0.00"
            elif name == "文件":
                cell.hyperlink = Hyperlink(ref=cell.coordinate, target=Path(str(value)).resolve().as_uri())
                cell.font = Font(color="0563C1", underline="single")
    sheet.freeze_panes = "A2"
    if len(table):
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(table) + 1}"
    _on_one_page_wide(sheet)
    sheet.print_title_rows = "1:1"


def _on_one_page_wide(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4


def _charts(sheet: Worksheet, table: pd.DataFrame) -> None:
    """How many forms have how many points, and the grades of each unit."""
    _on_one_page_wide(sheet)
    sheet.page_setup.fitToHeight = 1
    totals = table["总分"].fillna(table["按办法总分"]).dropna()
    above = 1000
    counts: list[tuple[str, int]] = []
    for least, name in STEPS:
        counts.append((name, int(((totals >= least) & (totals < above)).sum())))
        above = least
    sheet["A1"], sheet["B1"] = "总分", "表数"
    for row, (name, count) in enumerate(counts, 2):
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = name, count
    end = len(counts) + 1
    _bar(sheet, "总分分布", Reference(sheet, min_col=2, min_row=1, max_row=end), (2, end), "E1")
    graded = table[table["等级"].isin(["优", "良", "中", "差"])]
    if not len(graded):
        return
    by_unit = pd.crosstab(graded["单位"], graded["等级"]).reindex(columns=["优", "良", "中", "差"], fill_value=0)
    first = len(counts) + 4
    for column, grade in enumerate(["单位", *map(str, by_unit.columns)], 1):
        sheet.cell(first, column).value = grade
    for row, (unit, values) in enumerate(zip(by_unit.index, by_unit.to_numpy().tolist(), strict=True), first + 1):
        sheet.cell(row, 1).value = str(unit)
        sheet.cell(row, 1).data_type = "s"
        for column, count in enumerate(values, 2):
            sheet.cell(row, column).value = int(count)
    last = first + len(by_unit)
    data = Reference(sheet, min_col=2, max_col=5, min_row=first, max_row=last)
    _bar(sheet, "各单位等级", data, (first + 1, last), "E18")


def _bar(sheet: Worksheet, title: str, data: Reference, names: tuple[int, int], at: str) -> None:
    chart = BarChart()
    chart.title, chart.height, chart.width = title, 8, 16
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=names[0], max_row=names[1]))
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, at)
