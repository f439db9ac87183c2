"""Logging in: what it costs, and that it does not tell who is known."""

from __future__ import annotations

import subprocess
import sys

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from visitors import PASSWORD, logged_in
from workbook_tools.web import login


def test_nothing_is_hashed_before_somebody_logs_in() -> None:
    """A hash takes a third of a second, which every start of the command would wait for."""
    said = "import argon2; argon2.PasswordHasher.hash = None; import workbook_tools.web.app"
    subprocess.run([sys.executable, "-c", said], check=True)


class Counting:
    """A hasher that counts what takes time."""

    def __init__(self) -> None:
        self.count, self._hasher = 0, PasswordHasher(time_cost=1, memory_cost=1024)

    def hash(self, password: str) -> str:
        """A hash."""
        self.count += 1
        return self._hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """Whether it is that of a password."""
        self.count += 1
        return self._hasher.verify(hashed, password)


@pytest.mark.parametrize("first", ["admin", "nobody"])
def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """From the first attempt after the start."""
    logged_in(client)
    counting = Counting()
    monkeypatch.setattr(login, "_hasher", counting)
    login._nobody.cache_clear()
    client.cookies.clear()
    taken = []
    for name in (first, "admin", "nobody"):
        before = counting.count
        assert client.post("/login", data={"name": name, "password": f"not {PASSWORD}"}).status_code == 403
        taken.append(counting.count - before)
    assert taken == [2, 1, 1], "whoever comes first waits for the hash of nobody"
