"""The pages in a real browser: wide and narrow, with the keyboard alone, without scripts, on paper, for a screen reader."""

from __future__ import annotations

import email
import email.policy
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mail_peers import PASSWORD, USER, server
from reviewed import rows, sheet_of, typed
from served import FORM, Served, form_of
from workbook_tools.excel import read_book
from workbook_tools.web.store import Facts, Store

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = os.environ.get("AXE")  # axe.min.js of the npm package axe-core
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="Chromium is not installed"),
]
SIZES = {"wide": (1280, 900), "narrow": (400, 800)}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser."""
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def tab(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    """A page of the browser in which nothing may go wrong unseen."""
    width, height = SIZES[request.param]
    page = chromium.new_page(viewport={"width": width, "height": height})
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    saved = "net::ERR_ABORTED"  # what becomes a download is no page any more
    page.on("requestfailed", lambda one: faults.append(one.url) if one.failure != saved else None)
    page.on(
        "request",
        lambda one: faults.append(one.url) if "127.0.0.1" not in one.url and not one.url.startswith("data:") else None,
    )
    yield page
    page.close()
    assert faults == []


def accessible(page: Any) -> None:
    """Nothing that axe finds fault with, and nothing sticks out to the right."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if AXE or os.environ.get("CI"):
        page.evaluate(Path(AXE or "").read_text("utf-8"))
        found = page.evaluate("axe.run()")["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []


def drop(page: Any, address: str, *files: Path) -> None:
    """Chooses files and has them checked."""
    page.goto(address)
    page.set_input_files("#files", [str(file) for file in files])
    page.get_by_role("button", name="检查").click()
    page.get_by_role("heading", name="检查结果").wait_for()


def test_a_clerk_drops_a_form_and_sees_what_is_wrong(tab: Any, served: Any, tmp_path: Path) -> None:
    drop(tab, served.address, FORM)
    accessible(tab)
    assert tab.locator(".total").all_text_contents() == ["94.66", "优"]
    assert tab.locator("td.level.error").count() == 2
    assert tab.locator("caption").first.bounding_box()["height"] < 60, "one line, not a column of characters"
    with tab.expect_download() as waiting:
        tab.get_by_text("下载填好的表").click()
    waiting.value.save_as(tmp_path / "filled.xlsx")
    book = read_book((tmp_path / "filled.xlsx").read_bytes())
    assert book.sheet(book.sheets[0]).text((36, 9)) == "94.66"
    tab.locator("tr#f1-2 td a").first.click()
    assert tab.evaluate("document.querySelector(':target').id") == "c1-2"
    for page in ("/", "/checks", "/checks/R102", "/login"):
        tab.goto(served.address + page)
        accessible(tab)


def test_the_keyboard_is_enough(chromium: Any, served: Any) -> None:
    page = chromium.new_page()
    page.goto(served.address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    assert [name for name in reached if name in ("files", "marked", "report", "检查")] == [
        "files",
        "marked",
        "report",
        "检查",
    ]
    page.set_input_files("#files", str(FORM))
    page.locator("button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="检查结果").wait_for()


def test_without_scripts_everything_works(chromium: Any, served: Any) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    drop(page, served.address, FORM)
    assert page.locator(".total").all_text_contents() == ["94.66", "优"]


def test_paper_has_the_findings_and_no_buttons(chromium: Any, served: Any) -> None:
    page = chromium.new_page()
    drop(page, served.address, FORM)
    page.emulate_media(media="print")
    assert not page.get_by_text("下载填好的表").is_visible()
    assert not page.locator("header").is_visible()
    assert page.locator("td.level.error").first.is_visible()


def test_a_file_that_is_too_big_is_told_before_it_is_sent(chromium: Any, served: Any, tmp_path: Path) -> None:
    big = tmp_path / "大.xlsx"
    big.write_bytes(bytes(21 << 20))
    page = chromium.new_page()
    page.goto(served.address)
    page.set_input_files("#files", str(big))
    assert page.locator(".chosen").text_content().endswith("超过了 20 MB；请删去与自评表无关的工作表和图片")
    assert page.get_by_role("button", name="检查").is_disabled()


UNITS = [f"第{number}局" for number in range(1, 31)]


def test_a_collection_of_thirty_units_from_the_first_letter_to_the_summary(chromium: Any, tmp_path: Path) -> None:
    home = tmp_path / "home" / "workbook_tools"
    home.mkdir(parents=True)
    with server(tmp_path) as listening:
        said = {"host": "127.0.0.1", "port": listening.port, "security": "ssl", "user": USER, "pause": 0, "timeout": 20}
        said |= {"ca": str(listening.authority), "name": "市财政局"}
        (home / "settings.toml").write_text("[mail]\n" + "".join(f"{k} = {v!r}\n" for k, v in said.items()), "utf-8")
        homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"), str(tmp_path / "home"))
        served = Served(tmp_path / "served", WORKBOOK_TOOLS_MAIL_PASSWORD=PASSWORD, **homes)
        try:
            desk = chromium.new_context().new_page()
            _begin(desk, served)
            desk.get_by_role("button", name="给各单位发链接").click()
            desk.get_by_text("30 封信正在发").wait_for()
            links = _links(desk, listening.post, 30)
            desk.get_by_role("button", name="给各单位发链接").click()
            desk.get_by_text("30 封以前发过").wait_for()
            for unit in UNITS[:29]:
                _hand_in(chromium, links[unit], unit, tmp_path)
            desk.goto(f"{served.address}/board/1")
            assert desk.get_by_text("已报 29 个，共 30 个单位").count()
            accessible(desk)
            desk.get_by_role("link", name="未报 1").click()
            assert desk.locator("table.board tbody tr").count() == 1
            desk.get_by_role("button", name="催没有报的").click()
            desk.get_by_text("1 封信正在发").wait_for()
            _links(desk, listening.post, 31)
            _review(desk, served, listening.post)
            with desk.expect_download() as waiting:
                desk.get_by_role("link", name="汇总表").click()
            waiting.value.save_as(tmp_path / "汇总表.xlsx")
            book = read_book((tmp_path / "汇总表.xlsx").read_bytes())
            sheets = {info.name: book.sheet(info) for info in book.sheets}
            words = [sheets["汇总"].text(cell) for cell in sheets["汇总"].filled()]
            assert all(unit in words for unit in UNITS[:29])
            assert UNITS[29] in [sheets["催报"].text(cell) for cell in sheets["催报"].filled()]
            _revoke(desk, served, links[UNITS[29]])
            _links(desk, listening.post, 33)
            assert len(listening.post.taken) == 33, "each letter once: links, one reminder, one return, one new link"
        finally:
            served.kill()


def _revoke(desk: Any, served: Any, link: str) -> None:
    """A link that went to the wrong person is void, and the unit gets another one, once."""
    desk.goto(f"{served.address}/board/1/u/30")
    desk.get_by_role("button", name="新的发到邮箱").click()
    desk.get_by_text("1 封信正在发").wait_for()
    desk.goto(f"{served.address}/board/1")
    desk.get_by_role("button", name="给各单位发链接").click()
    desk.get_by_text("30 封以前发过").wait_for()
    stranger = desk.context.browser.new_page()
    stranger.goto(link)
    stranger.get_by_text("这个链接已经作废").wait_for()
    stranger.close()


def _begin(desk: Any, served: Any) -> None:
    desk.goto(served.first_link())
    desk.get_by_label("密码（至少").fill("a long password")
    desk.get_by_label("再写一次").fill("a long password")
    desk.get_by_role("button", name="设好").click()
    desk.get_by_label("用户名").fill("admin")
    desk.get_by_label("密码").fill("a long password")
    desk.get_by_role("button", name="登录").click()
    desk.get_by_role("heading", name="收表", exact=True).wait_for()
    accessible(desk)
    desk.get_by_role("link", name="开始一次收表").click()
    desk.get_by_role("heading", name="开始一次收表").wait_for()
    accessible(desk)
    desk.get_by_label("名称").fill("2022年度项目支出绩效自评")
    desk.get_by_label("截止日期").fill("2099-01-31")
    desk.get_by_label("或者写名单").fill("\n".join(f"{unit},u{n}@example.cn" for n, unit in enumerate(UNITS, 1)))
    desk.get_by_role("button", name="开始").click()
    desk.get_by_role("heading", name="2022年度项目支出绩效自评").wait_for()
    accessible(desk)


def _links(desk: Any, post: Any, count: int) -> dict[str, str]:
    """The links in the letters that have come, by unit."""
    for _ in range(300):
        if len(post.taken) >= count:
            break
        desk.wait_for_timeout(100)
    found = {}
    for _, data in post.taken:
        letter = email.message_from_bytes(data, policy=email.policy.default)
        text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        link = re.search(r"http://127\.0\.0\.1:\d+/u/\S+", text)
        unit = re.search(r"第\d+局", text)
        assert link
        assert unit
        found[unit[0]] = link[0]
    return found


def _hand_in(chromium: Any, link: str, unit: str, folder: Path) -> None:
    """A unit uploads, sees what is wrong, hands in, and gets a receipt."""
    file = folder / f"{unit}.xlsx"
    file.write_bytes(form_of(unit, f"{unit}项目"))
    page = chromium.new_page()
    page.goto(link)
    page.set_input_files("#files", str(file))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name="仍然报送").click()
    page.get_by_role("heading", name="报送回执").wait_for()
    if unit == UNITS[0]:
        accessible(page)
        page.get_by_role("link", name="回到报送页").click()
        accessible(page)
    page.close()


def _review(desk: Any, served: Any, post: Any) -> None:
    """The reviewer opens a form and returns it with a letter."""
    desk.goto(f"{served.address}/board/1")
    desk.get_by_role("link", name="第1局项目").click()
    accessible(desk)
    desk.get_by_label("审核意见").fill("请写明没有完成的原因")
    desk.get_by_role("button", name="退回修改").click()
    desk.get_by_text("已退回；1 封信正在发").wait_for()
    for _ in range(300):
        if len(post.taken) >= 32:
            break
        desk.wait_for_timeout(100)
    assert desk.get_by_role("link", name="已退回 1").count()


def test_a_collection_is_changed_and_reviewed_as_it_is_used(
    tab: Any, chromium: Any, served: Any, tmp_path: Path
) -> None:
    _begin(tab, served)
    store = Store("", served.folder)
    link = f"{served.address}/u/{store.new_link(1)}"
    for name, answer in (("甲项目", ""), ("乙项目", "另一个项目"), ("甲工程项目", "“甲项目”的更正")):
        _hand_in_project(tab, link, name, answer, tmp_path)
    tab.goto(link)
    assert tab.locator("table").first.locator("tbody tr").count() == 2
    tab.goto(f"{served.address}/board/1")
    tab.get_by_role("link", name="修改收表、加单位").click()
    accessible(tab)
    tab.get_by_label("截止日期", exact=True).fill("2099-02-28")
    tab.get_by_role("button", name="保存").click()
    tab.get_by_text("已修改").wait_for()
    assert tab.get_by_text("2099-02-28").count()
    tab.get_by_role("link", name="第1局", exact=True).first.click()
    accessible(tab)
    tab.get_by_label("同一个项目改了名称的").select_option("甲工程项目")
    tab.get_by_label("是这个项目的更正").select_option("乙项目")
    tab.get_by_role("button", name="合并").click()
    tab.get_by_text("已合并为一个项目").wait_for()
    tab.get_by_role("button", name="新的我自己转发").click()
    tab.get_by_text("只显示这一次").wait_for()
    accessible(tab)
    stranger = chromium.new_page()
    stranger.goto(link)
    stranger.get_by_text("这个链接已经作废").wait_for()
    accessible(stranger)
    stranger.goto(tab.locator("div.good strong").text_content())
    stranger.get_by_text("上传自评表").wait_for()
    stranger.close()
    tab.get_by_role("link", name="回到").click()
    tab.get_by_role("link", name="甲工程项目").click()
    tab.get_by_label("审核分数").fill("85")
    tab.get_by_label("审核意见").fill("请写明没有完成的原因")
    tab.get_by_role("button", name="保存").click()
    tab.get_by_text("已保存").wait_for()
    tab.emulate_media(media="print")
    assert not tab.locator("form.actions").first.is_visible()
    assert not tab.locator(".tiles").is_visible()
    tab.goto(f"{served.address}/board/1/v/3")
    assert tab.get_by_text("审核：85").is_visible()
    tab.emulate_media(media="screen")
    tab.goto(f"{served.address}/board/1")
    _close_review(tab, tmp_path)
    tab.get_by_role("link", name="人员").click()
    tab.get_by_label("用户名").fill("张三")
    tab.get_by_role("button", name="加人").click()
    tab.get_by_text("只显示这一次").wait_for()
    accessible(tab)
    tab.get_by_text("移出", exact=True).last.click()
    tab.get_by_role("button", name="移出 张三").click()
    tab.get_by_text("已移出 张三").wait_for()


def test_a_unit_takes_back_the_wrong_workbook(tab: Any, chromium: Any, served: Any) -> None:
    """With the mouse and scripts, then with the keyboard alone and without scripts."""
    store = Store("", served.folder)
    store.begin("admin", Facts("自评", None, "", ""), {UNITS[0]: ""})
    link = f"{served.address}/u/{store.new_link(1)}"
    plain = chromium.new_context(java_script_enabled=False, viewport=tab.viewport_size).new_page()
    for page, press in ((tab, lambda one: one.click()), (plain, lambda one: (one.focus(), one.press("Enter")))):
        page.goto(link)
        page.set_input_files("#files", str(FORM))
        press(page.get_by_role("button", name="上传并检查"))
        page.get_by_role("heading", name="检查结果").wait_for()
        button = page.get_by_role("button", name=f"删去“{FORM.name}”")
        assert not button.is_visible(), "one press too many does not delete"
        press(page.get_by_text("传错了？删去这一份"))
        accessible(tab)
        press(button)
        page.get_by_text(f"“{FORM.name}”已经删去。").wait_for()
        accessible(tab)
    plain.close()
    assert store.versions(1) == []


def _hand_in_project(page: Any, link: str, project: str, answer: str, folder: Path) -> None:
    """A unit hands in a form of a project, and says what it is where it is asked."""
    file = folder / f"{project}.xlsx"
    file.write_bytes(form_of(UNITS[0], project))
    page.goto(link)
    page.set_input_files("#files", str(file))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("heading", name="检查结果").wait_for()
    if answer:
        page.get_by_role("button", name="仍然报送").click()
        assert "/v/" in page.url, "nothing is handed in without an answer"
        accessible(page)
        page.get_by_label(answer).check()
    page.get_by_role("button", name="仍然报送").click()
    page.get_by_role("heading", name="报送回执").wait_for()


def _close_review(tab: Any, folder: Path) -> None:
    """The 复核 of the collection holds what was typed on the page; it is handed in with another score."""
    with tab.expect_download() as waiting:
        tab.get_by_role("link", name="复核表").first.click()
    waiting.value.save_as(folder / "复核.zip")
    with zipfile.ZipFile(folder / "复核.zip") as archive:
        (folder / "复核.xlsx").write_bytes(archive.read("复核.xlsx"))
    row = rows(sheet_of(folder / "复核.xlsx"))["form"]
    assert (row["复核得分"], row["复核意见"]) == (85, "请写明没有完成的原因")
    typed(folder / "复核.xlsx", {"form": {"复核得分": 88}})
    tab.set_input_files("#closed", str(folder / "复核.xlsx"))
    tab.get_by_role("button", name="得出问题清单").click()
    tab.get_by_text("1 份的复核表和页面上写的不一样").wait_for()
    accessible(tab)
    tab.get_by_role("checkbox").check()
    tab.get_by_role("button", name="采用复核表的").click()
    tab.get_by_text("复核表和页面上的审核一致").wait_for()
