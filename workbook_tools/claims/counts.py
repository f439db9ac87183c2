"""How many indicators a text says there are: rows, rows of a group, kinds, rows met, names listed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook_tools.claims.claim import Claim, last_named, names_in
from workbook_tools.claims.facts import Facts, Group
from workbook_tools.claims.sentences import COUNT, Text, count_of
from workbook_tools.text import regex

_COUNTED = regex(
    rf"(?<![\d.第])(?<!\d,)({COUNT})[个项条](?P<kind>(?:[\u4e00-\u9fff]|“|”){{0,12}}?指标)|指标(?:数量|总数)?(?:共|为|有|共有)?({COUNT})[个项]"
    rf"|(?:指标)?达标(?:指标)?数量(?:为|共)?({COUNT})[个项]",
    needs="指标|达标",
)
_SIDES = regex(rf"从([^,。;]{{2,40}}?)({COUNT})个?方面", needs="方面")
_ASKED = regex("设置|设定|设立|数量|年初|下设|中设")
_DONE = regex(r"^[^,。;]{0,4}?(?:均|都|全部)?(?:已)?(?:达到|达标|完成)|^均")


_OTHERS = regex("(?:其余|其他|其它|剩余|另外?|前|后)的?$", needs="其余|其他|其它|剩余|另|前|后")  # 其余9项管理指标
_LISTED = ("前面列出的指标", "后面列出的指标")


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
            sure = sure and (not facts.of_several or what in _LISTED) and not _OTHERS.search(before)
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


def _only_of(between: str) -> bool:
    """Whether only what leads to a count stands between a group and it: 产出指标,其中数量指标1个 is of a part."""
    return not re.sub("绩效|三级|设置|设定|设立|下设|设|包括|包含|中|有|共|的|为|,|:|、", "", between)


def _of_group(before: str, after: str, facts: Facts) -> tuple[set[int], bool, str] | None:
    """产出指标4个 · 业务指标2个,分别为甲以及乙: of a group that the form knows, or of what is listed."""
    scope = last_named(f"{before}指标", facts)
    near = scope and scope.group and (scope.end == len(before) + 2 or "绩效" in before[-2:])
    listed = re.match(r"[^。;]*?分别为([^。;]*)", after)
    named = {one.row for one in names_in(listed[1], facts) if one.row} if listed and "等" not in after else set()
    if len(named) > 1:
        return {len(named)}, True, "后面列出的指标"
    if scope and scope.group and (near or (last_named(before, facts) == scope and _only_of(before[scope.end :]))):
        return {len(scope.group.rows)}, True, f"“{scope.group.stem}”指标"
    return None


def _group_named(kind: str, facts: Facts) -> Group | None:
    """The group whose rows are counted: 4项产出指标."""
    stem = re.sub(r"(?:绩效)?(?:目标)?指标.*$|^[\d一二两三四五六七八九十]+[个项]", "", kind).strip("“”")
    return next((group for group in facts.groups if stem and stem == group.stem), None)
