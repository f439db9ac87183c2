"""A form that no scheme is known for: what its sentences say becomes a scheme, and only what is confirmed counts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drafted import answered, complete, confirmed, drafted, first_choices, placed_in, sheets_of
from paper import PaperSheet, example
from places import CASE_FOLDER, EXAMPLES, ROOT
from printed import NAMES, drawn
from workbook_tools.assess import assess_file
from workbook_tools.drafting.build import Draft
from workbook_tools.drafting.writing import draft_text
from workbook_tools.excel import Book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_file, read_and_score
from workbook_tools.forms.form import Field, Line, Scores
from workbook_tools.forms.recognition import forms_of
from workbook_tools.schemes.drafts import table_about
from workbook_tools.schemes.files import schemes_from
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme

CASES = tomllib.loads((CASE_FOLDER / "drafts.toml").read_text("utf-8"), parse_float=Decimal)["case"]
BLANK = ROOT / "templates" / "self_eval_form.xlsx"
FILLED = EXAMPLES / "zhongshan_12345_2022.xlsx"


@cache
def of_workbook(path: Path) -> Draft:
    return drafted(sheets_of(Book(read_file(path))))


@cache
def filled() -> Sheet:
    return sheets_of(Book(read_file(FILLED)))[0]


def loaded(folder: Path, text: str) -> Scheme:
    with schemes_from(str(placed_in(folder, text))):
        return load_scheme("bureau")


def scored(folder: Path, text: str, sheet: Sheet | None = None) -> Scores:
    with schemes_from(str(placed_in(folder, text))):
        return read_and_score(sheet or filled(), load_scheme("bureau"))[2]


def plain_workbook(tmp_path: Path) -> Path:
    """The empty form without defined names, formulas and formats, as a bureau may send it."""
    sheet = sheets_of(Book(read_file(BLANK)))[0]
    width = max(column for _, column in sheet.filled())
    lines = []
    for row in range(1, max(row for row, _ in sheet.filled()) + 1):
        cells = []
        for column in range(1, width + 1):
            top = sheet.anchor((row, column))
            words = "" if sheet.formula(top) else sheet.text(top).replace("\n", "\\n")
            cells.append("^" if top[0] < row else "<" if top[1] < column else words)
        lines.append("|".join(cells))
    path = tmp_path / "plain.xlsx"
    PaperSheet("\n".join(lines)).workbook().save(path)
    return path


def test_the_empty_form_gives_every_rule_of_the_scheme_that_was_written_by_hand(tmp_path: Path) -> None:
    for blank in (BLANK, plain_workbook(tmp_path)):
        mine, own = loaded(tmp_path, complete(of_workbook(blank))), load_scheme("zhongshan_2022")
        assert mine.unconfirmed == ()
        assert (mine.title, mine.year, mine.unit, mine.places) == (own.title, own.year, own.unit, own.places)
        assert (mine.grades, mine.money) == (own.grades, own.money)
        assert [facts(group) for group in mine.groups] == [facts(group) for group in own.groups]
        assert [facts(rule) for rule in mine.budget] == [facts(rule) for rule in own.budget]
        assert facts(mine.indicators) == facts(own.indicators)
        assert facts(mine.deductions) == facts(own.deductions)


def facts(record: Any) -> dict[str, Any]:
    """A record without its sentences, in which only spaces differ, and without the words that its rows are found by."""
    fields = {name: getattr(record, name) for name in record.__dataclass_fields__ if name != "begins"}
    return {name: value for name, value in fields.items() if not name.endswith("quote")} | {
        name: "".join(str(value).split()).rstrip("；。") for name, value in fields.items() if name.endswith("quote")
    }


def test_the_confirmed_draft_scores_as_the_scheme_that_was_written_by_hand(tmp_path: Path) -> None:
    for blank in (BLANK, plain_workbook(tmp_path)):
        scores = scored(tmp_path, complete(of_workbook(blank)))
        assert (str(scores.total), scores.grade) == ("94.66", "优")
        assert dict(scores.lines) == dict(read_and_score(filled(), load_scheme("zhongshan_2022"))[2].lines)


def test_every_fact_has_its_sentence_and_its_cell() -> None:
    sheet = sheets_of(Book(read_file(BLANK)))[0]
    for fact in of_workbook(BLANK).facts:
        column, row = ord(fact["cell"][0]) - 64, int(fact["cell"][1:])
        printed = "".join(sheet.text((row, column)).split())
        assert fact["confirmed"] is False
        assert "".join((fact.get("quote") or fact["rate_quote"]).split()) in printed


# ── what is not confirmed ────────────────────────────────


def test_a_draft_of_which_nothing_is_confirmed_computes_nothing(tmp_path: Path) -> None:
    text = confirmed(draft_text(of_workbook(BLANK)), lambda number: number == 1)  # but the unit of money
    scores = scored(tmp_path, text)
    points = {field: line for field, line in scores.lines.items() if not field.startswith("budget.revised")}
    assert {field for field, line in points.items() if line.value is not None} == set()
    assert "places" in {one.about for one in loaded(tmp_path, text).unconfirmed}


NUMBER = range(len(of_workbook(BLANK).facts))
UNIT, YEAR = 1, 0


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("number", [number for number in NUMBER if number not in (UNIT, YEAR)])
def test_what_is_not_confirmed_decides_nothing(tmp_path: Path, number: int) -> None:
    """Its fields are open with a sentence that names it; no line changes when what it says does."""
    whole = answered(draft_text(of_workbook(BLANK)), first_choices(of_workbook(BLANK)))
    full = scored(tmp_path, confirmed(whole))
    text = confirmed(whole, lambda one: one != number)
    scores = scored(tmp_path, text)
    (missing,) = loaded(tmp_path, text).unconfirmed
    opened = [field for field, line in scores.lines.items() if line.value is None]
    assert "grade" in opened
    assert any(scores.lines[field].why == missing.sentence for field in opened)
    for field, line in scores.lines.items():
        assert line.value is None or line == full.lines[field]
    parts = text.split("\nconfirmed = ")
    for old, new in (
        ("20", "21"),
        ("40", "41"),
        ("98", "97"),
        ("10", "11"),
        ("90", "91"),
        ('"proportion"', '"capped"'),
    ):
        changed = [*parts]
        head, mark, body = changed[number].rpartition("\n[")
        changed[number] = head + mark + body.replace(old, new)
        assert lines(scored(tmp_path, "\nconfirmed = ".join(changed))) == lines(scores)


def lines(scores: Scores) -> dict[Field, Line | None]:
    """The lines; of an open one only that it is open."""
    return {field: line if line.value is not None else None for field, line in scores.lines.items()}


@pytest.mark.parametrize("question", first_choices(of_workbook(BLANK)))
def test_what_is_not_answered_decides_nothing(tmp_path: Path, question: str) -> None:
    one = of_workbook(BLANK)
    answers = first_choices(one)
    del answers[question]
    text = confirmed(answered(draft_text(one), answers))
    (missing,) = loaded(tmp_path, text).unconfirmed
    scores = scored(tmp_path, text)
    assert question in missing.sentence
    assert scores.grade is None
    assert any(question in line.why for line in scores.lines.values() if line.value is None)


def test_an_answer_changes_the_rule_that_it_is_about(tmp_path: Path) -> None:
    one = of_workbook(BLANK)
    question = next(question for question in first_choices(one) if "项目预算批复金额" in question)
    answers = first_choices(one) | {question: "年初预算安排数+预算调整额"}
    scheme = loaded(tmp_path, confirmed(answered(draft_text(one), answers)))
    assert scheme.budget[1].base == ("initial", "adjusted")
    answers[question] = "不由本工具计算"
    text = confirmed(answered(draft_text(one), answers))
    assert [open_.about for open_ in loaded(tmp_path, text).unconfirmed] == ["budget.adjustment"]


def test_a_form_is_told_what_is_not_confirmed(tmp_path: Path) -> None:
    text = confirmed(answered(draft_text(of_workbook(BLANK)), first_choices(of_workbook(BLANK))), lambda n: n != 3)
    scores = scored(tmp_path, text)
    why = "“产出指标”的分值还没有人确认（F17 “权重40/m (m为产出指标总数)”），核对后请写 confirmed = true"
    assert {scores.lines[field].why for field in ("indicators.1.score", "groups.output", "total", "grade")} == {why}
    assert str(scores.lines["groups.benefit"].value) == "40.00"


def test_what_is_not_confirmed_is_not_checked_and_is_no_error(tmp_path: Path) -> None:
    """A correct form has no error more by a draft that is not complete: each rule is listed once as not checked."""
    correct = tmp_path / "correct.xlsx"
    fill_file(FILLED, "zhongshan_2022", out=correct)
    one = of_workbook(BLANK)
    whole = answered(draft_text(one), first_choices(one))
    complete_findings = findings(tmp_path, confirmed(whole), correct)
    for number in (number for number in NUMBER if number not in (UNIT, YEAR)):
        more = findings(tmp_path, confirmed(whole, lambda one, number=number: one != number), correct)  # type: ignore[misc]
        assert [(level, code) for level, code, _ in more - complete_findings] == [("未核对", "S112")], number
        assert complete_findings <= more


def findings(folder: Path, text: str, path: Path) -> set[tuple[str, str, str]]:
    with schemes_from(str(placed_in(folder, text))):
        return {(one.level, one.finding.code, one.address) for one in assess_file(path, "bureau").findings}


DEPARTMENT = EXAMPLES / "guangzhou_department_2023.xlsx"


def test_what_evaluators_gave_counts_once_the_average_is_confirmed(tmp_path: Path) -> None:
    one = of_workbook(DEPARTMENT)
    whole = answered(draft_text(one), first_choices(one))
    number = [fact.get("key") for fact in one.facts].index("evaluators_quote")
    for said, value, why in (
        (confirmed(whole), "10.00", "每位成员评分算术平均"),
        (confirmed(whole, lambda fact: fact != number), None, "评委评分取平均还没有人确认"),
    ):
        with schemes_from(str(placed_in(tmp_path, said))):
            form = forms_of(Book(read_file(DEPARTMENT)), "bureau")[0]
            line = read_and_score(form.sheet, form.scheme, form.printed)[2].lines["indicators.1.score"]
        assert (line.value and str(line.value), line.why.startswith(why)) == (value, True)


@pytest.mark.parametrize(("form", "total"), [("guangzhou_12345_2021", "99.70")])
def test_a_confirmed_draft_of_another_form_scores_as_its_scheme(tmp_path: Path, form: str, total: str) -> None:
    path = EXAMPLES / f"{form}.xlsx"
    one = of_workbook(path)
    answers = first_choices(one) | {
        question: "由评分人评分" for question in first_choices(one) if "没有达到指标值的" in question
    }
    with schemes_from(str(placed_in(tmp_path, confirmed(answered(draft_text(one), answers))))):
        found = forms_of(Book(read_file(path)), "bureau")[0]
        scores = read_and_score(found.sheet, found.scheme, found.printed)[2]
    official = forms_of(Book(read_file(path)))[0]
    own = read_and_score(official.sheet, official.scheme, official.printed)[2]
    assert str(scores.total) == str(own.total) == total
    same = {field for field in own.lines if not field.startswith("budget.") or field.startswith("budget.execution")}
    assert {field: scores.lines[field].value for field in same} == {field: own.lines[field].value for field in same}


# ── other forms ──────────────────────────────────────────


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["form"])
def test_the_facts_of_a_form_are_drafted(case: dict[str, Any]) -> None:
    content = of_workbook(EXAMPLES / f"{case['form']}.xlsx").content
    known = {}
    for path, value in case["gives"].items():
        *tables, key = path.split(".")
        known[path] = (found(content, tables) or {}).get(key)
        known[path] = value if known[path] == value else known[path]
    assert known == case["gives"]
    assert not {path for path in case.get("lacks", []) if found(content, path.split("."))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["form"])
def test_what_a_form_does_not_say_is_asked(case: dict[str, Any]) -> None:
    asked = [ask.question for ask in of_workbook(EXAMPLES / f"{case['form']}.xlsx").asks]
    for words in case["asks"]:
        assert [question for question in asked if words in question], words
    assert len(asked) == len(case["asks"])


def found(content: dict[str, Any], path: list[str]) -> dict[str, Any] | None:
    """The table at a path: group.output is one of several, by its name."""
    table: Any = content
    for part in path:
        if isinstance(table, list):
            table = next((one for one in table if part in (one.get("name"), one.get("field"), one.get("key"))), None)
        else:
            table = (table or {}).get(part)
    return table if isinstance(table, dict) else None


def every_example() -> Iterator[str]:
    yield from (path.stem for path in sorted(EXAMPLES.glob("*.xlsx")) if path.stem != "guangzhou_petition_targets")


PROCESS = """某市2022年度绩效自评表 | < | < | < | < | <
资金构成 | 年度 | 年初预算数 | 预算调整额 | 实际支出数 | 预算执行率
^ | 2022年 | 100 | 0 | 90 | 90%
一级指标 | 二级指标 | 指标内容 | 权重 | 指标值 | 自评分
预算执行过程（20分） | 预算执行率 | 预算执行率=实际支出数/年初预算数×100% | 5 | 比率≥98%的，得5分；比率<98%的，得0分 |
^ | 预算调整率 | 预算调整率=预算调整额/年初预算数×100% | 15 | 比率≤10%的，得15分；比率>10%的，得0分 |
一级指标 | 二级指标 | 指标内容 | 权重 80/m | 指标值 | 自评分
产出指标（80分） | 数量指标 | | | |
导向指标 | 自评工作质量 | 按时提交自评材料，否则-10分 | -10 | - |
自评分数合计 | < | < | < | < |
"""


@pytest.mark.parametrize(
    ("old", "new", "question", "choices"),
    [
        ("5 | 比率≥98", "6 | 比率≥98", "“预算执行率”的分值是 6，最高一档得 5 分", ["不由本工具计算"]),
        (
            "产出指标（80分）",
            "产出指标（70分）",
            "“产出指标”在表上写了几种分值：70 分、80 分",
            ["70 分", "80 分", "不由本工具计算"],
        ),
        (
            "| -10 |",
            "| -8 |",
            "“自评工作质量”的权重是 -8，句子里一共扣 10 分，按句子吗？",
            ["按句子", "不由本工具计算"],
        ),
        ("比率≥98%的，得5分；比率<98%", "比率≥98%的，得5分；比率<97%", "各档有重叠或空缺", ["不由本工具计算"]),
        (
            "预算调整率=预算调整额/",
            "预算调整率=预算调整额/ ",
            "“预算调整额”只算调减的，还是调增、调减都算？",
            ["只算调减", "不由本工具计算"],
        ),
        (
            "实际支出数/年初预算数",
            "实际支出数/批复数",
            "“批复数”是表上的哪一个数？",
            ["年初预算数", "年初预算数+预算调整额", "不由本工具计算"],
        ),
        ("否则-10分", "否则-10分", "扣分一共最多扣多少分没有写，各行相加是 10 分", ["是", "不由本工具计算"]),
    ],
)
def test_what_a_form_says_twice_or_half_is_asked(old: str, new: str, question: str, choices: list[str]) -> None:
    assert old in PROCESS
    one = drafted([PaperSheet(PROCESS.replace(old, new))])
    (ask,) = [ask for ask in one.asks if question in ask.question]
    assert [choice.words for choice in ask.choices] == choices
    assert table_about(one.content, ask.about)


def test_a_rule_that_found_no_place_is_told_in_the_file() -> None:
    note = "分别按照100-80%(含80%)、80-60%(含60%)、60-0%合理确定得分"
    one = drafted([PaperSheet(f"{PROCESS}注：{note} | < | < | < | < | <")])
    assert one.unused == [("A11", f"注：{note}")]
    assert f"# A11：注：{note}" in draft_text(one)
    assert drafted([PaperSheet(PROCESS)]).unused == []


def test_a_form_without_groups_has_one(tmp_path: Path) -> None:
    """指标名称 alone: all rows earn the points together."""
    sheet = PaperSheet("""某市2022年度绩效自评表 | < | < | < | < | <
