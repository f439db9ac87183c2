"""Numbers, targets and points as people type them into forms, read exactly or not at all.

Every reader takes the text of one cell and returns None if the text is anything else than what it reads: None is never
a zero and never a guess. The writings are those counted on published forms: operators before
(`≥ ≧ >= ＝ ﹦ ═ 不低于`) and after (`以上`, `（含）以下`), units, 万 and 亿, thousands commas, full-width digits,
`百分比`, `200余人`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from workbook_tools.text import FORMULA_SIGNS, regex

Op = Literal["≥", "≤", "=", ">", "<"]
ONE = Decimal(1)
HUNDRED = Decimal(100)
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

# Full-width signs and their look-alikes. NFKC is not used: it would turn ㎡ into m2 and ① into 1.
_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_HALF |= dict.fromkeys(map(ord, "\u200b\ufeff"), "")  # invisible
_HALF |= {ord(a): b for a, b in zip("≧⩾≦⩽﹦═−–—﹣％﹪、", "≥≥≤≤==----%%、", strict=True)}
UNCALCULATED = "未计算的公式"  # what a cell says whose formula has no cached value
NOT_APPLICABLE = ("无", "不适用", "不涉及", "-", "--", "—", "——", "―", "─", "/", "\\", "一", "n/a", "na")
# What a name says that names no indicator, besides those.
NO_INDICATOR = (
    *("无此项", "无此指标", "无该项", "无该指标", "无指标", "没有", "没有此项", "没有此指标"),
    *("不考核", "不设", "未设置", "暂无"),
)

MOST_DIGITS = 15  # before the point: what a workbook can hold exactly
_NUMBER = rf"[+-]?(?:\d{{1,3}}(?:,\d{{3}}){{1,4}}|\d{{1,{MOST_DIGITS}}})(?:\.\d{{1,30}})?(?![\d.,])"
_SCALES = {"万亿": 12, "千亿": 11, "百亿": 10, "亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3, "": 0}
_THOUSANDS = "千[米克瓦伏卡帕焦牛赫欧兆]"  # units that begin as a scale does
_OF_100 = "[比点率数]"
_PERCENT = rf"%|个?百分{_OF_100}"
_UNIT = r"[^\d\s.,;:。，；：?!=<>≥≤±~+()\"'-]{0,16}"
_QUANTITY = regex(
    rf"(?P<over>超过|超|逾)?[¥￥]?(?P<percent>百分之)?(?P<number>{_NUMBER})(?P<more>[余多])?"
    rf"(?P<scale>万亿|千亿|百亿|亿|千万|百万|万|(?!{_THOUSANDS})千)?(?P<more2>[余多])?(?P<unit>{_UNIT})"
    rf"(?P<note>\(百分{_OF_100}\))?[。;]?",
    re.ASCII,
)
_NOT_A_UNIT = regex(
    rf"以上|以下|以内|之内|以前|之前|左右|[前底末至到]|^月|^个?[余多]|.[%‰]|[^个]个?百分{_OF_100}|[¥￥]"
    rf"|^[十亿万]|^百(?!分{_OF_100})|^(?!{_THOUSANDS})千|[^/每个][万亿]|个[百千万亿]+元?$"  # a second scale
    rf"|[^/每个](?!{_THOUSANDS})[十百千](?!分)|[十百千]$",  # 5万万, 3个亿; but 2件/万人, 3个万亩基地, 5平方千米
    needs="以上|以下|以内|之内|以前|之前|左右|前|底|末|至|到|月|余|多|%|‰|百|¥|￥|十|亿|万|千",
)
_NONE_ALONE = frozenset("前底末至到月余多¥￥十亿万百千")  # of single characters those that `_NOT_A_UNIT` finds
_IN_PERCENT = regex(rf"(?:{_PERCENT})(?![元人次件个户台名十百千])[\u4e00-\u9fff]*", needs="%|百分")  # 100%覆盖
_SAME_UNIT = {"名": "人", "日": "天", "平米": "平方米"}  # two words for one unit
_SCALED = regex(rf"[万亿]|百(?!分)|(?!{_THOUSANDS})千", needs="万|亿|百|千")
_YEAR = regex(r"(?:19|20)\d\d年", needs="年")
_TWO_NUMBERS = regex(r"[\d.,，．]\s+[\d.,，．]")

_BEFORE: tuple[tuple[str, Op], ...] = (
    (r"≥|>=|=>|不低于|不少于|不小于|大于等于|大于或等于|至少", "≥"),
    (r"≤|<=|=<|不超过|不高于|不大于|不多于|小于等于|小于或等于|至多|控制在(?=.*内$)", "≤"),
    (r"=|等于", "="),
    (r">|大于|高于|超过|超", ">"),
    (r"<|小于|低于", "<"),
)
_AFTER: tuple[tuple[str, Op], ...] = (
    (r"(?:\(含\)|及|含)?以上(?:\(含\))?", "≥"),
    (r"(?:\(含\)|及|含)?以下(?:\(含\))?|以内|之内", "≤"),
)


class Quantity(NamedTuple):
    """A number with its unit; `%` for percent, "" for none; 万 and 亿 are already multiplied in."""

    number: Decimal
    unit: str
    over: bool = False  # 200余人: so many and some more

    def __str__(self) -> str:
        return f"{plain(self.number)}{'余' if self.over else ''}{self.unit}"


class Target(NamedTuple):
    """What is to be reached; `op` None where only the quantity is written."""

    op: Op | None
    quantity: Quantity

    def __str__(self) -> str:
        return f"{self.op or ''}{self.quantity}"


Value = Decimal | Quantity | str  # what stands in a computed cell: points or a weight · a rate in % · a grade


@lru_cache(maxsize=8192)  # the same labels and figures stand in many cells and many forms
def normalize(text: str) -> str:
    """The words without any white space, with full-width signs as half-width ones."""
    return "".join(text.split()).translate(_HALF)


@lru_cache(maxsize=8192)
def not_applicable(text: str) -> bool:
    """Whether the words say that nothing belongs here: 无, —, /, 不适用."""
    return normalize(text).rstrip(".。").lower() in NOT_APPLICABLE


_NUMBERED_NAME = regex(r"(?:指标\d*[:.、]?|\d{1,2}[.、:]|[一二三四五六七八九十]、)")


def names_nothing(text: str) -> bool:
    """Whether the name of a row names no indicator: blank, 无, or a line of the empty form (指标1：, ……)."""
    return says_no_indicator(text) or not _without_number(text).strip("….")


def says_no_indicator(text: str) -> bool:
    """Whether a name says that there is no indicator: 无, 指标1：无, 无此项."""
    words = _without_number(text)
    return not_applicable(words) or words in NO_INDICATOR


@lru_cache(maxsize=8192)
def _without_number(text: str) -> str:
    words = normalize(text).lstrip("★").rstrip("。")
    numbered = _NUMBERED_NAME.match(words)
    return words[numbered.end() :] if numbered else words


_UNFILLED = regex(r"(?:[^:。,;\d]{1,20}:)?(?:年度?|[月日至到_.…()~/-])*|[(]?请选择[)]?")


def unfilled(text: str) -> bool:
    """Whether nothing is written yet: blank, a line to write on, 年 月 日, 请选择, a label without a value."""
    return _UNFILLED.fullmatch(normalize(text)) is not None and not not_applicable(text)


def _two_numbers(text: str) -> bool:
    """Whether two figures stand beside each other with nothing but blanks between them."""
    return len(text.split()) > 1 and _TWO_NUMBERS.search(text) is not None


@lru_cache(maxsize=8192)
def read_quantity(text: str) -> Quantity | None:
    """The one quantity written in `text`, or None when it is anything else."""
    words = normalize(text)
    found = _QUANTITY.fullmatch(words)
    if found is None or _YEAR.match(words) or _two_numbers(text):
        return None
    unit, scale = found["unit"], found["scale"] or ""
    not_a_unit = (len(unit) > 1 or unit in _NONE_ALONE) and _NOT_A_UNIT.search(unit)
    if not_a_unit or (found["more"] and found["more2"]):
        return None
    if found["note"] and unit not in ("", "%"):
        return None
    if found["percent"] or found["note"] or unit == "%" or _IN_PERCENT.fullmatch(unit):
        if scale or (found["percent"] and unit):
            return None
        unit = "%"
    elif re.match(_PERCENT, unit) or (unit[:1] == "‰" and (scale or unit[1:])):
        return None
    number = Decimal(found["number"].replace(",", "")).scaleb(_SCALES[scale], EXACT)
    if number.adjusted() >= MOST_DIGITS:
        return None
    return Quantity(number, _SAME_UNIT.get(unit, unit), bool(found["over"] or found["more"] or found["more2"]))


def scaled(text: str) -> bool:
    """Whether a figure is written in 千, 万 or 亿, so that the one beside it may be too."""
    return _SCALED.search(text) is not None


@lru_cache(maxsize=8192)
def read_target(text: str) -> Target | None:
    """The target written in `text` (`≥95%`, `2人（含）以下`, `100`), or None when it is words, a date or several."""
    if _two_numbers(text):
        return None
    words = normalize(text).rstrip("。;").removeprefix("达到")  # 达到95% says no more than 95%
    op: Op | None = None
    for pattern, meaning in _BEFORE:
        if found := re.match(pattern, words):
            op, words = meaning, words[found.end() :]
            break
    for pattern, meaning in _AFTER:
        if found := re.search(rf"(?:{pattern})$", words):
            if op not in (None, meaning):
                return None
            op, words = meaning, words[: found.start()]
            break
    quantity = read_quantity(words)
    if quantity is None or (op and quantity.over):
        return None
    return Target(op, quantity)


_DIVIDED = regex(rf"({_NUMBER})[/÷]({_NUMBER})(?:[=≈]({_NUMBER}))?", re.ASCII, needs="/|÷")


@lru_cache(maxsize=8192)
def read_points(text: str, places: int = 2) -> Decimal | None:
    """Points as typed: `13.33`, `10分`, `40/3`, `40/3=13.33`; None where a quotient and its result disagree."""
    words = normalize(text)
    if _two_numbers(text):
        return None
    if found := _DIVIDED.fullmatch(words):
        above, below = (Decimal(part.replace(",", "")) for part in found.group(1, 2))
        if not below:
            return None
        quotient = round_half_up(above / below, places)
        written = Decimal(found[3].replace(",", "")) if found[3] else quotient
        return written if abs(written - quotient) <= Decimal(1).scaleb(-places) / 2 else None
    quantity = read_quantity(words)
    return quantity.number if quantity and quantity.unit in ("", "分") and not quantity.over else None


def read_weight(words: str, places: int = 2) -> Decimal | None:
    """A weight as printed: points (`13`, `40/3=13.33`, `10分`) or percent of the whole 100 (`50%`)."""
    points = read_points(words, places)
    if points is None and (share := read_quantity(words)) and share.unit == "%" and not share.over:
        return share.number
    return points


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A row's own rule in a sentence: points off for each step that it misses the mark by.

    Attributes:
        up: whether steps count above the mark, not below it.
        per: the length of a step.
        unit: its unit.
        points: what a step costs.
        started: whether a step that is begun counts whole (不足1%按1%计算).
        full: the mark for full points (90%以上得10分), None where the target is it.
        full_points: the points given there, None where the sentence names none.
        words: the rule as written.
    """

    up: bool
    per: Decimal
    unit: str
    points: Decimal
    started: bool
    full: Quantity | None
    full_points: Decimal | None
    words: str


