"""Every check finds the example on its page and leaves alone the other; a correct form has no findings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from correct import CORRECT, HEBEI, MONITORED, SICHUAN, TRANSFER, checked, examples
from paper import PaperSheet, example, type_into
from printed import drawn
from workbook_tools.assess import assess_sheet
from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED, Finding, since_monitoring
from workbook_tools.checks.book import CODES
from workbook_tools.excel.addresses import position
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.form import Form, Scores
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.reader import read_forms
from workbook_tools.schemes.loading import FOLDER, load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score

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


def looked_at_again() -> Scheme:
    """The rules of a notice that asks to look again where the two scores are ten points apart."""
    scheme = load_scheme("zhongshan_2022")
    review = replace(scheme.review, far=Decimal(10), far_quote="审核分数与自评分数相差10分以上的，应当复核")
    return replace(scheme, review=review)


def department() -> Sheet:
    sheet = example("guangzhou_department_2023")
    fill_sheet(sheet, load_scheme("guangzhou_department_2023"), overwrite=True)
    return sheet


ADJUSTED = CORRECT.replace("| 年度指标值 |", "| 年初指标值 | 调整指标值 |")
ADJUSTED = re.sub(
    r"^((?:产出|效益|满意|\^)[^|]*\|[^|]*指标 \|[^|]*\|)([^|]*)", r"\1\2|\2", ADJUSTED, flags=re.MULTILINE
)
ADJUSTED = ADJUSTED.replace("总分 | < | < | < | <", "总分 | < | < | < | < | <")

# What an example may start with → the form it changes, and its scheme.
FORMS: dict[str, tuple[str | Scheme, Callable[[], Sheet]]] = {
    "": ("national_2020", lambda: PaperSheet(CORRECT)),
    "中山": ("zhongshan_2022", zhongshan),
    "差10分要重看": (looked_at_again(), zhongshan),
    "四川": ("sichuan", lambda: PaperSheet(SICHUAN)),
    "定性": ("sichuan", lambda: PaperSheet(SICHUAN.replace("| ≥ |", "| 定性 |"))),
    "转移支付": ("transfer", lambda: PaperSheet(TRANSFER)),
    "河北": ("hebei", lambda: PaperSheet(HEBEI)),
    "上年值": ("national_2020", lambda: PaperSheet(LAST_YEAR)),
    "通用": ("general", lambda: PaperSheet(CORRECT)),
    "年初值": ("national_2020", lambda: PaperSheet(ADJUSTED)),
    "广州": ("guangzhou_2021", lambda: first_sheet("guangzhou_12345_2021")),
    "部门评价": ("guangzhou_department_2023", department),
    "监控": ("monitoring_shanxi", lambda: PaperSheet(MONITORED)),
    "天津监控": ("monitoring_tianjin", lambda: PaperSheet(MONITORED)),
    "公式": ("national_2020", lambda: PaperSheet(CORRECT)),
    "整体支出": ("hunan", lambda: drawn("79_lingling_forestry").sheet),
    "隐藏": ("national_2020", lambda: PaperSheet(CORRECT)),
    "删除线": ("national_2020", lambda: PaperSheet(CORRECT)),
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
FIELDS |= {"执行率权重": "budget.execution.weight", "一级指标": "indicators.1.label"}
FIELDS |= {"支出": "budget.spent", "调整额": "budget.adjusted"}
FIELDS |= {"审核分数": "review.score", "核定等级": "review.grade", "审核意见": "review.opinion"}
FIELDS |= {"实施周期目标": "texts.goal.1", "年度目标": "texts.goal.2"}
FIELDS |= {"项目支出": "splits.expenditure.2", "其他资金": "splits.income.4"}
FIELDS["就业率一级指标"], FIELDS["报告"] = "indicators.5.label", "texts.report.60"
FIELDS |= {"财政拨款执行率": "sources.1.execution", "财政拨款分值": "sources.1.execution.weight"}
FIELDS |= {"监控执行数": "budget.so_far", "监控执行率": "budget.so_far.execution", "预计执行数": "budget.expected"}
ROWS = {"": 1, "培训人数": 1, "合格率": 2, "完成时间": 3, "单位成本": 4, "就业率": 5, "机制": 6, "满意度": 7}
COLUMNS = {"三级指标": "name", "二级指标": "kind", "指标值": "target", "完成值": "actual", "分值": "weight"}
COLUMNS |= {"得分": "score", "原因": "reason", "单项得分": "coefficient", "达标": "status", "上年值": "previous"}
COLUMNS |= {"当前完成值": "so_far", "全年预计": "expected", "可能性": "outlook", "预警": "light"}
COLUMNS |= {"偏差原因": "reason", "偏差原因说明": "explanation"}
FIELDS |= {f"{row}{word}": f"indicators.{n}.{column}" for row, n in ROWS.items() for word, column in COLUMNS.items()}


@cache
def placement_of(kind: str) -> Placement:
    """Where the fields of a form are, before anything is typed into it."""
    named, form = FORMS[kind]
    return fill_sheet(form(), load_scheme(named) if isinstance(named, str) else named).placement


def findings(line: str) -> list[Finding]:
    """The findings of a form with the words of an example typed into it."""
    marked = re.match(r"（(.*?)）", line)
    kind = marked[1] if marked else ""
    named, form = FORMS[kind]
    scheme, sheet = load_scheme(named) if isinstance(named, str) else named, form()
    placement = placement_of(kind)
    cells = placement.cells
    for typed in re.sub(r"^（.*?）", "", line).split("；"):
        label, _, words = (part.strip() for part in typed.partition("="))
        words = re.sub(r"^(.)×(\d+)$", lambda many: many[1] * int(many[2]), words)
        if label.startswith("单元格"):
            type_into(sheet, position(label.removeprefix("单元格").strip().encode()), words)
            continue
        type_into(sheet, cells[FIELDS[label]], placement.prefixes.get(FIELDS[label], "") + words)
        if kind == "公式":
            assert isinstance(sheet, PaperSheet)
            others = (f"indicators.{n}.score" for n in range(2, 8))
            sheet.formulas |= {cells[field] for field in others}
        if kind == "隐藏":
            assert isinstance(sheet, PaperSheet)
            sheet.hidden_rows.add(cells[FIELDS[label]][0])
        if kind == "删除线":
            assert isinstance(sheet, PaperSheet)
            sheet.crossed_out[cells[FIELDS[label]]] = words
    return checked(sheet, scheme)


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_the_page_of_a_check_tells_what_a_clerk_needs(code: str) -> None:
    check = CHECKS[code]
    assert re.fullmatch(r"[FBWTSRAM]\d{3}", code)
    assert check.level in (ERROR, HINT, UNCHECKED)
    assert re.findall(r"^## (.*)$", check.page, re.MULTILINE) == ["为什么", "例", "怎么改", "依据"]
    assert check.page.splitlines()[0].endswith("。")


# Those of a whole book are shown in test_whole_book, those beside a monitoring table in monitoring/test_against.
IN_A_FORM = sorted(CHECKS.keys() - {*CODES, *since_monitoring.CODES})


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
    ("合格率完成值 = 94%，基本达标", "T103", "指标值是“95%”，完成值写“94%，基本达标”；请只填实际完成的数"),
    ("完成值 = 约150人", "T103", "指标值是“≥200人”，完成值写“约150人”；请只填实际完成的数"),
    (
        "其他资金执行数 = ；全年执行数 = 81；执行率 = 81%；执行率得分 = 8.1",
        "F115",
        "没有填，这一行的预算填了 10；没有就填 0",
    ),
    (
        "其他资金全年预算数 = ；全年预算数 = 90；执行率 = 100%；执行率得分 = 10",
        "F115",
        "这一行的支出填了 9；没有就填 0",
    ),
    ("得分 = 满分", "S101", "填 满分，按办法应为 20.00"),
    ("总分 = 九十八", "F104", "“九十八”不是数"),
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
        "财政拨款执行数 = 80.996；全年执行数 = 89.996；执行率 = 90.00%；执行率得分 = 9",
        "B108",
        "90.00%（准确值 89.996%） 低于 90%，没有写原因",
    ),
    (
        "（广州）财政拨款执行数 = 1000；问题 = 系统有时繁忙",
        "B108",
        "资金没有原因一栏，请在完成情况、存在问题或偏差原因里写明",
    ),
    ("完成时间得分 = 8；完成时间完成值 = 已完成", "S114", "分值 10，只得 8，没有写原因"),
    ("（河北）完成时间单项得分 = 90；完成时间得分 = 22.5", "S114", "表上没有原因一栏"),
    ("（中山）完成情况 = 全年支出1761.03万元", "R125", "写 1761.03 万元，表里没有这个数"),
    (
        "（广州）问题 = 处理及时，接通率93.07%；三级指标 = 接通率；指标值 = ≥95%；完成值 = 94.07%",
        "R103",
        "写“接通率”93.07%",
    ),
    ("（广州）问题 = 全年支出134,100,700.10元", "R125", "写 134,100,700.10 元，表里没有这个数"),
]
SPENT_8575 = "财政拨款执行数 = 76.75；全年执行数 = 85.75；执行率得分 = 8.58；财政拨款执行率 = 85.28%；"
SHARED_OUT = "分值 = 25；得分 = 25；就业率分值 = 10；就业率得分 = 10"  # 55 and 25 instead of 50 and 30
PLANTED += [
    (f"{SPENT_8575}执行率 = 86.00%", "B101", "填 86.00%，应为 85.75%"),
    (f"{SPENT_8575}执行率 = 85%", "B101", "填 85%，应为 85.75%"),
    (f"{SPENT_8575}执行率 = 85.76%", "B101", "填 85.76%，应为 85.75%"),
    (f"{SPENT_8575}执行率 = 85.75%；财政拨款执行率 = 85.29%", "B106", "填 85.29%，76.75 ÷ 90 应为 85.28%"),
    ("（中山）完成率 = 100.1%", "T115", "填 100.1%，应为 100.00%"),
    ("（部门评价）话务接通率已实现情况 = 96.1%", "T116", "填 96.1%，按统计表应为 96.16%"),
    ("（中山）执行率权重 = 6%", "W103", "填 6%，按办法应为 5.00"),
    ("执行率权重 = 20%", "W103", "填 20%，按办法应为 10.00"),
    ("（四川）执行率权重 = 20%", "W101", "各行分值合计 110，应为 100"),
    (SHARED_OUT, "W102", "“产出指标(50分)”各行分值合计 55，应为 50"),
    (f"{SHARED_OUT}；一级指标 = 产出指标50分", "W102", "“产出指标50分”各行分值合计 55，应为 50"),
    ("满意度指标值 = ≥98%（百分比）；满意度完成值 = 97%；满意度得分 = 10", "S105", "97% ÷ 98%，没有完成"),
    ("三级指标 = 示范村数量；指标值 = ≤4个；完成值 = 4个", "T106", "数量指标写“≤4个”"),
    ("单位成本指标值 = ≥400元/人；单位成本完成值 = 410元/人", "T106", "成本指标写“≥400元/人”"),
    ("就业率指标值 = ≥90分；就业率完成值 = 96分", "T120", "“就业率”写“≥90分”"),
    ("完成时间指标值 = 按批复的计划完成；完成时间完成值 = 按批复的计划完成", "T123", "照抄指标值"),
    (
        "分值 = 51；合格率分值 = 0；满意度分值 = 0；就业率分值 = 4",
        "W104",
        "“培训人数”一行占 51 分，超过全部 100 分的一半",
    ),
    ("完成值 = 410人；得分 = 18", "S101", "填 18，按办法应为 20.00"),
    ("完成值 = 210人；得分 = 18；原因 = 自评从严", "S101", "填 18，按办法应为 20.00"),
    ("完成值 = 410人；得分 = 21；原因 = 目标定得过低", "S101", "填 21，按办法应为 20.00"),
    ("满意度指标值 = 290%；满意度完成值 = 95%", "T108", "满意度写“290%”，超过 100%；请核对指标值"),
    ("完成值 = 无；原因 = 无", "T104", "“培训人数”的完成值没有填"),
]
PLANTED += [
    (
        f"{form}合格率指标值 = {wanted}；合格率完成值 = {done}",
        "T122",
        f"指标值“{wanted}”是一段范围，完成 {shown} 不在里面",
    )
    for form, wanted, done, shown in (
        ("", "95%-98%", "80%", "80%"),
        ("", "95～98%", "99%", "99%"),
        ("", "6至9", "9.5", "9.5"),
        ("（河北）", "95—98", "80", "80%"),  # the unit in a column of its own
    )
]
PLANTED += [
    ("其他资金全年预算数 = 1O", "F104", "“1O”不是金额；这一格请只填数字"),
    ("其他资金执行数 = 9w", "F104", "“9w”不是金额"),
    ("其他资金执行数 = 9%", "F104", "“9%”不是金额"),
    ("总分 = 98%", "F104", "“98%”是百分数，不是分数"),
    ("（中山）总分 = 94.66%", "F104", "“94.66%”是百分数，不是分数"),
    ("其他资金全年预算数 = 20万元", "B111", "填“20万元”，合计只有数字，核对不了合计"),
    ("财政拨款执行数 = 820000元", "B111", "填“820000元”，合计只有数字，核对不了合计"),
]
PLANTED += [
    (f"{row}完成值 = {said}；{row}得分 = {full}", "S105", f"写明“{said}”，没有完成，却得满分 {full}")
    for row, full, words in (
        ("完成时间", 10, ("未开展", "未启动", "没做", "部分完成", "因疫情取消", "暂缓实施")),
        ("机制", 15, ("未完成。", "尚未开展", "未实施", "没有落实", "部分完成", "已取消")),
        ("满意度", 10, ("未开展",)),
    )
    for said in words
]
PLANTED += [
    ("（四川）培训人数指标值 = 建成；培训人数完成值 = 未建成", "S105", "没有完成，却得满分"),
    ("机制完成值 = 未开展；机制原因 = ", "R101", "写明“未开展”，没有完成，原因是空的"),
]
PLANTED += [
    (
        "完成时间三级指标 = 完成时间（作废）",
        "F125",
        "名称写“完成时间（作废）”，这一行现在仍然计入分值合计和总分：分值 10，得分 10.00",
    ),
    ("完成时间三级指标 = 【不考核】完成时间", "F125", "名称写“【不考核】完成时间”，这一行现在仍然计入"),
    (
        "（中山）三级指标 = 培训场次（已取消）",
        "F125",
        "现在仍然计入分值合计和总分：分值 13.33（40 ÷ m，m=3 行 → 13.33）",
    ),
    ("（定性）培训人数完成值 = 150", "T122", "指标性质写“定性”，指标值、完成值却都是数（150人 ÷ 200人）"),
    ("（定性）合格率完成值 = 50", "T122", "指标性质写“定性”，指标值、完成值却都是数（50% ÷ 60%）"),
]
PLANTED += [("（中山）支出 = 1716.03", "B110", "支出只有预算的 0.01%，可能一个填的是元、一个填的是万元")]
PLANTED += [
    (f"完成时间完成值 = {done}", "T122", f"“11月底前”没有写年份，“{done}”晚于 2023 年的这个期限；请核对是不是逾期")
    for done in ("2023-12-15", "2024年1月", "2024-01-15")
]
# What is typed, and is right → the check that has nothing to say of it.
RIGHT = [
    ("完成时间完成值 = 2023-10-31", "T122"),
    ("完成时间完成值 = 2022年12月", "T122"),
    ("完成时间完成值 = 2023-12-15；完成时间得分 = 8", "T122"),
    ("完成时间指标值 = 2023年11月底前；完成时间完成值 = 2023-10-31", "T122"),
    ("（中山）支出 = 17160.29", "B110"),
    ("三级指标 = 作废票据销毁数量", "F125"),
    ("三级指标 = 培训人数（不考核工勤人员）", "F125"),
    ("三级指标 = 证明事项（取消）数量", "F125"),
    ("（定性）培训人数完成值 = 210", "T122"),
    ("（定性）培训人数指标值 = 制度健全；培训人数完成值 = 3项", "T122"),
    ("机制指标值 = 不启动应急预案；机制完成值 = 未启动；机制得分 = 15", "S105"),
    ("机制三级指标 = 取消证明事项；机制完成值 = 已取消；机制得分 = 15", "S105"),
    ("机制三级指标 = 重大事故；机制指标值 = 不发生；机制完成值 = 没有；机制得分 = 15", "S105"),
    ("机制完成值 = 没有；机制得分 = 15", "S105"),
    ("机制完成值 = 部分单位已落实；机制得分 = 15", "S105"),
    ("财政拨款全年预算数 = 90万元", "B106"),  # beside 81: 万元, most likely, and no rate of 0.01%
    ("财政拨款全年预算数 = 90万元；其他资金全年预算数 = 10万元；全年预算数 = 100万元", "B111"),
    ("其他资金全年预算数 = 10万元；财政拨款执行数 = 810000元", "B111"),  # the sums are right in the unit of the heading
    ("其他资金执行数 = 9美元", "F104"),
    ("（中山）权重 = 13.33%", "F104"),
    ("合格率指标值 = 95%-98%；合格率完成值 = 96%", "T122"),
    ("合格率指标值 = 95%-98%；合格率完成值 = 98", "T122"),
    ("合格率指标值 = 18—54周岁；合格率完成值 = 120人", "T122"),  # whom it was for, not how many
    ("合格率指标值 = 2023-12；合格率完成值 = 9", "T122"),
    (f"{SPENT_8575}执行率 = 86%", "B101"),  # whole percent printed: rounded
    (f"{SPENT_8575}执行率 = 85.8%", "B101"),
    (f"{SPENT_8575}执行率 = 0.86", "B101"),
    (f"{SPENT_8575}财政拨款执行率 = 85%", "B106"),
    ("（中山）完成率 = 100%", "T115"),
    ("（部门评价）话务接通率已实现情况 = 96%", "T116"),
    ("（部门评价）一月接通率 = 97%", "T118"),
    ("（中山）预算调整率完成值 = 0%", "B105"),
    ("（中山）执行率权重 = 5%", "W103"),
    ("执行率权重 = 10%", "W103"),
    ("（四川）执行率权重 = 10%", "W101"),
    ("分值 = 20%；合格率分值 = 10%", "W101"),
    (f"{SHARED_OUT}；一级指标 = 产出指标；就业率一级指标 = 效益指标", "W102"),  # no points printed after its name
    ("满意度指标值 = ≥98%（百分比）；满意度完成值 = 100%", "T122"),
    ("分值 = 50；合格率分值 = 0；满意度分值 = 0；就业率分值 = 5", "W104"),
    ("满意度指标值 = 290%；满意度完成值 = 95%", "R101"),  # nobody can reach it: the target is wrong
    ("完成值 = 410人；得分 = 18；原因 = 目标定得过低，适度调减", "S101"),
    ("三级指标 = 投诉件数；指标值 = ≤10件；完成值 = 3件", "T106"),
    ("三级指标 = 科目调整次数；指标值 = ≤10次；完成值 = 3次", "T106"),
    ("三级指标 = 因公出国人次；指标值 = ≤5人次；完成值 = 3人次", "T106"),
    ("单位成本三级指标 = 成本降低额；单位成本指标值 = ≥5万元；单位成本完成值 = 6万元", "T106"),
    ("单位成本三级指标 = 生活补助标准；单位成本指标值 = ≥400元/人；单位成本完成值 = 400元/人", "T106"),
    ("就业率三级指标 = 孕产妇死亡率；就业率指标值 = ≤5‰；就业率完成值 = 3‰", "T120"),
    ("完成时间指标值 = 2023年1-12月；完成时间完成值 = 2023年1-12月", "T123"),
    ("完成值 = 无；原因 = 本年没有轮换任务", "T104"),
    ("（中山）支出 = 1,000,000.00", "B108"),  # 备注 is no column for reasons, and 90% is another notice's limit
    ("（中山）调整额 = -5.00", "B109"),
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
    ("（中山）完成情况 = 全年支出1716.03万元，即支出17,160,289.87元", "R125"),
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


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("typed", [typed for typed, _, _ in PLANTED])
def test_no_finding_depends_on_the_words_of_a_reason(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A score is told with its reason; with any other words there the same is found in the same places."""

    def without_words(form: Form, scheme: Scheme) -> Scores:
        scores = score(form, scheme)
        lines = {field: line._replace(why="〔理由〕") for field, line in scores.lines.items()}
        return scores._replace(lines=lines)

    usual = {(finding.code, finding.at) for finding in findings(typed)}
    for module in ("assess", "fill"):
        monkeypatch.setattr(f"workbook_tools.{module}.score", without_words)
    assert {(finding.code, finding.at) for finding in findings(typed)} == usual


