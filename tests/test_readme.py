"""What the documents show is what happens."""

from __future__ import annotations

import csv
import doctest
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from places import ROOT
from reviewed import rows, sheet_of, typed
from workbook_tools.commands.main import main
from workbook_tools.data_files import exported
from workbook_tools.summary.tables import HEAD

README = (ROOT / "README.md").read_text("utf-8")
ENTRIES = {"fill_form": "fill_form", "workbook_tools": "main"}
SESSIONS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=[command for command, _ in SESSIONS])
def test_a_session_of_the_readme_prints_what_it_shows(command: str, shown: str) -> None:
    name, *arguments = command.split()
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from workbook_tools.commands.main import *; sys.exit({ENTRIES[name]}())",
            *arguments,
        ],
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    said = run.stdout.decode()
    assert run.returncode == 0
    assert doctest.OutputChecker().check_output(shown, said.rstrip("\n") + "\n", doctest.ELLIPSIS), said


@pytest.mark.slow
def test_the_year_from_targets_to_the_next_targets_runs_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "year.md").read_text("utf-8")
    blocks = re.findall(r"(?:`([^`\s]+\.(?:csv|xlsx))`[^`]*\n\n)?```(csv|console|text)\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```") / 2
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "guangzhou_petition_targets.xlsx", "绩效目标表.xlsx")
    shutil.copy(ROOT / "examples" / "guangzhou_department_2023.xlsx", "评价.xlsx")
    shutil.copy(ROOT / "examples" / "guangzhou_department_2023.toml", "取数.toml")
    for name, kind, words in blocks:
        if kind == "console":
            runs_as_shown(words, capsys)
        elif kind == "text":
            hand_over(words)
        elif name.endswith(".csv"):
            Path(name).write_text(words, "utf-8")
        else:
            type_rows(Path(name), words)
            if name == "下年目标表.xlsx":
                keep_the_rest(Path(name))
    assert len(list(Path("下年自评表").iterdir())) == 9


def runs_as_shown(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command of the year, and what it prints."""
    command, _, shown = session.removeprefix("$ ").partition("\n")
    wrong = "统计表有出入" in shown or ("错误 M" in shown and " monitor " in command)  # fill tells what filling found
    assert main(command.split()[1:]) == (1 if wrong else 0), command
    said = capsys.readouterr().out
    assert doctest.OutputChecker().check_output(shown, said.rstrip("\n") + "\n", doctest.ELLIPSIS), said


def hand_over(words: str) -> None:
    """Files that are copied from one folder to another."""
    for line in words.splitlines():
        source, target = line.split(" → ")
        Path(target).parent.mkdir(exist_ok=True)
        shutil.copy(source, target)


def type_rows(path: Path, words: str) -> None:
    """What a person types into a workbook: the first column tells the row."""
    lines = list(csv.DictReader(words.splitlines()))
    key = next(iter(lines[0]))
    workbook = load_workbook(path)
    tables = [(head, sheet) for sheet in workbook.worksheets for head in sheet.iter_rows() if has(head, lines[0])]
    assert tables
    for head, sheet in tables:
        columns = {cell.value: int(cell.column or 0) for cell in head}
        for line in lines:
            rows = [
                row for row in sheet.iter_rows(int(head[0].row or 0) + 1) if row[columns[key] - 1].value == line[key]
            ]
            assert rows, line
            for row in rows:
                for name, said in line.items():
                    cell = row[columns[name] - 1]
                    number = re.fullmatch(r"[\d.]+", said) and cell.number_format != "@"
                    cell.value = float(said) if number else said or cell.value
    workbook.save(path)


def has(row: Sequence[Any], names: Iterable[str]) -> bool:
    return {cell.value for cell in row}.issuperset(names)


def keep_the_rest(path: Path) -> None:
    """Copies what this year's columns say into the blank ones of next year."""
    same = {"今年指标值": "下年指标值", "今年预算": "下年财政拨款", "今年绩效目标": "下年绩效目标"}
    workbook = load_workbook(path)
    for sheet in workbook.worksheets:
        columns = {cell.value: number for number, cell in enumerate(sheet[HEAD])}
        for now, after in same.items():
            for row in sheet.iter_rows(HEAD + 1) if now in columns else ():
                row[columns[after]].value = row[columns[after]].value or row[columns[now]].value
    workbook.save(path)


@pytest.mark.slow
def test_a_review_from_the_first_form_to_the_last_issue_runs_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    text = (ROOT / "docs" / "review.md").read_text("utf-8")
    [corrections] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    sessions = re.findall(r"```console\n\$ (.*?)\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    main(["export", str(ROOT / "examples" / "zhongshan_12345_2022.xlsx"), "-o", "数据.json"])
    Path("改正.csv").write_text(corrections, "utf-8")
    Path("通讯录.csv").write_text("单位,邮箱\n中山市12345投诉举报平台管理中心,jing@example.cn\n", "utf-8")
    by_hand = {
        "review close": lambda: type_the_review(text),
        "review send": complete_the_notice,
        "review again": drop_the_last_issue,
    }
    ended = {"fill": 0, "review": 0, "chase": 1, "summary": 0, "new": 0}
    done: list[str] = []
    capsys.readouterr()
    for command, shown in sessions:
        words = command.split()[1:]
        step = " ".join(words[:2])
        if step in by_hand and (step != "review again" or step in done):
            by_hand[step]()
        unmended = step == "review again" and step not in done
        assert main(words) == (1 if unmended else ended[words[0]]), command
        done.append(step)
        said = capsys.readouterr().out
        assert doctest.OutputChecker().check_output(shown, said.rstrip("\n") + "\n", doctest.ELLIPSIS), said
    assert done.count("review again") == 2


def type_the_review(text: str) -> None:
    """What the page says that the reviewer types, by the kind of the indicator."""
    table = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)
    ]
    names = table[0]
    answers = [dict(zip(names, row, strict=True)) for row in table[2 : table.index(["状态", "意思"])]]
    marks = {line["二级指标"]: mark for mark, line in rows(sheet_of(Path("复核.xlsx"))).items()}
    typed(
        Path("复核.xlsx"),
        {
            marks[answer.pop("二级指标")]: {
                name: float(said) if name == "复核得分" else said for name, said in answer.items() if said
            }
            for answer in answers
        },
    )


