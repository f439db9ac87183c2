"""Which official form a printed form is: by its title, its year, its columns and how they are spelled."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple

from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.layout import Layout, layout_names, load_layout
from workbook_tools.forms.placement import printed_words
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import normalize

SURE, LEAD = Fraction(3, 4), Fraction(2, 25)  # members fit from 0.75 on, strangers below 0.69
TITLED = Fraction(1, 2)  # what a title of its own adds
WHOLE = "整体"  # a form of a whole department is none of a project


class Match(NamedTuple):
    """How well a form fits an official one: 1 where all columns are its own, spelled as it spells them."""

    form: PrintedForm
    scheme: Scheme
    layout: Layout
    fit: Fraction


def printed_match(sheet: Sheet) -> Match | None:
    """The official form that the first form of a sheet surely is, read as it is printed; None where there is none."""
    forms = read_forms(sheet)
    return fitting(forms[0]) if forms else None


def fits(sheet: Sheet, layout: Layout) -> Match | None:
    """The first form of a sheet as one of a layout: none fits better, and it fits well enough; else None."""
    forms = read_forms(sheet)
    ranked = _simple(matches(forms[0])) if forms else []
    return ranked[0] if ranked and ranked[0].layout.name == layout.name and ranked[0].fit >= SURE else None


def _simple(ranked: list[Match]) -> list[Match]:
    """Those whose rules need no more than columns: forms with sums of their own, or over several sheets, are not."""
    return [match for match in ranked if not match.layout.whole_book and not match.scheme.deductions.rows]


def matches(form: PrintedForm) -> list[Match]:
    """Every official form with its fit, the best first."""
    found = []
    for name in layout_names():
        layout = load_layout(name)
        for scheme in map(load_scheme, layout.schemes):
            fits = not scheme.year or form.year in (None, scheme.year)
            fits = fits and bool(scheme.general or (WHOLE in form.title) <= (WHOLE in scheme.title))
            found += [Match(form, scheme, layout, _fit(form, layout, scheme))] if fits else []
    return sorted(found, key=lambda match: -match.fit)


def fitting(form: PrintedForm) -> Match | None:
    """The official form that a printed one surely is, None where none is."""
    ranked = _simple(matches(form))
    sure = ranked and ranked[0].fit >= SURE and (len(ranked) < 2 or ranked[0].fit - ranked[1].fit >= LEAD)
    return ranked[0] if sure else None


def _fit(form: PrintedForm, layout: Layout, scheme: Scheme) -> Fraction:
    """Half for the ideas of the columns, half for their spellings; a column that a form may lack counts where it is."""
    printed = set(printed_words(form))
    own = {(kind, idea) for kind, idea, _ in printed}
    words = {(kind, word) for kind, _, word in printed}
    known = [column for column in _columns(layout.name) if not column.optional or (column.kind, column.idea) in own]
    same = words & {(column.kind, word) for column in known for word in column.spellings}
    missing = sum(not {(column.kind, word) for word in column.spellings} & same for column in known)
    exact = Fraction(len(same), max(len(words) + missing, 1))
    fit = _jaccard(own, {(column.kind, column.idea) for column in known}) / 2 + exact / 2
    title, wanted = normalize(form.title), normalize(scheme.title)
    return fit + (TITLED if wanted and wanted in title else Fraction(0))


def _jaccard(first: set[tuple[str, str]], second: set[tuple[str, str]]) -> Fraction:
    return Fraction(len(first & second), max(len(first | second), 1))


class _Column(NamedTuple):
    """A column of an official form: of money or indicators, its idea, how it may be spelled, whether it may lack."""

    kind: str
    idea: str
    spellings: frozenset[str]
    optional: bool


@cache
def _columns(name: str) -> tuple[_Column, ...]:
    found: dict[tuple[str, str], _Column] = {}
    for block in load_layout(name).blocks:
        kind = "money" if block.rows in ("money", "one") else "indicator"
        if block.rows in ("money", "one", "indicators") or not isinstance(block.rows, str):
            for column, options in block.heading.items():
                idea = ideas(options[0]).get(kind, column)
                spellings = frozenset(normalized(word) for word in options)
                found.setdefault((kind, idea), _Column(kind, idea, spellings, column in block.optional))
    return tuple(found.values())
