"""From a workbook to everything found in its forms: recognise, place, read, score, check, locate, waive.

`assess` is the only way there: for `check`, after filling, for summaries, mail and the ribbon. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workbook_tools.checks import CHECKS, ERROR, HINT, UNCHECKED, Finding, run_checks
from workbook_tools.checks.book import HIDDEN_SHEET, NOT_RECALCULATED, OTHER_RESULT, STALE
from workbook_tools.excel import Book, Refused, SheetInfo, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.excel.tables import read_rows
from workbook_tools.forms.form import Form, Scores
from workbook_tools.forms.layout import Placement, SheetText, load_layout
from workbook_tools.forms.placing import place
from workbook_tools.forms.reading import read_form, words_at
from workbook_tools.forms.recognition import Workbook, forms_of
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import UNCALCULATED, agrees, format_value, same_result

# What recalculated formulas say against a form: its sheet, placement, scores and decimal places.
Witness = Callable[[Sheet, Placement, Scores, int], Iterable[Finding]]

WAIVED = "已放行"
WAIVERS = "校验"  # the sheet of a workbook that holds its waivers


class BadWaiver(ValueError):
    """A waiver that cannot be used; the message says where and why."""


class Waiver(NamedTuple):
    """Someone has looked at a finding and lets it pass: a code, the cell it is for ("" for all), why, and who."""

    code: str
    address: str
    reason: str
    name: str

    def covers(self, finding: Finding, address: str) -> bool:
        """Whether the waiver is for this finding."""
        cell = address.rpartition("!")[2]
        return finding.code == self.code and self.address in ("", address, cell)


class LocatedFinding(NamedTuple):
    """A finding with its cell and what people call it."""

    finding: Finding
    address: str  # 自评表!I16, "" where the form has no such cell
    label: str
    waived: Waiver | None = None

    @property
    def level(self) -> str:
        """错误, 提示, or 已放行 where someone has waived it."""
        return WAIVED if self.waived else self.finding.level


class Assessment(NamedTuple):
    """One form: where its fields stand, its words, its scores, and everything that was found in it."""

    sheet: str
    scheme: Scheme
    found: list[LocatedFinding]
    placement: Placement
    form: Form
    scores: Scores
    year: int | None  # of the title

    @property
    def total(self) -> str:
        """The total as printed."""
        return self.form.total

    @property
    def grade(self) -> str:
        """The grade as printed."""
        return self.form.grade

    @property
    def unit(self) -> str:
        """The unit whose form it is, "" where it does not say."""
        return self.form.texts.get("texts.unit", "")

    @property
    def project(self) -> str:
        """The project, "" where the form does not say."""
        return self.form.texts.get("texts.project", "")

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(place.level == ERROR for place in self.found)

    @property
    def hints(self) -> int:
        """How many findings are hints."""
        return sum(place.level == HINT for place in self.found)

    @property
    def unchecked(self) -> int:
        """How many fields could not be checked."""
        return sum(place.level == UNCHECKED for place in self.found)


class AssessedFile(NamedTuple):
    """One workbook after checking."""

    path: Path
    forms: list[Assessment]


def assess(
    book: Workbook, scheme: str | None = None, waivers: Sequence[Waiver] = (), witnesses: Sequence[Witness] = ()
) -> list[Assessment]:
    """Everything found in the forms of a saved or an open workbook; raises `Refused`, `NotThisForm`, `BadWaiver`."""
    known = (*own_waivers(book), *waivers)
    witnesses = (*witnesses, _own_formulas(book))
    forms = [
        assess_sheet(sheet, found, page, waivers=known, witnesses=witnesses)
        for sheet, found, page in forms_of(book, scheme)
    ]
    return _with_hidden_sheets(forms, book, known)


def assess_file(
    path: Path,
    scheme: str | None = None,
    waivers: Sequence[Waiver] = (),
    witness: Callable[[bytes], Witness] | None = None,
    others: Sequence[Witness] = (),
) -> AssessedFile:
    """Everything found in the forms of a workbook, with a witness also in its formulas, and by others.

    Raises `Refused`, `NotThisForm`, `BadScheme`, `BadWaiver`, or `NoWitness` when the witness cannot calculate it.
    """
    data = read_file(path)
    heard = (*others, witness(data)) if witness else tuple(others)
    return AssessedFile(path, assess(Book(data), scheme, waivers, heard))


def assess_placed(book: Workbook, forms: Iterable[tuple[Sheet, Scheme, Placement]]) -> list[Assessment]:
    """Everything found in forms whose fields are placed already; raises `BadWaiver`."""
    known = own_waivers(book)
    return _with_hidden_sheets([_assess(*form, None, known, ()) for form in forms], book, known)


def assess_sheet(
    sheet: Sheet,
    scheme: Scheme,
    page: SheetText | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    witnesses: Sequence[Witness] = (),
) -> Assessment:
    """Everything found in the form of one sheet, also by those who know more than it says; raises `NotThisForm`."""
    page = page or SheetText(sheet)
    placement = place(sheet, load_layout(scheme.layout), page)
    return _assess(sheet, scheme, placement, page.year(), waivers, witnesses)


def _assess(
    sheet: Sheet,
    scheme: Scheme,
    placement: Placement,
    year: int | None,
    waivers: Sequence[Waiver],
    witnesses: Sequence[Witness],
) -> Assessment:
    form = read_form(sheet, placement, closely=True)
    scores = score(form, scheme)
    findings = run_checks(form, scores, scheme)
    for witness in witnesses:
        known = {(finding.code, finding.at) for finding in findings if finding.at}
        more = witness(sheet, placement, scores, scheme.places)
        findings += [finding for finding in more if (finding.code, finding.at) not in known]
    found = waived(located(sheet, placement, findings), waivers)
    return Assessment(sheet.name, scheme, found, placement, form, scores, year)


def _with_hidden_sheets(forms: list[Assessment], book: Workbook, waivers: Sequence[Waiver]) -> list[Assessment]:
    """The forms, the first with what was found in the sheets that nobody sees."""
    hidden = waived((LocatedFinding(finding, "", "") for finding in _hidden_sheets(book)), waivers)
    return [forms[0]._replace(found=[*forms[0].found, *hidden]), *forms[1:]]


def waived(places: Iterable[LocatedFinding], waivers: Sequence[Waiver]) -> list[LocatedFinding]:
    """The findings, those that someone lets pass with the waiver."""
    return [
        place._replace(waived=next((one for one in waivers if one.covers(place.finding, place.address)), None))
        for place in places
    ]


def own_waivers(book: Workbook) -> list[Waiver]:
    """The waivers in the workbook itself; raises `BadWaiver`."""
    return [waiver for info in book.sheets if info.name == WAIVERS for waiver in sheet_waivers(book.sheet(info))]


def _own_formulas(book: Workbook) -> Witness:
    """What the formulas of the fields give from the cells as they are saved, against what is saved and the scheme."""

    def witness(sheet: Sheet, placement: Placement, scores: Scores, places: int) -> Iterator[Finding]:
        cells = {field: cell for field, cell in placement.cells.items() if sheet.formula(cell)}
        saved = {field: words_at(sheet, placement, field) or "" for field in cells}
        lost = book.calculate() if cells else ()
        results = {field: words_at(sheet, placement, field) or "" for field in cells}
        book.as_saved()
        for field, result in results.items():
            before, line = saved[field], scores.lines.get(field)
            said = f"公式重算得{f' {result}' if result else '空白'}"
            if sheet.address(cells[field]) in lost:
                kept = "没有保存过结果" if before == UNCALCULATED else f"这里用的是保存的结果 {before or '（空白）'}"
                yield Finding(NOT_RECALCULATED, field, f"这一格的公式本工具不能重算，{kept}；请用 Excel 打开核对", HINT)
                continue
            if before != UNCALCULATED and not same_result(before, result):
                cure = "请按 Ctrl+Alt+F9 重新计算，保存"
                yield Finding(STALE, field, f"保存的是{f' {before}' if before else '空白'}，{said}；{cure}", ERROR)
            elif before != UNCALCULATED:
                continue  # what is saved is checked as what a person typed
            if result and line and line.value is not None and not agrees(line.value, result, places):
                rule = f"按办法应为 {format_value(line.value)}（{line.why}）"
                yield Finding(OTHER_RESULT, field, f"{said}，{rule}；请核对公式", ERROR)

    return witness


def _hidden_sheets(book: Workbook) -> Iterator[Finding]:
    """Figures on sheets that nobody sees."""
    for info in book.sheets:
        if info.hidden and (what := _figures(book, info)):
            said = f"工作表“{info.name}”是隐藏的，{what}；请取消隐藏，不要的请删除"
            yield Finding(HIDDEN_SHEET, "", said, HINT)


def _figures(book: Workbook, info: SheetInfo) -> str:
    """What is to be said of the figures of a sheet, "" where it has none."""
    try:
        sheet = book.sheet(info)
    except Refused as refused:
        if refused.code != "E_TOO_BIG":
            raise
        return "太大，没有看"
    return "里面有数" if any(any(map(str.isdigit, sheet.text(cell))) for cell in sheet.filled()) else ""


def sheet_waivers(sheet: Sheet) -> list[Waiver]:
    """The waivers in the sheet 校验 of a workbook; raises `BadWaiver` for one without a reason or a name."""
    page = SheetText(sheet)
    heading = next((row for row in page.rows if page.in_row(row, ("代码",)) and page.in_row(row, ("理由",))), None)
    if heading is None:
        return []
    columns = {
        word: found[0][1] for word in ("代码", "位置", "理由", "姓名") if (found := page.in_row(heading, (word,)))
    }
    rows = [row for row in page.rows if row > heading and sheet.text((row, columns["代码"])).strip()]
    listed = [{word: sheet.text((row, column)).strip() for word, column in columns.items()} for row in rows]
    return [_waiver(one, f"工作表“{sheet.name}”") for one in listed]


def read_waivers(path: Path) -> list[Waiver]:
    """The waivers in a CSV file with the columns 代码, 位置, 理由, 姓名, as Excel saves one; raises `BadWaiver`."""
    try:
        rows = read_rows(path)
    except Refused as refused:
        raise BadWaiver(str(refused)) from None
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    heading = [word.strip() for word in rows[0]]
    if not {"代码", "理由", "姓名"} <= set(heading):
        raise BadWaiver(f"{path}：第一行要有 代码、位置、理由、姓名 四列，请补上")
    listed = (dict(zip(heading, (word.strip() for word in row), strict=False)) for row in rows[1:])
    return [_waiver(said, str(path)) for said in listed]


def _waiver(said: Mapping[str, str], where: str) -> Waiver:
    code = said.get("代码", "").upper()
    if code not in CHECKS:
        raise BadWaiver(f"{where}：没有代码为“{code}”的检查；全部代码：workbook_tools explain")
    if not said.get("理由") or not said.get("姓名"):
        raise BadWaiver(f"{where}：放行 {code} 要写理由和姓名")
    sheet, mark, cell = said.get("位置", "").replace("！", "!").rpartition("!")
    address = sheet.strip("'") + mark + cell.replace("$", "").upper()
    return Waiver(code, address, said["理由"], said["姓名"])


def located(sheet: Sheet, placement: Placement, findings: Iterable[Finding]) -> list[LocatedFinding]:
    """The findings in the order of the sheet, each with its cell; what a merged cell says to several fields, once."""
    places = []
    seen = set()
    for finding in findings:
        cell = placement.cells.get(finding.at)
        if (same := (cell or finding.at, finding.code, finding.message)) in seen:
            continue
        seen.add(same)
        label = placement.labels.get(finding.at, "")
        places.append((cell or (1 << 30, 0), LocatedFinding(finding, sheet.address(cell) if cell else "", label)))
    return [place for _, place in sorted(places, key=lambda one: (one[0], one[1].finding.code))]