def complete_the_notice() -> None:
    from docx import Document

    [path] = Path("整改通知").iterdir()
    document = Document(str(path))
    for paragraph in document.paragraphs:
        paragraph.text = re.sub("【请填写：.*?】", "市财政局", paragraph.text)
    document.save(str(path))


def drop_the_last_issue() -> None:
    workbook = load_workbook("问题清单.xlsx")
    sheet = workbook["问题清单"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "未整改":
                cell.value = "不列入"
    workbook.save("问题清单.xlsx")


def test_the_data_of_the_clerks_readme_goes_into_a_form(tmp_path: Path) -> None:
    text = (ROOT / "README.zh-CN.md").read_text("utf-8")
    [data] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    (tmp_path / "数据.csv").write_text(data, "utf-8")
    form = ROOT / "examples" / "guangzhou_12345_2021.xlsx"
    out = tmp_path / "填好.xlsx"
    assert main(["fill", str(form), "--data", str(tmp_path / "数据.csv"), "--overwrite", "-o", str(out)]) == 0
    fields = exported(out)[0].fields
    wanted = {"indicators.4.actual": "96%", "indicators.4.reason": "无", "indicators.4.score": "12"}
    assert {field: fields[field] for field in wanted} == wanted


def test_the_python_session_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    runner = doctest.DocTestRunner()
    session = doctest.DocTestParser().get_doctest(README, {}, "README.md", None, 0)
    assert runner.run(session).attempted >= 5
    assert runner.failures == 0


def test_the_first_and_second_command_stand_in_the_readme() -> None:
    assert "python -m pip install . && fill_form examples/zhongshan_12345_2022.xlsx -o filled.xlsx" in README
    assert 'python -m pip install ".[test]" && python -m pytest' in README


@pytest.mark.parametrize(
    "document", ["README.md", "README.zh-CN.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_link_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_an_installed_package_holds_its_data(tmp_path: Path) -> None:
    """The installed package, not this folder: `-I` keeps the working folder out of the path."""
    script = (
        "import workbook_tools, pathlib; root = pathlib.Path(workbook_tools.__file__).parent;"
        "print(*sorted(p.relative_to(root).as_posix() for p in root.rglob('*') if p.suffix in ('.toml', '.xlsx', '.txt', '.xlam', '.bas', '.xml')))"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    if run.returncode:
        pytest.skip("workbook_tools is not installed: run `python -m pip install .` first")
    held = run.stdout.split()
    here = [path.relative_to(ROOT / "workbook_tools").as_posix() for path in (ROOT / "workbook_tools").rglob("*.toml")]
    assert set(here) <= set(held)
    if not (ROOT / "workbook_tools").samefile(Path(_root(tmp_path))):
        assert {
            "templates/self_eval_form.xlsx",
            "macros/self_eval.xlam",
            "macros/ribbon.xml",
            "macros/Host.bas",
        } <= set(held)


def _root(folder: Path) -> str:
    script = "import workbook_tools, pathlib; print(pathlib.Path(workbook_tools.__file__).parent)"
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, cwd=folder, check=True)
    return run.stdout.strip()


def test_the_committed_workbooks_are_whole() -> None:
    for path in (*ROOT.glob("examples/*.xlsx"), *ROOT.glob("templates/*.xlsx")):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None


def test_the_picture_of_the_ribbon_is_drawn_from_its_xml() -> None:
    module = runpy.run_path(str(ROOT / "docs" / "ribbon_picture.py"))
    assert module["picture"]() == (ROOT / "docs" / "ribbon.svg").read_text("utf-8")
