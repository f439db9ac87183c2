"""Forms as bureaus really print them: read without a word of their layout, every value at its cell, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from paper import PaperSheet
from printed import NAMES, drawn, readings, same
from workbook_tools.assess import assess_file
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import Book
from workbook_tools.excel.addresses import Cell
from workbook_tools.forms.headings import Asked, is_number
from workbook_tools.forms.printed import PrintedForm
from workbook_tools.forms.reader import read_forms
from workbook_tools.forms.recognition import forms_of
from workbook_tools.forms.vocabulary import ideas
from workbook_tools.template.workbook import workbook_bytes

# What no reader can know: the page was cut above the heading, or before the first table; a list of projects is no form.
HEADLESS = {"13_daying_library_tail", "14_daying_payroll_tail", "97_daying_civil_tail"}
NO_FORM = {"48_gz_petition_targets", "57_xiaoshan_bonds"}
CUT = {("96_dehua_meals_targets", False)}
READABLE = [name for name in NAMES if name not in HEADLESS | NO_FORM]
CASES = [(name, closed) for name in READABLE for closed in (False, True) if (name, closed) not in CUT]
# Values of the answer keys that are not read: 20 points beside names and amounts, whose word stands three rows above.
MISSED = {"23_anju_food": 1}


def roles(forms: list[PrintedForm]) -> dict[Cell, str]:
    return {cell: role for form in forms for cell, role in form.roles.items()}


@pytest.mark.parametrize(("name", "closed"), CASES)
def test_every_value_is_read_at_its_cell(name: str, closed: bool) -> None:
    """Rows, money, targets, actuals, weights, scores, units, texts, the fields of the head, total and grade."""
    form = drawn(name, closed=closed)
    forms = read_forms(form.sheet)
    assert len(forms) == 1
    found = readings(forms)
    wrong = {
        cell: (path, found[cell])
        for cell, path in form.expected.items()
        if cell in found and not same(path, found[cell])
    }
    missed = {cell: path for cell, path in form.expected.items() if cell not in found}
    assert not wrong
    assert len(missed) == MISSED.get(name, 0), missed


@pytest.mark.parametrize(("name", "closed"), CASES)
def test_no_figure_is_read_that_the_answer_key_does_not_have(name: str, closed: bool) -> None:
    form = drawn(name, closed=closed)
    more = {
        cell: path
        for cell, path in readings(read_forms(form.sheet)).items()
        if cell not in form.expected and is_number(form.sheet.text(cell)) and path.rpartition(".")[2] in FIGURES
    }
    assert not {cell: path for cell, path in more.items() if not path.startswith(("total.", "texts.", "other."))}


@pytest.mark.parametrize("name", sorted(HEADLESS | NO_FORM))
def test_what_has_no_heading_is_not_guessed(name: str) -> None:
    assert not [path for path in readings(read_forms(drawn(name, closed=True).sheet)).values() if "." in path]


FIGURES = (
    "initial",
    "adjusted",
    "budget",
    "revised",
    "received",
    "spent",
    "so_far",
    "execution",
    "target",
    "actual",
    "weight",
    "score",
    "total",
)


def figures(sheet: PaperSheet) -> dict[Cell, str]:
    """Every figure that was read: its cell and what it is taken for."""
    found: dict[Cell, str] = {}
    for form in read_forms(sheet):
        for table in form.tables:
            for row in table.rows if table.kind != "other" else ():
                for idea, cell in row.cells.items():
                    if idea.rpartition(".")[2] in FIGURES and sheet.text(cell):
                        found[cell] = f"{table.kind}.{row.kind if row.kind != 'data' else ''}.{idea}"
        if "total" in form.fields and sheet.text(form.fields["total"]):
            found[form.fields["total"]] = "total"
    return found


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize("name", READABLE)
def test_a_foreign_heading_never_gives_a_figure_another_meaning(name: str) -> None:
    """A column whose words nobody knows may not be read; it is never taken for something else."""
    form = drawn(name, closed=True)
    before = figures(form.sheet)
    headings = [cell for cell, role in roles(read_forms(form.sheet)).items() if role == "heading"]
    for cell in headings:
        for foreign in ("甲乙丙丁", ""):
            sheet = drawn(name, closed=True).sheet
            sheet.cells[cell] = foreign
            wrong = {
                at: (before.get(at), idea)
                for at, idea in figures(sheet).items()
                if at in before
                and not same(before[at].replace("..", "."), idea.replace("..", "."))
                and before[at] != "total"
            }
            assert not wrong, (form.sheet.text(cell), foreign)


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", READABLE)
def test_without_its_headings_a_table_gives_no_figure_another_meaning(name: str) -> None:
    """A page that was cut above its table: what is not known is not read, the total neither."""
    form = drawn(name, closed=True)
    before = figures(form.sheet)
    for table in (table for read in read_forms(form.sheet) for table in read.tables if table.kind != "other"):
        sheet = drawn(name, closed=True).sheet
        for column in (*table.columns.values(), *table.unknown):
            sheet.cells.pop(column.cell, None)
        after = {cell: path for cell, path in figures(sheet).items() if cell in before and before[cell] != "total"}
        assert not {
            cell: path
            for cell, path in after.items()
            if not same(before[cell].replace("..", "."), path.replace("..", "."))
        }


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", READABLE)
def test_a_form_that_stands_elsewhere_reads_the_same(name: str) -> None:
    form = drawn(name, closed=True)
    moved = drawn(name, closed=True).sheet
    moved.cells = {(row + 3, column + 2): words for (row, column), words in moved.cells.items()}
    moved.anchors = {(row + 3, column + 2): (top + 3, left + 2) for (row, column), (top, left) in moved.anchors.items()}
    assert {(row - 3, column - 2): idea for (row, column), idea in figures(moved).items()} == figures(form.sheet)


WIDE = str.maketrans("():,%", "（）：，％")
# What makes no difference to a reader: how the words of headings and labels are written.
WRITINGS: dict[str, Callable[[str], str]] = {
    "wide signs": lambda words: words.translate(WIDE),
    "spaces": lambda words: " ".join(words) if 2 <= len(words) <= 4 else words,
    "line breaks": lambda words: f"{words[:2]}\n{words[2:]}",
    "a colon": lambda words: words if words.rstrip().endswith((":", "：")) else f"{words}：",
    "no colon": lambda words: words.rstrip(":： "),
    "an asterisk": lambda words: f"*{words}",
}


@pytest.mark.quick_cases(24)
@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("name", READABLE)
def test_headings_and_labels_read_the_same_however_they_are_written(name: str, writing: str) -> None:
    sheet = drawn(name, closed=True).sheet
    forms = read_forms(sheet)
    before = readings(forms)
    for cell, role in roles(forms).items():
        if role in ("heading", "label", "block") and not is_number(sheet.cells[cell]):
            sheet.cells[cell] = WRITINGS[writing](sheet.cells[cell])
    after = readings(read_forms(sheet))
    changed = {cell: (path, after.get(cell)) for cell, path in before.items() if after.get(cell) != path}
    assert not {cell: paths for cell, paths in changed.items() if sheet.text(cell)}


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", READABLE)
def test_words_above_the_title_change_nothing(name: str) -> None:
    sheet = drawn(name, closed=True).sheet
    before = readings(read_forms(sheet))
    sheet.cells = {(row + 3, column): words for (row, column), words in sheet.cells.items()}
    sheet.anchors = {(row + 3, column): (top + 3, left) for (row, column), (top, left) in sheet.anchors.items()}
    sheet.cells |= {(1, 1): "附件3", (2, 1): "县财政局关于2023年预算绩效的通知"}
    assert {(row - 3, column): path for (row, column), path in readings(read_forms(sheet)).items()} == before


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", READABLE)
def test_levels_said_in_every_row_change_no_figure(name: str) -> None:
    sheet = drawn(name, closed=True).sheet
    before = figures(sheet)
    for form in read_forms(sheet):
        for table in form.tables:
            for row in table.rows if table.kind == "indicator" else ():
                for idea in ("label", "kind"):
                    if row.kind == "data" and idea in row.cells:
                        column = table.columns[idea]
                        for place in range(column.left, column.right + 1):
                            sheet.anchors[row.number, place] = row.number, column.left
                        sheet.anchors.pop((row.number, column.left), None)
                        sheet.cells[row.number, column.left] = sheet.text(row.cells[idea])
    assert figures(sheet) == before


# Pages that begin without the title of a form: below another one they are its continuation.
UNTITLED = {"09_daying_justice_tail", "27_jiangxi_cppcc", "33_fengdu_police_targets", "86_wuyi_cleaning"}
UNTITLED |= {"99_linhai_greening_targets"}


@pytest.mark.slow
@pytest.mark.parametrize("above", READABLE)
def test_two_forms_on_one_sheet_are_two(above: str) -> None:
    for below in set(READABLE) - UNTITLED:
        first, second = (drawn(name, closed=True).sheet for name in (above, below))
        height = max(row for row, _ in first.cells) + 2
        alone = figures(second)
        for (row, column), words in second.cells.items():
            first.cells[row + height, column] = words
        for (row, column), (top, left) in second.anchors.items():
            first.anchors[row + height, column] = (top + height, left)
        assert len(read_forms(first)) == 2, below
        under = {(row - height, column): idea for (row, column), idea in figures(first).items() if row > height}
        assert under == alone, below


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", READABLE)
def test_without_its_merged_cells_a_form_reads_less_but_nothing_else(name: str) -> None:
    sheet = drawn(name, closed=True).sheet
    before = readings(read_forms(sheet))
    sheet.anchors.clear()
    after = readings(read_forms(sheet))
    other = {
        cell: (before[cell], path)
        for cell, path in after.items()
        if sheet.text(cell) and cell in before and without_number(before[cell]) != without_number(path)
    }
    assert not {cell: paths for cell, paths in other.items() if not paths[1].startswith("other.")}


def without_number(path: str) -> str:
    return re.sub(r"\.\d+$", "", path)


# What no reader can know of a blank form: a place that only its word told.
UNKNOWN_PLACES = {
    "01_zhongshan_hotline": ("texts.goal", "texts.result", "texts.late"),  # two paragraphs that begin with their names
    "61_fuliang_targets": ("texts.phone",),  # one label with a colon, and a blank cell beside it
    "75_yongde_school": ("grade",),  # 优 in a cell of the total's row that has no label
    "87_yueyang_road": ("money.", "other."),  # names beside amounts that are no numbers
}
_FILLED_IN_BEFORE = ("label", "kind", "name", "part", "year", "money_unit")  # words that a blank form is printed with


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("name", READABLE)
def test_the_blank_form_has_its_fields_in_the_same_cells(name: str) -> None:
    sheet = drawn(name, closed=True).sheet
    forms = read_forms(sheet)
    before = readings(forms)
    prefixes = {form.fields[field]: words for form in forms for field, words in form.prefixes.items()}
    for cell, path in before.items():
        if path.rpartition(".")[2] not in _FILLED_IN_BEFORE and not path.startswith("other."):
            sheet.cells.pop(cell, None)
            if cell in prefixes:
                sheet.cells[cell] = prefixes[cell]
    after = readings(read_forms(sheet))
    lost = {cell: (path, after.get(cell)) for cell, path in before.items() if after.get(cell) != path}
    unknown = UNKNOWN_PLACES.get(name, ())
    assert not {cell: paths for cell, paths in lost.items() if not paths[0].startswith(unknown) or not unknown}


# ── what is asked ────────────────────────────────────────


INDICATORS = "一级指标 | 二级指标 | 三级指标"


def asked(drawing: str) -> dict[str, Asked]:
    (form,) = read_forms(PaperSheet(drawing))
    return {one.what: one for one in form.asked}


def test_two_columns_of_one_idea_are_asked_about_and_neither_is_taken() -> None:
    drawing = f"""{INDICATORS} | 指标值 | 目标值 | 完成值 | 分值 | 得分
                  产出指标 | 数量指标 | 场次 | 10 | 12 | 12 | 20 | 20"""
    assert asked(drawing)["columns"] == Asked("columns", ((1, 4), (1, 5)), ("target",))
    assert "indicator.target" not in readings(read_forms(PaperSheet(drawing))).values()


def test_raw_and_weighted_scores_without_words_for_it_are_asked_about() -> None:
    drawing = f"""{INDICATORS} | 指标值 | 完成值 | 分值 | 自评得分 | 得分
                  产出指标 | 数量指标 | 场次 | 10 | 12 | 20 | 100 | 20"""
    assert asked(drawing)["columns"] == Asked("columns", ((1, 7), (1, 8)), ("score",))


def test_a_foreign_heading_over_figures_is_asked_about() -> None:
    drawing = f"""{INDICATORS} | 指标值 | 完成值 | 甲乙 | 得分
                  产出指标 | 数量指标 | 场次 | 10 | 12 | 20 | 20"""
    assert asked(drawing)["heading"] == Asked("heading", ((1, 6),))


def test_a_foreign_heading_over_words_is_not_asked_about() -> None:
    assert not asked(f"""{INDICATORS} | 指标值 | 完成值 | 甲乙 | 得分
                         产出指标 | 数量指标 | 场次 | 10 | 12 | 已完成 | 20""")


def test_one_number_that_the_points_add_up_to_is_asked_about() -> None:
    drawing = f"""{INDICATORS} | 指标值 | 完成值 | 分值 | 得分
                  产出指标 | 数量指标 | 场次 | 10 | 12 | 60 | 60
                  ^ | 质量指标 | 合格率 | 1 | 1 | 40 | 35
                  总分 | < | < | < | < | 100 | <"""
    assert asked(drawing)["total"] == Asked("total", ((4, 6),), ("total", "counts.total.weight"))
    assert "total" not in readings(read_forms(PaperSheet(drawing))).values()


def test_one_number_that_only_the_scores_add_up_to_is_the_total() -> None:
    drawing = f"""{INDICATORS} | 指标值 | 完成值 | 分值 | 得分
                  产出指标 | 数量指标 | 场次 | 10 | 12 | 60 | 60
                  ^ | 质量指标 | 合格率 | 1 | 1 | 40 | 35
                  总分 | < | < | < | < | 95 | <"""
    assert not asked(drawing)
    assert readings(read_forms(PaperSheet(drawing)))[4, 6] == "total"


def test_an_adjusted_target_that_is_blank_beside_the_first_one_is_asked_about() -> None:
    drawing = """指标名称 | 年初指标值 | 调整指标值 | 全年完成值 | 指标权重 | 指标得分
                 场次 | 10 | 12 | 12 | 60 | 60
                 合格率 | 90% |  | 95% | 40 | 40"""
    assert asked(drawing)["target"] == Asked("target", ((3, 2), (3, 3)), ("initial", "target"))


@pytest.mark.parametrize("word", ["预算数", "年度预算安排", "计划安排资金"])
def test_the_only_column_of_a_budget_is_asked_about_where_its_words_do_not_say(word: str) -> None:
    drawing = f"""资金来源 | {word} | 执行数 | 执行率
                  年度资金总额 | 10 | 9 | 90%"""
    assert asked(drawing)["budget"] == Asked("budget", ((1, 2),), ("initial", "revised"))


@pytest.mark.parametrize(
    ("word", "idea"), [("年初预算数", "initial"), ("全年预算数", "revised"), ("调整后预算数", "revised")]
)
def test_a_budget_that_says_which_it_is_is_not_asked_about(word: str, idea: str) -> None:
    drawing = f"""资金来源 | {word} | 执行数 | 执行率
                  年度资金总额 | 10 | 9 | 90%"""
    assert not asked(drawing)
    assert readings(read_forms(PaperSheet(drawing)))[2, 2] == f"money.{idea}"


TWO_TABLES = """资金来源 | 年初预算数 | 执行数 | 执行率
                {first} | 10 | 9 | 90%
                支出内容 | 年初预算数 | 支出数 | 备注
                {second} | 4 | 3 | 无"""


def test_two_tables_of_money_with_a_sum_each_are_asked_about_and_neither_is_taken() -> None:
    drawing = TWO_TABLES.format(first="年度资金总额", second="合计")
    assert asked(drawing)["money"] == Asked("money", ((1, 1), (3, 1)))
    assert not [path for path in readings(read_forms(PaperSheet(drawing))).values() if path.startswith("money.")]


def test_a_table_of_what_was_spent_on_what_is_not_the_budget() -> None:
    drawing = TWO_TABLES.format(first="年度资金总额", second="劳务费")
    assert not asked(drawing)
    found = readings(read_forms(PaperSheet(drawing)))
    assert (found[2, 2], found[2, 3]) == ("money.initial", "money.spent")
    assert (4, 2) not in found
    assert roles(read_forms(PaperSheet(drawing)))[4, 2] == "unread"


# ── words by their parts ─────────────────────────────────


@pytest.mark.parametrize(
    ("word", "kind", "idea"),
    [
        ("预期实现值", "indicator", "target"),
        ("年度绩效指标值", "indicator", "target"),
        ("年初批复目标值", "indicator", "initial"),
        ("调整后的绩效目标值", "indicator", "revised"),
        ("年末实际完成值", "indicator", "actual"),
        ("指标实际完成情况", "indicator", "actual"),
        ("实际达到值", "indicator", "actual"),
        ("评价指标分值", "indicator", "weight"),
        ("单位自评得分", "indicator", "score"),
        ("实得分", "indicator", "score"),
        ("未达到目标值的原因分析及整改措施", "indicator", "reason"),
        ("年初批复预算数", "money", "initial"),
        ("全年可用预算数", "money", "revised"),
        ("调整后全年预算金额", "money", "revised"),
        ("年度实际支出金额", "money", "spent"),
        ("实际到位资金额", "money", "received"),
        ("资金支付率", "money", "execution"),
        ("项目预算金额", "money", "budget"),
        ("地方主管部门名称", "info", "department"),
        ("资金使用单位名称", "info", "unit"),
        ("项目负责人及联系方式", "info", "contact"),
        ("项目整体目标", "text", "goal"),
        ("总体目标实现情况", "text", "result"),
        ("自评得分合计", "total", "total"),
        ("评价等次", "total", "grade"),
        ("项目资金合计", "sum", "total"),
    ],
)
def test_a_word_that_is_not_listed_is_known_by_its_parts(word: str, kind: str, idea: str) -> None:
    assert ideas(word)[kind] == idea


@pytest.mark.parametrize(
    ("word", "kind", "never"),
    [
        ("复核得分", "indicator", "score"),
        ("财政评审得分", "indicator", "score"),
        ("专家平均得分", "indicator", "score"),
        ("扣分", "indicator", "score"),
        ("全年预计完成值", "indicator", "actual"),
        ("上年度实际完成值", "indicator", "actual"),
        ("1-6月完成值", "indicator", "actual"),
        ("目标实现情况", "indicator", "target"),
        ("半年指标值", "indicator", "target"),
        ("全年预计执行数", "money", "spent"),
        ("1-7月支出数", "money", "spent"),
        ("计划支出数", "money", "spent"),
        ("预算调整率", "money", "execution"),
        ("上年预算数", "money", "revised"),
        ("下年度预算数", "money", "revised"),
        ("上年结转资金", "money", "received"),
        ("追加预算数", "money", "revised"),
        ("部门评分", "indicator", "score"),
        ("部门打分", "indicator", "score"),
    ],
)
def test_what_is_planned_or_reviewed_or_of_another_year_is_no_figure_of_this_form(
    word: str, kind: str, never: str
) -> None:
    assert ideas(word).get(kind) != never


# ── rules of their own ───────────────────────────────────


def read(drawing: str) -> dict[Cell, str]:
    return readings(read_forms(PaperSheet(drawing)))


def test_points_beside_a_level_are_of_the_level() -> None:
    found = read("""一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值 | 目标值 | 实现值 | 得分
                    产出 | 50 | 数量 | 30 | 场次 | 10 | 12 | 13 | 10""")
    assert (found[2, 2], found[2, 4], found[2, 6]) == (
        "indicator.label.weight",
        "indicator.kind.weight",
        "indicator.weight",
    )


TEXTS = f"""绩效目标 | 预期目标 | < | {{words}} | <
            ^ | 覆盖率80% | < | 82% | <
            绩效指标 | {INDICATORS} | 指标值
            ^ | 产出 | 数量 | 场次 | 10"""


@pytest.mark.parametrize(
    ("words", "field"),
    [("实际完成情况", "texts.result"), ("全年实际达成结果", "texts.result"), ("甲乙丙丁", "other.甲乙丙丁")],
)
def test_words_beside_a_heading_of_texts_are_one_too(words: str, field: str) -> None:
    found = read(TEXTS.format(words=words))
    assert (found[2, 2], found[2, 4]) == ("texts.goal", field)


def test_two_labels_one_below_the_other_are_no_headings() -> None:
    found = read(f"""{INDICATORS} | 指标值
                     产出 | 数量 | 场次 | 10
                     存在问题 | 无 | < | <
                     改进措施 | 无 | < | <""")
    assert (found[3, 2], found[4, 2]) == ("texts.problems", "texts.improvements")


def test_a_goal_between_the_block_and_its_result_is_one_of_the_texts() -> None:
    found = read(f"""总体目标完成情况 | 总体目标 | < | 全年实际完成情况 | <
                     ^ | 造林1万亩 | < | 造林1万亩 | <
                     绩效指标 | {INDICATORS} | 指标值
                     ^ | 产出 | 数量 | 场次 | 10""")
    assert (found[2, 2], found[2, 4]) == ("texts.goal", "texts.result")


def test_amounts_in_pairs_stand_row_upon_row_and_are_no_rates() -> None:
    found = read(f"""项目资金（万元） | 预算资金总额 | 100 | 实际到位资金 | 100 | 实际支出 | 95
                     ^ | 其中：省财政 | 60 | 其中：省财政 | 60 | 其中：省财政 | 58
                     绩效目标 | 覆盖率 | 80% | 完成率 | 82% | 其他 | 5%
                     绩效指标 | {INDICATORS} | 指标值 | < | <
                     ^ | 产出 | 数量 | 场次 | 10 | < | <""")
    assert [found[2, column] for column in (3, 5, 7)] == ["money.budget", "money.received", "money.spent"]
    assert not {found.get((3, column), "") for column in (3, 5, 7)} & {"money.budget", "money.received", "money.spent"}


def test_a_row_that_numbers_the_columns_has_no_amounts() -> None:
    found = read("""资金 | 全年预算数 | 全年执行数 | 执行率
                    列次 | 1 | 2 | 3
                    年度资金总额 | 10 | 9 | 90%""")
    assert (2, 2) not in found
    assert found[3, 2] == "money.revised"


def test_a_grade_under_the_points_is_no_total() -> None:
    found = read("""指标名称 | 目标值 | 完成值 | 分值 | 得分
                    床位数 | 100张 | 100张 | 60 | 60
                    入住率 | 80% | 75% | 40 | 37.5
                    自评总分 | 97.5 | 自评等级 | 优 | <""")
    assert (found[4, 2], found[4, 4]) == ("total", "grade")


def test_a_list_of_projects_is_no_budget() -> None:
    assert not read("""项目支出绩效自评汇总表 | < | < | < | <
                       序号 | 项目名称 | 年初预算数 | 执行数 | 执行率
                       1 | 甲项目 | 10 | 9 | 90%
                       2 | 乙项目 | 20 | 20 | 100%""")


def test_what_stands_below_pairs_is_a_source_only_by_its_name() -> None:
    drawing = f"""项目资金 | 预算数 | 100 | 到位数 | 100
                  ^ | {{name}} | 60 | {{name}} | 60
                  绩效指标 | {INDICATORS} | 指标值
                  ^ | 产出 | 数量 | 场次 | 10"""
    assert read(drawing.format(name="其中：中央补助"))[2, 3] == "money.budget"
    assert (2, 3) not in {cell for cell, path in read(drawing.format(name="甲乙")).items() if path.startswith("money.")}


# ── monitoring ───────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name in NAMES if "_monitor_" in name])
def test_what_was_spent_until_a_month_is_never_what_was_spent(name: str) -> None:
    form = drawn(name)
    found = readings(read_forms(form.sheet))
    assert "money.so_far" in found.values()
    assert not {"money.spent", "money.execution", "indicator.actual"} & set(found.values())


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("name", [name for name in READABLE if "_monitor_" not in name])
def test_a_form_of_the_whole_year_has_nothing_of_a_month(name: str) -> None:
    found = readings(read_forms(drawn(name, closed=True).sheet))
    assert not [path for path in found.values() if ".so_far" in path or path.endswith(".expected")]


@pytest.mark.parametrize("months", ["1-7月", "1~7月", "1至6月", "1-9月份", "截至9月底", "截止6月末", "上半年"])
def test_months_are_known_however_they_are_written(months: str) -> None:
    assert ideas(f"{months}执行数")["money"] == "so_far"
    assert ideas(f"{months}执行率")["money"] == "so_far.execution"
    assert ideas(f"{months}完成情况")["indicator"] == "so_far"


# ── the head of a form ───────────────────────────────────


@pytest.mark.parametrize("words", ["单位：万元", "单位:元", "金额单位：万元", "(单位：万元)"])
def test_the_unit_of_money_is_no_unit_of_government(words: str) -> None:
    (form,) = read_forms(PaperSheet(f"{words} | | | \n{INDICATORS} | 指标值\n产出 | 数量 | 场次 | 10"))
    assert form.fields["texts.money_unit"] == (1, 1)
    assert "texts.unit" not in form.fields


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("采购金额（元）", "purchase"),
        ("主管科室", "office"),
        ("项目计划起止时间", "period"),
        ("联系人", "contact"),
        ("联系人及方式", "contact"),
        ("联系电话", "phone"),
        ("填报人", "filler"),
        ("项目类别", "category"),
        ("项目属性", "nature"),
        ("项目级次", "level"),
        ("市级主管部门", "department"),
        ("主管部门及代码", "department"),
        ("具体实施单位", "unit"),
        ("项目负责人及联系电话", "contact"),
        ("部门预算编码", "code"),
        ("金额单位", "money_unit"),
    ],
)
def test_the_head_of_a_form_is_known_by_its_labels(label: str, field: str) -> None:
    (form,) = read_forms(PaperSheet(f"项目名称 | 热线 | {label} | 甲\n{INDICATORS} | 指标值\n产出 | 数量 | 场次 | 10"))
    assert form.fields[f"texts.{field}"] == (1, 4)


@pytest.mark.parametrize(("name", "closed"), CASES)
def test_every_cell_has_a_role_and_no_number_is_a_label(name: str, closed: bool) -> None:
    form = drawn(name, closed=closed)
    known = roles(read_forms(form.sheet))
    first = min(row for row, _ in known)
    assert {cell for cell in form.sheet.filled() if cell[0] >= first} <= known.keys()
    assert not [cell for cell, role in known.items() if role == "label" and form.sheet.text(cell).isdecimal()]


RECOGNISED = {
    **dict.fromkeys(
        ["04_tangxi_entrusted", "05_tangxi_village", "11_xuancheng_drug", "51_tianchang_flood"], "national_2020"
    ),
    **dict.fromkeys(["38_xuancheng_earthquake"], "national_2020"),
    **dict.fromkeys(["15_xiaoxian_hexi", "17_suixi_relief"], "anhui"),
    **dict.fromkeys(["21_hengshan_grain", "22_suining_drug"], "transfer"),
    "01_zhongshan_hotline": "zhongshan_2022",
    "02_guangzhou_hotline": "guangzhou_2021",
    "06_lijiang_satellite": "yunnan",
    "08_qingshen_payroll": "sichuan",
    "12_huangshi_library": "hubei",
    "24_chongqing_media": "chongqing",
    "39_ningde_earthquake": "fujian",
}


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_printed_form_is_known_by_its_family_or_refused(name: str, closed: bool, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(drawn(name, closed=closed).sheet.workbook()))
    try:
        ((_, scheme, _),) = forms_of(Book(path.read_bytes()))
    except FormNotRecognised:
        scheme = None
    if scheme is None or name in RECOGNISED:
        assert (scheme.name if scheme else None) == RECOGNISED.get(name)
    if scheme is not None:
        try:
            forms = assess_file(path).forms
        except FormNotRecognised:
            assert name not in RECOGNISED
            return
        assert [checked.placement.cells for checked in forms]
