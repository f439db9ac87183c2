"""The commands `fill_form` and `workbook_tools`: arguments in, Chinese sentences and exit codes out.

Exit codes: 0 filled, 1 something needs a person, 2 usage, 3 not a form or unreadable; of several files the highest
is returned.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools import __version__
from workbook_tools.batch import run as run_all
from workbook_tools.commands.console import FILLED, ExitCode, chinese_parser, run, scheme_options, work_options
from workbook_tools.commands.files import (
    EVERY_WORKBOOK,
    NONE_FOUND,
    here,
    is_one_of,
    lines_of,
    to_fill,
    written_as,
)
from workbook_tools.errors import BadScheme
from workbook_tools.excel import BACKUPS
from workbook_tools.excel.intake import is_other
from workbook_tools.schemes.files import schemes_from
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.text import shown_path

if TYPE_CHECKING:
    import argparse

# Command → the modules of this folder with its options and with what it does, in the order of the help. A command's
# modules are imported when it runs.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "new": ("new", "new"),
    "schemes": ("schemes", "schemes"),
    "check": ("check", "check"),
    "explain": ("check", "check"),
    "read": ("read", "read"),
    "recognise": ("read", "read"),
    "report": ("report", "report"),
    "targets": ("targets", "targets"),
    "monitor": ("monitor", "monitor"),
    "fill": ("data", "data"),
    "actuals": ("data", "data"),
    "export": ("data", "data"),
    "summary": ("summary", "summary"),
    "compare": ("compare", "compare"),
    **dict.fromkeys(("send", "chase", "outbox", "mail"), ("mail_options", "mail")),
    "addin": ("addin", "addin"),
    "live": ("ribbon", "ribbon"),
    "patch": ("ribbon", "ribbon"),
    "request": ("ribbon", "ribbon"),
    "serve": ("serve", "serve"),
    "review": ("review", "review"),
}
WITH_PARSER = ("new", "schemes", "monitor", "serve")  # they refuse options that do not go together


def fill_form(arguments: Sequence[str] | None = None) -> int:
    """The command `fill_form`; gives its exit code."""
    return run(_fill_form, arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `workbook_tools`; gives its exit code."""
    return run(_main, arguments)


def _fill_form(arguments: Sequence[str] | None) -> int:
    parser = chinese_parser("fill_form", "填写绩效自评表：计算执行率、权重、得分和等级，写回工作簿。", FILLED)
    parser.add_argument(
        "files", nargs="+", metavar="文件", help="自评表，或装着自评表的文件夹；不是 .xlsx 的转成 .xlsx 再填"
    )
    scheme_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="只算不写，文件不变")
    parser.add_argument("--overwrite", action="store_true", help="人工填的数与办法不一致时，用算出的数替换")
    parser.add_argument("-o", "--output", metavar="另存", help="写到另一个文件（多个文件时写到这个文件夹），原文件不变")
    parser.add_argument("--undo", action="store_true", help=f"还原到上一次填写之前（备份在“{BACKUPS}”文件夹）")
    parser.add_argument("-q", "--quiet", action="store_true", help="只列需要人处理的、错误和没有核对的；其余每张表一行")
    work_options(parser)
    parser.add_argument("--version", action="version", version=f"workbook_tools {__version__}", help="显示版本")
    options = parser.parse_args(arguments)
    with schemes_from(options.schemes):
        return _fill_files(options, parser)


