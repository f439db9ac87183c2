"""One worksheet of a saved workbook: words out, values in, everything else byte for byte as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from workbook_tools.book import markup
from workbook_tools.book.container import Refused, damaged
from workbook_tools.book.formats import GENERAL, NumberFormat, as_formatted
from workbook_tools.book.markup import ATTRIBUTES, attributes, element, escape, unescape
from workbook_tools.values import UNCALCULATED, Quantity, Value, plain, shown

Cell = tuple[int, int]  # row and column, from 1

FIFTEEN = Context(prec=15)  # what Excel keeps of a number
MOST_MERGED_CELLS = 2_000_000

_COLUMN, _CELL, _CONTENT, _ROW = 1, 2, 3, 4  # groups: column, attributes and content of a cell, attributes of a row
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3}[0-9]{1,7})["']""")
_MERGED = re.compile(rb"""mergeCell\s+ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")


class Shared(NamedTuple):
    """What the sheets of a book have in common."""

    strings: list[bytes]  # the shared strings as raw XML
    prefix: bytes  # their namespace prefix
    formats: list[NumberFormat]  # by number of the cell style
    from_1904: bool  # whether day numbers count from 1904


class SavedSheet:
    """One worksheet of a saved workbook: words out, values in, everything else as it stands."""

    def __init__(self, name: str, xml: bytes, names: Mapping[str, Cell], shared: Shared) -> None:
        self.name = name
        self.names = names
        self.written: dict[Cell, Value] = {}
        self._xml = xml
        self._shared = shared
        self._prefix = markup.prefix_of(xml)
        self._formula_tag = b"<%sf" % self._prefix
        self._value = element("v", self._prefix)
        self._cells: dict[Cell, re.Match[bytes]] = {}
        self._rows: dict[int, re.Match[bytes]] = {}
        self._words: dict[Cell, str] = {}
        self._read_cells()
        self.size = (
            max(self._rows, default=0),
            max((column for _, column in self._cells), default=0),
        )
        self._anchors = self._read_merges()

    def filled(self) -> Iterator[Cell]:
        """The cells that hold anything, in reading order."""
        return (cell for cell, stored in self._cells.items() if stored[_CONTENT])

    def text(self, cell: Cell) -> str:
        """The words of a cell: its text, or its exact number as its format shows it (0.6 as 60%)."""
        words = self._words.get(cell)
        if words is None:
            stored = self._cells.get(cell)
            words = self._words[cell] = self._read(stored) if stored and stored[_CONTENT] else ""
        return words

    def anchor(self, cell: Cell) -> Cell:
        """The cell that holds the words of a merged area, or the cell itself."""
        return self._anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        """Whether the cell holds a live formula."""
        stored = self._cells.get(cell)
        return stored is not None and self._formula(stored) is not None

    def formulas(self) -> Iterator[Cell]:
        """The cells that hold a live formula."""
        return (cell for cell in self._cells if self.formula(cell))

    def formula_text(self, cell: Cell) -> str:
        """The live formula of a cell as it is written, "" where it has none or shares another's."""
        stored = self._cells.get(cell)
        found = self._formula(stored) if stored else None
        return unescape((found[2] or b"").decode()) if found else ""

    def hyperlinks(self) -> Iterator[tuple[str, str]]:
        """The cells with a hyperlink, and the relationship that it follows, "" for a place in the book."""
        for found in element("hyperlink", self._prefix).finditer(self._xml, self._end):
            link = attributes(found[1])
            yield link.get("ref", ""), next((value for key, value in link.items() if key.endswith(":id")), "")

    def hidden(self, cell: Cell) -> bool:
        """Whether the cell stands in a hidden row or column."""
        row = self._rows.get(cell[0])
        return bool(row and _HIDDEN.search(row[_ROW])) or any(a <= cell[1] <= b for a, b in self._hidden_columns)

    @cached_property
    def _hidden_columns(self) -> list[tuple[int, int]]:
        columns = (found[1] for found in element("col", self._prefix).finditer(self._xml, 0, self._end))
        hidden = [attributes(raw) for raw in columns if _HIDDEN.search(raw)]
        return [(int(column["min"]), int(column["max"])) for column in hidden if "min" in column and "max" in column]

    def write(self, cell: Cell, value: Value) -> None:
        """Notes `value` for the cell; a rate goes in as a number under a percent format and as text under any other."""
        self.written[cell] = value
        self._words[cell] = shown(value)

    def typed(self) -> Iterator[tuple[Cell, Decimal | str]]:
        """What was written, as a person would type it: numbers and texts. Cells with a formula calculate themselves."""
        for cell, value in self.written.items():
            stored = self._cells.get(cell)
            if stored and self._formula(stored):
                continue
            number = self._number(value, _STYLE.search(stored[_CELL]) if stored else None, formula=False)
            yield cell, shown(value) if number is None else Decimal(number)

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
                yield *stored.span(), self._element(cell, value, stored)
            else:
                missing.setdefault(cell[0], []).append(cell)
        for row, cells in missing.items():
            yield from self._inserted(row, sorted(cells))

    def _inserted(self, row: int, cells: list[Cell]) -> Iterator[tuple[int, int, bytes]]:
        stored = self._rows.get(row)
        if stored is None or stored[_ROW].endswith(b"/"):
            inner = b"".join(self._element(cell, self.written[cell]) for cell in cells)
            closed = b"%s</%srow>" % (inner, self._prefix)
            if stored is None:
                at = next((found.start() for number, found in sorted(self._rows.items()) if number > row), self._end)
                yield at, at, b'<%srow r="%d">%s' % (self._prefix, row, closed)
            else:
                yield *stored.span(), b"<%srow%s>%s" % (self._prefix, stored[_ROW].rstrip(b"/ "), closed)
            return
        for cell in cells:
            before = [column for number, column in self._cells if number == row and column < cell[1]]
            at = self._cells[row, max(before)].end() if before else stored.end()
            yield at, at, self._element(cell, self.written[cell])

    def _element(self, cell: Cell, value: Value, stored: re.Match[bytes] | None = None) -> bytes:
        """The whole `<c>` element of a cell with its new value; its style and its formula stay."""
        p = self._prefix
        style = _STYLE.search(stored[_CELL]) if stored else None
        formula = self._formula(stored) if stored else None
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

    def _format(self, style: re.Match[bytes] | None) -> NumberFormat:
        number = int(style[1]) if style else 0
        known = self._shared.formats
        return known[number] if number < len(known) else GENERAL

    def _formula(self, stored: re.Match[bytes]) -> re.Match[bytes] | None:
        content = stored[_CONTENT]
        if not content or self._formula_tag not in content:
            return None
        return element("f", self._prefix).search(content)

    def _read(self, stored: re.Match[bytes]) -> str:
        kind = _TYPE.search(stored[_CELL])
        form = kind[1] if kind else b"n"
        if form == b"inlineStr":
            return string(stored[_CONTENT], self._prefix)
        found = self._value.search(stored[_CONTENT])
        raw = (found[2] or b"").decode() if found else ""
        if not raw:
            return UNCALCULATED if self._formula(stored) else ""
        if form == b"s":
            return self._shared_string(raw)
        if form == b"n":
            return self._shown(raw, _STYLE.search(stored[_CELL]))
        if form == b"b":
            return "TRUE" if raw == "1" else "FALSE"
        return unescape(raw).removesuffix("T00:00:00")

    def _shown(self, raw: str, style: re.Match[bytes] | None) -> str:
        """The words of a stored number, `raw` itself when it is none."""
        try:
            number = FIFTEEN.create_decimal(raw)
        except InvalidOperation:
            return unescape(raw)
        if not number.is_finite() or abs(number.adjusted()) > 300:
            return raw
        return as_formatted(number, self._format(style), from_1904=self._shared.from_1904)

    def _shared_string(self, raw: str) -> str:
        strings = self._shared.strings
        if not raw.isdecimal() or int(raw) >= len(strings):
            raise damaged("文字表不对")
        return string(strings[int(raw)], self._shared.prefix)

    def _read_cells(self) -> None:
        opened = re.search(rb"<%ssheetData\b%s>" % (re.escape(self._prefix), ATTRIBUTES), self._xml)
        if opened is None:
            raise damaged("工作表没有内容")
        start = opened.end()
        if opened[1].endswith(b"/"):  # <sheetData/>: opened, so that rows can go in
            closed = b"%s></%ssheetData>" % (opened[0][:-2], self._prefix)
            self._xml = self._xml[: opened.start()] + closed + self._xml[start:]
            start -= 1
        self._end = self._xml.index(b"</%ssheetData" % self._prefix, start)
        row = column = 0
        cells = self._cells
        for found in _rows_and_cells(self._prefix).finditer(self._xml, start, self._end):
            if found[_ROW] is None:
                letters = found[_COLUMN]
                if letters is None:
                    reference = _REFERENCE.search(found[_CELL])
                    column = position(reference[1])[1] if reference else column + 1
                else:
                    column = column_number(letters)
                cells[row, column] = found
            else:
                reference = _REFERENCE.search(found[_ROW])
                row, column = position(reference[1])[0] if reference else row + 1, 0
                self._rows[row] = found

    def _read_merges(self) -> dict[Cell, Cell]:
        anchors: dict[Cell, Cell] = {}
        area = 0
        for first, last in _MERGED.findall(self._xml, self._end):
            (top, left), (bottom, right) = position(first), position(last)
            area += (bottom - top + 1) * (right - left + 1)
            if area > MOST_MERGED_CELLS:
                raise Refused("E_MERGE", "工作表的合并单元格多得不正常，没有打开；请取消多余的合并单元格再试")
            covered = [
                (row, column)
                for row in range(top, min(bottom, self.size[0]) + 1)
                for column in range(left, min(right, self.size[1]) + 1)
            ]
            # Excel empties all cells but the first; where others hold words, rows were moved under the merge.
            if not any((stored := self._cells.get(cell)) and stored[_CONTENT] for cell in covered[1:]):
                anchors.update(dict.fromkeys(covered, (top, left)))
        return anchors


@lru_cache(maxsize=4096)  # the forms of one bureau share their printed words
def string(content: bytes, prefix: bytes) -> str:
    """The text of plain or rich text, without phonetic readings."""
    if b"rPh" in content:
        content = element("rPh", prefix).sub(b"", content)
    return unescape(b"".join(text for _, text in element("t", prefix).findall(content)).decode())


@cache
def _rows_and_cells(prefix: bytes) -> re.Pattern[bytes]:
    """A pattern for the first tag of a row and for whole cells."""
    p = re.escape(prefix)
    tags = rb"<%sc\b(?: r=\"([A-Z]{1,3})[0-9]{1,7}\")?%s(?:(?<=/)>|>(.*?)</%sc\s*>)|<%srow\b%s>"
    return re.compile(tags % (p, ATTRIBUTES, p, p, ATTRIBUTES), re.DOTALL)


@cache
def position(reference: bytes) -> Cell:
    """B12 → row 12 and column 2; a row alone → that row and column 0."""
    letters = reference.rstrip(b"0123456789")
    return int(reference[len(letters) :]), column_number(letters)


@cache
def column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
