"""Where the words of a form stand: layouts as data, and the page as people read it.

A layout is a TOML file in `layouts/`. It names the words of headings, of the rows that end a block, and of single
labels, each with its other spellings; rows may be inserted, columns shifted, and headings may carry notes. Nothing is
found by a fixed address.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Required, TypedDict, cast

from workbook_tools.errors import BadLayout
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import MOST_COLUMNS, MOST_ROWS, Sheet
from workbook_tools.forms.form import Field, Wanted
from workbook_tools.values import Value, format_value, normalize

FOLDER = Path(__file__).parents[1] / "official"  # one folder for each official form
ANY_FORM = Path(__file__).with_name("columns.toml")  # columns that any form may print
MORE = "…"  # at the end of a label: other words may follow
HEADER = Path(__file__).with_name("header.toml")  # the header and the texts that any form may print
DOCUMENTS = Path(__file__).with_name("documents.toml")  # what is sent instead of a form
Words = tuple[str, ...]  # spellings of one printed word
INSTRUCTIONS = "填报说明"  # the sheet of an empty form that tells how to fill it in: no part of the form
ROWS = ("one", "money", "texts", "indicators", "deductions", "evaluators", "months", "paragraphs")

_NUMBERED = re.compile(r"^[(]?[一二三四五六七八九十\d]{1,3}[).、]+")
_GOES_ON = re.compile(r"[\u4e00-\u9fffA-Za-z=]")
_YEAR = re.compile(r"(20\d\d)年")
_DATED = re.compile(r"[(]?20\d\d年度?[)]?$")


class Document(NamedTuple):
    """A document that is no form: the words that tell it, and what to do with it."""

    name: str
    every: tuple[str, ...]
    never: tuple[str, ...]
    advice: str


class Block(NamedTuple):
    """A heading row, the rows below it, and the words of the row that ends them."""

    name: str
    heading: Mapping[str, Words]  # column → printed words
    optional: frozenset[str]
    rows: str | Mapping[str, Words]  # one of ROWS, or field → words of its row
    same_heading_as: str
    starts: Words
    ends: Words  # () where the block goes on to the end of the sheet
    sum: Field  # what stands in the score column of the row that ends it, "" for nothing
    groups: Mapping[str, Words]  # group of the scheme → how its 一级指标 begins; empty where the block is one group
    total: Words  # of money: the row of the sum
    may_lack: bool  # a form without it is the same form


class FieldRule(TypedDict, total=False):
    """Where a single field stands, and what has to stand in it; one of `right`, `after`, `score` and `line`."""

    right: Words  # labels with the value in the next cell, or after their colon
    after: Words  # labels with the value after their colon
    score: Words  # labels of the rows with a score
    line: Words  # a line of its own, （2022年度）
    column: str  # of the score, where it is another one
    beside: Field  # the label stands in the row of that field
    optional: bool  # a form without it is the same form
    wants: str  # what has to be written there
    none: bool  # “无” fills it too


class Layout(NamedTuple):
    """The printed words of one family of forms."""

    name: str
    schemes: tuple[str, ...]  # whose forms are laid out so
    every: tuple[Words, ...]
    never: Words
    whole_book: bool  # the form goes on in the other sheets of the workbook
    blocks: tuple[Block, ...]
    fields: Mapping[Field, FieldRule]
    wanted: Mapping[Field, Wanted]  # texts that may not be left blank where their label is printed


class Placement(NamedTuple):
    """Field path → cell, what people call the field, and the words that stand around a value in its own cell."""

    cells: Mapping[Field, Cell]
    labels: Mapping[Field, str]
    prefixes: Mapping[Field, str]
    suffixes: Mapping[Field, str]
    rows: tuple[tuple[str, Field], ...]  # group and field path of each row of indicators and deductions
    more: Mapping[Field, tuple[Cell, ...]]  # cells below that belong to the same merged row
    wanted: Mapping[Field, Wanted]  # texts that may not be left blank

    def whole(self, field: Field, value: Value) -> Value:
        """What goes into the cell of a field: its value, among the words that are printed around it there."""
        around = self.prefixes.get(field, ""), self.suffixes.get(field, "")
        return f"{around[0]}{format_value(value)}{around[1]}" if any(around) else value


@cache
def layout_names() -> list[str]:
    """The names of all layouts, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob("*/layout.toml"))


