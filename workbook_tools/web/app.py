"""The application: routes, middleware, and one boundary at which an error becomes a page."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from workbook_tools.web import board, check, hand_in, login
from workbook_tools.web.files import Files
from workbook_tools.web.isolation import Workshop
from workbook_tools.web.pages import STATIC, message
from workbook_tools.web.security import Guard, Rate
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store

LOGINS, STRANGERS = 10, 100  # attempts in ten minutes: to log in, to open a link that there is not
log = logging.getLogger("workbook_tools.web")
SENTENCES = {
    400: ("请求不完整", "上传没有完成，或者一次选的文件太多；请退回去再试一次"),
    404: ("没有这个页面", "地址不对，或者这个页面已经没有了；请从首页进入"),
    405: ("不能这样打开", "请退回去，用页面上的按钮"),
}
OURS = "程序出错了，您的文件没有改动；请把时间和所做的操作告诉维护人员"


def application(settings: WebSettings) -> Starlette:
    """The pages as an ASGI application."""
    app = Starlette(
        routes=[
            *check.ROUTES,
            *hand_in.ROUTES,
            *login.ROUTES,
            *board.ROUTES,
            Route("/health", _health),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(Guard, most_bytes=settings.most_bytes, secure=settings.secure)],
        exception_handlers={HTTPException: _http, Exception: _fault},  # type: ignore[dict-item]
    )
    app.state.settings = settings
    app.state.uploads = Rate(settings.a_minute, 60)
    app.state.strangers = Rate(STRANGERS, 600)
    app.state.logins = Rate(LOGINS, 600)
    app.state.store = Store(settings.database, settings.folder)
    app.state.files = Files(settings.files, settings.folder)
    app.state.workshop = Workshop(settings.at_once, settings.waiting, settings.seconds)
    return app


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _http(request: Request, fault: HTTPException) -> Response:
    title, sentence = SENTENCES.get(fault.status_code, SENTENCES[400])
    return message(request, title, sentence, fault.status_code)


async def _fault(request: Request, fault: Exception) -> Response:
    log.error("fault at %s", request.method, exc_info=fault)
    return message(request, "程序出错", OURS, 500)