def test_more_spent_than_planned_is_shown_where_it_was_typed() -> None:
    """Not at the rate, which filling itself writes, nor at a sum of sources."""
    typed = "财政拨款执行数 = 93.59；全年执行数 = 102.59；执行率 = 102.59%；执行率得分 = 10"
    assert [finding.at for finding in findings(typed) if finding.code == "B104"] == ["sources.1.spent"]
    assert [finding.at for finding in findings("（四川）执行数 = 102") if finding.code == "B104"] == ["budget.spent"]


@pytest.mark.parametrize(("typed", "code"), RIGHT)
def test_what_is_right_is_not_accused(typed: str, code: str) -> None:
    assert [finding for finding in findings(typed) if finding.code == code] == []


# ── forms drawn as text: what must have no such finding, and beside it what must still have it ──


def codes(drawing: str, scheme: str = "national_2020") -> list[str]:
    """Code and message of every finding in a drawn form."""
    return [f"{finding.code} {finding.message}" for finding in checked(PaperSheet(drawing), scheme)]


@pytest.mark.parametrize(
    ("target", "actual", "missed"),
    [
        ("≥200人；≥10场", "210人；8场", "S105 8场 ÷ 10场，没有完成，却得满分 20"),
        ("≥200人；≤5起", "210人；7起", "S105 越低越好：5起 ÷ 7起，没有完成，却得满分 20"),
        ("≥200人；≥10场", "210人；12场", ""),
        ("≥200人；≥10场", "210人；未统计", ""),
        ("≥200人；10场", "210人；8场", ""),  # without a sign
        ("≥200人；≥10场", "全年8场", ""),
        ("≥95%；≥98%", "1.96%；2.99%", ""),  # numbered
    ],
)
def test_one_of_several_indicators_with_one_score_that_is_missed_is_found(
    target: str, actual: str, missed: str
) -> None:
    drawn = CORRECT.replace("| ≥200人 | 210人 |", f"| {target} | {actual} |")
    assert [said for said in codes(drawn) if said.startswith("S105")] == ([missed] if missed else [])


