"""Serving the pages with uvicorn."""

from __future__ import annotations

import asyncio
import os
import socket

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from workbook_tools.web.accounts import LINK_DAYS
from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

MOST_CONNECTIONS = 800  # beyond it the answer is a bare 503; the guard of the pages says it in a sentence long before
HEADER_SECONDS, KEPT_OPEN, LAST_SECONDS = 20, 15, 20
FIRST = "admin"


class Patient(H11Protocol):
    """Closes a connection on which no whole request begins in time: uvicorn itself waits for one for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A visitor has come."""
        super().connection_made(transport)
        self._wait(HEADER_SECONDS)

    def on_response_complete(self) -> None:
        """An answer is sent; the next request may follow."""
        super().on_response_complete()
        self._wait(KEPT_OPEN + HEADER_SECONDS)

    def _wait(self, seconds: float) -> None:
        last = self.cycle
        self.loop.call_later(seconds, lambda: self.transport.close() if self.cycle is last else None)


def configuration(settings: WebSettings) -> uvicorn.Config:
    """How uvicorn serves the pages."""
    return uvicorn.Config(
        application(settings),
        http=Patient,
        access_log=False,  # the paths hold the tokens of units
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEPT_OPEN,
        timeout_graceful_shutdown=LAST_SECONDS,
        server_header=False,
        proxy_headers=settings.behind_proxy,
    )


def run(settings: WebSettings, host: str, port: int) -> bool:
    """Serves until Ctrl-C; False where the port is taken."""
    os.umask(0o077)  # what is kept is for this user only
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        print(f"{host} 的端口 {port} 用不了；可能已经开着一个（用 --port 换一个端口），或者 --host 不是这台电脑的地址")
        return False
    config = configuration(settings)
    store = config.app.state.store  # type: ignore[union-attr]
    if not store.accounts.any():
        print(f"第一次使用，请在浏览器里打开这个链接，给收表的人（用户名 {FIRST}）设密码（{LINK_DAYS} 天内有效）：")
        print(f"  {settings.address}/password/{store.accounts.password_link(FIRST)}")
    print(f"已经打开：{settings.address}（按 Ctrl+C 停止）", flush=True)
    uvicorn.Server(config).run([listening])
    return True
