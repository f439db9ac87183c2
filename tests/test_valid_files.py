"""Every kind of file that the project makes is valid for Microsoft's Open XML SDK and for the linter of these tests,
and filling a workbook of another program adds no error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

import made
from lint import faults
from office import convert, needs_libreoffice
from ooxml import errors, needs_validator
from places import ROOT
from rich import rich_workbook
from workbook_tools.commands.main import fill_form, main
from workbook_tools.ribbon import addin


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    return made.every_kind(tmp_path_factory.mktemp("made"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", made.KINDS)
def test_the_linter_finds_nothing(kind: str, files: Callable[[str], list[Path]]) -> None:
    assert files(kind)
    assert {path.name: found for path in files(kind) if (found := faults(path))} == {}


@needs_validator
@pytest.mark.parametrize("kind", made.KINDS)
def test_the_sdk_finds_nothing(kind: str, files: Callable[[str], list[Path]]) -> None:
    assert {path.name: found for path, found in errors(files(kind)).items() if found} == {}


def foreign_by_xlsxwriter(folder: Path) -> list[Path]:
    """Workbooks with pictures, controls, comments, macros, a chart, rich text, custom parts."""
    paths = [folder / "什么都有.xlsx", folder / "什么都有.xlsm"]
    for path in paths:
        path.write_bytes(rich_workbook(macros=path.suffix == ".xlsm"))
    return paths


def filling_adds(paths: list[Path], folder: Path) -> dict[str, set[str]]:
    """What the SDK says of the filled and the marked copies and not of the files themselves."""
    folder.mkdir()
    copies: list[tuple[Path, Path]] = []
    for path in paths:
        filled, marked = folder / path.name, folder / f"{path.stem} 标注.xlsx"
        fill_form([str(path), "-o", str(filled), "-q"])
        main(["check", str(path), "--review", str(marked), "-q"])
        copies += [(path, filled), (path, marked)]
    assert any(filled.read_bytes() != path.read_bytes() for path, filled in copies[::2])
    said = errors([*paths, *(copy for _, copy in copies)])
    return {copy.name: said[copy] - said[path] for path, copy in copies if said[copy] - said[path]}


@needs_validator
def test_filling_adds_no_error_to_a_workbook_of_xlsxwriter(tmp_path: Path) -> None:
    assert filling_adds(foreign_by_xlsxwriter(tmp_path), tmp_path / "out") == {}


@needs_validator
@needs_libreoffice
def test_filling_adds_no_error_to_a_workbook_of_libreoffice(tmp_path: Path) -> None:
    paths = list(convert(made.examples(), tmp_path / "LibreOffice").values())
    assert len(paths) > 10
    assert filling_adds(paths, tmp_path / "out") == {}


@needs_validator
def test_the_sdk_tells_a_font_in_openpyxl_s_order(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0]["A1"].font = Font(name="宋体", b=True, sz=11)
    workbook.save(tmp_path / "openpyxl.xlsx")
    (said,) = errors([tmp_path / "openpyxl.xlsx"]).values()
    assert [one for one in said if one.startswith("/xl/styles.xml /x:styleSheet/x:fonts/x:font ")]


# What is put into the ribbon, and a word of what the SDK says.
WRONG_RIBBON = {
    'keytip="ABCDE"': "keytip",
    'colour="red"': "colour",
    'size="huge"': "size",
}


@needs_validator
@pytest.mark.parametrize("wrong", WRONG_RIBBON)
def test_the_sdk_tells_a_wrong_ribbon(wrong: str, tmp_path: Path) -> None:
    path = with_part(ROOT / "macros" / addin.NAME, tmp_path, "customUI/customUI.xml", 'keytip="F"', wrong)
    (said,) = errors([path]).values()
    assert any(WRONG_RIBBON[wrong] in one for one in said)


def with_part(path: Path, folder: Path, part: str, old: str, new: str) -> Path:
    """A copy of a package in which the first `old` of a part is `new`."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode(), 1)
            target.writestr(name, content)
    copy = folder / f"changed {path.name}"
    copy.write_bytes(out.getvalue())
    return copy
