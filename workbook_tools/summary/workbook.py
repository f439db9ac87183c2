"""汇总表: many forms in one workbook: a row a form, an indicator, a finding; charts, duplicates, who is missing.

Written row by row, so that memory does not grow with the number of indicators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook

from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED, Level
from workbook_tools.excel.loading import written
from workbook_tools.findings import WAIVED
from workbook_tools.summary.charts import ChartSheet
from workbook_tools.summary.receipts import Receipts
from workbook_tools.summary.results import OPINION, Results
from workbook_tools.summary.rows import (
    ABSENT,
    BASIS,
    DAY,
    FORMS,
    INDICATORS,
    FindingRow,
    FormRow,
    IndicatorRow,
    Shown,
    cells,
)
from workbook_tools.summary.submissions import COLUMNS, Submission
from workbook_tools.summary.tables import Column, Kind, Link, Value, official_table, sum_of
from workbook_tools.values import normalize

STEPS = ((90, "90分以上"), (80, "80～90分"), (60, "60～80分"), (0, "60分以下"))
WIDEST = {"检查": 20, "发现": 56, "原因": 80, "说明": 80, "文件": 26, "单位": 18, "项目": 20, "评分办法": 16}
WIDEST |= {OPINION: 40, "其他得分": 14, "三级指标": 30, "指标值": 18, "完成值": 18}
WIDEST_ALONE = 90  # of the names of files where they are what a sheet is about
COUNTS = ("未填", ERROR, UNCHECKED, HINT, WAIVED)  # columns that are added up
AMOUNTS = ("年初预算（万元）", "全年预算（万元）", "支出（万元）")
CENTRED = ("级别", "代码", "等级", "按办法等级", "核定等级", "单元格", DAY, "未整改", "已整改")
MOST_FOUND = 50_000  # rows of the sheet 问题; beyond it hints are left out, then what was not checked
MENDING = ("未整改", "已整改")  # issues of a review
NOTES = (
    (ABSENT, "表上没有这一项，或者这种表不评这一项"),
    ("空白", "表上有这一项，没有填，或者还不能确定；合计里没有算"),
    ("全年预算（万元）", "表上只有年初预算和预算调整额的，是两项相加"),
    ("合计的执行率", "支出和全年预算都有数的表，支出之和 ÷ 全年预算之和"),
    ("总分、等级", "单位自己填的；没有填的空着，“按办法总分”“按办法等级”是按办法计算的，不是自评"),
    ("预算执行得分、产出得分等", "表上印的小计；表上没有的，按办法计算，各行填得不对的，加起来和总分不一样"),
    ("指标值", "调整后的指标值空着的，是年初指标值"),
    ("分值", "表上没有填的，是按办法算出的分值；写成百分数的（40%），是百分之几的数"),
    ("审核分数", "审核结果清单（--results）上的，没有清单的是主管部门在表上填的；总分、等级仍是自评的，不因审核改动"),
    (DAY, "收到日期清单（--receipts）上有的，按清单；没有的，按文件时间"),
    (BASIS, "“文件时间”是文件最后改动的时间，不一定是报送的时间；填过的表按填写前备份的文件时间"),
    ("检查的说明", "每项检查为什么查、怎么改：workbook_tools explain 代码，如 workbook_tools explain S101"),
)
Sheet = Any  # openpyxl: the stubs of a sheet that is written row by row know less than it has
FOUND = ("级别", "代码", "检查", "单位", "项目", "单元格", "发现", "文件")
GRADES = ["优", "良", "中", "差"]


def summary_workbook(
    forms: Sequence[FormRow],
    indicators: Iterable[IndicatorRow],
    refused: Iterable[tuple[str, str]],
    units: Iterable[Submission],
    receipts: Receipts | None = None,
    issues: Mapping[tuple[str, str], tuple[int, int]] | None = None,
    *,
    findings: Iterable[FindingRow] = (),
    results: Results | None = None,
    beside: Path | None = None,
) -> bytes:
    """The 汇总表 of all rows; `units` says who is missing, late, or twice there, `receipts` when a form came in.

    `issues` are the issues of a review, open ones and mended ones, by unit and project as half-width text; `results`
    what the forms got in it. Links are relative to the folder `beside`.
    """
    receipts, beside = receipts or Receipts(), beside or Path()
    opinions = None if results is None else [results.opinion(form) for form in forms]
    forms = forms if results is None else [results.on(form) for form in forms]
    table = pd.DataFrame([cells(form) for form in forms], columns=list(FORMS))
    workbook = Workbook(write_only=True)
    names = [*FORMS, DAY, BASIS, *(() if issues is None else MENDING), *(() if opinions is None else (OPINION,))]
    official_table(
        workbook.create_sheet("汇总"),
        "绩效自评情况汇总表",
        _columns(names),
        _linked(names, _with_days(forms, receipts, issues, opinions)),
        note=f"共 {len(forms)} 张表，{len({normalize(form.unit) for form in forms})} 个单位　　金额单位：万元",
        total=_total(names, forms),
        beside=beside,
        printed=FORMS.index(WAIVED) + 1,
    )
    known = all(form.unit or form.project for form in forms)  # else only the name of the file tells whose a row is
    without_files = len(INDICATORS) - 1 if known else None
    _write(workbook, "指标", "绩效指标汇总表", INDICATORS, map(cells, indicators), beside, printed=without_files)
    _findings(workbook.create_sheet("问题"), forms, findings, beside, printed=len(FOUND) - 1 if known else None)
    _charts(workbook.create_sheet("统计"), forms, table)
    named = table[(table["单位"] != "") & (table["项目"] != "")]
    named = named.assign(_unit=named["单位"].map(normalize), _project=named["项目"].map(normalize))
    double = named[named.duplicated(["_unit", "_project"], keep=False)].sort_values(["_unit", "_project"])
    double = double[["单位", "项目", "文件"]]
    twice = [Column("单位"), Column("项目", widest=40), Column("文件", widest=WIDEST_ALONE)]
    official_table(
        workbook.create_sheet("重复"),
        "重复报送的项目",
        twice,
        _linked(list(double.columns), double.itertuples(index=False)),
        beside=beside,
    )
    _write(workbook, "催报", "报送情况", COLUMNS, (one.row for one in units), beside)
    _write(workbook, "没有读", "没有读的文件", ("文件", "原因"), refused, None)
    _write(workbook, "说明", "说明", ("列", "说明"), NOTES, None)
    return written(workbook)


def _write(
    workbook: Workbook,
    name: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Shown]],
    beside: Path | None,
    *,
    printed: int | None = None,
) -> None:
    shown = _linked(columns, rows) if beside else rows
    official_table(workbook.create_sheet(name), title, _columns(columns), shown, beside=beside, printed=printed)


def _linked(names: Sequence[str], rows: Iterable[Sequence[Shown]]) -> Iterator[list[Value | Link]]:
    """The rows with their files as links."""
    at = names.index("文件") if "文件" in names else None
    for row in rows:
        yield [Link(str(value)) if number == at else value for number, value in enumerate(row)]


def _columns(names: Iterable[str]) -> list[Column]:
    return [Column(name, _kind(name), WIDEST.get(name, 26)) for name in names]


def _kind(name: str) -> Kind:
    if name == "执行率":
        return "percent"
    if name.endswith("（万元）"):
        return "money"
    if name in COUNTS:
        return "count"
    if name in CENTRED:
        return "word"
    return "points" if "分" in name and name not in ("评分办法", "其他得分") else "text"


def issues_of(row: FormRow, issues: Mapping[tuple[str, str], tuple[int, int]]) -> tuple[int, int] | None:
    """How many issues of a form are open and mended, by its unit and project; None where it had no review."""
    return issues.get((normalize(row.unit), normalize(row.project or Path(row.file).stem)))


def _with_days(
    forms: Sequence[FormRow],
    receipts: Receipts,
    issues: Mapping[tuple[str, str], tuple[int, int]] | None,
    opinions: Sequence[str] | None,
) -> Iterator[tuple[Shown, ...]]:
    """The rows of forms: the day on which each came in, how many issues are open and mended, the reviewer's opinion."""
    for form, opinion in zip(forms, opinions or [""] * len(forms), strict=True):
        day = receipts.of(form)
        counts = () if issues is None else issues_of(form, issues) or (ABSENT, ABSENT)
        yield (*cells(form), day.words, day.basis, *counts, *(() if opinions is None else (opinion,)))


