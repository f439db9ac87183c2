"""Forms drawn from description, in layouts that no rule was made for: each figure at its cell, each planted error found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet

import described
from printed import readings
from workbook_tools.assess import assess_file
from workbook_tools.checks import ERROR
from workbook_tools.excel import Book
from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.reader import read_forms

KEY: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((described.FOLDER / "key.toml").read_text("utf-8"))
BOOKS = {name: list(forms.values()) for name, forms in KEY.items()}
Habit = Callable[[Worksheet, dict[str, Any]], None]
SHEETS = {name: next(iter(forms)) for name, forms in KEY.items()}
TEXTS, RESULTS = ("project", "unit", "department", "goal", "result"), ("total", "grade")
AMOUNTS = ("initial", "revised", "spent", "execution", "execution_weight", "execution_score")


def expected(key: dict[str, Any]) -> dict[Cell, str]:
    """What stands at each cell that a key tells."""
    fields = {key[name]: f"texts.{name}" for name in TEXTS if name in key}
    fields |= {key[name]: name for name in RESULTS if name in key}
    fields |= {key[name]: f"money.{name.replace('_', '.')}" for name in AMOUNTS if name in key}
    for column, letter in key["columns"].items():
        fields |= {f"{letter}{row}": f"indicator.{column}" for row in key["rows"]}
    return {coordinate_to_tuple(cell): path for cell, path in fields.items()}


def found_as(path: str | None) -> str | None:
    """A reading without its number; the only budget, of which a person is asked, is the revised one in the keys."""
    return {"money.budget": "money.revised"}.get(path or "", re.sub(r"\.\d+$", "", path or "") or None)


@pytest.mark.parametrize("name", KEY)
def test_every_value_of_the_key_is_read_at_its_cell(name: str, tmp_path: Path) -> None:
    book = Book(described.build(name, tmp_path).read_bytes())
    (sheet,) = [book.sheet(info) for info in book.sheets if info.name == SHEETS[name]]
    forms = read_forms(sheet)
    assert len(forms) == len(BOOKS[name])
    found = readings(forms)
    values = {cell: path for key in BOOKS[name] for cell, path in expected(key).items()}
    assert {cell: (path, found.get(cell)) for cell, path in values.items() if found_as(found.get(cell)) != path} == {}


@pytest.mark.parametrize("name", KEY)
def test_no_cell_beside_the_key_is_read_as_a_row_or_as_the_sum_of_the_money(name: str, tmp_path: Path) -> None:
    forms = assess_file(described.build(name, tmp_path)).forms
    for form, key in zip(forms, BOOKS[name], strict=True):
        cells = expected(key)
        more = {
            field: cell
            for field, cell in form.placement.cells.items()
            if re.fullmatch(
                r"budget\.(initial|revised|spent|execution.*)|total|grade|indicators\.\d+\.(target|actual|weight|score)",
                field,
            )
            and cell not in cells
            and form.form.words.get(field)
        }
        assert not more


def errors(path: Path) -> list[list[str]]:
    """The errors found in each form of a workbook, as `W102 F12`."""
    return [
        sorted(f"{one.code} {one.address.rpartition('!')[2]}" for one in form.found if one.level == ERROR)
        for form in assess_file(path).forms
    ]


@pytest.mark.parametrize("name", KEY)
def test_the_planted_errors_are_found_and_no_others(name: str, tmp_path: Path) -> None:
    assert errors(described.build(name, tmp_path)) == [sorted(key["finds"]) for key in BOOKS[name]]


# ── rules that these forms showed ────────────────────────


def drawn(folder: Path, drawing: str) -> Path:
    """A workbook with one form of no known bureau."""
    book = Workbook()
    assert book.active is not None
    described.draw(book.active, [line.strip() for line in drawing.strip().splitlines()])
    book.save(folder / "表.xlsx")
    return folder / "表.xlsx"


RANKED = """
    东州市某某项目评价表 | < | < | < | < | < | < | <
    资金情况 | 资金来源 | 年初预算数 | 调整后预算数 | 全年执行数 | 执行率 | 分值 | 得分
    ^ | 资金总额 | 100 | 100 | 90 | 90% | {points} | {score}
    一级指标 | 二级指标 | 三级指标 | 目标值 | 实际完成值 | 分值 | 得分 | 备注
    部门履职（{first}分） | 甲类 | 巡查次数 | 10次 | 10次 | {weight} | {weight} |
    ^ | 甲类 | 抽检批次 | 20批 | 20批 | 30 | 30 |
    履职成果（30分） | 乙类 | 惠及人数 | 50人 | 50人 | 30 | 30 |
    {last} | 执行 | 预算执行率 | 100% | 90% | {own} | {earned} |
    总分 | < | < | < | < | 100 | {total} |
