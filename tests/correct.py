"""Correct forms drawn as text, the examples on the page of a check, and what the checks find in a form."""

from __future__ import annotations

import re
from functools import cache

from workbook_tools.assess import assess_sheet
from workbook_tools.checks import CHECKS, Finding
from workbook_tools.excel.sheet import Sheet
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme

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


@cache
def examples(code: str) -> tuple[str, str]:
    """What the page of a check finds, and what it leaves alone."""
    page = CHECKS[code].page
    found, left = re.search(r"^查出：(.*)$", page, re.MULTILINE), re.search(r"^不查：(.*)$", page, re.MULTILINE)
    assert found, code
    assert left, code
    return found[1], left[1]


def checked(sheet: Sheet, scheme: str | Scheme) -> list[Finding]:
    """The findings of a form as it stands."""
    known = load_scheme(scheme) if isinstance(scheme, str) else scheme
    return [place.finding for place in assess_sheet(sheet, known).found]
