"""The money of a form that is drafted: what its amounts are called, its rates, and what they earn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from workbook_tools.drafting.found import LEFT_OPEN, Ask, Choice, Content, Found, drafting_words, sentence
from workbook_tools.drafting.groups import is_rate, listed_rows
from workbook_tools.forms.headings import Column
from workbook_tools.forms.tables import Row, Table
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.schemes.printed_rules import Rule
from workbook_tools.schemes.scheme import AMOUNTS, Amount
from workbook_tools.text import regex
from workbook_tools.values import normalize, plain

_LETTER = regex(r"\(([A-Z])\)$")
_FRACTION = regex(r"\(([A-Z])/([A-Z])\)$")
LINEAR = Choice("得分 = 分值 × 比率，最多得满分", {"rule": "linear"})


def money(found: Found) -> Content:
    """What the form calls each amount."""
    tables = found.tables("money")
    return {amount: column.words for amount, column in _amounts(tables[0]).items()} if tables else {}


def _amounts(table: Table) -> dict[Amount, Column]:
    """The columns of amounts; a budget that is the only one counts as that of the whole year."""
    columns: dict[Amount, Column] = {amount: table.columns[amount] for amount in AMOUNTS if amount in table.columns}
    if "budget" in table.columns and not columns.keys() & {"initial", "revised"}:
        columns["revised"] = table.columns["budget"]
    return {amount: columns[amount] for amount in AMOUNTS if amount in columns}


def budget(found: Found) -> tuple[list[Content], list[Content], list[Ask]]:
    """The rules of money, the groups that they need of their own, and what has to be asked."""
    rules: list[Content] = []
    asks: list[Ask] = []
    for listed in listed_rows(found):
        if all(is_rate(found, row) for row in listed.rows):
            rules += [_rule_of_row(found, row, asks) for row in listed.rows]
    groups: list[Content] = []
    tables = found.tables("money")
    if tables and not rules:
        rules += _rules_of_table(found, tables[0], groups, asks)
    return rules, groups, asks


# ── a row of its own: 预算执行率 with its bands ───────────


def _rule_of_row(found: Found, row: Row, asks: list[Ask]) -> Content:
    label = found.label(row, "kind")
    field = ideas(label)["money"]
    points = found.weight(row)
    rule: Content = {"field": field, "label": label}
    if points is not None:
        rule["points"] = points
    about = f"budget.{field}"
    formula = next(iter(found.in_row(row.number, "formula")), None)
    rule |= _fraction(found, formula, asks, about)
    rule["formula"] = formula.stated.quote if formula else f"{label}（表上没有写算法）"
    bands = next(iter(found.in_row(row.number, "bands")), None)
    unclear = next(iter(found.in_row(row.number, "unclear")), None)
    if bands:
        direction, (*pairs, otherwise) = bands.stated.words[0], bands.stated.numbers
        steps = [[pairs[n], pairs[n + 1]] for n in range(0, len(pairs), 2)]
        rule |= {"rule": "bands", direction: steps, "otherwise": otherwise, **sentence(found, bands)}
        most = max(step[1] for step in steps)
        if rule.setdefault("points", most) != most:
            said = f"“{label}”的分值是 {plain(rule['points'])}，最高一档得 {plain(most)} 分"
            question = f"{said}。请局里改清楚，改清楚以前不能计算"
            asks.append(Ask(about, question, (LEFT_OPEN,), bands.stated.quote, found.address(bands.cell)))
    elif unclear:
        rule |= {"rule": "none", **sentence(found, unclear)}
        question = f"这句话自相矛盾，各档有重叠或空缺：“{unclear.stated.quote}”。改清楚以前不能计算"
        asks.append(Ask(about, question, (LEFT_OPEN,), unclear.stated.quote, found.address(unclear.cell)))
    else:
        rule |= {"rule": "none", "quote": rule["formula"], "cell": found.address(row.cells["kind"])}
        asks.append(Ask(about, f"“{label}”的得分怎样算？表上没有写", (LINEAR, LEFT_OPEN)))
    for exempt in found.in_row(row.number, "exempt"):
        clause = next(part for part in re.split("(?<=[。；;\n])|(?=其中)", exempt.stated.quote) if "不考核" in part)
        rule |= {"exempt": list(exempt.stated.words), "exempt_quote": clause}
        rule["quote"] = rule["quote"].replace(clause, "")
    return rule


def _fraction(found: Found, formula: Rule | None, asks: list[Ask], about: str) -> Content:
    """Part and base of a rate by the words of its formula; what its words do not name is asked."""
    words = drafting_words()["amounts"]
    above, below = formula.stated.words if formula else ("", "")
    quote = formula.stated.quote if formula else ""
    cell = found.address(formula.cell) if formula else ""
    known = money(found)
    part = "spent"
    if any(word in above for word in words["reduced"]):
        part = "reduced"
    elif any(word in above for word in words["moved"]):
        part = "reduced"
        question = f"“{above}”只算调减的，还是调增、调减都算？"
        only = Choice("只算调减", {"part": "reduced"})
        asks.append(Ask(about, question, (only, LEFT_OPEN), quote, cell))
    elif formula and not any(word in above for word in words["spent"]) and _amount(above, known) != "spent":
        asks.append(
            Ask(
                about,
                f"“{above}”是不是“{known.get('spent', '实际支出')}”？",
                (Choice("是", {}), LEFT_OPEN),
                quote,
                cell,
            )
        )
    parts = [normalize(one) for one in re.split(r"[+＋]", below) if one]
    base = [amount for one in parts if (amount := _amount(one, known))]
    if not parts or len(base) < len(parts):
        asked = f"“{below or '分母'}”是表上的哪一个数？"
        asks.append(Ask(about, asked, (*_bases(known), LEFT_OPEN), quote, cell))
        return {"part": part}
    return {"part": part, "base": base}


def _amount(words: str, known: Content) -> str:
    """The amount that words of a formula name, "" for none."""
    for amount, label in known.items():
        if normalize(label) == words or ideas(words).get("money") == amount:
            return amount
    return ""


def _bases(known: Content) -> Iterator[Choice]:
    """What a budget may be: one of its columns, or the first together with what was added."""
    whole = [amount for amount in ("initial", "revised") if amount in known]
    yield from (Choice(known[amount], {"base": [amount]}) for amount in whole)
    if "initial" in known and "adjusted" in known:
        yield Choice(f"{known['initial']}+{known['adjusted']}", {"base": ["initial", "adjusted"]})


# ── points in the table of money, or in the row of an indicator ───


def _rules_of_table(found: Found, table: Table, groups: list[Content], asks: list[Ask]) -> Iterator[Content]:
    known = money(found)
    if "execution" not in table.columns or "spent" not in known:
        return
    label = table.columns["execution"].words
    execution: Content = {"field": "execution", "label": label, "part": "spent"}
    about = "budget.execution"
    letters = _by_letter(found, table)
    whole = [amount for amount in ("initial", "revised") if amount in known]
    base = letters or _by_sentence(found, known) or (whole[0] if len(whole) == 1 else "")
    above = f"{found.text(table.columns['execution'].cell)}={known['spent']}/"
    if base:
        execution |= {"base": [base], "formula": f"{above}{known[base]}"}
    else:
        execution["formula"] = f"{above}预算数"
        choices = [
            choice._replace(gives={**choice.gives, "formula": _over(above, choice.words)}) for choice in _bases(known)
        ]
        asks.append(Ask(about, f"“{label}”的分母是哪一个数？", (*choices, LEFT_OPEN)))
    row = _row_of_rate(found)
    loss = found.first("loss")
    if loss and (lost := _row_named(found, loss.stated.about)):
        yield {**execution, **_only_rate(found, table, label)}
        yield _loss(found, loss, lost, asks)
    elif row:
        points = found.weight(row)
        execution |= {"points": points} if points is not None else {}
        yield {**execution, "row": normalize(found.text(row.cells["name"])), **_earning(found, table, row, asks, label)}
    elif "execution.score" in table.columns:
        points, said = _execution_points(found, table)
        execution |= {**({"points": points} if points is not None else {}), **_earning(found, table, None, asks, label)}
        group = {"name": "execution", "label": label, "begins": [label], "weights": "rules", **said}
        if points is not None:
            group["points"] = points
        else:
            question = f"“{label}”多少分？表上没有写"
            asks += [Ask(one, question, tuple(_numbered())) for one in (about, "group.execution")]
        groups.append(group)
        yield execution
    else:
        yield {**execution, **_only_rate(found, table, label)}


def _only_rate(found: Found, table: Table, label: str) -> Content:
    """A rate that the form computes and gives no points for."""
    return {"rule": "none", "observed": f"表头“{label}”", "cell": found.address(table.columns["execution"].cell)}


def _over(above: str, words: str) -> str:
    return f"{above}({words})" if "+" in words else f"{above}{words}"


def _by_sentence(found: Found, known: Content) -> str:
    """The amount below the line in a sentence: 预算执行率=预算执行数/调整后预算数, "" for none."""
    told = [rule.stated for rule in found.rules if rule.kind == "formula"]
    rates = [one for one in told if ideas(one.about).get("money") == "execution"]
    return next((amount for one in rates if (amount := _amount(one.words[1], known))), "")


def _numbered() -> Iterator[Choice]:
    for points in (5, 10, 15, 20):
        yield Choice(f"{points} 分", {"points": points, "observed": f"表上没有写，起草时定为 {points} 分"})
    yield LEFT_OPEN


def _by_letter(found: Found, table: Table) -> str:
    """The amount that the letter below the line of 执行率（B/A） names, "" for none."""
    fraction = _FRACTION.search(normalize(found.text(table.columns["execution"].cell)))
    for amount, column in _amounts(table).items():
        letter = _LETTER.search(normalize(found.text(column.cell)))
        if fraction and letter and letter[1] == fraction[2]:
            return amount
    return ""


def _execution_points(found: Found, table: Table) -> tuple[Decimal | None, Content]:
    """The points of the execution and the sentence, or the cell, that gives them."""
    if rule := found.first("linear"):
        return rule.stated.numbers[0], sentence(found, rule)
    if weights := found.first("weights"):
        pairs = zip(weights.stated.words, weights.stated.numbers, strict=True)
        if (points := next((number for words, number in pairs if "执行" in words), None)) is not None:
            return points, sentence(found, weights)
    for row in table.rows:
        cell = row.cells.get("execution.weight")
        points = found.weight(row._replace(cells={"weight": cell})) if cell else None
        if cell and points is not None:
            return points, {"observed": f"分值一格印着 {plain(points)}", "cell": found.address(cell)}
    return None, {"observed": "表上没有写分值"}


def _earning(found: Found, table: Table, row: Row | None, asks: list[Ask], label: str) -> Content:
    """How the execution earns its points: by a printed sentence, else asked."""
    if rule := found.first("linear"):
        return {"rule": "linear", **sentence(found, rule)}
    cell = row.cells.get("weight") if row else table.columns["execution.score"].cell
    asks.append(Ask("budget.execution", f"“{label}”的得分怎样算？表上没有写", (LINEAR, LEFT_OPEN)))
    return {"observed": f"“{label}”的得分，表上没有写算法", "cell": found.address(cell) if cell else ""}


def _loss(found: Found, rule: Rule, row: Row, asks: list[Ask]) -> Content:
    known, points = money(found), found.weight(row)
    rate = f"{rule.stated.words[0]}的比率"
    above = f"{rate}=调减的金额/"
    choices = [
        choice._replace(gives={**choice.gives, "formula": _over(above, choice.words)}) for choice in _bases(known)
    ]
    asks.append(Ask("budget.adjustment", f"“{rate}”的分母是哪一个数？", (*choices, LEFT_OPEN)))
    asks.append(Ask("budget.adjustment", f"“{rate}”只算调减的吗？", (Choice("只算调减", {}), LEFT_OPEN)))
    formula = f"{above}预算"
    drafted: Content = {"field": "adjustment", "label": rate, "part": "reduced", "rule": "loss"}
    drafted |= {"points": points} if points is not None else {}
    return {**drafted, "row": rule.stated.about, "formula": formula, **sentence(found, rule)}


def _row_named(found: Found, name: str) -> Row | None:
    return next((row for _, row in found.rows() if normalize(found.text(row.cells.get("name"))) == name), None)


def _row_of_rate(found: Found) -> Row | None:
    """The indicator that is the execution of the budget: 预算完成率 among 财务指标."""
    for _, row in found.rows():
        if ideas(normalized(found.text(row.cells.get("name")))).get("money") == "execution":
            return row
    return None
