"""Charts in a report: Word's own, with their figures behind them, brought up to date with the report."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from openpyxl import load_workbook

from ooxml import errors as schema_errors
from ooxml import needs_validator
from places import EXAMPLES
from workbook_tools.assess import Assessment, assess
from workbook_tools.excel import read_book
from workbook_tools.reports.word.report import made_report
from workbook_tools.word.package import save_document

FORM = EXAMPLES / "guangzhou_department_2023.xlsx"


def assessed(**cells: str) -> Assessment:
    workbook = load_workbook(FORM)
    for words, now in cells.items():
        cell = next(
            c for sheet in workbook for row in sheet.iter_rows() for c in row if str(c.value) == words.strip("_")
        )
        cell.value = now
    out = io.BytesIO()
    workbook.save(out)
    return assess(read_book(out.getvalue()))[0]


def drawn(path: Path, form: Assessment) -> dict[str, bytes]:
    """The charts and workbooks of a report that is made or brought up to date."""
    made = made_report(form, path, charts=True)
    save_document(path, made.data, seen=made.seen)
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if name.startswith(("word/charts/", "word/embeddings/"))]
        return {name: file.read(name) for name in names}


@pytest.mark.slow
def test_every_table_of_rates_has_a_chart_whose_figures_can_be_edited(tmp_path: Path) -> None:
    parts = drawn(tmp_path / "r.docx", assessed())
    charts = [name for name in parts if name.endswith(".xml")]
    books = [name for name in parts if name.endswith(".xlsx")]
    assert len(charts) == len(books) == 8
    values = [cell.value for cell in load_workbook(io.BytesIO(parts[books[1]]))["数据"]["B"]]
    assert values[:2] == ["话务接通率", 96.96]
    calls = next(parts[name] for name in charts if "话务接通率".encode() in parts[name])
    assert b">96.96<" in calls  # Word shows what stands in the chart itself
    assert b">95<" in calls  # the target


@pytest.mark.slow
def test_a_chart_follows_the_form_and_is_not_doubled(tmp_path: Path) -> None:
    path = tmp_path / "r.docx"
    before = drawn(path, assessed())
    after = drawn(path, assessed(_758846="700000", **{"96.96%": "89.44%"}))
    assert after.keys() == before.keys()
    (changed,) = [name for name in before if before[name] != after[name] and name.endswith(".xml")]
    assert b">89.44<" in after[changed]
    assert made_report(assessed(_758846="700000", **{"96.96%": "89.44%"}), path, charts=True).unchanged


@needs_validator
def test_the_schema_of_office_knows_the_charts(tmp_path: Path) -> None:
    path = tmp_path / "r.docx"
    drawn(path, assessed())
    assert schema_errors([path]) == {path: set()}
