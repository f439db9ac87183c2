"""The lines of one form while they are worked out, in the order of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from workbook_tools.forms.form import Field, Line, Scores
from workbook_tools.values import HUNDRED, Quantity, Value, format_value, plain, round_half_up

ZERO = Decimal(0)


class Scorecard:
    """Lines by field path, and the weight of each row in use (None where it is not known).

    Scoring fills it; everybody else gets the `Scores` that cannot be changed. `given` are the points that a reviewer
    has settled, by field: they stand instead of what the rules give, None where they are not settled yet.
    """

    def __init__(self, places: int, given: Mapping[Field, Decimal | None] = MappingProxyType({})) -> None:
        self.places = places
        self.given = given
        self.weights: dict[Field, Decimal | None] = {}
        self._lines: dict[Field, Line] = {}

    def __contains__(self, field: Field) -> bool:
        return field in self._lines

    def __iter__(self) -> Iterator[Field]:
        return iter(tuple(self._lines))

    def __getitem__(self, field: Field) -> Line:
        return self._lines[field]

    def get(self, field: Field) -> Line | None:
        """The line of a field, None where there is none yet."""
        return self._lines.get(field)

    def scores(self, *, full: Decimal | None) -> Scores:
        """What stands on the card now, for good."""
        total, grade = (line.value if (line := self.get(field)) else None for field in ("total", "grade"))
        return Scores(
            MappingProxyType(dict(self._lines)),
            total if isinstance(total, Decimal) else None,
            grade if isinstance(grade, str) else None,
            full,
            MappingProxyType(dict(self.weights)),
        )

    def put(
        self,
        field: Field,
        value: Value | None,
        why: str,
        depends_on: Iterable[Field] = (),
        hint: str = "",
        *,
        judged: bool = False,
    ) -> Field:
        """Adds a line; gives its field."""
        if field in self.given:
            points = self.given[field]
            said = "复核时还没有定下来" if points is None else "按复核的得分"
            self._lines[field] = Line(None if points is None else self.round(points), said, judged=True)
            return field
        self._lines[field] = Line(value, why, tuple(depends_on), hint, judged)
        return field

    def withhold(self, field: Field, sentence: str, about: str) -> None:
        """Opens a line that rests on a rule which is not confirmed."""
        self._lines[field] = Line(None, sentence, withheld=about)

    def hint(self, field: Field, words: str) -> None:
        """Adds what a person should look at to a line."""
        line = self[field]
        self._lines[field] = line._replace(hint="；".join(filter(None, (line.hint, words))))

    def points(self, field: Field) -> Decimal | None:
        """The value of a line where it is points, money or a number of rows."""
        value = self[field].value
        return value if isinstance(value, Decimal) else None

    def round(self, number: Decimal) -> Decimal:
        """Half up to the places of the scheme."""
        return round_half_up(number, self.places)

    def sum(self, field: Field, parts: list[Field]) -> Field:
        """The sum of lines that must all be known."""
        values = [self.points(part) for part in parts]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return self.put(field, None, f"还有 {len(values) - len(known)} 项没有定下来，先不合计", parts)
        terms = " + ".join(str(value) for value in known).replace("+ -", "- ")
        return self.put(field, self.round(sum(known, ZERO)), terms if len(known) > 1 else "各行相加", parts)

    def weighted(self, field: Field, parts: list[tuple[Field, Decimal]]) -> Field:
        """The sum of lines that count for so many percent each, rounded once."""
        fields = [part for part, _ in parts]
        known = [(value, share) for part, share in parts if (value := self.points(part)) is not None]
        if len(known) < len(parts):
            return self.put(field, None, f"还有 {len(parts) - len(known)} 项没有定下来，先不合计", fields)
        exact = sum((value * share / HUNDRED for value, share in known), ZERO)
        total = self.round(exact)
        terms = " + ".join(f"{value} × {plain(share)}%" for value, share in known)
        return self.put(field, total, f"{terms} = {plain(exact)} → {total}", fields)


def percent(rate: Decimal) -> str:
    """A rate as it is printed."""
    return format_value(Quantity(rate, "%"))
