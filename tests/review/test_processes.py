"""A review by several processes is that by one, and what they send each other is small."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from places import EXAMPLES, ROOT
from reviewed import FAULTY, form, rows, typed
from workbook_tools.commands.main import main
from workbook_tools.review.rows import read_unless_ours

FORMS = [path for path in sorted(EXAMPLES.glob("*.xlsx")) if "targets" not in path.name]


@pytest.fixture
def came(tmp_path: Path) -> Path:
    """What came in, and what came back: mended, half mended, not mended, a form twice, and files that cannot be read."""
    folder = tmp_path / "来"
    folder.mkdir()
    total = "100 | 98 |"
    mended = {"甲局": {}, "乙局": {total: FAULTY[total]}, "丙局": FAULTY}
    for unit, changes in mended.items():
        form(folder / "收到" / f"{unit}.xlsx", unit)
        form(folder / "报回" / f"{unit}.xlsx", unit, changes=changes)
    shutil.copy(folder / "报回" / "丙局.xlsx", folder / "报回" / "丙局2.xlsx")
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", folder / "收到" / "中山.xlsx")
    for part in ("收到", "报回"):
        (folder / part / "坏.xlsx").write_bytes(b"PK")
    return folder


def everything(folder: Path) -> dict[str, list[list[tuple[Any, ...]]]]:
    """What every workbook beside the forms says."""
    books = {path.name: load_workbook(path) for path in folder.glob("*.xlsx")}
    return {name: [list(sheet.values) for sheet in book] for name, book in books.items()}


@pytest.mark.slow
def test_several_processes_tell_and_write_the_same(
    came: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for workers in ("1", "3"):
        monkeypatch.chdir(shutil.copytree(came, tmp_path / workers))
        jobs = ["--jobs", workers]
        codes = [main(["review", "收到", "-o", "复核.xlsx", *jobs])]
        book = load_workbook("复核.xlsx")
        sheet = next(one.title for one in book if one["D2"].value == "单位：甲局")
        typed(Path("复核.xlsx"), {"indicators.1": {"复核得分": 15, "复核意见": "少培训"}}, book.sheetnames.index(sheet))
        os.rename("收到/丙局.xlsx", "收到/没有了.xlsx")
        shutil.copy("复核.xlsx", "收到")  # reviews and lists that lie among the forms
        codes += [main(["review", "close", "复核.xlsx", *jobs])]
        shutil.copy("问题清单.xlsx", "报回")
        shutil.copy("问题清单.xlsx", "第一次.xlsx")
        codes += [main(["review", "again", "报回", "--issues", "问题清单.xlsx", *jobs])]
        said = capsys.readouterr().out.replace(str(tmp_path / workers), "")
        told.append((codes, re.sub(r"\.[0-9a-f]{8}\.", ".", said), everything(Path())))
    assert told[0] == told[1]
    codes, said, _ = told[0]
    assert codes == [1, 1, 1]
    assert said.count("坏.xlsx：这不是 Excel 工作簿") == 2
    assert "收到/丙局.xlsx：找不到这个文件" in said
    lines = rows(load_workbook("问题清单.xlsx")["问题清单"], "编号").values()
    states = {unit: {str(line["状态"]) for line in lines if line["单位"] == unit} for unit in ("甲局", "乙局")}
    assert states["甲局"] == {"已整改", "未整改"}  # its findings; the points that the reviewer gave
    assert states["乙局"] == {"已整改", "未整改"}  # its points; its total


MURDEROUS = """
import os, signal
from workbook_tools.commands.main import main
from workbook_tools.review import closing, rows
read = rows.read_one
def read_one(path, *more):
    if "乙" in path.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(path, *more)
rows.read_one = closing.read_one = read_one
if __name__ == "__main__":
    raise SystemExit(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_process_that_is_killed_costs_one_form(came: Path, tmp_path: Path) -> None:
    script = tmp_path / "murderous.py"  # which each worker imports
    script.write_text(MURDEROUS, "utf-8")

    def told(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, str(script), "review", *arguments, "--jobs", "2"],
            capture_output=True,
            text=True,
            check=False,
            cwd=came,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 1, done.stderr
        return done.stdout.splitlines()

    assert main(["review", str(came / "收到"), "-o", str(came / "全.xlsx")]) == 1
    lost = "处理这个文件的进程意外结束"
    [line] = [line for line in told("收到", "-o", "复核.xlsx") if lost in line]
    assert line.startswith("收到/乙局.xlsx：")
    assert len(load_workbook(came / "复核.xlsx").sheetnames) == len(load_workbook(came / "全.xlsx").sheetnames) - 1
    [line] = [line for line in told("close", "全.xlsx") if lost in line]
    assert "：收到/乙局.xlsx：" in line
    units = {line["单位"] for line in rows(load_workbook(came / "问题清单.xlsx")["复核汇总"], "单位").values()}
    assert {"甲局", "丙局"} < units
    assert "乙局" not in units
    [line] = [line for line in told("again", "报回", "--issues", "问题清单.xlsx") if lost in line]
    assert line.startswith("报回/乙局.xlsx：")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_what_is_kept_of_a_form_is_small_and_can_be_sent(path: Path) -> None:
    read = read_unless_ours(path, None, ())
    assert read is not None
    sent = pickle.dumps(read)
    assert pickle.loads(sent) == read
    assert len(sent) < 100_000 * len(read.forms)
