"""New workbooks, built with openpyxl: the empty official form of a scheme."""

from __future__ import annotations

import datetime
import io
import zipfile

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

EPOCH = (1980, 1, 1, 0, 0, 0)


def workbook_bytes(workbook: Workbook) -> bytes:
    """The saved workbook; the same workbook always gives the same bytes (no clock in it)."""
    dated = datetime.datetime(*EPOCH)
    workbook.properties.created = workbook.properties.modified = dated
    draft = io.BytesIO()
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = ExcelWriter(workbook, archive)
        writer.write_data()
    fixed = io.BytesIO()
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return fixed.getvalue()
