"""What was found, for people and for other programs: lines for a terminal, JSON, CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from workbook_tools.assess import AssessedFile
from workbook_tools.checks import CHECKS, ERROR, UNCHECKED
from workbook_tools.excel.tables import csv_text
from workbook_tools.findings import WAIVED
from workbook_tools.reports.sentences import about_scheme, side_by_side, where
from workbook_tools.terminal import columns
from workbook_tools.text import json_text, one_line, shown_path

if TYPE_CHECKING:
    from workbook_tools.reports.checked import AnyFile, AnyForm

COLUMNS = ("文件", "工作表", "级别", "代码", "单元格", "项目", "说明", "放行理由", "放行人")


def as_lines(checked: AssessedFile) -> Iterator[str]:
    """The findings of a workbook for a terminal."""
    for form in checked.forms:
        yield one_line(f"{shown_path(checked.path)}  {form.name}  {form.scheme.title}")
        for line in about_scheme(form):
            yield one_line(f"  {line}")
        for place in form.found:
            waived = f"（{place.waived.name}：{place.waived.reason}）" if place.waived else ""
            yield one_line(f"  {place.level} {place.finding.code}  {where(place, form)}{place.finding.message}{waived}")
        yield f"  {finding_summary(form)}"
        if beside := side_by_side(form):
            yield one_line(f"  {beside}")
        decided, undecided = (sum(both) for both in zip(form.figures, checked.in_report, strict=True))
        if decided or undecided:
            yield f"  文字中的数：核对 {decided} 处，未能判断 {undecided} 处"


def as_errors(checked: AssessedFile) -> Iterator[str]:
    """The errors of a workbook and what was not checked, for a terminal: a form without either in one line."""
    for form in checked.forms:
        yield one_line(f"{shown_path(checked.path)}  {form.name}  {finding_summary(form)}")
        for place in form.found:
            if place.level in (ERROR, UNCHECKED):
                yield one_line(f"  {place.level} {place.finding.code}  {where(place, form)}{place.finding.message}")


def as_statistics(files: Sequence[AnyFile], kind: str) -> str:
    """Findings without a waiver by check: their number and the number of forms, the most frequent first."""
    found = [
        (place.finding.code, number, place.level) for number, form in enumerate(_forms(files)) for place in form.found
    ]
    counted = [(code, number, level) for code, number, level in found if level != WAIVED]
    times = Counter(code for code, _, _ in counted)
    forms = Counter(code for code, _ in {(code, number) for code, number, _ in counted})
    levels = {code: level for code, _, level in counted}
    rows = [
        (code, levels[code], CHECKS[code].title, str(count), str(forms[code]))
        for code, count in sorted(times.items(), key=lambda one: (-one[1], one[0]))
    ]
    if kind == "json":
        names = ("code", "level", "title", "count", "forms")
        return json_text([dict(zip(names, row, strict=True)) for row in rows])
    headings = ("代码", "级别", "检查", "处数", "表数")
    if kind == "csv":
        return csv_text([headings, *rows])
    general = sum(bool(form.scheme.general and not form.scheme.unconfirmed) for form in _forms(files))
    drafted = sum(bool(form.scheme.unconfirmed) for form in _forms(files))
    lines = columns([headings, *rows]) if rows else ["没有查出错误" if general or drafted else "没有发现问题"]
    lines += [f"{general} 张表用的是通用办法，各行得分没有按办法核对"] if general else []
    lines += [f"{drafted} 张表的评分办法没有确认完，没有确认的没有核对"] if drafted else []
    return "\n".join(lines)


def _forms(files: Sequence[AnyFile]) -> Iterator[AnyForm]:
    return (form for file in files for form in file.forms)


def finding_summary(form: AnyForm) -> str:
    """One sentence on a form: errors, unchecked fields, hints; 没有错误 only if everything was checked."""
    waived = len(form.found) - form.errors - form.hints - form.unchecked
    clean = "没有查出错误" if form.unchecked or form.scheme.general else "没有错误"
    counts = [f"{form.errors} 处错误" if form.errors else clean]
    counts += [f"{'' if form.errors else '但有 '}{form.unchecked} 处未核对"] if form.unchecked else []
    unconfirmed = "评分办法没有确认完" if form.scheme.unconfirmed else "各行得分没有按办法核对"
    counts += [unconfirmed] if form.scheme.general else []
    counts += [f"{form.hints} 处提示"] if form.hints else []
    counts += [f"{waived} 处已放行"] if waived else []
    return "，".join(counts)


def as_json(files: Sequence[AnyFile]) -> str:
    """All findings as JSON."""
    return json_text([_record(file, form) for file in files for form in file.forms])


def _record(file: AnyFile, form: AnyForm) -> dict[str, Any]:
    return {
        "file": str(file.path),
        "sheet": form.sheet,
        "form": form.name,
        "scheme": form.scheme.name,
        "unit": form.unit,
        "project": form.project,
        "total": form.total,
        "grade": form.grade,
        "review": dict(form.review),
        "errors": form.errors,
        "hints": form.hints,
        "unchecked": form.unchecked,
        "figures": form.figures._asdict(),
        "findings": [
            {
                "code": place.finding.code,
                "level": place.finding.level,
                "cell": place.address,
                "field": place.finding.at,
                "label": place.label,
                "message": place.finding.message,
                "waived": place.waived._asdict() if place.waived else None,
            }
            for place in form.found
        ],
    }


def as_csv(files: Sequence[AnyFile]) -> str:
    """All findings as CSV."""
    rows: list[Sequence[str]] = [COLUMNS]
    for file in files:
        for form in file.forms:
            for place in form.found:
                waived = (place.waived.reason, place.waived.name) if place.waived else ("", "")
                row = (str(file.path), form.name, place.level, place.finding.code, place.address, place.label)
                rows.append((*row, place.finding.message, *waived))
    return csv_text(rows)


def worst(files: Sequence[AnyFile]) -> bool:
    """Whether any form has an error."""
    return any(place.level == ERROR for file in files for form in file.forms for place in form.found)


def complete(file: AnyFile) -> bool:
    """Whether everything in a workbook was checked."""
    return not any(form.unchecked or form.scheme.general for form in file.forms)
