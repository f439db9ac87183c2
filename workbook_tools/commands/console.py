"""What all commands share: argparse in Chinese, the exit codes, and the boundary at which errors become sentences."""

from __future__ import annotations

import argparse
import gc
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, cast

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import refused_by_system
from workbook_tools.terminal import Wrapping, room, wrapped
from workbook_tools.text import one_line

if TYPE_CHECKING:
    from datetime import date


class ExitCode(IntEnum):
    """How a command ended; of several files the highest counts."""

    DONE = 0  # filled, sent, written; nothing found
    NEEDS_PERSON = 1  # something is wrong, differs, or has to be decided
    USAGE = 2  # the arguments, or a file that they name beside the forms
    UNREADABLE = 3  # no form, or it could not be read or written
    NOT_REACHABLE = 4  # the workbook that is open in Excel; only for the ribbon
    INTERRUPTED = 130  # Ctrl-C


SCHEMES = "另外使用这个文件夹里的评分办法（局里自己的），见 docs/schemes.md"
RESULTS = "审核结果（review close --results 写的，或者“文件”“审核分数”“核定等级”“审核意见”几列的 .csv、.xlsx）"
ENDINGS = "退出码：0 已填好；1 有需要人处理的地方；2 用法不对；3 不是自评表或无法读取（多个文件时取最大的一个）。"
FILLED = f"{ENDINGS}填好了，校验查出错误的，也是 0；要按错误算的，用 workbook_tools check（监控表用 monitor）。"


def run(command: Callable[[Sequence[str] | None], int], arguments: Sequence[str] | None) -> int:
    """Runs a command on a console of any encoding; gives its exit code.

    The one place where an error becomes a sentence: no error, no character, no Ctrl-C and no closed pipe ends in a
    traceback.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # a Python without a console, as the add-in of WPS starts it on Windows
            setattr(sys, name, io.StringIO())
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    most = room(sys.stdout)
    try:
        with (
            redirect_stdout(cast("TextIO", Wrapping(sys.stdout, most))),
            redirect_stderr(cast("TextIO", Wrapping(sys.stderr))),
        ):
            try:
                return command(arguments)
            except WorkbookToolsError as fault:
                print(fault)
                return ExitCode(fault.exit_code)
            finally:
                sys.stdout.flush()
                if arguments is None:  # the program ends: what is left is not searched for cycles once more
                    gc.freeze()
    except KeyboardInterrupt as stop:
        counts = [one for one in stop.args if isinstance(one, int)]
        done = f"：{counts[1]} 个文件做完 {counts[0]} 个" if len(counts) == 2 else ""
        more = "".join(f"；{one}" for one in stop.args if isinstance(one, str))
        sys.stderr.write(f"\n已中断{done}；已经写好的文件不受影响，没有轮到的文件没有改动{more}\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.NEEDS_PERSON
    except OSError as fault:  # of a path that the system does not take, before anything was read
        sys.stderr.write(f"{refused_by_system(fault, '读写')}\n")
        return ExitCode.UNREADABLE
    except Exception as fault:  # the last boundary: what no command foresaw is one sentence too
        sys.stderr.write(f"程序出错（{type(fault).__name__}：{one_line(fault)}）；请把这条命令和文件交给维护人员\n")
        return ExitCode.UNREADABLE


@contextmanager
def naming(path: object) -> Iterator[None]:
    """Puts the file that is read before the sentence of an error."""
    try:
        yield
    except WorkbookToolsError as fault:
        raise fault.at(path) from None


def chinese_parser(prog: str, about: str, endings: str = ENDINGS) -> argparse.ArgumentParser:
    """A parser with the titles, the help and the errors of a Chinese program."""
    parser = _Parser(prog=prog, description=about, epilog=endings, add_help=False)
    parser.add_argument("-h", "--help", action="help", help="显示这段说明")
    return parser


def scheme_options(
    parser: argparse.ArgumentParser, about: str = "指定评分办法，不写就按表上的字识别", usual: str | None = None
) -> None:
    """The scheme of the forms, and a folder with schemes of one's own."""
    parser.add_argument("--scheme", metavar="名称", default=usual, help=about)
    parser.add_argument("--schemes", metavar="文件夹", help=SCHEMES)


