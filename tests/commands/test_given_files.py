"""Addresses of files elsewhere are for commands that only read; the others say so before they do anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook_tools.commands.main import fill_form, main

PLACE = "s3://bucket/表"


@pytest.mark.parametrize(
    "words",
    [
        "fill_form",
        "monitor",
        "review -o 复核.xlsx",
        "send --to a@example.cn --draft 草稿",
        "chase --to-list 通讯录.csv --dry-run",
    ],
)
def test_a_command_that_writes_beside_its_files_takes_no_address(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "通讯录.csv").write_text("单位,邮箱\n甲局,a@example.cn\n", "utf-8")
    before = sorted(tmp_path.iterdir())
    command, *more = words.split()
    code = fill_form([PLACE]) if command == "fill_form" else main([command, *more, PLACE])
    said = capsys.readouterr()
    assert f"{PLACE}：这里只能用本机或共享文件夹里的文件" in said.out + said.err
    assert (code, sorted(tmp_path.iterdir())) == (2, before)
