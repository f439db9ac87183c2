"""The folder of a draft: its file and the empty form, byte for byte; and a form as a person points at it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbook_tools.drafting.build import Draft, draft
from workbook_tools.drafting.writing import draft_text
from workbook_tools.errors import BadScheme, FileRejected, FormNotRecognised
from workbook_tools.excel import Book, read_file, save
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.forms.printed import PrintedForm, printed_columns
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import known_ideas
from workbook_tools.schemes.files import FILE, is_official
from workbook_tools.text import regex
from workbook_tools.values import normalize

_NAME = regex(r"[\w-]+")


def write_draft(form: Path, folder: Path) -> tuple[list[Path], Draft]:
    """Drafts a scheme from an empty form; gives what was written, and the draft.

    Raises `FileRejected`, `FormNotRecognised`, or `BadScheme` for a name that a scheme cannot have.
    """
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise BadScheme(f"文件夹名就是办法的名称，只能用汉字、字母、数字和 _、-，不能是“{name}”；请用 -o 换一个")
    if is_official(name):
        raise BadScheme(f"本工具已经有名为“{name}”的评分办法；请用 -o 换一个文件夹名")
    data = read_file(form)
    drafted = draft(_sheets(Book(data)), name, form.name)
    ending = form.suffix.lower()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise FileRejected("E_SYSTEM", f"{folder} 无法写入（{fault.strerror}）；请换一个文件夹") from fault
    copy = folder / f"form{ending}"
    save(copy, data, seen=None)
    save(folder / FILE, draft_text(drafted).encode("utf-8"), seen=None)
    return [folder / FILE, copy], drafted


def first_form(path: Path) -> PrintedForm:
    """The first form of a workbook; raises `FileRejected` or `FormNotRecognised`."""
    for sheet in _sheets(Book(read_file(path))):
        if forms := read_forms(sheet):
            return forms[0]
    raise FormNotRecognised("没有读到自评表（没有指标表，也没有资金表）", "请核对是不是这个文件")


def columns_said(said: Iterable[str], form: PrintedForm) -> dict[str, str]:
    """Column → what it is, as typed (本年预算=revised); raises `BadScheme` for what the form or nobody knows."""
    found: dict[str, str] = {}
    printed = {normalize(words): words for words in printed_columns(form)}
    for one in said:
        words, _, idea = one.partition("=")
        if normalize(words) not in printed:
            raise BadScheme(f"表上没有“{words}”这一栏；各栏是 {'、'.join(printed.values())}")
        if idea not in known_ideas():
            raise BadScheme(f"“{idea}”无效，只能是 {'、'.join(sorted(known_ideas()))}")
        found[printed[normalize(words)]] = idea
    return found


def _sheets(book: Book) -> list[Sheet]:
    """The visible sheets of the form itself."""
    sheets: list[Sheet] = [book.sheet(info) for info in book.sheets if not info.hidden and info.name != INSTRUCTIONS]
    if not sheets:
        raise FormNotRecognised("工作簿里没有可见的工作表", "请给局里印发的空白表")
    return sheets
