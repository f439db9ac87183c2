"""Layouts of departments and counties that no official form prints: what stands where is read, or nothing is guessed."""

from __future__ import annotations

import pytest

from paper import PaperSheet, drawn_book
from workbook_tools.assess import Assessment, assess
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.reports.sentences import score_summary

# What a department did, task by task, with the money of each: the name is not beside the amounts.
TASKS = """
部门(单位)整体支出绩效自评表 | < | < | < | < | < | < | < | < | < | < | < | <
部门(单位)名称 | < | 某局 | < | < | < | < | < | < | < | < | < | <
年度主要任务完成情况 | 任务名称 | 主要内容 | 完成情况 | 全年预算数(万元) | < | < | 全年执行数(万元) | < | < | 分值 | 执行率 | 得分
^ | ^ | ^ | ^ | 总额 | 财政拨款 | 其他资金 | 总额 | 财政拨款 | 其他资金 | ^ | ^ | ^
^ | 任务1 | 保障人员 | 已完成 | 500 | 500 | | 480 | 480 | | - | 96% | -
^ | 任务2 | 工程维修 | 已完成 | 300 | 250 | 50 | 300 | 250 | 50 | - | 100% | -
^ | 金额合计 | < | < | 800 | 750 | 50 | 780 | 730 | 50 | 10 | 97.5% | 9.75
年度绩效指标完成情况 | 一级指标 | 二级指标 | 三级指标 | < | < | 年度指标值 | < | 实际完成值 | < | 分值 | 得分 | 未完成原因分析与改进措施
^ | 产出指标(50分) | 数量指标 | 维修工程 | < | < | 10处 | < | 10处 | < | 50 | 50 |
^ | 效益指标(30分) | 社会效益指标 | 供水人口 | < | < | ≥10万人 | < | 10.5万人 | < | 30 | 30 |
^ | 满意度指标(10分) | 服务对象满意度指标 | 满意度 | < | < | ≥90% | < | 93% | < | 10 | 10 |
总分 | < | < | < | < | < | < | < | < | < | 100 | 99.75 |
"""
INDICATORS = """
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标(50分) | 数量指标 | 培训人数 | ≥20人 | 22人 | 60 | 60
效益指标(30分) | 社会效益指标 | 技能提高 | 提高 | 提高 | 30 | 30
满意度指标(10分) | 服务对象满意度指标 | 满意度 | ≥90% | 93% | 10 | 9
总分 | < | < | < | < | 100 | 99
"""
TITLE = "项目自评表 | < | < | < | < | < | <\n(2020年度) | < | < | < | < | < | <\n"
PROJECT = "项目名称 | {name} | < | < | < | < | <"


def assessed(drawing: str) -> list[Assessment]:
    return assess(Book(drawn_book(drawing)))


def printed(drawing: str) -> list[PrintedForm]:
    return read_forms(PaperSheet(drawing))


def found(drawing: str, *codes: str) -> list[str]:
    (form,) = assessed(drawing)
    return [f"{one.code}@{one.address.rpartition('!')[2] or one.field}" for one in form.found if one.code in codes]


def test_the_money_of_tasks_is_that_of_their_sum() -> None:
    (form,) = assessed(TASKS)
    assert {idea: form.form.budget[idea] for idea in ("revised", "spent", "execution")} == {
        "revised": "800",
        "spent": "780",
        "execution": "97.5%",
    }
    assert [source["name"] for source in form.form.sources] == ["任务1", "任务2"]
    assert found(TASKS, "B103", "S102", "W101") == []
    assert found(TASKS.replace("| 300 | 250 | 50 | 300", "| 310 | 250 | 50 | 300"), "B103") == ["B103@E7"]


def test_of_rows_of_money_without_names_none_is_taken_for_the_sum() -> None:
    nameless = TASKS.replace("任务名称", "内容").replace("全年预算数(万元) | <", "安排 | <")  # amounts between
    (form,) = assessed(nameless)
    assert "spent" not in form.form.budget
    assert found(nameless, "B103") == []


