"""复核.xlsx: a sheet 复核汇总, then one 复核表 for each form; what the reviewer fills in is coloured and blank.

A hidden column holds what each row is, so that rows can be sorted and inserted; 偏差 is a live formula.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.styles import Border
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.checks import ERROR, HINT, UNCHECKED
from workbook_tools.excel.loading import written
from workbook_tools.findings import LocatedFinding
from workbook_tools.forms.form import Field
from workbook_tools.reports.sentences import self_stated
from workbook_tools.review.issues import occurrences
from workbook_tools.review.rows import (
    SUMMARY,
    FormFile,
    FormToReview,
    Row,
    Veto,
    advice,
    findings_of,
    remark,
    row_field,
)
from workbook_tools.review.sheets import (
    BOLD,
    INPUT,
    LEFT,
    LINK,
    TITLE,
    Shown,
    choices,
    draw_rules,
    fit,
    heading,
    page,
    put,
    widths,
)
from workbook_tools.summary.results import Result, Results
from workbook_tools.summary.rows import ABSENT
from workbook_tools.text import file_name, shown_path
from workbook_tools.values import UNCALCULATED, plain, read_points

RULES = "复核口径"
MARK = "workbook_tools 复核表 1"  # in the first cell of every 复核表, above what the form is
HEAD = 6  # the row of the names of the columns
LISTED, LEFT_OUT = "列入", "不列入"
WHOLE, OF_FINDING = "form", "finding"  # keys of rows that are no row of the form
MOST_FORMS = 80  # of one workbook: one with hundreds of sheets opens slowly, and readers have limits
# The columns of a 复核表: name → width, 0 hides it.
COLUMNS = {
    "标记": 0,
    "最少": 0,
    "最多": 0,
    "一级指标": 10,
    "二级指标": 10,
    "三级指标": 20,
    "性质": 6,
    "指标值": 11,
    "单位": 6,
    "权重": 7,
    "自评完成值": 13,
    "自评得分": 8,
    "复核完成值": 13,
    "复核得分": 8,
    "偏差": 7,
    "备注": 46,
    "建议": 30,
    "处理": 9,
    "复核意见": 24,
}
NAMES = tuple(COLUMNS)
AT = {name: number for number, name in enumerate(NAMES, 1)}
SUMMARY_COLUMNS = {
    "序号": 6,
    "单位": 24,
    "项目": 30,
    "复核表": 26,
    "文件": 30,
    "评分办法": 28,
    "自评总分": 9,
    "自评等级": 9,
    "得分的行": 8,
    "错误": 7,
    "提示": 7,
    "未核对": 7,
    "说明": 40,
}
VETO_HELP = "发生了的，在“复核完成值”选“{}”，“复核意见”写明原因；没有发生选“{}”；空着的按自评"
HELP = (
    "黄色格由复核人填：复核得分空着的，按自评得分计；有意见的写在“复核意见”。"
    "“备注”“建议”是校验写的，只供参考，不会自己扣分。"
    "“处理”空着的，错误和一般提示列入问题清单；选“不列入”的，这一行的意见也不列（只去掉一条的，写“不列入 T113”这样）。"
    "填好以后：workbook_tools review close"
)


class Line(NamedTuple):
    """One form in the 复核汇总, or a file that was not read."""

    values: tuple[Shown, ...]
    sheet: str
    path: Path


REMARK_OF_WHOLE = "复核得分空着的，按各行算；要填的，和各行的复核得分一致"


class Asked(NamedTuple):
    """How the forms are read, so that closing reads them in the same way: the scheme and the list of waivers."""

    scheme: str | None = None
    waive: Path | None = None


def review_books(
    files: Iterable[FormFile], out: Path, asked: Asked, results: Results | None = None
) -> Iterator[tuple[Path, bytes]]:
    """The workbooks of all forms, each with its path: one, or several where there are very many forms.

    `results` are what reviewers have given already: they stand in the rows of the whole forms.
    """
    results = results or Results({})
    book = _ReviewBook(out, asked, results)
    number = 1
    for file in files:
        if book.count + len(file.forms) > MOST_FORMS and book.count:
            yield book.out, book.bytes(more=True)
            number += 1
            book = _ReviewBook(out, asked, results, number)
        book.add(file)
    yield book.out, book.bytes()


def book_name(first: str, number: int) -> str:
    """The file of the workbook of that number among those of one review: 复核.xlsx, 复核_2.xlsx."""
    path = Path(first)
    return first if number == 1 else f"{path.stem}_{number}{path.suffix}"


class _ReviewBook:
    """One workbook while it is made."""

    def __init__(self, first: Path, asked: Asked, results: Results, number: int = 1) -> None:
        self._results = results
        self.out, self.count = first.with_name(book_name(first.name, number)), 0
        self._place: dict[str, object] = {"first": first.name, "number": number}
        self._known: list[tuple[Worksheet, dict[str, object]]] = []
        self._asked = {
            "scheme": asked.scheme or "",
            "waive": relative(asked.waive, first) if asked.waive else "",
        }
        self._workbook = Workbook()
        self._workbook.properties.creator = "workbook_tools"
        self._summary: Worksheet = self._workbook.worksheets[0]
        self._summary.title = SUMMARY
        self._lines: list[Line] = []

    def add(self, file: FormFile) -> None:
        """Adds the forms of a file, or the sentence that says why it was not read."""
        link = relative(file.path, self.out)
        if file.fault:
            self._lines.append(
                Line(("", "", "", link, "", None, "", None, None, None, None, file.fault), "", file.path)
            )
        for form in file.forms:
            self.count += 1
            sheet = self._workbook.create_sheet(_sheet_name(self.count, form, file.path))
            known: dict[str, object] = {"file": link, "form": form.name, "digest": file.digest, **self._asked}
            self._known.append((sheet, known))
            shown = _draw(sheet, form, link, self._results.of(file.path.name, form.name) or Result())
            levels = [place.level for place in findings_of(form)]
            counts = (levels.count(ERROR), levels.count(HINT), levels.count(UNCHECKED))
            named = (form.unit, form.project, sheet.title, link, form.scheme.title, _points(form.total), form.grade)
            self._lines.append(Line((*named, shown, *counts, ""), sheet.title, file.path))

    def bytes(self, *, more: bool = False) -> bytes:
        """The workbook as a file; every sheet knows which of the review's workbooks it is in, and if `more` follow."""
        for sheet, known in self._known:
            put(sheet.cell(2, 1), json.dumps({**known, **self._place, "more": more}, ensure_ascii=False))
        _draw_summary(self._summary, self._lines)
        draw_rules(self._workbook.create_sheet(RULES))
        return written(self._workbook)


