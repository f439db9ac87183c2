"""What a bureau takes from a collection: the workbooks that the commands write, and all files in one archive."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from workbook_tools.summary.results import Result, results_list
from workbook_tools.text import file_name
from workbook_tools.values import read_points
from workbook_tools.web.isolation import Worked
from workbook_tools.web.standing import Standing, local

TITLES = {"summary": "汇总表", "review": "复核（连同报送的表）", "files": "全部报送文件"}
FORMS, UNITS, RECEIVED, RESULTS = "报送的表", "名单.txt", "收到日期.csv", "审核结果.csv"
SUMMARY, REVIEW = "汇总表.xlsx", "复核.xlsx"


class Product(NamedTuple):
    """A file for the bureau; no bytes where `said` tells why there is none."""

    data: bytes
    ending: str
    said: str


async def made(state: Any, kind: str, collection: Row[Any], units: Sequence[Standing]) -> Product:
    """A product of a collection."""
    given = await run_in_threadpool(forms_of, state, units)
    scheme = ["--scheme", collection.scheme] if collection.scheme else []
    if kind == "files":
        return Product(await run_in_threadpool(archive_of, given), ".zip", "")
    results = {RESULTS: _results(units)}
    if kind == "review":
        worked = await state.workshop.run(
            given | results, ["review", FORMS, "-o", REVIEW, "--results", RESULTS, *scheme]
        )
        return await run_in_threadpool(_product, worked, given, REVIEW)
    lists = {UNITS: "\n".join(one.unit.name for one in units).encode(), RECEIVED: _receipts(units), **results}
    arguments = ["summary", FORMS, "-o", SUMMARY, "--expected", UNITS, "--receipts", RECEIVED, "--results", RESULTS]
    arguments += scheme + (["--deadline", collection.deadline] if collection.deadline else [])
    worked = await state.workshop.run(given | lists, arguments)
    if SUMMARY in worked.files:
        return Product(worked.files[SUMMARY], ".xlsx", "")
    return Product(b"", "", worked.refused or worked.record.get("said", ""))


def _product(worked: Worked, given: Mapping[str, bytes], wanted: str) -> Product:
    """What was made in one archive with what was given; nothing where it lacks what is wanted."""
    if wanted not in worked.files:
        return Product(b"", "", worked.refused or worked.record.get("said", ""))
    return Product(archive_of({**given, **worked.files}), ".zip", "")


def forms_of(state: Any, units: Sequence[Standing]) -> dict[str, bytes]:
    """The versions that count, under names that say whose they are."""
    counting = [(one, project.version) for one in units for project in one.projects]
    return {f"{FORMS}/{name_of(one, version)}": state.files.get(version.file) for one, version in counting}


def _results(units: Sequence[Standing]) -> bytes:
    """What the reviewers have given, as the commands read it."""
    counting = [(one, project.version) for one in units for project in one.projects]
    known = [(name_of(one, version), "", _result(version)) for one, version in counting if version.reviewed]
    return results_list(known).encode()


def _result(version: Row[Any]) -> Result:
    score = read_points(version.review_score)
    return Result(score, version.review_grade, version.review_opinion, version.review_basis)


def name_of(one: Standing, version: Row[Any]) -> str:
    """The name of a version among those of all units."""
    path = PurePath(version.name)
    return file_name(f"{one.unit.name}_{version.id:06d}_{path.stem}", path.suffix.lower())


def _receipts(units: Sequence[Standing]) -> bytes:
    """The list of receipts as the command reads it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("文件", "收到日期"))
    for one in units:
        for project in one.projects:
            at = local(project.versions[0].handed_in)
            writer.writerow((name_of(one, project.version), f"{at:%Y-%m-%d}" if at else ""))
    return ("\ufeff" + out.getvalue()).encode()


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
