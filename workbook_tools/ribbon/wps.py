"""The add-in of WPS: made from `macros/wps` and the ribbon and texts of Excel's, put where WPS looks for add-ins.

WPS reads `publish.xml` in its folder `jsaddons`; each entry names a folder beside it, name_version. Entries of other
add-ins stay as they are, byte for byte. The same sources, version and program give the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from workbook_tools import __version__
from workbook_tools.errors import FileRejected
from workbook_tools.excel import refused_by_system, save
from workbook_tools.ribbon import addin
from workbook_tools.text import regex

NAME = "self_eval"
FOLDER = f"{NAME}_{__version__}"
PUBLISHED = "publish.xml"
SETTINGS = "texts.js"
SOURCES = ("index.html", "manifest.xml", "host.js", "bridge.js", "ribbon.js")
ON_LINUX = tuple(
    Path(folder)
    for folder in (
        "/opt/kingsoft/wps-office/office6",
        "/opt/apps/cn.wps.wps-office-pro/files/kingsoft/wps-office/office6",
    )
)  # where WPS is installed
_SWITCH = regex(r"(?mi)^[ \t]*+JsApiPlugin[ \t]*+=[ \t]*+true\b")
_BEGIN = "const SE_SETTINGS = "
_ENTRY = (
    f'<jsplugin name="{NAME}" type="et" url="{FOLDER}" version="{__version__}" enable="enable_dev" install="null"/>'
)
_ELEMENT = regex(
    r"(?<![ \t])[ \t]*+(<(jsplugin(?:online)?)\b[^<>]*+(?:(?<=/)>|>[^<]*+</\2\s*+>))[ \t]*+\r?\n?"
)  # an entry with its line
_LINE = "\n"
_EMPTY = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<jsplugins>\n</jsplugins>\n'


class Installed(NamedTuple):
    """An add-in of ours in the folder of WPS.

    `current` says whether its files are of this version, `published` whether `publish.xml` names it.
    """

    path: Path
    version: str
    program: str
    current: bool
    published: bool


def addons_folder() -> Path:
    """Where WPS of this user looks for add-ins; raises `FileRejected` where that is not known."""
    roaming = os.environ.get("APPDATA")
    if sys.platform == "win32" and roaming:
        return Path(roaming) / "kingsoft" / "wps" / "jsaddons"
    if sys.platform == "linux":
        return Path.home() / ".local" / "share" / "Kingsoft" / "wps" / "jsaddons"
    raise FileRejected(
        "E_KIND", "不知道这台电脑上 WPS 的加载项文件夹（只认得 Windows 和 Linux 的）；请用 --to 指定文件夹"
    )


def switched_off() -> list[Path]:
    """The settings of each WPS on this Linux that do not switch add-ins on: such a WPS opens none, and says nothing.

    The administrator does, in the section Support; the file need not be there.
    """
    files = [folder / "cfgs" / "oem.ini" for folder in ON_LINUX if folder.is_dir()]
    return [path for path in files if not _SWITCH.search(_text(path))]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def program() -> tuple[str, str]:
    """The program that starts this installation, and what comes before its command.

    On Windows the Python that shows no console, where it is there.
    """
    if getattr(sys, "frozen", False):
        return sys.executable, ""
    own = Path(sys.executable)
    quiet = own.with_name("pythonw.exe")
    return str(quiet if own.name.lower() == "python.exe" and quiet.exists() else own), "-P -m workbook_tools"


def files(sources: Path, start: tuple[str, str]) -> dict[str, bytes]:
    """The files of the add-in by name."""
    ribbon = addin.ribbon(sources)
    controls = ElementTree.fromstring(ribbon).iter()
    settings = {
        "texts": addin.wps_texts(sources),
        "tags": {one.attrib["id"]: one.attrib["tag"] for one in controls if "tag" in one.attrib},
        "program": start[0],
        "parameters": start[1],
    }
    made = {name: (sources / "wps" / name).read_bytes().replace(b"\r\n", b"\n") for name in SOURCES}
    made["ribbon.xml"] = ribbon.encode()
    made[SETTINGS] = f'"use strict"\n{_BEGIN}{json.dumps(settings, indent=1)}\n'.encode("ascii")
    return made


def install(folder: Path, start: tuple[str, str]) -> Installed:
    """Puts the add-in into WPS's folder and names it in `publish.xml`; its older versions go.

    Raises `FileRejected`.
    """
    path = folder / FOLDER
    published = _published(folder)  # what cannot be read ends here, before anything is written
    if path.exists() and not _is_ours(path):
        raise FileRejected("E_KIND", f"{path} 不是本工具的加载项，没有改动；请改名或移走")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise FileRejected("E_SYSTEM", f"无法建立文件夹 {path}，请检查路径和权限") from None
    for name, data in files(addin.sources(), start).items():
        save(path / name, data, seen=None, keep=False)
    _publish(folder, published, _ENTRY)
    for older in _folders(folder):
        if older != path:
            shutil.rmtree(older, ignore_errors=True)
    return Installed(path, __version__, start[0], current=True, published=True)


def uninstall(folder: Path) -> list[Path]:
    """Removes our entry and our folders, and nothing of others.

    Raises `FileRejected`, also where nothing of ours is.
    """
    found = _folders(folder)
    published = _published(folder)
    named = _named(published[1])
    if not found and not named:
        raise FileRejected("E_MISSING", f"{folder} 里没有 {NAME}")
    if named:
        _publish(folder, published, "")
    try:
        for path in found:
            shutil.rmtree(path)
    except OSError:
        raise FileRejected("E_LOCKED", f"无法删除 {folder} 里的 {NAME}：请先退出 WPS，再试一次") from None
    return found


def installed(folder: Path) -> list[Installed]:
    """The versions of the add-in that stand in a folder; raises `FileRejected` when `publish.xml` cannot be read."""
    text = _published(folder)[1]
    entries = [one.attrib.get("url", "") for one in _entries(text) if one.attrib.get("name") == NAME]
    return [_read(path, published=path.name in entries) for path in _folders(folder)]


def _read(path: Path, *, published: bool) -> Installed:
    said = _settings(path)
    start = (str(said.get("program", "")), str(said.get("parameters", "")))
    made = files(addin.sources(), start)
    try:
        current = path.name == FOLDER and all((path / name).read_bytes() == data for name, data in made.items())
    except OSError:
        current = False
    return Installed(path, path.name.removeprefix(f"{NAME}_"), start[0], current, published)


def _settings(path: Path) -> dict[str, Any]:
    """What installing wrote into an add-in; empty where it cannot be read."""
    try:
        said = json.loads((path / SETTINGS).read_text("ascii").partition(_BEGIN)[2])
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{NAME}_*") if _is_ours(path))


def _is_ours(path: Path) -> bool:
    """Whether a folder holds an add-in of ours, or what is left of one."""
    try:
        return not path.is_symlink() and f"<Name>{NAME}</Name>" in (path / "manifest.xml").read_text("utf-8")
    except (OSError, ValueError):
        return False


def _published(folder: Path) -> tuple[bytes | None, str, str]:
    """The bytes of `publish.xml`, None without any, its text and its encoding; raises `FileRejected`."""
    path = folder / PUBLISHED
    try:
        data = path.read_bytes() if path.exists() else None
    except OSError as fault:
        raise refused_by_system(fault, "读取").at(path) from None
    if data is None or not data.strip():
        return data, _EMPTY, "utf-8"
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
        _entries(text)
    except (LookupError, ValueError, ElementTree.ParseError):
        raise FileRejected(
            "E_DAMAGED", f"{path} 已损坏，没有改动；请改名以后再安装（其他加载项要在 WPS 里重新安装）"
        ) from None
    return data, text, encoding


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    said = re.search(rb"""encoding\s*=\s*["']([\w.-]+)""", data[:200].partition(b"?>")[0])
    return said[1].decode("ascii") if said else "utf-8"


