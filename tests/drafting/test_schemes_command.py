"""The command as a clerk uses it: draft, confirm, test, use, show."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from drafted import complete, drafted, placed_in, sheets_of
from paper import PaperSheet, example
from places import EXAMPLES, ROOT
from workbook_tools.commands.main import fill_form, main
from workbook_tools.drafting.asking import open_items
from workbook_tools.excel import Book, read_file
from workbook_tools.schemes.answers import answer_for, answers_path
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.summary.journal import Journal
from workbook_tools.summary.rows import WorkbookRows

BLANK = ROOT / "templates" / "self_eval_form.xlsx"
FILLED = EXAMPLES / "zhongshan_12345_2022.xlsx"
TEXT = complete(drafted(sheets_of(Book(read_file(BLANK))), "某市2022"))


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "settings"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scheme that is confirmed."""
    shutil.copy(BLANK, placed_in(tmp_path, TEXT, "某市2022") / "form.xlsx")
    return tmp_path / "某市2022"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    try:
        code = main(list(arguments))
    except SystemExit as left:
        code = int(str(left.code))
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_draft_is_a_file_and_the_empty_form_byte_for_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "某市2022"
    code, said = told(capsys, "schemes", "draft", str(BLANK), "-o", str(out))
    assert code == 1
    assert "还有 14 条没有确认、4 个问题没有回答，没有确认的不计算" in said
    assert (out / "form.xlsx").read_bytes() == BLANK.read_bytes()
    assert len(open_items(out / "scheme.toml")) == 18
    before = (out / "scheme.toml").read_bytes()
    code, said = told(capsys, "schemes", "draft", str(BLANK), "-o", str(out))
    assert (code, "已经起草过，没有覆盖" in said) == (2, True)
    assert (out / "scheme.toml").read_bytes() == before


def test_facts_and_questions_are_put_one_by_one_and_each_answer_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "某市2022"
    asked = ("schemes", "draft", str(BLANK), "-o", str(out), "--ask")
    monkeypatch.setattr("sys.stdin", io.StringIO("是\n是\n\n否\n"))  # and then the input ends
    code, said = told(capsys, *asked)
    assert code == 1
    assert "[1/18] 年度：2022\n  A2 印着：中山市2022年度市级财政支出绩效自评表-非信息化项目\n  对吗？" in said
    assert "[4/18] 一级指标“产出指标”：40 分，每行的权重 = 分值 ÷ m" in said
    assert "还有 12 条没有确认、4 个问题没有回答" in said
    monkeypatch.setattr("sys.stdin", io.StringIO("是\n" * 12 + "1\n年初预算安排数\n9\n1\n"))
    code, said = told(capsys, *asked)
    assert "[14/16] “项目预算批复金额”是表上的哪一个数？\n  C15 印着：" in said
    assert "还有 0 条没有确认、1 个问题没有回答" in said
    monkeypatch.setattr("sys.stdin", io.StringIO("由填表人评分\n"))
    code, said = told(capsys, *asked)
    assert code == 0
    assert "已经全部确认；使用时请加" in said
    assert told(capsys, *asked)[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("confirmed = true", "confirmed=false", 1, "还有 1 条没有确认、0 个问题没有回答"),
        ("confirmed = true", "confirmed = false  # 待核", 1, "还有 1 条没有确认"),
        ('answer = "年初预算安排数"', 'answer = "不由本工具计算"', 1, "还没有确认：\n  “预算调整率”的算法还没有人确认"),
        ('key = "year"', "", 3, "[[fact]] key “None”无效"),
        ("[[98, 5], [90, 4], [80, 2], [70, 1]]", "[\n[98, 5],\n[90, 4],\n[80, 2],\n[70, 1]]", 0, "已经全部确认"),
        ('label = "逆向指标"\n', "", 3, "缺少 label"),
        ("points = 40", "points = 41", 3, "各组分值合计 101，应为 100"),
        ('quote = "采购金额（元）"', 'quote = "采购金额（元）', 3, "无法读取：第 24 行"),
    ],
)
def test_a_file_that_a_clerk_changed_is_read_as_it_is_or_told(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    code: int,
    said: str,
) -> None:
    assert old in TEXT
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    placed_in(folder.parent, TEXT.replace(old, new, 1), "某市2022")
    given, words = told(capsys, "schemes", "draft", str(BLANK), "-o", str(folder), "--ask")
    assert (given, said in words) == (code, True), words


def test_what_was_confirmed_in_a_dialogue_is_the_same_as_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "某市2022"
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 14 + "1\n" * 4))
    assert told(capsys, "schemes", "draft", str(BLANK), "-o", str(out), "--ask")[0] == 0
    written = (out / "scheme.toml").read_text("utf-8")
    assert written.replace(BLANK.name, "空白表.xlsx") == TEXT


