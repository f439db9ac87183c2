"""The one table of a workbook that a new one starts from: a monitoring table or a form; the rules that it names."""

from __future__ import annotations

from pathlib import Path

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import read_book, read_file
from workbook_tools.forms.placing import place
from workbook_tools.forms.reading import read_form
from workbook_tools.forms.recognition import Workbook, is_monitoring, looked_at
from workbook_tools.monitoring.draft import Draft, from_words
from workbook_tools.schemes.loading import load_scheme, scheme_names

GENERAL_RULES = "monitoring"  # the rules of a table that names none


def rules_names() -> list[str]:
    """The schemes that are rules of monitoring tables."""
    return [name for name in scheme_names() if load_scheme(name).monitoring]


def rules_named(name: str | None) -> str:
    """The rules that a person names, in full or without what all begin with; "" where there are none of that name."""
    wanted = name or GENERAL_RULES
    return next((one for one in rules_names() if one in (wanted, f"{GENERAL_RULES}_{wanted}")), "")


def rules_printed(book: Workbook) -> str:
    """The rules that a table itself names, "" where it names none."""
    titles = {load_scheme(name).title: name for name in rules_names()}
    for info in book.sheets:
        if info.hidden:
            continue
        sheet = book.sheet(info)
        for cell in sheet.filled():
            words = sheet.text(cell)
            if found := next((name for title, name in titles.items() if title in words), ""):
                return found
    return ""


def draft_of(path: Path) -> Draft:
    """What the one monitoring table, or the one form, of a workbook starts another with.

    Raises `FileRejected` or `FormNotRecognised`, also where there are several.
    """
    book = read_book(read_file(path))
    read, _, reasons = looked_at(book)
    tables = [one for one in read if one.scheme or is_monitoring(one.printed)]
    if not tables:
        said = "；".join([*reasons, *(one.reason for one in read)])
        raise FormNotRecognised(said or "没有读到监控表或自评表", "请核对是不是这个文件")
    if len(tables) > 1:
        names = "、".join(f"“{one.name}”" for one in tables)
        raise FormNotRecognised(f"有 {len(tables)} 张表（{names}），不知道照哪一张", "请把它另存成单独的工作簿")
    [one] = tables
    scheme = one.scheme or load_scheme(GENERAL_RULES)
    form = read_form(one.sheet, place(one.sheet, scheme, one.printed))
    return from_words(form.words, form.year, form.money_unit or scheme.unit or "万元")
