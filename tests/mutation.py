"""Mutation testing of the rules: one operator, number, condition or result is changed at a time, and a test has to fail.

python tests/mutation.py [FILE…] [--all] [--write]

Only tests that run the changed line are run, each mutant in a process of its own. Survivors that change nothing stand
with the reason in tests/cases/survivors.toml; any other survivor, and any reason that is no longer true, ends with 1.
`--write` puts the results into docs/testing.md. Needs `os.fork`: Linux, macOS.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import inspect
import os
import random
import signal
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "workbook_tools"
TARGETS = [*sorted((PACKAGE / "scoring").glob("*.py")), PACKAGE / "values.py", PACKAGE / "moments.py"]
KILLERS = (
    "test_values.py",
    "test_comparing.py",
    "test_groups.py",
    "test_rows.py",
    "test_deductions.py",
    "test_money.py",
    "test_statistics.py",
    "test_published.py",
    "test_cases.py",
    "test_scoring.py",
    "test_coverage.py",
    "test_messages.py",
    "test_checks.py",
)
REASONS = TESTS / "cases" / "survivors.toml"
DOCUMENT = TESTS.parent / "docs" / "testing.md"
BEGIN, END = "<!-- python tests/mutation.py --write -->\n", "<!-- end -->\n"
LIMIT = 20  # seconds for one test: beyond it, the mutant does not end
MANY = 400  # tests that run a line: no more are looked for
WORKERS = os.cpu_count() or 1

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
REVERSED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}
CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}


EMPTY = ("None", "False", "''", "()", "[]", "{}")  # results that are as good as None


class Mutant(NamedTuple):
    """A changed function: where it stands, what it was and what it is now."""

    path: Path
    function: str
    line: int
    kind: str
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Words that stay the same when lines move."""
        return f"{self.path.relative_to(PACKAGE).as_posix()} {self.function}: {self.before} → {self.after}"


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Each kind of change of one node, with the node that takes its place."""
    if isinstance(node, ast.Compare):
        for table in (COMPARED, REVERSED):
            for at, op in enumerate(node.ops):
                if type(op) in table:
                    changed = copy.deepcopy(node)
                    changed.ops[at] = table[type(op)]()
                    yield "comparison", changed
    elif isinstance(node, ast.BoolOp):
        changed_bool = copy.deepcopy(node)
        changed_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and, or", changed_bool
    elif isinstance(node, ast.BinOp) and type(node.op) in CALCULATED:
        changed_sum = copy.deepcopy(node)
        changed_sum.op = CALCULATED[type(node.op)]()
        yield "+ - * /", changed_sum
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "not, minus", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.copy_location(ast.Constant(not node.value), node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "constant", ast.copy_location(ast.Constant(node.value + 1), node)
    elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) not in EMPTY:
        nothing = ast.copy_location(ast.Constant(None), node)
        yield "result", ast.copy_location(ast.Return(nothing), node)
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        changed_if = copy.deepcopy(node)
        changed_if.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        yield "condition", changed_if


def short(node: ast.AST) -> str:
    """One line of the source of a node."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return ast.unparse(node)


def mutants(path: Path) -> Iterator[Mutant]:
    """All changes of the functions of a module, in the order of its lines; messages (f-strings) stay as they are."""
    tree = ast.parse(path.read_text("utf-8"))
    for owner, function in functions(tree):
        for parent, field, at, node in places(function):
            for kind, changed in changes(node):
                old = getattr(parent, field)
                put(parent, field, at, changed)
                mutated = copy.deepcopy(tree)
                setattr(parent, field, old)
                if at is not None:
                    put(parent, field, at, node)
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(path, owner, line, kind, short(node), short(changed), ast.fix_missing_locations(mutated))


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method with its qualified name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node below `node` with where it hangs; no annotations, no default values, no f-strings."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "args") and not isinstance(node, ast.Call):
            continue
        for at, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield node, field, at, child
                yield from places(child)


def put(parent: ast.AST, field: str, at: int | None, node: ast.AST) -> None:
    """Hangs a node where another hung."""
    if at is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[at] = node


def sample(found: list[Mutant]) -> list[Mutant]:
    """One mutant of each kind from each function, the same ones every time."""
    chosen: dict[tuple[Path, str, str], list[Mutant]] = defaultdict(list)
    for mutant in found:
        chosen[mutant.path, mutant.function, mutant.kind].append(mutant)
    return [random.Random(str(key[1:])).choice(same) for key, same in chosen.items()]


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all inside of it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def loaded() -> list[FunctionType]:
    """The functions of the targets as they are imported: those below a cache and those of classes too."""
    files = {str(path) for path in TARGETS}
    return [one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename in files]


def apply(mutant: Mutant, imported: list[FunctionType]) -> None:
    """Changes the function in this process."""
    compiled = compile(mutant.tree, str(mutant.path), "exec", dont_inherit=True)
    changed = {(code.co_qualname, code.co_firstlineno): code for code in codes(compiled)}
    for function in imported:
        code = changed.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if function.__code__.co_filename == str(mutant.path) and code and code.co_qualname == mutant.function:
            function.__code__ = code


def forget() -> None:
    """Empties what the functions of the targets remember."""
    for path in TARGETS:
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for function in vars(sys.modules[name]).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()


