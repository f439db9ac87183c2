"""A scheme is data that can be trusted: its numbers are those of its quotes, and nothing unknown is let in."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from workbook_tools.scheme import FOLDER, BadScheme, Bands, Scheme, load_scheme, read_scheme, scheme_names
from workbook_tools.values import plain

SCHEMES = [load_scheme(name) for name in scheme_names()]
TEXT = (FOLDER / "zhongshan_2022.toml").read_text("utf-8")


def numbers(quote: str) -> list[str]:
    return [plain(Decimal(number)) for number in re.findall(r"\d+(?:\.\d+)?", quote)]


def bounds_and_values(bands: Bands[Decimal]) -> list[str]:
    """The numbers of a table of points in the order in which a notice words them: 98 5 90 98 4 … 70 0."""
    said: list[str] = []
    last: Decimal | None = None
    for limit, points in bands.steps:
        between = [limit] if last is None else [limit, last] if bands.direction == "at_least" else [last, limit]
        said += [*(plain(number) for number in between), plain(points)]
        last = limit
    assert last is not None
    return [*said, plain(last), plain(bands.otherwise)]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_table_of_points_says_what_its_quote_says(scheme: Scheme) -> None:
    for rule in scheme.budget:
        assert bounds_and_values(rule.bands) == numbers(rule.quote)
    said = re.findall(r"\d+|[优良中差]", scheme.grade_quote)
    steps = scheme.grades.steps
    expected: list[str] = [plain(steps[0][0]), steps[0][1]]
    for (upper, _), (lower, grade) in pairwise(steps):
        expected += [plain(lower), plain(upper), grade]
    assert said == [*expected, plain(steps[-1][0]), scheme.grades.otherwise]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_caps_and_deductions_are_the_numbers_of_their_quotes(scheme: Scheme) -> None:
    for group in scheme.groups:
        assert numbers(group.cap_quote or group.quote)[-1] == plain(group.points)
    assert numbers(scheme.deductions.quote) == [plain(-scheme.deductions.lowest)]
    assert sum(row.points or 0 for row in scheme.deductions.rows) == scheme.deductions.lowest
    assert f"“{scheme.deductions.veto_grade}”" in scheme.deductions.veto_quote
    assert scheme.deductions.veto_grade == scheme.grades.otherwise


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_rule_rests_on_a_source(scheme: Scheme) -> None:
    assert scheme.sources
    assert all(source["document"] and source["status"] in ("read", "memory") for source in scheme.sources)
    assert Path(FOLDER.with_name("layouts"), f"{scheme.layout}.toml").exists()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('weights = "equal" ', 'weights = "by_mood" ', "不认识“by_mood”"),
        ('inverse = "judged"', 'inverse = "ratio"', "不认识“ratio”"),
        ("places = 2", "places = 2\nplacse = 3", "不认识的项：placse"),
        ("places = 2", "", "缺少 places"),
        ("places = 2", "places = true", "缺少 places，或写法不对"),
        ("points = 20", "points = 25", "各组分值合计 105，应为 100"),
        ("[98, 5]", "[98, 4]", "最高一档 4 分，应为 5 分"),
        ("[98, 5], [90, 4]", "[90, 4], [98, 5]", "没有按顺序排列"),
        ("lowest = -30", 'lowest = "-30"', "缺少 lowest，或写法不对"),
    ],
)
def test_a_scheme_with_a_fault_is_refused_and_the_fault_named(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(BadScheme, match=re.escape(fault)):
        read_scheme(TEXT.replace(old, new, 1))


def test_a_scheme_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(BadScheme, match="现有：zhongshan_2022"):
        load_scheme("atlantis_2022")
    with pytest.raises(BadScheme):
        load_scheme("../../etc/passwd")


@pytest.mark.parametrize(
    ("number", "step"), [("98", "≥98"), ("97.999999", "≥90"), ("70", "≥70"), ("69.99", "<70"), ("-3", "<70")]
)
def test_the_limit_itself_belongs_to_the_better_step(number: str, step: str) -> None:
    assert load_scheme("zhongshan_2022").budget[0].bands.step(Decimal(number))[0] == step
