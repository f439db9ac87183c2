"""A text as sentences and figures: each figure with its subject, and whether it may be accused at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice

from workbook_tools.claims.numerals import Numeral
from workbook_tools.text import regex
from workbook_tools.values import decimals, normalize

_BLANK = "□"
# What has digits and is no figure: titles, numbers of documents, dates, telephone numbers, numbers of lists.
_MASKED = regex(
    r"《[^《》]*》|[〔\[](?:19|20)\d\d[〕\]]第?\d*号?|第\d+[号条期届次]"
    r"|(?:19|20)\d\d(?:[-~至]{1}(?:19|20)?\d\d)?年(?:度)?(?:\d{1,2}月(?:份)?(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日|\d{1,2}月份?"
    r"|(?:19|20)\d\d[-.]\d{1,2}[-.]\d{1,2}|(?<!\d)1(?:2345|10|19|20|22)(?![\d.,%]|[个次件人条万元分])"
    r"|(?<!\d)\d{1,6}[×x*]\d{1,6}(?:小时)?|(?<!\d)\d{1,6}秒内|(?<![\d.])\d{1,2}[.](?!\d)|\(\d{1,2}\)|[①-⑳]|表\d+|附件\d[\d-]*"
)
_LONGEST = 600  # characters of a sentence; a longer one is read in pieces
MOST_FIGURES = 500  # of one text; what comes after them is not decided
_SENTENCE = regex(rf"[^。;]{{1,{_LONGEST}}}[。;]?")
_NUMBER = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,10})?(?![\d])|\d{1,15}(?:\.\d{1,10})?(?!\d)"
_UNIT = r"%|‰|个?百分点|亿元|万元|元|分(?!钟|之|别|为|析|类)|万|亿|倍|[\u4e00-\u9fff]{0,2}"
_FIGURE = regex(rf"(?<![\d.A-Za-z])({_NUMBER})({_UNIT})")
_EDGE = regex(r"[,、。;:()]")
# A rule for scoring says what would be deducted; a band what would be earned.
_RULE = regex(
    r"每(?:下降|降低|提高|上升|增加|减少|少|低|超|延|逾|差|缺)[^。;]*?扣|统一设置|扣完为止|不足[^,。;]*按|记满分|(?<!均)(?<!都)(?<!全部)得满分"
    r"|[≥≤<>][^,。;]{0,8}得\d|(?:以上|以下|之间|以内)的?,?得\d|否则|(?:若|如果|凡)[^。;]{0,60}?扣|\d分(?:\(含\))?(?:以上|以下)",
    needs="每|统一设置|扣完为止|不足|满分|得|否则|以|若|如果|凡",
)
PARTS = regex(
    "其中|包括|分别|基本支出|项目支出|财政拨款|财政资金支出|部分|专项|子项目|各|上级|中央|省级|市级|县级|区级"
)
_OTHER_TIME = regex(
    r"上年|去年|往年|上一年|历年|同比|环比|次年|下年|上半年|下半年|季度|月底|\d{1,2}[-~至]\d{1,2}月"
    r"|[年月]均|日均|每[年月日天]|人均|户均|亩均|前[一二两三四五]年",
    needs="上年|去年|往年|上一年|历年|同比|环比|次年|下年|半年|季度|月|均|每|前",
)
_VAGUE = regex(r"(?:(?<![节合])约|近|超|超过|逾|突破|大于|多于|高于|不足|以上)$")
# 由93%提高到94%, 93%-95%: what was before, and the ends of a range, say nothing of the year.
_BEFORE_IT = regex(
    r"[%\u4e00-\u9fff]{0,3}?(?:提高|提升|上升|增加|增长|扩大|下降|降低|减少|压减|调整|变更?|升|降|增)[到至为]",
    needs="提|升|增|扩大|降|减|调整|变",
)
_FROM = regex(r"[由从自]$", needs="由|从|自")
_TOGETHER = regex("(?:共|合计|总计)[有计得扣完成为是达到]{0,6}+$", needs="共|合计|总计")  # 甲、乙共30分
_IN_TURN = regex("分别[有得扣占完成为是达到]{0,6}+$", needs="分别")  # 甲、乙分别为10分、20分
_NEXT = regex(r"[%‰\u4e00-\u9fff]{0,4}?[、,和与及]\d")
_UNTIL_MONTH = r"截[至止到](?:(?:19|20)\d\d年|当年|本年)?(?:[1-9]|1[01])月"  # not the whole year
_UNTIL = regex(_UNTIL_MONTH, needs="截")
_SPAN = regex(rf"(?P<part>{_UNTIL_MONTH}|上半年|[一二三]季度)|全年|年[底末终度]|12月|[当本]年|下半年|四季度")
_BESIDE = regex(  # 与预算90万元相比, 90万元（三年）, 99%的有2个月
    r"[万亿元%‰]{0,2}(?:相比|\([^()]{0,12}年[^()]{0,8}\)|的有|的占|的月|的单|的项|的人)",
    needs="相比|年|的有|的占|的月|的单|的项|的人",
)
_RANGE_AFTER = regex(r"[%‰万亿元]{0,2}[-~—～至到]\d", needs="-|~|—|～|至|到")
_RANGE_BEFORE = regex(r"\d[%‰万亿元]{0,2}[-~—～至到]$", needs="-|~|—|～|至|到")
_COMPARED = regex(r"(?:较|比|与|同)(?:19|20)\d\d年")
_ABOUT = regex(
    r"[%‰\u4e00-\u9fff]{0,2}(?:\(含\))?(?:左右|上下|以上|以下|以内|余|多)",
    needs="左右|上下|以上|以下|以内|余|多",
)
_LONGEST_ABOUT, _FOLLOWS = 7, 40  # characters that it takes; behind a figure, that may take it back
_NEAREST = 5  # the last characters before a figure, at which `_VAGUE`, `_FROM` and `_RANGE_BEFORE` look
_TITLE = regex("《[^《》]*》", needs="《")
_YEAR = regex(r"((?:19|20)\d\d)(?:[-~至](?:19|20)?\d\d)?年")
_OF_ELSE = regex("子项目|分项目|其中|[镇乡村]|街道|社区|各[市县区镇乡单位部门]|样本|问卷|考核")


def other_year_in(words: str, year: int | None) -> bool:
    """Whether words name a year, and not that of the form."""
    named = {int(one) for one in _YEAR.findall(_TITLE.sub("", normalize(words)))}
    return bool(named) and (year is None or year not in named)


def may_be_cut(name: str) -> bool:
    """Whether a name has something in it that would end a clause, or be of another time: 食堂、餐厅改造, 月均话务量."""
    has_edge = re.search("[和与及]", name) or _EDGE.search(name) or _OTHER_TIME.search(name)
    return has_edge is not None and not any(map(str.isdigit, name))


def of_another_time(words: str) -> bool:
    """Whether words are of another time than the whole year: 上年, 季度."""
    return _OTHER_TIME.search(normalize(words)) is not None


def of_something_else(words: str) -> bool:
    """Whether the title of a table may be of a part, or of something else than the indicators of a form."""
    return _OF_ELSE.search(normalize(words)) is not None


_VERBS = regex(r"(?:为|是|达到了?|达|至|到|有|共计?|合计|(?<![节合])约|近|仅|了|:|=|“|”|\*){1,12}+$")


def without_verbs(words: str) -> str:
    """Words without the 为, 是, 达到 at their end."""
    return _VERBS.sub("", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a text with its unit.

    Attributes:
        start: where it begins in the text.
        end: where its digits end.
        said: the number as written.
        number: the number.
        unit: what follows it: %, 万元, at most two characters.
        subject: the words before it in its clause, after the figure before, without verbs.
        before: the sentence up to it.
        after: the sentence behind its number.
        may_accuse: whether it could be wrong at all: not in brackets, no rule, not of another time, not vague.
        in_part: whether it may be of a part.
        other_year: whether it is of another year than the form, or of one that the form does not name.
    """

    start: int
    end: int
    said: str
    number: Decimal
    unit: str
    subject: str
    before: str
    after: str
    may_accuse: bool
    in_part: bool
    other_year: bool

    @property
    def places(self) -> int:
        """The decimals that are written."""
        return decimals(self.number)


