"""The report that comes with a form: a Word document or a text file, paragraph by paragraph."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from places import ROOT
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands.main import main
from workbook_tools.errors import FileRejected

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
NAMESPACE += 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
FORM = ROOT / "examples" / "guangzhou_12345_2021.xlsx"


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def document(folder: Path, body: str, *, before: str = "", part: str = "word/document.xml") -> Path:
    path = folder / "报告.docx"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(part, f"{before}<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>")
    path.write_bytes(packed.getvalue())
    return path


def test_paragraphs_are_numbered_as_they_stand_and_runs_are_joined(tmp_path: Path) -> None:
    body = paragraph("标题") + paragraph() + paragraph("预算执行率", "9", "8%")
    assert read_report(document(tmp_path, body)).paragraphs == {
        "报告.docx 第1段": "标题",
        "报告.docx 第3段": "预算执行率98%",
    }


def test_what_was_deleted_or_stands_twice_is_not_read(tmp_path: Path) -> None:
    deleted = (
        "<w:p><w:del><w:r><w:delText>99分</w:delText><w:t>98分</w:t></w:r></w:del><w:r><w:t>100分</w:t></w:r></w:p>"
    )
    box = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
    twice = f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    twice += "</mc:AlternateContent></w:r></w:p>"
    assert list(read_report(document(tmp_path, deleted + twice)).paragraphs.values()) == ["100分", "框"]


def test_sentences_in_the_cells_of_a_table_are_read_and_bare_figures_are_not(tmp_path: Path) -> None:
    cells = ["话务接通率", "94.07%", "总呼入数11666777次，总接通数为10975138次，接通率为94.07%。"]
    row = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in cells)
    assert list(read_report(document(tmp_path, f"<w:tbl><w:tr>{row}</w:tr></w:tbl>")).paragraphs) == [
        "报告.docx 第1张表第1行第3格"
    ]


def test_lines_broken_at_the_edge_of_a_page_are_one_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "报告.txt"
    path.write_text(
        "一、基本情况\n\n2021年度预算资金为13,410.06万元，支出\n\n13,410.06万元，执行率100%。\n（二）下一段\n",
        "gb18030",
    )
    assert list(read_report(path).paragraphs.values()) == [
        "一、基本情况",
        "2021年度预算资金为13,410.06万元，支出13,410.06万元，执行率100%。",
        "（二）下一段",
    ]


REFUSED = {
    "报告.doc": (b"\xd0\xcf\x11\xe0", "E_KIND"),
    "报告.docx": (b"no zip at all", "E_DAMAGED"),
    "没有.txt": (None, "E_MISSING"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_report_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    content, code = REFUSED[name]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileRejected) as refused:
        read_report(path)
    assert refused.value.code == code
    assert str(refused.value).count(name) == 1


def test_a_document_that_declares_a_type_and_one_that_is_no_word_document_are_refused(tmp_path: Path) -> None:
    for code, more in (
        ("E_DTD", {"before": '<!DOCTYPE w [<!ENTITY a "b">]>'}),
        ("E_KIND", {"part": "xl/workbook.xml"}),
    ):
        with pytest.raises(FileRejected) as refused:
            read_report(document(tmp_path, paragraph("甲"), **more))
        assert refused.value.code == code


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    return code, capsys.readouterr().out


def test_a_report_is_checked_with_its_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = paragraph("2021年度预算资金为13,410.60万元。") + paragraph("绩效自评分值为99.7分，话务接通情况见下表。")
    code, said = checked(capsys, str(FORM), "--report", str(document(tmp_path, body)))
    assert code == 1
    assert "  错误 R125  报告.docx 第1段：写 13,410.60 万元，表里没有这个数；请核对" in said
    assert "报告.docx 第2段" not in said


def test_every_check_ends_with_how_many_figures_were_decided(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = checked(capsys, str(FORM))
    assert said.rstrip().splitlines()[-1].startswith("  文字中的数：核对 ")


def test_one_report_belongs_to_one_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = document(tmp_path, paragraph("甲"))
    code, said = checked(capsys, str(FORM), str(ROOT / "examples" / "hebei_example.xlsx"), "--report", str(report))
    assert (code, said.strip()) == (2, "--report 只能用于一个文件，这里有 2 个；请一次核对一份报告")


def test_a_report_that_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = checked(capsys, str(FORM), "--report", str(tmp_path / "没有.docx"))
    assert code == 3
    assert "没有.docx" in said
