"""New monitoring tables: drawn from targets, a form or data; their formulas give what the tool computes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from office import convert, needs_libreoffice
from places import EXAMPLES
from workbook_tools.assess import assess
from workbook_tools.commands.main import main
from workbook_tools.excel import Book
from workbook_tools.fill import fill_file
from workbook_tools.forms.form import Field
from workbook_tools.monitoring.draft import Draft, as_data, from_project, from_words
from workbook_tools.monitoring.source import draft_of, rules_names
from workbook_tools.schemes.loading import load_scheme
from workbook_tools.targets import from_text, read_targets
from workbook_tools.template.monitoring import monitoring_table
from workbook_tools.values import format_value

TARGETS = EXAMPLES / "guangzhou_petition_targets.xlsx"
SHANXI = load_scheme("monitoring_shanxi")
# 二级指标, 名称, 年度指标值 → what a person types into 完成值 in a spreadsheet.
ROWS: list[tuple[str, str, str, object]] = [
    ("数量指标", "少了", "≥12场", 4),
    ("数量指标", "差一点", "≥12场", 4.2),
    ("数量指标", "正好到绿", "≥12场", 5.6),
    ("数量指标", "正好到蓝", "＝12场", 8.4),
    ("数量指标", "不超过", "≤5人", 5),
    ("数量指标", "超过", "<5人", 5),
    ("数量指标", "三成", "＞0.3万元", 0.105),
    ("质量指标", "合格率", "≥95%", 0.95),
    ("质量指标", "差错率", "≤0.5%", 0.006),
    ("质量指标", "全合格", "＝100%", 0.99),
    ("成本指标", "定价", "＝400元", 410),
    ("时效指标", "期限", "12月底前", None),
    ("社会效益指标", "写了句子", "≥10次", "达到预期目标"),
    ("可持续影响指标", "没有填", "≥10次", None),
    ("满意度指标", "满意度", "≥90%", 0.92),
    ("别的指标", "没有规则", "≥10次", 9),
]


def words_of(rows: list[tuple[str, str, str, object]]) -> dict[Field, str]:
    words = {"texts.project": "培训", "texts.unit": "某局", "budget.initial": "120"}
    for number, (kind, name, target, _) in enumerate(rows, 1):
        field = f"indicators.{number}"
        words |= {f"{field}.label": "产出指标", f"{field}.kind": kind, f"{field}.name": name, f"{field}.target": target}
    return words


def places(path: Path) -> tuple[Worksheet, Mapping[Field, str]]:
    workbook = load_workbook(path)
    names = {
        name: str(one.attr_text).rpartition("!")[2].replace("$", "") for name, one in workbook.defined_names.items()
    }
    return workbook["监控表"], names


def typed(path: Path, values: Mapping[Field, object]) -> None:
    """Types values into a table as a person does, in another program."""
    sheet, names = places(path)
    for field, value in values.items():
        sheet[names[field]].value = value
    workbook = sheet.parent
    assert workbook is not None
    workbook.save(path)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of every sort of row, filled in by hand and never calculated."""
    path = tmp_path_factory.mktemp("监控") / "监控表.xlsx"
    path.write_bytes(monitoring_table(SHANXI, from_words(words_of(ROWS), 2025)))
    values = {f"indicators.{n}.so_far": value for n, (*_, value) in enumerate(ROWS, 1) if value is not None}
    typed(path, {**values, "budget.so_far": 66.5, "budget.expected": 120})
    return path


@needs_libreoffice
def test_libreoffice_calculates_the_lights_and_rates_that_the_tool_computes(table: Path, tmp_path: Path) -> None:
    result = convert([table], tmp_path)["监控表"]
    sheet = load_workbook(result, data_only=True)["监控表"]
    formulas, names = places(table)
    [form] = assess(Book(table.read_bytes()), SHANXI.name)
    live = [field for field, cell in names.items() if str(formulas[cell].value).startswith("=")]
    assert len(live) == 1 + len(ROWS) - 1  # the rate, and every light but that of a deadline
    for field in live:
        said, line = sheet[names[field]].value, form.scores.lines[field]
        if field.endswith(".light"):
            assert (said or "") == (line.value or ""), (field, line.why)
        else:
            assert line.value is not None
            assert f"{Decimal(str(said)) * 100:.2f}%" == format_value(line.value)


