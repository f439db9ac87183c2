"""The command `workbook_tools new`: an empty form or monitoring table, or one that starts from another table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbook_tools.commands import schemes as cli_schemes
from workbook_tools.commands.console import ExitCode, naming, scheme_options
from workbook_tools.commands.files import is_one_of, not_replaced
from workbook_tools.errors import FormNotRecognised
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    new = commands.add_parser("new", help="按评分办法生成一份空白自评表，或绩效监控表", add_help=False)
    new.add_argument("-h", "--help", action="help", help="显示这段说明")
    scheme_options(new, "评分办法，名称见 workbook_tools schemes；监控表的以 monitoring 开头")
    new.add_argument("--data", metavar="数据", help="行数和各行的名称照这份数据（export 写出的），再用 fill 填进去")
    new.add_argument(
        "--from",
        dest="source",
        metavar="表",
        help="照这份监控表（或自评表）填好单位、项目、预算、指标和指标值；年中的完成值不带过来",
    )
    new.add_argument("--month", metavar="月份", type=int, help="监控表监控到几月（如 7）；不写就按监控规则")
    new.add_argument("-o", "--output", metavar="文件", help="写到哪里（默认 名称.xlsx；已有的文件不覆盖）")


def new(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Makes the workbook that was asked for; an existing one is never replaced."""
    if options.scheme is None:
        listed = "\n".join(f"  {line}" for line in cli_schemes.listed_schemes())
        parser.exit(
            ExitCode.USAGE, f"用法不对：请用 --scheme 名称 指定评分办法，选表题和您要填的表一样的那一种：\n{listed}\n"
        )
    names = cli_schemes.names_with_forms()
    if options.scheme not in names:
        parser.error(f"没有名为“{options.scheme}”的空白表；现有：{'、'.join(names)}")
    if options.data and options.source:
        parser.error("--data 和 --from 不能同时用")
    path = Path(options.output or f"{options.scheme}.xlsx")
    if path.suffix.lower() != ".xlsx":
        print(f"{path}：文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    if path.exists() or (options.source and is_one_of(path, [Path(options.source)])):
        print(not_replaced(path))
        return ExitCode.USAGE
    scheme = load_scheme(options.scheme)
    if options.month is not None and (scheme.monitoring is None or options.month not in range(1, 13)):
        print("--month 要写 1～12" if scheme.monitoring else "--month 只用于监控表（--scheme monitoring…）")
        return ExitCode.USAGE
    return _write(options, path, scheme)


def _write(options: argparse.Namespace, path: Path, scheme: Scheme) -> int:
    from workbook_tools.excel import save
    from workbook_tools.template.workbook import form_workbook, workbook_bytes

    printed = cli_schemes.new_form(options.scheme)
    if printed is not None and options.source:
        print(f"“{scheme.title}”是局里自己的表，不能用 --from；请先生成空白表，再用 workbook_tools fill 填")
        return ExitCode.USAGE
    left, given = list[str](), options.data or options.source
    if printed is not None and not options.data:
        made = printed
    elif scheme.monitoring:
        made = _monitoring_table(options, scheme)
    elif options.source:
        made, left = _form_after(Path(options.source), scheme)
    elif options.data:
        from workbook_tools.data_files import read_data
        from workbook_tools.template.data import form_for_data

        data = read_data(Path(options.data))
        try:
            workbook, left = form_for_data(scheme, data)
        except FormNotRecognised as fault:
            print(f"{options.data}：{fault}")
            return ExitCode.USAGE
        made = workbook_bytes(workbook)
    else:
        made = workbook_bytes(form_workbook(scheme))
    with naming(path):
        save(path, made, seen=None, made_from=[Path(given)] if given else ())
    print(f"已生成 {path}")
    if options.data and not scheme.monitoring:
        print(f"把数据填进去：workbook_tools fill {path} --data {options.data}")
    if options.source and not scheme.monitoring:
        print("单位、项目、年初预算、指标和指标值已经填好；年中的完成值没有带过来，请填全年的")
    if left and options.source:
        left = [_called(field) for field in left]
        print(f"表上没有位置放这些，没有带过来，请核对：{'、'.join(dict.fromkeys(left))}")
        return ExitCode.NEEDS_PERSON
    if left:
        print(f"照数据画的表没有位置放这些，请改正（写成 export 写出的项目）或删去：{'、'.join(left)}")
        return ExitCode.NEEDS_PERSON
    return ExitCode.DONE


def _monitoring_table(options: argparse.Namespace, scheme: Scheme) -> bytes:
    """An empty monitoring table, or one of the project that a form or data tells of."""
    from workbook_tools.monitoring.draft import from_words
    from workbook_tools.template.monitoring import blank_draft, monitoring_table

    draft = blank_draft()
    if options.source:
        draft = _draft(Path(options.source))
    elif options.data:
        from workbook_tools.data_files import read_data

        draft = from_words(read_data(Path(options.data)), None)
    return monitoring_table(scheme, draft, options.month)


def _draft(path: Path) -> Any:
    from workbook_tools.monitoring.source import draft_of

    with naming(path):
        return draft_of(path)


def _form_after(path: Path, scheme: Scheme) -> tuple[bytes, list[str]]:
    """The form of a project whose monitoring table, or whose form, is given; and what has no place in it."""
    from workbook_tools.monitoring.draft import as_data
    from workbook_tools.template.data import ready_form_for

    draft = _draft(path)
    try:
        return ready_form_for(scheme, as_data(draft, scheme), draft.year)
    except FormNotRecognised as fault:
        cure = f"请用 workbook_tools new --scheme {scheme.name} 生成空白表再填"
        raise FormNotRecognised(f"“{scheme.title}”不能照这份表画（{fault.what}）", cure) from None


def _called(field: str) -> str:
    """What a person calls a field that has no place in a form."""
    table, _, column = field.partition(".")
    known = {
        "texts.goal": "年度总体目标",
        "texts.department": "主管部门",
        "texts.unit": "实施单位",
        "budget.initial": "年初预算数",
    }
    if table == "indicators":
        return f"第 {column.partition('.')[0]} 个指标的内容"
    return known.get(field, "各资金来源的年初预算数" if table == "sources" else field)
