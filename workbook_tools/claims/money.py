"""Money and its rate of execution in a text, converted between 元, 万元 and 亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from workbook_tools.claims.claim import Claim, is_last_of, judged, of_a_part
from workbook_tools.claims.facts import YUAN, Facts
from workbook_tools.claims.sentences import FILLERS, Figure, Text
from workbook_tools.text import regex
from workbook_tools.values import normalize, plain, round_half_up

# What a subject means, the first that it contains; what it may contain besides and still be of the whole.
_COLUMNS = (
    ("adjusted", regex("调剂|调整(?!后)|追加|调减|调增")),
    ("left", regex("节约|结余|剩余|结转")),
    ("spent", regex("支出|执行|决算|支付")),
    ("initial", regex("年初")),
    ("revised", regex("预算|批复")),
)
# What a subject of one column must not contain besides: 支出预算 is no 支出.
_ALONE = {"initial": regex("支出|执行|决算|支付|调"), "spent": regex("预算|批复|下达|安排|年初|计划|申请|应")}
_NEVER = regex(
    "到位|收入|下拨|拨付|采购|合同|中标|招标|标准|单价|奖金|补助|节支|(?<!年度)(?<!全年)(?<!本年)总(?:预算|投资|概算)"
)
_OF_ELSE = regex("三公|公务|采购|接待|全局|全县|全部门|人员经费|公用经费|基本支出|项目支出")
_LATER = regex("核减|审减|评审|审定|最终")  # 预算13,800万元，经评审核减…
_UNIT_ITSELF = regex("我[局委办市县区院校]|[我本全]单位|(?:单位|部门)(?:年度|全年)")
_FILLER = regex(
    "资金|金额|总额|总计|总|额|预算|安排|批复|下达|支出|执行|决算|支付|调剂|调整后?|追加|调减|调增|节约|结余|剩余|年初|年中|年底|年末|全部|"
    "当年度?|数|情况|使用|即|计|人民币|其|为|已|共"
)
_NEAR = 4  # digits of an amount that may be told from another by one of them


def amount(figure: Figure) -> Decimal | None:
    """The money of a figure in 元, None where it is none."""
    unit = next((unit for unit in YUAN if figure.after.startswith(unit)), None)
    if unit is None or re.match(r"(?:万|亿)?元/", figure.after):
        return None
    return figure.number * YUAN[unit]


def money(text: Text, facts: Facts) -> Iterator[Claim]:
    """年初预算 · 调剂 · 决算 · 节约 with an amount: that of the form, or what two of them differ by."""
    if not facts.every_amount:
        return
    sentence, pure = "", True
    for figure in text.figures:
        said = amount(figure)
        if not figure.before.startswith(sentence) or not sentence:
            pure = True  # the first amount of a sentence
        sentence = figure.before
        if said is None:
            continue
        per = said / figure.number if figure.number else Decimal(1)
        source = [
            (is_last_of(figure.before, len(figure.before) - len(name)), amounts)
            for name, amounts in facts.sources
            if len(name) > 2 and figure.before.endswith(name)
        ]
        subject = figure.subject
        column = next((name for name, words in _COLUMNS if words.search(subject)), "")
        own = column != "" and not _NEVER.search(_unnamed(subject, facts)) and _whole(subject, facts)
        own = own and pure and not _OF_ELSE.search(_unnamed(figure.before, facts)) and not _of_unit(subject, facts)
        own = own and not _of_source(figure.before, facts)
        own = own and not _LATER.search(figure.after) and _in_form(column, text, facts)
        pure = pure and any(one.agrees(figure.number, per) for one in facts.every_amount)
        known = facts.amounts_of(column)
        unit = figure.after[: 1 if figure.after.startswith("元") else 2]
        message = f"写 {figure.said} {unit}，表里没有这个数；请核对"
        if source and source[0][1]:
            right = any(one.agrees(figure.number, per) for one in source[0][1])
            other = any(one.agrees(figure.number, per) for one in facts.every_amount)
            verdict = right or (None if other or source[0][0] else False)
            yield Claim(figure.start, figure.end, verdict, message)  # the year belongs to the name of the source
        elif any(one.agrees(figure.number, per) for one in known) or _difference(figure, column, per, facts):
            yield Claim(figure.start, figure.end, verdict=True)
        elif any(one.agrees(figure.number, per) for one in facts.every_amount):
            other = own and column in _ALONE and not _ALONE[column].search(subject) and not of_a_part(figure, facts)
            other = other and any(one.agrees(figure.number, per) for one in facts.whole_amounts)
            if other and facts.money.get(column):  # 实际支出 with the budget's amount
                yield judged(figure, f"写 {figure.said} {unit}，表里这一栏是别的数；请核对", right=False, sure=True)
            else:
                yield Claim(figure.start, figure.end, True if not own else None)
        elif own and not of_a_part(figure, facts):
            of_form = column in ("initial", "spent", "revised") and bool(facts.money.get(column) or column == "revised")
            yield judged(figure, message, right=False, sure=True, own=of_form)
        elif close := _near(figure, per, facts):
            said_too = (
                f"写 {figure.said} {unit}，表里没有这个数，与 {close} {unit}{how_mistyped(figure.said, close)}；请核对"
            )
            yield judged(figure, said_too, right=False, sure=not _NEVER.search(subject))


_BRACKETS = regex(r"\([^()]*\)")
_SAVED_BY = regex("招标|采购|竞价|询价|谈判|磋商|评审|优化|压减")  # saved against a price that the form does not have
_ADJUSTED = regex("追加|调增|调减|调剂|调整")


def _in_form(column: str, text: Text, facts: Facts) -> bool:
    """Whether the form says how much that is: of one with a single budget nobody knows what was added to the first."""
    known = set(facts.money)
    both = "adjusted" in known or {"initial", "revised"} <= known
    if column == "initial":
        return both or ("initial" in known and not _ADJUSTED.search(text.words))
    return both if column == "adjusted" else not (column == "left" and _SAVED_BY.search(text.words))


def _whole(subject: str, facts: Facts) -> bool:
    subject = _unnamed(subject, facts)
    return not _FILLER.sub("", FILLERS.sub("", _FILLER.sub("", subject)))


def _unnamed(words: str, facts: Facts) -> str:
    for name in facts.own_words:
        words = words.replace(name, "")
    return words


def _of_source(words: str, facts: Facts) -> bool:
    """Whether words name a source that is but a part of the money: 旗县财政资金到位1426.9万元,支出1294.84万元."""
    whole = {one.yuan for one in facts.whole_amounts}
    names = ((_BRACKETS.sub("", name.removeprefix("其中:")), amounts) for name, amounts in facts.sources)
    parts = (name for name, amounts in names if not whole.issuperset(one.yuan for one in amounts))
    return any(len(name) > 2 and name in words for name in parts)


def _of_unit(subject: str, facts: Facts) -> bool:
    """Whether money is said to be the unit's, and the form is of one of its projects."""
    names = [normalize(facts.form.texts.get(f"texts.{name}", "")) for name in ("project", "unit", "department")]
    project, *units = names
    if not project or project in subject:
        return False
    return _UNIT_ITSELF.search(subject) is not None or any(len(name) > 1 and name in subject for name in units)


