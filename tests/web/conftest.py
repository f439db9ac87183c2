"""The pages of `workbook_tools serve`, for a client in this process and for a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from served import Served
from workbook_tools.web import login
from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that do not take half a second each; the command itself, which other tests run, has the dear ones."""
    hasher = PasswordHasher(time_cost=1, memory_cost=1024)
    monkeypatch.setattr(login, "_hasher", hasher)
    monkeypatch.setattr(login, "_NOBODY", hasher.hash("nobody"))


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    """Of a server of its own, with small limits."""
    return WebSettings(folder=tmp_path / "serve", address=ORIGIN, most_bytes=2 << 20, seconds=30, at_once=2)


@pytest.fixture
def client(settings: WebSettings) -> Iterator[TestClient]:
    """A visitor."""
    with TestClient(application(settings), headers={"Origin": ORIGIN}) as visitor:
        yield visitor


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server for a browser."""
    one = Served(tmp_path / "served")
    yield one
    one.kill()
