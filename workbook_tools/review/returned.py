"""Forms that come back: each issue becomes 已整改, 未整改 or 部分整改, with what its cell said and says now.

What cannot be decided is left to a person (待核对). New findings become issues with new numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from workbook_tools.checks import ERROR
from workbook_tools.findings import LocatedFinding
from workbook_tools.forms.form import Field
from workbook_tools.review.issue_book import IssueBook, Listed
from workbook_tools.review.issues import (
    DROPPED,
    MENDED,
    NOT_MENDED,
    NOT_RETURNED,
    PARTLY,
    TO_CHECK,
    Identity,
    Issue,
    Status,
    brief,
    digest,
    issue_of,
    listed_level,
    occurrences,
    project_of,
    row_name,
    words_of,
)
from workbook_tools.review.rows import FormFile, FormToReview, findings_of
from workbook_tools.review.rules import REVIEWER
from workbook_tools.values import normalize, read_points

DECIDED = (MENDED, NOT_MENDED, PARTLY)
MOST_NAMED = 3  # files or forms in a sentence
FormKey = tuple[str, str]  # unit and project as half-width text


class Returned(NamedTuple):
    """One form that came back, with its workbook."""

    path: Path
    form: FormToReview


class Verdict(NamedTuple):
    """What has become of one issue, and the sentence that says what its cell said and says now."""

    status: Status
    found: str


def check_again(
    book: IssueBook, files: Iterable[FormFile], passed: Sequence[Path] = ()
) -> tuple[list[Listed], list[tuple[Path, str]]]:
    """Sets what has become of every issue of the list; gives the new issues, and the files that were not read.

    Forms come back one by one: what was found of a form that came back before stays when it is not among the files.
    `passed` are files beside them that are no workbooks: one named like a unit or its form may be what it returned.
    """
    forms: dict[FormKey, list[Returned]] = {}
    refused: list[tuple[Path, str]] = []
    for file in files:
        if file.fault:
            refused.append((file.path, file.fault))
        for form in file.forms:
            key = normalize(form.unit), normalize(project_of(form, file.path))
            forms.setdefault(key, []).append(
                Returned(file.path, replace(form, rows=()))
            )  # of which nothing is asked here
    listed = {line.identity[:2] for line in book.lines if line.identity}
    came_back = {line.identity[:2] for line in book.lines if line.identity and line.status in DECIDED}
    for line in book.lines:
        if line.identity is not None and line.status != DROPPED:
            found = _returned(line, line.identity, forms, listed)
            if not found and line.identity[:2] in came_back:
                continue
            unlisted = [one for key, ones in forms.items() if key not in listed for one in ones] if not found else []
            unread = [*(path for path, _ in refused), *_of_unit(passed, line, line.identity)]
            verdict = _verdict(line, line.identity, found, unlisted, unread, book.lines)
            book.set_status(line, verdict.status, verdict.found)
    left_out = book.left_out
    other_scheme = {
        line.identity[:2]
        for line in book.lines
        for one in forms.get(line.identity[:2] if line.identity else ("", ""), [])
        if line.identity and one.form.scheme.name != line.known.get("scheme")
    }
    new: list[Issue] = []
    for key, found in forms.items():
        if len(found) == 1 and key in left_out and key not in other_scheme:
            new += _new_issues(found[0], key, book.lines, left_out[key])
    return book.merge(new, ()), refused


def _returned(
    line: Listed, identity: Identity, forms: Mapping[FormKey, list[Returned]], listed: Collection[tuple[str, ...]]
) -> list[Returned]:
    """The forms of a unit and project; where there is none, the one in a file of the same name that is no other's.

    A unit or a project that was blank, or written wrong, is mended by writing it.
    """
    if found := forms.get((identity.unit, identity.project)):
        return found
    others = (one for key, found in forms.items() if key not in listed for one in found)
    return [one for one in others if one.path.name == line.known.get("file")]


def _of_unit(passed: Iterable[Path], line: Listed, identity: Identity) -> list[Path]:
    """The files that are no workbooks and whose name has the unit's, or is that of its form."""
    stem = Path(line.known.get("file", "")).stem
    return [path for path in passed if path.stem == stem or (identity.unit and identity.unit in normalize(path.stem))]


def _new_issues(
    one: Returned, key: FormKey, lines: Sequence[Listed], left_out: Iterable[tuple[str, Field, int, str]]
) -> Iterator[Issue]:
    """The findings that are neither issues already, nor left out by the reviewer, nor about points that he gave."""
    known = {(code, _field_now(one.form, field, row), number) for code, field, number, row in left_out}
    settled: set[Field | None] = set()
    for line in lines:
        if line.identity is not None and line.identity[:2] == key:
            field = _field_now(one.form, line.identity.field, line.known.get("row", ""))
            at = line.identity.field if field is None else field  # a row that is gone may be there under another name
            known.add((line.identity.code, at, line.identity.occurrence))
            settled |= {field} if line.known.get("wanted") else set()
    places = findings_of(one.form)
    for place, number in occurrences(places):
        level = listed_level(place, places)
        if level and (place.code, place.field, number) not in known and place.field not in settled:
            yield issue_of(one.form, one.path, place, number, level)


