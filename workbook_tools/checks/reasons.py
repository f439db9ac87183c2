"""R: missing reasons, and texts that contradict the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import IndicatorRow, beyond_all, no_reason, open_texts, rows
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import MOST_DECIMALS, bare
from workbook_tools.values import Quantity, decimals, normalize, plain, read_quantity, round_half_up

_FIGURE = r"[为是达至:：]{0,3}\s*+(?:了|到)?\s*+([\d,]{1,30}(?:\.\d{1,15})?)\s*+(%|％|次|人|件|分)?"
_ALL_DONE = re.compile(r"(?:全部|均)(?:指标)?[均都]?已?经?(?:达到|达标|完成|实现)")
_LATE = "texts.late"  # 未按期完成原因说明, where the rows have no column for reasons
_DONE = ("已完成", "完成", "已按期完成", "按期完成", "全部完成", "已全部完成")
_BUT = re.compile("未达|未完成|没有达到|没有完成|低于|仅|除")
SHORTEST = 3  # characters of an indicator's name that may be looked for in a text
_WHOLE = r"(?<![一-龥])"  # before a name so short: 满意度, but not 群众满意度


@check("R101", ERROR, since="0.1")
def missed_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有完成，没有写原因。

    ## 为什么
    没有完成的指标，必须写明原因和改进措施。

    ## 例
    查出：完成值 = 150人；得分 = 15
    不查：完成值 = 150人；得分 = 15；原因 = 报名人数不足，下年提前组织

    ## 怎么改
    在“偏差原因分析及改进措施”一栏写明。

    ## 依据
    请在“未完成原因分析”中说明偏离目标,不能完成的原因及拟采取的措施（江西表注）。
    """
    for row in rows(form):
        owed = row.missed and not beyond_all(row)  # T108
        if row.words.reason is not None and owed and no_reason(row.words.reason):
            said = f"写的是“{row.words.reason}”" if row.words.reason else "是空的"
            yield f"{row.field}.reason", f"{row.why}，没有完成，原因{said}；请写明原因和改进措施"
    late = {field: words for field, words in form.texts.items() if field.startswith(_LATE)}
    missed = [row for row in rows(form) if row.missed and row.words.reason is None]
    if late and missed and all(no_reason(words) or normalize(words).rstrip("。") in _DONE for words in late.values()):
        field, words = next(iter(late.items()))
        said = f"写的是“{words}”" if words else "是空的"
        why = f"“{' '.join(missed[0].words.kind.split())}”{missed[0].why}"
        yield field, f"{why}，没有完成，未按期完成原因{said}；请写明原因和改进措施"


_TOLD = re.compile("未完成|未达|没有完成|没有达到|未能|偏差|逾期|延期|推迟|原因")


