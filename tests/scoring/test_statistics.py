"""The evaluators' means and the months of the statistics, and the actual values that follow from them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbook_tools.forms.form import Evaluated, Form, Indicator, Table
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring.scorecard import Scorecard
from workbook_tools.scoring.statistics import evaluated, score_evaluators, score_statistics
from workbook_tools.values import format_value

SCHEME = load_scheme("guangzhou_department_2023")


def lines(text: str) -> list[list[str]]:
    """The cells of the rows of a table."""
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]


# what the evaluators gave · their mean, ? where a score is missing, - where nobody evaluates the row · how
MEANS = """
    9, 9.5     | 9.25 | (9 + 9.5) ÷ 2
    9, 9, 10   | 9.33 | (9 + 9 + 10) ÷ 3
    9          | 9.00 | 只有一位评分
    0          | 0.00 | 只有一位评分
    9,         | ?    | 第2位没有评分或无法读取，请填写
    良, 9      | ?    | 第1位没有评分或无法读取，请填写
    , 9, 无    | ?    | 第1位、第3位没有评分或无法读取，请填写
    ,          | -    |
    无, —      | -    |
"""


@pytest.mark.parametrize(("given", "mean", "why"), lines(MEANS))
def test_a_row_gets_the_mean_of_all_its_evaluators(given: str, mean: str, why: str) -> None:
    row = Evaluated("立项定位", tuple(words.strip() for words in given.split(",")))
    form = Form(budget={}, indicators=(), evaluators=(row,))
    card = Scorecard(2)
    score_evaluators(form, card)
    line = card.get("evaluators.1.average")
    assert ("-" if line is None else "?" if line.value is None else str(line.value)) == mean
    assert (line.why if line else "") == why
    assert evaluated(form, " 立项定位") == (None if mean == "-" else "evaluators.1.average")
    assert evaluated(form, "预算编制") is None


# answered and called by month · rate of the months, ? where it is asked for · sums and rate of the year · how
MONTHS = """
    90 100, 40 100    | 90.00% 40.00% | 130 200 65.00% | 130 ÷ 200
    900 1000          | 90.00%        | 900 1000 90.00% | 900 ÷ 1,000
    1 1               | 100.00%       | 1 1 100.00%    | 1 ÷ 1
    1 0.5             | 200.00%       | 1 0.5 200.00%  | 1 ÷ 0.5
    90 100, 0 0       | 90.00% ?      | 90 100 90.00%  | 90 ÷ 100
    0 0               | ?             | 0 0 ?          | 话务接通率的分母是 0，不能作除数
    90 100, _ 100     | 90.00% ?      | ?              | 话务接通率还有没填好的月份
    _ 100, 90 100     | ? 90.00%      | ?              | 话务接通率还有没填好的月份
    90余 100          | ?             | ?              | 话务接通率还有没填好的月份
"""


@pytest.mark.parametrize(("months", "rates", "year", "why"), lines(MONTHS))
def test_the_months_make_the_rate_of_the_year(months: str, rates: str, year: str, why: str) -> None:
    rows = [dict(zip(("answered", "called"), month.split(), strict=True)) for month in months.split(",")]
    indicators = (Indicator(group="", kind="", name="别的"), Indicator(group="", kind="", name="话务接通率"))
    table = Table(tuple(rows), {"answered": "", "called": "", "rate": ""})
    card = Scorecard(2)
    score_statistics(Form(budget={}, indicators=indicators, tables={"calls": table}), SCHEME, card)

    def told(field: str) -> list[str]:
        line = card.get(f"tables.calls.{field}")
        return [] if line is None else ["?" if line.value is None else format_value(line.value)]

    assert [told(f"{number}.rate")[0] for number, _ in enumerate(rows, 1)] == rates.split()
    assert told("total.answered") + told("total.called") + told("total.rate") == year.split()
    assert card["tables.calls.total.rate"].why == why
    actual = card.get("indicators.2.actual")
    assert (f"{format_value(actual.value or '')}，{actual.why}" if actual else "?") == (
        "?" if year.endswith("?") else f"{year.split()[-1]}，话务接通率合计：{why}"
    )


@pytest.mark.parametrize(
    ("answered", "called", "bad"), [("九十", "100", "九十"), ("90", "一百", "一百"), ("90余", "100", "90余")]
)
def test_the_figure_of_a_month_that_cannot_be_read_is_told(answered: str, called: str, bad: str) -> None:
    table = Table(({"answered": answered, "called": called},), {})
    card = Scorecard(2)
    score_statistics(Form(budget={}, indicators=(), tables={"calls": table}), SCHEME, card)
    assert card["tables.calls.1.rate"].why == f"“{bad}”无法读取数值，请填写"


def test_what_a_part_leaves_of_the_whole() -> None:
    table = Table(({"transferred": "100", "asked": "400"}, {"transferred": "20", "asked": "100"}), {})
    card = Scorecard(2)
    score_statistics(Form(budget={}, indicators=(), tables={"answers": table}), SCHEME, card)
    line = card["tables.answers.total.rate"]
    assert (format_value(line.value or ""), line.why) == ("76.00%", "(500 - 120) ÷ 500")


@pytest.mark.parametrize(("wrong", "total"), [(("10", "5"), Decimal(15)), (("10", ""), None), (("10", "无"), None)])
def test_another_column_is_added_where_every_month_has_a_count(wrong: tuple[str, ...], total: Decimal | None) -> None:
    months = tuple({"month": "1", "right": "90", "transferred": "100", "wrong": words, "rate": "1"} for words in wrong)
    table = Table(months, dict.fromkeys(("month", "right", "transferred", "wrong", "rate"), ""))
    card = Scorecard(2)
    score_statistics(Form(budget={}, indicators=(), tables={"accuracy": table}), SCHEME, card)
    line = card.get("tables.accuracy.total.wrong")
    assert (line.value if line else None) == total
    assert card.get("tables.accuracy.total.month") is None
    assert card["tables.accuracy.total.transferred"].why == "2 个月相加 200"
    assert format_value(card["tables.accuracy.total.rate"].value or "") == "90.00%"


def test_a_table_without_months_says_nothing() -> None:
    card = Scorecard(2)
    score_statistics(Form(budget={}, indicators=(), tables={"calls": Table((), {"rate": ""})}), SCHEME, card)
    assert "tables.calls.total.rate" not in card


def test_a_sum_tells_what_was_added() -> None:
    card = Scorecard(2)
    card.put("a", Decimal("1.00"), "")
    card.put("b", Decimal("-2.00"), "")
    card.put("c", None, "")
    assert card[card.sum("one", ["a"])][:2] == (Decimal("1.00"), "各行相加")
    assert card[card.sum("two", ["a", "b"])][:2] == (Decimal("-1.00"), "1.00 - 2.00")
    assert card[card.sum("open", ["a", "c"])][:2] == (None, "还有 1 项没有定下来，先不合计")


def test_a_sum_of_shares_is_rounded_once() -> None:
    card = Scorecard(2)
    card.put("a", Decimal("99.67"), "")
    card.put("b", Decimal("98.33"), "")
    card.put("c", None, "")
    line = card[card.weighted("total", [("a", Decimal(40)), ("b", Decimal(60))])]
    assert line[:3] == (Decimal("98.87"), "99.67 × 40% + 98.33 × 60% = 98.866 → 98.87", ("a", "b"))
    line = card[card.weighted("open", [("a", Decimal(40)), ("c", Decimal(60))])]
    assert line[:3] == (None, "还有 1 项没有定下来，先不合计", ("a", "c"))
