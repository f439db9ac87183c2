"""The reviewer's pages: collections, who has handed in, findings, reviews, letters, and what the commands write."""

from __future__ import annotations

import json
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel.tables import column_of, csv_text, read_rows
from workbook_tools.mail.compose import ADDRESS, UNIT, read_addresses
from workbook_tools.mail.message import addresses
from workbook_tools.schemes.loading import all_schemes, load_scheme
from workbook_tools.summary.submissions import read_units
from workbook_tools.text import file_name, one_line, visible
from workbook_tools.values import read_points
from workbook_tools.web import letters, products
from workbook_tools.web.check import TITLES
from workbook_tools.web.hand_in import MAKES, made_of
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import attachment, message, page
from workbook_tools.web.standing import MISSING, WORDS, Standing, shown, standings
from workbook_tools.web.store import MOST_ACTS, Facts, Store, receipt_number

NO_COLLECTION = "没有这次收表；请从“收表”里进入"
LATE = "逾期"
SAID, MOST_OPINION = ("score", "grade", "opinion"), 4000  # what a reviewer types; characters
ASKED = ("title", "units", "deadline", "scheme", "contact")
FILTERS = (*WORDS, LATE)
TILES = dict(zip(WORDS, ("missing", "returned", "faulty", "done"), strict=True))  # classes of the style sheet


async def collections(request: Request, person: Person) -> Response:
    """All collections."""
    found = await run_in_threadpool(request.app.state.store.collections)
    return page(request, "collections.html", collections=found, person=person, shown=shown)


async def new(request: Request, person: Person) -> Response:
    """The page that begins a collection."""
    return page(request, "new.html", person=person, said=dict.fromkeys(ASKED, ""), fault="", schemes=_schemes())


async def begin(request: Request, person: Person) -> Response:
    """Begins a collection."""
    form = await request.form()
    said = {name: visible(str(form.get(name, "")).strip(), "\r\n\t") for name in ASKED}
    try:
        if not said["title"]:
            raise ValueError("请写收表的名称")
        deadline = _day(said["deadline"])
        if said["scheme"]:
            load_scheme(said["scheme"])
        units = await run_in_threadpool(_units, form, said["units"])
    except (ValueError, WorkbookToolsError) as fault:
        return page(request, "new.html", 400, person=person, said=said, fault=str(fault), schemes=_schemes())
    store: Store = request.app.state.store
    facts = Facts(said["title"], deadline, said["scheme"], said["contact"])
    number = await run_in_threadpool(store.begin, person.name, facts, units)
    return RedirectResponse(f"/board/{number}", 303)


def _schemes() -> dict[str, str]:
    """The titles of all schemes by name."""
    return {scheme.name: scheme.title for scheme in all_schemes()}


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        raise ValueError(f"截止日期要写成 2026-02-28 这样，不是“{words}”") from None


def _units(form: FormData, typed: str) -> dict[str, str]:
    """The addresses of the units by name, from lines like 单位,邮箱 or from a file; raises `ValueError`."""
    found: dict[str, str] = {}
    for number, line in enumerate(typed.splitlines(), 1):
        name, _, mail = (part.strip() for part in line.replace("，", ",").replace("\t", ",").partition(","))
        if name in found:
            raise ValueError(f"名单第 {number} 行的“{name}”前面已经有了；请留一行")
        if name:
            found[name] = ";".join(addresses(mail, f"名单第 {number} 行的邮箱"))
    listed = form.get("file")
    if isinstance(listed, UploadFile) and listed.filename:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("名单" + Path(listed.filename).suffix.lower())
            path.write_bytes(listed.file.read())
            try:
                found |= _listed(path)
            except WorkbookToolsError as fault:
                raise ValueError(str(fault).replace(str(path), visible(listed.filename))) from None
    if not found:
        raise ValueError("请写报送单位的名单")
    return {one_line(name): mail for name, mail in found.items()}


