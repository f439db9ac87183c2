"""The command `workbook_tools summary`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbook_tools.book import Refused, save
from workbook_tools.terminal import Progress

DONE, FOUND, USAGE, UNREADABLE = range(4)
MANY = 200  # files that are worth worker processes


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    summary = commands.add_parser("summary", help="把文件夹里的自评表汇总成一个工作簿", add_help=False)
    summary.add_argument("-h", "--help", action="help", help="显示这段说明")
    summary.add_argument("files", nargs="+", metavar="文件", help="自评表，或装着自评表的文件夹")
    summary.add_argument("-o", "--output", metavar="汇总表", required=True, help="写到哪里（.xlsx，覆盖同名的）")
    summary.add_argument("--expected", metavar="名单", help="应报送单位的名单（.txt，每行一个单位）")
    summary.add_argument("--scheme", metavar="名称", help="指定评分办法，不写就按表上的字识别")


def summary(options: argparse.Namespace, workbooks: Callable[[Path], list[Path]]) -> int:
    """Reads every form and writes the 汇总表."""
    out = Path(options.output)
    if out.suffix.lower() != ".xlsx":
        print(f"{out}：汇总表的文件名要以 .xlsx 结尾")
        return USAGE
    try:
        expected = Path(options.expected).read_text("utf-8-sig").split("\n") if options.expected else []
    except (OSError, UnicodeDecodeError):
        print(f"{options.expected}：读不出名单；要是 UTF-8 的文本文件，每行一个单位")
        return USAGE
    found = (file for given in options.files for file in workbooks(Path(given)))
    files = [file for file in dict.fromkeys(found) if file.resolve() != out.resolve()]
    if not files:
        print("没有找到工作簿（.xlsx、.xlsm）")
        return UNREADABLE
    from workbook_tools.summary import collect, summary_workbook

    forms: list[dict[str, Any]] = []
    indicators: list[dict[str, Any]] = []
    refused: list[tuple[str, str]] = []
    progress = Progress(len(files), sys.stderr)
    workers = min(os.cpu_count() or 1, 8) if len(files) >= MANY else 1
    for number, (listed, rows, faults) in enumerate(collect(files, options.scheme, workers), 1):
        progress.show(number, files[number - 1].name)
        forms += listed
        indicators += rows
        refused += faults
    progress.done()
    units = [unit.strip() for unit in expected if unit.strip()]
    try:
        save(out, summary_workbook(forms, indicators, refused, units), seen=None)
    except Refused as fault:
        print(fault)
        return UNREADABLE
    missing = len(set(units) - {form["单位"] for form in forms})
    print(f"共 {len(forms)} 张表，{sum(form['错误'] > 0 for form in forms)} 张有错误，{len(refused)} 个文件没有读")
    print(f"已写到 {out}" + (f"；{missing} 个单位没有报送（见“催报”）" if missing else ""))
    return FOUND if refused else DONE
