"""One loop over many files: the order, what one bad file or a killed worker costs, limits, Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jobs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from places import EXAMPLES, ROOT
from workbook_tools.batch import run
from workbook_tools.batch.running import _together, processors
from workbook_tools.batch.workers import Processes
from workbook_tools.commands.main import fill_form

EVIL = {
    "refused": "没有读到自评表；请核对",
    "rejected": "甲：文件已损坏",
    "fault": "程序出错（ZeroDivisionError：除以零），请把这个文件交给维护人员",
    "odd": "程序出错（Odd：甲乙），请把这个文件交给维护人员",
    "killed": "处理这个文件的进程意外结束（多半是内存不够，或被人结束），没有得到结果；请单独再做一次这个文件",
    "gone": "处理这个文件的进程意外结束（多半是内存不够，或被人结束），没有得到结果；请单独再做一次这个文件",
    "endless": "2 秒还没有做完，已停止；请把这个文件交给维护人员",
}


def files(folder: Path, count: int, **named: str) -> list[Path]:
    """So many files, the first byte of the first, two of the second …; `named` puts words into some names."""
    made = [folder / f"{number:03}{named.get(f'n{number}', '')}.xlsx" for number in range(1, count + 1)]
    for number, path in enumerate(made, 1):
        path.write_bytes(b"x" * number)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_outcomes_come_in_the_order_of_the_paths(tmp_path: Path, workers: int) -> None:
    paths = files(tmp_path, 9, n1="slow", n6="slow")
    assert [(one.path, one.result) for one in run(paths, jobs.size, jobs=workers)] == [
        (path, number) for number, path in enumerate(paths, 1)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [1, 4])
def test_what_goes_wrong_with_a_file_costs_that_file(tmp_path: Path, chunk: int) -> None:
    paths = files(tmp_path, 21, **{f"n{2 + 3 * number}": word for number, word in enumerate(EVIL)})
    with Processes(2, limit=2) as pool:
        found = {one.path: one for one in run(paths, jobs.size, pool, chunk=chunk)}
    assert [*found] == paths
    for number, path in enumerate(paths, 1):
        word = path.stem.lstrip("0123456789")
        assert str(found[path].refused or "") == EVIL.get(word, "")
        assert found[path].result == (None if word else number)


def test_a_given_executor_is_used_and_left_open(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(run(files(tmp_path, 45), jobs.pid, pool))
        assert {one.result for one in done} == {os.getpid()}
        assert pool.submit(len, "ab").result() == 2


def test_few_files_start_no_process(tmp_path: Path) -> None:
    assert {one.result for one in run(files(tmp_path, 40), jobs.pid)} == {os.getpid()}


@pytest.mark.slow
@pytest.mark.skipif(processors() < 2, reason="one processor")
def test_many_files_are_done_by_other_processes(tmp_path: Path) -> None:
    found = {one.result for one in run(files(tmp_path, 130), jobs.pid)}
    assert len(found) > 1
    assert os.getpid() not in found


@pytest.mark.slow
def test_workers_are_replaced_after_so_many_files(tmp_path: Path) -> None:
    with Processes(1, renewed=10) as pool:
        found = [one.result for one in run(files(tmp_path, 35), jobs.pid, pool, chunk=1)]
    assert [len(set(found[start : start + 10])) for start in (0, 10, 20, 30)] == [1, 1, 1, 1]
    assert len(set(found)) == 4


@pytest.mark.slow
def test_a_worker_is_gone_when_its_pool_is_left(tmp_path: Path) -> None:
    with Processes(2) as pool:
        pids = {one.result for one in run(files(tmp_path, 8, n3="slow"), jobs.pid, pool, chunk=1)}
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid or 0, 0)


@pytest.mark.slow
def test_jobs_that_touch_the_same_file_run_after_one_another(tmp_path: Path) -> None:
    """Two names of one file beside others, and a chain: what one writes the next reads."""
    for name in "甲乙丙丁":
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / "链接").symlink_to(tmp_path / "甲")
    paths = [tmp_path / name for name in ("甲", "乙", "链接", "丙", "丁", "甲", "链接")]

    def touched(path: Path) -> list[str]:
        return [os.path.realpath(path)]

    found = [one.result for one in run(paths, jobs.appended, jobs=3, touched=touched)]
    assert found == ["", "", "一", "", "", "一一", "一一一"]


@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=3), max_size=9))
def test_parts_share_no_file_and_lose_no_path(names: list[list[int]]) -> None:
    paths = [Path(str(number)) for number in range(len(names))]
    parts = _together(paths, lambda path: names[int(path.name)])
    assert sorted(number for part in parts for number in part) == [*range(len(names))]
    assert all(part == sorted(part) for part in parts)
    assert [part[0] for part in parts] == sorted(part[0] for part in parts)
    owners = {name: set[int]() for name in range(7)}
    for index, part in enumerate(parts):
        for number in part:
            for name in names[number]:
                owners[name].add(index)
    assert all(len(owner) <= 1 for owner in owners.values())


INTERRUPTED = """
import sys
from pathlib import Path
import jobs
from workbook_tools.batch import run
from workbook_tools.commands.console import run as told

