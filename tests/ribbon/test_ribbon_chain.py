"""The whole chain in LibreOffice: a callback named in the ribbon, VBA, the command line, Python, and the open book.

live: Python reaches the book through xlwings' object model over UNO. patch: it reads a copy and VBA applies the answer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from made import examples
from office import SOFFICE, needs_libreoffice
from places import ROOT, TESTS
from workbook_tools.excel import Book
from workbook_tools.ribbon import actions as ribbon
from workbook_tools.ribbon import addin

SOURCES = ROOT / "macros"
ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"

try:
    import pyopenvba  # noqa: F401

    import uno_engine
    from uno_engine import NoConnectException as NoConnectException
    from uno_engine import register as register
except ImportError as lacking:
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    ask = ["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    system = (
        subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip() if Path(ask[0]).exists() else ""
    )
    # Another Python than the system's cannot load the system's UNO; where the whole chain is asked for, there is no excuse.
    if os.environ.get("WHOLE_CHAIN") or (os.environ.get("CI") and own == system):
        raise
    pytest.skip(f"{lacking}: pyOpenVBA and the python3-uno of Python {own} are needed", allow_module_level=True)

pytestmark = needs_libreoffice


class Office:
    """LibreOffice with the add-in loaded and one book open."""

    def __init__(self, folder: Path, bridge: str) -> None:
        assert SOFFICE is not None, "CI installs LibreOffice"
        self.folder = folder / "temp"
        self.folder.mkdir(parents=True)
        pipe = self.pipe = f"wt{uuid.uuid4().hex[:12]}"
        environment = os.environ | {"WT_FOLDER": str(self.folder), "WT_BRIDGE": bridge, "WT_PIPE": pipe}
        command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
        self.process = subprocess.Popen(
            [*command, f"--accept=pipe,name={pipe};urp;"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.desktop = self._connected(pipe)
        self.macros = self._load(self._addin(folder), MacroExecutionMode=4, FilterName="Calc MS Excel 2007 VBA XML")
        self.book: Any = None
        self.control = self.macros.createInstance("com.sun.star.form.component.CommandButton")

    @staticmethod
    def _connected(pipe: str) -> Any:
        for _ in range(120):
            try:
                return uno_engine.desktop(pipe)
            except NoConnectException:
                time.sleep(0.5)
        raise AssertionError("LibreOffice did not start")

    @staticmethod
    def _addin(folder: Path) -> Path:
        """The add-in with the host of these tests, installed with their command."""
        sources = Path(shutil.copytree(SOURCES, folder / "macros"))
        shutil.copy((TESTS / "hosts") / "LibreOffice.bas", sources / "Host.bas")
        (sources / addin.NAME).write_bytes(addin.build(sources))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(addin, "sources", lambda: sources)
            command = f"{sys.executable} {(TESTS / 'lo_command.py')}"
            return addin.install(folder / "startup", command).path

    def _load(self, path: Path, **how: Any) -> Any:
        given = {"Hidden": False, **how}
        return self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, uno_engine.properties(given))

    def open(self, path: Path) -> Any:
        """Opens a book in front of the others; gives its first sheet."""
        if self.book is not None:
            self.book.close(True)  # noqa: FBT003
        self.book = self._load(path)
        return self.book.Sheets.getByIndex(0)

    def click(self, button: str, tag: str = "") -> str:
        """Clicks the button with that id of the ribbon; gives what was said."""
        controls = {control.get("id"): control for control in ElementTree.fromstring(addin.ribbon(SOURCES)).iter()}
        callback = controls[button].get("onAction")
        self.control.Tag = tag or controls[button].get("tag")
        where = f"vnd.sun.star.script:VBAProject.Ribbon.{callback}?language=Basic&location=document"
        self.macros.getScriptProvider().getScript(where).invoke((self.control,), (), ())
        said = self.folder / "said"
        words = said.read_text("utf-8").strip() if said.exists() else ""
        said.unlink(missing_ok=True)
        return words

    def close(self) -> None:
        """Ends LibreOffice."""
        self.process.kill()
        self.process.wait(timeout=60)
        subprocess.run(["pkill", "-f", str(self.folder.parent / "profile")], check=False)


@pytest.fixture(scope="module", params=["live", "patch"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    running = Office(tmp_path_factory.mktemp(request.param), request.param)
    yield running
    running.close()


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return Path(shutil.copy(ZHONGSHAN, tmp_path / "自评 表 2022.xlsx"))


def notes(sheet: Any) -> dict[str, str]:
    return {f"{chr(65 + one.Position.Column)}{one.Position.Row + 1}": one.String for one in sheet.Annotations}


def test_the_module_for_excel_is_compiled_as_it_is_installed(office: Office, tmp_path: Path) -> None:
    """The other tests have a module of their own in its place; one function of it runs only if all of it is sound."""
    path = addin.install(tmp_path, "workbook_tools").path
    built = office._load(path, MacroExecutionMode=4, FilterName="Calc MS Excel 2007 VBA XML")
    where = "vnd.sun.star.script:VBAProject.Host.HostSeparator?language=Basic&location=document"
    assert built.getScriptProvider().getScript(where).invoke((), (), ())[0] == "\\"
    built.close(True)  # noqa: FBT003


def test_fill_and_check_in_the_open_book(office: Office, form: Path) -> None:
    before = form.read_bytes()
    sheet = office.open(form)
    assert office.click("seFill").startswith("总分 94.66，等级 优\n填了 30 格。")
    shown = {cell: sheet.getCellRangeByName(cell).String for cell in ("J18", "J30", "J36", "H14")}
    assert shown == {"J18": "13.33", "J30": "94.66", "J36": "自评绩效等级:优", "H14": "100.00%"}

    assert office.click("seCheckForm").startswith("2 处错误，5 处提示\n7 格加了批注")
    marked = notes(sheet)
    assert sorted(marked) == ["C18", "C19", "C20", "C25", "C28", "E10", "H10"]
    assert marked["E10"].startswith(f"{ribbon.MARK}\n错误 R102：写了 277 字")
    assert office.click("seClear") == "已删掉校验加的 7 处批注。"
    assert notes(sheet) == {}
    assert form.read_bytes() == before
    assert list(office.folder.glob("workbook_tools_*")) == []


@pytest.mark.parametrize("path", examples()[:10], ids=lambda path: path.stem)
def test_of_every_form_both_ways_do_what_is_done_to_a_copy(path: Path, office: Office, tmp_path: Path) -> None:
    form = Path(shutil.copy(path, tmp_path))
    rows = ribbon.fill(Book(form.read_bytes()), form.name)
    (said,) = [str(row.value) for row in rows if row.kind in ("say", "ask")]
    office.open(form)
    assert office.click("seFill").split() == said.split()
    for row in rows:
        if row.kind in ("plain", "words"):
            cell = office.book.Sheets.getByName(row.sheet).getCellRangeByName(row.cell)
            assert (cell.Value if isinstance(row.value, Decimal) else cell.String) == (
                float(row.value) if isinstance(row.value, Decimal) else row.value
            ), row
    found = office.click("seCheckForm")
    marked = sum(len(notes(sheet)) for sheet in office.book.Sheets)
    assert f"\n{marked} 格加了批注" in found
    assert office.click("seNext") == ""
    assert office.click("seClear") == f"已删掉校验加的 {marked} 处批注。"
    assert office.click("seCalculate") == addin.texts(SOURCES)["calculated"]
    assert office.click("seHelp").startswith(addin.texts(SOURCES)["help"])
    assert form.read_bytes() == path.read_bytes()


def test_a_name_with_an_equals_sign_and_spaces_is_found(office: Office, tmp_path: Path) -> None:
    sheet = office.open(Path(shutil.copy(ZHONGSHAN, tmp_path / "a=b 2022年(定稿).xlsx")))
    office.click("seFill")
    assert sheet.getCellRangeByName("J30").String == "94.66"


def test_next_selects_the_cell_of_the_next_finding(office: Office, form: Path) -> None:
    sheet = office.open(form)
    office.click("seFill")
    office.click("seCheckForm")
    seen = []
    for _ in notes(sheet):
        office.click("seNext")
        seen.append(office.book.CurrentSelection.AbsoluteName.rpartition(".")[2].replace("$", "").partition(":")[0])
    assert sorted(seen) == sorted(notes(sheet)) == ["C18", "C19", "C20", "C25", "C28", "E10", "H10"]


def test_a_protected_sheet_is_left_as_it_is(office: Office, form: Path) -> None:
    sheet = office.open(form)
    sheet.protect("")
    said = office.click("seFill")
    assert "审阅 → 撤销工作表保护" in said
    assert sheet.getCellRangeByName("J30").String == ""
    assert sheet.getCellRangeByName("J18").String == ""


def test_the_unsaved_edit_counts_and_a_typed_score_stays(office: Office, form: Path) -> None:
    sheet = office.open(form)
    sheet.getCellRangeByName("J18").setValue(12)
    said = office.click("seFill")
    assert "J18 数量指标 自评分：填的是 12，按办法应为 13.33" in said
    assert sheet.getCellRangeByName("J18").String.startswith("12")
    assert sheet.getCellRangeByName("J30").String == ""


def test_new_opens_an_empty_form(office: Office, form: Path) -> None:
    office.open(form)
    before = len(list(uno_engine.UnoBooks(uno_engine.UnoApp(office.desktop, None))))
    assert office.click("seNew_guangzhou_2021") == ""
    books = list(uno_engine.UnoBooks(uno_engine.UnoApp(office.desktop, None)))
    assert len(books) == before + 1
    made = next(book.document for book in books if book.document.URL == "")
    made.close(True)  # noqa: FBT003
