"""A clean bill only where everything was looked at: what was not checked is listed, what can be added up is added up."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from correct import CORRECT, SICHUAN, checked
from paper import PaperSheet, drawn_book, example, type_into
from tables import records
from workbook_tools.assess import assess_file
from workbook_tools.checks.grades import usual_grades
from workbook_tools.commands.main import main
from workbook_tools.fill import read_and_score
from workbook_tools.reports.export import complete, finding_summary
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.template.workbook import workbook_bytes

ROW = "培训人数 | ≥200人 | 210人 | 20 | 20"
MORE = CORRECT.replace("就业率 | ≥60% | 66% | 15 | 15", "就业率 | ≥60% | 66% | 45 | 45")
BLANK_ROW = CORRECT.replace(ROW, "培训人数 | ≥200人 | 210人 | | ").replace("100 | 98", "100 | 78")
UNREAD_WEIGHT = CORRECT.replace(ROW, "培训人数 | ≥200人 | 210人 | 二十 | 20")
NO_MONEY = (
    CORRECT.replace("110 | 100 | 90 | 10 | 90.00% | 9", "| | | 10 | | 9")
    .replace("100 | 90 | 81 | - | 90% | -", "| | | - | | -")
    .replace("10 | 10 | 9 | - | | -", "| | | - | | -")
)
NO_ROWS = CORRECT.partition("产出指标(50分)")[0] + CORRECT[CORRECT.index("总分 |") :]
OUT_OF_RANGE = CORRECT.replace("达成预期指标 | 15 | 14", "达成预期指标 | 15 | 5").replace("100 | 98", "100 | 89")


def found(drawing: str, *codes: str, scheme: str = "national_2020") -> list[str]:
    """The findings of some codes in a drawn form, as `code field message`."""
    listed = checked(PaperSheet(drawing), scheme)
    return [f"{one.code} {one.at} {one.message}" for one in listed if one.code in codes]


# ── sums of what is printed, whatever the rules leave open ──

SUMS = [
    # a row out of its range is for a person to decide: the others are added up all the same
    (OUT_OF_RANGE.replace("100 | 89", "100 | 98"), "S102 total 填 98，表上各项相加应为 89.00（9 + 50 + 20 + 10）"),
    (UNREAD_WEIGHT.replace("100 | 98", "100 | 100"), "S102 total 填 100，表上各项相加应为 98.00（9 + 50 + 29 + 10）"),
    # a group without rows has earned nothing
    (
        "\n".join(line for line in CORRECT.splitlines() if "满意度" not in line),
        "S102 total 填 98，表上各项相加应为 88.00（9 + 50 + 29 + 0）",
    ),
    # what is filled in is more than the total already
    (
        MORE.replace(ROW, "培训人数 | ≥200人 | 210人 | 20 | "),
        "S102 total 填 98，表上填了的各项相加已有 108.00（9 + 30 + 59 + 10）",
    ),
    (
        MORE.replace(ROW, "培训人数 | ≥200人 | 210人 | | "),
        "W101 total 各行分值合计已有 110（还有 1 行没有读出），应为 100；请核对每行的分值",
    ),
    (
        BLANK_ROW.replace("| 100 | 78", "| 70 | 78"),
        "W107 counts.total.weight 填 70，各行分值合计已有 80",
    ),
]


@pytest.mark.parametrize(("drawing", "said"), SUMS)
def test_what_is_printed_is_added_up_even_where_a_row_is_open(drawing: str, said: str) -> None:
    assert said in found(drawing, "S102", "W101", "W107")


def test_a_sum_of_printed_figures_that_is_right_is_not_accused_for_a_row_that_is_open() -> None:
    assert found(OUT_OF_RANGE, "S102", "S112", "W101", "W107") == []
    assert found(BLANK_ROW, "S102", "W101", "W107") == []


def test_groups_without_weights_are_added_up_and_held_to_their_points() -> None:
    """180 points in the rows under a printed total of 100, in a form that prints the points of its groups only."""
    scheme, sheet = load_scheme("hubei"), example("hubei_huangshi_2022")
    cells = read_and_score(sheet, scheme)[0].cells
    for number in range(1, 9):
        type_into(sheet, cells[f"indicators.{number}.score"], "20")
    type_into(sheet, cells["total"], "100")
    messages = [finding.message for finding in checked(sheet, "hubei") if finding.code in ("S102", "S104")]
    assert "“产出指标(40分)”各行得分合计 80，超过 40 分；请核对各行的得分" in messages
    assert "填 100，表上各项相加应为 180.00（20 + 80 + 80 + 0）" in messages


# ── what was not checked ──

UNCHECKED = [
    (BLANK_ROW, ["S112 total 它依据的没有定下来：分值是空的，请填写"]),
    (UNREAD_WEIGHT, ["S112 indicators.1.score 它依据的没有定下来：分值写的是“二十”，无法读取分值，请填写"]),
    (NO_MONEY, ["S112 budget.execution.score 它依据的没有定下来：“全年预算数”是空的，请填写金额（没有就填 0）"]),
    (
        NO_ROWS,
        [
            "S112 total 它依据的没有定下来：产出指标没有在用的指标行，请填写；效益指标没有在用的指标行，请填写；满意度指标没有在用的指标行，请填写"
        ],
    ),
    (
        CORRECT.replace(ROW, f"{ROW[:-2]}").replace("100 | 98", "100 | 79"),
        ["S112 total 填 79，各项没有填齐，还不能相加；按办法应为 98.00"],
    ),
    (CORRECT, []),
]


@pytest.mark.parametrize(("drawing", "said"), UNCHECKED)
def test_what_could_not_be_checked_is_listed_with_the_reason(drawing: str, said: list[str]) -> None:
    assert found(drawing, "S112") == said


def test_what_is_told_as_an_error_is_not_listed_again() -> None:
    assert [one.partition(" ")[0] for one in found(OUT_OF_RANGE, "S110", "S112")] == ["S110"]


def test_a_blank_amount_that_a_rate_needs_is_an_error() -> None:
    assert found(NO_MONEY, "F115") == [
        "F115 budget.revised 没有填；请填写金额，没有就填 0",
        "F115 budget.spent 没有填；请填写金额，没有就填 0",
    ]
    assert found(CORRECT.replace("110 | 100 | 90 |", " | | |"), "F115") == []  # the sources tell it


# ── who is told ──

PARTLY = BLANK_ROW  # nothing wrong in what can be read, and somebody has looked at the blank row


@pytest.fixture
def partly(tmp_path: Path) -> Path:
    path = tmp_path / "甲" / "表.xlsx"
    path.parent.mkdir()
    workbook = PaperSheet(PARTLY).workbook()
    waivers = workbook.create_sheet("校验")
    for row in (("代码", "位置", "理由", "姓名"), ("S110", "", "财政局核定", "王五")):
        waivers.append(row)
    path.write_bytes(workbook_bytes(workbook))
    return path


def test_the_verdict_is_clean_only_where_all_was_checked(partly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(partly)]) == 0
    said = capsys.readouterr().out
    assert "未核对 S112  G17 总分：它依据的没有定下来：分值是空的，请填写" in said
    assert "没有查出错误，但有 1 处未核对" in said
    assert "没有错误" not in said


def test_a_general_scheme_never_says_that_there_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(drawn_book(SICHUAN))
    file = assess_file(path)
    assert finding_summary(file.forms[0]) == "没有查出错误，各行得分没有按办法核对"
    assert not complete(file)


def test_several_files_are_counted_apart(partly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (partly.parent / "乙.xlsx").write_bytes(drawn_book(CORRECT))
    assert main(["check", str(partly.parent)]) == 0
    assert (
        "共 2 个文件：0 个有错误，1 个没有错误，1 个没有查出错误、但没有全部核对，0 个没有处理"
        in capsys.readouterr().out
    )


def test_json_csv_page_and_copy_tell_it_too(partly: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, copy = tmp_path / "结果.html", tmp_path / "副本.xlsx"
    main(["check", str(partly), "--format", "json", "--html", str(page), "--review", str(copy)])
    form = json.loads(capsys.readouterr().out)[0]
    assert (form["errors"], form["unchecked"]) == (0, 1)
    assert [one["field"] for one in form["findings"] if one["level"] == "未核对"] == ["total"]
    text = page.read_text("utf-8")
    assert "未核对 1 处" in text
    assert "没有查出错误，但有 1 处未核对" in text
    assert len(re.findall(r'<td class="k u"[^>]*>未核对</td>', text)) == 1
    workbook = load_workbook(copy)
    assert [row[0].value for row in workbook["校验结果"].iter_rows(min_row=2)] == ["已放行", "未核对"]
    assert workbook["自评表"]["G17"].fill.fgColor.rgb == "00DDEBF7"
    main(["check", str(partly), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out[1:])))
    assert [(row["级别"], row["代码"]) for row in rows] == [("已放行", "S110"), ("未核对", "S112")]


def test_the_summary_counts_it_and_the_mail_says_it(
    partly: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "汇总表.xlsx"
    main(["summary", str(partly.parent), "-o", str(out)])
    (row,) = records(out, "汇总")
    assert (row["错误"], row["未核对"]) == (0, 1)
    capsys.readouterr()
    assert main(["send", str(partly), "--to", "a@example.cn", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "没有查出错误，但有 1 处未核对（不影响发送）" in said
    assert "未核对 S112  G17 总分：" in said


# ── the grade, where no bands are printed ──

GRADED = CORRECT + "绩效等级 | {} | < | < | < | < | < | <\n"
TOTAL = "100 | 98"


@pytest.mark.parametrize(
    ("total", "grade", "hinted"),
    [
        ("90.5", "良", True),
        ("90.5", "良好", True),
        ("90.5", "优", False),
        ("90", "优秀", False),
        ("89", "优", True),
        ("89.5", "优", False),  # between two bands: open
        ("89.5", "良", False),
        ("79.99", "中", False),
        ("60", "差", True),
        ("0", "差", False),
        ("101", "良", False),  # of no band
        ("98", "", False),
        ("98", "合格", False),  # a word of another scale
        ("没有", "良", False),
    ],
)
def test_a_grade_is_held_against_the_usual_bands_outside_of_their_gaps(total: str, grade: str, hinted: bool) -> None:
    drawing = GRADED.format(grade).replace(TOTAL, f"100 | {total}")
    assert bool(found(drawing, "S113")) is hinted
    assert found(drawing, "S103") == []


def test_the_hint_tells_whose_bands_they_are_not() -> None:
    said = "S113 grade 填“良”，90.5 分；表上没有印分数段，通常 90～100 分为“优”，请核对本地的规定"
    assert found(GRADED.format("良").replace(TOTAL, "100 | 90.5"), "S113") == [said]


def test_a_grade_in_the_row_of_the_total_is_looked_at_too() -> None:
    scheme, sheet = load_scheme("yunnan"), example("yunnan_lijiang_2020")
    cells = read_and_score(sheet, scheme)[0].cells
    type_into(sheet, cells["total"], "94")
    type_into(sheet, cells["texts.grade"], "良")
    assert [one.at for one in checked(sheet, "yunnan") if one.code == "S113"] == ["texts.grade"]


@pytest.mark.parametrize("scheme", ["zhongshan_2022", "guangzhou_department_2023"])
def test_a_scheme_with_bands_of_its_own_is_not_held_against_others(scheme: str) -> None:
    assert load_scheme(scheme).grades.steps
    sheet = example("zhongshan_12345_2022" if scheme.startswith("zhongshan") else scheme)
    cells = read_and_score(sheet, load_scheme(scheme))[0].cells
    type_into(sheet, cells["total"], "89.5")
    assert {one.code for one in checked(sheet, scheme)} & {"S113"} == set()


def test_the_usual_bands_are_those_of_their_quote() -> None:
    usual = usual_grades()
    quoted = re.findall(r"(.)\((\d+)-(\d+)分\)", usual["quote"])
    assert [(one["words"][0], one["from"], one["to"]) for one in usual["grade"]] == [
        (word, Decimal(low), Decimal(high)) for word, high, low in [(w, b, a) for w, a, b in quoted]
    ]
