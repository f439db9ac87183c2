"""A report is held against its form after every single figure of the form was changed, one at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

import build
from paper import example, type_into
from places import EXAMPLES
from workbook_tools.assess import Assessment, add_report, assess_file, assess_sheet
from workbook_tools.checks.prose import UNFINISHED
from workbook_tools.claims.report_file import read_report
from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.form import Report
from workbook_tools.reports.word.report import made_report
from workbook_tools.reports.word.values import report_values
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.word.marks import Piece

FORMS = [name for name in build.FORMS if (EXAMPLES / f"{name}.xlsx").exists()]
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")

OF_THE_PROJECT = "报告的题目是项目名称，年度写在项目名称里，项目名称没有改"
MONTH = "月份是一行的名称，不是数；改了名称，不知道是哪一行"
# Example → field whose change a report does not show → why; all its figures.
UNNOTICED = {
    "guangzhou_12345_2021": {
        "texts.year": OF_THE_PROJECT,
        "texts.goal": "工作簿里另附的报告有同样的一句话，没有改，生成的报告和它一样",
    },
    "guangzhou_department_2023": {
        r"tables\.\w+\.\d+\.month": MONTH,
        "headings.internet.answered": "180秒是栏目名称的一部分，不是数",
    },
    "guangzhou_petition_2022": {r"sources\.\d\.name": "年度是资金名称的一部分，不是数；改了名称，不知道是哪一笔"},
    "hunan_lingling_2021": {
        "texts.goal": "实际完成情况是同样的话，没有改，报告里的目标和它一样",
        "budget.revised": "年初预算是同一个数，没有改，报告写的是它",
    },
    "transfer_hengshan_2020": {"texts.year": OF_THE_PROJECT},
    "yunnan_lijiang_2020": {"texts.year": OF_THE_PROJECT},
    "zhongshan_12345_2022": {"texts.unit": "12345 是单位名称的一部分，不是数"},
}


@cache
def scheme_of(name: str) -> Scheme:
    return assess_file(EXAMPLES / f"{name}.xlsx").forms[0].scheme


def form_of(name: str, cell: Cell | None = None, words: str = "") -> Assessment:
    """An example, with other words in a cell."""
    sheet = example(name)
    if cell is not None:
        type_into(sheet, cell, words)
    return assess_sheet(sheet, scheme_of(name))


def report_of(form: Assessment) -> Report:
    return read_report(Path("报告.docx"), made_report(form, Path("没有.docx")).data)


def pieces(values: Any) -> Iterator[Piece]:
    if isinstance(values, Piece):
        yield values
    elif isinstance(values, dict | list):
        for one in values.values() if isinstance(values, dict) else values:
            yield from pieces(one)


def figures(form: Assessment) -> dict[str, Counter[str]]:
    """The figures of every piece of the report of a form."""
    return {one.key: Counter(FIGURE.findall(one.text)) for one in pieces(report_values(form)[0])}


def changes(name: str, form: Assessment) -> Iterator[tuple[str, Cell, str]]:
    """Every figure of a form: its field, its cell, and the words of the cell with another one in its place.

    Of the cells in tables of months every seventh is taken.
    """
    sheet = example(name)
    for cell, field in {cell: field for field, cell in reversed(list(form.placement.cells.items()))}.items():
        if field.startswith("tables.") and sum(cell) % 7:
            continue
        words = sheet.text(cell)
        for found in FIGURE.finditer(words):
            whole = re.match(r"\d+", found[0])
            assert whole is not None
            other = str(int(whole[0]) - 1 if int(whole[0]) else 1)
            yield field, cell, words[: found.start()] + other + words[found.start() + len(whole[0]) :]


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_no_figure_of_a_form_changes_without_being_noticed(name: str) -> None:
    """The report is refuted, or says itself that it states the figure no longer: the form contradicts itself then."""
    form = form_of(name)
    report, before, own = report_of(form), figures(form), len(report_values(form)[1])
    assert all(one.code == UNFINISHED for one in add_report(form, report)[0].found[len(form.found) :])
    stated, missed = 0, set()
    for field, cell, words in changes(name, form):
        now = form_of(name, cell, words)
        after = figures(now)
        if not any(before[key] - after.get(key, Counter()) for key in before):
            continue  # the report does not state it
        stated += 1
        refuted = add_report(now, report)[0].found[len(now.found) :]
        if all(one.code == UNFINISHED for one in refuted) and len(report_values(now)[1]) <= own:
            missed.add(field)
    known = UNNOTICED.get(name, {})
    assert stated >= 10
    assert [field for field in sorted(missed) if not any(re.fullmatch(one, field) for one in known)] == []
    assert [one for one in known if not any(re.fullmatch(one, field) for field in missed)] == []
