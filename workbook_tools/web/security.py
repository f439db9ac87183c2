"""What stands before every page: headers, how much may come in and how fast, how often, and from where."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbook_tools.web.pages import message as page_of
from workbook_tools.web.settings import WebSettings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
REFUSALS = {
    403: ("没有处理", "这个请求不是从本网站的页面发出的，没有处理；请打开本网站的页面再试"),
    408: ("没有收完", "上传太慢，已经停止，文件没有保存；请检查网络以后再上传一次"),
    413: ("文件太大", "上传的文件太大，没有接收；请删去与自评表无关的工作表和图片，或者分几次上传"),
    503: ("请稍等", "现在上传的人太多，没有处理，文件没有保存；请过一分钟再试"),
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
WORDS_BYTES = 64 << 10  # the words of a page beside its files
MOST_REQUESTS = 300  # served at the same time
MOST_TOGETHER = 256 << 20  # bytes of all bodies that are being worked on: they are in memory, some of them twice
PAUSE, LONGEST = 30, 600  # seconds between two pieces of a body, and of the whole body
STATIC_KEPT = "public, max-age=86400"  # addresses of style and script carry the version


class Guard:
    """The middleware around all pages: headers, bounds, and requests that another site has a browser send."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self.app, self._most = app, settings.most_bytes + WORDS_BYTES
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if settings.secure else {})
        self._requests = self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, begun = _Body(self, receive), False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, words in self._headers.items():
                    headers[name] = words
                headers.setdefault("Cache-Control", STATIC_KEPT if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        self._requests += 1
        try:
            status = self._refusal(scope)
            if not status:
                await self.app(scope, body.receive, guarded)
        except ClientDisconnect:
            status = body.refused
        finally:
            self._requests -= 1
            self._held -= body.came
        if status and not begun:
            answer = page_of(Request(scope), *REFUSALS[status], status)
            answer.headers["Connection"] = "close"  # the rest of the body is not read
            await answer(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> int:
        """The status with which a request is turned away before its body is read; 0 for one that may go on."""
        headers = Headers(scope=scope)
        if self._requests > MOST_REQUESTS:
            return 503
        if scope["method"] not in SAFE_METHODS and not from_here(headers):
            return 403
        length = headers.get("content-length", "0")
        return 0 if length.isdecimal() and len(length) < 16 and int(length) <= self._most else 413

    def more(self, came: int, length: int) -> int:
        """Counts bytes of a body of which `came` have come with them; the status where that is too much, else 0."""
        self._held += length
        if came > self._most:
            return 413
        return 503 if self._held > MOST_TOGETHER else 0


class _Body:
    """The body of one request as it comes; where it is refused, the page is told that the visitor has gone."""

    def __init__(self, guard: Guard, receive: Receive) -> None:
        self._guard, self._receive, self._more = guard, receive, True
        self._until = time.monotonic() + LONGEST
        self.came = self.refused = 0

    async def receive(self) -> Message:
        """The next piece."""
        if not self._more:  # what comes now is only that the visitor has gone
            return await self._receive()
        try:
            left = self._until - time.monotonic()
            message = await asyncio.wait_for(self._receive(), min(PAUSE, left))
        except TimeoutError:
            self.refused = 408
        else:
            length, self._more = len(message.get("body", b"")), message.get("more_body", False)
            self.came += length
            self.refused = self._guard.more(self.came, length)
        return {"type": "http.disconnect"} if self.refused else message


def from_here(headers: Headers) -> bool:
    """Whether a request that changes something comes from a page of this site, as far as the browser says."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class Rate:
    """How often one visitor may do something: `most` times in `seconds`, filled up evenly."""

    MOST_VISITORS = 10_000

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._each, self._now = most, seconds / most, now
        self._full: OrderedDict[str, float] = OrderedDict()  # visitor → when nothing is used up any more

    def wait(self, visitor: str) -> float:
        """Counts one more; the seconds that the visitor has to wait, 0 where it may go on now."""
        now = self._now()
        full = max(self._full.get(visitor, now), now)
        if (excess := full + self._each - now - self._most * self._each) > 0:
            return excess
        self._full[visitor] = full + self._each
        self._full.move_to_end(visitor)
        while len(self._full) > self.MOST_VISITORS:
            self._full.popitem(last=False)
        return 0


def visitor(request: Request, *, behind_proxy: bool) -> str:
    """The address that a request comes from."""
    if behind_proxy and (forwarded := request.headers.get("x-forwarded-for")):
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.client.host if request.client else ""
