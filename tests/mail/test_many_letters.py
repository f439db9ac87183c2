"""Hundreds of letters: one loop reads their forms, on as many processes as asked for, and a bad file costs itself."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from reviewed import form
from workbook_tools.commands.main import main
from workbook_tools.mail import compose, reminders

UNITS = [f"第{number}局" for number in range(6)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six forms: those of even numbers are right, the others faulty; and one file that is no workbook."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for number, unit in enumerate(UNITS):
        form(Path("收到") / f"{unit}.xlsx", unit, **({} if number % 2 else {"changes": {}}))  # type: ignore[arg-type]
    Path("坏").mkdir()
    Path("坏/坏.xlsx").write_bytes(b"PK")
    lines = "".join(f"{unit},{number}@example.cn\n" for number, unit in enumerate(UNITS))
    Path("通讯录.csv").write_text(f"单位,邮箱\n{lines}", "utf-8")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main([*arguments, "--to-list", "通讯录.csv"])
    return code, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", ["send", "chase"])
def test_several_processes_say_and_write_the_same(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said, drafts = [], []
    for jobs in ("1", "2"):
        out = Path(f"草稿{jobs}")
        said.append(told(capsys, command, "收到", "坏", "--draft", str(out), "--jobs", jobs))
        mails = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(out.glob("*.eml")))
        drafts.append([(mail["To"], mail["Subject"], len(list(mail.iter_attachments()))) for mail in mails])
    assert said[0][0] == said[1][0] == 3  # one file is no workbook
    assert said[0][1].replace("草稿1", "草稿2") == said[1][1]
    assert drafts[0] == drafts[1]
    assert len(drafts[0]) == 3  # the right ones are sent, the faulty ones are chased


def failing(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Makes a function fail, in a way that nobody foresaw, for the file of one unit."""
    real = getattr(module, name)

    def fails(*given: object, **more: object) -> object:
        if UNITS[1] in str(given[0]) or UNITS[2] in str(given[0]):
            raise ZeroDivisionError("除以零")
        return real(*given, **more)

    monkeypatch.setattr(module, name, fails)


@pytest.mark.usefixtures("folder")
def test_a_fault_of_ours_in_one_form_costs_that_form(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, compose, "outgoing")
    code, said = told(capsys, "send", "收到", "--dry-run")
    assert code == 3
    assert f"收到/{UNITS[2]}.xlsx：程序出错（ZeroDivisionError：除以零），请把这个文件交给维护人员；没有发送" in said
    assert "试看：2 封可以发，4 个不能发" in said


@pytest.mark.usefixtures("folder")
def test_a_copy_that_cannot_be_made_costs_the_letter_to_its_unit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, reminders, "content_of")
    code, said = told(capsys, "chase", "收到", "--draft", "草稿")
    assert code == 3
    assert (
        f"{UNITS[1]}.xlsx：程序出错（ZeroDivisionError：除以零），请把这个文件交给维护人员；没有写给它的单位的提醒"
        in said
    )
    assert sorted(path.stem for path in Path("草稿").glob("*.eml")) == [f"催报 {UNITS[3]}", f"催报 {UNITS[5]}"]
