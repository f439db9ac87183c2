"""Whatever is typed into a form, scoring gives exact sums or leaves open what it cannot decide."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from correct import CORRECT
from paper import ZHONGSHAN, PaperSheet
from places import CASE_FOLDER
from workbook_tools.errors import FormNotRecognised
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.form import Form, Indicator, Line
from workbook_tools.forms.placing import place
from workbook_tools.schemes.loading import load_scheme, scheme_names
from workbook_tools.schemes.scheme import IndicatorRules
from workbook_tools.scoring import score
from workbook_tools.scoring.comparing import ORDINARY, compare, compare_row
from workbook_tools.values import UNCALCULATED, Quantity

SCHEME = load_scheme("zhongshan_2022")
CELLS = place(PaperSheet(ZHONGSHAN), load_scheme("zhongshan_2022")).cells
CAPS = {f"groups.{group.name}": group.most for group in SCHEME.groups}
FLOORS = {"groups.deduction": SCHEME.deductions.lowest}
INPUTS = sorted(
    field
    for field in CELLS
    if not field.startswith("headings.")
    and field.split(".")[-1] in ("name", "target", "actual", "score", "rate", "initial", "adjusted", "spent")
)
TYPED = [
    "",
    "0",
    "100",
    "60",
    "0.6",
    "60%",
    "≥95%",
    "无",
    "—",
    "优秀",
    "-5",
    "-10",
    "1e9",
    "9月前",
    "7月",
    "#DIV/0!",
    "3.5",
    "99999999",
]
TYPED += ["未发生扣分行为。", "已发生", "200余人", "114次", "40/3=13.33", "基建项目"]


def typed_over(typed: dict[str, str]) -> PaperSheet:
    """The form with other words; not where the words make a row of money unknown, which is refused in a sentence."""
    sheet = PaperSheet(ZHONGSHAN)
    for field, words in typed.items():
        sheet.cells[CELLS[field]] = words
    try:
        place(sheet, SCHEME)
    except FormNotRecognised:
        reject()
    return sheet


@given(st.dictionaries(st.sampled_from(INPUTS), st.sampled_from(TYPED) | st.text(max_size=8), max_size=12))
def test_any_words_give_exact_sums_or_stay_open(typed: dict[str, str]) -> None:
    scores = fill_sheet(typed_over(typed), SCHEME).scores

    for field, line in scores.lines.items():
        assert line.why
        if isinstance(line.value, Decimal):
            assert line.value.is_finite()
            assert line.value == round(line.value, 2)
        if isinstance(line.value, Quantity):
            assert line.value.number.is_finite()
        if field.startswith("groups.") or field in ("subtotal", "total"):
            parts = [scores.lines[part].value for part in line.depends_on]
            if None in parts:
                assert line.value is None
            elif line.value is not None:
                exact = sum((part for part in parts if isinstance(part, Decimal)), Decimal(0))
                assert line.value == max(min(exact, CAPS.get(field, Decimal(1000))), FLOORS.get(field, Decimal(-1000)))
    if scores.total is None:
        assert scores.grade in (None, "差")


@given(st.dictionaries(st.sampled_from(INPUTS), st.sampled_from(TYPED), max_size=12), st.booleans())
def test_a_second_filling_writes_nothing(typed: dict[str, str], overwrite: bool) -> None:
    sheet = typed_over(typed)
    fill_sheet(sheet, SCHEME, overwrite=overwrite)
    again = fill_sheet(sheet, SCHEME, overwrite=overwrite)
    assert not [change for change in again.changes if change.outcome == "written"]


@given(st.dictionaries(st.sampled_from(INPUTS), st.sampled_from(TYPED), max_size=12))
def test_nothing_that_a_person_typed_is_overwritten_unasked(typed: dict[str, str]) -> None:
    sheet = typed_over(typed)
    before = dict(sheet.cells)
    fill_sheet(sheet, SCHEME)
    kept = {cell: words for cell, words in before.items() if words and cell != CELLS["grade"]}
    assert {cell: sheet.cells[cell] for cell in kept} == kept


@pytest.mark.parametrize(
    ("target", "actual", "rate"),
    [
        ("100", "60", "0.6"),
        ("100%", "60%", "0.6"),
        ("95%", "94", "0.9894736842105263157894736842"),
        ("≥114次", "114", "1"),
        ("1亿元", "5000万元", "0.5"),
        ("0.95", "0.95", "1"),
        ("≤5", "5", "1"),
        ("11月底前", "11月", "1"),
    ],
)
def test_like_is_compared_with_like(target: str, actual: str, rate: str) -> None:
    comparison = compare(target, actual, SCHEME.indicators)
    assert comparison.above is not None
    assert comparison.below is not None
    assert comparison.above / comparison.below == Decimal(rate)
    assert comparison.met is (Decimal(rate) >= 1)


@pytest.mark.parametrize(
    ("op", "target", "actual", "met"),
    [
        (None, "2022年11月底前", "2022年12月", False),
        (None, "2022年11月底前", "逾期完成", False),
        (None, "2022年11月底前", "未按期完成。", False),
        (None, "2022年11月底前", "未逾期", None),
        (None, "2022年11月底前", "2022年11月", True),
        (None, "2022年11月底前", "已完成", None),
        ("定性", "2022年11月底前", "2022年12月", False),
        ("定性", "制度健全", "未完成", False),
        ("定性", "制度健全", "没有", None),
        (None, "制度健全", "未开展", False),
        (None, "不启动应急预案", "未启动", None),
        (None, "≥200", "因疫情取消", False),
        ("≤", "2022年11月底前", "2022年12月", False),
        (None, "≥200", "100余", None),
    ],
)
@pytest.mark.parametrize("scheme", ["zhongshan_2022", "national_2020"])
def test_what_is_late_is_missed_and_what_it_earns_is_a_persons(
    scheme: str, op: str | None, target: str, actual: str, met: bool | None
) -> None:
    row = Indicator(group="", kind="时效指标", name="完成时间", target=target, actual=actual, op=op)
    comparison = compare_row(row, load_scheme(scheme).indicators)
    assert comparison.known is (met is True)
    assert comparison.met is met


RULES: dict[str, IndicatorRules] = {name: load_scheme(name).indicators for name in scheme_names()}
RULES["no scheme"] = ORDINARY
DIRECTIONS = tomllib.loads((CASE_FOLDER / "direction.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "asked"), [(name, True) for name in DIRECTIONS["ask"]] + [(name, False) for name in DIRECTIONS["leave"]]
)
def test_where_less_may_be_better_a_target_without_a_sign_is_asked_about(name: str, asked: bool) -> None:
    for scheme, rules in RULES.items():
        for actual in ("2%", "8%"):
            found = compare("5%", actual, rules, "质量指标", name)
            assert ("没有写≥或≤" in found.why) == asked, scheme
            assert not (asked and found.known), scheme
        assert "没有写≥或≤" not in compare("5%", "5%", rules, "质量指标", name).why, scheme
        for sign in ("≥", "≤"):
            assert "没有写≥或≤" not in compare(f"{sign}5%", "2%", rules, "质量指标", name).why, scheme


@pytest.mark.parametrize(
    ("total", "added"),
    [("98", "；各行得分相加 92.00"), ("", ""), (f"=:{UNCALCULATED}", "")],
    ids=["typed", "blank", "uncalculated"],
)
def test_the_sum_of_scores_is_told_beside_a_typed_total_whose_weights_are_not_100(total: str, added: str) -> None:
    paper = CORRECT.replace("390元/人 | 10 | 10", "390元/人 | 4 | 4").replace("100 | 98", f"100 | {total}")
    scores = fill_sheet(PaperSheet(paper), load_scheme("national_2020")).scores
    assert scores.lines["total"].why == f"各行分值合计 94，应为 100，请核对分值{added}"


@pytest.mark.parametrize("name", scheme_names())
def test_nobody_changes_scores_after_they_are_given(name: str) -> None:
    form = Form(
        budget={}, indicators=(Indicator(group="output", kind="数量指标", name="场次", weight="100", score="1"),)
    )
    scores = score(form, load_scheme(name))
    for change in ("lines", "total"):
        with pytest.raises(AttributeError):
            setattr(scores, change, None)
    with pytest.raises(TypeError):
        scores.lines["total"] = Line(Decimal(100), "改了")  # type: ignore[index]
