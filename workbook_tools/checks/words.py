"""Facts that several checks need: texts by field, rows in use, figures."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from workbook_tools.forms.form import Field, Form, Indicator, Scores
from workbook_tools.schemes.direction import may_fall
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import (
    ORDINARY,
    Comparison,
    actual_words,
    compare,
    compare_row,
    no_direction,
    qualitative,
    says_met,
    target_words,
)
from workbook_tools.scoring.groups import rows_in_use
from workbook_tools.text import regex
from workbook_tools.values import (
    UNCALCULATED,
    Quantity,
    Target,
    agrees,
    format_value,
    normalize,
    not_applicable,
    plain,
    read_points,
    read_quantity,
    read_target,
    read_weight,
    round_half_up,
)

_NO_REASON = regex(r"0|(?:无|没有|不存在|未发生)(?:明显)?(?:偏差|偏离|差异)(?:原因|情况)?", needs="0|偏差|偏离|差异")


_PROMPT = regex(r"[(](?:控制在)?\d+字以内[)]", needs="(")


class IndicatorRow(NamedTuple):
    """One indicator in use: its numbers where they can be read, and how actual and target compare."""

    field: Field
    words: Indicator
    weight: Decimal | None
    score: Decimal | None
    target: Target | None
    actual: Quantity | None
    comparison: Comparison

    @property
    def share(self) -> Decimal | None:
        """The share of full points by the ordinary rule: 1 if the target is reached, None if it cannot be determined."""
        above, below = self.comparison.above, self.comparison.below
        return None if above is None or not below else above / below

    @property
    def met(self) -> bool | None:
        """Whether the target is reached: by its figures or deadline, or, where these do not decide, by 是否达标."""
        return says_met(self.words.status) if self.comparison.met is None else self.comparison.met

    @property
    def missed(self) -> bool:
        """Whether the target is missed."""
        return self.met is False

    @property
    def unsigned(self) -> bool:
        """Whether the target is a figure without a sign, so that only custom tells which way is better."""
        return self.target is not None and self.target.op is None

    @property
    def why(self) -> str:
        """What `missed` rests on."""
        return self.comparison.why if self.comparison.met is not None else f"写明“{self.words.status}”"

    @property
    def name(self) -> str:
        """The indicator's name for a message; its kind where it has none."""
        words = " ".join((self.words.name or self.words.kind).split())
        return words if len(words) <= 20 else f"{words[:19]}…"


@lru_cache(maxsize=8)  # many checks ask for the rows of the same form
def _rows(indicators: tuple[Indicator, ...]) -> tuple[IndicatorRow, ...]:
    found = []
    for field, words in rows_in_use(indicators):
        target = None if qualitative(words) else read_target(target_words(words))
        comparison = compare_row(words, ORDINARY)
        if comparison.met is None and not qualitative(words):
            comparison = _missed_part(words) or comparison
        weight, score = _two_places(read_weight(words.weight or "")), _two_places(read_points(words.score or ""))
        actual = read_quantity(actual_words(words))
        found.append(IndicatorRow(field, words, weight, score, target, actual, comparison))
    return tuple(found)


def _missed_part(row: Indicator) -> Comparison | None:
    """That a row of several indicators with one score misses one of them (≥95%；≥10场 and 80%；12场); else None."""
    wanted, done = ((words or "").split("；") for words in (row.target, row.actual))
    if len(wanted) < 2 or len(wanted) != len(done) or row.unit:
        return None
    for number, (one, said) in enumerate(zip(wanted, done, strict=True), 1):
        numbered = (f"{number}.", f"{number}、", f"({number})")
        if normalize(said).startswith(numbered):  # 1.96%: a number, or 96% of the first
            return None
        target = read_target(one)
        if target and target.op and (found := compare(one, said, ORDINARY, row.kind, row.name)).met is False:
            return Comparison(None, None, found.why, met=False)
    return None


def rows(form: Form) -> tuple[IndicatorRow, ...]:
    """The indicators in use, as scoring knows them.

    Weights and scores count as printed, to two places: 40/3 in a cell is 13.33.
    """
    return _rows(form.indicators)


def _two_places(points: Decimal | None) -> Decimal | None:
    return None if points is None else round_half_up(points, 2)


OVER = Decimal("1.3")  # Guangxi: 完成值达到指标值130%的，必须填写偏差原因


def over_target(row: IndicatorRow) -> Decimal | None:
    """Actual ÷ target of a row where more is better."""
    target, actual = row.target, row.actual
    if target is None or actual is None or target.op in ("≤", "<") or target.quantity.number <= 0:
        return None
    return actual.number / target.quantity.number if row.comparison.known else None


def given_by_rule(row: IndicatorRow, scores: Scores, scheme: Scheme) -> bool:
    """Whether the score of a row is what the rules give, rounded as they round: 98.93% of 99% of 6.67 is 6.67."""
    line = scores.lines.get(f"{row.field}.score")
    own = row.words.coefficient is not None  # 得分系数 is the person's, and so is what follows from it
    if line is not None and not line.judged and not own and isinstance(line.value, Decimal):
        return row.score == _two_places(line.value)
    if row.share is None or row.weight is None:
        return False
    return row.score == round_half_up(row.weight * row.share, scheme.places)


