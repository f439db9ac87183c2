"""Filling a form: read it, score it, write back what may be written, and report every difference.

What may be written: blank cells. A live formula is kept; only its own result is saved with it, calculated from the
cells as they are saved. A value that a person typed and that differs, and a formula that gives something else, is
reported; typed values are replaced only with `overwrite`. Whatever rests on such a value is held back, so that a sheet
never contradicts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.assess import Assessment, assess_placed
from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import Book, read_file, same_file, save
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.conversion import Converted, as_xlsx
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field, Form, Line, Scores
from workbook_tools.forms.naming import named_fields
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reading import as_typed, read_form, unit_of, words_at, words_of
from workbook_tools.forms.recognition import Workbook, form_name, forms_of
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import (
    UNCALCULATED,
    Quantity,
    agrees,
    format_value,
    read_quantity,
    same_result,
    unfilled,
)

FROM_DATA = "由数据填入"
FROM_FORMULA = "这一格的公式重算的结果"
NOT_CALCULATED = "这一格的公式本工具无法计算；请用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存，再核对"
MOST_ROUNDS = 5  # of writing and calculating; circular formulas never settle
NOWHERE = 1_000_000_000  # a row behind every sheet
Outcome = Literal["written", "differs", "held", "open", "noted"]
Source = Literal["rules", "data", "formula"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The outcome for one computed field.

    Attributes:
        field: its path.
        outcome: `written`: it went into the cell, or would in a dry run. `differs`: a person typed something else, or
            the formula of the cell gives something else, which stays. `held`: it rests on a value that differs. `open`:
            a person has to decide. `noted`: nothing is to be done, but a person should look at the `hint`.
        address: its cell, "" where the form has none.
        label: what the form calls it.
        before: what the cell said, or what its formula gives.
        after: what it should say, "" where that is open.
        why: what the value rests on, or what is missing.
        hint: what a person should look at all the same.
        formula: whether the cell holds a live formula; `before` is then what it gives.
        source: what `after` comes from: the scheme, the data that were given, the cell's own formula.
    """

    field: Field
    outcome: Outcome
    address: str
    label: str
    before: str
    after: str
    why: str
    hint: str = ""
    formula: bool = False
    source: Source = "rules"


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
    def name(self) -> str:
        """The name of the form in the workbook."""
        return form_name(self.sheet, self.placement.number)

    @property
    def needs_person(self) -> bool:
        """Whether anything differs or is open."""
        return any(change.outcome not in ("written", "noted") for change in self.changes)

    def holds(self, sheet: str, cell: Cell) -> bool:
        """Whether a cell of the workbook is that of a field of this form."""
        return sheet in self.above and (cell[0] + self.above[sheet], cell[1]) in self.placement.cells.values()


class FilledFile(NamedTuple):
    """One workbook after filling; `forms` has one entry for each form."""

    path: Path
    book: Workbook  # with everything that was written
    forms: list[Filled]
    written: bool
    backup: Path | None
    other_formulas: int  # live formulas in no field whose saved results may be out of date
    made: Converted | None = None  # what is filled in place of a file of another format, which stays as it is


def fill_sheet(
    sheet: Sheet,
    scheme: Scheme,
    *,
    overwrite: bool = False,
    printed: PrintedForm | None = None,
    inputs: Mapping[Field, str] | None = None,
    calculate: Callable[[], object] | None = None,
) -> Filled:
    """Fills one sheet, after putting inputs into it by whatever their fields are called.

    `calculate` has the formulas show what they give from the cells as they stand. Raises `FormNotRecognised` or
    `UnknownFields`, and then nothing has been written.
    """
    placement = place(sheet, scheme, printed)
    named = named_fields(sheet, placement, inputs, scheme.name) if inputs else {}
    given = write_inputs(sheet, placement, named, overwrite=overwrite)
    if named:
        placement = place(sheet, scheme, number=printed.number if printed else 0)
    live = [cell for cell in placement.cells.values() if sheet.formula(cell)]
    recalculate = calculate if calculate and live else lambda: None
    before = words_of(sheet, placement)
    written: set[Change] = set()
    results: list[str] | None = None  # of the formulas, when scores were made last
    for _ in range(MOST_ROUNDS if live and calculate else 1):
        recalculate()
        if (now := [sheet.text(cell) for cell in live]) == results:
            break  # what was written changed nothing that scores rest on
        results = now
        scores = score(read_form(sheet, placement), scheme)
        changes = write_scores(sheet, placement, scores, before, places=scheme.places, overwrite=overwrite)
        typed = {change for change in changes if change.outcome == "written" and not change.formula}
        for change in written - typed:
            sheet.take_back(placement.cells[change.field])
            if change.field in named:
                write_inputs(sheet, placement, {change.field: named[change.field]}, overwrite=overwrite)
        written = typed
    above = {part.name: rows for rows, part in (sheet.parts if isinstance(sheet, JoinedSheet) else [(0, sheet)])}
    return Filled(sheet.name, scheme, placement, scores, given + changes, above, sheet)


