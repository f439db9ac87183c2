"""One form as printed: its tables, its single fields, and the role of every cell with words."""

from __future__ import annotations

from collections.abc import Iterator

from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.form import Field
from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import Asked, heading_at
from workbook_tools.forms.tables import Table
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.text import regex

REPORT_TITLE = "报告正文"  # of the report that a form comes with
_YEAR_LINE = regex(r"(\s{0,9}[(（]?)([\s_＿xX×*\d]{0,24})(年度?\s{0,9}[)）]?\s{0,9})")


def year_line(text: str) -> tuple[str, str] | None:
    """What stands before and behind the year in a cell that tells no more (（2022年度）); None for other words."""
    found = _YEAR_LINE.fullmatch(text)
    return (found[1], found[3]) if found and (found[1].strip() or found[2].strip()) else None


class PrintedForm:
    """One form as printed: its tables, its single fields, and the role of every cell with words."""

    def __init__(self, first: int = 0) -> None:
        self.number = 0  # on its sheet, from 0
        self.title = ""
        self.scheme = ""  # that a person has named for forms like this
        self.year: int | None = None
        self.first = first
        self.last = 0
        self.tables: list[Table] = []
        self.fields: dict[Field, Cell] = {}
        self.labels: dict[Field, str] = {}
        self.headings: dict[Field, Cell] = {}
        self.prefixes: dict[Field, str] = {}
        self.suffixes: dict[Field, str] = {}
        self.roles: dict[Cell, str] = {}
        self.asked: list[Asked] = []  # what it leaves open; no field stands for what is asked

    def add(self, field: Field, cell: Cell, label: str, heading: Cell | None = None) -> bool:
        """Notes where a field stands, unless it is known already."""
        if field in self.fields or cell in self.fields.values():
            return False
        self.fields[field], self.labels[field] = cell, label
        if heading:
            self.headings[field] = heading
        self.roles[cell] = field
        return True

    def names_next(self, grid: Grid, row: int, box: Box) -> bool:
        """Whether a row names the project of one more form below this one, under the same title."""
        known = ideas(box.text)
        another = known.get("info") == "project" and "money" not in known and "texts.project" in self.fields
        another = another and any(table.kind == "indicator" for table in self.tables)
        return another and any(heading_at(grid, line) for line in range(row + 1, grid.last + 1))

    def below(self, row: int) -> PrintedForm:
        """The form that begins in a row below this one, under the same title."""
        form = PrintedForm(row)
        form.title, form.year = self.title, self.year
        return form

    def take(self, other: PrintedForm) -> None:
        """Adds what stands below this form and is none of its own: statistics, evaluators, its report."""
        self.last = other.last
        self.tables += other.tables
        self.roles |= other.roles
        self.asked += other.asked
        for field, cell in other.fields.items():
            if field not in self.fields:
                self.fields[field], self.labels[field] = cell, other.labels[field]
                if field in other.prefixes:
                    self.prefixes[field] = other.prefixes[field]


def printed_words(form: PrintedForm) -> Iterator[tuple[str, str, str]]:
    """Kind, idea and printed word of every column of a form."""
    for table in form.tables:
        columns = [*table.columns.values(), *(column for column in table.unknown if column.idea)]
        yield from ((table.kind, column.idea, column.words) for column in columns if table.kind != "other")


def printed_columns(form: PrintedForm) -> tuple[str, ...]:
    """The words of all columns of a form, also of those that nobody knows."""
    unknown = [column.words for table in form.tables if table.kind != "other" for column in table.unknown]
    return tuple(sorted({*unknown, *(words for _, _, words in printed_words(form))}))
