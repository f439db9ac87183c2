"""催报: which units have not sent their forms, sent them late, left them open, or sent errors; one reminder each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workbook_tools.assess import assess_file
from workbook_tools.batch import run
from workbook_tools.mail.inspection import content_of
from workbook_tools.mail.message import Attachment, Draft, clean, with_contact
from workbook_tools.reports.marked_copy import marked_copy
from workbook_tools.summary.receipts import Receipts
from workbook_tools.summary.rows import FormRow, collect
from workbook_tools.summary.submissions import (
    FAULTY,
    LATE,
    MISSING,
    NEEDS_A_PERSON,
    OPEN,
    UNLISTED,
    UNMENDED,
    Submission,
    Unread,
    is_summary,
    submissions,
)
from workbook_tools.values import normalize

ASKED_FOR = (MISSING, LATE, OPEN, FAULTY)
_WANTED = {
    MISSING: "请尽快报送",
    LATE: "已经收到；请以后按时报送。收到日期不对的，请回复说明",
    OPEN: "请填完以后重新报送",
    FAULTY: "请按附件里的标注改正以后重新报送",
    UNMENDED: "请按整改通知逐条整改以后重新报送，编号如下",
}


class Reminder(NamedTuple):
    """The reminder for one unit; `content` is the same as long as nothing has changed, `files` go along as copies."""

    unit: str
    submissions: Sequence[Submission]
    addresses: Sequence[str]
    draft: Draft
    content: str
    files: Sequence[Path] = ()


class Copy(NamedTuple):
    """A marked copy of a workbook, and what its original is known by."""

    attachment: Attachment
    content: str


class Chased(NamedTuple):
    """Whom to remind, the workbooks that could not be read and why, what a person has to look at, forms of others.

    `ownerless` are the files that may be of any unit, while one seems to have sent nothing.
    """

    reminders: Sequence[Reminder]
    refused: Unread
    uncertain: Sequence[Submission]
    unlisted: Sequence[Submission]
    ownerless: Sequence[str]
    basis: str  # by what forms came in when they did


def reminders(
    files: Sequence[Path],
    addresses: Mapping[str, Sequence[str]],
    deadline: date | None,
    scheme: str | None = None,
    *,
    jobs: int | None = None,
    receipts: Receipts | None = None,
    passed_over: Unread = (),
    contact: str = "",
    to_mend: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Chased:
    """A reminder for every unit of the list that needs one.

    `addresses` is by the names of units as half-width text; `passed_over` are files that are no workbooks and may hold
    a form all the same; `to_mend` are the open issues of a review by unit. Raises `BadMail` for a name that cannot be
    in a header. `jobs` says on how many worker processes the files are read.
    """
    forms: list[FormRow] = []
    refused: list[tuple[str, str]] = []
    for listed, _, faults in collect(files, scheme, jobs=jobs):
        forms += listed
        refused += faults
    found: dict[str, list[Submission]] = {}
    refused = [(path, why) for path, why in refused if not is_summary(Path(path))]
    receipts = receipts or Receipts()
    unread = [*refused, *passed_over]
    known, ownerless = submissions(forms, list(addresses), deadline, receipts=receipts, unread=unread)
    for one in known:
        if one.status in ASKED_FOR and normalize(one.unit) in addresses:
            found.setdefault(normalize(one.unit), []).append(one)
    for unit, open_issues in to_mend.items():
        if unit in addresses:
            found.setdefault(unit, []).append(Submission(unit, UNMENDED, f"{len(open_issues)} 个"))
    faulty = {unit: list[Path]() for unit in found}
    for form in forms:
        if form.errors and normalize(form.unit) in faulty:
            faulty[normalize(form.unit)].append(Path(form.file))
    copies: dict[Path, Copy] = {}
    marked = dict.fromkeys(path for own in faulty.values() for path in own)
    for path, copy, why in run(marked, partial(_copy, scheme), jobs=jobs):
        copies |= {path: copy} if copy else {}
        refused += [(str(path), f"{why}；没有写给它的单位的提醒")] if why else []
    made = []
    for unit, asked in found.items():
        own = list(dict.fromkeys(faulty[unit]))
        if copies.keys() >= set(own):
            of_unit = {path: copies[path] for path in own}
            made.append(_reminder(unit, asked, addresses[unit], deadline, of_unit, contact, to_mend.get(unit, ())))
    uncertain = [one for one in known if one.status in NEEDS_A_PERSON]
    return Chased(
        made, refused, uncertain, [one for one in known if one.status == UNLISTED], ownerless, receipts.told(forms)
    )


def _copy(scheme: str | None, path: Path) -> Copy:
    """The copy of a faulty workbook in which its findings are marked."""
    marked = marked_copy(assess_file(path, scheme))
    return Copy(Attachment(f"{path.stem}_校验结果.xlsx", marked), content_of(path))


def _reminder(
    unit: str,
    asked: Sequence[Submission],
    addresses: Sequence[str],
    deadline: date | None,
    faulty: Mapping[Path, Copy],
    contact: str,
    to_mend: Sequence[str],
) -> Reminder:
    clean(unit, "单位名称")
    due = f"报送截止日期是 {deadline.year}年{deadline.month}月{deadline.day}日" if deadline else ""
    lines = ["您好！", f"{unit}的绩效自评表{'，' if due else ''}{due}："]
    lines += [_line(one) for one in asked]
    lines += to_mend
    copies = [one.attachment for one in faulty.values()]
    if copies:
        lines.append("附件是标注了问题的副本，最前面的“校验结果”列出每一处；请改您自己的原件，不要改副本。")
    subject = f"绩效自评表{'、'.join(dict.fromkeys(one.status for one in asked))}：{unit}"
    forms = sorted(one.content for one in faulty.values())
    said = "\n".join([unit, f"{deadline}", *sorted(map(_line, asked)), *to_mend, *forms])
    draft = Draft(subject, with_contact("\n".join(lines), contact), (), copies)
    return Reminder(unit, asked, addresses, draft, f"催报 {sha256(said.encode()).hexdigest()}", list(faulty))


def _line(one: Submission) -> str:
    """What is the matter, without the folder that the receiver has not."""
    said = f"{Path(one.file).name}：{one.detail}" if one.file else one.detail
    return f"{one.status}：{said}。{_WANTED[one.status]}。"
