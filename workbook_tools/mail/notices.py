"""整改通知 as mails: one a unit that has open issues, with the Word document that the bureau has completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.excel import read_file
from workbook_tools.mail.batch import Mail
from workbook_tools.mail.message import Attachment, Draft, clean, distinct, with_contact
from workbook_tools.review.issue_book import Listed
from workbook_tools.review.notice import TO_WRITE, Outdated, notice_path, outdated, words_of_notice

Why = Literal["unlisted", "missing", "unfinished", "outdated"]


class Held(NamedTuple):
    """A notice that does not go: no address of its unit, no document, places in it that are not filled in, or not the
    issues that are open now."""

    unit: str
    why: Why
    path: Path
    unlike: Outdated = Outdated((), ())


def compose_notices(
    by_unit: Mapping[str, Sequence[Listed]],
    folder: Path,
    addresses: Mapping[str, Sequence[str]],
    cc: Sequence[str] = (),
    contact: str = "",
) -> tuple[list[Mail], list[Held]]:
    """The mails, and the notices that do not go; `by_unit` and `addresses` are by names as half-width text.

    Raises `FileRejected` for a document that cannot be read, `BadMail` for a name that cannot be in a header.
    """
    mails: list[Mail] = []
    held: list[Held] = []
    for key, lines in by_unit.items():
        unit = lines[0].words["单位"]
        path = notice_path(folder, unit)
        data = read_file(path) if path.exists() else b""
        if not data:
            held.append(Held(unit, "missing", path))
        elif any(unlike := outdated(data, lines)):
            held.append(Held(unit, "outdated", path, unlike))
        elif TO_WRITE in (words := words_of_notice(data)):
            held.append(Held(unit, "unfinished", path))
        elif key not in addresses or not key:
            held.append(Held(unit, "unlisted", path))
        else:
            clean(unit, "单位名称")
            said = f"您好！\n绩效自评复核发现 {unit} 有 {len(lines)} 个问题需要整改或者核对，见附件里的整改通知。"
            draft = Draft(
                f"绩效自评复核整改通知：{unit}", with_contact(said, contact), (), [Attachment(path.name, data)]
            )
            name = path.stem
            whom = distinct(addresses[key])
            content = f"整改通知 {sha256(words.encode()).hexdigest()}"
            mails.append(Mail(name, name, whom, distinct(cc, but=whom), draft, content, [path]))
    return mails, held
