"""New workbooks, built with openpyxl from a scheme: the empty official form, with live formulas."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from openpyxl import Workbook

from workbook_tools.errors import BadScheme
from workbook_tools.excel import Book, verified
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.new_book import new_book_bytes
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.schemes.files import OFFICIAL, is_official
from workbook_tools.schemes.scheme import BudgetRule, Group, Scheme
from workbook_tools.template.drawing import draw_form
from workbook_tools.template.guidance import load_guidance
from workbook_tools.template.inputs import EmptyForm, add_own_scores
from workbook_tools.template.instructions import explain
from workbook_tools.template.rows import REPORT, with_rows
from workbook_tools.text import regex
from workbook_tools.values import plain

EPOCH = (1980, 1, 1, 0, 0, 0)
_REFERENCE = regex(rb"&#([0-9]{3,7});")
_BLANK = regex(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(?: t="n")?></c>')
_ROWS = regex(r"(?m)^@rows (\w+)(?:\*(\d+))? (.*)$")


def form_workbook(
    scheme: Scheme,
    year: int | None = None,
    data: Mapping[Field, str] | None = None,
    typed: frozenset[Field] = frozenset(),
) -> Workbook:
    """The empty official form of a scheme; its text stands beside the scheme, from which all rules come.

    `year` is printed where the scheme is not of one year; without either there is room to write it.
    With data it has the rows that the data has, and prints what the data prints where the form prints something;
    `typed` are the fields whose cells get no formula, because the data says another figure. Raises `FormNotRecognised`
    where the data does not tell which table a row belongs to.
    """
    shown = f"{scheme.year or year or '　　　　'}年"
    lines = [drawn for line in _form_text(scheme).splitlines() for drawn in _lines(line, scheme, shown)]
    workbook = draw_form(lines)
    if data:
        placement, whole = _placed(workbook, scheme)
        workbook = draw_form(with_rows(lines, placement, whole, scheme, data))
    guidance = load_guidance(scheme.name)
    add_own_scores(workbook.worksheets[0], scheme, guidance)
    placement, whole = _placed(workbook, scheme)
    form = EmptyForm(workbook, scheme, placement, whole, guidance, typed)
    form.fill()
    form.print_data(data or {})
    form.name_fields()
    report = REPORT in workbook.sheetnames
    explain(workbook.create_sheet(INSTRUCTIONS, -1 if report else None), scheme)  # a report goes on to the last row
    return workbook


def rows_drawn(scheme: Scheme) -> dict[str, int]:
    """The rows that the empty form has for each group of indicators, in the order of the form."""
    printed = {found[1]: found[2] for found in _ROWS.finditer(_form_text(scheme))}
    indicators = [group for group in scheme.groups if group.weights != "rules"]
    return {group.name: int(printed.get(group.name) or len(group.kinds)) for group in indicators}


def _form_text(scheme: Scheme) -> str:
    if not is_official(scheme.name):
        raise BadScheme(
            f"“{scheme.title}”的空白表是局里自己的，不由本工具画；请用 workbook_tools new --scheme {scheme.name}"
        )
    return (OFFICIAL / scheme.name / "form.txt").read_text("utf-8")


def _placed(workbook: Workbook, scheme: Scheme) -> tuple[Placement, Sheet]:
    """The placement of the drawn form, and its sheets joined into one."""
    book = Book(workbook_bytes(workbook))
    drawn = [book.sheet(info) for info in book.sheets]
    whole: Sheet = JoinedSheet(drawn) if len(drawn) > 1 else drawn[0]
    return place(whole, scheme), whole


def workbook_bytes(workbook: Workbook) -> bytes:
    """The saved workbook; the same workbook always gives the same bytes (no clock in it)."""
    dated = datetime.datetime(*EPOCH)  # noqa: DTZ001 - openpyxl writes it without a zone
    workbook.properties.created = dated
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(new_book_bytes(workbook, dated))) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = _BLANK.sub(rb"\1/>", source.read(name))  # a blank cell as Excel writes it
            target.writestr(entry, _REFERENCE.sub(_in_utf8, content))
    return verified(fixed.getvalue())


def _in_utf8(reference: re.Match[bytes]) -> bytes:
    """A Chinese character as Excel writes it; openpyxl writes every one of them as a number."""
    return chr(int(reference[1])).encode()


def _lines(line: str, scheme: Scheme, year: str) -> Iterator[str]:
    """The printed rows that a line of the form's text stands for: itself, or rows that the scheme knows."""
    word, _, rest = line.partition(" ")
    name, _, pattern = rest.partition(" ")
    if word == "@title":
        yield scheme.title
    elif word == "@grades":
        yield scheme.grade_quote
    elif rows := _ROWS.fullmatch(line):
        group = scheme.group(rows[1])
        yield from _patterned(rows[3], _indicators(scheme, group, int(rows[2] or len(group.kinds))))
    elif word == "@budget":
        group = scheme.group(name)
        yield from _patterned(pattern, ({**_points(scheme, group), **_rate(rule)} for rule in scheme.budget))
    elif word == "@deductions":
        yield from _patterned(rest, _deductions(scheme))
    else:
        yield line.replace("@year", year)


def _patterned(pattern: str, rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The pattern for each row, with its words; a first cell or a kind that stands above goes on."""
    above: list[str] = []
    for words in rows:
        parts = pattern.split("|")
        cells = [_worded(part, words) for part in parts]
        going_on = [n == 0 or "@kind" in part or "@label" in part for n, part in enumerate(parts)]
        same = [
            bool(above and again and cell and cell == above[n])
            for n, (cell, again) in enumerate(zip(cells, going_on, strict=True))
        ]
        yield " | ".join("^" if again else cell for cell, again in zip(cells, same, strict=True))
        above = cells


def _worded(part: str, words: Mapping[str, str]) -> str:
    for sign, word in words.items():
        part = part.replace(sign, word)
    return part.strip()


def _points(scheme: Scheme, group: Group) -> dict[str, str]:
    known = group.points is not None and len(scheme.together(group)) == 1
    return {"@label": group.label, "@points": plain(group.most) if known else "　　"}


def _indicators(scheme: Scheme, group: Group, count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        kind = group.kinds[number] if number < len(group.kinds) else ""
        yield {**_points(scheme, group), "@kind": kind}


def _rate(rule: BudgetRule) -> dict[str, str]:
    bands = "；¶".join((*rule.quote.rstrip("。").split("；"), rule.exempt_quote.rstrip("。"))).rstrip("；¶")
    return {"@rule": rule.label, "@formula": rule.formula, "@weight": plain(rule.most), "@bands": bands}


def _deductions(scheme: Scheme) -> Iterator[dict[str, str]]:
    for row in scheme.deductions.rows:
        group = row.group if row.group != scheme.deductions.label else scheme.deductions.quote.replace(" ", "¶")
        weight = "—" if row.points is None else plain(row.points)
        yield {"@group": group, "@row": row.label, "@quote": row.quote, "@weight": weight}
