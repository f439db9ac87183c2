"""The empty form of any scheme: formulas, formats, locks, tints and hints of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.placement import Placement
from workbook_tools.schemes.scheme import Group, Scheme
from workbook_tools.template.drawing import (
    BODY,
    BOX,
    Area,
    Position,
    printed_columns,
    put_words,
    text_height,
    tint_blanks,
)
from workbook_tools.template.formulas import form_formulas
from workbook_tools.template.guidance import Guidance
from workbook_tools.values import plain

ONE_PAGE = 32  # rows that are still read easily when they are printed on one page
TEXTS = ("goal", "result", "late", "achievements", "conclusion", "problems", "improvements", "remarks")
REVIEWED = ("review.opinion", "review.advice", "review.budget")  # texts of the supervising department
MONEY = ("initial", "adjusted", "revised", "received", "spent", "balance")
TITLE_ROWS = 3
_COLUMNS = ("headings.budget", "headings.indicators")
NO_YEAR = "　年"  # at the end of the room for it
KIND = "二级指标"  # heads the second column of every table of indicators
POINTS = "0.00"
MOST_MONEY = "1E+15"
SMALL = Font(name=BODY.name, size=9, color="7F7F7F")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
OPEN = Protection(locked=False)
Place = tuple[Worksheet, str]


def add_own_scores(sheet: Worksheet, scheme: Scheme, guidance: Guidance) -> None:
    """Heads the column behind the form, outside of the printed area, where all scores are calculated.

    A person's own scores need cells of their own there.
    """
    if not any(group.weights == "equal" for group in scheme.groups):
        return
    behind = printed_columns(sheet) + 1
    sheet.column_dimensions[get_column_letter(behind)].width = 20
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 2).value == KIND:
            cell = sheet.cell(row, behind, guidance.own_scores)
            cell.font, cell.alignment = SMALL, CENTRED


class EmptyForm:
    """The sheets of one empty form, where its fields stand, and what goes into them."""

    def __init__(
        self,
        workbook: Workbook,
        scheme: Scheme,
        placement: Placement,
        sheet: Sheet,
        guidance: Guidance,
        typed: frozenset[Field] = frozenset(),
    ) -> None:
        self.workbook, self.scheme, self.placement, self.guidance = workbook, scheme, placement, guidance
        self.places: dict[Field, Place] = {}
        for field, cell in placement.cells.items():
            name, _, address = sheet.address(cell).rpartition("!")
            self.places[field] = workbook[name], address
        self.first = workbook.worksheets[0]
        self.sheets = list(dict.fromkeys(sheet for sheet, _ in self.places.values()))
        groups = {group.name: group for group in scheme.groups}
        self.groups = {row: groups[name] for name, row in placement.rows if name in groups}
        deductions = [row for name, row in placement.rows if name == "deduction"]
        self.deductions = dict(zip(deductions, scheme.deductions.rows, strict=True))
        names = self._printed_names(row for _, row in placement.rows)
        averages = (field.removesuffix(".average") for field in self.places if field.endswith(".average"))
        evaluated = {row: name for name, row in self._printed_names(averages).items()}
        formulas = form_formulas(scheme, placement, names, evaluated, self.at)
        self.formulas = {field: formula for field, formula in formulas.items() if field not in typed}
        self.typed = typed
        self.own = self._own_scores()
        self.hints: dict[tuple[str, ...], DataValidation] = {}

    def at(self, field: Field) -> str:
        """The cell of a field as a formula names it."""
        sheet, address = self.places[field]
        return f"{quote_sheetname(sheet.title)}!{address}" if len(self.sheets) > 1 else address

    def cell(self, field: Field) -> Any:
        """The cell of a field."""
        sheet, address = self.places[field]
        return sheet[address]

    def fill(self) -> None:
        """Puts formulas, formats, locks, tints and hints into the sheets."""
        for field, formula in self.formulas.items():
            self.cell(field).value = formula
        for group in self.scheme.groups:
            if group.weights == "equal":
                cell = self.cell(f"counts.{group.name}")
                cell.number_format = f'"{group.divisor} = "0'
                cell.font, cell.alignment = SMALL, CENTRED
        self._make_room()
        for sheet in self.sheets:
            self._unlock(sheet)
            sheet.protection.sheet = True
            sheet.protection.formatCells = sheet.protection.formatColumns = False
            sheet.protection.formatRows = sheet.protection.insertRows = False
            sheet.freeze_panes = f"A{TITLE_ROWS + 1}"
        for field in self.places:
            if field not in self.formulas:
                self._hint(field)

    def print_data(self, data: Mapping[Field, str]) -> None:
        """Prints what data says where the form prints something else, and shows typed figures as they are written."""
        for field, words in data.items():
            if field not in self.places or field in self.placement.prefixes:
                continue
            cell = self.cell(field)
            if cell.value is not None and cell.data_type != "f" and str(cell.value).strip() != words:
                put_words(cell, words)
            if field in self.typed and "%" in cell.number_format and "%" not in words:
                cell.number_format = "General"  # 99.92 is not 9992%

    def name_fields(self) -> None:
        """Gives the cell of every field its path as a defined name."""
        for field, (sheet, address) in self.places.items():
            letters, digits = address.rstrip("0123456789"), address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            cell = f"{quote_sheetname(sheet.title)}!${letters}${digits}"
            self.workbook.defined_names[field] = DefinedName(field, attr_text=cell)

    def _printed_names(self, rows: Iterable[Field]) -> Mapping[str, Field]:
        """The names that are printed in rows of the empty form → the rows."""
        named = (row for row in rows if f"{row}.name" in self.places)
        return {str(name): row for row in named if (name := self.cell(f"{row}.name").value)}

    def _make_room(self) -> None:
        """Makes the rows high enough for the texts that people write into them."""
        said = self.guidance
        texts = [field for field in self.places if field.startswith("texts.") and field.split(".")[1] in TEXTS]
        rooms = [(self.cell(field), said.text_length, said.text_height) for field in texts]
        rooms += [(self.cell(field), said.review_length, 0) for field in REVIEWED if field in self.places]
        for cell, length, least in rooms:
            sheet = cell.parent
            area = next((area for area in sheet.merged_cells.ranges if cell.coordinate in area), None)
            words = "\n".join(filter(None, (cell.value, "字" * length)))
            printed = Area(words, "", cell.column, area.max_col if area else cell.column)
            widths = [sheet.column_dimensions[get_column_letter(n)].width for n in range(1, printed_columns(sheet) + 1)]
            size = sheet.row_dimensions[cell.row]
            size.height = max(size.height or 0, least, text_height([printed], widths))
            labelled = any(one.value for one, *_ in rooms if (one.parent, one.row) == (sheet, cell.row))
            side = "top" if labelled else "center"  # behind a label, and beside such a text
            cell.alignment = Alignment(horizontal="left", vertical=side, wrap_text=True)
        if self.first.max_row <= ONE_PAGE:
            self.first.page_setup.fitToHeight = 1

    def _unlock(self, sheet: Worksheet) -> None:
        """Unlocks what a person fills in or may change, and tints what the person is to fill in while it is blank.

        Every blank cell of the form is a person's; so are the sums of the money, which may have no sources.
        """
        here = {
            address: field
            for field, (owner, address) in self.places.items()
            if owner is sheet and not field.startswith("headings.")
        }
        inputs: set[Position] = set()
        labels: set[str] = set()
        headed = {self.cell(f).row for f, (own, _) in self.places.items() if own is sheet and f.startswith(_COLUMNS)}
        for cell in self._cells_of_texts_and_figures(sheet, here):
            field, words = here.get(cell.coordinate, ""), str(cell.value or "")
            if cell.row in headed and not field:  # beside the headings of columns
                continue
            behind_label = sheet is self.first and field.startswith(("texts.", "splits.")) and words.endswith("：")
            waits = not words or behind_label
            if waits or self._is_sum_of_money(field) or (cell.row == TITLE_ROWS and NO_YEAR in words):
                cell.protection = OPEN
            if waits and (cell.row > TITLE_ROWS or field) and not field.startswith("review."):
                inputs.add((cell.row, cell.column))
                labels.add(words)
        for field in here.values():
            cell = self.cell(field)
            if field.startswith("review."):  # of the supervising department, also where a prompt is printed
                cell.protection = OPEN
            if self._is_choice(field) or (
                _of_indicator(field, "kind", "weight", "name") and field not in self.formulas
            ):
                cell.protection = OPEN
            if self._is_choice(field):
                inputs.add((cell.row, cell.column))
            if field in self.own:
                cell.number_format, cell.border = POINTS, BOX
                cell.alignment = CENTRED
        tint_blanks(sheet, inputs, sorted(labels - {""}))

    def _cells_of_texts_and_figures(self, sheet: Worksheet, fields: Mapping[str, Field]) -> Iterator[Any]:
        """The cells below the title that no other one covers; in the rows of sums and total, those of texts alone."""
        covered = {place for area in sheet.merged_cells.ranges for place in list(area.cells)[1:]}
        for row in sheet.iter_rows(min_row=TITLE_ROWS, max_col=printed_columns(sheet)):
            named = {cell.coordinate: fields.get(cell.coordinate, "") for cell in row}
            sums = sheet is self.first and any(f == "total" or f.startswith("groups.") for f in named.values())
            for cell in row:
                text = named[cell.coordinate].startswith("texts.")
                if (cell.row, cell.column) not in covered and (text or not sums):
                    yield cell

    def _is_sum_of_money(self, field: Field) -> bool:
        return field in self.formulas and field.startswith("budget.") and field[7:] in MONEY

    def _is_choice(self, field: Field) -> bool:
        """Whether a person may fill in a cell that is printed, or stands beside the form."""
        kind = _of_indicator(field, "kind") and self._counted(field.removesuffix(".kind")) is not None
        return field == "budget.year" or kind or field in self.own

    def _own_scores(self) -> dict[Field, tuple[str, str]]:
        """The cells for a person's own scores → the least and the most of each."""
        found = {f"budget.{rule.field}.own": ("0", plain(rule.most)) for rule in self.scheme.budget if rule.exempt}
        for row, printed in self.deductions.items():
            if printed.points is not None:
                found[f"{row}.own"] = (plain(printed.points), "0")
        for row in self.groups:
            if self._counted(row):
                found[f"{row}.own"] = ("0", self.at(f"{row}.weight"))
        return {field: bounds for field, bounds in found.items() if field in self.places}

    def _counted(self, row: Field) -> Group | None:
        """The group of a row whose weight is an equal part of the points of its group, None of any other row."""
        group = self.groups.get(row)
        return group if group and group.weights == "equal" else None

    def _hint(self, field: Field) -> None:
        table, row, column = field.partition(".")[0], field.rpartition(".")[0], field.rpartition(".")[2]
        if field in self.own:
            self._own_hint(field, row, table)
        elif table == "review":
            self._review_hint(field, column)
        elif table in ("budget", "sources") and column in MONEY:
            least = f"-{MOST_MONEY}" if column == "adjusted" else "0"
            self._number(
                field, "adjusted" if column == "adjusted" else "money", least, MOST_MONEY, unit=self.scheme.unit
            )
        elif table == "evaluators" and column.isdecimal():
            self._number(field, "points", "0", "100")
        elif table == "tables" and column not in ("month", "rate"):
            self._number(field, "amount", "0", MOST_MONEY)
        elif row in self.deductions and column == "rate":
            self._deduction_hint(field, row)
        elif table == "indicators" and (group := self._counted(row)):
            self._counted_hint(field, column, group)
        elif table == "indicators" and column in ("target", "actual", "reason"):
            self._say(field, column)
        elif table == "indicators" and column == "score":
            self._say(field, "score" if f"{row}.weight" in self.places else "shared_score")

    def _own_hint(self, field: Field, row: Field, table: str) -> None:
        least, most = self.own[field]
        if table == "budget":
            rule = next(rule for rule in self.scheme.budget if row == f"budget.{rule.field}")
            self._number(field, "exempt", least, most, most=most, quote=rule.exempt_quote)
        elif row in self.deductions:
            self._number(field, "deducted", least, most, most=least)
        else:
            self._number(field, "own", least, most)

    def _deduction_hint(self, field: Field, row: Field) -> None:
        rules = self.scheme.deductions
        none, happened = rules.none[0], rules.veto_words[0]
        if self.deductions[row].points is None:
            choice = {"type": "list", "formula1": f'"{none},{happened}"'}
            self._say(field, "veto", choice, refuse=True, none=none, happened=happened)
        else:
            self._say(field, "deduction", {"type": "list", "formula1": f'"{none}"'}, none=none)

    def _review_hint(self, field: Field, column: str) -> None:
        """The prompt at a cell of the supervising department, with the grades and, where printed, the options."""
        grades = [grade for _, grade in self.scheme.grades.steps]
        if column == "score":
            self._number(field, "review_score", "0", "100")
        elif column == "grade" and grades:
            listed = [*grades, self.scheme.grades.otherwise]
            self._say(field, "review_grade", {"type": "list", "formula1": f'"{",".join(listed)}"'}, refuse=True)
        elif column == "budget" and self.scheme.review.budget:
            self._say(field, "review_budget", {"type": "list", "formula1": f'"{",".join(self.scheme.review.budget)}"'})
        else:
            self._say(field, "review")

    def _counted_hint(self, field: Field, column: str, group: Group) -> None:
        """The prompt at a row whose rate is calculated: its target and its actual value are numbers or words."""
        if column == "kind":
            self._say(field, "kind", {"type": "list", "formula1": f'"{",".join(group.kinds)}"'})
        elif column == "name":
            self._say(field, "name", divisor=group.divisor)
        elif column in ("target", "actual"):
            cell = self.at(field)
            first = f"LEFT({cell},1)"
            words = f'AND(ISERROR(VALUE({first})),ISERROR(FIND({first},"≥≤＞＜><=＝")))'
            signed = f'ISNUMBER(FIND({first},"≥≤")),ISNUMBER(VALUE(MID({cell},2,20))),ISERROR(FIND("%",{cell}))'
            allowed = [f"ISNUMBER({cell})", words, *([f"AND({signed})"] if column == "target" else [])]
            rule = {"type": "custom", "formula1": f"OR({','.join(allowed)})"}
            self._say(field, f"counted_{column}", rule, refuse=True)
        elif column == "reason":
            self._say(field, "reason")

    def _number(self, field: Field, sort: str, low: str, high: str, **named: str) -> None:
        rule = {"type": "decimal", "operator": "between", "formula1": low, "formula2": high}
        self._say(field, sort, rule, refuse=True, **named)

    def _say(
        self, field: Field, sort: str, rule: Mapping[str, Any] | None = None, *, refuse: bool = False, **named: str
    ) -> None:
        """A prompt at an input, and a refusal of what it cannot take; inputs of the same rule on a sheet share one."""
        sheet, address = self.places[field]
        title, words = self.guidance.hints[sort]
        words = words.format_map(named)
        rule = rule or {}
        key = (sheet.title, title, words, *(f"{name}={value}" for name, value in rule.items()))
        if key not in self.hints:
            hint = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=refuse, **rule)
            hint.promptTitle, hint.prompt = title, words
            hint.errorTitle, hint.error = f"{title}填得不对", words
            self.hints[key] = hint
            sheet.add_data_validation(hint)
        self.hints[key].add(address)


def _of_indicator(field: Field, *columns: str) -> bool:
    return field.startswith("indicators.") and field.rpartition(".")[2] in columns
