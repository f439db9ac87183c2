"""问题清单.xlsx: the list of issues with numbers that live, and the 复核汇总 beside it.

A hidden column holds what each line is known by, so that lines can be sorted and columns inserted. The file is changed
in place: what a person typed stays, and a status that is no longer the one written here is a person's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_file, save
from workbook_tools.excel.loading import MOST_CELLS, loaded, put_text, written
from workbook_tools.review.closing import ReviewedForm
from workbook_tools.review.issues import CLOSED, DROPPED, MENDED, OPEN, STATUSES, Identity, Issue, Status, renewed
from workbook_tools.review.rows import ISSUES, SUMMARY
from workbook_tools.review.sheets import BOLD, LEVELS, TITLE, Shown, choices, fit, heading, page, put, widths
from workbook_tools.text import from_excel
from workbook_tools.values import normalize, round_half_up

MARK = "workbook_tools 问题清单 1"
HEAD = 4  # the row of the names of the columns of a new list
COLUMNS = {
    "标记": 0,
    "编号": 6,
    "等级": 6,
    "维度": 11,
    "单位": 18,
    "对象": 20,
    "位置": 20,
    "发现": 22,
    "事实及判定": 46,
    "建议": 28,
    "依据": 24,
    "状态": 10,
    "复查情况": 34,
    "备注": 20,
}
SUMMARY_COLUMNS = {
    "标记": 0,
    "单位": 24,
    "项目": 30,
    "自评得分": 10,
    "复核得分": 10,
    "偏差": 9,
    "主要原因": 60,
    "自评等级": 10,
    "复核等级": 10,
    "文件": 30,
}
RETURNED = "returned"  # in the hidden column: found in a form that came back
CENTRED = ("编号", "等级", "状态", "自评得分", "复核得分", "偏差", "自评等级", "复核等级")
_FOREIGN = "不是 review close 写的问题清单，或者最前面隐藏的一列被删掉了；请用原来的清单"


class Listed(NamedTuple):
    """One line of the list as it stands there; `identity` is None for a line that a person added."""

    row: int
    words: Mapping[str, str]
    identity: Identity | None
    known: Mapping[str, str]

    @property
    def status(self) -> str:
        """The status, a person's or ours."""
        return self.words["状态"]

    @property
    def typed(self) -> bool:
        """Whether a person has set the status."""
        return self.identity is None or self.status != self.known.get("state", "")

    @property
    def sentence(self) -> str:
        """The issue in one line, for a letter."""
        words = self.words
        where = " ".join(filter(None, (words["对象"], words["位置"])))
        return f"{words['编号']}. {where}：{words['事实及判定'] or words['发现']}"

    @property
    def open(self) -> bool:
        """Whether the issue is still to be dealt with."""
        return self.status not in CLOSED


