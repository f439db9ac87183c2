"""Which projects and indicators of two years are the same: certain pairs, those that a person is asked about, the rest.

Names that are merely similar are never taken for the same: they are asked about, and the answers are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from workbook_tools.checks.compared import ComparedForm, ComparedRow, YearPair, is_general, measures, name_key
from workbook_tools.text import shown_path

What = Literal["项目", "指标"]
PROJECT: What = "项目"
INDICATOR: What = "指标"
MOST_ASKED = 3  # candidates for one form
BLOCK = 500  # names that are held against all the others at a time


class Question(NamedTuple):
    """Two projects, or two indicators of one project, that may be the same; `why` says what speaks for it."""

    what: What
    last: ComparedForm
    this: ComparedForm
    last_row: ComparedRow | None
    this_row: ComparedRow | None
    percent: int
    why: str

    @property
    def key(self) -> tuple[str, ...]:
        """What names the question in the next run: the files, the sheets and the names as printed."""
        rows = (self.last_row.name if self.last_row else "", self.this_row.name if self.this_row else "")
        files = (in_folder(self.last.file), self.last.sheet, in_folder(self.this.file), self.this.sheet)
        return (self.what, *files, *rows)


Answers = dict[tuple[str, ...], bool]  # the key of a question → whether it is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The forms of two years, paired.

    Attributes:
        pairs: the projects of both years, each with its indicators.
        asked: what a person has to say, or has said; in the order of this year's forms.
        gone: last year's forms without one of this year.
        new: this year's forms without one of last year.
        used: the keys of the answers that were used.
    """

    pairs: list[YearPair] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    gone: list[ComparedForm] = field(default_factory=list)
    new: list[ComparedForm] = field(default_factory=list)
    used: set[tuple[str, ...]] = field(default_factory=set)


def in_folder(path: str) -> str:
    """A file with its folder: the same wherever the command is run."""
    return shown_path("/".join(Path(path).parts[-2:]))


def can_compare_names() -> bool:
    """Whether the library for similar names is installed."""
    return find_spec("rapidfuzz") is not None


def paired(
    last: Sequence[ComparedForm], this: Sequence[ComparedForm], answers: Answers | None = None, *, named: bool = False
) -> Pairs:
    """The forms of two years in pairs; `named` where a person has named the two files.

    With one form each these are a pair; where their units or projects differ and nothing else is alike, that is asked.
    """
    found = Pairs()
    answers = answers or {}
    two = named and len(last) == len(this) == 1
    against = _speaks_against(last[0], this[0]) if two else ""
    if two and not against:
        _add(found, last[0], this[0], answers)
        return found
    left, right = dict(enumerate(last)), dict(enumerate(this))
    couples = list(_certain(left, right))
    for one, other in couples:
        del left[one], right[other]
    questions = list(_questions(left, right))
    if against and left:
        percent = likeness(last[0].project_key, this[0].project_key)
        questions = [Question(PROJECT, last[0], this[0], None, None, percent, against)]
    for question in questions:
        said = answers.get(question.key)
        found.asked.append(question)
        if said is not None:
            found.used.add(question.key)
        before = next((number for number, form in left.items() if form is question.last), None)
        now = next((number for number, form in right.items() if form is question.this), None)
        if said and before is not None and now is not None:
            couples.append((before, now))
            del left[before], right[now]
    for one, other in sorted(couples, key=lambda couple: couple[1]):
        _add(found, last[one], this[other], answers)
    found.gone.extend(left.values())
    found.new.extend(right.values())
    return found


def _speaks_against(last: ComparedForm, this: ComparedForm) -> str:
    """What speaks against two forms being of one project where nothing speaks for it; else ""."""
    if last.code and last.code == this.code:
        return ""
    similar = measures()["similar"]
    units = _alike(last.unit_key, this.unit_key, similar["unit"])
    projects = _alike(last.project_key, this.project_key, similar["ask"])
    if units or (projects and (units is None or _specific(last, this))):
        return ""
    if units is None and projects is None:
        return ""
    if units is False and projects is False:
        return "单位和项目都不一样"
    return f"{'单位' if units is False else '项目'}不一样，没有别的能看出是同一个"


