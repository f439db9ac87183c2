"""Workbook XML: checked once by expat, then read and cut by its own bytes.

After `checked` has seen a part it is well-formed UTF-8 without DOCTYPE, comments, instructions and CDATA, so that a `<`
only ever begins a tag and the patterns here are exact and linear. Cutting bytes leaves all that is not touched as it
was. Elements are only ever looked for by `elements` and `first`, which stop at a limit.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from xml.parsers import expat

from workbook_tools.errors import FileRejected
from workbook_tools.excel.container import damaged
from workbook_tools.text import for_excel, from_excel, regex

MOST_ELEMENTS = 100_000  # of one kind in a part: styles, names, links, sheets
MOST_CONVERTED = 32 * 2**20  # bytes of a part that is not in UTF-8
ENCODINGS = {  # as they are declared → the codec; others are never written by a spreadsheet, and some are slow to read
    **dict.fromkeys(("utf-16", "utf16", "ucs-2", "iso-10646-ucs-2", "utf-16le", "utf-16be"), "utf-16"),
    **dict.fromkeys(("gbk", "gb2312", "gb_2312-80", "cp936", "ms936", "windows-936", "gb18030"), "gb18030"),
}
_IN_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")
ATTRIBUTES = rb"""([^>"']*+(?:"[^"]*+"[^>"']*+|'[^']*+'[^>"']*+)*+)"""
_ATTRIBUTE = regex(rb"""(?<![\w:.-])([\w:.-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_TAG = regex(rb"<[\w.:-]+")
_ASIDE = regex(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>", re.DOTALL)
_DECLARATION = regex(r"^\s*<\?xml.*?\?>", re.DOTALL)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def checked(part: bytes, name: str) -> bytes:
    """The XML of a part as plain UTF-8; raises `FileRejected` for a DOCTYPE and for XML that is not well-formed."""
    part = undeclared(part, name)
    try:
        expat.ParserCreate("utf-8").Parse(part, True)  # noqa: FBT003
    except (expat.ExpatError, ValueError):
        raise damaged(name) from None
    if b"<!" in part or b"<?" in part[2:]:
        part = _ASIDE.sub(_without_aside, part)
    return part


def undeclared(part: bytes, name: str) -> bytes:
    """The XML of a part in UTF-8; raises `FileRejected` when it declares a document type or entities."""
    encoding = _encoding(part, name)
    if encoding:
        if len(part) > MOST_CONVERTED:
            raise FileRejected("E_TOO_BIG", f"文件里的“{name}”太大，不像自评表，没有打开；请用 Excel 另存一次再试")
        try:
            text = getincrementaldecoder(encoding)().decode(part, final=True)
            part = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).encode()
        except ValueError:
            raise damaged(name) from None
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise FileRejected("E_DTD", f"文件的“{name}”里有不允许的 DOCTYPE 声明，可能有害，没有打开；请核对文件的来源")
    return part


def _encoding(part: bytes, name: str) -> str | None:
    """The encoding of a part when it is not UTF-8; raises `FileRejected` for one that no spreadsheet writes."""
    if part[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in part[:4]:
        return "utf-16-le" if part[1] == 0 else "utf-16-be"
    found = re.match(rb"""\s{0,9}<\?xml[^>]{0,200}?\sencoding\s{0,9}=\s{0,9}["']([\w.-]{1,40})["']""", part[:400])
    said = found[1].decode().lower() if found else "utf-8"
    if said in _IN_UTF8:
        return None
    if said not in ENCODINGS:
        raise FileRejected("E_ENCODING", f"文件的“{name}”用了少见的编码（{said}），没有打开；请用 Excel 另存一次再试")
    return ENCODINGS[said]


def _without_aside(found: re.Match[bytes]) -> bytes:
    if found[0].startswith(b"<![CDATA["):
        return escape(found[1].decode()).encode()
    return found[0] if found[0].startswith(b"<?xml") and found.start() == 0 else b""


@lru_cache(maxsize=1024)
def element(name: str, prefix: bytes = b"") -> re.Pattern[bytes]:
    """A pattern for whole elements of that name: group 1 the attributes, group 2 the content (None when empty)."""
    tag = re.escape(prefix) + name.encode()
    return re.compile(rb"<%s(?=[\s/>])%s(?:(?<=/)>|>(%s)</%s\s*+>)" % (tag, ATTRIBUTES, before(tag), tag))


def before(tag: bytes) -> bytes:
    """A pattern for all that stands before the next end tag of that name; it goes from tag to tag, not byte by byte."""
    return rb"[^<]*+(?:<(?!/%s[\s>])[^<]*+)*+" % tag


def elements(
    xml: bytes, name: str, prefix: bytes = b"", *, most: int = MOST_ELEMENTS, start: int = 0, end: int = 2**62
) -> Iterator[re.Match[bytes]]:
    """The elements of that name in a checked part, one after the other; raises `FileRejected` where there are too many.

    They are counted before the first is given.
    """
    count_tags(xml, name, prefix, most=most, start=start, end=end)
    return element(name, prefix).finditer(xml, start, end)


def count_tags(
    xml: bytes, name: str, prefix: bytes = b"", *, most: int = MOST_ELEMENTS, start: int = 0, end: int = 2**62
) -> None:
    """Raises `FileRejected` where a part has more elements of that name than `most`; nothing is built for it."""
    tag = b"<" + prefix + name.encode()
    if xml.count(tag, start, end) <= most:  # with those whose names go on, there are few
        return
    if sum(xml.count(tag + sign, start, end) for sign in (b" ", b">", b"/", b"\n", b"\r", b"\t")) > most:
        raise too_many(f"<{name}>")


def too_many(what: str) -> FileRejected:
    """The refusal of a part with far more of something than any form has."""
    return FileRejected("E_TOO_BIG", f"里面的 {what} 多得不正常，不像自评表，没有读；请分成几个文件，或删去多余的部分")


def number(words: str, most: int = 10**9, default: int = 0) -> int:
    """The number that an attribute or a cell says, `default` where it says none or one beyond `most`."""
    if not (words.isascii() and words.isdecimal()) or len(words) > 10 or int(words) > most:
        return default
    return int(words)


def prefix_of(part: bytes) -> bytes:
    """The namespace prefix with its colon of the root element, b"" for none."""
    root = re.search(rb"<(?![?!])(?:([\w.-]{1,40}:))?", part)
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
    if "\r" in text:  # XML reads every line end as a line feed
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        first, *rest = text.split("&")
        text = first + "".join([_character(name) + words for name, _, words in (part.partition(";") for part in rest)])
    return from_excel(text)


def unescape_all(texts: Iterable[bytes]) -> list[str]:
    """The texts of checked XML as they are meant: what `unescape` gives, sooner where they are many."""
    texts = list(texts)
    joined = b"\0".join(texts)
    if texts and not (b"&" in joined or b"\r" in joined or b"_x" in joined):  # nothing to unescape
        return joined.decode().split("\0")
    found: list[str] = []
    parts: list[str] = []

    def ended(_: str) -> None:
        found.append(from_excel("".join(parts)))
        parts.clear()

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text, parser.buffer_size = True, 2**16
    parser.CharacterDataHandler, parser.EndElementHandler = parts.append, ended
    parser.Parse(b"<a>%s</a>" % b"".join([b"<t>%s</t>" % text for text in texts]), True)  # noqa: FBT003
    return found[:-1]


def _character(entity: str) -> str:
    if entity[0] != "#":
        return _NAMED[entity]
    digits, base = (entity[2:], 16) if entity[1] == "x" else (entity[1:], 10)
    return chr(int(digits.lstrip("0"), base))


def escape(text: str) -> str:
    """Text as character data or attribute value."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def escape_words(text: str) -> str:
    """The words of a cell as character data: what Excel escapes is escaped as Excel does it."""
    return escape(for_excel(text))
