"""A form beside its monitoring table: what changed since the middle of the year, with the cells of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from correct import CORRECT, MONITORED
from paper import PaperSheet
from workbook_tools.assess import assess_file
from workbook_tools.checks import since_monitoring
from workbook_tools.commands.main import main
from workbook_tools.monitoring.against import read_monitored, since

# The form of the same project, in the same words.
FORM = CORRECT.replace("110 | 100 | 90 | 10 | 90.00% | 9", "120 | 100 | 90 | 10 | 90.00% | 9").replace(
    "100 | 90 | 81 | - | 90% | -", "110 | 90 | 81 | - | 90% | -"
)
TABLE = MONITORED.replace("培训场次 | ≥ | 场 | 12 | 7 | 12", "培训人数 | ≥ | 人 | 200 | 120 | 200")
TABLE = TABLE.replace("培训合格率 | ≥ | % | 95 | 96 | 96", "合格率 | ＝ | % | 95 | 96 | 96").replace(
    "机制建设 | 定性 | | 制度健全 |", "机制 | 定性 | | 制度健全并落实 |"
)


def workbook_of(drawing: str, path: Path) -> Path:
    PaperSheet(drawing).workbook().save(path)
    return path


def differences(tmp_path: Path, form: str, *tables: str) -> list[tuple[str, str, str]]:
    """Code, cell and message of what a form and its monitoring tables differ in."""
    path = workbook_of(form, tmp_path / "自评.xlsx")
    files = [workbook_of(table, tmp_path / f"监控{n}.xlsx") for n, table in enumerate(tables)]
    witness = since([one for file in files for one in read_monitored(file)])
    found = assess_file(path, others=[witness]).findings
    return [
        (one.finding.code, one.finding.at, one.finding.message)
        for one in found
        if one.finding.code in since_monitoring.CODES
    ]


def test_a_form_that_goes_on_from_its_table_differs_in_nothing(tmp_path: Path) -> None:
    assert differences(tmp_path, FORM, TABLE) == []


PLANTED = {
    "M111": (
        ("≥200人 | 210人", "≥150人 | 210人"),
        "indicators.1.target",
        "填“≥150人”，监控表是“≥200人”（监控0.xlsx 自评表!F7）",
    ),
    "M112": (
        ("≥200人 | 210人", "≥200人 | 110人"),
        "indicators.1.actual",
        "全年完成 110人，年中已经完成 120人（监控0.xlsx 自评表!G7）",
    ),
    "M113": (("数量指标 | 培训人数", "数量指标 | 培训次数"), "", "监控表有“培训人数”（监控0.xlsx 自评表!C7）"),
    "M114": (
        ("120 | 100 | 90 |", "110 | 100 | 90 |"),
        "budget.initial",
        "年初预算数 110 万元，监控表是 120 万元（监控0.xlsx 自评表!D5）",
    ),
    "M115": (("公共服务项目", "公路项目"), "texts.project", "这张表是“公路项目”，给的监控表是“公共服务项目”的"),
}


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_what_changed_is_told_with_both_cells(code: str, tmp_path: Path) -> None:
    (old, new), field, words = PLANTED[code]
    assert old in FORM
    [(found, at, message)] = differences(tmp_path, FORM.replace(old, new), TABLE)
    assert (found, at) == (code, field)
    assert words in message


def test_less_money_than_in_the_middle_of_the_year(tmp_path: Path) -> None:
    [(code, at, message)] = differences(tmp_path, FORM, TABLE.replace("66 | 55%", "96 | 80%"))
    assert (code, at) == ("M112", "budget.spent")
    assert "全年支出 90 万元，年中已经支出 96 万元" in message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("95% | 96%", "95% | 95%"),  # a rate may fall: 96% in July
        ("≤400元/人 | 390元/人", "≤400元/人 | 380元/人"),  # and so may what less is better of
        ("≥200人 | 210人", "不少于200人 | 210人"),  # the same target in other words
        ("≥200人 | 210人", "≥200人 | 较好"),  # words are no figure
    ],
)
def test_what_may_differ_is_not_told(old: str, new: str, tmp_path: Path) -> None:
    assert old in FORM
    assert differences(tmp_path, FORM.replace(old, new), TABLE) == []


def test_units_of_money_are_held_against_each_other(tmp_path: Path) -> None:
    in_yuan = TABLE.replace("项目资金（万元）", "项目资金（元）").replace(
        "120 | < | < | 66 | 55% | 120", "1200000 | < | < | 660000 | 55% | 1200000"
    )
    assert differences(tmp_path, FORM, in_yuan) == []
    [(code, _, message)] = differences(
        tmp_path, FORM, in_yuan.replace("1200000 | < | < | 660000", "1200001 | < | < | 660000")
    )
    assert code == "M114"
    assert "监控表是 1200001 元" in message


def test_of_several_tables_that_of_the_project_counts(tmp_path: Path) -> None:
    other = TABLE.replace("公共服务项目", "公路项目").replace("| 120 | 200 |", "| 999 | 999 |")
    assert differences(tmp_path, FORM, other, TABLE) == []
    [(code, _, message)] = differences(tmp_path, FORM, TABLE, TABLE)
    assert code == "M115"
    assert "有 2 张都是这个项目的" in message


def test_the_command_takes_files_and_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = workbook_of(FORM.replace("≥200人", "≥150人"), tmp_path / "自评.xlsx")
    folder = tmp_path / "监控"
    folder.mkdir()
    table = workbook_of(TABLE, folder / "一.xlsx")
    for against in (table, folder):
        assert main(["check", str(form), "--against", str(against)]) == 1
        assert "错误 M111  D10" in capsys.readouterr().out
    assert main(["check", str(form), "--against", str(form)]) == 3
    assert "不像绩效监控表" in capsys.readouterr().out
