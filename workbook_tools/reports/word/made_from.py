"""What a report is made of, and what of the workbook stands nowhere in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbook_tools.assess import Assessment
from workbook_tools.errors import FileRejected
from workbook_tools.excel import SheetInfo, read_book, read_file
from workbook_tools.forms.recognition import Workbook
from workbook_tools.text import one_line

_UNREAD = ("cells", "table", "heading", "labels")
_MOST = 3  # places that are told one by one


def made_from(path: Path, form: Assessment) -> Iterator[str]:
    """Which sheet was used and which were not; what of the form itself was not read. Raises `FileRejected`."""
    others = other_sheets(read_book(read_file(path)), [form])
    unused = f"；没有用到：工作表{'、'.join(others)}，要写进报告的请自己写" if others else ""
    yield f"用的是工作表“{one_line(form.name)}”{unused}"
    left = [one for one in form.form.left.values() if one.what in _UNREAD]
    if left:
        places = "、".join(f"{one.where}（“{one_line(one.words[0])[:12]}”）" for one in left[:_MOST] if one.words)
        more = "等" if len(left) > _MOST else ""
        yield f"自评表上有 {sum(one.count for one in left)} 格没有读到，没有写进报告：{places}{more}；请核对"


def other_sheets(book: Workbook, forms: Sequence[Assessment]) -> list[str]:
    """The sheets with words that hold none of the forms; none where a form goes on in all of them."""
    used = {form.sheet for form in forms}
    every = any(form.scheme.form.one_book for form in forms)
    found = (info for info in book.sheets if not every and info.name not in used and _has_words(book, info))
    return [f"“{one_line(info.name)}”{'（隐藏）' if info.hidden else ''}" for info in found]


def _has_words(book: Workbook, info: SheetInfo) -> bool:
    try:
        return any(True for _ in book.sheet(info).filled())
    except FileRejected:
        return True
