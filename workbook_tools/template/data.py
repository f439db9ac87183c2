"""The empty form that takes the data of another: with its rows, and formulas where they give what the data says."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.workbook import Workbook

from workbook_tools.errors import UnknownFields
from workbook_tools.excel import Book
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.form import Field, Line
from workbook_tools.forms.naming import named_fields
from workbook_tools.forms.placement import Placement, placed
from workbook_tools.forms.reading import words_at
from workbook_tools.forms.recognition import forms_of
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import UNCALCULATED, agrees, read_quantity


def form_for_data(scheme: Scheme, data: Mapping[Field, str], year: int | None = None) -> tuple[Workbook, list[Field]]:
    """The form of a scheme with the rows that the data has, and the keys for which it has no place even so.

    Filled with the data it says the same words. A computed cell keeps its formula where that gives the words of the
    data, and where the data has none. `year` is printed where the scheme is not of one year. Raises
    `FormNotRecognised` where the data does not tell to which table a row belongs.
    """
    data = {field: words for field, words in data.items() if words != UNCALCULATED}
    typed = frozenset(data)
    lines, _, _ = _filled(form_workbook(scheme, year, data=data, typed=typed), scheme, data)
    typed -= {
        field
        for field, line in lines.items()
        if field in data and line.value is not None and agrees(line.value, data[field], scheme.places)
    }
    while True:
        workbook = form_workbook(scheme, year, data=data, typed=typed)
        _, said, left = _filled(workbook, scheme, data)
        other = {field for field, words in said.items() if not _same(words, data[field])} - typed
        if not other:
            return workbook, left
        typed |= other


def ready_form_for(scheme: Scheme, data: Mapping[Field, str], year: int | None) -> tuple[bytes, list[Field]]:
    """The form of a scheme with the data filled in, and the fields for which it has no place.

    `year` is printed where the scheme is not of one year.
    """
    workbook, left = form_for_data(scheme, data, year)
    book = Book(workbook_bytes(workbook))
    [(sheet, _, printed)] = forms_of(book, scheme.name)
    fitting = {field: words for field, words in data.items() if field not in left}
    fill_sheet(sheet, scheme, inputs=fitting, printed=printed, calculate=book.calculate)
    return book.saved() or workbook_bytes(workbook), left


def _filled(
    workbook: Workbook, scheme: Scheme, data: Mapping[Field, str]
) -> tuple[Mapping[Field, Line], dict[Field, str], list[str]]:
    """What the rules give for the form filled with the data, what it then says of each field, and what has no place."""
    book = Book(workbook_bytes(workbook))
    [(sheet, _, printed)] = forms_of(book, scheme.name)
    placement = placed(printed, sheet, scheme)
    fitting = {field: words for field, words in data.items() if field in placement.cells}
    filled = fill_sheet(sheet, scheme, inputs=fitting, printed=printed, calculate=book.calculate)
    lines = filled.scores.lines
    [(sheet, _, printed)] = forms_of(Book(book.saved() or workbook_bytes(workbook)), scheme.name)
    placement = placed(printed, sheet, scheme)
    said = {field: words_at(sheet, placement, field) or "" for field in fitting}
    left = [key for key in data if key not in said and not _names_a_field(sheet, placement, key, scheme)]
    return lines, said, left


def _names_a_field(sheet: Sheet, placement: Placement, key: str, scheme: Scheme) -> bool:
    try:
        return bool(named_fields(sheet, placement, {key: ""}, scheme.name))
    except UnknownFields:
        return False


def _same(words: str, wanted: str) -> bool:
    """Whether words are those of the data, or say the same number: 100% and 100.00%."""
    one, other = read_quantity(words), read_quantity(wanted)
    return words == wanted or (one is not None and one == other)
