"""What a row earns beside its target, and the question where its figures leave it open: one line for each case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbook_tools.schemes.scheme import INVERSES, RATES
from workbook_tools.scoring.comparing import ORDINARY, compare
from workbook_tools.values import plain

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
