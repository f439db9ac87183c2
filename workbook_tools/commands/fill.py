"""Filling one file for the commands: what is written, and what a person is told of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.checks import ERROR, UNCHECKED
from workbook_tools.commands.console import ExitCode
from workbook_tools.commands.files import same_files, written_as
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import refused_by_system, same_file, saved_where, undo
from workbook_tools.fill import FilledFile, fill_file, findings_after
from workbook_tools.reports.sentences import (
    about_scheme,
    cell_of,
    findings,
    score_summary,
    typed_differences,
    undecided,
    where,
    wrong_formulas,
)
from workbook_tools.terminal import columns, room
from workbook_tools.text import shown_path


class Told(NamedTuple):
    """The exit code of one file, and the lines about it."""

    code: int
    lines: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How files are filled: the options of a command that it takes in any process.

    Attributes:
        scheme: the name of the scheme of all forms, None recognises each.
        dry_run: nothing is written.
        overwrite: what a person typed and differs is replaced.
        quiet: only what needs a person, errors, and what was not checked is told.
        output: the file or folder to write to, None writes to the files themselves.
        into_folder: whether it is a folder.
        folders: the folders that were given.
        width: the columns of a table that is told.
    """

    scheme: str | None
    dry_run: bool
    overwrite: bool
    quiet: bool = False
    output: Path | None = None
    into_folder: bool = False
    folders: tuple[Path, ...] = ()
    width: int = 0

    def out(self, file: Path) -> Path | None:
        """Where a file is written to; None where it stays in its place."""
        if self.output is None or not self.into_folder:
            return self.output
        folder = next((path for path in self.folders if path in file.parents), file.parent)
        return self.output / written_as(file.relative_to(folder))

    def touched(self, file: Path) -> Iterator[Hashable]:
        """The names and numbers of the files that filling one reads or writes."""
        return same_files(file, self.out(file) or written_as(file))


def table_width() -> int:
    """Columns of a table on the terminal; less than nothing where lines stay whole."""
    return (room() or 0) - 4


def filled(how: Filling, path: Path) -> Told:
    """Fills one file, in whatever process."""
    return fill_one(how, path, how.out(path))


def undone(path: Path) -> Told:
    """Brings back what stood in one file before it was filled."""
    try:
        undo(path)
    except WorkbookToolsError as fault:
        return Told(fault.exit_code, [f"{shown_path(path)}：{fault}"])
    return Told(ExitCode.DONE, [f"{shown_path(path)}：已还原到填写之前"])


def fill_one(how: Filling, path: Path, out: Path | None, inputs: Mapping[str, str] | None = None) -> Told:
    """Fills one file after putting inputs into it."""
    if out is not None and same_file(path, out):
        said = f"-o 的“{out}”就是原文件，没有写；要写回原文件请不写 -o（会留备份），要另存请换一个文件名"
        return Told(ExitCode.USAGE, [f"{path}：{said}", ""])
    try:
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
        result = fill_file(path, how.scheme, out=out, inputs=inputs, dry_run=how.dry_run, overwrite=how.overwrite)
    except WorkbookToolsError as fault:
        return Told(fault.exit_code, [f"{shown_path(path)}：{fault}", ""])
    except OSError as fault:  # the folder of the output
        return Told(ExitCode.UNREADABLE, [f"{shown_path(path)}：{refused_by_system(fault, '写入')}", ""])
    except Exception as fault:  # the one boundary: a fault of ours must not stop the other files
        said = f"程序出错（{type(fault).__name__}：{fault}），文件没有改动；请把这个文件交给维护人员"
        return Told(ExitCode.UNREADABLE, [f"{shown_path(path)}：{said}", ""])
    if result.made:
        out = result.made.path
    lines = [*(_quietly if how.quiet else _told)(result, out, how)]
    code = ExitCode.NEEDS_PERSON if any(form.needs_person for form in result.forms) else ExitCode.DONE
    return Told(code, lines)


