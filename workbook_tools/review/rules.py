"""How findings become issues, as data: levels, dimensions, what is asked, and the reviewer's rules for deductions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.checks import CHECKS, Level
from workbook_tools.forms.form import Field
from workbook_tools.reports.checked import SchemeName

_FOLDER = Path(__file__).parent
_SUMS = ("", "groups", "subtotal", "total", "grade")  # how the fields of sums begin
REVIEWER = "复核"  # the code of what the reviewer finds


class Rule(NamedTuple):
    """A rule of published reviews: its sentence, and the checks whose finding it applies to beyond doubt."""

    name: str
    quote: str
    codes: tuple[str, ...] = ()
    advice: str = ""


def level_of(code: str, level: Level, field: Field) -> str:
    """P0, P1 or P2; "" where only the reviewer can tell whether a finding is an issue, or its rows say so already."""
    levels = _data()["levels"]
    if code in levels["not_of_sums"]["codes"] and field.partition(".")[0] in _SUMS:
        return ""
    return next((str(said) for said, codes in levels["of_code"].items() if code in codes), str(levels[level]))


def same_fact_as(code: str) -> str:
    """The check whose finding in the same cell says the same thing with the right figure; "" for none."""
    return str(_data()["levels"]["same_fact"].get(code, ""))


def level_of_reviewer(*, changed: bool) -> str:
    """The level of what the reviewer finds: other points, or words only."""
    return str(_data()["levels"]["of_reviewer"]["changed" if changed else "said"])


def dimension(code: str) -> str:
    """复核维度: what a check is about."""
    dimensions = _data()["dimensions"]
    return str(dimensions["reviewer"] if code == REVIEWER else dimensions[code[0]])


def title_of(code: str) -> str:
    """发现: what is wrong, in a few words."""
    return str(_data()["titles"].get(code, CHECKS[code].title))


def asked_for(code: str) -> str:
    """What the unit is asked to do about a finding."""
    if said := _data()["asked"].get(code):
        return str(said)
    return CHECKS[code].cure


def basis(code: str, scheme: SchemeName) -> str:
    """What a finding rests on: the scheme where it is a matter of the scheme, and the check."""
    codes = _data()["by_scheme"]["codes"]
    by_scheme = not scheme.general and (code in codes or code[0] in codes)
    return f"{scheme.title}；校验 {code}" if by_scheme else f"校验 {code}"


def advice_on(code: str) -> str:
    """What the rules of published reviews say about a finding, where one applies beyond doubt; else ""."""
    short = _read("rules.toml")["short"]
    return "；".join(f"{one.advice}（参照{short}：“{one.quote}”）" for one in rules() if code in one.codes)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of published reviews."""
    return tuple(Rule(**{**one, "codes": tuple(one.get("codes", ()))}) for one in _read("rules.toml")["rule"])


def source() -> str:
    """The document that the rules were read in."""
    return str(_read("rules.toml")["source"])


def _data() -> Mapping[str, Any]:
    return _read("issues.toml")


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))


def is_to_be_mended(level: str) -> bool:
    """Whether the notice asks to mend an issue of that level; else to look at it."""
    return level in _data()["notice"]["mend"]


def is_only_blank(code: str) -> bool:
    """Whether a finding only says that a cell is blank: a notice has these in one line."""
    return code in _data()["notice"]["together"]
