"""The template computes by itself what the tool computes, and the tool finds every field of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook

from filled import NOTHING, TEMPLATE, ZHONGSHAN_2022, Typed, cell_of, filled_template
from office import convert, needs_libreoffice
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book, fill_file
from workbook_tools.forms.placing import place
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import format_value

SCHEME = load_scheme("zhongshan_2022")


def output(number: int, target: Typed, name: str = "指标") -> Typed:
    return {f"indicators.{number}.name": name} | {
        f"indicators.{number}.{part}": value for part, value in target.items()
    }


def ten_rows(first: int) -> Typed:
    rows: Typed = {}
    for number in range(first, first + 10):
        rows |= output(number, {"kind": "数量指标", "target": 10, "actual": 9})
    return rows


# What is changed in the filled Zhongshan form of 2022, and one figure that it must give.
CASES: dict[str, tuple[Typed, dict[str, str]]] = {
    "as published": ({}, {"total": "94.66", "grade": "优"}),
    "execution at exactly 98 %": ({"budget.initial": 100, "budget.spent": 98}, {"budget.execution.score": "5.00"}),
    "execution just below 98 %": (
        {"budget.initial": 100000, "budget.spent": 97999},
        {"budget.execution.score": "4.00"},
    ),
    "execution at 70 %": ({"budget.initial": 1000, "budget.spent": 700}, {"budget.execution.score": "1.00"}),
    "execution far beyond": ({"budget.initial": 1716, "budget.spent": 17160289}, {"total": ""}),
    "reduced by 10 %": (
        {"budget.initial": 1000, "budget.adjusted": -100, "budget.spent": 900},
        {"budget.adjustment.score": "15.00"},
    ),
    "reduced by 10.01 %": (
        {"budget.initial": 10000, "budget.adjusted": -1001, "budget.spent": 8999},
        {"budget.adjustment.score": "12.00"},
    ),
    "reduced by 31 %": (
        {"budget.initial": 1000, "budget.adjusted": -310, "budget.spent": 690},
        {"budget.adjustment.score": "0.00"},
    ),
    "increased": (
        {"budget.initial": 1000, "budget.adjusted": 300, "budget.spent": 1300},
        {"budget.adjustment": "0.00%"},
    ),
    "construction with its own score": (
        {"budget.adjustment.own": 12, "budget.adjusted": -9000000},
        {"budget.adjustment.score": "12.00"},
    ),
    "construction with a score out of range": ({"budget.adjustment.own": 16}, {"total": ""}),
    "no money": ({"budget.spent": None}, {"budget.execution": "", "total": "", "grade": ""}),
    "a judged row": (output(3, {"target": "优秀", "actual": "良好", "own": 9.5}), {"groups.output": "36.16"}),
    "a judged row without a score": (
        output(3, {"target": "优秀", "actual": "良好"}),
        {"groups.output": "", "total": ""},
    ),
    "a judged row beyond its weight": (output(3, {"target": "优秀", "actual": "良好", "own": 14}), {"total": ""}),
    "a figure missing": ({"indicators.3.actual": None}, {"groups.output": "", "groups.benefit": "40.00"}),
    "over-achievement up to the cap": (
        {"indicators.1.actual": 300},
        {"indicators.1.score": "39.99", "groups.output": "40.00"},
    ),
    "nothing achieved": ({"indicators.1.actual": 0}, {"indicators.1.score": "0.00"}),
    "1 of 114": ({"indicators.1.target": 114, "indicators.1.actual": 100}, {"indicators.1.score": "11.69"}),
    "1 beside 95": ({"indicators.1.target": 1, "indicators.1.actual": 95}, {"indicators.1.score": "", "total": ""}),
    "a rate of failures without a sign": (
        output(3, {"target": 1, "actual": 0.5}, "系统故障率（%）"),
        {"indicators.3.score": "", "total": ""},
    ),
    "a rate of failures without a sign, scored by hand": (
        output(3, {"target": 1, "actual": 0.5, "own": 12}, "系统故障率（%）"),
        {"indicators.3.score": "12.00"},
    ),
    "a rate of failures exactly reached": (
        output(3, {"target": 1, "actual": 1}, "系统故障率（%）"),
        {"indicators.3.score": "13.33", "total": "99.99"},
    ),
    "a rate of failures with ≤": (output(3, {"target": "≤1", "actual": 0.5}, "系统故障率（%）"), {"total": ""}),
    "a rate of failures with ≤, exactly reached": (
        output(3, {"target": "≤1", "actual": 1}, "系统故障率（%）"),
        {"indicators.3.score": "13.33"},
    ),
    "a number of complaints with ≥": (
        output(3, {"target": "≥100", "actual": 60}, "受理投诉件数"),
        {"indicators.3.score": "8.00"},
    ),
    "a rate of complaints dealt with": (
        output(3, {"target": 100, "actual": 60}, "投诉处理率（%）"),
        {"indicators.3.score": "8.00"},
    ),
    "a rate of complaints dealt with too late": (
        output(3, {"target": 100, "actual": 60}, "投诉处理不及时率（%）"),
        {"indicators.3.score": ""},
    ),
    "a cost without a sign": (
        output(3, {"target": 100, "actual": 60, "kind": "成本指标"}, "单位成本（元）"),
        {"indicators.3.score": ""},
    ),
    "ten rows in each group": (ten_rows(1) | ten_rows(11), {"indicators.20.weight": "4.00", "groups.output": "36.00"}),
    "a row left blank": ({"indicators.4.name": None}, {"indicators.1.weight": "", "total": ""}),
    "a row without a name": ({"indicators.4.name": None, "indicators.4.actual": 3}, {"total": ""}),
    "a kind left out with its row": ({"indicators.4.name": None, "indicators.4.kind": None}, {"total": "94.66"}),
    "everything 无": (
        {f"indicators.{n}.name": "无" for n in range(11, 16)}
        | {f"indicators.{n}.{p}": None for n in (12, 15) for p in ("target", "actual")},
        {"groups.benefit": "", "total": ""},
    ),
    "rows that say otherwise that there is none": (
        {"indicators.4.name": "指标1：无", "indicators.11.name": "无此项", "indicators.13.name": "指标:无"},
        {"indicators.1.weight": "13.33", "groups.benefit": "40.00", "total": "94.66"},
    ),
    "a kind that says 无": ({"indicators.4.name": None, "indicators.4.kind": "无"}, {"total": "94.66"}),
    "five points off": ({"deductions.1.rate": "违规采购", "deductions.1.own": -5}, {"total": "89.66", "grade": "良"}),
    "all points off": (
        {f"deductions.{n}.rate": "发生" for n in (1, 2, 3)} | {f"deductions.{n}.own": -10 for n in (1, 2, 3)},
        {"groups.deduction": "-30.00", "total": "64.66", "grade": "中"},
    ),
    "points off without a figure": ({"deductions.1.rate": "违规采购"}, {"groups.deduction": "", "total": ""}),
    "points off beyond the limit": ({"deductions.1.rate": "违规采购", "deductions.1.own": -11}, {"total": ""}),
    "points off although nothing happened": ({"deductions.1.own": -5}, {"total": ""}),
    "veto": ({"deductions.4.rate": "已发生"}, {"total": "94.66", "grade": "差"}),
    "veto not said": ({"deductions.4.rate": None}, {"total": "94.66", "grade": ""}),
    "exactly 90": (
        {"indicators.3.actual": 100, **output(15, {"target": "好", "actual": "好", "own": 10.01})},
        {"total": "90.00", "grade": "优"},
    ),
    "just below 90": (
        {"indicators.3.actual": 100, **output(15, {"target": "好", "actual": "好", "own": 10})},
        {"total": "89.99", "grade": "良"},
    ),
    "exactly 80": (
        {"indicators.3.actual": 100, **output(15, {"target": "好", "actual": "好", "own": 0.01})},
        {"total": "80.00", "grade": "良"},
    ),
    "exactly 60": (
        {
            "indicators.3.actual": 100,
            "indicators.12.actual": 0,
            **output(15, {"target": "好", "actual": "好", "own": 0.01}),
        },
        {"total": "60.00", "grade": "中"},
    ),
    "just below 60": (
        {
            "indicators.3.actual": 100,
            "indicators.12.actual": 0,
            **output(15, {"target": "好", "actual": "好", "own": 0}),
        },
        {"total": "59.99", "grade": "差"},
    ),
    "an empty form": (dict.fromkeys(ZHONGSHAN_2022), {"total": "", "grade": ""}),
}


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every case, filled in by hand, as LibreOffice recalculates it."""
    folder = tmp_path_factory.mktemp("filled")
    files = []
    for number, (changed, _) in enumerate(CASES.values()):
        file = folder / f"{number}.xlsx"
        file.write_bytes(filled_template(ZHONGSHAN_2022 | changed))
        files.append(file)
    made = convert(files, folder / "office")
    return {name: made[str(number)] for number, name in enumerate(CASES)}


