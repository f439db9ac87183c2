"""New workbooks, built with openpyxl from scheme and layout: the empty official form, with live formulas."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from workbook_tools.excel import Book
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.layout import FOLDER, INSTRUCTIONS, Placement, load_layout
from workbook_tools.forms.placing import place
from workbook_tools.schemes.scheme import Group, Scheme
from workbook_tools.template.drawing import BODY, BOX, WIDTHS, Area, draw_form, put_words, text_height, tint_blanks
from workbook_tools.template.formulas import form_formulas, grade_formula
from workbook_tools.template.inputs import PlainForm
from workbook_tools.template.instructions import explain
from workbook_tools.template.rows import REPORT, with_rows
from workbook_tools.values import plain

EPOCH = (1980, 1, 1, 0, 0, 0)
ROWS_A_GROUP = 10
OWN = len(WIDTHS) + 1  # the column behind the form, outside of the printed area
OWN_HEADING = "手填得分\n（定性指标、扣分、基建项目填在这里）"
POINTS = "0.00"
LONG_TEXT_SPANS = 6  # a blank cell over more columns than this is for a text
LONGEST_TEXT = 300  # characters: 完成情况 may have 200, and people break lines
LEAST_ROOM = 120.0  # points of a row of texts
SMALL = Font(name=BODY.name, size=9, color="7F7F7F")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_REFERENCE = re.compile(rb"&#([0-9]{3,7});")


def form_workbook(
    scheme: Scheme,
    year: int | None = None,
    data: Mapping[Field, str] | None = None,
    typed: frozenset[Field] = frozenset(),
) -> Workbook:
    """The empty official form of a scheme; its text stands beside its layout, all rules come from the scheme.

    `year` is printed where the scheme is not of one year; without either there is room to write it.
    With data it has the rows that the data has, and prints what the data prints where the form prints something;
    `typed` are the fields whose cells get no formula, because the data says another figure. Raises `FormNotRecognised`
    where the data does not tell which table a row belongs to.
    """
    text = (FOLDER / scheme.layout / "form.txt").read_text("utf-8")
    shown = f"{scheme.year or year or '　　　　'}年"
    lines = [drawn for line in text.splitlines() for drawn in _lines(line, scheme, shown)]
    workbook = draw_form(lines)
    if data:
        placement, whole = _placed(workbook, scheme)
        workbook = draw_form(with_rows(lines, placement, whole, scheme, load_layout(scheme.layout), data))
    sheet = workbook.worksheets[0]
    if scheme.deductions.rows:
        _make_room(sheet)
        _add_own_column(sheet)
    placement, whole = _placed(workbook, scheme)
    plain_form = PlainForm(workbook, scheme, placement, whole, typed)
    if scheme.deductions.rows:
        _Fields(sheet, scheme, placement, typed).fill()
    else:
        plain_form.fill()
    for field, words in (data or {}).items():
        if field not in placement.cells or field in placement.prefixes:
            continue
        cell = plain_form.cell(field)
        if cell.value is not None and cell.data_type != "f" and str(cell.value).strip() != words:
            put_words(cell, words)
        if field in typed and "%" in cell.number_format and "%" not in words:
            cell.number_format = "General"  # 99.92 is not 9992%
    for field in placement.cells:
        workbook.defined_names[field] = DefinedName(field, attr_text=plain_form.reference(field))
    report = REPORT in workbook.sheetnames
    explain(workbook.create_sheet(INSTRUCTIONS, -1 if report else None), scheme)  # a report goes on to the last row
    return workbook


def _placed(workbook: Workbook, scheme: Scheme) -> tuple[Placement, Sheet]:
    """Where everything stands in the form that has been drawn, and its sheets as one."""
    book = Book(workbook_bytes(workbook))
    drawn = [book.sheet(info) for info in book.sheets]
    whole: Sheet = JoinedSheet(drawn) if len(drawn) > 1 else drawn[0]
    return place(whole, load_layout(scheme.layout)), whole


def workbook_bytes(workbook: Workbook) -> bytes:
    """The saved workbook; the same workbook always gives the same bytes (no clock in it)."""
    dated = datetime.datetime(*EPOCH)  # noqa: DTZ001 - openpyxl writes it without a zone
    workbook.properties.created = workbook.properties.modified = dated
    draft = io.BytesIO()
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = ExcelWriter(workbook, archive)
        writer.write_data()
    fixed = io.BytesIO()
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, _REFERENCE.sub(_in_utf8, source.read(name)))
    return fixed.getvalue()


def _in_utf8(reference: re.Match[bytes]) -> bytes:
    """A Chinese character as Excel writes it; openpyxl writes every one of them as a number."""
    return chr(int(reference[1])).encode()


def _lines(line: str, scheme: Scheme, year: str) -> Iterator[str]:
    """The printed rows that a line of the form's text stands for: itself, or rows that the scheme knows."""
    word, _, rest = line.partition(" ")
    if word == "@title":
        yield scheme.title
    elif word == "@grades":
        yield scheme.grade_quote
    elif word == "@goal":
        yield f"{rest} | < | < | < |  | < | < |"
    elif word == "@rows":
        name, _, pattern = rest.partition(" ")
        yield from _pattern_lines(scheme, scheme.group(name), pattern)
    elif word == "@group":
        yield from _group_lines(scheme, scheme.group(rest))
    elif word == "@deductions":
        yield from _deduction_lines(scheme)
    else:
        yield line.replace("@year", year)


