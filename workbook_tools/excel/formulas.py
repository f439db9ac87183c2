"""Live formulas as a sheet stores them: written out where several cells share one, with what they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell, column_letters, position
from workbook_tools.excel.markup import attributes, unescape
from workbook_tools.text import regex

MOST_MOVED = 400_000  # characters of formulas that are written out; the results of the others are unknown
_AREA = regex(r"[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?")


class ErrorValue(str):
    """An error of a formula, as a cell holds it: #DIV/0!."""

    __slots__ = ()


Result = float | str | bool | ErrorValue | None  # of a formula; None if unknown


class LiveFormula(NamedTuple):
    """A formula without its =, written out also where the file only says that it is another's."""

    text: str
    area: tuple[int, int] | None = None  # rows and columns of an array formula


def written_out(elements: Mapping[Cell, re.Match[bytes]]) -> dict[Cell, LiveFormula]:
    """The formula of each cell, out of the `<f>` elements of a sheet."""
    found: dict[Cell, LiveFormula] = {}
    first: dict[str, Cell] = {}  # number of a shared formula → the cell where it is written
    sharing: list[tuple[Cell, str]] = []
    for cell, element in elements.items():
        said, text = attributes(element[1]), unescape((element[2] or b"").decode())
        kind, number = said.get("t", ""), said.get("si", "")
        if kind == "shared" and not text:
            sharing.append((cell, number))
            continue
        if kind == "shared":
            first[number] = cell
        ref = said.get("ref", "") if kind == "array" else ""
        found[cell] = LiveFormula(text, _extent(ref.encode()) if _AREA.fullmatch(ref) else None)
    characters = 0
    for cell, number in sharing:
        origin = first.get(number)
        characters += len(found[origin].text) if origin else 0
        known = origin is not None and characters <= MOST_MOVED
        found[cell] = LiveFormula(_moved(found[origin].text, origin, cell) if origin and known else "")
    return found


def digits(number: float) -> str:
    """A number as a cell holds it: 12, 0.30000000000000004."""
    return repr(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _extent(ref: bytes) -> tuple[int, int]:
    """Rows and columns of A1:B3."""
    first, _, last = ref.partition(b":")
    (top, left), (bottom, right) = position(first), position(last or first)
    return bottom - top + 1, right - left + 1


def _moved(formula: str, origin: Cell, cell: Cell) -> str:
    """A formula as it reads in another of the cells that share it."""
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator

    at, to = (f"{column_letters(column)}{row}" for row, column in (origin, cell))
    try:
        return str(Translator(f"={formula}", at).translate_formula(to)).removeprefix("=")
    except TokenizerError:  # not a formula: the result is unknown
        return ""
