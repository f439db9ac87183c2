"""A collection: from the first password to the 汇总表."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook
from starlette.testclient import TestClient

from served import FORM, UNIT
from visitors import OTHER, PASSWORD, another, begun, form_token, logged_in, uploaded, words
from workbook_tools.commands.main import main
from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_book
from workbook_tools.web.backup import backup, restore
from workbook_tools.web.files import Files
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store
from workbook_tools.web.tables import version


def test_a_unit_uploads_sees_the_findings_hands_in_and_gets_a_receipt(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    page = client.get(version).text
    assert "还没有报送" in page
    assert "有 33 处错误，其中 30 处是没有填" in page
    assert "94.66" in words(page)
    receipt = client.post(f"{version}/submit")
    assert "报送回执" in receipt.text
    assert re.search("000001-[0-9A-F]{6}", receipt.text)
    assert "SHA-256" in receipt.text
    again = client.post(f"{version}/submit")
    assert words(again.text) == words(receipt.text)
    assert words(client.get(where).text).count("000001-") == 1


@pytest.mark.slow
def test_what_was_not_handed_in_is_not_counted(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    uploaded(client, where)
    assert "已报 0 个，共 2 个单位" in words(client.get("/board/1").text)


@pytest.mark.slow
def test_a_later_version_is_kept_beside_the_earlier_one(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    for _ in range(2):
        version = uploaded(client, where)
        client.post(f"{version}/submit")
    page = words(client.get("/board/1").text)
    assert "已报 1 个" in page
    assert len(Files("", client.app.state.settings.folder).names()) == 2  # type: ignore[attr-defined]
    archive = client.get("/board/1/make/files").content
    assert len(zipfile.ZipFile(io.BytesIO(archive)).namelist()) == 1


@pytest.mark.slow
def test_the_reviewer_returns_a_form_with_an_opinion(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    page = client.get("/board/1/v/1").text
    said = {"token": form_token(page), "score": "90", "grade": "优", "opinion": "请写明未完成的原因", "do": "return"}
    answer = client.post("/board/1/v/1/review", data=said)
    assert "已退回" in words(answer.text)
    page = words(client.get(where).text)
    assert (
        "“12345政府服务热线外包服务项目”退回修改：请写明未完成的原因 请改好以后在下面重新上传"
        in page.partition("上传自评表")[0]
    )
    assert "已退回 1" in words(answer.text)
    client.post(f"{uploaded(client, where)}/submit")
    assert "退回修改" not in words(client.get(where).text)
    assert "已退回 0" in words(client.get("/board/1").text)


@pytest.mark.slow
def test_returning_needs_an_opinion(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    token = form_token(client.get("/board/1/v/1").text)
    assert client.post("/board/1/v/1/review", data={"token": token, "do": "return"}).status_code == 400


@pytest.mark.slow
def test_the_summary_is_that_of_the_command(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    answer = client.get("/board/1/make/summary")
    assert answer.status_code == 200, words(answer.text)
    book = read_book(answer.content)
    sheets = {info.name: book.sheet(info) for info in book.sheets}
    texts = {name: [sheet.text(cell) for cell in sheet.filled()] for name, sheet in sheets.items()}
    assert UNIT in texts["汇总"]
    assert "94.66" in texts["汇总"]
    assert OTHER in texts["催报"]


@pytest.mark.slow
def test_late_is_by_the_time_of_receipt(client: TestClient) -> None:
    where = begun(logged_in(client), deadline="2020-01-31")[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    assert "逾期 1" in words(client.get("/board/1").text)


@pytest.mark.slow
def test_after_the_end_nothing_is_taken(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    client.post("/board/1/close", data={"token": form_token(client.get("/board/1").text), "do": "close"})
    assert client.post(f"{version}/submit").status_code == 403
    assert client.post(f"{where}/upload", files={"files": ("a.xlsx", FORM.read_bytes())}).status_code == 403


@pytest.mark.slow
def test_a_form_of_another_unit_is_pointed_out(client: TestClient) -> None:
    version = uploaded(client, begun(logged_in(client))[OTHER])
    assert f"表上的单位是“{UNIT}”，这个链接是“{OTHER}”的" in words(client.get(version).text)


def test_units_cannot_see_each_other(client: TestClient, settings: WebSettings) -> None:
    links = begun(logged_in(client))
    version = uploaded(client, links[UNIT])
    client.post(f"{version}/submit")
    number = version.rpartition("/")[2]
    with another(settings) as stranger:
        for page in ("v/{}", "r/{}", "v/{}/filled", "v/{}/marked", "v/{}/original", "v/{}/report"):
            assert stranger.get(f"{links[OTHER]}/{page.format(number)}").status_code == 404
        assert stranger.post(f"{links[OTHER]}/v/{number}/submit").status_code == 404
        assert UNIT not in stranger.get(links[OTHER]).text
        assert stranger.get("/u/" + "x" * 43).status_code == 404


def test_the_board_is_for_those_who_are_logged_in(client: TestClient, settings: WebSettings) -> None:
    begun(logged_in(client))
    pages = [
        "/board",
        "/board/new",
        "/board/1",
        "/board/log",
        "/board/1/v/1",
        "/board/1/make/summary",
        "/board/1/make/files",
    ]
    with another(settings) as stranger:
        for page in pages:
            answer = stranger.get(page, follow_redirects=False)
            assert (answer.status_code, answer.headers.get("location")) == (303, f"/login?where={page}")
        for page in ("/board/new", "/board/1/letters", "/board/1/links", "/board/1/close", "/board/1/v/1/review"):
            assert stranger.post(page, follow_redirects=False).headers.get("location") == "/login"


def test_a_form_without_the_word_of_the_session_changes_nothing(client: TestClient) -> None:
    begun(logged_in(client))
    for token in ("", "0" * 64):
        assert client.post("/board/1/close", data={"token": token, "do": "close"}).status_code == 403
    assert "正在收表" in client.get("/board/1").text


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: TestClient) -> None:
    link = client.app.state.store.accounts.password_link("admin")  # type: ignore[attr-defined]
    client.post(f"/password/{link}", data={"password": PASSWORD, "again": PASSWORD})
    answer = client.post("/login", data={"name": "admin", "password": PASSWORD}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_password_link_works_once_and_a_wrong_password_is_slowed_down(client: TestClient) -> None:
    link = client.app.state.store.accounts.password_link("admin")  # type: ignore[attr-defined]
    said = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(f"/password/{link}", data=said).status_code == 200
    assert client.post(f"/password/{link}", data=said).status_code == 404
    tries = [client.post("/login", data={"name": "admin", "password": "wrong"}).status_code for _ in range(11)]
    assert tries == [403] * 10 + [429]


def test_tokens_and_passwords_are_kept_as_digests(client: TestClient, settings: WebSettings) -> None:
    links = begun(logged_in(client))
    kept = b"".join(path.read_bytes() for path in settings.folder.glob("serve.sqlite*"))
    secrets = [link.rpartition("/")[2] for link in links.values()] + [PASSWORD, client.cookies["session"]]
    assert not [secret for secret in secrets if secret.encode() in kept]


@pytest.mark.slow
def test_a_backup_comes_back_in_an_empty_server(client: TestClient, settings: WebSettings) -> None:
    links = begun(logged_in(client))
    client.post(f"{uploaded(client, links[UNIT])}/submit")
    archive = settings.folder.parent / "备份.zip"
    assert backup(settings, archive) == 1
    elsewhere = WebSettings(folder=settings.folder.parent / "new", address=settings.address)
    assert restore(elsewhere, archive) == 1
    with another(elsewhere) as visitor:
        assert "000001-" in visitor.get(links[UNIT]).text
    store = Store("", elsewhere.folder)
    assert [one.what for one in store.acts()].count("报送") == 1
    with pytest.raises(Exception, match="已经有数据"):
        restore(elsewhere, archive)


@pytest.mark.slow
def test_every_act_is_in_the_log(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    said = words(client.get("/board/1/log").text)
    assert all(what in said for what in ("开始收表", "下载链接", "上传", "报送"))


@pytest.mark.slow
def test_a_review_goes_out_filled_in_and_comes_back_as_a_list_of_issues(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    answer = client.get("/board/1/make/review")
    assert answer.status_code == 200, words(answer.text)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(name.rpartition("/")[2] for name in archive.namelist()) == [f"{UNIT}_000001_自评表.xlsx", "复核.xlsx"]
    page = client.get("/board/1").text
    said = {"token": form_token(page)}
    closed = client.post("/board/1/issues", data=said, files={"file": ("复核.xlsx", archive.read("复核.xlsx"))})
    assert closed.status_code == 200, words(closed.text)
    assert "已经算好" in words(closed.text)
    made = zipfile.ZipFile(io.BytesIO(client.get(f"{closed.url}/file").content)).namelist()
    assert {"问题清单.xlsx", "复核.xlsx"} <= set(made)


@pytest.mark.slow
def test_the_report_in_word_is_made_of_what_was_handed_in(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    answer = client.get(f"{version}/report")
    assert answer.status_code == 200, words(answer.text)
    assert b"word/document.xml" in answer.content


@pytest.mark.slow
def test_the_version_that_was_handed_in_last_counts_whichever_was_uploaded_first(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    first, second = uploaded(client, where, name="先传.xlsx"), uploaded(client, where, name="后传.xlsx")
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    client.post(f"{second}/submit")
    with store.transaction() as db:
        db.execute(sa.update(version).values(handed_in="2020-01-01T00:00:00+00:00"))
        db.execute(sa.update(version).where(version.c.id == 1).values(handed_in=None))
    client.post(f"{first}/submit")
    said = words(client.get(where).text).partition("上传过的各个版本")[0]
    assert "先传.xlsx" in said
    assert "后传.xlsx" not in said
    [name] = zipfile.ZipFile(io.BytesIO(client.get("/board/1/make/files").content)).namelist()
    assert "先传" in name


@pytest.mark.slow
@pytest.mark.parametrize("page", ["{version}/submit", "{unit}/submit"], ids=["one", "several"])
def test_two_people_of_a_unit_who_hand_in_one_project_at_the_same_moment_do_not_make_it_two(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    unit = begun(logged_in(client))[UNIT]
    mine, theirs = uploaded(client, unit, name="我的.xlsx"), uploaded(client, unit, name="同事的.xlsx")
    number = {"version": theirs.rpartition("/")[2]}
    hand_in = Store.hand_in

    def a_moment_later(self: Store, *about: Any) -> Any:
        monkeypatch.undo()
        client.post(f"{mine}/submit")
        return hand_in(self, *about)

    monkeypatch.setattr(Store, "hand_in", a_moment_later)
    answer = client.post(page.format(version=theirs, unit=unit), data=number)
    assert (answer.status_code, "刚才有人报送" in words(answer.text)) == (400, True)
    answer = client.post(page.format(version=theirs, unit=unit), data=number)
    assert answer.status_code == 200
    assert words(client.get("/board/1/u/1").text).count("以这一份为准") == 1
    assert len(client.app.state.store.handed_in(1)) == 2  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_is_uploaded_and_not_handed_in_is_said_on_the_first_page(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    assert "1 份已经上传， 还没有报送" in words(client.get(where).text)
    client.post(f"{version}/submit")
    assert "份已经上传" not in words(client.get(where).text)


WRONG = [
    ({"score": "九十"}, "审核分数“九十”不是数"),
    ({"score": "-1"}, "审核分数 -1 要在 0 和满分 100 之间"),
    ({"score": "100.01"}, "审核分数 100.01 要在 0 和满分 100 之间"),
    ({"score": "946.6"}, "审核分数 946.6 要在 0 和满分 100 之间"),
    ({"score": "90 或 91"}, "审核分数“90 或 91”不是数"),
    ({"grade": "优秀"}, "不是这个评分办法的等级（优、良、中、差）"),
    ({"do": "return", "opinion": "  "}, "退回要写审核意见"),
    ({"opinion": "长" * 4001}, "最多 4000 字"),
]


@pytest.mark.slow
def test_a_review_that_is_not_kept_tells_why_and_loses_no_word(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    usual = {"token": form_token(client.get("/board/1/v/1").text), "do": "keep", "opinion": "请写明原因", "score": "90"}
    for said, told in WRONG:
        typed = usual | said
        answer = client.post("/board/1/v/1/review", data=typed)
        assert answer.status_code == 400
        assert told in words(answer.text)
        assert f">{typed['opinion'].strip()}</textarea>" in answer.text
        assert f'value="{typed["score"]}"' in answer.text
    assert "审核" not in [act.what for act in client.app.state.store.acts()]  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_was_typed_when_the_session_expired_is_kept_after_a_click(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    typed = {"token": form_token(client.get("/board/1/v/1").text), "do": "keep", "opinion": "一段<很长>的意见"}
    store.accounts.log_out(client.cookies["session"])
    answer = client.post("/board/1/v/1/review", data=typed)
    assert "登录已经过期" in words(answer.text)
    wrong = client.post("/login", data=hidden(answer.text) | {"name": "admin", "password": "wrong"})
    answer = client.post("/login", data=hidden(wrong.text) | {"name": "admin", "password": PASSWORD})
    assert "一段&lt;很长&gt;的意见" in answer.text
    assert store.versions(1)[0].reviewed is None, "nothing is done before the click"
    answer = client.post("/board/1/v/1/review", data=hidden(answer.text))
    assert "已保存" in words(answer.text)
    assert store.versions(1)[0].review_opinion == "一段<很长>的意见"


def hidden(page: str) -> dict[str, str]:
    """What a page carries on unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ("甲局\n乙局\n甲局,a@example.cn", "名单第 3 行的“甲局”前面已经有了"),
        ("甲局,没有邮箱", "名单第 1 行的邮箱"),
        ("", "请写报送单位的名单"),
    ],
)
def test_a_list_of_units_that_is_wrong_is_told_and_kept_on_the_page(client: TestClient, units: str, told: str) -> None:
    page = logged_in(client).get("/board/new").text
    answer = client.post("/board/new", data={"token": form_token(page), "title": "自评", "units": units})
    assert answer.status_code == 400
    assert told in words(answer.text)
    assert units in answer.text
    assert client.app.state.store.collections() == []  # type: ignore[attr-defined]


