"""What is done with a mutant: everything that a command would do with it; each step gives a result or one of our errors."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, cast

from openpyxl import load_workbook

from fuzz.corpus import form
from fuzz.mutants import Mutant
from workbook_tools.actuals.work import read_recipes, read_statistics
from workbook_tools.assess import AssessedFile, assess_file
from workbook_tools.commands.main import fill_form, main
from workbook_tools.data_files import as_table, exported, read_data
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel.tables import read_lines, read_rows
from workbook_tools.fill import fill_file
from workbook_tools.findings import read_waivers
from workbook_tools.reports.export import as_csv, as_json, as_lines
from workbook_tools.reports.html import as_html
from workbook_tools.reports.marked_copy import marked_copy
from workbook_tools.summary.receipts import read_receipts
from workbook_tools.summary.rows import rows_of
from workbook_tools.summary.submissions import read_units
from workbook_tools.summary.workbook import summary_workbook
from workbook_tools.targets import read_targets
from workbook_tools.text import encoded, json_text, shown_path

SELDOM = 60  # of so many mutants one is taken through what is slow
Counts = Counter[str]


class Broken(Exception):
    """A mutant that was written and cannot be read again, or that a command did not tell in a sentence."""


def smtp_dialogue() -> Callable[[int], None] | None:
    """The trial of a mail server's replies, None where the tests of mail have none."""
    try:
        module: Any = importlib.import_module("mail_dialogues")
    except ImportError:
        return None
    return cast("Callable[[int], None]", module.smtp_dialogue)


def tried(mutant: Mutant, folder: Path) -> Counts:
    """What happened with a mutant; raises whatever it breaks."""
    counts = Counts()
    if mutant.kind == "mail":
        dialogue = smtp_dialogue()
        if dialogue:
            dialogue(mutant.seed)
        return counts
    path = folder / os.fsdecode(mutant.name)
    try:
        path.write_bytes(mutant.data)
    except (OSError, ValueError):  # not a name on this disk
        return Counts(unnamed=1)
    try:
        if mutant.kind == "data":
            _data(path, mutant.seed, counts)
        elif mutant.kind == "names":
            _folder(path, counts)
        else:
            _workbook(path, mutant.seed, counts)
    finally:
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return counts


@contextmanager
def _ours(counts: Counts, what: str) -> Iterator[None]:
    """Where the program may refuse, with a sentence in one line."""
    try:
        yield
        counts[what] += 1
    except WorkbookToolsError as refused:
        counts["refused"] += 1
        if not str(refused) or "\x1b" in str(refused):
            raise Broken(f"no sentence: {refused!r}") from None


def opened(data: bytes, counts: Counts) -> None:
    """Opens a written workbook with openpyxl; raises `Broken`."""
    try:
        load_workbook(io.BytesIO(data)).close()
    except Exception as fault:
        raise Broken(f"openpyxl does not open what was written: {fault!r}") from fault
    counts["opened"] += 1


def _workbook(path: Path, seed: int, counts: Counts) -> None:
    before, out = path.read_bytes(), path.with_name("out.xlsx")
    with _ours(counts, "filled"):
        if fill_file(path, out=out, overwrite=seed % 2 == 0).written and out.read_bytes() != before:
            counts["written"] += 1
            try:
                opened(out.read_bytes(), counts)
            except Broken:
                if _opens(before):
                    raise
                counts["foreign"] += 1  # openpyxl reads less than Excel: it refused the file before, too
                _read_again(out)
    if seed % 3 == 0:
        with _ours(counts, "assessed"):
            _report(assess_file(path), seed, counts)
    if path.read_bytes() != before:
        raise Broken("the file was changed")
    if seed % SELDOM == 1:
        for read in (read_statistics, read_targets, read_data, read_rows, exported):
            with _ours(counts, "read"):
                read(path)
        _run(["check", str(path), "--html", str(path.with_name("a.html")), "--review", str(path.with_name("b.xlsx"))])


def _opens(data: bytes) -> bool:
    """Whether openpyxl opens a workbook."""
    with suppress(Exception):
        load_workbook(io.BytesIO(data)).close()
        return True
    return False


def _read_again(path: Path) -> None:
    with suppress(WorkbookToolsError):
        fill_file(path, dry_run=True)


def _report(checked: AssessedFile, seed: int, counts: Counts) -> None:
    lines = list(as_lines(checked))
    if any("\n" in line or "\x1b" in line for line in lines):
        raise Broken("a finding forges a line")
    json.loads(as_json([checked]))
    encoded(as_csv([checked]))
    encoded(as_html([checked], []))
    if seed % SELDOM < 3:
        rows = rows_of(checked.path)
        data = summary_workbook(rows.forms, rows.indicators, rows.refused, [])
        opened(data, counts)
        with _ours(counts, "marked"):
            opened(marked_copy(checked), counts)
        for one in exported(checked.path):
            json.loads(json_text(one.record()))
            encoded(as_table(one))


def _data(path: Path, seed: int, counts: Counts) -> None:
    readers = (read_rows, read_lines, read_units, read_receipts, read_waivers, read_recipes, read_targets)
    for read in cast("tuple[Callable[[Path], object], ...]", readers):
        with _ours(counts, "read"):
            read(path)
    with _ours(counts, "read"):
        data = read_data(path)
        target, out = path.with_name("form.xlsx"), path.with_name("out.xlsx")
        target.write_bytes(form())
        cells = dict(zip(("G5", "H17", "I17", "texts.unit", "C3"), data.values(), strict=False))
        for inputs in (data, cells):
            with _ours(counts, "filled"):
                if fill_file(target, out=out, inputs=inputs, overwrite=True).written:
                    counts["written"] += 1
                    opened(out.read_bytes(), counts)
    if seed % SELDOM == 1:
        _run(["targets", "import", str(path), "--new", str(path.with_name("new"))])


def _folder(path: Path, counts: Counts) -> None:
    """Commands over the folder of a file with a bad name."""
    sound, out = path.with_name("好.xlsx"), path.parent / "out"
    sound.write_bytes(form())
    out.mkdir()
    said = _run(["summary", str(path.parent), "-o", str(out / "汇总.xlsx")])
    if not (out / "汇总.xlsx").exists():
        raise Broken(f"no summary: {said}")
    opened((out / "汇总.xlsx").read_bytes(), counts)
    for arguments in (["check", str(path.parent), "--html", str(out / "a.html")], ["export", str(path)]):
        _run(arguments)
    _run([str(path), "--dry-run"], fill_form)
    if b"\n" in os.fsencode(path.name) and f"{path}" in said:
        raise Broken(f"a name forges a line: {said!r}")
    shown_path(path)


def _run(arguments: list[str], command: Callable[[list[str]], int] = main) -> str:
    """What a command says; raises `Broken` where it gave up."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
        command(arguments)
    text = said.getvalue()
    if "程序出错" in text or "Traceback" in text or "\x1b" in text.replace("\r\x1b[K", ""):
        raise Broken(f"{arguments}: {text[-600:]!r}")
    return text
