"""Hidden content and metadata that would be mailed with a workbook: links, macros, comments, names of people.

Two files with the same content are the same form; the content is the text of every cell, and the pictures.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Literal

from workbook_tools.checks import ERROR, HINT, Finding
from workbook_tools.checks.book import COMMENTS, MACROS, OUTSIDE, PERSONAL
from workbook_tools.excel import Book, SheetInfo, read_file
from workbook_tools.text import regex

_PEOPLE = {
    "docProps/core.xml": {"creator": "作者", "lastModifiedBy": "最后修改人"},
    "docProps/app.xml": {"Company": "公司", "Manager": "经理"},
}
_TOOLS = ("workbook_tools", "openpyxl", "Microsoft Office User", "Microsoft Corporation")
_TEXT = regex(r'"(?:[^"]|"")*+"')
# [底稿.xlsx]Sheet1!B3, [1]Sheet1!B3, cmd|'/C calc'!A0
_OTHER_FILE = regex(r"\[[^\[\]]+\][^\[\]!\"(),;+*/^&=<>]*!|\w\|[^!]{1,300}+!")
_CALLS_OUT = regex(r"\b(?:WEBSERVICE|RTD)\s*\(|\bHYPERLINK\s*\((?!\s*\"#)", re.IGNORECASE)
Link = Literal["file", "net", "hyperlink"]
LINKS: Mapping[Link, str] = {
    "file": "公式引用别的文件；请在 数据 → 编辑链接 里断开链接，或者把公式换成数",
    "net": "公式连到网上；请把公式换成数或文字",
    "hyperlink": "超链接指向别的文件，收件人没有；请取消超链接",
}
_ON_THE_NET = ("http:", "https:", "mailto:", "ftp:")


def inspected(book: Book) -> list[tuple[Finding, str]]:
    """What to report before the workbook is mailed, each with its cell ("" if it has none)."""
    others = [*_macros_and_comments(book), *_people(book)]
    return [*_links(book), *((finding, "") for finding in others)]


def _links(book: Book) -> Iterator[tuple[Finding, str]]:
    found: dict[tuple[str, Link], list[str]] = {}
    for info in book.sheets:
        for cell, link in _formulas(book, info):
            found.setdefault((info.name, link), []).append(cell)
    for info in book.sheets:
        for cell in _hyperlinks(book, info):
            found.setdefault((info.name, "hyperlink"), []).append(cell)
    for (_, link), cells in found.items():
        more = f"（同样的有 {len(cells)} 处）" if len(cells) > 1 else ""
        yield Finding(OUTSIDE, "", LINKS[link] + more, ERROR), cells[0]
    linked = sum(re.fullmatch(r"xl/externalLinks/[^/]+\.xml", part) is not None for part in book.parts)
    if linked and not any(link == "file" for _, link in found):
        said = f"工作簿链接到 {linked} 个别的文件；请在 数据 → 编辑链接 里断开链接"
        yield Finding(OUTSIDE, "", said, ERROR), ""


def _formulas(book: Book, info: SheetInfo) -> Iterator[tuple[str, Link]]:
    """The cells of a sheet whose formulas read another file or the net, and which."""
    sheet = book.sheet(info)
    for cell in sheet.formulas():
        said = sheet.formula_text(cell)
        if _OTHER_FILE.search(_TEXT.sub('""', said)):
            yield sheet.address(cell), "file"
        elif _CALLS_OUT.search(said):
            yield sheet.address(cell), "net"


def _hyperlinks(book: Book, info: SheetInfo) -> Iterator[str]:
    """The cells of a sheet whose hyperlinks lead to another file."""
    targets = book.outside(info)
    for reference, link in book.sheet(info).hyperlinks():
        if link in targets and not targets[link].lower().startswith(_ON_THE_NET):
            yield f"{info.name}!{reference}"


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
            found = re.search(rf"<(?:\w+:)?{tag}\b[^<>]{{0,500}}>([^<]+)<", text)
            words = unescape(found[1]).strip() if found else ""
            if words and words not in _TOOLS:
                said = f"文件属性的{label}是“{words}”，会一起发出去；不要的请用 文件 → 信息 → 检查文档 删除"
                yield Finding(PERSONAL, "", said, HINT)


def content_of(path: Path) -> str:
    """The content of a saved workbook; raises `FileRejected`."""
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
