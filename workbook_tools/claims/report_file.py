"""A report that comes with a form, as paragraphs and tables: a Word document (.docx) by its own XML, or a text file."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_file
from workbook_tools.excel.markup import checked
from workbook_tools.excel.tables import read_lines
from workbook_tools.forms.form import Report, ReportTable
from workbook_tools.text import regex

MOST_BYTES = 100 * 2**20  # of the unpacked document: no report has so much
_MAIN, _NOTES = "word/document.xml", {"word/footnotes.xml": "脚注", "word/endnotes.xml": "尾注"}
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_NAMESPACE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_NAMESPACE.decode()}}}"
_TWICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats what stands beside it
_BOX, _P, _TBL, _TR, _TC = (f"{_W}{name}" for name in ("txbxContent", "p", "tbl", "tr", "tc"))
_GONE = (_TWICE, _BOX, *(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText")))
_SIGNS = {f"{_W}{name}": sign for name, sign in (("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"))}
_ENDS = ("。", "；", "：", "！", "？", ";", ":")
_BEGINS = regex(
    r"[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、|\d+[.、]|[（(]\d+[)）]|[①-⑳]|表\s*\d|附件|第[一二三四五六七八九十]+[章节]"
)
TO_WRITE, OPEN = "【请填写", "【待定"  # how words begin that are still to be written, or to be decided
_YELLOW = ("yellow", "FFFF00")  # a highlight, or a ground that another program makes of it
_LEAST = 8  # characters of a cell that says something
_SHORT = 15  # characters: a line so short that does not end a sentence is a heading
_CELL = "\t"  # between the cells of a table in a text file


def read_report(path: Path, data: bytes | None = None) -> Report:
    """The paragraphs of a report by where they stand (报告.docx 第3段), and its tables; raises `FileRejected`.

    `data` is a document that is not written to `path` yet. What is raised names the file.
    """
    if path.suffix.lower() == ".txt":
        blocks = _of_lines(_joined(read_lines(path)))
    elif path.suffix.lower() == ".docx":
        try:
            body, notes = _trees(read_file(path) if data is None else data)
        except FileRejected as refused:
            raise FileRejected(refused.code, f"{path}：{refused}") from None
        lit = tuple(f"{path.name} {place}" for place in dict.fromkeys(_lit(body))) if body is not None else ()
        return _report(path.name, _of_trees(body, notes))._replace(lit=lit)
    else:
        raise FileRejected("E_KIND", f"{path}：报告要是 .docx 或 .txt；请用 Word 或 WPS 打开，另存为 .docx 再试")
    return _report(path.name, blocks)


class _Grid(NamedTuple):
    """A table: the words and the place of every position of its grid."""

    rows: list[list[tuple[str, str]]]


def _report(name: str, blocks: Iterator[tuple[str, str] | _Grid]) -> Report:
    paragraphs: dict[str, str] = {}
    tables = []
    title = ""
    for block in blocks:
        if isinstance(block, _Grid):
            rows = [[(words, place and f"{name} {place}") for words, place in row] for row in block.rows]
            paragraphs |= {place: words for row in rows for words, place in row if place and _is_prose(words)}
            words, places = ([tuple(cell[n] for cell in row) for row in rows] for n in (0, 1))
            tables.append(ReportTable(title, tuple(words), tuple(places)))
        elif block[1].strip():
            title = block[1].strip()
            paragraphs[f"{name} {block[0]}"] = title
    return Report(paragraphs, tuple(tables))


def _trees(data: bytes) -> tuple[Any, dict[str, ET.Element]]:
    """The body of a document, None where it has none, and its notes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [packed.getinfo(_MAIN), *(one for one in packed.infolist() if one.filename in _NOTES)]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise FileRejected("E_TOO_BIG", "文件太大，没有打开；请核对是不是报告")
            parts = {entry.filename: packed.read(entry).replace(_STRICT, _NAMESPACE) for entry in entries}
    except KeyError:
        raise FileRejected("E_KIND", "不是 Word 文档；请用 Word 或 WPS 打开，另存为 .docx 再试") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        raise FileRejected(
            "E_DAMAGED", "文件损坏或加了密码，无法读取；请用 Word 或 WPS 打开，另存为 .docx 再试"
        ) from None
    trees = {name: ET.fromstring(checked(part, name)) for name, part in parts.items()}
    return trees.pop(_MAIN).find(f"{_W}body"), trees


def _lit(body: Any) -> Iterator[str]:
    """Where words are yellow and nothing is left to be written: who types over a mark types in its yellow."""
    for place, block in placed_blocks(body):
        cells = placed_cells(block, place) if block.tag == _TBL else [(place, block)]
        for where, element in cells:
            for paragraph in element.iter(_P):
                words = _words(paragraph)
                written = TO_WRITE not in words and OPEN not in words
                if written and any(_is_yellow(run) and _words(run).strip() for run in paragraph.iter(f"{_W}r")):
                    yield where


def _is_yellow(run: Any) -> bool:
    marks = ((run.find(f"{_W}rPr/{_W}highlight"), "val"), (run.find(f"{_W}rPr/{_W}shd"), "fill"))
    return any(mark is not None and mark.get(f"{_W}{name}") in _YELLOW for mark, name in marks)


