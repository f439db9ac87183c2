"""Fields are found by the printed words, wherever they stand; a word that is missing is named."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from paper import NATIONAL, ZHONGSHAN, PaperSheet, drawn_book, example, type_into
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import Book
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_book, fill_sheet
from workbook_tools.forms.page import starts_with_label
from workbook_tools.forms.placing import place
from workbook_tools.forms.printed import printed_columns
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.reading import read_form
from workbook_tools.forms.recognition import forms_of, recognise
from workbook_tools.forms.vocabulary import normalized, spellings
from workbook_tools.schemes.answers import Answer, keep_answer
from workbook_tools.schemes.loading import FOLDER, form_names, load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import format_value, round_half_up

SCHEME = load_scheme("zhongshan_2022")


def filled(drawing: str) -> dict[str, str]:
    """The computed fields of a drawn form."""
    lines = fill_sheet(PaperSheet(drawing), SCHEME).scores.lines
    return {field: "" if line.value is None else format_value(line.value) for field, line in lines.items()}


def instead(old: str, new: str) -> str:
    assert old in ZHONGSHAN
    return ZHONGSHAN.replace(old, new)


OUTPUT_ROWS = re.search(r"产出指标\(40分\).*?(?=产出指标得分小计)", ZHONGSHAN, re.DOTALL)


def with_output_rows(*rows: str) -> str:
    assert OUTPUT_ROWS
    return ZHONGSHAN.replace(OUTPUT_ROWS[0], "".join(f"{row}\n" for row in rows))


@pytest.mark.parametrize("m", range(1, 31))
def test_any_number_of_output_rows_shares_forty_points(m: int) -> None:
    rows = [f"{'^' if n else '产出指标(40分)'} | 数量指标 | 指标{n} | | 10 | 10 | |" for n in range(m)]

    gives = filled(with_output_rows(*rows))

    weight = round_half_up(Decimal(40) / m, 2)
    assert {gives[f"indicators.{n}.weight"] for n in range(1, m + 1)} == {str(weight)}
    assert gives["groups.output"] == str(min(Decimal("40.00"), weight * m))


def test_a_continued_group_and_kind_read_as_their_first_row() -> None:
    sheet = PaperSheet(
        with_output_rows(
            "产出指标(40分) | 数量指标 | 培训场次 | | 10 | 10 | |",
            "^ | ^ | 话务量 | | 10 | 5 | |",
            "^ | 质量指标 | 质检率 | | 10 | 10 | |",
        )
    )
    rows = [row for row in read_form(sheet, place(sheet, SCHEME)).indicators if row.group == "output"]
    assert [(row.kind, row.name) for row in rows] == [
        ("数量指标", "培训场次"),
        ("数量指标", "话务量"),
        ("质量指标", "质检率"),
    ]


def test_a_blank_row_under_a_merged_kind_is_simply_not_used() -> None:
    gives = filled(
        with_output_rows(
            "产出指标(40分) | 数量指标 | 培训场次 | | 10 | 10 | |",
            "^ | ^ | | | | | |",
            "^ | 质量指标 | 质检率 | | 10 | 10 | |",
        )
    )
    assert gives["groups.output"] == "40.00"


def test_several_indicators_that_share_one_score_cell_are_one_row() -> None:
    gives = filled(
        with_output_rows(
            "产出指标(40分) | 数量指标 | 培训场次 | | 100 | 100 | |",
            "^ | ^ | 话务量 | ^ | ^ | ^ | ^ | ^",
            "^ | 质量指标 | 质检率 | | 100 | 100 | |",
        )
    )
    assert gives["indicators.1.weight"] == "20.00"
    assert gives["groups.output"] == "40.00"


def test_several_targets_that_share_one_score_are_for_a_person_to_judge() -> None:
    lines = fill_sheet(
        PaperSheet(
            with_output_rows(
                "产出指标(40分) | 数量指标 | 培训场次 | | 100 | 100 | |",
                "^ | ^ | 话务量 | ^ | 175560 | 200 | ^ | ^",
            )
        ),
        SCHEME,
    ).scores.lines
    assert lines["indicators.1.score"].value is None
    assert "100；175560" in lines["indicators.1.score"].why


@pytest.mark.parametrize(
    ("what", "drawing"),
    [
        ("rows inserted above", "说明 |\n\n备注 | 请勿改动\n" + ZHONGSHAN.lstrip("\n")),
        ("a column inserted at the left", "\n".join(f" | {line}" for line in ZHONGSHAN.strip().splitlines())),
        (
            "a heading printed again at a page break",
            instead(
                "^ | 时效指标",
                "一级指标 | 二级指标 | 指标内容 | 权重 | 指标值 | 完成值 | 完成率 | 自评分\n^ | 时效指标",
            ),
        ),
        (
            "headings with notes",
            instead(
                "| 指标值 | 完成值 | 完成率 | 自评分\n效益",
                "| 指标值（年度） | 完成值（全年） | 完成率※ | 自评分：\n效益",
            ),
        ),
        (
            "full-width brackets and spaces",
            instead("产出指标得分小计 (上限不超过40分)", "产出指标\u3000得分 小计（上限不超过40分）"),
        ),
        ("numbered labels", instead("自评分数小计 |", "（三）自评分数小计 |")),
        ("a weight typed as a quotient", instead("培训场次: 114次 | |", "培训场次: 114次 | 40/3=13.33 |")),
        (
            "a second year's row without figures",
            instead("总体绩效目标描述", "^ | 2023年 | — | | | | |\n总体绩效目标描述"),
        ),
        (
            "other years above the year of the title",
            instead("^ | 2022年", "^ | 2021年 | 100 | 0 | | 50 | |\n^ | 2022年"),
        ),
    ],
)
def test_a_form_that_was_rearranged_scores_the_same(what: str, drawing: str) -> None:
    gives = filled(drawing)
    assert (gives["total"], gives["grade"]) == ("94.66", "优"), what


def test_two_years_of_money_without_a_year_to_go_by_are_refused() -> None:
    drawing = instead("^ | 2022年", "^ | 第一期 | 100 | 0 | | 50 | |\n^ | 第二期")
    with pytest.raises(FormNotRecognised, match="下面有 2 行金额"):
        filled(drawing)


@pytest.mark.parametrize(
    "word",
    [
        "年初预算安排数",
        "实际资金支出额",
        "产出指标得分小计",
        "效益指标得分小计",
        "逆向指标得分小计",
        "自评分数小计",
    ],
)
def test_a_word_that_is_missing_is_named_and_nothing_is_written(word: str) -> None:
    sheet = PaperSheet(ZHONGSHAN.replace(word, "（已删）"))
    with pytest.raises(FormNotRecognised, match=word):
        fill_sheet(sheet, SCHEME)
    assert not sheet.written


def test_the_total_never_goes_into_the_cell_of_another_label() -> None:
    sheet = PaperSheet(ZHONGSHAN.replace("自评总分", "（已删）"))
    fill_sheet(sheet, SCHEME)
    assert sheet.text((31, 8)) == "自评绩效等级:优"
    assert sheet.text((31, 1)) == "自评分数合计(自评分数小计+逆向指标小计)：94.66"


@pytest.mark.parametrize("heading", ["权重", "指标值", "完成值", "完成率", "自评分"])
def test_a_heading_that_is_missing_is_named_with_its_table(heading: str) -> None:
    broken = re.sub(rf"(效益指标得分小计|40/k|{heading})", lambda found: found[0], ZHONGSHAN)
    table = broken.index("一级指标 | 二级指标 | 指标内容 | 权重 40/k")
    broken = broken[:table] + broken[table:].replace(f"| {heading}", "| 其他", 1)
    with pytest.raises(FormNotRecognised, match=f"第 18 行的表头里找不到“{heading}”（“其他"):
        filled(broken)


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("自评绩效等级:", "自评绩效等级:优"),
        ("自评绩效等级：", "自评绩效等级：优"),
        ("自评绩效等级", "自评绩效等级：优"),
        ("自评绩效\\n等级： ", "自评绩效\n等级：优"),
    ],
)
def test_the_grade_goes_behind_the_words_of_its_own_cell(printed: str, written: str) -> None:
    sheet = PaperSheet(instead("| 自评绩效等级:\n", f"| {printed}\n"))
    fill_sheet(sheet, SCHEME)
    assert sheet.text((31, 8)) == written
    assert not [change for change in fill_sheet(sheet, SCHEME).changes if change.outcome == "written"]


def test_the_grade_goes_into_a_cell_of_its_own_where_there_is_one() -> None:
    drawing = instead("| < | < | < | < | 自评总分 | | 自评绩效等级:\n", "| < | < | 自评总分 | | < | 自评绩效等级 |\n")
    sheet = PaperSheet(drawing)
    fill_sheet(sheet, SCHEME)
    assert (sheet.text((31, 5)), sheet.text((31, 8))) == ("94.66", "优")


def test_defined_names_go_before_words() -> None:
    drawing = instead("自评总分 | | 自评绩效等级:", "得分 | | 自评绩效等级:")
    sheet = PaperSheet(drawing, names={"total": (31, 7)})
    assert fill_sheet(sheet, SCHEME).scores.grade == "优"
    assert sheet.text((31, 7)) == "94.66"


@pytest.mark.parametrize(
    ("words", "label", "yes"),
    [
        ("预算执行率", "预算执行率", True),
        ("预算执行率(自动计算)", "预算执行率", True),
        ("权重40/m(m为产出指标总数)", "权重", True),
        ("1.预算执行率", "预算执行率", True),
        ("预算执行率=实际支出金额/预算", "预算执行率", False),
        ("自评分数小计", "自评分", False),
        ("全口径预算调整率", "预算调整率", False),
    ],
)
def test_a_label_may_carry_a_note_but_is_no_other_word(words: str, label: str, yes: bool) -> None:
    assert starts_with_label(words, label) is yes


def of(drawing: str | Sheet) -> tuple[str, str]:
    """The scheme of the first form of a sheet and what is said of it."""
    sheet = PaperSheet(drawing) if isinstance(drawing, str) else drawing
    scheme, said = recognise(read_forms(sheet)[0])
    return scheme.name if scheme else "", said


def test_the_scheme_is_known_by_the_words_of_the_form() -> None:
    assert of(ZHONGSHAN) == ("zhongshan_2022", "")


def test_the_form_of_another_year_is_told_which_scheme_to_name() -> None:
    scheme, said = of(instead("中山市2022年度", "中山市2023年度"))
    assert not scheme
    assert "表题写的是 2023 年" in said
    assert "--scheme zhongshan_2022" in said


def test_the_form_of_another_kind_of_project_gets_the_general_scheme() -> None:
    assert of(instead("绩效自评表-非信息化项目", "绩效自评表-信息化项目")) == ("general", "")


def test_a_whole_department_is_scored_by_no_rules_for_projects() -> None:
    title = next(line for line in NATIONAL.splitlines() if "自评表" in line)
    assert of(NATIONAL) == ("national_2020", "")
    assert of(NATIONAL.replace(title, title.replace("项目支出", "部门整体支出"))) == ("general", "")


@pytest.mark.parametrize("drawing", ["姓名 | 电话", "预算执行过程 | 自评总分"])
def test_a_page_without_a_table_of_indicators_is_no_form(drawing: str) -> None:
    assert not read_forms(PaperSheet(drawing))


def test_targets_without_results_are_no_self_evaluation() -> None:
    scheme, said = of("一级指标 | 二级指标 | 三级指标 | 指标值\n产出指标 | 数量指标 | 培训场次 | 10次")
    assert not scheme
    assert "绩效目标表" in said


def test_half_a_year_of_spending_is_no_self_evaluation() -> None:
    scheme, said = of(NATIONAL.replace("全年执行数", "1-7月执行数"))
    assert not scheme
    assert "监控表" in said


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("name", form_names())
def test_no_scheme_takes_the_form_of_another(name: str) -> None:
    book = Book(workbook_bytes(form_workbook(load_scheme(name))))
    assert {scheme.name for _, scheme, _ in forms_of(book)} == {name}


@pytest.mark.parametrize("year", ["2019", "2025"])
def test_a_scheme_of_no_year_is_of_every_year(year: str) -> None:
    drawing = NATIONAL.replace("(2023年度)", f"({year}年度)")
    assert read_forms(PaperSheet(drawing))[0].year == int(year)
    assert of(drawing) == ("national_2020", "")


def test_the_year_in_the_line_below_the_title_counts() -> None:
    drawn = example("guangzhou_12345_2021")
    assert of(drawn) == ("guangzhou_2021", "")
    type_into(drawn, (3, 1), "(2024年度)")
    scheme, said = of(drawn)
    assert not scheme
    assert "2024 年" in said
    assert "--scheme guangzhou_2021" in said


NATIONAL_SCHEME = load_scheme("national_2020")


def test_labels_that_are_not_merged_down_stand_for_the_rows_below() -> None:
    lines = [
        line.replace("^ | 质量指标", " | 质量指标").replace("^ | 时效指标", " | 时效指标")
        for line in NATIONAL.splitlines()
    ]
    form = fill_sheet(PaperSheet("\n".join(lines)), NATIONAL_SCHEME)
    assert form.placement.rows[2] == ("output", "indicators.3")
    assert str(form.scores.total) == "91.00"


def test_columns_of_the_reviewers_are_no_columns_of_the_form() -> None:
    """复核得分 behind 得分: the unit's own score is the one that counts, and the other stays as it is."""
    lines = NATIONAL.strip().splitlines()
    heading = next(number for number, line in enumerate(lines) if line.startswith("一级指标"))
    wide = [f"{line} | {'复核得分' if number == heading else ''}" for number, line in enumerate(lines)]
    sheet = PaperSheet("\n".join(wide))
    form = fill_sheet(sheet, NATIONAL_SCHEME)
    assert str(form.scores.total) == "91.00"
    assert {cell[1] for cell in sheet.written} <= {3, 4, 5, 7, 8}


