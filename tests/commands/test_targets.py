"""绩效目标表: read from a workbook and from plain text alike, questioned, and turned into forms that are ready to fill."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import convert, needs_libreoffice
from places import EXAMPLES
from workbook_tools.commands.main import main
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import Book
from workbook_tools.fill import fill_book, fill_file
from workbook_tools.forms.reading import read_form
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.targets import Approved, Targets, from_text, questions, read_targets, sum_of_projects
from workbook_tools.template.from_targets import ready_form, spread
from workbook_tools.values import format_value

TEXT, WORKBOOK = EXAMPLES / "plain" / "guangzhou_petition_targets.txt", EXAMPLES / "guangzhou_petition_targets.xlsx"
SCHEMES = ["zhongshan_2022", "national_2020"]


@pytest.fixture(scope="module")
def table() -> Targets:
    return read_targets(TEXT)


def ready_forms(table: Targets, scheme: Scheme) -> Iterator[tuple[str, bytes]]:
    return ((project.name, ready_form(table, project, scheme)) for project in table.projects)


def test_the_nine_projects_make_700_36(table: Targets) -> None:
    assert table.department == "广州市信访局"
    assert table.stated == sum_of_projects(table) == Decimal("700.36")
    assert [str(project.total) for project in table.projects] == [
        *("99.00", "140.00", "28.00", "40.00", "240.00", "111.32", "1.00", "10.26", "30.78")
    ]


def test_the_workbook_and_the_text_say_the_same(table: Targets) -> None:
    assert read_targets(WORKBOOK) == table


def test_words_broken_over_lines_are_whole_again(table: Targets) -> None:
    assert table.projects[7].name == "广州市信访局2024-2025年信息化运维项目"
    assert table.projects[2].indicators[1] == Approved(
        "benefit", "效益指标", "社会效益指标", "人员流失量", "2人（含）以下", "2人（含）以下"
    )
    assert [one.target for one in table.projects[4].indicators] == ["≥92%", "≥90分", "≥85分"]
    assert sum(len(project.indicators) for project in table.projects) == 26


@pytest.mark.parametrize("colon", [":", "："])
@pytest.mark.parametrize("semicolon", [";", "；"])
def test_full_and_half_width_punctuation_read_alike(colon: str, semicolon: str) -> None:
    listed = semicolon.join(
        ("1、1-产出指标", "12-质量指标", "投诉次数", f"实施周期指标值{colon}≤5", f"年度指标值{colon}≤5。")
    )
    (project,) = from_text(f"    物业管理费 99.00 99.00\n做好服务。\n{listed}\n").projects
    assert [(one.kind, one.name, one.target) for one in project.indicators] == [("质量指标", "投诉次数", "≤5")]


def test_what_is_doubtful_in_the_published_table_is_asked(table: Targets) -> None:
    asked = [f"{project}：{words}" for project, words in questions(table, load_scheme("national_2020"))]
    for said in ("社工服务外包项目：提示 T108", "云客服服务外包项目：提示 T113", "云客服服务外包项目：提示 T120"):
        assert any(words.startswith(said) for words in asked), said
    assert sum("没有满意度指标" in words for words in asked) == 5
    assert not [words for words in asked if "相加是" in words]


@pytest.mark.parametrize(
    ("scheme", "lacking"), [("national_2020", "没有满意度指标"), ("zhongshan_2022", "没有服务对象满意度指标")]
)
def test_kinds_that_are_missing_are_asked_for_in_either_scheme(scheme: str, lacking: str, table: Targets) -> None:
    asked = [(project, words) for project, words in questions(table, load_scheme(scheme)) if "W105" in words]
    assert sum(lacking in words for _, words in asked) == 5
    assert [project for project, words in asked if "没有效益指标" in words] == ["党建引领擦亮广州信访品牌"]


def test_the_budgets_own_row_needs_no_approval(capsys: pytest.CaptureFixture[str]) -> None:
    listed = str(EXAMPLES / "guangzhou_petition_targets.xlsx")
    main(["check", str(EXAMPLES / "guangzhou_petition_2022.xlsx"), "--targets", listed])
    assert "“预算完成率”不在批复" not in capsys.readouterr().out


def test_sums_that_differ_are_named(table: Targets) -> None:
    wrong = table._replace(stated=Decimal("700.00"), projects=(table.projects[0]._replace(total=Decimal("98.00")),))
    asked = [words for _, words in questions(wrong, load_scheme("national_2020"))]
    assert "合计写 700.00，1 个项目相加是 98" in asked
    assert "总计 98.00，各来源相加是 99" in asked


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormNotRecognised):
        read_targets(EXAMPLES / "zhongshan_12345_2022.xlsx")
    (tmp_path / "空.txt").write_text("没有项目", "utf-8")
    with pytest.raises(FormNotRecognised):
        read_targets(tmp_path / "空.txt")
    assert main(["targets", "import", str(tmp_path / "没有.txt")]) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMES)
def test_each_project_becomes_a_form_that_is_ready_to_fill(name: str, table: Targets) -> None:
    scheme = load_scheme(name)
    for project, (title, data) in zip(table.projects, ready_forms(table, scheme), strict=True):
        form = fill_book(Book(data))[0]
        assert form.scheme == scheme
        assert title == project.name
        printed = read_form(form.source, form.placement)
        used = [row for row in printed.indicators if row.name and row.name != "无"]
        assert [row.name for row in used] == sorted(
            (one.name for one in project.indicators), key=[row.name for row in used].index
        )
        assert {row.name: row.target for row in used} == {one.name: one.target for one in project.indicators}
        assert printed.texts["texts.project"] == project.name
        money = form.scores.lines.get("budget.initial")
        initial = format_value(money.value) if money and money.value is not None else printed.budget["initial"]
        assert Decimal(initial) == (project.total or Decimal(0)) * (10000 if scheme.unit == "元" else 1)
        if name == "zhongshan_2022":
            weights = [
                line.value
                for field, line in form.scores.lines.items()
                if field.endswith(".weight") and "indicators" in field
            ]
            assert len(weights) == len(used)
        else:
            listed = [Decimal(row.weight or "0") for row in used]
            assert sum(listed) == sum(
                group.most for group in scheme.groups if group.name in {row.group for row in used}
            )


@pytest.mark.slow
def test_a_form_made_ready_is_filled_with_actual_values(tmp_path: Path, table: Targets) -> None:
    """The cloud service project with what the office reported for it: 98 % and 98 of 90, 85 points, all money spent."""
    scheme = load_scheme("national_2020")
    data = dict(ready_forms(table, scheme))["云客服服务外包项目"]
    book = Book(data)
    sheet = book.sheet(book.sheets[0])
    cells = sheet.names
    rows = {sheet.text(cells[f"indicators.{n}.name"]): n for n in range(1, 16)}
    for indicator, actual in (
        ("云客服人员出勤率", "98%"),
        ("云客服服务达标率", "98分"),
        ("云客服专项服务对象满意度和认可度", "86分"),
    ):
        sheet.write(cells[f"indicators.{rows[indicator]}.actual"], actual)
    sheet.write(cells["sources.1.spent"], Decimal(240))
    path = tmp_path / "表.xlsx"
    path.write_bytes(book.saved() or b"")
    form = fill_file(path).forms[0]
    assert (str(form.scores.total), form.scores.grade) == ("100.00", None)


@needs_libreoffice
def test_libreoffice_opens_all_eighteen(tmp_path: Path, table: Targets) -> None:
    files = []
    for scheme in SCHEMES:
        for number, (_, data) in enumerate(ready_forms(table, load_scheme(scheme))):
            path = tmp_path / f"{scheme}_{number}.xlsx"
            path.write_bytes(data)
            files.append(path)
    made = convert(files, tmp_path / "office")
    assert len(made) == 18
    for name, path in made.items():
        assert fill_book(Book(path.read_bytes()))[0].scheme.name == name.rpartition("_")[0]


@pytest.mark.slow
def test_the_command_makes_the_forms_and_overwrites_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "import", str(WORKBOOK), "--new", str(tmp_path / "表")]) == 0
    said = capsys.readouterr().out
    assert "共 9 个项目，700.36 万元" in said
    assert "已生成 9 份自评表" in said
    assert len(list((tmp_path / "表").glob("*.xlsx"))) == 9
    assert main(["targets", "import", str(WORKBOOK), "--new", str(tmp_path / "表")]) == 2
    assert "没有覆盖" in capsys.readouterr().out


@given(st.integers(1, 400), st.integers(1, 30))
def test_points_are_spread_without_a_rest(points: int, count: int) -> None:
    weights = spread(Decimal(points), count, 2)
    assert sum(weights) == points
    assert len(weights) == count
    assert max(weights[:-1] or weights) - min(weights[:-1] or weights) == 0


@pytest.mark.slow
def test_a_returned_form_that_is_not_as_approved_is_found(
    tmp_path: Path, table: Targets, capsys: pytest.CaptureFixture[str]
) -> None:
    data = dict(ready_forms(table, load_scheme("national_2020")))["云客服服务外包项目"]
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    main(["check", str(path), "--targets", str(WORKBOOK)])
    assert "T121" not in capsys.readouterr().out
    book = Book(data)
    sheet = book.sheet(book.sheets[0])
    rows = {sheet.text(sheet.names[f"indicators.{n}.name"]): n for n in range(1, 16)}
    sheet.write(sheet.names[f"indicators.{rows['云客服人员出勤率']}.target"], "≥90%")
    sheet.write(sheet.names[f"indicators.{rows['云客服服务达标率']}.name"], "接听率")
    path.write_bytes(book.saved() or b"")
    assert main(["check", str(path), "--targets", str(TEXT)]) == 1
    said = capsys.readouterr().out
    assert "填“≥90%”，批复的是“≥92%”" in said
    assert "批复的指标“云客服服务达标率”（≥90分）表上没有" in said
    assert "“接听率”不在批复的绩效目标表里" in said
    assert main(["check", str(path), "--targets", str(tmp_path / "没有.xlsx")]) == 3
