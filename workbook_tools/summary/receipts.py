"""When a form came in: as a list of receipts says, else by the time of its file, as far as a file can tell.

Filling a form in place gives its file another time. The file as it came in is then a backup and keeps its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.errors import FileRejected, WorkbookToolsError
from workbook_tools.excel import as_it_came, backed_up_name, backups
from workbook_tools.excel.remote import is_elsewhere, to_path
from workbook_tools.excel.tables import column_of, read_rows
from workbook_tools.text import regex
from workbook_tools.values import normalize

if TYPE_CHECKING:
    from workbook_tools.summary.rows import FormRow

UNIT = ("单位", "单位名称", "名称")  # headings of the columns of a list
_COLUMNS = {"file": ("文件", "文件名"), "unit": UNIT, "project": ("项目", "项目名称")}
_DAY = ("收到日期", "收到时间", "收表日期", "接收日期", "签收日期", "日期")
_DATE = regex(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT].*)?")
BY_LIST, BY_FILE, BY_BACKUP = "收到日期清单", "文件时间", "填写前备份的文件时间"
CHANGED = "填写以后文件又改过或换过，备份和现在的文件时间不一样"
GONE = "文件不在了"
DIFFERENT = "收到日期清单上写了几个日期"


class Receipt(NamedTuple):
    """The day on which a form came in, or the days between which it did; None when its file is gone.

    `basis` says in words what the day is taken from.
    """

    first: date | None
    last: date | None
    basis: str

    @property
    def words(self) -> str:
        """The day, or the days between which it lies."""
        if self.first == self.last:
            return f"{self.first or ''}"
        return f"{self.first} 至 {self.last} 之间"

    def after(self, deadline: date) -> bool | None:
        """Whether the form came in after a day; None when that cannot be known."""
        if self.first is None or self.last is None or (self.first <= deadline < self.last):
            return None
        return self.first > deadline


class Entry(NamedTuple):
    """One row of a list of receipts; "" for what the list does not say."""

    file: str
    unit: str
    project: str
    day: date

    def covers(self, form: FormRow) -> bool:
        """Whether the row is about a form."""
        path = Path(form.file)
        return (
            self.file in ("", path.name, path.stem, str(path))
            and self.unit in ("", normalize(form.unit))
            and self.project in ("", normalize(form.project))
        )


class Receipts:
    """The list of receipts of a bureau, which may be empty, and the times of files for what is not on it."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self._entries = entries
        self._known: dict[str, Receipt] = {}
        self._backups: dict[Path, dict[str, list[Path]]] = {}  # folder → what is kept in it

    def of(self, form: FormRow) -> Receipt:
        """When a form came in."""
        days = [one.day for one in self._entries if one.covers(form)]
        if days:
            return Receipt(min(days), max(days), BY_LIST if min(days) == max(days) else DIFFERENT)
        path = form.file
        if path not in self._known:
            self._known[path] = _elsewhere(path) if is_elsewhere(path) else self._by_file(Path(path).resolve())
        return self._known[path]

    def _by_file(self, path: Path) -> Receipt:
        try:
            if path.parent not in self._backups:
                self._backups[path.parent] = backups(path.parent)
            kept = self._backups[path.parent].get(backed_up_name(path), [])
            came = as_it_came(path) if kept else path
            last = _day(came)
            first = min([last, *map(_day, kept)])
        except OSError:
            return Receipt(None, None, GONE)
        if first < last:
            return Receipt(first, last, CHANGED)
        return Receipt(last, last, BY_FILE if came == path else BY_BACKUP)

    def told(self, forms: Iterable[FormRow]) -> str:
        """What the days of receipt are taken from, and of how many forms; "" without forms."""
        counted = Counter(self.of(form).basis for form in forms)
        said = "；".join(f"{basis}（{count} 张）" for basis, count in counted.items())
        return said and f"收到日期按：{said}"

    def of_unit(self, unit: str) -> date | None:
        """The first day on which anything of a unit came in by the list; None when it has nothing."""
        return min((one.day for one in self._entries if one.unit == normalize(unit)), default=None)


def _elsewhere(address: str) -> Receipt:
    """When a file elsewhere was put there, as far as its store tells."""
    try:
        time = to_path(address).stat().st_mtime
    except (OSError, WorkbookToolsError):
        time = 0
    day = datetime.fromtimestamp(time).astimezone().date() if time else None
    return Receipt(day, day, BY_FILE if day else GONE)


def _day(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone().date()


def read_receipts(path: Path) -> Receipts:
    """The list in a .csv or .xlsx: 文件 or 单位 (and 项目), 收到日期; raises `FileRejected`."""
    rows = read_rows(path)
    at = next((number for number, row in enumerate(rows) if column_of(row, _DAY) and _named(row)), None)
    if at is None:
        raise FileRejected("E_KIND", f"{path}：收到日期清单要有“文件”或“单位”一列，和“收到日期”一列")
    columns, day = _named(rows[at]), column_of(rows[at], _DAY)
    entries = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        words = {name: _cell(row, column) for name, column in columns.items()}
        said = _cell(row, day)
        if not any(words.values()):
            continue
        if not said:
            continue  # nothing has come in yet
        found = _DATE.fullmatch(said)
        try:
            when = date(*map(int, found.groups())) if found else None
        except ValueError:
            when = None
        if when is None:
            raise FileRejected("E_KIND", f"{path} 第 {number} 行：收到日期“{said}”要写成 2026-02-28 这样")
        unit, project = normalize(words.get("unit", "")), normalize(words.get("project", ""))
        entries.append(Entry(words.get("file", ""), unit, project, when))
    return Receipts(entries)


def _named(row: Sequence[str]) -> dict[str, int]:
    """The columns that say which form a row is about; none where neither a file nor a unit is said."""
    found = {name: column for name, words in _COLUMNS.items() if (column := column_of(row, words))}
    return found if found.keys() & {"file", "unit"} else {}


def _cell(row: Sequence[str], column: int) -> str:
    return row[column - 1].strip() if column <= len(row) else ""
