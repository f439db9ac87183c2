"""Tables of a finished document: which rows may go on over the page, which stay together, how wide the columns are."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from docx.oxml.ns import qn

from office import needs_writer
from workbook_tools.excel.libreoffice import pdf
from workbook_tools.word.official import OfficialDocument
from workbook_tools.word.template import render, rendered

TALL, SHORT = "扩大覆盖面" * 80, "已完成"


def table(rows: list[list[str]], widths: tuple[int, ...] = (1, 1), *, wide: bool = False) -> Any:
    document = OfficialDocument()
    if wide:
        document.page(wide=True)
    document.table(["指标", "原因"] if len(rows[0]) == 2 else [f"表头{n}" for n in range(len(rows[0]))], rows, widths)
    return rendered(document.data, {}).tables[0]


def whole(row: Any) -> bool:
    return row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None


@pytest.mark.parametrize(
    ("words", "wide", "kept"), [(SHORT, False, True), (TALL, False, False), (TALL[:150], False, True), (TALL[:300], True, False)]
)  # fmt: skip
def test_a_row_of_more_than_a_third_of_a_page_may_go_on_over_its_end(words: str, wide: bool, kept: bool) -> None:
    rows = table([["甲", SHORT], ["乙", words], ["丙", SHORT]], wide=wide).rows
    assert [whole(row) for row in rows] == [True, True, kept, True]
    assert rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def test_the_heading_and_the_total_are_never_alone() -> None:
    rows = table([[name, SHORT] for name in "甲乙丙丁戊"]).rows
    together = [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in rows]
    assert together == [True, True, False, False, True, False]


@pytest.mark.slow
def test_even_columns_get_the_room_of_their_words_and_others_stay() -> None:
    months = [[f"2023年{month}月", "1", "2", "3", "4", "99.99%"] for month in range(1, 13)]
    even = [column.width for column in table(months, (1,) * 6).columns]
    assert even[0] > even[1]
    assert abs(sum(even) - sum(column.width for column in table(months, (3, 1, 1, 1, 1, 2)).columns)) < 10_000
    own = [column.width for column in table([["甲", TALL], ["乙", SHORT]], (1, 3)).columns]
    assert own[1] == pytest.approx(3 * own[0], rel=0.01)


@pytest.mark.parametrize("annex", [(), ("附件：绩效自评表", "")])
def test_the_unit_and_the_date_take_a_line_of_the_text_along(annex: tuple[str, ...]) -> None:
    document = OfficialDocument()
    for words in ("前面", "最后一段", "", *annex):
        document.paragraph(words)
    document.paragraph("某某局", right=True)
    document.to_write("日期", right=True)
    kept = [bool(one.paragraph_format.keep_with_next) for one in Document(io.BytesIO(document.data)).paragraphs]
    assert kept == [False, True, True, *(True for _ in annex), True, False]


@pytest.mark.slow
@needs_writer
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed (poppler)")
def test_a_row_of_several_pages_is_printed_whole_below_a_repeated_heading(tmp_path: Path) -> None:
    document = OfficialDocument()
    document.table(["指标", "原因"], [["甲", SHORT], ["乙", "".join(f"第{n}条措施。" for n in range(400))]])
    path = tmp_path / "r.pdf"
    path.write_bytes(pdf(render(document.data, {}), ".docx"))
    said = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
    assert len(re.findall("原因", said)) == len(said.rstrip("\f").split("\f")) > 2
    assert all(f"第{n}条" in "".join(said.split()) for n in (1, 200, 399))
