"""`smtplib` made strict: one whole reply to each command, none before it, and everything within a time limit.

`smtplib` takes a reply that the connection cut short, waits without limit for one that comes a byte at a time, and
reads what a server said too early as the answer to the next command. Durations are measured by the monotonic clock:
setting the clock of the computer neither ends nor prolongs anything.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from time import monotonic
from typing import TYPE_CHECKING

from workbook_tools.errors import ConnectionLost
from workbook_tools.mail.message import visible
from workbook_tools.text import regex

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CLOSING = 421  # the server ends the connection; the only reply that it may send without a command (RFC 5321, 3.8)
READY, GOODBYE = 220, 221
MOST_REPLY = 1 << 16  # bytes of one reply with all its lines
LONGEST_SHOWN = 120  # characters of a reply that a sentence quotes
_LINE = regex(rb"([2-5][0-9]{2})(?:([ -])(.*))?\r?\n", re.DOTALL)  # RFC 5321, 4.2: Reply-line
_TELL = "请稍后再试；仍然这样的，请告诉邮件服务器的管理员"


class Connection(smtplib.SMTP):
    """One connection; raises `ConnectionLost` for what no honest server says, and what `smtplib` raises.

    Args:
        host: the server.
        port: its port.
        timeout: seconds for each step: a reply as a whole, a block that is sent.
        limit: seconds for everything until `begin` is called again.
        context: TLS from the start; None for a plain connection.
    """

    def __init__(
        self, host: str, port: int, *, timeout: float, limit: float, context: ssl.SSLContext | None = None
    ) -> None:
        self.where = f"{host}:{port}"
        self._context, self._limit, self._unread = context, limit, b""
        self.begin()
        try:
            super().__init__(host, port, local_hostname="localhost", timeout=timeout)
        except BaseException:
            self.close()
            raise
        # The name of a computer may be Chinese, and looking it up has no time limit: an address always serves.
        self.local_hostname = _literal(self._open())
        self._open().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each command is a packet of its own

    def begin(self, limit: float | None = None) -> None:
        """Start to count the time limit from now."""
        self._limit_now = self._limit if limit is None else limit
        self._until = monotonic() + self._limit_now

    def refuse_early_words(self) -> None:
        """Raise `ConnectionLost` where the server has said anything that no command asked for."""
        line = self._open()
        line.settimeout(0)
        try:
            found = line.recv(MOST_REPLY)
        except (BlockingIOError, ssl.SSLWantReadError):
            found = None
        except OSError as fault:
            raise smtplib.SMTPServerDisconnected(str(fault)) from None
        self._unread += found or b""
        if self._unread:
            first, _, _ = self._unread.partition(b"\n")
            if _code(first + b"\n") == CLOSING:
                raise smtplib.SMTPResponseException(CLOSING, first[4:])
            raise ConnectionLost(
                f"{self.where} 没有轮到它就应答（“{shown(first)}”），它的应答和命令不一致，已断开连接；{_TELL}"
            )
        if found == b"":
            raise smtplib.SMTPServerDisconnected("closed by the server")

    def send(self, s: ReadableBuffer | str) -> None:
        """Send a command or a block of a message, unless the server has said anything in between."""
        self.refuse_early_words()
        self._open().settimeout(self._left(monotonic() + float(self.timeout)))
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """One reply with all its lines, read to its end."""
        until, read = monotonic() + float(self.timeout), 0
        found: list[bytes] = []
        code: int | None = None
        while True:
            line = self._read_line(until, MOST_REPLY - read)
            read += len(line)
            parts = _LINE.fullmatch(line)
            if parts is None or code not in (None, int(parts[1])):
                raise ConnectionLost(
                    f"{self.where} 的应答无法识别（“{shown(line)}”），已断开连接；"
                    "请检查设置里的 host 和 port 是不是发邮件（SMTP）的"
                )
            code = int(parts[1])
            found.append((parts[3] or b"").strip())
            if parts[2] != b"-":
                return code, b"\n".join(found)

    def starttls(self, *, context: ssl.SSLContext) -> tuple[int, bytes]:  # type: ignore[override]
        """Go over to TLS; nothing that was said before it, or together with the consent to it, is believed after it."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError
        code, said = self.docmd("STARTTLS")
        if code != READY:
            raise smtplib.SMTPResponseException(code, said)
        if self._unread:  # RFC 3207, 6: someone on the line puts words into the encrypted part
            raise ConnectionLost(
                f"{self.where} 在加密开始以前多说了“{shown(self._unread)}”，可能有人在线路上冒充服务器，没有发送；"
                '请换一个网络，或者改用 465 端口（security = "ssl"），并告诉信息化人员'
            )
        self._open().settimeout(self._left(monotonic() + float(self.timeout)))
        self.sock = context.wrap_socket(self._open(), server_hostname=self._host)  # type: ignore[attr-defined]
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        return code, said

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._unread = b""
        plain = socket.create_connection((host, port), self._left(monotonic() + timeout))
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def _read_line(self, until: float, most: int) -> bytes:
        """A line with its end; raises `ConnectionLost` for one that takes too long or is longer than `most` bytes."""
        while b"\n" not in self._unread[:most]:
            if len(self._unread) >= most:
                raise ConnectionLost(
                    f"{self.where} 的一次应答超过 {MOST_REPLY >> 10} KB，不像邮件服务器，已断开连接；"
                    "请检查设置里的 host 和 port"
                )
            try:
                self._open().settimeout(self._left(until))
            except TimeoutError:
                if most == MOST_REPLY and not self._unread:
                    raise
                raise ConnectionLost(
                    f"{self.where} 的应答 {self.timeout:g} 秒还没有完（“{shown(self._unread)}”），已断开连接；{_TELL}"
                ) from None
            try:
                found = self._open().recv(1 << 13)
            except TimeoutError:  # of the step or of the whole
                continue
            except OSError as fault:
                raise smtplib.SMTPServerDisconnected(str(fault)) from None
            if not found:
                raise smtplib.SMTPServerDisconnected("closed by the server")
            self._unread += found
        line, end, self._unread = self._unread.partition(b"\n")
        return line + end

    def _open(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        return self.sock

    def _left(self, until: float) -> float:
        """Seconds that are left of a step and of the whole; raises `TimeoutError` or `ConnectionLost` for none."""
        now = monotonic()
        if now >= self._until:
            raise ConnectionLost(
                f"{self.where} 用了 {self._limit_now:g} 秒还没有完成，已断开连接；"
                "网络慢、附件大的，请把设置里的 limit（一封邮件最多用的秒数）改大"
            )
        if now >= until:
            raise TimeoutError
        return min(until, self._until) - now


def shown(said: bytes | str) -> str:
    """The words of a server in one line: UTF-8 or the Chinese encoding, without what a terminal would act on."""
    if isinstance(said, bytes):
        try:
            words = said.decode("utf-8")
        except UnicodeDecodeError:
            words = said.decode("gb18030", "replace")
    else:
        words = said
    return visible(" ".join(words.split()), LONGEST_SHOWN)


def _code(line: bytes) -> int | None:
    found = _LINE.fullmatch(line)
    return int(found[1]) if found else None


def _literal(line: socket.socket) -> str:
    """The address of this computer as a server takes it for a name (RFC 5321, 4.1.3)."""
    address = str(line.getsockname()[0])
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"
