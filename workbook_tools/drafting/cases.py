"""A bureau's own cases: filled forms beside the scores that they must get."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.errors import BadScheme
from workbook_tools.excel import Book, read_file
from workbook_tools.fill import read_and_score
from workbook_tools.forms.form import Field, Line, Scores
from workbook_tools.forms.recognition import forms_of
from workbook_tools.schemes.files import schemes_from
from workbook_tools.schemes.toml_table import read_toml
from workbook_tools.values import format_value

FOLDER = "cases"
_KEYS = {"gives", "open"}


class Differs(NamedTuple):
    """A field of a case that is not as expected: what was expected, what was computed, and why."""

    label: str
    expected: str
    computed: str
    why: str


class Case(NamedTuple):
    """A filled form, and the file of what it must give."""

    workbook: Path
    expected: Path


def cases_of(folder: Path) -> list[Case]:
    """The cases below the folder of a scheme; raises `BadScheme` where there are none, or a workbook is missing."""
    files = sorted((folder / FOLDER).glob("*.toml"))
    if not files:
        example = '[gives] 下面写 total = "94.66"'
        raise BadScheme(f"{folder / FOLDER} 里没有例子；每个例子是一张填好的表和一个同名的 .toml（{example}）")
    return [Case(_workbook(file), file) for file in files]


def _workbook(file: Path) -> Path:
    for ending in (".xlsx", ".xlsm"):
        if (path := file.with_suffix(ending)).is_file():
            return path
    raise BadScheme(f"{file}：旁边没有同名的工作簿（{file.stem}.xlsx）")


def try_case(folder: Path, case: Case) -> list[Differs]:
    """What differs; raises `BadScheme` for a file of expectations at fault, or the errors of reading a form."""
    expected = _expected(case.expected)
    with schemes_from(str(folder)):
        sheet, scheme, page = forms_of(Book(read_file(case.workbook)), folder.resolve().name)[0]
        placement, _, scores = read_and_score(sheet, scheme, page)
    return list(_differing(expected, scores, dict(placement.labels)))


def _expected(path: Path) -> dict[Field, str | None]:
    """Field → what it must be, None for what a person has to decide."""
    try:
        table = read_toml(path)
    except BadScheme as fault:
        raise BadScheme(f"{path}：{fault}") from fault
    gives, opened = table.get("gives", {}), table.get("open", [])
    if table.keys() - _KEYS or not isinstance(gives, dict) or not isinstance(opened, list) or not (gives or opened):
        raise BadScheme(f"{path}：只能有 [gives]（项目 = 应得的数）和 open = [要由人定的项目]，至少写一项")
    flat = {field: str(value) for field, value in _flat(gives, "")}
    return {**flat, **dict.fromkeys(map(str, opened))}


def _flat(table: dict[str, Any], above: str) -> Iterator[tuple[Field, object]]:
    for key, value in table.items():
        path = f"{above}.{key}" if above else key
        if isinstance(value, dict):
            yield from _flat(value, path)
        else:
            yield path, value


def _differing(expected: dict[Field, str | None], scores: Scores, labels: dict[Field, str]) -> Iterator[Differs]:
    for field, wanted in expected.items():
        line = scores.lines.get(field)
        label = labels.get(field, field)
        if line is None:
            yield Differs(label, wanted or "由人定", "没有这一项", "项目的写法见 workbook_tools export 写出的数据")
        elif wanted is None and line.value is not None:
            yield Differs(label, "由人定", format_value(line.value), line.why)
        elif wanted is not None and not _same(wanted, line):
            yield Differs(label, wanted, "没有定" if line.value is None else format_value(line.value), line.why)


def _same(wanted: str, line: Line) -> bool:
    """Whether a line is what was expected: the same number, or the same words."""
    if line.value is None:
        return False
    computed = format_value(line.value)
    try:
        return Decimal(wanted.rstrip("%")) == Decimal(computed.replace(",", "").rstrip("%")) and wanted.endswith(
            "%"
        ) == computed.endswith("%")
    except InvalidOperation:
        return wanted == computed