def test_a_picture_in_a_cell_of_wps_is_not_told_to_bear_a_sign() -> None:
    drawn = CORRECT.replace("| 210人 |", '| =DISPIMG("ID_1",1) |')
    found = [said[:4] for said in codes(drawn)]
    assert "T103" in found
    assert "T101" not in found


SOURCES = """
项目资金（万元） | | 年初预算数 | 全年预算数（A） | 全年执行数（B） | 分值 | 执行率（B/A） | 得分
^ | 年度资金总额： | 7165.32 | 7165.32 | 7165.29 | 10 | 100.00% | 10
^ | 其中：本年财政拨款 | 5000 | 5000 | 5000 | - | 100% | -
^ | 上年结转资金 | 2165.29 | 2165.29 | 2165.29 | - | 100% | -
^ | 其他资金 | 0 | 0 | 0 | - | | -
{goal} | 预期目标 | < | < | 实际完成情况 | < | < | <
^ | 完成防汛 3 次，改造灌区 5 处 | < | < | 已全部完成 | < | < | <
"""
GOAL = re.compile(r"项目资金.*?\n(?=年度总体目标)", re.DOTALL)


def with_sources(goal: str, **instead: str) -> str:
    money = SOURCES.format(goal=goal).lstrip("\n")
    for old, new in instead.items():
        money = money.replace(old.replace("_", "."), new)
    return (
        GOAL.sub(money, CORRECT).replace("年度总体目标 | < | < | < | < | < | < | <\n", "").replace("| 98 |", "| 99 |")
    )