def _total(names: Sequence[str], forms: Sequence[FormRow]) -> list[Value]:
    """The sums of what is known; what is not known is not added as nothing."""
    rows = [dict(zip(FORMS, cells(form), strict=True)) for form in forms]
    sums: dict[str, Value] = {name: sum_of(row[name] for row in rows) for name in (*AMOUNTS, *COUNTS)}
    both = [row for row in rows if all(isinstance(row[name], float) for name in AMOUNTS[1:])]
    revised, spent = (sum_of(row[name] for row in both) for name in AMOUNTS[1:])
    sums["执行率"] = spent / revised if revised and spent is not None else None
    if left := len(rows) - len(both):  # the sums beside the rate are those of more forms
        said = f"执行率按 {len(both)} 张表；{left} 张没有全年预算或支出，没有算"
        sums["项目"] = said if sums["执行率"] is not None else "执行率没有算：没有一张表全年预算和支出都有数"
    return [sums.get(name) for name in names]


def _findings(
    sheet: Sheet,
    forms: Sequence[FormRow],
    findings: Iterable[FindingRow],
    beside: Path,
    *,
    printed: int | None,
) -> None:
    """What the checks found, the counts above it; a filter at each column."""
    counts: dict[Level, int] = {
        ERROR: sum(form.errors for form in forms),
        HINT: sum(form.hints for form in forms),
        UNCHECKED: sum(form.unchecked for form in forms),
    }
    levels: list[Level] = [ERROR]
    others: tuple[Level, ...] = (UNCHECKED, HINT)
    for level in others:
        if sum(counts[one] for one in (*levels, level)) <= MOST_FOUND:
            levels.append(level)
    left = [
        f"{level} {count} 处没有列出，用 workbook_tools check 看"
        for level, count in counts.items()
        if level not in levels
    ]
    said = "，".join(f"{level} {count} 处" for level, count in counts.items())
    waived = sum(form.waived for form in forms)
    left += [f"{WAIVED} {waived} 处没有列出"] if waived else []
    of_form = {(form.file, form.sheet): form for form in forms}
    rows = (_finding(row, of_form.get((row.file, row.form))) for row in findings if row.level in levels)
    note = "；".join([said, *left])
    official_table(sheet, "各项检查发现的问题", _columns(FOUND), rows, note=note, beside=beside, printed=printed)


