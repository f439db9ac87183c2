"""Finding the fields of a form in a sheet: by defined names where the book has them, else by the printed words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_ROWS, Sheet
from workbook_tools.forms import placing_labels as spots
from workbook_tools.forms.form import Field
from workbook_tools.forms.layout import (
    MORE,
    Block,
    FieldRule,
    Layout,
    Placement,
    SheetText,
    Words,
    printed_labels,
    starts_with_label,
)
from workbook_tools.schemes.scheme import AMOUNTS
from workbook_tools.values import read_quantity

LONG_NAME = 16
_NUMBER = re.compile(r"\.\d+$")  # of a text of which there are several
RESTORE = "改动过表头的，请恢复；原表就是这样印的，本工具还不能读这种表，请手工核算"
LEAVE_A_ROW = "请在表头下面留一行填金额"
NAMES = (".name", ".kind", ".label", ".year", ".month")  # what stands in these is a name, printed or a person's


def placed_by_layout(sheet: Sheet, layout: Layout, page: SheetText | None = None) -> Placement:
    """The cells of all fields; raises `FormNotRecognised` naming the words that are missing."""
    return _Placing(sheet, layout, page or SheetText(sheet)).placement()


class _Placing:
    """The state of placing one sheet: which columns each block has, and what has been found."""

    def __init__(self, sheet: Sheet, layout: Layout, page: SheetText) -> None:
        self.sheet, self.layout, self.page = sheet, layout, page
        self.cells: dict[Field, Cell] = {}
        self.labels: dict[Field, str] = {}
        self.prefixes: dict[Field, str] = {}
        self.suffixes: dict[Field, str] = {}
        self.rows: list[tuple[str, Field]] = []
        self.more: dict[Field, tuple[Cell, ...]] = {}
        self.own_labels: dict[Field, Words] = {}  # of a sum: what its row begins with
        self.label_cells: set[Cell] = set()  # of the rows of money
        self.columns: dict[str, dict[str, int]] = {}  # of each block
        self.words: dict[str, dict[str, str]] = {}  # block → column → what its heading says
        self.label = ""
        self.report = MOST_ROWS + 1  # the row in which the paragraphs begin that come with a form

    def placement(self) -> Placement:
        after = 1
        for block in self.layout.blocks:
            if block.starts and not block.same_heading_as:  # a table of its own, in any order, that a form may lack
                title = self.page.find_any(block.starts)
                if title is None:
                    continue
                self._block(block, title[0][0], self._next_title(title[0][0]))
                continue
            try:
                after = self._block(block, after, MOST_ROWS)
            except FormNotRecognised:
                if not block.may_lack:
                    raise
        fields = self.layout.fields.items()
        for field, rule in sorted(fields, key=lambda one: "beside" in one[1]):  # after those that they stand beside
            self._single(field, rule)
        self._keep_labels()
        wanted = {field: want for field in self.cells if (want := self.layout.wanted.get(_NUMBER.sub("", field)))}
        return Placement(self.cells, self.labels, self.prefixes, self.suffixes, tuple(self.rows), self.more, wanted)

    def _keep_labels(self) -> None:
        """No field stands in the cell of a printed label but behind its own label, with a colon between them."""
        named = {cell for field, cell in self.cells.items() if field.endswith(NAMES)} | self.label_cells
        for field, cell in list(self.cells.items()):
            words = self.page.words.get(cell, "").rstrip(":：")
            around = field in self.prefixes or field in self.suffixes
            if around or field.startswith("headings.") or field.endswith(NAMES) or not words:
                continue
            own = next((label for label in self.own_labels.get(field, ()) if starts_with_label(words, label)), None)
            if own:
                self.prefixes[field] = spots.before_value(f"{self.sheet.text(cell)}：", own)
            elif cell in named or words in printed_labels(self.layout.name):
                del self.cells[field]

    def _block(self, block: Block, after: int, last: int) -> int:
        """Places a block; gives the row to go on from: the row that ends it may be the heading of the next."""
        end = self._end(block, self._money_heading(block, after), last)
        if block.rows == "paragraphs":
            self._paragraphs(block, after, end)
            return end
        start, columns = self._heading(block, after, end)
        self.columns[block.name] = columns
        rows = [row for row in range(start, end) if self._is_data(row, columns, self.words[block.name])]
        if isinstance(block.rows, str):
            fill = {"one": self._one, "money": self._money, "evaluators": self._evaluators, "months": self._months}
            fill |= {"texts": self._texts}
            fill.get(block.rows, self._indicators)(block, rows)
        else:
            self._known_rows(block, block.rows, rows)
        if "score" in columns and block.sum and block.ends:
            self._add(block.sum, (end, columns["score"]), block.ends[0])
            self.own_labels[block.sum] = block.ends
            if "weight" in columns and self.sheet.anchor((end, columns["weight"])) == (end, columns["weight"]):
                self._add(f"counts.{block.sum}.weight", (end, columns["weight"]), f"{block.ends[0]}的分值")
        if "own" in columns and block.rows == "indicators":
            self._add(f"counts.{block.name}", (end, columns["own"]), "指标行数")
        if block.rows == "months":
            for column, word in self.words[block.name].items():
                self._add(f"tables.{block.name}.total.{column}", (end, columns[column]), f"合计 {word}")
        return end + 1 if block.sum else end

    def _texts(self, block: Block, rows: list[int]) -> None:
        """The texts below each heading, numbered where there are several."""
        columns, words = self.columns[block.name], self.words[block.name]
        filled = [row for row in rows if any(self._text(row, column) for column in columns.values())]
        listed = filled or rows[:1]
        for number, row in enumerate(listed, 1):
            for column, cell in columns.items():
                field = f"texts.{column}.{number}" if len(listed) > 1 else f"texts.{column}"
                self._add(field, (row, cell), words[column])

    def _paragraphs(self, block: Block, first: int, end: int) -> None:
        """The first cell of each row below a title: the report that a form comes with."""
        self.report = min(self.report, first)
        rows = [row for row in range(first + 1, end) if row in self.page.rows]
        for number, row in enumerate(rows, 1):
            self._add(f"texts.{block.name}.{number}", self.page.rows[row][0], f"第{number}段")

    def _add(self, field: Field, cell: Cell, label: str) -> None:
        if not field.startswith(("indicators.", "deductions.")):  # rows may have been inserted: they go by their place
            cell = self.sheet.names.get(field, cell)
        self.cells[field] = self.sheet.anchor(cell)
        self.labels[field] = label

    def _next_title(self, after: int) -> int:
        """The last row before the next table that has a title of its own."""
        starts = [block.starts for block in self.layout.blocks if block.starts and not block.same_heading_as]
        titles = [found[0][0] for words in starts if (found := self.page.find_any(words))]
        return min((row for row in titles if row > after), default=MOST_ROWS + 1) - 1

    def _money_heading(self, block: Block, after: int) -> int:
        """The row of the headings of the money: what ends its block stands below them, whatever is said above."""
        needed = [words for column, words in block.heading.items() if column not in block.optional]
        rows = self.page.rows if block.rows == "money" else ()
        return next((row for row in rows if row >= after and all(self.page.in_row(row, w) for w in needed)), after)

    def _end(self, block: Block, after: int, last: int) -> int:
        if block.sum and (named := self.sheet.names.get(block.sum)):
            return named[0]
        if not block.ends:
            return min(self.page.last, last) + 1
        found = self.page.find_any(block.ends, after, last)
        if found is None:
            raise FormNotRecognised(f"找不到“{block.ends[0]}”", RESTORE)
        return found[0][0]

    def _heading(self, block: Block, after: int, end: int) -> tuple[int, dict[str, int]]:
        """The first row below the heading, and the column of each heading word."""
        if block.same_heading_as:
            start = self.page.find_any(block.starts, after, end)
            if start is None and block.starts:
                raise FormNotRecognised(f"找不到“{block.starts[0]}”", RESTORE)
            self.words[block.name] = self.words[block.same_heading_as]
            return start[0][0] + 1 if start else after, self.columns[block.same_heading_as]
        names = self.sheet.names
        named = {column: cell for column in block.heading if (cell := names.get(f"headings.{block.name}.{column}"))}
        if named.keys() >= block.heading.keys() - block.optional:
            cells = named
            self.words[block.name] = {column: block.heading[column][0].rstrip(MORE) for column in named}
        else:
            found = self._heading_by_words(block, after, end)
            cells = {column: cell for column, (cell, _) in found.items()}
            self.words[block.name] = {column: word.rstrip(MORE) for column, (_, word) in found.items()}
        for column, cell in cells.items():
            self._add(f"headings.{block.name}.{column}", cell, self.words[block.name][column])
        bottom = max(cell[0] for cell in cells.values())
        while bottom < end and any(self.sheet.anchor((bottom + 1, cell[1])) == cell for cell in cells.values()):
            bottom += 1
        return bottom + 1, {column: cell[1] for column, cell in cells.items()}

    def _heading_by_words(self, block: Block, after: int, end: int) -> dict[str, tuple[Cell, str]]:
        best: dict[str, tuple[Cell, str]] = {}
        for row in range(after, end):
            words = block.heading.items()
            found = {column: cell for column, labels in words if (cell := self.page.in_row(row, labels))}
            if len(found) > len(best):
                best = found
            if found.keys() >= block.heading.keys() - block.optional:
                return found
        known = best.keys() | block.optional
        lacking = "、".join(f"“{words[0]}”" for column, words in block.heading.items() if column not in known)
        above = f"“{block.ends[0]}”上面的" if block.ends else ""
        raise FormNotRecognised(f"{above}表头里找不到{lacking}", RESTORE)

    def _is_data(self, row: int, columns: Mapping[str, int], words: Mapping[str, str]) -> bool:
        """Whether a row is not the heading printed once more, nor words across the whole table."""
        if "name" in columns and (left := min(columns.values())) < columns["name"]:
            across = self.sheet.anchor((row, columns["name"]))
            if across[1] == left and self.sheet.anchor((row, left)) == across:
                return False
        for column in ("kind", "name", "year"):
            if column in columns and starts_with_label(self.page.words.get((row, columns[column]), ""), words[column]):
                return False
        return True

    def _text(self, row: int, column: int | None) -> str:
        return self.page.words.get(self.sheet.anchor((row, column)), "") if column else ""

    def _one(self, block: Block, rows: list[int]) -> None:
        """The one row of money, that of the year of the form where there are several."""
        columns, words = self.columns[block.name], self.words[block.name]
        filled = [row for row in rows if self._has_amount(row, columns)]
        first = next(words[amount] for amount in AMOUNTS if amount in words)
        if len(filled) > 1:
            wanted = ("合计", f"{self.page.year()}年")
            several = f"“{first}”下面有 {len(filled)} 行金额，不知道用哪一行"
            filled = [row for word in wanted for row in filled if word in self._text(row, columns.get("year"))]
            if not filled:
                raise FormNotRecognised(several, "请只留评价年度一行")
        if not rows:
            raise FormNotRecognised(f"“{first}”下面没有填写金额的行", LEAVE_A_ROW)
        self._unit(block, filled[0] if filled else rows[0])
        self._amounts("budget", filled[0] if filled else rows[0], block)

    def _money(self, block: Block, rows: list[int]) -> None:
        """The row of the sum, and a row for each source."""
        columns = self.columns[block.name]
        amounts = sorted(column for field, column in columns.items() if field in AMOUNTS)
        money = takewhile(lambda row: not spots.words_across(self.sheet, self.page, row, amounts), rows)
        labelled = [
            (row, cell)
            for row in money
            if (cell := spots.label_before(self.sheet, self.page, row, amounts[0])) or self._has_amount(row, columns)
        ]
        total = next((row for row, cell in labelled if cell and self.page.words[cell].startswith(block.total)), None)
        total = labelled[0][0] if total is None and labelled else total
        if total is None:
            raise FormNotRecognised(f"“{next(iter(self.words[block.name].values()))}”下面没有填写金额的行", LEAVE_A_ROW)
        self._unit(block, total)
        self.label_cells |= {cell for row, cell in labelled if cell and row == total}
        self._amounts("budget", total, block)
        others = [(row, cell) for row, cell in labelled if row != total]
        for number, (row, cell) in enumerate(others, 1):
            if cell:
                self.label_cells.add(cell)
                self._add(f"sources.{number}.name", cell, "资金来源")
            self._amounts(f"sources.{number}", row, block, self.page.words[cell].rstrip(":：") if cell else "")
        self._points_of_a_source(total, [row for row, _ in others], block)

    def _points_of_a_source(self, total: int, sources: list[int], block: Block) -> None:
        """Forms that score the rate in the row of one source: weight and score stand there, and none in the total's."""
        columns = {name: cell for name, cell in self.columns[block.name].items() if name.startswith("execution.")}
        scored = [row for row in (total, *sources) if any(read_quantity(self._text(row, x)) for x in columns.values())]
        if len(scored) != 1 or scored == [total]:
            return
        for column in columns:
            there, here = f"sources.{sources.index(scored[0]) + 1}.{column}", f"budget.{column}"
            if there in self.cells:
                self.cells[here], self.labels[here] = self.cells.pop(there), self.labels.pop(there)

    def _unit(self, block: Block, total: int) -> None:
        headings = [cell for column in AMOUNTS if (cell := self.cells.get(f"headings.{block.name}.{column}"))]
        left = min(self.columns[block.name][field] for field in AMOUNTS if field in self.columns[block.name])
        if cell := spots.money_unit_near(self.page, headings, total, left):
            self._add("headings.money", cell, "金额单位")

    def _amounts(self, field: Field, row: int, block: Block, name: str = "") -> None:
        own = set(self.cells.values())  # of the total's row: what is merged down from it is said once
        for column, word in self.words[block.name].items():
            cell = (row, self.columns[block.name][column])
            if field == "budget" or self.sheet.anchor(cell) not in own:
                self._add(f"{field}.{column}", cell, f"{name} {word}".strip())

    def _has_amount(self, row: int, columns: Mapping[str, int]) -> bool:
        return any(read_quantity(self.sheet.text((row, columns[field]))) for field in AMOUNTS if field in columns)

    def _known_rows(self, block: Block, known: Mapping[str, Words], rows: list[int]) -> None:
        columns = self.columns[block.name]
        for field, labels in known.items():
            found = (
                (row, word)
                for row in rows
                for word in labels
                if starts_with_label(self._text(row, columns["kind"]), word)
            )
            row, word = next(found, (None, labels[0]))
            if row is None:
                raise FormNotRecognised(f"“{block.ends[0]}”上面找不到“{word}”一行", RESTORE)
            for column, heading in self.words[block.name].items():
                self._add(f"{field}.{column}", (row, columns[column]), f"{word} {heading}")

    def _indicators(self, block: Block, rows: list[int]) -> None:
        columns, words = self.columns[block.name], self.words[block.name]
        table = str(block.rows)
        number = sum(field.startswith(table) for _, field in self.rows)
        for row in rows:
            if number and "score" in columns and self.sheet.anchor((row, columns["score"]))[0] < row:
                self._goes_on(f"{table}.{number}", row, columns)
                continue
            number += 1
            field = f"{table}.{number}"
            self.rows.append((self._group(block, row), field))
            name = self._text(row, columns["name"])
            name = name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 1]}…"
            kind = self._text(row, columns.get("kind"))
            kind = (name if "label" in columns else kind) or kind or name or f"第{row}行"
            for column, cell in columns.items():
                self._add(f"{field}.{column}", (row, cell), f"{kind} {words[column]}")

    def _goes_on(self, field: Field, row: int, columns: Mapping[str, int]) -> None:
        """A row whose score is merged into the one above: it goes on with that indicator."""
        for column in ("name", "target", "actual"):
            path = f"{field}.{column}"
            if column in columns and self.sheet.anchor((row, columns[column])) != self.cells[path]:
                self.more[path] = (*self.more.get(path, ()), (row, columns[column]))

    def _group(self, block: Block, row: int) -> str:
        if not block.groups:
            return block.name
        words = self._text(row, self.columns[block.name].get("label")) or self.label
        self.label = words  # a label that is not merged down stands in its first row only
        return next((group for group, begins in block.groups.items() if words.startswith(begins)), "")

    def _evaluators(self, block: Block, rows: list[int]) -> None:
        """A row for each indicator; every column between its name and the average is an evaluator's."""
        columns, words = self.columns[block.name], self.words[block.name]
        first = max(column for field, column in columns.items() if field != "average") + 1
        number = 0
        for row in rows:
            name = self._text(row, columns["name"])
            if not name:
                continue
            number += 1
            self._add(f"evaluators.{number}.name", (row, columns["name"]), words["name"])
            for evaluator in range(first, columns["average"]):
                path = f"evaluators.{number}.{evaluator - first + 1}"
                self._add(path, (row, evaluator), f"{name} 第{evaluator - first + 1}位评分")
            self._add(f"evaluators.{number}.average", (row, columns["average"]), f"{name} {words['average']}")

    def _months(self, block: Block, rows: list[int]) -> None:
        columns, words = self.columns[block.name], self.words[block.name]
        months = [row for row in rows if self._text(row, columns["month"])]
        for number, row in enumerate(months, 1):
            for column, word in words.items():
                field = f"tables.{block.name}.{number}.{column}"
                self._add(field, (row, columns[column]), f"{self._text(row, columns['month'])} {word}")

    def _single(self, field: Field, rule: FieldRule) -> None:
        words: Words = rule.get("right") or rule.get("after") or rule.get("score") or rule["line"]
        if named := self.sheet.names.get(field):
            heading = self.sheet.names.get(f"headings.{field}")
            word = spots.spelling(words, self.sheet.text(heading or named))
            self._add(field, named, word)
            if heading:
                self._add(f"headings.{field}", heading, word)
            if "after" in rule:
                self.prefixes[field] = spots.before_value(self.sheet.text(self.cells[field]), word)
            if "line" in rule and (spot := spots.year_in(self.sheet, self.cells[field])):
                self.prefixes[field], self.suffixes[field] = spot.before, spot.behind
            return
        spot = self._score(rule) if "score" in rule else self._year() if "line" in rule else self._labelled(rule)
        taken = spot is not None and spot.cell in self.cells.values()
        if spot and not (taken and rule.get("optional")):  # the next label, where its table has no place for the value
            self._add(field, spot.cell, spot.word)
            if "score" in rule:
                self.own_labels[field] = words
            if spot.before:
                self.prefixes[field] = spot.before
            if spot.behind:
                self.suffixes[field] = spot.behind
            if field.startswith("texts.") and spot.label != spot.cell and "score" not in rule:
                self._add(f"headings.{field}", spot.label, spot.word)
        elif not rule.get("optional"):
            raise FormNotRecognised(f"找不到“{words[0]}”", RESTORE)

    def _labelled(self, rule: FieldRule) -> spots.Spot | None:
        """The value of a label above the report that comes with the form, or in the row of another field."""
        if "beside" not in rule:
            return spots.beside_label(self.sheet, self.page, rule, (1, self.report - 1))
        beside = self.cells.get(rule["beside"])
        widest = max(columns.get("score", 0) for columns in self.columns.values())
        return spots.beside_label(self.sheet, self.page, rule, (beside[0], beside[0]), widest) if beside else None

    def _score(self, rule: FieldRule) -> spots.Spot | None:
        found = self.page.find_any(rule["score"])
        wanted = rule.get("column", "score")
        column = next((columns[wanted] for columns in self.columns.values() if wanted in columns), None)
        return spots.Spot((found[0][0], column), "", "", found[1], found[0]) if found and column else None

    def _year(self) -> spots.Spot | None:
        above = min(cell[0] for field, cell in self.cells.items() if field.startswith("headings."))
        return spots.on_year_line(self.sheet, self.page, above)
