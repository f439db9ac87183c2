"""Values beside their labels: in which cell, and what is printed around them there."""

from __future__ import annotations

import re
from typing import NamedTuple

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_ROWS, Sheet
from workbook_tools.forms.layout import FieldRule, SheetText, Words, starts_with_label
from workbook_tools.values import money_unit, normalize, read_quantity, unfilled

_NUMBER = r"(?:[(（]?[一二三四五六七八九十\d]{1,3}[)）.、．]+\s*)?"
_NOTE = r"(?:[(（][^()（）]{0,40}[)）]\s*(?=[:：]))?"  # 单位名称（盖章）：
_YEAR_LINE = re.compile(r"(\s*[(（]?)([\s_＿xX×*\d]*)(年度?\s*[)）]?\s*)")


class Spot(NamedTuple):
    """Where a value stands: its cell, what is printed before and behind it there, its label and the label's cell."""

    cell: Cell
    before: str
    behind: str
    word: str
    label: Cell


def beside_label(
    sheet: Sheet,
    page: SheetText,
    rule: FieldRule,
    rows: tuple[int, int] = (1, MOST_ROWS),
    widest: int | None = None,
) -> Spot | None:
    """The place of the value behind the colon of its label, or right of it; None where the label is not printed.

    What is filled in tells which of the two it is; a blank value stands where the layout says. `widest` is the last
    column of the table, where it ends before the sheet.
    """
    words: Words = rule.get("right") or rule["after"]
    found = page.find_any(words, *rows)
    if found is None:
        return None
    label, word = found
    text = sheet.text(label)
    before = before_value(text, word)
    last = sheet.size[1] if widest is None else widest
    right = (label[0], label[1] + 1)
    while right[1] <= last and sheet.anchor(right) == label:
        right = (right[0], right[1] + 1)
    beyond = right[1] > last
    behind = before in text and not unfilled(text[len(before) :])
    own = behind or (beyond and before in text)
    if "after" in rule and not behind:
        neighbour = normalize(sheet.text(sheet.anchor(right)))
        own = beyond if "beside" in rule else ":" in neighbour or unfilled(neighbour)
    return Spot(label, before, "", word, label) if own else Spot(sheet.anchor(right), "", "", word, label)


def before_value(text: str, label: str) -> str:
    """What stands before a value in the cell of its label: the label with its note, and a colon."""
    spaced = r"\s*".join(map(re.escape, label))
    found = re.match(rf"\s*{_NUMBER}{spaced}\s*{_NOTE}[:：]?\s*", text)
    said = found[0] if found else label  # a formula that was never calculated says nothing yet
    return said if said.rstrip()[-1:] in ":：" else f"{said.rstrip()}："


def on_year_line(sheet: Sheet, page: SheetText, above: int) -> Spot | None:
    """The place of the year in a line above a row that tells only the year: (2022年度)."""
    spots = (year_in(sheet, cell) for cell in page.words if cell[0] < above)
    return next((spot for spot in spots if spot), None)


def year_in(sheet: Sheet, cell: Cell) -> Spot | None:
    """The place of the year in a cell that tells only the year; None for other words."""
    found = _YEAR_LINE.fullmatch(sheet.text(cell))
    if found is None or not (found[1].strip() or found[2].strip()):
        return None
    return Spot(cell, found[1], found[3], normalize(found[3]).rstrip(")"), cell)


def spelling(words: Words, text: str) -> str:
    """The word that a printed label says, the first where it says another."""
    return next((word for word in words if starts_with_label(normalize(text), word)), words[0])


def words_across(sheet: Sheet, page: SheetText, row: int, columns: list[int]) -> bool:
    """Whether words run across the columns of amounts: the row of another block, such as the goal's."""
    anchors = [sheet.anchor((row, column)) for column in columns]
    if anchors[0][1] < columns[0]:
        return True
    joined = {cell for cell in anchors if anchors.count(cell) > 1}
    return any((words := page.words.get(cell, "")) and not read_quantity(words) for cell in joined)


def money_unit_near(page: SheetText, headings: list[Cell], total: int, left: int) -> Cell | None:
    """Where the unit of the money is printed: in the heading of an amount, beside the amounts, in a line above."""
    top = min(headings, default=(total, 1))[0]
    beside = [cell for cell in page.words if top <= cell[0] <= total and cell[1] < left]
    above = [cell for cell, words in page.words.items() if cell[0] < top and "单位:" in words]
    return next((cell for cell in (*headings, *beside, *above) if money_unit(page.words.get(cell, ""))), None)


def label_before(sheet: Sheet, page: SheetText, row: int, column: int) -> Cell | None:
    """The nearest words to the left of a column that belong to this row alone."""
    for left in range(column - 1, 0, -1):
        cell = sheet.anchor((row, left))
        if cell in page.words:
            return cell if cell[0] == row else None
    return None
