"""The commands `workbook_tools check` and `workbook_tools explain`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbook_tools.batch import run
from workbook_tools.batch.cluster import on
from workbook_tools.commands.console import ExitCode, naming, scheme_options, waive_option, work_options
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, is_one_of, lines_of, no_folder, passed_over
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import save, saved_where
from workbook_tools.excel.remote import to_path
from workbook_tools.terminal import columns
from workbook_tools.text import encoded, shown_path

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from workbook_tools.forms.form import Report
    from workbook_tools.reports.checked import CheckedFile

ENDINGS = "退出码：0 没有查出错误；1 有错误；2 用法不对；3 不是自评表或无法读取（多个文件时取最大的一个）。"


RECALC, WITNESSES = "--recalc", ("ironcalc", "formulas", "libreoffice")


def with_witness(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the usual program behind a --recalc that names none."""
    return [
        f"{one}={WITNESSES[0]}" if one == RECALC and next_one not in WITNESSES else one
        for one, next_one in zip(arguments, [*arguments[1:], ""], strict=True)
    ]


def add_commands(commands: Any) -> None:
    """Adds both commands to the parser's."""
    check = commands.add_parser("check", help="检查自评表，列出审核时会查出的错误", add_help=False, epilog=ENDINGS)
    check.add_argument("-h", "--help", action="help", help="显示这段说明")
    check.add_argument("files", nargs="+", metavar="文件", help="自评表，或装着自评表的文件夹")
    scheme_options(check)
    check.add_argument("--format", choices=["text", "json", "csv"], default="text", help="输出格式（默认 text）")
    check.add_argument("--html", metavar="网页", help="另外写成一个网页，汇总在最上面，可以打印")
    check.add_argument("--review", metavar="副本", help="另外写一份标注了的副本（.xlsx），原文件不变；只能用于一个文件")
    check.add_argument(
        RECALC,
        choices=WITNESSES,
        metavar="程序",
        help="把公式独立重算一遍来核对；程序是 ironcalc（不写就是它，有出入的再问 formulas）、formulas 或 libreoffice",
    )
    check.add_argument("-q", "--quiet", action="store_true", help="只列错误和没有核对的；其余每张表一行")
    check.add_argument("--statistics", action="store_true", help="不逐条列出，只列每种问题有几处、在几张表上")
    check.add_argument("--targets", metavar="目标表", help="批复的绩效目标表，核对指标和指标值")
    check.add_argument(
        "--against",
        metavar="监控表",
        action="append",
        default=[],
        help="年中的绩效监控表（可以写几次，或写一个文件夹），核对指标、指标值、预算和累计数",
    )
    check.add_argument("--report", metavar="报告", help="自评报告（.docx、.txt），核对里面的数；只能用于一个文件")
    waive_option(check)
    work_options(check, cluster=True)
    explain = commands.add_parser("explain", help="说明一项检查：为什么、例、怎么改、依据", add_help=False)
    explain.add_argument("-h", "--help", action="help", help="显示这段说明")
    explain.add_argument("code", nargs="?", metavar="代码", help="如 S101；不写就列出全部")


def explain(options: argparse.Namespace) -> int:
    """Prints the page of one check, or the list of all."""
    from workbook_tools.checks.every import EVERY_CHECK

    if options.code is None:
        rows = [(check.code, check.level, check.title) for _, check in sorted(EVERY_CHECK.items())]
        print("\n".join(columns([("代码", "级别", "检查"), *rows])))
        return ExitCode.DONE
    found = EVERY_CHECK.get(options.code.upper())
    if found is None:
        print(f"没有代码为“{options.code}”的检查；全部代码：workbook_tools explain")
        return ExitCode.USAGE
    print(f"{found.code}（{found.level}）{found.page}")
    return ExitCode.DONE


def check(options: argparse.Namespace) -> int:
    """Checks every file; prints, and writes the page and the copy that were asked for."""
    from workbook_tools.reports.export import as_csv, as_json, as_statistics

    files, _ = given_workbooks(options.files, path=to_path)
    read = [*files, *(Path(one) for one in (options.targets, options.waive, options.report, *options.against) if one)]
    passed = passed_over(options.files, [Path(one) for one in (options.html, options.review) if one] + read)
    if not files:
        print("\n".join([NONE_FOUND, *lines_of(passed)]))
        return ExitCode.UNREADABLE
    if wrong := _wrong_output(options, files, read):
        print(wrong)
        return ExitCode.USAGE
    report = _report(options)
    with on(options.on) as executor:
        found, refused = _check_all(options, files, _checker(options, report), executor)
    if report and options.format == "text" and not options.statistics:
        from workbook_tools.reports.sentences import still_yellow

        if yellow := still_yellow(report):
            print(f"报告里{yellow}")
    checked = [one.file for one in found if one.file]
    for line in lines_of(passed):
        print(line, file=sys.stdout if options.format == "text" else sys.stderr)
    if options.statistics:
        print(as_statistics(checked, options.format))
    elif options.format != "text":
        print((as_json if options.format == "json" else as_csv)(checked))
    if options.format == "text" and len(files) > 1:
        faulty = sum(one.faulty for one in found)
        partly = sum(not one.faulty and not one.complete for one in found)
        told = [f"{faulty} 个有错误", f"{len(found) - faulty - partly} 个没有错误"]
        told += [f"{partly} 个没有查出错误、但没有全部核对"] if partly else []
        print(f"共 {len(files)} 个文件：{'，'.join(told)}，{len(refused)} 个没有处理")
    written = _write(options, checked, refused + [(str(file), why) for file, why in passed])
    codes = [ExitCode.UNREADABLE] if refused else []
    return max(
        [ExitCode.DONE, ExitCode.NEEDS_PERSON if any(one.faulty for one in found) else ExitCode.DONE, written, *codes]
    )


