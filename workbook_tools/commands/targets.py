"""The commands `workbook_tools targets import` and `workbook_tools targets next`."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbook_tools.commands.console import ExitCode, naming, scheme_options
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, lines_of, not_replaced
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import refused_by_system, save
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.terminal import columns
from workbook_tools.text import file_name, shown_path

USUAL = "national_2020"


def add_commands(commands: Any) -> None:
    """Adds the commands to the parser's."""
    both = commands.add_parser(
        "targets", help="读绩效目标表，生成各项目的自评表；由今年的自评表起草下年的目标表", add_help=False
    )
    both.add_argument("-h", "--help", action="help", help="显示这段说明")
    steps = both.add_subparsers(title="步骤", dest="step", metavar="步骤", required=True)
    targets = steps.add_parser("import", help="读绩效目标表，按评分办法生成各项目的自评表", add_help=False)
    targets.add_argument("-h", "--help", action="help", help="显示这段说明")
    targets.add_argument(
        "--stage", choices=["自评", "监控"], default="自评", help="生成自评表（默认）还是年中的绩效监控表"
    )
    targets.add_argument(
        "--rules",
        metavar="名称",
        help="监控规则，名称见 workbook_tools schemes（monitoring_ 可以省略），只用于 --stage 监控",
    )
    targets.add_argument("--month", metavar="月份", type=int, help="监控到几月，只用于 --stage 监控；不写就按监控规则")
    targets.add_argument("file", metavar="文件", help="绩效目标表（.xlsx、.xls、.et、.ods，或复制出来的 .txt）")
    scheme_options(targets, f"评分办法（默认 {USUAL}）", usual=USUAL)
    targets.add_argument(
        "--year", metavar="年度", type=int, help="自评的年度（如 2025），写进自评表；不写就用目标表上印的"
    )
    targets.add_argument("--new", metavar="文件夹", help="每个项目生成一份填好指标的表；已有的文件不覆盖")
    following = steps.add_parser("next", help="由今年的自评表起草下年的绩效目标表", add_help=False)
    following.add_argument("-h", "--help", action="help", help="显示这段说明")
    following.add_argument("files", nargs="+", metavar="文件", help="今年的自评表，或装着自评表的文件夹")
    following.add_argument(
        "-o", "--output", metavar="下年目标表", required=True, help="写到哪里（.xlsx）；已有的文件不覆盖"
    )
    scheme_options(following)


def targets(options: argparse.Namespace) -> int:
    """One of the two commands."""
    return _next(options) if options.step == "next" else _import(options)


