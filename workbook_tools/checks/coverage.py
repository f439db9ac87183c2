"""S: what could not be checked, and why not."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.checks.reading import amount_missing
from workbook_tools.checks.registry import UNCHECKED, Found, check
from workbook_tools.checks.scores import left_to_a_person, printed_terms, score_missing, sum_differs_from_rows
from workbook_tools.checks.words import rows
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import UNCALCULATED, agrees, format_value, read_points

TELLING = (left_to_a_person, score_missing, sum_differs_from_rows)  # a field is not listed twice
MOST = 3  # reasons that are told of one field


@check("S112", UNCHECKED, since="0.1")
def not_checked(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """有一处没有核对。

    ## 为什么
    它依据的数没有填，或者无法读取，就无法确定它是否正确；没有查出错误，不等于没有错误。

    ## 例
    查出：财政拨款全年预算数 = ；其他资金全年预算数 = ；全年预算数 =
    不查：得分 = 20

    ## 怎么改
    按提示补上以后再检查一遍。

    ## 依据
    不能确定的不算；没有核对的列出来。
    """
    told = {field for check in TELLING for field, _ in check(form, scores, scheme)}
    told_of: dict[str, Field] = {}  # a rule that is not confirmed is listed once
    for field, line in scores.lines.items():
        if line.withheld and told_of.setdefault(line.withheld, field) == field:
            yield field, line.why
    for field, line in scores.lines.items():
        if line.withheld:
            continue
        words = _figure(form, field)
        if field in told or (words and printed_terms(form, scores, scheme, field)[1]):
            continue
        if field == "grade" and read_points(form.total) is not None:
            continue
        if line.value is None:
            yield from _open(form, scores, scheme, field)
        elif field in (*form.sums, "total") and words and not agrees(line.value, words, scheme.places):
            yield field, f"填 {words}，各项没有填齐，还不能相加；按办法应为 {format_value(line.value)}"


def _open(form: Form, scores: Scores, scheme: Scheme, field: Field) -> Found:
    """A field that the rules leave open: where something is printed, or where a row in use lacks something."""
    line = scores.lines[field]
    row = field.rpartition(".")[0]
    used = {row.field for row in rows(form)} | {f"deductions.{n}" for n in range(1, len(form.deductions) + 1)}
    if not any(amount_missing(form, scores, scheme)):
        used.add("budget")
    causes = list(dict.fromkeys(_causes(field, scores)))
    if causes == [field] and (row in used or _figure(form, field)):
        yield field, line.why
    elif causes != [field] and _figure(form, field):
        reasons = list(dict.fromkeys(scores.lines[cause].why for cause in causes))
        yield field, f"它依据的没有定下来：{'；'.join(reasons[:MOST])}"


def _figure(form: Form, field: Field) -> str:
    """What is printed in a field, "" where a formula there was never calculated."""
    words = form.words.get(field, "")
    return "" if words == UNCALCULATED else words


def _causes(field: Field, scores: Scores) -> Iterator[Field]:
    """The open fields that a field rests on in the end; itself where it rests on none."""
    parts = [
        part for part in scores.lines[field].depends_on if part in scores.lines and scores.lines[part].value is None
    ]
    if not parts:
        yield field
    for part in parts:
        yield from _causes(part, scores)