def _finding(row: FindingRow, form: FormRow | None) -> list[Value | Link]:
    cell = row.address.rpartition("!")[2]
    where = Link(row.file, row.address, cell) if cell else ""
    unit, project = (form.unit, form.project) if form else ("", "")
    return [row.level, row.code, CHECKS[row.code].title, unit, project, where, row.message, Link(row.file)]


def _charts(sheet: Sheet, forms: Sequence[FormRow], table: pd.DataFrame) -> None:
    """How many forms have how many points, the grades and the errors of each unit, amounts against points."""
    charts = ChartSheet(sheet)
    totals = _figures(table["总分"]).fillna(_figures(table["按办法总分"]))
    above, spread = 1000, dict[str, float | Decimal]()
    for least, name in STEPS:
        spread[name] = int(((totals >= least) & (totals < above)).sum())
        above = least
    charts.bars("总分分布（张，没有填的按办法计算）", spread, ranked=False)
    grades = table["等级"].where(table["等级"].isin(GRADES), table["按办法等级"])
    graded = grades.isin(GRADES)
    if graded.any():
        by_unit = pd.crosstab(table["单位"][graded], grades[graded]).reindex(columns=GRADES, fill_value=0)
        counts = zip(by_unit.index, by_unit.to_numpy(), strict=True)
        charts.stacked(
            "各单位等级（张，没有填的按办法计算）",
            GRADES,
            {str(unit): [int(one) for one in row] for unit, row in counts},
        )
    errors: Counter[str] = Counter()
    for form in forms:
        errors[form.unit or Path(form.file).name] += form.errors
    if faulty := {unit: float(count) for unit, count in errors.items() if count}:
        charts.bars("各单位错误（处）", faulty)
    revised = _figures(table["全年预算（万元）"])
    points = [(float(a), float(b)) for a, b in zip(revised, totals, strict=True) if a == a and b == b]
    charts.points("全年预算（万元，每格十倍）和总分", "全年预算（万元）", "总分", points)
    charts.write()


def _figures(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce")
