"""The letters of a collection: they go through the outbox of the mail commands, so that none goes twice."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.mail.batch import Mail, open_outbox, outbox_if_any, queue, send_queued, settings_if_any
from workbook_tools.mail.message import Draft, addresses, clean, mailbox, with_contact
from workbook_tools.mail.outbox import CHINESE, FAILED, QUEUED, UNKNOWN

NOT_SET_UP = (
    "服务器上还没有设置邮箱，信没有发；请让管理服务器的人先写好邮箱设置（见 docs/mail.md），或者下载链接自己转发"
)
ENDED = "这次收表已经结束，单位不能再报送，没有发信；要让单位报送的，请先在“修改收表”里重新开放"
MOST_NAMED = 5  # units in a sentence
log = logging.getLogger(__name__)
_sending = threading.Lock()


class Letter(NamedTuple):
    """One letter to a unit; `content` is the same as long as it says the same, and is then not sent again."""

    unit: str
    mail: str
    subject: str
    text: str
    content: str


class Undelivered(NamedTuple):
    """A letter that a unit has not got, or may not have got: to what address, how it stands, and why."""

    unit: str
    mail: str
    state: str
    why: str


def send(letters: Sequence[Letter], contact: str) -> str:
    """Queues the letters and begins to send them; says what was done, in a sentence."""
    able = [one for one in letters if one.mail]
    without = (
        f"；{some([one.unit for one in letters if not one.mail])}没有邮箱，没有信" if len(able) < len(letters) else ""
    )
    if not able:
        return f"没有信要发{without}"
    try:
        settings = settings_if_any()
        if settings is None:
            return NOT_SET_UP
        mails = [_mail(one, contact) for one in able]
        box = open_outbox()
        batch = queue(box, settings, mails)
        new = {one.number for one in box.all(QUEUED) if one.id in batch.deliveries}  # one letter may go to several
    except WorkbookToolsError as fault:
        return f"信没有发：{fault}"
    threading.Thread(target=_send, args=(batch.deliveries,), daemon=True).start()
    before = len(mails) - len(new)
    had = f"；{before} 封以前发过，没有再发" if before else ""
    return f"{len(new)} 封信正在发{had}{without}；过一会儿刷新收表页，没有发出的会列出来"


def some(names: Sequence[str]) -> str:
    """Names in a sentence: the first of them, and how many there are."""
    return "、".join(names[:MOST_NAMED]) + (f"等 {len(names)} 个" if len(names) > MOST_NAMED else "")


def undelivered(beginnings: Sequence[str], units: Mapping[str, str]) -> list[Undelivered]:
    """The last letter to each address of the units, by name, where it has not gone out; its content begins so."""
    try:
        box = outbox_if_any()
        if box is None:
            return []
        with closing(box):
            found = [one for beginning in beginnings for one in box.about(beginning)]
        addressed = [(name, mailbox(one)) for name, mails in units.items() for one in addresses(mails)]
    except (sqlite3.Error, WorkbookToolsError) as fault:  # the board has more to show than this
        log.warning("the outbox cannot be read: %s", fault)
        return []
    last = {one.address.lower(): one for one in sorted(found, key=lambda one: (one.changed, one.id))}
    told = ((name, mail, last.get(mail.lower())) for name, mail in addressed)
    return [
        Undelivered(name, mail, CHINESE[one.state], one.said)
        for name, mail, one in told
        if one and (one.state in (FAILED, UNKNOWN) or (one.state == QUEUED and one.said))
    ]


def _mail(letter: Letter, contact: str) -> Mail:
    clean(letter.unit, "单位名称")
    draft = Draft(letter.subject, with_contact(letter.text, contact), (), ())
    return Mail(letter.subject, letter.unit, addresses(letter.mail, letter.unit), (), draft, letter.content)


def _send(deliveries: frozenset[int]) -> None:
    """Sends what is queued; one run at a time. What is not sent stays in the outbox."""
    with _sending:
        try:
            settings = settings_if_any()
            if settings is not None:
                send_queued(open_outbox(), settings, deliveries)
        except WorkbookToolsError as fault:
            log.warning("letters stay in the outbox: %s", fault)
