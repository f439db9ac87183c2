"""What the money of a form comes to: sums of sources, rates, and the points that a rate earns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbook_tools.forms.form import Form
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring.money import score_money, total_is_plain
from workbook_tools.scoring.scorecard import Scorecard
from workbook_tools.values import format_value, plain


def lines(text: str) -> list[list[str]]:
    """The cells of the rows of a table."""
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]


def scored(scheme: str, budget: dict[str, str], sources: list[dict[str, str]] | None = None) -> Scorecard:
    """The lines of the money of a form."""
    card = Scorecard(2)
    form = Form(budget=budget, indicators=(), sources=tuple(sources or ()))
    score_money(form, load_scheme(scheme), card)
    return card


# sources, 其中 before one that breaks down the row above · printed sum · sum, ? where a person decides, - where none is made
SUMS = """
    10 20                      |          | 30 | 各来源相加：10 + 20
    10                         |          | 10 | 资金来源只有一项：10
    10 0                       |          | 10 | 各来源相加：10 + 0
    10 20                      | 30       | 30 | 各来源相加：10 + 20
    10 20                      | 31       | 30 | 各来源相加：10 + 20
    10 无                      |          | 10 | 资金来源只有一项：10
    无 —                       |          | -  |
    10 其中5                   |          | 10 | 资金来源只有一项：10
    其中10 其中5               |          | 10 | 资金来源只有一项：10
    20 12 8                    |          | ?  | 各来源相加是 40 或 20：有几行相加正好是上一行，不知道是不是它的明细；请填写合计
    20 12 8                    | 20       | 20 | 资金来源只有一项：20
    20 12 8                    | 40       | 40 | 各来源相加：20 + 12 + 8
    20 12 8                    | 30       | ?  | 合计写的是 30，请核对
    20 12 8 5                  | 25       | 25 | 各来源相加：20 + 5
    20 12 0 8                  | 20       | 20 | 资金来源只有一项：20
    20 12 0 8                  |          | ?  | 各来源相加是 40 或 20
    20 20 0                    |          | 40 | 各来源相加：20 + 20 + 0
    20 20                      |          | 40 | 各来源相加：20 + 20
    0 0 0                      |          | 0  | 各来源相加：0 + 0 + 0
    9 5 4 其中2                |          | ?  | 各来源相加是 18 或 9
    10万 20                    |          | ?  | 合计是空的，“10万”不能直接相加；请各行都只填数字，单位相同
    10万 20                    | 20       | ?  | 合计 20 没有算上“10万”
    10万 20                    | 30       | -  |
    10万 20万                  |          | ?  | 合计是空的，“10万”不能直接相加
    10万 20万                  | 0        | ?  | 合计 0 没有算上“10万”
    10元 20元                  |          | ?  | 合计是空的，“10元”不能直接相加
    10余 20                    |          | ?  | 合计是空的，“10余”不能直接相加
    10余 20                    | 20       | ?  | 合计 20 没有算上“10余”
    约10 20                    | 20       | ?  | 合计 20 没有算上“约10”
    约10 20                    | 30       | -  |
    未计算的公式 20            |          | ?  | 有一个来源的公式没有算出来，不能相加
    拨款 20                    |          | ?  | 合计是空的，“拨款”不能直接相加
    10 其中5万                 | 10       | -  |
    30 -10                     |          | ?  | “-10”是负数，不知道要不要从合计里减去；没有填错的，请填写合计
    30 -10                     | 20       | 20 | 各来源相加：30 + -10
    30 -10                     | 40       | ?  | “-10”是负数，不知道要不要从合计里减去；合计写的是 40，请核对
    10 20                      | 30万元   | -  |
    10 20                      | 见附件   | -  |
