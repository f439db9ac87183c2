"""The command `workbook_tools monitor`: what it tells, what it writes and what it leaves alone."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from correct import CORRECT, MONITORED
from paper import PaperSheet
from places import EXAMPLES
from workbook_tools.commands.main import fill_form, main

TARGETS = EXAMPLES / "guangzhou_petition_targets.xlsx"
BLANK_LIGHTS = MONITORED.replace("绿灯", "").replace("55%", "")


def saved(drawing: str, path: Path) -> Path:
    PaperSheet(drawing, name="监控表").workbook().save(path)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return saved(BLANK_LIGHTS, tmp_path / "监控表.xlsx")


def test_lights_and_rates_are_written_into_blank_cells(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = table.read_bytes()
    assert main(["monitor", str(table), "--rules", "shanxi"]) == 0
    said = capsys.readouterr().out
    assert "预算执行率 55.00%（66 ÷ 预算数 120 = 55.00%）" in said
    assert "4 个指标：红灯 0、黄灯 0、绿灯 4、蓝灯 0；0 处错误，0 处提示" in said
    assert "已填写 5 处" in said
    sheet = load_workbook(table)["监控表"]
    assert [sheet.cell(row, 12).value for row in range(7, 11)] == ["绿灯"] * 4
    assert sheet["H5"].value == "55.00%"
    assert main(["monitor", str(table), "--rules", "shanxi"]) == 0
    assert "没有要写的，文件没有改动" in capsys.readouterr().out
    assert fill_form(["--undo", str(table)]) == 0
    assert table.read_bytes() == before


def test_only_the_written_sheet_changes(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "核对.xlsx"
    before = table.read_bytes()
    assert main(["monitor", str(table), "--rules", "shanxi", "-o", str(out)]) == 0
    assert table.read_bytes() == before
    with zipfile.ZipFile(table) as one, zipfile.ZipFile(out) as two:
        assert one.namelist() == two.namelist()
        changed = [name for name in one.namelist() if one.read(name) != two.read(name)]
    assert {name.split("/")[1] for name in changed} <= {"worksheets", "styles.xml", "workbook.xml"}


# A command on a monitoring table whose red light has no reason → its exit code, and the command that it names.
ENDS = {
    "filled is filled, whatever the checks find": (
        ["fill", "--data", "数.csv", "--dry-run"],
        0,
        "workbook_tools monitor 列出",
    ),
    "monitor finds the error": (["monitor", "--dry-run"], 1, "错误 M102"),
    "check finds it by the rules that are named": (["check"], 1, "错误 M102"),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_exit_code_says_what_was_asked_for(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (command, *more), code, said = ENDS[name]
    monkeypatch.chdir(tmp_path)
    reached = "" if command == "fill" else "2"
    saved(BLANK_LIGHTS.replace("场 | 12 | 7 | 12", f"场 | 12 | {reached} | 12"), Path("监控表.xlsx"))
    Path("数.csv").write_text("字段,内容\nindicators.1.so_far,2\n", "utf-8")
    rules = "--rules" if command == "monitor" else "--scheme"
    assert main([command, "监控表.xlsx", *more, rules, "monitoring_shanxi"]) == code
    assert said in capsys.readouterr().out


def test_without_rules_no_light_is_written(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", str(table)]) == 0
    said = capsys.readouterr().out
    assert "没有读到给灯的规则，由填表人填" in said
    assert "没有灯的 4" in said
    sheet = load_workbook(table)["监控表"]
    assert [sheet.cell(row, 12).value for row in range(7, 11)] == [None] * 4


def test_the_rules_that_a_table_names_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "表.xlsx"
    assert main(["new", "--scheme", "monitoring_tianjin", "-o", str(made)]) == 0
    main(["monitor", str(made), "--dry-run"])
    assert "项目支出绩效运行监控表（天津）" in capsys.readouterr().out
    main(["monitor", str(made), "--dry-run", "--rules", "monitoring_shanxi"])
    assert "项目支出绩效运行监控表（山西预警规则）" in capsys.readouterr().out


def test_what_a_person_typed_is_replaced_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(MONITORED.replace("| 7 | 12 | | | 确定能 |", "| 3 | 12 | | | 有可能 |"), tmp_path / "表.xlsx")
    command = ["monitor", str(path), "--rules", "shanxi"]
    assert main(command) == 1
    said = capsys.readouterr().out
    assert "错误 M101  L7 培训场次 序时进度预警：填“绿灯”，按规则是红灯（3场 ÷ 标准值 7场" in said
    assert "错误 M102  I7 培训场次 偏差原因：这一行是红灯，没有写偏差原因；请填写" in said
    assert load_workbook(path)["监控表"]["L7"].value == "绿灯"
    assert main([*command, "--overwrite"]) == 1  # a reason is still owed
    assert load_workbook(path)["监控表"]["L7"].value == "红灯"


def test_a_light_that_no_rule_decides_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(BLANK_LIGHTS.replace("达到预期目标 | 达到", "较好 | 达到"), tmp_path / "表.xlsx")
    assert main(["monitor", str(path), "--rules", "shanxi"]) == 1
    assert "请填" in capsys.readouterr().out
    path = saved(MONITORED.replace("达到预期目标 | 达到", "较好 | 达到"), tmp_path / "填了.xlsx")
    assert main(["monitor", str(path), "--rules", "shanxi"]) == 0  # a person has given it
    assert load_workbook(path)["监控表"]["L10"].value == "绿灯"


@pytest.mark.slow
def test_targets_are_held_against_the_approved_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "监控"
    assert main(["targets", "import", str(TARGETS), "--stage", "监控", "--new", str(folder), "--year", "2025"]) == 0
    path = folder / "机构运行辅助经费.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["监控表"]
    [target] = [cell for row in sheet.iter_rows() for cell in row if cell.value == 4 and cell.column_letter == "F"]
    sheet.cell(target.row, 4).value = "≥"  # the sign was not approved; choosing one is no change
    workbook.save(path)
    main(["monitor", str(path), "--dry-run", "--targets", str(TARGETS)])
    assert "T121" not in capsys.readouterr().out
    target.value = 3
    workbook.save(path)
    assert main(["monitor", str(path), "--dry-run", "--targets", str(TARGETS)]) == 1
    assert "错误 T121  F" in capsys.readouterr().out


def test_files_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = saved(CORRECT, tmp_path / "自评.xlsx")
    assert main(["monitor", str(form)]) == 3
    assert "不像绩效监控表，没有写入任何内容；请核对文件；自评表请用 fill_form 填写" in capsys.readouterr().out
    monitored = saved(MONITORED, tmp_path / "监控.xlsx")
    assert fill_form([str(monitored)]) == 3
    assert "监控表请用 workbook_tools monitor 核对" in capsys.readouterr().out
    empty = tmp_path / "空"
    empty.mkdir()
    assert main(["monitor", str(empty)]) == 3


@pytest.mark.parametrize(
    "arguments",
    [["--rules", "火星"], ["-o", "表.xlsx"], ["别的.xlsx", "-o", "一个.xlsx"]],
)
def test_arguments_that_cannot_be_meant(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    saved(MONITORED, Path("表.xlsx"))
    saved(MONITORED, Path("别的.xlsx"))
    with pytest.raises(SystemExit) as ended:
        main(["monitor", "表.xlsx", *arguments])
    assert ended.value.code == 2


def test_a_folder_is_written_into_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "来", tmp_path / "去"
    folder.mkdir()
    saved(BLANK_LIGHTS, folder / "一.xlsx")
    saved(CORRECT, folder / "二.xlsx")
    assert main(["monitor", str(folder), "--rules", "shanxi", "-o", str(out)]) == 3  # one is no monitoring table
    assert [path.name for path in out.iterdir()] == ["一.xlsx"]
    assert "已写到" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_sentence(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "占了").write_text("一个文件", "utf-8")
    assert main(["monitor", str(table.parent), "-o", str(tmp_path / "占了" / "里面")]) == 3
    said = capsys.readouterr().out
    assert "无法写入" in said
    assert "程序出错" not in said


@pytest.mark.slow
def test_several_processes_tell_and_write_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lights given and to be given, a form of another kind, a broken file, a second name of a table."""
    drawings = [
        BLANK_LIGHTS,
        MONITORED,
        CORRECT,
        MONITORED.replace("| 7 | 12 | | | 确定能 |", "| 3 | 12 | | | 有可能 |"),
    ]
    came = tmp_path / "来"
    came.mkdir()
    for number, drawing in enumerate(drawings):
        saved(drawing, came / f"{number}.xlsx")
    (came / "坏.xlsx").write_bytes(b"PK")
    (came / "链接.xlsx").symlink_to("0.xlsx")
    told = []
    for workers in ("1", "3"):
        folder = shutil.copytree(came, tmp_path / workers, symlinks=True)
        code = main(["monitor", str(folder), "--rules", "shanxi", "--targets", str(TARGETS), "--jobs", workers])
        kept = sorted(path.name for path in (folder / "填表前备份").iterdir())
        said = capsys.readouterr().out.replace(str(folder), "")
        told.append((code, said, kept, [sheet_values(folder / f"{number}.xlsx") for number in (0, 1, 3)]))
    assert told[0] == told[1]
    code, said, kept, _ = told[0]
    assert code == 3
    assert said.count("已填写 5 处") == 1
    about = said.strip().split("\n\n")
    assert [one[: one.index(".xlsx")] for one in about] == ["/0", "/1", "/2", "/3", "/坏", "/链接"]
    assert "没有要写的，文件没有改动" in about[-1]
    assert len(kept) == 1


