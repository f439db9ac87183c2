"""The live formulas of an empty form: the same rules as `scoring`, in the words of a workbook.

Only ROUND, IF, AND, OR, SUM, MIN, MAX, COUNT, COUNTIF, SUMPRODUCT, LEFT, N and ISNUMBER are used, which Excel, WPS,
LibreOffice and `formulas` calculate alike. A formula gives "" while its cell is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from workbook_tools.form import Field
from workbook_tools.scheme import Bands, BudgetRule, Group, Scheme
from workbook_tools.scoring import FAR_APART, MOST_EXECUTION
from workbook_tools.values import HUNDRED, NOT_APPLICABLE, ONE, plain

T = TypeVar("T")
At = Callable[[Field], str]  # field path → its cell as a formula names it


def form_formulas(scheme: Scheme, rows: Mapping[str, list[Field]], at: At) -> dict[Field, str]:
    """Field path → formula of every computed cell; `rows` gives the row paths of each group and of `deduction`."""
    found: dict[Field, str] = {}
    for rule in scheme.budget:
        found |= _budget(rule, scheme.places, at)
    for group in scheme.groups:
        if group.weights == "printed":
            scores = [at(f"budget.{rule.field}.score") for rule in scheme.budget]
            found[f"groups.{group.name}"] = _sum(scores, scheme.places, f"MIN({plain(group.points)},{{}})")
        else:
            found |= _group(group, rows[group.name], scheme.places, at)
    subtotals = [at(f"groups.{group.name}") for group in scheme.groups]
    found["subtotal"] = (
        f'=IF(COUNT({_list(subtotals)})<{len(subtotals)},"",ROUND(SUM({_list(subtotals)}),{scheme.places}))'
    )
    found |= _deductions(scheme, rows["deduction"], at)
    found["total"] = _sum([at("subtotal"), at("groups.deduction")], scheme.places)
    return found


def grade_formula(scheme: Scheme, label: str, veto: Field, at: At) -> str:
    """The formula of the grade's sentence."""
    happened = ",".join(f'{at(f"{veto}.rate")}="{word}"' for word in scheme.deductions.veto_words)
    grade = _bands(scheme.grades, at("total"), lambda word: f'"{word}"', ONE)
    undecided = f'OR({at(f"{veto}.score")}="",{at("total")}="")'
    return f'="{label}"&IF(OR({happened}),"{scheme.deductions.veto_grade}",IF({undecided},"",{grade}))'


def _budget(rule: BudgetRule, places: int, at: At) -> dict[Field, str]:
    row = f"budget.{rule.field}"
    base = "+".join(at(f"budget.{field}") for field in rule.base)
    part = at("budget.spent") if rule.part == "spent" else f"MAX(-{at('budget.adjusted')},0)"
    needed = {at(f"budget.{field}") for field in (*rule.base, "adjusted" if rule.part == "reduced" else rule.part)}
    rate = f'IF({base}<=0,"",IF({part}/({base})>{MOST_EXECUTION},"",{part}/({base})))'
    if rule.part == "reduced":
        rate = f"IF({part}=0,0,{rate})"
    points = _bands(rule.bands, f"ROUND({at(row)},12)", plain, HUNDRED)
    score = f'IF({at(row)}="","",{points})'
    if rule.exempt:
        own = at(f"{row}.own")
        score = f"IF(ISNUMBER({own}),{_own(own, '0', plain(rule.points), places)},{score})"
    return {
        row: f'=IF(COUNT({_list(sorted(needed))})<{len(needed)},"",{rate})',
        f"{row}.actual": f'=IF({at(row)}="","",{at(row)})',
        f"{row}.score": f"={score}",
    }


def _group(group: Group, rows: list[Field], places: int, at: At) -> dict[Field, str]:
    def column(name: str) -> str:
        return f"{at(f'{rows[0]}.{name}')}:{at(f'{rows[-1]}.{name}')}"

    def nothing_in(cell: str) -> list[str]:
        return [f'{cell}="{mark}"' for mark in NOT_APPLICABLE]

    count = at(f"counts.{group.name}")
    filled = "+".join(f'({column(name)}<>"")' for name in ("kind", "target", "actual"))
    named = "*".join(f'({column("name")}<>"{mark}")' for mark in ("", *NOT_APPLICABLE))
    found = {
        f"counts.{group.name}": f'=IF(SUMPRODUCT(({column("name")}="")*({filled}>0))>0,"待填",SUMPRODUCT({named}))'
    }
    for row in rows:
        kind, name, target, actual, weight, rate, own = (
            at(f"{row}.{part}") for part in ("kind", "name", "target", "actual", "weight", "rate", "own")
        )
        empty = f'AND({kind}="",{target}="",{actual}="")'
        shared = f'IF(ISNUMBER({count}),ROUND({plain(group.points)}/{count},{places}),"")'
        found[f"{row}.weight"] = f'=IF({name}="",IF({empty},"","待填"),IF(OR({_list(nothing_in(name))}),"",{shared}))'
        low, high = f"MIN({target},{actual})", f"MAX({target},{actual})"
        doubtful = f"AND({low}>0,{low}<=2,{high}>2,{high}>={FAR_APART}*{low})"
        quotient = f'IF({doubtful},"请核对",{actual}/{target})'
        usable = f'IF(OR({target}<=0,{actual}<0),"",{quotient})'
        found[f"{row}.rate"] = f'=IF(ISNUMBER({weight}),IF(COUNT({target},{actual})<2,"",{usable}),"")'
        counted = f"ROUND({weight}*{actual}/{target},{places})"
        judged = f'IF(ISNUMBER({own}),{_own(own, "0", weight, places)},"")'
        found[f"{row}.score"] = f'=IF(ISNUMBER({weight}),IF(ISNUMBER({rate}),{counted},{judged}),"")'
    scores, weights = column("score"), column("weight")
    total = f"MIN({plain(group.points)},ROUND(SUM({scores}),{places}))"
    found[f"groups.{group.name}"] = (
        f'=IF(ISNUMBER({count}),IF(OR({count}=0,COUNT({scores})<COUNT({weights})),"",{total}),"")'
    )
    return found


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


def _starts(cell: str, word: str) -> str:
    return f'LEFT({cell},{len(word)})="{word}"'


def _list(cells: Iterable[str]) -> str:
    return ",".join(cells)
