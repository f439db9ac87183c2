"""From what is printed to what a scheme counts: the fields of a form that was read, under their paths.

The reader knows words and places; a scheme says which rows are money, indicators or deductions, to which group a row
belongs, and which sum is whose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.account import left_over
from workbook_tools.forms.asking import row_of_the_sum
from workbook_tools.forms.fitting import Similar
from workbook_tools.forms.form import Field, Remainder, Wanted
from workbook_tools.forms.headings import AMOUNTS, is_number
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.prompts import printed_prompts
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas, is_label, normalized, spellings
from workbook_tools.schemes.packaged import packaged
from workbook_tools.schemes.scheme import OtherTable, Scheme
from workbook_tools.text import regex
from workbook_tools.values import Value, format_value, money_unit, normalize, not_applicable

NAMES = (".name", ".kind", ".label", ".year", ".month")  # what stands in these is a name, printed or a person's
CHOICES = ("deviation_", "outlook_")
FULL_POINTS = {"indicator": "weight"}  # 满分 heads a column of weights; as the score of a row a person typed it
WANTED = Path(__file__).with_name("wanted.toml")
LONG_NAME = 16
USUAL_GROUPS = {"output": ("产出",), "benefit": ("效益",), "satisfaction": ("满意",)}  # of a form without points
_SECOND = {"texts.contact.2": "texts.department_contact"}  # the unit's comes first
_NUMBER = regex(r"\.\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the fields of a form stand.

    Attributes:
        cells: field path → cell.
        labels: field path → what people call the field.
        prefixes: field path → the words that stand before a value in its own cell.
        suffixes: field path → the words that stand behind it there.
        rows: group and field path of each row of indicators and deductions.
        more: field path → the cells below that belong to the same merged row.
        wanted: texts that may not be left blank.
        roles: every cell with words → what it was read as: a field, heading, label, block, note, title, unread.
        year: of the title, None where it tells none.
        left: `unread.1` → cells that stand for no field and questions that the form leaves open.
        number: which form of its sheet it is, from 0.
        like: the official forms that it is most like, where it is recognised as none.
    """

    cells: Mapping[Field, Cell]
    labels: Mapping[Field, str]
    prefixes: Mapping[Field, str]
    suffixes: Mapping[Field, str]
    rows: tuple[tuple[str, Field], ...]
    more: Mapping[Field, tuple[Cell, ...]]
    wanted: Mapping[Field, Wanted]
    roles: Mapping[Cell, str]
    year: int | None
    left: Mapping[Field, Remainder]
    number: int
    like: tuple[Similar, ...] = ()

    def whole(self, field: Field, value: Value) -> Value:
        """What goes into the cell of a field: its value, among the words that are printed around it there."""
        around = self.prefixes.get(field, ""), self.suffixes.get(field, "")
        return f"{around[0]}{format_value(value)}{around[1]}" if any(around) else value


def placed(form: PrintedForm, sheet: Sheet, scheme: Scheme) -> Placement:
    """Where the fields of a scheme stand in a form."""
    return _Placed(form, sheet, scheme).placement()


@cache
def _wanted() -> Mapping[Field, Wanted]:
    return {field: Wanted(**rule) for field, rule in packaged(WANTED).items()}