@cache
def load_layout(name: str) -> Layout:
    """The layout of that name; raises `BadLayout` when its file is at fault."""
    path = FOLDER / name / "layout.toml"
    try:
        return read_layout(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, BadLayout) as fault:
        raise BadLayout(f"版式 {name}：{fault}") from fault


@cache
def printed_labels(name: str) -> frozenset[str]:
    """Every word that a layout knows as a label, half width."""
    layout = load_layout(name)
    rules = layout.fields.values()
    known = [
        word
        for rule in rules
        for words in (rule.get("right"), rule.get("score"), rule.get("after"))
        for word in words or ()
    ]
    for block in layout.blocks:
        rows = () if isinstance(block.rows, str) else block.rows.values()
        spellings = (*block.heading.values(), *rows, block.starts, block.ends, block.total)
        known += [word for words in spellings for word in words]
    return frozenset(normalize(word) for word in known)


def read_layout(text: str) -> Layout:
    """The layout written in `text`; raises `BadLayout` for an unknown key or word."""
    table = tomllib.loads(text)
    _only(table, "name", "schemes", "recognise", "whole_book", "block", "fields")
    recognise = table["recognise"]
    _only(recognise, "all", "none")
    own = _rules(table["fields"])
    rules = {**own, **{field: rule for field, rule in _header().items() if field not in own}}
    return Layout(
        name=table["name"],
        schemes=tuple(table["schemes"]),
        every=tuple(_words(word) for word in recognise["all"]),
        never=tuple(recognise["none"]),
        whole_book=bool(table.get("whole_book")),
        blocks=tuple(_block(block) for block in table["block"]),
        fields={field: rule for field, rule in rules.items() if rule.keys() & set(_WHERE)},
        wanted={
            field: Wanted(rule["wants"], rule.get("none", False)) for field, rule in rules.items() if "wants" in rule
        },
    )


_WHERE = ("right", "after", "score", "line")  # keys of a rule that tell where a field stands


@cache
def _header() -> Mapping[Field, FieldRule]:
    """The rules of the header and of the texts that any form may print."""
    rules = _rules(tomllib.loads(HEADER.read_text("utf-8"))["fields"])
    for rule in rules.values():
        rule["optional"] = True
    return rules


def _rules(table: Mapping[Field, Mapping[str, str | list[str] | bool]]) -> dict[Field, FieldRule]:
    """The rules of single fields, spellings as tuples; raises `BadLayout`."""
    rules: dict[Field, FieldRule] = {}
    for field, rule in table.items():
        _only(rule, *FieldRule.__annotations__)
        places = rule.keys() & set(_WHERE)
        if len(places) > 1 or not (places or "wants" in rule):
            raise BadLayout(f"[fields] {field} 要有 {'、'.join(_WHERE)} 中的一个")
        spelled = {key: _words(cast("str | list[str]", words)) for key, words in rule.items() if key in places}
        rules[field] = cast("FieldRule", {**rule, **spelled})
    return rules


class _BlockTable(TypedDict, total=False):
    """A [[block]] of a file; `Block` says what each is."""

    name: Required[str]
    heading: Mapping[str, str | list[str]]
    rows: Required[str | Mapping[str, str | list[str]]]
    same_heading_as: str
    starts: str | list[str]
    ends: Required[str | list[str]]
    sum: str
    groups: Mapping[str, str | list[str]]
    total: str | list[str]
    optional: bool


def _block(table: _BlockTable) -> Block:
    _only(table, *_BlockTable.__annotations__)
    heading, rows = table.get("heading", {}), table["rows"]
    if isinstance(rows, str) and rows not in ROWS:
        raise BadLayout(f"[[block]] {table['name']} rows “{rows}”无效，只能是 {'、'.join(ROWS)} 或一张表")
    columns = {column.rstrip("?"): _words(word) for column, word in heading.items()}
    others = _columns_of_any_form().get(rows, {}) if isinstance(rows, str) and columns else {}
    optional = {column[:-1] for column in heading if column.endswith("?")} | (others.keys() - columns.keys())
    return Block(
        name=table["name"],
        heading=columns | {column: (*columns.get(column, ()), *words) for column, words in others.items()},
        optional=frozenset(optional),
        rows=rows if isinstance(rows, str) else {field: _words(word) for field, word in rows.items()},
        same_heading_as=table.get("same_heading_as", ""),
        starts=_words(table.get("starts", ())),
        ends=_words(table["ends"]),
        sum=table.get("sum", f"groups.{table['name']}"),
        groups={group: _words(word) for group, word in table.get("groups", {}).items()},
        total=_words(table.get("total", ())),
        may_lack=bool(table.get("optional")) or rows in ("evaluators", "months", "paragraphs"),
    )


