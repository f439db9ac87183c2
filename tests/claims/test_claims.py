"""Figures in prose: what was marked by hand is decided as marked, what is changed is found, nobody is accused wrongly."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest

from correct import CORRECT
from paper import PaperSheet, example, type_into
from places import CASE_FOLDER, ROOT
from printed import NAMES, drawn
from workbook_tools.assess import Assessment, assess, assess_sheet
from workbook_tools.checks import CHECKS, ERROR
from workbook_tools.checks.told import OF_PROSE, told
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import read_book
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.recognition import recognise
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.values import normalize

MARK = re.compile(r"【(.*?)\|(.*?)】")


class Marked(NamedTuple):
    """One figure that was marked by hand, and where it stands in a text."""

    book: str
    field: str
    start: int
    end: int
    said: str
    kind: str

    @property
    def verdict(self) -> bool | None:
        """What the form says of it."""
        return None if self.kind == "open" else not self.kind.endswith("!")


@cache
def book(name: str) -> Assessment:
    """The form and the report of an example as they were published."""
    (form,) = assess(read_book((ROOT / "examples" / f"{name}.xlsx").read_bytes()))
    return form


@cache
def texts(name: str) -> dict[str, str]:
    form = book(name).form
    reasons = {f"indicators.{n}.reason": row.reason or "" for n, row in enumerate(form.indicators, 1)}
    return {field: normalize(words) for field, words in {**form.texts, **reasons}.items()}


def marked() -> list[Marked]:
    found = []
    for line in (CASE_FOLDER / "claims.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, _, fragment = line.partition(" ")
        plain = MARK.sub(r"\1", fragment)
        for field, words in texts(name).items():
            at = words.find(plain)
            for mark in MARK.finditer(fragment) if at >= 0 else ():
                start = at + len(MARK.sub(r"\1", fragment[: mark.start()]))
                found.append(Marked(name, field, start, start + len(mark[1]), mark[1], mark[2]))
    return found


MARKED = marked()
BOOKS = sorted({one.book for one in MARKED})


def verdicts(one: Marked) -> set[bool | None]:
    """What was decided of the figure, None where nothing was."""
    form = book(one.book)
    claims = told(form.form, form.scores, form.scheme).claims
    of_text = [found.claim for found in claims if found.field == one.field]
    return {claim.verdict for claim in of_text if claim.start < one.end and one.start < claim.end} or {None}


def test_every_fragment_was_found_in_a_text() -> None:
    lines = (CASE_FOLDER / "claims.txt").read_text("utf-8")
    assert len({(one.book, one.field, one.start) for one in MARKED}) >= 200
    assert {one.book for one in MARKED} == {line.split()[0] for line in lines.splitlines() if not line.startswith("#")}


@pytest.mark.parametrize("name", BOOKS)
def test_every_marked_figure_is_decided_as_marked(name: str) -> None:
    wrong = [
        (one.said, one.kind, verdicts(one)) for one in MARKED if one.book == name and verdicts(one) != {one.verdict}
    ]
    assert wrong == []


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_false_is_found_and_nothing_else_is_accused(name: str) -> None:
    form = book(name)
    claims = told(form.form, form.scores, form.scheme).claims
    accused = {(one.field, one.claim.start) for one in claims if one.claim.verdict is False}
    said = {(one.field, one.start) for one in MARKED if one.book == name and one.kind.endswith("!")}
    assert accused == said


def changed(words: str, one: Marked) -> str | None:
    """The text with the last digit of a figure one higher, None where it has no digit."""
    digits = [place.start() for place in re.finditer(r"\d", one.said)]
    if not digits:
        return None
    at = one.start + digits[-1]
    return words[:at] + str((int(words[at]) + 1) % 10) + words[at + 1 :]


def accused_in(name: str, field: str, words: str | None = None) -> set[str]:
    """What is said against one text of an example, with other words in it where some are given."""
    found = book(name)
    form = found.form
    row = re.fullmatch(r"indicators\.(\d+)\.reason", field)
    if words is not None and row:
        rows = list(form.indicators)
        rows[int(row[1]) - 1] = replace(rows[int(row[1]) - 1], reason=words)
        form = replace(form, indicators=tuple(rows))
    elif words is not None:
        form = replace(form, texts={**form.texts, field: words})
    claims = told(form, found.scores, found.scheme).claims
    return {one.claim.message for one in claims if one.field == field and one.claim.verdict is False}


@pytest.mark.slow
def test_most_changed_figures_are_found() -> None:
    """Of every figure that the form decides the last digit is changed; what stays true is no fault."""
    tried, missed = 0, []
    for one in MARKED:
        words = None if one.kind == "open" or one.kind[-1] in "!=" else changed(texts(one.book)[one.field], one)
        if words is None:
            continue
        tried += 1
        if not accused_in(one.book, one.field, words) - accused_in(one.book, one.field):
            missed.append((one.book, one.said, one.kind))
    assert tried > 140
    assert (tried - len(missed)) / tried >= 0.85, missed


@pytest.mark.parametrize("one", [one for one in MARKED if one.kind.endswith("=")])
def test_what_is_still_true_when_it_is_changed_is_not_accused(one: Marked) -> None:
    words = changed(texts(one.book)[one.field], one)
    assert words is not None
    assert accused_in(one.book, one.field, words) == set()


def said_of(form: Assessment) -> list[str]:
    """The findings in texts."""
    return [f"{place.code} {place.message}" for place in form.found if place.code in OF_PROSE]


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("name", NAMES)
def test_no_published_form_is_accused(name: str) -> None:
    sheet = drawn(name, closed=True).sheet
    forms = read_forms(sheet)
    for form in forms[:1]:
        try:
            assessed = assess_sheet(sheet, recognise(form)[0] or load_scheme("national_2020"), form)
        except WorkbookToolsError:
            continue  # a table of targets, a form of which nothing but its tail was stored
        assert said_of(assessed) == []


EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.xlsx") if not path.stem.endswith("_targets"))


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in BOOKS])
def test_no_example_is_accused(name: str) -> None:
    assert said_of(book(name)) == []


# ── each kind: what is open stays open; what is never accused ──


def guangzhou(words: str) -> list[str]:
    """The findings in the problems of Guangzhou's form of 2021 without its report."""
    sheet = example("guangzhou_12345_2021")
    sheet = sheet.parts[0][1] if isinstance(sheet, JoinedSheet) else sheet
    scheme = load_scheme("guangzhou_2021")
    type_into(sheet, assess_sheet(sheet, scheme).placement.cells["texts.problems"], words)
    return [one for one in said_of(assess_sheet(sheet, scheme)) if "13,410.06" not in one]


