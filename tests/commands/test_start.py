"""How a command starts: it is found by its name, and only what it needs is imported."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib import import_module

import pytest

from places import ROOT
from workbook_tools.commands.main import COMMANDS, main

FORM = ROOT / "examples" / "zhongshan_12345_2022.xlsx"


def test_the_modules_add_just_the_commands_of_the_table() -> None:
    parsers = argparse.ArgumentParser().add_subparsers()
    for module in dict.fromkeys(options for options, _ in COMMANDS.values()):
        import_module(f"workbook_tools.commands.{module}").add_commands(parsers)
    assert list(parsers.choices) == list(COMMANDS)


def test_without_a_command_one_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "用法不对：缺少：命令" in "".join(capsys.readouterr())


def test_an_unknown_command_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["chek"])
    said = "".join(capsys.readouterr())
    assert stop.value.code == 2
    assert "是不是要写 check" in said
    assert all(command in said for command in COMMANDS if command not in ("live", "patch", "request"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Python keeps what it compiled, whatever the tests are run with."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("kept"))}


def imported(kept: dict[str, str], *command: str) -> set[str]:
    """The modules that a new Python has imported when a command is done that was run once before."""
    script = f"from workbook_tools.commands.main import {command[0]} as run; import sys; run(sys.argv[1:])"
    script += "; print(*sys.modules, file=sys.stderr)"
    run = [sys.executable, "-c", script, *command[1:]]
    done = [subprocess.run(run, env=kept, capture_output=True, text=True, check=True) for _ in ("first", "again")]
    return set(done[-1].stderr.split())


def test_filling_a_form_imports_no_other_command(kept: dict[str, str]) -> None:
    modules = imported(kept, "fill_form", str(FORM), "--dry-run")
    assert {name for name in modules if name.startswith("workbook_tools.commands.")} == {
        f"workbook_tools.commands.{name}" for name in ("main", "console", "files", "fill")
    }


SLOW = {"json", "hashlib", "shutil", "subprocess", "tempfile", "logging", "datetime", "signal"}
NOT_NEEDED = {"workbook_tools.checks.compared", "workbook_tools.reports.checked"}


@pytest.mark.parametrize("command", [("fill_form", str(FORM), "--dry-run"), ("main", "check", str(FORM))])
def test_neither_imports_what_python_takes_long_to_import(kept: dict[str, str], command: tuple[str, ...]) -> None:
    modules = imported(kept, *command)
    assert not [name for name in sorted(SLOW | NOT_NEEDED) if name in modules]


def test_checking_a_form_imports_no_other_command(kept: dict[str, str]) -> None:
    modules = imported(kept, "main", "check", str(FORM))
    assert {name for name in modules if name.startswith("workbook_tools.commands.")} == {
        f"workbook_tools.commands.{name}" for name in ("main", "console", "files", "check")
    }
    assert "workbook_tools.fill" not in modules
