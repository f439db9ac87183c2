"""合计 of the 汇总表: a rate is made only of what belongs together; what is printed fits onto the page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import EXAMPLES
from reviewed import form
from workbook_tools.commands.main import main

# Which forms: a budget of the year of 100 with 90 spent; the same without its spending; one that prints no budget of
# the year (13,410.06 spent) → the rate of the sum, and what is said of it.
BOTH, BLANK, OTHER = "both", "without spending", "no budget of the year"
SOME = "执行率按 1 张表；1 张没有全年预算或支出，没有算"
NONE = "执行率没有算：没有一张表全年预算和支出都有数"
TOTALS = {
    "all have both": ((BOTH, BOTH), 0.9, None),
    "one has no spending yet": ((BOTH, BLANK), 0.9, SOME),
    "one prints no budget of the year": ((BOTH, OTHER), 0.9, SOME),
    "none has both": ((OTHER,), None, NONE),
}
SPENT = {
    "100 | 90 | 10 | 90.00% | 9": "100 | | 10 | | ",
    "100 | 90 | 81 | - | 90% | -": "100 | 90 | | - | | -",
    "10 | 10 | 9 | -": "10 | 10 | | -",
}


def forms(folder: Path, kinds: tuple[str, ...]) -> None:
    folder.mkdir()
    for number, kind in enumerate(kinds):
        path = folder / f"{number}.xlsx"
        if kind == OTHER:
            shutil.copy(EXAMPLES / "guangzhou_12345_2021.xlsx", path)
        else:
            form(path, unit=f"第{number}局", changes=SPENT if kind == BLANK else {})


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", TOTALS)
def test_the_rate_of_the_sum_is_of_forms_that_have_both_amounts(name: str, tmp_path: Path) -> None:
    kinds, rate, said = TOTALS[name]
    forms(tmp_path / "收到", kinds)
    main(["summary", str(tmp_path / "收到"), "-o", str(tmp_path / "汇总表.xlsx")])
    sheet = load_workbook(tmp_path / "汇总表.xlsx")["汇总"]
    lines = list(sheet.iter_rows(values_only=True))
    total = dict(zip(lines[2], next(line for line in lines if line[0] == "合计"), strict=True))
    assert (total["执行率"], total["项目"]) == (rate, said)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("unit", "printed"), [("甲局", False), ("", True)])
def test_names_of_files_are_printed_where_nothing_else_names_a_form(unit: str, printed: bool, tmp_path: Path) -> None:
    form(tmp_path / "收到" / f"{'很长的文件名' * 12}.xlsx", unit, "公共服务项目" if unit else "")
    main(["summary", str(tmp_path / "收到"), "-o", str(tmp_path / "汇总表.xlsx")])
    book = load_workbook(tmp_path / "汇总表.xlsx")
    for name in ("指标", "问题"):
        sheet = book[name]
        last = next(cell.column_letter for cell in sheet[3] if cell.value == "文件")
        assert (not sheet.print_area or f"${last}$" in sheet.print_area) == printed
