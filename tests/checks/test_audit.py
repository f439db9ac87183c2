"""The section of the supervising department: read as printed, filled in by data, checked, never mixed with the self part."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from correct import CORRECT, checked
from paper import EXAMPLES, PaperSheet, example, type_into
from workbook_tools.assess import Assessment, assess_file, assess_sheet
from workbook_tools.checks import ERROR, HINT
from workbook_tools.commands.main import fill_form, main
from workbook_tools.data_files import exported
from workbook_tools.errors import BadScheme
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.reader import read_forms
from workbook_tools.schemes.files import OFFICIAL
from workbook_tools.schemes.loading import load_scheme, read_scheme
from workbook_tools.targets import Approved, Project, doubts
from workbook_tools.template.workbook import form_workbook

SCHEME = load_scheme("zhongshan_2022")
TEXT = (OFFICIAL / "zhongshan_2022" / "scheme.toml").read_text("utf-8")
PROMPT = SCHEME.review.prompts["opinion"]


# ── how the section is read ──────────────────────────────

SECTION = """
三、主管部门审核情况（主管部门填写） | < | < | < | < | < | <
主管部门审核意见 | 审核分数 | 88 | < | 核定等级 | 良 | <
^ | 投入产出合理性审核意见 | 时效偏低 | < | < | < | <
^ | 改进建议 | 按批复填报 | < | < | < | <
^ | 对下年度预算安排建议(请选择) | 据实安排 | < | < | < | <
^ | 一票否决 | 否 | < | 审核人 | 李四 | <
^ | 审核日期 | 2023年5月6日 | < | < | < | <
"""
OWN = "存在问题 | < | 没有 | < | < | < | <\n改进建议 | < | 加强培训 | < | < | < | <\n"
READ = {
    "review.score": "88",
    "review.grade": "良",
    "review.opinion": "时效偏低",
    "review.advice": "按批复填报",
    "review.budget": "据实安排",
    "review.veto": "否",
    "review.reviewer": "李四",
    "review.date": "2023年5月6日",
}


def assessed(drawing: str, scheme: str = "national_2020") -> Assessment:
    return assess_sheet(PaperSheet(drawing), load_scheme(scheme))


@pytest.mark.parametrize("own", ["", OWN], ids=["without texts of the unit", "below the texts of the unit"])
@pytest.mark.parametrize("heading", [True, False], ids=["under its heading", "without a heading"])
def test_every_field_of_the_section_is_the_departments(own: str, heading: bool) -> None:
    section = SECTION.strip("\n") if heading else SECTION.strip("\n").partition("\n")[2]
    form = assessed(f"{CORRECT.strip()}\n{own}{section}").form
    assert {field: words for field, words in form.words.items() if field.startswith("review.")} == READ
    assert form.texts.get("texts.improvements", "") == ("加强培训" if own else "")


def test_the_same_words_outside_the_section_are_the_units_own() -> None:
    foot = "改进建议 | < | 加强培训 | < | < | < | <\n填报人 | 张三 | 审核人 | 李四 | 日期 | 2023年4月1日 | <\n"
    form = assessed(f"{CORRECT.strip()}\n{foot}").form
    assert form.review == {}
    said = {"texts.improvements": "加强培训", "texts.reviewer": "李四", "texts.date": "2023年4月1日"}
    assert said.items() <= form.texts.items()


def test_who_filled_in_the_form_stands_below_the_section_too() -> None:
    form = assessed(f"{CORRECT.strip()}\n{SECTION.strip()}\n填报人 | 张三 | 审核人 | 王五 | 联系电话 | 12345 | <").form
    assert form.texts["texts.filler"] == "张三"
    assert form.texts["texts.reviewer"] == "王五"
    assert form.review["reviewer"] == "李四"


def test_a_part_below_the_section_is_the_units_again() -> None:
    below = "四、其他说明 | < | < | < | < | < | <\n改进建议 | < | 加强培训 | < | < | < | <"
    form = assessed(f"{CORRECT.strip()}\n{SECTION.strip()}\n{below}").form
    assert (form.review["advice"], form.texts["texts.improvements"]) == ("按批复填报", "加强培训")


def test_every_cell_of_the_section_is_read() -> None:
    (form,) = read_forms(PaperSheet(f"{CORRECT.strip()}\n{SECTION.strip()}"))
    assert [role for role in form.roles.values() if role in ("unread", "note")] == []


# ── the printed prompt is no opinion ─────────────────────

BROKEN = PROMPT.replace("\n", " ").replace(";", "；")


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (PROMPT, ""),
        (BROKEN, ""),
        (PROMPT.replace(",", "，").replace("\n", ""), ""),
        (f"{PROMPT}\n产出与投入相称", "产出与投入相称"),
        (f"{BROKEN}  产出与投入相称", "产出与投入相称"),
        ("产出与投入相称", "产出与投入相称"),
        ("①合理;②最优", "①合理;②最优"),
        (PROMPT[:-4], PROMPT[:-4]),
    ],
)
@pytest.mark.parametrize("scheme", ["zhongshan_2022", "general"])
def test_what_is_printed_as_a_prompt_is_not_what_was_answered(scheme: str, typed: str, read: str) -> None:
    sheet = example("zhongshan_12345_2022")
    cells = assess_sheet(sheet, SCHEME).placement.cells
    type_into(sheet, cells["review.opinion"], typed)
    assert assess_sheet(sheet, load_scheme(scheme)).form.review["opinion"] == read


@pytest.mark.parametrize("scheme", ["zhongshan_2022", "general"])
def test_nothing_is_said_of_a_section_that_nobody_has_filled_in(scheme: str) -> None:
    found = checked(example("zhongshan_12345_2022"), scheme)
    assert [finding for finding in found if finding.code.startswith("A")] == []


# ── the checks ───────────────────────────────────────────

# What the department writes → the findings: check, level, words of its message. The self-evaluation has 94.66, 优.
TYPED: list[tuple[dict[str, str], list[tuple[str, str, str]]]] = [
    ({"score": "94.66", "grade": "优"}, []),
    ({"score": "94.66分", "grade": "优秀"}, []),
    ({"score": "90", "grade": "优", "opinion": "扣 4.66 分"}, []),
    ({"score": "89.99", "grade": "良好", "opinion": "扣分"}, []),
    ({"score": "60", "grade": "中", "advice": "扣分"}, []),
    ({"score": "59.99", "grade": "差", "opinion": "扣分"}, []),
    ({"score": "89.99", "grade": "优", "opinion": "扣分"}, [("A101", ERROR, "应为“良”")]),
    ({"score": "60", "grade": "良", "opinion": "扣分"}, [("A101", ERROR, "填“良”，审核分数 60 分，≥60，应为“中”")]),
    ({"score": "59.99", "grade": "中", "opinion": "扣分"}, [("A101", ERROR, "应为“差”")]),
    ({"score": "94.66", "grade": "甲"}, [("A101", ERROR, "填“甲”")]),
    ({"score": "100", "grade": "优"}, []),
    ({"score": "100.01", "grade": "优"}, [("A102", ERROR, "不在 0 和满分 100 之间")]),
    ({"score": "-1", "grade": "差", "opinion": "扣分"}, [("A102", ERROR, "不在 0 和满分")]),
    ({"score": "同意自评"}, [("A102", ERROR, "写的是“同意自评”，不是一个数")]),
    ({"score": "0", "grade": "差", "opinion": "没有实施"}, []),
    ({"score": "90", "grade": "优"}, [("A103", HINT, "自评 94.66 分，审核 90 分，少 4.66 分，没有写原因")]),
    ({"score": "96", "grade": "优"}, []),
    ({"grade": "优"}, [("A104", HINT, "请填审核分数")]),
    ({"opinion": "合理"}, [("A104", HINT, "请填审核分数")]),
    ({"budget": "据实安排"}, [("A104", HINT, "请填审核分数")]),
    ({"budget": "无"}, []),
    ({"score": "94.66", "grade": "请选择", "budget": "（请选择）"}, []),
    ({"grade": "请选择", "budget": "请选择"}, []),
    ({"score": "94.66", "grade": "□优 ☑良 □中 □差"}, []),
    ({"grade": "□优 □良 □中 □差"}, []),
    ({"score": "94.66", "grade": "差"}, [("A109", HINT, "是一票否决的，请在审核意见里写明原因")]),
    ({"score": "94.66", "grade": "差", "opinion": "不配合核查，一票否决"}, []),
]


@pytest.mark.quick_cases(10)
@pytest.mark.parametrize(("typed", "finds"), TYPED)
def test_a_review_is_checked_against_its_own_form(typed: dict[str, str], finds: list[tuple[str, str, str]]) -> None:
    found = [finding for finding in reviewed(typed).found if finding.code.startswith("A")]
    assert [(one.code, one.level) for one in found] == [(code, level) for code, level, _ in finds]
    assert all(words in one.finding.message for one, (_, _, words) in zip(found, finds, strict=True))


def reviewed(typed: dict[str, str], self_total: str = "94.66") -> Assessment:
    sheet = example("zhongshan_12345_2022")
    placement = assess_sheet(sheet, SCHEME).placement
    words = {"total": self_total, "grade": "优", **{f"review.{name}": said for name, said in typed.items()}}
    for field, said in words.items():
        type_into(sheet, placement.cells[field], placement.prefixes.get(field, "") + said)
    return assess_sheet(sheet, SCHEME)


def test_points_are_proposed_and_never_taken() -> None:
    before = reviewed({})
    assert [one.code for one in before.found if one.code == "A106"] == []
    wrong = reviewed({"score": "94.66", "grade": "优"}, self_total="97")
    [proposal] = [one for one in wrong.found if one.code == "A106"]
    assert (proposal.level, proposal.label) == (HINT, "自评工作质量 自评分")
    assert "是否按照按时按质提交自评材料, 否则-5分" in proposal.finding.message
    assert wrong.scores == before.scores
    assert wrong.scores.total == Decimal("94.66")


@pytest.mark.parametrize(
    ("veto", "grade", "code"), [("是", "□良 □差", None), ("是", "良", "A108"), ("是", "差", None), ("否", "良", None)]
)
def test_a_veto_of_the_department_decides_the_grade(veto: str, grade: str, code: str | None) -> None:
    drawing = (EXAMPLES / "zhongshan_12345_2022.txt").read_text("utf-8").rstrip("\n")
    sheet = example("zhongshan_12345_2022")
    assert isinstance(sheet, PaperSheet)
    row = len(drawing.splitlines())
    placement = assess_sheet(sheet, SCHEME).placement
    last = max(cell[0] for cell in placement.cells.values())
    assert row >= last
    for column, words in ((2, "一票否决"), (3, veto)):
        sheet.cells[last + 1, column] = words
    sheet.anchors[last + 1, 1] = sheet.anchor((last, 1))
    sheet.size = (last + 1, sheet.size[1])
    for field, said in {"review.score": "88", "review.grade": grade, "review.advice": "x", "total": "94.66"}.items():
        type_into(sheet, placement.cells[field], placement.prefixes.get(field, "") + said)
    found = assess_sheet(sheet, SCHEME)
    assert found.form.review["veto"] == veto
    assert [one.code for one in found.found if one.code in ("A101", "A108", "A109")] == ([code] if code else [])


PERIODS = [
    ("≥300件", "≥400件", "比实施周期指标值“≥300件”还大"),
    ("≥300件", "≥300件", "都是“≥300件”，项目从 2021 年到 2023 年"),
    ("≥300件", "≥100件", ""),
    ("≥95%", "≥98%", ""),
    ("≤5次", "≤5次", ""),
    ("≤5次", "≤9次", ""),
    ("300件", "400个", ""),
    ("", "≥400件", ""),
]


@pytest.mark.parametrize(("period", "year", "said"), PERIODS)
def test_a_target_of_the_year_fits_that_of_the_period(period: str, year: str, said: str) -> None:
    drawing = f"""
