"""How long reading, scoring and writing takes beside other libraries, a command, and a folder of forms."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import books
from benchmarks.measuring import ROOT, commands_in_turn, in_turn, table
from benchmarks.ways import OPENPYXL, OURS, QUICK, SLOW
from workbook_tools.assess import assess
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book
from workbook_tools.forms.recognition import every_form

FILL_FORM = "from workbook_tools.commands.main import fill_form; raise SystemExit(fill_form())"
CHECK = "from workbook_tools.commands.main import main; raise SystemExit(main())"
FILL_FOLDER = "from workbook_tools.commands.main import fill_form; fill_form()\n"
CHECK_FOLDER = "import sys; from workbook_tools.commands.main import main; main(['check', *sys.argv[1:]])\n"
SUMMARY_FOLDER = """import sys; from workbook_tools.commands.main import main
main(['summary', sys.argv[1], '-o', sys.argv[1] + '.xlsx'])
"""
PEAK = """import pathlib, re, resource, sys
own = re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
print("", own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def beside_others() -> str:
    """Each way for each kind of workbook: how many times as fast as openpyxl, and its milliseconds."""
    measured = {name: in_turn(make(), QUICK) for name, make in books.BOOKS.items()}
    for name in ("example, 12 KB", "template with inputs"):
        measured[name] |= in_turn(books.BOOKS[name]()[:1], SLOW, rounds=2)
    rows = []
    for way in (*QUICK, *SLOW):
        row = [way]
        for taken in measured.values():
            times = taken[OPENPYXL] / taken[way] if way in taken else 0
            row.append(f"{times:.{1 + (times < 1)}f} × ({taken[way]:.1f} ms)" if way in taken else "")
        rows.append(row)
    return table(["processor time, × openpyxl", *measured], rows)


def stages() -> str:
    """What recognising, checking and filling take over all examples."""
    targets = ROOT / "examples" / "guangzhou_petition_targets.xlsx"  # no form
    forms = [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.xlsx")) if path != targets]
    ways = {
        "recognise": lambda data: every_form(Book(data)),
        "assess: recognise, read, score, check": lambda data: assess(Book(data)),
        "fill: recognise, read, score, write into memory": lambda data: fill_book(Book(data)),
        OURS: QUICK[OURS],
    }
    measured = in_turn(forms, ways)
    return table(["a form, the examples in turn", "ms"], [[name, f"{taken:.1f}"] for name, taken in measured.items()])


def cold() -> str:
    """Whole commands, each in a new Python."""
    python, form = sys.executable, str(books.EXAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "`python -c pass`": (python, "-c", "pass"),
            "`fill_form FORM --dry-run`": (python, "-c", FILL_FORM, form, "--dry-run"),
            "`fill_form FORM -o OUT`": (python, "-c", FILL_FORM, form, "-o", str(Path(folder) / "filled.xlsx")),
            "`workbook_tools check FORM`": (python, "-c", CHECK, "check", form),
            '`python -c "import openpyxl"`': (python, "-c", "import openpyxl"),
        }
        measured = commands_in_turn(commands)
    whole = measured['`python -c "import openpyxl"`']
    rows = [[name, f"{taken:.0f}", f"{taken / whole:.2f}"] for name, taken in measured.items()]
    return table(["whole process, cold", "ms", "× `import openpyxl`"], rows)


def folders() -> str:
    """Forms in one folder, by each command that takes folders; seconds as a user waits for them."""
    files = books.example()
    mixed = [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.xlsx"))]
    runs = {
        "`fill_form`": (FILL_FOLDER, files, (300, 1000)),
        "`workbook_tools check`": (CHECK_FOLDER, files, (300, 1000)),
        "`workbook_tools summary`": (SUMMARY_FOLDER, files, (300, 1000)),
        "`workbook_tools summary`, all examples in turn": (SUMMARY_FOLDER, mixed, (1000,)),
    }
    rows = []
    for name, (run, forms, counts) in runs.items():
        for count in counts:
            seconds, memory = _folder_run(count, forms, run)
            rows.append([f"{name}, {count}", f"{seconds:.2f}", f"{seconds / count * 1000:.2f}", memory])
    return table(["forms in one folder", "seconds", "ms a form", "peak memory"], rows)


def _folder_run(count: int, files: list[bytes], run: str) -> tuple[float, str]:
    """Seconds and peak memory of one command over a folder of so many forms; a worker's memory is the largest one's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "收到"
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:05}.xlsx").write_bytes(files[number % len(files)])
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", run + PEAK, str(folder)], capture_output=True, cwd=ROOT, text=True, check=True
        )
        own, worker = (int(kilobytes) // 1024 for kilobytes in re.findall(r"\d+", done.stderr)[-2:])
        return time.perf_counter() - start, f"{own} MB" + (f", a worker {worker} MB" if worker else "")