def relative(path: Path, out: Path) -> str:
    """The path of a file as it is found from the folder of another one, with slashes."""
    try:
        return Path(os.path.relpath(path.resolve(), out.resolve().parent)).as_posix()
    except ValueError:  # on another disk of Windows
        return path.resolve().as_posix()


def _sheet_name(number: int, form: FormToReview, path: Path) -> str:
    """A name that Excel takes, of its own by its number."""
    words = re.sub(r"[\[\]'\s]+", "", file_name(form.project or path.stem))
    return f"{number:03d} {words.encode('utf-16-le')[:52].decode('utf-16-le', 'ignore')}"


def _points(words: str) -> Shown:
    read = read_points(words)
    return read if read is not None else "" if words == UNCALCULATED else words


def _draw(sheet: Worksheet, form: FormToReview, link: str, given: Result) -> int:
    """One 复核表; gives the number of rows with points."""
    rows, places = form.rows, findings_of(form)
    of_row: dict[Field, list[LocatedFinding]] = {}
    others: list[tuple[LocatedFinding, int]] = []
    for place, occurrence in occurrences(places):
        if field := row_field(place.field, form):
            of_row.setdefault(field, []).append(place)
        else:
            others.append((place, occurrence))
    _draw_head(sheet, form, link)
    heading(sheet, HEAD, NAMES)
    widths(sheet, list(COLUMNS.values()))
    number = HEAD
    for row in rows:
        number += 1
        found = of_row.get(row.field, [])
        said = (row.group, row.kind, row.name, row.op, row.target, row.unit, row.weight, row.actual)
        most = row.most if row.most is not None else row.weight
        score: Shown = row.score if row.score is not None else row.printed
        remarks = "\n".join(remark(place, form) for place in found)
        values = (row.field, row.least, most, *said, score, None, None, None, remarks)
        _put_row(sheet, number, (*values, advice(row, found, form.scheme.title), None, None))
        _inputs(sheet, number, ("复核完成值", "复核得分", *(("处理",) if found else ()), "复核意见"))
        _more(sheet, number, row)
        _difference(sheet, number)
        _choices(sheet, number, [place.code for place in found])
    if number > HEAD:
        _limit(sheet, number, beyond=any(row.ceiling != row.most for row in rows))
    if form.veto:
        number += 1
        _draw_veto(sheet, number, form.veto, [remark(place, form) for place in of_row.get(form.veto.field, [])])
        _choices(sheet, number, [place.code for place in of_row.get(form.veto.field, [])])
    for place, occurrence in others:
        number += 1
        label = (finding_key(place, occurrence), None, None, "其他", "", place.label or "整个文件")
        _put_row(sheet, number, (*label, *[None] * 9, remark(place, form), advice(None, [place], ""), None, None))
        _inputs(sheet, number, ("处理", "复核意见"))
        _choices(sheet, number, [place.code])
    number += 1
    _put_whole(sheet, number, form, given)
    page(sheet, HEAD, f"{get_column_letter(AT['性质'])}{HEAD + 1}")
    sheet.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(NAMES))}{number}"
    return len(rows)


