"""Several forms on one sheet and in one workbook: each is checked, filled, exported, summarised and mailed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

import workbook_tools as wt
from correct import CORRECT
from paper import PaperSheet, drawn_book
from workbook_tools.commands.main import fill_form, main
from workbook_tools.template.workbook import workbook_bytes

FIRST = CORRECT.replace("项目名称 | 公共服务项目", "实施单位 | 甲局 | 项目名称 | 甲项目")
SECOND = CORRECT.replace("项目名称 | 公共服务项目", "实施单位 | 甲局 | 项目名称 | 乙项目").replace(
    "总分 | < | < | < | < | 100 | 98 |", "总分 | < | < | < | < | 100 | |"
)
SECOND = SECOND.replace("≥200人 | 210人 | 20 | 20 |", "≥200人 | 100人 | 20 | 20 |")  # whose score would be 10
BELOW = CORRECT.strip().count("\n") + 3  # the rows above the second form


def on_one_sheet(folder: Path) -> Path:
    path = folder / "两张表.xlsx"
    path.write_bytes(drawn_book(f"{FIRST.strip()}\n\n\n{SECOND.strip()}"))
    return path


def on_two_sheets(folder: Path) -> Path:
    path = folder / "两张表.xlsx"
    book = PaperSheet(FIRST, name="甲").workbook()
    other = PaperSheet(SECOND, name="乙").workbook()["乙"]
    sheet = book.create_sheet("乙")
    for row in other.iter_rows():
        for cell in row:
            if cell.value is not None:
                sheet.cell(cell.row, cell.column).value = cell.value
    for area in other.merged_cells.ranges:
        sheet.merge_cells(str(area))
    path.write_bytes(workbook_bytes(book))
    return path


SHEET = ("自评表", "自评表（第2张）")
BOOKS = [pytest.param(on_one_sheet, SHEET, id="one sheet"), pytest.param(on_two_sheets, ("甲", "乙"), id="two sheets")]
both = pytest.mark.parametrize(("make", "names"), BOOKS)


@both
def test_the_functions_give_each_form_under_its_name(make, names: tuple[str, str], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    scores, forms = wt.score_file(path), wt.read_workbook(path)
    assert tuple(scores) == tuple(forms) == names
    assert [forms[name].words["texts.project"] for name in names] == ["甲项目", "乙项目"]
    assert [str(scores[name].lines["indicators.1.score"].value) for name in names] == ["20.00", "10.00"]
    assert tuple(form.name for form in wt.check_file(path).forms) == names


@both
def test_each_form_is_checked(make, names, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    main(["check", str(path), "--format", "json"])
    first, second = json.loads(capsys.readouterr().out)
    assert (first["form"], second["form"]) == names
    assert first["findings"] == []
    assert "S101" in [one["code"] for one in second["findings"]]
    main(["check", str(path), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    assert {row["工作表"] for row in rows} == {names[1]}
    page = tmp_path / "结果.html"
    main(["check", str(path), "--html", str(page), "--review", str(tmp_path / "标注.xlsx")])
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{path}  {names[1]}  ")]
    assert names[1] in page.read_text("utf-8")


@both
def test_each_form_is_filled_and_named(make, names, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    assert fill_form([str(path), "--overwrite"]) == 0
    told = capsys.readouterr().out
    assert [told.count(f"{path}  {name}  ") for name in names] == [1, 1]
    book = load_workbook(path)
    sheet, row = (book["自评表"], BELOW) if len(book.sheetnames) == 1 else (book["乙"], 0)
    assert sheet.cell(row + 10, 7).value == 10
    assert sheet.cell(row + 17, 7).value == 88
    assert book[book.sheetnames[0]].cell(17, 7).value == 98


@both
def test_data_for_one_of_two_forms_is_refused_with_a_sentence(make, names, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    path, data = make(tmp_path), tmp_path / "数据.toml"
    before = path.read_bytes()
    data.write_text('"单位名称" = "甲局"', "utf-8")
    assert main(["fill", str(path), "--data", str(data)]) == 3
    said = capsys.readouterr().out
    assert f"工作簿里有 2 张自评表（“{names[0]}”、“{names[1]}”），不知道数据是哪一张的" in said
    assert path.read_bytes() == before


@both
def test_each_form_is_exported(make, names, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    main(["export", str(make(tmp_path))])
    exported = json.loads(capsys.readouterr().out)
    assert tuple(form["form"] for form in exported) == names
    assert [form["fields"]["texts.project"] for form in exported] == ["甲项目", "乙项目"]
    assert exported[0]["cells"]["total"] != exported[1]["cells"]["total"]


@both
def test_each_form_is_read_and_recognised(make, names, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path)
    main(["read", str(path), "--format", "json"])
    assert tuple(form["form"] for form in json.loads(capsys.readouterr().out)) == names
    main(["recognise", str(path)])
    told = capsys.readouterr().out
    assert [told.count(f"{path}  {name}\n") for name in names] == [1, 1]


@both
def test_each_form_is_a_row_of_the_summary(make, names, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    output = tmp_path / "汇总.xlsx"
    main(["summary", str(make(tmp_path)), "-o", str(output)])
    capsys.readouterr()
    book = load_workbook(output)
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"甲项目", "乙项目", *names} <= words


@both
def test_the_mail_lists_each_form_and_names_no_total_in_its_subject(make, names, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from workbook_tools.mail.compose import outgoing

    draft = outgoing(make(tmp_path)).draft
    assert "甲项目、乙项目" in draft.subject
    assert "分" not in draft.subject.replace("绩效自评表", "")
    table = dict(draft.table)
    assert [table[f"{name} 项目"] for name in names] == ["甲项目", "乙项目"]


def test_a_table_beside_a_form_that_cannot_be_checked_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "\n".join(CORRECT.strip().splitlines()[:7])
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(f"{FIRST.strip()}\n\n\n{head}"))
    main(["check", str(path)])
    told = [line for line in capsys.readouterr().out.splitlines() if "F122" in line]
    place = f"工作表“自评表（第2张）”第 {BELOW + 4} 行起有资金，没有读到指标表（一级指标、指标值、完成值、得分等列）"
    cure = "没有核对；只截了上半张的，请用完整的表；表头改动过的，请恢复"
    assert [line.split("F122")[1].strip() for line in told] == [f"{place}，{cure}"]
