"""The lights of a monitoring table by the rules that were read, to the last unit on each side of every limit."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correct import CORRECT, MONITORED
from paper import PaperSheet
from printed import drawn
from workbook_tools.assess import Assessment, assess_sheet
from workbook_tools.errors import FormNotRecognised
from workbook_tools.forms.vocabulary import last_month
from workbook_tools.schemes.loading import load_scheme, scheme_names

CASES = tomllib.loads(Path(__file__).with_name("lights.toml").read_text("utf-8"))["case"]
RULES = [name for name in scheme_names() if load_scheme(name).monitoring]
BEGIN = MONITORED[: MONITORED.index("产出指标 |")]


def table(row: str, month: int = 7) -> PaperSheet:
    return PaperSheet(f"{BEGIN.replace('1-7月', f'1-{month}月')}产出指标 | {row} | | | | |")


def assessed(sheet: PaperSheet, rules: str = "monitoring_shanxi") -> Assessment:
    return assess_sheet(sheet, load_scheme(rules))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["row"])
def test_a_row_has_the_light_of_its_rule(case: dict[str, str]) -> None:
    line = assessed(table(case["row"])).scores.lines["indicators.1.light"]
    assert (line.value or "") == case["light"]
    assert case.get("says", "") in line.why
    assert case.get("hint", "") in line.hint
    assert bool(line.hint) == ("hint" in case)


@given(st.integers(1, 12), st.integers(1, 400), st.integers(0, 800))
def test_the_light_is_that_of_exact_arithmetic(month: int, wanted: int, reached: int) -> None:
    line = assessed(table(f"数量指标 | 场次 | ≥ | 场 | {wanted} | {reached}", month)).scores.lines["indicators.1.light"]
    share = Decimal(reached) * 12 * 100 / (wanted * month)
    assert line.value == ("红灯" if share < 60 else "黄灯" if share < 80 else "绿灯" if share < 120 else "蓝灯")


@pytest.mark.parametrize("name", [name for name in RULES if not load_scheme(name).monitoring.rules])  # type: ignore[union-attr]
def test_where_no_rule_was_read_no_light_is_given(name: str) -> None:
    form = assessed(PaperSheet(MONITORED.replace("绿灯", "红灯")), name)
    assert not [field for field in form.scores.lines if field.endswith(".light")]
    assert "M101" not in {place.finding.code for place in form.found}


def test_a_correct_table_has_no_findings() -> None:
    assert not assessed(PaperSheet(MONITORED)).found


@pytest.mark.parametrize("light", ["绿灯", "绿", "绿色"])
def test_a_light_is_known_by_its_colour(light: str) -> None:
    form = assessed(PaperSheet(MONITORED.replace("绿灯", light)))
    assert not form.found
    assert form.scores.lines["indicators.1.light"].value == light  # as the person writes it


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("1-7月执行数", 7),
        ("1~12月完成值", 12),
        ("截至9月底执行数", 9),
        ("上半年完成值", 6),
        ("当前完成值", None),
        ("全年执行数", None),
    ],
)
def test_the_month_stands_in_the_heading(words: str, month: int | None) -> None:
    assert last_month(words) == month


def test_without_a_month_nothing_is_a_share_of_the_year() -> None:
    form = assessed(PaperSheet(MONITORED.replace("1-7月", "当前")))
    assert "没有写到几月为止" in form.scores.lines["indicators.1.light"].why
    assert form.scores.lines["indicators.2.light"].value == "绿灯"  # within its limit, in any month


@pytest.mark.parametrize(
    ("name", "rate", "lights"),
    [
        ("90m_monitor_ministry", "55.00%", ["蓝灯", "绿灯", "蓝灯"]),
        ("91m_monitor_county", "53.57%", ["绿灯", None, "蓝灯"]),
        ("92m_monitor_september", "72.00%", ["绿灯", "红灯"]),
    ],
)
def test_printed_tables_are_read_by_the_ordinary_reader(name: str, rate: str, lights: list[str | None]) -> None:
    form = assessed(drawn(name).sheet)
    assert rate in form.scores.lines["budget.so_far.execution"].why
    assert [form.scores.lines[f"indicators.{n}.light"].value for n in range(1, len(lights) + 1)] == lights


def test_marks_in_columns_are_a_choice() -> None:
    """偏差原因 and 可能性 stand in columns of their own in the ministry's table, with a √."""
    sheet = drawn("90m_monitor_ministry").sheet
    at = {
        column: cell for column, cell in assessed(sheet).placement.cells.items() if column.startswith("indicators.3.")
    }
    sheet.cells[at["indicators.3.expected"]] = "90%"  # below the target, beside a √ at 有可能
    assert "M104" not in {place.finding.code for place in assessed(sheet, "monitoring_tianjin").found}
    sheet.cells[at["indicators.3.outlook_sure"]] = sheet.cells.pop(at["indicators.3.outlook_maybe"])
    [found] = [place for place in assessed(sheet, "monitoring_tianjin").found if place.finding.code == "M104"]
    assert found.finding.at == "indicators.3.outlook_sure"


