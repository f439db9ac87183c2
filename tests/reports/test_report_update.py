"""A report brought up to date: new figures come in, what a person wrote stays, also after LibreOffice has saved it."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from openpyxl import load_workbook

from office import save_in_writer
from places import EXAMPLES
from workbook_tools.assess import Assessment, assess, assess_file
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands.main import main
from workbook_tools.errors import BadTemplate
from workbook_tools.excel import read_book
from workbook_tools.reports.word.report import Report, made_report
from workbook_tools.word.official import OfficialDocument
from workbook_tools.word.package import save_document

FORM = EXAMPLES / "guangzhou_12345_2021.xlsx"
OWN = "接通率受疫情影响未达标，我局已督促承建单位整改。"


def with_cells(cells: dict[str, Any]) -> Assessment:
    """The form with other words in some cells."""
    workbook = load_workbook(FORM)
    for cell, words in cells.items():
        workbook["自评表"][cell].value = words
    out = io.BytesIO()
    workbook.save(out)
    return assess(read_book(out.getvalue()))[0]


def cell_of(words: str, column: str = "") -> str:
    """The cell of the form with these words, or the one in another column of its row."""
    sheet = load_workbook(FORM)["自评表"]
    found = next(cell for row in sheet.iter_rows() for cell in row if cell.value == words)
    return f"{column or found.column_letter}{found.row}"


def same(path: Path) -> Path:
    return path


PROGRAMS = [
    pytest.param(same, id="word"),
    pytest.param(save_in_writer, id="libreoffice", marks=pytest.mark.slow),
]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "r.docx"
    save_document(path, made_report(assess_file(FORM).forms[0], path).data, seen=None)
    return path


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """What a person does in Word."""
    document = Document(str(path))
    change(document)
    document.save(str(path))


def paragraph(document: Any, words: str) -> Any:
    return next(one for one in document.paragraphs if words in one.text)


def rewrite_paragraph(document: Any) -> None:
    found = paragraph(document, "月度话务接通率：")
    for run in found.runs[1:]:
        run.text = ""
    found.runs[0].text = OWN


def update(path: Path, form: Assessment) -> Report:
    made = made_report(form, path)
    save_document(path, made.data, seen=made.seen)
    return made


def said(made: Report) -> list[tuple[str, str, str]]:
    return [(one.what, one.before, one.now) for one in made.merged or ()]


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_form_changes_nothing(report: Path, program: Callable[[Path], Path]) -> None:
    program(report)
    made = update(report, assess_file(FORM).forms[0])
    assert (said(made), made.unchanged) == ([], True)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_new_figure_comes_into_sentence_and_table(report: Path, program: Callable[[Path], Path]) -> None:
    program(report)
    made = update(report, with_cells({cell_of("98.79%"): "97.5%"}))
    words = "\n".join(read_report(report).paragraphs.values())
    assert "群众咨询事项一次性解答率：年度指标值≥80%，实际完成值97.5%" in words
    assert "98.79%" not in words
    assert {what for what, _, _ in said(made)} == {"changed"}
    cells = [cell.text for table in Document(str(report)).tables for row in table.rows for cell in row.cells]
    assert "97.5%" in cells
    assert "98.79%" not in cells


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_rewritten_sentence_stays_and_is_told(report: Path, program: Callable[[Path], Path]) -> None:
    edit(report, rewrite_paragraph)
    program(report)
    made = update(report, with_cells({cell_of("94.07%"): "93.5%"}))
    words = "\n".join(read_report(report).paragraphs.values())
    assert OWN in words
    assert ("kept", OWN) in [(what, before) for what, before, _ in said(made)]
    where = next(one.where for one in made.merged or () if one.what == "kept")
    assert read_report(report).paragraphs[f"r.docx {where}"] == OWN  # told where the check of reports finds it


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_words_typed_over_a_mark_are_told_while_they_are_yellow(
    report: Path, program: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(document: Any) -> None:
        paragraph(document, "立项背景").runs[0].text = "2019年，项目经评审立项。"
        paragraph(document, "政策文件").runs[0].text = "依据《热线管理办法》。"
        paragraph(document, "依据《").runs[0].font.highlight_color = None

    edit(report, fill)
    program(report)
    (place,) = read_report(report).lit
    assert read_report(report).paragraphs[place] == "2019年，项目经评审立项。"
    told = f"有 1 处写好的字还标着黄（{place.removeprefix('r.docx ')}）；定稿前请选中，去掉“突出显示”"
    for command in (["report", str(FORM), "-o", str(report)], ["check", str(FORM), "--report", str(report)]):
        main(command)
        assert told in capsys.readouterr().out


@pytest.mark.slow
def test_an_old_report_gets_no_line_for_its_annex(report: Path) -> None:
    edit(
        report,
        lambda document: [one._p.getparent().remove(one._p) for one in document.paragraphs if "附件" in one.text],
    )
    update(report, with_cells({cell_of("98.79%"): "97.5%"}))
    assert "97.5%" in (words := "\n".join(read_report(report).paragraphs.values()))
    assert "附件" not in words


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_person_filled_in_stays(report: Path, program: Callable[[Path], Path]) -> None:
    def fill(document: Any) -> None:
        found = paragraph(document, "立项背景")
        found.runs[0].text = "2019年，项目经评审立项。"
        found.insert_paragraph_before("（自己加的一段）")

    edit(report, fill)
    program(report)
    update(report, with_cells({cell_of("94.07%"): "93.5%"}))
    words = list(read_report(report).paragraphs.values())
    assert "2019年，项目经评审立项。" in words
    assert "（自己加的一段）" in words


@pytest.mark.slow
def test_the_format_of_a_sentence_stays(report: Path) -> None:
    def embolden(document: Any) -> None:
        for run in paragraph(document, "本项目自评得分").runs:
            run.font.bold = True

    edit(report, embolden)
    update(report, with_cells({cell_of("94.07%"): "93.5%"}))
    found = paragraph(Document(str(report)), "本项目自评得分")
    assert "99.70" not in found.text
    assert all(run.font.bold for run in found.runs)


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_renamed_indicator_goes_and_the_new_one_comes(report: Path, program: Callable[[Path], Path]) -> None:
    program(report)
    made = update(report, with_cells({cell_of("工单转派及时率"): "工单办结及时率"}))
    words = "\n".join(read_report(report).paragraphs.values())
    assert "工单办结及时率：年度指标值100%" in words
    assert "工单转派及时率" not in words
    cells = [cell.text for table in Document(str(report)).tables for row in table.rows for cell in row.cells]
    assert cells.count("工单办结及时率") == 2
    assert "工单转派及时率" not in cells
    assert {what for what, _, _ in said(made)} == {"added", "removed"}
    lines = words.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("工单办结及时率"))
    assert lines[at - 1].startswith("对群众对办理结果不满意的回访率")  # in the order of the form


@pytest.mark.slow
def test_a_rewritten_sentence_of_a_vanished_indicator_stays(report: Path) -> None:
    edit(report, rewrite_paragraph)
    made = update(report, with_cells({cell_of("月度话务接通率"): "年度话务接通率"}))
    assert OWN in "\n".join(read_report(report).paragraphs.values())
    assert ("left", OWN) in [(what, before) for what, before, _ in said(made)]


@pytest.mark.slow
def test_a_deleted_sentence_does_not_come_back(report: Path) -> None:
    def delete(document: Any) -> None:
        for words in ("本项目设置7个", "话务平台可用率："):
            found = paragraph(document, words)
            found._p.getparent().remove(found._p)

    edit(report, delete)
    made = update(report, with_cells({cell_of("98.79%"): "97.5%"}))
    words = "\n".join(read_report(report).paragraphs.values())
    assert "本项目设置7个" not in words
    assert "话务平台可用率：" not in words
    assert [now[:6] for what, _, now in said(made) if what == "deleted"] == ["本项目设置7", "话务平台可用"]


def tracked(document: Any, words: str, change: Callable[[Any], Any]) -> None:
    """A change of a sentence that nobody has accepted yet."""
    run = next(one for one in paragraph(document, words).runs if words in one.text)._r
    change(run)


def inserted(run: Any) -> None:
    """约 stands in the middle, as Word tracks it."""
    text = run.find(qn("w:t"))
    before, after = text.text[:7], text.text[7:]
    text.text = before
    for words in (after, "约"):
        more = copy.deepcopy(run)
        more.find(qn("w:t")).text = words
        if words == "约":
            holder = parse_xml(f'<w:ins {nsdecls("w")} w:id="901" w:author="甲" w:date="2022-01-01T00:00:00Z"/>')
            holder.append(more)
            more = holder
        run.addnext(more)


def struck_out(run: Any) -> None:
    """The words are deleted, as Word tracks it."""
    holder = parse_xml(f'<w:del {nsdecls("w")} w:id="902" w:author="甲" w:date="2022-01-01T00:00:00Z"/>')
    run.addprevious(holder)
    holder.append(run)
    run.find(qn("w:t")).tag = qn("w:delText")


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("change", "what", "stays"), [(inserted, "kept", "约"), (struck_out, "deleted", "")])
def test_a_change_that_is_tracked_is_a_persons(
    report: Path, program: Callable[[Path], Path], change: Callable[[Any], None], what: str, stays: str
) -> None:
    edit(report, lambda document: tracked(document, "本项目自评得分99.70分", change))
    program(report)
    made = update(report, with_cells({cell_of("94.07%"): "93.5%"}))
    about = [one for one, before, now in said(made) if "自评得分" in before + now and "本项目" in before + now]
    assert about == [what]
    words = [one for one in read_report(report).paragraphs.values() if "本项目自评得分" in one]
    assert [stays in one and "99.70" in one for one in words] == ([True] if stays else [])


@pytest.mark.slow
def test_what_was_written_around_a_sentence_stays(report: Path) -> None:
    def write(document: Any) -> None:
        sentence = paragraph(document, "本项目自评得分")
        sentence._p.find(qn("w:bookmarkStart")).addprevious(new_run("经局办公会审议，"))
        paragraph(document, "本项目设置7个").add_run("以上指标经局办公会审定。")

    edit(report, write)
    update(report, with_cells({cell_of("94.07%"): "93.5%"}))
    words = "\n".join(read_report(report).paragraphs.values())
    assert "经局办公会审议，本项目自评得分" in words
    assert "99.70" not in words
    assert "以上指标经局办公会审定。" in words


def new_run(words: str) -> Any:
    return parse_xml(f"<w:r {nsdecls('w')}><w:t>{words}</w:t></w:r>")


@pytest.mark.slow
def test_a_report_that_is_open_in_word_is_not_written(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.with_name("~$r.docx").write_bytes(b"\x05admin")
    form = report.with_name("自评表.xlsx")
    workbook = load_workbook(FORM)
    workbook["自评表"][cell_of("98.79%")].value = "97%"
    workbook.save(form)
    before = report.read_bytes()
    assert main(["report", str(form), "-o", str(report)]) == 3
    assert "正在 Word 或 WPS 中打开" in capsys.readouterr().out
    assert report.read_bytes() == before


@pytest.mark.slow
def test_every_other_part_of_the_file_is_what_it_was(report: Path) -> None:
    before = {name: data for name, data in parts(report).items() if name != "word/document.xml"}
    update(report, with_cells({cell_of("98.79%"): "97.5%"}))
    after = parts(report)
    assert after.pop("word/document.xml")
    assert after == before


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.slow
def test_a_document_of_somebody_else_is_never_touched_unasked(tmp_path: Path) -> None:
    path = tmp_path / "r.docx"
    path.write_bytes(OfficialDocument("别人的报告").data)
    form = assess_file(FORM).forms[0]
    with pytest.raises(BadTemplate, match="没有动它"):
        made_report(form, path)
    made = made_report(form, path, overwrite=True)
    assert made.merged is None
    assert save_document(path, made.data, seen=made.seen) is not None  # a backup is kept
