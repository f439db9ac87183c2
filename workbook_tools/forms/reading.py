"""A placed form as words: what is printed in its fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from workbook_tools.excel.addresses import Cell
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


def words_of(sheet: Sheet, placement: Placement) -> dict[Field, str]:
    """The text of every field as printed."""
    words = {field: sheet.text(cell).strip() for field, cell in placement.cells.items()}
    around = placement.prefixes.keys() | placement.suffixes.keys() | placement.more.keys()
    return words | {field: words_at(sheet, placement, field) or "" for field in around & words.keys()}


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
    """The form as printed; `closely` also tells which cells hold formulas, are hidden or struck through."""
    cells = placement.cells
    words = {field: said for field, said in words_of(sheet, placement).items() if not field.startswith("headings.")}
    own = {cells[field]: field for field in reversed(words)}  # the first field of each cell
    parts = _parts(words)
    evaluators = (
        Evaluated(row.get("name", ""), tuple(said for column, said in row.items() if column.isdecimal()))
        for row in _parts(parts["evaluators"]).values()
    )
    texts = {f"texts.{field}": said for field, said in parts["texts"].items()}
    return Form(
        budget=parts["budget"],
        indicators=tuple(_indicators(_parts(parts["indicators"]), placement, "indicators")),
        deductions=tuple(_indicators(_parts(parts["deductions"]), placement, "deductions")),
        texts=texts,
        review=parts["review"],
        total=words.get("total", ""),
        grade=words.get("grade", ""),
        sources=tuple(_parts(parts["sources"]).values()),
        splits=dict(_parts(parts["splits"])),
        evaluators=tuple(evaluators),
        tables={name: _table(rows) for name, rows in _parts(parts["tables"]).items()},
        sums={field: said for field, said in words.items() if field.startswith(SUMS) or field == "subtotal"},
        words=words,
        money_unit=money_unit(words_at(sheet, placement, "headings.money") or ""),
        limits=_limits(sheet, cells),
        live=frozenset(field for field, cell in cells.items() if sheet.formula(cell)) if closely else frozenset(),
        hidden=frozenset(field for field, cell in cells.items() if sheet.hidden(cell)) if closely else frozenset(),
        struck=_struck(sheet, placement) if closely else {},
        shared=frozenset(words.keys() - own.values()),
        wanted=placement.wanted,
        year=placement.year,
        left=placement.left,
        until=_until(sheet, placement),
    )


def _struck(sheet: Sheet, placement: Placement) -> dict[Field, str]:
    """The words of fields that are struck through."""
    if not (struck := sheet.struck()):
        return {}
    cells = ((field, (cell, *placement.more.get(field, ()))) for field, cell in placement.cells.items())
    said = {field: "；".join(struck[cell].strip() for cell in of if cell in struck) for field, of in cells}
    return {field: words for field, words in said.items() if words}


def _until(sheet: Sheet, placement: Placement) -> int | None:
    """The last month that the headings of a monitoring table name; None where they name none, or two."""
    cells = {field: cell for field, cell in placement.cells.items() if field.endswith(".so_far")}
    headings = [sheet.text(cell) for field, cell in cells.items() if field.startswith("headings.")]
    months = {month for words in headings if (month := last_month(words)) is not None}
    return months.pop() if len(months) == 1 else None


def _indicators(rows: Mapping[str, Mapping[str, str]], placement: Placement, table: str) -> Iterator[Indicator]:
    for group, field in placement.rows:
        if field.startswith(table):
            row = rows.get(field.rpartition(".")[2], {})
            printed = {column: row.get(column) for column in COLUMNS}
            kind = placement.cells.get(f"{field}.kind")
            has_own_kind = kind is not None and kind[0] == placement.cells.get(f"{field}.score", kind)[0]
            name, kind_words = row.get("name", ""), "".join(row.get("kind", "").split())
            printed["manual_score"] = printed.pop("own")
            yield Indicator(group=group, kind=kind_words, name=name, has_own_kind=has_own_kind, **printed)


def _parts(words: Mapping[Field, str]) -> defaultdict[str, dict[str, str]]:
    """The words by the first part of their paths: what comes after it → words."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path, said in words.items():
        first, _, rest = path.partition(".")
        found[first][rest] = said
    return found


def _limits(sheet: Sheet, cells: Mapping[Field, Cell]) -> dict[Field, int]:
    """The characters that the heading of a text allows (控制在200字以内), where it names a number of them."""
    said: dict[Field, int] = {}  # what the headings say, each read once
    for field, cell in cells.items():
        if field.startswith("headings.") and (found := _LIMIT.search(sheet.text(cell))):
            said[field.removeprefix("headings.")] = int(found[1])
    if not said:
        return {}
    texts = (
        one for one in cells if one.startswith("texts.") or (one.startswith("indicators.") and one.endswith(".reason"))
    )
    plain = ((field, ".".join(part for part in field.split(".") if not part.isdecimal())) for field in texts)
    return {field: said[name] for field, name in plain if name in said}


def _table(words: Mapping[Field, str]) -> Table:
    rows = _parts(words)
    total = rows.pop("total", {})
    return Table(tuple(rows.values()), total)
