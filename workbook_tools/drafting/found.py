"""What an empty form prints, for drafting: its tables as read, and the rules that its sentences state."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.excel import column_letters
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.tables import Row, Table
from workbook_tools.schemes.printed_rules import Rule
from workbook_tools.schemes.sentences import RuleKind, in_one_line
from workbook_tools.values import normalize, read_weight

Content = dict[str, Any]
_WORDS = Path(__file__).with_name("words.toml")


class Choice(NamedTuple):
    """An answer that a person may choose, and what it puts into the table that is asked about."""

    words: str
    gives: Mapping[str, Any]


class Ask(NamedTuple):
    """What the form does not say, or says twice: about which table, the question, its sentence, and the answers."""

    about: str
    question: str
    choices: tuple[Choice, ...]
    quote: str = ""
    cell: str = ""


LEFT_OPEN = Choice("不由本工具计算", {"confirmed": False})


@cache
def drafting_words() -> Mapping[str, Mapping[str, list[str]]]:
    """The words of `words.toml`."""
    return tomllib.loads(_WORDS.read_text("utf-8"))


class Found(NamedTuple):
    """An empty form as it was read."""

    sheet: Sheet
    form: PrintedForm
    rules: list[Rule]

    def address(self, cell: Cell) -> str:
        """A cell as people name it, with its sheet where the form has several."""
        if isinstance(self.sheet, JoinedSheet):
            return self.sheet.address(cell)
        return f"{column_letters(cell[1])}{cell[0]}"

    def text(self, cell: Cell | None) -> str:
        """The words of a cell in one line, "" for none."""
        return in_one_line(self.sheet.text(cell)) if cell else ""

    def first(self, kind: RuleKind) -> Rule | None:
        """The first rule of a kind."""
        return next((rule for rule in self.rules if rule.kind == kind), None)

    def at(self, cell: Cell | None, kind: RuleKind) -> Rule | None:
        """The rule of a kind that stands in a cell."""
        return next((rule for rule in self.rules if rule.cell == cell and rule.kind == kind), None)

    def in_row(self, number: int, *kinds: RuleKind) -> list[Rule]:
        """The rules of some kinds whose sentences begin in a row."""
        return [rule for rule in self.rules if rule.cell[0] == number and rule.kind in kinds]

    def tables(self, kind: str) -> list[Table]:
        """The tables of indicators, or of money."""
        return [table for table in self.form.tables if table.kind == kind]

    def rows(self) -> Iterator[tuple[Table, Row]]:
        """Every row of indicators with its table."""
        for table in self.tables("indicator"):
            yield from ((table, row) for row in table.rows if row.kind == "data")

    def weight(self, row: Row) -> Decimal | None:
        """The points or percent that a row prints, None for none."""
        words = self.text(row.cells.get("weight"))
        return read_weight(words) if words else None

    def label(self, row: Row, column: str) -> str:
        """The words of a row in a column, without points in brackets."""
        return normalize(self.text(row.cells.get(column))).partition("(")[0]


def sentence(found: Found, rule: Rule) -> Content:
    """The sentence of a rule and where it stands."""
    return {"quote": rule.stated.quote, "cell": found.address(rule.cell)}
