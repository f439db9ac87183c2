"""A drawn sheet as an .xlsb file: the records that Excel cannot do without, out of [MS-XLSB]."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, time, timedelta

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

XML = '<?xml version="1.0" encoding="UTF-8"?>'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK, STYLES, SHEET = "sheet.binary.macroEnabled.main", "styles", "worksheet"
ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}
REAL, TEXT, TRUTH, ERROR, FORMULA_REAL = 5, 6, 4, 3, 9


def record(kind: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    number = bytes([kind]) if kind < 0x80 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    size, length = len(body), b""
    while size >= 0x80:
        length, size = length + bytes([(size & 0x7F) | 0x80]), size >> 7
    return number + length + bytes([size]) + body


def text(words: str) -> bytes:
    return struct.pack("<L", len(words.encode("utf-16-le")) // 2) + words.encode("utf-16-le")


def cell(column: int, style: int, value: object) -> bytes:
    head = struct.pack("<L", column - 1) + style.to_bytes(3, "little") + b"\0"
    if isinstance(value, bool):
        return record(TRUTH, head, bytes([value]))
    if isinstance(value, date | time | timedelta):
        value = to_excel(value)  # type: ignore[no-untyped-call]
    if isinstance(value, int | float):
        return record(REAL, head, struct.pack("<d", value))
    words = str(value)
    if words in ERRORS:
        return record(ERROR, head, bytes([ERRORS[words]]))
    if words.startswith("="):  # =2.5, the formula of a number
        number = struct.pack("<d", float(words[1:]))
        return record(FORMULA_REAL, head, number, b"\0\0", struct.pack("<L", 9), b"\x1f", number, struct.pack("<L", 0))
    return record(TEXT, head, text(words))


def sheet_part(workbook: Workbook, formats: list[str]) -> bytes:
    sheet = workbook.worksheets[0]
    rows = []
    for row in sheet.iter_rows():
        hidden = 0x10 if sheet.row_dimensions[row[0].row or 1].hidden else 0
        at = struct.pack("<LLHBBB", (row[0].row or 1) - 1, 0, 300, 0, hidden, 0) + struct.pack("<L", 0)
        cells = [(one.column, formats.index(one.number_format), one.value) for one in row if one.value is not None]
        rows.append(record(0, at) + b"".join(cell(column or 1, style, value) for column, style, value in cells))
    merged = [(area.min_row, area.max_row, area.min_col, area.max_col) for area in sheet.merged_cells.ranges]
    areas = [record(176, struct.pack("<4L", *(number - 1 for number in area))) for area in merged]
    hidden_columns = [
        record(60, struct.pack("<4LH", number - 1, number - 1, 2304, 0, 1))
        for number in range(1, (sheet.max_column or 1) + 1)
        if sheet.column_dimensions[get_column_letter(number)].hidden
    ]
    size = struct.pack("<4L", 0, sheet.max_row - 1, 0, sheet.max_column - 1)
    columns = [record(390), *hidden_columns, record(391)] if hidden_columns else []
    merges = [record(177, struct.pack("<L", len(areas))), *areas, record(178)] if areas else []
    return b"".join([record(129), record(148, size), *columns, record(145), *rows, record(146), *merges, record(130)])


def count(number: int) -> bytes:
    return struct.pack("<L", number)


def styles_part(formats: list[str]) -> bytes:
    own = [record(44, struct.pack("<H", 164 + number), text(code)) for number, code in enumerate(formats) if number]
    xfs = [
        record(47, struct.pack("<HHHHHBBHBB", 0, 164 + number if number else 0, 0, 0, 0, 0, 0, 0x1000, 1, 0))
        for number, _ in enumerate(formats)
    ]
    font = record(
        43,
        struct.pack("<HHHHBBBB", 220, 0, 400, 0, 0, 0, 0, 0),
        struct.pack("<BBh4B", 7, 0, 0, 0, 0, 0, 0),
        b"\0",
        text("宋体"),
    )
    fill = record(45, struct.pack("<L", 0) + bytes(8) * 2 + struct.pack("<L", 0) + bytes(40) + struct.pack("<L", 0))
    border = record(46, bytes(1 + 5 * 10))
    base = record(47, struct.pack("<HHHHHBBHBB", 0xFFFF, 0, 0, 0, 0, 0, 0, 0x1000, 0, 0))
    parts = [record(278)]
    if own:
        parts += [record(615, count(len(own))), *own, record(616)]
    parts += [record(611, count(1)), font, record(612), record(603, count(1)), fill, record(604)]
    parts += [record(613, count(1)), border, record(614), record(626, count(1)), base, record(627)]
    parts += [record(617, count(len(xfs))), *xfs, record(618), record(279)]
    return b"".join(parts)


def as_xlsb(workbook: Workbook) -> bytes:
    """The first sheet of a workbook: its values, number formats, merged areas, hidden rows and columns."""
    sheet = workbook.worksheets[0]
    used = {one.number_format for row in sheet.iter_rows() for one in row}
    formats = ["General", *sorted(used - {"General"})]
    state = struct.pack("<2L", 0, 1)
    book = record(131) + record(143) + record(156, state, text("rId1"), text(sheet.title)) + record(144) + record(132)
    kinds = {"workbook": BOOK, "worksheets/sheet1": SHEET, "styles": STYLES}
    types = "".join(
        f'<Override PartName="/xl/{part}.bin" ContentType="application/vnd.ms-excel.{kind}"/>'
        for part, kind in kinds.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    space = 'xmlns="http://schemas.openxmlformats.org/package/2006/{}"'
    link = f'<Relationship Id="rId{{}}" Type="{RELATIONS}/{{}}" Target="{{}}"/>'
    links = f"{XML}<Relationships {space.format('relationships')}>{{}}</Relationships>"
    own = link.format(1, "worksheet", "worksheets/sheet1.bin") + link.format(2, "styles", "styles.bin")
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"{XML}<Types {space.format('content-types')}>{rels}{types}</Types>")
        archive.writestr("_rels/.rels", links.format(link.format(1, "officeDocument", "xl/workbook.bin")))
        archive.writestr("xl/_rels/workbook.bin.rels", links.format(own))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet_part(workbook, formats))
        archive.writestr("xl/styles.bin", styles_part(formats))
    return done.getvalue()
