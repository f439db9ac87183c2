"""Draws docs/hand_in_1.png to hand_in_3.png, which docs/hand_in.md shows: from the link of a unit to its receipt.

Chromium draws them, from a server of its own that has one collection; it needs playwright and the tests' helpers.

PYTHONPATH=.:tests python docs/hand_in_pictures.py
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from served import FORM, UNIT, Served
from workbook_tools.web.store import Facts, Store

DOCS = Path(__file__).parent
CHINESE = os.environ | {"LANGUAGE": "zh_CN"}  # of the button that chooses files; Debian has it in chromium-l10n
WIDTH, HEIGHTS = 900, (600, 1020, 500)
FACTS = Facts("2022年度项目支出绩效自评", date(2099, 1, 31), "", "市财政局 王五 0760-8833")


def draw() -> list[Path]:
    """The three pages of a unit that hands in the example."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as tools:
        served = Served(Path(name))
        try:
            store = Store("", Path(name))
            number = store.begin("admin", FACTS, {UNIT: ""})
            [unit] = store.units(number)
            found = shutil.which("chromium") or shutil.which("google-chrome")
            browser = tools.chromium.launch(executable_path=found, args=["--no-sandbox"], env=CHINESE)
            page = browser.new_page(locale="zh-CN")
            page.goto(f"{served.address}/u/{store.new_link(unit.id)}")
            pictures = [_picture(page, 1)]
            page.set_input_files("#files", str(FORM))
            page.get_by_role("button", name="上传并检查").click()
            page.get_by_role("heading", name="检查结果").wait_for()
            pictures.append(_picture(page, 2))
            page.get_by_role("button", name="仍然报送").click()
            page.get_by_role("heading", name="报送回执").wait_for()
            pictures.append(_picture(page, 3))
            browser.close()
            store.close()
        finally:
            served.kill()
    return pictures


def _picture(page: Page, number: int) -> Path:
    path = DOCS / f"hand_in_{number}.png"
    page.set_viewport_size({"width": WIDTH, "height": HEIGHTS[number - 1]})
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    print(*draw(), sep="\n")
