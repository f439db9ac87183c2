"""整改通知: a document for each unit, from a template that the bureau edits."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document

from reviewed import form, issues, review
from workbook_tools.commands.main import main
from workbook_tools.review import rules
from workbook_tools.review.notice import new_template


def words(path: Path) -> list[str]:
    """The paragraphs and cells of a document."""
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in document.paragraphs] + cells


def closed(folder: Path, *more: str) -> Path:
    form(folder / "收到" / "甲.xlsx", changes={"210人 | 20 | 20 |": "190人 | 20 | 20 |", "95% | 96%": " | "})
    main(["review", "close", str(review(folder / "收到")), *more])
    return folder / "整改通知" / "整改通知 甲局.docx"


def test_a_notice_has_every_open_issue_under_its_number(tmp_path: Path) -> None:
    said = words(closed(tmp_path, "--deadline", "2024-03-31"))
    numbers = "、".join(said).replace("、", " ").split()
    assert set(issues(tmp_path)) <= set(numbers)
    assert "甲局：" in said
    assert any("请于2024年3月31日前改正自评表" in line for line in said)
    assert "（一）公共服务项目" in said


def test_without_a_deadline_the_place_is_left_to_the_bureau(tmp_path: Path) -> None:
    assert any("请于【请填写：时限】前" in line for line in words(closed(tmp_path)))


@pytest.mark.slow
def test_blank_cells_are_one_line_of_the_notice(tmp_path: Path) -> None:
    path = closed(tmp_path)
    blank = [line for line in issues(tmp_path).values() if line["发现"] == "指标名称、指标值或完成值没有填"]
    assert len(blank) == 2
    assert "、 ".join(str(line["编号"]) for line in blank) in words(path)


def test_a_blank_total_without_a_cell_is_a_line_of_its_own(tmp_path: Path) -> None:
    total = "总分 | < | < | < | < | 100 | 98 |\n"
    form(tmp_path / "收到" / "甲.xlsx", changes={"210人 | 20 | 20 |": "210人 | 20 | |", total: ""})
    main(["review", "close", str(review(tmp_path / "收到"))])
    said = words(tmp_path / "整改通知" / "整改通知 甲局.docx")
    assert "总分没有填" in said
    assert "整张表" in said


@pytest.mark.slow
def test_a_notice_that_is_there_is_not_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = closed(tmp_path)
    document = Document(str(path))
    document.paragraphs[0].text = "局里改过的标题"
    document.save(str(path))
    before = path.read_bytes()
    assert main(["review", "notice", str(tmp_path / "问题清单.xlsx")]) == 1
    assert "没有改动" in capsys.readouterr().out
    assert path.read_bytes() == before


@pytest.mark.slow
def test_the_bureaus_own_template_is_used(tmp_path: Path) -> None:
    template = tmp_path / "模板.docx"
    assert main(["review", "--new-template", "-o", str(template)]) == 0
    assert template.read_bytes() == new_template()
    document = Document(io.BytesIO(template.read_bytes()))
    document.paragraphs[0].text = "某市财政局整改通知书"
    document.save(str(template))
    assert words(closed(tmp_path, "--template", str(template)))[0] == "某市财政局整改通知书"


@pytest.mark.slow
def test_a_wrong_tag_of_a_template_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document(io.BytesIO(new_template()))
    document.paragraphs[0].text = "{{ 局长 }}"
    document.save(str(tmp_path / "模板.docx"))
    closed(tmp_path, "--template", str(tmp_path / "模板.docx"))
    assert "局长" in capsys.readouterr().out
    assert issues(tmp_path)  # the list is there all the same


def test_words_of_a_form_are_never_tags_of_the_template(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx", unit="{{ 7*7 }}")
    main(["review", "close", str(review(tmp_path / "收到"))])
    (path,) = (tmp_path / "整改通知").iterdir()
    assert "{{ 7*7 }}：" in words(path)


def test_levels_say_what_is_to_be_mended() -> None:
    assert [level for level in ("P0", "P1", "P2") if rules.is_to_be_mended(level)] == ["P0", "P1"]