def _wrong_output(options: argparse.Namespace, files: list[Path], read: list[Path]) -> str:
    """Why what was asked for cannot be written where it was asked for, "" when it can."""
    if options.review and len(files) > 1:
        return f"--review 只能用于一个文件，这里有 {len(files)} 个；请一次写一个，或用 --html 写成一个网页"
    if options.report and len(files) > 1:
        return f"--report 只能用于一个文件，这里有 {len(files)} 个；请一次核对一份报告"
    if options.review and (Path(options.review).suffix.lower() != ".xlsx" or is_one_of(Path(options.review), read)):
        return "--review 要写到另一个 .xlsx 文件"
    if options.html and (
        Path(options.html).suffix.lower() not in (".html", ".htm") or is_one_of(Path(options.html), read)
    ):
        return "--html 要写到一个 .html 文件"
    lost = (Path(one) for one in (options.review, options.html) if one and not Path(one).parent.is_dir())
    return next(map(no_folder, lost), "")


class Checked(NamedTuple):
    """What checking a file comes to: its lines for a terminal, what they say, and the file where a report lists it."""

    lines: str
    faulty: bool
    complete: bool
    file: CheckedFile | None


def _report(options: argparse.Namespace) -> Report | None:
    if not options.report:
        return None
    from workbook_tools.claims.report_file import read_report

    return read_report(Path(options.report))


def _checker(options: argparse.Namespace, report: Report | None) -> Callable[[Path], Checked]:
    """How one file is checked: with the waivers, the recalculation, the approved targets and the monitoring tables."""
    from workbook_tools.findings import read_waivers

    waivers = read_waivers(Path(options.waive)) if options.waive else []
    witness, others = None, []
    if options.recalc:
        from workbook_tools.recalc import Recalculation

        witness = Recalculation(options.recalc)
    if options.targets:
        from workbook_tools.targets import approved, read_targets

        with naming(options.targets):
            others.append(approved(read_targets(Path(options.targets))))
    if options.against:
        from workbook_tools.monitoring.against import read_monitored, since

        monitored, _ = given_workbooks(options.against)
        others.append(since([table for file in monitored for table in read_monitored(file)]))
    told = "" if options.format != "text" or options.statistics else "errors" if options.quiet else "all"
    kept = bool(options.format != "text" or options.statistics or options.html or options.review)
    assess = {"scheme": options.scheme, "waivers": waivers, "witness": witness, "others": others, "report": report}
    return partial(checked, assess, told, kept)


def checked(assess: Mapping[str, Any], told: str, kept: bool, path: Path) -> Checked:
    """Checks one file, in whatever process; `told` says which findings are told in lines."""
    from workbook_tools.assess import assess_file
    from workbook_tools.reports.export import as_errors, as_lines, complete, worst

    file = assess_file(path, **assess)
    lines = (*as_lines(file), "") if told == "all" else as_errors(file) if told else ()
    brief = None
    if kept:
        from workbook_tools.reports.checked import for_report  # most checks are told in lines alone

        brief = for_report(file)
    return Checked("\n".join(lines), worst([file]), complete(file), brief)


def _check_all(
    options: argparse.Namespace, files: list[Path], check_one: Callable[[Path], Checked], executor: Executor | None
) -> tuple[list[Checked], list[tuple[str, str]]]:
    """What was found in each file, and the files that could not be checked, each with its sentence."""
    found: list[Checked] = []
    refused: list[tuple[str, str]] = []
    for path, one, why in run(files, check_one, executor, jobs=options.jobs):
        if one is None:
            refused.append((str(path), str(why)))
            print(f"{shown_path(path)}：{why}\n", file=sys.stdout if options.format == "text" else sys.stderr)
            continue
        found.append(one._replace(lines="", file=one.file and one.file._replace(path=path)))
        if options.format == "text" and not options.statistics:
            print(one.lines)
    return found, refused


def _write(options: argparse.Namespace, checked: list[CheckedFile], refused: list[tuple[str, str]]) -> int:
    """Writes the page and the marked copy that were asked for."""
    said = sys.stdout if options.format == "text" else sys.stderr
    try:
        if options.html:
            from workbook_tools.reports.html import as_html

            page = encoded(as_html(checked, refused))
            with naming(options.html):
                backup = save(Path(options.html), page, seen=None, made_from=[one.path for one in checked])
            print(f"已写到 {options.html}{saved_where(backup)}", file=said)
        if options.review and checked:
            from workbook_tools.reports.marked_copy import marked_copy

            copy = Path(options.review)
            with naming(copy):
                backup = save(copy, marked_copy(checked[0]), seen=None, made_from=[checked[0].path])
            print(f"已写到 {copy}（标注的副本；原文件没有改动）{saved_where(backup)}", file=said)
    except WorkbookToolsError as fault:
        print(fault, file=said)
        return ExitCode(fault.exit_code)
    return ExitCode.DONE
