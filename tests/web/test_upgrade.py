"""A server begun by an earlier version: everything is there after the upgrade, and what is new works on it.

`earlier.sql` is what that version had written: a collection of two units, a form that was handed in and returned, two
people of whom the first was made by the server itself.
"""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from places import CASE_FOLDER
from served import FORM, UNIT
from visitors import OTHER, PASSWORD, another, form_token, uploaded, words
from workbook_tools.errors import FileRejected
from workbook_tools.web.backup import backup, restore
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store
from workbook_tools.web.tables import metadata

EARLIER = CASE_FOLDER / "web" / "earlier.sql"
LINKS = {UNIT: "/u/token-03-of-an-earlier-version", OTHER: "/u/token-04-of-an-earlier-version"}
FILE = "604e4a9320b0fa44ba012b323ad3f932.xlsx"


def begun_earlier(folder: Path) -> Path:
    """The folder of a server as the earlier version had left it."""
    (folder / "files").mkdir(parents=True)
    (folder / "files" / FILE).write_bytes(FORM.read_bytes())
    with sqlite3.connect(folder / "serve.sqlite") as database:
        database.executescript(EARLIER.read_text("utf-8"))
    return folder


@pytest.fixture
def upgraded(settings: WebSettings) -> Iterator[TestClient]:
    """A visitor of the server after the upgrade, logged in with the password of before."""
    begun_earlier(settings.folder)
    with another(settings) as visitor:
        visitor.post("/login", data={"name": "admin", "password": PASSWORD})
        yield visitor


@pytest.mark.slow
def test_what_an_earlier_version_kept_is_there(upgraded: TestClient) -> None:
    board = words(upgraded.get("/board/1").text)
    assert "已报 1 个，共 2 个单位" in board
    assert "已退回 1" in board
    assert "90 优" in board
    assert "000001-E3C6BD" in upgraded.get(LINKS[UNIT]).text
    assert "退回修改：请写明未完成的原因" in words(upgraded.get(LINKS[UNIT]).text)
    assert upgraded.get("/board/1/v/1/original").content == FORM.read_bytes()
    assert "发出设密码的链接" in upgraded.get("/board/log").text


@pytest.mark.slow
def test_what_is_new_works_on_it(upgraded: TestClient) -> None:
    token = {"token": form_token(upgraded.get("/board/1").text)}
    page = upgraded.post(
        "/board/1/settings", data={**token, "title": "自评", "deadline": "2099-02-28", "contact": "李四"}
    )
    assert "已修改" in words(page.text)
    upgraded.post(f"{uploaded(upgraded, LINKS[UNIT])}/submit")
    assert "已退回 0" in words(upgraded.get("/board/1").text)
    upgraded.post("/board/1/u/2/links", data={**token, "do": "revoke"})
    assert upgraded.get(LINKS[OTHER]).status_code == 410
    upgraded.post("/board/1/u/2/remove", data={**token, "do": "remove"})
    assert "已报 1 个，共 1 个单位" in words(upgraded.get("/board/1").text)


@pytest.mark.slow
def test_the_first_person_manages_the_others_and_nobody_else_does(upgraded: TestClient) -> None:
    assert "admin（管理人员）" in words(upgraded.get("/board/people").text)
    assert "张三（管理人员）" not in words(upgraded.get("/board/people").text)


def test_an_upgrade_is_done_once_and_by_two_servers_too(settings: WebSettings) -> None:
    begun_earlier(settings.folder)
    stores = [Store("", settings.folder) for _ in range(3)]
    assert [store.collection(1).title for store in stores] == ["2022年度自评"] * 3  # type: ignore[union-attr]


def test_the_earlier_tables_lack_what_is_added(tmp_path: Path) -> None:
    """Else these tests would show nothing."""
    begun_earlier(tmp_path / "serve")
    with sqlite3.connect(tmp_path / "serve" / "serve.sqlite") as database:
        had = {
            row[0]: {one[1] for one in database.execute(f"PRAGMA table_info({row[0]})")} for row in _tables(database)
        }
    new = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
    lacking = {(table, column) for table, column in new if column not in had.get(table, set())}
    assert {("person", "admin"), ("unit", "removed"), ("link", "revoked"), ("version", "follows")} <= lacking


def _tables(database: sqlite3.Connection) -> list[tuple[str]]:
    return database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()


def archive_of_earlier(folder: Path, version: int = 1) -> Path:
    """A backup as the earlier version wrote it."""
    begun_earlier(folder / "earlier")
    with sqlite3.connect(folder / "earlier" / "serve.sqlite") as database:
        database.row_factory = sqlite3.Row
        rows = {name: [dict(row) for row in database.execute(f"SELECT * FROM {name}")] for (name,) in _tables(database)}
    path = folder / "备份.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tables.json", json.dumps({"version": version, "tables": rows}))
        archive.writestr(f"files/{FILE}", FORM.read_bytes())
    return path


