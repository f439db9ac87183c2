"""Independent recalculation of every live formula of a workbook: by IronCalc, on request by `formulas` or LibreOffice.

IronCalc takes some milliseconds a form. Where it gives something else than is saved, or does not know a formula,
`formulas` is asked too: a model is compiled once for all workbooks with the same formulas. What a workbook
shows, what is recalculated and what the scheme gives are compared exactly to the ninth decimal: two programs that add
binary fractions in another order differ beyond it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.checks import ERROR, HINT, Finding
from workbook_tools.checks.book import NOT_RECALCULATED, OTHER_RESULT, STALE
from workbook_tools.errors import NoOffice, NoWitness
from workbook_tools.excel import Book, other_kind
from workbook_tools.excel.addresses import column_letters
from workbook_tools.excel.libreoffice import converted
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field, Scores
from workbook_tools.forms.placement import Placement
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, MOST_DIGITS, Quantity, agrees, plain, round_half_up

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

PLACES = 9
BOOK = "book.xlsx"
_RANGE = regex(rf"('\[{re.escape(BOOK)}\].+'!)([A-Z]+\d+:[A-Z]+\d+)")
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""  # LibreOffice's setting to calculate every formula when a workbook is opened
Key = tuple[str, str]  # sheet and cell
Values = Mapping[Key, object]


class Recalculation:
    """Calculates workbooks; one model for each set of formulas."""

    def __init__(self, how: str) -> None:
        self.how = how
        self._models: dict[tuple[tuple[Key, str], ...], Any] = {}

    def __call__(self, data: bytes) -> Callable[[Sheet, Placement, Scores, int], list[Finding]]:
        """The check of one workbook's formulas; raises `NoWitness` if they cannot be calculated."""
        if kind := other_kind(data):
            raise NoWitness(f"--recalc 不能用于 {kind} 格式的文件；请在 Excel 或 WPS 里另存为 .xlsx 再查")
        if self.how == "ironcalc":
            values, shown = _by_ironcalc(data)
            second = self._second_opinion(data, values, shown)
        else:
            values, shown, second = self.values(data), dict(_stored(data)), {}

        def witness(sheet: Sheet, placement: Placement, scores: Scores, places: int) -> list[Finding]:
            return list(_disagreements(values, shown, second, sheet, placement, scores, places))

        return witness

    def _second_opinion(self, data: bytes, values: Values, shown: Values) -> Values:
        """What `formulas` gives where IronCalc gives nothing, or something else than is saved; none where it cannot."""
        doubtful = [
            key
            for key, value in values.items()
            if value is None
            or (shown[key] is not None and not same_figure(shown[key], value))  # None: never calculated
        ]
        if not doubtful:
            return {}
        try:
            others = self._by_formulas(data)
        except NoWitness:
            return {}
        return {key: others[key] for key in doubtful if key in others}

    def values(self, data: bytes) -> Values:
        """The value of every formula cell; raises `NoWitness`."""
        if self.how == "ironcalc":
            return _by_ironcalc(data)[0]
        if self.how == "formulas":
            return self._by_formulas(data)
        return {
            key: "" if value is None else value for key, value in _stored(_by_libreoffice(data))
        }  # "" is read as None

    def _by_formulas(self, data: bytes) -> Values:
        from workbook_tools.excel.loading import loaded

        workbook = loaded(data)
        formulas = tuple(_formulas(workbook))
        if not formulas:
            return {}
        with _quiet():
            try:
                model = self._models.get(formulas) or self._models.setdefault(formulas, _compiled(data))
                if _mixes(model):
                    model = _compiled(data, with_inputs=True)
                constants = {_name(key): value for key, value in _constants(workbook)}
                given = {name: value for name, value in constants.items() if name in model.dsp.nodes}
                solution = model.calculate(inputs=given | dict(_whole_ranges(model, constants)))
            except Exception as fault:  # `formulas` raises whatever a formula it does not know leads to
                raise NoWitness(f"formulas 无法计算这个工作簿（{type(fault).__name__}）") from fault
        return {key: _value(solution[_name(key)]) for key, _ in formulas if _name(key) in solution}


def _disagreements(
    values: Values, shown: Values, second: Values, sheet: Sheet, placement: Placement, scores: Scores, places: int
) -> Iterator[Finding]:
    """F109 where a workbook shows something else than its formula gives, S111 where that is not the scheme's score.

    `second` is what another program gives where there is doubt: a saved figure that it confirms is no error.
    """
    fields = {sheet.address(cell): field for field, cell in placement.cells.items()}
    for (name, cell), value in values.items():
        address = f"{name}!{cell}"
        field = fields.get(address, "")
        where = "" if field else f"{address}："
        before = shown.get((name, cell))
        confirmed = (name, cell) in second and same_figure(before, second[name, cell])
        if value is None or (confirmed and not same_figure(before, value)):
            if not confirmed:
                yield Finding(NOT_RECALCULATED, field, f"{where}这一格的公式本工具不能重算；请用 Excel 打开核对", HINT)
            elif value is not None:
                both = f"ironcalc 得 {_said(value)}，formulas 得 {_said(before)}，和保存的一样"
                yield Finding(
                    NOT_RECALCULATED, field, f"{where}两个程序重算的不一样：{both}；请用 Excel 打开核对", HINT
                )
            continue
        if before is not None and not same_figure(before, value):
            said = f"{where}保存的是 {_said(before)}，公式重算得 {_said(value)}{_halfway(before, value)}"
            yield Finding(STALE, field, said, ERROR)
        if field and (said := _differs_from_scheme(field, value, placement, scores, places)):
            yield Finding(OTHER_RESULT, field, said, ERROR)


