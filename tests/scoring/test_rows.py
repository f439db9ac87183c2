"""What one row earns of its weight, and what is said beside it: one line for each case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drawn import form
from workbook_tools.forms.form import Evaluated, Line, Table
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring import score
from workbook_tools.values import format_value


def lines(cases: str) -> list[str]:
    return [line for line in cases.splitlines() if line.strip()]


def said(line: Line) -> str:
    """What stands in the cell and beside it."""
    value = "?" if line.value is None else str(line.value)
    return f"{value}：{line.why}" + (f"；请看：{line.hint}" if line.hint else "")


# coefficient | target | actual value | what a row of 20 points earns
COEFFICIENTS = """
    60     | ≥100 | 60  | 12.00：20 × 60% → 12.00
    60%    | ≥100 | 60  | 12.00：20 × 60% → 12.00
    60分   | ≥100 | 60  | 12.00：20 × 60% → 12.00
    0      | ≥100 | 0   | 0.00：20 × 0% → 0.00
    100    | ≥100 | 120 | 20.00：20 × 100% → 20.00
    0.5    | 良好  | 良好 | 0.10：20 × 0.5% → 0.10
    80     | ≥100 | 60  | 16.00：20 × 80% → 16.00；请看：得分系数填 80%；60 ÷ 100，一般是 60.00%
    80     | 100  | 60  | 16.00：20 × 80% → 16.00；请看：得分系数填 80%；指标值没有写≥或≤，如果是越高越好：60 ÷ 100，一般是 60.00%
    80     | 100  | 100 | 16.00：20 × 80% → 16.00；请看：得分系数填 80%；完成 100，达到指标值“100”，一般是 100.00%
    80     | 100  | 120 | 16.00：20 × 80% → 16.00；请看：得分系数填 80%；完成 120，达到指标值“100”，一般是 100.00%
    80     | ≥100 | 0   | 16.00：20 × 80% → 16.00；请看：得分系数填 80%；0 ÷ 100，一般是 0.00%
    80     | 良好  | 良好 | 16.00：20 × 80% → 16.00
    66.67  | ≥3   | 2   | 13.33：20 × 66.67% → 13.33
    100.01 | ≥100 | 60  | ?：填的“100.01”不在 0～100 之间，请改正（60 ÷ 100，一般是 60.00%）
    -1     | ≥100 | 60  | ?：填的“-1”不在 0～100 之间，请改正（60 ÷ 100，一般是 60.00%）
    60人   | ≥100 | 60  | ?：填的“60人”不在 0～100 之间，请改正（60 ÷ 100，一般是 60.00%）
    很好   | ≥100 | 60  | ?：填的“很好”不在 0～100 之间，请改正（60 ÷ 100，一般是 60.00%）
           | ≥100 | 60  | ?：请填写得分系数（0～100）（60 ÷ 100，一般是 60.00%）
    未计算的公式 | ≥100 | 60 | ?：请填写得分系数（0～100）（60 ÷ 100，一般是 60.00%）
           | 良好  | 良好 | ?：请填写得分系数（0～100）
