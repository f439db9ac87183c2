"""The live formulas of an empty form: the same rules as `scoring`, in the words of a workbook.

Only ROUND, IF, IFERROR, AND, OR, SUM, MIN, MAX, COUNT, COUNTIF, SUMPRODUCT, FIND, LEFT, MID, VALUE, N and ISNUMBER are
used, and no arrays in braces, so that Excel, WPS, LibreOffice and `formulas` calculate alike. A formula gives "" while
its cell is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from workbook_tools.forms.form import Field
from workbook_tools.forms.placement import Placement
from workbook_tools.schemes.direction import direction_words
from workbook_tools.schemes.scheme import AMOUNTS, Bands, BudgetRule, Group, Scheme, Statistic
from workbook_tools.scoring import FAR_APART, MOST_EXECUTION
from workbook_tools.values import HUNDRED, NO_INDICATOR, NOT_APPLICABLE, ONE, plain

T = TypeVar("T")
Cells = Mapping[Field, object]
At = Callable[[Field], str]  # field path → its cell as a formula names it


def form_formulas(
    scheme: Scheme, placement: Placement, names: Mapping[str, Field], evaluated: Mapping[Field, str], at: At
) -> dict[Field, str]:
    """Field path → formula of every computed cell of an empty form, by the rule words of its scheme.

    `names` gives the row of each indicator whose name is printed in the empty form; `evaluated` gives the indicator of
    each row of the evaluators' sheet.
    """
    cells = placement.cells
    rows: dict[str, list[Field]] = {}
    for name, row in placement.rows:
        if f"{row}.score" in cells:
            rows.setdefault(name, []).append(row)
    found = _amounts(placement, at)
    for rule in scheme.budget:
        if f"budget.{rule.field}" in cells:
            found |= {field: formula for field, formula in _budget(rule, scheme, cells, at).items() if field in cells}
            if rule.row in names:
                row = names[rule.row]
                rate, weight = at(f"budget.{rule.field}"), at(f"{row}.weight")
                found[f"{row}.score"] = _row_of_money(rule, rate, weight, scheme.places)
    computed = {rule.row for rule in scheme.budget}
    means = {row: names[name] for row, name in evaluated.items() if name in names and name not in computed}
    found |= _evaluators(placement, means, scheme.places, at)
    for statistic in scheme.statistics:
        found |= _statistic(statistic, placement, names, at)
    if scheme.indicators.coefficient:
        found |= _coefficients(scheme, placement, at)
    for group in scheme.groups:
        found |= _group(group, rows.get(group.name, []), scheme, cells, at)
    if scheme.deductions.rows:
        found |= _deductions(scheme, rows["deduction"], at)
    found |= _total(scheme, rows, cells, at)
    return found | _grade(scheme, placement, rows.get("deduction", []), at)


def _amounts(placement: Placement, at: At) -> dict[Field, str]:
    """The sums of the sources, and 年初 + 调整 where both are known."""
    cells = placement.cells
    found: dict[Field, str] = {}
    for amount in AMOUNTS:
        parts = [at(field) for field in cells if field.startswith("sources.") and field.endswith(f".{amount}")]
        if parts and f"budget.{amount}" in cells:
            found[f"budget.{amount}"] = f'=IF(COUNT({_list(parts)})=0,"",SUM({_list(parts)}))'
    if {"budget.initial", "budget.adjusted", "budget.revised"} <= cells.keys():
        initial, adjusted = at("budget.initial"), at("budget.adjusted")
        otherwise = found.get("budget.revised", '=""').removeprefix("=")
        found["budget.revised"] = f"=IF(COUNT({initial},{adjusted})<2,{otherwise},{initial}+{adjusted})"
    return found


def _row_of_money(rule: BudgetRule, rate: str, weight: str, places: int) -> str:
    """The score of an indicator's row by a rate of the money."""
    printed = f"IF(ISNUMBER({weight}),{weight},{plain(rule.most)})"
    if rule.rule == "loss":
        return f'=IF({rate}="","",ROUND({printed}-ROUND({printed}*MIN({rate},1),{places}),{places}))'
    return f'=IF({rate}="","",ROUND({plain(rule.most)}*MIN({rate},1),{places}))'


