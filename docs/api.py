"""Writes docs/api.md from the docstrings of what `import workbook_tools` gives, and the outputs of docs/pandas.ipynb.

python docs/api.py
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import workbook_tools

ROOT = Path(__file__).parents[1]
PAGE, NOTEBOOK = ROOT / "docs" / "api.md", ROOT / "docs" / "pandas.ipynb"
HEAD = """# The Python interface

Written by `python docs/api.py` from the docstrings of `workbook_tools`; every example is run by the tests.
Paths are relative to the folder of the project.

"""
INNER = (
    "schemes",
    "excel",
    "forms.layout",
    "forms.placement",
    "forms.recognition",
    "summary.receipts",
)  # not part of the public face
_EXAMPLE = re.compile(r"(?:^ *(?:>>>|\.\.\.).*\n?(?:^(?! *$).*\n?)*)+", re.MULTILINE)
_LISTED = re.compile(r"^(?:Args|Attributes):\n((?: {4}.*\n?|\n(?= {4}))+)", re.MULTILINE)
_ITEM = re.compile(r"^ {4}(\w+): ((?:.*)(?:\n {5,}.*)*)", re.MULTILINE)


def page() -> str:
    """The page of all names and of the records that they give."""
    names = [getattr(workbook_tools, name) for name in workbook_tools.__all__]
    functions = [one for one in names if inspect.isfunction(one)]
    classes = [one for one in names if inspect.isclass(one)]
    parts = [HEAD, *(_function(one) for one in functions), *(_record(one) for one in classes)]
    records: dict[type, None] = {}
    for one in functions:
        records |= dict.fromkeys(_records(get_type_hints(one, _known(one))["return"]))
    return "".join(parts) + "# What they give\n\n" + "".join(map(_record, records)).rstrip() + "\n"


def _function(function: Any) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    return f"## {function.__name__}\n\n```python\n{function.__name__}{signature}\n```\n\n{_prose(function)}"


def _record(record: type) -> str:
    """The docstring of a class, its fields with their types, and its properties."""
    lines = [f"## {record.__name__}\n\n{_prose(record)}"]
    fields = [(name, getattr(kind, "__forward_arg__", kind)) for name, kind in record.__annotations__.items()]
    said = dict(_ITEM.findall("\n".join(_LISTED.findall(inspect.getdoc(record) or ""))))
    lines += [f"- `{name}`: `{kind}`\n" for name, kind in fields if name not in said]
    for name, member in vars(record).items():
        if name.startswith("_") or not (isinstance(member, property) or inspect.isfunction(member)):
            continue
        if name in record.__annotations__:
            continue
        call = "" if isinstance(member, property) else "()"
        lines.append(f"- `{name}{call}`: {' '.join((inspect.getdoc(member) or '').split())}\n")
    return "".join(lines).rstrip() + "\n\n"


def _prose(what: Any) -> str:
    """A docstring as Markdown: arguments as a list, examples as a session."""
    text = inspect.getdoc(what) or ""
    text = _LISTED.sub(lambda found: _ITEM.sub(_item, found[1]), text)
    text = _EXAMPLE.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n\n```\n", text)
    return text.rstrip() + "\n\n"


def _item(found: re.Match[str]) -> str:
    return f"- `{found[1]}`: {' '.join(found[2].split())}"


def _known(what: Any) -> dict[str, Any]:
    """The names that its annotations use, also those that are imported for types only."""
    import pandas

    return {**vars(inspect.getmodule(what)), "pd": pandas}


def _records(kind: Any) -> Iterator[type]:
    """The classes of ours that a type holds, and theirs, each once."""
    seen: set[Any] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.add(one)
        waiting += get_args(one)
        module = getattr(one, "__module__", "")
        inner = module.removeprefix("workbook_tools.").startswith(INNER)
        if inspect.isclass(one) and module.startswith("workbook_tools.") and not inner and not get_args(one):
            if not issubclass(one, dict):
                yield one
            hints = get_type_hints(one, _known(one))
            waiting += hints.values()
            getters = (member.fget for member in vars(one).values() if isinstance(member, property))
            waiting += [get_type_hints(getter, _known(one)).get("return") for getter in getters]


def notebook() -> str:
    """The notebook after running its cells in the folder of the project, with what they show."""
    book = json.loads(NOTEBOOK.read_text("utf-8"))
    names: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        for number, cell in enumerate((cell for cell in book["cells"] if cell["cell_type"] == "code"), 1):
            shown = _run("".join(cell["source"]), names)
            cell["execution_count"], cell["outputs"] = number, []
            if shown is not None:
                data = {"text/plain": repr(shown).splitlines(keepends=True)}
                if html := getattr(shown, "_repr_html_", lambda: None)():
                    data["text/html"] = html.splitlines(keepends=True)
                output = {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
                cell["outputs"] = [output]
    finally:
        os.chdir(before)
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _run(source: str, names: dict[str, Any]) -> object:
    """Runs a cell; gives the value of its last line where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names) if last else None


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    NOTEBOOK.write_text(notebook(), "utf-8")
