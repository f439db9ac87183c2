"""The commands `workbook_tools outbox` and `mail`, and the sending of what is queued.

Exit codes: 0 all went out, 1 something needs a person, 2 usage, 3 nothing could be sent.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.terminal import Progress, columns

if TYPE_CHECKING:
    from workbook_tools.mail.outbox import Outbox
    from workbook_tools.mail.settings import Settings

DONE, FOUND, USAGE, UNREADABLE = range(4)


def outbox(options: argparse.Namespace) -> int:
    """Lists what was sent and what was not; sends that again, settles it, or drops it; raises `BadMail`."""
    from workbook_tools.mail.outbox import FAILED, QUEUED, SENT, UNKNOWN

    box = open_outbox()
    chosen = {one.id for one in box.all() if not options.ids or one.id in options.ids}
    if options.what == "list":
        _table([one for one in box.all() if one.id in chosen])
        print(f"共 {len(chosen)} 封，在 {box.path}")
        return DONE
    if options.what == "drop":
        if not options.ids:
            print("请写明编号：outbox drop 编号（没有发出、不要再发的）")
            return USAGE
        dropped = box.delete(options.ids)
        others = "" if len(dropped) == len(options.ids) else "；其余的已经发出，或者不知道有没有发出，没有动"
        print(f"取消 {len(dropped)} 封{others}")
        return DONE if dropped else USAGE
    if options.what == "resolve":
        if options.sent == options.lost or not options.ids:
            print("请写明编号和结果：outbox resolve 编号 --sent（对方收到了）或 --lost（没有收到）")
            return USAGE
        state, said = (SENT, "问过对方，已经收到") if options.sent else (FAILED, "问过对方，没有收到")
        done = box.change(options.ids, state, said, of=(UNKNOWN,))
        print(
            f"了结 {len(done)} 封" + ("" if len(done) == len(options.ids) else "；其余的不是“不知道有没有发出”，没有动")
        )
        return DONE if done else USAGE
    settings = settings_of(options)
    box.change(chosen, QUEUED, "", of=(FAILED,))
    if not any(one.id in chosen for one in box.all(QUEUED)):
        print("没有要再发的；不知道有没有发出的，请先用 outbox resolve 了结")
        return DONE
    return go(box, settings, chosen)


def mail(options: argparse.Namespace) -> int:
    """Tries the settings, or keeps the password; raises `BadMail` or `Lost`."""
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
        return DONE
    Server(settings, password(settings)).close()
    print(f"能登录：{settings.user}，{settings.host}:{settings.port}（{settings.security}）")
    return DONE


def go(box: Outbox, settings: Settings, only: Collection[int]) -> int:
    """Sends those of the queued deliveries, and tells what became of them; raises `BadMail`."""
    from workbook_tools.mail.outbox import FAILED, QUEUED, SENT, UNKNOWN
    from workbook_tools.mail.server import Server
    from workbook_tools.mail.settings import password

    waiting = [one for one in box.all(QUEUED) if one.id in only]
    if not waiting:
        return DONE
    secret = password(settings)
    progress = Progress(len({one.message for one in waiting}), sys.stderr)
    result = box.send(
        lambda: Server(settings, secret),
        only=only,
        pause=settings.pause,
        show=lambda number, _total, one: progress.show(number, f"{one.address} {one.subject}"),
    )
    progress.done()
    tried = [one for one in box.all() if one.id in set(result.tried)]
    left = sum(one.id in only for one in box.all(QUEUED))
    _table([one for one in tried if one.state in (FAILED, UNKNOWN)])
    print(f"发出 {sum(one.state == SENT for one in tried)} 封" + _counted(tried, FAILED, UNKNOWN))
    if result.why:
        print(f"{result.why}；还有 {left} 封没有发，处理以后运行 workbook_tools outbox retry 接着发")
    elif left:
        why = next((f"{one.said}；" for one in tried if one.state == QUEUED), "")
        print(f"{why}还有 {left} 封没有发，请运行 workbook_tools outbox retry 接着发")
    if any(one.state == UNKNOWN for one in tried):
        print("不知道有没有发出的，请问一下对方，再用 outbox resolve 编号 --sent（收到了）或 --lost（没有收到）了结")
    return UNREADABLE if result.why else FOUND if any(one.state != SENT for one in tried) else DONE


def _counted(tried: Sequence[Any], *states: str) -> str:
    from workbook_tools.mail.outbox import CHINESE

    counts = ((CHINESE[state], sum(one.state == state for one in tried)) for state in states)
    return "".join(f"，{count} 封{name}" for name, count in counts if count)


def _table(deliveries: Sequence[Any]) -> None:
    from workbook_tools.mail.outbox import CHINESE

    if not deliveries:
        return
    rows = [("编号", "状态", "收件人", "主题", "时间", "说明")]
    rows += [(str(d.id), CHINESE[d.state], d.address, d.subject, d.changed, d.said) for d in deliveries]
    for line in columns(rows):
        print(line)


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the options name, or one's own; raises `BadMail`."""
    from workbook_tools.mail.settings import read_settings

    return read_settings(Path(options.settings) if options.settings else None)


def outbox_if_any() -> Outbox | None:
    """One's own outbox where anything was ever queued; raises `BadMail`."""
    from workbook_tools.mail.settings import outbox_path

    return open_outbox() if outbox_path().exists() else None


def open_outbox() -> Outbox:
    """One's own outbox; raises `BadMail`."""
    from workbook_tools.mail.outbox import Outbox
    from workbook_tools.mail.settings import outbox_path

    box = Outbox(outbox_path())
    box.recover_interrupted()
    return box
