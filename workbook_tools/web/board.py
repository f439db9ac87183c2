"""The reviewer's board of a collection: who has handed in, letters, links, what the commands write of all forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.excel.tables import csv_text
from workbook_tools.text import file_name
from workbook_tools.web import letters, products
from workbook_tools.web.closings import compared
from workbook_tools.web.desk import (
    Collected,
    again,
    back,
    collected,
    invitation,
    new_link,
    not_found,
    only_for_it,
    until,
)
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import attachment, message, page
from workbook_tools.web.standing import MISSING, WORDS, Standing, shown
from workbook_tools.web.store import MOST_ACTS, Store

LATE = "逾期"
FILTERS = (*WORDS, LATE)
TILES = dict(zip(WORDS, ("missing", "returned", "faulty", "done"), strict=True))  # classes of the style sheet


async def board(request: Request, person: Person) -> Response:
    """Who has handed in."""
    found = await collected(request)
    if found is None:
        return not_found(request)
    units, store = found.units, request.app.state.store
    wanted, words = request.query_params.get("show", ""), request.query_params.get("q", "").strip()
    closings = await run_in_threadpool(store.closings, found.collection.id)
    counts = {word: sum(one.word == word for one in units) for word in WORDS} | {LATE: sum(one.late for one in units)}
    return page(
        request,
        "board.html",
        collection=found.collection,
        rows=[one for one in units if _is(one, wanted) and words in one.unit.name],
        removed=found.removed,
        counts=counts,
        total=len(units),
        handed=sum(one.word != MISSING for one in units),
        wanted=wanted,
        words=words,
        filters=FILTERS,
        tiles=TILES,
        closings=closings,
        differing=sum(one.other for one in compared(found, closings[0])[0]) if closings else 0,
        lost=await run_in_threadpool(_lost, request, found),
        person=person,
        shown=shown,
    )


def _lost(request: Request, found: Collected) -> list[letters.Undelivered]:
    """The letters of the collection that have not gone out."""
    beginnings = [f"{what} {request.app.state.settings.address} {found.collection.id} " for what in ("收表", "退回")]
    return letters.undelivered(beginnings, {one.unit.name: one.unit.mail for one in found.units if one.unit.mail})


def _is(one: Standing, wanted: str) -> bool:
    return (one.late if wanted == LATE else one.word == wanted) if wanted in FILTERS else True


async def write_letters(request: Request, person: Person) -> Response:
    """Sends every unit its link, or reminds those that have not handed in."""
    found = await collected(request)
    if found is None:
        return not_found(request)
    form, collection = await request.form(), found.collection
    remind = form.get("do") == "remind"
    told = await run_in_threadpool(_letters, request, found, remind)
    act = "催报" if remind else "发链接"
    await run_in_threadpool(request.app.state.store.add_act, person.name, act, told, collection.id)
    return await back(request, person, f"/board/{collection.id}", told)


def _letters(request: Request, found: Collected, remind: bool) -> str:
    if found.collection.closed:
        return letters.ENDED
    collection, units = found.collection, [one.unit for one in found.units if not remind or one.word == MISSING]
    write = _reminder if remind else invitation
    return letters.send([write(request, collection, one) for one in units], collection.contact)


def _reminder(request: Request, collection: Row[Any], unit: Row[Any]) -> letters.Letter:
    """The letter to a unit that has not handed in; one a day."""
    text = f"您好！\n{collection.title}：还没有收到{unit.name}的绩效自评表{until(collection)}。\n"
    text += only_for_it(request, unit.id)
    day = datetime.now().astimezone().date().isoformat()
    content = f"收表 {request.app.state.settings.address} {collection.id} {unit.id} 催报 {day}{again(unit)}"
    return letters.Letter(unit.name, unit.mail, f"催报绩效自评表：{collection.title}", text, content)


async def links(request: Request, person: Person) -> Response:
    """A list with a new link for every unit, for those who pass them on by hand."""
    found = await collected(request)
    if found is None:
        return not_found(request)
    collection, units = found.collection, [one.unit for one in found.units]
    rows = [("单位", "邮箱", "链接")]
    rows += [(one.name, one.mail, await run_in_threadpool(new_link, request, one.id)) for one in units]
    await run_in_threadpool(request.app.state.store.add_act, person.name, "下载链接", collection.title, collection.id)
    return attachment(csv_text(rows).encode(), file_name(f"{collection.title}_链接", ".csv"))


async def product(request: Request, person: Person) -> Response:
    """A workbook of the whole collection, as the command writes it, or all files."""
    found = await collected(request)
    kind = request.path_params["kind"]
    if found is None or kind not in products.TITLES:
        return not_found(request)
    collection, units = found.collection, found.units
    if not any(one.projects for one in units):
        return message(request, "还没有", "还没有单位报送，没有可以汇总的；请等报送以后再来", 409)
    made = await products.made(request.app.state, kind, collection, units)
    if not made.data:
        return message(request, "没有做成", made.said, 409)
    store: Store = request.app.state.store
    await run_in_threadpool(store.add_act, person.name, "下载", products.TITLES[kind], collection.id)
    return attachment(made.data, file_name(f"{collection.title}_{products.TITLES[kind]}", made.ending))


async def log(request: Request, person: Person) -> Response:
    """What was done."""
    number = request.path_params.get("number")
    acts = await run_in_threadpool(request.app.state.store.acts, number)
    return page(request, "log.html", acts=acts, most=MOST_ACTS, person=person, number=number, shown=shown)


ROUTES = [
    Route("/board/log", for_people(log)),
    Route("/board/{number:number}", for_people(board)),
    Route("/board/{number:number}/log", for_people(log)),
    Route("/board/{number:number}/letters", for_people(write_letters), methods=["POST"]),
    Route("/board/{number:number}/links", for_people(links), methods=["POST"]),
    Route("/board/{number:number}/make/{kind}", for_people(product)),
]
