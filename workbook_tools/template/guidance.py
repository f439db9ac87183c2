"""What an empty form says to the person who fills it in, and the room for texts: data beside the form."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.schemes.loading import FOLDER

FILE = "guidance.toml"


class Hint(NamedTuple):
    """The title and the words of a prompt; names in braces stand for words and numbers of the scheme."""

    title: str
    words: str


class Guidance(NamedTuple):
    """The words for the person who fills in one form, and the room for the texts that the person writes.

    Attributes:
        hints: the prompt of each sort of input.
        own_scores: heading of the column for a person's own scores beside a form whose scores are all calculated.
        text_height: least height of a row of texts, in points.
        text_length: characters for which there is room in the cell of a text.
        review_length: likewise in the cell of a text of the supervising department.
        steps: how the form is filled in; empty where it is said for every form alike.
    """

    hints: Mapping[str, Hint]
    own_scores: str
    text_height: int
    text_length: int = 0
    review_length: int = 0
    steps: tuple[str, ...] = ()


@cache
def load_guidance(scheme: str) -> Guidance:
    """The guidance of a form: what stands beside it, and for the rest what is said in every form.

    Raises `ValueError` where a file has a key that is not known.
    """
    common = tomllib.loads(Path(__file__).with_name(FILE).read_text("utf-8"))
    path = FOLDER / scheme / FILE
    special = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return read_guidance(common, special)


def read_guidance(common: Mapping[str, Any], special: Mapping[str, Any]) -> Guidance:
    """The guidance in two tables; the second has precedence, also hint by hint."""
    hints = {**common["hints"], **special.get("hints", {})}
    found: dict[str, Any] = {**common, **special, "hints": {sort: Hint(*words) for sort, words in hints.items()}}
    if unknown := [*(found.keys() - set(Guidance._fields)), *(hints.keys() - common["hints"].keys())]:
        raise ValueError(f"{FILE} 不认识的项：{'、'.join(sorted(unknown))}")
    lists: dict[str, Any] = {key: tuple(value) for key, value in found.items() if isinstance(value, list)}
    return Guidance(**{**found, **lists})
