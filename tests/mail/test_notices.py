"""整改通知 by mail: each once, none that is not complete; and reminders of what has not been mended."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd", reason='aiosmtpd is not installed: pip install ".[test]"')
pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")

from docx import Document
from test_mail import at_home, configure, decoded, draft_in, outbox, peer  # noqa: F401

from mail_peers import Listening
from reviewed import FAULTY, form, issues, review, typed
from workbook_tools.commands.main import main

SEND = ["review", "send", "问题清单.xlsx", "--to-list", "通讯录.csv"]


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed review of two units, whose notices nobody has completed yet."""
    monkeypatch.chdir(tmp_path)
    for unit in ("甲局", "乙局"):
        form(tmp_path / "收到" / f"{unit}.xlsx", unit=unit)
    main(["review", "close", str(review(tmp_path / "收到")), "--deadline", "2024-03-31"])
    (tmp_path / "通讯录.csv").write_text("单位,邮箱\n甲局,jia@example.cn\n乙局,yi@example.cn\n", "utf-8")
    return tmp_path


def complete(folder: Path, unit: str) -> Path:
    """The bureau fills in what is left open in a notice."""
    path = folder / "整改通知" / f"整改通知 {unit}.docx"
    document = Document(str(path))
    for paragraph in document.paragraphs:
        if "【请填写" in paragraph.text:
            paragraph.text = "市财政局"
    document.save(str(path))
    return path


def test_a_notice_goes_once_however_often_it_is_saved(
    peer: Listening,  # noqa: F811
    closed: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = complete(closed, "甲局")
    capsys.readouterr()
    assert main(SEND) == 1
    assert "乙局：" in capsys.readouterr().out
    ((recipients, data),) = peer.post.taken
    assert recipients == ("jia@example.cn",)
    mail = decoded(data)
    assert mail["Subject"] == "绩效自评复核整改通知：甲局"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == path.name
    assert attached.get_content() == path.read_bytes()
    assert attached.get_content_type().endswith("wordprocessingml.document")
    document = Document(str(path))
    document.core_properties.author = "李四"
    document.save(str(path))  # other bytes, the same words
    assert main(SEND) == 1
    assert len(peer.post.taken) == 1
    complete(closed, "乙局")
    assert main(SEND) == 0
    assert [whom for whom, _ in peer.post.taken] == [("jia@example.cn",), ("yi@example.cn",)]


@pytest.mark.slow
def test_a_notice_that_is_no_longer_as_the_list_does_not_go(closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for unit in ("甲局", "乙局"):
        complete(closed, unit)
    typed(closed / "复核.xlsx", {"indicators.1": {"处理": "不列入 R101"}, "form": {"复核意见": "附件不全"}})
    main(["review", "close", "复核.xlsx"])
    listed = issues(closed)
    (dropped,) = [number for number, line in listed.items() if line["状态"] == "不列入"]
    (added,) = [number for number, line in listed.items() if line["位置"] == "整张表" and line["发现"] == "复核意见"]
    unit, other = str(listed[dropped]["单位"]), "甲局" if listed[dropped]["单位"] == "乙局" else "乙局"
    capsys.readouterr()
    assert main([*SEND, "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert f"是按以前的清单写的（没有写问题 {added}，写着已经不用整改的问题 {dropped}）" in said
    assert said.count(f"整改通知 {other} →") == 1
    assert f"整改通知 {unit} →" not in said
    (closed / "整改通知" / f"整改通知 {unit}.docx").unlink()
    main(["review", "notice", "问题清单.xlsx", "--deadline", "2024-03-31"])
    complete(closed, unit)
    capsys.readouterr()
    assert main([*SEND, "--dry-run"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: None, "里还有【请填写…】没有填"),
        (lambda folder: complete(folder, "甲局").unlink(), "没有整改通知"),
        (
            lambda folder: (
                complete(folder, "甲局"),
                (folder / "通讯录.csv").write_text("单位,邮箱\n丙局,a@b.cn\n", "utf-8"),
            ),
            "通讯录里没有这个单位",
        ),
    ],
)
def test_what_does_not_go_says_why(change: object, said: str, closed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(closed)  # type: ignore[operator]
    capsys.readouterr()
    assert main([*SEND, "--dry-run"]) == 1
    shown = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("甲局"))
    assert said in shown
    assert not (closed / "home").exists()  # no outbox


@pytest.mark.slow
def test_a_mended_unit_gets_no_notice(closed: Path) -> None:
    for unit in ("甲局", "乙局"):
        complete(closed, unit)
        form(closed / "返回" / f"{unit}.xlsx", unit=unit, changes={} if unit == "甲局" else FAULTY)
    main(["review", "again", "返回", "--issues", "问题清单.xlsx"])
    assert main([*SEND, "--draft", "草稿"]) == 0
    assert [path.name for path in (closed / "草稿").iterdir()] == ["整改通知 乙局.eml"]


@pytest.mark.slow
def test_a_reminder_lists_what_is_not_mended(closed: Path) -> None:
    form(closed / "返回" / "甲局.xlsx", unit="甲局", changes={})
    form(closed / "返回" / "乙局.xlsx", unit="乙局", changes={})
    command = ["chase", "返回", "--to-list", "通讯录.csv", "--draft", "草稿"]
    assert main(command) == 0
    assert not (closed / "草稿").exists()  # nothing to ask for without the list
    form(closed / "返回" / "乙局.xlsx", unit="乙局", changes=FAULTY)
    main(["review", "again", "返回", "--issues", "问题清单.xlsx"])
    form(closed / "返回" / "乙局.xlsx", unit="乙局", changes={})
    assert main([*command, "--issues", "问题清单.xlsx"]) == 0
    assert [path.name for path in (closed / "草稿").iterdir()] == ["催报 乙局.eml"]
    said = draft_in(closed / "草稿")
    assert "复核问题没有整改：3 个。请按整改通知逐条整改以后重新报送，编号如下。" in said
    assert "公共服务项目 G10 培训人数 得分：填 20，按办法应为 19.00" in said
