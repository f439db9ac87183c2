"""What two hundred units wait for that hand in at the same time: `PYTHONPATH=.:tests python -m benchmarks.serve`.

Beside it the time of the bare check of the same form in a process of its own, which is what an upload costs at least.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from served import FORM, Served
from workbook_tools.web.store import Facts, Store

UNITS, AT_ONCE, CHECKS = 200, 20, 11


def main(database: str = "") -> None:
    """Prints a table; `database` is the address of one, "" for SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        alone = statistics.median(map(_checked, [Path(folder)] * CHECKS))
        served = Served(Path(folder) / "served", "--database", database)
        store = Store(database, Path(folder) / "served")
        number = store.begin("admin", Facts("自评", None, "", ""), {f"第{one}局": "" for one in range(UNITS)})
        pages = [f"{served.address}/u/{store.new_link(unit.id)}" for unit in store.units(number)]
        try:
            begun = time.perf_counter()
            with ThreadPoolExecutor(AT_ONCE) as several:
                times = sorted(several.map(_handed_in, pages))
            whole = time.perf_counter() - begun
        finally:
            served.kill()
            store.close()
    print(
        f"| {'PostgreSQL' if database else 'SQLite'} | {UNITS} in {whole:.0f} s | {times[len(times) // 2]:.2f} s | ",
        end="",
    )
    print(f"{times[int(len(times) * 0.95) - 1]:.2f} s | {alone:.2f} s |")


def _checked(folder: Path) -> float:
    """The seconds of filling and checking the form by the command, alone."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "workbook_tools", "check", str(FORM)]
    subprocess.run(command, check=False, capture_output=True, cwd=folder)
    return time.perf_counter() - begun


def _handed_in(page: str) -> float:
    """The seconds from the upload to the receipt."""
    begun = time.perf_counter()
    with httpx.Client(timeout=300, follow_redirects=True) as client:
        answer = client.post(f"{page}/upload", files={"files": (FORM.name, FORM.read_bytes())})
        answer = client.post(f"{answer.raise_for_status().url}/submit")
    if not re.search(r"\d{6,}-[0-9A-F]{6}", answer.raise_for_status().text):
        raise RuntimeError(answer.text)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(*sys.argv[1:])
