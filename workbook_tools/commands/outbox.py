"""The commands `workbook_tools outbox` and `mail`, and the sending of what is queued.

Exit codes: 0 all went out, 1 something needs a person, 2 usage, 3 nothing could be sent.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from workbook_tools.commands.console import ExitCode
from workbook_tools.terminal import Progress

if TYPE_CHECKING:
    from workbook_tools.mail.outbox import Outbox
    from workbook_tools.mail.settings import Settings


def outbox(options: argparse.Namespace) -> int:
    """Lists what was sent and what was not; sends that again, settles it, or drops it; raises `BadMail`."""
    from workbook_tools.mail.batch import open_outbox, resolve
    from workbook_tools.mail.outbox import FAILED, QUEUED
    from workbook_tools.mail.sentences import table

    box = open_outbox()
    chosen = [one for one in box.all() if not options.ids or one.id in options.ids]
    if options.what == "list":
        for line in table(chosen):
            print(line)
        print(f"共 {len(chosen)} 封，在 {box.path}")
        return ExitCode.DONE
    if options.what == "drop":
        if not options.ids:
            print("请写明编号：outbox drop 编号（没有发出、不要再发的）")
            return ExitCode.USAGE
        dropped = box.delete(options.ids)
        others = "" if len(dropped) == len(options.ids) else "；其余的已经发出，或者不知道有没有发出，没有动"
        print(f"取消 {len(dropped)} 封{others}")
        return ExitCode.DONE if dropped else ExitCode.USAGE
    if options.what == "resolve":
        if options.sent == options.lost or not options.ids:
            print("请写明编号和结果：outbox resolve 编号 --sent（对方收到了）或 --lost（没有收到）")
            return ExitCode.USAGE
        done = resolve(box, options.ids, arrived=options.sent)
        print(
            f"了结 {len(done)} 封" + ("" if len(done) == len(options.ids) else "；其余的不是“不知道有没有发出”，没有动")
        )
        return ExitCode.DONE if done else ExitCode.USAGE
    settings = settings_of(options)
    again = {one.id for one in chosen}
    box.change(again, QUEUED, "", of=(FAILED,))
    if not any(one.id in again for one in box.all(QUEUED)):
        print("没有要再发的；不知道有没有发出的，请先用 outbox resolve 了结")
        return ExitCode.DONE
    return send_and_tell(box, settings, again)


def mail(options: argparse.Namespace) -> int:
    """Tries the settings, or keeps the password; raises `BadMail` or `ConnectionLost`."""
    from workbook_tools.mail.server import Server
    from workbook_tools.mail.settings import keep_password, password

    settings = settings_of(options)
    if options.what == "password":
        from getpass import getpass

        try:
            said = getpass(f"{settings.user} 的密码（{settings.hint}）：")
        except EOFError:
            said = ""
        keep_password(settings, said)
        print("已存到系统的密码库")
        return ExitCode.DONE
    Server(settings, password(settings)).close()
    print(f"能登录：{settings.user}，{settings.host}:{settings.port}（{settings.security}）")
    return ExitCode.DONE


def send_and_tell(box: Outbox, settings: Settings, only: Collection[int]) -> int:
    """Sends those of the queued deliveries, and tells what became of them; raises `BadMail`."""
    from workbook_tools.mail.batch import send_queued
    from workbook_tools.mail.outbox import QUEUED
    from workbook_tools.mail.sentences import sent

    progress = Progress(len({one.number for one in box.all(QUEUED) if one.id in only}), sys.stderr)
    run = send_queued(
        box,
        settings,
        only,
        lambda number, _total, one: progress.show(number, f"{one.address} {one.subject}"),
    )
    progress.done()
    if run is None:
        return ExitCode.DONE
    for line in sent(run):
        print(line)
    return ExitCode.DONE if run.complete else ExitCode.UNREADABLE if run.fault else ExitCode.NEEDS_PERSON


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the options name, or one's own; raises `BadMail`."""
    from workbook_tools.mail.settings import read_settings

    return read_settings(Path(options.settings) if options.settings else None)
