"""The empty form of every scheme: recognised, named, fillable, and computing what the tool computes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from filled import Typed
from office import convert, needs_libreoffice
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import Quantity, format_value

SCHEMES = [load_scheme(name) for name in form_names()]
MONEY: Typed = {"sources.1.revised": 90, "sources.1.spent": 81, "sources.2.revised": 10, "sources.2.spent": 9.5}
NINGDE: Typed = {"sources.1.initial": 30, "sources.1.adjusted": 0, "sources.1.revised": 30, "sources.1.spent": 30}
NINGDE |= {
    f"sources.2.{k}": v for k, v in zip(("initial", "adjusted", "revised"), (100.54, 58.07, 158.61), strict=True)
}
NINGDE["sources.2.spent"] = 158.45
YEAR_START: Typed = {"sources.1.initial": 100, "sources.2.initial": 10}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_rows_of_texts_are_high_and_rows_of_figures_are_not(scheme: Scheme) -> None:
    workbook = form_workbook(scheme)
    heights = {}
    for field, name in workbook.defined_names.items():
        sheet, _, address = str(name.attr_text).replace("$", "").rpartition("!")
        row = workbook[sheet.strip("'")][address].row
        heights[field] = workbook[sheet.strip("'")].row_dimensions[row].height or 15
    texts = [name for name in heights if name.startswith(("texts.goal", "texts.result", "texts.problems"))]
    assert [name for name in texts if heights[name] < 60] == []
    figures = [name for name in heights if name.startswith("sources.") or name == "texts.unit"]
    assert [name for name in figures if heights[name] > 50] == []


def test_points_for_two_groups_together_are_left_for_the_unit_to_divide() -> None:
    workbook = form_workbook(load_scheme("hubei"))
    said = [str(cell.value) for line in workbook.worksheets[0].iter_rows() for cell in line if cell.value]
    labels = [words for words in said if words.startswith(("产出指标", "效益指标", "满意度指标"))]
    assert labels == ["产出指标\n(40分)", "效益指标\n(　　分)", "满意度指标\n(　　分)"]


def row(number: int, **parts: str | float | None) -> Typed:
    return {f"indicators.{number}.{part}": value for part, value in parts.items()}


def months(table: str, **columns: int) -> Typed:
    return {f"tables.{table}.{n}.{column}": value for n in range(1, 13) for column, value in columns.items()}


def standard(benefit: int, satisfaction: int) -> Typed:
    """Three rows: missed, qualitative, reached; the numbers of the first rows of the second and the third group."""
    return (
        row(1, name="培训人数", target="≥200人", actual="150人", weight=50, score=37.5)
        | row(benefit, name="效果", target="明显", actual="达成预期指标", weight=30, score=29)
        | row(satisfaction, name="满意度", target="≥90%", actual="95%", weight=10, score=10)
    )


LINGLING: Typed = {"budget.initial": 100, "budget.revised": 100, "budget.spent": 90.5}
LINGLING |= {"splits.income.1": "其中：一般公共预算：100"}
# Scheme → what is typed into its empty form (the rows with the scores that the tool gives), and figures that follow.
FILLED: dict[str, tuple[Typed, dict[str, str]]] = {
    "national_2020": (MONEY | YEAR_START | standard(9, 14), {"budget.execution.score": "9.05", "total": "85.55"}),
    "guangzhou_2021": (
        {"sources.1.initial": 13410.06, "sources.1.spent": 13410.06}
        | row(
            1,
            name="接通率",
            target="≥95%",
            actual="94.07%",
            weight=50,
            score=49.7,
            reason="每下降1%（不足1%按1%计算）扣0.3分",
        )
        | row(7, name="满意度", target="≥95%", actual="97.52%", weight=40, score=40),
        {"budget.execution": "100.00%", "total": "99.70"},
    ),
    "guangzhou_petition_2022": (
        {"budget.initial": 298.67, "sources.1.spent": 9.78, "sources.2.spent": 288.89}
        | row(2, name="出勤率", actual="98%，达到年度指标值", score=50)
        | row(3, name="达标率", actual="98%，达到年度指标值", score=40),
        {"budget.spent": "298.67", "indicators.1.score": "10.00", "total": "100.00", "grade": "优"},
    ),
    "guangzhou_department_2023": (
        {"budget.initial": 15412.94, "budget.adjusted": -514.56, "budget.spent": 14898.38}
        | {f"evaluators.{n}.{k}": 10 for n in range(1, 11) if n != 8 for k in (1, 2)}
        | {f"indicators.{n}.score": 12 if n < 15 else 13 for n in range(11, 19)}
        | months("platform", served=44640, running=44640)
        | months("calls", called=1000, answered=961)
        | months("orders", transferred=100, in_time=100, late=0)
        | months("internet", talks=5000, answered=4999)
        | months("answers", asked=1000, transferred=36)
        | months("accuracy", transferred=1000, right=992, wrong=8)
        | months("satisfaction", rated=1000, very_satisfied=900, satisfied=60, fairly_satisfied=19)
        | months("visits", dissatisfied=70, visited=70),
        {"indicators.8.score": "9.67", "indicators.15.actual": "96.40%", "total": "99.87", "grade": "优"},
    ),
    "yunnan": (
        MONEY | YEAR_START | standard(6, 10) | row(1, op="≥", target=200, unit="人", actual=150, score=40),
        {"budget.execution": "90.50%", "total": "88.05"},
    ),
    "sichuan": (MONEY | YEAR_START | standard(6, 10), {"budget.execution.score": "9.05", "total": "85.55"}),
    "anhui": (MONEY | standard(6, 10), {"budget.execution.score": "9.05", "total": "85.55"}),
    "hubei": (
        MONEY
        | row(1, name="数量", target="25TB", actual="25TB", score=40)
        | row(7, name="效益", target="良好", actual="良好", score=29.5)
        | row(10, name="满意度", target="≥90%", actual="95%", score=10),
        {"budget.execution.score": "18.10", "total": "97.60"},
    ),
    "chongqing": (
        MONEY
        | YEAR_START
        | row(1, name="稿件", target="≥2200篇", actual="2859篇", coefficient=1, weight=60)
        | row(2, name="采购率", target="≥100%", actual="72.74%", coefficient=0.7274, weight=30),
        {"indicators.1.score": "60.00", "indicators.2.score": "21.82", "total": "90.87"},
    ),
    "hebei": (
        MONEY
        | row(1, name="人次", op="≥", target=500, unit="人次", actual=500, coefficient=100, weight=0.75)
        | row(6, name="合格率", op="≥", target=95, unit="%", actual=90, coefficient=94.74, weight=0.25),
        {"budget.execution": "90.50%"},
    ),
    "fujian": (
        NINGDE
        | row(1, name="场次", target="10场", actual="9场", criteria="达10场得100分,少一场扣1分", weight=100, score=99),
        {"budget.revised": "188.61", "budget.execution": "99.92%", "total": "99.00"},
    ),
    "hunan": (
        LINGLING | standard(6, 10),
        {"budget.execution": "90.50%", "budget.execution.score": "9.05", "total": "85.55"},
    ),
    "transfer": (MONEY | row(1, name="储备粮", target="100%", actual="100%"), {"budget.execution": "90.50%"}),
}


def cell_of(workbook: Workbook, field: str) -> tuple[str, str]:
    """Sheet and address that the form's own defined name gives for a field."""
    sheet, _, address = str(workbook.defined_names[field].attr_text).rpartition("!")
    return sheet.strip("'"), address.replace("$", "")


