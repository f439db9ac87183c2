"""One budget split in two ways: read inside sentences or in cells of their own, and held against each other."""

from __future__ import annotations

import pytest

from paper import PaperSheet
from workbook_tools.assess import Assessment, assess_sheet
from workbook_tools.checks import ERROR, HINT
from workbook_tools.fill import fill_sheet
from workbook_tools.schemes.loading import load_scheme

HEAD = """
部门整体支出绩效自评表 | < | < | < | < | < | < | < | < | <
（2021年度） | < | < | < | < | < | < | < | < | <
预算单位名称 | < | 某局 | < | < | < | < | < | < | <
年度预算\\n申请\\n（万元） |  | < | < | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | < | < | {initial} | {revised} | 80 | 10 | 80% | 8
^ | 按收入性质分： | < | < | < | 按支出性质分： | < | < | < | <
"""
BEHIND = """^ | 其中：一般公共预算：{a} | < | < | < | 其中：基本支出：{c} | < | < | < | <
^ | 其他资金：{b} | < | < | < | 项目支出：{d} | < | < | < | <
"""
BESIDE = """^ | 一般公共预算 | {a} | < | < | 基本支出 | {c} | < | < | <
^ | 其他资金 | {b} | < | < | 项目支出 | {d} | < | < | <
"""
FOOT = """年度总体目标 | 预期目标 | < | < | < | 实际完成情况 | < | < | < | <
^ | 造林 | < | < | < | 已造林 | < | < | < | <
绩效指标 | 一级指标 | 二级指标 | 三级指标 | < | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
^ | 产出指标（50） | 数量指标 | 造林面积 | < | 12亩 | 12亩 | 90 | 90 | 无
总分 | < | < | < | < | < | < | 100 | 98 | 无
"""


def assessed(parts: str, year: tuple[str, str] = ("100", "100"), rows: str = BEHIND) -> Assessment:
    a, b, c, d = (words.strip() for words in parts.split("|"))
    drawing = HEAD.format(initial=year[0], revised=year[1]) + rows.format(a=a, b=b, c=c, d=d) + FOOT
    return assess_sheet(PaperSheet(drawing), load_scheme("hunan"))


@pytest.mark.parametrize("rows", [BEHIND, BESIDE], ids=["behind the name", "in cells of their own"])
def test_the_parts_are_read_wherever_their_amounts_stand(rows: str) -> None:
    form = assessed("70万元 | 30 |  | 45.5", rows=rows).form
    assert form.splits == {"income": {"1": "70万元", "2": "30"}, "expenditure": {"1": "", "2": "45.5"}}
    assert [one for one in form.left.values() if one.what == "cells"] == []


def test_a_label_below_the_parts_is_none_of_them() -> None:
    below = "^ | 主管部门：某厅 | < | < | < | 项目名称：造林 | < | < | < | <\n"
    form = assessed("70 | 30 | 40 | 60", rows=BEHIND + below).form
    assert form.splits == {"income": {"1": "70", "2": "30"}, "expenditure": {"1": "40", "2": "60"}}
    assert (form.texts["texts.department"], form.texts["texts.project"]) == ("某厅", "造林")


# Income, expenditure (| between their parts) → the check, its level, words of what it says.
FINDS = [
    ("70 | 30 | 40 | 60", ("100", "100"), None),
    ("70万元 | 30 | 400000元 | 60", ("100", "100"), None),
    ("70 |  | 40 | 30", ("100", "100"), None),  # what is blank may be the rest
    ("100 |  | 40 | 60", ("100", "100"), None),
    ("70 | 30 | 40 | 60", ("90", "100"), None),  # of the revised budget
    ("40 | 40 | 40 | 40", ("100", "100"), None),  # of what was spent
    ("50 | 35 | 45 | 40", ("100", "100万元"), ("B112", ERROR, "都是 85，年度资金总额是 100、100万元、80；请核对")),
    ("70 | 30 | 40 | 50", ("100", "100"), ("B112", ERROR, "按支出性质分相加是 90（40 + 50），按收入性质分相加是 100")),
    ("70 | 20 | 40 | 60", ("100", "100"), ("B112", ERROR, "按收入性质分相加是 90（70 + 20）")),
    ("70 | 40.1 | 40 |", ("100", "100"), ("B112", ERROR, "比年度资金总额 100 还多")),
    ("70 |  | 40 | 60", ("100", "100"), ("B113", HINT, "差 30；有 1 项空着，没有的请填 0")),
    ("70 | 0 | 40 | 60", ("100", "100"), ("B112", ERROR, "差 30")),
    ("70 | 30 | 四十 | 60", ("100", "100"), None),  # no amount: nothing can be said
    (" |  | 40 | 60", ("100", "100"), None),
    ("70 | 30 | 40 | 60", ("", ""), None),
]


@pytest.mark.parametrize(("parts", "year", "finds"), FINDS)
def test_two_ways_of_splitting_come_to_one_sum(
    parts: str, year: tuple[str, str], finds: tuple[str, str, str] | None
) -> None:
    found = [one for one in assessed(parts, year).found if one.code in ("B112", "B113")]
    if finds is None:
        assert found == []
    else:
        code, level, words = finds
        assert (found[0].code, found[0].level) == (code, level)
        assert words in found[0].finding.message


def test_an_amount_from_data_stands_behind_the_name_of_its_part() -> None:
    drawing = HEAD.format(initial=100, revised=100) + BEHIND.format(a="", b="", c="", d="") + FOOT
    sheet = PaperSheet(drawing)
    fill_sheet(sheet, load_scheme("hunan"), inputs={"splits.income.1": "70", "按支出性质分 项目支出": "60万元"})
    assert sheet.text((7, 2)) == "其中：一般公共预算：70"
    assert sheet.text((8, 6)) == "项目支出：60万元"
    assert sheet.text((8, 2)) == "其他资金："
