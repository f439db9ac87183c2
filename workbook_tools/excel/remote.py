"""Files elsewhere (`s3://`, `abfs://`, `memory://` …), by fsspec, and files whose bytes came with a job.

Both answer as a `Path` does to what reading and listing ask for. Credentials are those that the libraries find in the
environment of the process; an address that holds some is refused, because addresses are shown.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from workbook_tools.errors import BadData, FileRejected, WorkbookToolsError, how_to_install
from workbook_tools.text import shown_path

ELSEWHERE = "://"


def is_elsewhere(path: Path | str) -> bool:
    """Whether a path is an address."""
    return ELSEWHERE in str(path)


def to_path(words: str) -> Path:
    """The path, or what answers like one for an address; raises `BadData` where the address cannot be used."""
    if not is_elsewhere(words):
        return Path(words)
    kind, _, rest = words.partition(ELSEWHERE)
    if kind == "file":
        return Path(rest)
    if "@" in rest.partition("/")[0] and kind not in ("abfs", "abfss"):  # there the account's name stands behind it
        raise BadData(f"{kind}{ELSEWHERE} 的地址里不要写用户名和密码；请放在环境变量或它自己的设置里")
    try:
        from upath import UPath

        with reaching(words):
            return cast("Path", UPath(words))
    except (ImportError, ValueError):
        raise BadData(
            f"{words}：读写 {kind}{ELSEWHERE} 的程序没有安装，或者没有这种地址；{how_to_install('cluster')}"
        ) from None


@contextmanager
def reaching(path: Path | str) -> Iterator[None]:
    """Whatever a library raises about an address becomes one sentence, without its words, which may tell too much."""
    try:
        yield
    except (WorkbookToolsError, FileNotFoundError, ImportError, ValueError):
        raise
    except Exception as fault:  # each library has its own
        said = f"{shown_path(path)}：不能访问（{type(fault).__name__}）；请核对地址、网络和访问权限"
        raise FileRejected("E_REMOTE", said) from None


def info(path: Path) -> dict[str, Any]:
    """What is known of a file elsewhere: its size, its time, its version."""
    elsewhere = cast("Any", path)
    with reaching(path):
        return dict(elsewhere.fs.info(elsewhere.path))


class SentFile:
    """A file whose bytes, or whose fault, were read where the job came from."""

    def __init__(self, path: Path, data: bytes | FileRejected) -> None:
        self._words, self._data = str(path), data
        self.name, self.suffix = path.name, path.suffix

    def __str__(self) -> str:
        return self._words

    def stat(self) -> SimpleNamespace:
        """Its size, as of a plain file."""
        return SimpleNamespace(
            st_mode=stat.S_IFREG, st_size=0 if isinstance(self._data, FileRejected) else len(self._data)
        )

    def read_bytes(self) -> bytes:
        """Its bytes; raises `FileRejected` where it could not be read."""
        if isinstance(self._data, FileRejected):
            raise self._data
        return self._data
