"""Which rows and which 一级指标 count, and how the rows of one share its points: one line for each case."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from drawn import form, rows
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring import score
from workbook_tools.scoring.groups import marks, printed_points, rows_in_use, used_groups

COLUMNS = "name | weight | target | initial | actual | score"
MONEY = {"initial": "100", "revised": "100", "spent": "100"}

# a row: name | weight | target | initial target | actual value | score | whether it counts
COUNTED = """
    培训人数   | 10 | 200人 | | 210人 | 10 | yes
    培训人数   |    |       | |       |    | yes
    无        |    |       | |       |    | no
    无        | — | /     | 无 | —    | — | no
    无        | 0  |       | |       | 0  | no
    无        | 未计算的公式 | | | | 未计算的公式 | no
    无        | 10 |       | |       |    | yes
    无        |    | 200人 | |       |    | yes
    无        |    |       | 200人 |  |    | yes
    无        |    |       | | 210人 |    | yes
    无        |    |       | |       | 3  | yes
    指标1：    |    |       | |       |    | no
    其中：女性 |    | 50人  | | 60人  |    | no
    其中：女性 | — | 50人  | | 60人  | 0  | no
    ★其中女性 |    | 50人  | | 60人  | 未计算的公式 | no
    其中：女性 | 10 | 50人  | | 60人  |    | yes
    其中：女性 |    | 50人  | | 60人  | 3  | yes
    培训人数   | /  | 200人 | | 210人 |    | no
    培训人数   | /  | 200人 | | 210人 | 0  | no
    培训人数   | /  | 200人 | | 210人 | 10 | yes
"""


def lines(cases: str) -> list[str]:
    return [line for line in cases.splitlines() if line.strip()]


@pytest.mark.parametrize("case", lines(COUNTED))
def test_a_row_counts_unless_it_is_spare_or_a_part_or_not_assessed(case: str) -> None:
    row, _, counts = case.rpartition("|")
    found = rows_in_use(rows(f"{COLUMNS}\n{row}"))
    assert [field for field, _ in found] == (["indicators.1"] if counts.strip() == "yes" else [])


@pytest.mark.parametrize(
    ("second", "counted"),
    [
        ("培训人数 | | | | |", False),
        ("培训人数 | 0 | | | | 0", False),
        ("培训人数 | | 50人 | | |", True),
        ("培训次数 | | | | |", True),
        ("其中：女性 | | 50人 | | 60人 |", False),
    ],
)
def test_a_blank_line_under_a_name_that_is_merged_over_it_does_not_count(second: str, counted: bool) -> None:
    found = rows_in_use(rows(f"{COLUMNS}\n培训人数 | 10 | 200人 | | 210人 | 10\n{second}"))
    assert [field for field, _ in found] == ["indicators.1"] + ["indicators.2"] * counted


# scheme | rows, each with group, weight | the groups that the form needs
NEEDED = """
    guangzhou_2021 | output 50, benefit 40    | execution output benefit
    guangzhou_2021 | output 50                | execution output benefit
    guangzhou_2021 | output 90                | execution output
    guangzhou_2021 | output 50, output 40     | execution output
    guangzhou_2021 | output 90, output 无法读取 | execution output
    guangzhou_2021 | output 50, other 40      | execution output OTHER
    guangzhou_2021 |                          | execution output benefit
    sichuan        | output 50                | output
    sichuan        |                          | output benefit satisfaction
    zhongshan_2022 | output 50                | process output benefit
    guangzhou_department_2023 | management 100 | management result
