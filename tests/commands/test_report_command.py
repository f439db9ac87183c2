"""The command `report` as a clerk runs it: what it says, what it writes, what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from openpyxl import load_workbook

from office import needs_writer
from places import EXAMPLES
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands.main import main
from workbook_tools.word.official import OfficialDocument


@pytest.fixture
def form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "guangzhou_12345_2021.xlsx", "自评表.xlsx")
    return "自评表.xlsx"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_a_report_is_written_and_what_is_left_to_do_is_told(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", form]) == 0
    told = said(capsys)
    assert "已写到 自评表_自评报告.docx" in told
    assert "处要人写（标黄的【请填写】）" in told
    assert Path("自评表_自评报告.docx").exists()


@pytest.mark.usefixtures("form")
def test_what_it_was_made_of_is_told_and_what_was_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(EXAMPLES / "hebei_example.xlsx", "河北.xlsx")
    workbook = load_workbook("河北.xlsx")
    sheet = workbook.worksheets[0]
    sheet["B40"], sheet["C40"] = "另外测算", 123
    workbook.create_sheet("测算")["A1"] = "明年预算 90 万元"
    hidden = workbook.create_sheet("底稿")
    hidden["A1"], hidden.sheet_state = "98%", "hidden"
    workbook.create_sheet("空的")
    workbook.save("河北.xlsx")
    main(["report", "河北.xlsx", "-o", "r.docx"])
    told = said(capsys)
    assert f"用的是工作表“{sheet.title}”；没有用到：工作表“测算”、“底稿”（隐藏），要写进报告的请自己写" in told
    assert "自评表上有 1 格没有读到，没有写进报告：C40（“另外测算”）" in told
    workbook.copy_worksheet(sheet).title = "第二张"
    workbook.save("河北.xlsx")
    assert main(["report", "河北.xlsx", "-o", "r2.docx"]) == 3
    assert f"工作簿里有 2 张自评表（“{sheet.title}”、“第二张”），不知道为哪一张写报告" in said(capsys)


@pytest.mark.slow
def test_running_it_again_changes_nothing(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", form, "-o", "r.docx"])
    before = Path("r.docx").read_bytes()
    assert main(["report", form, "-o", "r.docx"]) == 0
    assert "没有要改的，文件没有改动" in said(capsys)
    assert Path("r.docx").read_bytes() == before
    assert not Path("填表前备份").exists()


def test_a_dry_run_writes_nothing(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", form, "-o", "r.docx", "--dry-run"]) == 0
    assert "没有写文件" in said(capsys)
    assert not Path("r.docx").exists()


@pytest.mark.slow
def test_a_template_edited_in_word_is_used(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--new-template", "--scheme", "guangzhou_2021", "-o", "t.docx"]) == 0
    document = Document("t.docx")
    next(one for one in document.paragraphs if one.text == "一、基本情况").runs[0].text = "一、项目概况"
    document.save("t.docx")
    assert main(["report", form, "--template", "t.docx", "-o", "r.docx"]) == 0
    assert "一、项目概况" in read_report(Path("r.docx")).paragraphs.values()
    assert main(["report", "--new-template", "-o", "t.docx"]) == 2
    assert "已经有这个文件，没有覆盖" in said(capsys)


def test_a_scheme_of_ones_own_has_its_template_beside_it(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbook_tools.reports.word import outlines

    folder = Path("办法") / "guangzhou_2021"
    folder.mkdir(parents=True)
    template = OfficialDocument()
    template.paragraph("{{ 自评结论 }}")
    (folder / "report.docx").write_bytes(template.data)
    monkeypatch.setattr(outlines, "scheme_files", lambda: {"guangzhou_2021": folder / "scheme.toml"})
    assert main(["report", form, "-o", "r.docx"]) == 0
    assert list(read_report(Path("r.docx")).paragraphs.values()) == ["本项目自评得分99.70分。"]


@pytest.mark.slow
def test_last_years_form_and_other_statistics_come_in(form: str) -> None:
    shutil.copy(EXAMPLES / "guangzhou_department_2023.xlsx", "统计.xlsx")
    last = load_workbook(form)
    last.worksheets[0]["A3"] = "（2020年度）"
    last.save("上年.xlsx")
    assert (
        main(
            ["report", form, "-o", "r.docx", "--scheme", "guangzhou_2021", "--last", "上年.xlsx", "--from", "统计.xlsx"]
        )
        == 0
    )
    words = "\n".join(read_report(Path("r.docx")).paragraphs.values())
    assert "年初预算持平（13,410.06万元）" in words
    assert len(Document("r.docx").tables) > 8


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["自评表.xlsx", "-o", "r.doc"], "报告要写到另一个 .docx 文件"),
        ([], "请写上自评表"),
        (["自评表.xlsx", "-o", "别人的.docx"], "没有动它"),
        (["自评表.xlsx", "--template", "坏的.docx", "-o", "r.docx"], "模板"),
        (["自评表.xlsx", "--template", "错的.docx", "-o", "r.docx"], "“没有这个”"),
    ],
)
@pytest.mark.usefixtures("form")
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("别人的.docx").write_bytes(OfficialDocument("别人的报告").data)
    Path("坏的.docx").write_bytes(b"PK\3\4")
    wrong = OfficialDocument()
    wrong.paragraph("{{ 没有这个 }}")
    Path("错的.docx").write_bytes(wrong.data)
    others = Path("别人的.docx").read_bytes()
    assert main(["report", *arguments]) in (2, 3)
    assert sentence in said(capsys)
    assert Path("别人的.docx").read_bytes() == others
    assert not Path("r.docx").exists()


BROKEN = {
    "｛｛ 资金 ｝｝": "大括号和百分号要用半角",
    "{｛资金｝}": "大括号和百分号要用半角",
    "{ { 资金 } }": "大括号和百分号要用半角",
    "{％p if 资金 %}": "大括号和百分号要用半角",
    "{资金}": "大括号要写两个",
    "｛资金｝": "大括号要写两个",
    "{{ “资金” }}": "名称两边不要加引号",
    "前面 {%p if 资金 %}": "要单独占一段",
    "{%p endif %} 后面": "要单独占一段",
    "{{ 资金 ": "写得不对",
    "{%p for 行 in 指标 %}": "写得不对",
    "{{ 行.名称 }}": "“行”没有这个名称",
    "{{ 资金() }}": "标签用错了",
    "{{ 1/0 }}": "标签用错了",
}


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("tag", BROKEN)
def test_a_broken_tag_is_told_and_nothing_is_written(tag: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    template = OfficialDocument()
    template.paragraph(tag)
    Path("t.docx").write_bytes(template.data)
    assert main(["report", form, "--template", "t.docx", "-o", "r.docx"]) == 2
    assert BROKEN[tag] in said(capsys)
    assert not Path("r.docx").exists()


@pytest.mark.slow
@needs_writer
def test_a_pdf_is_written_beside_it(form: str) -> None:
    assert main(["report", form, "-o", "r.docx", "--pdf"]) == 0
    assert Path("r.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_without_an_office_the_report_is_there_and_a_sentence_says_what_lacks(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["report", form, "-o", "r.docx", "--pdf"]) == 3
    assert "没有安装 LibreOffice" in said(capsys)
    assert Path("r.docx").exists()
