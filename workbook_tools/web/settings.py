"""How the pages are served: folder, address, limits. Everything has a usual value that suits one office."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from workbook_tools.folders import state_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """What a server was started with.

    Attributes:
        folder: where the collections are kept: the database, the files that units have handed in, the key.
        database: the address of the database, as `postgresql+psycopg://user@host/name`; "" for SQLite in the folder.
        files: where handed-in files are kept: a folder or `s3://bucket/folder`; "" for `folder`.
        address: what the links in letters begin with, as `https://jx.example.gov.cn`.
        most_bytes: of one upload, all files together.
        most_files: of one upload.
        most_versions: that a unit may keep in one collection.
        most_kept: bytes of them.
        seconds: that one workbook may take.
        at_once: how many workbooks are worked on at the same time.
        waiting: how many more may wait for their turn.
        a_minute: how many uploads one address may send in a minute.
        behind_proxy: whether the address of the visitor is what a reverse proxy says it is.
    """

    folder: Path = field(default_factory=lambda: state_folder() / "serve")
    database: str = ""
    files: str = ""
    address: str = "http://127.0.0.1:8000"
    most_bytes: int = 20 << 20
    most_files: int = 10
    most_versions: int = 200
    most_kept: int = 200 << 20
    seconds: float = 60
    at_once: int = field(default_factory=lambda: os.cpu_count() or 1)
    waiting: int = 200
    a_minute: int = 30
    behind_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Whether visitors come over TLS, so that cookies may be kept from plain connections."""
        return self.address.startswith("https://")
