"""The commands `workbook_tools review`, `review close`, `review again`, `review notice` and `review send`.

Exit codes: 0 done, 1 something needs a person, 2 usage, 3 nothing could be read or written.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import (
    RESULTS,
    SCHEMES,
    ExitCode,
    deadline_option,
    naming,
    scheme_options,
    waive_option,
    work_options,
)
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, lines_of, no_folder, not_replaced
from workbook_tools.errors import NotInstalled
from workbook_tools.excel import read_file, save, saved_where
from workbook_tools.terminal import columns
from workbook_tools.text import as_argument, shown_path

if TYPE_CHECKING:
    from workbook_tools.review.closing import ReviewedForm
    from workbook_tools.review.issue_book import IssueBook
    from workbook_tools.review.rows import FormFile

NEW, CLOSE, AGAIN, NOTICE, SEND = STEPS = ("new", "close", "again", "notice", "send")
LIST = "问题清单.xlsx"
MOST_SHOWN = 10  # lines of a kind on the terminal


def with_step(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the step `new` behind a `review` that names none."""
    given = list(arguments)
    if given[:1] == ["review"] and given[1:2] not in [[step] for step in (*STEPS, "-h", "--help")]:
        given.insert(1, NEW)
    return given


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    review = commands.add_parser(
        "review", help="复核：生成复核表、汇总复核结果、列问题清单、发整改通知", add_help=False
    )
    review.add_argument("-h", "--help", action="help", help="显示这段说明")
    steps = review.add_subparsers(title="步骤", dest="step", metavar="步骤", required=True)
    new = _step(steps, NEW, "生成复核表（“new”可以不写）：review 文件夹 -o 复核.xlsx")
    new.add_argument("files", nargs="*", metavar="文件", help="自评表，或装着自评表的文件夹")
    new.add_argument("-o", "--output", metavar="复核表", required=True, help="写到哪里（.xlsx）；已有的文件不覆盖")
    waive_option(new)
    new.add_argument(
        "--new-template", action="store_true", help="不生成复核表，写出整改通知的模板（.docx），可以用 Word 改"
    )
    new.add_argument("--results", metavar="清单", help=f"已有的审核结果，写进“整张表”一行：{RESULTS}")
    scheme_options(new)
    work_options(new)
    close = _step(steps, CLOSE, "复核表填好以后：算复核得分和等级，写问题清单和整改通知")
    close.add_argument("files", nargs="+", metavar="复核表", help="填好的复核表（.xlsx），或放着它们的文件夹")
    close.add_argument("-o", "--output", metavar="文件夹", help="写到哪里，不写就在复核表旁边")
    _notice_options(close)
    close.add_argument("--results", metavar="清单", help="另写一份审核结果（.csv），给 summary --results 用")
    close.add_argument("--schemes", metavar="文件夹", help=SCHEMES)
    work_options(close)
    again = _step(steps, AGAIN, "单位改好报回以后：逐条核对问题清单，写明已整改、未整改、部分整改")
    again.add_argument("files", nargs="+", metavar="文件", help="报回的自评表，或装着它们的文件夹")
    again.add_argument("--issues", metavar="清单", required=True, help="问题清单.xlsx")
    scheme_options(again)
    work_options(again)
    notice = _step(steps, NOTICE, "按问题清单再写整改通知（还没有整改的问题）")
    notice.add_argument("issues", metavar="清单", help="问题清单.xlsx")
    notice.add_argument("-o", "--output", metavar="文件夹", help="写到哪里，不写就是清单旁边的“整改通知”")
    _notice_options(notice)
    send = _step(steps, SEND, "用邮件发整改通知，不会重复发")
    send.add_argument("issues", metavar="清单", help="问题清单.xlsx")
    send.add_argument("--notices", metavar="文件夹", help="整改通知在哪里，不写就是清单旁边的“整改通知”")
    send.add_argument("--to-list", required=True, metavar="通讯录", help="单位、邮箱两列（.xlsx、.csv）")
    send.add_argument("--cc", action="append", default=[], metavar="邮箱", help="抄送，可以写几次")
    from workbook_tools.commands.mail_options import how_to_send

    how_to_send(send)


def _step(steps: Any, name: str, about: str) -> argparse.ArgumentParser:
    step: argparse.ArgumentParser = steps.add_parser(name, help=about, add_help=False)
    step.add_argument("-h", "--help", action="help", help="显示这段说明")
    return step


def _notice_options(step: argparse.ArgumentParser) -> None:
    deadline_option(step, "整改时限（如 2026-03-31），不写就在通知里留空")
    step.add_argument("--template", metavar="模板", help="整改通知的模板（.docx），不写就用自带的")


def review(options: argparse.Namespace) -> int:
    """One of the steps."""
    if options.step == NEW:
        return _template(options) if options.new_template else _new(options)
    if options.step == SEND:
        from workbook_tools.commands.mail import send_notices

        return send_notices(options)
    if options.step == AGAIN:
        return _again(options)
    return _close(options) if options.step == CLOSE else _notice(options)