def _listed(path: Path) -> dict[str, str]:
    """The addresses of the units of a file by name, "" each where it has no addresses; raises what reading does."""
    rows = [] if path.suffix == ".txt" else read_rows(path)
    if any(column_of(row, UNIT) and column_of(row, ADDRESS) for row in rows):
        return {name: ";".join(mails) for name, mails in read_addresses(path).items()}
    return dict.fromkeys(read_units(path), "")


async def board(request: Request, person: Person) -> Response:
    """Who has handed in."""
    found = await _standings(request)
    if found is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    collection, units = found
    wanted, words = request.query_params.get("show", ""), request.query_params.get("q", "").strip()
    counts = {word: sum(one.word == word for one in units) for word in WORDS} | {LATE: sum(one.late for one in units)}
    rows = [one for one in units if _is(one, wanted) and words in one.unit.name]
    return page(
        request,
        "board.html",
        collection=collection,
        rows=rows,
        counts=counts,
        total=len(units),
        handed=sum(one.word != MISSING for one in units),
        wanted=wanted,
        words=words,
        filters=FILTERS,
        tiles=TILES,
        said=request.query_params.get("said", ""),
        person=person,
        shown=shown,
    )


def _is(one: Standing, wanted: str) -> bool:
    return (one.late if wanted == LATE else one.word == wanted) if wanted in FILTERS else True


async def version(request: Request, person: Person) -> Response:
    """The findings of one version, and the place for the review."""
    collection, one = await _version(request)
    if collection is None or one is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    return _review_page(request, person, collection, one)


def _review_page(
    request: Request,
    person: Person,
    collection: Row[Any],
    one: Row[Any],
    said: dict[str, Any] | None = None,
    fault: str = "",
) -> Response:
    """The page of one version, with the latest review or with what was typed and why it was not kept."""
    links = [
        {"title": title, "name": "", "address": f"/board/{collection.id}/v/{one.id}/{kind}"}
        for kind, title in {"original": "原件", **TITLES}.items()
    ]
    file = {"name": one.name, "refused": "", "links": links, **json.loads(one.record)}
    said = said or {name: one._mapping[f"review_{name}"] or "" for name in SAID}
    words = {"collection": collection, "version": one, "file": file, "person": person, "said": said, "fault": fault}
    number, grades = receipt_number(one), _grades(one)
    return page(request, "review.html", 400 if fault else 200, **words, number=number, grades=grades, shown=shown)


def _grades(one: Row[Any]) -> list[str]:
    """The grades that the schemes of a version know, from the best."""
    return list(dict.fromkeys(grade for form in json.loads(one.record)["forms"] for grade in form["grades"]))


def _wrong(said: dict[str, Any], grades: list[str]) -> str:
    """Why what a reviewer typed is not kept, "" where it is."""
    points = read_points(said["score"])
    if said["score"] and (points is None or points < 0):
        return f"审核分数“{said['score']}”不是数；请写成 92.5 这样，没有就空着"
    if said["grade"] and grades and said["grade"] not in grades:
        return f"核定等级“{said['grade']}”不是这个评分办法的等级（{'、'.join(grades)}）；请改正，没有就空着"
    if said["returned"] and not said["opinion"]:
        return "退回要写审核意见，让单位知道改什么"
    if len(said["opinion"]) > MOST_OPINION:
        return f"审核意见有 {len(said['opinion'])} 字，最多 {MOST_OPINION} 字"
    return ""


async def review(request: Request, person: Person) -> Response:
    """Keeps a review, and returns the form with a letter where that is wanted."""
    collection, one = await _version(request)
    if collection is None or one is None or not one.handed_in:
        return message(request, "没有找到", NO_COLLECTION, 404)
    form, state = await request.form(), request.app.state
    said: dict[str, Any] = {name: visible(str(form.get(name, "")).strip(), "\r\n\t") for name in SAID}
    said["returned"] = form.get("do") == "return"
    if fault := _wrong(said, _grades(one)):
        return _review_page(
            request, person, collection, one, said, f"没有{'退回' if said['returned'] else '保存'}：{fault}"
        )
    await run_in_threadpool(state.store.add_review, one.id, person.name, said, collection.id)
    told = "已退回" if said["returned"] else "已保存"
    if said["returned"]:
        text = await run_in_threadpool(_return_letter, request, collection, one, said["opinion"])
        told = f"已退回；{text}"
    return _back(collection.id, told)


