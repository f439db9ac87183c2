"""A collection: from the first password to the 汇总表."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from served import FORM, UNIT
from workbook_tools.excel import read_book
from workbook_tools.web.app import application
from workbook_tools.web.backup import backup, restore
from workbook_tools.web.files import Files
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store

OTHER = "乙单位"
PASSWORD = "a long password"


def words(page: str) -> str:
    """What a person reads, in one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def logged_in(client: TestClient) -> TestClient:
    """The reviewer, after setting a password by the first link."""
    link = client.app.state.store.password_link("admin")  # type: ignore[attr-defined]
    assert client.post(f"/password/{link}", data={"password": PASSWORD, "again": PASSWORD}).status_code == 200
    answer = client.post("/login", data={"name": "admin", "password": PASSWORD})
    assert str(answer.url).endswith("/board")
    return client


def form_token(page: str) -> str:
    """What a form of the reviewer has to carry."""
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def begun(client: TestClient, units: str = f"{UNIT}\n{OTHER}", **more: str) -> dict[str, str]:
    """A collection; the paths of the units' pages by name."""
    token = form_token(client.get("/board/new").text)
    said = {
        "token": token,
        "title": "2022年度自评",
        "deadline": "2099-01-31",
        "contact": "王五 0760",
        "units": units,
        **more,
    }
    answer = client.post("/board/new", data=said, files={"file": ("", b"")})
    assert answer.status_code == 200, answer.text
    listed = client.post("/board/1/links", data={"token": token}).content.decode("utf-8-sig")
    return {line.split(",")[0]: line.split(",")[2].removeprefix("http://testserver") for line in listed.split()[1:]}


@contextmanager
def another(settings: WebSettings) -> Iterator[TestClient]:
    """Somebody else's browser."""
    with TestClient(application(settings), headers={"Origin": "http://testserver"}) as visitor:
        yield visitor


def uploaded(client: TestClient, where: str, data: bytes = FORM.read_bytes(), name: str = "自评表.xlsx") -> str:
    """The path of the version that an upload has become."""
    answer = client.post(f"{where}/upload", files={"files": (name, data)})
    assert answer.status_code == 200, answer.text
    return str(answer.url).removeprefix("http://testserver")


def test_a_unit_uploads_sees_the_findings_hands_in_and_gets_a_receipt(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    page = client.get(version).text
    assert "还没有报送" in page
    assert "有 2 处错误" in page
    assert "94.66" in words(page)
    receipt = client.post(f"{version}/submit")
    assert "报送回执" in receipt.text
    assert re.search("000001-[0-9A-F]{6}", receipt.text)
    assert "SHA-256" in receipt.text
    again = client.post(f"{version}/submit")
    assert words(again.text) == words(receipt.text)
    assert words(client.get(where).text).count("000001-") == 1


def test_what_was_not_handed_in_is_not_counted(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    uploaded(client, where)
    assert "已报 0 个，共 2 个单位" in words(client.get("/board/1").text)


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


def test_the_reviewer_returns_a_form_with_an_opinion(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    page = client.get("/board/1/v/1").text
    said = {"token": form_token(page), "score": "90", "grade": "优", "opinion": "请写明未完成的原因", "do": "return"}
    answer = client.post("/board/1/v/1/review", data=said)
    assert "已退回" in words(answer.text)
    assert "退回修改：请写明未完成的原因" in words(client.get(where).text)
    assert "已退回 1" in words(answer.text)
    client.post(f"{uploaded(client, where)}/submit")
    assert "已退回 0" in words(client.get("/board/1").text)


def test_returning_needs_an_opinion(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    token = form_token(client.get("/board/1/v/1").text)
    assert client.post("/board/1/v/1/review", data={"token": token, "do": "return"}).status_code == 400


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


def test_late_is_by_the_time_of_receipt(client: TestClient) -> None:
    where = begun(logged_in(client), deadline="2020-01-31")[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    assert "逾期 1" in words(client.get("/board/1").text)


def test_after_the_end_nothing_is_taken(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    client.post("/board/1/close", data={"token": form_token(client.get("/board/1").text), "do": "close"})
    assert client.post(f"{version}/submit").status_code == 403
    assert client.post(f"{where}/upload", files={"files": ("a.xlsx", FORM.read_bytes())}).status_code == 403


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
            assert (answer.status_code, answer.headers.get("location")) == (303, "/login")
        for page in ("/board/new", "/board/1/letters", "/board/1/links", "/board/1/close", "/board/1/v/1/review"):
            assert stranger.post(page, follow_redirects=False).headers.get("location") == "/login"


def test_a_form_without_the_word_of_the_session_changes_nothing(client: TestClient) -> None:
    begun(logged_in(client))
    for token in ("", "0" * 64):
        assert client.post("/board/1/close", data={"token": token, "do": "close"}).status_code == 403
    assert "正在收表" in client.get("/board/1").text


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: TestClient) -> None:
    link = client.app.state.store.password_link("admin")  # type: ignore[attr-defined]
    client.post(f"/password/{link}", data={"password": PASSWORD, "again": PASSWORD})
    answer = client.post("/login", data={"name": "admin", "password": PASSWORD}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_password_link_works_once_and_a_wrong_password_is_slowed_down(client: TestClient) -> None:
    link = client.app.state.store.password_link("admin")  # type: ignore[attr-defined]
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


def test_every_act_is_in_the_log(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    said = words(client.get("/board/1/log").text)
    assert all(what in said for what in ("开始收表", "下载链接", "报送"))


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
    assert "问题清单.xlsx" in zipfile.ZipFile(io.BytesIO(closed.content)).namelist()


def test_the_report_in_word_is_made_of_what_was_handed_in(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    answer = client.get(f"{version}/report")
    assert answer.status_code == 200, words(answer.text)
    assert b"word/document.xml" in answer.content
