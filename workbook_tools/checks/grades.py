"""S: a grade where neither the form nor its scheme prints the bands."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from workbook_tools.checks.registry import HINT, Found, check
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.packaged import packaged
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import read_points


@cache
def usual_grades() -> dict[str, Any]:
    """The bands that are usual where a form prints none, with their source."""
    return packaged(Path(__file__).with_name("grades.toml"))


@check("S113", HINT, since="0.1")
def grade_is_not_the_usual_one(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """等级和通常的分数段不符。

    ## 为什么
    表上和办法里没有印等级的分数段；按通常的分数段，90.5 分写“良”会被问到。分数落在两档之间的（如 89.5）不提示。

    ## 例
    查出：（四川）等级 = 良
    不查：（四川）等级 = 优

    ## 怎么改
    核对本地规定的分数段；没有另外规定的，按总分改等级。

    ## 依据
    统一明确为:优(90-100分)、良(80-89分)、中(60-79分)、差(0-59分)四个档次（财政部预算司，转述，没有读到原文）。
    """
    total = read_points(form.total)
    if total is None or scheme.grades.steps:
        return
    usual = usual_grades()
    graded = {word: grade for grade in usual["grade"] for word in grade["words"]}
    right = next((grade for grade in usual["grade"] if grade["from"] <= total <= grade["to"]), None)
    for field, words in (("grade", form.grade), ("texts.grade", form.texts.get("texts.grade", ""))):
        typed = graded.get(words.rstrip("。 "))
        if right and typed and typed is not right:
            band = f"{right['from']}～{right['to']} 分为“{right['words'][0]}”"
            yield field, f"填“{words}”，{form.total} 分；表上没有印分数段，通常 {band}，请核对本地的规定"
