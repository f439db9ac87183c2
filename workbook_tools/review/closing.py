"""What a review comes to: points, total and grade beside the unit's own, and the issues of every form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Addressed, Assessment
from workbook_tools.batch import run
from workbook_tools.batch.running import in_words
from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED, Finding
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.findings import LocatedFinding, Waiver, read_waivers
from workbook_tools.forms.form import Field, Scores
from workbook_tools.review.answers import Answer, ReviewSheet
from workbook_tools.review.issues import Issue, issue_of, listed_level, occurrences, project_of, row_name
from workbook_tools.review.points import NOTHING, Reviewed, is_changed, points_of, rounded
from workbook_tools.review.rows import FormToReview, Row, Veto, findings_of, read_one, remark, row_field, to_review
from workbook_tools.review.rules import REVIEWER, level_of_reviewer
from workbook_tools.review.whole import said_of_whole, settle
from workbook_tools.review.workbook import REMARK_OF_WHOLE, WHOLE, finding_key
from workbook_tools.values import UNCALCULATED, normalize, plain, read_points

MOST_REASONS = 3  # that the summary names


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedForm:
    """One form after its review.

    Attributes:
        path: its workbook.
        name: the form among those of the workbook.
        unit: the unit as the form says.
        project: the project, or the name of its file where the form says none.
        rows: how many rows have points.
        self_total: 总分 as printed; None where it is blank or no number.
        self_grade: 等级 as printed.
        open: whether the form has a total and the reviewed one is not settled.
        total: the total from the reviewed points by the form's own scheme; None while it is open.
        grade: the grade that follows; "" while it is open or the scheme has none.
        reason: what the difference comes from, or why the total is open.
        issues: what goes onto the list of issues.
        unlisted: what the reviewer said in rows that are not to be listed, each in a sentence.
        left_out: the findings that were not listed, each with the name of its row: they are not new when the form comes
            back.
        opinion: what the reviewer says of the whole form.
    """

    path: Path
    name: str
    unit: str
    project: str
    rows: int
    self_total: Decimal | None
    self_grade: str
    open: bool
    total: Decimal | None
    grade: str
    reason: str
    issues: tuple[Issue, ...]
    unlisted: tuple[str, ...]
    left_out: tuple[tuple[str, Field, int, str], ...]
    opinion: str

    @property
    def key(self) -> tuple[str, str]:
        """What the form is known by in the list of issues: its unit and its project, as half-width text."""
        return normalize(self.unit), normalize(self.project)

    @property
    def words(self) -> tuple[str, str, str, str, str, str, str]:
        """The form in one line: unit, project, both totals, the difference, both grades."""
        own, reviewed, difference = (
            "" if one is None else plain(one) for one in (self.self_total, self.total, self.difference)
        )
        return self.unit, self.project, own, reviewed, difference, self.self_grade, self.grade

    @property
    def difference(self) -> Decimal | None:
        """The reviewed total less the unit's own."""
        return None if self.total is None or self.self_total is None else self.total - self.self_total


def without_doubles(forms: Sequence[ReviewedForm]) -> tuple[list[ReviewedForm], list[str]]:
    """The forms without those of one unit and project that came several times, and a sentence for each of these."""
    by_key: dict[tuple[str, str], list[ReviewedForm]] = {}
    for form in forms:
        by_key.setdefault(form.key, []).append(form)
    doubles = [found for found in by_key.values() if len(found) > 1]
    said = [
        f"“{found[0].unit or '（没有写单位）'}”的“{found[0].project}”有 {len(found)} 张复核表"
        f"（{'、'.join(form.path.name for form in found)}），不知道按哪一张；请删去不用的，再运行一次"
        for found in doubles
    ]
    return [form for form in forms if len(by_key[form.key]) == 1], said


class Refused(NamedTuple):
    """One sheet of a review of which nothing is written, and why."""

    sheet: str
    problems: Sequence[str]


def close_sheets(
    books: Iterable[tuple[Path, Sequence[ReviewSheet]]], *, jobs: int | None = None
) -> list[ReviewedForm | Refused]:
    """What each sheet of reviews comes to, in their order; every form is read again, on so many worker processes."""
    sheets = [(path.parent, sheet) for path, given in books for sheet in given]
    of_file: dict[Path, list[int]] = {}
    for number, (folder, sheet) in enumerate(sheets):
        of_file.setdefault(folder / sheet.file, []).append(number)
    reviewed = {path: [sheets[number] for number in numbers] for path, numbers in of_file.items()}
    closed: dict[int, ReviewedForm | Refused] = {}
    for path, done, why in run(reviewed, partial(closed_file, reviewed), jobs=jobs):
        found = done or [_refused(sheet, f"{sheet.file}：{why}") for _, sheet in reviewed[path]]
        closed.update(zip(of_file[path], found, strict=True))
    return [closed[number] for number in range(len(sheets))]


