"""What the formulas of a book read, and which of them rest on which: worked out once for all books that share them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell, column_number
from workbook_tools.excel.formulas import LiveFormula
from workbook_tools.text import regex

Key = tuple[int, Cell]  # number of the sheet, and cell
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576
MOST_CHARACTERS, DEEPEST = 8_192, 66  # of a formula and of its brackets in Excel, which nests 64 functions
MOST_FORMULAS, MOST_WORDS = 20_000, 2_000_000  # of a workbook, and their characters
MOST_READ = 5_000_000  # cells that formulas read
LONG, MOST_JOINED, DEEPEST_TEXTS = 10_000, 64, 4  # of formulas that join texts: as cells, joined ones, one upon another
MOST_NAMES, MOST_STEPS = 100, 2_000_000
PASSES_OVER_BLANKS = frozenset(
    [
        *("SUM", "SUMIF", "SUMIFS", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "AVERAGE", "AVERAGEIF", "AVERAGEIFS"),
        *("MAX", "MIN", "IF", "IFERROR", "ROUND", "AND", "OR"),
    ]
)
_GROWS = regex(r"&|\b(?:CONCAT|CONCATENATE|TEXTJOIN|REPT|SUBSTITUTE|REPLACE)\(", re.IGNORECASE)
_WORD, _CALL = regex(r"[\w.\\?]+"), regex(r"(?<![\w.])([A-Za-z][\w.]{0,60}+)\(")
_TEXT = regex('"(?:[^"]|"")*+"')
_SHEET = r"(?:(?:'((?:[^']|''){1,100}+)'|([^\s'\"!(),:;<>=+*/^&{}-]{1,100}+))!)?"
_AREA = regex(
    _SHEET + r"(?:\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?"
    r"|\$?([A-Z]{1,3}):\$?([A-Z]{1,3})|\$?(\d{1,7}):\$?(\d{1,7}))(?![\w(])"
)
_NAMED_TWICE = regex(
    r"((?:'(?:[^']|''){1,100}+'|[^\s'\"!(),:;<>=+*/^&{}-]{1,100}+)!)(\$?[A-Z]{1,3}\$?\d{1,7}):\1(?=\$?[A-Z])", needs="!"
)
_OTHER_BOOK = regex(
    r"'[^'\[]{0,200}\[[^\]]{1,200}\](?:[^']|''){0,200}+'![$\w:.]+|\[\d{1,5}\][^\s!(),]{0,200}+![$\w:.]+", needs="["
)
_ANYWHERE = regex(r"\b(?:INDIRECT|OFFSET)\(|\[|:[^,()':!]*!", re.IGNORECASE)  # reads cells that its words do not name
_QUOTED = regex("\"(?:[^\"]|\"\")*+\"|'(?:[^']|'')*+'")
_ONE_CELL = regex(r"\s*(?:(?:'(?:[^']|''){1,100}+'|[^\s'\"!(),:;<>=+*/^&{}-]{1,100}+)!)?(\$?[A-Z]{1,3}\$?\d{1,7})\s*")
_PAIRS = frozenset(range(1, 255, 2))  # ranges with a criterion behind each
_RANGES = {  # which arguments of a function IronCalc takes only as a range, from 0
    **{name: {0} for name in ("COUNTIF", "LARGE", "SMALL", "INDEX")},
    **{name: {1} for name in ("MATCH", "VLOOKUP", "HLOOKUP")},
    **{name: {0, 2} for name in ("SUMIF", "AVERAGEIF")},
    **{name: {0, *_PAIRS} for name in ("SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS")},
    "COUNTIFS": {number - 1 for number in _PAIRS},
    "LOOKUP": {1, 2},
}
_TAKES_RANGES = regex(rf"(?<![\w.])({'|'.join(_RANGES)})\(", re.IGNORECASE)


class Area(NamedTuple):
    """A rectangle of cells of one sheet that a formula reads; `sheet` None for any cell of the book."""

    sheet: int | None
    top: int
    left: int
    bottom: int
    right: int

    def has(self, key: Key) -> bool:
        """Whether a cell lies in the rectangle."""
        number, (row, column) = key
        if self.sheet is None:
            return True
        return number == self.sheet and self.top <= row <= self.bottom and self.left <= column <= self.right


ANYWHERE = Area(None, 0, 0, 0, 0)


class Dependencies:
    """The formulas of a book as IronCalc takes them, and the cells that each of them reads."""

    def __init__(self, formulas: Mapping[Key, LiveFormula], names: Mapping[str, str], sheets: Sequence[str]) -> None:
        """`names` are the defined names, `sheets` the names of the sheets."""
        self.names = {name.casefold(): text for name, text in names.items()}
        self.sheets = sheets
        self._numbers = {name.lower(): number for number, name in enumerate(sheets)}
        self.many = _are_many(formulas)  # none is then calculated
        self.formulas = dict(formulas)
        self._reads = {key: [ANYWHERE] for key in formulas}
        if not self.many:
            for key, formula in formulas.items():
                self.formulas[key] = formula._replace(text=_with_ranges(_named_once(formula.text)))
            self._reads = {key: list(self._areas(formula.text, key[0])) for key, formula in self.formulas.items()}

    def reads(self, sheet: str, cell: Cell) -> bool:
        """Whether a formula of the book names the cell as one that it reads."""
        key = (self._numbers[sheet.lower()], cell)
        by_cell, wide = self._readers
        return self.many or key in by_cell or any(area.sheet is not None and area.has(key) for area, _ in wide)

    @cached_property
    def used_sheets(self) -> frozenset[int]:
        """The numbers of the sheets that hold a formula or are read by one."""
        read = {area.sheet for areas in self._reads.values() for area in areas}
        used = {number for number, _ in self.formulas} | {number for number in read if number is not None}
        return frozenset(range(len(self.sheets))) if None in read else frozenset(used)

    @cached_property
    def used_names(self) -> list[str]:
        """The defined names that formulas may use."""
        words = _words(" ".join(formula.text for formula in self.formulas.values()))
        return sorted(name for name in words if name in self.names)

    def resting_on(self, keys: set[Key]) -> set[Key]:
        """The formulas that read any of the cells, directly or through other formulas."""
        found: set[Key] = set()
        new = keys
        while new:
            new = self.readers_of(new) - found
            found |= new
        return found

    def readers_of(self, keys: set[Key]) -> set[Key]:
        """The formulas that read any of the cells besides their own; all formulas where that takes too long to know."""
        by_cell, wide = self._readers
        if self.many or len(keys) * len(wide) > MOST_STEPS:
            return set(self.formulas) if keys else set()
        found = {reader for key in keys for reader in by_cell.get(key, ()) if reader != key}
        return found | {reader for area, reader in wide if any(area.has(key) for key in keys if key != reader)}

    @cached_property
    def _readers(self) -> tuple[dict[Key, list[Key]], list[tuple[Area, Key]]]:
        """Cell → the formulas that name it alone; and what others read."""
        by_cell: dict[Key, list[Key]] = {}
        wide: list[tuple[Area, Key]] = []
        for key, areas in self._reads.items():
            for area in areas:
                if area.sheet is not None and (area.top, area.left) == (area.bottom, area.right):
                    by_cell.setdefault((area.sheet, (area.top, area.left)), []).append(key)
                else:
                    wide.append((area, key))
        return by_cell, wide

    @cached_property
    def costly(self) -> set[Key]:
        """The formulas that read too many cells to be calculated, those first that read most."""
        growing = {key: len(_GROWS.findall(self.formulas[key].text)) for key in self.formulas}
        deep = {key for key, signs in growing.items() if signs}
        costly = {key for key in deep if growing[key] > MOST_JOINED}
        for _ in range(DEEPEST_TEXTS):  # IronCalc has no limit for texts that are made of texts
            deep &= self.resting_on(deep)
            costly |= {key for key in deep if growing[key] > DEEPEST_TEXTS}
        costly |= deep
        counted = sorted(
            (_cells_read(self.formulas[key].text, self._reads[key]) + LONG * (growing[key] > 0), key)
            for key in self.formulas
        )
        total = 0
        for count, key in counted:
            total += count
            if total > MOST_READ:
                costly.add(key)
        return costly

    def _areas(self, formula: str, number: int) -> Iterator[Area]:
        """What a formula of a sheet reads, more rather than less."""
        texts, known = [formula], set[str]()
        while texts:
            words = _OTHER_BOOK.sub("0", _TEXT.sub('""', texts.pop()))
            named = {name for name in _words(words) if name in self.names and name not in known}
            known |= named
            if _ANYWHERE.search(words) or len(known) > MOST_NAMES:
                yield ANYWHERE
                return
            texts += [self.names[name] for name in named]
            for found in _AREA.finditer(words):
                quoted, plain, *place = found.groups()
                on = (quoted.replace("''", "'") if quoted else plain or "").lower()
                sheet = self._numbers.get(on) if on else number
                yield ANYWHERE if sheet is None else Area(sheet, *_rectangle(place))


def dependencies(formulas: Mapping[Key, LiveFormula], names: Mapping[str, str], sheets: Sequence[str]) -> Dependencies:
    """Those of a book; the same object for books with the same formulas, names and sheets, as a bureau has them."""
    if _are_many(formulas):
        return Dependencies(formulas, names, sheets)
    return _shared(tuple(formulas.items()), tuple(names.items()), tuple(sheets))


@lru_cache(maxsize=8)
def _shared(
    formulas: tuple[tuple[Key, LiveFormula], ...], names: tuple[tuple[str, str], ...], sheets: tuple[str, ...]
) -> Dependencies:
    return Dependencies(dict(formulas), dict(names), sheets)


def _are_many(formulas: Mapping[Key, LiveFormula]) -> bool:
    return len(formulas) > MOST_FORMULAS or sum(len(one.text) for one in formulas.values()) > MOST_WORDS


def _words(text: str) -> set[str]:
    """What in a formula may be a defined name."""
    return set(_WORD.findall(text.casefold()))


def _cells_read(formula: str, areas: Sequence[Area]) -> int:
    """How many cells a formula reads, whole columns and rows not counted where IronCalc passes over blank cells."""
    summed = {name.upper() for name in _CALL.findall(_TEXT.sub('""', formula))} <= PASSES_OVER_BLANKS
    return sum(
        (area.bottom - area.top + 1) * (area.right - area.left + 1)
        for area in areas
        if not (summed and (area.bottom - area.top == MOST_ROWS - 1 or area.right - area.left == MOST_COLUMNS - 1))
    )


def _named_once(formula: str) -> str:
    """A formula that names the sheet of a range once, which is how IronCalc knows it: S!A1:S!B2 as S!A1:B2."""
    between = _TEXT.split(formula)
    texts = [*_TEXT.findall(formula), ""]
    return "".join(_NAMED_TWICE.sub(r"\1\2:", words) + text for words, text in zip(between, texts, strict=True))


def _with_ranges(formula: str) -> str:
    """A formula that says a cell as a range where IronCalc takes nothing else: COUNTIF(A1,1) as COUNTIF(A1:A1,1)."""
    if not is_within_limits(formula):
        return formula
    masked = _QUOTED.sub(lambda found: "_" * len(found[0]), formula)
    said: list[tuple[int, str]] = []
    for call in _TAKES_RANGES.finditer(masked):
        for number, (start, end) in enumerate(_arguments(masked, call.end())):
            one = _ONE_CELL.fullmatch(formula, start, end)
            if one and number in _RANGES[call[1].upper()]:
                said.append((one.end(1), f":{one[1]}"))
    for at, words in sorted(said, reverse=True):
        formula = formula[:at] + words + formula[at:]
    return formula


def _arguments(formula: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each argument of a call begins and ends, which go on from `start`."""
    depth = 0
    for at in range(start, len(formula)):
        sign = formula[at]
        if depth == 0 and sign in ",)":
            yield start, at
            start = at + 1
            if sign == ")":
                return
        depth += (sign in "({") - (sign in ")}")


def is_within_limits(formula: str) -> bool:
    """Whether Excel would take a formula; IronCalc ends the program at brackets that are nested too deeply."""
    if 0 < len(formula) <= MOST_CHARACTERS and formula.count("(") + formula.count("{") <= DEEPEST:
        return True
    depth = deepest = 0
    for sign in _TEXT.sub("", formula):
        depth += (sign in "({") - (sign in ")}")
        deepest = max(deepest, depth)
    return 0 < len(formula) <= MOST_CHARACTERS and deepest <= DEEPEST


def _rectangle(place: Sequence[str | None]) -> tuple[int, int, int, int]:
    left, top, right, bottom, first_column, last_column, first_row, last_row = (word or "" for word in place)
    if first_column:
        return 1, _column(first_column), MOST_ROWS, _column(last_column)
    if first_row:
        return int(first_row), 1, int(last_row), MOST_COLUMNS
    return int(top), _column(left), int(bottom or top), _column(right or left)


def _column(letters: str) -> int:
    return column_number(letters.encode())