"""


@pytest.mark.parametrize("case", lines(NEEDED))
def test_a_group_without_rows_is_needed_unless_the_others_make_100_points(case: str) -> None:
    name, drawn, needed = (part.strip() for part in case.split("|"))
    rows_drawn = [words.split() for words in drawn.split(",") if words.strip()]
    text = "\n".join(
        f"{group.replace('other', '')} | 培训{n} | {weight} | 1" for n, (group, weight) in enumerate(rows_drawn)
    )
    found = used_groups(form(f"group | name | weight | score\n{text}"), load_scheme(name))
    assert [group.name or "OTHER" for group in found] == needed.split()


def test_a_rate_of_money_that_earns_points_which_nobody_knows_adds_none_of_them() -> None:
    scheme = load_scheme("guangzhou_2021")
    unknown = replace(scheme, budget=(replace(scheme.budget[0], points=None),))
    found = used_groups(form("name | weight | score\n培训 | 100 | 1"), unknown)
    assert [group.name for group in found] == ["output"]


@pytest.mark.parametrize(
    ("scheme", "cells", "earning"),
    [
        ("guangzhou_2021", {}, True),  # its notice gives the points
        ("sichuan", {}, False),
        ("sichuan", {"execution_score": ""}, True),  # the form has a cell for them
        ("fujian", {"execution_score": ""}, False),  # its notice gives no points for it
        ("guangzhou_petition_2022", {"execution_score": ""}, False),  # they stand in the row of an indicator
    ],
)
def test_money_earns_points_where_the_notice_or_the_form_has_a_place_for_them(
    scheme: str, cells: dict[str, str], earning: bool
) -> None:
    found = used_groups(form("name | weight | score\n培训 | 90 | 1", **cells), load_scheme(scheme))
    assert any(group.weights == "rules" for group in found) is earning


@pytest.mark.parametrize("change", [{"rule": "none"}, {"row": "预算调整率"}], ids=["only a rate", "in a row"])
def test_a_rate_of_money_that_earns_nothing_by_itself_is_no_part_of_the_subtotal(change: dict[str, Any]) -> None:
    scheme = load_scheme("guangzhou_2021")
    second = replace(scheme.budget[0], field="adjustment", **change)
    found = score(
        form("name | weight | score\n培训 | 90 | 1", **MONEY), replace(scheme, budget=(*scheme.budget, second))
    )
    assert found.lines["groups.execution"].depends_on == ("budget.execution.score",)


@pytest.mark.parametrize(
    ("label", "points"),
    [
        ("产出指标(50分)", "50"),
        ("产出指标（50）", "50"),
        ("产出指标 (12.5分)", "12.5"),
        ("产出指标50分", "50"),
        ("产出指标", None),
        ("产出指标50", None),
        ("", None),
        (None, None),
    ],
)
def test_the_points_that_are_printed_after_a_name(label: str | None, points: str | None) -> None:
    assert printed_points(label) == (None if points is None else Decimal(points))


@pytest.mark.parametrize(
    ("weights", "points", "total"),
    [
        ("13.33 13.33 13.33", "40", "40"),  # they share the 40 points evenly
        ("13.33 13.33 13.34", "40", "40.00"),
        ("13.33 13.33 13.32", "40", "39.98"),
        ("13.33 13.33 13.33", None, "39.99"),
        ("10 10", "40", "20"),
    ],
)
def test_the_sum_of_the_weights_of_a_group(weights: str, points: str | None, total: str) -> None:
    assert marks([Decimal(word) for word in weights.split()], Decimal(points) if points else None, 2) == Decimal(total)


# scheme | rows, each with group, label, weight | the sum of all weights with the 10 points of the money, or none
FULL = """
    guangzhou_2021 | output 产出 50, benefit 效益 13.33, benefit 效益 13.33, benefit 效益 13.33 | 100
    guangzhou_2021 | output 产出 50, benefit 效益 13, benefit 效益 13, benefit 效益 13          | 99
    guangzhou_2021 | output 产出 50, benefit 效益 13, benefit 效益 无法读取                      | none
    guangzhou_2021 | output 产出(20分) 6.67, output 产出(20分) 6.67, output 产出(20分) 6.67, benefit 效益 40 | 70
    guangzhou_2021 | output 产出 50, benefit 效益 30, other 其他(20分) 6.67, other 其他(20分) 6.67, other 其他(20分) 6.67 | 110
    guangzhou_department_2023 | management 管理 100, result 结果 100 | none
    zhongshan_2022 | output 产出 20, benefit 效益 20 | none