def sheet_values(path: Path) -> list[tuple[object, ...]]:
    return list(load_workbook(path)["监控表"].values)


def test_deadlines_are_told_with_their_sentence(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["monitor", str(table), "--rules", "liyang", "--dry-run"])
    assert "报送期限：项目，监控期末后 10 日内（原文：应于三季度终了后10日内" in capsys.readouterr().out
    main(["monitor", str(table), "--rules", "jiexiu", "--dry-run"])
    assert "报送期限：项目，10 月底前" in capsys.readouterr().out


def test_a_form_that_starts_from_a_table_asks_for_the_whole_year(tmp_path: Path) -> None:
    table, form = saved(MONITORED, tmp_path / "监控.xlsx"), tmp_path / "自评.xlsx"
    assert main(["new", "--from", str(table), "--scheme", "national_2020", "-o", str(form)]) == 0
    sheet = load_workbook(form)["自评表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_col=1, max_col=7)]
    [first] = [row for row in rows if "培训场次" in row]
    assert first[:5] == ["产出指标", "数量指标", "培训场次", "≥12场", None]
    assert "公共服务项目" in [value for row in rows for value in row]
    assert sheet["C7"].value == 120
    assert main(["check", str(form), "--against", str(table)]) == 1  # blank fields, and nothing that differs
    assert main(["new", "--from", str(table), "--scheme", "national_2020", "-o", str(form)]) == 2  # never replaced


def test_help_and_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["monitor", "--help"])
    assert "绩效监控表" in capsys.readouterr().out
    assert main(["schemes", "show", "monitoring_shanxi"]) == 0
    said = capsys.readouterr().out
    assert "<60% 红灯、<80% 黄灯、<120% 绿灯、其余蓝灯" in said
    assert "标准值 = 年度指标值*(月份/12)" in said


def test_a_blank_spent_amount_is_told_once_with_its_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "监控.xlsx"
    main(["new", "--scheme", "monitoring", "-o", str(path)])
    capsys.readouterr()
    main(["monitor", str(path)])
    said = [
        line for line in capsys.readouterr().out.splitlines() if "执行数" in line and re.search("没有填|是空的", line)
    ]
    assert len(said) == 1
    assert "M108" in said[0]
