"""The empty form of a scheme with the rows that data has: indicators, sources of money, evaluators, months, texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.naming import ROW
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.printed import REPORT_TITLE
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.template.drawing import as_printed, words_and_format
from workbook_tools.text import regex
from workbook_tools.values import normalize

_NUMBERED_TEXT = regex(r"texts\.(\w+)\.(\d+)")
REPORT = "报告"  # the sheet of the report that a form comes with
_CONTINUED = ("^", "<")


class GivenTable(NamedTuple):
    """The rows of a table that data has, from the first to the last, and the columns that it fills in any of them."""

    rows: list[int]
    columns: frozenset[str]


class TableRow(NamedTuple):
    """A row of the empty form: its field path, the line that draws it, and the column of each of its fields."""

    field: Field
    line: int
    columns: Mapping[str, int]


def with_rows(
    lines: Sequence[str], placement: Placement, sheet: Sheet, scheme: Scheme, data: Mapping[Field, str]
) -> list[str]:
    """The lines of an empty form, drawn again with as many rows as the data has, and what the data prints in them.

    Raises `FormNotRecognised` where the data does not tell which table a row belongs to.
    """
    lines = _more_evaluators(list(lines), placement, sheet, data)
    tables = _tables(lines, placement, sheet)
    new: dict[int, list[str]] = {}  # line → the lines that take its place
    for name, given in _given(data).items():
        segments = _segments(tables.get(name, []))
        shares = _shares(name, segments, given, placement, scheme, data) if segments else []
        for segment, numbers in zip(segments, shares, strict=True):
            _draw_rows(new, lines, name, segment, numbers, given.columns, data)
    _draw_texts(new, lines, placement, sheet, data)
    drawn = [line for number, old in enumerate(lines) for line in new.get(number, [old])]
    return [*drawn, *_report(scheme, placement, data)]


def _lines_of_rows(lines: Sequence[str]) -> dict[tuple[str, int], int]:
    """Sheet and row → the number of the line that draws it."""
    found: dict[tuple[str, int], int] = {}
    name, row = "", 0
    for number, line in enumerate(lines):
        if line.startswith("== "):
            name, row = line[3:].strip(), 0
        elif line and not line.startswith("= "):
            row += 1
            found[name, row] = number
    return found


def _line_of(drawn: Mapping[tuple[str, int], int], sheet: Sheet, cell: tuple[int, int]) -> int:
    name, _, address = sheet.address(cell).rpartition("!")
    row = int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return drawn.get((name, row), drawn.get(("", row), -1))


def _tables(lines: Sequence[str], placement: Placement, sheet: Sheet) -> dict[str, list[TableRow]]:
    """Every table of the form, with its rows in the order of the sheet."""
    drawn = _lines_of_rows(lines)
    rows: dict[Field, dict[str, tuple[int, int]]] = {}
    for field, cell in placement.cells.items():
        if found := ROW.fullmatch(field):
            rows.setdefault(found[1], {})[found[2]] = cell
    tables: dict[str, list[TableRow]] = {}
    for field, cells in rows.items():
        line = max(_line_of(drawn, sheet, cell) for cell in cells.values())
        columns = {part: cell[1] for part, cell in cells.items()}
        tables.setdefault(field.rpartition(".")[0], []).append(TableRow(field, line, columns))
    return tables


def _given(data: Mapping[Field, str]) -> dict[str, GivenTable]:
    """The tables of which data has rows."""
    found: dict[str, tuple[set[int], set[str]]] = {}
    for field in data:
        if row := ROW.fullmatch(field):
            table, _, number = row[1].rpartition(".")
            numbers, columns = found.setdefault(table, (set(), set()))
            numbers.add(int(number))
            columns.add(row[2])
    return {
        table: GivenTable(list(range(1, max(numbers) + 1)), frozenset(columns))
        for table, (numbers, columns) in found.items()
    }


def _segments(rows: Sequence[TableRow]) -> list[list[TableRow]]:
    """The rows of a table by the runs of lines that they stand in: a subtotal or a heading may lie between."""
    found: list[list[TableRow]] = []
    for row in rows:
        if found and row.line == found[-1][-1].line + 1:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _shares(
    table: str,
    segments: Sequence[list[TableRow]],
    given: GivenTable,
    placement: Placement,
    scheme: Scheme,
    data: Mapping[Field, str],
) -> list[list[int]]:
    """Which rows of the data stand in which part of the table."""
    blank = sum(map(len, segments))
    if given.columns.isdisjoint(("label", "kind", "name", "month")):  # figures for the rows that the form has
        if given.rows[-1] > blank:
            raise FormNotRecognised(f"数据有 {table}.{given.rows[-1]}，空白表只有 {blank} 行；请在数据里写出各行的名称")
        return [[int(row.field.rpartition(".")[2]) for row in segment] for segment in segments]
    if len(segments) == 1:
        return [given.rows]
    groups = {field: group for group, field in placement.rows}
    names = [groups[segment[0].field] for segment in segments]
    belongs = [_part_of(f"{table}.{number}", names, scheme, data) for number in given.rows]
    shares: list[list[int]] = [[] for _ in segments]
    now = 0
    for number, part in zip(given.rows, belongs, strict=True):
        following = next((later for later in belongs[number:] if later is not None), None)
        if part is None and following not in (None, now):
            raise FormNotRecognised(
                f"无法确定 {table}.{number} 在哪一张指标表里；请在数据里写出它的二级指标（{table}.{number}.kind）"
            )
        part = now if part is None else part
        if part < now:
            raise FormNotRecognised(f"{table}.{number} 排在后一张指标表的行后面；请按表上的先后给各行编号")
        now = part
        shares[now].append(number)
    for segment, numbers in zip(segments[: now + 1], shares, strict=False):
        if not numbers:
            label = next(group.label for group in scheme.groups if group.name == groups[segment[0].field])
            raise FormNotRecognised(f"数据里没有“{label}”的行，后面的行没法编号；请加上，不考核的写“无”")
    blanks = ([int(row.field.rpartition(".")[2]) for row in segment] for segment in segments)
    return [share or rows for share, rows in zip(shares, blanks, strict=True)]


def _part_of(row: Field, names: Sequence[str], scheme: Scheme, data: Mapping[Field, str]) -> int | None:
    """The part of a table that a row belongs to by its 一级指标 or 二级指标, None where neither tells."""
    label, kind = normalize(data.get(f"{row}.label", "")), normalize(data.get(f"{row}.kind", ""))
    groups = {group.name: group for group in scheme.groups}
    by_label = [n for n, name in enumerate(names) if label and name in groups and label.startswith(groups[name].label)]
    by_kind = [n for n, name in enumerate(names) if name in groups and kind in map(normalize, groups[name].kinds)]
    found = by_label or by_kind
    return found[0] if len(found) == 1 else None


def _draw_rows(
    new: dict[int, list[str]],
    lines: Sequence[str],
    table: str,
    segment: Sequence[TableRow],
    numbers: Sequence[int],
    described: frozenset[str],
    data: Mapping[Field, str],
) -> None:
    """The rows of one part of a table: the lines of the empty form, the last of them as often as the data needs it."""
    merges = any(_cell(lines[row.line], row.columns["kind"]) == "^" for row in segment if "kind" in row.columns)
    drawn: list[str] = []
    above: dict[str, str] = {}
    for place, number in enumerate(numbers):
        row = segment[min(place, len(segment) - 1)]
        field = f"{table}.{number}"
        line = lines[row.line]
        for part, column in row.columns.items():
            printed = _cell(line, column)
            said = data.get(f"{field}.{part}", "")
            if part in ("label", "kind") and part in described:
                again = (
                    place > 0
                    and said != ""
                    and said == above.get(part)
                    and above["label"] == data.get(f"{field}.label", "")
                )
                again = again and (part == "label" or merges or not data.get(f"{field}.name"))
                line = _put(line, column, "^" if again else as_printed(said))
                above[part] = said
            elif part in ("name", "month") or (printed and printed not in _CONTINUED):
                if part in described:
                    line = _put(line, column, as_printed(said))
            elif not said and place >= len(segment) and printed:
                line = _put(line, column, "")
        above["label"] = data.get(f"{field}.label", "")
        drawn.append(line)
    for row in segment[1:]:
        new[row.line] = []
    new[segment[0].line] = drawn


def _cell(line: str, column: int) -> str:
    """The words that a line prints in a column."""
    parts = line.split("|")
    return words_and_format(parts[column - 1].strip())[0] if column <= len(parts) else ""


def _put(line: str, column: int, words: str) -> str:
    """The line with other words in a column; its number format stays."""
    parts = line.split("|")
    number_format = words_and_format(parts[column - 1].strip())[1]
    kept = f" {{{number_format}}}" if number_format and words != "^" else ""
    parts[column - 1] = f" {words}{kept} "
    return "|".join(parts)


def _more_evaluators(lines: list[str], placement: Placement, sheet: Sheet, data: Mapping[Field, str]) -> list[str]:
    """The lines with a column for each evaluator of the data, before the average."""
    known = [field for field in placement.cells if re.fullmatch(r"evaluators\.1\.\d+", field)]
    given = [int(found[1]) for field in data if (found := re.fullmatch(r"evaluators\.\d+\.(\d+)", field))]
    missing = max(given, default=0) - len(known)
    if not known or missing <= 0:
        return lines
    column = placement.cells[f"evaluators.1.{len(known)}"][1]
    first = placement.cells["evaluators.1.name"]
    on = _line_of(_lines_of_rows(lines), sheet, first)
    start = max(number for number in range(on) if lines[number].startswith("== "))
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("== ")), len(lines))
    for number in range(start + 1, end):
        line = lines[number]
        if line.startswith("= "):
            widths = line.split()
            lines[number] = " ".join([*widths[: column + 1], *[widths[column]] * missing, *widths[column + 1 :]])
        elif line.count("|") > column - 1:
            parts = line.split("|")
            heading = line.startswith("* ")
            more = [f" 第{len(known) + n}位 " if heading else parts[column - 1] for n in range(1, missing + 1)]
            lines[number] = "|".join([*parts[:column], *more, *parts[column:]])
    return lines


def _draw_texts(
    new: dict[int, list[str]], lines: Sequence[str], placement: Placement, sheet: Sheet, data: Mapping[Field, str]
) -> None:
    """The rows of texts that stand below a heading, where the data has several of one."""
    drawn = _lines_of_rows(lines)
    numbered: dict[str, int] = {}
    for field in data:
        if found := _NUMBERED_TEXT.fullmatch(field):
            numbered[found[1]] = max(numbered.get(found[1], 0), int(found[2]))
    columns = {
        _line_of(drawn, sheet, cell): (field.removeprefix("texts."), cell[1])
        for field, cell in placement.cells.items()
        if field.removeprefix("texts.") in numbered and f"headings.{field}" not in placement.cells
    }
    for line, (name, _) in columns.items():
        beside = [
            (field.removeprefix("texts."), cell[1])
            for field, cell in placement.cells.items()
            if field.startswith("texts.") and _line_of(drawn, sheet, cell) == line
        ]
        texts = []
        for number in range(1, numbered[name] + 1):
            text = lines[line]
            for other, column in beside:
                text = _put(text, column, as_printed(data.get(f"texts.{other}.{number}", "")))
            texts.append(text)
        new[line] = texts


def _report(scheme: Scheme, placement: Placement, data: Mapping[Field, str]) -> Iterator[str]:
    """A sheet for the report of the data that the empty form has no place for."""
    if not scheme.form.one_book or "texts.report.1" in placement.cells:
        return
    found = (_NUMBERED_TEXT.fullmatch(field) for field in data)
    numbers = sorted(int(one[2]) for one in found if one and one[1] == "report")
    if numbers:
        yield from (f"== {REPORT}", "= 130", REPORT_TITLE)
        yield from (as_printed(data[f"texts.report.{number}"]) for number in numbers)
