"""Serving the pages with uvicorn."""

from __future__ import annotations

import socket

import uvicorn

from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import LINK_DAYS

MOST_CONNECTIONS = 500
FIRST = "admin"


def run(settings: WebSettings, host: str, port: int) -> bool:
    """Serves until Ctrl-C; False where the port is taken."""
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        print(f"{host} 的端口 {port} 用不了（{fault.strerror}）；可能已经开着一个，或者请用 --port 换一个端口")
        return False
    app = application(settings)
    config = uvicorn.Config(
        app,
        access_log=False,  # the paths hold the tokens of units
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        server_header=False,
        proxy_headers=settings.behind_proxy,
    )
    if not app.state.store.people():
        print(f"第一次使用，请在浏览器里打开这个链接，给收表的人（用户名 {FIRST}）设密码（{LINK_DAYS} 天内有效）：")
        print(f"  {settings.address}/password/{app.state.store.password_link(FIRST)}")
    print(f"已经打开：{settings.address}（按 Ctrl+C 停止）", flush=True)
    uvicorn.Server(config).run([listening])
    return True