@cache
def _columns_of_any_form() -> Mapping[str, Mapping[str, Words]]:
    """Kind of rows → column → its spellings."""
    tables = tomllib.loads(ANY_FORM.read_text("utf-8"))
    return {rows: {column: _words(words) for column, words in table.items()} for rows, table in tables.items()}


def _words(word: str | Iterable[str]) -> Words:
    return (word,) if isinstance(word, str) else tuple(word)


def _only(table: Mapping[str, object], *known: str) -> None:
    if unknown := table.keys() - set(known):
        raise BadLayout(f"无效的项：{'、'.join(sorted(unknown))}")


class SheetText:
    """The first words of every filled cell of a sheet, in reading order."""

    def __init__(self, sheet: Sheet) -> None:
        self.words: dict[Cell, str] = {}
        self.rows: dict[int, list[Cell]] = {}
        for cell in sheet.filled():
            if cell[0] <= MOST_ROWS and cell[1] <= MOST_COLUMNS and (text := sheet.text(cell)):
                self.words[cell] = normalize(text[:48])
                self.rows.setdefault(cell[0], []).append(cell)
        self.all = "\n".join(self.words.values())

    @property
    def last(self) -> int:
        """The last row with words."""
        return max(self.rows, default=0)

    def find(self, label: str, first: int = 1, last: int = MOST_ROWS) -> Cell | None:
        """The first cell from row `first` to row `last` whose words begin with the label."""
        stem = label.rstrip(MORE)
        for cell, words in self.words.items() if stem in self.all else ():
            if stem in words and first <= cell[0] <= last and starts_with_label(words, label):
                return cell
        return None

    def find_any(self, labels: Words, first: int = 1, last: int = MOST_ROWS) -> tuple[Cell, str] | None:
        """The first cell that begins with any of the labels, and which."""
        found = [(cell, label) for label in labels if (cell := self.find(label, first, last))]
        return min(found, default=None)

    def in_row(self, row: int, labels: Words) -> tuple[Cell, str] | None:
        """The first cell of a row whose words begin with one of the labels, and which."""
        words = self.words
        for label in labels:
            stem = label.rstrip(MORE)
            for cell in self.rows.get(row, ()):
                if stem in words[cell] and starts_with_label(words[cell], label):
                    return cell, label
        return None

    def year(self) -> int | None:
        """The year of the form's title, or of the line in brackets below it."""
        for row, cells in self.rows.items():
            titled = [self.words[cell] for cell in cells if "自评" in self.words[cell] or "评价" in self.words[cell]]
            below = [words for cell in self.rows.get(row + 1, ()) if _DATED.match(words := self.words[cell])]
            for words in (*titled, *(below if titled else ())):
                if found := _YEAR.search(words):
                    return int(found[1])
        return None


def starts_with_label(words: str, label: str) -> bool:
    """Whether words begin with a label and then end or go on with a note in brackets, a colon, a figure.

    Behind a label that ends with `…` any words may follow.
    """
    stem = label.rstrip(MORE)
    for start in (words, _NUMBERED.sub("", words)):
        if start.startswith(stem) and (stem != label or not _GOES_ON.match(start, len(stem))):
            return True
    return False


def other_document(page: SheetText) -> Document | None:
    """The document that a page is where it is no form, None where it is none that is known."""
    table = tomllib.loads(DOCUMENTS.read_text("utf-8"))
    for known in (Document(**one) for one in table["document"]):
        if all(page.find(word) for word in known.every) and not any(word in page.all for word in known.never):
            return known
    return None


def may_be(page: SheetText, layout: Layout) -> bool:
    """Whether the words of the layout stand anywhere on the page: a quick no to most layouts."""
    if any(word in page.all for word in layout.never):
        return False
    return all(any(word in page.all for word in words) for words in layout.every)


def missing_words(page: SheetText, layout: Layout) -> list[str]:
    """The words of the layout that the page lacks; all of them when the page says what the form never says."""
    if any(word in page.all for word in layout.never):
        return [words[0] for words in layout.every]
    return [words[0] for words in layout.every if page.find_any(words) is None]
