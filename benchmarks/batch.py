"""How long many forms take by one process, by worker processes and by a cluster here, and with how much memory.

`python -m benchmarks batch` writes the tables of docs/scale.md; about three minutes on a computer at rest with two
processors, nine on a busy one. `python -m benchmarks.batch 300 10000` prints them for other numbers of forms.

The ways take turns, so that other work on the computer meets all of them. Beside the seconds stand the processor
seconds of all processes: where the computer is busy with something else, only these tell what a way costs.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import ROOT, table

FILL = "from workbook_tools.commands.main import fill_form as command"
OTHER = "from workbook_tools.commands.main import main as command"
START = "{}\nif __name__ == '__main__':\n    raise SystemExit(command())\n"
MEASURED = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
wall, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
"""  # a process of its own for each run, so that the largest process is one of this run
OWN = """
import re, sys, tempfile, time
from dataclasses import replace
from pathlib import Path
from workbook_tools.summary.journal import Journal
from workbook_tools.summary.parquet import write_parquet
from workbook_tools.summary.receipts import Receipts
from workbook_tools.summary.rows import WorkbookRows, rows_with_findings
from workbook_tools.summary.workbook import summary_workbook

def most():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

count, read = int(sys.argv[1]), [rows_with_findings(Path(one)) for one in sys.argv[2:]]
with tempfile.TemporaryDirectory() as folder:
    out = Path(folder) / "汇总表.xlsx"
    journal, times = Journal(out, None), [time.process_time()]
    for number in range(count):
        rows, found = read[number % len(read)]
        name = f"{folder}/{number:07}.xlsx"
        forms = [replace(row, file=name, project=f"{row.project}{number}") for row in rows.forms]
        kept = WorkbookRows(forms, [replace(row, file=name) for row in rows.indicators], [])
        journal.add(Path(name), kept, [replace(row, file=name) for row in found])
    journal.keep()
    times.append(time.process_time())
    write_parquet(out, journal, [], [], Receipts())
    times.append(time.process_time())
    before = most()
    summary_workbook([*journal.forms()], journal.indicators(), [], [], findings=journal.findings(), beside=out.parent)
    times.append(time.process_time())
    disk = journal.path.stat().st_size // 1024
print(*(later - earlier for earlier, later in zip(times, times[1:])), most() - before, disk)
"""
ROUNDS = 2
FEW, MOST, ROWS = 300, 1000, 2000
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


class Cost(NamedTuple):
    """What a run took: seconds, processor seconds of all its processes, megabytes of its largest process."""

    wall: float
    processor: float
    memory: int