@pytest.mark.parametrize("goal", ["年度总体目标", "年度总体目标完成情况", "年度绩效目标完成情况", "项目年度情况"])
def test_texts_of_the_goal_are_no_sources_and_a_wrong_sum_above_them_is_found(goal: str) -> None:
    found = [said for said in codes(with_sources(goal)) if said[0] in "FB"]
    terms = "各来源相加：5,000 + 2,165.29 + 0"
    assert found == [f"B103 填 7165.32，应为 7165.29（{terms}）；请核对合计和各项"] * 2


def test_words_typed_for_an_amount_are_still_no_figure() -> None:
    assert [
        said[:4]
        for said in codes(with_sources("年度总体目标", **{"2165_29 | 2165_29 | 2165_29": "2165.29 | 约两千 | 0"}))
    ].count("F104") == 1


FISCAL = "^ | 其中：本年财政拨款 | 100 | 90 | 81 | - | 90% | -\n"


def broken_down(first: str = "中央资金", second: str = "地方资金") -> str:
    """A source with the two that it is made of below it."""
    parts = f"^ | {first} | 60 | 50 | 45 | - | | -\n^ | {second} | 40 | 40 | 36 | - | | -\n"
    return CORRECT.replace(FISCAL, FISCAL + parts)


@pytest.mark.parametrize(
    ("first", "second"),
    [("中央资金", "地方资金"), ("其中：中央资金", "地方资金"), ("其中：中央资金", "其中：地方资金")],
)
def test_rows_that_break_down_a_source_are_not_added_to_it(first: str, second: str) -> None:
    drawing = broken_down(first, second)
    assert codes(drawing) == []
    assert fill_sheet(PaperSheet(drawing), load_scheme("national_2020")).scores.lines["budget.revised"].value == 100
    wrong = [said[:4] for said in codes(drawing.replace("110 | 100 | 90 |", "110 | 101 | 90 |"))]
    assert wrong in (["S110", "S112"], ["B103"])  # S112: the score that rests on the open sum