def filled(scheme: str) -> bytes:
    workbook = form_workbook(load_scheme(scheme))
    for field, value in FILLED[scheme][0].items():
        sheet, address = cell_of(workbook, field)
        workbook[sheet][address] = value
    return workbook_bytes(workbook)


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_the_empty_form_is_recognised_and_nothing_in_it_is_decided(scheme: Scheme) -> None:
    book = Book(workbook_bytes(form_workbook(scheme)))
    form = fill_book(book)[0]
    assert form.scheme == scheme
    assert form.scores.total is None
    assert [change for change in form.changes if change.outcome in ("written", "differs")] == []
    assert book.saved() is None


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_an_empty_form_is_the_same_every_time(scheme: Scheme) -> None:
    assert workbook_bytes(form_workbook(scheme)) == workbook_bytes(form_workbook(scheme))


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("scheme", FILLED)
def test_every_field_of_the_empty_form_has_its_name(scheme: str) -> None:
    workbook = form_workbook(load_scheme(scheme))
    form = fill_book(Book(workbook_bytes(workbook)))[0]
    assert form.placement.cells.keys() == set(workbook.defined_names)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", FILLED)
def test_formulas_are_locked_and_what_is_typed_is_not(scheme: str) -> None:
    workbook = form_workbook(load_scheme(scheme))
    for field in FILLED[scheme][0]:
        sheet, address = cell_of(workbook, field)
        assert not workbook[sheet][address].protection.locked, field
    assert all(drawn.protection.sheet for drawn in workbook.worksheets)
    total = workbook.defined_names.get("total")
    if total is not None:
        sheet, address = cell_of(workbook, "total")
        assert workbook[sheet][address].data_type == "f"
        assert workbook[sheet][address].protection.locked


