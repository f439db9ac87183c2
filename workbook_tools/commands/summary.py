"""The command `workbook_tools summary`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.batch.cluster import on
from workbook_tools.commands.console import RESULTS, ExitCode, deadline_option, naming, scheme_options, work_options
from workbook_tools.commands.files import NONE_FOUND, given_workbooks, lines_of, not_replaced
from workbook_tools.commands.mail_options import RECEIPTS
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import save, saved_where
from workbook_tools.excel.remote import to_path

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from workbook_tools.summary.journal import Journal


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    summary = commands.add_parser("summary", help="把文件夹里的自评表汇总成一个工作簿", add_help=False)
    summary.add_argument("-h", "--help", action="help", help="显示这段说明")
    summary.add_argument("files", nargs="+", metavar="文件", help="自评表，或装着自评表的文件夹")
    summary.add_argument(
        "-o", "--output", metavar="汇总表", required=True, help="写到哪里（.xlsx）；以前的汇总表留备份"
    )
    summary.add_argument("--expected", metavar="名单", help="应报送单位的名单（.txt 每行一个；.xlsx、.csv 的“单位”列）")
    deadline_option(summary, "截止日期（如 2026-02-28），在它以后收到的列为逾期")
    summary.add_argument("--receipts", metavar="清单", help=RECEIPTS)
    summary.add_argument("--issues", metavar="清单", help="复核的问题清单（review close 写的）：加上未整改、已整改两列")
    summary.add_argument("--results", metavar="清单", help=RESULTS)
    scheme_options(summary)
    summary.add_argument(
        "--parquet", action="store_true", help="在汇总表旁边另写 Parquet 文件：每张表、每个指标、每处校验结果各一行"
    )
    work_options(summary, cluster=True)


def summary(options: argparse.Namespace) -> int:
    """Reads every form and writes the 汇总表."""
    out = to_path(options.output)
    if out.suffix.lower() != ".xlsx":
        print(f"{out}：汇总表的文件名要以 .xlsx 结尾")
        return ExitCode.USAGE
    not_forms = [
        out,
        *(Path(one) for one in (options.expected, options.receipts, options.issues, options.results) if one),
    ]
    files, passed = given_workbooks(options.files, not_forms, to_path)
    if not files:
        print("\n".join([NONE_FOUND, *lines_of(passed)]))
        return ExitCode.UNREADABLE
    from workbook_tools.summary.journal import Journal
    from workbook_tools.summary.parquet import require_parquet, write_parquet
    from workbook_tools.summary.receipts import Receipts, read_receipts
    from workbook_tools.summary.results import read_results
    from workbook_tools.summary.rows import MOST_ROWS
    from workbook_tools.summary.submissions import MISSING, NEEDS_A_PERSON, is_summary, read_units, submissions
    from workbook_tools.summary.workbook import summary_workbook

    try:
        units = read_units(Path(options.expected)) if options.expected else []
        receipts = read_receipts(Path(options.receipts)) if options.receipts else Receipts()
        issues = _issues(Path(options.issues)) if options.issues else None
        results = read_results(Path(options.results)) if options.results else None
        if out.exists() and not is_summary(out):
            print(not_replaced(out, "不是能读的汇总表，"))
            return ExitCode.USAGE
    except WorkbookToolsError as fault:  # lists beside the forms
        print(fault)
        return ExitCode.USAGE
    if options.parquet:
        require_parquet()
    with on(options.on) as executor:
        journal = Journal(out, options.scheme)
        try:
            _read(journal, files, options, executor)
        except BaseException:
            journal.close()
            raise
    many = journal.count("indicator")
    if journal.count("form") > MOST_ROWS or (many > MOST_ROWS and not options.parquet):
        return _too_many(journal, MOST_ROWS)
    forms = list(journal.forms())
    refused = [(path, why) for path, why in journal.refused() if not is_summary(to_path(path))]
    unread = refused + [(str(file), why) for file, why in passed]
    asked = submissions(forms, units, options.deadline, receipts=receipts, unread=unread).units
    indicators = journal.indicators() if many <= MOST_ROWS else iter(())
    rows = (forms, indicators, unread, asked, receipts, issues)
    data = summary_workbook(*rows, findings=journal.findings(), results=results, beside=out.parent)
    with naming(out):
        backup = save(out, data, seen=None, made_from=files)
        tables = write_parquet(out, journal, refused, files, receipts, issues, results) if options.parquet else []
    journal.discard()
    missing = sum(one.status == MISSING for one in asked)
    print(f"共 {len(forms)} 张表，{sum(form.errors > 0 for form in forms)} 张有错误，{len(refused)} 个文件没有读")
    if passed:
        print(f"另有 {len(passed)} 个文件不是工作簿，也没有读（见“没有读”）")
    if options.deadline and forms:
        print(receipts.told(forms))
    print(f"已写到 {out}" + (f"；{missing} 个单位没有报送（见“催报”）" if missing else "") + saved_where(backup))
    _tell_tables(tables, 0 if many <= MOST_ROWS else many)
    uncertain = [one for one in asked if one.status in NEEDS_A_PERSON]
    if uncertain:
        print(f"{len(uncertain)} 处要人核对，没有算作“没有报送”或“逾期”（见“催报”）")
    return ExitCode.NEEDS_PERSON if refused or uncertain else ExitCode.DONE


def _issues(path: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """How many issues of each form are open and mended; raises `FileRejected`."""
    from workbook_tools.review.issue_book import counts_by_form, existing

    return counts_by_form(existing(path).lines)


def _too_many(journal: Journal, most: int) -> int:
    """Refuses a summary of which a sheet cannot hold the rows; what was read is kept."""
    forms, indicators = journal.count("form"), journal.count("indicator")
    journal.close()
    print(f"有 {forms} 张表、{indicators} 个指标，一张工作表只放得下 {most} 行；请分几次汇总，或加 --parquet")
    return ExitCode.USAGE


def _tell_tables(tables: list[Path], left_out: int) -> None:
    """Tells of the Parquet files, and of indicators that stand there alone."""
    if left_out:
        print(f"指标有 {left_out} 行，一张工作表放不下，“指标”表是空的；都在 Parquet 文件里")
    if tables:
        print(f"另写了 {'、'.join(path.name for path in tables)}")


def _read(journal: Journal, files: list[Path], options: argparse.Namespace, executor: Executor | None) -> None:
    """Reads the files that have not been read yet, with progress."""
    from workbook_tools.summary.rows import read_each

    unread = journal.unread(files)
    if len(unread) < len(files):
        print(f"接着上次没有做完的：{len(files) - len(unread)} 个文件已经读过", file=sys.stderr)
    try:
        how = {"jobs": options.jobs, "executor": executor, "findings": True}
        for path, rows, found in read_each(unread, options.scheme, **how):
            journal.add(path, rows, found)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(*stop.args, "已经读过的留着，再运行一次同样的命令就接着读") from None
    finally:
        journal.keep()
