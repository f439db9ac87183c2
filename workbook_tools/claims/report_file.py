"""A report that comes with a form, as paragraphs: a Word document (.docx) by its own XML, or a text file."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_file
from workbook_tools.excel.markup import checked
from workbook_tools.excel.tables import read_lines
from workbook_tools.text import regex

MOST_BYTES = 100 * 2**20  # of the unpacked document: no report has so much
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TWICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats what stands beside it
_ENDS = ("。", "；", "：", "！", "？", ";", ":")
_BEGINS = regex(
    r"[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、|\d+[.、]|[（(]\d+[)）]|[①-⑳]|表\s*\d|附件|第[一二三四五六七八九十]+[章节]"
)
_LEAST = 8  # characters of a cell that says something
_SHORT = 15  # characters: a line so short that does not end a sentence is a heading


def read_report(path: Path, data: bytes | None = None) -> dict[str, str]:
    """Where each paragraph stands → its words: 报告.docx 第3段; raises `FileRejected`, naming the file.

    `data` is a document that is not written to `path` yet.
    """
    if path.suffix.lower() == ".txt":
        lines = _joined(read_lines(path))
        return {f"{path.name} 第{number}段": words for number, words in enumerate(lines, 1)}
    try:
        if path.suffix.lower() == ".docx":
            return {
                f"{path.name} {place}": words for place, words in _of_word(read_file(path) if data is None else data)
            }
    except FileRejected as refused:
        raise FileRejected(refused.code, f"{path}：{refused}") from None
    raise FileRejected("E_KIND", f"{path}：报告要是 .docx 或 .txt；请用 Word 或 WPS 打开，另存为 .docx 再试")


def _of_word(data: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entry = packed.getinfo("word/document.xml")
            if entry.file_size > MOST_BYTES:
                raise FileRejected("E_TOO_BIG", "文件太大，没有打开；请核对是不是报告")
            part = packed.read(entry)
    except KeyError:
        raise FileRejected("E_KIND", "不是 Word 文档；请用 Word 或 WPS 打开，另存为 .docx 再试") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        raise FileRejected(
            "E_DAMAGED", "文件损坏或加了密码，无法读取；请用 Word 或 WPS 打开，另存为 .docx 再试"
        ) from None
    body = ET.fromstring(checked(part, "word/document.xml")).find(f"{_W}body")
    paragraphs = tables = 0
    for block in body if body is not None else ():
        if block.tag == f"{_W}tbl":
            tables += 1
            for number, row in enumerate(block.iter(f"{_W}tr"), 1):
                for column, cell in enumerate(row.findall(f"{_W}tc"), 1):
                    words = "".join(_words(paragraph) for paragraph in cell.iter(f"{_W}p"))
                    if _is_prose(words):
                        yield f"第{tables}张表第{number}行第{column}格", words
        else:
            for paragraph in [block] if block.tag == f"{_W}p" else block.iter(f"{_W}p"):
                paragraphs += 1
                if words := _words(paragraph).strip():
                    yield f"第{paragraphs}段", words


def _words(node: ET.Element) -> str:
    """The words of a paragraph as it is shown: without what was deleted, and no text box twice."""
    if node.tag == _TWICE or node.tag == f"{_W}del":
        return ""
    if node.tag == f"{_W}t":
        return node.text or ""
    return "".join(map(_words, node))


def _is_prose(words: str) -> bool:
    """Whether a cell holds sentences: a figure alone is a table, not a claim."""
    return re.search("[，。；：]", words) is not None and len(re.findall("[\u4e00-\u9fff]", words)) >= _LEAST


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs out of lines that were broken at the edge of a page."""
    found: list[str] = []
    for line in (line.strip() for line in lines):
        if not line:
            continue
        goes_on = found and not found[-1].endswith(_ENDS) and not _BEGINS.match(line) and "\t" not in line
        if goes_on and (len(found[-1]) > _SHORT):
            found[-1] += line
        else:
            found.append(line)
    return found
