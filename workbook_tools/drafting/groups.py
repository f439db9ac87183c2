"""一级指标 and 扣分项 of a form that is drafted: which rows belong together, their points, and what a row may cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.drafting.found import LEFT_OPEN, Ask, Choice, Content, Found, drafting_words, sentence
from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.schemes.printed_rules import Rule
from workbook_tools.values import HUNDRED, normalize, plain

ALL = "全部指标"  # what the rows of a form without 一级指标 are called
RATES = ("execution", "adjustment")
Part = tuple[list[Content], list[Ask]]


class Listed(NamedTuple):
    """The rows below one 一级指标, and the table that they stand in."""

    words: str
    table: Table
    rows: list[Row]

    @property
    def cell(self) -> Cell:
        """The cell of the label, or the first of the rows where the form has no labels."""
        cells = self.rows[0].cells
        return cells.get("label") or next(iter(cells.values()))


def is_rate(found: Found, row: Row) -> bool:
    """Whether a row is a rate of money with a rule of its own: 预算执行率 with its bands."""
    rate = ideas(found.label(row, "kind")).get("money", "")
    return rate in RATES and bool(found.in_row(row.number, "bands", "formula", "unclear"))


def takes_away(found: Found, row: Row) -> bool:
    """Whether a row takes points away."""
    weight = found.weight(row)
    return bool(found.in_row(row.number, "deduction", "veto")) or (weight is not None and weight < 0)


def listed_rows(found: Found) -> list[Listed]:
    """The rows that earn points, by their 一级指标; all together where the form has no such column."""
    listed: list[Listed] = []
    for table, row in found.rows():
        label = found.label(row, "label") if "label" in table.columns else ALL
        if not label or takes_away(found, row):
            continue
        if listed and listed[-1].words == label:
            listed[-1].rows.append(row)
        else:
            listed.append(Listed(label, table, [row]))
    return listed


def group_name(label: str, taken: Sequence[str]) -> str:
    """What a scheme calls a group, by the words of its label."""
    known = drafting_words()["groups"]
    name = next((name for name, words in known.items() if any(word in label for word in words)), "")
    if name and name not in taken:
        return name
    return next(f"group{number}" for number in range(1, 99) if f"group{number}" not in taken)


def groups(found: Found) -> Part:
    """Every 一级指标 with its points and where the weights of its rows come from, and what has to be asked."""
    drafted: list[Content] = []
    asks: list[Ask] = []
    for listed in listed_rows(found):
        name = group_name(listed.words, [group["name"] for group in drafted])
        group: Content = {"name": name, "label": listed.words}
        if listed.words != ALL:
            group["begins"] = [_stem(listed.words)]
        if share := _share(found, listed.words):
            group["share"] = share
        rates = all(is_rate(found, row) for row in listed.rows)
        letter = _letter(found, listed)
        if rates:
            group["weights"] = "rules"
        elif letter:
            group |= {"weights": "equal", "divisor": letter.stated.words[0]}
        else:
            group["weights"] = "printed" if "weight" in listed.table.columns else "shared"
        if not rates:
            group["kinds"] = [kind for row in listed.rows if (kind := _kind(found, row))]
        asks += _points(found, listed, group, letter)
        drafted.append(group)
    return drafted, asks


def _kind(found: Found, row: Row) -> str:
    return found.label(row, "kind")


def _stem(label: str) -> str:
    return label.removesuffix("指标")


def _share(found: Found, label: str) -> Decimal | None:
    """The percent of the total that a group counts for: 管理绩效得分*40%+…."""
    rule = found.first("share")
    pairs = zip(rule.stated.words, rule.stated.numbers, strict=True) if rule else ()
    return next((share for words, share in pairs if _same(words, label)), None)


def _same(words: str, label: str) -> bool:
    short, long = sorted((_stem(words), _stem(label)), key=len)
    return long.startswith(short) or long.endswith(short)


def _letter(found: Found, listed: Listed) -> Rule | None:
    """The sentence by which the rows share the points evenly (40/m), in the heading of their table."""
    shares = [rule for rule in found.rules if rule.kind == "equal"]
    named = [rule for rule in shares if rule.stated.about and _same(rule.stated.about, listed.words)]
    above = [rule for rule in shares if rule.cell[0] < listed.rows[0].number][-1:]
    return next(iter((*named, *(rule for rule in above if not rule.stated.about))), None)


def _points(found: Found, listed: Listed, group: Content, letter: Rule | None) -> Iterator[Ask]:
    """Puts the points and their sentence into the group; asks where no sentence gives them."""
    cap = next((rule for rule in found.rules if rule.kind == "cap" and _same(rule.stated.about, listed.words)), None)
    own, named = found.at(listed.cell, "points"), _in_sentence(found, listed.words)
    told = letter or cap or own
    others = {rule.stated.numbers[0] for rule in (letter, cap, own) if rule} | ({named[1]} if named else set())
    if told:
        group |= {"points": told.stated.numbers[0], **sentence(found, told)}
        if cap and cap is not told:
            group["cap_quote"] = cap.stated.quote
        if len(others) > 1:
            said = "、".join(f"{plain(points)} 分" for points in sorted(others))
            yield _ask(found, group, listed, f"“{listed.words}”在表上写了几种分值：{said}，是多少分？", others)
    elif named:
        group |= {"points": named[1], **sentence(found, named[0])}
    else:
        yield _sum(found, listed, group)
    if not told and not named and "share" in group:
        group["points"] = group.get("points", HUNDRED)


def _in_sentence(found: Found, label: str) -> tuple[Rule, Decimal] | None:
    """The points of a group in a sentence that gives those of all groups."""
    rule = found.first("weights")
    pairs = zip(rule.stated.words, rule.stated.numbers, strict=True) if rule else ()
    points = next((number for words, number in pairs if _same(words, label)), None)
    return (rule, points) if rule and points is not None else None


def _sum(found: Found, listed: Listed, group: Content) -> Ask:
    """Asks for the points that no sentence gives: the sum of the printed rows, or a number."""
    printed = [found.weight(row) for row in listed.rows]
    known = [points for points in printed if points is not None]
    group["cell"] = found.address(listed.rows[0].cells.get("weight", listed.cell))
    if not known or len(known) < len(printed):
        group["observed"] = "表上没有写分值"
        question = f"“{listed.words}”一共多少分？表上没有写"
        choices = [Choice(f"{points} 分", _stated(points, question)) for points in range(5, 65, 5)]
        return Ask(f"group.{group['name']}", question, (*choices, LEFT_OPEN), found.text(listed.cell), group["cell"])
    total = sum(known, Decimal(0))
    terms = " + ".join(plain(points) for points in known)
    said = f"各行的分值 {terms} = {plain(total)}" if len(known) > 1 else f"只有一行，分值 {plain(total)}"
    group |= {"points": total, "observed": said}
    question = f"“{listed.words}”没有写一共多少分，{said}。本办法定为 {plain(total)} 分吗？"
    choices = [Choice("是", {}), LEFT_OPEN]
    return Ask(f"group.{group['name']}", question, tuple(choices), found.text(listed.cell), group["cell"])


def _stated(points: int, question: str) -> Content:
    return {"points": points, "observed": f"{question}，起草时定为 {points} 分"}


def _ask(found: Found, group: Content, listed: Listed, question: str, points: set[Decimal]) -> Ask:
    choices = [Choice(f"{plain(one)} 分", {"points": one}) for one in sorted(points)]
    cell = found.address(listed.cell)
    return Ask(f"group.{group['name']}", question, (*choices, LEFT_OPEN), found.text(listed.cell), cell)


# ── deductions ───────────────────────────────────────────


def deductions(found: Found) -> tuple[Content, list[Ask]]:
    """The rows that take points away, and the row whose event decides the grade; empty where there are none."""
    rows = [row for _, row in found.rows() if takes_away(found, row)]
    limit = next((rule for rule in found.rules if rule.kind == "points" and rule.stated.numbers[0] < 0), None)
    if not rows:
        return {}, []
    drafted = [_deduction(found, row) for row in rows]
    lowest = limit.stated.numbers[0] if limit else sum((row.get("points", Decimal(0)) for row in drafted), Decimal(0))
    label = limit.stated.about if limit else drafted[0]["group"]
    quote = sentence(found, limit) if limit else {"quote": f"各行相加 {plain(lowest)} 分", "cell": drafted[0]["cell"]}
    vetoes = [(row, rule) for row in rows for rule in found.in_row(row.number, "veto")]
    veto: Content = {"veto": "一票否决", "veto_words": [], "veto_grade": "", "veto_quote": ""}
    if vetoes:
        row, rule = vetoes[0]
        veto = {
            "veto": "一票否决" if "一票否决" in _kind(found, row) else _kind(found, row),
            "veto_words": [],
            "veto_grade": rule.stated.words[0],
            "veto_quote": _clause(rule.stated.quote, rule.stated.words[0]),
        }
    table = {"label": label, "lowest": lowest, **quote, "none": [], "none_exactly": [], **veto, "row": drafted}
    words = drafting_words()["deductions"]
    examples = "、".join(f"“{word}”" for word in (*words["none"][:2], *words["none_exactly"][:2]))
    asks = [
        Ask(
            "deductions",
            f"扣分行里写{examples}这些字的，算没有发生、扣 0 分吗？",
            (
                Choice("是", {key: list(listed) for key, listed in words.items()}),
                Choice("只有“未发生扣分行为”算", {"none": list(words["none"][:1])}),
                LEFT_OPEN,
            ),
        )
    ]
    if not limit:
        question = f"扣分一共最多扣多少分没有写，各行相加是 {plain(-lowest)} 分。就按这个数封顶吗？"
        asks.append(Ask("deductions", question, (Choice("是", {}), LEFT_OPEN)))
    return table, [*asks, *_other_weights(found, rows, drafted)]


def _other_weights(found: Found, rows: Sequence[Row], drafted: Sequence[Content]) -> Iterator[Ask]:
    """Asks about rows whose sentence takes other points away than their weight."""
    for row, said in zip(rows, drafted, strict=True):
        weight = found.weight(row)
        if weight is not None and weight != 0 and said.get("points") not in (None, weight):
            question = (
                f"“{said['label']}”的权重是 {plain(weight)}，句子里一共扣 {plain(-said['points'])} 分，按句子吗？"
            )
            yield Ask("deductions", question, (Choice("按句子", {}), LEFT_OPEN), said["quote"], said["cell"])


def _deduction(found: Found, row: Row) -> Content:
    stated = found.in_row(row.number, "deduction", "veto")
    points = sum((sum(rule.stated.numbers) for rule in stated if rule.kind == "deduction"), Decimal(0))
    weight = found.weight(row)
    points = points or (weight if weight is not None and weight < 0 else Decimal(0))
    cell = stated[0].cell if stated else row.cells["name"]
    drafted: Content = {"group": found.label(row, "label"), "label": _kind(found, row) or found.label(row, "name")}
    if points:
        drafted["points"] = points
    return {**drafted, "quote": found.text(cell), "cell": found.address(cell)}


def _clause(quote: str, grade: str) -> str:
    """The clause of a sentence that decides the grade."""
    clauses = [part for part in normalize(quote).split(",") if grade in part]
    at = quote.find(clauses[-1][:4]) if clauses else -1
    return quote[at:] if at >= 0 else quote
