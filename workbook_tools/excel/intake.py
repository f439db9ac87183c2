"""What kind of workbook a file is, told by its content: an .xlsx is opened whole, of others the values are read."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from workbook_tools.errors import FileRejected
from workbook_tools.excel.container import Container, check_compound, damaged, is_compound
from workbook_tools.excel.saved_book import MOST_SHEET_BYTES, Book

if TYPE_CHECKING:
    from workbook_tools.excel.facts import BookFacts
    from workbook_tools.excel.values_book import Kind, ValuesBook

OTHERS = (".xls", ".et", ".ods", ".xlsb")  # endings of workbooks of which only the values are read
MOST_BYTES = 16 * 2**20  # of such a file
_MALFORMED = (struct.error, IndexError, KeyError, ValueError, OverflowError)


def read_book(data: bytes) -> Book | ValuesBook:
    """A workbook file in memory; raises `FileRejected` when it is not a sound one."""
    kind = other_kind(data)
    if kind is None:
        return Book(data)
    from workbook_tools.excel.values_book import ValuesBook

    if len(data) > MOST_BYTES:
        size = f"{MOST_BYTES >> 20} MB"
        raise FileRejected("E_TOO_BIG", f"文件超过 {size}，不像自评表，没有打开；请用 Excel 打开，另存为 .xlsx 再试")
    try:
        facts = _facts(data, kind).checked()
    except _MALFORMED:
        _say_what_else(data, kind)
        raise damaged("内容无法读取") from None
    except FileRejected as refused:
        if refused.code == "E_DAMAGED":
            _say_what_else(data, kind)
        raise
    return ValuesBook(data, kind, facts)


def _say_what_else(data: bytes, kind: Kind) -> None:
    """Raises `FileRejected` where what cannot be read as a workbook seems to be something else."""
    if kind == ".xls":
        check_compound(data)


def other_kind(data: bytes) -> Kind | None:
    """What a workbook is that is no .xlsx or .xlsm; None for these, and for what is no workbook at all."""
    if is_compound(data):
        return ".xls"
    if not data.startswith(b"PK\3\4"):
        return None
    container = Container(data, others=True)
    if "xl/workbook.bin" in container:
        return ".xlsb"
    return ".ods" if "content.xml" in container else None


def is_other(path: Path) -> bool:
    """Whether the name of a file ends as that of a workbook of which only the values are read."""
    return path.suffix.lower() in OTHERS


def _facts(data: bytes, kind: Kind) -> BookFacts:
    if kind == ".xls":
        from workbook_tools.excel.facts_xls import xls_facts

        return xls_facts(data)
    container = Container(data, others=True)
    if kind == ".xlsb":
        from workbook_tools.excel.facts_xlsb import xlsb_facts

        return xlsb_facts(container)
    from workbook_tools.excel.facts_ods import ods_facts

    if len(container.read("content.xml")) > MOST_SHEET_BYTES:
        raise FileRejected("E_TOO_BIG", "工作簿太大，不像自评表，没有打开；请删去多余的行、列和工作表，或核对文件")
    return ods_facts(container)
