"""Indicators in a text: actual values, targets, whether they were met, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook_tools.claims.claim import Claim, judged, last_named, names_in, row_begun, row_of
from workbook_tools.claims.facts import Facts, Group, Row
from workbook_tools.claims.money import off_by_one
from workbook_tools.claims.sentences import COUNT, Figure, Text, common, count_of
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
            sure = (sure or near) and not wanted and not (figure.in_part and not near)
            yield judged(figure, message, right=right, sure=sure)
            break
        else:
            yield from _stated(figure, facts)


_DONE_VALUE = regex("实际完成(?:值|指标值)?|(?:实际)?完成值", needs="完成值|实际完成")
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
    return off_by_one(figure.said, str(round_half_up(value.number, figure.places)))


def _same(value: Quantity, said: Quantity, figure: Figure) -> bool:
    places = 0 if figure.unit in ("万", "亿") else figure.places
    exact = said.number == value.number
    return exact or (figure.unit not in ("万", "亿") and round_half_up(value.number, places) == said.number)


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


_ALL = regex(r"(?:全部|均)(?:指标)?[均都]?已?经?(?:达到|达标|完成|实现)", needs="全部|均")
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
        if missed and not few and not _BUT.search(text.words) and _of_all(text.words, found, facts):
            verdict = False
            message = f"说全部完成，“{missed[0].shown}”却没有完成（{missed[0].why}）"
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


_COUNTED = regex(
    rf"(?<![\d.第])(?<!\d,)({COUNT})[个项条](?P<kind>(?:[\u4e00-\u9fff]|“|”){{0,12}}?指标)|指标(?:数量|总数)?(?:共|为|有|共有)?({COUNT})[个项]"
    rf"|(?:指标)?达标(?:指标)?数量(?:为|共)?({COUNT})[个项]",
    needs="指标|达标",
)
_SIDES = regex(rf"从([^,。;]{{2,40}}?)({COUNT})个?方面", needs="方面")
_ASKED = regex("设置|设定|设立|数量|年初|下设|中设")
_DONE = regex(r"^[^,。;]{0,4}?(?:均|都|全部)?(?:已)?(?:达到|达标|完成)|^均")


def count(text: Text, facts: Facts) -> Iterator[Claim]:
    """设置7个绩效指标 · 4项产出指标 · 6个指标均达到: rows, rows of a group, kinds, rows met, names listed."""
    for sentence in text.sentences:
        if sentence.rule:
            continue
        for found in _COUNTED.finditer(sentence.masked):
            group = next(n for n in (1, 3, 4) if found[n])
            said, start = count_of(found[group]), sentence.start + found.start(group)
            if said is None:
                continue
            before, after = sentence.words[: found.start()], sentence.words[found.end() :]
            known, sure, what = _counts(before, found["kind"] or "", found[0], after, facts)
            other = sentence.other_year or re.search("考核|月度考核|监测|上年", found["kind"] or "")
            sure = sure and not other and "本项目" not in after  # 共设置15个指标，本项目涉及7个
            verdict = True if said in known else False if known and sure else None
            message = f"写{what}{found[group]}个，表里是 {'或'.join(map(str, sorted(known)))} 个；请核对"
            yield Claim(start, start + len(found[group]), verdict, message)
        for found in _SIDES.finditer(sentence.words):
            said, items = count_of(found[2]), re.split("以及|及|和|与|,|、", found[1])
            start = sentence.start + found.start(2)
            if len(items) > 1:
                yield Claim(start, start + len(found[2]), True if said == len(items) else None)


def _counts(before: str, kind: str, whole: str, after: str, facts: Facts) -> tuple[set[int], bool, str]:
    """What a count of indicators may be, whether it surely means that, and what it counts."""
    met = sum(row.met is True for row in facts.rows)
    listed = re.search(r"((?:“[^”]{0,40}”[,、和及与]?){1,20})$", before)
    names = listed[1].count("“") if listed else 0
    level = re.search("[一二三]级", kind) or (whole.startswith("指标") and re.search("[一二三]级$", before))
    if level:
        return _of_level(level[0], before, names, facts)
    if named := _group_named(kind or whole, facts):
        return {len(named.rows)}, True, f"“{named.stem}”指标"
    if "达标" in whole:
        return {met}, met > 0, "达标指标"
    if names:
        return {names}, "等" not in before[-2:], "前面列出的指标"
    if re.search(r"有$|其中$", before) and _DONE.search(after):
        return {met}, met > 0 and "基本" not in after[:6], "达到的指标"
    if whole.startswith("指标") and (counted := _of_group(before, after, facts)):
        return counted
    if re.search("业务|财务|数量|质量|时效|成本|效益|产出|满意|个性|共性|考核|核心|关键|管理", kind + before[-2:]):
        sizes = {len(one.rows) for one in facts.groups}
        return sizes | ({len(facts.rows) - 1} if "业务" in before[-2:] else set()), False, "指标"
    everything = {len(facts.rows)}
    if facts.budget_scores and not re.search("目标|量化|主要", before[-4:] + kind):
        everything.add(len(facts.rows) + 1)  # the rate of execution may count as one
    plain_kind = not re.sub("绩效|量化|目标|具体|指标|个|自评|评价", "", kind)
    return everything, plain_kind and _ASKED.search(before[-8:] + whole) is not None, "指标"


def _of_level(level: str, before: str, names: int, facts: Facts) -> tuple[set[int], bool, str]:
    """2项一级指标, 4项二级指标: of the group that the sentence names, else of the whole form."""
    scope = last_named(before, facts)
    rows = scope.group.rows if scope and scope.group else tuple(facts.rows)
    counted = {"一级": len(facts.first_level), "二级": len({row.kind for row in rows}), "三级": len(rows)}[level]
    return {counted}, (scope is not None and level != "一级") or names == counted, f"{level}指标"


def _of_group(before: str, after: str, facts: Facts) -> tuple[set[int], bool, str] | None:
    """产出指标4个 · 业务指标2个,分别为甲以及乙: of a group that the form knows, or of what is listed."""
    scope = last_named(f"{before}指标", facts)
    near = scope and scope.group and (scope.end == len(before) + 2 or "绩效" in before[-2:])
    listed = re.match(r"[^。;]*?分别为([^。;]*)", after)
    named = {one.row for one in names_in(listed[1], facts) if one.row} if listed and "等" not in after else set()
    if len(named) > 1:
        return {len(named)}, True, "后面列出的指标"
    if scope and scope.group and (near or last_named(before, facts) == scope):
        return {len(scope.group.rows)}, True, f"“{scope.group.stem}”指标"
    return None


def _group_named(kind: str, facts: Facts) -> Group | None:
    """The group whose rows are counted: 4项产出指标."""
    stem = re.sub(r"(?:绩效)?(?:目标)?指标.*$|^[\d一二两三四五六七八九十]+[个项]", "", kind).strip("“”")
    return next((group for group in facts.groups if stem and stem == group.stem), None)
