"""What follows from a 复核 that the reviewer has filled in: 问题清单 and notices, and the reviews on the pages.

Where nobody has typed a review on the page, what the 复核 comes to stands there; where it differs, a person chooses.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.summary.results import Result, Results, read_results
from workbook_tools.text import file_name, visible
from workbook_tools.values import plain, read_points
from workbook_tools.web.desk import Collected, back, collected, not_found
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import attachment, message, page
from workbook_tools.web.products import RESULTS, REVIEW, archive_of, forms_of, name_of
from workbook_tools.web.standing import Standing, shown
from workbook_tools.web.store import Store

LIST = "问题清单.xlsx"  # as the command calls it
ADOPTED = "采用复核表"


class Compared(NamedTuple):
    """What a 复核 comes to for a version, and what stands on its page."""

    unit: Standing
    version: Row[Any]
    result: Result

    @property
    def merged(self) -> dict[str, str]:
        """The review with what the 复核 says; what it does not say stays as it is on the page."""
        score = "" if self.result.score is None else plain(self.result.score)
        said = {"score": score, "grade": self.result.grade, "opinion": self.result.opinion}
        return {name: words or self.typed[name] for name, words in said.items()}

    @property
    def typed(self) -> dict[str, str]:
        """What stands on the page."""
        names = ("score", "grade", "opinion")
        return {name: self.version._mapping[f"review_{name}"] or "" for name in names}

    @property
    def other(self) -> bool:
        """Whether a person has to choose: both say something, and not the same."""
        mine, theirs = self.typed, self.merged
        points = read_points(mine["score"]), read_points(theirs["score"])
        return (bool(mine["score"]) and points[0] != points[1]) or any(
            mine[name] and mine[name] != theirs[name] for name in ("grade", "opinion")
        )

    @property
    def new(self) -> bool:
        """Whether the 复核 says something where the page has nothing."""
        return self.merged != self.typed and not self.other


async def close_review(request: Request, person: Person) -> Response:
    """What follows from the 复核 that the reviewer has filled in; all workbooks of one together."""
    found = await collected(request)
    if found is None:
        return not_found(request)
    form, state = await request.form(), request.app.state
    given = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    if not given:
        return message(request, "没有做成", "还没有选文件；请选填好的 复核.xlsx", 400)
    books = {name: await one.read() for name, one in _named(given).items()}
    made = await state.workshop.run(
        await run_in_threadpool(_needed, state, found, books), ["review", "close", *books, "--results", RESULTS]
    )
    if LIST not in made.files:
        said = made.refused or made.record.get("said", "")
        if len(given) == 1:  # told by the name that the person knows
            said = said.replace(f"{REVIEW}：", f"{visible(str(given[0].filename))}：")
        return message(request, "没有做成", said, 409)
    results = await run_in_threadpool(_read, made.files[RESULTS])
    number = await run_in_threadpool(_keep, state, person.name, found, books, made, results)
    return await back(request, person, f"/board/{found.collection.id}/closings/{number}", "已经算好")


def _named(given: Sequence[UploadFile]) -> dict[str, UploadFile]:
    """The workbooks by names of their own; a single one by the usual name."""
    if len(given) == 1:
        return {REVIEW: given[0]}
    names = (PurePath(str(one.filename).replace("\\", "/")).stem for one in given)
    return {file_name(stem, ".xlsx"): one for stem, one in zip(names, given, strict=True)}


def _needed(state: Any, found: Collected, books: Mapping[str, bytes]) -> dict[str, bytes]:
    """The forms, the workbooks of the review, and the list of issues so far, whose numbers stay."""
    had = state.store.closings(found.collection.id)
    with zipfile.ZipFile(io.BytesIO(state.files.get(had[0].file) if had else archive_of({}))) as archive:
        before = {LIST: archive.read(LIST)} if had else {}
    return {**forms_of(state, found.units), **books, **before}


def _read(data: bytes) -> Results:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / RESULTS
        path.write_bytes(data)
        return read_results(path)


def _keep(state: Any, who: str, found: Collected, books: Mapping[str, bytes], made: Any, results: Results) -> int:
    """Keeps what was made, and writes the reviews where the pages have none."""
    archive = archive_of({**books, **{name: data for name, data in made.files.items() if name != RESULTS}})
    file = state.files.put(archive, ".zip")
    by_name = {name_of(one, project.version): project.version for one in found.units for project in one.projects}
    rows = [
        [by_name[name].id, form, "" if one.score is None else plain(one.score), *one[1:]]
        for (name, form), one in results.known.items()
        if name in by_name
    ]
    values = {
        "name": "、".join(books),
        "sha256": hashlib.sha256(archive).hexdigest(),
        "file": file,
        "said": made.record.get("said", ""),
        "results": json.dumps(rows, ensure_ascii=False),
    }
    number: int = state.store.add_closing(who, found.collection.id, values)
    closing = next(one for one in state.store.closings(found.collection.id) if one.id == number)
    _adopt(state.store, who, closing, [one for one in compared(found, closing)[0] if one.new])
    return number


def compared(found: Collected, closing: Row[Any]) -> tuple[list[Compared], list[tuple[Standing, Row[Any]]]]:
    """What a 复核 came to beside what stands on the pages; and the versions of several forms."""
    of = {project.version.id: (one, project.version) for one in found.units for project in one.projects}
    rows: dict[int, list[Result]] = {}
    for version, _, score, *said in json.loads(closing.results):
        rows.setdefault(version, []).append(Result(read_points(score), *said))
    single = [
        Compared(*of[version], results[0]) for version, results in rows.items() if version in of and len(results) == 1
    ]
    return single, [of[version] for version, results in rows.items() if version in of and len(results) > 1]


def _adopt(store: Store, who: str, closing: Row[Any], chosen: Sequence[Compared]) -> list[str]:
    """Writes what a 复核 came to as the reviews of versions; the units of those that were reviewed meanwhile."""
    meanwhile = []
    for one in chosen:
        basis = f"{closing.person} {shown(closing.made)} 上传的复核表：{one.result.reason or '各行都按自评得分'}"
        values = {**one.merged, "returned": bool(one.version.returned), "basis": basis}
        about = (one.version.id, who, ADOPTED, values, closing.collection, one.version.review)
        if store.add_review(*about) is not None:
            meanwhile.append(one.unit.unit.name)
    return meanwhile


async def closing(request: Request, person: Person) -> Response:
    """What a 复核 came to, beside what stands on the pages."""
    found, one = await _closing(request)
    if found is None or one is None:
        return not_found(request)
    rows, several = compared(found, one)
    words = {"collection": found.collection, "closing": one, "rows": rows, "several": several, "person": person}
    without = sum(len(each.projects) for each in found.units) - len(rows) - len(several)
    lines = [line for line in one.said.splitlines() if line.strip()]
    return page(
        request,
        "closing.html",
        **words,
        without=without,
        lines=lines,
        shown=shown,
        left=sum(each.other for each in rows),
    )


async def adopt(request: Request, person: Person) -> Response:
    """Puts what the 复核 came to in the place of what was typed on the pages, for the versions that were chosen."""
    found, one = await _closing(request)
    if found is None or one is None:
        return not_found(request)
    wanted = set((await request.form()).getlist("version"))
    chosen = [each for each in compared(found, one)[0] if str(each.version.id) in wanted]
    meanwhile = await run_in_threadpool(_adopt, request.app.state.store, person.name, one, chosen)
    told = f"{len(chosen) - len(meanwhile)} 份已经采用复核表的结果" if chosen else "没有勾选，没有改动"
    told += f"；{'、'.join(meanwhile)}刚才有人审核过，没有改，请核对" if meanwhile else ""
    return await back(request, person, f"/board/{found.collection.id}/closings/{one.id}", told)


async def archive(request: Request, person: Person) -> Response:
    """The 问题清单 and the notices of a 复核."""
    found, one = await _closing(request)
    if found is None or one is None:
        return not_found(request)
    data = await run_in_threadpool(request.app.state.files.get, one.file)
    await run_in_threadpool(
        request.app.state.store.add_act, person.name, "下载", "问题清单和整改通知", found.collection.id
    )
    return attachment(data, file_name(f"{found.collection.title}_问题清单和整改通知", ".zip"))


async def _closing(request: Request) -> tuple[Collected | None, Row[Any] | None]:
    """The collection and the 复核 of the address."""
    found = await collected(request)
    if found is None:
        return None, None
    listed = await run_in_threadpool(request.app.state.store.closings, found.collection.id)
    return found, next((one for one in listed if one.id == request.path_params["closing"]), None)


ROUTES = [
    Route("/board/{number:number}/issues", for_people(close_review), methods=["POST"]),
    Route("/board/{number:number}/closings/{closing:number}", for_people(closing)),
    Route("/board/{number:number}/closings/{closing:number}", for_people(adopt), methods=["POST"]),
    Route("/board/{number:number}/closings/{closing:number}/file", for_people(archive)),
]
