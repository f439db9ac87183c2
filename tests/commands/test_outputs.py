"""Where results are written: never onto what was read, and never over what a person has changed without a word."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from correct import CORRECT
from paper import drawn_book
from places import EXAMPLES
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import BACKUPS, save, undo

CHANGED = b"what a person has made of it"


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(CORRECT.replace("| 100 | 98 |", "| 100 | |")))
    return path


def code_of(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        return command(arguments)
    except SystemExit as stopped:
        return int(str(stopped.code))


def linked(form: Path, how: str) -> str:
    """Another name of the same file."""
    other = form.with_name(f"{how} {form.name}")
    if how == "symlink":
        other.symlink_to(form)
    elif how == "hard link":
        os.link(form, other)
    elif how == "dotted":
        return f"{form.parent}{os.sep}.{os.sep}{form.name}"
    elif how == "roundabout":
        return f"{form.parent}{os.sep}..{os.sep}{form.parent.name}{os.sep}{form.name}"
    else:
        return str(form)
    return str(other)


@pytest.mark.quick_cases(10)
@pytest.mark.parametrize("how", ["same", "dotted", "roundabout", "symlink", "hard link"])
@pytest.mark.parametrize(
    "command",
    [
        lambda form, out: code_of(fill_form, [form, "-o", out]),
        lambda form, out: main(["fill", form, "--data", f"{form}.csv", "-o", out]),
        lambda form, out: main(["check", form, "--review", out]),
        lambda form, out: main(["check", form, "--html", out]),
        lambda form, out: main(["summary", form, "-o", out]),
        lambda _, out: main(["summary", str(EXAMPLES / "hebei_example.xlsx"), "-o", out]),
    ],
    ids=["fill_form", "fill", "review", "html", "summary", "another summary"],
)
def test_nothing_is_written_onto_a_form_that_was_read(
    command: Callable[[str, str], int], how: str, form: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = form.read_bytes()
    Path(f"{form}.csv").write_text("字段,内容\nindicators.1.actual,205人\n", "utf-8")
    assert command(str(form), linked(form, how)) in (2, 3)
    assert form.read_bytes() == before
    assert not (form.parent / BACKUPS).exists()
    said = "".join(capsys.readouterr())
    assert "原文件没有改动" not in said
    assert "已写到" not in said


@pytest.mark.parametrize("how", ["same", "dotted", "hard link"])
def test_nothing_is_written_onto_data_and_lists_that_were_read(
    how: str, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    department = EXAMPLES / "guangzhou_department_2023.xlsx"
    data, statistics, units = (tmp_path / name for name in ("数据.xlsx", "统计.xlsx", "名单.xlsx"))
    workbook = load_workbook(form)
    workbook.worksheets[0].insert_rows(1)
    for cell, words in zip(workbook.worksheets[0][1], ("字段", "内容"), strict=False):
        cell.value = words
    workbook.save(data)
    shutil.copy(department, statistics)
    shutil.copy(form, units)
    before = {path: path.read_bytes() for path in (data, statistics, units)}
    main(["fill", str(form), "--data", str(data), "-o", linked(data, how)])
    recipe = ["--recipe", str(department.with_suffix(".toml"))]
    main(["actuals", str(form), "--from", str(statistics), *recipe, "-o", linked(statistics, how)])
    main(["summary", str(form), "--expected", str(units), "-o", linked(units, how)])
    assert {path: path.read_bytes() for path in before} == before
    assert "已写到" not in capsys.readouterr().out


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["fill_form", "表.xlsx", "-o", "填好.xlsx"], "填好.xlsx"),
        (["check", "表.xlsx", "--review", "副本.xlsx"], "副本.xlsx"),
        (["check", "表.xlsx", "--html", "结果.html"], "结果.html"),
        (["summary", "表.xlsx", "-o", "汇总表.xlsx"], "汇总表.xlsx"),
        (["export", "表.xlsx", "-o", "数据.csv"], "数据.csv"),
        (["export", "表.xlsx", "-o", "数据.json"], "数据.json"),
        (
            [
                "actuals",
                "评价.xlsx",
                "--from",
                "评价.xlsx",
                "--recipe",
                "取数.toml",
                "--chart",
                "走势.xlsx",
                "--dry-run",
            ],
            "走势.xlsx",
        ),
        (["send", "改好.xlsx", "--draft", "草稿", "--to", "a@example.cn"], "草稿/改好.eml"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
@pytest.mark.usefixtures("form")
def test_what_a_person_has_changed_is_kept_and_it_is_said_where(
    arguments: list[str],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name_of, ending in (("评价", "xlsx"), ("取数", "toml")):
        shutil.copy(EXAMPLES / f"guangzhou_department_2023.{ending}", f"{name_of}.{ending}")
    Path("改好.xlsx").write_bytes(drawn_book(CORRECT))
    command = fill_form if arguments[0] == "fill_form" else main
    arguments = arguments[1:] if command is fill_form else arguments
    command(arguments)
    assert "那里原来的文件" not in "".join(capsys.readouterr())
    out = Path(name)
    changed = CHANGED
    if out.suffix == ".xlsx":
        workbook = load_workbook(out)
        workbook.worksheets[0]["Z90"] = "手工改的"
        workbook.save(out)
        changed = out.read_bytes()
    else:
        out.write_bytes(changed)
    command(arguments)
    (kept,) = (tmp_path / out.parent / BACKUPS).iterdir()
    assert kept.read_bytes() == changed
    assert f"；那里原来的文件在 {kept.resolve()}" in "".join(capsys.readouterr())


@pytest.mark.usefixtures("form")
def test_a_file_that_is_no_summary_is_never_replaced_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "别人的表.xlsx"
    shutil.copy(EXAMPLES / "hebei_example.xlsx", other)
    before = other.read_bytes()
    assert main(["summary", str(tmp_path), "-o", str(other)]) == 2
    assert capsys.readouterr().out == f"{other}：已经有这个文件，不是能读的汇总表，没有覆盖；请用 -o 换一个文件名\n"
    assert other.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["表.xlsx", "文件夹", "-o", "一个.xlsx"], "有 2 个文件，-o 后面应是文件夹，“一个.xlsx”是文件名"),
        (["文件夹", "-o", "一个.xlsx"], "给的是文件夹，-o 后面应是文件夹，“一个.xlsx”是文件名"),
        (["文件夹", "-o", "一个.XLSM"], "给的是文件夹，-o 后面应是文件夹，“一个.XLSM”是文件名"),
        (["文件夹", "-o", "文件夹"], "-o 的“文件夹”就是原来的文件夹"),
        (["文件夹", "-o", "./文件夹/../文件夹"], "就是原来的文件夹"),
    ],
)
def test_several_forms_go_into_another_folder(
    arguments: list[str],
    sentence: str,
    form: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("文件夹").mkdir()
    shutil.copy(form, "文件夹")
    before = sorted(tmp_path.rglob("*"))
    assert code_of(fill_form, arguments) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["文件夹/甲.xlsx", "文件夹/乙.xlsx", "-o", "文件夹"], "共 2 个文件：0 个完成，0 个需要人处理，2 个没有处理"),
        (["文件夹/甲.xlsx", "-o", "文件夹"], "就是原文件，没有写"),
        (["文件夹/甲.xlsx", "别处/甲.xlsx", "-o", "别处"], "会写到同一个地方"),
        (["文件夹/甲.xlsx", "别处/甲.xlsx", "别处", "-o", "别处"], "就是原来的文件夹"),
    ],
)
def test_no_form_is_written_onto_another_that_was_given(
    arguments: list[str],
    sentence: str,
    form: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    forms = [Path(folder, f"{name}.xlsx") for folder in ("文件夹", "别处") for name in ("甲", "乙")]
    for path in forms:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(form.read_bytes() + path.name.encode())
    before = [path.read_bytes() for path in forms]
    assert code_of(fill_form, arguments) in (2, 3)
    assert sentence in "".join(capsys.readouterr())
    assert [path.read_bytes() for path in forms] == before


@pytest.mark.usefixtures("form")
def test_an_output_folder_inside_a_folder_given_by_another_name_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert code_of(fill_form, [str(tmp_path), "-o", "填好"]) == 0
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xlsx")] == ["表.xlsx", "填好/表.xlsx"]


def test_every_state_that_a_person_made_is_kept_when_the_same_result_replaces_it(tmp_path: Path) -> None:
    path, result = tmp_path / "填好.xlsx", b"the result"
    for words in (b"first", b"second", b"third"):
        path.write_bytes(words)
        save(path, result, seen=None)
    digits = hashlib.sha256(result).hexdigest()[:8]
    kept = {one.name: one.read_bytes() for one in (tmp_path / BACKUPS).iterdir()}
    assert kept == {
        f"填好.{digits}.xlsx": b"third",
        f"填好.{digits}-2.xlsx": b"first",
        f"填好.{digits}-3.xlsx": b"second",
    }
    undo(path)
    assert path.read_bytes() == b"third"


def test_a_name_with_brackets_has_its_backups_too(tmp_path: Path) -> None:
    path = tmp_path / "表[1].xlsx"
    path.write_bytes(b"old")
    save(path, b"new", seen=None)
    path.write_bytes(b"edited")
    with pytest.raises(Exception, match="填写以后又改过"):
        undo(path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "-o", "对比.xlsx"],
        ["check", "--html", "网页.html"],
        ["check", "--review", "副本.xlsx"],
        ["review", "-o", "复核.xlsx"],
    ],
    ids=" ".join,
)
def test_a_folder_that_is_not_there_is_told_before_anything_is_read(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", tmp_path / "表.xlsx")
    command, option, name = arguments
    folder = tmp_path / "没有"
    assert main([command, str(tmp_path), option, str(folder / name)]) == 2
    assert capsys.readouterr().out == f"{folder}：没有这个文件夹；请先建好，或换一个位置\n"
