"""Many forms as rows, and as frames of pandas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.summary.receipts import Receipts, read_receipts
from workbook_tools.summary.rows import ABSENT, BASIS, DAY, FORMS, INDICATORS, FormRow, IndicatorRow, cells, collect

if TYPE_CHECKING:
    import pandas as pd


class Summary(NamedTuple):
    """Many forms as rows, the columns named as in the 汇总表.

    Attributes:
        forms: one row a form.
        indicators: one row an indicator.
        unread: the files that could not be read, each with the sentence that says why.
        receipts: when each form came in.
    """

    forms: list[FormRow]
    indicators: list[IndicatorRow]
    unread: list[tuple[str, str]]
    receipts: Receipts

    def to_frame(self) -> pd.DataFrame:
        """A row a form, with the day on which it came in and what that is taken from.

        Points and amounts are `Float64`, counts `Int64`, days `datetime64`, words `string`. What a form does not have
        (“—” in the 汇总表), what it leaves blank and what cannot be known is missing.
        """
        import pandas as pd

        frame = _typed(self.forms, FormRow, FORMS)
        days = [self.receipts.of(form) for form in self.forms]
        frame[DAY] = pd.to_datetime(pd.Series([one.first if one.first == one.last else None for one in days]))
        frame[BASIS] = pd.Series([one.basis for one in days], dtype="string")
        return frame

    def indicators_to_frame(self) -> pd.DataFrame:
        """A row an indicator; types as in `to_frame`."""
        return _typed(self.indicators, IndicatorRow, INDICATORS)


def summarize(paths: Iterable[Path | str], scheme: str | None = None, *, receipts: Path | str | None = None) -> Summary:
    """The forms of many workbooks as rows; a file that cannot be read is one of `unread` and stops nothing.

    Args:
        paths: the workbooks.
        scheme: the name of the scheme of all forms; None recognises each by its printed words.
        receipts: a list (.csv, .xlsx) of the days on which the forms came in; None, or what is not on it, goes by the
            time of the file.

    Raises `FileRejected` for a list of receipts that cannot be used.

    >>> from pathlib import Path
    >>> import workbook_tools as wt
    >>> summary = wt.summarize(sorted(Path("examples").glob("[cz]*.xlsx")))
    >>> frame = summary.to_frame()
    >>> frame["总分"].tolist(), frame["按办法总分"].tolist()
    ([97.6, <NA>], [<NA>, 94.66])
    >>> summary.unread
    []
    """
    days = read_receipts(Path(receipts)) if receipts else Receipts()
    summary = Summary([], [], [], days)
    for forms, indicators, unread in collect(map(Path, paths), scheme):
        summary.forms.extend(forms)
        summary.indicators.extend(indicators)
        summary.unread.extend(unread)
    return summary


def _typed(
    rows: Sequence[FormRow | IndicatorRow], row: type[FormRow | IndicatorRow], titles: Iterable[str]
) -> pd.DataFrame:
    """The rows as a frame whose columns have the types that their row declares."""
    import pandas as pd

    kinds = {"str": "string", "int": "Int64", "Figure": "Float64"}
    columns = zip(*map(cells, rows), strict=True) if rows else [()] * len(fields(row))
    return pd.DataFrame(
        {
            title: pd.Series([None if one in (ABSENT, "") else one for one in column], dtype=kinds[str(field.type)])
            for title, field, column in zip(titles, fields(row), columns, strict=True)
        }
    )
