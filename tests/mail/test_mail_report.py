"""The report that goes with a form by mail: taken or made, stopped when the form refutes it, sent once."""

# ruff: noqa: F811 - the fixtures of the other tests of mail
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd", reason='aiosmtpd is not installed: pip install ".[test]"')
pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from test_mail import at_home, decoded, form_bytes, peer  # noqa: F401

from mail_peers import Listening
from workbook_tools.commands.main import main
from workbook_tools.word.official import OfficialDocument

SEND = ["--to", "a@example.cn", "--report"]


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(form_bytes())
    return path


def report(form: Path, *sentences: str) -> Path:
    """A report beside the form that says these sentences."""
    document = OfficialDocument("自评报告")
    for words in sentences:
        document.paragraph(words)
    path = form.with_name(f"{form.stem}_自评报告.docx")
    path.write_bytes(document.data)
    return path


def test_the_report_beside_the_form_is_attached(peer: Listening, form: Path) -> None:
    beside = report(form, "本项目自评得分98分。")
    assert main(["send", str(form), *SEND]) == 0
    ((_, data),) = peer.post.taken
    parts = {part.get_filename(): part for part in decoded(data).iter_attachments()}
    assert list(parts) == [form.name, beside.name]
    assert parts[beside.name].get_content() == beside.read_bytes()
    assert parts[beside.name].get_content_type().endswith("wordprocessingml.document")


def test_a_report_that_the_form_refutes_is_not_sent_unless_asked(
    peer: Listening,
    form: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report(form, "本项目自评得分97分。")
    assert main(["send", str(form), *SEND]) == 1
    said = capsys.readouterr().out
    assert "没有发送" in said
    assert "自评表_自评报告.docx 第2段：" in said
    assert peer.post.taken == []
    assert main(["send", str(form), "--report-as-is", *SEND]) == 0
    assert len(peer.post.taken) == 1


def test_a_new_report_has_places_to_be_written_and_waits(
    peer: Listening,
    form: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["send", str(form), *SEND]) == 1
    assert "R126" in capsys.readouterr().out
    assert peer.post.taken == []
    assert list(form.parent.glob("*.docx")) == []  # nothing is written by sending


def test_the_same_form_with_another_report_is_another_mail(peer: Listening, form: Path) -> None:
    report(form, "本项目自评得分98分。")
    main(["send", str(form), *SEND])
    main(["send", str(form), *SEND])
    assert len(peer.post.taken) == 1
    report(form, "本项目自评得分98分，完成较好。")
    main(["send", str(form), *SEND])
    assert len(peer.post.taken) == 2


def test_what_a_document_brings_along_is_told(form: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = report(form, "本项目自评得分98分。")
    document = Document(str(path))
    document.core_properties.author = "张三"
    document.paragraphs[-1].runs[0].font.highlight_color = WD_COLOR_INDEX.YELLOW
    paragraph = document.paragraphs[-1]._p
    inserted = OxmlElement("w:ins")
    inserted.append(OxmlElement("w:r"))
    paragraph.append(inserted)
    document.save(str(path))
    main(["send", str(form), "--dry-run", *SEND])
    said = capsys.readouterr().out
    assert "1 处修订没有接受或拒绝" in said
    assert "有 1 处写好的字还标着黄（第2段）" in said
    assert "文件属性的作者是“张三”" in said


def test_one_named_report_is_for_one_form(form: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(form, form.with_name("另一张.xlsx"))
    assert main(["send", str(form.parent), "--dry-run", *SEND, "r.docx"]) == 2
    assert "只能用于一个文件" in capsys.readouterr().out
