"""The commands `fill_form` and `workbook_tools`: arguments in, Chinese sentences and exit codes out.

Exit codes: 0 filled, 1 something needs a person, 2 usage, 3 not a form or unreadable; of several files the highest
is returned.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from workbook_tools import __version__
from workbook_tools.assess import Assessment
from workbook_tools.checks import ERROR, UNCHECKED
from workbook_tools.commands import addin as cli_addin
from workbook_tools.commands import check as cli_check
from workbook_tools.commands import data as cli_data
from workbook_tools.commands import mail as cli_mail
from workbook_tools.commands import mail_options as cli_mail_options
from workbook_tools.commands import read as cli_read
from workbook_tools.commands import ribbon as cli_ribbon
from workbook_tools.commands import schemes as cli_schemes
from workbook_tools.commands import summary as cli_summary
from workbook_tools.commands import targets as cli_targets
from workbook_tools.commands.console import ExitCode, chinese_parser, naming, run, scheme_options
from workbook_tools.commands.files import (
    EVERY_WORKBOOK,
    NONE_FOUND,
    is_one_of,
    lines_of,
    to_fill,
    workbooks,
    written_as,
)
from workbook_tools.errors import BadScheme, FormNotRecognised, WorkbookToolsError
from workbook_tools.excel import BACKUPS, refused_by_system, same_file, saved_where, undo
from workbook_tools.excel.intake import is_other
from workbook_tools.fill import FilledFile, fill_file, findings_after
from workbook_tools.reports.sentences import (
    about_scheme,
    cell_of,
    findings,
    score_summary,
    typed_differences,
    undecided,
    where,
    wrong_formulas,
)
from workbook_tools.schemes.files import schemes_from
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.terminal import Progress, columns
from workbook_tools.text import shown_path

MAIL = ("send", "chase", "outbox", "mail")  # the commands of `cli_mail`


def fill_form(arguments: Sequence[str] | None = None) -> int:
    """The command `fill_form`; gives its exit code."""
    return run(_fill_form, arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `workbook_tools`; gives its exit code."""
    return run(_main, arguments)


def _fill_form(arguments: Sequence[str] | None) -> int:
    parser = chinese_parser("fill_form", "填写绩效自评表：计算执行率、权重、得分和等级，写回工作簿。")
    parser.add_argument(
        "files", nargs="+", metavar="文件", help="自评表，或装着自评表的文件夹；不是 .xlsx 的转成 .xlsx 再填"
    )
    scheme_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="只算不写，文件不变")
    parser.add_argument("--overwrite", action="store_true", help="人工填的数与办法不一致时，用算出的数替换")
    parser.add_argument("-o", "--output", metavar="另存", help="写到另一个文件（多个文件时写到这个文件夹），原文件不变")
    parser.add_argument("--undo", action="store_true", help=f"还原到上一次填写之前（备份在“{BACKUPS}”文件夹）")
    parser.add_argument("-q", "--quiet", action="store_true", help="只列需要人处理的、错误和没有核对的；其余每张表一行")
    parser.add_argument("--version", action="version", version=f"workbook_tools {__version__}", help="显示版本")
    options = parser.parse_args(arguments)
    with schemes_from(options.schemes):
        return _fill_files(options, parser)


