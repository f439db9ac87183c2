"""A Dask cluster as an executor that tells when the cluster is out of reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from distributed import Client, KilledWorker
from distributed.comm.core import connect
from distributed.security import Security

from workbook_tools.errors import ClusterLost, FileRejected
from workbook_tools.excel import read_file
from workbook_tools.excel.remote import SentFile, is_elsewhere

PATIENCE = 60  # seconds that a cluster may be without any worker
Result = TypeVar("Result")


class Cluster(Executor):
    """A cluster as an executor of parts of a batch; what is open when it is out of reach raises `ClusterLost`."""

    def __init__(self, client: Client, *, patience: float = PATIENCE) -> None:
        self._client, self._patience = client, patience
        self._executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self._open: set[Future[Any]] = set()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """The future of `fn(paths)` on a node, which gets what stands in local files as bytes."""
        future: Future[Result] = Future()
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        if self._client.status != "running":
            raise lost()
        task = self._executor.submit(fn, *map(_sent, args), **kwargs)
        task.add_done_callback(lambda ended: _passed_on(ended, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leaves the cluster; its workers go on for others."""
        self._ended.set()
        with suppress(Exception):  # of a cluster that is gone
            self._executor.shutdown(wait=False)

    def _watch(self) -> None:
        """Ends what is open when the scheduler is gone, or no worker has been there for long."""
        without = 0.0
        while not self._ended.wait(1):
            running = self._client.status == "running"
            without = 0 if running and self._client.scheduler_info(n_workers=1)["workers"] else without + 1
            if not running or without > self._patience:
                for future in [*self._open]:
                    with suppress(InvalidStateError):  # it has just ended
                        future.set_exception(lost())


def is_scheduler(address: str, timeout: float) -> bool:
    """Whether a scheduler answers at an address; raises `OSError` where nothing does in time.

    `Client` waits forever for a program that takes the connection and is no scheduler.
    """

    async def asked() -> bool:
        comm = await connect(address, timeout=timeout, **Security().get_connection_args("client"))  # type: ignore[no-untyped-call]
        try:
            await comm.write({"op": "identity", "reply": True})
            return bool((await comm.read()).get("type") == "Scheduler")
        finally:
            comm.abort()

    async def in_time() -> bool:
        return await asyncio.wait_for(asked(), timeout + 5)  # `connect` says more

    return asyncio.run(in_time())


def _passed_on(ended: Future[Any], future: Future[Any]) -> None:
    """What a task of the cluster came to."""
    with suppress(InvalidStateError):
        if ended.cancelled():
            future.set_exception(lost())
        elif isinstance(fault := ended.exception(), KilledWorker):
            said = "做这个文件的几个工作节点都意外结束了（多半是内存不够），没有得到结果；请单独再做一次这个文件"
            future.set_exception(FileRejected("E_WORKER", said))
        elif fault:
            future.set_exception(fault if isinstance(fault, Exception) else lost())
        else:
            future.set_result(ended.result())


def lost() -> ClusterLost:
    """The error of a cluster that went away."""
    return ClusterLost("集群的调度程序断开了，或者没有工作节点了，没有做完；请核对集群，再运行一次")


def _sent(paths: Sequence[Path]) -> list[Path]:
    """The paths as a node reads them."""
    return [path if is_elsewhere(path) else cast("Path", SentFile(path, _bytes(path))) for path in paths]


def _bytes(path: Path) -> bytes | FileRejected:
    try:
        return read_file(path)
    except FileRejected as fault:
        return fault
