"""The files of all schemes: the official ones, and those of the folders that a person names.

A folder is named with `--schemes`, in the environment, or is `schemes` in the folder of settings. It is one scheme
(DIR/scheme.toml) or holds several (DIR/NAME/scheme.toml); a scheme is called as its folder is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from workbook_tools.errors import BadScheme
from workbook_tools.folders import settings_folder

OFFICIAL = Path(__file__).parents[1] / "official"  # one folder for each official form
VARIABLE = "WORKBOOK_TOOLS_SCHEMES"  # folders, separated as in PATH
FILE = "scheme.toml"
FORM = ("form.xlsx", "form.xlsm")  # the empty form of a scheme that is not official


def own_folder() -> Path:
    """The folder of a user's own schemes and of the answers about forms, whether it exists or not."""
    return settings_folder() / "schemes"


@contextmanager
def schemes_from(folder: str | None) -> Iterator[None]:
    """While it lasts, the schemes of a folder are known too, also in processes that are started."""
    before = os.environ.get(VARIABLE)
    if folder is not None:
        os.environ[VARIABLE] = os.pathsep.join(filter(None, (folder, before)))
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before


def scheme_files() -> dict[str, Path]:
    """Name → file of every scheme, sorted; raises `BadScheme` for two of one name and for a folder without any."""
    found = dict(_official())
    for path in outside_files():
        name = path.parent.name
        if name in found and found[name] != path:
            raise BadScheme(f"有两个评分办法都叫“{name}”：{found[name]} 和 {path}；请把其中一个文件夹改名")
        found[name] = path
    return dict(sorted(found.items()))


def outside_files() -> list[Path]:
    """The files of the schemes that are not official; raises `BadScheme` for a folder without any."""
    named = [Path(folder) for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    listed = [path for folder in dict.fromkeys(folder.resolve() for folder in named) for path in _named(folder)]
    own = own_folder()
    return list(dict.fromkeys([*listed, *(sorted(own.resolve().glob(f"*/{FILE}")) if own.is_dir() else [])]))


def empty_form(name: str) -> Path | None:
    """The empty form as its bureau prints it, beside a scheme that is not official; None where there is none."""
    folder = scheme_files()[name].parent
    return next((path for form in FORM if (path := folder / form).is_file()), None)


def is_official(name: str) -> bool:
    """Whether a scheme belongs to the package."""
    return name in _official()


@cache
def _official() -> dict[str, Path]:
    return {path.parent.name: path for path in OFFICIAL.glob(f"*/{FILE}")}


def _named(folder: Path) -> list[Path]:
    if (alone := folder / FILE).is_file():
        return [alone]
    found = sorted(folder.glob(f"*/{FILE}"))
    if not found:
        lacking = "里面没有评分办法（scheme.toml）" if folder.is_dir() else "没有这个文件夹"
        raise BadScheme(f"{folder}：{lacking}；请核对 --schemes 或环境变量 {VARIABLE}")
    return found