def test_amounts_over_parts_that_nobody_knows_are_told_as_not_read() -> None:
    unknown = TASKS.replace("| 总额 |", "| 计 |")
    (form,) = assessed(unknown)
    assert "spent" not in form.form.budget
    assert "F119" in {place.code for place in form.found}


def test_forms_below_one_another_may_share_a_title() -> None:
    one, two = (PROJECT.format(name=name) + INDICATORS for name in ("甲项目", "乙项目"))
    first, second = assessed(f"{TITLE}{one}{two}")
    assert [form.form.texts["texts.project"] for form in (first, second)] == ["甲项目", "乙项目"]
    assert [form.form.total for form in (first, second)] == ["99", "99"]
    assert second.placement.year == first.placement.year == 2020
    assert not [place for form in (first, second) for place in form.found if place.code in ("S102", "W101", "F119")]


def test_a_project_that_is_named_again_below_is_no_form() -> None:
    drawing = f"{TITLE}{PROJECT.format(name='甲项目')}{INDICATORS}{PROJECT.format(name='甲项目')}"
    assert len(printed(drawing)) == 1


def test_a_label_with_a_blank_place_beside_it_does_not_take_the_label_below() -> None:
    signed = "\n改进措施 | | < | < | < | < | <\n负责人签批意见 | 签名: | < | < | < | < | <"
    (form,) = printed(f"{TITLE}{PROJECT.format(name='甲项目')}{INDICATORS}{signed}")
    assert form.fields["texts.improvements"] == (10, 2)
    assert "texts.improvements.2" not in form.fields


def test_a_total_that_is_printed_once_more_is_the_same_total() -> None:
    drawing = f"{TITLE}{PROJECT.format(name='甲项目')}{INDICATORS}自评得分 | {{}} | < | < | 等级 | 优 | <"
    assert found(drawing.format("99"), "S102", "F119") == []
    assert found(drawing.format("95"), "S102", "F119") == ["S102@B9"]


LEVELS = """
项目绩效自评表 | < | < | < | < | < | <
一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值 | 得分
项目决策 | 40 | 项目目标 | 40 | 目标内容 | 40 | 40
项目绩效 | 60 | 项目产出 | 20 | 产出数量 | 20 | 20
^ | ^ | 项目效益 | 40 | 社会效益 | 40 | 38
总分 | 100 | | 100 | | 100 | 98
"""


def test_the_points_of_every_level_have_their_sum_in_the_row_of_the_total() -> None:
    assert found(LEVELS, "F119", "S102") == []
    (form,) = assessed(LEVELS)
    assert form.form.total == "98"


def test_who_prints_neither_reasons_nor_actual_values_is_not_sent_to_them() -> None:
    (form,) = assessed(LEVELS)
    (said,) = [one.message for one in form.found if one.code == "S114"]
    assert "完成情况" not in said


def test_the_number_of_a_row_needs_no_heading_that_is_known() -> None:
    numbered = (
        LEVELS.replace("一级指标 |", "序号 | 一级指标 |").replace("\n项目", "\n1 | 项目").replace("\n^ |", "\n2 | ^ |")
    )
    assert (
        found(numbered.replace("1 | 项目绩效自评表", "项目绩效自评表").replace("总分 |", "总分 | < |"), "F119", "F123")
        == []
    )


# The rate and its points stand in the row of the only source, whose budget is named below.
CHONGQING = """
2024年度部门整体绩效自评表 | < | < | < | < | < | <
项目名称: | 某协会整体监控 | < | < | < | 自评总分: | 99.69
 | 年初预算数 | 全年(调整)预算数 | 全年执行数 | 执行率 | 执行率权重 | 执行率得分
年度总金额 | 3,724,055.00 | 4,764,453.11 | 4,614,453.11 | | |
其中:财政拨款 | 3,724,055.00 | 4,764,453.11 | 4,614,453.11 | 96.85 | 10.00 | 9.69
一般公共预算 | 3,724,055.00 | 4,764,453.11 | 4,614,453.11 | 96.85 | |
指标名称 | 计量单位 | 指标性质 | 年初指标值 | 全年完成值 | 指标权重 | 指标得分
接待游客 | 万人 | ≥ | 2 | 2.3 | 90 | 90
"""