@pytest.mark.slow
@pytest.mark.parametrize("scheme", FILLED)
def test_a_form_made_by_us_and_filled_by_hand_gives_exact_figures(scheme: str) -> None:
    form = fill_book(Book(filled(scheme)))[0]
    lines = {field: "" if line.value is None else format_value(line.value) for field, line in form.scores.lines.items()}
    expected = FILLED[scheme][1]
    assert {field: lines[field] for field in expected} == expected
    assert not [change for change in form.changes if change.outcome in ("differs", "held")]


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every form, filled in by hand, as LibreOffice recalculates it."""
    folder = tmp_path_factory.mktemp("forms")
    files = []
    for scheme in FILLED:
        file = folder / f"{scheme}.xlsx"
        file.write_bytes(filled(scheme))
        files.append(file)
    return convert(files, folder / "office")


@needs_libreoffice
@pytest.mark.parametrize("scheme", FILLED)
def test_libreoffice_computes_what_the_tool_computes(scheme: str, recalculated: Mapping[str, Path]) -> None:
    form = fill_book(Book(filled(scheme)))[0]
    made = form_workbook(load_scheme(scheme))
    theirs = load_workbook(recalculated[scheme], data_only=True)
    compared = 0
    for field, line in form.scores.lines.items():
        if field not in made.defined_names:
            continue
        sheet, address = cell_of(made, field)
        if made[sheet][address].data_type == "f":
            value = theirs[sheet][address].value
            assert _as_shown(value, isinstance(line.value, Quantity)) == (
                "" if line.value is None else shown_short(line.value)
            ), field
            compared += 1
    assert compared > 0


def shown_short(value: object) -> str:
    """A figure of ours as the cell would show it: two places."""
    if isinstance(value, Quantity):
        return format_value(value)
    return value if isinstance(value, str) else f"{value:.2f}"


def _as_shown(value: object, rate: bool) -> str:
    if value is None or isinstance(value, str):
        return str(value or "")
    return f"{float(str(value)) * 100:.2f}%" if rate else f"{float(str(value)):.2f}"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [name for name in FILLED if load_scheme(name).groups])
def test_money_alone_makes_no_total(scheme: str) -> None:
    """A form with its money and no indicator yet has no total, whatever the money earns."""
    workbook = form_workbook(load_scheme(scheme))
    for field, value in FILLED[scheme][0].items():
        if field.startswith(("sources.", "budget.")):
            sheet, address = cell_of(workbook, field)
            workbook[sheet][address] = value
    assert fill_book(Book(workbook_bytes(workbook)))[0].scores.total is None
