"""What empty forms say to the person who fills them in: data, and one class that puts it into any form."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template import instructions, workbook
from workbook_tools.template.data import form_for_data
from workbook_tools.template.drawing import is_tint
from workbook_tools.template.guidance import Guidance, load_guidance, read_guidance
from workbook_tools.template.workbook import form_workbook, rows_drawn, workbook_bytes

pytestmark = pytest.mark.slow  # every scheme or example, many times over

COMMON = {
    "own_scores": "手填得分",
    "text_height": 62,
    "hints": {"money": ["金额", "只填数字"], "own": ["得分", "自评"]},
}


def cell_of(book: Workbook, field: str) -> tuple[Worksheet, str]:
    sheet, _, address = str(book.defined_names[field].attr_text).rpartition("!")
    return book[sheet.strip("'")], address.replace("$", "")


def tinted(sheet: Worksheet) -> set[str]:
    """The cells that are tinted while they are blank."""
    return {
        f"{cell}"
        for area in sheet.conditional_formatting
        if any(is_tint(rule) and rule.formula == ['""'] for rule in area.rules)
        for cell in str(area.sqref).split()
    }


def prompts(sheet: Worksheet) -> dict[str, str]:
    """Each cell with a prompt, and the prompt."""
    return {
        cell: str(hint.prompt)
        for hint in sheet.data_validations.dataValidation
        for cell in str(hint.sqref).split()
        if ":" not in cell
    }


def test_a_form_says_what_every_form_says_but_for_its_own_words() -> None:
    found = read_guidance(COMMON, {"text_height": 120, "hints": {"money": ["金额", "元"]}, "steps": ["先填表头"]})
    assert found.hints == {"money": ("金额", "元"), "own": ("得分", "自评")}
    assert (found.text_height, found.text_length, found.own_scores) == (120, 0, "手填得分")
    assert found.steps == ("先填表头",)


@pytest.mark.parametrize("special", [{"step": ["先填表头"]}, {"hints": {"monye": ["金额", "元"]}}])
def test_a_word_that_is_not_known_is_refused(special: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"不认识的项：(step|monye)"):
        read_guidance(COMMON, special)


@pytest.mark.parametrize("scheme", form_names())
def test_every_prompt_has_the_words_of_its_scheme(scheme: str) -> None:
    sheets = form_workbook(load_scheme(scheme)).worksheets[:-1]
    said = {words for sheet in sheets for words in prompts(sheet).values()}
    assert said
    assert not [words for words in said if "{" in words or not words.strip()]
    assert all(len(words) <= 255 for words in said), "Excel refuses a longer prompt"


@pytest.mark.parametrize("scheme", form_names())
def test_every_blank_text_of_the_form_is_tinted(scheme: str) -> None:
    """Also the name of the unit above the table, and the grade that a person writes beside the total."""
    book = form_workbook(load_scheme(scheme))
    blank = [
        (field, address in tinted(sheet), sheet[address].protection.locked)
        for field in book.defined_names
        if field.startswith("texts.")
        for sheet, address in [cell_of(book, field)]
        if sheet[address].value is None
    ]
    assert blank
    assert [one for one in blank if one[1:] != (True, False)] == []


@pytest.mark.parametrize("scheme", form_names())
def test_nothing_that_is_computed_is_unlocked_but_sums_of_money(scheme: str) -> None:
    """A sum of money may have no sources; everything else that is computed stays as it is."""
    book = form_workbook(load_scheme(scheme))
    unlocked = {
        field
        for field in book.defined_names
        for sheet, address in [cell_of(book, field)]
        if sheet[address].data_type == "f" and not sheet[address].protection.locked
    }
    assert {field.partition(".")[0] for field in unlocked} <= {"budget"}
    assert not unlocked & {"budget.execution", "budget.adjustment"}
    computed = {
        a for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f" for a in [c.coordinate]
    }
    if len(book.worksheets) == 2:
        assert not computed & tinted(book.worksheets[0])


def test_a_name_that_data_prints_may_be_changed() -> None:
    data = {"indicators.1.kind": "数量指标", "indicators.1.name": "培训场次", "indicators.11.name": "无"}
    for scheme in ("zhongshan_2022", "national_2020"):
        book, _ = form_for_data(load_scheme(scheme), {k: v for k, v in data.items() if "11" not in k or "z" in scheme})
        sheet, address = cell_of(book, "indicators.1.name")
        assert sheet[address].value == "培训场次"
        assert not sheet[address].protection.locked


def test_the_tint_of_a_form_for_data_is_not_on_the_words_of_its_report() -> None:
    data = {"texts.unit": "某局", "texts.report.1": "主要依据如下：", "texts.report.2": "一、背景。"}
    book, _ = form_for_data(load_scheme("guangzhou_department_2023"), data)
    report = load_workbook(io.BytesIO(workbook_bytes(book)))["报告"]
    assert "主要依据如下：" in {cell.value for row in report.iter_rows() for cell in row}
    assert all(cell.protection.locked for row in report.iter_rows() for cell in row if cell.value)
    assert tinted(report) == set()


def test_a_form_of_equal_weights_needs_no_guidance_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule words of the scheme alone give formulas, prompts and the column for a person's own scores."""
    scheme = load_scheme("zhongshan_2022")
    own, common = form_workbook(scheme), load_guidance("national_2020")

    def only_common(_: str) -> Guidance:
        return common

    monkeypatch.setattr(workbook, "load_guidance", only_common)
    monkeypatch.setattr(instructions, "load_guidance", only_common)
    made = form_workbook(scheme)
    assert common.own_scores in {cell.value for cell in made.worksheets[0]["K"]}
    for field in own.defined_names:
        (sheet, address), (other, same) = cell_of(own, field), cell_of(made, field)
        assert address == same
        if sheet[address].data_type == "f":
            assert other[same].value == sheet[address].value, field
    assert prompts(own.worksheets[0]).keys() == prompts(made.worksheets[0]).keys()


def test_a_form_has_the_rows_that_its_text_says() -> None:
    assert rows_drawn(load_scheme("zhongshan_2022")) == {"output": 10, "benefit": 10}
    national = load_scheme("national_2020")
    assert rows_drawn(national) == {group.name: len(group.kinds) for group in national.groups if group.kinds}
