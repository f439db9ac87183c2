"""A saved workbook in memory: its sheets, their words, and the cells to be written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from workbook_tools.book import formats, markup
from workbook_tools.book.container import Container, Refused, damaged
from workbook_tools.book.markup import ATTRIBUTES, attributes, element, escape, unescape
from workbook_tools.values import Quantity, Value, plain, shown

Cell = tuple[int, int]  # row and column, from 1

FIFTEEN = Context(prec=15)  # what Excel keeps of a number
MOST_SHEET_BYTES = 16 * 2**20  # a form is far smaller; a sheet of data beyond it is not searched
MOST_MERGED_CELLS = 2_000_000
UNCALCULATED = "未计算的公式"

_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Z]{1,3})?([0-9]{1,7})["']""")
_STYLE = re.compile(rb"""(?:^|\s)s\s*=\s*["']([0-9]+)["']""")
_TYPE = re.compile(rb"""(?:^|\s)t\s*=\s*["'](\w+)["']""")
_NAME = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def read_file(path: Path) -> bytes:
    """The bytes of a file; raises `Refused` with one sentence when it cannot be read."""
    try:
        if path.is_dir():
            raise Refused("E_KIND", "这是文件夹，不是工作簿")
        if path.stat().st_size > 2**28:
            raise Refused("E_BOMB", "文件超过 256 MB，不像自评表，没有打开")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused("E_MISSING", "找不到这个文件，请检查路径和文件名") from None
    except PermissionError:
        raise Refused("E_LOCKED", "没有读取权限，或文件正被其他程序占用") from None
    except OSError as fault:
        raise Refused("E_READ", f"读不出文件：{fault.strerror or fault}") from None


class SheetInfo(NamedTuple):
    """One entry of the workbook's list of sheets."""

    name: str
    part: str
    hidden: bool


class Book:
    """A workbook file in memory; raises `Refused` when it is not a sound one."""

    def __init__(self, data: bytes) -> None:
        self._container = Container(data)
        for name in self._container.names:
            if name.endswith((".xml", ".rels", ".vml")):
                markup.undeclared(self._container.read(name), name)
        self._workbook_part = self._main_part()
        self._workbook = self._xml(self._workbook_part)
        self._prefix = markup.prefix_of(self._workbook)
        self._opened: dict[str, SavedSheet] = {}

    @property
    def signed(self) -> bool:
        """Whether the file carries a digital signature, which any write would destroy."""
        return any(name.startswith("_xmlsignatures/") for name in self._container.names)

    @cached_property
    def sheets(self) -> list[SheetInfo]:
        """The worksheets in the order of their tabs."""
        links = self._links(self._workbook_part)
        found: list[SheetInfo] = []
        for raw, _ in element("sheet", self._prefix).findall(self._workbook):
            sheet = attributes(raw)
            link = next((value for key, value in sheet.items() if key.endswith(":id")), "")
            kind, part = links.get(link, ("", ""))
            if kind.endswith("/worksheet") and part in self._container:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(SheetInfo(sheet.get("name", ""), part, hidden))
        return found

    @cached_property
    def names(self) -> dict[str, tuple[str, Cell]]:
        """The defined names that stand for one cell each: name → sheet and cell."""
        found: dict[str, tuple[str, Cell]] = {}
        for raw, text in element("definedName", self._prefix).findall(self._workbook):
            place = _NAME.fullmatch(unescape(text.decode()).strip())
            if place:
                sheet = place[1].replace("''", "'") if place[1] else place[2]
                found[attributes(raw).get("name", "")] = sheet, (int(place[4]), column_number(place[3]))
        return found

    def sheet(self, info: SheetInfo) -> SavedSheet:
        """The sheet with its words; raises `Refused` when its part is damaged or too large for a form."""
        if info.part not in self._opened:
            self._opened[info.part] = SavedSheet(info.name, self._sheet_xml(info.part), self)
        return self._opened[info.part]

    def saved(self) -> bytes | None:
        """The file with every cell written since, or None when nothing was written."""
        parts = {part: sheet.xml() for part, sheet in self._opened.items() if sheet.written}
        return self._container.replaced(parts) if parts else None

    def _sheet_xml(self, part: str) -> bytes:
        xml = self._container.read(part)
        if len(xml) > MOST_SHEET_BYTES:
            raise Refused("E_TOO_BIG", "这张工作表太大，不像自评表")
        return markup.checked(xml, part)

    def _xml(self, part: str) -> bytes:
        return markup.checked(self._container.read(part), part)

    def _main_part(self) -> str:
        for kind, part in self._links("").values():
            if kind.endswith("/officeDocument"):
                return part
        raise damaged("缺少工作簿")

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part: id → type and target part."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self._container:
            return {}
        xml = self._xml(path)
        links = {}
        for raw, _ in element("Relationship", markup.prefix_of(xml)).findall(xml):
            link = attributes(raw)
            target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
            links[link.get("Id", "")] = link.get("Type", ""), target
        return links

    def _linked(self, kind: str) -> bytes:
        """The XML of the workbook's one part of that kind, b"" when there is none."""
        for link, part in self._links(self._workbook_part).values():
            if link.endswith(f"/{kind}") and part in self._container:
                return self._xml(part)
        return b""

    @cached_property
    def strings_prefix(self) -> bytes:
        """The namespace prefix of the shared strings."""
        return markup.prefix_of(self._linked("sharedStrings"))

    @cached_property
    def strings(self) -> list[bytes]:
        """The shared strings as raw XML."""
        xml = self._linked("sharedStrings")
        return [content for _, content in element("si", markup.prefix_of(xml)).findall(xml)]

    @cached_property
    def formats(self) -> list[formats.NumberFormat]:
        """The number format of each cell style."""
        return formats.read_formats(self._linked("styles"))

    @cached_property
    def dates_from_1904(self) -> bool:
        """Whether day numbers count from 1904."""
        found = element("workbookPr", self._prefix).search(self._workbook)
        return found is not None and attributes(found[1]).get("date1904", "0") in ("1", "true")