def _more(sheet: Worksheet, number: int, row: Row) -> None:
    """Lets more points in where the reviewer types another actual value, if that may earn more than the printed one."""
    if row.most is not None and row.ceiling is not None and row.ceiling != row.most:
        typed = f"{get_column_letter(AT['复核完成值'])}{number}"
        sheet.cell(number, AT["最多"]).value = f'=IF({typed}="",{plain(row.most)},{plain(row.ceiling)})'


def _draw_veto(sheet: Worksheet, number: int, veto: Veto, remarks: Sequence[str]) -> None:
    """The row of 一票否决: whether it happened is chosen as 复核完成值, and the reason is the opinion."""
    values: dict[str, Shown] = dict.fromkeys(NAMES)
    values |= {"标记": veto.field, "一级指标": veto.group, "二级指标": veto.name, "三级指标": veto.about}
    values |= {"自评完成值": veto.said, "备注": "\n".join(remarks), "建议": VETO_HELP.format(veto.occurred, veto.never)}
    _put_row(sheet, number, [*values.values()])
    _inputs(sheet, number, ("复核完成值", *(("处理",) if remarks else ()), "复核意见"))
    cells = f"{get_column_letter(AT['复核完成值'])}{number}"
    choices(sheet, [veto.never, veto.occurred], cells, only=True)


def _difference(sheet: Worksheet, number: int) -> None:
    """The formula of 偏差 in a row."""
    self_score, reviewed = (f"{get_column_letter(AT[name])}{number}" for name in ("自评得分", "复核得分"))
    cell = sheet.cell(number, AT["偏差"])
    cell.value = f'=IF(AND(ISNUMBER({reviewed}),ISNUMBER({self_score})),{reviewed}-{self_score},"")'
    cell.number_format = "0.00;[Red]-0.00;0.00"


def _put_whole(sheet: Worksheet, number: int, form: FormToReview, given: Result) -> None:
    """The row of the whole form: its total and grade, and what the reviewer has given already."""
    scored = bool(form.rows)
    own = ("总分、等级", "", "", "", "", form.grade, _points(form.total)) if scored else ("", *[""] * 6)
    typed = (given.grade or None, given.score)
    more = (REMARK_OF_WHOLE if scored else "", "", "", given.opinion or None)
    _put_row(sheet, number, (WHOLE, None, None, "整张表", "", *own, *typed, None, *more))
    _inputs(sheet, number, ("复核完成值", "复核得分", "处理", "复核意见") if scored else ("处理", "复核意见"))
    choices(sheet, [LISTED, LEFT_OUT], f"{get_column_letter(AT['处理'])}{number}")  # an opinion may be a praise
    if scored:
        _difference(sheet, number)


def finding_key(place: LocatedFinding, occurrence: int) -> str:
    """What marks the row of a finding that belongs to no row with points."""
    return f"{OF_FINDING} {place.code} {occurrence} {place.field}"


