"""Reading first: every self-evaluation form of a sheet as it is printed, whatever official form it follows.

One pass goes down the rows. It knows words (`vocabulary.toml`) and geometry (`grid`), and no official form: what a row
counts for is decided afterwards by the scheme. Every cell with words gets a role; what could not be read is `unread`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.asking import ask_about_tables, sums_like
from workbook_tools.forms.form import Field
from workbook_tools.forms.grid import Box, Grid
from workbook_tools.forms.headings import Asked, Column, Heading, heading_at, is_number
from workbook_tools.forms.labels import INLINE, LABELS, inline_grade, is_inline, is_money_unit, may_be_label
from workbook_tools.forms.other_tables import other_table
from workbook_tools.forms.pairs import pairs_at
from workbook_tools.forms.printed import REPORT_TITLE, PrintedForm, year_line
from workbook_tools.forms.splits import splits_at
from workbook_tools.forms.tables import Row, Table, indicator_rows, is_note, is_title, money_rows
from workbook_tools.forms.texts import texts_at
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.text import regex
from workbook_tools.values import money_unit, normalize, unfilled

_YEAR = regex(r"(20\d\d)年", needs="20")
_PART = regex(r"[一二三四五六七八九十]{1,3}[、.]")  # 二、单位自评表: a part of one form
_GRADES = ("优", "良", "中", "差", "优秀", "良好", "中等", "一般", "较差", "合格", "不合格")
LEVEL_COLUMNS = 3  # more than the width of a label in the head of a form: 总分 across the levels of a table
REVIEWED = ("score", "grade", "opinion", "budget")  # what only the supervising department writes
TOTALS = ("total", "counts.total.again")  # the total, and where it is printed once more
MOST_UNKNOWN = 4  # unknown texts in a row before they are taken for labels and values


def read_forms(sheet: Sheet, told: Mapping[str, str] | None = None) -> list[PrintedForm]:
    """Every form of a sheet, from top to bottom; none where the sheet has no table of indicators and none of money.

    `told` says what columns are that nobody knows: their words → a word of the vocabulary.
    """
    forms = [form for form in _Reader(Grid(sheet, told or {})).forms() if form.tables]
    for number, form in enumerate(forms):
        form.number = number
    return forms


class _Reader:
    """The state of reading one sheet."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.form = PrintedForm()
        self.done: list[PrintedForm] = []
        self.captions: list[str] = []  # single words above a table
        self.width = self._width(1)
        self.reviewing = False  # in the section of the supervising department

    def forms(self) -> list[PrintedForm]:
        row = 1
        while row <= self.grid.last:
            row = max(self._row(row, self.grid.rows.get(row, [])), row + 1)
        self._finish(self.grid.last)
        return self.done

    def _finish(self, last: int) -> None:
        form = self.form
        form.last = last
        ask_about_tables(form, self.grid.sheet)
        for row in range(max(form.first, 1), last + 1):
            for box in self.grid.rows.get(row, []):
                form.roles.setdefault(box.cell, "unread")
        if self.done and not any(table.kind != "other" for table in form.tables):
            self.done[-1].take(form)
        else:
            self.done.append(form)

    def _row(self, row: int, own: Sequence[Box]) -> int:
        """Reads what begins in a row; gives the row to go on from."""
        if not own:
            return row + 1
        captions, self.captions = self.captions, [*self.captions, own[0].text] if len(own) == 1 else []
        if self.form.names_next(self.grid, row, own[0]):
            self._begin(self.form.below(row))
        if self._title(row, own):
            return row + 1
        if heading := heading_at(self.grid, row):
            return self._table(row, heading)
        if normalized(own[0].text) == REPORT_TITLE:
            return self._paragraphs(row)
        if captions and (
            found := other_table(self.grid, row, next((one for one in reversed(captions) if "表" in one), ""))
        ):
            return self._other(row, *found)
        if after := splits_at(self.grid, self.form, row, own):
            return after
        if pairs_at(self.grid, self.form, row, own):
            self._labels(own)
            return row + 1
        if next_row := texts_at(self.grid, self.form, row, own, self.width):
            return next_row
        if self._total_row(row, own):
            return row + 1
        self._labels(own)
        return row + 1

    # ── title ────────────────────────────────────────────

    def _begin(self, form: PrintedForm) -> None:
        """Ends the form above and goes on with one below it."""
        self._finish(form.first - 1)
        self.form, self.reviewing = form, False

    def _title(self, row: int, own: Sequence[Box]) -> bool:
        words = normalize(own[0].text)
        if not self.form.tables and any(self._year(box) for box in own):
            return len(own) == 1
        alone = len(own) == 1 and (own[0].right - own[0].left >= 2 or self.grid.width <= 3 or not self.form.title)
        if not alone or not is_title(words):
            return False
        if self.form.tables and not _PART.match(words):  # a form below the form
            self._begin(PrintedForm(row))
        if self.form.title:
            return False
        self.form.title = own[0].text
        self.width = self._width(row)
        found = _YEAR.search(words)
        self.form.year = int(found[1]) if found else None
        self.form.roles[own[0].cell] = "title"
        return True

    def _width(self, first: int) -> int:
        """The last column of the form that begins in a row: another one on the sheet may be wider."""
        right = 1
        for row in range(first, self.grid.last + 1):
            own = self.grid.rows.get(row, [])
            if row > first + 1 and len(own) == 1 and is_title(own[0].text):
                break
            stray = len(own) == 1 and own[0].left == own[0].right > 1  # a note that somebody left beside the table
            if own and not stray and own[-1].right > right:
                right = own[-1].right
        return right

    def _year(self, box: Box) -> bool:
        """Whether a cell tells only the year: (2022年度)."""
        around = year_line(self.grid.sheet.text(box.cell))
        if around is None or not self.form.add("texts.year", box.cell, normalize(around[1]).rstrip(")")):
            return False
        self.form.prefixes["texts.year"], self.form.suffixes["texts.year"] = around
        found = _YEAR.search(f"{normalize(box.text)}年")
        self.form.year = self.form.year or (int(found[1]) if found else None)
        return True

    # ── tables ───────────────────────────────────────────

    def _table(self, row: int, heading: Heading) -> int:
        read = indicator_rows if heading.kind == "indicator" else money_rows
        rows, after = read(self.grid, heading)
        columns = {column.idea: column for column in heading.columns if column.idea}
        unknown = [column for column in heading.columns if not column.idea]
        form = self.form
        form.tables.append(Table(heading.kind, row, columns, unknown, rows))
        form.asked += heading.asked
        for box in heading.boxes:
            form.roles.setdefault(box.cell, "heading")
        cells = [(one, idea, cell) for one in rows for idea, cell in one.cells.items()]
        for one, idea, cell in cells:
            if one.kind != "total" or self._are_points(one, idea):  # else the total or the grade may stand there
                form.roles.setdefault(cell, f"{heading.kind}.{idea}")
        printed = {normalized(column.words) for column in heading.columns}
        totals = {one.number for one in rows if one.kind == "total"}  # what stands there, its own labels tell
        lines = (line for line in range(row, after) if line not in totals)
        for box in (box for line in lines for box in self.grid.rows.get(line, [])):
            if box.cell not in form.roles and (role := self._role(box, heading, unknown, printed)):
                form.roles[box.cell] = role
        for one in rows:
            if one.name is not None:
                form.roles[one.name.cell] = "label"
            form.roles.update({cell: "more" for below in one.more.values() for cell in below})
            if one.kind == "total":
                self._total(one)
        for _, idea, cell in cells:
            form.roles.setdefault(cell, f"{heading.kind}.{idea}")
        return after

    def _are_points(self, row: Row, idea: str) -> bool:
        """Whether a cell in the row of the total holds its points: a number under them, and no score too."""
        cell = row.cells[idea]
        return idea == "weight" and cell != row.cells.get("score") and is_number(self.grid.sheet.text(cell))

    def _role(self, box: Box, heading: Heading, unknown: Sequence[Column], printed: Set[str]) -> str:
        """What a cell of a table is in none of its rows: words beside it, its heading again; "" for others."""
        if box.right < heading.columns[0].left or ideas(box.text).get("block"):
            return "block"
        if (normalized(box.text) in printed or heading.kind in ideas(box.text)) and not is_number(box.text):
            return "heading"
        words = next((one.words for one in unknown if one.left <= box.left <= one.right), "")
        return f"other.{words}" if words else ""

    def _other(self, row: int, table: Table, after: int) -> int:
        self.form.tables.append(table)
        for box in self.grid.rows[row]:
            self.form.roles[box.cell] = "heading"
        for one in table.rows:
            self.form.roles.update(dict.fromkeys(one.cells.values(), f"table {table.title[:20]}"))
        return after

    def _total(self, row: Row) -> None:
        """What stands in the row of the total: the total, the points, the grade."""
        form, own = self.form, self.grid.rows.get(row.number, [])
        label, weight, score = row.name, row.cells.get("weight"), row.cells.get("score")
        for box in own[1:]:
            idea = ideas(box.text).get("total", "")
            if idea == "total":
                self._value_of("total", box, own)
            elif idea == "grade" or inline_grade(box.text):
                self._grade(box, own)
            elif normalize(box.text) in _GRADES:
                form.add("grade", box.cell, "等级")
        if "total" not in form.fields and score and label:
            said = self.grid.sheet.text(score)
            if weight == score and (choices := sums_like(form, self.grid.sheet, score)):
                form.asked.append(Asked("total", (score,), choices))
            elif not ideas(said) and normalize(said) not in _GRADES:  # 九十一, 见附件: words in the place of the total
                form.add("total", score, label.text)
        unknown = not score and any(is_number(one.text) and one.cell not in form.roles for one in own)
        if "total" not in form.fields and label and not (unknown or any(one.what == "total" for one in form.asked)):
            self._value_of("total", label, own)
        said = self.grid.sheet.text(weight) if weight else ""
        if weight and weight != form.fields.get("total") and (is_number(said) or unfilled(said)):
            form.add("counts.total.weight", weight, f"{label.text if label else ''}的分值")

    def _total_row(self, row: int, own: Sequence[Box]) -> bool:
        """A total below closing texts: it belongs to the last table of indicators."""
        tables = [table for table in self.form.tables if table.kind == "indicator"]
        idea = ideas(own[0].text).get("total")
        if not tables or idea != "total" or "total" in self.form.fields:
            return False
        columns = tables[-1].columns
        cells = {}
        for name in ("weight", "score"):
            if name in columns and (box := self.grid.box(row, columns[name].left)).cell != own[0].cell:
                cells[name] = box.cell
        self.form.roles[own[0].cell] = "label"
        self._total(Row(row, "total", cells, own[0]))
        return True

    # ── texts ────────────────────────────────────────────

    def _paragraphs(self, row: int) -> int:
        """A report that the form comes with: the first words of each row below its title."""
        self.form.roles[self.grid.rows[row][0].cell] = "title"
        rows = [line for line in sorted(self.grid.rows) if line > row]
        for number, line in enumerate(rows, 1):
            self.form.add(f"texts.report.{number}", self.grid.rows[line][0].cell, f"第{number}段")
        return self.grid.last + 1

    # ── labels ───────────────────────────────────────────

    def _labels(self, own: Sequence[Box]) -> None:
        """Labels with their values to the right, below, or behind a colon."""
        form = self.form
        self._section(own)
        unknown = [box for box in own if box.cell not in form.roles and not ideas(box.text) and not is_note(box.text)]
        for box in own:
            if box.cell in form.roles:
                continue
            known = ideas(box.text)
            if self.reviewing and "reviewed" in known:
                known = {"review": known["reviewed"]}
            if is_note(box.text):
                form.roles[box.cell] = "note"
            elif is_money_unit(box.text):
                form.add("texts.money_unit", box.cell, "金额单位")
            elif known.keys() & {"alone", "section"} and (words := self._beside(box, own)):
                path = f"texts.{known['alone']}" if "alone" in known else f"other.{normalized(box.text)}"
                form.add(path, words.cell, normalized(box.text), box.cell)
                form.roles[box.cell] = "heading"
            elif "block" in known and len(own) == 1 and box.right >= self.width:  # over the whole table
                form.roles[box.cell] = "block"
            elif kind := next((kind for kind in LABELS if kind in known), ""):
                self._label(box, kind, known[kind], own)
            elif not self._inline(box):
                if "block" in known or len(own) == 1:
                    form.roles[box.cell] = "block" if "block" in known else "note"
                elif len(unknown) <= MOST_UNKNOWN and may_be_label(box.text) and (value := self._free(box)):
                    form.add(f"other.{normalized(box.text)}", value.cell, box.text)
                    form.roles[box.cell] = "label"

    def _section(self, own: Sequence[Box]) -> None:
        """Notes whether a row belongs to the section of the supervising department, or to what follows it."""
        begins = "section" in ideas(own[0].text) or any(ideas(box.text).get("review") in REVIEWED for box in own)
        ends = _PART.match(normalize(own[0].text)) or any(ideas(box.text).get("info") == "filler" for box in own)
        self.reviewing = begins or (self.reviewing and not ends)

    def _beside(self, box: Box, own: Sequence[Box]) -> Box | None:
        """The words to the right of a block that has nothing else in its row; the place for them where it is blank."""
        right = self._right(box)
        whole = (box.right - box.left) * 2 >= self.width
        level = right is not None and (right.row, right.bottom) == (box.row, box.bottom)
        if whole or right is None or not level or right.cell in self.form.roles:
            return None
        return None if any(one not in (box, right) for one in own) or ideas(right.text) else right

    def _label(self, box: Box, kind: str, idea: str, own: Sequence[Box]) -> None:
        alone = len(own) == 1 and box.right - box.left >= max(self.width // 2, 2)
        if kind == "text" and idea in ("goal", "result") and alone and not box.text.rstrip().endswith((":", "：")):
            self.form.roles[box.cell] = "block"  # over the whole table, with nothing below
            return
        if kind == "total":
            if idea == "grade":
                self._grade(box, own)
            elif idea == "total" and self._below_unread_rows(box):
                right = self._right(box)
                choices = ("total", "counts.total.weight")
                self.form.asked += [Asked("total", (right.cell,), choices)] if right and right.text else []
            elif idea == "total" and "sum" not in ideas(box.text):  # 合计 alone may be a sum of money
                self._value_of("total", box, own)
            return
        field = {"text": f"texts.{idea}", "info": f"texts.{idea}", "review": f"review.{idea}"}[kind]
        if field in self.form.fields:
            field = next(f"{field}.{n}" for n in range(2, 99) if f"{field}.{n}" not in self.form.fields)
        self._value_of(field, box, own)

    def _value_of(self, field: Field, box: Box, own: Sequence[Box]) -> None:
        """Notes the value of a label: to its right, below at the edge, else behind its own colon."""
        form = self.form
        form.roles[box.cell] = "label"
        label = normalized(box.text)
        right = self._right(box)
        if field == "total" and field in form.fields:
            field = "counts.total.again"
        if right and (self._says_another(right) or (field in TOTALS and right.text and not is_number(right.text))):
            if field not in (*TOTALS, "grade") and not box.text.rstrip().endswith((":", "：")):
                return  # the next label: the form has no place for this value
            right = None
        if right and (right.text or not box.text.rstrip().endswith((":", "：")) or self._each_has_a_place(own)):
            form.add(field, right.cell, label, box.cell)
            return
        below = self.grid.box(box.bottom + 1, box.left)
        whole = box.left == 1 or below.row > self.grid.last
        blank = not below.text and not whole and not box.text.rstrip().endswith((":", "："))
        if field in TOTALS and box.right >= self.width and (is_number(below.text) or blank):
            form.add(field, below.cell, label, box.cell)
        elif form.add(field, box.cell, label):
            prefix = box.text.rstrip()
            form.prefixes[field] = prefix if prefix[-1:] in ":：" else f"{prefix}："

    def _below_unread_rows(self, box: Box) -> bool:
        """Whether rows of a table that could not be read stand above, over whose columns the label goes."""
        if any(table.kind == "indicator" for table in self.form.tables):
            return False
        if box.right - box.left >= LEVEL_COLUMNS:
            return True
        above = (self.grid.rows.get(row, []) for row in range(max(self.form.first, 1), box.row))
        return any(sum(one.cell not in self.form.roles for one in row) >= MOST_UNKNOWN for row in above)

    def _each_has_a_place(self, own: Sequence[Box]) -> bool:
        """Whether every one of two or more labels in a row has a blank cell of its own to its right."""
        right = [self._right(box) for box in own]
        return len(own) > 1 and all(box and not box.text and box.row == own[0].row for box in right)

    def _says_another(self, box: Box) -> bool:
        """Whether a cell is no value of the label to its left: a label, one with its value, the unit of the money."""
        labels = {*LABELS, "sum", "reviewed"} if self.reviewing else {*LABELS, "sum"}
        known = bool(ideas(box.text).keys() & labels) or box.cell in self.form.roles
        return known or is_inline(box.text) or is_money_unit(box.text)

    def _grade(self, box: Box, own: Sequence[Box]) -> None:
        if (found := inline_grade(box.text)) and normalize(box.text[len(found) :]):
            if self.form.add("grade", box.cell, "自评绩效等级"):
                self.form.prefixes["grade"] = found
        else:
            self._value_of("grade", box, own)

    def _inline(self, box: Box) -> bool:
        """A label and its value in one cell: 填报日期：2023年4月28日."""
        found = INLINE.match(box.text)
        known = ideas(found[1].lstrip("(（")) if found else {}
        if known.get("info") == "unit" and money_unit(box.text):
            known = {"info": "money_unit"}
        kind = next((kind for kind in ("info", "text", "total") if kind in known), "")
        if not found or not kind:
            return False
        idea = known[kind]
        field = idea if kind == "total" else f"texts.{idea}"
        if field == "grade" and len(box.text) > 20:  # the bands of the grades, printed below
            self.form.roles[box.cell] = "note"
            return True
        if self.form.add(field, box.cell, normalized(found[1])):
            self.form.prefixes[field] = found[0]
        return True

    def _free(self, box: Box) -> Box | None:
        """The cell to the right that may hold the value of a label: no label itself, and not read yet."""
        value = self._right(box)
        known = value is None or ideas(value.text) or value.cell in self.form.roles or value.row != box.row
        return None if known else value

    def _right(self, box: Box) -> Box | None:
        return self.grid.box(box.row, box.right + 1) if box.right < self.width else None
