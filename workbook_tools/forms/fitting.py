"""Which official form a printed form is: by its title, its year, its columns and how they are spelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from workbook_tools.forms.printed import PrintedForm, printed_words
from workbook_tools.forms.vocabulary import normalized
from workbook_tools.schemes.loading import all_schemes
from workbook_tools.schemes.scheme import FormWords, Scheme
from workbook_tools.values import normalize

GENERAL = "general"  # the scheme of every form that is none of the others
SURE, LEAD = Fraction(3, 4), Fraction(2, 25)  # members fit from 0.75 on, strangers below 0.69
TITLED = Fraction(1, 2)  # what a title of its own adds
NEAR = Fraction(1, 2)  # what fits less is not told as similar
WHOLE = "整体"  # a form of a whole department is none of a project


Printed = tuple[set[tuple[str, str]], set[tuple[str, str]]]  # kind and idea, kind and word of each printed column


class Match(NamedTuple):
    """How well a form fits an official one: 1 where all columns are its own, spelled as it spells them."""

    scheme: Scheme
    fit: Fraction
    other_year: bool  # everything but the year fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A printed form beside an official one, column by column.

    Attributes:
        scheme: the official form.
        fit: how well the columns fit, without the title.
        same: words of columns that both print.
        otherwise: what is printed → what the official form prints for the same column.
        missing: columns that only the official form has.
        foreign: columns that only the printed form has.
        titled: words of the title that speak for it.
        needed: words that the title would have to have.
        never: words of the title that rule it out.
        other_year: whether its rules are those of another year.
    """

    scheme: Scheme
    fit: Fraction
    same: tuple[str, ...]
    otherwise: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    foreign: tuple[str, ...]
    titled: str
    needed: tuple[str, ...]
    never: tuple[str, ...]
    other_year: bool

    @property
    def percent(self) -> int:
        """How much of the columns is the same, in whole percent."""
        return int(self.fit * 100)


class Similar(NamedTuple):
    """An official form that a form without a scheme is like; `usable` where that has all that its rules need."""

    comparison: Comparison
    usable: bool


def compared(form: PrintedForm) -> list[Comparison]:
    """Every official form beside a printed one, the most similar first; also those that the title rules out."""
    found = [compare(form, scheme) for scheme in _official_forms()]
    return sorted(
        found,
        key=lambda one: (bool(one.needed or one.never or one.other_year), -one.fit - (TITLED if one.titled else 0)),
    )


def _official_forms() -> Iterator[Scheme]:
    """The schemes of self-evaluations of which a form may be one."""
    return (scheme for scheme in all_schemes() if scheme.name != GENERAL and scheme.monitoring is None)


def nearest(form: PrintedForm) -> tuple[Comparison, ...]:
    """The official forms that a form is most like: one, two that both fit, or none."""
    found = matches(form)
    near = [match for match in found if not match.other_year and match.fit >= NEAR]
    sure = [match for match in near if match.fit >= SURE]
    best = chosen(found)
    return tuple(compare(form, match.scheme) for match in ([best] if best else sure[:2] or near[:1]))


def compare(form: PrintedForm, scheme: Scheme) -> Comparison:
    """A printed form beside an official one."""
    printed = {(kind, idea): word for kind, idea, word in printed_words(form)}
    tables = {"money": scheme.form.money, "indicator": scheme.form.indicators}
    columns = {(kind, idea): words for kind, table in tables.items() for idea, words in table.items()}
    spelled = _spelled(scheme.form)
    same = [key for key, word in printed.items() if (key[0], word) in spelled.get(key, ())]
    title, wanted, words = normalize(form.title), normalize(scheme.title), scheme.form
    titled = next((word for word in (wanted, *words.title_needs) if word and word in title), "")
    return Comparison(
        scheme=scheme,
        fit=fit(form, scheme) - (TITLED if wanted and wanted in title else 0),
        same=tuple(printed[key] for key in same),
        otherwise=tuple((word, columns[key][0]) for key, word in printed.items() if key in columns and key not in same),
        missing=(
            *(columns[key][0] for key in columns if key not in printed and not _may_lack(scheme, *key)),
            *_unsplit(form, scheme),
        ),
        foreign=tuple(word for key, word in printed.items() if key not in columns),
        titled=titled,
        needed=() if titled or not words.title_needs else words.title_needs,
        never=_never(title, scheme),
        other_year=_of_other_year(form, scheme),
    )


