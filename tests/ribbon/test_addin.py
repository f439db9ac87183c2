"""The add-in of Excel: built from its sources, its three languages agreeing, every callback run in a VBA interpreter."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import typing
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from places import ROOT, TESTS
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands import ribbon as cli_ribbon
from workbook_tools.commands.main import main
from workbook_tools.excel import Book
from workbook_tools.forms.recognition import NO_FORM, forms_of
from workbook_tools.ribbon import actions as ribbon
from workbook_tools.ribbon import addin
from workbook_tools.ribbon import macro_calls as answer
from workbook_tools.schemes.loading import form_names

pytest.importorskip("pyopenvba", reason='pyOpenVBA is not installed: pip install ".[test]"')
olevba = pytest.importorskip("oletools.olevba", reason='oletools is not installed: pip install ".[test]"')

from pyopenvba.interpreter import NOTHING, VBARuntimeError  # noqa: E402

from excel_host import NO, YES, Excel  # noqa: E402

SOURCES = ROOT / "macros"
ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
ADDIN = SOURCES / addin.NAME
RIBBON = ElementTree.fromstring(addin.ribbon(SOURCES))
CONTROLS = [control for control in RIBBON.iter() if "id" in control.attrib]
VBA = {name: (SOURCES / f"{name}.bas").read_text("utf-8") for name in addin.MODULES}
ALL_VBA = "\n".join(VBA.values())


def test_a_rebuild_gives_the_committed_bytes() -> None:
    assert addin.build(SOURCES) == ADDIN.read_bytes()


def test_olevba_reads_back_the_sources() -> None:
    parser = olevba.VBA_Parser(str(ADDIN))
    read = {name.removesuffix(".bas"): code for _, _, name, code in parser.extract_macros() if name.endswith(".bas")}
    parser.close()
    bodies = {
        name: re.sub(r"\AAttribute VB_Name = .*\r?\n", "", code).replace("\r\n", "\n") for name, code in read.items()
    }
    assert bodies == VBA


def test_the_container_is_sound() -> None:
    from pyopenvba import check_file

    report = check_file(ADDIN)
    assert report.complete
    assert not report.issues


def test_the_ribbon_is_a_part_of_the_workbook_that_excel_looks_for() -> None:
    with zipfile.ZipFile(ADDIN) as package:
        links = ElementTree.fromstring(package.read("_rels/.rels"))
        targets = {link.attrib["Type"]: link.attrib["Target"] for link in links}
        part = targets["http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"]
        assert package.read(part).decode() == addin.ribbon(SOURCES)


@pytest.mark.parametrize("name", addin.MODULES)
def test_a_module_is_ascii(name: str) -> None:
    assert VBA[name].isascii()


def test_ids_and_key_tips_are_unique() -> None:
    for key in ("id", "keytip"):
        said = [control.attrib[key] for control in CONTROLS if key in control.attrib]
        assert sorted(set(said)) == sorted(said)


def test_every_callback_of_the_ribbon_is_a_public_sub_and_every_sub_with_a_control_is_called() -> None:
    callbacks = {
        control.attrib[key]
        for control in RIBBON.iter()
        for key in ("onAction", "getLabel", "onLoad")
        if key in control.attrib
    }
    subs = set(re.findall(r"^Public Sub (\w+)\((?:control|face) As Object", VBA["Ribbon"], re.MULTILINE))
    assert callbacks == subs


def test_every_scheme_can_be_chosen_for_a_new_form() -> None:
    chosen = {control.attrib["tag"] for control in CONTROLS if control.attrib.get("onAction") == "SE_New"}
    assert chosen == set(form_names())


def test_every_large_button_has_an_icon_and_says_what_it_does() -> None:
    for control in CONTROLS:
        if control.attrib.get("size") == "large":
            assert {"imageMso", "screentip", "supertip", "keytip"} <= control.attrib.keys()


def test_every_action_that_the_macros_start_is_known() -> None:
    started = set(re.findall(r'SE_Run "(\w+)"', ALL_VBA))
    assert started == set(cli_ribbon.ACTIONS)


def test_the_macros_do_every_kind_of_row() -> None:
    assert set(re.findall(r'Case "(\w+)"', VBA["Bridge"].partition("SE_Known")[0])) == set(typing.get_args(answer.Kind))


def test_the_macros_show_only_texts_that_there_are_and_all_of_them() -> None:
    used = set(re.findall(r'SE_Text\("(\w+)"\)', ALL_VBA))
    assert used == addin.texts(SOURCES).keys()


def test_no_function_that_a_formula_could_call_starts_a_program() -> None:
    bodies = re.findall(r"^Public Function .*?^End Function", ALL_VBA, re.MULTILINE | re.DOTALL)
    assert len(bodies) > 5
    assert not [body for body in bodies if re.search(r"\bRun\b|HostRun|SE_Run|SE_Start", body)]


def test_comments_begin_with_the_mark_by_which_the_macros_know_them() -> None:
    assert addin.texts(SOURCES)["mark"] == ribbon.MARK


@pytest.mark.parametrize("host", ["Interpreter", "LibreOffice"])
def test_the_hosts_of_the_tests_offer_what_the_real_one_does(host: str) -> None:
    signature = re.compile(r"^Public (?:Sub|Function) .*$", re.MULTILINE)
    text = ((TESTS / "hosts") / f"{host}.bas").read_text("ascii")
    assert sorted(signature.findall(text)) == sorted(signature.findall(VBA["Host"]))


@pytest.fixture
def excel(tmp_path: Path) -> Excel:
    return Excel(tmp_path, main)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return Path(shutil.copy(ZHONGSHAN, tmp_path / "自评 表.xlsx"))


def changed(path: Path, **cells: float) -> Path:
    workbook = load_workbook(path)
    for cell, value in cells.items():
        workbook.worksheets[0][cell] = value
    workbook.save(path)
    return path


def answered(*rows: answer.Row) -> Callable[[list[str]], int]:
    """A program that answers so, whatever it is asked."""

    def start(words: list[str]) -> int:
        path = Path(next(word for word in words if word.startswith("--answer=")).removeprefix("--answer="))
        path.write_bytes(answer.answer_workbook(rows))
        return 0

    return start


def test_fill_writes_the_scores_into_the_open_book(excel: Excel, form: Path) -> None:
    before = form.read_bytes()
    sheet = excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said.startswith("总分 94.66，等级 优\n填了 30 格。")
    assert (sheet.value("J30"), sheet.value("J36"), sheet.value("H15")) == (94.66, "自评绩效等级:优", 0)
    assert form.read_bytes() == before  # the book is neither saved nor closed
    assert [book.name for book in excel.app.workbooks()] == [addin.NAME, form.name]
    assert list(excel.folder.iterdir()) == []


def test_the_grade_and_the_findings_stand_in_the_ribbon(excel: Excel, form: Path) -> None:
    assert excel.value('SE_Known("about")') == "还没有填表或校验"
    excel.open(form)
    excel.click("SE_Fill")
    shown = {name: excel.value(f'SE_Known("{name}")') for name in ("about", "grade", "findings")}
    assert shown == {"about": form.name, "grade": "94.66 优", "findings": "0 处要处理，7 处需核对"}


def test_a_form_without_scores_has_none_in_the_ribbon() -> None:
    path = ROOT / "examples" / "transfer_hengshan_2020.xlsx"
    rows = ribbon.fill(Book(path.read_bytes()), path.name)
    assert answer.Row("grade", "没有得分") in rows


def test_check_puts_a_comment_into_each_cell_and_shows_the_first(excel: Excel, form: Path) -> None:
    excel.open(form)
    excel.click("SE_Fill")
    (said,) = excel.click("SE_Check")
    assert "格加了批注，点“定位下一处”逐个看。" in said
    count = int(excel.value("ActiveSheet.Comments.Count"))
    noted = [excel.value(f"ActiveSheet.Comments({at}).Parent.Address") for at in range(1, count + 1)]
    assert noted == ["$E$10", "$H$10", "$C$18", "$C$19", "$C$20", "$C$25", "$C$28"]
    assert excel.value("ActiveCell.Address") == "$E$10"
    assert excel.value('Range("E10").Comment.Text').startswith(f"{ribbon.MARK}\n错误 R102：写了 277 字，限 200 字以内")


@pytest.mark.slow
def test_a_second_check_does_not_double_the_comments(excel: Excel, form: Path) -> None:
    excel.open(form)
    excel.click("SE_Check")
    count = excel.value("ActiveSheet.Comments.Count")
    excel.click("SE_Check")
    assert excel.value("ActiveSheet.Comments.Count") == count > 0


@pytest.mark.slow
def test_next_goes_round_the_comments_of_ours(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.worksheets[0]["A1"].comment = Comment("请补充", "李四")
    workbook.save(form)
    excel.open(form)
    excel.click("SE_Check")
    count = int(excel.value("ActiveSheet.Comments.Count")) - 1
    seen = []
    for _ in range(count + 1):
        excel.click("SE_Next")
        seen.append(excel.value("ActiveCell.Address"))
    assert len(set(seen)) == count
    assert seen[0] == seen[-1]
    assert "$A$1" not in seen


@pytest.mark.slow
def test_next_goes_to_the_first_comment_from_a_chart_sheet(
    excel: Excel, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    excel.open(form)
    excel.click("SE_Check")
    first = excel.value("ActiveCell.Address")
    excel.click("SE_Next")
    assert excel.value("ActiveCell.Address") != first
    with monkeypatch.context() as patch:  # this peer has no chart sheets, where no cell is active
        patch.setattr(type(excel.app.workbook.sheets_[0]), "active_cell", NOTHING)
        assert excel.click("SE_Next") == []
    assert excel.value("ActiveCell.Address") == first


@pytest.mark.slow
def test_next_passes_over_a_hidden_sheet(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.create_sheet("藏起来的", 0)["A1"].comment = Comment(f"{ribbon.MARK}\n错误", "本工具")
    workbook.active = 1
    workbook.save(form)
    excel.open(form)
    excel.app.add_module("Public Sub Hide()\nWorksheets(1).Visible = xlSheetHidden\nEnd Sub", name="Hiding")
    excel.app.run("Hide")
    assert excel.click("SE_Next")[0].startswith("没有校验批注。")
    excel.click("SE_Check")
    for _ in range(int(excel.value("ActiveSheet.Comments.Count")) + 1):
        assert excel.click("SE_Next") == []
        assert excel.value("ActiveSheet.Name") == "自评表"


@pytest.mark.slow
def test_clear_removes_our_comments_and_no_other(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.worksheets[0]["A1"].comment = Comment("请补充", "李四")
    workbook.worksheets[0]["E10"].comment = Comment("领导：太长", "王五")
    workbook.save(form)
    excel.open(form)
    (said,) = excel.click("SE_Check")
    assert said.endswith("没有再加批注： E10")
    (said,) = excel.click("SE_Clear")
    assert re.fullmatch(r"已删掉校验加的 \d+ 处批注。", said)
    assert excel.value("ActiveSheet.Comments.Count") == 2
    assert excel.value('Range("E10").Comment.Text') == "领导：太长"
    assert excel.click("SE_Clear") == ["没有校验加的批注。"]
    assert excel.click("SE_Next")[0].startswith("没有校验批注。")


@pytest.mark.slow
def test_comments_that_a_protected_sheet_keeps_are_told(
    excel: Excel, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise VBARuntimeError(1004, "The sheet is protected")

    excel.open(form)
    excel.click("SE_Check")
    count = excel.value("ActiveSheet.Comments.Count")
    monkeypatch.setattr("pyopenvba.apps.excel._notes.remove", refuse)
    told = [*excel.click("SE_Check"), *excel.click("SE_Clear")]
    assert len(told) == 2
    for said in told:
        words, _, cells = said.rpartition("：")
        assert words.endswith("请先撤销工作表保护（审阅 → 撤销工作表保护），再点一次")
        assert len(cells.split()) == count
    assert excel.value("ActiveSheet.Comments.Count") == count


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("choice", "after"), [(NO, 12), (YES, 13.33)])
def test_a_typed_figure_that_differs_is_replaced_only_when_asked(
    excel: Excel, form: Path, choice: int, after: float
) -> None:
    sheet = excel.open(changed(form, J18=12))
    said = excel.click("SE_Fill", "", choice, YES)
    assert "手工填的这些和办法不一致：" in said[0]
    assert "J18 数量指标 自评分：填的是 12，按办法应为 13.33" in said[0]
    assert said[0].endswith("按“是”替换，按“否”保留。")
    assert sheet.value("J18") == after
    assert (sheet.value("J30") == 94.66) == (choice == YES)


def test_a_message_box_never_overflows_and_says_what_it_left_out(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    workbook = load_workbook(ZHONGSHAN)
    for row in (18, 19, 20, 25, 28):
        for column in "FIJ":
            workbook.worksheets[0][f"{column}{row}"] = 7
    workbook.save(path)
    asked = next(row for row in ribbon.fill(Book(path.read_bytes()), "表.xlsx") if row.kind == "ask")
    assert len(str(asked.value)) < 1000
    assert "填的是 7" in str(asked.value)
    assert re.search(r"……还有 \d+ 条，点“校验”可以逐个看。\n按“是”替换，按“否”保留。$", str(asked.value))


def test_what_keeps_a_form_from_being_sent_fits_into_a_message_box(
    excel: Excel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "mail.toml"
    settings.write_text('[mail]\nhost = "localhost"\nfrom = "a@b.cn"\nto = ["c@d.cn"]\n', "utf-8")
    monkeypatch.setenv("WORKBOOK_TOOLS_SETTINGS", str(settings))
    excel.open(Path(shutil.copy(ROOT / "examples" / "guangzhou_department_2023.xlsx", tmp_path / "表.xlsx")))
    (said,) = excel.click("SE_Send")
    assert len(said) < 1000
    assert said.startswith("表.xlsx：有 44 处错误，没有发送")
    assert said.endswith("……还有 36 条，点“校验”可以逐个看。")


def test_nothing_is_written_into_a_protected_sheet(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.worksheets[0].protection.sheet = True
    workbook.save(form)
    sheet = excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said.startswith("工作表受保护，这些格不能写，所以什么都没有写。")
    assert sheet.value("J30") is None


def test_text_that_looks_like_a_formula_stays_text(excel: Excel, form: Path) -> None:
    excel.start = answered(
        answer.Row("words", '=HYPERLINK("x")', "自评表", "L1"), answer.Row("words", "010", "自评表", "L2")
    )
    sheet = excel.open(form)
    excel.click("SE_Fill")
    assert (sheet.value("L1"), sheet.value("L2")) == ('=HYPERLINK("x")', "010")


def test_an_answer_that_cannot_be_applied_is_closed_and_told(excel: Excel, form: Path) -> None:
    excel.start = answered(answer.Row("plain", "1", "没有这张表", "A1"))
    excel.open(form)
    for _ in range(2):
        (said,) = excel.click("SE_Fill")
        assert said.startswith("没有做完：")
        assert [book.name for book in excel.app.workbooks()] == [addin.NAME, form.name]
        assert list(excel.folder.iterdir()) == []


def half_written(*more: answer.Row) -> Callable[[list[str]], int]:
    """A program that answers with cells of which the last one does not exist."""
    rows = [answer.Row("plain", Decimal(7), "自评表", "J18"), answer.Row("words", "=1+1", "自评表", "J36")]
    return answered(*rows, *more, answer.Row("plain", Decimal(8), "自评表", "没有这一格"))


@pytest.mark.slow
def test_where_one_cell_is_refused_all_are_put_back(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.worksheets[0]["J18"].number_format = "@"
    workbook.worksheets[0]["J18"], workbook.worksheets[0]["L1"] = "010", "=1+1"
    workbook.save(form)
    excel.start = half_written(answer.Row("plain", Decimal(9), "自评表", "L1"))
    sheet = excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said.startswith(f"没有做完：{addin.texts(SOURCES)['taken_back']}")
    assert (sheet.value("J18"), excel.value('Range("J18").NumberFormat')) == ("010", "@")
    assert sheet.value("J36") == "自评绩效等级:"
    assert (excel.value('Range("L1").Formula'), sheet.value("L1")) == ("=1+1", 2)
    assert excel.value("Application.EnableEvents") is True
    excel.start = main
    assert excel.click("SE_Check")  # nothing of it is left to be taken back


def test_cells_that_cannot_be_put_back_are_named(excel: Excel, form: Path) -> None:
    excel.app.add_module(
        VBA["Bridge"].replace("        cell.Formula = words\n", "        Err.Raise 1004\n"), name="Bridge"
    )
    excel.start = half_written()
    excel.open(form)
    (said,) = excel.click("SE_Fill")
    told = addin.texts(SOURCES)["not_restored"].replace("{}", " J18 J36")
    assert said.startswith(f"没有做完：{told}")


@pytest.mark.parametrize("sheet", ["自评表", "没有这张表"])
def test_a_folder_that_is_held_open_changes_nothing_else(
    sheet: str, excel: Excel, form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise VBARuntimeError(70, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    excel.start = answered(answer.Row("plain", "1", sheet, "L1"), answer.Row("say", "好了"))
    excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said == "好了" if sheet == "自评表" else said.startswith("没有做完：")


def test_a_program_that_gives_no_answer_is_told_with_its_exit_code(excel: Excel, form: Path) -> None:
    excel.start = lambda _: 3
    excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said.startswith("程序没有给出结果。可能有一格正在编辑（请按 Esc）")
    assert said.endswith("退出码：3")


@pytest.mark.parametrize("live", [True, False])
def test_a_program_that_is_not_there_any_more_gives_no_answer(excel: Excel, form: Path, *, live: bool) -> None:
    def missing(_: list[str]) -> int:
        raise VBARuntimeError(-2147024894, "Method 'Run' of object 'IWshShell3' failed")

    excel.start, excel.live = missing, live
    excel.open(form)
    (said,) = excel.click("SE_Fill")
    assert said.startswith("程序没有给出结果。可能有一格正在编辑（请按 Esc）")
    assert said.endswith("退出码：-2147024894")


def test_where_the_open_book_cannot_be_reached_a_copy_is_sent(excel: Excel, form: Path) -> None:
    excel.live = True
    sheet = excel.open(form)
    excel.click("SE_Fill")
    assert [words[1] for words in excel.commands] == ["live", "patch"]
    assert f"--wb={form.name}" in excel.commands[0]
    assert sheet.value("J30") == 94.66


def test_a_file_that_is_no_form_is_told_in_one_sentence(excel: Excel, tmp_path: Path) -> None:
    path = tmp_path / "别的.xlsx"
    workbook = load_workbook(ZHONGSHAN)
    workbook.remove(workbook.worksheets[0])
    workbook.create_sheet("名单")["A1"] = "姓名"
    workbook.save(path)
    excel.open(path)
    assert excel.click("SE_Fill") == [NO_FORM]


def test_an_add_in_without_a_command_says_how_to_install_it(tmp_path: Path, form: Path) -> None:
    excel = Excel(tmp_path, main, command="")
    excel.open(form)
    assert excel.click("SE_Fill")[0].startswith("插件不知道程序装在哪里。")


def test_new_opens_an_empty_form_of_the_chosen_scheme(excel: Excel, form: Path) -> None:
    excel.open(form)
    assert excel.click("SE_New", "guangzhou_2021") == []
    (made,) = excel.new
    (opened,) = forms_of(Book(made))
    assert opened[1].name == "guangzhou_2021"


@pytest.mark.slow
def test_a_report_is_written_beside_the_workbook_from_what_is_open(excel: Excel, form: Path) -> None:
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    excel.open(form)
    excel.click("SE_Fill")
    (said,) = excel.click("SE_Report")
    report = form.with_name("自评 表_自评报告.docx")
    assert said.startswith(f"已写到 {report.name}")
    assert "本项目自评得分94.66分，评定等级为“优”。" in read_report(report).paragraphs.values()
    before = report.read_bytes()
    assert excel.click("SE_Report")[0].startswith("没有要改的")
    assert report.read_bytes() == before
    assert list(excel.folder.iterdir()) == []


def test_a_workbook_that_was_never_saved_has_no_place_for_its_report(tmp_path: Path) -> None:
    (row,) = ribbon.report(ZHONGSHAN, "工作簿1")
    assert "请先把工作簿保存到电脑的一个文件夹里" in str(row.value)
    (row,) = ribbon.report(ZHONGSHAN, str(tmp_path / "没有" / "表.xlsx"))
    assert "请先把工作簿保存" in str(row.value)


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "needed"), [(".json", set()), (".xlsx", {"openpyxl"})])
def test_a_click_imports_no_package_for_what_it_does_not_use(ending: str, needed: set[str], tmp_path: Path) -> None:
    """The answer to Excel is a workbook, for which openpyxl would import numpy; the answer to WPS is none."""
    code = f"""
