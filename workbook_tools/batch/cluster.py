"""The jobs of a batch on a Dask cluster: `--on tcp://scheduler:8786`.

A node runs the function of this package that a command names, with the bytes of files; local files are read here and
sent, files elsewhere are read by the node. A task whose worker is gone is done again by another one, as Dask has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbook_tools import __version__
from workbook_tools.errors import BadData, ClusterLost, NotInstalled, how_to_install
from workbook_tools.schemes.files import outside_files

if TYPE_CHECKING:
    from concurrent.futures import Executor

TIMEOUT = 20  # seconds in which a scheduler answers
_ADDRESS = r"(?:tcp|tls)://[^/:\s]+:\d{1,5}/?|(?:tcp|tls)://\[[^]\s]+\]:\d{1,5}/?"


@contextmanager
def on(address: str | None) -> Iterator[Executor | None]:
    """The cluster at an address; None without one. Raises `BadData`, `NotInstalled` or `ClusterLost`."""
    if address is None:
        yield None
        return
    if not re.fullmatch(_ADDRESS, address):
        raise BadData(f"--on 要写成 tcp://调度程序:8786 这样，不是“{address}”")
    if outside_files():
        raise BadData("自己的评分办法（--schemes、环境变量或设置文件夹里的）不能用在集群上；请不写 --on")
    try:
        from distributed import Client

        from workbook_tools.batch.dask_executor import Cluster, is_scheduler
    except ImportError:
        raise NotInstalled(f"--on 要另外安装 distributed；{how_to_install('cluster')}") from None
    _quieten()
    try:
        if not is_scheduler(address, TIMEOUT):
            raise ClusterLost(f"{address} 不是 Dask 的调度程序；请核对地址，工作节点的地址不能用")
        client = Client(address, timeout=TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as fault:
        raise ClusterLost(f"连不上 {address}（{type(fault).__name__}）；请核对地址和网络") from None
    except TypeError:  # tls:// without certificates
        raise ClusterLost(f"{address}：Dask 的设置（distributed.comm.tls）里没有证书，不能用 tls://") from None
    try:
        _same_everywhere(client)
        cluster = Cluster(client)
        try:
            yield cluster
        finally:
            cluster.shutdown(wait=False)
    finally:
        client.close(timeout=2)  # type: ignore[no-untyped-call]


def _quieten() -> None:
    """What Dask writes in English while a cluster is lost is said here; its parts have levels of their own."""
    import logging

    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _same_everywhere(client: Any) -> None:
    """Raises `ClusterLost` where a node has no workers, or another version of this package."""
    answers = client.run(version_here, on_error="return").values()
    if any(not isinstance(one, str | OSError) for one in answers):  # a worker that just ended gives `OSError`
        raise ClusterLost(f"集群的节点上没有装好本工具；请在每个节点上装 {__version__} 版")
    versions = {one for one in answers if isinstance(one, str)}
    if not versions:
        raise ClusterLost("集群上没有工作节点；请先启动工作节点")
    if versions != {__version__}:
        said = "、".join(sorted(versions))
        raise ClusterLost(f"集群的节点上是 {said} 版，这里是 {__version__} 版，结果会不一样；请装成同一版")


def version_here() -> str:
    """The version of this package on a node; raises `ImportError` where it lacks what every job needs."""
    import workbook_tools.assess  # noqa: F401

    return __version__