def matches(form: PrintedForm) -> list[Match]:
    """Every official form that a printed one may be with its fit, the best first; those of another year last."""
    printed = _printed(form)
    found = [match for scheme in _official_forms() if (match := _match(form, scheme, printed))]
    return sorted(found, key=lambda match: (match.other_year, -match.fit))


def chosen(found: list[Match]) -> Match | None:
    """The official form that a printed one surely is, None where none is, or where two are."""
    ranked = [match for match in found if not match.other_year and match.fit >= SURE]
    sure = ranked and (len(ranked) == 1 or ranked[0].fit - ranked[1].fit >= LEAD)
    return ranked[0] if sure else None


def _match(form: PrintedForm, scheme: Scheme, printed: Printed) -> Match | None:
    title, words = normalize(form.title), scheme.form
    if words.title_needs and not any(word in title for word in words.title_needs):
        return None
    if _never(title, scheme) or _unsplit(form, scheme):
        return None
    return Match(scheme, _fit(form, scheme, printed), _of_other_year(form, scheme))


def _unsplit(form: PrintedForm, scheme: Scheme) -> tuple[str, ...]:
    """The headings of the two ways of splitting a budget, where only the official form has them."""
    return () if any(field.startswith("splits.") for field in form.fields) else scheme.form.splits


def _never(title: str, scheme: Scheme) -> tuple[str, ...]:
    """The words of a title that rule a scheme out."""
    words = tuple(word for word in scheme.form.title_never if word in title)
    return words or ((WHOLE,) if not scheme.general and WHOLE in title else ())


def _of_other_year(form: PrintedForm, scheme: Scheme) -> bool:
    """Whether the rules of a scheme are those of another year than the form's."""
    return scheme.year is not None and form.year not in (None, scheme.year)


def fit(form: PrintedForm, scheme: Scheme) -> Fraction:
    """Half for the ideas of the columns, half for their spellings; a column that a form may lack counts where it is."""
    return _fit(form, scheme, _printed(form))


def _printed(form: PrintedForm) -> Printed:
    """Kind of table and idea, and kind and word, of each column that a form prints."""
    columns = list(printed_words(form))
    return {(kind, idea) for kind, idea, _ in columns}, {(kind, word) for kind, _, word in columns}


def _fit(form: PrintedForm, scheme: Scheme, printed: Printed) -> Fraction:
    own, words = printed
    spelled = {key: said for key, said in _spelled(scheme.form).items() if key in own or not _may_lack(scheme, *key)}
    same = {word for said in spelled.values() for word in said & words}
    missing = sum(not said & words for said in spelled.values())
    both, either = len(own & spelled.keys()), len(own | spelled.keys()) or 1
    printed_and_missing = len(words) + missing or 1
    value = Fraction(both * printed_and_missing + len(same) * either, 2 * either * printed_and_missing)
    title, wanted = normalize(form.title), normalize(scheme.title)
    return value + (TITLED if wanted and wanted in title else 0)


Columns = dict[tuple[str, str], frozenset[tuple[str, str]]]  # kind of table and idea → kind and word of each spelling
_known: dict[int, tuple[FormWords, Columns]] = {}  # by the identity of the words, which are kept beside it


def _spelled(words: FormWords) -> Columns:
    """How the columns of a scheme's form are spelled; worked out once for each scheme that was loaded."""
    if id(words) not in _known:
        tables = {"money": words.money, "indicator": words.indicators}
        columns = {
            (kind, idea): frozenset((kind, normalized(word)) for word in spelled)
            for kind, table in tables.items()
            for idea, spelled in table.items()
        }
        _known[id(words)] = words, columns
    return _known[id(words)][1]


def _may_lack(scheme: Scheme, kind: str, idea: str) -> bool:
    return f"{'money' if kind == 'money' else 'indicators'}.{idea}" in scheme.form.optional
