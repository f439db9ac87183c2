"""What a row earns beside its target, and the question where its figures leave it open: one line for each case."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from workbook_tools.forms.form import Indicator
from workbook_tools.schemes.scheme import INVERSES, RATES
from workbook_tools.scoring.comparing import (
    ORDINARY,
    actual_words,
    compare,
    qualitative,
    short,
    step_points,
    target_words,
)
from workbook_tools.values import plain, read_step

# rate and inverse of the rules · indicator value · actual value · what it earns of the weight, or ? · words of the reason
CASES = """
    proportion judged | 100    | 60     | 60 ÷ 100 | 60 ÷ 100
    proportion judged | 100    | 120    | 120 ÷ 100 | 120 ÷ 100
    proportion judged | 100    | 0      | 0 ÷ 100  | 0 ÷ 100
    proportion judged | 100    | -60    | ?        | 完成值 -60 是负数，请核对
    proportion judged | 0      | 60     | ?        | 指标值是 0，不能作除数
    proportion judged | ≥100   | 100余  | ?        | 不是确数，不能相除
    proportion judged | ≤5     | 4      | ?        | 原文没有写明算法
    proportion judged | ≤5     | 5      | 5 ÷ 5    | 5 ÷ 5
    proportion ratio  | ≤5     | 4      | 4 ÷ 5    | 4 ÷ 5
    capped ratio      | ≥100   | 120    | 1 ÷ 1    | 完成 120，达到指标值“≥100”
    capped ratio      | ≥100   | 60     | 60 ÷ 100 | 60 ÷ 100
    capped ratio      | >100   | 100    | ?        | 没有达到指标值“>100”
    capped ratio      | <5     | 5      | ?        | 没有达到指标值“<5”
    capped ratio      | <5     | 4      | 1 ÷ 1    | 达到指标值“<5”
    capped ratio      | ≤5     | 8      | 5 ÷ 8    | 越低越好：5 ÷ 8
    capped ratio      | ≤5     | 0      | 1 ÷ 1    | 达到指标值“≤5”
    capped ratio      | ≤0     | 3      | 0 ÷ 3    | 越低越好：0 ÷ 3
    capped ratio      | 0      | 3      | ?        | 没有写≥或≤，不能作除数
    capped ratio      | 0      | 0      | 1 ÷ 1    | 达到指标值“0”
    capped ratio      | ≥0     | 3      | 1 ÷ 1    | 达到指标值“≥0”
    capped ratio      | ≥100   | -60    | ?        | 指标值 100、完成值 -60 中有负数
    capped ratio      | ≥-5    | 1      | ?        | 指标值 -5、完成值 1 中有负数
    capped ratio      | ≥0.1   | 0.12345678  | 1 ÷ 1 | 完成 0.12345678，
    capped ratio      | ≥0.1   | 0.123456789 | 1 ÷ 1 | 完成 0.12，
    capped linear     | ≤5     | 8      | 2 ÷ 5    | 越低越好：1 - (8 - 5) ÷ 5
    capped linear     | ≤5     | 10     | 0 ÷ 5    | 越低越好：1 - (10 - 5) ÷ 5
    capped linear     | ≤5     | 20     | 0 ÷ 5    | 越低越好：1 - (20 - 5) ÷ 5
    capped linear     | ≤0     | 3      | 0 ÷ 1    | 3 超过 0，不得分
    capped zero       | ≤5     | 8      | 0 ÷ 1    | 8 超过 5，不得分
    capped judged     | ≤5     | 8      | ?        | 原文没有写明怎样减分
    met judged        | ≥100   | 99     | ?        | 原文没有写明怎样减分
    met judged        | 100    | 100    | 1 ÷ 1    | 达到指标值“100”
    met ratio         | ≤5     | 8      | 5 ÷ 8    | 越低越好：5 ÷ 8
    capped ratio      | 100次  | 60人   | ?        | 单位不同，请写成一样的
    capped ratio      | 100次  | 60     | 60 ÷ 100 | 60 ÷ 100次
    capped ratio      | ≥95%   | 90     | 90 ÷ 95  | 90 ÷ 95%
    capped ratio      | ≥95%   | 0      | 0 ÷ 95   | 0 ÷ 95%
    capped ratio      | ≥95%   | 2      | ?        | 一个是百分数、一个不是
    capped ratio      | ≥95%   | 0.9    | ?        | 一个是百分数、一个不是
    capped ratio      | ≥95%   | 3      | 3 ÷ 95   | 3 ÷ 95%
    capped ratio      | ≥95%   | 90次   | ?        | 一个是百分数、一个不是
    capped ratio      | ≥95    | 90%    | ?        | 一个是百分数、一个不是
    capped ratio      | ≥95    | 0.9    | ?        | 相差太大，0.9 可能是 90%
    capped ratio      | ≥100   | 2      | ?        | 相差太大，2 可能是 200%
    capped ratio      | ≥99    | 2      | 2 ÷ 99   | 2 ÷ 99
    capped ratio      | ≥3     | 2      | 2 ÷ 3    | 2 ÷ 3
    capped ratio      | ≥2     | 0.01   | 0.01 ÷ 2 | 0.01 ÷ 2
    capped ratio      | ≥95    | 0      | 0 ÷ 95   | 0 ÷ 95
    capped ratio      | ≥95%   | 0.96%  | ?        | 相差太大，0.96% 可能是 96%，请核对
    capped ratio      | ≥95%   | 9600%  | ?        | 相差太大，9600% 可能是 96%，请核对
    proportion judged | 99.73% | 9980%  | ?        | 相差太大，9980% 可能是 99.8%，请核对
    capped ratio      | ≥95%   | 2%     | 2 ÷ 95   | 2% ÷ 95%
    capped ratio      | ≥95%   | 0%     | 0 ÷ 95   | 0% ÷ 95%
    capped ratio      | ≤95%   | 0.96%  | 1 ÷ 1    | 达到指标值“≤95%”
    capped ratio      | ≥2%    | 150%   | 1 ÷ 1    | 达到指标值“≥2%”
    capped ratio      | ≥30%   | 1200%  | 1 ÷ 1    | 达到指标值“≥30%”
    capped ratio      | 20231130  | 20231215  | ?     | “20231130”和“20231215”像是日期
    capped ratio      | ≤20231130 | 20231215  | ?     | 像是日期
    capped ratio      | 20231130  | 20231130  | 1 ÷ 1 | 达到指标值“20231130”
    capped ratio      | 20231130  | 20231315  | 1 ÷ 1 | 达到指标值“20231130”
    capped ratio      | 11.30  | 10.15  | 10.15 ÷ 11.3 | 10.15 ÷ 11.3
    capped ratio      | 45260  | 45000  | 45000 ÷ 45260 | 45000 ÷ 45260
    capped ratio      | 5万    | 3      | ?        | 只有一个写明万或亿
    capped ratio      | 5千    | 3      | ?        | 只有一个写明千
    capped ratio      | 5万    | 3万    | 30000 ÷ 50000 | 30000 ÷ 50000
    capped ratio      |        | 3      | ?        | 指标值是空的
    capped ratio      | 3      |        | ?        | 完成值是空的
    capped ratio      | 良好   | 3      | ?        | 不能相除，按定性指标
    capped ratio      | 3      | 良好   | ?        | 不能相除，按定性指标
