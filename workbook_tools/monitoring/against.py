"""A form of the whole year beside the monitoring tables of the middle of it: what changed since, with both cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbook_tools.checks import ERROR, HINT, Finding
from workbook_tools.checks.monitoring import COUNTED
from workbook_tools.checks.since_monitoring import BELOW_MIDYEAR, BUDGET_DIFFERS, DROPPED, OTHER_PROJECT, TARGET_CHANGED
from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field, Form, Indicator, Scores
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.forms.reading import read_form
from workbook_tools.forms.recognition import is_monitoring, looked_at
from workbook_tools.monitoring.source import GENERAL_RULES
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring.comparing import actual_words, target_words
from workbook_tools.scoring.lights import MonitoredRow, monitored_rows
from workbook_tools.text import shown_path
from workbook_tools.values import names_nothing, normalize, plain, read_quantity, read_target

TEN_THOUSAND = 10_000


class Monitored(NamedTuple):
    """One monitoring table as it was read, and where its cells stand."""

    where: str  # the file
    sheet: Sheet
    placement: Placement
    form: Form
    rows: list[MonitoredRow]

    def cell(self, field: Field) -> str:
        """The file and cell of a field, as a person looks for it."""
        cell = self.placement.cells.get(field)
        return f"{self.where} {self.sheet.address(cell)}" if cell else self.where


def read_monitored(path: Path) -> list[Monitored]:
    """The monitoring tables of a workbook; raises `FileRejected`, or `FormNotRecognised` where there is none."""
    try:
        read, _, _ = looked_at(read_book(read_file(path)))
    except FileRejected as fault:
        raise fault.at(path) from None
    scheme = load_scheme(GENERAL_RULES)
    tables = []
    for one in read:
        if is_monitoring(one.printed) and scheme.monitoring:
            placement = place(one.sheet, scheme, one.printed)
            form = read_form(one.sheet, placement)
            tables.append(Monitored(path.name, one.sheet, placement, form, monitored_rows(form, scheme.monitoring)))
    if not tables:
        raise FormNotRecognised(f"{shown_path(path)}：不像绩效监控表", "--against 后面请写年中的监控表")
    return tables


def since(tables: Sequence[Monitored]) -> Callable[[Sheet, Placement, Scores, int], list[Finding]]:
    """A further check of a form: what differs from the monitoring table of its project."""
    return partial(_differing, tables)


def _differing(tables: Sequence[Monitored], sheet: Sheet, placement: Placement, *_: object) -> list[Finding]:
    form = read_form(sheet, placement)
    project = form.texts.get("texts.project", "")
    own = [one for one in tables if normalize(one.form.texts.get("texts.project", "")) == normalize(project)]
    if len(own) != 1:
        names = "、".join(f"“{one.form.texts.get('texts.project', '')}”" for one in tables)
        how = f"有 {len(own)} 张都是这个项目的" if own else f"是{names}的"
        said = f"这张表是“{project}”，给的监控表{how}；没有核对，请换成这个项目的监控表"
        return [Finding(OTHER_PROJECT, "texts.project" if project else "", said, HINT)]
    return [*_money(form, own[0]), *_indicators(form, own[0])]


def _indicators(form: Form, table: Monitored) -> Iterator[Finding]:
    rows = [(f"indicators.{number}", row) for number, row in enumerate(form.indicators, 1)]
    for one in table.rows:
        named = normalize(one.indicator.name)
        same = [(field, row) for field, row in rows if named and normalize(row.name) == named]
        if not same:
            if not names_nothing(one.indicator.name):
                name, where = " ".join(one.indicator.name.split()), table.cell(f"{one.field}.name")
                said = f"监控表有“{name}”（{where}），这里没有；请补上"
                yield Finding(DROPPED, "", said, ERROR)
        elif len(same) == 1:  # of two rows of one name nobody knows which is which
            yield from _target(*same[0], one, table)
            yield from _value(*same[0], one, table)


def _target(field: Field, row: Indicator, one: MonitoredRow, table: Monitored) -> Iterator[Finding]:
    """A figure without a sign is the same as with one: the monitoring table has a column for the sign."""
    now, then = target_words(row), target_words(one.indicator)
    first, second = read_target(now), read_target(then)
    same = normalize(now) == normalize(then)
    if first and second:
        signs = {first.op, second.op} - {None}
        same = first.quantity == second.quantity and len(signs) <= 1
    if now and then and not same:
        said = f"填“{now}”，监控表是“{then}”（{table.cell(f'{one.field}.target')}）；没有批准调整的，请改回"
        yield Finding(TARGET_CHANGED, f"{field}.target", said, ERROR)


def _value(field: Field, row: Indicator, one: MonitoredRow, table: Monitored) -> Iterator[Finding]:
    """What only grows and is less at the end of the year than in its middle."""
    now, then, target = read_quantity(actual_words(row)), one.quantity(one.so_far), one.target
    counted = one.indicator.kind.startswith(COUNTED) and not (target and target.op in ("≤", "<"))
    if counted and now and then and now.unit == then.unit != "%" and now.number < then.number:
        said = f"全年完成 {now}，年中已经完成 {then}（{table.cell(f'{one.field}.so_far')}）；请核对哪一张填错了"
        yield Finding(BELOW_MIDYEAR, f"{field}.actual", said, ERROR)


def _money(form: Form, table: Monitored) -> Iterator[Finding]:
    """The initial budget, and what was spent; 元 and 万元 are held against each other."""
    for field, other, code in (
        ("budget.initial", "budget.initial", BUDGET_DIFFERS),
        ("budget.spent", "budget.so_far", BELOW_MIDYEAR),
    ):
        now, then = read_quantity(form.words.get(field, "")), read_quantity(table.form.words.get(other, ""))
        if now is None or then is None:
            continue
        units = (now.unit or form.money_unit, then.unit or table.form.money_unit)
        if "" in units:
            continue
        one, two = (
            number * TEN_THOUSAND if unit == "万元" else number
            for number, unit in zip((now.number, then.number), units, strict=True)
        )
        where = table.cell(other)
        figures = f"{plain(now.number)} {units[0]}", f"{plain(then.number)} {units[1]}"
        if code == BUDGET_DIFFERS and one != two:
            said = f"年初预算数 {figures[0]}，监控表是 {figures[1]}（{where}）；请核对"
            yield Finding(code, field, said, HINT)
        elif code == BELOW_MIDYEAR and one < two:
            said = f"全年支出 {figures[0]}，年中已经支出 {figures[1]}（{where}）；请核对哪一张填错了"
            yield Finding(code, field, said, ERROR)
