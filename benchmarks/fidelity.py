"""What is left of a workbook that went through each program: parts, saved results, pictures, formulas."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Mapping

from benchmarks.measuring import ROOT, table
from benchmarks.ways import OURS, QUICK, SLOW
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book

sys.path.insert(0, str(ROOT / "tests"))


def parts(data: bytes) -> Mapping[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def count(data: bytes, pattern: bytes) -> int:
    """How often a pattern stands in the worksheets."""
    return sum(len(re.findall(pattern, part)) for name, part in parts(data).items() if "worksheets/sheet" in name)


def books() -> dict[str, bytes]:
    """A form with pictures, controls, comments and rules, and one whose formulas all have results."""
    from filled import ZHONGSHAN_2022, filled_template
    from rich import rich_workbook

    book = Book(filled_template(ZHONGSHAN_2022))
    fill_book(book)
    return {"rich": rich_workbook(macros=False), "formulas": book.saved() or b""}


def fidelity() -> str:
    """The table."""
    given = books()
    pictures = [name for name in parts(given["rich"]) if "/media/" in name]
    live, results = rb"<f[ >]", rb"</f><v>[^<]"
    rows = []
    for name, way in {**QUICK, **SLOW}.items():
        made = {what: way(data) for what, data in given.items()}
        if not all(isinstance(one, bytes) for one in made.values()):
            continue  # it writes nothing
        done = {what: bytes(one) for what, one in made.items() if isinstance(one, bytes)}
        before, after = parts(given["rich"]), parts(done["rich"])
        same = sum(after.get(part) == content for part, content in before.items())
        kept = sum(any(content == before[one] for content in after.values()) for one in pictures)
        rows.append(
            [
                name,
                f"{same} of {len(before)}" + (" (the sheet is written)" if name == OURS else ""),
                f"{kept} of {len(pictures)}",
                f"{count(done['formulas'], live)} of {count(given['formulas'], live)}",
                f"{count(done['formulas'], results)} of {count(given['formulas'], results)}",
            ]
        )
    return table(["what went through it", "parts identical", "pictures", "formulas", "their saved results"], rows)
