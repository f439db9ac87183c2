"""Filling a form: read it, score it, write back what may be written, and report every difference.

What may be written: blank cells, and cells that hold a live formula (the formula stays, its cached value is brought up
to date). A value that a person typed and that differs is reported and replaced only with `overwrite`; whatever rests on
such a value is held back, so that a sheet never contradicts itself.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.book import Book, Refused, read_file, save
from workbook_tools.form import Field, Line, Scores
from workbook_tools.layout import (
    Cell,
    NotThisForm,
    Page,
    Placement,
    Sheet,
    load_layout,
    missing_words,
    place,
    read_form,
    words_at,
)
from workbook_tools.scheme import Scheme, load_scheme, scheme_names
from workbook_tools.scoring import score
from workbook_tools.values import Value, read_points, read_quantity, round_half_up, shown

Outcome = Literal["written", "differs", "held", "open"]


class Change(NamedTuple):
    """What became of one computed field.

    `written`: it went into the cell, or would in a dry run. `differs`: a person typed something else, which stays.
    `held`: it rests on a value that differs. `open`: a person has to decide.
    """

    field: Field
    outcome: Outcome
    address: str
    label: str
    before: str
    after: str
    why: str


class Filled(NamedTuple):
    """One form after filling: its scores, and what was written, differs or is open."""

    sheet: str
    scheme: Scheme
    placement: Placement
    scores: Scores
    changes: list[Change]

    @property
    def needs_person(self) -> bool:
        """Whether anything differs or is open."""
        return any(change.outcome != "written" for change in self.changes)


class FilledFile(NamedTuple):
    """One workbook after filling; `forms` has one entry for each sheet that is a form."""

    path: Path
    forms: list[Filled]
    written: bool
    backup: Path | None
    other_formulas: int  # live formulas anywhere in the book that stand in no field


def fill_sheet(sheet: Sheet, scheme: Scheme, *, overwrite: bool = False, page: Page | None = None) -> Filled:
    """Fills one sheet; raises `NotThisForm`, and then nothing has been written."""
    placement = place(sheet, load_layout(scheme.layout), page)
    scores = score(read_form(sheet, placement), scheme)
    changes = write_scores(sheet, placement, scores, places=scheme.places, overwrite=overwrite)
    return Filled(sheet.name, scheme, placement, scores, changes)


def write_scores(
    sheet: Sheet, placement: Placement, scores: Scores, *, places: int, overwrite: bool = False
) -> list[Change]:
    """Writes every line that may be written; gives what changed, differs, is held back or open, as the sheet reads."""
    changes: dict[Cell, Change] = {}
    unsettled: set[Field] = set()  # differs from its cell, or rests on something that does
    for field, line in scores.lines.items():
        cell = placement.cells.get(field)
        if cell is None:
            continue
        before = words_at(sheet, placement, field) or ""
        live = sheet.formula(cell)
        outcome = _outcome(line, before, live, unsettled, places, overwrite)
        if outcome in ("differs", "held"):
            unsettled.add(field)
        if outcome is None:
            continue
        if outcome == "written" and line.value is not None:
            whole = f"{placement.prefixes.get(field, '')}{line.value}" if isinstance(line.value, str) else line.value
            sheet.write(cell, whole)
        after = "" if line.value is None else shown(line.value)
        changes[cell] = Change(field, outcome, sheet.address(cell), placement.labels[field], before, after, line.why)
    return [changes[cell] for cell in sorted(changes)]


def _outcome(
    line: Line, before: str, live: bool, unsettled: set[Field], places: int, overwrite: bool
) -> Outcome | None:
    """What is to become of a field; None when its cell already says the same."""
    if line.value is None:
        return "open"
    if _same(line.value, before, places):
        return None
    if not unsettled.isdisjoint(line.of):
        return "held"
    return "written" if not before or live or overwrite else "differs"


def _same(value: Value, words: str, places: int) -> bool:
    """Whether the words of a cell say the value, to the places that the form shows."""
    if isinstance(value, str):
        return words.rstrip("。 ") == value
    if isinstance(value, Decimal):
        points = read_points(words, places)
        return points is not None and round_half_up(points, places) == value
    rate = read_quantity(words)
    if rate is None or rate.unit not in ("", "%"):
        return False
    printed = {rate.number} if rate.unit else {rate.number, rate.number * 100}  # 60%; 60 and 0.6 can only mean the same
    return round_half_up(value.number, 2) in {round_half_up(number, 2) for number in printed}


def recognise(page: Page) -> tuple[Scheme | None, str]:
    """The scheme whose words the page prints, or None and what was seen and missed."""
    best: tuple[int, str] = (0, "")
    for name in scheme_names():
        scheme = load_scheme(name)
        layout = load_layout(scheme.layout)
        missing = missing_words(page, layout)
        found = len(layout.every) - len(missing)
        if found * 2 > len(layout.every):
            if page.year() not in (None, scheme.year):
                hint = f"办法没有变的话，请加 --scheme {name}"
                return None, f"表题写的是 {page.year()} 年，现有的办法是 {scheme.year} 年；{hint}"
            return scheme, ""
        if found > best[0]:
            best = found, f"像“{scheme.title}”，但找不到{'、'.join(f'“{word}”' for word in missing)}"
    return None, best[1]


def fill_book(book: Book, scheme_name: str | None = None, *, overwrite: bool = False) -> list[Filled]:
    """Fills every visible sheet that is a form; raises `NotThisForm` or `Refused` when there is none."""
    chosen = load_scheme(scheme_name) if scheme_name else None
    filled: list[Filled] = []
    reasons: list[str] = []
    for info in book.sheets:
        if info.hidden:
            reasons.append(f"工作表“{info.name}”是隐藏的，没有看")
            continue
        try:
            sheet = book.sheet(info)
        except Refused as refused:
            if refused.code != "E_TOO_BIG":
                raise
            reasons.append(f"工作表“{info.name}”：{refused}")
            continue
        page = Page(sheet)
        scheme, reason = (chosen, "") if chosen else recognise(page)
        if scheme is None or (chosen and not _any_word(page, chosen)):
            if reason:
                reasons.append(f"工作表“{info.name}”{reason}")
            continue
        try:
            filled.append(fill_sheet(sheet, scheme, overwrite=overwrite, page=page))
        except NotThisForm as lacking:
            raise NotThisForm(f"工作表“{info.name}”{lacking}，没有写入任何内容；请恢复原表的字样") from None
    if not filled:
        raise NotThisForm("；".join(reasons) or "没有找到认识的自评表（按表上印的字查找）")
    return filled


def _any_word(page: Page, scheme: Scheme) -> bool:
    layout = load_layout(scheme.layout)
    return len(missing_words(page, layout)) < len(layout.every)


def fill_file(
    path: Path,
    scheme: str | None = None,
    *,
    out: Path | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
) -> FilledFile:
    """Fills a saved workbook; raises `Refused`, `NotThisForm` or `BadScheme`, and then nothing has been written."""
    data = read_file(path)
    book = Book(data)
    if book.signed and not dry_run:
        raise Refused("E_SIGNED", "工作簿有数字签名，一写入签名就失效；请先用未签名的文件填写，或加 --dry-run 只看结果")
    forms = fill_book(book, scheme, overwrite=overwrite)
    new = book.saved()
    others = sum(not _known(forms, name, cell) for name, cell in book.formulas())
    elsewhere = out is not None and out.resolve() != path.resolve()
    if dry_run or not (new or elsewhere):
        return FilledFile(path, forms, written=False, backup=None, other_formulas=others)
    target, seen = (out, None) if out is not None and elsewhere else (path, data)
    backup = save(target, new or data, seen=seen)
    return FilledFile(path, forms, written=True, backup=backup, other_formulas=others)


def _known(forms: list[Filled], sheet: str, cell: Cell) -> bool:
    """Whether the cell is that of a field of one of the forms."""
    return any(form.sheet == sheet and cell in form.placement.cells.values() for form in forms)
