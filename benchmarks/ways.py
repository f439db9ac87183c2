"""The ways to take a workbook through a program: ours, and what other libraries and programs do with the same file."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import formulas
import ironcalc
import python_calamine
import xlsxwriter
from openpyxl import load_workbook

from benchmarks.measuring import Way
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book

OURS, OPENPYXL = "ours: guard, read, score, write, verify", "openpyxl: load, read, save"
FOLDER = Path(tempfile.mkdtemp(prefix="workbook_tools_benchmark"))


def ours(data: bytes) -> bytes:
    """Reads, scores and writes all forms; the file as it would be saved."""
    book = Book(data)
    fill_book(book)
    return book.saved() or data


def by_openpyxl(data: bytes) -> bytes:
    """Loads, reads every cell, saves: what any tool built on openpyxl does before it has scored anything."""
    workbook = load_workbook(io.BytesIO(data))
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(values_only=True):
            sum(cell is not None for cell in row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def by_ironcalc(data: bytes) -> bytes:
    """Loads, calculates, saves."""
    path, out = FOLDER / "in.xlsx", FOLDER / "out.xlsx"
    path.write_bytes(data)
    out.unlink(missing_ok=True)
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    model.save_to_xlsx(str(out))
    return out.read_bytes()


def by_calamine(data: bytes) -> object:
    """Reads the values of every cell, and nothing else."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def by_calamine_and_xlsxwriter(data: bytes) -> bytes:
    """Reads the values and writes them into a new workbook, without formats and formulas."""
    stream = io.BytesIO()
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as made:
        for name in book.sheet_names:
            sheet = made.add_worksheet(name)
            for number, row in enumerate(book.get_sheet_by_name(name).to_python()):
                sheet.write_row(number, 0, row)
    return stream.getvalue()


def by_formulas(data: bytes) -> object:
    """Compiles and calculates."""
    path = FOLDER / "in.xlsx"
    path.write_bytes(data)
    return formulas.ExcelModel().loads(str(path)).finish().calculate()


def by_libreoffice(data: bytes) -> bytes:
    """Loads and saves, in a process of its own with a profile that is there already."""
    path, out = FOLDER / "in.xlsx", FOLDER / "out"
    path.write_bytes(data)
    profile = f"-env:UserInstallation={(FOLDER / 'profile').as_uri()}"
    program = shutil.which("soffice") or "soffice"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=False, capture_output=True, env=dict(os.environ))
    return (out / "in.xlsx").read_bytes()


QUICK: dict[str, Way] = {
    OURS: ours,
    OPENPYXL: by_openpyxl,
    "ironcalc: load, calculate, save": by_ironcalc,
    "python-calamine: read only": by_calamine,
    "python-calamine + XlsxWriter: values only": by_calamine_and_xlsxwriter,
}
SLOW: dict[str, Way] = {"formulas: compile, calculate": by_formulas}
if shutil.which("soffice"):
    SLOW["LibreOffice: load, save"] = by_libreoffice