def closed_file(
    reviewed: Mapping[Path, Sequence[tuple[Path, ReviewSheet]]], path: Path
) -> list[ReviewedForm | Refused]:
    """What the sheets about one workbook come to, each with the folder of its review, in whatever process."""
    read: dict[tuple[str, str], tuple[str, Sequence[Addressed]]] = {}  # by scheme and list of waivers
    closed: list[ReviewedForm | Refused] = []
    for folder, sheet in reviewed[path]:
        try:
            if (sheet.scheme, sheet.waive) not in read:
                read[sheet.scheme, sheet.waive] = _read(sheet, folder)
            form = _form(sheet, *read[sheet.scheme, sheet.waive])
        except WorkbookToolsError as fault:
            closed.append(_refused(sheet, str(fault)))
            continue
        if form is None:
            closed.append(Refused(sheet.name, sheet.problems or [f"{sheet.name}：{_CHANGED}"]))
        else:
            closed.append(_closed(sheet, *form, path))
    return closed


_CHANGED = "自评表在生成复核表以后改过，没有采用；请放回原来的文件，或者重新生成复核表"


def _refused(sheet: ReviewSheet, why: str) -> Refused:
    return Refused(sheet.name, [*sheet.problems, f"{sheet.name}：{why}"])


def _read(sheet: ReviewSheet, folder: Path) -> tuple[str, Sequence[Addressed]]:
    waivers: list[Waiver] = read_waivers(folder / sheet.waive) if sheet.waive else []
    try:
        return read_one(folder / sheet.file, sheet.scheme or None, waivers)
    except Exception as fault:
        raise WorkbookToolsError(f"{sheet.file}：{in_words(fault)}") from None


def _form(sheet: ReviewSheet, digest: str, forms: Iterable[Addressed]) -> Addressed | None:
    """The form of a sheet, None where its file is no longer the one that was reviewed."""
    return next((one for one in forms if one.form.name == sheet.form), None) if digest == sheet.digest else None


def _closed(sheet: ReviewSheet, read: Assessment, addresses: Mapping[Field, str], path: Path) -> ReviewedForm | Refused:
    form, problems = to_review(read, addresses), [*sheet.problems]
    sheet = rounded(sheet, read.scheme.places)
    rows, places = form.rows, findings_of(form)
    others = [(place, number) for place, number in occurrences(places) if not row_field(place.field, form)]
    marks = [(row.field, row.title) for row in (*rows, form.veto) if row]
    marks += [(finding_key(place, number), place.label or CHECKS[place.code].title) for place, number in others]
    problems += [
        f"{sheet.name}：少了“{name}”一行；请恢复这一行，或者重新生成复核表"
        for mark, name in marks
        if mark not in sheet.answers
    ]
    problems += _typed_elsewhere(sheet, form, places)
    reviewed, whole = points_of(sheet, form, read), sheet.answers.get(WHOLE, NOTHING)
    by_rows = any(sheet.answers.get(row.field, NOTHING).points for row in rows)
    settled = settle(whole, read, reviewed.points, by_rows=by_rows, vetoed=reviewed.vetoed)
    problems += [*reviewed.problems, *settled.problems]
    if problems:
        return Refused(sheet.name, problems)
    issues = tuple(_issues(sheet, form, path, places, reviewed))
    self_total = read_points(form.total) if form.total != UNCALCULATED else None
    reasons = (_reason(sheet, form, reviewed, settled.scores) or settled.reason, _wrong_total(form, read, self_total))
    listed = {(issue.code, issue.field, issue.occurrence) for issue in issues}
    waived = (place for place in form.found if place.waived)  # not new either, when the form comes back
    found = [(place.code, place.field, number) for one in (places, waived) for place, number in occurrences(one)]
    return ReviewedForm(
        path=path,
        name=form.name,
        unit=form.unit,
        project=project_of(form, path),
        rows=len(rows),
        self_total=self_total,
        self_grade=form.grade if form.grade != UNCALCULATED else "",
        open=settled.scores.total is None and "total" in settled.scores.lines,
        total=settled.scores.total,
        grade=settled.grade,
        reason="；".join(filter(None, reasons)),
        issues=issues,
        unlisted=tuple(_unlisted(sheet, form, reviewed)),
        left_out=tuple((*one, row_name(form, one[1])) for one in found if one not in listed),
        opinion=whole.opinion,
    )