def _by_ironcalc(data: bytes) -> tuple[Values, Values]:
    """What each formula gives, None where IronCalc does not know it, and what is saved beside it."""
    book = Book(data)
    lost = book.calculate()
    infos = {info.name: info for info in book.sheets}
    values: dict[Key, object] = {}
    shown: dict[Key, object] = {}
    for name, cell in book.formulas():
        sheet = book.sheet(infos[name])
        key = name, f"{column_letters(cell[1])}{cell[0]}"
        values[key] = None if "!".join(key) in lost else sheet.results.get(cell)
        shown[key] = sheet.stored_value(cell)
    return values, shown


def _differs_from_scheme(field: Field, value: object, placement: Placement, scores: Scores, places: int) -> str:
    line = scores.lines.get(field)
    if line is None or line.value is None or value in (None, ""):
        return ""
    words = _said(value).removeprefix(placement.prefixes.get(field, ""))
    if isinstance(line.value, Quantity):
        number = _number(value)
        same = number is not None and round_half_up(number * HUNDRED, 2) == round_half_up(line.value.number, 2)
    else:
        same = agrees(line.value, words, places)
    return "" if same else f"公式重算得 {words}，按办法应为 {_said(line.value)}（{line.why}）；请核对公式"


def _compiled(data: bytes, *, with_inputs: bool = False) -> Any:
    """The model of a workbook, as a rule without its inputs, which are put in for each form."""
    import formulas

    from workbook_tools.excel.loading import loaded

    workbook = loaded(data)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f" and cell.value is not None and not with_inputs:
                    cell.value = None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BOOK
        workbook.save(path)
        return formulas.ExcelModel().loads(str(path)).finish()


def _mixes(model: Any) -> bool:
    """Whether a range holds formulas beside inputs: such a model takes no inputs into the range afterwards."""
    ranges = (found for node in list(model.dsp.nodes) if isinstance(node, str) and (found := _RANGE.fullmatch(node)))
    return any(len({name in model.dsp.nodes for name in _cells(found)}) > 1 for found in ranges)


def _cells(found: re.Match[str]) -> list[str]:
    """The names of the cells of a range."""
    from openpyxl.utils.cell import rows_from_range

    return [f"{found[1]}{cell}" for row in rows_from_range(found[2]) for cell in row]


def _whole_ranges(model: Any, constants: Mapping[str, object]) -> Iterator[tuple[str, list[list[object]]]]:
    """The ranges of which the model has no single cell, because all were blank when it was compiled."""
    from openpyxl.utils.cell import rows_from_range
    from schedula import EMPTY

    for node in list(model.dsp.nodes):
        found = _RANGE.fullmatch(node) if isinstance(node, str) else None
        if found is None:
            continue
        rows = [[f"{found[1]}{cell}" for cell in row] for row in rows_from_range(found[2])]
        if not any(name in model.dsp.nodes for row in rows for name in row):
            yield node, [[constants.get(name, EMPTY) for name in row] for row in rows]


def _formulas(workbook: Workbook) -> Iterator[tuple[Key, str]]:
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            yield from (((sheet.title, cell.coordinate), str(cell.value)) for cell in row if cell.data_type == "f")


def _constants(workbook: Workbook) -> Iterator[tuple[Key, object]]:
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f" and cell.value is not None:
                    yield (sheet.title, cell.coordinate), cell.value


def _stored(data: bytes) -> Iterator[tuple[Key, object]]:
    """What each formula cell shows."""
    from workbook_tools.excel.loading import loaded

    live = {key for key, _ in _formulas(loaded(data))}
    for sheet in loaded(data, data_only=True).worksheets:
        for row in sheet.iter_rows():
            yield from (
                ((sheet.title, cell.coordinate), cell.value) for cell in row if (sheet.title, cell.coordinate) in live
            )


def _name(key: Key) -> str:
    return f"'[{BOOK}]{key[0].upper()}'!{key[1]}"


def _value(found: Any) -> object:
    value = found.value[0, 0]
    return value.item() if hasattr(value, "item") else value


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < MOST_DIGITS else None


def same_figure(shown: object, value: object) -> bool:
    """Whether two results of a formula are the same: numbers to the ninth decimal, anything else as it is written."""
    first, second = _number(shown), _number(value)
    if first is not None and second is not None:
        return round_half_up(first, PLACES) == round_half_up(second, PLACES)
    return str(shown if shown is not None else "") == str(value if value is not None else "")


def _halfway(shown: object, value: object) -> str:
    """The known difference of `formulas`: it does not round half up as Excel does."""
    first, second = _number(shown), _number(value)
    if first is not None and second is not None and abs(first - second) == Decimal("0.01"):
        return "；相差一个末位，可能正好是一半：formulas 此时不一定四舍五入，请加 --recalc libreoffice 再核对"
    return "；请按 Ctrl+Alt+F9 重新计算，保存"


def _said(value: object) -> str:
    if isinstance(value, Quantity):
        return f"{round_half_up(value.number, 2)}%"
    number = _number(value)
    if number is None:
        return str(value) if value not in (None, "") else "空白"
    return plain(round_half_up(number, PLACES))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """`formulas` and its parts draw bars and warn; a clerk needs neither."""
    logging.getLogger("schedula").setLevel(logging.CRITICAL)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def _by_libreoffice(data: bytes) -> bytes:
    """The workbook as LibreOffice calculates and saves it."""
    try:
        return converted(data, "xlsx", _ALWAYS)
    except NoOffice as lacking:
        raise NoWitness(f"--recalc libreoffice 无法使用：{lacking}") from None
