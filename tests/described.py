"""Forms drawn from description, in `cases/described/`, as workbooks: `python tests/described.py FOLDER`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = Path(__file__).parent / "cases" / "described"
FIGURE = re.compile(r"-?\d[\d,]*(\.\d+)?%?")


def write(cell: Cell | MergedCell, text: str) -> None:
    """What a clerk's typing of `text` leaves in a cell: a number with its format, or text."""
    if text.startswith("'") or not FIGURE.fullmatch(text):
        cell.value = text.removeprefix("'") or None
        return
    digits = text.rstrip("%").replace(",", "")
    places = len(digits.partition(".")[2])
    number = float(digits) if "." in digits else int(digits)
    whole = "#,##0" if "," in text else "0"
    cell.value = round(number / 100, places + 2) if text.endswith("%") else number
    if text.endswith("%") or places or "," in text:
        cell.number_format = whole + "." * bool(places) + "0" * places + "%" * text.endswith("%")


def draw(sheet: Worksheet, lines: list[str]) -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    reach: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            before = {"^": (r - 1, c), "<": (r, c - 1)}.get(text)
            owner[r, c] = owner[before] if before else (r, c)
            if before:
                reach[owner[r, c]] = (r, c)
            else:
                write(sheet.cell(r, c), text)
    for (top, left), (bottom, right) in reach.items():
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def drawings() -> dict[str, dict[str, list[str]]]:
    """The rows of each sheet of each workbook."""
    books: dict[str, dict[str, list[str]]] = {}
    for line in (FOLDER / "forms.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            sheets = books.setdefault(line[3:], {})
        elif line.startswith("-- "):
            rows = sheets.setdefault(line[3:], [])
        elif line and not line.startswith("#"):
            rows.append(line)
    return books


def build(name: str, folder: Path) -> Path:
    """The workbook `name` in `folder`."""
    book = Workbook()
    del book["Sheet"]
    for title, lines in drawings()[name].items():
        draw(book.create_sheet(title), lines)
    book.save(folder / name)
    return folder / name


if __name__ == "__main__":
    for name in drawings():
        print(build(name, Path(sys.argv[1])))
