"""The files that mutants are made of: sound forms of several kinds, and every file that ever broke the program.

All are built by code or written as text. A file that breaks the program is added to `BROKEN`, as small as it can be.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from functools import cache

from paper import ZHONGSHAN, drawn_book
from places import EXAMPLES
from rich import rich_workbook
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes

SHEET = "xl/worksheets/sheet1.xml"
LARGEST = 40_000  # bytes of a seed
_END = b"</sheetData>"


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(data: bytes, changes: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook with some parts exchanged or added."""
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w", packing) as target:
        for name, content in (parts(data) | changes).items():
            entry = zipfile.ZipInfo(name)  # without the time of day
            entry.compress_type = packing
            target.writestr(entry, content)
    return done.getvalue()


@cache
def form() -> bytes:
    """A form that is filled in."""
    return drawn_book(ZHONGSHAN)


@cache
def seeds() -> dict[str, bytes]:
    """The sound workbooks."""
    found = {"form": form(), "rich": rich_workbook(macros=False)}
    for name in ("national_2020", "zhongshan_2022"):  # with live formulas
        found[name] = workbook_bytes(form_workbook(load_scheme(name), 2022))
    for path in sorted(EXAMPLES.glob("*.xlsx")):
        if path.stat().st_size <= LARGEST:
            found[path.stem] = path.read_bytes()
    return found


def with_cells(xml: str) -> bytes:
    """The form with more rows at the end of its sheet."""
    sheet = parts(form())[SHEET]
    return rebuilt(form(), {SHEET: sheet.replace(_END, xml.encode() + _END)})


def _text(words: str) -> bytes:
    return with_cells(f'<row r="90"><c r="A90" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c></row>')


def _score(words: str) -> bytes:
    """The form one of whose figures is text."""
    sheet = parts(form())[SHEET].replace(b' t="n"><v>60</v>', f' t="str"><v>{words}</v>'.encode())
    return rebuilt(form(), {SHEET: sheet})


def _with_extra(extra: bytes) -> bytes:
    """The form with an extra field in the first record of its directory."""
    data = form()
    at, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    name = struct.unpack_from("<H", data, at + 28)[0]
    record = data[at : at + 30] + struct.pack("<H", len(extra)) + data[at + 32 : at + 46 + name] + extra
    size, start = struct.unpack_from("<2L", data, end + 12)
    tail = data[end : end + 12] + struct.pack("<2L", size + len(extra), start) + data[end + 20 :]
    return data[:at] + record + data[at + 46 + name : end] + tail


def _newer() -> bytes:
    """The first entry of the directory says that it needs version 6.8 of the format."""
    data = form()
    at = data.index(b"PK\1\2") + 6
    return data[:at] + bytes([68]) + data[at + 1 :]


def _with_backslashes() -> bytes:
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w") as target:
        for name, content in parts(form()).items():
            entry = zipfile.ZipInfo(name)
            entry.filename = name.replace("/", "\\")
            target.writestr(entry, content)
    return done.getvalue()


def _declared(encoding: str) -> bytes:
    sheet = parts(form())[SHEET]
    return rebuilt(form(), {SHEET: f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + sheet})


def _with_strings(xml: bytes, cells: str) -> bytes:
    links = parts(form())["xl/_rels/workbook.xml.rels"]
    link = b'<Relationship Id="rIdS" Type="urn:x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    changes = {"xl/sharedStrings.xml": xml, "xl/_rels/workbook.xml.rels": links.replace(b"</Relationships>", link)}
    return rebuilt(with_cells(cells), changes)


def _with_names(count: int) -> bytes:
    book = parts(form())["xl/workbook.xml"]
    names = "".join(f'<definedName name="n{n}">n{n - 1}+n{n - 2}</definedName>' for n in range(2, count))
    return rebuilt(
        form(),
        {"xl/workbook.xml": book.replace(b"</workbook>", f"<definedNames>{names}</definedNames></workbook>".encode())},
    )


def _of_one_part(count: int) -> bytes:
    """A workbook many of whose sheets are one part."""
    book = parts(form())["xl/workbook.xml"]
    link = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"'
    more = "".join(f'<sheet name="s{n}" sheetId="{n + 9}" {link}/>' for n in range(count))
    return rebuilt(form(), {"xl/workbook.xml": book.replace(b"</sheets>", more.encode() + b"</sheets>")})


def _chain(formula: str, count: int) -> bytes:
    """Formulas each of which reads the one above."""
    return with_cells(
        "".join(
            f'<row r="{n}"><c r="A{n}"><f>{formula.replace("@", f"A{n - 1}")}</f><v>1</v></c></row>'
            for n in range(90, 90 + count)
        )
    )


