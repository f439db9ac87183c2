"""Turn a completed form into a mail: check it, inspect it, summarise it, name the attachment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workbook_tools.assess import Assessment, assess
from workbook_tools.checks import ERROR, UNCHECKED
from workbook_tools.errors import BadMail
from workbook_tools.excel import Book, read_file
from workbook_tools.excel.tables import column_of, read_rows
from workbook_tools.fill import read_and_score
from workbook_tools.findings import LocatedFinding, Waiver, own_waivers, waived
from workbook_tools.forms.recognition import forms_of
from workbook_tools.mail.inspection import content, inspected
from workbook_tools.mail.message import SUBJECT, Attachment, Draft, addresses, subject_of, with_contact
from workbook_tools.values import (
    UNCALCULATED,
    Quantity,
    decimals,
    format_value,
    normalize,
    read_points,
    read_quantity,
    round_half_up,
)

UNIT, ADDRESS = (
    ("单位", "单位名称", "名称"),
    ("邮箱", "邮件", "电子邮箱", "邮箱地址", "地址", "Email", "email", "E-mail"),
)
CENTS = 2  # decimals of an amount
TEXT = "您好！\n现报送{年度}绩效自评表（{单位} {项目}），请查收附件。"


class Outgoing(NamedTuple):
    """One form as a mail, and everything found in it; it may go when there are no errors."""

    path: Path
    unit: str
    draft: Draft
    content: str
    places: Sequence[LocatedFinding]
    unprinted: Sequence[str] = ()  # the sheets that one sees and that are not in the PDF, where there is one

    @property
    def errors(self) -> int:
        """How many findings stop it."""
        return sum(place.level == ERROR for place in self.places)

    @property
    def unchecked(self) -> int:
        """How many fields could not be checked."""
        return sum(place.level == UNCHECKED for place in self.places)


def outgoing(
    path: Path,
    *,
    scheme: str | None = None,
    waivers: Sequence[Waiver] = (),
    subject: str = "",
    pdf: bool = False,
    contact: str = "",
    report: Path | None = None,
    report_as_is: bool = False,
) -> Outgoing:
    """A workbook as a mail, with everything found in it; with its report where one is named.

    Raises `FileRejected`, `FormNotRecognised`, `BadWaiver` or `BadMail`, and `NoOffice` where a PDF was asked for and
    cannot be made.
    """
    data = read_file(path)
    book = Book(data)
    forms = assess(book, scheme, waivers)
    first = forms[0]
    fields = _fields_of_all(forms, path)
    places = [place for one in forms for place in one.found]
    known_waivers = (*own_waivers(book), *waivers)
    places += waived((LocatedFinding(finding, cell, "") for finding, cell in inspected(book)), known_waivers)
    attachments, unprinted = [Attachment(path.name, data)], list[str]()
    if pdf:
        from workbook_tools.excel.libreoffice import pdf as as_pdf

        printed = _printed(book, scheme)
        unprinted = [info.name for info in book.sheets if not info.hidden and info.name not in printed]
        attachments.append(Attachment(f"{path.stem}.pdf", as_pdf(book.showing(printed))))
    what = content(book)
    if report is not None:
        from workbook_tools.mail.attached_report import attached_report

        attached = attached_report(forms, report, waivers=known_waivers, as_is=report_as_is)
        attachments.append(attached.attachment)
        places += waived(attached.places, known_waivers)
        what = f"{what}+{attached.content}"
    said = "\n".join(subject_of(line, fields) for line in TEXT.split("\n"))
    text = with_contact(said, contact)
    draft = Draft(subject_of(subject or SUBJECT, fields), text, _tables(forms, path), attachments)
    return Outgoing(path, first.unit, draft, what, places, unprinted)


def _printed(book: Book, scheme: str | None) -> set[str]:
    """The sheets that hold anything of a form: its own, and those that it goes on in."""
    placed = ((sheet, read_and_score(sheet, known, page)[0]) for sheet, known, page in forms_of(book, scheme))
    return {sheet.address(cell).rpartition("!")[0] for sheet, placement in placed for cell in placement.cells.values()}


def _fields(checked: Assessment, path: Path) -> dict[str, str]:
    """What a subject may name: total and grade as the form has them, where it has them."""
    form, scores, scheme, year = checked.form, checked.scores, checked.scheme, checked.year
    printed = None if form.total == UNCALCULATED else read_points(form.total)
    total = scores.total if printed is None else round_half_up(printed, scheme.places)
    grade = scores.grade if form.grade in ("", UNCALCULATED) else form.grade
    return {
        "年度": f"{year}年度" if year else "",
        "单位": checked.unit,
        "项目": checked.project,
        "总分": "" if total is None else f"{total}分",
        "等级": grade or "",
        "文件": path.stem,
    }


def _fields_of_all(forms: Sequence[Assessment], path: Path) -> dict[str, str]:
    """What the subject may name of a workbook: of several forms all projects, and neither total nor grade."""
    fields = _fields(forms[0], path)
    if len(forms) > 1:
        projects = "、".join(dict.fromkeys(form.project for form in forms if form.project))
        fields |= {"项目": projects, "总分": "", "等级": ""}
    return fields


def _tables(forms: Sequence[Assessment], path: Path) -> list[tuple[str, str]]:
    """The figures of a form; of several forms each under its name."""
    many = len(forms) > 1
    return [
        (f"{form.name} {label}" if many else label, words)
        for form in forms
        for label, words in _table(_fields(form, path), form)
    ]


def _table(fields: Mapping[str, str], checked: Assessment) -> list[tuple[str, str]]:
    form, scores, scheme = checked.form, checked.scores, checked.scheme
    rows = [(label, fields[label]) for label in ("单位", "项目", "年度", "总分", "等级")]
    execution = scores.lines.get("budget.execution")
    if execution and isinstance(execution.value, Quantity):
        rows.append(("预算执行率", format_value(execution.value)))
    unit = form.money_unit or scheme.unit
    rows += [
        (label, amount_in(words, unit))
        for label, amount in (("全年预算", "revised"), ("全年支出", "spent"))
        if (words := form.budget.get(amount, "").strip()) and words[-1:].isdigit()
    ]
    return [(label, " ".join(words.split())) for label, words in rows if words]


def amount_in(words: str, unit: str) -> str:
    """An amount with commas and two decimals, in the unit of the form; what is more exact or no number, as it is."""
    quantity = read_quantity(words)
    if quantity is None or quantity.unit or decimals(quantity.number) > CENTS:
        return f"{words}{unit}"
    return f"{quantity.number:,.{CENTS}f}{unit}"


def read_addresses(path: Path) -> dict[str, list[str]]:
    """Unit → addresses, out of a 通讯录 with the columns 单位 and 邮箱 (.xlsx or .csv).

    Units are known by their names as half-width text. Raises `BadMail` or `FileRejected`.
    """
    rows = read_rows(path, merged=True)
    at = next((number for number, row in enumerate(rows) if column_of(row, UNIT) and column_of(row, ADDRESS)), None)
    if at is None:
        raise BadMail(f"{path}：通讯录要有 单位、邮箱 两列")
    unit, mail = (column_of(rows[at], words) - 1 for words in (UNIT, ADDRESS))
    found: dict[str, list[str]] = {}
    for number, row in enumerate(rows[at + 1 :], at + 2):
        name, said = (row[column].strip() if column < len(row) else "" for column in (unit, mail))
        if not name and not said:
            continue
        lines = (" ".join(map(normalize, line.split())) for line in said.splitlines())
        listed = addresses("\n".join(lines), f"{path} 第 {number} 行的邮箱")
        if not name or not listed:
            raise BadMail(f"{path} 第 {number} 行：{'没有写单位' if not name else f'“{name}”没有写邮箱'}")
        found.setdefault(normalize(name), []).extend(listed)
    return found
