"""Logging in: passwords as argon2 hashes, sessions that expire, and a first link to set a password."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from workbook_tools.text import visible
from workbook_tools.web.accounts import Accounts
from workbook_tools.web.pages import message, page
from workbook_tools.web.security import visitor

LEAST, MOST = 10, 200  # characters of a password
WRONG = "用户名或密码不对"
STALE = "这个页面是登录以前打开的，还没有处理；请核对以后再按一次“继续”（选过的文件没有留下，要重新选）"
EXPIRED = "登录已经过期，没有处理；您写的内容还在这一页里，请重新登录（选过的文件要重新选）"
BACK = "已经登录；您写的内容还没有处理，请核对以后按“继续”（选过的文件没有留下，要重新选）"
MOST_FILES = 12  # of one form of the reviewer
KEPT, MOST_KEPT = "kept.", 256 << 10  # of what was typed when a session had expired: its names, and bytes
_hasher = PasswordHasher()


class Person(NamedTuple):
    """Who is logged in.

    Attributes:
        name: the name with which they log in.
        form_token: the word that a form of theirs has to carry.
        number: of the person.
        admin: whether they manage the others.
        session: the token of their session.
        said: what the page says of what was done before.
    """

    name: str
    form_token: str
    number: int = 0
    admin: bool = False
    session: str = ""
    said: str = ""


Page = Callable[[Request, Person], Awaitable[Response]]


def for_people(show: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page that only those who are logged in see; a form has to come from a page of the same session.

    What was typed when a session expired is kept in the page that asks to log in again, and sent by a click afterwards.
    """

    async def shown(request: Request) -> Response:
        token, accounts = request.cookies.get(_cookie(request), ""), request.app.state.store.accounts
        found = await run_in_threadpool(accounts.session, token) if token else None
        if found is None:
            kept = await _typed(request) if token and request.method == "POST" else {}
            if kept:
                return page(request, "login.html", 403, fault=EXPIRED, where=request.url.path, kept=kept)
            back = f"?where={quote(request.url.path)}" if request.method == "GET" else ""
            return RedirectResponse(f"/login{back}", 303)
        person = Person(found.name, form_token(token), found.id, found.admin, token, found.said)
        if request.method == "POST" and not hmac.compare_digest(await _said(request), person.form_token):
            kept = await _typed(request)
            return page(request, "again.html", 403, fault=STALE, where=request.url.path, kept=kept, person=person)
        answer = await show(request, person)
        if person.said and isinstance(answer, HTMLResponse):  # it has been shown, once
            await run_in_threadpool(accounts.tell, token, "")
        return answer

    return shown


def form_token(session: str) -> str:
    """What the forms of a session carry."""
    return hashlib.sha256(f"form {session}".encode()).hexdigest()


def _cookie(request: Request) -> str:
    """The name of the cookie; behind TLS one that browsers take from this host only, not from a neighbour of it."""
    return "__Host-session" if request.app.state.settings.secure else "session"


async def _said(request: Request) -> str:
    form: FormData = await request.form(max_files=MOST_FILES, max_fields=2000)
    said = form.get("token")
    return said if isinstance(said, str) else ""


async def _typed(request: Request) -> dict[str, str]:
    """What was typed in a form, without its token and files; nothing where it is too long for a page."""
    if int(request.headers.get("content-length", MOST_KEPT)) >= MOST_KEPT:
        return {}
    form = await request.form(max_files=MOST_FILES, max_fields=2000)
    return {name: said for name, said in form.items() if isinstance(said, str) and name != "token"}


async def ask(request: Request) -> Response:
    """The page that asks for name and password."""
    return page(request, "login.html", fault="", where=_board(request.query_params.get("where", "")), kept={})


