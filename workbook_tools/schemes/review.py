"""主管部门审核情况, what the supervising department fills in below the self-evaluation: [review] of a scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from workbook_tools.schemes.toml_table import TomlTable

Ground = Literal[
    "late", "poor", "unchanged"
]  # a form that came in late, with faults, with targets not changed as asked
GROUNDS: tuple[Ground, ...] = get_args(Ground)
PROMPTS = ("opinion", "advice")


class Proposal(NamedTuple):
    """Points that the reviewer may take away in a row of deductions, and on what grounds; never taken by itself."""

    row: str
    points: Decimal
    grounds: tuple[Ground, ...]
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """主管部门审核情况: what the supervising department fills in below the self-evaluation.

    Attributes:
        quote: the heading of the section; "" where the form has none.
        prompts: opinion, advice → what is printed where it is to be written.
        budget: the options of 对下年度预算安排建议; () where the notice prints no list.
        budget_quote: the sentence that has the options, or that asks to choose.
        budget_by_grade: grade → the option that goes with it; nothing where the notice does not say.
        far: from how many points between the two scores the notice asks to look again; None where it names none.
        far_quote: the sentence that says so.
        proposals: deductions for the quality of the self-evaluation.
    """

    quote: str
    prompts: Mapping[str, str]
    budget: tuple[str, ...]
    budget_quote: str
    budget_by_grade: Mapping[str, str]
    far: Decimal | None
    far_quote: str
    proposals: tuple[Proposal, ...]


NO_REVIEW = Review(
    quote="", prompts={}, budget=(), budget_quote="", budget_by_grade={}, far=None, far_quote="", proposals=()
)


def review_from(table: TomlTable) -> Review:
    """The section in a table of TOML; raises `BadScheme`."""
    by_grade = table.table("budget_by_grade", default={})
    review = Review(
        quote=table.word("quote"),
        prompts={name: table.word(f"{name}_prompt") for name in PROMPTS if f"{name}_prompt" in table.content},
        budget=table.words("budget", default=()),
        budget_quote=table.word("budget_quote", default=""),
        budget_by_grade={grade: by_grade.word(grade) for grade in list(by_grade.content)},
        far=table.number("far") if "far" in table.content else None,
        far_quote=table.word("far_quote", default=""),
        proposals=tuple(_proposal(one) for one in table.tables("proposal", default=[])),
    )
    table.done()
    return review


def _proposal(table: TomlTable) -> Proposal:
    proposal = Proposal(
        table.word("row"), table.number("points"), table.each_of("grounds", GROUNDS), table.word("quote")
    )
    table.done()
    return proposal
