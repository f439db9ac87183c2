"""Assess the forms of a workbook: recognise, place, read, score, check, locate findings, apply waivers.

`check`, filling, summaries, mail and the ribbon all use `assess`. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from workbook_tools.checks import ERROR, HINT, UNCHECKED, Finding, run_checks
from workbook_tools.checks.audit import Reviewed, reviewed
from workbook_tools.checks.book import HIDDEN_SHEET, NOT_A_FORM, NOT_RECALCULATED, OTHER_RESULT, STALE, UNSEEN
from workbook_tools.checks.told import OF_PROSE, told
from workbook_tools.errors import FileRejected
from workbook_tools.excel import SheetInfo, read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.findings import LocatedFinding, Waiver, located, own_waivers, waived
from workbook_tools.forms.form import Field, Form, Report, Scores
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reading import read_form, words_at
from workbook_tools.forms.recognition import ReadForm, Workbook, every_form, form_name, recognised
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import UNCALCULATED, agrees, format_value, same_result

# A further check that needs more than the form: recalculated formulas, approved targets. Arguments: the sheet, its
# placement, its scores, and the decimal places of the scheme.
Witness = Callable[[Sheet, Placement, Scores, int], Iterable[Finding]]


class Figures(NamedTuple):
    """How many figures in the texts of a form, or of its report, were decided and how many could not be."""

    decided: int
    undecided: int


class Assessment(NamedTuple):
    """One form with its placement, its text as printed, its scores and its findings."""

    sheet: str
    scheme: Scheme
    found: list[LocatedFinding]
    placement: Placement
    form: Form
    scores: Scores
    year: int | None  # of the title

    @property
    def figures(self) -> Figures:
        """The figures in its texts."""
        decided = told(self.form, self.scores, self.scheme)
        return Figures(len(decided.claims), decided.undecided)

    @property
    def name(self) -> str:
        """What the form is called among those of the workbook: its sheet, and which of its forms it is."""
        return form_name(self.sheet, self.placement.number)

    @property
    def total(self) -> str:
        """The total as printed."""
        return self.form.total

    @property
    def grade(self) -> str:
        """The grade as printed."""
        return self.form.grade

    @property
    def reviewed(self) -> Reviewed | None:
        """What the supervising department gave beside them; None where the form has no room for it."""
        return reviewed(self.form)

    @property
    def review(self) -> Mapping[str, str]:
        """The words of the review as printed."""
        return self.form.review

    @property
    def unit(self) -> str:
        """The unit whose form it is, "" where it does not say."""
        return self.form.texts.get("texts.unit", "")

    @property
    def project(self) -> str:
        """The project, "" where the form does not say."""
        return self.form.texts.get("texts.project", "")

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(place.level == ERROR for place in self.found)

    @property
    def hints(self) -> int:
        """How many findings are hints."""
        return sum(place.level == HINT for place in self.found)

    @property
    def unchecked(self) -> int:
        """How many fields could not be checked."""
        return sum(place.level == UNCHECKED for place in self.found)


class AssessedFile(NamedTuple):
    """One workbook after checking."""

    path: Path
    forms: list[Assessment]
    in_report: Figures = Figures(0, 0)  # the figures in the report that was given with it

    @property
    def findings(self) -> tuple[LocatedFinding, ...]:
        """What was found in all forms, in the order of the sheets."""
        return tuple(place for form in self.forms for place in form.found)


def assess(
    book: Workbook, scheme: str | None = None, waivers: Sequence[Waiver] = (), witnesses: Sequence[Witness] = ()
) -> list[Assessment]:
    """The assessed forms of a saved or an open workbook; raises `FileRejected`, `FormNotRecognised`, `BadWaiver`."""
    known = (*own_waivers(book), *waivers)
    witnesses = (*witnesses, _own_formulas(book))
    read = every_form(book, scheme)
    forms = [
        assess_sheet(sheet, found, printed, waivers=known, witnesses=witnesses)
        for sheet, found, printed in recognised(read)
    ]
    others = [_not_a_form(one) for one in read if not one.scheme]
    return _with_findings(forms, book, others, known)


class Addressed(NamedTuple):
    """An assessed form with the addresses of its fields' cells, which only its sheet knows: 报告!A39."""

    form: Assessment
    cells: Mapping[Field, str]


def assess_with_addresses(book: Workbook, scheme: str | None = None, waivers: Sequence[Waiver] = ()) -> list[Addressed]:
    """The same as `assess`, each form with the addresses of its cells."""
    addresses: list[dict[Field, str]] = []  # of each form, in their order

    def noting(sheet: Sheet, placement: Placement, *_: object) -> Iterator[Finding]:
        """Finds nothing: notes the cells."""
        addresses.append({field: sheet.address(cell) for field, cell in placement.cells.items()})
        yield from ()

    forms = assess(book, scheme, waivers, [noting])
    return [Addressed(*one) for one in zip(forms, addresses, strict=True)]


def assess_file(
    path: Path,
    scheme: str | None = None,
    waivers: Sequence[Waiver] = (),
    witness: Callable[[bytes], Witness] | None = None,
    others: Sequence[Witness] = (),
    report: Report | None = None,
) -> AssessedFile:
    """The assessed forms of a workbook; `witness` recalculates its formulas, `others` are further checks.

    `report` is the report that comes with the form.
    Raises `FileRejected`, `FormNotRecognised`, `BadScheme`, `BadWaiver`, or `NoWitness` when the witness cannot
    calculate it.
    """
    data = read_file(path)
    heard = (*others, witness(data)) if witness else tuple(others)
    forms = assess(read_book(data), scheme, waivers, heard)
    if report is not None:
        if len(forms) > 1:
            raise FileRejected("E_KIND", f"工作簿里有 {len(forms)} 张自评表，不知道报告说的是哪一张；请只留一张再试")
        with_findings, figures = add_report(forms[0], report, waivers)
        return AssessedFile(path, [with_findings], figures)
    return AssessedFile(path, forms)


