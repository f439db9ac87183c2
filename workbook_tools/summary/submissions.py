"""Which units of a list have submitted, which have not or late, and which are undetermined because of unread files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.tables import column_of, read_lines, read_rows
from workbook_tools.schemes.loading import all_schemes
from workbook_tools.summary.receipts import UNIT, Receipts
from workbook_tools.summary.rows import FormRow
from workbook_tools.values import normalize, plain

Status = Literal[
    "没有报送",
    "逾期",
    "重复报送",
    "不在名单上",
    "没有填完",
    "有错误",
    "可能已报送但无法读取",
    "可能已报送但单位不一致",
    "收到日期不能确定",
    "复核问题没有整改",
]
STATUSES: tuple[Status, ...] = get_args(Status)
MISSING, LATE, DUPLICATE, UNLISTED, OPEN, FAULTY, UNREAD, UNNAMED, UNDATED, UNMENDED = STATUSES
NEEDS_A_PERSON = (UNREAD, UNNAMED, UNDATED)  # undetermined: not counted as missing, not reminded
COLUMNS = ("单位", "情况", "说明")  # of a submission, in the sheet 催报
SHEETS = ("汇总", "指标", "统计", "重复", "催报", "没有读")  # of every 汇总表
NO_UNIT = "（没有写单位）"
Unread = Sequence[tuple[str, str]]  # files that were not read, each with why


class Submission(NamedTuple):
    """Why a unit has to be asked.

    Attributes:
        unit: the unit.
        status: what is the matter.
        detail: the sentence that the unit is told too.
        file: the one form that is meant, "" where it is none or several.
        proposal: what the reviewer may do about it, which the unit is not told.
    """

    unit: str
    status: Status
    detail: str
    file: str = ""
    proposal: str = ""

    @property
    def row(self) -> tuple[str, str, str]:
        """What stands in the `COLUMNS` of the sheet 催报: there the file comes first."""
        detail = f"{self.file}：{self.detail}" if self.file else self.detail
        return self.unit, self.status, "；".join(filter(None, (detail, self.proposal)))


class Submissions(NamedTuple):
    """What units have to be asked; and the files that may be of any unit, while one seems to have sent nothing."""

    units: list[Submission]
    ownerless: list[str]


def is_summary(path: Path) -> bool:
    """Whether a file is a 汇总表; not where it cannot be read."""
    try:
        return {info.name for info in read_book(read_file(path)).sheets}.issuperset(SHEETS)
    except FileRejected:
        return False


def submissions(
    forms: Sequence[FormRow],
    expected: Sequence[str],
    deadline: date | None,
    *,
    receipts: Receipts | None = None,
    unread: Unread = (),
) -> Submissions:
    """Who on the list is missing, late, sent one project twice, left fields open or has errors; and who is not on it.

    A unit whose name stands on a file that was not read, or on a form of a unit that is not on the list, is not
    missing: a person has to check. Without a list only the received forms are considered.
    """
    receipts = receipts or Receipts()
    came: dict[str, list[FormRow]] = {}
    for form in forms:
        came.setdefault(normalize(form.unit), []).append(form)
    names = {normalize(unit): unit for unit in expected}
    unlisted = [form for key, sent in came.items() if key not in names for form in sent]
    ownerless = [path for path, _ in unread if not _of_any(path, names)]
    ownerless += [form.file for form in unlisted if not form.unit and not _of_any(form.file, names)]
    absent = [key for key in names if key not in came]
    found = [_absent(names[key], unlisted, forms, receipts, unread, len(ownerless)) for key in absent]
    for key, sent in came.items():
        unit = sent[0].unit or NO_UNIT
        if names and key not in names:
            found.append(Submission(unit, UNLISTED, "、".join(sorted({form.file for form in sent}))))
        found += _late(unit, sent, deadline, receipts)
        found += _duplicate(unit, sent)
        unfinished = [form for form in sent if form.unfilled]
        found += [Submission(unit, OPEN, f"{form.unfilled} 处没有填", form.file) for form in unfinished]
        faulty = [form for form in sent if form.errors]
        found += [Submission(unit, FAULTY, f"{form.errors} 处错误", form.file) for form in faulty]
    return Submissions(found, ownerless if any(one.status == MISSING for one in found) else [])


def _absent(
    unit: str,
    unlisted: Sequence[FormRow],
    forms: Sequence[FormRow],
    receipts: Receipts,
    unread: Unread,
    ownerless: int,
) -> Submission:
    """The status of a unit without a form under its name; its file may hold the form of another unit of the list."""
    files = [f"{path}：{why}" for path, why in unread if _names(path, unit)]
    if files:
        return Submission(unit, UNREAD, "；".join(files))
    for form in unlisted:
        if _names(form.file, unit) or normalize(unit) in normalize(form.unit):
            return Submission(unit, UNNAMED, f"表上的单位是“{form.unit or NO_UNIT}”，请核对是不是", form.file)
    for form in forms:
        name = Path(form.file).name  # in the folder of a unit may lie the forms of those below it
        if _names(name, unit) and not _names(name, form.unit):
            return Submission(unit, UNNAMED, f"表上的单位是“{form.unit}”，请核对有没有报错表", form.file)
    if day := receipts.of_unit(unit):
        return Submission(unit, UNREAD, f"收到日期清单上有 {day}，没有找到能读的表，请核对")
    more = f"；另有 {ownerless} 个文件不知道是谁的，可能在里面" if ownerless else ""
    return Submission(unit, MISSING, f"名单上有，没有收到表{more}")


def _of_any(path: str, units: Iterable[str]) -> bool:
    return any(_names(path, unit) for unit in units)


def _names(path: str, unit: str) -> bool:
    """Whether the name of a file, or of the folder that it lies in, has the name of a unit."""
    file = Path(path)
    return normalize(unit) in normalize(f"{file.parent.name}/{file.name}")


def _late(unit: str, sent: Sequence[FormRow], deadline: date | None, receipts: Receipts) -> Iterator[Submission]:
    for form in sent if deadline else ():
        receipt = receipts.of(form)
        late = deadline and receipt.after(deadline)
        if late:
            said = f"{receipt.words} 收到（按{receipt.basis}），截止 {deadline}"
            yield Submission(unit, LATE, said, form.file, _proposed(form.scheme))
        elif late is None:
            said = f"{receipt.words} 收到（{receipt.basis}），截止 {deadline}；请用 --receipts 写明收到日期"
            yield Submission(unit, UNDATED, said, form.file)


def _proposed(title: str) -> str:
    """What the scheme of that title lets the reviewer take away for a late form; "" where it says nothing of it."""
    proposals = [one for scheme in all_schemes() if scheme.title == title for one in scheme.review.proposals]
    said = (f"“{one.row}”可以扣 {plain(-one.points)} 分（{one.quote}）" for one in proposals if "late" in one.grounds)
    return "；".join(f"{one}，扣不扣由审核人决定" for one in said)


def _duplicate(unit: str, sent: Sequence[FormRow]) -> Iterator[Submission]:
    names = {normalize(form.project): form.project for form in sent}
    for key, count in Counter(normalize(form.project) for form in sent).items():
        if count > 1 and key:
            yield Submission(unit, DUPLICATE, f"“{names[key]}”报了 {count} 份")


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
