"""Everything that a server keeps as one archive, whatever its database and its store of files are; and back again."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workbook_tools.errors import FileRejected
from workbook_tools.web.database import SQLITE, make_admin
from workbook_tools.web.files import Files
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store
from workbook_tools.web.tables import metadata, version

LOST = (
    "放文件的地方少了第 {id} 号“{name}”的文件（{file}），没有备份；请核对 --folder、--files 和启动时是不是一样，"
    "文件真的丢了的，从以前的备份里找回来"
)
VERSION = 3  # 1 had no closings and nobody who manages the others, 2 nothing that a unit had deleted


def backup(settings: WebSettings, path: Path) -> int:
    """Writes the archive; gives how many files are in it. Other processes may go on working meanwhile."""
    if not path.parent.is_dir():
        raise FileRejected("E_FILE", f"{path.parent}：没有这个文件夹，没有备份")
    if not settings.database and not (settings.folder / SQLITE).is_file():
        said = "没有收表的数据库，没有备份；请写上启动时一样的 --folder、--database"
        raise FileRejected("E_FILE", f"{settings.folder}：{said}")
    store, files = Store(settings.database, settings.folder), Files(settings.files, settings.folder)
    part = path.with_name(f"{path.name}.part")
    with store.reading() as db:  # one moment of all tables; what they name is in the store of files already
        rows = {table.name: [dict(row._mapping) for row in db.execute(sa.select(table))] for table in _tables()}
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))  # for this user only: it holds the forms of all units
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for row in _with_files(rows):
                if (data := _data(store, files, row)) is not None:
                    archive.writestr(f"files/{row['file']}", data)
            archive.writestr("tables.json", json.dumps({"version": VERSION, "tables": rows}, ensure_ascii=False))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    store.close()
    return _count(rows)


def _data(store: Store, files: Files, row: dict[str, Any]) -> bytes | None:
    """The file of a row; None where a unit has deleted it meanwhile, and then the row is as it is now."""
    try:
        return files.get(row["file"])
    except FileNotFoundError:
        with store.reading() as db:
            now = db.execute(
                sa.select(version).where(version.c.id == row["id"], version.c.deleted.is_not(None))
            ).first()
        if now is None or now.sha256 != row["sha256"]:
            raise FileRejected("E_FILE", LOST.format(**row)) from None
        row.update(now._mapping)
        return None


def _with_files(rows: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows that have a file: not of what a unit has deleted."""
    return [row for row in (*rows["version"], *rows["closing"]) if row["file"]]


def _count(rows: Mapping[str, list[dict[str, Any]]]) -> int:
    """How many forms there are."""
    return sum(bool(row["file"]) for row in rows["version"])


def restore(settings: WebSettings, path: Path) -> int:
    """Puts everything back into an empty server; raises `FileRejected` for one in use or an unsound archive."""
    if not path.is_file():
        raise FileRejected("E_FILE", f"{path}：没有这个文件，没有还原")
    store, files = Store(settings.database, settings.folder), Files(settings.files, settings.folder)
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read("tables.json"))
            if said["version"] not in range(1, VERSION + 1):
                raise FileRejected("E_KIND", f"{path}：这是更新的版本写的备份，请用写它的那个版本还原")
            rows = {table.name: [] for table in _tables()} | said["tables"]
            with_files = _with_files(rows)
            kept = {row["file"]: archive.read(f"files/{row['file']}") for row in with_files}
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as fault:
        raise FileRejected("E_DAMAGED", f"{path}：不是备份，或者已经损坏，没有还原") from fault
    for row in with_files:
        if hashlib.sha256(kept[row["file"]]).hexdigest() != row["sha256"]:
            raise FileRejected("E_DAMAGED", f"{path}：里面的“{row['name']}”和回执上的 SHA-256 不符，没有还原")
    with store.transaction() as db:
        if any(db.execute(sa.select(sa.func.count()).select_from(table)).scalar() for table in _tables()):
            raise FileRejected("E_KIND", "这个服务器里已经有数据，没有还原；请还原到空的文件夹和空的数据库")
        for row in with_files:
            row["file"] = files.put(kept[row["file"]], Path(row["file"]).suffix)
        for table in _tables():
            if rows[table.name]:
                db.execute(sa.insert(table), rows[table.name])
        make_admin(db)
        if db.dialect.name == "postgresql":  # the next number is not that of a row that was put back
            for table in _tables():
                last = f'SELECT COALESCE(MAX(id), 1) FROM "{table.name}"'
                db.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), ({last}))")
    store.close()
    return _count(rows)


def _tables() -> list[sa.Table]:
    return list(metadata.sorted_tables)
