"""The list of all checks, and how one is entered into it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.text import one_line, regex

Level = Literal["错误", "提示", "未核对"]
LEVELS: tuple[Level, ...] = get_args(Level)
ERROR, HINT, UNCHECKED = LEVELS  # the last: not checked, with the reason
Found = Iterator[tuple[Field, str]]
Function = Callable[[Form, Scores, Scheme], Found]


class Finding(NamedTuple):
    """One fault: its check, the field it lies in, what is there and what should be, and how grave it is."""

    code: str
    at: Field
    message: str
    level: Level


class Check(NamedTuple):
    """One check; the docstring of its function is its page: why, an example, what to do, the source."""

    code: str
    level: Level
    since: str
    function: Function

    @property
    def title(self) -> str:
        """The fault, as it is called."""
        return _title(self.function)

    @property
    def page(self) -> str:
        """Its documentation."""
        return _page(self.function)

    @property
    def sections(self) -> Mapping[str, Sequence[str]]:
        """The lines of its page below each heading, without blank ones."""
        parts = (part.partition("\n") for part in self.page.partition("## ")[2].split("\n## "))
        return {title.strip(): [line for line in text.split("\n") if line.strip()] for title, _, text in parts}

    @property
    def cure(self) -> str:
        """What its page says to do about a finding, in one paragraph."""
        return " ".join(" ".join(self.sections.get("怎么改", ())).split())


CHECKS: dict[str, Check] = {}
Information = Literal["信息"]
INFORMATION: Information = "信息"  # of comparisons: worth knowing, and nothing that must be mended


class CrossCheck(NamedTuple):
    """A check of forms against each other: of two years, or of the units of a folder; `page` as of a `Check`."""

    code: str
    level: Level | Information
    since: str
    function: Callable[..., Iterator[Any]]

    @property
    def title(self) -> str:
        """What was found, as it is called."""
        return _title(self.function)

    @property
    def page(self) -> str:
        """Its documentation."""
        return _page(self.function)


CROSS_CHECKS: dict[str, CrossCheck] = {}


def check(code: str, level: Level, since: str) -> Callable[[Function], Function]:
    """Enters a check under a code of its own; its docstring is its page."""

    def enter(function: Function) -> Function:
        if code in CHECKS:
            raise ValueError(f"{code} is taken")
        CHECKS[code] = Check(code, level, since, function)
        return function

    return enter


Compares = TypeVar("Compares", bound=Callable[..., Iterator[Any]])


def cross_check(code: str, level: Level | Information, since: str) -> Callable[[Compares], Compares]:
    """Enters a check of forms against each other, likewise."""

    def enter(function: Compares) -> Compares:
        if code in CROSS_CHECKS:
            raise ValueError(f"{code} is taken")
        CROSS_CHECKS[code] = CrossCheck(code, level, since, function)
        return function

    return enter


def _page(function: Callable[..., Any]) -> str:
    return "\n".join(line.removeprefix("    ") for line in (function.__doc__ or "").rstrip().split("\n"))


def _title(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").partition("\n")[0].rstrip("。")


# What holds of a table that has targets and money and no points yet, besides its own checks.
_OF_MONITORING = regex(r"M1\d\d|F10[136-9]|F11[0-37]|F12[345]|T10[678]|T11[0-4]|T120")


def run_checks(form: Form, scores: Scores, scheme: Scheme, only: Collection[str] = ()) -> list[Finding]:
    """Every finding in a form, or those of `only` some checks, in the order of the checks."""
    return [
        Finding(check.code, at, one_line(message), check.level)
        for code, check in sorted(CHECKS.items())
        if (not only or code in only) and (scheme.monitoring is None or _OF_MONITORING.fullmatch(code))
        for at, message in check.function(form, scores, scheme)
    ]
