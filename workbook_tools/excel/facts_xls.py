"""The facts of an .xls or .et file (BIFF8 in a compound file): how its cells are shown, and what they are."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping

from workbook_tools.errors import FileRejected
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.container import SAVE_AGAIN, check_compound, damaged
from workbook_tools.excel.facts import ERRORS, BookFacts, SheetFacts, packed_number
from workbook_tools.excel.formats import BUILT_IN, GENERAL, NumberFormat, number_format

_LAST = 0xFFFFFFFA  # a sector number from here on is none
_FIRST_LISTED, _LISTED = 76, 109  # where the header lists the sectors of the table, and how many
# Numbers of records.
_BOF, _EOF, _FILEPASS, _SHEET, _FORMAT, _XF, _NAME, _1904 = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x18, 0x22
_BOOK, _LINKS, _THIS_BOOK = 0x1AE, 0x17, b"\x01\x04"
_FORMULA, _BOOLERR, _MULRK, _ROW, _COLINFO, _MERGED, _OBJECT = 0x06, 0x205, 0xBD, 0x208, 0x7D, 0xE5, 0x5D
_NUMBER, _RK = 0x203, 0x27E
_ONE_CELL = {_NUMBER, _RK, _FORMULA, _BOOLERR, 0xFD, 0x204, 0xD6}  # and three kinds of text
_PICTURE, _CONTROLS = 8, {7, 11, 12, 13, 15, 16, 17, 18, 20}  # types of drawn objects
_REFERENCES, _REFERENCE_LENGTH = (0x3A, 0x5A, 0x7A), 7  # the formula of a name that is one cell of a sheet
_BUILT_IN_NAME, _ALWAYS, _HIDDEN_ROW = 0x20, 0x01, 0x20


def xls_facts(data: bytes) -> BookFacts:
    """The facts of a workbook; raises `FileRejected` for one that is damaged, encrypted or of before Excel 97."""
    streams = _Compound(data)
    if "Workbook" not in streams.names:
        if "Book" in streams.names:
            raise FileRejected("E_KIND", "这是 Excel 95 或更早的表格，请用 Excel 或 WPS 另存为 .xlsx 后再试")
        check_compound(data)
        raise FileRejected("E_KIND", f"这不是工作簿，或者文件已损坏；{SAVE_AGAIN}")
    stream = streams.read("Workbook")
    found = defaultdict[int, list[bytes]](list)
    for kind, body in _records(stream, 0):
        found[kind].append(body)
    if found[_FILEPASS]:
        raise FileRejected("E_ENCRYPTED", "文件设有打开密码，请先在 Excel 中取消密码（文件→信息→保护工作簿）再试")
    codes = BUILT_IN | {int.from_bytes(body[:2], "little"): _long(body[2:]) for body in found[_FORMAT]}
    formats = [number_format(codes.get(int.from_bytes(body[2:4], "little"), "")) for body in found[_XF]]
    sheets: list[SheetFacts] = []
    for body in found[_SHEET]:
        if body[5] == 0:  # a worksheet; others are charts and macros of Excel 4
            sheets.append(SheetFacts(name=_short(body[6:]), hidden=body[4] & 3 > 0))
            _read(sheets[-1], stream, int.from_bytes(body[:4], "little"), dict(enumerate(formats)))
    return BookFacts(
        sheets,
        dict(_names(found)),
        macros=any(name.startswith("_VBA_PROJECT") for name in streams.names),
        signed=any("signatures" in name for name in streams.names),
        from_1904=any(body[0] == 1 for body in found[_1904]),
    )


def _names(found: Mapping[int, list[bytes]]) -> Iterator[tuple[str, tuple[str, Cell]]]:
    """The names of one cell each, with its sheet and cell."""
    tabs = [_short(body[6:]) for body in found[_SHEET]]
    books = [body[2:4] == _THIS_BOOK for body in found[_BOOK]]
    links = [link for body in found[_LINKS] for link in struct.iter_unpack("<3H", body[2 : 2 + len(body) // 6 * 6])]
    for body in found[_NAME]:
        formula = body[15 + body[3] * (1 + (body[14] & 1)) :]
        if len(formula) == _REFERENCE_LENGTH and formula[0] in _REFERENCES and not body[0] & _BUILT_IN_NAME:
            link, row, column = struct.unpack_from("<3H", formula, 1)
            book, first, last = links[link]
            if books[book] and first == last < len(tabs):
                yield _characters(body[3], body[14:]), (tabs[first], (row + 1, (column & 0x3FFF) + 1))


def _read(sheet: SheetFacts, stream: bytes, at: int, formats: Mapping[int, NumberFormat]) -> None:
    """Notes the facts of one worksheet, whose records begin at a place of the stream."""
    for kind, body in _records(stream, at):
        if kind in _ONE_CELL:
            _read_cell(sheet, kind, body, formats)
        elif kind == _MULRK:  # a row, a first column, and for each cell its style and its number
            row, first = struct.unpack_from("<2H", body)
            for number in range((len(body) - 6) // 6):
                one = struct.pack("<2H", row, first + number) + body[4 + 6 * number : 10 + 6 * number]
                _read_cell(sheet, _RK, one, formats)
        elif kind == _MERGED:
            for number in range(int.from_bytes(body[:2], "little")):
                top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * number)
                sheet.merged.append(((top + 1, left + 1), (bottom + 1, right + 1)))
        elif kind == _ROW and body[12] & _HIDDEN_ROW:
            row = int.from_bytes(body[:2], "little") + 1
            sheet.hidden_rows.append((row, row))
        elif kind == _COLINFO and body[8] & 1:
            first, last = struct.unpack_from("<2H", body)
            sheet.hidden_columns.append((first + 1, last + 1))
        elif kind == _OBJECT:
            drawn = int.from_bytes(body[4:6], "little")
            sheet.pictures += drawn == _PICTURE
            sheet.controls += drawn in _CONTROLS


def _read_cell(sheet: SheetFacts, kind: int, body: bytes, formats: Mapping[int, NumberFormat]) -> None:
    row, column, style = struct.unpack_from("<3H", body)
    cell = row + 1, column + 1
    sheet.hold(cell)
    if (shown := formats.get(style, GENERAL)) != GENERAL:
        sheet.formats[cell] = shown
    if kind == _RK:
        sheet.numbers[cell] = packed_number(body[6:10])
    elif kind == _BOOLERR:
        sheet.words[cell] = _word(body[6], is_error=body[7] == 1)
    elif kind == _NUMBER or (kind == _FORMULA and body[12:14] != b"\xff\xff"):
        sheet.numbers[cell] = _double(body[6:14])
    elif kind == _FORMULA and body[6] in (1, 2):
        sheet.words[cell] = _word(body[8], is_error=body[6] == 2)
    if kind == _FORMULA:
        sheet.formulas.add(cell)
        if body[14] & _ALWAYS:
            sheet.uncalculated.add(cell)


def _double(data: bytes) -> float:
    found: float = struct.unpack("<d", data)[0]
    return found


def _word(value: int, *, is_error: bool) -> str:
    return ERRORS.get(value, "#N/A") if is_error else ("TRUE" if value else "FALSE")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream, without those of charts that are drawn in it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if len(body) < length:
            break
        if kind == _BOF:
            depth += 1
            if depth == 1 and body[:2] != b"\x00\x06":
                raise damaged("工作表的开头不对")
        elif depth == 0:
            raise damaged("工作表的开头不对")
        elif kind == _EOF:
            depth -= 1
            if depth == 0:
                return
        elif depth == 1:
            yield kind, body
    raise damaged("工作表没有结尾")


def _short(body: bytes) -> str:
    return _characters(body[0], body[1:])


def _long(body: bytes) -> str:
    return _characters(int.from_bytes(body[:2], "little"), body[2:])


def _characters(count: int, body: bytes) -> str:
    """Text behind its length: a byte that tells how wide its characters are, and these."""
    wide = body[0] & 1
    return body[1 : 1 + count * (1 + wide)].decode("utf-16-le" if wide else "latin-1")


class _Compound:
    """The streams of a compound file; raises `FileRejected` where it is not whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        (shift, small_shift) = struct.unpack_from("<2H", data, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise damaged("文件头不对")
        self._size = 1 << shift
        tables, start, self._least, small, _, more = struct.unpack_from("<2L4x4L", data, 44)
        listed = list(struct.unpack_from(f"<{_LISTED}L", data, _FIRST_LISTED))
        while more < _LAST and len(listed) < len(data) // self._size + _LISTED:
            *sectors, more = self._numbers(more)
            listed += sectors
        self._next = [number for sector in listed[:tables] for number in self._numbers(sector)]
        self._folder = self._chain(start)
        root, _, inside = self._entry(0)[:3]
        self._entries = dict(self._beside(inside))
        self._small = self._chain(root) if root < _LAST else b""
        chain = self._chain(small) if small < _LAST else b""
        self._next_small = list(struct.unpack(f"<{len(chain) // 4}L", chain))

    @property
    def names(self) -> list[str]:
        """The names of all streams and folders."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The bytes of a stream."""
        first, size = self._entries[name]
        if size >= self._least:
            return self._chain(first)[:size]
        found: list[bytes] = []
        while first < _LAST and len(found) <= len(self._next_small):
            found.append(self._small[first * 64 : first * 64 + 64])
            first = self._next_small[first]
        return b"".join(found)[:size]

    def _entry(self, number: int) -> tuple[int, int, int, tuple[int, int], str]:
        """One entry of the folder: first sector, size, the entry inside it, those beside it, its name."""
        at = 128 * number
        length, left, right, inside, first, size = struct.unpack_from("<64xH2x3L36x2L", self._folder, at)
        return first, size, inside, (left, right), self._folder[at : at + max(length - 2, 0)].decode("utf-16-le")

    def _beside(self, number: int) -> Iterator[tuple[str, tuple[int, int]]]:
        """The entries of one folder, without those of the folders in it: name → first sector and size."""
        waiting, seen = [number], set[int]()
        while waiting:
            number = waiting.pop()
            if number < _LAST and number not in seen:
                seen.add(number)
                first, size, _, others, name = self._entry(number)
                yield name, (first, size)
                waiting += others

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack_from(f"<{self._size // 4}L", self._data, (sector + 1) * self._size)

    def _chain(self, sector: int) -> bytes:
        """The bytes of the sectors that follow one another from the first."""
        found: list[bytes] = []
        while sector < _LAST:
            found.append(self._data[(sector + 1) * self._size : (sector + 2) * self._size])
            if len(found) > len(self._next):
                raise damaged("目录绕成了圈")
            sector = self._next[sector]
        return b"".join(found)
