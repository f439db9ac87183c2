"""Words taken apart into their figures and the rest, so that the same words with other figures are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook_tools.text import regex
from workbook_tools.values import normalize

FIGURES = regex(r"\d+(?:,\d{3})*(?:\.\d+)?")
PIECE = regex(r"[^。;:!?]+")  # a sentence, without what introduces it
_PLACE = "□"
_SIGNS = regex(r"[\s,、。;:.“”\"()]")


def parted(words: str) -> tuple[tuple[str, ...], str]:
    """The figures of words, and the words with a sign in their places, without stops and brackets."""
    text = normalize(words)
    return tuple(_plain(one) for one in FIGURES.findall(text)), _SIGNS.sub("", FIGURES.sub(_PLACE, text))


def pieces(words: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The same of each sentence of a text that has figures."""
    for piece in PIECE.finditer(normalize(words)):
        figures, rest = parted(piece[0])
        if figures:
            yield figures, rest


def same_words(said: str, known: Iterable[str]) -> bool | None:
    """Whether words are those of the form; False where they are but for their figures, None where they are others."""
    figures, words = parted(said)
    alike = [others for others, rest in map(parted, known) if rest == words]
    if not alike or not words.replace(_PLACE, ""):
        return None
    return figures in alike


def _plain(figure: str) -> str:
    """A figure without commas and final zeros: 13.00 and 13 are one."""
    words = figure.replace(",", "")
    return words.rstrip("0").rstrip(".") if "." in words else words
