"""The command `workbook_tools serve`: the pages for units and for the bureau."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbook_tools.commands.console import ExitCode

NEEDED = ("starlette", "uvicorn", "jinja2", "multipart", "sqlalchemy", "argon2", "fsspec")
NOT_INSTALLED = '网页要另外安装几个软件包，请先运行：python -m pip install "workbook_tools[web]"'


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    serve = commands.add_parser(
        "serve", help="在办公网里开一个网页：各单位检查、报送自评表，本单位收表", add_help=False
    )
    serve.add_argument("-h", "--help", action="help", help="显示这段说明")
    serve.add_argument(
        "--host", metavar="地址", default="127.0.0.1", help="在哪个网卡上开；整个办公网都能用请写 0.0.0.0"
    )
    serve.add_argument("--port", metavar="端口", type=int, default=8000, help="端口，默认 8000")
    serve.add_argument(
        "--address", metavar="网址", help="别人打开用的网址，如 https://jx.example.gov.cn（写在信里的链接用）"
    )
    serve.add_argument("--folder", metavar="文件夹", help="数据库和收到的表放在哪里")
    serve.add_argument("--behind-proxy", action="store_true", help="前面有反向代理（TLS），访问者的地址以它写的为准")


def serve(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Serves the pages until Ctrl-C."""
    from importlib.util import find_spec

    if not all(map(find_spec, NEEDED)):
        parser.exit(ExitCode.UNREADABLE, f"{NOT_INSTALLED}\n")
    if not 0 < options.port < 65536:
        parser.error(f"--port 要写 1 到 65535 的整数，不是“{options.port}”")
    from workbook_tools.web.serving import run
    from workbook_tools.web.settings import WebSettings

    settings = WebSettings(
        address=(options.address or f"http://{_reached(options.host)}:{options.port}").rstrip("/"),
        behind_proxy=options.behind_proxy,
    )
    if options.folder:
        settings = replace(settings, folder=Path(options.folder))
    return ExitCode.DONE if run(settings, options.host, options.port) else ExitCode.UNREADABLE


def _reached(host: str) -> str:
    if host not in ("0.0.0.0", "::"):
        return f"[{host}]" if ":" in host else host
    import socket

    return socket.gethostname()