class IssueBook:
    """The list of issues in a file, or a new one; raises `FileRejected`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = read_file(path) if path.exists() else None
        if self._seen is None:
            self._workbook = _new()
        else:
            try:
                self._workbook = loaded(self._seen)
            except FileRejected as fault:
                raise fault.at(path) from None
        self._issues, self._columns, self._head = self._table(ISSUES)
        self._summary, self._summary_columns, self._summary_head = self._table(SUMMARY)
        self.lines = self._read()

    def _table(self, name: str) -> tuple[Worksheet, dict[str, int], int]:
        """A sheet, its columns by name, and the row of their names."""
        wanted = COLUMNS if name == ISSUES else SUMMARY_COLUMNS
        if name in self._workbook.sheetnames:
            sheet = self._workbook[name]
            for row in sheet.iter_rows():
                named = {str(cell.value).strip(): int(cell.column or 0) for cell in row if cell.value is not None}
                if wanted.keys() <= named.keys():
                    return sheet, {column: named[column] for column in wanted}, int(row[0].row or 0)
        raise FileRejected("E_KIND", _FOREIGN).at(self.path)

    def _read(self) -> list[Listed]:
        lines: list[Listed] = []
        for row in range(self._head + 1, self._issues.max_row + 1):
            words = {name: _words(self._issues.cell(row, column).value) for name, column in self._columns.items()}
            mark = words.pop("标记")
            if not any(words.values()):
                continue
            try:
                known = {name: str(value) for name, value in json.loads(mark).items()} if mark else {}
                identity = (
                    Identity(
                        normalize(known["unit"]),
                        normalize(known["project"]),
                        known["code"],
                        known["field"],
                        int(known["n"]),
                    )
                    if known
                    else None
                )
            except (ValueError, KeyError, AttributeError):
                raise FileRejected("E_KIND", f"第 {row} 行的标记改过，{_FOREIGN}").at(self.path) from None
            lines.append(Listed(row, words, identity, known))
        return lines

    def merge(self, issues: Sequence[Issue], forms: Collection[tuple[str, str]]) -> list[Listed]:
        """Adds the issues that are not listed yet, under new numbers; gives these lines.

        A listed issue says what the review says of it now, but for the cells that a person has changed. Of the `forms`
        (unit and project, as half-width text) an issue that is no longer found and that nobody has dealt with is marked
        as not listed; not one that was found when the form came back, which the review has not seen.
        """
        listed = {
            (line.identity, normalize(line.known.get("row", ""))): line for line in self.lines if line.identity
        }  # the same field may be another row by now
        found = {(issue.identity, normalize(issue.row)) for issue in issues}
        for key, line in listed.items():
            untouched = line.status == OPEN and not line.typed and RETURNED not in line.known
            if untouched and key not in found and key[0][:2] in forms:
                self.set_status(line, DROPPED, "这次复核不再列入")
        added = []
        for issue in issues:
            known = listed.get((issue.identity, normalize(issue.row)))
            if known is None:
                added.append(self._append(issue, {} if forms else {RETURNED: RETURNED}))
            else:
                self._renew(known, issue)
        self.lines = self._read()
        return added

    def _renew(self, line: Listed, issue: Issue) -> None:
        """Writes what the review says of a listed issue now; it is open again where the form or the points differ."""
        changed, known = renewed(line.words, line.known, issue)
        if changed:
            self._put(self._issues, line.row, changed, self._columns)
        words = {**line.words, **changed}
        fit(self._issues, line.row, [COLUMNS[name] for name in words], list(words.values()))
        self._set(line.row, "标记", json.dumps(known, ensure_ascii=False))
        other = any(line.known.get(name, known[name]) != known[name] for name in ("before", "wanted"))
        if (other or line.status == DROPPED) and not line.typed:
            self.set_status(line._replace(words=words, known=known), OPEN, "")

    def _append(self, issue: Issue, besides: Mapping[str, str]) -> Listed:
        row = max([self._head, *(line.row for line in self.lines)]) + 1
        known = {
            "unit": issue.unit,
            "project": issue.project,
            "code": issue.code,
            "field": issue.field,
            "n": str(issue.occurrence),
            **issue.mark,
            "state": OPEN,
            **besides,
        }
        words: dict[str, Shown] = {
            "编号": self._next_number(),
            "维度": issue.dimension,
            "单位": issue.unit,
            "对象": issue.project,
            **issue.shown,
            "状态": OPEN,
            "复查情况": "",
            "备注": "",
        }
        self._put(self._issues, row, {"标记": json.dumps(known, ensure_ascii=False), **words}, self._columns)
        line = Listed(row, {name: str(said) for name, said in words.items()}, issue.identity, known)
        self.lines.append(line)
        return line

    def _next_number(self) -> int:
        """A number that no line has or had."""
        cell = self._issues.cell(2, 1)
        given = [int(words) for line in self.lines if (words := line.words["编号"]).isdecimal()]
        last = max([0, *given, int(_words(cell.value)) if _words(cell.value).isdecimal() else 0])
        cell.value = last + 1
        return last + 1

    def set_status(self, line: Listed, status: Status, found: str) -> None:
        """Writes the status and what a check has found, but over nothing that a person has typed there."""
        known = dict(line.known)
        if line.words["复查情况"] == known.get("found", ""):
            known["found"] = found
            self._set(line.row, "复查情况", found)
            shown: dict[str, Shown] = {**line.words, "复查情况": found}
            fit(self._issues, line.row, [COLUMNS[name] for name in shown], list(shown.values()))
        if not line.typed:
            known["state"] = status
            self._set(line.row, "状态", status)
        self._set(line.row, "标记", json.dumps(known, ensure_ascii=False))

    def _set(self, row: int, name: str, words: str) -> None:
        put_text(self._issues.cell(row, self._columns[name]), words)

    def put_summary(self, forms: Iterable[ReviewedForm]) -> None:
        """Writes one line a form into the 复核汇总, in the place of the form's earlier line."""
        sheet, columns = self._summary, self._summary_columns
        rows = {tuple(known[:4]): row for row, known in self._reviewed()}
        for form in forms:
            known = [*form.key, form.path.name, form.name]
            row = rows.setdefault(tuple(known), max([self._summary_head, *rows.values()]) + 1)
            mark = json.dumps([*known, form.rows, form.left_out], ensure_ascii=False)
            values: dict[str, Shown] = {
                "标记": mark,
                "单位": form.unit,
                "项目": form.project,
                "自评得分": form.self_total,
                "复核得分": form.total,
                "偏差": form.difference,
                "主要原因": form.reason,
                "自评等级": form.self_grade,
                "复核等级": form.grade,
                "文件": form.path.name,
            }
            self._put(sheet, row, values, columns)

    def _reviewed(self) -> list[tuple[int, list[Any]]]:
        """The lines of the 复核汇总 that are ours: the row; unit, project, file, form, rows, and what was left out."""
        found: list[tuple[int, list[Any]]] = []
        for row in range(self._summary_head + 1, self._summary.max_row + 1):
            mark = _words(self._summary.cell(row, self._summary_columns["标记"]).value)
            try:
                known = json.loads(mark) if mark else []
                unit, project, file, form, count, left_out = known if known else ("", "", "", "", 0, [])
            except ValueError:
                raise FileRejected("E_KIND", f"“{SUMMARY}”第 {row} 行的标记改过，{_FOREIGN}").at(self.path) from None
            if known:
                found.append((row, [unit, project, file, form, int(count), left_out]))
        return found

    @property
    def left_out(self) -> dict[tuple[str, str], set[tuple[str, str, int, str]]]:
        """Of every form that was reviewed (unit and project) the findings that were not listed."""
        found: dict[tuple[str, str], set[tuple[str, str, int, str]]] = {}
        for _, (unit, project, _file, _form, _rows, left) in self._reviewed():
            found.setdefault((unit, project), set()).update(map(tuple, left))
        return found

    def set_scope(self, given: int | None) -> int:
        """Says above the list what was reviewed, of how many forms that came in; None where that is not known.

        Gives how many of these were not reviewed, at least one where it is not known.
        """
        reviewed = self._reviewed()
        rows = sum(known[4] for _, known in reviewed)
        scope = f"复核范围：{len(reviewed)} 个项目，{rows} 条指标"
        if given is None:
            put_text(self._issues.cell(2, 2), f"{scope}（同一次复核还有复核表没有汇总）")
            return 1
        covered = f"{round_half_up(Decimal(len(reviewed) * 100) / max(given, len(reviewed), 1), 0)}%"
        put_text(self._issues.cell(2, 2), f"{scope}，覆盖 {covered}（收到 {max(given, len(reviewed))} 份）")
        return max(given - len(reviewed), 0)

    def _put(self, sheet: Worksheet, row: int, values: Mapping[str, Shown], columns: Mapping[str, int]) -> None:
        wide = COLUMNS if sheet is self._issues else SUMMARY_COLUMNS
        for name, value in values.items():
            cell = put(sheet.cell(row, columns[name]), value, centred=name in CENTRED)
            if name == "等级" and value in LEVELS:
                cell.fill = LEVELS[str(value)]
            if name in ("自评得分", "复核得分", "偏差"):
                cell.number_format = "0.00"
        fit(sheet, row, [wide[name] for name in values], list(values.values()))

    def save(self, made_from: Sequence[Path] = ()) -> Path | None:
        """Writes the file in one step; gives the backup of the earlier one. Raises `FileRejected`."""
        if len(self.lines) * len(COLUMNS) > MOST_CELLS:
            said = f"问题有 {len(self.lines)} 条，一个清单放不下；请按单位分几个文件夹复核"
            raise FileRejected("E_TOO_BIG", said).at(self.path)
        last = max([self._head + 1, *(line.row for line in self.lines)])
        letters = (get_column_letter(self._columns[name]) for name in ("等级", "状态"))
        levels, states = (f"${letter}${self._head + 1}:${letter}${last}" for letter in letters)
        parts = [*(f'"　{one} "&COUNTIF({levels},"{one}")' for one in ("P0", "P1", "P2"))]
        parts += [f'"　{one} "&COUNTIF({states},"{one}")' for one in STATUSES]
        self._issues.cell(3, 2).value = "=" + "&".join(parts)
        first = get_column_letter(min(self._columns.values()))
        self._issues.auto_filter.ref = f"{first}{self._head}:{get_column_letter(max(self._columns.values()))}{last}"
        self._issues.data_validations.dataValidation = []
        choices(self._issues, STATUSES, states.replace("$", ""))
        try:
            return save(self.path, written(self._workbook), seen=self._seen, made_from=made_from)
        except FileRejected as fault:
            raise fault.at(self.path) from None


