"""The examples on the pages of checks of a whole workbook: each is built, and found, or left alone, as the page says."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from correct import CORRECT, examples
from paper import PaperSheet
from places import EXAMPLES
from workbook_tools.checks.book import CODES, UNSEEN
from workbook_tools.commands.main import main
from workbook_tools.excel import Book
from workbook_tools.fill import read_and_score
from workbook_tools.forms.recognition import forms_of
from workbook_tools.template.workbook import workbook_bytes

pytestmark = pytest.mark.slow  # every scheme or example, many times over

TARGETS = EXAMPLES / "guangzhou_petition_targets.xlsx"
FORM = CORRECT.replace("项目名称 | 公共服务项目", "实施单位 | 广州市信访局 | 项目名称 | 云客服服务外包项目")
FORM = FORM.replace("培训人数", "云客服人员出勤率")
WITH = {"F109": ["--recalc", "formulas"], "S111": ["--recalc", "formulas"], "T121": ["--targets", str(TARGETS)]}
Change = Callable[[Workbook], None]


def hidden(value: float | None) -> Change:
    def change(workbook: Workbook) -> None:
        sheet = workbook.create_sheet("底稿")
        sheet["A1"], sheet.sheet_state = value, "hidden"

    return change


def cells(**values: str | float) -> Change:
    def change(workbook: Workbook) -> None:
        for cell, value in values.items():
            workbook["自评表"][cell] = value

    return change


def another(*headings: str) -> Change:
    def change(workbook: Workbook) -> None:
        sheet = workbook.create_sheet("目标")
        for row in (headings, ("产出指标", "数量指标", "培训人数", "≥200人")):
            sheet.append(row)

    return change


def comment(workbook: Workbook) -> None:
    workbook["自评表"]["A1"].comment = Comment("内部讨论", "李四")


def author(name: str) -> Change:
    def change(workbook: Workbook) -> None:
        workbook.properties.creator = name

    return change


def nothing(workbook: Workbook) -> None:
    """Leaves the form as it is."""


SUM = cells(B60=1, C60=2, D60="=SUM(B60:C60)")
# What a page says → what is done to a correct form, and what Excel has saved as the results of its formulas.
OF_XLSX = [code for code in CODES if code != UNSEEN]  # files of other formats: tests/excel/test_other_formats.py
BUILT: dict[str, tuple[Change, dict[str, float]]] = {
    "工作簿里有隐藏的工作表“底稿”，A1 是 12.5": (hidden(12.5), {}),
    "隐藏的工作表是空的": (hidden(None), {}),
    "工作簿里另有一张只有目标的表“目标”": (another("一级指标", "二级指标", "三级指标", "年度指标值"), {}),
    "工作簿里另有一张“通讯录”": (another("单位", "姓名", "职务", "电话"), {}),
    "D1 是 =SUM(B1:C1)，B1、C1 是 1 和 2，保存的结果是 4": (SUM, {"D60": 4}),
    "保存的结果是 3": (SUM, {"D60": 3}),
    "有公式引用 [底稿.xlsx]Sheet1!B3": (cells(D60="=[底稿.xlsx]Sheet1!B3"), {"D60": 3}),
    "公式只引用本工作簿的格": (SUM, {"D60": 3}),
    "工作簿是 .xlsm，里面有 VBA": (nothing, {}),
    "工作簿没有 VBA": (nothing, {}),
    "有一张工作表带批注": (comment, {}),
    "没有批注": (nothing, {}),
    "文件属性的作者是“张三”": (author("张三"), {}),
    "文件属性里没有人名": (nothing, {}),
    "得分的公式是 =F10*2，重算得 40，按办法应为 20.00": (cells(G10="=F10*2"), {"G10": 40}),
    "得分的公式重算得 20": (cells(G10="=F10*1"), {"G10": 20}),
    "总分的公式是 =[底稿.xlsx]Sheet1!B3，保存的结果是 98": (cells(G17="=[底稿.xlsx]Sheet1!B3"), {"G17": 98}),
    "总分的公式是 =SUM(H5,G10:G16)": (cells(G17="=SUM(H5,G10:G16)"), {"G17": 98}),
    "绩效目标表批复“云客服人员出勤率 ≥92%”，自评表写“≥90%”": (cells(D10="≥90%", E10="98%"), {}),
    "自评表写“≥92%”": (cells(D10="≥92%", E10="98%"), {}),
}


def build(folder: Path, line: str) -> Path:
    """The workbook of an example."""
    path = folder / ("表.xlsm" if "里面有 VBA" in line else "表.xlsx")
    write(path, *BUILT[line])
    return path


def write(path: Path, change: Change, results: dict[str, float]) -> None:
    """Writes the form after a change, with results of its formulas as Excel saves them; an .xlsm has macros."""
    workbook = PaperSheet(FORM).workbook()
    change(workbook)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(workbook))) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            data = source.read(name).decode()
            for cell, result in results.items():
                data = re.sub(rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v ?/?>(?:</v>)?', rf"\g<1><v>{result}</v>", data)
            target.writestr(name, data)
        if path.suffix == ".xlsm":
            target.writestr("xl/vbaProject.bin", b"VBA")
    path.write_bytes(made.getvalue())


def codes(path: Path, code: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What is found where the check is run: F110 and the next ones before a form is mailed."""
    if "F110" <= code <= "F113":
        main(["send", str(path), "--to", "a@example.cn", "--dry-run"])
        return set(re.findall(r"^  (?:错误|提示) ([A-Z]\d{3})", capsys.readouterr().out, re.MULTILINE))
    main(["check", str(path), "--format", "json", *WITH.get(code, [])])
    (form,) = json.loads(capsys.readouterr().out)
    other = "indicators.1.target" if code == "T121" else None  # the other rows of this form were never approved
    return {finding["code"] for finding in form["findings"] if other in (None, finding["field"])}


