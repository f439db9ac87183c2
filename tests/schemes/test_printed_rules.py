"""Printed sentences as rules, and where they say something else than the scheme of the form."""

from __future__ import annotations

import time
import tomllib

import pytest

from paper import PaperSheet, example, type_into
from places import CASE_FOLDER, EXAMPLES
from printed import NAMES, drawn
from workbook_tools.excel import Book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.fitting import matches
from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.forms.reader import read_forms
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.schemes.printed_rules import contradictions, printed_rules
from workbook_tools.schemes.sentences import stated_in
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import normalize

CASES = tomllib.loads((CASE_FOLDER / "sentences.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_sentence_states_what_it_says_and_nothing_else(case: dict[str, object]) -> None:
    stated = stated_in(str(case["says"]))
    told = [[one.kind, one.about, [*one.numbers], [*one.words]] for one in stated]
    assert told == case.get("gives", [])
    assert all(normalize(one.quote) == normalize(str(case["says"])) and "\n" not in one.quote for one in stated)


LONG = [
    "≥",
    "(",
    "1",
    "产出",
    "1≤",
    "A/",
    "率=",
    "*40%+",
    "0-0%、",
    "得1分",
    "为优",
    "优(",
    "中",
    "中*40%+",
    "设置为",
    "正向指标",
    "反向指标",
]
LONG += [
    "一级指标设置为产出1分",
    "比率扣",
    "上限不超过",
    "定量指标=",
    "每下降1%扣",
    "否则-",
    "字以内",
    "项目不考核",
    "\n",
]


@pytest.mark.parametrize("words", LONG)
def test_the_longest_cell_is_read_in_no_time(words: str) -> None:
    """A cell holds up to 32,767 characters, and a workbook many of them."""
    text = (words * 32_767)[:32_767]
    began = time.process_time()
    stated_in(text)
    assert time.process_time() - began < 2


def test_a_rule_has_its_cell_and_the_words_beside_it() -> None:
    sheet = PaperSheet("""预算执行过程（20分） | 预算执行率 | 5 | 比率≥98%的，得5分；比率<98%的，得0分
                          ^ | 预算调整率 | 15 | 比率≤10%的，得15分；比率>10%的，得0分""")
    found = {rule.cell: rule.near for rule in printed_rules(sheet) if rule.kind == "bands"}
    assert found == {(1, 4): ("预算执行过程", "预算执行率", "5"), (2, 4): ("预算执行过程", "预算调整率", "15")}


# One printed word changed → the sentence that the scheme contradicts, by the cell that was changed.
CHANGED = [
    ("zhongshan_12345_2022", "98%的", "97%的", "“预算执行率”≥98% 得 5 分"),
    ("zhongshan_12345_2022", "得12分", "得11分", "“预算调整率”≤10% 得 15 分"),
    ("zhongshan_12345_2022", "（上限不超过20分）", "（上限不超过25分）", "“预算执行过程” 20 分"),
    ("zhongshan_12345_2022", "（20分）", "（25分）", "“预算执行过程” 20 分"),
    ("zhongshan_12345_2022", "40/m", "45/m", "“产出指标”每行的权重 = 40 ÷ m"),
    ("zhongshan_12345_2022", "(40分)", "(45分)", "“产出指标” 40 分"),
    ("zhongshan_12345_2022", "否则-5分", "否则-4分", "“自评工作质量”最多扣 10 分"),
    ("zhongshan_12345_2022", "(-30分)", "(-20分)", "“逆向指标”最多扣 30 分"),
    ("zhongshan_12345_2022", "降级为“差”", "降级为“中”", "一票否决的，等级为差"),
    ("zhongshan_12345_2022", "（年初预算安排数+预算调整额）", "年初预算安排数", "“预算执行率”：预算执行率="),
    (
        "zhongshan_12345_2022",
        "(定量指标=",
        "(完成值达到指标值,记满分;未达到指标值,按比例)(=",
        "定量指标：完成率可以超过 100%",
    ),
    ("hubei_huangshi_2022", "20分*执行率", "10分*执行率", "“预算执行率” 20 分，得分 = 分值 × 比率"),
    ("guangzhou_department_2023", "得分合计*40%", "得分合计*50%", "“管理绩效指标”占 40%"),
    ("national_tangxi_2022", "产出指标(50分)", "产出指标(60分)", "“产出指标” 50 分"),
]


@pytest.mark.parametrize(("name", "old", "new", "says"), CHANGED)
def test_a_number_that_is_printed_otherwise_contradicts_the_scheme(name: str, old: str, new: str, says: str) -> None:
    sheet, scheme = example(name), load_scheme(FOLLOWS[name])
    cell = next(cell for cell in sheet.filled() if old in sheet.text(cell))
    type_into(sheet, cell, sheet.text(cell).replace(old, new, 1))
    found = contradictions(printed_rules(sheet), scheme)
    assert [(one.cell, new in one.sentence, one.scheme_says.startswith(says)) for one in found] == [(cell, True, True)]


@pytest.mark.parametrize("limit", ["分数≥90分为优", "80≤分数<90分为良"])
def test_other_limits_of_the_grades_contradict_the_scheme(limit: str) -> None:
    sheet = example("zhongshan_12345_2022")
    cell = next(cell for cell in sheet.filled() if limit in sheet.text(cell))
    type_into(sheet, cell, sheet.text(cell).replace("90", "85"))
    (found,) = contradictions(printed_rules(sheet), load_scheme("zhongshan_2022"))
    assert (found.cell, found.scheme_says) == (cell, "≥90 分为优、≥80 分为良、≥60 分为中、其余为差")


def test_what_a_scheme_does_not_say_is_not_contradicted() -> None:
    sheet = example("zhongshan_12345_2022")
    found = contradictions(printed_rules(sheet), load_scheme("anhui"))  # which says only how the execution scores
    assert [one.scheme_says for one in found] == ["“预算执行率”得分 = 分值 × 比率"]


def sheets_of(book: Book) -> list[Sheet]:
    """The sheets of the form itself."""
    return [book.sheet(info) for info in book.sheets if info.name != INSTRUCTIONS]


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", form_names())
def test_an_official_form_does_not_contradict_its_own_scheme(name: str) -> None:
    scheme = load_scheme(name)
    for sheet in sheets_of(Book(workbook_bytes(form_workbook(scheme)))):
        assert contradictions(printed_rules(sheet), scheme) == []


# Each example and the scheme that it follows.
FOLLOWS = {
    "guangzhou_12345_2021": "guangzhou_2021",
    "guangzhou_department_2023": "guangzhou_department_2023",
    "guangzhou_petition_2022": "guangzhou_petition_2022",
    "national_tangxi_2022": "national_2020",
    "zhongshan_12345_2022": "zhongshan_2022",
    **{
        path.stem: path.stem.partition("_")[0]
        for path in EXAMPLES.glob("*.xlsx")
        if not path.stem.startswith(("guangzhou", "national", "zhongshan"))
    },
}


@pytest.mark.parametrize("name", FOLLOWS)
def test_no_example_contradicts_its_scheme(name: str) -> None:
    for sheet in sheets_of(Book(read_file(EXAMPLES / f"{name}.xlsx"))):
        assert contradictions(printed_rules(sheet), load_scheme(FOLLOWS[name])) == []


def test_every_scheme_with_a_form_has_an_example_that_follows_it() -> None:
    assert set(FOLLOWS.values()) == set(form_names())


# Published forms of other bureaus, and what they really print otherwise than the scheme that fits their columns best.
OTHERWISE = {
    "26_yinchuan_school": ["项目产出(30分)", "项目效益(35分)"],  # of 50 and 30
    "27_jiangxi_cppcc": ["注:1.得分一档最高不"],  # 80-50%(含50%), of 80-60%
    "99_baoshan_veterans": ["产出指标(60分)"],  # of 40
    "99_wuhan_trade": ["产出指标(60分)"],  # of 40
}


@pytest.mark.quick_cases(40)
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_published_form_contradicts_only_what_it_really_prints_otherwise(name: str, closed: bool) -> None:
    sheet = drawn(name, closed=closed).sheet
    forms = read_forms(sheet)
    scheme = matches(forms[0])[0].scheme if forms else load_scheme("national_2020")
    found = [one.sentence[:11] for one in contradictions(printed_rules(sheet), scheme)]
    assert found == OTHERWISE.get(name, [])
