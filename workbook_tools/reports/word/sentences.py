"""The sentences of a report: each says what the form says, in words that the check of claims can hold against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from workbook_tools.claims import Row, in_a_sentence, name_of
from workbook_tools.claims.facts import Group, one_of
from workbook_tools.reports.word.known import Known, one_line_of
from workbook_tools.text import regex
from workbook_tools.values import decimals, grouped, plain, read_points, read_quantity, round_half_up, scaled, unfilled

LONGEST_NAME = 40  # characters of an indicator's name in a sentence
LONGEST_VALUE = 30  # characters of a value in words; a longer one stands in the table only
TO_FILL = "【待定：{}】"  # what the form does not say yet


def of_year(known: Known) -> str:
    """2023年度, "" where the form tells no year."""
    return f"{known.year}年度" if known.year else ""


def money(known: Known) -> str:
    """The budget, what became of it, what was spent, and the rate."""
    initial, adjusted, revised, spent = (known.money(name) for name in ("initial", "adjusted", "revised", "spent"))
    change = known.amount("adjusted")
    parts = [f"年初预算{initial}"] if initial else []
    if adjusted and change:
        parts.append(f"年中预算{'调减' if change < 0 else '调增'}{adjusted}")
    if revised and (revised != initial or change):
        parts.append(f"全年预算{revised}")
    if spent:
        parts.append(f"实际支出{spent}")
    if (rate := known.rate()) and spent:
        parts.append(f"{rate_name(known)}{rate}")
    if not spent or not (initial or revised):
        lacking = [name for name, said in (("预算数", initial or revised), ("支出数", spent)) if not said]
        parts.append(TO_FILL.format(f"自评表上的{'、'.join(lacking)}"))
    return f"{of_year(known)}{'，'.join(parts)}。"


def rate_name(known: Known) -> str:
    """What the form calls the rate of what was spent."""
    return next((rule.label for rule in known.scheme.budget if rule.field == "execution"), "预算执行率")


def adjustment(known: Known) -> str:
    """What the adjustment of the budget comes to; "" where the form has none."""
    rule = next((rule for rule in known.scheme.budget if rule.field == "adjustment"), None)
    rate = known.rate("adjustment") if rule else ""
    return f"{rule.label}为{rate}。" if rule and rate else ""


def sources(known: Known) -> str:
    """What was spent by source; "" where the form does not print it."""
    if not known.money("spent"):
        return ""
    said = []
    for source in known.form.sources:
        name = _NUMBER.sub("", one_line_of(source.get("name", "")).removeprefix("其中：").removeprefix("其中:"))
        spent = read_quantity(source.get("spent", ""))
        if name and spent is not None and not spent.unit and spent.number and known.unit:
            said.append((name, f"{name}{grouped(spent.number)}{known.unit}"))
    if not said:
        return ""
    kinds = all(name.endswith("支出") for name, _ in said)  # 基本支出 and 项目支出 are no sources
    return f"实际支出按{'支出类别' if kinds else '资金来源'}分，{'，'.join(words for _, words in said)}。"


_NUMBER = regex(r"^(?:[①-⑳]|\d{1,2}[.、．](?!\d))\s{0,9}")


def count(known: Known) -> str:
    """How many indicators there are, and in which groups."""
    groups = [group for group in known.facts.first_level if group.rows]
    if not known.rows:
        return TO_FILL.format("自评表上的绩效指标")
    listed = "，".join(f"{group.stem}指标{len(group.rows)}个" for group in groups)
    within = f"，其中{listed}" if len(groups) > 1 and sum(len(one.rows) for one in groups) == len(known.rows) else ""
    return f"本项目设置{len(known.rows)}个绩效指标{within}。"


def met(known: Known) -> str:
    """How many indicators were met and which were not."""
    rows = known.rows
    reached, missed = ([row for row in rows if row.met is met] for met in (True, False))
    unknown = [row for row in rows if row.met is None and known.target(row)]
    other = [row for row in rows if row.met is None and not known.target(row) and row.weight != one_of(row.scores)]
    if not rows:
        return TO_FILL.format("各指标的完成情况")
    if len(reached) == len(rows):
        return f"{len(rows)}个指标均达到年度指标值，全部指标达标。"
    said = [f"达标指标数量{len(reached)}个"] if reached else []
    if missed:
        said.append(f"{quoted(known, missed)}未达到年度指标值")
    if unknown:
        said.append(f"{quoted(known, unknown)}是否达标" + TO_FILL.format("请在自评表上写明完成情况"))
    if other:
        said.append(f"{quoted(known, other)}没有得满分")
    return f"{'，'.join(said)}。" if said else TO_FILL.format("各指标的完成情况")


def quoted(known: Known, rows: Sequence[Row]) -> str:
    """The names of rows, each in quotation marks."""
    return "".join(f"“{name_of_row(known, row)}”" for row in rows)


def name_of_row(known: Known, row: Row) -> str:
    """The name of an indicator in a sentence, with the stops and spaces of its cell; its 二级指标 where it has none."""
    words = known.words[row.field]
    printed = _MARK.sub("", one_line_of(words.name)).replace(",", "，").replace(";", "；")
    name = printed if printed and name_of(printed) == row.name else row.name or row.kind
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


_MARK = regex(r"^(?:指标\d{1,3}\s{0,9}[:：.]?|★+|[(（]?\d{1,2}[.)）:：](?!\d))\s{0,9}")


def total(known: Known) -> str:
    """The total and the grade."""
    graded, points, grade = bool(known.scheme.grades.steps), known.total, known.grade
    if not known.scored:
        return "自评表不设分值，不计算总分。"
    if not points:
        return TO_FILL.format("自评总分，请先填好自评表")
    ended = f"，评定等级为“{grade}”" if grade else TO_FILL.format("等级") if graded else ""
    return f"本项目自评得分{points}分{ended}。"


def subtotals(known: Known) -> str:
    """What the money and each group earned; "" where one of them is not known."""
    said = []
    for rule in known.scheme.budget:
        points = known.points(f"budget.{rule.field}.score", known.form.budget.get(f"{rule.field}.score", ""))
        if points and not rule.row:
            said.append((f"{rule.label}得", points))
    for group in known.scheme.groups:
        rows = [row for row in known.rows if row.group == group.name]
        points = known.points(f"groups.{group.name}", known.form.sums.get(f"groups.{group.name}", ""))
        found = next((one for one in known.facts.first_level if tuple(rows) == one.rows), None)
        if rows and points and found:
            said.append((f"{found.stem}指标得分", points))
    alike = len({decimals(Decimal(points)) for _, points in said}) == 1  # 10 and 50.00: the form prints no decimals
    parts = (f"{what}{points if alike else plain(Decimal(points))}分" for what, points in said)
    return f"{'，'.join(parts)}。" if said else ""


def row_sentence(known: Known, row: Row) -> str:
    """What was aimed at, what was reached, and what it earned."""
    words = known.words[row.field]
    name = in_a_sentence(one_line_of(words.name or words.kind)).replace(",", "，").lstrip("★")
    target, actual, score = known.target(row), known.actual(row), known.score(row)
    said = [f"年度指标值{_value(target)}"] if target and not unfilled(target) else []
    if actual:
        said.append(f"实际完成值{_value(actual)}{_unit(target, actual, row)}")
    elif target:
        said.append(TO_FILL.format("实际完成值"))
    if row.met is not None and actual and target:
        said.append("达到年度指标值" if row.met else "未达到年度指标值")
    if score:
        said.append(f"得分{score}分")
        lost = None if row.weight is None else row.weight - (read_points(score) or Decimal(0))
        if lost and lost > 0:
            said.append(f"扣{plain(lost)}分")
    return f"{name}：{'，'.join(said)}。" if said else f"{name}：{TO_FILL.format('完成情况')}"


def _unit(target: str, actual: str, row: Row) -> str:
    """What the target counts, behind a bare figure that was compared with it; money and rates stay as printed."""
    unit = row.target.quantity.unit if row.target else ""
    counted = row.met is not None and _BARE.fullmatch(actual) is not None and target.endswith(f"{unit}")
    return unit if counted and len(unit) <= _LONGEST_UNIT and not _NO_COUNT.search(unit) and not scaled(target) else ""


_NO_COUNT = regex("[%‰元]")
_BARE = regex(r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,10})?")
_LONGEST_UNIT = 2  # characters: 个, 人次


def _value(words: str) -> str:
    if len(words) > LONGEST_VALUE:
        return "见附表"
    first, *_ = re.split("[，,]", words)
    if read_quantity(first.lstrip("≥≤<>=")) is not None:
        return words  # also 98%，达到年度指标值
    return f"“{in_a_sentence(words).replace(',', '，')}”"


def group_sentence(known: Known, group: Group) -> str:
    """How many of a group's indicators were met, and what it earned."""
    points = next(iter(group.sums)) if len(group.sums) == 1 else None
    said = [f"{group.stem}指标{len(group.rows)}个"]
    earned = None if points is None else round_half_up(points, known.scheme.places)
    said += [f"{group.stem}指标得分{earned}分"] if earned is not None else []
    return f"{'，'.join(said)}。"


def missed_rows(known: Known) -> Iterator[tuple[Row, str]]:
    """The indicators that were not met, each with the reason that the form gives; "" where it gives none."""
    for row in known.rows:
        if row.met is False:
            reason = one_line_of(known.words[row.field].reason or "")
            yield row, "" if unfilled(reason) or reason in ("无", "-", "/") else reason
