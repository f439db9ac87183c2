"""A record does what a frozen dataclass of the standard library does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

from workbook_tools import records
from workbook_tools.forms.form import Form, Indicator
from workbook_tools.schemes.loading import load_scheme


def by_name(made: Callable[..., Any], field: Callable[..., Any]) -> Any:
    @made(frozen=True, slots=True, kw_only=True)
    class Row:
        """A row."""

        name: str
        score: int | None = None
        words: dict[str, str] = field(default_factory=dict)

        @property
        def long(self) -> str:
            return self.name * 2

    return Row


def in_order(made: Callable[..., Any], _: object) -> Any:
    @made(frozen=True)
    class Text:
        name: str
        following: tuple[str, ...] = ()

        @cached_property
        def long(self) -> str:
            return self.name * 2

    return Text


OURS, THEIRS = (records.dataclass, records.field), (dataclasses.dataclass, dataclasses.field)
BOTH = pytest.mark.parametrize("kind", [by_name, in_order], ids=lambda kind: kind.__name__)


def outcome(act: Callable[[], object]) -> object:
    """What comes of it: its words, or the kind of its fault."""
    try:
        return repr(act())
    except Exception as fault:
        return type(fault)


ACTS: dict[str, Callable[[Any], object]] = {
    "made": lambda cls: cls(name="一"),
    "all given": lambda cls: [cls(**{"name": "一", cls.__annotations__.copy().popitem()[0]: ()})],
    "nothing given": lambda cls: cls(),
    "another name": lambda cls: cls(name="一", other=1),
    "in order": lambda cls: cls("一"),
    "too many": lambda cls: cls("一", (), 1),
    "twice": lambda cls: cls("一", name="二"),
    "equal": lambda cls: (cls(name="一") == cls(name="一"), cls(name="一") == cls(name="二"), cls(name="一") == "一"),
    "same place": lambda cls: [hash(cls(name="一")) == hash(cls(name="一"))],
    "changed": lambda cls: setattr(cls(name="一"), "name", "二"),
    "deleted": lambda cls: delattr(cls(name="一"), "name"),
    "of its own": lambda cls: cls(name="一").long,
    "new": lambda cls: setattr(cls(name="一"), "other", "二"),
    "replaced": lambda cls: dataclasses.replace(cls(name="一"), name="二"),
    "replaced by another": lambda cls: dataclasses.replace(cls(name="一"), other="二"),
    "fields": lambda cls: [(one.name, one.type, one.kw_only) for one in dataclasses.fields(cls)],
    "as a dict": lambda cls: dataclasses.asdict(cls(name="一")),
    "copied": lambda cls: (copy.copy(cls(name="一")), copy.deepcopy(cls(name="一"))),
    "matched": lambda cls: cls.__match_args__,
    "told": lambda cls: (cls.__name__, cls.__doc__ is None, dataclasses.is_dataclass(cls)),
}
# The standard library writes a docstring where there is none; its own slots confuse what refuses a change.
DIFFERENT = {("told", in_order), ("new", by_name)}


@BOTH
@pytest.mark.parametrize("act", ACTS)
def test_a_record_does_what_a_dataclass_does(kind: Callable[..., Any], act: str) -> None:
    ours, theirs = (outcome(lambda made=made: ACTS[act](kind(*made))) for made in (OURS, THEIRS))  # type: ignore[misc]
    assert ours == theirs or (act, kind) in DIFFERENT


def test_what_is_made_for_one_record_is_not_shared() -> None:
    row = by_name(*OURS)
    assert row(name="一").words is not row(name="一").words


def test_replace_is_that_of_the_standard_library() -> None:
    row = by_name(*OURS)(name="一", score=1)
    assert records.replace(row, score=2) == dataclasses.replace(row, score=2)
    with pytest.raises(TypeError):
        records.replace(row, other=2)


def test_a_record_goes_to_another_process_and_back() -> None:
    scheme = load_scheme("zhongshan_2022")
    again = pickle.loads(pickle.dumps(scheme))
    assert again == scheme
    assert hash(again.sources) == hash(scheme.sources)


def test_the_records_of_a_form_name_what_is_missing() -> None:
    with pytest.raises(TypeError, match="Form has other fields, or lacks: "):
        Form()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Indicator("一")  # type: ignore[call-arg]


def test_what_may_change_is_no_record() -> None:
    with pytest.raises(TypeError):
        records.dataclass(frozen=False)