def _return_letter(request: Request, collection: Row[Any], one: Row[Any], opinion: str) -> str:
    where = _link(request, one.unit)
    text = f"您好！\n{one.unit_name}报送的“{one.name}”（{collection.title}）退回修改：\n{opinion}\n"
    text += f"请改好以后在这里重新报送：{where}"
    content = f"退回 {request.app.state.settings.address} {collection.id} {one.id} {opinion}"
    return letters.send(
        [letters.Letter(one.unit_name, one.mail, f"退回修改：{one.unit_name}", text, content)], collection.contact
    )


async def write_letters(request: Request, person: Person) -> Response:
    """Sends every unit its link, or reminds those that have not handed in."""
    found = await _standings(request)
    if found is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    collection, units = found
    form = await request.form()
    remind = form.get("do") == "remind"
    told = await run_in_threadpool(_letters, request, collection, units, remind)
    act = "催报" if remind else "发链接"
    await run_in_threadpool(request.app.state.store.add_act, person.name, act, told, collection.id)
    return _back(collection.id, told)


def _letters(request: Request, collection: Row[Any], units: list[Standing], remind: bool) -> str:
    until = f"，请在 {collection.deadline} 以前报送" if collection.deadline else ""
    made = []
    for one in units:
        if remind and one.word != MISSING:
            continue
        where, name = _link(request, one.unit.id), one.unit.name
        asked = f"还没有收到{name}的绩效自评表" if remind else f"请{name}报送绩效自评表"
        text = f"您好！\n{collection.title}：{asked}{until}。\n"
        text += f"在这里检查和报送（这个链接只给贵单位用，请不要转给别的单位）：\n{where}"
        content = f"收表 {request.app.state.settings.address} {collection.id} {one.unit.id}"
        content += f" 催报 {datetime.now().astimezone().date().isoformat()}" if remind else " 链接"
        subject = f"{'催报' if remind else '请报送'}绩效自评表：{collection.title}"
        made.append(letters.Letter(name, one.unit.mail, subject, text, content))
    return letters.send(made, collection.contact)


async def links(request: Request, person: Person) -> Response:
    """A list with a new link for every unit, for those who pass them on by hand."""
    found = await _standings(request)
    if found is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    collection, units = found
    rows = [("单位", "邮箱", "链接")]
    rows += [(one.unit.name, one.unit.mail, await run_in_threadpool(_link, request, one.unit.id)) for one in units]
    await run_in_threadpool(request.app.state.store.add_act, person.name, "下载链接", collection.title, collection.id)
    return attachment(csv_text(rows).encode(), file_name(f"{collection.title}_链接", ".csv"))


async def made(request: Request, person: Person) -> Response:
    """The file as it came, or one that is made of it."""
    collection, one = await _version(request)
    kind = request.path_params["kind"]
    if collection is None or one is None or kind not in ("original", *MAKES):
        return message(request, "没有找到", NO_COLLECTION, 404)
    if kind != "original":
        return await made_of(request, one, kind, collection.scheme)
    data = await run_in_threadpool(request.app.state.files.get, one.file)
    await run_in_threadpool(
        request.app.state.store.add_act, person.name, "下载原件", receipt_number(one), collection.id
    )
    return attachment(data, file_name(Path(one.name).stem, Path(one.name).suffix.lower()))


