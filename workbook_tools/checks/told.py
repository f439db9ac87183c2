"""What the texts of a form say, decided once for all checks that ask."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from workbook_tools.checks.registry import Found
from workbook_tools.checks.words import IndicatorRow, rows
from workbook_tools.claims import Decided, Facts, Row, decide, name_of
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import actual_words, says_met
from workbook_tools.values import Quantity, normalize, read_quantity

OF_PROSE = (*(f"R{number}" for number in range(103, 109)), *(f"R{number}" for number in range(110, 128)))
# The check of each kind that has no code of its own: a figure one digit off the statistics, money by the form's own name.
_ALSO = {"actual": ("actual", "quoted", "changed"), "statistics": ("statistics", "near_miss"), "own_money": ("money",)}


class _Asked:
    """A form with its scores, compared by identity: many checks ask for the same one."""

    def __init__(self, form: Form, scores: Scores, scheme: Scheme) -> None:
        self.form, self.scores, self.scheme = form, scores, scheme

    def __hash__(self) -> int:
        return hash((id(self.form), id(self.scores)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.form is other.form and self.scores is other.scores


def told(form: Form, scores: Scores, scheme: Scheme) -> Decided:
    """Every figure in the texts of a form, decided where the form decides it."""
    return _told(_Asked(form, scores, scheme))


@lru_cache(maxsize=4)
def _told(asked: _Asked) -> Decided:
    form = asked.form
    facts = facts_of(form, asked.scores, asked.scheme)
    if report := form.report:
        texts = {place: words for place, words in report.paragraphs.items() if _is_prose(place, words)}
        others = {place: words for place, words in report.paragraphs.items() if place not in texts}
        return decide(texts, facts, form.year, others, report.tables)
    texts = _texts(form)
    others = {field: words for field, words in form.words.items() if words and field not in texts}
    return decide(texts, facts, form.year, others)


_NAMES = ("texts.project", "texts.unit", "texts.department")


def _texts(form: Form) -> dict[Field, str]:
    reasons = {f"{row.field}.reason": row.words.reason or "" for row in rows(form)}
    return {field: words for field, words in {**form.texts, **reasons}.items() if _is_prose(field, words)}


_NO_PROSE = (*_NAMES, "texts.date", "texts.level", "texts.year", "texts.period")


def _is_prose(field: Field, words: str) -> bool:
    """Whether a text says something: a date, a name, an amount alone claims nothing."""
    chinese = (character for character in words if "\u4e00" <= character <= "\u9fff")
    return field not in _NO_PROSE and sum(1 for _ in islice(chinese, LEAST)) == LEAST


LEAST = 3  # Chinese characters of a text that says something


def wrong(form: Form, scores: Scores, scheme: Scheme, kind: str) -> Found:
    """The refuted claims of a kind, as findings."""
    decided = told(form, scores, scheme)
    of_money = {"money": False, "own_money": True}.get(kind)
    refuted = (found for name in _ALSO.get(kind, (kind,)) for found in decided.wrong(name))
    told_of = ((one.field, one.claim.message) for one in refuted if of_money is None or one.claim.own == of_money)
    yield from dict.fromkeys(told_of)  # the same figure twice in a text is one finding


def facts_of(form: Form, scores: Scores, scheme: Scheme) -> Facts:
    """Everything in a form that a sentence may be held against, or may say."""
    return Facts(form, scores, scheme, tuple(_row(row, scores) for row in rows(form)))


def _in_percent(row: IndicatorRow, actual: Quantity) -> bool:
    """Whether a bare 98 is 98%: of 合格率 whose target is a percentage, or that is to be, or is, 100."""
    target = row.target.quantity if row.target else None
    whole = 100 in (actual.number, target.number if target and not target.unit else None)
    named = normalize(row.words.name).endswith(("率", "度"))
    return named and not actual.unit and not actual.over and (whole or (target is not None and target.unit == "%"))


def _row(row: IndicatorRow, scores: Scores) -> Row:
    computed, points = scores.lines.get(f"{row.field}.actual"), scores.lines.get(f"{row.field}.score")
    printed = row.actual or read_quantity(re.split("[,;。]", normalize(actual_words(row.words)))[0].removeprefix("="))
    values = (printed, computed.value if computed else None)
    actuals = tuple(one for one in values if isinstance(one, Quantity))
    percent = tuple(one._replace(unit="%") for one in actuals if _in_percent(row, one))
    earned = frozenset(one for one in (row.score, points.value if points else None) if isinstance(one, Decimal))
    met = row.comparison.met if row.comparison.met is not None else says_met(row.words.status)
    if met is None and row.weight is not None and earned == {row.weight}:
        met = True
    return Row(
        field=row.field,
        name=name_of(row.words.name),
        shown=row.name,
        kind=normalize(row.words.kind),
        group=row.words.group,
        weight=row.weight,
        scores=earned,
        target=row.target,
        actuals=(*actuals, *percent),
        met=met,
        why=row.why,
    )