def fill_folder(path: Path, count: int, forms: Sequence[Path]) -> None:
    """A folder with so many forms, the given ones in turn."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    for number in range(count):
        shutil.copy(forms[number % len(forms)], path / f"{number:05}.xlsx")


def cost(script: Path, arguments: Sequence[str]) -> Cost:
    """What one command takes; raises `RuntimeError` where it did not run."""
    address = arguments[-1] if arguments[-2] == "--on" else ""
    nodes = spent_by_nodes(address) if address else 0
    run = [sys.executable, "-c", MEASURED, str(script), *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT, env=ENVIRONMENT)
    code, wall, processor, memory = done.stdout.split()
    if code not in ("0", "1"):
        raise RuntimeError(f"{arguments} ended with {code}")
    by_nodes = spent_by_nodes(address) - nodes if address else 0
    return Cost(float(wall), float(processor) + by_nodes, int(memory))


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler with workers on this computer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    with (
        _quietly("distributed.cli.dask_scheduler", "--port", str(port), *here) as scheduler,
        _quietly("distributed.cli.dask_worker", address, "--nworkers", str(workers), "--nthreads", "1", *here) as nodes,
    ):
        from distributed import Client

        with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(workers, timeout=60)
        try:
            yield address
        finally:
            nodes.terminate()
            scheduler.terminate()


def _quietly(*arguments: str) -> subprocess.Popen[bytes]:
    run = [sys.executable, "-m", *arguments]
    return subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)


def spent_by_nodes(address: str) -> float:
    """The processor seconds of a scheduler and its workers so far."""
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        scheduler = client.run_on_scheduler(time.process_time)
        return float(scheduler + sum(client.run(time.process_time).values()))


def costs(
    folder: Path, count: int, commands: Sequence[str], ways: Mapping[str, Sequence[str]], rounds: int
) -> list[list[str]]:
    """The rows of a table: each command by each way, in turns."""
    rows = []
    for command in commands:
        script = folder / f"{command}.py"
        script.write_text(START.format(FILL if command == "fill_form" else OTHER), "utf-8")
        given = str(folder / "收到")
        arguments = {
            "fill_form": [given, "--dry-run"],
            "check": ["check", given],
            "summary": ["summary", given, "-o", str(folder / "汇总表.xlsx")],
        }[command]
        can = {way: options for way, options in ways.items() if "--on" not in options or command != "fill_form"}
        taken: dict[str, list[Cost]] = {way: [] for way in can}
        for _ in range(rounds):
            for way, options in can.items():
                taken[way].append(cost(script, [*arguments, *options]))
        walls = {way: statistics.mean(one.wall for one in runs) for way, runs in taken.items()}
        first = next(iter(walls.values()))
        for way, runs in taken.items():
            used = statistics.mean(one.processor for one in runs)
            memory = max(one.memory for one in runs)
            ratio = f"{first / walls[way]:.2f}" if len(walls) > 1 else ""
            figures = [f"{walls[way]:.1f}", f"{used:.1f}", f"{used / count * 1000:.1f}", ratio, f"{memory} MB"]
            rows.append([f"`{command}`, {count}", way, *figures])
    return rows


def own_work(count: int, forms: Sequence[Path]) -> list[list[str]]:
    """What the command itself does for each form of a summary, by whatever it was read; memory grows by a form."""

    def measured(number: int) -> list[float]:
        run = [sys.executable, "-c", OWN, str(number), *map(str, forms)]
        said = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT, env=ENVIRONMENT)
        return [*map(float, said.stdout.split())]

    half, whole = measured(count // 2), measured(count)
    journal, parquet, workbook, _, disk = (one / count for one in whole)
    grown = (whole[3] - half[3]) / (count - count // 2)
    return [
        ["journal", f"{journal * 1000:.1f}", "0", f"{disk:.0f}"],
        ["Parquet", f"{parquet * 1000:.1f}", "0", ""],
        ["workbook", f"{workbook * 1000:.1f}", f"{grown:.0f}", ""],
    ]


def measured(few: int = FEW, most: int = MOST) -> str:
    """The tables."""
    began, load = time.perf_counter(), os.getloadavg()[0]
    targets = "guangzhou_petition_targets"  # no form
    forms = [path for path in sorted((ROOT / "examples").glob("*.xlsx")) if path.stem != targets]
    processors = len(os.sched_getaffinity(0))
    several = f"{processors} processes"
    ways = {"one process": ["--jobs", "1"], several: ["--jobs", str(processors)]}
    with tempfile.TemporaryDirectory() as words, cluster(processors) as address:
        name = Path(words)
        fill_folder(name / "收到", few, forms)
        rows = costs(name, few, ["fill_form", "check", "summary"], {**ways, "cluster here": ["--on", address]}, ROUNDS)
        fill_folder(name / "收到", most, forms)
        rows += costs(name, most, ["check", "summary"], {several: ways[several]}, 1)
    heading = [
        "forms",
        "way",
        "seconds",
        "processor seconds",
        "ms of a processor a form",
        "× one process",
        "largest process",
    ]
    own = table(["of each form of a summary", "ms", "KB of memory", "KB of disk"], own_work(ROWS, forms))
    busy = f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    took = f"{processors} processors, {busy}, Python {sys.version.split()[0]}"
    return f"{table(heading, rows)}\n\n{own}\n\n{took}; measured in {(time.perf_counter() - began) / 60:.0f} minutes."


if __name__ == "__main__":
    print(measured(*map(int, sys.argv[1:])))
