"""How long a click on 填表 takes by each bridge, side by side: the open book over xlwings, and a copy of it.

`python -m benchmarks.click` prints the table of docs/benchmarks.md. Excel is the stand-in of the tests behind xlwings'
own Windows engine, so what a call to the real one takes is not in it; the calls are counted instead. What both bridges
need alike, a new Python and openpyxl for the answer, is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORM = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
ROUNDS = 15
HEAD = """
import gc, sys, time
from pathlib import Path
import openpyxl
gc.collect()
gc.freeze()
form, answer = Path(sys.argv[1]), sys.argv[2]
taken = calls = 0
"""
COPY = """
start = time.process_time()
from workbook_tools.commands.main import main
code = main(["patch", "fill", f"--answer={answer}", f"--book={form}"])
taken = time.process_time() - start
print(code, taken * 1000, calls)
"""
LIVE = """
start = time.process_time()
from workbook_tools.commands.main import main
import workbook_tools.excel.live
taken = time.process_time() - start

import pytest, windows_excel
excel = windows_excel.install(pytest.MonkeyPatch())
excel.open(form, {"E8": 0.0, "G8": 17160289.87 / 17160681})
wrapper = sys.modules["xlwings._xlwindows"].COMRetryObjectWrapper
ask, tell = wrapper.__getattr__, wrapper.__setattr__
def asked(self, name):
    global calls
    calls += 1
    return ask(self, name)
def told(self, name, value):
    global calls
    calls += 1
    return tell(self, name, value)
if sys.argv[3] == "count":
    wrapper.__getattr__, wrapper.__setattr__ = asked, told
arguments = [f"--wb={form.name}", f"--path={form}", "--from_xl=1", f"--hwnd={windows_excel.HWND}"]
sys.argv = ["workbook_tools", "live", *arguments]
gc.collect()
gc.freeze()  # what only the stand-in has imported is nothing to search

start = time.process_time()
code = main(["live", "fill", f"--answer={answer}", *arguments])
taken += time.process_time() - start
print(code, taken * 1000, calls)
"""


def click(script: str, folder: Path, what: str = "time") -> tuple[float, int]:
    """Milliseconds of processor time of one click in a process of its own, and, where asked, the calls to Excel."""
    answer = folder / "answer.xlsx"
    answer.unlink(missing_ok=True)
    places = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": places, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    run = subprocess.run(
        [sys.executable, "-c", HEAD + script, str(FORM), str(answer), what],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    code, taken, calls = run.stdout.split()[-3:]
    if code != "0" or not answer.exists():
        raise SystemExit(run.stdout + run.stderr)
    return float(taken), int(calls)


def side_by_side(rounds: int = ROUNDS) -> dict[str, tuple[float, int]]:
    """The median milliseconds of each bridge, one after the other in every round, and its calls to Excel."""
    bridges = {"copy": COPY, "open book": LIVE}
    taken: dict[str, list[float]] = {name: [] for name in bridges}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name, script in bridges.items():
                milliseconds, _ = click(script, Path(folder))
                if number:  # the first compiles
                    taken[name].append(milliseconds)
        calls = {name: click(script, Path(folder), "count")[1] for name, script in bridges.items()}
    return {name: (statistics.median(runs), calls[name]) for name, runs in taken.items()}


def table() -> str:
    """The table."""
    measured = side_by_side()
    copied = measured["copy"][0]
    lines = ["| 填表 by | ms | × the copy | calls to Excel |", "|---|---|---|---|"]
    lines += [f"| {name} | {taken:.0f} | {taken / copied:.2f} | {calls} |" for name, (taken, calls) in measured.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
