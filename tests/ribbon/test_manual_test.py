"""The lists for people say only what the buttons really say."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from places import ROOT
from workbook_tools.commands.main import main
from workbook_tools.excel import Book
from workbook_tools.ribbon import actions, addin

PAGE = (ROOT / "docs" / "manual_test.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
ZHONGSHAN = EXAMPLE.read_bytes()
LISTS = dict(zip(("Excel", "WPS"), re.split(r"^## [一二]、.*$", PAGE, flags=re.MULTILINE)[1:], strict=True))
SAID = [said for said in re.findall(r"`([^`\n]+)`", PAGE.replace("```", "")) if re.search(r"[\u4e00-\u9fff]", said)]
# Commands, files and words that a person types, and what the commands themselves say.
TYPED = re.compile(r"workbook_tools|fill_form|\.xlsx|^已安装|^按钮启动|^按时办结|^系统升级|没有发送$")


def told() -> str:
    """What can stand in a message: the texts, and what the actions say of the example and of a changed one."""
    saved = Book(ZHONGSHAN)
    filled = Book(ZHONGSHAN)
    first = actions.fill(filled, "表.xlsx")
    second = actions.fill(Book(filled.saved() or b""), "表.xlsx")
    filled.sheet(filled.sheets[0]).write((18, 10), Decimal(12))
    typed = actions.fill(Book(filled.saved() or b""), "表.xlsx")
    rows = [*first, *second, *typed, *actions.check(saved, "表.xlsx"), *actions.check(Book(calculated()), "表.xlsx")]
    texts = [*addin.texts(addin.sources()).values(), *addin.wps_texts(addin.sources()).values()]
    return "\n".join([*texts, *(str(row.value) for row in rows)])


def calculated() -> bytes:
    """The filled example as an office saves it, with what its formulas show."""
    book = Book(ZHONGSHAN)
    actions.fill(book, "表.xlsx")
    book.calculate()
    named = {info.name: book.sheet(info) for info in book.sheets}
    for name, cell in list(book.formulas()):
        shown = named[name].text(cell)
        named[name].write(cell, Decimal(shown.rstrip("%")) / (100 if shown.endswith("%") else 1))
    return book.saved() or b""


@pytest.mark.slow
def test_every_message_on_the_lists_is_one_of_the_tool() -> None:
    everything = told() + told().replace("{}", "7")
    quoted = [said for said in SAID if not TYPED.search(said)]
    assert len(quoted) > 20
    for said in quoted:
        for part in said.split("……"):
            assert part in everything, said


@pytest.mark.slow
@pytest.mark.parametrize("who", LISTS)
def test_a_step_leaves_the_form_as_the_next_one_wants_it(
    who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first filling to the draft of a mail, on one workbook, as the list says what is cleared and typed."""
    pytest.importorskip("pyopenvba", reason='pyOpenVBA is not installed: pip install ".[test]"')
    from excel_host import NO, YES, Excel

    monkeypatch.setenv("WORKBOOK_TOOLS_SETTINGS", str(tmp_path / "none.toml"))
    excel = Excel(tmp_path, main)
    path = Path(shutil.copy(EXAMPLE, tmp_path / "自评表 a=b（试）.xlsx"))
    sheet = excel.open(path)
    (typed, cleared), *others = re.findall(r"J18 改成 (\d+)，清空 ([A-Z0-9、]+)，点“填表”", LISTS[who])
    assert others == []
    assert excel.click("SE_Fill")[0].startswith("总分 94.66，等级 优\n填了 30 格。")
    change(excel, {"J18": typed} | dict.fromkeys(cleared.split("、"), '""'))
    assert f"填的是 {typed}，按办法应为 13.33" in excel.click("SE_Fill", "", NO)[0]
    excel.click("SE_Fill", "", YES, YES)
    assert (sheet.value("J18"), sheet.value("J30")) == (13.33, 94.66)
    noted = re.findall(r"7 格有批注：([A-Z0-9、]+)", LISTS[who])[0].split("、")
    assert excel.click("SE_Check") == [f"2 处错误，5 处提示\n{len(noted)} 格加了批注，点“定位下一处”逐个看。"]
    excel.click("SE_Clear")
    assert "有 2 处错误，没有发送" in excel.click("SE_Send")[0]
    right = re.search(r"E10 改成 `(.+?)`、H10 改成 `(.+?)`", LISTS[who])
    assert right
    change(excel, {"E10": f'"{right[1]}"', "H10": f'"{right[2]}"'})
    assert "双击用邮件程序打开，核对以后发出" in excel.click("SE_Send")[0]


def change(excel: Any, cells: dict[str, str]) -> None:
    """Types into cells, as expressions of VBA."""
    lines = "".join(f'Range("{cell}").Value = {value}\n' for cell, value in cells.items())
    excel.app.add_module(f"Public Sub Change()\n{lines}End Sub\n", name="Changing")
    excel.app.run("Change")


@pytest.mark.parametrize("who", LISTS)
def test_the_steps_are_numbered_and_say_what_should_be_seen(who: str) -> None:
    rows = re.findall(r"^\| (\d+)\. ([^|]+) \| ([^|]+) \|$", LISTS[who], re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, len(rows) + 1))
    assert 20 <= len(rows) <= 30  # a minute each
    assert all(seen.strip() for *_, seen in rows)
