"""The facts of an .xlsb file, out of its binary parts (BIFF12)."""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterator

from workbook_tools.excel import markup
from workbook_tools.excel.container import Container
from workbook_tools.excel.facts import BUILT_IN_NAMES, ERRORS, BookFacts, SheetFacts, packed_number
from workbook_tools.excel.formats import BUILT_IN, GENERAL, NumberFormat, number_format
from workbook_tools.excel.markup import attributes, element

WORKBOOK = "xl/workbook.bin"
_ROW, _LAST_CELL, _RICH = 0, 11, 62  # a row, the last of the kinds of cells from 1 on, and a cell of rich text
_BLANK, _PACKED, _ERROR, _TRUTH, _NUMBER = 1, 2, 3, 4, 5
_FIRST_FORMULA, _FORMULA_NUMBER, _FORMULA_TRUTH, _FORMULA_ERROR = 8, 9, 10, 11
_COLUMNS, _MERGED, _SHEET, _NAME, _PROPERTIES = 60, 176, 156, 39, 153
_FORMAT, _STYLES, _STYLES_END, _STYLE = 44, 617, 618, 47
_HIDDEN_ROW = 0x10
_BUILT_IN_NAME = 0x20


def xlsb_facts(container: Container) -> BookFacts:
    """The facts of a workbook; raises `FileRejected` where a part is missing or damaged."""
    targets = {link: part for link, part, _ in _links(container, WORKBOOK)}
    formats = _formats(container)
    sheets: list[SheetFacts] = []
    names = from_1904 = False
    for kind, body in _records(container.read(WORKBOOK)):
        if kind == _SHEET:
            link, at = _text(body, 8)
            part = targets.get(link, "")
            sheet = SheetFacts(name=_text(body, at)[0], hidden=int.from_bytes(body[:4], "little") != 0)
            if "/worksheets/" in part:
                _read(sheet, container.read(part), formats)
                _count(sheet, container, part)
                sheets.append(sheet)
        elif kind == _NAME:
            names |= not (body[0] & _BUILT_IN_NAME or _text(body, 9)[0].startswith(BUILT_IN_NAMES))
        elif kind == _PROPERTIES:
            from_1904 = bool(body[0] & 1)
    macros = any(name.endswith("vbaProject.bin") for name in container.names)
    signed = any(name.startswith("_xmlsignatures/") for name in container.names)
    return BookFacts(sheets, {}, unread_names=names, macros=macros, signed=signed, from_1904=from_1904)


def _read(sheet: SheetFacts, part: bytes, formats: list[NumberFormat]) -> None:
    row = 0
    for kind, body in _records(part):
        if kind == _ROW:
            row = int.from_bytes(body[:4], "little") + 1
            if body[11] & _HIDDEN_ROW:
                sheet.hidden_rows.append((row, row))
        elif _BLANK < kind <= _LAST_CELL or kind == _RICH:
            _read_cell(sheet, row, kind, body, formats)
        elif kind == _COLUMNS and body[16] & 1:
            first, last = struct.unpack_from("<2L", body)
            sheet.hidden_columns.append((first + 1, last + 1))
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<4L", body)
            sheet.merged.append(((top + 1, left + 1), (bottom + 1, right + 1)))


def _read_cell(sheet: SheetFacts, row: int, kind: int, body: bytes, formats: list[NumberFormat]) -> None:
    cell = row, int.from_bytes(body[:4], "little") + 1
    style = int.from_bytes(body[4:7], "little")
    sheet.hold(cell)
    if style < len(formats) and formats[style] != GENERAL:
        sheet.formats[cell] = formats[style]
    if kind == _PACKED:
        sheet.numbers[cell] = packed_number(body[8:12])
    elif kind in (_NUMBER, _FORMULA_NUMBER):
        (sheet.numbers[cell],) = struct.unpack_from("<d", body, 8)
    elif kind in (_ERROR, _FORMULA_ERROR):
        sheet.words[cell] = ERRORS.get(body[8], "#N/A")
    elif kind in (_TRUTH, _FORMULA_TRUTH):
        sheet.words[cell] = "TRUE" if body[8] else "FALSE"
    if _FIRST_FORMULA <= kind <= _LAST_CELL:
        sheet.formulas.add(cell)


def _count(sheet: SheetFacts, container: Container, part: str) -> None:
    """Counts the pictures and controls of a sheet."""
    for _, drawing, kind in _links(container, part):
        if kind.endswith("/drawing") and drawing in container:
            sheet.pictures += container.read(drawing).count(b"<xdr:pic>")
        sheet.controls += kind.endswith("/ctrlProp")


def _formats(container: Container) -> list[NumberFormat]:
    """The number format of each cell style."""
    part = next((part for _, part, kind in _links(container, WORKBOOK) if kind.endswith("/styles")), "")
    codes, styles, within = dict(BUILT_IN), list[int](), False
    for kind, body in _records(container.read(part)) if part else ():
        if kind == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _text(body, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            within = kind == _STYLES
        elif kind == _STYLE and within:
            styles.append(int.from_bytes(body[2:4], "little"))
    return [number_format(codes.get(code, "")) for code in styles]


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (part[at] & 0x7F) << 7, at + 1
        length = 0
        for shift in range(0, 28, 7):
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, part[at : at + length]
        at += length


def _text(body: bytes, at: int) -> tuple[str, int]:
    """Text behind its length, and the place after it."""
    end = at + 4 + 2 * int.from_bytes(body[at : at + 4], "little")
    return body[at + 4 : end].decode("utf-16-le"), end


def _links(container: Container, part: str) -> Iterator[tuple[str, str, str]]:
    """The relationships of a part: id, part and type."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    xml = markup.checked(container.read(path), path) if path in container else b""
    for raw, _ in element("Relationship", markup.prefix_of(xml)).findall(xml):
        link = attributes(raw)
        target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
        yield link.get("Id", ""), target, link.get("Type", "")
