"""One worksheet of a saved workbook: read texts, write values, keep every other byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel import markup
from workbook_tools.excel.addresses import Cell, column_letters, column_number, position
from workbook_tools.excel.container import damaged
from workbook_tools.excel.formats import GENERAL, NumberFormat, as_formatted
from workbook_tools.excel.formulas import ErrorValue, LiveFormula, Result, digits, written_out
from workbook_tools.excel.markup import ATTRIBUTES, attributes, element, escape, unescape
from workbook_tools.values import UNCALCULATED, Quantity, Value, format_value, plain, read_quantity

FIFTEEN = Context(prec=15)  # what Excel keeps of a number
MOST_MERGED_CELLS = 2_000_000

_COLUMN, _CELL, _CONTENT, _ROW = 1, 2, 3, 4  # groups: column, attributes and content of a cell, attributes of a row
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3}[0-9]{1,7})["']""")
_MERGED = re.compile(rb"""mergeCell\s+ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_PERCENT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,10})?%")
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")


class Shared(NamedTuple):
    """What the sheets of a book have in common."""

    strings: list[bytes]  # the shared strings as raw XML
    prefix: bytes  # their namespace prefix
    formats: list[NumberFormat]  # by number of the cell style
    from_1904: bool  # whether day numbers count from 1904
    read_by_formulas: Callable[[str, Cell], bool]  # whether a formula reads that cell of that sheet
    as_percent: Callable[[int, int], int]  # cell style and decimals → the same style with a percent format


class SavedSheet:
    """One worksheet of a saved workbook: read texts, write values, keep everything else."""

    def __init__(self, name: str, xml: bytes, names: Mapping[str, Cell], shared: Shared) -> None:
        self.name = name
        self.names = names
        self.written: dict[Cell, Value] = {}
        self.results: dict[Cell, Result] = {}  # what formulas give, where that has been calculated
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
            if stored and cell in self.results:
                words = self._result_words(self.results[cell], stored)
            else:
                words = self._read(stored) if stored and stored[_CONTENT] else ""
            self._words[cell] = words
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

    def live_formulas(self) -> dict[Cell, LiveFormula]:
        """Every live formula; one that several cells share is written out for each of them."""
        found = {cell: formula for cell, stored in self._cells.items() if (formula := self._formula(stored))}
        return written_out(found)

    def stored_value(self, cell: Cell) -> Result:
        """What the file holds in a cell, or beside its formula; None where there is nothing."""
        stored = self._cells.get(cell)
        if stored is None or not stored[_CONTENT]:
            return None
        kind = _TYPE.search(stored[_CELL])
        form = kind[1] if kind else b"n"
        found = self._value.search(stored[_CONTENT])
        raw = unescape((found[2] or b"").decode()) if found else ""
        if form == b"n":
            try:
                return float(raw) if raw else None
            except ValueError:
                return raw
        if form == b"b":
            return raw == "1"
        if form == b"e":
            return ErrorValue(raw)
        if form in (b"s", b"inlineStr"):
            return self._read(stored)
        return raw if found else None

    def outdated(self, cell: Cell) -> bool:
        """Whether the file holds something else beside a formula than it gives; False where that is not known."""
        stored = self._cells.get(cell)
        if stored is None or cell not in self.results or cell in self.written:
            return False
        return self._result_words(self.results[cell], stored) != self._read(stored)

    def give(self, cell: Cell, result: Result) -> None:
        """Notes what the formula of a cell gives; that is what the cell shows from now on."""
        self.results[cell] = result
        self._words.pop(cell, None)

    def as_saved(self) -> None:
        """Shows the saved results of all formulas again."""
        for cell in self.results:
            self._words.pop(cell, None)
        self.results.clear()

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
        """Notes `value` for the cell.

        A percentage goes in as a number under a percent format and where formulas read it, as text anywhere else.
        The formula of a cell stays, and beside it is saved what it gives, whatever `value` is.
        """
        self.written[cell] = value
        if not self.formula(cell):
            self._words[cell] = format_value(value)

    def take_back(self, cell: Cell) -> None:
        """Forgets what was written into the cell."""
        self.written.pop(cell, None)
        self._words.pop(cell, None)

    def written_values(self) -> Iterator[tuple[Cell, float | str]]:
        """What was written into cells without a formula, as the file will hold it."""
        for cell, value in self.written.items():
            stored = self._cells.get(cell)
            if not (stored and self._formula(stored)):
                number = self._number(cell, value, stored)
                yield cell, format_value(value) if number is None else float(number)

    def typed(self) -> Iterator[tuple[Cell, Decimal | Quantity | str]]:
        """What was written, as a person would type it: numbers, percentages that become numbers, and texts.

        Cells with a formula calculate themselves.
        """
        for cell, value in self.written.items():
            stored = self._cells.get(cell)
            if stored and self._formula(stored):
                continue
            number = self._number(cell, value, stored)
            if number is None:
                yield cell, format_value(value)
            elif isinstance(value, Decimal) or self._format(_STYLE.search(stored[_CELL]) if stored else None).percent:
                yield cell, Decimal(number)
            else:
                yield cell, Quantity(FIFTEEN.multiply(Decimal(number), Decimal(100)), "%")

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
        styled = b' s="%s"' % style[1] if style else b""
        reference = f"{column_letters(cell[1])}{cell[0]}".encode()
        if stored and (formula := self._formula(stored)):
            if cell not in self.results:
                return stored[0]
            kind, body = self._result_element(self.results[cell])
            return b'<%sc r="%s"%s%s>%s%s</%sc>' % (p, reference, styled, kind, formula[0], body, p)
        number = self._number(cell, value, stored)
        if number is None:
            words = escape(format_value(value)).encode()
            kind, body = b' t="inlineStr"', b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, words, p, p)
        else:
            kind, body = b"", b"<%sv>%s</%sv>" % (p, number.encode(), p)
            if isinstance(value, str | Quantity) and not self._format(style).percent:
                places = 0 if isinstance(value, str) and "." not in value else 2
                styled = b' s="%d"' % self._shared.as_percent(int(style[1]) if style else 0, places)
        return b'<%sc r="%s"%s%s>%s</%sc>' % (p, reference, styled, kind, body, p)

    def _result_element(self, result: Result) -> tuple[bytes, bytes]:
        """The type and the value of a cell whose formula gives `result`; without a value Excel calculates it."""
        if result is None:
            return b"", b""
        if isinstance(result, bool):
            kind, words = b' t="b"', str(int(result))
        elif isinstance(result, str):
            kind, words = b' t="e"' if isinstance(result, ErrorValue) else b' t="str"', escape(result)
        else:
            kind, words = b"", digits(result)
        return kind, b"<%sv>%s</%sv>" % (self._prefix, words.encode(), self._prefix)

    def _result_words(self, result: Result, stored: re.Match[bytes]) -> str:
        if result is None:
            return UNCALCULATED
        if isinstance(result, bool):
            return "TRUE" if result else "FALSE"
        return result if isinstance(result, str) else self._shown(digits(result), _STYLE.search(stored[_CELL]))

    def _number(self, cell: Cell, value: Value, stored: re.Match[bytes] | None) -> str | None:
        """The digits to be stored, or None when the value is stored as text."""
        if isinstance(value, Decimal):
            return plain(FIFTEEN.plus(value))
        quantity = read_quantity(value) if isinstance(value, str) and _PERCENT.fullmatch(value) else value
        if isinstance(quantity, Quantity) and quantity.unit == "%":
            style = _STYLE.search(stored[_CELL]) if stored else None
            if self._format(style).percent or self._shared.read_by_formulas(self.name, cell):
                return plain(FIFTEEN.divide(quantity.number, Decimal(100)))
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
            return UNCALCULATED if self._formula(stored) and not (found and form == b"str") else ""
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
                raise FileRejected("E_MERGE", "工作表的合并单元格多得不正常，没有打开；请取消多余的合并单元格再试")
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
