"""One official form of one notice: its rules as data, each beside the sentence it rests on.

Frozen records of exact numbers (`Decimal`) and of rule words out of a small closed set; `scheme_file` reads them from
`schemes/*.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from workbook_tools.values import plain

T = TypeVar("T")


class Bands(NamedTuple, Generic[T]):
    """A table of steps: the value of the first limit that holds, else `otherwise`; no steps where there is no table."""

    direction: str  # at_least | at_most
    steps: tuple[tuple[Decimal, T], ...]
    otherwise: T

    def step(self, number: Decimal) -> tuple[str, T]:
        """The step that `number` falls in: how it is worded (`≥98`), and its value."""
        for limit, value in self.steps:
            if number >= limit if self.direction == "at_least" else number <= limit:
                return f"{'≥' if self.direction == 'at_least' else '≤'}{plain(limit)}", value
        last = plain(self.steps[-1][0])
        return f"{'<' if self.direction == 'at_least' else '>'}{last}", self.otherwise


class Group(NamedTuple):
    """一级指标: `points` is also the cap of its subtotal, None where the form prints them or another group has them."""

    name: str
    label: str
    points: Decimal | None
    share: Decimal  # percent of the total that its subtotal counts for
    weights: str  # rules | printed | equal | shared
    divisor: str  # the letter that the form gives the number of rows: m, k
    kinds: tuple[str, ...]  # 二级指标 as printed in an empty form
    quote: str
    cap_quote: str
    observed: str  # where no sentence says it: a published form that shows it
    points_of: str = ""  # the group whose points it shares, where the notice gives points to both together

    @property
    def most(self) -> Decimal:
        """The points, 0 where the form itself prints them."""
        return self.points or Decimal(0)


class BudgetRule(NamedTuple):
    """A rate of two amounts of money and the points it earns; `points` None where the form prints them."""

    field: str
    label: str
    points: Decimal | None
    part: str  # spent | reduced
    base: tuple[str, ...]
    formula: str
    rule: str  # bands | linear | loss | none
    bands: Bands[Decimal]  # of the rule bands
    row: str  # the indicator whose row it scores, "" where the rule has a row of its own
    quote: str
    observed: str  # where no sentence says it: a published form that shows it
    exempt: tuple[str, ...]
    exempt_quote: str

    @property
    def most(self) -> Decimal:
        """The points, 0 where the form itself prints them."""
        return self.points or Decimal(0)


class Level(NamedTuple):
    """What a qualitative row earns when its words say so: from `low` to `high` percent of its weight."""

    words: tuple[str, ...]
    low: Decimal
    high: Decimal
    below: bool  # whether `high` itself belongs to the level above


class IndicatorRules(NamedTuple):
    """What an indicator earns."""

    rate: str  # proportion | capped | met | judged
    rate_quote: str
    score_quote: str
    inverse: str  # ratio | linear | zero | judged
    inverse_quote: str
    levels: tuple[Level, ...]
    level_quote: str
    stated: tuple[str, ...]  # words in the row that say the target was reached
    stated_quote: str
    step: str  # printed: a step rule written in the row counts | none
    step_quote: str
    either_way: tuple[str, ...]  # kinds whose targets need ≥ or ≤
    coefficient: str = ""  # rate: of the points of the row | points: out of 100, the weight is a share | "": no column


class Statistic(NamedTuple):
    """A table of months whose sums give an indicator its actual value."""

    table: str
    label: str
    row: str  # the indicator
    part: tuple[str, ...]
    whole: str
    rest: bool  # the rate is what the part leaves of the whole
    quote: str


class DeductionRow(NamedTuple):
    """One printed row of deductions: at most `points` (negative); None for the veto, which costs the grade."""

    group: str
    label: str
    points: Decimal | None
    quote: str


class Deductions(NamedTuple):
    """逆向指标: points taken away, at most `lowest` (negative) in all, and the row whose event decides the grade."""

    label: str
    lowest: Decimal
    quote: str
    none: tuple[str, ...]
    none_exactly: tuple[str, ...]
    veto: str
    veto_words: tuple[str, ...]
    veto_grade: str
    veto_quote: str
    rows: tuple[DeductionRow, ...]


class Scheme(NamedTuple):
    """The rules of one official form of one notice."""

    name: str
    title: str
    year: int | None  # None: of any year
    layout: str
    places: int
    general: str  # why the scores are left to people: the rules of the family are not known; "" of an official scheme
    unit: str  # of the money: 元 | 万元
    sources: tuple[Mapping[str, str], ...]
    groups: tuple[Group, ...]
    money: Mapping[str, str]  # amount → what the form calls it
    budget: tuple[BudgetRule, ...]
    indicators: IndicatorRules
    evaluators_quote: str
    statistics: tuple[Statistic, ...]
    deductions: Deductions  # no rows where the form has none
    grades: Bands[str]  # no steps where the form has none
    grade_quote: str

    def group(self, name: str) -> Group:
        """The group of that name."""
        return next(group for group in self.groups if group.name == name)

    def together(self, group: Group) -> tuple[Group, ...]:
        """The groups that the points of a group are for: it alone, or it and those that share them."""
        owner = group.points_of or group.name
        return tuple(one for one in self.groups if owner and owner in (one.name, one.points_of)) or (group,)

    def points(self, group: Group) -> Decimal | None:
        """The points of a group, or of all groups together that share them; None where the form itself prints them."""
        return self.group(group.points_of).points if group.points_of else group.points
