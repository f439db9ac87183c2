"""What the reviewer's pages have in common: the collection and the unit of an address, messages, letters with links."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workbook_tools.mail.message import addresses, distinct
from workbook_tools.text import visible
from workbook_tools.values import normalize
from workbook_tools.web import letters
from workbook_tools.web.login import Person
from workbook_tools.web.pages import message
from workbook_tools.web.standing import Standing, standings
from workbook_tools.web.store import Store


class Collected:
    """A collection and how its units stand, those that belong to it and those that were removed."""

    def __init__(self, collection: Row[Any], found: Iterable[Standing]) -> None:
        self.collection = collection
        everything = list(found)
        self.units = [one for one in everything if one.unit.removed is None]
        self.removed = [one for one in everything if one.unit.removed is not None]


def not_found(request: Request) -> Response:
    """There is no such collection, unit or version."""
    return message(request, "没有找到", "没有这次收表、这个单位或者这一份表；请从“收表”里进入", 404)


async def back(request: Request, person: Person, where: str, said: str) -> Response:
    """To a page, which says once what was done."""
    await run_in_threadpool(request.app.state.store.accounts.tell, person.session, said)
    return RedirectResponse(where, 303)


def typed(form: FormData, name: str) -> str:
    """What was typed into a field, in characters that can be seen."""
    words = str(form.get(name, "")).replace("\r\n", "\n").strip()
    return visible(words, "\r\n\t")


def addresses_in(words: str, what: str) -> list[str]:
    """The addresses in a field or a cell, each once, also with wide signs as people type them; raises `BadMail`."""
    lines = (" ".join(map(normalize, line.split())) for line in words.splitlines())
    return distinct(addresses("\n".join(lines), what))


async def collection_of(request: Request) -> Row[Any] | None:
    """The collection of the address."""
    found: Row[Any] | None = await run_in_threadpool(request.app.state.store.collection, request.path_params["number"])
    return found


async def collected(request: Request) -> Collected | None:
    """The collection of the address, with its units."""
    store: Store = request.app.state.store
    collection = await collection_of(request)
    if collection is None:
        return None
    units = await run_in_threadpool(store.units, collection.id)
    handed_in = await run_in_threadpool(store.handed_in, collection.id)
    return Collected(collection, standings(units, handed_in, collection.deadline))


async def version_of(request: Request) -> tuple[Row[Any], Row[Any]] | None:
    """The collection and the version of the address; None for one of another collection."""
    collection = await collection_of(request)
    one = await run_in_threadpool(request.app.state.store.version, request.path_params["version"])
    return (collection, one) if one is not None and collection is not None and one.collection == collection.id else None


def new_link(request: Request, unit: int) -> str:
    """The address of a unit's pages, with a new token."""
    state = request.app.state
    return f"{state.settings.address}/u/{state.store.new_link(unit)}"


def invitation(request: Request, collection: Row[Any], unit: Row[Any]) -> letters.Letter:
    """The letter that brings a unit its link; after its links were revoked it is another one."""
    text = (
        f"您好！\n{collection.title}：请{unit.name}报送绩效自评表{until(collection)}。\n{only_for_it(request, unit.id)}"
    )
    content = f"收表 {request.app.state.settings.address} {collection.id} {unit.id} 链接{again(unit)}"
    return letters.Letter(unit.name, unit.mail, f"请报送绩效自评表：{collection.title}", text, content)


def again(unit: Row[Any]) -> str:
    """What tells a letter with a link from the one before the links of the unit were revoked."""
    return f" {unit.revoked}" if unit.revoked else ""


def until(collection: Row[Any]) -> str:
    """The deadline in a letter."""
    return f"，请在 {collection.deadline} 以前报送" if collection.deadline else ""


def only_for_it(request: Request, unit: int) -> str:
    """The line of a letter with a new link."""
    said = "在这里检查和报送（这个链接只给贵单位用，请不要转给别的单位）："
    return f"{said}\n{new_link(request, unit)}"