def command(_):
    for path, size, why in run(sorted(Path(sys.argv[1]).iterdir()), jobs.size, jobs=2):
        print(path.name, size, why, flush=True)
    return 0

if __name__ == "__main__":
    raise SystemExit(told(command, []))
"""


DEAF = INTERRUPTED.replace("jobs.size", "jobs.deaf")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_no_worker_hears_ctrl_c_while_it_starts(tmp_path: Path) -> None:
    """The first one did: what it had imported so far was printed as a traceback."""
    folder, script = tmp_path / "表", tmp_path / "script.py"
    folder.mkdir()
    script.write_text(DEAF, "utf-8")
    files(folder, 60)
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "batch")])
    told = subprocess.run(
        [sys.executable, str(script), str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.split()[1] for line in told.stdout.splitlines()} == {"True"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_ctrl_c_tells_what_was_done_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder, script = tmp_path / "表", tmp_path / "script.py"
    folder.mkdir()
    script.write_text(INTERRUPTED, "utf-8")
    files(folder, 60, **{f"n{number}": "slow" for number in range(5, 61)})
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "batch")])

    def heard() -> None:  # a job in the background of a shell is started deaf to Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heard,  # noqa: PLW1509
    ) as running:
        assert running.stdout
        first = [running.stdout.readline() for _ in range(6)]
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        rest, said = running.communicate(timeout=60)
    assert running.returncode == 130
    done = [*first, *rest.splitlines()]
    assert 6 <= len(done) < 30
    assert said == f"\n已中断：60 个文件做完 {len(done)} 个；已经写好的文件不受影响，没有轮到的文件没有改动\n"
    assert [line.split()[1] for line in done] == [str(number) for number in range(1, len(done) + 1)]
    time.sleep(0.2)
    left = subprocess.run(["pgrep", "-f", str(script)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


@pytest.mark.slow
def test_a_file_filled_twice_under_two_names_is_filled_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for workers in ("1", "3"):
        folder = tmp_path / workers
        folder.mkdir()
        for name in ("甲.xlsx", "乙.xlsx", "丙.xlsx"):
            shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", folder / name)
        (folder / "链接.xlsx").symlink_to(folder / "甲.xlsx")
        given = [str(folder / name) for name in ("链接.xlsx", "甲.xlsx", "乙.xlsx", "丙.xlsx")]
        assert fill_form([*given, "--jobs", workers]) == 0
        said.append(capsys.readouterr().out.replace(str(folder), ""))
        assert len(list((folder / "填表前备份").iterdir())) == 3
    assert said[0] == said[1]
    assert said[0].count("没有要写的，文件没有改动") == 1


def test_the_number_of_jobs_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fill_form(["表.xlsx", "--jobs", "0"])
    assert "用法不对：--jobs 要写 1、2 这样的整数，不是“0”" in capsys.readouterr().err


# What may be kept of a form until the end, in bytes: its path and what is counted. An assessment has tens of thousands.
MOST_KEPT = 300


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_command_keeps_no_more_of_a_form_than_it_counts(workers: str, tmp_path: Path) -> None:
    links(tmp_path / "forms", 120)
    (tmp_path / "script.py").write_text(MEASURED, "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py", "check", "forms", "--jobs", workers],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    first, second = map(int, done.stderr.split())
    assert second - first < 60 * MOST_KEPT


@pytest.mark.slow
def test_a_worker_keeps_nothing_of_a_form(tmp_path: Path) -> None:
    with Processes(1, renewed=1000) as pool:
        used = [one.result or 0 for one in run(links(tmp_path / "forms", 100), jobs.memory, pool, chunk=1)]
    assert used[99] - used[39] < 60 * 200


def links(folder: Path, count: int) -> list[Path]:
    """The same form under many names."""
    folder.mkdir()
    paths = [folder / f"{number:05}.xlsx" for number in range(count)]
    for path in paths:
        os.link(EXAMPLES / "zhongshan_12345_2022.xlsx", path)
    return paths


# Told before the 40th file and before the 100th: the bytes that Python's objects take.
MEASURED = """
import gc, sys, tracemalloc
from workbook_tools.commands.main import main
from workbook_tools.terminal import Progress
show = Progress.show
def measured(line, number, name):
    if number in (40, 100):
        gc.collect()
        print(tracemalloc.get_traced_memory()[0], file=sys.stderr)
    show(line, number, name)
Progress.show = measured
if __name__ == "__main__":
    tracemalloc.start()
    main()
"""