def _next(options: argparse.Namespace) -> int:
    """Drafts the table of next year; what a person is to fill in stays blank."""
    out = Path(options.output)
    if out.suffix.lower() != ".xlsx":
        print(f"{out}：下年目标表的文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    if out.exists():
        print(not_replaced(out, "里面可能有填好的指标值，"))
        return ExitCode.USAGE
    files, passed = given_workbooks(options.files, [out])
    if not files:
        print("\n".join([NONE_FOUND, *lines_of(passed)]))
        return ExitCode.UNREADABLE
    from workbook_tools.summary.compared import compared_files
    from workbook_tools.summary.next_targets import indicators_of, next_targets, of_projects

    read, refused = compared_files(files, options.scheme)
    forms, left = of_projects(read)
    left += refused + [(str(file), why) for file, why in passed]
    for file, why in left:
        print(f"{shown_path(file)}：{why}")
    if not forms:
        print(f"没有可以列入的自评表，没有写 {out}")
        return ExitCode.UNREADABLE
    save(out, next_targets(forms, left, out.parent), seen=None, made_from=files)
    rows = [row for form in forms for row in indicators_of(form)]
    missed = sum(row.missed for row in rows)
    unknown = sum(not row.reached for row in rows)
    print(f"{len(forms)} 个项目，{len(rows)} 个指标；没有完成 {missed} 个，没有填完成值 {unknown} 个")
    print(f"已写到 {out}；填好黄色格以后：workbook_tools targets import {out} --new 文件夹")
    return ExitCode.NEEDS_PERSON if left else ExitCode.DONE


def _import(options: argparse.Namespace) -> int:
    """Reads the table, says what is doubtful in it, and makes the forms that were asked for."""
    from workbook_tools.targets import questions, read_targets, sum_of_projects

    if options.stage == "监控" and (wrong := _name_rules(options)):
        print(wrong)
        return ExitCode.USAGE
    if options.stage == "自评" and (options.rules or options.month):
        print("--rules、--month 只用于 --stage 监控")
        return ExitCode.USAGE
    if options.stage == "自评" and options.scheme not in form_names():
        print(f"没有名为“{options.scheme}”的评分办法；现有：{'、'.join(form_names())}")
        return ExitCode.USAGE
    scheme, path = load_scheme(options.scheme), Path(options.file)
    with naming(path):
        table = read_targets(path)
    if options.year is not None and not 2000 <= options.year < 2100:
        print(f"--year 要写成 2025 这样，不是“{options.year}”")
        return ExitCode.USAGE
    table = table._replace(year=options.year or table.year)
    total = sum_of_projects(table)
    rows = [("项目", "万元", "指标")]
    rows += [(project.name, _amount(project.total), f"{len(project.indicators)} 个") for project in table.projects]
    print(f"{path}  {table.department}")
    print("\n".join(f"  {line}" for line in columns(rows)))
    print(f"  共 {len(table.projects)} 个项目，{'预算没有填全' if total is None else f'{total} 万元'}")
    asked = list(questions(table, load_scheme(USUAL) if scheme.monitoring else scheme))
    for project, words in asked:
        print(f"  {project + '：' if project else ''}{words}")
    if options.new and not any(one.target for project in table.projects for one in project.indicators):
        print("  指标值一个也没有填，没有生成；请填好再运行一次")
        return ExitCode.NEEDS_PERSON
    return _make(options, table, scheme) if options.new else ExitCode.NEEDS_PERSON if asked else ExitCode.DONE


def _amount(total: Decimal | None) -> str:
    return "（空）" if total is None else str(total)


def _name_rules(options: argparse.Namespace) -> str:
    """Puts the rules of monitoring that were asked for in the place of the scheme; why it cannot, "" where it can."""
    from workbook_tools.monitoring.source import rules_named, rules_names

    found = rules_named(options.rules)
    if options.month is not None and options.month not in range(1, 13):
        return f"--month 要写 1～12，不是“{options.month}”"
    if not found:
        return f"没有名为“{options.rules}”的监控规则；现有：{'、'.join(rules_names())}"
    options.scheme = found
    rules = load_scheme(found).monitoring
    if options.month is None and rules and rules.until is None:
        return "这个规则没有写监控到几月；请加 --month 7 这样写明"
    return ""


def _made(table: Any, project: Any, scheme: Any, month: int | None) -> bytes:
    """The form, or the monitoring table, of a project."""
    if scheme.monitoring:
        from workbook_tools.monitoring.draft import from_project
        from workbook_tools.template.monitoring import monitoring_table

        return monitoring_table(scheme, from_project(table.department, project, table.year), month)
    from workbook_tools.template.from_targets import ready_form

    return ready_form(table, project, scheme)


def _make(options: argparse.Namespace, table: Any, scheme: Any) -> int:
    folder = Path(options.new)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        print(f"{folder}：{refused_by_system(fault, '写入')}")
        return ExitCode.UNREADABLE
    kept = refused = 0
    called = "监控表" if scheme.monitoring else "自评表"
    for project in table.projects:
        path = folder / file_name(project.name, ".xlsx")
        if path.exists():
            kept += 1
            print(f"  {path}：已经有这个文件，没有覆盖；要重新生成，请先移走它，或用 --new 换一个文件夹")
            continue
        try:
            save(path, _made(table, project, scheme, options.month), seen=None, made_from=[Path(options.file)])
        except WorkbookToolsError as fault:
            refused += 1
            print(f"  {path}：{fault}，没有生成")
    print(f"  已生成 {len(table.projects) - kept - refused} 份{called}（{scheme.title}），在 {folder}")
    if not (scheme.year or table.year):
        print(f"  目标表上没有印年度，{called}里的年度空着；请填写，或加 --year 2025 这样重新生成")
    return ExitCode.UNREADABLE if refused else ExitCode.USAGE if kept else ExitCode.DONE
