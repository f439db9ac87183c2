"""The SMTP dialogue, step by step, so that it is always known whether a message may have been accepted.

A message is accepted when the server answers the final dot; before the dot is sent, it cannot have been accepted.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from workbook_tools.errors import BadMail, ConnectionLost, WrongPassword
from workbook_tools.mail.settings import Settings

BLOCK = 1 << 16  # bytes of a message that must be sent within the timeout
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)
_METHODS = ("PLAIN", "LOGIN", "CRAM-MD5")  # of logging in, the surest first, and the most secret last
_SIZE = re.compile(r"\d+")
Part = Literal["sender", "recipient", "message"]
PARTS: Mapping[Part, str] = {"sender": "发件人", "recipient": "收件人", "message": "邮件"}


class Outcome(NamedTuple):
    """What became of one message: recipient → why it was refused; `taken` when all others have it."""

    refused: Mapping[str, str]
    taken: bool


class Server:
    """One connection, logged in; raises `BadMail`, `WrongPassword` or `ConnectionLost`."""

    def __init__(self, settings: Settings, password: str) -> None:
        self._settings = settings
        try:
            password.encode("ascii")
        except UnicodeEncodeError:
            raise BadMail("密码里有中文或全角字符；授权码只有英文字母和数字，请重新存一次") from None
        self._smtp = self._connected()
        if self._smtp.sock:  # the end of DATA is a packet of its own and must not be delayed (Nagle)
            self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._log_in(password)
        except (smtplib.SMTPException, OSError) as fault:
            self.close()
            raise ConnectionLost(connection_fault(fault, settings)) from None

    @property
    def most_bytes(self) -> int:
        """The largest message that the server takes, 0 where it does not say."""
        said = _SIZE.search(self._smtp.esmtp_features.get("size", ""))
        return int(said[0]) if said else 0

    def send(
        self, sender: str, recipients: Sequence[str], message: bytes, *, before_end: Callable[[Sequence[str]], None]
    ) -> Outcome:
        """Sends one message to several; `before_end` is called with those who will get it, before the last line.

        Until `before_end` has been called the message cannot have been accepted. Raises `ConnectionLost`.
        """
        try:
            return self._sent(sender, recipients, message, before_end)
        except (smtplib.SMTPException, OSError) as fault:
            self.close()
            raise ConnectionLost(connection_fault(fault, self._settings)) from None

    def _sent(
        self, sender: str, recipients: Sequence[str], message: bytes, before_end: Callable[[Sequence[str]], None]
    ) -> Outcome:
        smtp = self._smtp
        size = f"SIZE={len(message)}" if smtp.has_extn("size") else ""
        refused = self._answer(smtp.mail(sender, [size] if size else []), "sender")
        if refused:
            self._reset()
            return Outcome(dict.fromkeys(recipients, refused), taken=False)
        refusals = {one: said for one in recipients if (said := self._answer(smtp.rcpt(one), "recipient"))}
        rest = [one for one in recipients if one not in refusals]
        if not rest:
            self._reset()
            return Outcome(refusals, taken=False)
        if said := self._answer(smtp.docmd("DATA"), "message", good=3):
            self._reset()
            return Outcome(refusals | dict.fromkeys(rest, said), taken=False)
        lines = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", message))
        lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
        for start in range(
            0, len(lines), BLOCK
        ):  # the timeout applies to each block: a slow connection is not a lost one
            smtp.send(lines[start : start + BLOCK])
        before_end(rest)
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
        if code == 421:  # the server is closing, but has not taken the message
            return Outcome(refusals | dict.fromkeys(rest, refusal(code, _words(words), "message")), taken=False)
        if said := self._answer((code, words), "message"):
            return Outcome(refusals | dict.fromkeys(rest, said), taken=False)
        return Outcome(refusals, taken=True)

    def _reset(self) -> None:
        """Ends a message that was refused; a server that hangs up after its refusal has refused all the same."""
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()

    def _answer(self, answer: tuple[int, bytes], part: Part, good: int = 2) -> str:
        """ "" for a good answer, else what it means: the first digit decides (RFC 5321, 4.2.1).

        Raises `SMTPResponseException` for one that is neither and when the server is closing.
        """
        code, said = answer
        if code // 100 == good:
            return ""
        if code == 421 or code // 100 not in (4, 5):
            raise smtplib.SMTPResponseException(code, said)
        return refusal(code, _words(said), part)

    def close(self) -> None:
        """Close with QUIT, or just close a lost connection."""
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def drop(self) -> None:
        """Close without QUIT during DATA."""
        self._smtp.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=settings.ca or None)
        except (OSError, ssl.SSLError):
            raise BadMail(f"证书文件 {settings.ca} 无法读取，请检查设置里的 ca") from None
        try:
            if settings.security == "ssl":
                return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
            smtp = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
            if settings.security == "starttls":
                smtp.starttls(context=context)
        except smtplib.SMTPServerDisconnected:
            where = f"{settings.host}:{settings.port}"
            raise ConnectionLost(
                f"{where} 的连接被服务器中断；端口与加密方式可能不匹配（465 用 ssl，587 用 starttls）"
            ) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as fault:
            raise ConnectionLost(connection_fault(fault, settings)) from None
        return smtp

    def _log_in(self, password: str) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        if not password:
            return
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        methods = reversed(_METHODS) if self._settings.security == "none" else _METHODS
        best = next((one for one in methods if one in offered), "")
        if not best:
            raise smtplib.SMTPNotSupportedError
        self._smtp.esmtp_features["auth"] = best  # with several, smtplib tries a wrong password with each
        try:
            self._smtp.login(self._settings.user, password)
        except smtplib.SMTPAuthenticationError as fault:
            if fault.smtp_code // 100 == 4:
                raise
            self.close()
            host, user, hint = self._settings.host, self._settings.user, self._settings.hint
            raise WrongPassword(f"{host} 不接受 {user} 的密码（{fault.smtp_code}）；密码{hint}") from None


def refusal(code: int, said: str, part: Part) -> str:
    """What a server's refusal of one part of a mail means to a clerk, with its own words."""
    words = " ".join(said.split())[:120]
    lower = words.lower()
    meaning = f"{PARTS[part]}被拒绝"
    if "5.2.2" in words or "quota" in lower or "mailbox full" in lower or "mailbox is full" in lower:
        meaning = "对方邮箱已满，请对方清理以后再发"
    elif code == 552 or "5.3.4" in words or "too large" in lower or "too big" in lower:
        meaning = "邮件太大，对方服务器不收；请去掉 PDF 或压缩图片"
    elif part == "recipient" and code in (550, 551, 553, 554):
        meaning = "对方服务器没有这个收件人，或者拒收；请核对地址"
    elif part == "sender" and code // 100 == 5:
        meaning = "服务器不让用这个发件人；设置里的 user 要和登录的邮箱一样"
    elif code // 100 == 4:
        meaning = "服务器暂时不收，过一会儿再试"
    return f"{meaning}（{code} {words}）"


