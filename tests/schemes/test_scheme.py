"""A scheme is data that can be trusted: its numbers are those of its quotes, and nothing unknown is let in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal

import pytest

from places import TESTS
from workbook_tools.errors import BadScheme
from workbook_tools.schemes.describe import describe_scheme
from workbook_tools.schemes.loading import FOLDER, load_scheme, read_scheme, scheme_names
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.values import normalize

GENERAL = {"anhui", "chongqing", "fujian", "general", "hebei", "hubei", "hunan", "sichuan", "transfer", "yunnan"}
SCHEMES = [load_scheme(name) for name in scheme_names()]
SOURCES = TESTS / "sources"
TEXT = (FOLDER / "zhongshan_2022" / "scheme.toml").read_text("utf-8")


def scheme_text(name: str) -> str:
    return (FOLDER / name / "scheme.toml").read_text("utf-8")


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_rule_rests_on_a_source(scheme: Scheme) -> None:
    assert scheme.sources or scheme.name == "general"
    assert all(source.document for source in scheme.sources)
    for rule in scheme.budget:
        assert rule.quote or rule.observed or scheme.general
    assert all(group.quote or group.observed or scheme.general for group in scheme.groups)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_what_is_known_from_memory_is_marked(scheme: Scheme) -> None:
    """A rule that was not read at its source says so in its quote, and the scheme names such a source."""
    remembered = "（凭记忆）" in scheme_text(scheme.name)
    assert remembered <= any(source.status == "memory" for source in scheme.sources)


def quotes(table: object) -> Iterator[str]:
    """Every quote of a scheme, however deep it stands."""
    if isinstance(table, dict):
        for key, content in table.items():
            if isinstance(content, str) and key.endswith("quote"):
                yield content
            else:
                yield from quotes(content)
    elif isinstance(table, list):
        for one in table:
            yield from quotes(one)


@pytest.mark.parametrize("name", scheme_names())
def test_every_quote_is_a_passage_of_its_source(name: str) -> None:
    """`sources/NAME/` holds what was read; …… joins passages of it."""
    read = [normalize(path.read_text("utf-8")) for path in SOURCES.glob(f"{name}/*.txt")]
    for quote in quotes(tomllib.loads(scheme_text(name))):
        if not quote.startswith("（凭记忆）"):
            for passage in quote.split("……"):
                assert any(normalize(passage) in text for text in read), passage


def test_a_quote_that_nobody_printed_is_noticed() -> None:
    text = scheme_text("zhongshan_2022").replace("上限不超过20分", "最多20分")
    read = normalize((SOURCES / "zhongshan_2022" / "附件1-1 自评表 2022.txt").read_text("utf-8"))
    assert [quote for quote in quotes(tomllib.loads(text)) if normalize(quote) not in read] == [
        "预算执行过程指标得分小计（最多20分）"
    ]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_scheme_can_be_told_in_words(scheme: Scheme) -> None:
    told = describe_scheme(scheme)
    assert ("通用办法" in dict(told)) is bool(scheme.general)
    for rule in scheme.budget:
        assert any(label == rule.label and rule.formula in words for label, words in told)
    assert all(words for _, words in told)


def test_general_schemes_leave_the_scores_to_people() -> None:
    assert {scheme.name for scheme in SCHEMES if scheme.general} == GENERAL
    assert all(scheme.indicators.rate == "judged" for scheme in SCHEMES if scheme.general)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('weights = "equal" ', 'weights = "by_mood" ', "weights “by_mood”无效，只能是 rules、printed、equal、shared"),
        ('unit = "元"', 'unit = "角"', "unit “角”无效，只能是 元、万元"),
        ('status = "read"', 'status = "heard"', "status “heard”无效，只能是 read、memory"),
        ('part = "spent"', 'part = "saved"', "part “saved”无效，只能是 spent、reduced"),
        ('rate = "proportion"', 'rate = ["met"]', "缺少 rate，或写法不对"),
        ('inverse = "judged"', 'inverse = "guess"', "“guess”无效"),
        ("90%≤比率<98%的，得4分", "90%≤比率<97%的，得4分", "第 2 档与原文“90%≤比率<97%的，得4分”不一致"),
        ("80≤分数<90分为良", "80≤分数<90分为优", "第 2 档与原文"),
        ("、分数<60分为差", "", "“等级”有 4 档，原文写了 3 档"),
        ('quote = "逆向指标 (-30分)"', 'quote = "逆向指标 (-20分)"', "最多扣 30 分，原文写的是“逆向指标 (-20分)”"),
        ("产出指标得分小计 (上限不超过40分)", "产出指标得分小计 (上限不超过30分)", "“产出指标”是 40 分，原文写的是"),
        ('spent = "实际资金支出额"', "", "[money] 缺少 spent"),
        ("places = 2", "places = 2\nplacse = 3", "无效的项：placse"),
        ("places = 2", "", "缺少 places"),
        ("places = 2", "places = true", "缺少 places，或写法不对"),
        ("points = 20", "points = 25", "各组分值合计 105，应为 100"),
        ("[98, 5]", "[98, 4]", "最高一档 4 分，应为 5 分"),
        ("[98, 5], [90, 4]", "[90, 4], [98, 5]", "没有按顺序排列"),
        ("lowest = -30", 'lowest = "-30"', "缺少 lowest，或写法不对"),
    ],
)
def test_a_scheme_with_a_fault_is_refused_and_the_fault_named(old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(BadScheme, match=re.escape(fault)):
        read_scheme(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("scheme", "old", "new", "fault"),
    [
        ("national_2020", "from = 60", "from = 50", "定性指标各档是"),
        ("national_2020", 'rate = "capped"', 'rate = "generous"', "“generous”无效"),
        ("guangzhou_2021", 'step = "printed"', 'step = "guessed"', "“guessed”无效"),
        ("guangzhou_2021", "step_quote =", "stepquote =", "缺少 step_quote"),
        ("guangzhou_department_2023", "share = 40", "share = 50", "各组分值合计 110"),
        ("guangzhou_department_2023", 'rule = "loss"', 'rule = "luck"', "“luck”无效"),
        ("guangzhou_petition_2022", 'base = ["initial"]', 'base = ["wish"]', "“wish”无效"),
        ("hubei", 'points_of = "benefit"', 'points_of = "output "', "“满意度指标”的 points_of 要写另一个有分值的组"),
        ("hubei", 'points_of = "benefit"', 'points_of = "benefit"\npoints = 10', "自己不写 points"),
        (
            "hubei",
            'quote = "效益指标和满意度指标40分"',
            'quote = "效益指标30分、满意度指标10分"',
            "“效益指标”是 40 分，原文写的是",
        ),
    ],
)
def test_each_rule_word_is_one_of_a_closed_set(scheme: str, old: str, new: str, fault: str) -> None:
    text = scheme_text(scheme)
    assert old in text
    with pytest.raises(BadScheme, match=re.escape(fault)):
        read_scheme(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('rows = "months"', 'rows = "days"', "rows “days”无效"),
        ("one_book = true", "two_books = true", "无效的项：two_books"),
        ('initial = "年初预算"', "initial = []", "initial 要写表上印的字"),
        ('initial = "年初预算"', "initial = 5", "initial 要写表上印的字"),
    ],
)
def test_words_of_a_form_with_a_fault_are_refused_and_the_fault_named(old: str, new: str, fault: str) -> None:
    text = scheme_text("guangzhou_department_2023")
    before, marked, after = text.partition("[form]")
    assert old in after
    with pytest.raises(BadScheme, match=re.escape(fault)):
        read_scheme(before + marked + after.replace(old, new, 1))


def test_a_scheme_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(BadScheme, match="现有：anhui、chongqing"):
        load_scheme("atlantis_2022")
    with pytest.raises(BadScheme):
        load_scheme("../../etc/passwd")


@pytest.mark.parametrize(
    ("number", "step"), [("98", "≥98"), ("97.999999", "≥90"), ("70", "≥70"), ("69.99", "<70"), ("-3", "<70")]
)
def test_the_limit_itself_belongs_to_the_better_step(number: str, step: str) -> None:
    assert load_scheme("zhongshan_2022").budget[0].bands.step(Decimal(number))[0] == step
