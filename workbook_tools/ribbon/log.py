"""The log of the buttons: what was started, how it ended, and where a fault arose that nobody foresaw.

It stays on this computer; `addin report` puts it into a report, without mail addresses.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from workbook_tools import __version__
from workbook_tools.folders import state_folder

_MOST = 200_000  # bytes; then the older half goes


def path() -> Path:
    """The file of the log, whether it exists or not."""
    return state_folder() / "ribbon.log"


def note(what: str, fault: BaseException | None = None) -> None:
    """Adds a line, and below it where a fault arose; a log that cannot be written is no reason to stop."""
    lines = [f"{time.strftime('%Y-%m-%d %H:%M:%S')} {__version__} {what}"]
    if fault is not None:
        import traceback

        lines += [line.rstrip() for line in traceback.format_exception(fault)]
    with contextlib.suppress(OSError):
        file = path()
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > _MOST:
            file.write_bytes(file.read_bytes()[-_MOST // 2 :].partition(b"\n")[2])
        with file.open("a", encoding="utf-8", errors="replace") as log:
            log.write("\n".join([*lines, ""]))
