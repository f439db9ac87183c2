"""下年目标表: this year's indicators and results, blank cells for next year, and forms of next year once they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from office import convert, needs_libreoffice
from paper import drawn_book
from reviewed import form
from tables import records
from workbook_tools.commands.main import main
from workbook_tools.summary.tables import HEAD
from workbook_tools.targets import read_targets

BLANK = ["下年指标值"]
BLANK_OF_PROJECTS = ["下年财政拨款", "下年财政专户拨款", "下年其他资金", "下年绩效目标"]


def draft(folder: Path, *, changes: Mapping[str, str] = {}) -> Path:
    """The draft made of one form with these changes."""
    form(folder / "自评表" / "甲.xlsx", changes=changes)
    main(["targets", "next", str(folder / "自评表"), "-o", str(folder / "下年.xlsx")])
    return folder / "下年.xlsx"


def fill(path: Path, sheet: str, answers: Mapping[int, Mapping[str, Any]]) -> None:
    """Types into rows of a sheet, counted from 1."""
    workbook = load_workbook(path)
    page = workbook[sheet]
    columns = {cell.value: int(cell.column or 0) for cell in page[HEAD]}
    for row, said in answers.items():
        for name, value in said.items():
            page.cell(HEAD + row, columns[name], value)
    workbook.save(path)


def test_what_a_person_decides_is_blank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = draft(tmp_path)
    assert "1 个项目，7 个指标；没有完成 0 个，没有填完成值 0 个" in capsys.readouterr().out
    first, *others = rows = records(path, "指标")
    assert first == {
        "项目名称": "公共服务项目",
        "一级指标": "产出指标",
        "二级指标": "数量指标",
        "三级指标": "培训人数",
        "计量单位": "人",
        "今年指标值": "≥200人",
        "今年完成值": "210人",
        "今年是否完成": "是",
        "下年指标值": None,
        "提示": "完成值比指标值好一些：定下年指标值时参考",
    }
    assert [row["一级指标"] for row in others] == ["产出指标"] * 3 + ["效益指标"] * 2 + ["满意度指标"]
    assert not [row for row in rows for name in BLANK if row[name] is not None]
    (project,) = records(path, "项目")
    assert (project["今年预算"], project["今年支出"], project["今年执行率"], project["今年总分"]) == (100, 90, 0.9, 98)
    assert [project[name] for name in BLANK_OF_PROJECTS] == [None] * 4
    assert load_workbook(path)["指标"]["A1"].value == "2024年度项目绩效目标表（草稿）"


HINTED = {  # what the form says → 今年是否完成, and a word of the hint
    "190人": ("否", "今年没有完成"),
    "260人": ("是", "定松了"),
    "205人": ("是", "好一些"),
    "200人": ("是", None),
    "": (None, "没有填完成值"),
    "培训了": (None, "请判断"),
}


@pytest.mark.parametrize("actual", HINTED)
def test_a_result_that_next_year_should_know_of_is_told(actual: str, tmp_path: Path) -> None:
    path = draft(tmp_path, changes={"| 210人 |": f"| {actual} |"})
    row = records(path, "指标")[0]
    met, hint = HINTED[actual]
    assert row["今年是否完成"] == met
    assert (hint in str(row["提示"])) if hint else row["提示"] is None


def test_a_target_without_a_sign_is_asked_for_one(tmp_path: Path) -> None:
    row = records(draft(tmp_path), "指标")[1]
    assert (row["今年指标值"], row["今年完成值"]) == ("95%", "96%")
    assert "没有写≥或≤" in str(row["提示"])


def test_the_filled_draft_becomes_the_forms_of_next_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = draft(tmp_path)
    wanted = ["≥220", "≥96%", "10月底前", "≤390", "≥65", "制度健全并落实", "92以上"]
    fill(path, "指标", {number: {"下年指标值": said} for number, said in enumerate(wanted, 1)})
    fill(path, "项目", {1: {"下年财政拨款": 120, "下年其他资金": "1,000.50", "下年绩效目标": "培训二百二十人"}})
    table = read_targets(path)
    assert (table.department, table.year) == ("甲局", 2024)
    (project,) = table.projects
    assert [one.target for one in project.indicators] == [
        *("≥220人", "≥96%", "10月底前", "≤390元/人", "≥65%", "制度健全并落实", "≥92%")
    ]
    assert [one.group for one in project.indicators] == ["output"] * 4 + ["benefit"] * 2 + ["satisfaction"]
    assert project.total == Decimal("1120.50")
    assert project.sources["财政专户拨款"] == 0
    assert project.goal == "培训二百二十人"
    capsys.readouterr()
    assert main(["targets", "import", str(path), "--new", str(tmp_path / "下年")]) == 0
    made = load_workbook(tmp_path / "下年" / "公共服务项目.xlsx").worksheets[0]
    said = {str(cell.value) for row in made.iter_rows() for cell in row}
    assert {"公共服务项目", "甲局", "≥220人", "≥96%", "120", "培训二百二十人"} <= said
    assert any("2024年度" in one for one in said)


@needs_libreoffice
def test_a_draft_saved_by_libreoffice_reads_the_same(tmp_path: Path) -> None:
    path = draft(tmp_path)
    fill(path, "指标", {number: {"下年指标值": said} for number, said in ((1, "≥220人"), (2, "96%"), (4, "≤390"))})
    fill(path, "项目", {1: {"下年财政拨款": 1120.5}})
    (saved,) = convert([path], tmp_path / "office").values()
    assert read_targets(saved) == read_targets(path)


def test_what_is_not_filled_in_is_asked_and_is_not_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = draft(tmp_path)
    capsys.readouterr()
    assert main(["targets", "import", str(path), "--new", str(tmp_path / "下年")]) == 1
    assert "指标值一个也没有填，没有生成" in capsys.readouterr().out
    assert not (tmp_path / "下年").exists()
    fill(path, "指标", {1: {"下年指标值": "≥220人"}})
    assert read_targets(path).projects[0].total is None
    for stage in ("自评", "监控"):
        assert main(["targets", "import", str(path), "--stage", stage, "--new", str(tmp_path / stage)]) == 0
        said = capsys.readouterr().out
        assert "（空）" in said
        assert "没有填下年的预算" in said
        assert "“合格率”“完成时间”" in said
        assert "没有写绩效目标" in said
        cells = [
            cell.value
            for row in load_workbook(tmp_path / stage / "公共服务项目.xlsx").worksheets[0].iter_rows()
            for cell in row
        ]
        assert 0 not in cells


def test_rows_are_added_and_deleted_by_hand(tmp_path: Path) -> None:
    path = draft(tmp_path)
    new = {"一级指标": "效益指标", "二级指标": "生态效益", "三级指标": "节电", "下年指标值": "≥5%"}
    fill(path, "指标", {8: {"项目名称": "公共服务项目", **new}, 9: {"项目名称": "新项目", **new}})
    workbook = load_workbook(path)
    workbook["指标"].delete_rows(HEAD + 1)
    workbook.save(path)
    old, other = read_targets(path).projects
    assert [old.indicators[0].name, old.indicators[-1].name] == ["合格率", "节电"]
    assert (other.name, other.total, len(other.indicators)) == ("新项目", None, 1)
    assert other.indicators[0].kind == "生态效益指标"


WRONG = {  # what is typed → where and what is told
    ("指标", "项目名称", None): "B4 没有写项目名称",
    ("指标", "一级指标", "成本指标"): "C4 一级指标写“成本指标”",
    ("指标", "一级指标", None): "C4 一级指标是空的",
    ("指标", "三级指标", None): "E4 没有写三级指标",
    ("项目", "下年财政拨款", "240万元"): "I4 下年财政拨款写“240万元”，不是数",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_read_is_told_with_its_cell(
    wrong: tuple[str, str, str | None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = draft(tmp_path)
    sheet, column, words = wrong
    fill(path, "指标", {1: {"下年指标值": "≥220人"}})
    workbook = load_workbook(path)
    columns = {cell.value: int(cell.column or 0) for cell in workbook[sheet][HEAD]}
    workbook[sheet].cell(HEAD + 1, columns[column]).value = words
    workbook.save(path)
    capsys.readouterr()
    assert main(["targets", "import", str(path)]) == 3
    assert WRONG[wrong] in capsys.readouterr().out


def test_units_with_a_project_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    for number, unit in enumerate(("甲局", "乙局")):
        form(tmp_path / "表" / f"{number}.xlsx", unit, changes={})
    main(["targets", "next", str(tmp_path / "表"), "-o", str(tmp_path / "下年.xlsx")])
    fill(tmp_path / "下年.xlsx", "指标", {1: {"下年指标值": "≥1人"}, 8: {"下年指标值": "≥2人"}})
    table = read_targets(tmp_path / "下年.xlsx")
    assert table.department == ""
    found = {project.unit: (project.indicators[0].target, len(project.indicators)) for project in table.projects}
    assert found == {"甲局": ("≥1人", 7), "乙局": ("≥2人", 7)}


def test_what_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "表", tmp_path / "下年.xlsx"
    form(folder / "甲.xlsx")
    form(folder / "乙.xlsx", project="乙项目")
    form(folder / "乙2.xlsx", project="乙项目")
    form(folder / "丙.xlsx", project="")
    (folder / "别的.xlsx").write_bytes(drawn_book("会议 | 通知"))
    (folder / "扫描.pdf").write_bytes(b"%PDF")
    assert main(["targets", "next", str(folder), "-o", str(out)]) == 1
    said = capsys.readouterr().out
    assert "“乙项目”有 2 份表（乙.xlsx、乙2.xlsx）" in said
    assert "没有写项目名称" in said
    assert "1 个项目" in said
    assert len(records(out, "没有列入")) == 5
    assert {row["项目名称"] for row in records(out, "项目")} == {"公共服务项目"}


def test_a_draft_that_a_person_may_have_filled_in_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = draft(tmp_path)
    before = path.read_bytes()
    assert main(["targets", "next", str(tmp_path / "自评表"), "-o", str(path)]) == 2
    assert "没有覆盖" in capsys.readouterr().out
    assert path.read_bytes() == before
    assert main(["targets", "next", str(tmp_path / "自评表"), "-o", str(tmp_path / "下年.csv")]) == 2
    (tmp_path / "空").mkdir()
    assert main(["targets", "next", str(tmp_path / "空"), "-o", str(tmp_path / "别的.xlsx")]) == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["下年.xlsx", "空", "自评表"]


def test_words_never_become_a_formula(tmp_path: Path) -> None:
    path = draft(tmp_path, changes={"| 培训人数 |": "| =1+1 |", "公共服务项目": "+甲项目"})
    cells = [cell for sheet in load_workbook(path).worksheets for row in sheet.iter_rows() for cell in row]
    assert {"=1+1", "+甲项目"} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_what_is_typed_stays_as_it_is_typed(tmp_path: Path) -> None:
    """A cell for a target holds text, so that 95% is not made 0.95 and =3 no formula."""
    sheet = load_workbook(draft(tmp_path))["指标"]
    column = next(cell.column for cell in sheet[HEAD] if cell.value == "下年指标值")
    assert {sheet.cell(row, column).number_format for row in range(HEAD + 1, sheet.max_row + 1)} == {"@"}
