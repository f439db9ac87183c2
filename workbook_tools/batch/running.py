"""One loop for every command over files: an outcome for each, in their order, whatever becomes of one of them."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from workbook_tools.errors import ClusterLost, FileRejected, WorkbookToolsError
from workbook_tools.terminal import Progress

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Executor, Future
    from typing import TextIO

LEAST = 32  # files that make a process worth its start, which takes as long as twenty forms
AHEAD, FAR_AHEAD = 500, 4000  # files whose results may wait for an earlier one: of processes, of a cluster
CHUNK = 20
GRACE = 10  # seconds that what is under way has to end after Ctrl-C
Result = TypeVar("Result")


Done = tuple[Result | None, WorkbookToolsError | None]


class Outcome(NamedTuple, Generic[Result]):
    """What a job gave for a path, or the error that says in one sentence why it gave nothing."""

    path: Path
    result: Result | None
    refused: WorkbookToolsError | None = None


def run(
    paths: Iterable[Path],
    job: Callable[[Path], Result],
    executor: Executor | None = None,
    *,
    jobs: int | None = None,
    touched: Callable[[Path], Iterable[Hashable]] | None = None,
    chunk: int | None = None,
    progress: TextIO | None = None,
) -> Iterator[Outcome[Result]]:
    """The outcome of every path, in the order of the paths.

    Whatever a job raises is the outcome of its path alone, as is a worker that was killed or took too long.

    Args:
        paths: the files.
        job: a function of a module, or a partial of one with arguments that can be pickled; so can its result be, which
            is to be small. It prints nothing.
        executor: where the jobs run; None takes worker processes where there are more than a few files.
        jobs: how many worker processes, 1 for none; None decides by the number of files and of processors.
        touched: for jobs that write: names of all files that the job of a path reads or writes. Those that share one
            run after one another.
        chunk: how many paths are given away at a time; None gives worker processes one, other executors more, because a
            task costs a cluster as much as a form.
        progress: the stream of the line of progress.

    After Ctrl-C the outcomes of what was done are given, then `KeyboardInterrupt` is raised with the number done and
    the number of all. Raises `ClusterLost` when the executor is out of reach.
    """
    listed = list(paths)
    line = Progress(len(listed), progress or sys.stderr)
    workers = min(jobs or _usual(len(listed)), len(listed))
    try:
        if executor is None and workers < 2:
            yield from _here(listed, job, line)
            return
        size, ahead = (chunk or 1, AHEAD) if executor is None else (chunk or CHUNK, FAR_AHEAD)
        with ExitStack() as stack:
            if executor is None:
                from workbook_tools.batch.workers import Processes

                executor = stack.enter_context(_ending(Processes(workers)))
            parts = (
                _together(listed, touched)
                if touched
                else [range(len(listed))[first : first + size] for first in range(0, len(listed), size)]
            )
            yield from _elsewhere(listed, parts, job, executor, line, ahead)
    finally:
        line.done()


def in_words(fault: Exception) -> WorkbookToolsError:
    """An error as a person is told it: one of ours as it is, a fault of the program as one sentence."""
    if isinstance(fault, WorkbookToolsError):
        return fault
    return FileRejected("E_PROGRAM", f"程序出错（{type(fault).__name__}：{fault}），请把这个文件交给维护人员")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _usual(count: int) -> int:
    return min(processors(), count // LEAST)


def _done(job: Callable[[Path], Result], path: Path) -> Done[Result]:
    """The result of one path, or its error: the one boundary at which a fault of ours stops no other file."""
    try:
        return job(path), None
    except Exception as fault:
        return None, in_words(fault)


def _all_done(job: Callable[[Path], Result], paths: Sequence[Path]) -> list[Done[Result]]:
    """What an executor runs."""
    return [_done(job, path) for path in paths]


def _here(paths: Sequence[Path], job: Callable[[Path], Result], line: Progress) -> Iterator[Outcome[Result]]:
    for number, path in enumerate(paths, 1):
        line.show(number, path.name)
        try:
            done = _done(job, path)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(number - 1, len(paths)) from None
        yield Outcome(path, *done)


def _elsewhere(
    paths: Sequence[Path],
    parts: Sequence[Sequence[int]],
    job: Callable[[Path], Result],
    executor: Executor,
    line: Progress,
    ahead: int,
) -> Iterator[Outcome[Result]]:
    """The outcomes of paths whose parts an executor is given, each part the numbers of its paths."""
    call = partial(_all_done, job)
    part_of = {number: part for part in parts for number in part}
    futures: dict[int, Future[list[Done[Result]]]] = {}  # by the first number of the part
    ready: dict[int, Done[Result]] = {}
    todo, done = deque(parts), 0
    with _stoppable() as stop:
        for number, path in enumerate(paths):
            while todo and (todo[0][0] <= number or len(futures) * len(parts[0]) < ahead):
                part = todo.popleft()
                futures[part[0]] = _submitted(executor, call, [paths[one] for one in part])
            line.show(number + 1, path.name)
            if number not in ready:
                part = part_of[number]
                if not _waited(futures[part[0]], stop):
                    break
                outcomes = _of_part([paths[one] for one in part], futures.pop(part[0]), call, executor)
                ready.update(zip(part, outcomes, strict=True))
            done += 1
            yield Outcome(path, *ready.pop(number))
        else:
            return
        from concurrent.futures import wait

        for future in futures.values():
            future.cancel()
        wait(futures.values(), GRACE)
        for part in parts:
            ended = futures.get(part[0])
            if ended and ended.done() and not ended.cancelled() and not ended.exception():
                ready.update(zip(part, ended.result(), strict=True))
    line.done()
    for number in sorted(ready):
        done += 1
        yield Outcome(paths[number], *ready[number])
    raise KeyboardInterrupt(done, len(paths))


def _waited(future: Future[Any], stop: threading.Event) -> bool:
    """Whether a future is done, before Ctrl-C was pressed."""
    from concurrent.futures import wait

    while not future.done() and not stop.is_set():
        wait([future], 0.2)  # Windows hears Ctrl-C only between two of these
    return not stop.is_set()


def _of_part(
    paths: Sequence[Path],
    future: Future[list[Done[Result]]],
    call: Callable[[Sequence[Path]], list[Done[Result]]],
    executor: Executor,
) -> list[Done[Result]]:
    """The outcomes of one part; where it was lost as a whole, its paths are tried one by one."""
    from concurrent.futures import CancelledError

    try:
        return future.result()
    except ClusterLost:
        raise
    except CancelledError:
        raise ClusterLost("分派出去的文件被取消了，没有做完；请再运行一次") from None
    except Exception as fault:
        if len(paths) == 1:
            return [(None, in_words(fault))]
        return [one for path in paths for one in _of_part([path], _submitted(executor, call, [path]), call, executor)]


def _submitted(executor: Executor, call: Callable[[Sequence[Path]], Result], paths: Sequence[Path]) -> Future[Result]:
    """The future of one part; raises `ClusterLost` where the executor takes no more."""
    try:
        return executor.submit(call, paths)
    except WorkbookToolsError:
        raise
    except Exception as fault:  # each kind of executor has its own
        raise ClusterLost(f"不能再分派文件（{type(fault).__name__}），没有做完；请再运行一次") from fault


def _together(paths: Sequence[Path], touched: Callable[[Path], Iterable[Hashable]]) -> list[list[int]]:
    """The numbers of the paths in parts of which no two touch the same file, by their first number."""
    part_of: dict[Hashable, list[int]] = {}
    parts: dict[int, list[int]] = {}
    for number, path in enumerate(paths):
        names = set(touched(path))
        joined = {part[0]: part for name in names if (part := part_of.get(name))}
        mine = sorted([number, *(one for part in joined.values() for one in part)])
        names |= {name for name, part in part_of.items() if part[0] in joined} if joined else set()
        part_of.update(dict.fromkeys(names, mine))
        for first in joined:
            parts.pop(first)
        parts[mine[0]] = mine
    return [parts[first] for first in sorted(parts)]


@contextmanager
def _ending(executor: Executor) -> Iterator[Executor]:
    """Ends the executor: when all is done, or at once when the outcomes are no longer wanted."""
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """While it lasts, Ctrl-C sets the event, so that what is under way may end; a second one ends everything."""
    import signal  # a few files take no other process
    import threading

    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def stopped(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, stopped)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