def _fill_files(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from workbook_tools.commands.fill import Filling, Told, filled, table_width, undone

    if options.undo and (options.dry_run or options.overwrite or options.output or options.scheme):
        parser.error("--undo 不能和其他选项同时用；请只写 fill_form --undo 文件")
    try:
        if options.scheme:
            load_scheme(options.scheme)
    except BadScheme as fault:
        parser.error(str(fault))
    given = [here(file) for file in options.files]
    output = Path(options.output) if options.output else None
    if output and is_one_of(output, (path for path in given if path.is_dir())):
        parser.error(f"-o 的“{output}”就是原来的文件夹；要写回原文件请不写 -o（会留备份），要另存请换一个文件夹")
    files, passed = to_fill(given, output)
    if not files:
        parser.exit(ExitCode.UNREADABLE, "\n".join([NONE_FOUND, *lines_of(passed), ""]))
    into_folder = len(files) > 1 or given[0].is_dir() or bool(output and (output.is_dir() or not output.suffix))
    if output and into_folder and not output.is_dir() and (output.is_file() or output.suffix.lower() in EVERY_WORKBOOK):
        many = f"有 {len(files)} 个文件" if len(files) > 1 else "给的是文件夹"
        parser.error(f"{many}，-o 后面应是文件夹，“{output}”是文件{'' if output.is_file() else '名'}")
    if output and not into_folder and output.suffix.lower() != written_as(files[0]).suffix.lower():
        parser.error(_wrong_ending(files[0]))
    how = Filling(
        scheme=options.scheme,
        dry_run=options.dry_run,
        overwrite=options.overwrite,
        quiet=options.quiet,
        output=output,
        into_folder=into_folder,
        folders=tuple(path for path in given if path.is_dir()),
        width=table_width(),
    )
    if output and len({how.out(file) for file in files}) < len(files):
        parser.error("有同名的文件会写到同一个地方，请分开填写，或给出它们共同的文件夹")
    codes = [0] * 4
    job = undone if options.undo else partial(filled, how)
    for file, told, why in run_all(files, job, jobs=options.jobs, touched=how.touched):
        code, lines = told or Told(ExitCode.UNREADABLE, [f"{shown_path(file)}：{why}", ""])
        print("\n".join(lines))
        codes[code] += 1
    for line in lines_of(passed):
        print(line)
    if len(files) > 1:
        print(f"共 {len(files)} 个文件：{codes[0]} 个完成，{codes[1]} 个需要人处理，{codes[2] + codes[3]} 个没有处理")
    return max(code for code, count in enumerate(codes) if count)


def _wrong_ending(file: Path) -> str:
    if is_other(file):
        return f"-o 的扩展名应是 .xlsx：{file.suffix} 文件转成 .xlsx 再填"
    return f"-o 的扩展名应和原文件一样（{file.suffix}）"


def _main(arguments: Sequence[str] | None) -> int:
    parser = chinese_parser("workbook_tools", "绩效自评表工具。填表请用 fill_form。")
    parser.add_argument("--version", action="version", version=f"workbook_tools {__version__}", help="显示版本")
    commands = parser.add_subparsers(title="命令", dest="command", metavar="命令", required=True)
    given = list(sys.argv[1:] if arguments is None else arguments)
    for module in _with_options(given):
        import_module(f"{__package__}.{module}").add_commands(commands)
    options = parser.parse_args(_completed(given))
    with schemes_from(getattr(options, "schemes", None)):
        return _command(options, parser)


def _with_options(given: Sequence[str]) -> Iterator[str]:
    """The modules with the options of the command that is given; all of them where help or an error lists them."""
    if given[:1] and given[0] in COMMANDS:
        yield COMMANDS[given[0]][0]
    else:
        yield from dict.fromkeys(options for options, _ in COMMANDS.values())


def _completed(given: list[str]) -> list[str]:
    """The arguments, with what two of them leave out."""
    if "--recalc" in given:
        from workbook_tools.commands.check import with_witness

        given = with_witness(given)
    if given[:1] == ["review"]:
        from workbook_tools.commands.review import with_step

        given = with_step(given)
    return given


def _command(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    name = options.command
    module: Any = import_module(f"{__package__}.{COMMANDS[name][1]}")
    run_command = module.run if module.__name__.endswith(".mail") else getattr(module, name)
    return int(run_command(options, parser) if name in WITH_PARSER else run_command(options))
