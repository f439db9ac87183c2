"""A saved workbook in memory: its parts, its sheets and its defined names."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.errors import FileRejected
from workbook_tools.excel import markup
from workbook_tools.excel.addresses import Cell, column_letters, column_number
from workbook_tools.excel.container import Container, damaged, refused_by_system
from workbook_tools.excel.formats import Restyle, read_formats
from workbook_tools.excel.markup import attributes, element, elements, unescape, with_attributes
from workbook_tools.excel.remote import is_elsewhere, reaching
from workbook_tools.excel.saved_sheet import Cells, SavedSheet, Shared
from workbook_tools.excel.scanning import quick_texts, shared_texts
from workbook_tools.text import for_excel, from_excel, regex, wrong_in_name

if TYPE_CHECKING:
    from workbook_tools.excel.calculation import Calculation

MOST_FILE_BYTES = 2**28
SMALL_PART_BYTES, KNOWN_NAMES_BYTES = 2**15, 2**18
MOST_PART_BYTES = 64 * 2**20
MOST_SHEET_BYTES = 16 * 2**20  # a form is far smaller; a sheet of data beyond it is not searched
MOST_SHEETS, MOST_VISIBLE, MOST_STRINGS = 256, 100, 500_000  # of a workbook
Strikes = tuple[bytes, list[bytes], bytes]  # styles, shared strings and their prefix, where any are struck through
MOST_CELLS = 400_000  # of all sheets of a workbook that are read
checked_small = lru_cache(maxsize=64)(markup.checked)  # the forms of one bureau share their styles and the like
_FORMULA = regex(rb"<(?:[\w.-]+:)?f\b")
_PLAIN_NAME = regex(rb'<definedName name="([^"<&\r]*)">([^<&\r]*)</definedName>')
_NAME = regex(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def read_file(path: Path) -> bytes:
    """The bytes of a file; raises `FileRejected` with one sentence when it cannot be read."""
    if why := wrong_in_name(path.name) or wrong_in_name(str(path)):
        raise FileRejected("E_NAME", why)
    try:
        with reaching(path) if is_elsewhere(path) else nullcontext():
            return _read(path)
    except OSError as fault:
        raise refused_by_system(fault, "读取") from None


def _read(path: Path) -> bytes:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        kind = "文件夹" if stat.S_ISDIR(found.st_mode) else "设备或管道"
        raise FileRejected("E_KIND", f"这是{kind}，不是工作簿；请写工作簿的文件名")
    if found.st_size > MOST_FILE_BYTES:
        raise FileRejected("E_BOMB", "文件超过 256 MB，不像自评表，没有打开；请核对文件")
    return path.read_bytes()


def unsound(what: str) -> FileRejected:
    """The refusal to save a file that does not read as it was meant."""
    said = f"写好的文件核对不通过（{what}），没有保存；原文件没有改动，请把这个文件交给维护人员"
    return FileRejected("E_UNSOUND", said)


def verified(data: bytes) -> bytes:
    """A workbook that was made here, read again before it is saved; raises `FileRejected` where a part is not sound."""
    try:
        book = Book(data)
        for name in book.parts:
            if name.endswith((".xml", ".rels")):
                markup.checked(book.part(name), name)
        if not book.sheets:
            raise unsound("没有工作表")
    except FileRejected as refused:
        raise unsound(str(refused)) from None
    return data


def _struck(
    strikes: Strikes | None, xml: bytes, cells: Cells, prefix: bytes, text: Callable[[Cell], str]
) -> dict[Cell, str]:
    """The words that are struck through, of each cell of a sheet with such words."""
    if strikes is None and b"strike" not in xml:
        return {}
    from workbook_tools.excel.struck import Strings, struck_cells  # of few books

    styles, texts, of_strings = strikes or (b"", [], b"")
    return struck_cells(cells, prefix, styles, Strings(texts, of_strings), text)


@lru_cache(maxsize=16)  # the forms of one bureau have the same names
def _defined_names(workbook: bytes, prefix: bytes) -> Mapping[str, str]:
    """The defined names of a workbook, and what each stands for."""
    plain = _PLAIN_NAME.findall(workbook)  # as most programs write them, without anything to unescape
    if len(plain) == workbook.count(b"definedName>"):
        return {from_excel(name.decode()): from_excel(text.decode()) for name, text in plain}
    named = elements(workbook, "definedName", prefix)
    return {attributes(found[1]).get("name", ""): unescape((found[2] or b"").decode()) for found in named}


@lru_cache(maxsize=4096)
def named_cell(words: str) -> tuple[str, Cell] | None:
    """Sheet and cell of what a defined name stands for ('自评 表'!$B$3), None when it is not one cell."""
    place = _NAME.fullmatch(words.strip())
    if place is None:
        return None
    sheet = place[1].replace("''", "'") if place[1] else place[2]
    return sheet, (int(place[4]), column_number(place[3].encode()))


class SheetInfo(NamedTuple):
    """One entry of the workbook's list of sheets."""

    name: str
    part: str
    hidden: bool


