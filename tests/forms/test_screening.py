"""Sheets without a table of a form are told by their words; nothing that is left out could have been read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from openpyxl import load_workbook

from paper import ZHONGSHAN, PaperSheet
from places import EXAMPLES
from printed import NAMES, drawn
from workbook_tools.excel import Book
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.recognition import forms_of
from workbook_tools.forms.screening import SMALL, may_have_table, names_a_table
from workbook_tools.forms.vocabulary import COLUMNS, MORE, _columns, _file, _stems, spellings

CUT = "\0"  # where a part of a pattern may be left out, so that no stem goes over it
ROWS = 900


def shortest(parsed: Any) -> Iterator[str]:
    """The words that a pattern takes with every part left out that may be."""
    words = [""]
    for kind, value in parsed:
        if kind is sre.LITERAL:
            ends = [chr(value)]
        elif kind is sre.BRANCH:
            ends = [word for branch in value[1] for word in shortest(branch)]
        elif kind is sre.SUBPATTERN:
            ends = list(shortest(value[3]))
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            ends = list(shortest(value[2])) if value[0] else [CUT]
        else:
            ends = [CUT]
        words = [word + end for word in words for end in ends]
    yield from words


COMPOSED = [(kind, idea) for kind, ideas in _file()["composed"].items() if kind != "source" for idea in ideas]


@pytest.mark.parametrize(("kind", "idea"), COMPOSED)
def test_every_composed_word_has_a_stem(kind: str, idea: str) -> None:
    """A pattern whose words had none would never be tried."""
    without = [word for word in shortest(parser.parse(_file()["composed"][kind][idea])) if not _stems().search(word)]
    assert not without


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_listed_word_of_a_column_may_be_one_with_spaces_too(kind: str) -> None:
    words = [word.removesuffix(MORE) for listed in spellings()[kind].values() for word in listed]
    assert all(_columns().search(word) and _columns().search(" ".join(word)) for word in words)


@pytest.mark.parametrize("name", NAMES)
def test_every_published_form_names_a_table(name: str) -> None:
    sheet = drawn(name).sheet
    tables = [table for form in read_forms(sheet) for table in form.tables if table.kind != "other"]
    assert not tables or names_a_table(sheet.text(cell) for cell in sheet.filled())


def with_entries(form_last: bool = False) -> bytes:
    """The drawn form beside a sheet of entries, far larger than it; all texts are shared."""
    workbook = PaperSheet(ZHONGSHAN).workbook()
    sheet = workbook.create_sheet("台账", 0 if form_last else 1)
    sheet.append(["序号", "单位", "事项", "金额", "备注"])
    for row in range(ROWS):
        sheet.append([row, f"服务中心{row}", f"采购第{row}批，见合同，{'甲' * 40}", row * 1.5, f"见附件 {row}"])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_a_sheet_of_entries_is_not_taken_apart() -> None:
    book = Book(with_entries())
    form, entries = book.sheets
    assert len(book.part(entries.part)) > SMALL
    assert (may_have_table(book, form), may_have_table(book, entries)) == (True, False)


@pytest.mark.parametrize("form_last", [False, True])
def test_the_form_beside_entries_is_found_wherever_it_stands(form_last: bool) -> None:
    assert [form.name for form in forms_of(Book(with_entries(form_last)))] == ["自评表"]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("words", ["三级指标", "三 级\n指标", "预算（万元）数", "全年执行数", "９月执行数"])
def test_one_word_of_a_table_is_enough_to_be_read(words: str) -> None:
    workbook = load_workbook(io.BytesIO(with_entries()))
    workbook["台账"]["C300"] = words
    stream = io.BytesIO()
    workbook.save(stream)
    book = Book(stream.getvalue())
    assert may_have_table(book, book.sheets[1])


def with_shared_strings(data: bytes) -> bytes:
    """A workbook with the same words, all in one table as Excel keeps them: openpyxl writes each into its cell."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as written:
        bold = written.add_format({"bold": True})
        for read in load_workbook(io.BytesIO(data)).worksheets:
            sheet = written.add_worksheet(read.title)
            for row in read.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str):
                        sheet.write_string(cell.row - 1, cell.column - 1, cell.value)
            for column, words in enumerate((" 前后有空格 ", "一<二>&amp;三", "一_x0041_二", "一\n二")):
                sheet.write_string(200, column, words)
            sheet.write_rich_string(201, 0, "一半", bold, "粗的")
    return stream.getvalue()


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xlsx")), ids=lambda path: path.stem)
@pytest.mark.parametrize("shared", [False, True])
def test_the_texts_of_a_sheet_are_those_of_its_cells(path: Any, shared: bool) -> None:
    data = path.read_bytes()
    if shared:
        data = with_shared_strings(data)
        assert "xl/sharedStrings.xml" in Book(data).parts
    book = Book(data)
    for info in book.sheets:
        sheet = book.sheet(info)
        texts = book.texts(info)
        of_cells = {sheet.text(cell) for cell in sheet.filled() if isinstance(sheet.stored_value(cell), str)}
        assert texts is not None
        assert {one for one in of_cells if re.search("[一-鿿]", one)} <= texts