import sys
from workbook_tools.commands.main import main
assert main(["patch", "fill", "--answer={tmp_path / f"answer{ending}"}", "--book={ZHONGSHAN}"]) == 0
print(*{{"openpyxl", "numpy", "pandas", "PIL", "xlwings", "formulas"}} & {{name for name, one in sys.modules.items() if one}})
import numpy, PIL.Image
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == needed


def test_a_fault_on_the_copy_that_nobody_foresaw_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(ribbon, "fill", broken)
    out = tmp_path / "answer.xlsx"
    assert main(["patch", "fill", f"--answer={out}", f"--book={ZHONGSHAN}"]) == 0
    [(kind, *_, said)] = load_workbook(out).worksheets[0].values
    assert kind == "say"
    assert str(said).startswith("程序出错，这一步没有做完；工作簿没有改动。")
    assert str(said).endswith("（RuntimeError：x）")


@pytest.mark.parametrize(
    "callback", ["SE_Fill", "SE_Check", "SE_Report", "SE_Send", "SE_Calculate", "SE_Next", "SE_Clear"]
)
def test_without_an_open_workbook_a_button_says_so(callback: str, excel: Excel) -> None:
    excel.app.application.active_book = None
    (said,) = excel.click(callback)
    assert said == addin.texts(SOURCES)["no_book"]