def test_one_wrong_address_in_a_file_is_told_and_does_not_cost_the_others_theirs(client: TestClient) -> None:
    token = form_token(logged_in(client).get("/board/new").text)
    for last, status in (("不是邮箱", 400), ("b@example.cn", 200)):
        listed = f"单位,邮箱\n甲局,a@example.cn\n乙局,{last}\n".encode()
        said = {"token": token, "title": "自评", "units": ""}
        answer = client.post("/board/new", data=said, files={"file": ("通讯录.csv", listed)})
        assert answer.status_code == status
        assert "通讯录.csv 第 3 行" in answer.text or status == 200
        assert "/tmp" not in answer.text
    units = client.app.state.store.units(1)  # type: ignore[attr-defined]
    assert [(one.name, one.mail) for one in units] == [("甲局", "a@example.cn"), ("乙局", "b@example.cn")]


def test_the_link_for_a_password_is_printed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--folder", str(tmp_path / "serve"), "--password", "admin"]) == 0
    assert capsys.readouterr().out.count("/password/") == 1


def begun_with(client: TestClient, listed: bytes, name: str = "通讯录.csv", units: str = "") -> tuple[int, str]:
    """What is answered to a collection with a list in a file, and what the reviewer reads."""
    said = {"token": form_token(client.get("/board/new").text), "title": "自评", "units": units}
    answer = client.post("/board/new", data=said, files={"file": (name, listed)})
    return answer.status_code, words(answer.text)


