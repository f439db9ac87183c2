"""Actual values out of monthly statistics: sums and quotients of the columns of a table, by a recipe.

The statistics workbook holds tables below titles (表8：…), each with a heading, a row a month and a row 合计. Its
sheet 取数 says for each indicator which table and columns it comes from.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import pandas as pd

from workbook_tools.errors import BadStatistics
from workbook_tools.excel import read_file
from workbook_tools.excel.loading import guarded
from workbook_tools.excel.tables import MOST_DATA, TOO_LONG, unreadable
from workbook_tools.text import regex
from workbook_tools.values import decimals, normalize, plain, round_half_up

RECIPES, TOTAL = "取数", "合计"
COLUMNS = ("指标", "表", "算法", "分子", "分母", "小数", "取舍", "单位")
MOST_PLACES = 6
How = Literal["求和", "相除", "余下"]  # a sum · part ÷ whole · what the part leaves of the whole
Rounding = Literal["四舍五入", "舍去"]
HOW: tuple[How, ...] = get_args(How)
ROUNDING: dict[Rounding, str] = {"四舍五入": ROUND_HALF_UP, "舍去": ROUND_DOWN}
_NUMBER = regex(r"[+-]?\d{1,15}(?:\.\d{0,30})?(?:[Ee][+-]?\d{1,2})?%?", re.ASCII)
_TITLE = regex(r"^表\d+[:：]?")


class MonthlyTable(NamedTuple):
    """One table of months: its title, and each column as exact numbers; `stated` is its printed sum."""

    title: str
    months: tuple[str, ...]
    columns: dict[str, tuple[Decimal | None, ...]]
    stated: dict[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one indicator's actual value is worked out.

    Attributes:
        indicator: its name in the form.
        table: the title of the table.
        how: 求和 a sum, 相除 part ÷ whole, 余下 what the part leaves of the whole.
        part: the columns that are added.
        whole: the column that is divided by, "" for a sum.
        places: decimals of the value.
        rounding: whether what follows them is rounded half up or cut off.
        unit: the unit that is written behind it.
    """

    indicator: str
    table: str
    how: How
    part: tuple[str, ...]
    whole: str
    places: int
    rounding: Rounding
    unit: str


class Actual(NamedTuple):
    """An actual value as it goes into a form, and where it comes from."""

    indicator: str
    words: str
    why: str


def read_statistics(path: Path) -> tuple[list[MonthlyTable], list[Recipe]]:
    """All tables of a workbook, and the recipes of its sheet 取数; raises `FileRejected` or `BadStatistics`."""
    data = guarded(read_file(path))
    try:
        sheets = pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, dtype=object, engine="openpyxl")
    except Exception as fault:  # openpyxl raises whatever a damaged part leads to
        raise BadStatistics(f"无法读取统计表（{type(fault).__name__}），请用 Excel 打开另存一次") from fault
    tables = [table for name, frame in sheets.items() if name != RECIPES for table in _tables(frame)]
    if not tables:
        raise BadStatistics("找不到统计表：每张表上面一行要写“表8：……”，下面是表头、各月和合计")
    return tables, _recipes(sheets[RECIPES]) if RECIPES in sheets else []


def _tables(frame: pd.DataFrame) -> Iterator[MonthlyTable]:
    rows = [[_said(value) for value in row] for row in frame.itertuples(index=False)]
    for at, row in enumerate(rows):
        title = next((words for words in row if words), "")
        if not _TITLE.match(normalize(title)) or at + 2 >= len(rows):
            continue
        heading, body = rows[at + 1], []
        for line in rows[at + 2 :]:
            if not line[0] or _TITLE.match(normalize(line[0])):
                break
            body.append(line)
            if line[0] == TOTAL:
                break
        names = {number: _column(words) for number, words in enumerate(heading) if number and words}
        months = [line for line in body if line[0] != TOTAL]
        if not names or not months:
            continue
        total = next((line for line in body if line[0] == TOTAL), None)
        columns = {name: tuple(_number(line[number]) for line in months) for number, name in names.items()}
        stated = {name: _number(total[number]) if total else None for number, name in names.items()}
        yield MonthlyTable(normalize(title), tuple(line[0] for line in months), columns, stated)


def _said(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and value != value) else str(value).strip()


