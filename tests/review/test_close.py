"""Closing a review: totals by the form's own scheme beside the unit's, and sentences for what cannot be used."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from office import convert, needs_libreoffice
from places import EXAMPLES
from reviewed import form, issues, review, rows, typed
from workbook_tools.commands.main import fill_form, main


def summary(folder: Path) -> dict[str, dict[str, object]]:
    """The 复核汇总 by unit."""
    return rows(load_workbook(folder / "问题清单.xlsx")["复核汇总"], "单位")


def test_the_reviewed_total_stands_beside_the_units_own(tmp_path: Path) -> None:
    path = form(tmp_path / "收到" / "甲.xlsx")
    before = path.read_bytes()
    out = review(tmp_path / "收到", {"indicators.1": {"复核得分": 15, "复核意见": "少培训 10 人"}})
    assert main(["review", "close", str(out)]) == 0
    line = summary(tmp_path)["甲局"]
    assert (line["自评得分"], line["复核得分"], line["偏差"]) == (97, 93, -4)
    assert (
        line["主要原因"] == "培训人数扣 5 分（少培训 10 人）；自评总分填 97，各行自评得分算出来是 98"
    )  # 98 - 5 = 97 - 4
    assert path.read_bytes() == before


def test_a_difference_that_no_reviewer_made_has_its_reason(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={"100 | 98 |": "100 | 97 |"})
    main(["review", "close", str(review(tmp_path / "收到"))])
    line = summary(tmp_path)["甲局"]
    assert (line["偏差"], line["主要原因"]) == (1, "自评总分填 97，各行自评得分算出来是 98")


def test_without_any_word_of_the_reviewer_the_units_own_points_count(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={})
    assert main(["review", "close", str(review(tmp_path / "收到"))]) == 0
    line = summary(tmp_path)["甲局"]
    assert (line["自评得分"], line["复核得分"], line["偏差"], line["主要原因"]) == (98, 98, 0, None)
    assert issues(tmp_path) == {}


@pytest.mark.slow
def test_the_grade_follows_from_the_scheme_with_its_caps_and_deductions(tmp_path: Path) -> None:
    (tmp_path / "收到").mkdir()
    fill_form([str(EXAMPLES / "zhongshan_12345_2022.xlsx"), "-o", str(tmp_path / "收到" / "甲.xlsx"), "-q"])
    out = review(tmp_path / "收到", {"deductions.2": {"复核得分": -5, "复核意见": "没有按时报送"}})
    assert main(["review", "close", str(out)]) == 0
    (line,) = summary(tmp_path).values()
    assert (line["自评得分"], line["复核得分"], line["自评等级"], line["复核等级"]) == (94.66, 89.66, "优", "良")


VETO = "deductions.4"  # the row 一票否决扣分项 of the form of Zhongshan
QUOTE = "如有该项目自评绩效等级直接降级为“差”。"


def zhongshan(folder: Path, answers: dict[str, dict[str, object]]) -> int:
    """Closes a review of the form of Zhongshan: 94.66 points, 优; its first row has a weight of 13.33 and reached 100%."""
    path = folder / "收到" / "甲.xlsx"
    if not path.exists():
        path.parent.mkdir()
        fill_form([str(EXAMPLES / "zhongshan_12345_2022.xlsx"), "-o", str(path), "-q"])
        return main(["review", "close", str(review(path.parent, answers))])
    return main(["review", "close", str(typed(folder / "复核.xlsx", answers))])


# What the reviewer types → total and grade of the review, and how the main reason begins.
VETOES: dict[str, tuple[dict[str, dict[str, object]], tuple[object, ...]]] = {
    "it happened": (
        {VETO: {"复核完成值": "已发生", "复核意见": "不配合核查"}},
        (94.66, "差", "一票否决（不配合核查）"),
    ),
    "beside other points": (
        {VETO: {"复核完成值": "已发生", "复核意见": "不配合核查"}, "deductions.2": {"复核得分": -5}},
        (89.66, "差", "一票否决（不配合核查）；自评工作质量扣 5 分"),
    ),
    "nothing is chosen": ({VETO: {"复核意见": ""}}, (94.66, "优", None)),
    "it did not happen, as the unit says": ({VETO: {"复核完成值": "未发生扣分行为"}}, (94.66, "优", None)),
    "no points where none are given": ({VETO: {"复核得分": 0}}, (94.66, "优", None)),
}


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", VETOES)
def test_the_reviewer_decides_the_veto(name: str, tmp_path: Path) -> None:
    answers, said = VETOES[name]
    assert zhongshan(tmp_path, answers) == 0
    (line,) = summary(tmp_path).values()
    assert (line["复核得分"], line["复核等级"], line["主要原因"]) == said
    assert (line["自评得分"], line["自评等级"]) == (94.66, "优")
    listed = [line for line in issues(tmp_path).values() if line["发现"] == "一票否决"]
    if said[1] == "差":
        assert [(line["等级"], line["事实及判定"]) for line in listed] == [
            ("P0", "自评“未发生扣分行。”，复核“已发生”；复核意见：不配合核查")
        ]
        assert QUOTE in str(listed[0]["依据"])
        assert str(listed[0]["位置"]).endswith("一票否决")
    else:
        assert listed == []


@pytest.mark.slow
def test_a_veto_that_the_unit_declared_can_be_taken_back_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, path = tmp_path / "否决.csv", tmp_path / "收到" / "甲.xlsx"
    data.write_text(f"字段,内容\n{VETO}.rate,已发生\n", "utf-8")
    path.parent.mkdir()
    example = str(EXAMPLES / "zhongshan_12345_2022.xlsx")
    main(["fill", example, "--data", str(data), "--overwrite", "-o", str(path)])
    out = review(path.parent)
    row = rows(load_workbook(out).worksheets[1])[VETO]
    assert (row["自评完成值"], row["复核得分"]) == ("已发生", None)
    lists = [rule.formula1 for rule in load_workbook(out).worksheets[1].data_validations.dataValidation]
    assert '"未发生扣分行为,已发生"' in lists
    typed(out, {VETO: {"复核完成值": "未发生扣分行为"}})
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 1
    assert "和自评不一样；请在“复核意见”写明原因" in capsys.readouterr().out
    typed(out, {VETO: {"复核意见": "是别的项目的事"}})
    assert main(["review", "close", str(out)]) == 0
    (line,) = summary(tmp_path).values()
    assert (line["自评等级"], line["复核等级"], line["主要原因"]) == (
        "差",
        "优",
        "一票否决：未发生扣分行为（是别的项目的事）",
    )


@pytest.mark.slow
def test_a_veto_costs_the_grade_also_while_the_total_is_open(tmp_path: Path) -> None:
    path = tmp_path / "收到" / "甲.xlsx"
    path.parent.mkdir()
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", path)  # no points are filled in
    answers = {VETO: {"复核完成值": "已发生", "复核意见": "不配合核查"}}
    assert main(["review", "close", str(review(path.parent, answers))]) == 1
    (line,) = summary(tmp_path).values()
    assert (line["复核得分"], line["复核等级"]) == (None, "差")


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"复核完成值": "已发生"}, "“一票否决”选了“已发生”，和自评不一样；请在“复核意见”写明原因"),
        ({"复核完成值": "有问题", "复核意见": "不配合"}, "“一票否决”的复核完成值写的是“有问题”；发生了的"),
        ({"复核得分": -30, "复核意见": "不配合"}, "“一票否决”不填分数；发生了的，在“复核完成值”选“已发生”"),
    ],
)
def test_a_veto_is_never_guessed(
    answer: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert zhongshan(tmp_path, {VETO: answer}) == 1
    assert f" 第 17 行：{said}" in capsys.readouterr().out
    assert not (tmp_path / "问题清单.xlsx").exists()


def test_a_scheme_without_a_veto_has_no_place_for_one(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    sheet = load_workbook(review(tmp_path / "收到")).worksheets[1]
    assert not [cell for row in sheet.iter_rows() for cell in row if "一票否决" in str(cell.value)]


@pytest.mark.slow
def test_the_unit_that_says_so_itself_has_mended_the_veto(tmp_path: Path) -> None:
    assert zhongshan(tmp_path, {VETO: {"复核完成值": "已发生", "复核意见": "不配合核查"}}) == 0
    (number,) = [number for number, line in issues(tmp_path).items() if line["发现"] == "一票否决"]
    for said, status in (("未发生扣分行为", "待核对"), ("已发生", "已整改")):
        data = tmp_path / "改正.csv"
        data.write_text(f"字段,内容\n{VETO}.rate,{said}\n", "utf-8")
        back = tmp_path / "返回" / "甲.xlsx"
        back.parent.mkdir(exist_ok=True)
        main(["fill", str(tmp_path / "收到" / "甲.xlsx"), "--data", str(data), "--overwrite", "-o", str(back)])
        main(["review", "again", str(back.parent), "--issues", str(tmp_path / "问题清单.xlsx")])
        assert issues(tmp_path)[number]["状态"] == status


# Points and actual value that the reviewer types into a row of 13.33 that reached 100% → what is said, "" where it is taken.
BEYOND: dict[str, tuple[dict[str, object], str]] = {
    "the weight": ({"复核得分": 13.33}, ""),
    "more than the rate gives": ({"复核得分": 13.34}, "的复核得分 13.34 不在 0～13.33 之间（超过权重的，按完成率算"),
    "what another actual value gives": ({"复核得分": 16, "复核完成值": "120"}, ""),
    "more than it gives": ({"复核得分": 16.01, "复核完成值": "120"}, "不在 0～16 之间"),
    "more than the group has": ({"复核得分": 40.01, "复核完成值": "900"}, "不在 0～40 之间"),
    "words that make no rate": ({"复核得分": 14, "复核完成值": "做得很好"}, "不在 0～13.33 之间"),
}


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", BEYOND)
def test_more_points_than_the_weight_need_a_rate_that_gives_them(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, said = BEYOND[name]
    assert zhongshan(tmp_path, {"indicators.1": answer}) == (1 if said else 0)
    assert said in capsys.readouterr().out


def test_what_a_person_judges_never_earns_more_than_its_weight(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "定性.csv"
    data.write_text("字段,内容\nindicators.1.target,场次达到 114 次，话务量达到 175560 次\n", "utf-8")
    path = tmp_path / "收到" / "甲.xlsx"
    path.parent.mkdir()
    example = str(EXAMPLES / "zhongshan_12345_2022.xlsx")
    main(["fill", example, "--data", str(data), "--overwrite", "-o", str(path)])
    answers = {"indicators.1": {"复核得分": 20, "复核完成值": "200"}}
    out = review(path.parent, answers)
    assert rows(load_workbook(out).worksheets[1])["indicators.1"]["最多"] == 13.33
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 1
    assert "“数量指标”的复核得分 20 不在 0～13.33 之间；请改正" in capsys.readouterr().out


@pytest.mark.slow
def test_what_the_total_waits_for_is_told_by_its_cause(tmp_path: Path) -> None:
    satisfied = "满意度指标(10分) | 服务对象满意度指标 | 满意度 | ≥90% | 95% | 10 | 10 |"
    form(tmp_path / "收到" / "甲.xlsx", changes={satisfied: satisfied.replace("10 | 10", "二十 | ")})
    assert main(["review", "close", str(review(tmp_path / "收到", {"indicators.7": {"复核得分": 9}}))]) == 0
    form(tmp_path / "收" / "甲.xlsx", changes={f"{satisfied}\n": ""})
    out = tmp_path / "另.xlsx"
    main(["review", str(tmp_path / "收"), "-o", str(out)])
    assert main(["review", "close", str(out), "-o", str(tmp_path / "另")]) == 1
    assert summary(tmp_path / "另")["甲局"]["主要原因"] == "复核总分没有定下来：满意度指标没有在用的指标行，请填写"


def test_points_that_nobody_gave_leave_the_total_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={"210人 | 20 | 20 |": "210人 | 20 | |"})
    assert main(["review", "close", str(review(tmp_path / "收到"))]) == 1
    assert "1 张表的复核总分没有定下来" in capsys.readouterr().out
    line = summary(tmp_path)["甲局"]
    assert (line["复核得分"], line["偏差"]) == (None, None)
    assert "培训人数的自评得分不能采用，请填复核得分" in str(line["主要原因"])


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"indicators.1": {"复核得分": 21}}, "“培训人数”的复核得分 21 不在 0～20 之间"),
        ({"indicators.1": {"复核得分": -1}}, "“培训人数”的复核得分 -1 不在 0～20 之间"),
        ({"indicators.1": {"复核得分": "扣5分"}}, "“培训人数”的复核得分写的是“扣5分”，不是数"),
        ({"indicators.1": {"复核完成值": "180人"}}, "填了复核完成值“180人”，没有填复核得分"),
        ({"indicators.1": {"自评得分": 15}}, "第 8 行的“自评得分”改成了“15”（自评是 20）；复核得分请填在黄色格"),
        ({"indicators.2": {"备注": "少了签到表"}}, "第 9 行的“备注”写了字；意见请写在“复核意见”，备注请改回来"),
        (
            {"indicators.1": {"备注": "签到表只有 120 人"}},
            "第 8 行的“备注”写了字；意见请写在“复核意见”",
        ),  # over remarks
        ({"form": {"备注": "按时报送"}}, "的“备注”写了字；意见请写在“复核意见”"),
        ({"indicators.1": {"标记": "indicators.2"}}, "和另一行重复"),
        ({"indicators.1": {"标记": "", "复核得分": 3}}, "是新加的，不知道是哪个指标的"),
        ({"indicators.1": {"标记": ""}}, "少了“培训人数”一行"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_cell_and_nothing_is_written_for_that_form(
    answers: dict[str, dict[str, object]], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    form(tmp_path / "收到" / "乙.xlsx", unit="乙局")
    out = review(tmp_path / "收到")
    number = 1 if "乙局" not in str(load_workbook(out).worksheets[1]["D2"].value) else 2
    typed(out, answers, number)
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 1
    shown = capsys.readouterr().out
    assert said in shown
    assert "00" in shown.splitlines()[0]  # the sheet
    assert list(summary(tmp_path)) == ["乙局"]
    assert {line["单位"] for line in issues(tmp_path).values()} == {"乙局"}
    assert [path.name for path in (tmp_path / "整改通知").iterdir()] == ["整改通知 乙局.docx"]


def sort_rows(sheet: Worksheet) -> None:
    """Turns the rows below the headings upside down, as sorting does."""
    first = next(row[0].row for row in sheet.iter_rows() if row[0].value == "标记") + 1
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first)]
    for number, line in enumerate(reversed(lines), first):
        for column, value in enumerate(line, 1):
            sheet.cell(number, column).value = value


def insert_rows(sheet: Worksheet) -> None:
    sheet.insert_rows(9, 2)
    sheet.insert_rows(1, 1)


def insert_column(sheet: Worksheet) -> None:
    sheet.insert_cols(6, 1)


@pytest.mark.slow
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("change", [sort_rows, insert_rows, insert_column])
def test_sorting_and_inserting_change_nothing(change: object, tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = review(tmp_path / "收到", {"indicators.1": {"复核得分": 15, "复核意见": "少培训"}})
    workbook = load_workbook(out)
    change(workbook.worksheets[1])  # type: ignore[operator]
    workbook.save(out)
    assert main(["review", "close", str(out)]) == 0
    assert summary(tmp_path)["甲局"]["复核得分"] == 93


@pytest.mark.slow
@needs_libreoffice
def test_a_save_by_libreoffice_changes_nothing(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    answers: dict[str, dict[str, object]] = {
        "indicators.1": {"复核得分": 15.5, "复核意见": "少培训"},
        "indicators.2": {"处理": "不列入"},
    }
    out = review(tmp_path / "收到", answers)
    shutil.copy(convert([out], tmp_path / "lo")["复核"], out)
    assert main(["review", "close", str(out)]) == 0
    assert summary(tmp_path)["甲局"]["复核得分"] == 93.5
    before = {number: line["事实及判定"] for number, line in issues(tmp_path).items()}
    book = tmp_path / "问题清单.xlsx"
    shutil.copy(convert([book], tmp_path / "lo2")["问题清单"], book)
    assert main(["review", "close", str(out)]) == 1  # the notice is there and stays
    assert {number: line["事实及判定"] for number, line in issues(tmp_path).items()} == before


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"PK"), "不是"),
        (lambda path: shutil.copy(EXAMPLES / "hebei_example.xlsx", path), "不是 workbook_tools review 生成的复核表"),
        (lambda path: path.unlink(), "找不到这个文件"),
    ],
)
def test_a_damaged_or_foreign_book_is_one_sentence(
    make: object, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = review(tmp_path / "收到")
    make(out)  # type: ignore[operator]
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 3
    shown = capsys.readouterr().out
    assert len(shown.strip().splitlines()) == 1
    assert "复核.xlsx" in shown
    assert said in shown
    assert not (tmp_path / "问题清单.xlsx").exists()


def test_a_form_that_was_changed_after_the_review_was_made_is_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = review(tmp_path / "收到")
    form(tmp_path / "收到" / "甲.xlsx", changes={})
    assert main(["review", "close", str(out)]) == 1
    assert "自评表在生成复核表以后改过" in capsys.readouterr().out
    assert not (tmp_path / "问题清单.xlsx").exists()


@pytest.mark.slow
def test_two_reviews_of_one_project_are_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("甲.xlsx", "甲重报.xlsx"):
        form(tmp_path / "收到" / name)
    form(tmp_path / "收到" / "乙.xlsx", unit="乙局")
    assert main(["review", "close", str(review(tmp_path / "收到"))]) == 1
    assert "“甲局”的“公共服务项目”有 2 张复核表（甲.xlsx、甲重报.xlsx）" in capsys.readouterr().out
    assert list(summary(tmp_path)) == ["乙局"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"处理": "删掉"}, "的“处理”写的是“删掉”；请选“列入”或“不列入”"),
        ({"处理": "列入吗"}, "的“处理”写的是“列入吗”"),
        ({"处理": "不列入 吧"}, "的“处理”写的是“不列入 吧”"),
        ({"复核意见": "=1+1"}, "的“复核意见”是公式，没有算出结果"),
    ],
)
def test_an_action_that_is_none_and_a_formula_without_a_result_are_not_guessed(
    answers: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    out = review(tmp_path / "收到", {"indicators.1": answers})
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 1
    assert said in capsys.readouterr().out
    assert not (tmp_path / "问题清单.xlsx").exists()


# What is typed into a row, and into the row of a finding: how many issues it makes, and what is said of those it does not.
UNLISTED: dict[str, tuple[str, dict[str, object], int, str]] = {
    "an opinion": ("indicators.2", {"复核意见": "看过材料"}, 1, ""),
    "an opinion that is not to be listed": (
        "indicators.2",
        {"处理": "不列入", "复核意见": "看过材料"},
        0,
        "第 9 行“合格率”：复核意见“看过材料”",
    ),
    "points that are not to be listed": (
        "indicators.2",
        {"处理": " 不列入 ", "复核得分": 1},
        0,
        "第 9 行“合格率”：复核得分 1",
    ),
    "one finding that is not": ("indicators.2", {"处理": "不列入 S101", "复核意见": "看过材料"}, 1, ""),
    "an opinion on the whole form": ("form", {"复核意见": "按时报送"}, 1, ""),
    "a note on the whole form": ("form", {"处理": "不列入", "复核意见": "我自己记的"}, 0, "：复核意见“我自己记的”"),
}


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", UNLISTED)
def test_what_is_not_to_be_listed_makes_no_issue_and_is_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark, answer, count, said = UNLISTED[name]
    form(tmp_path / "收到" / "甲.xlsx", changes={})
    out = review(tmp_path / "收到", {mark: answer})
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 0
    told = capsys.readouterr().out
    assert len(issues(tmp_path)) == count
    assert ("没有列入问题清单：" in told) == (not count)
    assert said in told


def test_what_is_said_of_a_finding_that_is_usually_not_listed_lists_it(tmp_path: Path) -> None:
    goal = "年度总体目标 | < | < | < | < | < | < | <"
    path = form(tmp_path / "收到" / "甲.xlsx", changes={goal: f"{goal}\n另行说明 | 见附件 | | | | | 77 |"})
    listed = rows(load_workbook(review(path.parent)).worksheets[1])
    mark = next(mark for mark, line in listed.items() if "未核对" in str(line["备注"]))
    assert main(["review", "close", str(tmp_path / "复核.xlsx")]) == 0
    assert issues(tmp_path) == {}
    typed(tmp_path / "复核.xlsx", {mark: {"复核意见": "请写明 77 是什么"}})
    assert main(["review", "close", str(tmp_path / "复核.xlsx")]) == 0
    assert [str(line["事实及判定"]).endswith("复核意见：请写明 77 是什么") for line in issues(tmp_path).values()] == [
        True
    ]


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("action", ["不列入 R101", "不列入 R101、S101", "不列入　r101", "列入", "不列入", ""])
def test_what_can_be_chosen_is_taken(action: str, tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    assert main(["review", "close", str(review(tmp_path / "收到", {"indicators.1": {"处理": action}}))]) == 0


@pytest.fixture
def three_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A review whose forms did not fit into one workbook: 2, 2 and 1 of them."""
    monkeypatch.setattr("workbook_tools.review.workbook.MOST_FORMS", 2)
    for number in range(5):
        form(tmp_path / "收到" / f"{number}.xlsx", unit=f"第{number}局")
    review(tmp_path / "收到")
    return [tmp_path / "复核.xlsx", tmp_path / "复核_2.xlsx", tmp_path / "复核_3.xlsx"]