def test_sources_that_happen_to_make_another_are_added_where_the_sum_says_so() -> None:
    drawing = CORRECT.replace(FISCAL, "^ | 财政拨款 | 50 | 45 | 41 | - | | -\n^ | 上级 | 40 | 35 | 33 | - | | -\n")
    rows = drawing.replace("其他资金 | 10 | 10 | 9 |", "其他资金 | 10 | 10 | 8 |")
    rows = rows.replace("110 | 100 | 90 | 10 | 90.00% | 9", "100 | 90 | 82 | 10 | 91.11% | 9.11")
    assert codes(rows.replace("98 |", "98.11 |")) == []


def test_two_ways_to_add_the_sources_are_a_question_and_nothing_rests_on_them() -> None:
    wrong = codes(broken_down().replace("110 | 100 | 90 |", "110 | 101 | 90 |"))
    question = "各来源相加是 190 或 140 或 100：有几行相加正好是上一行，不知道是不是它的明细；合计写的是 101，请核对"
    assert wrong == [f"S110 {question}", f"S112 它依据的没有定下来：{question}"]  # S112: the score of the rate
    blank = fill_sheet(
        PaperSheet(broken_down().replace("110 | 100 | 90 |", "110 | | 90 |")), load_scheme("national_2020")
    )
    assert blank.scores.lines["budget.revised"].value is None
    assert blank.scores.lines["budget.execution"].value is None


