"""Serving the pages with uvicorn."""

from __future__ import annotations

import socket

import uvicorn

from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

MOST_CONNECTIONS = 500


def run(settings: WebSettings, host: str, port: int) -> bool:
    """Serves until Ctrl-C; False where the port is taken."""
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        print(f"{host} 的端口 {port} 用不了（{fault.strerror}）；可能已经开着一个，或者请用 --port 换一个端口")
        return False
    config = uvicorn.Config(
        application(settings),
        access_log=False,  # the paths hold the tokens of units
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        server_header=False,
        proxy_headers=settings.behind_proxy,
    )
    print(f"已经打开：{settings.address}（按 Ctrl+C 停止）", flush=True)
    uvicorn.Server(config).run([listening])
    return True
