"""The examples on the pages of the checks of forms against each other: each is drawn, and found, or left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from correct import CORRECT, SICHUAN
from paper import PaperSheet, example
from workbook_tools.checks.compared import ComparedForm
from workbook_tools.checks.every import CROSS_CHECKS
from workbook_tools.checks.registry import HINT, INFORMATION, UNCHECKED
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.fill import fill_sheet
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.summary.compared import compared_file
from workbook_tools.summary.comparison import Difference, compared
from workbook_tools.template.workbook import workbook_bytes

pytest.importorskip("rapidfuzz", reason="pip install workbook_tools[compare]")

FORM = CORRECT.replace("项目名称 | 公共服务项目 | <", "项目名称 | 公共服务项目 | < | 实施单位 | 青山县人社局").replace(
    "实施单位 | 青山县人社局 | < | < | < | < | <", "实施单位 | 青山县人社局 | < | <"
)
FORM = FORM.replace(
    "年度总体目标 | < | < | < | < | < | < | <",
    "年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <\n^ | 开办培训班 | < | < | 已开办 | < | < | <",
)
# The kind of form of an example → its scheme and drawing.
FORMS = {"": ("national_2020", FORM), "四川": ("sichuan", SICHUAN), "广州": ("guangzhou_2021", "")}
FIELDS = {
    "项目名称": "texts.project",
    "单位名称": "texts.unit",
    "目标": "texts.goal",
    "改进": "texts.improvements",
    "总分": "total",
    "等级": "grade",
    "支出": "budget.spent",
    "执行率": "budget.execution",
}
ROWS = {"": 1, "培训人数": 1, "合格率": 2, "单位成本": 4, "就业率": 5, "机制": 6, "满意度": 7}
COLUMNS = {"三级指标": "name", "指标值": "target", "完成值": "actual", "得分": "score", "原因": "reason"}
FIELDS |= {f"{row}{word}": f"indicators.{n}.{column}" for row, n in ROWS.items() for word, column in COLUMNS.items()}
TITLE = (2, 1)
YEARS = sorted(code for code in CROSS_CHECKS if code < "C120")
UNITS = sorted(CROSS_CHECKS.keys() - set(YEARS))


def drawn(kind: str, typed: Mapping[str, str], path: Path) -> ComparedForm:
    """A form with words typed into it, as a comparison keeps it."""
    scheme, drawing = FORMS[kind]
    sheet = PaperSheet(drawing) if drawing else first_sheet("guangzhou_12345_2021")
    placement = fill_sheet(sheet, load_scheme(scheme)).placement
    review = None
    for label, words in typed.items():
        if label == "审核分数":
            review = Decimal(words)
        elif label == "表题":
            sheet.cells[TITLE] = words
        else:
            sheet.cells[placement.cells[FIELDS[label]]] = words
    path.write_bytes(workbook_bytes(sheet.workbook()))
    (form,) = compared_file(path)
    return form if review is None else replace(form, review=review)


def first_sheet(name: str) -> PaperSheet:
    sheet = example(name)
    part = sheet.parts[0][1] if isinstance(sheet, JoinedSheet) else sheet
    assert isinstance(part, PaperSheet)
    return part


def typed_words(line: str) -> dict[str, dict[str, str]]:
    """What an example types into each form: "" is the form itself, 上年, 另一家, 另外六家 others."""
    found: dict[str, dict[str, str]] = {}
    for part in line.split("；"):
        label, _, words = (one.strip() for one in re.sub(r"（.*?）", "", part, count=1).partition("="))
        mark = re.match(r"上年|另一家|另外[三六]家", label)
        found.setdefault(mark[0] if mark else "", {})[label.removeprefix(mark[0] if mark else "")] = words
    return found


def found(line: str, folder: Path) -> list[Difference]:
    """What is found in the forms of an example."""
    mark = re.match(r"（(.*?)）", line)
    kind, typed = (mark[1] if mark else ""), typed_words(line)
    form = drawn(kind, typed.pop("", {}), folder / "本表.xlsx")
    forms = []
    for which, words in typed.items():
        if which == "上年":
            last = drawn(kind, words, folder / "上年.xlsx")
            last = last if "表题" in words or last.year is None else replace(last, year=last.year - 1)
            return list(compared([form], [last], named=True).differences)
        for number in range({"另一家": 1, "另外三家": 3, "另外六家": 6}[which]):
            other = drawn(
                kind,
                {"单位名称": f"第{number}中学", "项目名称": f"另外的项目{number}", **words},
                folder / f"{number}.xlsx",
            )
            forms.append(other)
    if not forms:
        forms = [replace(form, file="甲.xlsx", unit="另一个单位", project="另一个项目", rows=(), review=None, grade="")]
    return list(compared([form, *forms]).differences)


def lines(code: str, word: str) -> str:
    said = re.search(rf"^{word}：(.*)$", CROSS_CHECKS[code].page, re.MULTILINE)
    assert said, code
    return said[1]


@pytest.mark.parametrize("code", CROSS_CHECKS)
def test_the_page_of_a_check_tells_what_a_clerk_needs(code: str) -> None:
    check = CROSS_CHECKS[code]
    assert re.fullmatch(r"C\d{3}", code)
    assert check.level in (HINT, INFORMATION, UNCHECKED)
    assert re.findall(r"^## (.*)$", check.page, re.MULTILINE) == ["为什么", "例", "怎么改", "依据"]
    assert check.page.splitlines()[0].endswith("。")


@pytest.mark.parametrize("code", CROSS_CHECKS)
def test_a_check_finds_its_example(code: str, tmp_path: Path) -> None:
    assert code in {one.check.code for one in found(lines(code, "查出"), tmp_path)}


@pytest.mark.parametrize("code", CROSS_CHECKS)
def test_a_check_leaves_alone_what_is_right(code: str, tmp_path: Path) -> None:
    assert code not in {one.check.code for one in found(lines(code, "不查"), tmp_path)}