def _verdict(
    line: Listed,
    identity: Identity,
    found: Sequence[Returned],
    unlisted: Sequence[Returned],
    unread: Sequence[Path],
    lines: Sequence[Listed],
) -> Verdict:
    if not found and (renamed := _perhaps_renamed(line, identity, unlisted)):
        return Verdict(TO_CHECK, renamed)
    if not found:
        named = [path.name for path in unread]
        said = (
            f"没有收到这个项目的表；另有 {len(named)} 个文件没有读（{'、'.join(named[:MOST_NAMED])}）" if named else ""
        )
        return Verdict(TO_CHECK if named else NOT_RETURNED, said or "没有收到这个项目的表")
    if len(found) > 1:
        names = "、".join(one.path.name for one in found)
        return Verdict(TO_CHECK, f"收到 {len(found)} 份同一个项目的表（{names}），不知道按哪一份")
    form = found[0].form
    if form.scheme.name != line.known.get("scheme"):
        said = f"复核时用的办法是 {line.known.get('scheme')}，这次认成了 {form.scheme.name}；请加 --scheme 再核对一次"
        return Verdict(TO_CHECK, said)
    field = _field_now(form, identity.field, line.known.get("row", ""))
    if field is None:
        return Verdict(TO_CHECK, f"返回的表上找不到“{line.known.get('row', '')}”这一行了，请核对")
    if identity.code == REVIEWER:
        return _of_reviewer(line, form, field)
    left = [place for place in form.found if (place.code, place.field) == (identity.code, field)]
    if waived := next((place.waived for place in left if place.waived), None):
        return Verdict(TO_CHECK, f"单位在表里写了放行：{waived.reason}（{waived.name}）；请核对")
    cells, changed = _compared(line, form, field)
    others = [one.identity for one in lines if one.identity and one.identity[:2] == identity[:2]]
    before = sum((one.code, one.field) == (identity.code, identity.field) for one in others)
    if left and len(left) < before:
        return Verdict(PARTLY, f"{_and(cells)}同样的问题原有 {before} 个，还有 {len(left)} 个：{left[0].message}")
    if left and changed:
        return Verdict(PARTLY, f"{_and(cells)}改过，还是不对：{left[0].message}")
    if left:
        return Verdict(NOT_MENDED, f"{_cell(form, field)}没有改：{left[0].message}")
    if other := _other_error(form, field, {one.code for one in others if one.field == identity.field}):
        return Verdict(PARTLY, f"{_and(cells)}原来的问题没有了，这一格现在是：{other.message}")
    return Verdict(MENDED, cells if changed else f"{_and(cells)}查不出这个问题了")


def _of_reviewer(line: Listed, form: FormToReview, field: Field) -> Verdict:
    """What has become of an issue that only the reviewer can decide, unless the form now has the reviewer's points."""
    cells, changed = _compared(line, form, field)
    wanted, now = line.known.get("wanted", ""), words_of(form, field)
    points = read_points(wanted)
    if points is not None and points == read_points(now):
        return Verdict(MENDED, f"{cells}，和复核得分一样")
    if wanted and points is None and normalize(wanted) == normalize(now):
        return Verdict(MENDED, f"{cells}，和复核一样")
    if changed:
        return Verdict(TO_CHECK, f"{cells}；请复核人核对")
    return Verdict(NOT_MENDED, f"{_cell(form, field)}没有改") if cells else Verdict(TO_CHECK, "请复核人核对")


def _perhaps_renamed(line: Listed, identity: Identity, unlisted: Sequence[Returned]) -> str:
    """What to do where a unit has returned no form of a project, but one of a project that is not on the list."""
    named = [
        f"“{one.form.project or '（没有写项目）'}”（{one.path.name}）"
        for one in unlisted
        if identity.unit and normalize(one.form.unit) == identity.unit
    ]
    if not named:
        return ""
    return (
        f"没有收到这个项目的表；这个单位另有{'、'.join(named[:MOST_NAMED])}，是这个项目改了名称的，"
        f"请把文件名改成 {line.known.get('file', '')} 再核对一次"
    )


def _compared(line: Listed, form: FormToReview, field: Field) -> tuple[str, bool]:
    """What the cell said and says now, "" for an issue without a cell; and whether that is different."""
    now = words_of(form, field)
    cells = f"{_cell(form, field)}原 {line.known.get('text', '')}，现 {brief(now)}" if field else ""
    return cells, digest(now) != line.known.get("before")


def _and(cells: str) -> str:
    return f"{cells}；" if cells else ""


def _cell(form: FormToReview, field: Field) -> str:
    return f"{cell} " if (cell := form.cells.get(field)) else ""


def _other_error(form: FormToReview, field: Field, listed: Collection[str]) -> LocatedFinding | None:
    """An error in the same field that is no issue of its own: a fault exchanged for another is not mended."""
    errors = (place for place in form.found if field and place.field == field and place.level == ERROR)
    return next((place for place in errors if place.code not in listed), None)


def _field_now(form: FormToReview, field: Field, row: str) -> Field | None:
    """The field of an issue in the form that came back, by the name of its row; None where that row is gone.

    Where the name itself was to be changed, the row stays where it was.
    """
    if not row or normalize(row_name(form, field)) == normalize(row):
        return field
    part, _, rest = field.split(".", 2)
    named = [number for number, name in enumerate(form.names, 1) if normalize(name) == normalize(row)]
    if len(named) == 1:
        return f"{part}.{named[0]}.{rest}"
    return field if rest == "name" and not named else None


def status_counts(lines: Iterable[Listed]) -> Mapping[str, int]:
    """How many lines have each status."""
    counted: dict[str, int] = {}
    for line in lines:
        counted[line.status] = counted.get(line.status, 0) + 1
    return counted