def test_every_check_of_prose_is_listed() -> None:
    told_by = {code for code, check in CHECKS.items() if ".prose" in check.function.__module__}
    assert told_by == set(OF_PROSE)


@pytest.mark.parametrize("code", OF_PROSE)
def test_a_page_also_shows_what_stays_open(code: str) -> None:
    assert re.search(r"^不判：.", CHECKS[code].page, re.MULTILINE)


ERRORS = [code for code in OF_PROSE if CHECKS[code].level == ERROR]


def test_only_what_is_beyond_doubt_is_an_error() -> None:
    """The total, the grade, the rate of execution, money by the form's own name, and what nobody has written yet."""
    assert ERRORS == ["R110", "R111", "R119", "R125", "R126"]


NEVER = [
    "其中基本支出9,000.00万元",
    "其中：财政拨款支出9,000.00万元，其他支出100.00万元",
    "项目支出8,000.00万元，执行率80%",
    "甲街道项目支出300.00万元，执行率60%；乙街道项目支出200.00万元，执行率50%",
    "到位资金12,000.00万元",
    "2020年度预算12,000.00万元，支出11,000.00万元，预算执行率91%",
    "上年支出11,000.00万元",
    "资金使用率88%",
    "截至6月底支出5,000.00万元，预算执行率37%",
    "截至6月底，各项工作进展顺利。支出5,000.00万元，预算执行率37%",
    "新增就业2989人，完成全年目标任务2468人的100%",
    "从四方面改进：一是完善制度；二是加强培训；三是优化排班；四是严格考核。此外，五是加强宣传",
    "1-6月支出5,000.00万元",
    "年度预算约13,000万元",
    "（支出9,000.00万元）",
    "预算执行率每下降1%扣0.5分，扣完为止",
    "每少1个指标扣2分",
    "评分标准：得分90分以上为优",
    "2020年话务平台可用率98%",
    "话务平台可用率比上年提高2%",
    "甲区话务平台可用率98%",
    "话务平台可用率（其中甲区98%）",
    "老平台话务平台可用率为97.5%",
    "热线接通率93.07%",
    "本项目绩效自评采取百分制，上年自评得分95分",
    "各区自评平均得分95分",
    "第三方评价得分88分",
    "开展3个方面培训，制定5项措施",
    "全市设置12个考核指标，由市局统一考核",
    "采购合同金额12,000.00万元，支付进度70%",
    "中标金额13,400.00万元",
    "满意度调查得分92分",
    "发放问卷500份，回收480份，有效450份，满意率97%",
    "根据考核办法，得分80分以上为合格",
    "委托服务费预算3,000.00万元",
    "月度话务接通率：年度指标值≥95%，实际完成工单100件",
    "话务平台可用率和月度话务接通率：年度指标值90%，实际完成值91%",
    "甲区话务平台可用率：年度指标值90%，实际完成值91%",
    "话务平台可用率按季度考核：2020年实际完成值91%",
    "月度话务接通率由93%提高到94.07%",
    "月度话务接通率从93%提升至94.07%",
    "月度话务接通率为93%-95%",
    "月度话务接通率在93%至95%之间",
    "话务平台可用率99.99%，工单转派及时率100%，两项任务均完成",
    "工单转派及时率、话务平台可用率均达到目标",
    "截至2021年6月30日，实际支出6,705.03万元，预算执行率50%",
    "项目总预算40,230.18万元（三年），其中2021年13,410.06万元",
    "年度预算40,230.18万元（三年合计）",
    "与预算13,500万元相比，节约89.94万元",
    "若月度话务接通率低于90%，扣减1分；低于85%，扣减3分",
    "根据局年度计划，共设置15个指标，本项目涉及7个",
    "年度工作目标全部完成",
    "预期目标均已实现，各项任务均已完成",
    "6个指标均达标",
    "我局2021年支出45,000.00万元",
    "2021年广州市政务服务数据管理局支出45,000.00万元",
    "单位年度预算45,000.00万元",
    "项目于2021年1月立项，预算13,800万元，经评审核减389.94万元，最终批复13,410.06万元",
    "月度话务接通率达到99%的有2个月",
    "初评99.7分，复评98分，最终得分98分",
    "全年支出1亿3,410万元",
    "全年支出一亿三千四百一十万元，预算执行率百分之百",
    "年度预算13,410.06万元/年",
    "培训近千人次，话务平台可用率超过90%，预算执行率超过90%",
    "工单转派及时率、话务平台可用率分别达到99.99%和100%",
    "话务平台可用率90%以上",
    "话务平台可用率90%（含）以上",
    "预算执行率95%左右",
    "预算执行率90%多",
    "设置几十个绩效指标",
    "设置十几个绩效指标",
    "设置七八个绩效指标",
    "采取十二项措施：一是甲；二是乙；三是丙；四是丁。",
    "采取五项措施，其中：一是完善制度，二是加强培训",
    "产出指标50分、效益指标40分，合计90分",
    "指标分值：产出指标50分，效益指标40分，预算执行率10分",
    "设4个产出指标，其中数量指标1个",
    "3个效益指标全部达标",
    "效益指标全部达到预期目标",
    "核心指标均达到预期目标",
    "其余指标均达到预期目标",
    "各项指标均达到良好水平",
    "话务服务市民满意度得分97.52分",
    "话务服务市民满意度评分4.8分",
    "通过公开招标，节约资金120万元",
    "年初预算12,910.06万元，年中追加500万元，调整后预算13,410.06万元",
    "年中追加预算500万元",
    "应回访100人，实际回访100人，满意度98%",
    "组织培训120人次，考核通过110人，满意度96%",
    "月度话务接通率完成100%",
    "月度话务接通率实际完成99.02%",
    "二〇二〇年度预算一亿二千万元，预算执行率百分之九十",
    "截至六月三十日，支出六千七百万元，预算执行率百分之五十",
    "与上年相比，预算执行率提高百分之五",
    "话务平台可用率百分之九十以上",
    "话务平台可用率近百分之九十",
    "预算执行率百分之八九十，支出几千万元，追加十余万元，节约数十万元",
    "各级领导十分重视，百分百落实，一方面加强管理，一是建章立制，得到一定成效",
    "约三成市民通过互联网反映诉求，六成以上满意",
    "每次服务成本五元，奖金五千元",
    "共设三个小组，二十名话务员",
    "产出指标满分50分，数量指标满分25分",
    "群众咨询事项一次性解答率分值15分，复核得14分",
    "月度话务接通率分值12分，初评得11分，复核得11.7分",
]


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("words", NEVER)
def test_what_may_be_of_something_else_is_never_accused(words: str) -> None:
    assert guangzhou(words) == []


