"""Workbooks that are no .xlsx: LibreOffice writes them, and they say what their .xlsx says; what is not seen is told."""

from __future__ import annotations

import io
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

import build
import workbook_tools
from correct import CORRECT
from office import convert, needs_libreoffice
from paper import PaperSheet, drawn_book
from places import EXAMPLES, ROOT
from rich import rich_workbook
from workbook_tools.assess import assess_file
from workbook_tools.commands.main import fill_form, main
from workbook_tools.errors import FileRejected
from workbook_tools.excel import Book, libreoffice, number_format, read_book
from workbook_tools.excel.intake import MOST_BYTES
from workbook_tools.excel.sheet import Sheet
from workbook_tools.excel.tables import read_rows
from workbook_tools.excel.values_book import stored_values
from workbook_tools.fill import fill_file
from workbook_tools.template.workbook import workbook_bytes
from xlsb import as_xlsb

KINDS = (".xls", ".et", ".ods")  # an .et that WPS saves is an .xls under another name
EVERY_KIND = (*KINDS, ".xlsb")


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str], bytes]:
    """A workbook as LibreOffice saves it in another format."""

    folder, numbers = tmp_path_factory.mktemp("office"), itertools.count()

    def made(data: bytes, kind: str) -> bytes:
        path = folder / f"{next(numbers)}.xlsx"
        path.write_bytes(data)
        ending = ".xls" if kind == ".et" else kind
        return convert([path], folder / "made", ending[1:])[path.stem].read_bytes()

    return made


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """Every example in each format, by format and name."""
    folder = tmp_path_factory.mktemp("examples")
    files = [EXAMPLES / f"{name}.xlsx" for name in build.FORMS]
    made = {kind: convert(files, folder / kind, kind[1:]) for kind in (".xls", ".ods")}
    made[".et"] = {name: path.rename(path.with_suffix(".et")) for name, path in copies(made[".xls"]).items()}
    return made


def copies(files: dict[str, Path]) -> dict[str, Path]:
    return {name: Path(shutil.copy(path, path.with_name(f"{name} - 副本.xls"))) for name, path in files.items()}


def first(data: bytes) -> Sheet:
    book = read_book(data)
    return book.sheet(book.sheets[0])


# ── the same findings ─────────────────────────────────

UNSEEN = ("F118", "")  # what was not looked at is told, once
CANNOT_BE_SEEN = {  # example → findings in the .xlsx alone, and findings in the other formats alone
    # its two formulas have no saved result; LibreOffice calculates them, and here nobody can calculate them again
    "zhongshan_12345_2022": ({("F102", "自评表!E8")}, {("F117", "自评表!E8"), ("F117", "自评表!G8")}),
}


@needs_libreoffice
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", build.FORMS)
def test_a_form_has_the_same_findings_in_every_format(
    name: str, kind: str, examples: dict[str, dict[str, Path]]
) -> None:
    files = EXAMPLES / f"{name}.xlsx", examples[kind][name]
    saved, other = (
        [(place.code, place.address, place.message) for place in assess_file(file).findings] for file in files
    )
    gone, come = CANNOT_BE_SEEN.get(name, (set[tuple[str, str]](), set[tuple[str, str]]()))
    assert [one for one in saved if one[:2] not in gone] == [one for one in other if one[:2] not in come | {UNSEEN}]
    assert {one[:2] for one in saved} - {one[:2] for one in other} == gone
    assert {one[:2] for one in other} - {one[:2] for one in saved} == come | {UNSEEN}
    assert [one[:2] for one in other].count(UNSEEN) == 1


