"""The command `workbook_tools compare`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.batch.cluster import on
from workbook_tools.commands.console import ExitCode, naming, scheme_options, work_options
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, is_one_of, lines_of, no_folder, not_replaced
from workbook_tools.errors import WorkbookToolsError, how_to_install
from workbook_tools.excel import save, saved_where
from workbook_tools.excel.remote import to_path

if TYPE_CHECKING:
    from workbook_tools.summary.comparison import Comparison


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    compare = commands.add_parser(
        "compare", help="比较两年的自评表，或各单位的自评表，列出要核对的地方", add_help=False
    )
    compare.add_argument("-h", "--help", action="help", help="显示这段说明")
    compare.add_argument(
        "files", nargs="+", metavar="上年 今年", help="上年和今年的文件或文件夹；只写一个文件夹，就比里面的各个单位"
    )
    compare.add_argument(
        "-o", "--output", metavar="对比表", required=True, help="写到哪里（.xlsx）；以前的对比表留备份"
    )
    compare.add_argument("--pairs", metavar="对比表", help="采用这份对比表“待确认配对”里写的“是”“否”")
    scheme_options(compare)
    work_options(compare, cluster=True)


def compare(options: argparse.Namespace) -> int:
    """Reads the forms, compares them and writes the 对比表."""
    out = Path(options.output)
    if out.suffix.lower() != ".xlsx":
        print(f"{out}：对比表的文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    if not out.parent.is_dir():
        print(no_folder(out))
        return ExitCode.USAGE
    given = [to_path(file) for file in options.files]
    if len(given) > 2:
        print(f"给了 {len(given)} 个；请只给两个：上年的文件或文件夹，今年的文件或文件夹")
        return ExitCode.USAGE
    if len(given) == 2 and is_one_of(given[0], given[1:]):
        print(f"上年和今年是同一个：{given[0]}；请核对")
        return ExitCode.USAGE
    not_forms = [out, *([Path(options.pairs)] if options.pairs else [])]
    listed = [given_workbooks([one], not_forms, to_path) for one in options.files]
    files, passed = [found for found, _ in listed], [one for _, over in listed for one in over]
    if len(files) == 2 and (both := set(files[0]) & set(files[1])):
        print(f"有 {len(both)} 个文件上年、今年里都有（如 {min(both)}）；请把两年的表放在两个文件夹里")
        return ExitCode.USAGE
    if not all(files):
        empty = "、".join(str(one) for one, found in zip(given, files, strict=True) if not found)
        print("\n".join([f"{empty}：{NONE_FOUND}", *lines_of(passed)]))
        return ExitCode.UNREADABLE
    from workbook_tools.summary.compared import compared_files
    from workbook_tools.summary.comparison import compared
    from workbook_tools.summary.comparison_workbook import comparison_workbook, is_comparison, read_answers
    from workbook_tools.summary.pairs import can_compare_names

    answers = {}
    try:
        if out.exists() and not is_comparison(out):
            print(not_replaced(out, "不是能读的对比表，"))
            return ExitCode.USAGE
        typed = Path(options.pairs) if options.pairs else out if out.exists() and len(given) == 2 else None
        if typed:
            answers = read_answers(typed)
    except WorkbookToolsError as fault:
        print(fault)
        return ExitCode.USAGE
    every = [*dict.fromkeys(files[0] + files[-1])]
    with on(options.on) as executor:
        forms, unread = compared_files(every, options.scheme, jobs=options.jobs, executor=executor)
    unread += [(str(file), why) for file, why in passed]
    *last, this = ([form for form in forms if form.file in set(map(str, side))] for side in files)
    named = all(path.is_file() for path in given)
    found = compared(this, last[0] if last else None, answers, named=named, unread=unread)
    with naming(out):
        backup = save(
            out, comparison_workbook(found, answers, out.parent), seen=None, made_from=[*files[0], *files[-1]]
        )
    if not can_compare_names():
        print(f"没有安装 rapidfuzz，只比了完全相同的名称和文字；要比相近的，{how_to_install('compare')}")
    _tell(found, answers)
    print(f"已写到 {out}{saved_where(backup)}")
    waiting = any(question.key not in answers for question in found.pairs.asked)
    return ExitCode.NEEDS_PERSON if unread or waiting or not this else ExitCode.DONE


def _tell(found: Comparison, answers: dict[tuple[str, ...], bool]) -> None:
    """What was compared and found, in a few lines."""
    from collections import Counter

    if found.last is not None:
        pairs = found.pairs
        print(f"上年 {len(found.last)} 张表，今年 {len(found.forms)} 张；配对 {len(pairs.pairs)} 个项目")
        if pairs.gone or pairs.new:
            print(f"没有配对：上年 {len(pairs.gone)} 张，今年 {len(pairs.new)} 张（见“没有配对”）")
        if used := pairs.used:
            print(f"采用了“待确认配对”里写好的 {len(used)} 个“是”或“否”")
        if unused := answers.keys() - pairs.used:
            print(f"“待确认配对”里有 {len(unused)} 个“是”或“否”这次用不上（文件或名称变了）")
        if waiting := sum(question.key not in answers for question in pairs.asked):
            said = f"{waiting} 对名称相近的要人确认" if _was_compared(found) else f"还没有比（{pairs.asked[0].why}）"
            print(f"{said}：请在“待确认配对”里写“是”或“否”，再运行一次")
    else:
        print(f"共 {len(found.forms)} 张表，{len({form.owner for form in found.forms})} 个单位")
    if found.unread:
        print(f"{len(found.unread)} 个文件没有读（见“没有读”）")
    if not _was_compared(found):
        return
    levels = Counter(one.level for one in found.differences)
    told = "，".join(f"{level} {count} 条" for level, count in sorted(levels.items()))
    print(
        (f"发现 {len(found.differences)} 条：{told}" if told else "没有发现")
        + (f"；另有 {found.waived} 条已放行" if found.waived else "")
    )


def _was_compared(found: Comparison) -> bool:
    """Whether any two forms were held against each other."""
    return bool(found.pairs.pairs) or len(found.forms) > 1 or found.last is None