def scope(folder: Path) -> str:
    """What was reviewed, as the list of issues says it."""
    return str(load_workbook(folder / "问题清单.xlsx")["问题清单"].cell(2, 2).value)


@pytest.mark.slow
def test_of_several_workbooks_none_is_forgotten(
    three_books: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = three_books
    capsys.readouterr()
    assert main(["review", "close", str(second)]) == 1
    said = capsys.readouterr().out
    assert f"同一次复核还有 {first}（2 份）、{third}（1 份）" in said
    assert "覆盖 40%（收到 5 份）" in scope(tmp_path)
    assert main(["review", "close", str(first)]) == 1
    assert "覆盖 80%（收到 5 份）" in scope(tmp_path)
    capsys.readouterr()
    assert main(["review", "close", str(third)]) == 1  # the notices that are there are kept, and it says so
    assert "同一次复核还有" not in capsys.readouterr().out
    assert "覆盖 100%（收到 5 份）" in scope(tmp_path)


@pytest.mark.slow
def test_a_folder_stands_for_all_the_reviews_in_it(
    three_books: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(EXAMPLES / "hebei_example.xlsx", tmp_path / "别的表.xlsx")
    (tmp_path / "~$复核.xlsx").write_bytes(b"open elsewhere")
    capsys.readouterr()
    assert main(["review", "close", str(tmp_path)]) == 0
    assert "同一次复核还有" not in capsys.readouterr().out
    assert "覆盖 100%（收到 5 份）" in scope(tmp_path)
    data = three_books[1].read_bytes()
    three_books[1].write_bytes(data[: len(data) // 2])
    assert main(["review", "close", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{three_books[1]}：")
    assert f"同一次复核还有 {three_books[1]}（无法读取）" in said


def copies(folder: Path, one: dict[str, object], other: dict[str, object]) -> list[str]:
    """The same review of two forms as two reviewers filled it in: each has a copy."""
    for unit in ("甲局", "乙局"):
        form(folder / "收到" / f"{unit}.xlsx", unit)
    out = review(folder / "收到")
    made = []
    for name, answers in (("张.xlsx", one), ("李.xlsx", other)):
        path = folder / name
        shutil.copy(out, path)
        for unit, said in answers.items():
            number = next(
                number for number, sheet in enumerate(load_workbook(path).worksheets) if unit in str(sheet["D2"].value)
            )
            typed(path, said, number)  # type: ignore[arg-type]
        made.append(str(path))
    out.unlink()
    return made


def points(given: object) -> dict[str, dict[str, object]]:
    return {"indicators.1": {"复核得分": given}}


@pytest.mark.slow
def test_copies_of_two_reviewers_are_joined_by_what_each_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = copies(tmp_path, {"甲局": points(15)}, {"乙局": points(10)})
    capsys.readouterr()
    assert main(["review", "close", *given]) == 0
    assert [summary(tmp_path)[unit]["复核得分"] for unit in ("甲局", "乙局")] == [93, 88]
    assert "覆盖 100%（收到 2 份）" in scope(tmp_path)


@pytest.mark.slow
def test_a_form_that_two_reviewers_filled_in_alike_is_taken_once(tmp_path: Path) -> None:
    given = copies(tmp_path, {"甲局": points(15)}, {"甲局": points(15)})
    assert main(["review", "close", *given]) == 0
    assert summary(tmp_path)["甲局"]["复核得分"] == 93


@pytest.mark.slow
def test_a_form_that_two_reviewers_filled_in_differently_is_asked_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = copies(tmp_path, {"甲局": points(15)}, {"甲局": points(16)})
    capsys.readouterr()
    assert main(["review", "close", *given]) == 1
    said = capsys.readouterr().out.splitlines()[0]
    assert said.startswith("收到/甲局.xlsx 的复核表有 2 份都填了（张.xlsx“00")
    assert "，第 8 行不一样，不知道按哪一份；请合到一份里，删去别的，再运行一次" in said
    assert list(summary(tmp_path)) == ["乙局"]


def without_first_column(sheet: Worksheet) -> None:
    sheet.delete_cols(1)


def without_head(sheet: Worksheet) -> None:
    sheet.delete_rows(1, 3)


def without_a_name(sheet: Worksheet) -> None:
    next(cell for row in sheet.iter_rows() for cell in row if cell.value == "复核得分").value = "复核分"


@pytest.mark.slow
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("damage", [without_first_column, without_head, without_a_name])
def test_a_sheet_that_is_no_longer_known_costs_itself_and_is_told(
    damage: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for unit in ("甲局", "乙局"):
        form(tmp_path / "收到" / f"{unit}.xlsx", unit)
    out = review(tmp_path / "收到")
    book = load_workbook(out)
    sheet = next(sheet for sheet in book.worksheets if "甲局" in str(sheet["D2"].value))
    damage(sheet)  # type: ignore[operator]
    book.save(out)
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 1
    said = capsys.readouterr().out
    assert f"{out}：工作表“{sheet.title}”不是 workbook_tools review 生成的复核表" in said
    assert "收到/甲局.xlsx：“复核汇总”上有，没有读到它的复核表，没有汇总" in said
    assert list(summary(tmp_path)) == ["乙局"]
    assert "覆盖 50%（收到 2 份）" in scope(tmp_path)


@pytest.mark.slow
def test_a_sheet_that_was_deleted_is_told_and_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for unit in ("甲局", "乙局"):
        form(tmp_path / "收到" / f"{unit}.xlsx", unit)
    out = review(tmp_path / "收到")
    book = load_workbook(out)
    del book[next(sheet.title for sheet in book.worksheets if "甲局" in str(sheet["D2"].value))]
    book["复核汇总"].title = "汇总"
    book.save(out)
    capsys.readouterr()
    assert main(["review", "close", str(out)]) == 0
    assert "收到/甲局.xlsx：“复核汇总”上有，没有读到它的复核表" in capsys.readouterr().out
    assert "覆盖 50%（收到 2 份）" in scope(tmp_path)


def test_points_of_a_formula_are_rounded_as_the_form_rounds_them(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    assert main(["review", "close", str(review(tmp_path / "收到", points(18.934)))]) == 0
    (line,) = [line for line in issues(tmp_path).values() if line["发现"] == "复核得分和自评得分不同"]
    assert line["事实及判定"] == "自评 20，复核 18.93"
    assert summary(tmp_path)["甲局"]["复核得分"] == 96.93


def test_a_folder_without_a_review_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    assert main(["review", "close", str(tmp_path / "收到")]) == 3
    assert (
        capsys.readouterr().out == f"{tmp_path / '收到'}：这个文件夹里没有复核表（子文件夹不看）；请写复核表的文件名\n"
    )


@pytest.mark.slow
def test_all_the_workbooks_together_are_complete_also_under_other_names(
    three_books: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = [path.rename(path.with_name(f"张三 {path.name}")) for path in three_books]
    capsys.readouterr()
    assert main(["review", "close", *map(str, renamed)]) == 0
    assert "同一次复核还有" not in capsys.readouterr().out
    assert "覆盖 100%（收到 5 份）" in scope(tmp_path)


@pytest.mark.slow
def test_a_workbook_that_is_gone_is_named_and_nothing_is_called_complete(
    three_books: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    three_books[1].unlink()
    capsys.readouterr()
    assert main(["review", "close", str(three_books[0])]) == 1
    assert f"{three_books[1]}（没有找到）" in capsys.readouterr().out
    assert scope(tmp_path).startswith("复核范围：2 个项目")
    assert "覆盖" not in scope(tmp_path)


def test_the_command_that_follows_can_be_typed_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    monkeypatch.chdir(tmp_path)
    main(["review", "收到", "-o", "我的 复核！.xlsx"])
    printed = capsys.readouterr().out.split("workbook_tools ", 1)[1]
    assert main(shlex.split(printed)) == 0


def test_a_folder_that_is_not_there_is_said_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    assert main(["review", str(tmp_path / "收到"), "-o", str(tmp_path / "没有" / "复核.xlsx")]) == 2
    assert f"{tmp_path / '没有'}：没有这个文件夹" in capsys.readouterr().out


def test_a_praise_of_the_whole_form_need_not_become_an_issue(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={})
    out = review(tmp_path / "收到", {"form": {"复核意见": "总体较好"}})
    sheet = load_workbook(out).worksheets[1]
    row = next(cells for cells in sheet.iter_rows() if cells[0].value == "form")
    at = next(cell.column for cells in sheet.iter_rows() for cell in cells if cell.value == "处理")
    cell = row[at - 1]
    assert cell.fill.fgColor.rgb == row[at].fill.fgColor.rgb, "as yellow as that of the opinion"
    [rule] = [rule for rule in sheet.data_validations.dataValidation if cell.coordinate in rule.sqref]
    assert "不列入" in str(rule.formula1)
    typed(out, {"form": {"处理": "不列入"}})
    assert main(["review", "close", str(out)]) == 0
    assert issues(tmp_path) == {}
