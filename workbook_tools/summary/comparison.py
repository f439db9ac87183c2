"""Forms of two years and of many units held against each other: pairs, questions, and what the checks of them find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbook_tools.checks.compared import ComparedForm, Folder, YearPair
from workbook_tools.checks.every import CROSS_CHECKS
from workbook_tools.checks.registry import CrossCheck, Information, Level
from workbook_tools.checks.units import Across
from workbook_tools.forms.form import Field
from workbook_tools.summary.likeness import folder_of
from workbook_tools.summary.pairs import Answers, Pairs, paired
from workbook_tools.text import one_line

OUT_OF_ORDER = "C101"  # of a pair of which nothing else can be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a check of two forms, or of many, finds.

    Attributes:
        check: the check.
        form: the form that it is about.
        field: the field of that form, "" where it is about no field.
        message: what is found.
        other: the form that it is held against.
        other_field: the field of that form.
    """

    check: CrossCheck
    form: ComparedForm
    field: Field
    message: str
    other: ComparedForm | None
    other_field: Field

    @property
    def level(self) -> Level | Information:
        """How grave it is."""
        return self.check.level

    @property
    def cell(self) -> str:
        """The cell of the form, "" where it is about none."""
        return self.form.cell(self.field)

    @property
    def other_cell(self) -> str:
        """The cell of the other form."""
        return self.other.cell(self.other_field) if self.other else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that is found in the forms of this year, and of last year where they are given.

    Attributes:
        forms: this year's forms.
        last: last year's forms; None where only units are compared.
        pairs: which forms and indicators are the same.
        differences: what is found, in the order of the forms and of the codes.
        waived: how many were left out because the form documents them as exceptions.
        unread: the files that were not read, each with why.
    """

    forms: Sequence[ComparedForm]
    last: Sequence[ComparedForm] | None = None
    pairs: Pairs = field(default_factory=Pairs)
    differences: Sequence[Difference] = ()
    waived: int = 0
    unread: Sequence[tuple[str, str]] = ()


def compared(
    this: Sequence[ComparedForm],
    last: Sequence[ComparedForm] | None = None,
    answers: Answers | None = None,
    *,
    named: bool = False,
    unread: Iterable[tuple[str, str]] = (),
) -> Comparison:
    """This year's forms against last year's and against each other; `named` where two files are given as a pair."""
    pairs = paired(last, this, answers, named=named) if last is not None else Pairs()
    found = [one for pair in pairs.pairs for one in _over_years(pair)]
    if len(this) > 1:
        found += _over_units(folder_of(this))
    open_ones = [one for one in found if not _is_waived(one)]
    order = {id(form): number for number, form in enumerate(this)}
    open_ones.sort(key=lambda one: (order[id(one.form)], one.check.code))
    return Comparison(
        forms=this,
        last=last,
        pairs=pairs,
        differences=open_ones,
        waived=len(found) - len(open_ones),
        unread=list(unread),
    )


def _over_years(pair: YearPair) -> Iterator[Difference]:
    for check in _checks_of("pair"):
        found: list[tuple[Field, str, Field]] = list(check.function(pair))
        for at, message, other_at in found:
            yield Difference(
                check=check, form=pair.this, field=at, message=one_line(message), other=pair.last, other_field=other_at
            )
        if check.code == OUT_OF_ORDER and found:
            return


def _over_units(folder: Folder) -> Iterator[Difference]:
    for check in _checks_of("folder"):
        found: Iterator[Across] = check.function(folder)
        for one in found:
            yield Difference(
                check=check,
                form=one.form,
                field=one.field,
                message=one_line(one.message),
                other=one.other,
                other_field=one.other_field,
            )


def _checks_of(what: str) -> list[Any]:
    """The checks of pairs of years, or of folders, in the order of their codes."""
    return [check for _, check in sorted(CROSS_CHECKS.items()) if what in check.function.__annotations__]


def _is_waived(one: Difference) -> bool:
    cell = one.cell.rpartition("!")[2]
    return any(code == one.check.code and at in ("", one.cell, cell) for code, at in one.form.waived)
