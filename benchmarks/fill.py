"""How long filling takes beside openpyxl, formulas and LibreOffice, all in one run; the ratios count, not the seconds.

`python -m benchmarks.fill` prints the tables of docs/benchmarks.md. LibreOffice is left out where it is not installed.
"""

from __future__ import annotations

import gc
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from workbook_tools.excel import Book
from workbook_tools.fill import fill_book
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.template.workbook import workbook_bytes

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
TEMPLATE = ROOT / "templates" / "self_eval_form.xlsx"
FILL_FORM = "from workbook_tools.commands.main import fill_form; raise SystemExit(fill_form())"
FILL_FOLDER = "from workbook_tools.commands.main import fill_form; fill_form()\n"
CHECK_FOLDER = "import sys; from workbook_tools.commands.main import main; main(['check', *sys.argv[1:]])\n"
SUMMARY_FOLDER = """import sys; from workbook_tools.commands.main import main
main(['summary', sys.argv[1], '-o', sys.argv[1] + '.xlsx'])
"""
PEAK = """import pathlib, re, resource, sys
own = re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
print("", own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
VARIANTS = 20


def variants(form: Path) -> list[bytes]:
    """The form with different money and different words, as a bureau collects it from different units."""
    made = []
    for number in range(VARIANTS):
        workbook = load_workbook(form)
        sheet = workbook["自评表"]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == 17160289.87:
                    cell.value = 17000000 + number
                elif isinstance(cell.value, str) and "12345" in cell.value and not cell.value.startswith("="):
                    cell.value = f"{cell.value}（{number}）"
        made.append(workbook_bytes(workbook))
    return made


def ours(data: bytes) -> None:
    """Reads, scores and writes a form in memory."""
    book = Book(data)
    fill_book(book)
    book.saved()


def openpyxl_load_and_save(data: bytes) -> None:
    """What any tool built on openpyxl pays before it has scored anything."""
    load_workbook(io.BytesIO(data)).save(io.BytesIO())


def in_turn(files: list[bytes], *ways: Callable[[bytes], None], rounds: int = 5) -> list[float]:
    """The median milliseconds of each way; in each round one way takes all files, then the other."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, times, strict=True):
            gc.collect()
            for data in files:
                start = time.perf_counter()
                way(data)
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


def command(*arguments: str, runs: int = 7) -> float:
    """The median milliseconds of a whole process; our modules are compiled before, as an installed package's are."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "workbook_tools_benchmark")
    subprocess.run(arguments, check=False, capture_output=True, cwd=ROOT, env=environment)
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(arguments, check=False, capture_output=True, cwd=ROOT, env=environment)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def formulas_recalculation(path: Path) -> float:
    """Milliseconds in which `formulas` compiles and calculates a workbook."""
    import formulas

    start = time.perf_counter()
    formulas.ExcelModel().loads(str(path)).finish().calculate()
    return (time.perf_counter() - start) * 1000


def folder_run(count: int, files: list[bytes], run: str = FILL_FOLDER) -> tuple[float, str]:
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
        own, worker = (int(kilobytes) // 1024 for kilobytes in done.stderr.split()[-2:])
        return time.perf_counter() - start, f"{own} MB" + (f", a worker {worker} MB" if worker else "")


def main() -> None:
    """Prints all tables."""
    load_scheme("zhongshan_2022")
    python = sys.executable
    print("| in memory: read, score, write | ours | openpyxl load + save | ratio |\n|---|---|---|---|")
    for form in (EXAMPLE, TEMPLATE):
        mine, theirs = in_turn(variants(form), ours, openpyxl_load_and_save)
        print(f"| {form.name} | {mine:.2f} ms | {theirs:.1f} ms | {theirs / mine:.1f} × |")
    cold = command(python, "-c", FILL_FORM, str(EXAMPLE), "--dry-run")
    with tempfile.TemporaryDirectory() as name:
        out = str(Path(name) / "filled.xlsx")
        whole = command(python, "-c", FILL_FORM, str(EXAMPLE), "-o", out)
        others = {
            "`python -c pass`": command(python, "-c", "pass"),
            "`fill_form FORM --dry-run`": cold,
            "`fill_form FORM -o OUT`": whole,
            '`python -c "import openpyxl"`': command(python, "-c", "import openpyxl"),
            "`formulas`: compile and calculate the template": formulas_recalculation(TEMPLATE),
        }
        if soffice := shutil.which("soffice"):
            profile = f"-env:UserInstallation={(Path(name) / 'profile').as_uri()}"
            convert = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", name, str(TEMPLATE)]
            subprocess.run(convert, check=False, capture_output=True)
            others["LibreOffice headless: load, recalculate, save"] = command(*convert, runs=3)
    print("\n| whole process, cold | ms | × `fill_form FORM -o OUT` |\n|---|---|---|")
    for name, taken in others.items():
        print(f"| {name} | {taken:.0f} | {taken / whole:.2f} |")
    print("\n| forms in one folder | seconds | ms a form | peak memory |\n|---|---|---|---|")
    files = variants(EXAMPLE)
    mixed = [path.read_bytes() for path in sorted(EXAMPLE.parent.glob("*.xlsx"))]
    runs = {
        "`fill_form`": (FILL_FOLDER, files, (100, 500, 1000)),
        "`workbook_tools check`": (CHECK_FOLDER, files, (100, 500, 1000)),
        "`workbook_tools summary`": (SUMMARY_FOLDER, files, (1000, 10000)),
        "`workbook_tools summary`, all examples in turn": (SUMMARY_FOLDER, mixed, (1000, 10000)),
    }
    for name, (run, forms, counts) in runs.items():
        for count in counts:
            seconds, memory = folder_run(count, forms, run)
            print(f"| {name}, {count} | {seconds:.2f} | {seconds / count * 1000:.2f} | {memory} |")


if __name__ == "__main__":
    main()