@needs_libreoffice
@pytest.mark.parametrize("kind", [".ods"])  # into an .xls LibreOffice saves 0 for a formula whose saved result is ""
def test_a_form_with_formulas_has_the_same_findings_but_for_what_is_calculated_again(
    kind: str, tmp_path: Path, converted: Callable[[bytes, str], bytes]
) -> None:
    """Our template has a name for each field and a formula in each computed cell."""
    template = converted((ROOT / "templates" / "self_eval_form.xlsx").read_bytes(), ".xlsx")  # calculated
    found = []
    for one in (".xlsx", kind):
        path = tmp_path / f"表{one}"
        path.write_bytes(converted(template, one))
        found.append([(place.code, place.address) for place in assess_file(path).findings])
    calculated = {"F109", "F117", "S111"}  # what a formula gives
    saved, other = ([one for one in codes if one[0] not in calculated] for codes in found)
    assert saved
    assert saved == [one for one in other if one != UNSEEN]
    assert [code for code, _ in found[1]].count("F117") > 20, "each formula that was not calculated again is named"


# ── what a cell says ──────────────────────────────────

WORDS: list[tuple[object, str, str]] = [  # what is stored, its number format, what a person reads
    (0.9973, "0.00%", "99.73%"),
    (0.9973, "General", "0.9973"),
    (0.6, "0%", "60%"),
    (0.861, "0%", "86.1%"),
    (0.86, "0.00%", "86.00%"),
    (-0.05, "0%", "-5%"),
    (0.1 + 0.2, "General", "0.3"),
    (1.005, "0.00", "1.005"),
    (100, "General", "100"),
    (17160289.87, "#,##0.00", "17160289.87"),
    (1e15, "General", "1000000000000000"),
    (1234567890123456, "General", "1234567890123460"),  # Excel keeps fifteen digits
    (114, '0"次"', "114次"),
    (114.5, '#,##0.00"万元"', "114.5万元"),
    (123456, '0.0,"万"', "123456"),  # shown as 12.3万: not the number itself
    (86.41, r"0.00_);[Red]\(0.00\)", "86.41"),
    (8.5, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "8.5"),
    (date(2023, 4, 28), "yyyy-mm-dd", "2023-04-28"),
    (date(2023, 4, 28), 'yyyy"年"m"月"d"日"', "2023-04-28"),
    (date(2024, 10, 31), 'm"月"d"日"', "10月31日"),  # Excel keeps the year in which it was typed
    (date(2024, 10, 31), 'm"月"', "10月"),
    (45044, "General", "45044"),
    (20230428, "0000-00-00", "20230428"),
    ("≥95%", "General", "≥95%"),
    ("  一 \n 二", "General", "  一 \n 二"),
    ("0010", "@", "0010"),
    ("99.73", "@", "99.73"),
]


def cells_of(words: list[tuple[object, str, str]]) -> Workbook:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "表"
    for row, (value, shown_as, _) in enumerate(words, 1):
        cell = sheet.cell(row, 1)
        cell.value, cell.number_format = value, shown_as  # type: ignore[assignment]
    return workbook


@needs_libreoffice
@pytest.mark.parametrize("kind", [".xls", ".ods"])
def test_a_cell_says_what_a_person_reads(kind: str, converted: Callable[[bytes, str], bytes]) -> None:
    sheet = first(converted(workbook_bytes(cells_of(WORDS)), kind))
    assert [sheet.text((row, 1)) for row in range(1, len(WORDS) + 1)] == [words for *_, words in WORDS]


def test_a_cell_of_an_xlsb_says_what_a_person_reads() -> None:
    sheet = first(as_xlsb(cells_of(WORDS)))
    assert [sheet.text((row, 1)) for row in range(1, len(WORDS) + 1)] == [words for *_, words in WORDS]


@needs_libreoffice
def test_libreoffice_reads_the_xlsb_of_these_tests_as_we_do() -> None:
    """So that the files that only we write are such files."""
    made = first(libreoffice.converted(as_xlsb(cells_of(WORDS)), "xlsx", ending=".xlsb"))
    assert [made.text((row, 1)) for row in range(1, len(WORDS) + 1)] == [words for *_, words in WORDS]


