"""Where handed-in workbooks are kept: a folder, or any store that fsspec knows. A file is there whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import fsspec

from workbook_tools.errors import FileRejected

NO_STORE = "放文件的地方打不开；--files 要写一个文件夹，或者 s3://桶/文件夹（先 pip install s3fs）"


class Files:
    """The store of files of one server."""

    def __init__(self, address: str, folder: Path) -> None:
        try:
            self._system, self._root = fsspec.core.url_to_fs(address or str(folder / "files"))
        except (ValueError, ImportError) as fault:  # an address may hold a key
            raise FileRejected("E_FILE", NO_STORE) from fault
        self._on_disk = "file" in self._system.protocol
        if self._on_disk:
            Path(self._root).mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, data: bytes, ending: str) -> str:
        """Keeps a file under a new name of ours; nothing of the name that it came with is in it."""
        name = f"{secrets.token_hex(16)}{ending}"
        where = f"{self._root}/{name}"
        if not self._on_disk:
            self._system.pipe_file(where, data)
            return name
        try:
            with open(f"{where}.part", "xb") as file:  # noqa: PTH123
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{where}.part", where)
        except OSError:  # a full disk is not to be filled with halves
            Path(f"{where}.part").unlink(missing_ok=True)
            raise
        if os.name == "posix":
            folder = os.open(self._root, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a file."""
        return bytes(self._system.cat_file(f"{self._root}/{name}"))

    def delete(self, name: str) -> None:
        """Deletes a file; nothing where it is gone already."""
        with suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{name}")

    def names(self) -> list[str]:
        """All files that are kept whole."""
        found = (str(path).rpartition("/")[2] for path in self._system.ls(self._root, detail=False))
        return sorted(name for name in found if not name.endswith(".part"))
