"""Which field of a form people mean: by its path, its cell, its printed label, or the name of its indicator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, reduce

from workbook_tools.errors import UnknownFields
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.reading import words_at
from workbook_tools.forms.vocabulary import spellings
from workbook_tools.text import regex
from workbook_tools.values import normalize

ROW = regex(r"((?:indicators|sources|evaluators|deductions|tables\.\w+)\.\d+)\.(\w.*)")
NOT_GIVEN = ("headings.", "counts.")  # placed, but not for data
_ADDRESS = regex(r"(?:'?(?P<sheet>[^!]{1,60}?)'?!)?\$?(?P<column>[A-Za-z]{1,3})\$?(?P<row>[1-9]\d{0,6})")
_PATH = regex(r"[a-z_]+(\.\w+)+")
_NUMBERED_TEXT = regex(r"texts\.\w+\.\d+")
_SIGNS = regex(r"[()\[\]{}<>【】《》〈〉“”‘’\"':;,.。、·]")
_NOTE = regex(r"\([^()]*\)")
_OF_WHICH = "其中"
MOST_NEAR = 3


def field_labels(sheet: Sheet, placement: Placement) -> dict[Field, str]:
    """Every field that data may fill → what people call it: 月度话务接通率 完成值, 全年执行数, 总分."""
    return {field: _label(sheet, placement, field) for field in placement.cells if not field.startswith(NOT_GIVEN)}


def named_fields(sheet: Sheet, placement: Placement, data: Mapping[str, str], scheme: str) -> dict[Field, str]:
    """Field path → words, for data whose keys are paths, cells, labels or names of indicators.

    Raises `UnknownFields` with every key that does not name one field, and with every cell that is given twice.
    """
    if all(key in placement.cells and not key.startswith(NOT_GIVEN) for key in data):
        return dict(data)
    names = _Names(sheet, placement)
    found: dict[Field, str] = {}
    given: dict[Cell, str] = {}  # cell → the key that fills it
    wrong: list[str] = []
    lacking: list[Field] = []
    for key, words in data.items():
        fields = names.meant(key)
        if len(fields) != 1:
            if not fields and names.lacks_row(key):
                lacking.append(key)
            else:
                wrong.append(names.several(key, fields) if fields else names.unknown(key))
            continue
        cell = placement.cells[fields[0]]
        other = given.setdefault(cell, key)
        if other != key and data[other].strip() != words.strip():
            wrong.append(f"“{other}”和“{key}”是同一格（{names.at(fields[0])}），内容不一样；请只留一个")
        found[fields[0]] = words
    if lacking:
        wrong.append(
            f"表上没有这些行：{'、'.join(_ranges(lacking))}；请先按数据生成一张行数够的空白表："
            f"workbook_tools new --scheme {scheme} --data 数据文件 -o 新表.xlsx，再填那一张"
        )
    if wrong:
        listed = "".join(f"\n  {number}. {sentence}" for number, sentence in enumerate(wrong, 1))
        raise UnknownFields(f"数据里有放不进这张表的内容，没有写入任何内容：{listed}")
    return found


class _Names:
    """The fields of one form by everything that they are called."""

    def __init__(self, sheet: Sheet, placement: Placement) -> None:
        self.sheet, self.placement = sheet, placement
        self.labels = field_labels(sheet, placement)
        self.own: dict[str, list[Field]] = {}  # what the form itself prints
        self.usual: dict[str, list[Field]] = {}  # what other forms print for the same
        for field, label in self.labels.items():
            printed = placement.labels[field]
            for words in (label, *self._of_indicator(field), *([] if _of_rate(label, printed) else [printed])):
                self._add(self.own, field, words)
            for words in self._other_words(field):
                self._add(self.usual, field, words)

    def at(self, field: Field) -> str:
        """The cell of a field, with its sheet where it is not the form's first."""
        name, _, cell = self.sheet.address(self.placement.cells[field]).rpartition("!")
        return cell if name == self.sheet.name else f"{name}!{cell}"

    def meant(self, key: str) -> list[Field]:
        """The fields that a key may mean, one for each cell."""
        if key in self.labels:
            return [key]
        found = self._in_cell(key) or self.own.get(_bare(key), []) or self.usual.get(_bare(key), [])
        return list({self.placement.cells[field]: field for field in reversed(found)}.values())[::-1]

    def several(self, key: str, fields: Iterable[Field]) -> str:
        """What to do about a key that means several fields."""
        listed = "、".join(f"{self.labels[field]}（{self.at(field)}）" for field in fields)
        return f"“{key}”不止一处：{listed}；请写单元格"

    def unknown(self, key: str) -> str:
        """What to do about a key that means no field."""
        near = self._near(key)
        if self._cell(key):
            beside = "、".join(f"{self.labels[field]}（{self.at(field)}）" for field in near)
            return f"“{key}”这一格不是可以填的项目" + (f"；同一行的有：{beside}" if near else "；请核对单元格")
        if not near:
            return f"表上没有“{key}”这一项；全部项目和单元格见 workbook_tools export 自评表 --format csv"
        listed = "、".join(
            f"{field if _PATH.fullmatch(key) else self.labels[field]}（{self.at(field)}）" for field in near
        )
        return f"表上没有“{key}”这一项；相近的有：{listed}"

    def lacks_row(self, key: str) -> bool:
        """Whether a path names a row that a form may have, and this one has not."""
        if _NUMBERED_TEXT.fullmatch(key):
            return True
        row = ROW.fullmatch(key)
        if not row:
            return False
        evaluator = key.startswith("evaluators.") and row[2].isdecimal()
        return evaluator or not any(field.startswith(f"{row[1]}.") for field in self.labels)

    def _of_indicator(self, field: Field) -> Iterator[str]:
        """The column behind the 二级指标 of a row; an indicator's name alone means what was achieved."""
        row = ROW.fullmatch(field)
        if row and field.startswith("indicators."):
            kind, name = (words_at(self.sheet, self.placement, f"{row[1]}.{part}") or "" for part in ("kind", "name"))
            yield f"{kind} {self.labels[field].rpartition(' ')[2]}" if kind else ""
            yield name if row[2] == "actual" else ""

    def _other_words(self, field: Field) -> Iterator[str]:
        """What other forms call the column or the field, behind the name of the row."""
        row = ROW.fullmatch(field)
        above = self.labels[field].rpartition(" ")[0]  # the name of the row, or the rate that a score is for
        table, column = (field.partition(".")[0], row[2]) if row else ("", field)
        for words in _usual_words().get((table, column), ()):
            yield f"{above}{words}"
        yield _NOTE.sub("", normalize(self.labels[field]))

    def _in_cell(self, key: str) -> list[Field]:
        cell = self._cell(key)
        return [field for field in self.labels if cell and self.placement.cells[field] == self.sheet.anchor(cell)]

    def _cell(self, key: str) -> Cell | None:
        """The cell that an address names: H17, $H$17, 自评表!H17; without a sheet it is one of the form's first."""
        found = _ADDRESS.fullmatch(normalize(key))
        if not found:
            return None
        parts = self.sheet.parts if isinstance(self.sheet, JoinedSheet) else [(0, self.sheet)]
        name = found["sheet"] or normalize(self.sheet.name)
        above = next((above for above, part in parts if normalize(part.name) == name), None)
        column = reduce(lambda number, letter: number * 26 + ord(letter) - 64, found["column"].upper(), 0)
        return None if above is None else (int(found["row"]) + above, column)

    def _near(self, key: str) -> list[Field]:
        from difflib import get_close_matches

        if cell := self._cell(key):
            beside = [field for field in self.labels if self.placement.cells[field][0] == cell[0]]
            return sorted(beside, key=lambda field: abs(self.placement.cells[field][1] - cell[1]))[:MOST_NEAR]
        if _PATH.fullmatch(key):
            return get_close_matches(key, self.labels, MOST_NEAR)
        bare = _bare(key)
        holding = [words for words in self.own if bare and (bare in words or words in bare)]
        near = dict.fromkeys((*holding[:MOST_NEAR], *get_close_matches(bare, self.own, MOST_NEAR, 0.5)))
        return list(dict.fromkeys(self.own[words][0] for words in near))[:MOST_NEAR]

    def _add(self, names: dict[str, list[Field]], field: Field, words: str) -> None:
        if (bare := _bare(words)) and field not in names.setdefault(bare, []):
            names[bare].append(field)