"""


@pytest.mark.parametrize("case", lines(COEFFICIENTS))
def test_a_coefficient_is_the_persons_and_the_usual_one_is_told(case: str) -> None:
    coefficient, target, actual, expected = (part.strip() for part in case.split("|"))
    drawn = f"name | weight | target | actual | score | coefficient\n培训 | 20 | {target} | {actual} | | {coefficient}"
    found = score(form(drawn), load_scheme("hebei")).lines
    if expected.startswith("?"):
        assert said(found["indicators.1.coefficient"]) == expected
        assert said(found["indicators.1.score"]) == "?：得分系数还没有定下来"
    else:
        assert "indicators.1.coefficient" not in found
        assert said(found["indicators.1.score"]) == expected


# where the rules are not known: target | actual value | score | reason | what a row of 20 points earns
GENERAL = """
    ≥100 | 60  | 12 |      | 12.00：60 ÷ 100，一般得 12.00 分；按填表人自评
    ≥100 | 60  | 15 |      | 15.00：60 ÷ 100，一般得 12.00 分；按填表人自评；请看：填的是 15；60 ÷ 100，一般得 12.00 分，请写明原因
    ≥100 | 60  | 15 | 疫情  | 15.00：60 ÷ 100，一般得 12.00 分；按填表人自评；请看：填的是 15；60 ÷ 100，一般得 12.00 分
    100  | 60  | 15 | 疫情  | 15.00：60 ÷ 100，一般得 12.00 分；按填表人自评；请看：填的是 15；指标值没有写≥或≤，如果是越高越好：60 ÷ 100，一般得 12.00 分
    100  | 100 | 15 | 疫情  | 15.00：完成 100，达到指标值“100”，一般得 20.00 分；按填表人自评；请看：填的是 15；完成 100，达到指标值“100”，一般得 20.00 分
    ≤5   | 8   | 20 | 疫情  | 20.00：越低越好：5 ÷ 8，一般得 12.50 分；按填表人自评；请看：填的是 20；越低越好：5 ÷ 8，一般得 12.50 分
    ≤5   | 4   | 15 | 疫情  | 15.00：完成 4，达到指标值“≤5”，一般得 20.00 分；按填表人自评；请看：填的是 15；完成 4，达到指标值“≤5”，一般得 20.00 分
    ≥100 | 0   | 5  | 疫情  | 5.00：0 ÷ 100，一般得 0.00 分；按填表人自评；请看：填的是 5；0 ÷ 100，一般得 0.00 分
    ≥100 | 60  |    |      | ?：60 ÷ 100，一般得 12.00 分；请按完成情况在这里填 0～20 分
    良好  | 良好 | 15 |      | 15.00：“良好”对“良好”不能相除，按定性指标；按填表人自评
"""


@pytest.mark.parametrize("case", lines(GENERAL))
def test_where_the_rules_are_not_known_the_score_is_the_persons_and_the_usual_one_is_told(case: str) -> None:
    *row, expected = (part.strip() for part in case.split("|"))
    drawn = f"name | weight | target | actual | score | reason\n培训 | 20 | {' | '.join(row)}"
    assert said(score(form(drawn), load_scheme("anhui")).lines["indicators.1.score"]) == expected


def test_a_row_that_shares_the_points_of_its_group_has_no_usual_score() -> None:
    found = score(form("name | target | actual | score\n培训 | ≥100 | 60 | 15"), load_scheme("hubei")).lines
    assert said(found["indicators.1.score"]) == "15.00：60 ÷ 100；按填表人自评"


# scheme | target | actual value | criteria | score | what a row of 10 points earns
RULED = """
    national_2020  | ≥100 | 120 |   |   | 10.00：完成 120，达到指标值“≥100”，记满分 10
    national_2020  | ≥100 | 60  |   |   | 6.00：10 × 60.00%（60 ÷ 100）→ 6.00
    national_2020  | 机制健全 | 部分达成预期指标 | | 7 | 7.00：“机制健全”对“部分达成预期指标”不能相除，按定性指标；“部分达成预期指标”得分值的 60%～80%；按填表人自评
    national_2020  | 机制健全 | 良好 | | 3 | 3.00：“机制健全”对“良好”不能相除，按定性指标；按填表人自评
    guangzhou_petition_2022 | 100 | 达到年度指标值 | | | 10.00：写明“达到年度指标值”，记满分 10
    guangzhou_petition_2022 | 100 | 未达到年度指标值 | | | ?：“100”对“未达到年度指标值”不能相除，按定性指标；请按完成情况在这里填 0～10 分
    guangzhou_petition_2022 | 100 | 已经达到年度指标值 | | | 10.00：写明“达到年度指标值”，记满分 10
    fujian | 9个 | 8个 | 少检查一个扣1分，扣完为止 | | 9.00：9个 - 8个 = 1个，少检查一个扣1分：10 - 1 → 9.00
    fujian | 9个 | 9个 | 少检查一个扣1分，扣完为止 | | 10.00：
    fujian | 9个 | 8个 | 酌情扣分 | 4 | 4.00：本行自定的评分标准无法识别；按填表人自评
    fujian | ≥9个 | 8个 |          | 4 | 4.00：8个 ÷ 9个，一般得 8.89 分；按填表人自评；请看：填的是 4；8个 ÷ 9个，一般得 8.89 分，请写明原因
