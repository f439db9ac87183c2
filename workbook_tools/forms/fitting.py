"""Which official form a printed form is: by its title, its year, its columns and how they are spelled."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from workbook_tools.forms.placement import printed_words
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.vocabulary import normalized
from workbook_tools.schemes.loading import load_scheme, scheme_names
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import normalize

GENERAL = "general"  # the scheme of every form that is none of the others
SURE, LEAD = Fraction(3, 4), Fraction(2, 25)  # members fit from 0.75 on, strangers below 0.69
TITLED = Fraction(1, 2)  # what a title of its own adds
WHOLE = "整体"  # a form of a whole department is none of a project


class Match(NamedTuple):
    """How well a form fits an official one: 1 where all columns are its own, spelled as it spells them."""

    scheme: Scheme
    fit: Fraction
    other_year: bool  # everything but the year fits


def matches(form: PrintedForm) -> list[Match]:
    """Every official form that a printed one may be with its fit, the best first; those of another year last."""
    found = [match for name in scheme_names() if name != GENERAL and (match := _match(form, load_scheme(name)))]
    return sorted(found, key=lambda match: (match.other_year, -match.fit))


def chosen(found: list[Match]) -> Match | None:
    """The official form that a printed one surely is, None where none is, or where two are."""
    ranked = [match for match in found if not match.other_year and match.fit >= SURE]
    sure = ranked and (len(ranked) == 1 or ranked[0].fit - ranked[1].fit >= LEAD)
    return ranked[0] if sure else None


def _match(form: PrintedForm, scheme: Scheme) -> Match | None:
    title, words = normalize(form.title), scheme.form
    if words.title_needs and not any(word in title for word in words.title_needs):
        return None
    if any(word in title for word in words.title_never) or (not scheme.general and WHOLE in title):
        return None
    other_year = scheme.year is not None and form.year not in (None, scheme.year)
    return Match(scheme, fit(form, scheme), other_year)


def fit(form: PrintedForm, scheme: Scheme) -> Fraction:
    """Half for the ideas of the columns, half for their spellings; a column that a form may lack counts where it is."""
    printed = set(printed_words(form))
    own = {(kind, idea) for kind, idea, _ in printed}
    words = {(kind, word) for kind, _, word in printed}
    known = {key: spellings for key, spellings in _columns(scheme).items() if key in own or not _may_lack(scheme, *key)}
    spelled = {key: {(key[0], normalized(word)) for word in spellings} for key, spellings in known.items()}
    same = words & {word for spellings in spelled.values() for word in spellings}
    missing = sum(not spellings & same for spellings in spelled.values())
    exact = Fraction(len(same), max(len(words) + missing, 1))
    value = _jaccard(own, set(known)) / 2 + exact / 2
    title, wanted = normalize(form.title), normalize(scheme.title)
    return value + (TITLED if wanted and wanted in title else Fraction(0))


def _jaccard(first: set[tuple[str, str]], second: set[tuple[str, str]]) -> Fraction:
    return Fraction(len(first & second), max(len(first | second), 1))


def _columns(scheme: Scheme) -> dict[tuple[str, str], tuple[str, ...]]:
    """Kind of table and idea → how the scheme's form spells the column."""
    tables = {"money": scheme.form.money, "indicator": scheme.form.indicators}
    return {(kind, idea): words for kind, columns in tables.items() for idea, words in columns.items()}


def _may_lack(scheme: Scheme, kind: str, idea: str) -> bool:
    return f"{'money' if kind == 'money' else 'indicators'}.{idea}" in scheme.form.optional