"""


@pytest.mark.parametrize(("sources", "printed", "total", "why"), lines(SUMS))
def test_the_sources_make_the_sum_unless_some_may_break_down_others(
    sources: str, printed: str, total: str, why: str
) -> None:
    rows = [
        {"name": "其中" if words.startswith("其中") else "财政拨款", "spent": words.removeprefix("其中")}
        for words in sources.split()
    ]
    line = scored("national_2020", {"spent": printed}, rows).get("budget.spent")
    found = "-" if line is None else "?" if line.value is None else format_value(line.value)
    assert found == total
    assert why in (line.why if line else "")


# A row named after one budget breaks down 财政拨款 above it or stands beside it: the printed sum tells which.
BUDGETS = """
    财政拨款20 一般公共预算20               | 20 | 20
    财政拨款20 一般公共预算20               | 40 | 40
    财政拨款20 一般公共预算20               | 30 | ?
    财政拨款20 一般公共预算20               |    | ?
    其中：财政拨款20 一般公共预算20 其他资金5 | 25 | 25
    财政拨款20 一般公共预算12 政府性基金8    | 20 | 20
    财政拨款20 一般公共预算12               | 20 | 32
    财政拨款20 其他资金20                   | 20 | 40
    一般公共预算20 政府性基金20             | 20 | 40
"""


@pytest.mark.parametrize(("sources", "printed", "total"), lines(BUDGETS))
def test_a_budget_may_break_down_the_money_that_the_treasury_gives(sources: str, printed: str, total: str) -> None:
    rows = [
        {"name": words.rstrip("0123456789"), "spent": words.lstrip("".join(set(words) - set("0123456789")))}
        for words in sources.split()
    ]
    line = scored("national_2020", {"spent": printed}, rows)["budget.spent"]
    assert ("?" if line.value is None else format_value(line.value)) == total


@pytest.mark.parametrize(("count", "total"), [(20, None), (21, Decimal(23))])
def test_among_very_many_sources_none_is_looked_for_that_breaks_down_others(count: int, total: Decimal | None) -> None:
    rows = [{"name": "拨款", "spent": "3"}, {"name": "甲", "spent": "2"}]
    rows += [{"name": "乙", "spent": "1"} for _ in range(count - 3)]
    rows.append({"name": "其中：丙", "spent": "1"})
    line = scored("national_2020", {"spent": ""}, rows)["budget.spent"]
    assert line.value == total


@pytest.mark.parametrize(
    ("words", "is_plain"),
    [
        ("", True),
        ("未计算的公式", True),
        ("100", True),
        ("100万", False),
        ("100元", False),
        ("100余", False),
        ("无", False),
    ],
)
def test_a_sum_of_plain_numbers_goes_where_a_plain_number_stands(words: str, is_plain: bool) -> None:
    assert total_is_plain(words) is is_plain


# initial, adjusted, revised as printed · revised as computed, - where it is not
REVISED = """
    100   | -10 |        | 90
    100   | 0   | 99     | 100
    100   |     |        | -
          | 0   |        | -
    100元 | 0   |        | -
    100   | 0元 |        | -
    100   | 0   | 100元  | -
    100   | 0   | 见附件 | -