def units_of(client: TestClient, number: int = 1) -> list[tuple[str, str]]:
    """The units of a collection with their addresses."""
    return [(one.name, one.mail) for one in client.app.state.store.units(number)]  # type: ignore[attr-defined]


def test_a_list_keeps_names_as_written_and_units_without_an_address(client: TestClient) -> None:
    listed = "通讯录\n单位,邮箱\n甲局（本级）,a@example.cn\n乙 局,\n甲局(本级),a2@example.cn；a@example.cn\n"
    assert begun_with(logged_in(client), listed.encode(), units="乙局,b@example.cn")[0] == 200
    assert units_of(client) == [("乙 局", "b@example.cn"), ("甲局（本级）", "a@example.cn;a2@example.cn")]
    token = form_token(client.get("/board/1").text)
    answer = client.post("/board/1/more", data={"token": token, "units": "甲局(本级)\n乙局\n丙局"})
    assert "加了 1 个单位（丙局）" in words(answer.text), "a name with other blanks and brackets is no other unit"


MESSY = [
    ("2025年度绩效自评联系人通讯录",),
    ("序号", "单 位", "联系人", "电子\n邮箱"),
    (1, "甲局", "张三", "zhang＠example．cn；li@example.cn"),
    (None, None, "李四", "wang@example.cn\nZhang@example.cn"),
    (),
    (2, "乙局", "王五", "无"),
    (3, "丙 局", "", "c@example.cn、c2@example.cn"),
    (4, "丙局", "", "C@example.cn"),
]


