"""Any file given to any command gives a result or one clear sentence, and stays as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from places import EXAMPLES
from workbook_tools.commands.main import fill_form, main

FORM, STATISTICS = "表.xlsx", "统计.xlsx"
BAD: dict[str, bytes | None] = {
    "截断.xlsx": (EXAMPLES / "national_tangxi_2022.xlsx").read_bytes()[:3000],
    "空.xlsx": b"",
    "文字.xlsx": b"hi",
    "旧.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "乱.csv": b"\xff\xfe\x00",
    "换行.csv": b'a\rb,"c\n' + b"x" * 200_000,
    "坏.toml": b"[[",
    "别的.toml": b'a = [1, {b = "c"}]\n',
    "坏.json": b'{"a": [',
    "坏.txt": b"\xff\xfe\x80",
    "没有.xlsx": None,
}
COMMANDS = (
    "check {}",
    "check {} --review 副本.xlsx",
    "check . --waive {}",
    f"check {FORM} --targets {{}}",
    "send {} --to a@example.cn --dry-run",
    f"send {FORM} --to-list {{}} --dry-run",
    f"send {FORM} --to a@example.cn --waive {{}} --dry-run",
    "chase . --to-list {} --dry-run",
    "summary {} -o 汇总.xlsx",
    "summary . -o 汇总2.xlsx --expected {}",
    "targets import {}",
    "targets import {} --new 新 --scheme national_2020",
    "actuals {} --from {}",
    f"actuals {FORM} --from {{}}",
    f"actuals {FORM} --from {STATISTICS} --recipe {{}} --dry-run",
    "fill {} --data {}",
    f"fill {FORM} --data {{}} --dry-run",
    "export {}",
    "mail test --settings {}",
    "patch fill --book={} --answer=答.xlsx",
    "patch check --book={} --answer=答.xlsx",
    "patch send --book={} --answer=答.xlsx",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_sentence_in_every_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    folder = tmp_path / "表"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shutil.copy(EXAMPLES / "national_tangxi_2022.xlsx", FORM)
    shutil.copy(EXAMPLES / "guangzhou_department_2023.xlsx", STATISTICS)
    content = BAD[name]
    if content is not None:
        Path(name).write_bytes(content)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert fill_form([name]) == 3
    for command in COMMANDS:
        try:
            code = main(command.format(*[name] * command.count("{}")).split())
        except SystemExit as left:
            code = int(left.code or 0)
        said = "".join(capsys.readouterr())
        assert code in (0, 1, 2, 3), command
        assert "程序出错" not in said, (command, said)
        assert "Traceback" not in said, command
        assert said or command.startswith("patch"), command
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
