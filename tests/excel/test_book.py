"""A saved workbook comes back with the named cells changed and everything else as it was; a bad file with one sentence."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from fuzz.corpus import BROKEN
from office import convert, needs_libreoffice
from paper import ZHONGSHAN, drawn_book
from rich import rich_workbook
from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import Book, SavedSheet
from workbook_tools.excel.loading import loaded, put_text
from workbook_tools.excel.markup import unescape, unescape_all
from workbook_tools.fill import fill_file
from workbook_tools.template.workbook import workbook_bytes
from workbook_tools.values import UNCALCULATED, Quantity

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = drawn_book(ZHONGSHAN)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(data: bytes, changes: dict[str, bytes | None]) -> bytes:
    """The container with some parts exchanged or added, None taking one away."""
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in (parts(data) | changes).items():
            if content is not None:
                target.writestr(name, content)
    return done.getvalue()


def sheet_of(xml: str) -> tuple[Book, SavedSheet]:
    """A workbook whose one sheet has this XML."""
    book = Book(rebuilt(PLAIN, {SHEET: xml.encode()}))
    return book, book.sheet(book.sheets[0])


def written_xml(book: Book) -> str:
    data = book.saved()
    assert data is not None
    return parts(data)["xl/worksheets/sheet1.xml"].decode()


# ── lossless ──────────────────────────────────────────


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_every_part_but_the_sheet_comes_back_byte_for_byte(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"自评表{suffix}"
    path.write_bytes(rich_workbook(macros=suffix == ".xlsm"))
    before = parts(path.read_bytes())

    result = fill_file(path)

    after = parts(path.read_bytes())
    assert (result.forms[0].scores.total, result.forms[0].scores.grade) == (Decimal("94.66"), "优")
    assert list(after) == list(before)
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet1.xml"]
    kinds = ("media", "drawings", "comments", "customXml", "customUI", "vmlDrawing", "charts", "custom.xml")
    assert all(any(kind in name for name in after) for kind in kinds)
    assert ("xl/vbaProject.bin" in after) == (suffix == ".xlsm")
    assert b"x14:dataValidation" in after["xl/worksheets/sheet1.xml"]
    assert b"conditionalFormatting" in after["xl/worksheets/sheet1.xml"]


def test_raw_compressed_bytes_of_the_other_parts_are_copied(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(rich_workbook(macros=False))
    old = path.read_bytes()
    fill_file(path)
    new = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(old)) as archive:
        for entry in archive.infolist():
            packed = old[entry.header_offset : entry.header_offset + 30 + len(entry.filename) + entry.compress_size]
            assert (packed in new) == (entry.filename != "xl/worksheets/sheet1.xml")


class OneWay(io.BytesIO):
    """A stream that cannot go back, as of a download or a pipe."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_containers_written_in_one_go_or_unpacked_come_back_whole(tmp_path: Path, packing: int) -> None:
    stream = OneWay()
    with zipfile.ZipFile(stream, "w", packing) as target:
        for name, content in parts(rich_workbook(macros=False)).items():
            target.writestr(name, content)
        target.comment = "收文 2023-17".encode()
    path = tmp_path / "表.xlsx"
    path.write_bytes(stream.getvalue())
    before = parts(path.read_bytes())
    fill_file(path)
    after = parts(path.read_bytes())
    assert [name for name in before if before[name] != after[name]] == [SHEET]
    with zipfile.ZipFile(path) as archive:
        assert archive.comment == "收文 2023-17".encode()


@needs_libreoffice
def test_libreoffice_opens_what_was_written_and_sees_the_same(tmp_path: Path) -> None:
    files = [tmp_path / "rich.xlsx", tmp_path / "plain.xlsx"]
    files[0].write_bytes(rich_workbook(macros=False))
    files[1].write_bytes(PLAIN)
    for file in files:
        fill_file(file)
    for made in convert(files, tmp_path / "office").values():
        sheet = load_workbook(made, data_only=True)["自评表"]
        assert (sheet["G31"].value, sheet["H31"].value) == (94.66, "自评绩效等级:优")
        assert [sheet[f"H{row}"].value for row in (9, 10, 11, 13, 15, 17, 24)] == [5, 15, 20, 13.33, 8, 34.66, 40]


