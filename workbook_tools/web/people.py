"""The page on which whoever manages the server adds people, removes them, and resets their passwords."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.text import one_line
from workbook_tools.web.accounts import LINK_DAYS, Accounts
from workbook_tools.web.desk import back, typed
from workbook_tools.web.login import Page, Person, for_people
from workbook_tools.web.pages import message, page
from workbook_tools.web.standing import shown

MOST_NAME = 50  # characters
NOT_YOURS = "只有管理人员能加人、移出、重设密码；请找管理人员"
NOBODY = "没有这个用户，可能已经移出；请重新打开“人员”"


def for_admins(show: Page) -> Page:
    """A page of those who manage the others."""

    async def shown_to(request: Request, person: Person) -> Response:
        return await show(request, person) if person.admin else message(request, "不能打开", NOT_YOURS, 403)

    return shown_to


async def people(request: Request, person: Person) -> Response:
    """All who may log in."""
    return await _page(request, person)


async def _page(request: Request, person: Person, fault: str = "", name: str = "", link: str = "") -> Response:
    """The page; with the link for somebody, which is shown this once."""
    listed = await run_in_threadpool(_accounts(request).people)
    where = f"{request.app.state.settings.address}/password/{link}" if link else ""
    words = {"person": person, "people": listed, "fault": fault, "name": name, "link": where, "days": LINK_DAYS}
    return page(request, "people.html", 400 if fault else 200, **words, shown=shown)


async def add(request: Request, person: Person) -> Response:
    """A new person."""
    form = await request.form()
    name = one_line(typed(form, "name"))
    if not 0 < len(name) <= MOST_NAME:
        return await _page(request, person, f"没有加：用户名要有 1 到 {MOST_NAME} 个字")
    try:
        link = await run_in_threadpool(_accounts(request).add, person.name, name, admin=bool(form.get("admin")))
    except WorkbookToolsError as fault:
        return await _page(request, person, f"没有加：{fault}")
    return await _page(request, person, name=name, link=link)


async def remove(request: Request, person: Person) -> Response:
    """Removes somebody else."""
    number = request.path_params["number"]
    if number == person.number:
        return await _page(request, person, "没有移出：不能移出自己，请别的管理人员来做")
    name = await run_in_threadpool(_accounts(request).remove, person.name, number)
    if name is None:
        return await _page(request, person, NOBODY)
    return await back(request, person, "/board/people", f"已移出 {name}，已经登录的马上退出；做过的审核和日志都留着")


async def reset(request: Request, person: Person) -> Response:
    """Ends the password of somebody, or gives oneself a link to change one's own."""
    number, accounts = request.path_params["number"], _accounts(request)
    if number == person.number:
        link = await run_in_threadpool(accounts.password_link, person.name, person.name)
        return await _page(request, person, name=person.name, link=link)
    done = await run_in_threadpool(accounts.reset, person.name, number)
    return await _page(request, person, name=done[0], link=done[1]) if done else await _page(request, person, NOBODY)


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.store.accounts
    return accounts


ROUTES = [
    Route("/board/people", for_people(for_admins(people))),
    Route("/board/people", for_people(for_admins(add)), methods=["POST"]),
    Route("/board/people/{number:number}/remove", for_people(for_admins(remove)), methods=["POST"]),
    Route("/board/people/{number:number}/reset", for_people(for_admins(reset)), methods=["POST"]),
]
