"""A form as the reviewer sees it: its rows with points, and what the checks found in each and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from sys import intern
from typing import NamedTuple

from workbook_tools.assess import Addressed, Assessment, assess_with_addresses
from workbook_tools.batch import run
from workbook_tools.checks import ERROR
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import read_book, read_file
from workbook_tools.findings import LocatedFinding, Waiver
from workbook_tools.forms.form import Field
from workbook_tools.reports.checked import SchemeName, scheme_name
from workbook_tools.reports.sentences import cell_of
from workbook_tools.review.limits import ceiling_of, lowest, most_with
from workbook_tools.review.rules import advice_on
from workbook_tools.scoring.deductions import is_veto, veto
from workbook_tools.values import UNCALCULATED, decimals, format_value, plain, read_points, read_quantity

SUMMARY, ISSUES = "复核汇总", "问题清单"  # sheets of what is written here
NOTICES = "整改通知"  # the folder of the notices
PLACES = 2  # decimals of a rate
LONGEST_NAME = 24  # characters of a row's name in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a form that has points.

    Attributes:
        field: the field path of the row: indicators.3, budget.execution, deductions.1.
        group: 一级指标 as the form or its scheme calls it.
        kind: 二级指标.
        name: 三级指标.
        op: 指标性质.
        target: 指标值.
        unit: 度量单位.
        weight: the points of the row; None where they are not known.
        least: the least points that the reviewer may give.
        most: the most for the actual value as printed; None where that is not known.
        ceiling: the most for any actual value, more than `most` where rates beyond 100% count.
        actual: 完成值 as printed.
        score: the unit's own points; None where they are blank or no number.
        printed: the words in the cell of the score.
        computed: the points by the scheme; None while they are open.
        why: how these are worked out.
        label: what the sheet calls the cell of the score; None where there is no such cell.
    """

    field: Field
    group: str
    kind: str
    name: str
    op: str
    target: str
    unit: str
    weight: Decimal | None
    least: Decimal
    most: Decimal | None
    ceiling: Decimal | None
    actual: str
    score: Decimal | None
    printed: str
    computed: Decimal | None
    why: str
    label: str | None

    @property
    def title(self) -> str:
        """What the row is called in a sentence: by its kind where its name is a long text."""
        words = self.kind if len(self.name) > LONGEST_NAME and self.kind else self.name
        return words if len(words) <= LONGEST_NAME else f"{words[:LONGEST_NAME]}……"

    @property
    def usable(self) -> bool:
        """Whether the unit's own points can stand where the reviewer gives none."""
        return self.allows(self.score)

    def allows(self, points: Decimal | None) -> bool:
        """Whether points lie where those of the row may."""
        return points is not None and self.least <= points and (self.most is None or points <= self.most)

    @property
    def limits(self) -> str:
        """Between what the points may lie, in words."""
        return f"{plain(self.least)}～{plain(self.most)}" if self.most is not None else f"{plain(self.least)} 以上"


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """一票否决, where the scheme has it: an event that costs the grade and no points.

    Attributes:
        field: the field path of its row; `veto` where the form has no such row.
        said_at: the field that says whether it happened, "" where there is none.
        group: 一级指标 as the form or its scheme calls it.
        name: what the scheme calls it.
        about: what it is about, as printed in its row.
        said: what the unit says.
        happened: whether that means that it happened; None where its words do not tell.
        never: the words that say that it did not happen.
        occurred: the words that say that it did.
        quote: the sentence of the scheme.
    """

    field: Field
    said_at: Field
    group: str
    name: str
    about: str
    said: str
    happened: bool | None
    never: str
    occurred: str
    quote: str

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class FormToReview:
    """What a review needs of one form: without its form and its scheme, to come from another process.

    Attributes:
        sheet: the sheet that it stands on.
        name: what it is called among the forms of the workbook.
        scheme: by which it was scored.
        unit: the unit, "" where the form does not say.
        project: the project, likewise.
        total: the total as printed.
        grade: the grade as printed.
        computed: the total by the scheme; None while it is open.
        rows: those with points, in the order of the sheet.
        veto: 一票否决; None where the scheme has none.
        found: its findings.
        names: those of its indicators, in the order of their numbers.
        words: its fields that are not blank.
        cells: field → the address of its cell, with the sheet where it is another one than that of the form.
    """

    sheet: str
    name: str
    scheme: SchemeName
    unit: str
    project: str
    total: str
    grade: str
    computed: Decimal | None
    rows: Sequence[Row]
    veto: Veto | None
    found: Sequence[LocatedFinding]
    names: Sequence[str]
    words: Mapping[Field, str]
    cells: Mapping[Field, str]

    def address(self, field: Field) -> str:
        """The address of the cell of a field, with its sheet; "" where it has none."""
        cell = self.cells.get(field, "")
        return cell if not cell or "!" in cell else f"{self.sheet}!{cell}"


