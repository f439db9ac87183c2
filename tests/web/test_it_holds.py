"""Killed in the middle, two hundred units at once, hostile workbooks, other databases and stores."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import random
import re
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from fuzz.corpus import BROKEN
from served import FORM, UNIT, Served, free_port
from workbook_tools.web.backup import backup, restore
from workbook_tools.web.files import Files
from workbook_tools.web.isolation import Workshop
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Facts, Store

pytestmark = pytest.mark.slow


def links(store: Store, address: str, units: list[str]) -> list[str]:
    """The pages of the units of a new collection."""
    number = store.begin("admin", Facts("自评", None, "", ""), dict.fromkeys(units, ""))
    return [f"{address}/u/{store.new_link(unit.id)}" for unit in store.units(number)]


def hand_in(where: str, data: bytes) -> str:
    """Uploads and hands in; the number of the receipt."""
    with httpx.Client(timeout=120, follow_redirects=True) as client:
        answer = client.post(f"{where}/upload", files={"files": ("自评表.xlsx", data)})
        answer.raise_for_status()
        answer = client.post(f"{answer.url}/submit")
        answer.raise_for_status()
        found = re.search(r"\d{6,}-[0-9A-F]{6}", answer.text)
        assert found, answer.text
        return found[0]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_hundred_units_hand_in_at_once(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("postgres") if database == "postgres" else ""
    served = Served(tmp_path / "served", "--database", address)
    store = Store(address, tmp_path / "served")
    try:
        pages = links(store, served.address, [f"第{number}局" for number in range(200)])
        data = FORM.read_bytes()

        with concurrent.futures.ThreadPoolExecutor(20) as several:
            receipts = list(several.map(lambda page: hand_in(page, data), pages))
        assert len(set(receipts)) == 200
        assert len(store.handed_in(1)) == 200
    finally:
        served.kill()
        store.close()


def test_nothing_that_was_receipted_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    served, chance = Served(tmp_path / "served"), random.Random(7)
    store = Store("", tmp_path / "served")
    pages = links(store, served.address, [f"第{number}局" for number in range(40)])
    data, receipts = FORM.read_bytes(), list[str]()

    def one(page: str) -> None:
        with contextlib.suppress(httpx.HTTPError):  # killed: no receipt, nothing promised
            receipts.append(hand_in(page, data))

    for begin in range(0, 40, 8):
        with concurrent.futures.ThreadPoolExecutor(8) as several:
            waiting = [several.submit(one, page) for page in pages[begin : begin + 8]]
            time.sleep(chance.uniform(0.5, 3))
            served.kill()
            concurrent.futures.wait(waiting)
        served.start()
    receipts.append(hand_in(pages[0], data))
    served.kill()
    kept = {f"{row.id:06d}-{row.sha256[:6].upper()}": row for row in store.handed_in(1)}
    files = Files("", tmp_path / "served")
    assert set(receipts) <= kept.keys()
    assert all(files.get(kept[number].file) == data for number in receipts)


def test_hostile_workbooks_get_a_sentence_and_the_next_visitor_is_served(tmp_path: Path) -> None:
    served = Served(tmp_path / "served")
    try:
        with httpx.Client(timeout=120) as client:
            for name, data in list(BROKEN.items())[:25]:
                answer = client.post(
                    f"{served.address}/check", files={"files": (f"{name}.xlsx", data() if callable(data) else data)}
                )
                assert answer.status_code in (200, 413), name
                assert "Traceback" not in answer.text
                assert 'role="alert"' in answer.text or "等级" in answer.text or "评分办法" in answer.text, name
            last = client.post(f"{served.address}/check", files={"files": (FORM.name, FORM.read_bytes())})
            assert "94.66" in last.text
    finally:
        served.kill()


def test_a_workbook_without_end_is_ended_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    begun = time.monotonic()
    worked = asyncio.run(Workshop(1, 1, 0.05).work(FORM.read_bytes(), "a.xlsx"))
    assert "没有处理完" in worked.refused
    assert time.monotonic() - begun < 10
    assert list(tmp_path.iterdir()) == []


def test_what_lies_where_the_server_was_started_is_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier copy of the program, as after unpacking a new version and before installing it."""
    other = tmp_path / "workbook_tools" / "web"
    other.mkdir(parents=True)
    for folder in (other, other.parent):
        (folder / "__init__.py").touch()
    (other / "worker.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    worked = asyncio.run(Workshop(1, 1, 60).work(FORM.read_bytes(), "a.xlsx"))
    assert worked.record["forms"][0]["total"] == "94.66"


@pytest.mark.usefixtures("new_connections")
def test_the_files_may_lie_in_an_s3_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moto = pytest.importorskip("moto.server", reason="needs moto")
    port = free_port()
    for name, words in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, words)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    there = moto.ThreadedMotoServer("127.0.0.1", port)
    there.start()
    try:
        httpx.put(f"http://127.0.0.1:{port}/forms", headers={"Authorization": "AWS x"})
        files = Files("s3://forms/2022", tmp_path)
        name = files.put(b"a form", ".xlsx")
        assert Files("s3://forms/2022", tmp_path).get(name) == b"a form"
        assert files.names() == [name]
    finally:
        there.stop()


def test_a_backup_of_sqlite_comes_back_in_postgres_and_goes_on(tmp_path: Path, postgres: str) -> None:
    served = Served(tmp_path / "served")
    store = Store("", tmp_path / "served")
    pages = links(store, served.address, [UNIT, "第2局"])
    first = hand_in(pages[0], FORM.read_bytes())
    served.kill()
    backup(WebSettings(folder=tmp_path / "served"), tmp_path / "备份.zip")
    moved = WebSettings(folder=tmp_path / "moved", database=postgres)
    assert restore(moved, tmp_path / "备份.zip") == 1
    there = Served(tmp_path / "moved", "--database", postgres)
    try:
        again = pages[1].replace(served.address, there.address)
        second = hand_in(again, FORM.read_bytes())
        assert (first[:6], second[:6]) == ("000001", "000002")
        assert "000001-" in httpx.get(pages[0].replace(served.address, there.address)).text
    finally:
        there.kill()


def test_two_servers_share_one_folder(tmp_path: Path) -> None:
    one, two = Served(tmp_path / "served"), Served(tmp_path / "served")
    try:
        pages = links(Store("", tmp_path / "served"), one.address, [UNIT, "第2局"])
        first = hand_in(pages[0], FORM.read_bytes())
        second = hand_in(pages[1].replace(one.address, two.address), FORM.read_bytes())
        assert (first[:6], second[:6]) == ("000001", "000002")
    finally:
        one.kill()
        two.kill()
