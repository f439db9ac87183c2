"""The statistics of a report: tables of months with their sums, and a sentence where the scheme says what they give."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.claims import name_of
from workbook_tools.reports.word.known import Known
from workbook_tools.schemes.scheme import OtherTable, Statistic
from workbook_tools.values import grouped, read_quantity, round_half_up

TOTAL = "合计"


class Months(NamedTuple):
    """One table of months: its title, heading, rows with the sum, the indicator it is about, and what it says."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row: str = ""
    sentence: str = ""
    values: tuple[tuple[str, Decimal | None], ...] = ()  # the rate of each month, for a chart
    target: Decimal | None = None


def month_tables(known: Known) -> list[Months]:
    """The tables of months of a form; the sums are those of the months, not the printed ones."""
    found = []
    for table, printed in known.facts.statistics:
        columns = [name for name in table.columns if any(month.get(name) for month in printed.rows)]
        if not printed.rows or "month" not in columns:
            continue
        statistic = next((one for one in known.scheme.statistics if one.table == table.name), None)
        sums = {name: known.facts.sums.get((table.name, name)) for name in columns}
        last = [TOTAL if name == "month" else _sum(known, statistic, name, sums.get(name)) for name in columns]
        rates = tuple((month.get("month", ""), _number(month.get("rate", ""))) for month in printed.rows)
        row = next((one for one in known.rows if statistic and one.name == name_of(statistic.row)), None)
        found.append(
            Months(
                f"{statistic.label if statistic else table.title}完成情况统计表",
                tuple(table.columns[name][0] for name in columns),
                (*(tuple(month.get(name, "") for name in columns) for month in printed.rows), tuple(last)),
                name_of(statistic.row) if statistic else "",
                _sentence(known, statistic, table, sums) if statistic else "",
                rates if all(rate is not None for _, rate in rates) else (),
                row.target.quantity.number if row and row.target else None,
            )
        )
    return found


def _number(words: str) -> Decimal | None:
    read = read_quantity(words)
    return read.number if read else None


def _sum(known: Known, statistic: Statistic | None, name: str, added: Decimal | None) -> str:
    if name == "rate" and statistic:
        rate = _rate(known, statistic)
        return "" if rate is None else f"{rate}%"
    return "" if added is None else f"{added:f}"


def _rate(known: Known, statistic: Statistic) -> Decimal | None:
    parts = [known.facts.sums.get((statistic.table, name)) for name in statistic.part]
    whole = known.facts.sums.get((statistic.table, statistic.whole))
    added = [part for part in parts if part is not None]
    if len(added) < len(parts) or not whole:
        return None
    part = sum(added, Decimal(0))
    return round_half_up((part if statistic.rate == "part" else whole - part) / whole * 100, 2)


def _sentence(known: Known, statistic: Statistic, table: OtherTable, sums: dict[str, Decimal | None]) -> str:
    """2023年度呼入量14,097,337，其中接通量13,556,651，话务接通率96.16%. "" where a month is lacking."""
    rate = _rate(known, statistic)
    whole = f"{table.columns[statistic.whole][0]}{grouped(sums.get(statistic.whole) or Decimal(0))}"
    parts = [f"{table.columns[name][0]}{grouped(sums.get(name) or Decimal(0))}" for name in statistic.part]
    if rate is None:
        return ""
    year = f"{known.year}年度" if known.year else "全年"
    return f"{name_of(statistic.row)}：{year}{whole}，其中{'，'.join(parts)}，{name_of(statistic.row)}{rate}%。"


def months_of(path: Path) -> list[Months]:
    """The tables of a workbook of statistics, each with its sums; raises `FileRejected` or `BadStatistics`."""
    from workbook_tools.actuals.work import read_statistics

    tables, _ = read_statistics(path)
    found = []
    for table in tables:
        rows = [
            (month, *(_shown(values[number]) for values in table.columns.values()))
            for number, month in enumerate(table.months)
        ]
        sums = [_added(name, values) for name, values in table.columns.items()]
        _, _, words = table.title.partition(":")
        heading = ("月份", *table.columns)
        last = table.columns[heading[-1]]
        drawn = heading[-1].endswith("率") and all(rate is not None for rate in last)
        values = tuple(zip(table.months, last, strict=True)) if drawn else ()
        found.append(Months(words or table.title, heading, (*rows, (TOTAL, *sums)), values=values))
    return found


def _shown(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def _added(name: str, values: Sequence[Decimal | None]) -> str:
    """The sum of a column; "" for a rate and where a month is lacking."""
    known = [one for one in values if one is not None]
    return "" if name.endswith("率") or len(known) < len(values) else f"{sum(known, Decimal(0)):f}"