def _evaluators(placement: Placement, means: Mapping[Field, Field], places: int, at: At) -> dict[Field, str]:
    """The mean of each row of the evaluators, there and in the row of the indicator that `means` gives for it."""
    found: dict[Field, str] = {}
    for row, indicator in means.items():
        points = [at(f) for f in placement.cells if f.startswith(f"{row}.") and f.rpartition(".")[2].isdecimal()]
        average = at(f"{row}.average")
        mean = f"ROUND(SUM({_list(points)})/{len(points)},{places})"
        found[f"{row}.average"] = f'=IF(COUNT({_list(points)})<{len(points)},"",{mean})'
        found[f"{indicator}.score"] = f'=IF({average}="","",{average})'
    return found


def _statistic(statistic: Statistic, placement: Placement, names: Mapping[str, Field], at: At) -> dict[Field, str]:
    """Rates of the months, sums and the rate of the year, and the actual value that follows."""
    table = f"tables.{statistic.table}"
    columns = list(dict.fromkeys(f.rpartition(".")[2] for f in placement.cells if f.startswith(f"{table}.")))
    rows = list(dict.fromkeys(f.split(".")[2] for f in placement.cells if f.startswith(f"{table}.")))
    months = [row for row in rows if row != "total"]
    found: dict[Field, str] = {}
    for row in rows:
        whole, part = at(f"{table}.{row}.{statistic.whole}"), [at(f"{table}.{row}.{p}") for p in statistic.part]
        above = f"({whole}-{'-'.join(part)})" if statistic.rate == "rest" else f"({'+'.join(part)})"
        found[f"{table}.{row}.rate"] = f'=IF(COUNT({_list([whole, *part])})<{1 + len(part)},"",{above}/{whole})'
    for column in columns:
        if column not in ("month", "rate"):
            cells = _range(at(f"{table}.{months[0]}.{column}"), at(f"{table}.{months[-1]}.{column}"))
            found[f"{table}.total.{column}"] = f'=IF(COUNT({cells})<{len(months)},"",SUM({cells}))'
    if statistic.row in names:
        rate = at(f"{table}.total.rate")
        found[f"{names[statistic.row]}.actual"] = f'=IF({rate}="","",{rate})'
    return found


def _coefficients(scheme: Scheme, placement: Placement, at: At) -> dict[Field, str]:
    """The scores of rows that have a weight and a coefficient, or points out of 100."""
    found: dict[Field, str] = {}
    for _, row in placement.rows:
        if f"{row}.coefficient" in placement.cells:
            weight, coefficient = at(f"{row}.weight"), at(f"{row}.coefficient")
            if scheme.indicators.coefficient == "rate":  # 100% or 100
                product = f"{weight}*IF({coefficient}>1,{coefficient}/100,{coefficient})"
            else:  # points out of 100, and a weight of 40% or 40
                product = f"IF({weight}>1,{weight}/100,{weight})*{coefficient}"
            found[f"{row}.score"] = f'=IF(COUNT({weight},{coefficient})<2,"",ROUND({product},{scheme.places}))'
    return found


def _group(group: Group, rows: list[Field], scheme: Scheme, cells: Cells, at: At) -> dict[Field, str]:
    """The subtotal of a group where the form prints it, and its rows where their weights are equal parts."""
    if group.weights == "equal":
        return _equal_group(group, rows, scheme, at)
    subtotal = f"groups.{group.name}"
    if subtotal not in cells:
        return {}
    if group.weights == "rules":
        scores = [at(f"budget.{rule.field}.score") for rule in scheme.budget]
        return {subtotal: _sum(scores, scheme.places, f"MIN({plain(group.most)},{{}})")}
    if not rows:
        return {}
    return {subtotal: f'=IF({_open(rows, cells, at)},"",ROUND(SUM({_scores(rows, at)}),{scheme.places}))'}