def test_a_rebuilt_template_is_the_committed_one() -> None:
    assert workbook_bytes(form_workbook(SCHEME)) == TEMPLATE.read_bytes()


def test_every_field_has_its_name() -> None:
    book = Book(TEMPLATE.read_bytes())
    sheet = book.sheet(book.sheets[0])
    cells = place(sheet, load_scheme("zhongshan_2022")).cells
    assert cells == {field: sheet.names[field] for field in cells}


@needs_libreoffice
def test_names_and_words_find_the_same_cells_also_after_libreoffice(recalculated: Mapping[str, Path]) -> None:
    book = Book(recalculated["as published"].read_bytes())
    sheet = book.sheet(book.sheets[0])
    by_name = place(sheet, load_scheme("zhongshan_2022")).cells
    assert by_name.keys() <= sheet.names.keys()
    sheet.names = {}
    assert place(sheet, load_scheme("zhongshan_2022")).cells == by_name


def test_names_still_find_the_fields_when_words_were_changed() -> None:
    workbook = load_workbook(io.BytesIO(filled_template(ZHONGSHAN_2022)))
    sheet = workbook["自评表"]
    for field in ("headings.indicators.weight", "headings.budget.spent"):
        sheet[cell_of(sheet, field)] = "改过的字"
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value).startswith(("产出指标得分小计", "自评总分")):
                cell.value = "改过的字"
    form = fill_book(Book(workbook_bytes(workbook)))[0]
    assert (str(form.scores.total), form.scores.grade) == ("94.66", "优")


