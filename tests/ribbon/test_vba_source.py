"""The modules as a compiler of VBA reads them, above all Host.bas, which no peer of these tests runs; and what a clerk
does who does not wait."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from places import ROOT
from workbook_tools.commands.main import main
from workbook_tools.ribbon import addin
from workbook_tools.ribbon.macro_calls import Row, answer_workbook

pytest.importorskip("pyopenvba", reason='pyOpenVBA is not installed: pip install ".[test]"')

from pyopenvba.interpreter import _ast as ast
from pyopenvba.interpreter._constants_data import EXCEL_CONSTANTS, VBA_CONSTANTS
from pyopenvba.interpreter._intrinsics import INTRINSICS, UNIMPLEMENTED
from pyopenvba.interpreter._inventory import members_of
from pyopenvba.interpreter._parse import parse_module
from pyopenvba.interpreter._preprocess import strip_directives

from excel_host import Excel

SOURCES = ROOT / "macros"
ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
TEXTS = addin.texts(SOURCES)
VBA = {name: (SOURCES / f"{name}.bas").read_text("ascii") for name in addin.MODULES}
OF_THE_LANGUAGE = {*map(str.lower, (*EXCEL_CONSTANTS, *VBA_CONSTANTS, *INTRINSICS, *UNIMPLEMENTED)), "err", "me"}
OF_EXCEL = members_of("Global", "Excel")


def parsed(name: str, *, vba7: bool = True) -> Any:
    return parse_module(strip_directives(VBA[name], constants={"VBA7": vba7, "Win64": vba7}), name=name)


def parts(node: object) -> Iterator[Any]:
    """A node of the syntax and everything below it."""
    yield node
    below = (
        [getattr(node, field.name) for field in dataclasses.fields(node)] if dataclasses.is_dataclass(node) else node
    )
    for one in below if isinstance(below, list | tuple) else []:
        if dataclasses.is_dataclass(one) or isinstance(one, list | tuple):
            yield from parts(one)


def public() -> set[str]:
    """What every module may call of the others."""
    return {one.name.lower() for name in VBA for one in parsed(name).procedures if one.scope == "public"}


def undeclared(module: Any) -> set[str]:
    """Names that Option Explicit would stop at: the add-in would not compile, and no button would do anything."""
    own = {decl.name for dim in module.variables for decl in dim.decls}
    own |= {name for constant in module.constants for name, *_ in constant.names}
    own |= {one.name for one in (*module.procedures, *module.declares)}
    known = {name.lower() for name in own} | public() | OF_THE_LANGUAGE | OF_EXCEL
    found = set()
    for procedure in module.procedures:
        nodes = list(parts(procedure))
        local = {one.name.lower() for one in nodes if isinstance(one, ast.Param | ast.VarDecl)}
        found |= {one.name for one in nodes if isinstance(one, ast.Name) and one.name.lower() not in known | local}
    return found


@pytest.mark.parametrize("name", VBA)
@pytest.mark.parametrize("vba7", [True, False], ids=["VBA 7", "VBA 6"])
def test_every_name_is_declared_or_known_to_excel(name: str, *, vba7: bool) -> None:
    module = parsed(name, vba7=vba7)
    assert [option.lower() for option in module.options] == ["explicit"]
    assert module.procedures
    assert undeclared(module) == set()
    assert not [node for node in parts(module.procedures) if isinstance(node, ast.Unsupported)]


@pytest.mark.parametrize("name", VBA)
def test_what_is_asked_of_the_application_is_a_member_of_excel(name: str) -> None:
    asked = {
        node.name.lower()
        for node in parts(parsed(name).procedures)
        if isinstance(node, ast.Member) and isinstance(node.target, ast.Name) and node.target.name == "Application"
    }
    assert asked <= members_of("Application", "Excel")


def test_an_undeclared_name_is_seen() -> None:
    module = parse_module(
        "Option Explicit\nPrivate Sub A(b As Object)\n    c = b.Name & xlWait & SE_Text(d)\nEnd Sub\n"
    )
    assert undeclared(module) == {"c", "d"}


def test_older_vba_gets_declarations_without_its_unknown_words() -> None:
    """Before version 7, PtrSafe and LongPtr are errors of syntax; from it on, Declare without PtrSafe is one in 64 bits."""
    older, newer = (strip_directives(VBA["Host"], constants={"VBA7": vba7}) for vba7 in (False, True))
    assert not re.search(r"^[^'\n]*(PtrSafe|LongPtr)", older, re.MULTILINE)
    assert not re.search(r"^[^'\n]*Declare (?!PtrSafe)", newer, re.MULTILINE)
    for text in (older, newer):
        declared = {one.name: one for one in parse_module(text).declares}
        assert declared.keys() == {"MessageBoxW", "GetActiveWindow"}
        pointers = [param.declared for param in declared["MessageBoxW"].params[:3]]
        assert pointers == [declared["GetActiveWindow"].returns] * 3


def body(name: str) -> str:
    found = re.search(rf"^Public (?:Sub|Function) {name}\(.*?^End ", VBA["Host"], re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


def test_esc_does_not_offer_to_end_the_macro_halfway() -> None:
    """Ended there, the books' own macros would stay off, and the cursor and the status bar as they are while waiting."""
    assert "\n    Application.EnableCancelKey = xlDisabled\n" in body("HostBusy")
    before, _, after = VBA["Bridge"].partition("HostBusy")
    assert "HostMakeFolder" not in before
    assert "HostMakeFolder" in after