def test_a_budget_below_the_money_that_it_gives_is_no_second_source() -> None:
    assert found(CHONGQING, "B103", "S109", "B101", "B102") == []
    other = CHONGQING.replace("一般公共预算 | 3,724,055.00", "其他资金 | 3,724,055.00")
    assert found(other, "B103") == ["B103@B4", "B103@C4", "B103@D4"]


def test_a_target_without_a_sign_is_shown_where_it_stands() -> None:
    ratio = CHONGQING.replace("年初指标值 |", "年初指标值 | 调整指标值 |").replace(
        "| ≥ | 2 | 2.3", "| 定量 | 2 | | 1.5"
    )
    ratio = ratio.replace("接待游客 | 万人", "投诉率 | %")
    assert found(ratio, "T114") == ["T114@D8"]


def test_a_rate_that_is_not_that_of_all_the_money_stays_with_its_source() -> None:
    more = CHONGQING.replace("年度总金额 | 3,724,055.00 | 4,764,453.11", "年度总金额 | 3,724,055.00 | 4,800,000.00")
    (form,) = assessed(more)
    assert form.form.budget["execution"] == ""


def test_points_of_the_rate_beyond_their_weight_are_said_also_where_the_rate_is_open() -> None:
    blank = CHONGQING.replace("4,764,453.11", "")
    assert found(blank, "S104") == []
    assert found(blank.replace("| 9.69\n", "| 99\n"), "S104") == ["S104@G5"]


def test_a_form_of_scores_without_points_is_not_said_to_have_no_score() -> None:
    scores_alone = (
        "2017年绩效评价得分表 | < | <\n一级指标 | 二级指标 | 得分\n部门决策(25分) | 目标任务(15分) | 5\n总分 | < | 5"
    )
    (form,) = fill_book(Book(drawn_book(scores_alone)))
    assert score_summary(form) == "总分未定"


# A city prints 项目资金 over the names of the money, and marks the reasons of a deviation in columns of their own.
CITY = """
财政项目支出绩效自评表 | < | < | < | < | < | < | < | < | < | <
项目名称 | 为老服务中心 | < | < | 自评总分 | 97.04 | < | < | < | < | <
项目资金(元) | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分 | | | |
年度资金总额 | 2,400,000 | 2,400,000 | 2,292,000 | 10 | 95.50% | 9.55 | | | |
其中：当年财政拨款 | 2,400,000 | 2,400,000 | 2,292,000 | - | 95.50% | - | | | |
一级指标 | 二级指标 | 三级指标 | 指标值 | < | < | 实际完成值 | 分值 | 得分 | 偏差原因分析 | <
^ | ^ | ^ | 运算符号 | 内容 | 度量单位 | ^ | ^ | ^ | 人员保障 | 原因说明
产出指标(50分) | 数量指标 | 助餐客数 | ≥ | 80000 | 客 | 86000 | 40 | 40 | |
^ | 质量指标 | 培训合格率 | ≥ | 95 | % | 90 | 10 | 9.47 | √ | 护理员流动
效益指标(30分) | 社会效益指标 | 投诉件数 | ≤ | 3 | 件 | 1 | 30 | 28 | | 一件尚未办结
满意度指标(10分) | 满意度指标 | 满意度 | ≥ | 90 | % | 95 | 10 | 10 | |
"""


def test_names_of_money_stand_also_below_the_words_of_their_block() -> None:
    (form,) = assessed(CITY)
    assert [form.form.budget[idea] for idea in ("initial", "spent", "execution.score")] == [
        "2400000",
        "2292000",
        "9.55",
    ]
    assert [source["name"] for source in form.form.sources] == ["其中：当年财政拨款"]