def test_a_list_as_offices_keep_them_gives_each_unit_once_with_all_its_addresses(client: TestClient) -> None:
    """A unit merged over the rows of its people, a blank row, wide signs, a unit twice, an address in other letters."""
    book, data = Workbook(), io.BytesIO()
    for row in MESSY:
        book.worksheets[0].append(row)
    for cells in ("A1:D1", "A3:A4", "B3:B4"):
        book.worksheets[0].merge_cells(cells)
    book.save(data)
    status, said = begun_with(logged_in(client), data.getvalue(), "通讯录.xlsx")
    assert status == 200, said
    assert units_of(client) == [
        ("甲局", "zhang@example.cn;li@example.cn;wang@example.cn"),
        ("乙局", ""),
        ("丙 局", "c@example.cn;c2@example.cn"),
    ]


def test_all_lines_that_are_to_be_mended_are_told_at_once(client: TestClient) -> None:
    listed = "单位,邮箱\n甲局,a@example.cn（工作日）\n,b@example.cn\n丙局,c@example.cn\n丁局,邮箱：d@example.cn\n"
    status, said = begun_with(logged_in(client), listed.encode())
    assert status == 400
    assert re.search("通讯录.csv 第 2 行的邮箱.*；第 3 行：有邮箱“b@example.cn”，没有写单位.*；第 5 行的邮箱", said)
    assert "第 4 行" not in said


