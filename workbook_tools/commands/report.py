"""The command `workbook_tools report`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import ExitCode, naming, scheme_options
from workbook_tools.commands.files import is_one_of, not_replaced
from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import refused_by_system, saved_where
from workbook_tools.text import one_line, shown_path

if TYPE_CHECKING:
    from workbook_tools.assess import Assessment
    from workbook_tools.reports.word.report import Report

_SHOWN = 40  # characters of a piece in a line
_SAID = {
    "changed": "改为最新的数",
    "added": "增加",
    "removed": "自评表里不再有，已删去",
    "kept": "已由人改写，没有动",
    "left": "已由人改写，自评表里不再有，没有动；不要的请删去",
    "deleted": "报告里已删去，没有补上",
}
REWRITTEN = ("kept", "left")


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    about = "由自评表生成绩效自评报告（Word），已有的报告只更新数，不动人写的字"
    report = commands.add_parser("report", help=about, add_help=False)
    report.add_argument("-h", "--help", action="help", help="显示这段说明")
    report.add_argument("file", nargs="?", metavar="文件", help="填好的自评表")
    scheme_options(report)
    report.add_argument("-o", "--output", metavar="报告", help="写到哪里（默认 自评表的名称_自评报告.docx）")
    report.add_argument("--template", metavar="模板", help="用这个 Word 模板；不写就用评分办法的")
    report.add_argument("--new-template", action="store_true", help="写出一份模板，可以在 Word 里改，改好用 --template")
    report.add_argument("--from", dest="statistics", metavar="统计表", help="报告里的统计表取自这个工作簿")
    report.add_argument("--last", metavar="上年自评表", help="写上与上年相比的变化")
    report.add_argument("--charts", action="store_true", help="各月的比率另画成图（在 Word 里可以改）")
    report.add_argument("--pdf", action="store_true", help="另外写一份 PDF（要装 LibreOffice）")
    report.add_argument("--dry-run", action="store_true", help="只列出要改什么，不写文件")
    report.add_argument("--overwrite", action="store_true", help="不更新，重新生成一份替换已有的文件（留备份）")


def report(options: argparse.Namespace) -> int:
    """Makes or updates a report, or writes a template."""
    if options.new_template:
        return _new_template(options)
    if not options.file:
        print("请写上自评表：workbook_tools report 自评表.xlsx -o 自评报告.docx")
        return ExitCode.USAGE
    path = Path(options.file)
    out = Path(options.output) if options.output else path.parent / f"{path.stem}_自评报告.docx"
    given = [path, *(Path(one) for one in (options.template, options.statistics, options.last) if one)]
    if out.suffix.lower() != ".docx" or is_one_of(out, given):
        print(f"{out}：报告要写到另一个 .docx 文件")
        return ExitCode.USAGE
    return _report(options, path, out)


def _report(options: argparse.Namespace, path: Path, out: Path) -> int:
    from workbook_tools.reports.word.made_from import made_from
    from workbook_tools.reports.word.report import made_report
    from workbook_tools.word.package import save_document

    form = _form(path, options.scheme)
    last, doubt = None, ""
    if options.last:
        from workbook_tools.reports.word.changes import doubt_about

        last = _last_form(Path(options.last), options.scheme)
        with naming(options.last):
            doubt = doubt_about(form, last)
    months = None
    if options.statistics:
        from workbook_tools.reports.word.months import months_of

        with naming(options.statistics):
            months = months_of(Path(options.statistics))
    made = made_report(
        form,
        out,
        template=Path(options.template) if options.template else None,
        last=last,
        months=months,
        charts=options.charts,
        overwrite=options.overwrite,
    )
    print(f"{shown_path(path)}  {form.name}  {form.scheme.title}")
    for line in (*made_from(path, form), *([doubt] if doubt else ()), *_lines(made)):
        print(f"  {line}")
    if options.dry_run:
        print("  试算：没有写文件")
        return _code(made, bool(doubt))
    saved = ""
    if not made.unchanged:
        with naming(out):
            _make_folder(out.parent)
            saved = saved_where(save_document(out, made.data, seen=made.seen, made_from=[path]))
    print(
        f"  已写到 {shown_path(out)}{saved}" if not made.unchanged else f"  {shown_path(out)}：没有要改的，文件没有改动"
    )
    if options.pdf:
        _pdf(out, made.data)
    return _code(made, _check(path, out, options.scheme, len(form.found)) or bool(doubt))


def _make_folder(folder: Path) -> None:
    """Makes a folder that is not there; raises `FileRejected`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise refused_by_system(fault, "写入") from None


