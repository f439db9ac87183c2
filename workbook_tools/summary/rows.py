"""The rows of a 汇总表: one a form, one an indicator, read by worker processes where there are many files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import NamedTuple, TypeVar

from workbook_tools.assess import Assessment, assess_file
from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.findings import WAIVED
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
    *("按办法总分", "按办法等级", "未填", ERROR, UNCHECKED, HINT, WAIVED, "文件", "工作表"),
)
INDICATORS = (
    *("单位", "项目", "一级指标", "二级指标", "三级指标", "指标值", "完成值"),
    *("分值", "得分", "按办法得分", "文件"),
)
FINDINGS = ("级别", "代码", "检查", "单位", "项目", "单元格", "发现", "文件")
DAY, BASIS = "收到日期", "收到日期按"
ABSENT = "—"  # a form has no such thing; None and "" are what it leaves blank, or what cannot be worked out yet
TEN_THOUSAND = Decimal(10_000)
OPEN_CODES = ("F114", "F115", "S109", "S110")  # of findings: not filled, to be decided
CHUNK = 20  # forms that a worker takes at a time
Figure = float | str | None  # a number, ABSENT, or None where it is blank or cannot be worked out yet


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
    """One finding in the summary; the titles of its columns are `FINDINGS`.

    Attributes:
        level: how grave it is, or that it is waived.
        code: the code of its check.
        title: what the check finds.
        unit: the unit of its form.
        project: the project of its form.
        address: the sheet and the cell, "" where it is about none.
        message: what is there and what should be.
        file: the path of the workbook.
    """

    level: str
    code: str
    title: str
    unit: str
    project: str
    address: str
    message: str
    file: str


class WorkbookRows(NamedTuple):
    """What one workbook brings to the summary; `refused` has its path and why, where it was not read."""

    forms: list[FormRow]
    indicators: list[IndicatorRow]
    refused: list[tuple[str, str]]
    findings: list[FindingRow]


def cells(row: FormRow | IndicatorRow) -> tuple[Figure, ...]:
    """The values of a row, in the order of its titles."""
    return tuple(getattr(row, field.name) for field in fields(row))


def rows_of(path: Path, scheme: str | None = None) -> WorkbookRows:
    """The rows of the forms and of the indicators of one workbook, or why it was not read."""
    try:
        listed, indicators, findings = list[FormRow](), list[IndicatorRow](), list[FindingRow]()
        for checked in assess_file(path, scheme).forms:
            row = _form_row(path, checked)
            listed.append(row)
            indicators += _indicator_rows(row, checked.form, checked.scores, checked.scheme)
            findings += _finding_rows(row, checked)
    except WorkbookToolsError as fault:
        return WorkbookRows([], [], [(str(path), str(fault))], [])
    except Exception as fault:  # the one boundary: a fault of ours must not stop the other files
        said = f"程序出错（{type(fault).__name__}：{fault}），请把这个文件交给维护人员"
        return WorkbookRows([], [], [(str(path), said)], [])
    return WorkbookRows(listed, indicators, [], findings)


def collect(paths: Iterable[Path], scheme: str | None = None, workers: int = 1) -> Iterator[WorkbookRows]:
    """The rows of every workbook in turn, read by worker processes where there are several."""
    yield from each(partial(rows_of, scheme=scheme), paths, workers)


Read = TypeVar("Read")


def each(job: Callable[[Path], Read], paths: Iterable[Path], workers: int = 1) -> Iterator[Read]:
    """What a job gives of every file in turn, by worker processes where there are several."""
    if workers < 2:
        yield from map(job, paths)
        return
    with ProcessPoolExecutor(workers, initializer=_end_with_the_parent) as pool:
        yield from pool.map(job, paths, chunksize=CHUNK)


def _end_with_the_parent() -> None:
    """A worker whose parent was killed ends too, instead of waiting for work for ever."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _form_row(path: Path, checked: Assessment) -> FormRow:
    scheme, form, scores, found = checked.scheme, checked.form, checked.scores, checked.found
    levels = Counter(place.level for place in found)
    total = read_points(form.total) if form.total != UNCALCULATED else None
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
        total=_number(total) if scored or total is not None else ABSENT,
        grade=grade if graded or grade else ABSENT,
        computed_total=_number(scores.total) if scored else ABSENT,
        computed_grade=(scores.grade or "") if graded else ABSENT,
        unfilled=sum(place.finding.code in OPEN_CODES and not place.waived for place in found),
        errors=levels[ERROR],
        unchecked=levels[UNCHECKED],
        hints=levels[HINT],
        waived=levels[WAIVED],
        file=str(path),
        sheet=checked.name,
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
        columns.append(next((float(earned.pop(name)) for name in names if name in earned), unknown))
    said = "；".join(f"{labels[name]} {format_value(value)}" for name, value in earned.items())
    return columns, said or ("" if had.difference(("",), *GROUPS) else ABSENT)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _execution(form: Form, scores: Scores) -> Figure:
    """The execution rate as a part of one."""
    line = scores.lines.get("budget.execution")
    if line is None or not form.budget:
        return ABSENT
    return float(line.value.number / 100) if isinstance(line.value, Quantity) else None