def test_addresses_under_another_heading_are_not_left_out_in_silence(client: TestClient) -> None:
    status, said = begun_with(logged_in(client), "单位,联系方式\n甲局,a@example.cn\n".encode())
    assert status == 400
    assert "里面有邮箱，没有读到“邮箱”一列" in said


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("单位,邮箱\n,a@example.cn", "第 2 行：有邮箱“a@example.cn”，没有写单位；请补上，或者删去这一行"),
        ("单位,邮箱\n未计算的公式,a@example.cn", "单位的名称是没有算过的公式"),
        ("单位,邮箱\n甲局,不是邮箱", "第 2 行的邮箱“不是邮箱”不是邮箱地址"),
    ],
)
def test_a_line_of_a_list_that_is_no_unit_is_told_and_the_file_is_to_be_chosen_again(
    client: TestClient, listed: str, told: str
) -> None:
    status, said = begun_with(logged_in(client), listed.encode())
    assert status == 400
    assert told in said
    assert "（通讯录要重新选）" in said
    assert "/tmp" not in said


@pytest.mark.parametrize("line", ["甲局 a@example.cn", "甲局 a＠example.cn"])
def test_a_name_and_an_address_without_a_comma_are_no_unit(client: TestClient, line: str) -> None:
    said = {"token": form_token(logged_in(client).get("/board/new").text), "title": "自评", "units": line}
    answer = client.post("/board/new", data=said, files={"file": ("", b"")})
    assert f"名单第 1 行“{line}”：单位和邮箱之间要有逗号" in words(answer.text)
    assert "要重新选" not in answer.text


