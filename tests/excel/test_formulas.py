"""Beside a live formula is saved only what it gives; where that is not the figure by the rule, both are named."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from correct import CORRECT
from office import needs_libreoffice
from paper import EXAMPLES, PaperSheet
from workbook_tools.assess import assess_file
from workbook_tools.commands.main import fill_form, main
from workbook_tools.data_files import exported
from workbook_tools.excel import Book
from workbook_tools.fill import Change, Filled, fill_book, fill_file
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.recalc import Recalculation
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import UNCALCULATED, Quantity, round_half_up

EXAMPLE = EXAMPLES / "guangzhou_12345_2021.xlsx"


def with_formulas(path: Path, **formulas: str) -> Path:
    workbook = load_workbook(EXAMPLE)
    for cell, formula in formulas.items():
        workbook["自评表"][cell] = formula
    path.write_bytes(workbook_bytes(workbook))
    return path


def saved_as(path: Path, cell: str, element: str) -> None:
    """Puts another `<c>` element in the place of a cell's."""
    book = Book(path.read_bytes())
    part = book.sheets[0].part
    xml = book.part(part).decode()
    new, count = re.subn(rf'<c r="{cell}"(?: s="(\d+)")?.*?(?:/>|</c>)', element, xml, count=1, flags=re.DOTALL)
    assert count == 1
    path.write_bytes(book._container.replaced({part: new.encode()}))


def shown(path: Path, *cells: str) -> list[object]:
    sheet = load_workbook(path, data_only=True)["自评表"]
    return [sheet[cell].value for cell in cells]


def parts_that_differ(path: Path) -> set[str]:
    """The parts of a filled file that are not those of its backup."""
    (backup,) = (path.parent / "填表前备份").iterdir()
    new, old = Book(path.read_bytes()), Book(backup.read_bytes())
    return {name for name in new.parts if new.part(name) != old.part(name)}


def outcomes(path: Path) -> dict[str, Change]:
    return {change.address.partition("!")[2]: change for change in fill_file(path).forms[0].changes}


# ── a formula that gives something else ───────────────


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("saved", [None, 12, 11.7])
def test_a_formula_that_gives_something_else_is_named_with_both_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], saved: float | None
) -> None:
    """=G17 gives 12, the rule 11.70; 11.7 is what a program without a calculator has saved beside it."""
    path = with_formulas(tmp_path / "表.xlsx", H17="=G17")
    value = "" if saved is None else f"<v>{saved}</v>"
    saved_as(path, "H17", rf'<c r="H17" s="\1"><f>G17</f>{value}</c>')
    assert fill_form([str(path)]) == 1
    said = capsys.readouterr().out
    assert "H17 月度话务接通率 自评得分：公式算得 12，按办法应为 11.70（95% - 94.07% = 0.93%" in said
    assert "总分 99.70（按办法计算；因上面有出入，H23 没有写）" in said
    assert shown(path, "H14", "H17", "H23") == [13, 12, None]
    assert load_workbook(path)["自评表"]["H17"].value == "=G17"
    assert main(["check", str(path)]) == 1
    assert "错误 S101  H17 月度话务接通率 自评得分：填 12，按办法应为 11.70" in capsys.readouterr().out
    again = path.read_bytes()
    assert fill_form([str(path)]) == 1
    assert path.read_bytes() == again


def test_a_dry_run_calculates_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_formulas(tmp_path / "表.xlsx", H17="=G17", H23="=I7+SUM(H14:H20)")
    before = path.read_bytes()
    assert fill_form([str(path), "--dry-run"]) == 1
    dry = capsys.readouterr().out
    assert path.read_bytes() == before
    fill_form([str(path)])
    assert dry.splitlines()[:-2] == capsys.readouterr().out.splitlines()[:-2]


def test_overwrite_does_not_take_the_place_of_a_formula(tmp_path: Path) -> None:
    path = with_formulas(tmp_path / "表.xlsx", H17="=G17")
    assert fill_form([str(path), "--overwrite"]) == 1
    assert load_workbook(path)["自评表"]["H17"].value == "=G17"
    assert shown(path, "H17", "H23") == [12, None]


