"""A form is not accused of what it does not print; each rule beside its neighbour, which is still found."""

from __future__ import annotations

import pytest

from correct import CORRECT, SICHUAN, checked
from paper import PaperSheet, drawn_book
from workbook_tools.assess import Assessment, assess
from workbook_tools.excel import Book

# A form of no known family: what was decided has points and no targets, what was reached has targets and no points.
MIXED = """
某县项目支出绩效自评表 | < | < | < | < | < | <
项目权重 | 评价内容 | < | 分值 | 自评分 | 评价标准及依据 | <
项目决策 2 分 | 决策依据 | < | 2 | 2 | 有批复计 2 分 | <
项目管理 5 分 | 财务制度 | < | 3 | 3 | 有制度计 3 分 | <
^ | 组织机构 | < | 2 | 2 | 有机构计 2 分 | <
一级指标 | 二级指标 | 三级指标 | 年初指标值 | 年终完成值 | 自评分 | 评价标准
产出指标 | 数量指标 | 养护里程 | 300公里 | 300公里 | 15 | 佐证材料
效益指标 | 社会效益指标 | 受益人数 | 90人 | 95人 | 15 | 佐证材料
满意度指标 | 服务对象满意度 | 满意度 | ≥90% | 95% | 10 | 佐证材料
"""


def general(drawing: str) -> Assessment:
    """A drawn form as its own words have it read: by the general scheme."""
    (form,) = assess(Book(drawn_book(drawing)))
    assert form.scheme.name == "general"
    return form


def found(drawing: str, *codes: str) -> list[str]:
    """The findings of those codes in a form of no known family."""
    return [f"{one.code}@{one.field}" for one in general(drawing).found if one.code in codes]


def test_a_table_without_targets_owes_none() -> None:
    assert found(MIXED, "T104") == []
    assert found(MIXED.replace("300公里 | 300公里", "| 300公里"), "T104") == ["T104@indicators.4.target"]


def test_a_table_without_points_is_not_checked_and_says_so() -> None:
    assert found(MIXED, "S110", "W106") == []
    scores = [one for one in general(MIXED).found if one.code == "S112" and one.field.endswith(".score")]
    assert {one.message for one in scores} == {"表上没有分值一栏，得分由填表人决定"}
    assert [one.field for one in scores] == [f"indicators.{number}.score" for number in (4, 5, 6)]


def test_a_blank_weight_is_asked_for_where_there_is_a_column_of_weights() -> None:
    assert found(MIXED.replace("财务制度 | < | 3 | 3", "财务制度 | < | | 3"), "W106") == ["W106@indicators.2.weight"]


def test_points_of_other_first_levels_are_their_own() -> None:
    assert found(MIXED, "W102") == []
    assert found(MIXED.replace("项目管理 5 分", "项目管理 6 分"), "W102") == ["W102@indicators.2.weight"]
    assert found(MIXED.replace("项目决策 2 分", "项目决策 3 分"), "W102") == ["W102@indicators.1.weight"]


def test_a_form_that_prints_no_total_owes_none() -> None:
    assert found(MIXED, "S109") == []
    assert found(MIXED + "总分 | < | < | < | < | | <\n", "S109") == ["S109@total"]
    official = checked(PaperSheet(CORRECT.replace("总分 | < | < | < | < | 100 | 98 |\n", "")), "national_2020")
    assert [f"{one.code}@{one.at}" for one in official] == ["S109@total"]


def test_weights_that_are_not_a_hundred_are_said_once() -> None:
    said = checked(PaperSheet(CORRECT.replace("≥200人 | 210人 | 20 | 20", "≥200人 | 210人 | 10 | 10")), "national_2020")
    assert {one.code for one in said if one.at == "total" and one.code != "S102"} == {"W101"}


def test_one_name_merged_over_two_rows_is_not_there_twice() -> None:
    repeated = MIXED.replace("组织机构", "财务制度")
    assert found(repeated, "T111") == ["T111@indicators.3.name"]
    assert found(MIXED.replace("^ | 组织机构 | <", "^ | ^ | ^"), "T111") == []


