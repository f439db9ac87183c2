"""`workbook_tools read` and `recognise`: what every cell was read as, and why a form is what it is taken for."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from correct import CORRECT
from office import convert, needs_libreoffice
from paper import EXAMPLES, drawn_book
from printed import drawn
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import Book
from workbook_tools.forms.recognition import looked_at
from workbook_tools.reports.account import COLOURS, LEGEND, UNREAD, Kind, account
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes

FOREIGN = CORRECT.replace("| 偏差原因分析及改进措施", "| 偏差原因分析及改进措施 | 系数甲").replace(
    "| 210人 | 20 | 20 |", "| 210人 | 20 | 20 | | 0.8"
)


def saved(folder: Path, drawing: str) -> Path:
    path = folder / "表.xlsx"
    path.write_bytes(drawn_book(drawing))
    return path


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().out


def test_every_cell_with_words_is_in_the_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, FOREIGN)
    code, told = said(["read", str(path), "--format", "json"], capsys)
    (form,) = json.loads(told)
    sheet = load_workbook(path)["自评表"]
    filled = {f"自评表!{cell.coordinate}" for row in sheet.iter_rows() for cell in row if cell.value not in (None, "")}
    listed = {cell["cell"]: cell for cell in form["cells"]}
    assert code == 0
    assert filled <= listed.keys()
    assert {cell for cell, one in listed.items() if one["kind"] == UNREAD} == {"自评表!I10"}
    assert (form["title"], form["year"], form["scheme"]) == ("项目支出绩效自评表", 2023, "national_2020")
    assert listed["自评表!E5"] == {
        "kind": "栏目",
        "cell": "自评表!E5",
        "field": "budget.spent",
        "label": "全年执行数",
        "words": "90",
    }


def test_the_account_is_read_by_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, told = said(["read", str(saved(tmp_path, FOREIGN))], capsys)
    lines = [line.strip() for line in told.splitlines()]
    assert "表题：项目支出绩效自评表；年度：2023" in lines
    assert "评分办法：项目支出绩效自评表（财预〔2020〕10号）（national_2020）" in lines
    assert lines[lines.index("没有读到（没有核对）：") + 1].split() == ["I10", "0.8", "数"]


def test_the_account_as_csv_has_a_line_for_each_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, told = said(["read", str(saved(tmp_path, FOREIGN)), "--format", "csv"], capsys)
    rows = list(csv.DictReader(io.StringIO(told.lstrip("\ufeff"))))
    assert [row["内容"] for row in rows if row["项目"] == "total"] == ["98"]


def test_the_coloured_copy_leaves_the_original_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, copy = saved(tmp_path, FOREIGN), tmp_path / "副本.xlsx"
    before = path.read_bytes()
    code, told = said(["read", str(path), "--review", str(copy)], capsys)
    book = load_workbook(copy)
    assert code == 0
    assert "原文件没有改动" in told
    assert path.read_bytes() == before
    assert book.sheetnames == [LEGEND, "自评表"]
    fills = {name: book["自评表"][name].fill.fgColor.rgb[2:] for name in ("A1", "C4", "E5", "I10", "A17")}
    kinds: dict[str, Kind] = {"A1": "标题", "C4": "表头", "E5": "栏目", "I10": UNREAD, "A17": "标签"}
    assert fills == {name: COLOURS[kind] for name, kind in kinds.items()}
    assert [row[0].value for row in book[LEGEND].iter_rows(max_row=8)] == ["颜色", *COLOURS]
    assert book[LEGEND]["B11"].hyperlink.location == "'自评表'!I10"


def test_a_control_character_is_written_as_excel_does_and_no_sheet_has_more_links_than_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbook_tools.excel.new_book.MOST_LINKS", 2)
    path, copy = saved(tmp_path, FOREIGN), tmp_path / "副本.xlsx"
    book = load_workbook(path)
    for cell in ("L10", "L11", "L12"):
        book["自评表"][cell] = "坏_x0001_字"  # as Excel writes a control character
    book.save(path)
    assert main(["read", str(path), "--review", str(copy)]) == 0
    unread = load_workbook(copy)[LEGEND].iter_rows(min_row=11)
    assert [(row[1].value, row[2].value, row[1].hyperlink is not None) for row in unread] == [
        ("自评表!I10", "0.8", True),
        ("自评表!L10", "坏_x0001_字", True),
        ("自评表!L11", "坏_x0001_字", False),
        ("自评表!L12", "坏_x0001_字", False),
    ]


@needs_libreoffice
def test_of_another_format_there_is_no_coloured_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = convert([saved(tmp_path, FOREIGN)], tmp_path / "xls", "xls").values()
    code, told = said(["read", str(path), "--review", str(tmp_path / "副本.xlsx")], capsys)
    assert code == 3
    assert "涂颜色的副本不能由 .xls 格式的文件写成；请在 Excel 或 WPS 里另存为 .xlsx 再试" in told


def test_the_copy_is_never_the_original(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, CORRECT)
    assert said(["read", str(path), "--review", str(path)], capsys) == (2, "--review 要写到另一个 .xlsx 文件\n")


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", form_names())
def test_of_an_empty_form_everything_is_read(name: str) -> None:
    read, _, _ = looked_at(Book(workbook_bytes(form_workbook(load_scheme(name)))))
    assert [entry for one in read for entry in account(one).of(UNREAD)] == []


# Found in a report's annex: a list of indicators with their own headings, which is none of the form's tables.
KNOWN_UNREAD = {"guangzhou_department_2023": 24}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xlsx")), ids=lambda path: path.stem)
def test_of_the_examples_everything_is_read(path: Path) -> None:
    read, _, _ = looked_at(Book(path.read_bytes()))
    unread = [entry for one in read for entry in account(one).of(UNREAD)]
    assert len(unread) == KNOWN_UNREAD.get(path.stem, 0), unread


def test_a_form_that_is_refused_is_shown_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "\n".join(CORRECT.strip().splitlines()[:7])
    code, told = said(["read", str(saved(tmp_path, head))], capsys)
    assert code == 3
    assert "没有认作自评表：第 4 行起有资金，没有读到指标表" in told
    assert "budget.spent" in told


@pytest.mark.parametrize(
    ("drawing", "lines"),
    [
        (CORRECT, ["认成：项目支出绩效自评表（财预〔2020〕10号）（national_2020），表头相同 100%"]),
        (
            CORRECT.replace("项目支出绩效自评表", "绩效目标自评表"),
            ["表题里有“绩效目标自评”，所以不是"],
        ),
        (
            CORRECT.replace("项目支出绩效自评表", "中山市2022年度市级财政支出绩效自评表-非信息化项目"),
            ["表题有“中山市2022年度市级财政支出绩效自评表-非信息化项目”"],
        ),
    ],
)
def test_recognise_tells_what_a_form_is_and_why(
    drawing: str, lines: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = said(["recognise", str(saved(tmp_path, drawing))], capsys)
    assert [line for line in lines if line not in [one.strip() for one in told.splitlines()]] == [], told


@pytest.mark.parametrize(
    ("name", "like", "cure"),
    [
        (
            "26_yinchuan_school",
            "项目支出绩效自评表（财预〔2020〕10号）",
            "；确实是这种表的，请加 --scheme national_2020",
        ),
        (
            "27_jiangxi_cppcc",
            "项目支出绩效自评表（财预〔2020〕10号）",
            "；它的办法要用的表头这里没有；表头改动过的，请恢复",
        ),
    ],
)
def test_the_general_scheme_names_the_form_that_is_most_similar(
    name: str, like: str, cure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scheme that would refuse the form is not advised."""
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(drawn(name).sheet.workbook()))
    for command in (["check", str(path)], ["recognise", str(path)]):
        _, told = said(command, capsys)
        (line,) = [line for line in told.splitlines() if "最像的是" in line]
        assert f"“{like}" in line
        assert line.endswith(cure)
    fill_form([str(path), "--dry-run"])
    assert line in capsys.readouterr().out.splitlines()