def add_report(form: Assessment, report: Report, waivers: Sequence[Waiver] = ()) -> tuple[Assessment, Figures]:
    """The form with the findings in its report, each where it stands there, and the figures in the report."""
    read = replace(form.form, report=report)
    findings = run_checks(read, form.scores, form.scheme, OF_PROSE)
    found = [LocatedFinding(one._replace(at=""), "", one.at) for one in findings]
    decided = told(read, form.scores, form.scheme)
    figures = Figures(len(decided.claims), decided.undecided)
    return form._replace(found=[*form.found, *waived(found, waivers)]), figures


def assess_placed(book: Workbook, forms: Iterable[tuple[Sheet, Scheme, Placement]]) -> list[Assessment]:
    """Assess forms whose fields are already placed; raises `BadWaiver`."""
    known = own_waivers(book)
    return _with_findings([_assess(*form, None, known, ()) for form in forms], book, (), known)


def assess_sheet(
    sheet: Sheet,
    scheme: Scheme,
    printed: PrintedForm | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    witnesses: Sequence[Witness] = (),
) -> Assessment:
    """Assess the form of one sheet, with the further checks in `witnesses`; raises `FormNotRecognised`."""
    placement = place(sheet, scheme, printed)
    return _assess(sheet, scheme, placement, placement.year, waivers, witnesses)


def _assess(
    sheet: Sheet,
    scheme: Scheme,
    placement: Placement,
    year: int | None,
    waivers: Sequence[Waiver],
    witnesses: Sequence[Witness],
) -> Assessment:
    form = read_form(sheet, placement, closely=True)
    scores = score(form, scheme)
    findings = run_checks(form, scores, scheme)
    for witness in witnesses:
        known = {(finding.code, finding.at) for finding in findings if finding.at}
        more = witness(sheet, placement, scores, scheme.places)
        findings += [finding for finding in more if (finding.code, finding.at) not in known]
    found = waived(located(sheet, placement, findings), waivers)
    return Assessment(sheet.name, scheme, found, placement, form, scores, year)


def _with_findings(
    forms: list[Assessment], book: Workbook, findings: Iterable[Finding], waivers: Sequence[Waiver]
) -> list[Assessment]:
    """The forms; findings of the workbook, and what of the file was not seen, are added to the first."""
    unseen = [Finding(UNSEEN, "", book.unseen, HINT)] if book.unseen else []
    found = [*findings, *_hidden_sheets(book), *unseen]
    others = waived((LocatedFinding(finding, "", "") for finding in found), waivers)
    return [forms[0]._replace(found=[*forms[0].found, *others]), *forms[1:]]


def _not_a_form(read: ReadForm) -> Finding:
    """The finding for a table that was not checked."""
    return Finding(NOT_A_FORM, "", f"工作表“{read.name}”{read.reason}", HINT)


def _own_formulas(book: Workbook) -> Witness:
    """Compare what the fields' formulas give from the saved cells with their saved results and with the scheme."""

    def witness(sheet: Sheet, placement: Placement, scores: Scores, places: int) -> Iterator[Finding]:
        cells = {field: cell for field, cell in placement.cells.items() if sheet.formula(cell)}
        saved = {field: words_at(sheet, placement, field) or "" for field in cells}
        lost = book.calculate() if cells else ()
        results = {field: words_at(sheet, placement, field) or "" for field in cells}
        book.as_saved()
        for field, result in results.items():
            before, line = saved[field], scores.lines.get(field)
            said = f"公式重算得{f' {result}' if result else '空白'}"
            if sheet.address(cells[field]) in lost:
                kept = "没有保存过结果" if before == UNCALCULATED else f"这里用的是保存的结果 {before or '（空白）'}"
                yield Finding(NOT_RECALCULATED, field, f"这一格的公式本工具不能重算，{kept}；请用 Excel 打开核对", HINT)
                continue
            if before != UNCALCULATED and not same_result(before, result):
                cure = "请按 Ctrl+Alt+F9 重新计算，保存"
                yield Finding(STALE, field, f"保存的是{f' {before}' if before else '空白'}，{said}；{cure}", ERROR)
            elif before != UNCALCULATED:
                continue  # what is saved is checked as what a person typed
            if result and line and line.value is not None and not agrees(line.value, result, places):
                rule = f"按办法应为 {format_value(line.value)}（{line.why}）"
                yield Finding(OTHER_RESULT, field, f"{said}，{rule}；请核对公式", ERROR)

    return witness


def _hidden_sheets(book: Workbook) -> Iterator[Finding]:
    """Findings for hidden sheets that contain figures."""
    for info in book.sheets:
        if info.hidden and (what := _figures(book, info)):
            said = f"工作表“{info.name}”是隐藏的，{what}；请取消隐藏，不要的请删除"
            yield Finding(HIDDEN_SHEET, "", said, HINT)


def _figures(book: Workbook, info: SheetInfo) -> str:
    """The message about the figures of a sheet; "" if it has none."""
    try:
        sheet = book.sheet(info)
    except FileRejected as refused:
        if refused.code != "E_TOO_BIG":
            raise
        return "太大，没有检查"
    return "里面有数" if any(any(map(str.isdigit, sheet.text(cell))) for cell in sheet.filled()) else ""
