"""Logging in: passwords as argon2 hashes, sessions that expire, and a first link to set a password."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from workbook_tools.web.pages import message, page
from workbook_tools.web.security import visitor
from workbook_tools.web.store import Store

COOKIE = "session"
LEAST = 10  # characters of a password
WRONG = "用户名或密码不对"
STALE = "页面放得太久了，没有处理；请重新打开这个页面再试"
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody")  # a stranger takes as long as a wrong password


class Person(NamedTuple):
    """Who is logged in, and the word that a form of theirs has to carry."""

    name: str
    form_token: str


Page = Callable[[Request, Person], Awaitable[Response]]


def for_people(show: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page that only those who are logged in see; a form has to come from a page of the same session."""

    async def shown(request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        name = await run_in_threadpool(request.app.state.store.session, token) if token else None
        if name is None:
            return RedirectResponse("/login", 303)
        person = Person(name, form_token(token))
        if request.method == "POST" and not hmac.compare_digest(await _said(request), person.form_token):
            return message(request, "请再试一次", STALE, 403)
        return await show(request, person)

    return shown


def form_token(session: str) -> str:
    """What the forms of a session carry."""
    return hashlib.sha256(f"form {session}".encode()).hexdigest()


async def _said(request: Request) -> str:
    form: FormData = await request.form(max_files=2, max_fields=2000)
    said = form.get("token")
    return said if isinstance(said, str) else ""


async def ask(request: Request) -> Response:
    """The page that asks for name and password."""
    return page(request, "login.html", fault="")


async def log_in(request: Request) -> Response:
    """Begins a session."""
    state, form = request.app.state, await request.form(max_files=0)
    name, said = str(form.get("name", "")).strip(), str(form.get("password", ""))
    who = visitor(request, behind_proxy=state.settings.behind_proxy)
    if wait := max(state.logins.wait(who), state.logins.wait(f"name {name}")):
        return page(request, "login.html", 429, fault=f"试得太多，请过 {int(wait) + 1} 秒再试")
    store: Store = state.store
    known = await run_in_threadpool(store.password_of, name)
    if not await run_in_threadpool(_right, known[1] if known else _NOBODY, said) or known is None:
        await run_in_threadpool(store.add_act, who, "登录没有成功", name[:50])
        return page(request, "login.html", 403, fault=WRONG)
    token = await run_in_threadpool(store.log_in, known[0], name)
    answer = RedirectResponse("/board", 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=state.settings.secure, path="/")
    return answer


def _right(hashed: str, said: str) -> bool:
    try:
        return _hasher.verify(hashed, said[:1000])
    except (VerificationError, InvalidHashError):
        return False


async def log_out(request: Request) -> Response:
    """Ends a session."""
    await run_in_threadpool(request.app.state.store.log_out, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


async def ask_password(request: Request) -> Response:
    """The page that a first link leads to."""
    return page(request, "password.html", fault="", least=LEAST)


async def set_password(request: Request) -> Response:
    """Sets the password; the link is used up."""
    form = await request.form(max_files=0)
    said, again = str(form.get("password", "")), str(form.get("again", ""))
    if len(said) < LEAST or said != again:
        fault = f"密码至少 {LEAST} 个字符" if len(said) < LEAST else "两次写的密码不一样"
        return page(request, "password.html", 400, fault=fault, least=LEAST)
    hashed = await run_in_threadpool(_hasher.hash, said)
    name = await run_in_threadpool(request.app.state.store.set_password, request.path_params["link"], hashed)
    if name is None:
        return message(request, "链接无效", "这个链接用过了，或者已经过期；请让管理服务器的人再发一个", 404)
    return page(request, "login.html", fault="密码设好了，请登录")


ROUTES = [
    Route("/login", ask),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/password/{link}", ask_password),
    Route("/password/{link}", set_password, methods=["POST"]),
]
