"""Tables of a finished document: tall rows may go on over the page, the last row is not alone, columns fit their words.

A row is measured by its words in 12 pt; a bureau's own widths and fonts stay as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

_TBL, _TR, _TC, _P, _T = (qn(f"w:{name}") for name in ("tbl", "tr", "tc", "p", "t"))
_WHOLE = qn("w:cantSplit")
_SIZE, _LINE = 12, 16  # points of a cell's characters and lines
_MARGINS = 11  # points on both sides of a cell's words
_TALL = 3  # rows taller than this part of a page may go on over its end
_PART = 20  # of a point


def fit_tables(word: Any) -> None:
    """Fits every table of a new document."""
    for table, height in _tables(word):
        rows = table.findall(_TR)
        _share_columns(table, rows)
        _split_tall(rows, height)
        for row in {id(row): row for row in (*rows[1:2], *rows[-2:-1])}.values() if len(rows) > 2 else ():
            _keep_with_next(row)


def split_tall_rows(word: Any) -> None:
    """Lets the rows go on over the page that have become tall."""
    for table, height in _tables(word):
        _split_tall(table.findall(_TR), height)


def _tables(word: Any) -> Iterator[tuple[Any, float]]:
    """Every table of the body with the height of its page, in points."""
    heights = [
        (one.page_height - one.top_margin - one.bottom_margin) / Pt(1)
        if one.page_height and one.top_margin is not None and one.bottom_margin is not None
        else 0.0
        for one in word.sections
    ]
    section = 0
    for block in word.element.body:
        if block.tag == _TBL:
            yield block, heights[min(section, len(heights) - 1)]
        elif block.tag == _P and block.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            section += 1


def _split_tall(rows: list[Any], page: float) -> None:
    for row in rows:
        whole = row.find(f"{qn('w:trPr')}/{_WHOLE}")
        if whole is not None and page and max(map(_height, row.findall(_TC)), default=0.0) > page / _TALL:
            whole.getparent().remove(whole)


def _height(cell: Any) -> float:
    width = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
    said = width.get(qn("w:w")) if width is not None else ""
    room = max(float(said) / _PART - _MARGINS, _SIZE) if said and said.isdecimal() else 100.0
    in_line = max(int(2 * room / _SIZE), 2)
    lines = [line for p in cell.iter(_P) for line in _said(p).split("\n")]
    return float(sum(max(-(-_units(line) // in_line), 1) for line in lines) * _LINE)


def _room(cell: Any) -> int:
    """The width that the words of a cell need in one line, in parts of a point."""
    return int((_units(_said(cell)) * _SIZE / 2 + _MARGINS) * _PART)


def _said(paragraph: Any) -> str:
    return "".join(one.text or "" if one.tag == _T else "\n" for one in paragraph.iter(_T, qn("w:br")))


def _units(words: str) -> int:
    """The width of words in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in words)


def _keep_with_next(row: Any) -> None:
    for paragraph in row.iter(_P):
        properties = paragraph.get_or_add_pPr()
        if properties.find(qn("w:keepNext")) is None:
            properties._insert_keepNext(OxmlElement("w:keepNext"))


def _share_columns(table: Any, rows: list[Any]) -> None:
    """Columns that all are as wide as each other get the room that their words need below the heading."""
    columns = table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")
    widths = [int(one.get(qn("w:w")) or 0) for one in columns]
    cells = [row.findall(_TC) for row in rows]
    even = len(widths) > 2 and min(widths) > 0 and max(widths) - min(widths) <= len(widths)
    if not even or any(len(row) != len(columns) for row in cells):
        return
    needed = [max(_room(cell) for cell in column[1:]) for column in zip(*cells, strict=True)] if len(cells) > 1 else []
    left = sum(widths) - sum(needed)
    if not needed or left < 0:
        return
    shares = [one + left // len(needed) for one in needed]
    for column, share in zip(columns, shares, strict=True):
        column.set(qn("w:w"), str(share))
    for row in cells:
        for cell, share in zip(row, shares, strict=True):
            width = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
            if width is not None:
                width.set(qn("w:w"), str(share))
