"""The facts of an .ods file, out of its content.xml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from workbook_tools.errors import FileRejected
from workbook_tools.excel import markup
from workbook_tools.excel.addresses import Cell, position
from workbook_tools.excel.container import Container
from workbook_tools.excel.facts import BookFacts, SheetFacts
from workbook_tools.excel.formats import NumberFormat
from workbook_tools.text import regex
from workbook_tools.values import decimals, round_half_up

_CONTENT = "content.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_HIDDEN = ("collapse", "filter")
_DIGITS = regex(r"[0-9]+")
_NUMBER_AND_UNIT = regex(r"(-?[0-9,]+(?:\.[0-9]+)?)([^0-9.,%]*)")
_PLACE = regex(r"\$?(?:'((?:[^']|'')+)'|([^.'$]+))\.\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_TIME = regex(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_MOST_FACTS = 500_000  # of all cells; a repeated row counts each time


def ods_facts(container: Container) -> BookFacts:
    """The facts of a workbook; raises `FileRejected` for one that is damaged, encrypted or too large."""
    if "META-INF/manifest.xml" in container and b"encryption-data" in container.read("META-INF/manifest.xml"):
        raise FileRejected("E_ENCRYPTED", "文件设有打开密码，请先在 LibreOffice 或 WPS 中取消密码再试")
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.characters
    parser.Parse(markup.checked(container.read(_CONTENT), _CONTENT), True)  # noqa: FBT003
    macros = any(re.match(r"(?:Basic|Scripts)/.", name) for name in container.names)
    signed = "META-INF/documentsignatures.xml" in container
    return BookFacts(reading.sheets, reading.names, macros=macros, signed=signed)


class _Reading:
    """What the parser has come to."""

    def __init__(self) -> None:
        self.sheets: list[SheetFacts] = []
        self.names: dict[str, tuple[str, Cell]] = {}
        self._invisible: set[str] = set()  # styles of hidden sheets
        self._style = ""
        self._row = self._column = 0  # the last row and column that were read
        self._rows = 1  # how often the row stands there
        self._cell: Mapping[str, str] | None = None
        self._shown: list[str] = []
        self._facts = 0
        self._depth = 0  # of tables in one another
        self._aside = 0  # of notes and drawings in one another, whose words are not the cell's

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        """A tag with its attributes."""
        if tag == "style:style":
            self._style = said.get("style:name", "")
        elif tag == "style:table-properties" and said.get("table:display") == "false":
            self._invisible.add(self._style)
        elif tag == "table:named-range":
            place = _PLACE.fullmatch(said.get("table:cell-range-address", ""))
            if place:
                sheet = place[1].replace("''", "'") if place[1] else place[2]
                self.names[said.get("table:name", "")] = sheet, position(f"{place[3]}{place[4]}".encode())
        elif tag == "table:table":
            self._depth += 1
            if self._depth == 1:
                hidden = said.get("table:style-name") in self._invisible
                self.sheets.append(SheetFacts(name=said.get("table:name", ""), hidden=hidden))
                self._row = self._column = 0
        elif self._depth == 1:
            self._aside += _is_aside(tag)
            self._within(tag, said)

    def _within(self, tag: str, said: Mapping[str, str]) -> None:
        sheet = self.sheets[-1]
        if tag == "table:table-column":
            count = int(said.get("table:number-columns-repeated", "1"))
            if said.get("table:visibility") in _HIDDEN:
                sheet.hidden_columns.append((self._column + 1, self._column + count))
            self._column += count
        elif tag == "table:table-row":
            self._rows = int(said.get("table:number-rows-repeated", "1"))
            if said.get("table:visibility") in _HIDDEN:
                sheet.hidden_rows.append((self._row + 1, self._row + self._rows))
            self._column = 0
        elif tag in _CELLS:
            self._cell, self._shown = said, []
        elif tag == "draw:image":
            sheet.pictures += 1
        elif tag == "draw:object":  # a chart, which has its picture beside it
            sheet.pictures -= 1
        elif tag == "draw:control":
            sheet.controls += 1

    def characters(self, words: str) -> None:
        """Words between tags."""
        if self._cell is not None and not self._aside:
            self._shown.append(words)

    def end(self, tag: str) -> None:
        """The end of a tag."""
        if tag == "table:table":
            self._depth -= 1
        elif self._depth == 1 and _is_aside(tag):
            self._aside -= 1
        elif self._depth == 1 and tag == "table:table-row":
            self._row += self._rows
        elif self._depth == 1 and tag in _CELLS and self._cell is not None:
            self._note(self._cell, "".join(self._shown))
            self._column += int(self._cell.get("table:number-columns-repeated", "1"))
            self._cell = None

    def _note(self, said: Mapping[str, str], shown: str) -> None:
        """Notes the facts of a cell, for each place where it is repeated."""
        sheet, row, column = self.sheets[-1], self._row + 1, self._column + 1
        down, right = (int(said.get(f"table:number-{name}-spanned", "1")) for name in ("rows", "columns"))
        if down * right > 1:
            sheet.merged.append(((row, column), (row + down - 1, column + right - 1)))
        kind, formula = said.get("office:value-type", ""), "table:formula" in said
        if not (kind or formula or shown):
            return
        last = column + int(said.get("table:number-columns-repeated", "1")) - 1
        sheet.hold((self._row + self._rows, last))
        word = _word(said, kind, shown)
        shown_as = _format(said, kind, shown)
        number = _number(said)
        if not (word or shown_as or formula or number is not None):
            return
        self._facts += self._rows * (last - column + 1)
        if self._facts > _MOST_FACTS:
            raise FileRejected("E_TOO_BIG", "工作簿太大，不像自评表，没有打开；请删去多余的行、列和工作表，或核对文件")
        places = [(row + down, across) for down in range(self._rows) for across in range(column, last + 1)]
        for cell in places:
            if word:
                sheet.words[cell] = word
            if shown_as:
                sheet.formats[cell] = shown_as
            if number is not None:
                sheet.numbers[cell] = number
            if formula:
                sheet.formulas.add(cell)


def _is_aside(tag: str) -> bool:
    return tag == "office:annotation" or tag.startswith("draw:")


def _word(said: Mapping[str, str], kind: str, shown: str) -> str:
    """The words of an error or a truth value, "" for any other cell."""
    if said.get("calcext:value-type") == "error":
        return shown or "#N/A"
    if kind == "boolean":
        return "TRUE" if said.get("office:boolean-value") == "true" else "FALSE"
    return ""


def _number(said: Mapping[str, str]) -> float | None:
    """The number of a cell, of a time of day or a duration as a part of a day; None for a date and for text."""
    if "office:value" in said:
        return float(said["office:value"])
    found = _TIME.fullmatch(said.get("office:time-value", ""))
    if found is None:
        return None
    hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
    return float((hours * 3600 + minutes * 60 + seconds) / 86400)


def _parts(shown: str) -> str:
    """What a date is shown with that has no year: md (10月31日, 10-31), m or d; "" for any other."""
    groups = _DIGITS.findall(shown)
    if "年" in shown or ":" in shown or not groups or max(map(len, groups)) > 2 or len(groups) > 2:
        return ""
    return "md" if len(groups) == 2 else "m" if "月" in shown else "d" if "日" in shown else ""


def _format(said: Mapping[str, str], kind: str, shown: str) -> NumberFormat | None:
    """How a number is shown, which an .ods file tells beside it; None where it is shown plain."""
    found = _NUMBER_AND_UNIT.fullmatch(shown.removesuffix("%"))
    if kind == "percentage":
        return NumberFormat(percent=True, places=decimals(Decimal(found[1].replace(",", ""))) if found else 0)
    if kind in ("date", "time"):
        return NumberFormat(date=True, parts=_parts(shown))
    if kind not in ("float", "currency") or not found or not found[2].strip():
        return None
    try:
        number, stored = Decimal(found[1].replace(",", "")), Decimal(said.get("office:value", ""))
    except InvalidOperation:
        return None
    # 123.5万 beside 123456 is no unit: the number is shown as another
    return NumberFormat(suffix=found[2]) if round_half_up(stored, decimals(number)) == number else None
