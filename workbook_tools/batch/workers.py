"""Worker processes as an executor: a call that ends its process, or takes too long, costs that call alone.

`concurrent.futures.ProcessPoolExecutor` loses all calls when one worker dies, cannot say which call it was, and cannot
stop one. Here a thread stands beside each worker, hands it one call at a time, and starts another worker when it is
gone. Workers are started anew (`spawn`), on every system alike.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from workbook_tools.errors import FileRejected

LIMIT = 300  # seconds of one call; LibreOffice alone may take 120
RENEWED = 2000  # calls after which a worker is replaced, so that its memory stays what it was
Result = TypeVar("Result")


class Processes(Executor):
    """So many worker processes, each with one call at a time; its results and its errors are pickled.

    A future raises `FileRejected` with the code E_WORKER when its worker was ended from outside or ran out of memory,
    and E_TIME when the call took more than `limit` seconds.
    """

    def __init__(self, workers: int, *, limit: float = LIMIT, renewed: int = RENEWED) -> None:
        self._limit, self._renewed = limit, renewed
        self._threads = ThreadPoolExecutor(workers, "worker")
        self._own = threading.local()
        self._started: set[_Worker] = set()
        self._lock = threading.Lock()
        self._ended = False

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """The future of `fn(*args, **kwargs)`, where `fn` is a function of a module or a partial of one."""
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the workers when they are done; those of calls under way at once if it is not to wait."""
        self._threads.shutdown(wait=False, cancel_futures=cancel_futures)
        if wait:
            self._threads.shutdown()
        with self._lock:
            self._ended = True
            started = [*self._started]
        for worker in started:
            worker.end(at_once=not wait)

    @property
    def pids(self) -> list[int]:
        """The processes that are there now."""
        with self._lock:
            return [pid for one in self._started if (pid := one.process.pid)]

    def _call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Has the worker of this thread make the call."""
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = self._start()
        try:
            return worker.call(fn, args, kwargs, self._limit)
        finally:
            if worker.gone or worker.calls >= self._renewed:
                worker.end(at_once=worker.gone)
                self._own.worker = None
                with self._lock:
                    self._started.discard(worker)

    def _start(self) -> _Worker:
        with self._lock:
            if self._ended:
                raise _lost()
            worker = _Worker()
            self._started.add(worker)
            return worker


class _Worker:
    """One process, and our end of the pipe to it."""

    def __init__(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # Ctrl-C is for this process, which then ends the workers
            resource_tracker.ensure_running()  # as the first process starts, this unblocks SIGINT: so before
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.calls, self.gone = 0, False
        self._known: Callable[..., Any] | None = None

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit: float) -> Any:
        """What the call gives in the process; raises what it raises."""
        self.calls += 1
        said = pickle.dumps((None if fn is self._known else fn, args, kwargs))
        try:
            self._pipe.send_bytes(said)
            if not wait([self._pipe, self.process.sentinel], limit):
                self.gone = True
                raise FileRejected("E_TIME", f"{limit:g} 秒还没有做完，已停止；请把这个文件交给维护人员")
            result, fault = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError):
            self.gone = True
            raise _lost() from None
        self._known = fn
        if fault is not None:
            raise fault
        return result

    def end(self, *, at_once: bool) -> None:
        """Ends the process: after its call, or at once with what it has started."""
        if at_once:
            with contextlib.suppress(OSError, AttributeError):  # gone already; Windows has no groups
                os.killpg(self.process.pid or 0, signal.SIGKILL)
            self.process.kill()
        self._pipe.close()
        self.process.join()


def _lost() -> FileRejected:
    said = "处理这个文件的进程意外结束（多半是内存不够，或被人结束），没有得到结果；请单独再做一次这个文件"
    return FileRejected("E_WORKER", said)


def _serve(pipe: Connection) -> None:
    """What a worker does: one call after the other, until the pipe is closed or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # so that what it starts can be ended with it
    _end_with_the_parent()
    call: Callable[..., Any] | None = None
    while True:
        try:
            said = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            new, args, kwargs = pickle.loads(said)
            call = new or call
            answer = pickle.dumps((call(*args, **kwargs) if call else None, None))
        except Exception as fault:  # whatever it is, it is raised where the result is asked for
            answer = _pickled(fault)
        pipe.send_bytes(answer)


def _pickled(fault: Exception) -> bytes:
    try:
        answer = pickle.dumps((None, fault))
        pickle.loads(answer)
    except Exception:  # of a class that cannot be pickled
        answer = pickle.dumps((None, RuntimeError(f"{type(fault).__name__}：{fault}")))
    return answer


def _end_with_the_parent() -> None:
    """A worker whose parent was killed ends too, instead of going on for nobody."""

    def ended() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=ended, daemon=True).start()
