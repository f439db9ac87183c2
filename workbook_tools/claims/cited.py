"""Words of the form that a report repeats: values that are words, and whole sentences of its texts.

The same words with other figures are refuted; other words are other words, and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook_tools.claims.claim import Claim, row_begun
from workbook_tools.claims.facts import Facts
from workbook_tools.claims.figures import FIGURES, PIECE, parted, same_words
from workbook_tools.claims.sentences import Text
from workbook_tools.scoring.comparing import actual_words, target_words
from workbook_tools.text import one_line, regex
from workbook_tools.values import normalize

_QUOTED = regex(r"(?P<aim>年度指标值|指标值)?(?:实际完成值|完成值)?“(?P<words>[^“”]{1,200})”")
_CHINESE = regex("[\u4e00-\u9fff]")
# Chinese characters of a sentence that is no other by chance; of one with one figure; of one whose years count, too.
_LEAST, _LEAST_ALONE, _LEAST_YEAR = 8, 12, 20


def quoted(text: Text, facts: Facts) -> Iterator[Claim]:
    """甲：年度指标值“25TB，100%覆盖”，实际完成值“…”: the words of the row, figure by figure."""
    for sentence in text.sentences:
        for found in _QUOTED.finditer(sentence.words):
            if not found["aim"] and "完成值" not in found[0]:
                continue
            row = row_begun(sentence.words[: found.start()], facts)
            if row is None:
                continue
            printed = facts.form.indicators[int(row.field.partition(".")[2]) - 1]
            aims, done = (
                (target_words(printed), printed.target, printed.initial),
                (actual_words(printed), printed.actual),
            )
            known = [facts.in_digits(one)[0] for one in (aims if found["aim"] else done) if one]
            right = same_words(found["words"], known)
            what = "指标值" if found["aim"] else "完成值"
            message = (
                f"写“{row.shown}”的{what}“{found['words']}”，表里是“{one_line(known[0]) if known else ''}”；请改成一致"
            )
            start = sentence.start + found.start("words")
            yield Claim(start, start + len(found["words"]), right, message)


def changed(text: Text, facts: Facts) -> Iterator[Claim]:
    """A sentence of the form's own texts, or a whole one, in which one figure is another one."""
    figures = {figure.start: figure for figure in text.figures} if facts.cited else {}
    for start, piece in _pieces(text) if facts.cited else ():
        said, words = parted(piece)
        others = facts.cited.get(words, frozenset())
        long = len(_CHINESE.findall(words))
        if long < _LEAST or len(others) != 1 or said in others or (len(said) == 1 and long < _LEAST_ALONE):
            continue
        (known,) = others
        wrong = [n for n, (a, b) in enumerate(zip(said, known, strict=True)) if a != b]
        if len(wrong) != 1:
            continue
        at = start + [one.start() for one in FIGURES.finditer(piece)][wrong[0]]
        figure = figures.get(at)
        if long >= _LEAST_YEAR or (figure is not None and not figure.other_year):
            message = f"写 {said[wrong[0]]}，自评表同一句话里是 {known[wrong[0]]}；请改成一致"
            yield Claim(at, at + len(said[wrong[0]]), verdict=False, message=message)


def repeated(text: Text, facts: Facts) -> Iterator[Claim]:
    """The figures of a sentence that the form has, too, word by word."""
    for start, piece in _pieces(text) if facts.cited else ():
        said, words = parted(piece)
        if said in facts.cited.get(words, ()) and len(_CHINESE.findall(words)) >= _LEAST:
            yield from (Claim(start + one.start(), start + one.end(), verdict=True) for one in FIGURES.finditer(piece))


def _pieces(text: Text) -> Iterator[tuple[int, str]]:
    """The sentences of a text, then the whole, also without what introduces it: each with its start."""
    for piece in PIECE.finditer(text.words):
        yield piece.start(), piece[0]
    introduction = text.words.find(":") + 1
    yield 0, text.words
    if introduction:
        yield introduction, text.words[introduction:]


_REPORT = regex("(?:绩效|自评|评价){0,4}报告$")
_OF_YEAR = regex(r"(?<![-~至])(?:19|20)\d\d(?=年度)")


def heading(text: Text, facts: Facts) -> Iterator[Claim]:
    """甲项目2021年度绩效自评报告: the project and the year of the form."""
    ending = _REPORT.search(text.words)
    if ending is None or len(text.words) > _LONGEST:
        return
    if not facts.form.report and not text.field.startswith(_OWN_REPORT):
        return
    title = text.words[: ending.start()]
    project = normalize(facts.form.texts.get("texts.project", ""))
    if project and (same_words(title.removeprefix(_year_of(title)), [project]) is False):
        message = f"报告的题目写“{title}”，自评表的项目是“{project}”；请改成一致"
        yield Claim(0, ending.start(), verdict=False, message=message)
        return
    years = set(_OF_YEAR.findall(title.replace(project, "") if project else title))
    if years and facts.form.year and not _RANGE.search(title):
        right = str(facts.form.year) in years
        message = f"报告的题目写{'、'.join(sorted(years))}年度，自评表是{facts.form.year}年度；请核对"
        yield Claim(0, ending.start(), right, message)


_OWN_REPORT = "texts.report."  # the report that stands in the workbook of its form
_LONGEST = 80  # characters of a title
_RANGE = regex(r"(?:19|20)\d\d年?度?[-~—至到](?:19|20)\d\d")


def _year_of(title: str) -> str:
    found = re.match(r"(?:19|20)\d\d年度", title)
    return found[0] if found else ""