@pytest.mark.parametrize("callback", ["SE_Calculate", "SE_Help"])
def test_the_other_buttons_say_what_they_did(excel: Excel, form: Path, callback: str) -> None:
    excel.open(form)
    (said,) = excel.click(callback)
    assert said in ("公式已全部重算。", addin.texts(SOURCES)["help"] + "workbook_tools")


def test_install_status_and_uninstall(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "启动 文件夹"
    assert main(["addin", "status", "--to", str(folder)]) == 3
    assert main(["addin", "install", "--to", str(folder)]) == 0
    assert main(["addin", "install", "--to", str(folder)]) == 0
    assert [path.name for path in folder.iterdir()] == [addin.NAME]
    assert main(["addin", "status", "--to", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"没有安装：{folder} 里没有 {addin.NAME}\n")
    assert f'"{sys.executable}" -P -m workbook_tools' in said
    assert "不是同一个版本" not in said
    assert main(["addin", "uninstall", "--to", str(folder)]) == 0
    assert list(folder.iterdir()) == []


def test_an_add_in_of_another_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / addin.NAME
    shutil.copy(SOURCES / addin.NAME, path)
    with zipfile.ZipFile(path, "a") as older:
        older.writestr("docProps/app.xml", "<Properties/>")
    assert main(["addin", "status", "--to", str(tmp_path)]) == 0
    assert "还不知道启动哪个程序" in capsys.readouterr().out
    made = addin.install(tmp_path, addin.command_line()).path
    with zipfile.ZipFile(made, "a") as older:
        older.writestr("docProps/app.xml", "<Properties/>")
    assert main(["addin", "status", "--to", str(tmp_path)]) == 0
    assert "插件和这里的程序不是同一个版本，请退出 Excel，运行 workbook_tools addin install" in capsys.readouterr().out


@pytest.mark.slow
def test_the_command_runs_no_file_that_lies_beside_the_form(tmp_path: Path) -> None:
    for name in ("workbook_tools", "json", "xlwings"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(77)", "ascii")
    command = [*shlex.split(addin.command_line()), "--version"]
    run = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert run.returncode == 0


def test_an_add_in_that_is_open_stays_and_nothing_is_left_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = addin.install(tmp_path, "old")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    assert main(["addin", "install", "--to", str(tmp_path)]) == 3
    assert capsys.readouterr().out.startswith(f"无法写入 {installed.path}：请先退出 Excel，再试一次")
    assert list(tmp_path.iterdir()) == [installed.path]
    assert addin.read_installed(installed.path) == installed


def test_a_build_leaves_nothing_but_the_add_in(tmp_path: Path) -> None:
    (tmp_path / addin.NAME).write_bytes(b"older")
    assert main(["addin", "build", "--to", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [addin.NAME]
    assert {path.name for path in SOURCES.iterdir()} == {
        *(f"{name}.bas" for name in VBA),
        "ribbon.xml",
        "texts.toml",
        "wps",
        addin.NAME,
    }


def test_a_build_into_a_folder_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addin", "build", "--to", str(tmp_path / "没有")]) == 3
    assert capsys.readouterr() == ("找不到这个文件，请检查路径和文件名\n", "")


def test_installing_changes_only_the_command(tmp_path: Path) -> None:
    installed = addin.install(tmp_path, '"C:\\程序\\python.exe" -m workbook_tools')
    assert addin.read_installed(installed.path) == installed
    with zipfile.ZipFile(ADDIN) as old, zipfile.ZipFile(installed.path) as new:
        assert [name for name in old.namelist() if old.read(name) != new.read(name)] == ["xl/worksheets/sheet1.xml"]


def test_another_s_file_of_that_name_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / addin.NAME
    shutil.copy(ZHONGSHAN, path)
    for what in ("install", "uninstall"):
        assert main(["addin", what, "--to", str(tmp_path)]) == 3
    assert "不是本工具的插件，没有改动" in capsys.readouterr().out
    assert path.read_bytes() == ZHONGSHAN.read_bytes()


@pytest.mark.parametrize("what", ["install", "status", "uninstall"])
@pytest.mark.parametrize("size", [0, 3000])
def test_a_damaged_add_in_is_named_and_left_alone(
    size: int, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / addin.NAME
    path.write_bytes(ADDIN.read_bytes()[:size])
    assert main(["addin", what, "--to", str(tmp_path)]) == 3
    assert capsys.readouterr().out == f"{path} 已损坏，没有改动；请删除这个文件，再安装\n"
    assert path.stat().st_size == size


@pytest.mark.skipif(sys.platform == "win32", reason="Excel's startup folder is known there")
def test_elsewhere_than_on_windows_a_folder_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addin", "install"]) == 3
    assert "请用 --to 指定文件夹" in capsys.readouterr().out


@pytest.mark.slow
def test_the_status_bar_says_that_the_program_works_and_is_cleared_before_anything_is_asked(
    excel: Excel, form: Path
) -> None:
    excel.open(changed(form, J18=12))
    excel.click("SE_Fill", "", YES, YES)
    working = addin.texts(SOURCES)["working"]
    assert [said for said in excel.status if said] == [working, working]  # once more with --yes
    assert excel.status[0] == working
    assert excel.status[-1] == ""


def test_the_status_bar_is_cleared_where_the_program_cannot_be_started(excel: Excel, form: Path) -> None:
    excel.start = answered(answer.Row("plain", "1", "没有这张表", "A1"))
    excel.open(form)
    assert excel.click("SE_Fill")[0].startswith("没有做完：")
    assert excel.status[-1] == ""


@pytest.mark.slow
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    ("state", "said"), [("saves_itself", "saves_itself"), ("read_only", "read_only")], ids=["AutoSave", "read-only"]
)
def test_a_book_that_cannot_be_left_unsaved_or_saved_is_asked_about_before_it_is_filled(
    state: str, said: str, excel: Excel, form: Path
) -> None:
    setattr(excel, state, True)
    sheet = excel.open(form)
    assert excel.click("SE_Fill", "", NO) == [addin.texts(SOURCES)[said]]
    assert (sheet.value("J30"), excel.commands) == (None, [])
    asked, told = excel.click("SE_Fill", "", YES, YES)
    assert asked == addin.texts(SOURCES)[said]
    assert told.startswith("总分 94.66")
    excel.click("SE_Check")
    assert len(excel.click("SE_Check")) == 1  # nothing is written there but comments


@pytest.mark.slow
def test_a_number_in_a_cell_of_text_format_is_a_number_also_by_way_of_the_copy(excel: Excel, form: Path) -> None:
    workbook = load_workbook(form)
    workbook.worksheets[0]["J18"].number_format = "@"
    workbook.worksheets[0]["J36"].number_format = "@"
    workbook.save(form)
    sheet = excel.open(form)
    excel.click("SE_Fill")
    assert (sheet.value("J18"), excel.value('Range("J18").NumberFormat')) == (13.33, "General")
    assert excel.value('TypeName(Range("J18").Value)') == "Double"
    assert excel.value('Range("J36").NumberFormat') == "@"  # a text stays in it


@pytest.mark.slow
def test_no_two_answers_have_the_same_name(excel: Excel, form: Path) -> None:
    excel.open(form)
    excel.click("SE_Check")
    excel.click("SE_Check")
    names = [
        Path(word.removeprefix("--answer=")).name for words in excel.commands for word in words if "--answer=" in word
    ]
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"workbook_tools_\d+_\d+\.xlsx", name) for name in names)


@pytest.mark.parametrize("live", [True, False])
def test_words_that_windows_would_replace_stay_in_the_name(excel: Excel, tmp_path: Path, *, live: bool) -> None:
    excel.live = live
    path = Path(shutil.copy(ZHONGSHAN, tmp_path / "完成100% %TEMP%.xlsx"))
    sheet = excel.open(path)
    (said,) = excel.click("SE_Fill")
    assert said.startswith("总分 94.66")
    assert not [word for words in excel.commands for word in words if "%" in word]
    assert excel.value('SE_Known("about")') == path.name
    assert sheet.value("J30") == 94.66


def test_the_books_own_macros_do_not_run_while_the_answer_is_applied(excel: Excel, form: Path) -> None:
    excel.open(form)
    before = excel.value("Application.EnableEvents")
    excel.click("SE_Fill")
    assert excel.value("Application.EnableEvents") is before is True
    lines = VBA["Bridge"].splitlines()
    quiet, opened = (
        next(n for n, line in enumerate(lines) if words in line) for words in ("EnableEvents = False", "Workbooks.Open")
    )
    assert quiet < opened


def test_messages_are_shown_by_the_function_of_windows_that_knows_every_character() -> None:
    assert not re.search(r"\bMsgBox\b", re.sub(r"(?m)^'.*$", "", VBA["Host"]))
    assert re.search(r'^Private Declare PtrSafe Function MessageBoxW Lib "user32"', VBA["Host"], re.MULTILINE)
    assert "StrPtr(words), StrPtr(title)" in VBA["Host"]