def _of_trees(body: Any, notes: dict[str, ET.Element]) -> Iterator[tuple[str, str] | _Grid]:
    """The paragraphs and tables of a document, then its notes."""
    for place, block in placed_blocks(body) if body is not None else ():
        if block.tag == _TBL:
            yield from _grids(block, place)
        else:
            yield from _paragraph(block, place)
    for name, tree in notes.items():
        for number, paragraph in enumerate(tree.iter(_P), 1):
            yield f"{_NOTES[name]}第{number}段", _words(paragraph)


def placed_blocks(body: Any) -> Iterator[tuple[str, Any]]:
    """Where each paragraph and each table of a body stands (第3段, 第1张表), whatever it is wrapped in, and itself."""
    paragraphs = tables = 0
    for block in _blocks(body):
        if block.tag == _TBL:
            tables += 1
            yield f"第{tables}张表", block
        else:
            paragraphs += 1
            yield f"第{paragraphs}段", block


def placed_cells(table: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Where each cell of a table stands (第1张表第2行第3格), and itself."""
    for number, row in enumerate(_inside(table, _TR), 1):
        for column, cell in enumerate(_inside(row, _TC), 1):
            yield f"{place}第{number}行第{column}格", cell


def _blocks(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in (_P, _TBL):
            yield child
        elif child.tag not in _GONE:
            yield from _blocks(child)  # a content control, what was inserted


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """The rows of a table, the cells of a row, whatever they are wrapped in."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in (_P, _TBL):
            yield from _inside(child, tag)


def _paragraph(block: Any, place: str) -> Iterator[tuple[str, str]]:
    """A paragraph, and the paragraphs of the boxes that are fastened to it."""
    yield place, _words(block)
    boxes = (one for box in _boxes(block) for one in box.iter(_P))
    for number, paragraph in enumerate(boxes, 1):
        yield f"{place}文本框{number}", _words(paragraph)


def _boxes(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == _BOX:
            yield child
        elif child.tag != _TWICE:
            yield from _boxes(child)


def _grids(table: Any, place: str) -> Iterator[_Grid | tuple[str, str]]:
    """A table with every position of its grid, then the tables inside its cells."""
    rows: list[list[tuple[str, str]]] = []
    inner: list[tuple[str, Any]] = []
    for number, row in enumerate(_inside(table, _TR), 1):
        line = [("", "")] * _value(row, "trPr/gridBefore", 0)
        for column, cell in enumerate(_inside(row, _TC), 1):
            where = f"{place}第{number}行第{column}格"
            blocks = list(_blocks(cell))
            words = "".join(_words(one) for one in blocks if one.tag == _P)
            inner += [(f"{where}里的表", one) for one in blocks if one.tag == _TBL]
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merged is not None and merged.get(f"{_W}val") != "restart":
                above = rows[-1] if rows else []
                words, where = (above[len(line)][0] if len(line) < len(above) else ""), ""
            line += [(words, where), *[(words, "")] * (_value(cell, "tcPr/gridSpan", 1) - 1)]
        rows.append(line)
    yield _Grid(rows)
    for where, one in inner:
        yield from _grids(one, where)


_MOST_SPANNED = 100  # columns of a cell; Word has at most 63


def _value(element: Any, path: str, usual: int) -> int:
    found = element.find("/".join(f"{_W}{name}" for name in path.split("/")))
    said = found.get(f"{_W}val") or "" if found is not None else ""
    return min(int(said), _MOST_SPANNED) if said.isdecimal() else usual


def _words(node: Any) -> str:
    """The words of a paragraph as it is shown: without what was deleted or hidden, and no text box."""
    if node.tag in _GONE or (node.tag == f"{_W}r" and _is_hidden(node)):
        return ""
    if node.tag == f"{_W}t":
        return node.text or ""
    return _SIGNS.get(node.tag) or "".join(map(_words, node))


def _is_hidden(run: Any) -> bool:
    hidden = run.find(f"{_W}rPr/{_W}vanish")
    return hidden is not None and hidden.get(f"{_W}val") not in ("0", "false", "off")


def _is_prose(words: str) -> bool:
    """Whether a cell holds sentences: a figure alone belongs to its table."""
    return re.search("[，。；：]", words) is not None and len(re.findall("[\u4e00-\u9fff]", words)) >= _LEAST


def _of_lines(lines: list[str]) -> Iterator[tuple[str, str] | _Grid]:
    """The paragraphs of a text file; lines of cells, one below the other, are a table."""
    table: list[list[tuple[str, str]]] = []
    for number, line in enumerate(lines, 1):
        if _CELL in line:
            cells = enumerate(line.split(_CELL), 1)
            table.append([(words.strip(), f"第{number}段第{column}格") for column, words in cells])
            continue
        if table:
            yield _Grid(table)
            table = []
        yield f"第{number}段", line
    if table:
        yield _Grid(table)


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs out of lines that were broken at the edge of a page."""
    found: list[str] = []
    for line in (line.rstrip("\r\n ").lstrip(" \u3000") for line in lines):
        if not line.strip():
            continue
        goes_on = found and not found[-1].endswith(_ENDS) and not _BEGINS.match(line) and _CELL not in line + found[-1]
        if goes_on and (len(found[-1]) > _SHORT):
            found[-1] += line
        else:
            found.append(line)
    return found
