"""How a workbook shows a number: as percent, as a date, with a unit; 0.95 and 95% are told apart by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.excel import markup
from workbook_tools.excel.markup import attributes, element, elements
from workbook_tools.text import regex
from workbook_tools.values import EXACT, decimals, plain

if TYPE_CHECKING:
    from datetime import date


Restyle = Callable[[bytes, int], tuple[bytes, int]]  # styles part and cell style → both with another style


class NumberFormat(NamedTuple):
    """What a number format adds to a number: % or a date, or the unit printed behind it."""

    percent: bool = False
    date: bool = False
    suffix: str = ""
    places: int = 0  # decimals that a percentage is always printed with
    parts: str = ""  # of a date that is shown without its year: md, m or d


GENERAL = NumberFormat()
LONGEST_CODE = 255  # characters of a format that Excel takes
_PERCENT_IDS = (b"9", b"10")  # 0% and 0.00%
BUILT_IN = {9: "0%", 10: "0.00%"} | dict.fromkeys((*range(14, 23), *range(27, 37), *range(50, 59)), "yyyy-m-d")
BUILT_IN |= {16: "d-mmm"} | dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"')  # of the Chinese Excel
_NUMBER_FORMAT = regex(rb"""\snumFmtId\s*=\s*["']([0-9]+)["']""")
_LITERAL = regex(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\[\]]*\]')
_PLACES = regex(r"\.([0?]+)")
_UNIT_BEHIND = regex(r'[#0?.]+(?:,[#0?]+)*(?:\.[0?#]+)?((?:"[^"0-9]*"|\\[^0-9])+)')


@lru_cache(maxsize=16)  # the forms of one bureau share their styles
def read_formats(styles: bytes) -> list[NumberFormat]:
    """The number format of each cell style in a styles part."""
    prefix = markup.prefix_of(styles)
    codes = dict(BUILT_IN)
    for tag in elements(styles, "numFmt", prefix):
        found = attributes(tag[1])
        codes[markup.number(found.get("numFmtId", ""))] = found.get("formatCode", "")
    section = element("cellXfs", prefix).search(styles)
    if section is None:
        return []
    styled = (_NUMBER_FORMAT.search(tag[1]) for tag in elements(section[2] or b"", "xf", prefix))
    return [number_format(codes.get(markup.number(found[1].decode()) if found else 0, "")) for found in styled]


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """What the format `code` adds to a positive number."""
    first = code[:LONGEST_CODE].split(";")[0]
    unit = _UNIT_BEHIND.fullmatch(first)
    bare = _LITERAL.sub("", first).lower()
    places = _PLACES.search(bare)
    date = "general" not in bare and any(letter in bare for letter in "ymdhs")
    return NumberFormat(
        percent="%" in bare,
        date=date,
        suffix=re.sub(r'"|\\(.)', r"\1", unit[1]).rstrip() if unit else "",
        places=len(places[1]) if places and "%" in bare else 0,
        parts="".join(part for part in "md" if part in bare) if date and not set("yehs") & set(bare) else "",
    )


def as_formatted(number: Decimal, shown_as: NumberFormat, *, from_1904: bool) -> str:
    """The exact words of a stored number: 60%, 86.00%, 2023-04-28, 10月31日, 114次.

    A percentage has at least the decimals that its format prints, more where more are stored.
    """
    if shown_as.percent:
        share = plain(number.scaleb(2, EXACT))
        lacking = shown_as.places - decimals(Decimal(share))
        point = "." if lacking > 0 and "." not in share else ""
        return f"{share}{point}{'0' * lacking}%"
    if shown_as.date and 1 <= number < 2_900_000:
        from datetime import date, timedelta  # most forms hold no date

        day = int(number)
        start = date(1904, 1, 1) if from_1904 else date(1899, 12, 30 if day > 59 else 31)
        return as_date(start + timedelta(days=day), shown_as)
    return plain(number) + shown_as.suffix


def as_date(day: date, shown_as: NumberFormat) -> str:
    """A day in words; without its year where the format shows none, for Excel puts the year of typing beneath it."""
    if not shown_as.parts:
        return day.isoformat()
    month, of_month = f"{day.month}月", f"{day.day}日"
    return {"md": month + of_month, "m": month, "d": of_month}[shown_as.parts]


def with_percent(styles: bytes, number: int, places: int) -> tuple[bytes, int]:
    """The styles part with a cell style like that of `number` under a percent format, and the number of that style.

    Everything else in the part stays byte for byte; a style that is there already is not added again.
    """
    return _with_style(styles, number, {b"numFmtId": _PERCENT_IDS[places > 0], b"applyNumberFormat": b"1"})


def with_text_prefix(styles: bytes, number: int) -> tuple[bytes, int]:
    """The same with a style whose cells hold what is typed as text, also when a person types it again.

    Excel would make a formula of `=8个` at F2 and Enter.
    """
    return _with_style(styles, number, {b"quotePrefix": b"1"})


def _with_style(styles: bytes, number: int, given: Mapping[bytes, bytes]) -> tuple[bytes, int]:
    prefix = markup.prefix_of(styles)
    section = element("cellXfs", prefix).search(styles)
    if section is None:
        return styles, number
    known = [found[0] for found in elements(section[2] or b"", "xf", prefix)]
    if number >= len(known):
        return styles, number
    new = known[number]
    for name, value in given.items():
        new = _with_attribute(new, name, value)
    if new in known:
        return styles, known.index(new)
    counted = _with_attribute(styles[section.start() : section.start(2)], b"count", b"%d" % (len(known) + 1))
    head, tail = styles[: section.start()], styles[section.end(2) :]
    return b"".join([head, counted, section[2] or b"", new, tail]), len(known)


def _with_attribute(tag: bytes, name: bytes, value: bytes) -> bytes:
    """An element with an attribute of its first tag set."""
    said = re.compile(rb"""^(<[^>]*?\s%s\s*=\s*)(?:"[^"]*"|'[^']*')""" % name)
    if said.match(tag):
        return said.sub(lambda found: found[1] + b'"%s"' % value, tag, count=1)
    return re.sub(rb"^(<[\w:.-]+)", lambda found: found[1] + b' %s="%s"' % (name, value), tag, count=1)
