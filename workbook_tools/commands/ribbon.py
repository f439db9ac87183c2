"""The commands that the buttons start: `live` and `patch` for the macros of Excel, `request` for the add-in of WPS.

They leave what is to be done in the file named by --answer, a workbook or .json; exit codes: 0 there is an answer,
2 usage, 3 there could be none, 4 the open workbook cannot be reached from here. `request` reads the words of `patch`
from a file of JSON, which no shell and no encoding of Windows comes across.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import ExitCode
from workbook_tools.errors import FileRejected
from workbook_tools.excel import Book, read_file, save

if TYPE_CHECKING:
    from workbook_tools.excel.live import LiveBook
    from workbook_tools.ribbon.actions import TypedBook, Writer
    from workbook_tools.ribbon.macro_calls import Row

ACTIONS = ("fill", "check", "new", "report", "send")
UNANSWERED = 20  # seconds in which an open workbook must have been read; after that a copy of it is used
LONGEST = 120  # seconds that Excel waits for an answer once something was written


def add_commands(commands: Any) -> None:
    """Adds the commands to the parser's; they are not listed."""
    for name in ("live", "patch"):
        _add_call(commands.add_parser(name, add_help=False))
    request = commands.add_parser("request", add_help=False)
    request.add_argument("file", type=Path)


def _add_call(command: argparse.ArgumentParser) -> None:
    """What the macros say to `live` and `patch`."""
    command.add_argument("action", choices=ACTIONS)
    command.add_argument("detail", nargs="?", default="")
    command.add_argument("--answer", required=True, type=_as_named)
    command.add_argument("--yes", action="store_true")
    command.add_argument("--book", default="", type=_as_named)
    command.add_argument("--wb", default="", type=_as_named)
    command.add_argument("--path", default="", type=_as_named)
    command.add_argument("--from_xl")
    command.add_argument("--hwnd")


def _as_named(words: str) -> str:
    """A name as it is: the macros put | for %, because Windows takes %TEMP% in a command for something else."""
    return words.replace("|", "%")


def live(options: argparse.Namespace) -> int:
    """An action on the workbook that is open in Excel."""
    from workbook_tools.errors import NotReachable

    action = _OnOpenBook(options)
    watches = [threading.Timer(UNANSWERED, action.give_up), threading.Timer(LONGEST, action.tell)]
    for watch in watches:  # Excel waits for this program
        watch.daemon = True
        watch.start()
    try:
        return _answer(options, action.rows, NotReachable)
    except NotReachable:
        return ExitCode.NOT_REACHABLE
    finally:
        for watch in watches:
            watch.cancel()


