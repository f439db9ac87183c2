"""What Excel refuses or repairs in a workbook although its schema allows it, and the Open XML SDK does not see.

The icons are those that Microsoft lists for Excel 2013, 2016, 2019 and 365 alike (excel_controls.txt: the names of
github.com/OfficeDev/office-fluent-ui-command-identifiers, MIT License, Copyright (c) Microsoft Corporation).
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from openpyxl.utils import FORMULAE
from openpyxl.worksheet.cell_range import CellRange

MOST_TEXT, MOST_LIST, MOST_FORMULA, MOST_LINKS = 255, 255, 8192, 65_530
ICONS = frozenset(Path(__file__).with_name("excel_controls.txt").read_text("ascii").split())
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName"}
_STRING = re.compile(r'"(?:[^"]|"")*"')
_QUOTED_SHEET = re.compile(r"'(?:[^']|'')*'!")
_CALL = re.compile(r"([A-Za-z_][\w.]*)\(")


def faults(path: Path) -> list[str]:
    """The faults of a workbook, each with its part."""
    found = []
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.startswith(("xl/worksheets/sheet", "xl/workbook.xml", "customUI/")) and name.endswith(".xml"):
                root = ElementTree.fromstring(package.read(name))
                for rule in RULES:
                    found += [f"{name}: {said}" for said in rule(root)]
    return found


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def every(root: Element, *names: str) -> Iterator[Element]:
    return (element for element in root.iter() if local(element) in names)


def formulas(root: Element) -> Iterator[str]:
    for element in every(root, *_FORMULAS):
        if element.text and not (local(element) == "formula1" and _STRING.fullmatch(element.text)):  # a list
            yield element.text


def long_texts(root: Element) -> Iterator[str]:
    """A text in a formula has 255 characters at most, a formula 8,192."""
    for formula in formulas(root):
        for text in _STRING.findall(_QUOTED_SHEET.sub("", formula)):
            length = len(text[1:-1].replace('""', '"'))
            if length > MOST_TEXT:
                yield f"a text of {length} characters in a formula"
        if len(formula) > MOST_FORMULA:
            yield f"a formula of {len(formula)} characters"


def functions_without_prefix(root: Element) -> Iterator[str]:
    """A function that is younger than Excel 2007 stands in the file as _xlfn.NAME, else it shows #NAME?."""
    for formula in formulas(root):
        for name in _CALL.findall(_STRING.sub('""', _QUOTED_SHEET.sub("", formula))):
            if name.upper() not in FORMULAE and not name.startswith("_xlfn."):
                yield f"{name}() without _xlfn."


def overlapping_merges(root: Element) -> Iterator[str]:
    """Merged areas that overlap make Excel repair the file."""
    taken: dict[tuple[int, int], str] = {}
    for merge in every(root, "mergeCell"):
        area = merge.attrib["ref"]
        for cell in CellRange(area).cells:
            if cell in taken:
                yield f"merged areas {taken[cell]} and {area}"
                break
            taken[cell] = area


def overlapping_columns(root: Element) -> Iterator[str]:
    """So do columns that are described twice, or out of order."""
    spans = [(int(column.attrib["min"]), int(column.attrib["max"])) for column in every(root, "col")]
    yield from (f"columns {one} and {other}" for one, other in combinations(spans, 2) if one[1] >= other[0])


def long_lists(root: Element) -> Iterator[str]:
    """A list to choose from has 255 characters at most where it is written into the rule."""
    for rule in every(root, "dataValidation"):
        for element in every(rule, "formula1", "f"):
            said = element.text or ""
            if rule.get("type") == "list" and said.startswith('"') and len(said) - 2 > MOST_LIST:
                yield f"a list of {len(said) - 2} characters"


def links(root: Element) -> Iterator[str]:
    """Excel opens no sheet with more than 65,530 links."""
    count = sum(1 for _ in every(root, "hyperlink"))
    if count > MOST_LINKS:
        yield f"{count} links"


def icons(root: Element) -> Iterator[str]:
    """An icon that is not Excel's stays blank."""
    for control in root.iter():
        icon = control.get("imageMso")
        if icon is not None and icon not in ICONS:
            yield f"no icon of Excel: {icon}"


def doubled_ids(root: Element) -> Iterator[str]:
    """Two controls of one id, also of different kinds, and Excel shows nothing of the ribbon."""
    if local(root) == "customUI":
        counted = Counter(control.attrib["id"] for control in root.iter() if "id" in control.attrib)
        yield from (f"id {name} stands {count} times" for name, count in counted.items() if count > 1)


RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    *(long_texts, functions_without_prefix, overlapping_merges, overlapping_columns),
    *(long_lists, links, icons, doubled_ids),
)