def _typed_elsewhere(sheet: ReviewSheet, form: FormToReview, places: Sequence[LocatedFinding]) -> Iterator[str]:
    """What the reviewer typed where it is not read: over the unit's points, or beside what the checks wrote."""
    remarks: dict[str, list[str]] = {WHOLE: [REMARK_OF_WHOLE]} if form.rows else {}
    for place, number in occurrences(places):
        mark = row_field(place.field, form) or finding_key(place, number)
        remarks.setdefault(mark, []).append(remark(place, form))
    printed = {row.field: row.printed if row.score is None else plain(row.score) for row in form.rows}
    for mark, said in sheet.answers.items():
        own, drawn = printed.get(mark), normalize("".join(remarks.get(mark, ())))
        if own is not None and said.own and read_points(said.own) != read_points(own):
            was = f"自评是 {own}" if own else "自评没有填"
            typed = f"{sheet.name} {said.row}的“自评得分”改成了“{said.own}”（{was}）"
            yield f"{typed}；复核得分请填在黄色格，自评得分请改回来"
        words = normalize(said.remark)
        longer = words.startswith(drawn) or words.endswith(drawn) or mark == WHOLE
        longer |= not words.startswith((ERROR, HINT, UNCHECKED))  # as remarks begin, also those of another version
        if words and words != drawn and longer:
            yield f"{sheet.name} {said.row}的“备注”写了字；意见请写在“复核意见”，备注请改回来"


def _reason(sheet: ReviewSheet, form: FormToReview, reviewed: Reviewed, scores: Scores) -> str:
    """一票否决, then the largest differences, each with the reviewer's opinion; after them why the total is open."""
    first, lost = [], []
    if form.veto and reviewed.vetoed is not None:
        happened = "" if reviewed.vetoed else f"：{form.veto.never}"
        first = [f"{form.veto.name}{happened}（{sheet.answers[form.veto.field].opinion}）"]
    for row in form.rows:
        said, points = sheet.answers.get(row.field, NOTHING), reviewed.points[row.field]
        if is_changed(row, reviewed, said) and points is not None:
            change = points - (row.score or Decimal(0))
            verb = f"扣 {plain(-change)} 分" if change < 0 else f"加 {plain(change)} 分"
            if row.score is None:
                verb = f"自评没有填，复核 {plain(points)} 分"
            lost.append((change, f"{row.title}{verb}{f'（{said.opinion}）' if said.opinion else ''}"))
    named = [words for _, words in sorted(lost, key=lambda one: one[0])]
    more = [f"另有 {len(named) - MOST_REASONS} 处"] if len(named) > MOST_REASONS else []
    unsettled = [row.title for row in form.rows if reviewed.points[row.field] is None]
    if scores.total is None and unsettled:
        names = "、".join(unsettled[:MOST_REASONS])
        several = f"等 {len(unsettled)} 行" if len(unsettled) > MOST_REASONS else ""
        more.append(f"复核总分没有定下来：{names}{several}的自评得分不能采用，请填复核得分")
    elif scores.total is None:
        why = "；".join(_why_open("total", scores)) if "total" in scores.lines else "这种表没有总分"
        more.append(f"复核总分没有定下来：{why}")
    return "；".join([*first, *named[:MOST_REASONS], *more])


def _wrong_total(form: FormToReview, read: Assessment, printed: Decimal | None) -> str:
    """That the total is not what the unit's own points come to, which is part of the difference; else ""."""
    own = {row.field: row.score if row.usable else None for row in form.rows}
    total = settle(NOTHING, read, own, by_rows=False).scores.total
    if printed is None or total is None or total == printed:
        return ""
    return f"自评总分填 {plain(printed)}，各行自评得分算出来是 {plain(total)}"


def _why_open(field: Field, scores: Scores) -> list[str]:
    """Why a line is open: the sentences of the lines that it waits for, and that wait for none themselves."""
    waits = [one for one in scores.lines[field].depends_on if one in scores.lines and scores.lines[one].value is None]
    return [*dict.fromkeys(why for one in waits for why in _why_open(one, scores))] or [scores.lines[field].why]


