"""The real command `workbook_tools serve` in a process of its own, and forms for it."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from places import EXAMPLES

FORM = EXAMPLES / "zhongshan_12345_2022.xlsx"
UNIT = "中山市12345投诉举报平台管理中心"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Served:
    """The real command, in a process of its own."""

    def __init__(self, folder: Path, *more: str, **environment: str) -> None:
        port = free_port()
        self.address, self.folder = f"http://127.0.0.1:{port}", folder
        self._command = [sys.executable, "-m", "workbook_tools", "serve", "--port", str(port), "--folder", str(folder)]
        self._command += more
        self._environment = os.environ | {"PYTHONIOENCODING": "utf-8"} | environment
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self._environment
        )
        port = int(self.address.rpartition(":")[2])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.address)

    def first_link(self) -> str:
        """The link to set the first password, as it is printed."""
        output = self.process.stdout
        for line in output or ():
            if found := re.search(r"http\S+/password/\S+", line.decode()):
                return found[0]
        raise EOFError

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


def form_of(unit: str, project: str) -> bytes:
    """The example as the form of another unit."""
    data = io.BytesIO()
    with zipfile.ZipFile(FORM) as original, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in original.namelist():
            part = original.read(name).replace(UNIT.encode(), unit.encode())
            copy.writestr(name, part.replace("12345政府服务热线外包服务项目".encode(), project.encode()))
    return data.getvalue()
