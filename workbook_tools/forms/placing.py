"""The fields of a form as it is printed, for the scheme that it is scored by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.fitting import GENERAL, Similar, nearest
from workbook_tools.forms.placement import Placement, placed
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reader import read_forms
from workbook_tools.schemes.scheme import Scheme

RESTORE = "改动过表头的，请恢复；原表就是这样印的，请加 --scheme general，按通用办法核对"
LEAVE_A_ROW = "请在表头下面留一行填金额"
NO_SUM = "请加一行“合计”，写各项的合计数"
ONE_YEAR = "请只留评价年度一行"
ONE_COLUMN = "请删去不用的一列，或把它的表头改成别的"
NOT_MONITORING = "里找不到“1-7月执行数”“当前完成值”等列，不像绩效监控表"
FILL_FORM = "请核对文件；自评表请用 fill_form 填写"
NEEDED = ("target", "actual", "weight", "rate", "score")  # columns without which no row can be scored


def place(sheet: Sheet, scheme: Scheme, printed: PrintedForm | None = None, *, number: int = 0) -> Placement:
    """The cells of all fields of a form: of `printed`, else of the form of that number on the sheet, read anew.

    Raises `FormNotRecognised` naming the words that the rules of the scheme need and the form does not print.
    """
    if printed is None:
        forms = read_forms(sheet)
        if number >= len(forms):
            raise FormNotRecognised("上没有读到指标和金额的表格", "请核对是不是这张表")
        printed = forms[number]
    placement = placed(printed, sheet, scheme)
    if scheme.monitoring and not any(field.endswith(".so_far") for field in placement.cells):
        raise FormNotRecognised(NOT_MONITORING, FILL_FORM)
    if not scheme.general:
        _refuse_lacking(printed, placement, scheme)
    return replace(placement, like=_similar(printed, sheet)) if scheme.name == GENERAL else placement


def _similar(form: PrintedForm, sheet: Sheet) -> tuple[Similar, ...]:
    """The official forms that a form is most like, and whether it has what their rules need."""
    found = []
    for one in nearest(form):
        try:
            place(sheet, one.scheme, form)
            found.append(Similar(one, usable=True))
        except FormNotRecognised:
            found.append(Similar(one, usable=False))
    return tuple(found)


def _refuse_lacking(form: PrintedForm, placement: Placement, scheme: Scheme) -> None:
    lacking = "、".join(f"“{word}”" for word in _lacking_amounts(form, placement, scheme))
    asked = [one.choices[0] for one in form.asked if one.what == "columns"]
    if twice := [amount for amount in scheme.money if lacking and amount in asked]:
        raise FormNotRecognised(f"资金的表头里“{scheme.money[twice[0]]}”有两列，不知道以哪一列为准", ONE_COLUMN)
    if lacking:
        raise FormNotRecognised(f"资金的表头里找不到{lacking}{_unknown(form, 'money')}", RESTORE)
    money = [table for table in form.tables if table.kind == "money"]
    if scheme.budget and money and "budget.spent" not in placement.cells:
        first = next(iter(scheme.form.money.values()))[0]
        rows = sum(len(table.rows) for table in money)
        if rows:
            years = any("year" in table.columns for table in money)
            raise FormNotRecognised(f"“{first}”下面有 {rows} 行金额，不知道用哪一行", ONE_YEAR if years else NO_SUM)
        raise FormNotRecognised(f"“{first}”下面没有填写金额的行", LEAVE_A_ROW)
    words = scheme.form.indicators
    for table in form.tables:
        wanted = [column for column in NEEDED if column in words and f"indicators.{column}" not in scheme.form.optional]
        missing = [column for column in wanted if table.kind == "indicator" and column not in table.columns]
        if missing:
            where = f"第 {table.first} 行的表头里"
            doubled = [one.choices[0] for one in form.asked if one.what == "columns" and one.cells[0][0] >= table.first]
            if twice := [column for column in missing if column in doubled]:
                raise FormNotRecognised(f"{where}“{words[twice[0]][0]}”有两列，不知道以哪一列为准", ONE_COLUMN)
            lacking = "、".join(f"“{words[column][0]}”" for column in missing)
            raise FormNotRecognised(f"{where}找不到{lacking}{_unknown(form, 'indicator')}", RESTORE)
    for field, word in scheme.form.needs.items():
        if field not in placement.cells:
            raise FormNotRecognised(f"找不到“{word}”", RESTORE)
    for known in scheme.form.tables:
        cells = [field for field in placement.cells if field.startswith(f"tables.{known.name}.")]
        if cells and not any(field.startswith(f"tables.{known.name}.total.") for field in cells):
            raise FormNotRecognised(f"“{known.title}”下面找不到“合计”一行", RESTORE)


def _lacking_amounts(form: PrintedForm, placement: Placement, scheme: Scheme) -> Iterator[str]:
    """What the scheme calls the amounts that its rules need and no table of the form has."""
    needed = dict.fromkeys(amount for rule in scheme.budget for amount in (*rule.base, "spent"))
    printed = {field.rpartition(".")[2] for field in placement.cells if field.startswith("headings.budget")}
    pairs = any(table.kind == "money" and not table.columns for table in form.tables)
    for amount in needed:
        if amount not in printed and not (pairs and f"budget.{amount}" in placement.cells):
            yield scheme.form.money.get(amount, (scheme.money[amount],))[0]


def _unknown(form: PrintedForm, kind: str) -> str:
    """The words of headings that were not known, as a remark."""
    words = [column.words for table in form.tables if table.kind == kind for column in table.unknown if not column.idea]
    return f"（“{'”“'.join(words)}”认不出）" if words else ""