class FormFile(NamedTuple):
    """One workbook of a folder: its bytes' digest and its forms, or the sentence that says why it was not read."""

    path: Path
    digest: str
    forms: Sequence[FormToReview]
    fault: str = ""


def read_forms(
    paths: Iterable[Path], scheme: str | None = None, waivers: Sequence[Waiver] = (), *, jobs: int | None = None
) -> Iterator[FormFile]:
    """Every workbook in turn, without reviews and lists of issues; one that cannot be read stops nothing.

    `jobs` says on how many worker processes.
    """
    for path, one, why in run(paths, partial(read_unless_ours, scheme=scheme, waivers=waivers), jobs=jobs):
        if one:
            yield one._replace(forms=[*map(_sharing, one.forms)])
        elif why:
            yield FormFile(path, "", (), str(why))


def read_unless_ours(path: Path, scheme: str | None, waivers: Sequence[Waiver]) -> FormFile | None:
    """What a review needs of one workbook; None for a review, or a list of issues, that lies among the forms."""
    try:
        digest, read = read_one(path, scheme, waivers)
    except Exception:
        if _is_ours(path):
            return None
        raise
    return FormFile(path, digest, [to_review(*one) for one in read])


def read_one(path: Path, scheme: str | None, waivers: Sequence[Waiver]) -> tuple[str, Sequence[Addressed]]:
    """The digest of one workbook, and its assessed forms."""
    data = read_file(path)
    return sha256(data).hexdigest(), assess_with_addresses(read_book(data), scheme, waivers)


def _is_ours(path: Path) -> bool:
    try:
        return any(info.name in (SUMMARY, ISSUES) for info in read_book(read_file(path)).sheets)
    except WorkbookToolsError:
        return False


def to_review(form: Assessment, addresses: Mapping[Field, str]) -> FormToReview:
    """What a review needs of an assessed form."""
    own = f"{form.sheet}!"
    return FormToReview(
        sheet=form.sheet,
        name=form.name,
        scheme=scheme_name(form.scheme),
        unit=form.unit,
        project=form.project,
        total=form.total,
        grade=form.grade,
        computed=form.scores.total,
        rows=rows_of(form),
        veto=_veto(form),
        found=form.found,
        names=[one.name for one in form.form.indicators],
        words={field: words for field, words in form.form.words.items() if words},
        cells={field: address.removeprefix(own) for field, address in addresses.items()},
    )


def _sharing(form: FormToReview) -> FormToReview:
    """The form with the fields and cells that most forms have held once for all."""
    return replace(
        form,
        words={intern(field): words for field, words in form.words.items()},
        cells={intern(field): intern(cell) for field, cell in form.cells.items()},
    )


def rows_of(form: Assessment) -> list[Row]:
    """The rows of a form that have points, in the order of the sheet."""
    scored = (field.removesuffix(".score") for field in form.scores.lines if field.endswith(".score"))
    rows = [one for field in scored if (one := _row(form, field))]
    cells = form.placement.cells
    return sorted(rows, key=lambda row: cells.get(f"{row.field}.score", (1 << 30, 0)))


