"""The command `workbook_tools serve`: the pages for units and for the bureau."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import ExitCode
from workbook_tools.errors import NotInstalled, how_to_install

if TYPE_CHECKING:
    from workbook_tools.web.settings import WebSettings

NEEDED = ("starlette", "uvicorn", "jinja2", "multipart", "sqlalchemy", "argon2", "fsspec")


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
    serve.add_argument(
        "--database",
        metavar="数据库",
        default="",
        help="PostgreSQL 的地址（postgresql+psycopg://…）；不写用文件夹里的 SQLite",
    )
    serve.add_argument("--files", metavar="位置", default="", help="收到的表另放一处：文件夹，或 s3://桶/文件夹")
    serve.add_argument("--password", metavar="用户名", help="给这个人一个设密码的链接，然后结束")
    serve.add_argument("--backup", metavar="备份.zip", help="把数据库和收到的表写成一个备份，然后结束")
    serve.add_argument("--restore", metavar="备份.zip", help="把备份还原到空的文件夹和数据库，然后结束")
    serve.add_argument("--behind-proxy", action="store_true", help="前面有反向代理（TLS），访问者的地址以它写的为准")


def serve(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Serves the pages until Ctrl-C."""
    from importlib.util import find_spec

    if not all(map(find_spec, NEEDED)):
        raise NotInstalled(f"网页要另外安装几个软件包；{how_to_install('web')}")
    if not 0 < options.port < 65536:
        parser.error(f"--port 要写 1 到 65535 的整数，不是“{options.port}”")
    if options.address and not options.address.startswith(("http://", "https://")):
        parser.error(f"--address 要从 http:// 或 https:// 写起，如 https://{options.address}")
    from workbook_tools.web.serving import run
    from workbook_tools.web.settings import WebSettings

    settings = WebSettings(
        address=(options.address or f"http://{_reached(options.host)}:{options.port}").rstrip("/"),
        behind_proxy=options.behind_proxy,
        database=options.database,
        files=options.files,
    )
    if options.folder:
        settings = replace(settings, folder=Path(options.folder))
    if options.password or options.backup or options.restore:
        return _once(options, settings)
    return ExitCode.DONE if run(settings, options.host, options.port) else ExitCode.UNREADABLE


def _once(options: argparse.Namespace, settings: WebSettings) -> int:
    """What is done without serving."""
    from workbook_tools.web.accounts import LINK_DAYS
    from workbook_tools.web.backup import backup, restore
    from workbook_tools.web.store import Store

    if options.password:
        token = Store(settings.database, settings.folder).accounts.password_link(options.password)
        print(f"请 {options.password} 打开这个链接设密码（{LINK_DAYS} 天内有效，只能用一次）：")
        print(f"  {settings.address}/password/{token}")
    elif options.backup:
        count = backup(settings, Path(options.backup))
        print(f"已备份 {count} 份表，在 {options.backup}；里面有各单位的表，请放在安全的地方")
    else:
        print(f"已还原 {restore(settings, Path(options.restore))} 份表")
    return ExitCode.DONE


def _reached(host: str) -> str:
    if host not in ("0.0.0.0", "::"):
        return f"[{host}]" if ":" in host else host
    import socket

    return socket.gethostname()
