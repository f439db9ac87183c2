"""逆向指标: what a row takes away, the most of all rows together, and the event that costs the grade."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbook_tools.forms.form import Form, Indicator
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring.deductions import score_deductions, veto
from workbook_tools.scoring.judging import judge, level_of, level_said
from workbook_tools.scoring.scorecard import Scorecard

SCHEME = load_scheme("zhongshan_2022")
RULE = SCHEME.deductions
LEVELS = load_scheme("national_2020").indicators.levels


def lines(text: str) -> list[list[str]]:
    """The cells of the rows of a table."""
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]


# the most that the row takes away · 完成率 · 自评分 · points, ? where they are asked for · words of the reason
ROWS = """
    -10 | 未发生扣分行为。       |          | 0.00   | 写明“未发生扣分行为。”，不扣分
    -10 | 未发生扣分行为。       | 0        | 0.00   | 写明“未发生扣分行为。”，不扣分
    -10 | 未发生扣分行为。       | -1       | ?      | 写明“未发生扣分行为。”，却扣 1 分，请改成一致
    -10 | 无                     |          | 0.00   | 写明“无”，不扣分
    -10 | 未发生扣分，但材料迟交 | -5       | -5.00  | 按填表人自评
    -10 | 无证经营               |          | ?      | 请填扣分（负数）；没有发生就写“未发生扣分行为”
    -10 | 发生扣分行为。         | 0        | ?      | 写明“发生扣分行为。”，却填 0，请改成一致
    -10 | 已发生                 | 0        | ?      | 写明“已发生”，却填 0，请改成一致
    -10 | 发生扣分行为。         | -5       | -5.00  | 按填表人自评
    -10 | 发生0次                | 0        | 0.00   | 按填表人自评
    -10 | 迟交一次，扣5分        | 0        | ?      | 写明“迟交一次，扣5分”，却填 0，请改成一致
    -10 | 按规定不扣5分          | 0        | 0.00   | 按填表人自评
    -10 |                        |          | ?      | 请填扣分（负数）；没有发生就写“未发生扣分行为”
    -10 | —                      | 0        | 0.00   | 按填表人自评
    -10 |                        | -10      | -10.00 | 按填表人自评
    -10 |                        | -11      | ?      | 填的“-11”不对，扣分应为 -10～0，请改正
    10  |                        | -11      | ?      | 填的“-11”不对，扣分应为 -10～0，请改正
    -10 |                        | 1        | ?      | 填的“1”不对，扣分应为 -10～0，请改正
    -10 |                        | 0.5      | ?      | 填的“0.5”不对，扣分应为 -10～0，请改正
    -10 |                        | 扣五分   | ?      | 填的“扣五分”不对，扣分应为 -10～0，请改正
    -   |                        | -11      | -11.00 | 按填表人自评
    -   |                        | 1        | ?      | 填的“1”不对，扣分应为 0 或负数，请改正
"""


@pytest.mark.parametrize(("most", "said", "score", "points", "why"), lines(ROWS))
def test_a_row_takes_away_what_it_says_within_its_limit(
    most: str, said: str, score: str, points: str, why: str
) -> None:
    row = Indicator(group="", kind="导向指标", name="政府采购", weight=most, rate=said, score=score)
    card = Scorecard(2)
    score_deductions(Form(budget={}, indicators=(), deductions=(row,)), RULE, card)
    line = card["deductions.1.score"]
    assert ("?" if line.value is None else str(line.value), line.why) == (points, why)


def test_all_rows_together_take_away_thirty_points_at_most() -> None:
    rows = tuple(Indicator(group="", kind="导向指标", name="采购", score="-11") for _ in range(3))
    card = Scorecard(2)
    total = score_deductions(Form(budget={}, indicators=(), deductions=rows), RULE, card)
    assert (card[total].value, card[total].why) == (Decimal("-30.00"), "各行相加 -33.00，最多扣 30 分")
    card = Scorecard(2)
    total = score_deductions(Form(budget={}, indicators=(), deductions=rows[:2]), RULE, card)
    assert (card[total].value, card[total].why) == (Decimal("-22.00"), "-11.00 - 11.00")


def test_a_row_without_any_words_is_none() -> None:
    card = Scorecard(2)
    rows = (Indicator(group="", kind="", name="", score=""), Indicator(group="", kind="", name="", score="-5"))
    total = score_deductions(Form(budget={}, indicators=(), deductions=rows), RULE, card)
    assert "deductions.1.score" not in card
    assert (card[total].value, card[total].why) == (Decimal("-5.00"), "各行相加")


# 完成率 of the row of the veto · its 自评分 · whether it happened · what stands in 自评分 then
VETOES = """
    未发生扣分行为。 |    | no   | 0.00
    未发生扣分行为。 | 0  | no   |
    已发生           |    | yes  |
    已发生           | 0  | yes  |
    有               |    | yes  |
                     | 差 | yes  |
                     | 0  | no   |
                     | 1  | open |
                     |    | open |
    —                |    | open |
    情况说明见附件   | 0  | open |
    情况说明见附件   |    | open |
"""


@pytest.mark.parametrize(("said", "score", "happened", "points"), lines(VETOES))
def test_the_veto_happened_did_not_or_is_left_open(said: str, score: str, happened: str, points: str) -> None:
    row = Indicator(group="", kind="一票否决扣分项", name="", rate=said, score=score)
    form = Form(budget={}, indicators=(), deductions=(row,))
    assert {True: "yes", False: "no", None: "open"}[veto(form, RULE)] == happened
    card = Scorecard(2)
    score_deductions(form, RULE, card)
    line = card.get("deductions.1.score")
    assert (str(line.value) if line else "") == points


def test_without_a_row_of_the_veto_nothing_happened() -> None:
    assert veto(Form(budget={}, indicators=()), RULE) is False


# what 完成值 says · the person's score of a row of 10 points · points, ? where they are asked for · words of the reason
JUDGED = """
    达成预期指标     | 10   | 10.00 | 按填表人自评
    达成预期指标     | 8    | 8.00  | 按填表人自评
    达成预期指标     | 7.99 | ?     | 填的“7.99”不在 8～10 之间，请改正
    部分达成预期指标 | 8    | ?     | 填的“8”不在 6～8（不含 8） 之间，请改正
    部分达成预期指标 | 6    | 6.00  | 按填表人自评
    部分达成预期指标 |      | ?     | 请按完成情况在这里填 6～8 分（不含 8）
    制度健全         | 0    | 0.00  | 按填表人自评
    制度健全         | 10   | 10.00 | 按填表人自评
    制度健全         | 10.1 | ?     | 填的“10.1”不在 0～10 之间，请改正
    制度健全         | -1   | ?     | 填的“-1”不在 0～10 之间，请改正
    制度健全         | 良好 | ?     | 填的“良好”不在 0～10 之间，请改正
    制度健全         |      | ?     | 请按完成情况在这里填 0～10 分
"""


@pytest.mark.parametrize(("actual", "score", "points", "why"), lines(JUDGED))
def test_a_persons_points_lie_within_the_level_of_the_row(actual: str, score: str, points: str, why: str) -> None:
    card = Scorecard(2)
    judge(card, "indicators.1", score, None, Decimal(10), "定性指标", (), level_of(actual, LEVELS))
    line = card["indicators.1.score"]
    assert ("?" if line.value is None else str(line.value), line.why) == (points, f"定性指标；{why}")
    assert line.judged is (points != "?")


def test_a_level_is_told_in_percent_of_the_points() -> None:
    assert [level_said(level) for level in LEVELS] == ["80%～100%", "60%～80%", "0%～60%"]