def test_a_line_across_the_table_is_no_indicator() -> None:
    drawing = NATIONAL.replace("效益指标(30分)", "年度绩效目标2 | < | < | < | < | < | < | <\n效益指标(30分)")
    assert str(fill_sheet(PaperSheet(drawing), NATIONAL_SCHEME).scores.total) == "91.00"


def test_a_goal_above_the_money_does_not_end_it() -> None:
    goal = "年度总体目标 | 预期目标 | < | < | 实际完成情况 | < | < | <\n^ | 办培训 | < | < | 已办 | < | < | <\n"
    drawing = NATIONAL.replace("项目资金（万元）", f"{goal}项目资金（万元）")
    assert str(fill_sheet(PaperSheet(drawing), NATIONAL_SCHEME).scores.total) == "91.00"


def test_money_without_sources_has_one_row() -> None:
    drawing = "\n".join(line for line in NATIONAL.splitlines() if "本年财政拨款" not in line and "其他资金" not in line)
    drawing = drawing.replace("年度资金总额： | | | ", "年度资金总额： | 110 | 100 | 90")
    form = fill_sheet(PaperSheet(drawing), NATIONAL_SCHEME)
    assert format_value(form.scores.lines["budget.execution"].value or "") == "90.00%"
    assert not any(field.startswith("sources.") for field in form.placement.cells)