"""


@pytest.mark.parametrize("case", lines(FULL))
def test_the_sum_of_all_weights_is_known_where_the_form_prints_them_all(case: str) -> None:
    name, drawn, full = (part.strip() for part in case.split("|"))
    rows_drawn = [words.split() for words in drawn.split(",")]
    text = "\n".join(
        f"{g.replace('other', '')} | 培训{n} | {label} | {weight} | 1"
        for n, (g, label, weight) in enumerate(rows_drawn)
    )
    found = score(form(f"group | name | label | weight | score\n{text}", **MONEY), load_scheme(name)).full
    assert found == (None if full == "none" else Decimal(full))


# benefit and satisfaction share 40 points in Hubei: scores and labels of both | what is said about their sum
TOGETHER = """
    30 效益指标      | 10 满意度指标      |
    30 效益指标      | 15 满意度指标      | asks 效益指标、满意度指标各行相加 45.00，超过合计 40 分
    30 效益指标(30分) | 10 满意度指标(10分) |
    30 效益指标(30分) | 10 满意度指标(20分) | hints 效益指标、满意度指标印的分值合计 50，原文是合计 40 分
    30 效益指标(30分) | 10 满意度指标      |
    30 效益指标      | 无法读取 满意度指标  | hints
"""


@pytest.mark.parametrize("case", lines(TOGETHER))
def test_groups_that_share_points_have_no_more_of_them_together(case: str) -> None:
    benefit, satisfaction, said = (part.strip() for part in case.split("|"))
    (one, first), (other, second) = benefit.split(), satisfaction.split()
    text = f"group | name | label | score\nbenefit | 就业 | {first} | {one}\nsatisfaction | 满意度 | {second} | {other}"
    line = score(form(text), load_scheme("hubei")).lines["groups.satisfaction"]
    kind, _, words = said.partition(" ")
    if kind == "asks":
        assert line.value is None
        assert words in line.why
    elif kind == "hints":
        assert words in line.hint
    else:
        assert (line.value, line.hint) == (Decimal(10), "")


# label | weight | score, of two rows of 产出指标, which shares 40 points or prints its own | its subtotal, or what it asks
SHARED = """
    产出指标      | 20 20 | 40.00
    产出指标      | 30 20 | 各行相加 50.00，超过产出指标 40 分，请核对
    产出指标(60分) | 30 20 | 50.00
    产出指标(60分) | 55 20 | 各行相加 75.00，超过产出指标 60 分，请核对
    产出指标(60分) | 65 20 | 先不合计
    产出指标      | 45 20 | 先不合计
"""


@pytest.mark.parametrize("case", lines(SHARED))
def test_rows_that_share_the_points_of_their_group_have_no_more_of_them(case: str) -> None:
    label, scores, said = (part.strip() for part in case.split("|"))
    text = "\n".join(f"培训{n} | {label} | {words}" for n, words in enumerate(scores.split()))
    line = score(form(f"name | label | score\n{text}"), load_scheme("hubei")).lines["groups.output"]
    assert said in (str(line.value) if line.value is not None else line.why)


# scheme | group | weight | score | what the line of the row's weight or score says
WEIGHTS = """
    guangzhou_2021 | output |      | 10 | weight 分值是空的，请填写
    guangzhou_2021 | output | 很多  | 10 | weight 分值写的是“很多”，无法读取分值，请填写
    guangzhou_2021 | output | -5   | 10 | weight 分值写的是“-5”，无法读取分值，请填写
    guangzhou_2021 | output | 0.5  | 1  | score 填的“1”不在 0～0.5 之间
    guangzhou_2021 | output | 0    | 1  | score 填的“1”不在 0～0 之间
    hubei          | output | 10   | 12 | score 填的“12”不在 0～10 之间
    hubei          | output |      | 12 | weight 分值是空的，请填写
    guangzhou_2021 | other  | 10   | 10 | hint 一级指标“项目管理”不是本办法的一级指标，请核对
    guangzhou_2021 | output | 10   | 10 | hint -
    sichuan        | other  | 10   | 10 | hint -
