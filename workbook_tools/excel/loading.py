"""Workbooks for openpyxl, which reads whatever it is given: guarded and counted before it sees them."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING

from workbook_tools.errors import FileRejected
from workbook_tools.excel.markup import too_many
from workbook_tools.excel.saved_book import Book, unsound, verified
from workbook_tools.excel.scanning import merged_area
from workbook_tools.text import begins_as_formula, for_report

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell

MOST_CELLS, MOST_MERGED = 200_000, 250_000
MOST_EXTENT = 1_000_000  # of a sheet: rows by columns, which openpyxl goes through one by one


def guarded(data: bytes) -> bytes:
    """The workbook as openpyxl may read it; raises `FileRejected` where it is damaged, harmful or too large for it."""
    book = Book(data)
    if sum(book.sheet(info).count for info in book.sheets) > MOST_CELLS:
        raise too_many("单元格")
    if sum(merged_area(book.part(info.part)) for info in book.sheets) > MOST_MERGED:
        raise too_many("合并单元格")
    if any(sheet.size[0] * sheet.size[1] > MOST_EXTENT for sheet in map(book.sheet, book.sheets)):
        raise FileRejected("E_TOO_BIG", "表的最后一格离得太远，不像自评表或统计表；请删去多余的行和列")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError):  # a directory that asks for a newer version than its parts need
        return _with_slashes(book)
    return data if names == [name.replace("\\", "/") for name in names] else _with_slashes(book)


def _with_slashes(book: Book) -> bytes:
    """The parts of a workbook in an archive that openpyxl reads, under names that it finds."""
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in book.parts:
            archive.writestr(name, book.part(name))
    return done.getvalue()


def loaded(data: bytes, *, data_only: bool = False) -> Workbook:
    """The workbook as openpyxl has it; raises `FileRejected`."""
    from openpyxl import load_workbook

    data = guarded(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in English, of parts that a copy does not keep
            return load_workbook(io.BytesIO(data), data_only=data_only)
    except Exception as fault:  # openpyxl raises whatever a damaged part leads to
        raise cannot_load(fault) from fault


def written(workbook: Workbook) -> bytes:
    """The bytes of a workbook that openpyxl made, read again; raises `FileRejected`."""
    from workbook_tools.excel.new_book import new_book_bytes

    try:
        data = new_book_bytes(workbook)
    except Exception as fault:  # openpyxl and lxml raise whatever words that they cannot write lead to
        raise unsound(type(fault).__name__) from fault
    return verified(data)


def put_text(cell: Cell | MergedCell, words: str) -> None:
    """Puts words into a cell as text, never as a formula; what no cell holds is cut, and says so."""
    cell.value = for_report(words)
    cell.data_type = "s"
    if begins_as_formula(words):
        cell.quotePrefix = True  # so that it stays text where a person presses F2 and Enter


def cannot_load(fault: Exception) -> FileRejected:
    """The refusal of a workbook of which openpyxl gives up."""
    said = f"工作簿里有内容无法读取（{type(fault).__name__}），请用 Excel 打开另存一次再试"
    return FileRejected("E_DAMAGED", said)
