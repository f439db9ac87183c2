"""下年目标表: a draft of next year's targets, made of this year's forms; every target in it is left to a person.

`targets.read_targets` reads it once it is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook

from workbook_tools.checks.compared import ComparedForm, ComparedRow, YearPair
from workbook_tools.checks.years import (
    direction_is_not_declared,
    missed_indicator_has_gone,
    target_is_looser,
    target_is_slightly_below_last_actual,
)
from workbook_tools.excel.loading import written
from workbook_tools.forms.placement import USUAL_GROUPS
from workbook_tools.summary.tables import Column, Link, Value, official_table
from workbook_tools.targets import DRAFT, DRAFT_PROJECTS, OWN_ROW, SOURCES
from workbook_tools.text import regex, shown_path
from workbook_tools.values import HUNDRED, scaled

HINTS = (  # what the comparison of two years would find if next year kept the target, or dropped it
    (missed_indicator_has_gone, "今年没有完成：下年继续考核；不再考核的，说明原因"),
    (target_is_looser, "完成值比指标值好得多：下年照旧，就是定松了"),
    (target_is_slightly_below_last_actual, "完成值比指标值好一些：定下年指标值时参考"),
    (direction_is_not_declared, "没有写≥或≤，不知道完成值是不是更好：下年请写明"),
)
NO_ACTUAL = "没有填完成值"
NOT_DECIDED = "看不出是不是完成了，请判断"
OTHER_GROUP = "不是产出、效益、满意度指标：请改一级指标，不考核的删去这一行"
MET = {True: "是", False: "否", None: ""}
EXPLAINED = (
    ("黄色格", "由人填：下年指标值、下年预算、下年绩效目标。没有读到完成值什么时候应当定为指标值的规定，所以都空着"),
    ("下年指标值", "连同符号写：≥95%、≤5次；只写数的，按“计量单位”一列"),
    ("增减", "不再考核的指标、不再做的项目，删去整行；新的，在下面加一行，写明项目名称"),
    ("提示", "和两年对比的检查 C102、C103、C104、C117 一样（workbook_tools explain C102）；只供参考"),
    ("金额", "万元；空白的是表上没有、没有填或者读不出的，不当作 0。下年的三栏，填了一栏的，另外两栏空着就是没有"),
    ("填好以后", "workbook_tools targets import 这个文件 --new 文件夹，生成下年的自评表；年中加 --stage 监控"),
)
_BRACKETS = regex(r"[（(].*")


def of_projects(forms: Sequence[ComparedForm]) -> tuple[list[ComparedForm], list[tuple[str, str]]]:
    """The forms that can be told apart as projects, with their indicators; the files of the others, and why."""
    files: dict[tuple[str, str], list[str]] = {}
    for form in forms:
        files.setdefault(_key(form), []).append(form.file)
    kept: list[ComparedForm] = []
    left: list[tuple[str, str]] = []
    for form in forms:
        same = files[_key(form)]
        if not form.project:
            left.append((form.file, "没有写项目名称，没有列入下年目标表；请在表上写明"))
        elif len(same) > 1:
            names = "、".join(shown_path(Path(file).name) for file in same)
            left.append((form.file, f"“{form.project}”有 {len(same)} 份表（{names}），都没有列入；请只留一份"))
        else:
            kept.append(form)
    return kept, left


def indicators_of(form: ComparedForm) -> list[ComparedRow]:
    """The indicators of a form without the row of its own budget, which is no target."""
    return [row for row in form.rows if not OWN_ROW.search(row.name)]


def next_targets(forms: Sequence[ComparedForm], left: Sequence[tuple[str, str]], beside: Path) -> bytes:
    """The workbook; links are relative to the folder `beside` in which it is written."""
    workbook = Workbook(write_only=True)
    years = {form.year for form in forms}
    this = years.pop() if len(years) == 1 else None
    title = f"{this + 1}年度项目绩效目标表（草稿）" if this else "下年度项目绩效目标表（草稿）"
    units = {_unit(form) for form in forms}
    said = f"今年：{this}年度；" if this else ""
    several = [Column(DRAFT["unit"], widest=18)] if len(units) > 1 else []
    official_table(
        workbook.create_sheet("指标"),
        title,
        (Column(DRAFT["project"], widest=24), *several, *INDICATOR_COLUMNS),
        (
            (form.project, *([_unit(form)] if several else []), *_indicator(form, row))
            for form in forms
            for row in indicators_of(form)
        ),
        note=f"{said}黄色格由人填，连同符号写，如 ≥95%；不再考核的删去整行",
    )
    official_table(
        workbook.create_sheet("项目"),
        f"{title}：预算和绩效目标",
        PROJECT_COLUMNS,
        map(_project, forms),
        note=f"{said}单位：万元；黄色格由人填",
        beside=beside,
    )
    if left:
        columns = (Column("文件", widest=40), Column("原因", widest=80))
        official_table(workbook.create_sheet("没有列入"), "没有列入的文件", columns, left)
    notes = (Column("项", widest=14), Column("说明", widest=100))
    official_table(workbook.create_sheet("说明"), "说明", notes, EXPLAINED)
    return written(workbook)


INDICATOR_COLUMNS = (
    Column(DRAFT["label"], widest=14),
    Column(DRAFT["kind"], widest=18),
    Column(DRAFT["name"], widest=28),
    Column(DRAFT["measure"], "word", 10),
    Column("今年指标值", widest=16),
    Column("今年完成值", widest=16),
    Column("今年是否完成", "word", 10),
    Column(DRAFT["target"], "text", 16, asked=True),
    Column("提示", widest=34),
)
PROJECT_COLUMNS = (
    Column(DRAFT_PROJECTS["project"], widest=26),
    Column(DRAFT_PROJECTS["unit"], widest=18),
    *(Column("今年预算", "money"), Column("今年支出", "money"), Column("今年执行率", "percent")),
    *(Column("今年总分", "points"), Column("今年绩效目标", widest=60)),
    *(Column(DRAFT_PROJECTS[source], "money", 12, asked=True) for source in SOURCES),
    Column(DRAFT_PROJECTS["goal"], "text", 40, asked=True),
    Column("自评表", widest=24),
)


def _indicator(form: ComparedForm, row: ComparedRow) -> Iterator[Value | Link]:
    yield from (_BRACKETS.sub("", row.label), row.kind, row.name, _measure(row))
    yield from (row.wanted, row.reached, MET[row.met], None, "\n".join(_hints(form, row)))


def _hints(form: ComparedForm, row: ComparedRow) -> Iterator[str]:
    if not any(word in row.label for words in USUAL_GROUPS.values() for word in words):
        yield OTHER_GROUP
    if not row.reached:
        yield NO_ACTUAL
        return
    kept = YearPair(form, form, [(row, row)], [(row, None)])
    found = [words for check, words in HINTS if any(check(kept))]
    yield from found
    if row.met is None and not found:
        yield NOT_DECIDED


def _measure(row: ComparedRow) -> str:
    """The unit that a bare figure would have: of its own column, or as written behind the figure of the target."""
    unit = row.target.quantity.unit if row.target and not row.unit else row.unit
    return "" if not row.unit and (scaled(row.wanted) or not row.wanted.endswith(unit)) else unit


def _project(form: ComparedForm) -> tuple[Value | Link, ...]:
    execution = None if form.execution is None else form.execution / HUNDRED
    file = Link(form.file, shown=Path(form.file).name)
    blank = [None] * (len(SOURCES) + 1)
    return (form.project, _unit(form), form.budget, form.spent, execution, form.total, form.goal, *blank, file)


def _unit(form: ComparedForm) -> str:
    return form.unit or form.department


def _key(form: ComparedForm) -> tuple[str, str]:
    return _unit(form), form.project
