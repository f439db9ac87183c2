"""The check page: workbooks in, findings out; nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.checks import CHECKS
from workbook_tools.text import file_name, visible
from workbook_tools.web.isolation import ENDINGS, Worked
from workbook_tools.web.pages import download, message, page
from workbook_tools.web.security import visitor

NOT_A_WORKBOOK = "不是 Excel 或 WPS 工作簿（.xlsx、.xlsm、.xls、.et、.ods）；请上传自评表的工作簿"
NAMES = {"filled": "填好", "marked": "标注", "report": "自评报告"}
TITLES = {"filled": "填好的表", "marked": "标出问题的副本", "report": "自评报告（Word）"}
MOST_LINKED = 24 << 20  # bytes of downloads of one file in a page
TOO_BIG_TO_LINK = "做好的文件太大，这一页放不下{}；请在自己的电脑上删去与自评表无关的图片，再试一次"
MOST_NAME, MOST_ENDING = 150, 20  # characters


async def ask(request: Request) -> Response:
    """The page that takes workbooks."""
    return page(request, "check.html", most=request.app.state.settings, endings=",".join(ENDINGS), fault="")


async def show(request: Request) -> Response:
    """What was found in the workbooks that were sent."""
    state = request.app.state
    who = visitor(request, behind_proxy=state.settings.behind_proxy)
    if wait := state.uploads.wait(who):
        said = f"这台电脑一分钟内上传得太多，请过 {int(wait) + 1} 秒再试"
        return message(request, "请稍等", said, 429)
    async with request.form(max_files=state.settings.most_files, max_fields=10) as form:
        kinds = [kind for kind in ("marked", "report") if form.get(kind)]
        given = await uploads(form)
    if not given:
        most, endings = state.settings, ",".join(ENDINGS)
        return page(request, "check.html", 400, most=most, endings=endings, fault="还没有选文件，请先选自评表")
    results = await asyncio.gather(*(_one(state.workshop, name, data, kinds) for name, data in given))
    return page(request, "checked.html", files=results)


async def _one(workshop: Any, name: str, data: bytes, kinds: list[str]) -> Mapping[str, Any]:
    if PurePath(name).suffix.lower() not in ENDINGS:
        return {"name": name, "refused": NOT_A_WORKBOOK}
    return _shown(name, await workshop.work(data, name, None, kinds))


async def uploads(form: FormData) -> list[tuple[str, bytes]]:
    """The files of a form by the names that people see, without their folders; a very long name is cut."""
    chosen = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    paths = [PurePath(visible(str(one.filename).replace("\\", "/"))) for one in chosen]
    names = [f"{path.stem[:MOST_NAME]}{path.suffix[:MOST_ENDING]}" for path in paths]
    return [(name, await one.read()) for name, one in zip(names, chosen, strict=True)]


def made_name(name: str, kind: str) -> str:
    """The name of a file that is made of another one."""
    return file_name(f"{PurePath(name).stem}_{NAMES[kind]}", ".docx" if kind == "report" else ".xlsx")


def _shown(name: str, worked: Worked) -> Mapping[str, Any]:
    """A result as the page shows it, with a link for every file that was made."""
    links, size, without = [], 0, dict(worked.record.get("without", {}))
    for kind, data in worked.files.items():
        size += len(data)
        if size <= MOST_LINKED:
            as_name = made_name(name, kind)
            links.append({"title": TITLES[kind], "name": as_name, "address": download(data, PurePath(as_name).suffix)})
        else:
            without[kind] = TOO_BIG_TO_LINK.format(TITLES[kind])
    return {"name": name, "refused": worked.refused, "links": links, **worked.record, "without": without}


async def checks(request: Request) -> Response:
    """The list of all checks."""
    return page(request, "checks.html", checks=[CHECKS[code] for code in sorted(CHECKS)])


async def explain(request: Request) -> Response:
    """The page of one check."""
    check = CHECKS.get(request.path_params["code"])
    if check is None:
        return message(request, "没有这项检查", "没有这个代码的检查；全部检查见“检查的依据”", 404)
    return page(request, "explain.html", check=check)


ROUTES = [
    Route("/", ask),
    Route("/check", show, methods=["POST"]),
    Route("/checks", checks),
    Route("/checks/{code}", explain),
]
