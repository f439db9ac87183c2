"""A report made from a form: what it says, that the form bears it out, and that it does not when a figure changes."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

import build
from ooxml import errors as schema_errors
from ooxml import needs_validator
from places import EXAMPLES
from workbook_tools.assess import Assessment, assess, assess_file
from workbook_tools.checks.prose import UNFINISHED
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands.main import main
from workbook_tools.excel import read_book
from workbook_tools.findings import LocatedFinding
from workbook_tools.reports.word.report import made_report
from workbook_tools.reports.word.values import report_values
from workbook_tools.word.package import save_document

FORMS = [name for name in build.FORMS if (EXAMPLES / f"{name}.xlsx").exists()]


@cache
def example(name: str) -> Assessment:
    return assess_file(EXAMPLES / f"{name}.xlsx").forms[0]


@cache
def report(name: str) -> bytes:
    return made_report(example(name), Path("报告.docx")).data


def written(name: str, folder: Path) -> Path:
    path = folder / f"{name}.docx"
    save_document(path, report(name), seen=None)
    return path


def told(path: Path) -> str:
    return "\n".join(read_report(path).paragraphs.values())


@cache
def said_of(name: str) -> str:
    """All that the report of a form says."""
    return "\n".join(read_report(Path("报告.docx"), report(name)).paragraphs.values())


def refuted(form: Path, report: Path) -> list[LocatedFinding]:
    own = len(assess_file(form).forms[0].found)
    found = assess_file(form, report=read_report(report)).forms[0].found[own:]
    return [one for one in found if one.code != UNFINISHED]  # of a first draft


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("name", FORMS)
def test_the_form_bears_out_every_sentence_of_its_report(name: str, tmp_path: Path) -> None:
    assert refuted(EXAMPLES / f"{name}.xlsx", written(name, tmp_path)) == []


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", FORMS)
def test_the_same_form_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    assert made_report(example(name), tmp_path / "r.docx").data == report(name)


@needs_validator
def test_the_schema_of_office_knows_every_report(tmp_path: Path) -> None:
    paths = [written(name, tmp_path) for name in FORMS]
    assert schema_errors(paths) == {path: set() for path in paths}


# Figures of a published report that form and statistics know: in which sentence of ours each stands.
PUBLISHED = {
    "guangzhou_12345_2021": [
        ("年初预算13,410.06万元，实际支出13,410.06万元，预算完成率100%", "预算资金为13,410.06万元……执行资金为13,410.06万元，预算执行率100%"),
        ("本项目设置7个绩效指标", "具体设置7个绩效量化指标"),
        ("达标指标数量6个，“月度话务接通率”未达到年度指标值", "6个指标均达到……“月度话务接通率”完成值略低于全年指标目标"),
        ("本项目自评得分99.70分", "绩效自评分值为99.7分"),
        ("预算完成率得10.00分，产出指标得分49.70分，效益指标得分40.00分", "预算完成率10分，产出指标49.7分，效益指标40分"),
        ("月度话务接通率：年度指标值≥95%，实际完成值94.07%，未达到年度指标值，得分11.70分，扣0.3分", "月度话务接通率94.07%"),
        ("群众咨询事项一次性解答率：年度指标值≥80%，实际完成值98.79%", "群众咨询事项一次性解答率98.79%"),
        ("话务服务市民满意度：年度指标值≥95%，实际完成值97.52%", "话务服务市民满意度97.52%"),
        ("导致部分月份接通率不达标", "导致部分月份接通率不达标"),
    ],
    "guangzhou_petition_2022": [
        ("年初预算298.67万元，实际支出298.67万元，预算完成率100%", "年度预算安排298.67万元……支出进度达100%"),
        ("2021年合同尾款9.78万元，2022年部分合同款288.89万元", "2021年合同尾款9.78万元以及2022年部分合同款288.89万元"),
        ("本项目自评得分100.00分，评定等级为“优”", "绩效评分为100分，达到“优”等级"),
        ("云客服人员出勤率：实际完成值98%，达到年度指标值，得分50.00分", "云客服人员出勤率98%，达到年度指标值，得分50分"),
    ],
    "guangzhou_department_2023": [
        ("年初预算15,412.94万元，年中预算调减514.56万元，全年预算14,898.38万元，实际支出14,898.38万元，预算执行率100%", "年初预算资金安排为15,412.94万元……"),
        ("本项目自评得分99.87分，评定等级为“优”", "绩效评价得分99.87分，绩效级别等次为“优”"),
        ("管理指标得分99.67分，结果指标得分100.00分", "评价得分为99.67分……评价得分为100分"),
        ("呼入量14,097,337，其中接通量13,556,651，话务接通率96.16%", "年度总呼入数为14,097,337通，总接通数为13,556,651通，话务接通率96.16%"),
        ("热线转派工单量5,051,554，其中及时转派工单量5,051,554", "4,414,958次：印的合计少了一个月"),
        ("资金支出率：得分9.67分，扣0.33分", "主要扣分点是资金支出率指标……扣0.33分"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "sentence"), [(name, ours) for name, pairs in PUBLISHED.items() for ours, _ in pairs])
def test_what_a_published_report_states_stands_in_ours(name: str, sentence: str) -> None:
    assert sentence in said_of(name)


# What the office would send back: what stands there now, and what stood there.
ROUGH = [
    ("transfer_hengshan_2020", "自评表不设分值，不计算总分。", "这种自评表"),
    ("zhongshan_12345_2022", "“准确派单率: 94.82% 2. 人工接通率: 72.95%", "94.82%2.人工接通率"),
    ("zhongshan_12345_2022", "实施周期绩效目标：与中国电信", "： 与中国电信"),
    ("zhongshan_12345_2022", "2022年度12345政府服务热线外包服务项目\n绩效自评报告", "外包服务项目绩效自评报告"),
    ("hubei_huangshi_2022", "“一个存储备份器；WIFI布点全覆盖”", "备份器;"),
    ("hubei_huangshi_2022", "预算执行率得20分，产出指标得分40分", "得分40.00分"),
    ("hunan_lingling_2021", "森林经营16.3万亩；目标3", "万亩 目标3"),
    ("fujian_ningde_2020", "实际支出按支出类别分，项目支出30万元，基本支出158.45万元", "① 项目支出30万元"),
    ("anhui_xiaoxian_2023", "补助鱼塘面积：年度指标值3亩", "★补助鱼塘面积：年度"),
    ("national_tangxi_2022", "年度指标值≥50个，实际完成值50个，", "实际完成值90元"),
    ("sichuan_qingshen_2023", "2023年度工资性支出绩效自评报告", "51000021R000000019951-工资性支出绩效"),
]


@pytest.mark.parametrize(("name", "now", "before"), ROUGH)
def test_a_report_reads_like_one_that_a_person_wrote(name: str, now: str, before: str) -> None:
    words = said_of(name)
    assert now in words
    assert before not in words


def test_what_a_form_does_not_have_is_a_dash_in_the_tables() -> None:
    """Points in a form that gives none, 一级 and 二级指标 where it has no such columns."""
    values, _ = report_values(example("transfer_hengshan_2020"))
    assert {row["得分"].text for row in values["指标"]} == {"—"}
    assert {(row["分值"].text, row["得分"].text) for row in values["附表"]} == {("—", "—")}
    assert values["附表总分"].text == "—"
    values, _ = report_values(example("chongqing_media_2021"))
    assert {(row["一级指标"].text, row["二级指标"].text) for row in values["附表"]} == {("—", "—")}
    values, _ = report_values(example("fujian_ningde_2020"))
    assert [row["得分"].text for row in values["附表"]] == ["6", "6", ""]  # not known yet
    assert values["附表总分"].text == "【待定】"


def test_headings_are_numbered(tmp_path: Path) -> None:
    """Every heading below a numbered one: the groups of a department, and what is said of the year before."""
    assert "\n（一）管理指标完成情况\n" in said_of("guangzhou_department_2023")
    assert "\n（二）结果指标完成情况\n" in said_of("guangzhou_department_2023")
    before = tmp_path / "上年.xlsx"
    book: Any = load_workbook(EXAMPLES / "hebei_example.xlsx")
    for cell in (cell for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, str)):
        cell.value = cell.value.replace("2022", "2021")
    book.save(before)
    made = made_report(example("hebei_example"), tmp_path / "r.docx", last=assess_file(before).forms[0])
    headings = [one for one in read_report(Path("r.docx"), made.data).paragraphs.values() if len(one) < 12]
    assert [one for one in headings if one.endswith(("指标完成情况", "与上年比较"))] == [
        "（一）指标完成情况",
        "（二）与上年比较",
    ]


@pytest.mark.parametrize(
    ("project", "lines"),
    [
        ("困难群众技能培训费", 1),  # all in one line
        ("困难群众就业技能培训", 2),  # not quite, with the room between the year and the words
        ("12345热线7处网点3类设备运行维护", 1),  # the name takes more than a line: it is not cut for us
    ],
)
def test_the_kind_of_a_report_has_its_own_line_where_the_name_surely_fits_in_one(project: str, lines: int) -> None:
    sheet = read_book((EXAMPLES / "hebei_example.xlsx").read_bytes())
    (form,) = assess(sheet)
    texts = {**form.form.texts, "texts.project": project}
    title = report_values(form._replace(form=replace(form.form, texts=texts)))[0]["标题"].text
    assert title.replace("\n", "") == f"2022年度{project}绩效自评报告"
    assert len(title.split("\n")) == lines


@pytest.mark.parametrize("name", ["hebei_example", "guangzhou_12345_2021"])
def test_an_annex_is_named_below_the_text_and_has_that_name_on_its_page(name: str) -> None:
    """By GB/T 9704: one line below the text, two characters in, no stop; 附件 at the edge of the first line of its page."""
    paragraphs = Document(io.BytesIO(report(name))).paragraphs
    words = [one.text for one in paragraphs]
    at = next(n for n, one in enumerate(words) if one.startswith("附件："))
    assert [bool(one) for one in words[at - 2 : at + 4]] == [True, False, True, False, True, True]
    assert words[at + 2].endswith(("局", "【待定：单位名称】"))
    first = words.index("附件")
    assert words[first + 1 : first + 3] == ["", words[at].removeprefix("附件：")]
    named, above = (one._p.get_or_add_pPr().find(qn("w:ind")) for one in (paragraphs[at], paragraphs[first]))
    assert (named, above.get(qn("w:firstLineChars"))) == (None, "0")


def test_the_unit_signs_without_its_budget_code() -> None:
    values, _ = report_values(example("national_tangxi_2022"))
    assert values["单位"].text == "池州市贵池区棠溪镇人民政府"


def test_what_only_a_person_can_write_is_a_marked_place() -> None:
    words = said_of("guangzhou_12345_2021")
    asked = re.findall("【请填写：([^】]*)】", words)
    assert len(asked) >= 10
    assert any("依据" in one or "文件" in one for one in asked)


def test_an_open_figure_is_said_to_be_open_and_never_0() -> None:
    words = said_of("sichuan_qingshen_2023")
    assert "【待定：自评总分" in words
    assert "得分0" not in words


def test_a_form_that_contradicts_itself_is_not_cited(tmp_path: Path) -> None:
    made = made_report(example("national_tangxi_2022"), tmp_path / "r.docx")
    assert {one.label for one in made.differing} >= {"全年执行数"}
    path = tmp_path / "r.docx"
    save_document(path, made.data, seen=None)
    assert "实际支出" not in told(path)
    assert "【待定：自评表上的" in told(path)


def test_changes_against_last_year_are_told() -> None:
    before = changed(EXAMPLES / "guangzhou_12345_2021.xlsx", {"indicators.4.actual": "96%", "texts.year": "2020"})
    values, _ = report_values(example("guangzhou_12345_2021"), assess(read_book(before))[0])
    said = [piece.text for piece in values["与上年比较"]]
    assert any("“月度话务接通率”完成值由96%下降到94.07%" in one for one in said)
    assert any("年初预算持平（13,410.06万元）" in one for one in said)


def changed(path: Path, figures: dict[str, Any]) -> bytes:
    """The workbook with other words in the cells of some fields."""
    form, sheet = assess_file(path).forms[0], read_book(path.read_bytes()).sheet(read_book(path.read_bytes()).sheets[0])
    workbook = load_workbook(path)
    for field, words in figures.items():
        where = sheet.address(form.placement.cells[field]).rpartition("!")[2]
        workbook[form.sheet][where].value = words
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


LAST_YEAR = {"texts.year": "（2020年度）"}


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("last", "refused", "said"),
    [
        (LAST_YEAR, False, ""),
        ({}, True, "--last 给的是 2021 年度的表，不是 2021 年度的上一年"),
        ({"texts.year": "（2019年度）"}, True, "--last 给的是 2019 年度的表，不是 2021 年度的上一年"),
        (LAST_YEAR | {"texts.unit": "某某局", "texts.project": "办公楼维修"}, True, "--last 给的不是这个项目的表"),
        (LAST_YEAR | {"texts.project": "办公楼维修"}, False, "上年的项目是“办公楼维修”"),
        (LAST_YEAR | {"texts.unit": "某某局"}, False, "上年的单位是“某某局”"),
        (LAST_YEAR | {"texts.project": "2020年12345政府服务热线人工坐席服务外包项目工作经费"}, False, ""),
    ],
)
def test_a_form_that_is_not_that_of_the_year_before_is_not_compared_in_silence(
    last: dict[str, Any], refused: bool, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, out = tmp_path / "上年.xlsx", tmp_path / "报告.docx"
    before.write_bytes(changed(EXAMPLES / "guangzhou_12345_2021.xlsx", last))
    form = str(EXAMPLES / "guangzhou_12345_2021.xlsx")
    code = main(["report", form, "--scheme", "guangzhou_2021", "--last", str(before), "-o", str(out)])
    printed = capsys.readouterr().out
    assert said in printed
    assert (code, out.exists()) == ((2, False) if refused else (1 if said else 0, True))
    assert ("请核对是不是同一个" in printed) is (bool(said) and not refused)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["."], 3, ".：这是文件夹"),
        (["{form}", "-o", "夹.docx"], 3, "夹.docx：这是文件夹"),
        (["{form}", "-o", "新.docx", "--template", "没有.docx"], 3, "没有.docx：找不到这个文件"),
        (["{form}", "-o", "新.docx", "--charts"], 2, "没有各月的统计表，不能画图；请加 --from 统计表"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(
    options: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "夹.docx").mkdir()
    form = str(EXAMPLES / "guangzhou_12345_2021.xlsx")
    assert main(["report", *(one.format(form=form) for one in options)]) == code
    assert said in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["夹.docx"]
