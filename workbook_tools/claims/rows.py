"""Indicators in a text: actual values, targets, and whether they were met."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook_tools.claims.claim import (
    Claim,
    judged,
    names_in,
    of_a_part,
    row_begun,
    row_just_named,
    row_of,
    shared_by_several,
)
from workbook_tools.claims.facts import Facts, Row
from workbook_tools.claims.money import mistyped
from workbook_tools.claims.sentences import COUNT, Figure, Text, common, count_of, left_over
from workbook_tools.text import regex
from workbook_tools.values import Quantity, decimals, plain, read_quantity, round_half_up

_WANTED = regex(
    r"(?:不低于|不少于|不小于|不高于|不超过|不大于|≥|≤|指标值|目标值|要求)(?:为|是|:|[=>≥<≤])?$",
    needs="≤|≥|不低于|不大于|不小于|不少于|不超过|不高于|指标值|目标值|要求",
)
_REQUIRED = regex(r"根据[^,]*要求,")
_UNIT = regex(r"个?百分[比点]|%|‰|[\u4e00-\u9fff]*")


def _said(figure: Figure, unit: str) -> Quantity | None:
    """The figure in the unit of a row, None where it has another."""
    if unit == "元" and figure.after.startswith(("万元", "亿元")):
        return read_quantity(figure.said + figure.after[:2])
    follows = figure.unit if figure.unit in ("%", "万", "亿") else ""
    if unit in ("%", "‰"):
        return read_quantity(figure.said + unit) if figure.after.startswith(unit) else None
    said = read_quantity(f"{figure.said}{follows}{unit}")
    rest = figure.after.removeprefix(follows)
    plain_unit = not unit and figure.unit != "%" and not re.match("[分元]", figure.unit)
    return said if (unit and rest.startswith(unit)) or plain_unit else None


def actual(text: Text, facts: Facts) -> Iterator[Claim]:
    """话务接通率96.16%: the actual value of the row, half up to the places written."""
    for figure in text.figures:
        if _WANTED.search(figure.before):
            continue
        if _beyond(figure) and figure.may_accuse:
            message = f"写“{figure.subject}”{figure.said}%，超过了100%；请核对"
            yield Claim(figure.start, figure.end, verdict=False, message=message)
            continue
        if _DONE_VALUE.fullmatch(figure.subject) and (row := row_begun(figure.before, facts)):
            yield from _of_row(figure, row)
            continue
        rows, sure = row_of(figure.subject, facts)
        if not sure and (only := row_just_named(figure, facts) or _completed(figure, facts) or _counted(figure, facts)):
            rows, sure = only, True
        head = _head(text, facts) if re.search("率$|度$", figure.subject) else None
        for row in rows or ([head] if head else []):
            values = [(value, said) for value in row.actuals if (said := _said(figure, value.unit)) and not value.over]
            if not values:
                continue
            wanted = row.target is not None and row.target.quantity.number == values[0][1].number
            right = any(_same(value, said, figure) for value, said in values)
            if not right and not sure and len(rows) > 1:
                continue
            message = (
                f"写“{row.shown}”{figure.said}{values[0][0].unit}，表里是 {_shown(values[0][0], figure)}；请改成一致"
            )
            near = row is head and not wanted and len(figure.said) > _NEAR and _off(figure, values[0][0])
            sure = (sure or near) and not wanted and (near or not of_a_part(figure, facts))
            sure = sure and not shared_by_several(figure, facts)
            sure = sure and not any(_may_be_short_for(value, said) for value, said in values)
            yield judged(figure, message, right=right, sure=sure)
            break
        else:
            yield from _stated(figure, facts)


_COMPLETED = regex("(?:实际|已|全年|年末)?(?:完成|达成|实现)(?:情况)?$", needs="完成|达成|实现")


def _completed(figure: Figure, facts: Facts) -> list[Row]:
    """The row of 甲实际完成98%, unless 98% may be what was reached of its target."""
    subject = _COMPLETED.sub("", figure.subject)
    rows, sure = row_of(subject, facts) if subject != figure.subject else ([], False)
    if not sure or not figure.after.startswith("%"):
        return rows if sure else []
    aims = [row.target.quantity.number for row in rows if row.target and row.target.quantity.number]
    reached = {100 * value.number / aim for row in rows for value in row.actuals for aim in aims}
    of_target = figure.number >= 100 or any(round_half_up(one, figure.places) == figure.number for one in reached)
    return [] if of_target else rows


_LEADING = regex("^(?:建成|开展|举办|组织)")
_COUNTED_NAME = regex("(.{6,40}?)([个场次人户件期])数")


def _counted(figure: Figure, facts: Facts) -> list[Row]:
    """The row 科普宣传活动场数 of 科普宣传活动11场, and 种薯繁育基地 of 建成种薯繁育基地8535.5亩."""
    stems = [
        (row, name[1])
        for row in facts.rows
        if (name := _COUNTED_NAME.fullmatch(row.name)) and figure.after.startswith(name[2])
    ]
    named = [row for row, stem in stems if _is_only(figure.subject, stem, facts)]
    bare = _LEADING.sub("", figure.subject)
    if not named and bare != figure.subject:
        rows, sure = row_of(bare, facts)
        return rows if sure else []
    return named if len(named) == 1 else []


def _is_only(subject: str, stem: str, facts: Facts) -> bool:
    return subject.endswith(stem) and not left_over(subject.removesuffix(stem), facts.own_words)


_DONE_VALUE = regex("实际(?:完成(?:值|指标值)?)?|(?:实际)?完成值", needs="完成值|实际")
_WANTED_VALUE = regex("(?:年度|全年)?(?:指标|目标)值")
_SIGN = regex("(?<![≥≤<>=])[≥≤<>=]++$")


def _of_row(figure: Figure, row: Row) -> Iterator[Claim]:
    """The actual value of the row that a sentence is surely about."""
    values = [(value, said) for value in row.actuals if (said := _said(figure, value.unit)) and not value.over]
    if values:
        right = any(_same(value, said, figure) for value, said in values)
        shown = _shown(values[0][0], figure)
        message = f"写“{row.shown}”{figure.said}{values[0][0].unit}，表里是 {shown}；请改成一致"
        yield judged(figure, message, right=right, sure=True)


_NEAR = 4  # characters: of 96.44 one digit may be wrong, of 95 nobody knows
_BOUNDED = regex("(?:满意|接通|可用|回访|解答|及时|准确|合格|响应)[率度]$")


def _beyond(figure: Figure) -> bool:
    """Whether a share of a whole is said to be more than the whole."""
    return figure.after.startswith("%") and figure.number > 100 and _BOUNDED.search(figure.subject) is not None


def _off(figure: Figure, value: Quantity) -> bool:
    return mistyped(figure.said, str(round_half_up(value.number, figure.places)))


def _same(value: Quantity, said: Quantity, figure: Figure) -> bool:
    places = 0 if figure.unit in ("万", "亿") else figure.places
    exact = said.number == value.number
    return exact or (figure.unit not in ("万", "亿") and round_half_up(value.number, places) == said.number)


def _may_be_short_for(value: Quantity, said: Quantity) -> bool:
    """Whether a value of the form may be that of the text without its decimals: 90 of 89.974."""
    return round_half_up(said.number, decimals(value.number)) == value.number


def _shown(value: Quantity, figure: Figure) -> str:
    short = decimals(figure.number) <= 2
    number = round_half_up(value.number, 2) if short and decimals(value.number) > 2 else value.number
    return f"{number if short and value.unit == '%' and decimals(number) == 2 else plain(number)}{value.unit}"


def _stated(figure: Figure, facts: Facts) -> Iterator[Claim]:
    """A figure that stands in the name of an indicator may only be confirmed."""
    for name, number, unit in facts.stated:
        exact = number == figure.number and figure.after.startswith(unit)
        if not exact or len(figure.said) < 3 or len(figure.subject) < 2:
            continue
        if 10 * common(figure.subject[-len(name) :], name) >= 5 * len(name):
            yield Claim(figure.start, figure.end, verdict=True)
            return


def _head(text: Text, facts: Facts) -> Row | None:
    """The row that a paragraph begins with: ①话务接通率：…"""
    head = text.words.partition(":")[0]
    named = names_in(head, facts) if len(head) < 40 else []
    return named[0].row if named else None


def target(text: Text, facts: Facts) -> Iterator[Claim]:
    """不低于95% · 根据…要求，甲为100%: the target of the row."""
    for figure in text.figures:
        wanted = _WANTED.search(figure.before)
        subject = _WANTED.sub("", figure.subject)
        required = _REQUIRED.search(figure.before)
        if not wanted and not required:
            continue
        rows, sure = row_of(subject, facts)
        sure = sure and subject != ""
        others_count = True
        if _WANTED_VALUE.fullmatch(_SIGN.sub("", figure.subject)) and (row := row_begun(figure.before, facts)):
            rows, sure, others_count = [row], True, False  # it says itself that it is no actual value
        if not rows and (head := _head(text, facts)):
            rows, sure = [head], False
        for row in rows:
            aim = row.target.quantity if row.target else None
            said = _said(figure, aim.unit) if aim else None
            if aim is None or said is None:
                continue
            others = {one.number for one in row.actuals} if others_count else set()
            message = f"写“{row.shown}”的指标值{figure.said}{aim.unit}，表里是 {aim}；请改成一致"
            near = not rows[1:] and wanted is not None and _one_digit(aim, figure)
            right = said.number == aim.number
            yield judged(
                figure, message, right=right, sure=(sure or near) and wanted is not None and said.number not in others
            )
            break


def _one_digit(aim: Quantity, figure: Figure) -> bool:
    wanted = plain(aim.number)
    return len(wanted) == len(figure.said) >= 2 and sum(a != b for a, b in zip(wanted, figure.said, strict=True)) == 1


_ALL = regex(
    r"(?:全部|均)(?:指标)?[均都]?已?经?(?:达到(?!良|优|较|国|省|先进|同|行业|上级|基本)|达标|完成|实现)",
    needs="全部|均",
)
_SO_MANY = regex(rf"(?<![\d.])({COUNT})个[^,。;\d]{{0,12}}指标(达到)(?!率)", needs="指标")
_BUT = regex("未达|未完成|没有达到|没有完成|低于|仅|除")
_MOST = regex(r"(?:大部分|大多数|绝大部分|多数)(?:绩效)?指标", needs="指标")


def all_done(text: Text, facts: Facts) -> Iterator[Claim]:
    """全部指标达标: no row was missed; 大部分: fewer than half were."""
    missed = [row for row in facts.rows if row.met is False]
    known = any(row.met for row in facts.rows)
    for found in _ALL.finditer(text.words):
        before = text.words[: found.start()]
        count = re.search(rf"({COUNT})个(?:绩效)?(?:目标)?指标$", before)
        few = count is not None and (count_of(count[1]) or 0) <= sum(row.met is True for row in facts.rows)
        verdict = True if (known and not missed) or few else None
        message = ""
        of_clause = _of_clause(before, facts)
        left = [row for row in missed if row in of_clause] if of_clause else missed
        if left and not few and not _BUT.search(text.words) and _of_all(text.words, found, facts):
            verdict = None if of_clause is None else False
            message = f"说全部完成，“{left[0].shown}”却没有完成（{left[0].why}）"
        yield Claim(found.start(), found.end(), verdict, message)
    for found in _SO_MANY.finditer(text.words):
        reached = sum(row.met is True for row in facts.rows)
        right = (count_of(found[1]) or 0) <= reached
        yield Claim(found.start(2), found.end(2), True if right else None)
    for found in _MOST.finditer(text.words):
        most: bool | None = True if missed and 2 * len(missed) < len(facts.rows) else None
        if 2 * len(missed) > len(facts.rows):
            most = False
        message = f"说大部分指标达到，{len(facts.rows)} 个指标里却有 {len(missed)} 个没有完成；请核对"
        yield Claim(found.start(), found.end(), most, message)


_INDICATORS = regex("指标|绩效目标")


_ALL_OF_THEM = regex(
    r"绩效|目标|各项|各|全部|所有|三级|量化|具体|年初|预期|设定|设置|确定|任务|自评|[个项条]|"
    r"\d+|[一二两三四五六七八九十]|等|指标"
)


def _of_clause(before: str, facts: Facts) -> tuple[Row, ...] | None:
    """The rows of the groups that a clause names; () where it names none, None where it means others: 核心指标."""
    clauses = re.split("[,。;:()]", before)
    clause = clauses[-1]
    if not clause and before.endswith(","):  # 效益指标3个,全部达到
        clause = clauses[-2]
    named = [one.group for one in names_in(clause, facts) if one.group]
    words = facts.spelled.sub("", clause) if named else clause
    if "指标" in clause and left_over(_ALL_OF_THEM.sub("", words), facts.own_words):
        return None
    return tuple(row for group in named for row in group.rows)


def _of_all(words: str, found: re.Match[str], facts: Facts) -> bool:
    """Whether 全部, 均 is said of the indicators, and not of some that the sentence names: 甲1.2万亩、乙…均完成任务."""
    start = max(words.rfind(mark, 0, found.start()) for mark in "。;") + 1
    if any(one.row for one in names_in(words[start : found.start()], facts)):
        return False
    clause = re.split("[,。;]", words[found.start() :], maxsplit=1)[0]
    return (
        _INDICATORS.search(words[max(words.rfind(",", start, found.start()), start) : found.start()] + clause)
        is not None
    )


_MET = regex(
    r"(?<![未没])(?<!没有)(?<!基本)达到(?:了)?(?:年度|预期|全年|年初)?(?:的)?(?:绩效)?(?:指标|目标)(?:目标)?值?",
    needs="达到",
)
_UNMET = regex(
    r"(?:未达到|未达标|没有达到|没达到|未完成|略低于|低于)(?:了)?(?:年度|预期|全年|年初|设定)?(?:的)?(?:绩效)?(?:指标|目标)?值?",
    needs="低于|未完成|未达到|未达标|没有达到|没达到",
)


def met(text: Text, facts: Facts) -> Iterator[Claim]:
    """甲达到年度指标值 · “乙”未达到目标值: what the table says of the row."""
    for sentence in text.sentences:
        if sentence.rule or sentence.other_year:
            continue
        for pattern, said in ((_MET, True), (_UNMET, False)):
            for found in pattern.finditer(sentence.words):
                start = sentence.start + found.start()
                named = [one for one in names_in(sentence.words[: found.start()], facts) if one.row]
                row = named[-1].row if named else _head(text, facts)
                if row is None or row.met is None or ("低于" in found[0] and not re.search("指标|目标", found[0])):
                    continue
                between = sentence.words[named[-1].end : found.start()] if named else "其他"
                alone = len({one.row for one in named}) == 1
                close = re.fullmatch(
                    r"[”“]?(?:完成值|指标)?[为是:]?(?:[\d.,]+[%\u4e00-\u9fff]{0,2})?,?(?:也|仍|还)?"
                    r"|:(?:(?:年度|全年)指标值[≥≤<>=]?[\d.,]+[%\u4e00-\u9fff]{0,4},)?"
                    r"(?:实际完成值[\d.,]+[%\u4e00-\u9fff]{0,4},)?",
                    between,
                )
                says = "达到" if said else "没有达到"
                message = f"说“{row.shown}”{says}目标，表里却{'没有' if said else '已经'}达到（{row.why}）；请核对"
                verdict = True if row.met == said else False if alone and close else None
                if (
                    not said
                    and re.search("月度|每月|各月|部分月", sentence.words[: found.start()])
                    and verdict is False
                ):
                    verdict = None if "月度" not in row.name else verdict
                yield Claim(start, start + len(found[0]), verdict, message)
