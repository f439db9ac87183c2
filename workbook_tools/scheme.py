"""One official form of one notice: its rules as data, each beside the sentence it rests on.

A scheme is a TOML file in `schemes/`. Numbers are exact (`Decimal`), rule words are a small closed set, and a word or
key that is not known is refused when the file is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from workbook_tools.values import plain

FOLDER = Path(__file__).with_name("schemes")
MONEY = ("initial", "adjusted", "spent")
T = TypeVar("T")


class BadScheme(ValueError):
    """A scheme or layout file that cannot be used; the message says where and why."""


class Bands(NamedTuple, Generic[T]):
    """A table of steps: the value of the first limit that holds, else `otherwise`."""

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
    """一级指标: `points` is also the cap of its subtotal."""

    name: str
    label: str
    points: Decimal
    weights: str  # printed | equal
    divisor: str  # the letter that the form gives the number of rows: m, k
    kinds: tuple[str, ...]  # 二级指标 as printed in an empty form
    quote: str
    cap_quote: str


class BudgetRule(NamedTuple):
    """A rate of two amounts of money and the points of its bands."""

    field: str
    label: str
    points: Decimal
    part: str  # spent | reduced
    base: tuple[str, ...]
    formula: str
    bands: Bands[Decimal]
    quote: str
    exempt: tuple[str, ...]
    exempt_quote: str


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
    year: int
    layout: str
    places: int
    sources: tuple[Mapping[str, str], ...]
    groups: tuple[Group, ...]
    money: Mapping[str, str]  # amount → what the form calls it
    budget: tuple[BudgetRule, ...]
    rate: str  # proportion
    rate_quote: str
    score_quote: str
    inverse: str  # judged
    deductions: Deductions
    grades: Bands[str]
    grade_quote: str

    def group(self, name: str) -> Group:
        """The group of that name."""
        return next(group for group in self.groups if group.name == name)


def scheme_names() -> list[str]:
    """The names of all schemes, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load_scheme(name: str) -> Scheme:
    """The scheme of that name; raises `BadScheme` when there is none or its file is at fault."""
    path = FOLDER / f"{name}.toml"
    if name not in scheme_names():
        raise BadScheme(f"没有名为“{name}”的评分办法；现有：{'、'.join(scheme_names())}")
    try:
        return read_scheme(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, BadScheme) as fault:
        raise BadScheme(f"评分办法 {path.name}：{fault}") from fault


def read_scheme(text: str) -> Scheme:
    """The scheme written in `text`; raises `BadScheme` for an unknown key or word and for points that do not add up."""
    top = _Table("", tomllib.loads(text, parse_float=Decimal))
    indicators, deductions, grade = top.table("indicators"), top.table("deductions"), top.table("grade")
    money = top.table("money")
    scheme = Scheme(
        name=top.word("name"),
        title=top.word("title"),
        year=int(top.number("year")),
        layout=top.word("layout"),
        places=int(top.number("places")),
        sources=tuple(_source(table) for table in top.tables("source")),
        groups=tuple(_group(table) for table in top.tables("group")),
        money={amount: money.word(amount) for amount in MONEY},
        budget=tuple(_budget(table) for table in top.tables("budget")),
        rate=indicators.word("rate", one_of=("proportion",)),
        rate_quote=indicators.word("rate_quote"),
        score_quote=indicators.word("score_quote"),
        inverse=indicators.word("inverse", one_of=("judged",)),
        deductions=Deductions(
            label=deductions.word("label"),
            lowest=deductions.number("lowest"),
            quote=deductions.word("quote"),
            none=deductions.words("none"),
            none_exactly=deductions.words("none_exactly"),
            veto=deductions.word("veto"),
            veto_words=deductions.words("veto_words"),
            veto_grade=deductions.word("veto_grade"),
            veto_quote=deductions.word("veto_quote"),
            rows=tuple(_deduction(table) for table in deductions.tables("row")),
        ),
        grades=_bands(grade, str),
        grade_quote=grade.word("quote"),
    )
    for table in (money, indicators, deductions, grade, top):
        table.done()
    _adds_up(scheme)
    return scheme


