"""What was given to forms in a review, as a list: review and summary take it, review close writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import EXAMPLES
from reviewed import form, issues, review, rows, sheet_of
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import read_book

LIST = '文件,审核分数,核定等级,审核意见\n甲.xlsx,90,良,"=1+1\n第二行"\n'


def graded(folder: Path) -> Path:
    """A folder with a form whose scheme has grades; its own total is 94.66, 优."""
    (folder / "收到").mkdir()
    fill_form([str(EXAMPLES / "zhongshan_12345_2022.xlsx"), "-o", str(folder / "收到" / "甲.xlsx"), "-q"])
    return folder / "收到"


def given(folder: Path, words: str = LIST) -> Path:
    """A list of results beside the forms."""
    path = folder / "审核结果.csv"
    path.write_text(words, "utf-8")
    return path


def whole(folder: Path, words: str = LIST) -> dict[str, object]:
    """The row of the whole form in a review that was made with a list."""
    form(folder / "收到" / "甲.xlsx")
    arguments = [
        "review",
        str(folder / "收到"),
        "-o",
        str(folder / "复核.xlsx"),
        "--results",
        str(given(folder, words)),
    ]
    assert main(arguments) == 0
    return rows(sheet_of(folder / "复核.xlsx"))["form"]


def summary(folder: Path) -> dict[str, object]:
    """The only form in the 复核汇总."""
    [row] = rows(load_workbook(folder / "问题清单.xlsx")["复核汇总"], "单位").values()
    return row


def test_what_was_given_already_stands_in_the_row_of_the_whole_form(tmp_path: Path) -> None:
    row = whole(tmp_path)
    assert (row["自评得分"], row["复核得分"], row["复核完成值"], row["复核意见"]) == (97, 90, "良", "=1+1\n第二行")


def test_without_a_list_the_row_of_the_whole_form_is_blank(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    row = rows(sheet_of(review(tmp_path / "收到")))["form"]
    assert (row["复核得分"], row["复核完成值"], row["复核意见"]) == (None, None, None)


@pytest.mark.slow
def test_the_total_of_the_whole_form_counts_and_the_grade_follows(tmp_path: Path) -> None:
    graded(tmp_path)
    assert main(["review", "close", str(review(tmp_path / "收到", {"form": {"复核得分": 85}}))]) == 0
    row = summary(tmp_path)
    assert (row["复核得分"], row["复核等级"]) == (85, "良")
    assert "复核人给的总分 85" in str(row["主要原因"])
    assert any("自评总分 94.66，复核 85" in str(issue["事实及判定"]) for issue in issues(tmp_path).values())


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ({"复核得分": 85}, [("P0", "自评总分 94.66，复核 85")]),
        ({"复核得分": 95, "复核完成值": "良"}, [("P0", "自评总分 94.66，复核 95；自评等级 优，复核 良")]),
        ({"复核完成值": "良"}, [("P0", "自评等级 优，复核 良")]),  # without a word: the unit is told all the same
        ({"复核得分": 94.66, "复核完成值": "优"}, []),
        ({"复核得分": 94.66, "复核意见": "材料齐全"}, [("P1", "材料齐全")]),
    ],
)
def test_what_differs_for_the_whole_form_is_listed_by_what_it_costs(
    said: dict[str, object], listed: list[tuple[str, str]], tmp_path: Path
) -> None:
    graded(tmp_path)
    main(["review", "close", str(review(tmp_path / "收到", {"form": said}))])
    about = [issue for issue in issues(tmp_path).values() if issue["位置"] == "整张表"]
    assert [(str(issue["等级"]), str(issue["事实及判定"])) for issue in about] == listed


def test_a_grade_that_the_reviewer_gives_stands(tmp_path: Path) -> None:
    graded(tmp_path)
    assert (
        main(["review", "close", str(review(tmp_path / "收到", {"form": {"复核得分": 95, "复核完成值": "良"}}))]) == 0
    )
    assert (summary(tmp_path)["复核得分"], summary(tmp_path)["复核等级"]) == (95, "良")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"复核得分": 101}, "“整张表”的复核得分 101 不在 0～100 之间"),
        ({"复核得分": -1}, "“整张表”的复核得分 -1 不在 0～100 之间"),
        ({"复核得分": "很好"}, "“整张表”的复核得分写的是“很好”，不是数"),
        ({"复核完成值": "一等"}, "“整张表”的复核等级“一等”不是这个评分办法的等级（优、良、中、差）"),
    ],
)
def test_what_the_whole_form_cannot_get_is_named(
    said: dict[str, object], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(tmp_path)
    assert main(["review", "close", str(review(tmp_path / "收到", {"form": said}))]) == 1
    assert told in capsys.readouterr().out
    assert not (tmp_path / "问题清单.xlsx").exists()


def test_a_total_that_the_rows_do_not_give_is_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    answers = {"indicators.1": {"复核得分": 0}, "form": {"复核得分": 90}}
    assert main(["review", "close", str(review(tmp_path / "收到", answers))]) == 1
    assert "“整张表”的复核得分是 90，按各行的复核得分是 " in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows_of_it",
    [
        {"deductions.2": {"复核得分": -5, "复核意见": "没有按时报送"}},
        {"veto": {"复核完成值": "已发生", "复核意见": "虚报"}},
    ],
)
def test_a_grade_that_the_rows_do_not_give_is_asked_about(
    rows_of_it: dict[str, dict[str, object]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(tmp_path)
    marks = rows(sheet_of(review(tmp_path / "收到")))
    veto = next(mark for mark, row in marks.items() if row["二级指标"] == "一票否决")
    (tmp_path / "复核.xlsx").unlink()
    answers = {veto if mark == "veto" else mark: said for mark, said in rows_of_it.items()}
    book = review(tmp_path / "收到", {**answers, "form": {"复核完成值": "优"}})
    assert main(["review", "close", str(book)]) == 1
    assert "“整张表”的复核等级是“优”，按各行是“" in capsys.readouterr().out


def test_what_closing_writes_is_what_the_next_review_and_the_summary_take(tmp_path: Path) -> None:
    graded(tmp_path)
    book = review(tmp_path / "收到", {"form": {"复核得分": 85, "复核意见": "-没有证明材料"}})
    results = tmp_path / "结果.csv"
    assert main(["review", "close", str(book), "--results", str(results)]) == 0
    book.unlink()
    assert main(["review", str(tmp_path / "收到"), "-o", str(book), "--results", str(results)]) == 0
    row = rows(sheet_of(book))["form"]
    assert (row["复核得分"], row["复核完成值"], row["复核意见"]) == (85, "良", "-没有证明材料")
    assert (
        main(["summary", str(tmp_path / "收到"), "-o", str(tmp_path / "汇总表.xlsx"), "--results", str(results)]) == 0
    )
    sheet = read_book((tmp_path / "汇总表.xlsx").read_bytes())
    words = {sheet.sheet(sheet.sheets[0]).text(cell) for cell in sheet.sheet(sheet.sheets[0]).filled()}
    assert {"85", "良", "-没有证明材料"} <= words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("单位,分数\n甲,90\n", "审核结果要有“文件”“审核分数”两列"),
        ("文件,审核分数\n甲.xlsx,很好\n", "第 2 行：审核分数“很好”不是数"),
        ("文件,审核分数\n甲.xlsx,90\n甲.xlsx,91\n", "第 3 行：“甲.xlsx”前面已经有了"),
    ],
)
def test_a_list_that_is_none_is_told(words: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    results = given(tmp_path, words)
    for arguments in (
        ["review", str(tmp_path / "收到"), "-o", str(tmp_path / "复核.xlsx")],
        ["summary", str(tmp_path / "收到"), "-o", str(tmp_path / "汇总表.xlsx")],
    ):
        assert main([*arguments, "--results", str(results)]) in (2, 3)
        assert told in capsys.readouterr().out
    assert not (tmp_path / "复核.xlsx").exists()
