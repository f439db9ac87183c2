"""What a form knows, by the words under which a text may speak of it: totals, groups, rows, money, statistics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from workbook_tools.claims.figures import parted, pieces
from workbook_tools.claims.numerals import Numeral, in_digits
from workbook_tools.claims.sentences import may_be_cut
from workbook_tools.forms.form import Field, Form, Scores, Table
from workbook_tools.schemes.scheme import OtherTable, Scheme
from workbook_tools.scoring.comparing import MOST_DECIMALS, bare
from workbook_tools.text import regex
from workbook_tools.values import (
    Quantity,
    Target,
    decimals,
    normalize,
    plain,
    read_points,
    read_quantity,
    read_weight,
    round_half_up,
)

YUAN = {"亿元": Decimal(100_000_000), "万元": Decimal(10_000), "元": Decimal(1)}
AMOUNTS = ("initial", "adjusted", "revised", "spent", "balance", "received")
_NUMBERED = regex(r"^指标\d+[:.]?|^★+|^\(?\d{1,2}[.):](?!\d)")
_YEAR_BEFORE = regex(r"^(?:19|20)\d\d年度?")
_WHOLE_UNIT = regex("部门整体|整体支出")
_SEVERAL = regex(r"[;；]|(?<![\d.])2[.、:](?!\d)")
_ENDS = regex("[。;；]")
_BRACKETS = regex(r"\([^()]*\)")
_STEM = regex(r"^项目|(?:绩效)?指标$|绩效$")
SHORTEST = 3  # characters of an indicator's name that may be looked for in a text
_ROUNDED = 2  # decimals: 132.91 may be a rounded amount, 90 is not
_STATED = regex(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,40}+):?(\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,10})?)(%?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One indicator in use, as far as a text may speak of it.

    Attributes:
        field: where it stands: indicators.3.
        name: 三级指标 in half width, without its number.
        shown: the name for a message.
        kind: 二级指标.
        group: the scheme's name of its 一级指标.
        weight: its points, None where they cannot be read.
        scores: 得分 as printed and as computed.
        target: 指标值, None where it is no figure.
        actuals: 完成值 as printed and as computed.
        met: whether the target was met, None where nobody can tell.
        why: what `met` rests on.
    """

    field: Field
    name: str
    shown: str
    kind: str
    group: str
    weight: Decimal | None
    scores: frozenset[Decimal]
    target: Target | None
    actuals: tuple[Quantity, ...]
    met: bool | None
    why: str = ""


class Group(NamedTuple):
    """一级 or 二级指标: the words that name it, its rows, what they are worth and what they earned."""

    stem: str
    rows: tuple[Row, ...]
    points: frozenset[Decimal]
    sums: frozenset[Decimal]
    share: Decimal | None = None

    @property
    def kinds(self) -> int:
        """How many 二级指标 it has."""
        return len({row.kind for row in self.rows})

    @property
    def spellings(self) -> tuple[str, ...]:
        """How a text names it: 产出指标, “项目管理”, 项目管理绩效得分."""
        ways = ("{}指标", "{}类指标", "{}绩效指标", "{}绩效得分", "{}绩效评价得分", "“{}”")
        return tuple(way.format(stem) for way in ways for stem in (self.stem, f"项目{self.stem}"))


class Money(NamedTuple):
    """An amount in 元, and the unit and decimals that it is printed with; many decimals where it cannot be rounded."""

    yuan: Decimal
    per: Decimal
    places: int

    def agrees(self, said: Decimal, per: Decimal) -> bool:
        """Whether a text means this amount: either may be rounded."""
        exact = round_half_up(said * per / self.per, self.places) == self.yuan / self.per
        return exact or said == round_half_up(self.yuan / per, decimals(said))

    def shown(self, per: Decimal) -> str:
        """The amount for a message, in another unit."""
        return plain(round_half_up(self.yuan / per, min(self.places, MOST_DECIMALS)))