_ONES = {"一": "1", "两": "2", "二": "2", "三": "3", "五": "5", "十": "10"}
_COUNT = r"(?:\d{1,6}(?:\.\d{1,6})?|[一二两三五十])"
_STEP_UNIT = r"%|个?百分点|[个次项件场人份天日条户处台篇]"
_STEP = regex(
    rf"(?:(?:达到?|完成)?(?P<full>{_COUNT}(?:{_STEP_UNIT}))(?:\(含\))?(?:及?以上)?得(?P<full_points>{_COUNT})分[,，;]?)?"
    rf"(?P<step>每?(?P<verb>下降|降低|降|减少|少|缺少|缺|低|超过|超出|超|增加|高)[\u4e00-\u9fff]{{0,6}}?"
    rf"(?P<per>{_COUNT})(?P<unit>{_STEP_UNIT})(?P<less>\(?[,，]?不足{_COUNT}(?:{_STEP_UNIT})的?[,，]?按{_COUNT}(?:{_STEP_UNIT})(?:计算?|扣分)\)?)?"
    rf"[,，]?扣减?(?P<points>{_COUNT})分)(?P<after>[,，(]不足{_COUNT}(?:{_STEP_UNIT})的?[,，]?按{_COUNT}(?:{_STEP_UNIT})(?:计算?|扣分))?",
    re.ASCII,
    needs="降|低|少|缺|超|增加|高",
)
_LESS = regex(rf"不足({_COUNT})({_STEP_UNIT})的?[,，]?按({_COUNT})({_STEP_UNIT})", re.ASCII)
_DEDUCTS = regex(rf"扣减?(?:除)?{_COUNT}分", re.ASCII, needs="扣")
_RISING = ("超", "增", "高")


