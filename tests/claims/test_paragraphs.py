"""Paragraphs as bureaus write them: nothing in them is accused, and figures made wrong on purpose are found."""

from __future__ import annotations

import re
from functools import cache

import pytest

from places import CASE_FOLDER, EXAMPLES
from workbook_tools.assess import Assessment, add_report, assess_file
from workbook_tools.forms.form import Report

MARK = re.compile(r"【([^|】]*)\|([^|】]*)(\|open)?】")
LINES = [
    line.partition(" ")[::2]
    for line in (CASE_FOLDER / "paragraphs.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
WRONG = [(name, words, mark) for name, words in LINES for mark in MARK.finditer(words)]


@cache
def form(name: str) -> Assessment:
    return assess_file(EXAMPLES / f"{name}.xlsx").forms[0]


def accused(name: str, words: str) -> list[str]:
    found = form(name)
    checked, _ = add_report(found, Report({"报告.docx 第1段": words}))
    return [f"{one.code} {one.finding.message}" for one in checked.found[len(found.found) :]]


def test_there_are_thirty_of_three_examples() -> None:
    assert len(LINES) == 30
    assert len({name for name, _ in LINES}) == 3
    assert len(WRONG) > 30


@pytest.mark.parametrize(("name", "words"), LINES)
def test_what_is_right_is_not_accused(name: str, words: str) -> None:
    assert accused(name, MARK.sub(r"\1", words)) == []


@pytest.mark.parametrize(("name", "words", "mark"), WRONG)
def test_what_was_made_wrong_is_found_unless_nothing_can_decide_it(name: str, words: str, mark: re.Match[str]) -> None:
    wrong = MARK.sub(r"\1", words[: mark.start()]) + mark[2] + MARK.sub(r"\1", words[mark.end() :])
    assert bool(accused(name, wrong)) is not bool(mark[3])