def _told(result: FilledFile, out: Path | None, how: Filling) -> Iterator[str]:
    """Everything that was written or found."""
    checked, refused = _checked(result)
    for form_number, form in enumerate(result.forms):
        yield f"{shown_path(result.path)}  {form.name}  {form.scheme.title}"
        for line in about_scheme(form):
            yield f"  {line}"
        written = [change for change in form.changes if change.outcome == "written"]
        if written:
            rows = [("单元格", "项目", "原来", "填写", "依据")]
            rows += [(cell_of(c, form), c.label, c.before or "（空）", c.after, c.why) for c in written]
            for line in columns(rows, how.width):
                yield f"  {line}"
        wrong = [f"{said}；请核对改正，或加 --overwrite 替换" for said in typed_differences(form)]
        for number, sentence in enumerate([*wrong, *wrong_formulas(form), *undecided(form)], 1):
            if number == 1:
                yield "  需要人处理："
            yield f"  {number}. {sentence}"
        for number, change in enumerate((change for change in form.changes if change.hint), 1):
            if number == 1:
                yield "  提示（请核对，不影响填写）："
            yield f"  {number}. {where(change, form)}{change.hint}"
        yield f"  {score_summary(form)}"
        if checked:
            yield from _found(checked[form_number])
    if refused:
        yield f"  没有校验：{refused}"
    if result.written and result.other_formulas:
        yield f"  另有 {result.other_formulas} 个公式不归本工具计算，打开后请按 Ctrl+Alt+F9 重新计算"
    yield f"  {_saved(result, out, dry_run=how.dry_run)}"
    yield ""


def _checked(result: FilledFile) -> tuple[list[Assessment], str]:
    """What the checks find in every form, or the sentence that says why they did not run."""
    try:
        return findings_after(result.book, result.forms), ""
    except WorkbookToolsError as fault:
        return [], str(fault)


def _found(checked: Assessment) -> Iterator[str]:
    """The findings without a waiver."""
    for number, sentence in enumerate(findings(checked), 1):
        if number == 1:
            command = "monitor" if checked.scheme.monitoring else "check"
            yield f"  校验（workbook_tools {command} 列出全部）："
        yield f"  {sentence}"
    if waived := sum(place.waived is not None for place in checked.found):
        yield f"  另有 {waived} 处已放行"


def _quietly(result: FilledFile, out: Path | None, how: Filling) -> Iterator[str]:
    """What needs a person, errors, and what was not checked; a form without any in one line."""
    checked, refused = _checked(result)
    for form_number, form in enumerate(result.forms):
        found = [f"{said}；请核对改正，或加 --overwrite 替换" for said in typed_differences(form)] + undecided(form)
        places = checked[form_number].found if checked else []
        found += [
            f"{place.level} {place.finding.code}  {where(place, form)}{place.finding.message}"
            for place in places
            if place.level in (ERROR, UNCHECKED)
        ]
        saved = _saved(result, out, dry_run=how.dry_run)
        yield f"{shown_path(result.path)}  {form.name}  {score_summary(form)}；{saved}"
        for number, sentence in enumerate(found, 1):
            yield f"  {number}. {sentence}"
    if refused:
        yield f"  没有校验：{refused}"


def _lost(result: FilledFile) -> str:
    """What was not brought along from a file of another format, for the end of a sentence; "" when nothing was lost."""
    return f"；{'；'.join(result.made.lost)}，请核对" if result.made and result.made.lost else ""


def _saved(result: FilledFile, out: Path | None, *, dry_run: bool) -> str:
    count = sum(change.outcome == "written" for form in result.forms for change in form.changes)
    if dry_run:
        return f"试算：要写 {count} 处，文件没有改动{_lost(result)}"
    if out is not None:
        return f"已写到 {out}（填写 {count} 处，原文件没有改动）{saved_where(result.backup)}{_lost(result)}"
    if not result.written:
        return "没有要写的，文件没有改动"
    return f"已填写 {count} 处；原来的文件在 {result.backup}，要还原请用 fill_form --undo"