"""


@pytest.mark.parametrize("case", lines(RULED))
def test_a_row_earns_what_the_rules_of_its_scheme_give(case: str) -> None:
    scheme, *row, expected = (part.strip() for part in case.split("|"))
    drawn = f"name | weight | target | actual | criteria | score\n培训 | 10 | {' | '.join(row)}"
    assert said(score(form(drawn), load_scheme(scheme)).lines["indicators.1.score"]).startswith(expected)


@pytest.mark.parametrize(
    ("scheme", "columns", "rate"),
    [
        ("zhongshan_2022", "", "60.00%"),  # its points are in proportion to the rate
        ("national_2020", "", None),
        ("national_2020", " | rate", "60.00%"),  # the form has a column for it
    ],
)
def test_a_rate_is_given_where_points_follow_from_it_or_the_form_has_a_column(
    scheme: str, columns: str, rate: str | None
) -> None:
    drawn = f"name | weight | target | actual | score{columns}\n培训 | 10 | 100 | 60 | {columns[:2]}"
    found = score(form(drawn), load_scheme(scheme)).lines
    line = found.get("indicators.1.rate")
    assert (format_value(line.value) if line and line.value is not None else None) == rate
    assert ("indicators.1.rate" in found["indicators.1.score"].depends_on) is (rate is not None)


# amounts planned and spent | name of the row | score typed | what its 10 points earn
MONEY = """
    100 | 90 | 预算完成率  |   | 9.00：10 × 90.00% → 9.00
    100 | 90 | 预算 完成率 |   | 9.00：10 × 90.00% → 9.00
    100 |    | 预算完成率  | 9 | ?：预算完成率暂时无法计算
    100 | 90 | 预算编制    | 7 | 7.00：“很好”对“很好”不能相除，按定性指标；按填表人自评
"""


@pytest.mark.parametrize("case", lines(MONEY))
def test_the_row_of_an_indicator_may_have_its_points_from_the_money(case: str) -> None:
    initial, spent, name, typed, expected = (part.strip() for part in case.split("|"))
    drawn = f"group | name | weight | target | actual | score\nfinance | {name} | 10 | 很好 | 很好 | {typed}"
    found = score(form(drawn, initial=initial, spent=spent), load_scheme("guangzhou_petition_2022")).lines
    assert said(found["indicators.1.score"]) == expected


# points of the evaluators | what a row of 10 points earns, whose target is missed
EVALUATED = """
    8 9    | 8.50：每位成员评分算术平均：(8 + 9) ÷ 2
    10 10  | 10.00：每位成员评分算术平均：(10 + 10) ÷ 2
    0 0    | 0.00：每位成员评分算术平均：(0 + 0) ÷ 2
    0.5    | 0.50：每位成员评分算术平均：只有一位评分
    10 11  | ?：评委的平均分 10.50 不在 0～10 之间，请核对
    -1 0   | ?：评委的平均分 -0.50 不在 0～10 之间，请核对
    8 很好  | ?：评委的评分还没有齐
    无     | 6.00：10 × 60.00%（60 ÷ 100）→ 6.00
"""


@pytest.mark.parametrize("case", lines(EVALUATED))
def test_a_row_earns_the_mean_of_what_the_evaluators_gave_it(case: str) -> None:
    points, expected = (part.strip() for part in case.split("|"))
    drawn = form("name | weight | target | actual | score\n培训 | 10 | ≥100 | 60 | 3")
    found = score(replace(drawn, evaluators=(Evaluated("培训", tuple(points.split())),)), load_scheme("national_2020"))
    assert said(found.lines["indicators.1.score"]) == expected


@pytest.mark.parametrize(
    ("received", "earned", "of"),
    [
        ("100", "10.00：完成 100%，达到指标值“≥95%”，记满分 10", ("indicators.1.actual",)),
        ("无法读取", "?：完成 40%，没有达到指标值“≥95%”，原文没有写明怎样减分；请按完成情况在这里填 0～10 分", ()),
    ],
)
def test_an_actual_value_that_follows_from_a_table_goes_before_the_typed_one(
    received: str, earned: str, of: tuple[str, ...]
) -> None:
    scheme = load_scheme("guangzhou_department_2023")
    statistic = scheme.statistics[0]
    month = {statistic.whole: "100", statistic.part[0]: received}
    drawn = form(f"group | name | weight | target | actual | score\nresult | {statistic.row} | 10 | ≥95% | 40% | ")
    found = score(replace(drawn, tables={statistic.table: Table((month,), {})}), scheme).lines["indicators.1.score"]
    assert said(found) == earned
    assert found.depends_on == of
