"""Every case in tests/cases, exact to the second decimal: words typed into a printed form, and what its scheme makes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from paper import HUBEI, NATIONAL, ZHONGSHAN, PaperSheet, example, type_into
from places import CASE_FOLDER
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.placing import place
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.values import format_value

FORMS: dict[str, Callable[[], Sheet]] = {
    "zhongshan_2022": lambda: PaperSheet(ZHONGSHAN),
    "national_2020": lambda: PaperSheet(NATIONAL),
    "hubei": lambda: PaperSheet(HUBEI),
    "guangzhou_2021": lambda: example("guangzhou_12345_2021"),
    "guangzhou_department_2023": lambda: example("guangzhou_department_2023"),
    "guangzhou_petition_2022": lambda: example("guangzhou_petition_2022"),
}


def cases() -> list[object]:
    folder = CASE_FOLDER
    return [
        pytest.param(scheme, case, id=f"{scheme}: {case['name']}")
        for scheme in FORMS
        for case in tomllib.loads((folder / f"{scheme}.toml").read_text("utf-8"))["case"]
    ]


@pytest.mark.parametrize(("scheme_name", "case"), cases())
def test_a_form_gives_exactly_what_its_case_says(scheme_name: str, case: dict[str, Any]) -> None:
    scheme, sheet = load_scheme(scheme_name), FORMS[scheme_name]()
    cells = place(sheet, scheme).cells
    for field, words in case.get("typed", {}).items():
        type_into(sheet, cells[field], words)

    filled = fill_sheet(sheet, scheme)
    lines = filled.scores.lines

    assert filled.scores.grade == (lines["grade"].value if "grade" in lines else None)
    given = {field: lines[field].value if field in lines else None for field in case.get("gives", {})}
    assert {field: "" if value is None else format_value(value) for field, value in given.items()} == case.get(
        "gives", {}
    )
    for field, words in case.get("asks", {}).items():
        assert lines[field].value is None
        assert words in lines[field].why
    for field, words in case.get("why", {}).items():
        assert words in lines[field].why
    for field, words in case.get("hints", {}).items():
        assert words in lines[field].hint
    if "differs" in case:
        assert {c.field: c.after for c in filled.changes if c.outcome == "differs"} == case["differs"]
    if "held" in case:
        assert {c.field: c.after for c in filled.changes if c.outcome == "held"} == case["held"]
    assert set(case) & {"gives", "asks", "differs", "hints"}, "a case that says nothing cannot fail"