def _total(scheme: Scheme, rows: Mapping[str, list[Field]], cells: Cells, at: At) -> dict[Field, str]:
    """The total, and what is added up to it; "" while a row with a weight has no score."""
    if "total" not in cells or not scheme.groups:
        return {}
    found: dict[Field, str] = {}
    subtotals = [at(f"groups.{group.name}") for group in scheme.groups if f"groups.{group.name}" in cells]
    if any(group.weights == "equal" for group in scheme.groups):  # each subtotal has its cap
        if "subtotal" in cells:
            found["subtotal"] = _sum(subtotals, scheme.places)
            subtotals = [at("subtotal")]
        deducted = [at("groups.deduction")] if scheme.deductions.rows else []
        found["total"] = _sum([*subtotals, *deducted], scheme.places)
    elif any(group.share != HUNDRED for group in scheme.groups):
        shares = zip(subtotals, scheme.groups, strict=True)
        weighted = "+".join(f"{part}*{plain(group.share / HUNDRED)}" for part, group in shares)
        found["total"] = f'=IF(COUNT({_list(subtotals)})<{len(subtotals)},"",ROUND({weighted},{scheme.places}))'
    else:
        every = [row for name, fields in rows.items() if name != "deduction" for row in fields]
        earned = [at(f) for rule in scheme.budget if (f := f"budget.{rule.field}.score") in cells and not rule.row]
        waiting = [_open(every, cells, at), *(f'{cell}=""' for cell in earned)]
        total = f"ROUND(SUM({_list([_scores(every, at), *earned])}),{scheme.places})"
        found["total"] = f'=IF(OR({_list(waiting)}),"",{total})'
    return found


def _scores(rows: list[Field], at: At) -> str:
    return _range(at(f"{rows[0]}.score"), at(f"{rows[-1]}.score"))


def _open(rows: list[Field], cells: Cells, at: At) -> str:
    """Whether a row waits for its score: fewer scores than weights, or none at all."""
    if f"{rows[0]}.weight" not in cells:
        return f"COUNT({_scores(rows, at)})=0"
    weights = _range(at(f"{rows[0]}.weight"), at(f"{rows[-1]}.weight"))
    return f"OR(COUNT({weights})=0,COUNT({_scores(rows, at)})<COUNT({weights}))"


def _grade(scheme: Scheme, placement: Placement, deductions: list[Field], at: At) -> dict[Field, str]:
    """The grade behind its printed label; what costs the grade does so whatever the total is."""
    if not scheme.grades.steps or "grade" not in placement.cells:
        return {}
    total = at("total")
    grade, undecided = _bands(scheme.grades, total, lambda word: f'"{word}"', ONE), f'{total}=""'
    vetoes = [row for row, rule in zip(deductions, scheme.deductions.rows, strict=True) if rule.points is None]
    if vetoes:
        happened = [f'{at(f"{row}.rate")}="{word}"' for row in vetoes for word in scheme.deductions.veto_words]
        scores = [f'{at(f"{row}.score")}=""' for row in vetoes]
        undecided = f"OR({_list([*scores, undecided])})"
        grade = f'IF(OR({_list(happened)}),"{scheme.deductions.veto_grade}",IF({undecided},"",{grade}))'
    else:
        grade = f'IF({undecided},"",{grade})'
    label = placement.prefixes.get("grade")
    return {"grade": f'="{label}"&{grade}' if label else f"={grade}"}


