"""The pages of one unit: upload, see what is wrong, hand in, get a receipt. Whoever has the link is the unit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import PurePath
from types import MappingProxyType
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
from workbook_tools.web.standing import Project, continued, named, newest, overdue, projects, shown
from workbook_tools.web.store import Store, receipt_number

NO_LINK = "这个链接不对；请用信里的链接（要完整），或者联系收表的单位"
REVOKED = "这个链接已经作废，请向{contact}索取新的；已经报送的表都还在"
REMOVED = "贵单位已经移出这次收表，不用再报送，以前报送的都留着；有疑问请联系{contact}"
CLOSED = "这次收表已经结束；还要改的，请联系{contact}"
FULL = "贵单位上传的文件已经太多，这一次没有收下，以前的都在；还要上传的，请联系{contact}"
ASK = "没有报送：贵单位已经报过别的项目，请选一下这一份是哪一个"
MAKES = ("filled", "marked", "report")  # what a unit can have made of its own file
KEPT = "这一份已经报送，不能删去；报送错了的，请上传正确的再报送一次，以最后报送的为准"
DELETED = "“{name}”已经在 {when} 删去，没有报送；请回到报送页"
GONE = "没有报送：勾上的有 {} 份已经删去；请看一下下面还有哪几份，再按一次"
MEANWHILE = "没有报送：贵单位刚才有人报送或者删去了一份；请看一下还有没有要报送的，再按一次"
APART = "new"  # said of a version that begins a project

Page = Callable[[Request, Row[Any]], Awaitable[Response]]


def for_units(show: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page of the unit whose link is in the address; nobody guesses one of 256 random bits."""

    async def shown_to(request: Request) -> Response:
        unit = await run_in_threadpool(request.app.state.store.unit_of, request.path_params["token"])
        if unit is None:
            return _stranger(request)
        if unit.revoked:
            return message(request, "链接已作废", _about(REVOKED, unit), 410)
        return await show(request, unit)

    return shown_to


def _about(sentence: str, unit: Row[Any]) -> str:
    """A sentence with whom to ask."""
    return sentence.format(contact=f"收表的单位（{unit.contact}）" if unit.contact else "收表的单位")


def _ended(unit: Row[Any]) -> str:
    """Why the unit cannot hand in now, "" where it can."""
    return _about(REMOVED, unit) if unit.removed else _about(CLOSED, unit) if unit.closed else ""


async def home(request: Request, unit: Row[Any]) -> Response:
    """What the unit has sent, and the place for the next file."""
    said = request.query_params.get("deleted", "")
    number = int(said) if said.isdecimal() and len(said) < 16 else 0
    gone = await run_in_threadpool(request.app.state.store.deleted, number, unit.id) if number else None
    return await _home(request, unit, deleted=gone)


async def upload(request: Request, unit: Row[Any]) -> Response:
    """Keeps each readable workbook as a version that is not handed in yet."""
    state = request.app.state
    if ended := _ended(unit):
        return message(request, "不能报送", ended, 403)
    if wait := state.uploads.wait(f"unit {unit.id}"):  # many units share the address of their office's gateway
        return message(request, "请稍等", f"一分钟内上传得太多，请过 {int(wait) + 1} 秒再试", 429)
    count, size = await run_in_threadpool(state.store.kept, unit.id)
    async with request.form(max_files=state.settings.most_files, max_fields=4) as form:
        given = await uploads(form)
    size += sum(len(data) for _, data in given)
    if count + len(given) > state.settings.most_versions or size > state.settings.most_kept:
        return message(request, "传得太多", _about(FULL, unit), 403)
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
        "record": json.dumps({**worked.record, "files": {}}, ensure_ascii=False),
        "total": "、".join(form["self_total"] for form in forms),
        "grade": "、".join(form["self_grade"] for form in forms),
        "errors": sum(form["own_errors"] for form in forms),
        **{count: sum(form[count] for form in forms) for count in ("hints", "unchecked")},
    }
    store: Store = state.store
    return store.add_version(unit, values)


async def findings(request: Request, unit: Row[Any]) -> Response:
    """What was found in one version."""
    version = await _version(request, unit)
    return await _findings(request, unit, version) if version else await _no_version(request, unit)


