"""Every pattern of the package, and the worst texts for each: what its parts repeat, at the length of a cell.

Run as a program it tries them and names those that take longer than a pattern may whose steps grow with the text alone.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, NamedTuple

from places import ROOT
from workbook_tools.text import regex

LENGTH = 32_767  # characters that a cell of Excel holds
SHORT = 4_095  # a text of this length tells which patterns to look at more closely
MOST_SECONDS = 0.25  # of the processor at the full length: a quadratic pattern takes several
DOUBTFUL = 0.008  # at the short one
PACKAGE = ROOT / "workbook_tools"
ENDLESS = 4  # a pattern that takes longer than that is not waited for
TRIES = 2  # the quicker one counts: the machine may be busy
FORMATS = frozenset(
    ("element", "_rows_and_cells", "_with_attribute", "scanned")
)  # tested through what they are called with
Pattern = re.Pattern[str] | re.Pattern[bytes]


class Used(NamedTuple):
    """A pattern, and whether it is looked for anywhere in a text (else only at its start, or for the whole of it)."""

    pattern: Pattern
    anywhere: bool


ANYWHERE, AT_START = {"search", "sub", "subn", "findall", "finditer", "split"}, {"match", "fullmatch"}
MADE = {"compile", "regex"}  # now, or when it is first used
WAYS = MADE | ANYWHERE | AT_START


def package_patterns() -> list[Used]:
    """Every pattern of the package: those of its modules, and those that are written inside of functions."""
    import workbook_tools

    found: dict[tuple[object, int, bool], Used] = {}
    methods = called_on_names()
    for info in pkgutil.walk_packages(workbook_tools.__path__, "workbook_tools."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for call in calls_of_re(Path(str(module.__file__))):
            source, flags, way = _evaluated(call, module)
            pattern = re.compile(source, flags)
            names = [name for name, value in vars(module).items() if getattr(value, "pattern", None) == source]
            used = {way} if way not in MADE else set().union(*(methods.get(name, set()) for name in names)) or ANYWHERE
            found[source, flags, bool(used & ANYWHERE)] = Used(pattern, bool(used & ANYWHERE))
    return [*found.values()]


def needing() -> Iterator[tuple[str, str, int, Sequence[str]]]:
    """Where each pattern of the package stands that needs a word, the pattern, its flags, and the words."""
    import workbook_tools

    for info in pkgutil.walk_packages(workbook_tools.__path__, "workbook_tools."):
        if not info.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(info.name)).items():
                if isinstance(value, NEEDING):
                    yield f"{info.name}.{name}", value.pattern, value._flags, value.needs


NEEDING: Any = type(regex("a", needs="a"))


def called_on_names() -> dict[str, set[str]]:
    """Name of a pattern → the methods that are called on it anywhere in the package."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ANYWHERE | AT_START
                and isinstance(node.value, ast.Name)
            ):
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