LISTED = """
项目支出绩效自评表 | < | < | < | < | < | < | <
项目资金（万元） | 资金来源 | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
^ | {first} | {amount} | {amount} | {amount} | 10 | |
^ | 中央补助 | 60 | 60 | 54 | | |
^ | 自筹资金 | 40 | 40 | 36 | | |
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
产出指标(50分) | 数量指标 | 培训人数 | 200人 | 200人 | 50 | 50 |
"""


@pytest.mark.parametrize(
    ("first", "amount", "sums"),
    [("年度资金总额", "1", True), ("本级财力", "100", False), ("本级财力", "1", False)],
)
def test_the_first_of_several_sources_is_no_sum_because_it_comes_first(first: str, amount: str, sums: bool) -> None:
    """100 beside 60 and 40, of which the third column makes 90: nothing says that it is their sum."""
    sheet = PaperSheet(LISTED.format(first=first, amount=amount))
    (form,) = read_forms(sheet)
    assert any(asked.what == "money" for asked in form.asked) is not sums
    if sums:
        assert place(sheet, NATIONAL_SCHEME).cells["budget.spent"] == (3, 5)
    else:
        with pytest.raises(FormNotRecognised, match="加一行“合计”"):
            place(sheet, NATIONAL_SCHEME)


def test_a_first_row_that_is_the_sum_of_the_others_is_their_sum() -> None:
    drawing = LISTED.format(first="本级财力", amount="100").replace("| 100 | 100 | 100 |", "| 100 | 100 | 90 |")
    assert place(PaperSheet(drawing), NATIONAL_SCHEME).cells["budget.spent"] == (3, 5)


