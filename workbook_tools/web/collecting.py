"""The reviewer's pages that begin and change a collection: its name, deadline and contact, its units, its end."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel.tables import column_of, read_rows
from workbook_tools.mail.compose import ADDRESS, UNIT
from workbook_tools.mail.message import distinct
from workbook_tools.schemes.loading import all_schemes, load_scheme
from workbook_tools.summary.submissions import read_units
from workbook_tools.text import one_line, visible
from workbook_tools.values import UNCALCULATED, normalize
from workbook_tools.web import letters
from workbook_tools.web.desk import addresses_in, back, collected, collection_of, not_found, only_for_it, typed
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import page
from workbook_tools.web.standing import MISSING, RETURNED, shown
from workbook_tools.web.store import Facts, Store

NO_ADDRESS = ("无", "暂无", "没有", "/", "-", "—", "——")  # in the place of an address
MOST_FAULTS = 20  # of a list, in one sentence
ASKED = ("title", "units", "deadline", "scheme", "contact")


async def collections(request: Request, person: Person) -> Response:
    """All collections."""
    found = await run_in_threadpool(request.app.state.store.collections)
    return page(request, "collections.html", collections=found, person=person, shown=shown)


async def new(request: Request, person: Person) -> Response:
    """The page that begins a collection."""
    return page(
        request, "new.html", person=person, said=dict.fromkeys(ASKED, ""), fault="", again=False, schemes=_schemes()
    )


async def begin(request: Request, person: Person) -> Response:
    """Begins a collection."""
    form = await request.form()
    said = {name: typed(form, name) for name in ASKED}
    try:
        deadline = _facts(said)
        if said["scheme"]:
            load_scheme(said["scheme"])
        units = await run_in_threadpool(_units, form, said["units"])
    except (ValueError, WorkbookToolsError) as fault:
        words = {"said": said, "fault": str(fault), "again": _file(form) is not None, "schemes": _schemes()}
        return page(request, "new.html", 400, person=person, **words)
    store: Store = request.app.state.store
    facts = Facts(said["title"], deadline, said["scheme"], said["contact"])
    number = await run_in_threadpool(store.begin, person.name, facts, units)
    return RedirectResponse(f"/board/{number}", 303)


async def settings(request: Request, person: Person) -> Response:
    """The page that changes a collection."""
    collection = await collection_of(request)
    if collection is None:
        return not_found(request)
    said = {"title": collection.title, "deadline": collection.deadline or "", "contact": collection.contact}
    return _settings(request, person, collection, said)


def _settings(
    request: Request,
    person: Person,
    collection: Row[Any],
    said: dict[str, str],
    fault: str = "",
    wrong: str = "",
    *,
    again: bool = False,
) -> Response:
    """The page with what was typed, and why it was not done: of the facts, of the units; `again`: with a file."""
    words = {"collection": collection, "person": person, "said": {"units": "", **said}, "fault": fault, "wrong": wrong}
    return page(request, "settings.html", 400 if fault or wrong else 200, **words, again=again)


async def change(request: Request, person: Person) -> Response:
    """Changes what a collection is called, until when it runs, and whom to ask."""
    found = await collected(request)
    if found is None:
        return not_found(request)
    form, collection, state = await request.form(), found.collection, request.app.state
    said = {name: typed(form, name) for name in ("title", "deadline", "contact")}
    try:
        deadline = _facts(said)
    except ValueError as fault:
        return _settings(request, person, collection, said, str(fault))
    changed = await run_in_threadpool(
        state.store.change_collection, person.name, collection.id, said["title"], deadline, said["contact"]
    )
    told = "已修改，各单位的页面上马上是新的" if changed else "没有改动"
    if form.get("tell") and said["deadline"] != (collection.deadline or ""):
        waiting = [one.unit for one in found.units if one.word in (MISSING, RETURNED)]
        collection = await run_in_threadpool(state.store.collection, collection.id)
        sent = await run_in_threadpool(_new_day, request, collection, waiting)
        await run_in_threadpool(state.store.add_act, person.name, "通知新的截止日期", sent, collection.id)
        told += f"；{sent}"
    return await back(request, person, f"/board/{collection.id}", told)


def _new_day(request: Request, collection: Row[Any], units: list[Row[Any]]) -> str:
    """Tells units of another deadline."""
    if collection.closed:
        return letters.ENDED
    day = collection.deadline or "不限"
    made = []
    for one in units:
        text = f"您好！\n{collection.title}的截止日期改为：{day}。\n{only_for_it(request, one.id)}"
        content = f"收表 {request.app.state.settings.address} {collection.id} {one.id} 截止 {day}"
        made.append(letters.Letter(one.name, one.mail, f"截止日期改为 {day}：{collection.title}", text, content))
    return letters.send(made, collection.contact)


async def more_units(request: Request, person: Person) -> Response:
    """Adds units to a collection."""
    collection = await collection_of(request)
    if collection is None:
        return not_found(request)
    form, store = await request.form(), request.app.state.store
    written = typed(form, "units")
    try:
        units = await run_in_threadpool(_units, form, written)
    except (ValueError, WorkbookToolsError) as fault:
        facts = {"title": collection.title, "deadline": collection.deadline or "", "contact": collection.contact}
        again = _file(form) is not None
        return _settings(request, person, collection, {**facts, "units": written}, wrong=str(fault), again=again)
    added, had = await run_in_threadpool(store.add_units, person.name, collection.id, units)
    told = (
        f"加了 {len(added)} 个单位（{letters.some(added)}），请按“给各单位发链接”，只发给还没有发过的"
        if added
        else "没有加单位"
    )
    told += f"；{letters.some(had)}本来就在名单里，没有改动" if had else ""
    return await back(request, person, f"/board/{collection.id}", told)


async def close(request: Request, person: Person) -> Response:
    """Ends a collection, or opens it again."""
    collection = await collection_of(request)
    if collection is None:
        return not_found(request)
    closed = (await request.form()).get("do") == "close"
    await run_in_threadpool(request.app.state.store.close_collection, person.name, collection.id, closed=closed)
    told = "已结束收表，单位不能再报送；可以在“修改收表”里重新开放" if closed else "已重新开放，单位可以报送"
    return await back(request, person, f"/board/{collection.id}", told)


def _schemes() -> dict[str, str]:
    """The titles of all schemes by name."""
    return {scheme.name: scheme.title for scheme in all_schemes()}


def _facts(said: dict[str, str]) -> date | None:
    """The deadline that was typed; raises `ValueError` for what cannot be a collection."""
    if not said["title"]:
        raise ValueError("请写收表的名称")
    words = said["deadline"]
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        raise ValueError(f"截止日期要写成 2026-02-28 这样，不是“{words}”") from None


def _file(form: FormData) -> UploadFile | None:
    """The list that was chosen."""
    listed = form.get("file")
    return listed if isinstance(listed, UploadFile) and listed.filename else None


def _units(form: FormData, written: str) -> dict[str, str]:
    """The addresses of the units by name, from lines like 单位,邮箱 or from a file; raises `ValueError`."""
    found: dict[str, tuple[str, str]] = {}  # by the name without blanks: the unit and its addresses
    for number, line in enumerate(written.splitlines(), 1):
        name, comma, mail = (part.strip() for part in line.replace("，", ",").replace("\t", ",").partition(","))
        if normalize(name) in found:
            raise ValueError(f"名单第 {number} 行的“{name}”前面已经有了；请留一行")
        if not comma and "@" in normalize(name).strip("@"):
            raise ValueError(f"名单第 {number} 行“{name}”：单位和邮箱之间要有逗号；请写成 单位,邮箱")
        if name:
            found[normalize(name)] = name, ";".join(addresses_in(mail, f"名单第 {number} 行的邮箱"))
    if listed := _file(form):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("名单" + Path(str(listed.filename)).suffix.lower())
            path.write_bytes(listed.file.read())
            try:
                found |= {
                    key: (name, mail or found.get(key, ("", ""))[1]) for key, (name, mail) in _listed(path).items()
                }
            except (ValueError, WorkbookToolsError) as fault:
                raise ValueError(str(fault).replace(str(path), visible(str(listed.filename)))) from None
    if not found:
        raise ValueError("请写报送单位的名单")
    if UNCALCULATED in found:
        raise ValueError("名单里有单位的名称是没有算过的公式；请用 Excel 打开，改成文字，保存以后再选")
    return {one_line(name): mail for name, mail in found.values()}


def _listed(path: Path) -> dict[str, tuple[str, str]]:
    """The units of a file and their addresses, "" where there are none, by the names without blanks.

    Raises `ValueError` with all lines that are to be mended: the file is to be chosen again after it.
    """
    rows = [] if path.suffix == ".txt" else read_rows(path, merged=True)
    at = next((number for number, row in enumerate(rows) if column_of(row, UNIT) and column_of(row, ADDRESS)), None)
    if at is None:
        if any("@" in normalize(cell) for row in rows for cell in row):
            raise ValueError(f"{path}：里面有邮箱，没有读到“邮箱”一列；请在表头写“单位”“邮箱”")
        return {normalize(name): (name, "") for name in read_units(path)}
    unit, mail = (column_of(rows[at], words) - 1 for words in (UNIT, ADDRESS))
    listed: dict[str, tuple[str, list[str]]] = {}
    faults = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        name, said = (row[column].strip() if column < len(row) else "" for column in (unit, mail))
        if said and not name:
            faults.append(f"第 {number} 行：有邮箱“{said}”，没有写单位；请补上，或者删去这一行")
        if name:
            known = listed.setdefault(normalize(name), (name, []))[1]
            try:
                known += [] if normalize(said) in NO_ADDRESS else addresses_in(said, f"第 {number} 行的邮箱")
            except WorkbookToolsError as fault:
                faults.append(str(fault))
    if faults:
        more = f"；另有 {len(faults) - MOST_FAULTS} 行" if len(faults) > MOST_FAULTS else ""
        raise ValueError(f"{path} {'；'.join(faults[:MOST_FAULTS])}{more}")
    return {key: (name, ";".join(distinct(mails))) for key, (name, mails) in listed.items()}


ROUTES = [
    Route("/board", for_people(collections)),
    Route("/board/new", for_people(new)),
    Route("/board/new", for_people(begin), methods=["POST"]),
    Route("/board/{number:number}/settings", for_people(settings)),
    Route("/board/{number:number}/settings", for_people(change), methods=["POST"]),
    Route("/board/{number:number}/more", for_people(more_units), methods=["POST"]),
    Route("/board/{number:number}/close", for_people(close), methods=["POST"]),
]
