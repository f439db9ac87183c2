"""One worksheet of a saved workbook: read texts, write values, keep every other byte."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal
from functools import cached_property, partial
from typing import NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel import markup
from workbook_tools.excel.addresses import Cell, column_letters
from workbook_tools.excel.container import damaged
from workbook_tools.excel.formats import GENERAL, NumberFormat, Restyle, as_formatted, with_percent, with_text_prefix
from workbook_tools.excel.formulas import ErrorValue, LiveFormula, Result, digits, written_out
from workbook_tools.excel.markup import attributes, element, elements, escape_words, unescape
from workbook_tools.excel.scanning import CELL, CONTENT, MOST_COLUMNS, ROW, STYLE, merged, scanned, string
from workbook_tools.text import begins_as_formula, regex, wrong_in_cell
from workbook_tools.values import UNCALCULATED, Quantity, Value, format_value, plain, read_quantity

FIFTEEN = Context(prec=15)  # what Excel keeps of a number
MOST_CHARACTERS = 30_000_000  # of all texts of a sheet, those too that many cells share

_HIDDEN = regex(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_PERCENT = regex(r"-?[0-9]{1,12}(?:\.[0-9]{1,10})?%", needs="%")
_STORED_NUMBER = regex(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[Ee][+-]?[0-9]{1,4})?")
_TYPE = regex(rb"""\st\s*=\s*["'](\w+)["']""")

Cells = Mapping[Cell, re.Match[bytes]]


class Shared(NamedTuple):
    """What the sheets of a book have in common."""

    strings: list[bytes | str]  # the shared strings: raw XML, or the text once one has been read
    prefix: bytes  # their namespace prefix
    formats: list[NumberFormat]  # by number of the cell style
    from_1904: bool  # whether day numbers count from 1904
    read_by_formulas: Callable[[str, Cell], bool]  # whether a formula reads that cell of that sheet
    restyled: Callable[[int, Restyle], int]  # cell style → the same with a change
    struck: Callable[[bytes, Cells, bytes, Callable[[Cell], str]], dict[Cell, str]]  # the words struck through in cells

    def text(self, number: str) -> str:
        """The shared string of a number, as a cell says it; raises `FileRejected` where there is none."""
        at = markup.number(number.strip(), default=-1)
        if not 0 <= at < len(self.strings):
            raise damaged("文字表不对")
        found = self.strings[at]
        if isinstance(found, bytes):
            found = self.strings[at] = string(found, self.prefix)
        return found


class SavedSheet:
    """One worksheet of a saved workbook: read texts, write values, keep everything else."""

    def __init__(self, name: str, xml: bytes, names: Mapping[str, Cell], shared: Shared, most: int = 100_000) -> None:
        """`most` is the number of cells that may be read."""
        self.name = name
        self.names = names
        self.written: dict[Cell, Value] = {}
        self._digits: dict[Cell, str | None] = {}  # of what was written, as it will be stored
        self.results: dict[Cell, Result] = {}  # what formulas give, where that has been calculated
        self._shared = shared
        self._prefix = markup.prefix_of(xml)
        self._value = element("v", self._prefix)
        self._words: dict[Cell, str] = {}
        self._characters = 0
        self._xml, self._end, self._cells, self._rows = scanned(xml, self._prefix, most)
        self.size = (
            max(self._rows, default=0),
            max((column for _, column in self._cells), default=0),
        )
        self._anchors = merged(self._xml, self._end, self._cells, self.size)

    @property
    def count(self) -> int:
        """How many cells are stored, blank ones too."""
        return len(self._cells)

    def filled(self) -> Iterator[Cell]:
        """The cells that hold anything, in reading order."""
        return (cell for cell, stored in self._cells.items() if stored[CONTENT])

    def text(self, cell: Cell) -> str:
        """The words of a cell: its text, or its exact number as its format shows it (0.6 as 60%)."""
        words = self._words.get(cell)
        if words is None:
            stored = self._cells.get(cell)
            if stored and cell in self.results:
                words = self._result_words(self.results[cell], stored)
            else:
                words = self._read(stored) if stored and stored[CONTENT] else ""
            self._characters += len(words)
            if self._characters > MOST_CHARACTERS:
                raise markup.too_many("文字")
            self._words[cell] = words
        return words

    def anchor(self, cell: Cell) -> Cell:
        """The cell that holds the words of a merged area, or the cell itself."""
        return self._anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        """Whether the cell holds a live formula."""
        return cell in self._formulas

    def formulas(self) -> Iterator[Cell]:
        """The cells that hold a live formula."""
        return iter(self._formulas)

    def formula_text(self, cell: Cell) -> str:
        """The live formula of a cell as it is written, "" where it has none or shares another's."""
        found = self._formulas.get(cell)
        return unescape((found[2] or b"").decode()) if found else ""

    def live_formulas(self) -> dict[Cell, LiveFormula]:
        """Every live formula; one that several cells share is written out for each of them."""
        return written_out(self._formulas)

    def stored_value(self, cell: Cell) -> Result:
        """What the file holds in a cell, or beside its formula; None where there is nothing."""
        stored = self._cells.get(cell)
        if stored is None or not stored[CONTENT]:
            return None
        kind = _TYPE.search(stored[CELL])
        form = kind[1] if kind else b"n"
        if form in (b"s", b"inlineStr"):
            return self._read(stored)
        found = self._value.search(stored[CONTENT])
        raw = unescape((found[2] or b"").decode()) if found else ""
        if form == b"n":
            return float(raw) if _STORED_NUMBER.fullmatch(raw) else raw or None
        if form == b"b":
            return raw == "1"
        if form == b"e":
            return ErrorValue(raw)
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
        for found in elements(self._xml, "hyperlink", self._prefix, start=self._end):
            link = attributes(found[1])
            yield link.get("ref", ""), next((value for key, value in link.items() if key.endswith(":id")), "")

    def hidden(self, cell: Cell) -> bool:
        """Whether the cell stands in a hidden row or column."""
        row = self._rows.get(cell[0])
        return bool(row and _HIDDEN.search(row[ROW])) or bool(self._hidden_columns[cell[1]])

    def struck(self) -> dict[Cell, str]:
        """The words that are struck through, of each cell with such words."""
        return self._shared.struck(self._xml, self._cells, self._prefix, self.text)

    @cached_property
    def _hidden_columns(self) -> bytes:
        """For each column whether it is hidden."""
        hidden = bytearray(MOST_COLUMNS + 1)
        for found in elements(self._xml, "col", self._prefix, most=MOST_COLUMNS, end=self._end):
            column = attributes(found[1]) if _HIDDEN.search(found[1]) else {}
            first, last = (markup.number(column.get(name, ""), MOST_COLUMNS) for name in ("min", "max"))
            if 0 < first <= last:
                hidden[first : last + 1] = b"\1" * (last + 1 - first)
        return bytes(hidden)

    def write(self, cell: Cell, value: Value) -> None:
        """Notes `value` for the cell.

        A percentage goes in as a number under a percent format and where formulas read it, as text anywhere else.
        The formula of a cell stays, and beside it is saved what it gives, whatever `value` is. Raises `FileRejected`
        for what a cell of Excel cannot hold.
        """
        if why := _unfit(value):
            raise FileRejected("E_TEXT", f"{self.address(cell)}：要写的内容{why}")
        self.written[cell] = value
        self._digits.pop(cell, None)
        if not self.formula(cell):
            self._words[cell] = format_value(value)

    def take_back(self, cell: Cell) -> None:
        """Forgets what was written into the cell."""
        for kept in (self.written, self._digits, self._words):
            kept.pop(cell, None)

    def written_values(self) -> Iterator[tuple[Cell, float | str]]:
        """What was written into cells without a formula, as the file will hold it."""
        for cell, value in self.written.items():
            if cell not in self._formulas:
                number = self._number(cell, value, self._cells.get(cell))
                yield cell, format_value(value) if number is None else float(number)

    def typed(self) -> Iterator[tuple[Cell, Decimal | Quantity | str]]:
        """What was written, as a person would type it: numbers, percentages that become numbers, and texts.

        Cells with a formula calculate themselves.
        """
        for cell, value in self.written.items():
            if cell in self._formulas:
                continue
            stored = self._cells.get(cell)
            number = self._number(cell, value, stored)
            if number is None:
                yield cell, format_value(value)
            elif isinstance(value, Decimal) or self._format(STYLE.search(stored[CELL]) if stored else None).percent:
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
        if stored is None or stored[ROW].endswith(b"/"):
            inner = b"".join(self._element(cell, self.written[cell]) for cell in cells)
            closed = b"%s</%srow>" % (inner, self._prefix)
            if stored is None:
                after = bisect(self._row_numbers, row)
                below = self._row_numbers[after : after + 1]
                at = self._rows[below[0]].start() if below else self._end
                yield at, at, b'<%srow r="%d">%s' % (self._prefix, row, closed)
            else:
                yield *stored.span(), b"<%srow%s>%s" % (self._prefix, stored[ROW].rstrip(b"/ "), closed)
            return
        known = self._columns_of.get(row, [])
        for cell in cells:
            before = bisect(known, cell[1] - 1)
            at = self._cells[row, known[before - 1]].end() if before else stored.end()
            yield at, at, self._element(cell, self.written[cell])

    @cached_property
    def _row_numbers(self) -> list[int]:
        return sorted(self._rows)

    @cached_property
    def _columns_of(self) -> dict[int, list[int]]:
        """Row → the columns of its cells, in order."""
        found: dict[int, list[int]] = {}
        for row, column in sorted(self._cells):
            found.setdefault(row, []).append(column)
        return found

    def _element(self, cell: Cell, value: Value, stored: re.Match[bytes] | None = None) -> bytes:
        """The whole `<c>` element of a cell with its new value; its style and its formula stay."""
        p = self._prefix
        style = STYLE.search(stored[CELL]) if stored else None
        styled = b' s="%s"' % style[1] if style else b""
        reference = f"{column_letters(cell[1])}{cell[0]}".encode()
        if formula := self._formulas.get(cell):
            if cell not in self.results:
                return self._cells[cell][0]
            kind, body = self._result_element(self.results[cell])
            return b'<%sc r="%s"%s%s>%s%s</%sc>' % (p, reference, styled, kind, formula[0], body, p)
        number = self._number(cell, value, stored)
        if number is None:
            words = escape_words(format_value(value)).encode()
            if isinstance(value, str) and begins_as_formula(value):
                styled = b' s="%d"' % self._shared.restyled(_style_number(style), with_text_prefix)
            kind, body = b' t="inlineStr"', b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, words, p, p)
        else:
            kind, body = b"", b"<%sv>%s</%sv>" % (p, number.encode(), p)
            if isinstance(value, str | Quantity) and not self._format(style).percent:
                change = partial(with_percent, places=0 if isinstance(value, str) and "." not in value else 2)
                styled = b' s="%d"' % self._shared.restyled(_style_number(style), change)
        return b'<%sc r="%s"%s%s>%s</%sc>' % (p, reference, styled, kind, body, p)

    def _result_element(self, result: Result) -> tuple[bytes, bytes]:
        """The type and the value of a cell whose formula gives `result`; without a value Excel calculates it."""
        if result is None:
            return b"", b""
        if isinstance(result, bool):
            kind, words = b' t="b"', str(int(result))
        elif isinstance(result, str):
            kind, words = b' t="e"' if isinstance(result, ErrorValue) else b' t="str"', escape_words(result)
        else:
            kind, words = b"", digits(result)
        return kind, b"<%sv>%s</%sv>" % (self._prefix, words.encode(), self._prefix)

    def _result_words(self, result: Result, stored: re.Match[bytes]) -> str:
        if result is None:
            return UNCALCULATED
        if isinstance(result, bool):
            return "TRUE" if result else "FALSE"
        return result if isinstance(result, str) else self._shown(digits(result), STYLE.search(stored[CELL]))

    def _number(self, cell: Cell, value: Value, stored: re.Match[bytes] | None) -> str | None:
        """The digits to be stored, or None when the value is stored as text."""
        if cell not in self._digits:
            self._digits[cell] = self._new_number(cell, value, stored)
        return self._digits[cell]

    def _new_number(self, cell: Cell, value: Value, stored: re.Match[bytes] | None) -> str | None:
        if isinstance(value, Decimal):
            return plain(FIFTEEN.plus(value))
        quantity = read_quantity(value) if isinstance(value, str) and _PERCENT.fullmatch(value) else value
        if isinstance(quantity, Quantity) and quantity.unit == "%":
            style = STYLE.search(stored[CELL]) if stored else None
            if self._format(style).percent or self._shared.read_by_formulas(self.name, cell):
                return plain(FIFTEEN.divide(quantity.number, Decimal(100)))
        return None

    def percent(self, cell: Cell) -> bool:
        """Whether the cell shows a number as percent."""
        stored = self._cells.get(cell)
        return stored is not None and self._format(STYLE.search(stored[CELL])).percent

    def _format(self, style: re.Match[bytes] | None) -> NumberFormat:
        number = _style_number(style)
        known = self._shared.formats
        return known[number] if number < len(known) else GENERAL

    @cached_property
    def _formulas(self) -> dict[Cell, re.Match[bytes]]:
        """The cells that hold a live formula, in reading order, with the element of it."""
        tag, formula = b"<%sf" % self._prefix, element("f", self._prefix)
        contents = ((cell, stored[CONTENT]) for cell, stored in self._cells.items())
        live = ((cell, formula.search(content)) for cell, content in contents if content and tag in content)
        return {cell: found for cell, found in live if found}

    def _read(self, stored: re.Match[bytes]) -> str:
        kind = _TYPE.search(stored[CELL])
        form = kind[1] if kind else b"n"
        if form == b"inlineStr":
            return string(stored[CONTENT], self._prefix)
        found = self._value.search(stored[CONTENT])
        raw = (found[2] or b"").decode() if found else ""
        if not raw:
            live = element("f", self._prefix).search(stored[CONTENT])
            return UNCALCULATED if live and not (found and form == b"str") else ""
        if form == b"s":
            return self._shared.text(raw)
        if form == b"n":
            return self._shown(raw, STYLE.search(stored[CELL]))
        if form == b"b":
            return "TRUE" if raw == "1" else "FALSE"
        return unescape(raw).removesuffix("T00:00:00")

    def _shown(self, raw: str, style: re.Match[bytes] | None) -> str:
        """The words of a stored number, `raw` itself when it is none."""
        if not _STORED_NUMBER.fullmatch(raw):
            return unescape(raw)
        number = FIFTEEN.create_decimal(raw)
        if abs(number.adjusted()) > 300:
            return raw
        return as_formatted(number, self._format(style), from_1904=self._shared.from_1904)


def _unfit(value: Value) -> str:
    """Why a cell cannot hold a value, "" where it can."""
    if isinstance(value, str):
        return wrong_in_cell(value)
    number = value.number if isinstance(value, Quantity) else value
    return "" if number.is_finite() else f"“{number}”不是数"


def _style_number(style: re.Match[bytes] | None) -> int:
    return markup.number(style[1].decode()) if style else 0