def test_a_sum_that_others_divide_by_is_one_finding() -> None:
    """Sources left at 0: the sum is wrong; the rate ÷ 0 that follows is no second error, its score was not checked."""
    money = "^ | 年度资金总额： | 110 | 100 | 90 | 10 | 90.00% | 9\n^ | 其中：本年财政拨款 | 110 | 0 | 90 | - | | -\n"
    drawing = re.sub(r"\^ \| 年度资金总额.*?(?=年度总体目标)", money, CORRECT, flags=re.DOTALL)
    assert [said.partition("（")[0] for said in codes(drawing)] == [
        "B103 填 100，应为 0",
        "S112 它依据的没有定下来：90 ÷ 0；分母应大于 0，请核对金额",
    ]
    alone = re.sub(r"\^ \| 其中：本年财政拨款.*\n", "", drawing).replace("| 110 | 100 | 90 |", "| 110 | 0 | 90 |")
    assert [said for said in codes(alone) if said.startswith("S110")] == ["S110 90 ÷ 0；分母应大于 0，请核对金额"]


YUAN = CORRECT.replace("110 | 100 | 90 |", "1100000000 | 1000000000 | 900000000 |").replace(
    "100 | 90 | 81 |", "1000000000 | 900000000 | 810000000 |"
)
YUAN = YUAN.replace("其他资金 | 10 | 10 | 9 |", "其他资金 | 100000000 | 100000000 | 90000000 |")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("项目资金（万元）", "项目资金（元）"),
        ("项目资金（万元）", "项目资金（单位：元）"),
        ("全年预算数（A）", "全年预算数（元）"),
        ("项目名称 | 公共服务项目", "金额单位：元 | <"),
    ],
)
def test_the_unit_that_a_form_prints_is_its_unit(old: str, new: str) -> None:
    assert [said[:4] for said in codes(YUAN)] == ["B110"] * 3
    blank = YUAN if "项目资金" in old else YUAN.replace("项目资金（万元）", "项目资金")
    assert codes(blank.replace(old, new)) == []