def _alike(one: str, other: str, least: int) -> bool | None:
    """Whether two names are the same or like each other; None where one of them is not known."""
    return likeness(one, other) >= least if one and other else None


def _certain(left: dict[int, ComparedForm], right: dict[int, ComparedForm]) -> Iterator[tuple[int, int]]:
    """The numbers of forms that are surely of one project, by the first of the keys that both have alone."""
    gone: set[int] = set()
    taken: set[int] = set()
    keys: tuple[Callable[[ComparedForm], str], ...] = (
        lambda form: form.code and f"{form.code} {form.unit_key} {form.project_key}",
        lambda form: form.code and f"{form.code} {form.unit_key}",
        lambda form: form.unit_key and form.project_key and f"{form.unit_key} {form.project_key}",
        _lone_name,
    )
    for key in keys:
        before = _alone(((number, form) for number, form in left.items() if number not in gone), key)
        now = _alone(((number, form) for number, form in right.items() if number not in taken), key)
        for word in before.keys() & now.keys():
            one, other = before[word], now[word]
            if key is _lone_name and left[one].unit_key and right[other].unit_key:
                continue  # the same name in two units is asked about
            gone.add(one)
            taken.add(other)
            yield one, other


def _lone_name(form: ComparedForm) -> str:
    key = form.project_key
    return "" if len(key) < measures()["least"]["project"] or is_general(key) else key


def _alone(forms: Iterable[tuple[int, ComparedForm]], key: Callable[[ComparedForm], str]) -> dict[str, int]:
    """Key → the number of the only form that has it."""
    found: dict[str, list[int]] = {}
    for number, form in forms:
        if word := key(form):
            found.setdefault(word, []).append(number)
    return {word: numbers[0] for word, numbers in found.items() if len(numbers) == 1}


def _questions(left: dict[int, ComparedForm], right: dict[int, ComparedForm]) -> Iterator[Question]:
    """What is asked about the forms that are left: the most likely first, for each form of this year at most three."""
    before, now = list(left.values()), list(right.values())
    names = _like([form.project_key for form in before], [form.project_key for form in now])
    units: dict[str, list[int]] = {}
    for number, form in enumerate(before):
        units.setdefault(form.unit_key, []).append(number)
    for at, this in enumerate(now):
        found: dict[int, tuple[int, str]] = {}
        same_unit = units.get(this.unit_key, []) if this.unit_key else []
        for number in same_unit:
            percent = likeness(before[number].project_key, this.project_key)
            if percent >= measures()["similar"]["ask"]:
                found[number] = (percent, "同一个单位，项目名称相近" if percent < 100 else "同一个单位、同名的不止一份")
        if len(same_unit) == 1 and not found and sum(form.unit_key == this.unit_key for form in now) == 1:
            number = same_unit[0]
            found[number] = (likeness(before[number].project_key, this.project_key), "同一个单位，两年都只剩这一份")
        for number, percent in names.get(at, ()):
            last = before[number]
            if number in found or (last.unit_key == this.unit_key and this.unit_key) or not _specific(last, this):
                continue
            units_alike = likeness(last.unit_key, this.unit_key)
            if percent == 100:
                found[number] = (percent, "项目同名，单位名称不一样")
            elif units_alike >= measures()["similar"]["unit"] and percent >= measures()["similar"]["ask"]:
                found[number] = (percent, "单位名称相近，项目名称相近")
        ranked = sorted(found.items(), key=lambda one: (-one[1][0], one[0]))
        for number, (percent, why) in ranked[:MOST_ASKED]:
            yield Question(PROJECT, before[number], this, None, None, percent, why)


def _specific(last: ComparedForm, this: ComparedForm) -> bool:
    return bool(_lone_name(last) and _lone_name(this))


def likeness(one: str, other: str) -> int:
    """How like two names are, in percent: 100 only for the same; 0 where the library is not installed."""
    if one == other:
        return 100
    if not one or not other or not can_compare_names():
        return 0
    from rapidfuzz.fuzz import ratio

    return min(int(ratio(one, other)), 99)


