"""Jobs for worker processes, which import them by their names."""

from __future__ import annotations

import gc
import os
import signal
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from workbook_tools.assess import assess_file
from workbook_tools.errors import FileRejected, FormNotRecognised


def size(path: Path) -> int:
    """The size of a file; what a name asks for happens instead."""
    _happened(path)
    return path.stat().st_size


def length(path: Path) -> int:
    """The same by the bytes, wherever they are read."""
    _happened(path)
    time.sleep(float(os.environ.get("WORKBOOK_TOOLS_TEST_PAUSE", "0")))
    return len(path.read_bytes())


def memory(path: Path) -> int:
    """The bytes that Python's objects take in this process once the form was assessed."""
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    assess_file(path)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _happened(path: Path) -> None:
    for word, happens in HAPPENS.items():
        if word in path.name:
            happens()


def _refused() -> None:
    raise FormNotRecognised("没有读到自评表", "请核对")


def _rejected() -> None:
    raise FileRejected("E_DAMAGED", "文件已损坏").at("甲")


class Odd(Exception):
    """One that cannot be made again from its arguments."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def _odd() -> None:
    raise Odd("甲", "乙")


def _fault() -> None:
    raise ZeroDivisionError("除以零")


HAPPENS: dict[str, Callable[[], object]] = {
    "refused": _refused,
    "rejected": _rejected,
    "fault": _fault,
    "odd": _odd,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "gone": lambda: os._exit(3),
    "slow": lambda: time.sleep(0.5),
    "endless": lambda: time.sleep(600),
}


def pid(path: Path) -> int:  # noqa: ARG001
    """Which process did it."""
    return os.getpid()


def appended(path: Path) -> str:
    """What stood in the file before one more sign was put there, slowly."""
    before = path.read_text("utf-8")
    time.sleep(0.05)
    path.write_text(before + "一", "utf-8")
    return before


def deaf(_: Path) -> bool:
    """Whether a worker was deaf to Ctrl-C from its first line on: its thread has the signal blocked."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
