"""The add-in of WPS in WPS's folder: the same bytes each time, and `publish.xml` with the entries of others as they were."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from places import ROOT
from workbook_tools import __version__
from workbook_tools.commands.main import main
from workbook_tools.errors import FileRejected
from workbook_tools.ribbon import addin, report, wps

START = ("/opt/工具/python", "-P -m workbook_tools")
OURS = f'<jsplugin name="self_eval" type="et" url="self_eval_{__version__}" version="{__version__}" enable="enable_dev" install="null"/>'
OTHERS = """<?xml version="1.0" encoding="UTF-8"?>
<!-- 别的 -->
<jsplugins>
    <jspluginonline name="OA 助手" type="wps" url="http://127.0.0.1:3889/" enable="enable_dev" install="null"/>
\t<jsplugin url="x_1" name='self_evaluation' type="et"
      version="1"></jsplugin><jsplugin name="b" type="et"/>
</jsplugins>
"""


def published(folder: Path) -> str:
    return (folder / wps.PUBLISHED).read_text("utf-8")


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (wps.install(tmp_path / name, START).path for name in "ab")
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted([*wps.SOURCES, "ribbon.xml", wps.SETTINGS])
    assert [(one / name).read_bytes() for name in names] == [(other / name).read_bytes() for name in names]


def test_the_settings_hold_the_program_the_texts_and_the_tags(tmp_path: Path) -> None:
    text = (wps.install(tmp_path, START).path / wps.SETTINGS).read_text("ascii")
    said = json.loads(text.partition("= ")[2])
    assert (said["program"], said["parameters"]) == START
    assert said["texts"] == addin.wps_texts(addin.sources())
    assert said["tags"]["seNew_guangzhou_2021"] == "guangzhou_2021"
    assert said["tags"]["seAbout"] == "about"


@pytest.mark.parametrize(
    "before", [None, "", OTHERS, OTHERS.replace("\n", "\r\n")], ids=["none", "empty", "others", "CRLF"]
)
def test_the_entries_of_others_stay_as_they_are(before: str | None, tmp_path: Path) -> None:
    path = tmp_path / wps.PUBLISHED
    if before is not None:
        path.write_bytes(before.encode())
    for _ in range(2):  # the second time changes nothing
        wps.install(tmp_path, START)
        now = path.read_bytes().decode()
        assert now.count(OURS) == now.count('name="self_eval"') == 1
        assert ElementTree.fromstring(now)[-1].attrib["url"] == f"self_eval_{__version__}"
        if before:
            assert now.replace(f"  {OURS}\n", "") == before
    wps.uninstall(tmp_path)
    assert path.read_bytes().decode() == (
        before or '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<jsplugins>\n</jsplugins>\n'
    )
    assert [one.name for one in tmp_path.iterdir()] == [wps.PUBLISHED]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_stays(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / wps.PUBLISHED
    path.write_bytes(OTHERS.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding))
    before = path.read_bytes()
    wps.install(tmp_path, START)
    assert OURS in path.read_bytes().decode(encoding)
    wps.uninstall(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("root", ["<jsplugins/>", "<jsplugins></jsplugins>", "<jsplugins />"])
def test_a_list_without_entries_gets_ours(root: str, tmp_path: Path) -> None:
    (tmp_path / wps.PUBLISHED).write_text(root, "utf-8")
    wps.install(tmp_path, START)
    assert [one.get("name") for one in ElementTree.fromstring(published(tmp_path))] == ["self_eval"]


def test_an_older_version_goes_and_its_entry_too(tmp_path: Path) -> None:
    older = tmp_path / "self_eval_0.0.9"
    made = wps.install(tmp_path, START).path
    made.rename(older)
    entry = '<jsplugin name="self_eval" type="et" url="self_eval_0.0.9" version="0.0.9" enable="disable"></jsplugin>'
    (tmp_path / wps.PUBLISHED).write_text(OTHERS.replace("</jsplugins>", f"{entry}\n</jsplugins>"), "utf-8")
    (found,) = wps.installed(tmp_path)
    assert (found.version, found.current, found.published) == ("0.0.9", False, True)
    wps.install(tmp_path, START)
    assert not older.exists()
    assert published(tmp_path) == OTHERS.replace("</jsplugins>", f"  {OURS}\n</jsplugins>")


@pytest.mark.parametrize(
    "text",
    [
        "<jsplugins>",
        "<other/>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><jsplugins>&a;</jsplugins>",
        '<?xml version="1.0" encoding="x"?><jsplugins/>',
    ],
)
def test_a_list_that_cannot_be_read_is_named_and_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / wps.PUBLISHED).write_text(text, "utf-8")
    for act in (lambda: wps.install(tmp_path, START), lambda: wps.uninstall(tmp_path), lambda: wps.installed(tmp_path)):
        with pytest.raises(FileRejected, match="已损坏，没有改动"):
            act()
    assert [path.name for path in tmp_path.iterdir()] == [wps.PUBLISHED]
    assert published(tmp_path) == text


def test_another_s_entry_that_only_mentions_ours_stays(tmp_path: Path) -> None:
    text = """<jsplugins>\n<jsplugin desc='like name="self_eval"' name="b"/>\n</jsplugins>"""
    (tmp_path / wps.PUBLISHED).write_text(text, "utf-8")
    wps.install(tmp_path, START)
    assert published(tmp_path) == text.replace("</jsplugins>", f"  {OURS}\n</jsplugins>")
    wps.uninstall(tmp_path)
    assert published(tmp_path) == text


def test_a_list_that_is_written_in_an_unknown_way_is_left_alone(tmp_path: Path) -> None:
    """An entry of ours with something inside is none that WPS or this program writes."""
    text = '<jsplugins><jsplugin name="self_eval"><b/></jsplugin></jsplugins>'
    (tmp_path / wps.PUBLISHED).write_text(text, "utf-8")
    with pytest.raises(FileRejected, match="写法没有见过，没有改动"):
        wps.install(tmp_path, START)
    assert published(tmp_path) == text


def test_another_s_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / wps.FOLDER
    folder.mkdir()
    (folder / "main.js").write_text("theirs", "utf-8")
    with pytest.raises(FileRejected, match="不是本工具的加载项，没有改动"):
        wps.install(tmp_path, START)
    with pytest.raises(FileRejected):
        wps.uninstall(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == [wps.FOLDER, "main.js"]


def test_a_list_that_changes_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / wps.PUBLISHED
    path.write_text(OTHERS, "utf-8")
    files = wps.files

    def slow(sources: Path, start: tuple[str, str]) -> dict[str, bytes]:
        path.write_text(OTHERS.replace("OA 助手", "别的"), "utf-8")
        return files(sources, start)

    monkeypatch.setattr(wps, "files", slow)
    with pytest.raises(FileRejected, match="被别的程序改动了"):
        wps.install(tmp_path, START)
    assert published(tmp_path) == OTHERS.replace("OA 助手", "别的")


def test_status_tells_what_stands_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = ["--wps", "--to", str(tmp_path)]
    assert main(["addin", "status", *to]) == 3
    assert main(["addin", "install", *to]) == 0
    capsys.readouterr()
    assert main(["addin", "status", *to]) == 0
    assert (
        capsys.readouterr().out
        == f"已安装 {tmp_path / wps.FOLDER}（版本 {__version__}）\n  按钮启动的程序：{sys.executable}\n"
    )
    (tmp_path / wps.FOLDER / "bridge.js").write_text("changed", "utf-8")
    (tmp_path / wps.PUBLISHED).write_text("<jsplugins/>", "utf-8")
    assert main(["addin", "status", *to]) == 0
    said = capsys.readouterr().out
    assert "publish.xml 里没有写这个版本，WPS 不会打开它" in said
    assert "文件被改动了" in said
    assert main(["addin", "uninstall", *to]) == 0
    assert main(["addin", "uninstall", *to]) == 3
    assert capsys.readouterr().out.endswith(f"没有安装：{tmp_path} 里没有 WPS 的加载项\n")


# What the administrator's settings say → whether WPS opens add-ins at all.
SETTINGS = {
    "": False,
    "[Support]\nJsApiPlugin=true\n": True,
    "[Setup]\nX=1\n[Support]\r\n  jsapiplugin = True\r\n": True,
    "[Support]\nJsApiPlugin=false\n": False,
    "[Support]\n#JsApiPlugin=true\n": False,
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_wps_on_linux_that_opens_no_add_in_is_told(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """WPS 11.1 for Linux was seen to leave out every add-in without this line, and to say nothing."""
    office, folder = tmp_path / "office6", tmp_path / "jsaddons"
    path = office / "cfgs" / "oem.ini"
    monkeypatch.setattr(wps, "ON_LINUX", (office, tmp_path / "not installed"))
    path.parent.mkdir(parents=True)
    if settings:
        path.write_text(settings, "utf-8")
    for what in ("install", "status"):
        assert main(["addin", what, "--wps", "--to", str(folder)]) == 0
        said = capsys.readouterr().out
        assert (f"{path} 里没有 JsApiPlugin=true" in said) is not SETTINGS[settings]
    told = next(item.text for item in report.collect(None, folder, None) if item.name == "addins.txt")
    assert ("没有 JsApiPlugin=true" in told) is not SETTINGS[settings]


def test_a_program_elsewhere_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wps.install(tmp_path, START)
    assert main(["addin", "status", "--wps", "--to", str(tmp_path)]) == 0
    assert f"和这里的程序不一样（{sys.executable}）" in capsys.readouterr().out


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_it_goes_where_wps_looks(platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    place = {"linux": ".local/share/Kingsoft/wps/jsaddons", "win32": "Roaming/kingsoft/wps/jsaddons"}[platform]
    assert wps.addons_folder() == tmp_path / place


def test_on_windows_the_python_without_a_console_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("python.exe", "pythonw.exe"):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    assert wps.program() == (str(tmp_path / "pythonw.exe"), "-P -m workbook_tools")
    os.remove(tmp_path / "pythonw.exe")
    assert wps.program()[0] == str(tmp_path / "python.exe")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert wps.program() == (str(tmp_path / "python.exe"), "")


def test_a_wheel_holds_what_installing_needs() -> None:
    held = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '"macros" = "workbook_tools/macros"' in held
    assert {path.name for path in (addin.sources() / "wps").iterdir()} == {*wps.SOURCES, "globals.d.ts"}
