"""What a drafted scheme says and nobody has confirmed decides nothing: every field that rests on it stays open."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.forms.form import Field, Form
from workbook_tools.schemes.scheme import AMOUNTS, Scheme
from workbook_tools.scoring.scorecard import Scorecard
from workbook_tools.values import normalize

SUMS = ("subtotal", "total", "grade")
COUNTED = ("groups", "counts")
_UNSCORED = {"year", "unit"}  # say nothing about points


def withhold(form: Form, scheme: Scheme, card: Scorecard) -> None:
    """Opens the lines of all fields that rest on what is not confirmed, with the sentence that names it."""
    for about, sentence, _ in reversed(scheme.unconfirmed):  # of several the first is told
        for field in _fields(form, scheme, about, card) if about not in _UNSCORED else ():
            card.withhold(field, sentence, about)
    while late := [(field, cause) for field in card if (cause := _open_cause(field, card))]:
        for field, cause in late:
            card.withhold(field, card[cause].why, card[cause].withheld)


def _open_cause(field: Field, card: Scorecard) -> Field | None:
    """The withheld field that a known one rests on, None where it rests on none."""
    causes = card[field].depends_on if card[field].value is not None else ()
    return next((one for one in causes if one in card and card[one].withheld), None)


def _fields(form: Form, scheme: Scheme, about: str, card: Scorecard) -> Iterator[Field]:
    kind, _, name = about.partition(".")
    known = list(card)
    rows = {f"indicators.{number}": row for number, row in enumerate(form.indicators, 1)}
    if kind == "places":
        money = {f"budget.{amount}" for amount in AMOUNTS} | {f"budget.{rule.field}" for rule in scheme.budget}
        yield from (field for field in known if field not in money and not field.startswith(("counts.", "tables.")))
    elif kind == "group":
        shared = {group.name for group in scheme.together(scheme.group(name))}
        of = {field for field, row in rows.items() if row.group in shared}
        yield from (field for field in known if ".".join(field.split(".")[:2]) in of)
        yield from (field for field in known if field in {f"{part}.{one}" for one in shared for part in COUNTED})
    elif kind == "budget":
        rule = next(rule for rule in scheme.budget if rule.field == name)
        computed = ("weight", "actual", "score")
        yield f"budget.{name}"
        yield from (f"budget.{name}.{part}" for part in computed if f"{name}.{part}" in form.budget)
        yield from (f"{field}.score" for field, row in rows.items() if rule.row and _same(row.name, rule.row))
        groups = {f"groups.{group.name}" for group in scheme.groups if group.weights == "rules" and not rule.row}
        yield from (field for field in known if field in groups)
    elif kind in ("indicators", "evaluators"):
        money = {normalize(rule.row) for rule in scheme.budget if rule.row}
        of = {field for field, row in rows.items() if normalize(row.name) not in money}
        parts = {f"{field}.{part}" for field in of for part in ("score", "rate", "coefficient")}
        yield from (field for field in known if field in parts)
        scored = {f"groups.{group.name}" for group in scheme.groups if group.weights != "rules"} | {"groups.other"}
        yield from (field for field in known if field in scored)
    elif kind == "deductions":
        yield from (field for field in known if field.startswith("deductions."))
        yield "groups.deduction"
    rests = ("total", "grade") if kind == "deductions" else ("grade",) if kind == "grade" else SUMS
    yield from (field for field in rests if field in card or field == "grade")


def _same(words: str, other: str) -> bool:
    return normalize(words) == normalize(other)