FALSE = [
    ("截至6月底，已开工。全年支出1.35亿元", "R125"),
    ("女职工150人，占职工总数600人的26%", "R106"),
    ("年度预算13,411万元", "R125"),
    ("全年支出1.35亿元", "R125"),
    ("决算为13,401.06万元", "R125"),
    ("预算执行率为99.9%", "R119"),
    ("年度预算13,410.06万元，支出13,410.06万元，执行率98%", "R119"),
    ("综合得分为98.7分", "R110"),
    ("回访率105%", "R103"),
    ("其中效益指标41分", "R112"),
    ("7个指标均达到目标，绩效指标数量9个", "R116"),
    ("本项目绩效自评总分97.9分", "R110"),
    ("话务服务市民满意度95.72%，较2020年提高1.2个百分点", "R103"),
    ("项目预算执行率９８％", "R119"),
    ("月度话务接通率：年度指标值≥96%，实际完成值94.07%", "R118"),
    ("产出指标：月度话务接通率：年度指标值≥95%，实际完成值95.07%", "R103"),
    ("月度话务接通率：年度指标值≥95%，实际完成值95.07%", "R103"),
    ("月度话务接通率：年度指标值≥95%，实际完成值94.07%，达到年度指标值", "R117"),
    ("月度话务接通率：年度指标值≥95%，实际完成值94.07%，未达到年度指标值，得分11分", "R113"),
    ("全年支出一亿三千五百万元", "R125"),
    ("预算执行率百分之九十八", "R119"),
    ("预算执行率百分之98", "R119"),
    ("项目自评得分九十八点七分", "R110"),
    ("话务平台可用率达到百分之九十九点八", "R103"),
    ("月度话务接通率扣零点五分", "R114"),
    ("产出指标得四十八分", "R112"),
    ("月度话务接通率得十分", "R113"),
    ("设置二十个绩效指标", "R116"),
    ("产出指标满分50分、得48分", "R112"),
    ("产出类指标共4项，分值50分，自评得分48分", "R112"),
    ("月度话务接通率分值12分，得11分", "R113"),
    ("预算完成率100%，得9分", "R113"),
    ("预算执行情况得8分", "R113"),
    ("绩效自评综合得分97.9分", "R110"),
    ("月度话务接通率实际完成97.04%", "R103"),
    ("工单转派及时率与话务平台可用率均为99%", "R103"),
    ("支出13,410.06万元，占年度预算的98%", "R119"),
    ("服务费按月支付13,401.06万元", "R105"),
    ("本年度预算12,000.00万元", "R125"),
    ("资金管理规范，全年支出实现率为98%，无结余", "R119"),
    ("其中财政拨款支出14,310.06万元", "R105"),
]


