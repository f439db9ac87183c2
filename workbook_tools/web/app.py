"""The application: routes, middleware, and one boundary at which an error becomes a page."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.web import board, check, closings, collecting, hand_in, login, people, reviewing, units
from workbook_tools.web.files import Files
from workbook_tools.web.isolation import Workshop
from workbook_tools.web.pages import STATIC, message
from workbook_tools.web.security import HEADERS, Guard, Rate
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store

LOGINS, NAMED = 10, 100  # attempts to log in, in ten minutes: from one address, with one name
log = logging.getLogger("workbook_tools.web")
SENTENCES = {
    400: ("请求不完整", "上传没有完成，或者一次选的文件超过 {most} 个；请退回去再试一次"),
    404: ("没有这个页面", "地址不对，或者这个页面已经没有了；请从首页进入"),
    405: ("不能这样打开", "请从下面的链接回去，用页面上的按钮"),
}
NOT_STORED = "服务器的硬盘或者数据库现在不能读写，这一步没有做成；以前收到的都在；请过几分钟再试，还不行请告诉维护人员"
OURS = "程序出错了，您的文件没有改动；请把时间和所做的操作告诉维护人员"


def application(settings: WebSettings) -> Starlette:
    """The pages as an ASGI application."""
    app = Starlette(
        routes=[
            *check.ROUTES,
            *hand_in.ROUTES,
            *login.ROUTES,
            *people.ROUTES,
            *collecting.ROUTES,
            *board.ROUTES,
            *closings.ROUTES,
            *units.ROUTES,
            *reviewing.ROUTES,
            Route("/health", _health),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={
            HTTPException: _http,  # type: ignore[dict-item]
            WorkbookToolsError: _refused,
            DBAPIError: _not_stored,
            OSError: _not_stored,
            Exception: _fault,
        },
    )
    app.state.settings = settings
    app.state.uploads = Rate(settings.a_minute, 60)
    app.state.logins, app.state.names = Rate(LOGINS, 600), Rate(NAMED, 600)
    app.state.hashing = asyncio.Semaphore(2)  # a hash of a password takes 64 MB
    app.state.store = Store(settings.database, settings.folder)
    app.state.files = Files(settings.files, settings.folder)
    app.state.workshop = Workshop(settings.at_once, settings.waiting, settings.seconds)
    return app


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _http(request: Request, fault: HTTPException) -> Response:
    title, sentence = SENTENCES.get(fault.status_code, SENTENCES[400])
    most = request.app.state.settings.most_files
    return message(request, title, sentence.format(most=most), fault.status_code)


async def _refused(request: Request, fault: Exception) -> Response:
    return message(request, "没有做成", str(fault), 409)


async def _not_stored(request: Request, fault: Exception) -> Response:
    log.error("not stored at %s", request.method, exc_info=fault)
    return message(request, "没有做成", NOT_STORED, 503)


async def _fault(request: Request, fault: Exception) -> Response:
    log.error("fault at %s", request.method, exc_info=fault)
    answer = message(request, "程序出错", OURS, 500)
    answer.headers.update(HEADERS)  # this answer is made outside of the guard
    return answer