def _draw_head(sheet: Worksheet, form: FormToReview, link: str) -> None:
    first, middle, last = AT["一级指标"], AT["自评完成值"], len(NAMES)
    put(sheet.cell(1, 1), MARK)
    absent = {name for name in ("total", "grade") if name not in form.cells}  # the form has no cell for it
    total = ABSENT if "total" in absent else self_stated(form.total, form.computed, form.scheme.places)
    grade = ABSENT if "grade" in absent else form.grade or "没有填"
    said = (
        ("绩效自评复核表", ""),
        (f"单位：{form.unit or '（没有写）'}", f"项目：{form.project or '（没有写）'}"),
        (f"文件：{shown_path(link)}", f"评分办法：{form.scheme.title}"),
        (f"自评总分：{total}", f"自评等级：{grade}"),
        (HELP, ""),
    )
    for row, (left, right) in enumerate(said, 1):
        until = middle - 1 if right else last
        for column, words, end in ((first, left, until), (middle, right, last)):
            if words:
                cell = put(sheet.cell(row, column), words)
                cell.border, cell.font = Border(), BOLD
                sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=end)
        sheet.row_dimensions[row].height = 18
    sheet.cell(1, first).font = TITLE
    sheet.row_dimensions[1].height, sheet.row_dimensions[5].height = 26, 30
    linked = sheet.cell(3, first)
    linked.hyperlink = Hyperlink(ref=linked.coordinate, target=_uri(link))
    linked.font = LINK


def _uri(link: str) -> str:
    return Path(link).as_uri() if Path(link).is_absolute() else quote(link)


def _put_row(sheet: Worksheet, number: int, values: Sequence[Shown]) -> None:
    for column, value in enumerate(values, 1):
        centred = NAMES[column - 1] in ("性质", "单位", "权重", "自评得分", "复核得分", "偏差", "处理")
        put(sheet.cell(number, column), value, centred=centred)
    fit(sheet, number, list(COLUMNS.values()), values)


def _inputs(sheet: Worksheet, number: int, names: Iterable[str]) -> None:
    for name in names:
        sheet.cell(number, AT[name]).fill = INPUT


def _choices(sheet: Worksheet, number: int, codes: Sequence[str]) -> None:
    if codes:
        several = [f"{LEFT_OUT} {code}" for code in dict.fromkeys(codes)] if len(codes) > 1 else []
        choices(sheet, [LISTED, LEFT_OUT, *several], f"{get_column_letter(AT['处理'])}{number}")


def _limit(sheet: Worksheet, last: int, *, beyond: bool) -> None:
    """复核得分 lies between the limits in the hidden columns of its own row, also after sorting."""
    first = HEAD + 1
    least, most = (f"${get_column_letter(AT[name])}{first}" for name in ("最少", "最多"))
    rule = DataValidation(type="decimal", operator="between", formula1=least, formula2=most, allow_blank=True)
    more = "；完成率超过 100% 的按完成率，到小计的上限" if beyond else ""
    rule.errorTitle = "复核得分"
    rule.error = f"复核得分应是数，在 0 和这一行的权重之间（扣分行填负数{more}）"
    rule.showErrorMessage = True
    column = get_column_letter(AT["复核得分"])
    rule.add(f"{column}{first}:{column}{last}")
    sheet.data_validations.append(rule)


def _draw_summary(sheet: Worksheet, lines: Sequence[Line]) -> None:
    names, wide = list(SUMMARY_COLUMNS), list(SUMMARY_COLUMNS.values())
    heading(sheet, 1, names)
    widths(sheet, wide)
    for number, line in enumerate(lines, 2):
        values = (number - 1, *line.values)
        for column, value in enumerate(values, 1):
            shown = shown_path(value) if names[column - 1] == "文件" else value
            put(sheet.cell(number, column), shown, centred=names[column - 1] not in ("单位", "项目", "文件", "说明"))
        fit(sheet, number, wide, values)
        file, reviewed = sheet.cell(number, names.index("文件") + 1), sheet.cell(number, names.index("复核表") + 1)
        file.hyperlink = Hyperlink(ref=file.coordinate, target=_uri(str(line.values[3])))
        file.font = LINK
        if line.sheet:
            where = f"{quote_sheetname(line.sheet)}!A1"
            reviewed.hyperlink = Hyperlink(ref=reviewed.coordinate, location=where, display=line.sheet)
            reviewed.font, reviewed.alignment = LINK, LEFT
    page(sheet, 1, "D2")
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{max(len(lines) + 1, 2)}"
