"""The TOML files of the package: each is parsed once, and kept compiled beside it as Python keeps its modules.

The rules of Python hold for what is kept: in `__pycache__`, for each version of Python, no longer than the file has
the same time and size, written whole or not at all; where it cannot be written, the file is parsed each time. Files of
users are no part of the package and always parsed.
"""

from __future__ import annotations

from decimal import Decimal
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any


def packaged(path: Path) -> dict[str, Any]:
    """The tables of a TOML file of the package, its numbers exact; new ones each time."""
    code: Any = _Toml(path.name, str(path)).get_code(path.name)  # None only of modules without a source
    space: dict[str, Any] = {"Decimal": Decimal}
    exec(code, space)
    content: dict[str, Any] = space["content"]
    return content


class _Toml(SourceFileLoader):
    """Python's own loader of a source file and of what is kept of it, for another kind of source."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """The tables as a module with one name."""
        import tomllib  # not where they are kept

        content = tomllib.loads(bytes(data).decode("utf-8"), parse_float=Decimal)
        code: CodeType = compile(f"content = {content!r}", path, "exec")
        return code

    def get_data(self, path: str) -> bytes:
        """The bytes of the file, or of what is kept of it."""
        return super().get_data(_kept(path))

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        """Keeps what was compiled."""
        super().set_data(_kept(path), data, _mode=_mode)


def _kept(path: str) -> str:
    """Where it is kept: not where a module of the same name is."""
    return f"{path[:-4]}.toml.pyc" if path.endswith(".pyc") else path