def _issues(
    sheet: ReviewSheet,
    form: FormToReview,
    path: Path,
    places: Sequence[LocatedFinding],
    reviewed: Reviewed,
) -> Iterator[Issue]:
    """The findings that are listed, and what the reviewer changed or said where no finding says the same."""
    by_field = {row.field: row for row in form.rows}
    told: set[Field] = set()
    for place, number in occurrences(places):
        field = row_field(place.field, form)
        said = sheet.answers.get(field or finding_key(place, number), NOTHING)
        level = listed_level(place, places)
        alone = not field and bool(said.opinion) and not said.action  # what is said of it is to be listed with it
        if not said.lists(place.code, usually=bool(level)) and not alone:
            continue
        issue = issue_of(form, path, place, number, level or level_of_reviewer(changed=False))
        row = by_field.get(field)
        if row and place.field == f"{row.field}.score" and is_changed(row, reviewed, said):
            if reviewed.points[row.field] != row.computed:
                continue  # the reviewer's own points are asked for, not those by the scheme
            if field not in told:
                told.add(field)
                issue = issue.with_fact(f"{issue.fact}；{_said(row, said)}")
        elif not field and said.opinion:
            issue = issue.with_fact(f"{issue.fact}；复核意见：{said.opinion}")
        yield issue
    for row in form.rows:
        said = sheet.answers.get(row.field, NOTHING)
        changed = is_changed(row, reviewed, said)
        if row.field not in told and (changed or said.opinion) and not said.left_out:
            yield _of_reviewer(sheet, form, path, row, said, changed=changed)
    said = sheet.answers.get(form.veto.field, NOTHING) if form.veto else NOTHING
    if form.veto and (reviewed.vetoed is not None or said.opinion) and not said.left_out:
        yield _of_veto(sheet, form, path, form.veto, said, reviewed.vetoed)
    whole = sheet.answers.get(WHOLE, NOTHING)
    changed = bool(whole.points) and whole.number != read_points(form.total)
    changed |= bool(whole.actual) and whole.actual != form.grade
    if (whole.opinion or changed) and not whole.left_out:
        yield _of_reviewer(sheet, form, path, None, whole, changed=changed)


def _unlisted(sheet: ReviewSheet, form: FormToReview, reviewed: Reviewed) -> Iterator[str]:
    """What the reviewer changed or said in rows that are not to be listed."""
    named = {row.field: row for row in form.rows}
    for mark, said in sheet.answers.items():
        row = named.get(mark)
        told = [f"复核得分 {said.points}"] if row and is_changed(row, reviewed, said) else []
        told += [f"复核意见“{said.opinion}”"] if said.opinion else []
        if said.left_out and told:
            where = f"“{row.title}”" if row else f"“{form.veto.name}”" if form.veto and mark == form.veto.field else ""
            yield f"{sheet.name} {said.row}{where}：{'，'.join(told)}"


def _of_veto(
    sheet: ReviewSheet, form: FormToReview, path: Path, veto: Veto, said: Answer, vetoed: bool | None
) -> Issue:
    """The issue that the reviewer finds otherwise about 一票否决 than the unit, or says something about it."""
    changed = [f"自评{f'“{veto.said}”' if veto.said else '没有填'}，复核“{said.actual}”"] if vetoed is not None else []
    fact = "；".join([*changed, *([f"复核意见：{said.opinion}"] if said.opinion else [])])
    finding = Finding(REVIEWER, veto.said_at, fact, HINT)
    place = LocatedFinding(finding, form.address(veto.said_at), veto.name)
    issue = issue_of(form, path, place, 1, level_of_reviewer(changed=vetoed is not None))
    issue = replace(issue, basis=f"{form.scheme.title}：“{veto.quote}”；复核表“{sheet.name}”")
    return replace(issue, title=veto.name, wanted=said.actual) if vetoed is not None else issue


def _said(row: Row, said: Answer) -> str:
    """What the reviewer says of a row, in one sentence."""
    points = [f"自评 {row.printed or '没有填'}，复核 {said.points}"] if said.points else []
    other = said.actual and said.actual != row.actual
    actual = [f"自评完成值 {row.actual or '没有填'}，复核完成值 {said.actual}"] if other else []
    return "；".join([*actual, *points, *([f"复核意见：{said.opinion}"] if said.opinion else [])])


def _of_reviewer(
    sheet: ReviewSheet, form: FormToReview, path: Path, row: Row | None, said: Answer, *, changed: bool
) -> Issue:
    """The issue that is the reviewer's own; known by the row that it is about."""
    field = f"{row.field}.score" if row else ""
    finding = Finding(REVIEWER, field, _said(row, said) if row else said_of_whole(form, said), HINT)
    label = "" if row is None else row.title if row.label is None else row.label
    place = LocatedFinding(finding, form.address(field), label)
    issue = issue_of(form, path, place, 1, level_of_reviewer(changed=changed))
    issue = replace(issue, basis=f"复核表“{sheet.name}”")
    if not changed:
        return issue
    if row is None:
        return replace(issue, title="复核的总分、等级和自评不同")  # which of the two is a person's to look at
    return replace(issue, title="复核得分和自评得分不同", wanted=said.points)
