"""The open book says what the saved one says, cell by cell, and takes values all or none; LibreOffice behind xlwings."""

from __future__ import annotations

import atexit
import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings
from openpyxl import load_workbook
from openpyxl.styles import Font
from test_ribbon_chain import Office, register

from office import needs_libreoffice
from places import ROOT
from workbook_tools.errors import FileRejected, NotReachable
from workbook_tools.excel import Book
from workbook_tools.excel.live import LiveBook, LiveSheet, open_book
from workbook_tools.ribbon import actions as ribbon
from workbook_tools.template.workbook import workbook_bytes
from workbook_tools.values import UNCALCULATED, Quantity

pytestmark = needs_libreoffice
EXAMPLES = ("national_tangxi_2022", "guangzhou_12345_2021", "zhongshan_12345_2022", "guangzhou_petition_targets")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    running = Office(tmp_path_factory.mktemp("live"), "live")
    register(running.pipe)
    yield running
    running.close()
    xlwings.engines.engines.clear()


def opened(office: Office, path: Path) -> xlwings.Book:
    office.open(path)
    return next(book for app in xlwings.apps for book in app.books if book.name == path.name)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_open_book_reads_as_the_saved_one(example: str, office: Office, tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "examples" / f"{example}.xlsx", tmp_path))
    live, saved = LiveBook(opened(office, path)), Book(path.read_bytes())
    assert [info.name for info in live.sheets] == [info.name for info in saved.sheets]
    compared = 0
    for mine, theirs in zip(live.sheets, saved.sheets, strict=True):
        sheet, other = live.sheet(mine), saved.sheet(theirs)
        for cell in other.filled():
            if other.text(cell) != UNCALCULATED:  # an open book has calculated it
                assert sheet.text(cell) == other.text(cell), other.address(cell)
                compared += 1
            assert (sheet.formula(cell), sheet.anchor(cell), sheet.hidden(cell)) == (
                other.formula(cell),
                other.anchor(cell),
                other.hidden(cell),
            )
            assert sheet.address(cell) == other.address(cell)
    assert compared > 50


def test_words_that_are_struck_through_are_seen_in_an_open_book(office: Office, tmp_path: Path) -> None:
    workbook = load_workbook(ROOT / "examples" / "zhongshan_12345_2022.xlsx")
    for cell in ("C20", "G20"):
        workbook["自评表"][cell].font = Font(strike=True)
    workbook.save(path := tmp_path / "划掉一行.xlsx")
    live = LiveBook(opened(office, path))
    sheet = live.sheet(live.sheets[0])
    assert sheet.struck() == {(20, 3): sheet.text((20, 3)), (20, 7): "100"}


def test_values_are_typed_as_a_person_would(office: Office, tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "examples" / "zhongshan_12345_2022.xlsx", tmp_path / "表.xlsx"))
    book = LiveBook(opened(office, path))
    sheet = book.sheet(book.sheets[0])
    sheet.write((14, 8), Quantity(Decimal("99.5"), "%"))  # a cell with a percent format
    sheet.write((18, 8), Quantity(Decimal("98"), "%"))  # one without
    sheet.write((18, 10), Decimal("13.33"))
    sheet.write((19, 10), "=1+1")
    sheet.write((8, 5), Decimal(7))  # a live formula
    assert dict(sheet.typed()) == {
        (14, 8): Decimal("0.995"),
        (18, 8): "98.00%",
        (18, 10): Decimal("13.33"),
        (19, 10): "=1+1",
    }
    book.write([(sheet.name, cell, value) for cell, value in sheet.typed()])
    cells = office.book.Sheets.getByIndex(0)
    shown = [cells.getCellRangeByName(cell).String for cell in ("H14", "H18", "J18", "J19")]
    assert shown == ["99.50%", "98.00%", "13.33", "=1+1"]
    assert cells.getCellRangeByName("J19").Type.value == "TEXT"


