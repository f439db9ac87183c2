"""Points that a reviewer has settled: they replace those of a row, and sums, caps and the grade follow from them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from correct import CORRECT
from paper import ZHONGSHAN, PaperSheet
from workbook_tools.assess import assess_sheet
from workbook_tools.forms.form import Scores
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.scoring import score

SHEETS = {"national_2020": PaperSheet(CORRECT), "zhongshan_2022": PaperSheet(ZHONGSHAN)}


def scores(name: str, given: dict[str, str | None]) -> Scores:
    one = assess_sheet(SHEETS[name], load_scheme(name))
    points = {field: None if said is None else Decimal(said) for field, said in given.items()}
    return score(one.form, one.scheme, points)


@pytest.mark.parametrize(
    ("name", "given", "total", "grade"),
    [
        ("zhongshan_2022", {}, "94.66", "优"),
        ("zhongshan_2022", {"indicators.6.score": "15.34"}, "90.00", "优"),
        ("zhongshan_2022", {"indicators.6.score": "15.33"}, "89.99", "良"),
        ("zhongshan_2022", {"indicators.6.score": "15.335"}, "90.00", "优"),  # half up, row by row
        ("zhongshan_2022", {"budget.adjustment.score": "0"}, "79.66", "中"),
        ("zhongshan_2022", {"deductions.2.score": "-5"}, "89.66", "良"),
        ("zhongshan_2022", {"indicators.9.score": None}, None, None),
        ("national_2020", {"indicators.1.score": "12"}, "90.00", None),  # its form has no grade
    ],
)
def test_sums_and_grade_follow(name: str, given: dict[str, str | None], total: str | None, grade: str | None) -> None:
    found = scores(name, given)
    assert (found.total, found.grade) == (None if total is None else Decimal(total), grade)


def test_a_capped_group_stays_capped_and_deductions_are_taken_away() -> None:
    before = scores("zhongshan_2022", {}).lines["groups.output"].value
    over = scores("zhongshan_2022", {"indicators.1.score": "39", "indicators.2.score": "39"})
    assert before != over.lines["groups.output"].value == Decimal(40)
    less = scores("zhongshan_2022", {"deductions.2.score": "-5"})
    assert less.lines["groups.deduction"].value == Decimal(-5)


def test_every_row_with_points_has_its_weight() -> None:
    assert scores("national_2020", {}).weights["indicators.1"] == 20
    assert scores("zhongshan_2022", {}).weights["indicators.1"] == Decimal("13.33")
