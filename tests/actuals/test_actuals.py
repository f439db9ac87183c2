"""Actual values out of monthly statistics: the tables of the 2023 report give its printed rates by themselves."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from paper import drawn_book
from places import EXAMPLES
from workbook_tools.actuals.chart import axis
from workbook_tools.actuals.work import actual_values, faults, read_statistics
from workbook_tools.commands.main import main
from workbook_tools.data_files import exported
from workbook_tools.errors import BadStatistics
from workbook_tools.template.workbook import workbook_bytes

REPORT = EXAMPLES / "guangzhou_department_2023.xlsx"
HEADING = ("指标", "表", "算法", "分子", "分母", "小数", "取舍", "单位")
RECIPES = (
    ("话务平台可用率", "表7", "相除", "设备正常运行时长", "呼叫中心平台服务时长", 2, "", ""),
    ("话务接通率", "表8", "相除", "接通量", "呼入量", 2, "", ""),
    ("工单转派的及时率", "表9", "相除", "及时转派工单量", "热线转派工单量", 0, "", ""),
    ("互联网渠道响应及时率", "表10", "相除", "180秒响应量", "符合沟通逻辑的对话量", 2, "", ""),
    ("咨询事项一次性解答率", "表12", "余下", "咨询类工单转派量", "咨询类工单量", 2, "", ""),
    ("工单转派准确率", "表13", "相除", "正确转派工单次数", "转派工单次数", 2, "", ""),
    ("受理服务满意率", "表14", "相除", "非常满意件数+满意件数+基本满意件数", "有效评价件数", 2, "", ""),
    ("不满意回访率", "表15", "相除", "及时完成回访工单量", "市民对办理结果评价不满意的工单", 2, "", ""),
    ("呼入量", "表8", "求和", "呼入量", "", 0, "", "通"),
)
FORM = """
项目支出绩效自评表 | < | < | < | < | < | < | <
(2023年度) | < | < | < | < | < | < | <
项目资金（万元） | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额： | 100 | 100 | 100 | 10 | |
年度总体目标 | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
产出指标(50分) | 质量指标 | 话务接通率 | ≥95% | | 50 | |
效益指标(30分) | 社会效益指标 | 咨询事项一次性解答率 | ≥85% | | 30 | |
满意度指标(10分) | 服务对象满意度指标 | 受理服务满意率 | ≥95% | | 10 | |
总分 | < | < | < | < | 100 | |
"""


def statistics(folder: Path, *recipes: tuple[object, ...]) -> Path:
    """The report's tables with a sheet 取数."""
    workbook = load_workbook(REPORT)
    sheet = workbook.create_sheet("取数")
    for row in (HEADING, *recipes):
        sheet.append(row)
    path = folder / "统计.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    return path


def test_the_tables_give_the_printed_rates(tmp_path: Path) -> None:
    tables, recipes = read_statistics(statistics(tmp_path, *RECIPES))
    numbers = [table.title.partition(":")[0] for table in tables]
    assert numbers == [f"表{n}" for n in (7, 8, 9, 10, 11, 12, 13, 14, 15)]
    said = {actual.indicator: actual.words for actual in actual_values(tables, recipes)}
    assert said == {
        "话务平台可用率": "100.00%",
        "话务接通率": "96.16%",
        "工单转派的及时率": "100%",
        "互联网渠道响应及时率": "99.98%",
        "咨询事项一次性解答率": "96.44%",
        "工单转派准确率": "99.24%",
        "受理服务满意率": "97.94%",
        "不满意回访率": "100.00%",
        "呼入量": "14097337通",
    }


def test_what_does_not_add_up_is_named(tmp_path: Path) -> None:
    tables, _ = read_statistics(statistics(tmp_path))
    assert list(faults(tables)) == [
        "表9:工单转派的及时率完成情况统计表(单位:次)：热线转派工单量合计写 4414958，12 个月相加是 5051554",
        "表9:工单转派的及时率完成情况统计表(单位:次)：及时转派工单量合计写 4414958，12 个月相加是 5051554",
    ]