def test_a_form_on_several_sheets_is_filled_on_each() -> None:
    sheet = example("guangzhou_department_2023")
    form = fill_sheet(sheet, load_scheme("guangzhou_department_2023"))
    sheets = {change.address.partition("!")[0] for change in form.changes}
    assert sheets == {"评分表", "评委评分", "月度统计"}
    cell = form.placement.cells["tables.calls.total.rate"]
    assert sheet.address(cell).startswith("月度统计!")
    assert form.holds("月度统计", (cell[0] - form.above["月度统计"], cell[1]))


def test_a_table_of_months_without_its_sum_is_missed_by_name() -> None:
    sheet = example("guangzhou_department_2023")
    cells = place(sheet, load_scheme("guangzhou_department_2023")).cells
    type_into(sheet, cells["tables.calls.total.month"], "总数")
    with pytest.raises(FormNotRecognised, match="合计"):
        place(sheet, load_scheme("guangzhou_department_2023"))


@pytest.mark.parametrize(
    ("printed", "instead_of"),
    [
        ("权重", "分值"),
        ("自评得分", "得分"),
        ("完成值", "实际完成值"),
        ("指标值", "年度指标值"),
        ("未完成原因", "偏差原因分析及改进措施"),
    ],
)
def test_other_spellings_of_a_heading_are_the_same_form(printed: str, instead_of: str) -> None:
    sheet = PaperSheet(
        NATIONAL.replace(f"| {instead_of} ", f"| {printed} ").replace(f"| {instead_of}\n", f"| {printed}\n")
    )
    assert of(sheet) == ("national_2020", "")
    assert str(fill_sheet(sheet, NATIONAL_SCHEME).scores.total) == "91.00"


