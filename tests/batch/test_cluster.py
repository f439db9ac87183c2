"""Batches on a real Dask scheduler with real workers, and files in a real S3 server, all on this computer."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jobs
import pytest

from places import EXAMPLES, ROOT
from tables import records
from workbook_tools.batch import run
from workbook_tools.batch.cluster import on
from workbook_tools.commands.main import main
from workbook_tools.errors import BadData, ClusterLost

# Not imported here: it takes half a second.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra cluster"),
]
FORM = EXAMPLES / "zhongshan_12345_2022.xlsx"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of Python in a group of its own, all of which is ended afterwards."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "batch")])
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=os.environ | {"PYTHONPATH": path} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as program:
        try:
            yield program
        finally:
            os.killpg(program.pid, signal.SIGKILL)


@contextmanager
def cluster(workers: int = 2, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with workers, and the scheduler."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    quiet = ["--no-dashboard"]
    with started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), *quiet) as scheduler:
        each = ["--nworkers", str(workers), "--nthreads", "1", "--host", "127.0.0.1", *quiet]
        with started("distributed.cli.dask_worker", address, *each, **environment):
            from distributed import Client

            with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(workers, timeout=60)
            yield address, scheduler


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster() as (there, _):
        yield there


def files(folder: Path, count: int, words: str = "") -> list[Path]:
    made = [folder / f"{number:03}{words if number == count // 2 else ''}.xlsx" for number in range(1, count + 1)]
    for number, path in enumerate(made, 1):
        path.write_bytes(b"x" * number)
    return made


def sizes(paths: list[Path], address: str) -> list[tuple[Path, int | None, str]]:
    with on(address) as executor:
        return [(path, size, str(why or "")) for path, size, why in run(paths, jobs.length, executor)]


def test_a_cluster_gives_the_same_outcomes_in_the_same_order(tmp_path: Path, address: str) -> None:
    paths = files(tmp_path, 90, "refused")
    here = [(path, size, str(why or "")) for path, size, why in run(paths, jobs.length, jobs=1)]
    assert sizes(paths, address) == here


def test_a_file_that_kills_every_worker_costs_itself(tmp_path: Path) -> None:
    paths = files(tmp_path, 30, "killed")
    with cluster(2) as (address, _):
        found = sizes(paths, address)
    assert [(path, size) for path, size, why in found if not why] == [
        (path, number) for number, path in enumerate(paths, 1) if number != 15
    ]
    assert [(path, why) for path, _, why in found if why] == [
        (paths[14], "做这个文件的几个工作节点都意外结束了（多半是内存不够），没有得到结果；请单独再做一次这个文件")
    ]


def workers_of(address: str) -> list[int]:
    from distributed import Client

    with Client(address, timeout=20, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        return [int(pid) for pid in client.run(os.getpid).values()]


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    paths = files(tmp_path, 120)
    with cluster(2, WORKBOOK_TOOLS_TEST_PAUSE="0.05") as (address, _):
        pids = workers_of(address)
        with on(address) as executor:
            found = []
            for path, size, why in run(paths, jobs.length, executor, chunk=5):
                found.append((path, size, why))
                if len(found) == 20:
                    os.kill(pids[0], signal.SIGKILL)
        assert not set(workers_of(address)) >= set(pids)
    assert found == [(path, number, None) for number, path in enumerate(paths, 1)]


def nodes_of(address: str) -> list[str]:
    """The addresses of the nodes of a cluster."""
    from distributed import Client

    with Client(address, timeout=20, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        return [*client.scheduler_info(n_workers=-1)["workers"]]


def received(folder: Path, count: int) -> int:
    """So many forms, 2 % of which are broken; gives how many are."""
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number:04}.xlsx"
        if number % 50 == 7:
            path.write_bytes(FORM.read_bytes()[: 3000 + number])
        else:
            shutil.copy(FORM, path)
    return len(range(7, count, 50))


def rows(path: Path) -> dict[str, list[list[Any]]]:
    from openpyxl import load_workbook

    book = load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet] for sheet in book}


def test_a_summary_by_a_cluster_is_that_of_one_process(
    tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = received(tmp_path / "收到", 100)
    outs = [tmp_path / "一个进程.xlsx", tmp_path / "集群.xlsx"]
    for out, how in zip(outs, (["--jobs", "1"], ["--on", address]), strict=True):
        assert main(["summary", str(tmp_path / "收到"), "-o", str(out), *how]) == 1
    one, other = map(rows, outs)
    assert one == other
    read, refused = ([row["文件"] for row in records(outs[0], name)] for name in ("汇总", "没有读"))
    assert len(refused) == broken
    assert sorted(read + refused) == [str(path) for path in sorted((tmp_path / "收到").glob("*.xlsx"))]
    said = capsys.readouterr().out.split("\n")
    assert said[0] == said[2] == f"共 {100 - broken} 张表，{100 - broken} 张有错误，{broken} 个文件没有读"


def test_a_summary_goes_on_after_its_scheduler_was_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    received(tmp_path / "收到", 200)
    out, whole = tmp_path / "汇总表.xlsx", tmp_path / "一次做完.xlsx"
    with cluster(1) as (address, scheduler):
        journal = out.with_name("~汇总表.读取进度")

        def kill() -> None:
            while not journal.exists() or journal.stat().st_size < 60_000:
                time.sleep(0.02)
            os.kill(scheduler.pid, signal.SIGKILL)

        threading.Thread(target=kill).start()
        assert main(["summary", str(tmp_path / "收到"), "-o", str(out), "--on", address]) == 3
    assert "集群的调度程序断开了" in capsys.readouterr().out
    assert not out.exists()
    with cluster(2) as (address, _):
        assert main(["summary", str(tmp_path / "收到"), "-o", str(out), "--on", address]) == 1
    said = capsys.readouterr().err
    assert "接着上次没有做完的：" in said
    assert main(["summary", str(tmp_path / "收到"), "-o", str(whole)]) == 1
    assert rows(out) == rows(whole)


def test_check_on_a_cluster_says_the_same(tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    received(tmp_path / "收到", 60)
    said = []
    for how in (["--jobs", "1"], ["--on", address]):
        for form in ([], ["--format", "json"], ["--statistics"]):
            code = main(["check", str(tmp_path / "收到"), *form, *how])
            said.append((code, capsys.readouterr().out))
    assert said[:3] == said[3:]


def test_a_comparison_by_a_cluster_or_by_processes_is_that_of_one_process(
    tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for year in ("去年", "今年"):
        received(tmp_path / year, 9)
    said, books = [], []
    for number, how in enumerate((["--jobs", "1"], ["--jobs", "2"], ["--on", address])):
        out = tmp_path / f"对比{number}.xlsx"
        assert main(["compare", str(tmp_path / "去年"), str(tmp_path / "今年"), "-o", str(out), *how]) == 1
        said.append(capsys.readouterr().out.replace(out.name, "对比.xlsx"))
        books.append(rows(out))
    assert said[0] == said[1] == said[2]
    assert books[0] == books[1] == books[2]
    assert len(books[0]["没有读"]) > 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("scheduler:8786", "--on 要写成 tcp://调度程序:8786 这样，不是“scheduler:8786”"),
        ("tcp://scheduler", "--on 要写成 tcp://调度程序:8786 这样，不是“tcp://scheduler”"),
        ("tcp://:8786", "--on 要写成 tcp://调度程序:8786 这样，不是“tcp://:8786”"),
        ("tls://127.0.0.1:1", "tls://127.0.0.1:1：Dask 的设置（distributed.comm.tls）里没有证书，不能用 tls://"),
        ("tcp://127.0.0.1:1", "连不上 tcp://127.0.0.1:1（OSError）；请核对地址和网络"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_sentence(
    address: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", str(FORM), "--on", address])
    assert (code, capsys.readouterr().out) == (2 if "8786" in sentence else 3, f"{sentence}\n")


def test_a_program_that_is_no_scheduler_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One takes the connection and says nothing, one is a node of a cluster."""
    monkeypatch.setattr("workbook_tools.batch.cluster.TIMEOUT", 3)
    with socket.socket() as silent, cluster(1) as (address, _):
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        assert main(["check", str(FORM), "--on", f"tcp://127.0.0.1:{port}"]) == 3
        assert capsys.readouterr().out.startswith(f"连不上 tcp://127.0.0.1:{port}（")
        (node,) = nodes_of(address)
        assert main(["check", str(FORM), "--on", node]) == 3
        assert capsys.readouterr().out == f"{node} 不是 Dask 的调度程序；请核对地址，工作节点的地址不能用\n"