@pytest.mark.parametrize(
    ("code", "unit"),
    [('0"次"', "次"), (r"0\次", "次"), ('#,##0.00"万元"', "万元"), (r"0\万\元", "万元"), (r"0.00\ ", ""), (r"0\-", "-"), (r"\约0", ""), (r"0\3", "")],
)  # fmt: skip
def test_the_unit_behind_a_number_is_seen_however_a_program_quotes_it(code: str, unit: str) -> None:
    """Excel writes "次", LibreOffice \\次."""
    assert number_format(code).suffix == unit


def test_an_xlsb_that_excel_made_is_opened() -> None:
    import pyopenvba

    blank = Path(pyopenvba.__file__ or "").parent / "_templates" / "blank_files" / "blank_workbook.xlsb"
    book = read_book(blank.read_bytes())
    assert [(info.name, info.hidden) for info in book.sheets] == [("Sheet1", False)]
    assert list(book.sheet(book.sheets[0]).filled()) == []


def layout() -> Workbook:
    """Merged areas, what is hidden, formulas, an error, a truth value, a name of a person's own."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "表"
    sheet["A1"], sheet["B3"], sheet["B4"], sheet["B5"], sheet["D1"] = "标题", "=1+1.5", "=1/0", "#N/A", "列"
    sheet["B6"] = '=""'
    sheet.merge_cells("A1:B2")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    draft = workbook.create_sheet("底稿")
    draft["A1"], draft.sheet_state = 12.5, "hidden"
    workbook.create_sheet("空 表")
    workbook.defined_names["total"] = DefinedName("total", attr_text="表!$B$3")
    workbook.defined_names["texts.unit"] = DefinedName("texts.unit", attr_text="'空 表'!$AB$2")
    workbook.defined_names["area"] = DefinedName("area", attr_text="表!$B$3:$C$9")
    workbook.defined_names["rate"] = DefinedName("rate", attr_text="0.5")
    return workbook


def simple_layout() -> Workbook:
    """What the writer of .xlsb files knows of it."""
    workbook = layout()
    workbook["表"]["B3"], workbook["表"]["B4"], workbook["表"]["B6"] = "=2.5", "#DIV/0!", True
    return workbook


@needs_libreoffice
@pytest.mark.parametrize("kind", [".xls", ".ods"])
def test_what_is_merged_hidden_a_formula_or_an_error_is_seen(
    kind: str, converted: Callable[[bytes, str], bytes]
) -> None:
    book = read_book(converted(workbook_bytes(layout()), kind))
    assert [(info.name, info.hidden) for info in book.sheets] == [("表", False), ("底稿", True), ("空 表", False)]
    sheet = book.sheet(book.sheets[0])
    assert [sheet.anchor(cell) for cell in [(1, 1), (1, 2), (2, 2), (3, 2)]] == [(1, 1), (1, 1), (1, 1), (3, 2)]
    assert [cell for cell in sheet.filled() if sheet.hidden(cell)] == [(1, 4), (3, 2)]
    assert [cell for cell in sheet.filled() if cell[0] > 2 and cell[0] != 5 and sheet.formula(cell)] == [
        (3, 2),
        (4, 2),
        (6, 2),
    ]
    assert [sheet.text((row, 2)) for row in (3, 4, 5, 6)] == ["2.5", "#DIV/0!", "#N/A", ""]
    assert {"表!B3", "表!B4", "表!B6"} <= set(book.calculate()), "no formula is taken for one that was calculated"
    assert "公式没有重算" in book.unseen
    assert dict(sheet.names) == {"total": (3, 2)}
    assert dict(book.sheet(book.sheets[2]).names) == {"texts.unit": (2, 28)}


def test_what_is_merged_hidden_a_formula_or_an_error_is_seen_in_an_xlsb() -> None:
    book = read_book(as_xlsb(simple_layout()))
    sheet = book.sheet(book.sheets[0])
    assert [sheet.anchor(cell) for cell in [(1, 1), (1, 2), (2, 2), (3, 2)]] == [(1, 1), (1, 1), (1, 1), (3, 2)]
    assert [cell for cell in sheet.filled() if sheet.hidden(cell)] == [(1, 4), (3, 2)]
    assert [sheet.text((row, 2)) for row in (3, 4, 5, 6)] == ["2.5", "#DIV/0!", "#N/A", "TRUE"]
    assert book.calculate() == {"表!B3"}


@needs_libreoffice
def test_the_note_on_a_cell_is_no_part_of_its_words(converted: Callable[[bytes, str], bytes]) -> None:
    from openpyxl.comments import Comment

    workbook = cells_of([(0.5, "0%", "50%"), ("甲", "General", "甲")])
    for row in (1, 2):
        workbook["表"].cell(row, 1).comment = Comment("已核 12.345次", "审核")
    for kind in (".xls", ".ods"):
        sheet = first(converted(workbook_bytes(workbook), kind))
        assert [sheet.text(cell) for cell in sheet.filled()] == ["50%", "甲"]


def test_a_sheet_of_values_is_not_written() -> None:
    sheet = first(as_xlsb(cells_of(WORDS)))
    with pytest.raises(FileRejected, match="另存为"):
        sheet.write((1, 1), "1")
    assert sheet.text((1, 1)) == "99.73%"


# ── filling ───────────────────────────────────────────

ZHONGSHAN = EXAMPLES / "zhongshan_12345_2022.xlsx"


@needs_libreoffice
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_filling_makes_an_xlsx_beside_the_file_that_stays(
    kind: str, tmp_path: Path, converted: Callable[[bytes, str], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = build.example("zhongshan_12345_2022")
    if kind == ".xlsb":
        drawn["自评表"]["E8"], drawn["自评表"]["G8"] = "=0", "=0.9999772077809733"
    data = as_xlsb(drawn) if kind == ".xlsb" else converted(ZHONGSHAN.read_bytes(), kind)
    path = tmp_path / f"自评表{kind}"
    path.write_bytes(data)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert fill_form([str(path)]) == 0
    said = capsys.readouterr().out
    assert "总分 94.66，等级 优" in said
    assert f"已写到 {path.with_suffix('.xlsx')}" in said
    assert path.read_bytes() == data
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["自评表.xlsx", path.name])
    [form] = fill_file(path.with_suffix(".xlsx"), dry_run=True).forms
    assert (str(form.scores.total), form.scores.grade, form.changes) == ("94.66", "优", [])
    assert path.with_suffix(".xlsx").stat().st_mtime == 1_700_000_000, "the day of receipt is that of the original"


@needs_libreoffice
def test_a_file_with_the_name_of_the_xlsx_is_never_overwritten(
    tmp_path: Path, examples: dict[str, dict[str, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copy(examples[".xls"]["zhongshan_12345_2022"], tmp_path / "表.xls"))
    other = tmp_path / "表.xlsx"
    other.write_bytes(b"mine")
    assert fill_form([str(path)]) == 3
    assert "旁边已经有“表.xlsx”，没有转换" in capsys.readouterr().out
    assert other.read_bytes() == b"mine"
    assert fill_form([str(path), "-o", str(tmp_path / "填好.xlsx")]) == 0
    assert fill_form([str(path), "-o", str(tmp_path / "新" / "填好.xlsx")]) == 0
    with pytest.raises(SystemExit):
        fill_form([str(path), "-o", str(tmp_path / "填好.xls")])
    assert "-o 的扩展名应是 .xlsx" in capsys.readouterr().err
    assert fill_form([str(path), "--dry-run", "-o", str(tmp_path / "没有.xlsx")]) == 0
    assert not (tmp_path / "没有.xlsx").exists()


@needs_libreoffice
def test_a_folder_is_filled_once_and_the_second_run_says_which_file_was_taken(
    tmp_path: Path, examples: dict[str, dict[str, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, name in ((".xls", "甲"), (".ods", "乙")):
        shutil.copy(examples[kind]["zhongshan_12345_2022"], tmp_path / f"{name}{kind}")
    assert fill_form([str(tmp_path)]) == 0
    assert "共 2 个文件：2 个完成" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert fill_form([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "共 2 个文件：2 个完成" in said
    assert "没有读 2 个文件" in said
    assert "旁边有同名的 .xlsx，用的是那一个" in said
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert main(["summary", str(tmp_path), "-o", str(tmp_path / "汇总.xlsx")]) in (0, 1)
    assert "重复" not in capsys.readouterr().out, "a form and its .xlsx are one form"


def test_without_libreoffice_a_clerk_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsb"
    path.write_bytes(as_xlsb(PaperSheet(CORRECT).workbook()))
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert fill_form([str(path)]) == 3
    said = capsys.readouterr().out
    assert "没有安装 LibreOffice" in said
    assert "请用 Excel 或 WPS 打开这个文件，另存为 .xlsx 再填" in said
    assert list(tmp_path.iterdir()) == [path]
    assert main(["check", str(path)]) == 0, "reading needs no LibreOffice"
    assert main(["export", str(path)]) == 0


def changed(cell: str, value: object) -> Workbook:
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"][cell] = value  # type: ignore[assignment]
    return workbook


def unmerged() -> Workbook:
    workbook = PaperSheet(CORRECT).workbook()
    for area in list(workbook["自评表"].merged_cells.ranges):
        workbook["自评表"].unmerge_cells(str(area))
    return workbook


def hidden() -> Workbook:
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"].row_dimensions[3].hidden = True
    return workbook


def more_sheets() -> Workbook:
    workbook = PaperSheet(CORRECT).workbook()
    workbook.create_sheet("别的")
    return workbook


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: changed("A1", "别的"), "自评表!A1 原来是“"),
        (lambda: changed("Z90", "多的"), "自评表!Z90 原来是“”，转后是“多的”"),
        (lambda: changed("A1", None), "转后是“”"),
        (unmerged, "合并单元格不一样"),
        (hidden, "原来没有隐藏"),
        (more_sheets, "工作表原来是自评表，转后是自评表、别的"),
    ],
)
def test_a_conversion_that_changes_anything_is_refused(
    made: Callable[[], Workbook], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "表.xlsb"
    path.write_bytes(as_xlsb(PaperSheet(CORRECT).workbook()))
    monkeypatch.setattr(libreoffice, "converted", lambda *_, **__: drawn_book(CORRECT))
    assert fill_file(path, dry_run=True).forms
    monkeypatch.setattr(libreoffice, "converted", lambda *_, **__: workbook_bytes(made()))
    with pytest.raises(FileRejected, match="以后和原来不一样") as refused:
        fill_file(path)
    assert told in str(refused.value)
    assert list(tmp_path.iterdir()) == [path]


@needs_libreoffice
@pytest.mark.parametrize("kind", [".xls", ".ods"])
def test_a_seal_that_the_conversion_loses_stops_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, converted: Callable[[bytes, str], bytes]
) -> None:
    path = tmp_path / f"表{kind}"
    path.write_bytes(converted(rich_workbook(macros=False), kind))
    assert fill_file(path, out=tmp_path / "好.xlsx").written, "LibreOffice keeps it"
    kept = libreoffice.converted(path.read_bytes(), "xlsx", ending=kind)
    lost = repacked(kept, lambda part: part.replace(b"xdr:pic>", b"xdr:cxnSp>"), ".xml")
    monkeypatch.setattr(libreoffice, "converted", lambda *_, **__: lost)
    with pytest.raises(FileRejected, match="原来有 1 张图片（可能有印章），转后只有 0 张"):
        fill_file(path)


@needs_libreoffice
def test_what_the_conversion_does_not_bring_along_is_told(
    tmp_path: Path, converted: Callable[[bytes, str], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xls"
    path.write_bytes(converted(rich_workbook(macros=False), ".xls"))
    fill_form([str(path)])
    said = capsys.readouterr().out
    assert "个按钮、下拉框一类的控件，转后可能没有或不能用" in said
    # XlsxWriter calculates nothing; what LibreOffice calculates is no loss, but it is told
    assert "有 2 个公式转换时重新算过，和保存的结果不一样（自评表!G6 从“0.00%”到“99.9977207780973%”；" in said


# ── the kind is told by the content ───────────────────


def zipped(**parts: bytes) -> bytes:
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return done.getvalue()


ODF = b"application/vnd.oasis.opendocument."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize("ending", [".xls", ".et", ".ods", ".xlsb"])
def test_an_xlsx_under_another_ending_is_an_xlsx(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"表{ending}"
    path.write_bytes(ZHONGSHAN.read_bytes())
    assert isinstance(read_book(path.read_bytes()), Book)
    found = [place.code for place in assess_file(path).findings]
    assert found == [place.code for place in assess_file(ZHONGSHAN).findings]


@pytest.mark.parametrize(
    ("data", "code", "told", "to_do"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "E_KIND", "网页格式", "用 Excel 另存为 .xlsx"),
        (b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "E_KIND", "XML 表格", "另存为 .xlsx"),
        ("单位,得分\n甲,1\n".encode("gbk"), "E_KIND", "文本文件（如 CSV）", "用 Excel 另存为 .xlsx"),
        (b"%PDF-1.7 ...", "E_KIND", "PDF", "要 .xlsx 的原表"),
        (b"\x89PNG\r\n\x1a\n....", "E_KIND", "图片", "要 .xlsx 的原表"),
        (b"\xff\xd8\xff\xe0....JFIF", "E_KIND", "图片", "要 .xlsx 的原表"),
        (b"{\\rtf1 a}", "E_KIND", "RTF", "复制到 Excel"),
        (zipped(_Content_Types___dot_xml=b"", word__document_dot_xml=b"<a/>"), "E_KIND", "Word 文档", "复制到 Excel"),
        (zipped(mimetype=ODF + b"text", content_dot_xml=b"<a/>"), "E_KIND", "OpenDocument 文档", "复制到 Excel"),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "E_KIND", ".doc", "复制到 Excel"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "E_ENCRYPTED", "打开密码", "取消密码"),
        (zipped(mimetype=ODF + b"spreadsheet", content_dot_xml=b"<a/>", **{"META-INF__manifest_dot_xml": b"<manifest:encryption-data/>"}), "E_ENCRYPTED", "打开密码", "取消密码"),
        (OLE + bytes(MOST_BYTES), "E_TOO_BIG", "超过 16 MB", "另存为 .xlsx"),
        (OLE + bytes(600), "E_DAMAGED", "损坏", "重新取得"),
        (zipped(mimetype=ODF + b"spreadsheet", content_dot_xml=b"<a>"), "E_DAMAGED", "损坏", "重新取得"),
        (zipped(mimetype=ODF + b"spreadsheet", content_dot_xml=b"<!DOCTYPE a><a/>"), "E_DTD", "有害", "核对文件"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_told_in_one_sentence_with_what_to_do(
    data: bytes, code: str, told: str, to_do: str
) -> None:
    with pytest.raises(FileRejected) as refused:
        read_book(data)
    assert refused.value.code == code
    said = str(refused.value)
    assert told in said
    assert to_do in said
    assert "\n" not in said


# ── damaged and hostile files ─────────────────────────


@needs_libreoffice
def test_an_encrypted_xls_is_told_so(examples: dict[str, dict[str, Path]]) -> None:
    data = bytearray(examples[".xls"]["zhongshan_12345_2022"].read_bytes())
    at = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # the first record; behind it the next, made FILEPASS
    data[at + 20 : at + 22] = b"\x2f\x00"
    with pytest.raises(FileRejected, match="打开密码") as refused:
        read_book(bytes(data))
    assert refused.value.code == "E_ENCRYPTED"


@needs_libreoffice
def test_a_file_at_which_the_reader_ends_its_process_is_one_sentence(examples: dict[str, dict[str, Path]]) -> None:
    """A text far below all others: the Rust library asks for the cells above it, and ends, but not in this process."""
    data = bytearray(examples[".xls"]["zhongshan_12345_2022"].read_bytes())
    at = data.rindex(b"\xfd\x00\x0a\x00") + 4  # the row and the column of a text
    data[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(FileRejected, match="损坏") as refused:
        stored_values(bytes(data))
    assert refused.value.code == "E_DAMAGED"
    with pytest.raises(FileRejected) as refused:
        read_book(bytes(data))
    assert refused.value.code == "E_TOO_BIG"


def test_a_reader_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("", timeout)

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(FileRejected, match="10 秒还没有读完") as refused:
        stored_values(b"")
    assert refused.value.code == "E_TOO_BIG"


def content(rows: str) -> bytes:
    space = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = f'<office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body>'
    xml = f"<office:document-content {space}>{body}</office:document-content>"
    return zipped(mimetype=ODF + b"spreadsheet", content_dot_xml=xml.encode())


NUMBER = 'office:value-type="float" office:value="1"'


@pytest.mark.parametrize(
    "rows",
    [
        f'<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" {NUMBER}><text:p>1</text:p></table:table-cell></table:table-row>',
        f'<table:table-row table:number-rows-repeated="1048570"/><table:table-row><table:table-cell table:number-columns-repeated="16000"/><table:table-cell {NUMBER}/></table:table-row>',
        f'<table:table-row table:number-rows-repeated="2000000000"><table:table-cell {NUMBER}/></table:table-row>',
    ],
)
def test_a_few_bytes_that_stand_for_very_many_cells_are_refused_at_once(rows: str) -> None:
    began = time.monotonic()
    with pytest.raises(FileRejected) as refused:
        read_book(content(rows))
    assert refused.value.code == "E_TOO_BIG"
    assert time.monotonic() - began < 5


def mutated(data: bytes, seed: int) -> bytes:
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        at = chance.randrange(len(changed))
        changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0", chance.randbytes(4)))
    return bytes(changed[: chance.randrange(len(changed))] if chance.random() < 0.2 else changed)


def repacked(data: bytes, change: Callable[[bytes], bytes], *endings: str) -> bytes:
    """A container with the parts of these endings changed and sound again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(**{name: change(part) if name.endswith(endings) else part for name, part in parts.items()})