class Book:
    """A workbook file in memory; raises `FileRejected` when it is not a sound one."""

    def __init__(self, data: bytes, *, before: Book | None = None) -> None:
        """`before` is the book as it was read before it was written to: what stayed the same is not guarded again."""
        self._container = Container(data)
        known = self._container.same_as(before._container) if before else set()
        self._before, self._known = before, known
        self._new_styles: bytes | None = None
        self._calculated = False
        for name in self._container.names:
            if name not in known and name.endswith((".xml", ".rels", ".vml")):
                markup.undeclared(self._container.read(name), name)
        self._workbook_part = self._main_part()
        self._workbook = self._xml(self._workbook_part)
        self._prefix = markup.prefix_of(self._workbook)
        self._opened: dict[str, SavedSheet] = {}
        self._checked: dict[str, bytes] = {}  # the XML of sheets
        self._cells = 0  # of the sheets that are open

    @property
    def signed(self) -> bool:
        """Whether the file carries a digital signature, which any write would destroy."""
        return any(name.startswith("_xmlsignatures/") for name in self._container.names)

    @property
    def unseen(self) -> str:
        """Nothing: all of the file can be looked at."""
        return ""

    @property
    def parts(self) -> list[str]:
        """The names of all parts of the file."""
        return self._container.names

    def part(self, name: str) -> bytes:
        """The bytes of a part; raises `FileRejected` when they are damaged."""
        return self._container.read(name)

    @cached_property
    def sheets(self) -> list[SheetInfo]:
        """The worksheets in the order of their tabs."""
        links = self._parts_of_workbook
        found: list[SheetInfo] = []
        for tag in elements(self._workbook, "sheet", self._prefix, most=MOST_SHEETS):
            sheet = attributes(tag[1])
            link = next((value for key, value in sheet.items() if key.endswith(":id")), "")
            kind, part = links.get(link, ("", ""))
            if kind.endswith("/worksheet") and part in self._container:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(SheetInfo(sheet.get("name", ""), part, hidden))
        if any(for_excel(info.name) != info.name for info in found):
            raise damaged("工作表的名称不对")
        if sum(not info.hidden for info in found) > MOST_VISIBLE:
            raise markup.too_many("工作表")
        if len({info.part for info in found}) < len(found):
            raise damaged("几张工作表是同一个部件")
        return found

    @cached_property
    def names(self) -> dict[str, tuple[str, Cell]]:
        """The defined names that stand for one cell each: name → sheet and cell."""
        found: dict[str, tuple[str, Cell]] = {}
        for name, text in self._defined_names.items():
            if place := named_cell(text):
                found[name] = place
        return found

    @cached_property
    def _defined_names(self) -> Mapping[str, str]:
        read = _defined_names if len(self._workbook) < KNOWN_NAMES_BYTES else _defined_names.__wrapped__
        return read(self._workbook, self._prefix)

    def sheet(self, info: SheetInfo) -> SavedSheet:
        """The sheet with its words; raises `FileRejected` when its part is damaged or too large for a form."""
        if info.part not in self._opened:
            names = self.names_in(info)
            most = MOST_CELLS - self._cells
            sheet = SavedSheet(info.name, self._sheet_xml(info.part), names, self._shared, most=most)
            self._cells += sheet.count
            self._opened[info.part] = sheet
        return self._opened[info.part]

    def names_in(self, info: SheetInfo) -> dict[str, Cell]:
        """The defined names that stand for one cell of a sheet."""
        return {field: cell for field, (sheet, cell) in self.names.items() if sheet == info.name}

    def texts(self, info: SheetInfo) -> set[str] | None:
        """Every text of a sheet, without taking its cells apart; None where that cannot be told so.

        Raises `FileRejected` as `sheet` does.
        """
        if any(known.suffix for known in self._shared.formats):  # a number may end with words
            return None
        numbers_and_texts = quick_texts(self._sheet_xml(info.part))
        if numbers_and_texts is None:
            return None
        numbers, texts = numbers_and_texts
        return texts | shared_texts(self._shared.strings, numbers, self._shared.text)

    def formulas(self) -> Iterator[tuple[str, Cell]]:
        """Sheet and cell of every live formula in the book, but for sheets too large to be a form."""
        for info in self.sheets:
            if self._has_formulas(info):
                yield from ((info.name, cell) for cell in self.sheet(info).formulas())

    def _has_formulas(self, info: SheetInfo) -> bool:
        raw = self._container.read(info.part)
        may_have = len(raw) <= MOST_SHEET_BYTES and (b"<f" in raw or b":f" in raw)
        return may_have and _FORMULA.search(raw) is not None

    def calculate(self) -> frozenset[str]:
        """Has every formula show what it gives from the cells as they would be saved now.

        Returns the addresses of those that cannot be calculated here.
        """
        self._calculated = True
        lost = self._calculation.calculate()
        return frozenset(f"{sheet}!{column_letters(column)}{row}" for sheet, (row, column) in lost)

    def outdated(self) -> Iterator[tuple[str, Cell]]:
        """Sheet and cell of every formula beside which another result will be saved than it gives, or may be."""
        named = {info.name: info for info in self.sheets}
        for name, cell in self.formulas():
            if not self._calculated or self.sheet(named[name]).outdated(cell):
                yield name, cell

    def as_saved(self) -> None:
        """Has every formula show its saved result again."""
        for sheet in self._opened.values():
            sheet.as_saved()

    @cached_property
    def _calculation(self) -> Calculation:
        from workbook_tools.excel.calculation import Calculation

        sheets = [info for info in self.sheets if len(self._container.read(info.part)) <= MOST_SHEET_BYTES]
        for info in sheets:
            self._sheet_xml(info.part)  # a damaged file is not calculated in part
        live = [number for number, info in enumerate(sheets) if self._has_formulas(info)]
        settings = element("calcPr", self._prefix).search(self._workbook)
        rounded = settings is not None and attributes(settings[1]).get("fullPrecision", "1") in ("0", "false")
        names, exact = self._defined_names, not rounded and not self._shared.from_1904
        return Calculation([info.name for info in sheets], lambda n: self.sheet(sheets[n]), live, names, exact=exact)

    def _read_by_formulas(self, sheet: str, cell: Cell) -> bool:
        """Whether a formula reads the cell, so that a percentage in it has to be a number."""
        if not any(True for _ in self.formulas()):
            return False
        return self._calculation.reads(sheet, cell)

    def _restyled(self, style: int, change: Restyle) -> int:
        """The number of the cell style that differs from another only by a change."""
        self._new_styles, number = change(self._new_styles or self._linked("styles"), style)
        return number

    def outside(self, info: SheetInfo) -> dict[str, str]:
        """Where the relationships of a sheet lead to something that is not in the file: id → target as written."""
        links = self._relationships(info.part)
        return {link.get("Id", ""): link.get("Target", "") for link in links if link.get("TargetMode") == "External"}

    def saved(self) -> bytes | None:
        """The file with every cell written since, or None when nothing was written."""
        parts = {part: sheet.xml() for part, sheet in list(self._opened.items()) if sheet.written}
        if self._new_styles:
            parts[self._linked_part("styles")] = self._new_styles
        if not parts:
            return None
        data = self._container.replaced(parts)
        self._verify(data)
        return data

    def _verify(self, data: bytes) -> None:
        """Reads the new file again; raises `FileRejected` where it does not hold what was written."""
        try:
            again = Book(data, before=self)
            for info in again.sheets:
                opened = self._opened.get(info.part)
                if opened is None or not opened.written:
                    continue
                saved = again.sheet(info)
                if any(saved.stored_value(cell) != value for cell, value in opened.written_values()):
                    raise unsound(info.name)
        except FileRejected as refused:
            raise unsound(str(refused)) from None

    def showing(self, names: Collection[str]) -> bytes:
        """The file as it was read with every sheet hidden but these; at least one of them has to be in it."""
        listed = elements(self._workbook, "sheet", self._prefix)
        first = next(at for at, found in enumerate(listed) if attributes(found[1]).get("name", "") in names)

        def only(found: re.Match[bytes]) -> bytes:
            state = "visible" if attributes(found[1]).get("name", "") in names else "hidden"
            return with_attributes(found[0], {"state": state})

        def opened(found: re.Match[bytes]) -> bytes:
            return with_attributes(found[0], {"activeTab": f"{first}", "firstSheet": f"{first}"})

        xml = element("sheet", self._prefix).sub(only, self._workbook)
        xml = element("workbookView", self._prefix).sub(opened, xml)
        return self._container.replaced({self._workbook_part: xml})

    def _sheet_xml(self, part: str) -> bytes:
        if part in self._checked:
            return self._checked[part]
        xml = self._container.read(part)
        if len(xml) > MOST_SHEET_BYTES:
            raise FileRejected("E_TOO_BIG", "这张工作表太大，不像自评表；请删去多余的行和列，或核对文件")
        self._checked[part] = markup.checked(xml, part)
        return self._checked[part]

    def _xml(self, part: str) -> bytes:
        xml = self._container.read(part)
        if len(xml) > MOST_PART_BYTES:
            raise FileRejected("E_TOO_BIG", f"文件里的“{part}”太大，不像自评表，没有打开；请核对文件")
        return checked_small(xml, part) if len(xml) < SMALL_PART_BYTES else markup.checked(xml, part)

    def _main_part(self) -> str:
        for kind, part in self._links("").values():
            if kind.endswith("/officeDocument"):
                return part
        raise damaged("缺少工作簿")

    @cached_property
    def _parts_of_workbook(self) -> dict[str, tuple[str, str]]:
        return self._links(self._workbook_part)

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part: id → type and target part."""
        folder = posixpath.dirname(part)
        links = {}
        for link in self._relationships(part):
            target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
            links[link.get("Id", "")] = link.get("Type", ""), target
        return links

    def _relationships(self, part: str) -> list[dict[str, str]]:
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self._container:
            return []
        xml = self._xml(path)
        return [attributes(found[1]) for found in elements(xml, "Relationship", markup.prefix_of(xml))]

    def _linked_part(self, kind: str) -> str:
        """The name of the workbook's one part of that kind, "" when there is none."""
        for link, part in self._parts_of_workbook.values():
            if link.endswith(f"/{kind}") and part in self._container:
                return part
        return ""

    def _linked(self, kind: str) -> bytes:
        """The XML of the workbook's one part of that kind, b"" when there is none."""
        part = self._linked_part(kind)
        return self._xml(part) if part else b""

    @cached_property
    def _shared(self) -> Shared:
        others = set(self._container.names) - {info.part for info in self.sheets}
        if self._before and others <= self._known:  # nothing but sheets was written
            return self._before._shared
        strings, styles = self._linked("sharedStrings"), self._linked("styles")
        prefix = markup.prefix_of(strings)
        texts = [found[2] or b"" for found in elements(strings, "si", prefix, most=MOST_STRINGS)]
        strikes = (styles, texts, prefix) if b"strike" in styles or b"strike" in strings else None
        properties = element("workbookPr", self._prefix).search(self._workbook)
        return Shared(
            strings=list(texts),
            prefix=prefix,
            formats=read_formats(styles),
            from_1904=properties is not None and attributes(properties[1]).get("date1904", "0") in ("1", "true"),
            read_by_formulas=self._read_by_formulas,
            restyled=self._restyled,
            struck=partial(_struck, strikes),
        )
