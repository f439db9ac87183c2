"""The pages of `workbook_tools serve`, for a client in this process and for a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra [web]")
pytest.importorskip("httpx", reason="needs httpx")

from starlette.testclient import TestClient

from workbook_tools.web.app import application
from workbook_tools.web.settings import WebSettings

ORIGIN = "http://testserver"


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    """Of a server of its own, with small limits."""
    return WebSettings(folder=tmp_path / "serve", address=ORIGIN, most_bytes=2 << 20, seconds=30, at_once=2)


@pytest.fixture
def client(settings: WebSettings) -> Iterator[TestClient]:
    """A visitor."""
    with TestClient(application(settings), headers={"Origin": ORIGIN}) as visitor:
        yield visitor


class Served:
    """The real command, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address, self.folder = f"http://127.0.0.1:{port}", folder
        self._command = [sys.executable, "-m", "workbook_tools", "serve", "--port", str(port), "--folder", str(folder)]
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )
        port = int(self.address.rpartition(":")[2])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.address)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server for a browser."""
    one = Served(tmp_path / "served")
    yield one
    one.kill()