def read_and_score(
    sheet: Sheet, scheme: Scheme, printed: PrintedForm | None = None, *, closely: bool = False
) -> tuple[Placement, Form, Scores]:
    """The placement of a form, its text, and its scores; raises `FormNotRecognised`."""
    placement = place(sheet, scheme, printed)
    form = read_form(sheet, placement, closely=closely)
    return placement, form, score(form, scheme)


def write_inputs(
    sheet: Sheet, placement: Placement, inputs: Mapping[Field, str], *, overwrite: bool = False
) -> list[Change]:
    """Write texts into fields; existing different texts are reported, and replaced only with `overwrite`.

    A cell with a live formula is left alone.
    """
    changes = []
    for field, words in inputs.items():
        cell = placement.cells[field]
        before, said = words_at(sheet, placement, field) or "", words.strip()
        if before.strip() == said or not said or sheet.formula(cell):
            continue
        value = said if field in placement.prefixes else as_typed(said, unit_of(sheet, placement, field))
        if unfilled(before) and said.startswith(before.partition("：")[0] if "：" in before else ""):
            before = ""  # 年 月 日, or the label that the words begin with too
        share = read_quantity(said)
        if before and (agrees(value, before, 2) or (share and share.unit == "%" and read_quantity(before) == share)):
            continue
        label = before.endswith(("：", ":")) and said.startswith(before)  # printed in the cell that the text goes into
        outcome: Outcome = "written" if not before or label or overwrite else "differs"
        if outcome == "written":
            if isinstance(value, Decimal) and abs(value) >= 1 and sheet.percent(cell):
                value = Quantity(value, "%")  # as where a person types it in Excel; 0.96 is the share that it says
            sheet.write(cell, placement.whole(field, value))
        changes.append(
            Change(
                field=field,
                outcome=outcome,
                address=sheet.address(cell),
                label=placement.labels[field],
                before=before,
                after=said,
                why=FROM_DATA,
                source="data",
            )
        )
    return changes


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
            if not unsettled.isdisjoint(line.depends_on):  # a subtotal that the form does not print hands it on
                unsettled.add(field)
            if line.hint or line.value is None:  # of a subtotal that the form does not print
                about: Outcome = "open" if line.value is None else "noted"
                changes[NOWHERE, len(changes)] = Change(
                    field=field, outcome=about, address="", label="", before="", after="", why=line.why, hint=line.hint
                )
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
        changes[cell] = Change(
            field=field,
            outcome=outcome or "noted",
            address=sheet.address(cell),
            label=placement.labels[field],
            before=said if outcome == "written" else given,
            after="" if line.value is None else format_value(line.value),
            why=why,
            hint=line.hint,
            formula=live,
        )
    _refresh_results(sheet, placement, before, scores, changes)
    return [changes[cell] for cell in sorted(changes)]


