"""LibreOffice as a program that is started: a profile of its own, a limit of time, the result verified."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from workbook_tools.errors import NoOffice

SECONDS = 120
CANNOT_OPEN = "LibreOffice 打不开这个文件；请看它的 Calc（表格）和 Writer（文字）是不是都装了"


def converted(data: bytes, to: str, settings: str = "", ending: str = ".xlsx") -> bytes:
    """The file as LibreOffice saves it in another format; `settings` are put into its profile.

    `ending` is that of the names of files like this one.

    Raises `NoOffice`.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise NoOffice("没有安装 LibreOffice")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / f"book{ending}"
        path.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        if settings:
            (profile / "user" / "registrymodifications.xcu").write_text(settings, "utf-8")
        where = f"-env:UserInstallation={profile.as_uri()}"
        command = [program, where, "--headless", "--convert-to", to, "--outdir", str(folder / "out"), str(path)]
        try:
            subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
        except (subprocess.TimeoutExpired, OSError) as fault:
            raise NoOffice(f"LibreOffice 没有做完（{type(fault).__name__}）") from fault
        made = folder / "out" / f"book.{to}"
        if not made.exists() or not made.stat().st_size:
            raise NoOffice(CANNOT_OPEN)
        return made.read_bytes()


def pdf(data: bytes, ending: str = ".xlsx") -> bytes:
    """The workbook or document as PDF; raises `NoOffice`, also for a result that is none."""
    made = converted(data, "pdf", ending=ending)
    if not made.startswith(b"%PDF-") or b"%%EOF" not in made[-2048:]:
        raise NoOffice("LibreOffice 给出的 PDF 不完整")
    return made