def _budget(rule: BudgetRule, scheme: Scheme, cells: Cells, at: At) -> dict[Field, str]:
    """A rate of the money, and what it earns in a row of its own."""
    row, places = f"budget.{rule.field}", scheme.places
    base = "+".join(at(f"budget.{field}") for field in rule.base)
    part = at("budget.spent") if rule.part == "spent" else f"MAX(-{at('budget.adjusted')},0)"
    needed = {at(f"budget.{field}") for field in (*rule.base, "adjusted" if rule.part == "reduced" else rule.part)}
    rate = f'IF({base}<=0,"",IF({part}/({base})>{MOST_EXECUTION},"",{part}/({base})))'
    if rule.part == "reduced":
        rate = f"IF({part}=0,0,{rate})"
    found = {
        row: f'=IF(COUNT({_list(sorted(needed))})<{len(needed)},"",{rate})',
        f"{row}.actual": f'=IF({at(row)}="","",{at(row)})',
    }
    if f"{row}.score" not in cells:
        return found
    if rule.rule == "bands":
        points = _bands(rule.bands, f"ROUND({at(row)},12)", plain, HUNDRED)
        score = f'IF({at(row)}="","",{points})'
        if rule.exempt and f"{row}.own" in cells:
            own = at(f"{row}.own")
            score = f"IF(ISNUMBER({own}),{_own(own, '0', plain(rule.most), places)},{score})"
        found[f"{row}.score"] = f"={score}"
    else:
        points = plain(rule.points) if rule.points is not None else at(f"{row}.weight")
        found[f"{row}.score"] = f'=IF({at(row)}="","",ROUND({points}*MIN({at(row)},1),{places}))'
    return found


def _equal_group(group: Group, rows: list[Field], scheme: Scheme, at: At) -> dict[Field, str]:
    """The rows of a group whose weights are its points divided by the rows in use, and its capped subtotal."""
    places = scheme.places

    def column(name: str) -> str:
        return f"{at(f'{rows[0]}.{name}')}:{at(f'{rows[-1]}.{name}')}"

    nothing = (*NOT_APPLICABLE, *NO_INDICATOR)

    def counted_as_none(cells: str) -> list[str]:
        return [f'COUNTIF({cells},"指标*{colon}无")' for colon in "：:"]  # 指标1：无

    def nothing_in(cell: str) -> list[str]:
        return [*(f'{cell}="{mark}"' for mark in nothing), *(f"{count}>0" for count in counted_as_none(cell))]

    count = at(f"counts.{group.name}")
    kinds, named = ("*".join(f'({column(part)}<>"{mark}")' for mark in ("", *nothing)) for part in ("kind", "name"))
    filled = "+".join([kinds, *(f'({column(part)}<>"")' for part in ("target", "actual"))])
    used = "-".join([f"SUMPRODUCT({named})", *counted_as_none(column("name"))])
    found = {f"counts.{group.name}": f'=IF(SUMPRODUCT(({column("name")}="")*({filled}>0))>0,"待填",{used})'}
    for row in rows:
        kind, name, target, actual, weight, rate, own = (
            at(f"{row}.{part}") for part in ("kind", "name", "target", "actual", "weight", "rate", "own")
        )
        no_kind = _list([f'{kind}=""', *nothing_in(kind)])
        empty = f'AND(OR({no_kind}),{target}="",{actual}="")'
        shared = f'IF(ISNUMBER({count}),ROUND({plain(group.most)}/{count},{places}),"")'
        found[f"{row}.weight"] = f'=IF({name}="",IF({empty},"","待填"),IF(OR({_list(nothing_in(name))}),"",{shared}))'
        wanted = _without_sign(target)
        low, high = f"MIN({wanted},{actual})", f"MAX({wanted},{actual})"
        doubtful = f"AND({low}>0,{low}<=2,{high}>2,{high}>={FAR_APART}*{low})"
        unclear = f"AND({wanted}<>{actual},{_no_direction(scheme, target, kind, name)})"
        quotient = f'IF(OR({doubtful},{unclear}),"请核对",{actual}/{wanted})'
        usable = f'IF(OR({wanted}<=0,{actual}<0,AND({_starts(target, "≤")},{wanted}<>{actual})),"",{quotient})'
        numbers = f"AND(ISNUMBER({wanted}),ISNUMBER({actual}))"
        found[f"{row}.rate"] = f'=IF(ISNUMBER({weight}),IF({numbers},{usable},""),"")'
        counted = f"ROUND({weight}*{actual}/{wanted},{places})"
        judged = f'IF(ISNUMBER({own}),{_own(own, "0", weight, places)},"")'
        found[f"{row}.score"] = f'=IF(ISNUMBER({weight}),IF(ISNUMBER({rate}),{counted},{judged}),"")'
    scores, weights = column("score"), column("weight")
    total = f"MIN({plain(group.most)},ROUND(SUM({scores}),{places}))"
    found[f"groups.{group.name}"] = (
        f'=IF(ISNUMBER({count}),IF(OR({count}=0,COUNT({scores})<COUNT({weights})),"",{total}),"")'
    )
    return found