def test_a_form_is_filled_by_a_scheme_of_ones_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = folder.parent / "表.xlsx"
    shutil.copy(FILLED, copy)
    assert fill_form([str(copy), "--schemes", str(folder), "--scheme", "某市2022"]) == 0
    assert "总分 94.66，等级 优" in capsys.readouterr().out
    for command in ("check", "export"):
        assert told(capsys, command, str(copy), "--schemes", str(folder), "--scheme", "某市2022")[0] in (0, 1)
    out = folder.parent / "汇总.xlsx"
    code, _ = told(
        capsys, "summary", str(copy), "-o", str(out), "--schemes", str(folder.parent), "--scheme", "某市2022"
    )
    assert (code, out.exists()) == (0, True)
    code, said = told(capsys, "check", str(copy), "--scheme", "某市2022")
    assert (code, "没有名为“某市2022”的评分办法" in said) == (3, True)


def test_a_form_of_ones_own_title_is_recognised_without_naming_its_scheme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its columns are those of an official form: the title tells."""
    sheet = example("zhongshan_12345_2022")
    assert isinstance(sheet, PaperSheet)
    sheet.cells[2, 1] = "某市2022年度市级专项支出绩效自评表"
    path = tmp_path / "表.xlsx"
    sheet.workbook().save(path)
    placed_in(tmp_path, complete(drafted([sheet], "某市2022")), "某市2022")
    assert fill_form([str(path), "--dry-run", "--schemes", str(tmp_path / "某市2022")]) == 0
    said = capsys.readouterr().out
    assert "某市2022年度市级专项支出绩效自评表\n" in said
    assert "总分 94.66，等级 优" in said
    official = shutil.copy(FILLED, tmp_path / "官方.xlsx")
    assert fill_form([str(official), "--dry-run", "--schemes", str(tmp_path / "某市2022")]) == 0
    assert load_scheme("zhongshan_2022").title in capsys.readouterr().out


def test_rows_read_by_other_rules_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A summary goes on where it stopped, but not with rows of a draft that has been confirmed since."""
    monkeypatch.setenv("WORKBOOK_TOOLS_SCHEMES", str(folder))

    def unread() -> list[Path]:
        journal = Journal(folder.parent / "汇总.xlsx", "某市2022")
        left = journal.unread([FILLED])
        for path in left:
            journal.add(path, WorkbookRows([], [], []))
        journal.keep()
        journal.close()
        return left

    assert (unread(), unread()) == ([FILLED], [])
    (folder / "scheme.toml").write_text(TEXT + "# 改过\n", "utf-8")
    assert unread() == [FILLED]


def test_the_empty_form_of_a_bureau_is_its_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder.parent / "新表.xlsx"
    assert told(capsys, "new", "--scheme", "某市2022", "--schemes", str(folder), "-o", str(out))[0] == 0
    assert out.read_bytes() == BLANK.read_bytes()
    code, said = told(capsys, "new", "--scheme", "某市2022", "--schemes", str(folder), "--data", str(FILLED))
    assert (code, "Traceback" in said) in ((2, False), (3, False))


# ── cases ────────────────────────────────────────────────


def case(folder: Path, text: str, name: str = "热线") -> Path:
    (folder / "cases").mkdir(exist_ok=True)
    shutil.copy(FILLED, folder / "cases" / f"{name}.xlsx")
    (folder / "cases" / f"{name}.toml").write_text(text, "utf-8")
    return folder / "cases" / f"{name}.toml"


GOOD = '[gives]\ntotal = "94.66"\ngrade = "优"\nindicators.3.score = 8.00\n"budget.execution" = "100.00%"\n'


def test_cases_that_agree_are_said_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case(folder, GOOD)
    code, said = told(capsys, "schemes", "test", str(folder))
    assert code == 0
    assert "热线.xlsx：一致\n共 1 个例子：1 个一致，0 个不一致" in said


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("94.66", "94.67", "自评总分：应为 94.67，算出 94.66（94.66 + 0.00）"),
        ("94.66", "94.660001", "自评总分：应为 94.660001，算出 94.66"),
        ("优", "良", "应为 良，算出 优"),
        ("8.00", "8.1", "应为 8.1，算出 8.00"),
        ("100.00%", "100", "应为 100，算出 100.00%"),
        ("total", "tottal", "tottal：应为 94.66，算出 没有这一项"),
        ("[gives]", 'open = ["total"]\n[gives]', "自评总分：应为 由人定，算出 94.66"),
    ],
)
def test_a_difference_is_told_with_its_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, differs: str
) -> None:
    text = GOOD.replace(old, new, 1)
    case(folder, text if "open" not in text else text.replace('total = "94.66"\n', ""))
    case(folder, GOOD, "又一张")
    code, said = told(capsys, "schemes", "test", str(folder))
    assert code == 1
    assert differs in said
    assert "共 2 个例子：1 个一致，1 个不一致" in said


