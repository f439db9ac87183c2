"""The commands `workbook_tools send` and `chase`: completed forms by mail, and reminders.

Exit codes: 0 all went out, 1 something needs a person, 2 usage, 3 nothing could be read or sent.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from workbook_tools.commands.files import NONE_FOUND, is_one_of, lines_of, passed_over
from workbook_tools.commands.outbox import go, mail, open_outbox, outbox, outbox_if_any, settings_of
from workbook_tools.excel import Refused, save, saved_where
from workbook_tools.forms.layout import BadLayout, NotThisForm
from workbook_tools.schemes.loading import BadScheme
from workbook_tools.terminal import Progress, columns

if TYPE_CHECKING:
    from workbook_tools.mail.compose import Outgoing
    from workbook_tools.mail.message import Draft
    from workbook_tools.mail.outbox import Delivery, Outbox
    from workbook_tools.mail.reminders import Reminder
    from workbook_tools.mail.settings import Settings

DONE, FOUND, USAGE, UNREADABLE = range(4)
Workbooks = Callable[[Path], list[Path]]


def run(options: argparse.Namespace, workbooks: Workbooks) -> int:
    """One of the commands; every refusal is one sentence."""
    import sqlite3

    from workbook_tools.findings import BadWaiver
    from workbook_tools.mail.message import BadMail
    from workbook_tools.mail.outbox import unusable
    from workbook_tools.mail.server import Lost
    from workbook_tools.mail.settings import outbox_path

    try:
        if options.command == "send":
            return _send(options, workbooks)
        if options.command == "chase":
            return _chase(options, workbooks)
        if options.command == "outbox":
            return outbox(options)
        return mail(options)
    except (BadMail, BadWaiver) as fault:
        print(fault)
        return USAGE
    except (Lost, Refused) as fault:
        print(fault)
        return UNREADABLE
    except sqlite3.Error as fault:
        print(unusable(outbox_path(), fault))
        return UNREADABLE


def _send(options: argparse.Namespace, workbooks: Workbooks) -> int:
    from workbook_tools.mail.compose import read_addresses
    from workbook_tools.mail.message import address

    sends = not (options.draft or options.dry_run)
    settings = settings_of(options) if sends else _settings_if_any(options)
    to = [address(one) for one in options.to or (settings.to if settings else ())]
    if not (to or options.to_list or options.draft):
        print("要写收件人：--to 邮箱，或 --to-list 通讯录.xlsx，或者在邮件设置里写 to")
        return USAGE
    cc = [address(one, "抄送") for one in options.cc]
    listed = read_addresses(Path(options.to_list)) if options.to_list else None
    lists = [Path(one) for one in (options.to_list, options.waive) if one]
    found = dict.fromkeys(file for given in options.files for file in workbooks(Path(given)))
    files = [file for file in found if not is_one_of(file, lists)]
    for line in lines_of(passed_over(options.files, lists)):
        print(line)
    if not files:
        print(NONE_FOUND)
        return UNREADABLE
    post = _Post(options, settings if sends else None, cc)
    progress = Progress(len(files), sys.stderr)
    code = DONE
    for number, path in enumerate(files, 1):
        progress.show(number, path.name)
        form = _one(options, path, settings)
        whom = to if listed is None else _addresses_of(form, listed)
        if form is None:
            code = UNREADABLE
        elif whom is None or form.errors:
            code = max(code, FOUND)
            _stopped(form)
        else:
            _looked_at(form)
            _pdf_lacks(form)
            post.take(path, whom, form.draft, form.content)
    progress.done()
    if options.dry_run:
        print(f"试看：{post.taken} 封可以发，{len(files) - post.taken} 个不能发；没有发送")
    return max(code, post.done())


class _Post:
    """Where mails go: into the outbox, into a folder of drafts, or, in a dry run, nowhere."""

    def __init__(self, options: argparse.Namespace, settings: Settings | None, cc: Sequence[str]) -> None:
        self.taken = 0
        self._unknown = False  # whether anyone may have a mail already
        self._ready: list[tuple[Path, Sequence[str], Draft, str]] = []  # to be queued when all are
        self._drafts: set[str] = set()  # names of those that are written
        self._options, self._settings, self._cc = options, settings, cc
        self._outbox = open_outbox() if settings else outbox_if_any() if options.dry_run else None

    def take(self, path: Path, whom: Sequence[str], draft: Draft, content: str) -> None:
        """One mail."""
        from workbook_tools.mail.message import distinct, message

        self.taken += 1
        whom = distinct(whom)
        cc = distinct(self._cc, but=whom)
        if self._options.draft and not self._options.dry_run:
            _write_draft(self._options, self._draft_name(path), message(draft, whom, cc=cc))
            return
        if self._settings is None:
            message(draft, whom, cc=cc)  # a dry run refuses what a real one would
            size = sum(len(one.data) for one in draft.attachments) / 1024
            print(f"{path} → {'、'.join((*whom, *cc))}\n  {draft.subject}（附件 {size:.0f} KB）")
            for one in () if self._options.again else _had(self._outbox, (*whom, *cc), content):
                print(f"  {one.address} {_have(one.state)}（{one.changed}），不会再发")
            return
        self._ready.append((path, whom, draft, content))

    def _draft_name(self, path: Path) -> str:
        """The name of a draft, another one for each form of this run."""
        from workbook_tools.mail.message import file_name

        stem = path.stem if path.suffix.lower() in (".xlsx", ".xlsm") else path.name
        names = (file_name(f"{'' if number == 1 else f'{number}_'}{stem}.eml") for number in count(1))
        found = next(name for name in names if name.lower() not in self._drafts)
        self._drafts.add(found.lower())
        return found

    def done(self) -> int:
        """Queues all or, where one cannot be mailed, none; and sends what is queued."""
        if self._settings is None or self._outbox is None:
            return DONE
        with self._outbox.transaction():
            queued = {self._queue(self._outbox, self._settings, *one) for one in self._ready}
        waiting = self._outbox.all("queued")
        code = go(self._outbox, self._settings, {one.id for one in waiting if one.message in queued})
        older = sum(one.message not in queued for one in waiting)
        if older:
            print(f"发件箱里还有 {older} 封以前没有发出的，这次没有动：workbook_tools outbox 看一看，", end="")
            print("outbox retry 接着发，outbox drop 编号 不要了")
        return max(code, FOUND if self._unknown else DONE)

    def _queue(
        self, outbox: Outbox, settings: Settings, path: Path, whom: Sequence[str], draft: Draft, content: str
    ) -> int | None:
        """Queues one mail for those who do not have it; gives its number, None where all have it."""
        from workbook_tools.mail.message import message

        sender = (settings.name, settings.user)

        def make(recipients: Sequence[str]) -> bytes:
            first = [one for one in whom if one in recipients] or list(recipients)
            copied = [one for one in self._cc if one in recipients and one not in first]
            return message(draft, first, cc=copied, sender=sender)

        everyone = (*whom, *self._cc)
        queued = outbox.queue(make, draft.subject, str(path), sender[1], everyone, content, again=self._options.again)
        for one in queued.before:
            self._unknown = self._unknown or one.state != "sent"
            print(f"{path}：{one.address} {_have(one.state)}（{one.changed}），没有再发；要再发请加 --again")
        return queued.message


def _one(options: argparse.Namespace, path: Path, settings: Settings | None) -> Outgoing | None:
    """A file as a mail, None where it cannot be one; that is said."""
    from workbook_tools.excel.libreoffice import NoOffice
    from workbook_tools.findings import BadWaiver, read_waivers
    from workbook_tools.mail.compose import outgoing
    from workbook_tools.mail.message import BadMail

    waivers = read_waivers(Path(options.waive)) if options.waive else ()
    try:
        subject, contact = options.subject or (settings.subject if settings else ""), _contact(options, settings)
        how = {"scheme": options.scheme, "waivers": waivers, "subject": subject, "contact": contact}
        return outgoing(path, pdf=options.pdf, **how)
    except (BadMail, BadWaiver) as fault:
        raise BadMail(f"{path}：{fault}") from None
    except (Refused, NotThisForm, BadScheme, BadLayout) as fault:
        print(f"{path}：{fault}；没有发送")
    except NoOffice as fault:
        print(f"{path}：生成不了 PDF（{fault}）；没有发送，去掉 --pdf 可以只发工作簿")
    return None


def _contact(options: argparse.Namespace, settings: Settings | None) -> str:
    return str(options.contact or (settings.contact if settings else ""))


def _addresses_of(form: Outgoing | None, listed: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    from workbook_tools.values import normalize

    if form is None:
        return None
    found = listed.get(normalize(form.unit))
    if not found:
        print(f"{form.path}：通讯录里没有“{form.unit or '（没有写单位）'}”；没有发送")
    return found


def _stopped(form: Outgoing) -> None:
    if form.errors:
        print(f"{form.path}：有 {form.errors} 处错误，没有发送；改好再发，或者放行（--waive，写明理由和姓名）")
        _list(form, "错误")


def _looked_at(form: Outgoing) -> None:
    if form.unchecked:
        print(f"{form.path}：没有查出错误，但有 {form.unchecked} 处未核对（不影响发送）")
        _list(form, "未核对")
    if any(place.level == "提示" for place in form.places):
        print(f"{form.path}：请看一看（不影响发送）")
        _list(form, "提示")


def _pdf_lacks(form: Outgoing) -> None:
    if form.unprinted:
        print(f"{form.path}：PDF 里只有自评表，没有工作表{'、'.join(f'“{name}”' for name in form.unprinted)}")


def _list(form: Outgoing, level: str) -> None:
    for place in form.places:
        if place.level == level:
            cell = place.address.rpartition("!")[2] if place.label else place.address
            where = f"{cell} {place.label}".rstrip() + "：" if cell else ""
            print(f"  {place.level} {place.finding.code}  {where}{place.finding.message}")


def _write_draft(options: argparse.Namespace, name: str, mail: bytes) -> None:
    """Writes a mail as a file that mail programs open for sending."""
    folder = Path(options.draft)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Refused("E_SYSTEM", f"建不了文件夹 {folder}，请检查路径和权限") from None
    draft = folder / name
    backup = save(draft, mail, seen=None)
    print(f"已写到 {draft}：双击用邮件程序打开，核对以后发出{saved_where(backup)}")
    if options.open:
        _open(draft)


def _open(path: Path) -> None:
    """Opens a file with the program that the system has for it."""
    import os
    import subprocess

    try:
        if sys.platform == "win32":
            os.startfile(path)
        else:
            opener = "open" if sys.platform == "darwin" else "xdg-open"
            subprocess.run([opener, str(path)], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        print("  没有能打开草稿的邮件程序，请自己打开")


def _had(box: Outbox | None, addresses: Iterable[str], content: str) -> list[Delivery]:
    """What has gone, or may have gone, to those who are to get a content."""
    from workbook_tools.mail.outbox import HAD

    found = [box.last(one, content) for one in addresses] if box else []
    return [one for one in found if one and one.state in HAD]


def _have(state: str) -> str:
    return "已经发过" if state == "sent" else "可能已经发出，请先用 outbox resolve 了结"


def _chase(options: argparse.Namespace, workbooks: Workbooks) -> int:
    from workbook_tools.mail.compose import read_addresses
    from workbook_tools.mail.message import address
    from workbook_tools.mail.reminders import reminders
    from workbook_tools.summary.receipts import read_receipts

    try:
        deadline = date.fromisoformat(options.deadline) if options.deadline else None
    except ValueError:
        print(f"--deadline 要写成 2026-02-28 这样，不是“{options.deadline}”")
        return USAGE
    cc = [address(one, "抄送") for one in options.cc]
    addresses = read_addresses(Path(options.to_list))
    receipts = read_receipts(Path(options.receipts)) if options.receipts else None
    settings = None if options.draft or options.dry_run else settings_of(options)
    gone = [given for given in options.files if "*" not in given and not Path(given).exists()]
    if gone:
        print(f"{'、'.join(gone)}：没有这个文件或文件夹；没有发送")
        return UNREADABLE
    lists = [Path(one) for one in (options.to_list, options.receipts) if one]
    found_there = dict.fromkeys(file for given in options.files for file in workbooks(Path(given)))
    files = [file for file in found_there if not is_one_of(file, lists)]
    passed = passed_over(options.files, lists)
    for line in lines_of(passed):
        print(line)
    unread = [(str(file), why) for file, why in passed]
    contact = _contact(options, settings or _settings_if_any(options))
    chased = reminders(
        files, addresses, deadline, options.scheme, receipts=receipts, passed_over=unread, contact=contact
    )
    found, refused = chased.reminders, chased.refused
    for line in [*chased.notes, *([chased.basis] if deadline and chased.basis else [])]:
        print(line)
    rows = [("单位", "情况", "说明", "收件人")]
    box = outbox_if_any() if options.dry_run and not options.again else None
    had = {one.unit: {last.address: last.changed for last in _had(box, one.addresses, one.content)} for one in found}
    rows += [(one.unit, said.情况, said.说明, _whom(one, had[one.unit])) for one in found for said in one.standings]
    for line in columns(rows) if found else ():
        print(line)
    print(f"{len(addresses)} 个单位，{len(found)} 个要提醒" + ("；没有发送" if options.dry_run else ""))
    if chased.ownerless:
        print(f"不知道是哪个单位的文件：{'、'.join(chased.ownerless)}")
        print(
            "它们可能就是“没有报送”的单位交的；先处理好或移走再催报，没有发送（文件名里写了单位的，只等那个单位核对）"
        )
        return UNREADABLE
    asks = bool(refused or chased.uncertain)
    if options.dry_run or not found:
        return FOUND if found or asks else DONE
    post = _Post(options, settings, cc)
    for one in found:
        post.take(Path(f"催报 {one.unit}"), one.addresses, one.draft, one.content)
    return max(post.done(), UNREADABLE if refused else FOUND if asks else DONE)


def _whom(reminder: Reminder, had: Mapping[str, str]) -> str:
    """The receivers of a reminder, and when they were last told the same."""
    return "、".join(f"{one}（{had[one]} 已经提醒）" if one in had else one for one in reminder.addresses)


def _settings_if_any(options: argparse.Namespace) -> Settings | None:
    """The settings for what is not sent yet: who it is for, and its subject."""
    from workbook_tools.mail.message import BadMail

    try:
        return settings_of(options)
    except BadMail:
        if options.settings:  # someone means these
            raise
        return None
