"""The add-in of Excel: built from the sources in `macros`, put where Excel loads it, with the command it starts inside.

The sources are the ribbon (ribbon.xml), three VBA modules in ASCII, and the texts that they show (texts.toml). The
texts go onto the sheet `ui`; its row `command` is written on installing. The same sources give the same bytes.
"""

from __future__ import annotations

import io
import os
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from workbook_tools.errors import FileRejected
from workbook_tools.excel import Book, read_file, save
from workbook_tools.ribbon.vba_project import PART, project
from workbook_tools.schemes.loading import form_names, load_scheme

NAME = "self_eval.xlam"
MODULES = ("Ribbon", "Bridge", "Host")
UI = "ui"
COMMAND = "command"
_MENU = "<!-- one button for each scheme: written by the build -->"
_LONGEST_LABEL = 60
_NEVER = (1980, 1, 1, 0, 0, 0)  # the time of every part, so that a rebuild gives the same bytes

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = {
    "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    "/xl/worksheets/sheet1.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "/xl/styles.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
    "/xl/vbaProject.bin": "application/vnd.ms-office.vbaProject",
}
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs '
    'count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" '
    'fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)


class Installed(NamedTuple):
    """An add-in in a folder: where it is, what it starts ("" for nothing), and whether it is of this version."""

    path: Path
    command: str
    current: bool


def sources() -> Path:
    """The folder of the sources and of the built add-in: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "macros"
    return inside if inside.is_dir() else package.parent / "macros"


def build(folder: Path) -> bytes:
    """The add-in that the sources in `folder` make; raises `FileRejected` when they cannot be used."""
    vba = project({name: _module(folder / f"{name}.bas") for name in MODULES})
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _links(
            (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
            ("http://schemas.microsoft.com/office/2006/relationships/ui/extensibility", "customUI/customUI.xml"),
        ),
        "customUI/customUI.xml": ribbon(folder),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr codeName="ThisWorkbook"/><sheets>'
            f'<sheet name="{UI}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _links(
            (f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
            (f"{_OFFICE}/styles", "styles.xml"),
            ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"),
        ),
        "xl/styles.xml": _HEAD + _STYLES,
        "xl/worksheets/sheet1.xml": _sheet(texts(folder)),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, _NEVER), content, zipfile.ZIP_DEFLATED)
        package.writestr(zipfile.ZipInfo(PART, _NEVER), vba, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def ribbon(folder: Path) -> str:
    """The ribbon with one entry in its menu 新建自评表 for each scheme."""
    entries = []
    for name in form_names():
        title = load_scheme(name).title
        label = title if len(title) <= _LONGEST_LABEL else f"{title[: _LONGEST_LABEL - 1]}…"
        entries.append(f'<button id="seNew_{name}" tag="{name}" label={quoteattr(label)} onAction="SE_New"/>')
    return (folder / "ribbon.xml").read_text("utf-8").replace(_MENU, "\n            ".join(entries))


def texts(folder: Path) -> dict[str, str]:
    """What the macros of Excel show, by name."""
    return {name: words.strip("\n") for name, words in _table(folder).items() if isinstance(words, str)}


def wps_texts(folder: Path) -> dict[str, str]:
    """What the add-in of WPS shows, by name: as in Excel, but for the table `wps`."""
    return texts(folder) | {name: str(words).strip("\n") for name, words in _table(folder)["wps"].items()}


def _table(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "texts.toml").read_text("utf-8"))


def command_line() -> str:
    """What starts this installation, as a command line: the frozen program, or Python with this package.

    With -P Python takes no module from the folder where Excel happens to be, which may hold files of anybody.
    """
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-m", "workbook_tools"]
    return " ".join(f'"{word}"' if " " in word or os.sep in word else word for word in start)


def startup_folder() -> Path:
    """The folder whose workbooks Excel opens when it starts; raises `FileRejected` where that is not known."""
    roaming = os.environ.get("APPDATA")
    if sys.platform != "win32" or not roaming:
        raise FileRejected("E_KIND", "不知道这台电脑上 Excel 的启动文件夹（只认得 Windows 的）；请用 --to 指定文件夹")
    return Path(roaming) / "Microsoft" / "Excel" / "XLSTART"


def install(folder: Path, command: str) -> Installed:
    """Puts the add-in, with `command` inside, into a folder; raises `FileRejected`."""
    path = folder / NAME
    if path.exists():
        read_installed(path)  # another's file of that name is not replaced
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise FileRejected("E_SYSTEM", f"无法建立文件夹 {folder}，请检查路径和权限") from None
    try:
        save(path, _with(command), seen=None, keep=False)
    except FileRejected as refused:
        if refused.code != "E_LOCKED":
            raise
        raise FileRejected("E_LOCKED", f"无法写入 {path}：请先退出 Excel，再试一次；原来的插件没有改动") from None
    return Installed(path, command, current=True)


def _with(command: str) -> bytes:
    """The add-in of this version with the command inside."""
    book = Book(read_file(sources() / NAME))
    sheet = book.sheet(next(info for info in book.sheets if info.name == UI))
    row = next(row for row, column in sheet.filled() if column == 1 and sheet.text((row, 1)) == COMMAND)
    sheet.write((row, 2), command)
    return book.saved() or b""


def read_installed(path: Path) -> Installed:
    """The add-in at `path`; raises `FileRejected` when there is none, or it is damaged or not ours."""
    try:
        data = read_file(path)
        book = Book(data)
    except FileRejected as refused:
        if refused.code not in ("E_DAMAGED", "E_EMPTY"):
            raise
        raise FileRejected("E_DAMAGED", f"{path} 已损坏，没有改动；请删除这个文件，再安装") from None
    info = next((info for info in book.sheets if info.name == UI), None)
    if info is None:
        raise FileRejected("E_KIND", f"{path} 不是本工具的插件，没有改动；请改名或移走")
    sheet = book.sheet(info)
    said = {sheet.text((row, 1)): sheet.text((row, 2)) for row in range(1, sheet.size[0] + 1)}
    if COMMAND not in said or "mark" not in said:
        raise FileRejected("E_KIND", f"{path} 不是本工具的插件，没有改动；请改名或移走")
    return Installed(path, said[COMMAND], current=data == _with(said[COMMAND]))


def uninstall(folder: Path) -> Path:
    """Removes the add-in from a folder; raises `FileRejected` when it is not there, not ours, or open in Excel."""
    path = folder / NAME
    read_installed(path)
    try:
        path.unlink()
    except OSError:
        raise FileRejected("E_LOCKED", f"无法删除 {path}：请先退出 Excel，再试一次") from None
    return path


def _module(path: Path) -> str:
    """The source of a module with the line ends of VBA; raises `FileRejected` for a character that VBA cannot keep."""
    text = path.read_text("utf-8")
    if not text.isascii():
        raise FileRejected("E_KIND", f"{path.name} 里有 ASCII 以外的字，VBA 存不下；要显示的字请写在 texts.toml")
    return "\r\n".join(text.splitlines()) + "\r\n"


def _sheet(rows: Mapping[str, str]) -> str:
    cells = (
        f'<row r="{number}">{_text(f"A{number}", name)}{_text(f"B{number}", words)}</row>'
        for number, (name, words) in enumerate(rows.items(), 1)
    )
    data = f"<sheetData>{''.join(cells)}</sheetData>"
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/>{data}</worksheet>'


def _text(cell: str, words: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{escape(words)}</t></is></c>' if words else ""


def _content_types() -> str:
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in _TYPES.items())
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>"
    )


def _links(*links: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'
