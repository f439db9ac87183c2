"""The reviewer's page of one unit: its links and its address, whether it belongs, what its projects are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.web import letters
from workbook_tools.web.desk import Collected, addresses_in, back, collected, invitation, new_link, not_found, typed
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import page
from workbook_tools.web.standing import Project, Standing, project_key, shown
from workbook_tools.web.store import Store, receipt_number


async def unit(request: Request, person: Person) -> Response:
    """What a unit has handed in, its links, and what can be done about it."""
    found, one = await _unit(request)
    return await _page(request, person, found.collection, one) if found and one else not_found(request)


async def _page(
    request: Request,
    person: Person,
    collection: Row[Any],
    one: Standing,
    fault: str = "",
    link: str = "",
    mail: str | None = None,
) -> Response:
    """The page; with a new link, or with the addresses that were typed and why they were not kept."""
    store: Store = request.app.state.store
    links = await run_in_threadpool(store.links, one.unit.id)
    versions = await run_in_threadpool(store.versions, one.unit.id)
    words: dict[str, Any] = {"collection": collection, "one": one, "unit": one.unit, "links": links, "fault": fault}
    words["mail"] = one.unit.mail if mail is None else mail
    words |= {"versions": versions, "person": person, "link": link, "shown": shown, "number": receipt_number}
    valid = sum(each.revoked is None for each in links)
    return page(request, "unit_desk.html", 400 if fault else 200, **words, valid=valid, several=_several)


def _several(project: Project) -> bool:
    """Whether the versions of a project have several names, so that they can be told apart again."""
    return len(set(map(project_key, project.versions))) > 1


async def change_mail(request: Request, person: Person) -> Response:
    """Where the letters of the unit go."""
    found, one = await _unit(request)
    if found is None or one is None:
        return not_found(request)
    said = typed(await request.form(), "mail")
    try:
        mail = ";".join(addresses_in(said, "邮箱"))
    except WorkbookToolsError as fault:
        return await _page(request, person, found.collection, one, f"没有改：{fault}", mail=said)
    if mail != one.unit.mail:
        await run_in_threadpool(request.app.state.store.change_mail, person.name, one.unit, mail)
    return await _back(request, person, one, f"已改为 {mail}" if mail else "已去掉邮箱")


async def remove(request: Request, person: Person) -> Response:
    """Takes the unit out of the collection, or back."""
    found, one = await _unit(request)
    if found is None or one is None:
        return not_found(request)
    removed = (await request.form()).get("do") == "remove"
    await run_in_threadpool(request.app.state.store.remove_unit, person.name, one.unit, removed=removed)
    told = "已移出，不计入各项数目；以前报送的都留着" if removed else "已恢复，重新计入各项数目"
    return await _back(request, person, one, told)


async def links(request: Request, person: Person) -> Response:
    """Ends the links of the unit where that is wanted, and gives a new one: by letter, or on the page."""
    found, one = await _unit(request)
    if found is None or one is None or one.unit.removed:
        return not_found(request)
    form, store = await request.form(), request.app.state.store
    if form.get("do") in ("revoke", "letter"):
        ended = await run_in_threadpool(store.revoke_links, person.name, one.unit)
        found, one = await _unit(request)  # the letter is another one after the links were revoked
        if found is None or one is None:
            return not_found(request)
        if form.get("do") == "letter":
            letter = await run_in_threadpool(invitation, request, found.collection, one.unit)
            told = await run_in_threadpool(letters.send, [letter], found.collection.contact)
            await run_in_threadpool(
                store.add_act, person.name, "发新链接", f"{one.unit.name}：{told}", found.collection.id
            )
            return await _back(request, person, one, f"原来的 {ended} 个链接已作废；{told}")
    link = await run_in_threadpool(new_link, request, one.unit.id)
    await run_in_threadpool(store.add_act, person.name, "新链接", one.unit.name, found.collection.id)
    return await _page(request, person, found.collection, one, link=link)


async def join(request: Request, person: Person) -> Response:
    """Says that one project of the unit is a correction of another one."""
    found, one = await _unit(request)
    if found is None or one is None:
        return not_found(request)
    form = await request.form()
    by_number = {str(project.version.id): project for project in one.projects}
    both = {number: by_number[number] for key in ("this", "other") if (number := str(form.get(key))) in by_number}
    if len(both) < 2:
        return await _page(request, person, found.collection, one, "没有合并：请选两个不同的项目")
    first, second = sorted(both.values(), key=one.projects.index)
    about = f"{one.unit.name}：“{first.name}”和“{second.name}”是同一个项目"
    arguments = (person.name, second.versions[0].id, first.versions[0].id, about, found.collection.id)
    await run_in_threadpool(request.app.state.store.set_follows, *arguments)
    last = max(first.version, second.version, key=lambda version: (version.handed_in, version.id))
    return await _back(request, person, one, f"已合并为一个项目，以最后报送的为准：{last.project or last.name}")


async def split(request: Request, person: Person) -> Response:
    """Says that a version begins a project of its own."""
    found, one = await _unit(request)
    said = (await request.form()).get("version")
    if found is None or one is None:
        return not_found(request)
    later = {str(version.id): version for project in one.projects for version in project.versions[1:]}
    version = later.get(str(said))
    if version is None:
        return await _page(request, person, found.collection, one, "没有分开：这一份已经单独是一个项目")
    about = f"{one.unit.name}：{receipt_number(version)}“{version.project or version.name}”是另一个项目"
    arguments = (person.name, version.id, version.id, about, found.collection.id)
    await run_in_threadpool(request.app.state.store.set_follows, *arguments)
    return await _back(request, person, one, f"已分开：“{version.project or version.name}”单独是一个项目")


async def _back(request: Request, person: Person, one: Standing, said: str) -> Response:
    return await back(request, person, f"/board/{one.unit.collection}/u/{one.unit.id}", said)


async def _unit(request: Request) -> tuple[Collected | None, Standing | None]:
    """The collection and the unit of the address, which may have been removed."""
    found = await collected(request)
    listed = [*found.units, *found.removed] if found else []
    return found, next((one for one in listed if one.unit.id == request.path_params["unit"]), None)


ROUTES = [
    Route("/board/{number:number}/u/{unit:number}", for_people(unit)),
    Route("/board/{number:number}/u/{unit:number}/mail", for_people(change_mail), methods=["POST"]),
    Route("/board/{number:number}/u/{unit:number}/remove", for_people(remove), methods=["POST"]),
    Route("/board/{number:number}/u/{unit:number}/links", for_people(links), methods=["POST"]),
    Route("/board/{number:number}/u/{unit:number}/join", for_people(join), methods=["POST"]),
    Route("/board/{number:number}/u/{unit:number}/split", for_people(split), methods=["POST"]),
]
