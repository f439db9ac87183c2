"""What forms print in the cells where the supervising department writes; its own words stand behind."""

from __future__ import annotations

from collections.abc import Mapping

from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.form import Field
from workbook_tools.schemes.loading import all_schemes
from workbook_tools.schemes.review import PROMPTS

_WIDER = 0xFEE0  # from a half-width sign to the same one in full width


def printed_prompts(cells: Mapping[Field, Cell], sheet: Sheet) -> dict[Field, str]:
    """Field → the prompt that stands in its cell; also of a form that is scored by another scheme than its own."""
    said = {field: sheet.text(cells[field]).strip() for name in PROMPTS if (field := f"review.{name}") in cells}
    return {
        f"review.{name}": f"{printed}\n"
        for scheme in (all_schemes() if any(said.values()) else ())
        for name, prompt in scheme.review.prompts.items()
        if (printed := _beginning(said.get(f"review.{name}", ""), prompt))
    }


def _beginning(text: str, words: str) -> str:
    """The beginning of a text that is these words, however their lines are broken and as wide as their signs may be."""
    end = 0
    for sign in "".join(words.split()):
        while text[end : end + 1].isspace():
            end += 1
        if text[end : end + 1] not in ((sign, chr(ord(sign) + _WIDER)) if sign in ",;:()" else (sign,)):
            return ""
        end += 1
    return text[:end]
