"""What the live formulas of a saved workbook give, calculated by IronCalc from the cells as they will be saved.

The only module that uses IronCalc, which is imported when the first formula is calculated. Cells go into it one by one:
blank cells, styles and drawings never do. A formula that IronCalc does not know keeps its saved result for as long as
nothing that it reads has been written; after that its result, and what depends on it, is unknown.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from workbook_tools.excel.addresses import Cell, column_number
from workbook_tools.excel.formulas import ErrorValue, LiveFormula, Result
from workbook_tools.excel.saved_sheet import SavedSheet

Key = tuple[int, Cell]  # number of the sheet, and cell
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576
MOST_CHARACTERS, DEEPEST = 8_192, 66  # of a formula and of its brackets in Excel, which nests 64 functions
NOT_A_FORMULA = LiveFormula("(")  # of which IronCalc says that it does not calculate it
_ERROR = "CellType.ErrorValue"
NOT_CALCULATED = ("#NAME?", "#ERROR!", "#N/IMPL!", "#CIRC!")  # what IronCalc gives for what it does not know
CERTAIN = ("#DIV/0!", "#N/A", "#NULL!")  # errors of the formula itself; another may be a limit of IronCalc
MOST_FORMULAS, MOST_WORDS = 20_000, 2_000_000  # of a workbook, and their characters
MOST_READ = 5_000_000  # cells that formulas read
LONG, MOST_JOINED, DEEPEST_TEXTS = 10_000, 64, 4  # of formulas that join texts: as cells, joined ones, one upon another
MOST_NAMES, MOST_STEPS, MOST_ROUNDS = 100, 2_000_000, 20
PASSES_OVER_BLANKS = frozenset(
    [
        *("SUM", "SUMIF", "SUMIFS", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "AVERAGE", "AVERAGEIF", "AVERAGEIFS"),
        *("MAX", "MIN", "IF", "IFERROR", "ROUND", "AND", "OR"),
    ]
)
_GROWS = re.compile(r"&|\b(?:CONCAT|CONCATENATE|TEXTJOIN|REPT|SUBSTITUTE|REPLACE)\(", re.IGNORECASE)
_WORD, _CALL = re.compile(r"[\w.\\?]+"), re.compile(r"(?<![\w.])([A-Za-z][\w.]{0,60}+)\(")
_TEXT = re.compile('"(?:[^"]|"")*+"')
_SHEET = r"(?:(?:'((?:[^']|''){1,100}+)'|([^\s'\"!(),:;<>=+*/^&{}-]{1,100}+))!)?"
_AREA = re.compile(
    _SHEET + r"(?:\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?"
    r"|\$?([A-Z]{1,3}):\$?([A-Z]{1,3})|\$?(\d{1,7}):\$?(\d{1,7}))(?![\w(])"
)
_NAMED_TWICE = re.compile(
    r"((?:'(?:[^']|''){1,100}+'|[^\s'\"!(),:;<>=+*/^&{}-]{1,100}+)!)(\$?[A-Z]{1,3}\$?\d{1,7}):\1(?=\$?[A-Z])"
)
_OTHER_BOOK = re.compile(
    r"'[^'\[]{0,200}\[[^\]]{1,200}\](?:[^']|''){0,200}+'![$\w:.]+|\[\d{1,5}\][^\s!(),]{0,200}+![$\w:.]+"
)
_ANYWHERE = re.compile(
    r"\b(?:INDIRECT|OFFSET)\(|\[|:[^,()':!]*!", re.IGNORECASE
)  # reads cells that its words do not name
_QUOTED = re.compile("\"(?:[^\"]|\"\")*+\"|'(?:[^']|'')*+'")
_ONE_CELL = re.compile(
    r"\s*(?:(?:'(?:[^']|''){1,100}+'|[^\s'\"!(),:;<>=+*/^&{}-]{1,100}+)!)?(\$?[A-Z]{1,3}\$?\d{1,7})\s*"
)
_PAIRS = frozenset(range(1, 255, 2))  # ranges with a criterion behind each
_RANGES = {  # which arguments of a function IronCalc takes only as a range, from 0
    **{name: {0} for name in ("COUNTIF", "LARGE", "SMALL", "INDEX")},
    **{name: {1} for name in ("MATCH", "VLOOKUP", "HLOOKUP")},
    **{name: {0, 2} for name in ("SUMIF", "AVERAGEIF")},
    **{name: {0, *_PAIRS} for name in ("SUMIFS", "AVERAGEIFS", "MAXIFS", "MINIFS")},
    "COUNTIFS": {number - 1 for number in _PAIRS},
    "LOOKUP": {1, 2},
}
_TAKES_RANGES = re.compile(rf"(?<![\w.])({'|'.join(_RANGES)})\(", re.IGNORECASE)


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


class Calculation:
    """The formulas of a book and what they give; cells written since the last time are put in before each one."""

    def __init__(self, sheets: Sequence[SavedSheet], names: Mapping[str, str], *, exact: bool) -> None:
        """`names` are the defined names, `exact` tells whether the book calculates as IronCalc does."""
        self._sheets = sheets
        self._names = {name.casefold(): text for name, text in names.items()}
        self._numbers = {sheet.name.lower(): number for number, sheet in enumerate(sheets)}
        found = {
            (n, cell): formula for n, sheet in enumerate(sheets) for cell, formula in sheet.live_formulas().items()
        }
        length = sum(len(formula.text) for formula in found.values())
        self._many = len(found) > MOST_FORMULAS or length > MOST_WORDS  # none is then calculated
        self._formulas: dict[Key, LiveFormula] = found
        self._reads = {key: [ANYWHERE] for key in found}
        if not self._many:
            for key, formula in found.items():
                self._formulas[key] = formula._replace(text=_with_ranges(_named_once(formula.text)))
            self._reads = {key: list(self._areas(formula.text, key[0])) for key, formula in found.items()}
        self._written: dict[Key, float | str] = {}
        self._exact = exact and not self._many
        self._trusted: set[Key] = set()  # formulas that IronCalc does not calculate: their saved results are taken

    def calculate(self) -> list[tuple[str, Cell]]:
        """Give every sheet the current results of its formulas; returns those that IronCalc cannot calculate.

        For these the saved result is taken, and None where there is none or it is out of date.
        """
        model = self._model
        written = {
            (number, cell): value for number, sheet in enumerate(self._sheets) for cell, value in sheet.written_values()
        }
        if model is not None:
            for number, cell in self._written.keys() - written.keys():
                saved = self._sheets[number].stored_value(cell)
                _put(model, number, cell, "" if saved is None else saved)
                if saved is None:
                    model.clear_cell_contents(number, *cell)
            for key, value in written.items():
                if self._written.get(key) != value:
                    _put(model, *key, value)
            model.evaluate()
        self._written = written
        unknown = self._unknown()
        for key in self._formulas:
            if key in unknown:
                self._sheets[key[0]].give(key[1], None)
            elif key not in self._trusted:
                self._sheets[key[0]].give(key[1], _result(model, key))
        return [(self._sheets[number].name, cell) for number, cell in sorted(self._trusted)]

    def reads(self, sheet: str, cell: Cell) -> bool:
        """Whether a formula of the book names the cell as one that it reads."""
        key = (self._numbers[sheet.lower()], cell)
        by_cell, wide = self._readers
        return self._many or key in by_cell or any(area.sheet is not None and area.has(key) for area, _ in wide)

    @cached_property
    def _model(self) -> Any:
        """The cells and formulas in IronCalc, None where it does not take them."""
        import ironcalc

        try:
            model = self._filled(ironcalc) if self._exact else None
        except BaseException as fault:
            if not _is_of_the_engine(fault):
                raise
            model = None
        if model is None:
            self._trusted = set(self._formulas)
        else:
            self._find_unknown(model)
        return model

    def _filled(self, ironcalc: Any) -> Any:
        model = ironcalc.create("book", "en", "UTC", "en")
        model.rename_sheet(0, self._sheets[0].name)
        for sheet in self._sheets[1:]:
            model.add_sheet(sheet.name)
        words = _words(" ".join(formula.text for formula in self._formulas.values()))
        for name in sorted(name for name in words if name in self._names):
            with contextlib.suppress(ironcalc.WorkbookError):  # what uses the name is then unknown
                model.new_defined_name(name, None, self._names[name])
        costly = self._costly()
        for number, sheet in enumerate(self._sheets):
            for cell in sheet.filled():
                if (number, cell) in self._formulas:
                    formula = NOT_A_FORMULA if (number, cell) in costly else self._formulas[number, cell]
                    _put_formula(model, number, cell, formula)
                elif (value := sheet.stored_value(cell)) is not None:
                    _put(model, number, cell, value)
        model.evaluate()
        return model

    def _trust(self, model: Any, keys: set[Key]) -> None:
        """Takes the saved results of formulas for what they give."""
        for number, cell in keys:
            saved = self._sheets[number].stored_value(cell)
            if saved is not None:
                _put(model, number, cell, saved)
        self._trusted |= keys
        model.evaluate()

    def _find_unknown(self, model: Any) -> None:
        """Trusts what IronCalc cannot calculate, those formulas first on which others rest."""
        rounds = 0
        while lost := {key for key in self._formulas.keys() - self._trusted if self._is_lost(model, key)}:
            self._trust(model, lost - self._readers_of(lost) or lost)
            rounds += 1
            if rounds > MOST_ROUNDS:
                self._trust(model, self._formulas.keys() - self._trusted)

    def _is_lost(self, model: Any, key: Key) -> bool:
        """Whether IronCalc does not calculate a formula: it says so, or finds an error where a result was saved."""
        result, saved = _result(model, key), self._sheets[key[0]].stored_value(key[1])
        if not isinstance(result, ErrorValue) or result in CERTAIN:
            return False
        return result in NOT_CALCULATED or (saved is not None and not isinstance(saved, ErrorValue))

    def _unknown(self) -> set[Key]:
        """Formulas whose result is unknown: none is saved, or it is out of date."""
        if not self._trusted:
            return set()
        lacking = {key for key in self._trusted if self._sheets[key[0]].stored_value(key[1]) is None}
        outdated = self._trusted & self._resting_on(set(self._written))
        return lacking | outdated | self._resting_on(lacking | outdated)

    def _resting_on(self, keys: set[Key]) -> set[Key]:
        """The formulas that read any of the cells, directly or through other formulas."""
        found: set[Key] = set()
        new = keys
        while new:
            new = self._readers_of(new) - found
            found |= new
        return found

    def _readers_of(self, keys: set[Key]) -> set[Key]:
        """The formulas that read any of the cells besides their own; all formulas where that takes too long to know."""
        by_cell, wide = self._readers
        if self._many or len(keys) * len(wide) > MOST_STEPS:
            return set(self._formulas) if keys else set()
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

    def _costly(self) -> set[Key]:
        """The formulas that read too many cells to be calculated, those first that read most."""
        growing = {key: len(_GROWS.findall(self._formulas[key].text)) for key in self._formulas}
        deep = {key for key, signs in growing.items() if signs}
        costly = {key for key in deep if growing[key] > MOST_JOINED}
        for _ in range(DEEPEST_TEXTS):  # IronCalc has no limit for texts that are made of texts
            deep &= self._resting_on(deep)
            costly |= {key for key in deep if growing[key] > DEEPEST_TEXTS}
        costly |= deep
        counted = sorted(
            (_cells_read(self._formulas[key].text, self._reads[key]) + LONG * (growing[key] > 0), key)
            for key in self._formulas
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
            named = {name for name in _words(words) if name in self._names and name not in known}
            known |= named
            if _ANYWHERE.search(words) or len(known) > MOST_NAMES:
                yield ANYWHERE
                return
            texts += [self._names[name] for name in named]
            for found in _AREA.finditer(words):
                quoted, plain, *place = found.groups()
                on = (quoted.replace("''", "'") if quoted else plain or "").lower()
                sheet = self._numbers.get(on) if on else number
                yield ANYWHERE if sheet is None else Area(sheet, *_rectangle(place))


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
    if not _is_within_limits(formula):
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


def _is_of_the_engine(fault: BaseException) -> bool:
    """Whether IronCalc refused or gave up; when it panics it raises what is no `Exception`."""
    return type(fault).__name__ in ("WorkbookError", "PanicException")


def _is_within_limits(formula: str) -> bool:
    """Whether Excel would take a formula; IronCalc ends the program at brackets that are nested too deeply."""
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


def _put(model: Any, number: int, cell: Cell, value: float | str | bool) -> None:
    if isinstance(value, ErrorValue):
        model.set_user_input(number, *cell, str(value))
    elif isinstance(value, bool):
        model.update_cell_with_bool(number, *cell, value)
    elif isinstance(value, str):
        model.update_cell_with_text(number, *cell, value)
    else:
        model.update_cell_with_number(number, *cell, value)


def _put_formula(model: Any, number: int, cell: Cell, formula: LiveFormula) -> None:
    if not _is_within_limits(formula.text):
        formula = NOT_A_FORMULA
    if formula.area:
        rows, columns = formula.area
        model.set_user_array_formula(number, *cell, columns, rows, f"={formula.text}")
    else:
        model.update_cell_with_formula(number, *cell, f"={formula.text}")


def _result(model: Any, key: Key) -> Result:
    number, (row, column) = key
    value: Result = model.get_cell_value(number, row, column)
    if isinstance(value, str) and str(model.get_cell_type(number, row, column)) == _ERROR:
        return ErrorValue(value)
    return "" if value is None else value
