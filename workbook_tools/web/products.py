"""What a bureau takes from a collection: the workbooks that the commands write, and all files in one archive."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from workbook_tools.text import file_name
from workbook_tools.web.isolation import Worked
from workbook_tools.web.standing import Standing, local

TITLES = {"summary": "汇总表", "review": "复核（连同报送的表）", "files": "全部报送文件"}
FORMS, UNITS, RECEIVED = "报送的表", "名单.txt", "收到日期.csv"
SUMMARY, REVIEW = "汇总表.xlsx", "复核.xlsx"


class Product(NamedTuple):
    """A file for the bureau; no bytes where `said` tells why there is none."""

    data: bytes
    ending: str
    said: str


async def made(state: Any, kind: str, collection: Row[Any], units: Sequence[Standing]) -> Product:
    """A product of a collection."""
    given = await run_in_threadpool(lambda: {f"{FORMS}/{name}": data for name, data in _files(state, units)})
    scheme = ["--scheme", collection.scheme] if collection.scheme else []
    if kind == "files":
        return Product(await run_in_threadpool(_archive, given), ".zip", "")
    if kind == "review":
        worked = await state.workshop.run(given, ["review", FORMS, "-o", REVIEW, *scheme])
        return await run_in_threadpool(_product, worked, given, REVIEW)
    lists = {UNITS: "\n".join(one.unit.name for one in units).encode(), RECEIVED: _receipts(units)}
    arguments = ["summary", FORMS, "-o", SUMMARY, "--expected", UNITS, "--receipts", RECEIVED, *scheme]
    arguments += ["--deadline", collection.deadline] if collection.deadline else []
    worked = await state.workshop.run(given | lists, arguments)
    if SUMMARY in worked.files:
        return Product(worked.files[SUMMARY], ".xlsx", "")
    return Product(b"", "", worked.refused or worked.record.get("said", ""))


async def closed(state: Any, review: bytes, units: Sequence[Standing]) -> Product:
    """The 问题清单, the 复核汇总 and the notices that follow from a 复核 that a reviewer has filled in."""
    given = await run_in_threadpool(lambda: {f"{FORMS}/{name}": data for name, data in _files(state, units)})
    worked = await state.workshop.run(given | {REVIEW: review}, ["review", "close", REVIEW])
    return await run_in_threadpool(_product, worked, {}, "")


def _product(worked: Worked, given: Mapping[str, bytes], wanted: str) -> Product:
    """What was made in one archive with what was given; nothing where it lacks what is wanted."""
    if not worked.files or (wanted and wanted not in worked.files):
        return Product(b"", "", worked.refused or worked.record.get("said", ""))
    return Product(_archive({**given, **worked.files}), ".zip", "")


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


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