async def _findings(request: Request, unit: Row[Any], version: Row[Any], fault: str = "") -> Response:
    record = json.loads(version.record)
    strange = of_others(record, unit.name)
    links = [
        {"title": TITLES[kind], "name": "", "address": f"/u/{request.path_params['token']}/v/{version.id}/{kind}"}
        for kind in makes(record)
    ]
    file = {"name": version.name, "refused": "", "links": links, **record}
    words = {"unit": unit, "version": version, "file": file, "strange": strange, "fault": fault, "ended": _ended(unit)}
    words |= {"token": request.path_params["token"], "asked": await _asked(request, unit, version), "apart": APART}
    status, late = 400 if fault else 200, overdue(unit.deadline)
    return page(request, "version.html", status, **words, overdue=late, shown=shown)


def of_others(record: Mapping[str, Any], name: str) -> list[str]:
    """The units on the forms of a version that is handed in by the unit of that name, where they are others."""
    return sorted({form["unit"] for form in record["forms"] if normalize(form["unit"]) != normalize(name)})


def makes(record: Mapping[str, Any]) -> list[str]:
    """The files that can be made of a version: of a workbook that is only checked none that is a workbook."""
    return [kind for kind in MAKES if kind == "report" or "filled" not in record["without"]]


async def _asked(request: Request, unit: Row[Any], version: Row[Any]) -> list[Project]:
    """The projects of which a version may be a correction, where the unit has to say; none where that is clear."""
    known = await _projects(request, unit)
    return [] if version.handed_in or continued(known, version) else known


async def _projects(request: Request, unit: Row[Any]) -> list[Project]:
    versions = await run_in_threadpool(request.app.state.store.versions, unit.id)
    return projects(_in_order(versions), unit.deadline)


def _in_order(versions: Iterable[Row[Any]]) -> list[Row[Any]]:
    """What was handed in, the first one first."""
    return sorted((one for one in versions if one.handed_in), key=lambda one: (one.handed_in, one.id))


async def made(request: Request, unit: Row[Any]) -> Response:
    """One of the files that are made of a version: filled, marked, or a report."""
    version = await _version(request, unit)
    kind = request.path_params["kind"]
    if version is None or kind not in MAKES:
        return await _no_version(request, unit)
    if wait := request.app.state.uploads.wait(f"made {unit.id}"):  # each is worked on as an upload is
        return message(request, "请稍等", f"一分钟内下载得太多，请过 {int(wait) + 1} 秒再试", 429)
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


async def submit(request: Request, unit: Row[Any]) -> Response:
    """Hands a version in, as a correction of a project or as another one."""
    version = await _version(request, unit)
    if version is None:
        return await _no_version(request, unit)
    store: Store = request.app.state.store
    where = RedirectResponse(f"/u/{request.path_params['token']}/r/{version.id}", 303)
    if version.handed_in:
        return where
    if ended := _ended(unit):
        return message(request, "不能报送", ended, 403)
    known = await _projects(request, unit)
    same, said = continued(known, version), (await request.form(max_files=0)).get("project")
    chosen = {str(project.version.id): project.version.id for project in known} | {APART: version.id}
    if same is None and known and str(said) not in chosen:
        return await _findings(request, unit, version, ASK)
    follows = same.version.id if same else chosen[str(said)] if known else version.id
    done = await _handed_in(store, unit, version.id, follows, known)
    return where if done else await _findings(request, unit, version, MEANWHILE)


async def _handed_in(
    store: Store, unit: Row[Any], number: int, follows: int, known: Iterable[Project], more: int = 0
) -> bool:
    """Hands a version in, unless somebody of the unit has handed in another one since its projects were looked at."""
    seen = sum(len(one.versions) for one in known) + more
    done = await run_in_threadpool(store.hand_in, number, unit.id, unit.name, unit.collection, follows, seen)
    return done is not None


async def delete(request: Request, unit: Row[Any]) -> Response:
    """Deletes a version that is not handed in: its row first, then its file."""
    state, number = request.app.state, request.path_params["number"]
    version = await _version(request, unit)
    if version is None:
        return await _no_version(request, unit)
    file = await run_in_threadpool(state.store.delete_version, number, unit)
    if not file:
        return message(request, "没有删去", KEPT, 409)
    await run_in_threadpool(state.files.delete, file)
    return RedirectResponse(f"/u/{request.path_params['token']}?deleted={number}", 303)


