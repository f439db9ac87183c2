"""Processor time, measured side by side: every round takes each way in turn, the medians are compared.

Machines are shared and their speed drifts; processor time and ratios within one run hold all the same.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONG = 1.0  # seconds: what takes longer is run less often
Way = Callable[[bytes], object]


def in_turn(files: Sequence[bytes], ways: Mapping[str, Way], rounds: int = 7) -> dict[str, float]:
    """The median milliseconds of each way for one file, itself and the processes that it starts."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            if number > 2 and statistics.median(times[name]) > LONG * 1000:
                continue
            gc.collect()
            for data in files if number else files[:1]:
                before = spent()
                way(data)
                if number:  # the first warms up
                    times[name].append((spent() - before) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def spent() -> float:
    """Seconds of the processor that this process and those it has started took so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def commands_in_turn(commands: Mapping[str, Sequence[str]], rounds: int = 15) -> dict[str, float]:
    """The median milliseconds of whole processes; modules are compiled before, as an installed package's are."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "workbook_tools_benchmark")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            before = spent()
            subprocess.run(command, check=False, capture_output=True, cwd=ROOT, env=environment)
            if number:
                times[name].append((spent() - before) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
