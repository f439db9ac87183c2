"""The second witness: a workbook's own formulas, calculated independently, against what is saved and what the scheme says."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from correct import CORRECT
from filled import ZHONGSHAN_2022, cell_of, filled_template
from office import needs_libreoffice
from paper import PaperSheet, drawn_book
from workbook_tools.assess import assess_file
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import Book
from workbook_tools.recalc import Recalculation
from workbook_tools.template.workbook import workbook_bytes

HOWS = ["ironcalc", "formulas", pytest.param("libreoffice", marks=needs_libreoffice)]


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """The template filled by hand, then by the tool: every formula has its value."""
    path = tmp_path / "表.xlsx"
    path.write_bytes(filled_template(ZHONGSHAN_2022))
    assert fill_form([str(path)]) == 0
    return path


def changed(path: Path, field: str, formula: str) -> Path:
    """The form with another formula, its cached values kept."""
    workbook = load_workbook(path)
    sheet = workbook["自评表"]
    sheet[cell_of(sheet, field)] = formula
    path.write_bytes(workbook_bytes(workbook))
    return path


def codes(path: Path, how: str) -> dict[str, str]:
    found = assess_file(path, witness=Recalculation(how)).forms[0].found
    return {f"{place.finding.code} {place.finding.at}": place.finding.message for place in found}


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_the_witness_agrees_with_our_own_template(form: Path, how: str) -> None:
    assert [key for key in codes(form, how) if key.startswith(("F109", "F117", "S111"))] == []


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_a_wrong_formula_is_named_with_both_figures(form: Path, how: str) -> None:
    sheet = load_workbook(form)["自评表"]
    weight = cell_of(sheet, "indicators.3.weight")
    found = codes(changed(form, "indicators.3.score", f"={weight}*0.5"), how)
    said = next(message for key, message in found.items() if key == "S111 indicators.3.score")
    assert "公式重算得 6.665" in said
    assert "按办法应为 8" in said


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_a_stale_figure_is_named_with_both_figures(form: Path, how: str) -> None:
    """A program changed an input and left the cached results as they were."""
    data = form.read_bytes()
    book = Book(data)
    saved = book.sheet(book.sheets[0])
    saved.write(saved.names["budget.spent"], Decimal(15000000))
    form.write_bytes(book.saved() or b"")
    found = codes(form, how)
    assert "公式重算得" in found["F109 budget.execution"]


@pytest.mark.slow
def test_a_model_is_compiled_once_for_all_forms_of_a_template() -> None:
    witness = Recalculation("formulas")
    totals = []
    for actual in (60, 100):
        data = filled_template(ZHONGSHAN_2022 | {"indicators.3.actual": actual})
        sheet = load_workbook(io.BytesIO(data))["自评表"]
        totals.append(witness.values(data)["自评表", cell_of(sheet, "total")])
    assert totals == [94.66, 99.99]
    assert len(witness._models) == 1


@pytest.mark.slow
def test_a_blank_input_is_blank_also_after_another_form() -> None:
    witness = Recalculation("formulas")
    full, empty = filled_template(ZHONGSHAN_2022), filled_template(dict.fromkeys(ZHONGSHAN_2022))
    sheet = load_workbook(io.BytesIO(full))["自评表"]
    total = cell_of(sheet, "total")
    assert witness.values(full)["自评表", total] == 94.66
    assert witness.values(empty)["自评表", total] in ("", None)


@pytest.mark.slow
def test_a_formula_that_nobody_can_calculate_ends_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"]["A30"] = "=NICHTDA(1)+"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    code = main(["check", str(path), "--recalc", "formulas"])
    said = capsys.readouterr().out
    assert "Traceback" not in said
    assert (code, "formulas 无法计算这个工作簿" in said) in ((3, True), (0, False), (1, False))


def test_a_workbook_without_formulas_needs_no_witness(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(CORRECT))
    assert codes(path, "formulas") == {}


def test_no_second_program_is_asked_about_a_workbook_that_was_never_calculated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds, and there is no saved figure that it could confirm."""

    def asked(*_: object) -> None:
        raise AssertionError("formulas was asked")

    monkeypatch.setattr(Recalculation, "_by_formulas", asked)
    workbook = Workbook()
    workbook.worksheets[0]["A1"] = "=1+1"
    Recalculation("ironcalc")(workbook_bytes(workbook))


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_a_range_may_hold_formulas_beside_inputs(how: str) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row, value in enumerate(("=1+1", 3, None, 5), 1):
        sheet.cell(row, 1).value = value
    sheet["C1"] = "=SUM(A1:A4)"
    assert Recalculation(how).values(workbook_bytes(workbook))[sheet.title, "C1"] == 10


# Formula → what IronCalc, and the version of `formulas` that we have, make of it: one of them is not Excel's.
DIFFERENT = {'TEXT(60,"[>=90]优;[>=60]中;差")': "中", 'NUMBERVALUE("1,5",",")': 1.5}


@pytest.mark.slow
@pytest.mark.parametrize(("formula", "saved"), DIFFERENT.items())
def test_what_ironcalc_does_not_know_is_right_where_the_second_program_gives_what_is_saved(
    formula: str, saved: float | str, tmp_path: Path
) -> None:
    """IronCalc gives an error where Excel gives what is saved."""
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"]["A30"] = f"={formula}"
    data = workbook_bytes(workbook)
    book = Book(data)
    sheet = book.sheet(book.sheets[0])
    sheet.give((30, 1), saved)
    sheet.write((30, 1), str(saved))
    path = tmp_path / "表.xlsx"
    path.write_bytes(book.saved() or b"")

    found = codes(path, "ironcalc")

    assert not [message for message in found.values() if "A30" in message]
