"""Dates and deadlines as people type them into forms, read exactly or not at all, and whether a deadline is kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from workbook_tools.text import regex
from workbook_tools.values import normalize


class Moment(NamedTuple):
    """A day or a span of days as year·10000 + month·100 + day; year 0 where none is written, 1 for 次年."""

    first: int
    last: int
    before: bool  # 前: up to it, where it is not said whether it counts itself


_MOMENT = regex(
    r"(?:截[至止]|不晚于|(?:延期|推迟|延迟|顺延)[至到]|已?[于在])?"
    r"(?:(?P<year>(?:19|20)\d\d)(?:年度?|[-/.](?=\d)|(?=年))|(?P<next>次年|翌年|第二年|下一?年)度?)?"
    r"(?:第?(?P<quarter>[一二三四1-4])季度|(?P<half>[上下])半年|"
    r"(?P<month>1[0-2]|0?[1-9])(?:月份?|(?(year)[-/.](?=\d)|(?!))))?"
    r"(?:(?P<day>3[01]|[12]\d|0?[1-9])(?:日|号|(?=$|之?以?前))(?:24[时点])?|(?P<part>[上中下])旬)?"
    r"(?P<end>年?[底末]|月[底末])?(?P<within>年?度?内)?(?P<before>之?以?前)?"
    r"(?:已?全部)?(?:完成|完工|竣工|验收){0,2}[。;]?",
    re.ASCII,
)
_DATED = ("年", "月", "季", "-", "/", ".")  # of which every date has one
_DO = "完成|完工|竣工|验收|开展|实施|启动|开工|动工|执行|落实|办理|建成|到位"
_NOT_DONE = regex(
    rf"已?(?:逾期|超期|延期|未按期|未按时|未如期|尚未|没有|未)(?:(?:全部)?(?P<verb>{_DO}))?[。;]?"
    rf"|(?P<partly>部分(?:{_DO})|没做|没有做|(?:因[\u4e00-\u9fff]{{1,10}})?(?:已|被)?(?:取消|暂缓)(?:{_DO})?)[。;]?"
)
_MAY_BE_WANTED = regex("[不无未零没]|取消|暂缓|停|撤")  # where it is the aim that something is not done
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_PARTS = {"上": (1, 10), "中": (11, 20), "下": (21, 31)}  # of a month
_NEXT_YEAR = 1  # the year that 次年 counts as: after every date without a year, before every written year
_WRITTEN = 1900_00_00


@lru_cache(maxsize=1024)
def read_moment(text: str) -> Moment | None:
    """The date or deadline in `text` (`9月前`, `2021年底`, `次年1月`, `第四季度`), or None when it is anything else."""
    words = normalize(text)
    found = _MOMENT.fullmatch(words) if any(sign in words for sign in _DATED) else None
    if found is None:
        return None
    end, month, day = found["end"] or "", found["month"], found["day"]
    whole_year = (found["year"] or found["next"] or (end + (found["within"] or "")).startswith("年")) and "年" in text
    if not (month or found["quarter"] or found["half"] or whole_year):
        return None
    if (day or found["part"]) and (not month or end):
        return None
    start = int(found["year"] or (_NEXT_YEAR if found["next"] else 0)) * 10000
    months, days = _months(found), _PARTS.get(found["part"] or "", (1, 31))
    if day:
        days = (int(day), int(day))
    first, last = start + months[0] * 100 + days[0], start + months[1] * 100 + days[1]
    before = bool(found["before"]) and not end and not found["within"] and (months != (1, 12) or not start)
    return Moment(last if end else first, last, before)


def _months(found: re.Match[str]) -> tuple[int, int]:
    """The first and the last month that a date speaks of."""
    if found["quarter"]:
        last = 3 * int(_QUARTERS.get(found["quarter"], found["quarter"]))
        return last - 2, last
    if found["half"]:
        return (1, 6) if found["half"] == "上" else (7, 12)
    return (int(found["month"] or 1), int(found["month"] or 12))


def says_not_done(text: str) -> bool:
    """Whether the words say no more than that something was not done, or not in time: 未完成, 逾期完成, 因疫情取消."""
    return _NOT_DONE.fullmatch(normalize(text)) is not None


def says_what_was_not_done(text: str, wanted: str) -> bool:
    """The same where no deadline stands beside it: 未开展, but not 没有, nor where that may be what was `wanted`."""
    found = _NOT_DONE.fullmatch(normalize(text))
    return bool(found and (found["verb"] or found["partly"])) and _MAY_BE_WANTED.search(wanted) is None


def in_time(deadline: Moment, done: Moment) -> bool | None:
    """Whether `done` keeps `deadline`; None where the words leave it open (9月前 and 9月; a year on one side only)."""
    if (deadline.last < _WRITTEN) != (done.last < _WRITTEN):
        return None
    surely = deadline.first - 1 if deadline.before else deadline.last
    if done.last <= surely:
        return True
    return False if done.first > deadline.last else None
