"""One official form of one notice: its rules as data, each beside the sentence it rests on.

Frozen records of exact numbers (`Decimal`) and of rule words out of small closed sets; `loading` reads them from
`official/*/scheme.toml`. Each set of words stands once, as a `Literal`; the tuple below it is for the loader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, NamedTuple, TypeVar, get_args

from workbook_tools.schemes.monitoring import Monitoring
from workbook_tools.schemes.review import Review
from workbook_tools.values import plain

T = TypeVar("T")

Bound = Literal["at_least", "at_most"]  # whether a step begins or ends with its limit
Amount = Literal["initial", "adjusted", "revised", "spent"]
MoneyUnit = Literal["元", "万元"]
Status = Literal["read", "memory"]  # of a source
Weights = Literal["rules", "printed", "equal", "shared"]
BudgetPart = Literal["spent", "reduced"]
BudgetScore = Literal["bands", "linear", "loss", "judged", "none"]
Rate = Literal["proportion", "capped", "met", "judged"]
Inverse = Literal["ratio", "linear", "zero", "judged"]
StepRule = Literal["printed", "none"]
Share = Literal["part", "rest"]
OtherRows = Literal["evaluators", "months"]
Coefficient = Literal["", "rate", "points"]

BOUNDS: tuple[Bound, ...] = get_args(Bound)
AMOUNTS: tuple[Amount, ...] = get_args(Amount)
MONEY_UNITS: tuple[MoneyUnit, ...] = get_args(MoneyUnit)
STATUSES: tuple[Status, ...] = get_args(Status)
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
BUDGET_PARTS: tuple[BudgetPart, ...] = get_args(BudgetPart)
BUDGET_SCORES: tuple[BudgetScore, ...] = get_args(BudgetScore)
RATES: tuple[Rate, ...] = get_args(Rate)
INVERSES: tuple[Inverse, ...] = get_args(Inverse)
STEP_RULES: tuple[StepRule, ...] = get_args(StepRule)
SHARES: tuple[Share, ...] = get_args(Share)
OTHER_ROWS: tuple[OtherRows, ...] = get_args(OtherRows)
COEFFICIENTS: tuple[Coefficient, ...] = get_args(Coefficient)


class Source(NamedTuple):
    """A document that a scheme rests on, and whether it was read or only remembered."""

    document: str
    status: Status


class Bands(NamedTuple, Generic[T]):
    """A table of steps: the value of the first limit that holds, else `otherwise`; no steps where there is no table."""

    direction: Bound
    steps: tuple[tuple[Decimal, T], ...]
    otherwise: T

    def step(self, number: Decimal) -> tuple[str, T]:
        """The step that `number` falls in: how it is worded (`≥98`), and its value."""
        for limit, value in self.steps:
            if number >= limit if self.direction == "at_least" else number <= limit:
                return f"{'≥' if self.direction == 'at_least' else '≤'}{plain(limit)}", value
        last = plain(self.steps[-1][0])
        return f"{'<' if self.direction == 'at_least' else '>'}{last}", self.otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """一级指标: which rows belong to it, and how they share its points.

    Attributes:
        name: what the scheme calls it: output, benefit.
        label: what the form calls it.
        points: its points, also the cap of its subtotal; None where the form prints them or another group has them.
        share: the percent of the total that its subtotal counts for.
        weights: where the weights of its rows come from: `rules` of the budget, `printed` in each row, `equal` shares
            of the points, or `shared` without a weight for each row.
        divisor: the letter that the form gives the number of rows (m, k), where the shares are equal.
        kinds: 二级指标 as printed in an empty form.
        quote: the sentence that gives the points.
        cap_quote: the sentence that caps the subtotal.
        observed: a published form that shows the rule, where no sentence says it.
        points_of: the group whose points it shares, where the notice gives points to both together; else "".
        begins: how the words of its rows begin; () where the first words of its label tell.
    """

    name: str
    label: str
    points: Decimal | None
    share: Decimal
    weights: Weights
    divisor: str
    kinds: tuple[str, ...]
    quote: str
    cap_quote: str
    observed: str
    points_of: str = ""
    begins: tuple[str, ...] = ()

    @property
    def most(self) -> Decimal:
        """The points, 0 where the form itself prints them."""
        return self.points or Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRule:
    """A rate of two amounts of money and the points it earns.

    Attributes:
        field: its name in field paths: execution, adjustment.
        label: what the form calls the rate.
        points: its points; None where the form prints them.
        part: the amount above the line: what was spent, or by how much the budget was reduced.
        base: the amounts whose sum stands below the line.
        formula: the rate as the notice writes it.
        rule: how points follow from the rate: by `bands`, in proportion (`linear`), by what is left of them (`loss`),
            by the person who fills in a form that prints points for it (`judged`), or not at all.
        bands: the steps of the rule `bands`; no steps otherwise.
        row: the indicator whose row it scores, "" where the rule has a row of its own.
        quote: the sentence that gives the points.
        observed: a published form that shows the rule, where no sentence says it.
        exempt: words in the row that leave its points to a person.
        exempt_quote: the sentence that exempts.
    """

    field: str
    label: str
    points: Decimal | None
    part: BudgetPart
    base: tuple[Amount, ...]
    formula: str
    rule: BudgetScore
    bands: Bands[Decimal]
    row: str
    quote: str
    observed: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRules:
    """What an indicator earns.

    Attributes:
        rate: what a row earns by actual ÷ target: in `proportion` (also beyond 100%), `capped` at full points, full
            points only where the target is `met`, or as a person has `judged`.
        rate_quote: the sentence of that rule.
        score_quote: the sentence that makes points of the rate.
        inverse: what a missed target earns where less is better: the `ratio` target ÷ actual, points falling `linear`
            with the excess, `zero`, or as a person has `judged`.
        inverse_quote: the sentence of that rule.
        levels: what a qualitative row earns by its words.
        level_quote: the sentence of the levels.
        stated: words in the row that say that the target was reached.
        stated_quote: the sentence that makes them count.
        step: whether a step rule `printed` in the row counts.
        step_quote: the sentence that makes it count.
        either_way: kinds whose targets need ≥ or ≤.
        coefficient: whether 得分系数 is a `rate` of the points of the row, or `points` out of 100, of which the weight
            is a share; "" where the form has no such column.
    """

    rate: Rate
    rate_quote: str
    score_quote: str
    inverse: Inverse
    inverse_quote: str
    levels: tuple[Level, ...]
    level_quote: str
    stated: tuple[str, ...]
    stated_quote: str
    step: StepRule
    step_quote: str
    either_way: tuple[str, ...]
    coefficient: Coefficient = ""


class Statistic(NamedTuple):
    """A table of months whose sums give an indicator its actual value."""

    table: str
    label: str
    row: str  # the indicator
    part: tuple[str, ...]
    whole: str
    rate: Share  # the part itself, or what it leaves of the whole
    quote: str


class DeductionRow(NamedTuple):
    """One printed row of deductions: at most `points` (negative); None for the veto, which costs the grade."""

    group: str
    label: str
    points: Decimal | None
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deductions:
    """逆向指标: points taken away, and the row whose event decides the grade.

    Attributes:
        label: what the form calls them.
        lowest: the most that is taken away in all, negative.
        quote: the sentence that says so.
        none: words that a row begins with which says that nothing happened.
        none_exactly: words that say so where they stand alone.
        veto: what the kind of the row says that decides the grade (一票否决).
        veto_words: words that stand alone in that row where it happened.
        veto_grade: the grade that it then gives.
        veto_quote: the sentence that says so.
        rows: the printed rows; none where the form has no deductions.
    """

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


class OtherTable(NamedTuple):
    """A table of evaluators or of months that belongs to the form: how its title begins, and its columns' words."""

    name: str
    rows: OtherRows
    title: str
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """How the form of a scheme is printed: what recognises it. Where its cells stand, nobody needs to say.

    Attributes:
        title_needs: words of which its title has one; () where any title will do.
        title_never: words that its title never has.
        one_book: whether the form goes on in the other sheets of the workbook, with the report that it comes with.
        grade_in: the column that holds the grade in the row of the total, "" where none does.
        money: column of the money → its spellings.
        indicators: column of the indicators → its spellings.
        optional: columns that the form may lack, by table and column: `money.note`.
        tables: tables of evaluators and of months.
        splits: headings of the two ways in which its budget is split; () where it is not.
        needs: sums without which the form is not whole → what the form calls them.
        wanted: fields that may not be blank in this form → what has to be written there.
    """

    title_needs: tuple[str, ...] = ()
    title_never: tuple[str, ...] = ()
    one_book: bool = False
    grade_in: str = ""
    money: Mapping[str, tuple[str, ...]]
    indicators: Mapping[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    tables: tuple[OtherTable, ...] = ()
    splits: tuple[str, ...] = ()
    needs: Mapping[str, str]
    wanted: Mapping[str, str]


class Unconfirmed(NamedTuple):
    """A rule of a drafted scheme that nobody has confirmed: it is not used, and what it is about stays open.

    `about` is a table of the file: places, group.output, budget.execution, indicators, deductions, grade, year,
    evaluators. `quotes` are the sentences that it rests on.
    """

    about: str
    sentence: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The rules of one official form of one notice.

    Attributes:
        name: its folder in `official/`.
        title: what people call it.
        year: the year it is for, None of any year.
        form: how its form is printed.
        places: decimals that points are rounded to.
        general: why the scores are left to people: the rules of the family are not known; "" of an official scheme.
        unit: the unit of the money where the form prints none; "" in a draft where nobody has confirmed it.
        sources: the documents it rests on.
        groups: 一级指标, in the order of the form.
        money: amount → what the form calls it.
        budget: the rates of money.
        indicators: what an indicator earns.
        evaluators_quote: the sentence that has several people score each row; "" where none does.
        statistics: tables of months that give actual values.
        deductions: points taken away; no rows where the form has none.
        grades: total → grade; no steps where the form has no grades.
        grade_quote: the sentence of the grades.
        review: what the supervising department fills in.
        unconfirmed: what a draft says and nobody has confirmed yet; none of an official scheme.
        monitoring: the rules of a table of the middle of the year, which has lights and no points; None of a form.
    """

    name: str
    title: str
    year: int | None
    form: FormWords
    places: int
    general: str
    unit: MoneyUnit | Literal[""]
    sources: tuple[Source, ...]
    groups: tuple[Group, ...]
    money: Mapping[str, str]
    budget: tuple[BudgetRule, ...]
    indicators: IndicatorRules
    evaluators_quote: str
    statistics: tuple[Statistic, ...]
    deductions: Deductions
    grades: Bands[str]
    grade_quote: str
    review: Review
    unconfirmed: tuple[Unconfirmed, ...] = ()
    monitoring: Monitoring | None = None

    @property
    def notice(self) -> str:
        """What a person is told with every form: why scores are left to people, or not computed yet; "" for nothing."""
        return f"{'没有确认完' if self.unconfirmed else '通用办法'}：{self.general}" if self.general else ""

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
