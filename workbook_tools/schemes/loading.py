"""Schemes as TOML files in `schemes/`: loaded, and refused when a word, a sum or a quote is not right.

An unknown word or key, points that do not add up, and a table that contradicts the sentence it rests on are each a
`BadScheme`. `docs/schemes.md` tells how to write a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.files import OFFICIAL, is_official, scheme_files
from workbook_tools.schemes.monitoring import monitoring_from
from workbook_tools.schemes.packaged import packaged
from workbook_tools.schemes.review import NO_REVIEW, review_from
from workbook_tools.schemes.scheme import (
    AMOUNTS,
    BOUNDS,
    BUDGET_PARTS,
    BUDGET_SCORES,
    COEFFICIENTS,
    INVERSES,
    MONEY_UNITS,
    OTHER_ROWS,
    RATES,
    SHARES,
    STATUSES,
    STEP_RULES,
    WEIGHTS,
    Bands,
    Bound,
    BudgetRule,
    DeductionRow,
    Deductions,
    FormWords,
    Group,
    IndicatorRules,
    Level,
    OtherTable,
    Scheme,
    Source,
    Statistic,
    T,
)
from workbook_tools.schemes.toml_table import TomlTable, read_toml
from workbook_tools.values import HUNDRED

FOLDER = OFFICIAL
NO_DEDUCTIONS = Deductions(
    label="",
    lowest=Decimal(0),
    quote="",
    none=(),
    none_exactly=(),
    veto="",
    veto_words=(),
    veto_grade="",
    veto_quote="",
    rows=(),
)
MOST_PLACES = 4  # that points are rounded to


def scheme_names() -> list[str]:
    """The names of all schemes, sorted."""
    return list(scheme_files())


def load_scheme(name: str) -> Scheme:
    """The scheme of that name; raises `BadScheme` when there is none or its file is at fault."""
    files = scheme_files()
    if name not in files:
        raise BadScheme(f"没有名为“{name}”的评分办法；现有：{'、'.join(files)}")
    return _of(files[name])


def all_schemes() -> list[Scheme]:
    """Every scheme by its name; raises `BadScheme` for a file at fault."""
    return [_of(path) for path in scheme_files().values()]


def _of(path: Path) -> Scheme:
    return _loaded(path, None if is_official(path.parent.name) else path.stat().st_mtime_ns)


def form_names() -> list[str]:
    """The names of the schemes that have an empty form of their own, sorted."""
    return [name for name in scheme_names() if (FOLDER / name / "form.txt").exists()]


@cache
def _loaded(path: Path, changed: int | None) -> Scheme:
    """The scheme of a file; one that is not official is read again when it was `changed`.

    Whether the official ones agree with themselves is a matter of the tests, not of every start.
    """
    del changed
    name = path.parent.name
    try:
        scheme = _built(packaged(path)) if is_official(name) else _drafted(read_toml(path), path)
    except BadScheme as fault:
        raise BadScheme(f"评分办法 {name if is_official(name) else path}：{fault}") from fault
    return scheme


def _drafted(content: dict[str, Any], path: Path) -> Scheme:
    """A scheme that is not official: only what is confirmed; checked like any other."""
    from workbook_tools.schemes.drafts import settled  # no official scheme needs it

    confirmed, unconfirmed = settled(content)
    scheme = replace(scheme_from(confirmed), unconfirmed=unconfirmed)
    if any(one.about == "unit" for one in unconfirmed):
        scheme = replace(scheme, unit="")
    if scheme.name != path.parent.name:
        raise BadScheme(f"里面写的 name 是“{scheme.name}”，文件夹叫“{path.parent.name}”；请改成一样的")
    return scheme


def read_scheme(text: str) -> Scheme:
    """The scheme in `text`; raises `BadScheme` for what is unknown, does not add up or contradicts its quote."""
    import tomllib  # the official ones are kept compiled

    return scheme_from(tomllib.loads(text, parse_float=Decimal))


def scheme_from(content: Mapping[str, Any]) -> Scheme:
    """The scheme in a table of TOML; raises `BadScheme` likewise."""
    from workbook_tools.schemes.consistency import adds_up, agrees_with_its_quotes  # no official scheme needs it

    scheme = _built(content)
    adds_up(scheme)
    agrees_with_its_quotes(scheme)
    return scheme


def _built(content: Mapping[str, Any]) -> Scheme:
    """The scheme in a table of TOML; raises `BadScheme` for what is unknown or lacking."""
    top = TomlTable("", content)
    money = top.table("money", default={})
    grade = top.table("grade", default={})
    general = top.word("general", default="")
    monitoring = monitoring_from(top.table("monitoring")) if "monitoring" in top.content else None
    no_groups: list[Any] | None = [] if general or monitoring else None
    scheme = Scheme(
        name=top.word("name"),
        title=top.word("title"),
        year=int(top.number("year")) if "year" in top.content else None,
        places=_places(top),
        general=general,
        unit=top.one_of("unit", MONEY_UNITS),
        sources=tuple(_source(table) for table in top.tables("source", default=[] if general else None)),
        groups=tuple(_group(table, general) for table in top.tables("group", default=no_groups)),
        money={amount: money.word(amount) for amount in AMOUNTS if amount in money.content},
        budget=tuple(_budget(table, general) for table in top.tables("budget", default=[])),
        indicators=_indicators(top.table("indicators")),
        evaluators_quote=top.word("evaluators_quote", default=""),
        statistics=tuple(_statistic(table) for table in top.tables("statistics", default=[])),
        deductions=_deductions(top.table("deductions")) if "deductions" in top.content else NO_DEDUCTIONS,
        grades=_bands(grade, str) if grade.content else Bands("at_least", (), ""),
        grade_quote=grade.word("quote") if grade.content else "",
        review=review_from(top.table("review")) if "review" in top.content else NO_REVIEW,
        form=_form(top.table("form", default={})),
        monitoring=monitoring,
    )
    for table in (money, grade, top):
        table.done()
    return scheme


def _places(table: TomlTable) -> int:
    places = table.number("places")
    if places not in range(MOST_PLACES + 1):
        raise BadScheme(f"places 是保留的小数位数，只能是 0～{MOST_PLACES}")
    return int(places)


def _source(table: TomlTable) -> Source:
    source = Source(table.word("document"), table.one_of("status", STATUSES))
    table.done()
    return source


def _group(table: TomlTable, general: str) -> Group:
    weights = table.one_of("weights", WEIGHTS)
    observed = table.word("observed", default="")
    shared = "points_of" in table.content
    group = Group(
        name=table.word("name"),
        label=table.word("label"),
        points=None if (general or shared) and "points" not in table.content else table.number("points"),
        share=table.number("share") if "share" in table.content else HUNDRED,
        weights=weights,
        divisor=table.word("divisor") if weights == "equal" else "",
        kinds=table.words("kinds", default=()),
        quote=table.word("quote", default="" if general or observed else None),
        cap_quote=table.word("cap_quote", default=""),
        observed=observed,
        points_of=table.word("points_of", default=""),
        begins=table.words("begins", default=()),
    )
    table.done()
    return group


def _form(table: TomlTable) -> FormWords:
    columns = {name: table.take(name, dict, {}) for name in ("money", "indicators")}
    spelled = {
        name: {column.rstrip("?"): _spellings(name, column, words) for column, words in found.items()}
        for name, found in columns.items()
    }
    form = FormWords(
        title_needs=table.words("title_needs", default=()),
        title_never=table.words("title_never", default=()),
        one_book=table.content.pop("one_book", False) is True,
        grade_in=table.word("grade_in", default=""),
        optional=frozenset(
            f"{name}.{column[:-1]}" for name, found in columns.items() for column in found if column.endswith("?")
        ),
        tables=tuple(_other_table(one) for one in table.tables("table", default=[])),
        splits=table.words("splits", default=()),
        needs=table.take("needs", dict, {}),
        wanted=table.take("wanted", dict, {}),
        **spelled,
    )
    table.done()
    return form


def _other_table(table: TomlTable) -> OtherTable:
    columns = table.take("columns", dict)
    other = OtherTable(
        table.word("name"),
        table.one_of("rows", OTHER_ROWS),
        table.word("title"),
        {column: _spellings("form.table", column, words) for column, words in columns.items()},
    )
    table.done()
    return other


def _spellings(place: str, column: str, words: object) -> tuple[str, ...]:
    """One word or a list of them; raises `BadScheme` for anything else."""
    listed = [words] if isinstance(words, str) else words
    if not isinstance(listed, list) or not listed or not all(isinstance(word, str) and word for word in listed):
        raise BadScheme(f"[{place}] {column} 要写表上印的字，一种或几种")
    return tuple(listed)


def _budget(table: TomlTable, general: str) -> BudgetRule:
    how = table.one_of("rule", BUDGET_SCORES)
    observed = table.word("observed", default="")
    rule = BudgetRule(
        field=table.word("field"),
        label=table.word("label"),
        points=None
        if "points" not in table.content and (general or how in ("none", "judged"))
        else table.number("points"),
        part=table.one_of("part", BUDGET_PARTS),
        base=table.each_of("base", AMOUNTS),
        formula=table.word("formula"),
        rule=how,
        bands=_bands(table, Decimal) if how == "bands" else Bands("at_least", (), Decimal(0)),
        row=table.word("row", default=""),
        quote=table.word("quote", default="" if general or observed else None),
        observed=observed,
        exempt=table.words("exempt", default=()),
        exempt_quote=table.word("exempt_quote", default=""),
    )
    table.done()
    return rule


def _indicators(table: TomlTable) -> IndicatorRules:
    rate = table.one_of("rate", RATES)
    step = table.one_of("step", STEP_RULES, default="none")
    rules = IndicatorRules(
        rate=rate,
        rate_quote=table.word("rate_quote", default=None if rate != "judged" else ""),
        score_quote=table.word("score_quote", default=""),
        inverse=table.one_of("inverse", INVERSES),
        inverse_quote=table.word("inverse_quote", default=""),
        levels=tuple(_level(level) for level in table.tables("level", default=[])),
        level_quote=table.word("level_quote", default=""),
        stated=table.words("stated", default=()),
        stated_quote=table.word("stated_quote", default=""),
        step=step,
        step_quote=table.word("step_quote", default=None if step == "printed" else ""),
        either_way=table.words("either_way", default=()),
        coefficient=table.one_of("coefficient", COEFFICIENTS, default=""),
    )
    table.done()
    return rules


def _level(table: TomlTable) -> Level:
    below = "to" not in table.content
    level = Level(table.words("words"), table.number("from"), table.number("below" if below else "to"), below)
    table.done()
    return level


def _statistic(table: TomlTable) -> Statistic:
    statistic = Statistic(
        table=table.word("table"),
        label=table.word("label"),
        row=table.word("row"),
        part=table.words("part"),
        whole=table.word("whole"),
        rate=table.one_of("rate", SHARES),
        quote=table.word("quote"),
    )
    table.done()
    return statistic


def _deductions(table: TomlTable) -> Deductions:
    deductions = Deductions(
        label=table.word("label"),
        lowest=table.number("lowest"),
        quote=table.word("quote"),
        none=table.words("none"),
        none_exactly=table.words("none_exactly"),
        veto=table.word("veto"),
        veto_words=table.words("veto_words"),
        veto_grade=table.word("veto_grade"),
        veto_quote=table.word("veto_quote"),
        rows=tuple(_deduction(row) for row in table.tables("row")),
    )
    table.done()
    return deductions


def _deduction(table: TomlTable) -> DeductionRow:
    points = table.number("points") if "points" in table.content else None
    row = DeductionRow(table.word("group"), table.word("label"), points, table.word("quote"))
    table.done()
    return row


def _bands(table: TomlTable, kind: Callable[[Any], T]) -> Bands[T]:
    direction: Bound = next((bound for bound in BOUNDS if bound in table.content), BOUNDS[-1])
    listed = table.take(direction, list)
    if not all(isinstance(step, list) and len(step) == 2 for step in listed):
        raise BadScheme(f"{table.place}{direction} 的写法不对，应写成 [[界限, 得分], …]")
    steps = tuple(
        (table.exact(direction, limit), _step_value(table, direction, value, kind)) for limit, value in listed
    )
    limits = [limit for limit, _ in steps]
    if limits != sorted(set(limits), reverse=direction == "at_least") or not limits:
        raise BadScheme(f"{table.place}{direction}：各档界限没有按顺序排列")
    otherwise = table.take("otherwise", (int, Decimal, str))
    return Bands(direction, steps, _step_value(table, "otherwise", otherwise, kind))


def _step_value(table: TomlTable, key: str, value: object, kind: Callable[[Any], T]) -> T:
    """What a step gives: points, or a grade."""
    graded: bool = kind is str
    if graded and not isinstance(value, str):
        raise BadScheme(f"{table.place}{key} 的“{value}”应是文字")
    return kind(value if graded else table.exact(key, value))
