"""The report for whoever looks after the tool: it tells what is inside, and holds no mail address and no password."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import ROOT
from workbook_tools import __version__
from workbook_tools.commands.main import main
from workbook_tools.ribbon import actions, log, report, wps
from workbook_tools.ribbon.macro_calls import Row, answer_json, answer_workbook

ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
SECRETS = ["zhang.san@zs.gov.cn", "李四@单位.中国", "hunter2-秘密", "a＠b.cn"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer of its own: home, state, temporary files."""
    for name, folder in (("HOME", "张三的文件夹"), ("XDG_STATE_HOME", "张三的文件夹/state"), ("TMPDIR", "tmp")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", SECRETS[2])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def form_with_secrets(folder: Path) -> Path:
    workbook = load_workbook(ZHONGSHAN)
    workbook.worksheets[0]["L1"] = f"联系 {SECRETS[0]}，{SECRETS[1]}；密码：{SECRETS[2]}"
    workbook.worksheets[0]["L2"] = SECRETS[3]
    path = folder / "zhang.san@zs.gov.cn 自评表.xlsx"
    workbook.save(path)
    return path


def a_failing_run(folder: Path) -> None:
    run = folder / "tmp" / "workbook_tools_17_42"
    run.mkdir()
    (run / "request.json").write_text(json.dumps(["fill", f"--book={run / '表.xlsx'}", SECRETS[0]]), "ascii")
    (run / "answer.json").write_bytes(answer_json([Row("say", f"发给 {SECRETS[0]}")]))
    (run / "workbook_tools_17_42.xlsx").write_bytes(answer_workbook([Row("say", "Excel 的结果")]))
    shutil.copy(ZHONGSHAN, run / "表.xlsx")


def test_a_report_tells_what_is_inside_and_holds_just_that(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wps.install(wps.addons_folder(), ("/x/python", ""))
    log.note("fill: begin")
    a_failing_run(place)
    assert main(["addin", "report", "-o", "报告.zip"]) == 0
    held = read(place / "报告.zip")
    said = capsys.readouterr().out
    listed = [line.strip().partition("：")[0] for line in said.splitlines()[1:-1]]
    assert listed == list(held)
    assert list(held) == [
        *("versions.txt", "addins.txt", "ribbon.log", "wps/publish.xml"),
        *("run_1/answer.json", "run_1/request.json", "run_1/answer.txt"),
    ]
    assert held["versions.txt"].startswith(f"workbook_tools {__version__}\nPython 3.")
    assert "/x/python" in held["addins.txt"]
    assert "fill: begin" in held["ribbon.log"]
    assert 'name="self_eval"' in held["wps/publish.xml"]
    assert "Excel 的结果" in held["run_1/answer.txt"]
    assert said.endswith("已写到 报告.zip。发给别人以前，请先打开看一遍。\n")


def test_no_mail_address_no_password_and_no_name_of_a_folder_is_in_it(place: Path) -> None:
    book = form_with_secrets(place)
    a_failing_run(place)
    try:
        raise RuntimeError(f"login {SECRETS[0]} password={SECRETS[2]} {Path.home()}")
    except RuntimeError as fault:
        log.note("send: unforeseen", fault)
    assert main(["addin", "report", "--book", str(book), "-o", "报告.zip"]) == 0
    held = read(place / "报告.zip")
    assert {"book.txt", "book_fill.json", "book_check.json"} <= held.keys()
    everything = "\n".join([*held, *held.values()])
    for secret in [*SECRETS, "zhang.san", "张三的文件夹"]:
        assert secret not in everything
    assert "RuntimeError: login （邮箱） password=（密码）" in held["ribbon.log"]
    assert "自评表!J30" not in held["book.txt"]  # blank
    assert "自评表!A2" in held["book.txt"]
    assert "94.66" in held["book_fill.json"]
    assert not [name for name in held if name.endswith((".xlsx", ".xls"))]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("给 a.b+c@x-y.gov.cn。", "给 （邮箱）。"),
        ("a @ b . cn", "（邮箱）"),
        ("ａ＠ｂ．cn", "（邮箱）"),
        ('"password": "x y", "b": 1', '"password": （密码）, "b": 1'),
        ("授权码：abcd1234 好", "授权码：（密码） 好"),
        ("J30 94.66 优 @", "J30 94.66 优 @"),
    ],
)
def test_what_is_taken_out(said: str, left: str) -> None:
    assert report.without_secrets(said) == left


def test_a_workbook_that_cannot_be_read_is_told_in_the_report(place: Path) -> None:
    path = place / "坏的.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    assert main(["addin", "report", "--book", str(path), "-o", "报告.zip"]) == 0
    assert read(place / "报告.zip")["book.txt"].startswith("E_")


def test_a_workbook_that_is_not_there_is_told_at_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addin", "report", "--book", "没有.xlsx", "-o", "报告.zip"]) == 2
    assert capsys.readouterr().out == "没有.xlsx：找不到这个文件，请检查路径和文件名\n"
    assert not (place / "报告.zip").exists()


def test_a_report_overwrites_no_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "报告.zip").write_bytes(b"older")
    assert main(["addin", "report", "-o", "报告.zip"]) == 2
    assert "没有覆盖" in capsys.readouterr().out
    assert (place / "报告.zip").read_bytes() == b"older"


def test_the_log_holds_each_start_and_where_a_fault_arose(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["patch", "fill", f"--answer={place / 'answer.json'}", f"--book={ZHONGSHAN}"]
    assert main(asked) == 0

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(actions, "fill", broken)
    assert main(asked) == 0
    lines = log.path().read_text("utf-8").splitlines()
    assert [line.partition(f"{__version__} ")[2] for line in lines if __version__ in line] == [
        *("fill: begin", "fill: 34 rows", "fill: begin", "fill: unforeseen"),  # 30 cells, and 4 that are told
    ]
    assert lines[-1] == "RuntimeError: x"


def test_the_log_stays_small_and_never_stops_anything(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        log.note("长" * 40_000)
    assert log.path().stat().st_size < 450_000
    assert log.path().read_text("utf-8").splitlines()[-1].endswith("长")
    monkeypatch.setenv("XDG_STATE_HOME", str(ZHONGSHAN))  # a file, where no folder can be
    log.note("nothing")
    assert place.exists()