"""


@pytest.mark.parametrize("case", [line for line in CASES.splitlines() if line.strip()])
def test_a_row_earns_what_the_rules_say(case: str) -> None:
    words, target, actual, earned, why = (part.strip() for part in case.split("|"))
    rate, inverse = words.split()
    rules = replace(
        ORDINARY,
        rate=next(word for word in RATES if word == rate),
        inverse=next(word for word in INVERSES if word == inverse),
    )
    found = compare(target, actual, rules, "数量指标", "场次")
    quotient = f"{plain(found.above)} ÷ {plain(found.below)}" if found.above is not None and found.below else "?"
    assert (quotient, why in found.why) == (earned, True), found
    assert found.known is (earned != "?")


# In a row of deadlines: indicator value · actual value · whether both may be days
DEADLINES = """
    11.30    | 10.15    | yes
    11.3     | 12.15    | yes
    ≤11.30   | 12.15    | yes
    11.30    | 11.30    | no
    11.30    | 13.15    | no
    11.30    | 10.45    | no
    11.30天  | 10.15    | no
    45260    | 45214    | yes
    45260    | 100      | no
    45260.5  | 45214    | no
    100      | 60       | no
    95       | 94.5     | no
"""


@pytest.mark.parametrize("case", [line for line in DEADLINES.splitlines() if line.strip()])
def test_bare_figures_of_a_deadline_that_may_be_days_are_not_divided(case: str) -> None:
    target, actual, dated = (part.strip() for part in case.split("|"))
    found = compare(target, actual, ORDINARY, "时效指标", "完成时间")
    assert ("像是日期" in found.why) is (dated == "yes")


# 指标性质 · 指标值 · 完成值 · 度量单位 · the target and the actual value as they are read together
COLUMNS = """
    ≥        | 95     | 96    | %         | ≥95%  | 96%
    ≥        | 95%    | 96    |           | ≥95%  | 96
    ＞＝     | 95     | 96    | %(百分比) | >=95% | 96%
    ≤        | 5      | 4     | 天        | ≤5天  | 4天
    =        | 8      | 8     | 个        | =8个  | 8个
    正向指标 | 95     | 96    | %         | ≥95%  | 96%
    反向指标 | 5      | 4     | 次        | ≤5次  | 4次
    逆向     | 5      | 4     | 次        | ≤5次  | 4次
    负向     | 5      | 4     | 次        | ≤5次  | 4次
    定性     | 95     | 96    | %         | 95    | 96%
    其他     | 95     | 96    | %         | 95%   | 96%
    2        | 95     | 96    | %         | 95%   | 96%
             | 95     | 96    | %         | 95%   | 96%
    ≤        | ≥95    | 96    | %         | ≥95%  | 96%
    ≥        | 98以上 | 99    | %         | ≥98%  | 99%
    ≥        | 98以上 | 99    |           | 98以上 | 99
    ≥        | 95     | 96    | 无        | ≥95   | 96
    ≥        | 95     | 96    | (人)      | ≥95人 | 96人
    ≥        | 95     | 96    | 12        | ≥95   | 96
    ≥        | 95     | 96    | .5        | ≥95   | 96
    ≥        | 健全   | 健全  | %         | 健全  | 健全
    ≥        |        |       | %         |       |