@pytest.mark.slow
def test_a_backup_of_an_earlier_version_comes_back(tmp_path: Path) -> None:
    settings = WebSettings(folder=tmp_path / "new", address="http://testserver")
    assert restore(settings, archive_of_earlier(tmp_path)) == 1
    with another(settings) as visitor:
        visitor.post("/login", data={"name": "admin", "password": PASSWORD})
        assert "已退回 1" in words(visitor.get("/board/1").text)
        assert "admin（管理人员）" in words(visitor.get("/board/people").text)


def test_a_backup_of_a_later_version_is_refused(tmp_path: Path) -> None:
    settings = WebSettings(folder=tmp_path / "new", address="http://testserver")
    with pytest.raises(FileRejected, match="更新的版本"):
        restore(settings, archive_of_earlier(tmp_path, version=99))


@pytest.mark.slow
def test_what_is_new_is_in_a_backup(upgraded: TestClient, settings: WebSettings, tmp_path: Path) -> None:
    token = {"token": form_token(upgraded.get("/board/1").text)}
    upgraded.post("/board/1/u/2/links", data={**token, "do": "revoke"})
    upgraded.post("/board/1/u/2/remove", data={**token, "do": "remove"})
    book = zipfile.ZipFile(io.BytesIO(upgraded.get("/board/1/make/review").content)).read("复核.xlsx")
    page = upgraded.post("/board/1/issues", data=token, files={"file": ("复核.xlsx", book)})
    assert "复核结果" in words(page.text)
    backup(settings, tmp_path / "备份.zip")
    elsewhere = WebSettings(folder=tmp_path / "new", address="http://testserver")
    restore(elsewhere, tmp_path / "备份.zip")
    with another(elsewhere) as visitor:
        visitor.post("/login", data={"name": "admin", "password": PASSWORD})
        assert visitor.get(LINKS[OTHER]).status_code == 410
        assert "共 1 个单位" in words(visitor.get("/board/1").text)
        archive = zipfile.ZipFile(io.BytesIO(visitor.get("/board/1/closings/1/file").content))
        assert "问题清单.xlsx" in archive.namelist()


@pytest.mark.slow
def test_postgres_is_upgraded_too(tmp_path: Path, postgres: str) -> None:
    store = Store(postgres, tmp_path)
    added = [("person", "admin"), ("unit", "removed"), ("link", "revoked"), ("version", "follows"), ("pass", "said")]
    with store.transaction() as db:
        for table, column in added:
            db.execute(sa.text(f'ALTER TABLE "{table}" DROP COLUMN "{column}"'))
        db.execute(sa.text("DROP TABLE closing"))
        db.execute(sa.text("INSERT INTO person (name, password) VALUES ('admin', 'x'), ('张三', 'y')"))
        db.execute(sa.text("INSERT INTO collection (title, made) VALUES ('自评', '2026-03-02T00:00:00+00:00')"))
        db.execute(sa.text("INSERT INTO unit (collection, name) VALUES (1, '甲局')"))
    store.close()
    again = Store(postgres, tmp_path)
    assert [(one.name, one.admin) for one in again.accounts.people()] == [("admin", True), ("张三", False)]
    [unit] = again.units(1)
    assert (unit.name, unit.removed, unit.revoked) == ("甲局", None, None)
    counts = dict.fromkeys(("size", "errors", "hints", "unchecked"), 0)
    number = again.add_version(unit.id, {"name": "表.xlsx", "sha256": "0" * 64, "record": "{}", **counts})
    again.hand_in(number, unit.id, "甲局", 1, number)
    said = {"score": "90", "grade": "优", "opinion": "", "returned": False, "basis": ""}
    assert again.add_review(number, "admin", "审核", said, 1, None) is None
    latest = again.add_review(number, "张三", "审核", {**said, "score": "80"}, 1, None)
    assert latest is not None
    assert latest.person == "admin"
    assert again.new_link(unit.id)
    assert again.revoke_links("admin", unit) == 1
    assert again.change_collection("admin", 1, "自评", None, "王五")
    assert again.add_units("admin", 1, {"甲局": "", "乙局": ""}) == (["乙局"], ["甲局"])
    again.close_collection("admin", 1, closed=True)
    assert [one.handed for one in again.collections()] == [1]
    again.close()


def test_a_backup_into_a_folder_that_there_is_not_names_it(settings: WebSettings, tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="没有这个文件夹，没有备份"):
        backup(settings, tmp_path / "没有" / "备份.zip")
    assert not settings.folder.exists()