def given_by_others(form: Form, row: IndicatorRow, scheme: Scheme) -> bool:
    """Whether a row's score follows from the money or from the evaluators, not from its own words."""
    name = normalize(row.words.name)
    by_money = any(rule.row and normalize(rule.row) == name for rule in scheme.budget)
    return by_money or name in {normalize(one.name) for one in form.evaluators}


def beyond_all(row: IndicatorRow) -> bool:
    """Whether the target is a satisfaction rate above 100%, which is unreachable: 290% for ≥90%."""
    wanted = row.target.quantity if row.target else None
    return (
        wanted is not None
        and "满意度" in row.words.name + row.words.kind
        and wanted.unit == "%"
        and wanted.number > 100
    )


_CEILING = regex("案件|信访|超标|缺陷|调整|出国|出境|编制|供养")


def falls(name: str) -> bool:
    """Whether less of what an indicator's name counts may be better, or a ceiling is set for it: 投诉, 调整次数."""
    return may_fall(name) or _CEILING.search(name) is not None


def unsigned(row: IndicatorRow) -> str:
    """The question to a row whose target should carry ≥ or ≤, "" where it need not."""
    if row.target is None or row.actual is None:
        return ""
    return no_direction(row.target, row.actual, ORDINARY, row.words.kind, row.words.name)


def blank(words: str | None) -> bool:
    """Whether nothing is said: blank, a dash, 无."""
    return not words or words == UNCALCULATED or not_applicable(words)


_UNITS_ALONE = frozenset(("元", "百元", "千元", "万元", "亿元", "%", "分"))


def only_unit(words: str | None) -> bool:
    """Whether the unit is printed in the cell and no figure stands before it yet: 总分： 分."""
    return normalize(words or "") in _UNITS_ALONE


def not_filled(words: str | None) -> bool:
    """Whether a cell for a figure that the form has is blank, or has only its unit."""
    return words is not None and (not words or only_unit(words))


def no_reason(words: str | None) -> bool:
    """Whether a reason is empty: blank, 无, 0, 无偏差, or what the blank form prints there (…需说明原因(100字以内))."""
    if _PROMPT.search(normalize(words or "")):
        return True
    return blank(words) or _NO_REASON.fullmatch(normalize(words or "").rstrip("。")) is not None


_NO_PLACE = ("goal", "project", "unit", "department", "level", "date", "grade", "conclusion")


def open_texts(form: Form) -> list[str]:
    """The texts in which a form without a column for it may tell a reason."""
    return [words for field, words in form.texts.items() if field.split(".")[1] not in _NO_PLACE]


def reason_owed(row: IndicatorRow) -> str:
    """What is said of the required reason of a row, and where it may be written."""
    where = "请另附说明" if row.words.actual is None else "请在完成情况里说明原因"  # a form of points and scores alone
    return "没有写原因" if row.words.reason is not None else f"表上没有原因一栏，{where}"


def target_field(row: IndicatorRow) -> Field:
    """The field of the target that counts: the initial one where the adjusted one is blank."""
    return f"{row.field}.{'target' if row.words.target or not row.words.initial else 'initial'}"


def says_none(row: IndicatorRow) -> bool:
    """Whether the actual value says 无 where nothing, or little, is wanted: ≤3起."""
    wanted = row.target
    few = wanted is not None and (wanted.op in ("≤", "<") or not wanted.quantity.number)
    return few and normalize(row.words.actual or "") == "无"


def differing(form: Form, scores: Scores, scheme: Scheme) -> Iterator[tuple[Field, str, str, str]]:
    """Every computed field whose printed words say something else: the field, the words, what they should be, why."""
    for field, line in scores.lines.items():
        if line.value is None or field.startswith("evaluators."):
            continue
        words = form.words.get(field, "")
        nothing = not_applicable(words) and format_value(line.value) in ("0.00%", "0.00", "0")
        if not words or words == UNCALCULATED or nothing:
            continue
        if not agrees(line.value, words, scheme.places, weight=field.endswith(".weight")):
            yield field, words, format_value(line.value), line.why


def rate_beyond_its_weight(form: Form, scores: Scores) -> Iterator[tuple[Field, str]]:
    """The score of the rate where it is beyond its points and the rate itself cannot be worked out."""
    printed = form.budget.get("execution.weight", ""), form.budget.get("execution.score", "")
    weight, score = map(read_points, printed)
    rate = scores.lines.get("budget.execution")
    if rate is None or rate.value is not None or weight is None or score is None or 0 <= score <= weight:
        return
    yield "budget.execution.score", f"得 {printed[1]} 分，分值是 {printed[0]}；请改到 0～{plain(weight)} 之间"


def total_printed_twice(form: Form) -> Iterator[tuple[Field, str]]:
    """The second total of a form where it is another one."""
    total, again = read_points(form.total), read_points(form.words.get("counts.total.again", ""))
    if total is not None and again is not None and total != again:
        yield "counts.total.again", f"填 {plain(again)}，表上另一处总分是 {plain(total)}；请核对"
