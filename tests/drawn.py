"""Rows of indicators drawn as a table: what is read from a form, without the form."""

from __future__ import annotations

from typing import Any

from workbook_tools.forms.form import Form, Indicator


def rows(drawn: str) -> tuple[Indicator, ...]:
    """One indicator for each line below the line with the names of the columns; a column that is not drawn is none."""
    header, *lines = ([word.strip() for word in line.split("|")] for line in drawn.strip().splitlines())
    usual: dict[str, Any] = {"group": "output", "kind": "数量指标"}
    return tuple(Indicator(**usual | dict(zip(header, line, strict=True))) for line in lines)


def form(drawn: str, **budget: str) -> Form:
    """A form with these rows, and with what its line of the money says."""
    return Form(budget={name.replace("_", "."): words for name, words in budget.items()}, indicators=rows(drawn))
