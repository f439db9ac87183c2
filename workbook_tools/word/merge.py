"""A document brought up to date from a fresh one: what the machine wrote is exchanged, what a person wrote stays.

A piece whose words nobody has changed gets its new words, in the format that it has there. One that was rewritten is
kept. A new one is put beside the piece that it follows; one that is no longer wanted goes unless it was rewritten.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from docx.oxml.ns import qn

from workbook_tools.claims.report_file import placed_blocks, placed_cells
from workbook_tools.word.fitting import split_tall_rows
from workbook_tools.word.marks import Mark, digest_of, marks_of, remove, rewrite

What = Literal["changed", "kept", "added", "removed", "left", "deleted"]
_P, _TBL, _TR = qn("w:p"), qn("w:tbl"), qn("w:tr")
_BEGIN, _FINISH, _ID = qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:id")


class Merged(NamedTuple):
    """What became of a piece: where it stands, its words before and the words that the form gives now.

    `changed`, `added` and `removed` by us; `kept` because a person rewrote it; `left` for the same reason although it
    is no longer wanted; `deleted` by a person before, and not put back.
    """

    what: What
    where: str
    before: str
    now: str


def merge(word: Any, fresh: Any) -> list[Merged]:
    """Brings the open document `word` up to date from the open document `fresh`; gives what became of each piece."""
    places = _places(word)
    wanted: dict[str, list[Mark]] = {}
    for mark in marks_of(fresh.element.body):
        wanted.setdefault(mark.key, []).append(mark)
    found = list(marks_of(word.element.body))
    keys = {mark.key for mark in found}
    groups = {_group(key) for key in keys}
    done = [*_exchanged(found, wanted, places)]
    _use_styles(word, fresh)
    for block in list(fresh.element.body):
        done += _added(word, block, keys, groups)
    if any(one.what in ("changed", "added") for one in done):
        split_tall_rows(word)
    return done


def _use_styles(word: Any, fresh: Any) -> None:
    """Has the fresh document call its styles as the other calls those of the same name: programs rename them."""
    names = {style.style_id: style.name for style in fresh.styles}
    known = {style.name: style.style_id for style in word.styles}
    for tag in ("w:pStyle", "w:rStyle", "w:tblStyle"):
        for one in fresh.element.body.iter(qn(tag)):
            style = known.get(names.get(one.get(qn("w:val")), ""))
            if style is not None:
                one.set(qn("w:val"), style)


def is_ours(word: Any) -> bool:
    """Whether a document has pieces that the machine wrote."""
    return next(marks_of(word.element.body), None) is not None


def _exchanged(found: Sequence[Mark], wanted: dict[str, list[Mark]], places: dict[Any, str]) -> Iterator[Merged]:
    seen: dict[str, int] = {}
    for mark in found:
        where = places.get(mark.paragraph, "")
        listed = wanted.get(mark.key)
        if listed is None:
            if mark.untouched:
                remove(mark)
                yield Merged("removed", where, mark.text, "")
            else:
                yield Merged("left", where, mark.text, "")
            continue
        number = seen.get(mark.key, 0)
        seen[mark.key] = number + 1
        now = listed[min(number, len(listed) - 1)].text
        if not mark.untouched:
            if digest_of(mark.text) != digest_of(now):
                yield Merged("kept" if mark.text.strip() else "deleted", where, mark.text, now)
        elif digest_of(now) != mark.digest:
            rewrite(mark, now)
            yield Merged("changed", where, mark.text, now)


def _group(key: str) -> str:
    """What the pieces of one indicator, of one table have in common; a piece of its own is its own group."""
    return key.rpartition("_")[0] or key


def _added(word: Any, block: Any, keys: set[str], groups: set[str]) -> Iterator[Merged]:
    """The paragraph or table of the fresh document, or rows of it, that the other lacks."""
    marks = list(marks_of(block))
    new = [mark for mark in marks if mark.key not in keys]
    if not new:
        return
    if len(new) == len(marks) and block.tag in (_P, _TBL):
        if gone := [mark for mark in new if _group(mark.key) in groups or "_" not in mark.key]:
            yield from (Merged("deleted", "", "", mark.text) for mark in gone if block.tag == _P)
            return
        put = _put(word, block, block)
        yield Merged("added", "" if put else "文末", "", _shown(block))
    elif block.tag == _TBL:
        for row in block.iter(_TR):
            own = list(marks_of(row))
            if own and all(mark.key not in keys and _group(mark.key) not in groups for mark in own):
                _put(word, row, row)
                yield Merged("added", "", "", _shown(row))


def _put(word: Any, element: Any, block: Any) -> bool:
    """Copies an element behind the one that has the piece before it; at the end where there is none. True if found."""
    body = word.element.body
    made = copy.deepcopy(element)
    _renumber(body, made)
    tag = element.tag
    before = block.getprevious()
    aside: list[Any] = []  # unmarked paragraphs that belong to what is new: a heading that was not there
    while before is not None:
        for mark in reversed(list(marks_of(before))):
            anchor = _of(body, mark.key, tag)
            if anchor is not None:
                for one in [made, *aside]:
                    anchor.addnext(one)
                return True
        if tag == _P and before.tag == _P and not list(marks_of(before)) and not _stands(body, before):
            aside.append(copy.deepcopy(before))
        before = before.getprevious()
    last = body.find(qn("w:sectPr"))
    if tag in (_P, _TBL) and last is not None:
        last.addprevious(made)
    return False


def _of(body: Any, key: str, tag: str) -> Any:
    """The element of that kind which holds the piece of a key; of a paragraph or table the one in the body itself."""
    mark = next((mark for mark in marks_of(body) if mark.key == key), None)
    if mark is None:
        return None
    if tag == _TR:
        return next(mark.start.iterancestors(_TR), None)
    return next((one for one in [mark.start, *mark.start.iterancestors()] if one.getparent() is body), None)


def _stands(body: Any, paragraph: Any) -> bool:
    """Whether the words of a paragraph stand somewhere already, or it has none."""
    words = _shown(paragraph)
    return not words or any(_shown(one) == words for one in body.iter(_P))


def _renumber(body: Any, made: Any) -> None:
    """Gives the bookmarks of a copy numbers that no other has."""
    last = max((int(one.get(_ID) or 0) for one in body.iter(_BEGIN)), default=0)
    numbers: dict[str, str] = {}
    for one in made.iter(_BEGIN, _FINISH):
        numbers.setdefault(one.get(_ID), str(last + len(numbers) + 1))
        one.set(_ID, numbers[one.get(_ID)])


def _shown(block: Any) -> str:
    return " ".join("".join(text.text or "" for text in p.iter(qn("w:t"))) for p in block.iter(_P)).strip()


def _places(word: Any) -> dict[Any, str]:
    """Paragraph → where it stands, as the check of reports says it: 第3段, 第1张表第2行第3格."""
    found: dict[Any, str] = {}
    for place, block in placed_blocks(word.element.body):
        if block.tag == _P:
            found[block] = place
        else:
            found |= {paragraph: where for where, cell in placed_cells(block, place) for paragraph in cell.iter(_P)}
    return found
