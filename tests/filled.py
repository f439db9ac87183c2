"""The template as a clerk fills it by hand: field paths and what is typed there."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.template.workbook import workbook_bytes

TEMPLATE = Path(__file__).parents[1] / "templates" / "self_eval_form.xlsx"
Typed = dict[str, str | int | float | None]

NOTHING = "未发生扣分行为"
ZHONGSHAN_2022: Typed = {
    "texts.unit": "中山市12345投诉举报平台管理中心",
    "texts.project": "12345政府服务热线外包服务项目",
    "budget.initial": 17160681,
    "budget.adjusted": 0,
    "budget.spent": 17160289.87,
    "indicators.1.name": "培训场次 114 次；月均话务量 175560 次",
    "indicators.1.target": 100,
    "indicators.1.actual": 100,
    "indicators.2.name": "投诉举报类工单质检率 99.73%",
    "indicators.2.target": 100,
    "indicators.2.actual": 100,
    "indicators.3.name": "准确派单率 94.82%；人工接通率 72.95%",
    "indicators.3.target": 100,
    "indicators.3.actual": 60,
    "indicators.4.name": "无",
    "indicators.11.name": "无",
    "indicators.12.name": "及时派单率 100%",
    "indicators.12.target": 100,
    "indicators.12.actual": 100,
    "indicators.13.name": "无",
    "indicators.14.name": "无",
    "indicators.15.name": "群众满意度 99.73%",
    "indicators.15.target": 100,
    "indicators.15.actual": 100,
    "deductions.1.rate": NOTHING,
    "deductions.2.rate": NOTHING,
    "deductions.3.rate": NOTHING,
    "deductions.4.rate": NOTHING,
}


def cell_of(sheet: Worksheet, field: str) -> str:
    """The address that the template's own defined name gives for a field."""
    assert sheet.parent is not None
    text = sheet.parent.defined_names[field].attr_text
    return str(text).rpartition("!")[2].replace("$", "")


def filled_template(typed: Typed) -> bytes:
    """The template with the words typed into the named fields."""
    workbook = load_workbook(TEMPLATE)
    sheet = workbook["自评表"]
    for field, value in typed.items():
        sheet[cell_of(sheet, field)] = value
    return workbook_bytes(workbook)
