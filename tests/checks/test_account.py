"""What was not read and what a form leaves open, told cell by cell, or by the area where there are many."""

from __future__ import annotations

import pytest

from correct import CORRECT, checked
from paper import PaperSheet

OURS = ("F119", "F120", "F121", "F123")


def told(sheet: PaperSheet, scheme: str = "national_2020") -> list[str]:
    return [f"{one.code} {one.message}" for one in checked(sheet, scheme) if one.code in OURS]


def with_block(rows: int, columns: int, words: str) -> PaperSheet:
    """The form with cells filled to its right, where no column is."""
    sheet = PaperSheet(CORRECT)
    sheet.cells |= {(row, column): words for row in range(10, 10 + rows) for column in range(11, 11 + columns)}
    return sheet


def test_a_correct_form_leaves_nothing() -> None:
    assert told(PaperSheet(CORRECT)) == []


def test_a_few_cells_are_told_one_by_one() -> None:
    assert len(told(with_block(2, 4, "另记"))) == 8


def test_many_cells_side_by_side_are_one_finding_that_counts_the_figures() -> None:
    sheet = with_block(3, 4, "另记")
    assert [one.partition("（")[0] for one in told(sheet)] == ["F123 K10:N12 有 12 格没有读到"]
    sheet.cells[11, 12] = "35.2"
    (one,) = told(sheet)
    assert one.startswith("F119 K10:N12 有 12 格没有读到，其中 1 个是数（“35.2” 等），没有核对")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            "0.8",
            "F119 表头“系数甲”认不出，这一列的 1 个数（I10）没有核对；请改回原表的表头；原表就是这样印的，请自己核对",
        ),
        (
            "已存档",
            "F123 表头“系数甲”认不出，这一列的 1 格（I10）没有核对；请改回原表的表头；原表就是这样印的，请自己核对",
        ),
    ],
)
def test_what_stands_below_an_unknown_heading_is_told(words: str, found: str) -> None:
    sheet = PaperSheet(CORRECT)
    sheet.cells |= {(9, 9): "系数甲", (10, 9): words}
    assert told(sheet) == [found]


def test_one_figure_that_may_be_the_total_or_the_sum_of_the_points_is_asked() -> None:
    sheet = PaperSheet(CORRECT.replace("| 100 | 98 |", "| 90 | < |"))
    (one,) = told(sheet, "general")
    assert one.startswith("F120 合计行只有 90，正好也是各行分值的和，不知道它是总分还是分值的合计，总分没有核对")


def test_two_columns_of_the_same_figures_are_asked() -> None:
    sheet = PaperSheet(CORRECT)
    sheet.cells[9, 8] = "得分"
    columns, total = told(sheet, "general")  # the total stands below them
    assert columns.startswith("F120 G9、H9 的表头“得分”、“得分”是同一种数，不知道以哪一列为准，都没有核对")
    assert total.startswith("F119 “98”不知道是哪一栏的数")


def test_figures_behind_unknown_labels_are_one_hint() -> None:
    sheet = PaperSheet(CORRECT.replace("项目名称 | 公共服务项目 | < | <", "项目名称 | 公共服务项目 | 甲数 | 321200"))
    (one,) = told(sheet)
    assert one == "F123 1 个标签不知道是什么，后面的数没有核对：甲数 321200；请自己核对"