async def submit_several(request: Request, unit: Row[Any]) -> Response:
    """Hands in what was chosen of all that waits, each as a correction or as another project; all of it or nothing."""
    if ended := _ended(unit):
        return message(request, "不能报送", ended, 403)
    form, store = await request.form(max_files=0, max_fields=2000), request.app.state.store
    versions, known = await run_in_threadpool(store.versions, unit.id), await _projects(request, unit)
    chosen = set(form.getlist("version"))
    if gone := chosen - {str(one.id) for one in versions}:
        return await _home(request, unit, [("", GONE.format(len(gone)))], {**form, "version": chosen})
    answers: dict[int, int] = {}
    for one in (one for one in newest(versions) if not one.handed_in and str(one.id) in chosen):
        offered = {str(project.version.id): project.version.id for project in known} | {APART: one.id}
        same, said = continued(known, one), str(form.get(f"project-{one.id}"))
        if same is None and known and said not in offered:
            return await _home(request, unit, [(named(one), ASK)], {**form, "version": chosen})
        answers[one.id] = same.version.id if same else offered[said] if known else one.id
    if not answers:
        return await _home(request, unit, [("", "还没有勾选要报送的")])
    for done, number in enumerate(sorted(answers)):
        if not await _handed_in(store, unit, number, answers[number], known, done):
            return await _home(request, unit, [("", MEANWHILE)])
    return RedirectResponse(f"/u/{request.path_params['token']}", 303)


async def receipt(request: Request, unit: Row[Any]) -> Response:
    """The receipt of a version that was handed in."""
    version = await _version(request, unit)
    if version is None or not version.handed_in:
        return await _no_version(request, unit)
    known = await _projects(request, unit)
    late = any(one.late for one in known if version.id in (each.id for each in one.versions))
    words = {"unit": unit, "version": version, "number": receipt_number(version), "late": late}
    return page(request, "receipt.html", **words, token=request.path_params["token"], shown=shown)


async def _home(
    request: Request,
    unit: Row[Any],
    faults: list[tuple[str, str]] | None = None,
    said: Mapping[str, Any] = MappingProxyType({}),
    deleted: Row[Any] | None = None,
) -> Response:
    store: Store = request.app.state.store
    versions = await run_in_threadpool(store.versions, unit.id)
    known = projects(_in_order(versions), unit.deadline)
    left = [one for one in reversed(newest(versions)) if not one.handed_in]
    waiting = [
        (one, [] if continued(known, one) else known, of_others(json.loads(one.record), unit.name)) for one in left
    ]
    return page(
        request,
        "unit.html",
        400 if faults else 200,
        unit=unit,
        ended=_ended(unit),
        overdue=overdue(unit.deadline),
        versions=versions,
        waiting=waiting,
        projects=known,
        said=said,
        apart=APART,
        faults=faults or [],
        deleted=deleted,
        token=request.path_params["token"],
        most=request.app.state.settings,
        endings=",".join(ENDINGS),
        number=receipt_number,
        shown=shown,
    )


async def _version(request: Request, unit: Row[Any]) -> Row[Any] | None:
    """The version of the address; None for one of another unit."""
    version = await run_in_threadpool(request.app.state.store.version, request.path_params["number"])
    return version if version is not None and version.unit == unit.id else None


async def _no_version(request: Request, unit: Row[Any]) -> Response:
    """Why the version of the address is not shown: the unit has deleted it, or it is none of the unit's."""
    gone = await run_in_threadpool(request.app.state.store.deleted, request.path_params["number"], unit.id)
    if gone is None:
        return _stranger(request)
    return message(request, "已经删去", DELETED.format(name=gone.name, when=shown(gone.deleted)), 409)


def _stranger(request: Request) -> Response:
    return message(request, "打不开", NO_LINK, 404)


ROUTES = [
    Route("/u/{token}", for_units(home)),
    Route("/u/{token}/upload", for_units(upload), methods=["POST"]),
    Route("/u/{token}/submit", for_units(submit_several), methods=["POST"]),
    Route("/u/{token}/v/{number:number}", for_units(findings)),
    Route("/u/{token}/v/{number:number}/submit", for_units(submit), methods=["POST"]),
    Route("/u/{token}/v/{number:number}/delete", for_units(delete), methods=["POST"]),
    Route("/u/{token}/v/{number:number}/{kind}", for_units(made)),
    Route("/u/{token}/r/{number:number}", for_units(receipt)),
]
