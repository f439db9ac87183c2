"""Filling a form: read it, score it, write back what may be written, and report every difference.

What may be written: blank cells. A live formula stays, and beside it is saved only what it gives from the cells as they
are saved. A value that a person typed and that differs, and a formula that gives something else, is reported; typed
values are replaced only with `overwrite`. Whatever rests on such a value is held back, so that a sheet never
contradicts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.assess import Assessment, assess_placed
from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import Book, read_file, same_file, save
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field, Form, Line, Scores
from workbook_tools.forms.layout import Placement, SheetText, load_layout
from workbook_tools.forms.naming import named_fields
from workbook_tools.forms.placing import place
from workbook_tools.forms.reading import read_form, words_at
from workbook_tools.forms.recognition import Workbook, forms_of
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import (
    UNCALCULATED,
    Value,
    agrees,
    format_value,
    read_quantity,
    same_result,
    scaled,
    unfilled,
)

FROM_DATA = "由数据填入"
FROM_FORMULA = "这一格的公式重算的结果"
NOT_CALCULATED = "这一格的公式本工具算不出来；请用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存，再核对"
MOST_ROUNDS = 5  # of writing and calculating; a form whose formulas read what they lead to never comes to rest
NOWHERE = 1_000_000_000  # a row behind every sheet
Outcome = Literal["written", "differs", "held", "open", "noted"]
Source = Literal["rules", "data", "formula"]


class Change(NamedTuple):
    """What became of one computed field.

    `written`: it went into the cell, or would in a dry run. `differs`: a person typed something else, or the formula
    of the cell gives something else, which stays. `held`: it rests on a value that differs. `open`: a person has to
    decide. `noted`: nothing is to be done, but a person should look at the `hint`.
    """

    field: Field
    outcome: Outcome
    address: str
    label: str
    before: str
    after: str
    why: str
    hint: str = ""
    formula: bool = False  # whether the cell holds a live formula; `before` is then what it gives
    source: Source = "rules"  # what `after` comes from: the scheme, the data that were given, the cell's own formula


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
    other_formulas: int  # live formulas in no field whose saved results may be out of date


def fill_sheet(
    sheet: Sheet,
    scheme: Scheme,
    *,
    overwrite: bool = False,
    page: SheetText | None = None,
    inputs: Mapping[Field, str] | None = None,
    calculate: Callable[[], object] | None = None,
) -> Filled:
    """Fills one sheet, after putting inputs into it by whatever their fields are called.

    `calculate` has the formulas show what they give from the cells as they stand. Raises `FormNotRecognised` or
    `UnknownFields`, and then nothing has been written.
    """
    placement = place(sheet, load_layout(scheme.layout), page)
    live = any(sheet.formula(cell) for cell in placement.cells.values())
    recalculate = calculate if calculate and live else lambda: None
    given: list[Change] = []
    named = named_fields(sheet, placement, inputs, scheme.name) if inputs else {}
    if named:
        given = write_inputs(sheet, placement, named, overwrite=overwrite)
        placement = place(sheet, load_layout(scheme.layout))
    before = {field: words_at(sheet, placement, field) or "" for field in placement.cells}
    written: set[Change] = set()
    for _ in range(MOST_ROUNDS if live and calculate else 1):
        recalculate()
        scores = score(read_form(sheet, placement), scheme)
        changes = write_scores(sheet, placement, scores, before, places=scheme.places, overwrite=overwrite)
        typed = {change for change in changes if change.outcome == "written" and not change.formula}
        if typed == written:
            break
        for change in written - typed:
            sheet.take_back(placement.cells[change.field])
            if change.field in named:
                write_inputs(sheet, placement, {change.field: named[change.field]}, overwrite=overwrite)
        written = typed
    changes = given + changes
    parts = sheet.parts if isinstance(sheet, JoinedSheet) else [(0, sheet)]
    return Filled(sheet.name, scheme, placement, scores, changes, {part.name: above for above, part in parts}, sheet)


def read_and_score(
    sheet: Sheet, scheme: Scheme, page: SheetText | None = None, *, closely: bool = False
) -> tuple[Placement, Form, Scores]:
    """Where everything stands in a form, its words, and its scores; raises `FormNotRecognised`."""
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
            sheet.write(cell, placement.whole(field, value))
        where = sheet.address(cell)
        label_of = placement.labels[field]
        changes.append(Change(field, outcome, where, label_of, before, said, FROM_DATA, source="data"))
    return changes


def _typed(words: str) -> Value:
    """Words as they go into a cell: a plain number as a number, anything else as the text it is."""
    quantity = read_quantity(words)
    numbered = words[:1] == "0" and words[1:2].isdigit()  # 010 is a number of something
    if quantity is None or quantity.over or quantity.unit or numbered or scaled(words):
        return words
    return quantity.number


def write_scores(
    sheet: Sheet,
    placement: Placement,
    scores: Scores,
    before: Mapping[Field, str],
    *,
    places: int,
    overwrite: bool = False,
) -> list[Change]:
    """Writes every line that may be written; gives what changed, differs, is held back or open, as the sheet reads.

    `before` is what the fields said when filling began. Of a formula what it gives now counts.
    """
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
        live, said, why = sheet.formula(cell), before[field], line.why
        given = (words_at(sheet, placement, field) or "") if live else said
        agreed = line.value is not None and agrees(line.value, given, places, weight=field.endswith(".weight"))
        outcome = _outcome(line, given, live, unsettled, overwrite, agreed=agreed)
        if outcome in ("differs", "held") or given == UNCALCULATED:
            unsettled.add(field)
        if live and given == UNCALCULATED and line.value is not None:
            why = f"{NOT_CALCULATED}；按办法应为 {format_value(line.value)}（{line.why}）"
        elif outcome is None and not same_result(said, given):
            outcome = "written"
        if outcome is None and not line.hint:
            continue
        if outcome == "written" and line.value is not None and not live:
            sheet.write(cell, placement.whole(field, line.value))
        after = "" if line.value is None else format_value(line.value)
        where, label = sheet.address(cell), placement.labels[field]
        was = said if outcome == "written" else given
        changes[cell] = Change(field, outcome or "noted", where, label, was, after, why, line.hint, live)
    _refresh_results(sheet, placement, before, scores, changes)
    return [changes[cell] for cell in sorted(changes)]


def _refresh_results(
    sheet: Sheet, placement: Placement, before: Mapping[Field, str], scores: Scores, changes: dict[Cell, Change]
) -> None:
    """Brings the results beside all formulas up to date; a form in which nothing is decided stays as it was."""
    decided = any(change.outcome == "written" for change in changes.values())
    for field, cell in placement.cells.items():
        if not sheet.formula(cell):
            continue
        said, given = before[field], words_at(sheet, placement, field) or ""
        if said != UNCALCULATED and same_result(said, given):
            continue
        line = scores.lines.get(field)
        known = given == UNCALCULATED or said != UNCALCULATED or read_quantity(given) is not None
        if decided or known or (line and line.value is not None):
            sheet.write(cell, given)
        if line is None and known:
            outcome: Outcome = "open" if given == UNCALCULATED else "written"
            why = NOT_CALCULATED if outcome == "open" else FROM_FORMULA
            where, label = sheet.address(cell), placement.labels[field]
            changes[cell] = Change(field, outcome, where, label, said, given, why, formula=True, source="formula")


def _outcome(
    line: Line, before: str, live: bool, unsettled: set[Field], overwrite: bool, *, agreed: bool
) -> Outcome | None:
    """What is to become of a field; None when its cell already says the same."""
    if line.value is None or before == UNCALCULATED:
        return "open"
    if agreed:
        return None
    if not unsettled.isdisjoint(line.of):
        return "held"
    return "written" if not live and (not before or overwrite) else "differs"


def fill_book(
    book: Workbook,
    scheme_name: str | None = None,
    *,
    overwrite: bool = False,
    inputs: Mapping[Field, str] | None = None,
) -> list[Filled]:
    """Fills every visible sheet that is a form; raises `FormNotRecognised` or `FileRejected` when there is none.

    Inputs are for a workbook with one form.
    """
    filled = []
    forms = forms_of(book, scheme_name)
    if inputs and len(forms) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet, _, _ in forms)
        raise FormNotRecognised(
            f"工作簿里有 {len(forms)} 张自评表（{names}），不知道数据是哪一张的；请把各张分存成单独的工作簿再填"
        )
    for sheet, scheme, page in forms:
        try:
            filled.append(
                fill_sheet(sheet, scheme, overwrite=overwrite, page=page, inputs=inputs, calculate=book.calculate)
            )
        except FormNotRecognised as lacking:
            told = f"工作表“{sheet.name}”{lacking.what}，没有写入任何内容"
            raise FormNotRecognised(told, lacking.advice) from None
    return filled


def fill_file(
    path: Path | str,
    scheme: str | None = None,
    *,
    out: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    inputs: Mapping[Field, str] | None = None,
) -> FilledFile:
    """Fills the forms of a saved workbook: blank computed cells are written, whatever differs is reported.

    Args:
        path: the workbook.
        scheme: the name of a scheme; None recognises it by the printed words.
        out: the file to write to; None writes to `path` and keeps what was there in the folder 填表前备份 beside it.
        dry_run: reports the same and writes nothing.
        overwrite: replaces what a person typed where it differs from the rule.
        inputs: what goes into the form first: words by field path, cell, printed label, or name of the indicator.

    Raises `FileRejected`, `FormNotRecognised`, `BadScheme` or `UnknownFields`, and then nothing has been written.

    >>> import workbook_tools as wt
    >>> [form] = wt.fill_file("examples/zhongshan_12345_2022.xlsx", dry_run=True).forms
    >>> form.scores.total, form.scores.grade
    (Decimal('94.66'), '优')
    >>> change = form.changes[-1]
    >>> change.address, change.outcome, change.after
    ('自评表!J36', 'written', '优')
    """
    path, out = Path(path), None if out is None else Path(out)
    data = read_file(path)
    book = Book(data)
    if book.signed and not dry_run:
        raise FileRejected(
            "E_SIGNED", "工作簿有数字签名，一写入签名就失效；请先用未签名的文件填写，或加 --dry-run 只看结果"
        )
    forms = fill_book(book, scheme, overwrite=overwrite, inputs=inputs)
    new = book.saved()
    others = sum(not any(form.holds(name, cell) for form in forms) for name, cell in book.outdated())
    elsewhere = out is not None and not same_file(out, path)
    if dry_run or not (new or elsewhere):
        return FilledFile(path, book, forms, written=False, backup=None, other_formulas=others)
    target, seen = (out, None) if out is not None and elsewhere else (path, data)
    backup = save(target, new or data, seen=seen, copy_of=path)
    return FilledFile(path, book, forms, written=True, backup=backup, other_formulas=others)


def findings_after(book: Workbook, filled: Sequence[Filled]) -> list[Assessment]:
    """Everything found in forms that have just been filled, but for what filling itself reports; raises `BadWaiver`."""
    checked = assess_placed(book, [(form.source, form.scheme, form.placement) for form in filled])
    return [_unreported(one, form) for one, form in zip(checked, filled, strict=True)]


def _unreported(checked: Assessment, form: Filled) -> Assessment:
    reported = {change.field for change in form.changes if change.outcome != "written" or change.hint}
    return checked._replace(found=[place for place in checked.found if place.finding.at not in reported])