def calls_of_re(path: Path) -> Iterator[ast.Call]:
    """The calls of `regex`, `re.search` and the like in a module, also those inside of functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and re.fullmatch(rf"regex|re\.(?:{'|'.join(WAYS)})", ast.unparse(node.func)):
            yield node


def _evaluated(call: ast.Call, module: ModuleType) -> tuple[str | bytes, int, str]:
    """The source of a pattern, its flags, and how it is used; a source made of local names is made of what these are."""
    way = call.func.attr if isinstance(call.func, ast.Attribute) else "regex"
    flags = [ast.unparse(one.value) for one in call.keywords if one.arg == "flags"]
    flags += [ast.unparse(one) for one in call.args[1:] if ast.unparse(one).startswith("re.")]
    space = {**vars(module), **LOCALS.get(module.__name__, {})}
    source = eval(compile(ast.fix_missing_locations(ast.Expression(call.args[0])), module.__name__, "eval"), space)
    return source, eval(flags[0], space) if flags else 0, way


# What the local names are of which patterns are made inside of functions.
LOCALS: dict[str, dict[str, object]] = {
    "workbook_tools.text": {"self": regex("later")},  # every one of these is tried where it is written
    "workbook_tools.claims.facts": {"spellings": ["话务接通率", "(?<![\u4e00-\u9fff])满意度", "产出指标"]},
    "workbook_tools.excel.markup": {"tag": b"c"},
    "workbook_tools.excel.formats": {"name": b"count"},
    "workbook_tools.excel.scanning": {"p": b"x:", "prefix": b"x:"},
    "workbook_tools.values": {"pattern": r"≥|>=|不低于|控制在(?=.*内$)|(?:\(含\)|及|含)?以上(?:\(含\))?"},
    "workbook_tools.actuals.work": {"wanted": "表8"},
    "workbook_tools.forms.placing_labels": {"spaced": r"年\s*度"},
    "workbook_tools.commands.console": {"english": r"argument (\S+): invalid int value: '?(.*?)'?"},
    "workbook_tools.mail.inspection": {"tag": "creator"},
    # Those of composed words are only for words of at most 24 characters.
    "workbook_tools.forms.vocabulary": {"parts": (r"分\s*值", "目标"), "kind": "money", "idea": "execution.score"},
}


def has_one(tree: Iterable[Any], words: Collection[str]) -> bool:
    """Whether whatever a parsed pattern takes has one of the words: the letters beside each other, or in every branch."""
    run = ""
    for op, value in tree:
        name = str(op)
        run = run + chr(value) if name == "LITERAL" else ""
        if any(word in run for word in words) or _part_has_one(name, value, words):
            return True
    return False


def _part_has_one(name: str, value: Any, words: Collection[str]) -> bool:
    if name == "IN":
        return all((str(op) == "LITERAL" and chr(code) in words) or _in_range(op, code, words) for op, code in value)
    if name == "BRANCH":
        return all(has_one(branch, words) for branch in value[1])
    if name == "SUBPATTERN":
        return has_one(value[3], words)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return bool(value[0]) and has_one(value[2], words)
    return name == "ATOMIC_GROUP" and has_one(value, words)


def _in_range(op: Any, limits: Any, words: Collection[str]) -> bool:
    return str(op) == "RANGE" and all(chr(code) in words for code in range(limits[0], limits[1] + 1))


def worst_texts(pattern: Pattern, length: int = LENGTH) -> Iterator[str]:
    """Texts that keep a pattern busy: a start that matches, what a part repeats over and over, an end that does not."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = _parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    whole = sample(tree)
    pumps = dict.fromkeys(pump for pump in [*repeated(tree), whole, whole[:1], *starts(tree), "1", " ", "a"] if pump)
    before = dict.fromkeys(["", *starts(tree)])
    for pump in [*pumps][:MOST_PUMPS]:
        for start in [*before][:MOST_STARTS]:
            for end in ENDS:
                yield (start + pump * (length // len(pump)))[: length - 1] + end


MOST_PUMPS, MOST_STARTS = 24, 6
ENDS = ("\0", ",")  # what most patterns take nowhere


def sample(tree: Iterable[Any]) -> str:
    """A short text that a parsed pattern takes, as far as it can be told."""
    return "".join(_sample(op, value) for op, value in tree)


def _sample(op: Any, value: Any) -> str:
    name = str(op)
    if name in ("LITERAL", "NOT_LITERAL"):
        return chr(value) if name == "LITERAL" else _other({value})
    if name == "ANY":
        return "a"
    if name == "IN":
        return _of_set(value)
    if name == "BRANCH":
        return sample(value[1][0])
    if name == "SUBPATTERN":
        return sample(value[3])
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return sample(value[2]) * max(int(value[0]), 1)
    if name == "ATOMIC_GROUP":
        return sample(value)
    return ""  # places and looks


def _other(but: set[int]) -> str:
    return next(one for one in "a1 中,<" if ord(one) not in but)


_CLASSES = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_DIGIT": "a", "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_WORD": ","}  # fmt: skip


def _of_set(items: list[Any]) -> str:
    if str(items[0][0]) == "NEGATE":
        but = {
            code
            for op, value in items[1:]
            for code in (
                [value]
                if str(op) == "LITERAL"
                else range(value[0], min(value[1], 0x10FFFF) + 1)
                if str(op) == "RANGE"
                else map(ord, _CLASSES.get(str(value), ""))
            )
        }
        return _other(but)
    op, value = items[0]
    return (
        chr(value) if str(op) == "LITERAL" else chr(value[0]) if str(op) == "RANGE" else _CLASSES.get(str(value), "a")
    )


def repeated(tree: Iterable[Any]) -> Iterator[str]:
    """What the parts of a pattern take that may be repeated, and the branches beside each other."""
    for op, value in tree:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            if value[1] is _constants.MAXREPEAT or value[1] > 3:
                yield sample(value[2])
            yield from repeated(value[2])
        elif name == "BRANCH":
            for branch in value[1]:
                yield sample(branch)
                yield from repeated(branch)
        elif name == "SUBPATTERN":
            yield from repeated(value[3])
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from repeated(value[1])
        elif name == "ATOMIC_GROUP":
            yield from repeated(value)


def starts(tree: Any) -> Iterator[str]:
    """Texts that lead to each part of a pattern."""
    parts = list(tree)
    for number in range(1, min(len(parts), MOST_STARTS) + 1):
        yield "".join(_sample(op, value) for op, value in parts[:number])


def ways(used: Used, text: str) -> Iterator[Callable[[], object]]:
    """The ways to use a pattern on a text."""
    pattern: Any = used.pattern
    said: Any = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    yield lambda: pattern.fullmatch(said)
    if used.anywhere:
        yield lambda: sum(1 for _ in pattern.finditer(said))


def seconds(way: Callable[[], object], enough: float) -> float:
    """The processor's time for one way to use a pattern; the quickest of several tries."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.process_time()
        try:
            with at_most(ENDLESS):
                way()
        except TimeoutError:  # its steps double with each character
            return float("inf")
        best = min(best, time.process_time() - began)
        if best < enough:
            break
    return best


@contextmanager
def at_most(limit: float) -> Iterator[None]:
    """Raises `TimeoutError` after so many seconds of the processor, where the system can tell them."""

    def stop(*_: object) -> None:
        raise TimeoutError

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow(patterns: Iterable[Used]) -> Iterator[tuple[Pattern, str, float]]:
    """The patterns that take too long, each with a text and its seconds."""
    for used in patterns:
        if found := worst_of(used):
            yield used.pattern, *found


def worst_of(used: Used) -> tuple[str, float] | None:
    """A text for which a pattern takes too long, and its seconds."""
    for short in worst_texts(used.pattern, SHORT):
        for number, way in enumerate(ways(used, short)):
            if seconds(way, DOUBTFUL) > DOUBTFUL:
                text = short[:-1] * (LENGTH // len(short)) + short[-1]
                taken = seconds([*ways(used, text)][number], MOST_SECONDS)  # inf where it does not end
                if taken > MOST_SECONDS:
                    return text, taken
    return None


if __name__ == "__main__":
    every = package_patterns()
    print(f"{len(every)} patterns", flush=True)
    for pattern, text, taken in slow(every):
        print(f"{taken:.2f} s  {pattern.pattern!r:.300}\n    {text[:40]!r}…{text[-8:]!r}", flush=True)