def connection_fault(fault: Exception, settings: Settings) -> str:
    """The message for a fault of the connection."""
    where = f"{settings.host}:{settings.port}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        if "expired" in fault.verify_message:
            return f"{where} 的证书已经过期，没有发送；请联系邮件服务器的管理员"
        if "match" in fault.verify_message or "not valid for" in fault.verify_message:
            return f"{where} 的证书是别的服务器的，没有发送；请检查设置里的 host"
        return f"{where} 的证书不受信任，没有发送；单位内部的证书请用设置里的 ca 指定"
    if isinstance(fault, ssl.SSLError):
        return f'{where} 的加密方式不匹配；465 端口一般用 security = "ssl"，587 端口用 "starttls"'
    if isinstance(fault, socket.gaierror | UnicodeError):  # a name that is not known, or that none can be
        return f"找不到邮件服务器 {settings.host}；请检查设置里的 host 和网络"
    if isinstance(fault, TimeoutError):
        return f"{where} 没有应答；请检查网络，端口与加密方式也可能不匹配（465 用 ssl，587 用 starttls）"
    if isinstance(fault, ConnectionRefusedError):
        return f"{where} 拒绝连接；请检查设置里的 host 和 port"
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return f"{where} 不支持加密或登录（{settings.security}）；请检查设置里的 security 和 port"
    if isinstance(fault, smtplib.SMTPResponseException):
        meaning = "不接受" if fault.smtp_code // 100 in (4, 5) else "的应答无法识别"
        return f"{where} {meaning}（{fault.smtp_code} {_words(fault.smtp_error)}）"
    return f"与 {where} 的连接已中断"


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:120]