def test_what_is_not_confirmed_fails_a_case_that_expects_a_score(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case(folder, GOOD)
    parts = TEXT.split("confirmed = true\n")  # of the year, of the unit, of the points of the first group
    left = "confirmed = true\n".join(parts[:3]) + "confirmed = false\n" + "confirmed = true\n".join(parts[3:])
    placed_in(folder.parent, left, "某市2022")
    code, said = told(capsys, "schemes", "test", str(folder))
    assert code == 1
    assert "自评总分：应为 94.66，算出 没有定（“预算执行过程”的分值还没有人确认" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gives", "热线.toml：无法读取：最后一行写法不对"),
        ("[gifts]\n", "只能有 [gives]"),
        ("", "至少写一项"),
        ("open = 1\n", "只能有 [gives]"),
    ],
)
def test_a_case_at_fault_is_told(folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    case(folder, text)
    code, words = told(capsys, "schemes", "test", str(folder))
    assert (code, said in words) == (1, True)


def test_a_folder_without_cases_and_a_case_without_a_workbook_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(capsys, "schemes", "test", str(folder))
    assert (code, "里没有例子" in said) == (2, True)
    case(folder, GOOD).with_suffix(".xlsx").unlink()
    code, said = told(capsys, "schemes", "test", str(folder))
    assert (code, "旁边没有同名的工作簿（热线.xlsx）" in said) == (2, True)
    code, said = told(capsys, "schemes", "test", str(folder.parent))
    assert (code, "里面没有评分办法" in said) == (2, True)


# ── use and show ─────────────────────────────────────────


def test_the_choice_of_a_scheme_is_kept_for_forms_of_the_same_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use = ("schemes", "use", "某市2022", str(BLANK), "--schemes", str(folder))
    code, said = told(capsys, *use, "--column", "备注=reason")
    assert code == 0
    assert f"写在 {answers_path()}" in said
    headings = [
        "一级指标",
        "二级指标",
        "指标内容",
        "权重",
        "指标值",
        "完成值",
        "完成率",
        "自评分",
        "手填得分",
        "备注",
        "年度",
    ]
    headings += ["年初预算安排数", "预算调整额", "全口径预算调整率", "实际资金支出额", "预算执行率"]
    found = answer_for("中山市2022年度市级财政支出绩效自评表-非信息化项目", headings)
    assert found is not None
    assert (found.scheme, found.columns) == ("某市2022", {"备注": "reason"})


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["无此办法", str(BLANK)], 2, "没有名为“无此办法”的评分办法"),
        (["national_2020", str(BLANK), "--column", "心情=reason"], 3, "表上没有“心情”这一栏；各栏是 "),
        (["national_2020", str(BLANK), "--column", "备注=mood"], 3, "“mood”无效，只能是 "),
        (["national_2020", "没有.xlsx"], 3, "没有.xlsx"),
    ],
)
def test_an_answer_that_nobody_understands_is_not_kept(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    given, words = told(capsys, "schemes", "use", *arguments)
    assert (given, said in words) == (code, True), words
    assert not answers_path().exists()


def test_points_that_do_not_make_a_hundred_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = EXAMPLES / "national_tangxi_2022.xlsx"  # whose stored page lacks the rows of satisfaction
    code, said = told(capsys, "schemes", "draft", str(form), "-o", str(tmp_path / "某县"))
    assert (code, "读出的各组分值合计 90，应为 100" in said) == (1, True)


def test_a_draft_that_cannot_be_made_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, form, said in [
        ("national_2020", BLANK, "本工具已经有名为“national_2020”的评分办法"),
        ("某 市", BLANK, "只能用汉字、字母、数字和 _、-"),
        ("某市", EXAMPLES / "guangzhou_petition_targets.xlsx", "没有读到自评表"),
        ("某市", tmp_path / "没有.xlsx", "没有.xlsx"),
    ]:
        code, words = told(capsys, "schemes", "draft", str(form), "-o", str(tmp_path / name))
        assert (code, said in words) == (3, True), words
        assert not (tmp_path / name).exists()


def test_the_page_of_a_scheme_is_not_written_over_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder.parent / "办法.html"
    show = ("schemes", "show", "某市2022", "--schemes", str(folder), "--html", "-o", str(page))
    assert told(capsys, *show)[0] == 0
    assert "由本工具计算" in page.read_text("utf-8")
    code, said = told(capsys, *show)
    assert (code, "没有覆盖" in said) == (2, True)