"""
USUAL = {"points": "10", "score": "9", "first": "50", "weight": "20", "last": "社会评价", "own": "10", "earned": "9"}


@pytest.mark.parametrize(
    ("changed", "finds"),
    [
        ({"total": "98"}, []),  # points printed beside the money count in the total
        ({"total": "89"}, ["S102 G9"]),
        ({"score": "11", "total": "100"}, ["S110 H3"]),  # more than its points
        ({"score": "", "total": "89"}, ["S110 H3"]),
        ({"points": "", "score": "", "own": "20", "earned": "18", "total": "98"}, []),  # no points printed: none count
        ({"points": "—", "score": "—", "own": "20", "earned": "18", "total": "98"}, []),
        ({"own": "20", "earned": "18", "total": "98"}, []),  # the rows make 100 by themselves
        ({"first": "60", "total": "98"}, ["W102 F5"]),  # each 一级指标 by its own points
        ({"last": "预算执行", "total": "98"}, []),  # a row of its own beside the money
    ],
)
def test_points_of_the_money_and_of_each_first_level_count_as_printed(
    changed: dict[str, str], finds: list[str], tmp_path: Path
) -> None:
    assert errors(drawn(tmp_path, RANKED.format(**USUAL | changed))) == [finds]


PAIRS = """
    东州市某某项目评价表 | < | < | < | < | <
    预算安排（元） | 200 | 实际支出（元） | 180 | 预算执行率 | {rate}
    一级指标 | 二级指标 | 三级指标 | 计划值 | 实际值 | 得分
    产出 | 数量 | 场次 | 10场 | 10场 | 60
"""


@pytest.mark.parametrize(("rate", "finds"), [("90%", []), ("95%", ["B101 F2"])])
def test_the_only_budget_is_what_a_rate_is_of(rate: str, finds: list[str], tmp_path: Path) -> None:
    assert errors(drawn(tmp_path, PAIRS.format(rate=rate))) == [finds]


def test_a_finding_names_an_amount_as_the_form_does(tmp_path: Path) -> None:
    (form,) = assess_file(drawn(tmp_path, PAIRS.format(rate="90%"))).forms
    assert form.placement.labels["budget.spent"] == "实际支出"
    assert form.placement.labels["budget.revised"] == "预算安排"


UNITS = """
    东州市某某项目评价表 | < | < | < | <
    资金情况（{unit}） | 资金来源 | 调整后预算数 | 全年执行数 | 执行率
    ^ | 资金总额 | {revised} | {spent} | 90%
    ^ | 其中：财政拨款 | {part} | {part} |
    一级指标 | 三级指标 | 计划值 | 实际值 | 得分
    产出 | 场次 | 10场 | 10场 | 60
"""


@pytest.mark.parametrize(
    ("unit", "revised", "spent", "part", "finds"),
    [
        ("万元", "'100万元", "'90万元", "50", ["B111 C3", "B111 D3"]),  # no sum of 50 is compared with 100万元
        ("万元", "'100万元", "'90万元", "", []),
        ("万元", "'100元", "'90元", "", ["B111 C3", "B111 D3"]),
        ("元", "'100万元", "'90万元", "", ["B111 C3", "B111 D3"]),
        ("元", "'100元", "'90元", "", []),
        ("元", "100", "90", "", []),
    ],
)
def test_an_amount_in_another_unit_than_its_heading_or_its_sources_is_told(
    unit: str, revised: str, spent: str, part: str, finds: list[str], tmp_path: Path
) -> None:
    drawing = UNITS.format(unit=unit, revised=revised, spent=spent, part=part)
    assert errors(drawn(tmp_path, drawing)) == [finds]


# ── what a clerk does to a form on the last day ──────────


def typed_percent(sheet: Worksheet, key: dict[str, Any]) -> None:
    """Rates typed as text."""
    for cell in (key["execution"], *(f"{key['columns']['actual']}{row}" for row in key["rows"])):
        if "%" in sheet[cell].number_format:
            sheet[cell].value, sheet[cell].number_format = f"{round(sheet[cell].value * 100, 2):g}%", "@"


def percent_without_its_sign(sheet: Worksheet, key: dict[str, Any]) -> None:
    cell = sheet[key["execution"]]
    cell.value, cell.number_format = round(cell.value * 100, 2), "General"


def untitled(sheet: Worksheet, _key: dict[str, Any]) -> None:
    for row in range(1, 4):
        for cell in sheet[row]:
            if isinstance(cell.value, str) and "自评表" in cell.value:
                cell.value = None


def renamed(sheet: Worksheet, _key: dict[str, Any]) -> None:
    sheet.title = "绩效（改）"


def without_merged_cells(sheet: Worksheet, _key: dict[str, Any]) -> None:
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))


HABITS = [typed_percent, percent_without_its_sign, untitled, renamed, without_merged_cells]


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("name", [name for name in KEY if len(KEY[name]) == 1])
def test_a_habit_changes_no_figure_and_no_finding(name: str, habit: Habit, tmp_path: Path) -> None:
    ((title, key),) = KEY[name].items()
    path = described.build(name, tmp_path)
    book = load_workbook(path)
    habit(book[title], key)
    book.save(path)
    (found,) = errors(path)
    blank = {one for one in found if one.startswith("F114 ")}  # values that stand beside the place of a merged label
    assert [one for one in found if one not in blank] == sorted(key["finds"])
    assert not blank or habit is without_merged_cells
