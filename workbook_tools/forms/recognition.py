"""Which sheets of a workbook have forms, and of which official form each is: read first, recognised afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from workbook_tools.errors import FileRejected, FormNotRecognised
from workbook_tools.excel import Book, SheetInfo
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.fitting import GENERAL, Match, chosen, fit, matches
from workbook_tools.forms.headings import is_number
from workbook_tools.forms.page import INSTRUCTIONS, SheetText, other_document
from workbook_tools.forms.placement import foreign_first_level
from workbook_tools.forms.printed import PrintedForm, printed_columns
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.screening import may_have_table
from workbook_tools.forms.vocabulary import normalized, spellings
from workbook_tools.schemes.answers import Answer, answer_for, answers_path
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.printed_rules import contradictions, printed_rules
from workbook_tools.schemes.scheme import Amount, Scheme
from workbook_tools.values import normalize

OTHER_FORM = "不像 --scheme 指定的这种表，没有核对；请不加 --scheme 再核对一次"
EMPTY = "工作表是空的，没有表；请核对是不是这个文件"
NO_HEADING = "有一行行的指标和分数，没有读到表头（指标、指标值、完成值、得分等），像是截下来的一段；请用完整的表"
EARNED = {"score", "own", "coefficient"}  # columns of what a row gets of its points
INDICATOR, MOST_WORDS = "指标", 5  # how the kinds of indicators end; words of a heading that a sentence names
NO_FORM = (
    "没有读到自评表：自评表要有一张指标表（指标、指标值、完成值、得分等列）；请核对是不是这个文件、表头一行有没有删掉"
)
TARGETS = (
    "像绩效目标表（有指标值，没有完成值和得分），不是自评表；请换成填了完成值和得分的自评表；"
    "是自评表、删掉了完成值和得分两列的，请恢复"
)
MONITORING = (
    "像绩效监控表（执行数到年中为止），不是自评表，年中的执行数不能当作全年的；"
    "监控表请用 workbook_tools monitor 核对，自评请换成年终的自评表"
)
NO_INDICATORS = (
    "第 {row} 行起有资金，没有读到指标表（一级指标、指标值、完成值、得分等列），没有核对；"
    "只截了上半张的，请用完整的表；表头改动过的，请恢复"
)
LIST = "是清单，列有{words}，没有指标值和完成值，不是自评表；请换成各项目的自评表"


REVIEW = frozenset({"复核汇总", "复核口径"})  # sheets of every workbook that forms are reviewed in


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

    @property
    def name(self) -> str:
        """What the form is called among those of the workbook: its sheet, and which of its forms it is."""
        return form_name(self.sheet.name, self.printed.number)


class ReadForm(NamedTuple):
    """A form as it was read, whether or not it can be scored; `reason` says why not, "" where it can."""

    sheet: Sheet
    printed: PrintedForm
    scheme: Scheme | None
    reason: str

    @property
    def name(self) -> str:
        """What the form is called among those of the workbook."""
        return form_name(self.sheet.name, self.printed.number)


def form_name(sheet: str, number: int) -> str:
    """What a form is called: the name of its sheet, and from the second on of a sheet its number."""
    return f"{sheet}（第{number + 1}张）" if number else sheet


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
    if (last := _of_another_year(found)) is not None:
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
    columns = [table.columns.keys() for table in form.tables if table.kind == "indicator"]
    weighted = any("weight" in names for names in columns) and any(names & EARNED for names in columns)
    if not budgets or "spent" not in money:
        scheme = replace(scheme, budget=(), groups=tuple(one for one in scheme.groups if one.weights != "rules"))
    elif budgets == ["initial"]:  # with what was added to it, where the form prints that
        base: tuple[Amount, ...] = ("initial", "adjusted") if "adjusted" in money else ("initial",)
        rules = tuple(replace(rule, base=base) for rule in scheme.budget)
        names = {**scheme.money, "adjusted": "预算调整额"}
        scheme = replace(scheme, budget=rules, money={name: names[name] for name in (*base, "spent")})
    elif budgets == ["budget"]:  # which of the two the form does not say
        scheme = replace(scheme, money={name: scheme.money[name] for name in ("revised", "spent")})
    return scheme if weighted else replace(scheme, groups=())


def _of_another_year(found: Iterable[Match]) -> Scheme | None:
    """The scheme that a form would surely have in another year."""
    other = [match._replace(other_year=False) for match in found if match.other_year]
    match = chosen(other)
    return match.scheme if match else None


def is_monitoring(form: PrintedForm) -> bool:
    """Whether a form tells of the middle of the year: money or values until a month, and none of the whole year."""
    money = {idea for table in form.tables if table.kind == "money" for idea in table.columns}
    tables = [table.columns.keys() for table in form.tables if table.kind == "indicator"]
    values = any("so_far" in columns and not columns & {"actual", "score"} for columns in tables)
    return ("so_far" in money and "spent" not in money) or values


def _no_self_evaluation(form: PrintedForm) -> str:
    """Why a form is no self-evaluation, "" where it is one."""
    tables = [table.columns for table in form.tables if table.kind == "indicator"]
    if is_monitoring(form):
        return MONITORING
    if not tables:
        first = next((table.first for table in form.tables if table.kind == "money"), 0)
        return NO_INDICATORS.format(row=first) if first else NO_FORM
    if not any(column in columns for columns in tables for column in ("actual", "score", "own")):
        return TARGETS
    return ""


def forms_of(book: Workbook, scheme_name: str | None = None) -> list[RecognisedForm]:
    """The forms of the visible sheets, each with its scheme, in the order of the sheets.

    Raises `FormNotRecognised` or `FileRejected` when there is none.
    """
    return recognised(every_form(book, scheme_name))


def recognised(read: Iterable[ReadForm]) -> list[RecognisedForm]:
    """Those that have a scheme."""
    return [RecognisedForm(one.sheet, one.scheme, one.printed) for one in read if one.scheme]


def every_form(book: Workbook, scheme_name: str | None = None) -> list[ReadForm]:
    """Every form of the visible sheets with its scheme, or why it has none; at least one has.

    Raises `FormNotRecognised` or `FileRejected` when none has, or when the workbook is a review of forms.
    """
    if {info.name for info in book.sheets} >= REVIEW:
        raise FormNotRecognised("这是复核表，不是自评表", "填好以后用 workbook_tools review close")
    read, sheets, reasons = looked_at(book, scheme_name)
    if any(one.scheme for one in read):
        return read
    others = ((sheet, other_document(SheetText(sheet))) for sheet in sheets)
    known = next((f"“{sheet.name}”是{other.name}，不是自评表；{other.advice}" for sheet, other in others if other), "")
    reasons += [f"工作表“{one.name}”{one.reason}" for one in read]
    raise FormNotRecognised(known or "；".join(reasons) or _nothing_read(sheets))


def looked_at(book: Workbook, scheme_name: str | None = None) -> tuple[list[ReadForm], list[Sheet], list[str]]:
    """Every form that was read, the sheets that were looked at, and why others were not."""
    named = load_scheme(scheme_name) if scheme_name else None
    known: dict[int, list[PrintedForm]] = {}
    likely = _likely(book)
    if likely is not None:
        read, sheets, reasons = _looked_at(book, likely, named, known)
        if any(one.scheme and not one.scheme.form.one_book for one in read):
            return read, sheets, reasons
    return _looked_at(book, book.sheets, named, known)


def _likely(book: Workbook) -> list[SheetInfo] | None:
    """The sheets that may have a table of a form; None where that is all of them, or cannot be told."""
    if not isinstance(book, Book) or answers_path().is_file():
        return None
    listed = [info for info in book.sheets if not info.hidden and info.name != INSTRUCTIONS]
    if len(listed) < 2:
        return None
    likely = [info for info in book.sheets if info not in listed or may_have_table(book, info)]
    return likely if len(likely) < len(book.sheets) else None


def _looked_at(
    book: Workbook, infos: Iterable[SheetInfo], named: Scheme | None, known: dict[int, list[PrintedForm]]
) -> tuple[list[ReadForm], list[Sheet], list[str]]:
    reasons: list[str] = []
    sheets = list(_readable(book, infos, reasons))
    read: list[ReadForm] = []
    for number, sheet in enumerate(sheets):
        if id(sheet) not in known:
            known[id(sheet)] = _as_answered(sheet)
        forms = [form for form in known[id(sheet)] if any(table.kind != "other" for table in form.tables)]
        read += [ReadForm(sheet, form, named, "") if named else _recognised(sheet, form) for form in forms]
        scheme = read[0].scheme if len(read) == 1 and number + 1 < len(sheets) else None
        if scheme and scheme.form.one_book and (whole := _one_book(sheet, sheets, scheme)):
            return [whole], sheets, reasons
    return _named(read, named) if named else read, sheets, reasons


def _one_book(first: Sheet, sheets: Sequence[Sheet], scheme: Scheme) -> ReadForm | None:
    """The form that begins in a sheet and goes on in the others; None where they have more forms than one."""
    whole = JoinedSheet([first, *(other for other in sheets if other is not first)])
    forms = read_forms(whole)
    return ReadForm(whole, forms[0], scheme, "") if len(forms) == 1 else None


def _named(read: Sequence[ReadForm], scheme: Scheme) -> list[ReadForm]:
    """The forms that a person has said the scheme of: not those that fit it much less than the best."""
    scored = [any(table.kind == "indicator" for table in one.printed.tables) for one in read]
    fits = [fit(one.printed, scheme) for one in read]
    best = max((value for value, one in zip(fits, scored, strict=True) if one), default=0)
    return [
        one._replace(scheme=general_for(one.printed) if scheme.name == GENERAL else scheme)
        if told and value * 2 >= best
        else one._replace(scheme=None, reason=OTHER_FORM if told else _no_self_evaluation(one.printed) or NO_FORM)
        for one, value, told in zip(read, fits, scored, strict=True)
    ]


def _recognised(sheet: Sheet, form: PrintedForm) -> ReadForm:
    """A form with its scheme, or why it has none."""
    scheme, reason = recognise(form)
    if scheme and not scheme.general and not form.scheme:
        scheme, reason = _by_its_own_words(sheet, form, scheme)
    return ReadForm(sheet, form, scheme, reason)


def _nothing_read(sheets: Sequence[Sheet]) -> str:
    """Why no sheet has a form: what stands where a table would be."""
    filled = [sheet for sheet in sheets if any(True for _ in sheet.filled())]
    if not filled:
        return EMPTY
    if headless := next((sheet for sheet in filled if _is_headless(sheet)), None):
        return f"工作表“{headless.name}”{NO_HEADING}"
    for sheet in filled:
        for table in (table for form in read_forms(sheet) for table in form.tables if table.columns):
            words = "、".join(f"“{words}”" for words in list(table.columns)[:MOST_WORDS])
            return f"工作表“{sheet.name}”{LIST.format(words=words)}"
    return NO_FORM


def _is_headless(sheet: Sheet) -> bool:
    """Whether rows of indicators stand on a sheet that has no heading for them."""
    rows: dict[int, list[str]] = {}
    for row, column in sheet.filled():
        rows.setdefault(row, []).append(sheet.text((row, column)))
    named = [words for words in rows.values() if any(normalized(word).endswith(INDICATOR) for word in words)]
    figures = [words for words in rows.values() if sum(map(is_number, words)) > 1]
    return bool(named) and len(figures) > 1


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


def _by_its_own_words(sheet: Sheet, form: PrintedForm, scheme: Scheme) -> tuple[Scheme | None, str]:
    """The scheme, or the general one if the form prints other numbers or groups; None and why if that will not do."""
    cell = foreign_first_level(form, sheet, scheme)
    if cell is not None:
        groups = "、".join(group.label for group in scheme.groups if group.weights != "rules")
        words = " ".join(sheet.text(cell).split())
        return _other_than(form, scheme, f"{sheet.address(cell)} “{words}”和别的一级指标都不是它的（{groups}）")
    own = (rule for rule in printed_rules(sheet) if form.first <= rule.cell[0] <= form.last)
    differs = next(iter(contradictions(own, scheme)), None)
    if differs is None:
        return scheme, ""
    where = f"{sheet.address(differs.cell)} 印的“{differs.sentence}”"
    return _other_than(form, scheme, f"{where}和它不一样（{differs.scheme_says}）")


def _other_than(form: PrintedForm, scheme: Scheme, how: str) -> tuple[Scheme | None, str]:
    """The general scheme for a form that looks like one of a scheme and is not; None and why where that will not do."""
    said = f"像“{scheme.title}”，但 {how}"
    advice = f"确实按这个办法的，请加 --scheme {scheme.name}；办法改了的，请用 workbook_tools schemes draft 起草"
    if scheme.deductions.rows or scheme.form.one_book:  # more than any form has
        return None, f"{said}；{advice}"
    return replace(general_for(form), general=f"{said}，各行得分由填表人决定；{advice}"), ""


def _readable(book: Workbook, infos: Iterable[SheetInfo], reasons: list[str]) -> Iterator[Sheet]:
    """The visible of some sheets that are small enough for a form; says of the others why not."""
    for info in infos:
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
