"""Reports of forms that nobody wrote: empty forms filled with whatever comes, each report held against its form."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from workbook_tools.assess import Assessment, add_report, assess
from workbook_tools.checks.prose import UNFINISHED
from workbook_tools.claims.report_file import read_report
from workbook_tools.excel import read_book
from workbook_tools.reports.word.report import made_report
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.word.package import save_document


@cache
def empty(scheme: str) -> tuple[bytes, Assessment, dict[str, tuple[str, str]]]:
    """The empty form of a scheme, as it is read, and where its fields stand."""
    data = workbook_bytes(form_workbook(load_scheme(scheme)))
    book = read_book(data)
    form = assess(book, scheme)[0]
    sheet = book.sheet(next(info for info in book.sheets if info.name == form.sheet))
    places = {field: sheet.address(cell).rpartition("!") for field, cell in form.placement.cells.items()}
    return data, form, {field: (name.strip("'") or form.sheet, cell) for field, (name, _, cell) in places.items()}


NAMES = st.text("话务接通率满意度工单转派及时办结培训场次（）、“”12%", min_size=0, max_size=14)
AMOUNTS = st.decimals(0, 99_999, places=2).map(float) | st.integers(0, 10**6) | st.just("")
PERCENTS = st.decimals(0, 130, places=2).map(lambda number: f"{number}%")
VALUES = (
    PERCENTS
    | st.integers(0, 999).map(lambda number: f"{number}次")
    | st.sampled_from(["", "已完成", "达成预期指标", "显著提升"])
)
TARGETS = st.tuples(st.sampled_from(["", "≥", "≤"]), PERCENTS | st.just("20次")).map("".join) | VALUES
REASONS = st.sampled_from(["", "无", "受疫情影响，部分月份没有达到", "预算执行率98%，得分9分", "{{ 总分 }}", "<w:p/>"])


@st.composite
def typed(draw: st.DrawFn, fields: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        last = field.rpartition(".")[2]
        if field.startswith("budget.") and last in ("initial", "revised", "spent", "adjusted", "received"):
            found[field] = draw(AMOUNTS)
        elif field.startswith("indicators.") and last in ("name", "target", "actual", "reason", "score", "weight"):
            kind = {"name": NAMES, "target": TARGETS, "actual": VALUES, "reason": REASONS}.get(last)
            found[field] = draw(kind if kind is not None else st.integers(0, 20) | st.just(""))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", form_names())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_refutes_its_own_report(
    scheme: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    blank, form, places = empty(scheme)
    live = form.form.live
    fields = tuple(field for field in places if field not in live)
    workbook = load_workbook(io.BytesIO(blank))
    for field, words in data.draw(typed(fields)).items():
        sheet, cell = places[field]
        workbook[sheet][cell].value = words
        workbook[sheet][cell].data_type = "s" if isinstance(words, str) else "n"
    out = io.BytesIO()
    workbook.save(out)
    now = assess(read_book(out.getvalue()), scheme)[0]
    path: Path = tmp_path_factory.mktemp("report") / "r.docx"
    save_document(path, made_report(now, path).data, seen=None)
    checked, _ = add_report(now, read_report(path))
    own = [(one.code, one.finding.message) for one in checked.found[len(now.found) :] if one.code != UNFINISHED]
    reasons = {
        one.finding.message for one in now.found
    }  # what a reason says falsely is cited, and found in the form too
    assert [(code, message) for code, message in own if message not in reasons] == []
