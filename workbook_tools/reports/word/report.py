"""A report made from an assessed form, or brought up to date: its bytes, and what became of every piece of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.assess import Assessment
from workbook_tools.errors import BadData, BadTemplate, FileRejected
from workbook_tools.excel import read_file
from workbook_tools.reports.word.known import Differing, Known
from workbook_tools.reports.word.months import Months, month_tables
from workbook_tools.reports.word.outlines import template_of
from workbook_tools.reports.word.values import report_values, table_key
from workbook_tools.word.merge import Merged, is_ours, merge
from workbook_tools.word.package import opened, packed, patched
from workbook_tools.word.template import rendered


class Report(NamedTuple):
    """A report that is ready to be saved.

    `merged` is None for a new one; `seen` is the file that it takes the place of, None where there was none.
    """

    data: bytes
    merged: list[Merged] | None
    differing: list[Differing]
    seen: bytes | None

    @property
    def unchanged(self) -> bool:
        """Whether the report says already what the form says."""
        return self.data == self.seen


def made_report(
    form: Assessment,
    path: Path,
    *,
    template: Path | None = None,
    last: Assessment | None = None,
    months: Sequence[Months] | None = None,
    charts: bool = False,
    overwrite: bool = False,
) -> Report:
    """The report of a form for `path`: the one there brought up to date, a new one where there is none.

    With `charts` the rates of the months are drawn, too; with `overwrite` it is a new one in any case. Raises
    `FileRejected`, and `BadTemplate` also where the file at `path` is no report of ours.
    """
    seen = _read(path) if path.exists() else None
    tables = list(months) if months is not None else month_tables(Known(form))
    if charts and not tables:
        raise BadData("没有各月的统计表，不能画图；请加 --from 统计表，或者不写 --charts")
    values, differing = report_values(form, last, tables)
    fresh = rendered(_read(template) if template else template_of(form.scheme.name), values)
    if seen is None or overwrite:
        _drawn(fresh, tables if charts else ())
        return Report(packed(fresh), None, differing, seen)
    try:
        word = opened(seen)
    except FileRejected as refused:
        raise refused.at(path) from None
    if not is_ours(word):
        cure = "请用 -o 换一个文件名；要用新报告替换它（旧的会留备份），请加 --overwrite"
        raise BadTemplate(f"{path}：已经有这个文件，里面没有本工具写的内容，没有动它；{cure}")
    merged = merge(word, fresh)
    if _drawn(word, tables if charts else ()):
        return Report(packed(word), merged, differing, seen)
    touched = any(one.what in ("changed", "added", "removed") for one in merged)
    return Report(patched(seen, word) if touched else seen, merged, differing, seen)


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except FileRejected as refused:
        raise refused.at(path) from None


def _drawn(word: Any, tables: Sequence[Months]) -> bool:
    """Puts the charts of tables into a document; whether anything there is new."""
    if not tables:
        return False
    from workbook_tools.reports.word.charts import chart_of
    from workbook_tools.word.drawings import put_chart

    new = False
    for table in tables:
        if chart := chart_of(table):
            new |= put_chart(word, table_key(table), table.title, chart.xml, chart.workbook)
    return new
