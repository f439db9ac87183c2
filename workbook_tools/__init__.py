"""Fill, check, score and send 绩效自评表, the budget-performance self-evaluation workbooks.

Each name of `__all__` is imported when it is first used: `import workbook_tools` alone costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbook_tools.api import check_file, read_workbook, score_file
    from workbook_tools.errors import WorkbookToolsError
    from workbook_tools.fill import fill_file
    from workbook_tools.summary.frames import summarize

__version__ = "0.1.0"
__all__ = ["WorkbookToolsError", "check_file", "fill_file", "read_workbook", "score_file", "summarize"]

_HOMES = {
    "WorkbookToolsError": "errors",
    "check_file": "api",
    "fill_file": "fill",
    "read_workbook": "api",
    "score_file": "api",
    "summarize": "summary.frames",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