def said_of(data: bytes) -> str:
    """What a file gives: its words, or the code of its one sentence; anything else is raised."""
    try:
        book = read_book(data)
        return "".join(
            sheet.text(cell) for info in book.sheets for sheet in [book.sheet(info)] for cell in sheet.filled()
        )
    except FileRejected as refused:
        return refused.code


@pytest.mark.slow
@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("seed", range(40))
def test_any_xlsb_gives_words_or_one_sentence(seed: int) -> None:
    sound = as_xlsb(simple_layout())
    assert said_of(repacked(sound, lambda part: mutated(part, seed), ".bin")) is not None


@needs_libreoffice
@pytest.mark.parametrize("kind", [".xls", ".ods"])
def test_any_file_gives_words_or_one_sentence(kind: str, examples: dict[str, dict[str, Path]]) -> None:
    data = examples[kind]["zhongshan_12345_2022"].read_bytes()
    told = set()
    for seed in range(60):
        if kind == ".xls":
            told.add(said_of(mutated(data, seed)))
        else:
            told.add(said_of(repacked(data, lambda part, seed=seed: mutated(part, seed), "content.xml")))  # type: ignore[misc]
    assert "E_DAMAGED" in told


# ── where else such a file may come ───────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "表.xlsb").write_bytes(as_xlsb(PaperSheet(CORRECT).workbook()))
    return tmp_path