@pytest.mark.parametrize("scheme", ["national_2020", "anhui", "sichuan", "transfer", "yunnan", "fujian"])
@pytest.mark.parametrize(
    "printed", ["未完成原因和改进措施", "未完成原因及改进措施", "偏差原因及改进措施", "未完成原因分析"]
)
def test_the_column_of_reasons_is_found_however_it_is_worded(scheme: str, printed: str) -> None:
    """A clerk must not be told that the form has no column for reasons."""
    text = (FOLDER / scheme / "form.txt").read_text("utf-8").splitlines()
    heading = next(line for line in text if line.startswith("* 一级指标"))
    words = [word.strip() for word in heading.removeprefix("* ").split("|")]
    own = spellings()["indicator"]["reason"]
    drawn = " | ".join(printed if normalized(word) in own else word for word in words)
    ((table,),) = [form.tables for form in read_forms(PaperSheet(f"{drawn}\n产出指标 | 数量指标 | 场次 | 1 | 1"))]
    assert table.columns["reason"].words == printed


# ── the sentences of the form, and what a person has said ──


def test_a_form_that_prints_other_points_gets_the_general_scheme_and_is_told_why() -> None:
    book = Book(drawn_book(NATIONAL.replace("产出指标(50分)", "产出指标(60分)")))
    ((_, scheme, _),) = forms_of(book)
    assert scheme.name == "general"
    assert "产出指标(60分)" in scheme.general
    assert "--scheme national_2020" in scheme.general


def test_a_form_with_rules_of_its_own_that_prints_other_numbers_is_asked_about() -> None:
    drawing = ZHONGSHAN.replace("分数≥90分为优、80≤分数<90分", "分数≥92分为优、80≤分数<92分")
    with pytest.raises(FormNotRecognised, match="--scheme zhongshan_2022"):
        forms_of(Book(drawn_book(drawing)))
    assert forms_of(Book(drawn_book(drawing)), "zhongshan_2022")


def test_what_a_person_has_said_of_a_form_counts_for_forms_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    drawing = NATIONAL.replace("| 实际完成值 |", "| 办成了多少 |")
    book = Book(drawn_book(drawing))
    (form,) = [form.printed for form in forms_of(book, "general")]
    columns = {"办成了多少": "actual"}
    keep_answer(Answer(form.title, printed_columns(form), "national_2020", columns))
    filled = fill_book(book)[0]
    assert filled.scheme.name == "national_2020"
    assert str(filled.scores.total) == "91.00"


@pytest.mark.parametrize("name", ["项目003", "单位07", "部门2"])
def test_a_name_that_begins_like_a_label_is_a_name(name: str) -> None:
    drawing = NATIONAL.replace("项目名称 | 公共服务项目", f"项目名称 | {name}")
    sheet = PaperSheet(drawing)
    assert sheet.text(place(sheet, NATIONAL_SCHEME).cells["texts.project"]) == name


@pytest.mark.parametrize("typed", ["≥95%", ":", "约一百"])
def test_words_in_the_row_of_the_sum_do_not_end_the_money(typed: str) -> None:
    drawing = NATIONAL.replace("年度资金总额： | | | ", f"年度资金总额： | | | {typed}")
    sheet = PaperSheet(drawing)
    cells = place(sheet, NATIONAL_SCHEME).cells
    assert sheet.text(cells["budget.spent"]) == typed
    assert cells["sources.1.spent"] == (cells["budget.spent"][0] + 1, cells["budget.spent"][1])


def test_a_column_of_adjustments_that_the_scheme_does_not_know_adds_up_to_nothing() -> None:
    """年初 100, 调整 -10, 全年 blank: a scheme without a word for the adjustment does not compute the sum."""
    drawing = """
绩效自评表 | < | < | < | < | < | <
项目资金 | | 年初预算数 | 预算调整数 | 全年预算数 | 全年执行数 | 执行率
^ | 年度资金总额 | 100 | -10 | | 90 |
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标 | 数量指标 | 培训人数 | 200人 | 200人 | 100 | 100
"""
    lines = fill_sheet(PaperSheet(drawing), load_scheme("general")).scores.lines
    assert "budget.revised" not in lines