def _fill_files(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.undo and (options.dry_run or options.overwrite or options.output or options.scheme):
        parser.error("--undo 不能和其他选项同时用；请只写 fill_form --undo 文件")
    try:
        if options.scheme:
            load_scheme(options.scheme)
    except BadScheme as fault:
        parser.error(str(fault))
    given = [Path(file) for file in options.files]
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
    outs = {file: _output(output, file, given, into_folder) if output else None for file in files}
    if output and len(set(outs.values())) < len(files):
        parser.error("有同名的文件会写到同一个地方，请分开填写，或给出它们共同的文件夹")
    progress = Progress(len(files), sys.stderr)
    codes = [0] * 4
    for number, file in enumerate(files, 1):
        progress.show(number, file.name)
        code = _undo(file) if options.undo else _fill(file, options, outs[file])
        codes[code] += 1
    progress.done()
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
    new = commands.add_parser("new", help="按评分办法生成一份空白自评表", add_help=False)
    new.add_argument("-h", "--help", action="help", help="显示这段说明")
    scheme_options(new, "评分办法，名称见 workbook_tools schemes")
    new.add_argument("--data", metavar="数据", help="行数和各行的名称照这份数据（export 写出的），再用 fill 填进去")
    new.add_argument("-o", "--output", metavar="文件", help="写到哪里（默认 名称.xlsx；已有的文件不覆盖）")
    cli_schemes.add_commands(commands)
    cli_check.add_commands(commands)
    cli_read.add_commands(commands)
    cli_targets.add_commands(commands)
    cli_data.add_commands(commands)
    cli_summary.add_commands(commands)
    cli_mail_options.add_commands(commands)
    cli_addin.add_commands(commands)
    cli_ribbon.add_commands(commands)
    options = parser.parse_args(cli_check.with_witness(sys.argv[1:] if arguments is None else arguments))
    with schemes_from(getattr(options, "schemes", None)):
        return _command(options, parser)


def _command(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    others: Mapping[str, Callable[[], int]] = {
        "schemes": lambda: cli_schemes.schemes(options, parser),
        "fill": lambda: cli_data.fill(options, _fill),
        "actuals": lambda: cli_data.actuals(options, _fill),
        "export": lambda: cli_data.export(options),
        "summary": lambda: cli_summary.summary(options, workbooks),
        "targets": lambda: cli_targets.targets(options),
        "explain": lambda: cli_check.explain(options),
        "check": lambda: cli_check.check(options, workbooks),
        "read": lambda: cli_read.read(options),
        "recognise": lambda: cli_read.recognise(options),
        "addin": lambda: cli_addin.addin(options),
        "live": lambda: cli_ribbon.live(options),
        "patch": lambda: cli_ribbon.patch(options),
        "request": lambda: cli_ribbon.request(options),
    }
    others = {**others, **dict.fromkeys(MAIL, lambda: cli_mail.run(options, workbooks))}
    if options.command in others:
        return others[options.command]()
    if options.scheme is None:
        listed = "\n".join(f"  {line}" for line in cli_schemes.listed_schemes())
        parser.exit(
            ExitCode.USAGE, f"用法不对：请用 --scheme 名称 指定评分办法，选表题和您要填的表一样的那一种：\n{listed}\n"
        )
    names = cli_schemes.names_with_forms()
    if options.scheme not in names:
        parser.error(f"没有名为“{options.scheme}”的空白表；现有：{'、'.join(names)}")
    return _new(options)


def _new(options: argparse.Namespace) -> int:
    from workbook_tools.data_files import read_data
    from workbook_tools.excel import save
    from workbook_tools.template.workbook import form_workbook, workbook_bytes

    printed = cli_schemes.new_form(options.scheme)
    path = Path(options.output or f"{options.scheme}.xlsx")
    if path.suffix.lower() != ".xlsx":
        print(f"{path}：文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    if path.exists():
        print(f"{path}：已经有这个文件，没有覆盖；请用 -o 换一个文件名")
        return ExitCode.USAGE
    scheme, left = load_scheme(options.scheme), list[str]()
    if printed is not None and not options.data:
        with naming(path):
            save(path, printed, seen=None)
        print(f"已生成 {path}")
        return ExitCode.DONE
    if options.data:
        from workbook_tools.template.data import form_for_data

        data = read_data(Path(options.data))
        try:
            workbook, left = form_for_data(scheme, data)
        except FormNotRecognised as fault:
            print(f"{options.data}：{fault}")
            return ExitCode.USAGE
    else:
        workbook = form_workbook(scheme)
    with naming(path):
        save(path, workbook_bytes(workbook), seen=None, made_from=[Path(options.data)] if options.data else ())
    print(f"已生成 {path}")
    if options.data:
        print(f"把数据填进去：workbook_tools fill {path} --data {options.data}")
    if left:
        print(f"照数据画的表没有位置放这些，请改正（写成 export 写出的项目）或删去：{'、'.join(left)}")
        return ExitCode.NEEDS_PERSON
    return ExitCode.DONE


def _output(output: Path, file: Path, given: Iterable[Path], into_folder: bool) -> Path:
    if not into_folder:
        return output
    folder = next((path for path in given if path.is_dir() and path in file.parents), file.parent)
    return output / written_as(file.relative_to(folder))


def _fill(path: Path, options: argparse.Namespace, out: Path | None, inputs: Mapping[str, str] | None = None) -> int:
    if out is not None and same_file(path, out):
        print(f"{path}：-o 的“{out}”就是原文件，没有写；要写回原文件请不写 -o（会留备份），要另存请换一个文件名\n")
        return ExitCode.USAGE
    try:
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
        how = {"dry_run": options.dry_run, "overwrite": options.overwrite}
        result = fill_file(path, options.scheme, out=out, inputs=inputs, **how)
    except WorkbookToolsError as fault:
        print(f"{shown_path(path)}：{fault}\n")
        return ExitCode(fault.exit_code)
    except OSError as fault:  # the folder of the output
        print(f"{shown_path(path)}：{refused_by_system(fault, '写入')}\n")
        return ExitCode.UNREADABLE
    except Exception as fault:  # the one boundary: a fault of ours must not stop the other files
        print(
            f"{shown_path(path)}：程序出错（{type(fault).__name__}：{fault}），文件没有改动；请把这个文件交给维护人员\n"
        )
        return ExitCode.UNREADABLE
    if result.made:
        out = result.made.path
    if getattr(options, "quiet", False):
        _report_quietly(result, out, options.dry_run)
    else:
        _report(result, out, options.dry_run, sys.stdout)
    return ExitCode.NEEDS_PERSON if any(form.needs_person for form in result.forms) else ExitCode.DONE


def _undo(path: Path) -> int:
    try:
        undo(path)
    except WorkbookToolsError as fault:
        print(f"{shown_path(path)}：{fault}")
        return ExitCode(fault.exit_code)
    print(f"{shown_path(path)}：已还原到填写之前")
    return ExitCode.DONE


def _report(result: FilledFile, out: Path | None, dry_run: bool, stream: TextIO) -> None:
    checked, refused = _checked(result)
    for form_number, form in enumerate(result.forms):
        print(f"{shown_path(result.path)}  {form.name}  {form.scheme.title}", file=stream)
        for line in about_scheme(form):
            print(f"  {line}", file=stream)
        written = [change for change in form.changes if change.outcome == "written"]
        if written:
            rows = [("单元格", "项目", "原来", "填写", "依据")]
            rows += [(cell_of(c, form), c.label, c.before or "（空）", c.after, c.why) for c in written]
            for line in columns(rows):
                print(f"  {line}", file=stream)
        wrong = [f"{said}；请核对改正，或加 --overwrite 替换" for said in typed_differences(form)]
        for number, sentence in enumerate([*wrong, *wrong_formulas(form), *undecided(form)], 1):
            if number == 1:
                print("  需要人处理：", file=stream)
            print(f"  {number}. {sentence}", file=stream)
        for number, change in enumerate((change for change in form.changes if change.hint), 1):
            if number == 1:
                print("  提示（请核对，不影响填写）：", file=stream)
            print(f"  {number}. {where(change, form)}{change.hint}", file=stream)
        print(f"  {score_summary(form)}", file=stream)
        if checked:
            _found(checked[form_number], stream)
    if refused:
        print(f"  没有校验：{refused}", file=stream)
    if result.written and result.other_formulas:
        print(f"  另有 {result.other_formulas} 个公式不归本工具计算，打开后请按 Ctrl+Alt+F9 重新计算", file=stream)
    print(f"  {_saved(result, out, dry_run)}\n", file=stream)


def _checked(result: FilledFile) -> tuple[list[Assessment], str]:
    """What the checks find in every form, or the sentence that says why they did not run."""
    try:
        return findings_after(result.book, result.forms), ""
    except WorkbookToolsError as fault:
        return [], str(fault)


def _found(checked: Assessment, stream: TextIO) -> None:
    """The findings without a waiver."""
    for number, sentence in enumerate(findings(checked), 1):
        if number == 1:
            print("  校验（workbook_tools check 列出全部）：", file=stream)
        print(f"  {sentence}", file=stream)
    if waived := sum(place.waived is not None for place in checked.found):
        print(f"  另有 {waived} 处已放行", file=stream)


def _report_quietly(result: FilledFile, out: Path | None, dry_run: bool) -> None:
    """What needs a person, errors, and what was not checked; a form without any in one line."""
    checked, refused = _checked(result)
    for form_number, form in enumerate(result.forms):
        found = [f"{said}；请核对改正，或加 --overwrite 替换" for said in typed_differences(form)] + undecided(form)
        places = checked[form_number].found if checked else []
        found += [
            f"{place.level} {place.finding.code}  {where(place, form)}{place.finding.message}"
            for place in places
            if place.level in (ERROR, UNCHECKED)
        ]
        print(f"{shown_path(result.path)}  {form.name}  {score_summary(form)}；{_saved(result, out, dry_run)}")
        for number, sentence in enumerate(found, 1):
            print(f"  {number}. {sentence}")
    if refused:
        print(f"  没有校验：{refused}")


def _lost(result: FilledFile) -> str:
    """What was not brought along from a file of another format, for the end of a sentence; "" when nothing was lost."""
    return f"；{'；'.join(result.made.lost)}，请核对" if result.made and result.made.lost else ""


def _saved(result: FilledFile, out: Path | None, dry_run: bool) -> str:
    count = sum(change.outcome == "written" for form in result.forms for change in form.changes)
    if dry_run:
        return f"试算：要写 {count} 处，文件没有改动{_lost(result)}"
    if out is not None:
        return f"已写到 {out}（填写 {count} 处，原文件没有改动）{saved_where(result.backup)}{_lost(result)}"
    if not result.written:
        return "没有要写的，文件没有改动"
    return f"已填写 {count} 处；原来的文件在 {result.backup}，要还原请用 fill_form --undo"
