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


BOX = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
HIDDEN = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>98%</w:t></w:r>"
# What stands in the body of a document → what is read of it.
BODIES = {
    "a box in the middle of a sentence": (
        f"<w:p><w:r><w:t>预算执行率</w:t></w:r><w:r>{BOX}</w:r><w:r><w:t>100%</w:t></w:r></w:p>",
        {"第1段": "预算执行率100%", "第1段文本框1": "框"},
    ),
    "words that were moved": (
        ("<w:p><w:moveFrom><w:r><w:t>支出1万元。</w:t></w:r></w:moveFrom><w:r><w:t>预算1万元。</w:t></w:r>"
        "<w:moveTo><w:r><w:t>支出2万元。</w:t></w:r></w:moveTo></w:p>"),
        {"第1段": "预算1万元。支出2万元。"},
    ),
    "hidden words": (f"<w:p><w:r><w:t>执行率</w:t></w:r>{HIDDEN}<w:r><w:t>100%</w:t></w:r></w:p>", {"第1段": "执行率100%"}),
    "words that are shown after all": (
        f"<w:p>{HIDDEN.replace('<w:vanish/>', '<w:vanish w:val=' + chr(34) + '0' + chr(34) + '/>')}</w:p>",
        {"第1段": "98%"},
    ),
    "a field": (
        "<w:p><w:r><w:t>第</w:t></w:r><w:r><w:instrText> PAGE 99 </w:instrText></w:r><w:r><w:t>3页</w:t></w:r></w:p>",
        {"第1段": "第3页"},
    ),
    "a content control": (
        "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:sdtContent></w:sdt><w:p><w:r><w:t>乙</w:t></w:r></w:p>",
        {"第1段": "甲", "第2段": "乙"},
    ),
    "a link": ("<w:p><w:hyperlink><w:r><w:t>得分</w:t></w:r></w:hyperlink><w:r><w:t>9分</w:t></w:r></w:p>", {"第1段": "得分9分"}),
    "a non-breaking hyphen and a tab": (
        "<w:p><w:r><w:t>1</w:t><w:noBreakHyphen/><w:t>6月</w:t><w:tab/><w:t>5万元</w:t></w:r></w:p>",
        {"第1段": "1-6月\t5万元"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_what_is_shown_is_read(case: str, tmp_path: Path) -> None:
    body, expected = BODIES[case]
    assert read_report(document(tmp_path, body)).paragraphs == {
        f"报告.docx {at}": said for at, said in expected.items()
    }


def test_the_strict_format_of_office_is_read_too(tmp_path: Path) -> None:
    path = document(tmp_path, paragraph("自评得分99分"))
    with zipfile.ZipFile(path) as file:
        part = file.read("word/document.xml")
    strict = part.replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", strict)
    assert list(read_report(path).paragraphs.values()) == ["自评得分99分"]


def test_notes_are_read_after_the_text(tmp_path: Path) -> None:
    path = document(tmp_path, paragraph("正文"))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(
            "word/footnotes.xml", f"<w:footnotes {NAMESPACE}><w:footnote>{paragraph('脚注')}</w:footnote></w:footnotes>"
        )
        file.writestr(
            "word/endnotes.xml", f"<w:endnotes {NAMESPACE}><w:endnote>{paragraph('尾注')}</w:endnote></w:endnotes>"
        )
    found = {"报告.docx 第1段": "正文", "报告.docx 脚注第1段": "脚注", "报告.docx 尾注第1段": "尾注"}
    assert read_report(path).paragraphs == found


def test_a_table_inside_a_cell_is_a_table_of_its_own(tmp_path: Path) -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('得分')}</w:tc><w:tc>{paragraph('9')}</w:tc></w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{paragraph('外面')}{inner}{paragraph('')}</w:tc></w:tr></w:tbl>"
    outer, inside = read_report(document(tmp_path, paragraph("表一") + body)).tables
    assert (outer.title, outer.rows) == ("表一", (("外面",),))
    assert inside.rows == (("得分", "9"),)
    assert inside.places == (
        ("报告.docx 第1张表第1行第1格里的表第1行第1格", "报告.docx 第1张表第1行第1格里的表第1行第2格"),
    )


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
    "报告.wps": (b"\xd0\xcf\x11\xe0", "E_KIND"),
    "报告.odt": (b"PK\3\4", "E_KIND"),
    "报告.pdf": (b"%PDF-1.7", "E_KIND"),
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
