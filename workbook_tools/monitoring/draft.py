"""What a new monitoring table, or the form after it, starts from: the project, its money and its targets.

Taken from approved targets, from a form or another monitoring table, or from data under the same field paths.
Nothing that was reached so far is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workbook_tools.forms.form import Field, Indicator
from workbook_tools.forms.naming import ROW
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import target_words
from workbook_tools.targets import Project
from workbook_tools.values import Op, Quantity, names_nothing, normalize, plain, read_quantity, read_target

TEN_THOUSAND = Decimal(10_000)
TOTAL = "年度资金总额"
HEAD = ("texts.department", "texts.unit", "texts.project", "texts.goal")
SIGNS: dict[Op, str] = {"≥": "≥", "≤": "≤", "=": "＝", ">": "＞", "<": "＜"}  # a half-width = would begin a formula
IN_WORDS = "定性"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """One indicator of a draft.

    Attributes:
        group: 一级指标.
        kind: 二级指标.
        name: 三级指标.
        sign: 符号; 定性 where the target is words, "" where it is not known.
        unit: 计量单位.
        target: 年度指标值: a figure in its unit, else words.
        whole: the target in one cell, as it was written.
        weight: 分值, "" where it is not known.
    """

    group: str
    kind: str
    name: str
    sign: str
    unit: str
    target: Decimal | str
    whole: str
    weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new table starts from.

    Attributes:
        texts: 主管部门, 实施单位, 项目名称, 总体目标 by field.
        money: source → 年初预算数 in 万元, None where it is not known; the sum first.
        rows: the indicators.
        year: its year, None where it is not known.
    """

    texts: Mapping[Field, str]
    money: tuple[tuple[str, Decimal | None], ...]
    rows: tuple[DraftRow, ...]
    year: int | None


def from_project(department: str, project: Project, year: int | None) -> Draft:
    """A project of a table of approved targets."""
    total, fiscal = project.total, project.sources.get("财政拨款")
    other = None if total is None or fiscal is None else total - fiscal
    rows = (
        _row(Indicator(group=one.group, kind=one.kind, name=one.name, target=one.target, label=one.label))
        for one in project.indicators
    )
    return Draft(
        texts={"texts.unit": project.unit or department, "texts.project": project.name, "texts.goal": project.goal},
        money=((TOTAL, total), ("其中：本年财政拨款", fiscal), ("其他资金", other)),
        rows=tuple(rows),
        year=year,
    )


def from_words(words: Mapping[Field, str], year: int | None, unit: str = "万元") -> Draft:
    """What a form, a monitoring table or data says under its field paths; `unit` is that of its money."""
    numbers = {table: _numbers(words, table) for table in ("indicators", "sources")}
    rows = [_row(_indicator(words, f"indicators.{number}")) for number in numbers["indicators"]]
    sources = (f"sources.{number}" for number in numbers["sources"])
    amounts = [
        (TOTAL, _amount(words.get("budget.initial", ""), unit)),
        *(
            (name, _amount(words.get(f"{source}.initial", ""), unit))
            for source in sources
            if (name := words.get(f"{source}.name", "").strip())
        ),
    ]
    said = words.get("budget.year") or words.get("texts.year") or ""
    printed = "".join(sign for sign in normalize(said) if sign.isdigit())
    return Draft(
        texts={field: words[field].strip() for field in HEAD if words.get(field, "").strip()},
        money=tuple(amounts),
        rows=tuple(row for row in rows if not names_nothing(row.name)),
        year=year or (int(printed) if len(printed) == 4 else None),
    )


def as_data(draft: Draft, scheme: Scheme) -> dict[Field, str]:
    """The draft under the field paths of a form of a scheme: targets and budget, and nothing that was reached."""
    data: dict[Field, str] = dict(draft.texts)
    scale = TEN_THOUSAND if scheme.unit == "元" else Decimal(1)
    for number, (name, amount) in enumerate(draft.money):
        field = f"sources.{number}" if number else "budget"
        if number:
            data[f"{field}.name"] = name
        if amount is not None:
            data[f"{field}.initial"] = plain(amount * scale)
    for number, row in enumerate(draft.rows, 1):
        field = f"indicators.{number}"
        data |= {f"{field}.label": row.group, f"{field}.kind": row.kind, f"{field}.name": row.name}
        data[f"{field}.target"] = row.whole
        if row.weight:
            data[f"{field}.weight"] = row.weight
    return {field: words for field, words in data.items() if words}


def _numbers(words: Mapping[Field, str], table: str) -> list[int]:
    found = (ROW.fullmatch(field) for field in words)
    rows = {one[1] for one in found if one}
    return sorted(int(row.rpartition(".")[2]) for row in rows if row.startswith(f"{table}."))


def _indicator(words: Mapping[Field, str], field: Field) -> Indicator:
    return Indicator(
        group="",
        kind="".join(words.get(f"{field}.kind", "").split()),
        name=" ".join(words.get(f"{field}.name", "").split()),
        target=words.get(f"{field}.target"),
        initial=words.get(f"{field}.initial"),
        op=words.get(f"{field}.op"),
        unit=words.get(f"{field}.unit"),
        weight=words.get(f"{field}.weight"),
        label=words.get(f"{field}.label"),
    )


def _row(row: Indicator) -> DraftRow:
    """The row with its target taken apart into sign, figure and unit where it is a figure."""
    whole = target_words(row)
    found, words = read_target(whole), (row.target or "").strip()
    sign, unit, value = "", row.unit or "", words or whole
    target: Decimal | str = value
    if found and not found.quantity.over:
        sign = SIGNS[found.op] if found.op else ""
        target, unit = found.quantity.number, found.quantity.unit
    elif normalize(row.op or "").startswith(IN_WORDS):
        sign = IN_WORDS
    return DraftRow(
        group=(row.label or "").strip(),
        kind=row.kind,
        name=row.name,
        sign=sign,
        unit=unit,
        target=target,
        whole=whole,
        weight=(row.weight or "").strip(),
    )


def _amount(words: str, unit: str) -> Decimal | None:
    found: Quantity | None = read_quantity(words)
    if found is None or found.over or found.unit not in ("", "元", "万元"):
        return None
    return found.number / TEN_THOUSAND if (found.unit or unit) == "元" else found.number