@dataclass(frozen=True)
class Facts:
    """Everything in a form that a sentence may be held against."""

    form: Form
    scores: Scores
    scheme: Scheme
    rows: Sequence[Row]

    @cached_property
    def totals(self) -> frozenset[Decimal]:
        """The total as printed and as computed."""
        return _known(read_points(self.form.total), self.scores.total)

    @cached_property
    def full(self) -> frozenset[Decimal]:
        """What the form may give at most."""
        weights = [row.weight for row in self.rows]
        added = sum((weight for weight in weights if weight is not None), Decimal(0))
        printed = read_weight(self.form.sums.get("counts.total.weight", ""))
        return _known(printed, self.scores.full, added, Decimal(100))

    @cached_property
    def grades(self) -> frozenset[str]:
        """The grade as printed and as computed."""
        printed = next(iter(re.findall("[优良中差]", self.form.grade)), None) if len(self.form.grade) < 10 else None
        return frozenset(grade for grade in (printed, self.scores.grade) if grade)

    @cached_property
    def of_several(self) -> bool:
        """Whether a row has parts below it or names several indicators, so that how many there are is no one number."""
        names = (normalize(row.name).lstrip("★") for row in self.form.indicators)
        return any(name.startswith("其中") or _SEVERAL.search(name) for name in names)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """一级指标, with the rules of money that belong to them, and 二级指标."""
        return (*self.first_level, *self._kinds())

    @cached_property
    def first_level(self) -> tuple[Group, ...]:
        """一级指标 that have rows."""
        return tuple(self._first())

    def _first(self) -> Iterator[Group]:
        for group in self.scheme.groups:
            rows = tuple(row for row in self.rows if row.group == group.name)
            if not rows:
                continue
            line = self.scores.lines.get(f"groups.{group.name}")
            computed = line.value if line and isinstance(line.value, Decimal) else None
            printed = read_points(self.form.sums.get(f"groups.{group.name}", ""))
            points = _known(group.points, read_weight(self.form.sums.get(f"counts.groups.{group.name}.weight", "")))
            stem = _stem(group.label)
            share = group.share if len(self.scheme.groups) > 1 and group.share != 100 else None
            yield Group(stem, rows, points | _added(row.weight for row in rows), _known(printed, computed), share)

    def _kinds(self) -> Iterator[Group]:
        kinds = dict.fromkeys(row.kind for row in self.rows if row.kind)
        known = {group.stem for group in self.first_level}
        for kind in kinds:
            rows = tuple(row for row in self.rows if row.kind == kind)
            stem = _stem(kind)
            if len(stem) > 1 and stem not in known:
                scores = _added(one_of(row.scores) for row in rows)
                yield Group(stem, rows, _added(row.weight for row in rows), scores)

    @cached_property
    def budget_scores(self) -> frozenset[Decimal]:
        """The points of the rate of execution, as printed and as computed."""
        line = self.scores.lines.get("budget.execution.score")
        return _known(
            read_points(self.form.budget.get("execution.score", "")),
            line.value if line and isinstance(line.value, Decimal) else None,
        )

    @cached_property
    def rates(self) -> frozenset[Decimal]:
        """The rate of execution in percent, as printed and as computed."""
        line = self.scores.lines.get("budget.execution")
        computed = line.value.number if line and isinstance(line.value, Quantity) else None
        printed = read_quantity(self.form.budget.get("execution", ""))
        return _known(computed, printed.number if printed else None)

    @cached_property
    def other_rates(self) -> frozenset[Decimal]:
        """What was spent in percent of each amount: 执行率 by the first budget is another rate, and no wrong one."""
        spent = self.money.get("spent", ())[:1]
        bases = [one for name in ("initial", "revised", "received") for one in self.money.get(name, ()) if one.yuan]
        return frozenset(100 * part.yuan / base.yuan for part in spent for base in bases)

    @cached_property
    def money(self) -> Mapping[str, tuple[Money, ...]]:
        """The amounts of the whole budget by column, as printed and as computed."""
        unit = YUAN.get(self.form.money_unit or self.scheme.unit)
        found: dict[str, tuple[Money, ...]] = {}
        for column in AMOUNTS if unit else ():
            words = [self.form.budget.get(column, "")]
            line = self.scores.lines.get(f"budget.{column}")
            amounts = [_money(word, unit) for word in words if unit]
            if line and isinstance(line.value, Decimal) and unit:
                amounts.append(Money(abs(line.value) * unit, unit, _places(line.value)))
            if known := tuple(amount for amount in amounts if amount):
                found[column] = known
        return found

    @cached_property
    def sources(self) -> tuple[tuple[str, tuple[Money, ...]], ...]:
        """The sources of the money with their amounts."""
        unit = YUAN.get(self.form.money_unit or self.scheme.unit)
        if unit is None:
            return ()
        return tuple(
            (
                normalize(row.get("name", "")),
                tuple(money for column in AMOUNTS if (money := _money(row.get(column, ""), unit))),
            )
            for row in self.form.sources
        )

    def amounts_of(self, column: str) -> tuple[Money, ...]:
        """The amounts of the whole in a column; a plain budget may be the first, the revised or what arrived."""
        columns = ("revised", "initial", "received") if column in ("revised", "budget") else (column,)
        return tuple(one for name in columns for one in self.money.get(name, ()))

    def amounts_of_source(self, source: Mapping[str, str], column: str) -> tuple[Money, ...]:
        """The amount that a source of the form has in a column, () where it has none."""
        unit = YUAN.get(self.form.money_unit or self.scheme.unit)
        columns = ("revised", "initial") if column == "budget" else (column,)
        found = [_money(source.get(name, ""), unit) for name in columns] if unit else []
        return tuple(one for one in found if one)

    @cached_property
    def differences(self) -> frozenset[Decimal]:
        """What any two amounts of the budget differ by, in 元: saved, adjusted."""
        amounts = {money.yuan for known in self.money.values() for money in known}
        return frozenset(abs(one - other) for one, other in combinations(amounts, 2))

    @cached_property
    def whole_amounts(self) -> tuple[Money, ...]:
        """The amounts of the whole budget."""
        return tuple(money for known in self.money.values() for money in known)

    @cached_property
    def every_amount(self) -> tuple[Money, ...]:
        """All amounts of the form."""
        return (*self.whole_amounts, *(money for _, amounts in self.sources for money in amounts))

    @cached_property
    def statistics(self) -> tuple[tuple[OtherTable, Table], ...]:
        """The tables of months, each with the columns that the scheme gives it."""
        return tuple(
            (table, self.form.tables[table.name])
            for table in self.scheme.form.tables
            if table.rows == "months" and table.name in self.form.tables
        )

    @cached_property
    def sums(self) -> Mapping[tuple[str, str], Decimal]:
        """Table and column → the sum of the months, never the printed total."""
        found = {}
        for table, printed in self.statistics:
            for column in table.columns:
                numbers = [read_quantity(month.get(column, "")) for month in printed.rows]
                if column not in ("month", "rate") and numbers and None not in numbers:
                    found[table.name, column] = sum((one.number for one in numbers if one), Decimal(0))
        return found

    @cached_property
    def misprinted(self) -> frozenset[Decimal]:
        """Totals as printed below a table that its months do not make."""
        return frozenset(
            said.number
            for (table, column), added in self.sums.items()
            if (said := read_quantity(self.form.tables[table].total.get(column, ""))) and said.number != added
        )

    @cached_property
    def stated(self) -> tuple[tuple[str, Decimal, str], ...]:
        """Figures that stand in the names of the indicators: name, number, unit (准确派单率:94.82%)."""
        return tuple(
            (found[1], Decimal(found[2].replace(",", "")), found[3])
            for row in self.rows
            for found in _STATED.finditer(row.name)
        )

    @cached_property
    def cited(self) -> Mapping[str, frozenset[tuple[str, ...]]]:
        """Where a report is held against the form: its own texts and their sentences without their figures → these."""
        reasons = (row.reason or "" for row in self.form.indicators)
        found: dict[str, set[tuple[str, ...]]] = {}
        for words in (*self.form.texts.values(), *reasons) if self.form.report else ():
            said, _ = self.in_digits(words)
            for figures, rest in (*pieces(said), parted(said)):
                found.setdefault(rest, set()).add(figures)
        return {rest: frozenset(figures) for rest, figures in found.items()}

    @cached_property
    def names(self) -> Mapping[str, Row | Group]:
        """What a text may call a row or a group → the row, or the group."""
        found: dict[str, Row | Group] = {row.name: row for row in self.rows if len(row.name) >= SHORTEST}
        found |= {in_a_sentence(name): row for name, row in list(found.items())}
        for group in self.groups:
            for words in group.spellings:
                found.setdefault(words, group)
        return found

    @cached_property
    def spelled(self) -> re.Pattern[str]:
        """Any of these names, of two that begin together the longer one."""
        spellings = [
            rf"(?<![\u4e00-\u9fff]){re.escape(name)}" if len(name) == SHORTEST else re.escape(name)
            for name in sorted(self.names, key=lambda name: (-len(name), name))
        ]
        return regex("|".join(spellings) or "(?!)", needs="|".join(self.names))

    def in_digits(self, words: str) -> tuple[str, tuple[Numeral, ...]]:
        """A text with its Chinese numerals as digits, where they are no part of the form's own names."""
        text = normalize(words)
        names = [one.span() for one in self.spelled.finditer(text)]
        names += [place for name in self.own_words for place in _places_of(name, text)]
        return in_digits(text, names)

    @cached_property
    def cut_names(self) -> tuple[str, ...]:
        """Names that have a comma, a bracket or a word of time in them."""
        return tuple(name for name in (*self.own_words, *self.names) if may_be_cut(name))

    @cached_property
    def own_words(self) -> tuple[str, ...]:
        """Names of the project and the unit, longest first: they add nothing to a subject."""
        names = [normalize(self.form.texts.get(f"texts.{name}", "")) for name in ("project", "unit", "department")]
        names += [_YEAR_BEFORE.sub("", name) for name in names]
        if _WHOLE_UNIT.search(names[0]):  # the form itself is of the whole unit
            names += ["部门整体支出", "部门整体"]
        return tuple(sorted({name for name in names if len(name) > 1}, key=lambda name: (-len(name), name)))


