"""The house: who may import whom, what no module may contain, and which characters a clerk's console must know."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import pytest

from places import ROOT
from workbook_tools import errors
from workbook_tools.commands.console import ExitCode

PACKAGE = ROOT / "workbook_tools"
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}

# Every folder and module of the top, from the doors down to what everybody may use. Imports point down this list only.
ORDER = (
    *("commands", "web", "api", "ribbon", "mail", "review", "reports", "word", "summary", "template", "batch"),
    *("monitoring", "actuals", "targets", "data_files", "recalc", "drafting", "fill", "assess", "findings"),
    *("checks", "claims", "scoring", "forms", "schemes", "excel", "terminal", "moments", "values", "folders"),
    *("errors", "text"),
)
# Heavy package → the only folders and modules that may import it.
DOORS = {
    "openpyxl": {"actuals", "excel", "recalc", "reports", "review", "ribbon", "summary", "template"},
    "xlwings": {"excel.live"},
    "pandas": {"actuals", "summary"},
    "formulas": {"recalc"},
    "ironcalc": {"excel.calculation"},
    "rapidfuzz": {"summary"},
    "datasketch": {"summary"},
    "lxml": set[str](),
    "docx": {"word"},
    "docxtpl": {"word"},
    "jinja2": {"web", "word"},
    "markupsafe": {"word"},
    "python_calamine": {"excel.calamine_cells"},
    "pyopenvba": {"ribbon.vba_project"},
    "starlette": {"web"},
    "sqlalchemy": {"web"},
    "uvicorn": {"web"},
    "tqdm": {"terminal"},
    "distributed": {"batch"},
    "upath": {"excel.remote"},
    "pyarrow": {"summary"},
}


PAGE = runpy.run_path(str(ROOT / "docs" / "architecture.py"))


def tree_of(module: str) -> ast.Module:
    """What a module says, read once for all tests."""
    tree: ast.Module = PAGE["tree_of"](MODULES[module])
    return tree


def nodes(module: str) -> list[ast.AST]:
    """All that a module says, part by part."""
    parts: list[ast.AST] = PAGE["nodes_of"](MODULES[module])
    return parts


@cache
def imports(module: str) -> set[str]:
    found: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def owner(module: str) -> str:
    """The folder or module of the top that a module belongs to."""
    return module.partition(".")[0]


def wrong(faults: Callable[[str], Iterable[object]], modules: Iterable[str] = MODULES) -> dict[str, list[object]]:
    """What is wrong in each module where something is."""
    return {module: found for module in modules if (found := [*faults(module)])}


def test_imports_point_down() -> None:
    def upwards(module: str) -> set[str]:
        ours = {name.split(".")[1] for name in imports(module) if name.startswith("workbook_tools.")}
        return ours & set(ORDER[: ORDER.index(owner(module))])

    assert wrong(upwards, [module for module in MODULES if not module.startswith("__")]) == {}


def test_heavy_packages_have_one_door_each() -> None:
    def by_other_doors(module: str) -> list[str]:
        used = {name.partition(".")[0] for name in imports(module)} & DOORS.keys()
        return [package for package in used if not DOORS[package] & {owner(module), module}]

    assert wrong(by_other_doors) == {}


def test_the_top_is_small() -> None:
    assert len([module for module in MODULES if "." not in module]) <= 15


def test_a_module_is_short_and_says_what_it_is() -> None:
    def faults(module: str) -> Iterator[str]:
        if len(MODULES[module].read_text("utf-8").splitlines()) > 400:
            yield "more than 400 lines"
        tree = tree_of(module)
        public = [one for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef)]
        for node in (tree, *(one for one in public if not one.name.startswith("_"))):
            if not ast.get_docstring(node):
                yield f"no docstring: {getattr(node, 'name', 'the module')}"
        yield from (f"assert in line {node.lineno}" for node in nodes(module) if isinstance(node, ast.Assert))

    assert wrong(faults) == {}


def test_no_expression_is_compiled_while_a_module_is_imported() -> None:
    """Of the hundreds there are, a command uses a few: `text.regex` compiles one when it is first used."""

    def compiled(module: str) -> Iterator[int]:
        for node in outside_functions(tree_of(module)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                yield node.lineno

    assert wrong(compiled) == {}


def outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from outside_functions(node)


EXACT = ("values", "moments", "schemes", "scoring", "forms", "fill", "checks")


def test_scores_are_never_floats() -> None:
    def floats(module: str) -> Iterator[str]:
        for node in nodes(module):
            number = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if number or (isinstance(node, ast.Name) and node.id == "float"):
                yield ast.unparse(node)

    exact = [module for module in MODULES if owner(module) in EXACT]
    assert len(exact) > len(EXACT)
    assert wrong(floats, set(exact) - {"forms.naming"}) == {}  # how like two names are is no score


# What is written for people. Nothing may depend on its words: a fact has a field, a code or a flag of its own.
SENTENCES = {"why", "message", "hint", "sentence", "said", "label", "detail"}
SEARCHES = {
    *("startswith", "endswith", "partition", "rpartition", "split", "rsplit", "find", "index", "count"),
    *("removeprefix", "removesuffix", "match", "search", "fullmatch", "findall", "finditer"),
}
# `label` is also the name of words that stand on the form itself (一级指标 as printed), and of what a scheme prints there;
# these are read as any other words of a form.
PRINTED = {
    "checks.targets": "(row.words.label or '')",
    "summary.next_targets": "row.label",
    "template.rows": "groups[name].label",
    "template.workbook": "scheme.deductions.label",
    "forms.naming": "labels[field]",  # by their labels people name fields: here the labels are what is read
    "excel.tables": "str(fault)",  # where a TOML file is wrong, Python before 3.14 tells only so
}


def sentences_read(said: Iterable[ast.AST]) -> list[str]:
    """The places of a module where a sentence or label is compared or searched."""
    read: list[ast.expr] = []
    for node in said:
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


def test_nothing_depends_on_the_words_of_a_sentence_or_label() -> None:
    def depends(module: str) -> list[str]:
        excepted = PRINTED.get(module, "no exception")
        return [read for read in sentences_read(nodes(module)) if not read.endswith(excepted)]

    assert wrong(depends) == {}


@pytest.mark.parametrize(
    "line",
    [
        'if "一票否决" in line.why: ...',
        "done = change.why == FROM_DATA",
        'x = "系数" in placement.labels[f"{row}.coefficient"]',
        'name = placement.labels[field].rpartition(" ")[0]',
        'if place.finding.message.startswith("没有"): ...',
        'path, _, rest = one.detail.partition("：")',
        'found = re.search("别的文件", str(fault))',
        'if "满意度" in row.name + (row.label or ""): ...',
    ],
)
def test_a_sentence_that_is_read_is_found(line: str) -> None:
    assert len(sentences_read(ast.walk(ast.parse(line)))) == 1


def test_the_ribbon_calls_no_command_and_reads_nothing_that_is_printed() -> None:
    redirecting = [module for module, path in MODULES.items() if "redirect_stdout" in path.read_text("utf-8")]
    assert redirecting == ["commands.console"]  # which wraps what goes to the terminal
    commands = {name for name in imports("commands.ribbon") if name.startswith("workbook_tools.commands")}
    assert commands <= {"workbook_tools.commands.console"}


OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}


def caught(clause: ast.ExceptHandler) -> set[str]:
    """The names of the classes of ours that a clause catches."""
    named = [ast.unparse(node) for node in ast.walk(clause.type or ast.Pass()) if isinstance(node, ast.expr)]
    return {name.rpartition(".")[2] for name in named} & OURS


def test_nobody_lists_kinds_of_our_errors() -> None:
    def lists(module: str) -> list[int]:
        clauses = [node for node in nodes(module) if isinstance(node, ast.ExceptHandler)]
        return [clause.lineno for clause in clauses if len(caught(clause)) > 1]

    assert wrong(lists) == {}


def test_every_error_of_ours_stands_in_one_module() -> None:
    def bases(module: str) -> set[str]:
        bases = {ast.unparse(base) for node in nodes(module) if isinstance(node, ast.ClassDef) for base in node.bases}
        return {base for base in bases if base.endswith(("Error", "Exception"))} | bases & OURS

    assert [*wrong(bases)] == ["errors"]


def test_exit_codes_have_their_names_from_one_place() -> None:
    """No command gives a bare number, and none has names for them of its own."""
    names = set(ExitCode.__members__) | {"CLEAN", "FOUND", "FILLED"}

    def codes(module: str) -> Iterator[str]:
        for node in nodes(module):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and module != "commands.console":
                yield from {node.id} & names
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and type(node.value.value) is int:
                yield ast.unparse(node)

    assert wrong(codes, [module for module in MODULES if owner(module) == "commands"]) == {}


def test_the_page_of_the_architecture_is_up_to_date() -> None:
    """Otherwise: python docs/architecture.py."""
    assert PAGE["page"]() == PAGE["PAGE"].read_text("utf-8")


def test_the_page_of_the_architecture_names_files_that_are_there() -> None:
    named = re.findall(r"`((?:workbook_tools|tests|docs)/[^`]+)`", PAGE["PAGE"].read_text("utf-8"))
    assert named
    assert not [path for path in named if not (PACKAGE.parent / path).exists()]


def test_there_is_one_pipeline() -> None:
    assert [path.name for path in PAGE["pipelines"]()] == ["assess.py"]


# Places whose forms and rules are data: the provinces, and every city or province that has a folder.
PROVINCES = """北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川
贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾"""
CITIES = "中山 广州 深圳 黄石 宁德 丽江 衡山 青神 萧县"
FOLDERS = {path.name.removeprefix("monitoring_").partition("_")[0] for path in (PACKAGE / "official").iterdir()} - {
    "general",
    "monitoring",
    "national",
    "transfer",
}


def without_docstrings(module: str) -> str:
    """The text of a module without the sources that the pages of checks cite."""
    lines = MODULES[module].read_text("utf-8").splitlines()
    for node in nodes(module):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            said = node.body[0]
            lines[said.lineno - 1 : said.end_lineno] = [""] * ((said.end_lineno or 0) - said.lineno + 1)
    return "\n".join(lines)


def without_examples(module: str) -> str:
    """The text of a module without the lines of its doctests, which read the examples."""
    lines = MODULES[module].read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith((">>> ", "... ")))


def test_no_module_knows_a_city() -> None:
    names = [*PROVINCES.split(), *CITIES.split(), *FOLDERS]

    def known(module: str) -> list[str]:
        said = (without_docstrings if owner(module) == "checks" else without_examples)(module).lower()
        return [name for name in names if name in said]

    assert wrong(known) == {}


# Signs that forms are written with and that are only ever read, never shown by themselves.
ONLY_READ = set("⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳☆¶≧⩾≦⩽﹦═−–﹣﹪㎡¥\u200b\ufeff")


def test_every_character_shown_is_one_that_gbk_has() -> None:
    tables = [*PACKAGE.rglob("*.toml")]
    assert tables
    shown = {path: set(path.read_text("utf-8")) - ONLY_READ for path in (*MODULES.values(), *tables)}
    lacking = {one for characters in shown.values() for one in characters if not one.encode("gbk", errors="ignore")}
    assert {path: characters & lacking for path, characters in shown.items() if characters & lacking} == {}


MOST_FIELDS = 7  # that a call may give by position


def records(module: str) -> Iterator[tuple[ast.ClassDef, list[str]]]:
    """The classes of a module that only hold fields, and the names of these."""
    for node in nodes(module):
        if isinstance(node, ast.ClassDef):
            marks = [ast.unparse(mark) for mark in (*node.bases, *node.decorator_list)]
            if any(
                re.match(r"(?:typing\.)?(?:NamedTuple|TypedDict)|(?:dataclasses\.)?dataclass", mark) for mark in marks
            ):
                yield (
                    node,
                    [
                        one.target.id
                        for one in node.body
                        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                    ],
                )


def test_a_large_record_is_made_by_the_names_of_its_fields_and_tells_what_each_is() -> None:
    def faults(module: str) -> Iterator[str]:
        for node, fields in records(module):
            if len(fields) <= MOST_FIELDS:
                continue
            if not any("kw_only=True" in ast.unparse(mark) for mark in node.decorator_list):
                yield f"{node.name}: not kw_only"
            _, _, block = (ast.get_docstring(node) or "").partition("Attributes:\n")
            if re.findall(r"^    (\w+): \S", block, re.MULTILINE) != fields:
                yield f"{node.name}: Attributes"

    assert wrong(faults) == {}


def test_names_in_code_are_english() -> None:
    """Chinese is a title of a column or a word of a form, and stands in quotes."""

    def foreign(module: str) -> Iterator[str]:
        for node in nodes(module):
            for name in (getattr(node, kind, None) for kind in ("id", "attr", "arg")):
                if isinstance(name, str) and not name.isascii():
                    yield name

    assert wrong(foreign) == {}


def test_a_field_with_a_closed_set_of_words_has_them_as_its_type() -> None:
    """No `str  # a | b`: the words stand once, where the type checker sees them."""
    listed = re.compile(r"^ +\w+: (?:str|tuple\[str, \.\.\.\]).*#.*(?:\w \| \w|one of [A-Z])", re.MULTILINE)
    assert wrong(lambda module: listed.findall(MODULES[module].read_text("utf-8"))) == {}


@pytest.mark.slow
def test_the_quick_selection_has_tests_of_every_folder() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    tested = set(re.findall(r"^tests/(\w+)/", run.stdout, re.MULTILINE))
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert not folders - tested