"""


@pytest.mark.parametrize("case", lines(WEIGHTS))
def test_a_row_has_the_weight_that_is_printed(case: str) -> None:
    scheme, group, weight, points, said = (part.strip() for part in case.split("|"))
    text = f"{group.replace('other', '')} | 项目管理 | 培训 | {weight} | 1 | 良好 | {points}"
    found = score(form(f"group | label | name | weight | target | actual | score\n{text}"), load_scheme(scheme)).lines
    where, _, words = said.partition(" ")
    if where == "weight":
        assert words in found["indicators.1.weight"].why
        assert found["indicators.1.score"].why == "权重还定不下来"
    else:
        assert "indicators.1.weight" not in found
        line = found["indicators.1.score"]
        assert words in (line.why if where == "score" else line.hint or "-")


# a row of a form that shares the points evenly: name | target | actual | score | kind | what it asks, if anything
QUESTIONS = """
    培训人数 | 100 | 60  |   | 数量指标 |
    无      |     |     |   | 数量指标 |
    无      | —   | /   |   | 数量指标 |
    无      |     |     | 0 | 数量指标 |
    无      | 100 |     |   | 数量指标 | 指标内容写“无”，却填了指标值或完成值，请改成一致
    无      | —   | 60  |   | 数量指标 | 指标内容写“无”，却填了指标值或完成值，请改成一致
    无      |     |     | 5 | 数量指标 | 这一行没有指标，却有得分“5”，请改成一致
            | 100 |     |   | 数量指标 | 指标内容是空的，请填写
            |     | 60  |   | 数量指标 | 指标内容是空的，请填写
            |     |     |   | 数量指标 | 这一行没有填写；不考核的请在指标内容里写“无”
            |     |     |   | ……     |
            |     |     |   |         |
            |     |     | 5 |         | 这一行没有指标，却有得分“5”，请改成一致
    指标2： |     |     |   | 数量指标 |
"""


@pytest.mark.parametrize("case", lines(QUESTIONS))
def test_a_row_that_names_no_indicator_is_not_used_or_is_asked_about(case: str) -> None:
    *row, asks = (part.strip() for part in case.split("|"))
    text = f"name | target | actual | score | kind\n培训场次 | 100 | 100 | | 数量指标\n{' | '.join(row)}"
    found = score(form(text), load_scheme("zhongshan_2022")).lines
    if asks:
        assert found["indicators.2.score"].why == asks
        assert found["indicators.1.weight"].why == "产出指标还有没填写的行，m 定不下来"
        assert found["groups.output"].value is None
    else:
        used = 1 + ("indicators.2.score" in found)
        assert found["counts.output"].value == Decimal(used)
        assert found["indicators.1.weight"].why == f"40 ÷ m，m={used} 行 → {Decimal(40) / used:.2f}"
        assert (used == 2) is (row[0] == "培训人数")


def test_a_group_that_shares_its_points_evenly_needs_a_row() -> None:
    found = score(form("name | target | actual | score\n无 | | | "), load_scheme("zhongshan_2022")).lines
    assert found["groups.output"].value is None
    assert found["groups.output"].why == "产出指标没有在用的指标行，请填写指标；“无”的行不计"


@pytest.mark.parametrize(
    ("target", "actual", "subtotal", "why"),
    [
        ("100", "99", "39.60", "各行相加"),
        ("100", "100", "40.00", "各行相加"),
        ("100", "120", "40.00", "各行相加 48.00，封顶 40"),
    ],
)
def test_a_subtotal_is_capped_by_the_points_of_its_group(target: str, actual: str, subtotal: str, why: str) -> None:
    text = f"name | target | actual | score\n培训场次 | {target} | {actual} | "
    line = score(form(text), load_scheme("zhongshan_2022")).lines["groups.output"]
    assert (str(line.value), line.why) == (subtotal, why)


# scheme | label of the rows | their weights | what is said about the sum
SUMS = """
    guangzhou_2021 | 产出指标      | 30 20 | -
    guangzhou_2021 | 产出指标      | 30 19 | 产出各行分值合计 49，原文是 50 分；按规定调整了的不用改
    guangzhou_2021 | 产出指标(60分) | 30 20 | 产出各行分值合计 50，应为 60
    guangzhou_2021 | 产出指标(60分) | 40 20 | -
    guangzhou_2021 | 产出指标      | 30 无法读取 | -
    sichuan        | 产出指标      | 30 20 | -
"""


@pytest.mark.parametrize("case", lines(SUMS))
def test_the_weights_of_a_group_make_its_points(case: str) -> None:
    scheme, label, weights, said = (part.strip() for part in case.split("|"))
    text = "\n".join(f"培训{n} | {label} | {words} | 1" for n, words in enumerate(weights.split()))
    found = score(form(f"name | label | weight | score\n{text}"), load_scheme(scheme)).lines
    assert (found["groups.output"].hint or "-") == said