async def log_in(request: Request) -> Response:
    """Begins a session."""
    state, form = request.app.state, await request.form(max_files=0)
    said = {name: word for name, word in form.items() if isinstance(word, str)}
    name, password = said.get("name", "").strip()[:MOST], said.get("password", "")[:MOST]
    where = _board(said.get("where", ""))
    kept = {name.removeprefix(KEPT): word for name, word in said.items() if name.startswith(KEPT)}
    who = visitor(request, behind_proxy=state.settings.behind_proxy)
    if wait := state.logins.wait(who) or state.names.wait(name):
        fault = f"试得太多，请过 {int(wait) + 1} 秒再试"
        return page(request, "login.html", 429, fault=fault, where=where, kept=kept)
    accounts: Accounts = state.store.accounts
    known = await run_in_threadpool(accounts.password_of, name)
    async with state.hashing:
        right = await run_in_threadpool(_right, known[1] if known else "", password)
    token = await run_in_threadpool(accounts.log_in, known[0], name) if right and known else None
    if token is None:
        await run_in_threadpool(state.store.add_act, who, "登录没有成功", visible(name[:50]))
        return page(request, "login.html", 403, fault=WRONG, where=where, kept=kept)
    answer: Response = RedirectResponse(where or "/board", 303)
    if kept:
        person = Person(name, form_token(token))
        answer = page(request, "again.html", 200, fault=BACK, where=where, kept=kept, person=person)
    answer.set_cookie(_cookie(request), token, httponly=True, samesite="strict", secure=state.settings.secure, path="/")
    return answer


def _board(where: str) -> str:
    """A page of the bureau to go on with after logging in; "" for any other address."""
    return where if re.fullmatch("/board[/a-z0-9]*", where) else ""


@cache
def _nobody() -> str:
    """The hash that a stranger's password is held against, so that the answer takes as long as to a wrong password."""
    return _hasher.hash("nobody")


def _right(hashed: str, said: str) -> bool:
    """Whether a password is right; `hashed` is "" for a stranger. The first answer is slower, whoever is asked for."""
    nobody = _nobody()
    try:
        return _hasher.verify(hashed or nobody, said)
    except (VerificationError, InvalidHashError):
        return False


async def log_out(request: Request) -> Response:
    """Ends a session."""
    await run_in_threadpool(request.app.state.store.accounts.log_out, request.cookies.get(_cookie(request), ""))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(_cookie(request), secure=request.app.state.settings.secure)
    return answer


async def ask_password(request: Request) -> Response:
    """The page that a first link leads to."""
    name = await _of_link(request)
    return page(request, "password.html", fault="", name=name, least=LEAST, most=MOST) if name else _used(request)


async def set_password(request: Request) -> Response:
    """Sets the password; the link is used up."""
    name = await _of_link(request)
    if name is None:  # before the password is hashed, which is dear
        return _used(request)
    form, state = await request.form(max_files=0), request.app.state
    said, again = str(form.get("password", "")), str(form.get("again", ""))
    if not LEAST <= len(said) <= MOST or said != again:
        fault = "两次写的密码不一样" if LEAST <= len(said) <= MOST else f"密码要有 {LEAST} 到 {MOST} 个字符"
        return page(request, "password.html", 400, fault=fault, name=name, least=LEAST, most=MOST)
    async with state.hashing:
        hashed = await run_in_threadpool(_hasher.hash, said)
    if await run_in_threadpool(state.store.accounts.set_password, request.path_params["link"], hashed) is None:
        return _used(request)
    return page(request, "login.html", fault="密码设好了，请登录", where="", kept={})


async def _of_link(request: Request) -> str | None:
    accounts: Accounts = request.app.state.store.accounts
    return await run_in_threadpool(accounts.name_of_link, request.path_params["link"])


def _used(request: Request) -> Response:
    return message(request, "链接无效", "这个链接用过了，或者已经过期；请让管理服务器的人再发一个", 404)


ROUTES = [
    Route("/login", ask),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/password/{link}", ask_password),
    Route("/password/{link}", set_password, methods=["POST"]),
]
