"""Published forms, laid out as they were printed: recognised, read back from a workbook, scored, every difference named."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

import pytest

from paper import PaperSheet
from places import CASE_FOLDER, ROOT
from workbook_tools.assess import assess_sheet
from workbook_tools.excel import Book
from workbook_tools.fill import Filled, fill_book
from workbook_tools.forms.form import Form, Indicator
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.reading import read_form
from workbook_tools.forms.recognition import recognise
from workbook_tools.moments import read_moment
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import AMOUNTS
from workbook_tools.scoring.comparing import actual_words, qualitative, target_words
from workbook_tools.template.workbook import workbook_bytes
from workbook_tools.values import (
    format_value,
    not_applicable,
    read_points,
    read_quantity,
    read_target,
    read_weight,
)

CASES = tomllib.loads((CASE_FOLDER / "published.toml").read_text("utf-8"))["case"]
TABLE = ROOT / "docs" / "published_forms.md"


def workbook(case: dict[str, Any]) -> Book:
    return Book(workbook_bytes(PaperSheet(case["form"]).workbook()))


@pytest.fixture(params=CASES, ids=[case["name"] for case in CASES], scope="module")
def published(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Filled]:
    """A case and its form as filled from the workbook, recognised by its words."""
    return request.param, fill_book(workbook(request.param))[0]


def test_the_family_is_known_by_the_words_of_the_form(published: tuple[dict[str, Any], Filled]) -> None:
    case, form = published
    assert form.scheme.name == case["scheme"]
    assert recognise(read_forms(PaperSheet(case["form"]))[0])[0] == load_scheme(case["scheme"])


def test_the_scores_are_exactly_those_of_the_case(published: tuple[dict[str, Any], Filled]) -> None:
    case, form = published
    earned = ("budget.execution", "groups.", "total", "grade")
    lines = form.scores.lines.items()
    known = {field: format_value(line.value) for field, line in lines if line.value is not None}
    assert {f: v for f, v in known.items() if f.startswith(earned) or f.endswith(".score")} == case["gives"]


def test_every_difference_is_named(published: tuple[dict[str, Any], Filled]) -> None:
    """Printed figures that differ, figures that are unusual, and what a person has to decide: all of them, no others."""
    case, form = published
    lines = form.scores.lines
    differ = {c.field: f"{c.before} → {c.after}" for c in form.changes if c.outcome in ("differs", "held")}
    still_open = {field for field, line in lines.items() if line.value is None}
    causes = [c for c in form.changes if c.outcome == "open" and still_open.isdisjoint(lines[c.field].depends_on)]
    assert differ == case.get("differs", {})
    assert {change.field: change.why for change in causes} == case.get("asks", {})
    assert {change.field: change.hint for change in form.changes if change.hint} == case.get("hints", {})


def test_every_finding_is_accounted_for(published: tuple[dict[str, Any], Filled]) -> None:
    case, _ = published
    found = assess_sheet(PaperSheet(case["form"]), load_scheme(case["scheme"])).found
    assert [f"{place.finding.code} {place.finding.at}" for place in found] == case["finds"]


def test_every_printed_score_that_is_not_questioned_is_the_computed_one(
    published: tuple[dict[str, Any], Filled],
) -> None:
    case, form = published
    sheet = PaperSheet(case["form"])
    named = {**case.get("differs", {}), **case.get("asks", {}), **case.get("hints", {})}
    for number, row in enumerate(read_form(sheet, form.placement).indicators, 1):
        field = f"indicators.{number}.score"
        if row.score and field in form.scores.lines and field not in named:
            assert read_points(row.score) == form.scores.lines[field].value


# ── how much of what is printed is read: docs/published_forms.md ──


def kinds(words: Iterable[str]) -> tuple[int, int, int]:
    """Of the words that are not blank: how many are figures, dates, other words."""
    said = [word for word in words if word and not not_applicable(word)]
    dates = [word for word in said if read_moment(word)]
    figures = [word for word in said if word not in dates and read_target(word)]
    return len(figures), len(dates), len(said) - len(figures) - len(dates)


def targets(rows: Iterable[Indicator]) -> tuple[int, int, int]:
    """A row that says 定性 has words for a target, whatever they are."""
    listed = list(rows)
    figures, dates, words = kinds(target_words(row) for row in listed if not qualitative(row))
    return figures, dates, words + sum(bool(target_words(row)) for row in listed if qualitative(row))


def measured(form: Form) -> list[str]:
    """The cells of one form in the table."""
    money = [form.budget.get(amount, "") for amount in AMOUNTS]
    money += [source.get(amount, "") for source in form.sources for amount in AMOUNTS]
    printed = [words for words in money if words and not not_applicable(words)]
    cells = [f"{sum(read_quantity(words) is not None for words in printed)} / {len(printed)}"]
    said_and_done = (targets(form.indicators), kinds(actual_words(row) for row in form.indicators))
    cells += [" + ".join(map(str, found)) if sum(found) else "—" for found in said_and_done]
    for column in ("weight", "score"):
        said = [words for row in form.indicators if (words := getattr(row, column))]
        read = sum(read_weight(words, 2) is not None for words in said)
        cells += [f"{read} / {len(said)}" if said else "—"]
    return cells


def test_the_table_of_what_is_read_is_what_is_read() -> None:
    lines = []
    for case in CASES:
        sheet = PaperSheet(case["form"])
        form = fill_book(workbook(case))[0]
        scheme = load_scheme(case["scheme"])
        cells = [case["name"], scheme.name, *measured(read_form(sheet, form.placement))]
        lines.append(f"| {' | '.join(cells)} |")
    assert "\n".join(lines) in TABLE.read_text("utf-8"), "\n".join(lines)
