"""The rows of a 汇总表: one a form, one an indicator, read by worker processes where there are many files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from workbook_tools.book import Refused
from workbook_tools.checking import WAIVED, BadWaiver, Checked, assess_file
from workbook_tools.checks import ERROR, HINT
from workbook_tools.form import Form, Scores
from workbook_tools.layout import BadLayout, NotThisForm
from workbook_tools.listing import column_of, read_lines, read_rows
from workbook_tools.scheme import Scheme
from workbook_tools.scheme_file import BadScheme
from workbook_tools.values import (
    UNCALCULATED,
    Quantity,
    decimals,
    half_width,
    read_points,
    read_quantity,
    scaled,
    shown,
)

GROUPS = {
    "预算执行得分": ("execution", "process", "finance"),
    "产出得分": ("output",),
    "效益得分": ("benefit",),
    "满意度得分": ("satisfaction",),
}
OTHER_GROUPS = "其他得分"
FORMS = (
    *("单位", "项目", "评分办法", "年初预算（万元）", "全年预算（万元）", "支出（万元）", "执行率"),
    *(*GROUPS, OTHER_GROUPS, "总分", "等级"),
    *("按办法总分", "按办法等级", "未填", "错误", "提示", WAIVED, "文件", "工作表"),
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
TEN_THOUSAND = Decimal(10_000)
MISSING, LATE, TWICE, STRANGER, OPEN, FAULTY = "没有报送", "逾期", "重复报送", "不在名单上", "没有填完", "有错误"
UNIT = ("单位", "单位名称", "名称")  # of the column of a list
OPEN_CODES = ("S109", "S110")  # of findings: not filled, to be decided
CHUNK = 20  # forms that a worker takes at a time
Rows = tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str]]]


def rows_of(path: Path, scheme: str | None = None) -> Rows:
    """The rows of the forms and of the indicators of one workbook, or why it was not read."""
    try:
        listed, indicators = [], []
        for checked in assess_file(path, scheme).forms:
            row = _form_row(path, checked)
            listed.append(row)
            indicators += list(_indicator_rows(row, checked.form, checked.scores))
    except (Refused, NotThisForm, BadScheme, BadLayout, BadWaiver) as fault:
        return [], [], [(str(path), str(fault))]
    return listed, indicators, []


def collect(paths: Iterable[Path], scheme: str | None = None, workers: int = 1) -> Iterator[Rows]:
    """The rows of every workbook in turn, read by worker processes where there are several."""
    if workers < 2:
        yield from (rows_of(path, scheme) for path in paths)
        return
    with ProcessPoolExecutor(workers, initializer=_end_with_the_parent) as pool:
        yield from pool.map(partial(rows_of, scheme=scheme), paths, chunksize=CHUNK)


def _end_with_the_parent() -> None:
    """A worker whose parent was killed ends too, instead of waiting for work for ever."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _form_row(path: Path, checked: Checked) -> dict[str, Any]:
    scheme, form, scores, found = checked.scheme, checked.form, checked.scores, checked.found
    execution = scores.lines.get("budget.execution")
    rate = execution.value if execution and isinstance(execution.value, Quantity) else None
    levels = Counter(place.level for place in found)
    total = read_points(form.total) if form.total != UNCALCULATED else None
    cells = (
        _said(form.texts.get("texts.unit", "")),
        _said(form.texts.get("texts.project", "")),
        scheme.title,
        *(_money(form, scores, amount, scheme) for amount in ("initial", "revised", "spent")),
        None if rate is None else float(rate.number / 100),
        *_group_scores(form, scores, scheme),
        None if total is None else float(total),
        form.grade if form.grade != UNCALCULATED else "",
        None if scores.total is None else float(scores.total),
        scores.grade or "",
        sum(place.finding.code in OPEN_CODES and not place.waived for place in found),
        levels[ERROR],
        levels[HINT],
        levels[WAIVED],
        str(path),
        checked.sheet,
    )
    return dict(zip(FORMS, cells, strict=True))


