"""Saves a workbook that openpyxl built or read, with its fonts as the file format orders them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import ARC_STYLE

from workbook_tools.text import regex

A3, A4 = 8, 9  # papers, as Excel numbers them
MOST_LINKS = 60_000  # of a sheet; Excel opens none with more than 65,530
DRAWINGS = "xl/drawings/drawing"
_SHAPE = regex(rb"<(?:\w+:)?avLst\s*/>")
_FONT = regex(rb"(?<=<font>).*?(?=</font>)", re.DOTALL)
_PART = regex(rb"<(\w+)\b[^>]*>")
_ORDER = (
    *(b"b", b"i", b"strike", b"condense", b"extend", b"outline", b"shadow", b"u", b"vertAlign"),
    *(b"sz", b"color", b"name", b"family", b"charset", b"scheme"),
)


def new_book_bytes(workbook: Workbook, modified: datetime | None = None) -> bytes:
    """The workbook saved at `modified`, or now.

    openpyxl writes the name of a font before its size, which the schema of Excel does not allow.
    """
    workbook.properties.modified = modified or datetime.now(UTC).replace(tzinfo=None)  # written as UTC
    made = io.BytesIO()
    with _Package(made, "w", zipfile.ZIP_DEFLATED) as package:
        ExcelWriter(workbook, package).write_data()
    return made.getvalue()


def one_page_wide(sheet: Any, paper: int = A4) -> None:
    """Sets a sheet up for paper: landscape, one page wide, with its name and the numbers of the pages."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.7, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "&A　第 &P 页，共 &N 页"


class _Package(zipfile.ZipFile):
    """A package whose styles are put in order as they are written, and the shapes of pictures into their namespace."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *how: Any, **more: Any) -> None:
        """Adds a part."""
        content = _FONT.sub(_ordered, data) if zinfo_or_arcname == ARC_STYLE else data
        if str(zinfo_or_arcname).startswith(DRAWINGS):  # openpyxl leaves them in that of the drawing
            content = _SHAPE.sub(rb'<avLst xmlns="http://schemas.openxmlformats.org/drawingml/2006/main"/>', content)
        super().writestr(zinfo_or_arcname, content, *how, **more)


def _ordered(font: re.Match[bytes]) -> bytes:
    parts = {part[1]: part[0] for part in _PART.finditer(font[0])}
    return b"".join(parts[name] for name in _ORDER if name in parts)
