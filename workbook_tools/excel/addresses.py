"""Cells and their letters: (12, 2) is B12."""

from __future__ import annotations

from functools import lru_cache

Cell = tuple[int, int]  # row and column, from 1


@lru_cache(maxsize=65_536)
def position(reference: bytes) -> Cell:
    """B12 → row 12 and column 2; a row alone → that row and column 0."""
    letters = reference.rstrip(b"0123456789")
    return int(reference[len(letters) :]), column_number(letters)


@lru_cache(maxsize=65_536)
def column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
