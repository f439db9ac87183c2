"""Words enter in one place and leave in another: what Excel cannot hold is escaped or refused, what cannot be seen is shown."""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from fuzz.corpus import BROKEN, form, parts, with_cells
from workbook_tools import text
from workbook_tools.assess import assess_file
from workbook_tools.commands.main import main
from workbook_tools.data_files import read_data
from workbook_tools.errors import BadData, FileRejected, UnknownFields
from workbook_tools.excel import Book, read_file, save
from workbook_tools.excel.loading import put_text, written
from workbook_tools.fill import fill_file
from workbook_tools.reports.html import as_html
from workbook_tools.summary.rows import collect
from workbook_tools.summary.workbook import summary_workbook
from workbook_tools.terminal import Wrapping
from workbook_tools.text import encoded, file_name, for_excel, from_excel, json_text, one_line, shown_path, visible

ANY_WORDS = st.text(st.characters(), max_size=60)
LONGEST = text.LONGEST
CELL = (90, 1)


def test_the_examples_of_the_module() -> None:
    assert doctest.testmod(text).failed == 0


def written_and_read(words: str) -> tuple[str, object]:
    """The words of a cell after saving: as we read them, and as openpyxl has them."""
    book = Book(form())
    book.sheet(book.sheets[0]).write(CELL, words)
    data = book.saved() or b""
    again = Book(data)
    return again.sheet(again.sheets[0]).text(CELL), load_workbook(io.BytesIO(data)).worksheets[0].cell(*CELL).value


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("一\v二", "一_x000B_二"),
        ("\x1b[2J", "_x001B_[2J"),
        ("\x00", "_x0000_"),
        ("a\r\nb", "a_x000D_\nb"),
        ("\ufffe\uffff", "_xFFFE__xFFFF_"),
        ("_x0041_", "_x005F_x0041_"),
        ("_x005F_", "_x005F_x005F_"),
        ("_x41_ _X0041_ x0041_", "_x41_ _X0041_ x0041_"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_a_cell_stores_words_as_excel_escapes_them(words: str, stored: str) -> None:
    assert for_excel(words) == stored
    assert from_excel(stored) == words
    assert written_and_read(words)[0] == words


@given(ANY_WORDS)
def test_any_words_come_back_from_a_cell_or_are_refused(words: str) -> None:
    surrogates = any("\ud800" <= character <= "\udfff" for character in words)
    if not surrogates:
        assert written_and_read(words)[0] == words
        return
    with pytest.raises(FileRejected, match="自评表!A90") as refused:
        written_and_read(words)
    assert refused.value.code == "E_TEXT"


@pytest.mark.parametrize("words", ["字" * (LONGEST + 1), "😀" * (LONGEST // 2 + 1), "a\ud83d"])
def test_what_a_cell_cannot_hold_is_refused_with_the_cell_named(words: str) -> None:
    book = Book(form())
    with pytest.raises(FileRejected, match="自评表!A90：要写的内容"):
        book.sheet(book.sheets[0]).write(CELL, words)
    assert book.saved() is None


def test_a_cell_holds_as_many_characters_as_in_excel() -> None:
    assert written_and_read("字" * LONGEST)[0] == "字" * LONGEST


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("_x000B_", "\v"),
        ("_xD83D__xDE00_", "😀"),
        ("a_xD83D_b", "a\ufffdb"),
        ("_x005F_x000B_", "_x000B_"),
        ("a\r\nb\rc&#13;", "a\nb\nc\r"),
        (f"&#{'0' * 5000}65;", "A"),
    ],
)
def test_a_cell_is_read_as_excel_shows_it(stored: str, words: str) -> None:
    cell = f'<row r="90"><c r="A90" t="inlineStr"><is><t xml:space="preserve">{stored}</t></is></c></row>'
    book = Book(with_cells(cell))
    assert book.sheet(book.sheets[0]).text(CELL) == words


def test_what_was_written_is_read_again_before_it_replaces_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form())
    monkeypatch.setattr("workbook_tools.excel.saved_sheet.escape_words", lambda words: words + "<")
    with pytest.raises(FileRejected) as refused:
        fill_file(path, inputs={"texts.unit": "甲局"}, overwrite=True)
    assert refused.value.code == "E_UNSOUND"
    assert path.read_bytes() == form()
    assert list(tmp_path.iterdir()) == [path]


def test_a_workbook_made_here_is_read_again_before_it_is_saved() -> None:
    workbook = Workbook()
    put_text(workbook.worksheets[0]["A1"], "一\v_x0041_" + "长" * LONGEST)
    cell = load_workbook(io.BytesIO(written(workbook))).worksheets[0]["A1"]
    assert (str(cell.value)[:9], cell.data_type) == ("一_x000B__", "s")
    assert str(cell.value).endswith("个字，Excel 的一格最多 32,767 个）")
    workbook.worksheets[0].title = "一"
    workbook.worksheets[0]["A2"].comment = Comment("\x00", "a")
    with pytest.raises(FileRejected, match="核对不通过"):
        written(workbook)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("9\x1b[2J", "9[U+001B][2J"),
        ("甲\u202e乙", "甲[U+202E]乙"),
        ("a\u200bb\ufeff", "a[U+200B]b[U+FEFF]"),
        ("\udce4", "[U+DCE4]"),
        ("“好”，3 万元\u3000≥95％", "“好”，3 万元\u3000≥95％"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_code(words: str, shown: str) -> None:
    assert visible(words) == shown


@given(ANY_WORDS)
def test_nothing_reaches_a_screen_that_steers_it(words: str) -> None:
    screen = io.StringIO()
    Wrapping(screen).write(words)
    assert not set(screen.getvalue().removeprefix("\ufeff").replace("\r\n", "\n")) & {
        "\r",
        "\x1b",
        "\x9b",
        "\x07",
        "\u202e",
        "\u2028",
    }
    assert "\n" not in one_line(words)
    encoded(screen.getvalue()).decode()


@given(ANY_WORDS)
def test_json_stays_what_it_was(words: str) -> None:
    assert json.loads(json_text({"字段": words})) == {"字段": words}


def test_a_csv_file_on_the_screen_keeps_its_mark_and_its_line_ends() -> None:
    screen = io.StringIO()
    Wrapping(screen).write("\ufeff文件,说明\r\n甲\r乙")
    assert screen.getvalue() == "\ufeff文件,说明\r\n甲[U+000D]乙"


# ── files and folders ─────────────────────────────────

GBK, FORGED = "自评表".encode("gbk") + b".xlsx", "甲局.xlsx：已填写\n乙局".encode() + b".xlsx"
posix = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")


def bad_files(folder: Path) -> Path:
    """A folder with one sound form and many that ever broke the program, under bad names too."""
    folder.mkdir()
    for bad in (GBK, FORGED, b"a\x1b[2J.xlsx"):
        (folder / os.fsdecode(bad)).write_bytes(form())
    for number, name in enumerate(
        (
            "the line break that Word pastes",
            "a score that clears the screen",
            "half a character",
            "no character",
            "a text that turns",
            "an extra field cut short",
            "more than a cell holds",
        )
    ):
        (folder / f"{number}.xlsx").write_bytes(BROKEN[name]())
    (folder / "好.xlsx").write_bytes(form())
    return folder


@pytest.mark.quick_cases(2)
@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "{}", "--html", "{}/out.html"],
        ["check", "{}", "--format", "csv"],
        ["check", "{}", "--format", "json"],
        ["summary", "{}", "-o", "{}/out.xlsx"],
    ],
    ids=" ".join,
)
def test_a_bad_file_or_name_costs_that_file_and_never_the_run(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = bad_files(tmp_path / "表")
    main([argument.format(folder) for argument in arguments])
    said = "".join(capsys.readouterr())
    assert "程序出错" not in said
    assert "\x1b" not in said
    assert not [line for line in said.splitlines() if line.startswith("乙局")]
    if (page := folder / "out.html").exists():
        html = page.read_text("utf-8")
        assert {"好.xlsx", "自评表.xlsx"} <= set(re.findall(r"<wbr>([^<]*)", html))
        assert "\x1b" not in html
    if (folder / "out.xlsx").exists():
        sheet = load_workbook(folder / "out.xlsx")["没有读"]
        rows = [[str(value) for value in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
        lines = [" ".join(row) for row in rows]
        assert any("自评表.xlsx" in line and "不是 UTF-8" in line for line in lines)
        assert load_workbook(folder / "out.xlsx")["汇总"].max_row > 5


@posix
def test_a_name_that_is_not_utf_8_is_told_as_windows_has_it(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(GBK)
    path.write_bytes(form())
    assert shown_path(path) == f"{tmp_path}/自评表.xlsx"
    with pytest.raises(FileRejected, match=r"文件名不是 UTF-8（应为“自评表\.xlsx”）") as refused:
        read_file(path)
    assert refused.value.code == "E_NAME"


@pytest.mark.parametrize("name", ["a\0b.xlsx", "长" * 300 + ".xlsx", "a\nb.xlsx"])
def test_a_name_that_no_disk_takes_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileRejected):
        fill_file(tmp_path / name)
    with pytest.raises(FileRejected):
        save(tmp_path / name.replace("\n", "\0"), b"a", seen=None)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j.xlsx"),
        ("CON", "CON_.xlsx"),
        ("lpt1.2023", "lpt1_.2023.xlsx"),
        (" 项目. ", "项目.xlsx"),
        ("一\x00二\n三\ud800", "一_二_三_.xlsx"),
        ("", "_.xlsx"),
    ],
)
def test_words_become_a_name_that_every_system_takes(words: str, name: str) -> None:
    assert file_name(words, ".xlsx") == name


def test_long_names_stay_apart() -> None:
    one, other = (file_name("项目" * 200 + end, ".xlsx") for end in "ab")
    assert one != other
    assert max(len(name.encode()) for name in (one, other)) <= text.MOST_NAME_BYTES


@pytest.mark.slow
def test_a_project_that_does_not_fit_costs_its_form_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = "1、1-产出指标；12-质量指标；投诉次数；实施周期指标值:≤5；年度指标值:≤5。"
    goals = {"长" * 300: "好", "一\v二": "好", "太长": "目标" * 20_000, "con": "好"}
    lines = "".join(f"    {name} 99.00 99.00\n{goal}\n{listed}\n" for name, goal in goals.items())
    (tmp_path / "目标.txt").write_text(lines, "utf-8")
    assert main(["targets", "import", str(tmp_path / "目标.txt"), "--new", str(tmp_path / "新"), "--year", "2025"]) == 3
    said = capsys.readouterr().out
    assert "绩效目标“目标目标" in said
    assert "已生成 3 份" in said
    for path in (tmp_path / "新").iterdir():
        load_workbook(path)
        assert fill_file(path, dry_run=True).forms


# ── data ──────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.json", b'{"C2": "\\ud83d"}', "“C2”的内容里有不成字的编码"),
        ("a.json", b'{"C2": "' + b"a" * 40_000 + b'"}', "“C2”的内容有 40,000 个字"),
        ("a.json", b'{"C2": ' + b"[" * 100_000, "括号套得太多"),
        ("a.json", b'{"C2": ' + b"9" * 5000 + b"}", "太长的数"),
        ("a.json", b'{"C2": 1e999999999}', "不是表里能写的数"),
        ("a.json", b'{"C2": NaN}', "“NaN”，不是数"),
        ("a.toml", b"C2 = 1e9999999999999999999", "太长的数"),
        ("a.toml", b"C2 = nan", "不是表里能写的数"),
        ("a.toml", b"C2 = " + b"[" * 50_000, "括号套得太多"),
    ],
)
def test_data_that_no_cell_holds_is_refused_with_the_field_named(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadData, match=sentence):
        read_data(tmp_path / name)