@pytest.mark.parametrize(
    ("actual", "codes"),
    [
        ("不超过预算", []),
        ("不超过400元/人", ["T101"]),
        ("不超过四百元", ["T101"]),
        ("≤400元/人", ["T101"]),
        ("=400元/人", ["T101"]),
        ("88.32%及以上", ["T101"]),
        ("400元以内", ["T101"]),
        ("12名60岁以上老人", []),
        ("300元，在400元以内", []),
    ],
)
def test_a_phrase_without_a_figure_carries_no_sign(actual: str, codes: list[str]) -> None:
    drawing = CORRECT.replace("≤400元/人 | 390元/人", f"控制在预算内 | {actual}")
    assert [one.code for one in checked(PaperSheet(drawing), "national_2020") if one.code == "T101"] == codes


@pytest.mark.parametrize(
    ("words", "copied"),
    [
        ("完成时间为2022年12月30日", False),
        ("时间：2022年12月", False),
        ("完成全部设计和招标", True),
        ("2022年12月30日前完成设计", True),
    ],
)
def test_a_date_that_is_the_target_may_be_what_was_done(words: str, copied: bool) -> None:
    drawing = CORRECT.replace("制度健全并落实 | 达成预期指标", f"{words} | {words}")
    assert any(one.code == "T123" for one in checked(PaperSheet(drawing), "national_2020")) is copied


@pytest.mark.parametrize(("name", "copied"), [("指标3:修缮级别", False), ("修缮级别评定工作", True)])
def test_a_category_can_only_be_said_again(name: str, copied: bool) -> None:
    drawing = CORRECT.replace("机制 | 制度健全并落实 | 达成预期指标", f"{name} | 市级保护单位 | 市级保护单位")
    assert any(one.code == "T123" for one in checked(PaperSheet(drawing), "national_2020")) is copied


HUBEI = """
2022年度项目自评表 | < | < | < | < | <
项目名称 | 甲项目 | < | < | < | <
预算执行情况(万元)(20分) | | 预算数(A) | 执行数(B) | 执行率(B/A) | 得分(20分*执行率)
^ | 年度财政资金总额 | 5 | 5 | 100% | 20
一级指标 | 二级指标 | 三级指标 | 年初目标值(A) | 实际完成值(B) | 得分
产出指标(40分) | 数量指标 | 设备 | 25台 | 25台 | 20
^ | ^ | 覆盖 | 100%覆盖 | 100%覆盖 | 20
效益指标(40分) | 社会效益指标 | 借阅 | ≥100人次 | 120人次 | 30
^ | {kind} | 读者 | ≥90% | 95% | 10
总分 | < | < | < | < | 100
"""


def hubei(drawing: str, *codes: str) -> list[str]:
    return [f"{one.code}@{one.at}" for one in checked(PaperSheet(drawing), "hubei") if one.code in codes]


def test_satisfaction_may_stand_below_the_benefits_whose_points_it_shares() -> None:
    assert hubei(HUBEI.format(kind="服务对象满意度指标"), "S110") == []
    assert hubei(HUBEI.format(kind="经济效益指标"), "S110") == ["S110@groups.satisfaction"]


def test_rows_that_come_to_more_than_a_hundred_make_no_total() -> None:
    more = (
        HUBEI.format(kind="服务对象满意度指标")
        .replace("产出指标(40分)", "产出指标(60分)")
        .replace("100%覆盖 | 20", "100%覆盖 | 40")
    )
    said = "各项得分相加 120.00，超过 100 分，请核对"
    assert [one.message for one in checked(PaperSheet(more), "hubei") if (one.code, one.at) == ("S110", "total")] == [
        said
    ]
    assert hubei(more.replace("| 100\n", "| 120\n"), "S110") == []


