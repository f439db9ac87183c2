"""The copy with marks: every finding has a cell that can hold its comment."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from rich import rich_workbook
from workbook_tools.checks import ERROR, Finding
from workbook_tools.excel.loading import loaded
from workbook_tools.findings import LocatedFinding
from workbook_tools.reports.marked_copy import _mark


def test_a_finding_in_a_covered_cell_is_marked_at_the_first_cell_of_its_area() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "表"
    sheet.merge_cells("A1:B2")
    _mark(workbook, LocatedFinding(Finding("S109", "total", "总分没有填", ERROR), "表!B2", "总分"))
    assert "总分没有填" in sheet["A1"].comment.text


def test_what_openpyxl_says_of_a_workbook_is_not_shown_to_people(recwarn: pytest.WarningsRecorder) -> None:
    assert loaded(rich_workbook(macros=False)).sheetnames  # it has choices in a part that openpyxl does not keep
    assert [str(one.message) for one in recwarn] == []
