"""New workbooks, built with openpyxl: the empty official form of a scheme."""

from __future__ import annotations

import datetime
import io
import re
import zipfile

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

EPOCH = (1980, 1, 1, 0, 0, 0)
_REFERENCE = re.compile(rb"&#([0-9]{3,7});")


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
            target.writestr(entry, _REFERENCE.sub(_in_utf8, source.read(name)))
    return fixed.getvalue()


def _in_utf8(reference: re.Match[bytes]) -> bytes:
    """A Chinese character as Excel writes it; openpyxl writes every one of them as a number."""
    return chr(int(reference[1])).encode()
