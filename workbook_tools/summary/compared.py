"""Reads the forms of files for a comparison: what is kept of each, and the files that were not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING

from workbook_tools.assess import Assessment, assess_with_addresses
from workbook_tools.batch import run
from workbook_tools.checks import ERROR, HINT
from workbook_tools.checks.compared import (
    ComparedForm,
    ComparedRow,
    ComparedText,
    Fault,
    measures,
    name_key,
    plain_name,
)
from workbook_tools.checks.words import no_reason, rows
from workbook_tools.excel import read_book, read_file
from workbook_tools.findings import Waiver, own_waivers
from workbook_tools.forms.form import Field
from workbook_tools.scoring.comparing import ORDINARY, actual_words, compare_row, target_words
from workbook_tools.summary.rows import OPEN_CODES, in_ten_thousand
from workbook_tools.values import UNCALCULATED, Quantity, format_value, normalize, read_points

if TYPE_CHECKING:
    from concurrent.futures import Executor

_ROW = ("name", "target", "actual")  # columns of which a comparison names cells
_WHOLE = ("total", "grade", "budget.execution", "texts.unit", "texts.project", "review.score")


def compared_file(path: Path, scheme: str | None = None) -> list[ComparedForm]:
    """What a comparison keeps of the forms of one workbook; raises what reading it raises."""
    book = read_book(read_file(path))
    forms, waivers = assess_with_addresses(book, scheme), own_waivers(book)
    return [_kept(path, form, cells, waivers) for form, cells in forms]


def compared_files(
    paths: Iterable[Path], scheme: str | None = None, *, jobs: int | None = None, executor: Executor | None = None
) -> tuple[list[ComparedForm], list[tuple[str, str]]]:
    """The same of every workbook, and the paths of those that were not read, each with why.

    `jobs` and `executor` say where they are read.
    """
    forms: list[ComparedForm] = []
    refused: list[tuple[str, str]] = []
    for path, read, why in run(paths, partial(compared_file, scheme=scheme), executor, jobs=jobs):
        forms += map(_sharing, read or ())
        if why:
            refused.append((str(path), str(why)))
    return forms, refused


def _sharing(form: ComparedForm) -> ComparedForm:
    """The form with the words that most forms have held once for all: half the memory."""
    return replace(
        form,
        rows=tuple(map(_sharing_row, form.rows)),
        texts=tuple(text._replace(field=intern(text.field), idea=intern(text.idea)) for text in form.texts),
        faults=tuple(Fault(*map(intern, fault)) for fault in form.faults),
        cells={intern(field): intern(cell) for field, cell in form.cells.items()},
    )


def _sharing_row(row: ComparedRow) -> ComparedRow:
    return replace(
        row,
        field=intern(row.field),
        group=intern(row.group),
        label=intern(row.label),
        kind=intern(row.kind),
        name=intern(row.name),
        unit=intern(row.unit),
    )


def _kept(path: Path, checked: Assessment, addresses: Mapping[Field, str], waivers: list[Waiver]) -> ComparedForm:
    form, scores = checked.form, checked.scores
    kept = tuple(_rows(checked))
    texts = tuple(_texts(checked))
    faults = tuple(_faults(checked, {row.field: row.name for row in kept}))
    fields = {*_WHOLE, *(text.field for text in texts), *(fault.field for fault in faults)}
    fields |= {f"{row.field}.{column}" for row in kept for column in _ROW}
    line = scores.lines.get("budget.execution")
    execution = line.value.number if line and isinstance(line.value, Quantity) else None
    budget = in_ten_thousand(form, scores, "revised", checked.scheme)
    return ComparedForm(
        file=str(path),
        sheet=checked.name,
        year=checked.year,
        unit=_said(form.texts.get("texts.unit", "")),
        project=_said(form.texts.get("texts.project", "")),
        code=normalize(_said(form.texts.get("texts.code", ""))),
        department=_said(form.texts.get("texts.department", "")),
        goal=_said(form.texts.get("texts.goal", "")),
        rows=kept,
        texts=texts,
        budget=in_ten_thousand(form, scores, "initial", checked.scheme) if budget is None else budget,
        spent=in_ten_thousand(form, scores, "spent", checked.scheme),
        execution=execution,
        own_total=_points(form.total),
        total=_points(form.total) if _points(form.total) is not None else scores.total,
        grade=_said(form.grade).rstrip("。") or scores.grade or "",
        review=_points(form.words.get("review.score", "")),
        faults=faults,
        cells={field: addresses[field] for field in fields if field in addresses},
        waived=tuple((one.code, one.address) for one in waivers),
    )


def _rows(checked: Assessment) -> Iterator[ComparedRow]:
    for row in rows(checked.form):
        line = checked.scores.lines.get(f"{row.field}.actual")
        computed = line.value if line and isinstance(line.value, Quantity) and row.actual is None else None
        met = compare_row(row.words, ORDINARY, computed).met if computed else row.met
        yield ComparedRow(
            field=row.field,
            group=row.words.group,
            label=_said(row.words.label or ""),
            kind=row.words.kind,
            name=plain_name(row.words.name or row.words.kind),
            wanted=target_words(row.words),
            target=row.target,
            reached=format_value(computed) if computed else " ".join(actual_words(row.words).split()),
            actual=row.actual or computed,
            weight=row.weight,
            score=row.score,
            unit=_said(row.words.unit or ""),
            met=met,
        )


def _texts(checked: Assessment) -> Iterator[ComparedText]:
    """The texts and reasons that are long enough for any comparison."""
    ideas, least = measures()["texts"], measures()["least"]["kept"]
    texts = [(field, field.split(".")[1], words) for field, words in checked.form.texts.items()]
    reasons = ((f"{row.field}.reason", "reason", row.words.reason or "") for row in rows(checked.form))
    for field, idea, words in (*texts, *reasons):
        if idea in ideas and len(normalize(words)) >= least and words != UNCALCULATED and not no_reason(words):
            yield ComparedText(field, idea, words)


def _faults(checked: Assessment, names: dict[Field, str]) -> Iterator[Fault]:
    for place in checked.found:
        if place.level in (ERROR, HINT) and place.field and place.code not in OPEN_CODES:
            row, _, column = place.field.rpartition(".")
            parts = [part for part in place.field.split(".") if not part.isdecimal()]
            key = f"{name_key(names[row])}.{column}" if row in names else ".".join(parts)
            yield Fault(place.code, key, names.get(row, ""), place.field)


def _points(words: str) -> Decimal | None:
    return read_points(words) if words != UNCALCULATED else None


def _said(words: str) -> str:
    return " ".join(words.split()) if words != UNCALCULATED else ""
