"""New monitoring tables, drawn with openpyxl: the targets printed, lists to choose from, live formulas."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import Book
from workbook_tools.excel.loading import put_text
from workbook_tools.fill import fill_book
from workbook_tools.forms.form import Field
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.monitoring.draft import IN_WORDS, TOTAL, Draft, DraftRow
from workbook_tools.schemes.files import OFFICIAL
from workbook_tools.schemes.monitoring import Light, LightRule, Monitoring
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.lights import MONTHS
from workbook_tools.template.drawing import BODY, as_printed, draw_form, tint_blanks
from workbook_tools.template.inputs import MOST_MONEY, NO_YEAR, TITLE_ROWS
from workbook_tools.template.instructions import explain
from workbook_tools.template.workbook import workbook_bytes
from workbook_tools.values import HUNDRED, decimals, plain

FORM = OFFICIAL / "monitoring" / "table.txt"
OPEN = Protection(locked=False)
SMALL = Font(name=BODY.name, size=9)
BLANK_ROWS = (
    *(("产出指标", kind) for kind in ("数量指标", "数量指标", "质量指标", "时效指标", "成本指标")),
    *(("效益指标", kind) for kind in ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")),
    ("满意度指标", "服务对象满意度指标"),
)
BLANK_MONEY: tuple[tuple[str, Decimal | None], ...] = (
    (TOTAL, None),
    ("其中：本年财政拨款", None),
    ("其他资金", None),
)
NO_LIGHTS = "给灯的规则没有读到，预警灯由填表人填。"
GOAL_HEIGHT = 44.0  # points
COLOURS: dict[Light, str] = {"red": "F8CBAD", "yellow": "FFEB9C", "green": "C6E0B4", "blue": "BDD7EE"}
BY_HAND = ("so_far", "expected", "reason", "explanation", "outlook", "light", "note", "op")
MONEY = ("initial", "so_far", "expected")


@cache
def _guidance() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def blank_draft() -> Draft:
    """A table without a project."""
    rows = (
        DraftRow(group=label, kind=kind, name="", sign="", unit="", target="", whole="") for label, kind in BLANK_ROWS
    )
    return Draft(texts={}, money=BLANK_MONEY, rows=tuple(rows), year=None)


def monitoring_table(scheme: Scheme, draft: Draft, until: int | None = None) -> bytes:
    """The monitoring table of a project until a month, that of the scheme where none is given.

    Raises `FormNotRecognised` where neither tells the month, and `FileRejected` for words that no cell holds.
    """
    rules = scheme.monitoring
    month = until or (rules.until if rules else None)
    if rules is None or month is None:
        raise FormNotRecognised("监控到几月没有读到", "请加 --month 7 这样写明")
    workbook = draw_form(_lines(scheme, draft, month))
    table = _Table(workbook, scheme, rules, draft, month)
    table.fill()
    explain(workbook.create_sheet(INSTRUCTIONS), scheme, _guidance()["steps"])
    book = Book(workbook_bytes(workbook))
    fill_book(book, scheme.name)  # the results of the formulas are saved with them
    return book.saved() or workbook_bytes(workbook)


def _lines(scheme: Scheme, draft: Draft, month: int) -> Iterator[str]:
    """The lines of the table, with the words of the draft in them."""
    said = {
        "@project": as_printed(draft.texts.get("texts.project", "")),
        "@department": as_printed(draft.texts.get("texts.department", "")),
        "@unit": as_printed(draft.texts.get("texts.unit", "")),
        "@goal": as_printed(draft.texts.get("texts.goal", "")),
        "@year": f"{draft.year or NO_YEAR[0] * 4}年",
        "@months": f"1-{month}月",
        "@until": str(month),
        "@rules": scheme.title if scheme.monitoring and scheme.monitoring.rules else f"{scheme.title}。{NO_LIGHTS}",
    }
    for line in FORM.read_text("utf-8").splitlines():
        word, _, pattern = line.partition(" ")
        if word == "@money":
            for name, _amount in draft.money:
                yield pattern.replace("@source", as_printed(name))
        elif word == "@rows":
            yield from _rows(pattern, draft.rows)
        else:
            for sign, words in said.items():
                line = line.replace(sign, words)
            yield line


def _rows(pattern: str, rows: Sequence[DraftRow]) -> Iterator[str]:
    """A line for each indicator; a 一级指标 or 二级指标 that stands above goes on."""
    above = DraftRow(group="", kind="", name="", sign="", unit="", target="", whole="")
    for row in rows:
        label = "^" if row.group and row.group == above.group else as_printed(row.group)
        kind = "^" if label == "^" and row.kind and row.kind == above.kind else as_printed(row.kind)
        line = pattern.replace("@label", label).replace("@kind", kind)
        yield line.replace("@name", as_printed(row.name))
        above = row


class _Table:
    """One drawn table while figures, formulas, lists and locks are put into it."""

    def __init__(self, workbook: Workbook, scheme: Scheme, rules: Monitoring, draft: Draft, month: int) -> None:
        self.workbook, self.rules, self.draft, self.month = workbook, rules, draft, month
        book = Book(workbook_bytes(workbook))
        sheet = book.sheet(book.sheets[0])
        self.placement: Placement = place(sheet, scheme)
        self.sheet: Worksheet = workbook.worksheets[0]
        self.places = {field: sheet.address(cell).rpartition("!")[2] for field, cell in self.placement.cells.items()}
        self.lists: dict[tuple[str, str], DataValidation] = {}

    def fill(self) -> None:
        """Puts everything in."""
        self._money()
        for number, row in enumerate(self.draft.rows, 1):
            self._indicator(f"indicators.{number}", row)
        for field in ("texts.project", "texts.department", "texts.unit", "texts.goal", "texts.year"):
            if field in self.places:
                self._cell(field).protection = OPEN
        note = self.sheet.cell(self.sheet.max_row, 1)
        note.font, note.alignment = SMALL, Alignment(horizontal="left", vertical="center", wrap_text=True)
        goal = self._cell("texts.goal")
        goal.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
        height = self.sheet.row_dimensions[goal.row].height or 0
        self.sheet.row_dimensions[goal.row].height = max(height, GOAL_HEIGHT)
        blanks = [field for field in self.places if not field.startswith("headings.") and self._is_asked(field)]
        cells = [self._cell(field) for field in blanks]
        tint_blanks(self.sheet, {(cell.row, cell.column) for cell in cells if cell.value is None})
        self._colours()
        self.sheet.protection.sheet = True
        self.sheet.protection.formatCells = self.sheet.protection.formatColumns = False
        self.sheet.protection.formatRows = self.sheet.protection.insertRows = False
        self.sheet.freeze_panes = f"A{TITLE_ROWS + 1}"
        for field, address in self.places.items():
            letters, digits = address.rstrip("0123456789"), address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            at = f"{quote_sheetname(self.sheet.title)}!${letters}${digits}"
            self.workbook.defined_names[field] = DefinedName(field, attr_text=at)

    def _colours(self) -> None:
        """Shows each light in its colour, on the screen; paper stays black and white."""
        cells = " ".join(self.places[f"indicators.{n}.light"] for n in range(1, len(self.draft.rows) + 1))
        for light, called in self.rules.lights.items():
            style = DifferentialStyle(fill=PatternFill("solid", bgColor=COLOURS[light]))
            rule = Rule("cellIs", operator="equal", formula=[f'"{called}"'], dxf=style)
            self.sheet.conditional_formatting.add(cells, rule)

    def _is_asked(self, field: Field) -> bool:
        """Whether a blank cell is tinted: what a person has to fill in of every table."""
        column = field.rpartition(".")[2]
        if field.startswith(("budget.", "sources.")):
            return column in MONEY
        return field.startswith("texts.") or column in ("name", "target", "so_far", "expected", "outlook")

    def _cell(self, field: Field) -> Any:
        return self.sheet[self.places[field]]

    def _money(self) -> None:
        sources = range(1, len(self.draft.money))
        for number, (_name, amount) in enumerate(self.draft.money):
            row = f"sources.{number}" if number else "budget"
            self._cell(f"{row}.note").protection = OPEN
            for column in MONEY:
                cell = self._cell(f"{row}.{column}")
                cell.protection = OPEN
                self._check(f"{row}.{column}", "money", "decimal", "0", MOST_MONEY)
                if not number and sources:
                    parts = ",".join(self.places[f"sources.{one}.{column}"] for one in sources)
                    cell.value = f'=IF(COUNT({parts})=0,"",SUM({parts}))'
            if amount is not None and (number or not sources or not self._split()):
                self._cell(f"{row}.initial").value = float(amount)
            whole, part = self.places[f"{row}.initial"], self.places[f"{row}.so_far"]
            rate = f'=IF(COUNT({whole},{part})<2,"",IF({whole}<=0,"",{part}/{whole}))'
            self._cell(f"{row}.so_far.execution").value = rate

    def _split(self) -> bool:
        """Whether the sources are known: else their sum is typed."""
        return any(amount is not None for _, amount in self.draft.money[1:])

    def _indicator(self, field: Field, row: DraftRow) -> None:
        if row.sign:
            put_text(self._cell(f"{field}.op"), row.sign)
        if row.unit:
            put_text(self._cell(f"{field}.unit"), row.unit)
        self._target(field, row)
        for column in BY_HAND:
            self._cell(f"{field}.{column}").protection = OPEN
        for column in ("label", "kind", "name", "unit", "target"):
            if not self._cell(f"{field}.{column}").value:
                self._cell(f"{field}.{column}").protection = OPEN
        signs = ",".join(("≥", "≤", "＝", "＞", "＜", IN_WORDS))
        self._check(f"{field}.op", "sign", "list", f'"{signs}"')
        self._check(f"{field}.reason", "reason", "list", f'"{",".join(self.rules.reasons)}"')
        self._check(f"{field}.outlook", "outlook", "list", f'"{",".join(self.rules.outlooks.values())}"')
        self._check(f"{field}.light", "light", "list", f'"{",".join(self.rules.lights.values())}"')
        self._check(f"{field}.so_far", "so_far")
        self._check(f"{field}.expected", "expected")
        if self.rules.rules and not (isinstance(row.target, str) and row.target):
            self._cell(f"{field}.light").value = self._light(field)

    def _target(self, field: Field, row: DraftRow) -> None:
        cells = [self._cell(f"{field}.{column}") for column in ("target", "so_far", "expected")]
        if isinstance(row.target, str):
            if row.target:
                put_text(cells[0], row.target)
            return
        if row.unit == "%":
            places = decimals(row.target.normalize())
            cells[0].value = float(row.target / HUNDRED)
            cells[0].number_format = f"0.{'0' * places}%" if places else "0%"
            cells[1].number_format = cells[2].number_format = "0.00%"
        else:
            cells[0].value = float(row.target) if row.target % 1 else int(row.target)

    def _check(self, field: Field, hint: str, kind: str = "", first: str = "", last: str = "") -> None:
        """A prompt at an input, with its list or its bounds; inputs of the same kind share one."""
        key = (hint, first)
        if key not in self.lists:
            title, words = _guidance()["hints"][hint]
            rule: dict[str, Any] = {"type": kind, "formula1": first} if kind else {}
            if last:
                rule |= {"operator": "between", "formula2": last}
            made = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=bool(kind), **rule)
            made.promptTitle, made.prompt, made.errorTitle, made.error = title, words, f"{title}填得不对", words
            self.lists[key] = made
            self.sheet.add_data_validation(made)
        self.lists[key].add(self.places[field])

    def _light(self, field: Field) -> str:
        """The light as a formula: the rules of `scoring.lights` for figures and for the words of the levels."""
        target, value, sign, kind = (self.places[f"{field}.{one}"] for one in ("target", "so_far", "op", "kind"))
        lights, found = self.rules.lights, '""'
        for rule in reversed(self.rules.rules):
            starts = ",".join(f'LEFT({kind},{len(word)})="{word}"' for word in rule.kinds)
            found = f"IF(OR({starts}),{self._measured(rule, target, value, sign)},{found})"
        words = '""'
        for level in reversed(self.rules.levels):
            words = f'IF(LEFT({value},{len(level.words)})="{level.words}","{lights[level.light]}",{words})'
        figures = f"AND(ISNUMBER({target}),ISNUMBER({value}))"
        signed = f'AND(N({target})>=0,N({value})>=0,{sign}<>"",{sign}<>"{IN_WORDS}")'
        return f'=IF(ISTEXT({value}),{words},IF({figures},IF({signed},{found},""),""))'

    def _measured(self, rule: LightRule, target: str, value: str, sign: str) -> str:
        lights = self.rules.lights
        inside, outside = (f'"{lights[one]}"' if one else '""' for one in (self.rules.inside, self.rules.outside))
        falls = f'OR({sign}="≤",{sign}="＜",{sign}="<")'
        below = f'IF(OR({value}<{target},AND({value}={target},{sign}="≤")),{inside},{outside})'
        equal = f'IF(OR({sign}="＝",{sign}="="),IF({value}={target},{inside},IF({value}<{target},{outside},"")),'
        above = f'{equal}IF(OR({value}>{target},AND({value}={target},{sign}="≥")),{inside},{outside}))'
        if rule.measure == "month":
            above = f'"{lights[rule.otherwise]}"' if rule.otherwise else '""'
            for limit, light in reversed(rule.steps):
                share = f"ROUND({value}*{plain(HUNDRED * MONTHS)}-{target}*{plain(limit * self.month)},6)<0"
                above = f'IF({share},"{lights[light]}",{above})'
            above = f'IF({target}<=0,"",{above})'
        return f"IF({falls},{below},{above})"