def _label(sheet: Sheet, placement: Placement, field: Field) -> str:
    row = ROW.fullmatch(field)
    rate = placement.labels.get(field.rpartition(".")[0]) if field.startswith("budget.") else None
    if rate and not placement.labels[field].startswith(rate):
        return f"{rate} {placement.labels[field]}"
    if not row or not field.startswith(("indicators.", "deductions.")):
        return placement.labels[field]
    column = placement.labels[field].rpartition(" ")[2]
    name = words_at(sheet, placement, f"{row[1]}.name") or words_at(sheet, placement, f"{row[1]}.kind") or ""
    return f"{' '.join(name.split())} {column}" if name else placement.labels[field]


def _of_rate(label: str, printed: str) -> bool:
    """Whether a field is printed under a word that many fields have: 得分 of the execution rate."""
    return label.endswith(f" {printed}")


@cache
def _usual_words() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Table and column, or "" and field → every word that some form prints for it."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind, ideas in spellings().items():
        for idea, words in ideas.items():
            if kind == "indicator":
                found["indicators", idea] = words
            elif kind == "money":
                found["", f"budget.{idea}"] = found["sources", idea] = words
            elif kind in ("text", "info"):
                found["", f"texts.{idea}"] = words
            elif kind == "total":
                found["", idea] = words
    return found


def _bare(words: str) -> str:
    """Words without white space, brackets and other signs between them."""
    return _SIGNS.sub("", normalize(words)).lower().removeprefix(_OF_WHICH)


def _ranges(fields: Iterable[Field]) -> list[str]:
    """Rows in short: indicators.11～14, texts.report.1～54."""
    rows: dict[str, list[int]] = {}
    for field in fields:
        row = ROW.fullmatch(field)
        if row and field.startswith("evaluators.") and row[2].isdecimal():
            rows.setdefault("evaluators.*", []).append(int(row[2]))
            continue
        table, _, number = (row[1] if row else field).rpartition(".")
        rows.setdefault(table, []).append(int(number))
    return [
        f"{table}.{min(numbers)}" + (f"～{max(numbers)}" if max(numbers) > min(numbers) else "")
        for table, numbers in rows.items()
    ]
