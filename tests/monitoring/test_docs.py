"""The page about schemes lists every set of monitoring rules with what it has and has not."""

from __future__ import annotations

import re

import pytest

from places import ROOT
from workbook_tools.monitoring.source import rules_names
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.values import plain

PAGE = (ROOT / "docs" / "schemes.md").read_text("utf-8")


@pytest.mark.parametrize("name", rules_names())
def test_the_page_tells_what_was_read_of_each(name: str) -> None:
    rules = load_scheme(name).monitoring
    assert rules is not None
    short = name.removeprefix("monitoring_")
    [row] = re.findall(rf"^\| (?:不写（)?`{short}`）? \|(.*)$", PAGE, re.MULTILINE)
    lights, owed, dates, _ = (cell.strip() for cell in row.strip(" |").split("|"))
    assert ("没有读到" in lights) == (not rules.rules)
    for rule in rules.rules:
        assert all(f"<{plain(limit)}%" in lights for limit, _ in rule.steps)
    for one in rules.owed:
        assert all(rules.lights[light] in owed for light in one.lights)
    assert f"1～{rules.until}月" in dates if rules.until else "--month" in dates
    assert all(str(due.days or due.month) in dates for due in rules.deadlines)
    assert ("凭记忆" in dates) == rules.until_quote.startswith("（凭记忆）")
