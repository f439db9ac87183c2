"""Whatever stands in whatever cell of whatever form: a result or a question, never a fault, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import build
from paper import NATIONAL, PaperSheet, example, type_into
from printed import OFFICIAL, drawn
from workbook_tools.assess import assess_sheet
from workbook_tools.checks import CHECKS
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.placing import place
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.recognition import recognise
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.values import Quantity

FORMS: dict[str, Callable[[], Sheet]] = {
    "zhongshan_2022": lambda: example("zhongshan_12345_2022"),
    "national_2020": lambda: PaperSheet(NATIONAL),
    "guangzhou_2021": lambda: example("guangzhou_12345_2021"),
    "guangzhou_department_2023": lambda: example("guangzhou_department_2023"),
    "guangzhou_petition_2022": lambda: example("guangzhou_petition_2022"),
    "hebei": lambda: example("hebei_example"),
}
for name, scheme in OFFICIAL.items():
    FORMS.setdefault(scheme, lambda name=name: drawn(name).sheet)  # type: ignore[misc]
CELLS = {name: place(form(), load_scheme(name)).cells for name, form in FORMS.items()}

TYPED = ["", "0", "100", "-5", "60%", "≥95%", "≤5次", "无", "—", "优秀", "达成预期指标", "部分达成年度指标", "200余人"]
TYPED += [
    "9月前",
    "10月",
    "#DIV/0!",
    "40/3=13.33",
    "13.33分",
    "25%",
    "1e9",
    "99999999999",
    "0.6",
    "3.5万元",
    "其中：",
    "指标1：",
]
TYPED += [
    "每下降1%扣0.3分",
    "每下降1%（不足1%按1%计算）扣0.3分",
    "少一场扣1分,扣完为止",
    "扣2分",
    "未计算的公式",
    "产出指标(60分)",
]


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    name = draw(st.sampled_from(sorted(FORMS)))
    fields = sorted(field for field in CELLS[name] if not field.startswith("headings."))
    words = st.sampled_from(TYPED) | st.text(max_size=8)
    return name, draw(st.dictionaries(st.sampled_from(fields), words, max_size=14))


def typed_into(name: str, words: dict[str, str]) -> Sheet:
    sheet = FORMS[name]()
    for field, said in words.items():
        type_into(sheet, CELLS[name][field], said)
    return sheet


@given(typed())
def test_any_words_give_exact_figures_or_questions(case: tuple[str, dict[str, str]]) -> None:
    name, words = case
    scheme, sheet = load_scheme(name), typed_into(name, words)
    try:
        form = fill_sheet(sheet, scheme)
    except FormNotRecognised:  # a label was typed over
        return
    for field, line in form.scores.lines.items():
        assert line.why
        if isinstance(line.value, Quantity):
            assert line.value.number.is_finite()
        if isinstance(line.value, Decimal):
            assert line.value.is_finite()
            if field.endswith(".score"):
                assert line.value == round(line.value, 2)
                assert line.value >= 0
        if field.startswith("groups.") or (field == "total" and not scheme.groups[0].share < 100):
            parts = [form.scores.lines[part].value for part in line.depends_on]
            if None in parts:
                assert line.value is None
    assert (form.scores.total is None) == ("total" not in form.scores.lines or form.scores.lines["total"].value is None)


@given(typed())
def test_every_form_can_be_checked(case: tuple[str, dict[str, str]]) -> None:
    name, words = case
    sheet = typed_into(name, words)
    try:
        checked = assess_sheet(sheet, load_scheme(name))
    except FormNotRecognised:
        return
    for found in checked.found:
        assert found.finding.code in CHECKS
        assert found.finding.message
        assert found.address or found.finding.at not in checked.placement.cells, found


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_error_value_is_seen_wherever_it_stands(name: str) -> None:
    seen = 0
    for field, cell in CELLS[name].items():
        if field.startswith("headings."):
            continue
        sheet = FORMS[name]()
        type_into(sheet, cell, "#REF!")
        try:
            checked = assess_sheet(sheet, load_scheme(name))
        except FormNotRecognised:  # a label was typed over
            continue
        wrong = {found.address for found in checked.found if found.finding.code == "F101"}
        if checked.placement.cells.get(field) == cell:
            assert wrong == {sheet.address(cell)}, field
            seen += 1
    assert seen > 20


@given(typed(), st.booleans())
def test_filling_twice_is_filling_once(case: tuple[str, dict[str, str]], overwrite: bool) -> None:
    name, typed_words = case
    scheme, sheet = load_scheme(name), typed_into(name, typed_words)
    before = {cell: words for cell in sheet.filled() if (words := sheet.text(cell)).strip()}
    try:
        fill_sheet(sheet, scheme, overwrite=overwrite)
        again = fill_sheet(sheet, scheme, overwrite=overwrite)
    except FormNotRecognised:
        return
    assert [change.field for change in again.changes if change.outcome == "written"] == []
    if not overwrite:
        said = {cell: sheet.text(cell) for cell in before if not before[cell].endswith(("：", ":"))}
        assert said == {cell: before[cell] for cell in said}


# ── what filling asks of a person, the checks list as well ──

ASKED: dict[str, tuple[str, Callable[[], Sheet]]] = {
    name: (scheme, lambda name=name: drawn(name).sheet)  # type: ignore[misc]
    for name, scheme in OFFICIAL.items()
}
for name in build.FORMS:
    scheme_of_name, _ = recognise(read_forms(example(name))[0])
    assert scheme_of_name is not None
    ASKED[name] = (scheme_of_name.name, lambda name=name: example(name))  # type: ignore[misc]


def row_of(field: str) -> str:
    """The part of a path that names a row; of the money all is one row."""
    first, *rest = field.split(".")
    depth = {"indicators": 2, "deductions": 2, "evaluators": 2, "tables": 3, "groups": 2}.get(first, 1)
    return ".".join([first, *rest][:depth])


def blanked(cells: Mapping[str, Cell], sheet: Sheet) -> list[str]:
    """Of every column the first and the last field with words."""
    found: dict[str, list[str]] = {}
    for field, cell in cells.items():
        if sheet.text(cell) and not field.startswith(("headings.", "texts.")):
            found.setdefault(re.sub(r"\d+", "#", field), []).append(field)
    return sorted({field for fields in found.values() for field in (fields[0], fields[-1])})


@pytest.mark.slow
@pytest.mark.parametrize("form", ASKED)
def test_what_filling_asks_of_a_person_the_checks_list_as_well(form: str) -> None:
    """Each with no cell or one cell blanked: at the very field, or at its cause in the same row.

    Points of rows that are more than those of their group are told at a row.
    """
    scheme_name, drawn = ASKED[form]
    scheme = load_scheme(scheme_name)
    cells = place(drawn(), scheme).cells
    silent = []
    for field in ("", *blanked(cells, drawn())):
        sheet = drawn()
        if field:
            type_into(sheet, cells[field], "")
        try:
            told = [located.finding for located in assess_sheet(sheet, scheme).found]
            filled = fill_sheet(sheet, scheme)
        except FormNotRecognised:
            continue
        lines = filled.scores.lines
        still_open = {asked for asked, line in lines.items() if line.value is None}
        causes = [
            c
            for c in filled.changes
            if c.outcome in ("open", "differs") and still_open.isdisjoint(lines[c.field].depends_on)
        ]
        found, beyond = {row_of(one.at) for one in told}, {row_of(one.at) for one in told if one.code == "S104"}
        silent += [
            f"{field}: {c.field} {c.why}"
            for c in causes
            if row_of(c.field) not in found and beyond.isdisjoint(map(row_of, lines[c.field].depends_on))
        ]
    assert silent == []
