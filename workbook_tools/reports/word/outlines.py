"""The outline of a scheme's report as a template: from its own Word file, or from words that lie beside the scheme.

A line of `report.txt` is a heading (`#`, `##`, `###`), a place for the writer (`【…】`), the title of a table (`^`), a
row of a table (`|`, of the first the shares of the widths behind a colon), words on the right (`>`), a new page (`=`,
a wide one with `= 横`), the word above an annex (`<`) or a paragraph; the first is the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import cast

from workbook_tools.errors import BadTemplate
from workbook_tools.excel import read_file
from workbook_tools.schemes.files import OFFICIAL, scheme_files
from workbook_tools.word.official import Level, OfficialDocument

OUTLINE, TEMPLATE = "report.txt", "report.docx"
WIDE = "横"  # behind the = of a new page
USUAL = OFFICIAL / "general" / OUTLINE


def template_of(scheme: str) -> bytes:
    """The template of a scheme: report.docx or report.txt beside its scheme.toml, else the usual outline."""
    path = scheme_files().get(scheme)
    if path is not None and (own := path.parent / TEMPLATE).is_file():
        return read_file(own)
    outline = path.parent / OUTLINE if path is not None else USUAL
    return built((outline if outline.is_file() else USUAL).read_text("utf-8"))


@cache
def built(outline: str) -> bytes:
    """The template of an outline: the same bytes for the same words. Raises `BadTemplate`."""
    document = OfficialDocument()
    lines = [line.rstrip() for line in outline.splitlines()]
    at = 0
    while at < len(lines):
        if not lines[at].startswith("|"):
            _block(document, lines[at], first=at == 0)
            at += 1
            continue
        table = at
        while at < len(lines) and lines[at].startswith("|"):
            at += 1
        _table(document, lines[table:at])
    return document.data


def _block(document: OfficialDocument, line: str, *, first: bool) -> None:
    mark, _, words = line.partition(" ")
    if first:
        document.title(line)
    elif mark in ("#", "##", "###"):
        document.heading(words, cast("Level", len(mark)))
    elif mark == "^":
        document.caption(words)
    elif mark == "<":
        document.annex(words)
    elif mark == ">":
        _words(document, words, right=True)
    elif mark == "=":
        document.page(wide=words == WIDE)
    else:
        _words(document, line, right=False)


def _words(document: OfficialDocument, words: str, *, right: bool) -> None:
    if words.startswith("【"):
        document.to_write(words.strip("【】"), right=right)
    else:
        document.paragraph(words, right=right)


def _table(document: OfficialDocument, lines: Sequence[str]) -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    shares = [cell.rpartition(":")[2] for cell in rows[0]]
    sized = all(share.isdecimal() for share in shares)
    width = max(len(row) for row in rows)
    if sized and len(rows[0]) < width:
        raise BadTemplate(f"表头“{lines[0]}”的列比下面的少；请改正")
    heading = [cell.rpartition(":")[0] if sized else cell for cell in rows[0]]
    body = [row + [""] * (width - len(row)) for row in rows[1:]]
    document.table(heading, body, [int(share) for share in shares] if sized else ())
