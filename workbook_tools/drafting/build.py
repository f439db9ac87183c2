"""A scheme drafted from an empty form: every fact with its sentence and cell, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.drafting.found import LEFT_OPEN, Ask, Choice, Content, Found, sentence
from workbook_tools.drafting.groups import deductions, groups
from workbook_tools.drafting.money import budget, money
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.printed import printed_words
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.schemes.printed_rules import printed_rules
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, normalize, plain

_CLAUSE = regex("(?<=[；;。])|(?=其中，)")
_YEAR = regex(r"[(（]?20\d\d年?度?[)）]?")
# A title that many bureaus print, of which no form can be told.
_GENERIC = regex(r"(?:部门|预算|财政|项目|专项|资金|支出|绩效|目标|自评|评价|整体|单位|情况|评分)*表?")
MAY_LACK = ("note", "own", "evidence", "previous", "status", "core")  # columns that a form may lack and be the same
SOURCE = "read"


class Draft(NamedTuple):
    """The tables of a drafted scheme in the order of the file, and what has to be asked.

    `others` are the sheets with forms that it is not the draft of, `unused` the cells and sentences of rules that no
    table of it holds.
    """

    content: Content
    others: list[str]
    unused: list[tuple[str, str]]
    asks: list[Ask]

    @property
    def points(self) -> Decimal | None:
        """The points of all groups, None where those of one are not known."""
        groups = self.content["group"]
        shares = [Decimal(one["points"]) * one.get("share", HUNDRED) / HUNDRED for one in groups if "points" in one]
        return sum(shares, Decimal(0)) if len(shares) == len(groups) else None

    @property
    def facts(self) -> list[Content]:
        """Every table that a person has to confirm."""
        listed = [one for key in ("fact", "group", "budget") for one in self.content.get(key, [])]
        single = [self.content[key] for key in ("indicators", "deductions", "grade") if self.content.get(key)]
        return [*listed, *single, *self.content.get("deductions", {}).get("row", [])]


def draft(sheets: Sequence[Sheet], name: str, document: str) -> Draft:
    """The draft of the form that stands on the sheets; raises `FormNotRecognised` where they hold none."""
    found, others = _found(sheets)
    rules, of_money, asks = budget(found)
    drafted_groups, more = groups(found)
    taken, of_deductions = deductions(found)
    facts, of_facts = _facts(found)
    indicators, of_indicators = _indicators(found)
    grade, of_grades = _grades(found)
    title = _title(found)
    content: Content = {"name": name, "title": f"{title}（{name}）" if _GENERIC.fullmatch(title) else title}
    if found.form.year:
        content["year"] = found.form.year
    content |= _unit(found) | _average(found)
    content["source"] = [{"document": document, "status": SOURCE}]
    content |= {"fact": facts, "form": _form(found), "money": money(found)}
    content |= {"group": [*of_money, *drafted_groups], "budget": rules, "indicators": indicators}
    content |= {key: table for key, table in (("deductions", taken), ("grade", grade)) if table}
    result = Draft(content, others, [], [*of_facts, *more, *asks, *of_indicators, *of_deductions, *of_grades])
    for fact in result.facts:
        fact["confirmed"] = False
    return result._replace(unused=list(_unused(found, result)))


# Rules that say nothing more than others, or that are read anew from every form.
_SAID_ELSEWHERE = {"limit", "year", "unit", "points", "formula", "average"}


def _unused(found: Found, drafted: Draft) -> Iterator[tuple[str, str]]:
    """The sentences that state a rule and are neither in a table nor asked about."""
    content = drafted.content
    told = normalize(f"{content} {[ask.quote for ask in drafted.asks]}")
    elsewhere = _SAID_ELSEWHERE | ({"step"} if "step" in content["indicators"] else set())
    elsewhere |= {"share"} if any("share" in group for group in content["group"]) else set()
    for cell, quote in dict.fromkeys(
        (rule.cell, rule.stated.quote) for rule in found.rules if rule.kind not in elsewhere
    ):
        clauses = (normalize(repr(clause))[1:-1].strip(";。") for clause in _CLAUSE.split(quote))
        if not all(clause in told for clause in clauses):
            yield found.address(cell), quote


def _found(sheets: Sequence[Sheet]) -> tuple[Found, list[str]]:
    """The first form of a workbook, with the sheets that it goes on in, and the names of the sheets of other forms."""
    of_forms = [
        one for one in sheets if any(table.kind != "other" for form in read_forms(one) for table in form.tables)
    ]
    if not of_forms:
        raise FormNotRecognised("没有读到自评表（没有指标表，也没有资金表）", "请给局里印发的空白表")
    first, *others = of_forms
    rest = [one for one in sheets if one not in of_forms]
    sheet = JoinedSheet([first, *rest]) if rest else first
    form, *below = read_forms(sheet)
    rules = [rule for rule in printed_rules(sheet) if not below or rule.cell[0] <= form.last]
    return Found(sheet, form, rules), [one.name for one in ([first] if below else []) + others]


def _title(found: Found) -> str:
    return "".join(found.form.title.split()) or "自评表"


def _unit(found: Found) -> Content:
    rule = found.first("unit")
    return {"unit": rule.stated.words[0]} if rule else {}


def _average(found: Found) -> Content:
    rule = found.first("average")
    return {"evaluators_quote": rule.stated.quote} if rule else {}


def _facts(found: Found) -> tuple[list[Content], list[Ask]]:
    """Year, unit and the average of evaluators, each with its sentence; and what is asked about the whole form."""
    facts: list[Content] = []
    year = next(
        (rule for rule in found.rules if rule.kind == "year" and rule.stated.numbers[0] == found.form.year), None
    )
    if year:
        facts.append({"key": "year", **sentence(found, year)})
    unit = found.first("unit")
    asks = [Ask("places", "各行的权重、得分保留几位小数？", _PLACES)]
    if unit:
        facts.append({"key": "unit", **sentence(found, unit)})
    else:
        choices = tuple(Choice(word, {"unit": word}) for word in ("元", "万元"))
        asks.append(Ask("unit", "表上的金额以什么为单位？表上没有写", choices))
    if average := found.first("average"):
        facts.append({"key": "evaluators_quote", **sentence(found, average)})
    return facts, asks


_PLACES = tuple(Choice(words, {"places": places}) for words, places in (("两位", 2), ("一位", 1), ("不保留", 0)))


def _form(found: Found) -> Content:
    """How the form is recognised: words of its title, and what it calls its columns."""
    parts = sorted((part for part in _YEAR.split(_title(found)) if part), key=len)[-1:]
    generic = _GENERIC.fullmatch(_title(found)) is not None
    columns: dict[str, dict[str, list[str]]] = {"money": {}, "indicators": {}}
    for kind, idea, words in printed_words(found.form):
        spellings = columns["money" if kind == "money" else "indicators"].setdefault(idea, [])
        if idea and words not in spellings:
            spellings.append(words)
    table: Content = {"title_needs": [] if generic else parts, "title_never": []}
    if isinstance(found.sheet, JoinedSheet):
        table["one_book"] = True
    for kind, known in columns.items():
        named = {f"{idea}?" if idea in MAY_LACK else idea: words for idea, words in known.items() if words}
        table[kind] = {idea: words[0] if len(words) == 1 else words for idea, words in named.items()}
    if found.first("average") and (evaluators := _evaluators(found)):
        table["table"] = [evaluators]
    return table


def _evaluators(found: Found) -> Content:
    """The table in which several people score each indicator, by its title and columns; empty for none."""
    for table in found.tables("other"):
        columns = {ideas(words).get("indicator", ""): words for words in table.columns}
        if columns.keys() >= {"name", "weight", "average"} and table.title:
            known = {idea: columns[idea] for idea in ("name", "weight", "average")}
            return {"name": "evaluators", "rows": "evaluators", "title": normalized(table.title), "columns": known}
    return {}


_MISSED = (
    Choice("由填表人评分", {"inverse": "judged"}),
    Choice("指标值 ÷ 完成值", {"inverse": "ratio"}),
    Choice("按超过的比例扣分", {"inverse": "linear"}),
    Choice("不得分", {"inverse": "zero"}),
)
_ASKED = "（表上没有写，起草时回答）"
_RATE = (
    Choice("按完成的比例得分，最多得满分", {"rate": "capped", "rate_quote": f"{_ASKED}按完成的比例得分，最多得满分"}),
    Choice("由评分人评分", {"rate": "met", "rate_quote": f"{_ASKED}达到指标值记满分，没有达到的由评分人评分"}),
    Choice("所有指标都由填表人评分", {"rate": "judged"}),
)


def _indicators(found: Found) -> tuple[Content, list[Ask]]:
    """What an indicator earns, by the sentences of the form; what they leave open is asked."""
    table: Content = {"rate": "judged"}
    asks: list[Ask] = []
    rate, inverse = found.first("rate"), found.first("inverse")
    if rate:
        table |= {"rate": rate.stated.words[0], "rate_quote": rate.stated.quote, "cell": found.address(rate.cell)}
    else:
        asks.append(Ask("indicators", "定量指标没有达到指标值的，怎样得分？表上没有写", _RATE))
    if score := _score_heading(found):
        table["score_quote"] = score
    table["inverse"] = inverse.stated.words[0] if inverse else "judged"
    if inverse:
        table["inverse_quote"] = inverse.stated.quote
    else:
        asks.append(Ask("indicators", "指标值是“≤”的（越低越好），没有达到的怎样得分？表上没有写", _MISSED))
    table["either_way"] = ["成本"]
    if step := found.first("step"):
        table |= {"step": "printed", "step_quote": step.stated.quote}
        table.setdefault("cell", found.address(step.cell))
    levels = next((rule for rule in found.rules if rule.kind == "levels" and rule.stated.words), None)
    if levels:
        table |= {"level_quote": levels.stated.quote, "level": _levels(levels.stated.words, levels.stated.numbers)}
    return table, asks


def _score_heading(found: Found) -> str:
    """The heading of the scores where it tells how they follow from the rate."""
    headings = [cell for cell, role in found.form.roles.items() if role == "heading"]
    return next((words for cell in headings if "得分=" in (words := found.text(cell))), "")


def _levels(words: Sequence[str], limits: Sequence[object]) -> list[Content]:
    levels: list[Content] = []
    for number, word in enumerate(words):
        high = "to" if not number else "below"
        levels.append({"words": [word], "from": limits[number + 1], high: limits[number]})
    return levels


def _grades(found: Found) -> tuple[Content, list[Ask]]:
    """The limits of the grades; a sentence that contradicts itself is asked."""
    rule = found.first("grades")
    if rule:
        *names, last = rule.stated.words
        return _graded(names, rule.stated.numbers, last) | sentence(found, rule), []
    unclear = [one for one in found.rules if one.kind == "unclear" and one.stated.words[0] == "grades"]
    if not unclear:
        return {}, []
    rule = unclear[0]
    (*names, last), limits = rule.stated.words[1:], rule.stated.numbers
    if len(limits) != len(names):
        return {}, []
    read = "、".join(f"{name}≥{plain(limit)} 分" for name, limit in zip(names, limits, strict=True))
    question = f"等级的这句话自相矛盾：“{rule.stated.quote}”。是不是 {read}、其余为{last}？"
    ask = Ask("grade", question, (Choice("是", {}), LEFT_OPEN), rule.stated.quote, found.address(rule.cell))
    return _graded(names, limits, last) | sentence(found, rule), [ask]


def _graded(names: Sequence[str], limits: Sequence[object], last: str) -> Content:
    return {"at_least": [[limit, name] for limit, name in zip(limits, names, strict=True)], "otherwise": last}