def test_the_results_of_the_formulas_are_saved(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "核对.xlsx"
    fill_file(table, SHANXI.name, out=out)
    [form] = assess(Book(out.read_bytes()), SHANXI.name)
    printed = {field: form.form.words[field] for field in form.scores.lines if field.endswith(".light")}
    assert printed == {
        field: str(line.value or "") for field, line in form.scores.lines.items() if field.endswith(".light")
    }
    assert {"M101", "M107", "S111"}.isdisjoint(place.finding.code for place in form.found)
    assert not fill_file(out, SHANXI.name).written  # a second run has nothing to write


def test_a_target_is_taken_apart_and_is_the_same_target() -> None:
    project = read_targets(TARGETS).projects[2]
    draft = from_project("市信访局", project, 2025)
    assert [(row.sign, row.target, row.unit) for row in draft.rows] == [("", Decimal(4), "人"), ("≤", Decimal(2), "人")]
    [form] = assess(Book(monitoring_table(SHANXI, draft)), SHANXI.name)
    again = from_words(form.form.words, form.year)
    assert [row.target for row in again.rows] == [row.target for row in draft.rows]
    assert again.money == draft.money
    assert again.year == 2025


def test_what_was_reached_in_the_middle_of_the_year_is_not_carried_over(table: Path) -> None:
    draft = draft_of(table)
    data = as_data(draft, load_scheme("national_2020"))
    assert data["budget.initial"] == "120"
    assert {field.rpartition(".")[2] for field in data} <= {
        *("project", "unit", "initial", "label", "kind", "name", "target")
    }
    assert data["indicators.5.target"] == "≤5人"


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", rules_names())
def test_every_table_draws_its_lists_and_names_its_rules(name: str, tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    assert main(["new", "--scheme", name, "--month", "8", "-o", str(path)]) == 0
    sheet = load_workbook(path)["监控表"]
    lists = {str(one.formula1) for one in sheet.data_validations.dataValidation if one.type == "list"}
    assert '"确定能,有可能,完全不可能"' in lists
    assert any("经费保障,制度保障,人员保障,硬件条件保障,其他" in one for one in lists)
    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert [one for one in words if load_scheme(name).title in one]
    assert "1-8月完成值" in words
    [form] = assess(Book(path.read_bytes()), name)
    assert form.form.until == 8
    assert all(len(one.prompt or "") <= 255 for one in sheet.data_validations.dataValidation)


def test_a_prompt_stands_where_something_is_to_be_filled_in_and_nothing_else_is_open(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(monitoring_table(SHANXI, from_words(words_of(ROWS[:1]), 2025)))
    sheet, names = places(path)
    assert sheet.protection.sheet
    locked = {
        field for field, cell in names.items() if sheet[cell].protection.locked and not field.startswith("headings")
    }
    columns = {".".join(part for part in field.split(".") if not part.isdigit()) for field in locked}
    assert columns == {
        *("indicators.label", "indicators.kind", "indicators.name", "indicators.target", "indicators.unit"),
        "budget.so_far.execution",
    }


def test_without_a_month_no_table_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "表.xlsx"
    assert main(["new", "--scheme", "monitoring_jiexiu", "-o", str(out)]) == 3
    assert "--month" in capsys.readouterr().out
    assert not out.exists()


def test_an_approved_target_is_never_a_formula() -> None:
    words = words_of([("数量指标", "=1+1", "=A1", None), ("数量指标", "+86", "@x", None)])
    draft: Draft = from_words({**words, "texts.goal": "=HYPERLINK(1)"}, 2025)
    [form] = assess(Book(monitoring_table(SHANXI, draft)), SHANXI.name)
    assert form.form.words["indicators.1.name"] == "=1+1"
    assert form.form.words["texts.goal"] == "=HYPERLINK(1)"
    assert not {field for field in form.form.live if field.endswith((".name", ".goal", ".target"))}


@pytest.mark.slow
def test_targets_become_monitoring_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["targets", "import", str(TARGETS), "--stage", "监控", "--rules", "shanxi", "--new", str(tmp_path)]
    assert main([*command, "--year", "2025"]) == 0
    assert "已生成 9 份监控表" in capsys.readouterr().out
    table = read_targets(TARGETS)
    for project in table.projects:
        [form] = assess(Book((tmp_path / f"{project.name}.xlsx").read_bytes()), SHANXI.name)
        assert form.unit == table.department
        assert form.project == project.name
        assert [row.name for row in form.form.indicators] == [one.name for one in project.indicators]
        assert Decimal(form.form.words["budget.initial"]) == project.total
    assert main([*command, "--year", "2025"]) == 2  # nothing is replaced
    assert main(["targets", "import", str(TARGETS), "--rules", "shanxi"]) == 2
    assert main(["targets", "import", str(TARGETS), "--stage", "监控", "--rules", "火星"]) == 2


def test_a_form_and_data_become_a_monitoring_table(tmp_path: Path) -> None:
    """From a form of the whole year, and from the data that export writes of it, the same table."""
    form, data = EXAMPLES / "guangzhou_petition_2022.xlsx", tmp_path / "数据.csv"
    assert main(["export", str(form), "-o", str(data)]) == 0
    for option, given in (("--from", form), ("--data", data)):
        out = tmp_path / f"{option[2:]}.xlsx"
        assert main(["new", "--scheme", "monitoring_shanxi", option, str(given), "-o", str(out)]) == 0
    one, two = (draft_of(tmp_path / f"{name}.xlsx") for name in ("from", "data"))
    assert one.rows == two.rows
    assert one.texts["texts.project"] == two.texts["texts.project"]
    assert not [
        words
        for words in assess(Book((tmp_path / "from.xlsx").read_bytes()), SHANXI.name)[0].form.words
        if words.endswith(".actual")
    ]


def test_targets_from_text_and_workbook_draw_the_same_table() -> None:
    text = (EXAMPLES / "plain" / "guangzhou_petition_targets.txt").read_text("utf-8")
    tables = [from_text(text), read_targets(TARGETS)]
    one, two = (monitoring_table(SHANXI, from_project("局", table.projects[4], 2025)) for table in tables)
    assert one == two


@pytest.mark.parametrize("words", ["96", "96%"])
def test_data_of_a_row_in_percent_is_percent_with_and_without_the_sign(words: str, tmp_path: Path) -> None:
    """The cell shows percent: a bare 96 in it would be 9600%."""
    path = tmp_path / "表.xlsx"
    path.write_bytes(monitoring_table(SHANXI, from_words(words_of([("质量指标", "合格率", "≥95%", None)]), 2025)))
    fill_file(path, SHANXI.name, inputs={"indicators.1.so_far": words, "indicators.1.expected": words})
    sheet, names = places(path)
    assert sheet[names["indicators.1.so_far"]].value == pytest.approx(0.96)
    [form] = assess(Book(path.read_bytes()), SHANXI.name)
    assert {form.form.words[f"indicators.1.{column}"] for column in ("so_far", "expected")} == {"96.00%"}
    assert form.form.words["indicators.1.light"] == "绿灯"
