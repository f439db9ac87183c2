"""The command `workbook_tools schemes`: list, show, draft, test, use."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from workbook_tools.commands.console import SCHEMES, ExitCode, naming
from workbook_tools.commands.files import not_replaced
from workbook_tools.errors import BadScheme, WorkbookToolsError
from workbook_tools.schemes.files import FILE, empty_form
from workbook_tools.schemes.loading import form_names, load_scheme, scheme_names
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.terminal import columns
from workbook_tools.values import HUNDRED, plain


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    schemes = commands.add_parser("schemes", help="列出评分办法；show 看规则，draft 按空白表起草", add_help=False)
    schemes.add_argument("-h", "--help", action="help", help="显示这段说明")
    schemes.add_argument("--schemes", metavar="文件夹", help=SCHEMES)
    kinds = schemes.add_subparsers(title="命令", dest="what", metavar="命令")
    show = kinds.add_parser("show", help="列出一种办法的规则", add_help=False)
    show.add_argument("-h", "--help", action="help", help="显示这段说明")
    show.add_argument("name", metavar="名称", help="评分办法的名称")
    show.add_argument("--html", action="store_true", help="写成网页：表上的每句话怎样用")
    show.add_argument("-o", "--output", metavar="文件", help="网页写到哪里（默认 名称.html）")
    _folder(show)
    draft = kinds.add_parser("draft", help="按空白表起草一种办法", add_help=False)
    draft.add_argument("-h", "--help", action="help", help="显示这段说明")
    draft.add_argument("form", metavar="空白表", help="局里印发的空白自评表（.xlsx、.xlsm）")
    draft.add_argument("-o", "--output", metavar="文件夹", required=True, help="写到哪个文件夹，文件夹名就是办法的名称")
    draft.add_argument("--ask", action="store_true", help="逐条核对、回答；已经起草过的接着问")
    test = kinds.add_parser("test", help="用例子检验一种办法", add_help=False)
    test.add_argument("-h", "--help", action="help", help="显示这段说明")
    test.add_argument("folder", metavar="文件夹", help="办法的文件夹，例子在其中的 cases 里")
    use = kinds.add_parser("use", help="指定一种表用哪个办法", add_help=False)
    use.add_argument("-h", "--help", action="help", help="显示这段说明")
    use.add_argument("name", metavar="名称", help="评分办法的名称")
    use.add_argument("form", metavar="自评表", help="这种表（空白的或填好的）")
    use.add_argument(
        "--column", metavar="栏名=项目", action="append", default=[], help="某一栏是什么（如 本年预算=revised）"
    )
    _folder(use)


def _folder(parser: argparse.ArgumentParser) -> None:
    """The option again behind the second word; left out there, what stands before it counts."""
    parser.add_argument("--schemes", metavar="文件夹", default=argparse.SUPPRESS, help=SCHEMES)


def schemes(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Runs the command."""
    if getattr(options, "name", None) and options.name not in scheme_names():
        parser.error(f"没有名为“{options.name}”的评分办法；现有：{'、'.join(scheme_names())}")
    run = {None: _list, "show": _show, "draft": _draft, "test": _test, "use": _use}
    return run[options.what](options)


def listed_schemes() -> list[str]:
    """Every scheme in one line: name, title, and where it was read."""
    from workbook_tools.schemes.describe import STATUS

    rows = [("名称", "自评表", "依据")]
    for scheme in map(load_scheme, scheme_names()):
        read = [f"{source.document}（{STATUS[source.status]}）" for source in scheme.sources[:1]]
        rows.append((scheme.name, scheme.title, (read or ["没有：只核对各表都必须满足的关系"])[0]))
    return columns(rows)


def _list(options: argparse.Namespace) -> int:
    del options
    print("\n".join(listed_schemes()))
    print("看其中的规则：workbook_tools schemes show 名称；生成空白表：workbook_tools new --scheme 名称")
    return ExitCode.DONE


def _show(options: argparse.Namespace) -> int:
    """The rules of one scheme, each with the sentence it rests on."""
    from workbook_tools.schemes.describe import describe_scheme

    scheme = load_scheme(options.name)
    if options.html:
        return _page(options)
    print(scheme.title)
    for label, words in describe_scheme(scheme):
        print(f"  {label}：{words}" if label else f"    {words}")
    return ExitCode.DONE


