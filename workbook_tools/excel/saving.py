"""Saving in one atomic step, with a backup that `undo` brings back.

The new bytes go to a temporary file in the same folder, are flushed to the disk, and take the old file's place in one
step: a crash at any moment leaves the old or the new file. The backup's name carries the first digits of the new file's
SHA-256, so that `undo` knows without any record whether a file is still as it was written: a later edit by a person is
never undone. A backup keeps the time of the file that it was.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from itertools import count
from math import inf
from pathlib import Path

from workbook_tools.errors import FileRejected
from workbook_tools.excel.container import refused_by_system
from workbook_tools.excel.remote import is_elsewhere, reaching
from workbook_tools.text import regex, wrong_in_name

BACKUPS = "填表前备份"
_STALE_AFTER = 3600  # seconds
_BACKUP = regex(r"(.*)\.[0-9a-f]{8}(?:-\d+)?(\.[^.]+|)")
_READ_AND_WRITE, _OTHERS = 0o666, 0o077  # rights: of a new file for everybody; what others than its owner may do
_LONGEST_STEM = 180  # bytes; names on most disks may have 255
_swept: dict[Path, float] = {}  # folder → when this process last looked there for what a crash left


def save(
    path: Path,
    data: bytes,
    *,
    seen: bytes | None,
    keep: bool = True,
    copy_of: Path | None = None,
    made_from: Sequence[Path] = (),
) -> Path | None:
    """Puts `data` in place of the file at `path`; gives the backup's path, None when nothing was there before.

    `seen` is what was read from the file: if it has changed since, nothing is written. Without `keep` there is no
    backup. A new file that is the completed copy of another keeps the time at which that came in, as any copy does.
    What is made from other files, as a copy is, may be read and written by no one else than they may be.
    Raises `FileRejected`, and then the old file is untouched.
    """
    if "\0" in str(path):
        raise FileRejected("E_NAME", wrong_in_name(str(path)))
    if is_elsewhere(path):
        with reaching(path):
            return _saved_elsewhere(path, data)
    path = Path(os.path.realpath(path))
    try:
        _refuse_locked(path)
        _sweep(path.parent)
        old = path.read_bytes() if path.exists() else None
        if seen is not None and old != seen:
            raise FileRejected("E_CHANGED", "文件在处理时被别的程序改动了，没有写入，请重试")
        if old == data:
            return None
        temporary = path.with_name(f"~wt-{os.getpid()}-{time.monotonic_ns()}.tmp")
        mode = _mode(path, [*made_from, *([copy_of] if copy_of else [])])
        try:
            _write(temporary, data, mode)
            if old is None and copy_of is not None:
                os.utime(temporary, (time.time(), as_it_came(copy_of).stat().st_mtime))
            backup = _backed_up(path, data) if old is not None and keep else None
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
        return backup
    except OSError as fault:
        raise refused_by_system(fault, "写入") from None


def _saved_elsewhere(path: Path, data: bytes) -> Path | None:
    """Puts `data` at an address, where a file is there as a whole or not at all; gives where the old one is kept."""
    old = path.read_bytes() if path.exists() else None
    if old == data or old is None:
        backup = None
    else:
        backup = backup_path(path, data)
        backup.parent.mkdir(parents=True, exist_ok=True)
        backup.write_bytes(old)
    if old != data:
        path.write_bytes(data)
    return backup


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths are names of the same file: through links, another spelling, or on a disk without capitals."""
    if is_elsewhere(one) or is_elsewhere(other):
        return str(one) == str(other)
    try:
        return os.path.realpath(one) == os.path.realpath(other) or one.samefile(other)
    except OSError:  # one of them is not there
        return False


def saved_where(backup: Path | None) -> str:
    """What became of a file that was replaced, for the end of a sentence; "" when nothing was replaced."""
    return f"；那里原来的文件在 {backup}" if backup else ""


def backups(folder: Path) -> dict[str, list[Path]]:
    """The backups that are kept in a folder, by the name of the file each was, in no order."""
    found: dict[str, list[Path]] = {}
    kept = folder / BACKUPS
    for one in kept.iterdir() if kept.is_dir() else ():
        if named := _BACKUP.fullmatch(one.name):
            found.setdefault(named[1] + named[2], []).append(one)
    return found


def backed_up_name(path: Path) -> str:
    """The name under which `backups` lists a file: shortened where it is too long for a backup's."""
    return f"{_stem(path)}{path.suffix}"


def as_it_came(path: Path) -> Path:
    """The file as it was before it was first written here: its oldest backup in an unbroken line, or the file itself.

    Raises `OSError` for a file that is gone.
    """
    path = now = Path(os.path.realpath(path))
    line = {now}
    while (before := backup_path(path, now.read_bytes())).exists() and before not in line:
        line.add(before)
        now = before
    return now