def _entries(text: str) -> list[ElementTree.Element]:
    """The entries of `publish.xml`; raises `ParseError` or `ValueError` where it is none."""
    if "<!DOCTYPE" in text:
        raise ValueError
    root = ElementTree.fromstring(re.sub(r"\A\s*<\?xml.*?\?>", "", text, flags=re.DOTALL))
    if root.tag != "jsplugins":
        raise ValueError
    return list(root)


def _publish(folder: Path, published: tuple[bytes | None, str, str], entry: str) -> None:
    """Writes `publish.xml` with this entry of ours and no other, in one step; raises `FileRejected`."""
    data, text, encoding = published
    new = _ELEMENT.sub(lambda found: "" if _is_named(found[1]) else found[0], text)
    if entry:
        new = re.sub(r"<jsplugins\s*/>", "<jsplugins>\n</jsplugins>", new)
        head, end, rest = new.rpartition("</jsplugins")
        kept = head.rstrip(" \t")
        new = f"{kept}{'' if kept.endswith(_LINE) else _LINE}  {entry}\n{head[len(kept) :]}{end}{rest}"
    if _named(new) != ([NAME] if entry else []) or _others(new) != _others(text):
        raise FileRejected("E_KIND", f"{folder / PUBLISHED} 的写法没有见过，没有改动；请把这个文件交给维护人员")
    save(folder / PUBLISHED, new.encode(encoding), seen=data, keep=False)


def _is_named(element: str) -> bool:
    """Whether an element is an entry of ours; what stands in a comment need not be one at all."""
    try:
        return ElementTree.fromstring(element).get("name") == NAME
    except ElementTree.ParseError:
        return False


def _named(text: str) -> list[str]:
    """The entries of ours."""
    return [NAME for one in _entries(text) if one.get("name") == NAME]


def _others(text: str) -> list[bytes]:
    """The entries of other add-ins."""
    return [ElementTree.tostring(one).strip() for one in _entries(text) if one.get("name") != NAME]
