"""The house: who may import whom, what no module may contain, and which characters a clerk's console must know."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from workbook_tools import errors
from workbook_tools.commands.console import ExitCode

PACKAGE = Path(__file__).parents[1] / "workbook_tools"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}

# Every folder and module of the top, from the doors down to what everybody may use. Imports point down this list only.
ORDER = (
    *("commands", "web", "api", "ribbon", "mail", "review", "reports", "summary", "template", "batch"),
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


# What is written for people. Nothing may depend on its words: a fact has a field, a code or a flag of its own.
SENTENCES = {"why", "message", "hint", "sentence", "said", "label", "说明"}
SEARCHES = {
    *("startswith", "endswith", "partition", "rpartition", "split", "rsplit", "find", "index", "count"),
    *("removeprefix", "removesuffix", "match", "search", "fullmatch", "findall", "finditer"),
}
# `label` is also the name of words that stand on the form itself (一级指标 as printed), and of what a scheme prints there;
# these are read as any other words of a form.
PRINTED = {
    "checks.targets": "(row.words.label or '')",
    "forms.by_layout": "spot.label",
    "template.rows": "groups[name].label",
    "template.workbook": "scheme.deductions.label",
    "forms.naming": "labels[field]",  # by their labels people name fields: here the labels are what is read
    "excel.tables": "str(fault)",  # where a TOML file is wrong, Python before 3.14 tells only so
}


def sentences_read(path: Path) -> list[str]:
    """The places of a module where a sentence or label is compared or searched."""
    tree = ast.parse(path.read_text("utf-8"))
    read: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, EQUAL) for op in node.ops):
            read += [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
            read += [node.func.value, *node.args] if node.args else []  # without any, split only closes gaps
    return [ast.unparse(side) for side in read if is_sentence(side)]


FAULTS = ("fault", "error", "refused", "refusal", "reason")
EQUAL = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def is_sentence(node: ast.expr) -> bool:
    """Whether an expression is the words of a sentence or label, also with others beside it, or an exception's."""
    if isinstance(node, ast.BinOp | ast.BoolOp):
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else node.values
        return any(map(is_sentence, parts))
    if isinstance(node, ast.Subscript):  # placement.labels[field]
        return is_sentence(node.value) or ast.unparse(node.value).endswith("labels")
    if isinstance(node, ast.Call):  # str(fault), placement.labels.get(field)
        called = ast.unparse(node.func)
        return called.endswith("labels.get") or (called == "str" and ast.unparse(node.args[0]) in FAULTS)
    return isinstance(node, ast.Attribute) and node.attr in SENTENCES


@pytest.mark.parametrize("module", MODULES)
def test_nothing_depends_on_the_words_of_a_sentence_or_label(module: str) -> None:
    assert [
        read for read in sentences_read(MODULES[module]) if not read.endswith(PRINTED.get(module, "no exception"))
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        'if "一票否决" in line.why: ...',
        "done = change.why == FROM_DATA",
        'x = "系数" in placement.labels[f"{row}.coefficient"]',
        'name = placement.labels[field].rpartition(" ")[0]',
        'if place.finding.message.startswith("没有"): ...',
        'path, _, rest = one.说明.partition("：")',
        'found = re.search("别的文件", str(fault))',
        'if "满意度" in row.name + (row.label or ""): ...',
    ],
)
def test_a_sentence_that_is_read_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(line, "utf-8")
    assert len(sentences_read(tmp_path / "module.py")) == 1


def test_the_ribbon_calls_no_command_and_reads_nothing_that_is_printed() -> None:
    redirecting = [module for module, path in MODULES.items() if "redirect_stdout" in path.read_text("utf-8")]
    assert redirecting == ["commands.console"]  # which wraps what goes to the terminal
    commands = {name for name in imports(MODULES["commands.ribbon"]) if name.startswith("workbook_tools.commands")}
    assert commands <= {"workbook_tools.commands.console"}


OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
SORTED_BY_KIND = {"mail.batch", "mail.outbox"}  # what becomes of a mail differs from kind to kind


def caught(clause: ast.ExceptHandler) -> set[str]:
    """The names of the classes of ours that a clause catches."""
    named = [ast.unparse(node) for node in ast.walk(clause.type or ast.Pass()) if isinstance(node, ast.expr)]
    return {name.rpartition(".")[2] for name in named} & OURS


@pytest.mark.parametrize("module", sorted(MODULES.keys() - SORTED_BY_KIND))
def test_nobody_lists_kinds_of_our_errors(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    clauses = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert not [clause.lineno for clause in clauses if len(caught(clause)) > 1]


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"errors"}))
def test_every_error_of_ours_stands_in_one_module(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    bases = {ast.unparse(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases}
    assert not {base for base in bases if base.endswith(("Error", "Exception"))} | bases & OURS


@pytest.mark.parametrize("module", sorted(m for m in MODULES if owner(m) == "commands"))
def test_exit_codes_have_their_names_from_one_place(module: str) -> None:
    """No command gives a bare number, and none has names for them of its own."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    names = set(ExitCode.__members__) | {"CLEAN", "FOUND", "FILLED"}
    written = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert module == "commands.console" or not written & names
    given = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    assert not [one for one in given if isinstance(one, ast.Constant) and type(one.value) is int]


# Signs that forms are written with and that are only ever read, never shown by themselves.
ONLY_READ = set("⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳☆¶≧⩾≦⩽﹦═−–﹣﹪㎡¥\u200b\ufeff")


@pytest.mark.parametrize("path", [*MODULES.values(), *PACKAGE.rglob("*.toml")], ids=lambda path: path.name)
def test_every_character_shown_is_one_that_gbk_has(path: Path) -> None:
    shown = set(path.read_text("utf-8")) - ONLY_READ
    assert not {character for character in shown if not character.encode("gbk", errors="ignore")}
