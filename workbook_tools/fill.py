"""Filling a form: read it, score it, write back what may be written, and report every difference.

What may be written: blank cells, and cells that hold a live formula (the formula stays, its cached value is brought up
to date). A value that a person typed and that differs is reported and replaced only with `overwrite`; whatever rests on
such a value is held back, so that a sheet never contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from workbook_tools.book import Book, Refused, SheetInfo, read_file, same_file, save
from workbook_tools.form import Field, Form, Line, Scores
from workbook_tools.joined import JoinedSheet
from workbook_tools.layout import (
    INSTRUCTIONS,
    Cell,
    Layout,
    NotThisForm,
    Page,
    Placement,
    Sheet,
    layout_names,
    load_layout,
    may_be,
    missing_words,
    other_document,
)
from workbook_tools.naming import named_fields
from workbook_tools.placing import place
from workbook_tools.reading import read_form, words_at
from workbook_tools.scheme import Scheme
from workbook_tools.scheme_file import load_scheme
from workbook_tools.scoring import score
from workbook_tools.values import Value, agrees, read_quantity, scaled, shown, unfilled

FROM_DATA = "由数据填入"
NO_FORM = (
    "没有找到认识的自评表（按表上印的字查找）；请核对是不是这个文件、表头的字有没有改动，"
    "或用 --scheme 指定评分办法，名称见 workbook_tools schemes"
)
NOWHERE = 1_000_000_000  # a row behind every sheet
Outcome = Literal["written", "differs", "held", "open", "noted"]


class Workbook(Protocol):
    """A workbook, saved or open: its worksheets in the order of their tabs."""

    @property
    def sheets(self) -> Sequence[SheetInfo]: ...
    def sheet(self, info: SheetInfo) -> Sheet: ...


class Change(NamedTuple):
    """What became of one computed field.

    `written`: it went into the cell, or would in a dry run. `differs`: a person typed something else, which stays.
    `held`: it rests on a value that differs. `open`: a person has to decide. `noted`: nothing is to be done, but a
    person should look at the `hint`.
    """

    field: Field
    outcome: Outcome
    address: str
    label: str
    before: str
    after: str
    why: str
    hint: str = ""


class Filled(NamedTuple):
    """One form after filling: its scores, and what was written, differs or is open."""

    sheet: str
    scheme: Scheme
    placement: Placement
    scores: Scores
    changes: list[Change]
    above: Mapping[str, int]  # sheet of the form → rows above it, where a form goes on in several
    source: Sheet  # with everything that was written

    @property
    def needs_person(self) -> bool:
        """Whether anything differs or is open."""
        return any(change.outcome not in ("written", "noted") for change in self.changes)

    def holds(self, sheet: str, cell: Cell) -> bool:
        """Whether a cell of the workbook is that of a field of this form."""
        return sheet in self.above and (cell[0] + self.above[sheet], cell[1]) in self.placement.cells.values()


class FilledFile(NamedTuple):
    """One workbook after filling; `forms` has one entry for each sheet that is a form."""

    path: Path
    book: Workbook  # with everything that was written
    forms: list[Filled]
    written: bool
    backup: Path | None
    other_formulas: int  # live formulas anywhere in the book that stand in no field


def fill_sheet(
    sheet: Sheet,
    scheme: Scheme,
    *,
    overwrite: bool = False,
    page: Page | None = None,
    inputs: Mapping[Field, str] | None = None,
) -> Filled:
    """Fills one sheet, after putting inputs into it by whatever their fields are called.

    Raises `NotThisForm` or `UnknownFields`, and then nothing has been written.
    """
    given: list[Change] = []
    if inputs:
        placement = place(sheet, load_layout(scheme.layout), page)
        named = named_fields(sheet, placement, inputs, scheme.name)
        given = write_inputs(sheet, placement, named, overwrite=overwrite)
        page = None
    placement, _, scores = read_and_score(sheet, scheme, page)
    changes = given + write_scores(sheet, placement, scores, places=scheme.places, overwrite=overwrite)
    parts = sheet.parts if isinstance(sheet, JoinedSheet) else [(0, sheet)]
    return Filled(sheet.name, scheme, placement, scores, changes, {part.name: above for above, part in parts}, sheet)


def read_and_score(
    sheet: Sheet, scheme: Scheme, page: Page | None = None, *, closely: bool = False
) -> tuple[Placement, Form, Scores]:
    """Where everything stands in a form, its words, and its scores; raises `NotThisForm`."""
    placement = place(sheet, load_layout(scheme.layout), page)
    form = read_form(sheet, placement, closely=closely)
    return placement, form, score(form, scheme)


def write_inputs(
    sheet: Sheet, placement: Placement, inputs: Mapping[Field, str], *, overwrite: bool = False
) -> list[Change]:
    """Puts words into fields; what stands there and is another is reported, and replaced only with `overwrite`.

    A cell with a live formula is left alone.
    """
    changes = []
    for field, words in inputs.items():
        cell = placement.cells[field]
        before, said = words_at(sheet, placement, field) or "", words.strip()
        if before.strip() == said or not said or sheet.formula(cell):
            continue
        value = said if field in placement.prefixes else _typed(said)
        if unfilled(before) and said.startswith(before.partition("：")[0] if "：" in before else ""):
            before = ""  # 年 月 日, or the label that the words begin with too
        share = read_quantity(said)
        if before and (agrees(value, before, 2) or (share and share.unit == "%" and read_quantity(before) == share)):
            continue
        label = before.endswith(("：", ":")) and said.startswith(before)  # printed in the cell that the text goes into
        outcome: Outcome = "written" if not before or label or overwrite else "differs"
        if outcome == "written":
            sheet.write(cell, placement.whole(field, said) if isinstance(value, str) else value)
        where = sheet.address(cell)
        changes.append(Change(field, outcome, where, placement.labels[field], before, said, FROM_DATA))
    return changes


def _typed(words: str) -> Value:
    """Words as they go into a cell: a plain number as a number, anything else as the text it is."""
    quantity = read_quantity(words)
    numbered = words[:1] == "0" and words[1:2].isdigit()  # 010 is a number of something
    if quantity is None or quantity.over or quantity.unit or numbered or scaled(words):
        return words
    return quantity.number


def write_scores(
    sheet: Sheet, placement: Placement, scores: Scores, *, places: int, overwrite: bool = False
) -> list[Change]:
    """Writes every line that may be written; gives what changed, differs, is held back or open, as the sheet reads."""
    changes: dict[Cell, Change] = {}
    unsettled: set[Field] = set()  # differs from its cell, or rests on something that does
    for field, line in scores.lines.items():
        cell = placement.cells.get(field)
        if cell is None:
            if not unsettled.isdisjoint(line.of):  # a subtotal that the form does not print hands it on
                unsettled.add(field)
            if line.hint or line.value is None:  # of a subtotal that the form does not print
                about: Outcome = "open" if line.value is None else "noted"
                changes[NOWHERE, len(changes)] = Change(field, about, "", "", "", "", line.why, line.hint)
            continue
        before = words_at(sheet, placement, field) or ""
        live = sheet.formula(cell)
        agreed = line.value is not None and agrees(line.value, before, places, weight=field.endswith(".weight"))
        outcome = _outcome(line, before, live, unsettled, overwrite, agreed=agreed)
        if outcome in ("differs", "held"):
            unsettled.add(field)
        if outcome is None and line.hint:
            outcome = "noted"
        if outcome is None:
            continue
        if outcome == "written" and line.value is not None:
            sheet.write(cell, placement.whole(field, line.value) if isinstance(line.value, str) else line.value)
        after = "" if line.value is None else shown(line.value)
        where, label = sheet.address(cell), placement.labels[field]
        changes[cell] = Change(field, outcome, where, label, before, after, line.why, line.hint)
    return [changes[cell] for cell in sorted(changes)]


def _outcome(
    line: Line, before: str, live: bool, unsettled: set[Field], overwrite: bool, *, agreed: bool
) -> Outcome | None:
    """What is to become of a field; None when its cell already says the same."""
    if line.value is None:
        return "open"
    if agreed:
        return None
    if not unsettled.isdisjoint(line.of):
        return "held"
    return "written" if not before or live or overwrite else "differs"


def recognise(page: Page) -> tuple[Scheme | None, str]:
    """The scheme whose words the page prints, or None and what was seen and missed."""
    layouts = [load_layout(name) for name in layout_names()]
    whole = [layout for layout in layouts if may_be(page, layout) and not missing_words(page, layout)]
    if len(whole) > 1:
        titles = "、".join(f"“{_schemes(layout)[0].title}”（--scheme {_schemes(layout)[0].name}）" for layout in whole)
        return None, f"像{titles}，分不清是哪一种；请加 --scheme 指定"
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
    advice = "是这种表的，请恢复原表的字样；不是的，请用 --scheme 指定评分办法"
    return None, f"像“{_schemes(layout)[0].title}”，但找不到{lacking}；{advice}"


def _schemes(layout: Layout) -> list[Scheme]:
    return [load_scheme(name) for name in layout.schemes]


def _of_year(page: Page, layout: Layout) -> tuple[Scheme | None, str]:
    """The scheme of a layout that is of the year of the form."""
    schemes, year = _schemes(layout), page.year()
    for scheme in schemes:
        if scheme.year is None or year in (None, scheme.year):
            return scheme, ""
    years = "、".join(f"{scheme.year}" for scheme in schemes)
    hint = f"办法没有变的话，请加 --scheme {schemes[-1].name}"
    return None, f"表题写的是 {year} 年，现有的办法是 {years} 年；{hint}"


def fill_book(
    book: Workbook,
    scheme_name: str | None = None,
    *,
    overwrite: bool = False,
    inputs: Mapping[Field, str] | None = None,
) -> list[Filled]:
    """Fills every visible sheet that is a form; raises `NotThisForm` or `Refused` when there is none.

    Inputs are for a workbook with one form.
    """
    filled = []
    forms = forms_of(book, scheme_name)
    if inputs and len(forms) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet, _, _ in forms)
        raise NotThisForm(
            f"工作簿里有 {len(forms)} 张自评表（{names}），不知道数据是哪一张的；请把各张分存成单独的工作簿再填"
        )
    for sheet, scheme, page in forms:
        try:
            filled.append(fill_sheet(sheet, scheme, overwrite=overwrite, page=page, inputs=inputs))
        except NotThisForm as lacking:
            told = f"工作表“{sheet.name}”{lacking.what}，没有写入任何内容"
            raise NotThisForm(told, lacking.advice) from None
    return filled


def forms_of(book: Workbook, scheme_name: str | None = None) -> list[tuple[Sheet, Scheme, Page]]:
    """The visible sheets that are forms, each with its scheme; raises `NotThisForm` or `Refused` when there is none."""
    chosen = load_scheme(scheme_name) if scheme_name else None
    found: list[tuple[Sheet, Scheme, Page]] = []
    reasons: list[str] = []
    sheets = list(_readable(book, reasons))
    for sheet in () if chosen else sheets:
        page = Page(sheet)
        scheme, reason = recognise(page)
        if scheme is not None:
            found.append((sheet, scheme, page))
        elif reason:
            reasons.append(f"工作表“{sheet.name}”{reason}")
    if chosen:
        pages = [(sheet, Page(sheet)) for sheet in sheets]
        words = load_layout(chosen.layout).every
        counts = [len(words) - len(missing_words(page, load_layout(chosen.layout))) for _, page in pages]
        # the sheets with most of the form's words; one with a few only where no other has more
        least = len(words) // 2 if any(count * 2 > len(words) for count in counts) else 0
        found = [(sheet, chosen, page) for (sheet, page), count in zip(pages, counts, strict=True) if count > least]
    if len(found) == 1 and load_layout(found[0][1].layout).whole_book and len(sheets) > 1:
        first, scheme, _ = found[0]
        whole = JoinedSheet([first, *(other for other in sheets if other is not first)])
        return [(whole, scheme, Page(whole))]
    if not found:
        others = ((sheet, other_document(Page(sheet))) for sheet in sheets)
        known = next(
            (f"“{sheet.name}”是{other.name}，不是自评表；{other.advice}" for sheet, other in others if other), ""
        )
        raise NotThisForm(known or "；".join(reasons) or NO_FORM)
    return found


def _readable(book: Workbook, reasons: list[str]) -> Iterator[Sheet]:
    """The visible sheets that are small enough for a form; says of the others why not."""
    for info in book.sheets:
        if info.name == INSTRUCTIONS:
            continue
        if info.hidden:
            reasons.append(f"工作表“{info.name}”是隐藏的，没有看")
            continue
        try:
            yield book.sheet(info)
        except Refused as refused:
            if refused.code != "E_TOO_BIG":
                raise
            reasons.append(f"工作表“{info.name}”：{refused}")


def fill_file(
    path: Path,
    scheme: str | None = None,
    *,
    out: Path | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    inputs: Mapping[Field, str] | None = None,
) -> FilledFile:
    """Fills a saved workbook; raises `Refused`, `NotThisForm` or `BadScheme`, and then nothing has been written."""
    data = read_file(path)
    book = Book(data)
    if book.signed and not dry_run:
        raise Refused("E_SIGNED", "工作簿有数字签名，一写入签名就失效；请先用未签名的文件填写，或加 --dry-run 只看结果")
    forms = fill_book(book, scheme, overwrite=overwrite, inputs=inputs)
    new = book.saved()
    others = sum(not any(form.holds(name, cell) for form in forms) for name, cell in book.formulas())
    elsewhere = out is not None and not same_file(out, path)
    if dry_run or not (new or elsewhere):
        return FilledFile(path, book, forms, written=False, backup=None, other_formulas=others)
    target, seen = (out, None) if out is not None and elsewhere else (path, data)
    backup = save(target, new or data, seen=seen, copy_of=path)
    return FilledFile(path, book, forms, written=True, backup=backup, other_formulas=others)
