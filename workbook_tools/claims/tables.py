"""Cells of a report's tables: each whose row names an indicator or money and whose heading names a column of the form.

A table is of this form only where more of its cells agree than differ, and so is a column of three or more; where it
names another year, project or unit, or words that the form does not know, nothing in it is refuted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from workbook_tools.claims.cells import Cell, Verdict, judged_cell
from workbook_tools.claims.claim import Claim
from workbook_tools.claims.facts import AMOUNTS, YUAN, Facts, Row, in_a_sentence, name_of
from workbook_tools.claims.figures import same_words
from workbook_tools.claims.monthly import months_in
from workbook_tools.claims.sentences import of_another_time, of_something_else, other_year_in
from workbook_tools.forms.form import ReportTable
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.text import regex
from workbook_tools.values import money_unit, normalize, read_points, read_quantity, round_half_up

_MONEY = {*AMOUNTS, "budget", "execution"}
_WORDS = {"label", "kind", "name", "reason"}  # of which only the figures are compared
_FIGURES_ONLY = {*_WORDS, "weight", "score"}  # — says that there are no points
_NAMES = {"label", "kind", "name"}
_KINDS = {"target": "target", "initial": "target", "revised": "target", "actual": "actual", "weight": "weight"}
_KINDS |= {
    "score": "row_score",
    "status": "met",
    "label": "weight",
    "kind": "weight",
    "name": "changed",
    "reason": "changed",
}
_FEW = 3  # cells of a column of which one may be wrong


class Columns(NamedTuple):
    """What the headings of a table say: column → idea, of indicators or of money; and the words above each column."""

    of_money: bool
    ideas: Mapping[int, str]
    above: Mapping[int, str]

    def once(self, column: int) -> bool:
        """Whether no other column has the same idea."""
        return list(self.ideas.values()).count(self.ideas[column]) == 1


def in_tables(tables: Sequence[ReportTable], facts: Facts) -> Iterator[tuple[str, str, Claim]]:
    """The kind, the place and the claim of every cell of tables that says what the form says elsewhere."""
    for table in tables:
        cells = list(months_in(table, facts) or _compared(table, facts))
        of_form = _of_form(table, facts)
        own = of_form is True or (of_form is None and _agrees(cells))
        for cell in cells:
            right, message, sure, own_name = cell.verdict
            doubtful = not sure or not own or not _agrees(_of_column(cells, cell.column), _FEW)
            verdict = False if right is False and not doubtful else right or None
            yield cell.kind, cell.place, Claim(0, 0, verdict, message, own_name)


def _of_column(cells: Sequence[Cell], column: int) -> list[Cell]:
    """The cells of a column; what is wrong in the same way in several rows, merged perhaps, counts once."""
    own = [one for one in cells if one.column == column]
    return [*{one.verdict.message if one.verdict.right is False else one: one for one in own}.values()]


def _agrees(cells: Sequence[Cell], least: int = 0) -> bool:
    """Whether at least as many cells agree with the form as differ from it; fewer than `least` do not tell."""
    right, wrong = (sum(one.verdict.right is said for one in cells) for said in (True, False))
    return right + wrong < least or right >= wrong > 0 or not wrong


def _of_form(table: ReportTable, facts: Facts) -> bool | None:
    """Whether a table names the form's project or unit; False where it is of another, of another year or a part."""
    words = " ".join((table.title, *(table.rows[0] if table.rows else ())))
    if other_year_in(words, facts.form.year) or of_another_time(words) or of_something_else(table.title):
        return False
    named = None
    for label, said in (pair for row in table.rows for pair in pairwise(row)):
        idea = ideas(label).get("info", "")
        known = normalize(facts.form.texts.get(f"texts.{idea}", "")) if idea in ("project", "unit", "year") else ""
        name = normalize(said)
        if not known or not name or label == said or ideas(said):
            continue
        if name not in known and known not in name:
            return False
        named = named or idea != "year" or None
    return named


def _compared(table: ReportTable, facts: Facts) -> Iterator[Cell]:
    columns: Columns | None = None
    heading = False  # whether the row above was one of headings
    for number, row in enumerate(table.rows):
        places = table.places[number]
        found = _columns(row, places, table.rows[max(number - 2, 0) : number])
        if found is not None:
            columns = _joined(columns, found) if heading and columns and columns.of_money == found.of_money else found
            heading = True
            continue
        heading = False
        yield from _result(row, places, columns, facts)
        if columns is None:
            yield from _amount_beside(table, row, places, facts)
        elif columns.of_money:
            yield from _of_money(table, row, places, columns, facts)
        else:
            yield from _of_indicator(row, places, columns, facts)


def _columns(row: Sequence[str], places: Sequence[str], above: Sequence[Sequence[str]]) -> Columns | None:
    """What a row says as one of headings, None where it is none."""
    known = {column: ideas(words) for column, words in enumerate(row) if words and places[column]}
    money = {column: said["money"] for column, said in known.items() if said.get("money") in _MONEY}
    rows = {
        column: said["indicator"] for column, said in known.items() if said.get("indicator", "") not in ("", "rate")
    }
    surely = [idea for idea in rows.values() if idea not in ("weight", "score")]
    if len(money) + len(surely) < 2 and not (money and len(rows) > len(surely)) and not (surely and len(rows) > 1):
        return None
    of_money = len(money) > len(surely)
    found = money if of_money else rows
    words = {column: " ".join(one[column] for one in (*above, row) if column < len(one)) for column in range(len(row))}
    return Columns(of_money, found, words)


