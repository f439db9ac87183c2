"""The exact scores of a form under a scheme, each with its why.

Weights and row scores are rounded to the scheme's places, then added. What cannot be decided from the printed words
stays open: its line has no value, and its `why` says what is missing and what to do.
"""

from __future__ import annotations

from workbook_tools.form import Field, Form, Scores
from workbook_tools.scheme import Scheme
from workbook_tools.scoring.comparing import FAR_APART
from workbook_tools.scoring.deductions import score_deductions, veto
from workbook_tools.scoring.groups import score_group, used_groups
from workbook_tools.scoring.lines import ZERO, Lines
from workbook_tools.scoring.money import AMOUNTS, MOST_EXECUTION, score_money
from workbook_tools.scoring.statistics import score_evaluators, score_statistics
from workbook_tools.values import HUNDRED, UNCALCULATED, plain

__all__ = ["AMOUNTS", "FAR_APART", "MOST_EXECUTION", "score"]


def score(form: Form, scheme: Scheme) -> Scores:
    """Every computed field of the form; open lines and whatever rests on them have no value."""
    lines = Lines(scheme.places)
    score_money(form, scheme, lines)
    score_statistics(form, scheme, lines)
    score_evaluators(form, lines)
    groups = {group: score_group(form, scheme, group, lines) for group in used_groups(form, scheme)}
    if groups:
        _total(form, scheme, list(groups.values()), lines)
    grade = lines["grade"].value if "grade" in lines else None
    return Scores(lines, lines.points("total") if groups else None, grade if isinstance(grade, str) else None)


def _total(form: Form, scheme: Scheme, parts: list[Field], lines: Lines) -> None:
    if any(group.share != HUNDRED for group in scheme.groups):
        lines.weighted("total", [(f"groups.{group.name}", group.share) for group in scheme.groups])
    elif scheme.deductions.rows:
        subtotal = lines.sum("subtotal", parts)
        lines.sum("total", [subtotal, score_deductions(form, scheme.deductions, lines)])
    else:
        lines.sum("total", parts)
    _full_marks(form, scheme, lines)
    _grade(form, scheme, lines)


def _full_marks(form: Form, scheme: Scheme, lines: Lines) -> None:
    """Says so where the weights of the form do not make 100."""
    if any(group.weights != "printed" and group.weights != "rules" for group in scheme.groups):
        return
    weights = lines.weights
    if weights and None not in weights.values() and all(group.share == HUNDRED for group in scheme.groups):
        total = sum((weight for weight in weights.values() if weight is not None), ZERO)
        if total == HUNDRED:
            return
        words = f"各行分值合计 {plain(total)}，应为 100，请核对分值"
        if form.total not in ("", UNCALCULATED) or lines["total"].value is None:
            lines.hint("total", words)
        else:
            lines.put("total", None, words)


def _grade(form: Form, scheme: Scheme, lines: Lines) -> None:
    if not scheme.grades.steps:
        return
    total = lines.points("total")
    happened = veto(form, scheme.deductions)
    if happened:
        lines.put("grade", scheme.deductions.veto_grade, f"一票否决：{scheme.deductions.veto_quote}")
    elif happened is None:
        lines.put("grade", None, "“一票否决扣分项”是否发生没有写清楚；没有发生就写“未发生扣分行为”")
    elif total is None:
        lines.put("grade", None, "总分还没有定下来", ["total"])
    else:
        step, grade = scheme.grades.step(total)
        lines.put("grade", grade, f"{total} 分，{step} → {grade}", ["total"])