def _form(path: Path, scheme: str | None) -> Assessment:
    """The only form of a workbook; raises `FileRejected` where there are several."""
    from workbook_tools.assess import assess_file

    with naming(path):
        forms = assess_file(path, scheme).forms
        if len(forms) > 1:
            names = "、".join(f"“{one_line(one.name)}”" for one in forms)
            said = f"工作簿里有 {len(forms)} 张自评表（{names}），不知道为哪一张写报告；请另存一份，只留一张再试"
            raise FileRejected("E_KIND", said)
    return forms[0]


def _last_form(path: Path, scheme: str | None) -> Assessment:
    """The form of the year before, by its own scheme; by the one that was named where none is its own."""
    try:
        return _form(path, None)
    except FormNotRecognised:
        if not scheme:
            raise
    return _form(path, scheme)


def _lines(made: Report) -> Iterator[str]:
    """What became of the pieces, and what is not stated."""
    for one in made.merged or ():
        where = f"{one.where}：" if one.where else ""
        change = (
            f"“{_short(one.before)}” → “{_short(one.now)}”"
            if one.what == "changed"
            else f"“{_short(one.before or one.now)}”"
        )
        kept = f"；自评表现在是“{_short(one.now)}”" if one.what == "kept" else ""
        yield f"{where}{_SAID[one.what]}：{change}{kept}"
    for figure in made.differing:
        label = one_line(figure.label) or "有一处"
        yield f"没有写进报告：{label}在自评表上填的是 {figure.printed}，按办法应为 {figure.computed}；请先改正自评表"


def _short(words: str) -> str:
    said = one_line(words)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"


def _check(path: Path, out: Path, scheme: str | None, in_form: int) -> int:
    """How many sentences of the report the form refutes; each is printed. The form itself has `in_form` findings."""
    from workbook_tools.assess import assess_file
    from workbook_tools.checks.prose import UNFINISHED
    from workbook_tools.claims.report_file import OPEN, TO_WRITE, read_report
    from workbook_tools.reports.sentences import still_yellow

    report = read_report(out)
    checked = assess_file(path, scheme, report=report)
    wrong = [place for place in checked.forms[0].found[in_form:] if place.waived is None and place.code != UNFINISHED]
    for place in wrong:
        print(f"  {place.level} {place.finding.code}  {place.label}：{place.finding.message}")
    left, open_places = (sum(words.count(mark) for words in report.paragraphs.values()) for mark in (TO_WRITE, OPEN))
    figures = checked.in_report
    print(f"  报告里的数：{figures.decided} 个核对过，{figures.undecided} 个表里没有，请自己核对")
    if left or open_places:
        what = [f"{left} 处要人写（标黄的【请填写】）"] * bool(left) + [f"{open_places} 处还没有定（【待定】）"] * bool(
            open_places
        )
        print(f"  还有 {'，'.join(what)}")
    if yellow := still_yellow(report):
        print(f"  {yellow}")
    return len(wrong)


def _code(made: Report, wrong: int) -> int:
    needs = wrong or made.differing or any(one.what in REWRITTEN for one in made.merged or ())
    return ExitCode.NEEDS_PERSON if needs else ExitCode.DONE


def _pdf(out: Path, data: bytes) -> None:
    from workbook_tools.excel import save
    from workbook_tools.excel.libreoffice import pdf

    target = out.with_suffix(".pdf")
    with naming(target):
        backup = save(target, pdf(data, ".docx"), seen=None, made_from=[out])
    print(f"  已写到 {shown_path(target)}{saved_where(backup)}")


def _new_template(options: argparse.Namespace) -> int:
    from workbook_tools.reports.word.outlines import template_of
    from workbook_tools.schemes.loading import load_scheme
    from workbook_tools.word.package import save_document

    name = options.scheme or (_form(Path(options.file), None).scheme.name if options.file else "general")
    scheme = load_scheme(name)
    out = Path(options.output or f"{name}_报告模板.docx")
    if out.exists():
        print(not_replaced(out))
        return ExitCode.USAGE
    with naming(out):
        save_document(out, template_of(name), seen=None)
    print(
        f"已生成 {shown_path(out)}（{scheme.title}）；双大括号里的是自评表上的数，其余的字可以随意改，见 docs/report.md"
    )
    return ExitCode.DONE
