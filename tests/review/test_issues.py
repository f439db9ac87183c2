"""The list of issues: numbers live, a person's words stay, and what comes back is compared cell by cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import EXAMPLES
from reviewed import FAULTY, form, issues, review, typed
from workbook_tools.checks import CHECKS
from workbook_tools.commands.main import main
from workbook_tools.review.issue_book import open_issues
from workbook_tools.review.rules import asked_for, dimension, level_of, rules, title_of

MISSED, TOTAL = FAULTY
SHOULD_BE = "按办法应为 19.00（20 × 95.00%（190人 ÷ 200人）→ 19.00）"


def closed(folder: Path, answers: dict[str, dict[str, object]] | None = None) -> Path:
    """The list of issues of a review of one faulty form."""
    form(folder / "收到" / "甲.xlsx")
    main(["review", "close", str(review(folder / "收到", answers))])
    return folder / "问题清单.xlsx"


def number_of(folder: Path, title: str) -> str:
    (found,) = [number for number, line in issues(folder).items() if line["发现"] == title]
    return found


def again(folder: Path, changes: dict[str, str] | None = None) -> int:
    """The form comes back."""
    form(folder / "返回" / "改好.xlsx", changes=FAULTY if changes is None else changes)
    return main(["review", "again", str(folder / "返回"), "--issues", str(folder / "问题清单.xlsx")])


def states(folder: Path) -> dict[str, str]:
    return {str(line["发现"]): str(line["状态"]) for line in issues(folder).values()}


def edit(path: Path, number: str, **words: str) -> None:
    """Types into a line of the list."""
    workbook = load_workbook(path)
    sheet = workbook["问题清单"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "标记")
    columns = {str(cell.value): int(cell.column or 0) for cell in head}
    row = next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, columns["编号"]).value) == number)
    for name, value in words.items():
        sheet.cell(row, columns[name]).value = value
    workbook.save(path)


def test_every_issue_says_where_what_and_what_is_asked(tmp_path: Path) -> None:
    closed(tmp_path)
    line = issues(tmp_path)[number_of(tmp_path, "得分不符合办法")]
    assert (line["等级"], line["维度"], line["单位"], line["对象"]) == ("P0", "自评得分", "甲局", "公共服务项目")
    assert line["位置"] == "G10 培训人数 得分"
    assert line["事实及判定"] == f"填 20，{SHOULD_BE}"
    assert line["建议"]
    assert line["状态"] == "待整改"


def test_a_blank_rate_is_not_asked_to_be_filled_in_as_points(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", changes={"90 | 10 | 90.00% | 9": "90 | 10 | | 9"})
    main(["review", "close", str(review(tmp_path / "收到"))])
    (line,) = issues(tmp_path).values()
    assert (line["位置"], line["事实及判定"], line["建议"]) == ("G5 执行率", "没有填，应为 90.00%", "填写。")


@pytest.mark.slow
def test_the_list_is_headed_by_what_was_reviewed(tmp_path: Path) -> None:
    (tmp_path / "收到").mkdir()
    (tmp_path / "收到" / "坏.xlsx").write_bytes(b"PK")
    sheet = load_workbook(closed(tmp_path))["问题清单"]
    assert sheet["B2"].value == "复核范围：1 个项目，8 条指标，覆盖 50%（收到 2 份）"
    assert str(sheet["B3"].value).startswith("=")
    assert sheet.auto_filter.ref


def test_numbers_stay_when_a_review_is_closed_again_and_are_never_given_twice(tmp_path: Path) -> None:
    path = closed(tmp_path)
    before = issues(tmp_path)
    last = max(map(int, before))
    workbook = load_workbook(path)
    sheet = workbook["问题清单"]
    row = next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 2).value) == str(last))
    sheet.delete_rows(row)  # by a person
    workbook.save(path)
    main(["review", "close", str(tmp_path / "复核.xlsx")])
    after = issues(tmp_path)
    assert set(after) == {*map(str, range(1, last)), str(last + 1)}
    assert after[str(last + 1)]["事实及判定"] == before[str(last)]["事实及判定"]


def test_the_reviewer_decides_what_is_listed(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.1": {"处理": "不列入 R101"}})
    assert "没有完成，没有写原因" not in states(tmp_path)
    assert "得分不符合办法" in states(tmp_path)


@pytest.mark.slow
def test_what_the_reviewer_no_longer_lists_is_said_so_under_its_number(tmp_path: Path) -> None:
    path = closed(tmp_path)
    number = number_of(tmp_path, "没有完成，没有写原因")
    typed(tmp_path / "复核.xlsx", {"indicators.1": {"处理": "不列入"}})
    main(["review", "close", str(tmp_path / "复核.xlsx")])
    assert path.exists()
    assert issues(tmp_path)[number]["状态"] == "不列入"


OTHER_POINTS = {"indicators.1": {"复核得分": 12, "复核意见": "签到表只有 120 人"}}
CHANGED_POINTS = {"indicators.1": {"复核得分": 15, "复核意见": "补来了签到表，150 人"}}
OPINION = "复核得分和自评得分不同"


def close_again(folder: Path, answers: dict[str, dict[str, object]] | None = None) -> None:
    """The same review is closed once more, typed into again."""
    main(["review", "close", str(typed(folder / "复核.xlsx", answers or {}))])


def test_an_actual_value_that_the_reviewer_only_repeats_is_not_told_as_another(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.2": {"复核完成值": "96%", "复核意见": "请附检测报告"}})
    (fact,) = [str(line["事实及判定"]) for line in issues(tmp_path).values() if line["发现"] == "复核意见"]
    assert fact == "复核意见：请附检测报告"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("points", "status", "said"),
    [
        ("15", "已整改", "G10 原 “20”，现 “15”，和复核得分一样"),
        ("12", "待核对", "G10 原 “20”，现 “12”；请复核人核对"),
    ],
)
def test_the_list_says_what_the_review_says_now(points: str, status: str, said: str, tmp_path: Path) -> None:
    closed(tmp_path, OTHER_POINTS)
    number = number_of(tmp_path, OPINION)
    close_again(tmp_path, CHANGED_POINTS)
    assert number_of(tmp_path, OPINION) == number
    assert issues(tmp_path)[number]["事实及判定"] == "自评 20，复核 15；复核意见：补来了签到表，150 人"
    again(tmp_path, {MISSED: f"190人 | 20 | {points} |", TOTAL: FAULTY[TOTAL]})
    assert (issues(tmp_path)[number]["状态"], issues(tmp_path)[number]["复查情况"]) == (status, said)


@pytest.mark.slow
def test_words_that_a_person_changed_in_the_list_stay_when_the_review_says_otherwise(tmp_path: Path) -> None:
    path = closed(tmp_path, OTHER_POINTS)
    number = number_of(tmp_path, OPINION)
    edit(path, number, 事实及判定="请和复核组当面核对")
    for _ in range(2):
        close_again(tmp_path, CHANGED_POINTS)
        assert issues(tmp_path)[number]["事实及判定"] == "请和复核组当面核对"
    again(tmp_path, {MISSED: "190人 | 20 | 15 |", TOTAL: FAULTY[TOTAL]})
    assert issues(tmp_path)[number]["状态"] == "已整改"  # by the points given last


@pytest.mark.slow
def test_what_was_found_when_a_form_came_back_stays_when_the_review_is_closed_once_more(tmp_path: Path) -> None:
    closed(tmp_path)
    again(tmp_path, {"95% | 96% | 10 | 10 |": "95% | | 10 | 10 |"})
    number = number_of(tmp_path, "指标名称、指标值或完成值没有填")
    close_again(tmp_path)  # as for a form that came late
    assert issues(tmp_path)[number]["状态"] == "待整改"
    again(tmp_path, {})
    assert issues(tmp_path)[number]["状态"] == "已整改"


@pytest.mark.slow
def test_a_mended_issue_is_open_again_only_where_the_review_says_otherwise(tmp_path: Path) -> None:
    closed(tmp_path, OTHER_POINTS)
    number = number_of(tmp_path, OPINION)
    again(tmp_path, {MISSED: "190人 | 20 | 12 |", TOTAL: FAULTY[TOTAL]})
    close_again(tmp_path)  # as for a form that came late
    assert issues(tmp_path)[number]["状态"] == "已整改"
    close_again(tmp_path, CHANGED_POINTS)
    assert (issues(tmp_path)[number]["状态"], issues(tmp_path)[number]["复查情况"]) == ("待整改", None)


@pytest.mark.slow
def test_the_fault_of_a_row_that_was_put_in_is_not_taken_for_that_of_the_row_below(tmp_path: Path) -> None:
    closed(tmp_path)
    row, put_in = "| 数量指标 | 培训人数 | ≥200人 | 210人 | 20 | 20 |", "| 数量指标 | 培训期数 | ≥10期 | 9期 | 5 | 5 |"
    again(tmp_path, {row: f"{put_in}\n^ | ^ | 培训人数 | ≥200人 | 190人 | 15 | 15 |"})
    wrong = {str(line["位置"]): str(line["状态"]) for line in issues(tmp_path).values() if "不符合" in line["发现"]}
    assert wrong == {"G10 培训人数 得分": "部分整改", "G10 培训期数 得分": "待整改"}


@pytest.mark.slow
def test_other_points_of_the_reviewer_are_one_issue_and_not_two(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.1": {"复核得分": 12, "复核意见": "签到表只有 120 人"}})
    about = [line for line in issues(tmp_path).values() if str(line["位置"]).startswith("G10")]
    assert [(line["等级"], line["发现"], line["事实及判定"]) for line in about] == [
        ("P0", "复核得分和自评得分不同", "自评 20，复核 12；复核意见：签到表只有 120 人")
    ]


@pytest.mark.slow
def test_the_points_by_the_scheme_are_part_of_the_finding(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.1": {"复核得分": 19}})
    (line,) = [line for line in issues(tmp_path).values() if str(line["位置"]).startswith("G10")]
    assert line["事实及判定"] == f"填 20，{SHOULD_BE}；自评 20，复核 19"


# What the unit changed → what has become of “得分不符合办法”, and what its cell said and says.
RETURNED = {
    "nothing": (FAULTY, "未整改", f"G10 没有改：填 20，{SHOULD_BE}"),
    "the points": ({MISSED: "190人 | 20 | 19 |", TOTAL: "100 | 97 |"}, "已整改", "G10 原 “20”，现 “19”"),
    "the actual value": ({MISSED: "200人 | 20 | 20 |", TOTAL: "100 | 97 |"}, "已整改", "G10 原 “20”，现 “20”；查不出"),
    "to a fault of another kind": ({MISSED: "190人 | 20 | |", TOTAL: "100 | 97 |"}, "部分整改", "这一格现在是"),
    "the row is gone": ({"培训人数": "参训人次", **FAULTY}, "待核对", "找不到“培训人数”这一行"),
    "a row before it": (
        {
            "产出指标(50分) | 数量指标 | 培训人数": "产出指标(50分) | 数量指标 | 场次 | 5场 | 5场 | 0 | 0 |\n^ | ^ | 培训人数",
            **FAULTY,
        },
        "未整改",
        "G11 没有改",
    ),
}


@pytest.mark.slow
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(("changes", "status", "said"), RETURNED.values(), ids=RETURNED)
def test_what_has_become_of_an_issue(changes: dict[str, str], status: str, said: str, tmp_path: Path) -> None:
    closed(tmp_path)
    number = number_of(tmp_path, "得分不符合办法")
    again(tmp_path, changes)
    line = issues(tmp_path)[number]
    assert line["状态"] == status
    assert said in str(line["复查情况"])
    assert sum(one["发现"] == line["发现"] for one in issues(tmp_path).values()) == 1


@pytest.mark.slow
def test_a_changed_cell_with_the_same_fault_is_partly_mended(tmp_path: Path) -> None:
    closed(tmp_path)
    again(tmp_path, {MISSED: "190人 | 20 | 20 |", TOTAL: "100 | 96 |"})
    (line,) = [one for one in issues(tmp_path).values() if one["发现"] == "小计、总分不是各行之和"]
    assert line["状态"] == "部分整改"
    assert "原 “97”，现 “96”；改过，还是不对" in str(line["复查情况"])


def test_new_faults_get_new_numbers_and_the_old_keep_theirs(tmp_path: Path) -> None:
    closed(tmp_path)
    before = issues(tmp_path)
    again(tmp_path, {**FAULTY, "96% | 10 | 10 |": "≥96% | 10 | 10 |"})
    after = issues(tmp_path)
    assert {number: line["事实及判定"] for number, line in after.items() if number in before} == {
        number: line["事实及判定"] for number, line in before.items()
    }
    new = [line for number, line in after.items() if number not in before]
    assert [(line["发现"], line["状态"]) for line in new] == [(CHECKS["T101"].title, "待整改")]


@pytest.mark.slow
def test_what_the_reviewer_left_out_does_not_come_back_as_new(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.1": {"处理": "不列入"}})
    before = set(issues(tmp_path))
    again(tmp_path)
    assert set(issues(tmp_path)) == before


@pytest.mark.slow
def test_the_reviewers_points_settle_a_cell(tmp_path: Path) -> None:
    closed(tmp_path, {"indicators.1": {"复核得分": 12}})
    number = number_of(tmp_path, "复核得分和自评得分不同")
    again(tmp_path, {MISSED: "190人 | 20 | 12 |", TOTAL: "100 | 90 |"})
    assert issues(tmp_path)[number]["状态"] == "已整改"
    assert not [line for line in issues(tmp_path).values() if line["发现"] == "得分不符合办法"]


def test_what_a_person_typed_stays(tmp_path: Path) -> None:
    path = closed(tmp_path)
    number = number_of(tmp_path, "得分不符合办法")
    edit(path, number, 状态="已约谈", 备注="等财务科答复", 事实及判定="改写的话", 复查情况="电话核对过")
    again(tmp_path, {MISSED: "190人 | 20 | 19 |", TOTAL: "100 | 97 |"})
    line = issues(tmp_path)[number]
    said = [line[name] for name in ("状态", "备注", "事实及判定", "复查情况")]
    assert said == ["已约谈", "等财务科答复", "改写的话", "电话核对过"]


@pytest.mark.slow
def test_a_mended_fault_that_comes_back_is_open_again(tmp_path: Path) -> None:
    closed(tmp_path)
    number = number_of(tmp_path, "得分不符合办法")
    again(tmp_path, {MISSED: "190人 | 20 | 19 |", TOTAL: "100 | 97 |"})
    again(tmp_path)
    assert issues(tmp_path)[number]["状态"] == "未整改"


def test_a_line_that_a_person_added_is_named_in_a_letter_by_what_it_has(tmp_path: Path) -> None:
    path = closed(tmp_path)
    workbook = load_workbook(path)
    sheet = workbook["问题清单"]
    columns = {str(cell.value): int(cell.column or 0) for row in sheet.iter_rows() for cell in row if cell.value}
    added = {"编号": "补1", "单位": "甲局", "对象": "公共服务项目", "事实及判定": "没有附台账", "状态": "待整改"}
    row = sheet.max_row + 1
    for name, value in added.items():
        sheet.cell(row, columns[name]).value = value
    workbook.save(path)
    (lines,) = open_issues(path).values()
    assert lines[-1].sentence == "补1. 公共服务项目：没有附台账"


def test_a_form_that_is_not_there_is_not_returned(tmp_path: Path) -> None:
    closed(tmp_path)
    form(tmp_path / "返回" / "乙.xlsx", unit="乙局")
    assert main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")]) == 1
    assert set(states(tmp_path).values()) == {"未返回"}


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("甲局整改情况.docx", "待核对", "没有收到这个项目的表；另有 1 个文件没有读（甲局整改情况.docx）"),
        ("甲.pdf", "待核对", "没有收到这个项目的表；另有 1 个文件没有读（甲.pdf）"),  # as the form was called
        ("丙局整改情况.docx", "未返回", "没有收到这个项目的表"),
    ],
)
def test_a_unit_that_sent_something_else_is_not_said_to_have_sent_nothing(
    name: str, status: str, said: str, tmp_path: Path
) -> None:
    closed(tmp_path)
    form(tmp_path / "返回" / "乙.xlsx", unit="乙局")
    (tmp_path / "返回" / name).write_bytes(b"%PDF-1.4")
    main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")])
    assert {(line["状态"], line["复查情况"]) for line in issues(tmp_path).values() if line["单位"] == "甲局"} == {
        (status, said)
    }


def test_what_cannot_be_decided_is_left_to_a_person(tmp_path: Path) -> None:
    closed(tmp_path)
    for name in ("一.xlsx", "二.xlsx"):
        form(tmp_path / "返回" / name, changes={})
    main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")])
    assert set(states(tmp_path).values()) == {"待核对"}


@pytest.mark.slow
def test_a_unit_that_was_blank_is_known_by_its_file(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", unit="")
    main(["review", "close", str(review(tmp_path / "收到"))])
    (blank,) = [number for number, line in issues(tmp_path).items() if line["发现"] == CHECKS["F114"].title]
    form(tmp_path / "返回" / "甲.xlsx")
    main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")])
    assert issues(tmp_path)[blank]["状态"] == "已整改"
    assert "甲局" in issues(tmp_path)[blank]["复查情况"]


@pytest.mark.slow
def test_a_project_under_another_name_is_asked_about_until_its_file_says_which_it_is(tmp_path: Path) -> None:
    closed(tmp_path)
    number = number_of(tmp_path, "得分不符合办法")
    back = form(tmp_path / "返回" / "改好.xlsx", project="公共服务提升项目", changes={})
    command = ["review", "again", str(back.parent), "--issues", str(tmp_path / "问题清单.xlsx")]
    assert main(command) == 1
    line = issues(tmp_path)[number]
    assert line["状态"] == "待核对"
    assert (
        "这个单位另有“公共服务提升项目”（改好.xlsx），是这个项目改了名称的，请把文件名改成 甲.xlsx" in line["复查情况"]
    )
    back.rename(back.with_name("甲.xlsx"))
    assert main(command) == 0
    assert issues(tmp_path)[number]["状态"] == "已整改"


@pytest.mark.slow
def test_the_form_of_another_unit_is_not_taken_for_one_that_was_renamed(tmp_path: Path) -> None:
    closed(tmp_path)
    form(tmp_path / "返回" / "改好.xlsx", unit="乙局", changes={})
    main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")])
    assert set(states(tmp_path).values()) == {"未返回"}


@pytest.mark.slow
def test_an_issue_in_the_report_keeps_the_cell_of_its_sheet(tmp_path: Path) -> None:
    for folder in ("收到", "返回"):
        (tmp_path / folder).mkdir()
        shutil.copy(EXAMPLES / "guangzhou_12345_2021.xlsx", tmp_path / folder / "热线.xlsx")
    main(["review", "close", str(review(tmp_path / "收到"))])
    main(["review", "again", str(tmp_path / "返回"), "--issues", str(tmp_path / "问题清单.xlsx")])
    said = [(str(line["位置"]), str(line["复查情况"])) for line in issues(tmp_path).values()]
    in_report = [(place, found) for place, found in said if place.startswith("报告!")]
    assert len(in_report) == 2
    assert all(found.startswith(f"{place.split(' ')[0]} 没有改") for place, found in in_report)


@pytest.mark.slow
def test_a_form_read_by_another_scheme_is_not_judged(tmp_path: Path) -> None:
    closed(tmp_path)
    before = set(issues(tmp_path))
    form(tmp_path / "返回" / "甲.xlsx")
    issue_list = str(tmp_path / "问题清单.xlsx")
    main(["review", "again", str(tmp_path / "返回"), "--issues", issue_list, "--scheme", "general"])
    assert set(states(tmp_path).values()) == {"待核对"}
    assert set(issues(tmp_path)) == before


@pytest.mark.slow
def test_what_was_waived_does_not_come_back_as_new(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    waivers = tmp_path / "放行.csv"
    waivers.write_text("代码,位置,理由,姓名\nS101,,已同意,张三\n", "utf-8")
    main(["review", str(tmp_path / "收到"), "-o", str(tmp_path / "复核.xlsx"), "--waive", str(waivers)])
    main(["review", "close", str(tmp_path / "复核.xlsx")])
    before = set(issues(tmp_path))
    again(tmp_path)
    assert set(issues(tmp_path)) == before
    assert "得分不符合办法" not in states(tmp_path)


@pytest.mark.slow
def test_what_is_written_here_may_lie_among_the_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed(tmp_path)
    capsys.readouterr()
    assert main(["review", str(tmp_path), "-o", str(tmp_path / "又一次.xlsx")]) == 0
    assert "共 1 张表，0 个文件没有读" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "复核.xlsx")]) == 3
    assert "这是复核表，不是自评表" in capsys.readouterr().out


def test_another_workbook_is_no_list_of_issues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = form(tmp_path / "收到" / "甲.xlsx")
    assert main(["review", "again", str(tmp_path / "收到"), "--issues", str(other)]) == 3
    assert "不是 review close 写的问题清单" in capsys.readouterr().out


WORDS_OF_DEVELOPERS = ("workbook_tools", "fill_form", "--", ".toml", "ironcalc", "发送邮件时", "formulas")


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_what_is_asked_is_said_in_the_words_of_an_office(code: str) -> None:
    if level_of(code, CHECKS[code].level, "indicators.1.score"):
        said = title_of(code) + asked_for(code)
        assert asked_for(code)
        assert not [word for word in WORDS_OF_DEVELOPERS if word in said]


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_every_check_has_a_dimension(code: str) -> None:
    assert dimension(code)


@pytest.mark.parametrize(
    ("code", "field", "level"),
    [
        ("S101", "indicators.1.score", "P0"),
        ("R101", "indicators.1.reason", "P1"),
        ("T113", "indicators.1.kind", "P2"),
        ("S110", "indicators.1.weight", "P1"),
        ("S110", "groups.benefit", ""),  # its rows say so
        ("S112", "total", ""),  # not checked
        ("A101", "texts.audit", ""),  # the reviewing office fills in this section
        ("S107", "total", ""),  # only the evidence can tell
    ],
)
def test_what_is_listed_and_how_grave_it_is(code: str, field: str, level: str) -> None:
    assert level_of(code, CHECKS[code].level, field) == level


def test_every_rule_and_level_is_of_a_check_that_there_is() -> None:
    assert {code for rule in rules() for code in rule.codes} <= CHECKS.keys()
    assert all(rule.quote for rule in rules())


@pytest.mark.slow
def test_units_may_come_back_one_by_one(tmp_path: Path) -> None:
    for unit in ("甲局", "乙局"):
        form(tmp_path / "收到" / f"{unit}.xlsx", unit=unit)
    main(["review", "close", str(review(tmp_path / "收到"))])
    for number, unit in enumerate(("甲局", "乙局")):
        back = form(tmp_path / f"返回{number}" / f"{unit}.xlsx", unit=unit, changes={} if number else FAULTY)
        main(["review", "again", str(back), "--issues", str(tmp_path / "问题清单.xlsx")])
    found = {(str(line["单位"]), str(line["状态"])) for line in issues(tmp_path).values()}
    assert found == {("甲局", "未整改"), ("乙局", "已整改")}


@pytest.mark.slow
def test_a_wrong_name_changes_no_line_of_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed(tmp_path)
    again(tmp_path)
    listed = tmp_path / "问题清单.xlsx"
    before = listed.read_bytes()
    assert main(["review", "again", str(tmp_path / "返会"), "--issues", str(listed)]) == 3
    assert f"一张自评表都没有读到，{listed} 没有改动" in capsys.readouterr().out
    assert listed.read_bytes() == before


@pytest.mark.slow
def test_a_list_that_is_open_elsewhere_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed(tmp_path)
    (tmp_path / ".~lock.问题清单.xlsx#").write_text("", "utf-8")
    assert main(["review", "close", str(tmp_path / "复核.xlsx")]) == 3
    assert f"{tmp_path / '问题清单.xlsx'}：文件正在 LibreOffice 中打开" in capsys.readouterr().out
