"""What is changed after a collection has begun: its deadline, its units, their links and projects, and the people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from office import convert, needs_libreoffice
from served import FORM, UNIT, form_of
from visitors import OTHER, PASSWORD, another, begun, form_token, logged_in, uploaded, words
from workbook_tools.web.settings import WebSettings

FACTS = {"title": "2022年度自评", "deadline": "2099-01-31", "contact": "王五 0760"}


def post(client: TestClient, path: str, **said: str) -> str:
    """What the reviewer reads after pressing a button of the collection."""
    token = form_token(client.get("/board/1").text)
    return words(client.post(f"/board/1{path}", data={"token": token, **said}).text)


def log(client: TestClient) -> str:
    """The audit log of the collection."""
    return words(client.get("/board/1/log").text)


def test_another_deadline_and_contact_stand_on_the_pages_of_the_units(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    said = post(
        client, "/settings", **FACTS | {"title": "自评（补）", "deadline": "2099-02-28", "contact": "赵六 8899"}
    )
    assert "已修改" in said
    page = words(client.get(where).text)
    assert "自评（补） 报送单位" in page
    assert "截止日期： 2099-02-28" in page
    assert "联系人：赵六 8899" in page
    assert "截止日期由“2099-01-31”改为“2099-02-28”；联系人由“王五 0760”改为“赵六 8899”" in log(client)


@pytest.mark.slow
@pytest.mark.parametrize(("last", "late"), [("2099-01-31", 0), ("2020-01-31", 1), ("", 0)])
def test_late_is_by_the_deadline_as_it_is_now(client: TestClient, last: str, late: int) -> None:
    where = begun(logged_in(client), deadline="2020-01-01")[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    post(client, "/settings", **FACTS | {"deadline": last})
    assert f"逾期 {late}" in words(client.get("/board/1").text)


def test_what_cannot_be_a_collection_is_told_and_nothing_typed_is_lost(client: TestClient) -> None:
    begun(logged_in(client))
    said = post(client, "/settings", **FACTS | {"title": " ", "contact": "赵六"})
    assert "没有改：请写收表的名称" in said
    said = post(client, "/settings", **FACTS | {"deadline": "二月底"})
    assert "截止日期要写成 2026-02-28 这样，不是“二月底”" in said
    said = post(client, "/settings", **FACTS)
    assert "没有改动" in said
    assert "修改收表" not in log(client)


def test_units_are_added_later_and_those_on_the_list_stay_as_they_are(client: TestClient) -> None:
    begun(logged_in(client))
    said = post(client, "/more", units=f"丙局,c@example.cn\n{UNIT},x@example.cn")
    assert "加了 1 个单位（丙局）" in said
    assert f"{UNIT}本来就在名单里，没有改动" in said
    assert "共 3 个单位" in words(client.get("/board/1").text)
    units = client.app.state.store.units(1)  # type: ignore[attr-defined]
    assert [(one.name, one.mail) for one in units][-1] == ("丙局", "c@example.cn")
    assert units[0].mail == ""
    assert "加单位 1 个：丙局" in log(client)
    assert "没有加：名单第 1 行的邮箱" in post(client, "/more", units="丁局,没有邮箱")


@pytest.mark.slow
def test_a_unit_that_is_removed_is_in_no_count_and_keeps_what_it_has_handed_in(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    assert "已移出" in post(client, "/u/1/remove", do="remove")
    board = words(client.get("/board/1").text)
    assert "已报 0 个，共 1 个单位" in board
    assert "有错误 0" in board
    assert f"{UNIT} ，" in board.partition("已移出（不计入")[2]
    assert client.get("/board/1/make/summary").status_code == 409, "nothing that counts is there"
    page = words(client.get(where).text)
    assert "贵单位已经移出这次收表，不用再报送，以前报送的都留着；有疑问请联系收表的单位（王五 0760）" in page
    assert "000001-" in page
    assert client.post(f"{where}/upload", files={"files": ("a.xlsx", form_of(UNIT, "x"))}).status_code == 403
    assert "1" in words(client.get("/board").text)
    assert "已恢复" in post(client, "/u/1/remove", do="back")
    assert "已报 1 个，共 2 个单位" in words(client.get("/board/1").text)
    assert "移出单位" in log(client)
    assert "恢复单位" in log(client)


@pytest.mark.slow
def test_a_unit_that_was_removed_comes_back_with_all_by_adding_it(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    post(client, "/u/1/remove", do="remove")
    post(client, "/more", units=UNIT)
    assert "已报 1 个，共 2 个单位" in words(client.get("/board/1").text)
    assert "上传自评表" in client.get(where).text


@pytest.mark.slow
def test_a_link_that_went_to_the_wrong_person_is_revoked_and_a_new_one_given(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    page = post(client, "/u/1/links", do="revoke")
    [link] = re.findall(r"http://testserver(/u/\S+)", page)
    for path in (where, version, f"{version}/filled"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "这个链接已经作废，请向收表的单位（王五 0760）索取新的" in words(answer.text)
        assert UNIT not in answer.text
    assert client.post(f"{version}/submit").status_code == 410
    assert client.post(f"{where}/upload", files={"files": ("a.xlsx", b"")}).status_code == 410
    assert "还没有报送" in words(client.get(version.replace(where, link)).text), "what was uploaded is there"
    assert "作废链接" in log(client)
    assert "有效的链接 1 个，已作废 1 个" in words(client.get("/board/1/u/1").text)


def test_one_more_link_leaves_the_others_valid(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    [link] = re.findall(r"http://testserver(/u/\S+)", post(client, "/u/1/links", do="more"))
    assert client.get(where).status_code == client.get(link).status_code == 200


@pytest.mark.slow
def test_ended_early_and_opened_again(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    post(client, "/close", do="close")
    page = words(client.get(version).text)
    assert "这次收表已经结束；还要改的，请联系收表的单位（王五 0760）" in page
    assert client.post(f"{version}/submit").status_code == 403
    post(client, "/close", do="open")
    assert "报送回执" in client.post(f"{version}/submit").text
    assert log(client).count("结束收表") == log(client).count("重新开放") == 1


def test_an_address_is_mended_or_told_why_not(client: TestClient) -> None:
    begun(logged_in(client))
    assert "没有改：邮箱" in post(client, "/u/1/mail", mail="不是邮箱")
    token = form_token(client.get("/board/1").text)
    assert 'value="不是邮箱"' in client.post("/board/1/u/1/mail", data={"token": token, "mail": "不是邮箱"}).text
    assert "已改为 a@example.cn;b@example.cn" in post(client, "/u/1/mail", mail="a@example.cn；b@example.cn")
    assert "已改为 a@example.cn;b@example.cn" in post(
        client, "/u/1/mail", mail="a＠example．cn、b@example.cn；A@example.cn"
    )
    assert f"{UNIT}的邮箱由“（没有）”改为“a@example.cn;b@example.cn”" in log(client)


def test_the_unit_of_another_collection_is_not_found(client: TestClient) -> None:
    begun(logged_in(client))
    token = form_token(client.get("/board/new").text)
    client.post("/board/new", data={"token": token, "title": "另一次", "units": "丙局"}, files={"file": ("", b"")})
    for path in ("/board/2/u/1", "/board/1/u/3"):
        assert client.get(path).status_code == 404
    for act in ("mail", "remove", "links", "join", "split"):
        assert client.post(f"/board/2/u/1/{act}", data={"token": token, "do": "remove"}).status_code == 404


# Projects


def handed_in(client: TestClient, where: str, name: str, answer: str = "") -> Any:
    """What the unit sees after handing in a form of a project, with the answer to what it is asked."""
    version = uploaded(client, where, form_of(UNIT, name))
    return client.post(f"{version}/submit", data={"project": answer})


def names(client: TestClient) -> list[str]:
    """The projects on the board."""
    return re.findall(r'<a href="/board/1/v/\d+">([^<]*)</a>', client.get("/board/1").text)


@pytest.mark.slow
def test_a_corrected_name_is_asked_about_and_is_one_project_after(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    assert "报送回执" in handed_in(client, where, "热线项目").text, "the first one is not asked about"
    answer = handed_in(client, where, "热线外包项目")
    assert answer.status_code == 400
    assert "“热线外包项目”是： “热线项目”的更正" in words(answer.text)
    assert names(client) == ["热线项目"], "nothing is handed in before the answer"
    assert "报送回执" in handed_in(client, where, "热线外包项目", "1").text
    assert names(client) == ["热线外包项目"]
    assert "报送回执" in handed_in(client, where, "热线外包项目").text, "the same name is not asked about"
    assert names(client) == ["热线外包项目"]
    page = words(client.get(where).text).partition("上传过的各个版本")[0]
    assert "热线外包项目" in page
    assert "热线项目" not in page


@pytest.mark.slow
def test_another_project_is_another_one_also_under_a_name_of_before(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    handed_in(client, where, "热线项目")
    handed_in(client, where, "外包项目", "1")
    assert "“热线项目”是： “外包项目”的更正" in words(handed_in(client, where, "热线项目").text)
    handed_in(client, where, "热线项目", "new")
    assert names(client) == ["外包项目", "热线项目"]


@pytest.mark.slow
@pytest.mark.parametrize("said", ["2", "99", "x", "0", "9" * 5000])
def test_an_answer_that_was_not_offered_hands_nothing_in(client: TestClient, said: str) -> None:
    links = begun(logged_in(client))
    handed_in(client, links[UNIT], "热线项目")
    handed_in(client, links[OTHER], "别的单位的项目")
    assert handed_in(client, links[UNIT], "外包项目", said).status_code == 400
    assert names(client) == ["热线项目", "别的单位的项目"]


@pytest.mark.slow
def test_the_reviewer_joins_projects_and_takes_them_apart(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    handed_in(client, where, "热线项目")
    handed_in(client, where, "热线外包项目", "new")
    handed_in(client, where, "热线项目")
    assert names(client) == ["热线项目", "热线外包项目"]
    assert "已合并为一个项目，以最后报送的为准：热线项目" in post(client, "/u/1/join", this="2", other="3")
    assert names(client) == ["热线项目"]
    assert "请选两个不同的项目" in post(client, "/u/1/join", this="3", other="3")
    assert "已分开" in post(client, "/u/1/split", version="2")
    assert names(client) == ["热线项目", "热线外包项目"]
    assert all(what in log(client) for what in ("合并项目", "分开项目"))
    assert "没有分开" in post(client, "/u/1/split", version="1")


# What a page says


def test_the_address_of_a_page_says_nothing(client: TestClient) -> None:
    begun(logged_in(client))
    for name in ("said", "told", "message", "fault"):
        assert "请把密码发到" not in client.get("/board/1", params={name: "请把密码发到 x@evil.example"}).text


def test_what_was_done_is_said_once_and_to_nobody_else(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    with another(settings) as second:
        second.post("/login", data={"name": "admin", "password": PASSWORD})
        token = form_token(client.get("/board/1").text)
        answer = client.post("/board/1/close", data={"token": token, "do": "close"}, follow_redirects=False)
        assert answer.headers["location"] == "/board/1"
        assert "单位不能再报送" not in second.get("/board/1").text
        assert "单位不能再报送" in client.get("/board/1").text
        assert "单位不能再报送" not in client.get("/board/1").text


# People


def people(client: TestClient, path: str = "", **said: str) -> str:
    """What the page of the people says after pressing a button."""
    token = form_token(client.get("/board/new").text)
    return words(client.post(f"/board/people{path}", data={"token": token, **said}).text)


def joined(client: TestClient, visitor: TestClient, name: str, **more: str) -> None:
    """Somebody who was added, has set a password, and is logged in."""
    [link] = re.findall(r"http://testserver(/password/\S+)", people(client, name=name, **more))
    visitor.post(link, data={"password": PASSWORD, "again": PASSWORD})
    visitor.post("/login", data={"name": name, "password": PASSWORD})


def test_somebody_who_is_removed_is_out_at_once(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    with another(settings) as visitor:
        joined(client, visitor, "张三")
        assert visitor.get("/board/1").status_code == 200
        assert "已移出 张三" in people(client, "/2/remove")
        assert visitor.get("/board/1", follow_redirects=False).status_code == 303
        assert visitor.post("/login", data={"name": "张三", "password": PASSWORD}).status_code == 403
    acts = words(client.get("/board/log").text)
    assert all(what in acts for what in ("加人 张三", "移出用户 张三"))


def test_a_password_that_is_reset_ends_at_once(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    with another(settings) as visitor:
        joined(client, visitor, "张三")
        [link] = re.findall(r"http://testserver(/password/\S+)", people(client, "/2/reset"))
        assert visitor.get("/board/1", follow_redirects=False).status_code == 303
        assert visitor.post("/login", data={"name": "张三", "password": PASSWORD}).status_code == 403
        visitor.post(link, data={"password": "another password", "again": "another password"})
        answer = visitor.post("/login", data={"name": "张三", "password": "another password"})
        assert str(answer.url).endswith("/board")


def test_only_who_manages_sees_the_people(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    with another(settings) as visitor:
        joined(client, visitor, "张三")
        assert "人员" not in words(visitor.get("/board").text)
        token = form_token(visitor.get("/board/new").text)
        assert visitor.get("/board/people").status_code == 403
        for path in ("", "/1/remove", "/1/reset"):
            answer = visitor.post(f"/board/people{path}", data={"token": token, "name": "李四"})
            assert answer.status_code == 403
    assert "李四" not in client.get("/board/people").text
    assert client.get("/board/1").status_code == 200


def test_somebody_else_may_manage_too_and_nobody_removes_oneself(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    assert "不能移出自己" in people(client, "/1/remove")
    with another(settings) as visitor:
        joined(client, visitor, "张三", admin="1")
        token = form_token(visitor.get("/board/new").text)
        assert "已移出 admin" in words(visitor.post("/board/people/1/remove", data={"token": token}).text)
    assert client.get("/board/1", follow_redirects=False).status_code == 303


def test_a_name_that_there_is_or_that_is_none_is_told(client: TestClient) -> None:
    logged_in(client)
    assert "已经有用户“admin”" in people(client, name="admin")
    assert "用户名要有 1 到 50 个字" in people(client, name=" ")
    assert "没有这个用户" in people(client, "/99/reset")
    assert "没有这个用户" in people(client, "/99/remove")


def test_one_changes_ones_own_password_and_stays_logged_in_until_then(client: TestClient) -> None:
    logged_in(client)
    [link] = re.findall(r"http://testserver(/password/\S+)", people(client, "/1/reset"))
    assert client.get("/board").status_code == 200
    assert "密码设好了" in client.post(link, data={"password": "p" * 12, "again": "p" * 12}).text
    assert client.get("/board", follow_redirects=False).status_code == 303


@pytest.mark.slow
def test_a_unit_of_many_projects_hands_in_all_at_once(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    files = [("files", (f"{name}.xlsx", form_of(UNIT, f"项目{name}"))) for name in "甲乙丙"]
    page = words(client.post(f"{where}/upload", files=files).text)
    assert "3 份已经上传， 还没有报送" in page
    assert "是某个" not in page
    assert "还没有勾选" in words(client.post(f"{where}/submit").text)
    page = words(client.post(f"{where}/submit", data={"version": ["1", "2", "3"]}).text)
    assert [f"00000{n}-" in page for n in (1, 2, 3)] == [True] * 3
    assert names(client) == ["项目甲", "项目乙", "项目丙"]


@pytest.mark.slow
def test_of_several_at_once_each_is_asked_about_and_all_or_none_are_handed_in(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    handed_in(client, where, "热线项目")
    for name in ("热线外包项目", "校舍项目"):
        uploaded(client, where, form_of(UNIT, name))
    said = {"version": ["2", "3"], "project-3": "new"}
    answer = client.post(f"{where}/submit", data=said)
    assert answer.status_code == 400
    assert "热线外包项目：没有报送：贵单位已经报过别的项目" in words(answer.text)
    assert answer.text.count(" checked") == 2
    assert names(client) == ["热线项目"]
    client.post(f"{where}/submit", data={**said, "project-2": "1"})
    assert names(client) == ["热线外包项目", "校舍项目"]


@pytest.mark.slow
@needs_libreoffice
def test_what_is_only_checked_offers_no_filled_copy(client: TestClient, tmp_path: Path) -> None:
    where = begun(logged_in(client))[UNIT]
    [file] = convert([FORM], tmp_path, "xls").values()
    version = uploaded(client, where, file.read_bytes(), "自评表.et")
    for page in (words(client.get(version).text), words(client.get("/board/1/v/1").text)):
        assert ".et 文件只检查，空着的格子没有算、没有填" in page
        assert "下载填好的表" not in page
        assert "下载自评报告" in page
