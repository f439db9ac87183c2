"""The header and the texts of a form: read in every spelling, asked for where they are printed and blank."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from correct import CORRECT, checked
from paper import PaperSheet, drawn_book, example, type_into
from workbook_tools.assess import assess_sheet
from workbook_tools.commands.main import fill_form, main
from workbook_tools.data_files import exported
from workbook_tools.fill import fill_sheet, read_and_score
from workbook_tools.forms.form import Form
from workbook_tools.schemes.loading import load_scheme

# The correct form of the checks with everything printed that a header may have.
HEADED = CORRECT.replace(
    "项目名称 | 公共服务项目 | < | < | < | < | < | <",
    """项目名称 | 公共服务项目 | < | 采购金额（元） | 880000 | < | < | <
主管部门 | 甲局 | < | 实施单位（盖章） | 乙中心 | < | < | <
起止时间 | 2023-1-1至2023-12-31 | < | 联系人及电话 | 丙 0000 | < | < | 填报日期：2024年1月8日""",
).replace(
    "年度总体目标 | < | < | < | < | < | < | <",
    """年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <
^ | 培训200人 | < | < | 培训210人 | < | < | <""",
)
HEADED += """主要成效 | 培训质量提高 | < | < | < | < | < | <
存在问题 | 无 | < | < | < | < | < | <
改进措施 | 无 | < | < | < | < | < | <
"""
TEXTS = {
    "texts.year": "2023",
    "texts.project": "公共服务项目",
    "texts.purchase": "880000",
    "texts.department": "甲局",
    "texts.unit": "乙中心",
    "texts.period": "2023-1-1至2023-12-31",
    "texts.contact": "丙 0000",
    "texts.date": "2024年1月8日",
    "texts.goal": "培训200人",
    "texts.result": "培训210人",
    "texts.achievements": "培训质量提高",
    "texts.problems": "无",
    "texts.improvements": "无",
}
ASKED = sorted(TEXTS.keys() - {"texts.contact"})


def form_of(drawing: str, scheme: str = "national_2020") -> Form:
    return read_and_score(PaperSheet(drawing), load_scheme(scheme))[1]


def blanks(drawing: str, scheme: str = "national_2020") -> dict[str, str]:
    """The texts that are asked for in a drawn form, each with what is said."""
    found = checked(PaperSheet(drawing), scheme)
    return {finding.at: finding.message for finding in found if finding.code == "F114"}


def saved(folder: Path, drawing: str) -> Path:
    path = folder / "表.xlsx"
    path.write_bytes(drawn_book(drawing))
    return path


def test_every_printed_text_is_read() -> None:
    assert form_of(HEADED).texts == TEXTS


def test_a_form_with_everything_filled_in_has_no_findings() -> None:
    assert checked(PaperSheet(HEADED), "national_2020") == []


def test_what_is_not_printed_is_not_asked_for() -> None:
    assert blanks(CORRECT) == {}
    assert set(form_of(CORRECT).texts) == {"texts.project", "texts.year"}


@pytest.mark.parametrize("field", ASKED)
def test_a_blank_text_is_asked_for_with_its_cell_and_what_belongs_there(field: str) -> None:
    sheet, scheme = PaperSheet(HEADED), load_scheme("national_2020")
    placement = fill_sheet(PaperSheet(HEADED), scheme).placement
    type_into(sheet, placement.cells[field], f"{placement.whole(field, '')}")
    found = assess_sheet(sheet, scheme).found
    assert [(place.finding.code, place.finding.at, place.level) for place in found] == [("F114", field, "错误")]
    assert found[0].address == sheet.address(placement.cells[field])
    assert f"没有填；请写{placement.wanted[field].what}" in found[0].finding.message


# A printed text → what stands there instead, and what is said of it.
UNFILLED = [
    ("填报日期：2024年1月8日", "填报日期：", "texts.date", "没有填"),
    ("填报日期：2024年1月8日", "填报日期：    年  月  日", "texts.date", "只有“年 月 日”，没有填"),
    ("填报日期：2024年1月8日", "填报日期", "texts.date", "没有填"),
    ("(2023年度)", "（    年度）", "texts.year", "没有填"),
    ("(2023年度)", "(____年度)", "texts.year", "只有“____”，没有填"),
    ("2023-1-1至2023-12-31", "年  月至    年  月", "texts.period", "只有“年 月至 年 月”，没有填"),
    ("乙中心", "", "texts.unit", "没有填"),
    ("乙中心", "无", "texts.unit", "写的是“无”"),
    ("乙中心", "—", "texts.unit", "写的是“—”"),
    ("培训200人", "目标：", "texts.goal", "只有“目标：”，没有填"),
]
# The same → what is an answer.
FILLED = [
    ("填报日期：2024年1月8日", "填报日期：2024.1.8"),
    ("填报日期：2024年1月8日", "填表日期 ： 2024/1/8"),
    ("(2023年度)", "2023年度"),
    ("(2023年度)", "( 2023 年度)"),
    ("主管部门 | 甲局", "主管部门 | 无"),
    ("主管部门 | 甲局", "县级主管部门 | 甲局"),
    ("主管部门 | 甲局", "主管部门：甲局 | "),
    ("实施单位（盖章） | 乙中心", "项目单位(盖章):乙中心 | "),
    ("项目名称 | 公共服务项目", "1.项目名称 | 公共服务项目"),
    ("采购金额（元） | 880000", "采购金额（元） | 无"),
    ("采购金额（元） | 880000", "采购金额（元） | 0"),
    ("存在问题 | 无", "存在问题或不足 | 暂无"),
    ("改进措施 | 无", "改进建议 | /"),
]


@pytest.mark.parametrize(("printed", "instead", "field", "said"), UNFILLED)
def test_a_line_to_write_on_is_no_answer(printed: str, instead: str, field: str, said: str) -> None:
    found = blanks(HEADED.replace(printed, instead, 1))
    assert list(found) == [field]
    assert found[field].startswith(f"{said}；请写")


@pytest.mark.parametrize(("printed", "instead"), FILLED)
def test_an_answer_in_another_spelling_or_place_is_an_answer(printed: str, instead: str) -> None:
    assert printed in HEADED
    assert blanks(HEADED.replace(printed, instead, 1)) == {}


def test_a_date_in_the_cell_beside_its_label_is_read_and_another_label_is_not() -> None:
    beside = CORRECT.replace(
        "| 公共服务项目 | < | < | < | < | < | <", "| 公共服务项目 | < | < | 填报日期： | {} | < | <"
    )
    assert form_of(beside.format("2024年1月8日")).texts["texts.date"] == "2024年1月8日"
    assert form_of(beside.format("单位：万元")).texts["texts.date"] == ""


def test_a_label_whose_neighbour_is_another_label_has_no_place_for_a_value() -> None:
    drawing = CORRECT.replace("项目名称 | 公共服务项目 | < | <", "主管部门 | 项目名称 | 公共服务项目 | <")
    assert form_of(drawing).texts == {"texts.project": "公共服务项目", "texts.year": "2023"}


def test_a_label_in_the_report_is_not_the_form_s() -> None:
    scheme = load_scheme("guangzhou_department_2023")
    sheet = example("guangzhou_department_2023")
    report = read_and_score(sheet, scheme)[0].cells["texts.report.5"]
    type_into(sheet, report, "填报日期：")
    assert "texts.date" not in read_and_score(sheet, scheme)[0].cells


# What a published form of Zhongshan prints; each was left blank once, and nobody said so.
ZHONGSHAN = (
    *("texts.unit", "texts.project", "texts.date", "texts.period", "texts.department", "budget.year", "texts.goal.1"),
    *("texts.goal.2", "texts.result.1", "texts.result.2", "texts.achievements", "texts.problems"),
    *("texts.improvements", "texts.purchase"),
)


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("field", ZHONGSHAN)
def test_a_text_left_blank_in_the_published_form_is_found(field: str) -> None:
    scheme, sheet = load_scheme("zhongshan_2022"), example("zhongshan_12345_2022")
    placement = read_and_score(sheet, scheme)[0]
    assert not [finding for finding in checked(sheet, "zhongshan_2022") if finding.code == "F114"]
    type_into(sheet, placement.cells[field], f"{placement.whole(field, '')}")
    assert [finding.at for finding in checked(sheet, "zhongshan_2022") if finding.code == "F114"] == [field]


def test_data_fills_the_header_and_comes_out_again(tmp_path: Path) -> None:
    empty = HEADED.replace("(2023年度)", "（    年度）").replace("2024年1月8日", "   年  月  日").replace("乙中心", "")
    path, data = saved(tmp_path, empty), tmp_path / "数据.csv"
    with data.open("w", encoding="utf-8") as file:
        csv.writer(file).writerows([("字段", "内容"), *TEXTS.items()])
    assert main(["fill", str(path), "--data", str(data)]) == 0
    fields = exported(path)[0].fields
    assert {field: fields[field] for field in TEXTS} == TEXTS
    sheet = fill_sheet(PaperSheet(empty), load_scheme("national_2020"), inputs=TEXTS).source
    words = ["".join(sheet.text(cell).split()) for cell in sheet.filled()]
    assert "（2023年度）" in words
    assert "填报日期：2024年1月8日" in words
    before = path.read_bytes()
    assert main(["fill", str(path), "--data", str(data)]) == 0
    assert path.read_bytes() == before


def test_a_dash_that_a_person_typed_is_not_filled_over() -> None:
    drawing = HEADED.replace("主管部门 | 甲局", "主管部门 | —")
    changes = fill_sheet(PaperSheet(drawing), load_scheme("national_2020"), inputs={"texts.department": "甲局"}).changes
    assert [(change.field, change.outcome) for change in changes] == [("texts.department", "differs")]


def test_filling_names_what_is_blank_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = HEADED.replace("乙中心", "").replace("填报日期：2024年1月8日", "填报日期：").replace("公共服务项目", "")
    fill_form([str(saved(tmp_path, empty)), "--dry-run"])
    said = capsys.readouterr().out
    assert "错误 还有 3 处没有填：B3 项目名称、E4 实施单位、H5 填报日期" in said
    assert "F114" not in said


def test_a_form_with_a_blank_text_is_not_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, HEADED)
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == 0
    assert "1 封可以发" in capsys.readouterr().out
    path.write_bytes(drawn_book(HEADED.replace("培训质量提高", "")))
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert "有 1 处错误，没有发送" in said
    assert "错误 F114  B21 主要成效：没有填；请写项目取得的主要成效" in said
    assert "0 封可以发" in said
