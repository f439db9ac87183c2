"""What people type is read exactly or not at all."""

from __future__ import annotations

import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from places import CASE_FOLDER
from workbook_tools import moments, values
from workbook_tools.moments import Moment, in_time, read_moment
from workbook_tools.values import (
    Quantity,
    Target,
    agrees,
    money_unit,
    names_nothing,
    needs_text_prefix,
    not_applicable,
    plain,
    read_points,
    read_quantity,
    read_step,
    read_target,
    round_half_up,
    same_result,
    unfilled,
)

CASES = tomllib.loads((CASE_FOLDER / "values.toml").read_text("utf-8"))


def cases(kind: str) -> list[object]:
    return [pytest.param(words, expected, id=words) for words, expected in CASES[kind].items()]


def as_words(moment: Moment) -> str:
    days = str(moment.first) if moment.first == moment.last else f"{moment.first}-{moment.last}"
    return days + (" 前" if moment.before else "")


@pytest.mark.parametrize(("words", "expected"), cases("quantity"))
def test_a_quantity_is_read_with_its_unit(words: str, expected: str) -> None:
    assert str(read_quantity(words) or "") == expected


@pytest.mark.parametrize(("words", "expected"), cases("target"))
def test_a_target_is_read_with_its_operator(words: str, expected: str) -> None:
    assert str(read_target(words) or "") == expected


@pytest.mark.parametrize(("words", "expected"), cases("points"))
def test_points_may_be_typed_as_a_quotient(words: str, expected: str) -> None:
    points = read_points(words)
    assert ("" if points is None else plain(points)) == expected


@pytest.mark.parametrize(("words", "expected"), cases("moment"))
def test_a_date_is_a_day_or_a_span_of_days(words: str, expected: str) -> None:
    moment = read_moment(words)
    assert ("" if moment is None else as_words(moment)) == expected


@pytest.mark.parametrize("words", ["无", "无。", "—", "——", "－", "-", "/", "／", "一", "N/A", "不适用", " 无 \n"])
def test_nothing_belongs_here(words: str) -> None:
    assert not_applicable(words)


@pytest.mark.parametrize(
    "words",
    ["", "无", "指标：无", "指标1：无", "指标1:无。", "1.无", "★无", "无此项", "不适用", "指标2：", "……", "指标1"],
)
def test_a_name_that_names_no_indicator(words: str) -> None:
    assert names_nothing(words)


@pytest.mark.parametrize("words", ["无障碍设施", "指标1：无事故", "1.5万亩良种", "无此项投诉", "没有事故", "12345热线"])
def test_a_name_of_an_indicator(words: str) -> None:
    assert not names_nothing(words)


@pytest.mark.parametrize("words", ["", "0", "无线网络", "一次", "0%"])
def test_blank_and_zero_are_not_the_same_as_not_applicable(words: str) -> None:
    assert not not_applicable(words)


@pytest.mark.parametrize(
    ("deadline", "done", "kept"),
    [
        ("9月前", "7月", True),
        ("9月前", "9月", None),
        ("9月前", "10月", False),
        ("11月底前", "11月", True),
        ("2021年底", "2021年12月完成", True),
        ("2021年12月", "2022年1月5日", False),
        ("2021年12月31日前", "2021年12月30日", True),
        ("2021年12月31日前", "2021年12月31日", None),
        ("9月前", "2021年7月", None),
        ("2022年11月底前", "2022年12月", False),
        ("2022年11月30日前", "2022.12.5", False),
        ("2022.11.30", "2022-11-30", True),
        ("2022年", "2022年11月", True),
        ("2022年", "2023年1月3日", False),
        ("2022年内", "2023年", False),
        ("年底前", "次年1月", False),
        ("12月31日", "次年1月", False),
        ("12月31日", "12月31日", True),
        ("次年3月底前", "次年1月", True),
        ("次年3月底前", "12月", True),
        ("2022年12月31日", "次年1月", None),  # of 2022, or of the year of the form?
        ("第三季度", "10月", False),
        ("上半年", "6月30日", True),
        ("6月中旬", "6月25日", False),
        ("6月中旬", "6月", None),
    ],
)
def test_a_deadline_is_kept_missed_or_left_open(deadline: str, done: str, kept: bool | None) -> None:
    first, second = read_moment(deadline), read_moment(done)
    assert first is not None
    assert second is not None
    assert in_time(first, second) is kept


@pytest.mark.parametrize(
    ("rate", "printed", "agree"),
    [
        ("85.75", "86%", True),  # whole percent printed: rounded
        ("85.75", "86", True),
        ("85.75", "0.86", True),
        ("85.75", "85.8%", True),
        ("85.75", "86.0%", False),
        ("85.75", "86.00%", False),
        ("85.75", "85%", False),  # cut off
        ("99.10", "99%", True),
        ("86.18", "86.19%", False),
        ("86.184", "86.18%", True),
        ("86.1849", "86.184900%", True),  # a stored number has more decimals than its cell shows
        ("86.184", "86.181%", True),  # nothing is compared beyond the second
        ("100", "100%", True),
        ("99.4", "100%", False),
        ("99.4", "较高", False),
        ("99.4", "99.4元", False),
    ],
)
def test_the_printed_decimals_of_a_rate_decide_what_is_rounding(rate: str, printed: str, agree: bool) -> None:
    assert agrees(Quantity(Decimal(rate), "%"), printed, 2) is agree