"""


@pytest.mark.parametrize("case", [line for line in COLUMNS.splitlines() if line.strip()])
def test_a_target_in_three_columns_is_read_as_one(case: str) -> None:
    op, target, actual, unit, wanted, reached = (part.strip() for part in case.split("|"))
    row = Indicator(group="", kind="", name="", op=op, target=target, actual=actual, unit=unit)
    assert (target_words(row), actual_words(row)) == (wanted, reached)


def test_the_initial_target_counts_where_it_was_not_adjusted() -> None:
    assert target_words(Indicator(group="", kind="", name="", target=" ", initial="≥95%")) == "≥95%"
    assert target_words(Indicator(group="", kind="", name="", target="≥90%", initial="≥95%")) == "≥90%"


@pytest.mark.parametrize(("op", "is_qualitative"), [("定性", True), ("定性指标", True), ("≥", False), ("", False)])
def test_a_row_says_that_it_is_qualitative(op: str, is_qualitative: bool) -> None:
    assert qualitative(Indicator(group="", kind="", name="", op=op)) is is_qualitative


# the rule of a row of 10 points · indicator value · actual value · points, ? where a person decides · words of the reason
STEPS = """
    每下降1%扣0.3分                  | ≥95% | 96%   | 10  | 完成 96%，按本行的规则“每下降1%扣0.3分”不扣分
    每下降1%扣0.3分                  | ≥95% | 95%   | 10  | 不扣分
    每下降1%扣0.3分                  | ≥95% | 94%   | 9.7 | 95% - 94% = 1%，每下降1%扣0.3分：10 - 0.3
    每下降1%扣0.3分                  | ≥95% | 92%   | 9.1 | 95% - 92% = 3%，每下降1%扣0.3分：10 - 0.3 × 3
    每下降1%扣5分                    | ≥95% | 93%   | 0   | 10 - 5 × 2
    每下降1%扣5分                    | ≥95% | 92%   | 0   | 10 - 5 × 3（扣完为止）
    每下降1%扣0.3分                  | ≥95% | 93.5% | ?   | 95% - 93.5% = 1.5%，不是 1% 的整数倍，规则没有写不足的怎样算
    每下降1%（不足1%按1%计算）扣1分  | ≥95% | 93.5% | 8   | 10 - 1 × 2
    90%以上得10分，每下降1%扣1分     | ≥95% | 89%   | 9   | 90% - 89% = 1%
    90%以上得12分，每下降1%扣1分     | ≥95% | 89%   | ?   | 本行的规则写满分 12 分，分值却是 10 分
    每超过1天扣1分                   | ≤5天 | 7天   | 8   | 7天 - 5天 = 2天
    每超过1天扣1分                   | ≤5天 | 4天   | 10  | 不扣分
    每超过1天扣1分                   | ≤5   | 7     | 8   | 7 - 5 = 2
    每超过1天扣1分                   | ≤5天 | 7次   | ?   | 单位与指标值、完成值不一致
    每下降1%扣1分                    | ≥95  | 94    | ?   | 单位与指标值、完成值不一致
    每下降1%扣1分                    | ≥95% | 94    | ?   | 单位与指标值、完成值不一致
    每下降1%扣1分                    | 良好 | 94%   | ?   | 但指标值或完成值无法读取数值
    每下降1%扣1分                    | ≥95% | 良好  | ?   | 但指标值或完成值无法读取数值
    每减少1人扣1分                   | ≥9人 | 5余人 | ?   | 但指标值或完成值无法读取数值
"""


@pytest.mark.parametrize("case", [line for line in STEPS.splitlines() if line.strip()])
def test_a_row_loses_points_for_each_step_of_its_own_rule(case: str) -> None:
    words, target, actual, points, why = (part.strip() for part in case.split("|"))
    step = read_step(words)
    assert step is not None
    row = Indicator(group="", kind="", name="", target=target, actual=actual)
    found, said = step_points(step, row, Decimal(10))
    assert ("?" if found is None else plain(found)) == points
    assert why in said


def test_a_long_text_is_told_by_its_first_words() -> None:
    assert short("一二三四五六七八九十一二三四五六") == "一二三四五六七八九十一二三四五六"
    assert short("一二三四五六七八九十一二三四五六七") == "一二三四五六七八九十一二三四五…"
    assert short(" 培训\n 人数 ") == "培训 人数"