def test_a_sentence_that_cites_a_file_steers_no_screen(tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(form())
    with pytest.raises(UnknownFields) as refused:
        fill_file(tmp_path / "表.xlsx", inputs={"单位\x1b[2J": "甲局"})
    assert "单位[U+001B][2J" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_data_with_a_control_character_gives_a_workbook_that_opens(tmp_path: Path) -> None:
    path, data = tmp_path / "表.xlsx", tmp_path / "a.json"
    path.write_bytes(form())
    data.write_bytes('{"texts.unit": "甲\\u000b局\\u0000"}'.encode())
    assert main(["fill", str(path), "--data", str(data), "--overwrite"]) in (0, 1)
    words = [cell.value for row in load_workbook(path).worksheets[0] for cell in row]
    assert any("甲_x000B_局_x0000_" in str(said) for said in words)
    assert b"\x0b" not in b"".join(parts(path.read_bytes()).values())


@pytest.mark.slow
def test_a_report_of_the_worst_words_opens(tmp_path: Path) -> None:
    for name in BROKEN:
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(BROKEN[name]())
    rows = list(collect(sorted(tmp_path.iterdir())))
    refused = [one for row in rows for one in row.refused]
    data = summary_workbook(
        [one for row in rows for one in row.forms], [one for row in rows for one in row.indicators], refused, []
    )
    assert load_workbook(io.BytesIO(data))["汇总"].max_row > 10
    assert not [why for _, why in refused if "程序出错" in why]


def test_unseen_characters_are_found_and_named(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(BROKEN["a score that clears the screen"]())
    checked = assess_file(path)
    [found] = [one for one in checked.findings if one.code == "F124"]
    assert "U+001B（1 个）" in found.message
    assert found.address
    assert "\x1b" not in as_html([checked], [])