@pytest.mark.parametrize(("words", "code"), FALSE)
def test_what_is_surely_wrong_is_found(words: str, code: str) -> None:
    assert [one[:4] for one in guangzhou(words) if one.startswith(code)] == [code]


TRUE = [
    "女职工150人，占职工总数600人的25%",
    "年度预算13,410万元",
    "全年支出1.34亿元",
    "支出134,100,600元",
    "预算执行率为100.0%",
    "综合得分为99.7分，其中产出指标49.7分、效益指标40分",
    "月度话务接通率94%",
    "月度话务接通率：年度指标值≥95%，实际完成值94.07%，未达到年度指标值，得分11.70分，扣0.3分。",
    "话务平台可用率达到99.99%，月度话务接通率未达到指标值",
    "年度预算一亿三千四百一十万元，预算执行率百分之百",
    "自评得分九十九点七分，月度话务接通率百分之九十四，扣零点三分",
    "产出指标满分50分、实得49.7分",
    "月度话务接通率分值12分，扣0.3分，得11.7分",
    "支出13,410.06万元，占年度预算的100%",
]


@pytest.mark.parametrize("words", TRUE)
def test_what_is_right_is_left_alone(words: str) -> None:
    assert guangzhou(words) == []


def test_a_form_that_says_no_year_does_not_accuse_of_a_year() -> None:
    drawing = CORRECT.replace("(2023年度) | < | < | < | < | < | < | <\n", "")
    said = (
        "年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <\n^ | 办 | < | < | 2022年支出55.00万元 | < | < | <"
    )
    line = "年度总体目标 | < | < | < | < | < | < | <"
    assert said_of(assess_sheet(PaperSheet(drawing.replace(line, said)), load_scheme("national_2020"))) == []


WORST = ["全年支出1.00万元，", "话务平台可用率99.9%，", "1", "“甲”", "5个指标，", "1件", "甲1次乙1次丙1%"]


