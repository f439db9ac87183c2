"""Every case in tests/cases, exact to the second decimal: words typed into a printed form, and what its scheme makes of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from paper import ZHONGSHAN, PaperSheet
from workbook_tools.fill import fill_sheet
from workbook_tools.layout import load_layout
from workbook_tools.placing import place
from workbook_tools.scheme_file import load_scheme
from workbook_tools.values import shown

FORMS = {"zhongshan_2022": ZHONGSHAN}


def cases() -> list[object]:
    folder = Path(__file__).parent / "cases"
    return [
        pytest.param(scheme, case, id=f"{scheme}: {case['name']}")
        for scheme in FORMS
        for case in tomllib.loads((folder / f"{scheme}.toml").read_text("utf-8"))["case"]
    ]


@pytest.mark.parametrize(("scheme_name", "case"), cases())
def test_a_form_gives_exactly_what_its_case_says(scheme_name: str, case: dict[str, Any]) -> None:
    scheme, sheet = load_scheme(scheme_name), PaperSheet(FORMS[scheme_name])
    cells = place(sheet, load_layout(scheme.layout)).cells
    for field, words in case.get("typed", {}).items():
        sheet.cells[cells[field]] = words

    lines = fill_sheet(sheet, scheme).scores.lines

    given = {field: lines[field].value if field in lines else None for field in case.get("gives", {})}
    assert {field: "" if value is None else shown(value) for field, value in given.items()} == case.get("gives", {})
    for field, words in case.get("asks", {}).items():
        assert lines[field].value is None
        assert words in lines[field].why
    assert case.get("gives") or case.get("asks"), "a case that says nothing cannot fail"
