"""What characters may do: where words enter, where they leave for Excel, and where people see them.

Words are plain Python text without lone surrogates. A cell holds control characters as Excel writes them (`_x000B_`),
so they are read and written back unchanged. What people see shows them as `[U+000B]`: on a screen they could erase a
line, forge another one or turn it around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from os import fsencode
from typing import Any, AnyStr


class _Later:
    """A regular expression that is compiled when it is first used; its methods are then those of the compiled one."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled: Any = re.compile(self.pattern, self._flags)
        vars(self).update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


_METHODS = ("search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split")


class _Needing:
    """A regular expression that is compiled for the first text with one of the words that every match has."""

    def __init__(self, pattern: str, flags: int, needs: str) -> None:
        self.pattern, self.needs, self._flags = pattern, needs.split("|"), flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    def _may_match(self, text: str) -> bool:
        for word in self.needs:  # noqa: SIM110  (any() takes four times as long)
            if word in text:
                return True
        return False

    def search(self, text: str, *part: int) -> re.Match[str] | None:
        return self._compiled.search(text, *part) if self._may_match(text) else None

    def match(self, text: str, *part: int) -> re.Match[str] | None:
        return self._compiled.match(text, *part) if self._may_match(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._compiled.fullmatch(text) if self._may_match(text) else None

    def findall(self, text: str) -> list[Any]:
        return self._compiled.findall(text) if self._may_match(text) else []

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._compiled.finditer(text) if self._may_match(text) else iter(())

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str) -> str:
        return self._compiled.sub(by, text) if self._may_match(text) else text


def regex(pattern: AnyStr, flags: int = 0, *, needs: str = "") -> re.Pattern[AnyStr]:
    """A regular expression for a module: of the hundreds there are, a command compiles the few that it uses.

    `needs` are words, as 上年|去年, of which every match has one: a text without any is not searched. A test proves it.
    """
    if needs and isinstance(pattern, str):
        return _Needing(pattern, flags, needs)  # type: ignore[return-value]
    return _Later(pattern, flags)  # type: ignore[return-value]


FORMULA_SIGNS = "=+-@"  # of which Excel makes a formula where a typed text begins with one
LONGEST = 32_767  # UTF-16 units that a cell of Excel holds
MOST_NAME_BYTES = 200  # of a file name; disks take 255, and a backup's name is longer
_ESCAPE = regex("_x([0-9A-Fa-f]{4})_")
_LOOKS_ESCAPED = regex("_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = regex("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # the carriage return too: XML reads it as a line feed
_SURROGATE = regex("[\ud800-\udfff]")
_BYTE = regex("[\udc80-\udcff]")  # a byte of a file name that is not UTF-8
_UNSEEN = regex(  # controls, formats that hide or turn text, separators that break lines, no characters at all
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_HARMFUL = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")
_LINE_ENDS = regex("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_NOT_IN_A_NAME = regex(r'[\\/:*?"<>|]')
_RESERVED = regex(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)  # names of devices on Windows


def harmful(words: str) -> dict[str, int]:
    """What in the words no form should hold, each as its code, and how often: controls, what turns text, no characters.

    >>> harmful("一\\v二")
    {'U+000B': 1}
    """
    found: dict[str, int] = {}
    if without(words, "\n").isprintable() and "\ufffd" not in words:
        return found
    for character in _HARMFUL.findall(words):
        code = f"U+{ord(character):04X}"
        found[code] = found.get(code, 0) + 1
    return found


def without(words: str, characters: str) -> str:
    """The words without some characters."""
    for character in characters:
        words = words.replace(character, "")
    return words


def visible(words: object, keep: str = "") -> str:
    """The words with every character that cannot be seen as its code: `[U+001B]`; those of `keep` stay."""
    said = str(words)
    if without(said, keep).isprintable():  # as nearly all are: none of them is searched for
        return said
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else f"[U+{ord(found[0]):04X}]", said)


def one_line(words: object) -> str:
    """The words in one line, as they may be seen: line ends become blanks."""
    said = str(words)
    return said if said.isprintable() else visible(_LINE_ENDS.sub(" ", said))


def shown_path(path: object) -> str:
    """A path as people see it; a name that is not UTF-8 as the Chinese code page of Windows has it."""
    return "".join(map(_shown_name, re.split(r"([/\\])", str(path))))


def as_argument(path: object) -> str:
    """A path as it is typed behind a command: in quotes where a space would cut it in two."""
    words = shown_path(path)
    return f'"{words}"' if re.search(r"[\s&()；;]", words) else words


def _shown_name(name: str) -> str:
    if name.isprintable():
        return name
    if _BYTE.search(name):
        try:
            name = fsencode(name).decode("gb18030")
        except UnicodeError:  # of neither
            return visible(name)
    return visible(name)


def wrong_in_name(name: str) -> str:
    """Why a file cannot be used under its name, "" where it can."""
    if name.isprintable():
        return ""
    if _SURROGATE.search(name):
        return f"文件名不是 UTF-8（应为“{shown_path(name)}”），写不进任何表里；请改文件名，或重新解压（编码选 GBK）"
    if _UNSEEN.search(name):
        return f"文件名“{visible(name)}”里有看不见的字符；请改文件名"
    return ""


def file_name(words: str, ending: str = "") -> str:
    """Words as the name of a file on any system; too long a name ends with a digest, so that it stays one of its own.

    >>> file_name("12345热线：咨询/投诉", ".xlsx")
    '12345热线：咨询_投诉.xlsx'
    >>> file_name("con", ".xlsx"), file_name(" . ", ".xlsx")
    ('con_.xlsx', '_.xlsx')
    """
    name = _NOT_IN_A_NAME.sub("_", _UNSEEN.sub("_", words)).strip(" .") or "_"
    first, dot, rest = name.partition(".")
    if _RESERVED.fullmatch(first.rstrip()):
        name = f"{first.rstrip()}_{dot}{rest}"
    room = MOST_NAME_BYTES - len(ending.encode())
    if len(name.encode()) > room:
        import hashlib  # for a name that is too long

        digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        name = f"{name.encode()[: room - 7].decode(errors='ignore')}_{digest}"
    return name + ending


def whole_characters(words: str) -> str:
    """The words with every pair of surrogates as its character, and a lone one as U+FFFD: no file can hold it."""
    if not words.isprintable() and _SURROGATE.search(words):
        return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return words


def from_excel(words: str) -> str:
    """The words of a cell as Excel shows them: `_x000B_` stands for a character, `_x005F_` for a plain `_`."""
    if "_x" not in words:
        return words
    return whole_characters(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), words))


