"""Forms, and reviews of them that a person has typed into."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from correct import CORRECT
from paper import drawn_book
from workbook_tools.commands.main import main

FAULTY = {"210人 | 20 | 20 |": "190人 | 20 | 20 |", "100 | 98 |": "100 | 97 |"}  # missed, full points; a wrong total


def form(path: Path, unit: str = "甲局", project: str = "公共服务项目", *, changes: Mapping[str, str] = FAULTY) -> Path:
    """A form whose only faults are the changes."""
    drawing = CORRECT.replace("项目名称 | 公共服务项目", f"实施单位 | {unit} | 项目名称 | {project}")
    for before, after in changes.items():
        assert before in drawing
        drawing = drawing.replace(before, after)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(drawn_book(drawing))
    return path


def sheet_of(path: Path, number: int = 1) -> Worksheet:
    """A 复核表, or the sheet of that number of any workbook."""
    return load_workbook(path).worksheets[number]


def rows(sheet: Worksheet, first: str = "标记") -> dict[str, dict[str, Any]]:
    """The rows below the row of headings, by what stands in the column `first`."""
    lines = list(sheet.iter_rows(values_only=True))
    head = next(number for number, line in enumerate(lines) if first in line)
    names = [str(name) for name in lines[head]]
    listed = [dict(zip(names, line, strict=True)) for line in lines[head + 1 :]]
    return {str(line[first]): line for line in listed if line[first] is not None}


def typed(path: Path, answers: Mapping[str, Mapping[str, Any]], number: int = 1) -> Path:
    """Types into a 复核表: mark → column → value."""
    workbook = load_workbook(path)
    sheet = workbook.worksheets[number]
    head = next(row for row in sheet.iter_rows() if row[0].value == "标记")
    columns = {str(cell.value): int(cell.column or 0) for cell in head}
    marks = {sheet.cell(row, 1).value: row for row in range(int(head[0].row or 0), sheet.max_row + 1)}
    for mark, said in answers.items():
        for name, value in said.items():
            sheet.cell(marks[mark], columns[name], value)
    workbook.save(path)
    return path


def review(folder: Path, answers: Mapping[str, Mapping[str, object]] | None = None) -> Path:
    """The review of a folder of forms, typed into."""
    out = folder.parent / "复核.xlsx"
    main(["review", str(folder), "-o", str(out)])
    return typed(out, answers or {})


def issues(folder: Path) -> dict[str, dict[str, Any]]:
    """The list of issues by number."""
    return rows(load_workbook(folder / "问题清单.xlsx")["问题清单"], "编号")