def test_a_rate_that_is_not_the_quotient_of_its_columns_is_named(tmp_path: Path) -> None:
    path = statistics(tmp_path, *RECIPES)
    tables, recipes = read_statistics(path)
    assert list(faults(tables, recipes)) == list(faults(tables))  # the printed rates are right
    workbook = load_workbook(path)
    for row in workbook["月度统计"].iter_rows():
        if row[0].value == "2023年1月" and row[3].value == "96.96%":
            row[3].value = "95.96%"
        if row[0].value == "合计" and row[3].value == "96.44%":
            row[3].value = 0.9544
    path.write_bytes(workbook_bytes(workbook))
    tables, recipes = read_statistics(path)
    assert list(faults(tables, recipes))[2:] == [
        "表8:月度话务接通率完成情况统计表(单位:通)：2023年1月的话务接通率写 95.96，按各列应为 96.96%",
        "表12:群众咨询事项一次性解答率完成情况统计表：合计的咨询事项一次性解答率写 0.9544，按各列应为 96.44%",
    ]


def test_a_form_is_filled_and_scored_from_statistics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(FORM))
    assert main(["actuals", str(path), "--from", str(statistics(tmp_path, *RECIPES))]) == 0
    said = capsys.readouterr().out
    assert "话务接通率：96.16%（表8：13556651 ÷ 14097337，四舍五入到 2 位小数）" in said
    assert "统计表有出入：表9" in said
    assert "工单转派准确率：99.24%" in said
    assert "表上没有这个指标" in said
    form = exported(path)[0]
    assert [form.fields[f"indicators.{n}.actual"] for n in (1, 2, 3)] == ["96.16%", "96.44%", "97.94%"]
    assert form.total == "100.00"