def test_only_the_reported_cells_change(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(rich_workbook(macros=False))
    before = load_workbook(path)["自评表"]
    changed = {change.address.rpartition("!")[2] for change in fill_file(path).forms[0].changes}
    after = load_workbook(path)["自评表"]
    differing = {
        cell.coordinate for row in after.iter_rows() for cell in row if cell.value != before[cell.coordinate].value
    }
    formulas = {"E6", "G6"}  # their text stays, only the cached value is new
    assert differing == changed - formulas
    assert {address: after[address].value for address in formulas} == {
        address: before[address].value for address in formulas
    }
    values = load_workbook(path, data_only=True)["自评表"]
    assert values["E6"].value == 0
    assert values["G6"].value == pytest.approx(17160289.87 / 17160681)


def test_styles_of_written_cells_stay(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(rich_workbook(macros=False))
    before = load_workbook(path)["自评表"]["G13"]
    fill_file(path)
    after = load_workbook(path)["自评表"]["G13"]
    assert (after.number_format, after.border.left.style, after.value) == (before.number_format, "thin", 1)


# ── cutting the XML ───────────────────────────────────

HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<row r="2"><c r="B2" s="0"/></row>', '<row r="2"><c r="B2" s="0"><v>8</v></c></row>'),
        ('<row r="2"><c r="B2" t="s"><v>0</v></c></row>', '<row r="2"><c r="B2"><v>8</v></c></row>'),
        ('<row r="2"><c r="A2"/><c r="C2"/></row>', '<row r="2"><c r="A2"/><c r="B2"><v>8</v></c><c r="C2"/></row>'),
        ('<row r="2"/>', '<row r="2"><c r="B2"><v>8</v></c></row>'),
        ('<row r="2" ht="12"></row>', '<row r="2" ht="12"><c r="B2"><v>8</v></c></row>'),
        ('<row r="1"/><row r="3"/>', '<row r="1"/><row r="2"><c r="B2"><v>8</v></c></row><row r="3"/>'),
        ("<row><c/></row><row><c/><c/></row>", '<row><c/></row><row><c/><c r="B2"><v>8</v></c></row>'),
        ('<row r="2" x="/>"><c r="B2" y="a>b/"/></row>', '<row r="2" x="/>"><c r="B2"><v>8</v></c></row>'),
        ('<!-- <c r="B2"/> --><row r="2"><c r="B2"/></row>', '<row r="2"><c r="B2"><v>8</v></c></row>'),
    ],
)
def test_one_cell_is_exchanged_and_the_rest_of_the_sheet_stays(before: str, after: str) -> None:
    book, sheet = sheet_of(f"{HEAD}<sheetData>{before}</sheetData></worksheet>")
    sheet.write((2, 2), Decimal(8))
    assert written_xml(book) == f"{HEAD}<sheetData>{after}</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<c r="A1" s="0"><f>B1&gt;"a>b"</f><v>0</v></c>', '<c r="A1" s="0" t="b"><f>B1&gt;"a>b"</f><v>0</v></c>'),
        ("<c r='A1'><f>1+2</f></c>", '<c r="A1"><f>1+2</f><v>3</v></c>'),
        ('<c r="A1" t="str"><f>0.1+0.2</f><v>x</v></c>', '<c r="A1"><f>0.1+0.2</f><v>0.30000000000000004</v></c>'),
        ('<c r="A1"><f>"&lt;"&amp;B1</f></c><c r="B1"><v>7</v></c>', '<c r="A1" t="str"><f>"&lt;"&amp;B1</f><v>&lt;7</v></c><c r="B1"><v>7</v></c>'),
        ('<c r="A1"><f>1/0</f><v>0</v></c>', '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        ('<c r="A1"><f t="array" ref="A1">SUM(B1:C1*2)</f></c><c r="B1"><v>1</v></c>', '<c r="A1"><f t="array" ref="A1">SUM(B1:C1*2)</f><v>2</v></c><c r="B1"><v>1</v></c>'),
        ('<c r="A1"><f>NICHTDA(1)</f><v>4</v></c>', '<c r="A1"><f>NICHTDA(1)</f><v>4</v></c>'),
        ('<c r="A1"><f></f><v>4</v></c>', '<c r="A1"><f></f><v>4</v></c>'),
        (f'<c r="A1"><f>{"(" * 3000}1{")" * 3000}</f><v>4</v></c>', f'<c r="A1"><f>{"(" * 3000}1{")" * 3000}</f><v>4</v></c>'),
        (f'<c r="A1"><f>{"{" * 4000}</f><v>4</v></c>', f'<c r="A1"><f>{"{" * 4000}</f><v>4</v></c>'),
        ('<c r="A1"><f>[1]Sheet1!B3</f><v>4</v></c>', '<c r="A1"><f>[1]Sheet1!B3</f><v>4</v></c>'),
    ],
    ids=lambda words: words[:40],
)  # fmt: skip
def test_beside_a_formula_only_what_it_gives_is_saved(before: str, after: str) -> None:
    book, sheet = sheet_of(f'{HEAD}<sheetData><row r="1">{before}</row></sheetData></worksheet>')
    book.calculate()
    sheet.write((1, 1), Decimal(8))
    assert written_xml(book) == f'{HEAD}<sheetData><row r="1">{after}</row></sheetData></worksheet>'


