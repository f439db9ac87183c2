"""A finding with its cell and its label, and the waivers that document exceptions.

Waivers come from the sheet 校验 of the workbook itself and from a CSV file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.checks import CHECKS, Finding, Level
from workbook_tools.errors import BadWaiver, FileRejected
from workbook_tools.excel.sheet import Sheet
from workbook_tools.excel.tables import read_rows
from workbook_tools.forms.page import SheetText
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.recognition import Workbook

Waived = Literal["已放行"]
WAIVED: Waived = "已放行"
WAIVERS = "校验"  # the sheet of a workbook that holds its waivers


class Waiver(NamedTuple):
    """A documented exception from a check.

    `code` is that of the check; `address` the cell it applies to, with or without the name of the sheet, "" for every
    cell; `reason` and `name` say why and by whom the finding was accepted.
    """

    code: str
    address: str
    reason: str
    name: str

    def covers(self, finding: Finding, address: str) -> bool:
        """Whether the waiver applies to this finding."""
        cell = address.rpartition("!")[2]
        return finding.code == self.code and self.address in ("", address, cell)


class LocatedFinding(NamedTuple):
    """A finding with its cell and the printed label of its field; `waived` is None unless a waiver applies."""

    finding: Finding
    address: str  # 自评表!I16, "" where the form has no such cell
    label: str
    waived: Waiver | None = None

    @property
    def code(self) -> str:
        """The code of the check, as `S101`."""
        return self.finding.code

    @property
    def field(self) -> str:
        """The field path, as `indicators.3.score`; "" where the finding is about no field."""
        return self.finding.at

    @property
    def message(self) -> str:
        """What is there, what should be there, and why."""
        return self.finding.message

    @property
    def level(self) -> Level | Waived:
        """The level of the finding (错误, 提示, 未核对), or 已放行 if it is waived."""
        return WAIVED if self.waived else self.finding.level


def waived(places: Iterable[LocatedFinding], waivers: Sequence[Waiver]) -> list[LocatedFinding]:
    """The findings, each with the first waiver that applies to it."""
    return [
        place._replace(waived=next((one for one in waivers if one.covers(place.finding, place.address)), None))
        for place in places
    ]


def own_waivers(book: Workbook) -> list[Waiver]:
    """The waivers in the workbook itself; raises `BadWaiver`."""
    return [waiver for info in book.sheets if info.name == WAIVERS for waiver in sheet_waivers(book.sheet(info))]


def sheet_waivers(sheet: Sheet) -> list[Waiver]:
    """The waivers in the sheet 校验 of a workbook; raises `BadWaiver` for one without a reason or a name."""
    page = SheetText(sheet)
    heading = next((row for row in page.rows if page.in_row(row, "代码") and page.in_row(row, "理由")), None)
    if heading is None:
        return []
    columns = {word: found[1] for word in ("代码", "位置", "理由", "姓名") if (found := page.in_row(heading, word))}
    rows = [row for row in page.rows if row > heading and sheet.text((row, columns["代码"])).strip()]
    listed = [{word: sheet.text((row, column)).strip() for word, column in columns.items()} for row in rows]
    return [_waiver(one, f"工作表“{sheet.name}”") for one in listed]


def read_waivers(path: Path) -> list[Waiver]:
    """The waivers in a CSV file with the columns 代码, 位置, 理由, 姓名, as Excel saves one; raises `BadWaiver`."""
    try:
        rows = read_rows(path)
    except FileRejected as refused:
        raise BadWaiver(str(refused)) from None
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    heading = [word.strip() for word in rows[0]]
    if not {"代码", "理由", "姓名"} <= set(heading):
        raise BadWaiver(f"{path}：第一行要有 代码、位置、理由、姓名 四列，请补上")
    listed = (dict(zip(heading, (word.strip() for word in row), strict=False)) for row in rows[1:])
    return [_waiver(said, str(path)) for said in listed]


def _waiver(said: Mapping[str, str], where: str) -> Waiver:
    code = said.get("代码", "").upper()
    if not _is_check(code):
        raise BadWaiver(f"{where}：没有代码为“{code}”的检查；全部代码：workbook_tools explain")
    if not said.get("理由") or not said.get("姓名"):
        raise BadWaiver(f"{where}：放行 {code} 要写理由和姓名")
    sheet, mark, cell = said.get("位置", "").replace("！", "!").rpartition("!")
    address = sheet.strip("'") + mark + cell.replace("$", "").upper()
    return Waiver(code, address, said["理由"], said["姓名"])


def _is_check(code: str) -> bool:
    """Whether there is a check of this code; those of comparisons are loaded only where it is none of a form."""
    if code in CHECKS:
        return True
    from workbook_tools.checks.every import EVERY_CHECK

    return code in EVERY_CHECK


def located(sheet: Sheet, placement: Placement, findings: Iterable[Finding]) -> list[LocatedFinding]:
    """The findings in the order of the sheet, each with its cell; one finding for a merged cell."""
    places = []
    seen = set()
    for finding in findings:
        left = placement.left.get(finding.at)
        cell = left.cell if left else placement.cells.get(finding.at)
        if (same := (cell, finding._replace(at="") if cell else finding)) in seen:
            continue
        seen.add(same)
        label = placement.labels.get(finding.at, "")
        places.append((cell or (1 << 30, 0), LocatedFinding(finding, sheet.address(cell) if cell else "", label)))
    return [place for _, place in sorted(places, key=lambda one: (one[0], one[1].finding.code))]
