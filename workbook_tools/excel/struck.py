"""Words that are struck through (删除线): all of a cell by the font of its style, or runs of a rich text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from re import Match
from typing import NamedTuple

from workbook_tools.excel import markup
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.markup import element, elements
from workbook_tools.excel.scanning import CELL, CONTENT, OF_SHARED, STYLE, string
from workbook_tools.text import regex

_STRIKE = regex(rb"""<(?:[\w.-]+:)?strike(?:\s+val\s*=\s*["'](\w+)["'])?\s*/?>""")
_FONT = regex(rb"""\sfontId\s*=\s*["']([0-9]+)["']""")


class Strings(NamedTuple):
    """The shared strings of a book: raw XML, and its namespace prefix."""

    texts: Sequence[bytes]
    prefix: bytes


def struck_cells(
    cells: Mapping[Cell, Match[bytes]], prefix: bytes, styles: bytes, strings: Strings, text: Callable[[Cell], str]
) -> dict[Cell, str]:
    """The words that are struck through, of each cell of a sheet with such words.

    `prefix` is that of the sheet's namespace, `text` gives the words of a cell.
    """
    struck = _struck_styles(styles)
    found: dict[Cell, str] = {}
    for cell, stored in cells.items():
        if not (content := stored[CONTENT]):
            continue
        style = STYLE.search(stored[CELL])
        whole = style is not None and markup.number(style[1].decode()) in struck
        runs, of = _runs(stored[CELL], content, prefix, strings)
        words = _struck_runs(runs, of, whole=whole) if runs else text(cell) if whole else ""
        if words.strip():
            found[cell] = words
    return found


def _runs(attributes: bytes, content: bytes, prefix: bytes, strings: Strings) -> tuple[list[bytes], bytes]:
    """The runs of a cell with rich text, and the prefix of their namespace."""
    if OF_SHARED.search(attributes):
        value = element("v", prefix).search(content)
        number = markup.number((value[2] or b"").decode().strip(), default=-1) if value else -1
        content, prefix = strings.texts[number] if 0 <= number < len(strings.texts) else b"", strings.prefix
    return [found[2] or b"" for found in elements(content, "r", prefix)], prefix


def _struck_runs(runs: Sequence[bytes], prefix: bytes, *, whole: bool) -> str:
    """The words of the runs that are struck through; a run without a font of its own has that of its cell."""
    said = []
    for run in runs:
        own = element("rPr", prefix).search(run)
        if _strikes(own[2] or b"") if own else whole:
            said.append(string(run, prefix).strip())
    return " ".join(words for words in said if words)


def _struck_styles(styles: bytes) -> frozenset[int]:
    """The cell styles whose font is struck through."""
    prefix = markup.prefix_of(styles)
    fonts, section = (element(name, prefix).search(styles) for name in ("fonts", "cellXfs"))
    if fonts is None or section is None:
        return frozenset()
    struck = {n for n, font in enumerate(elements(fonts[2] or b"", "font", prefix)) if _strikes(font[2] or b"")}
    used = [_FONT.search(style[1]) for style in elements(section[2] or b"", "xf", prefix)]
    return frozenset(n for n, font in enumerate(used) if font and markup.number(font[1].decode()) in struck)


def _strikes(font: bytes) -> bool:
    found = _STRIKE.search(font)
    return found is not None and found[1] not in (b"0", b"false")
