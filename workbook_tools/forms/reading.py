"""A placed form as words: what is printed in its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Evaluated, Field, Form, Indicator, Table
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.vocabulary import last_month
from workbook_tools.text import regex
from workbook_tools.values import Quantity, Value, money_unit, normalize, read_quantity, scaled

_LIMIT = regex(r"(\d{2,4})字以内")
SUMS = ("groups.", "counts.")
COLUMNS = (
    *("weight", "target", "actual", "rate", "score", "reason", "own", "label", "op", "unit", "initial"),
    *("coefficient", "criteria", "status", "previous", "period"),
)


def words_at(sheet: Sheet, placement: Placement, field: Field) -> str | None:
    """The text of a field as printed; None if the form has no such field."""
    cell = placement.cells.get(field)
    if cell is None:
        return None
    text = sheet.text(cell).strip()
    if prefix := placement.prefixes.get(field):
        text = text.removeprefix(prefix.rstrip(" ：:").strip()).lstrip(" ：:\u3000\n")
    if suffix := placement.suffixes.get(field):
        text = text.removesuffix(suffix.strip()).rstrip()
    if more := placement.more.get(field):
        parts = [text, *(sheet.text(below).strip() for below in more)]
        text = "；".join(part for part in parts if part)
    return text


def unit_of(sheet: Sheet, placement: Placement, field: Field) -> str:
    """The unit in a column of its own that a value until a month, or a forecast, stands in; "" of any other field."""
    row, _, column = field.rpartition(".")
    return words_at(sheet, placement, f"{row}.unit") or "" if column in ("so_far", "expected") else ""


def as_typed(words: str, unit: str = "") -> Value:
    """Words as they go into a cell: a plain number as a number, of `%` as so many percent; else the text it is."""
    quantity = read_quantity(words)
    numbered = words[:1] == "0" and words[1:2].isdigit()  # 010 is a number of something
    if quantity is None or quantity.over or quantity.unit or numbered or scaled(words):
        return words
    return Quantity(quantity.number, "%") if normalize(unit) == "%" else quantity.number


def read_form(sheet: Sheet, placement: Placement, *, closely: bool = False) -> Form:
    """The form as printed; `closely` also tells which cells hold formulas and which are hidden."""
    cells = placement.cells
    words = {field: words_at(sheet, placement, field) or "" for field in cells if not field.startswith("headings.")}
    own = {cells[field]: field for field in reversed(words)}  # the first field of each cell
    budget, sources = _columns(words, "budget"), _rows(words, "sources")
    evaluators = (
        Evaluated(row.get("name", ""), tuple(said for column, said in row.items() if column.isdecimal()))
        for row in _rows(words, "evaluators").values()
    )
    return Form(
        budget=budget,
        indicators=tuple(_indicators(words, placement, "indicators")),
        deductions=tuple(_indicators(words, placement, "deductions")),
        texts={field: said for field, said in words.items() if field.startswith("texts.")},
        review=_columns(words, "review"),
        total=words.get("total", ""),
        grade=words.get("grade", ""),
        sources=tuple(sources.values()),
        splits=_rows(words, "splits"),
        evaluators=tuple(evaluators),
        tables={name: _table(words, name) for name in _rows(words, "tables")},
        sums={field: said for field, said in words.items() if field.startswith(SUMS) or field == "subtotal"},
        words=words,
        money_unit=money_unit(words_at(sheet, placement, "headings.money") or ""),
        limits={field: limit for field in cells if _is_text(field) and (limit := _limit(sheet, placement, field))},
        live=frozenset(field for field, cell in cells.items() if closely and sheet.formula(cell)),
        hidden=frozenset(field for field, cell in cells.items() if closely and sheet.hidden(cell)),
        shared=frozenset(words.keys() - own.values()),
        wanted=placement.wanted,
        year=placement.year,
        left=placement.left,
        until=_until(sheet, placement),
    )


def _until(sheet: Sheet, placement: Placement) -> int | None:
    """The last month that the headings of a monitoring table name; None where they name none, or two."""
    cells = {field: cell for field, cell in placement.cells.items() if field.endswith(".so_far")}
    headings = [sheet.text(cell) for field, cell in cells.items() if field.startswith("headings.")]
    months = {month for words in headings if (month := last_month(words)) is not None}
    return months.pop() if len(months) == 1 else None


def _indicators(words: Mapping[Field, str], placement: Placement, table: str) -> Iterator[Indicator]:
    for group, field in placement.rows:
        if field.startswith(table):
            printed = {column: words.get(f"{field}.{column}") for column in COLUMNS}
            kind = placement.cells.get(f"{field}.kind")
            has_own_kind = kind is not None and kind[0] == placement.cells.get(f"{field}.score", kind)[0]
            name, kind_words = words.get(f"{field}.name", ""), "".join(words.get(f"{field}.kind", "").split())
            printed["manual_score"] = printed.pop("own")
            yield Indicator(group=group, kind=kind_words, name=name, has_own_kind=has_own_kind, **printed)


def _columns(words: Mapping[Field, str], record: Field) -> dict[str, str]:
    """The words below one path: what comes after it → words."""
    return {field.removeprefix(f"{record}."): said for field, said in words.items() if field.startswith(f"{record}.")}


def _rows(words: Mapping[Field, str], table: str) -> dict[str, dict[str, str]]:
    """The rows of a table in the order of the sheet: the second part of their paths → column → words."""
    found: dict[str, dict[str, str]] = {}
    for path, said in _columns(words, table).items():
        row, _, column = path.partition(".")
        found.setdefault(row, {})[column] = said
    return found


def _is_text(field: Field) -> bool:
    return field.startswith("texts.") or (field.startswith("indicators.") and field.endswith(".reason"))


def _limit(sheet: Sheet, placement: Placement, field: Field) -> int | None:
    """The characters that the heading of a text allows (控制在200字以内)."""
    heading = placement.cells.get(".".join(["headings", *(part for part in field.split(".") if not part.isdecimal())]))
    found = _LIMIT.search(sheet.text(heading)) if heading else None
    return int(found[1]) if found else None


def _table(words: Mapping[Field, str], name: str) -> Table:
    rows = _rows(words, f"tables.{name}")
    total = rows.pop("total", {})
    return Table(tuple(rows.values()), total)
