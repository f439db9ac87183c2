"""Which words of a document the machine wrote: a bookmark `fx_<key>_<digest of the words>` around each piece of text.

Bookmarks are what survives an edit in Word, WPS and LibreOffice alike. Where the digest still is that of the words,
nobody has changed them; where it is not, a person has written there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from workbook_tools.claims.report_file import OPEN
from workbook_tools.text import regex

START, MIDDLE, END = "\ue000", "\ue001", "\ue002"  # around a piece while a template is rendered
FORBIDDEN = {ord(mark): None for mark in (START, MIDDLE, END)}
_MARKS = regex(f"({START}[^{MIDDLE}]*{MIDDLE}|{END})")
_NAME = regex(r"fx_([a-z0-9_]+?)(?:X(\d+))?_([0-9a-f]{8})")
_T, _BR, _TAB, _RUN, _P = (qn(f"w:{name}") for name in ("t", "br", "tab", "r", "p"))
_BEGIN, _FINISH = qn("w:bookmarkStart"), qn("w:bookmarkEnd")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class Piece(NamedTuple):
    """Words that the machine writes: `key` (small letters, digits, _) says which; pieces of one thing begin alike."""

    key: str
    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


class Mark(NamedTuple):
    """A piece of text in a document: its key, which of that key it is, the digest in its name, its words and places."""

    key: str
    number: int
    digest: str
    text: str
    start: Any
    parts: tuple[Any, ...]  # its w:t, w:br and w:tab

    @property
    def untouched(self) -> bool:
        """Whether nobody has changed the words since they were written."""
        return digest_of(self.text) == self.digest

    @property
    def paragraph(self) -> Any:
        """The paragraph that it begins in."""
        return next(self.start.iterancestors(_P), None)


def digest_of(words: str) -> str:
    """The digest of words, whatever the blanks between them."""
    return hashlib.sha256("".join(words.split()).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def text_of(parts: tuple[Any, ...]) -> str:
    """The words of text, line breaks and tabs."""
    return "".join((part.text or "") if part.tag == _T else "\n" if part.tag == _BR else "\t" for part in parts)


def mark_pieces(word: Any) -> None:
    """Turns the signs around the pieces of a rendered document into bookmarks; elsewhere than in the text they go."""
    used: dict[str, int] = {}
    last = max((int(one.get(qn("w:id")) or 0) for one in word.element.body.iter(_BEGIN)), default=0)
    for run in [run for run in word.element.body.iter(_RUN) if any(START in (t.text or "") for t in run.iter(_T))]:
        last = _mark_run(run, used, last)
    for section in word.sections:
        for part in (section.header, section.footer, section.even_page_header, section.even_page_footer):
            for text in part._element.iter(_T) if not part.is_linked_to_previous else ():
                text.text = _MARKS.sub("", text.text or "")


def _mark_run(run: Any, used: dict[str, int], last: int) -> int:
    """Splits a run at the signs in it; gives the last id of a bookmark."""
    made: list[Any] = []
    key, said, begun = "", "", None

    def current() -> Any:
        if not made or made[-1].tag != _RUN:
            made.append(_like(run))
        return made[-1]

    for child in [child for child in run if child.tag != qn("w:rPr")]:
        if child.tag != _T:
            said += "\n" if child.tag == _BR else ""
            current().append(child)
            continue
        for piece in _MARKS.split(child.text or ""):
            if piece.startswith(START):
                key, said, last = piece[1:-1], "", last + 1
                begun = OxmlElement("w:bookmarkStart")
                begun.set(qn("w:id"), str(last))
                made.append(begun)
            elif piece == END and begun is not None:
                used[key] = used.get(key, 0) + 1
                _highlight(made[-1], said)
                begun.set(qn("w:name"), name_of(key, used[key], said))
                finish = OxmlElement("w:bookmarkEnd")
                finish.set(qn("w:id"), str(last))
                made.append(finish)
                begun = None
            elif piece:
                said += piece
                _put_text(current(), piece)
    for element in made:
        run.addprevious(element)
    run.getparent().remove(run)
    return last


def name_of(key: str, number: int, words: str) -> str:
    """The name of a bookmark: no other has it, and Word takes it (letters, digits and _, at most 40)."""
    return f"fx_{key}{f'X{number}' if number > 1 else ''}_{digest_of(words)}"


def _like(run: Any) -> Any:
    made = OxmlElement("w:r")
    properties = run.find(qn("w:rPr"))
    if properties is not None:
        made.append(_copy(properties))
    return made


def _copy(element: Any) -> Any:
    return element.__deepcopy__(None)


def _put_text(run: Any, words: str) -> Any:
    text = OxmlElement("w:t")
    text.text = words
    text.set(_SPACE, "preserve")
    run.append(text)
    return text


def marks_of(block: Any) -> Iterator[Mark]:
    """The marks below an element, in order."""
    open_marks: dict[str, tuple[Any, re.Match[str], list[Any]]] = {}
    for element in block.iter(_BEGIN, _FINISH, _T, _BR, _TAB, _P):
        if element.tag == _BEGIN:
            if named := _NAME.fullmatch(element.get(qn("w:name")) or ""):
                open_marks[element.get(qn("w:id"))] = (element, named, [])
        elif element.tag == _FINISH:
            if found := open_marks.pop(element.get(qn("w:id")), None):
                start, named, parts = found
                yield Mark(named[1], int(named[2] or 1), named[3], text_of(tuple(parts)), start, tuple(parts))
        elif element.tag != _P and element.getparent().tag == _RUN:
            for _, _, parts in open_marks.values():
                parts.append(element)


def rewrite(mark: Mark, words: str) -> None:
    """Exchanges the words of a mark, in the format that they had, and gives it its new name."""
    first = next((part for part in mark.parts if part.tag == _T), None)
    if first is None:  # it was empty
        run = OxmlElement("w:r")
        mark.start.addnext(run)
        first = _put_text(run, "")
    for part in mark.parts:
        if part is not first:
            part.getparent().remove(part)
    lines = words.split("\n")
    first.text = lines[0]
    first.set(_SPACE, "preserve")
    after = first
    for line in lines[1:]:
        for element in (OxmlElement("w:br"), OxmlElement("w:t")):
            after.addnext(element)
            after = element
        after.text = line
        after.set(_SPACE, "preserve")
    _highlight(first.getparent(), words)
    mark.start.set(qn("w:name"), name_of(mark.key, mark.number, words))


def _highlight(run: Any, words: str) -> None:
    """Words that say what is still to be decided (【待定：…】) stand out; once it is decided they no longer do."""
    properties = run.find(qn("w:rPr"))
    lit = properties.find(qn("w:highlight")) if properties is not None else None
    if OPEN in words and lit is None:
        if properties is None:
            properties = OxmlElement("w:rPr")
            run.insert(0, properties)
        lit = OxmlElement("w:highlight")
        lit.set(qn("w:val"), "yellow")
        properties.append(lit)
    elif OPEN not in words and lit is not None and lit.get(qn("w:val")) == "yellow":
        properties.remove(lit)


def remove(mark: Mark) -> None:
    """Takes out a piece: its row of a table or its paragraph where nothing else stands there, else only its words."""
    paragraph = mark.paragraph
    own = {id(part) for part in mark.parts}
    others = (
        [t for t in paragraph.iter(_T) if id(t) not in own and (t.text or "").strip()] if paragraph is not None else []
    )
    for part in mark.parts:
        part.getparent().remove(part)
    if paragraph is None or others:
        return
    row = next(paragraph.iterancestors(qn("w:tr")), None)
    if row is None:
        paragraph.getparent().remove(paragraph)
    elif not any((t.text or "").strip() for t in row.iter(_T)):
        table = row.getparent()
        table.remove(row)
        if not table.findall(qn("w:tr")):
            table.getparent().remove(table)
