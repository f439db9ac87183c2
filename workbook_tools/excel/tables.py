"""A list that people keep in Excel, as rows of words: units, addresses, waivers; out of an .xlsx or a .csv file."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Sequence
from pathlib import Path

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.intake import is_other
from workbook_tools.text import FORMULA_SIGNS
from workbook_tools.values import normalize

MOST_ROWS, MOST_CELLS = 100_000, 1_000_000  # of a list
MOST_TEXT, MOST_DATA = 16 * 2**20, 2 * 2**20  # bytes of a list, of a file of data
TOO_LONG = "内容太多，不像名单或数据；请核对是不是这个文件"
_FORMULA = (*FORMULA_SIGNS, "\t", "\r")  # what a spreadsheet would take for a formula


def read_rows(path: Path, *, merged: bool = False) -> list[list[str]]:
    """The rows of the first visible sheet, or of a CSV file as Excel saves one; raises `FileRejected` with its name.

    `merged`: what is merged over several rows stands in each of them, as where a unit has a row for each person.
    """
    try:
        data = read_file(path)
        if path.suffix.lower() in (".xlsx", ".xlsm") or is_other(path):
            return _rows_of_workbook(data, merged=merged)
        return _rows_of_csv(data)
    except FileRejected as refused:
        raise FileRejected(refused.code, f"{path}：{refused}") from None


def read_lines(path: Path) -> list[str]:
    """The lines of a text file as Windows' notepad saves one; raises `FileRejected`, naming the file."""
    try:
        return read_text(path).splitlines()
    except FileRejected as refused:
        raise FileRejected(refused.code, f"{path}：{refused}") from None


def read_text(path: Path) -> str:
    """The text of a file of text, in the encodings that Windows writes; raises `FileRejected`."""
    data = read_file(path)
    if len(data) > MOST_TEXT:
        raise FileRejected("E_TOO_BIG", TOO_LONG)
    return _decoded(data)


def escape_csv_formula(words: str, *more: str) -> str:
    """Words for a CSV file: what a spreadsheet would take for a formula, or begins with one of `more`, behind a '."""
    return f"'{words}" if words.startswith((*_FORMULA, *more)) else words


def unescape_csv(words: str) -> str:
    """Words of a CSV file as they were before `escape_csv_formula`."""
    return words[1:] if words.startswith("'") and words[1:].startswith(_FORMULA) else words


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV that Excel opens by itself (UTF-8 with its mark); no words of a form become a formula."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([escape_csv_formula(words) for words in row] for row in rows)
    return "\ufeff" + out.getvalue()


def column_of(row: Sequence[str], words: Sequence[str]) -> int:
    """The number of the column with one of the words, blanks in them left aside, from 1; 0 where there is none."""
    wanted = {normalize(word) for word in words}
    return next((number for number, cell in enumerate(row, 1) if normalize(cell) in wanted), 0)


def unreadable(fault: Exception) -> str:
    """Where a TOML or JSON file cannot be read, in one sentence: 第 1 行第 5 列写法不对."""
    if isinstance(fault, UnicodeDecodeError):
        return "不是 UTF-8 的文件；请在记事本里另存，编码选 UTF-8"
    if isinstance(fault, RecursionError):
        return "无法读取：括号套得太多"
    if type(fault) is ValueError or isinstance(fault, ArithmeticError):
        return "无法读取：里面有太长的数"
    at = re.search(r"line (\d+),? column (\d+)", str(fault))
    return f"无法读取：第 {at[1]} 行第 {at[2]} 列写法不对" if at else "无法读取：最后一行写法不对"


def _rows_of_workbook(data: bytes, *, merged: bool) -> list[list[str]]:
    book = read_book(data)
    info = next((info for info in book.sheets if not info.hidden), None)
    if info is None:
        raise FileRejected("E_KIND", "工作簿里没有看得见的工作表；请取消隐藏")
    sheet = book.sheet(info)
    cells = list(sheet.filled())
    height, width = (max((cell[axis] for cell in cells), default=0) for axis in (0, 1))
    filled = {row for row, _ in cells}
    if height > MOST_ROWS or len(filled) * width > MOST_CELLS:
        raise FileRejected("E_TOO_BIG", TOO_LONG)
    columns, every = range(1, width + 1), range(1, height + 1)  # so that rows keep their numbers

    def text(row: int, column: int) -> str:
        anchor = sheet.anchor((row, column))
        return sheet.text(anchor if merged and anchor[1] == column else (row, column))

    return [[text(row, column) for column in columns] if row in filled else [] for row in every]


def _rows_of_csv(data: bytes) -> list[list[str]]:
    import csv
    import io

    if len(data) > MOST_TEXT:
        raise FileRejected("E_TOO_BIG", TOO_LONG)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(_decoded(data), newline="")):
            rows.append(row)
            cells += len(row)
            if len(rows) > MOST_ROWS or cells > MOST_CELLS:
                raise FileRejected("E_TOO_BIG", TOO_LONG)
        return rows
    except csv.Error:
        raise FileRejected("E_KIND", "不是表格：.csv 无法读取；请用 Excel 打开，另存为 .xlsx 再试") from None


def _decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or the Chinese code page of Windows; raises `FileRejected`."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    if "\0" in text:
        raise FileRejected("E_KIND", "不是表格，也不是文本：请另存为 .xlsx、.csv（UTF-8）或 .txt")
    return text