def test_such_a_file_is_not_mailed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(folder / "home"))
    assert main(["send", str(folder / "表.xlsb"), "--to", "a@example.cn", "--dry-run"]) == 3
    said = capsys.readouterr().out
    assert "另存为 .xlsx" in said


def test_recalculation_says_that_it_needs_an_xlsx(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder / "表.xlsb"), "--recalc"]) == 3
    assert "--recalc 不能用于 .xlsb 格式的文件；请在 Excel 或 WPS 里另存为 .xlsx 再查" in capsys.readouterr().out


def test_a_marked_copy_needs_an_xlsx(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder / "表.xlsb"), "--review", str(folder / "副本.xlsx")]) == 3
    assert "标注的副本不能由 .xlsb 格式的文件写成；请在 Excel 或 WPS 里另存为 .xlsx" in capsys.readouterr().out
    assert not (folder / "副本.xlsx").exists()


def test_a_summary_reads_such_a_file(folder: Path) -> None:
    (folder / "另.xlsx").write_bytes(drawn_book(CORRECT))
    other, saved = (
        workbook_tools.summarize([folder / name]).to_frame().drop(columns=["文件", "提示"])
        for name in ("表.xlsb", "另.xlsx")
    )
    assert other.to_dict() == saved.to_dict()
    assert len(other) == 1


