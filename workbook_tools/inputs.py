"""What goes into a form and what comes out of it as data: field path and words, in TOML, JSON, CSV or a workbook."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbook_tools.book import Book, Refused, read_file
from workbook_tools.fill import forms_of, read_and_score
from workbook_tools.form import Field
from workbook_tools.layout import Page
from workbook_tools.listing import harmless, read_rows
from workbook_tools.reading import words_at
from workbook_tools.values import plain, shown

FIELD, WORDS, COMPUTED, WHY = "字段", "内容", "按办法", "依据"
_QUOTE, _NUMBER = "'", re.compile(r"-?[\d,.]+%?")
HEADINGS = ("headings.", "counts.")


class BadData(ValueError):
    """A file of data that cannot be used; the message says where and why."""


def exported(path: Path, scheme: str | None = None) -> list[dict[str, Any]]:
    """Every form of a workbook: its fields as printed and its scores; raises `Refused` or `NotThisForm`."""
    found = []
    for sheet, known, page in forms_of(Book(read_file(path)), scheme):
        placement, _, scores = read_and_score(sheet, known, page)
        fields = {field: words_at(sheet, placement, field) or "" for field in placement.cells}
        lines = {
            field: {"value": None if line.value is None else shown(line.value), "why": line.why}
            for field, line in scores.lines.items()
        }
        found.append(
            {
                "file": path.name,
                "sheet": sheet.name,
                "scheme": known.name,
                "fields": {field: words for field, words in fields.items() if not field.startswith(HEADINGS)},
                "scores": lines,
                "total": None if scores.total is None else shown(scores.total),
                "grade": scores.grade,
            }
        )
    return found


def read_data(path: Path) -> dict[Field, str]:
    """Field path → words, in the order of the file, where there are any; raises `BadData` or `Refused`."""
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        return _from_workbook(path)
    if kind == ".csv":
        return {field: _unquoted(words) for field, words in _pairs(read_rows(path), str(path)).items()}
    if kind not in (".toml", ".json"):
        raise BadData(f"{path}：只认 .toml、.json、.csv、.xlsx")
    try:
        text = read_file(path).decode("utf-8-sig")
        if kind == ".toml":
            return dict(_flat(tomllib.loads(text, parse_float=Decimal)))
        return dict(_flat(_of_form(json.loads(text, parse_float=Decimal))))
    except UnicodeDecodeError as fault:
        raise BadData(f"{path}：不是 UTF-8 的文件") from fault
    except Refused as refused:
        raise BadData(f"{path}：{refused}") from None
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as fault:
        raise BadData(f"{path}：读不出来（{fault}）") from fault


def as_table(form: Mapping[str, Any]) -> str:
    """An exported form as CSV: every field as printed, and what it comes to by the scheme and why; comes back in.

    Words that a spreadsheet would take for a formula stand behind a ', which `read_data` takes away again.
    """
    import csv
    import io

    fields, scores = form["fields"], form["scores"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((FIELD, WORDS, COMPUTED, WHY))
    for field in dict.fromkeys((*fields, *scores)):
        line = scores.get(field, {"value": "", "why": ""})
        writer.writerow((field, *map(_quoted, (fields.get(field, ""), line["value"] or "", line["why"]))))
    return out.getvalue()


def _quoted(words: str) -> str:
    return words if _NUMBER.fullmatch(words) else harmless(words.strip(), _QUOTE)


def _unquoted(words: str) -> str:
    return words[1:] if words[:1] == _QUOTE and harmless(words[1:], _QUOTE) == words else words


def _of_form(data: Any) -> Any:
    """The fields of what `export` wrote, or the data itself."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return data["fields"] if isinstance(data, dict) and "fields" in data else data


def _flat(data: Any, above: str = "") -> Iterable[tuple[Field, str]]:
    if not isinstance(data, Mapping):
        raise BadData(f"“{above.rstrip('.')}”写法不对，要写成 字段 = 内容")
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, bool) or value is None or isinstance(value, list):
            raise BadData(f"“{above}{key}”的内容写法不对，要是文字或数")
        elif words := plain(Decimal(value)) if isinstance(value, int | Decimal) else str(value).strip():
            yield f"{above}{key}", words


def _from_workbook(path: Path) -> dict[Field, str]:
    book = Book(read_file(path))
    for info in book.sheets:
        sheet = book.sheet(info)
        page = Page(sheet)
        heading = next((row for row in page.rows if page.in_row(row, (FIELD,)) and page.in_row(row, (WORDS,))), None)
        if heading is not None:
            columns = [found[0][1] for word in (FIELD, WORDS) if (found := page.in_row(heading, (word,)))]
            rows = ([sheet.text((row, column)) for column in columns] for row in page.rows if row >= heading)
            return _pairs(rows, str(path))
    raise BadData(f"{path}：找不到“{FIELD}”“{WORDS}”两列")


def _pairs(rows: Iterable[list[str]], where: str) -> dict[Field, str]:
    listed = [row for row in rows if row and row[0].strip()]
    if not listed or [word.strip() for word in listed[0][:2]] != [FIELD, WORDS]:
        raise BadData(f"{where}：第一行要是 {FIELD}、{WORDS} 两列")
    return {row[0].strip(): row[1].strip() for row in listed[1:] if len(row) > 1 and row[1].strip()}
