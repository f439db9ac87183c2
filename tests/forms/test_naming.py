"""Data that names fields as people do: by cell, printed label, or the name of an indicator; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from places import EXAMPLES
from workbook_tools.commands.main import main
from workbook_tools.data_files import exported
from workbook_tools.errors import UnknownFields
from workbook_tools.excel import Book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_file
from workbook_tools.forms.naming import named_fields
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.forms.recognition import forms_of

GUANGZHOU, ZHONGSHAN = EXAMPLES / "guangzhou_12345_2021.xlsx", EXAMPLES / "zhongshan_12345_2022.xlsx"
NATIONAL = EXAMPLES / "national_tangxi_2022.xlsx"
DEPARTMENT = EXAMPLES / "guangzhou_department_2023.xlsx"
FORMS = [path for path in sorted(EXAMPLES.glob("*.xlsx")) if not path.stem.endswith("_targets")]


@cache
def placed(example: Path) -> tuple[Sheet, Placement, str]:
    """A form, where its fields stand, and its scheme."""
    [(sheet, scheme, page)] = forms_of(Book(read_file(example)))
    return sheet, place(sheet, scheme, page), scheme.name


def named(example: Path, keys: Iterable[str]) -> set[str]:
    """The fields that keys name in a form."""
    sheet, placement, scheme = placed(example)
    return set(named_fields(sheet, placement, dict.fromkeys(keys, "1"), scheme))


def meant(example: Path, key: str) -> str:
    """The field that a key names in a form."""
    [field] = named(example, [key])
    return field


@pytest.mark.parametrize(
    ("example", "key", "field"),
    [
        (GUANGZHOU, "indicators.4.actual", "indicators.4.actual"),
        (GUANGZHOU, "月度话务接通率", "indicators.4.actual"),  # the name alone: what was achieved
        (GUANGZHOU, " 月度 话务接通率", "indicators.4.actual"),
        (GUANGZHOU, "“月度话务接通率”", "indicators.4.actual"),
        (GUANGZHOU, "月度话务接通率 实际完成指标值", "indicators.4.actual"),  # as this form prints it
        (GUANGZHOU, "月度话务接通率 完成值", "indicators.4.actual"),  # as other forms print it
        (GUANGZHOU, "月度话务接通率（指标值）", "indicators.4.target"),
        (GUANGZHOU, "月度话务接通率 权重", "indicators.4.weight"),
        (GUANGZHOU, "月度话务接通率 得分", "indicators.4.score"),
        (GUANGZHOU, "H17", "indicators.4.score"),
        (GUANGZHOU, "h17", "indicators.4.score"),
        (GUANGZHOU, "$H$17", "indicators.4.score"),
        (GUANGZHOU, "Ｈ１７", "indicators.4.score"),
        (GUANGZHOU, "自评表!H17", "indicators.4.score"),
        (GUANGZHOU, "'自评表'！H17", "indicators.4.score"),
        (GUANGZHOU, "A15", "indicators.1.label"),  # the label of four rows stands in one cell
        (GUANGZHOU, "D4", "texts.project"),  # within the merged cell C4:E4
        (GUANGZHOU, "报告!A2", "texts.report.1"),
        (GUANGZHOU, "预算完成数", "budget.spent"),
        (GUANGZHOU, "全年执行数", "budget.spent"),
        (GUANGZHOU, "预算完成率 得分", "budget.execution.score"),
        (GUANGZHOU, "总分", "total"),
        (GUANGZHOU, "项目名称", "texts.project"),
        (NATIONAL, "填报单位", "texts.unit"),  # printed 实施单位
        (NATIONAL, "年度", "texts.year"),  # printed (2022年度)
        (GUANGZHOU, "财政拨款（市本级支出） 预算完成数", "sources.1.spent"),
        (GUANGZHOU, "其中：财政拨款(市本级支出)预算完成数", "sources.1.spent"),
        (ZHONGSHAN, "总分", "total"),  # printed 自评总分
        (ZHONGSHAN, "时效指标 自评分", "indicators.3.score"),
        (NATIONAL, "全年执行数", "budget.spent"),
        (DEPARTMENT, "评分表!C15", "indicators.8.name"),
        (DEPARTMENT, "话务接通率", "indicators.12.actual"),
    ],
)
def test_a_field_is_named_as_people_name_it(example: Path, key: str, field: str) -> None:
    assert meant(example, key) == field


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("example", FORMS, ids=lambda path: path.stem)
def test_every_cell_of_an_export_names_its_field_and_every_label_does_or_is_asked_about(example: Path) -> None:
    [form] = exported(example)
    cells = {cell: field for field, cell in reversed([*form.cells.items()])}  # the first of a cell's fields
    assert named(example, cells) == set(cells.values())
    labels: dict[str, list[str]] = {}
    for field, label in form.labels.items():
        labels.setdefault(label, []).append(field)
    asked: list[str] = []
    try:
        named(example, labels)
    except UnknownFields as fault:
        asked = str(fault).splitlines()[1:]
    assert [line for line in asked if "不止一处" not in line] == []
    alone = {label for label in labels if not any(f"“{label}”" in line for line in asked)}
    assert named(example, alone) == {fields[0] for label, fields in labels.items() if label in alone}
    assert len(alone) > len(labels) / 2


@pytest.mark.parametrize(
    ("example", "key", "said"),
    [
        (GUANGZHOU, "月度话务接通律", "表上没有“月度话务接通律”这一项；相近的有：月度话务接通率 实际完成指标值（F17）"),
        (GUANGZHOU, "indicator.1.actual", "表上没有“indicator.1.actual”这一项；相近的有：indicators.1.actual（F14）"),
        (GUANGZHOU, "indicators.1.unit", "表上没有“indicators.1.unit”这一项；相近的有：indicators.1."),
        (GUANGZHOU, "headings.budget.spent", "表上没有“headings.budget.spent”这一项"),
        (GUANGZHOU, "Z17", "“Z17”这一格不是可以填的项目；同一行的有：月度话务接通率 偏差原因分析及改进措施（I17）"),
        (GUANGZHOU, "H99", "“H99”这一格不是可以填的项目；请核对单元格"),
        (GUANGZHOU, "别的表!H17", "表上没有“别的表!H17”这一项"),
        (GUANGZHOU, "天气", "表上没有“天气”这一项；全部项目和单元格见 workbook_tools export 自评表 --format csv"),
        (GUANGZHOU, "得分", "预算完成率 得分（I7）"),  # of the execution rate, or of an indicator?
        (
            NATIONAL,
            "质量指标 得分",
            "“质量指标 得分”不止一处：委托业务报告合格率 得分（G14）、经费支出合规性 得分（G15）；请写单元格",
        ),
        (GUANGZHOU, "indicators.8.actual", "表上没有这些行：indicators.8；请先按数据生成一张行数够的空白表"),
    ],
)
def test_a_key_that_names_no_field_or_several_is_answered_with_what_to_write(
    example: Path, key: str, said: str
) -> None:
    with pytest.raises(UnknownFields) as asked:
        meant(example, key)
    assert said in str(asked.value)
    assert "请恢复" not in str(asked.value)


def test_every_wrong_key_is_told_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "表.xlsx", tmp_path / "数据.csv"
    path.write_bytes(GUANGZHOU.read_bytes())
    keys = ("月度话务接通率", "天气", "F17", "质量", "texts.projekt")
    data.write_text("名称,内容\n" + "".join(f"{key},{n}\n" for n, key in enumerate(keys)), "utf-8")
    assert main(["fill", str(path), "--data", str(data), "--overwrite"]) == 2
    said = capsys.readouterr().out
    assert "没有写入任何内容" in said
    assert "texts.project（C4）" in said
    assert "“月度话务接通率”和“F17”是同一格（F17），内容不一样；请只留一个" in said
    assert [f"{n}. " in said for n in (1, 2, 3, 4, 5)] == [True, True, True, True, False]
    assert path.read_bytes() == GUANGZHOU.read_bytes()


@pytest.mark.parametrize("kind", ["csv", "toml", "json"])
def test_a_line_with_the_name_of_an_indicator_sets_what_was_achieved(kind: str, tmp_path: Path) -> None:
    path, data = tmp_path / "表.xlsx", tmp_path / f"数据.{kind}"
    path.write_bytes(GUANGZHOU.read_bytes())
    text = {
        "csv": "名称,内容\n月度话务接通率,96%\n",
        "toml": '"月度话务接通率" = "96%"',
        "json": '{"月度话务接通率": "96%"}',
    }
    data.write_text(text[kind], "utf-8")
    assert main(["fill", str(path), "--data", str(data), "--overwrite"]) == 0
    assert exported(path)[0].fields["indicators.4.actual"] == "96%"
    assert exported(path)[0].total == "100.00"


def test_two_keys_of_one_cell_that_agree_are_one() -> None:
    result = fill_file(GUANGZHOU, inputs={"月度话务接通率": "96%", "F17": "96%"}, overwrite=True, dry_run=True)
    assert [change.after for change in result.forms[0].changes if change.field == "indicators.4.actual"] == ["96%"]


def test_an_indicator_that_stands_in_two_rows_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    fill_file(GUANGZHOU, inputs={"indicators.1.name": "月度话务接通率"}, overwrite=True, out=path)
    said = "“月度话务接通率”不止一处：月度话务接通率 实际完成指标值（F14）、月度话务接通率 实际完成指标值（F17）；请写单元格"
    with pytest.raises(UnknownFields, match=said):
        fill_file(path, inputs={"月度话务接通率": "3%"})


def test_labels_of_one_form_name_its_rows_by_their_indicators() -> None:
    labels = exported(GUANGZHOU)[0].labels
    assert labels["indicators.4.score"] == "月度话务接通率 自评得分"
    assert labels["budget.execution.score"] == "预算完成率 得分"
    assert not [field for field in labels if field.startswith(("headings.", "counts."))]
