"""Between what the points of a row may lie that a reviewer gives, by the form's own scheme."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from workbook_tools.assess import Assessment
from workbook_tools.forms.form import Field
from workbook_tools.scoring.comparing import compare_row, target_words
from workbook_tools.values import Quantity, plain, read_target, round_half_up


def most_with(form: Assessment, field: Field, actual: str = "") -> Decimal | None:
    """The most points of an indicator with that actual value, or its own: the weight, or what its rate gives.

    Rates beyond 100% count where the scheme says so; what a person judges never earns more than the weight.
    """
    weight, scheme = form.scores.weights.get(field), form.scheme
    if scheme.indicators.rate != "proportion" or weight is None:
        return weight
    row = form.form.indicators[int(field.rpartition(".")[2]) - 1]
    line = None if actual else form.scores.lines.get(f"{field}.actual")
    computed = line.value if line and isinstance(line.value, Quantity) else None
    found = compare_row(replace(row, actual=actual) if actual else row, scheme.indicators, computed)
    if found.above is None or not found.below:
        return weight
    earned = round_half_up(weight * found.above / found.below, scheme.places)
    most = next((group.points for group in scheme.groups if group.name == row.group), None)
    return max(weight, earned if most is None else min(earned, most))


def ceiling_of(form: Assessment, field: Field, most: Decimal | None) -> Decimal | None:
    """The most points of an indicator with any actual value: those of its group, if twice the target counts."""
    row = form.form.indicators[int(field.rpartition(".")[2]) - 1]
    target = read_target(target_words(row))
    if most is None or target is None:
        return most
    twice = f"{plain(2 * target.quantity.number)}{target.quantity.unit}"
    with_twice, weight = most_with(form, field, twice), form.scores.weights.get(field)
    beyond = with_twice is not None and weight is not None and with_twice > weight
    points = next((group.points for group in form.scheme.groups if group.name == row.group), None)
    return max(most, points) if beyond and points is not None else most


def lowest(form: Assessment, weight: Decimal | None) -> Decimal:
    """The least points of a row of deductions: all that it may cost, or what all of them may."""
    return weight if weight is not None else form.scheme.deductions.lowest
