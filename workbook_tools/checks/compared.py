"""What a comparison keeps of a form, and by what names, texts and figures of two forms are held against each other.

Small records without sheets, so that ten thousand forms fit into memory. The measures and words are in `compared.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.forms.form import Field
from workbook_tools.schemes.packaged import packaged
from workbook_tools.text import regex
from workbook_tools.values import Quantity, Target, normalize

_YEARS = regex(
    r"[(\[〔]?(?:(?:19|20)\d\d|二[零〇oO][一二三四五六七八九零〇]{2})(?:[-~至—](?:(?:19|20)?\d\d))?"
    r"(?:年(?:度)?|(?=[^\d.,%人个件次元万]))(?:[)\]〕])?|(?:本|当|上|去|全)年度?"
)
_NUMBERING = regex(r"^(?:指标\d*[:.、]?|[(]?\d{1,2}[)]?[.、:]|[一二三四五六七八九十]、)")
_CODE = regex(r"^\d{3,}[-:、]?")  # of the unit, before its name
_SIGNS = regex(r"[\s()\[\]{}<>【】《》〈〉“”‘’\"':;,.。、·\-—_/\\★]")


@cache
def measures() -> dict[str, Any]:
    """The measures and words of `compared.toml`."""
    return packaged(Path(__file__).with_name("compared.toml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """One indicator in use.

    Attributes:
        field: its path.
        group: the scheme's name of its 一级指标.
        label: 一级指标 as printed.
        kind: 二级指标.
        name: 三级指标.
        wanted: 指标值 as printed, with the sign and the unit of their own columns.
        target: the same as a figure.
        reached: 完成值 as printed, with the unit of its own column, or as the statistics give it.
        actual: the same as a figure.
        weight: 分值.
        score: 得分 as printed.
        unit: 度量单位, where it has a column of its own.
        met: whether the target was reached; None if that cannot be determined.
    """

    field: Field
    group: str
    label: str
    kind: str
    name: str
    wanted: str
    target: Target | None
    reached: str
    actual: Quantity | None
    weight: Decimal | None
    score: Decimal | None
    unit: str
    met: bool | None

    @property
    def missed(self) -> bool:
        """Whether the target was missed."""
        return self.met is False


class ComparedText(NamedTuple):
    """A text of a form: `idea` is the first part of its path, or `reason` of an indicator."""

    field: Field
    idea: str
    words: str


class Fault(NamedTuple):
    """A finding that nobody has waived, and its place in any year: `name` is that of its indicator, else ""."""

    code: str
    place: str
    name: str
    field: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedForm:
    """What a comparison keeps of one form.

    Attributes:
        file: the path of its workbook.
        sheet: what the form is called in it.
        year: the year of its title.
        unit: the unit, "" where the form does not say.
        project: the project, likewise.
        code: the number of the project, likewise.
        department: the department above the unit, likewise.
        goal: the goal of the year, likewise.
        rows: the indicators in use.
        texts: its texts and reasons that are long enough to be compared.
        budget: the revised budget in 万元, the initial one where it has no other.
        spent: what was spent, in 万元.
        execution: the execution rate in percent.
        total: 总分 as printed, else by the scheme.
        own_total: 总分 as printed; None where the unit gives none.
        grade: 等级 as printed, else by the scheme.
        review: 审核分数, where the form has it.
        faults: what the checks find.
        cells: field path → cell, of all these.
        waived: what its workbook documents as exceptions: code and cell, "" for every cell.
    """

    file: str
    sheet: str
    year: int | None
    unit: str
    project: str
    code: str
    department: str
    goal: str
    rows: tuple[ComparedRow, ...]
    texts: tuple[ComparedText, ...]
    budget: Decimal | None
    spent: Decimal | None
    execution: Decimal | None
    total: Decimal | None
    own_total: Decimal | None
    grade: str
    review: Decimal | None
    faults: tuple[Fault, ...]
    cells: Mapping[Field, str]
    waived: tuple[tuple[str, str], ...] = ()

    @property
    def unit_key(self) -> str:
        """The unit as it is compared, "" where it is not known."""
        return name_key(_CODE.sub("", normalize(self.unit)))

    @property
    def project_key(self) -> str:
        """The project as it is compared, without years."""
        return name_key(self.project)

    @property
    def owner(self) -> str:
        """The unit as it is compared; a file by itself where the form names none."""
        return self.unit_key or name_key(self.department) or f"?{self.file}"

    @property
    def title(self) -> str:
        """The unit and the project for a message."""
        return f"{self.unit or self.department or '（没有写单位）'}“{self.project or '（没有写项目）'}”"

    def cell(self, field: Field) -> str:
        """The cell of a field, "" where the form has none."""
        return self.cells.get(field, "")


class YearPair(NamedTuple):
    """The forms of one project in two years.

    `rows` pairs their indicators; `alone` are last year's that have none now, each with one whose name is like its own.
    """

    last: ComparedForm
    this: ComparedForm
    rows: Sequence[tuple[ComparedRow, ComparedRow]]
    alone: Sequence[tuple[ComparedRow, ComparedRow | None]]

    @property
    def before(self) -> str:
        """What the other year is called: 2021年, 上年."""
        return f"{self.last.year}年" if self.last.year else "上年"


class AlikeText(NamedTuple):
    """A text of a form that is nearly that of another; `others` counts all the others, `percent` how like they are."""

    form: ComparedForm
    text: ComparedText
    other: ComparedForm
    other_text: ComparedText
    percent: int
    others: int


class CommonText(NamedTuple):
    """A text that so many units write that it must be from a model; `forms` counts them."""

    form: ComparedForm
    text: ComparedText
    forms: int


class Folder(NamedTuple):
    """The forms of many units, and which of their texts are alike."""

    forms: Sequence[ComparedForm]
    alike: Sequence[AlikeText] = ()
    common: Sequence[CommonText] = ()


def without_years(words: str) -> str:
    """Words without white space and without the years in them: 2021年度, （2021-2022年）, 本年."""
    return _YEARS.sub("", normalize(words))


@lru_cache(maxsize=65_536)
def name_key(words: str) -> str:
    """A name of a unit, a project or an indicator as it is compared."""
    names = measures()["names"]
    key = _SIGNS.sub("", _NUMBERING.sub("", without_years(words))).lower()
    short = key
    for word in names["dropped"]:
        short = short.replace(word, "")
    for one, other in names["same"]:
        short = short.replace(one, other)
    return short or key


def is_general(key: str) -> bool:
    """Whether the name of a project could be anybody's: 专项工作经费."""
    for word in measures()["names"]["kinds"]:
        key = key.replace(word, "")
    return len(key) < 2


def plain_name(words: str) -> str:
    """The name of an indicator without its number and stars: 指标2:, 1., ★."""
    words = " ".join(words.split()).lstrip("★ ")
    return _NUMBERING.sub("", words).strip() or words


def shortened(words: str, most: int = 24) -> str:
    """The first words of a name or text, in one line, for a message."""
    words = " ".join(words.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
