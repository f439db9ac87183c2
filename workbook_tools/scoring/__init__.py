"""The exact scores of a form under a scheme, each with its why.

Weights and row scores are rounded to the scheme's places, then added. What cannot be decided from the printed words
stays open: its line has no value, and its `why` says what is missing and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import FAR_APART
from workbook_tools.scoring.deductions import score_deductions, veto
from workbook_tools.scoring.groups import check_points_together, full_marks, score_group, used_groups
from workbook_tools.scoring.lights import score_monitoring
from workbook_tools.scoring.money import MOST_EXECUTION, score_money
from workbook_tools.scoring.scorecard import Scorecard
from workbook_tools.scoring.statistics import score_evaluators, score_statistics
from workbook_tools.values import HUNDRED, UNCALCULATED, agrees, plain

__all__ = ["FAR_APART", "MOST_EXECUTION", "score"]


def score(
    form: Form,
    scheme: Scheme,
    given: Mapping[Field, Decimal | None] = MappingProxyType({}),
    *,
    vetoed: bool | None = None,
) -> Scores:
    """Every computed field of the form; open lines and whatever rests on them have no value.

    `given` are the points of rows that a reviewer has settled, by field (`indicators.3.score`): they stand instead of
    what the rules give, and sums, caps and the grade follow from them. None leaves such a row open. `vetoed` is what
    the reviewer says of 一票否决; None where the form's own words stand.
    """
    card = Scorecard(scheme.places, given)
    if scheme.monitoring:
        score_monitoring(form, scheme.monitoring, card)
        return card.scores(full=None)
    score_money(form, scheme, card)
    score_statistics(form, scheme, card)
    score_evaluators(form, card)
    groups = {group: score_group(form, scheme, group, card) for group in used_groups(form, scheme)}
    check_points_together(form, scheme, groups, card)
    full = full_marks(form, scheme, card.weights)
    if groups:
        _total(form, scheme, list(groups.values()), full, card, vetoed)
    if scheme.unconfirmed:
        from workbook_tools.scoring.unconfirmed import withhold  # no official scheme needs it

        withhold(form, scheme, card)
        full = None
    return card.scores(full=full)


def _total(
    form: Form, scheme: Scheme, parts: list[Field], full: Decimal | None, card: Scorecard, vetoed: bool | None
) -> None:
    if any(group.share != HUNDRED for group in scheme.groups):
        card.weighted("total", [(f"groups.{group.name}", group.share) for group in scheme.groups])
    elif scheme.deductions.rows:
        subtotal = card.sum("subtotal", parts)
        card.sum("total", [subtotal, score_deductions(form, scheme.deductions, card)])
    else:
        card.sum("total", parts)
    if full is not None and full != HUNDRED:
        _not_a_hundred(form, full, card)
    total, line = card.points("total"), card["total"]
    if full is None and total is not None and total > HUNDRED and not agrees(total, form.total, card.places):
        card.put("total", None, f"各项得分相加 {total}，超过 100 分，请核对", line.depends_on)
    _grade(form, scheme, card, vetoed)


def _not_a_hundred(form: Form, full: Decimal, card: Scorecard) -> None:
    """Says so where the weights of the form do not make 100: such a total is never written."""
    words, line = f"各行分值合计 {plain(full)}，应为 100，请核对分值", card["total"]
    if line.value is None or agrees(line.value, form.total, card.places):
        card.hint("total", words)
    else:
        told = f"；各行得分相加 {line.value}" if form.total and form.total != UNCALCULATED else ""
        card.put("total", None, f"{words}{told}", line.depends_on)


def _grade(form: Form, scheme: Scheme, card: Scorecard, vetoed: bool | None) -> None:
    if not scheme.grades.steps:
        return
    total = card.points("total")
    happened = veto(form, scheme.deductions) if vetoed is None else vetoed
    if happened:
        card.put("grade", scheme.deductions.veto_grade, f"一票否决：{scheme.deductions.veto_quote}")
    elif happened is None:
        card.put("grade", None, "“一票否决扣分项”是否发生没有写清楚；没有发生就写“未发生扣分行为”")
    elif total is None:
        card.put("grade", None, "总分还没有定下来", ["total"])
    else:
        step, grade = scheme.grades.step(total)
        card.put("grade", grade, f"{total} 分，{step} → {grade}", ["total"])
