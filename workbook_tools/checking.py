"""Checking a form as it stands: read closely, scored, every check run; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from workbook_tools.book import Book, read_file
from workbook_tools.checks import ERROR, Finding, run_checks
from workbook_tools.fill import Filled, forms_of, read_and_score
from workbook_tools.layout import Page, Placement, Sheet
from workbook_tools.scheme import Scheme


class Place(NamedTuple):
    """A finding with its cell and what people call it."""

    finding: Finding
    address: str  # 自评表!I16, "" where the form has no such cell
    label: str


class Checked(NamedTuple):
    """One form and everything that was found in it."""

    sheet: str
    scheme: Scheme
    placement: Placement
    found: list[Place]
    total: str  # as printed
    grade: str

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(place.finding.level == ERROR for place in self.found)


class CheckedFile(NamedTuple):
    """One workbook after checking."""

    path: Path
    forms: list[Checked]


def check_sheet(sheet: Sheet, scheme: Scheme, page: Page | None = None) -> Checked:
    """Everything found in one form; raises `NotThisForm`."""
    placement, form, scores = read_and_score(sheet, scheme, page, closely=True)
    findings = run_checks(form, scores, scheme)
    return Checked(sheet.name, scheme, placement, located(sheet, placement, findings), form.total, form.grade)


def check_file(path: Path, scheme: str | None = None) -> CheckedFile:
    """Everything found in the forms of a workbook; raises `Refused`, `NotThisForm` or `BadScheme`."""
    book = Book(read_file(path))
    return CheckedFile(path, [check_sheet(*form) for form in forms_of(book, scheme)])


def located(sheet: Sheet, placement: Placement, findings: Iterable[Finding]) -> list[Place]:
    """The findings in the order of the sheet, each with its cell."""
    places = []
    for finding in findings:
        cell = placement.cells.get(finding.at)
        label = placement.labels.get(finding.at, "")
        places.append((cell or (1 << 30, 0), Place(finding, sheet.address(cell) if cell else "", label)))
    return [place for _, place in sorted(places, key=lambda one: (one[0], one[1].finding.code))]


def found_after(form: Filled) -> list[Place]:
    """What the checks find in a form that has been filled, but for what filling itself has reported."""
    placement, words, scores = read_and_score(form.source, form.scheme, None, closely=True)
    said = {change.field for change in form.changes if change.outcome != "written"}
    findings = run_checks(words, scores, form.scheme)
    hinted = {change.field for change in form.changes if change.hint}
    new = [finding for finding in findings if finding.at not in said | hinted]
    return located(form.source, placement, new)