def test_a_shared_formula_is_what_each_of_its_cells_gives(tmp_path: Path) -> None:
    """Three scores share =G14; one of them should be less, and the total is the sum that the sheet then shows."""
    path = with_formulas(tmp_path / "表.xlsx", H23="=I7+SUM(H14:H20)")
    saved_as(path, "H15", r'<c r="H15" s="\1"><f t="shared" ref="H15:H17" si="0">G15</f><v>1</v></c>')
    for row in (16, 17):
        saved_as(path, f"H{row}", rf'<c r="H{row}" s="\1"><f t="shared" si="0"/><v>1</v></c>')
    found = outcomes(path)
    assert shown(path, "H15", "H16", "H17", "H23") == [13, 12, 12, 100]
    assert (found["H17"].outcome, found["H17"].before, found["H17"].after) == ("differs", "12", "11.70")
    assert (found["H23"].outcome, found["H23"].before, found["H23"].after) == ("held", "100", "99.70")
    assert (found["H15"].outcome, found["H15"].before, found["H15"].after) == ("written", "1", "13.00")


RIGHT: dict[str, str] = {
    "H23": "=I7+SUM(H14:H20)",
    "H17": "=G17-ROUND(0.1+0.2,2)",  # 0.1 + 0.2 is no round number in binary
    "I7": "=ROUND(G7*MIN(H7,1),2)",
    "H14": '=IF(LEFT(F14,5)="99.99",G14,0)',
    "H15": "=自评表!G15",
    "H7": "=F7/E7",
    "H16": "='自评表'!G16*1",
}


def test_formulas_that_give_the_figures_of_the_rule_are_no_finding(tmp_path: Path) -> None:
    path = with_formulas(tmp_path / "表.xlsx", **RIGHT)
    assert {change.outcome for change in fill_file(path).forms[0].changes} == {"written"}
    assert shown(path, "H7", "I7", "H14", "H15", "H16", "H17", "H23") == [1, 10, 13, 13, 12, 11.7, 99.7]
    assert fill_form([str(path)]) == 0
    assert not fill_file(path).written


@pytest.mark.parametrize(
    ("formula", "given"),
    [("=1/0", "#DIV/0!"), ('=IF(1=1,"","")', ""), ('="总分："&99.7', "总分：99.7"), ("=G17>1", "TRUE")],
)
def test_a_formula_that_gives_no_number_is_a_finding(tmp_path: Path, formula: str, given: str) -> None:
    path = with_formulas(tmp_path / "表.xlsx", H17=formula)
    found = outcomes(path)
    assert (found["H17"].outcome, found["H17"].before) == ("differs", given)
    assert found["H23"].outcome == "held"


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        ('COUNTIF(A2,"指标*：无")', 1),
        ('COUNTIF($A$3,5)+COUNTIFS(A3,5,A2,"*")', 2),
        ('SUMIF(A3,A3)+SUMIFS(A3,A3,5)+AVERAGEIF(A3,5,A3)+MAXIFS(A3,A3,">0")', 20),
        ("LARGE(A3,1)+SMALL(A3,1)+INDEX(A3,1)", 15),
        ("MATCH(5,A3,0)+VLOOKUP(5,A3,1,0)+LOOKUP(5,A3)", 11),
        ("IFERROR(COUNTIF('附 表,1'!A1,5),9)", 1),
        ('COUNTIF(A2:A3,"*)COUNTIF(A3,")', 0),
        ("COUNTIF(A3:A3,A3)", 1),
    ],
)
def test_a_single_cell_is_a_range_to_every_function_that_takes_one(formula: str, given: float) -> None:
    """As in Excel; the calculator takes a range only with a colon, and gives an error otherwise."""
    workbook = Workbook()
    sheet, other = workbook.active, workbook.create_sheet("附 表,1")
    assert isinstance(sheet, Worksheet)
    sheet["A1"], sheet["A2"], sheet["A3"], other["A1"] = f"={formula}", "指标1：无", 5, 5
    book = Book(workbook_bytes(workbook))
    book.calculate()
    assert book.sheet(book.sheets[0]).results[1, 1] == given


def test_a_sum_of_cells_that_are_written_later_comes_to_rest(tmp_path: Path) -> None:
    """The total is a formula over what is written in this run; a formula in another sheet is told of, not touched."""
    workbook = PaperSheet(CORRECT.replace("| 90.00% | 9", "| |").replace("20 | 20 |", "20 | |")).workbook()
    workbook["自评表"]["G17"] = "=附表!A1+SUM(G10:G16)"
    other = workbook.create_sheet("附表")
    other["A1"], other["A2"], other["A3"] = "=自评表!H5", "=自评表!G17*2", "=1+1"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    filled = fill_file(path)
    assert (shown(path, "G10", "G17"), filled.forms[0].needs_person) == ([20, 98], False)
    assert filled.other_formulas == 3
    assert parts_that_differ(path) == {"xl/worksheets/sheet1.xml"}