def test_rounding_may_cut(tmp_path: Path) -> None:
    cut = ("解答率", "表12", "余下", "咨询类工单转派量", "咨询类工单量", 2, "舍去", "")
    tables, recipes = read_statistics(statistics(tmp_path, cut))
    assert actual_values(tables, recipes)[0].words == "96.43%"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (("甲", "表99", "相除", "接通量", "呼入量"), "找不到“表99”"),
        (("甲", "表8", "相除", "没有", "呼入量"), "没有“没有”一列"),
        (("甲", "表8", "乘", "接通量", "呼入量"), "算法“乘”无效"),
        (("甲", "表8", "相除", "接通量", "呼入量", 2, "随便"), "取舍“随便”无效"),
        (("甲", "表8", "求和", "", "呼入量"), "“取数”甲：求和要写上 分子"),
        (("甲", "表8", "相除", "接通量", ""), "“取数”甲：相除要写上 分母"),
        (("甲", "", "余下", "", ""), "“取数”甲：余下要写上 表、分子、分母"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(recipe: tuple[object, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadStatistics, match=said):
        actual_values(*read_statistics(statistics(tmp_path, recipe)))


def test_statistics_without_tables_or_recipes_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(FORM))
    assert main(["actuals", str(path), "--from", str(path)]) == 3
    assert "找不到统计表" in capsys.readouterr().out
    assert main(["actuals", str(path), "--from", str(REPORT)]) == 2
    assert "没有“取数”表" in capsys.readouterr().out


TOML = """
[["取数"]]
"指标" = "话务接通率"
"表" = "表8"
"算法" = "相除"
"分子" = "接通量"
"分母" = "呼入量"

[["取数"]]
"指标" = "受理服务满意率"
"表" = "表14"
"算法" = "相除"
"分子" = ["非常满意件数", "满意件数", "基本满意件数"]
"分母" = "有效评价件数"
"小数" = 1
"""


def test_recipes_may_stand_in_a_toml_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe, form = tmp_path / "取数.toml", tmp_path / "表.xlsx"
    recipe.write_text(TOML, "utf-8")
    form.write_bytes(drawn_book(FORM))
    main(["actuals", str(form), "--from", str(statistics(tmp_path)), "--recipe", str(recipe)])
    fields = exported(form)[0].fields
    assert (fields["indicators.1.actual"], fields["indicators.3.actual"]) == ("96.16%", "97.9%")
    assert "话务接通率：96.16%（表8：" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("x", "无法读取：最后一行写法不对"),
        ("a = 1", "每个指标要写一段"),
        (TOML.replace("相除", "乘"), "算法“乘”无效，只能是 求和、相除、余下"),
        (TOML.replace('"小数" = 1', '"小数" = "两位"'), "小数“两位”要是 0 到 6"),
        (TOML.replace('"分子" = "接通量"', '"分了" = "接通量"'), "“分了”无效，只有 指标、表、"),
        (TOML.replace("表8", "表99"), "找不到“表99”"),
    ],
)
def test_a_wrong_recipe_is_told_in_one_sentence(
    wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, form = tmp_path / "取数.toml", tmp_path / "表.xlsx"
    recipe.write_text(wrong, "utf-8")
    form.write_bytes(drawn_book(FORM))
    assert main(["actuals", str(form), "--from", str(statistics(tmp_path)), "--recipe", str(recipe)]) == 3
    told = capsys.readouterr().out
    assert said in told
    assert told.startswith(f"{recipe}：")


@pytest.mark.slow
def test_the_months_are_charted_with_the_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, form, copy = statistics(tmp_path, *RECIPES), tmp_path / "表.xlsx", tmp_path / "走势.xlsx"
    before = source.read_bytes()
    form.write_bytes(drawn_book(FORM))
    main(["actuals", str(form), "--from", str(source), "--chart", str(copy), "--dry-run"])
    assert "带“走势图”的副本" in capsys.readouterr().out
    assert source.read_bytes() == before
    sheet = load_workbook(copy)["走势图"]
    rows = list(sheet.values)
    heading = next(number for number, row in enumerate(rows) if row[1] == "话务接通率（%）")
    assert rows[heading][2] == "目标 ≥95%"
    assert rows[heading + 1] == ("2023年1月", 96.96, 95)
    with zipfile.ZipFile(copy) as archive:
        assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == len(RECIPES)
    for taken in (source, form, tmp_path / "另存.xlsx"):
        kept = taken.read_bytes() if taken.exists() else None
        arguments = ["--from", str(source), "--chart", str(taken), "-o", str(tmp_path / "另存.xlsx")]
        assert main(["actuals", str(form), *arguments]) == 2
        assert "不能是自评表、统计表和 -o 的文件" in capsys.readouterr().out
        assert (taken.read_bytes() if taken.exists() else None) == kept


@pytest.mark.parametrize(
    ("values", "percent", "least_most_step"),
    [
        (["100", "100"], True, ("90", "100", "2")),
        (["96.96", "95", "97"], True, ("86", "98", "2")),
        (["5", "100"], True, ("0", "100", "20")),
        (["103", "100"], True, ("90", "105", "5")),
        (["1000000", "1200000"], False, ("1000000", "1250000", "50000")),
        (["-5", "3"], False, ("-6", "4", "2")),
    ],
)
def test_the_axis_is_where_the_values_are(values: list[str], percent: bool, least_most_step: tuple[str, ...]) -> None:
    assert axis([Decimal(value) for value in values], percent=percent) == tuple(map(Decimal, least_most_step))


@given(values=st.lists(st.decimals(-1000000, 1000000, places=2), max_size=12), percent=st.booleans())
@example(values=[Decimal("0.00")], percent=True)  # months in which nothing was done
def test_every_value_is_within_the_axis(values: list[Decimal], percent: bool) -> None:
    least, most, step = axis(values, percent=percent)
    assert least < most
    assert all(least <= value <= most for value in values)
    assert (most - least) / step <= 12


@pytest.mark.slow
def test_months_stand_upright_below_their_chart_and_the_axis_is_not_that_of_nothing(tmp_path: Path) -> None:
    source, form, copy = statistics(tmp_path, *RECIPES), tmp_path / "表.xlsx", tmp_path / "走势.xlsx"
    form.write_bytes(drawn_book(FORM))
    main(["actuals", str(form), "--from", str(source), "--chart", str(copy), "--dry-run"])
    with zipfile.ZipFile(copy) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert all(
        'rot="0"' in chart and '<c:legendPos val="b"' in chart.replace("<legend", "<c:legend") for chart in charts
    )
    assert all(re.search(r'<(c:)?min val="[1-9]', chart) for chart in charts[:1])
