"""Saving is one atomic step, keeps what was there before, and gives way to whoever else holds the file."""

from __future__ import annotations

import hashlib
import os
import random
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paper import ZHONGSHAN, drawn_book
from places import ROOT
from workbook_tools.commands.main import fill_form, main
from workbook_tools.errors import FileRejected
from workbook_tools.excel import BACKUPS, save, undo
from workbook_tools.fill import fill_file

FORM = drawn_book(ZHONGSHAN)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "中山市12345热线自评表.xlsx"
    path.write_bytes(FORM)
    return path


@pytest.mark.slow
def test_kill_9_at_any_of_200_moments_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """A child saves version after version; whatever stands there after the kill is one of them, whole."""
    path = tmp_path / "表.xlsx"
    saver = (
        "import sys, hashlib; from pathlib import Path; from workbook_tools.excel import save\n"
        "path = Path(sys.argv[1]); round = sys.argv[2]\n"
        "print('ready', flush=True)\n"
        "for n in range(10_000):\n"
        "    body = f'{round}-{n}'.encode() * 20_000\n"
        "    save(path, hashlib.sha256(body).digest() + body, seen=None)\n"
    )
    choose = random.Random(7)
    seen_new = 0
    for moment in range(200):
        before = path.read_bytes() if path.exists() else b""
        child = subprocess.Popen(
            [sys.executable, "-c", saver, str(path), str(moment)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(choose.random() * 0.012)
        child.kill()
        child.wait()
        child.stdout.close()
        after = path.read_bytes() if path.exists() else b""
        if after != before:
            assert hashlib.sha256(after[32:]).digest() == after[:32], f"torn file at moment {moment}"
            seen_new += 1
    assert seen_new > 20, "the kills came too early to prove anything"


def test_what_a_crash_left_is_swept_away_later_but_not_at_once(form: Path) -> None:
    old, new = form.with_name("~wt-1-1.tmp"), form.with_name("~wt-2-2.tmp")
    old.write_bytes(b"left")
    new.write_bytes(b"someone is writing this")
    os.utime(old, (0, 0))
    fill_file(form)
    assert not old.exists()
    assert new.exists()


LISTINGS = """
import sys
from pathlib import Path
from workbook_tools.excel import save

listed = []

def note(event, told):
    if event in ("os.listdir", "os.scandir") and str(told[0]) == sys.argv[1]:
        listed.append(event)

sys.addaudithook(note)
for number in range(int(sys.argv[2])):
    path = Path(sys.argv[1]) / f"{number}.xlsx"
    save(path, b"one", seen=None)
    save(path, b"two", seen=b"one")
print(len(listed))
"""


@pytest.mark.parametrize("count", [1, 40])
def test_the_folder_is_listed_once_however_many_files_are_saved_there(count: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTINGS, str(tmp_path), str(count)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "1\n"
    assert len(os.listdir(tmp_path / BACKUPS)) == count


def test_what_a_crash_left_goes_an_hour_later_from_a_program_that_still_runs(
    form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(form, b"one", seen=None)
    left = form.with_name("~wt-1-1.tmp")
    left.write_bytes(b"left")
    save(form, b"two", seen=None)
    assert left.exists()
    later, monotonic = time.time() + 3601, time.monotonic() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic)
    save(form, b"three", seen=None)
    assert not left.exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
@pytest.mark.parametrize("words", ["自评表", "很长的名称" * 20])
def test_a_file_whose_name_is_not_utf_8_is_kept_and_brought_back(words: str, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(words.encode("gbk") + b".xlsx")
    with pytest.raises(FileRejected, match="找不到这个文件"):
        undo(path)
    save(path, b"one", seen=None)
    backup = save(path, b"two", seen=b"one")
    assert backup is not None
    assert backup.read_bytes() == b"one"
    undo(path)
    assert path.read_bytes() == b"one"
    with pytest.raises(FileRejected, match="没有可以还原的备份"):
        undo(path)


@pytest.mark.parametrize("stem", ["表" * 60, "表" * 61, "a" + "表" * 61, "e\u0301" * 70])
def test_a_long_name_is_cut_between_two_characters(stem: str, tmp_path: Path) -> None:
    path = tmp_path / f"{stem}.xlsx"
    save(path, b"one", seen=None)
    backup = save(path, b"two", seen=b"one")
    assert backup is not None
    kept, digits, ending = backup.name.split(".")
    assert (len(digits), ending) == (8, "xlsx")
    assert stem.startswith(kept)
    assert len(kept.encode()) <= 180 < len(stem.encode()) + 1
    assert len(kept.encode()) > 176 or kept == stem
    undo(path)
    assert path.read_bytes() == b"one"


def test_undo_brings_back_the_file_byte_for_byte_step_by_step(form: Path) -> None:
    first = fill_file(form)
    assert first.backup is not None
    assert first.backup.read_bytes() == FORM
    filled = form.read_bytes()
    save(form, filled + b"again", seen=filled)
    undo(form)
    assert form.read_bytes() == filled
    undo(form)
    assert form.read_bytes() == FORM
    with pytest.raises(FileRejected, match="没有可以还原的备份"):
        undo(form)


def test_undo_never_takes_away_what_a_person_did_since(form: Path) -> None:
    fill_file(form)
    edited = form.read_bytes() + b"edited"
    form.write_bytes(edited)
    with pytest.raises(FileRejected, match="填写以后又改过"):
        undo(form)
    assert form.read_bytes() == edited


def test_a_second_run_changes_nothing_and_keeps_no_second_backup(form: Path) -> None:
    fill_file(form)
    filled, kept = form.read_bytes(), os.listdir(form.parent / BACKUPS)
    again = fill_file(form)
    assert (again.written, again.backup) == (False, None)
    assert form.read_bytes() == filled
    assert os.listdir(form.parent / BACKUPS) == kept


def test_a_dry_run_leaves_file_and_folder_byte_for_byte(form: Path) -> None:
    stat = form.stat()
    result = fill_file(form, dry_run=True)
    assert result.forms[0].scores.grade == "优"
    assert form.read_bytes() == FORM
    assert form.stat().st_mtime_ns == stat.st_mtime_ns
    assert os.listdir(form.parent) == [form.name]


def test_saving_elsewhere_leaves_the_form_alone_and_backs_up_what_was_there(form: Path) -> None:
    out = form.with_name("已填.xlsx")
    out.write_bytes(b"something else")
    result = fill_file(form, out=out)
    assert form.read_bytes() == FORM
    assert result.backup is not None
    assert result.backup.read_bytes() == b"something else"
    undo(out)
    assert out.read_bytes() == b"something else"


@pytest.mark.parametrize(
    ("owner", "content", "who"),
    [
        ("~${name}", b"\x06" + "黄铠".encode("gbk") + b"  " + b" " * 50, "黄铠"),
        ("~${name}", b"", ""),
        (".~lock.{name}#", "王芳,pc-7,王芳,20.11.2026".encode(), "王芳"),
    ],
)
def test_a_file_that_is_open_elsewhere_is_left_alone_with_the_name_of_who(
    form: Path, owner: str, content: bytes, who: str
) -> None:
    lock = form.with_name(owner.replace("{name}", form.name))
    lock.write_bytes(content)
    with pytest.raises(FileRejected, match="请先保存并关闭") as refused:
        fill_file(form)
    assert who in str(refused.value)
    assert lock.name in str(refused.value)
    assert form.read_bytes() == FORM
    assert fill_file(form, out=form.with_name("另存.xlsx")).written


def test_a_read_only_file_is_not_replaced(form: Path) -> None:
    form.chmod(0o444)
    with pytest.raises(FileRejected, match="只读"):
        fill_file(form)
    assert form.read_bytes() == FORM


def test_a_file_that_changed_meanwhile_is_not_overwritten(form: Path) -> None:
    form.write_bytes(FORM + b"saved by someone else")
    with pytest.raises(FileRejected, match="改动"):
        save(form, b"new", seen=FORM)
    assert form.read_bytes() == FORM + b"saved by someone else"


@pytest.mark.skipif(os.name == "nt", reason="links and modes are POSIX")
def test_a_link_stays_a_link_and_the_mode_stays(form: Path) -> None:
    form.chmod(0o640)
    link = form.with_name("链接.xlsx")
    link.symlink_to(form)
    fill_file(link)
    assert link.is_symlink()
    assert form.stat().st_mode & 0o777 == 0o640
    assert form.read_bytes() != FORM


@pytest.mark.parametrize("name", ["长" * 80 + ".xlsx", "a b&c'd.xlsx", "表.XLSX", "表.xlsm"])
def test_odd_names_are_saved_and_undone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORM)
    fill_file(path)
    assert path.read_bytes() != FORM
    undo(path)
    assert path.read_bytes() == FORM


@pytest.mark.skipif(os.name == "nt", reason="limits of file size are POSIX")
def test_a_disk_that_takes_no_more_leaves_the_old_file_and_nothing_else(form: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(FileRejected, match="原文件没有改动"):
            fill_file(form)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert form.read_bytes() == FORM
    assert os.listdir(form.parent) == [form.name]


def test_missing_folders_and_broken_links_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "断.xlsx").symlink_to(tmp_path / "没有.xlsx")
    (tmp_path / "夹.xlsx").mkdir()
    for name, sentence in (("没有.xlsx", "找不到"), ("断.xlsx", "找不到"), ("夹.xlsx", "文件夹")):
        with pytest.raises(FileRejected, match=sentence):
            fill_file(tmp_path / name)


OUTPUTS = {
    "a filled copy": ["{form}", "-o", "{out}.xlsx"],
    "a marked copy": ["check", "{form}", "--review", "{out}.xlsx"],
    "a page": ["check", "{form}", "--html", "{out}.html"],
    "data": ["export", "{form}", "-o", "{out}.json"],
    "a table": ["export", "{form}", "-o", "{out}.csv"],
    "a summary": ["summary", "{form}", "-o", "{out}.xlsx"],
    "a draft": ["send", "{form}", "--waive", "{waive}", "--draft", "{out}", "--to", "a@example.cn"],
}


@pytest.mark.quick_cases(5)
@pytest.mark.skipif(os.name != "posix", reason="rights of a file")
@pytest.mark.parametrize("mode", [0o640, 0o400])
@pytest.mark.parametrize("what", OUTPUTS)
def test_what_is_made_from_a_form_is_for_those_who_may_read_the_form(
    what: str, mode: int, form: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, waive = form.parent / "出" / "out", form.parent / "放行.csv"
    out.parent.mkdir()
    codes = re.findall(r"错误 ([A-Z]\d+)", as_said(["check", str(form)], capsys))
    waive.write_text("代码,位置,理由,姓名\n" + "".join(f"{code},,已核实,张三\n" for code in codes), "utf-8")
    form.chmod(mode)
    as_said([one.format(form=form, out=out, waive=waive) for one in OUTPUTS[what]], capsys)
    (made,) = (one for one in out.parent.rglob("*") if one.is_file())
    assert stat.S_IMODE(made.stat().st_mode) == mode | 0o600  # its owner can go on working with it


def as_said(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    (fill_form if command[0].endswith(".xlsx") else main)(command)
    return capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="rights of a file")
@pytest.mark.parametrize(
    ("there", "sources", "mode"),
    [
        (None, [], None),  # as any new file
        (None, [0o600], 0o600),
        (None, [0o777], 0o666),  # a form on a disk without rights is no program
        (None, [0o640, 0o604], 0o600),
        (0o644, [0o600], 0o600),  # a copy for everybody, of an older version or of other words
        (0o640, [0o644], 0o640),  # a person has made it narrower
        (0o640, [], 0o640),
    ],
)
def test_what_is_written_has_no_more_rights_than_what_it_replaces_and_what_it_is_made_from(
    there: int | None, sources: list[int], mode: int | None, tmp_path: Path
) -> None:
    out, made_from = tmp_path / "out", [tmp_path / str(number) for number in range(len(sources))]
    for path, known in zip([out, *made_from], [there, *sources], strict=True):
        if known is not None:
            path.write_bytes(b"old")
            path.chmod(known)
    before = os.umask(0o027)
    try:
        save(out, b"new", seen=None, made_from=made_from)
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == (0o640 if mode is None else mode)


@pytest.mark.skipif(os.name != "posix", reason="rights of a file")
def test_at_no_moment_can_others_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form, seen = tmp_path / "表.xlsx", list[int]()
    form.write_bytes(b"old")
    form.chmod(0o600)
    flush = os.fsync

    def spy(handle: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        flush(handle)

    monkeypatch.setattr(os, "fsync", spy)
    save(form, b"new", seen=None, keep=False)
    save(tmp_path / "copy.xlsx", b"new", seen=None, made_from=[form])
    assert [mode for mode in seen if not mode & 0o100] == [0o600, 0o600]  # the others are folders