class Mutation:
    """A plugin of pytest: the tests are collected once and run for each mutant in a fork."""

    def __init__(self, chosen: list[Mutant]) -> None:
        self.chosen = chosen
        self.survivors: list[Mutant] = []
        self.killed: Counter[str] = Counter()
        self.imported: list[FunctionType] = []
        self.wanted: set[CodeType] = set()
        self.cost: dict[pytest.Item, float] = {}
        self.running: dict[tuple[str, int], set[pytest.Item]] = defaultdict(set)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Few examples, the same ones each time, not made smaller."""
        phases = [Phase.explicit, Phase.generate]
        settings.register_profile(
            "mutation", max_examples=25, derandomize=True, database=None, phases=phases, deadline=None
        )
        settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """First which test runs which line, then every mutant."""
        self.imported = loaded()
        self.wanted = {code for function in self.imported for code in codes(function.__code__)}
        for item in session.items:
            self.watch(item)
            self.wanted -= {code for code in self.wanted if self.often(code)}
        print(f"{len(session.items)} tests, {len(self.chosen)} mutants", flush=True)
        gc.freeze()
        gc.disable()  # a collection would copy the memory of every fork
        waiting, working = list(reversed(self.chosen)), dict[int, Mutant]()
        while waiting or working:
            if waiting and len(working) < WORKERS:
                mutant = waiting.pop()
                working[self.start(mutant)] = mutant
                continue
            process, status = os.wait()
            mutant = working.pop(process)
            if status:
                self.killed[mutant.kind] += 1
            else:
                self.survivors.append(mutant)
                print(f"survived: {mutant.name}  ({mutant.path.name}:{mutant.line})", flush=True)
        return True

    def watch(self, item: pytest.Item) -> None:
        """Runs a test as it is and notes the lines of the targets that it runs."""

        def lines(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                self.running[frame.f_code.co_filename, frame.f_lineno].add(item)
            return lines

        def calls(frame: FrameType, _event: str, _: Any) -> Any:
            return lines if frame.f_code in self.wanted else None

        forget()
        start = time.monotonic()
        sys.settrace(calls)
        try:
            reports = runtestprotocol(item, nextitem=None, log=False)
        finally:
            sys.settrace(None)
        self.cost[item] = time.monotonic() - start
        if any(report.failed for report in reports):
            raise SystemExit(f"{item.nodeid} fails without any mutant")

    def often(self, code: CodeType) -> bool:
        """Whether every line of a function is run by many tests already."""
        lines = {line for _, _, line in code.co_lines() if line and line > code.co_firstlineno}
        return all(len(self.running[code.co_filename, line]) >= MANY for line in lines)

    def start(self, mutant: Mutant) -> int:
        """The process that tries a mutant: it ends with 1 as soon as a test fails."""
        process = os.fork()
        if process:
            return process
        failed = True
        try:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            apply(mutant, self.imported)
            forget()
            found = self.running[str(mutant.path), mutant.line]
            failed = any(self.fails(item) for item in sorted(found, key=self.cost.__getitem__))
        finally:
            os._exit(int(failed))

    @staticmethod
    def fails(item: pytest.Item) -> bool:
        """Whether a test fails, or does not end."""
        signal.alarm(LIMIT)
        return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def results(plugin: Mutation, reasons: dict[str, str]) -> str:
    """The table of docs/testing.md."""
    found = Counter(mutant.kind for mutant in plugin.chosen)
    left = Counter(mutant.kind for mutant in plugin.survivors)
    rows = [f"| {kind} | {found[kind]} | {plugin.killed[kind]} | {left[kind]} |" for kind in sorted(found)]
    total = f"| all | {found.total()} | {plugin.killed.total()} | {left.total()} |"
    table = ["| changed | mutants | killed | survived |", "|---|---|---|---|", *rows, total]
    listed = [
        f"- `{mutant.name}`: {reasons.get(mutant.name, 'open: a test is missing')}" for mutant in plugin.survivors
    ]
    return "\n".join([*table, "", *sorted(set(listed))]) + "\n"


def main() -> int:
    """Arguments in, exit code out."""
    parser = argparse.ArgumentParser(description=(inspect.getdoc(sys.modules[__name__]) or "").partition("\n")[0])
    parser.add_argument(
        "files", nargs="*", help="modules of the package, such as scoring/groups.py; all targets without"
    )
    parser.add_argument("--all", action="store_true", help="every mutant, not one of each kind from each function")
    parser.add_argument("--write", action="store_true", help="put the results into docs/testing.md")
    arguments = parser.parse_args()
    paths = [PACKAGE / name for name in arguments.files] or TARGETS
    found = [mutant for path in paths for mutant in mutants(path)]
    plugin = Mutation(found if arguments.all else sample(found))
    tests = [str(path) for name in KILLERS for path in TESTS.rglob(name)]
    code = pytest.main(["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal", *tests], plugins=[plugin])
    if not plugin.killed:
        return int(code) or 1
    reasons: dict[str, str] = tomllib.loads(REASONS.read_text("utf-8"))["survivor"]
    text = results(plugin, reasons)
    print(text)
    if arguments.write:
        before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}{text}{END}{rest.partition(END)[2]}", "utf-8")
    names = {mutant.name for mutant in plugin.survivors}
    tried = {mutant.name for mutant in plugin.chosen}
    outdated = [
        name
        for name in reasons
        if name in tried - names or (arguments.all and not arguments.files and name not in names)
    ]
    for name in outdated:
        print(f"no survivor any more: {name}")
    return int(bool(outdated or names - reasons.keys()))


if __name__ == "__main__":
    sys.exit(main())
