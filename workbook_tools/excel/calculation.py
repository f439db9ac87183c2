"""What the live formulas of a saved workbook give, calculated by IronCalc from the cells as they will be saved.

The only module that uses IronCalc, which is imported when the first formula is calculated. Formulas go into it once for
all books that share them, cells one by one: blank cells, styles, drawings, and sheets that no formula reads never do.
A formula that IronCalc does not know keeps its saved result for as long as nothing that it reads has been written;
after that its result, and what depends on it, is unknown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.dependencies import Dependencies, Key, dependencies, is_within_limits
from workbook_tools.excel.formulas import ErrorValue, LiveFormula, Result
from workbook_tools.excel.saved_sheet import SavedSheet
from workbook_tools.text import regex

MOST_ROUNDS = 20  # of finding what IronCalc does not know
NOT_A_FORMULA = LiveFormula("(")  # of which IronCalc says that it does not calculate it
_ERROR = "CellType.ErrorValue"
NOT_CALCULATED = ("#NAME?", "#ERROR!", "#N/IMPL!", "#CIRC!")  # what IronCalc gives for what it does not know
_LEAVES_OUT_HIDDEN = regex(r"(?i)(?:SUBTOTAL|AGGREGATE)\s*\(")
CERTAIN = ("#DIV/0!", "#N/A", "#NULL!")  # errors of the formula itself; another may be a limit of IronCalc


class Calculation:
    """The formulas of a book and what they give; cells written since the last time are put in before each one."""

    def __init__(
        self,
        sheets: Sequence[str],
        opened: Callable[[int], SavedSheet],
        with_formulas: Iterable[int],
        names: Mapping[str, str],
        *,
        exact: bool,
    ) -> None:
        """The formulas of a book.

        `sheets` are the names of its sheets, `opened` gives one by its number, `with_formulas` are those that have any,
        `names` are the defined names, `exact` tells whether the book calculates as IronCalc does.
        """
        self._sheet = opened
        found = {
            (number, cell): formula
            for number in with_formulas
            for cell, formula in opened(number).live_formulas().items()
        }
        self._of = dependencies(found, names, sheets)
        self._formulas = self._of.formulas
        self._written: dict[Key, float | str] = {}
        self._exact = exact and not self._of.many
        self._trusted: set[Key] = set()  # formulas that IronCalc does not calculate: their saved results are taken

    def calculate(self) -> list[tuple[str, Cell]]:
        """Give every sheet the current results of its formulas; returns those that IronCalc cannot calculate.

        For these the saved result is taken, and None where there is none or it is out of date.
        """
        model = self._model
        written = {
            (number, cell): value
            for number in sorted(self._of.used_sheets)
            for cell, value in self._sheet(number).written_values()
        }
        if model is not None and written != self._written:
            for number, cell in self._written.keys() - written.keys():
                saved = self._sheet(number).stored_value(cell)
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
                self._sheet(key[0]).give(key[1], None)
            elif key not in self._trusted:
                self._sheet(key[0]).give(key[1], _result(model, key))
        return [(self._sheet(number).name, cell) for number, cell in sorted(self._trusted)]

    def reads(self, sheet: str, cell: Cell) -> bool:
        """Whether a formula of the book names the cell as one that it reads."""
        return self._of.reads(sheet, cell)

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
        model = ironcalc.load_from_bytes(_with_formulas(self._of), "en")
        for number in sorted(self._of.used_sheets):
            sheet = self._sheet(number)
            for cell in sheet.filled():
                if (number, cell) not in self._formulas and (value := sheet.stored_value(cell)) is not None:
                    _put(model, number, cell, value)
        model.evaluate()
        return model

    def _trust(self, model: Any, keys: set[Key]) -> None:
        """Takes the saved results of formulas for what they give."""
        for number, cell in keys:
            saved = self._sheet(number).stored_value(cell)
            if saved is not None:
                _put(model, number, cell, saved)
        self._trusted |= keys
        model.evaluate()

    def _find_unknown(self, model: Any) -> None:
        """Trusts what IronCalc cannot calculate, those formulas first on which others rest."""
        rounds = 0
        while lost := {key for key in self._formulas.keys() - self._trusted if self._is_lost(model, key)}:
            self._trust(model, lost - self._of.readers_of(lost) or lost)
            rounds += 1
            if rounds > MOST_ROUNDS:
                self._trust(model, self._formulas.keys() - self._trusted)

    def _is_lost(self, model: Any, key: Key) -> bool:
        """Whether IronCalc does not calculate a formula: it says so, or finds an error where a result was saved.

        It knows of no hidden rows, which SUBTOTAL and AGGREGATE leave out: those of a filter, or all.
        """
        if _LEAVES_OUT_HIDDEN.search(self._formulas[key].text) and self._some_hidden:
            return True
        result, saved = _result(model, key), self._sheet(key[0]).stored_value(key[1])
        if not isinstance(result, ErrorValue) or result in CERTAIN:
            return False
        return result in NOT_CALCULATED or (saved is not None and not isinstance(saved, ErrorValue))

    @cached_property
    def _some_hidden(self) -> bool:
        """Whether a sheet that formulas use has hidden cells."""
        sheets = [self._sheet(number) for number in self._of.used_sheets]
        return any(sheet.hidden(cell) for sheet in sheets for cell in sheet.filled())

    def _unknown(self) -> set[Key]:
        """Formulas whose result is unknown: none is saved, or it is out of date."""
        if not self._trusted:
            return set()
        lacking = {key for key in self._trusted if self._sheet(key[0]).stored_value(key[1]) is None}
        outdated = self._trusted & self._of.resting_on(set(self._written))
        return lacking | outdated | self._of.resting_on(lacking | outdated)


@lru_cache(maxsize=8)
def _with_formulas(of: Dependencies) -> bytes:
    """A book of IronCalc that holds formulas and no values: read for each workbook, which is far quicker than made."""
    import ironcalc

    model = ironcalc.create("book", "en", "UTC", "en")
    model.rename_sheet(0, of.sheets[0])
    for name in of.sheets[1:]:
        model.add_sheet(name)
    for name in of.used_names:
        with contextlib.suppress(ironcalc.WorkbookError):  # what uses the name is then unknown
            model.new_defined_name(name, None, of.names[name])
    for (number, cell), formula in of.formulas.items():
        _put_formula(model, number, cell, NOT_A_FORMULA if (number, cell) in of.costly else formula)
    made: bytes = model.to_bytes()
    return made


def _is_of_the_engine(fault: BaseException) -> bool:
    """Whether IronCalc refused or gave up; when it panics it raises what is no `Exception`."""
    return type(fault).__name__ in ("WorkbookError", "PanicException")


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
    if not is_within_limits(formula.text):
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
