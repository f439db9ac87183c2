"""复核.xlsx: one sheet a form with all that was found; what the reviewer fills in is blank and coloured."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from office import convert, needs_libreoffice
from places import EXAMPLES
from reviewed import FAULTY, form, review, rows, sheet_of
from workbook_tools.commands.main import main
from workbook_tools.review import workbook as made
from workbook_tools.review.rules import rules

PRINTED = ("一级指标", "二级指标", "三级指标", "性质", "指标值", "单位", "权重", "自评完成值", "自评得分")
REVIEWED = ("复核完成值", "复核得分", "偏差", "备注")


def test_the_columns_are_those_of_a_published_review_in_their_order(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    sheet = sheet_of(review(tmp_path / "收到"))
    names = [str(cell.value) for cell in sheet[made.HEAD]]
    assert [name for name in names if name in PRINTED + REVIEWED] == [*PRINTED, *REVIEWED]
    hidden = {str(sheet.cell(made.HEAD, at).value) for at in (1, 2, 3)}
    assert hidden == {"标记", "最少", "最多"}
    assert all(sheet.column_dimensions[letter].hidden for letter in "ABC")


def test_a_finding_stands_in_its_row_and_nothing_is_typed_for_the_reviewer(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    sheet = sheet_of(review(tmp_path / "收到"))
    listed = rows(sheet)
    row = listed["indicators.1"]
    assert (row["三级指标"], row["权重"], row["自评完成值"], row["自评得分"]) == ("培训人数", 20, "190人", 20)
    assert "S105 G10：190人 ÷ 200人，没有完成，却得满分 20" in str(row["备注"])
    assert "按办法应得 19 分" in str(row["建议"])
    assert "建议扣 1 分" in str(row["建议"])
    assert [row[name] for name in ("复核完成值", "复核得分", "处理", "复核意见")] == [None] * 4
    assert listed["budget.execution"]["自评完成值"] == "90.00%"
    assert [key for key in listed if key.startswith("finding S102")]
    assert "indicators.2" in listed
    assert listed["indicators.2"]["备注"] is None
    assert listed["indicators.2"]["建议"] is None


def test_the_difference_is_a_live_formula_and_points_have_limits_in_their_own_row(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    sheet = sheet_of(review(tmp_path / "收到"))
    assert str(rows(sheet)["indicators.1"]["偏差"]).startswith("=IF(AND(ISNUMBER(")
    limit = next(rule for rule in sheet.data_validations.dataValidation if rule.type == "decimal")
    assert (limit.formula1, limit.formula2) == (f"$B{made.HEAD + 1}", f"$C{made.HEAD + 1}")
    assert (rows(sheet)["indicators.1"]["最少"], rows(sheet)["indicators.1"]["最多"]) == (0, 20)
    assert sheet.freeze_panes == f"G{made.HEAD + 1}"
    assert sheet.page_setup.fitToWidth == 1
    assert not sheet.protection.sheet


@pytest.mark.slow
@needs_libreoffice
def test_a_spreadsheet_works_out_the_difference(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    path = review(tmp_path / "收到", {"indicators.1": {"复核得分": 17.5}})
    saved = convert([path], tmp_path / "lo")["复核"]
    listed = rows(load_workbook(saved, data_only=True).worksheets[1])
    assert listed["indicators.1"]["偏差"] == -2.5
    assert listed["indicators.2"]["偏差"] in ("", None)


def test_the_summary_leads_to_every_form_and_names_what_was_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲 #1%.xlsx")
    (tmp_path / "收到" / "坏.xlsx").write_bytes(b"PK")
    out = tmp_path / "复核.xlsx"
    assert main(["review", str(tmp_path / "收到"), "-o", str(out)]) == 1
    assert "共 1 张表，1 个文件没有读" in capsys.readouterr().out
    sheet = load_workbook(out)["复核汇总"]
    listed = rows(sheet, "文件")
    assert "不是" in str(listed["收到/坏.xlsx"]["说明"])
    line = listed["收到/甲 #1%.xlsx"]
    assert (line["单位"], line["项目"], line["自评总分"]) == ("甲局", "公共服务项目", 97)
    links = {cell.coordinate: cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    inside = [link.location for link in links.values() if link.location]
    assert inside == ["'001 公共服务项目'!A1"]
    files = [unquote(link.target) for link in links.values() if link.target]
    assert sorted(files) == ["收到/坏.xlsx", "收到/甲 #1%.xlsx"]
    assert (tmp_path / files[0]).exists()


def test_a_folder_without_a_form_gives_no_empty_review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK")
    for given in (tmp_path / "没有", tmp_path / "坏.xlsx"):
        out = tmp_path / "复核.xlsx"
        assert main(["review", str(given), "-o", str(out)]) == 3
        assert f"没有读到自评表，没有写 {out}" in capsys.readouterr().out
        assert not out.exists()


@pytest.mark.slow
def test_sheets_have_names_of_their_own_that_excel_takes(tmp_path: Path) -> None:
    for number, project in enumerate(["一" * 60, "一" * 60, "a/b:c[d]*?'", "𠮷" * 40, "  "]):
        form(tmp_path / "收到" / f"{number}.xlsx", project=project)
    names = load_workbook(review(tmp_path / "收到")).sheetnames
    assert len(names) == len({name.lower() for name in names}) == 7
    assert all(len(name.encode("utf-16-le")) <= 62 and not set(name) & set("[]:*?/\\'") for name in names)


@pytest.mark.slow
def test_very_many_forms_are_several_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "MOST_FORMS", 2)
    for number in range(5):
        form(tmp_path / "收到" / f"{number}.xlsx", project=f"项目{number}")
    out = tmp_path / "复核.xlsx"
    assert main(["review", str(tmp_path / "收到"), "-o", str(out)]) == 0
    books = [tmp_path / name for name in ("复核.xlsx", "复核_2.xlsx", "复核_3.xlsx")]
    assert [len(load_workbook(path).sheetnames) - 2 for path in books] == [2, 2, 1]
    assert main(["review", "close", *map(str, books), "-o", str(tmp_path / "结果")]) == 0
    assert len(rows(load_workbook(tmp_path / "结果" / "问题清单.xlsx")["复核汇总"])) == 5


def test_a_review_that_is_there_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = review(tmp_path / "收到")
    before = out.read_bytes()
    assert main(["review", str(tmp_path / "收到"), "-o", str(out)]) == 2
    assert "没有覆盖" in capsys.readouterr().out
    assert out.read_bytes() == before


def test_waived_findings_are_not_shown(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    waivers = tmp_path / "放行.csv"
    with waivers.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("代码", "位置", "理由", "姓名"), ("S105", "", "已同意", "张三")])
    out = tmp_path / "复核.xlsx"
    assert main(["review", str(tmp_path / "收到"), "-o", str(out), "--waive", str(waivers)]) == 0
    assert "S105" not in str(rows(sheet_of(out))["indicators.1"]["备注"])
    assert main(["review", "close", str(out)]) == 0
    found = rows(load_workbook(tmp_path / "问题清单.xlsx")["问题清单"], "编号")
    assert "没有完成，却得了满分" not in {line["发现"] for line in found.values()}


def test_words_of_a_form_are_never_formulas(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", unit="=HYPERLINK(1)", changes={**FAULTY, "培训人数": "=1+1人数"})
    workbook = load_workbook(review(tmp_path / "收到"))
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    formulas = {str(cell.value)[:4] for cell in cells if cell.data_type == "f"}
    assert formulas == {"=IF("}


def test_a_rule_of_a_published_review_is_cited_where_a_check_proves_that_it_applies(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={"210人 | 20 | 20 |": "300人 | 20 | 20 |"})
    listed = rows(sheet_of(review(tmp_path / "收到")))
    rule = next(rule for rule in rules() if "T105" in rule.codes)
    assert listed["indicators.1"]["建议"] == f"{rule.advice}（参照郫都 2025 年复核口径：“{rule.quote}”）"
    assert rule.quote in str(load_workbook(tmp_path / "复核.xlsx")["复核口径"]["B6"].value)
    cited = [line["建议"] for line in listed.values() if line["建议"]]
    assert len(cited) == 1


@pytest.mark.slow
def test_every_example_is_reviewed(tmp_path: Path) -> None:
    folder = tmp_path / "收到"
    folder.mkdir()
    for path in EXAMPLES.glob("*.xlsx"):
        shutil.copy(path, folder)
    main(["review", str(folder), "-o", str(tmp_path / "复核.xlsx")])
    assert len(load_workbook(tmp_path / "复核.xlsx").sheetnames) == len(list(folder.iterdir())) - 1 + 2


def test_the_step_new_may_be_written_out(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = tmp_path / "复核.xlsx"
    assert main(["review", "new", str(tmp_path / "收到"), "-o", str(out)]) == 0
    said = [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in load_workbook(out)]
    out.unlink()
    same = load_workbook(review(tmp_path / "收到"))
    assert said == [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in same]


def test_files_that_are_no_workbooks_are_counted_as_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    (tmp_path / "收到" / "乙局.docx").write_bytes(b"PK")
    main(["review", str(tmp_path / "收到"), "-o", str(tmp_path / "复核.xlsx")])
    said = capsys.readouterr().out
    assert "没有读 1 个文件" in said
    assert "共 1 张表，1 个文件没有读" in said


def test_what_a_form_has_no_cell_for_is_not_called_blank(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")  # a form without grades
    words = [cell.value for row in sheet_of(review(tmp_path / "收到")).iter_rows(max_row=5) for cell in row]
    assert "自评等级：—" in words