def for_excel(words: str) -> str:
    """The words as a cell stores them: what XML cannot hold, and what looks like an escape, is escaped as Excel does.

    >>> for_excel("一\\v二 _x0041_")
    '一_x000B_二 _x005F_x0041_'
    """
    if "_x" in words:
        words = _LOOKS_ESCAPED.sub("_x005F_", words)
    return words if words.isprintable() else _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", words)


def begins_as_formula(words: str) -> bool:
    """Whether Excel makes a formula of the words, or tries to, where a person types them: =8个, -一票, @单位."""
    return len(words) > 1 and words[0] in FORMULA_SIGNS


def wrong_in_cell(words: str) -> str:
    """Why a cell of Excel cannot hold the words, "" where it can."""
    length = len(words) + sum(character > "\uffff" for character in words) if len(words) * 2 > LONGEST else 0
    if length > LONGEST:
        return f"有 {length:,} 个字，Excel 的一格最多 {LONGEST:,} 个；请分成几格，或写进附件"
    if not words.isprintable() and (found := _SURROGATE.search(words)):
        return f"里有不成字的编码（U+{ord(found[0]):04X}），Excel 存不下；请重新输入这几个字"
    return ""


def for_report(words: str) -> str:
    """Words as a cell of a list stores them: `for_excel`; too long ones are cut and say so, half characters shown."""
    if why := wrong_in_cell(words):
        note = f"……（{why.partition('；')[0]}）" if len(words) * 2 > LONGEST else ""
        words = whole_characters(words[: (LONGEST - 100) // 2] + note)
    return for_excel(words)


def encoded(words: str, encoding: str = "utf-8") -> bytes:
    """Text as the bytes of a file; what no file can hold is shown as its code."""
    return _SURROGATE.sub(lambda found: visible(found[0]), words).encode(encoding)


def json_text(data: Any) -> str:
    """Data as JSON that people can read; what cannot be seen is written as its code, so that it stays what it was."""
    import json  # most commands write none

    said = json.dumps(data, ensure_ascii=False, indent=2)
    return _UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], said)
