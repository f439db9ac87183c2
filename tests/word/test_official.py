"""An official document: page, styles and numbers by GB/T 9704; words stay words; the same bytes for the same words."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from docx.shared import Mm, Pt

from ooxml import errors as schema_errors
from ooxml import needs_validator
from workbook_tools.claims.report_file import read_report
from workbook_tools.errors import BadTemplate, FileRejected
from workbook_tools.word.official import OfficialDocument
from workbook_tools.word.package import save_document
from workbook_tools.word.template import render

HOSTILE = [
    "<w:p/>",
    "a & b",
    "{{ 1 + 1 }}",
    "{% for x in y %}",
    "&lt;",
    "]]>",
    "一\x07二\x0c三\x00四",
    "“引号”",
    "{_{ x }_}",
]


def letter() -> OfficialDocument:
    document = OfficialDocument("关于某项目绩效自评的报告")
    document.heading("一、基本情况")
    document.heading("（一）资金情况", 2)
    document.paragraph("2023年度预算100万元。")
    document.to_write("项目背景")
    document.caption("表1  指标")
    document.table(["序号", "指标"], [["1", "接通率"]], [1, 4])
    document.paragraph("某单位", right=True)
    return document


def test_page_and_type_area_are_those_of_the_standard() -> None:
    section = Document(io.BytesIO(letter().data)).sections[0]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    margins = [section.page_width, section.page_height, *margins]
    wanted = [Mm(210), Mm(297), Mm(37), Mm(35), Mm(28), Mm(26)]
    assert all(
        abs((one or 0) - wide) < Mm(0.1) for one, wide in zip(margins, wanted, strict=True)
    )  # a file holds twentieths of a point


@pytest.mark.parametrize(
    ("style", "font", "size"),
    [
        ("Normal", "仿宋_GB2312", 16),
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
    ],
)
def test_styles_have_the_fonts_of_the_standard(style: str, font: str, size: int) -> None:
    found = Document(io.BytesIO(letter().data)).styles[style]
    assert (
        found.element.rPr.rFonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia") == font
    )
    assert (found.font.size, found.font.name) == (Pt(size), "Times New Roman")


def test_odd_and_even_pages_have_their_numbers_on_the_outside() -> None:
    document = Document(io.BytesIO(letter().data))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    assert [one.paragraphs[0].alignment for one in (section.footer, section.even_page_footer)] == [2, 0]
    assert [one.paragraphs[0].text.replace("1", "") for one in (section.footer, section.even_page_footer)] == [
        "—  —"
    ] * 2


def test_the_same_words_give_the_same_bytes() -> None:
    assert letter().data == letter().data


def test_the_file_tells_no_program_and_no_picture() -> None:
    with zipfile.ZipFile(io.BytesIO(letter().data)) as file:
        assert b"python-docx" not in b"".join(file.read(name) for name in file.namelist())
        assert not [name for name in file.namelist() if "thumbnail" in name]


@needs_validator
def test_the_schema_of_office_knows_every_element(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(letter().data)
    assert schema_errors([path]) == {path: set()}


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_a_form_stay_words(words: str, tmp_path: Path) -> None:
    template = OfficialDocument()
    template.paragraph("项目：{{ 项目 }}。")
    path = tmp_path / "r.docx"
    path.write_bytes(render(template.data, {"项目": words}))
    shown = words.replace("\x07", "[U+0007]").replace("\x0c", "[U+000C]").replace("\x00", "[U+0000]")
    assert list(read_report(path).paragraphs.values()) == [f"项目：{shown}。"]


def test_rendering_gives_the_same_bytes_twice() -> None:
    template = OfficialDocument()
    template.paragraph("{{ 项目 }}")
    assert render(template.data, {"项目": "甲"}) == render(template.data, {"项目": "甲"})


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("数是{{ 没有 }}", "“没有”"),
        ("数是{{ 项目", "数是{{ 项目"),
        ("{%p for 组 in 各组 %}", "for 组"),
        ("数是{{ 项目 + 1 }}", "数是{{ 项目 + 1 }}"),
        ("{{ 项目.__class__.__mro__ }}", "__class__"),
    ],
)
def test_a_wrong_tag_is_named_with_its_paragraph(tag: str, said: str) -> None:
    template = OfficialDocument()
    template.paragraph("好的一段{{ 项目 }}")
    template.paragraph(tag)
    with pytest.raises(BadTemplate) as raised:
        render(template.data, {"项目": "甲", "各组": ["乙"]})
    assert said in str(raised.value)
    assert "标签" in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"%PDF-1.7", OfficialDocument().data[:-100]])
def test_a_damaged_template_is_told_in_one_sentence(data: bytes) -> None:
    with pytest.raises(FileRejected, match=r"^模板：.*请"):
        render(data, {})


def test_a_document_is_saved_under_its_ending_only(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"\.docx"):
        save_document(tmp_path / "r.doc", letter().data, seen=None)
    assert save_document(tmp_path / "r.docx", letter().data, seen=None) is None
    assert (tmp_path / "r.docx").read_bytes() == letter().data


def test_without_the_package_a_sentence_says_what_to_install() -> None:
    code = (
        "import importlib.util as u; u.find_spec = lambda name, *more, real=u.find_spec: None if name == 'docxtpl' else real(name, *more)\n"
        "from workbook_tools.errors import WorkbookToolsError\n"
        "try:\n    import workbook_tools.word.official\nexcept WorkbookToolsError as fault:\n    print(fault.code)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "E_NOT_INSTALLED"