@pytest.mark.parametrize("code", OF_XLSX)
def test_a_check_of_the_book_finds_its_example(code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code in codes(build(tmp_path, examples(code)[0]), code, capsys)


@pytest.mark.parametrize("code", OF_XLSX)
def test_a_check_of_the_book_leaves_alone_what_is_right(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code not in codes(build(tmp_path, examples(code)[1]), code, capsys)


@pytest.mark.parametrize(
    ("formula", "saved", "found"),
    [
        ("=F10", 20, set()),
        ("=F10", 18, {"F109", "S101"}),  # by the rule 20: only what is saved is wrong
        ("=F10*2", 20, {"F109", "S111"}),  # as if nothing were wrong, until somebody presses F9
        ("=F10*2", 40, {"S101", "S104"}),
        ("=F10*2", None, {"F102", "S111", "S109"}),
        ("=NICHTDA(F10)", 20, {"F117"}),
        ("=NICHTDA(F10)", 18, {"F117", "S101"}),
        ('=IF(F10>10,"",1)', 20, {"F109"}),
    ],
)
def test_a_formula_of_a_score_is_calculated_without_being_asked(
    formula: str, saved: int | None, found: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    write(path, cells(G10=formula), {} if saved is None else {"G10": saved})
    main(["check", str(path), "--format", "json"])
    (form,) = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in form["findings"] if one["field"] == "indicators.1.score"} - {"S106"} == found


def test_the_results_of_formulas_are_in_the_examples(tmp_path: Path) -> None:
    path = build(tmp_path, "保存的结果是 3")
    assert load_workbook(path, data_only=True)["自评表"]["D60"].value == 3


def test_the_instructions_of_an_empty_form_are_no_part_of_its_report() -> None:
    path = TARGETS.with_name("guangzhou_department_2023.xlsx")
    workbook = load_workbook(path)
    workbook.create_sheet("填报说明")["A1"] = "浅黄色的格子由您填写，共 12345 格"  # behind the report, which has no end
    copy = io.BytesIO()
    workbook.save(copy)
    texts = [read_and_score(*forms_of(Book(data))[0])[1].texts for data in (path.read_bytes(), copy.getvalue())]
    assert texts[0] == texts[1]
