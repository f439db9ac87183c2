"""The files that a command is given: workbooks to read, what in a folder is no workbook, and what may be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from workbook_tools.errors import BadData
from workbook_tools.excel import BACKUPS, same_file
from workbook_tools.excel.intake import OTHERS, is_other
from workbook_tools.excel.remote import is_elsewhere, to_path
from workbook_tools.text import shown_path

WORKBOOKS = (".xlsx", ".xlsm")
EVERY_WORKBOOK = WORKBOOKS + OTHERS
NONE_FOUND = "没有找到工作簿（.xlsx、.xlsm、.xls、.et、.ods、.xlsb）；请核对文件夹和文件名"
_PRIVATE = ("~", ".")  # owner files, records of progress, what the system hides
_OF_THE_SYSTEM = ("thumbs.db", "desktop.ini")
_ASK = "请换成 Excel 表（.xlsx）再试"
_COPY = "请把里面的表格复制到 Excel 里，另存为 .xlsx 再试"
# Endings → what the file is, and what to do.
_KINDS = {
    (".doc", ".docx", ".docm", ".wps", ".rtf", ".odt", ".ofd", ".uot"): f"文字处理的文件，不是工作簿；{_COPY}",
    (".pdf",): f"PDF，不是工作簿；{_ASK}",
    (".zip", ".rar", ".7z", ".gz", ".tar"): "压缩包，没有打开；请解压到这个文件夹再试",
    (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".heic"): f"图片，不是工作簿；{_ASK}",
    (".eml", ".msg"): "邮件，附件没有取出；请把附件另存到这个文件夹再试",
    (
        ".xlt",
        ".xltx",
        ".xltm",
        ".ett",
        ".dbf",
        ".xml",
        ".mht",
    ): "不是普通的工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx",
}
_OTHER = "不是工作簿（.xlsx、.xlsm、.xls、.et、.ods、.xlsb）"
_CONVERTED = "旁边有同名的 .xlsx，用的是那一个；要用这个文件，请单独写它的文件名"
# Forms are never submitted in these formats.
_NO_FORM = (".txt", ".csv", ".md", ".toml", ".json", ".html", ".htm", ".log", ".py", ".ini", ".lnk", ".url")


def workbooks(path: Path) -> list[Path]:
    """The file itself, or the workbooks of a folder or a pattern (`*.xlsx`) without backups and owner files.

    Of a folder without the files of other formats beside which their .xlsx lies.
    """
    if not path.is_dir() and (path.exists() or "*" not in path.name):
        return [path]
    below = path.rglob("*") if path.is_dir() else path.parent.glob(path.name)  # the console of Windows expands nothing
    every = (file for file in below if file.suffix.lower() in EVERY_WORKBOOK)
    found = (file for file in every if not (path.is_dir() and is_converted(file)))
    return sorted(file for file in found if not file.name.startswith(("~$", "._")) and BACKUPS not in file.parts)


def here(words: str) -> Path:
    """The path of a file or folder of this computer or its network; raises `BadData` for an address (`s3://…`)."""
    if is_elsewhere(words):
        raise BadData(
            f"{words}：这里只能用本机或共享文件夹里的文件，请先下载；能用这种地址的是 check、summary、compare"
        )
    return Path(words)


def given_workbooks(
    given: Iterable[str], but: Sequence[Path] = (), path: Callable[[str], Path] = here
) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The workbooks of files and folders, each once, and what is passed over, both without `but`.

    `path` makes paths of words: `to_path` in commands that only read, and so take addresses, too.
    """
    found: dict[tuple[str, str], Path] = {}
    real = cache(os.path.realpath)
    for file in (file for one in given for file in workbooks(path(one))):
        folder = str(file.parent)
        found.setdefault((folder if is_elsewhere(file) else real(folder), file.name), file)
    return [file for file in found.values() if not is_one_of(file, but)], passed_over(given, but)


def passed_over(given: Iterable[str], but: Sequence[Path] = ()) -> list[tuple[Path, str]]:
    """The files in the given folders that are no workbooks and may still be what a unit sent: what each is, what to do.

    Without backups, notes, what programs leave there, and the files of `but` (lists, what is to be written).
    """
    folders = [path for path in map(to_path, given) if path.is_dir()]
    below = {file: file.relative_to(folder).parts for folder in folders for file in folder.rglob("*")}
    found = (file for file, parts in below.items() if _is_passed_over(file, parts))
    return [(file, _what(file)) for file in sorted(found) if not is_one_of(file, but)]


def written_as(file: Path) -> Path:
    """The name under which a workbook is written once it is filled: one of another format becomes an .xlsx."""
    return file.with_suffix(".xlsx") if is_other(file) else file


def is_converted(file: Path) -> bool:
    """Whether beside a workbook of another format lies an .xlsx of the same name, which is then the one to be used."""
    return is_other(file) and any(file.with_suffix(ending).is_file() for ending in WORKBOOKS)


def _is_passed_over(file: Path, parts: Sequence[str]) -> bool:
    known = file.name.lower() in _OF_THE_SYSTEM or BACKUPS in parts or any(part.startswith(_PRIVATE) for part in parts)
    wanted = file.suffix.lower() in EVERY_WORKBOOK + _NO_FORM and not is_converted(file)
    return not known and not wanted and file.is_file()


def _what(file: Path) -> str:
    ending = file.suffix.lower()
    if ending in EVERY_WORKBOOK:
        return _CONVERTED
    return next((said for endings, said in _KINDS.items() if ending in endings), _OTHER)


def lines_of(passed: Sequence[tuple[Path, str]]) -> list[str]:
    """What was passed over, for a terminal: the names of each kind in one line."""
    by_kind: dict[str, list[str]] = {}
    for file, said in passed:
        by_kind.setdefault(said, []).append(shown_path(file))
    lines = [f"  {'、'.join(names)}：{said}" for said, names in by_kind.items()]
    return [f"没有读 {len(passed)} 个文件：", *lines] if lines else []


def to_fill(given: Sequence[Path], output: Path | None) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The workbooks of files and folders, and what is passed over; of what lies where they are written only files."""
    found = (file for path in given for file in workbooks(path) if not (path.is_dir() and _lies_in(file, output)))
    return list(dict.fromkeys(found)), [one for one in passed_over(map(str, given)) if not _lies_in(one[0], output)]


def _lies_in(file: Path, folder: Path | None) -> bool:
    """Whether a file lies in a folder or below it, however both are written."""
    return folder is not None and folder.resolve() in file.resolve().parents


def not_replaced(path: Path, why: str = "") -> str:
    """That a file is there, and is left as it is because a person may have worked on it."""
    return f"{shown_path(path)}：已经有这个文件，{why}没有覆盖；请用 -o 换一个文件名"


def no_folder(path: Path) -> str:
    """That the folder is not there into which a file is to be written."""
    return f"{shown_path(path.parent)}：没有这个文件夹；请先建好，或换一个位置"


def is_one_of(path: Path, others: Iterable[Path]) -> bool:
    """Whether a path is a name of one of the files."""
    return any(same_file(path, other) for other in others)


def same_files(*paths: Path) -> Iterator[Hashable]:
    """What some paths have in common with other names of their files: where each leads, and the number of its file."""
    for path in paths:
        yield os.path.realpath(path)
        try:
            known = path.stat()
            yield known.st_dev, known.st_ino
        except (OSError, ValueError):  # not there, or a name that the system does not take
            continue
