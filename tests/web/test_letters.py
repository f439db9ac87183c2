"""What the bureau reads of letters that did not arrive: a real mail server refuses some of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mail_peers import PASSWORD, USER, Post, server
from served import UNIT
from visitors import begun, form_token, logged_in, uploaded, words

LOST = "封信没有发出，或者发送结果不明"


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A mail server that does not know one address; the settings of the command lead to it."""
    home = tmp_path / "home"
    (home / "workbook_tools").mkdir(parents=True)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", PASSWORD)
    with server(tmp_path) as listening:
        listening.post.refuses["gone@example.cn"] = "550 no such user"
        said = {"host": "127.0.0.1", "port": listening.port, "security": "ssl", "user": USER, "pause": 0, "timeout": 20}
        said |= {"ca": str(listening.authority), "name": "市财政局"}
        lines = "".join(f"{key} = {value!r}\n" for key, value in said.items())
        (home / "workbook_tools" / "settings.toml").write_text(f"[mail]\n{lines}", "utf-8")
        yield listening.post


def sent(client: TestClient, do: str = "invite") -> str:
    """What the reviewer reads after sending letters."""
    token = form_token(client.get("/board/1").text)
    return words(client.post("/board/1/letters", data={"token": token, "do": do}).text)


def board(client: TestClient, wanted: str, seconds: float = 20) -> str:
    """The board, as soon as the words are on it: letters are sent in the background."""
    until = time.monotonic() + seconds
    while wanted not in (page := words(client.get("/board/1").text)) and time.monotonic() < until:
        time.sleep(0.1)
    return page


@pytest.mark.slow
def test_a_letter_that_was_refused_is_on_the_board_until_the_address_is_mended(client: TestClient, post: Post) -> None:
    begun(logged_in(client), units="甲局,a@example.cn\n乙局,gone@example.cn\n丙局")
    assert "2 封信正在发；丙局没有邮箱，没有信" in sent(client)
    page = board(client, LOST)
    assert f"1 {LOST}" in page
    assert "乙局（gone@example.cn）没有发出：对方服务器没有这个收件人，或者拒收" in page
    assert "甲局（" not in page
    token = form_token(client.get("/board/1").text)
    client.post("/board/1/u/2/mail", data={"token": token, "mail": "b@example.cn"})
    assert "1 封信正在发；1 封以前发过，没有再发" in sent(client)
    for _ in range(200):
        if len(post.taken) == 2:
            break
        time.sleep(0.1)
    assert [to for to, _ in post.taken] == [("a@example.cn",), ("b@example.cn",)]
    assert LOST not in board(client, "没有这样的字", 0.5)


def test_a_letter_to_several_people_of_a_unit_is_one(client: TestClient, post: Post) -> None:
    begun(logged_in(client), units="甲局,a@example.cn;a2@example.cn\n乙局,b@example.cn")
    assert "2 封信正在发；" in sent(client)
    for _ in range(200):
        if len(post.taken) == 2:
            break
        time.sleep(0.1)
    assert sorted(to for to, _ in post.taken) == [("a@example.cn", "a2@example.cn"), ("b@example.cn",)]
    token = form_token(client.get("/board/1").text)
    client.post("/board/1/u/2/mail", data={"token": token, "mail": "b@example.cn;b2@example.cn"})
    assert "1 封信正在发；1 封以前发过，没有再发" in sent(client), "only the new colleague gets it"


@pytest.mark.slow
def test_after_the_end_nobody_is_asked_to_hand_in(client: TestClient, post: Post) -> None:
    where = begun(logged_in(client), units=f"{UNIT},a@example.cn\n乙局,b@example.cn")[UNIT]
    client.post(f"{uploaded(client, where)}/submit")
    token = {"token": form_token(client.get("/board/1").text)}
    client.post("/board/1/close", data={**token, "do": "close"})
    for do in ("invite", "remind"):
        assert "这次收表已经结束，单位不能再报送，没有发信" in sent(client, do)
    said = {"title": "自评", "deadline": "2099-03-01", "contact": "", "tell": "1"}
    assert "没有发信" in words(client.post("/board/1/settings", data={**token, **said}).text)
    answer = client.post("/board/1/v/1/review", data={**token, "do": "return", "opinion": "请改正"})
    assert "没有退回：这次收表已经结束" in words(answer.text)
    assert "请改正" in answer.text
    client.post("/board/1/close", data={**token, "do": "open"})
    assert "2 封信正在发" in sent(client)
    for _ in range(200):
        if len(post.taken) == 2:
            break
        time.sleep(0.1)
    assert len(post.taken) == 2


def test_without_settings_for_mail_there_is_nothing_to_tell(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))
    begun(logged_in(client), units="甲局,a@example.cn")
    assert "服务器上还没有设置邮箱，信没有发" in sent(client)
    assert LOST not in words(client.get("/board/1").text)
    assert not (tmp_path / "empty").exists()


@pytest.mark.usefixtures("post")
def test_an_outbox_that_cannot_be_read_does_not_cost_the_board(client: TestClient, tmp_path: Path) -> None:
    begun(logged_in(client), units="甲局,gone@example.cn")
    sent(client)
    board(client, LOST)
    [box] = (tmp_path / "home").rglob("outbox.sqlite")
    for path in box.parent.glob("outbox.sqlite*"):
        path.unlink()
    box.write_bytes(b"no database" * 1000)
    assert client.get("/board/1").status_code == 200