class _Placed:
    """The fields of one form while they are collected."""

    def __init__(self, form: PrintedForm, sheet: Sheet, scheme: Scheme) -> None:
        self.form, self.sheet, self.scheme = form, sheet, scheme
        self.begins = {group.name: group.begins for group in scheme.groups if group.begins} or (
            {} if scheme.groups else USUAL_GROUPS
        )
        self.cells: dict[Field, Cell] = {}
        self.labels: dict[Field, str] = {}
        self.rows: list[tuple[str, Field]] = []
        self.more: dict[Field, tuple[Cell, ...]] = {}
        self.labelled = {normalize(group.label): group.name for group in scheme.groups}
        self.deductions = [(normalize(one.label), normalize(one.group)) for one in scheme.deductions.rows]

    def placement(self) -> Placement:
        for table in self.form.tables:
            if table.kind != "other":
                self._headings(table)
        self._money()
        self._indicators()
        for known in self.scheme.form.tables:
            self._other(known)
        for field, cell in self.form.fields.items():
            if field.startswith("texts.") and field in self.form.headings:
                named = _SECOND.get(field) or _NUMBER.sub("", field)
                self._add(f"headings.{named}", self.form.headings[field], self.form.labels[field])
            if field == "grade" and self.scheme.form.grade_in:  # a grade that no rule gives
                self._add("texts.grade", cell, self.form.labels[field])
            elif not field.startswith(("other.", "texts.money_unit")):
                self._add(_SECOND.get(field, field), cell, self.form.labels[field])
        self._in_the_total_row()
        self._named()
        self._keep_labels()
        prefixes = {
            field: words
            for field, words in self.form.prefixes.items()
            if field in self.cells and self.cells[field] == self.form.fields.get(field, self.cells[field])
        } | printed_prompts(self.cells, self.sheet)
        known_wants = {**_wanted(), **{field: Wanted(what) for field, what in self.scheme.form.wanted.items()}}
        return Placement(
            cells=self.cells,
            labels=self.labels,
            prefixes=prefixes,
            suffixes=self.form.suffixes,
            rows=tuple(self.rows),
            more=self.more,
            wanted={
                field: want
                for field in self.cells
                if (want := known_wants.get(base := _NUMBER.sub("", field) if field[-1:].isdigit() else field))
                and (field == base or base not in self.cells)
                and not (base == "texts.goal" and "texts.revised_goal" in self.cells)
            },
            roles=self.form.roles,
            year=self.form.year,
            left=left_over(self.form, self.sheet, self.cells),
            number=self.form.number,
        )

    def _headings(self, table: Table) -> None:
        """The headings of a table; of several tables of indicators the later ones are numbered."""
        name = "budget" if table.kind == "money" else "indicators"
        tables = [one for one in self.form.tables if one.kind == table.kind]
        number = f".{tables.index(table) + 1}" if tables[0] is not table else ""
        for idea, column in table.columns.items():
            called = self._amount(idea) if name == "budget" else idea
            self._add(f"headings.{name}{number}.{called}", column.cell, column.words)

    def _in_the_total_row(self) -> None:
        """The grade in the row of the total, where the scheme has it there."""
        totals = [row for table in self.form.tables for row in table.rows if row.kind == "total"]
        cell = totals[-1].cells.get(self.scheme.form.grade_in) if totals else None
        if cell:
            self._add("texts.grade", cell, "总分")

    def _named(self) -> None:
        """Single fields that the workbook itself names, where their words cannot be read: 等级 in a live formula."""
        for field, cell in self.sheet.names.items():
            single = field in ("total", "grade", "subtotal") or field.startswith("groups.")
            if single and field not in self.cells and self._own(cell):
                words = spellings()["total"].get(field, ("小计",))
                begins = self.scheme.form.needs.get(field, self.scheme.grade_quote)
                printed = next((word for word in words if begins.startswith(word)), begins or words[0])
                if field == "grade" and field not in self.cells:  # the formula will print the words before the grade
                    self.form.prefixes["grade"] = f"{printed}："
                self._add(field, self.sheet.anchor(cell), printed)

    def _keep_labels(self) -> None:
        """No field stands in the cell of a printed label but behind its own label, with a colon between them."""
        names = {cell for field, cell in self.cells.items() if field.endswith(NAMES)}
        around = self.form.prefixes.keys() | self.form.suffixes.keys()
        for field, cell in list(self.cells.items()):
            if field in around or field.startswith("headings.") or field.endswith(NAMES):
                continue
            text = self.sheet.text(cell)
            if cell not in names and not is_label(text):
                continue
            chosen = field.endswith((".reason", ".outlook")) and ideas(text).get("indicator", "").startswith(CHOICES)
            typed = field.endswith(".score") and ideas(text) == FULL_POINTS
            if not (chosen or typed):  # 满分 may head a column elsewhere
                del self.cells[field]

    def _own(self, cell: Cell) -> bool:
        """Whether a cell lies within the form: a sheet may have several."""
        return self.form.first <= cell[0] <= self.form.last

    def _add(self, field: Field, cell: Cell, label: str) -> None:
        if field not in self.cells:
            named = None if field.startswith(("indicators.", "deductions.")) else self.sheet.names.get(field)
            self.cells[field] = self.sheet.anchor(named) if named and self._own(named) else cell
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
        self._money_unit(table, total)
        self._row_of_money("budget", total, table, "")
        if "year" in table.columns:
            return
        others = [row for row in table.rows if row is not total]
        self._points_of_a_source(total, others)
        for number, row in enumerate(others, 1):
            if row.name:
                self._add(f"sources.{number}.name", row.name.cell, "资金来源")
            name = normalize(row.name.text).rstrip(":") if row.name else ""
            self._row_of_money(f"sources.{number}", row, table, name)

    def _points_of_a_source(self, total: Row, sources: Sequence[Row]) -> None:
        """Forms that score the rate in the row of one source: points and score stand there, and none in the total's.

        So does the rate, where that source is all the money and the total's row has none.
        """
        columns = ("execution.weight", "execution.score")
        scored = [row for row in (total, *sources) if any(is_number(self._text(row.cells.get(one))) for one in columns)]
        if len(scored) == 1 and scored[0] is not total:
            amounts = [[self._text(row.cells.get(one)) for one in AMOUNTS] for row in (total, scored[0])]
            all_money = any(amounts[0]) and amounts[0] == amounts[1]
            rate = ("execution",) if all_money and not self._text(total.cells.get("execution")) else ()
            placed = {column: cell for column in (*columns, *rate) if (cell := scored[0].cells.get(column))}
            self.cells |= {f"budget.{column}": cell for column, cell in placed.items()}  # the source then has none

    def _money_unit(self, table: Table, total: Row) -> None:
        """The cell that prints the unit: the heading of an amount, a cell beside the amounts, a line above them."""
        columns = [one for one in (*table.columns.values(), *table.unknown) if one.idea in AMOUNTS]
        left = min((column.left for column in columns), default=1)
        places = sorted(cell for cell in self.form.roles if cell[0] <= total.number)
        beside = [cell for cell in places if cell[0] >= table.first and cell[1] < left]
        above = [cell for cell in places if cell[0] < table.first and "单位:" in normalize(self._text(cell))]
        printed = (*(column.cell for column in columns), *beside, *above)
        if cell := next((cell for cell in printed if money_unit(self._text(cell))), None):
            self._add("headings.money", cell, "金额单位")

    def _total(self, table: Table) -> Row | None:
        """The row of the sum, of the form's year where there are several; None where nothing says which it is."""
        if "year" in table.columns:
            years = {"合计", f"{self.form.year}年"}
            filled = [row for row in table.rows if any(is_number(self._text(row.cells.get(one))) for one in AMOUNTS)]
            of_year = [row for row in filled if normalize(self._text(row.cells["year"])) in years]
            return filled[0] if len(filled) == 1 else of_year[0] if of_year else None if filled else table.rows[0]
        return row_of_the_sum(table, self.sheet)

    def _row_of_money(self, field: Field, row: Row, table: Table, name: str) -> None:
        beside = {column.idea: column.words for column in table.unknown if column.idea}
        for idea, cell in row.cells.items():
            if idea != "name":
                words = table.columns[idea].words if idea in table.columns else beside.get(idea, idea)
                if field == "budget" or cell not in self.cells.values():  # what is merged down is said once
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
                group = self.of_group(row)
                if kind in rules and shared and not self._has_money_score() and group in (shared, ""):
                    self._columns(f"budget.{rules[kind]}", row, table, kind)
                    groups.append(shared)
                    continue
                if group == shared:  # a row of its own, beside the money
                    group = ""
                what = "deductions" if self._is_deduction(row, kind) else "indicators"
                counts[what] += 1
                field = f"{what}.{counts[what]}"
                self.rows.append(("deduction" if what == "deductions" else group, field))
                self._columns(field, row, table, self._name(row, table))
                groups.append("deduction" if what == "deductions" else group)
                for column, cells in row.more.items():
                    self.more[f"{field}.{column}"] = cells

    def _has_money_score(self) -> bool:
        return any("execution.score" in table.columns for table in self.form.tables if table.kind == "money")

    def _columns(self, field: Field, row: Row, table: Table, name: str) -> None:
        for idea, cell in row.cells.items():
            self._add(f"{field}.{idea}", cell, f"{name} {table.columns[idea].words}")

    def _name(self, row: Row, table: Table) -> str:
        """What people call a row: its name, or its kind where the name is a whole sentence (指标内容)."""
        name, kind = (" ".join(self._text(row.cells.get(one)).split()) for one in ("name", "kind"))
        sentences = "name" in table.columns and table.columns["name"].words.endswith("内容")
        if not name or not_applicable(name) or sentences:
            return kind or name or f"第{row.number}行"
        return name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 1]}…"

    def of_group(self, row: Row) -> str:
        """The scheme's name of the 一级指标 of a row, "" where it is none of the scheme's."""
        words = normalize(self._text(row.cells.get("label")))
        for group, begins in self.begins.items():
            if words.startswith(begins):
                return group
        found = next((name for label, name in self.labelled.items() if words and words.startswith(label[:2])), None)
        own = [group.name for group in self.scheme.groups if group.weights != "rules"]
        return found or (own[0] if len(own) == 1 and not self.begins else "")

    def _is_deduction(self, row: Row, kind: str) -> bool:
        labels = normalize(self._text(row.cells.get("label")))
        return any(label == kind or (labels and labels.startswith(group)) for label, group in self.deductions)

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

    def _other(self, known: OtherTable) -> None:
        """A table of statistics or of evaluators that the scheme knows by its title."""
        titled = (table for table in self.form.tables if table.kind == "other")
        table = next((one for one in titled if normalized(one.title).startswith(known.title)), None)
        if table is None:
            return
        columns = {
            name: next((words for words in table.columns if words in map(normalized, spellings)), "")
            for name, spellings in known.columns.items()
        }
        if not all(columns.values()):
            return
        for name, words in columns.items():
            column = table.columns[words]
            self._add(f"headings.{known.name}.{name}", column.cell, words)
        if known.rows == "evaluators":
            self._evaluators(table, columns)
            return
        number = 0
        for row in table.rows:
            number += row.kind == "data"
            at = f"tables.{known.name}.{number if row.kind == 'data' else 'total'}"
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


def foreign_first_level(form: PrintedForm, sheet: Sheet, scheme: Scheme) -> Cell | None:
    """The first 一级指标 where none is the scheme's; None where one is, or where none is printed."""
    placing = _Placed(form, sheet, scheme)
    rows = [row for table in form.tables if table.kind == "indicator" for row in table.rows if row.kind == "data"]
    labelled = [row for row in rows if normalize(sheet.text(row.cells["label"]) if "label" in row.cells else "")]
    own = any(group.weights in ("printed", "equal", "shared") for group in scheme.groups)
    known = [row for row in labelled if placing.of_group(row)]
    return labelled[0].cells["label"] if own and labelled and not known else None
