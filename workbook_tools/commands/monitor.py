"""The command `workbook_tools monitor`: monitoring tables of the middle of the year."""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.batch import run
from workbook_tools.commands.console import SCHEMES, ExitCode, naming, work_options
from workbook_tools.commands.files import NONE_FOUND, here, is_one_of, lines_of, same_files, to_fill, written_as
from workbook_tools.commands.fill import Told, table_width
from workbook_tools.terminal import columns
from workbook_tools.text import shown_path

if TYPE_CHECKING:
    from workbook_tools.assess import Assessment, Witness
    from workbook_tools.fill import FilledFile

ENDINGS = "退出码：0 没有查出错误；1 有错误，或有灯要由人填；2 用法不对；3 不是监控表或无法读取。"


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    monitor = commands.add_parser(
        "monitor", help="核对年中的绩效监控表：执行率、预警灯、该写的原因", epilog=ENDINGS, add_help=False
    )
    monitor.add_argument("-h", "--help", action="help", help="显示这段说明")
    monitor.add_argument("files", nargs="+", metavar="文件", help="绩效监控表，或装着监控表的文件夹")
    monitor.add_argument(
        "--rules",
        metavar="名称",
        help="监控规则，名称见 workbook_tools schemes（monitoring_ 可以省略）；不写就按表上印的，没有印的不给灯",
    )
    monitor.add_argument("--schemes", metavar="文件夹", help=SCHEMES)
    monitor.add_argument("--targets", metavar="目标表", help="批复的绩效目标表，核对指标和指标值")
    monitor.add_argument("--dry-run", action="store_true", help="只算不写，文件不变")
    monitor.add_argument("--overwrite", action="store_true", help="人工填的灯、执行率与规则不一致时，用算出的替换")
    monitor.add_argument(
        "-o", "--output", metavar="另存", help="写到另一个文件（多个文件时写到这个文件夹），原文件不变"
    )
    work_options(monitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """How tables are looked at: the options of the command that it takes in any process.

    Attributes:
        rules: the name of the rules of all tables, "" takes those that each prints.
        dry_run: nothing is written.
        overwrite: what a person typed and differs is replaced.
        witnesses: what is checked besides: the approved targets.
        output: the file or folder to write to, None writes to the files themselves.
        into_folder: whether it is a folder.
        width: the columns of a table that is told.
    """

    rules: str
    dry_run: bool
    overwrite: bool
    witnesses: tuple[Witness, ...]
    output: Path | None
    into_folder: bool
    width: int

    def out(self, file: Path) -> Path | None:
        """Where a file is written to; None where it stays in its place."""
        return self.output / written_as(file).name if self.output and self.into_folder else self.output

    def touched(self, file: Path) -> Iterator[Hashable]:
        """The names and numbers of the files that the work on one reads or writes."""
        return same_files(file, self.out(file) or written_as(file))


def monitor(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Computes and writes what the rules give, and tells what a person has to look at."""
    rules = _rules(options, parser)
    given = [here(file) for file in options.files]
    output = Path(options.output) if options.output else None
    files, passed = to_fill(given, output)
    for line in lines_of(passed):
        print(line)
    if not files:
        print(NONE_FOUND)
        return ExitCode.UNREADABLE
    many = len(files) > 1 or given[0].is_dir()
    if output and (is_one_of(output, [*files, *given]) or (many and output.suffix)):
        parser.error("-o 要写到另一个文件；有多个文件时写到另一个文件夹")
    how = Monitoring(
        rules=rules,
        dry_run=options.dry_run,
        overwrite=options.overwrite,
        witnesses=tuple(_witnesses(options)),
        output=output,
        into_folder=bool(output and (many or output.is_dir())),
        width=table_width(),
    )
    if output and len({how.out(file) for file in files}) < len(files):
        parser.error("有同名的文件会写到同一个地方，请分开核对")
    worst = int(ExitCode.DONE)
    for file, told, why in run(files, partial(monitored, how), jobs=options.jobs, touched=how.touched):
        code, lines = told or Told(why.exit_code if why else ExitCode.UNREADABLE, [f"{shown_path(file)}：{why}"])
        print("\n".join([*lines, ""]))
        worst = max(worst, code)
    return worst


def _rules(options: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """The name of the rules that were asked for, "" where none were."""
    if not options.rules:
        return ""
    from workbook_tools.monitoring.source import rules_named, rules_names

    found = rules_named(options.rules)
    if not found:
        parser.error(f"没有名为“{options.rules}”的监控规则；现有：{'、'.join(rules_names())}")
    return found


def _witnesses(options: argparse.Namespace) -> list[Witness]:
    if not options.targets:
        return []
    from workbook_tools.targets import approved, read_targets

    with naming(options.targets):
        return [approved(read_targets(Path(options.targets)))]


def monitored(how: Monitoring, path: Path) -> Told:
    """Computes, writes and checks one file, in whatever process."""
    from workbook_tools.assess import assess
    from workbook_tools.excel import Book, read_book, read_file, refused_by_system
    from workbook_tools.fill import fill_file
    from workbook_tools.monitoring.source import GENERAL_RULES, rules_printed

    out = how.out(path)
    if out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise refused_by_system(fault, "写入") from None
    name = how.rules or rules_printed(read_book(read_file(path))) or GENERAL_RULES
    result = fill_file(path, name, out=out, dry_run=how.dry_run, overwrite=how.overwrite)
    saved = result.book.saved() if isinstance(result.book, Book) else None
    checked = assess(read_book(saved) if saved else result.book, name, (), how.witnesses)
    lines = [line for form in checked for line in _lines(path, form, how.width)]
    faulty = any(form.errors or _open(form) for form in checked)
    said = f"  {_saved(result, out, how.dry_run)}"
    return Told(ExitCode.NEEDS_PERSON if faulty else ExitCode.DONE, [*lines, said])


def _lines(path: Path, form: Assessment, width: int) -> Iterator[str]:
    """One table for the console."""
    from workbook_tools.reports.sentences import findings

    yield f"{shown_path(path)}  {form.name}  {form.scheme.title}"
    yield from (f"  {line}" for line in _money(form))
    if rows := list(_rows(form)):
        yield from (f"  {line}" for line in columns([("单元格", "三级指标", "预警", "依据"), *rows], width))
    for sentence in findings(form):
        yield f"  {sentence}"
    yield f"  {_summary(form)}"
    yield from (f"  {line}" for line in _deadlines(form))


def _money(form: Assessment) -> Iterator[str]:
    line = form.scores.lines.get("budget.so_far.execution")
    if line is not None:
        from workbook_tools.values import format_value

        if line.value is not None:
            yield f"预算执行率 {format_value(line.value)}（{line.why}）"
        elif not any(place.field == "budget.so_far" for place in form.found):  # else a finding tells it, with its cell
            yield line.why


def _rows(form: Assessment) -> Iterator[tuple[str, str, str, str]]:
    """Each row with its light and why; a light that a person gave where there are no rules."""
    from workbook_tools.scoring.lights import monitored_rows

    if form.scheme.monitoring is None:
        return
    cells = {field: cell for field, cell in form.placement.cells.items() if field.startswith("indicators.")}
    for row in monitored_rows(form.form, form.scheme.monitoring):
        line = form.scores.lines.get(f"{row.field}.light")
        at = cells.get(f"{row.field}.light") or cells.get(f"{row.field}.so_far")
        address = _address(at) if at else ""
        name = " ".join(row.indicator.name.split())
        if line is None:
            yield address, name, row.light or "—", "没有读到给灯的规则，由填表人填"
        else:
            yield address, name, str(line.value or "请填"), f"{line.why}{f'；{line.hint}' if line.hint else ''}"


def _address(cell: tuple[int, int]) -> str:
    from workbook_tools.excel import column_letters

    return f"{column_letters(cell[1])}{cell[0]}"


def _open(form: Assessment) -> int:
    """How many lights a person has to give where the rules of them were read and nobody has given one."""
    lines = form.scores.lines.items()
    return sum(
        line.value is None and not form.form.words.get(field) for field, line in lines if field.endswith(".light")
    )


def _summary(form: Assessment) -> str:
    """How many rows of each light."""
    from workbook_tools.scoring.lights import light_of, monitored_rows

    rules = form.scheme.monitoring
    if rules is None:
        return ""
    rows = monitored_rows(form.form, rules)
    lights = [light_of(row, form.scores, rules) for row in rows]
    told = [f"{called} {lights.count(light)}" for light, called in rules.lights.items()]
    left = f"，没有灯的 {lights.count(None)}" if lights.count(None) else ""
    until = f"监控到 {form.form.until} 月" if form.form.until else "表头没有写监控到几月"
    return f"{until}；{len(rows)} 个指标：{'、'.join(told)}{left}；{form.errors} 处错误，{form.hints} 处提示"


def _deadlines(form: Assessment) -> Iterator[str]:
    from workbook_tools.schemes.describe import deadline

    for due in form.scheme.monitoring.deadlines if form.scheme.monitoring else ():
        yield f"报送期限：{due.what}，{deadline(due)}（原文：{due.quote}）"


def _saved(result: FilledFile, out: Path | None, dry_run: bool) -> str:
    from workbook_tools.excel import saved_where

    count = sum(change.outcome == "written" for form in result.forms for change in form.changes)
    if dry_run:
        return f"试算：要写 {count} 处，文件没有改动"
    if result.made:
        return f"已写到 {result.made.path}（填写 {count} 处，原文件没有改动）"
    if out is not None:
        return f"已写到 {out}（填写 {count} 处，原文件没有改动）{saved_where(result.backup)}"
    if not result.written:
        return "没有要写的，文件没有改动"
    return f"已填写 {count} 处；原来的文件在 {result.backup}，要还原请用 fill_form --undo"
