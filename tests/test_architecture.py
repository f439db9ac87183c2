"""The house: who may import whom, what no module may contain, and which characters a clerk's console must know."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "workbook_tools"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}

# Every folder and module of the top, from the doors down to what everybody may use. Imports point down this list only.
ORDER = (
    *("commands", "web", "ribbon", "mail", "review", "reports", "summary", "template", "batch"),
    *("claims", "actuals", "targets", "data_files", "recalc", "fill", "assess", "findings"),
    *("checks", "scoring", "forms", "schemes", "excel", "terminal", "moments", "values", "errors"),
)
# Heavy package → the only folders and modules that may import it.
DOORS = {
    "openpyxl": {"actuals", "excel", "recalc", "reports", "ribbon", "summary", "template"},
    "xlwings": {"excel.live"},
    "pandas": {"actuals", "summary"},
    "formulas": {"recalc"},
    "ironcalc": {"excel.calculation"},
    "lxml": set[str](),
    "pyopenvba": {"ribbon.addin"},
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def owner(module: str) -> str:
    """The folder or module of the top that a module belongs to."""
    return module.partition(".")[0]


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("__")])
def test_imports_point_down(module: str) -> None:
    ours = {name.split(".")[1] for name in imports(MODULES[module]) if name.startswith("workbook_tools.")}
    above = ORDER[: ORDER.index(owner(module))]
    assert not ours & set(above)


@pytest.mark.parametrize("module", MODULES)
def test_heavy_packages_have_one_door_each(module: str) -> None:
    used = {name.partition(".")[0] for name in imports(MODULES[module])} & DOORS.keys()
    assert all(DOORS[package] & {owner(module), module} for package in used)


def test_the_top_is_small() -> None:
    assert len([module for module in MODULES if "." not in module]) <= 15


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_says_what_it_is(module: str) -> None:
    text = MODULES[module].read_text("utf-8")
    assert len(text.splitlines()) <= 400
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{module}.{node.name}"
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)], "assert in product code"


@pytest.mark.parametrize(
    "module",
    [
        m
        for m in MODULES
        if owner(m) in ("values", "moments", "schemes", "scoring", "forms", "fill", "checks") and m != "forms.naming"
    ],  # how like two names are is no score
)
def test_scores_are_never_floats(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    floats = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "float"]
    assert not floats + names


PAGE = runpy.run_path(str(PACKAGE.parent / "docs" / "architecture.py"))


def test_the_page_of_the_architecture_is_up_to_date() -> None:
    """Otherwise: python docs/architecture.py."""
    assert PAGE["page"]() == PAGE["PAGE"].read_text("utf-8")


def test_the_page_of_the_architecture_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:workbook_tools|tests|docs)/[^`]+)`", PAGE["PAGE"].read_text("utf-8"))
    assert named
    assert not [path for path in named if not (PACKAGE.parent / path).exists()]


def test_there_is_one_pipeline() -> None:
    assert [path.name for path in PAGE["pipelines"]()] == ["assess.py"]


# Signs that forms are written with and that are only ever read, never shown by themselves.
ONLY_READ = set("⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳☆¶≧⩾≦⩽﹦═−–﹣﹪㎡¥\u200b\ufeff")


@pytest.mark.parametrize("path", [*MODULES.values(), *PACKAGE.rglob("*.toml")], ids=lambda path: path.name)
def test_every_character_shown_is_one_that_gbk_has(path: Path) -> None:
    shown = set(path.read_text("utf-8")) - ONLY_READ
    assert not {character for character in shown if not character.encode("gbk", errors="ignore")}


@pytest.mark.slow
def test_the_quick_selection_has_tests_of_every_folder() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    tested = set(re.findall(r"^tests/(\w+)/", run.stdout, re.MULTILINE))
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert not folders - tested