def _places_of(name: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(name)
    while start >= 0:
        yield start, start + len(name)
        start = text.find(name, start + 1)


def in_a_sentence(name: str) -> str:
    """A name without the signs that end a sentence: 一个存储备份器;WIFI布点 is read in two pieces otherwise."""
    return _ENDS.sub(",", name.rstrip(".。;；"))


def name_of(words: str) -> str:
    """The name of an indicator without its number."""
    return _NUMBERED.sub("", normalize(words))


def one_of(known: frozenset[Decimal]) -> Decimal | None:
    """What is known, where it is one number."""
    return next(iter(known)) if len(known) == 1 else None


def _stem(label: str) -> str:
    words = _BRACKETS.sub("", normalize(label))
    while (shorter := _STEM.sub("", words)) != words:
        words = shorter
    return words


def _known(*numbers: Decimal | None) -> frozenset[Decimal]:
    return frozenset(number for number in numbers if number is not None)


def _added(numbers: Iterator[Decimal | None]) -> frozenset[Decimal]:
    every = list(numbers)
    return frozenset() if None in every else frozenset([sum((one for one in every if one is not None), Decimal(0))])


def _places(number: Decimal) -> int:
    return places if (places := decimals(number)) >= _ROUNDED else MOST_DECIMALS


def _money(words: str, unit: Decimal) -> Money | None:
    amount = read_quantity(words)
    if amount is None or amount.unit not in ("", "元"):
        return None
    per = unit if bare(words, amount) else Decimal(1)  # 125.25万, 1252500元
    return Money(abs(amount.number) * per, per, _places(amount.number))