async def product(request: Request, person: Person) -> Response:
    """A workbook of the whole collection, as the command writes it, or all files."""
    found = await _standings(request)
    kind = request.path_params["kind"]
    if found is None or kind not in products.TITLES:
        return message(request, "没有找到", NO_COLLECTION, 404)
    collection, units = found
    if not any(one.projects for one in units):
        return message(request, "还没有", "还没有单位报送，没有可以汇总的；请等报送以后再来", 409)
    made = await products.made(request.app.state, kind, collection, units)
    return await _taken(request, person, collection, products.TITLES[kind], made)


async def close_review(request: Request, person: Person) -> Response:
    """What follows from a 复核 that the reviewer has filled in: 问题清单, 复核汇总, notices."""
    found = await _standings(request)
    if found is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return message(request, "没有做成", "还没有选文件；请选填好的 复核.xlsx", 400)
    made = await products.closed(request.app.state, await given.read(), found[1])
    return await _taken(request, person, found[0], "问题清单和整改通知", made)


async def _taken(
    request: Request, person: Person, collection: Row[Any], title: str, made: products.Product
) -> Response:
    if not made.data:
        return message(request, "没有做成", made.said, 409)
    await run_in_threadpool(request.app.state.store.add_act, person.name, "下载", title, collection.id)
    return attachment(made.data, file_name(f"{collection.title}_{title}", made.ending))


async def log(request: Request, person: Person) -> Response:
    """What was done."""
    number = request.path_params.get("number")
    acts = await run_in_threadpool(request.app.state.store.acts, number)
    return page(request, "log.html", acts=acts, most=MOST_ACTS, person=person, number=number, shown=shown)


async def close(request: Request, person: Person) -> Response:
    """Ends a collection, or opens it again."""
    collection = await _collection(request)
    if collection is None:
        return message(request, "没有找到", NO_COLLECTION, 404)
    closed = (await request.form()).get("do") == "close"
    await run_in_threadpool(request.app.state.store.close_collection, person.name, collection.id, closed=closed)
    return _back(collection.id, "已结束收表，单位不能再报送" if closed else "已重新开放")


def _link(request: Request, unit: int) -> str:
    """The address of a unit's pages, with a new token."""
    state = request.app.state
    return f"{state.settings.address}/u/{state.store.new_link(unit)}"


def _back(number: int, said: str) -> Response:
    return RedirectResponse(f"/board/{number}?said={quote(said)}", 303)


async def _collection(request: Request) -> Row[Any] | None:
    found: Row[Any] | None = await run_in_threadpool(request.app.state.store.collection, request.path_params["number"])
    return found


async def _standings(request: Request) -> tuple[Row[Any], list[Standing]] | None:
    store: Store = request.app.state.store
    collection = await _collection(request)
    if collection is None:
        return None
    units = await run_in_threadpool(store.units, collection.id)
    handed_in = await run_in_threadpool(store.handed_in, collection.id)
    return collection, standings(units, handed_in, collection.deadline)


async def _version(request: Request) -> tuple[Row[Any] | None, Row[Any] | None]:
    collection = await _collection(request)
    one = await run_in_threadpool(request.app.state.store.version, request.path_params["version"])
    return collection, one if one is not None and collection is not None and one.collection == collection.id else None


ROUTES = [
    Route("/board", for_people(collections)),
    Route("/board/new", for_people(new)),
    Route("/board/new", for_people(begin), methods=["POST"]),
    Route("/board/log", for_people(log)),
    Route("/board/{number:number}", for_people(board)),
    Route("/board/{number:number}/log", for_people(log)),
    Route("/board/{number:number}/letters", for_people(write_letters), methods=["POST"]),
    Route("/board/{number:number}/links", for_people(links), methods=["POST"]),
    Route("/board/{number:number}/close", for_people(close), methods=["POST"]),
    Route("/board/{number:number}/issues", for_people(close_review), methods=["POST"]),
    Route("/board/{number:number}/make/{kind}", for_people(product)),
    Route("/board/{number:number}/v/{version:number}", for_people(version)),
    Route("/board/{number:number}/v/{version:number}/review", for_people(review), methods=["POST"]),
    Route("/board/{number:number}/v/{version:number}/{kind}", for_people(made)),
]