class _Stored(NamedTuple):
    start: int
    end: int
    attributes: bytes
    content: bytes


class _Row(NamedTuple):
    start: int  # of the row's first tag
    inside: int  # where its cells begin; the end of the tag when it is empty
    empty: bool
    cells: list[Cell]


class SavedSheet:
    """One worksheet of a saved workbook: words out, values in, everything else as it stands."""

    def __init__(self, name: str, xml: bytes, book: Book) -> None:
        self.name = name
        self.written: dict[Cell, Value] = {}
        self._xml = xml
        self._book = book
        self._prefix = markup.prefix_of(xml)
        self._cells: dict[Cell, _Stored] = {}
        self._rows: dict[int, _Row] = {}
        self._words: dict[Cell, str] = {}
        self._read_cells()
        self.size = (
            max(self._rows, default=0),
            max((column for _, column in self._cells), default=0),
        )
        self._anchors = self._read_merges()
        self.names = {field: cell for field, (sheet, cell) in book.names.items() if sheet == name}

    def text(self, cell: Cell) -> str:
        """The words of a cell: its text, or its exact number as its format shows it (0.6 as 60%)."""
        if cell not in self._words:
            stored = self._cells.get(cell)
            self._words[cell] = self._read(stored) if stored else ""
        return self._words[cell]

    def anchor(self, cell: Cell) -> Cell:
        """The cell that holds the words of a merged area, or the cell itself."""
        return self._anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        """Whether the cell holds a live formula."""
        stored = self._cells.get(cell)
        return stored is not None and element("f", self._prefix).search(stored.content) is not None

    def formulas(self) -> set[Cell]:
        """The cells that hold a live formula."""
        tag = b"<%sf" % self._prefix
        return {cell for cell, stored in self._cells.items() if tag in stored.content and self.formula(cell)}

    def write(self, cell: Cell, value: Value) -> None:
        """Notes `value` for the cell; a rate goes in as a number under a percent format and as text under any other."""
        self.written[cell] = value
        self._words[cell] = shown(value)

    def address(self, cell: Cell) -> str:
        """The cell as people name it: 自评表!J17."""
        return f"{self.name}!{column_letters(cell[1])}{cell[0]}"

    def xml(self) -> bytes:
        """The sheet's XML with the written cells exchanged and every other byte as it was."""
        pieces: list[bytes] = []
        position = 0
        for start, end, new in sorted(self._edits()):
            pieces += [self._xml[position:start], new]
            position = end
        return b"".join([*pieces, self._xml[position:]])

    def _edits(self) -> Iterator[tuple[int, int, bytes]]:
        missing: dict[int, list[Cell]] = {}
        for cell, value in self.written.items():
            if stored := self._cells.get(cell):
                yield stored.start, stored.end, self._element(cell, value, stored)
            else:
                missing.setdefault(cell[0], []).append(cell)
        for row, cells in missing.items():
            yield from self._inserted(row, sorted(cells))

    def _inserted(self, row: int, cells: list[Cell]) -> Iterator[tuple[int, int, bytes]]:
        stored = self._rows.get(row)
        if stored is None or stored.empty:
            inner = b"".join(self._element(cell, self.written[cell]) for cell in cells)
            if stored is None:
                at = next((found.start for number, found in sorted(self._rows.items()) if number > row), self._end)
                yield at, at, b'<%srow r="%d">%s</%srow>' % (self._prefix, row, inner, self._prefix)
            else:
                opened = self._xml[stored.start : stored.inside].rstrip(b">").rstrip(b"/ ") + b">"
                yield stored.start, stored.inside, b"%s%s</%srow>" % (opened, inner, self._prefix)
            return
        for cell in cells:
            before = [found for found in stored.cells if found[1] < cell[1]]
            at = self._cells[before[-1]].end if before else stored.inside
            yield at, at, self._element(cell, self.written[cell])

    def _element(self, cell: Cell, value: Value, stored: _Stored | None = None) -> bytes:
        """The whole `<c>` element of a cell with its new value; its style and its formula stay."""
        p = self._prefix
        style = _STYLE.search(stored.attributes) if stored else None
        formula = element("f", p).search(stored.content) if stored else None
        kind, body = b"", b""
        number = self._number(value, style, formula is not None)
        if number is not None:
            body = b"<%sv>%s</%sv>" % (p, number.encode(), p)
        elif formula:
            kind, body = b' t="str"', b"<%sv>%s</%sv>" % (p, escape(shown(value)).encode(), p)
        else:
            words = escape(shown(value)).encode()
            kind, body = b' t="inlineStr"', b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, words, p, p)
        reference = f"{column_letters(cell[1])}{cell[0]}".encode()
        styled = b' s="%s"' % style[1] if style else b""
        kept = formula[0] if formula else b""
        return b'<%sc r="%s"%s%s>%s%s</%sc>' % (p, reference, styled, kind, kept, body, p)

    def _number(self, value: Value, style: re.Match[bytes] | None, formula: bool) -> str | None:
        """The digits to be stored, or None when the value is stored as text."""
        if isinstance(value, Decimal):
            return plain(FIFTEEN.plus(value))
        if isinstance(value, Quantity) and value.unit == "%" and (formula or self._format(style).percent):
            return plain(FIFTEEN.divide(value.number, Decimal(100)))
        return None

    def _format(self, style: re.Match[bytes] | None) -> formats.NumberFormat:
        number = int(style[1]) if style else 0
        known = self._book.formats
        return known[number] if number < len(known) else formats.GENERAL

    def _read(self, stored: _Stored) -> str:
        kind = _TYPE.search(stored.attributes)
        if kind and kind[1] == b"inlineStr":
            return self._string(stored.content, self._prefix)
        found = element("v", self._prefix).search(stored.content)
        raw = unescape((found[2] or b"").decode()) if found else ""
        if not raw:
            return UNCALCULATED if element("f", self._prefix).search(stored.content) else ""
        if kind and kind[1] == b"s":
            return self._shared(raw)
        if kind and kind[1] == b"b":
            return "TRUE" if raw == "1" else "FALSE"
        if kind and kind[1] != b"n":
            return raw.removesuffix("T00:00:00") if kind[1] == b"d" else raw
        try:
            number = FIFTEEN.create_decimal(raw)
        except InvalidOperation:
            return raw
        if not number.is_finite() or abs(number.adjusted()) > 300:
            return raw
        shown = self._format(_STYLE.search(stored.attributes))
        return formats.shown(number, shown, from_1904=self._book.dates_from_1904)

    def _shared(self, raw: str) -> str:
        strings = self._book.strings
        if not raw.isdecimal() or int(raw) >= len(strings):
            raise damaged("文字表不对")
        return self._string(strings[int(raw)], self._book.strings_prefix)

    @staticmethod
    def _string(content: bytes, prefix: bytes) -> str:
        """The text of plain or rich text, without phonetic readings."""
        if b"rPh" in content:
            content = element("rPh", prefix).sub(b"", content)
        return unescape(b"".join(text for _, text in element("t", prefix).findall(content)).decode())

    def _read_cells(self) -> None:
        data = element("sheetData", self._prefix).search(self._xml)
        if data is None:
            raise damaged("工作表没有内容")
        p = re.escape(self._prefix)
        pattern = re.compile(
            rb"<%srow\b%s>|<%sc\b%s(?:(?<=/)>|>(.*?)</%sc\s*>)" % (p, ATTRIBUTES, p, ATTRIBUTES, p), re.DOTALL
        )
        start, self._end = data.span(2) if data[2] is not None else (data.end(), data.end())
        row = column = 0
        cells: list[Cell] = []
        for found in pattern.finditer(self._xml, start, self._end):
            row_attributes, cell_attributes, content = found.groups()
            if row_attributes is not None:
                reference = _REFERENCE.search(row_attributes)
                row, column, cells = int(reference[2]) if reference else row + 1, 0, []
                self._rows[row] = _Row(found.start(), found.end(), row_attributes.endswith(b"/"), cells)
            elif cell_attributes is not None:
                reference = _REFERENCE.search(cell_attributes)
                column = column_number(reference[1].decode()) if reference and reference[1] else column + 1
                self._cells[row, column] = _Stored(found.start(), found.end(), cell_attributes, content or b"")
                cells.append((row, column))

    def _read_merges(self) -> dict[Cell, Cell]:
        anchors: dict[Cell, Cell] = {}
        area = 0
        for raw, _ in element("mergeCell", self._prefix).findall(self._xml, self._end):
            corners = re.fullmatch(r"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)", attributes(raw).get("ref", ""))
            if corners is None:
                continue
            left, right = column_number(corners[1]), column_number(corners[3])
            top, bottom = int(corners[2]), int(corners[4])
            area += (bottom - top + 1) * (right - left + 1)
            if area > MOST_MERGED_CELLS:
                raise Refused("E_MERGE", "工作表的合并单元格多得不正常，没有打开")
            for row in range(top, min(bottom, self.size[0]) + 1):
                for column in range(left, min(right, self.size[1]) + 1):
                    anchors[row, column] = top, left
        return anchors


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