def test_a_reason_beside_columns_to_be_marked_is_the_reason_of_the_row() -> None:
    (form,) = assessed(CITY)
    assert [row.reason for row in form.form.indicators] == ["", "护理员流动", "一件尚未办结", ""]
    assert found(CITY, "S114", "S106", "R101") == []
    assert found(CITY.replace("护理员流动", "").replace("一件尚未办结", ""), "R101", "S106") == ["R101@K9", "S106@I10"]


@pytest.mark.parametrize("heading", ["运算符号", "指标方向", "某种符"])
@pytest.mark.parametrize(("sign", "op"), [("≤", "≤"), ("小于等于", "小于等于")])
def test_signs_are_known_by_their_heading_or_by_themselves(heading: str, sign: str, op: str) -> None:
    (form,) = assessed(CITY.replace("运算符号", heading).replace("≤", sign))
    assert form.form.indicators[2].op == op
    assert [one.code for one in form.found if one.code in ("F119", "F123", "R109", "S105")] == []


@pytest.mark.parametrize("words", ["略", "", "3"])
def test_a_column_that_holds_anything_but_signs_is_told_as_not_read(words: str) -> None:
    (form,) = assessed(CITY.replace("运算符号", "某种符").replace("≤", words))
    assert form.form.indicators[2].op is None
    assert {"F119", "F123"} & {one.code for one in form.found}


# A county prints the money of the department by its sources and once more by what it is for.
TWICE = """
部门(单位)整体绩效自评表 | < | < | < | < | < | <
部门(单位)名称 | 某局 | < | < | < | < | <
预算执行情况(万元) | < | 年初预算数 | 全年预算数 | 全年执行数 | 执行率 |
部门预算总额 | < | 3120 | 3580 | 3401 | 95% |
资金来源 | 财政性资金 | 3000 | 3460 | 3281 | |
^ | 其他资金 | 120 | 120 | 120 | |
资金结构 | 1.基本支出 | 1260 | 1280 | 1280 | |
^ | 2.项目支出 | 1860 | 2300 | 2121 | |
"""


def test_money_by_its_sources_and_by_its_uses_is_the_same_money() -> None:
    form = TWICE + INDICATORS.strip()
    assert found(form, "B103", "S110") == []
    only_uses = form.replace("财政性资金", "人员经费").replace("其他资金", "公用经费")
    assert found(only_uses, "B103", "S110") == ["B103@C4", "B103@D4", "B103@E4"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| 3120 |", "| 3130 |", "按来源、按用途相加都是 3,120；合计写的是 3130，请核对"),
        ("| 3000 |", "| 2990 |", "按来源相加是 3,110，按用途相加是 3,120；合计写的是 3120，请核对"),
        ("| 1860 |", "| 1800 |", "按来源相加是 3,120，按用途相加是 3,060；合计写的是 3120，请核对"),
        ("| 3120 |", "| |", "按来源、按用途相加都是 3,120；请填写合计"),
    ],
)
def test_both_ways_of_the_money_have_to_make_its_sum(old: str, new: str, said: str) -> None:
    (form,) = fill_book(Book(drawn_book((TWICE + INDICATORS.strip()).replace(old, new))))
    assert {change.address.rpartition("!")[2]: change.why for change in form.changes if change.outcome == "open"}[
        "C4"
    ] == said


MANAGED = """
转移支付绩效自评表 | < | < | < | < | < | <
资金投入情况(万元) | < | | 全年预算数(A) | 全年执行数(B) | 预算执行率(B/A) | <
^ | < | 年度资金总额： | 5,326.00 | 4,793.40 | 90.00% | <
资金管理情况 | < | | 情况说明 | < | 存在问题和改进措施 | <
^ | < | 分配科学性 | 按因素法分配 | < | 无 | <
^ | < | 下达及时性 | 按时下达 | < | 个别项目较迟 | <
一级指标 | 二级指标 | 三级指标 | 指标值 | 全年实际完成值 | 未完成原因和改进措施 | <
产出指标 | 数量指标 | 管护面积 | 12万亩 | 12万亩 | | <
"""


