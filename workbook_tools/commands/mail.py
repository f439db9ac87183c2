"""The commands `workbook_tools send` and `chase`: completed forms by mail, and reminders.

Exit codes: 0 all went out, 1 something needs a person, 2 usage, 3 nothing could be read or sent.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbook_tools.commands.console import ExitCode
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, here, lines_of
from workbook_tools.commands.outbox import mail, outbox, send_and_tell, settings_of
from workbook_tools.terminal import columns

if TYPE_CHECKING:
    from workbook_tools.mail.batch import Composed, Mail
    from workbook_tools.mail.notices import Held
    from workbook_tools.mail.outbox import Outbox
    from workbook_tools.mail.reminders import Chased, Reminder
    from workbook_tools.mail.settings import Settings

_CODES = {
    "ready": ExitCode.DONE,
    "faulty": ExitCode.NEEDS_PERSON,
    "unlisted": ExitCode.NEEDS_PERSON,
    "unreadable": ExitCode.UNREADABLE,
    "no_pdf": ExitCode.UNREADABLE,
}


def run(options: argparse.Namespace) -> int:
    """One of the commands."""
    import sqlite3

    from workbook_tools.mail.outbox import unusable
    from workbook_tools.mail.settings import outbox_path

    try:
        if options.command == "send":
            return _send(options)
        if options.command == "chase":
            return _chase(options)
        if options.command == "outbox":
            return outbox(options)
        return mail(options)
    except sqlite3.Error as fault:
        print(unusable(outbox_path(), fault))
        return ExitCode.UNREADABLE


def _send(options: argparse.Namespace) -> int:
    from workbook_tools.findings import read_waivers
    from workbook_tools.mail.batch import Composing, compose_forms
    from workbook_tools.mail.compose import read_addresses
    from workbook_tools.mail.message import address

    sends = not (options.draft or options.dry_run)
    settings = settings_of(options) if sends else _settings_if_any(options)
    to = [address(one) for one in options.to or (settings.to if settings else ())]
    if not (to or options.to_list or options.draft):
        print("要写收件人：--to 邮箱，或 --to-list 通讯录.xlsx，或者在邮件设置里写 to")
        return ExitCode.USAGE
    cc = [address(one, "抄送") for one in options.cc]
    listed = read_addresses(Path(options.to_list)) if options.to_list else None
    lists = [Path(one) for one in (options.to_list, options.waive) if one]
    files, _ = _given(options, lists)
    if not files:
        print(NONE_FOUND)
        return ExitCode.UNREADABLE
    if options.report and len(files) > 1:
        print(f"--report 写了文件名，只能用于一个文件，这里有 {len(files)} 个；请不写文件名，每张表用它旁边的报告")
        return ExitCode.USAGE
    box = _box(options)
    how = Composing(
        scheme=options.scheme,
        waivers=read_waivers(Path(options.waive)) if options.waive else (),
        subject=options.subject or (settings.subject if settings else ""),
        pdf=options.pdf,
        contact=_contact(options, settings),
        report=partial(_report_of, options.report) if options.report is not None else None,
        report_as_is=options.report_as_is,
    )
    composed = compose_forms(files, to if listed is None else listed, how, cc=cc, jobs=options.jobs)
    done: list[Composed] = []
    code = _deliver(options, _ready(composed, done), box, settings)
    if options.dry_run:
        ready = sum(one.result == "ready" for one in done)
        print(f"试看：{ready} 封可以发，{len(files) - ready} 个不能发；没有发送")
    return max(code, *(_CODES[one.result] for one in done))


def _report_of(named: str, path: Path) -> Path:
    """Where the report of a form lies: as named, or beside it."""
    from workbook_tools.mail.attached_report import report_path

    return Path(named) if named else report_path(path)


def _given(options: argparse.Namespace, lists: list[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The workbooks among the files that are named, without the lists; and what is passed over, which it tells."""
    files, passed = given_workbooks(options.files, lists)
    _print(lines_of(passed))
    return files, passed


