"""One mail: who it is for, a subject by template, a short text, a table, and files under their Chinese names.

An attachment has its name twice: `filename*=` (RFC 2231) for the programs that follow the standard, and an encoded
word in `name=` (RFC 2047) for QQ mail and old programs. There is no plain `filename=`, which mutt and Python prefer to
the encoded one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, localtime, make_msgid
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from workbook_tools.errors import BadMail
from workbook_tools.text import regex

SUBJECT = "{年度}绩效自评表 {单位} {项目} {总分} {等级}"
LONGEST_SUBJECT = 200  # characters
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3 without the brackets
LONGEST_NAME = 255  # bytes of a file name on most disks
LONGEST_SHOWN = 200  # characters of an attachment's name: Windows takes 255 for it and its folder
ONE_LINE = 900  # of 998 bytes that a line of mail may have
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
XLSM = ("application", "vnd.ms-excel.sheet.macroEnabled.12")
PDF = ("application", "pdf")
DOCX = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
_TYPES = {".docx": DOCX, ".xlsx": XLSX, ".xlsm": XLSM, ".pdf": PDF}
_FORBIDDEN = regex(r'[<>:"/\\|?*]')
_FIELD = regex(r"\{([^{}]*)\}")
_ADDRESS = regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*")
_NAMED = regex(r"([^<>]*)<([^<>]*)>")
_LISTED = regex(r'(?:"(?:[^"\\]|\\.)*"|“[^”]*”|[^<>,;，；、"“]){0,200}<[^<>]*>|[^\s,;，；、]+')
_BRACKETS = str.maketrans("＜＞", "<>")
_STYLE = 'style="border:1px solid #999;padding:4px 10px;text-align:left;vertical-align:top"'
_LABEL = f'{_STYLE[:-1]};background:#eef2f7;white-space:nowrap;font-weight:normal"'


class Attachment(NamedTuple):
    """A file under the name that its receiver sees."""

    name: str
    data: bytes


class Draft(NamedTuple):
    """What a mail says, before it has a sender."""

    subject: str
    text: str
    table: Sequence[tuple[str, str]]
    attachments: Sequence[Attachment]


def with_contact(text: str, contact: str) -> str:
    """The text of a mail, with the contact at its end if one is given; raises `BadMail` as `clean` does."""
    return f"{text}\n联系人：{clean(contact, '联系人').strip()}" if contact.strip() else text


def clean(words: str, what: str) -> str:
    """The words themselves; raises `BadMail` for a character that could begin another header or hide what is there."""
    for character in words:
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            raise BadMail(f"{what}里有看不见的控制字符（U+{ord(character):04X}），没有发送：{visible(words)}")
    return words


def address(words: str, what: str = "收件人") -> str:
    """A mail address, `a@b.cn`, or with its owner `张三 <a@b.cn>`; raises `BadMail` for anything else.

    A name may be in quotes. A Chinese domain is written as mail servers know it: `a@例子.cn` is `a@xn--fsqu00a.cn`.
    """
    said = clean(words, what).translate(_BRACKETS).strip()
    named = _NAMED.fullmatch(said)
    name, bare = (_unquoted(named[1].strip()), named[2].strip()) if named else ("", said)
    known = _with_ascii_domain(bare)
    if not _ADDRESS.fullmatch(known) or len(known) > LONGEST_ADDRESS:
        hint = "" if "<" in bare or bare.rpartition("@")[0].isascii() else "：@ 前面只能是英文字母、数字和 . _ - 等符号"
        raise BadMail(f"{what}“{visible(said)}”不是邮箱地址{hint}；请写成 a@b.cn 或 张三 <a@b.cn>")
    if name.strip("'").lower() in (bare.lower(), ""):
        return known
    if "@" in name:
        raise BadMail(f"{what}“{visible(said)}”里有两个邮箱，不知道发给哪一个；请只留一个，或者分开写")
    return f"{name} <{known}>"


def addresses(words: str, what: str = "收件人") -> list[str]:
    """The addresses in one cell or setting: apart by commas, semicolons, 、 or lines; bare ones also by blanks.

    A name with such a sign in it is put in quotes. Raises `BadMail` as `address` does.
    """
    lines = (" ".join(line.split()) for line in words.splitlines())
    return [address(one, what) for line in lines for one in _LISTED.findall(line)]


def mailbox(words: str) -> str:
    """The bare address of what `address` gave."""
    return words[words.rfind("<") + 1 :].rstrip(">")


def owner(words: str) -> str:
    """The name beside the bare address in what `address` gave, "" for none."""
    return words[: words.rfind(" <")] if words.endswith(">") else ""


def _unquoted(name: str) -> str:
    for begin, end in ('""', "“”"):
        if len(name) > 1 and name.startswith(begin) and name.endswith(end):
            return re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    return name


def _with_ascii_domain(words: str) -> str:
    local, _, domain = words.rpartition("@")
    if domain.isascii() or not all(one.isascii() or one.isalpha() for one in domain):
        return words
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return words


def _in_header(words: str, what: str) -> str:
    """An address for a header: a name that is not plain ASCII as encoded words of at most 75 characters (RFC 2047)."""
    known = address(words, what)
    return _with_name(owner(known), mailbox(known))


def _with_name(name: str, bare: str) -> str:
    if not name or name.isascii():
        return formataddr((name, bare))
    return f"{Header(name, 'utf-8', maxlinelen=75).encode()} <{bare}>"


def distinct(addresses: Iterable[str], but: Iterable[str] = ()) -> list[str]:
    """Each mailbox once, without those in `but`: capitals, small letters and the owner's name make no difference."""
    known = {mailbox(one).lower() for one in but}
    found: dict[str, str] = {}
    for one in addresses:
        if mailbox(one).lower() not in known:
            found.setdefault(mailbox(one).lower(), one)
    return list(found.values())


