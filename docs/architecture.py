"""Writes the generated parts of docs/architecture.md: the picture of the imports, the folders and the counts.

python docs/architecture.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "workbook_tools"
PAGE = ROOT / "docs" / "architecture.md"
MODULES = sorted(PACKAGE.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """What a module says."""
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All that a module says, part by part."""
    return [*ast.walk(tree_of(path))]


def top(path: Path) -> str:
    """The folder or module of the top that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def arrows() -> dict[str, set[str]]:
    """For every folder and module of the top, those that it imports."""
    found: dict[str, set[str]] = {top(path): set() for path in MODULES if not top(path).startswith("__")}
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbook_tools."):
                used = (node.module or "").split(".")[1]
                if top(path) in found and used != top(path):
                    found[top(path)].add(used)
    return found


def below(start: str, imports: dict[str, set[str]]) -> set[str]:
    """Everything that a folder reaches through its imports, not counting itself."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = imports.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def order(imports: dict[str, set[str]]) -> list[str]:
    """The folders from the doors down: each above all that it reaches."""
    return sorted(imports, key=lambda name: (-len(below(name, imports)), name))


def picture(imports: dict[str, set[str]]) -> str:
    """A Mermaid diagram; an arrow that two or more others make together is left out."""
    drawn = ["```mermaid", "flowchart TD"]
    for name in order(imports):
        through = {far for near in imports[name] for far in below(near, imports)}
        drawn += [f"    {name} --> {used}" for used in sorted(imports[name] - through)]
    return "\n".join([*drawn, "```"])


def folders(imports: dict[str, set[str]]) -> str:
    """A table of the folders and modules of the top with the first sentence of each."""
    rows = ["| | what it is |", "|---|---|"]
    for name in order(imports):
        file = PACKAGE / f"{name}.py" if (PACKAGE / f"{name}.py").exists() else PACKAGE / name / "__init__.py"
        first = (ast.get_docstring(tree_of(file)) or "").partition("\n")[0]
        link = f"{name}.py" if file.name == f"{name}.py" else f"{name}/"
        rows.append(f"| [{link}](../workbook_tools/{link}) | {first} |")
    return "\n".join(rows)


def calls(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of the functions that a module calls."""
    return {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def pipelines() -> list[Path]:
    """The modules that both score and check a form."""
    return [path for path in MODULES if calls(nodes_of(path)) >= {"score", "run_checks"}]


def modules_of_the_top() -> list[Path]:
    """The modules beside the folders."""
    return [path for path in MODULES if path.parent == PACKAGE]


def errors_of_ours() -> set[str]:
    """The names of the classes of errors that the package defines."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef)
    }
    found = {name for name, above in bases.items() if any(base.endswith(("Error", "Exception")) for base in above)}
    while new := {name for name, above in bases.items() if above & found} - found:
        found |= new
    return found


def except_tuples() -> list[str]:
    """The places that catch several kinds of errors of ours in one `except`."""
    ours = errors_of_ours()
    return [
        f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Tuple)
        and len({ast.unparse(kind).rpartition(".")[2] for kind in node.type.elts} & ours) > 1
    ]


SENTENCES = ("why", "hint", "message")
READERS = ("startswith", "endswith", "find", "index", "partition", "split")


def sentences_read() -> list[str]:
    """The places that look for words in a sentence made for people (`why`, `hint`, `message`)."""
    found = []
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                words = any(
                    isinstance(side, ast.Constant) and side.value and isinstance(side.value, str) for side in sides
                )
                read = words and any(isinstance(side, ast.Attribute) and side.attr in SENTENCES for side in sides)
            else:
                called = node.func if isinstance(node, ast.Call) else None
                read = (
                    isinstance(called, ast.Attribute)
                    and called.attr in READERS
                    and isinstance(called.value, ast.Attribute)
                    and called.value.attr in SENTENCES
                )
            if read:
                found.append(f"{path.relative_to(PACKAGE).as_posix()}:{getattr(node, 'lineno', 0)}")
    return found


def counts() -> str:
    """The numbers that the tests hold."""
    where = ", ".join(f"`workbook_tools/{path.relative_to(PACKAGE).as_posix()}`" for path in pipelines())
    return "\n".join(
        [
            "| | number | at most |",
            "|---|---|---|",
            f"| pipelines from a sheet to its findings: {where} | {len(pipelines())} | 1 |",
            f"| modules beside the folders | {len(modules_of_the_top())} | 15 |",
            f"| `except` clauses that list several errors of ours | {len(except_tuples())} | 0 |",
            f"| places that look for words in a sentence made for people | {len(sentences_read())} | 0 |",
        ]
    )


def page() -> str:
    """docs/architecture.md with its generated parts written anew."""
    imports = arrows()
    text = PAGE.read_text("utf-8")
    for name, part in (("picture", picture(imports)), ("folders", folders(imports)), ("counts", counts())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        text = re.sub(rf"{begin}.*?{end}", lambda _: f"{begin}{part}\n{end}", text, flags=re.DOTALL)  # noqa: B023
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