def test_a_node_without_this_package_is_told(tmp_path: Path) -> None:
    """Beside nodes that have it: what it was given would fail."""
    lacking = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}  # else the folder of the tests' run comes first
    package = tmp_path / "workbook_tools"
    package.mkdir()
    (package / "__init__.py").write_text("raise ModuleNotFoundError('No module named workbook_tools')", "utf-8")
    with (
        cluster(1) as (address, _),
        started("distributed.cli.dask_worker", address, "--nworkers", "1", "--no-dashboard", **lacking),
    ):
        for _ in range(600):
            if len(nodes_of(address)) == 2:
                break
            time.sleep(0.1)
        with pytest.raises(ClusterLost, match="没有装好本工具"), on(address):
            pass


def test_dask_itself_tells_nothing(address: str) -> None:
    with on(address):
        loud = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
        assert "distributed.client" in loud
        assert [name for name in loud if logging.getLogger(name).isEnabledFor(logging.CRITICAL)] == []


def test_a_scheme_of_ones_own_is_not_left_out_in_silence(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "schemes" / "own"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "workbook_tools" / "official" / "zhongshan_2022" / "scheme.toml", folder)
    monkeypatch.setenv("WORKBOOK_TOOLS_SCHEMES", str(tmp_path / "schemes"))
    with pytest.raises(BadData, match="自己的评分办法"), on(address):
        pass


def test_a_scheduler_without_workers_is_told() -> None:
    port = free_port()
    with started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"):
        for _ in range(600):
            if answers(port):
                break
            time.sleep(0.1)
        with pytest.raises(ClusterLost, match="没有工作节点"), on(f"tcp://127.0.0.1:{port}"):
            pass
