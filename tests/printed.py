"""Published forms drawn as printed, in `cases/printed/`: sheets, and what a reader must find at which cell.

`@` facts · `! ` title · `> ` free text · `~ ` a row without borders · `* ` a row of indicators (`@cols`), `# ` of a second
table (`@cols2`) · `$ ` a row of money (`@money`) · `+ ` a row that the family prints and the stored page had cut off ·
`<` `^` the cell goes on from the left, from above · `\\n` a line break · `{{texts.goal}}` what the cell before it is.
`expected.toml` has what each is recognised as, its scores and its findings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from paper import PaperSheet
from workbook_tools.excel import Book
from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.template.workbook import workbook_bytes

FOLDER = Path(__file__).parent / "cases" / "printed"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
# The forms of a known official form → its scheme; the others are read by the general one.
OFFICIAL = {name: case["scheme"] for name, case in EXPECTED.items() if case.get("scheme", "general") != "general"}
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
POINTS = {"rate": "execution", "bw": "execution.weight", "bs": "execution.score"}
TEXTS = {
    "goal": "预期目标 年初绩效目标 年初设定目标 年度绩效总目标 年度预期绩效目标 项目年度目标",
    "goal.1": "实施周期绩效目标",
    "goal.2": "年度实施周期目标",
    "revised_goal": "全年(调整)绩效目标",
    "result": "实际完成情况 目标实际完成情况 全年实际完成情况 全年目标实际完成情况 年度目标完成情况 年度总体目标完成情况综述",
    "result.1": "实施周期完成情况",
    "result.2": "年度完成情况",
    "late": "原因",
    "conclusion": "评价结论",
    "achievements": "主要成效",
    "problems": "存在问题",
    "improvements": "改进措施 改进建议",
    "remarks": "说明",
}
_TEXT = {word: idea for idea, words in TEXTS.items() for word in words.split()}
_TAG = re.compile(r"\{\{([^}]*)\}\}")
_MARK = re.compile(r"^(\+ )?([!>~*$#] )?")


class Drawn(NamedTuple):
    """One published form: its sheet, its facts, and what is known of its cells."""

    name: str
    sheet: PaperSheet
    facts: dict[str, list[str]]
    rows: dict[int, dict[str, Cell]]  # of the indicators: column → cell
    expected: dict[Cell, str]  # every value of the answer key: `indicator.target`, `money.spent`, `texts.goal`, `total`


def drawn(name: str, *, closed: bool = False) -> Drawn:
    """A published form, as stored or closed by the rows that the page had cut off."""
    facts: dict[str, list[str]] = {}
    lines: list[str] = []
    tagged: list[tuple[str, Cell]] = []
    marked: list[tuple[str, int]] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("@"):
            key, _, said = line[1:].partition(" ")
            facts.setdefault(key, []).append(said)
            continue
        if not line.strip() or (line.startswith("+ ") and not closed):
            continue
        found = _MARK.match(line)
        assert found is not None
        marked.append(((found[2] or "").strip(), len(lines) + 1))
        cells = line[found.end() :].split("|")
        for column, words in enumerate(cells, 1):
            tagged += [(tag, (len(lines) + 1, column)) for tag in _TAG.findall(words)]
        lines.append("|".join(_TAG.sub("", words).replace("\\s", "") for words in cells))
    width = max(line.count("|") for line in lines) + 1
    sheet = PaperSheet("\n".join(_whole(line, width) for line in lines))
    rows = {
        row: dict(_cells(facts, {"*": "cols", "#": "cols2"}[mark], row, sheet))
        for mark, row in marked
        if mark in "*#" and mark
    }
    expected = {cell: f"indicator.{idea}" for row in rows.values() for idea, cell in row.items() if sheet.text(cell)}
    for mark, row in marked:
        if mark == "$":
            expected |= {cell: f"money.{idea}" for idea, cell in _cells(facts, "money", row, sheet) if sheet.text(cell)}
    expected |= {sheet.anchor(cell): path for tag, cell in tagged if (path := _path(tag))}
    return Drawn(name, sheet, facts, rows, expected)


@cache
def book_bytes(name: str) -> bytes:
    """A published form as a saved workbook."""
    return workbook_bytes(drawn(name).sheet.workbook())


def book(name: str) -> Book:
    """A published form as a workbook."""
    return Book(book_bytes(name))


def same(expected: str, found: str | None) -> bool:
    """Whether a value is read as its answer key says; the only column of a budget is asked about."""
    return expected == found or (found == "money.budget" and expected in ("money.initial", "money.revised"))


def _whole(line: str, width: int) -> str:
    """A line with all its columns: a title alone goes across the page."""
    missing = width - line.count("|") - 1
    return line + ("| < " if "|" not in line else "| ") * missing


def _cells(facts: dict[str, list[str]], fact: str, row: int, sheet: PaperSheet) -> Iterator[tuple[str, Cell]]:
    for part in facts.get(fact, [""])[0].split():
        idea, letter = part.split("=")
        yield COLUMNS.get(idea, idea), sheet.anchor((row, ord(letter) - 64))


def _path(tag: str) -> str:
    """What a tag stands for; "" where no reader need know it."""
    kind, _, rest = tag.partition(":")
    if kind == "m":
        idea = rest.rpartition(".")[2]
        return f"money.{MONEY[idea]}" if idea in MONEY else ""
    if kind in POINTS and rest:
        return f"money.{POINTS[kind]}"
    if kind == "t":
        return f"texts.{_TEXT[rest]}" if rest in _TEXT else "subtotal.score"
    return {"total_weight": "total.weight", "note": ""}.get(tag, tag)


def readings(forms: list[PrintedForm]) -> dict[Cell, str]:
    """What every cell was read as, in the words of the answer keys."""
    found: dict[Cell, str] = {}
    for form in forms:
        for table in form.tables:
            for row in table.rows if table.kind != "other" else ():
                kind = table.kind if row.kind == "data" else row.kind
                found |= {cell: f"{kind}.{idea}" for idea, cell in row.cells.items()}
                found |= {cell: f"{kind}.{idea}" for idea, cells in row.more.items() for cell in cells}
        found |= {cell: {"counts.total.weight": "total.weight"}.get(path, path) for path, cell in form.fields.items()}
    return found