def test_a_message_comes_to_the_front_where_another_program_has_come_there_meanwhile() -> None:
    said = body("HostSay")
    assert "vbMsgBoxSetForeground + TASK_MODAL" in said
    assert said.index("TASK_MODAL") < said.index("MessageBoxW")
    assert "Private Const TASK_MODAL As Long = 8192" in VBA["Host"]  # MB_TASKMODAL, &H2000


@pytest.fixture
def excel(tmp_path: Path) -> Excel:
    return Excel(tmp_path, main)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return Path(shutil.copy(ZHONGSHAN, tmp_path / "表.xlsx"))


def test_a_click_while_the_program_works_starts_nothing(excel: Excel, form: Path) -> None:
    sheet = excel.open(form)
    said: list[str] = []

    def start(words: list[str]) -> int:
        if not said:
            said.extend(excel.click("SE_Check"))
        return main(words)

    excel.start = start
    (_, told) = excel.click("SE_Fill")
    assert said == [TEXTS["busy"]]
    assert told.startswith("总分 94.66")
    assert [words[2] for words in excel.commands] == ["fill"]
    assert sheet.value("J30") == 94.66
    assert excel.click("SE_Check")[0].startswith("2 处错误")  # after it every button works


def test_after_a_step_that_failed_the_buttons_work(excel: Excel, form: Path) -> None:
    def start(words: list[str]) -> int:
        answer = Path(next(word for word in words if word.startswith("--answer=")).removeprefix("--answer="))
        answer.write_bytes(answer_workbook([Row("plain", "1", "没有这张表", "A1")]))
        return 0

    excel.open(form)
    excel.start = start
    assert excel.click("SE_Fill")[0].startswith(TEXTS["failed"])
    excel.start = main
    assert excel.click("SE_Fill")[0].startswith("总分 94.66")


def test_the_book_s_own_macros_do_not_run_while_it_is_copied(
    excel: Excel, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel tells a book that a copy is saved, as when the clerk saves it: its macro may change cells, or refuse."""
    events: list[object] = []
    save = excel.app.save

    def watched(*given: Any, **more: Any) -> Any:
        events.append(excel.value("Application.EnableEvents"))
        return save(*given, **more)

    monkeypatch.setattr(excel.app, "save", watched)
    excel.open(form)
    excel.click("SE_Fill")
    assert events == [False]
    assert excel.value("Application.EnableEvents") is True


@pytest.mark.parametrize("name", ["工作簿1", "2022.自评表1"])
def test_a_book_that_was_never_saved_is_copied_under_an_ending(
    name: str, excel: Excel, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    excel.open(form)
    book = next(book for book in excel.app.workbooks() if book.name == form.name)
    monkeypatch.setattr(book, "name", name)
    monkeypatch.setattr(book, "path", "")
    excel.opened[name] = ""
    assert excel.click("SE_Fill")[0].startswith("总分 94.66")
    assert [words[-2].rpartition("/")[2] for words in excel.commands] == [f"{name}.xlsx"]
