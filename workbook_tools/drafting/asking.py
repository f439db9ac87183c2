"""The facts of a draft put to a person one by one; the file keeps its lines, only what was answered changes in it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.describe import INVERSE, RATES
from workbook_tools.schemes.drafts import FACTS
from workbook_tools.schemes.scheme import BOUNDS
from workbook_tools.schemes.toml_table import read_toml, write_toml
from workbook_tools.text import regex
from workbook_tools.values import plain

YES, NO = ("是", "y", "yes", "1"), ("否", "n", "no", "2")
_UNCONFIRMED, _UNANSWERED = regex(r"\s*confirmed\s*=\s*false"), regex(r'\s*answer\s*=\s*""')
_HEAD = regex(r"\s*\[{1,2}(?!ask\.choice\b)[\w.\"-]+\]{1,2}\s*(?:#.*)?$")
Reply = Callable[[str], str]  # puts a question, gives what is typed


class Open(NamedTuple):
    """What is still to be decided: its line in the file, what it says, its sentence and cell, and the answers."""

    line: int
    says: str
    quote: str
    cell: str
    choices: tuple[str, ...]  # of a question; none where a fact is to be confirmed


def open_items(path: Path) -> list[Open]:
    """What is neither confirmed nor answered, in the order of the file: first the facts, then the questions.

    Raises `BadScheme` with the name of the file where it is not written as a scheme is.
    """
    try:
        whole = read_toml(path)
    except BadScheme as fault:
        raise fault.at(path) from None
    lines, found = _lines(path), list[Open]()
    for first, last in _sections(lines):
        try:
            found += _open_in(lines, first, last, whole)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as fault:  # a person changed it
            raise BadScheme(f"{path}：第 {first + 1} 行起的这一段缺少内容，或写法不对") from fault
    return sorted(found, key=lambda one: bool(one.choices))


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8-sig").splitlines()


def ask_all(path: Path, reply: Reply) -> int:
    """Puts every open item to a person and writes each answer at once; gives how many are still open.

    Raises `BadScheme`, or `FileRejected` where the file cannot be written.
    """
    items, lines = open_items(path), _lines(path)
    for number, item in enumerate(items, 1):
        try:
            said = reply(_question(item, number, len(items))).strip()
        except EOFError:
            break
        if item.choices:
            chosen = _chosen(said, item.choices)
            if chosen:
                lines[item.line] = lines[item.line].replace('""', json.dumps(chosen, ensure_ascii=False), 1)
        elif said.lower() in YES:
            lines[item.line] = lines[item.line].replace("false", "true", 1)
        write_toml(path, "\n".join(lines) + "\n")
    return len(open_items(path))


def _chosen(said: str, choices: Sequence[str]) -> str:
    if said.isdecimal() and 0 < int(said) <= len(choices):
        return choices[int(said) - 1]
    return said if said in choices else ""


def _question(item: Open, number: int, count: int) -> str:
    printed = f"\n  {item.cell} 印着：{item.quote}" if item.quote else ""
    head = f"[{number}/{count}] {item.says}{printed}"
    if not item.choices:
        return f"{head}\n  对吗？（是、否，不定就直接回车）"
    listed = "".join(f"\n  {n} {words}" for n, words in enumerate(item.choices, 1))
    return f"{head}{listed}\n  选几？（不定就直接回车）"


def _sections(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line of every table, of a question together with its choices."""
    heads = [n for n, line in enumerate(lines) if _HEAD.match(line)]
    yield from zip(heads, [*heads[1:], len(lines)], strict=True)


def _open_in(lines: Sequence[str], first: int, last: int, whole: Mapping[str, Any]) -> Iterator[Open]:
    decided = (n for n in range(first, last) if _UNCONFIRMED.match(lines[n]) or _UNANSWERED.match(lines[n]))
    at = next(decided, None)
    if at is None:
        return
    table = tomllib.loads("\n".join(lines[first:last]), parse_float=Decimal)
    kind, one = _innermost(table)
    quote, cell = next((one[key] for key in ("quote", "rate_quote", "observed") if key in one), ""), one.get("cell", "")
    if _UNANSWERED.match(lines[at]):
        yield Open(at, one["question"], quote, cell, tuple(choice["words"] for choice in one["choice"]))
    else:
        yield Open(at, _fact(one, whole) if kind == "fact" else _says(kind, one), quote, cell, ())


def _innermost(table: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The name of the table that a section holds, and its values."""
    path = []
    inner: Any = table
    while len(inner) == 1 and isinstance(next(iter(inner.values())), dict | list):
        key, inner = next(iter(inner.items()))
        path.append(key)
        inner = inner[0] if isinstance(inner, list) else inner
    return ".".join(path), inner


def _fact(one: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    key = one["key"]
    return FACTS[key] if key == "evaluators_quote" else f"{FACTS[key]}：{whole.get(key, '')}"


def _says(kind: str, one: Mapping[str, Any]) -> str:
    """What a fact says, in a clerk's words."""
    points = f"{plain(Decimal(one['points']))} 分" if "points" in one else "分值没有定"
    if kind == "group":
        share = f"，按 {plain(Decimal(one['share']))}% 计入总分" if "share" in one else ""
        even = f"，每行的权重 = 分值 ÷ {one['divisor']}" if one.get("weights") == "equal" else ""
        return f"一级指标“{one['label']}”：{points}{share}{even}"
    if kind == "budget":
        return f"“{one['label']}”：{points}；{_bands(one, '%')}"
    if kind == "indicators":
        step = "；本行写有扣分规则的，按该规则" if one.get("step") == "printed" else ""
        return f"指标得分：{RATES[one['rate']]}；{INVERSE[one['inverse']]}{step}"
    if kind == "deductions":
        return f"“{one['label']}”合计最多扣 {plain(-Decimal(one['lowest']))} 分"
    if kind == "deductions.row":
        return f"“{one['label']}”：" + (
            f"最多扣 {plain(-Decimal(one['points']))} 分" if "points" in one else "一票否决"
        )
    return f"等级：{_bands(one, ' 分')}"


def _bands(one: Mapping[str, Any], unit: str) -> str:
    bound = next((bound for bound in BOUNDS if bound in one), None)
    if bound is None:
        return {"linear": "得分 = 分值 × 比率，最多得满分", "loss": "得分 = 分值 - 分值 × 比率"}.get(
            one.get("rule", ""), "怎样得分见后面的问题"
        )
    sign = "≥" if bound == "at_least" else "≤"
    steps = [f"{sign}{plain(Decimal(limit))}{unit} {_value(value)}" for limit, value in one[bound]]
    return f"{'、'.join(steps)}、其余 {_value(one['otherwise'])}"


def _value(value: object) -> str:
    return value if isinstance(value, str) else f"得 {plain(Decimal(str(value)))} 分"