def _joined(first: Columns, second: Columns) -> Columns:
    """Two rows of headings, one below the other: the lower one says more."""
    return Columns(second.of_money, {**first.ideas, **second.ideas}, {**first.above, **second.above})


def _result(row: Sequence[str], places: Sequence[str], columns: Columns | None, facts: Facts) -> Iterator[Cell]:
    """The total and the grade: below the points, or in the cell beside their names."""
    for at, label in enumerate(row):
        idea = ideas(label).get("total") if places[at] else None
        if idea not in ("total", "grade") or ("sum" in ideas(label) and not (columns and not columns.of_money)):
            continue
        for column in range(at + 1, len(row)):
            words, place = row[column], places[column]
            below = columns.ideas.get(column) if columns and not columns.of_money else None
            if not words or not place or ideas(words):
                continue
            if idea == "grade":
                grade = re.fullmatch('[“"]?([优良中差])[秀好等]?[”"]?', normalize(words))
                if grade and facts.grades:
                    shown = "或".join(sorted(facts.grades))
                    message = f"写等级“{words}”，表里是“{shown}”；请改成一致"
                    yield Cell(place, "grade", -1, Verdict(grade[1] in facts.grades, message, own=True))
                break
            points = read_points(words)
            if points is None:
                break
            if below == "weight":
                yield Cell(place, "weight", -1, Verdict(points in facts.full or None))
                continue
            if facts.totals and (below == "score" or (columns is None or "score" not in columns.ideas.values())):
                places_said = max(0, -int(points.as_tuple().exponent))
                right = any(round_half_up(one, places_said) == points for one in facts.totals)
                shown = "或".join(map(str, sorted(facts.totals)))
                message = f"写“{normalized(label)}”{words}，表里的总分是 {shown}；请改成一致"
                yield Cell(place, "total", -1, Verdict(right, message, own=True))
                break
            break
        return


def _of_indicator(row: Sequence[str], places: Sequence[str], columns: Columns, facts: Facts) -> Iterator[Cell]:
    """The cells of the row of one indicator."""
    found = _named(row, places, columns, facts)
    if found is None:
        return
    rows, sure, _ = found
    if (named := found[2]) not in columns.ideas:
        columns = columns._replace(ideas={**columns.ideas, named: "name"})
    units = [row[column] for column, idea in columns.ideas.items() if idea == "unit" and column < len(row)]
    for column, idea in columns.ideas.items():
        words = row[column] if idea in _KINDS and column < len(row) and places[column] else ""
        if not words.strip() or (idea in _FIGURES_ONLY and not any(map(str.isdigit, words))):
            continue
        verdicts = [judged_cell(idea, words, units[0] if units else "", one, facts) for one in rows]
        right = next((one for one in verdicts if one.right), verdicts[0])
        above = columns.above.get(column, "")
        known = columns.once(column) and not other_year_in(above, facts.form.year) and not of_another_time(above)
        yield Cell(places[column], _KINDS[idea], column, right._replace(sure=right.sure and sure and known))


def _named(
    row: Sequence[str], places: Sequence[str], columns: Columns, facts: Facts
) -> tuple[list[Row], bool, int] | None:
    """The indicators that a row may be of, whether it surely is of the only one, and the column of its name.

    None where it names none.
    """
    by_name: list[tuple[int, list[Row]]] = []
    others: list[str] = []
    for column, words in enumerate(row):
        if columns.ideas.get(column, "name") not in _NAMES or not words.strip():
            continue
        rows = _rows_named(words, facts)
        if rows and places[column]:
            by_name.append((column, rows))
        elif not rows:
            others.append(normalize(words))
    if len(by_name) != 1:
        return None
    column, rows = by_name[0]
    if len(rows) > 1:
        rows = [one for one in rows if one.kind in others] or rows
    of_form = {one for each in facts.rows for one in (each.kind, each.group)} | {group.stem for group in facts.groups}
    strange = [one for one in others if not _NUMBER.fullmatch(one) and not {one, _ENDING.sub("", one)} & of_form]
    placed = columns.ideas.get(column, "name") == "name"
    return rows, len(rows) == 1 and placed and not strange, column


def _rows_named(words: str, facts: Facts) -> list[Row]:
    """The indicators of a name; where there is none, the only one whose name has the same words and other figures."""
    name = name_of(words)
    if not _TWO_CHARACTERS.search(name):
        return []  # 1 is the number of a row, even where an indicator is called so
    if rows := [one for one in facts.rows if one.name and name in (one.name, in_a_sentence(one.name))]:
        return rows
    alike = [one for one in facts.rows if same_words(name, [one.name]) is False]
    return alike if len(alike) == 1 and len(name) > LEAST_NAME else []