def test_the_result_of_an_unknown_formula_goes_when_what_it_reads_was_written() -> None:
    cells = "<c r='A1'><f>NICHTDA(B1)</f><v>4</v></c><c r='B1'><v>1</v></c><c r='C1'><f>A1+1</f><v>5</v></c>"
    book, sheet = sheet_of(f"{HEAD}<sheetData><row r='1'>{cells}</row></sheetData></worksheet>")
    assert book.calculate() == {f"{sheet.name}!A1"}
    assert (sheet.text((1, 1)), sheet.text((1, 3))) == ("4", "5")
    sheet.write((1, 2), Decimal(2))
    book.calculate()
    assert (sheet.text((1, 1)), sheet.text((1, 3))) == (UNCALCULATED, UNCALCULATED)
    sheet.write((1, 1), Decimal(8))
    sheet.write((1, 3), Decimal(8))
    assert '<f>NICHTDA(B1)</f></c><c r="B1"><v>2</v></c><c r="C1"><f>A1+1</f></c>' in written_xml(book)


@pytest.mark.parametrize(
    ("first", "moved"), [("B1*2", 6), ("$B$1*2", 2), ("SUM(B1:C1)", 7), ('IF(B1="B1","B1",B$1+$B1)', 4)]
)
def test_a_shared_formula_is_calculated_in_each_of_its_cells(first: str, moved: float) -> None:
    text = first.replace('"', "&quot;")
    rows = f"<row r='1'><c r='A1'><f t='shared' ref='A1:A2' si='0'>{text}</f></c><c r='B1'><v>1</v></c></row>"
    rows += "<row r='2'><c r='A2'><f t='shared' si='0'/></c><c r='B2'><v>3</v></c><c r='C2'><v>4</v></c></row>"
    book, sheet = sheet_of(f"{HEAD}<sheetData>{rows}</sheetData></worksheet>")
    book.calculate()
    assert sheet.results[2, 1] == moved


def test_a_formula_is_left_as_it_was_where_nothing_was_calculated() -> None:
    cell = '<row r="1"><c r="A1"><f>1+1</f><v>5</v></c></row>'
    book, sheet = sheet_of(f"{HEAD}<sheetData>{cell}</sheetData></worksheet>")
    sheet.write((1, 1), Decimal(8))
    assert written_xml(book) == f"{HEAD}<sheetData>{cell}</sheetData></worksheet>"


