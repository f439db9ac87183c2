"""The reviewer's page of one form: its findings, the review, its return with a letter."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workbook_tools.checks.audit import grade_differs
from workbook_tools.schemes.scheme import Bands
from workbook_tools.text import file_name
from workbook_tools.values import plain, read_points
from workbook_tools.web import letters
from workbook_tools.web.check import TITLES
from workbook_tools.web.desk import back, new_link, not_found, typed, version_of
from workbook_tools.web.hand_in import MAKES, made_of, makes, of_others
from workbook_tools.web.login import Person, for_people
from workbook_tools.web.pages import attachment, page
from workbook_tools.web.standing import shown
from workbook_tools.web.store import Store, receipt_number

SAID, MOST_OPINION = ("score", "grade", "opinion"), 4000  # what a reviewer types; characters
KEEP, RETURN, TAKE_BACK = "keep", "return", "take back"
ACTS = {KEEP: "审核", RETURN: "退回", TAKE_BACK: "撤销退回"}
TOLD = {KEEP: "已保存", RETURN: "已退回", TAKE_BACK: "已撤销退回"}
NOT_DONE = {KEEP: "没有保存", RETURN: "没有退回", TAKE_BACK: "没有撤销"}
CLOSED = "这次收表已经结束，单位不能再报送；请先在“修改收表”里重新开放"
SURE = "核定等级{}；请核对，没有写错的再按一次"
SOMEONE = "{who} {when} 已经存了审核（见“以前的审核”），您写的还没有存；请核对，以您写的为准的再按一次"


async def version(request: Request, person: Person) -> Response:
    """The findings of one version, and the place for the review."""
    found = await version_of(request)
    return await _page(request, person, *found) if found else not_found(request)


async def _page(
    request: Request,
    person: Person,
    collection: Row[Any],
    one: Row[Any],
    said: dict[str, Any] | None = None,
    fault: str = "",
    sure: str = "",
) -> Response:
    """The page of one version, with the latest review or with what was typed and why it was not kept."""
    record = json.loads(one.record)
    links = [
        {"title": title, "name": "", "address": f"/board/{collection.id}/v/{one.id}/{kind}"}
        for kind, title in {"original": "原件", **{kind: TITLES[kind] for kind in makes(record)}}.items()
    ]
    file = {"name": one.name, "refused": "", "links": links, **record}
    said = said or {name: one._mapping[f"review_{name}"] or "" for name in SAID}
    words: dict[str, Any] = {"collection": collection, "version": one, "file": file, "person": person, "said": said}
    words |= {"fault": fault, "sure": sure}
    words |= {"reviews": await run_in_threadpool(request.app.state.store.reviews, one.id), "grades": _grades(record)}
    words["strange"] = of_others(record, one.unit_name)
    number, status = receipt_number(one), 400 if fault else 200
    return page(request, "review.html", status, **words, number=number, most=_most(record), shown=shown)


def _grades(record: dict[str, Any]) -> list[str]:
    """The grades that the schemes of a version know, from the best."""
    return list(dict.fromkeys(grade for form in record["forms"] for grade in form["grades"]))


def _most(record: dict[str, Any]) -> str:
    """The full marks of the only form of a version, "" where they are not known."""
    return str(record["forms"][0].get("most", "")) if len(record["forms"]) == 1 else ""


def _doubt(said: dict[str, Any], record: dict[str, Any]) -> str:
    """Why the grade that was typed does not fit the score, "" where it does or the table of grades is not known."""
    known = record["forms"][0].get("steps") if len(record["forms"]) == 1 else None
    if not known:
        return ""
    steps = tuple((Decimal(limit), grade) for limit, grade in known["steps"])
    grades = Bands(known["direction"], steps, known["otherwise"])
    return grade_differs(said["grade"], read_points(said["score"]), grades, known["lost"])


def _wrong(said: dict[str, Any], record: dict[str, Any], do: str) -> str:
    """Why what a reviewer typed is not kept, "" where it is."""
    score, grade, grades, most = said["score"], said["grade"], _grades(record), _most(record)
    points = read_points(score)
    limits = f"要在 0 和满分 {most} 之间" if most else "不能小于 0"
    if len(record["forms"]) > 1 and (score or grade):
        return f"这个文件里有 {len(record['forms'])} 张表，分数和等级请在复核表里逐张填；这里只写审核意见"
    if score and points is None:
        return f"审核分数“{score}”不是数；请写成 92.5 这样，没有就空着"
    if points is not None and (points < 0 or (most and points > (read_points(most) or 0))):
        return f"审核分数 {score} {limits}；请改正，没有就空着"
    if grade and grades and grade not in grades:
        return f"核定等级“{grade}”不是这个评分办法的等级（{'、'.join(grades)}）；请改正，没有就空着"
    if do == RETURN and not said["opinion"]:
        return "退回要写审核意见，让单位知道改什么"
    if len(said["opinion"]) > MOST_OPINION:
        return f"审核意见有 {len(said['opinion'])} 字，最多 {MOST_OPINION} 字"
    return ""


async def review(request: Request, person: Person) -> Response:
    """Keeps a review, and returns the form with a letter where that is wanted."""
    found = await version_of(request)
    if found is None or not found[1].handed_in:
        return not_found(request)
    (collection, one), form = found, await request.form()
    do = str(form.get("do"))
    do = do if do in ACTS else KEEP
    said: dict[str, Any] = {name: typed(form, name) for name in SAID}
    record = json.loads(one.record)
    fault = CLOSED if do == RETURN and collection.closed else _wrong(said, record, do)
    if fault:
        return await _page(request, person, collection, one, said, f"{NOT_DONE[do]}：{fault}")
    doubt, sure = _doubt(said, record), f"{said['score']} {said['grade']}"
    if doubt and form.get("sure") != sure:
        return await _page(request, person, collection, one, said, f"{NOT_DONE[do]}：{SURE.format(doubt)}", sure)
    points, seen = read_points(said["score"]), str(form.get("seen", ""))
    values = said | {"score": "" if points is None else plain(points), "returned": do == RETURN or bool(one.returned)}
    values["returned"] &= do != TAKE_BACK
    same = all(values[name] == one._mapping[f"review_{name}"] for name in ("score", "grade"))
    values["basis"] = one.review_basis if same and one.review_basis else ""
    store: Store = request.app.state.store
    number = int(seen) if seen.isdecimal() and len(seen) < 16 else None
    other = await run_in_threadpool(store.add_review, one.id, person.name, ACTS[do], values, collection.id, number)
    if other is not None:
        one = await run_in_threadpool(request.app.state.store.version, one.id)
        told = SOMEONE.format(who=other.person, when=shown(other.made))
        return await _page(request, person, collection, one, said, f"{NOT_DONE[do]}：{told}", sure)
    told = TOLD[do]
    if do == RETURN:
        told += f"；{await run_in_threadpool(_return_letter, request, collection, one, said['opinion'])}"
    return await back(request, person, f"/board/{collection.id}", f"{one.unit_name}：{told}")


def _return_letter(request: Request, collection: Row[Any], one: Row[Any], opinion: str) -> str:
    where = new_link(request, one.unit)
    text = f"您好！\n{one.unit_name}报送的“{one.name}”（{collection.title}）退回修改：\n{opinion}\n"
    text += f"请改好以后在这里重新报送：{where}"
    content = f"退回 {request.app.state.settings.address} {collection.id} {one.id} {opinion}"
    return letters.send(
        [letters.Letter(one.unit_name, one.mail, f"退回修改：{one.unit_name}", text, content)], collection.contact
    )


async def made(request: Request, person: Person) -> Response:
    """The file as it came, or one that is made of it."""
    found = await version_of(request)
    kind = request.path_params["kind"]
    if found is None or kind not in ("original", *MAKES):
        return not_found(request)
    collection, one = found
    if kind != "original":
        return await made_of(request, one, kind, collection.scheme)
    data = await run_in_threadpool(request.app.state.files.get, one.file)
    await run_in_threadpool(
        request.app.state.store.add_act, person.name, "下载原件", receipt_number(one), collection.id
    )
    return attachment(data, file_name(Path(one.name).stem, Path(one.name).suffix.lower()))


ROUTES = [
    Route("/board/{number:number}/v/{version:number}", for_people(version)),
    Route("/board/{number:number}/v/{version:number}/review", for_people(review), methods=["POST"]),
    Route("/board/{number:number}/v/{version:number}/{kind}", for_people(made)),
]
