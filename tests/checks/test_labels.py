"""No printed label is ever replaced, whatever is written and however cells are merged."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from openpyxl import load_workbook

from correct import CORRECT
from paper import EXAMPLES, PaperSheet
from printed import EXPECTED, book_bytes
from workbook_tools.errors import FormNotRecognised, UnknownFields
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book, fill_sheet
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.values import not_applicable, read_points, read_quantity

PRINTED = [name for name, case in EXPECTED.items() if "scheme" in case]
FILLED = [path.stem for path in sorted(EXAMPLES.glob("*.xlsx")) if "targets" not in path.stem]
NATIONAL = load_scheme("national_2020")


def form(name: str) -> bytes:
    """A printed form, or an example."""
    return book_bytes(name) if name in PRINTED else (EXAMPLES / f"{name}.xlsx").read_bytes()


def words_of(data: bytes) -> dict[tuple[str, str], str]:
    """Sheet and cell → what is printed there."""
    return {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in load_workbook(io.BytesIO(data), data_only=True).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def is_a_value(words: str, grades: set[str]) -> bool:
    """Whether words are what a person fills in for a figure or a grade, not a label."""
    return bool(
        read_quantity(words) or read_points(words) is not None or not_applicable(words) or words.strip("。 ") in grades
    )


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize("name", [*PRINTED, *FILLED])
def test_overwriting_replaces_figures_and_grades_and_no_other_words(name: str) -> None:
    data = form(name)
    book = Book(data)
    forms = fill_book(book, overwrite=True)
    grades = {
        "优",
        "良",
        "中",
        "差",
        "优秀",
        "良好",
        *(grade for form in forms for _, grade in form.scheme.grades.steps),
    }
    before, after = words_of(data), words_of(book.saved() or data)
    lost = {
        cell: (words, after.get(cell))
        for cell, words in before.items()
        if after.get(cell) != words and not is_a_value(words, grades) and not after.get(cell, "").startswith(words)
    }
    assert lost == {}


def total_row(row: str) -> PaperSheet:
    return PaperSheet(CORRECT.replace("总分 | < | < | < | < | 100 | 98 |", row))


ACROSS = " | ".join(["", *"<" * 7])


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("总分", "总分：98.00"),
        ("总 分", "总 分：98.00"),
        ("总分：", "总分：98.00"),
        ("总分（100分）", "总分（100分）：98.00"),
        ("总分：97", "总分：98.00"),
        ("总分:97.00", "总分:98.00"),
    ],
)
def test_a_total_in_the_cell_of_its_label_goes_behind_it(printed: str, written: str) -> None:
    sheet = total_row(printed + ACROSS)
    fill_sheet(sheet, NATIONAL, overwrite=True)
    assert sheet.text((17, 1)) == written
    assert fill_sheet(sheet, NATIONAL, overwrite=True).changes == []


def test_a_total_that_a_person_wrote_behind_its_label_stays_unless_asked() -> None:
    sheet = total_row("总分：97" + ACROSS)
    (change,) = fill_sheet(sheet, NATIONAL).changes
    assert (change.outcome, change.before, change.after) == ("differs", "97", "98.00")
    assert sheet.text((17, 1)) == "总分：97"


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("年度资金总额： | 110 | 100 | 90 | 10 | 90.00% | 9", "年度资金总额：" + " | <" * 6, (5, 2)),
        ("年度资金总额： | 110 | 100 | 90 | 10 | 90.00% | 9", "年度资金总额： | 110 | 100 | 90 | 10 | 执行率 | 得分", (5, 8)),
        ("其中：本年财政拨款 | 100 | 90 | 81", "其中：本年财政拨款 | < | < | <", (6, 2)),
        ("培训人数 | ≥200人 | 210人 | 20 | 20 |", "培训人数 | < | < | < | < |", (10, 3)),
        ("单位成本 | ≤400元/人 | 390元/人 | 10 | 10 |", "单位成本 | ≤400元/人 | 390元/人 | 10 | 得分 |", (13, 7)),
    ],
)  # fmt: skip
def test_no_label_gives_way_to_a_score_or_to_data(old: str, new: str, label: tuple[int, int]) -> None:
    assert old in CORRECT
    sheet = PaperSheet(CORRECT.replace(old, new))
    words = sheet.text(label)
    data = ("budget.revised", "budget.spent", "sources.1.revised", "indicators.1.target", "indicators.4.score")
    for field in data:
        with suppress(FormNotRecognised, UnknownFields):
            fill_sheet(sheet, NATIONAL, overwrite=True, inputs={field: "77"})
    with suppress(FormNotRecognised):
        fill_sheet(sheet, NATIONAL, overwrite=True)
    assert sheet.text(label) == words
