"""The examples are what their drawings say, and what the printed documents say."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

import build
from workbook_tools.fill import fill_file
from workbook_tools.schemes.loading import form_names
from workbook_tools.template.workbook import workbook_bytes


@pytest.mark.parametrize("name", build.EXAMPLES)
def test_a_rebuilt_example_is_the_committed_one(name: str) -> None:
    assert workbook_bytes(build.example(name)) == (build.FOLDER / f"{name}.xlsx").read_bytes()


def test_the_example_is_not_made_from_our_template() -> None:
    workbook = load_workbook(build.FOLDER / "zhongshan_12345_2022.xlsx")
    assert not workbook.defined_names
    assert workbook.sheetnames == ["自评表"]


def test_the_example_leaves_every_computed_cell_to_the_tool() -> None:
    sheet = load_workbook(io.BytesIO((build.FOLDER / "zhongshan_12345_2022.xlsx").read_bytes()))["自评表"]
    scores = [row[9].value for row in sheet.iter_rows(min_row=14, max_row=35)]
    assert [value for value in scores if value is not None and not str(value).startswith("自评分")] == []
    formulas = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == ["E8", "G8"]  # the two cells that the bureau prints as 自动计算


# Example → the figures of the printed document, or None where it was published unfilled or cut off.
PRINTED = {
    "zhongshan_12345_2022": ("94.66", "优"),
    "guangzhou_12345_2021": ("99.70", None),
    "guangzhou_department_2023": ("99.87", "优"),
    "guangzhou_petition_2022": ("100.00", "优"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_filling_an_example_gives_the_published_figures(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.xlsx"
    path.write_bytes((build.FOLDER / f"{name}.xlsx").read_bytes())
    form = fill_file(path).forms[0]
    total, grade = PRINTED[name]
    assert (str(form.scores.total), form.scores.grade) == (total, grade)
    again = fill_file(path)
    assert not again.written
    assert str(again.forms[0].scores.total) == total


@pytest.mark.parametrize("name", build.FORMS)
def test_every_example_is_known_and_a_dry_run_leaves_it_alone(name: str) -> None:
    path = build.FOLDER / f"{name}.xlsx"
    before = path.read_bytes()
    form = fill_file(path, dry_run=True).forms[0]
    assert form.scheme.name in (name, name.partition("_")[0]) or form.scheme.name.startswith(name.partition("_")[0])
    assert path.read_bytes() == before


def test_every_scheme_has_an_example() -> None:
    filled = {fill_file(build.FOLDER / f"{name}.xlsx", dry_run=True).forms[0].scheme.name for name in build.FORMS}
    assert filled == set(form_names())


def test_only_the_reported_cells_of_a_form_on_several_sheets_change(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes((build.FOLDER / "guangzhou_department_2023.xlsx").read_bytes())
    before = load_workbook(path)
    changes = fill_file(path).forms[0].changes
    after = load_workbook(path)
    changed = {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in before.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value != after[sheet.title][cell.coordinate].value
    }
    assert changed == {change.address for change in changes if change.outcome == "written"}
    assert after["评分表"]["G28"].value == 99.87
    assert after["月度统计"]["B48"].value == 4414958, "a printed figure that differs stays"