def test_a_sheet_without_any_cell_takes_one() -> None:
    book, sheet = sheet_of(f'{HEAD}<sheetData><row r="9"/></sheetData></worksheet>')
    sheet.write((12, 28), "优")
    assert '<row r="9"/><row r="12"><c r="AB12" t="inlineStr">' in written_xml(book)


def test_an_empty_sheet_takes_a_cell_inside_its_data() -> None:
    book, sheet = sheet_of(f"{HEAD}<sheetData/></worksheet>")
    sheet.write((1, 1), Decimal(8))
    assert written_xml(book) == f'{HEAD}<sheetData><row r="1"><c r="A1"><v>8</v></c></row></sheetData></worksheet>'


def test_prefixes_and_other_encodings_are_understood() -> None:
    body = (
        '<x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>权重</x:t></x:is></x:c></x:row></x:sheetData>'
    )
    xml = f'<?xml version="1.0" encoding="UTF-16"?><x:worksheet xmlns:x="urn:x">{body}</x:worksheet>'
    book = Book(rebuilt(PLAIN, {SHEET: xml.encode("utf-16")}))
    sheet = book.sheet(book.sheets[0])
    assert sheet.text((1, 1)) == "权重"
    sheet.write((1, 2), Decimal("13.33"))
    assert '<x:c r="B1"><x:v>13.33</x:v></x:c></x:row>' in written_xml(book)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<c r="A1"><v>17160681</v></c>', "17160681"),
        ('<c r="A1"><v>1.7160681E7</v></c>', "17160681"),
        ('<c r="A1"><v>0.99997720830216004</v></c>', "0.99997720830216"),
        ('<c r="A1"><v>0.1</v></c>', "0.1"),
        ('<c r="A1"><v>1E300</v></c>', "1" + "0" * 300),
        ('<c r="A1"><v>1E999</v></c>', "1E999"),
        ('<c r="A1"><v>NaN</v></c>', "NaN"),
        ('<c r="A1" t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="A1" t="b"><v>1</v></c>', "TRUE"),
        ('<c r="A1" t="str"><f>A2</f><v>优</v></c>', "优"),
        ('<c r="A1"><f>A2</f></c>', "未计算的公式"),
        ('<c r="A1" t="inlineStr"><is><r><t>富</t></r><r><t xml:space="preserve"> 文本</t></r></is></c>', "富 文本"),
        ('<c r="A1" t="inlineStr"><is><t>字</t><rPh sb="0" eb="1"><t>zi</t></rPh></is></c>', "字"),
        ('<c r="A1" t="inlineStr"><is><t>a&lt;b&#10;&#x4e2d;_x000D_</t></is></c>', "a<b\n中\r"),
        ('<c r="A1" t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', "a<b"),
    ],
)
def test_a_cell_is_read_as_it_is_shown_and_exactly(cell: str, words: str) -> None:
    _, sheet = sheet_of(f'{HEAD}<sheetData><row r="1">{cell}</row></sheetData></worksheet>')
    assert sheet.text((1, 1)) == words