def _pattern_lines(scheme: Scheme, group: Group, pattern: str) -> Iterator[str]:
    """A row for each kind of the group; its label stands in the first and goes down over the others."""
    above = ""
    known = group.points is not None and len(scheme.together(group)) == 1
    for number, kind in enumerate(group.kinds):
        line = pattern.replace("@points", plain(group.most) if known else "　　")
        label = line.partition("|")[0].replace("@label", group.label).strip()
        rest = line.partition("|")[2].replace("@kind", "^" if kind == above else kind)
        yield f"{label if number == 0 or not label else '^'} |{rest}"
        above = kind


def _group_lines(scheme: Scheme, group: Group) -> Iterator[str]:
    first = f"{group.label}¶({plain(group.most)}分)"
    if group.weights == "rules":
        for rule in scheme.budget:
            bands = "；¶".join((*rule.quote.rstrip("。").split("；"), rule.exempt_quote.rstrip("。"))).rstrip("；¶")
            weight = f"{plain(rule.most)} {{0.00}}"
            yield f"{first} | {rule.label} | {rule.formula} | < | < | {weight} | {bands} | {{0.00%}} | - | {{0.00}}"
            first = "^"
        return
    for number in range(ROWS_A_GROUP):
        kind = group.kinds[number] if number < len(group.kinds) else ""
        yield f"{first} | {kind} |  | < | < | {{0.00}} |  |  | {{0.00%}} | {{0.00}}"
        first = "^"


def _deduction_lines(scheme: Scheme) -> Iterator[str]:
    above = ""
    for row in scheme.deductions.rows:
        label = row.group if row.group != scheme.deductions.label else scheme.deductions.quote.replace(" ", "¶")
        weight = "—" if row.points is None else plain(row.points)
        first = "^" if label == above else label
        yield f"{first} | {row.label} | {row.quote} | < | < | {weight} | - | - |  | {{0.00}}"
        above = label


def _make_room(sheet: Worksheet) -> None:
    """Makes the rows high enough for the texts that people write into wide blank cells, beside each other or alone."""
    for area in sheet.merged_cells.ranges:
        words = str(sheet.cell(area.min_row, area.min_col).value or "")
        wide = area.max_col - area.min_col >= LONG_TEXT_SPANS and area.min_row > 1
        if (wide and not words) or words.endswith("目标："):
            beside = [one for one in sheet.merged_cells.ranges if one.min_row == area.min_row == one.max_row]
            texts = [Area("字" * LONGEST_TEXT, "", one.min_col, one.max_col) for one in beside]
            sheet.row_dimensions[area.min_row].height = max(LEAST_ROOM, text_height(texts, WIDTHS))
            for one in beside:
                top = Alignment(horizontal="left", vertical="top" if words else "center", wrap_text=True)
                sheet.cell(one.min_row, one.min_col).alignment = top


