"""Text for a terminal: lines no wider than it, columns that line up with Chinese characters, one line of progress."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from workbook_tools.text import regex, shown_path, visible

WIDEST, NARROWEST = 120, 40  # columns of a line, whatever the terminal has
LEAST = 8  # columns of a table's cell that has to be broken
PROGRESS = "[{n_fmt}/{total_fmt}] {percentage:3.0f}% [{bar:20}] 还要约 {remaining}  {desc}"
_BEFORE, _AFTER = "（“‘《〈【〔", "，。；：、！？）”’》〉】〕%…"  # never at the end, never at the start of a line
_PIECE = regex(rf"\s+|[{_BEFORE}]*(?:[!-~]+|[^\s{_BEFORE}])[{_AFTER}]*|[{_BEFORE}]+")
_ALONE = regex("\r(?!\n)")  # goes back to the start of the line
_HEAD = regex(r" *(?:\S+ [A-Z]\d{3}  |\d+\. )?")  # further lines begin below the words that follow it


def width(text: str) -> int:
    """How many columns the text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def room(stream: TextIO | None = None) -> int | None:
    """Columns of a line; None if the output is not a terminal: files and pipes get whole lines."""
    if not (stream or sys.stdout).isatty():
        return None
    import shutil  # only on a terminal

    return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))


def wrapped(line: str, most: int, indent: int = 0) -> list[str]:
    """The line broken into lines of at most so many columns; all but the first begin with blanks."""
    if width(line) <= most:
        return [line]
    lines, now, first = [], "", True
    for piece in _pieces(line, most - indent):
        if width(now + piece.rstrip()) > most and now.strip():
            lines.append(now.rstrip())
            now, first = " " * indent, False
        now += piece if now.strip() or first else piece.lstrip()
    return [*lines, now.rstrip()]


def _pieces(line: str, most: int) -> Iterator[str]:
    """What stays together: a word of Latin letters, a Chinese character with its punctuation."""
    for found in _PIECE.finditer(line):
        piece = found[0]
        while width(piece) > most and len(piece) > 1:
            end = next((end for end in range(most, 1, -1) if width(piece[:end]) <= most), 1)
            yield piece[:end]
            piece = piece[end:]
        yield piece


def columns(rows: Sequence[Sequence[str]], most: int | None = None) -> list[str]:
    """The rows as lines whose cells stand under each other, broken within their columns where they are too wide.

    `most` is the terminal's width less an indent where it is not given.
    """
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    widest = [max(width(row[column]) for row in flat) for column in range(len(flat[0]))]
    most = most or (room() or 0) - 4
    while 0 < most < sum(widest) + 2 * (len(widest) - 1) and max(widest) > LEAST:
        widest[widest.index(max(widest))] -= 1
    return [line for row in flat for line in _row(row, widest)]


def _row(cells: Sequence[str], widest: Sequence[int]) -> Iterator[str]:
    broken = [wrapped(cell, most) for cell, most in zip(cells, widest, strict=True)]
    for number in range(max(map(len, broken))):
        parts = [lines[number] if number < len(lines) else "" for lines in broken]
        yield "  ".join(_padded(part, most) for part, most in zip(parts, widest, strict=True)).rstrip()


def _padded(cell: str, most: int) -> str:
    return cell + " " * (most - width(cell))


class Wrapping:
    """A terminal or file that gets nothing which would steer a terminal; lines too long for a terminal are broken.

    They go on below the words that they continue. `bare` is the stream itself, for what is to steer it.
    """

    def __init__(self, stream: TextIO, most: int | None = None) -> None:
        self.bare, self._most, self._line = stream, most, ""
        self.before: Callable[[], None] = lambda: None  # what has to go from the line that is written next

    def write(self, text: str) -> int:
        """Writes whole lines; the last one waits for its end."""
        self.before()
        mark = text[: text.startswith("\ufeff")]  # which begins a CSV file that Excel opens by itself
        shown = mark + visible(_ALONE.sub("[U+000D]", text.removeprefix(mark)), "\r\n\t")
        if self._most is None:
            self.bare.write(shown)
            return len(text)
        *lines, self._line = (self._line + shown).split("\n")
        for line in lines:
            head = _HEAD.match(line)
            indent = width(head[0]) if head else 0
            self.bare.write("\n".join(wrapped(line, self._most, indent)) + "\n")
        return len(text)

    def flush(self) -> None:
        """Writes what waits."""
        self.bare.write(self._line)
        self._line = ""
        self.bare.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


class Progress:
    """A line of progress on a terminal, with the time left; none for a single file.

    It is updated once a second, and stands again below what else was written. Nothing is written where the stream is a
    file or a pipe.
    """

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total, self._stream = total, getattr(stream, "bare", stream)
        self._live = total > 1 and stream.isatty()
        self._began = self._said = time.monotonic()
        self._shown = False
        if self._live and isinstance(sys.stdout, Wrapping) and sys.stdout.isatty():
            sys.stdout.before = self.done

    def show(self, number: int, name: str) -> None:
        """Report that file `number` is being processed."""
        now = time.monotonic()
        since = self._said if self._shown else self._began
        if not self._live or (now - since < 1 and number > 1):
            return
        self._said = now
        line = f"[{number}/{self._total}] {shown_path(name)}"
        if number > 1:
            from tqdm.std import tqdm  # not before a run has lasted a second

            most = (room(self._stream) or WIDEST) - 1
            line = tqdm.format_meter(
                number, self._total, now - self._began, most, shown_path(name), ascii=" =", bar_format=PROGRESS
            )
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()
        self._shown = True

    def done(self) -> None:
        """Clears the line."""
        if self._shown:
            self._shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()
