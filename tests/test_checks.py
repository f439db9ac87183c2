"""Every check finds the example on its page and leaves alone the other; a correct form has no findings."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from paper import PaperSheet, example, type_into
from workbook_tools.checking import assess_sheet
from workbook_tools.checks import CHECKS, ERROR, HINT, Finding
from workbook_tools.checks.book import CODES
from workbook_tools.fill import fill_sheet
from workbook_tools.joined import JoinedSheet
from workbook_tools.layout import Sheet
from workbook_tools.scheme_file import load_scheme

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
"""


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
    "呼入量合计": "tables.calls.total.called",
    "一月接通率": "tables.calls.1.rate",
}
FIELDS |= {f"财政拨款{word}": f"sources.1.{field}" for word, field in (("全年预算数", "revised"), ("执行数", "spent"))}
FIELDS |= {f"其他资金{word}": f"sources.2.{field}" for word, field in (("全年预算数", "revised"), ("执行数", "spent"))}
FIELDS |= {"财政拨款执行率": "sources.1.execution", "财政拨款分值": "sources.1.execution.weight"}
ROWS = {"": 1, "培训人数": 1, "合格率": 2, "完成时间": 3, "单位成本": 4, "就业率": 5, "机制": 6, "满意度": 7}
COLUMNS = {"三级指标": "name", "二级指标": "kind", "指标值": "target", "完成值": "actual", "分值": "weight"}
COLUMNS |= {"得分": "score", "原因": "reason"}
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
    assert check.level in (ERROR, HINT)
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
    ("三级指标 = 补助资金发放人数", "T107"),
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


@pytest.mark.parametrize("scheme", ["national_2020", "sichuan"])
def test_a_correct_form_has_no_findings(scheme: str) -> None:
    assert checked(PaperSheet(CORRECT if scheme == "national_2020" else SICHUAN), scheme) == []


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