BROKEN: dict[str, Callable[[], bytes]] = {
    "the line break that Word pastes": lambda: _text("一_x000B_二"),
    "a score that clears the screen": lambda: _score("9_x001B_[2J"),
    "half a character": lambda: _text("_xD83D_"),
    "both halves of a character": lambda: _text("_xD83D__xDE00_"),
    "no character": lambda: _text("_xFFFE__xFFFF__x0000_"),
    "what looks like an escape": lambda: _text("_x005F_x0041_ _x0041_"),
    "more than a cell holds": lambda: _text("字" * 33_000),
    "a text that turns": lambda: _text("\u202e甲局\u202c\u2028"),
    "elements that begin like a cell": lambda: with_cells("<row>" + "<c:a xmlns:c='u'/>" * 3000 + "</row>"),
    "blank cells": lambda: with_cells("<row>" + "<c/>" * 50_000 + "</row>"),
    "blank strings": lambda: _with_strings(b"<sst>" + b"<si/>" * 100_000 + b"</sst>", ""),
    "one part under many names": lambda: _of_one_part(300),
    "names made of names": lambda: _with_names(60),
    "an encoding that is slow": lambda: _declared("punycode"),
    "an encoding that there is not": lambda: _declared("nichtda"),
    "a column without a number": lambda: rebuilt(
        form(), {SHEET: parts(form())[SHEET].replace(b"<sheetData", b'<cols><col min="a" max="" hidden="1"/></cols><sheetData', 1)}
    ),
    "a number of thousands of digits": lambda: with_cells(f'<row r="90"><c t="s"><v>{"9" * 5000}</v></c><c s="{"9" * 5000}"><v>{"1" * 5000}</v></c></row>'),
    "a character of thousands of digits": lambda: _text(f"&#{'0' * 5000}65;"),
    "cells beyond the sheet": lambda: with_cells('<row r="9999999"><c r="ZZZ9999999"><v>1</v></c></row>'),
    "a merge that is upside down": lambda: rebuilt(
        form(), {SHEET: parts(form())[SHEET].replace(_END, _END + b'<mergeCells><mergeCell ref="Z9:A1"/></mergeCells>', 1)}
    ),
    "tags in an instruction": lambda: with_cells('<?x <row r="90"><c r="A90"><v>1</v></c></row> ?>'),
    "an extra field cut short": lambda: _with_extra(b"\1\0\xff\xff"),
    "another name in the extra field": lambda: _with_extra(struct.pack("<2H", 0x7075, 6) + b"\1\0\0\0\0a"),
    "names with backslashes": _with_backslashes,
    "a newer version of the format": _newer,
    "texts that repeat": lambda: _with_strings(b"<sst>" + b"<si><t>" + b"\xe5\xad\x97" * 30_000 + b"</t></si></sst>", ""),
    "texts made of texts": lambda: _chain("@&amp;@", 60),
    "formulas that nobody knows": lambda: _chain("NICHTDA(@)", 300),
    "a formula that reads everything": lambda: _chain("SUMPRODUCT(ROW(1:1048576)*COLUMN(A:XFD))", 1),
    "deep brackets": lambda: _chain("(" * 3000, 1),
    "many figures": lambda: _text("1," * 16_000),
    "digits and blanks": lambda: _text("1 " * 16_000),
    "a reason that goes on": lambda: _text("进度" * 16_000),
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
    "nothing": lambda: b"",
    "an empty directory": lambda: form()[: form().rindex(b"PK\5\6")] + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, form().rindex(b"PK\5\6"), 0),
}  # fmt: skip

# Files of data that ever broke the program: ending and content.
DATA: dict[str, tuple[str, bytes]] = {
    "deep JSON": (".json", b'{"a":' + b"[" * 100_000),
    "deep TOML": (".toml", b"a = " + b"[" * 50_000),
    "a dotted key": (".toml", b".".join([b"a"] * 3000) + b" = 1"),
    "half a character": (".json", b'{"\\u603b\\u5206": "\\ud83d"}'),
    "a control character": (".json", b'{"A1": "a\\u000bb\\u0000"}'),
    "a huge power": (".json", b'{"A1": 1e999999999}'),
    "a huge power in TOML": (".toml", b"A1 = 1e999999999\nB1 = nan\nC1 = -inf"),
    "a power beyond all": (".toml", b"A1 = 1e9999999999999999999"),
    "thousands of digits": (".json", b'{"A1": ' + b"9" * 5000 + b"}"),
    "thousands of digits in TOML": (".toml", b"A1 = " + b"9" * 5000),
    "no number": (".json", b'{"A1": NaN, "B1": Infinity}'),
    "too long": (".json", b'{"A1": "' + b"a" * 40_000 + b'"}'),
    "a line end alone": (".csv", b'a\rb,"c\n' + b"x" * 200_000),
    "zeros": (".csv", b"\0" * 100),
    "half a mark": (".txt", b"\xff\xfe\x80"),
    "words": (".csv", "项目,内容\ntotal,95\n单位,=1+1\n".encode("gbk")),
    "list": (".csv", "单位,收到日期,邮箱\n甲局,2026-02-30,a@example.cn\n".encode("utf-8-sig")),
    "waivers": (".csv", "代码,位置,理由,姓名\nS101,H17,已核,王芳\n".encode()),
    "fields": (".json", '{"texts.unit": "甲局", "indicators.1.actual": "95%"}'.encode()),
    "fields in TOML": (".toml", '[indicators.1]\nactual = 95\n["取数"]\n'.encode()),
    "targets": (".txt", "    物业管理费 99.00 99.00\n做好服务。\n1、1-产出指标；12-质量指标；投诉次数；实施周期指标值:≤5；年度指标值:≤5。\n".encode()),
}  # fmt: skip

# Names of files that ever broke the program.
NAMES: dict[str, bytes] = {
    "a name in GBK": "自评表".encode("gbk") + b".xlsx",
    "a line end": "甲局.xlsx\n乙局：没有错误".encode() + b".xlsx",
    "a screen cleared": b"a\x1b[2J.xlsx",
    "turned": "表\u202exslx.exe".encode() + b".xlsx",
    "long": "表".encode() * 80 + b".xlsx",
    "a device": b"con.xlsx",
    "dots": b"...xlsx",
    "quotes": b"a\"b'<c>&d.xlsx",
    "formula": b"=1+1.xlsx",
    "percent": b"a%00b#c?.xlsx",
}