@pytest.mark.parametrize(
    ("value", "shown_as", "words"),
    [
        (0.6, "0.00%", "60.00%"),  # as printed: a reader cannot know that nobody worked it out
        (0.6, "0.0#%", "60.0%"),
        (0.857512, "0.00%", "85.7512%"),
        (0.86, "0%", "86%"),
        (0.86, '0.0%"（含）"', "86.0%"),
        (0.999977, "0%", "99.9977%"),
        (0.6, "General", "0.6"),
        (0.95, '0.00" %"', "0.95 %"),
        (114, '0"次"', "114次"),
        (17160681, '#,##0.00"元"', "17160681元"),
        (17160681, '0!.0,"万元"', "17160681"),
        (44927, "yyyy/m/d", "2023-01-01"),
        (44927, '[$-804]yyyy"年"m"月"', "2023-01-01"),
        (45596, 'm"月"d"日"', "10月31日"),  # typed in 2024, of whatever year it tells
        (45596, '[$-804]m"月"d"日";@', "10月31日"),
        (45596, "d-mmm", "10月31日"),
        (45596, "mm-dd", "10月31日"),
        (45596, 'm"月"', "10月"),
        (45596, "mmm-yy", "2024-10-31"),
        (45596.5, "m/d h:mm", "2024-10-31"),
        (-5, "0.00;[Red]-0.00", "-5"),
    ],
)
def test_a_number_is_read_with_what_its_format_adds(value: float, shown_as: str, words: str) -> None:
    workbook = Workbook()
    cell = workbook["Sheet"]["A1"]
    cell.value, cell.number_format = value, shown_as
    book = Book(workbook_bytes(workbook))
    assert book.sheet(book.sheets[0]).text((1, 1)) == words


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "<b>&\"'", " 空 格 "])
def test_text_never_becomes_a_formula(tmp_path: Path, text: str) -> None:
    book, sheet = sheet_of(f"{HEAD}<sheetData/></worksheet>")
    sheet.write((1, 1), text)
    path = tmp_path / "表.xlsx"
    path.write_bytes(book.saved() or b"")
    cell = load_workbook(path)["自评表"]["A1"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_a_text_that_begins_as_a_formula_stays_text_where_a_person_types_it_again() -> None:
    """At F2 and Enter Excel makes a formula of `=8个`, unless the style of the cell says that it was typed as text."""
    texts = ("=8个", "-一票", "@单位", "-", "8个=1组", "—")
    workbook = Workbook()
    for column, words in enumerate(texts, 1):
        workbook["Sheet"].cell(1, column).font = Font(b=True)
        put_text(workbook["Sheet"].cell(2, column), words)
    data = workbook_bytes(workbook)
    styles: list[bytes] = []
    for _ in range(2):
        book = Book(data)
        sheet = book.sheet(book.sheets[0])
        for column, words in enumerate(texts, 1):
            sheet.write((1, column), words)
        data = book.saved() or b""
        made = load_workbook(io.BytesIO(data))["Sheet"]
        for row in (1, 2):
            assert [made.cell(row, column).quotePrefix for column in range(1, 7)] == [True] * 3 + [False] * 3
        assert all(made.cell(1, column).font.b for column in range(1, 7))
        styles.append(Book(data).part("xl/styles.xml"))
    assert styles[0] == styles[1], "a style that is there already is not added again"


def test_a_rate_goes_in_as_a_number_only_where_the_format_is_percent() -> None:
    workbook = Workbook()
    workbook["Sheet"]["A1"].number_format = "0.00%"
    workbook["Sheet"]["B1"].number_format = "0.00"
    book = Book(workbook_bytes(workbook))
    sheet = book.sheet(book.sheets[0])
    for column in (1, 2):
        sheet.write((1, column), Quantity(Decimal("87.7193"), "%"))
    again = Book(book.saved() or b"")
    read = again.sheet(again.sheets[0])
    assert [read.text((1, 1)), read.text((1, 2))] == ["87.7193%", "87.72%"]


# ── guard ─────────────────────────────────────────────


def zipped(*entries: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def with_sheet(xml: str) -> bytes:
    return rebuilt(PLAIN, {SHEET: xml.encode()})


def flipped(data: bytes, at: bytes, offset: int) -> bytes:
    position = data.index(at) + offset
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def encrypted_flag(data: bytes) -> bytes:
    position = data.index(b"PK\1\2")
    return data[: position + 8] + struct.pack("<H", 1) + data[position + 10 :]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
BOMB = '<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&c;">]>'
BAD_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("E_EMPTY", lambda: b""),
    "truncated": ("E_DAMAGED", lambda: PLAIN[:-200]),
    "half": ("E_DAMAGED", lambda: PLAIN[: len(PLAIN) // 2]),
    "only its magic": ("E_DAMAGED", lambda: b"PK\3\4"),
    "damaged deflate": ("E_DAMAGED", lambda: flipped(PLAIN, b"xl/worksheets/sheet1.xml", 40)),
    "random": ("E_KIND", lambda: random.Random(1).randbytes(3000)),
    "old Excel": ("E_DAMAGED", lambda: OLE + "Workbook".encode("utf-16-le")),
    "old Word": ("E_KIND", lambda: OLE + "WordDocument".encode("utf-16-le")),
    "password": ("E_ENCRYPTED", lambda: OLE + "EncryptedPackage".encode("utf-16-le")),
    "zip password": ("E_ENCRYPTED", lambda: encrypted_flag(PLAIN)),
    "PDF": ("E_KIND", lambda: b"%PDF-1.7"),
    "CSV": ("E_KIND", lambda: "一级指标,二级指标\n产出,数量".encode("gbk")),
    "web page": ("E_KIND", lambda: b"<html><table></table></html>"),
    "XML 2003": (
        "E_KIND",
        lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    ),
    "ODS": ("E_KIND", lambda: zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"))),
    "DOCX": ("E_KIND", lambda: zipped(("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>"))),
    "XLSB": ("E_DAMAGED", lambda: zipped(("[Content_Types].xml", b"<a/>"), ("xl/workbook.bin", b""))),
    "some ZIP": ("E_KIND", lambda: zipped(("a.txt", b"a"))),
    "ZIP bomb": ("E_BOMB", lambda: rebuilt(PLAIN, {"xl/big.xml": b"<a>" + b" " * 20_000_000 + b"</a>"})),
    "many parts": ("E_BOMB", lambda: zipped(*((f"a{n}.txt", b"") for n in range(2001)))),
    "path out of the file": ("E_PATH", lambda: zipped(("../../a.xml", b"<a/>"))),
    "absolute path": ("E_PATH", lambda: zipped(("/a.xml", b"<a/>"))),
    "repeated part": ("E_DUPLICATE", lambda: zipped(("xl/a.xml", b"<a/>"), ("XL/A.xml", b"<a/>"))),
    "entities": ("E_DTD", lambda: with_sheet(BOMB + f"{HEAD}<sheetData/></worksheet>")),
    "entities in UTF-16": (
        "E_DTD",
        lambda: rebuilt(PLAIN, {"docProps/core.xml": f"<?xml version='1.0'?>{BOMB}<a/>".encode("utf-16")}),
    ),
    "broken XML": ("E_DAMAGED", lambda: with_sheet(f"{HEAD}<sheetData><row></sheetData></worksheet>")),
    "no sheet data": ("E_DAMAGED", lambda: with_sheet(f"{HEAD}</worksheet>")),
    "no workbook": ("E_DAMAGED", lambda: rebuilt(PLAIN, {"xl/workbook.xml": None})),
    "huge merges": (
        "E_MERGE",
        lambda: with_sheet(f'{HEAD}<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'),
    ),
    "an extra field cut short": ("E_DAMAGED", BROKEN["an extra field cut short"]),
    "another name in the extra field": ("E_DAMAGED", BROKEN["another name in the extra field"]),
    "an empty directory": ("E_DAMAGED", BROKEN["an empty directory"]),
    "a name that steers the screen": ("E_PATH", lambda: zipped(("a\x1b[2J.xml", b"<a/>"))),
    "backslashes out of the file": ("E_PATH", lambda: zipped(("..\\a.xml", b"<a/>"))),
    "two names but for a backslash": ("E_DUPLICATE", lambda: zipped(("xl/a.xml", b"<a/>"), ("xl\\a.xml", b"<a/>"))),
    "an encoding that is slow": ("E_ENCODING", BROKEN["an encoding that is slow"]),
    "one part under many names": ("E_TOO_BIG", BROKEN["one part under many names"]),
    "a cell beyond the sheet": ("E_DAMAGED", BROKEN["cells beyond the sheet"]),
    "a number of thousands of digits": ("E_DAMAGED", BROKEN["a number of thousands of digits"]),
    "signed": ("E_SIGNED", lambda: rebuilt(PLAIN, {"_xmlsignatures/sig1.xml": b"<a/>"})),
}


@pytest.mark.parametrize(("code", "make"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_with_one_sentence_and_stays(
    tmp_path: Path, code: str, make: Callable[[], bytes]
) -> None:
    path = tmp_path / "表.xlsx"
    data = make()
    path.write_bytes(data)
    with pytest.raises(FileRejected) as refused:
        fill_file(path)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "name",
    ["names with backslashes", "texts that repeat", "tags in an instruction", "a newer version of the format"],
)
def test_what_is_odd_but_safe_is_read_and_filled(name: str, tmp_path: Path) -> None:
    path, out = tmp_path / "表.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(BROKEN[name]())
    [filled] = fill_file(path, out=out, inputs={"texts.unit": "甲局"}, overwrite=True).forms
    assert filled.scores.grade == "优"
    before, after = Book(path.read_bytes()), Book(out.read_bytes())
    assert [part for part in before.parts if before.part(part) != after.part(part)] == [SHEET]
    assert loaded(out.read_bytes()).worksheets[0].max_row > 20  # openpyxl reads it too, once it has passed the guard


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gbk", "GB18030"])
def test_the_encodings_of_spreadsheets_are_read(encoding: str) -> None:
    xml = parts(PLAIN)[SHEET].decode().partition("?>")[2] or parts(PLAIN)[SHEET].decode()
    written = f'<?xml version="1.0" encoding="{encoding}"?>{xml}'.encode(encoding)
    book = Book(rebuilt(PLAIN, {SHEET: written}))
    assert book.sheet(book.sheets[0]).text((1, 1)) == "附件1-1"


CHARACTER_DATA = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="&<>\x00", exclude_categories=("Cc", "Cs", "Cn"))),
        st.sampled_from(
            ["&lt;", "&amp;", "&quot;", "&#24207;", "&#x5e8f;", "&#13;", "\r\n", "\r", "\n", "_x000D_", "_x005F_"]
        ),
    ),
    min_size=1,
).map(lambda parts: "".join(parts).encode())


@given(texts=st.lists(CHARACTER_DATA, max_size=20))
def test_many_texts_are_unescaped_as_each_is(texts: list[bytes]) -> None:
    assert unescape_all(texts) == [unescape(text.decode()) for text in texts]


def test_a_cell_far_away_is_not_for_openpyxl() -> None:
    with pytest.raises(FileRejected, match="最后一格离得太远"):
        loaded(
            with_sheet(
                f'{HEAD}<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
            )
        )


def test_a_signed_workbook_may_still_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(rebuilt(PLAIN, {"_xmlsignatures/sig1.xml": b"<a/>"}))
    assert fill_file(path, dry_run=True).forms[0].scores.grade == "优"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=4), st.sampled_from(["put", "cut"]))
def test_any_file_gives_a_result_or_one_sentence(tmp_path: Path, at: int, junk: bytes, how: str) -> None:
    damaged = PLAIN[:at] + junk + PLAIN[at + len(junk) :] if how == "put" else PLAIN[:at]
    path = tmp_path / "表.xlsx"
    path.write_bytes(damaged)
    with contextlib.suppress(FileRejected, FormNotRecognised):
        fill_file(path, dry_run=True)
    assert path.read_bytes() == damaged


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_xml_in_a_sound_container_gives_a_result_or_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    contents = parts(PLAIN)
    name = data.draw(st.sampled_from([name for name in contents if "docProps" not in name]))
    content = contents[name]
    at = data.draw(st.integers(0, len(content)))
    junk = data.draw(
        st.sampled_from([b"<", b">", b'"', b"\0", b"&x;", b"<c/>", b"</row>", b"9", b"-1", b"\xff", b"_x"])
    )
    path = tmp_path / "表.xlsx"
    path.write_bytes(rebuilt(PLAIN, {name: content[:at] + junk + content[at:]}))
    with contextlib.suppress(FileRejected, FormNotRecognised):
        fill_file(path, dry_run=True)