def test_how_the_money_was_managed_is_read_with_its_problems() -> None:
    (form,) = printed(MANAGED)
    assert {cell: field for field, cell in form.fields.items() if field.startswith("other.")} == {
        (5, 4): "other.分配科学性",
        (5, 6): "other.分配科学性存在问题和改进措施",
        (6, 4): "other.下达及时性",
        (6, 6): "other.下达及时性存在问题和改进措施",
    }
    assert found(MANAGED, "F119", "F123") == []
    assert found(MANAGED.replace("个别项目较迟", "30"), "F119", "F123") == ["F123@F6"]


def test_uses_beside_one_other_source_are_parts_of_one_division() -> None:
    mixed = TWICE.replace("财政性资金 | 3000 | 3460 | 3281", "其他收入 | 0 | 0 | 0").replace(
        "^ | 其他资金 | 120 | 120 | 120 | |\n", ""
    )
    form = mixed + INDICATORS.strip()
    assert found(form, "B103", "S110") == []
    assert found(form.replace("| 1860 |", "| 1861 |"), "B103", "S110") == ["B103@C4"]


def test_an_adjustment_between_two_budgets_is_known_by_its_place() -> None:
    between = TWICE.replace("年初预算数 |", "年初预算 | 预算调整 |").replace("全年预算数", "调整后预算")
    between = between.replace("| 3120 |", "| 3120 | 460 |")
    assert "adjusted" in printed(between)[0].tables[0].columns
    assert "adjusted" not in printed(between.replace("调整后预算", "某数"))[0].tables[0].columns


def test_of_scores_below_words_that_nobody_knows_no_total_and_no_row_is_said_to_be_missing() -> None:
    unknown = INDICATORS.replace("得分", "某数")
    (form,) = assessed(TITLE + unknown.strip())
    codes = [one.code for one in form.found]
    assert "F119" in codes
    assert not {"S109", "S110"} & set(codes)


ADDED = """
项目自评表 | < | < | < | < | <
> 公开14表 | | | | |
资金来源 | 年初预算数 | 追加预算数 | 决算数 | 执行率 | 到位率
合计 | 100 | 50 | 147 | 98% | 100%
县级资金 | 100 | 50 | 147 | 98% | 100%
一级指标 | 二级指标 | 三级指标 | 分值 | 年度计划值 | 全年完成情况
产出指标 | 数量指标 | 清淤长度 | 100 | ≥12公里 | 12.3公里
"""


def test_what_was_added_to_the_budget_is_not_the_budget() -> None:
    drawing = ADDED.replace("> 公开14表 | | | | |\n", "")
    (form,) = assessed(drawing)
    assert (form.form.budget["adjusted"], form.form.budget["spent"]) == ("50", "147")
    assert "revised" not in form.form.budget
    assert found(drawing, "B101", "B104", "F119", "F123") == []  # 147 ÷ (100 + 50)
    assert found(drawing.replace("98%", "147%"), "B101", "B106") == ["B101@E3"]


def test_the_number_of_a_public_table_is_a_note() -> None:
    assert found(ADDED.replace("> 公开14表 | | | | |", "部门：某局 | | | | | 公开14表"), "F119", "F123") == []


# The rate stands beside its amounts in one row, with what it has earned and not of how many points.
EARNED = """
专项资金绩效目标自评表 | < | < | < | < | < | < | < | <
年度资金总额(万元) | 预算数 | 420 | 执行数 | 407.4 | 执行率 | 97% | 得分 | 9.7
一级指标 | 二级指标 | 三级指标 | 年度指标值 | < | 实际完成值 | 分值 | 得分 |
^ | ^ | ^ | 数值 | 计量单位 | 数值 | ^ | ^ |
产出指标 | 数量指标 | 改造户数 | 210 | 户 | 212 | 50 | 50 |
效益指标 | 社会效益指标 | 受益人口 | 650 | 人 | 668 | 30 | 30 |
满意度指标 | 满意度指标 | 农户满意度 | 90 | % | 95 | 10 | 10 |
总分 | < | < | < | < | < | 100 | 99.7 |
"""


