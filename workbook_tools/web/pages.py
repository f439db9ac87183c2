"""The templates of the pages and what all of them share."""

from __future__ import annotations

import base64
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workbook_tools import __version__

KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
}
LEVELS = {"错误": "error", "未核对": "unchecked", "提示": "hint", "已放行": "waived"}
STATIC = str(files("workbook_tools.web") / "static")


class Number(IntegerConvertor):
    """A number in an address, no longer than every database takes; anything else is a page that there is not."""

    regex = "[0-9]{1,15}"


register_url_convertor("number", Number())
_environment = Environment(
    loader=PackageLoader("workbook_tools.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(program_version=__version__, levels=LEVELS)


def page(request: Request, name: str, status: int = 200, /, **words: Any) -> HTMLResponse:
    """A page from its template; all words are escaped there."""
    html = _environment.get_template(name).render(request=request, **words)
    return HTMLResponse(html, status)


def message(request: Request, title: str, sentence: str, status: int) -> HTMLResponse:
    """A page that says one thing."""
    home, called = _home(request.url.path, status)
    return page(request, "message.html", status, title=title, sentence=sentence, home=home, called=called)


def _home(path: str, status: int) -> tuple[str, str]:
    """From where a visitor goes on after a message: a unit from its own page, the bureau from its collection."""
    parts = path.split("/")[1:]
    if parts[0] == "board":
        known = len(parts) > 1 and parts[1].isdecimal() and status != HTTPStatus.NOT_FOUND
        return f"/board/{parts[1]}" if known else "/board", "回到收表"
    if parts[0] == "u" and len(parts) > 1 and status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return f"/u/{parts[1]}", "回到报送页"
    return "/", "回到首页"


def download(data: bytes, ending: str) -> str:
    """The bytes of a file as the address of a link: nothing has to be kept for it."""
    return f"data:{KINDS[ending]};base64,{base64.b64encode(data).decode()}"


def attachment(data: bytes, name: str) -> Response:
    """A file that the browser saves under a name."""
    ending = name[name.rfind(".") :]
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(data, media_type=KINDS.get(ending, "application/octet-stream"), headers=headers)
