"""From what is printed to what a scheme counts: the fields of a form that was read, under their paths.

The reader knows words and places; a scheme says which rows are money, indicators or deductions, to which group a row
belongs, and which sum is whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.headings import AMOUNTS, is_number
from workbook_tools.forms.layout import Block, Layout, Placement
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import normalize, not_applicable

LONG_NAME = 16
_SECOND = {"texts.contact.2": "texts.department_contact"}  # the unit's comes first
_NUMBER = re.compile(r"\.\d+$")


class _Line(NamedTuple):
    """One row of indicators with what it counts for."""

    table: Table
    row: Row
    group: str


def placed(form: PrintedForm, sheet: Sheet, scheme: Scheme, layout: Layout) -> Placement:
    """Where the fields of a scheme stand in a form; its layout tells the groups by the words of 一级指标."""
    return _Placed(form, sheet, scheme, layout).placement()


class _Placed:
    """The fields of one form while they are collected."""

    def __init__(self, form: PrintedForm, sheet: Sheet, scheme: Scheme, layout: Layout) -> None:
        self.form, self.sheet, self.scheme, self.layout = form, sheet, scheme, layout
        self.begins = {group: words for block in layout.blocks for group, words in block.groups.items()}
        self.specs = [block for block in layout.blocks if block.rows in ("evaluators", "months")]
        self.cells: dict[Field, Cell] = {}
        self.labels: dict[Field, str] = {}
        self.rows: list[tuple[str, Field]] = []
        self.more: dict[Field, tuple[Cell, ...]] = {}

    def placement(self) -> Placement:
        for table in self.form.tables:
            name = "budget" if table.kind == "money" else "indicators"
            for idea, column in table.columns.items():
                self._add(
                    f"headings.{name}.{self._amount(idea) if name == 'budget' else idea}", column.cell, column.words
                )
        self._money()
        self._indicators()
        for spec in self.specs:
            self._other(spec)
        for field, cell in self.form.fields.items():
            if field.startswith("texts.") and field in self.form.headings:
                self._add(f"headings.{field}", self.form.headings[field], self.form.labels[field])
            if not field.startswith("other."):
                self._add(_SECOND.get(field, field), cell, self.form.labels[field])
        self._in_the_total_row()
        prefixes = {field: words for field, words in self.form.prefixes.items() if field in self.cells}
        wanted = {field: want for field in self.cells if (want := self.layout.wanted.get(_NUMBER.sub("", field)))}
        return Placement(self.cells, self.labels, prefixes, self.form.suffixes, tuple(self.rows), self.more, wanted)

    def _in_the_total_row(self) -> None:
        """Fields that a layout has in the row of the total: the grade below the reasons."""
        totals = [row for table in self.form.tables for row in table.rows if row.kind == "total"]
        for field, rule in self.layout.fields.items():
            cell = totals[-1].cells.get(rule["column"]) if "column" in rule and totals else None
            if cell:
                self._add(field, cell, "总分")

    def _add(self, field: Field, cell: Cell, label: str) -> None:
        if field not in self.cells:
            named = None if field.startswith(("indicators.", "deductions.")) else self.sheet.names.get(field)
            self.cells[field] = self.sheet.anchor(named) if named else cell
            self.labels[field] = label

    def _text(self, cell: Cell | None) -> str:
        return self.sheet.text(cell).strip() if cell else ""

    # ── money ────────────────────────────────────────────

    def _amount(self, idea: str) -> str:
        """The scheme's word for an amount: the only column of the budget is its initial or its revised one."""
        money = self.scheme.money
        if idea == "budget":
            known = [one for one in ("revised", "initial") if one in money]
            return known[0] if len(known) == 1 else idea
        other = {"initial": "revised", "revised": "initial"}.get(idea, "")
        columns = {idea for table in self.form.tables if table.kind == "money" for idea in table.columns}
        return other if other in money and idea not in money and other not in columns else idea

    def _money(self) -> None:
        tables = [table for table in self.form.tables if table.kind == "money" and table.rows]
        if not tables:
            return
        table = tables[0]
        total = self._total(table)
        if total is None:
            return
        self._row_of_money("budget", total, table, "")
        if "year" in table.columns:
            return
        others = [row for row in table.rows if row is not total]
        for number, row in enumerate(others, 1):
            if row.name:
                self._add(f"sources.{number}.name", row.name.cell, "资金来源")
            self._row_of_money(f"sources.{number}", row, table, normalized(row.name.text) if row.name else "")

    def _total(self, table: Table) -> Row | None:
        """The row of the sum, else that of the form's year, else the first."""
        if "year" in table.columns:
            years = {"合计", f"{self.form.year}年"}
            filled = [row for row in table.rows if any(is_number(self._text(row.cells.get(one))) for one in AMOUNTS)]
            of_year = [row for row in filled if normalize(self._text(row.cells["year"])) in years]
            return filled[0] if len(filled) == 1 else of_year[0] if of_year else None if filled else table.rows[0]
        sums = [row for row in table.rows if row.name and "sum" in ideas(row.name.text)]
        return sums[0] if sums else table.rows[0]

    def _row_of_money(self, field: Field, row: Row, table: Table, name: str) -> None:
        for idea, cell in row.cells.items():
            if idea != "name":
                words = table.columns[idea].words if idea in table.columns else ideas_word(self.scheme, idea)
                self._add(f"{field}.{self._amount(idea)}", cell, f"{name} {words}".strip())

    # ── indicators ───────────────────────────────────────

    def _indicators(self) -> None:
        counts = {"indicators": 0, "deductions": 0}
        groups: list[str] = []  # since the last sum
        rules = {normalize(rule.label): rule.field for rule in self.scheme.budget if not rule.row}
        shared = next((group.name for group in self.scheme.groups if group.weights == "rules"), "")
        for table in self.form.tables:
            for row in table.rows if table.kind == "indicator" else ():
                if row.kind == "subtotal":
                    self._sum(row, groups)
                    groups = []
                    continue
                if row.kind == "total":
                    continue
                kind = normalize(self._text(row.cells.get("kind")))
                group = self._group(row)
                if kind in rules and shared and not self._has_money_score() and group in (shared, ""):
                    self._columns(f"budget.{rules[kind]}", row, table, kind)
                    groups.append(shared)
                    continue
                what = "deductions" if self._is_deduction(row, kind) else "indicators"
                counts[what] += 1
                field = f"{what}.{counts[what]}"
                self.rows.append(("deduction" if what == "deductions" else group, field))
                self._columns(field, row, table, self._name(row))
                groups.append("deduction" if what == "deductions" else group)
                for column, cells in row.more.items():
                    self.more[f"{field}.{column}"] = cells

    def _has_money_score(self) -> bool:
        return any("execution.score" in table.columns for table in self.form.tables if table.kind == "money")

    def _columns(self, field: Field, row: Row, table: Table, name: str) -> None:
        for idea, cell in row.cells.items():
            self._add(f"{field}.{idea}", cell, f"{name} {table.columns[idea].words}")

    def _name(self, row: Row) -> str:
        """What people call a row: its name, or its kind where that says more or is shorter."""
        name, kind = (" ".join(self._text(row.cells.get(one)).split()) for one in ("name", "kind"))
        if not name or not_applicable(name) or (len(name) > LONG_NAME and "；" in name):
            return kind or name or f"第{row.number}行"
        return name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 1]}…"

    def _group(self, row: Row) -> str:
        words = normalize(self._text(row.cells.get("label")))
        for group, begins in self.begins.items():
            if words.startswith(begins):
                return group
        known = {normalize(group.label): group.name for group in self.scheme.groups}
        found = next((name for label, name in known.items() if words and words.startswith(label[:2])), None)
        own = [group.name for group in self.scheme.groups if group.weights != "rules"]
        return found or (own[0] if len(own) == 1 and not self.begins else "")

    def _is_deduction(self, row: Row, kind: str) -> bool:
        labels = normalize(self._text(row.cells.get("label")))
        return any(
            normalize(one.label) == kind or (labels and labels.startswith(normalize(one.group)))
            for one in self.scheme.deductions.rows
        )

    def _sum(self, row: Row, groups: Sequence[str]) -> None:
        """A subtotal: of the rows since the last one, of all groups where none stands between."""
        names = list(dict.fromkeys(group for group in groups if group))
        field = f"groups.{names[0]}" if len(names) == 1 else "subtotal" if not groups else ""
        if not field or "score" not in row.cells:
            return
        words = normalized(row.name.text) if row.name else ""
        self._add(field, row.cells["score"], words)
        if (weight := row.cells.get("weight")) and weight != row.cells["score"]:
            self._add(f"counts.{field}.weight", weight, f"{words}的分值")
        if own := row.cells.get("own"):
            self._add(f"counts.{names[0] if names else ''}", own, "指标行数")

    # ── other tables ─────────────────────────────────────

    def _other(self, spec: Block) -> None:
        """A table of statistics or of evaluators that the scheme knows by its title."""
        titled = (table for table in self.form.tables if table.kind == "other")
        table = next((one for one in titled if normalized(one.title).startswith(spec.starts)), None)
        if table is None:
            return
        columns = {
            name: next((words for words in table.columns if words in map(normalized, spellings)), "")
            for name, spellings in spec.heading.items()
        }
        if not all(columns.values()):
            return
        if spec.rows == "evaluators":
            self._evaluators(table, columns)
            return
        number = 0
        for row in table.rows:
            number += row.kind == "data"
            at = f"tables.{spec.name}.{number if row.kind == 'data' else 'total'}"
            called = self._text(row.cells[columns["month"]]) if row.kind == "data" else "合计"
            for name, words in columns.items():
                self._add(f"{at}.{name}", row.cells[words], f"{called} {words}")

    def _evaluators(self, table: Table, columns: Mapping[str, str]) -> None:
        """A row for each indicator; every column between its points and the average is an evaluator's."""
        first, last = (table.columns[columns[name]].left for name in ("weight", "average"))
        people = [words for words, column in table.columns.items() if first < column.left < last]
        for number, row in enumerate((row for row in table.rows if row.kind == "data"), 1):
            name = self._text(row.cells[columns["name"]])
            self._add(f"evaluators.{number}.name", row.cells[columns["name"]], columns["name"])
            for evaluator, words in enumerate(people, 1):
                self._add(f"evaluators.{number}.{evaluator}", row.cells[words], f"{name} 第{evaluator}位评分")
            average = row.cells[columns["average"]]
            self._add(f"evaluators.{number}.average", average, f"{name} {columns['average']}")


def ideas_word(scheme: Scheme, idea: str) -> str:
    """What a scheme calls an amount."""
    return scheme.money.get(idea, {"execution": "预算执行率"}.get(idea, idea))


def printed_words(form: PrintedForm) -> Iterator[tuple[str, str, str]]:
    """Kind, idea and printed word of every column of a form."""
    for table in form.tables:
        columns = [*table.columns.values(), *(column for column in table.unknown if column.idea)]
        yield from ((table.kind, column.idea, column.words) for column in columns if table.kind != "other")
