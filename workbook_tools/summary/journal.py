"""The rows read so far for a 汇总表, in a file beside it: an interrupted run continues where it stopped.

A file counts as read while its size and its time are the same and the program is the same; else it is read again, as
is one that could not be read: the next time its server answers, or its worker is not killed.
Memory does not grow with the number of forms.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from decimal import Decimal
from hashlib import sha256
from os import fsdecode, fsencode
from pathlib import Path
from typing import Any, Literal

from workbook_tools import __version__
from workbook_tools.errors import FileRejected
from workbook_tools.excel import refused_by_system
from workbook_tools.excel.remote import info, is_elsewhere, to_path
from workbook_tools.folders import state_folder
from workbook_tools.schemes.files import outside_files
from workbook_tools.summary.rows import FindingRow, FormRow, IndicatorRow, WorkbookRows

Kind = Literal["form", "indicator", "refused", "finding"]
EVERY = 50  # files after which what was read is safe on the disk


class Journal:
    """The rows of every file read so far; raises `FileRejected` when it cannot be kept."""

    def __init__(self, out: Path, scheme: str | None) -> None:
        self.path = _beside(out)
        columns = [field.name for kind in (FormRow, IndicatorRow, FindingRow) for field in fields(kind)]
        rules = [f"{file}:{file.stat().st_mtime_ns}" for file in outside_files()]  # changed rules give other rows
        self._program = f"{__version__} {scheme or ''} {' '.join([*rules, *columns])}"
        self._unsaved = 0
        if not self.path.parent.is_dir():
            raise FileRejected("E_MISSING", f"没有“{self.path.parent}”这个文件夹，汇总表没有地方写")
        try:
            try:
                self._rows = _opened(self.path)
            except sqlite3.OperationalError:  # locked, or not to be written: not damaged
                raise
            except sqlite3.DatabaseError:  # cut short, or not ours
                self.path.unlink(missing_ok=True)
                self._rows = _opened(self.path)
        except (OSError, sqlite3.DatabaseError) as fault:
            if getattr(fault, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                raise FileRejected("E_SYSTEM", f"另一个汇总正在写 {out}，等它做完再试") from None
            raise _refused(fault).at(self.path) from None

    def unread(self, paths: Iterable[Path]) -> list[Path]:
        """The files that have to be read; what was kept of other files is dropped."""
        wanted = {_key(path): self._stamp(path) for path in paths}
        kept: dict[bytes, str | None] = dict(self._rows.execute("select path, stamp from file"))
        for path, stamp in kept.items():
            if wanted.get(path) != stamp:
                self._drop(path)
        return [to_path(fsdecode(path)) for path, stamp in wanted.items() if kept.get(path) != stamp]

    def add(self, path: Path, rows: WorkbookRows, findings: Iterable[FindingRow] = ()) -> None:
        """Keeps what was read of a file."""
        listed: list[tuple[Kind, object]] = [("form", asdict(row)) for row in rows.forms]
        listed += [("indicator", asdict(row)) for row in rows.indicators]
        listed += [("refused", row) for row in rows.refused]
        listed += [("finding", asdict(row)) for row in findings]
        said = [(_key(path), kind, json.dumps(row, default=_exact)) for kind, row in listed]
        stamp = None if rows.refused else self._stamp(path)
        self._rows.execute("insert or replace into file values (?, ?)", (_key(path), stamp))
        self._rows.executemany("insert into row values (?, ?, ?)", said)
        self._unsaved += 1
        if self._unsaved >= EVERY:
            self.keep()

    def keep(self) -> None:
        """Puts what was read onto the disk."""
        self._rows.commit()
        self._unsaved = 0

    def forms(self) -> Iterator[FormRow]:
        """The rows of all forms, in the order of the files' names."""
        return (FormRow(**_loaded(said)) for said in self._said("form"))

    def indicators(self) -> Iterator[IndicatorRow]:
        """The rows of all indicators, likewise."""
        return (IndicatorRow(**_loaded(said)) for said in self._said("indicator"))

    def findings(self) -> Iterator[FindingRow]:
        """The rows of all findings, likewise."""
        return (FindingRow(**_loaded(said)) for said in self._said("finding"))

    def refused(self) -> Iterator[tuple[str, str]]:
        """The files that were not read, each with why."""
        return ((path, why) for path, why in map(json.loads, self._said("refused")))

    def count(self, kind: Kind) -> int:
        """How many rows of a kind there are."""
        return int(self._rows.execute("select count(*) from row where kind = ?", (kind,)).fetchone()[0])

    def close(self) -> None:
        """Close the file; it is kept."""
        self._rows.close()

    def discard(self) -> None:
        """Removes the file: the summary is written."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _said(self, kind: Kind) -> Iterator[str]:
        found = self._rows.execute("select said from row where kind = ? order by path, rowid", (kind,))
        return (said for (said,) in found)

    def _drop(self, path: bytes) -> None:
        for table in ("file", "row"):
            self._rows.execute(f"delete from {table} where path = ?", (path,))

    def _stamp(self, path: Path) -> str:
        try:
            if is_elsewhere(path):
                return f"{sorted((name, str(said)) for name, said in info(path).items())} {self._program}"
            now = path.stat()
        except (OSError, ValueError, FileRejected):  # a name that the system does not take
            return ""
        return f"{now.st_size} {now.st_mtime_ns} {self._program}"


def _beside(out: Path) -> Path:
    """The file beside a 汇总表; of one at an address a file of this user's on this computer."""
    if not is_elsewhere(out):
        return out.with_name(f"~{out.stem}.读取进度")
    folder = state_folder() / "summary"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{sha256(str(out).encode()).hexdigest()[:16]}.读取进度"


def _refused(fault: Exception) -> FileRejected:
    """Why the file cannot be written."""
    if isinstance(fault, OSError):
        return refused_by_system(fault, "写入")
    return FileRejected("E_SYSTEM", f"无法写入（{fault}）；请换一个放汇总表的文件夹")


def _exact(value: object) -> list[str]:
    """A decimal as JSON keeps it: in a list of its own, so that no text is taken for one."""
    return [str(value)]


def _loaded(said: str) -> dict[str, Any]:
    return {name: Decimal(*value) if isinstance(value, list) else value for name, value in json.loads(said).items()}


def _key(path: Path) -> bytes:
    """The name of a file as the system has it: not every one is text."""
    return fsencode(str(path))


def _opened(path: Path) -> sqlite3.Connection:
    """The file with its tables, ours alone until it is closed or this program ends.

    Raises `sqlite3.DatabaseError`, and then it is closed.
    """
    path.touch(mode=0o600)  # it holds the words of forms that not everybody may read
    rows = sqlite3.connect(path, timeout=0)
    try:
        rows.execute("pragma locking_mode = exclusive")
        rows.execute("begin exclusive")
        rows.execute("create table if not exists file (path blob primary key, stamp text)")
        rows.execute("create table if not exists row (path blob, kind text, said text)")
        rows.execute("create index if not exists of_kind on row (kind, path)")
        rows.commit()
    except sqlite3.DatabaseError:
        rows.close()
        raise
    return rows