def subject_of(template: str, fields: Mapping[str, str]) -> str:
    """The subject with its fields filled in; raises `BadMail` for a field that there is not."""
    clean(template, "主题模板")

    def filled(found: re.Match[str]) -> str:
        if found[1] not in fields:
            raise BadMail(f"主题模板里没有“{{{found[1]}}}”这一项，有 {'、'.join(fields)}")
        return clean(" ".join(fields[found[1]].split()), f"表上的“{found[1]}”")

    said = " ".join(_FIELD.sub(filled, template).split())
    return said if len(said) <= LONGEST_SUBJECT else f"{said[: LONGEST_SUBJECT - 1]}…"


def file_name(name: str) -> str:
    """The name as every disk can keep it: as in a mail, and at most 255 bytes with its ending."""
    stem, ending = _stem_and_ending(shown_name(name))
    return stem.encode()[: LONGEST_NAME - len(ending.encode())].decode(errors="ignore") + ending


def shown_name(name: str) -> str:
    """The name of an attachment: no character that Windows forbids, at most 200 characters, its ending kept."""
    stem, ending = _stem_and_ending(clean(name, "文件名"))
    stem = _FORBIDDEN.sub("_", stem).strip(" .") or "自评表"
    return stem[: LONGEST_SHOWN - len(ending)] + ending


def _stem_and_ending(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot else (name, "")


def html(draft: Draft) -> str:
    """The text and the table as a page of mail."""
    rows = "".join(
        f"<tr><th {_LABEL}>{escape(label)}</th><td {_STYLE}>{escape(words)}</td></tr>" for label, words in draft.table
    )
    text = "".join(f"<p>{escape(line)}</p>" for line in draft.text.split("\n") if line)
    font = 'style="font-family:Microsoft YaHei,SimSun,sans-serif;font-size:14px"'
    table = f'<table style="border-collapse:collapse;font-size:14px">{rows}</table>' if rows else ""
    return f"<!DOCTYPE html><html><body {font}>{text}{table}</body></html>"


def plain_text(draft: Draft) -> str:
    """The text and the table for programs that show no pages."""
    lines = [f"{label}：{words}" for label, words in draft.table]
    return "\n".join([draft.text, *([""] if lines else []), *lines]) + "\n"


def message(draft: Draft, to: Sequence[str], *, cc: Sequence[str] = (), sender: tuple[str, str] | None = None) -> bytes:
    """The mail as it is sent; without a sender (name and address) it is a draft that mail programs open for sending.

    Raises `BadMail` for a character or an address that cannot be in a header.
    """
    mail = MIMEMultipart("mixed", policy=compat32.clone(linesep="\r\n"))
    if sender:
        mail["From"] = _with_name(clean(sender[0], "发件人名称").strip(), mailbox(address(sender[1], "发件人")))
        mail["Message-ID"] = make_msgid(domain=sender[1].rpartition("@")[2])
        mail["Date"] = format_datetime(localtime())
    else:
        mail["X-Unsent"] = "1"
    if to:
        mail["To"] = ", ".join(_in_header(one, "收件人") for one in to)
    if cc:
        mail["Cc"] = ", ".join(_in_header(one, "抄送") for one in cc)
    mail["Subject"] = Header(clean(draft.subject, "主题"), "utf-8", header_name="Subject").encode()
    body = MIMEMultipart("alternative")
    body.attach(MIMEText(plain_text(draft), "plain", "utf-8"))
    body.attach(MIMEText(html(draft), "html", "utf-8"))
    mail.attach(body)
    for one in draft.attachments:
        mail.attach(_part(one))
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _part(attachment: Attachment) -> Message:
    from email.encoders import encode_base64

    name = shown_name(attachment.name)
    main, sub = _TYPES.get(f".{name.rpartition('.')[2].lower()}", ("application", "octet-stream"))
    part = MIMEBase(main, sub)
    part.set_payload(attachment.data)
    encode_base64(part)
    encoded = Header(name, "utf-8", maxlinelen=75).encode(linesep="\n")
    part.replace_header("Content-Type", f'{main}/{sub};\n name="{encoded}"')
    part["Content-Disposition"] = f"attachment;\n {_filename(name)}"
    return part


def _filename(name: str) -> str:
    """The parameter filename of RFC 2231, in numbered pieces where one line could not hold it."""
    said = quote(name, safe="")
    if len(said) <= ONE_LINE:
        return f"filename*=utf-8''{said}"
    pieces: list[str] = []
    rest = said
    while rest:
        cut = min(len(rest), 60)
        cut -= next((back for back in (1, 2) if cut < len(rest) and rest[cut - back] == "%"), 0)
        pieces, rest = [*pieces, rest[:cut]], rest[cut:]
    first = f"filename*0*=utf-8''{pieces[0]}"
    return ";\n ".join([first, *(f"filename*{number}*={piece}" for number, piece in enumerate(pieces[1:], 1))])


def visible(words: str, most: int = 80) -> str:
    """The first characters of the words, with a box for each that cannot be seen."""
    return "".join(one if one.isprintable() else "□" for one in words)[:most]
