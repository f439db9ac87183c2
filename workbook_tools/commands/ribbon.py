"""The commands behind the ribbon of Excel: `addin` for people, `live` and `patch` for the macros.

`live` and `patch` leave what the macros are to do in the file named by --answer; exit codes: 0 there is an answer,
2 usage, 3 there could be none, 4 the open workbook cannot be reached from here.
"""

from __future__ import annotations

import argparse
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
    """Adds the commands to the parser's; those of the macros are not listed."""
    addin = commands.add_parser("addin", help="Excel 里的“绩效自评”按钮：安装、卸载、查看", add_help=False)
    addin.add_argument("-h", "--help", action="help", help="显示这段说明")
    addin.add_argument(
        "what",
        choices=["install", "uninstall", "status", "build"],
        metavar="install|uninstall|status|build",
        help="安装、卸载、查看；build 由源文件重新构建（开发用）",
    )
    addin.add_argument("--to", metavar="文件夹", help="装到哪个文件夹，不写就是 Excel 的启动文件夹")
    for name in ("live", "patch"):
        command = commands.add_parser(name, add_help=False)
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


def addin(options: argparse.Namespace) -> int:
    """Installs, removes, shows or builds the add-in."""
    from workbook_tools.ribbon import addin

    try:
        if options.what == "build":
            path = Path(options.to) / addin.NAME if options.to else addin.sources() / addin.NAME
            save(path, addin.build(addin.sources()), seen=None, keep=False)
            print(f"已构建 {path}")
            return ExitCode.DONE
        folder = Path(options.to) if options.to else addin.startup_folder()
        if options.what == "install":
            made = addin.install(folder, addin.command_line())
            print(f"已安装 {made.path}")
            print(f"  按钮启动的程序：{made.command}")
            print("  请重新打开 Excel，功能区上会有“绩效自评”。没有的，看 docs/ribbon.md")
        elif options.what == "uninstall":
            print(f"已卸载 {addin.uninstall(folder)}；请重新打开 Excel")
        else:
            _status(addin.read_installed(folder / addin.NAME), addin.command_line())
    except FileRejected as refused:
        lacking = options.what in ("status", "uninstall") and refused.code == "E_MISSING"
        print(f"没有安装：{folder} 里没有 {addin.NAME}" if lacking else refused)
        return ExitCode.UNREADABLE
    return ExitCode.DONE


def _status(found: Any, own: str) -> None:
    print(f"已安装 {found.path}")
    if not found.command:
        print("  还不知道启动哪个程序，请运行 workbook_tools addin install")
        return
    print(f"  按钮启动的程序：{found.command}")
    if not found.current:
        print("  插件和这里的程序不是同一个版本，请退出 Excel，运行 workbook_tools addin install")
    if found.command != own:
        print(f"  和这里的程序不一样（{own}）；要换成这里的，请运行 workbook_tools addin install")


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


def _answer(options: argparse.Namespace, act: Callable[[], list[Row]], *passed_on: type[Exception]) -> int:
    """Writes the rows of an action, or the one sentence that says why there are none; raises only `passed_on`."""
    from workbook_tools.errors import WorkbookToolsError
    from workbook_tools.ribbon.macro_calls import Row, answer_workbook

    try:
        rows = act()
    except passed_on:
        raise
    except WorkbookToolsError as fault:
        rows = [Row("say", f"{fault}")]
    except Exception as fault:  # the one boundary: the clerk is told, and Excel goes on
        rows = [Row("say", _unforeseen(options, fault))]
    try:
        save(Path(options.answer), answer_workbook(rows), seen=None)
    except FileRejected as refused:
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
