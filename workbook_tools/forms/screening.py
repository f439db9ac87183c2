"""Which sheets of a saved workbook can have a table of a form, told by their words before any cell is taken apart.

A bureau's workbook may have twenty sheets of entries beside one form: to read these as forms takes far longer than the
form. What is left out here is read all the same where no other sheet of the workbook has a form.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbook_tools.errors import FileRejected
from workbook_tools.excel import Book, SheetInfo
from workbook_tools.forms.headings import AMOUNTS, LEVELS
from workbook_tools.forms.vocabulary import columns_named

MONEY = {*AMOUNTS, "so_far", "execution", "balance", "rest"}  # no table of money is without one of these
SMALL = 2**16  # bytes: a sheet below is read as soon as it is looked through


def may_have_table(book: Book, info: SheetInfo) -> bool:
    """Whether a sheet names an amount or a level of indicators, or is not to be told so quickly."""
    if len(book.part(info.part)) < SMALL or any(field.startswith("headings.") for field in book.names_in(info)):
        return True
    try:
        texts = book.texts(info)
    except FileRejected:  # which is said when it is opened
        return True
    return texts is None or names_a_table(texts)


def names_a_table(texts: Iterable[str]) -> bool:
    """Whether one of the texts names an amount of money or a level of indicators."""
    return any(known.get("money") in MONEY or known.get("indicator") in LEVELS for known in columns_named(texts))