@pytest.mark.slow
def test_a_row_inserted_in_the_template_is_counted() -> None:
    """As Excel does it: everything below moves down, the defined names with it, the new row has none."""
    workbook = load_workbook(io.BytesIO(filled_template(ZHONGSHAN_2022)))
    sheet = workbook["自评表"]
    last = sheet[cell_of(sheet, "indicators.10.name")].row
    assert last is not None
    for column, value in ((2, "数量指标"), (3, "清运次数"), (7, 100), (8, 100)):
        sheet.cell(last, column).value = value
    for name in [name for name in workbook.defined_names if name.startswith("indicators.10.")]:
        del workbook.defined_names[name]
    form = fill_book(Book(workbook_bytes(workbook)))[0]
    assert format_value(form.scores.lines["indicators.10.weight"].value or "") == "10.00"


def test_formulas_are_locked_and_inputs_are_not() -> None:
    workbook = load_workbook(TEMPLATE)
    sheet = workbook["自评表"]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) > 70
    assert all(cell.protection.locked for cell in formulas)
    inputs = [cell_of(sheet, field) for field in ZHONGSHAN_2022]
    assert not any(sheet[address].protection.locked for address in inputs)
    assert not any(sheet[cell_of(sheet, f"indicators.{n}.own")].protection.locked for n in range(1, 21))