def _without_sign(target: str) -> str:
    """The number of a target: 5, ≥5, ≤5."""
    signed = f"OR({_starts(target, '≥')},{_starts(target, '≤')})"
    return f'IF({signed},IFERROR(VALUE(MID({target},2,20)),""),{target})'


def _no_direction(scheme: Scheme, target: str, kind: str, name: str) -> str:
    """Whether a target carries no sign and its row may be one where less is better."""
    words = direction_words()
    may_fall = f"AND({_has(name, words.falls)},NOT({_has(name, words.rises)}))"
    asked = f"OR({_has(kind, scheme.indicators.either_way)},{_has(name, words.turned)},{may_fall})"
    return f"AND(ISNUMBER({target}),{asked})"


def _has(cell: str, words: Iterable[str]) -> str:
    """Whether any of the words stands in a cell."""
    found = [f'FIND("{word}",{cell})' for word in words]
    return f"COUNT({_list(found)})>0" if found else "FALSE"


def _deductions(scheme: Scheme, rows: list[Field], at: At) -> dict[Field, str]:
    rule = scheme.deductions
    found: dict[Field, str] = {}
    counted: list[str] = []
    for row, printed in zip(rows, rule.rows, strict=True):
        said, own = at(f"{row}.rate"), at(f"{row}.own")
        nothing = f"OR({_list(_starts(said, word) for word in rule.none)})"
        if printed.points is None:
            found[f"{row}.score"] = f'=IF({nothing},0,"")'
        else:
            deducted = f'IF(ISNUMBER({own}),{_own(own, plain(printed.points), "0", scheme.places)},"")'
            found[f"{row}.score"] = f'=IF({nothing},IF(N({own})=0,0,""),{deducted})'
            counted.append(at(f"{row}.score"))
    found["groups.deduction"] = _sum(counted, scheme.places, f"MAX({plain(rule.lowest)},{{}})")
    return found


def _sum(cells: list[str], places: int, bound: str = "{}") -> str:
    """The rounded sum of cells that must all be numbers, within a bound."""
    total = bound.format(f"ROUND(SUM({_list(cells)}),{places})")
    return f'=IF(COUNT({_list(cells)})<{len(cells)},"",{total})'


def _own(cell: str, least: str, most: str, places: int) -> str:
    """A person's own points where they lie between two bounds."""
    return f'IF(AND({cell}>={least},{cell}<={most}),ROUND({cell},{places}),"")'


def _bands(bands: Bands[T], number: str, word: Callable[[T], str], unit: Decimal) -> str:
    """The nested IFs of a table of steps whose limits are given in parts of `unit`."""
    sign = ">=" if bands.direction == "at_least" else "<="
    formula = word(bands.otherwise)
    for limit, value in reversed(bands.steps):
        formula = f"IF({number}{sign}{plain(limit / unit)},{word(value)},{formula})"
    return formula


def _range(first: str, last: str) -> str:
    """The cells from one to another; the sheet is named once, as Excel writes it."""
    return f"{first}:{last.rpartition('!')[2]}"


def _starts(cell: str, word: str) -> str:
    return f'LEFT({cell},{len(word)})="{word}"'


def _list(cells: Iterable[str]) -> str:
    return ",".join(cells)
