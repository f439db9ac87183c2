"""Statistics in a text: the sums of the months, their differences, and what is said of every month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from workbook_tools.claims.cells import Cell, Verdict
from workbook_tools.claims.claim import Claim, judged, names_in, row_of
from workbook_tools.claims.facts import Facts
from workbook_tools.claims.money import mistyped
from workbook_tools.claims.sentences import Text, common
from workbook_tools.forms.form import ReportTable, Table
from workbook_tools.schemes.scheme import OtherTable, Statistic
from workbook_tools.text import regex
from workbook_tools.values import Quantity, decimals, normalize, plain, read_quantity, round_half_up

_LONG = 5  # digits of a count that is no other by chance


def _tables(text: Text, facts: Facts) -> list[Statistic]:
    """The tables of the rows that a paragraph names."""
    names = {one.row.name for one in names_in(text.words, facts) if one.row}
    return [one for one in facts.scheme.statistics if one.row in names]


def statistics(text: Text, facts: Facts) -> Iterator[Claim]:
    """年度总呼入数为…: the sum of the months, or the difference of two columns."""
    tables = {one.table for one in _tables(text, facts)}
    if not tables or not facts.sums:
        return
    sums = {key: added for key, added in facts.sums.items() if key[0] in tables}
    added = frozenset(sums.values())
    known = added | {abs(one - other) for one, other in combinations(added, 2)}
    for figure in text.figures:
        if figure.unit[:1] in ("%", "‰", "元", "分") and not figure.after.startswith("分钟"):
            continue
        if len(plain(figure.number)) < _LONG:
            continue
        exact = _exactly(figure.subject, tables, facts)
        if exact is not None:
            message = f"写“{figure.subject}”{figure.said}，各月相加是 {exact:,}；请核对"
            yield judged(figure, message, right=figure.number == exact, sure=True)
            continue
        wrong_total = figure.number in facts.misprinted and figure.number not in known
        close = next((one for one in sorted(known) if mistyped(plain(figure.number), plain(one))), None)
        column = _column(figure.subject, tables, facts)
        right = close if close is not None else column
        shown = f"{right:,}" if right is not None else "、".join(f"{one:,}" for one in sorted(added))
        message = f"写 {figure.said}，各月相加是 {shown}；请核对"
        yield judged(figure, message, right=figure.number in known, sure=wrong_total or close is not None)


def _exactly(subject: str, tables: set[str], facts: Facts) -> Decimal | None:
    """The sum of the only column whose heading the subject is, None where it says more or less."""
    words = _OF_YEAR.sub("", subject)
    named = [
        facts.sums.get((table.name, column))
        for table, _ in facts.statistics
        for column, spellings in (table.columns.items() if table.name in tables else ())
        if words in spellings
    ]
    return named[0] if len(named) == 1 else None


_OF_YEAR = regex(r"^(?:其中)?(?:(?:19|20)\d\d年度?|全年|年度)?")


def _column(subject: str, tables: set[str], facts: Facts) -> Decimal | None:
    """The sum of the column whose heading is most like the subject."""
    best, most = None, 1
    for table, _ in facts.statistics:
        for column, spellings in table.columns.items() if table.name in tables else ():
            alike = max(common(subject, one) for one in spellings)
            if alike > most and (table.name, column) in facts.sums:
                best, most = facts.sums[table.name, column], alike
    return best


_EVERY = regex(r"月度[^,。;]{0,40}?(均高于|均不低于|均大于|均达到?|为)(\d+(?:\.\d+)?)%", needs="月度")


def monthly(text: Text, facts: Facts) -> Iterator[Claim]:
    """月度接通率均高于95%: the rate of every month."""
    for sentence in text.sentences:
        for found in _EVERY.finditer(sentence.masked):
            words = sentence.words[found.start() : found.start(1)]
            rows, _ = row_of(words, facts)
            tables = [one.table for one in facts.scheme.statistics if any(row.name == one.row for row in rows)]
            tables = tables or [one.table for one in _tables(text, facts)]
            if len(set(tables)) != 1 or sentence.other_year or tables[0] not in facts.form.tables:
                continue
            months = [read_quantity(row.get("rate", "")) for row in facts.form.tables[tables[0]].rows]
            rates = [one.number for one in months if one]
            if not rates or None in months:
                continue
            said = Decimal(found[2])
            right = {
                "为": all(rate == said for rate in rates),
                "均高于": min(rates) > said,
                "均大于": min(rates) > said,
            }.get(found[1], min(rates) >= said)
            lowest = plain(min(rates))
            start = sentence.start + found.start(2)
            message = f"说每个月{found[1].strip('均')}{found[2]}%，最低的一个月是 {lowest}%；请核对"
            yield Claim(start, start + len(found[2]), right, message)


_NONE = regex(
    r"(?<![\u4e00-\u9fff])(?:无|没有|未发生|零)(超时|逾期|错派|延误|漏派)",
    needs="超时|逾期|错派|延误|漏派",
)


def zero(text: Text, facts: Facts) -> Iterator[Claim]:
    """无超时工单: the months of the column add up to nothing."""
    tables = {one.table for one in _tables(text, facts)}
    for sentence in text.sentences:
        for found in _NONE.finditer(sentence.words):
            sums = [
                facts.sums[table.name, column]
                for table, _ in facts.statistics
                for column, spellings in table.columns.items()
                if table.name in tables and (table.name, column) in facts.sums and found[1] in "".join(spellings)
            ]
            if len(sums) == 1 and not sentence.other_year:
                start = sentence.start + found.start()
                message = f"说“{found[0]}”，各月相加是 {sums[0]:,}；请核对"
                yield Claim(start, start + len(found[0]), sums[0] == 0, message)


_FEW = 2  # columns of a table that are found by their headings


def months_in(table: ReportTable, facts: Facts) -> list[Cell]:
    """The cells of a table of months, against the statistics of the form that most of them agree with."""
    found = [_months(table, known, printed, facts) for known, printed in facts.statistics]
    return max(found, key=lambda cells: sum(one.verdict.right is True for one in cells), default=[])


def _months(table: ReportTable, known: OtherTable, printed: Table, facts: Facts) -> list[Cell]:
    headings = {normalize(words): name for name, spelled in known.columns.items() for words in spelled}
    months = {normalize(row.get("month", "")): row for row in printed.rows}
    columns: dict[int, str] = {}
    found: list[Cell] = []
    for row, places in zip(table.rows, table.places, strict=True):
        named = {column: headings[normalize(words)] for column, words in enumerate(row) if normalize(words) in headings}
        if len(named) >= _FEW:
            columns = named
            continue
        at = next((column for column, name in columns.items() if name == "month"), None)
        first = normalize(row[at]) if at is not None and at < len(row) else ""
        for column, name in columns.items() if first in months or first in _SUM else ():
            said = read_quantity(row[column]) if column < len(row) and name != "month" and places[column] else None
            if said is None:
                continue
            month = months.get(first)
            right = read_quantity(month.get(name, "")) if month else _added(known.name, name, facts)
            if right is None:
                continue
            exact = said.number == round_half_up(right.number, decimals(said.number)) and said.unit in ("", right.unit)
            shown = f"{right.number:,}" if right.unit != "%" else str(right)
            of = "各月相加是" if month is None else f"{first}是"
            message = f"写“{known.columns[name][0]}”{row[column]}，{of} {shown}；请核对"
            found.append(Cell(places[column], "statistics", column, Verdict(exact, message)))
    return found


_SUM = ("合计", "总计", "全年", "累计")


def _added(table: str, column: str, facts: Facts) -> Quantity | None:
    added = facts.sums.get((table, column))
    return None if added is None else Quantity(added, "")
