"""No pattern takes more steps than in proportion to a text: each is tried at the length of a cell on the worst for it."""

from __future__ import annotations

import re

import pytest

from patterns import ENDS, LENGTH, Used, package_patterns, slow, worst_of, worst_texts


@pytest.mark.slow
def test_no_pattern_of_the_package_is_slow() -> None:
    patterns = package_patterns()
    assert len(patterns) > 150
    assert [(pattern.pattern, text[:40], taken) for pattern, text, taken in slow(patterns)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [
        (r"(\d+(?:\.\d+)?)%", True),  # a long run of digits is read again from each of them
        (r"\s*([^:]{2,24}?)\s*:", False),
        (r"(?:每|人均)[^,。]*$", True),
        (r"(?:a|aa)+$", False),
    ],
)
def test_a_slow_pattern_is_found(pattern: str, anywhere: bool) -> None:
    assert worst_of(Used(re.compile(pattern, re.DOTALL), anywhere)) is not None


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [(r"(?<!\d)(\d{1,15})%", True), (r"\s*+([^:]{2,24}?)\s*+:", False), (r"[\d,.]{1,30}", True), ("一|二", True)],
)
def test_a_quick_pattern_is_not(pattern: str, anywhere: bool) -> None:
    assert worst_of(Used(re.compile(pattern), anywhere)) is None


def test_the_worst_texts_are_as_long_as_a_cell_and_end_with_what_fits_nowhere() -> None:
    texts = list(worst_texts(re.compile(r"(?:原因|说明)[:：]\s*(\d{1,3}(?:,\d{3})+)分")))
    assert {len(text) for text in texts} <= {LENGTH, *range(LENGTH - 20, LENGTH)}
    assert any(text.startswith("原因:") and ",111,111" in text for text in texts)
    assert all(text.endswith(ENDS) for text in texts)