@pytest.mark.slow
def test_after_the_deadline_the_unit_is_told_before_and_after_it_hands_in(client: TestClient) -> None:
    where = begun(logged_in(client), deadline="2020-01-31")[UNIT]
    version = uploaded(client, where)
    for page in (where, version):
        assert "截止日期已过" in words(client.get(page).text)
    assert "（逾期，截止日期 2020-01-31）" in words(client.post(f"{version}/submit").text)


@pytest.mark.slow
def test_before_the_deadline_nothing_is_late(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    for page in (client.get(where), client.get(version), client.post(f"{version}/submit")):
        assert "截止日期已过" not in page.text
        assert "（逾期，" not in page.text


@pytest.mark.slow
def test_the_form_of_another_unit_is_pointed_out_in_the_list_and_to_the_reviewer(client: TestClient) -> None:
    where = begun(logged_in(client))[OTHER]
    version = uploaded(client, where)
    assert f"表上的单位是“{UNIT}”" in words(client.get(where).text)
    client.post(f"{version}/submit")
    assert f"表上的单位是“{UNIT}”，这一份是“{OTHER}”报送的" in words(client.get("/board/1/v/1").text)


@pytest.mark.parametrize(
    ("page", "back", "called"),
    [
        ("/board/1/make/summary", "/board/1", "回到收表"),
        ("/board/9", "/board", "回到收表"),
        ("{unit}/upload", "{unit}", "回到报送页"),
        ("/u/nobody", "/", "回到首页"),
        ("/nothing", "/", "回到首页"),
    ],
)
def test_every_message_leads_back_to_where_its_reader_works(
    client: TestClient, page: str, back: str, called: str
) -> None:
    unit = begun(logged_in(client))[UNIT]
    assert f'<a href="{back.format(unit=unit)}">{called}</a>' in client.get(page.format(unit=unit)).text


def test_the_first_page_leads_the_bureau_to_its_collections(client: TestClient) -> None:
    assert '<a href="/board">收表单位登录</a>' in client.get("/").text


def test_a_search_that_finds_nothing_says_so(client: TestClient) -> None:
    begun(logged_in(client))
    assert "没有名称里有“庚局”的单位。 看全部" in words(client.get("/board/1?q=庚局").text)
    assert "没有这样的单位。 看全部" in words(client.get("/board/1?show=已报").text)


def test_a_backup_of_a_folder_without_a_server_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="没有收表的数据库，没有备份"):
        backup(WebSettings(folder=tmp_path / "另一个"), tmp_path / "备份.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="没有这个文件，没有还原"):
        restore(WebSettings(folder=tmp_path / "空的"), tmp_path / "没有.zip")


def test_an_address_for_letters_can_be_clicked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--folder", str(tmp_path), "--address", "jx.example.gov.cn"])
    assert "--address 要从 http:// 或 https:// 写起，如 https://jx.example.gov.cn" in capsys.readouterr().err