def _group_scores(form: Form, scores: Scores, scheme: Scheme) -> Iterator[float | str | None]:
    """What each group earned: its subtotal as printed, else as computed; groups that few schemes have, as words."""
    earned = {}
    for field in dict.fromkeys(field for field in (*form.sums, *scores.lines) if field.startswith("groups.")):
        line, words = scores.lines.get(field), form.sums.get(field, "")
        printed = read_points(words) if words != UNCALCULATED else None
        value = printed if printed is not None or line is None else line.value
        if isinstance(value, Decimal):
            earned[field.removeprefix("groups.")] = value
    for names in GROUPS.values():
        yield next((float(earned.pop(name)) for name in names if name in earned), None)
    labels = {"deduction": "扣分", "other": "其他指标"} | {group.name: group.label for group in scheme.groups}
    yield "；".join(f"{labels[name]} {shown(value)}" for name, value in earned.items())


def _money(form: Form, scores: Scores, amount: str, scheme: Scheme) -> float | None:
    """An amount in 万元, whatever the form counts in."""
    line = scores.lines.get(f"budget.{amount}")
    words = form.budget.get(amount, "")
    quantity = Quantity(line.value, "") if line and isinstance(line.value, Decimal) else read_quantity(words)
    if quantity is None or quantity.unit not in ("", "元"):
        return None
    in_yuan = scheme.unit == "元" or quantity.unit == "元" or scaled(words)
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
    long = quantity is not None and quantity.unit == "%" and decimals(quantity.number) > 4
    return shown(quantity) if quantity is not None and long else words


def _said(words: str) -> str:
    return " ".join(words.split()) if words != UNCALCULATED else ""


class Standing(NamedTuple):
    """Why a unit has to be asked: the Chinese names of its fields are the headings of the sheet 催报."""

    单位: str
    情况: str
    说明: str


def standings(forms: Iterable[Mapping[str, Any]], expected: Sequence[str], deadline: date | None) -> list[Standing]:
    """Who on the list is missing, late, sent one project twice, left fields open or has errors; and who is not on it.

    A form came in when its file was last changed. Without a list only what came in is looked at.
    """
    came: dict[str, list[Mapping[str, Any]]] = {}
    for form in forms:
        came.setdefault(half_width(form["单位"]), []).append(form)
    names = {half_width(unit): unit for unit in expected}
    found = [Standing(unit, MISSING, "名单上有，没有收到表") for key, unit in names.items() if key not in came]
    for key, sent in came.items():
        unit = sent[0]["单位"] or "（没有写单位）"
        if names and key not in names:
            found.append(Standing(unit, STRANGER, "、".join(sorted({form["文件"] for form in sent}))))
        found += _late(unit, sent, deadline)
        found += _twice(unit, sent)
        unfinished = [form for form in sent if form["未填"]]
        found += [Standing(unit, OPEN, f"{form['文件']}：{form['未填']} 处没有填") for form in unfinished]
        faulty = [form for form in sent if form["错误"]]
        found += [Standing(unit, FAULTY, f"{form['文件']}：{form['错误']} 处错误") for form in faulty]
    return found


def _late(unit: str, sent: Sequence[Mapping[str, Any]], deadline: date | None) -> Iterator[Standing]:
    for form in sent:
        day = arrived(Path(form["文件"])) if deadline else None
        if deadline and day and day > deadline:
            yield Standing(unit, LATE, f"{form['文件']}：文件时间 {day}，截止 {deadline}")


def _twice(unit: str, sent: Sequence[Mapping[str, Any]]) -> Iterator[Standing]:
    names = {half_width(form["项目"]): form["项目"] for form in sent}
    for key, count in Counter(half_width(form["项目"]) for form in sent).items():
        if count > 1 and key:
            yield Standing(unit, TWICE, f"“{names[key]}”报了 {count} 份")


def arrived(path: Path) -> date | None:
    """The day on which a file was last changed; None when it is gone."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone().date()
    except OSError:
        return None


def read_units(path: Path) -> list[str]:
    """The units of a list: a text file with one a line, or the column 单位 of a .csv or .xlsx; raises `Refused`."""
    if path.suffix.lower() == ".txt":
        units = read_lines(path)
    else:
        rows = read_rows(path)
        at = next((number for number, row in enumerate(rows) if column_of(row, UNIT)), None)
        if at is None:
            raise Refused("E_KIND", f"{path}：名单要有“单位”一列，或者是每行一个单位的 .txt")
        column = column_of(rows[at], UNIT) - 1
        units = [row[column] for row in rows[at + 1 :] if column < len(row)]
    named = list(dict.fromkeys(unit.strip() for unit in units if unit.strip()))
    if not named:
        raise Refused("E_KIND", f"{path}：名单里一个单位也没有")
    return named