def _add_own_column(sheet: Worksheet) -> None:
    """Heads the column for a person's own scores at every table of indicators."""
    sheet.column_dimensions[get_column_letter(OWN)].width = 20
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 2).value == "二级指标":
            cell = sheet.cell(row, OWN, OWN_HEADING)
            cell.font, cell.alignment = SMALL, CENTRED


class _Fields:
    """Formulas, formats, locks and hints of the placed fields of one form."""

    def __init__(self, sheet: Worksheet, scheme: Scheme, placement: Placement, typed: frozenset[Field]) -> None:
        self.sheet, self.scheme, self.cells, self.typed = sheet, scheme, placement.cells, typed
        self.rows: dict[str, list[Field]] = {}
        for group, row in placement.rows:
            self.rows.setdefault(group, []).append(row)
        self.deductions = dict(zip(self.rows["deduction"], scheme.deductions.rows, strict=True))
        self.hints: dict[tuple[str, ...], DataValidation] = {}

    def at(self, field: Field) -> str:
        """The cell of a field as a formula names it."""
        row, column = self.cells[field]
        return f"{get_column_letter(column)}{row}"

    def fill(self) -> None:
        """Puts everything into the sheet."""
        formulas = form_formulas(self.scheme, self.rows, self.at)
        veto = next(row for row, printed in self.deductions.items() if printed.points is None)
        label = str(self.sheet[self.at("grade")].value)
        formulas["grade"] = grade_formula(self.scheme, label, veto, self.at)
        formulas = {field: formula for field, formula in formulas.items() if field not in self.typed}
        for field, formula in formulas.items():
            self.sheet[self.at(field)] = formula
        for group in self.scheme.groups:
            if group.weights == "equal":
                cell = self.sheet[self.at(f"counts.{group.name}")]
                cell.number_format = f'"{group.divisor} = "0'
                cell.font, cell.alignment = SMALL, CENTRED
        self._inputs(formulas)
        self._hints()
        self.sheet.protection.sheet = True
        self.sheet.protection.formatCells = self.sheet.protection.formatColumns = False
        self.sheet.protection.formatRows = self.sheet.protection.insertRows = False
        self.sheet.freeze_panes = "A4"

    def _inputs(self, formulas: Mapping[Field, str]) -> None:
        """Unlocks what a person fills in: every blank cell of the form, the person's own scores, the texts."""
        own = [self.cells[field] for field in self.cells if field.endswith(".own") and self._takes_own(field)]
        merged = {cell for area in self.sheet.merged_cells.ranges for cell in list(area.cells)[1:]}
        for row in self.sheet.iter_rows(min_row=3, max_col=len(WIDTHS)):
            for cell in row:
                place = (cell.row or 0, cell.column or 0)
                open_text = str(cell.value or "").endswith(("目标：", "填报日期："))
                if place not in merged and (cell.value is None or open_text):
                    own.append(place)
        own += [self.cells[field] for field in self.cells if self._changeable(field)]
        inputs = set(own) - {self.cells.get(field) for field in formulas}
        labels = {str(self.sheet.cell(*place).value) for place in inputs if self.sheet.cell(*place).value}
        tint_blanks(self.sheet, inputs, sorted(label for label in labels if label.endswith("：")))
        for place in inputs:
            cell = self.sheet.cell(*place)
            cell.protection = Protection(locked=False)
            if place[1] == OWN:
                cell.number_format, cell.border = POINTS, BOX
                cell.alignment = CENTRED

    def _takes_own(self, field: Field) -> bool:
        judged = [f"budget.{rule.field}.own" for rule in self.scheme.budget if rule.exempt]
        judged += [f"{row}.own" for row, printed in self.deductions.items() if printed.points is not None]
        return field.startswith("indicators.") or field in judged

    def _changeable(self, field: Field) -> bool:
        return field in ("budget.year",) or (field.startswith("indicators.") and field.endswith(".kind"))

    def _hints(self) -> None:
        money = "元，只填数字，如 17160681.00"
        for field in ("initial", "spent"):
            self._number(f"budget.{field}", "金额", money, "0", "1E+15")
        self._number("budget.adjusted", "预算调整额", "元；调减填负数，调增填正数，没有调整填 0", "-1E+15", "1E+15")
        for rule in self.scheme.budget:
            if rule.exempt:
                note = f"只有基建项目填，0 到 {plain(rule.most)}：{rule.exempt_quote}"
                self._number(f"budget.{rule.field}.own", "手填得分", note, "0", plain(rule.most))
        for group in self.scheme.groups:
            for row in self.rows.get(group.name, []):
                self._row_hints(row, group)
        said = self.scheme.deductions.none[0]
        for row, printed in self.deductions.items():
            if printed.points is None:
                happened = self.scheme.deductions.veto_words[0]
                note = f"没有发生选“{said}”，发生了选“{happened}”"
                self._hint(f"{row}.rate", "是否发生", note, type="list", formula1=f'"{said},{happened}"')
            else:
                note = f"没有发生选“{said}”；发生了写明情况，扣分填右边“手填得分”"
                self._hint(f"{row}.rate", "是否发生", note, refuse=False, type="list", formula1=f'"{said}"')
                most = plain(printed.points)
                self._number(f"{row}.own", "扣分", f"发生了才填，负数，{most} 到 0", most, "0")

    def _row_hints(self, row: Field, group: Group) -> None:
        kinds = f'"{",".join(group.kinds)}"'
        self._hint(f"{row}.kind", "二级指标", "可以从下拉表中选", refuse=False, type="list", formula1=kinds)
        named = f"不考核的写“无”，不计入 {group.divisor}；单位也写在这里"
        self._hint(f"{row}.name", "指标内容", named, refuse=False)
        for part, title in (("target", "指标值"), ("actual", "完成值")):
            cell = self.at(f"{row}.{part}")
            first = f"LEFT({cell},1)"
            words = f'AND(ISERROR(VALUE({first})),ISERROR(FIND({first},"≥≤＞＜><=＝")))'
            note = "只填数字，单位写在指标内容里；定性指标写文字，得分填右边“手填得分”"
            allowed = f"OR(ISNUMBER({cell}),{words})"
            if part == "target":
                note += "；越低越好的（故障率、投诉次数、成本等）在数字前面写“≤”"
                signed = f'ISNUMBER(FIND({first},"≥≤")),ISNUMBER(VALUE(MID({cell},2,20))),ISERROR(FIND("%",{cell}))'
                allowed = f"OR(ISNUMBER({cell}),{words},AND({signed}))"
            self._hint(f"{row}.{part}", title, note, type="custom", formula1=allowed)
        own = "定性指标按完成情况自行评分，0 到权重之间；定量指标不用填"
        self._number(f"{row}.own", "手填得分", own, "0", self.at(f"{row}.weight"))

    def _number(self, field: Field, title: str, words: str, least: str, most: str) -> None:
        self._hint(field, title, words, type="decimal", operator="between", formula1=least, formula2=most)

    def _hint(self, field: Field, title: str, words: str, *, refuse: bool = True, **rule: Any) -> None:
        """A prompt at an input, and a refusal of what it cannot take; inputs of the same rule share one."""
        key = (title, words, *(f"{name}={value}" for name, value in rule.items()))
        if key not in self.hints:
            hint = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=refuse, **rule)
            hint.promptTitle, hint.prompt = title, words
            hint.errorTitle, hint.error = f"{title}填得不对", words
            self.hints[key] = hint
            self.sheet.add_data_validation(hint)
        self.hints[key].add(self.at(field))