_TWO_CHARACTERS = regex("[\u4e00-\u9fff].*?[\u4e00-\u9fff]")
LEAST_NAME = 5  # characters of a name that is known but for its figures
_NUMBER = regex(r"[\d.()★*、]*")  # of a row
_ENDING = regex(r"\([^()]{0,40}\)|(?:绩效)?指标|(?<![\d.])\d{1,4}(?:\.\d{1,4})?分?$")


def _of_money(
    table: ReportTable, row: Sequence[str], places: Sequence[str], columns: Columns, facts: Facts
) -> Iterator[Cell]:
    """The cells of a row of money: of the whole, or of one source."""
    labels = [words for column, words in enumerate(row) if column not in columns.ideas and _says(words)]
    labels = list(dict.fromkeys(labels))
    whole = not labels or (ideas(labels[-1]).get("sum") == "total" and not _unknown(labels[:-1], facts))
    source = _source(labels, facts) if not whole else None
    for column, idea in columns.ideas.items():
        if column >= len(row) or not row[column].strip() or not places[column] or idea not in _MONEY:
            continue
        above = columns.above.get(column, "")
        known = columns.once(column) and not other_year_in(above, facts.form.year) and not of_another_time(above)
        unit = money_unit(above) or money_unit(" ".join((*labels, table.title))) or _printed_unit(table)
        verdict = _money(idea, row[column], unit, source, facts) if whole or source is not None else None
        if verdict is not None:
            kind = "rate" if idea == "execution" else "money"
            yield Cell(places[column], kind, column, verdict._replace(sure=verdict.sure and known))


def _amount_beside(table: ReportTable, row: Sequence[str], places: Sequence[str], facts: Facts) -> Iterator[Cell]:
    """Money in the cell beside its name: 全年预算数 | 298.67."""
    cells = [column for column, words in enumerate(row) if words.strip() and places[column]]
    for label, column in pairwise(cells):
        idea = ideas(row[label]).get("money", "")
        if idea in _MONEY and read_quantity(row[column]) is not None:
            unit = money_unit(row[label]) or money_unit(table.title) or _printed_unit(table)
            if verdict := _money(idea, row[column], unit, None, facts):
                yield Cell(places[column], "rate" if idea == "execution" else "money", -1, verdict)


def _says(words: str) -> bool:
    """Whether a cell holds words, and not a figure."""
    return re.search("[\u4e00-\u9fff]", words) is not None and read_quantity(words) is None


def _unknown(labels: Sequence[str], facts: Facts) -> bool:
    """Whether one of the words before a sum is neither a word of forms nor the name of the project or the unit."""
    return any(not ideas(one) and normalize(one) not in facts.own_words for one in labels)


def _printed_unit(table: ReportTable) -> str:
    return next((unit for row in table.rows for words in row if (unit := money_unit(words))), "")


def _source(labels: Sequence[str], facts: Facts) -> Mapping[str, str] | None:
    """The source of money that the last of these words names, as the form prints it."""
    names = {_of_source(row.get("name", "")): row for row in facts.form.sources if row.get("name")}
    known = names.get(_of_source(labels[-1])) if labels and len(names) == len(facts.form.sources) else None
    return known if known is not None and not _unknown(labels[:-1], facts) else None


def _of_source(words: str) -> str:
    return normalize(words).removeprefix("其中").lstrip(":")


def _money(idea: str, words: str, unit: str, source: Mapping[str, str] | None, facts: Facts) -> Verdict | None:
    """What a cell of money says against the form; None where the form does not know it."""
    read = read_quantity(words)
    if read is None:
        return None
    places = max(0, -int(read.number.as_tuple().exponent))
    if idea == "execution":
        if source is not None or not facts.rates or read.unit not in ("", "%"):
            return None
        numbers = [read.number] if read.unit or read.number > 2 else [read.number, read.number * 100]
        right = any(round_half_up(one, places) == number for one in facts.rates for number in numbers)
        other = any(round_half_up(one, places) == number for one in facts.other_rates for number in numbers)
        shown = "或".join(f"{round_half_up(one, 2)}%" for one in sorted(facts.rates))
        message = f"写预算执行率 {words}，表里是 {shown}；请改成一致"
        return Verdict(right or (None if other else False), message, own=True)
    known = facts.amounts_of(idea) if source is None else facts.amounts_of_source(source, idea)
    said_unit = re.sub(r"[\d.,\s-]", "", normalize(words))
    per = YUAN.get(said_unit) if said_unit else YUAN.get(unit or facts.form.money_unit or facts.scheme.unit)
    if not known or per is None:
        return None
    number = abs(Decimal(re.sub(r"[^\d.]", "", normalize(words)) or "0"))
    right = any(one.agrees(number, per) for one in known)
    message = f"写 {words}，表里这一栏是 {'或'.join(dict.fromkeys(one.shown(per) for one in known))}；请改成一致"
    elsewhere = idea == "adjusted" or (idea == "budget" and source is not None)
    return Verdict(right, message, sure=not elsewhere, own=source is None)
