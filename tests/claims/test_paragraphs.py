"""Paragraphs as bureaus write them: nothing in them is accused, and figures made wrong on purpose are found."""

from __future__ import annotations

import re
from functools import cache

import pytest

from places import CASE_FOLDER, EXAMPLES
from printed import NAMES, drawn
from workbook_tools.assess import Assessment, add_report, assess_file, assess_sheet
from workbook_tools.forms.form import Report
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.recognition import recognise
from workbook_tools.schemes.loading import load_scheme

MARK = re.compile(r"【([^|】]*)\|([^|】]*)(\|open)?】")
LINES = [
    line.partition(" ")[::2]
    for line in (CASE_FOLDER / "paragraphs.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
WRONG = [(name, words, mark) for name, words in LINES for mark in MARK.finditer(words)]


@cache
def form(name: str) -> Assessment:
    if name in NAMES:
        sheet = drawn(name, closed=True).sheet
        (first, *_) = read_forms(sheet)
        return assess_sheet(sheet, recognise(first)[0] or load_scheme("general"), first)
    return assess_file(EXAMPLES / f"{name}.xlsx").forms[0]


def accused(name: str, words: str) -> list[str]:
    found = form(name)
    checked, _ = add_report(found, Report({"报告.docx 第1段": words}))
    return [f"{one.code} {one.finding.message}" for one in checked.found[len(found.found) :]]


def test_there_are_many_of_examples_and_published_forms() -> None:
    names = {name for name, _ in LINES}
    assert len(LINES) > 120
    assert len(names) > 12
    assert len(names & set(NAMES)) > 4
    assert len(WRONG) > 160
    assert 5 * sum(bool(mark[3]) for *_, mark in WRONG) < len(WRONG)  # what nothing can decide


@pytest.mark.parametrize(("name", "words"), LINES)
def test_what_is_right_is_not_accused(name: str, words: str) -> None:
    assert accused(name, MARK.sub(r"\1", words)) == []


@pytest.mark.parametrize(("name", "words", "mark"), WRONG)
def test_what_was_made_wrong_is_found_unless_nothing_can_decide_it(name: str, words: str, mark: re.Match[str]) -> None:
    wrong = MARK.sub(r"\1", words[: mark.start()]) + mark[2] + MARK.sub(r"\1", words[mark.end() :])
    assert bool(accused(name, wrong)) is not bool(mark[3])
