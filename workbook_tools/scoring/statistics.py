"""Sheets that feed the score sheet: the evaluators' points and the statistics of the months."""

from __future__ import annotations

from decimal import Decimal

from workbook_tools.forms.form import Evaluated, Field, Form, Table
from workbook_tools.schemes.scheme import Scheme, Statistic
from workbook_tools.scoring.comparing import short
from workbook_tools.scoring.scorecard import ZERO, Scorecard
from workbook_tools.values import HUNDRED, Quantity, grouped, normalize, not_applicable, read_points, read_quantity


def score_evaluators(form: Form, card: Scorecard) -> None:
    """Adds the arithmetic mean of what the evaluators gave each indicator."""
    for number, row in enumerate(form.evaluators, 1):
        field = f"evaluators.{number}.average"
        points = [read_points(words) for words in row.scores]
        known = [value for value in points if value is not None]
        if not _given(row):
            continue  # a row that is not evaluated but computed
        if len(known) < len(points):
            missing = "、".join(f"第{k}位" for k, value in enumerate(points, 1) if value is None)
            card.put(field, None, f"{missing}没有评分或无法读取，请填写")
            continue
        terms = " + ".join(str(value) for value in known)
        mean = card.round(sum(known, ZERO) / len(known))
        card.put(field, mean, f"({terms}) ÷ {len(known)}" if len(known) > 1 else "只有一位评分")


def evaluated(form: Form, name: str) -> Field | None:
    """The field of the mean that the evaluators gave an indicator, None where they did not."""
    for number, row in enumerate(form.evaluators, 1):
        if normalize(row.name) == normalize(name) and _given(row):
            return f"evaluators.{number}.average"
    return None


def _given(row: Evaluated) -> bool:
    """Whether anyone has evaluated the row."""
    return any(words and not not_applicable(words) for words in row.scores)


def score_statistics(form: Form, scheme: Scheme, card: Scorecard) -> None:
    """Adds the totals and rates of every table of months, and the actual values that follow from them."""
    for statistic in scheme.statistics:
        table = form.tables.get(statistic.table)
        if table and table.rows:
            rate = _table(statistic, table, card)
            row = next((n for n, i in enumerate(form.indicators, 1) if i.name == statistic.row), None)
            if row is not None and rate is not None:
                card.put(f"indicators.{row}.actual", rate, f"{statistic.label}合计：{card[_total(statistic)].why}")


def _total(statistic: Statistic) -> Field:
    return f"tables.{statistic.table}.total.rate"


def _table(statistic: Statistic, table: Table, card: Scorecard) -> Quantity | None:
    """Sums and rates of one table; gives the rate of the whole, None where a figure cannot be read."""
    columns = (statistic.whole, *statistic.part)
    sums = dict.fromkeys(columns, ZERO)
    complete = True
    for number, row in enumerate(table.rows, 1):
        read = {column: read_quantity(row.get(column, "")) for column in columns}
        field = f"tables.{statistic.table}.{number}.rate"
        known = {column: quantity.number for column, quantity in read.items() if quantity and not quantity.over}
        if len(known) < len(columns):
            bad = next(column for column in columns if column not in known)
            card.put(field, None, f"“{short(row.get(bad, ''))}”无法读取数值，请填写")
            complete = False
            continue
        _rate(statistic, field, known, card)
        for column in columns:
            sums[column] += known[column]
    if not complete:
        card.put(_total(statistic), None, f"{statistic.label}还有没填好的月份")
        return None
    for column in (*columns, *_other_columns(statistic, table)):
        total = sums.get(column)
        if total is None:
            numbers = [read_quantity(row[column]) for row in table.rows]
            total = sum((quantity.number for quantity in numbers if quantity), ZERO)
        months = f"{len(table.rows)} 个月相加"
        card.put(f"tables.{statistic.table}.total.{column}", total, f"{months} {grouped(total)}")
    return _rate(statistic, _total(statistic), sums, card)


def _other_columns(statistic: Statistic, table: Table) -> list[str]:
    """Columns of counts that the rate does not need, where every month has one."""
    known = {"month", "rate", statistic.whole, *statistic.part}
    columns = [column for column in table.total if column not in known]
    return [column for column in columns if all(read_quantity(row.get(column, "")) for row in table.rows)]


def _rate(statistic: Statistic, field: Field, sums: dict[str, Decimal], card: Scorecard) -> Quantity | None:
    whole = sums[statistic.whole]
    part = sum((sums[column] for column in statistic.part), ZERO)
    if whole <= 0:
        card.put(field, None, f"{statistic.label}的分母是 {grouped(whole)}，不能作除数")
        return None
    share = (whole - part) / whole if statistic.rate == "rest" else part / whole
    above = f"({grouped(whole)} - {grouped(part)})" if statistic.rate == "rest" else grouped(part)
    rate = Quantity(share * HUNDRED, "%")
    card.put(field, rate, f"{above} ÷ {grouped(whole)}")
    return rate