@dataclass(frozen=True)
class Sentence:
    """One sentence: its words, with what is no figure blanked out, and its figures."""

    start: int
    words: str
    masked: str
    rule: bool
    other_year: bool
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Text:
    """One text of a form or one paragraph of a report.

    Attributes:
        field: where it stands.
        words: its words in half width, without spaces.
        year: the year of the form, None where it does not say.
        following: the texts after it.
        numerals: what was written in Chinese numerals, and where it stands as digits.
        names: names of the form that have a comma, a bracket or a word of time in them.
    """

    field: str
    words: str
    year: int | None
    following: tuple[str, ...] = ()
    numerals: tuple[Numeral, ...] = ()
    names: tuple[str, ...] = ()

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences in order."""
        return tuple(self._sentences())

    @property
    def figures(self) -> Iterator[Figure]:
        """The figures that are no part of a rule for scoring."""
        every = (figure for sentence in self.sentences if not sentence.rule for figure in sentence.figures)
        return islice(every, MOST_FIGURES)

    def _sentences(self) -> Iterator[Sentence]:
        masked = _MASKED.sub(lambda found: _BLANK * len(found[0]), self.words)
        other = False  # 2020年为第一年度,截至当年: the year goes on until another is named
        until = False  # 截至6月底,已开工。已支出30万元: so does a part of the year
        for found in _SENTENCE.finditer(masked):
            words = self.words[found.start() : found.end()]
            years = {int(year) for year in _YEAR.findall(_COMPARED.sub("", _TITLE.sub("", words)))}
            if years:
                other = self.year is None or self.year not in years
            spans = [span["part"] is not None for span in _SPAN.finditer(words)]
            until = until and all(spans)
            rule = _RULE.search(words) is not None
            yield Sentence(
                found.start(),
                words,
                found[0],
                rule,
                other,
                tuple(_figures(found, words, self.names, self.year, other, until=until)),
            )
            until = spans[-1] if spans else until


def _figures(
    sentence: re.Match[str],
    words: str,
    names: tuple[str, ...],
    year: int | None,
    other_year: bool,
    *,
    until: bool,
) -> Iterator[Figure]:
    masked, offset, last = sentence[0], sentence.start(), 0
    clauses, unnamed = _without(masked, names), _without(words, names)
    for found in _FIGURE.finditer(masked):
        before = words[: found.start()]
        edge = _edge(clauses, last, found.start())
        if edge == found.start() > last:  # 及时转派,2949950件
            edge = _edge(clauses, last, found.start() - 1)
        subject = words[edge : found.start()].strip(",:")
        named = [int(one) for one in _YEAR.findall(_TITLE.sub("", before))]
        wrong_year = (year is None or named[-1] != year) if named else other_year
        inside = before.count("(") > before.count(")")
        times = _OTHER_TIME.search(unnamed[edge : found.start()])
        follows = masked[found.end(1) : found.end(1) + _FOLLOWS]
        ends = before[-_NEAREST:]
        vague = _VAGUE.search(ends) or _ABOUT.match(follows[:_LONGEST_ABOUT])
        span = _RANGE_AFTER.match(follows) or _RANGE_BEFORE.search(ends)
        together = _shared(unnamed[last : found.start()]) or (_IN_TURN.search(ends) and _NEXT.match(follows))
        past = _FROM.search(ends) or _BEFORE_IT.match(follows) or _BESIDE.match(follows) or _UNTIL.search(before)
        yield Figure(
            start=offset + found.start(),
            end=offset + found.end(1),
            said=found[1],
            number=Decimal(found[1].replace(",", "")),
            unit=found[2],
            subject=without_verbs(subject),
            before=before,
            after=words[found.end(1) :],
            may_accuse=not (inside or wrong_year or until or times or vague or span or past or together),
            in_part=PARTS.search(before) is not None,
            other_year=wrong_year,
        )
        last = found.end()


def _without(words: str, names: tuple[str, ...]) -> str:
    for name in names:
        words = words.replace(name, _BLANK * len(name))
    return words


def _shared(words: str) -> bool:
    """Whether what is said last of words is said of several together: 甲、乙共, 甲和乙合计得."""
    together = _TOGETHER.search(words)
    clause = re.split("[,。;:]", words[: together.start()])[-1] if together else ""
    return re.search("[、和与及]", clause) is not None


def _edge(words: str, last: int, end: int) -> int:
    """Where a clause that ends at `end` begins; a bracket behind a word belongs to it: 教室维修(二期)支出."""
    edges = [one.start() for one in _EDGE.finditer(words, last, end)]
    while edges:
        at = edges.pop()
        opened = words.rfind("(", last, at) if words[at] == ")" else -1
        if opened <= last or _EDGE.match(words, opened - 1):
            return at + 1
        edges = [one for one in edges if one < opened]
    return last


# Words that add nothing to a subject.
FILLERS = regex(
    r"(?:(?:19|20)\d\d年度?(?:\d{1,2}月)?(?:\d{1,2}日)?|截[至止]|\d{1,2}月\d{1,2}日|年度|全年|本年度?|年末|年|本|该|此|项目|指标|其中|共计|共|的|累计|实际|完成值|完成|"
    r"目前|现|已|以及|及|和|与|经|根据|我[局委市县区]|单位|整体|“|”|[①-⑳]|\(?\d{1,3}[.)]|[一二三四五六七八九十]是|[,、:]|为|是|达到?|了|均|至|按|安排|主要|值|数|由|后)"
)


def left_over(words: str, known: tuple[str, ...] = ()) -> str:
    """What remains of words when known names and fillers are taken out."""
    words = re.sub(
        "“([^“”]{0,99})”", lambda quoted: "" if any(quoted[1] in name for name in known) else quoted[0], words
    )
    for name in known:
        words = words.replace(name, "")
    return FILLERS.sub("", words)


def like(one: str, other: str) -> bool:
    """Whether two names may mean the same: most characters in common, in order, and the same end."""
    return one[-2:] == other[-2:] and 10 * common(one, other) >= 6 * max(len(one), len(other))


def common(one: str, other: str) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for char in one:
        before = 0
        for n, against in enumerate(other, 1):
            before, row[n] = row[n], before + 1 if char == against else max(row[n], row[n - 1])
    return row[-1]


_ONES = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2}


def count_of(words: str) -> int | None:
    """A count in digits or in words up to 九十九; None for anything else."""
    if words.isdecimal():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _ONES.get(words)
    return 10 * _ONES.get(tens or "一", 0) + _ONES.get(ones or "零", 0)


# Not 十个 of 二十个, 几十个 or 数十个, and no 八个 of 七八个.
COUNT = (
    r"(?:\d{1,3}|(?<![一二两三四五六七八九十百千几第])"
    r"(?:(?<!数)[二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九十]))"
)
