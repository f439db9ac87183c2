"""The linter of workbooks sees each fault that it is there for, and takes what Excel takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from lint import ICONS, RULES, faults
from places import ROOT
from test_valid_files import with_part
from workbook_tools.ribbon import addin

Change = Callable[[Worksheet], None]


def formula(said: str) -> Change:
    def change(sheet: Worksheet) -> None:
        sheet["A1"] = said

    return change


def name(said: str) -> Change:
    def change(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.defined_names["名称"] = DefinedName("名称", attr_text=said)

    return change


def choice(words: str) -> Change:
    def change(sheet: Worksheet) -> None:
        rule = DataValidation(type="list", formula1=words)
        rule.add("A1")
        sheet.add_data_validation(rule)

    return change


def merged(*areas: str) -> Change:
    def change(sheet: Worksheet) -> None:
        for area in areas:
            sheet.merged_cells.add(area)

    return change


def linked(count: int) -> Change:
    def change(sheet: Worksheet) -> None:
        for row in range(1, count + 1):
            sheet.cell(row, 1).hyperlink = Hyperlink(ref=f"A{row}", location="A1")

    return change


LONG = "长" * 256
BROKEN: dict[str, tuple[Change, str]] = {
    "a text in a formula": (formula(f'=IF(B1,"{LONG}","")'), "a text of 256 characters in a formula"),
    "a text with quotation marks": (formula(f'="{LONG[1:]}""{LONG[:9]}"'), "a text of 265 characters in a formula"),
    "a text in a name": (name(f'=IF(Sheet!$A$1,"{LONG}","")'), "a text of 256 characters in a formula"),
    "a formula": (formula(f"=1{'+1' * 4096}"), "a formula of 8193 characters"),
    "a function of 2019": (formula("=IFS(A1>1,2)"), "IFS() without _xlfn."),
    "a function of 365": (formula("=SUM(1,XLOOKUP(1,A:A,B:B))"), "XLOOKUP() without _xlfn."),
    "merged areas": (merged("A1:B2", "B2:C3"), "merged areas A1:B2 and B2:C3"),
    "a list": (choice(f'"{LONG}"'), "a list of 256 characters"),
}
SOUND: dict[str, Change] = {
    "a text in a formula": formula(f'=IF(B1,"{LONG[1:]}","")'),
    "a text with quotation marks": formula(f'="{LONG[2:]}"""'),
    "two texts": formula(f'="{LONG[1:]}"&"{LONG[1:]}"'),
    "a function with its prefix": formula("=_xlfn.IFS(A1>1,2)"),
    "a word like a function in a text": formula('=IF(A1=1,"XLOOKUP(","")'),
    "a sheet with a bracket": formula("='表(1)'!A1+SUM('甲''乙(2)'!A1)"),
    "merged areas": merged("A1:B2", "C1:D2", "A3:D3"),
    "a list": choice(f'"{LONG[1:]}"'),
    "a list of cells": choice(f"'{LONG[:20]}'!$A$1:$A$900"),
}


def saved(change: Change, folder: Path) -> Path:
    workbook = Workbook()
    change(workbook.worksheets[0])
    workbook.save(folder / "表.xlsx")
    return folder / "表.xlsx"


@pytest.mark.parametrize("case", BROKEN)
def test_the_linter_sees(case: str, tmp_path: Path) -> None:
    change, said = BROKEN[case]
    assert [one.partition(": ")[2] for one in faults(saved(change, tmp_path))] == [said]


@pytest.mark.parametrize("case", SOUND)
def test_the_linter_takes(case: str, tmp_path: Path) -> None:
    assert faults(saved(SOUND[case], tmp_path)) == []


def test_the_linter_sees_columns_that_are_described_twice(tmp_path: Path) -> None:
    def widths(sheet: Worksheet) -> None:
        sheet.column_dimensions["A"].width = sheet.column_dimensions["C"].width = 20

    path = with_part(
        saved(widths, tmp_path), tmp_path, "xl/worksheets/sheet1.xml", 'min="3" max="3"', 'min="1" max="3"'
    )
    assert [one.partition(": ")[2] for one in faults(path)] == ["columns (1, 1) and (1, 3)"]


# What is changed in the ribbon, and what is said of it.
RIBBON = {
    ('imageMso="TableInsertExcel"', 'imageMso="TableInsert"'): "no icon of Excel: TableInsert",  # PowerPoint's
    ('id="seFill"', 'id="seTab"'): "id seTab stands 2 times",  # of a tab and of a button
    ('id="seAbout"', 'id="seHelp"'): "id seHelp stands 2 times",
}


@pytest.mark.parametrize(("change", "said"), RIBBON.items())
def test_the_linter_sees_in_the_ribbon(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    path = with_part(ROOT / "macros" / addin.NAME, tmp_path, "customUI/customUI.xml", *change)
    assert [one.partition(": ")[2] for one in faults(path)] == [said]


@pytest.mark.slow
def test_the_linter_sees_more_links_than_excel_opens(tmp_path: Path) -> None:
    assert [one.partition(": ")[2] for one in faults(saved(linked(65_531), tmp_path))] == ["65531 links"]
    assert faults(saved(linked(65_530), tmp_path)) == []


def test_every_rule_has_a_broken_file() -> None:
    assert len(RULES) == 8
    assert {"FileNew", "TableInsertExcel", "Help"} < ICONS
    assert len(ICONS) > 1700