def test_inputs_have_hints_and_the_page_is_one_page_wide() -> None:
    sheet = load_workbook(TEMPLATE)["自评表"]
    hinted = {
        cell for hint in sheet.data_validations.dataValidation for area in hint.sqref.ranges for cell in area.cells
    }
    for field in ZHONGSHAN_2022:
        if not field.startswith("texts."):
            cell = sheet[cell_of(sheet, field)]
            assert (cell.row, cell.column) in hinted, field
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$2:$3"
    assert sheet.print_area == f"'自评表'!$A$1:$J${sheet.max_row}"
    assert sheet["A2"].font.name == "方正小标宋简体"


def test_the_filled_template_gives_the_published_figures(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(filled_template(ZHONGSHAN_2022))
    form = fill_file(path).forms[0]
    assert not form.needs_person
    assert fill_file(path).written is False
    lines = {field: format_value(line.value or "") for field, line in form.scores.lines.items()}
    rows = (1, 2, 3, 12, 15)
    assert [lines[f"indicators.{n}.weight"] for n in rows] == ["13.33", "13.33", "13.33", "20.00", "20.00"]
    assert [lines[f"indicators.{n}.score"] for n in rows] == ["13.33", "13.33", "8.00", "20.00", "20.00"]
    assert [lines[f"groups.{group}"] for group in ("process", "output", "benefit")] == ["20.00", "34.66", "40.00"]
    assert (lines["total"], lines["grade"]) == ("94.66", "优")
    kept = load_workbook(path)["自评表"]
    assert kept[cell_of(kept, "total")].data_type == "f", "the formula stays"
    read = load_workbook(path, data_only=True)["自评表"]
    assert read[cell_of(read, "total")].value == 94.66
    assert read[cell_of(read, "grade")].value == "自评绩效等级：优"


@needs_libreoffice
@pytest.mark.parametrize("case", CASES)
def test_libreoffice_recalculates_what_the_tool_computes(case: str, recalculated: Mapping[str, Path]) -> None:
    changed, gives = CASES[case]
    form = fill_book(Book(filled_template(ZHONGSHAN_2022 | changed)))[0]
    sheet = load_workbook(recalculated[case], data_only=True)["自评表"]
    ours = {field: "" if line.value is None else format_value(line.value) for field, line in form.scores.lines.items()}
    assert {field: ours.get(field, "") for field in gives} == gives

    formulas = load_workbook(TEMPLATE)["自评表"]
    theirs = {}
    for field in ours:
        address = cell_of(formulas, field)
        if formulas[address].data_type == "f":
            value = sheet[address].value
            theirs[field] = as_shown(field, value)
    for field, value in theirs.items():
        assert value == ours[field], field


def as_shown(field: str, value: object) -> str:
    """A figure of LibreOffice as the form prints it."""
    if value is None or value in ("", "待填", "请核对"):
        return ""
    if field == "grade":
        return str(value).removeprefix("自评绩效等级：")
    number = float(str(value))
    if field.endswith((".rate", ".actual")) or field in ("budget.execution", "budget.adjustment"):
        return f"{number * 100:.2f}%"
    return f"{number:.0f}" if field.startswith("counts.") else f"{number:.2f}"


@needs_libreoffice
@pytest.mark.parametrize("case", CASES)
def test_a_recalculated_form_needs_no_more_writing(case: str, recalculated: Mapping[str, Path]) -> None:
    form = fill_book(Book(recalculated[case].read_bytes()))[0]
    assert [change for change in form.changes if change.outcome in ("written", "differs")] == []


def test_nothing_happened_is_what_the_scheme_says() -> None:
    assert SCHEME.deductions.none[0] == NOTHING
