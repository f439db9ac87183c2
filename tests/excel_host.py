"""Excel as pyOpenVBA plays it: the add-in's macros run in its interpreter, on workbooks that it holds in memory."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.interpreter import VBAObject, member, method

from workbook_tools.ribbon import addin

HOSTS = Path(__file__).with_name("hosts")
YES, NO = 6, 7


class Peer(VBAObject):
    """What Host.bas does on Windows with the shell and the file system."""

    vba_name = "TestsHost"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @method
    def Run(self, command: object) -> int:  # noqa: N802
        words = shlex.split(str(command))
        self.excel.commands.append(words)
        return self.excel.start(words[1:])

    @member
    def Folder(self) -> str:  # noqa: N802
        return str(self.excel.folder)

    @member
    def Live(self) -> bool:  # noqa: N802
        return self.excel.live

    @member
    def SavesItself(self) -> bool:  # noqa: N802
        return self.excel.saves_itself

    @member
    def ReadOnly(self) -> bool:  # noqa: N802
        return self.excel.read_only

    @method
    def Busy(self, words: object) -> None:  # noqa: N802
        self.excel.status.append(str(words))

    @method
    def SaveCopy(self, name: object, path: object) -> None:  # noqa: N802
        book = next(book for book in self.excel.app.workbooks() if book.name == str(name))
        self.excel.app.save(str(path), workbook=book)
        book.path = self.excel.opened.get(book.name, "")  # a copy leaves the book where it is

    @method
    def NewBook(self, path: object) -> None:  # noqa: N802
        self.excel.new.append(Path(str(path)).read_bytes())

    @method
    def Exists(self, path: object) -> bool:  # noqa: N802
        return Path(str(path)).exists()

    @method
    def MakeFolder(self, path: object) -> None:  # noqa: N802
        Path(str(path)).mkdir()

    @method
    def DeleteFolder(self, path: object) -> None:  # noqa: N802
        shutil.rmtree(str(path))


class Control(VBAObject):
    """A control of the ribbon."""

    vba_name = "Control"

    def __init__(self, tag: str) -> None:
        self.tag = tag

    @member
    def Tag(self) -> str:  # noqa: N802
        return self.tag


class Excel:
    """Excel with the add-in loaded; `start` is what the macros start, with its arguments."""

    def __init__(self, folder: Path, start: Callable[[list[str]], int], *, command: str = "workbook_tools") -> None:
        self.folder, self.start = folder / "temp", start
        self.folder.mkdir()
        self.live = self.saves_itself = self.read_only = False
        self.status: list[str] = []  # what stood in the status bar, "" for nothing
        self.commands: list[list[str]] = []
        self.opened: dict[str, str] = {}  # name of a book → its folder
        self.new: list[bytes] = []  # what new books were made of
        installed = addin.install(folder / "startup", command)
        self.app = ExcelApplication.open(installed.path, with_vba=False)
        for name in ("Ribbon", "Bridge"):
            self.app.add_module((addin.sources() / f"{name}.bas").read_text("ascii"), name=name)
        self.app.add_module((HOSTS / "Interpreter.bas").read_text("ascii"), name="Host")
        host: Any = self.app.interpreter.host
        create = host.create
        host.create = lambda name: Peer(self) if name == "Tests.Host" else create(name)

    def open(self, path: Path) -> Any:
        """Opens a workbook, whose formulas are calculated, as by Excel, also where no results were saved beside them;
        gives its first sheet."""
        book = self.app.open_workbook(path)
        book.path = self.opened[book.name] = str(path.resolve().parent)
        for sheet in book.sheets_:
            for cell in sheet.cells_.values():
                if cell.formula:
                    cell.stale = sheet.dirty = True
        return self.app.sheet(1, workbook=book)

    def click(self, callback: str, tag: str = "", *answers: int) -> list[str]:
        """Clicks a button; gives what was said. Dialogs are answered with `answers`, else with 是."""
        before = len(self.app.dialogs)
        self.app.answer_dialogs(*(answers or [YES] * 9))
        self.app.run(callback, Control(tag))
        self.app.interpreter.answers.clear()
        return [said for _, said, _, _ in self.app.dialogs[before:]]

    def value(self, expression: str) -> Any:
        """What a VBA expression is worth."""
        return self.app.evaluate(expression)
