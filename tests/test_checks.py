"""Every check finds the example on its page and leaves alone the other; a correct form has no findings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from paper import PaperSheet, example, type_into
from workbook_tools.checking import assess_sheet
from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED, Finding
from workbook_tools.checks.book import CODES
from workbook_tools.fill import fill_sheet
from workbook_tools.joined import JoinedSheet
from workbook_tools.layout import Sheet, load_layout, says
from workbook_tools.scheme_file import load_scheme
from workbook_tools.values import half_width

PUBLISHED = tomllib.loads((Path(__file__).parent / "cases" / "published.toml").read_text("utf-8"))["case"]
CORRECT = """
项目支出绩效自评表 | < | < | < | < | < | < | <
(2023年度) | < | < | < | < | < | < | <
项目名称 | 公共服务项目 | < | < | < | < | < | <
项目资金（万元） | | 年初预算数 | 全年预算数（A） | 全年执行数（B） | 分值 | 执行率（B/A） | 得分
^ | 年度资金总额： | 110 | 100 | 90 | 10 | 90.00% | 9
^ | 其中：本年财政拨款 | 100 | 90 | 81 | - | 90% | -
^ | 其他资金 | 10 | 10 | 9 | - | | -
年度总体目标 | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
产出指标(50分) | 数量指标 | 培训人数 | ≥200人 | 210人 | 20 | 20 |
^ | 质量指标 | 合格率 | 95% | 96% | 10 | 10 |
^ | 时效指标 | 完成时间 | 11月底前 | 10月 | 10 | 10 |
^ | 成本指标 | 单位成本 | ≤400元/人 | 390元/人 | 10 | 10 |
效益指标(30分) | 社会效益指标 | 就业率 | ≥60% | 66% | 15 | 15 |
^ | 可持续影响指标 | 机制 | 制度健全并落实 | 达成预期指标 | 15 | 14 | 制度刚建立
满意度指标(10分) | 服务对象满意度指标 | 满意度 | ≥90% | 95% | 10 | 10 |
总分 | < | < | < | < | 100 | 98 |
"""
SICHUAN = """
部门预算项目支出绩效自评表 | < | < | < | < | < | < | < | < | <
(2023年度) | < | < | < | < | < | < | < | < | <
项目资金（万元） | | 年初预算 | 调整后预算数 | 预算执行数 | 预算执行率 | 权重 | 得分 | 原因 |
^ | 年度资金总额： | 100 | 100 | 90 | 90% | 10 | 9 | |
年度目标 | < | < | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 完成值 | 权重 | 得分 | 未完成原因分析
产出指标 | 数量指标 | 培训人数 | ≥ | 200 | 人 | 210 | 50 | 50 |
效益指标 | 社会效益指标 | 就业率 | ≥ | 60 | % | 66 | 30 | 30 |
满意度指标 | 服务对象满意度指标 | 满意度 | ≥ | 90 | % | 95 | 10 | 9 | 个别意见
合计 | | | | | | | 100 | 98 |
绩效等级 | 优 | < | < | < | < | < | < | < | <
"""

HEBEI = """
项目支出绩效自评表 | < | < | < | < | < | < | < | < | < | < | <
(2022年度) | < | < | < | < | < | < | < | < | < | < | <
项目资金（万元） | | 预算数（调整后） | 到位数 | < | 执行数 | < | 预算执行进度 | <
^ | 年度资金总额： | 200 | 200 | < | 190 | < | 95.00% | <
年度目标 | < | < | < | < | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 指标描述 | 符号 | 值 | 单位 | 实际完成值 | 完成情况 | 单项得分 | 权重占比 | 折算得分
产出指标 | 数量指标 | 培训人次 | | ≥ | 500 | 人次 | 510 | 已完成 | 100 | 40% | 40
^ | 质量指标 | 培训合格率 | | ≥ | 95 | % | 97 | 已完成 | 100 | 25% | 25
效益指标 | 社会效益指标 | 效果 | | 定性 | 明显 | | 学员普遍上岗 | 已完成 | 100 | 25% | 25
满意度指标 | 服务对象满意度指标 | 学员满意度 | | ≥ | 90 | % | 96 | 已完成 | 90 | 10% | 9
总分 | | | | | | | | | | 100% | 99
"""
TRANSFER = """
区域绩效目标自评表 | < | < | < | < | <
(2020年度) | < | < | < | < | <
项目资金（万元） | | 全年预算数（A） | 全年执行数（B） | 执行率（B/A） |
^ | 年度资金总额： | 100 | 95 | 95% |
年度总体目标 | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 未完成原因和改进措施
产出指标 | 数量指标 | 储备到位率 | 100% | 100% |
效益指标 | 社会效益指标 | 保障率 | ≥90% | 95% |
满意度指标 | 服务对象满意度指标 | 满意度 | ≥90% | 96% |
说明 | 无 | < | < | < | <
"""
LAST_YEAR = CORRECT.replace("| 年度指标值 |", "| 上年完成值 | 年度指标值 |")
LAST_YEAR = re.sub(r"^((?:产出|效益|满意|\^)[^|]*\|[^|]*指标 \|[^|]*\|)", r"\1 |", LAST_YEAR, flags=re.MULTILINE)


def first_sheet(name: str) -> Sheet:
    """The form of an example without its report."""
    sheet = example(name)
    return sheet.parts[0][1] if isinstance(sheet, JoinedSheet) else sheet


def zhongshan() -> Sheet:
    sheet = example("zhongshan_12345_2022")
    fill_sheet(sheet, load_scheme("zhongshan_2022"))
    return sheet


def department() -> Sheet:
    sheet = example("guangzhou_department_2023")
    fill_sheet(sheet, load_scheme("guangzhou_department_2023"), overwrite=True)
    return sheet


# What an example may start with → the form it changes, and its scheme.
FORMS: dict[str, tuple[str, Callable[[], Sheet]]] = {
    "": ("national_2020", lambda: PaperSheet(CORRECT)),
    "中山": ("zhongshan_2022", zhongshan),
    "四川": ("sichuan", lambda: PaperSheet(SICHUAN)),
    "转移支付": ("transfer", lambda: PaperSheet(TRANSFER)),
    "河北": ("hebei", lambda: PaperSheet(HEBEI)),
    "上年值": ("national_2020", lambda: PaperSheet(LAST_YEAR)),
    "广州": ("guangzhou_2021", lambda: first_sheet("guangzhou_12345_2021")),
    "部门评价": ("guangzhou_department_2023", department),
    "公式": ("national_2020", lambda: PaperSheet(CORRECT)),
    "隐藏": ("national_2020", lambda: PaperSheet(CORRECT)),
}
# The words of an example → the field they are typed into.
FIELDS = {
    "总分": "total",
    "总分的分值": "counts.total.weight",
    "等级": "grade",
    "单位名称": "texts.unit",
    "权重": "indicators.1.weight",
    "一票否决": "deductions.4.rate",
    "完成率": "indicators.1.rate",
    "完成情况": "texts.result.1",
    "未按期": "texts.late.1",
    "问题": "texts.problems",
    "改进": "texts.improvements",
    "预算调整率完成值": "budget.adjustment.actual",
    "预算原因": "budget.reason",
    "年初预算": "budget.initial",
    "调整后预算数": "budget.revised",
    "全年预算数": "budget.revised",
    "全年执行数": "budget.spent",
    "执行数": "budget.spent",
    "执行率": "budget.execution",
    "执行率得分": "budget.execution.score",
    "话务接通率已实现情况": "indicators.12.actual",
    "话务接通率是否达标": "indicators.12.status",
    "呼入量合计": "tables.calls.total.called",
    "一月接通率": "tables.calls.1.rate",
}
FIELDS |= {f"财政拨款{word}": f"sources.1.{field}" for word, field in (("全年预算数", "revised"), ("执行数", "spent"))}
FIELDS |= {f"其他资金{word}": f"sources.2.{field}" for word, field in (("全年预算数", "revised"), ("执行数", "spent"))}
FIELDS |= {"财政拨款执行率": "sources.1.execution", "财政拨款分值": "sources.1.execution.weight"}
ROWS = {"": 1, "培训人数": 1, "合格率": 2, "完成时间": 3, "单位成本": 4, "就业率": 5, "机制": 6, "满意度": 7}
COLUMNS = {"三级指标": "name", "二级指标": "kind", "指标值": "target", "完成值": "actual", "分值": "weight"}
COLUMNS |= {"得分": "score", "原因": "reason", "单项得分": "coefficient", "达标": "status", "上年值": "previous"}
FIELDS |= {f"{row}{word}": f"indicators.{n}.{column}" for row, n in ROWS.items() for word, column in COLUMNS.items()}


@cache
def examples(code: str) -> tuple[str, str]:
    """What the page of a check finds, and what it leaves alone."""
    page = CHECKS[code].page
    found, left = re.search(r"^查出：(.*)$", page, re.MULTILINE), re.search(r"^不查：(.*)$", page, re.MULTILINE)
    assert found, code
    assert left, code
    return found[1], left[1]


def findings(line: str) -> list[Finding]:
    """The findings of a form with the words of an example typed into it."""
    marked = re.match(r"（(.*?)）", line)
    kind = marked[1] if marked else ""
    scheme_name, form = FORMS[kind]
    scheme, sheet = load_scheme(scheme_name), form()
    placement = fill_sheet(form(), scheme).placement
    cells = placement.cells
    for typed in re.sub(r"^（.*?）", "", line).split("；"):
        label, _, words = (part.strip() for part in typed.partition("="))
        words = re.sub(r"^(.)×(\d+)$", lambda many: many[1] * int(many[2]), words)
        type_into(sheet, cells[FIELDS[label]], placement.prefixes.get(FIELDS[label], "") + words)
        if kind == "公式":
            assert isinstance(sheet, PaperSheet)
            others = (f"indicators.{n}.score" for n in range(2, 8))
            sheet.formulas |= {cells[field] for field in others}
        if kind == "隐藏":
            assert isinstance(sheet, PaperSheet)
            sheet.hidden_rows.add(cells[FIELDS[label]][0])
    return checked(sheet, scheme_name)


def checked(sheet: Sheet, scheme_name: str) -> list[Finding]:
    """The findings of a form as it stands."""
    return [place.finding for place in assess_sheet(sheet, load_scheme(scheme_name)).found]


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_the_page_of_a_check_tells_what_a_clerk_needs(code: str) -> None:
    check = CHECKS[code]
    assert re.fullmatch(r"[FBWTSR]\d{3}", code)
    assert check.level in (ERROR, HINT, UNCHECKED)
    assert re.findall(r"^## (.*)$", check.page, re.MULTILINE) == ["为什么", "例", "怎么改", "依据"]
    assert check.page.splitlines()[0].endswith("。")


IN_A_FORM = sorted(CHECKS.keys() - set(CODES))  # those of a whole book are shown in test_whole_book


@pytest.mark.parametrize("code", IN_A_FORM)
def test_a_check_finds_its_example(code: str) -> None:
    assert code in {finding.code for finding in findings(examples(code)[0])}


@pytest.mark.parametrize("code", IN_A_FORM)
def test_a_check_leaves_alone_what_is_right(code: str) -> None:
    assert code not in {finding.code for finding in findings(examples(code)[1])}


THIRDS = (
    "培训人数分值 = 16.67；合格率分值 = 16.67；完成时间分值 = 16.67；单位成本三级指标 = 无；"
    "单位成本指标值 = ；单位成本完成值 = ；单位成本分值 = ；单位成本得分 = "
)
# What is typed → the check that finds it, and words of what it says.
PLANTED = [
    ("指标值 = ≤20；完成值 = 9000000", "S101", "填 20，按办法应为 0.00（"),
    ("完成值 = 7,00.0,77人", "F103", "“7,00.0,77人”的逗号或小数点位置不对"),
    ("就业率完成值 = 无", "T104", "“就业率”的完成值没有填"),
    ("完成值 = 150人；得分 = 15；原因 = 0", "R101", "原因写的是“0”"),
    ("完成值 = 150人；得分 = 15；原因 = 无偏差。", "R101", "原因写的是“无偏差。”"),
    ("完成时间分值 = 9.99；完成时间得分 = 9.99", "W102", "各行分值合计 49.99，应为 50"),
    ("完成时间分值 = 9.99；完成时间得分 = 9.99", "W101", "各行分值合计 99.99，应为 100"),
    ("（中山）单位成本三级指标 = ", "S110", "这一行没有填写；不考核的请在指标内容里写“无”"),
    ("合格率完成值 = 0.96", "T122", "指标值 95% 和完成值 0.96，一个是百分数、一个不是"),
    ("（中山）一票否决 = 已发生", "S103", "一票否决，应为“差”"),
    ("指标值 = ≥2,0万元", "F103", "“≥2,0万元”的逗号或小数点位置不对"),
    ("三级指标 = 投诉次数；指标值 = 5次；完成值 = 2次", "T114", "“投诉次数”的指标值“5次”没有写≥或≤"),
    ("（中山）指标值 = 100；完成值 = 60；未按期 = 已完成", "R101", "60 ÷ 100，没有完成，未按期完成原因写的是“已完成”"),
    ("指标值 = ≥**人", "F106", "“≥**人”是空白表的提示文字"),
    ("机制指标值 = 是否健全", "T112", "指标值“是否健全”不是要求"),
    ("（广州）问题 = 全部指标均已完成；指标值 = 100%；完成值 = 60%", "R104", "说全部完成"),
    ("（中山）指标值 = 100；完成值 = 140", "T105", "140%，表上没有原因一栏，请在完成情况里说明原因"),
    (
        "完成时间指标值 = 2022年11月底前；完成时间完成值 = 2022年12月；完成时间得分 = 8",
        "R101",
        "“2022年12月”晚于期限“2022年11月底前”，逾期，没有完成，原因是空的",
    ),
    (
        "完成时间指标值 = 12月31日；完成时间完成值 = 次年1月；完成时间原因 = 招标推迟",
        "S105",
        "“次年1月”晚于期限“12月31日”，逾期，没有完成，却得满分 10",
    ),
    ("完成时间指标值 = 2022年；完成时间完成值 = 2023年1月", "S105", "逾期"),
    ("完成时间指标值 = 2022.11.30；完成时间完成值 = 2022.12.05", "S105", "逾期"),
    ("完成时间完成值 = 逾期完成", "S105", "期限是“11月底前”，写明“逾期完成”"),
    ("合格率指标值 = <5%；合格率完成值 = 5%", "S105", "没有达到指标值“<5%”"),
    ("（四川）培训人数指标值 = 2022年11月底前；培训人数完成值 = 2022年12月", "S105", "逾期"),
    ("（中山）指标值 = 2022年11月底前；完成值 = 2022年12月；未按期 = 已完成", "R101", "逾期"),
    ("（转移支付）完成值 = 80%", "R101", "80% ÷ 100%，没有完成，原因是空的"),
    ("（部门评价）话务接通率是否达标 = 否", "T124", "写“否”，完成 96.16%，达到指标值“≥95%”，达到了指标值"),
    ("（河北）合格率指标值 = 2022年11月底前；合格率完成值 = 2022年12月", "R109", "逾期，没有完成；表上没有原因一栏"),
    ("三级指标 = ", "T104", "指标名称是空的，这一行却填了内容"),
    ("三级指标 = 指标1：无", "T104", "指标名称写“指标1：无”，这一行却填了内容"),
    ("（河北）达标 = 未完成", "T124", "写“未完成”，完成 510人次，达到指标值“≥500人次”，达到了指标值"),
    ("（河北）合格率完成值 = 90", "T124", "写“已完成”，90% ÷ 95%，没有达到指标值"),
    ("（河北）合格率完成值 = 90；合格率达标 = 未达标；合格率得分 = 25", "S105", "90% ÷ 95%，没有完成，却得满分 25"),
    ("（河北）完成时间达标 = 部分完成", "S105", "写明“部分完成”，没有完成，却得满分 25"),
    ("（河北）合格率单项得分 = 25；合格率得分 = 6.25", "S108", "“25”正好是按分值 25 计的得分，又乘了 25%"),
    ("（河北）合格率完成值 = 76；合格率单项得分 = 20；合格率得分 = 5", "S108", "“20”正好是按分值 25 计的得分"),
    ("（河北）完成时间单项得分 = 25%；完成时间得分 = 6.25", "S108", "又乘了 25%"),
    ("（河北）合格率得分 = 26", "S104", "分值是 25%"),
    ("（河北）分值 = 30%", "W101", "各行分值合计 90，应为 100"),
    ("完成值 = 150人；得分 = 3", "S108", "像是 15 × 20%"),
    (
        "（上年值）培训人数上年值 = 210人；指标值 = 较上年有所提高",
        "T125",
        "上年是 210人，完成 210人，没有达到“较上年有所提高”",
    ),
    ("（上年值）单位成本上年值 = 380元/人；单位成本指标值 = 比上年下降", "T125", "没有达到“比上年下降”"),
    ("（上年值）培训人数上年值 = 230人", "T125", "指标值 ≥200人，上年完成值是 230人，定得更低了"),
    ("（上年值）单位成本上年值 = 380元/人", "T125", "指标值 ≤400元/人，上年完成值是 380元/人"),
    (
        "全年执行数 = 80；财政拨款执行数 = 71；执行率 = 80%；执行率得分 = 8",
        "B108",
        "80.00% 低于 90%，没有写原因；资金没有",
    ),
    (
        "（广州）财政拨款执行数 = 1000；问题 = 系统有时繁忙",
        "B108",
        "资金没有原因一栏，请在完成情况、存在问题或偏差原因里写明",
    ),
    ("完成时间得分 = 8；完成时间完成值 = 已完成", "S114", "分值 10，只得 8，没有写原因"),
    ("（河北）完成时间单项得分 = 90；完成时间得分 = 22.5", "S114", "表上没有原因一栏"),
    ("（中山）完成情况 = 全年支出1761.03万元", "R105", "写 1761.03 万元，表里没有这个数"),
    (
        "（广州）问题 = 处理及时，接通率93.07%；三级指标 = 接通率；指标值 = ≥95%；完成值 = 94.07%",
        "R103",
        "写“接通率”93.07%",
    ),
    ("（广州）问题 = 全年支出134,100,600.10元", "R105", "写 134,100,600.10 元，表里没有这个数"),
]
# What is typed, and is right → the check that has nothing to say of it.
RIGHT = [
    ("完成时间指标值 = 2023.11.30；完成时间完成值 = 2023.10.31", "F103"),
    ("完成时间指标值 = 2023.11.30前；完成时间完成值 = 2023.10.31前", "F103"),
    ("完成时间指标值 = 3,6,9,12月；完成时间完成值 = 3,6,9,12月", "F103"),
    ("机制指标值 = 1.制度健全；机制完成值 = 1.制度健全", "F103"),
    ("完成值 = 1,210.50人", "F103"),
    ("财政拨款分值 = 0", "B107"),
    ("完成值 = 210", "T122"),
    ("合格率完成值 = 96", "T122"),
    ("单位成本指标值 = 400元/人；单位成本完成值 = 390元/人", "T122"),
    ("完成时间完成值 = 已完成", "T122"),
    ("完成时间指标值 = 2022年12月31日前；完成时间完成值 = 2022年12月31日", "S105"),
    ("完成时间指标值 = 2022年；完成时间完成值 = 2022年12月", "S105"),
    ("三级指标 = 补助资金发放人数", "T107"),
    ("（转移支付）完成值 = 80%；原因 = 设备检修，已补齐", "R101"),
    ("（河北）合格率完成值 = 90；合格率达标 = 未达标", "T124"),
    ("（河北）完成时间达标 = 未完成", "T124"),  # of words nobody can tell
    ("（河北）合格率达标 = 见附件", "T124"),
    ("（部门评价）话务接通率是否达标 = 是", "T124"),
    ("（河北）分值 = 100%；单项得分 = 100；得分 = 100", "S108"),
    ("（河北）合格率完成值 = 24；合格率单项得分 = 25.26", "S108"),
    ("（上年值）培训人数上年值 = 230人；原因 = 生源减少", "T125"),
    ("（上年值）培训人数上年值 = 90%；指标值 = 不低于上年", "T125"),
    ("全年执行数 = 80；财政拨款执行数 = 71；机制原因 = 招标推迟，资金次年支付", "B108"),
    ("完成时间得分 = 8；完成时间完成值 = 已完成；完成时间原因 = 验收推迟两周", "S114"),
    ("（中山）指标值 = 2022年12月31日；完成值 = 2022年12月20日；完成率 = 按时", "T115"),
    ("（中山）一票否决 = 可能有负面影响", "S103"),
    ("满意度三级指标 = 群众投诉；满意度指标值 = 0起；满意度完成值 = 0起", "T109"),
    ("完成值 = 210名", "T102"),
    ("完成时间指标值 = ≤30日；完成时间完成值 = 28天", "T102"),
    ("（广州）问题 = 热线接通率93.07%；三级指标 = 接通率；指标值 = ≥95%；完成值 = 94.07%", "R103"),
    ("（中山）指标值 = 100；完成值 = 60；未按期 = 系统升级推迟，已于次年2月完成", "R101"),
    ("（中山）完成时间完成值 = 100；未按期 = 已完成", "R101"),
    ("（中山）完成情况 = 全年支出1716.03万元，即支出17,160,289.87元", "R105"),
    ("指标值 = ≥9999人；完成值 = 9998人；得分 = 20", "S105"),  # 19.998 is 20.00
    ("（广州）指标值 = ≥99%；完成值 = 95%；得分 = 13；原因 = 90%以上得13分，每下降5%扣1分", "S105"),
    ("三级指标 = 系统故障率；指标值 = 1%；完成值 = 0.5%", "R101"),
    ("三级指标 = 系统故障率；指标值 = 1%；完成值 = 0.5%", "S105"),
    ("三级指标 = 系统故障率；指标值 = 1%；完成值 = 2%", "T105"),
    ("三级指标 = 投诉处理率；指标值 = 95%；完成值 = 96%", "T114"),
    ("三级指标 = 系统故障率；指标值 = 1%；完成值 = 1%", "T114"),
    ("完成时间分值 = 9.996；合格率分值 = 10.004", "W101"),
    ("完成时间分值 = 9.996；合格率分值 = 10.004", "W102"),
    (THIRDS, "W101"),
    ("（中山）权重 = 13.3333333333333", "S106"),
    ("（中山）权重 = 13.33；得分 = 13.3333333333333", "S104"),
    (THIRDS, "W102"),
    ("（中山）预算调整率完成值 = —", "B105"),
    ("就业率三级指标 = 安全事故；就业率指标值 = 0起；就业率完成值 = 无", "T104"),
    ("就业率三级指标 = 安全事故；就业率指标值 = ≤3起；就业率完成值 = 无", "T104"),
    ("单位成本指标值 = 不适用；单位成本完成值 = 不适用；单位成本分值 = 0；单位成本得分 = 0", "T104"),
    ("单位成本指标值 = -；单位成本完成值 = -；单位成本分值 = -；单位成本得分 = -", "T104"),
]


@pytest.mark.parametrize(("typed", "code", "said"), PLANTED)
def test_a_planted_fault_is_found_and_said(typed: str, code: str, said: str) -> None:
    assert [finding.message for finding in findings(typed) if finding.code == code and said in finding.message]


def test_more_spent_than_planned_is_shown_where_it_was_typed() -> None:
    """Not at the rate, which filling itself writes, nor at a sum of sources."""
    typed = "财政拨款执行数 = 93.59；全年执行数 = 102.59；执行率 = 102.59%；执行率得分 = 10"
    assert [finding.at for finding in findings(typed) if finding.code == "B104"] == ["sources.1.spent"]
    assert [finding.at for finding in findings("（四川）执行数 = 102") if finding.code == "B104"] == ["budget.spent"]


@pytest.mark.parametrize(("typed", "code"), RIGHT)
def test_what_is_right_is_not_accused(typed: str, code: str) -> None:
    assert [finding for finding in findings(typed) if finding.code == code] == []


def test_a_name_merged_over_a_spare_row_is_one_indicator() -> None:
    drawing = CORRECT.replace("^ | 质量指标", "^ | ^ | ^ | | | | |\n^ | 质量指标")
    assert checked(PaperSheet(drawing), "national_2020") == []


NO_REASONS = re.sub(r" \\|[^|\n]*$", "", TRANSFER.strip("\n"), flags=re.MULTILINE)


def test_a_missed_row_is_found_where_the_form_has_no_column_for_reasons() -> None:
    """Unless a text says why; which row it means, a person has to see."""
    assert checked(PaperSheet(NO_REASONS), "transfer") == []
    missed = NO_REASONS.replace("100% | 100%", "100% | 80%").replace("≥90% | 95%", "≥90% | 85%")
    said = [one.message.partition("；")[0] for one in checked(PaperSheet(missed), "transfer") if one.code == "R109"]
    assert said == ["指标值没有写≥或≤，如果是越高越好：80% ÷ 100%，没有完成", "85% ÷ 90%，没有完成"]
    heading = "年度总体目标 | 预期目标 | 实际完成情况 | < | <\n^ | 储备到位 | 因设备检修，到位率没有达到 | < | <"
    told = missed.replace("年度总体目标 | < | < | < | <", heading)
    assert told != missed
    assert [one for one in checked(PaperSheet(told), "transfer") if one.code == "R109"] == []


def test_a_spare_row_under_a_merged_name_is_not_scored_either() -> None:
    sheet = PaperSheet(CORRECT.replace("^ | 质量指标", "^ | ^ | ^ | | | | |\n^ | 质量指标"))
    assert fill_sheet(sheet, load_scheme("national_2020")).scores.total == 98


def test_a_target_that_was_lowered_in_the_year_owes_a_reason() -> None:
    printed = next(case for case in PUBLISHED if case["scheme"] == "chongqing")["form"]
    lowered = printed.replace("26次 |  | 12次", "≥26次 | ≥12次 | 12次")
    assert lowered != printed
    said = [one for one in checked(PaperSheet(lowered), "chongqing") if one.code == "T125"]
    assert [(one.at, one.message.partition("；")[0]) for one in said] == [
        ("indicators.10.target", "指标值 ≥12次，年初指标值是 ≥26次，定得更低了，没有写原因")
    ]


WHOLE = {"national_2020": CORRECT, "sichuan": SICHUAN, "transfer": TRANSFER}


@pytest.mark.parametrize("scheme", WHOLE)
def test_a_correct_form_has_no_findings(scheme: str) -> None:
    assert checked(PaperSheet(WHOLE[scheme]), scheme) == []


REASONS = [
    "未完成原因和改进措施",
    "未完成原因及拟采取的改进措施",
    "偏差原因分析与下步措施",
    "扣分原因",
    "偏差原因\\n及改进措施",
]


@pytest.mark.parametrize("heading", REASONS)
@pytest.mark.parametrize("scheme", ["sichuan", "transfer", "hebei", "hubei", "chongqing", "fujian", "yunnan"])
def test_a_column_for_reasons_is_found_however_it_is_headed(scheme: str, heading: str) -> None:
    """Also in forms whose own drawing has none: whatever a layout does not name itself is named for all of them."""
    columns = load_layout(load_scheme(scheme).layout).blocks[-1].heading
    assert any(says(half_width(heading.replace("\\n", "\n")), word) for word in columns["reason"])


# What is truly inconsistent in the printed documents, as a reviewer would put it.
PRINTED = {
    "guangzhou_12345_2021": {
        "R106 报告": "525585 ÷ 525600 应为 100.00%，写的是 99.99%",  # cut off, not rounded
        "R107 报告": "说“两”个方面，写了“一是”到“四是”",
    },
    "guangzhou_department_2023": {
        "R105 报告": "写 514.16 万元，表里没有这个数",  # 514.56 everywhere else
        "R108 报告": "“80≥得分≥90”“60≥得分≥80”里一个数也没有",  # the bands of 良 and 中
        "T117 月度统计": "填 4414958，应为 5051554",  # 表9: the months make more than their total
    },
    "guangzhou_petition_2022": {},
    "zhongshan_12345_2022": {
        "R102 自评表": "写了 277 字，限 200 字以内",
        "R101 自评表": "“时效指标”60 ÷ 100，没有完成，未按期完成原因写的是“已完成”",
        "T110 自评表": "这一行写了 5 个指标",
        "B105 自评表": "这里填 100%，上表应为 0.00%",  # the rate of adjustment, printed in two places
    },
}


@pytest.mark.parametrize("name", PRINTED)
def test_what_is_inconsistent_in_the_printed_documents_is_found(name: str) -> None:
    """Each as published: its scores filled in, and for Zhongshan 100% in the row of the rate of adjustment."""
    sheet = example(name)
    scheme = load_scheme(name.replace("_12345", ""))
    placement = fill_sheet(sheet, scheme).placement
    if name.startswith("zhongshan"):
        type_into(sheet, placement.cells["budget.adjustment.actual"], "100%")
    found = assess_sheet(sheet, scheme).found
    said = {f"{place.finding.code} {place.address.partition('!')[0]}": [] for place in found}  # type: ignore[var-annotated]
    for place in found:
        said[f"{place.finding.code} {place.address.partition('!')[0]}"].append(place.finding.message)
    for key, words in PRINTED[name].items():
        assert any(words in message for message in said[key]), key
    if name == "guangzhou_petition_2022":
        assert [place.finding.code for place in found if place.level == ERROR] == []