def _column(words: str) -> str:
    """A heading without its unit: 咨询类工单量（件） is 咨询类工单量."""
    name = normalize(words)
    return name.partition("(")[0] if name.endswith(")") and "(" in name else name


def _number(words: str) -> Decimal | None:
    text = normalize(words).replace(",", "")
    return Decimal(text.removesuffix("%")) if _NUMBER.fullmatch(text) else None


def read_recipes(path: Path) -> list[Recipe]:
    """The recipes of a TOML file, one table [["取数"]] each, with the columns of the sheet as keys.

    Raises `BadStatistics` or `FileRejected`.
    """
    data = read_file(path)
    if len(data) > MOST_DATA:
        raise BadStatistics(TOO_LONG)
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError, ArithmeticError) as fault:
        raise BadStatistics(f"{unreadable(fault)}；取数方法要写成 UTF-8 的 .toml 文件，中文写在引号里") from None
    listed = said.get(RECIPES)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadStatistics(f'每个指标要写一段 [["{RECIPES}"]]')
    return [_recipe({str(key): _plain_words(value) for key, value in one.items()}) for one in listed]


def _plain_words(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def _recipes(frame: pd.DataFrame) -> list[Recipe]:
    rows = [[_said(value) for value in row] for row in frame.itertuples(index=False)]
    heading = next((row for row in rows if "指标" in row and "算法" in row), None)
    if heading is None:
        raise BadStatistics(f"“{RECIPES}”表要有 {'、'.join(COLUMNS)} 各列；请补上")
    listed = (dict(zip(heading, row, strict=False)) for row in rows[rows.index(heading) + 1 :])
    return [_recipe(said) for said in listed if said.get("指标")]


def _recipe(said: Mapping[str, str]) -> Recipe:
    """One recipe from its words; raises `BadStatistics` for a word that is not known."""
    unknown = [word for word in said if word and word not in COLUMNS]
    indicator = said.get("指标", "")
    how = next((word for word in HOW if word == said.get("算法")), None)
    rounding = next((word for word in ROUNDING if word == (said.get("取舍") or "四舍五入")), None)
    places = said.get("小数") or ("0" if how == "求和" else "2")
    wrong = ""
    if unknown:
        wrong = f"“{unknown[0]}”无效，只有 {'、'.join(COLUMNS)}"
    elif how is None:
        wrong = f"算法“{said.get('算法', '')}”无效，只能是 {'、'.join(HOW)}"
    elif rounding is None:
        wrong = f"取舍“{said['取舍']}”无效，只能是 {'、'.join(ROUNDING)}"
    elif not (places.isdecimal() and int(places) <= MOST_PLACES):
        wrong = f"小数“{places}”要是 0 到 {MOST_PLACES}"
    part = tuple(_column(word) for word in re.split(r"[+＋]", said.get("分子", "")) if word.strip())
    unit = said.get("单位") or ("" if how == "求和" else "%")
    whole, table = _column(said.get("分母", "")), said.get("表", "")
    needed = {"表": table, "分子": part, "分母": whole or how == "求和"}
    lacking = [word for word, given in needed.items() if not given]
    if not wrong and lacking:
        wrong = f"{how}要写上 {'、'.join(lacking)}"
    if wrong or not indicator or how is None or rounding is None:
        raise BadStatistics(f"“{RECIPES}”{indicator or '有一条没有写指标'}：{wrong or '请写上指标的名称'}")
    return Recipe(
        indicator=indicator,
        table=table,
        how=how,
        part=part,
        whole=whole,
        places=int(places),
        rounding=rounding,
        unit=unit,
    )


def actual_values(tables: list[MonthlyTable], recipes: list[Recipe]) -> list[Actual]:
    """The actual value of every recipe; raises `BadStatistics` for a table or column that is not there."""
    return [_actual(recipe, table_of(tables, recipe)) for recipe in recipes]


def monthly_values(tables: list[MonthlyTable], recipe: Recipe) -> list[tuple[str, Decimal | None]]:
    """The value of each month by a recipe, a rate in percent; None for a month whose figures are lacking."""
    table = table_of(tables, recipe)
    return [(month, _of_month(table, recipe, number)) for number, month in enumerate(table.months)]


def _of_month(table: MonthlyTable, recipe: Recipe, number: int) -> Decimal | None:
    names = [*recipe.part, *([] if recipe.how == "求和" else [recipe.whole])]
    figures = [table.columns[name][number] if name in table.columns else None for name in names]
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(names):
        return None
    if recipe.how == "求和":
        return sum(known, Decimal(0))
    part, whole = sum(known[:-1], Decimal(0)), known[-1]
    if not whole:
        return None
    return (part if recipe.how == "相除" else whole - part) / whole * 100


def table_of(tables: list[MonthlyTable], recipe: Recipe) -> MonthlyTable:
    """The table that a recipe is about; raises `BadStatistics`."""
    wanted = normalize(recipe.table)
    found = [table for table in tables if re.match(rf"{re.escape(wanted)}(?!\d)", table.title)]
    if len(found) != 1:
        several = "有几张" if found else "找不到"
        titles = "、".join(table.title for table in tables)
        raise BadStatistics(
            f"{recipe.indicator}：{several}“{recipe.table}”；统计表里有 {titles}，请在取数方法里写明是哪一张"
        )
    return found[0]


def _actual(recipe: Recipe, table: MonthlyTable) -> Actual:
    part = sum((_sum(table, name, recipe) for name in recipe.part), Decimal(0))
    said = f"{table.title.partition(':')[0]} {'+'.join(recipe.part)} {len(table.months)} 个月相加 {plain(part)}"
    value = part
    if recipe.how != "求和":
        whole = _sum(table, recipe.whole, recipe)
        if not whole:
            raise BadStatistics(f"{recipe.indicator}：分母“{recipe.whole}”相加是 0，不能相除；请核对统计表和取数方法")
        value = (part if recipe.how == "相除" else whole - part) / whole * 100
        above = plain(part) if recipe.how == "相除" else f"({plain(whole)} - {plain(part)})"
        said = f"{table.title.partition(':')[0]}：{above} ÷ {plain(whole)}"
    rounded = value.quantize(Decimal(1).scaleb(-recipe.places), rounding=ROUNDING[recipe.rounding])
    return Actual(recipe.indicator, f"{rounded}{recipe.unit}", f"{said}，{recipe.rounding}到 {recipe.places} 位小数")


def _sum(table: MonthlyTable, name: str, recipe: Recipe) -> Decimal:
    column = table.columns.get(name)
    if column is None:
        raise BadStatistics(
            f"{recipe.indicator}：“{table.title}”没有“{name}”一列，有 {'、'.join(table.columns)}；请改正取数方法"
        )
    if None in column:
        month = table.months[column.index(None)]
        raise BadStatistics(f"{recipe.indicator}：“{table.title}”{month} 的“{name}”无法读取数值；请填数，没有就填 0")
    return sum((value for value in column if value is not None), Decimal(0))


def faults(tables: list[MonthlyTable], recipes: Iterable[Recipe] = ()) -> Iterator[str]:
    """What in the printed tables does not add up: totals that are not the sum of their months, rates no quotients.

    The recipes say which quotient the rate of a table is.
    """
    yield from _sums(tables)
    for recipe in recipes:
        yield from _rates(table_of(tables, recipe), recipe)


def _rates(table: MonthlyTable, recipe: Recipe) -> Iterator[str]:
    rates = [name for name in table.columns if name.endswith("率")]
    if recipe.how == "求和" or len(rates) != 1:
        return
    whole = MonthlyTable(table.title, (TOTAL,), {name: (stated,) for name, stated in table.stated.items()}, {})
    for part in (table, whole):
        for number, month in enumerate(part.months):
            said, rate = part.columns[rates[0]][number], _of_month(part, recipe, number)
            if said is None or rate is None:
                continue
            places = decimals(said)
            if said not in (round_half_up(rate, places), round_half_up(rate / 100, places)):  # 96.16% or 0.9616
                yield f"{table.title}：{month}的{rates[0]}写 {plain(said)}，按各列应为 {round_half_up(rate, 2)}%"


def _sums(tables: list[MonthlyTable]) -> Iterator[str]:
    for table in tables:
        for name, column in table.columns.items():
            stated = table.stated[name]
            if stated is None or None in column or name.endswith("率"):
                continue
            total = sum((value for value in column if value is not None), Decimal(0))
            if total != stated:
                yield f"{table.title}：{name}合计写 {plain(stated)}，{len(column)} 个月相加是 {plain(total)}"