def test_points_of_a_rate_stand_also_beside_it() -> None:
    (form,) = assessed(EARNED)
    assert [form.form.budget[idea] for idea in ("spent", "execution", "execution.score")] == ["407.4", "97%", "9.7"]
    assert next((row.target, row.unit, row.actual) for row in form.form.indicators) == ("210", "户", "212")


@pytest.mark.parametrize(("rows", "said"), [("50 | 50", ["S110@I2"]), ("60 | 60", [])])
def test_what_a_rate_has_earned_of_unknown_points_leaves_the_total_open(rows: str, said: list[str]) -> None:
    """Unless the rows make 100 points by themselves: then one of them stands for the rate."""
    drawing = EARNED.replace("50 | 50", rows).replace("99.7", "99.7" if said else "100")
    assert found(drawing, "S110", "S102", "W101") == said


def test_a_budget_that_was_not_read_is_not_said_to_be_blank() -> None:
    drawing = EARNED.replace("预算数 | 420 | ", "某数 | 420 | ")
    (form,) = fill_book(Book(drawn_book(drawing)), "transfer")
    assert form.scores.lines["budget.execution"].why == "没有读到“预算数”，请看表头、标签有没有改动"


def test_what_a_department_says_in_one_line_is_no_lost_word() -> None:
    (form,) = printed(f"{TITLE}{INDICATORS.strip()}\n主管部门审核意见 | < | 同意 | < | < | < | <")
    assert form.fields["other.主管部门审核意见"] == (8, 3)


GOALS = """
项目支出绩效自评表 | < | < | < | < | < | <
年度总体目标 | 实施周期目标 | < | < | 年度目标完成情况 | < | <
^ | 三年完成300万页 | < | < | 完成102万页 | < | <
"""


def test_what_was_achieved_stands_also_beside_a_heading_that_nobody_knows() -> None:
    (form,) = printed(GOALS + INDICATORS.strip())
    assert (form.fields["texts.result"], form.fields["other.实施周期目标"]) == ((3, 5), (3, 2))


def test_the_words_of_a_sum_are_no_name_of_a_project() -> None:
    across = "项目 | 资金总额 | 中央 | 省级 | 市县 | 其他 | \n预算数 | 300 | 100 | 100 | 100 | 0 | \n"
    (form,) = printed(TITLE + across + INDICATORS.strip())
    assert not [field for field in form.fields if field.startswith("texts.project")]


@pytest.mark.parametrize(
    ("words", "kind", "idea"),
    [
        ("年度预算数", "amount", "budget"),
        ("追加预算数", "money", "adjusted"),
        ("年中追加（调减）预算", "money", "adjusted"),
        ("追加后预算数", "money", "revised"),
        ("决算数", "money", "spent"),
        ("已支出金额", "money", "spent"),
        ("结转结余金额", "money", "balance"),
        ("自评打分", "indicator", "score"),
        ("单位自评分", "indicator", "score"),
        ("满分值", "indicator", "weight"),
        ("扣分理由", "indicator", "reason"),
        ("未完成情况说明", "indicator", "reason"),
        ("全年完成情况", "indicator", "actual"),
        ("全年完成情况", "text", "result"),
        ("自评分数", "indicator", "score"),
        ("自评分数", "total", "total"),
        ("未达标原因", "indicator", "reason"),
        ("改进措施", "indicator", "improvements"),
        ("全年执行", "money", "spent"),
        ("年度目标指标值", "indicator", "target"),
        ("指标说明及评分标准", "indicator", "criteria"),
        ("得分计算方法", "indicator", "criteria"),
        ("偏离度(%)", "indicator", "deviation"),
        ("完成程度", "indicator", "rate"),
        ("序号", "indicator", "position"),
        ("邮  编", "info", "postcode"),
    ],
)
def test_words_that_counties_print(words: str, kind: str, idea: str) -> None:
    assert ideas(words)[kind] == idea
