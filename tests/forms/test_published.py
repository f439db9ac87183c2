"""Published forms as they were printed: recognised, scored, every difference named, every finding judged by hand."""

from __future__ import annotations

import runpy
from typing import Any, NamedTuple

import pytest

from places import ROOT
from printed import EXPECTED, NAMES, book, drawn
from workbook_tools.assess import Assessment, assess
from workbook_tools.errors import FormNotRecognised
from workbook_tools.fill import Filled, fill_book
from workbook_tools.values import format_value, read_points

READ = [name for name, case in EXPECTED.items() if "scheme" in case]
REFUSED = [name for name, case in EXPECTED.items() if "refused" in case]
OUTCOMES = ("missed", "cut", "no fault")


class Published(NamedTuple):
    """What is expected of a form, what `check` and what `fill_form` make of it."""

    name: str
    case: dict[str, Any]
    assessed: Assessment
    filled: Filled


@pytest.fixture(params=READ, scope="module")
def published(request: pytest.FixtureRequest) -> Published:
    (assessed,) = assess(book(request.param))
    (filled,) = fill_book(book(request.param))
    return Published(request.param, EXPECTED[request.param], assessed, filled)


def judged(case: dict[str, Any]) -> list[str]:
    """The expected findings, whatever they were judged."""
    return [one for word in ("true", "false", "cut", "unread") for one in case.get(word, "").split()]


def test_every_form_has_its_expectations() -> None:
    assert sorted(EXPECTED) == NAMES
    assert sorted(READ + REFUSED) == NAMES


def test_the_family_is_known_by_the_words_of_the_form(published: Published) -> None:
    assert published.assessed.scheme.name == published.case["scheme"]
    assert published.filled.scheme == published.assessed.scheme


@pytest.mark.quick_cases(10)
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_self_evaluation_is_refused_and_says_what_it_is(name: str) -> None:
    with pytest.raises(FormNotRecognised) as refused:
        assess(book(name))
    assert EXPECTED[name]["refused"] in str(refused.value)


def test_the_scores_are_exactly_those_expected(published: Published) -> None:
    earned = ("budget.execution", "groups.", "total", "grade")
    lines = published.filled.scores.lines.items()
    known = {field: format_value(line.value) for field, line in lines if line.value is not None}
    given = {f: v for f, v in known.items() if f.startswith(earned) or f.endswith(".score")}
    assert given == published.case.get("gives", {})


def test_every_difference_is_named(published: Published) -> None:
    """Printed figures that differ, figures that are unusual, and what a person has to decide: all of them, no others."""
    changes, lines = published.filled.changes, published.filled.scores.lines
    differ = {c.field: f"{c.before} → {c.after}" for c in changes if c.outcome in ("differs", "held")}
    still_open = {field for field, line in lines.items() if line.value is None}
    causes = [c for c in changes if c.outcome == "open" and still_open.isdisjoint(lines[c.field].depends_on)]
    assert differ == published.case.get("differs", {})
    assert {change.field: change.why for change in causes} == published.case.get("asks", {})
    assert {change.field: change.hint for change in changes if change.hint} == published.case.get("hints", {})


def test_every_finding_is_judged(published: Published) -> None:
    found = [f"{place.code}@{place.address.partition('!')[2] or place.field}" for place in published.assessed.found]
    assert sorted(found) == sorted(judged(published.case))


def test_of_every_fault_that_is_known_it_is_said_what_became_of_it(published: Published) -> None:
    faults, became = drawn(published.name).facts.get("error", []), published.case.get("errors", [])
    assert len(became) == len(faults)
    assert set(became) <= {*published.case.get("true", "").split(), *OUTCOMES}


def test_every_printed_score_that_is_not_questioned_is_the_computed_one(published: Published) -> None:
    case, scores = published.case, published.filled.scores
    named = {**case.get("differs", {}), **case.get("asks", {}), **case.get("hints", {})}
    for number, row in enumerate(published.assessed.form.indicators, 1):
        field = f"indicators.{number}.score"
        line = scores.lines.get(field)
        if row.score and line is not None and field not in named:
            assert read_points(row.score) == line.value


def test_the_page_of_the_published_forms_is_up_to_date() -> None:
    """Otherwise: python docs/published_forms.py."""
    page = runpy.run_path(str(ROOT / "docs" / "published_forms.py"))["page"]
    assert page() == (ROOT / "docs" / "published_forms.md").read_text("utf-8")
