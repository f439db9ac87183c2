"""Checking a form as it stands: read closely, scored, every check run; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workbook_tools.book import Book, Refused, read_file
from workbook_tools.checks import CHECKS, ERROR, HINT, Finding, run_checks
from workbook_tools.checks.book import HIDDEN_SHEET
from workbook_tools.fill import Filled, Workbook, forms_of, read_and_score
from workbook_tools.form import Scores
from workbook_tools.layout import Page, Placement, Sheet
from workbook_tools.listing import read_rows
from workbook_tools.reading import read_form
from workbook_tools.scheme import Scheme

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


class Place(NamedTuple):
    """A finding with its cell and what people call it."""

    finding: Finding
    address: str  # 自评表!I16, "" where the form has no such cell
    label: str
    waived: Waiver | None = None

    @property
    def level(self) -> str:
        """错误, 提示, or 已放行 where someone has waived it."""
        return WAIVED if self.waived else self.finding.level


class Checked(NamedTuple):
    """One form and everything that was found in it."""

    sheet: str
    scheme: Scheme
    found: list[Place]
    total: str  # as printed
    grade: str
    unit: str
    project: str

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(place.level == ERROR for place in self.found)

    @property
    def hints(self) -> int:
        """How many findings are hints."""
        return sum(place.level == HINT for place in self.found)


class CheckedFile(NamedTuple):
    """One workbook after checking."""

    path: Path
    forms: list[Checked]


def check_sheet(
    sheet: Sheet,
    scheme: Scheme,
    page: Page | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    witnesses: Sequence[Witness] = (),
) -> Checked:
    """Everything found in one form, also by those who know more than it says; raises `NotThisForm`."""
    placement, form, scores = read_and_score(sheet, scheme, page, closely=True)
    findings = run_checks(form, scores, scheme)
    for witness in witnesses:
        findings += witness(sheet, placement, scores, scheme.places)
    found = waived(located(sheet, placement, findings), waivers)
    unit, project = form.texts.get("texts.unit", ""), form.texts.get("texts.project", "")
    return Checked(sheet.name, scheme, found, form.total, form.grade, unit, project)


def check_file(
    path: Path,
    scheme: str | None = None,
    waivers: Sequence[Waiver] = (),
    witness: Callable[[bytes], Witness] | None = None,
    others: Sequence[Witness] = (),
) -> CheckedFile:
    """Everything found in the forms of a workbook, with a witness also in its formulas, and by others.

    Raises `Refused`, `NotThisForm`, `BadScheme`, `BadWaiver`, or `NoWitness` when the witness cannot calculate it.
    """
    data = read_file(path)
    heard = (*others, witness(data)) if witness else tuple(others)
    return CheckedFile(path, check_book(Book(data), scheme, waivers, heard))


def waived(places: Iterable[Place], waivers: Sequence[Waiver]) -> list[Place]:
    """The findings, those that someone lets pass with the waiver."""
    return [
        place._replace(waived=next((one for one in waivers if one.covers(place.finding, place.address)), None))
        for place in places
    ]


def own_waivers(book: Workbook) -> list[Waiver]:
    """The waivers in the workbook itself; raises `BadWaiver`."""
    return [waiver for info in book.sheets if info.name == WAIVERS for waiver in sheet_waivers(book.sheet(info))]


def check_book(
    book: Workbook, scheme: str | None = None, waivers: Sequence[Waiver] = (), witnesses: Sequence[Witness] = ()
) -> list[Checked]:
    """Everything found in the forms of a saved or an open workbook; raises `Refused`, `NotThisForm`, `BadWaiver`."""
    known = (*own_waivers(book), *waivers)
    forms = [
        check_sheet(sheet, found, page, waivers=known, witnesses=witnesses)
        for sheet, found, page in forms_of(book, scheme)
    ]
    hidden = waived((Place(finding, "", "") for finding in _hidden_sheets(book)), known)
    return [forms[0]._replace(found=[*forms[0].found, *hidden]), *forms[1:]]


def _hidden_sheets(book: Workbook) -> Iterator[Finding]:
    """Figures on sheets that nobody sees."""
    for info in book.sheets:
        sheet = book.sheet(info) if info.hidden else None
        if sheet and any(any(map(str.isdigit, sheet.text(cell))) for cell in sheet.filled()):
            said = f"工作表“{info.name}”是隐藏的，里面有数；请取消隐藏，不要的请删除"
            yield Finding(HIDDEN_SHEET, "", said, HINT)


def sheet_waivers(sheet: Sheet) -> list[Waiver]:
    """The waivers in the sheet 校验 of a workbook; raises `BadWaiver` for one without a reason or a name."""
    page = Page(sheet)
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
        raise BadWaiver(f"{path}：第一行要有 代码、位置、理由、姓名 四列")
    listed = (dict(zip(heading, (word.strip() for word in row), strict=False)) for row in rows[1:])
    return [_waiver(said, str(path)) for said in listed]


def _waiver(said: Mapping[str, str], where: str) -> Waiver:
    code = said.get("代码", "").upper()
    if code not in CHECKS:
        raise BadWaiver(f"{where}：没有代码为“{code}”的检查")
    if not said.get("理由") or not said.get("姓名"):
        raise BadWaiver(f"{where}：放行 {code} 要写理由和姓名")
    sheet, mark, cell = said.get("位置", "").replace("！", "!").rpartition("!")
    address = sheet.strip("'") + mark + cell.replace("$", "").upper()
    return Waiver(code, address, said["理由"], said["姓名"])


def located(sheet: Sheet, placement: Placement, findings: Iterable[Finding]) -> list[Place]:
    """The findings in the order of the sheet, each with its cell."""
    places = []
    for finding in findings:
        cell = placement.cells.get(finding.at)
        label = placement.labels.get(finding.at, "")
        places.append((cell or (1 << 30, 0), Place(finding, sheet.address(cell) if cell else "", label)))
    return [place for _, place in sorted(places, key=lambda one: (one[0], one[1].finding.code))]


def found_after(form: Filled) -> list[Place]:
    """What the checks find in a form that has been filled, but for what filling itself has reported."""
    words = read_form(form.source, form.placement, closely=True)
    said = {change.field for change in form.changes if change.outcome != "written" or change.hint}
    new = [finding for finding in run_checks(words, form.scores, form.scheme) if finding.at not in said]
    return located(form.source, form.placement, new)
