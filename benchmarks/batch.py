"""How long many forms take by one process, by worker processes and by a cluster here, and with how much memory.

`python -m benchmarks.batch` prints the tables of docs/scale.md. The ways take turns, so that other work on the computer
meets all of them. Beside the seconds stand the processor seconds of all processes: where the computer is busy
with something else, only these tell what a way costs.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.books import ROOT, example

FILL = "from workbook_tools.commands.main import fill_form as command"
OTHER = "from workbook_tools.commands.main import main as command"
START = "{}\nif __name__ == '__main__':\n    raise SystemExit(command())\n"
ROUNDS = 3


class Cost(NamedTuple):
    """What a run took: seconds, processor seconds of all its processes, megabytes of its largest process."""

    wall: float
    processor: float
    memory: int


def folder(path: Path, count: int, forms: Sequence[bytes]) -> Path:
    """A folder with so many forms."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    for number in range(count):
        (path / f"{number:05}.xlsx").write_bytes(forms[number % len(forms)])
    return path


def cost(script: Path, arguments: Sequence[str]) -> Cost:
    """What one command takes."""
    address = arguments[-1] if arguments[-2] == "--on" else ""
    nodes = spent_by_nodes(address) if address else 0
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, cwd=ROOT, env=ENVIRONMENT, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if address:
        processor += spent_by_nodes(address) - nodes
    return Cost(wall, processor, after.ru_maxrss // 1024)


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


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


def table(name: Path, count: int, commands: Sequence[str], ways: dict[str, list[str]]) -> None:
    """One table: each command by each way, in turns."""
    print(f"\n| {count} forms | way | seconds | processor seconds | × the first way |\n|---|---|---|---|---|")
    for command in commands:
        script = name / f"{command}.py"
        script.write_text(START.format(FILL if command == "fill_form" else OTHER), "utf-8")
        given = name / "收到"
        arguments = {
            "fill_form": [str(given), "--dry-run"],
            "check": ["check", str(given)],
            "summary": ["summary", str(given), "-o", str(name / "汇总表.xlsx")],
        }[command]
        taken: dict[str, list[Cost]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, options in ways.items():
                taken[way].append(cost(script, [*arguments, *options]))
        walls = {way: statistics.median(one.wall for one in costs) for way, costs in taken.items()}
        first = next(iter(walls.values()))
        for way, costs in taken.items():
            used = statistics.median(one.processor for one in costs)
            print(f"| `{command}` | {way} | {walls[way]:.1f} | {used:.1f} | {first / walls[way]:.2f} |", flush=True)


def main() -> None:
    """Prints all tables; the numbers of forms may be given."""
    few, many, most = map(int, sys.argv[1:] or ("300", "3000", "10000"))
    forms = example()
    processors = len(os.sched_getaffinity(0))
    print(f"{processors} processors, load {os.getloadavg()[0]:.1f} before, {sys.version.split()[0]}")
    alone = {"one process": ["--jobs", "1"], f"{processors} processes": ["--jobs", str(processors)]}
    with tempfile.TemporaryDirectory() as words:
        name = Path(words)
        folder(name / "收到", few, forms)
        table(name, few, ["fill_form", "check", "summary"], alone)
        folder(name / "收到", many, forms)
        table(name, many, ["check"], alone)
        with cluster(processors) as address:
            table(
                name,
                many,
                ["check"],
                {f"{processors} processes": alone[f"{processors} processes"], "cluster": ["--on", address]},
            )
        print("\n| forms | way | megabytes of the largest process |\n|---|---|---|")
        script = name / "check.py"
        for count in (few, most):
            folder(name / "收到", count, forms)
            for way, options in alone.items():
                run = [sys.executable, "-c", MEMORY, str(script), "check", str(name / "收到"), *options]
                done = subprocess.run(run, capture_output=True, text=True, check=True, env=ENVIRONMENT)
                print(f"| {count} | {way} | {done.stdout.strip()} |", flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} after")


MEMORY = """
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""

if __name__ == "__main__":
    main()