def test_figures_of_rows_that_share_a_score_are_no_copied_words() -> None:
    merged = (
        HUBEI.format(kind="服务对象满意度指标")
        .replace("25台 | 20", "25台 | 40")
        .replace("100%覆盖 | 20", "100%覆盖 | ^")
    )
    assert hubei(merged, "T123") == []
    words = merged.replace("100%覆盖", "全部门店和分馆")
    assert hubei(words, "T123") == ["T123@indicators.1.actual"]


NOTE = "1.预算执行率未达到90%的需说明原因(100字以内);2.年中发生预算调整的,应单独说明理由"


@pytest.mark.parametrize(
    ("reason", "codes"), [(NOTE, ["B109"]), ("", ["B109"]), ("无", ["B109"]), ("年中追加人员经费", [])]
)
def test_what_the_blank_form_prints_in_the_cell_of_a_reason_is_none(reason: str, codes: list[str]) -> None:
    drawing = SICHUAN.replace("| 100 | 100 | 90 | 90% | 10 | 9 | |", f"| 80 | 100 | 90 | 90% | 10 | 9 | {reason} |")
    assert [one.code for one in checked(PaperSheet(drawing), "sichuan") if one.code == "B109"] == codes


@pytest.mark.parametrize("kind", ["服务对象满意度指标", "服务\\n对象\\n满意\\n度指\\n标", "服务对象 满意 度指标"])
def test_a_kind_in_a_narrow_column_is_the_same_kind(kind: str) -> None:
    drawing = CORRECT.replace("服务对象满意度指标 | 满意度 | ≥90% | 95%", f"{kind} | 投诉 | ≤5件 | 3件")
    assert [one.at for one in checked(PaperSheet(drawing), "national_2020") if one.code == "T108"] == [
        "indicators.7.target"
    ]


@pytest.mark.parametrize(("name", "codes"), [("成本控制", ["T113"]), ("维修成本", ["T113"]), ("成本核算项目数", [])])
def test_a_cost_is_no_quantity_but_what_is_counted_of_costs_is_one(name: str, codes: list[str]) -> None:
    drawing = CORRECT.replace("数量指标 | 培训人数", f"数量指标 | {name}")
    assert [one.code for one in checked(PaperSheet(drawing), "national_2020") if one.code == "T113"] == codes


def test_too_much_is_spent_in_the_source_that_spent_more_than_it_had() -> None:
    spent = CORRECT.replace("110 | 100 | 90 | 10 | 90.00% | 9", "110 | 100 | 109 | 10 | 109.00% | 10")
    first = spent.replace("100 | 90 | 81 | - | 90% | -", "100 | 90 | 100 | - | 111.11% | -")
    second = spent.replace("100 | 90 | 81 | - | 90% | -", "100 | 90 | 90 | - | 100% | -").replace(
        "10 | 10 | 9 |", "10 | | 19 |"
    )
    alone = spent.replace("^ | 其中：本年财政拨款 | 100 | 90 | 81 | - | 90% | -\n", "").replace(
        "10 | 10 | 9 | - | | -", "| | | - | | -"
    )
    for drawing, at in ((first, "sources.1.spent"), (second, "sources.2.spent"), (alone, "budget.spent")):
        assert [one.at for one in checked(PaperSheet(drawing), "national_2020") if one.code == "B104"] == [at]


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("210人 | 20 | 20 |", "210人 | 20 | 分 |", {"S109@indicators.1.score"}),
        ("210人 | 20 | 20 |", "210人 | 20 | 约二十 |", {"F104@indicators.1.score"}),
        ("| 110 | 100 | 90 | 10 |", "| 110 | 100 | 元 | 10 |", {"F115@budget.spent"}),
    ],
)
def test_a_unit_that_is_printed_without_a_figure_is_not_filled_in(before: str, after: str, codes: set[str]) -> None:
    said = {
        f"{one.code}@{one.at}"
        for one in checked(PaperSheet(CORRECT.replace(before, after)), "national_2020")
        if one.code in ("F104", "F115", "S109") and one.at != "budget.execution.score"
    }
    assert before in CORRECT
    assert said == codes
