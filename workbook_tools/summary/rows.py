"""The rows of a 汇总表: one a form, one an indicator, one a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Assessment, assess_file
from workbook_tools.batch import run
from workbook_tools.checks import ERROR, HINT, UNCHECKED
from workbook_tools.findings import WAIVED, LocatedFinding
from workbook_tools.forms.form import Form, Line, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import UNCALCULATED, Quantity, decimals, format_value, read_points, read_quantity, scaled

GROUPS = (  # of each column of points: the groups of which a form has one at most
    ("execution", "process", "finance"),
    ("output",),
    ("benefit",),
    ("satisfaction",),
)
# The titles of the columns, in the order of the fields of a row.
FORMS = (
    *("单位", "项目", "评分办法", "年初预算（万元）", "全年预算（万元）", "支出（万元）", "执行率"),
    *("预算执行得分", "产出得分", "效益得分", "满意度得分", "其他得分", "总分", "等级"),
    *(
        "按办法总分",
        "按办法等级",
        "审核分数",
        "核定等级",
        "审核与自评分差",
        "未填",
        ERROR,
        UNCHECKED,
        HINT,
        WAIVED,
        "文件",
        "工作表",
    ),
)
INDICATORS = (
    *("单位", "项目", "一级指标", "二级指标", "三级指标", "指标值", "完成值"),
    *("分值", "得分", "按办法得分", "文件"),
)
FINDINGS = ("文件", "表", "代码", "级别", "项目路径", "单元格", "项目", "说明", "放行理由", "放行人")
MOST_ROWS = 1_048_575  # of a sheet, below its heading
DAY, BASIS = "收到日期", "收到日期按"
ABSENT = "—"  # a form has no such thing; None and "" are what it leaves blank, or what cannot be worked out yet
TEN_THOUSAND = Decimal(10_000)
OPEN_CODES = ("F114", "F115", "S109", "S110")  # of findings: not filled, to be decided
Figure = Decimal | str | None  # a number, ABSENT, or None where it is blank or cannot be worked out yet
Shown = float | str | None  # the same in a workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """One form in the summary; the titles of its columns are `FORMS`.

    Attributes:
        unit: the unit as its form says, "" where it does not.
        project: the project, likewise.
        scheme: the title of the scheme.
        initial: 年初预算 in 万元.
        revised: 全年预算 in 万元; the sum of its parts where the form prints only them.
        spent: 支出 in 万元.
        execution: the execution rate as a part of one.
        execution_score: what the money earned.
        output_score: what 产出 earned.
        benefit_score: what 效益 earned.
        satisfaction_score: what 满意度 earned.
        other_score: what groups earned that few schemes have, in words.
        total: 总分 as printed.
        grade: 等级 as printed.
        computed_total: 总分 by the scheme.
        computed_grade: 等级 by the scheme, "" while it is open.
        reviewed_score: 审核分数 of the supervising department, as printed.
        reviewed_grade: 核定等级, likewise.
        reviewed_difference: 审核分数 less 总分.
        unfilled: how many findings say that something is blank or to be decided.
        errors: how many findings are errors.
        unchecked: how many fields could not be checked.
        hints: how many findings are hints.
        waived: how many findings someone has waived.
        file: the path of the workbook.
        sheet: the sheet of the form.
    """

    unit: str
    project: str
    scheme: str
    initial: Figure
    revised: Figure
    spent: Figure
    execution: Figure
    execution_score: Figure
    output_score: Figure
    benefit_score: Figure
    satisfaction_score: Figure
    other_score: str
    total: Figure
    grade: str
    computed_total: Figure
    computed_grade: str
    reviewed_score: Figure
    reviewed_grade: str
    reviewed_difference: Figure
    unfilled: int
    errors: int
    unchecked: int
    hints: int
    waived: int
    file: str
    sheet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator in the summary; the titles of its columns are `INDICATORS`.

    Attributes:
        unit: the unit of its form.
        project: the project of its form.
        group: 一级指标.
        kind: 二级指标, ABSENT where the form has no such column.
        name: 三级指标.
        target: 指标值; 年初指标值 where the adjusted one is blank.
        actual: 完成值.
        weight: 分值, as printed, else by the scheme; of percent the number.
        score: 得分 as printed.
        computed_score: 得分 by the scheme.
        file: the path of the workbook.
    """

    unit: str
    project: str
    group: str
    kind: str
    name: str
    target: str
    actual: str
    weight: Figure
    score: Figure
    computed_score: Figure
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding; the titles of its columns are `FINDINGS`.

    Attributes:
        file: the path of the workbook.
        form: what the form is called among those of the workbook.
        code: the code of the check.
        level: 错误, 提示, 未核对, or 已放行 where it is waived.
        field: the field path, "" where it is about no field.
        address: the cell with its sheet, "" where the form has none.
        label: the printed label of the field.
        message: what is there, what should be there, and why.
        reason: why it is waived, "" where it is not.
        name: who waived it.
    """

    file: str
    form: str
    code: str
    level: str
    field: str
    address: str
    label: str
    message: str
    reason: str
    name: str


class WorkbookRows(NamedTuple):
    """What one workbook brings to the summary; `refused` has its path and why, where it was not read."""

    forms: list[FormRow]
    indicators: list[IndicatorRow]
    refused: list[tuple[str, str]]


def cells(row: FormRow | IndicatorRow) -> tuple[Shown, ...]:
    """The values of a row as a workbook holds them, in the order of its titles."""
    values = (getattr(row, field.name) for field in fields(row))
    return tuple(float(value) if isinstance(value, Decimal) else value for value in values)


def rows_of(path: Path, scheme: str | None = None) -> WorkbookRows:
    """The rows of the forms and of the indicators of one workbook; raises what `assess_file` raises."""
    return rows_with_findings(path, scheme)[0]


def rows_with_findings(path: Path, scheme: str | None = None) -> tuple[WorkbookRows, list[FindingRow]]:
    """The same, and the rows of the findings."""
    listed, indicators, found = list[FormRow](), list[IndicatorRow](), list[FindingRow]()
    for checked in assess_file(path, scheme).forms:
        row = _form_row(path, checked)
        listed.append(row)
        indicators += _indicator_rows(row, checked.form, checked.scores, checked.scheme)
        found += [_finding_row(row.file, checked.name, place) for place in checked.found]
    return WorkbookRows(listed, indicators, []), found


def without_findings(path: Path, scheme: str | None = None) -> tuple[WorkbookRows, list[FindingRow]]:
    """The same for a run that asks for no findings, so that they need not come from another process."""
    return rows_of(path, scheme), []


def collect(
    paths: Iterable[Path], scheme: str | None = None, *, jobs: int | None = 1, executor: Executor | None = None
) -> Iterator[WorkbookRows]:
    """The rows of every workbook in turn; `jobs` and `executor` say where they are read."""
    return (rows for _, rows, _ in read_each(paths, scheme, jobs=jobs, executor=executor))


def read_each(
    paths: Iterable[Path],
    scheme: str | None = None,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    findings: bool = False,
) -> Iterator[tuple[Path, WorkbookRows, list[FindingRow]]]:
    """Every workbook with its rows, in turn; after Ctrl-C those that were read before `KeyboardInterrupt` is raised."""
    job = rows_with_findings if findings else without_findings
    for path, read, why in run(paths, partial(job, scheme=scheme), executor, jobs=jobs):
        rows, found = read or (WorkbookRows([], [], [(str(path), str(why))]), [])
        yield path, rows, found


def _form_row(path: Path, checked: Assessment) -> FormRow:
    scheme, form, scores, found = checked.scheme, checked.form, checked.scores, checked.found
    levels = Counter(place.level for place in found)
    total = read_points(form.total) if form.total != UNCALCULATED else None
    given = checked.reviewed
    scored, graded = "total" in scores.lines, bool(scheme.grades.steps)
    grade = form.grade if form.grade != UNCALCULATED else ""
    initial, revised, spent = (_money(form, scores, amount, scheme) for amount in ("initial", "revised", "spent"))
    (execution, output, benefit, satisfaction), other = _group_scores(form, scores, scheme)
    return FormRow(
        unit=_said(form.texts.get("texts.unit", "")),
        project=_said(form.texts.get("texts.project", "")),
        scheme=scheme.title,
        initial=initial,
        revised=revised,
        spent=spent,
        execution=_execution(form, scores),
        execution_score=execution,
        output_score=output,
        benefit_score=benefit,
        satisfaction_score=satisfaction,
        other_score=other,
        total=total if scored or total is not None else ABSENT,
        grade=grade if graded or grade else ABSENT,
        computed_total=scores.total if scored else ABSENT,
        computed_grade=(scores.grade or "") if graded else ABSENT,
        reviewed_score=given.score if given else ABSENT,
        reviewed_grade=given.grade if given else ABSENT,
        reviewed_difference=given.difference if given else ABSENT,
        unfilled=sum(place.finding.code in OPEN_CODES and not place.waived for place in found),
        errors=levels[ERROR],
        unchecked=levels[UNCHECKED],
        hints=levels[HINT],
        waived=levels[WAIVED],
        file=str(path),
        sheet=checked.name,
    )


def _finding_row(file: str, form: str, place: LocatedFinding) -> FindingRow:
    return FindingRow(
        file=file,
        form=form,
        code=place.code,
        level=place.level,
        field=place.field,
        address=place.address,
        label=place.label,
        message=place.message,
        reason=place.waived.reason if place.waived else "",
        name=place.waived.name if place.waived else "",
    )


def _group_scores(form: Form, scores: Scores, scheme: Scheme) -> tuple[list[Figure], str]:
    """What each group earned: its subtotal as printed, else as computed; and groups that few schemes have, as words."""
    earned: dict[str, Decimal] = {}
    had = {one.group for one in form.indicators if "total" in scores.lines}  # none where nothing is scored
    for field in dict.fromkeys(field for field in (*form.sums, *scores.lines) if field.startswith("groups.")):
        had.add(field.removeprefix("groups."))
        line, words = scores.lines.get(field), form.sums.get(field, "")
        printed = read_points(words) if words != UNCALCULATED else None
        value = printed if printed is not None or line is None else line.value
        if isinstance(value, Decimal):
            earned[field.removeprefix("groups.")] = value
    labels = {"deduction": "扣分", "other": "其他指标"} | {group.name: group.label for group in scheme.groups}
    columns: list[Figure] = []
    for names in GROUPS:
        unknown = None if had.intersection(names) else ABSENT
        columns.append(next((earned.pop(name) for name in names if name in earned), unknown))
    said = "；".join(f"{labels[name]} {format_value(value)}" for name, value in earned.items())
    return columns, said or ("" if had.difference(("",), *GROUPS) else ABSENT)


def _execution(form: Form, scores: Scores) -> Figure:
    """The execution rate as a part of one."""
    line = scores.lines.get("budget.execution")
    if line is None or not form.budget:
        return ABSENT
    return line.value.number / 100 if isinstance(line.value, Quantity) else None


def _money(form: Form, scores: Scores, amount: str, scheme: Scheme) -> Figure:
    """An amount in 万元, whatever the form counts in; 全年预算 also where a form has only what it is the sum of."""
    if amount in form.budget or f"budget.{amount}" in scores.lines:
        return in_ten_thousand(form, scores, amount, scheme)
    base = next((rule.base for rule in scheme.budget if rule.field == "execution"), ())
    if amount != "revised" or len(base) < 2 or not form.budget:
        return ABSENT
    parts = [in_ten_thousand(form, scores, part, scheme) for part in base]
    return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))


def in_ten_thousand(form: Form, scores: Scores, amount: str, scheme: Scheme) -> Decimal | None:
    """An amount of the budget in 万元; None where it is not known."""
    line = scores.lines.get(f"budget.{amount}")
    words = form.budget.get(amount, "")
    quantity = Quantity(line.value, "") if line and isinstance(line.value, Decimal) else read_quantity(words)
    if quantity is None or quantity.unit not in ("", "元"):
        return None
    if not (form.money_unit or scheme.unit or quantity.unit or scaled(words)):
        return None  # a draft of which nobody has confirmed the unit
    in_yuan = (form.money_unit or scheme.unit) == "元" or quantity.unit == "元" or scaled(words)
    return quantity.number / TEN_THOUSAND if in_yuan else quantity.number


def _indicator_rows(row: FormRow, form: Form, scores: Scores, scheme: Scheme) -> Iterator[IndicatorRow]:
    labels = {group.name: group.label for group in scheme.groups}
    kinds = "kind" in scheme.form.indicators
    for number, one in enumerate(form.indicators, 1):
        line = scores.lines.get(f"indicators.{number}.score")
        if not one.name or not (one.target or one.actual or one.score):
            continue
        label = labels.get(one.group, "") or _said(one.label or "")
        target = one.target or one.initial or (one.initial if one.target is None else one.target)
        computed = line.value if line and isinstance(line.value, Decimal) else None
        yield IndicatorRow(
            unit=row.unit,
            project=row.project,
            group=label or _blank(one.label),
            kind=one.kind if kinds or one.kind else ABSENT,
            name=_said(one.name),
            target=target or _blank(target),
            actual=_brief(one.actual) or _blank(one.actual),
            weight=_weight(one.weight, scores.lines.get(f"indicators.{number}.weight")),
            score=ABSENT if one.score is None else read_points(one.score),
            computed_score=ABSENT if one.score is None and computed is None else computed,
            file=row.file,
        )


def _blank(words: str | None) -> str:
    """What is shown for a missing text: "—" if the form has no such column, "" if it is blank."""
    return ABSENT if words is None else ""


def _weight(words: str | None, line: Line | None) -> Figure:
    """The points of a row: as printed, also as a part of a hundred (40%), else as the scheme works them out."""
    quantity = read_quantity(words or "")
    if quantity is not None and quantity.unit == "%":
        return quantity.number
    printed = read_points(words or "")
    if printed is None and line and isinstance(line.value, Decimal):
        return line.value
    return ABSENT if words is None else printed


def _brief(words: str | None) -> str | None:
    """A rate that a program worked out, as its cell shows it."""
    quantity = read_quantity(words or "")
    long = quantity is not None and quantity.unit == "%" and decimals(quantity.number) > 4
    return format_value(quantity) if quantity is not None and long else words


def _said(words: str) -> str:
    return " ".join(words.split()) if words != UNCALCULATED else ""
