"""The account of a form: what every cell with words was read as, as rows and as a coloured copy of the workbook.

openpyxl reads the workbook and writes the copy; the original is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from workbook_tools.errors import FileRejected
from workbook_tools.excel import other_kind, read_file
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.tables import csv_text
from workbook_tools.forms.account import is_figure
from workbook_tools.forms.form import Field
from workbook_tools.forms.placement import Placement, placed
from workbook_tools.forms.recognition import ReadForm, general_for
from workbook_tools.schemes.scheme import Scheme

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Kind = Literal["栏目", "表头", "标签", "标题", "说明", "没有用到", "没有读到"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FIELD, HEADING, LABEL, TITLE, NOTE, UNUSED, UNREAD = KINDS
COLOURS: dict[Kind, str] = dict(
    zip(KINDS, ("C6E0B4", "BDD7EE", "FFE699", "D9D9D9", "EDEDED", "F8CBAD", "FF7C80"), strict=True)
)
MEANING: dict[Kind, str] = {
    FIELD: "读成一栏的内容，参加核对和计算；空着待填的也在内",
    HEADING: "表头：它下面一列是什么",
    LABEL: "标签：它右边或下面是什么",
    TITLE: "表题和年度",
    NOTE: "说明和附注",
    UNUSED: "读到了，评分办法用不到，没有核对",
    UNREAD: "没有读到，没有核对；请看表头、标签有没有改动，有没有填错格子",
}
COLUMNS = ("表", "读成", "单元格", "项目", "名称", "内容")
_ROLES: dict[str, Kind] = {
    "texts.money_unit": NOTE,
    "heading": HEADING,
    "label": LABEL,
    "block": LABEL,
    "note": NOTE,
    "title": TITLE,
}
LEGEND = "读表结果"


class Entry(NamedTuple):
    """One cell: what it was read as, where it stands, its field path and label, and what it says."""

    kind: Kind
    cell: Cell
    address: str
    field: Field
    label: str
    words: str

    @property
    def is_number(self) -> bool:
        """Whether the cell says a figure."""
        return is_figure(self.words)


class Account(NamedTuple):
    """Every cell of a form with words, and every blank field, in the order of the sheet."""

    name: str
    read: ReadForm
    scheme: Scheme
    entries: list[Entry]

    def of(self, *kinds: Kind) -> list[Entry]:
        """The cells that were read as one of these."""
        return [entry for entry in self.entries if entry.kind in kinds]


def account(read: ReadForm) -> Account:
    """The account of a form that was read; of one without a scheme by the general one."""
    scheme = read.scheme or general_for(read.printed)
    placement = placed(read.printed, read.sheet, scheme)
    fields = _fields(placement)
    headings = {cell for field, cell in placement.cells.items() if field.startswith("headings.")}
    labelled = set(read.printed.fields.values())
    used = {read.printed.roles.get(cell, "") for cell in fields}
    entries = []
    for cell in sorted({*read.printed.roles, *fields}):
        words, role = read.sheet.text(cell).strip(), read.printed.roles.get(cell, "")
        if not words and cell not in fields:
            continue
        field = fields.get(cell, "")
        kind = _kind(role, words, cell in labelled, role in used)
        if field or cell in headings:
            kind = TITLE if field == "texts.year" else FIELD if field else HEADING
        label = placement.labels.get(field) or role.removeprefix("other.") * role.startswith("other.")
        entries.append(Entry(kind, cell, read.sheet.address(cell), field, label, " ".join(words.split())))
    return Account(read.name, read, scheme, entries)


def _fields(placement: Placement) -> dict[Cell, Field]:
    """Cell → its first field; the cells below that a merged row goes on in are its field, too."""
    found: dict[Cell, Field] = {}
    for field, cell in placement.cells.items():
        if not field.startswith("headings."):
            found.setdefault(cell, field)
    for field, cells in placement.more.items():
        for cell in cells:
            found.setdefault(cell, field)
    return found


def _kind(role: str, words: str, labelled: bool, used: bool) -> Kind:
    """What a cell that stands for no field was read as; a figure is never a label."""
    kind, figure = _ROLES.get(role), is_figure(words)
    if kind and not (figure and kind == LABEL):
        return kind
    unknown = role.startswith("other.") and not labelled
    return UNREAD if kind or role == "unread" or unknown or (role.startswith("table") and not used) else UNUSED


def as_json(accounts: Iterable[Account]) -> str:
    """The accounts for another program."""
    return json.dumps(
        [
            {
                "form": one.name,
                "title": one.read.printed.title,
                "year": one.read.printed.year,
                "scheme": one.read.scheme.name if one.read.scheme else None,
                "refused": one.read.reason,
                "cells": [
                    {"kind": e.kind, "cell": e.address, "field": e.field, "label": e.label, "words": e.words}
                    for e in one.entries
                ],
            }
            for one in accounts
        ],
        ensure_ascii=False,
        indent=2,
    )


def as_csv(accounts: Iterable[Account]) -> str:
    """The accounts as CSV."""
    said = (
        (one.name, entry.kind, entry.address, entry.field, entry.label, entry.words)
        for one in accounts
        for entry in one.entries
    )
    return csv_text([COLUMNS, *said])


def coloured_copy(path: Path, accounts: Sequence[Account]) -> bytes:
    """The workbook with every cell of its forms coloured by what it was read as, and a sheet that tells the colours.

    Raises `FileRejected`.
    """
    from openpyxl.formatting.formatting import ConditionalFormattingList
    from openpyxl.styles import PatternFill

    from workbook_tools.excel.loading import loaded, written

    data = read_file(path)
    if kind := other_kind(data):
        raise FileRejected("E_KIND", f"涂颜色的副本不能由 {kind} 格式的文件写成；请在 Excel 或 WPS 里另存为 .xlsx 再试")
    workbook = loaded(data)
    for entry in (entry for one in accounts for entry in one.entries):
        name, _, address = entry.address.rpartition("!")
        workbook[name][address].fill = PatternFill("solid", fgColor=COLOURS[entry.kind])
    for sheet in workbook.worksheets:
        sheet.conditional_formatting = ConditionalFormattingList()  # other colours would lie over these
        sheet.sheet_view.tabSelected = False
        sheet.page_setup.blackAndWhite = False
    if LEGEND in workbook.sheetnames:
        del workbook[LEGEND]
    _legend(workbook.create_sheet(LEGEND, 0), accounts)
    workbook.active = 0
    return written(workbook)


def _legend(sheet: Worksheet, accounts: Sequence[Account]) -> None:
    """What each colour means, how many cells have it, and every cell that was not read."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import quote_sheetname
    from openpyxl.worksheet.hyperlink import Hyperlink

    from workbook_tools.excel.loading import put_text
    from workbook_tools.excel.new_book import MOST_LINKS, one_page_wide

    rows: list[tuple[str, str, str]] = [("颜色", "格数", "是什么")]
    rows += [(kind, str(sum(len(one.of(kind)) for one in accounts)), MEANING[kind]) for kind in KINDS]
    unread = [entry for one in accounts for entry in one.of(UNREAD)]
    rows += [("", "", ""), (UNREAD, "单元格", "内容")] if unread else []
    for number, row in enumerate([*rows, *(("", entry.address, entry.words) for entry in unread)], 1):
        for column, said in enumerate(row, 1):
            cell = sheet.cell(number, column)
            put_text(cell, said)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number in (1, len(KINDS) + 3))
        if row[0] in COLOURS:
            sheet.cell(number, 1).fill = PatternFill("solid", fgColor=COLOURS[KINDS[KINDS.index(row[0])]])
    for number, entry in enumerate(unread[:MOST_LINKS], len(rows) + 1):
        name, _, address = entry.address.rpartition("!")
        where = f"{quote_sheetname(name)}!{address}"
        sheet.cell(number, 2).hyperlink = Hyperlink(ref=f"B{number}", location=where, display=entry.address)
        sheet.cell(number, 2).font = Font(color="0563C1", underline="single")
    one_page_wide(sheet)
    for letter, width in (("A", 12), ("B", 18), ("C", 80)):
        sheet.column_dimensions[letter].width = width