项目支出绩效自评表 | < | < | < | < | < | < | <
(2022年度) | < | < | < | < | < | < | <
项目名称 | 热线 | < | 起止时间 | 2021年至2023年 | < | < | <
项目资金（万元） | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | 年度资金总额 | 100 | 100 | 90 | 10 | 90% | 9
一级指标 | 二级指标 | 三级指标 | 实施周期指标值 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标(50分) | 数量指标 | 受理量 | {period} | {year} | 500件 | 50 | 50
"""
    found = [one.finding.message for one in assessed(drawing, "general").found if one.code == "A107"]
    assert [said in message for message in found] == ([True] if said else [])


@pytest.mark.parametrize(
    ("score", "grade", "finds"),
    [("", "", []), ("", "优□ 良□", []), ("（满分一百分）", "", []), ("（满分一百分）", "良", []), ("", "良", ["A104"])],
)
def test_what_an_unknown_form_prints_where_the_department_writes_is_no_answer(
    score: str, grade: str, finds: list[str]
) -> None:
    printed = SECTION.replace("| 88 |", f"| {score} |").replace("| 良 |", f"| {grade} |")
    printed = printed.replace("时效偏低", "请从经济性、效率性填写")
    found = assessed(f"{CORRECT.strip()}\n{printed.strip()}", "general").found
    assert [one.code for one in found if one.code.startswith("A")] == finds


# ── drop-downs of the empty form ─────────────────────────


def lists(budget: tuple[str, ...]) -> dict[str, str]:
    """The drop-downs of the section in the empty form of a notice with such a list, and whether its cells are open."""
    review = replace(SCHEME.review, budget=budget, budget_quote="、".join(budget))
    workbook = form_workbook(replace(SCHEME, review=review))
    sheet = workbook.worksheets[0]
    cells = {
        name: workbook.defined_names[f"review.{name}"].attr_text.rpartition("!")[2].replace("$", "")
        for name in ("score", "grade", "opinion", "advice", "budget")
    }
    assert not any(sheet[cell].protection.locked for cell in cells.values())
    rules = {str(area): rule for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
    tinted = {str(area) for rule in sheet.conditional_formatting for area in rule.sqref.ranges}
    assert tinted.isdisjoint(cells.values())
    return {name: rules[cell].formula1 for name, cell in cells.items() if rules[cell].type == "list"}


def test_the_empty_form_offers_the_grades_and_only_options_that_were_printed() -> None:
    assert lists(()) == {"grade": '"优,良,中,差"'}
    assert lists(("优先保障", "核减")) == {"grade": '"优,良,中,差"', "budget": '"优先保障,核减"'}


# ── a scheme that contradicts itself ─────────────────────

WRONG = {
    "an option that no sentence has": ('budget_quote = "对', 'budget = ["据实保障"]\nbudget_quote = "对', "据实保障"),
    "a distance that no sentence has": ("[review]\n", '[review]\nfar = 10\nfar_quote = "相差5分"\n', "far 是 10"),
    "points that no sentence has": ('points = -5\ngrounds = ["unch', 'points = -6\ngrounds = ["unch', "-6 分"),
    "a row that the form does not have": ('row = "自评工作质量"', 'row = "自评质量"', "“自评质量”"),
    "grounds that nobody knows": ('["unchanged"]', '["lazy"]', "lazy"),
    "an unknown key": ("[review]\n", "[review]\nbudgets = 1\n", "budgets"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_section_that_contradicts_its_sentences_is_refused(fault: str) -> None:
    old, new, said = WRONG[fault]
    assert old in TEXT
    with pytest.raises(BadScheme, match=said):
        read_scheme(TEXT.replace(old, new, 1))


# ── from the empty form to the review, as people go about it ──

REVIEW = {
    "score": "85",
    "opinion": "接通率没有达到目标，扣 9.66 分",
    "advice": "按批复的目标逐项填报",
    "budget": "据实安排",
}


@pytest.mark.slow
def test_a_form_goes_from_the_unit_to_the_department_and_its_self_part_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [published] = exported(EXAMPLES / "zhongshan_12345_2022.xlsx")
    unit = {field: words for field, words in published.fields.items() if words and not field.startswith("review.")}
    typed, form = tmp_path / "单位.json", tmp_path / "自评表.xlsx"
    typed.write_text(json.dumps(unit, ensure_ascii=False), "utf-8")
    assert main(["new", "--scheme", "zhongshan_2022", "--data", str(typed), "-o", str(form)]) == 0
    main(["fill", str(form), "--data", str(typed)])
    fill_form([str(form)])
    [before] = exported(form)
    assert (before.fields["total"], before.fields["grade"]) == ("94.66", "优")
    assert not any(words for field, words in before.fields.items() if field.startswith("review."))

    given = tmp_path / "审核.toml"
    for grade, finds in (("优", ["A101"]), ("良", [])):
        written = {**REVIEW, "grade": grade}
        given.write_text("[review]\n" + "".join(f'{name} = "{said}"\n' for name, said in written.items()), "utf-8")
        main(["fill", str(form), "--data", str(given), "--overwrite"])
        fill_form([str(form)])
        [after] = exported(form)
        assert {field: words for field, words in after.fields.items() if not field.startswith("review.")} == {
            field: words for field, words in before.fields.items() if not field.startswith("review.")
        }
        assert {field: words for field, words in after.fields.items() if field.startswith("review.")} == {
            f"review.{name}": said for name, said in written.items()
        }
        [assessment] = assess_file(form).forms
        assert [one.code for one in assessment.found if one.code.startswith("A")] == finds
        assert (assessment.total, assessment.grade) == ("94.66", "优")

    capsys.readouterr()
    main(["check", str(form)])
    assert "自评 94.66 优；审核 85 良，审核少 9.66 分" in capsys.readouterr().out
    sheet = load_workbook(form).worksheets[0]
    [cell] = [cell for row in sheet.iter_rows() for cell in row if REVIEW["opinion"] in str(cell.value)]
    assert cell.value == f"{PROMPT}\n{REVIEW['opinion']}"  # the printed prompt stays

    out = tmp_path / "汇总表.xlsx"
    main(["summary", str(form), "-o", str(out)])
    lines = list(load_workbook(out)["汇总"].values)
    [at] = [number for number, line in enumerate(lines) if "总分" in line]
    titles, row = lines[at : at + 2]
    said = dict(zip(titles, row, strict=True))
    shown = [said[title] for title in ("总分", "等级", "审核分数", "核定等级", "审核与自评分差")]
    assert shown == [94.66, "优", 85, "良", -9.66]


def test_an_answer_replaces_what_asks_for_a_choice() -> None:
    sheet = example("zhongshan_12345_2022")
    cells = assess_sheet(sheet, SCHEME).placement.cells
    type_into(sheet, cells["review.budget"], "请选择")
    fill_sheet(sheet, SCHEME, inputs={"review.budget": "据实安排", "review.opinion": "合理"})
    assert sheet.text(cells["review.budget"]) == "据实安排"
    assert sheet.text(cells["review.opinion"]) == f"{PROMPT}\n合理"


def test_an_opinion_that_a_person_typed_is_replaced_only_when_asked() -> None:
    sheet = example("zhongshan_12345_2022")
    cells = assess_sheet(sheet, SCHEME).placement.cells
    type_into(sheet, cells["review.opinion"], f"{PROMPT}\n不合理")
    [change] = [
        one for one in fill_sheet(sheet, SCHEME, inputs={"review.opinion": "合理"}).changes if one.source == "data"
    ]
    assert (change.outcome, change.before, change.after) == ("differs", "不合理", "合理")
    assert sheet.text(cells["review.opinion"]) == f"{PROMPT}\n不合理"


def test_filling_without_data_writes_nothing_into_the_section(tmp_path: Path) -> None:
    form = tmp_path / "自评表.xlsx"
    form.write_bytes((EXAMPLES / "zhongshan_12345_2022.xlsx").read_bytes())
    fill_form(["--overwrite", str(form)])
    [after] = exported(form)
    assert after.fields["total"] == "94.66"
    assert {words for field, words in after.fields.items() if field.startswith("review.")} == {""}


def test_an_approved_target_of_the_year_fits_that_of_the_period() -> None:
    for year, finds in (("≥400件", ["A107"]), ("≥100件", []), ("≥300件", [])):
        approved = Approved("output", "产出指标", "数量指标", "受理量", "≥300件", year)
        project = Project("热线", Decimal(1), {}, "目标", (approved,))
        assert [one.code for one in doubts(project, load_scheme("national_2020")) if one.code == "A107"] == finds
