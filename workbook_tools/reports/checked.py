"""A checked workbook without its form and its scheme: small enough to keep many, and to come from another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import AssessedFile, Assessment, Figures
from workbook_tools.checks import ERROR, HINT, UNCHECKED
from workbook_tools.checks.audit import Reviewed
from workbook_tools.findings import LocatedFinding
from workbook_tools.schemes.scheme import Scheme


class SchemeName(NamedTuple):
    """What a report says of a scheme; `general` and `unconfirmed` tell that not all of it could be checked."""

    name: str
    title: str
    places: int
    general: bool
    unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedForm:
    """What a report says of one form.

    Attributes:
        sheet: the sheet that it stands on.
        name: what it is called among the forms of the workbook.
        scheme: by which it was scored.
        unit: the unit, "" where the form does not say.
        project: the project, likewise.
        total: the total as printed.
        grade: the grade as printed.
        review: the words of the review as printed.
        reviewed: what the supervising department gave; None where the form has no room for it.
        figures: the figures in its texts.
        found: its findings.
    """

    sheet: str
    name: str
    scheme: SchemeName
    unit: str
    project: str
    total: str
    grade: str
    review: Mapping[str, str]
    reviewed: Reviewed | None
    figures: Figures
    found: list[LocatedFinding]

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


class CheckedFile(NamedTuple):
    """What a report says of one workbook."""

    path: Path
    forms: list[CheckedForm]
    in_report: Figures = Figures(0, 0)


AnyFile = AssessedFile | CheckedFile
AnyForm = Assessment | CheckedForm


def for_report(checked: AssessedFile) -> CheckedFile:
    """What a report needs of a checked workbook, whose path the one who asked knows."""
    return CheckedFile(Path(), [_form(form) for form in checked.forms], checked.in_report)


def scheme_name(scheme: Scheme) -> SchemeName:
    """What a report says of a scheme."""
    return SchemeName(scheme.name, scheme.title, scheme.places, bool(scheme.general), bool(scheme.unconfirmed))


def _form(form: Assessment) -> CheckedForm:
    return CheckedForm(
        sheet=form.sheet,
        name=form.name,
        scheme=scheme_name(form.scheme),
        unit=form.unit,
        project=form.project,
        total=form.total,
        grade=form.grade,
        review=dict(form.review),
        reviewed=form.reviewed,
        figures=form.figures,
        found=form.found,
    )
