"""What changed against the form of the year before, in sentences: money, total, and each indicator in both."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from workbook_tools.assess import Assessment
from workbook_tools.checks.compared import name_key
from workbook_tools.claims import Row
from workbook_tools.errors import BadData
from workbook_tools.reports.word.known import Known
from workbook_tools.reports.word.sentences import name_of_row, quoted
from workbook_tools.values import Quantity, grouped, plain, read_points


def doubt_about(form: Assessment, last: Assessment) -> str:
    """What a person has to confirm before the two are compared: another name of the unit or the project; "" for none.

    Raises `BadData` where the other form is certainly not that of the year before: by its year, or by both names.
    """
    this_year, last_year = (one.form.year or one.year for one in (form, last))
    if this_year and last_year and last_year != this_year - 1:
        raise BadData(f"--last 给的是 {last_year} 年度的表，不是 {this_year} 年度的上一年；请换成上一年的自评表")
    names = (("单位", last.unit, form.unit), ("项目", last.project, form.project))
    other = [(what, old, new) for what, old, new in names if old and new and name_key(old) != name_key(new)]
    said = "，".join(f"上年的{what}是“{old}”，这一份是“{new}”" for what, old, new in other)
    if len(other) == len(names):
        raise BadData(f"--last 给的不是这个项目的表：{said}；请换成这个项目上一年的自评表")
    cure = "请核对是不是同一个，不是的，报告里“与上年相比”的话都不对，请换成上一年的自评表再生成"
    return f"{said}；{cure}" if said else ""


def changes(known: Known, last: Assessment) -> Iterator[tuple[str, str]]:
    """What it is about, and the sentence; only what both forms say is compared."""
    before = Known(last)
    what = f"上年（{before.year}年度）" if before.year else "上年"
    for column, name in (("initial", "年初预算"), ("revised", "全年预算"), ("spent", "实际支出")):
        if known.unit == before.unit and (said := _moved(known.amount(column), before.amount(column), known.unit)):
            yield column, f"与{what}相比，{name}{said}。"
    if said := _moved(read_points(known.total), read_points(before.total), "分"):
        yield "total", f"与{what}相比，自评总分{said}。"
    rows = {row.name: row for row in before.rows}
    for row in known.rows:
        if row.name in rows and (said := _row_moved(row, rows[row.name])):
            yield row.name, f"与{what}相比，“{name_of_row(known, row)}”完成值{said}。"
    new = [row for row in known.rows if row.name not in rows]
    gone = [row for name, row in rows.items() if name not in {row.name for row in known.rows}]
    if new and len(new) < len(known.rows):
        yield "new", f"与{what}相比，新设{quoted(known, new)}。"
    if gone and len(gone) < len(rows):
        yield "gone", f"与{what}相比，不再设置{quoted(before, gone)}。"


def _moved(now: Decimal | None, before: Decimal | None, unit: str) -> str:
    if now is None or before is None:
        return ""
    if now == before:
        return f"持平（{grouped(now)}{unit}）"
    return f"由{grouped(before)}{unit}{'增加' if now > before else '减少'}到{grouped(now)}{unit}"


def _row_moved(row: Row, other: Row) -> str:
    now, before = _one(row), _one(other)
    if now is None or before is None or now.unit != before.unit:
        return ""
    if now.number == before.number:
        return f"持平（{plain(now.number)}{now.unit}）"
    verb = "上升" if now.number > before.number else "下降"
    return f"由{plain(before.number)}{before.unit}{verb}到{plain(now.number)}{now.unit}"


def _one(row: Row) -> Quantity | None:
    """The actual value of a row, None where it is not known or two that differ."""
    return row.actuals[0] if row.actuals and len({one.number for one in row.actuals}) == 1 else None