def _row(form: Assessment, field: Field) -> Row | None:
    part, _, number = field.partition(".")
    words, scores, scheme = form.form, form.scores, form.scheme
    weight = scores.weights.get(field)
    line = scores.lines[f"{field}.score"]
    computed = line.value if isinstance(line.value, Decimal) else None
    ceiling = weight
    if part == "budget":
        rule = next((rule for rule in scheme.budget if rule.field == number), None)
        if rule is None:
            return None
        group = next((one.label for one in scheme.groups if one.weights == "rules"), "预算资金")
        rate = scores.lines.get(field)
        shown = _rate(words.budget.get(number)) or (format_value(rate.value) if rate and rate.value else "")
        printed, least, most = _said(words.budget.get(f"{number}.score")), Decimal(0), weight
        named = ("", rule.label, "", "", "")
    else:
        listed = words.deductions if part == "deductions" else words.indicators if part == "indicators" else ()
        if not listed:
            return None
        one = listed[int(number) - 1]
        if part == "deductions" and is_veto(one, scheme.deductions):
            return None
        label = next((known.label for known in scheme.groups if known.name == one.group and one.group), one.label)
        group, printed = _said(label), _said(one.score)
        shown = _said(one.actual) or (_said(one.rate) if part == "deductions" else "")
        named = (_said(one.kind), _said(one.name), _said(one.op), _said(one.target or one.initial), _said(one.unit))
        if part == "deductions":
            read = read_points(one.weight or "")
            weight = None if read is None else -abs(read)
            group, least, most = scheme.deductions.label or group, lowest(form, weight), Decimal(0)
            ceiling = most
        else:
            least, most = Decimal(0), most_with(form, field)
            ceiling = ceiling_of(form, field, most)
    kind, name, op, target, unit = named
    return Row(
        field=field,
        group=group,
        kind=kind,
        name=name or kind,
        op=op,
        target=target,
        unit=unit,
        weight=weight,
        least=least,
        most=most,
        ceiling=ceiling,
        actual=shown,
        score=read_points(printed) if printed or part != "deductions" else computed,  # 未发生扣分行为 says 0
        printed=printed,
        computed=computed,
        why=line.why,
        label=form.placement.labels.get(f"{field}.score"),
    )


def _veto(form: Assessment) -> Veto | None:
    rules = form.scheme.deductions
    if not (rules.veto and rules.none and rules.veto_words):
        return None
    number, row = next(
        ((number, row) for number, row in enumerate(form.form.deductions, 1) if is_veto(row, rules)), (0, None)
    )
    field = f"deductions.{number}" if number else "veto"
    at = next((f"{field}.{name}" for name in ("rate", "actual") if f"{field}.{name}" in form.placement.cells), "")
    return Veto(
        field=field,
        said_at=at,
        group=rules.label,
        name=rules.veto,
        about=_said(row.name or row.kind) if row else rules.veto_quote,
        said=_said(row.rate) or _said(row.actual) if row else "",
        happened=veto(form.form, rules),
        never=rules.none[0],
        occurred=rules.veto_words[0],
        quote=rules.veto_quote,
    )


def _rate(words: str | None) -> str:
    """A rate as people write it: one that a program worked out has two decimals."""
    read = read_quantity(words or "")
    return format_value(read) if read and read.unit == "%" and decimals(read.number) > PLACES else _said(words)


def _said(words: str | None) -> str:
    return " ".join(words.split()) if words and words != UNCALCULATED else ""


def row_field(field: Field, form: FormToReview) -> Field:
    """The row that a field belongs to, that of the veto too; "" where it is none of them."""
    rows = [one.field for one in (*form.rows, form.veto) if one]
    return next((row for row in rows if field == row or field.startswith(f"{row}.")), "")


def findings_of(form: FormToReview) -> list[LocatedFinding]:
    """The findings without a waiver."""
    return [place for place in form.found if not place.waived]


def remark(place: LocatedFinding, form: FormToReview) -> str:
    """A finding as the reviewer reads it: its check, its cell, what is there and what should be."""
    cell = cell_of(place, form)
    return f"{place.level} {place.code}{f' {cell}' if cell else ''}：{place.message}"


def advice(row: Row | None, places: Sequence[LocatedFinding], scheme: str) -> str:
    """What is proposed for a row, never applied: what the form's own scheme gives, and rules of published reviews."""
    said = []
    wrong = row and any(place.field == f"{row.field}.score" and place.level == ERROR for place in places)
    if wrong and row and row.computed is not None and row.score is not None and row.computed != row.score:
        less = row.score - row.computed
        change = f"扣 {plain(less)} 分" if less > 0 else f"加 {plain(-less)} 分"
        said.append(f"按办法应得 {plain(row.computed)} 分（{row.why}），建议{change}（{scheme}）")
    codes = dict.fromkeys(place.code for place in places if row)
    said += [one for code in codes if (one := advice_on(code))]
    return "；".join(said)