class _OnOpenBook:
    """An action on the open workbook. Before the first write everything that goes wrong ends in `NotReachable`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.book: LiveBook | None = None
        self.writing = False
        self.decided = threading.Lock()  # taken for good by who is first: the first write, or the end of waiting

    def rows(self) -> list[Row]:
        """What the macros are to do; raises `NotReachable` and every error that is told to the clerk."""
        from workbook_tools.errors import NotReachable, WorkbookToolsError
        from workbook_tools.ribbon.macro_calls import Row

        try:
            from workbook_tools.excel.live import LiveBook, open_book

            book = self.book = LiveBook(open_book(self.options.wb, self.options.path), self.begin)
        except Exception:  # whatever it is, nothing was written: the copy does as well
            raise NotReachable from None
        try:
            return _rows(self.options, book, self.options.wb, book.write)
        except Exception as fault:
            book.take_back()
            if book.changed:
                return [Row("say", _half_done(book.changed))]
            if isinstance(fault, WorkbookToolsError):
                raise
            raise NotReachable from None

    def begin(self) -> None:
        """Before anything is written: from here on the copy does not do."""
        if not self.writing:
            self.decided.acquire()
            self.writing = True

    def give_up(self) -> None:
        """Ends the program where Excel has not answered and nothing has been written."""
        if self.decided.acquire(blocking=False):
            os._exit(ExitCode.NOT_REACHABLE)

    def tell(self) -> None:
        """Ends the program where Excel does not answer any more, and tells what was written."""
        from workbook_tools.ribbon.macro_calls import Row

        code: int = ExitCode.UNREADABLE
        try:
            code = _answer(self.options, lambda: [Row("say", _half_done(self.book.changed if self.book else []))])
        finally:
            os._exit(code)


def _half_done(changed: Sequence[str]) -> str:
    """What was written and could not be taken back, as a sentence."""
    if not changed:
        return "Excel 没有应答，这一步没有做完。请看是否有格正在编辑（按 Esc）、开着对话框，然后再点一次。"
    return (
        f"Excel 没有应答，这一步没有做完；这些格已经写了：{'、'.join(changed)}。"
        "请逐格核对；不想要的话，关闭工作簿时不要保存。"
    )


def patch(options: argparse.Namespace) -> int:
    """An action on a copy of the open workbook, or without any."""
    from workbook_tools.ribbon import actions

    path = Path(options.book)
    if options.action == "new":
        return _answer(options, lambda: actions.new(options.detail, Path(options.answer).parent))
    if options.action == "send":
        return _answer(options, lambda: actions.send(path, agreed=options.yes))
    if options.action == "report":
        return _answer(options, lambda: actions.report(path, options.path))
    return _answer(options, lambda: _rows(options, Book(read_file(path)), path.name, None))


def request(options: argparse.Namespace) -> int:
    """`patch` with the words in a file; first of all a file beside it says that the program has started."""
    options.file.with_suffix(".started").touch()
    parser = argparse.ArgumentParser(add_help=False)
    _add_call(parser)
    return patch(parser.parse_args(json.loads(options.file.read_text("ascii"))))


def _answer(options: argparse.Namespace, act: Callable[[], list[Row]], *passed_on: type[Exception]) -> int:
    """Writes the rows of an action, or the one sentence that says why there are none; raises only `passed_on`."""
    from workbook_tools.errors import WorkbookToolsError
    from workbook_tools.ribbon import log
    from workbook_tools.ribbon.macro_calls import Row, answer_json, answer_workbook

    path = Path(options.answer)
    log.note(f"{options.action}: begin")
    try:
        rows = act()
        log.note(f"{options.action}: {len(rows)} rows")
    except passed_on as fault:
        log.note(f"{options.action}: not reachable", fault.__cause__ or fault.__context__)
        raise
    except WorkbookToolsError as fault:
        log.note(f"{options.action}: {fault.code}")
        rows = [Row("say", f"{fault}")]
    except Exception as fault:  # the one boundary: the clerk is told, and Excel goes on
        log.note(f"{options.action}: unforeseen", fault)
        rows = [Row("say", _unforeseen(options, fault))]
    try:
        save(path, (answer_json if path.suffix == ".json" else answer_workbook)(rows), seen=None)
    except FileRejected as refused:
        log.note(f"{options.action}: no answer written, {refused.code}")
        print(refused)
        return ExitCode.UNREADABLE
    return ExitCode.DONE


def _unforeseen(options: argparse.Namespace, fault: Exception) -> str:
    """A fault that nobody foresaw, as a sentence: what became of the work, what to do, and what a developer needs."""
    import sqlite3

    from workbook_tools.mail.outbox import unusable
    from workbook_tools.mail.settings import outbox_path

    if isinstance(fault, sqlite3.Error):
        return unusable(outbox_path(), fault)
    done = "工作簿没有改动"
    if options.action == "send":
        done = "有没有发出，请用 workbook_tools outbox 查看"
    told = f"{type(fault).__name__}：{fault}"
    return f"程序出错，这一步没有做完；{done}。请把这个工作簿和这句话交给维护人员（{told}）"


def _rows(options: argparse.Namespace, book: TypedBook, name: str, write: Writer | None) -> list[Row]:
    from workbook_tools.ribbon import actions

    if options.action == "check":
        return actions.check(book, name)
    return actions.fill(book, name, overwrite=options.yes, write=write)
