"""The rows of a summary as Parquet, beside the 汇总表: one a form, one an indicator, one a finding.

Numbers are decimals, never floats. A file that was not read has one row among the forms, which says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from decimal import ROUND_HALF_UP, Context, Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.errors import NotInstalled, how_to_install
from workbook_tools.excel import save
from workbook_tools.summary.journal import Journal
from workbook_tools.summary.receipts import Receipts
from workbook_tools.summary.results import OPINION, Results
from workbook_tools.summary.rows import (
    ABSENT,
    BASIS,
    DAY,
    FINDINGS,
    FORMS,
    INDICATORS,
    FindingRow,
    FormRow,
    IndicatorRow,
)
from workbook_tools.summary.workbook import MENDING, issues_of

if TYPE_CHECKING:
    import pyarrow as pa

DIGITS, PLACES = 38, 18  # of a decimal: a form's numbers have at most 15 digits before the point
GROUP = 20_000  # rows that are in memory at once
WHY = "没有读的原因"
_STEP = Decimal(1).scaleb(-PLACES)
_EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_UP)


def write_parquet(
    out: Path,
    journal: Journal,
    refused: Iterable[tuple[str, str]],
    made_from: Sequence[Path],
    receipts: Receipts,
    issues: Mapping[tuple[str, str], tuple[int, int]] | None = None,
    results: Results | None = None,
) -> list[Path]:
    """Writes the three files beside a 汇总表 and gives their paths; raises `NotInstalled` without pyarrow.

    `receipts` says when a form came in, `issues` how many issues of a review each has, open ones and mended ones,
    `results` what its review gave.
    """
    forms = (_form(row, receipts, issues, results) for row in journal.forms())
    unread = ({"文件": path, WHY: why} for path, why in refused)
    tables: tuple[tuple[str, Any, tuple[str, ...], Iterator[dict[str, Any]]], ...] = (
        ("表", FormRow, FORMS, (row for rows in (forms, unread) for row in rows)),
        ("指标", IndicatorRow, INDICATORS, (_named(row, INDICATORS) for row in journal.indicators())),
        ("校验", FindingRow, FINDINGS, (_named(row, FINDINGS) for row in journal.findings())),
    )
    written = []
    for name, kind, titles, rows in tables:
        path = out.with_name(f"{out.stem}.{name}.parquet")
        save(path, _table(kind, titles, rows), seen=None, made_from=made_from)
        written.append(path)
    return written


def require_parquet() -> None:
    """Raises `NotInstalled` where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise NotInstalled(f"--parquet 要另外安装 pyarrow；{how_to_install('cluster')}") from None


def _named(row: Any, titles: Iterable[str]) -> dict[str, Any]:
    values = (getattr(row, field.name) for field in fields(row))
    return {title: _value(value) for title, value in zip(titles, values, strict=True)}


def _form(
    row: FormRow,
    receipts: Receipts,
    issues: Mapping[tuple[str, str], tuple[int, int]] | None,
    results: Results | None,
) -> dict[str, Any]:
    """A form's row with the columns that the sheet 汇总 has besides; no day where it lies between two."""
    opinion = (results.opinion(row) or None) if results else None
    row = results.on(row) if results else row
    came = receipts.of(row)
    counts = issues_of(row, issues or {}) or (None, None)
    day = came.first if came.first == came.last else None
    mending = dict(zip(MENDING, counts, strict=True))
    return {**_named(row, FORMS), DAY: day, BASIS: came.basis, **mending, OPINION: opinion, WHY: None}


def _value(value: object) -> object:
    """A value of a row; None where a form has no such thing, or leaves it blank."""
    if isinstance(value, Decimal):
        return value.quantize(_STEP, context=_EXACT)
    return None if value in (ABSENT, "") else value


def _schema(kind: Any, titles: Iterable[str]) -> pa.Schema:
    import pyarrow as pa

    types = {"str": pa.string(), "int": pa.int64(), "Figure": pa.decimal128(DIGITS, PLACES)}
    columns = [(title, types[str(field.type)]) for title, field in zip(titles, fields(kind), strict=True)]
    counts = [(title, pa.int64()) for title in MENDING]
    besides = [(DAY, pa.date32()), (BASIS, pa.string()), *counts, (OPINION, pa.string()), (WHY, pa.string())]
    return pa.schema([*columns, *besides] if kind is FormRow else columns)


def _table(kind: Any, titles: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, out = _schema(kind, titles), BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(rows, GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
    return out.getvalue()