def _money(form: Form, scores: Scores, amount: str, scheme: Scheme) -> Figure:
    """An amount in 万元, whatever the form counts in; 全年预算 also where a form has only what it is the sum of."""
    if amount in form.budget or f"budget.{amount}" in scores.lines:
        return _number(in_ten_thousand(form, scores, amount, scheme))
    base = next((rule.base for rule in scheme.budget if rule.field == "execution"), ())
    if amount != "revised" or len(base) < 2 or not form.budget:
        return ABSENT
    parts = [in_ten_thousand(form, scores, part, scheme) for part in base]
    return None if None in parts else _number(sum((part for part in parts if part is not None), Decimal(0)))


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
        computed = _number(line.value) if line and isinstance(line.value, Decimal) else None
        yield IndicatorRow(
            unit=row.unit,
            project=row.project,
            group=label or _blank(one.label),
            kind=one.kind if kinds or one.kind else ABSENT,
            name=_said(one.name),
            target=target or _blank(target),
            actual=_brief(one.actual) or _blank(one.actual),
            weight=_weight(one.weight, scores.lines.get(f"indicators.{number}.weight")),
            score=ABSENT if one.score is None else _number(read_points(one.score)),
            computed_score=ABSENT if one.score is None and computed is None else computed,
            file=row.file,
        )


def _finding_rows(row: FormRow, checked: Assessment) -> Iterator[FindingRow]:
    for place in checked.found:
        yield FindingRow(
            level=place.level,
            code=place.code,
            title=CHECKS[place.code].title,
            unit=row.unit,
            project=row.project,
            address=place.address,
            message=place.message,
            file=row.file,
        )


def _blank(words: str | None) -> str:
    """What is shown for a missing text: "—" if the form has no such column, "" if it is blank."""
    return ABSENT if words is None else ""


def _weight(words: str | None, line: Line | None) -> Figure:
    """The points of a row: as printed, also as a part of a hundred (40%), else as the scheme works them out."""
    quantity = read_quantity(words or "")
    if quantity is not None and quantity.unit == "%":
        return float(quantity.number)
    printed = read_points(words or "")
    if printed is None and line and isinstance(line.value, Decimal):
        return float(line.value)
    return ABSENT if words is None else _number(printed)


def _brief(words: str | None) -> str | None:
    """A rate that a program worked out, as its cell shows it."""
    quantity = read_quantity(words or "")
    long = quantity is not None and quantity.unit == "%" and decimals(quantity.number) > 4
    return format_value(quantity) if quantity is not None and long else words


def _said(words: str) -> str:
    return " ".join(words.split()) if words != UNCALCULATED else ""
