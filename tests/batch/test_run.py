"""One loop over many files: the order, what one bad file or a killed worker costs, limits, Ctrl-C."""

from __future__ import annotations

from pathlib import Path

import jobs
import pytest

from workbook_tools.batch import run
from workbook_tools.batch.workers import Processes

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


@pytest.mark.parametrize("workers", [1, 2])
def test_outcomes_come_in_the_order_of_the_paths(tmp_path: Path, workers: int) -> None:
    paths = files(tmp_path, 9, n1="slow", n6="slow")
    assert [(one.path, one.result) for one in run(paths, jobs.size, jobs=workers)] == [
        (path, number) for number, path in enumerate(paths, 1)
    ]


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
