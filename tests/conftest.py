"""Which tests are quick, and how many examples a property is tried with.

`python -m pytest -m "not slow"` leaves out what needs LibreOffice, a browser, a server or minutes, and tries properties with fewer examples.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from office import needs_libreoffice
from ooxml import VALIDATED, needs_validator
from workbook_tools.batch.running import processors

MOST = 4  # processes: each of them collects all tests

settings.register_profile("all", max_examples=300, deadline=None)
settings.register_profile("quick", max_examples=20, deadline=None)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole quick selection is run by several processes, each file in one of them, where pytest-xdist is installed.

    All tests are run by one: some of them measure time and memory. So are parts of the quick selection, and what is to
    stop at the first failure or in the debugger. `-n` says it otherwise.
    """
    option = config.option
    part = config.args_source is not pytest.Config.ArgsSource.TESTPATHS or option.keyword
    watched = option.usepdb or option.maxfail or option.collectonly
    worker = hasattr(config, "workerinput")
    if worker or part or watched or not quick(config) or not config.pluginmanager.hasplugin("xdist"):
        return
    if option.numprocesses is None and option.dist == "no" and processors() > 1:
        option.numprocesses, option.dist = min(processors(), MOST), "loadfile"


def quick(config: pytest.Config) -> bool:
    """Whether the slow tests are left out."""
    return "not slow" in config.option.markexpr


def pytest_configure(config: pytest.Config) -> None:
    """Before the tests are imported: each property takes its number of examples from here."""
    settings.load_profile("quick" if quick(config) else "all")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs LibreOffice, Microsoft's validator or a mail server is slow, and all cases but some of a test marked `quick_cases`."""
    peers = [needs_libreoffice.mark, needs_validator.mark]
    sampled: dict[str, list[pytest.Item]] = {}
    for item in items:
        if any(mark in peers for mark in item.iter_markers("skipif")) or "peer" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("quick_cases"):
            sampled.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for cases in sampled.values():
        mark = cases[0].get_closest_marker("quick_cases")
        assert mark is not None
        (count,) = mark.args
        quick = {number * len(cases) // count for number in range(count)}  # spread evenly over the cases
        for number, case in enumerate(cases):
            if number not in quick:
                case.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: the collector of garbage need not look at it again and again."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What this computer has waiting to be sent and logged stays as it is, also where a test starts a program."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def new_connections() -> Iterator[None]:
    """fsspec keeps its connections by address, with the server they were made for; a test that starts its own server needs its own."""
    s3fs = pytest.importorskip("s3fs", reason="needs s3fs")
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many files the Open XML SDK has validated."""
    if VALIDATED:
        terminalreporter.write_line(f"Open XML SDK: {len(VALIDATED)} files validated")
