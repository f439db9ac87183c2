"""What the buttons of the ribbon do, the same for a book that is open in Excel and for a copy of it.

An action reads the book, and gives rows for the macros: what to say, which cells get a comment, and, for a copy, which
cells get a value. An open book has its values written by `live`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from workbook_tools.assess import Assessment, assess
from workbook_tools.checks import ERROR
from workbook_tools.errors import BadWaiver
from workbook_tools.excel import BACKUPS, Book, SheetInfo, column_letters, read_file, save
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import MOST_ROUNDS, Filled, fill_book, findings_after
from workbook_tools.forms.recognition import Workbook
from workbook_tools.reports.export import finding_summary as findings_of
from workbook_tools.reports.sentences import score_summary, typed_differences, undecided, wrong_formulas
from workbook_tools.ribbon.macro_calls import Kind, Row
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.values import Quantity, Value, needs_text_prefix

MARK = "【绩效自评校验】"
MOST_LINES = 12  # of a message box, which holds about 1,000 characters
MOST_FOUND = 8  # lines of what was found, beside those that say to whom the mail goes
LONGEST_LINE = 70
REPLACE = "\n按“是”替换，按“否”保留。"
NO_UNDO = "Ctrl+Z 不能撤销；不想要的话，关闭工作簿时不要保存。"


class TypedSheet(Sheet, Protocol):
    """A sheet that says what was written into it, as a person would type it."""

    def typed(self) -> Iterator[tuple[Cell, Value]]: ...


class TypedBook(Protocol):
    """A workbook of such sheets."""

    @property
    def sheets(self) -> Sequence[SheetInfo]: ...
    @property
    def unseen(self) -> str: ...
    def sheet(self, info: SheetInfo) -> TypedSheet: ...
    def calculate(self) -> Collection[str]: ...
    def as_saved(self) -> None: ...


# Types values, each with its sheet and cell; tells whether a formula shows anything else now.
Writer = Callable[[Sequence[tuple[str, Cell, Value]]], bool]


def fill(book: TypedBook, name: str, *, overwrite: bool = False, write: Writer | None = None) -> list[Row]:
    """填表: with `write` the values are written, without it they come as rows.

    Raises `FormNotRecognised` or `FileRejected`, also by `write`; then nothing has been written.
    """
    forms = fill_book(book, overwrite=overwrite)
    typed = _typed(book, forms)
    rows: list[Row] = []
    if write:
        new = typed
        for _ in range(MOST_ROUNDS):
            if not write(new):
                break
            forms = fill_book(book, overwrite=overwrite)  # Excel has calculated: what formulas show now counts
            new = [one for one in _typed(book, forms) if one not in typed]
            if not new:
                break
            typed += new
    else:
        for sheet, cell, value in typed:
            kind: Kind = "words" if isinstance(value, str) and needs_text_prefix(value) else "plain"
            typing = f"{value}" if isinstance(value, Quantity) else value  # 98.5% is typed, and becomes a number
            rows.append(Row(kind, typing, sheet, f"{column_letters(cell[1])}{cell[0]}"))
    found, refused = _found(book, forms)
    wrong = [sentence for form in forms for sentence in typed_differences(form)]
    decide = [sentence for form in forms for sentence in (*wrong_formulas(form), *undecided(form))]
    hints = sum(bool(change.hint) for form in forms for change in form.changes)
    said = [score_summary(form) if len(forms) == 1 else f"{form.name}：{score_summary(form)}" for form in forms]
    said.append(f"填了 {len(typed)} 格。{NO_UNDO}" if typed else "没有要填的，工作簿没有改动。")
    if wrong:
        rows.append(Row("ask", short([*said, "手工填的这些和办法不一致：", *wrong]) + REPLACE))
    else:
        said += ["需要您决定：", *decide] if decide else []
        said += [f"另有 {found + hints} 处需要核对，请点“校验”。"] if found + hints else []
        said += [f"没有校验：{refused}"] if refused else []
        rows.append(Row("say", short(said)))
    rows.append(Row("about", name))
    rows.append(Row("grade", "；".join(_grade(form) for form in forms)))
    rows.append(Row("findings", f"{len(wrong) + len(decide)} 处要处理，{found + hints} 处需核对"))
    return rows


def _found(book: Workbook, forms: Sequence[Filled]) -> tuple[int, BadWaiver | None]:
    """The number of findings without a waiver, or 0 and why the checks did not run."""
    try:
        return sum(checked.errors + checked.hints for checked in findings_after(book, forms)), None
    except BadWaiver as fault:
        return 0, fault


def check(book: Workbook, name: str) -> list[Row]:
    """校验: a comment in every cell where something is found.

    Raises `FormNotRecognised`, `FileRejected` or `BadWaiver`.
    """
    forms = assess(book)
    notes: dict[tuple[str, str], list[str]] = {}
    elsewhere = []
    for form in forms:
        for place in form.found:
            if place.waived:
                continue
            said = f"{place.level} {place.finding.code}：{place.finding.message}"
            sheet, _, cell = place.address.rpartition("!")
            if cell:
                notes.setdefault((sheet, cell), []).append(said)
            else:
                elsewhere.append(said)
    rows = [Row("unmark")]
    rows += [Row("note", "\n".join([MARK, *said]), *at) for at, said in notes.items()]
    if notes:
        rows.append(Row("select", "", *_first(forms) or next(iter(notes))))
    counted = [findings_of(form) if len(forms) == 1 else f"{form.name}：{findings_of(form)}" for form in forms]
    lines = [*counted, f"{len(notes)} 格加了批注，点“定位下一处”逐个看。"] if notes else counted
    rows.append(Row("say", short([*lines, *elsewhere])))
    rows.append(Row("about", name))
    rows.append(Row("grade", "；".join(f"{form.total} {form.grade}".strip() or "没有总分" for form in forms)))
    rows.append(Row("findings", "；".join(counted)))
    return rows


def new(scheme: str, folder: Path) -> list[Row]:
    """新建自评表: an empty form of a scheme in a folder, to be opened as a new workbook; raises `FileRejected`."""
    from workbook_tools.template.workbook import form_workbook, workbook_bytes

    if scheme not in form_names():
        return [Row("say", f"没有名为“{scheme}”的评分办法；请重新安装插件（workbook_tools addin install）")]
    path = folder / "自评表.xlsx"
    save(path, workbook_bytes(form_workbook(load_scheme(scheme))), seen=None)
    return [Row("open", str(path))]


def report(path: Path, book: str) -> list[Row]:
    """生成报告: the report of the form beside its workbook, or the one there brought up to date, and shown.

    `path` is a copy of the open workbook, `book` where it itself is saved. Raises `FileRejected`, `BadTemplate`,
    `FormNotRecognised` or `NotInstalled`.
    """
    from workbook_tools.mail.attached_report import report_path
    from workbook_tools.mail.batch import shown_to_clerk
    from workbook_tools.reports.word.report import made_report
    from workbook_tools.word.package import save_document

    if not Path(book).is_absolute() or not Path(book).parent.is_dir():
        return [Row("say", "报告存在工作簿旁边：请先把工作簿保存到电脑的一个文件夹里，再点“生成报告”。")]
    forms = assess(Book(read_file(path)))
    if len(forms) > 1:
        return [Row("say", f"工作簿里有 {len(forms)} 张自评表，不知道为哪一张写报告；请只留一张再试。")]
    out = report_path(Path(book))
    made = made_report(forms[0], out)
    backup = save_document(out, made.data, seen=made.seen, made_from=[path])
    lines = ["没有要改的，报告没有改动" if made.unchanged else f"已写到 {out.name}（和工作簿在一个文件夹里）"]
    lines += [f"原来的报告在 {BACKUPS} 文件夹里"] if backup else []
    lines += [f"{one.where}：已由人改写，没有动" for one in made.merged or () if one.what in ("kept", "left")]
    lines += [
        f"没有写进报告：{one.label}在自评表上填的是 {one.printed}，按办法应为 {one.computed}" for one in made.differing
    ]
    lines += [] if shown_to_clerk(out) else ["请用 Word 或 WPS 打开；标黄的地方要您写。"]
    return [Row("say", short(lines))]


def send(path: Path, *, agreed: bool = False) -> list[Row]:
    """发送邮件: to the receivers in the settings once the clerk has agreed, or, where none are set, as a draft.

    `path` is a copy of the open workbook. Raises `BadMail`, `BadWaiver`, `FileRejected` or `ConnectionLost`, and
    `sqlite3.Error` where the outbox cannot be used.
    """
    from workbook_tools.mail import batch, sentences
    from workbook_tools.mail.settings import outbox_path

    settings = batch.settings_if_any()
    to = settings.to if settings else ()
    subject, contact = (settings.subject, settings.contact) if settings else ("", "")
    (one,) = batch.compose_forms([path], to, batch.Composing(subject=subject, contact=contact))
    lines = [line for said in sentences.composed(one, path.name) for line in (said.sentence, *_most(said.findings))]
    if one.mail is None:
        return [Row("say", "\n".join(lines))]
    if settings is None or not to:
        for written in batch.write_drafts([one.mail], outbox_path().parent / "drafts", show=True):
            lines += sentences.written(written)
        return [Row("say", "\n".join(lines))]
    if not agreed:
        for seen in batch.preview([one.mail], batch.outbox_if_any()):
            lines += sentences.previewed(seen, path.name)
        return [Row("ask", "\n".join([*lines, "按“是”发出，按“否”不发。"]))]
    box = batch.open_outbox()
    queued = batch.queue(box, settings, [one.mail._replace(about=path.name)])
    run = batch.send_queued(box, settings, queued.deliveries)
    lines += [*sentences.queued(queued), *(sentences.sent(run) if run else ()), *sentences.older(queued)]
    return [Row("say", "\n".join(lines))]


def _most(findings: Sequence[str]) -> list[str]:
    """The findings as far as a message box holds them beside the rest."""
    return [short(findings, MOST_FOUND)] if findings else []


def _typed(book: TypedBook, forms: Sequence[Filled]) -> list[tuple[str, Cell, Value]]:
    """Sheet, cell and value of everything that was written."""
    return [(sheet.name, cell, value) for sheet in _sheets(book, forms) for cell, value in sheet.typed()]


def _sheets(book: TypedBook, forms: Sequence[Filled]) -> Iterator[TypedSheet]:
    """The sheets of the book that hold a part of a form."""
    names = {name for form in forms for name in form.above}
    return (book.sheet(info) for info in book.sheets if info.name in names)


def _first(forms: Sequence[Assessment]) -> tuple[str, str] | None:
    """Sheet and cell of the first error."""
    for form in forms:
        for place in form.found:
            if place.level == ERROR and place.address:
                sheet, _, cell = place.address.rpartition("!")
                return sheet, cell
    return None


def _grade(form: Filled) -> str:
    if not form.scheme.groups:
        return "没有得分"
    total = "总分未定" if form.scores.total is None else f"{form.scores.total}"
    return f"{total} {form.scores.grade or ''}".strip()


def short(lines: Sequence[str], most: int = MOST_LINES) -> str:
    """The lines as a message box holds them; says how many it left out."""
    kept = [line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…" for line in lines[:most]]
    return "\n".join([*kept, f"……还有 {len(lines) - most} 条，点“校验”可以逐个看。"] if len(lines) > most else kept)