"""


@pytest.mark.parametrize(("initial", "adjusted", "revised", "computed"), lines(REVISED))
def test_the_revised_budget_is_the_initial_one_and_what_was_added(
    initial: str, adjusted: str, revised: str, computed: str
) -> None:
    typed = {"initial": initial, "adjusted": adjusted, "revised": revised, "spent": ""}
    line = scored("guangzhou_department_2023", typed).get("budget.revised")
    assert (format_value(line.value) if line and line.value is not None else "-") == computed


def test_a_revised_budget_rests_on_the_sum_of_the_initial_one() -> None:
    typed = {"initial": "", "adjusted": "-10", "revised": "", "spent": ""}
    sources = [{"name": "财政拨款", "initial": "60"}, {"name": "其他", "initial": "40"}]
    line = scored("guangzhou_department_2023", typed, sources)["budget.revised"]
    assert (line.value, line.depends_on) == (Decimal(90), ("budget.initial",))


# 年初预算安排数, 预算调整额, 实际资金支出额 · 预算执行率 · its points · 预算调整率 · its points · words of the reasons
RATES = """
    100    | 0    | 98     | 98.00%  | 5.00 | 0.00%  | 15.00 | 98 ÷ (100+0) = 98.00%
    100    | 0    | 97.99  | 97.99%  | 4.00 | 0.00%  | 15.00 | 97.99% ≥90% → 4 分
    100000 | 0    | 97996  | 98.00%  | 4.00 | 0.00%  | 15.00 | 98.00% ≥90% → 4 分（准确值 97.996%，不按四舍五入后的比率分档）
    100    | -10  | 90     | 100.00% | 5.00 | 10.00% | 15.00 | 调减 10 ÷ 100 = 10.00%
    100    | -10  | 90     | 100.00% | 5.00 | 10.00% | 15.00 | 90 ÷ (100-10) = 100.00%
    100    | 5    | 105    | 100.00% | 5.00 | 0.00%  | 15.00 | 没有调减 = 0.00%
    100    | -0.5 | 99.5   | 100.00% | 5.00 | 0.50%  | 15.00 | 调减 0.5 ÷ 100
    0.5    | 0    | 0.5    | 100.00% | 5.00 | 0.00%  | 15.00 | 0.5 ÷ (0.5+0)
    0      | 100  | 100    | 100.00% | 5.00 | 0.00%  | 15.00 | 没有调减
    0      | 0    | 100    | ?       | ?    | 0.00%  | 15.00 | 分母应大于 0
    0      | -5   | 0      | ?       | ?    | ?      | ?     | 分母应大于 0
    100    | 0    | 0      | 0.00%   | 0.00 | 0.00%  | 15.00 | 0 ÷ (100+0)
    100    | 0    | -1     | ?       | ?    | 0.00%  | 15.00 | 金额是负数，请核对
    100    | 0    | 200    | 200.00% | 5.00 | 0.00%  | 15.00 | 200 ÷ (100+0)
    100    | 0    | 201    | ?       | ?    | 0.00%  | 15.00 | 201.00%，超过 200%
    100万  | 0    | 98     | ?       | ?    | 0.00%  | 15.00 | 几个金额有的写了元或万、有的只有数字
    100万  | 0    | 98万元 | 98.00%  | 5.00 | 0.00%  | 15.00 | 980,000 ÷ (1,000,000+0)
    100    | 0    | 98%    | ?       | ?    | 0.00%  | 15.00 | 写的是“98%”，无法读取金额
    100    | 0    | 90余   | ?       | ?    | 0.00%  | 15.00 | 写的是“90余”，无法读取金额
    100    | 0    | 无     | ?       | ?    | 0.00%  | 15.00 | 写的是“无”，请填写金额
    100    |      | 98     | ?       | ?    | ?      | ?     | “预算调整额”是空的，请填写金额（没有就填 0）
