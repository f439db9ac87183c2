"""What leaves the house with a workbook besides its form: links, macros, comments, names of people; and its content.

The content is what two files must have in common to be the same form: the words of every cell, and the pictures.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from workbook_tools.book import Book, read_file
from workbook_tools.checks import ERROR, HINT, Finding
from workbook_tools.checks.book import COMMENTS, MACROS, OUTSIDE, PERSONAL

_PEOPLE = {
    "docProps/core.xml": {"creator": "作者", "lastModifiedBy": "最后修改人"},
    "docProps/app.xml": {"Company": "公司", "Manager": "经理"},
}
_TOOLS = ("workbook_tools", "openpyxl", "Microsoft Office User", "Microsoft Corporation")
_CALLS_OUT = re.compile(rb"<(?:[\w.-]+:)?f\b[^>]*>[^<]*\b(?:WEBSERVICE|RTD)\s*\(", re.IGNORECASE)


def inspected(book: Book) -> list[Finding]:
    """What should be known before the workbook is mailed."""
    return [*_links(book), *_macros_and_comments(book), *_people(book)]


def _links(book: Book) -> Iterator[Finding]:
    outside = [name for name in book.parts if re.fullmatch(r"xl/externalLinks/[^/]+\.xml", name)]
    if outside:
        yield Finding(OUTSIDE, "", f"工作簿链接到 {len(outside)} 个别的文件；请在 数据 → 编辑链接 里断开链接", ERROR)
    for info in book.sheets:
        if _CALLS_OUT.search(book.part(info.part)):
            said = f"工作表“{info.name}”有到网上取数的公式；请把公式换成数"
            yield Finding(OUTSIDE, "", said, ERROR)


def _macros_and_comments(book: Book) -> Iterator[Finding]:
    if any(name.endswith("vbaProject.bin") for name in book.parts):
        yield Finding(MACROS, "", "工作簿里有宏，许多邮件服务器不收；请另存为 .xlsx 再发", HINT)
    noted = [name for name in book.parts if re.match(r"xl/(comments|threadedComments/)", name)]
    if noted:
        said = "工作簿里有批注，会一起发出去；不要的请在 审阅 里删除（校验加的点“清除标注”）"
        yield Finding(COMMENTS, "", said, HINT)


def _people(book: Book) -> Iterator[Finding]:
    for part, properties in _PEOPLE.items():
        text = book.part(part).decode("utf-8", "replace") if part in book.parts else ""
        for tag, label in properties.items():
            found = re.search(rf"<(?:\w+:)?{tag}\b[^>]*>([^<]+)<", text)
            words = unescape(found[1]).strip() if found else ""
            if words and words not in _TOOLS:
                said = f"文件属性的{label}是“{words}”，会一起发出去；不要的请用 文件 → 信息 → 检查文档 删除"
                yield Finding(PERSONAL, "", said, HINT)


def content_of(path: Path) -> str:
    """The content of a saved workbook; raises `Refused`."""
    return content(Book(read_file(path)))


def content(book: Book) -> str:
    """A SHA-256 of what the workbook says: saving it again without a change, or another date, leaves it the same."""
    said = hashlib.sha256()
    for info in book.sheets:
        sheet = book.sheet(info)
        said.update(f"\0{info.name}\0".encode())
        for cell in sorted(sheet.filled()):
            if words := sheet.text(cell).strip():
                said.update(f"{cell[0]},{cell[1]}={words}\0".encode("utf-8", "surrogatepass"))
    for name in sorted(name for name in book.parts if name.startswith("xl/media/")):
        said.update(hashlib.sha256(book.part(name)).digest())
    return said.hexdigest()