def _page(options: argparse.Namespace) -> int:
    from workbook_tools.excel import save
    from workbook_tools.reports.scheme_page import scheme_page

    path = Path(options.output or f"{options.name}.html")
    if path.exists():
        print(not_replaced(path))
        return ExitCode.USAGE
    with naming(path):
        save(path, scheme_page(load_scheme(options.name)).encode("utf-8"), seen=None)
    print(f"已生成 {path}")
    return ExitCode.DONE


def _draft(options: argparse.Namespace) -> int:
    from workbook_tools.drafting.asking import open_items
    from workbook_tools.drafting.folder import write_draft

    folder, form = Path(options.output), Path(options.form)
    if not (folder / FILE).exists():
        with naming(form):
            written, drafted = write_draft(form, folder)
        print("\n".join(f"已生成 {path}" for path in written))
        if drafted.others:
            print(f"只起草了第一张表；工作表“{'”“'.join(drafted.others)}”上还有别的自评表，请另存成一个文件再起草")
        if drafted.points not in (None, HUNDRED):
            print(f"读出的各组分值合计 {plain(drafted.points)}，应为 100；请核对有没有漏读或读错的一级指标")
    elif not options.ask:
        print(f"{folder / FILE}：已经起草过，没有覆盖；接着核对请加 --ask，重新起草请换一个文件夹")
        return ExitCode.USAGE
    if options.ask:
        from workbook_tools.drafting.asking import ask_all

        ask_all(folder / FILE, _reply)
    left = open_items(folder / FILE)
    facts = sum(not item.choices for item in left)
    if left:
        print(f"还有 {facts} 条没有确认、{len(left) - facts} 个问题没有回答，没有确认的不计算")
        print(f"请在 {folder / FILE} 里逐条核对，或者再运行一次并加 --ask")
        return ExitCode.NEEDS_PERSON
    scheme = _checked(folder)
    if scheme.unconfirmed:  # asked and left to people, or written otherwise than this tool writes
        print("\n".join(["还没有确认：", *(f"  {one.sentence}" for one in scheme.unconfirmed)]))
        return ExitCode.NEEDS_PERSON
    print(f"“{scheme.title}”已经全部确认；使用时请加 --schemes {folder} --scheme {folder.resolve().name}")
    return ExitCode.DONE


def _checked(folder: Path) -> Scheme:
    """The scheme of a folder; raises `BadScheme` where it cannot be used."""
    from workbook_tools.schemes.files import schemes_from

    with schemes_from(str(folder)):
        return load_scheme(folder.resolve().name)


def _reply(question: str) -> str:
    print(question, end=" ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _test(options: argparse.Namespace) -> int:
    from workbook_tools.drafting.cases import cases_of, try_case

    folder = Path(options.folder)
    if not (folder / FILE).is_file():
        print(f"{folder}：里面没有评分办法（{FILE}）")
        return ExitCode.USAGE
    try:
        cases = cases_of(folder)
    except BadScheme as fault:
        print(fault)
        return ExitCode.USAGE
    wrong = 0
    for case in cases:
        try:
            differing = try_case(folder, case)
        except WorkbookToolsError as fault:
            wrong += 1
            print(f"{case.workbook}：{fault}")
            continue
        wrong += bool(differing)
        print(f"{case.workbook}：{f'{len(differing)} 项不一致' if differing else '一致'}")
        for one in differing:
            print(f"  {one.label}：应为 {one.expected}，算出 {one.computed}（{one.why}）")
    print(f"共 {len(cases)} 个例子：{len(cases) - wrong} 个一致，{wrong} 个不一致")
    return ExitCode.NEEDS_PERSON if wrong else ExitCode.DONE


def _use(options: argparse.Namespace) -> int:
    from workbook_tools.drafting.folder import columns_said, first_form
    from workbook_tools.forms.printed import printed_columns
    from workbook_tools.schemes.answers import Answer, keep_answer

    with naming(options.form):
        form = first_form(Path(options.form))
        said = columns_said(options.column, form)
    headings = printed_columns(form)
    path = keep_answer(Answer(form.title, headings, options.name, said))
    print(f"已记下：表题“{form.title}”、各栏的字一样的表，用“{options.name}”；写在 {path}")
    return ExitCode.DONE


def names_with_forms() -> list[str]:
    """The schemes that have an empty form: drawn by the package, or their bureau's own."""
    drawn = form_names()
    return [name for name in scheme_names() if name in drawn or empty_form(name) or load_scheme(name).monitoring]


def new_form(name: str) -> bytes | None:
    """The empty form of a scheme as its bureau prints it, byte for byte; None where the package draws it."""
    path = empty_form(name)
    return path.read_bytes() if path else None
