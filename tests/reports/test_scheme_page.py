"""The page of a scheme: no sentence of the form is passed over, and none is said to be used that is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drafted import answered, confirmed, drafted, every, first_choices, placed_in, sheets_of
from places import ROOT
from workbook_tools.drafting.writing import draft_text
from workbook_tools.excel import Book, read_file
from workbook_tools.reports.scheme_page import Sentence, scheme_page, scheme_sentences
from workbook_tools.schemes.files import schemes_from
from workbook_tools.schemes.loading import load_scheme, scheme_names
from workbook_tools.values import normalize

USED = [
    ("zhongshan_2022", "比率≥98%的，得5分", "由本工具计算", "“预算执行率”：5 分，≥98% 得 5 分"),
    ("zhongshan_2022", "权重40/m", "由本工具计算", "“产出指标”：40 分；每行权重 = 40 ÷ m"),
    ("zhongshan_2022", "逆向指标(-30分)", "由本工具计算", "合计最多扣 30 分"),
    ("zhongshan_2022", "分数≥90分为优", "由本工具计算", "等级：≥90 分为优"),
    ("zhongshan_2022", "产出指标(40分)", "只核对", "与评分办法的分值核对"),
    ("zhongshan_2022", "控制在200字以内", "只核对", "超过字数的列出来"),
    ("zhongshan_2022", "采购过程是否合法合规", "由人判断", "“政府采购执行情况”：最多扣 10 分，扣多少由人判断"),
    ("zhongshan_2022", "投入产出因果逻辑关系是否合理", "没有用到", ""),
    ("guangzhou_department_2023", "管理绩效得分合计*40%", "由本工具计算", "总分 = 各部分的得分 × 所占比例"),
    (
        "guangzhou_department_2023",
        "主要扣分点是资金支出率指标",
        "由本工具计算",
        "“预算调剂的比率”：得分 = 10 分 - 10 分 × 比率",
    ),
    ("national_2020", "100-80%(含80%)、80-60%(含60%)", "只核对", "定性指标由人评分"),
]


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(("name", "words", "use", "rule"), USED)
def test_each_sentence_has_its_use(name: str, words: str, use: str, rule: str) -> None:
    found = [one for one in scheme_sentences(load_scheme(name)) if normalize(words) in normalize(one.text)]
    assert found
    assert {one.use for one in found} == {use}
    assert all(one.rule.startswith(rule) for one in found)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", ["zhongshan_2022", "national_2020", "hubei", "guangzhou_department_2023"])
def test_every_quote_of_a_scheme_is_on_its_page(name: str) -> None:
    scheme = load_scheme(name)
    shown = normalize("\n".join(one.text for one in scheme_sentences(scheme)))
    quotes = [scheme.grade_quote, *(group.quote for group in scheme.groups), *(rule.quote for rule in scheme.budget)]
    for quote in filter(None, quotes):
        for passage in quote.split("……"):
            assert normalize(passage).rstrip("。;") in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", scheme_names())
def test_every_scheme_has_a_page_that_loads_nothing(name: str) -> None:
    page = scheme_page(load_scheme(name))
    assert load_scheme(name).title in page
    assert 'http-equiv="Content-Security-Policy"' in page
    assert "<script" not in page


def of_draft(tmp_path: Path, which: Callable[[int], bool]) -> list[Sentence]:
    """The sentences of the drafted form, with the facts confirmed that are chosen, and every question answered."""
    blank = ROOT / "templates" / "self_eval_form.xlsx"
    one = drafted(sheets_of(Book(read_file(blank))))
    folder = placed_in(tmp_path, confirmed(answered(draft_text(one), first_choices(one)), which))
    shutil.copy(blank, folder / "form.xlsx")
    with schemes_from(str(folder)):
        return scheme_sentences(load_scheme("bureau"))


def test_no_sentence_of_a_draft_is_used_before_it_is_confirmed(tmp_path: Path) -> None:
    assert {
        one.text: one.rule for one in of_draft(tmp_path, lambda number: number < 0) if one.use == "由本工具计算"
    } == {}


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("number", range(2, 14))
def test_a_sentence_of_a_draft_is_used_once_it_is_confirmed(tmp_path: Path, number: int) -> None:
    before = {one.cell: one for one in of_draft(tmp_path, lambda fact: fact != number)}
    after = {one.cell: one for one in of_draft(tmp_path, every)}
    changed = [cell for cell, one in before.items() if one != after[cell]]
    assert [cell for cell in changed if before[cell].rule == "还没有人确认，不计算"]
    assert {after[cell].use for cell in changed} <= {"由本工具计算", "由人判断", "只核对"}


def test_the_page_of_a_draft_tells_what_is_not_confirmed(tmp_path: Path) -> None:
    text = draft_text(drafted(sheets_of(Book(read_file(ROOT / "templates" / "self_eval_form.xlsx")))))
    folder = placed_in(tmp_path, text.replace("confirmed = false", "confirmed = true", 3))  # the head, year and unit
    (folder / "form.xlsx").write_bytes((ROOT / "templates" / "self_eval_form.xlsx").read_bytes())
    with schemes_from(str(folder)):
        page = scheme_page(load_scheme("bureau"))
    assert "没有确认：“产出指标”的分值还没有人确认（F17 “权重40/m (m为产出指标总数)”）" in page
