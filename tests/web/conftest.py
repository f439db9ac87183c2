"""The pages of `workbook_tools serve`, for a client in this process and for a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from served import Served, free_port
from workbook_tools.web import login
from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

ORIGIN = "http://testserver"
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that do not take half a second each; the command itself, which other tests run, has the dear ones."""
    hasher = PasswordHasher(time_cost=1, memory_cost=1024)
    monkeypatch.setattr(login, "_hasher", hasher)
    login._nobody.cache_clear()


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


@pytest.fixture
def postgres() -> Iterator[str]:
    """A server of PostgreSQL of its own; gives its address."""
    if POSTGRES is None:
        if os.environ.get("CI"):
            pytest.fail("CI installs PostgreSQL")
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder
    ):  # the folders of pytest are closed to the user that PostgreSQL runs as
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        run = [*as_user, f"{POSTGRES}/initdb", "-D", f"{folder}/data", "-U", "bureau", "--auth=trust"]
        subprocess.run(run, check=True, capture_output=True, cwd="/")
        options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories="
        control = [*as_user, f"{POSTGRES}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd="/")
        yield f"postgresql+psycopg://bureau@127.0.0.1:{port}/postgres"
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/")