"""


@pytest.mark.parametrize(("initial", "adjusted", "spent", "rate", "points", "less", "other", "why"), lines(RATES))
def test_a_rate_of_two_amounts_earns_the_points_of_its_step(
    initial: str, adjusted: str, spent: str, rate: str, points: str, less: str, other: str, why: str
) -> None:
    card = scored("zhongshan_2022", {"initial": initial, "adjusted": adjusted, "spent": spent})
    fields = ["execution", "execution.score", "adjustment", "adjustment.score"]
    found = [card[f"budget.{field}"] for field in fields]
    assert ["?" if line.value is None else format_value(line.value) for line in found] == [rate, points, less, other]
    assert why in " ".join(line.why for line in found)


def test_an_expenditure_of_a_ten_thousandth_may_be_in_another_unit() -> None:
    for spent, hinted in (("1716.03", True), ("3432", True), ("3434", False), ("0", False), ("17160289.87", False)):
        card = scored("zhongshan_2022", {"initial": "17160681", "adjusted": "0", "spent": spent})
        assert card["budget.execution"].value is not None
        assert ("一个是元、一个是万元" in card["budget.execution"].hint) is hinted, spent
    card = scored("zhongshan_2022", {"initial": "17160681", "adjusted": "-391.13", "spent": "17160289.87"})
    assert card["budget.adjustment"].hint == ""  # as little is often taken back


@pytest.mark.parametrize(
    ("spent", "earned", "why"),
    [
        ("90", "9.00", "10 × 90.00% → 9.00"),
        ("100", "10.00", "10 × 100.00% → 10.00"),
        ("101", "10.00", "10 × 101.00%，超过 100% 按满分 → 10.00"),
        ("0", "0.00", "10 × 0.00% → 0.00"),
    ],
)
def test_points_in_proportion_to_the_rate_end_at_full_marks(spent: str, earned: str, why: str) -> None:
    line = scored("national_2020", {"revised": "100", "spent": spent})["budget.execution.score"]
    assert (str(line.value), line.why) == (earned, why)


# 分值 as printed · the points that 50% earns, ? where they are asked for
WEIGHTS = """
    10   | 5.00 | 10 × 50.00%
    0    | 0.00 | 0 × 50.00%
    0.5  | 0.25 | 0.5 × 50.00%
    20%  | 10.00 | 20 × 50.00%
    -5   | ?    | 预算执行率的分值写的是“-5”，无法读取分值，请填写
    十分 | ?    | 预算执行率的分值写的是“十分”，无法读取分值，请填写
         | ?    | 预算执行率的分值是空的，请填写
"""


@pytest.mark.parametrize(("weight", "points", "why"), lines(WEIGHTS))
def test_the_form_prints_the_points_of_the_rate(weight: str, points: str, why: str) -> None:
    budget = {"revised": "100", "spent": "50", "execution.weight": weight, "execution.score": ""}
    line = scored("sichuan", budget)["budget.execution.score"]
    assert ("?" if line.value is None else format_value(line.value)) == points
    assert line.why.startswith(why)


@pytest.mark.parametrize(
    ("said", "own", "exempt"),
    [("基建项目", "", True), ("本项目不考核", "", True), ("", "15", True), ("10%", "", False)],
)
def test_a_project_that_the_notice_exempts_is_a_persons_to_score(said: str, own: str, exempt: bool) -> None:
    typed = {"initial": "100", "adjusted": "0", "spent": "98", "adjustment.actual": said, "adjustment.own": own}
    line = scored("zhongshan_2022", typed)["budget.adjustment.score"]
    assert ("基建项目不考核预算调整率" in line.why) is exempt
    assert plain(line.value) == "15" if own and isinstance(line.value, Decimal) else (line.value is None) is exempt


# the source in whose row the points stand: budget, spent · the other one · whether a person has to say by which rate
ONE_SOURCE = """
    100 | 90 | 100 | 80 | asked
    100 | 90 | 100 | 90 | by the rate
    0   | 90 | 100 | 10 | by the rate
        | 90 | 100 | 10 | by the rate
    100 |    | 100 | 80 | by the rate
"""


@pytest.mark.parametrize(("revised", "spent", "other", "other_spent", "decided"), lines(ONE_SOURCE))
def test_points_in_the_row_of_one_source_whose_rate_is_not_that_of_all(
    revised: str, spent: str, other: str, other_spent: str, decided: str
) -> None:
    sources = [
        {"name": "财政拨款", "revised": revised, "spent": spent},
        {"name": "其他资金", "revised": other, "spent": other_spent, "execution.score": "-"},
    ]
    line = scored("national_2020", {"revised": "", "spent": "", "execution.score": ""}, sources)[
        "budget.execution.score"
    ]
    assert ("得分写在“财政拨款”一行，这一行的预算执行率是 90.00%，合计是 85.00%" in line.why) is (decided == "asked")
    assert (line.value is None) is (decided == "asked")