项目资金（万元） | 全年预算数（A） | 全年执行数（B） | 分值 | 执行率（B/A） | 得分
年度资金总额 | 10 | 5 | 10 | 50% |
指标名称 | 指标性质 | 年度指标值 | 全年完成值 | 权重 | 得分
场次 | ≥ | 10 | 10 | 60 |
满意率 | ≥ | 90% | 45% | 30 |
总分 | < | < | < | 100 |""")
    one = drafted([sheet])
    assert one.points == 100
    scores = scored(tmp_path, complete(one), sheet)
    assert [str(scores.lines[field].value) for field in ("indicators.1.score", "indicators.2.score", "total")] == [
        *("60.00", "15.00", "80.00")
    ]


HEADLESS = {"13_daying_library_tail", "14_daying_payroll_tail", "97_daying_civil_tail"}  # cut above the heading
NO_FORM = {"48_gz_petition_targets", "57_xiaoshan_bonds"}


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in HEADLESS | NO_FORM])
def test_every_form_that_bureaus_print_can_be_drafted(name: str) -> None:
    one = drafted([drawn(name, closed=True).sheet])
    asked = [ask.about for ask in one.asks]
    assert all(table_about(one.content, about) for about in asked)
    assert tomllib.loads(draft_text(one))["title"] == one.content["title"]


def test_of_two_forms_the_first_is_drafted_and_the_other_told() -> None:
    first, second = PaperSheet(ONE, name="甲"), PaperSheet(ONE.replace("50分", "60分"), name="乙")
    one = drafted([first, second])
    assert one.others == ["乙"]
    assert [group["points"] for group in one.content["group"] if group["name"] == "output"] == [50]
    below = drafted([PaperSheet(ONE + ONE.replace("50分", "60分"), name="甲")])
    assert below.others == ["甲"]
    assert [group["points"] for group in below.content["group"] if group["name"] == "output"] == [50]


ONE = """项目支出绩效自评表 | < | < | < | < | < | <
项目资金（万元） | 年度资金总额 | 全年预算数（A） | 全年执行数（B） | 分值 | 执行率（B/A） | 得分
^ | 年度资金总额 | 10 | 10 | 10 | 100% | 10
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标（50分） | 数量指标 | 场次 | 10 | 10 | 50 | 50
总分 | < | < | < | < | 100 | 60
"""


@pytest.mark.parametrize("name", list(every_example()))
def test_every_published_form_gives_a_file_that_can_be_confirmed(tmp_path: Path, name: str) -> None:
    """It is read as strictly as an official one; where points do not make 100, that is what is said."""
    one = drafted([example(name)])
    text = draft_text(one)
    unit = [fact["key"] for fact in one.facts if "key" in fact].index("unit")
    assert loaded(tmp_path, confirmed(text, lambda number: number == unit)).unconfirmed
