"""The examples are what their drawings say, and what the printed documents say."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

import build
from workbook_tools.template import workbook_bytes


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
