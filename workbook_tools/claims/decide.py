"""All texts of a form read into claims: every kind in turn, a figure belongs to the first kind that decides it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from workbook_tools.claims import arithmetic, cited, counts, money, monthly, rows, scores
from workbook_tools.claims.claim import Claim, Kind
from workbook_tools.claims.facts import Facts
from workbook_tools.claims.sentences import Figure, Text
from workbook_tools.claims.tables import in_tables
from workbook_tools.forms.form import ReportTable
from workbook_tools.values import normalize

# What a text says of itself comes first: a wrong quotient stays wrong where the table repeats it.
KINDS: Mapping[str, Kind] = {
    "heading": cited.heading,
    "quoted": cited.quoted,
    "changed": cited.changed,
    "band": arithmetic.band,
    "quotient": arithmetic.quotient,
    "listing": arithmetic.listing,
    "multiple": arithmetic.multiple,
    "grade": scores.grade,
    "deduction": scores.deduction,
    "weight": scores.weight,
    "row_score": scores.row_score,
    "subtotal": scores.subtotal,
    "total": scores.total,
    "target": rows.target,
    "actual": rows.actual,
    "rate": money.rate,
    "money": money.money,
    "monthly": monthly.monthly,
    "zero": monthly.zero,
    "statistics": monthly.statistics,
    "addition": arithmetic.addition,
    "share": arithmetic.share,
    "mean": arithmetic.mean,
    "count": counts.count,
    "all_done": rows.all_done,
    "met": rows.met,
    "near_miss": arithmetic.near_miss,
    "repeated": cited.repeated,
}
SAME = "same"  # the same words elsewhere: they confirm, and never refute


class Found(NamedTuple):
    """A decided claim: its kind, the text it stands in, and the claim."""

    kind: str
    field: str
    claim: Claim


class Decided(NamedTuple):
    """What is said in all texts, and how many figures nothing decides."""

    claims: tuple[Found, ...]
    undecided: int

    def wrong(self, kind: str) -> Iterator[Found]:
        """The refuted claims of a kind."""
        return (one for one in self.claims if one.kind == kind and one.claim.verdict is False)


def decide(
    texts: Mapping[str, str],
    facts: Facts,
    year: int | None,
    others: Mapping[str, str] | None = None,
    tables: Sequence[ReportTable] = (),
) -> Decided:
    """Every figure of the texts and tables, decided where the form decides it.

    `others` are words that hold no claims of their own but ranges, and may repeat what a text says.
    """
    fields = list(texts)
    read = [
        _read(field, texts[field], year, facts, tuple(normalize(texts[after]) for after in fields[n + 1 : n + 10]))
        for n, field in enumerate(fields)
    ]
    every = [text.words for text in read]
    found: list[Found] = []
    undecided = 0
    for text in read:
        mine = _claims(text, facts, every)
        found += mine
        taken = [(one.claim.start, one.claim.end) for one in mine]
        undecided += sum(not _overlaps(figure.start, figure.end, taken) for figure in text.figures)
    for field, words in (others or {}).items():
        claims = arithmetic.band(Text(field, normalize(words), year), facts)
        found += [Found("band", field, claim) for claim in claims if claim.verdict is False]
    for kind, place, claim in in_tables(tables, facts):
        if claim.verdict is None:
            undecided += 1
        else:
            found.append(Found(kind, place, claim))
    return Decided(tuple(found), undecided)


def _read(field: str, words: str, year: int | None, facts: Facts, following: tuple[str, ...]) -> Text:
    """A text ready to be read into claims."""
    said, numerals = facts.in_digits(words)
    return Text(field, said, year, following, numerals, facts.cut_names)


def _as_written(claim: Claim, text: Text) -> Claim:
    """A refuted claim whose message also cites the numeral that it is about."""
    written = [one.written for one in text.numerals if _overlaps(claim.start, claim.end, [(one.start, one.end)])]
    if claim.verdict is not False or not written:
        return claim
    return claim._replace(message=f"{claim.message}（原文写“{written[0]}”）")


def _claims(text: Text, facts: Facts, every: list[str]) -> list[Found]:
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    if not any(map(str.isdigit, text.words)) and len(text.words) < 4:
        return found
    for kind, read in KINDS.items():
        for claim in read(text, facts):
            if claim.verdict is not None and not _overlaps(claim.start, claim.end, taken):
                found.append(Found(kind, text.field, _as_written(claim, text)))
                taken.append((claim.start, claim.end))
    left = [
        one for one in text.figures if not _overlaps(one.start, one.end, taken) and _said_elsewhere(text, one, every)
    ]
    return [*found, *(Found(SAME, text.field, Claim(one.start, one.end, verdict=True)) for one in left)]


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)


_IN_A_NUMBER = tuple("0123456789.,")


def _said_elsewhere(text: Text, figure: Figure, every: list[str]) -> bool:
    chinese = takewhile(lambda character: "\u4e00" <= character <= "\u9fff", text.words[figure.end : figure.end + 4])
    follows = "".join(chinese)
    if len(follows) < 2 or figure.other_year:
        return False
    said = figure.said + follows
    pieces = [piece for words in every for piece in words.split(said)[:-1]]
    return sum(not piece.endswith(_IN_A_NUMBER) for piece in pieces) > 1
