"""What stands before every page: the headers, the size of what may come in, how often, and from where."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
TOO_BIG = "上传的文件太大，没有接收；请删去与自评表无关的工作表和图片，或者分几次上传"
FROM_ELSEWHERE = "这个请求不是从本网站的页面发出的，没有处理；请打开本网站的页面再试"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """The middleware around all pages: headers, size of the body, and requests that another site has a browser send."""

    def __init__(self, app: ASGIApp, most_bytes: int, secure: bool) -> None:
        self.app, self._most = app, most_bytes + (64 << 10)  # the words of the page beside the files
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, came = False, 0

        async def counted() -> Message:
            """What comes; beyond the limit it is as if the visitor had gone."""
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            return message if came <= self._most else {"type": "http.disconnect"}

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, words in self._headers.items():
                    headers[name] = words
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in SAFE_METHODS and not from_here(headers):
            await PlainTextResponse(FROM_ELSEWHERE, 403)(scope, receive, guarded)
            return
        refusal = PlainTextResponse(TOO_BIG, 413, {"Connection": "close"})
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most:
            await refusal(scope, receive, guarded)
            return
        try:
            await self.app(scope, counted, guarded)
        except ClientDisconnect:
            if came > self._most and not begun:
                await refusal(scope, receive, guarded)


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

    def full(self, visitor: str) -> bool:
        """Whether the visitor would have to wait; nothing is counted."""
        now = self._now()
        return max(self._full.get(visitor, now), now) - now > (self._most - 1) * self._each

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
