"""What filling has found, in sentences: for the terminal and for the ribbon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from workbook_tools.assess import Assessment
from workbook_tools.checks.reading import BLANKS
from workbook_tools.findings import LocatedFinding
from workbook_tools.forms.fitting import Similar
from workbook_tools.forms.form import Report
from workbook_tools.text import one_line
from workbook_tools.values import UNCALCULATED, agrees, format_value, plain, read_points

if TYPE_CHECKING:
    from workbook_tools.fill import Change, Filled
    from workbook_tools.reports.checked import AnyForm


class OnSheet(Protocol):
    """A form that is told of, in whatever record it stands."""

    @property
    def sheet(self) -> str:
        """The sheet that it stands on."""


def still_yellow(report: Report) -> str:
    """Where words of a report are yellow although they are written; "" for nowhere."""
    places = [place.rpartition(" ")[2] for place in report.lit[:_MOST_YELLOW]]
    more = "等" if len(report.lit) > _MOST_YELLOW else ""
    shown = f"{'、'.join(places)}{more}"
    return f"有 {len(report.lit)} 处写好的字还标着黄（{shown}）；定稿前请选中，去掉“突出显示”" if places else ""


_MOST_YELLOW = 5  # places that are told one by one


def undecided(form: Filled) -> list[str]:
    """What a person has to decide, causes only: what merely rests on them is left out."""
    unknown = {field for field, line in form.scores.lines.items() if line.value is None}
    lines = form.scores.lines
    return [
        f"{where(change, form)}{change.why}"
        for change in form.changes
        if change.outcome == "open"
        and (change.field not in lines or unknown.isdisjoint(lines[change.field].depends_on))
    ]


def typed_differences(form: Filled) -> list[str]:
    """Typed values that differ from the computed ones."""
    return [
        f"{where(change, form)}填的是 {change.before}，{_wanted(change)}（{change.why}）"
        for change in form.changes
        if change.outcome == "differs" and not change.formula
    ]


def wrong_formulas(form: Filled) -> list[str]:
    """Formulas whose result differs from the rule, with both figures."""
    sentences = []
    for change in form.changes:
        if change.outcome == "differs" and change.formula:
            given = f" {change.before}" if change.before else "空白"
            said = f"{where(change, form)}公式算得{given}，{_wanted(change)}（{change.why}）"
            sentences.append(f"{said}；公式没有改动，请改公式，或删去公式再填")
    return sentences


def _wanted(change: Change) -> str:
    return f"数据是 {change.after}" if change.source == "data" else f"按办法应为 {change.after}"


def score_summary(form: Filled) -> str:
    """Total and grade, and the cells that were not written."""
    held = [change for change in form.changes if change.outcome == "held"]
    total = "总分未定" if form.scores.total is None else f"总分 {form.scores.total}"
    if not form.scheme.groups and not any(field.endswith(".score") for field in form.scores.lines):
        total = "这种表没有得分，只核对金额和比率"
    grade = "，等级未定" if form.scores.grade is None else f"，等级 {form.scores.grade}"
    grade = grade if form.scheme.grades.steps else ""
    cells = "、".join(cell_of(change, form) for change in held)
    return f"{total}{grade}" + (f"（按办法计算；因上面有出入，{cells} 没有写）" if held else "")


def self_stated(printed: str, computed: Decimal | str | None, places: int) -> str:
    """The total or the grade that a unit gives itself, and what the scheme gives where that is not the same.

    What is computed is never called the unit's own: 没有填（按办法计算 94.66）.
    """
    if computed is not None and agrees(computed, printed, places):
        return format_value(computed)
    return typed_figure(printed) + ("" if computed is None else f"（按办法计算 {format_value(computed)}）")


def typed_figure(printed: str) -> str:
    """A total or a grade as its cell says it."""
    number = read_points(printed)
    own = "公式没有算过" if printed == UNCALCULATED else printed if number is None else plain(number)
    return own or "没有填"


def findings(form: Assessment) -> Iterator[str]:
    """The findings of a form without a waiver; blank fields are listed in one line."""
    left = [place for place in form.found if not place.waived]
    blank = [place for place in left if place.finding.code in BLANKS]
    if blank:
        cells = "、".join(where(place, form).rstrip("：") for place in blank)
        yield f"{blank[0].level} 还有 {len(blank)} 处没有填：{cells}"
    for place in left:
        if place.finding.code not in BLANKS:
            yield f"{place.level} {place.finding.code}  {where(place, form)}{place.finding.message}"


def cell_of(change: Change | LocatedFinding, form: OnSheet) -> str:
    """The cell, with its sheet where it is not the form's first."""
    sheet, _, cell = change.address.rpartition("!")
    return cell if sheet == form.sheet else change.address


def where(change: Change | LocatedFinding, form: OnSheet) -> str:
    """The cell and what people call it, "" where the form has neither."""
    said = " ".join(filter(None, (cell_of(change, form), change.label)))
    return one_line(f"{said}：") if said else ""


def side_by_side(form: AnyForm) -> str:
    """The self-evaluation and the review beside each other, "" where nobody has reviewed the form."""
    given = form.reviewed
    if given is None or (given.score is None and not given.grade):
        return ""
    own = f"自评 {form.total or '（空）'} {form.grade}".rstrip()
    score = "（空）" if given.score is None else plain(given.score)
    far = given.difference
    said = "" if far is None else "，相同" if not far else f"，审核{'多' if far > 0 else '少'} {plain(abs(far))} 分"
    return f"{own}；审核 {score} {given.grade}".rstrip() + said


MOST_COLUMNS = 4  # that a sentence names


def about_scheme(form: Filled | Assessment) -> Iterator[str]:
    """What the scheme of a form leaves unchecked, and which other it may have."""
    if form.scheme.notice:
        yield form.scheme.notice
    if near := most_like(form.placement.like):
        yield near


def most_like(like: Sequence[Similar]) -> str:
    """Which official forms a form is most like, what the difference is, and what to do; "" where it is like none."""
    if not like:
        return ""
    if len(like) > 1:
        names = "、".join(f"“{one.comparison.scheme.title}”" for one in like)
        named = " 或 ".join(f"--scheme {one.comparison.scheme.name}" for one in like)
        return f"收录的表里有几种都像，分不清：{names}；请看表题是哪一种，加上 {named}"
    one = like[0].comparison
    lacking = [f"缺{_quoted(one.missing)}"] if one.missing else []
    lacking += [f"多{_quoted(one.foreign)}"] if one.foreign else []
    lacking += [f"写法不同的有{_quoted([word for word, _ in one.otherwise])}"] if one.otherwise else []
    said = "，".join([f"表头相同 {one.percent}%", *lacking])
    cure = f"确实是这种表的，请加 --scheme {one.scheme.name}"
    cure = cure if like[0].usable else "它的办法要用的表头这里没有；表头改动过的，请恢复"
    return f"最像的是“{one.scheme.title}”（{said}）；{cure}"


def _quoted(words: Sequence[str]) -> str:
    said = "".join(f"“{word}”" for word in words[:MOST_COLUMNS])
    return said if len(words) <= MOST_COLUMNS else f"{said}等 {len(words)} 列"