def test_what_is_refused_is_taken_back(office: Office, tmp_path: Path) -> None:
    path = Path(shutil.copy(ROOT / "examples" / "zhongshan_12345_2022.xlsx", tmp_path / "受保护.xlsx"))
    book = opened(office, path)
    cells = office.book.Sheets.getByIndex(0)
    free = cells.getCellRangeByName("J18")
    protection = free.CellProtection
    protection.IsLocked = False
    free.CellProtection = protection
    cells.protect("")
    live = LiveBook(book)
    name = live.sheets[0].name
    with pytest.raises(FileRejected, match="一格也没有写"):
        live.write([(name, (18, 10), Decimal(5)), (name, (30, 10), Decimal(6))])
    assert (free.String, cells.getCellRangeByName("J30").String) == ("", "")
    assert book.app.screen_updating is True


def test_no_other_excel_is_killed_when_the_program_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = SimpleNamespace(cleanup=lambda: None)  # what xlwings has on Windows
    spared: list[object] = []
    monkeypatch.setattr(atexit, "unregister", spared.append)
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
    monkeypatch.setattr(xlwings, "engines", [])
    with pytest.raises(NotReachable):
        open_book("表.xlsx", "表.xlsx")
    assert spared == [windows.cleanup]


def test_a_sheet_that_only_vba_can_show_is_hidden() -> None:
    states = {"表": -1, "隐藏": 0, "深藏": 2}
    sheets = [SimpleNamespace(name=name, visible=state) for name, state in states.items()]
    book: Any = SimpleNamespace(sheets=sheets, app=SimpleNamespace(calculation="automatic"))
    assert [info.hidden for info in LiveBook(book).sheets] == [False, True, True]


def test_an_amount_with_a_currency_sign_keeps_all_its_places() -> None:
    area = SimpleNamespace(
        raw_value=Decimal("12.3457"),
        formula="12.345678",
        merge_cells=False,
        number_format="¥#,##0.00",
        api=SimpleNamespace(Value2=12.345678),
    )
    used = SimpleNamespace(last_cell=SimpleNamespace(row=1, column=1))
    excel: Any = SimpleNamespace(name="表", used_range=used, range=lambda *_: area)
    assert LiveSheet(excel, {}).text((1, 1)) == "12.345678"


@pytest.mark.parametrize("fault", ["com_error", "error"])
def test_an_excel_without_the_window_that_was_told_cannot_be_reached(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = {name: type(name, (Exception,), {}) for name in ("com_error", "error")}

    def caller() -> None:
        raise errors[fault]

    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(**errors))
    monkeypatch.setattr(xlwings, "engines", ["excel"])
    monkeypatch.setattr(xlwings.Book, "caller", caller)
    with pytest.raises(NotReachable):
        open_book("表.xlsx", "表.xlsx")


def test_what_a_formula_shows_after_writing_is_what_counts(office: Office, tmp_path: Path) -> None:
    """The total is a sum of what is written, and right; one score is another cell's formula, and wrong."""
    workbook = load_workbook(ROOT / "examples" / "guangzhou_12345_2021.xlsx")
    workbook["自评表"]["H23"], workbook["自评表"]["H17"] = "=I7+SUM(H14:H20)", "=IF(H16=12,12,0)"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    book = LiveBook(opened(office, path))
    rows = ribbon.fill(book, path.name, write=book.write)
    (said,) = [str(row.value) for row in rows if row.kind == "say"]
    assert "H17 月度话务接通率 自评得分：公式算得 12，按办法应为 11.70" in said
    assert "H23 没有写" in said
    cells = office.book.Sheets.getByIndex(0)
    assert [cells.getCellRangeByName(cell).Value for cell in ("H14", "H17", "H23")] == [13, 12, 100]


@pytest.mark.parametrize("automatic", [True, False], ids=["automatic", "manual"])
def test_a_total_that_excel_adds_up_is_no_finding(office: Office, tmp_path: Path, *, automatic: bool) -> None:
    """Also where Excel is set to 手动重算, and shows the sum of what stood there before."""
    workbook = load_workbook(ROOT / "examples" / "guangzhou_12345_2021.xlsx")
    workbook["自评表"]["H23"] = "=I7+SUM(H14:H20)"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    open_one = opened(office, path)
    office.book.enableAutomaticCalculation(automatic)
    book = LiveBook(open_one)
    rows = ribbon.fill(book, path.name, write=book.write)
    assert office.book.Sheets.getByIndex(0).getCellRangeByName("H23").Value == 99.7
    assert [row.value for row in rows if row.kind == "grade"] == ["99.70"]
    assert not [row for row in rows if row.kind == "say" and "公式算得" in str(row.value)]