def test_a_rate_is_of_the_budget_and_not_of_what_arrived() -> None:
    """A published report calls 672.44 of 672.44 that arrived 使用率100%; of the budget it is a quarter."""
    drawing = MONITORED.replace("年初预算数 | < | < | 1-7月", "年初预算数 | 到位数 | < | 1-7月").replace(
        "120 | < | < | 66 | 55% | 120", "2646.34 | 672.44 | < | 672.44 | 100% | 2646.34"
    )
    form = assessed(PaperSheet(drawing))
    [found] = form.found
    assert found.finding.code == "M107"
    assert "应为 25.41%（672.44 ÷ 预算数 2646.34" in found.finding.message
    assert "占到位资金" in found.finding.message


def test_a_self_evaluation_is_no_monitoring_table() -> None:
    with pytest.raises(FormNotRecognised, match="不像绩效监控表"):
        assess_sheet(PaperSheet(CORRECT), load_scheme("monitoring"))


OWED: dict[str, dict[str, set[str]]] = {
    "monitoring": {"红灯": {"M102 reason"}, "黄灯": {"M102 reason"}, "绿灯": set(), "蓝灯": set()},
    "monitoring_ningxia": {"红灯": {"M102 reason"}, "黄灯": set(), "绿灯": set(), "蓝灯": set()},
    "monitoring_tianjin": {"红灯": set(), "黄灯": set(), "绿灯": set(), "蓝灯": set()},
}


def owed(form: Assessment) -> set[str]:
    return {
        f"{place.finding.code} {place.finding.at.rpartition('.')[2]}"
        for place in form.found
        if place.finding.code in ("M102", "M103")
    }


@pytest.mark.parametrize(("rules", "light"), [(rules, light) for rules, lights in OWED.items() for light in lights])
def test_a_reason_is_owed_where_the_region_says_so(rules: str, light: str) -> None:
    drawing = MONITORED.replace("| 7 | 12 | | | 确定能 | 绿灯", f"| 7 | 12 | | | 确定能 | {light}")
    assert owed(assessed(PaperSheet(drawing), rules)) == OWED[rules][light]


@pytest.mark.parametrize(
    ("rules", "row", "found"),
    [
        ("monitoring_tianjin", "| 7 | | | | 有可能 | 绿灯", {"M102 reason", "M103 expected"}),
        ("monitoring_tianjin", "| 7 | 11 | 人员保障 | | 完全不可能 | 绿灯", {"M102 explanation"}),
        ("monitoring_tianjin", "| 7 | | | | 确定能 | 绿灯", set()),
        ("monitoring_ningxia", "| 7 | 12 | 人员保障 | | 确定能 | 绿灯", {"M102 explanation"}),
        ("monitoring_ningxia", "| 7 | 12 | 人员保障 | 缺人 | 确定能 | 红灯", set()),
        ("monitoring", "| 7 | 12 | 人员保障 | | 有可能 | 红灯", set()),
        ("monitoring_hebei", "| 13 | 13 | | | 确定能 | 蓝灯", set()),
    ],
)
def test_what_else_is_owed(rules: str, row: str, found: set[str]) -> None:
    assert owed(assessed(PaperSheet(MONITORED.replace("| 7 | 12 | | | 确定能 | 绿灯", row)), rules)) == found


def test_in_hebei_a_target_with_an_equals_sign_is_not_passed_without_a_word() -> None:
    drawing = MONITORED.replace("场次 | ≥ | 场 | 12 | 7 | 12", "场次 | ＝ | 场 | 12 | 13 | 13")
    assert owed(assessed(PaperSheet(drawing), "monitoring_hebei")) == {"M102 reason", "M102 explanation"}
