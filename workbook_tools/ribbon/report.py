"""A report of what stands on a computer, for whoever looks after the tool: versions, log, add-ins, the last runs.

Mail addresses, passwords and the name of the user's folder are taken out of everything. A workbook goes in as the text
of its cells, because nothing can be taken out of a file that holds pictures and parts of other programs.
"""

from __future__ import annotations

import io
import json
import os
import platform
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from workbook_tools import __version__
from workbook_tools.errors import FileRejected, WorkbookToolsError
from workbook_tools.excel import Book, column_letters, read_file
from workbook_tools.ribbon import actions, addin, log, wps
from workbook_tools.ribbon.macro_calls import Row, answer_json
from workbook_tools.text import regex

_PACKAGES = ("xlwings", "pywin32", "openpyxl", "pandas", "python-calamine", "ironcalc", "lxml", "keyring")
_MAIL = regex(r"(?<![\w.+%-])[\w.+%-]++\s*+[@＠]\s*+[\w-]++(?:\s*+[.．]\s*+[\w-]++)*+")
_SECRET = regex(
    r"""(?i)((?:password|passwd|pwd|密码|授权码|口令)["\w']{0,20}+\s{0,5}+[:=：＝]\s{0,5}+)(?:"[^"\n]*"|'[^'\n]*'|\S+)"""
)
_MOST_RUNS = 5


class Item(NamedTuple):
    """A file of the report, and what it is, as the clerk is told."""

    name: str
    about: str
    text: str


def collect(excel: Path | None, addons: Path | None, book: Path | None) -> list[Item]:
    """What goes into the report: of the folders of Excel and WPS, None where they are not known, and of a workbook."""
    items = [
        Item("versions.txt", "系统、Excel、WPS、Python 和本工具的版本", _versions()),
        Item("addins.txt", "插件和加载项装在哪里、启动哪个程序", _addins(excel, addons)),
    ]
    if log.path().exists():
        items.append(Item("ribbon.log", "按钮的运行记录：时间、动作、结果、出错的位置", _read(log.path())))
    lists = [addons / name for name in (wps.PUBLISHED, "jsplugins.xml", "authaddin.json")] if addons else []
    items += [Item(f"wps/{path.name}", "WPS 的加载项名单", _read(path)) for path in lists if path.exists()]
    for number, folder in enumerate(_runs(), 1):
        for path in sorted(folder.iterdir()):
            about = "没有做完的一步留下的：程序的请求和结果（不含工作簿）"
            if path.suffix in (".json", ".started"):
                items.append(Item(f"run_{number}/{path.name}", about, _read(path)))
            elif path.stem == folder.name and path.suffix == ".xlsx":
                items.append(Item(f"run_{number}/answer.txt", about, _guarded(_cells, path)))
    if book:
        items.append(Item("book.txt", "您给的工作簿里每一格的字和公式（不是工作簿本身）", _guarded(_cells, book)))
        for action, act in (("fill", actions.fill), ("check", actions.check)):
            about = "“填表”“校验”在这个工作簿的副本上得出的结果"
            items.append(Item(f"book_{action}.json", about, _guarded(_answered(act), book)))
    return [item._replace(text=without_secrets(item.text)) for item in items]


def zipped(items: list[Item]) -> bytes:
    """The report as a zip file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in items:
            archive.writestr(item.name, item.text.encode("utf-8", "replace"))
    return made.getvalue()


def without_secrets(text: str) -> str:
    """The text without mail addresses, passwords and the name of the user's folder."""
    for home in {str(Path.home()), Path.home().as_posix(), json.dumps(str(Path.home()))[1:-1]} - {"", "/"}:
        text = text.replace(home, "~")
    for name, value in os.environ.items():
        if "PASSWORD" in name.upper() and len(value) > 2:
            text = text.replace(value, "（密码）")
    return _SECRET.sub(r"\1（密码）", _MAIL.sub("（邮箱）", text))


def _versions() -> str:
    lines = [f"workbook_tools {__version__}", f"Python {sys.version}", f"{sys.executable}", platform.platform()]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{package} 没有安装")
    return "\n".join([*lines, *_offices(), ""])


def _offices() -> Iterator[str]:
    """Excel and WPS as far as this system says where they are."""
    if sys.platform == "win32":
        import winreg

        for name, key, value in (
            ("Excel", r"Excel.Application\CurVer", ""),
            ("WPS 表格", r"KET.Sheet.12\shell\new\command", ""),
            ("WPS 表格（自动化）", r"Ket.Application\CurVer", ""),
        ):
            try:
                said, _ = winreg.QueryValueEx(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, key), value)
            except OSError:
                said = "没有找到"
            yield f"{name} {said}"
    else:
        found = [str(folder / "et") for folder in wps.ON_LINUX if (folder / "et").exists()]
        yield f"WPS {'、'.join(found) or '没有找到'}"


def _addins(excel: Path | None, addons: Path | None) -> str:
    lines = [f"自己的程序：{addin.command_line()}"]
    if excel:
        try:
            lines.append(f"Excel：{addin.read_installed(excel / addin.NAME)}")
        except FileRejected as refused:
            lines.append(f"Excel：{excel}：{refused}")
    if addons:
        try:
            lines += [f"WPS：{one}" for one in wps.installed(addons)] or [f"WPS：{addons} 里没有"]
        except FileRejected as refused:
            lines.append(f"WPS：{refused}")
    lines += [f"WPS：{path} 里没有 JsApiPlugin=true" for path in wps.switched_off()]
    return "\n".join([*lines, ""])


def _runs() -> list[Path]:
    """The folders of steps that were not finished, the newest first."""
    found = [path for path in Path(tempfile.gettempdir()).glob("workbook_tools_*_*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[:_MOST_RUNS]


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as fault:
        return f"无法读取：{fault}"
    if path.suffix != ".json":
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        return text


def _guarded(make: Callable[[Path], str], path: Path) -> str:
    try:
        return make(path)
    except WorkbookToolsError as refused:
        return f"{refused.code} {refused}\n"
    except Exception:  # a report tells of the fault, whatever it is
        import traceback

        return traceback.format_exc()


def _cells(path: Path) -> str:
    """Every filled cell: sheet, cell, formula, text."""
    book = Book(read_file(path))
    lines = []
    for info in book.sheets:
        sheet = book.sheet(info)
        for cell in sorted(sheet.filled()):
            said = f"{sheet.formula(cell)} → {sheet.text(cell)}" if sheet.formula(cell) else sheet.text(cell)
            lines.append(f"{info.name}!{column_letters(cell[1])}{cell[0]}\t{said!r}")
    return "\n".join([*lines, ""])


def _answered(act: Callable[[Book, str], list[Row]]) -> Callable[[Path], str]:
    def answer(path: Path) -> str:
        rows = json.loads(answer_json(act(Book(read_file(path)), path.name)))
        return json.dumps(rows, ensure_ascii=False, indent=1)

    return answer
