"""What a bureau takes from a collection: the workbooks that the commands write, and all files in one archive."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from workbook_tools.text import file_name
from workbook_tools.web.standing import Standing, local

TITLES = {"summary": "汇总表", "files": "全部报送文件"}


async def made(state: Any, kind: str, collection: Row[Any], units: Sequence[Standing]) -> tuple[bytes, str]:
    """The bytes and the ending of a product; nothing and the sentence that says why."""
    if kind == "files":
        return await run_in_threadpool(_archive, state, units), ".zip"
    given = await run_in_threadpool(lambda: dict(_files(state, units)))
    given["名单.txt"] = "\n".join(one.unit.name for one in units).encode()
    given["收到日期.csv"] = _receipts(units)
    facts = {"job": kind, "deadline": collection.deadline, "scheme": collection.scheme or None}
    worked = await state.workshop.make(given, facts)
    return worked.files.get(kind, b""), ".xlsx" if kind in worked.files else worked.refused


def _files(state: Any, units: Sequence[Standing]) -> Iterator[tuple[str, bytes]]:
    """The versions that count, under names that say whose they are."""
    for one in units:
        for project in one.projects:
            yield _name(one, project.version), state.files.get(project.version.file)


def _name(one: Standing, version: Row[Any]) -> str:
    path = PurePath(version.name)
    return file_name(f"{one.unit.name}_{version.id:06d}_{path.stem}", path.suffix.lower())


def _receipts(units: Sequence[Standing]) -> bytes:
    """The list of receipts as the command reads it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("文件", "收到日期"))
    for one in units:
        for project in one.projects:
            at = local(project.first)
            writer.writerow((_name(one, project.version), f"{at:%Y-%m-%d}" if at else ""))
    return ("\ufeff" + out.getvalue()).encode()


def _archive(state: Any, units: Sequence[Standing]) -> bytes:
    """All versions that count."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _files(state, units):
            archive.writestr(name, data)
    return out.getvalue()
