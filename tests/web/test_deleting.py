"""A unit that has uploaded the wrong workbook deletes it, as long as it has not handed it in."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from served import UNIT, form_of
from visitors import OTHER, another, begun, form_token, logged_in, uploaded, words
from workbook_tools.errors import FileRejected
from workbook_tools.web.backup import backup, restore
from workbook_tools.web.files import Files
from workbook_tools.web.settings import WebSettings
from workbook_tools.web.store import Store
from workbook_tools.web.tables import version

DELETED = "“自评表.xlsx”已经删去。"


@pytest.fixture
def unit(client: TestClient) -> str:
    """The path of the pages of a unit; the reviewer is logged in."""
    return begun(logged_in(client))[UNIT]


def files(client: TestClient) -> list[str]:
    """What is in the store of files."""
    return list(client.app.state.files.names())  # type: ignore[attr-defined]


def rows(client: TestClient) -> list[sa.Row[tuple[object, ...]]]:
    """The versions in the database, as they are there."""
    with client.app.state.store.reading() as db:  # type: ignore[attr-defined]
        return list(db.execute(sa.select(version)))


def test_the_wrong_workbook_is_gone_and_the_log_says_so(client: TestClient, unit: str) -> None:
    wrong = uploaded(client, unit)
    assert "传错了？删去这一份" in words(client.get(wrong).text)
    answer = client.post(f"{wrong}/delete")
    assert (answer.status_code, DELETED in words(answer.text)) == (200, True)
    assert "还没有报送。" in words(answer.text)
    assert "上传过的各个版本" not in answer.text
    assert files(client) == []
    [row] = rows(client)
    assert (row.file, row.record, row.project, row.total, row.grade) == ("", "", "", "", "")
    assert "删去没有报送的" in words(client.get("/board/1/log").text)
    assert "上传了没有报送的" not in client.get("/board/1/u/1").text
    assert client.get("/board/1/v/1").status_code == 404


def test_nothing_that_was_receipted_can_be_deleted(client: TestClient, unit: str) -> None:
    mine = uploaded(client, unit)
    receipt = client.post(f"{mine}/submit")
    assert "删去" not in words(client.get(mine).text)
    answer = client.post(f"{mine}/delete")
    assert (answer.status_code, "已经报送，不能删去" in words(answer.text)) == (409, True)
    assert words(client.get(str(receipt.url)).text) == words(receipt.text)
    assert len(files(client)) == 1
    assert client.get(f"{mine}/filled").status_code == 200


@pytest.mark.slow
def test_another_unit_cannot_delete_it_nor_another_site(client: TestClient, settings: WebSettings) -> None:
    links = begun(logged_in(client))
    number = uploaded(client, links[UNIT]).rpartition("/")[2]
    with another(settings) as stranger:
        assert stranger.post(f"{links[OTHER]}/v/{number}/delete").status_code == 404
        assert stranger.post(f"/u/nobody/v/{number}/delete").status_code == 404
        said = {"Origin": "http://evil.example"}
        assert stranger.post(f"{links[UNIT]}/v/{number}/delete", headers=said).status_code == 403
        assert stranger.get(f"{links[UNIT]}/v/{number}/delete").status_code == 404
    token = {"token": form_token(client.get("/board/1").text), "do": "revoke"}
    client.post("/board/1/u/1/links", data=token)
    assert client.post(f"{links[UNIT]}/v/{number}/delete").status_code == 410
    assert len(files(client)) == 1


@pytest.mark.slow
def test_its_number_is_never_that_of_another_workbook(client: TestClient, unit: str) -> None:
    """A page that is still open in another window would hand in what nobody has seen."""
    wrong = uploaded(client, unit)
    client.post(f"{wrong}/delete")
    assert uploaded(client, unit) != wrong
    for answer in (
        client.post(f"{wrong}/submit"),
        client.get(wrong),
        client.get(f"{wrong}/filled"),
        client.get(wrong.replace("/v/", "/r/")),
        client.post(f"{wrong}/delete"),
    ):
        assert answer.status_code == 409
        assert "没有报送；请回到报送页" in words(answer.text)
        assert f'<a href="{unit}">回到报送页</a>' in answer.text
    assert "还没有报送。" in words(client.get(unit).text)


@pytest.mark.slow
def test_what_a_colleague_has_deleted_is_not_passed_over_when_several_are_handed_in(
    client: TestClient, unit: str
) -> None:
    wrong, mine = uploaded(client, unit, name="甲.xlsx"), uploaded(client, unit, form_of(UNIT, "乙项目"), "乙.xlsx")
    client.post(f"{wrong}/delete")
    answer = client.post(f"{unit}/submit", data={"version": [one.rpartition("/")[2] for one in (wrong, mine)]})
    assert (answer.status_code, "勾上的有 1 份已经删去" in words(answer.text)) == (400, True)
    assert client.app.state.store.handed_in(1) == []  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_version_before_it_counts_again(client: TestClient, unit: str) -> None:
    first = uploaded(client, unit)
    client.post(f"{first}/submit")
    wrong = uploaded(client, unit)
    assert "1 份已经上传" in words(client.get(unit).text)
    page = words(client.post(f"{wrong}/delete").text)
    assert "份已经上传" not in page
    assert "000001-" in page


@pytest.mark.slow
def test_after_the_end_it_can_still_be_deleted(client: TestClient, unit: str) -> None:
    wrong = uploaded(client, unit)
    client.post("/board/1/close", data={"token": form_token(client.get("/board/1").text), "do": "close"})
    assert "传错了？删去这一份" in words(client.get(wrong).text)
    assert DELETED in words(client.post(f"{wrong}/delete").text)


@pytest.mark.slow
def test_who_uploads_and_deletes_without_end_is_stopped(client: TestClient, unit: str) -> None:
    uploads = [uploaded(client, unit) for _ in range(2)]
    size = client.app.state.store.kept(1)[1]  # type: ignore[attr-defined]
    client.post(f"{uploads[0]}/delete")
    assert client.app.state.store.kept(1) == (2, size // 2)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_backup_has_the_rest_also_of_what_is_deleted_while_it_is_made(
    client: TestClient, unit: str, settings: WebSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone, going = (uploaded(client, unit) for _ in range(3))
    client.post(f"{kept}/submit")
    client.post(f"{gone}/delete")
    get = Files.get

    def deleted_meanwhile(self: Files, name: str) -> bytes:
        client.post(f"{going}/delete")
        return get(self, name)

    archive = settings.folder.parent / "备份.zip"
    monkeypatch.setattr(Files, "get", deleted_meanwhile)
    assert backup(settings, archive) == 1
    monkeypatch.undo()
    elsewhere = WebSettings(folder=settings.folder.parent / "new", address=settings.address)
    assert restore(elsewhere, archive) == 1
    assert len(Store("", elsewhere.folder).versions(1)) == 1
    with another(elsewhere) as visitor:
        assert "000001-" in visitor.get(unit).text
        assert "已经在" in visitor.get(gone).text


def test_a_file_that_is_lost_otherwise_stops_the_backup_and_is_named(
    client: TestClient, unit: str, settings: WebSettings
) -> None:
    uploaded(client, unit)
    [name] = files(client)
    Path(settings.folder / "files" / name).unlink()
    into = settings.folder.parent / "备份"
    into.mkdir()
    with pytest.raises(FileRejected, match=f"少了第 1 号“自评表.xlsx”的文件（{name}），没有备份"):
        backup(settings, into / "备份.zip")
    assert list(into.iterdir()) == []
