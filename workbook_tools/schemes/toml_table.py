"""A table of TOML whose keys are taken one by one, so that an unknown key or a wrong kind of value is refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from workbook_tools.errors import BadScheme
from workbook_tools.excel import refused_by_system

Word = TypeVar("Word", bound=str)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file that people edit, its numbers exact; raises `BadScheme` without the name of the file."""
    import tomllib  # most commands read only files of the package

    try:
        return tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError as fault:
        raise BadScheme(refused_by_system(fault, "读取").sentence) from fault
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        from workbook_tools.excel.tables import unreadable  # only where a file is at fault

        raise BadScheme(unreadable(fault)) from fault


def write_toml(path: Path, text: str) -> None:
    """Writes a file that people edit, whole or not at all; raises `FileRejected` with its name."""
    new = path.with_name(f"~{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        new.replace(path)
    except OSError as fault:
        raise refused_by_system(fault, "写入").at(path) from fault


class TomlTable:
    """A TOML table whose keys are taken one by one; what is left over is an unknown key."""

    def __init__(self, place: str, content: Mapping[str, Any]) -> None:
        self.place = f"[{place}] " if place else ""
        self.content = dict(content)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of a key, taken out; raises `BadScheme` where it lacks or is of another kind."""
        value = self.content.pop(key, default)
        if value is None or not isinstance(value, kind) or isinstance(value, bool):
            raise BadScheme(f"{self.place}缺少 {key}，或写法不对")
        return value

    def word(self, key: str, *, default: str | None = None) -> str:
        """A text."""
        word: str = self.take(key, str, default)
        return word

    def words(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        words = self.take(key, (list, tuple), default)
        if wrong := [word for word in words if not isinstance(word, str)]:
            raise BadScheme(f"{self.place}{key} 不认识“{wrong[0]}”")
        return tuple(words)

    def one_of(self, key: str, known: tuple[Word, ...], *, default: Word | None = None) -> Word:
        """A word of a closed set."""
        return self._known(key, self.take(key, str, default), known)

    def each_of(self, key: str, known: tuple[Word, ...]) -> tuple[Word, ...]:
        """A list of words of a closed set."""
        return tuple(self._known(key, word, known) for word in self.take(key, list))

    def number(self, key: str) -> Decimal:
        """An exact number."""
        return self.exact(key, self.take(key, (int, Decimal)))

    def exact(self, key: str, value: object) -> Decimal:
        """A value as a number; raises `BadScheme` for anything else, NaN and ∞ too."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise BadScheme(f"{self.place}{key} 的“{value}”不是数")
        return Decimal(value)

    def table(self, key: str, default: Mapping[str, Any] | None = None) -> TomlTable:
        """A table below this one."""
        return TomlTable(key, self.take(key, dict, default))

    def tables(self, key: str, default: list[Any] | None = None) -> list[TomlTable]:
        """A list of tables."""
        listed = self.take(key, list, default)
        if not all(isinstance(content, dict) for content in listed):
            raise BadScheme(f"{self.place}{key} 的写法不对，应写成 [[{key}]]")
        return [TomlTable(key, content) for content in listed]

    def done(self) -> None:
        """Raises `BadScheme` where keys are left over."""
        if self.content:
            raise BadScheme(f"{self.place}无效的项：{'、'.join(self.content)}")

    def _known(self, key: str, word: object, known: tuple[Word, ...]) -> Word:
        for one in known:
            if one == word:
                return one
        raise BadScheme(f"{self.place}{key} “{word}”无效，只能是 {'、'.join(known)}")
