"""What is confirmed of a drafted scheme: the rest is taken out, and what it is about stays open.

A draft is a scheme whose tables also have `cell` (where the sentence stands) and `confirmed`. Its `[[ask]]` tables are
what the form does not say: each is `about` a table, and the `gives` of the choice that is the `answer` go into it.
A table that is not confirmed, or about which a question is open, leaves nothing behind but what the form prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.scheme import Unconfirmed

Content = dict[str, Any]
ONE = {"indicators": "定量、定性指标的算法", "deductions": "扣分和一票否决", "grade": "等级的分数段"}
FACTS = {"year": "年度", "unit": "金额单位", "evaluators_quote": "评委评分取平均"}
_PRINTED = {  # what is kept of a rule that is not confirmed: the words by which its cells are found
    "group": ("name", "label", "kinds", "begins"),
    "budget": ("field", "label", "row", "formula"),
}


def settled(content: Content) -> tuple[Content, tuple[Unconfirmed, ...]]:
    """The scheme without what is not confirmed, and what that is; raises `BadScheme`."""
    _check_tables(content)
    asked = _answered(content)
    unconfirmed = [*_facts(content, asked), *_tables(content, asked), *_single(content, asked)]
    if unconfirmed:
        content["general"] = (
            f"这份评分办法有 {len(unconfirmed)} 处还没有人确认，没有确认的不计算；"
            f"是哪些，见 workbook_tools schemes show {content.get('name', '')}"
        )
    return content, tuple(unconfirmed)


def _check_tables(content: Content) -> None:
    """Refuses what is not written as tables, or as lists of tables."""
    deductions = content.get("deductions", {})
    lists = {key: content.get(key, []) for key in ("ask", "fact", "group", "budget")}
    if isinstance(content.get("form"), dict):
        lists["form.table"] = content["form"].get("table", [])
    if isinstance(deductions, dict):
        lists["deductions.row"] = deductions.get("row", [])
    asks = lists["ask"] if isinstance(lists["ask"], list) else []
    for ask in asks:
        lists["ask.choice"] = ask.get("choice", []) if isinstance(ask, dict) else []
        _check_lists(lists)
    _check_lists(lists)
    for key in (*ONE, "money", "form"):
        if not isinstance(content.get(key, {}), dict):
            raise BadScheme(f"{key} 的写法不对，应写成 [{key}]")


def _check_lists(lists: Mapping[str, object]) -> None:
    for key, listed in lists.items():
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise BadScheme(f"{key} 的写法不对，应写成 [[{key}]]")


def table_about(content: Content, about: str) -> Content | None:
    """The table that a question is about: places is the file itself, group.output one of several; None for none."""
    kind, _, name = about.partition(".")
    if kind in ("places", *FACTS):
        return content
    if not name:
        found = content.get(kind)
        return found if isinstance(found, dict) else None
    key = "field" if kind == "budget" else "name"
    listed = content.get(kind)
    return next((one for one in listed if one.get(key) == name), None) if isinstance(listed, list) else None


def _answered(content: Content) -> dict[str, str]:
    """Puts the answers where they belong; gives what is about → question of those that are open."""
    opened: dict[str, str] = {}
    for ask in content.pop("ask", []):
        about, question, choices = (ask.get(key) for key in ("about", "question", "choice"))
        answer = ask.get("answer", "")
        if not all(isinstance(one, str) for one in (about, question, answer)) or not isinstance(choices, list):
            raise BadScheme("[[ask]] 缺少 about、question 或 choice，或写法不对")
        if not all(isinstance(one.get("words"), str) and isinstance(one.get("gives"), dict) for one in choices):
            raise BadScheme("[[ask.choice]] 缺少 words 或 gives，或写法不对")
        if unknown := ask.keys() - {"about", "question", "quote", "cell", "choice", "answer"}:
            raise BadScheme(f"[[ask]] 无效的项：{'、'.join(sorted(unknown))}")
        table = table_about(content, about)
        if table is None:
            raise BadScheme(f"[[ask]] about “{about}”：没有这一项")
        if not answer:
            opened.setdefault(about, f"还没有回答：{question}（请写 answer）")
            continue
        known = {one["words"]: one["gives"] for one in choices}
        if answer not in known:
            raise BadScheme(f"“{question}”的 answer “{answer}”无效，只能是 {'、'.join(known)}")
        table.update(known[answer])
    return opened


def _facts(content: Content, asked: Mapping[str, str]) -> Iterator[Unconfirmed]:
    """Single values, each with its sentence in [[fact]], and the places that points are rounded to."""
    if "places" in asked:
        content["places"] = 2
        yield Unconfirmed("places", f"小数位数{asked['places']}")
    for fact in content.pop("fact", []):
        key = fact.get("key")
        if not isinstance(key, str) or key not in FACTS or fact.keys() - {"key", "quote", "cell", "confirmed"}:
            raise BadScheme(f"[[fact]] key “{key}”无效，只能是 {'、'.join(FACTS)}")
        if why := _open(fact, FACTS[key], asked.get(key, "")):
            content.pop(key, None)
            if key == "unit":
                content[key] = "元"  # the reader of the file wants one; the scheme then has none
            elif key == "evaluators_quote":
                _without_evaluators(content)
            yield Unconfirmed("evaluators" if key == "evaluators_quote" else key, why, _quotes(fact))
    if "unit" in asked:
        content["unit"] = "元"
        yield Unconfirmed("unit", f"金额单位{asked['unit']}")


def _without_evaluators(content: Content) -> None:
    """What several people gave an indicator is no score before the rule that makes it one is confirmed."""
    form = content.get("form", {})
    form["table"] = [
        one for one in form.get("table", []) if not (isinstance(one, dict) and one.get("rows") == "evaluators")
    ]


def _tables(content: Content, asked: Mapping[str, str]) -> Iterator[Unconfirmed]:
    """Groups and rules of money."""
    for kind, kept in _PRINTED.items():
        for number, table in enumerate(content.get(kind, [])):
            name = table.get("field" if kind == "budget" else "name", "")
            about = f"{kind}.{name}"
            what = f"“{table.get('label', name)}”" + ("的分值" if kind == "group" else "的算法")
            why, quotes = _open(table, what, asked.get(about, "")), _quotes(table)
            if not why:
                continue
            left = {key: table[key] for key in kept if key in table}
            if kind == "group":
                left["weights"] = "rules" if table.get("weights") == "rules" else "printed"
            else:
                money = [amount for amount in content.get("money", {}) if amount != "spent"]
                left |= {"part": "spent", "base": money[:1] or ["spent"], "rule": "none"}
            content[kind][number] = left
            yield Unconfirmed(about, why, quotes)


def _single(content: Content, asked: Mapping[str, str]) -> Iterator[Unconfirmed]:
    """The rules of indicators, of deductions and of grades."""
    rows = content.get("deductions", {}).get("row", [])
    open_rows = [why for row in rows if (why := _open(row, f"“{row.get('label', '')}”的扣分", ""))]
    for kind, what in ONE.items():
        if kind not in content:
            continue
        table = content[kind]
        quotes = (*_quotes(table), *(quote for row in rows if kind == "deductions" for quote in _quotes(row)))
        why = _open(table, what, asked.get(kind, ""))
        why = why or (open_rows[0] if kind == "deductions" and open_rows else "")
        if not why:
            continue
        if kind == "grade":
            del content[kind]
        elif kind == "indicators":
            content[kind] = {"rate": "judged", "inverse": "judged"}
        else:
            content[kind] = _only_rows(table)
        yield Unconfirmed(kind, why, quotes)


def _only_rows(table: Content) -> Content:
    """The printed rows of deductions, and nothing of what they cost."""
    kept = ("group", "label", "quote")
    rows = [{key: row[key] for key in kept if key in row} for row in table.get("row", [])]
    blank = dict.fromkeys(("none", "none_exactly", "veto_words"), ())
    words = {"label": table.get("label", ""), "veto": table.get("veto", ""), "veto_grade": "", "veto_quote": ""}
    return {**words, **blank, "lowest": 0, "quote": "0", "row": rows}


def _quotes(table: Content) -> tuple[str, ...]:
    """Every sentence that a table rests on."""
    return tuple(
        words
        for key, words in table.items()
        if isinstance(words, str) and (key.endswith("quote") or key == "formula") and words
    )


def _open(table: Content, what: str, question: str) -> str:
    """Why a table is not used, "" where it is; takes out what only a draft has."""
    confirmed, cell = table.pop("confirmed", True), table.pop("cell", "")
    if not isinstance(confirmed, bool):
        raise BadScheme(f"{what} confirmed 只能是 true 或 false")
    if confirmed and not question:
        return ""
    if question:
        return f"{what}{question}"
    quote = table.get("quote") or table.get("rate_quote") or table.get("observed") or ""
    said = f"（{cell} “{quote}”）" if quote else ""
    return f"{what}还没有人确认{said}，核对后请写 confirmed = true"
