"""What goes into a form and what comes out of it as data: fields and words, in TOML, JSON, CSV or a workbook.

A field is named by its path, its cell, its printed label or the name of its indicator; `naming` tells which is meant.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.errors import BadData, FileRejected
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.intake import is_other
from workbook_tools.excel.sheet import MOST_COLUMNS
from workbook_tools.excel.tables import MOST_DATA, TOO_LONG, escape_csv_formula, read_rows, unreadable
from workbook_tools.fill import read_and_score
from workbook_tools.forms.form import Field
from workbook_tools.forms.naming import field_labels
from workbook_tools.forms.page import SheetText
from workbook_tools.forms.reading import words_at
from workbook_tools.forms.recognition import forms_of
from workbook_tools.text import regex, visible, wrong_in_cell
from workbook_tools.values import MOST_DIGITS, UNCALCULATED, decimals, format_value, normalize, plain

FIELD, LABEL, CELL, WORDS, COMPUTED, WHY = "项目", "名称", "单元格", "内容", "按办法", "依据"
KEYS = (FIELD, "字段", "指标", CELL, LABEL)  # headings of columns that name a field, the first that is filled counts
_QUOTE, _NUMBER = "'", regex(r"-?[\d,.]+%?")


class ExportedLine(NamedTuple):
    """What a field comes to by the scheme, None where that is open, and why."""

    value: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedForm:
    """One form as data, every value as it is printed.

    Attributes:
        file: the name of the workbook.
        sheet: the sheet of the form.
        form: what the form is called among those of the workbook: its sheet, and which of its forms it is.
        scheme: the name of the scheme.
        fields: field path → words, "" where the cell is blank.
        labels: field path → what the form calls it.
        cells: field path → its cell.
        scores: field path → what it comes to by the scheme, and why.
        total: 总分 by the scheme, None while it is open.
        grade: 等级 by the scheme, likewise.
    """

    file: str
    sheet: str
    form: str
    scheme: str
    fields: Mapping[Field, str]
    labels: Mapping[Field, str]
    cells: Mapping[Field, str]
    scores: Mapping[Field, ExportedLine]
    total: str | None
    grade: str | None

    def record(self) -> dict[str, object]:
        """The form as JSON has it; `fields` are also what `read_data` takes."""
        plain_record: dict[str, object] = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain_record | {"scores": {field: line._asdict() for field, line in self.scores.items()}}

    def rows_named(self, indicator: str) -> list[Field]:
        """The rows of indicators with a name."""
        return [
            field.removesuffix(".name")
            for field, words in self.fields.items()
            if field.startswith("indicators.") and field.endswith(".name") and normalize(words) == normalize(indicator)
        ]


def exported(path: Path, scheme: str | None = None) -> list[ExportedForm]:
    """Every form of a workbook: its fields as printed and its scores; raises `FileRejected` or `FormNotRecognised`."""
    found = []
    for form in forms_of(read_book(read_file(path)), scheme):
        sheet, known, page = form
        placement, _, scores = read_and_score(sheet, known, page)
        labels = field_labels(sheet, placement)
        words = {field: words_at(sheet, placement, field) or "" for field in labels}
        found.append(
            ExportedForm(
                file=path.name,
                sheet=sheet.name,
                form=form.name,
                scheme=known.name,
                fields={field: "" if said == UNCALCULATED else said for field, said in words.items()},
                labels=labels,
                cells={field: sheet.address(placement.cells[field]) for field in labels},
                scores={
                    field: ExportedLine(None if line.value is None else format_value(line.value), line.why)
                    for field, line in scores.lines.items()
                },
                total=None if scores.total is None else format_value(scores.total),
                grade=scores.grade,
            )
        )
    return found


def read_data(path: Path) -> dict[str, str]:
    """Field as the file names it → words, in its order, where there are any; raises `BadData`."""
    data = _read_data(path)
    for key, words in data.items():
        if why := wrong_in_cell(words) or wrong_in_cell(key):
            raise BadData(f"{path}：“{visible(key[:40])}”的内容{why}")
    return data


def _read_data(path: Path) -> dict[str, str]:
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm") or is_other(path):
        try:
            return _from_workbook(path)
        except FileRejected as refused:
            raise BadData(f"{path}：{refused}") from None
    if kind == ".csv":
        try:
            rows = read_rows(path)
        except FileRejected as refused:
            raise BadData(str(refused)) from None
        return {_unquoted(field): _unquoted(words) for field, words in _pairs(rows, str(path)).items()}
    if kind not in (".toml", ".json"):
        raise BadData(f"{path}：只认 .toml、.json、.csv、.xlsx，请另存为其中一种")
    try:
        data = read_file(path)
    except FileRejected as refused:
        raise BadData(f"{path}：{refused}") from None
    try:
        if len(data) > MOST_DATA:
            raise BadData(f"{path}：{TOO_LONG}")
        text = data.decode("utf-8-sig")
        if kind == ".toml":
            return dict(_flat(tomllib.loads(text, parse_float=Decimal)))
        return dict(_flat(_of_form(json.loads(text, parse_float=Decimal, parse_constant=_refused))))
    except (ValueError, RecursionError, ArithmeticError) as fault:
        written = '"字段" = "内容"' if kind == ".toml" else '{"字段": "内容"}'
        cure = "" if isinstance(fault, UnicodeDecodeError) else f"；请按 {written} 的写法改正"
        raise BadData(f"{path}：{unreadable(fault)}{cure}") from fault


def _refused(constant: str) -> object:
    raise BadData(f"内容里有“{constant}”，不是数；请改正")


def as_table(form: ExportedForm) -> str:
    """An exported form as CSV: every field with its label, cell and words, its computed value and the reason.

    Words that a spreadsheet would take for a formula stand behind a ', which `read_data` takes away again.
    """
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((FIELD, LABEL, CELL, WORDS, COMPUTED, WHY))
    for field in dict.fromkeys((*form.fields, *form.scores)):
        line = form.scores.get(field, ExportedLine("", ""))
        said = (form.labels.get(field, ""), form.cells.get(field, ""), form.fields.get(field, ""))
        writer.writerow((field, *map(_quoted, (*said, line.value or "", line.why))))
    return out.getvalue()


def _quoted(words: str) -> str:
    return words if _NUMBER.fullmatch(words) else escape_csv_formula(words.strip(), _QUOTE)


def _unquoted(words: str) -> str:
    return words[1:] if words[:1] == _QUOTE and escape_csv_formula(words[1:], _QUOTE) == words else words


def _of_form(data: object) -> object:
    """The fields of what `export` wrote, or the data itself."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return data["fields"] if isinstance(data, dict) and "fields" in data else data