def deducts(text: str) -> bool:
    """Whether the words speak of points off (扣0.3分)."""
    return _DEDUCTS.search(normalize(text)) is not None


def read_step(text: str) -> Step | None:
    """The one step rule in a sentence (每下降1%（不足1%按1%计算）扣0.3分), or None when there is none, or several."""
    words = normalize(text)
    found = list(_STEP.finditer(words)) if "扣" in words else []
    if len(found) != 1 or any(_RESULT.search(clause) is None for clause in _other_deductions(words, found[0])):
        return None
    said = found[0]
    per, unit = _count(said["per"]), _step_unit(said["unit"])
    started = False
    if less := said["less"] or said["after"]:
        rest = _LESS.search(less)
        same = rest and (_count(rest[1]), _step_unit(rest[2])) == (_count(rest[3]), _step_unit(rest[4])) == (per, unit)
        if not same:
            return None
        started = True
    full = read_quantity(said["full"].translate(_STEP_DIGITS)) if said["full"] else None
    full_points = _count(said["full_points"]) if said["full_points"] else None
    up = said["verb"].startswith(_RISING)
    if not per:
        return None
    return Step(
        up=up,
        per=per,
        unit=unit,
        points=_count(said["points"]),
        started=started,
        full=full,
        full_points=full_points,
        words=said["step"],
    )