def _difference(figure: Figure, column: str, per: Decimal, facts: Facts) -> bool:
    wanted = column == "left" or (column == "adjusted" and not facts.money.get("adjusted"))
    return wanted and figure.number in {round_half_up(one / per, figure.places) for one in facts.differences}


def _near(figure: Figure, per: Decimal, facts: Facts) -> str:
    """The amount of the form from which a figure of at least four digits differs by one digit; "" for none."""
    amounts = {one.yuan for one in facts.every_amount} | facts.differences
    shown = {plain(round_half_up(one / per, max(figure.places, 2))) for one in amounts if one}
    shown |= {one.rstrip("0").rstrip(".") for one in shown if "." in one}
    return next((one for one in sorted(shown) if mistyped(plain(figure.number), one)), "")


def mistyped(said: str, known: str) -> bool:
    """Whether two numbers of at least four digits differ by one digit, or by two neighbours that changed places."""
    return off_by_one(said, known) or _swapped(said, known)


def how_mistyped(said: str, known: str) -> str:
    """The same for a message."""
    return "有相邻两位颠倒" if _swapped(said.replace(",", ""), known.replace(",", "")) else "只差一位"


def _swapped(said: str, known: str) -> bool:
    if len(said) != len(known) or said.find(".") != known.find("."):
        return False
    ours, theirs = said.replace(".", ""), known.replace(".", "")
    wrong = [n for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    apart = len(wrong) == 2 and wrong[1] - wrong[0] == 1
    return len(ours) >= _NEAR and apart and (ours[wrong[0]], ours[wrong[1]]) == (theirs[wrong[1]], theirs[wrong[0]])


def off_by_one(said: str, known: str) -> bool:
    """Whether two numbers of at least four digits differ by one digit."""
    if len(said) != len(known) or sum(map(str.isdigit, known)) < _NEAR:
        return False
    return sum(a != b for a, b in zip(said, known, strict=True)) == 1


_RATE = regex(
    r"(?:预算)?(?:资金)?(?:支出)?(执行率|支出率|实现率|支出进度|执行进度|完成率|使用率)$",
    needs="使用率|完成率|执行率|执行进度|支出率|实现率|支出进度",
)
_DIFFERENCE = regex("节约|结余|剩余|结转|调剂|追加|调增|调减|增加|减少|核[增减]")
_OF_BUDGET = regex("(占(?:全年|年度|本年|总)?预算(?:总额|数)?的?)")
_RATE_FILLER = regex("资金|预算|支出|执行|财政|的|为|达|总体|整体|项目|全年|年度|本年")


def rate(text: Text, facts: Facts) -> Iterator[Claim]:
    """预算执行率 · 支出进度: spent ÷ budget, half up to the places written."""
    if not facts.rates:
        return
    for sentence in text.sentences:
        if sentence.rule:
            continue
        amounts = [(one, said) for one in sentence.figures if (said := amount(one)) is not None]
        for figure in sentence.figures:
            found = _RATE.search(figure.subject)
            if found is None and _OF_BUDGET.fullmatch(figure.subject) and _just_spent(figure, amounts, facts):
                found = _OF_BUDGET.fullmatch(figure.subject)
            if found is None or not figure.after.startswith("%"):
                continue
            if found[1] in ("完成率", "实现率") and not re.search("预算|资金|支出", found[0]):
                continue
            before = [one for one, _ in amounts if one.end <= figure.start]
            of_whole = all(
                any(known.agrees(one.number, YUAN[_unit(one)]) for known in facts.whole_amounts)
                or (_DIFFERENCE.search(one.subject) and said in facts.differences)  # 结余10万元, 增加5万元
                for one, said in amounts
                if one in before
            )
            rest = _RATE_FILLER.sub(
                "", FILLERS.sub("", _RATE_FILLER.sub("", _unnamed(figure.subject[: found.start()], facts)))
            )
            right = any(round_half_up(known, figure.places) == figure.number for known in facts.rates)
            other = not right and figure.number in {round_half_up(one, figure.places) for one in facts.other_rates}
            shown = "或".join(sorted({plain(round_half_up(known, 2)) for known in facts.rates}))
            message = f"写{found[0]} {figure.said}%，表里是 {shown}%；请改成一致"
            added = sum((said for one, said in amounts if one in before), Decimal(0))
            all_spent = any(added == one.yuan for one in facts.money.get("spent", ()))  # 尾款9.78万元以及288.89万元
            whole = all_spent or (of_whole and not of_a_part(figure, facts))
            sure = not rest and not other and whole and found[1] != "使用率"
            yield judged(figure, message, right=right, sure=sure, own=True)


def _just_spent(figure: Figure, amounts: Sequence[tuple[Figure, Decimal]], facts: Facts) -> bool:
    """Whether all that was spent stands right before: 支出190万元,占预算的95%."""
    before = [one for one, _ in amounts if one.end <= figure.start]
    spent = facts.money.get("spent", ())
    return bool(before) and any(one.agrees(before[-1].number, YUAN[_unit(before[-1])]) for one in spent)


def _unit(figure: Figure) -> str:
    return next(unit for unit in YUAN if figure.after.startswith(unit))