def test_an_amount_too_large_where_no_unit_is_printed_asks_for_the_unit() -> None:
    found = codes(YUAN.replace("项目资金（万元）", "项目资金"))
    assert found[0] == "B110 1100000000 万元太大，可能填的是元；表上没有印金额单位，请写明"


def test_a_unit_of_something_else_above_the_table_is_not_that_of_the_money() -> None:
    named = YUAN.replace("项目名称 | 公共服务项目", "采购金额（元） | 公共服务项目")
    assert [said[:4] for said in codes(named)] == ["B110"] * 3


def with_text(words: str, amount: str = "125.25", unit: str = "万元") -> list[str]:
    """What is said of money in a form with one amount and one text."""
    heading = (
        "年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <\n^ | 办培训 | < | < | " + words + " | < | < | <"
    )
    drawing = CORRECT.replace("年度总体目标 | < | < | < | < | < | < | <", heading).replace("（万元）", f"（{unit}）")
    money = f"^ | 年度资金总额： | {amount} | {amount} | {amount} | 10 | 100.00% | 10\n"
    drawing = re.sub(r"\^ \| 年度资金总额.*?(?=年度总体目标)", money, drawing, flags=re.DOTALL)
    return [said for said in codes(drawing) if said.startswith(("R105", "R125"))]


@pytest.mark.parametrize("amount", ["125.25", "125.25万", "125.25万元", "1252500元", "1,252,500元"])
def test_an_amount_is_the_same_in_whatever_unit_it_is_typed(amount: str) -> None:
    for words in ("全年支出125.25万元", "全年支出1252500.00元"):
        assert with_text(words, amount) == []
    assert with_text("全年支出125.35万元", amount) == ["R125 写 125.35 万元，表里没有这个数；请核对"]
    assert with_text("全年支出1252500.01元", "1252500元") == ["R125 写 1252500.01 元，表里没有这个数；请核对"]


def test_a_text_may_be_more_exact_than_a_rounded_table_and_name_a_difference() -> None:
    assert with_text("全年支出1329120.67元", "132.912") == []
    assert with_text("全年支出1329620.67元", "132.912") == ["R125 写 1329620.67 元，表里没有这个数；请核对"]
    assert with_text("全年支出90.40万元", "90") == ["R125 写 90.40 万元，表里没有这个数；请核对"]
    saved = "年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <\n^ | 办培训 | < | < | 节约{}万元 | < | < | <"
    line = "年度总体目标 | < | < | < | < | < | < | <"
    assert codes(CORRECT.replace(line, saved.format("10.00"))) == []  # 100 - 90
    assert codes(CORRECT.replace(line, saved.format("11.00"))) == ["R105 写 11.00 万元，表里没有这个数；请核对"]


def test_money_of_another_year_or_of_one_person_is_not_that_of_the_table() -> None:
    assert with_text("上年预算执行95.50万元，全年支出125.25万元") == []
    assert with_text("人均支出1,200.00元，支出125.25万元") == []
    assert with_text("上年结余较少，全年支出95.50万元") == ["R125 写 95.50 万元，表里没有这个数；请核对"]


def test_a_form_that_counts_in_yuan_is_compared_in_yuan() -> None:
    assert with_text("全年支出125.25万元", "1252500", "元") == []
    assert with_text("全年支出125.25万元", "125.25", "元") == ["R125 写 125.25 万元，表里没有这个数；请核对"]


CHONGQING = """
部门整体绩效自评表 | < | < | < | < | < | < | < | < | <
(2021年度) | < | < | < | < | < | < | < | < | <
自评总分（分） | 98
项目资金（万元） | | 年初预算数 | 全年（调整）预算数 | 全年执行数 | 执行率（%） | 执行率权重 | 执行率得分（分）
^ | 年度资金总额 | 100 | 100 | 80 | 80% | {total}
^ | 其中：财政资金 | 90 | 90 | {spent} | | {first}
^ | 其他资金 | 10 | 10 | {rest} | | {second}
年初绩效目标 | 无
全年调整绩效目标 | 宣传到位
指标名称 | 计量单位 | 指标性质 | 年初指标值 | 调整指标值 | 全年完成值 | 得分系数（%） | 指标权重（分） | 指标得分（分） | 是否核心指标
培训次数 | 次 | ≥ | | 6 | 7 | 100% | 50 | 50 | 是
发稿数量 | 篇 | ≥ | | 200 | 201 | 100% | 40 | 40 | 是
说明 | 其余资金次年支付
"""


def chongqing(total: str, first: str, second: str = "- | -", spent: str = "72", rest: str = "8") -> list[str]:
    return codes(CHONGQING.format(total=total, first=first, second=second, spent=spent, rest=rest), "chongqing")


def test_the_only_points_of_the_rate_stay_where_the_form_has_them() -> None:
    assert chongqing("|", "10 | 8") == []
    assert chongqing("- | -", "10 | 8") == []
    assert chongqing("10 | 8", "- | -") == []