@check("R109", HINT, since="0.1")
def missed_and_nowhere_explained(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有完成，表上没有原因一栏，别处也没有说明。

    ## 为什么
    表上没有原因一栏，没有完成的指标也要说明原因；只有数，没有人知道为什么。

    ## 例
    查出：（河北）完成值 = 450；单项得分 = 90；得分 = 36
    不查：（河北）完成值 = 510

    ## 怎么改
    在完成情况、存在问题或说明里写明原因和改进措施。

    ## 依据
    请在“未完成原因分析”中说明偏离目标,不能完成的原因及拟采取的措施（江西表注）。
    """
    texts = [normalize(words) for words in open_texts(form)]
    if any(field.startswith(_LATE) for field in form.texts) or any(map(_TOLD.search, texts)):
        return  # R101 asks in its own column; what is told, a person has to match
    for row in rows(form):
        if row.words.reason is None and row.missed:
            supposing = "指标值没有写≥或≤，如果是越高越好：" if row.unsigned else ""
            yield f"{row.field}.actual", f"{supposing}{row.why}，没有完成；表上没有原因一栏，请在完成情况或说明里写明"


@check("R102", ERROR, since="0.1")
def text_too_long(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字超过了限定的字数。

    ## 为什么
    表上写着“控制在200字以内”，超过的会被退回。

    ## 例
    查出：（中山）完成情况 = 字×201
    不查：（中山）完成情况 = 字×200

    ## 怎么改
    压缩到限定的字数；字数不算空格和换行。

    ## 依据
    完成情况（控制在200字以内）（中山市附件1-1）；100字以内、200字以内（四川 510000_0013zp）。
    """
    for field, words in form.words.items():
        limit = form.limits.get(field)
        count = len("".join(words.split()))
        if limit and count > limit:
            yield field, f"写了 {count} 字，限 {limit} 字以内；请压缩"


@check("R103", HINT, since="0.1")
def text_says_another_figure(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的数和表里的不一样。

    ## 为什么
    正文写 148 批次、表里写 14 批次，看的人不知道信哪一个。

    ## 例
    查出：（广州）问题 = 话务平台可用率99.9%
    不查：（广州）问题 = 话务平台可用率99.99%

    ## 怎么改
    改成一致的数。

    ## 依据
    公开的自评表中正文与表格的数不一致的有多份。
    """
    texts = dict(form.texts)
    texts |= {f"{row.field}.reason": row.words.reason for row in rows(form) if row.words.reason}
    for row in rows(form):
        computed = scores.lines.get(f"{row.field}.actual")
        value = computed.value if computed and isinstance(computed.value, Quantity) else row.actual
        name = re.sub(r"^指标\d+[:.]?|^★+", "", normalize(row.words.name))
        if value is None or len(name) < SHORTEST or value.over:
            continue
        for field, words in texts.items():
            yield from _figures(field, normalize(words), name, row, value)


def _figures(field: str, words: str, name: str, row: IndicatorRow, value: Quantity) -> Found:
    begin = _WHOLE if len(name) == SHORTEST else ""
    for found in re.finditer(rf"{begin}{re.escape(name)}{_FIGURE}", words):
        said = read_quantity(found[1] + (found[2] or ""))
        if said is None or said.unit != value.unit or _target(row, said):
            continue
        places = decimals(said.number)
        if abs(said.number - value.number) > Decimal(1).scaleb(-places) / 2:
            shown_value = plain(value.number.quantize(Decimal("0.01"))) if places <= 2 else plain(value.number)
            yield field, f"写“{row.name}”{found[1]}{found[2] or ''}，表里是 {shown_value}{value.unit}；请改成一致"


def _target(row: IndicatorRow, said: Quantity) -> bool:
    """Whether a figure in a text is the target."""
    return row.target is not None and row.target.quantity.number == said.number


@check("R104", HINT, since="0.1")
def all_done_but_one(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字说全部完成，表里有没有完成的。

    ## 为什么
    正文说“全部指标达到”，表里却有一行没有达到。

    ## 例
    查出：（广州）问题 = 全部指标达标
    不查：（广州）问题 = 月度话务接通率未达标

    ## 怎么改
    改正文，或者核对表里的完成值。

    ## 依据
    湖北一份公开的自评结果写“未完成(无)”，家长满意度却没有达到。
    """
    missed = [row for row in rows(form) if row.missed]
    for field, words in form.texts.items():
        if missed and _ALL_DONE.search(normalize(words)) and not _BUT.search(words):
            yield field, f"说全部完成，“{missed[0].name}”却没有完成（{missed[0].why}）"


@check("R105", HINT, since="0.1")
def money_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的预算、支出和表里的不一样。

    ## 为什么
    同一笔钱，正文和表里应当是一个数；元和万元换算以后比，两个金额相减（如节约的）也算表里的数。

    ## 例
    查出：（广州）问题 = 年度预算执行资金为13,410.60万元
    不查：（广州）问题 = 年度预算执行资金为13,410.06万元，即支出134,100,600.00元

    ## 怎么改
    改成一致的数。

    ## 依据
    公开的自评表中正文写 174 万元、表里写 202.64 万元。
    """
    unit = _YUAN.get(form.money_unit or scheme.unit)
    if unit is None:
        return
    known = [
        money for row in (form.budget, *form.sources) for column in _AMOUNTS if (money := _yuan(row, column, unit))
    ]
    whole = [money.yuan for column in _AMOUNTS if (money := _yuan(form.budget, column, unit))]
    left = {abs(one - other) for one in whole for other in whole}  # 节约、调整的金额
    for field, words in form.texts.items():
        for found in _MONEY.finditer(normalize(words)) if known else ():
            if _OTHER.search(_clause_before(found.string, found.start(1))):
                continue
            said, per = Decimal(found[1].replace(",", "")), _YUAN[found[2]]
            printed = {money.yuan for money in known} | left
            rounded = any(
                round_half_up(said * per / money.per, money.places) == money.yuan / money.per for money in known
            )
            if not rounded and said not in {round_half_up(amount / per, 2) for amount in printed}:
                yield field, f"写 {found[1]} {found[2]}，表里没有这个数；请核对"


class _Money(NamedTuple):
    """An amount in 元, and the unit and decimals that it is printed with; many decimals where it cannot be rounded."""

    yuan: Decimal
    per: Decimal
    places: int


def _yuan(row: Mapping[str, str], column: str, unit: Decimal) -> _Money | None:
    words = row.get(column, "")
    amount = read_quantity(words)
    if amount is None or amount.unit not in ("", "元"):
        return None
    per = unit if bare(words, amount) else Decimal(1)  # 125.25万, 1252500元
    places = decimals(amount.number)
    return _Money(abs(amount.number) * per, per, places if places >= _ROUNDED else MOST_DECIMALS)


_AMOUNTS = ("initial", "adjusted", "revised", "spent", "balance")
_ROUNDED = 2  # decimals: 132.91 may be a rounded amount, 90 is not
_MONEY = re.compile(r"(?:预算|支出|执行|节约|决算)[^\d。;；]{0,14}?([\d,]{0,30}\d\.\d{2})(万元|元)")
_OTHER = re.compile("(?:上年|去年|上一年|往年|每|人均|户均|亩均)")  # of another year, or of one person
_CLAUSE = 100  # characters before a figure in which that may stand
_YUAN = {"万元": Decimal(10_000), "元": Decimal(1)}
_COUNTS = r"(?<![\d,])([\d,]{3,30}+)(?:分钟|次|件|通|人|个|户|份)"
_QUOTIENT = re.compile(rf"{_COUNTS}[^\d。;；%]{{0,30}}?{_COUNTS}[^\d。;；%]{{0,40}}?(\d{{1,15}}(?:\.\d{{1,15}})?)%")


def _clause_before(words: str, end: int) -> str:
    """The last words before a place that no sign divides from it."""
    before = words[max(end - _CLAUSE, 0) : end]
    return before[max(map(before.rfind, ",。;:")) + 1 :]


@check("R106", HINT, since="0.1")
def quotient_in_a_text_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字里的两个数相除，和写的比率不一样。

    ## 为什么
    “总时长525600分钟，正常运行525585分钟，可用率99.99%”：相除是 99.997%，四舍五入应写 100.00%。

    ## 例
    查出：（广州）问题 = 平台服务总时长525600分钟，正常运行时长525585分钟，可用率99.99%
    不查：（广州）问题 = 总呼入数11666777次，总接通数为10975138次，接通率为94.07%

    ## 怎么改
    核对两个数和比率；比率四舍五入，不要舍去。

    ## 依据
    比率是前面两个数相除。
    """
    for field, words in form.texts.items():
        for sentence in re.split("[。；;]", normalize(words)):
            found = _QUOTIENT.search(sentence)
            if (
                found is None or len(re.findall(_COUNTS, sentence)) > 2
            ):  # of three figures it is unknown which two belong together
                continue
            whole, part = (Decimal(found[n].replace(",", "") or "0") for n in (1, 2))
            said = Decimal(found[3])
            if not whole or part > whole:
                continue
            places = decimals(said)
            shares = [part / whole * 100, (whole - part) / whole * 100]
            if said not in [round_half_up(share, places) for share in shares]:
                near = min(shares, key=lambda share: abs(share - said))
                yield field, f"{found[2]} ÷ {found[1]} 应为 {round_half_up(near, max(places, 2))}%，写的是 {found[3]}%"


_ASPECTS = re.compile(
    r"(?:从|有|采取|推行|实行)[^。]{0,40}?([一两二三四五六七八九])(?:个)?(?:方面|项措施|点)[^。]{0,12}?[:：](.*)",
    re.DOTALL,
)
_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NTH = re.compile(r"([一二三四五六七八九])是")


@check("R107", HINT, since="0.1")
def count_of_points_differs(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """说有几个方面，写出来的不是几个。

    ## 为什么
    “从两方面改进：一是……二是……三是……四是……”，改稿时前面的数没有跟着改。

    ## 例
    查出：（广州）改进 = 将从两方面改进：一是加强调度，二是完善预案，三是科学评估
    不查：（广州）改进 = 将从三方面改进：一是加强调度，二是完善预案，三是科学评估

    ## 怎么改
    改成实际写出的个数。

    ## 依据
    前后应当一致。
    """
    for field, words in form.texts.items():
        found = _ASPECTS.search(normalize(words))
        listed = [_DIGITS[number] for number in _NTH.findall(found[2])] if found else []
        if found and listed and max(listed) != _DIGITS[found[1]]:
            yield field, f"说“{found[1]}”个方面，写了“一是”到“{_NTH.findall(found[2])[-1]}是”；请改成一致"


_BETWEEN = re.compile(
    r"(?<!\d)(\d{1,15}(?:\.\d{1,15})?)[%分]?([≥>≤<])[^\d≥>≤<,.;:、()。]{1,8}([≥>≤<])(\d{1,15}(?:\.\d{1,15})?)"
)


@check("R108", HINT, since="0.1")
def no_number_lies_between(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """写的区间里一个数也没有。

    ## 为什么
    “良（80≥得分≥90分）”：没有一个数既不大于80、又不小于90，符号写反了，照它什么等级也评不出来。

    ## 例
    查出：（广州）问题 = 判定标准：优（得分≥90分）、良（80≥得分≥90分）
    不查：（广州）问题 = 判定标准：优（得分≥90分）、良（80≤得分<90分）

    ## 怎么改
    把“≥”“≤”改过来，如“80≤得分<90”。

    ## 依据
    分数≥90分为优、80≤分数<90分为良、60分≤分数<80分为中、分数<60分为差（中山市附件1-1）。
    """
    for field, words in form.words.items():
        wrong = [found[0] for found in _BETWEEN.finditer(normalize(words)) if _empty(*found.groups())]
        if wrong:
            yield field, f"“{'”“'.join(wrong)}”里一个数也没有，符号写反了；请改正"


def _empty(first: str, sign: str, other: str, last: str) -> bool:
    """Whether nothing lies between two numbers by the signs that stand there."""
    down, up = {sign, other} <= {"≥", ">"}, {sign, other} <= {"≤", "<"}
    return (down and Decimal(first) < Decimal(last)) or (up and Decimal(first) > Decimal(last))
