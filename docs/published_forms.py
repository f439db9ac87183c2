"""Writes docs/published_forms.md: what is read, scored and found in each form of tests/cases/printed/.

python docs/published_forms.py
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from printed import EXPECTED, NAMES, drawn, readings, same  # noqa: E402
from workbook_tools.forms.reader import read_forms  # noqa: E402

PAGE = ROOT / "docs" / "published_forms.md"
BEGIN, END = "<!-- generated -->\n", "<!-- end of generated -->"
# Title of a column → the values of the answer keys that it counts; "" counts all others.
VALUES = {
    "money": ("money",),
    "targets": ("indicator.target", "indicator.initial"),
    "actual values": ("indicator.actual",),
    "weights": ("indicator.weight", "total.weight"),
    "scores": ("indicator.score", "indicator.coefficient", "total", "subtotal.score", "grade"),
    "texts": ("texts",),
    "other words": ("",),
}
JUDGED = ("true", "false", "cut", "unread")
TITLES = ("true", "false", "cut", "told as not read")
DRAWINGS = "../tests/cases/printed"


class Figures(NamedTuple):
    """The figures of one form: what its answer key has, what of it was read, and what was found."""

    keyed: Counter[str]  # column → values of the answer key
    right: Counter[str]
    wrong: Counter[str]
    unread: int  # cells with words that were taken for nothing
    judged: dict[str, int]
    faults: list[tuple[str, str]]  # each known fault and what became of it


def column_of(path: str) -> str:
    """The column of the table that counts a value."""
    for column, paths in VALUES.items():
        if any(path == one or path.startswith(f"{one}.") for one in paths if one):
            return column
    return "other words"


def figures(name: str) -> Figures:
    """The figures of one form as it is stored."""
    form, case = drawn(name), EXPECTED[name]
    forms = read_forms(form.sheet)
    found = readings(forms)
    keyed: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for cell, path in form.expected.items():
        keyed[column_of(path)] += 1
        right[column_of(path)] += same(path, found.get(cell))
        wrong[column_of(path)] += cell in found and not same(path, found[cell])
    rows = {cell[0] for cell, path in found.items() if path.startswith("indicator.")}
    keyed["rows"], right["rows"] = len(form.rows), len(rows & form.rows.keys())
    roles = {cell: role for one in forms for cell, role in one.roles.items()}
    unread = sum(roles.get(cell, "unread") == "unread" for cell in form.sheet.filled())
    judged = {word: len(case.get(word, "").split()) for word in JUDGED}
    known = form.facts.get("error", [])
    became = case.get("errors", ["refused"] * len(known))
    return Figures(keyed, right, wrong, unread, judged, list(zip(known, became, strict=True)))


def share(keyed: Mapping[str, int], right: Mapping[str, int], wrong: Mapping[str, int], column: str) -> str:
    """Read / in the answer key, as a cell of the table."""
    if not keyed[column] and not wrong[column]:
        return "–"
    return f"{right[column]}/{keyed[column]}" + (f", {wrong[column]} wrong" if wrong[column] else "")


def found_of(faults: list[tuple[str, str]]) -> str:
    """Known faults that a finding names / all, without those that are none and those whose cell is cut off."""
    asked = [became for _, became in faults if became not in ("no fault", "cut")]
    return f"{sum('@' in became for became in asked)}/{len(asked)}" if asked else "–"


def recognised(name: str) -> str:
    """The scheme of a form, or what it is said to be instead."""
    case = EXPECTED[name]
    return case["scheme"] if "scheme" in case else f"refused: “{case['refused']}”"


def line(first: str, family: str, of: Figures) -> str:
    """One row of the table."""
    shares = [share(of.keyed, of.right, of.wrong, column) for column in ("rows", *VALUES)]
    judged = [str(of.judged[word]) if "refused" not in family else "–" for word in JUDGED]
    return f"| {' | '.join([first, family, *shares, str(of.unread), *judged, found_of(of.faults)])} |"


def added(all_of: Iterable[Figures]) -> Figures:
    """The sum over several forms."""
    total = Figures(Counter(), Counter(), Counter(), 0, dict.fromkeys(JUDGED, 0), [])
    for of in all_of:
        for one, other in zip(total[:3], of[:3], strict=True):
            one.update(other)
        judged = {word: total.judged[word] + of.judged[word] for word in JUDGED}
        total = total._replace(unread=total.unread + of.unread, judged=judged, faults=[*total.faults, *of.faults])
    return total


def totals(every: Mapping[str, Figures]) -> list[str]:
    """The totals in words."""
    of = added(every.values())
    values, right, wrong = (sum(one[column] for column in VALUES) for one in of[:3])
    schemes = Counter("refused" if "refused" in EXPECTED[name] else EXPECTED[name]["scheme"] for name in every)
    official = sum(number for scheme, number in schemes.items() if scheme not in ("refused", "general"))
    became = Counter("found" if "@" in said else said for _, said in of.faults)
    known = became["found"] + became["missed"]
    return [
        (
            f"- {len(every)} forms: {official} recognised as an official form, {schemes['general']} read by the "
            f"general scheme, {schemes['refused']} refused."
        ),
        (
            f"- {values} values in the answer keys: {right} read right, {values - right - wrong} missed, {wrong} read "
            f"as something else. {of.unread} cells with words are listed as not read."
        ),
        (
            f"- {sum(of.judged.values())} findings: {of.judged['true']} true, {of.judged['false']} false, "
            f"{of.judged['cut']} about what the stored page had cut off, {of.judged['unread']} about what was not read."
        ),
        (
            f"- {known} known faults in the forms that are read: {became['found']} found, {became['missed']} missed. "
            f"{became['refused']} more stand in forms that are refused. {became['no fault']} remarks are no faults, "
            f"and {became['cut']} cannot be decided, because the page is cut."
        ),
    ]


def page() -> str:
    """docs/published_forms.md with its generated part written anew."""
    every = {name: figures(name) for name in NAMES}
    titles = ["form", "recognised as", "rows", *VALUES, "not read", *TITLES, "known faults found"]
    lines = [f"| {' | '.join(titles)} |", "|---|---|" + "---:|" * (len(titles) - 2)]
    lines += [line(f"[{name}]({DRAWINGS}/{name}.txt)", recognised(name), of) for name, of in every.items()]
    lines += [line("**all**", "", added(every.values()))]
    missed = [f"- {name}: {fault}" for name, of in every.items() for fault, became in of.faults if became == "missed"]
    refused = [f"- {name}: {fault}" for name, of in every.items() for fault, became in of.faults if became == "refused"]
    parts = ["\n".join(totals(every)), "\n".join(lines)]
    parts += ["## Known faults that are missed", "\n".join(missed)]
    parts += ["## Known faults of forms that are refused", "\n".join(refused)]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    return before + BEGIN + "\n\n".join(parts) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
