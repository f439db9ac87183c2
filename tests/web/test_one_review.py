"""A review is one: what is typed on the page is in what the commands write, what comes back in a 复核 is on the page."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from starlette.testclient import TestClient

from reviewed import rows, typed
from served import FORM, UNIT, form_of
from visitors import OTHER, begun, form_token, logged_in, uploaded, words
from workbook_tools.excel import read_book
from workbook_tools.web.tables import version

TYPED = {"score": "90", "grade": "优", "opinion": "请写明\n没有完成的原因"}


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    """The reviewer of a collection to which one form was handed in."""
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    return client


def review(desk: TestClient, said: dict[str, str], seen: str = "") -> str:
    """What the reviewer reads after saving a review."""
    token = form_token(desk.get("/board/1").text)
    return words(desk.post("/board/1/v/1/review", data={"token": token, "do": "keep", "seen": seen, **said}).text)


def latest(desk: TestClient) -> tuple[str, str, str]:
    """The review that stands on the page."""
    one = desk.app.state.store.version(1)  # type: ignore[attr-defined]
    return one.review_score, one.review_grade, one.review_opinion


def book(desk: TestClient, folder: Path) -> Path:
    """The 复核 of the collection as it is downloaded."""
    archive = zipfile.ZipFile(io.BytesIO(desk.get("/board/1/make/review").content))
    path = folder / "复核.xlsx"
    path.write_bytes(archive.read("复核.xlsx"))
    return path


def closed(desk: TestClient, path: Path) -> str:
    """What the reviewer reads after handing in a 复核 that is filled in."""
    token = form_token(desk.get("/board/1").text)
    files = {"file": (path.name, path.read_bytes())}
    return words(desk.post("/board/1/issues", data={"token": token}, files=files).text)


def issues(desk: TestClient, folder: Path, number: int = 1) -> dict[str, dict[str, object]]:
    """The list of issues that followed from a 复核, by number."""
    archive = zipfile.ZipFile(io.BytesIO(desk.get(f"/board/1/closings/{number}/file").content))
    path = folder / "问题清单.xlsx"
    path.write_bytes(archive.read("问题清单.xlsx"))
    return rows(load_workbook(path)["问题清单"], "编号")


@pytest.mark.slow
def test_what_is_typed_on_the_page_is_in_everything_that_is_downloaded(desk: TestClient, tmp_path: Path) -> None:
    review(desk, TYPED)
    summary = read_book(desk.get("/board/1/make/summary").content)
    sheet = next(summary.sheet(info) for info in summary.sheets if info.name == "汇总")
    assert {"90", "优", TYPED["opinion"]} <= {sheet.text(cell) for cell in sheet.filled()}
    path = book(desk, tmp_path)
    row = rows(load_workbook(path).worksheets[1])["form"]
    assert (row["复核得分"], row["复核完成值"], row["复核意见"]) == (90, "优", TYPED["opinion"])
    assert "复核表和页面上的审核一致" in closed(desk, path)
    assert any(
        "自评总分" in str(one["事实及判定"]) and "复核 90" in str(one["事实及判定"])
        for one in issues(desk, tmp_path).values()
    )
    assert latest(desk) == tuple(TYPED.values())


@pytest.mark.slow
def test_what_comes_back_in_a_review_is_on_the_page(desk: TestClient, tmp_path: Path) -> None:
    path = typed(book(desk, tmp_path), {"form": {"复核得分": 85, "复核意见": "没有证明材料"}})
    page = closed(desk, path)
    assert "复核表和页面上的审核一致" in page
    assert latest(desk) == ("85", "良", "没有证明材料")
    page = words(desk.get("/board/1/v/1").text)
    assert "上传的复核表：复核人给的总分 85（没有证明材料）" in page
    assert "85 良" in words(desk.get("/board/1").text)


@pytest.mark.slow
def test_neither_replaces_the_other_unasked(desk: TestClient, tmp_path: Path) -> None:
    path = typed(book(desk, tmp_path), {"form": {"复核得分": 85, "复核意见": "没有证明材料"}})
    review(desk, TYPED)
    page = closed(desk, path)
    assert "1 份的复核表和页面上写的不一样，页面上的没有改" in page
    assert latest(desk) == tuple(TYPED.values())
    token = form_token(desk.get("/board/1").text)
    answer = desk.post("/board/1/closings/1", data={"token": token})
    assert "没有勾选，没有改动" in words(answer.text)
    assert latest(desk) == tuple(TYPED.values())
    answer = desk.post("/board/1/closings/1", data={"token": token, "version": "1"})
    assert "1 份已经采用复核表的结果" in words(answer.text)
    assert latest(desk) == ("85", "良", "没有证明材料")
    assert "90 优" in words(desk.get("/board/1/v/1").text), "what was typed before is still there to be read"
    assert "采用复核表" in words(desk.get("/board/1/log").text)


@pytest.mark.slow
def test_what_a_review_does_not_say_stays_on_the_page(desk: TestClient, tmp_path: Path) -> None:
    path = typed(book(desk, tmp_path), {"form": {"复核得分": 85}})
    review(desk, {"opinion": "请补材料"})
    closed(desk, path)
    assert latest(desk) == ("85", "良", "请补材料")


@pytest.mark.slow
def test_a_form_that_is_returned_stays_returned(desk: TestClient, tmp_path: Path) -> None:
    path = typed(book(desk, tmp_path), {"form": {"复核得分": 85}})
    review(desk, {"opinion": "请补材料", "do": "return"})
    closed(desk, path)
    assert "已退回 1" in words(desk.get("/board/1").text)
    review(desk, {"opinion": "请补材料和照片"}, seen="2")
    assert "已退回 1" in words(desk.get("/board/1").text)
    assert "已撤销退回" in review(desk, {"opinion": "请补材料和照片", "do": "take back"}, seen="3")
    assert "已退回 0" in words(desk.get("/board/1").text)


@pytest.mark.slow
def test_issues_keep_their_numbers_from_one_review_to_the_next(desk: TestClient, tmp_path: Path) -> None:
    path = book(desk, tmp_path)
    closed(desk, path)
    before = issues(desk, tmp_path)
    closed(desk, typed(path, {"form": {"复核意见": "没有证明材料"}}))
    after = issues(desk, tmp_path, 2)
    assert [after[number]["发现"] for number in before] == [one["发现"] for one in before.values()]
    assert len(after) == len(before) + 1


@pytest.mark.slow
def test_the_workbooks_of_one_review_are_handed_in_together(desk: TestClient, tmp_path: Path) -> None:
    [link] = re.findall(r"http://testserver(/u/\S+)", desk.post("/board/1/u/2/links", data=_token(desk)).text)
    desk.post(f"{uploaded(desk, link.partition('<')[0], form_of(OTHER, '校舍项目'))}/submit")
    whole = typed(typed(book(desk, tmp_path), {"form": {"复核得分": 80}}), {"form": {"复核得分": 70}}, 2)
    files = []
    for number, left_out in ((1, 2), (2, 1)):
        workbook = load_workbook(whole)
        workbook.remove(workbook.worksheets[left_out])
        part = tmp_path / f"复核_{number}.xlsx"
        workbook.save(part)
        files.append(("file", (part.name, part.read_bytes())))
    page = words(desk.post("/board/1/issues", data=_token(desk), files=files).text)
    assert "复核_1.xlsx、复核_2.xlsx" in page
    assert [desk.app.state.store.version(number).review_score for number in (1, 2)] == ["80", "70"]  # type: ignore[attr-defined]


def _token(desk: TestClient) -> dict[str, str]:
    return {"token": form_token(desk.get("/board/1").text)}


@pytest.mark.slow
def test_two_reviewers_of_one_form_do_not_replace_each_other(desk: TestClient) -> None:
    assert "已保存" in review(desk, TYPED)
    page = review(desk, {"score": "80", "opinion": "我写了很久"}, seen="")
    assert "没有保存：admin" in page
    assert "您写的还没有存" in page
    assert "我写了很久" in page
    assert "90 优；请写明 没有完成的原因" in page, "what the other one has written can be read beside it"
    assert latest(desk) == tuple(TYPED.values())
    assert "已保存" in review(desk, {"score": "80", "opinion": "我写了很久"}, seen="1")
    assert latest(desk) == ("80", "", "我写了很久")


def test_a_second_click_saves_nothing_twice(desk: TestClient) -> None:
    for _ in range(2):
        assert "已保存" in review(desk, TYPED)
    assert len(desk.app.state.store.reviews(1)) == 1  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("seen", ["x", "-1", "9" * 5000, "99"])
def test_what_was_seen_is_a_number_of_ours(desk: TestClient, seen: str) -> None:
    assert review(desk, TYPED, seen=seen)
    assert desk.get("/board/1").status_code == 200


@pytest.mark.slow
def test_a_file_that_is_no_review_is_a_sentence(desk: TestClient) -> None:
    token = form_token(desk.get("/board/1").text)
    answer = desk.post("/board/1/issues", data={"token": token}, files={"file": ("复核.xlsx", b"PK")})
    assert answer.status_code == 409
    assert desk.get("/board/1/closings/1").status_code == 404
    assert OTHER in words(desk.get("/board/1").text)


# A grade and its score


def test_a_grade_that_does_not_follow_from_the_score_is_told_as_the_command_tells_it(desk: TestClient) -> None:
    said = {"score": "66", "grade": "良", "opinion": "请补材料"}
    page = review(desk, said)
    assert "没有保存：核定等级填“良”，审核分数 66 分，≥60，应为“中”；请核对，没有写错的再按一次" in page
    assert desk.app.state.store.reviews(1) == []  # type: ignore[attr-defined]
    again = desk.post("/board/1/v/1/review", data={**_token(desk), "do": "keep", "seen": "", **said})
    [sure] = re.findall(r'name="sure" value="([^"]*)"', again.text)
    other = review(desk, said | {"score": "95", "sure": sure})
    assert "审核分数 95 分，≥90，应为“优”" in other, "what was confirmed is another score"
    assert "已保存" in review(desk, said | {"sure": sure}), "it is not forbidden"
    assert latest(desk) == tuple(said.values())


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    ("score", "grade"), [("66", "中"), ("66", ""), ("", "良"), ("66", "差")], ids=["right", "none", "no score", "veto"]
)
def test_a_grade_that_may_be_right_is_saved_at_once(desk: TestClient, score: str, grade: str) -> None:
    assert "已保存" in review(desk, {"score": score, "grade": grade, "opinion": "请补材料"})


def test_where_the_table_of_grades_is_not_known_no_grade_is_doubted(desk: TestClient) -> None:
    """A form that was handed in to an earlier version of the program."""
    store = desk.app.state.store  # type: ignore[attr-defined]
    record = json.loads(store.version(1).record)
    for form in record["forms"]:
        del form["steps"]
    record.pop("unused", None)
    with store.transaction() as db:
        db.execute(sa.update(version).values(record=json.dumps(record)))
    assert "已保存" in review(desk, {"score": "66", "grade": "良", "opinion": "请补材料"})
    assert desk.get("/board/1/v/1").status_code == 200


@pytest.mark.slow
def test_a_wrong_file_is_told_by_the_name_that_the_person_knows(desk: TestClient) -> None:
    files = {"file": ("填好的<1>.xlsx", b"")}
    page = words(desk.post("/board/1/issues", data=_token(desk), files=files).text)
    assert "填好的<1>.xlsx：文件是空的（0 字节）" in page
    assert "回到收表" in page


@pytest.mark.slow
def test_a_total_that_nobody_has_typed_is_called_so_everywhere(client: TestClient, tmp_path: Path) -> None:
    """The example leaves its scores blank: what is computed is not the unit's own."""
    desk = logged_in(client)
    unit = begun(desk)[UNIT]
    other = uploaded(desk, unit)
    assert "表上没有填总分，报送的就是没有填的表" in words(desk.get(other).text)
    desk.post(f"{other}/submit")
    total, grade = "没有填（按办法计算 94.66）", "没有填（按办法计算 优）"
    for page in (unit, "/board/1", "/board/1/u/1", "/board/1/v/1", other, other.replace("/v/", "/r/")):
        said = (
            words(desk.get(page).text)
            .replace("94.66 ）", "94.66）")
            .replace("优 ）", "优）")
            .replace("计算  ", "计算 ")
        )
        assert total in said, page
        assert grade in said, page
        assert "94.66 优" not in said, page
    for page in (other, "/board/1/v/1"):
        assert "上传的表 33 处错误，其中 30 处是没有填 填好以后 2 处错误" in words(desk.get(page).text)
    path = book(desk, tmp_path)
    sheet = load_workbook(path).worksheets[1]
    assert f"自评总分：{total}" in [cell.value for row in sheet.iter_rows(max_row=5) for cell in row]
    assert f"{total} {grade}" in closed(desk, typed(path, {"form": {"复核得分": 85}}))
    summary = load_workbook(io.BytesIO(desk.get("/board/1/make/summary").content))["汇总"]
    titles, values = ([cell.value for cell in row] for row in summary.iter_rows(min_row=3, max_row=4))
    row = dict(zip(titles, values, strict=True))
    assert (row["总分"], row["等级"], row["按办法总分"], row["按办法等级"]) == (None, None, 94.66, "优")
    listed = rows(load_workbook(path)["复核汇总"], "单位")[UNIT]
    [version] = desk.app.state.store.handed_in(1)  # type: ignore[attr-defined]
    assert row["错误"] == listed["错误"] == version.errors == 33, "counted of what was handed in"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"J36": "优", "I36": 94.66}, ("94.66", "优")),
        ({"J36": "良", "I36": 97}, ("97（按办法计算 94.66）", "良（按办法计算 优）")),
    ],
)
def test_a_total_that_was_typed_is_the_units_own(
    client: TestClient, tmp_path: Path, cells: dict[str, str | float], shown: tuple[str, str]
) -> None:
    filled = load_workbook(FORM)
    for cell, value in cells.items():
        filled.worksheets[0][cell] = value
    filled.save(tmp_path / "自评表.xlsx")
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where, (tmp_path / '自评表.xlsx').read_bytes())}/submit")
    [row] = client.app.state.store.handed_in(1)  # type: ignore[attr-defined]
    assert (row.total, row.grade) == shown


@pytest.mark.slow
def test_forms_without_a_result_are_told_beside_those_that_have_one(client: TestClient, tmp_path: Path) -> None:
    """Two units hand in the form of one: nobody knows which of them is meant."""
    desk = logged_in(client)
    links = begun(desk, units=f"{UNIT}\n{OTHER}\n丙局")
    for name in (UNIT, OTHER):
        desk.post(f"{uploaded(desk, links[name])}/submit")
    desk.post(f"{uploaded(desk, links['丙局'], form_of('丙局', '丙项目'))}/submit")
    page = closed(desk, book(desk, tmp_path))
    assert "复核表和页面上的审核一致（有结果的 1 份）" in page
    assert "另有 2 份没有复核结果" in page
    assert "有 2 张复核表" in page
    assert "<details open>" in desk.get("/board/1/closings/1").text
