"""Text for a terminal: columns that line up with Chinese characters, and one line of progress."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence
from typing import TextIO


def width(text: str) -> int:
    """How many columns the text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines whose cells stand under each other."""
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    widest = [max(width(row[column]) for row in flat) for column in range(len(flat[0]))]
    return ["  ".join(_padded(cell, most) for cell, most in zip(row, widest, strict=True)).rstrip() for row in flat]


def _padded(cell: str, most: int) -> str:
    return cell + " " * (most - width(cell))


class Progress:
    """One line that tells how far a long run is: at most once a second, and never for a single file."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream = total, stream
        self._live = stream.isatty()
        self._said = time.monotonic()

    def show(self, number: int, name: str) -> None:
        """Tells that file `number` is being worked on."""
        if self._total == 1 or (time.monotonic() - self._said < 1 and number > 1):
            return
        self._said = time.monotonic()
        line = f"[{number}/{self._total}] {name}"
        self._stream.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        self._stream.flush()

    def done(self) -> None:
        """Clears the line."""
        if self._live and self._total > 1:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
