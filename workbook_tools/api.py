"""Functions of the public face over the same calls that the commands make; `import workbook_tools as wt` has them."""

from __future__ import annotations

from pathlib import Path

from workbook_tools.assess import AssessedFile, assess_file
from workbook_tools.excel import read_book, read_file
from workbook_tools.fill import read_and_score
from workbook_tools.findings import read_waivers
from workbook_tools.forms.form import Form, Scores
from workbook_tools.forms.placement import placed
from workbook_tools.forms.reading import read_form
from workbook_tools.forms.recognition import forms_of


def check_file(path: Path | str, scheme: str | None = None, *, waivers: Path | str | None = None) -> AssessedFile:
    """Everything found in the forms of a saved workbook; nothing is written.

    Args:
        path: the workbook.
        scheme: the name of a scheme; None recognises it by the printed words.
        waivers: a CSV file of findings that someone lets pass; those in the sheet 校验 of the workbook count anyway.

    Raises `FileRejected`, `FormNotRecognised`, `BadScheme` or `BadWaiver`.

    >>> import workbook_tools as wt
    >>> finding = wt.check_file("examples/chongqing_media_2021.xlsx").findings[0]
    >>> finding.level, finding.code, finding.address, finding.field, finding.label
    ('错误', 'S102', '自评表!B6', 'total', '自评总分')
    """
    known = read_waivers(Path(waivers)) if waivers else ()
    return assess_file(Path(path), scheme, known)


def score_file(path: Path | str, scheme: str | None = None) -> dict[str, Scores]:
    """The scores that the rules give each form of a saved workbook, by the name of its sheet; nothing is written.

    Where a sheet has several forms, the second is named 自评表（第2张）, and so on.

    A total or a grade that cannot be decided from the printed words is None, and the `why` of its line says what is
    missing.

    Args:
        path: the workbook.
        scheme: the name of a scheme; None recognises it by the printed words.

    Raises `FileRejected`, `FormNotRecognised` or `BadScheme`.

    >>> import workbook_tools as wt
    >>> scores = wt.score_file("examples/zhongshan_12345_2022.xlsx")["自评表"]
    >>> scores.total, scores.grade
    (Decimal('94.66'), '优')
    >>> scores.lines["indicators.3.score"].why
    '13.33 × 60.00% → 8.00'
    """
    read = forms_of(read_book(read_file(Path(path))), scheme)
    return {form.name: read_and_score(*form)[2] for form in read}


def read_workbook(path: Path | str, scheme: str | None = None) -> dict[str, Form]:
    """The words of each form of a saved workbook as printed, by the name of its sheet; the second 自评表（第2张）.

    `words` has them by field path: "" is a blank cell, and a field that the form does not have is not there. A
    formula that no program has calculated reads 未计算的公式.

    Args:
        path: the workbook.
        scheme: the name of a scheme; None recognises it by the printed words.

    Raises `FileRejected`, `FormNotRecognised` or `BadScheme`.

    >>> import workbook_tools as wt
    >>> form = wt.read_workbook("examples/zhongshan_12345_2022.xlsx")["自评表"]
    >>> form.words["budget.spent"], form.words["indicators.3.actual"], form.words["total"]
    ('17160289.87', '60', '')
    """
    read = forms_of(read_book(read_file(Path(path))), scheme)
    return {form.name: read_form(form.sheet, placed(form.printed, form.sheet, form.scheme)) for form in read}
