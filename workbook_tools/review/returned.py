"""Forms that come back: each issue becomes 已整改, 未整改 or 部分整改, with what its cell said and says now.

What cannot be decided is left to a person (待核对). New findings become issues with new numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.checks import ERROR
from workbook_tools.excel import column_letters
from workbook_tools.findings import LocatedFinding
from workbook_tools.forms.form import Field
from workbook_tools.review.issue_book import IssueBook, Listed
from workbook_tools.review.issues import (
    CLOSED,
    MENDED,
    NOT_MENDED,
    NOT_RETURNED,
    PARTLY,
    TO_CHECK,
    Issue,
    Status,
    brief,
    digest,
    issue_of,
    occurrences,
    project_of,
    row_name,
    words_of,
)
from workbook_tools.review.rows import FormFile
from workbook_tools.review.rules import REVIEWER, level_of
from workbook_tools.values import normalize, read_points

FormKey = tuple[str, str]  # unit and project as half-width text


class Returned(NamedTuple):
    """One form that came back, with its workbook."""

    path: Path
    form: Assessment


class Verdict(NamedTuple):
    """What has become of one issue, and the sentence that says what its cell said and says now."""

    status: Status
    found: str


def check_again(book: IssueBook, files: Iterable[FormFile]) -> tuple[list[Listed], list[tuple[Path, str]]]:
    """Sets what has become of every issue of the list; gives the new issues, and the files that were not read."""
    forms: dict[FormKey, list[Returned]] = {}
    refused: list[tuple[Path, str]] = []
    for file in files:
        if file.fault:
            refused.append((file.path, file.fault))
        for form in file.forms:
            key = normalize(form.unit), normalize(project_of(form, file.path))
            forms.setdefault(key, []).append(Returned(file.path, form))
    for line in book.lines:
        if line.identity is None or line.status in CLOSED:
            continue
        verdict = _verdict(line, forms.get((line.identity.unit, line.identity.project), []), refused, book.lines)
        book.set_status(line, verdict.status, verdict.found)
    known = {line.identity for line in book.lines}
    left_out = book.left_out
    new: list[Issue] = []
    for key, found in forms.items():
        if len(found) == 1 and key in left_out:
            settled = _settled(book.lines, key)
            new += [
                issue
                for issue in _issues(found[0])
                if issue.identity not in known
                and (issue.code, issue.field, issue.occurrence) not in left_out[key]
                and not (issue.field in settled and settled[issue.field] == read_points(issue.before))
            ]
    return book.merge(new, ()), refused


def _settled(lines: Sequence[Listed], form: FormKey) -> dict[Field, Decimal]:
    """The points that the reviewer gave to fields of a form: where they stand now, nothing else is asked for."""
    reviewed = (line for line in lines if line.identity and line.identity[:2] == form)
    said = ((line.identity.field, read_points(line.known.get("wanted", ""))) for line in reviewed if line.identity)
    return {field: points for field, points in said if points is not None}


def _issues(one: Returned) -> Iterable[Issue]:
    for place, number in occurrences(place for place in one.form.found if not place.waived):
        if level := level_of(place.code, place.finding.level, place.field):
            yield issue_of(one.form, one.path, place, number, level)


def _verdict(
    line: Listed, found: Sequence[Returned], refused: Sequence[tuple[Path, str]], lines: Sequence[Listed]
) -> Verdict:
    if not found:
        named = [path.name for path, _ in refused]
        said = f"没有收到这个项目的表；另有 {len(named)} 个文件没有读（{'、'.join(named[:3])}）" if named else ""
        return Verdict(TO_CHECK if named else NOT_RETURNED, said or "没有收到这个项目的表")
    if len(found) > 1:
        names = "、".join(one.path.name for one in found)
        return Verdict(TO_CHECK, f"收到 {len(found)} 份同一个项目的表（{names}），不知道按哪一份")
    form, identity = found[0].form, line.identity
    if identity is None:
        return Verdict(TO_CHECK, "")
    field = _field_now(form, identity.field, line.known.get("row", ""))
    if field is None:
        return Verdict(TO_CHECK, f"返回的表上找不到“{line.known.get('row', '')}”这一行了，请核对")
    now = words_of(form, field)
    changed = digest(now) != line.known.get("before")
    cells = f"{_cell(form, field)}原 {line.known.get('text', '')}，现 {brief(now)}" if field else ""
    if identity.code == REVIEWER:
        wanted, points = read_points(line.known.get("wanted", "")), read_points(now)
        if wanted is not None and points == wanted:
            return Verdict(MENDED, f"{cells}，和复核得分一样")
        if not changed:
            return Verdict(NOT_MENDED, f"{_cell(form, field)}没有改") if cells else Verdict(TO_CHECK, "请复核人核对")
        return Verdict(TO_CHECK, f"{cells}；请复核人核对")
    left = [place for place in form.found if (place.code, place.field) == (identity.code, field)]
    if waived := next((place.waived for place in left if place.waived), None):
        return Verdict(TO_CHECK, f"单位在表里写了放行：{waived.reason}（{waived.name}）；请核对")
    before = sum(
        other.identity is not None and other.identity._replace(occurrence=0) == identity._replace(occurrence=0)
        for other in lines
    )
    if left:
        if len(left) < before:
            return Verdict(PARTLY, f"{_and(cells)}同样的问题原有 {before} 个，还有 {len(left)} 个：{left[0].message}")
        if changed:
            return Verdict(PARTLY, f"{_and(cells)}改过，还是不对：{left[0].message}")
        return Verdict(NOT_MENDED, f"{_cell(form, field)}没有改：{left[0].message}")
    listed = {
        one.identity.code
        for one in lines
        if one.identity and one.identity[:2] == identity[:2] and one.identity.field == identity.field
    }
    if other := _other_error(form, field, listed):
        return Verdict(PARTLY, f"{_and(cells)}原来的问题没有了，这一格现在是：{other.message}")
    return Verdict(MENDED, cells if changed else f"{_and(cells)}查不出这个问题了")


def _and(cells: str) -> str:
    return f"{cells}；" if cells else ""


def _cell(form: Assessment, field: Field) -> str:
    cell = form.placement.cells.get(field)
    return f"{column_letters(cell[1])}{cell[0]} " if cell else ""


def _other_error(form: Assessment, field: Field, listed: Collection[str]) -> LocatedFinding | None:
    """An error in the same field that is no issue of its own: a fault exchanged for another is not mended."""
    errors = (place for place in form.found if field and place.field == field and place.level == ERROR)
    return next((place for place in errors if place.code not in listed), None)


def _field_now(form: Assessment, field: Field, row: str) -> Field | None:
    """The field of an issue in the form that came back, by the name of its row; None where that row is gone."""
    if not row or normalize(row_name(form, field) if _has(form, field) else "") == normalize(row):
        return field
    named = [n for n, one in enumerate(form.form.indicators, 1) if normalize(one.name) == normalize(row)]
    return f"indicators.{named[0]}.{field.split('.', 2)[2]}" if len(named) == 1 else None


def _has(form: Assessment, field: Field) -> bool:
    return int(field.split(".")[1]) <= len(form.form.indicators)


def status_counts(lines: Iterable[Listed]) -> Mapping[str, int]:
    """How many lines have each status."""
    counted: dict[str, int] = {}
    for line in lines:
        counted[line.status] = counted.get(line.status, 0) + 1
    return counted
