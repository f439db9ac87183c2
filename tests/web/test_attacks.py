"""What strangers, units of ill will and wrong hands try on the pages, and what each gets."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from served import FORM, UNIT
from visitors import OTHER, PASSWORD, another, begun, form_token, logged_in, uploaded, words
from workbook_tools.web import security, serving
from workbook_tools.web.app import application
from workbook_tools.web.security import Rate
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store

HUGE = "9" * 5000


@pytest.mark.slow
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_form_of_an_address_shows_the_version_of_another_unit(
    client: TestClient, settings: WebSettings, method: str
) -> None:
    links = begun(logged_in(client))
    number = uploaded(client, links[UNIT]).rpartition("/")[2]
    mine = links[OTHER]
    with another(settings) as stranger:
        for page in (
            f"v/{number}/",
            f"v%2f{number}",
            f"v/{number}%2ffilled",
            f"v//{number}",
            f"v/0{number}",
            f"r/{number}/",
        ):
            answer = stranger.request(method, f"{mine}/{page}")
            assert answer.status_code == 404, page
            assert UNIT not in answer.text


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("number", [HUGE, "9" * 19, "-1", "0", "1.0", "１", "1%00"])
def test_a_number_that_is_none_is_a_page_that_there_is_not(client: TestClient, number: str) -> None:
    links = begun(logged_in(client))
    for page in (f"{links[UNIT]}/v/{number}", f"{links[UNIT]}/r/{number}", f"/board/{number}", f"/board/1/v/{number}"):
        assert client.get(page).status_code == 404, page


@pytest.mark.slow
def test_a_link_that_there_is_not_costs_the_others_behind_the_same_gateway_nothing(client: TestClient) -> None:
    where = begun(logged_in(client))[UNIT]
    for guess in range(120):
        client.get(f"/u/{guess}")
    assert client.get(where).status_code == 200


@pytest.mark.slow
def test_names_without_end_do_not_win_more_attempts_to_log_in(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rate, "MOST_VISITORS", 20)
    tries = [client.post("/login", data={"name": f"n{n}", "password": "x"}).status_code for n in range(60)]
    assert tries == [403] * 10 + [429] * 50


def test_a_stranger_who_guesses_does_not_lock_the_reviewer_out(client: TestClient, settings: WebSettings) -> None:
    logged_in(client)
    app = application(replace(settings, behind_proxy=True))
    with TestClient(app, headers={"Origin": "http://testserver"}) as visitor:
        for _ in range(20):
            visitor.post("/login", data={"name": "admin", "password": "x"}, headers={"X-Forwarded-For": "10.0.0.9"})
        said = {"name": "admin", "password": PASSWORD}
        assert str(visitor.post("/login", data=said, headers={"X-Forwarded-For": "10.0.0.1"}).url).endswith("/board")


def test_the_password_of_a_link_that_there_is_not_is_never_hashed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbook_tools.web import login

    monkeypatch.setattr(login, "_hasher", None)
    assert client.post("/password/x", data={"password": PASSWORD, "again": PASSWORD}).status_code == 404
    assert client.get("/password/x").status_code == 404


@pytest.mark.parametrize(("length", "status"), [(9, 400), (10, 200), (200, 200), (201, 400)])
def test_a_password_that_is_taken_opens_the_board(client: TestClient, length: int, status: int) -> None:
    link, said = client.app.state.store.accounts.password_link("admin"), "密" * length  # type: ignore[attr-defined]
    assert client.post(f"/password/{link}", data={"password": said, "again": said}).status_code == status
    if status == 200:
        assert str(client.post("/login", data={"name": "admin", "password": said}).url).endswith("/board")


def test_a_cookie_that_somebody_else_has_set_is_no_session(client: TestClient) -> None:
    link = client.app.state.store.accounts.password_link("admin")  # type: ignore[attr-defined]
    client.post(f"/password/{link}", data={"password": PASSWORD, "again": PASSWORD})
    said, planted = {"name": "admin", "password": PASSWORD}, "x" * 43
    answer = client.post("/login", data=said, headers={"Cookie": f"session={planted}"}, follow_redirects=False)
    assert planted not in answer.headers["set-cookie"]
    client.cookies.clear()
    assert client.get("/board", headers={"Cookie": f"session={planted}"}, follow_redirects=False).status_code == 303


def test_behind_tls_the_cookie_is_taken_from_this_host_only(settings: WebSettings) -> None:
    secure = replace(settings, address="https://jx.example.gov.cn")
    with TestClient(application(secure), "https://testserver", headers={"Origin": "https://testserver"}) as client:
        link = client.app.state.store.accounts.password_link("admin")  # type: ignore[attr-defined]
        client.post(f"/password/{link}", data={"password": PASSWORD, "again": PASSWORD})
        said = {"name": "admin", "password": PASSWORD}
        cookie = client.post("/login", data=said, follow_redirects=False).headers["set-cookie"]
        assert cookie.startswith("__Host-session=")
        assert {"httponly", "secure", "path=/", "samesite=strict"} <= set(cookie.lower().split("; "))
        assert client.get("/board").status_code == 200
        assert "max-age" in client.get("/").headers["strict-transport-security"]


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_neighbour_of_the_same_domain_is_elsewhere_too(client: TestClient, site: str) -> None:
    begun(logged_in(client))
    said = {"token": form_token(client.get("/board/1").text), "do": "close"}
    assert client.post("/board/1/close", data=said, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert "正在收表" in client.get("/board/1").text


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/board\r\nX: y", "/u/x", "/board//../u"])
def test_after_logging_in_nobody_is_sent_elsewhere(client: TestClient, where: str) -> None:
    logged_in(client)
    said = {"name": "admin", "password": PASSWORD, "where": where}
    answer = client.post("/login", data=said, follow_redirects=False)
    assert answer.headers["location"] == "/board"


def kept(client: TestClient, unit: int, name: str) -> int:
    """The number of a version that is handed in, without the check that an upload gets."""
    state, data = client.app.state, FORM.read_bytes()  # type: ignore[attr-defined]
    counts = dict.fromkeys(("errors", "hints", "unchecked"), 0)
    row = {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "record": "{}", **counts}
    number = int(state.store.add_version(unit, {**row, "file": state.files.put(data, ".xlsx")}))
    state.store.hand_in(number, unit, "", 1)
    return number


NAMES = [
    'a"; x="b.xlsx',
    "a\r\nX-Evil: 1.xlsx",
    "a;filename*=UTF-8''evil.exe.xlsx",
    "..\\..\\a.xlsx",
    "😀" * 200 + ".xlsx",
]


def test_the_name_of_a_file_is_no_header(client: TestClient) -> None:
    begun(logged_in(client))
    for name in NAMES:
        answer = client.get(f"/board/1/v/{kept(client, 1, name)}/original")
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9_.~%-]+", answer.headers["content-disposition"])
        assert "x-evil" not in answer.headers
        assert answer.content == FORM.read_bytes()


def test_names_of_units_and_files_stay_in_the_archive_and_none_replaces_another(client: TestClient) -> None:
    units = ["../../x", "a/b", "a:b", "a_b", "A_B", "=cmd()", "长" * 120, "长" * 121]
    begun(logged_in(client), units="\n".join(units))
    for unit in range(1, len(units) + 1):
        kept(client, unit, "表.xlsx")
    archive = zipfile.ZipFile(io.BytesIO(client.get("/board/1/make/files").content))
    names = archive.namelist()
    assert len(set(map(str.casefold, names))) == len(units)
    assert all(re.fullmatch(r"报送的表/[^/\\:]+\.xlsx", name) for name in names)
    assert all(archive.read(name) == FORM.read_bytes() for name in names)


def test_the_list_of_links_holds_no_formula(client: TestClient) -> None:
    begun(logged_in(client), units="=1+1\n@x\n-2")
    token = form_token(client.get("/board/1").text)
    lines = client.post("/board/1/links", data={"token": token}).content.decode("utf-8-sig").splitlines()[1:]
    assert not [line for line in lines if line[0] in "=@-+"]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("words_of_it", ["' OR 1=1 --", '"; DROP TABLE unit; --', "%", "<script>", "\\"])
def test_a_search_is_words(client: TestClient, words_of_it: str) -> None:
    begun(logged_in(client))
    page = client.get("/board/1", params={"q": words_of_it, "show": words_of_it})
    assert page.status_code == 200
    assert OTHER not in words(page.text)
    assert "<script>" not in page.text
    assert OTHER in client.get("/board/1").text


@pytest.mark.slow
def test_a_unit_that_uploads_without_end_is_stopped(settings: WebSettings) -> None:
    few = replace(settings, most_versions=1)
    with TestClient(application(few), headers={"Origin": "http://testserver"}) as client:
        where = begun(logged_in(client))[UNIT]
        uploaded(client, where)
        answer = client.post(f"{where}/upload", files={"files": ("a.xlsx", FORM.read_bytes())})
        assert answer.status_code == 403
        assert "请联系收表的单位" in answer.text
        assert client.app.state.store.kept(1)[0] == 1  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_unit_that_has_files_made_without_end_is_stopped(settings: WebSettings) -> None:
    with TestClient(application(replace(settings, a_minute=2)), headers={"Origin": "http://testserver"}) as client:
        version = uploaded(client, begun(logged_in(client))[UNIT])
        assert [client.get(f"{version}/{kind}").status_code for kind in ("filled", "marked", "report")] == [
            200,
            200,
            429,
        ]
        assert "一分钟内下载得太多" in client.get(f"{version}/filled").text
        assert client.get(version).status_code == 200


@pytest.mark.slow
def test_bodies_that_come_together_are_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_TOGETHER", 1000)
    for _ in range(3):
        answer = client.post("/check", files={"files": (FORM.name, FORM.read_bytes())})
        assert answer.status_code == 503
        assert "请过一分钟再试" in words(answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    monkeypatch.setattr(security, "MOST_TOGETHER", 10**8)
    assert client.post("/check", files={"files": (FORM.name, FORM.read_bytes())}).status_code == 200


def test_too_many_at_once_are_told_in_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_REQUESTS", 0)
    answer = client.get("/")
    assert (answer.status_code, "请过一分钟再试" in answer.text) == (503, True)


@pytest.mark.slow
def test_a_full_disk_is_a_sentence_and_what_was_there_stays(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = begun(logged_in(client))[UNIT]
    first = uploaded(client, where)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/secret/path")

    monkeypatch.setattr("os.fsync", full)
    answer = client.post(f"{where}/upload", files={"files": ("a.xlsx", FORM.read_bytes())})
    assert answer.status_code == 503
    assert "不能读写" in words(answer.text)
    assert "/secret" not in answer.text
    monkeypatch.undo()
    assert not list(client.app.state.settings.folder.rglob("*.part"))  # type: ignore[attr-defined]
    assert "报送回执" in client.post(f"{first}/submit").text


@pytest.mark.slow
def test_a_database_that_is_locked_is_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    version = uploaded(client, begun(logged_in(client))[UNIT])
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    other = Store("", client.app.state.settings.folder)  # type: ignore[attr-defined]
    store.database.engine.dispose()
    monkeypatch.setattr("workbook_tools.web.database.BUSY_MILLISECONDS", 100)
    with other.transaction():
        assert client.get(version).status_code == 200, "readers do not wait"
        answer = client.post(f"{version}/submit")
        assert (answer.status_code, "不能读写" in words(answer.text)) == (503, True)
    assert "报送回执" in client.post(f"{version}/submit").text


def test_an_error_page_tells_no_path_and_carries_the_headers(
    settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(Store, "unit_of", broken)
    with TestClient(application(settings), raise_server_exceptions=False) as client:
        answer = client.get("/u/x")
    assert answer.status_code == 500
    assert "程序出错" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.slow
def test_no_page_shows_what_is_only_ours(client: TestClient) -> None:
    """The name under which a file is kept, and the record of its findings."""
    where = begun(logged_in(client))[UNIT]
    version = uploaded(client, where)
    client.post(f"{version}/submit")
    [file] = client.app.state.files.names()  # type: ignore[attr-defined]
    for page in (where, version, version.replace("/v/", "/r/"), "/board/1", "/board/1/v/1", "/board/1/log"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert file not in answer.text
        assert "characters truncated" not in answer.text


def _closed_within(port: int, sent: bytes, seconds: float) -> bool:
    with socket.create_connection(("127.0.0.1", port), seconds) as line:
        line.settimeout(seconds)
        line.sendall(sent)
        try:
            while line.recv(4096):
                pass
        except TimeoutError:
            return False
    return True


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server in this process that waits for a second only."""
    import threading

    import uvicorn

    monkeypatch.setattr(serving, "HEADER_SECONDS", 1)
    monkeypatch.setattr(serving, "KEPT_OPEN", 1)
    monkeypatch.setattr(security, "PAUSE", 1)
    listening = socket.create_server(("127.0.0.1", 0))
    config = serving.configuration(WebSettings(folder=tmp_path / "serve"))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join(10)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo",
        b"POST /check HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b",
    ],
    ids=["nothing", "half a header", "half a second request", "half a body"],
)
def test_who_sends_nothing_more_is_not_waited_for(impatient: int, sent: bytes) -> None:
    assert _closed_within(impatient, sent, 10)