def _refresh_results(
    sheet: Sheet, placement: Placement, before: Mapping[Field, str], scores: Scores, changes: dict[Cell, Change]
) -> None:
    """Update the saved results of all formulas; a form without any decided score is not changed."""
    decided = any(change.outcome == "written" for change in changes.values())
    for field, cell in placement.cells.items():
        if not sheet.formula(cell):
            continue
        said, given = before[field], words_at(sheet, placement, field) or ""
        if said != UNCALCULATED and same_result(said, given):
            continue
        line = scores.lines.get(field)
        known = given == UNCALCULATED or said != UNCALCULATED or read_quantity(given) is not None
        lost = said == given == UNCALCULATED  # there is no result to save
        if not lost and (decided or known or (line and line.value is not None)):
            sheet.write(cell, given)
        if line is None and known:
            outcome: Outcome = "open" if given == UNCALCULATED else "written"
            why = NOT_CALCULATED if outcome == "open" else FROM_FORMULA
            changes[cell] = Change(
                field=field,
                outcome=outcome,
                address=sheet.address(cell),
                label=placement.labels[field],
                before=said,
                after=given,
                why=why,
                formula=True,
                source="formula",
            )


def _outcome(
    line: Line, before: str, live: bool, unsettled: set[Field], overwrite: bool, *, agreed: bool
) -> Outcome | None:
    """The outcome for a field; None if the cell already agrees."""
    if line.value is None or before == UNCALCULATED:
        return "open"
    if agreed:
        return None
    if not unsettled.isdisjoint(line.depends_on):
        return "held"
    return "written" if not live and (not before or overwrite) else "differs"


def fill_book(
    book: Workbook,
    scheme_name: str | None = None,
    *,
    overwrite: bool = False,
    inputs: Mapping[Field, str] | None = None,
) -> list[Filled]:
    """Fills every form; raises `FormNotRecognised` or `FileRejected` when there is none. Inputs are for one form."""
    filled = []
    forms = forms_of(book, scheme_name)
    if inputs and len(forms) > 1:
        names = "、".join(f"“{form.name}”" for form in forms)
        told = f"工作簿里有 {len(forms)} 张自评表（{names}），不知道数据是哪一张的"
        raise FormNotRecognised(told, "请把各张分存成单独的工作簿再填")
    how = partial(fill_sheet, overwrite=overwrite, inputs=inputs, calculate=book.calculate)
    for form in forms:
        try:
            filled.append(how(form.sheet, form.scheme, printed=form.printed))
        except FormNotRecognised as lacking:
            raise FormNotRecognised(f"工作表“{form.name}”{lacking.what}，没有写入任何内容", lacking.advice) from None
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
        path: the workbook; an .xls, .et, .ods or .xlsb file stays, and an .xlsx that LibreOffice makes of it is filled.
        scheme: the name of a scheme; None recognises it by the printed words.
        out: the file to write to; None writes to `path` and keeps what was there in the folder 填表前备份 beside it.
        dry_run: reports the same and writes nothing.
        overwrite: replaces what a person typed where it differs from the rule.
        inputs: what goes into the form first: words by field path, cell, printed label, or name of the indicator.

    Raises `FileRejected`, `FormNotRecognised`, `BadScheme`, `NoOffice` or `UnknownFields`; then nothing is written.

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
    if made := as_xlsx(path, data, out):
        data, out = made.data, made.path
    book = Book(data)
    if book.signed and not dry_run:
        raise FileRejected(
            "E_SIGNED", "工作簿有数字签名，一写入签名就失效；请先用未签名的文件填写，或加 --dry-run 只看结果"
        )
    forms = fill_book(book, scheme, overwrite=overwrite, inputs=inputs)
    new = book.saved()
    others = sum(not any(form.holds(name, cell) for form in forms) for name, cell in book.outdated())
    elsewhere = out is not None and not same_file(out, path)
    write = not dry_run and bool(new or elsewhere)
    result = FilledFile(path, book, forms, written=write, backup=None, other_formulas=others, made=made)
    if not write:
        return result
    target, seen = (out, None) if out is not None and elsewhere else (path, data)
    backup = save(target, new or data, seen=seen, copy_of=path)
    return result._replace(backup=backup)


def findings_after(book: Workbook, filled: Sequence[Filled]) -> list[Assessment]:
    """Everything found in forms that have just been filled, but for what filling itself reports; raises `BadWaiver`."""
    checked = assess_placed(book, [(form.source, form.scheme, form.placement) for form in filled])
    return [_unreported(one, form) for one, form in zip(checked, filled, strict=True)]


def _unreported(checked: Assessment, form: Filled) -> Assessment:
    reported = {change.field for change in form.changes if change.outcome != "written" or change.hint}
    return checked._replace(found=[place for place in checked.found if place.finding.at not in reported])
