"""A scheme as one self-contained HTML page: every sentence of its form beside what is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Literal, NamedTuple

from workbook_tools.excel import Book
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.vocabulary import ideas, normalized
from workbook_tools.reports.html import STYLE, html_page, html_table
from workbook_tools.schemes.describe import INVERSE, RATES, describe_budget, describe_group
from workbook_tools.schemes.files import empty_form
from workbook_tools.schemes.loading import form_names
from workbook_tools.schemes.printed_rules import printed_rules
from workbook_tools.schemes.scheme import AMOUNTS, Scheme
from workbook_tools.schemes.sentences import RuleKind, in_one_line
from workbook_tools.text import regex
from workbook_tools.values import HUNDRED, normalize, plain

Use = Literal["由本工具计算", "只核对", "由人判断", "没有用到"]
COMPUTED: Use = "由本工具计算"
CHECKED: Use = "只核对"
JUDGED: Use = "由人判断"
UNUSED: Use = "没有用到"
_CLASS: dict[Use, str] = {"由本工具计算": "c", "只核对": "h", "由人判断": "u", "没有用到": "w"}
RATES_OF_MONEY = ("execution", "adjustment")
_CAPTION = regex(r"表\d+[:.、]")
OPEN = "还没有人确认，不计算"
SHORTEST_QUOTE = 4
SHORTEST = 10  # characters of a sentence that is no rule
LONG = 24  # of one that stands where a value goes: what is to be written there
_LABELS = {"text", "info", "review", "indicator"}  # what stands there is a field; its words are no sentence
_LIKE_A_RULE: dict[RuleKind, str] = {
    "points": "与评分办法的分值核对",
    "cap": "与评分办法的分值核对",
    "equal": "与评分办法的权重核对",
    "weights": "与评分办法的分值核对",
    "share": "与评分办法的比例核对",
    "linear": "与评分办法的分值核对",
    "bands": "与评分办法的各档核对",
    "grades": "与评分办法的等级核对",
    "limit": "超过字数的列出来",
    "unit": "金额的单位",
    "year": "与评分办法的年度核对",
    "step": "本行写有扣分规则的，按该规则",
}


class Sentence(NamedTuple):
    """A sentence of the notice or the form: where it stands, how it is used, and the rule that it gives."""

    text: str
    cell: str
    use: Use
    rule: str


class _Quoted(NamedTuple):
    quote: str
    use: Use
    rule: str


def scheme_page(scheme: Scheme) -> str:
    """The page of a scheme; raises the errors of reading its empty form."""
    sentences = scheme_sentences(scheme)
    counts = Counter(one.use for one in sentences)
    said = "，".join(f"{use} {counts[use]} 句" for use in _CLASS if counts[use])
    body = [f"<h1>{escape(scheme.title)}</h1><p>共 {len(sentences)} 句：{said}。</p>"]
    if scheme.general:
        body.append(f'<p class="e">{escape(scheme.general)}</p>')
    body += [f'<p class="m">没有确认：{escape(one.sentence)}</p>' for one in scheme.unconfirmed]
    sources = "；".join(source.document for source in scheme.sources)
    body.append(f'<p class="m">依据：{escape(sources)}</p>')
    rows = [_row(one) for one in sentences]
    body.append(html_table(("怎样用", "位置", "原文", "本工具的规则"), rows))
    return html_page(scheme.title, body, f"{STYLE}{_WIDTHS}")


_WIDTHS = "td.q{min-width:18em;max-width:38em}td.k{white-space:nowrap}.c{color:#1b6e1b;font-weight:bold}"


def _row(one: Sentence) -> str:
    text = escape(one.text) if len(one.text) < 400 else f"{escape(one.text[:400])}……"
    cells = f'<td class="k {_CLASS[one.use]}" data-n="怎样用">{one.use}</td>'
    cells += f'<td class="k" data-n="位置">{escape(one.cell)}</td>'
    return f'<tr>{cells}<td class="q" data-n="原文">{text}</td><td data-n="本工具的规则">{escape(one.rule)}</td></tr>'


def scheme_sentences(scheme: Scheme) -> list[Sentence]:
    """Every sentence of the empty form in the order of its cells, then those of the notice that it does not print."""
    quoted = list(_quotes(scheme))
    printed = list(_printed(scheme, quoted))
    told = normalize("\n".join(one.text for one in printed))
    missing = [one for one in quoted if one.quote and any(part not in told for part in _passages(one.quote))]
    return [*printed, *(Sentence(one.quote, "依据", one.use, one.rule) for one in missing)]


def _printed(scheme: Scheme, quoted: list[_Quoted]) -> Iterator[Sentence]:
    sheet = _sheet(scheme)
    if sheet is None:
        return
    stated = printed_rules(sheet)
    forms = read_forms(sheet)
    roles = {cell: role for form in forms for cell, role in form.roles.items()}
    titles = {normalize(table.title) for form in forms for table in form.tables}
    seen: set[str] = set()
    for cell in sheet.filled():
        text = in_one_line(sheet.text(cell))
        words = normalize(text)
        kinds = [rule.kind for rule in stated if rule.cell == cell]
        a_value = len(words) < LONG and roles.get(cell, "note") not in (
            "note",
            "unread",
            "block",
            "title",
            "heading",
            "label",
        )
        plain_words = a_value or len(words) < SHORTEST or words in seen or words in titles or _is_label(text)
        if not sheet.formula(cell) and (kinds or not plain_words):
            seen.add(words)
            yield _sentence(text, sheet.address(cell), quoted, kinds, scheme)


def _is_label(text: str) -> bool:
    """Whether words only name a field: 指标内容, 审核意见; not where a longer note stands in brackets behind them."""
    noted = len(normalize(text)) >= len(normalized(text)) + SHORTEST
    return not noted and (bool(ideas(text).keys() & _LABELS) or _CAPTION.match(normalize(text)) is not None)


def _passages(quote: str) -> list[str]:
    return [normalize(part).rstrip("。;,") for part in quote.split("……") if part]


def _sentence(text: str, cell: str, quoted: list[_Quoted], kinds: list[RuleKind], scheme: Scheme) -> Sentence:
    words = normalize(text)
    found = [one for one in quoted if one.quote and any(_same(words, part) for part in _passages(one.quote))]
    if found:
        uses = [one.use for one in found]
        use = next(use for use in _CLASS if use in uses)
        return Sentence(text, cell, use, "；".join(dict.fromkeys(one.rule for one in found)))
    if "share" in kinds and not scheme.unconfirmed and any(group.share != HUNDRED for group in scheme.groups):
        return Sentence(text, cell, COMPUTED, "总分 = 各部分的得分 × 所占比例，再相加")
    if "average" in kinds and scheme.evaluators_quote:
        return Sentence(text, cell, COMPUTED, "每行得分 = 各位成员评分的算术平均")
    known = [_LIKE_A_RULE[kind] for kind in kinds if kind in _LIKE_A_RULE]
    known = [said for said in known if said != _LIKE_A_RULE["step"] or scheme.indicators.step == "printed"]
    if words == normalize(scheme.title):
        known = ["表题，与评分办法核对"]
    if not known and (meant := _meant(ideas(text), {one.about for one in scheme.unconfirmed})):
        return Sentence(text, cell, *meant)
    if scheme.unconfirmed and known:
        known.append("只限已经确认的")
    return Sentence(text, cell, CHECKED if known else UNUSED, "；".join(dict.fromkeys(known)))


def _meant(ideas_of: Mapping[str, str], opened: set[str]) -> tuple[Use, str] | None:
    """What becomes of a column or a sum that is only named; None where it is neither."""
    amounts, total = ideas_of.get("money", ""), ideas_of.get("total", "")
    if amounts in AMOUNTS:
        unused = any(about.startswith("budget.") for about in opened)
        return (CHECKED, "核对各来源相加") if unused else (COMPUTED, "这一栏的金额参加计算")
    if amounts in RATES_OF_MONEY:
        return (UNUSED, OPEN) if f"budget.{amounts}" in opened else (COMPUTED, "由金额算出")
    if total in ("total", "subtotal"):
        waiting = opened - {"year", "unit", "grade"}
        return (UNUSED, "有没有确认的规则，还不相加") if waiting else (COMPUTED, "各行、各组得分相加")
    return None


def _same(words: str, part: str) -> bool:
    """Whether a printed sentence and a passage of a quote are the same, or one holds the other."""
    return len(part) >= SHORTEST_QUOTE and (part in words or (2 * len(words) >= len(part) and words in part))


def _sheet(scheme: Scheme) -> Sheet | None:
    """The empty form, its sheets below one another; None where the scheme has none."""
    own = empty_form(scheme.name)
    if own is None and scheme.name not in form_names():
        return None
    if own is None:
        from workbook_tools.template.workbook import form_workbook, workbook_bytes

        data = workbook_bytes(form_workbook(scheme))
    else:
        data = own.read_bytes()
    book = Book(data)
    return JoinedSheet([book.sheet(info) for info in book.sheets if not info.hidden and info.name != INSTRUCTIONS])


def _quotes(scheme: Scheme) -> Iterator[_Quoted]:
    """Every quote of a scheme with how it is used."""
    opened = {one.about for one in scheme.unconfirmed}
    for one in scheme.unconfirmed:
        yield from (_Quoted(quote, UNUSED, OPEN) for quote in one.quotes)
    for group in scheme.groups:
        use = JUDGED if scheme.general and not scheme.unconfirmed else COMPUTED
        for quote in (group.quote, group.cap_quote):
            yield _Quoted(quote, use, f"“{group.label}”：{describe_group(scheme, group)}")
    for rule in scheme.budget:
        said = f"“{rule.label}”：{describe_budget(rule)}"
        if f"budget.{rule.field}" in opened:
            continue
        yield _Quoted(rule.quote, COMPUTED, said)
        yield _Quoted(rule.formula, COMPUTED, f"“{rule.label}”的比率")
        yield _Quoted(rule.exempt_quote, JUDGED, f"写有“{'”“'.join(rule.exempt)}”的由填表人评分")
    rules = scheme.indicators
    yield _Quoted(rules.rate_quote, JUDGED if rules.rate == "judged" else COMPUTED, RATES[rules.rate])
    yield _Quoted(rules.score_quote, COMPUTED, "得分 = 完成率 × 权重；定性指标由填表人评分")
    yield _Quoted(rules.inverse_quote, JUDGED if rules.inverse == "judged" else COMPUTED, INVERSE[rules.inverse])
    yield _Quoted(rules.level_quote, CHECKED, "定性指标由人评分，本工具核对是否在这一档的范围内")
    yield _Quoted(rules.step_quote, COMPUTED, "本行写有扣分规则的，按该规则")
    yield _Quoted(rules.stated_quote, COMPUTED, "写明达到的记满分")
    yield _Quoted(scheme.evaluators_quote, COMPUTED, "每行得分 = 各位成员评分的算术平均")
    for statistic in scheme.statistics:
        yield _Quoted(statistic.quote, COMPUTED, f"“{statistic.label}”由“月度统计”各月相加算出")
    taken = scheme.deductions
    if "deductions" in opened:
        taken = replace(taken, rows=())
    if taken.rows:
        yield _Quoted(taken.quote, COMPUTED, f"合计最多扣 {plain(-taken.lowest)} 分")
        yield _Quoted(taken.veto_quote, COMPUTED, f"写明发生的，等级为{taken.veto_grade}")
    for row in taken.rows:
        most = "" if row.points is None else f"最多扣 {plain(-row.points)} 分，扣多少由人判断；写明没有发生的扣 0 分"
        yield _Quoted(row.quote, JUDGED, f"“{row.label}”：{most or '是否发生由填表人写明'}")
    if scheme.grades.steps:
        steps = "、".join(f"≥{plain(limit)} 分为{grade}" for limit, grade in scheme.grades.steps)
        yield _Quoted(scheme.grade_quote, COMPUTED, f"等级：{steps}、其余为{scheme.grades.otherwise}")
