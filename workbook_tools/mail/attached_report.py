"""The report that goes with a form: taken or made, held against the form, and looked through before it is mailed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Assessment, add_report
from workbook_tools.checks import ERROR, HINT, Finding
from workbook_tools.checks.book import COMMENTS, PERSONAL
from workbook_tools.claims.report_file import read_report
from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_file
from workbook_tools.findings import LocatedFinding, Waiver
from workbook_tools.mail.message import Attachment
from workbook_tools.reports.sentences import still_yellow


class Attached(NamedTuple):
    """A report as an attachment, what was found in it, and a digest of what it says."""

    attachment: Attachment
    places: Sequence[LocatedFinding]
    content: str


def report_path(form: Path) -> Path:
    """Where the report of a form lies, unless somebody says otherwise."""
    return form.with_name(f"{form.stem}_自评报告.docx")


def attached_report(
    forms: Sequence[Assessment], path: Path, *, waivers: Sequence[Waiver] = (), as_is: bool = False
) -> Attached:
    """The report at `path`, where there is none a new one from the form; what it says wrong stops the mail.

    With `as_is` that is only told. Nothing is written. Raises `FileRejected`, `BadTemplate` or `NotInstalled`.
    """
    if len(forms) > 1:
        raise FileRejected("E_KIND", f"工作簿里有 {len(forms)} 张自评表，不知道报告说的是哪一张；请一张一张地发")
    data = read_file(path) if path.exists() else _made(forms[0], path)
    report = read_report(path, data)
    checked, _ = add_report(forms[0], report, waivers)
    refuted = checked.found[len(forms[0].found) :]
    level = HINT if as_is else ERROR
    places = [one._replace(finding=one.finding._replace(level=level)) for one in refuted if one.waived is None]
    places += [LocatedFinding(finding, "", path.name) for finding in _left_in(data)]
    if yellow := still_yellow(report):
        places.append(LocatedFinding(Finding(COMMENTS, "", f"报告里{yellow}", HINT), "", path.name))
    cells = (words for table in report.tables for row in table.rows for words in row)
    said = "\0".join((*report.paragraphs.values(), *cells)).encode("utf-8", "surrogatepass")
    return Attached(Attachment(path.name, data), places, hashlib.sha256(said).hexdigest())


def _made(form: Assessment, path: Path) -> bytes:
    from workbook_tools.reports.word.report import made_report

    return made_report(form, path).data


def _left_in(data: bytes) -> Iterator[Finding]:
    """What a document brings along besides its words: changes nobody has accepted, comments, hidden words, names."""
    from workbook_tools.word.package import left_in

    left = left_in(data)
    for count, what in (
        (left.changes, "处修订没有接受或拒绝，会一起发出去；请在 审阅 里接受或拒绝"),
        (left.comments, "条批注，会一起发出去；不要的请在 审阅 里删除"),
        (left.hidden, "处隐藏的文字，会一起发出去；不要的请删除"),
    ):
        if count:
            yield Finding(COMMENTS, "", f"报告里有 {count} {what}", HINT)
    for label, name in left.people:
        said = f"文件属性的{label}是“{name}”，会一起发出去；不要的请用 文件 → 信息 → 检查文档 删除"
        yield Finding(PERSONAL, "", said, HINT)
