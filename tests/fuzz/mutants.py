"""Mutants: a number gives a file, always the same one."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from fuzz.corpus import BROKEN, DATA, NAMES, SHEET, form, parts, rebuilt, seeds

Kind = Literal["bytes", "zip", "tokens", "encodings", "texts", "data", "names", "mail"]


class Mutant(NamedTuple):
    """One file to be tried under a name, whose bytes need not be text."""

    seed: int
    kind: Kind
    name: bytes
    data: bytes


_TOKENS = [
    *(b"<", b">", b'"', b"'", b"&", b";", b"\0", b"/", b"=", b"&x;", b"&#0;", b"&#xD800;", b"&lt;", b"]]>", b"<!--", b"-->"),
    *(b"<c/>", b"<c>", b"</c>", b"<row/>", b"</row>", b"<v/>", b"<v>1</v>", b"<f>1</f>", b"<f/>", b"<is><t/></is>"),
    *(b't="s"', b't="b"', b't="e"', b't="str"', b't="n"', b's="99999"', b'r="A1"', b'r="XFD1048576"', b'r="A0"', b'min="a"'),
    *(b"<![CDATA[a<b]]>", b"<?x ?>", b"<!DOCTYPE a>", b'hidden="1"', b"_x000B_", b"_xD800_", b"_x005F_", b"xmlns:a='u'"),
    *(b"9" * 20, b"-1", b"1e999", b"NaN", b"0.1", b"1 2", b"\xff", b"\xc0\x80", "\u202e".encode(), b"\r", b"\x85", b"\xed\xa0\x80"),
]  # fmt: skip
_PIECES = [
    *("", " ", "　", "\n", "\t", "\v", "\x1b[2J", "\x00", "\x7f", "\u0085", "\u200b", "\u202e", "\ufeff", "\ufffe", "\U0001f600", "_x0041_", "_x000B_"),
    *("1", "0", "-1", "９５", "95%", "0.95", "1,000", "1.2.3", "1e5", "∞", "NaN", "①", "½", "百分之", "≥", "≤95", "以上", "以下（含）", "～", "~", "%", "‰", "万元", "亿", "人次"),
    *("=1+1", "+1", "-1+1", "@A1", "'", "\"", "<b>", "&amp;", "]]>", "{0}", "%s", "\\", "/", "|", "^", "#", "*", "¶", "http://a", "[1]Sheet1!A1"),
    *("无", "—", "不适用", "未计算的公式", "#REF!", "#DIV/0!", "TRUE", "优", "良", "差", "合计", "总分", "得分", "分值", "指标1：", "产出指标", "满意度", "自评"),
    *("9月前", "2022年底", "次年1月", "第四季度", "未完成", "每下降1%扣0.5分", "不足1%按1%计算", "进度", "原因：", "。", "；", "，", "（", "）", "(单位：万元)", "2022年"),
]  # fmt: skip
_VALUE = re.compile(rb"<v>[^<]*</v>|<t(?: [^>]*)?>[^<]*</t>")
_ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gbk",
    "gb18030",
    "big5",
    "latin-1",
    "utf-7",
    "cp1252",
)
_DECLARED = (*_ENCODINGS, "GB2312", "punycode", "idna", "zlib", "rot13", "unicode_escape", "", "x" * 300)


def mutant(seed: int, kind: Kind | None = None) -> Mutant:
    """The mutant of a number, of one kind if that is given."""
    choose = random.Random(seed)
    kind = kind or choose.choices(list(_MAKERS), [weight for weight, _ in _MAKERS.values()])[0]
    name, data = _MAKERS[kind][1](choose)
    return Mutant(seed, kind, name, data)


def _workbook(choose: random.Random) -> bytes:
    """A sound workbook, or one of those that broke the program."""
    if choose.random() < 0.3:
        return BROKEN[choose.choice(list(BROKEN))]()
    return _sound(choose)


def _sound(choose: random.Random) -> bytes:
    """The small form, most often, or another."""
    return form() if choose.random() < 0.7 else choose.choice(list(seeds().values()))


def _bytes(choose: random.Random) -> tuple[bytes, bytes]:
    data = bytearray(_workbook(choose))
    for _ in range(choose.choice((0, 1, 1, 2, 5, 50))):
        at = choose.randrange(len(data) + 1)
        how = choose.randrange(4)
        if how == 0 and data:
            data[min(at, len(data) - 1)] = choose.randrange(256)
        elif how == 1:
            del data[at : at + choose.choice((1, 4, 100, len(data)))]
        elif how == 2:
            data[at:at] = choose.randbytes(choose.choice((1, 2, 4, 30)))
        else:
            data[at : at + 4] = choose.choice((b"\0" * 4, b"\xff" * 4, b"PK\3\4", b"PK\1\2", b"PK\5\6"))
    return b"a.xlsx", bytes(data)


def _zip(choose: random.Random) -> tuple[bytes, bytes]:
    """Parts exchanged, taken away, added, renamed; records of the directory changed."""
    content = parts(_sound(choose))
    for _ in range(choose.choice((1, 1, 2, 4))):
        name, how = choose.choice(list(content)), choose.randrange(6)
        if how == 0:
            content.pop(name)
        elif how == 1:
            content[name] = choose.choice(list(content.values()))
        elif how == 2:
            content[
                choose.choice(("../a.xml", "/a", "a\\b", "c:a", "", "a\nb", "XL/Workbook.xml", "word/document.xml"))
            ] = b"<a/>"
        elif how == 3:
            content[name.replace("/", "\\")] = content.pop(name)
        elif how == 4:
            content[name] = b""
        else:
            content[name.upper()] = content[name]
        if not content:
            break
    done = io.BytesIO()
    with zipfile.ZipFile(done, "w", choose.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as target:
        for name, part in content.items():
            entry = zipfile.ZipInfo("a")
            entry.filename = name
            entry.compress_type = choose.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
            target.writestr(entry, part)
    data = bytearray(done.getvalue())
    if choose.random() < 0.5:  # somewhere in the directory
        start = max(data.rfind(b"PK\5\6") - 60 * len(content), 0)
        for _ in range(choose.choice((1, 2, 6))):
            data[choose.randrange(start, len(data))] = choose.choice((0, 1, 8, 255, choose.randrange(256)))
    return b"a.xlsx", bytes(data)


def _tokens(choose: random.Random) -> tuple[bytes, bytes]:
    """A part of a sound container with tokens put in, taken out, doubled or exchanged."""
    data = _sound(choose)
    content = parts(data)
    sheets = [name for name in content if name.startswith("xl/worksheets/sheet")]
    name = choose.choice([*sheets * 3, *(name for name in content if name.endswith((".xml", ".rels")))])
    pieces = re.split(rb"(<[^>]*>)", content[name])
    for _ in range(choose.choice((1, 1, 2, 3, 10))):
        at, how = choose.randrange(len(pieces)), choose.randrange(5)
        if how == 0:
            pieces[at] = choose.choice(_TOKENS)
        elif how == 1:
            pieces.insert(at, choose.choice(_TOKENS))
        elif how == 2:
            pieces[at] = pieces[choose.randrange(len(pieces))]
        elif how == 3:
            inside = choose.randrange(len(pieces[at]) + 1)
            pieces[at] = pieces[at][:inside] + choose.choice(_TOKENS) + pieces[at][inside:]
        else:
            pieces[at] = re.sub(
                rb'"[^"]*"', b'"%s"' % choose.choice((b"", b"a", b"-1", b"9" * 30, b"0", b"A1", b"1e9")), pieces[at]
            )
    return b"a.xlsx", rebuilt(data, {name: b"".join(pieces)})


def _encodings(choose: random.Random) -> tuple[bytes, bytes]:
    """A part in an encoding, declared as it is or as another."""
    data = _sound(choose)
    content = parts(data)
    name = choose.choice([name for name in content if name.endswith((".xml", ".rels"))])
    text = re.sub(r"^\s*<\?xml.*?\?>", "", content[name].decode("utf-8", "replace"), flags=re.DOTALL)
    encoding = choose.choice(_ENCODINGS)
    declared = encoding if choose.random() < 0.5 else choose.choice(_DECLARED)
    written = f'<?xml version="1.0" encoding="{declared}"?>{text}' if choose.random() < 0.8 else text
    return b"a.xlsx", rebuilt(data, {name: written.encode(encoding, "xmlcharrefreplace")})


def words(choose: random.Random) -> str:
    """What nobody would type into a cell."""
    said = "".join(choose.choice(_PIECES) for _ in range(choose.choice((1, 1, 2, 3, 5))))
    return (said or "1") * choose.choice((1, 1, 1, 1, 1, 2, 200)) if choose.random() < 0.98 else said * 4000


def _texts(choose: random.Random) -> tuple[bytes, bytes]:
    """A form that says other words in some of its cells."""
    data = _sound(choose)
    content = parts(data)
    name = choose.choice([name for name in (SHEET, "xl/sharedStrings.xml") if name in content])
    found = list(_VALUE.finditer(content[name]))
    xml, chosen = (
        content[name],
        sorted(choose.sample(found, min(len(found), choose.choice((1, 2, 5, 20)))), key=lambda one: -one.start()),
    )
    for one in chosen:
        said = escape(words(choose)).translate(
            {code: f"_x{code:04X}_" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE)}
        )
        tag = b"v" if one[0].startswith(b"<v") else b't xml:space="preserve"'
        xml = xml[: one.start()] + b"<%s>%s</%s>" % (tag, said.encode("utf-8", "replace"), tag[:1]) + xml[one.end() :]
    if choose.random() < 0.5:  # numbers become texts
        xml = xml.replace(b' t="n"', b' t="str"')
    return b"a.xlsx", rebuilt(data, {name: xml})


def _data(choose: random.Random) -> tuple[bytes, bytes]:
    """A list or a file of data."""
    ending, content = DATA[choose.choice(list(DATA))]
    data = bytearray(content)
    for _ in range(choose.choice((0, 1, 2, 5))):
        at, how = choose.randrange(len(data) + 1), choose.randrange(3)
        if how == 0:
            data[at:at] = words(choose).encode(choose.choice(("utf-8", "gb18030", "utf-16")), "replace")
        elif how == 1:
            del data[at : at + choose.choice((1, 2, 10))]
        else:
            data[at:at] = choose.choice(
                (b'"', b"{", b"[", b"=", b",", b"\n", b"\r", b"'''", b"\\u", b"\0", b"\xff", b"[[", b"1e", b"-")
            )
    if choose.random() < 0.2:
        ending = choose.choice((".json", ".toml", ".csv", ".txt", ".xlsx"))
    return b"a" + ending.encode(), bytes(data)


def _names(choose: random.Random) -> tuple[bytes, bytes]:
    """A sound form under a bad name."""
    name = NAMES[choose.choice(list(NAMES))]
    if choose.random() < 0.7:
        stem = bytes(
            choose.choice((*range(1, 256), 0x0A, 0x1B)) for _ in range(choose.choice((1, 3, 30, 250)))
        ).replace(b"/", b"_")
        name = stem[: choose.choice((1, 8, 100, 249))] + name[-5:]
    return name, form()


_MAKERS: dict[Kind, tuple[int, Callable[[random.Random], tuple[bytes, bytes]]]] = {
    "bytes": (50, _bytes),
    "zip": (18, _zip),
    "tokens": (11, _tokens),
    "encodings": (2, _encodings),
    "texts": (9, _texts),
    "data": (8, _data),
    "names": (2, _names),
    "mail": (0, lambda _: (b"", b"")),  # the number itself is the dialogue; they are slow, and tried now and then
}
KINDS = tuple(_MAKERS)
