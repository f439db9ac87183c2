"""The SMTP dialogue, step by step, so that it is always known whether a message may have been accepted.

A message is accepted when the server answers the final dot; before the dot is sent, it cannot have been accepted.
The answer counts only when the server then answers one more command as it should: otherwise it may have been another's.
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
from workbook_tools.mail.connection import CLOSING, GOODBYE, Connection, shown
from workbook_tools.mail.settings import Settings
from workbook_tools.text import regex

BLOCK = 1 << 16  # bytes of a message that must be sent within the timeout
_LINE_END = regex(rb"\r\n|\r|\n")
_DOT = regex(rb"^\.", re.MULTILINE)
_METHODS = ("PLAIN", "LOGIN", "CRAM-MD5")  # of logging in, the surest first, and the most secret last
_SIZE = regex(rb"SIZE(?: +([0-9]{1,20}))? *", re.IGNORECASE)  # RFC 1870, 4: without a number, no limit is told
_WAIT_FOR_GOODBYE = 5  # seconds for the answer to QUIT, which changes nothing
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
        self._ended = False  # whether the end of the present message may be in transit
        self._smtp = self._connected()
        try:
            self._log_in(password)
        except ConnectionLost:
            self.drop()
            raise
        except (smtplib.SMTPException, OSError, ValueError) as fault:  # ValueError: a challenge that is no base64
            self.drop()
            raise ConnectionLost(connection_fault(fault, settings)) from None

    @property
    def most_bytes(self) -> int:
        """The largest message that the server takes; 0 where it does not say, or says what nobody can mean."""
        if not self._smtp.has_extn("size"):
            return 0
        lines = (self._smtp.ehlo_resp or b"").split(b"\n")[1:]
        said = [line for line in lines if line.upper().partition(b" ")[0] == b"SIZE"]
        told = {int(found[1] or 0) if (found := _SIZE.fullmatch(line)) else 0 for line in said}
        return told.pop() if len(told) == 1 else 0

    @property
    def usable(self) -> bool:
        """Whether another message can be sent: the connection is open, and the server waits for a command."""
        try:
            self._smtp.refuse_early_words()
        except (smtplib.SMTPException, OSError, ConnectionLost):
            self.drop()
            return False
        return True

    def send(
        self, sender: str, recipients: Sequence[str], message: bytes, *, before_end: Callable[[Sequence[str]], None]
    ) -> Outcome:
        """Sends one message to several; `before_end` is called with those who will get it, before the last line.

        Until `before_end` has been called the message cannot have been accepted. Raises `ConnectionLost`, which says
        whether it may have been.
        """
        self._ended = False
        try:
            self._smtp.begin()
            return self._sent(sender, recipients, message, before_end)
        except (smtplib.SMTPException, OSError) as fault:
            lost = ConnectionLost(connection_fault(fault, self._settings))
        except ConnectionLost as fault:
            lost = fault
        self.drop()
        lost.undecided = self._ended
        raise lost

    def _sent(
        self, sender: str, recipients: Sequence[str], message: bytes, before_end: Callable[[Sequence[str]], None]
    ) -> Outcome:
        smtp = self._smtp
        lines = _LINE_END.sub(b"\r\n", message)
        lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
        size = f"SIZE={len(lines)}" if smtp.has_extn("size") else ""
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
        lines = _DOT.sub(b"..", lines)
        for start in range(0, len(lines), BLOCK):  # each has its own timeout: a slow connection is not a lost one
            smtp.send(lines[start : start + BLOCK])
        smtp.refuse_early_words()
        before_end(rest)
        smtp.refuse_early_words()
        self._ended = True
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
        if code // 100 not in (2, 4, 5):
            raise smtplib.SMTPResponseException(code, words)
        if not self._confirmed(taken=code // 100 == 2):
            where = f"{self._settings.host}:{self._settings.port}"
            said = "收下" if code // 100 == 2 else "不收"
            raise ConnectionLost(f"{where} 答复{said}（{code} {shown(words)}），但接着的核对没有得到应有的答复")
        if code // 100 == 2:
            return Outcome(refusals, taken=True)
        return Outcome(refusals | dict.fromkeys(rest, refusal(code, shown(words), "message")), taken=False)

    def _confirmed(self, *, taken: bool) -> bool:
        """Whether the server answers one more command as it should, so that its last answer was to the final dot.

        After a refusal only the answer to QUIT will do: that to RSET is the same as one of acceptance that comes late.
        """
        if taken:
            return self._reset()
        try:
            return self._smtp.docmd("QUIT")[0] == GOODBYE
        except (smtplib.SMTPException, OSError, ConnectionLost):
            return False
        finally:
            self.drop()

    def _reset(self) -> bool:
        """Ends a message, and whether the server answers as it should; if it does not, the connection is closed.

        A server that hangs up after it has refused a recipient has refused all the same.
        """
        try:
            if self._smtp.rset()[0] // 100 == 2:
                self._smtp.refuse_early_words()
                return True
        except (smtplib.SMTPException, OSError, ConnectionLost):
            pass
        self.drop()
        return False

    def _answer(self, answer: tuple[int, bytes], part: Part, good: int = 2) -> str:
        """ "" for a good answer, else what it means: the first digit decides (RFC 5321, 4.2.1).

        Raises `SMTPResponseException` for one that is neither and when the server is closing.
        """
        code, said = answer
        if code // 100 == good:
            return ""
        if code == CLOSING or code // 100 not in (4, 5):
            raise smtplib.SMTPResponseException(code, said)
        return refusal(code, shown(said), part)

    def close(self) -> None:
        """Close with QUIT, or just close a lost connection."""
        with suppress(smtplib.SMTPException, OSError, ConnectionLost):
            self._smtp.begin(_WAIT_FOR_GOODBYE)
            self._smtp.quit()
        self._smtp.close()

    def drop(self) -> None:
        """Close without QUIT: during DATA, or where the server no longer answers as it should."""
        self._smtp.close()

    def _connected(self) -> Connection:
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=settings.ca or None)
        except (OSError, ssl.SSLError):
            raise BadMail(f"证书文件 {settings.ca} 无法读取，请检查设置里的 ca") from None
        smtp: Connection | None = None
        try:
            smtp = Connection(
                settings.host,
                settings.port,
                timeout=settings.timeout,
                limit=settings.limit,
                context=context if settings.security == "ssl" else None,
            )
            if settings.security == "starttls":
                smtp.starttls(context=context)
        except smtplib.SMTPServerDisconnected:
            where = f"{settings.host}:{settings.port}"
            lost = ConnectionLost(
                f"{where} 的连接被服务器中断；端口与加密方式可能不匹配（465 用 ssl，587 用 starttls）"
            )
        except (smtplib.SMTPException, OSError, UnicodeError) as fault:
            lost = ConnectionLost(connection_fault(fault, settings))
        except ConnectionLost as fault:
            lost = fault
        else:
            return smtp
        if smtp:
            smtp.close()
        raise lost

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
            if fault.smtp_code // 100 != 5:  # busy, or no answer to this at all
                raise
            self.close()
            host, user, hint = self._settings.host, self._settings.user, self._settings.hint
            raise WrongPassword(f"{host} 不接受 {user} 的密码（{fault.smtp_code}）；密码{hint}") from None


def refusal(code: int, said: str, part: Part) -> str:
    """What a server's refusal of one part of a mail means to a clerk, with its own words."""
    words = shown(said)
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
            return f"{where} 的证书已经过期，没有发送；请核对这台电脑的日期，日期对的话请联系邮件服务器的管理员"
        if "not yet valid" in fault.verify_message:
            return f"{where} 的证书还没有到生效日期，没有发送；请核对这台电脑的日期，日期对的话请联系邮件服务器的管理员"
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
        return f"{where} {meaning}（{fault.smtp_code} {shown(fault.smtp_error)}）"
    if isinstance(fault, ValueError):
        return f"{where} 登录时的应答无法识别（{fault}）；请检查设置里的 host 和 port 是不是发邮件（SMTP）的"
    return f"与 {where} 的连接已中断"
