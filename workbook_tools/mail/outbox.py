"""The outbox: every mail to be sent, with the state of each delivery. No mail is resent automatically.

States: queued (not sent), sending (the end of DATA may be in transit), sent, failed (refused by the server), unknown
(the connection was lost when the server may have accepted it: a person decides). A delivery is committed as `sending`
before the end of DATA is sent; if the process ends in that state, the delivery is unknown.
"""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from workbook_tools.errors import BadMail, ConnectionLost, WorkbookToolsError
from workbook_tools.folders import NAME as FOLDER
from workbook_tools.mail.message import distinct, mailbox
from workbook_tools.mail.server import Outcome, Server

State = Literal["queued", "sending", "sent", "failed", "unknown"]
STATES: tuple[State, ...] = get_args(State)
QUEUED, SENDING, SENT, FAILED, UNKNOWN = STATES
HAD = (SENT, UNKNOWN, SENDING)  # delivered, or possibly delivered
CHINESE: dict[State, str] = {
    QUEUED: "待发",
    SENDING: "正在发",
    SENT: "已发",
    FAILED: "没有发出",
    UNKNOWN: "发送结果不明",
}
MOST_LOST = 3  # consecutive lost connections, after which the rest stays queued
_TABLES = """
create table if not exists message (id integer primary key, subject text, sender text, data blob, about text, day text);
create table if not exists delivery (
  id integer primary key, message integer references message, address text, content text, state text, said text,
  changed text
);
create index if not exists by_what on delivery (content);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One mail for one recipient.

    Attributes:
        id: its number.
        number: the number of the message.
        address: the recipient.
        subject: the subject of the message.
        about: what the message brings: the name of a workbook.
        state: how far it has come.
        said: what the server said, or why it waits.
        changed: when the state changed.
    """

    id: int
    number: int
    address: str
    subject: str
    about: str
    state: State
    said: str
    changed: str


class Queued(NamedTuple):
    """The result of queueing a mail, by recipient."""

    new: list[str]
    again: list[str]  # were queued or had failed, and are retried
    before: list[Delivery]  # have it, or may have it
    number: int | None  # of the message, None if it has no recipient


class Run(NamedTuple):
    """One run of sending: the deliveries that were tried, and the fault that ended it early, None where it did not."""

    tried: Sequence[int]
    fault: WorkbookToolsError | None


