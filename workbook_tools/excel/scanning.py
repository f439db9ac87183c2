"""The cells, rows and merged areas of a worksheet's XML, counted before they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel.addresses import Cell, column_number, position
from workbook_tools.excel.container import damaged
from workbook_tools.excel.markup import (
    ATTRIBUTES,
    before,
    count_tags,
    element,
    prefix_of,
    too_many,
    unescape,
    unescape_all,
)
from workbook_tools.text import regex

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of any sheet of Excel
MOST_STORED_ROWS = 100_000
MOST_MERGED_CELLS = 2_000_000
MOST_COVERED_CELLS = 250_000  # by merges, where there are cells

COLUMN, CELL, CONTENT, ROW = 1, 2, 3, 4  # groups: column, attributes and content of a cell, attributes of a row
_TAGS = (  # a whole cell, its column where it is written as most programs do, or the first tag of a row
    rb"<%sc(?=[\s/>])(?: r=\"([A-Z]{1,3})[0-9]{1,7}\")?%s(?:(?<=/)>|>(%s)</%sc\s*+>)|<%srow(?=[\s/>])%s>"
)
_REFERENCE = regex(rb"""\sr\s*=\s*["']([A-Z]{0,3}[0-9]{1,7})["']""")
_MERGED = regex(rb"""mergeCell\s+ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})["']""")
_SHARED = regex(rb't="s"[^<>]*+><v>([0-9]{1,10}+)</v>')
OF_SHARED = regex(rb"""\st\s*=\s*["']s["']""")  # in the attributes of a cell: it holds a shared string
STYLE = regex(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_OWN_TEXT, _RESULT = (
    regex(rb"<t(?:\s[^<>]*)?>([^<]+)</t>"),
    regex(rb"<v(?:\s[^<>]*)?>([0-9.eE+-]*+[^<0-9.eE+-][^<]*+)</v>"),
)


class Scanned(NamedTuple):
    """A worksheet's XML, the end of its data in it, and the tags of its cells and rows where they stand."""

    xml: bytes
    end: int
    cells: dict[Cell, re.Match[bytes]]
    rows: dict[int, re.Match[bytes]]


def scanned(xml: bytes, prefix: bytes, most: int) -> Scanned:
    """The cells and rows of a checked worksheet; raises `FileRejected` where they are damaged or more than `most`."""
    opened = re.search(rb"<%ssheetData(?=[\s/>])%s>" % (re.escape(prefix), ATTRIBUTES), xml)
    if opened is None:
        raise damaged("工作表没有内容")
    start = opened.end()
    if opened[1].endswith(b"/"):  # <sheetData/>: opened, so that rows can go in
        closed = b"%s></%ssheetData>" % (opened[0][:-2], prefix)
        xml = xml[: opened.start()] + closed + xml[start:]
        start -= 1
    end = xml.index(b"</%ssheetData" % prefix, start)
    count_tags(xml, "row", prefix, most=MOST_STORED_ROWS, start=start, end=end)
    count_tags(xml, "c", prefix, most=most, start=start, end=end)
    cells: dict[Cell, re.Match[bytes]] = {}
    rows: dict[int, re.Match[bytes]] = {}
    row = column = 0
    misplaced = damaged("单元格的位置不对")
    for found in _rows_and_cells(prefix).finditer(xml, start, end):
        if letters := found[COLUMN]:
            column = column_number(letters)
        elif found[ROW] is not None:
            reference = _REFERENCE.search(found[ROW])
            row, column = position(reference[1])[0] if reference else row + 1, 0
            if row > MOST_ROWS:
                raise misplaced
            rows[row] = found
            continue
        else:
            reference = _REFERENCE.search(found[CELL])
            column = position(reference[1])[1] if reference else column + 1
        if column > MOST_COLUMNS:
            raise misplaced
        cells[row, column] = found
    return Scanned(xml, end, cells, rows)


def merged(xml: bytes, end: int, cells: Mapping[Cell, re.Match[bytes]], size: tuple[int, int]) -> dict[Cell, Cell]:
    """The cells of merged areas → the first of their area; raises `FileRejected` where they are too many."""
    anchors: dict[Cell, Cell] = {}
    area = 0
    for found in _MERGED.finditer(xml, end):
        (top, left), (bottom, right) = position(found[1]), position(found[2])
        area += max(0, bottom - top + 1) * max(0, right - left + 1)
        if area > MOST_MERGED_CELLS:
            raise FileRejected("E_MERGE", "工作表的合并单元格多得不正常，没有打开；请取消多余的合并单元格再试")
        covered = [
            (row, column)
            for row in range(top, min(bottom, size[0]) + 1)
            for column in range(left, min(right, size[1]) + 1)
        ]
        if len(anchors) + len(covered) > MOST_COVERED_CELLS:
            raise too_many("合并单元格")
        # Excel empties all cells but the first; where others hold words, rows were moved under the merge.
        for cell in covered[1:]:
            if (stored := cells.get(cell)) and stored[CONTENT]:
                break
        else:
            anchors.update(dict.fromkeys(covered, (top, left)))
    return anchors


def merged_area(xml: bytes) -> int:
    """How many cells the merged areas of a worksheet cover, also where there are none stored."""
    corners = ((position(found[1]), position(found[2])) for found in _MERGED.finditer(xml))
    return sum(max(0, bottom - top + 1) * max(0, right - left + 1) for (top, left), (bottom, right) in corners)


def quick_texts(xml: bytes) -> tuple[set[bytes], set[str]] | None:
    """The shared strings that a checked worksheet uses, by number, and its own texts; None where that takes more."""
    if prefix_of(xml) or b"</r>" in xml:  # texts of several runs
        return None
    quoted = xml.count(b'"s"') + xml.count(b"'s'")  # at least as often as cells hold shared strings
    shared = _SHARED.findall(xml) if quoted else []
    if len(shared) != quoted and len(shared) != len(OF_SHARED.findall(xml)):
        return None
    return set(shared), set(unescape_all({*_OWN_TEXT.findall(xml), *_RESULT.findall(xml)}))


def shared_texts(strings: list[bytes | str], numbers: set[bytes], text: Callable[[str], str]) -> set[str]:
    """The shared strings of many numbers: `text` gives one, or raises; those of one tag are read together."""
    wanted = set(map(int, numbers))
    if wanted:
        text(str(max(wanted)))
    raw = [(at, found) for at in wanted if isinstance(found := strings[at], bytes)]
    plain = [(at, found[3:-4]) for at, found in raw if found.startswith(b"<t>") and found.count(b"<") == 2]
    for (at, _), said in zip(plain, unescape_all(found for _, found in plain), strict=True):
        strings[at] = said
    return {one if isinstance(one := strings[at], str) else text(str(at)) for at in wanted}


@lru_cache(maxsize=4096)  # the forms of one bureau share their printed words
def string(content: bytes, prefix: bytes) -> str:
    """The text of plain or rich text, without phonetic readings."""
    if content.startswith(b"<t>") and content.endswith(b"</t>") and content.count(b"<") == 2:
        return unescape(content[3:-4].decode())
    if b"rPh" in content:
        content = element("rPh", prefix).sub(b"", content)
    return unescape(b"".join(text for _, text in element("t", prefix).findall(content)).decode())


@lru_cache(maxsize=64)
def _rows_and_cells(prefix: bytes) -> re.Pattern[bytes]:
    """A pattern for the first tag of a row and for whole cells."""
    p = re.escape(prefix)
    return re.compile(_TAGS % (p, ATTRIBUTES, before(p + b"c"), p, p, ATTRIBUTES))