def test_a_list_may_be_such_a_file(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(["单位", "邮箱"])
    workbook.worksheets[0].append(["甲局", "jia@example.cn"])
    path = tmp_path / "通讯录.xlsb"
    path.write_bytes(as_xlsb(workbook))
    assert read_rows(path) == [["单位", "邮箱"], ["甲局", "jia@example.cn"]]


def test_data_and_targets_may_be_such_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = Workbook()
    data.worksheets[0].append(["名称", "内容"])
    data.worksheets[0].append(["项目名称", "别的项目"])
    (tmp_path / "数据.xlsb").write_bytes(as_xlsb(data))
    shutil.copy(EXAMPLES / "national_tangxi_2022.xlsx", tmp_path / "表.xlsx")
    main(["fill", str(tmp_path / "表.xlsx"), "--data", str(tmp_path / "数据.xlsb"), "--dry-run"])
    assert "别的项目" in capsys.readouterr().out
    (tmp_path / "目标.xlsb").write_bytes(as_xlsb(build.example("guangzhou_petition_targets")))
    main(["targets", "import", str(EXAMPLES / "guangzhou_petition_targets.xlsx")])
    saved = capsys.readouterr().out.replace(str(EXAMPLES / "guangzhou_petition_targets.xlsx"), "")
    main(["targets", "import", str(tmp_path / "目标.xlsb")])
    assert capsys.readouterr().out.replace(str(tmp_path / "目标.xlsb"), "") == saved
    assert "广州市信访局" in saved


@pytest.mark.slow
def test_an_xlsx_needs_no_reader_of_other_formats(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(ZHONGSHAN.read_bytes())
    script = (
        "import sys; from workbook_tools.commands.main import fill_form, main; fill_form([sys.argv[1]]); main(['check', sys.argv[1]]);"
        "print([m for m in sys.modules if 'calamine' in m or m.startswith('workbook_tools.excel.facts')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_the_reader_of_values_stays_out_of_the_process_of_the_command(folder: Path) -> None:
    script = "import sys; from workbook_tools.commands.main import main; main(['check', sys.argv[1]]); print('python_calamine' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder / "表.xlsb")], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.splitlines()[-1] == "False"


def test_a_program_without_a_python_beside_it_reads_in_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("there is no Python to start"))
    assert first(as_xlsb(cells_of(WORDS))).text((1, 1)) == "99.73%"