def _ready(composed: Iterable[Composed], done: list[Composed]) -> Iterator[Mail]:
    """Tells what each file has come to, adds it to those that are done, and gives it where it is a mail."""
    from workbook_tools.errors import BadMail
    from workbook_tools.mail.sentences import composed as said_of

    for one in composed:
        if one.result == "unmailable":
            raise BadMail("".join(said.sentence for said in said_of(one, str(one.path))))
        done.append(one)
        for said in said_of(one, str(one.path)):
            _print((said.sentence, *said.findings))
        if one.mail:
            yield one.mail


def _box(options: argparse.Namespace) -> Outbox | None:
    """The outbox that mails go into, or that a dry run asks; None where neither needs one."""
    from workbook_tools.mail.batch import open_outbox, outbox_if_any

    if options.dry_run:
        return None if options.again else outbox_if_any()
    return None if options.draft else open_outbox()


def _deliver(
    options: argparse.Namespace,
    mails: Iterable[Mail],
    box: Outbox | None,
    settings: Settings | None,
) -> int:
    """Previews, writes or sends the mails, as the options say, and tells what became of them; gives the exit code."""
    from workbook_tools.mail import batch, sentences

    if options.dry_run:
        for seen in batch.preview(mails, box):
            _print(sentences.previewed(seen, seen.mail.about))
    elif options.draft:
        for draft in batch.write_drafts(mails, Path(options.draft), show=options.open):
            _print(sentences.written(draft))
    else:
        mails = list(mails)  # read before anything is queued: meanwhile others use the outbox
    if options.dry_run or box is None or settings is None:
        return ExitCode.DONE
    queued = batch.queue(box, settings, mails, again=options.again)
    _print(sentences.queued(queued))
    code = send_and_tell(box, settings, queued.deliveries)
    _print(sentences.older(queued))
    return max(code, ExitCode.NEEDS_PERSON if queued.uncertain else ExitCode.DONE)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _contact(options: argparse.Namespace, settings: Settings | None) -> str:
    return str(options.contact or (settings.contact if settings else ""))


def _settings_if_any(options: argparse.Namespace) -> Settings | None:
    from workbook_tools.mail.batch import settings_if_any

    return settings_if_any(Path(options.settings) if options.settings else None)


def _chase(options: argparse.Namespace) -> int:
    from workbook_tools.mail.batch import compose_reminders
    from workbook_tools.mail.compose import read_addresses
    from workbook_tools.mail.message import address
    from workbook_tools.mail.reminders import reminders
    from workbook_tools.summary.receipts import read_receipts

    deadline = options.deadline
    cc = [address(one, "抄送") for one in options.cc]
    addresses = read_addresses(Path(options.to_list))
    receipts = read_receipts(Path(options.receipts)) if options.receipts else None
    settings = None if options.draft or options.dry_run else settings_of(options)
    gone = [given for given in options.files if "*" not in given and not here(given).exists()]
    if gone:
        print(f"{'、'.join(gone)}：没有这个文件或文件夹；没有发送")
        return ExitCode.UNREADABLE
    lists = [Path(one) for one in (options.to_list, options.receipts, options.issues) if one]
    files, passed = _given(options, lists)
    unread = [(str(file), why) for file, why in passed]
    contact = _contact(options, settings or _settings_if_any(options))
    chased = reminders(
        files,
        addresses,
        deadline,
        options.scheme,
        jobs=options.jobs,
        receipts=receipts,
        passed_over=unread,
        contact=contact,
        to_mend=_to_mend(options),
    )
    _print(_notes(chased))
    if deadline and chased.basis:
        print(chased.basis)
    _print(_asked(chased.reminders, _box(options) if options.dry_run else None))
    ends = "；没有发送" if options.dry_run else ""
    print(f"{len(addresses)} 个单位，{len(chased.reminders)} 个要提醒{ends}")
    if chased.ownerless:
        print(f"不知道是哪个单位的文件：{'、'.join(chased.ownerless)}")
        print(
            "它们可能就是“没有报送”的单位交的；先处理好或移走再催报，没有发送（文件名里写了单位的，只等那个单位核对）"
        )
        return ExitCode.UNREADABLE
    asks = bool(chased.refused or chased.uncertain)
    if options.dry_run or not chased.reminders:
        return ExitCode.NEEDS_PERSON if chased.reminders or asks else ExitCode.DONE
    code = _deliver(options, compose_reminders(chased.reminders, cc), _box(options), settings)
    return max(code, ExitCode.UNREADABLE if chased.refused else ExitCode.NEEDS_PERSON if asks else ExitCode.DONE)


