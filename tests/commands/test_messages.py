"""What the commands say when something is wrong: in Chinese, true, and with what to do."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from correct import CORRECT, SICHUAN
from paper import drawn_book
from places import EXAMPLES
from workbook_tools.commands.main import fill_form, main
from workbook_tools.fill import fill_file
from workbook_tools.forms.recognition import NO_FORM
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes

TARGETS = EXAMPLES / "guangzhou_petition_targets.xlsx"
COMMANDS = (
    *("new", "schemes", "check", "explain", "targets", "fill", "actuals", "export", "summary", "send", "chase"),
    *("outbox", "mail", "addin"),
)
# A row without its weight, so the total was not checked.
PARTLY = CORRECT.replace("210人 | 20 | 20", "210人 | | ").replace("100 | 98", "100 | 78")
GUANGZHOU, ANHUI = EXAMPLES / "guangzhou_12345_2021.xlsx", EXAMPLES / "anhui_xiaoxian_2023.xlsx"


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    capsys.readouterr()
    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(str(left.code or 0))
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_is_chinese(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = told([command, "--help"], capsys)
    assert code == 0
    assert "用法：" in said
    assert re.findall(r"usage|positional|options|optional|show this|default:", said) == []
    assert "选项:" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "没有“chek”，是不是要写 check；可选 new、schemes、"),
        (["check"], "缺少：文件"),
        (["check", "a.xlsx", "--form", "x"], "没有“x”；可选 text、json、csv"),
        (["check", "a.xlsx", "--html"], "--html 后面要写一个值"),
        (["check", "a.xlsx", "--was"], "无效的选项：--was"),
        (["check", "a.xlsx", "--re"], "选项 --re 没有写全，可能是 --review, --recalc"),
        (["check", "a.xlsx", "--recalc=x"], "没有“x”；可选 ironcalc、formulas、libreoffice"),
        (["check", "a.xlsx", "--quiet=x"], "后面不用写值，写了“x”"),
        (["send", "a.xlsx", "--to", "a", "--to-list", "b"], "--to-list 和 --to 不能同时用"),
        (["outbox", "retry", "x"], "编号 要写整数，不是“x”"),
        (["targets", "export", "a.xlsx"], "没有“export”，是不是要写 import；可选 import"),
        (["new"], "请用 --scheme 名称 指定评分办法"),
    ],
)
def test_wrong_usage_is_told_in_chinese(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, wrong = told(arguments, capsys)
    assert code == 2
    assert said in wrong
    assert re.findall(r"argument|invalid|choose|expected|required|ambiguous|'", wrong) == []


def test_commands_of_the_ribbon_are_not_offered(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["chek"], ["--help"]):
        _, said, wrong = told(arguments, capsys)
        assert not re.search(r"\blive\b|\bpatch\b", said + wrong)


def test_new_without_a_scheme_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, wrong = told(["new"], capsys)
    assert "national_2020" in wrong
    assert "项目支出绩效自评表（财预〔2020〕10号）" in wrong


@pytest.mark.parametrize("command", [["check"], ["export"], ["fill", "--data", "d.csv"]], ids=lambda words: words[0])
def test_a_table_of_targets_is_called_one(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("名称,内容\n总分,3\n", "utf-8")
    code, said, _ = told([*command, str(TARGETS)], capsys)
    assert code == 3
    assert "是绩效目标表，不是自评表；请用 workbook_tools targets import 读它" in said


def test_filling_says_that_a_table_of_targets_is_no_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert fill_form([str(TARGETS)]) == 3
    assert "请用 workbook_tools targets import 读它" in capsys.readouterr().out


@pytest.mark.parametrize("heading", ["绩效目标 | 绩效指标 | 财政拨款 | 得分", "绩效指标", "姓名 | 电话"])
def test_what_is_not_known_is_not_called_a_table_of_targets(
    heading: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = Workbook()
    workbook.worksheets[0].append(heading.split(" | "))
    path.write_bytes(workbook_bytes(workbook))
    _, said, _ = told(["check", str(path)], capsys)
    assert "是绩效目标表" not in said
    assert NO_FORM in said or "请用 --scheme 指定评分办法" in said


def test_a_form_that_changed_words_is_told_to_restore_them_and_no_other_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = form_workbook(load_scheme("zhongshan_2022"))
    sheet = workbook["自评表"]
    row = next(cell.row for column in sheet.iter_cols(max_col=2) for cell in column if cell.value == "年度")
    sheet.insert_rows(row + 2)
    for name in list(workbook.defined_names):
        del workbook.defined_names[name]
    for line in (row + 1, row + 2):
        sheet.cell(line, 2, "某年")
        sheet.cell(line, 3, 5)
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == 3
    said = capsys.readouterr().out
    assert "不知道用哪一行，没有写入任何内容；请只留评价年度一行" in said
    assert "请恢复" not in said


def test_recalculation_has_a_usual_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    monkeypatch.setattr("workbook_tools.recalc.Recalculation", asked.append)
    file = str(ANHUI)
    for arguments in (
        [file, "--recalc"],
        ["--recalc", file],
        ["--recalc", "libreoffice", file],
        ["--recalc=formulas", file],
    ):
        assert told(["check", *arguments], capsys)[0] == 1
    assert asked == ["ironcalc", "ironcalc", "libreoffice", "formulas"]


def test_statistics_without_recipes_say_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "统计.xlsx"
    workbook = Workbook()
    for row in (["表8：接通率"], ["月份", "呼入量"], ["1月", 5], ["合计", 5]):
        workbook.worksheets[0].append(row)
    path.write_bytes(workbook_bytes(workbook))
    code, said, _ = told(["actuals", str(GUANGZHOU), "--from", str(path)], capsys)
    assert code == 2
    assert "没有“取数”表" in said
    assert "请在统计表里加一张名为“取数”的工作表，列名为 指标、表、算法、" in said


def test_an_actual_value_of_a_name_that_stands_twice_is_left_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form, statistics, recipe = tmp_path / "表.xlsx", tmp_path / "统计.xlsx", tmp_path / "取数.toml"
    fill_file(GUANGZHOU, inputs={"indicators.1.name": "月度话务接通率"}, overwrite=True, out=form)
    workbook = Workbook()
    for row in (["表8：接通率"], ["月份", "呼入量", "接通量"], ["1月", 5, 4], ["合计", 5, 4]):
        workbook.worksheets[0].append(row)
    statistics.write_bytes(workbook_bytes(workbook))
    said = {"指标": "月度话务接通率", "表": "表8", "算法": "相除", "分子": "接通量", "分母": "呼入量", "小数": "2"}
    said |= {"取舍": "四舍五入", "单位": "%"}
    recipe.write_text('[["取数"]]\n' + "".join(f'"{key}" = "{words}"\n' for key, words in said.items()), "utf-8")
    _, printed, _ = told(
        ["actuals", str(form), "--from", str(statistics), "--recipe", str(recipe), "--dry-run"], capsys
    )
    assert "表上有 2 个指标叫这个名称（F14、F17），没有填，请自己填" in printed


def test_quiet_checking_prints_errors_and_one_line_for_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_form([str(GUANGZHOU), "-o", str(tmp_path / "a.xlsx")])
    shutil.copy(ANHUI, tmp_path / "b.xlsx")
    code, said, _ = told(["check", "-q", str(tmp_path)], capsys)
    assert code == 1
    lines = said.splitlines()
    _, loud, _ = told(["check", str(tmp_path)], capsys)
    errors = [line.strip() for line in loud.splitlines() if line.startswith("  错误 ")]
    assert len(errors) >= 4
    assert [line.strip() for line in lines if line.startswith("  ")] == errors
    assert lines[0].startswith(f"{tmp_path / 'a.xlsx'}  自评表  没有错误，")
    assert lines[1].startswith(f"{tmp_path / 'b.xlsx'}  自评表  {len(errors)} 处错误，")
    assert lines[-1] == "共 2 个文件：1 个有错误，1 个没有错误，0 个没有处理"


def test_statistics_of_findings_count_them_and_their_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        shutil.copy(ANHUI, tmp_path / f"{name}.xlsx")
    _, plain, _ = told(["check", "--format", "json", str(tmp_path)], capsys)
    found = [finding["code"] for form in json.loads(plain) for finding in form["findings"]]
    code, said, _ = told(["check", "--statistics", "--format", "json", str(tmp_path)], capsys)
    assert code == 1
    counted = {row["code"]: (int(row["count"]), int(row["forms"])) for row in json.loads(said)}
    assert counted == {code: (found.count(code), 2) for code in found}
    assert json.loads(said)[0]["code"] == "B107"
    _, said, _ = told(["check", "--statistics", str(tmp_path)], capsys)
    lines = said.splitlines()
    assert lines[0].split() == ["代码", "级别", "检查", "处数", "表数"]
    assert lines[1].split() == ["B107", "错误", "资金来源一行也写了分值或得分", "4", "2"]
    assert "E8" not in said
    _, said, _ = told(["check", "--statistics", "--format", "csv", str(tmp_path)], capsys)
    assert said.startswith("\ufeff代码,级别,检查,处数,表数")


@pytest.fixture
def partly(tmp_path: Path) -> Path:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(PARTLY))
    return path


def test_quiet_checking_names_what_was_not_checked(partly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, loud, _ = told(["check", str(partly)], capsys)
    _, said, _ = told(["check", "-q", str(partly)], capsys)
    first, *others = said.splitlines()
    assert re.search(r"\d 处未核对", first)
    assert any(line.startswith("  未核对 S112  G17 总分：") for line in others)
    assert others == [line for line in loud.splitlines() if line.startswith(("  错误 ", "  未核对 "))]


def test_statistics_count_what_was_not_checked(partly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, plain, _ = told(["check", "--format", "json", str(partly)], capsys)
    unchecked = json.loads(plain)[0]["unchecked"]
    _, said, _ = told(["check", "--statistics", str(partly)], capsys)
    assert unchecked > 0
    counted = [line.split() for line in said.splitlines()]
    assert ["S112", "未核对", "有一处没有核对", str(unchecked), "1"] in counted


@pytest.mark.parametrize("paper", [SICHUAN, CORRECT])
def test_statistics_say_clean_only_where_a_scheme_was_read(
    paper: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(paper))
    _, said, _ = told(["check", "--statistics", str(path)], capsys)
    assert ("1 张表用的是通用办法，各行得分没有按办法核对" in said) == (paper is SICHUAN)
    assert ("没有发现问题" in said) == (paper is CORRECT)


def test_what_was_waived_is_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waivers = tmp_path / "放行.csv"
    waivers.write_text("代码,位置,理由,姓名\nB107,,原表如此,张三\n", "utf-8")
    _, said, _ = told(["check", "--statistics", "--waive", str(waivers), str(ANHUI)], capsys)
    assert "W101" in said
    assert "B107" not in said


def test_quiet_filling_prints_what_needs_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert fill_form([str(GUANGZHOU), "--dry-run", "--quiet"]) == 0
    assert capsys.readouterr().out == (f"{GUANGZHOU}  自评表  总分 99.70；试算：要写 10 处，文件没有改动\n")
    assert fill_form([str(ANHUI), "--dry-run", "-q"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "  1. G26 总分：各行分值合计 90，应为 100，请核对分值"
    assert any(line.startswith("  2. 错误 B107  ") for line in said)
    assert not [line for line in said if "提示" in line]
