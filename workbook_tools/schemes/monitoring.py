"""What a notice says about monitoring in the middle of the year: until when, which light, what is owed, by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.toml_table import TomlTable
from workbook_tools.text import regex
from workbook_tools.values import plain

Light = Literal["red", "yellow", "green", "blue"]
Measure = Literal["month", "within"]
Owes = Literal["reason", "explanation", "expected"]
Outlook = Literal["sure", "maybe", "never"]
Condition = Literal["light", "outlook", "exceeds", "reason"]
LIGHTS: tuple[Light, ...] = get_args(Light)
MEASURES: tuple[Measure, ...] = get_args(Measure)
OWES: tuple[Owes, ...] = get_args(Owes)
OUTLOOKS: tuple[Outlook, ...] = get_args(Outlook)
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
_NUMBER = regex(r"\d+(?:\.\d+)?")
MOST_DAYS = 92


class LightRule(NamedTuple):
    """The light of rows with a figure, by the kind of their indicator.

    `month`: what more is better of is held against target × month ÷ 12, in steps of percent of it; what less is better
    of is within its limit or not. `within`: every figure is within its limit or not.
    """

    kinds: tuple[str, ...]  # how 二级指标 begins
    measure: Measure
    steps: tuple[tuple[Decimal, Light], ...]  # percent that the value is below → light
    otherwise: Light | None  # of `month`: at or above the last step
    quote: str

    def covers(self, kind: str) -> bool:
        """Whether an indicator of a kind falls under it."""
        return kind.startswith(self.kinds)


class LightLevel(NamedTuple):
    """The light of a row that has words for its value."""

    words: str
    light: Light


class Owed(NamedTuple):
    """What has to be written in a row, and when: at a light, a prospect, above the target, beside a reason."""

    what: tuple[Owes, ...]
    when: Condition
    lights: tuple[Light, ...]
    outlooks: tuple[Outlook, ...]
    quote: str


class Deadline(NamedTuple):
    """By when the tables of a kind are due: so many days after the last month, or the end of a month."""

    what: str
    days: int  # 0 where a month is named
    month: int  # 0 where days are
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """The rules of a monitoring table.

    Attributes:
        until: the last month that it tells of, where the table itself does not print it; None where none was read.
        until_quote: the sentence that says so.
        lights: what each light is called; none where no rule of lights was read.
        rules: the lights of rows with figures.
        levels: the lights of rows with words.
        level_quote: the sentence of those.
        outside: the light of a figure that is not within its limit.
        inside: the light of one that is.
        owed: what has to be written, and when.
        reasons: the choices of 偏差原因.
        outlooks: the choices of 完成目标可能性, from certain to impossible.
        outlooks_quote: the sentence of those.
        deadlines: by when the tables are due.
    """

    until: int | None
    until_quote: str
    lights: Mapping[Light, str]
    rules: tuple[LightRule, ...]
    levels: tuple[LightLevel, ...]
    level_quote: str
    outside: Light | None
    inside: Light | None
    owed: tuple[Owed, ...]
    reasons: tuple[str, ...]
    outlooks: Mapping[Outlook, str]
    outlooks_quote: str
    deadlines: tuple[Deadline, ...]

    def rule(self, kind: str) -> LightRule | None:
        """The rule of an indicator of a kind, None where none was read."""
        return next((rule for rule in self.rules if rule.covers(kind)), None)

    def light(self, words: str) -> Light | None:
        """The light that words name, by their colour; None where they name none."""
        return next((light for light, called in self.lights.items() if words and words.startswith(called[0])), None)

    def outlook(self, words: str) -> Outlook | None:
        """The choice that words are."""
        return next((one for one, called in self.outlooks.items() if words == called), None)


def monitoring_from(table: TomlTable) -> Monitoring:
    """The rules in a table of TOML; raises `BadScheme` for what is unknown or contradicts its quote."""
    lights = table.table("lights", default={})
    outlooks = table.table("outlooks")
    levels = table.table("levels", default={})
    rules = Monitoring(
        until=_month(table, "until") if "until" in table.content else None,
        until_quote=table.word("until_quote", default=""),
        lights={light: lights.word(light) for light in LIGHTS if light in lights.content},
        outside=lights.one_of("outside", LIGHTS) if "outside" in lights.content else None,
        inside=lights.one_of("inside", LIGHTS) if "inside" in lights.content else None,
        rules=tuple(_rule(one) for one in table.tables("rule", default=[])),
        levels=tuple(LightLevel(words, light) for light in LIGHTS for words in levels.words(light, default=())),
        level_quote=levels.word("quote", default="" if not levels.content else None),
        owed=tuple(_owed(one) for one in table.tables("owed", default=[])),
        reasons=table.words("reasons"),
        outlooks={one: outlooks.word(one) for one in OUTLOOKS},
        outlooks_quote=outlooks.word("quote"),
        deadlines=tuple(_deadline(one) for one in table.tables("deadline", default=[])),
    )
    for part in (lights, outlooks, levels, table):
        part.done()
    if rules.rules and not (rules.inside and rules.outside):
        raise BadScheme("[monitoring.lights] 缺少 inside、outside（在范围内、在范围外各是什么灯）")
    return rules


def _month(table: TomlTable, key: str) -> int:
    month = table.number(key)
    if month not in range(1, 13):
        raise BadScheme(f"{table.place}{key} 要写 1～12 月")
    return int(month)


def _rule(table: TomlTable) -> LightRule:
    measure = table.one_of("measure", MEASURES)
    listed = table.take("below", list) if measure == "month" else []
    steps = tuple((table.exact("below", limit), _light(light)) for limit, light in listed)
    rule = LightRule(
        table.words("kinds"),
        measure,
        steps,
        table.one_of("otherwise", LIGHTS) if measure == "month" else None,
        table.word("quote"),
    )
    table.done()
    limits = [limit for limit, _ in steps]
    if limits != sorted(set(limits)):
        raise BadScheme(f"{table.place}below：各档界限没有按顺序排列")
    if lacking := [plain(limit) for limit in limits if f"{plain(limit)}%" not in rule.quote]:
        raise BadScheme(f"{table.place}below 的 {lacking[0]}% 与原文“{rule.quote}”不一致")
    return rule


def _light(word: object) -> Light:
    for light in LIGHTS:
        if light == word:
            return light
    raise BadScheme(f"below 的灯“{word}”无效，只能是 {'、'.join(LIGHTS)}")


def _owed(table: TomlTable) -> Owed:
    when = table.one_of("when", CONDITIONS)
    owed = Owed(
        table.each_of("what", OWES),
        when,
        table.each_of("lights", LIGHTS) if when == "light" else (),
        table.each_of("outlooks", OUTLOOKS) if when == "outlook" else (),
        table.word("quote"),
    )
    table.done()
    return owed


def _deadline(table: TomlTable) -> Deadline:
    days = int(table.number("days")) if "days" in table.content else 0
    month = _month(table, "month") if not days else 0
    deadline = Deadline(table.word("what"), days, month, table.word("quote"))
    table.done()
    if str(days or month) not in _NUMBER.findall(deadline.quote) or days > MOST_DAYS:
        raise BadScheme(f"{table.place}期限与原文“{deadline.quote}”不一致")
    return deadline