def _flat(data: object, above: str = "") -> Iterable[tuple[str, str]]:
    if not isinstance(data, Mapping):
        named = f"“{above.rstrip('.')}”的" if above else "文件的"
        raise BadData(f"{named}写法不对，要写成 字段 = 内容")
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif not isinstance(value, str | int | Decimal) or isinstance(value, bool):
            raise BadData(f"“{above}{key}”的内容写法不对，要是文字或数")
        elif words := value.strip() if isinstance(value, str) else _plain(value, f"{above}{key}"):
            yield f"{above}{key}", words


def _plain(value: int | Decimal, key: str) -> str:
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or decimals(number) > 2 * MOST_DIGITS:
        raise BadData(f"“{key}”的内容不是表里能写的数；请改正，或写成文字")
    return plain(number)


def _from_workbook(path: Path) -> dict[str, str]:
    book = read_book(read_file(path))
    for info in book.sheets:
        sheet = book.sheet(info)
        columns = range(1, min(sheet.size[1], MOST_COLUMNS) + 1)
        rows = ([sheet.text((row, column)) for column in columns] for row in SheetText(sheet).rows)
        listed = [row for row in rows if any(row)]
        heading = next((number for number, row in enumerate(listed) if _columns(row)), None)
        if heading is not None:
            return _pairs(listed[heading:], str(path))
    raise BadData(f"{path}：找不到数据；第一行{_HEADINGS}")


_HEADINGS = f"要写列名：{FIELD}（或 {LABEL}、{CELL}）和 {WORDS}"


def _columns(heading: Iterable[str]) -> tuple[list[int], int] | None:
    """The columns that name a field and the column of its words, None where the row is not their heading."""
    words = [word.strip() for word in heading]
    keys = [words.index(key) for key in KEYS if key in words]
    return (keys, words.index(WORDS)) if keys and WORDS in words else None


def _pairs(rows: Iterable[list[str]], where: str) -> dict[str, str]:
    listed = [row for row in rows if any(word.strip() for word in row)]
    columns = _columns(listed[0]) if listed else None
    if columns is None:
        raise BadData(f"{where}：第一行{_HEADINGS}")
    found: dict[str, str] = {}
    for row in listed[1:]:
        padded = [*(word.strip() for word in row), *[""] * len(listed[0])]
        key, words = next((padded[key] for key in columns[0] if padded[key]), ""), padded[columns[1]]
        if key and words and found.setdefault(key, words) != words:
            raise BadData(f"{where}：“{key}”写了两次，内容不一样；请只留一行")
    return found
