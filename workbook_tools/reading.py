"""A placed form as words: what is printed in its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workbook_tools.form import Evaluated, Field, Form, Indicator, Table
from workbook_tools.layout import Cell, Placement, Sheet

_LIMIT = re.compile(r"(\d{2,4})字以内")
COLUMNS = (
    *("weight", "target", "actual", "rate", "score", "reason", "own", "label", "op", "unit", "initial"),
    *("coefficient", "criteria"),
)


def words_at(sheet: Sheet, placement: Placement, field: Field) -> str | None:
    """The words of a field as printed, None when the form has no such field."""
    cell = placement.cells.get(field)
    if cell is None:
        return None
    text = sheet.text(cell).strip()
    if prefix := placement.prefixes.get(field):
        text = text.removeprefix(prefix.rstrip(" ：:").strip()).lstrip(" ：:\u3000")
    if more := placement.more.get(field):
        parts = [text, *(sheet.text(below).strip() for below in more)]
        text = "；".join(part for part in parts if part)
    return text


def read_form(sheet: Sheet, placement: Placement, *, closely: bool = False) -> Form:
    """The form as printed; `closely` also tells which cells hold formulas and which are hidden."""
    cells = placement.cells

    def words(field: Field) -> str | None:
        return words_at(sheet, placement, field)

    def rows(table: str) -> Iterator[Indicator]:
        for group, field in placement.rows:
            if field.startswith(table):
                printed = {column: words(f"{field}.{column}") for column in COLUMNS}
                kind = cells.get(f"{field}.kind")
                own_kind = kind is not None and kind[0] == cells.get(f"{field}.score", kind)[0]
                name, kind_words = words(f"{field}.name") or "", words(f"{field}.kind") or ""
                yield Indicator(group, kind_words, name, own_kind=own_kind, **printed)

    listed = {table: _numbered(cells, table) for table in ("sources", "evaluators", "tables")}
    sources = (
        {column: words(f"sources.{n}.{column}") or "" for column in columns} for n, columns in listed["sources"].items()
    )
    evaluators = (
        Evaluated(
            words(f"evaluators.{n}.name") or "",
            tuple(words(f"evaluators.{n}.{k}") or "" for k in columns if k.isdecimal()),
        )
        for n, columns in listed["evaluators"].items()
    )
    texts = {field: words(field) or "" for field in cells if field.startswith("texts.")}
    money = (field for field in cells if field.startswith("budget."))
    budget = {field.removeprefix("budget."): words(field) or "" for field in money}
    return Form(
        budget,
        tuple(rows("indicators.")),
        tuple(rows("deductions.")),
        texts,
        words("total") or "",
        words("grade") or "",
        tuple(sources),
        tuple(evaluators),
        {name: _table(sheet, placement, name) for name in listed["tables"]},
        {
            field: words(field) or ""
            for field in cells
            if field.startswith(("groups.", "counts.")) or field == "subtotal"
        },
        {field: limit for field in cells if _is_text(field) and (limit := _limit(sheet, placement, field))},
        frozenset(field for field, cell in cells.items() if closely and sheet.formula(cell)),
        frozenset(field for field, cell in cells.items() if closely and sheet.hidden(cell)),
    )


def _is_text(field: Field) -> bool:
    return field.startswith("texts.") or (field.startswith("indicators.") and field.endswith(".reason"))


def _limit(sheet: Sheet, placement: Placement, field: Field) -> int | None:
    """The characters that the heading of a text allows (控制在200字以内)."""
    heading = placement.cells.get(".".join(["headings", *(part for part in field.split(".") if not part.isdecimal())]))
    found = _LIMIT.search(sheet.text(heading)) if heading else None
    return int(found[1]) if found else None


def _numbered(cells: Mapping[Field, Cell], table: str) -> dict[str, list[str]]:
    """The second part of the paths of a table → what comes after it, in the order of the sheet."""
    found: dict[str, list[str]] = {}
    for field in cells:
        if field.startswith(f"{table}."):
            _, row, column = field.split(".", 2)
            found.setdefault(row, []).append(column)
    return found


def _table(sheet: Sheet, placement: Placement, name: str) -> Table:
    rows: dict[str, dict[str, str]] = {}
    for field in placement.cells:
        if field.startswith(f"tables.{name}."):
            _, _, row, column = field.split(".")
            rows.setdefault(row, {})[column] = words_at(sheet, placement, field) or ""
    total = rows.pop("total", {})
    return Table(tuple(rows.values()), total)
