"""One issue of a review: what it is known by, what the unit is asked, and what its cell said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, Self, get_args

from workbook_tools.findings import LocatedFinding
from workbook_tools.forms.form import Field
from workbook_tools.reports.sentences import where
from workbook_tools.review.rows import FormToReview
from workbook_tools.review.rules import REVIEWER, asked_for, basis, dimension, level_of, same_fact_as, title_of
from workbook_tools.values import UNCALCULATED, normalize

Status = Literal["待整改", "已整改", "部分整改", "未整改", "未返回", "待核对", "不列入"]
STATUSES: tuple[Status, ...] = get_args(Status)
OPEN, MENDED, PARTLY, NOT_MENDED, NOT_RETURNED, TO_CHECK, DROPPED = STATUSES
CLOSED = (MENDED, DROPPED)  # the others are still to be dealt with
SAID = ("等级", "位置", "发现", "事实及判定", "建议", "依据")  # written again when a review says otherwise
NO_CELL = "整张表"  # the place of an issue about no cell
SHOWN = 60  # characters of a cell that a sentence shows


class Identity(NamedTuple):
    """What an issue is known by, whatever its words: the form, the check, the field, and which one of several."""

    unit: str
    project: str
    code: str
    field: Field
    occurrence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One line of the list of issues.

    Attributes:
        level: P0, P1 or P2.
        dimension: 复核维度.
        unit: the unit as its form says.
        project: the project, or the name of its file where the form says none.
        code: the check, or 复核 for what the reviewer found.
        field: the field path, "" where it is about no field.
        occurrence: which one of the findings of the same check in the same field, from 1.
        row: the name of the indicator that the field belongs to, "" for other fields.
        place: cell and label.
        title: what is wrong, in a few words.
        fact: what is there and what should be.
        asked: what the unit is asked to do.
        basis: what the finding rests on.
        before: the words of the cell when the issue was found.
        file: the name of the form's file.
        scheme: the name of the scheme that the form was read by.
        wanted: the points that the reviewer gave, where the issue is about them; else "".
    """

    level: str
    dimension: str
    unit: str
    project: str
    code: str
    field: Field
    occurrence: int
    row: str
    place: str
    title: str
    fact: str
    asked: str
    basis: str
    before: str
    file: str
    scheme: str
    wanted: str = ""

    @property
    def identity(self) -> Identity:
        """What it is known by."""
        return Identity(normalize(self.unit), normalize(self.project), self.code, self.field, self.occurrence)

    @property
    def shown(self) -> dict[str, str]:
        """The cells of its line that follow from the review."""
        return dict(zip(SAID, (self.level, self.place, self.title, self.fact, self.asked, self.basis), strict=True))

    @property
    def mark(self) -> dict[str, str]:
        """What its line keeps besides what it is known by: how its cell and the points stood."""
        return {
            "row": self.row,
            "before": digest(self.before),
            "text": brief(self.before),
            "file": self.file,
            "scheme": self.scheme,
            "wanted": self.wanted,
            "said": " ".join(map(digest, self.shown.values())),
        }

    def with_fact(self, words: str) -> Self:
        """The issue with other words about what is there."""
        return replace(self, fact=words)


def renewed(words: Mapping[str, str], known: Mapping[str, str], issue: Issue) -> tuple[dict[str, str], dict[str, str]]:
    """Of the line of an issue, the cells to be written again, and what is kept of it: a person's words stay."""
    said = dict(zip(SAID, known.get("said", "").split(), strict=False))  # a list of an older version has none
    ours = [name for name in SAID if said.get(name) == digest(words[name])]
    changed = {name: issue.shown[name] for name in ours if digest(issue.shown[name]) != said[name]}
    now = said | {name: digest(issue.shown[name]) for name in ours}
    return changed, {**known, **issue.mark, "said": " ".join(now.values())}


def issue_of(form: FormToReview, path: Path, place: LocatedFinding, occurrence: int, level: str) -> Issue:
    """A finding of a form as an issue."""
    reviewer = place.code == REVIEWER
    return Issue(
        level=level,
        dimension=dimension(place.code),
        unit=form.unit,
        project=project_of(form, path),
        code=place.code,
        field=place.field,
        occurrence=occurrence,
        row=row_name(form, place.field),
        place=where(place, form).rstrip("：") or NO_CELL,
        title="复核意见" if reviewer else title_of(place.code),
        fact=place.message,
        asked="按复核意见改正；有不同意见的，书面说明。" if reviewer else asked_for(place.code),
        basis="" if reviewer else basis(place.code, form.scheme),
        before=words_of(form, place.field),
        file=path.name,
        scheme=form.scheme.name,
    )


def project_of(form: FormToReview, path: Path) -> str:
    """The project, or the name of the file where the form does not say."""
    return form.project or path.stem


def words_of(form: FormToReview, field: Field) -> str:
    """The words of a field; "" where it has none."""
    words = form.words.get(field, "")
    return "" if words == UNCALCULATED else words


def row_name(form: FormToReview, field: Field) -> str:
    """The name of the row of indicators that a field belongs to."""
    part, _, rest = field.partition(".")
    number = rest.partition(".")[0]
    known = part == "indicators" and number.isdecimal() and 0 < int(number) <= len(form.names)
    return form.names[int(number) - 1] if known else ""


def occurrences(places: Iterable[LocatedFinding]) -> Iterator[tuple[LocatedFinding, int]]:
    """The findings, each with which one it is of its check in its field, from 1."""
    count: Counter[tuple[str, Field]] = Counter()
    for place in places:
        count[place.code, place.field] += 1
        yield place, count[place.code, place.field]


def listed_level(place: LocatedFinding, places: Iterable[LocatedFinding]) -> str:
    """The level under which a finding is usually listed; "" where it is not, or where another one says the same."""
    other = same_fact_as(place.code)
    if other and any(one.code == other and one.field == place.field for one in places):
        return ""
    return level_of(place.code, place.finding.level, place.field)


def brief(words: str) -> str:
    """The words of a cell for a sentence."""
    said = " ".join(words.split())
    return f"“{said[:SHOWN]}{'……' if len(said) > SHOWN else ''}”" if said else "空白"


def digest(words: str) -> str:
    """What the words of a cell are compared by."""
    return sha256(normalize(words).encode("utf-8", "surrogatepass")).hexdigest()[:12]