@pytest.mark.parametrize("saved", [11.7, None])
def test_what_cannot_be_calculated_is_said_and_never_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], saved: float | None
) -> None:
    """H16 is written in this run and H17 reads it: what an unknown function makes of it nobody knows."""
    path = with_formulas(tmp_path / "表.xlsx", H17="=NICHTDA(H16)")
    value = "" if saved is None else f"<v>{saved}</v>"
    saved_as(path, "H17", rf'<c r="H17" s="\1"><f>NICHTDA(H16)</f>{value}</c>')
    assert fill_form([str(path)]) == 1
    said = capsys.readouterr().out
    assert "H17 月度话务接通率 自评得分：这一格的公式本工具无法计算；请用 Excel 或 WPS 打开" in said
    assert "按办法应为 11.70" in said
    assert shown(path, "H17", "H23") == [None, None]


@pytest.mark.parametrize(
    ("formula", "hidden", "told"),
    [
        ("SUBTOTAL(109,G10:G16)+H5", True, [("G17", "F117", "保存的结果 88"), ("G17", "S102", "填 88，")]),
        ("SUBTOTAL(9,G10:G16)+H5", True, [("G17", "F117", "保存的结果 88"), ("G17", "S102", "填 88，")]),  # of a filter
        ("AGGREGATE(9,5,G10:G16)+H5", True, [("G17", "F117", "保存的结果 88"), ("G17", "S102", "填 88，")]),
        ("SUM(G10:G16)+H5", True, [("G17", "F109", "重算得 98"), ("G17", "S102", "填 88，")]),
        ("SUBTOTAL(109,G10:G16)+H5", False, [("G17", "F109", "重算得 98"), ("G17", "S102", "填 88，")]),
    ],
)
def test_a_sum_that_leaves_out_hidden_rows_is_not_taken_for_one_of_all_rows(
    formula: str, hidden: bool, told: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    """With the row of 10 points hidden Excel gives 88, and what is stored beside the formula is not outdated."""
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"]["G17"] = f"={formula}"
    workbook["自评表"].row_dimensions[11].hidden = hidden
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    saved_as(path, "G17", f'<c r="G17"><f>{formula}</f><v>88</v></c>')
    found = [one for one in assess_file(path).findings if one.address.endswith("G17")]
    assert [(one.address[-3:], one.code) for one in found] == [(cell, code) for cell, code, _ in told]
    assert all(words in one.message for one, (_, _, words) in zip(found, told, strict=True))
    fill_file(path)
    assert shown(path, "G17") == [88 if hidden and "SUM(" not in formula else 98]


def test_a_formula_of_another_file_keeps_its_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_formulas(tmp_path / "表.xlsx", H17="=[1]Sheet1!B3")
    saved_as(path, "H17", r'<c r="H17" s="\1"><f>[1]Sheet1!B3</f><v>11.7</v></c>')
    assert fill_form([str(path)]) == 0
    assert shown(path, "H17", "H23") == [11.7, 99.7]
    capsys.readouterr()
    main(["check", str(path)])
    assert (
        "提示 F117  H17 月度话务接通率 自评得分：这一格的公式本工具不能重算，这里用的是保存的结果 11.7"
        in capsys.readouterr().out
    )


def test_an_input_that_is_a_formula_counts_as_what_it_gives(tmp_path: Path) -> None:
    """The actual value was never calculated; the score rests on what its formula gives."""
    workbook = PaperSheet(CORRECT.replace("≥200人 | 210人 | 20 | 20", "200 |  | 20 | ")).workbook()
    workbook["自评表"]["E10"] = "=15*10"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    found = outcomes(path)
    assert (shown(path, "E10", "G10"), found["E10"].before) == ([150, 15], UNCALCULATED)


# ── percentages that formulas read ────────────────────


@pytest.mark.parametrize(
    ("scheme", "example", "cells"),
    [
        ("hebei", "hebei_example", {"K13": (0.4, "40%"), "K16": (0.1, "10%"), "L23": (98.69, "98.69")}),
        ("chongqing", "chongqing_media_2021", {"G14": (1, "100.00%"), "G25": (1, "100.00%")}),
        ("fujian", "fujian_ningde_2020", {"E7": (188.61, "188.61"), "G7": (0.9991516886697417, "99.9151688669742%")}),
    ],
)
def test_an_exported_form_fills_the_empty_one_and_its_formulas_give_the_same(
    scheme: str, example: str, cells: dict[str, tuple[float, str]]
) -> None:
    book = Book(workbook_bytes(form_workbook(load_scheme(scheme))))
    words = exported(EXAMPLES / f"{example}.xlsx")[0].fields
    form = fill_book(book, inputs={field: said for field, said in words.items() if said})[0]
    assert not [change for change in form.changes if change.formula and change.outcome in ("differs", "held")]
    data = book.saved() or b""
    sheet = load_workbook(io.BytesIO(data), data_only=True)["自评表"]
    again = Book(data).sheet(book.sheets[0])
    for cell, (value, said) in cells.items():
        row, column = sheet[cell].row, sheet[cell].column
        assert (sheet[cell].value, again.text((row, column))) == (value, said)
    assert list(outdated(data)) == []


def test_only_a_percentage_that_a_formula_reads_gets_a_format() -> None:
    workbook = PaperSheet(CORRECT.replace("| 210人 |", "|  |").replace("| 96% |", "|  |")).workbook()
    sheet = workbook["自评表"]
    sheet["D10"] = "100%"
    sheet["D10"].number_format = "@"
    sheet["J10"] = "=E10*2"
    sheet["G17"] = "=H5+SUM(G10:G16)"
    book = Book(workbook_bytes(workbook))
    fill_book(book, inputs={"indicators.1.actual": "98.5%", "indicators.2.actual": "96%"})
    made = load_workbook(io.BytesIO(book.saved() or b""))["自评表"]
    assert (made["E10"].value, made["E10"].number_format) == (0.985, "0.00%")
    assert (made["E11"].value, made["E11"].number_format) == ("96%", "General")
    assert made["E10"].border.left.style == sheet["E10"].border.left.style


def test_a_percentage_that_a_formula_reads_is_typed_as_one_into_an_open_book() -> None:
    """Typed without an apostrophe and with every digit it has, Excel takes it for a number and shows it as 98.5%."""
    workbook = PaperSheet(CORRECT.replace("| 210人 |", "|  |").replace("| 96% |", "|  |")).workbook()
    sheet = workbook["自评表"]
    sheet["J10"] = "=E10*2"
    book = Book(workbook_bytes(workbook))
    page = book.sheet(book.sheets[0])
    page.write((10, 5), "98.567%")
    page.write((11, 5), "96%")
    assert dict(page.typed()) == {(10, 5): Quantity(Decimal("98.567"), "%"), (11, 5): "96%"}


# ── every formula of every empty form ─────────────────

SCHEMES = [load_scheme(name) for name in form_names()]


def value_of(field: Field, label: str, scheme: Scheme, share: Decimal, chance: random.Random) -> str:
    """Something that a person could fill into a field: weights that make up 100, and a sign where one is asked for."""
    table, column = field.partition(".")[0], field.rpartition(".")[2]
    money = {"initial": 100, "adjusted": 5, "revised": 105, "received": 105, "balance": 3}
    if table in ("budget", "sources") and column in (*money, "spent"):
        return str(money.get(column, chance.randint(80, 99)))
    if table == "evaluators":
        return f"{chance.randint(0, 50) / 10}" if column.isdecimal() else ""
    if table == "tables":
        return str({"month": ""}.get(column, chance.randint(900, 1000)))
    if table == "deductions":
        return "未发生扣分行为" if column == "rate" else ""
    typed = {
        "name": f"指标{chance.random()}",
        "target": "≥100" if scheme.deductions.rows else "≥90%",  # spare rows below 成本指标 are costs, too
        "actual": str(chance.randint(50, 100)) if scheme.deductions.rows else f"{chance.randint(50, 100)}%",
        "weight": f"{share:.2f}{chance.choice(['%', '']) if '权重占比' in label else ''}",
        "coefficient": chance.choice(["100%", "92.5%", "87"]) if "系数" in label else chance.choice(["100", "92.5"]),
        "score": f"{chance.randint(0, 300) / 100}",
    }
    return typed.get(column, "") if table == "indicators" else ""


def filled_form(scheme: Scheme, seed: int) -> tuple[Filled, bytes]:
    """The empty form of a scheme with something in every input, as we save it."""
    chance = random.Random(f"{scheme.name} {seed}")
    book = Book(workbook_bytes(form_workbook(scheme)))
    empty = fill_book(Book(workbook_bytes(form_workbook(scheme))))[0]
    cells, labels, source = empty.placement.cells, empty.placement.labels, empty.source
    rows = sum(field.endswith(".weight") and field.startswith("indicators.") for field in cells)
    printed = cells.get("budget.execution.weight")
    share = (100 - Decimal((printed and source.text(printed)) or 0)) / max(rows, 1)
    inputs = {
        field: words
        for field, cell in cells.items()
        if not source.text(cell) and not source.formula(cell) and not field.startswith(("headings.", "counts."))
        if (words := value_of(field, labels[field], scheme, share, chance))
    }
    form = fill_book(book, inputs=inputs)[0]
    return form, book.saved() or b""


def outdated(data: bytes) -> Iterator[tuple[str, object, object]]:
    """The formulas beside which something else is saved than they give."""
    book = Book(data)
    assert not book.calculate()
    sheets = {info.name: book.sheet(info) for info in book.sheets}
    for name, cell in book.outdated():
        yield f"{name}!{cell}", sheets[name].stored_value(cell), sheets[name].results[cell]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_beside_every_formula_of_a_form_is_saved_what_it_gives(scheme: Scheme, seed: int) -> None:
    form, data = filled_form(scheme, seed)
    sheet = {part.name: part for part in map(Book(data).sheet, Book(data).sheets)}
    saved = [(name, cell, part.stored_value(cell)) for name, part in sheet.items() for cell in part.live_formulas()]
    assert [cell for _, cell, value in saved if value is None] == []
    assert list(outdated(data)) == []
    figures = [value for _, _, value in saved if isinstance(value, float)]
    assert len(figures) * 2 > len(saved)  # not all blank
    if scheme.groups:
        assert form.scores.total is not None


@needs_libreoffice
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_libreoffice_recalculates_every_formula_to_what_we_saved(scheme: Scheme) -> None:
    _, data = filled_form(scheme, 0)
    recalculated = Recalculation("libreoffice").values(data)
    saved = load_workbook(io.BytesIO(data), data_only=True)
    compared = 0
    for (sheet, cell), value in recalculated.items():
        assert same(saved[sheet][cell].value, value), f"{sheet}!{cell}: {saved[sheet][cell].value} → {value}"
        compared += value not in (None, "")
    assert compared >= 3


def same(first: object, second: object) -> bool:
    if isinstance(first, int | float) and isinstance(second, int | float):
        return round_half_up(Decimal(str(first)), 9) == round_half_up(Decimal(str(second)), 9)
    return (first or "") == (second or "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["fill_form([sys.argv[1]])", "main(['check', sys.argv[1]])"])
def test_a_form_without_formulas_in_its_fields_needs_no_calculator(command: str, tmp_path: Path) -> None:
    import subprocess
    import sys

    workbook = PaperSheet(CORRECT.replace("| 96% |", "|  |")).workbook()
    workbook["自评表"]["J30"] = "=1+E11"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    script = f"import sys; from workbook_tools.commands.main import fill_form, main; {command}; print('ironcalc' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False"


def test_books_with_the_same_formulas_keep_their_own_figures() -> None:
    """What their formulas read is worked out once for all of them; what a cell holds belongs to one."""

    def book(*values: float | str | None) -> Book:
        workbook = Workbook()
        sheet = workbook.worksheets[0]
        for row, value in enumerate(values, 1):
            sheet.cell(row, 1).value = value
        sheet["B1"], sheet["B2"] = "=SUM(A1:A3)", "=COUNTA(A1:A3)"
        return Book(workbook_bytes(workbook))

    def gives(one: Book) -> list[object]:
        one.calculate()
        return list(one.sheet(one.sheets[0]).results.values())

    first, second, third = book(1, 2, 3), book(5, None, None), book("字", None, 2)
    assert [gives(first), gives(second), gives(third)] == [[6, 3], [5, 1], [2, 2]]
    first.sheet(first.sheets[0]).write((1, 1), Decimal(10))
    assert [gives(second), gives(first)] == [[5, 1], [15, 3]]


def test_a_form_is_scored_once_where_its_formulas_read_nothing_that_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zero in the row of the veto was once written and taken back in turn, until the rounds were used up."""
    scored: list[Form] = []

    def counted(form: Form, scheme: Scheme) -> Scores:
        scored.append(form)
        return score(form, scheme)

    monkeypatch.setattr("workbook_tools.fill.score", counted)
    [form] = fill_book(Book((EXAMPLES / "zhongshan_12345_2022.xlsx").read_bytes()))
    assert len(scored) == 1
    assert [change.outcome for change in form.changes if change.field == "deductions.4.score"] == ["written"]
