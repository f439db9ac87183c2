"""What a file costs grows with its size, never faster: elements are counted before anything is built from them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from correct import CORRECT
from fuzz.corpus import SHEET, form, parts, rebuilt, with_cells
from paper import PaperSheet
from places import ROOT, TESTS
from workbook_tools.assess import assess_file
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.template.workbook import workbook_bytes

SECONDS, MEGABYTES = 10, 512  # what any file of at most 16 MB may take
GROWTH = 2.4  # of the steps when a file is twice as large
Make = Callable[[int], bytes]


def cells(count: int, cell: str) -> str:
    """Rows of fifty cells; @ is the number of the row, and < of the one above."""
    rows = range(200, 200 + count // 50)
    return "".join(f'<row r="{n}">{cell.replace("@", str(n)).replace("~", str(n - 1)) * 50}</row>' for n in rows)


def strings(count: int, words: str, used: int) -> bytes:
    links = parts(form())["xl/_rels/workbook.xml.rels"]
    link = b'<Relationship Id="rIdS" Type="urn:x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    table = f"<sst>{f'<si><t>{words}</t></si>' * count}</sst>".encode()
    changes = {"xl/sharedStrings.xml": table, "xl/_rels/workbook.xml.rels": links.replace(b"</Relationships>", link)}
    return rebuilt(with_cells(cells(used, '<c t="s"><v>0</v></c>')), changes)


def book(count: int, more: str, before: str) -> bytes:
    """The form with more elements in its list of sheets or names; @ is the number of each."""
    xml = parts(form())["xl/workbook.xml"].decode()
    added = "".join(more.replace("@", str(n)) for n in range(count))
    return rebuilt(form(), {"xl/workbook.xml": xml.replace(before, added + before, 1).encode()})


def sheet(before: str, more: str) -> bytes:
    return rebuilt(form(), {SHEET: parts(form())[SHEET].replace(before.encode(), more.encode() + before.encode(), 1)})


def indicators(count: int) -> bytes:
    """A form with so many rows of indicators more."""
    row = "^ | 质量指标 | 合格率 | 95% | 96% | 10 | 10 |\n"
    more = "".join(row.replace("合格率", f"第{number}批合格率") for number in range(count))
    return workbook_bytes(PaperSheet(CORRECT.replace(row, row + more)).workbook())


R_NS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"'
FORMULA = '<c r="A@"><f>{}</f><v>1</v></c>'
# What → how it is made of a number, the number at which steps are counted, the number that is far too many.
COSTS: dict[str, tuple[Make, int, int]] = {
    "blank cells": (lambda n: with_cells(cells(n, "<c/>")), 1000, 3_000_000),
    "cells with figures": (lambda n: with_cells(cells(n, "<c><v>1</v></c>")), 1000, 390_000),
    "cells with words": (lambda n: with_cells(cells(n, '<c t="inlineStr"><is><t>指标@完成</t></is></c>')), 1000, 150_000),
    "rows": (lambda n: with_cells("<row/>" * n), 1000, 2_500_000),
    "elements that begin like a cell": (lambda n: with_cells("<row>" + "<c:a xmlns:c='u'/>" * n + "</row>"), 1000, 700_000),
    "shared strings": (lambda n: strings(n, "", 50), 1000, 1_000_000),
    "cells that share a long text": (lambda n: strings(1, "字" * 30_000, n), 100, 100_000),
    "merges": (lambda n: sheet("</worksheet>", "<mergeCells>" + "".join(f'<mergeCell ref="A{k}:B{k}"/>' for k in range(300, 300 + n)) + "</mergeCells>"), 1000, 500_000),
    "defined names": (lambda n: book(n, '<definedName name="n@">自评表!$A$1</definedName>', "</workbook>"), 1000, 90_000),
    "sheets of one part": (lambda n: book(n, f'<sheet name="s@" sheetId="9@" {R_NS}/>', "</sheets>"), 20, 1000),
    "columns": (lambda n: sheet("<sheetData", "<cols>" + '<col min="1" max="16384" hidden="1"/>' * n + "</cols>"), 1000, 300_000),
    "formulas": (lambda n: with_cells(cells(n, FORMULA.format("SUM(A1:Z@)"))), 500, 100_000),
    "formulas upon formulas": (lambda n: with_cells(cells(n, FORMULA.format("A~+1"))), 500, 100_000),
    "formulas that nobody knows": (lambda n: with_cells(cells(n, FORMULA.format("NICHTDA(A~)"))), 500, 20_000),
    "texts made of texts": (lambda n: with_cells(cells(n, FORMULA.format("A~&amp;A~"))), 500, 20_000),
    "whole sheets read": (lambda n: with_cells(cells(n, FORMULA.format("SUMPRODUCT(A1:XFD1048576*1)"))), 50, 5000),
    "indicators": (indicators, 200, 5000),
    "a long text": (lambda n: with_cells(f'<row r="90"><c t="inlineStr"><is><t>{"1,原因：" * n}</t></is></c></row>'), 1000, 1_500_000),
    "a long number": (lambda n: with_cells(f'<row r="90"><c><v>{"1" * n}</v></c></row>'), 1000, 15_000_000),
    "blanks in the XML": (lambda n: with_cells(" " * n), 1000, 15_000_000),
}  # fmt: skip


def steps(data: bytes, path: Path) -> int:
    """How many functions are called while a file is assessed, ours and those of others."""
    path.write_bytes(data)
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:  # noqa: ARG001
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        assess_file(path)
    except WorkbookToolsError:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("what", COSTS)
def test_steps_grow_no_faster_than_a_file(what: str, tmp_path: Path) -> None:
    make, size, _ = COSTS[what]
    steps(make(size), tmp_path / "a.xlsx")  # what is read once
    taken = [steps(make(size * factor), tmp_path / "a.xlsx") for factor in (1, 2, 4)]
    base = steps(form(), tmp_path / "a.xlsx")
    own = [max(count - base, 1) for count in taken]
    assert own[2] <= max(own[1] * GROWTH, base), taken


LIMITED = """
import resource, sys
from pathlib import Path
from workbook_tools.assess import assess_file
from workbook_tools.fill import fill_file
from workbook_tools.errors import WorkbookToolsError
try:
    assess_file(Path(sys.argv[1]))
except WorkbookToolsError as refused:
    assert str(refused)
try:
    fill_file(Path(sys.argv[1]), dry_run=True)
except WorkbookToolsError as refused:
    assert str(refused)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory a process had is read from /proc")
@pytest.mark.parametrize("what", COSTS)
def test_any_file_gives_its_result_or_its_sentence_within_ten_seconds_and_512_megabytes(
    what: str, tmp_path: Path
) -> None:
    """Twice within the limit of time: it is assessed and filled."""
    make, _, size = COSTS[what]
    path = tmp_path / "a.xlsx"
    path.write_bytes(make(size))
    assert path.stat().st_size <= 16 * 2**20
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
        env={"PYTHONPATH": f"{ROOT}:{TESTS}", "PATH": ""},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    seconds, kilobytes = map(float, run.stdout.split())
    assert seconds / 2 <= SECONDS
    assert kilobytes / 1024 <= MEGABYTES
