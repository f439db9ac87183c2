"""The empty form of a scheme whose rows people or the tool score: formulas, inputs and hints of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl.styles import Alignment, Protection
from openpyxl.utils import quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.layout import Placement
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.template.drawing import tint_blanks
from workbook_tools.template.formulas import plain_formulas

TEXT_HEIGHT = 62.0  # points: about 200 characters
ONE_PAGE = 32  # rows that are still read easily when they are printed on one page
TEXTS = ("goal", "result", "conclusion", "problems", "improvements")
LABELS = ("说明", "存在问题或不足")  # of texts that are no fields
MONEY = ("initial", "adjusted", "revised", "received", "spent", "balance")
TITLE_ROWS = 3
NO_YEAR = "　年"  # at the end of the room for it
Place = tuple[Worksheet, str]


class PlainForm:
    """The sheets of one empty form, where its fields stand, and what goes into them."""

    def __init__(
        self,
        workbook: Workbook,
        scheme: Scheme,
        placement: Placement,
        sheet: Sheet,
        typed: frozenset[Field] = frozenset(),
    ) -> None:
        self.scheme, self.placement, self.typed = scheme, placement, typed
        self.places: dict[Field, Place] = {}
        for field, cell in placement.cells.items():
            name, _, address = sheet.address(cell).rpartition("!")
            self.places[field] = workbook[name], address
        self.first = workbook.worksheets[0]
        self.hints: dict[tuple[str, ...], DataValidation] = {}

    def at(self, field: Field) -> str:
        """The cell of a field as a formula names it."""
        sheet, address = self.places[field]
        return f"{quote_sheetname(sheet.title)}!{address}" if len(self._sheets()) > 1 else address

    def cell(self, field: Field) -> Any:
        """The cell of a field."""
        sheet, address = self.places[field]
        return sheet[address]

    def reference(self, field: Field) -> str:
        """The cell of a field as a defined name names it."""
        sheet, address = self.places[field]
        letters, digits = address.rstrip("0123456789"), address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return f"{quote_sheetname(sheet.title)}!${letters}${digits}"

    def fill(self) -> None:
        """Puts formulas, locks and hints into the sheets."""
        names = self._printed_names(row for _, row in self.placement.rows)
        rows = (field.removesuffix(".average") for field in self.places if field.endswith(".average"))
        evaluated = {row: name for name, row in self._printed_names(rows).items()}
        formulas = plain_formulas(self.scheme, self.placement, names, evaluated, self.at)
        formulas = {field: formula for field, formula in formulas.items() if field not in self.typed}
        for field, formula in formulas.items():
            self.cell(field).value = formula
        self._make_room()
        for sheet in self._sheets():
            self._unlock(sheet, formulas)
            sheet.protection.sheet = True
            sheet.protection.formatCells = sheet.protection.formatColumns = False
            sheet.protection.formatRows = sheet.protection.insertRows = False
            sheet.freeze_panes = f"A{TITLE_ROWS + 1}"
        for field in self.places:
            if field not in formulas:
                self._hint(field)

    def _make_room(self) -> None:
        """Makes the rows high enough for the texts that people write into them."""
        cells = [place for field, place in self.places.items() if field.startswith("texts.") and field[6:] in TEXTS]
        cells += [(self.first, f"B{row}") for row in range(1, self.first.max_row + 1) if self._label(row) in LABELS]
        for sheet, address in cells:
            cell = sheet[address]
            sheet.row_dimensions[cell.row].height = TEXT_HEIGHT
            cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
        if self.first.max_row <= ONE_PAGE:
            self.first.page_setup.fitToHeight = 1

    def _label(self, row: int) -> str:
        return str(self.first.cell(row, 1).value or "")

    def _sheets(self) -> list[Worksheet]:
        return list(dict.fromkeys(sheet for sheet, _ in self.places.values()))

    def _printed_names(self, rows: Iterable[Field]) -> Mapping[str, Field]:
        """The names that are printed in rows of the empty form → the rows."""
        found: dict[str, Field] = {}
        for row in rows:
            sheet, address = self.places[f"{row}.name"]
            if name := sheet[address].value:
                found[str(name)] = row
        return found

    def _unlock(self, sheet: Worksheet, formulas: Mapping[Field, str]) -> None:
        """Every blank cell of the form is a person's, and so are the sums of the money, which may have no sources."""
        computed = {address for field in formulas for owner, address in [self.places[field]] if owner is sheet}
        sums = {
            a for f in formulas if f.startswith("budget.") and f[7:] in MONEY for s, a in [self.places[f]] if s is sheet
        }
        covered = {place for area in sheet.merged_cells.ranges for place in list(area.cells)[1:]}
        ends = {address for f, (_, address) in self.places.items() if f == "total" or f.startswith("groups.")}
        inputs: list[tuple[int, int]] = []
        for row in sheet.iter_rows(min_row=TITLE_ROWS):
            if any(cell.coordinate in ends for cell in row) and sheet is self.first:
                continue
            for cell in row:
                if (cell.row, cell.column) not in covered and (cell.value is None or cell.coordinate in sums):
                    cell.protection = Protection(locked=False)
                    if cell.coordinate not in computed and (cell.row or 0) > TITLE_ROWS:
                        inputs.append((cell.row or 0, cell.column or 0))
                if cell.row == TITLE_ROWS and NO_YEAR in str(cell.value or ""):
                    cell.protection = Protection(locked=False)
        tint_blanks(sheet, inputs)
        for field in self.places:  # printed, but for a unit to change
            if field.endswith((".kind", ".weight", ".name")) and field.startswith("indicators."):
                owner, address = self.places[field]
                owner[address].protection = Protection(locked=False)

    def _hint(self, field: Field) -> None:
        table, column = field.partition(".")[0], field.rpartition(".")[2]
        if table in ("budget", "sources") and column in MONEY:
            least = "-1E+15" if column == "adjusted" else "0"
            note = f"{self.scheme.unit}，只填数字" + ("；调减填负数，没有调整填 0" if column == "adjusted" else "")
            self._number(field, "金额", note, least, "1E+15")
        elif table == "evaluators" and column.isdecimal():
            self._number(field, "评分", "0 到分值之间", "0", "100")
        elif table == "tables" and column not in ("month", "rate"):
            self._number(field, "数量", "只填数字", "0", "1E+15")
        elif table == "indicators" and column == "target":
            self._say(field, "指标值", "如 ≥95%、≤5次、100；定性指标写文字")
        elif table == "indicators" and column == "actual":
            self._say(field, "完成值", "写实际完成的数，不带≥≤，单位和指标值一样；定性指标写达成情况")
        elif table == "indicators" and column == "score":
            if f"{field.removesuffix('score')}weight" in self.places:
                self._say(field, "得分", "定量指标可以不填，由 fill_form 计算；定性指标填 0 到分值之间")
            else:
                self._say(field, "得分", "0 到本组分值之间")
        elif table == "indicators" and column == "reason":
            self._say(field, "偏差原因", "没有完成、或大大超过的，写明原因和改进措施")

    def _number(self, field: Field, title: str, words: str, least: str, most: str) -> None:
        rule = {"type": "decimal", "operator": "between", "formula1": least, "formula2": most}
        self._say(field, title, words, refuse=True, **rule)

    def _say(self, field: Field, title: str, words: str, *, refuse: bool = False, **rule: Any) -> None:
        """A prompt at an input; inputs of the same rule on the same sheet share one."""
        sheet, address = self.places[field]
        key = (sheet.title, title, words)
        if key not in self.hints:
            hint = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=refuse, **rule)
            hint.promptTitle, hint.prompt = title, words
            hint.errorTitle, hint.error = f"{title}填得不对", words
            self.hints[key] = hint
            sheet.add_data_validation(hint)
        self.hints[key].add(address)
