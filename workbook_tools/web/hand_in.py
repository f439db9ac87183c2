"""The pages of one unit: upload, see what is wrong, hand in, get a receipt. Whoever has the link is the unit."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from workbook_tools.text import visible
from workbook_tools.values import normalize
from workbook_tools.web.check import NOT_A_WORKBOOK, TITLES, made_name, uploads
from workbook_tools.web.isolation import ENDINGS, Worked
from workbook_tools.web.pages import attachment, message, page
from workbook_tools.web.standing import newest, projects, shown
from workbook_tools.web.store import Store, receipt_number

NO_LINK = "这个链接不对，或者已经换了新的；请用信里的链接，或者联系收表的单位"
FULL = "贵单位上传的文件已经太多，这一次没有收下，以前的都在；还要上传的，请联系收表的单位"
CLOSED = "这次收表已经结束；还要改的，请联系收表的单位"
MAKES = ("filled", "marked", "report")  # what a unit can have made of its own file


async def home(request: Request) -> Response:
    """What the unit has sent, and the place for the next file."""
    unit = await _unit(request)
    return await _home(request, unit) if unit else _stranger(request)


async def upload(request: Request) -> Response:
    """Keeps each readable workbook as a version that is not handed in yet."""
    unit, state = await _unit(request), request.app.state
    if unit is None:
        return _stranger(request)
    if unit.closed:
        return message(request, "已经结束", CLOSED, 403)
    if wait := state.uploads.wait(f"unit {unit.id}"):  # many units share the address of their office's gateway
        return message(request, "请稍等", f"一分钟内上传得太多，请过 {int(wait) + 1} 秒再试", 429)
    count, size = await run_in_threadpool(state.store.kept, unit.id)
    async with request.form(max_files=state.settings.most_files, max_fields=4) as form:
        given = await uploads(form)
    size += sum(len(data) for _, data in given)
    if count + len(given) > state.settings.most_versions or size > state.settings.most_kept:
        return message(request, "传得太多", FULL, 403)
    faults, made = [], 0
    for name, data in given:
        if PurePath(name).suffix.lower() not in ENDINGS:
            faults.append((name, NOT_A_WORKBOOK))
            continue
        worked = await state.workshop.work(data, name, unit.scheme or None)
        if worked.refused:
            faults.append((name, worked.refused))
        else:
            made = await run_in_threadpool(_keep, state, unit.id, name, data, worked)
    if faults or not made:
        return await _home(request, unit, faults or [("", "还没有选文件，请先选自评表")])
    where = f"/v/{made}" if len(given) == 1 else ""
    return RedirectResponse(f"/u/{request.path_params['token']}{where}", 303)


def _keep(state: Any, unit: int, name: str, data: bytes, worked: Worked) -> int:
    """The file first, then its row: what has a row is safe."""
    forms = worked.record["forms"]
    file = state.files.put(data, PurePath(name).suffix.lower())
    values = {
        "name": name,
        "project": visible("、".join(filter(None, (form["project"] for form in forms)))),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "file": file,
        "record": json.dumps({**worked.record, "files": {}, "without": {}}, ensure_ascii=False),
        "total": "、".join(filter(None, (form["total"] for form in forms))),
        "grade": "、".join(filter(None, (form["grade"] for form in forms))),
        **{count: sum(form[count] for form in forms) for count in ("errors", "hints", "unchecked")},
    }
    store: Store = state.store
    return store.add_version(unit, values)


async def findings(request: Request) -> Response:
    """What was found in one version."""
    unit, version = await _version(request)
    if unit is None or version is None:
        return _stranger(request)
    record = json.loads(version.record)
    strange = sorted({form["unit"] for form in record["forms"] if normalize(form["unit"]) != normalize(unit.name)})
    links = [
        {"title": TITLES[kind], "name": "", "address": f"/u/{request.path_params['token']}/v/{version.id}/{kind}"}
        for kind in MAKES
    ]
    file = {"name": version.name, "refused": "", "links": links, **record}
    token = request.path_params["token"]
    return page(
        request, "version.html", unit=unit, version=version, file=file, strange=strange, token=token, shown=shown
    )


async def made(request: Request) -> Response:
    """One of the files that are made of a version: filled, marked, or a report."""
    unit, version = await _version(request)
    kind = request.path_params["kind"]
    if unit is None or version is None or kind not in MAKES:
        return _stranger(request)
    return await made_of(request, version, kind, unit.scheme)


async def made_of(request: Request, version: Row[Any], kind: str, scheme: str) -> Response:
    """A file made of a version, to be saved."""
    state = request.app.state
    data = await run_in_threadpool(state.files.get, version.file)
    worked = await state.workshop.work(data, version.name, scheme or None, [kind])
    if kind not in worked.files:
        return message(
            request, "没有做成", worked.refused or worked.record.get("without", {}).get(kind, "这种文件不能做成"), 409
        )
    return attachment(worked.files[kind], made_name(version.name, kind))


async def submit(request: Request) -> Response:
    """Hands a version in."""
    unit, version = await _version(request)
    if unit is None or version is None:
        return _stranger(request)
    if unit.closed and not version.handed_in:
        return message(request, "已经结束", CLOSED, 403)
    store: Store = request.app.state.store
    await run_in_threadpool(store.hand_in, version.id, unit.id, unit.name, unit.collection)
    return RedirectResponse(f"/u/{request.path_params['token']}/r/{version.id}", 303)


async def receipt(request: Request) -> Response:
    """The receipt of a version that was handed in."""
    unit, version = await _version(request)
    if unit is None or version is None or not version.handed_in:
        return _stranger(request)
    token, number = request.path_params["token"], receipt_number(version)
    return page(request, "receipt.html", unit=unit, version=version, number=number, token=token, shown=shown)


async def _home(request: Request, unit: Row[Any], faults: list[tuple[str, str]] | None = None) -> Response:
    store: Store = request.app.state.store
    versions = await run_in_threadpool(store.versions, unit.id)
    handed_in = sorted((one for one in versions if one.handed_in), key=lambda one: (one.handed_in, one.id))
    waiting = [one for one in newest(versions) if not one.handed_in]
    return page(
        request,
        "unit.html",
        400 if faults else 200,
        unit=unit,
        versions=versions,
        waiting=waiting,
        projects=projects(handed_in, unit.deadline),
        faults=faults or [],
        token=request.path_params["token"],
        most=request.app.state.settings,
        endings=",".join(ENDINGS),
        number=receipt_number,
        shown=shown,
    )


async def _unit(request: Request) -> Row[Any] | None:
    """The unit whose link it is; nobody guesses one of 256 random bits."""
    unit: Row[Any] | None = await run_in_threadpool(request.app.state.store.unit_of, request.path_params["token"])
    return unit


async def _version(request: Request) -> tuple[Row[Any] | None, Row[Any] | None]:
    """The unit and the version of the address; None for a version of another unit."""
    unit = await _unit(request)
    if unit is None:
        return None, None
    version = await run_in_threadpool(request.app.state.store.version, request.path_params["number"])
    return unit, version if version is not None and version.unit == unit.id else None


def _stranger(request: Request) -> Response:
    return message(request, "打不开", NO_LINK, 404)


ROUTES = [
    Route("/u/{token}", home),
    Route("/u/{token}/upload", upload, methods=["POST"]),
    Route("/u/{token}/v/{number:number}", findings),
    Route("/u/{token}/v/{number:number}/submit", submit, methods=["POST"]),
    Route("/u/{token}/v/{number:number}/{kind}", made),
    Route("/u/{token}/r/{number:number}", receipt),
]