def work_options(parser: argparse.ArgumentParser, *, cluster: bool = False) -> None:
    """On how many processes the files are worked on, and on which cluster where the command can."""
    parser.add_argument(
        "--jobs", metavar="个数", type=_count, help="同时用几个进程（1 是一个一个做；不写就按文件数和处理器定）"
    )

    if cluster:
        parser.add_argument("--on", metavar="集群", help="在 Dask 集群上做（tcp://调度程序:8786），见 docs/scale.md")


def waive_option(parser: argparse.ArgumentParser) -> None:
    """The documented exceptions."""
    parser.add_argument("--waive", metavar="清单", help="放行清单（CSV），列为 代码、位置、理由、姓名")


def deadline_option(parser: argparse.ArgumentParser, about: str) -> None:
    """The last day on which something is in time."""
    parser.add_argument("--deadline", metavar="日期", type=_day, help=about)


def _day(words: str) -> date:
    from datetime import date  # few commands have a deadline

    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"要写成 2026-02-28 这样，不是“{words}”") from None


def _count(words: str) -> int:
    if not words.isdecimal() or not int(words):
        raise argparse.ArgumentTypeError(f"要写 1、2 这样的整数，不是“{words}”")
    return int(words)


class _Help(argparse.HelpFormatter):
    """Help whose lines are measured in columns, of which a Chinese character takes two."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in wrapped(text, width - len(indent)))


class _Parser(argparse.ArgumentParser):
    """argparse in Chinese."""

    _SAID = (
        (r"unrecognized arguments: (.*)", r"无效的选项：\1"),
        (r"the following arguments are required: (.*)", r"缺少：\1"),
        (r"one of the arguments (.*) is required", r"缺少：\1（选一个）"),
        (r"argument (\S+): not allowed with argument (\S+)", r"\1 和 \2 不能同时用"),
        (r"argument (\S+): expected one argument", r"\1 后面要写一个值"),
        (r"argument (\S+): expected at least one argument", r"\1 后面至少要写一个值"),
        (r"argument (\S+): invalid int value: '?(.*?)'?", r"\1 要写整数，不是“\2”"),
        (r"argument (\S+): ignored explicit argument '?(.*?)'?", r"\1 后面不用写值，写了“\2”"),
        (r"ambiguous option: (\S+) could match (.*)", r"选项 \1 没有写全，可能是 \2"),
        (r"argument \S+: (没有.*)", r"\1"),
        (r"argument (\S+): (.*)", r"\1 \2"),
    )

    _columns: int | None = 80  # while arguments are added; for help those of the terminal, which take imports to find

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._positionals.title, self._optionals.title = "参数", "选项"

    def error(self, message: str) -> NoReturn:
        for english, chinese in self._SAID:
            if found := re.fullmatch(english, message, re.DOTALL):
                message = found.expand(chinese)
                break
        self.exit(ExitCode.USAGE, f"用法不对：{message}\n{self.format_usage()}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Names what can be chosen, without the commands that are not listed in the help."""
        if action.choices is None or value in action.choices:
            return
        listed = [one.dest for one in getattr(action, "_choices_actions", ())] or [*map(str, action.choices)]
        from difflib import get_close_matches

        near = get_close_matches(str(value), listed, 1)
        meant = f"，是不是要写 {near[0]}" if near else ""
        raise argparse.ArgumentError(action, f"没有“{value}”{meant}；可选 {'、'.join(listed)}")

    def _get_formatter(self) -> argparse.HelpFormatter:
        return _Help(self.prog, width=self._columns)

    def format_usage(self) -> str:
        self._columns = None
        return super().format_usage().replace("usage:", "用法：", 1)

    def format_help(self) -> str:
        self._columns = None
        return super().format_help().replace("usage:", "用法：", 1)
