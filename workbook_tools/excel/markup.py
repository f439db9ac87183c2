"""Workbook XML: checked once by expat, then read and cut by its own bytes.

After `checked` has seen a part it is well-formed UTF-8 without DOCTYPE, comments and CDATA, so that a `<` only ever
begins a tag and the patterns here are exact. Cutting bytes leaves all that is not touched as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from xml.parsers import expat

from workbook_tools.errors import FileRejected
from workbook_tools.excel.container import damaged

ATTRIBUTES = rb"""([^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+)"""
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TAG = re.compile(rb"<[\w.:-]+")
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>", re.DOTALL)
_DECLARATION = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def checked(part: bytes, name: str) -> bytes:
    """The XML of a part as plain UTF-8; raises `FileRejected` for a DOCTYPE and for XML that is not well-formed."""
    part = undeclared(part, name)
    try:
        expat.ParserCreate().Parse(part, True)  # noqa: FBT003
    except (expat.ExpatError, LookupError, ValueError):
        raise damaged(name) from None
    if b"<!" in part:
        part = _ASIDE.sub(_without_aside, part)
    return part


def undeclared(part: bytes, name: str) -> bytes:
    """The XML of a part in UTF-8; raises `FileRejected` when it declares a document type or entities."""
    encoding = _encoding(part)
    if encoding:
        try:
            text = part.decode(encoding)
        except (LookupError, ValueError):
            raise damaged(name) from None
        part = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).encode()
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise FileRejected("E_DTD", f"文件的“{name}”里有不允许的 DOCTYPE 声明，可能有害，没有打开；请核对文件的来源")
    return part


def _encoding(part: bytes) -> str | None:
    """The encoding of a part when it is not UTF-8."""
    if part[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in part[:4]:
        return "utf-16-le" if part[1] == 0 else "utf-16-be"
    found = re.match(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""", part)
    name = found[1].decode().lower() if found else "utf-8"
    return None if name in ("utf-8", "utf8", "us-ascii") else name


def _without_aside(found: re.Match[bytes]) -> bytes:
    if found[0].startswith(b"<![CDATA["):
        return escape(found[1].decode()).encode()
    return found[0] if found[0].startswith(b"<?") else b""


@cache
def element(name: str, prefix: bytes = b"") -> re.Pattern[bytes]:
    """A pattern for whole elements of that name: group 1 the attributes, group 2 the content (None when empty)."""
    tag = re.escape(prefix) + name.encode()
    return re.compile(rb"<%s\b%s(?:(?<=/)>|>(.*?)</%s\s*>)" % (tag, ATTRIBUTES, tag), re.DOTALL)


def prefix_of(part: bytes) -> bytes:
    """The namespace prefix with its colon of the root element, b"" for none."""
    root = re.search(rb"<(?![?!])(?:([\w.-]+:))?", part)
    return (root and root[1]) or b""


def attributes(raw: bytes) -> dict[str, str]:
    """The attributes of a tag, unescaped, by name."""
    return {name.decode(): unescape((a or b).decode()) for name, a, b in _ATTRIBUTE.findall(raw)}


def with_attributes(tag: bytes, given: Mapping[str, str]) -> bytes:
    """An element with these attributes in place of its own of the same names."""
    names = {name.encode() for name in given}
    kept = _ATTRIBUTE.sub(lambda found: b"" if found[1] in names else found[0], tag)
    more = "".join(f' {name}="{escape(value)}"' for name, value in given.items()).encode()
    return _TAG.sub(lambda found: found[0] + more, kept, count=1)


def unescape(text: str) -> str:
    """Character data as it is meant, `_x000D_` escapes of workbooks included."""
    if "&" in text:
        first, *rest = text.split("&")
        text = first + "".join([_character(name) + words for name, _, words in (part.partition(";") for part in rest)])
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


@cache
def _character(entity: str) -> str:
    if entity[0] != "#":
        return _NAMED[entity]
    return chr(int(entity[2:], 16) if entity[1] == "x" else int(entity[1:]))


def escape(text: str) -> str:
    """Text as character data or attribute value."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