def _like(before: Sequence[str], now: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
    """The number of a name of this year → those of last year that are like it, the most like first, in percent."""
    ask = measures()["similar"]["ask"]
    found: dict[int, list[tuple[int, int]]] = {}
    if not can_compare_names() or not before or not now:
        by_name: dict[str, list[tuple[int, int]]] = {}
        for number, name in enumerate(before):
            by_name.setdefault(name, []).append((number, 100))
        return {at: by_name[name] for at, name in enumerate(now) if name and name in by_name}
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cdist

    for start in range(0, len(now), BLOCK):
        block = now[start : start + BLOCK]
        table = cdist(block, before, scorer=ratio, score_cutoff=ask)
        for row, column in zip(*table.nonzero(), strict=True):
            percent = int(table[row, column])
            if now[start + int(row)]:
                found.setdefault(start + int(row), []).append((int(column), percent))
    return {at: sorted(ones, key=lambda one: (-one[1], one[0]))[: MOST_ASKED * 3] for at, ones in found.items()}


def _add(found: Pairs, last: ComparedForm, this: ComparedForm, answers: Answers) -> None:
    """Adds a pair of forms with its indicators, and what is asked about these."""
    rows, left, right = _same_rows(last.rows, this.rows)
    questions = [
        Question(INDICATOR, last, this, one, other, percent, why)
        for one, other, percent, why in _similar_rows(left, right)
    ]
    for question in questions:
        said = answers.get(question.key)
        found.asked.append(question)
        if said is not None:
            found.used.add(question.key)
        one, other = question.last_row, question.this_row
        if said and one in left and other in right:
            rows.append((one, other))
            left.remove(one)
            right.remove(other)
    order = {row.field: number for number, row in enumerate(this.rows)}
    rows.sort(key=lambda pair: order[pair[1].field])
    open_pairs = {one.last_row: one.this_row for one in reversed(questions) if answers.get(one.key) is None}
    alone = [(row, open_pairs.get(row) if open_pairs.get(row) in right else None) for row in left]
    found.pairs.append(YearPair(last, this, rows, alone))


def _same_rows(
    last: Sequence[ComparedRow], this: Sequence[ComparedRow]
) -> tuple[list[tuple[ComparedRow, ComparedRow]], list[ComparedRow], list[ComparedRow]]:
    """The indicators of the same name, those only of last year, those only of this year."""
    pairs: list[tuple[ComparedRow, ComparedRow]] = []
    left, right = list(last), list(this)
    keys: tuple[Callable[[ComparedRow], str], ...] = (
        lambda row: f"{name_key(row.kind)} {name_key(row.name)}",
        lambda row: name_key(row.name),
    )
    for key in keys:
        before, now = _only(left, key), _only(right, key)
        for word, row in before.items():
            if word in now:
                pairs.append((row, now[word]))
                left.remove(row)
                right.remove(now[word])
    return pairs, left, right


def _only(rows: Iterable[ComparedRow], key: Callable[[ComparedRow], str]) -> dict[str, ComparedRow]:
    found: dict[str, list[ComparedRow]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {word: ones[0] for word, ones in found.items() if len(ones) == 1}


def _similar_rows(
    left: Sequence[ComparedRow], right: Sequence[ComparedRow]
) -> list[tuple[ComparedRow, ComparedRow, int, str]]:
    """The indicators that are asked about, each in one question at most, the most like first."""
    ask = measures()["similar"]["ask"]
    found: list[tuple[int, int, int, str]] = []
    for number, one in enumerate(left):
        for at, other in enumerate(right):
            before, now = name_key(one.name), name_key(other.name)
            percent = likeness(before, now)
            if percent >= ask and _one_measure(one, other):
                found.append((percent, number, at, "名称相近"))
            elif min(len(before), len(now)) > 3 and (before.endswith(now) or now.endswith(before)):
                found.append((percent, number, at, "一个名称里有另一个"))
    asked: list[tuple[ComparedRow, ComparedRow, int, str]] = []
    lefts: set[int] = set()
    rights: set[int] = set()
    for percent, number, at, why in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if number not in lefts and at not in rights:
            lefts.add(number)
            rights.add(at)
            asked.append((left[number], right[at], percent, why))
    return asked


def _one_measure(one: ComparedRow, other: ComparedRow) -> bool:
    """Whether two indicators could be measured alike: not one in percent and the other in persons."""
    units = [row.target.quantity.unit for row in (one, other) if row.target]
    return len(units) < 2 or "" in units or ("%" in units) == (units[0] == units[1] == "%")
