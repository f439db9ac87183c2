"""The house: who may import whom, what no module may contain, and which characters a clerk's console must know."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "workbook_tools"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}

# Module → what it may import of ours. `form` and `book` know the three sorts of computed values from `values`.
MAY_IMPORT = {
    "values": set[str](),
    "moments": {"values"},
    "terminal": set[str](),
    "form": {"values"},
    "book": {"values"},
    "scheme": {"values"},
    "layout": {"form", "values"},
    "placing": {"form", "layout", "values"},
    "reading": {"form", "layout", "values"},  # of values the unit of money that is printed
    "joined": {"layout", "values"},
    "scoring": {"form", "moments", "scheme", "values"},
    "explain": {"scheme", "scoring", "values"},  # of scoring the words that are asked about
    "checks": {"form", "moments", "scheme", "scoring", "values"},  # of scoring only how two values compare
    "naming": {"form", "joined", "layout", "reading", "values"},
    "recognition": {"book", "joined", "layout", "scheme"},
    "fill": {
        "recognition",
        "book",
        "form",
        "joined",
        "layout",
        "naming",
        "placing",
        "reading",
        "scheme",
        "scoring",
        "values",
    },
    "drawing": {"terminal"},  # the width of Chinese text
    "template": {
        "recognition",
        "book",
        "drawing",
        "explain",
        "fill",  # a form with the rows of data is filled to see which formulas give what the data says
        "form",
        "joined",
        "layout",
        "naming",
        "placing",
        "reading",
        "scheme",
        "scoring",
        "targets",
        "terminal",
        "values",
    },
    "listing": {"book"},
    "checking": {
        "recognition",
        "book",
        "checks",
        "fill",
        "form",
        "layout",
        "listing",
        "placing",
        "reading",
        "scheme",
        "scoring",
        "values",
    },
    "inputs": {"recognition", "book", "fill", "form", "layout", "listing", "naming", "reading", "values"},
    "summary": {"terminal", "book", "checking", "checks", "fill", "form", "layout", "listing", "scheme", "values"},
    "actuals": {"book", "listing", "values"},
    "targets": {"book", "checks", "form", "layout", "reading", "scheme", "scoring", "values"},
    "office": set[str](),
    "mail": set[str](),
    "outbox": {"mail"},
    "inspection": {"book", "checks"},
    "sending": {
        "recognition",
        "book",
        "checking",
        "checks",
        "fill",
        "form",
        "inspection",
        "layout",
        "listing",
        "mail",
        "office",
        "scheme",
        "scoring",
        "values",
    },
    "chasing": {"checking", "inspection", "mail", "review", "summary", "values"},
    "telling": {"checking", "checks", "fill"},
    "addin": {"book", "scheme"},
    "live": {"book", "layout", "values"},
    "answer": set[str](),
    "ribbon": {
        "recognition",
        "answer",
        "book",
        "checking",
        "checks",
        "fill",
        "layout",
        "report",
        "scheme",
        "telling",
        "template",
        "values",
    },
    "recalc": {"checks", "form", "layout", "office", "values"},
    "report": {"checking", "checks", "listing", "telling", "terminal", "values"},
    "review": {"checking", "checks", "drawing"},
    "cli": {"book", "checking", "checks", "explain", "fill", "layout"}
    | {
        "actuals",
        "addin",
        "answer",
        "chasing",
        "live",
        "mail",
        "office",
        "outbox",
        "sending",
        "ribbon",
        "telling",
        "inputs",
        "naming",
        "recalc",
        "summary",
        "values",
        "report",
        "review",
        "scheme",
        "targets",
        "template",
        "terminal",
    },
}
# Heavy package → the only modules that may import it.
DOORS = {
    "openpyxl": {"actuals", "answer", "book", "drawing", "recalc", "review", "summary", "template"},
    "xlwings": {"live"},
    "pandas": {"actuals", "summary"},
    "formulas": {"recalc"},
    "ironcalc": {"book"},
    "lxml": set[str](),
    "pyopenvba": {"addin"},
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
    """The first word of a module's name: `template_plain` belongs to `template`, `scheme_file` to `scheme`."""
    return re.sub(r"_.*", "", module.partition(".")[0])


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("__")])
def test_imports_go_one_way(module: str) -> None:
    ours = {name.split(".")[1] for name in imports(MODULES[module]) if name.startswith("workbook_tools.")}
    known = {owner(name) for name in ours} - {owner(module)}
    assert known <= MAY_IMPORT[owner(module)]


@pytest.mark.parametrize("module", MODULES)
def test_heavy_packages_have_one_door_each(module: str) -> None:
    used = {name.partition(".")[0] for name in imports(MODULES[module])} & DOORS.keys()
    assert all(owner(module) in DOORS[package] for package in used)


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
    [m for m in MODULES if owner(m) in ("values", "form", "scheme", "scoring", "layout", "reading", "placing", "fill")],
)
def test_scores_are_never_floats(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    floats = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "float"]
    assert not floats + names


# Signs that forms are written with and that are only ever read, never shown by themselves.
ONLY_READ = set("¶≧⩾≦⩽﹦═−–﹣﹪㎡¥\u200b\ufeff")


@pytest.mark.parametrize("path", [*MODULES.values(), *PACKAGE.rglob("*.toml")], ids=lambda path: path.name)
def test_every_character_shown_is_one_that_gbk_has(path: Path) -> None:
    shown = set(path.read_text("utf-8")) - ONLY_READ
    assert not {character for character in shown if not character.encode("gbk", errors="ignore")}
