"""The check page: what a unit sees when it drops its form."""

from __future__ import annotations

import base64
import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from fuzz.corpus import rebuilt
from served import FORM
from workbook_tools.excel import read_book
from workbook_tools.forms.recognition import forms_of
from workbook_tools.web.settings import WebSettings


def dropped(client: TestClient, *files: tuple[str, bytes], **more: str) -> str:
    """The page after dropping files on the first one."""
    answer = client.post("/check", files=[("files", one) for one in files], data=more)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def words(page: str) -> str:
    """What a person reads, in one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", re.sub('href="data:[^"]*"', "", page))).split())


def downloads(page: str) -> dict[str, bytes]:
    """The files that a page offers, by their names."""
    found = re.findall(r'download="([^"]*)" href="data:[^;]*;base64,([^"]*)"', page)
    return {html.unescape(name): base64.b64decode(data) for name, data in found}


def test_a_dropped_form_shows_its_total_its_grade_and_the_two_true_errors(client: TestClient) -> None:
    page = dropped(client, (FORM.name, FORM.read_bytes()), marked="1")
    said = words(page)
    assert "总分 94.66 等级 优 结果 2 处错误" in said
    assert re.findall(r'data-name="级别">错误</td>\s*<td class="cell" data-name="单元格">(.*?)</td>', page) == [
        "自评表!E10",
        "自评表!H10",
    ]
    assert "写了 277 字，限 200 字以内" in said
    assert "压缩到限定的字数" in said
    assert "13.33 × 60.00% → 8.00" in said


@pytest.mark.slow
def test_the_filled_copy_is_what_fill_form_writes(client: TestClient) -> None:
    made = downloads(dropped(client, (FORM.name, FORM.read_bytes()), marked="1"))
    assert list(made) == ["zhongshan_12345_2022_填好.xlsx", "zhongshan_12345_2022_标注.xlsx"]
    [form] = forms_of(read_book(made["zhongshan_12345_2022_填好.xlsx"]))
    assert form.sheet.text((36, 9)) == "94.66"
    assert form.sheet.text((36, 10)).endswith("优")


@pytest.mark.slow
def test_the_cells_of_findings_are_marked_in_the_picture_of_the_form(client: TestClient) -> None:
    page = dropped(client, (FORM.name, FORM.read_bytes()))
    marked = re.search(r'<td[^>]*class="error">([^<]*)<sup><a id="c1-2" href="#f1-2"', page)
    assert marked is not None
    assert marked[1] == "已完成"
    assert 'id="f1-2"' in page


@pytest.mark.slow
def test_several_files_are_each_told_by_name_and_a_bad_one_costs_itself(client: TestClient) -> None:
    page = dropped(client, ("好.xlsx", FORM.read_bytes()), ("坏.xlsx", b"PK\x03\x04 not a zip"), ("图.png", b"\x89PNG"))
    said = words(page)
    assert "94.66" in said
    assert said.count("好.xlsx") == 1
    assert "不是 Excel 或 WPS 工作簿" in said
    assert page.count('role="alert"') == 2


@pytest.mark.slow
def test_a_signed_workbook_is_checked_and_not_filled(client: TestClient) -> None:
    page = dropped(client, ("签名.xlsx", rebuilt(FORM.read_bytes(), {"_xmlsignatures/sig1.xml": b"<a/>"})), marked="1")
    assert "工作簿有数字签名，只检查" in words(page)
    assert "处错误" in words(page)
    assert "--dry-run" not in page, "an option of the command is nothing for a visitor of a page"
    assert downloads(page) == {}


def test_nothing_is_kept(client: TestClient, tmp_path: Path) -> None:
    dropped(client, (FORM.name, FORM.read_bytes()))
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".xlsx"]


def test_words_of_a_form_and_names_of_files_are_never_markup(client: TestClient) -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    data = io.BytesIO()
    with zipfile.ZipFile(FORM) as original, zipfile.ZipFile(data, "w") as copy:
        for name in original.namelist():
            part = original.read(name).decode("utf-8", "surrogateescape")
            part = part.replace(
                "12345政府服务热线外包服务项目", evil.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
            )
            copy.writestr(name, part.encode("utf-8", "surrogateescape"))
    page = dropped(client, (f"{evil}.xlsx", data.getvalue()))
    assert "&lt;img src=x" in page
    assert "<img" not in page
    assert "49" not in words(page).split("{{7*7}}")[0][-5:]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "name", ["../../etc/passwd.xlsx", "..\\..\\win.xlsx", "/etc/cron.d/x.xlsx", "con.xlsx", "a\x00b.xlsx"]
)
def test_no_path_comes_from_a_name(client: TestClient, name: str) -> None:
    made = downloads(dropped(client, (name, FORM.read_bytes())))
    assert all("/" not in one and "\\" not in one for one in made)


def test_an_upload_that_is_too_big_is_turned_away_with_a_sentence(client: TestClient, settings: WebSettings) -> None:
    answer = client.post("/check", files={"files": ("大.xlsx", b"x" * (settings.most_bytes + (1 << 20)))})
    assert answer.status_code == 413
    assert "太大" in answer.text


def test_too_many_uploads_from_one_place_have_to_wait(client: TestClient, settings: WebSettings) -> None:
    answers = [
        client.post("/check", files={"files": ("x.txt", b"x")}).status_code for _ in range(settings.a_minute + 1)
    ]
    assert answers == [200] * settings.a_minute + [429]


def test_a_request_that_another_site_has_a_browser_send_is_refused(client: TestClient) -> None:
    for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/check", files={"files": (FORM.name, FORM.read_bytes())}, headers=headers)
        assert answer.status_code == 403


def test_every_page_carries_the_headers_that_keep_others_out(client: TestClient) -> None:
    for address in ("/", "/checks", "/checks/S101", "/nowhere", "/static/style.css"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.slow
def test_the_page_of_a_check_is_one_click_away(client: TestClient) -> None:
    page = dropped(client, (FORM.name, FORM.read_bytes()))
    assert 'href="/checks/R102"' in page
    said = words(client.get("/checks/R102").text)
    assert "文字超过了限定的字数" in said
    assert "压缩到限定的字数" in said


def test_nothing_chosen_is_said(client: TestClient) -> None:
    answer = client.post("/check", data={"marked": "1"}, files={"files": ("", b"")})
    assert answer.status_code == 400
    assert "还没有选文件" in answer.text


def test_an_upload_without_a_stated_length_is_counted_while_it_comes(client: TestClient, settings: WebSettings) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.xlsx"\r\n\r\n'
        for _ in range(settings.most_bytes // 65536 + 10):
            yield b"x" * 65536

    answer = client.post("/check", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 413


@pytest.mark.slow
def test_the_sheets_of_which_nothing_was_used_are_named(client: TestClient) -> None:
    book = load_workbook(FORM)
    book.create_sheet("佐证材料")["A1"] = "合同"
    book.create_sheet("空表")
    hidden = book.create_sheet("往年")
    hidden["A1"], hidden.sheet_state = "2021年", "hidden"
    data = io.BytesIO()
    book.save(data)
    said = words(dropped(client, ("自评表.xlsx", data.getvalue())))
    assert "没有用到的工作表：“佐证材料”、“往年”（隐藏）；里面的字和数没有检查" in said
    assert "没有用到" not in words(dropped(client, (FORM.name, FORM.read_bytes())))
