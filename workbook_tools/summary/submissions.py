"""Who on a list has sent its forms, who has not or not in time, and what cannot be known while a file is not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel import Book, read_file
from workbook_tools.excel.tables import column_of, read_lines, read_rows
from workbook_tools.summary.receipts import UNIT, Receipts
from workbook_tools.values import normalize

MISSING, LATE, TWICE, STRANGER, OPEN, FAULTY = "没有报送", "逾期", "重复报送", "不在名单上", "没有填完", "有错误"
UNREAD, UNNAMED, UNDATED = "可能已报送但无法读取", "可能已报送但单位对不上", "收到日期不能确定"
NEEDS_A_PERSON = (UNREAD, UNNAMED, UNDATED)  # nobody is accused or reminded of what may not be so
SHEETS = ("汇总", "指标", "统计", "重复", "催报", "没有读")  # of every 汇总表
NO_UNIT = "（没有写单位）"
Unread = Sequence[tuple[str, str]]  # files that were not read, each with why


class Standing(NamedTuple):
    """Why a unit has to be asked; `file` is the one form that is meant, "" where it is none or several."""

    单位: str
    情况: str
    说明: str
    file: str = ""

    @property
    def row(self) -> tuple[str, str, str]:
        """What stands in the columns 单位, 情况, 说明 of the sheet 催报: there the file comes first."""
        return self.单位, self.情况, f"{self.file}：{self.说明}" if self.file else self.说明


class Submissions(NamedTuple):
    """How the units stand; and the files that may be of any unit, while one seems to have sent nothing."""

    standings: list[Standing]
    ownerless: list[str]


def is_summary(path: Path) -> bool:
    """Whether a file is a 汇总表; not where it cannot be read."""
    try:
        return {info.name for info in Book(read_file(path)).sheets}.issuperset(SHEETS)
    except FileRejected:
        return False


def submissions(
    forms: Sequence[Mapping[str, Any]],
    expected: Sequence[str],
    deadline: date | None,
    *,
    receipts: Receipts | None = None,
    unread: Unread = (),
) -> Submissions:
    """Who on the list is missing, late, sent one project twice, left fields open or has errors; and who is not on it.

    A unit whose name stands on a file that was not read, or on a form of a unit that is not on the list, is not
    missing: a person has to look. Without a list only what came in is looked at.
    """
    receipts = receipts or Receipts()
    came: dict[str, list[Mapping[str, Any]]] = {}
    for form in forms:
        came.setdefault(normalize(form["单位"]), []).append(form)
    names = {normalize(unit): unit for unit in expected}
    strangers = [form for key, sent in came.items() if key not in names for form in sent]
    ownerless = [path for path, _ in unread if not _of_any(path, names)]
    ownerless += [form["文件"] for form in strangers if not form["单位"] and not _of_any(form["文件"], names)]
    absent = [key for key in names if key not in came]
    found = [_absent(names[key], strangers, receipts, unread, len(ownerless)) for key in absent]
    for key, sent in came.items():
        unit = sent[0]["单位"] or NO_UNIT
        if names and key not in names:
            found.append(Standing(unit, STRANGER, "、".join(sorted({form["文件"] for form in sent}))))
        found += _late(unit, sent, deadline, receipts)
        found += _twice(unit, sent)
        unfinished = [form for form in sent if form["未填"]]
        found += [Standing(unit, OPEN, f"{form['未填']} 处没有填", form["文件"]) for form in unfinished]
        faulty = [form for form in sent if form["错误"]]
        found += [Standing(unit, FAULTY, f"{form['错误']} 处错误", form["文件"]) for form in faulty]
    return Submissions(found, ownerless if any(one.情况 == MISSING for one in found) else [])


def _absent(
    unit: str, strangers: Sequence[Mapping[str, Any]], receipts: Receipts, unread: Unread, ownerless: int
) -> Standing:
    """How a unit stands that no form has come in from under its name."""
    files = [f"{path}：{why}" for path, why in unread if _names(path, unit)]
    if files:
        return Standing(unit, UNREAD, "；".join(files))
    for form in strangers:
        if _names(form["文件"], unit) or normalize(unit) in normalize(form["单位"]):
            return Standing(unit, UNNAMED, f"表上的单位是“{form['单位'] or NO_UNIT}”，请核对是不是", form["文件"])
    if day := receipts.of_unit(unit):
        return Standing(unit, UNREAD, f"收到日期清单上有 {day}，没有找到能读的表，请核对")
    more = f"；另有 {ownerless} 个文件不知道是谁的，可能在里面" if ownerless else ""
    return Standing(unit, MISSING, f"名单上有，没有收到表{more}")


def _of_any(path: str, units: Iterable[str]) -> bool:
    return any(_names(path, unit) for unit in units)


def _names(path: str, unit: str) -> bool:
    """Whether the name of a file, or of the folder that it lies in, has the name of a unit."""
    file = Path(path)
    return normalize(unit) in normalize(f"{file.parent.name}/{file.name}")


def _late(
    unit: str, sent: Sequence[Mapping[str, Any]], deadline: date | None, receipts: Receipts
) -> Iterator[Standing]:
    for form in sent if deadline else ():
        receipt = receipts.of(form)
        late = deadline and receipt.after(deadline)
        if late:
            yield Standing(unit, LATE, f"{receipt.words} 收到（按{receipt.basis}），截止 {deadline}", form["文件"])
        elif late is None:
            said = f"{receipt.words} 收到（{receipt.basis}），截止 {deadline}；请用 --receipts 写明收到日期"
            yield Standing(unit, UNDATED, said, form["文件"])


def _twice(unit: str, sent: Sequence[Mapping[str, Any]]) -> Iterator[Standing]:
    names = {normalize(form["项目"]): form["项目"] for form in sent}
    for key, count in Counter(normalize(form["项目"]) for form in sent).items():
        if count > 1 and key:
            yield Standing(unit, TWICE, f"“{names[key]}”报了 {count} 份")


def read_units(path: Path) -> list[str]:
    """The units of a list: a text file, one a line, or the column 单位 of a .csv or .xlsx; raises `FileRejected`."""
    if path.suffix.lower() == ".txt":
        units = read_lines(path)
    else:
        rows = read_rows(path)
        at = next((number for number, row in enumerate(rows) if column_of(row, UNIT)), None)
        if at is None:
            raise FileRejected("E_KIND", f"{path}：名单要有“单位”一列，或者是每行一个单位的 .txt")
        column = column_of(rows[at], UNIT) - 1
        units = [row[column] for row in rows[at + 1 :] if column < len(row)]
    named = list(dict.fromkeys(unit.strip() for unit in units if unit.strip()))
    if not named:
        raise FileRejected("E_KIND", f"{path}：名单里一个单位也没有")
    return named
