"""`fill_form` as a clerk runs it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from paper import NATIONAL, ZHONGSHAN, PaperSheet, drawn_book
from places import ROOT
from rich import rich_workbook
from workbook_tools.commands import main as cli
from workbook_tools.commands import schemes
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import BACKUPS
from workbook_tools.fill import fill_file, fill_sheet
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.workbook import workbook_bytes

EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"


def drawn(path: Path, drawing: str = ZHONGSHAN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn_book(drawing))
    return path


def instead(old: str, new: str) -> str:
    assert old in ZHONGSHAN
    return ZHONGSHAN.replace(old, new, 1)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLE, tmp_path))


def test_the_example_gets_every_figure_of_the_printed_form(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fill_form([str(example)]) == 0
    said = capsys.readouterr().out
    sheet = load_workbook(example, data_only=True)["自评表"]
    rows = {str(row[1].value): row for row in sheet.iter_rows() if row[1].value}
    score, weight = 9, 5  # columns J and F
    assert [rows[kind][score].value for kind in ("预算执行率", "预算调整率")] == [5, 15]
    assert [rows[kind][weight].value for kind in ("数量指标", "质量指标", "时效指标")] == [13.33] * 3
    assert [rows[kind][score].value for kind in ("数量指标", "质量指标", "时效指标")] == [13.33, 13.33, 8]
    assert [rows[kind][weight].value for kind in ("社会效益指标", "服务对象满意度指标")] == [20, 20]
    assert [rows[kind][score].value for kind in ("社会效益指标", "服务对象满意度指标")] == [20, 20]
    labels = {str(row[0].value)[:6]: row for row in sheet.iter_rows() if row[0].value}
    assert [
        labels[label][score].value for label in ("预算执行过程", "产出指标得分", "效益指标得分", "自评分数小计")
    ] == [20, 34.66, 40, 94.66]
    total = next(row for row in sheet.iter_rows() if str(row[0].value).startswith("自评分数合计"))
    assert (total[8].value, total[9].value) == (94.66, "自评绩效等级:优")
    assert "总分 94.66，等级 优" in said
    assert "13.33 × 60.00% → 8.00" in said


def test_a_second_run_changes_nothing(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill_form([str(example)])
    filled = example.read_bytes()
    capsys.readouterr()
    assert fill_form([str(example)]) == 0
    assert "没有要写的" in capsys.readouterr().out
    assert example.read_bytes() == filled


def test_a_second_run_writes_nothing_beside_a_formula_that_cannot_be_calculated(tmp_path: Path) -> None:
    path, book = tmp_path / "表.xlsx", PaperSheet(NATIONAL).workbook()
    book["自评表"]["E6"] = "=[1]Sheet1!A1"  # of another workbook
    book.save(path)
    assert fill_file(path).written
    assert not fill_file(path).written


@pytest.mark.parametrize("typed", ["九十六", "见附件", "约96分"])
def test_words_in_the_place_of_the_total_are_told_and_its_label_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    drawing = NATIONAL.replace("总分 | < | < | < | < | 100 |", f"总分 | < | < | < | < | 100 | {typed}")
    path = drawn(tmp_path / "表.xlsx", drawing)
    assert fill_form([str(path)]) == 1
    assert f"填的是 {typed}，按办法应为 91.00" in capsys.readouterr().out
    sheet = load_workbook(path, data_only=True)["自评表"]
    assert (sheet["A17"].value, sheet["G17"].value) == ("总分", typed)


@pytest.mark.parametrize("typed", ["优秀", "良好", "合格"])
def test_another_word_for_a_grade_is_told_where_it_took_the_place_of_the_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("自评绩效等级:\n", f"{typed}\n"))
    assert fill_form([str(path)]) == 1
    said = capsys.readouterr().out
    assert f"填的是 {typed}，按办法应为 优" in said
    assert "等级没有填" not in said


def test_a_dry_run_prints_the_same_table_and_leaves_the_file(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = example.read_bytes()
    assert fill_form([str(example), "--dry-run"]) == 0
    dry = capsys.readouterr().out
    assert example.read_bytes() == before
    fill_form([str(example)])
    wet = capsys.readouterr().out
    assert dry.splitlines()[:-2] == wet.splitlines()[:-2]
    assert "试算" in dry


def test_undo_is_the_way_back(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = example.read_bytes()
    fill_form([str(example)])
    assert fill_form([str(example), "--undo"]) == 0
    assert example.read_bytes() == before
    assert fill_form([str(example), "--undo"]) == 3
    assert "没有可以还原的备份" in capsys.readouterr().out


def test_a_typed_figure_that_differs_is_reported_and_what_rests_on_it_is_held_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("100 | 60 | |", "100 | 60 | | 11.70"))
    assert fill_form([str(path)]) == 1
    said = capsys.readouterr().out
    assert "H15 时效指标 自评分：填的是 11.7，按办法应为 8.00（13.33 × 60.00% → 8.00）" in said
    sheet = load_workbook(path, data_only=True)["自评表"]
    assert sheet["H15"].value == 11.7
    assert [sheet[cell].value for cell in ("H17", "H25", "G31", "H31")] == [None, None, None, "自评绩效等级:"]
    assert sheet["H24"].value == 40

    assert fill_form([str(path), "--overwrite"]) == 0
    sheet = load_workbook(path, data_only=True)["自评表"]
    assert [sheet[cell].value for cell in ("H15", "H17", "G31", "H31")] == [8, 34.66, 94.66, "自评绩效等级:优"]


def test_a_typed_figure_that_agrees_is_left_as_it_was_typed(tmp_path: Path) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("培训场次: 114次 | |", "培训场次: 114次 | 40/3=13.33 |"))
    assert fill_form([str(path)]) == 0
    assert load_workbook(path)["自评表"]["D13"].value == "40/3=13.33"


def test_an_undecided_row_is_named_with_what_to_do_and_the_total_stays_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("100 | 60 | |", "优秀 | 良好 | |"))
    assert fill_form([str(path)]) == 1
    said = capsys.readouterr().out
    assert "1. H15 时效指标 自评分：“优秀”对“良好”不能相除，按定性指标；请按完成情况在这里填 0～13.33 分" in said
    assert "2." not in said.partition("需要人处理")[2]
    assert "总分未定，等级未定" in said
    sheet = load_workbook(path, data_only=True)["自评表"]
    assert [sheet[cell].value for cell in ("H17", "H25", "G31")] == [None, None, None]


@pytest.mark.parametrize(
    ("target", "actual", "rate"),
    [
        ((95, "General"), (94, "General"), "98.95%"),
        ((0.95, "0%"), (0.94, "0.00%"), "98.95%"),
        (("≥95%", "General"), (94, "General"), "98.95%"),
        (("≥95%", "General"), (0.94, "0%"), "98.95%"),
        ((0.95, "General"), (0.94, "General"), "98.95%"),
        (("≥95%", "General"), (0.94, "General"), ""),
        ((0.95, "0%"), (0.94, "General"), ""),
        ((95, "General"), (0.94, "0%"), ""),
        ((95, "General"), (0.94, "General"), ""),
    ],
)
def test_95_and_95_percent_and_0_95_are_told_apart_by_format_and_unit_or_asked(
    tmp_path: Path, target: tuple[object, str], actual: tuple[object, str], rate: str
) -> None:
    workbook = PaperSheet(ZHONGSHAN).workbook()
    sheet = workbook["自评表"]
    for cell, (value, shown_as) in (("E13", target), ("F13", actual)):
        sheet[cell].value, sheet[cell].number_format = value, shown_as
    sheet["G13"].number_format = "0.00%"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == (0 if rate else 1)
    written = load_workbook(path)["自评表"]["G13"].value
    assert (f"{written:.2%}" if written is not None else "") == rate


@pytest.mark.parametrize("typed", ["60%", "60.00%", "60", "0.6"])
def test_a_rate_typed_with_or_without_its_percent_sign_agrees(tmp_path: Path, typed: str) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("100 | 60 | |", f"100 | 60 | {typed} |"))
    assert fill_form([str(path)]) == 0


@pytest.mark.parametrize(
    ("typed", "shown_as", "code"),
    [
        (0.86, "0%", 0),  # 85.75 / 100, printed in whole percent
        ("86%", "General", 0),
        (0.86, "0.00%", 1),  # prints 86.00%
        (0.8575, "0%", 0),
        (0.85, "0%", 1),
    ],
)
def test_a_rate_is_right_to_the_decimals_that_its_cell_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: object, shown_as: str, code: int
) -> None:
    workbook = PaperSheet(instead("100 | 60 | |", "100 | 85.75 | |")).workbook()
    cell = workbook["自评表"]["G15"]
    cell.value, cell.number_format = typed, shown_as
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == code
    assert ("按办法应为 85.75%" in capsys.readouterr().out) == bool(code)
    assert load_workbook(path)["自评表"]["G15"].value == typed


@pytest.mark.parametrize(("given", "outcomes"), [("98%", []), ("98.00%", []), ("98.1%", ["differs"])])
def test_a_percentage_put_in_is_the_same_with_other_decimals(given: str, outcomes: list[str]) -> None:
    """A cell of the format 0.00% says 98.00% where 98% was typed."""
    sheet = PaperSheet(NATIONAL.replace("95% | 96%", "95% | 98.00%"))
    filled = fill_sheet(sheet, load_scheme("national_2020"), inputs={"indicators.2.actual": given})
    assert [change.outcome for change in filled.changes if change.field == "indicators.2.actual"] == outcomes


def test_a_hidden_form_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbook = PaperSheet(ZHONGSHAN).workbook()
    workbook.create_sheet("封面")
    workbook["自评表"].sheet_state = "hidden"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == 3
    assert "工作表“自评表”是隐藏的" in capsys.readouterr().out


def test_several_forms_in_one_workbook_are_all_filled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = PaperSheet(ZHONGSHAN).workbook()
    copy = book.copy_worksheet(book["自评表"])
    copy.title = "第二个项目"
    copy["F15"] = 100
    hidden = book.copy_worksheet(book["自评表"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "两个项目.xlsx"
    path.write_bytes(workbook_bytes(book))
    assert fill_form([str(path)]) == 0
    assert [
        line for line in capsys.readouterr().out.splitlines() if "总分" in line and "等级" in line and "，" in line
    ] == [
        "  总分 94.66，等级 优",
        "  总分 99.99，等级 优",
    ]


def test_formulas_that_are_not_ours_are_counted_for_the_clerk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(rich_workbook(macros=False))  # 选项!A3 and 选项!B1 beside the two rates of the form
    assert fill_form([str(path)]) == 0
    assert "另有 2 个公式不归本工具计算" in capsys.readouterr().out


def test_a_folder_goes_on_after_a_bad_file_and_sums_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "收到的表"
    drawn(folder / "一.xlsx")
    (folder / "二.xlsx").write_bytes(b"PK\3\4 broken")
    drawn(folder / "里面" / "三.xlsx", instead("100 | 60 | |", "100 | | |"))
    (folder / "四.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (folder / "~$一.xls").write_bytes(b"owner")
    (folder / "说明.txt").write_text("不是表", encoding="utf-8")
    assert fill_form([str(folder)]) == 3
    said = capsys.readouterr()
    assert "二.xlsx：文件不完整或已损坏" in said.out
    assert "四.xls：文件不完整或已损坏" in said.out
    assert "共 4 个文件：1 个完成，1 个需要人处理，2 个没有处理" in said.out
    assert "说明.txt" not in said.out
    assert fill_form([str(folder)]) == 3, "backups are not taken for forms"
    assert "共 4 个文件" in capsys.readouterr().out


def test_a_pattern_that_the_console_did_not_expand_is_expanded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("甲.xlsx", "乙.xlsx"):
        drawn(tmp_path / name)
    (tmp_path / "~$丙.xlsx").write_bytes(b"owner")
    assert fill_form([str(tmp_path / "*.xlsx")]) == 0
    assert "共 2 个文件：2 个完成" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        fill_form([str(tmp_path / "*.xlsm")])
    assert stopped.value.code == 3


def test_an_output_folder_takes_many_and_leaves_all_originals(tmp_path: Path) -> None:
    folder = tmp_path / "收到"
    forms = [drawn(folder / "甲" / "表.xlsx"), drawn(folder / "乙" / "表.xlsx")]
    before = [form.read_bytes() for form in forms]
    assert fill_form([str(folder), "-o", str(tmp_path / "填好")]) == 0
    assert [form.read_bytes() for form in forms] == before
    assert sorted(path.relative_to(tmp_path / "填好").as_posix() for path in (tmp_path / "填好").rglob("*.xlsx")) == [
        "乙/表.xlsx",
        "甲/表.xlsx",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "缺少：文件"),
        (["a.xlsx", "--nonsense"], "无效的选项：--nonsense"),
        (["a.xlsx", "--scheme", "广州"], "没有名为“广州”的评分办法；现有：anhui"),
        (["a.xlsx", "--undo", "--dry-run"], "--undo 不能和其他选项同时用"),
        (["a.xlsx", "-o", "b.xlsm"], "扩展名应和原文件一样"),
        (["a.xlsx", "-o"], "后面要写一个值"),
    ],
)
def test_wrong_usage_is_told_in_chinese_with_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        fill_form(arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "usage" not in said


def test_help_is_chinese_and_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fill_form(["--help"])
    said = capsys.readouterr().out
    assert all(words in said for words in ("用法：", "退出码：0 已填好", "--dry-run", "--overwrite", "--undo"))
    assert not any(english in said for english in ("usage", "options", "positional", "show this"))


@pytest.mark.parametrize("command", ["fill", "actuals"])
def test_what_fills_says_how_it_ends_as_fill_form_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    endings = []
    for run, arguments in ((main, [command, "--help"]), (fill_form, ["--help"])):
        with pytest.raises(SystemExit):
            run(arguments)
        endings.append("".join(capsys.readouterr().out.partition("退出码：")[2].split()))
    assert endings[0] == endings[1]
    assert "校验查出错误的，也是0" in endings[0]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("没有.xlsx", None, "找不到这个文件"),
        ("空.xlsx", b"", "0 字节"),
        ("别的.xlsx", drawn_book("姓名 | 电话"), "没有读到自评表"),
    ],
)
def test_what_is_no_form_gives_one_sentence_and_code_3(
    tmp_path: Path, name: str, content: bytes | None, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert fill_form([str(path)]) == 3
    said = capsys.readouterr().out.strip()
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_form_without_a_word_it_needs_says_which_and_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("产出指标得分小计 (上限不超过40分)", "本部分得分"))
    before = path.read_bytes()
    assert fill_form([str(path)]) == 3
    assert "找不到“产出指标得分小计”，没有写入任何内容" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_another_year_needs_a_person_to_name_the_scheme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn(tmp_path / "表.xlsx", instead("2022年度市级", "2023年度市级"))
    assert fill_form([str(path)]) == 3
    assert "--scheme zhongshan_2022" in capsys.readouterr().out
    assert fill_form([str(path), "--scheme", "zhongshan_2022"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gbk", "cp936:strict", "ascii", "utf-8"])
def test_any_console_shows_what_it_can(tmp_path: Path, encoding: str) -> None:
    path = drawn(tmp_path / "①②生僻字𠮷.xlsx")
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from workbook_tools.commands.main import fill_form; raise SystemExit(fill_form())",
            str(path),
        ],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        timeout=60,
        check=False,
    )
    assert run.returncode == 0
    assert run.stderr == b""
    words = run.stdout.decode(encoding.partition(":")[0], errors="replace")
    assert "94.66" in words
    if "gbk" in encoding:
        assert "（空）" in words
        assert "总分 94.66，等级 优" in words


def test_the_core_imports_none_of_the_heavy_packages(example: Path) -> None:
    script = (
        "import sys; from workbook_tools.commands.main import fill_form; fill_form();"
        "print([m for m in ('openpyxl', 'lxml', 'pandas', 'xlwings', 'formulas', 'numpy') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(example)], capture_output=True, cwd=ROOT, text=True, timeout=60, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"


def test_workbook_tools_makes_an_empty_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "新表.xlsx"
    assert main(["new", "--scheme", "zhongshan_2022", "-o", str(out)]) == 0
    assert out.read_bytes() == (ROOT / "templates" / "self_eval_form.xlsx").read_bytes()
    assert fill_form([str(out)]) == 1
    assert "总分未定" in capsys.readouterr().out
    assert not (tmp_path / BACKUPS).exists() or out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", form_names())
def test_every_scheme_is_listed_told_and_made(scheme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemes"]) == 0
    assert scheme in capsys.readouterr().out
    assert main(["schemes", "show", scheme]) == 0
    told = capsys.readouterr().out
    assert load_scheme(scheme).title in told
    assert "依据：" in told
    out = tmp_path / "新表.xlsx"
    assert main(["new", "--scheme", scheme, "-o", str(out)]) == 0
    assert main(["new", "--scheme", scheme, "-o", str(out)]) == 2
    assert "没有覆盖" in capsys.readouterr().out
    assert fill_form([str(out), "--dry-run"]) in (0, 1)


@pytest.mark.parametrize(
    "arguments", [["schemes", "show"], ["schemes", "show", "不存在"], ["new"], ["new", "--scheme", "x"]]
)
def test_a_wrong_word_for_a_scheme_is_told_in_chinese(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "用法不对" in capsys.readouterr().err


def test_a_general_scheme_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    fill_form([str(ROOT / "examples" / "yunnan_lijiang_2020.xlsx"), "--dry-run"])
    said = capsys.readouterr().out
    assert "通用办法：评分规则没有读到原文" in said
    assert "提示（请核对，不影响填写）" in said
    assert "填的是 9；完成 72890元，达到指标值“=72890元”，一般得 10.00 分" in said


def run(*arguments: object, **how: object) -> subprocess.Popen[bytes]:
    """`fill_form` as a process of its own."""
    script = "from workbook_tools.commands.main import fill_form; raise SystemExit(fill_form())"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)  # type: ignore[call-overload,no-any-return]


def test_forms_of_the_same_name_never_overwrite_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forms = [drawn(tmp_path / "甲" / "表.xlsx"), drawn(tmp_path / "乙" / "表.xlsx")]
    with pytest.raises(SystemExit):
        fill_form([*map(str, forms), "-o", str(tmp_path / "填好")])
    assert "会写到同一个地方" in capsys.readouterr().err
    assert not (tmp_path / "填好").exists()


def test_an_output_folder_inside_the_input_folder_is_not_read_again(tmp_path: Path) -> None:
    drawn(tmp_path / "表.xlsx")
    for _ in range(2):
        assert fill_form([str(tmp_path), "-o", str(tmp_path / "填好")]) == 0
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xlsx")] == ["表.xlsx", "填好/表.xlsx"]


def test_an_output_without_an_extension_is_a_folder(tmp_path: Path) -> None:
    form = drawn(tmp_path / "表.xlsx")
    assert fill_form([str(form), "-o", str(tmp_path / "新文件夹")]) == 0
    assert (tmp_path / "新文件夹" / "表.xlsx").exists()


def test_a_file_given_twice_is_filled_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = drawn(tmp_path / "表.xlsx")
    assert fill_form([str(form), str(form)]) == 0
    assert capsys.readouterr().out.count("总分 94.66") == 1


def test_an_output_that_cannot_be_written_gives_one_chinese_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = drawn(tmp_path / "表.xlsx")
    (tmp_path / "挡路").write_text("不是文件夹", encoding="utf-8")
    assert fill_form([str(form), "-o", str(tmp_path / "挡路" / "表.xlsx")]) == 3
    assert "无法写入：" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals and pipes are POSIX")
def test_ctrl_c_and_a_closed_pipe_end_without_a_traceback(tmp_path: Path) -> None:
    for number in range(400):
        shutil.copy(EXAMPLE, tmp_path / f"{number}.xlsx")

    def heard() -> None:  # a job in the background of a shell is started deaf to Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with run(tmp_path, preexec_fn=heard) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "已中断" in said.decode()
    assert "Traceback" not in said.decode()

    with run(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
        process.wait(timeout=60)
    assert "Traceback" not in said.decode()
    assert "Broken" not in said.decode()


@pytest.mark.skipif(os.name == "nt", reason="named pipes are POSIX")
def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "管道.xlsx")
    assert fill_form([str(tmp_path / "管道.xlsx")]) == 3
    assert "设备或管道" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "at"),
    [("rows", at) for at in (1, 5, 9, 14, 18, 19, 22, 27, 35)] + [("columns", at) for at in (1, 2, 6, 10)],
)
def test_rows_and_columns_moved_under_the_merged_areas_change_nothing(
    tmp_path: Path, way: str, at: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """As some programs insert them: the cells and their formulas move, the merged areas stay where they were."""
    workbook = load_workbook(EXAMPLE)
    sheet = workbook["自评表"]
    (sheet.insert_rows if way == "rows" else sheet.insert_cols)(at)
    for cell in [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]:
        cell.value = re.sub(r"([A-Z])(\d+)", lambda place: moved(place[1], int(place[2]), way, at), str(cell.value))
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == 0
    assert "总分 94.66，等级 优" in capsys.readouterr().out


def moved(column: str, row: int, way: str, at: int) -> str:
    """A cell as a formula names it after one row or column was inserted."""
    if way == "rows":
        return f"{column}{row + (row >= at)}"
    return f"{chr(ord(column) + (ord(column) - 64 >= at))}{row}"


def test_an_indicator_in_a_row_that_was_inserted_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbook = load_workbook(EXAMPLE)
    sheet = workbook["自评表"]
    sheet.insert_rows(20)
    sheet["C20"], sheet["G20"], sheet["H20"] = "3. 工单回访率: 100%", 100, 100
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert fill_form([str(path)]) == 0
    assert "10.00 + 10.00 + 10.00 + 6.00" in capsys.readouterr().out


def test_what_no_command_foresaw_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("x")

    monkeypatch.setattr(schemes, "_list", broken)
    assert cli.main(["schemes"]) == 3
    said = capsys.readouterr().err
    assert said == "程序出错（ZeroDivisionError：x）；请把这条命令和文件交给维护人员\n"