class Outbox:
    """The outbox in a file; raises `BadMail` when it cannot be opened, and `sqlite3.Error` when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            _make_private(path)
            self._rows = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._rows.execute("pragma journal_mode = wal")
            self._rows.execute("pragma synchronous = full")
            self._rows.executescript(_TABLES)
        except (OSError, sqlite3.Error) as fault:
            raise BadMail(f"发件箱 {path} 无法使用（{fault}），没有发送") from None

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock for sending; deliveries left as `sending` by an interrupted process become unknown.

        The operating system releases the lock when the process ends. Raises `BadMail` while another process sends.
        """
        path = self.path.with_suffix(".lock")
        _private_file(path)
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            lock.execute("begin exclusive")
        except sqlite3.Error as fault:
            lock.close()
            if fault.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BadMail("另一个窗口正在发邮件，请等它发完再试") from None
            raise
        try:
            said = "程序在发送时中断了，服务器可能已经收下"
            self._rows.execute("update delivery set state = ?, said = ? where state = ?", (UNKNOWN, said, SENDING))
            yield
        finally:
            lock.close()

    def recover_interrupted(self) -> None:
        """Mark deliveries of an interrupted process as unknown, unless another process is sending."""
        if self.all(SENDING):
            with suppress(BadMail), self.exclusive():
                pass

    def queue(
        self,
        make: Callable[[Sequence[str]], bytes],
        subject: str,
        about: str,
        sender: str,
        recipients: Iterable[str],
        content: str,
        *,
        again: bool = False,
    ) -> Queued:
        """Queue a mail for recipients who do not have it; `content` identifies what it delivers.

        `make` returns its bytes. Recipients who have, or may have, the content get it only with `again`.
        """
        result = Queued([], [], [], None)
        waiting: list[int] = []  # deliveries that take the new message: one that is being sent now is still recorded
        with self.transaction():
            for one in distinct(map(mailbox, recipients)):
                last = self.last(one, content)
                if last is None or (again and last.state in (SENT, UNKNOWN)):
                    result.new.append(one)
                elif last.state in HAD:
                    result.before.append(last)
                else:  # it is made anew: a PDF may be left out now, or the subject be another
                    waiting.append(last.id)
                    result.again.append(one)
            recipients = [*result.new, *result.again]
            if recipients:
                number = self._rows.execute(
                    "insert into message (subject, sender, data, about, day) values (?, ?, ?, ?, ?)",
                    (subject, sender, make(recipients), about, _now()),
                ).lastrowid
                result = result._replace(number=number)
                self._rows.executemany(
                    "insert into delivery (message, address, content, state, said, changed) values (?, ?, ?, ?, '', ?)",
                    [(number, one, content, QUEUED, _now()) for one in result.new],
                )
                self._rows.executemany(
                    "update delivery set message = ? where id = ?", [(number, one) for one in waiting]
                )
                self._set(waiting, QUEUED, "")
        return result

    def all(self, *states: State) -> list[Delivery]:
        """The deliveries in those states, or all, the oldest first."""
        where = f"where state in ({','.join('?' * len(states))})" if states else ""
        return [_delivery(row) for row in self._rows.execute(f"{_SELECT} {where} order by d.id", states)]

    def change(self, ids: Collection[int], state: State, said: str, of: Sequence[State]) -> list[int]:
        """Set the state of deliveries that are in one of the states `of`; returns their numbers."""
        with self.transaction():
            known = [one.id for one in self.all(*of) if one.id in ids]
            self._set(known, state, said)
            self._purge_sent()
        return known

    def delete(self, ids: Collection[int]) -> list[int]:
        """Delete queued or failed deliveries; returns their numbers; raises `BadMail` while a process sends."""
        with self.exclusive(), self.transaction():
            known = [one.id for one in self.all(QUEUED, FAILED) if one.id in ids]
            self._rows.executemany("delete from delivery where id = ?", [(one,) for one in known])
            self._purge_sent()
        return known

    def send(
        self,
        connect: Callable[[], Server],
        *,
        only: Collection[int] | None = None,
        pause: float = 0,
        show: Callable[[int, int, Delivery], None] = lambda *_: None,
    ) -> Run:
        """Send queued deliveries once, all or `only` some; raises `BadMail` while another process sends."""
        tried: list[int] = []

        def queued() -> list[Delivery]:
            return [one for one in self.all(QUEUED) if only is None or one.id in only]

        with self.exclusive():
            waiting = dict.fromkeys(one.number for one in queued())
            server: Server | None = None
            lost = 0
            try:
                for number, message in enumerate(waiting, 1):
                    data, sender = self._bytes(message)
                    deliveries = [one for one in queued() if one.number == message]
                    if not deliveries:  # another window has put them into a newer message
                        continue
                    show(number, len(waiting), deliveries[0])
                    tried += [one.id for one in deliveries]
                    if number > 1:
                        time.sleep(pause)
                    if server is None or not server.usable:  # it may have been closed during the pause
                        try:
                            server = connect()
                        except WorkbookToolsError as fault:  # no connection, or a wrong password
                            self._lost(deliveries, str(fault))
                            return Run(tried, fault)
                    try:
                        self._send(server, sender, data, deliveries)
                        lost = 0
                    except ConnectionLost as fault:
                        server, lost = None, lost + 1
                        self._lost(deliveries, str(fault), undecided=fault.undecided)
                        if lost >= MOST_LOST:
                            return Run(tried, fault)
            except BaseException:
                if server:
                    server.drop()
                    server = None
                raise
            finally:
                if server:
                    server.close()
        return Run(tried, None)

    def _bytes(self, message: int) -> tuple[bytes, str]:
        """A message and its sender; its bytes are kept until every delivery of it is sent."""
        data, sender = self._rows.execute("select data, sender from message where id = ?", (message,)).fetchone()
        return data, sender

    def _send(self, server: Server, sender: str, data: bytes, deliveries: Sequence[Delivery]) -> None:
        ids = {one.address: one.id for one in deliveries}
        if 0 < server.most_bytes < len(data):
            size, most = _size(len(data)), _size(server.most_bytes)
            self._set(ids.values(), FAILED, f"邮件有 {size}，服务器最多收 {most}；请去掉 PDF 或压缩图片")
            return
        outcome: Outcome = server.send(
            sender, list(ids), data, before_end=lambda rest: self._set([ids[one] for one in rest], SENDING, "")
        )
        with self.transaction():
            for one, said in outcome.refused.items():
                self._set([ids[one]], FAILED, said)
            if outcome.taken:
                self._set([ids[one] for one in ids if one not in outcome.refused], SENT, "")
            self._purge_sent()

    def _purge_sent(self) -> None:
        """Delete the bytes of messages whose deliveries are all sent."""
        self._rows.execute(
            "update message set data = x'' where length(data) > 0 and not exists "
            "(select 1 from delivery where message = message.id and state != ?)",
            (SENT,),
        )

    def _lost(self, deliveries: Sequence[Delivery], why: str, *, undecided: bool = False) -> None:
        """After a lost connection: deliveries whose end may have been sent become unknown, the others stay queued."""
        ids = [one.id for one in deliveries]
        for one in self.all(SENDING):
            if one.id in ids and undecided:
                self._set([one.id], UNKNOWN, f"{why}，服务器可能已经收下")
            elif one.id in ids:
                self._set([one.id], QUEUED, why)
        for one in self.all(QUEUED):
            if one.id in ids:
                self._set([one.id], QUEUED, why)

    def last(self, address: str, content: str) -> Delivery | None:
        """The latest delivery of a content to an address; None if there is none."""
        found = self._rows.execute(
            f"{_SELECT} where d.content = ? and lower(d.address) = ? order by d.id desc limit 1",
            (content, mailbox(address).lower()),
        ).fetchone()
        return _delivery(found) if found else None

    def about(self, beginning: str) -> list[Delivery]:
        """The deliveries whose content begins so, in the order of their last change."""
        found = self._rows.execute(
            f"{_SELECT} where d.content >= ? and d.content < ? order by d.changed, d.id",
            (beginning, f"{beginning}\U0010ffff"),
        )
        return list(map(_delivery, found))

    def _set(self, ids: Iterable[int], state: State, said: str) -> None:
        rows = [(state, said, _now(), one) for one in ids]
        self._rows.executemany("update delivery set state = ?, said = ?, changed = ? where id = ?", rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: committed as a whole, or rolled back after any exception."""
        if self._rows.in_transaction:
            yield
            return
        self._rows.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._rows.execute("rollback")
            raise
        self._rows.execute("commit")


_SELECT = (
    "select d.id, d.message, d.address, m.subject, m.about, d.state, d.said, d.changed "
    "from delivery d join message m on m.id = d.message"
)


def _delivery(row: tuple[int, int, str, str, str, State, str, str]) -> Delivery:
    key, number, address, subject, about, state, said, changed = row
    return Delivery(
        id=key,
        number=number,
        address=address,
        subject=subject,
        about=about,
        state=state,
        said=said,
        changed=changed,
    )


def _make_private(path: Path) -> None:
    """The file for its owner alone, in the tool's own folder for its owner alone: it holds unsent mail."""
    own = not path.parent.exists() or path.parent.name == FOLDER
    path.parent.mkdir(parents=True, exist_ok=True)
    if own:
        _only_for_owner(path.parent, 0o700)
    _private_file(path)


def _private_file(path: Path) -> None:
    path.touch(mode=0o600)
    _only_for_owner(path, 0o600)


def _only_for_owner(path: Path, mode: int) -> None:
    """Takes away what others may; a disk without such rights has none to take."""
    if stat.S_IMODE(path.stat().st_mode) != mode:
        with suppress(PermissionError):
            path.chmod(mode)


def unusable(path: Path, fault: sqlite3.Error) -> str:
    """The message for an unusable outbox; its records remain valid."""
    if isinstance(fault, sqlite3.OperationalError) and fault.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return f"发件箱 {path} 被另一个窗口占用，请过一会儿再试"
    return f"发件箱 {path} 无法使用（{fault}）；里面记着发过什么，请不要删，交给维护人员"


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{count / 2**10:.1f} KB"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