def test_points_in_a_row_of_a_source_are_checked_as_those_of_the_total() -> None:
    assert chongqing("|", "10 | 9") == [
        "S102 填 98，表上各项相加应为 99.00（9 + 90）",
        "B102 填 9，按办法应为 8.00（10 × 80.00% → 8.00）",
    ]
    assert chongqing("|", "10 | 8", spent="76", rest="4") == []  # a rate of its own: nobody wrote which one counts


def test_points_that_stand_twice_are_found_and_none_is_left_without() -> None:
    both = [
        "B107 资金来源一行写了分值 10，执行率只在合计行计分；请改成“-”",
        "B107 资金来源一行写了得分 8，执行率只在合计行计分；请改成“-”",
    ]
    assert chongqing("10 | 8", "10 | 8") == both
    twice = [said for said in chongqing("|", "5 | 4", "5 | 4") if said.startswith("B107")]
    assert (
        twice
        == [
            "B107 资金来源一行写了分值 5，执行率只在合计行计分；请把分值写在合计行，这里改成“-”",
            "B107 资金来源一行写了得分 4，执行率只在合计行计分；请把得分写在合计行，这里改成“-”",
        ]
        * 2
    )


def test_points_merged_down_over_the_sources_are_not_points_of_a_source() -> None:
    drawing = CORRECT.replace("| 81 | - | 90% | -", "| 81 | ^ | 90% | ^").replace("| 9 | - | | -", "| 9 | ^ | | ^")
    assert codes(drawing) == []
    assert "B107" in codes(CORRECT.replace("| 81 | - | 90% | -", "| 81 | 10 | 90% | 9"))[0]


@pytest.mark.parametrize("unit", ["%", "%(百分比)", "％（百分比）", "百分比", "百分点", "个百分点"])
def test_units_of_percent_are_one_unit(unit: str) -> None:
    for target, actual in (("98", "100%"), ("98", "98"), ("≥98", "98%"), ("98以上", "99"), ("98%", "98")):
        row = f"满意度 | {'' if target[0] == '≥' or '以' in target else '≥'} | {target} | {unit} | {actual} |"
        drawing = SICHUAN.replace("满意度 | ≥ | 90 | % | 95 |", row)
        found = [said for said in codes(drawing, "sichuan") if said[:4] in ("T102", "T103", "T108", "T120", "T122")]
        assert found == [], (target, actual)
    missed = SICHUAN.replace("满意度 | ≥ | 90 | % | 95 | 10 | 9 |", f"满意度 | ≥ | 98 | {unit} | 97% | 10 | 10 |")
    assert "S105 97% ÷ 98%，没有完成，却得满分 10" in codes(missed, "sichuan")


def test_a_note_in_brackets_behind_a_unit_is_no_other_unit() -> None:
    assert codes(SICHUAN.replace("| 200 | 人 | 210 |", "| 200人 | 人（次） | 210 |"), "sichuan") == []
    other = codes(SICHUAN.replace("| 200 | 人 | 210 |", "| 200次 | 人（次） | 210 |"), "sichuan")
    assert [said[:4] for said in other] == ["T102"]


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
    sheet = drawn("24_chongqing_media").sheet
    before, after, done = (23, 5), (23, 6), (23, 7)
    assert (sheet.text(before), sheet.text(after), sheet.text(done)) == ("", "≥6次", "12次")
    sheet.cells |= {before: "≥26次", after: "≥12次"}
    said = [one for one in checked(sheet, "chongqing") if one.code == "T125"]
    assert [(one.at, one.message.partition("；")[0]) for one in said] == [
        ("indicators.15.target", "指标值 ≥12次，年初指标值是 ≥26次，定得更低了，没有写原因")
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
    """Also in forms whose own drawing has none."""
    text = (FOLDER / scheme / "form.txt").read_text("utf-8").splitlines()
    columns = next(line for line in text if line.startswith(("* 一级指标", "* 指标名称"))).removeprefix("* ")
    columns = " | ".join(word for word in columns.split(" | ") if "原因" not in word)
    values = " | ".join("^" if n == 0 else str(n) for n in range(columns.count("|") + 1))
    (form,) = read_forms(PaperSheet(f"{columns} | {heading}\n产出指标{values[1:]} | 下雨"))
    assert form.tables[0].rows[0].cells["reason"] == (2, columns.count("|") + 2)


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


@pytest.mark.parametrize(("note", "asked"), [("", 1), ("无", 1), ("工程结算后支付", 0)])
def test_a_note_beside_the_money_may_tell_why_little_was_spent(note: str, asked: int) -> None:
    sheet = example("zhongshan_12345_2022")
    cells = fill_sheet(example("zhongshan_12345_2022"), load_scheme("zhongshan_2022")).placement.cells
    type_into(sheet, cells["budget.spent"], "1,000,000.00")
    type_into(sheet, cells["budget.note"], note)
    assert [one.code for one in checked(sheet, "zhongshan_2022")].count("B108") == asked