def _template(options: argparse.Namespace) -> int:
    from workbook_tools.review.notice import new_template
    from workbook_tools.word.package import save_document

    path = Path(options.output)
    if path.exists():
        print(not_replaced(path))
        return ExitCode.USAGE
    with naming(path):
        save_document(path, new_template(), seen=None)
    print(f"已写到 {path}；用 Word 改好以后，加 --template {as_argument(path)}")
    return ExitCode.DONE


def _new(options: argparse.Namespace) -> int:
    out = Path(options.output)
    if out.suffix.lower() != ".xlsx":
        print(f"{out}：复核表的文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    if out.exists():
        print(not_replaced(out, "里面可能有复核人填的内容，"))
        return ExitCode.USAGE
    if not out.parent.is_dir():
        print(no_folder(out))
        return ExitCode.USAGE
    lists = [Path(options.waive)] if options.waive else []
    files, passed = _given(options.files, [out, *lists, *([Path(options.results)] if options.results else [])])
    if not files:
        print("\n".join([NONE_FOUND, *lines_of(passed)]))
        return ExitCode.UNREADABLE
    from workbook_tools.findings import read_waivers
    from workbook_tools.review.rows import read_forms
    from workbook_tools.review.workbook import MOST_FORMS, Asked, review_books
    from workbook_tools.summary.results import read_results

    waivers = read_waivers(lists[0]) if lists else []
    results = read_results(Path(options.results)) if options.results else None
    refused: list[str] = []
    forms = 0

    def read() -> Iterator[FormFile]:
        nonlocal forms
        for one in read_forms(files, options.scheme, waivers, jobs=options.jobs):
            forms += len(one.forms)
            if one.fault:
                refused.append(f"{shown_path(one.path)}：{one.fault}")
            yield one

    written: list[Path] = []
    for path, data in review_books(read(), out, Asked(options.scheme, lists[0] if lists else None), results):
        if not forms:
            break
        with naming(path):
            save(path, data, seen=None, made_from=files)
        written.append(path)
    _print([*lines_of(passed), *refused])
    if not forms:
        print(f"没有读到自评表，没有写 {out}")
        return ExitCode.UNREADABLE
    print(f"共 {forms} 张表，{len(refused) + len(passed)} 个文件没有读")
    names = "、".join(shown_path(path) for path in written)
    close = " ".join(["workbook_tools review close", *map(as_argument, written)])
    several = f"一本最多 {MOST_FORMS} 张，请一起汇总；" if len(written) > 1 else ""
    print(f"已写到 {names}；{several}填好黄色格以后：{close}")
    return ExitCode.NEEDS_PERSON if refused else ExitCode.DONE


def _given(given: Sequence[str], but: Sequence[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The workbooks among the files, without those that are no forms; and what is passed over."""
    from workbook_tools.review.rows import NOTICES

    files, passed = given_workbooks(given, but)
    return files, [(file, why) for file, why in passed if file.parent.name != NOTICES]


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)


def _close(options: argparse.Namespace) -> int:
    from workbook_tools.review.answers import came_in, one_of_each, other_books, read_reviews, sheets_gone
    from workbook_tools.review.closing import Refused, ReviewedForm, close_sheets, without_doubles
    from workbook_tools.review.issue_book import IssueBook
    from workbook_tools.schemes.files import schemes_from

    books, unread = read_reviews([Path(one) for one in options.files])
    broken = [*unread, *(why for one in books for why in one.broken)]
    _print(broken)
    gone = sheets_gone(books)
    if gone:
        several = f"等 {len(gone)} 份" if len(gone) > MOST_SHOWN else ""
        print(f"{'、'.join(gone[:MOST_SHOWN])}{several}：“复核汇总”上有，没有读到它的复核表，没有汇总")
    given = [one.path for one in books]
    sheets, asked = one_of_each(books)
    _print(asked)
    total = sum(len(one.sheets) for one in books)
    folder = Path(options.output) if options.output else given[0].parent
    book = IssueBook(folder / LIST)
    with schemes_from(options.schemes):
        closed = close_sheets(sheets, jobs=options.jobs)
    refused = [one for one in closed if isinstance(one, Refused)]
    _print([problem for one in refused for problem in one.problems])
    done, doubles = without_doubles([one for one in closed if isinstance(one, ReviewedForm)])
    _print(doubles)
    if not done:
        print(f"{total} 张复核表都不能采用，没有写任何文件")
        return ExitCode.NEEDS_PERSON
    added = book.merge([issue for form in done for issue in form.issues], {form.key for form in done})
    book.put_summary(done)
    others = other_books(books)
    came = [came_in(books), *others.values()]
    missing = book.set_scope(None if None in came else sum(one or 0 for one in came))
    folder.mkdir(parents=True, exist_ok=True)
    backup = book.save(given)
    if options.results:
        _write_results(Path(options.results), done, given)
    rows = [("单位", "项目", "自评", "复核", "偏差", "自评等级", "复核等级")]
    rows += [form.words for form in done[:MOST_SHOWN]]
    _print(columns(rows))
    if len(done) > MOST_SHOWN:
        print(f"……共 {len(done)} 张，全部见“复核汇总”")
    unlisted = [words for form in done for words in form.unlisted]
    if unlisted:
        print("“处理”写“不列入”的，复核意见、复核得分没有列入问题清单：")
        _print([f"  {words}" for words in unlisted[:MOST_SHOWN]])
        if len(unlisted) > MOST_SHOWN:
            print(f"  ……共 {len(unlisted)} 处")
    open_lines = [line for line in book.lines if line.open]
    print(f"问题清单 {len(open_lines)} 条，新增 {len(added)} 条；已写到 {book.path}{saved_where(backup)}")
    left = sum(form.open for form in done)
    if left:
        said = "“复核汇总”的“主要原因”里写了缺什么：复核得分补在复核表上，自评表上的请单位补好"
        print(f"{left} 张表的复核总分没有定下来，{said}")
    if missing and others:
        print(f"同一次复核还有 {'、'.join(map(_other, others.items()))}；没有汇总过的，填好以后也运行 review close")
    code = _notices(options, book, folder)
    needs = refused or doubles or left or broken or asked or (missing and others)
    return max(code, ExitCode.NEEDS_PERSON if needs else ExitCode.DONE)


def _write_results(path: Path, done: Sequence[ReviewedForm], made_from: Sequence[Path]) -> None:
    """What the forms got, as a list that `review` and `summary` take."""
    from workbook_tools.summary.results import Result, results_list

    known = ((one.path.name, one.name, Result(one.total, one.grade, one.opinion, one.reason)) for one in done)
    with naming(path):
        save(path, results_list(known).encode(), seen=read_file(path) if path.exists() else None, made_from=made_from)


def _other(book: tuple[Path, int | None]) -> str:
    path, forms = book
    lost = "无法读取" if path.exists() else "没有找到"
    return f"{shown_path(path)}（{lost if forms is None else f'{forms} 份'}）"


def _again(options: argparse.Namespace) -> int:
    from workbook_tools.review.issue_book import existing
    from workbook_tools.review.issues import STATUSES
    from workbook_tools.review.returned import check_again, status_counts
    from workbook_tools.review.rows import read_forms

    issues = Path(options.issues)
    book = existing(issues)
    files, passed = _given(options.files, [issues])
    if not files:
        print("\n".join([NONE_FOUND, *lines_of(passed)]))
        return ExitCode.UNREADABLE
    added, refused = check_again(
        book, read_forms(files, options.scheme, jobs=options.jobs), [path for path, _ in passed]
    )
    _print([*lines_of(passed), *(f"{shown_path(path)}：{why}" for path, why in refused)])
    if len(refused) == len(files):
        print(f"一张自评表都没有读到，{shown_path(issues)} 没有改动")
        return ExitCode.UNREADABLE
    backup = book.save(files)
    counted = status_counts(book.lines)
    said = "，".join(f"{status} {counted[status]}" for status in STATUSES if counted.get(status))
    print(f"{len(book.lines)} 条问题：{said}" + (f"；其中新发现 {len(added)} 条" if added else ""))
    print(f"已写到 {issues}{saved_where(backup)}")
    return ExitCode.NEEDS_PERSON if any(line.open for line in book.lines) or refused else ExitCode.DONE


def _notice(options: argparse.Namespace) -> int:
    from workbook_tools.review.issue_book import existing

    book = existing(Path(options.issues))
    return _notices(options, book, Path(options.output) if options.output else None)


def _notices(options: argparse.Namespace, book: IssueBook, folder: Path | None) -> int:
    """Writes the notices for what is still open, where Word documents can be written."""
    from workbook_tools.review.issue_book import open_of

    by_unit = open_of(book.lines)
    if not by_unit:
        print("没有要整改的问题，没有写整改通知")
        return ExitCode.DONE
    try:
        from workbook_tools.review.notice import new_template, write_notices
        from workbook_tools.review.rows import NOTICES
    except NotInstalled as fault:
        print(f"没有写整改通知：{fault}；装好以后：workbook_tools review notice {as_argument(book.path)}")
        return ExitCode.NEEDS_PERSON
    template = new_template()
    if options.template:
        with naming(options.template):
            template = read_file(Path(options.template))
    where = (folder or book.path.parent) / NOTICES if options.step == CLOSE or folder is None else folder
    written, kept = write_notices(by_unit, where, template, options.deadline)
    if written:
        print(f"整改通知 {len(written)} 份，在 {where}；发文单位、日期{'' if options.deadline else '、时限'}请填写")
    if kept:
        names = "、".join(path.name for path in kept[:MOST_SHOWN])
        several = f"等 {len(kept)} 份" if len(kept) > MOST_SHOWN else ""
        print(f"已经有的整改通知没有改动（{names}{several}）；要重写的请先移走，再运行 review notice")
    return ExitCode.DONE if not kept else ExitCode.NEEDS_PERSON