_HELD = {
    "missing": "没有整改通知（{path}）；先运行 workbook_tools review notice",
    "unfinished": "{path} 里还有【请填写…】没有填；填好再发",
    "unlisted": "通讯录里没有这个单位",
    "outdated": "{path} 是按以前的清单写的（{unlike}）；请移走它，运行 workbook_tools review notice 重写，填好再发",
}


def send_notices(options: argparse.Namespace) -> int:
    """`review send`: the notices of units with open issues, each once."""
    from workbook_tools.mail.compose import read_addresses
    from workbook_tools.mail.message import address
    from workbook_tools.mail.notices import compose_notices
    from workbook_tools.review.issue_book import open_issues
    from workbook_tools.review.rows import NOTICES

    sends = not (options.draft or options.dry_run)
    issues = Path(options.issues)
    by_unit = open_issues(issues)
    addresses = read_addresses(Path(options.to_list))
    cc = [address(one, "抄送") for one in options.cc]
    settings = settings_of(options) if sends else _settings_if_any(options)
    folder = Path(options.notices) if options.notices else issues.parent / NOTICES
    mails, held = compose_notices(by_unit, folder, addresses, cc, _contact(options, settings))
    for one in held:
        print(f"{one.unit or '（没有写单位）'}：{_HELD[one.why].format(path=one.path, unlike=_unlike(one))}；没有发送")
    if not by_unit:
        print("没有要整改的问题")
    code = _deliver(options, mails, _box(options), settings) if mails else ExitCode.DONE
    if options.dry_run:
        print(f"试看：{len(mails)} 封可以发，{len(held)} 个不能发；没有发送")
    return max(code, ExitCode.NEEDS_PERSON if held else ExitCode.DONE)


def _unlike(held: Held) -> str:
    """In what a notice is no longer as the list."""
    named = (("没有写问题", held.unlike.missing), ("写着已经不用整改的问题", held.unlike.settled))
    return "，".join(f"{words} {'、'.join(numbers)}" for words, numbers in named if numbers)


def _to_mend(options: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    """The open issues of each unit, by its name as half-width text, each in a sentence."""
    if not options.issues:
        return {}
    from workbook_tools.review.issue_book import open_issues

    return {unit: [line.sentence for line in lines] for unit, lines in open_issues(Path(options.issues)).items()}


def _notes(chased: Chased) -> Iterator[str]:
    """What the files say that no reminder tells."""
    for path, why in chased.refused:
        yield f"{path}：{why}"
    for one in chased.unlisted:
        unit, _, files = one.row
        yield f"{files}：表上的单位“{unit}”不在通讯录里"
    for one in chased.uncertain:
        unit, state, said = one.row
        yield f"{unit}：{state}。{said}"


def _asked(found: Iterable[Reminder], box: Outbox | None) -> Iterable[str]:
    """A table of the reminders: what each unit is told, the receivers, and when they were last told the same."""
    from workbook_tools.mail.batch import had

    rows = [("单位", "情况", "说明", "收件人")]
    for one in found:
        told = {last.address: last.changed for last in had(box, one.addresses, one.content)}
        rows += [(one.unit, *asked.row[1:], _whom(one, told)) for asked in one.submissions]
    return columns(rows) if len(rows) > 1 else ()


def _whom(reminder: Reminder, told: Mapping[str, str]) -> str:
    from workbook_tools.mail.message import mailbox

    last = {one: told.get(mailbox(one)) for one in reminder.addresses}
    return "、".join(f"{one}（{day} 已经提醒）" if day else one for one, day in last.items())