def _words(value: object) -> str:
    return "" if value is None else from_excel(str(value)).strip()


def _new() -> Workbook:
    workbook = Workbook()
    workbook.properties.creator = "workbook_tools"
    sheet = workbook.worksheets[0]
    sheet.title = ISSUES
    for row, words in enumerate(("绩效自评复核问题清单", "", ""), 1):
        cell = put(sheet.cell(row, 2), words)
        cell.border, cell.font = Border(), TITLE if row == 1 else BOLD
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=len(COLUMNS))
        sheet.row_dimensions[row].height = 28 if row == 1 else 18
    put_text(sheet.cell(1, 1), MARK)
    heading(sheet, HEAD, list(COLUMNS))
    widths(sheet, list(COLUMNS.values()))
    page(sheet, HEAD, f"C{HEAD + 1}")
    column = get_column_letter(list(COLUMNS).index("状态") + 1)
    for status, colour in (("已整改", "C6EFCE"), ("未整改", "FFC7CE"), ("部分整改", "FFEB9C"), ("待核对", "FFEB9C")):
        fill = PatternFill("solid", bgColor=colour)
        sheet.conditional_formatting.add(
            f"{column}{HEAD + 1}:{column}5000",
            CellIsRule("equal", [f'"{status}"'], fill=fill),  # type: ignore[no-untyped-call]
        )
    summary = workbook.create_sheet(SUMMARY)
    heading(summary, 1, list(SUMMARY_COLUMNS))
    widths(summary, list(SUMMARY_COLUMNS.values()))
    page(summary, 1, "C2")
    return workbook


def open_of(lines: Iterable[Listed]) -> dict[str, list[Listed]]:
    """The issues that are still open, by the unit's name as half-width text."""
    found: dict[str, list[Listed]] = {}
    for line in lines:
        if line.open:
            found.setdefault(normalize(line.words["单位"]), []).append(line)
    return found


def counts_by_form(lines: Iterable[Listed]) -> dict[tuple[str, str], tuple[int, int]]:
    """How many issues of each form are open, and how many are mended."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for line in lines:
        form = normalize(line.words["单位"]), normalize(line.words["对象"])
        unmended, mended = found.get(form, (0, 0))
        found[form] = unmended + line.open, mended + (line.status == MENDED)
    return found


def open_issues(path: Path) -> dict[str, list[Listed]]:
    """The open issues of a list in a file, by the unit's name as half-width text; raises `FileRejected`."""
    return open_of(existing(path).lines)


def existing(path: Path) -> IssueBook:
    """The list of issues in a file that has to be there; raises `FileRejected`."""
    if not path.exists():
        raise FileRejected("E_MISSING", f"{path}：没有这个文件；请写 review close 写的问题清单")
    return IssueBook(path)
