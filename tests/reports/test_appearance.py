"""What people see of a form: words, alignment, colours and pages of paper, in every empty form and in the examples."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from filled import ZHONGSHAN_2022, filled_template
from office import convert, needs_libreoffice
from places import ROOT
from workbook_tools.commands.main import main
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.targets import from_text
from workbook_tools.template.drawing import draw_form, page_heights, page_scale
from workbook_tools.template.from_targets import ready_form
from workbook_tools.template.workbook import form_workbook, workbook_bytes

FORMS = form_names()
PRINTED = (ROOT / "examples" / "zhongshan_12345_2022.txt").read_text("utf-8")


@cache
def empty_form(name: str) -> Workbook:
    """The empty form of a scheme, drawn once."""
    return form_workbook(load_scheme(name))


def sheets(name: str) -> list[Worksheet]:
    """The sheets that a person fills in."""
    return [sheet for sheet in empty_form(name).worksheets if sheet.title != "填报说明"]


def words(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def find(sheet: Worksheet, said: str) -> Cell:
    return next(cell for row in sheet.iter_rows() for cell in row if said in str(cell.value or ""))  # type: ignore[return-value]


def test_the_rows_of_money_say_what_the_printed_form_says() -> None:
    """Every sentence of 指标内容 in the two rows is that of the published form, to the last word."""
    printed = [cell.strip() for cell in PRINTED.split("|") if cell.strip().startswith(("预算执行率=", "预算调整率="))]
    assert len(printed) == 2
    assert all(said.endswith("，自评分按照指标值的区间对照评分。") for said in printed)
    assert set(printed) <= set(words(empty_form("zhongshan_2022").worksheets[0]))


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", FORMS)
def test_the_title_is_a_forms_title_and_no_remark_of_ours(name: str) -> None:
    title = str(empty_form(name).worksheets[0]["A2"].value)
    assert not re.search(r"财预|号\)|号）|通用办法|不评分", title)
    assert re.search("自评表|评分表", title)


@pytest.mark.parametrize("name", FORMS)
def test_the_unit_of_money_stands_at_the_right_edge_and_the_year_in_the_middle(name: str) -> None:
    for sheet in sheets(name):
        columns = str(sheet.print_area).rpartition("$")[0].rpartition("$")[2]
        last = sheet[f"{columns}3"].column
        for cell in sheet[3]:
            said = str(cell.value or "")
            ends = next((area.max_col for area in sheet.merged_cells.ranges if cell.coordinate in area), cell.column)
            if said.startswith("单位："):
                assert (cell.alignment.horizontal, ends) == ("right", last), sheet
            if "年度" in said:
                assert re.fullmatch("（(20..|　+)年度）", said), sheet
                assert cell.alignment.horizontal == "center", sheet


@pytest.mark.parametrize("name", [name for name in FORMS if load_scheme(name).year is None])
def test_a_year_that_is_not_known_can_be_written(name: str) -> None:
    year = find(empty_form(name).worksheets[0], "年度）")
    assert not year.protection.locked


def targets(head: str) -> str:
    return f"{head}\n项目名称 总计 绩效指标\n    物业管理费 99.00 99.00\n做好服务。\n1、1-产出指标；12-质量指标；投诉次数；实施周期指标值:≤5；年度指标值:≤5。\n"


@pytest.mark.parametrize(
    ("head", "year"),
    [("2025年项目支出绩效目标表", "（2025年度）"), ("项目支出绩效目标表", "（　　　　年度）")],
)
def test_the_year_of_the_targets_is_the_forms(head: str, year: str) -> None:
    table = from_text(targets(head))
    data = ready_form(table, table.projects[0], load_scheme("national_2020"))
    assert year in words(load_workbook(io.BytesIO(data)).worksheets[0])


def test_the_year_may_be_said_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "目标.txt"
    table.write_text(targets("项目支出绩效目标表"), "utf-8")
    main(["targets", "import", str(table), "--new", str(tmp_path / "空着")])
    assert "没有印年度" in capsys.readouterr().out
    main(["targets", "import", str(table), "--new", str(tmp_path / "写了"), "--year", "2025"])
    assert "没有印年度" not in capsys.readouterr().out
    made = load_workbook(tmp_path / "写了" / "物业管理费.xlsx").worksheets[0]
    assert "（2025年度）" in words(made)
    assert main(["targets", "import", str(table), "--year", "25"]) == 2


def drawn(line: str) -> Worksheet:
    return draw_form(["附件", "自评表", "单位：万元", *[line] * 2]).worksheets[0]


@pytest.mark.parametrize(
    ("cell", "side"),
    [
        ('=IF(C8=0,"",ABS(MIN(D8,0))/C8) {0.00%}', "center"),
        ("{0.00%}", "center"),
        ("12.5", "center"),
        ("数量指标", "center"),
        ("比率≥98%的，得5分；90%≤比率<98%的，得4分", "left"),
    ],
)
def test_computed_cells_stand_like_figures_and_long_texts_at_the_left(cell: str, side: str) -> None:
    assert drawn(f"{cell} | 甲")["A4"].alignment.horizontal == side


def test_a_text_over_several_rows_does_not_make_the_first_of_them_high() -> None:
    sheet = draw_form(["= 12 12", "附件", "自评表", "单位：万元", "产出指标¶(40分) | 数量", "^ | 质量"]).worksheets[0]
    assert sheet.row_dimensions[4].height == sheet.row_dimensions[5].height
    alone = draw_form(["= 12 12", "附件", "自评表", "单位：万元", "产出¶指标¶(40分) | 数量", "效益 | 质量"]).worksheets[
        0
    ]
    assert (alone.row_dimensions[4].height or 0) > (alone.row_dimensions[5].height or 0)


@pytest.mark.parametrize("name", FORMS)
def test_inputs_are_tinted_on_the_screen_while_blank_and_never_on_paper(name: str) -> None:
    """Excel and WPS print such a sheet without fills; and no cell keeps a fill of its own once it is filled in."""
    for sheet in sheets(name):
        assert sheet.page_setup.blackAndWhite, sheet
        assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fill_type] == [], sheet
        tinted = {cell for area in sheet.conditional_formatting for cell in area.sqref}
        rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
        assert tinted, sheet
        assert all((rule.type, rule.operator) == ("cellIs", "equal") for rule in rules), sheet
        assert '""' in rules[0].formula, sheet


@pytest.mark.parametrize("name", FORMS)
def test_what_is_tinted_may_be_typed_into(name: str) -> None:
    for sheet in empty_form(name).worksheets:
        for area in sheet.conditional_formatting:
            for one in area.sqref.ranges:
                for row, column in one.cells:
                    assert not sheet.cell(row, column).protection.locked


@pytest.mark.parametrize("name", FORMS)
def test_each_page_of_paper_holds_its_rows_with_room_left_and_none_is_half_empty(name: str) -> None:
    """Digits of Calibri are 7 pixels wide; where a wider font stands in for it, the scale falls and more fits."""
    for sheet in sheets(name):
        used = [
            page_scale(sheet, height, landscape=sheet.page_setup.orientation == "landscape")[1]
            for height in page_heights(sheet)
        ]
        if len(used) > 1:
            assert all(0.6 < one < 0.95 for one in used), (sheet, used)


@pytest.mark.parametrize("name", FORMS)
def test_a_table_of_months_is_on_one_page_of_paper(name: str) -> None:
    for sheet in empty_form(name).worksheets:
        breaks = [page.id for page in sheet.row_breaks.brk]
        tables = [cell.row for cell in sheet["A"] if re.match(r"表\d+：", str(cell.value or ""))]
        assert [row for row in breaks if row + 1 not in tables and tables] == []


def pages(pdf: Path) -> list[str]:
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True
    ).stdout.split("\f")[:-1]


@needs_libreoffice
def test_on_paper_the_template_has_four_pages_and_a_general_form_one(tmp_path: Path) -> None:
    books: dict[str, Workbook] = {
        "zhongshan_2022": empty_form("zhongshan_2022"),
        "national_2020": empty_form("national_2020"),
    }
    for name, book in books.items():
        (tmp_path / f"{name}.xlsx").write_bytes(workbook_bytes(book))
    (tmp_path / "filled.xlsx").write_bytes(filled_template(ZHONGSHAN_2022))
    made = convert(tmp_path.glob("*.xlsx"), tmp_path / "pdf", "pdf")
    form, filled = pages(made["zhongshan_2022"]), pages(made["filled"])
    assert len(form) == len(filled) == 6
    for number, heads in enumerate(
        (
            ("一、项目基本信息",),
            ("二、单位自评表", "产出指标得分小计"),
            ("效益指标得分小计", "自评总分"),
            ("自评结论", "三、主管部门"),
        )
    ):
        assert all(head in "".join(form[number].split()) for head in heads), number
    printed = [page for page in pages(made["national_2020"]) if "填报说明第" not in "".join(page.split())]
    assert len(printed) == 1
    assert "单位：万元" in "".join(pages(made["national_2020"])[0].split())


@pytest.mark.slow
def test_marks_of_a_review_are_seen_on_the_screen_and_on_paper(tmp_path: Path) -> None:
    """The tint of blank inputs would lie over the mark of what has not been filled in; other conditional formats stay."""
    form, copy = tmp_path / "表.xlsx", tmp_path / "副本.xlsx"
    book = load_workbook(io.BytesIO(filled_template(ZHONGSHAN_2022 | {"budget.initial": None})))
    other = CellIsRule(operator="lessThan", formula=["0"], font=Font(color="FF0000"))  # type: ignore[no-untyped-call]
    book["自评表"].conditional_formatting.add("J5:J9", other)
    form.write_bytes(workbook_bytes(book))
    main(["check", str(form), "--review", str(copy)])
    marked = load_workbook(copy)
    assert not any(sheet.page_setup.blackAndWhite for sheet in marked)
    kept = [rule for area in marked["自评表"].conditional_formatting for rule in area.rules]
    assert [(rule.operator, rule.formula) for rule in kept] == [("lessThan", ["0"])]
    assert marked["校验结果"]["A1"].border.top.style == "thin"


def test_a_summary_has_headings_of_two_lines_pages_with_numbers_and_lines_on_paper(tmp_path: Path) -> None:
    made = tmp_path / "汇总.xlsx"
    main(["summary", str(ROOT / "examples" / "zhongshan_12345_2022.xlsx"), "-o", str(made)])
    book = load_workbook(made)
    for name in ("汇总", "指标", "重复", "催报", "没有读"):
        sheet = book[name]
        title, heading = sheet["A1"], sheet["A3"]
        assert title.font.sz == 16
        assert sorted(str(area).partition(":")[0] for area in sheet.merged_cells.ranges) == ["A1", "A2"]
        assert (heading.value, heading.alignment.wrap_text, heading.border.left.style) == ("序号", True, "thin")
        assert (sheet.row_dimensions[3].height or 0) >= 30
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == (8 if name == "汇总" else 9)  # A3 for what no A4 shows
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.oddFooter is not None
        assert "&P" in str(sheet.oddFooter.center.text)
    widths = [column.width for column in book["汇总"].column_dimensions.values()]
    assert sum(widths) < 330


def test_units_stand_beside_their_bars(tmp_path: Path) -> None:
    made = tmp_path / "汇总.xlsx"
    main(["summary", str(ROOT / "examples" / "zhongshan_12345_2022.xlsx"), "-o", str(made)])
    with zipfile.ZipFile(made) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if "charts/chart" in name]
    assert ['barDir val="bar"' in chart for chart in charts] == [True, True, True]
