"""Which sheets of a workbook are forms, and of which official form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import SheetInfo
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.layout import (
    INSTRUCTIONS,
    Layout,
    SheetText,
    layout_names,
    load_layout,
    may_be,
    missing_words,
    other_document,
)
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme

if TYPE_CHECKING:
    from workbook_tools.forms.fitting import Match

TABLE = ("指标", "完成")  # words without which there is no table of indicators
NO_FORM = (
    "没有找到可识别的自评表（按表上印的字查找）；请核对是不是这个文件、表头的字有没有改动，"
    "或用 --scheme 指定评分办法，名称见 workbook_tools schemes"
)


class Workbook(Protocol):
    """A workbook, saved or open: its worksheets in the order of their tabs."""

    @property
    def sheets(self) -> Sequence[SheetInfo]: ...
    def sheet(self, info: SheetInfo) -> Sheet: ...
    def calculate(self) -> Collection[str]: ...
    def as_saved(self) -> None: ...


def recognise(page: SheetText) -> tuple[Scheme | None, str]:
    """The scheme whose words the page prints, or None and what was seen and missed."""
    layouts = [load_layout(name) for name in layout_names()]
    whole = [layout for layout in layouts if may_be(page, layout) and not missing_words(page, layout)]
    if len(whole) > 1:
        titles = "、".join(f"“{_schemes(layout)[0].title}”（--scheme {_schemes(layout)[0].name}）" for layout in whole)
        return None, f"像{titles}，无法确定是哪一种；请加 --scheme 指定"
    if whole:
        return _of_year(page, whole[0])
    seen = [(layout, missing_words(page, layout)) for layout in layouts]
    layout, missing = max(seen, key=lambda one: 1 - len(one[1]) / len(one[0].every))
    found = len(layout.every) - len(missing)
    if found * 2 > len(layout.every):
        return _of_year(page, layout)
    if not found:
        return None, ""
    lacking = "、".join(f"“{word}”" for word in missing)
    advice = "改动过表头的，请恢复；不是这种表的，请用 --scheme 指定评分办法"
    return None, f"像“{_schemes(layout)[0].title}”，但找不到{lacking}；{advice}"


def _as_printed(sheet: Sheet, page: SheetText) -> Match | None:
    """The official form that a sheet surely is, whatever the words of its layout say; cheap where no table can be."""
    if not all(word in page.all for word in TABLE):
        return None
    from workbook_tools.forms.fitting import printed_match  # most forms need it not

    return printed_match(sheet)


def _schemes(layout: Layout) -> list[Scheme]:
    return [load_scheme(name) for name in layout.schemes]


def _of_year(page: SheetText, layout: Layout) -> tuple[Scheme | None, str]:
    """The scheme of a layout that is of the year of the form."""
    schemes, year = _schemes(layout), page.year()
    for scheme in schemes:
        if scheme.year is None or year in (None, scheme.year):
            return scheme, ""
    years = "、".join(f"{scheme.year}" for scheme in schemes)
    hint = f"办法没有变的话，请加 --scheme {schemes[-1].name}"
    return None, f"表题写的是 {year} 年，现有的办法是 {years} 年；{hint}"


def forms_of(book: Workbook, scheme_name: str | None = None) -> list[tuple[Sheet, Scheme, SheetText]]:
    """The visible sheets that are forms, each with its scheme.

    Raises `FormNotRecognised` or `FileRejected` when there is none.
    """
    chosen = load_scheme(scheme_name) if scheme_name else None
    found: list[tuple[Sheet, Scheme, SheetText]] = []
    reasons: list[str] = []
    sheets = list(_readable(book, reasons))
    for sheet in () if chosen else sheets:
        page = SheetText(sheet)
        scheme, reason = recognise(page)
        if scheme is None and (match := _as_printed(sheet, page)):
            scheme = match.scheme
        if scheme is not None:
            found.append((sheet, scheme, page))
        elif reason:
            reasons.append(f"工作表“{sheet.name}”{reason}")
    if chosen:
        pages = [(sheet, SheetText(sheet)) for sheet in sheets]
        words = load_layout(chosen.layout).every
        counts = [len(words) - len(missing_words(page, load_layout(chosen.layout))) for _, page in pages]
        # the sheets with most of the form's words; one with a few only where no other has more
        least = len(words) // 2 if any(count * 2 > len(words) for count in counts) else 0
        found = [(sheet, chosen, page) for (sheet, page), count in zip(pages, counts, strict=True) if count > least]
    if len(found) == 1 and load_layout(found[0][1].layout).whole_book and len(sheets) > 1:
        first, scheme, _ = found[0]
        whole = JoinedSheet([first, *(other for other in sheets if other is not first)])
        return [(whole, scheme, SheetText(whole))]
    if not found:
        others = ((sheet, other_document(SheetText(sheet))) for sheet in sheets)
        known = next(
            (f"“{sheet.name}”是{other.name}，不是自评表；{other.advice}" for sheet, other in others if other), ""
        )
        raise FormNotRecognised(known or "；".join(reasons) or NO_FORM)
    return found


def _readable(book: Workbook, reasons: list[str]) -> Iterator[Sheet]:
    """The visible sheets that are small enough for a form; says of the others why not."""
    for info in book.sheets:
        if info.name == INSTRUCTIONS:
            continue
        if info.hidden:
            reasons.append(f"工作表“{info.name}”是隐藏的，没有检查")
            continue
        try:
            yield book.sheet(info)
        except FileRejected as refused:
            if refused.code != "E_TOO_BIG":
                raise
            reasons.append(f"工作表“{info.name}”：{refused}")