@pytest.mark.slow
@pytest.mark.parametrize("unit", WORST)
def test_a_cell_full_of_figures_takes_no_time(unit: str) -> None:
    """At the length of a cell; what is beyond the first figures is not decided."""
    found = book("guangzhou_12345_2021")
    words = unit * (32_767 // len(unit))
    began = time.process_time()
    told(replace(found.form, texts={"texts.problems": words}, words={}), found.scores, found.scheme)
    assert time.process_time() - began < 5


RESULT = """年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <
^ | 办培训 | < | < | {} | < | < | <"""
OF_ELSE = [
    "2023年，县财政下达我局部门预算500万元，其中本项目100万元。",
    "全局2023年预算收入2,345.67万元，支出2,300.12万元，预算执行率98.06%。",
    "2023年我单位全年支出1,234.56万元，其中基本支出1,000.00万元，项目支出234.56万元。",
    "“三公”经费年初预算数为5.00万元，支出决算为3.20万元，完成预算的64%。",
    "公务用车购置及运行维护费支出2.10万元，公务接待费支出1.10万元。",
    "项目到位资金100万元，资金到位率100%，实际使用资金90万元，资金使用率90%。",
    "中央财政资金预算80万元，执行72万元，执行率90%；省级资金20万元，执行18万元，执行率90%。",
    "截至2023年12月31日，累计支出450.00万元，累计执行率85%。",
    "项目总投资1,200万元，2023年安排100万元。",
    "培训人数210人，其中女性100人，培训人数较上年增加15人。",
    "甲镇培训人数80人，乙镇培训人数130人。",
    "满意度调查：发放问卷100份，满意95份，满意度95%。",
    "教师满意度93%，学生满意度97%，满意度95%。",
    "合格率达96%，优秀率达40%。",
    "年初设定培训人数200人，实际培训人数210人。",
    "本次评价共设置一级指标3个，二级指标6个，三级指标7个。",
    "本次评价共设置一级指标4个，二级指标7个，三级指标8个（含预算执行率）。",
    "评价总分100分，自评得分98分，评价等级为“优”。",
    "决策指标得分18分，过程指标得分20分，产出指标得分40分，效益指标得分20分。",
    "产出指标得分50分，效益指标得分29分，满意度指标得分10分，预算执行率得分9分。",
    "部门整体支出绩效自评得分96.5分，等级为优。",
    "根据《办法》，综合得分90分（含）以上为优，80—90分为良。",
    "就业率66%，比目标高6个百分点。",
    "每年人均培训支出0.40万元，单位成本390元/人。",
    "单位成本控制在400元/人以内，实际单位成本390元。",
    "2022年结转资金10.00万元，2023年当年预算90.00万元。",
    "本项目年初预算110万元，年中调减10万元，调整后预算100万元，实际支出90万元，结余10万元，预算执行率90%。",
    "年度总预算110.00万元",
    "支付工程款50.00万元、监理费5.00万元、设计费35.00万元。",
    "预算执行率为81.82%（按年初预算计算）。",
    "预算编制科学，执行率高，2023年执行率90%，2022年执行率85%。",
    "对照指标，5项指标全部完成，2项指标基本完成。",
    "共有30个指标，均已完成。",
    "三个年度均达到预期目标。",
    "学员就业率60%以上，满意度90%以上。",
    "第一季度支出20万元，第二季度支出30万元，上半年预算执行率50%。",
    "服务对象满意度100%；群众满意度98%",
    "等级为良好的项目占比20%",
    "全市12个项目评为“良”，3个评为“中”。",
    "上级考核评价等级为良。",
    "年度考核等次为“良”",
    "扣分情况：机制扣1分。",
    "其中，机制指标因制度刚建立扣1分，得14分。",
    "受益人数5000人，机制得分14分。",
    "实际完成值210人，完成率105%，得分20分。",
    "政府采购预算80.00万元，执行78.00万元，执行率97.5%。",
]


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("words", OF_ELSE)
def test_sentences_of_other_provinces_accuse_nobody(words: str) -> None:
    """A form of 100 万元 with 90 spent; the sentences speak of the bureau, of parts, of other scales."""
    drawing = CORRECT.replace("年度总体目标 | < | < | < | < | < | < | <", RESULT.format(words))
    assert said_of(assess_sheet(PaperSheet(drawing), load_scheme("national_2020"))) == []


def test_a_year_a_date_and_an_amount_alone_are_no_prose() -> None:
    form = assess_sheet(PaperSheet(CORRECT), load_scheme("national_2020"))
    assert form.form.texts["texts.year"] == "2023"
    assert form.figures == (0, 0)
