"""What visitors do on the pages of `workbook_tools serve`: the reviewer, and a unit with its link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from served import FORM, UNIT
from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

OTHER = "乙单位"
PASSWORD = "a long password"


def words(page: str) -> str:
    """What a person reads, in one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).split())


def logged_in(client: TestClient) -> TestClient:
    """The reviewer, after setting a password by the first link."""
    link = client.app.state.store.accounts.password_link("admin")  # type: ignore[attr-defined]
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