@pytest.mark.parametrize(
    ("words", "agree"), [("10", True), ("10%", True), ("10.00%", True), ("10分", True), ("9%", False)]
)
def test_a_weight_may_be_printed_as_percent_but_points_may_not(words: str, agree: bool) -> None:
    assert agrees(Decimal("10.00"), words, 2, weight=True) is agree
    assert agrees(Decimal("10.00"), words, 2) is (agree and "%" not in words)


@pytest.mark.parametrize("words", ["", " ", "____", "年 月 日", "至", "填报人：", "填报日期：  年  月  日", "（）"])
def test_a_line_to_write_on_is_unfilled(words: str) -> None:
    assert unfilled(words)


@pytest.mark.parametrize("words", ["无", "—", "-", "/", "张三", "填报人：张三", "2023年", "2023年4月28日"])
def test_words_and_a_dash_fill_a_line(words: str) -> None:
    assert not unfilled(words)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("优", "优", True),
        ("优", "良", False),
        ("优", "90", False),
        ("90", "优", False),
        ("13.3", "13.30", True),
        ("13.3", "13.4", False),
        ("90%", "90", False),
        ("90元", "90人", False),
        ("0.1234567891", "0.1234567894", True),
        ("0.123456781", "0.123456789", False),
    ],
)
def test_results_are_the_same_to_the_ninth_decimal(one: str, other: str, same: bool) -> None:
    assert same_result(one, other) is same


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("项目资金（万元）", "万元"),
        ("项目资金（元）", "元"),
        ("（单位：万元）", "万元"),
        ("（金额单位：人民币元）", "元"),
        ("金额单位：万元", "万元"),
        ("单位: 元", "元"),
        ("项目资金", ""),
        ("年初预算数 100万元", ""),
    ],
)
def test_a_heading_prints_the_unit_of_its_money(words: str, unit: str) -> None:
    assert money_unit(words) == unit


@pytest.mark.parametrize(
    "words", ["=合计", "+好", "-好", "@某人", "'好", "TRUE", "false", "12", "１２", "5月", "第2季度"]
)
def test_a_spreadsheet_would_take_it_for_something_else(words: str) -> None:
    assert needs_text_prefix(words) is True


@pytest.mark.parametrize("words", ["", "良好", "合计=小计", "真", "TRUE吗"])
def test_a_spreadsheet_leaves_words_alone(words: str) -> None:
    assert needs_text_prefix(words) is False


# A rule in a sentence · above or below the mark · length of a step · points of it · whether a begun step counts · the mark
STEPS = """
    每下降1%扣0.3分                              | below | 1%  | 0.3 | whole |
    每下降1%（不足1%按1%计算）扣0.3分            | below | 1%  | 0.3 | begun |
    每下降1%扣0.3分，不足1%的按1%计算            | below | 1%  | 0.3 | begun |
    每下降1个百分点（不足1%按1%计算）扣0.3分     | below | 1%  | 0.3 | begun |
    每减少一次扣两分                             | below | 1次 | 2   | whole |
    每超过2天扣1分                               | above | 2天 | 1   | whole |
    每增加1件扣1分                               | above | 1件 | 1   | whole |
    90%以上得10分，每降低1%扣0.5分               | below | 1%  | 0.5 | whole | 90% 10
    达到90%（含）以上得10分，每降低1%扣0.5分     | below | 1%  | 0.5 | whole | 90% 10
    每下降1%扣0.3分，共扣0.6分                   | below | 1%  | 0.3 | whole |
    每下降1%（不足1%按2%计算）扣0.3分            |
    每下降1%（不足2%按2%计算）扣0.3分            |
    每下降1%（不足1次按1次计算）扣0.3分          |
    每下降0%扣0.3分                              |
    每下降1%扣0.3分，每超过1天扣1分              |
    每下降1%扣0.3分，没有台账扣1分               |
    酌情扣分                                     |
"""


@pytest.mark.parametrize("case", [line for line in STEPS.splitlines() if line.strip()])
def test_a_rule_in_a_sentence_is_read_whole_or_not_at_all(case: str) -> None:
    words, *expected = (part.strip() for part in case.split("|"))
    step = read_step(words)
    read = [""]
    if step is not None:
        begun, mark = "begun" if step.started else "whole", ""
        if step.full is not None and step.full_points is not None:
            mark = f"{step.full} {plain(step.full_points)}"
        read = ["above" if step.up else "below", f"{plain(step.per)}{step.unit}", plain(step.points), begun, mark]
    assert read == expected


@pytest.mark.parametrize(
    ("number", "places", "rounded"),
    [
        ("13.335", 2, "13.34"),
        ("13.3349999", 2, "13.33"),
        ("-0.005", 2, "-0.01"),
        ("1.005", 2, "1.01"),
        ("99.868", 2, "99.87"),
        ("5", 2, "5.00"),
        ("0.5", 0, "1"),
    ],
)
def test_halves_are_rounded_away_from_zero(number: str, places: int, rounded: str) -> None:
    assert str(round_half_up(Decimal(number), places)) == rounded