def _source(table: _Table) -> Mapping[str, str]:
    source = {"document": table.word("document"), "status": table.word("status", one_of=("read", "memory"))}
    table.done()
    return source


def _group(table: _Table) -> Group:
    weights = table.word("weights", one_of=("printed", "equal"))
    group = Group(
        name=table.word("name"),
        label=table.word("label"),
        points=table.number("points"),
        weights=weights,
        divisor=table.word("divisor") if weights == "equal" else "",
        kinds=table.words("kinds", default=()),
        quote=table.word("quote"),
        cap_quote=table.word("cap_quote", default=""),
    )
    table.done()
    return group


def _budget(table: _Table) -> BudgetRule:
    rule = BudgetRule(
        field=table.word("field"),
        label=table.word("label"),
        points=table.number("points"),
        part=table.word("part", one_of=("spent", "reduced")),
        base=table.words("base", one_of=MONEY),
        formula=table.word("formula"),
        bands=_bands(table, Decimal),
        quote=table.word("quote"),
        exempt=table.words("exempt", default=()),
        exempt_quote=table.word("exempt_quote", default=""),
    )
    table.done()
    return rule


def _deduction(table: _Table) -> DeductionRow:
    points = table.number("points") if "points" in table.content else None
    row = DeductionRow(table.word("group"), table.word("label"), points, table.word("quote"))
    table.done()
    return row


def _bands(table: _Table, kind: Callable[[Any], T]) -> Bands[T]:
    direction = "at_least" if "at_least" in table.content else "at_most"
    steps = tuple((Decimal(limit), kind(value)) for limit, value in table.take(direction, list))
    limits = [limit for limit, _ in steps]
    if limits != sorted(set(limits), reverse=direction == "at_least") or not limits:
        raise BadScheme(f"{table.place}{direction}：各档界限没有按顺序排列")
    return Bands(direction, steps, kind(table.take("otherwise", (int, Decimal, str))))


def _adds_up(scheme: Scheme) -> None:
    if (total := sum(group.points for group in scheme.groups)) != 100:
        raise BadScheme(f"各组分值合计 {total}，应为 100")
    for group in scheme.groups:
        if group.weights == "printed" and (points := sum(rule.points for rule in scheme.budget)) != group.points:
            raise BadScheme(f"“{group.label}”各行分值合计 {points}，应为 {group.points}")
    for rule in scheme.budget:
        if (most := max(points for _, points in rule.bands.steps)) != rule.points:
            raise BadScheme(f"“{rule.label}”最高一档 {most} 分，应为 {rule.points} 分")


class _Table:
    """A TOML table whose keys are taken one by one; what is left over is an unknown key."""

    def __init__(self, place: str, content: Mapping[str, Any]) -> None:
        self.place = f"[{place}] " if place else ""
        self.content = dict(content)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        value = self.content.pop(key, default)
        if value is None or not isinstance(value, kind) or isinstance(value, bool):
            raise BadScheme(f"{self.place}缺少 {key}，或写法不对")
        return value

    def word(self, key: str, *, one_of: Iterable[str] = (), default: str | None = None) -> str:
        word: str = self.take(key, str, default)
        return self._known(key, word, one_of)

    def words(self, key: str, *, one_of: Iterable[str] = (), default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        words = self.take(key, (list, tuple), default)
        return tuple(self._known(key, word, one_of) for word in words)

    def number(self, key: str) -> Decimal:
        return Decimal(self.take(key, (int, Decimal)))

    def table(self, key: str) -> _Table:
        return _Table(key, self.take(key, dict))

    def tables(self, key: str) -> list[_Table]:
        return [_Table(key, content) for content in self.take(key, list)]

    def done(self) -> None:
        if self.content:
            raise BadScheme(f"{self.place}不认识的项：{'、'.join(self.content)}")

    def _known(self, key: str, word: object, one_of: Iterable[str]) -> str:
        known = tuple(one_of)
        if not isinstance(word, str) or (known and word not in known):
            raise BadScheme(f"{self.place}{key} 不认识“{word}”" + (f"，只能是 {'、'.join(known)}" if known else ""))
        return word
