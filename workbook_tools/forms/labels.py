"""Labels and the values behind their own colon: 填报日期：2023年4月28日."""

from __future__ import annotations

from workbook_tools.forms.headings import is_number
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.text import regex
from workbook_tools.values import normalize

INLINE = regex(r"\s*+([^:：]{2,24}?)\s*+[:：]\s*+")
LABELS = ("text", "info", "review", "total")
_MONEY_UNIT = regex(r"[(]?(?:金额)?单位:?(?:人民币)?[亿万千百]?元[)]?", needs="元")
MOST_LABEL = 24  # characters of a label that nobody knows


def may_be_label(text: str) -> bool:
    """Whether words that nobody knows may be a label: short, no figure, and without a value behind a colon."""
    return len(normalize(text)) <= MOST_LABEL and not is_number(text) and not INLINE.match(text.rstrip(":： "))


def is_inline(text: str) -> bool:
    """Whether a cell holds a label and its value: 总分：95."""
    found = INLINE.match(text)
    return bool(found and ideas(found[1]).keys() & set(LABELS))


def is_money_unit(text: str) -> bool:
    """Whether a cell tells the unit of the money and nothing else: 单位：万元."""
    return _MONEY_UNIT.fullmatch(normalize(text)) is not None


def inline_grade(text: str) -> str:
    """What stands before the grade in its own cell (自评绩效等级:), "" where the cell is something else."""
    found = INLINE.match(text)
    if found is None or ideas(found[1]).get("total") != "grade" or len(normalize(text[found.end() :])) > 2:
        return ""
    return found[0]
