"""The values of an .xls, .ods or .xlsb file by python-calamine; run as a program of its own.

The Rust library ends its process when a damaged file has it ask for more memory than there is, which no `except`
catches: so it runs in a process with limits, and only its JSON comes back. This file imports nothing of the package.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from io import BytesIO
from typing import Any

MOST_MEMORY = 512 * 2**20  # bytes
LOCKED, UNREADABLE = "locked", "unreadable"  # the two answers about a file that gives no values


def cells(data: bytes) -> str:
    """The rows of every sheet by its name as JSON, or one of the two answers."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        found = {
            sheet.name: book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        }
    except PasswordError:
        return json.dumps(LOCKED)
    except CalamineError:
        return json.dumps(UNREADABLE)
    except BaseException as fault:  # a panic of the library is no `Exception`
        if type(fault).__name__ != "PanicException":
            raise
        return json.dumps(UNREADABLE)
    return json.dumps(found, default=_dated)


def _dated(value: Any) -> list[str]:
    """A date, a moment, a time of day or a duration in a list of its own, so that no text is taken for one."""
    if isinstance(value, timedelta):
        rest = value - timedelta(value.days)
        return [f"{value.days} days {rest // timedelta(microseconds=1)}"]
    return [value.isoformat()]


def _limit() -> None:
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(3)  # no window when the library ends the process
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.path.append(sys.argv[1])  # where the library is
    _limit()
    sys.stdout.buffer.write(cells(sys.stdin.buffer.read()).encode())