def undo(path: Path) -> Path:
    """Restore the file as it was before it was last filled; raises `FileRejected` if that is impossible."""
    path = Path(os.path.realpath(path))
    try:
        _refuse_locked(path)
        backup = backup_path(path, path.read_bytes())
        if backup.exists():
            os.replace(backup, path)
            _flush_folder(path.parent)
            with contextlib.suppress(OSError):  # other files have backups there
                backup.parent.rmdir()
            return path
        if backed_up_name(path) in backups(path.parent):
            raise FileRejected("E_CHANGED", f"填写以后又改过，没有还原；填写前的文件在“{BACKUPS}”里，请核对以后换回")
        raise FileRejected("E_NO_BACKUP", f"没有可以还原的备份；备份在同一文件夹的“{BACKUPS}”里，请核对文件名和位置")
    except OSError as fault:
        raise refused_by_system(fault, "还原") from None


def backup_path(path: Path, data: bytes) -> Path:
    """Where the file that `data` replaced at `path` is kept."""
    import hashlib  # only where a backup is kept

    digits = hashlib.sha256(data).hexdigest()[:8]
    return path.parent / BACKUPS / f"{_stem(path)}.{digits}{path.suffix}"


def _stem(path: Path) -> str:
    """The first words of a name; it may hold bytes that are no text, or half a character, as disks allow."""
    stem = path.stem
    while len(stem.encode(errors="surrogatepass")) > _LONGEST_STEM:
        stem = stem[:-1]
    return stem


def _refuse_locked(path: Path) -> None:
    """Raises `FileRejected` when the file is read-only or open in Excel, Word, WPS or LibreOffice."""
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise FileRejected("E_READ_ONLY", "文件是只读的，请取消只读后重试，或用 -o 另存")
    named = [path.name[dropped:] for dropped in ((0, 1, 2) if path.suffix == ".docx" else (0,))]  # as Word names them
    office_of = "Word 或 WPS" if path.suffix == ".docx" else "Excel 或 WPS"
    for owner, office in (*((f"~${name}", office_of) for name in named), (f".~lock.{path.name}#", "LibreOffice")):
        lock = path.with_name(owner)
        if lock.exists():
            who = _owner(lock)
            user = f"（用户：{who}）" if who else ""
            hint = f"确实没有打开的话，请删除同一文件夹里的“{owner}”"
            raise FileRejected("E_LOCKED", f"文件正在 {office} 中打开{user}，请先保存并关闭；{hint}")


def _owner(lock: Path) -> str:
    """Who holds an office program's lock file, "" when it does not tell."""
    try:
        content = lock.read_bytes()[:512]
    except OSError:
        return ""
    if lock.name.startswith("~$"):
        length = content[0] if content else 0
        return content[1 : 1 + length].decode("gbk", errors="replace").strip("\0 ")
    return content.decode(errors="replace").split(",")[0]


def _mode(path: Path, made_from: Sequence[Path]) -> int | None:
    """The rights of a file that is written: its own where it is replaced, no more than its sources'; None as usual.

    Its owner may always read and write what is new.
    """
    here = [one for one in made_from if not is_elsewhere(one)]
    sources = [stat.S_IMODE(one.stat().st_mode) for one in here if one.exists()]
    sources += [0] * (len(here) < len(made_from))  # who may read a file elsewhere is not known here
    if not path.exists() and not sources:
        return None
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else _READ_AND_WRITE
    for source in sources:
        mode &= source | ~_OTHERS
    return mode


def _write(path: Path, data: bytes, mode: int | None) -> None:
    """A new file with `data` safely on the disk, at no moment with more rights than it is to have."""
    first = _READ_AND_WRITE if mode is None else mode & ~_OTHERS
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, first)) as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if mode is not None:
        path.chmod(mode)


def _backed_up(path: Path, data: bytes) -> Path:
    """The present file kept under its backup name: a second link to it where the disk knows links, a copy elsewhere."""
    backup = backup_path(path, data)
    backup.parent.mkdir(exist_ok=True)
    if backup.exists():  # of an earlier save of the same bytes: what a person had changed there is kept too
        os.replace(backup, next(free for free in _numbered(backup) if not free.exists()))
    try:
        os.link(path, backup)
    except OSError:
        from shutil import copy2  # not where another file is written

        copy2(path, backup)
    _flush_folder(backup.parent)
    return backup


def _numbered(backup: Path) -> Iterator[Path]:
    return (backup.with_name(f"{backup.stem}-{number}{backup.suffix}") for number in count(2))


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: Path) -> None:
    """Removes temporary files that a crash left here; not for every file, as a folder may hold very many."""
    now = time.monotonic()
    if now - _swept.get(folder, -inf) <= _STALE_AFTER:
        return
    _swept[folder] = now
    for left in folder.glob("~wt-*.tmp"):
        try:
            if time.time() - left.stat().st_mtime > _STALE_AFTER:
                left.unlink()
        except OSError:
            continue
