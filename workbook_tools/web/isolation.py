"""One upload, one process: a hostile or an endless workbook costs its own request only.

The process gets an empty folder that is deleted afterwards, limits of memory, time and disk, and is ended with all its
children when the clock runs out.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.web.worker import GIVEN, MOST_SECONDS_OF_MANY, TOO_MUCH

ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".xlsb", ".xltx", ".xltm")
BUSY = "现在处理的表太多，请过一分钟再试；您的文件没有保存"
_KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "LC_ALL", "WORKBOOK_TOOLS_SCHEMES", "LD_LIBRARY_PATH")


class Worked(NamedTuple):
    """What has come of an upload: the record that the worker wrote, and the bytes of the files it made, by kind."""

    record: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def refused(self) -> str:
        """Why there is no result, "" where there is one."""
        return str(self.record.get("refused", ""))


class Workshop:
    """Runs at most `at_once` workers; further uploads wait, and beyond `waiting` are turned away."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._turns, self._of_many = asyncio.Semaphore(at_once), asyncio.Semaphore(1)
        self._most, self._inside, self._seconds = at_once + waiting, 0, seconds

    async def work(self, data: bytes, name: str, scheme: str | None = None, kinds: Sequence[str] = ()) -> Worked:
        """What is found in an uploaded workbook; `kinds` of files to make besides the filled one."""
        if self._inside >= self._most:
            return Worked({"refused": BUSY}, {})
        self._inside += 1
        try:
            async with self._turns:
                ending = Path(name).suffix.lower()
                file = "form" + (ending if ending in ENDINGS else ".xlsx")
                facts = {"job": "check", "file": file, "scheme": scheme, "kinds": [*kinds]}
                return await self._alone({file: data}, facts, self._seconds)
        finally:
            self._inside -= 1

    async def run(self, given: Mapping[str, bytes], arguments: Sequence[str]) -> Worked:
        """What a command of `workbook_tools` makes beside many files, by their paths."""
        async with self._of_many:
            facts = {"job": "command", "arguments": [*arguments]}
            return await self._alone(given, facts, MOST_SECONDS_OF_MANY)

    async def _alone(self, given: Mapping[str, bytes], facts: Mapping[str, Any], seconds: float) -> Worked:
        with tempfile.TemporaryDirectory(prefix="upload-", ignore_cleanup_errors=True) as folder:
            path = Path(folder)
            await asyncio.to_thread(_give, path, given, facts)
            await self._run(path, seconds)
            return await asyncio.to_thread(_taken, path)

    async def _run(self, folder: Path, seconds: float) -> None:
        surroundings = {key: os.environ[key] for key in _KEPT if key in os.environ}
        surroundings |= dict.fromkeys(("TMPDIR", "TEMP", "TMP", "HOME", "APPDATA"), str(folder))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *_same_program(), "-m", "workbook_tools.web.worker", str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=surroundings,
            start_new_session=sys.platform != "win32",
        )
        try:
            await asyncio.wait_for(process.wait(), seconds)
        except (TimeoutError, asyncio.CancelledError) as ended:
            _end(process)
            await process.wait()
            if isinstance(ended, asyncio.CancelledError):
                raise


def _same_program() -> list[str]:
    """What keeps Python from taking another copy of this program that lies where the server was started."""
    own = Path(__file__).parents[2]
    return [] if own == Path.cwd() else ["-P"]


def _give(folder: Path, given: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Puts the files and what is to be done with them into the folder of a worker."""
    (folder / GIVEN).mkdir()
    for name, data in given.items():
        where = folder / GIVEN / name
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(data)
    (folder / "request.json").write_text(json.dumps(facts), "utf-8")


def _taken(folder: Path) -> Worked:
    """What a worker has left in its folder."""
    try:
        record = json.loads((folder / "result.json").read_text("utf-8"))
    except (OSError, ValueError):  # ended in the middle
        return Worked({"refused": TOO_MUCH}, {})
    return Worked(record, {kind: (folder / file).read_bytes() for kind, file in record.get("files", {}).items()})


def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the process and everything that it started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
