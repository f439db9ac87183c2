"""Which sheets of a workbook have forms, and of which official form each is: read first, recognised afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import SheetInfo
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.fitting import GENERAL, chosen, fit, matches
from workbook_tools.forms.page import INSTRUCTIONS, SheetText, other_document
from workbook_tools.forms.placement import printed_columns
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import spellings
from workbook_tools.schemes.answers import Answer, answer_for, answers_path
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.printed_rules import contradictions, printed_rules
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import normalize

NO_FORM = (
    "没有读到自评表：自评表要有一张指标表（指标、指标值、完成值、得分等列）；请核对是不是这个文件、表头一行有没有删掉"
)
TARGETS = "像绩效目标表（有指标值，没有完成值和得分），不是自评表；请用 workbook_tools targets import 读它"
MONITORING = "像绩效监控表（执行数到年中为止），不是自评表，年中的执行数不能当作全年的；请换成年终的自评表"
NO_INDICATORS = "读到了资金，没有读到指标表，没有核对；请看指标表的表头在不在这张工作表里"


class Workbook(Protocol):
    """A workbook, saved or open: its worksheets in the order of their tabs, and what of it cannot be seen."""

    @property
    def sheets(self) -> Sequence[SheetInfo]: ...
    @property
    def unseen(self) -> str: ...
    def sheet(self, info: SheetInfo) -> Sheet: ...
    def calculate(self) -> Collection[str]: ...
    def as_saved(self) -> None: ...


class RecognisedForm(NamedTuple):
    """A form of a workbook: its sheet, its scheme, and what is printed in it."""

    sheet: Sheet
    scheme: Scheme
    printed: PrintedForm


def recognise(form: PrintedForm) -> tuple[Scheme | None, str]:
    """The scheme of a printed form, or None and why it is no self-evaluation form that can be scored.

    A form that is none of the official ones, or may be two of them, gets the general scheme.
    """
    if said := _no_self_evaluation(form):
        return None, said
    if form.scheme:
        return load_scheme(form.scheme), ""
    found = matches(form)
    if match := chosen(found):
        return match.scheme, ""
    if (last := _of_another_year(form)) is not None:
        hint = f"办法没有变的话，请加 --scheme {last.name}"
        return None, f"表题写的是 {form.year} 年，现有的办法是 {last.year} 年；{hint}"
    if not form.title and "total" not in form.fields and all(table.kind == "indicator" for table in form.tables):
        return None, NO_FORM  # a list of indicators
    return general_for(form), ""


def general_for(form: PrintedForm) -> Scheme:
    """The general scheme as far as a form goes: no points where it prints none, no money where it has none."""
    scheme = load_scheme(GENERAL)
    money = {idea for table in form.tables if table.kind == "money" for row in table.rows for idea in row.cells}
    budgets = [idea for idea in ("revised", "budget", "initial") if idea in money]
    weighted = any("weight" in table.columns for table in form.tables if table.kind == "indicator")
    if not budgets or "spent" not in money:
        scheme = replace(scheme, budget=(), groups=tuple(one for one in scheme.groups if one.weights != "rules"))
    elif budgets == ["initial"]:
        rules = tuple(replace(rule, base=("initial",)) for rule in scheme.budget)
        scheme = replace(scheme, budget=rules, money={name: scheme.money[name] for name in ("initial", "spent")})
    elif budgets == ["budget"]:  # which of the two the form does not say
        scheme = replace(scheme, money={name: scheme.money[name] for name in ("revised", "spent")})
    return scheme if weighted else replace(scheme, groups=())


def _of_another_year(form: PrintedForm) -> Scheme | None:
    """The scheme that a form would surely have in another year."""
    other = [match._replace(other_year=False) for match in matches(form) if match.other_year]
    match = chosen(other)
    return match.scheme if match else None


def _no_self_evaluation(form: PrintedForm) -> str:
    """Why a form is no self-evaluation, "" where it is one."""
    money = {idea for table in form.tables if table.kind == "money" for idea in table.columns}
    tables = [table.columns for table in form.tables if table.kind == "indicator"]
    if "so_far" in money and "spent" not in money:
        return MONITORING
    if not tables:
        return NO_INDICATORS if any(table.kind == "money" for table in form.tables) else NO_FORM
    if not any(column in columns for columns in tables for column in ("actual", "score", "own")):
        return TARGETS
    return ""


def forms_of(book: Workbook, scheme_name: str | None = None) -> list[RecognisedForm]:
    """The forms of the visible sheets, each with its scheme, in the order of the sheets.

    Raises `FormNotRecognised` or `FileRejected` when there is none.
    """
    named = load_scheme(scheme_name) if scheme_name else None
    reasons: list[str] = []
    sheets = list(_readable(book, reasons))
    read: list[tuple[Sheet, PrintedForm]] = []
    for number, sheet in enumerate(sheets):
        read += [(sheet, form) for form in _as_answered(sheet)]
        scheme = (named or recognise(read[0][1])[0]) if len(read) == 1 and number + 1 < len(sheets) else None
        if scheme and scheme.form.one_book and (whole := _one_book(sheet, sheets, scheme)):
            return [whole]
    found = _named(read, named) if named else list(_recognised(read, reasons))
    if not found:
        others = ((sheet, other_document(SheetText(sheet))) for sheet in sheets)
        known = next(
            (f"“{sheet.name}”是{other.name}，不是自评表；{other.advice}" for sheet, other in others if other), ""
        )
        raise FormNotRecognised(known or "；".join(reasons) or NO_FORM)
    return found


def _one_book(first: Sheet, sheets: Sequence[Sheet], scheme: Scheme) -> RecognisedForm | None:
    """The form that begins in a sheet and goes on in the others; None where they have more forms than one."""
    whole = JoinedSheet([first, *(other for other in sheets if other is not first)])
    forms = read_forms(whole)
    return RecognisedForm(whole, scheme, forms[0]) if len(forms) == 1 else None


def _named(read: Sequence[tuple[Sheet, PrintedForm]], scheme: Scheme) -> list[RecognisedForm]:
    """The forms that a person has said the scheme of: not those that fit it much less than the best."""
    forms = [(sheet, form) for sheet, form in read if any(table.kind == "indicator" for table in form.tables)]
    fits = [fit(form, scheme) for _, form in forms]
    return [
        RecognisedForm(sheet, general_for(form) if scheme.name == GENERAL else scheme, form)
        for (sheet, form), value in zip(forms, fits, strict=True)
        if value * 2 >= max(fits)
    ]


def _recognised(read: Sequence[tuple[Sheet, PrintedForm]], reasons: list[str]) -> Iterator[RecognisedForm]:
    """The forms whose scheme is known; says of the others why not."""
    for sheet, form in read:
        if all(table.kind == "other" for table in form.tables):
            continue
        scheme, reason = recognise(form)
        if scheme and not scheme.general and not form.scheme:
            scheme, reason = _by_its_own_sentences(sheet, form, scheme)
        if scheme is None:
            reasons.append(f"工作表“{sheet.name}”{reason}")
        else:
            yield RecognisedForm(sheet, scheme, form)


def _as_answered(sheet: Sheet) -> list[PrintedForm]:
    """The forms of a sheet, with the scheme and the columns that a person has told of forms like them."""
    forms = read_forms(sheet)
    if not answers_path().is_file():
        return forms
    answers = [answer_for(form.title, printed_columns(form)) for form in forms]
    told = {}
    for form, answer in zip(forms, answers, strict=True):
        told.update(_told(form, answer) if answer else {})
    again = read_forms(sheet, told) if told else forms
    for form, answer in zip(again, answers, strict=False):
        form.scheme = answer.scheme if answer else ""
    return again


def _told(form: PrintedForm, answer: Answer) -> dict[str, str]:
    """The words of columns → a word that is known for what a person said they are."""
    found = {}
    for table in form.tables:
        kind = spellings().get(table.kind, {})
        for column in (*table.columns.values(), *table.unknown):
            if words := kind.get(answer.columns.get(normalize(column.words), "")):
                found[column.words] = words[0]
    return found


def _by_its_own_sentences(sheet: Sheet, form: PrintedForm, scheme: Scheme) -> tuple[Scheme | None, str]:
    """The scheme, the general one where the form prints other numbers; None and why where that will not do."""
    own = (rule for rule in printed_rules(sheet) if form.first <= rule.cell[0] <= form.last)
    differs = next(iter(contradictions(own, scheme)), None)
    if differs is None:
        return scheme, ""
    where = f"{sheet.address(differs.cell)} 印的“{differs.sentence}”"
    said = f"像“{scheme.title}”，但 {where}和它不一样（{differs.scheme_says}）"
    advice = f"确实按这个办法的，请加 --scheme {scheme.name}；办法改了的，请用 workbook_tools schemes draft 起草"
    if scheme.deductions.rows or scheme.form.one_book:  # more than any form has
        return None, f"{said}；{advice}"
    return replace(general_for(form), general=f"{said}，各行得分由填表人决定；{advice}"), ""


def _readable(book: Workbook, reasons: list[str]) -> Iterator[Sheet]:
    """The visible sheets that are small enough for a form; says of the others why not."""
    for info in book.sheets:
        if info.name == INSTRUCTIONS:
            continue
        if info.hidden:
            reasons.append(f"工作表“{info.name}”是隐藏的，没有检查")
            continue
        try:
            yield book.sheet(info)
        except FileRejected as refused:
            if refused.code != "E_TOO_BIG":
                raise
            reasons.append(f"工作表“{info.name}”：{refused}")
