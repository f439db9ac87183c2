"""Published forms drawn as printed, in `cases/printed/`: sheets, and what a reader must find at which cell.

`@` facts · `! ` title · `> ` free text · `~ ` a row without borders · `* ` a row of an indicator · `+ ` a row that the
family prints and the stored page had cut off · `<` `^` the cell goes on from the left, from above · `\\n` a line break ·
`{{m:total.year_start}}` what the cell before it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from paper import PaperSheet
from workbook_tools.excel.addresses import Cell

FOLDER = Path(__file__).parent / "cases" / "printed"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
COLUMNS = {"l1": "label", "l2": "kind", "l3": "name", "coef": "coefficient", "standard": "criteria"}
MONEY = {
    "year_start": "initial",
    "full_year": "revised",
    "executed": "spent",
    "adjustment": "adjusted",
    "adjustment_rate": "adjustment",
    "left": "balance",
    "arrived": "received",
}
_TAG = re.compile(r"\{\{([^}]*)\}\}")


class Drawn(NamedTuple):
    """One published form: its sheet, its facts, and the cells that are known."""

    name: str
    sheet: PaperSheet
    facts: dict[str, list[str]]
    rows: dict[int, dict[str, Cell]]  # of the indicators: column → cell
    tags: dict[str, Cell]


def drawn(name: str, *, closed: bool = False) -> Drawn:
    """A published form, as stored or closed by the rows that the page had cut off."""
    facts: dict[str, list[str]] = {}
    lines: list[str] = []
    tagged: list[tuple[str, Cell]] = []
    indicators: list[int] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("@"):
            key, _, said = line[1:].partition(" ")
            facts.setdefault(key, []).append(said)
            continue
        if not line.strip() or (line.startswith("+ ") and not closed):
            continue
        if line.startswith("* "):
            indicators.append(len(lines) + 1)
        cells = re.sub(r"^[!>~*+] ", "", line).split("|")
        for column, words in enumerate(cells, 1):
            tagged += [(tag, (len(lines) + 1, column)) for tag in _TAG.findall(words)]
        lines.append("|".join(_TAG.sub("", words).replace("\\s", "") for words in cells))
    columns = dict(part.split("=") for part in facts.get("cols", [""])[0].split())
    width = max(line.count("|") for line in lines) + 1
    sheet = PaperSheet("\n".join(_whole(line, width) for line in lines))
    rows = {
        row: {COLUMNS.get(name, name): sheet.anchor((row, ord(letter) - 64)) for name, letter in columns.items()}
        for row in indicators
    }
    return Drawn(name, sheet, facts, rows, {tag: sheet.anchor(cell) for tag, cell in tagged})


def _whole(line: str, width: int) -> str:
    """A line with all its columns: a title alone goes across the page."""
    missing = width - line.count("|") - 1
    return line + ("| < " if "|" not in line else "| ") * missing