# The grammar of a quantity: number × scale × unit. Pieces in any other order are read as nothing.
SCALES = {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "百亿": 10, "千亿": 11, "万亿": 12}
SCALE_WORDS = ["十", "百", "千", "万", "亿"]
PERCENT_SIGNS = ["%", "百分比", "个百分点", "‰"]
UNITS = ["元", "人次", "千米", "个工作日", "件/万人"]
LONGEST = 3  # pieces after the number


def quantities() -> Iterator[tuple[str, int, str]]:
    """Every suffix of the grammar: its words, the power of ten, the unit as read."""
    yield from (("%", 0, "%"), ("百分比", 0, "%"), ("个百分点", 0, "%"), ("‰", 0, "‰"))
    for scale, power in SCALES.items():
        for count in range(LONGEST + 1):
            for units in itertools.product(UNITS, repeat=count):
                yield scale + "".join(units), power, "".join(units)


@pytest.mark.parametrize(("number", "value"), [("5", 5), ("-12", -12), ("0.5", Decimal("0.5"))])
def test_a_quantity_is_a_number_a_scale_and_a_unit_and_nothing_else(number: str, value: Decimal) -> None:
    """Every string of up to three scale words, percent signs and units: no nonsense waits for luck."""
    grammar = {suffix: (value * 10**power, unit, False) for suffix, power, unit in quantities()}
    pieces = [*SCALE_WORDS, *PERCENT_SIGNS, *UNITS]
    suffixes = {"".join(some) for count in range(LONGEST + 1) for some in itertools.product(pieces, repeat=count)}
    read = {suffix: read_quantity(number + suffix) for suffix in suffixes}
    assert {suffix: tuple(found) for suffix, found in read.items() if found} == {
        suffix: expected for suffix, expected in grammar.items() if suffix in suffixes
    }


# Words as they occur: figures, signs, units and scales in any order.
PIECES = [
    "≥",
    "<=",
    "5",
    "0",
    "12",
    ".",
    ",",
    "%",
    "％",
    "万",
    "亿",
    "元",
    "人次",
    "以上",
    "（含）",
    "以下",
    "前",
    "年",
]
PIECES += [
    "月",
    "底",
    "余",
    "百分之",
    "-",
    "/",
    "=",
    " ",
    "\n",
    "无",
    "１",
    "e",
    "E",
    "nan",
    "inf",
    "+",
    "千",
    "超",
    "_",
]
words_as_typed = st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=30)


@given(words_as_typed)
def test_no_words_raise_and_no_number_is_endless(words: str) -> None:
    for reader in (read_quantity, read_target, read_points, read_moment):
        found = reader(words)
        if isinstance(found, Target):
            found = found.quantity
        if isinstance(found, Quantity):
            found = found.number
        if isinstance(found, Decimal):
            assert found.is_finite()


@given(words_as_typed)
def test_what_is_printed_reads_back_the_same(words: str) -> None:
    quantity, target = read_quantity(words), read_target(words)
    if quantity is not None:
        assert read_quantity(str(quantity)) == quantity
    if target is not None:
        assert read_target(str(target)) == target


@given(
    st.decimals(min_value=-(10**14), max_value=10**14, places=4),
    st.sampled_from(["", "%", "元", "人次", "分", "元/人*月", "件", "小时"]),
)
def test_every_quantity_reads_back_from_its_words(number: Decimal, unit: str) -> None:
    assert read_quantity(str(Quantity(number, unit))) == Quantity(number, unit)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.integers(0, 4))
def test_rounding_moves_by_at_most_half_a_place(number: Decimal, places: int) -> None:
    rounded = round_half_up(number, places)
    assert abs(rounded - number) * 2 <= Decimal(1).scaleb(-places)
    assert rounded == round_half_up(rounded, places)


@pytest.mark.slow
def test_the_single_characters_that_are_no_unit_are_those_of_the_expression() -> None:
    known = [chr(code) for code in range(sys.maxunicode + 1)]
    assert {character for character in known if values._NOT_A_UNIT.search(character)} == values._NONE_ALONE


def test_any_blank_may_stand_between_two_figures() -> None:
    blanks = re.findall(r"\s", "".join(map(chr, range(sys.maxunicode + 1))))
    assert {" ", "\n", "\u3000"} < {*blanks}
    assert [blank for blank in blanks if not values._two_numbers(f"1{blank}2")] == []
    assert not values._two_numbers("12")
    assert not values._two_numbers("一 2")


WITHOUT_A_SIGN = [
    *"第度一4上下半次翌日号旬底末内之以前已于。",
    "截至",
    "延期到",
    "2021",
    "12",
    "9",
    "31",
    "24时",
    "全部",
    "完成",
]


@given(st.lists(st.sampled_from(WITHOUT_A_SIGN), max_size=6).map("".join))
def test_words_without_any_of_the_signs_of_a_date_are_none(words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "_DATED", ("",))  # which all words have
        assert read_moment.__wrapped__(words) is None
