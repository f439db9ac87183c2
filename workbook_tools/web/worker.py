"""Work on one uploaded workbook, alone in a process with limits: `python -m workbook_tools.web.worker FOLDER`.

The folder holds `request.json` and in `given` the workbook, or all of a collection; `result.json` and the files that
were asked for are written into it.
A workbook that takes too much memory or time ends this process and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbook_tools.assess import AssessedFile, Assessment, assess
from workbook_tools.checks import CHECKS
from workbook_tools.checks.audit import most_points, vetoed
from workbook_tools.errors import FileRejected, WorkbookToolsError
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.addresses import position
from workbook_tools.excel.intake import is_other
from workbook_tools.fill import FilledFile, fill_file
from workbook_tools.findings import WAIVERS, LocatedFinding
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.reports.export import finding_summary
from workbook_tools.reports.sentences import about_scheme, self_stated, typed_figure
from workbook_tools.reports.sheet_table import sheet_table
from workbook_tools.reports.word.made_from import other_sheets
from workbook_tools.summary.rows import ABSENT, OPEN_CODES
from workbook_tools.values import format_value, plain

MOST_MEMORY = 2 << 30  # bytes; LibreOffice is not started here
MOST_SECONDS, MOST_SECONDS_OF_MANY = 60, 1800  # of processor time: for one workbook, for a collection
MOST_WRITTEN = 256 << 20  # bytes of one file
GIVEN = "given"
FILLED, MARKED, REPORT = "filled.xlsx", "marked.xlsx", "report.docx"  # what is made of an upload
NOT_FILLED = "{} 文件只检查，空着的格子没有算、没有填；用 Excel 或 WPS 另存为 .xlsx 再上传，会算好填上，也能标出问题"
SIGNED = "工作簿有数字签名，只检查，空着的格子没有算、没有填：一写入签名就失效；要填的，请上传没有签名的"
TOO_MUCH = "这个文件太大或太复杂，没有处理完；请删去与自评表无关的工作表，再试一次"


def check(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """What is found in the workbook of a folder after filling, as plain data; raises `WorkbookToolsError`."""
    path = folder / GIVEN / request["file"]
    came, (filled, without) = path, _filled(path, request["scheme"], folder / (path.stem + "_.xlsx"))
    given = assess(read_book(read_file(came)), request["scheme"]) if filled and filled.written else []
    if filled:  # the workbook as it is after filling; where nothing was to be filled, as it came
        written = folder / (path.stem + "_.xlsx")
        path = (written if written.exists() else path).replace(folder / FILLED)
    book = read_book(read_file(path))
    result = AssessedFile(path, assess(book, request["scheme"]))
    files = {"filled": FILLED} if filled else {}
    if "marked" in request["kinds"] and filled:
        from workbook_tools.reports.marked_copy import marked_copy

        (folder / MARKED).write_bytes(marked_copy(result))
        files["marked"] = MARKED
    if "report" in request["kinds"]:
        try:
            (folder / REPORT).write_bytes(_report(result, folder))
            files["report"] = REPORT
        except WorkbookToolsError as fault:
            without["report"] = str(fault)
    findings = [place for form in result.forms for place in form.found]
    return {
        "forms": list(_forms(result, filled, given)),
        "sheets": [table._asdict() for table in _tables(book, result, findings)],
        "findings": [_finding(place) for place in findings],
        "unused": _unused(book, result),
        "figures": [sum(both) for both in zip(*(form.figures for form in result.forms), strict=True)],
        "files": files,
        "without": without,
    }


def _filled(path: Path, scheme: str | None, out: Path) -> tuple[FilledFile | None, dict[str, str]]:
    """The workbook filled into another file; None with the reason for one that is only checked."""
    if is_other(path):
        return None, {"filled": NOT_FILLED.format(path.suffix.lower())}
    try:
        return fill_file(path, scheme, out=out), {}
    except FileRejected as fault:
        if fault.code != "E_SIGNED":
            raise
        return None, {"filled": SIGNED}


def _report(result: AssessedFile, folder: Path) -> bytes:
    """The report in Word of the only form; raises `FileRejected` where there are several."""
    if len(result.forms) > 1:
        raise FileRejected("E_KIND", f"工作簿里有 {len(result.forms)} 张自评表，没有写自评报告；请只留一张再试")
    from workbook_tools.reports.word.report import made_report

    return made_report(result.forms[0], folder / REPORT).data


def _forms(result: AssessedFile, filled: FilledFile | None, given: Sequence[Assessment]) -> Iterator[dict[str, Any]]:
    """Each form: what it is, its total and grade, and every computed value with its reason.

    `given` are the forms as they came, where something was filled in: of them the errors are counted, as the commands
    count them that read what was handed in.
    """
    first = 0
    for number, form in enumerate(result.forms):
        changes = filled.forms[number].changes if filled and number < len(filled.forms) else []
        total, grade, steps = form.scores.total, form.scores.grade, form.scheme.grades.steps
        most, own = most_points(form.scores, form.scheme), given[number] if number < len(given) else form
        yield {
            "name": form.name,
            "scheme": form.scheme.title,
            "about": list(about_scheme(form)),
            "unit": form.unit,
            "project": form.project,
            "scored": bool(form.scheme.groups),
            "total": "" if total is None else format_value(total),
            "grade": grade or "",
            **_self_stated(form, {change.field: change.before for change in changes if change.outcome == "written"}),
            "grades": list(dict.fromkeys([one for _, one in steps] + [form.scheme.grades.otherwise] * bool(steps))),
            "steps": _steps(form),
            "most": "" if most is None else plain(most),
            "summary": finding_summary(form),
            "errors": form.errors,
            "hints": form.hints,
            "unchecked": form.unchecked,
            "own_errors": own.errors,
            "own_blank": sum(place.code in OPEN_CODES and not place.waived for place in own.found),
            "written": sum(change.outcome == "written" for change in changes),
            "first": first,
            "count": len(form.found),
            "lines": list(_lines(form)),
        }
        first += len(form.found)


def _self_stated(form: Assessment, before: Mapping[str, str]) -> dict[str, str]:
    """The total and the grade of the unit itself, as its form said before it was filled; — where there are none.

    With `self_total` the computed one stands beside them where that is another.
    """
    scores, places = form.scores, form.scheme.places
    total, grade = before.get("total", form.total), before.get("grade", form.grade)
    scored, graded = "total" in scores.lines or total, form.scheme.grades.steps or grade
    return {
        "own_total": typed_figure(total) if scored else ABSENT,
        "own_grade": typed_figure(grade) if graded else ABSENT,
        "self_total": self_stated(total, scores.total, places) if scored else ABSENT,
        "self_grade": self_stated(grade, scores.grade, places) if graded else ABSENT,
    }


def _steps(form: Assessment) -> dict[str, Any] | None:
    """The table by which a score gives a grade, for whoever reviews the form; None where a veto gives it."""
    grades = form.scheme.grades
    if vetoed(form.form, form.scheme):
        return None
    steps = [[plain(limit), grade] for limit, grade in grades.steps]
    lost = form.scheme.deductions.veto_grade
    return {"direction": grades.direction, "steps": steps, "otherwise": grades.otherwise, "lost": lost}


def _lines(form: Assessment) -> Iterator[dict[str, str]]:
    sheet_of = form.placement.cells
    for field, line in form.scores.lines.items():
        if field in sheet_of:
            value = "" if line.value is None else format_value(line.value)
            label = form.placement.labels.get(field, "")
            yield {"label": label, "printed": form.form.words.get(field, ""), "value": value, "why": line.why}


def _unused(book: Any, result: AssessedFile) -> list[str]:
    """The sheets of which nothing was used: not those with the waivers or with how to fill in the form."""
    own = {f"“{name}”" for name in (WAIVERS, INSTRUCTIONS)}
    return [name for name in other_sheets(book, result.forms) if name not in own]


def _finding(place: LocatedFinding) -> dict[str, Any]:
    check = CHECKS.get(place.code)
    return {
        "level": place.level,
        "code": place.code,
        "title": check.title if check else "",
        "address": place.address,
        "label": place.label,
        "message": place.message,
        "cure": check.cure if check else "",
    }


def _tables(book: Any, result: AssessedFile, findings: list[LocatedFinding]) -> Iterator[Any]:
    """The sheets that hold a form or a finding, in the order of the tabs."""
    marks: dict[str, dict[tuple[int, int], list[int]]] = {form.sheet: {} for form in result.forms}
    for number, place in enumerate(findings, 1):
        sheet, _, cell = place.address.rpartition("!")
        if sheet:
            marks.setdefault(sheet, {}).setdefault(position(cell.encode()), []).append(number)
    for info in book.sheets:
        if info.name in marks:
            yield sheet_table(book.sheet(info), marks[info.name])


def command(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """What a command writes beside the files of a folder, and what it says; run as a person runs it."""
    given = folder / GIVEN
    before = _files_of(given)
    run = [sys.executable, "-P", "-m", "workbook_tools", *request["arguments"]]
    encoding = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(run, cwd=given, env=encoding, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    made = sorted(path for path, facts in _files_of(given).items() if facts != before.get(path))
    files = {path.relative_to(given).as_posix(): path.relative_to(folder).as_posix() for path in made}
    return {"said": done.stdout.decode(), "code": done.returncode, "files": files}


def _files_of(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """The files in a folder, each with what changes when it is written again."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path: (facts.st_ino, facts.st_mtime_ns, facts.st_size) for path, facts in found}


JOBS = {"check": check, "command": command}


def limit(seconds: int) -> None:
    """Sets the limits of this process; Windows has none of them, and there the parent only watches the clock."""
    if sys.platform != "win32":
        import resource

        for what, most in (
            (resource.RLIMIT_AS, MOST_MEMORY),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, MOST_WRITTEN),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(what, (most, most))


def main(folder: Path) -> None:
    """Writes `result.json`: what was found, or the one sentence that says why there is nothing."""
    request = json.loads((folder / "request.json").read_text("utf-8"))
    limit(MOST_SECONDS if request["job"] == "check" else MOST_SECONDS_OF_MANY)
    try:
        said = JOBS[request["job"]](folder, request)
    except WorkbookToolsError as fault:
        said = {"refused": str(fault)}
    except MemoryError:
        said = {"refused": TOO_MUCH}
    (folder / "result.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
