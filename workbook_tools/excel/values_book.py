"""A workbook of which only the values are read: an .xls, .et, .ods or .xlsb file, with the methods of a saved one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NoReturn

from workbook_tools.errors import FileRejected
from workbook_tools.excel import calamine_cells
from workbook_tools.excel.addresses import Cell, column_letters
from workbook_tools.excel.container import damaged
from workbook_tools.excel.facts import BookFacts, SheetFacts
from workbook_tools.excel.formats import GENERAL, as_formatted
from workbook_tools.excel.saved_book import SheetInfo
from workbook_tools.excel.saved_sheet import FIFTEEN
from workbook_tools.excel.scanning import MOST_MERGED_CELLS
from workbook_tools.values import UNCALCULATED, Value, format_value

SECONDS = 10
Kind = Literal[".xls", ".ods", ".xlsb"]
Stored = Decimal | str | bool | list[str] | None  # a list: a date, a moment or a time of day
_MICROSECONDS = Decimal(86_400_000_000)  # of a day
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a day number has no zone


class ValuesBook:
    """A workbook that cannot be written; raises `FileRejected` when its values cannot be read.

    Attributes:
        kind: what the file is, whatever its name ends with.
        facts: what was seen beside the values.
    """

    def __init__(self, data: bytes, kind: Kind, facts: BookFacts) -> None:
        self.kind = kind
        self.facts = facts
        rows = stored_values(data)
        if any(sheet.name not in rows for sheet in facts.sheets):
            raise damaged("工作表的目录不对")
        self._sheets = {sheet.name: ValuesSheet(sheet, rows[sheet.name], facts) for sheet in facts.sheets}

    @property
    def sheets(self) -> list[SheetInfo]:
        """The worksheets in the order of their tabs."""
        return [SheetInfo(sheet.name, "", sheet.hidden) for sheet in self.facts.sheets]

    @property
    def unseen(self) -> str:
        """What the file may hold and was not looked at, as a sentence."""
        lacking = ["公式没有重算"] if any(sheet.formulas for sheet in self.facts.sheets) else []
        others = ["定义的名称"] if self.facts.unread_names else []
        lacking.append(f"{'、'.join([*others, '批注', '图片', '字体'])}没有看")
        cure = "要全部核对，请在 Excel 或 WPS 里另存为 .xlsx 再查"
        return f"这是 {self.kind} 格式的文件，看的是各格保存的值，{'，'.join(lacking)}；{cure}"

    def sheet(self, info: SheetInfo) -> ValuesSheet:
        """The sheet with its words; raises `FileRejected` when it is too large for a form."""
        sheet = self._sheets[info.name]
        if sheet.facts.too_big:
            raise FileRejected("E_TOO_BIG", "这张工作表太大，不像自评表；请删去多余的行和列，或核对文件")
        return sheet

    def calculate(self) -> frozenset[str]:
        """The addresses of all formulas: none of them can be calculated here."""
        found = (sheet.address(cell) for sheet in self._sheets.values() for cell in sheet.facts.formulas)
        return frozenset(found)

    def as_saved(self) -> None:
        """Nothing: formulas show their saved results."""


class ValuesSheet:
    """One worksheet: words out, nothing in."""

    def __init__(self, facts: SheetFacts, rows: list[list[Stored]], book: BookFacts) -> None:
        self.name = facts.name
        self.facts = facts
        self.names: Mapping[str, Cell] = {
            name: cell for name, (sheet, cell) in book.names.items() if sheet == facts.name
        }
        self._epoch = _EPOCHS[book.from_1904]
        self._words: dict[Cell, str] = {}
        for row, line in enumerate(rows, 1):
            for column, value in enumerate(line, 1):
                if words := self._text((row, column), value):
                    self._words[row, column] = words
        if facts.numbers.keys() - self._words.keys():
            raise damaged(f"“{self.name}”里有的数只读到一次")
        for cell, words in facts.words.items():
            self._words[cell] = words
        for cell in facts.uncalculated:
            self._words[cell] = UNCALCULATED
        self._filled = sorted(self._words.keys() | facts.formulas)
        self.size = facts.size
        self._hidden_rows = _numbers(facts.hidden_rows, self.size[0])
        self._hidden_columns = _numbers(facts.hidden_columns, self.size[1])
        self._anchors = dict(self._merges())

    def filled(self) -> Iterator[Cell]:
        """The cells that hold anything, in reading order."""
        return iter(self._filled)

    def text(self, cell: Cell) -> str:
        """The words of a cell: its text, or its exact number as its format shows it (0.6 as 60%)."""
        return self._words.get(cell, "")

    def anchor(self, cell: Cell) -> Cell:
        """The cell that holds the words of a merged area, or the cell itself."""
        return self._anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        """Whether the cell holds a live formula."""
        return cell in self.facts.formulas

    def hidden(self, cell: Cell) -> bool:
        """Whether the cell stands in a hidden row or column."""
        return cell[0] in self._hidden_rows or cell[1] in self._hidden_columns

    def struck(self) -> dict[Cell, str]:
        """Nothing: fonts are not looked at, and that is told."""
        return {}

    def percent(self, cell: Cell) -> bool:  # noqa: ARG002
        """False: nothing is written, so that nobody has to know."""
        return False

    def write(self, cell: Cell, value: Value) -> NoReturn:
        """Raises `FileRejected`: such a file is converted before it is filled."""
        said = f"“{format_value(value)}”没有写进 {self.address(cell)}：这种格式只能读，请另存为 .xlsx 再填"
        raise FileRejected("E_KIND", said)

    def take_back(self, cell: Cell) -> None:
        """Nothing: nothing is ever written."""

    def address(self, cell: Cell) -> str:
        """The cell as people name it: 自评表!J17."""
        return f"{self.name}!{column_letters(cell[1])}{cell[0]}"

    def _text(self, cell: Cell, value: Stored) -> str:
        if isinstance(value, str) and cell not in self.facts.numbers:
            return value
        if isinstance(value, bool | None):
            return "" if value is None else str(value).upper()
        stored = self.facts.numbers.get(cell)
        number = _number(value, self._epoch) if stored is None else Decimal(repr(stored))
        if not number.is_finite() or (isinstance(value, Decimal) and value != number):
            raise damaged(f"{self.address(cell)} 的数无法读取")
        shown_as = self.facts.formats.get(cell, GENERAL)
        return as_formatted(FIFTEEN.plus(number), shown_as, from_1904=self._epoch == _EPOCHS[True])

    def _merges(self) -> Iterator[tuple[Cell, Cell]]:
        """Each cell of a merged area with the first of it."""
        area = 0
        for (top, left), (bottom, right) in self.facts.merged:
            rows, columns = range(top, min(bottom, self.size[0]) + 1), range(left, min(right, self.size[1]) + 1)
            area += len(rows) * len(columns)
            if area > MOST_MERGED_CELLS:
                raise FileRejected("E_MERGE", "工作表的合并单元格多得不正常，没有打开；请取消多余的合并单元格再试")
            covered = [(row, column) for row in rows for column in columns]
            # Excel empties all cells but the first; where others hold words, rows were moved under the merge.
            if not any(cell in self._words for cell in covered[1:]):
                yield from ((cell, (top, left)) for cell in covered)


def _numbers(runs: list[tuple[int, int]], most: int) -> set[int]:
    """The numbers of the rows or columns in runs of them, up to the last that holds anything."""
    return {number for first, last in runs for number in range(first, min(last, most) + 1)}


def _number(value: Decimal | str | list[str], epoch: datetime) -> Decimal:
    return _day_number(value[0], epoch) if isinstance(value, list) else Decimal(value)


def _day_number(words: str, epoch: datetime) -> Decimal:
    """The number that stands in the cell of a date, of a time of day or of a duration, as [h]:mm shows one."""
    if "days" in words:
        days, since = words.split(" days ")
        return Decimal(days) + Decimal(since) / _MICROSECONDS
    moment = datetime.fromisoformat(words) if "-" in words else datetime.combine(epoch, time.fromisoformat(words))
    return Decimal((moment - epoch) // timedelta(microseconds=1)) / _MICROSECONDS


def stored_values(data: bytes) -> dict[str, list[list[Stored]]]:
    """The rows of every worksheet by its name; raises `FileRejected` where they cannot be read within the limits."""
    answer = json.loads(_answer(data), parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
    if answer == calamine_cells.LOCKED:
        raise FileRejected("E_ENCRYPTED", "文件设有打开密码，请先在 Excel 中取消密码（文件→信息→保护工作簿）再试")
    if answer == calamine_cells.UNREADABLE:
        raise damaged("内容无法读取")
    found: dict[str, list[list[Stored]]] = answer
    return found


def _answer(data: bytes) -> str | bytes:
    """What the reader says, from a process of its own; in this one where there is no Python to start."""
    library = find_spec("python_calamine")
    if getattr(sys, "frozen", False) or not sys.executable or library is None or library.origin is None:
        return calamine_cells.cells(data)
    command = [sys.executable, "-I", "-S", calamine_cells.__file__, str(Path(library.origin).parents[1])]
    window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        run = subprocess.run(
            command, input=data, capture_output=True, check=False, timeout=SECONDS, creationflags=window
        )
    except subprocess.TimeoutExpired:
        raise FileRejected(
            "E_TOO_BIG", f"文件 {SECONDS} 秒还没有读完，不像自评表；请用 Excel 打开，另存为 .xlsx 再试"
        ) from None
    if run.returncode:
        raise damaged("内容无法读取")
    return run.stdout
