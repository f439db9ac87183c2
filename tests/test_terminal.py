"""Lines for a terminal: no wider than it, tables aligned, whole where the output is a file."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from places import EXAMPLES
from workbook_tools.commands.main import main
from workbook_tools.terminal import LEAST, Progress, Wrapping, columns, width, wrapped

WORDS = st.text("甲乙“”（），。；： abcXYZ019/_%-", max_size=120)


@given(WORDS, st.integers(20, 60), st.integers(0, 8))
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, most: int, indent: int) -> None:
    lines = wrapped(text, most, indent)
    assert all(width(line) <= most for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.startswith(" " * indent) for line in lines[1:])


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("没有完成，请写明原因", ["没有完成，", "请写明原因"]),  # no line begins with a comma
        ("请加 --overwrite 替换", ["请加", "--overwrite", "替换"]),  # nor is a word of Latin letters broken
        ("一二三四“五六”", ["一二三四", "“五六”"]),  # nor does one end with an opening quote
        ("短的", ["短的"]),
    ],
)
def test_lines_are_broken_where_people_break_them(line: str, lines: list[str]) -> None:
    assert wrapped(line, 11) == lines


def test_further_lines_begin_below_the_words_that_they_continue() -> None:
    screen = io.StringIO()
    terminal = Wrapping(screen, 30)
    for line in ("  错误 R102  E10 完成情况：写了 277 字", "  1. 填的是 0，按办法应为 89.974，请核对", "短"):
        print(line, file=terminal)
    assert screen.getvalue().split("\n") == [
        "  错误 R102  E10 完成情况：写",
        "             了 277 字",
        "  1. 填的是 0，按办法应为",
        "     89.974，请核对",
        "短",
        "",
    ]


def test_what_waits_for_an_answer_is_shown_before_it() -> None:
    screen = io.StringIO()
    terminal = Wrapping(screen, 80)
    print("密码：", end="", file=terminal, flush=True)
    assert screen.getvalue() == "密码："


def test_a_table_that_is_too_wide_is_broken_within_its_columns() -> None:
    table = [("单元格", "说明"), ("E8", "两个公式没有计算过，看不到结果"), ("F9", "短")]
    lines = columns(table, 24)
    assert lines == ["单元格  说明", "E8      两个公式没有计算", "        过，看不到结果", "F9      短"]
    assert columns(table) == ["单元格  说明", "E8      两个公式没有计算过，看不到结果", "F9      短"]


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(30, 100))
@example([("00”））", "00000““", "00000000")], 30)  # a word of wide and narrow characters, wider than its column
def test_no_table_is_wider_than_asked_for(table: list[tuple[str, str, str]], most: int) -> None:
    assert all(width(line) <= max(most, 3 * LEAST + 4) for line in columns(table, most))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("screen", [80, 100, 200])
@pytest.mark.parametrize(
    "command",
    [
        ["check", str(EXAMPLES / "zhongshan_12345_2022.xlsx"), str(EXAMPLES / "guangzhou_department_2023.xlsx")],
        ["schemes"],
        ["schemes", "show", "zhongshan_2022"],
        ["explain"],
    ],
    ids=" ".join,
)
def test_on_a_terminal_no_line_is_wider_than_it(command: list[str], screen: int) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(screen), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.Popen(
        [sys.executable, "-m", "workbook_tools", *command], stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert ran.wait(timeout=60) in (0, 1)
    lines = [line.rpartition("\x1b[K")[2].strip("\r") for line in said.decode().split("\n")]
    assert len(lines) > 5
    assert [line for line in lines if width(line) > min(screen, 120)] == []
    assert not [line for line in lines if "[1/2]" in line and "错误" in line]


def test_a_file_gets_whole_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    main(["check", str(EXAMPLES / "zhongshan_12345_2022.xlsx")])
    assert any(width(line) > 100 for line in capsys.readouterr().out.split("\n"))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_tells_the_time_left_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.2, 3.0, 3.1, 6.0])
    monkeypatch.setattr("workbook_tools.terminal.time.monotonic", lambda: next(clock))
    monkeypatch.setenv("COLUMNS", "60")
    screen = Screen()
    progress = Progress(100, screen)
    for number, name in ((1, "甲.xlsx"), (2, "乙.xlsx"), (50, "丙.xlsx"), (51, "丁.xlsx"), (75, "戊" * 40 + ".xlsx")):
        progress.show(number, name)
    first, then, last = screen.getvalue().split("\r\x1b[K")[1:]
    assert first == "[1/100] 甲.xlsx"
    assert then == f"[50/100]  50% [{'=' * 10}{' ' * 10}] 还要约 00:03  丙.xlsx"
    assert last.startswith(f"[75/100]  75% [{'=' * 15}{' ' * 5}] 还要约 00:02  戊戊")
    assert width(last) < 60


def test_progress_writes_nothing_into_a_pipe() -> None:
    pipe = io.StringIO()
    progress = Progress(100, pipe)
    progress.show(1, "甲.xlsx")
    progress.done()
    assert pipe.getvalue() == ""


def test_progress_stays_while_output_goes_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", Wrapping(io.StringIO()))
    progress = Progress(2, screen)
    progress.show(1, "表.xlsx")
    print("没有错误")
    assert screen.getvalue() == "\r\x1b[K[1/2] 表.xlsx"


def test_progress_stands_again_below_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 2.0, 2.1, 2.2])
    monkeypatch.setattr("workbook_tools.terminal.time.monotonic", lambda: next(clock))
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", Wrapping(screen, 80))
    progress = Progress(4, screen)
    for number in (1, 2, 3, 4):
        progress.show(number, f"{number}.xlsx")
        if number < 4:
            print("没有错误")
    assert [line.endswith(".xlsx") for line in screen.getvalue().split("没有错误\n")] == [False, False, False, True]
    assert screen.getvalue().count("还要约") == 3


def test_progress_goes_before_anything_else_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", Wrapping(screen, 80))
    progress = Progress(2, screen)
    progress.show(1, "表.xlsx")
    print("没有错误")
    assert screen.getvalue() == "\r\x1b[K[1/2] 表.xlsx\r\x1b[K没有错误\n"