def _other_deductions(words: str, step: re.Match[str]) -> list[str]:
    """The clauses outside of a step rule that speak of points off too."""
    rest = f"{words[: step.start()]}。{words[step.end() :]}"
    return [clause for clause in re.split("[,，;。]", rest) if _DEDUCTS.search(clause)]


_RESULT = regex("即|共|合计|应扣|需扣")  # what follows from the rule, not another one
_STEP_DIGITS = str.maketrans(_ONES)


def _count(words: str) -> Decimal:
    return Decimal(words.translate(_STEP_DIGITS))


def _step_unit(words: str) -> str:
    return "%" if words in ("%", "百分点", "个百分点") else words


def round_half_up(number: Decimal, places: int) -> Decimal:
    """`number` with exactly `places` decimals, halves away from zero (四舍五入)."""
    return number.quantize(ONE.scaleb(-places), context=EXACT)


def decimals(number: Decimal) -> int:
    """How many decimals a number is written with: 2 for 0.50, 0 for 12."""
    return max(-int(number.as_tuple().exponent), 0)


def plain(number: Decimal) -> str:
    """The digits of `number` without exponent or trailing zeros: 175560, 0.5, 0."""
    words = format(number, "f")
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return "0" if words in ("-0", "") else words


def format_value(value: Value) -> str:
    """A computed value as forms print it: 13.33, 99.02%, 优."""
    if isinstance(value, Quantity):
        return f"{round_half_up(value.number, 2)}{value.unit}"
    return str(value)


def grouped(number: Decimal) -> str:
    """`number` with thousands commas, not rounded: 17,160,289.87."""
    return format(number, ",f")


def agrees(value: Value, words: str, places: int, *, weight: bool = False) -> bool:
    """Whether the words of a cell say a computed value, to the places that the form shows; a weight also as percent."""
    if isinstance(value, str):
        return words.rstrip("。 ") == value
    if isinstance(value, Decimal):
        points = read_weight(words, places) if weight else read_points(words, places)
        places = max(places, decimals(value))  # money keeps its own decimals
        return points is not None and round_half_up(points, places) == round_half_up(value, places)
    rate = read_quantity(words)
    if rate is None or rate.unit not in ("", "%"):
        return False
    printed = [rate.number]
    if not rate.unit:  # 60 and 0.6 can only mean the same
        printed.append(rate.number.scaleb(2, EXACT))
    return any(_same_rate(value.number, number) for number in printed)


def same_result(first: str, second: str) -> bool:
    """Whether two results of a formula are the same words, or the same figure to the ninth decimal.

    Programs that add binary fractions in another order differ beyond it.
    """
    if first == second:
        return True
    one, other = read_quantity(first), read_quantity(second)
    if one is None or other is None or one.unit != other.unit:
        return False
    return round_half_up(one.number, 9) == round_half_up(other.number, 9)


def _same_rate(rate: Decimal, printed: Decimal) -> bool:
    """Whether a printed rate is the rate rounded to the decimals that it is printed with, at most two (86%, 89.7%)."""
    places = min(decimals(printed), 2)
    return round_half_up(rate, places) == round_half_up(printed, places)


_MONEY_UNIT = regex(r"[(](?:(?:金额)?单位:?)?(?:人民币)?(万元|元)[)]|单位:(?:人民币)?(万元|元)", needs="元|单位:")


def money_unit(text: str) -> str:
    """The unit of money that a heading or a line prints (单位：万元, 项目资金（元）), "" where it prints none."""
    found = _MONEY_UNIT.search(normalize(text))
    return (found[1] or found[2]) if found else ""


def needs_text_prefix(text: str) -> bool:
    """Whether a spreadsheet would take a typed text for a number, a date, a truth value or a formula."""
    begins = text[:1] in (*FORMULA_SIGNS, "'")
    return begins or text.upper() in ("TRUE", "FALSE") or any(character.isdigit() for character in normalize(text))
