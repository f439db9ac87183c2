"""What is kept of a TOML file of the package is what its text says, as long as it is the same text."""

from __future__ import annotations

import os
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from places import ROOT
from workbook_tools.schemes.loading import FOLDER, read_scheme, scheme_names
from workbook_tools.schemes.packaged import packaged

PACKAGE = ROOT / "workbook_tools"
TABLE = 'name = "一"\npoints = 0.10\n[[row]]\nwords = ["“二”", "三\\n四"]\n'


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Compiled files are written, into a folder of the test."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    return tmp_path / "kept"


def count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.toml.pyc"))


def no_parsing(_text: str, **_: object) -> None:
    raise AssertionError("parsed")


def test_every_file_of_the_package_is_kept_as_it_is(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted(PACKAGE.rglob("*.toml"))
    said = {path: tomllib.loads(path.read_text("utf-8"), parse_float=Decimal) for path in files}
    assert {path: packaged(path) for path in files} == said
    assert count(kept) == len(files) > 20
    monkeypatch.setattr(tomllib, "loads", no_parsing)
    assert {path: repr(packaged(path)) for path in files} == {path: repr(content) for path, content in said.items()}


def test_a_module_and_a_table_of_one_name_do_not_disturb_each_other(kept: Path) -> None:
    packaged(PACKAGE / "forms" / "vocabulary.toml")
    assert not [path for path in kept.rglob("*.pyc") if not path.name.endswith(".toml.pyc")]


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "table.toml"
    path.write_text(TABLE, "utf-8")
    assert packaged(path)["points"] == Decimal("0.10")
    path.write_text(TABLE.replace("0.10", "0.125"), "utf-8")
    assert packaged(path)["points"] == Decimal("0.125")
    path.write_text(TABLE.replace("0.10", "0.250"), "utf-8")  # of the same size, a moment later
    os.utime(path, (10**9, 10**9))
    assert packaged(path)["points"] == Decimal("0.250")


def test_what_is_given_out_may_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "table.toml"
    path.write_text(TABLE, "utf-8")
    packaged(path)["row"].clear()
    assert packaged(path)["row"] == [{"words": ["“二”", "三\n四"]}]


def test_what_is_damaged_is_made_again(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "table.toml"
    path.write_text(TABLE, "utf-8")
    packaged(path)
    (compiled,) = kept.rglob("*.toml.pyc")
    for damaged in (b"", b"\0" * 40, compiled.read_bytes()[:12]):
        compiled.write_bytes(damaged)
        assert packaged(path)["name"] == "一"


def test_where_nothing_can_be_kept_the_file_is_parsed(tmp_path: Path, kept: Path) -> None:
    kept.write_text("no folder")
    path = tmp_path / "table.toml"
    path.write_text(TABLE, "utf-8")
    assert packaged(path)["name"] == "一"


@pytest.mark.parametrize("name", scheme_names())
def test_every_official_scheme_agrees_with_itself(name: str) -> None:
    """As those of users are held to on loading; the official ones are not looked at again at every start."""
    assert read_scheme((FOLDER / name / "scheme.toml").read_text("utf-8")).name == name
