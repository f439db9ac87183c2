"""The command `addin`: the buttons in Excel and in WPS installed, removed and shown, and a report of what is there."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import ExitCode
from workbook_tools.commands.files import not_replaced
from workbook_tools.errors import FileRejected
from workbook_tools.excel import save

if TYPE_CHECKING:
    from workbook_tools.ribbon.addin import Installed


def add_commands(commands: Any) -> None:
    """Adds the command to the parser's."""
    addin = commands.add_parser("addin", help="Excel 和 WPS 里的“绩效自评”按钮：安装、卸载、查看", add_help=False)
    addin.add_argument("-h", "--help", action="help", help="显示这段说明")
    addin.add_argument(
        "what",
        choices=["install", "uninstall", "status", "report", "build"],
        metavar="install|uninstall|status|report|build",
        help="安装、卸载、查看；report 收集版本和运行记录，写成一个 zip；build 由源文件重新构建（开发用）",
    )
    addin.add_argument("--wps", action="store_true", help="WPS 的加载项，不写就是 Excel 的")
    addin.add_argument("--to", metavar="文件夹", help="装到哪个文件夹，不写就是 Excel（WPS）的启动文件夹")
    addin.add_argument("--book", metavar="文件", help="report：把出问题的工作簿里的字也收进去")
    addin.add_argument("-o", "--output", metavar="文件", help="report：写到哪个 zip 文件（已有的文件不覆盖）")


def addin(options: argparse.Namespace) -> int:
    """Installs, removes, shows or builds an add-in, or writes a report."""
    if options.what == "report":
        return _report(options)
    if options.wps and options.what == "build":
        print("WPS 的加载项不用构建：安装时由 macros/wps 里的文件做成")
        return ExitCode.USAGE
    return _of_wps(options) if options.wps else _of_excel(options)


def _of_excel(options: argparse.Namespace) -> int:
    from workbook_tools.ribbon import addin

    try:
        if options.what == "build":
            path = Path(options.to) / addin.NAME if options.to else addin.sources() / addin.NAME
            save(path, addin.build(addin.sources()), seen=None, keep=False)
            print(f"已构建 {path}")
            return ExitCode.DONE
        folder = Path(options.to) if options.to else addin.startup_folder()
        if options.what == "install":
            made = addin.install(folder, addin.command_line())
            print(f"已安装 {made.path}")
            print(f"  按钮启动的程序：{made.command}")
            print("  请重新打开 Excel，功能区上会有“绩效自评”。没有的，看 docs/ribbon.md")
        elif options.what == "uninstall":
            print(f"已卸载 {addin.uninstall(folder)}；请重新打开 Excel")
        else:
            _status(addin.read_installed(folder / addin.NAME), addin.command_line())
    except FileRejected as refused:
        lacking = options.what in ("status", "uninstall") and refused.code == "E_MISSING"
        print(f"没有安装：{folder} 里没有 {addin.NAME}" if lacking else refused)
        return ExitCode.UNREADABLE
    return ExitCode.DONE


def _status(found: Installed, own: str) -> None:
    print(f"已安装 {found.path}")
    if not found.command:
        print("  还不知道启动哪个程序，请运行 workbook_tools addin install")
        return
    print(f"  按钮启动的程序：{found.command}")
    if not found.current:
        print("  插件和这里的程序不是同一个版本，请退出 Excel，运行 workbook_tools addin install")
    if found.command != own:
        print(f"  和这里的程序不一样（{own}）；要换成这里的，请运行 workbook_tools addin install")


def _of_wps(options: argparse.Namespace) -> int:
    from workbook_tools.ribbon import wps

    try:
        folder = Path(options.to) if options.to else wps.addons_folder()
        if options.what == "install":
            made = wps.install(folder, wps.program())
            print(f"已安装 {made.path}（版本 {made.version}），并写进 {folder / wps.PUBLISHED}")
            print(f"  按钮启动的程序：{made.program}")
            print("  请完全退出 WPS 再打开；WPS 问是否信任这个加载项的，选信任，再重新打开一次")
            _switched_off()
            print("  没有“绩效自评”的，看 docs/ribbon.md")
        elif options.what == "uninstall":
            for path in wps.uninstall(folder):
                print(f"已卸载 {path}")
            print(f"已从 {folder / wps.PUBLISHED} 删去；请重新打开 WPS")
        else:
            return _status_of_wps(wps.installed(folder), folder, wps.program()[0])
    except FileRejected as refused:
        lacking = options.what == "uninstall" and refused.code == "E_MISSING"
        print(f"没有安装：{folder} 里没有 WPS 的加载项" if lacking else refused)
        return ExitCode.UNREADABLE
    return ExitCode.DONE


def _status_of_wps(found: list[Any], folder: Path, own: str) -> int:
    again = "请退出 WPS，运行 workbook_tools addin install --wps"
    if not found:
        print(f"没有安装：{folder} 里没有 WPS 的加载项")
        return ExitCode.UNREADABLE
    for one in found:
        print(f"已安装 {one.path}（版本 {one.version}）")
        print(f"  按钮启动的程序：{one.program or '不知道'}")
        if not one.published:
            print(f"  {folder / 'publish.xml'} 里没有写这个版本，WPS 不会打开它；{again}")
        if not one.current:
            print(f"  加载项和这里的程序不是同一个版本，或者文件被改动了；{again}")
        if one.program != own:
            print(f"  和这里的程序不一样（{own}）；要换成这里的，{again}")
    _switched_off()
    return ExitCode.DONE


def _switched_off() -> None:
    from workbook_tools.ribbon import wps

    for path in wps.switched_off():
        print(f"  {path} 里没有 JsApiPlugin=true，这个 WPS 可能不打开任何加载项，也不提示；")
        print("  请管理员在它的 [Support] 下面加上这一行（没有 [Support] 的一起加上），再重新打开 WPS")


def _report(options: argparse.Namespace) -> int:
    from workbook_tools.ribbon import addin, report, wps

    path = Path(options.output or f"绩效自评报告_{time.strftime('%Y%m%d_%H%M%S')}.zip")
    if path.exists():
        print(not_replaced(path))
        return ExitCode.USAGE
    if options.book and not Path(options.book).is_file():
        print(f"{options.book}：找不到这个文件，请检查路径和文件名")
        return ExitCode.USAGE
    excel, addons = _if_known(addin.startup_folder), _if_known(wps.addons_folder)
    items = report.collect(excel, addons, Path(options.book) if options.book else None)
    print("报告里有这些（邮箱、密码和用户文件夹的名字都已经去掉）：")
    for item in items:
        print(f"  {item.name}：{item.about}")
    save(path, report.zipped(items), seen=None, keep=False)
    print(f"已写到 {path}。发给别人以前，请先打开看一遍。")
    return ExitCode.DONE


def _if_known(find: Callable[[], Path]) -> Path | None:
    try:
        return find()
    except FileRejected:
        return None
