"""Forms by mail against real servers on the loopback: once, complete, to the right person, and truthful about every loss."""

from __future__ import annotations

import doctest
import email
import hashlib
import io
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from functools import cache, partial
from pathlib import Path
from smtplib import SMTP
from typing import Any, Protocol

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.external_link import ExternalLink
from openpyxl.workbook.external_link.external import ExternalBook

pytest.importorskip("aiosmtpd", reason='aiosmtpd is not installed: pip install ".[test]"')

from correct import CORRECT
from mail_peers import PASSWORD, USER, Cut, Listening, server
from office import needs_libreoffice
from paper import PaperSheet
from places import ROOT
from workbook_tools.batch.workers import Processes
from workbook_tools.commands.main import main
from workbook_tools.errors import BadMail
from workbook_tools.mail import compose as sending
from workbook_tools.mail.batch import compose_forms, preview, queue
from workbook_tools.mail.compose import amount_in, outgoing
from workbook_tools.mail.message import (
    Attachment,
    Draft,
    address,
    addresses,
    clean,
    file_name,
    mailbox,
    message,
    owner,
    shown_name,
    subject_of,
)
from workbook_tools.mail.outbox import FAILED, QUEUED, SENT, UNKNOWN, Outbox
from workbook_tools.mail.reminders import reminders
from workbook_tools.mail.server import BLOCK, Server
from workbook_tools.mail.settings import PRESETS, Settings, outbox_path, read_settings
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes

PROJECT = "12345投诉举报平台公共服务项目经费支出"
NAMES = [f"{('中山市二〇二二年度绩效自评表终稿' * 9)[:count]}.xlsx" for count in (10, 60, 120)]


def form_bytes(unit: str = "甲局", project: str = PROJECT) -> bytes:
    """A form without errors."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_form())) as drawn, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name in drawn.namelist():
            words = (
                drawn.read(name)
                .replace("〔单位〕".encode(), unit.encode())
                .replace("〔项目〕".encode(), project.encode())
            )
            package.writestr(name, words)
    return made.getvalue()


@cache
def _form() -> bytes:
    drawing = CORRECT.replace("项目名称 | 公共服务项目", "实施单位 | 〔单位〕 | 项目名称 | 〔项目〕")
    workbook = PaperSheet(drawing).workbook()
    workbook.properties.creator = "workbook_tools"
    return workbook_bytes(workbook)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and outbox of each test are its own."""
    for name in list(os.environ):
        if name.startswith("WORKBOOK_TOOLS_"):
            monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", PASSWORD)


@pytest.fixture(params=["ssl", "starttls"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    with server(tmp_path, request.param) as listening:
        configure(tmp_path, listening, security=request.param)
        yield listening


class Reachable(Protocol):
    """A server: its port and the file of the authority that its certificate is signed by."""

    @property
    def port(self) -> int: ...
    @property
    def authority(self) -> Path: ...


def configure(folder: Path, listening: Reachable, *, security: str, port: int = 0, **more: object) -> Path:
    """Writes the settings for a server."""
    path = folder / "home" / "workbook_tools" / "settings.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"host": "127.0.0.1", "port": port or listening.port, "security": security, "user": USER}
    said |= {"name": "市财政局", "ca": str(listening.authority), "pause": 0, "timeout": 5, **more}
    path.write_text("[mail]\n" + "".join(f"{key} = {value!r}\n" for key, value in said.items()), "utf-8")
    return path


def outbox(folder: Path) -> Outbox:
    return Outbox(folder / "home" / "workbook_tools" / "outbox.sqlite")


def states(folder: Path) -> Counter[str]:
    box = outbox(folder)
    counted: Counter[str] = Counter(one.state for one in box.all())
    box.close()
    return counted


def decoded(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=default)


@pytest.mark.parametrize("name", NAMES, ids=len)
def test_a_chinese_name_comes_back_identical(name: str, peer: Listening, tmp_path: Path) -> None:
    data = form_bytes()
    box, settings = outbox(tmp_path), read_settings()
    draft = Draft("主题：年度绩效自评表" * 5, "您好！", (), [Attachment(name, data)])
    box.queue(
        lambda who: message(draft, who, sender=("市财政局", USER)), draft.subject, "", USER, ["a@example.cn"], name
    )
    assert box.send(lambda: Server(settings, PASSWORD)).fault is None
    ((_, taken),) = peer.post.taken
    mail = decoded(taken)
    (part,) = mail.iter_attachments()
    assert (mail["Subject"], part.get_filename(), part.get_content()) == (draft.subject, name, data)
    in_type = re.search(rb'name="((?:=\?utf-8\?b\?[A-Za-z0-9+/=]+\?=\s*)+)"', taken)
    assert in_type is not None
    assert str(make_header(decode_header(in_type[1].decode()))) == name
    assert max(map(len, taken.split(b"\r\n"))) <= 998


def test_a_form_arrives_whole_with_its_result(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "中山市二〇二二年度绩效自评表（终稿）.xlsx"
    path.write_bytes(form_bytes())
    assert main(["send", str(path), "--to", "a@example.cn", "--cc", "b@example.cn"]) == 0
    assert "发出 2 封" in capsys.readouterr().out
    ((recipients, data),) = peer.post.taken
    assert recipients == ("a@example.cn", "b@example.cn")
    mail = decoded(data)
    assert mail["Subject"] == f"2023年度绩效自评表 甲局 {PROJECT} 98.00分"
    assert str(mail["From"]) == f"市财政局 <{USER}>"
    assert (mail["To"], mail["Cc"]) == ("a@example.cn", "b@example.cn")
    (part,) = mail.iter_attachments()
    assert part.get_filename() == path.name
    assert part.get_content_type() == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert hashlib.sha256(part.get_content()).digest() == hashlib.sha256(path.read_bytes()).digest()
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert f"现报送2023年度绩效自评表（甲局 {PROJECT}），请查收附件。" in text.get_content()
    assert ">98.00分</td>" in page.get_content()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("17160289.87", "17,160,289.87元"),
        ("17,160,681", "17,160,681.00元"),
        ("900", "900.00元"),
        ("-1234.5", "-1,234.50元"),
        ("89.974", "89.974元"),  # no digit of a form is rounded away
        ("约12", "约12元"),
    ],
)
def test_amounts_have_thousands_commas_and_two_decimals(words: str, said: str) -> None:
    assert amount_in(words, "元") == said


def test_the_mail_of_a_form_says_its_amounts_and_whom_to_ask(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    draft = outgoing(path, contact="李四 010-12345678").draft
    amounts = [words for label, words in draft.table if label in ("全年预算", "全年支出")]
    assert len(amounts) == 2
    assert all(re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d(万元|元)", words) for words in amounts)
    assert draft.text.endswith("请查收附件。\n联系人：李四 010-12345678")
    assert "联系人" not in outgoing(path).draft.text
    with pytest.raises(BadMail):
        outgoing(path, contact="李四\nBcc: x@example.cn")


def draft_in(folder: Path) -> str:
    (found,) = folder.glob("*.eml")
    text = decoded(found.read_bytes()).get_body(("plain",))
    assert text is not None
    return str(text.get_content())


@pytest.mark.parametrize("how", ["option", "settings"])
def test_a_reminder_names_the_deadline_and_whom_to_ask(how: str, tmp_path: Path) -> None:
    (tmp_path / "表").mkdir()
    (tmp_path / "表" / "甲.xlsx").write_bytes(form_bytes())
    (tmp_path / "通讯录.csv").write_text("单位,邮箱\n甲局,jia@example.cn\n乙局,yi@example.cn\n", "utf-8")
    settings = tmp_path / "邮件.toml"
    contact = 'contact = "李四 010-12345678"' if how == "settings" else ""
    settings.write_text(f'[mail]\npreset = "163"\nuser = "a@163.com"\n{contact}\n', "utf-8")
    command = ["chase", str(tmp_path / "表"), "--to-list", str(tmp_path / "通讯录.csv"), "--deadline", "2099-02-28"]
    command += ["--settings", str(settings), "--draft", str(tmp_path / "草稿")]
    main([*command, "--contact", "李四 010-12345678"] if how == "option" else command)
    said = draft_in(tmp_path / "草稿")
    assert "乙局的绩效自评表，报送截止日期是 2099年2月28日：" in said
    assert said.rstrip().endswith("联系人：李四 010-12345678")


def test_a_dry_run_says_who_has_it_already(peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    trial = ["send", str(path), "--to", "a@example.cn", "--to", "b@example.cn", "--dry-run"]
    assert main(trial) == 0
    assert not outbox_path().exists()
    main(["send", str(path), "--to", "a@example.cn"])
    capsys.readouterr()
    assert main(trial) == 0
    said = capsys.readouterr().out
    assert re.search(r"^  a@example\.cn 已经发过（.+），不会再发$", said, re.MULTILINE)
    assert "b@example.cn 已经" not in said
    assert len(peer.post.taken) == 1
    main([*trial, "--again"])
    assert "已经发过" not in capsys.readouterr().out


def test_a_form_goes_to_the_address_of_its_unit(peer: Listening, tmp_path: Path) -> None:
    for unit in ("甲局", "乙局", "丙局"):
        (tmp_path / "收到").mkdir(exist_ok=True)
        (tmp_path / "收到" / f"{unit}.xlsx").write_bytes(form_bytes(unit))
    book = Workbook()
    for row in (
        ("市直单位通讯录",),
        ("序号", "单位", "邮箱"),
        (1, "甲局", "jia@example.cn；jia2@example.cn"),
        (2, "乙局", "yi@example.cn"),
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "通讯录.xlsx")
    assert main(["send", str(tmp_path / "收到"), "--to-list", str(tmp_path / "通讯录.xlsx")]) == 1  # 丙局 is not there
    sent = {recipients: str(decoded(data)["Subject"]).split()[1] for recipients, data in peer.post.taken}
    assert sent == {("jia@example.cn", "jia2@example.cn"): "甲局", ("yi@example.cn",): "乙局"}


def test_addresses_in_one_cell_stay_apart(tmp_path: Path) -> None:
    listed = tmp_path / "通讯录.csv"
    words = ("a@b.cn；c@d.cn", "a@b.cn c@d.cn", '"a@b.cn\nc@d.cn"', "ａ@b.cn 、\u3000c@d.cn，")
    listed.write_text("单位,邮箱\n" + "".join(f"{number}局,{said}\n" for number, said in enumerate(words)), "gb18030")
    assert sending.read_addresses(listed) == {f"{number}局": ["a@b.cn", "c@d.cn"] for number in range(len(words))}


def test_a_unit_that_is_merged_over_the_rows_of_its_people_is_that_of_each(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("单 位", "邮 箱"), ("甲局", "a@b.cn"), (None, "c@d.cn"), ("乙局", "e@f.cn")):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("A2:A3")
    book.save(tmp_path / "通讯录.xlsx")
    assert sending.read_addresses(tmp_path / "通讯录.xlsx") == {"甲局": ["a@b.cn", "c@d.cn"], "乙局": ["e@f.cn"]}


def test_a_mailbox_in_other_letters_is_the_same_mailbox(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    whom = ["--to", "a@example.cn", "--to", "A@Example.cn", "--cc", "A@example.CN", "--cc", "b@example.cn"]
    assert main(["send", str(path), *whom, "--dry-run"]) == 0
    assert "→ a@example.cn、b@example.cn\n" in capsys.readouterr().out
    assert main(["send", str(path), *whom]) == 0
    assert main(["send", str(path), "--to", "A@EXAMPLE.cn"]) == 0
    ((recipients, data),) = peer.post.taken
    assert recipients == ("a@example.cn", "b@example.cn")
    assert (decoded(data)["To"], decoded(data)["Cc"]) == recipients


def test_a_form_is_sent_once_however_it_was_saved(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    arguments = ["send", str(path), "--to", "a@example.cn"]
    assert main(arguments) == 0
    workbook = load_workbook(path)
    workbook.save(path)  # other bytes, the same form
    assert main(arguments) == 0
    assert "a@example.cn 已经发过" in capsys.readouterr().out
    assert len(peer.post.taken) == 1
    assert main([*arguments, "--again"]) == 0
    assert len(peer.post.taken) == 2
    path.write_bytes(form_bytes(project="另一个项目"))
    assert main(arguments) == 0
    assert len(peer.post.taken) == 3


def test_errors_stop_a_form_unless_someone_lets_them_pass(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    workbook = load_workbook(path)
    sheet = workbook.worksheets[0]
    total = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 98)
    total.value = 97
    workbook.save(path)
    assert main(["send", str(path), "--to", "a@example.cn"]) == 1
    said = capsys.readouterr().out
    assert "处错误，没有发送" in said
    assert "S102" in said
    assert peer.post.taken == []
    waivers = tmp_path / "放行.csv"
    waivers.write_text("代码,位置,理由,姓名\nS102,,财政局已同意,张三\nS103,,财政局已同意,张三\n", "utf-8")
    assert main(["send", str(path), "--to", "a@example.cn", "--waive", str(waivers)]) == 0
    ((_, data),) = peer.post.taken
    assert decoded(data)["Subject"].endswith(" 97.00分")  # as the form has it


def test_who_gets_a_form_may_stand_in_the_settings(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    configure(tmp_path, peer, security="ssl", to="x@example.cn, y@example.cn", subject="{单位}自评")
    assert main(["send", str(path), "--dry-run"]) == 0
    assert f"{path} → x@example.cn、y@example.cn\n  甲局自评（附件" in capsys.readouterr().out
    assert peer.post.taken == []


def test_settings_that_are_named_are_read_also_for_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "表.xlsx").write_bytes(form_bytes())
    named = ["--settings", str(tmp_path / "打错.toml")]
    assert main(["send", str(tmp_path / "表.xlsx"), "--to", "a@example.cn", "--dry-run", *named]) == 2
    assert "打错.toml：无法读取邮件设置" in capsys.readouterr().out
    assert main(["send", str(tmp_path / "表.xlsx"), "--to", "a@example.cn", "--dry-run"]) == 0  # none are needed


def test_what_else_leaves_the_house_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "表.xlsx"
    workbook = PaperSheet(CORRECT).workbook()
    workbook.properties.creator = "张三"
    workbook.worksheets[0]["A1"].comment = Comment("别发出去", "李四")
    workbook.create_sheet("底稿")["A1"] = 12.5
    workbook["底稿"].sheet_state = "hidden"
    workbook.worksheets[0].row_dimensions[3].hidden = True
    path.write_bytes(workbook_bytes(workbook))
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "F113  文件属性的作者是“张三”" in said
    assert "F112  工作簿里有批注" in said
    assert "F108  工作表“底稿”是隐藏的" in said
    assert "F107" in said
    assert not (tmp_path / "home").exists()  # a dry run leaves nothing


OTHER, NET = "公式引用别的文件", "公式连到网上"


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("=[底稿.xlsx]Sheet1!B3", OTHER),
        ("='C:\\底稿\\[底稿 2.xlsx]表 1'!B3+1", OTHER),
        ("=SUM([1]Sheet1!B3:B9)", OTHER),
        ("=cmd|'/C calc'!A0", OTHER),
        ('=WEBSERVICE("http://example.cn")', NET),
        ('=HYPERLINK("http://example.cn/?x="&A1,"看")', NET),
        ('=HYPERLINK("#自评表!A1","看")', ""),
        ('=SUM(B1:B2)&"[见底稿.xlsx]说明!"', ""),
        ("=自评表!A1", ""),
    ],
)
def test_a_link_to_another_file_stops_it(
    formula: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = PaperSheet(CORRECT).workbook()
    workbook.create_sheet("查")["B3"] = formula
    path.write_bytes(workbook_bytes(workbook))
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == (1 if said else 0)
    found = re.findall(r"错误 F110  (.*)；请", capsys.readouterr().out)
    assert found == ([f"查!B3：{said}"] if said else [])


@pytest.mark.parametrize(
    ("target", "stops"),
    [
        ("file:///C:/users/zhang/底稿.xlsx", True),
        ("底稿.xlsx", True),
        ("https://example.cn", False),
        ("mailto:a@b.cn", False),
    ],
)
def test_a_hyperlink_to_a_file_stops_it(
    target: str, stops: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = PaperSheet(CORRECT).workbook()
    workbook.worksheets[0]["A1"].hyperlink = target
    path.write_bytes(workbook_bytes(workbook))
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == (1 if stops else 0)
    assert ("F110  自评表!A1：超链接指向别的文件，收件人没有" in capsys.readouterr().out) == stops


def test_a_link_to_another_file_is_told_beside_a_hyperlink_to_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = PaperSheet(CORRECT).workbook()
    workbook.worksheets[0]["A1"].hyperlink = "底稿.xlsx"
    linked = Relationship(type="externalLinkPath", Target="总账.xlsx", TargetMode="External", Id="rId1")
    link = ExternalLink(externalBook=ExternalBook(id="rId1"))
    link.file_link = linked
    workbook._external_links.append(link)  # type: ignore[attr-defined]
    path.write_bytes(workbook_bytes(workbook))
    assert main(["send", str(path), "--to", "a@example.cn", "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert "F110  自评表!A1：超链接指向别的文件" in said
    assert "F110  工作簿链接到 1 个别的文件" in said


@needs_libreoffice
def test_a_pdf_goes_along(peer: Listening, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    assert main(["send", str(path), "--to", "a@example.cn", "--pdf"]) == 0
    names = {part.get_filename(): part.get_content() for part in decoded(peer.post.taken[0][1]).iter_attachments()}
    assert names.keys() == {"表.xlsx", "表.pdf"}
    assert names["表.pdf"].startswith(b"%PDF-")


JOINED = {"guangzhou_department_2023": ["评分表", "评委评分", "月度统计"]}  # what an empty form goes on in


@pytest.mark.slow
@pytest.mark.parametrize("scheme", form_names())
def test_the_pdf_has_the_form_and_neither_help_nor_data(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbook_tools.excel.libreoffice.pdf", lambda data: data)
    workbook = form_workbook(load_scheme(scheme))
    form = JOINED.get(scheme, [workbook.sheetnames[0]])
    for number, (name, state) in enumerate((("数据", "hidden"), ("更深", "veryHidden"), ("底稿", "visible"))):
        sheet = workbook.create_sheet(name, number)
        sheet["A1"], sheet.sheet_state = f"{name} 12345", state
    path = tmp_path / "表.xlsx"
    workbook.save(path)
    mail = sending.outgoing(path, pdf=True)
    whole, printed = (one.data for one in mail.draft.attachments)
    assert whole == path.read_bytes()
    made = load_workbook(io.BytesIO(printed))
    assert [sheet.title for sheet in made if sheet.sheet_state == "visible"] == form
    assert made.active is not None
    assert made.active.title == form[0]
    assert mail.unprinted == ["底稿", "填报说明"]


@needs_libreoffice
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_the_pdf_has_the_report_of_a_form_and_the_command_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    workbook = load_workbook(io.BytesIO(form_bytes()))
    for name, state in (("数据", "hidden"), ("填报说明", "visible")):
        sheet = workbook.create_sheet(name, 0)
        sheet["A1"], sheet.sheet_state = f"{name} words to look for", state
    workbook.save(path)
    folder = tmp_path / "草稿"
    assert main(["send", str(path), "--to", "a@example.cn", "--pdf", "--draft", str(folder)]) == 0
    assert f"{path}：PDF 里只有自评表，没有工作表“填报说明”" in capsys.readouterr().out
    mail = decoded((folder / "表.eml").read_bytes())
    (tmp_path / "表.pdf").write_bytes(list(mail.iter_attachments())[1].get_content())
    text = subprocess.run(["pdftotext", str(tmp_path / "表.pdf"), "-"], check=True, capture_output=True).stdout.decode()
    assert "words to look for" not in text
    assert "甲局" in text


def test_a_draft_needs_no_server_and_opens_for_sending(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(form_bytes())
    assert main(["send", str(path), "--draft", str(tmp_path / "草稿"), "--to", "a@example.cn"]) == 0
    assert "双击用邮件程序打开" in capsys.readouterr().out
    mail = decoded((tmp_path / "草稿" / "自评表.eml").read_bytes())
    assert (mail["X-Unsent"], mail["To"], mail["From"]) == ("1", "a@example.cn", None)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["自评表.xlsx"]


def test_forms_of_one_name_are_drafts_of_their_own_and_a_dry_run_writes_none(tmp_path: Path) -> None:
    for unit in ("甲局", "乙局"):
        (tmp_path / unit).mkdir()
        (tmp_path / unit / "自评表.xlsx").write_bytes(form_bytes(unit))
    arguments = ["send", *(str(tmp_path / unit) for unit in ("甲局", "乙局")), "--draft", str(tmp_path / "草稿")]
    assert main([*arguments, "--dry-run", "--to", "a@example.cn"]) == 0
    assert not (tmp_path / "草稿").exists()
    assert main(arguments) == 0
    drafts = {path.name: decoded(path.read_bytes())["Subject"].split()[1] for path in (tmp_path / "草稿").iterdir()}
    assert drafts == {"自评表.eml": "甲局", "2_自评表.eml": "乙局"}


def test_reminders_as_drafts_are_named_by_the_whole_unit(tmp_path: Path) -> None:
    (tmp_path / "收到").mkdir()
    (tmp_path / "收到" / "甲.xlsx").write_bytes(form_bytes("甲局"))
    (tmp_path / "通讯录.csv").write_text("单位,邮箱\nNo.1所,a@example.cn\nNo.2所,b@example.cn\n", "utf-8")
    arguments = ["chase", str(tmp_path / "收到"), "--to-list", str(tmp_path / "通讯录.csv")]
    assert main([*arguments, "--draft", str(tmp_path / "草稿")]) == 0
    assert {path.name for path in (tmp_path / "草稿").iterdir()} == {"催报 No.1所.eml", "催报 No.2所.eml"}


class TestRefusals:
    """Each in its own clear sentence, and nothing sent."""

    @pytest.fixture
    def form(self, tmp_path: Path) -> Path:
        path = tmp_path / "表.xlsx"
        path.write_bytes(form_bytes())
        return path

    def test_a_wrong_password_stops_at_once(
        self,
        form: Path,
        peer: Listening,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", "wrong-secret")
        assert main(["send", str(form), "--to", "a@example.cn"]) == 3
        said = capsys.readouterr().out
        assert f"127.0.0.1 不接受 {USER} 的密码（535）" in said
        assert "还有 1 封没有发" in said
        assert "wrong-secret" not in said
        assert peer.post.passwords == 1
        assert states(tmp_path) == {QUEUED: 1}
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", PASSWORD)
        assert main(["outbox", "retry"]) == 0
        assert len(peer.post.taken) == 1

    def test_what_waits_for_a_wrong_address_does_not_go_along_and_can_be_dropped(
        self,
        form: Path,
        peer: Listening,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", "wrong-secret")
        main(["send", str(form), "--to", "wrong@example.cn"])
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", PASSWORD)
        capsys.readouterr()
        assert main(["send", str(form), "--to", "right@example.cn"]) == 0
        assert "还有 1 封以前没有发出的，这次没有发送" in capsys.readouterr().out
        assert [recipients for recipients, _ in peer.post.taken] == [("right@example.cn",)]
        ids = {one.address: str(one.id) for one in outbox(tmp_path).all()}
        assert main(["outbox", "drop"]) == 2
        assert main(["outbox", "drop", ids["right@example.cn"]]) == 2
        assert "取消 0 封；其余的已经发出" in capsys.readouterr().out
        assert main(["outbox", "drop", ids["wrong@example.cn"]]) == 0
        assert main(["outbox", "retry"]) == 0
        assert states(tmp_path) == {SENT: 1}
        assert len(peer.post.taken) == 1

    def test_nobody_else_reads_the_outbox(self, form: Path, peer: Listening, tmp_path: Path) -> None:
        main(["send", str(form), "--to", "a@example.cn"])
        assert len(peer.post.taken) == 1
        assert outbox(tmp_path).path.stat().st_mode & 0o077 == 0

    @pytest.mark.usefixtures("peer")
    def test_a_chinese_password_is_told(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", "密码１２３")
        assert main(["mail", "test"]) == 2
        assert "密码里有中文或全角字符" in capsys.readouterr().out

    @pytest.mark.parametrize("security", ["ssl", "starttls"])
    def test_an_expired_certificate(
        self, security: str, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with server(tmp_path, security, expired=True) as listening:
            configure(tmp_path, listening, security=security)
            assert main(["send", str(form), "--to", "a@example.cn"]) == 3
        assert "的证书已经过期，没有发送；请核对这台电脑的日期" in capsys.readouterr().out
        assert states(tmp_path) == {QUEUED: 1}

    def test_a_certificate_of_the_future_is_one_of_a_wrong_clock(
        self, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with server(tmp_path, "ssl", future=True) as listening:
            configure(tmp_path, listening, security="ssl")
            assert main(["send", str(form), "--to", "a@example.cn"]) == 3
        assert "的证书还没有到生效日期，没有发送；请核对这台电脑的日期" in capsys.readouterr().out
        assert states(tmp_path) == {QUEUED: 1}

    def test_an_unknown_authority_and_another_host(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with server(tmp_path) as listening:
            configure(tmp_path, listening, security="ssl", ca="")
            assert main(["mail", "test"]) == 3
            assert "的证书不受信任，没有发送" in capsys.readouterr().out
            configure(tmp_path, listening, security="ssl")
            assert main(["mail", "test"]) == 0
            assert f"能登录：{USER}" in capsys.readouterr().out
        with server(tmp_path, host="mail.example.cn") as listening:
            configure(tmp_path, listening, security="ssl")
            assert main(["mail", "test"]) == 3
            assert "的证书是别的服务器的" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ("552 5.2.2 mailbox full", "对方邮箱已满，请对方清理以后再发（552"),
            ("452 4.2.2 over quota", "对方邮箱已满，请对方清理以后再发（452"),
            ("550 5.1.1 no such user", "没有这个收件人，或者拒收；请核对地址（550"),
            ("451 4.7.1 greylisted", "暂时不收，过一会儿再试（451"),
        ],
    )
    def test_a_refused_recipient_is_a_failure_for_that_one_only(
        self, answer: str, said: str, form: Path, peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        peer.post.refuses["b@example.cn"] = answer
        assert main(["send", str(form), "--to", "a@example.cn", "--to", "b@example.cn"]) == 1
        out = capsys.readouterr().out
        assert said in out
        assert "发出 1 封，1 封没有发出" in out
        assert [recipients for recipients, _ in peer.post.taken] == [("a@example.cn",)]
        assert states(tmp_path) == {SENT: 1, FAILED: 1}
        del peer.post.refuses["b@example.cn"]
        assert main(["outbox", "retry"]) == 0
        assert [recipients for recipients, _ in peer.post.taken] == [("a@example.cn",), ("b@example.cn",)]

    def test_an_oversized_message_is_not_even_begun(
        self, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with server(tmp_path, most=5000) as listening:
            configure(tmp_path, listening, security="ssl")
            assert main(["send", str(form), "--to", "a@example.cn"]) == 1
            assert listening.post.taken == []
        assert "服务器最多收 4.9 KB；请去掉 PDF 或压缩图片" in capsys.readouterr().out
        assert states(tmp_path) == {FAILED: 1}

    @pytest.mark.parametrize(
        ("answer", "state"),
        [("251 taken", SENT), ("200 taken", SENT), ("354 more", UNKNOWN), ("taken", UNKNOWN), ("25", UNKNOWN)],
    )
    def test_an_odd_answer_at_the_end_is_no_refusal(
        self, answer: str, state: str, form: Path, peer: Listening, tmp_path: Path
    ) -> None:
        peer.post.refuses |= {"": answer, "b@example.cn": "252 will try"}
        main(["send", str(form), "--to", "a@example.cn", "--cc", "b@example.cn"])
        assert states(tmp_path) == {state: 2}

    def test_a_server_that_hangs_up_after_its_refusal_has_refused(
        self, form: Path, peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        peer.post.refuses["a@example.cn"], peer.post.hangs_up = "550 5.7.1 blocked", True
        assert main(["send", str(form), "--to", "a@example.cn"]) == 1
        assert "请核对地址（550 5.7.1 blocked）" in capsys.readouterr().out
        assert states(tmp_path) == {FAILED: 1}

    @pytest.mark.parametrize(
        ("what", "answer", "said"),
        [
            (USER, "451 4.3.2 busy", " 服务器暂时不收，过一会儿再试（451"),
            (USER, "553 not yours", " 服务器不让用这个发件人；设置里的 user 要和登录的邮箱一样（553"),
            ("", "554 5.7.1 spam", "邮件被拒绝（554 5.7.1 spam）"),
        ],
        ids=["sender for now", "sender", "message at its end"],
    )
    def test_what_the_server_refuses(
        self,
        what: str,
        answer: str,
        said: str,
        form: Path,
        peer: Listening,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        peer.post.refuses[what] = answer
        assert main(["send", str(form), "--to", "a@example.cn"]) == 1
        assert said in capsys.readouterr().out
        assert states(tmp_path) == {FAILED: 1}

    def test_what_a_closing_server_says_is_told(
        self, form: Path, peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        peer.post.refuses["a@example.cn"] = "421 4.7.0 too many messages"
        assert main(["send", str(form), "--to", "a@example.cn"]) == 1
        assert "不接受（421 4.7.0 too many messages）；还有 1 封没有发" in capsys.readouterr().out
        assert states(tmp_path) == {QUEUED: 1}
        peer.post.refuses = {"": "421 4.7.0 later"}
        assert main(["outbox", "retry"]) == 1
        assert states(tmp_path) == {FAILED: 1}

    @pytest.mark.slow
    @pytest.mark.parametrize(("security", "other"), [("ssl", "starttls"), ("starttls", "ssl"), ("none", "ssl")])
    def test_the_wrong_mode_for_the_port_does_not_hang(
        self, security: str, other: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with server(tmp_path, other) as listening:
            configure(tmp_path, listening, security=security, timeout=1)
            start = time.monotonic()
            assert main(["mail", "test"]) == 3
            assert time.monotonic() - start < 20
        assert "ssl" in capsys.readouterr().out

    def test_no_server_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with server(tmp_path) as listening:
            pass
        configure(tmp_path, listening, security="ssl")
        assert main(["mail", "test"]) == 3
        assert "拒绝连接；请检查设置里的 host 和 port" in capsys.readouterr().out


@pytest.mark.parametrize(
    "bad",
    ["甲局\nBcc: x@example.cn", "甲局\r\nX: 1", "甲局\u2028x", "甲局\u202ex", "甲局\x00", "甲\u200b局"],
    ids=ascii,
)
def test_nothing_that_could_be_another_header_gets_into_one(bad: str) -> None:
    with pytest.raises(BadMail, match="看不见的控制字符"):
        clean(bad, "单位")
    with pytest.raises(BadMail):
        address(f"a{bad}@example.cn")
    with pytest.raises(BadMail):
        file_name(f"{bad}.xlsx")
    with pytest.raises(BadMail):
        message(Draft(bad, "", (), ()), ["a@example.cn"], sender=("市财政局", USER))
    with pytest.raises(BadMail):
        message(Draft("主题", "", (), ()), ["a@example.cn"], sender=(bad, USER))
    if not bad.isspace() and "\n" not in bad and "\r" not in bad and "\u2028" not in bad:
        with pytest.raises(BadMail):
            subject_of("{单位}", {"单位": bad})


def test_a_bad_name_in_one_form_keeps_all_from_being_queued(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "收到"
    folder.mkdir()
    (folder / "a.xlsx").write_bytes(form_bytes("甲局"))
    (folder / "b.xlsx").write_bytes(form_bytes("乙局\u202e"))
    assert main(["send", str(folder), "--to", "a@example.cn"]) == 2
    assert f"{folder / 'b.xlsx'}：表上的“单位”里有看不见的控制字符（U+202E）" in capsys.readouterr().out
    assert peer.post.taken == []
    assert states(tmp_path) == {}


@pytest.mark.parametrize(
    "words",
    [
        *(
            "a",
            "a@",
            "@b.cn",
            "a b@c.cn",
            "a@b.cn, c@d.cn",
            "张三@b.cn",
            "a@b..cn",
            "a@b。cn",
            "张三",
            "张三 <>",
            "<<a@b.cn>>",
        ),
        *("张三 <a@b.cn", "张三 a@b.cn", "张三 <a@b.cn> 李四", "张三 <李四>", f"{'a' * 65}@b.cn", f"a@{'b' * 63}例.cn"),
        f"a@{'.'.join(['b' * 60] * 5)}.cn",
    ],
)
def test_what_is_no_address_is_refused(words: str) -> None:
    with pytest.raises(BadMail, match=r"不是邮箱地址.*；请写成 a@b.cn 或 张三 <a@b.cn>"):
        address(words)


def test_an_address_beside_another_is_refused() -> None:
    with pytest.raises(BadMail, match="里有两个邮箱，不知道发给哪一个"):
        address("x@y.cn <a@b.cn>")
    with pytest.raises(BadMail, match="@ 前面只能是英文字母、数字和"):
        address("张三@b.cn")


NAMED = [  # as people write them, the name and the mailbox
    ("a@b.cn", "", "a@b.cn"),
    ("<a@b.cn>", "", "a@b.cn"),
    ("张三 <a@b.cn>", "张三", "a@b.cn"),
    ("张三<a@b.cn>", "张三", "a@b.cn"),
    ("张三＜a@b.cn＞", "张三", "a@b.cn"),
    ('"张三, 财务科" <a@b.cn>', "张三, 财务科", "a@b.cn"),
    ("“张三，财务科” <a@b.cn>", "张三，财务科", "a@b.cn"),
    ("张三，财务科 <a@b.cn>", "张三，财务科", "a@b.cn"),
    ('"Smith, John" <a@b.cn>', "Smith, John", "a@b.cn"),
    (r'"the \"old\" box" <a@b.cn>', 'the "old" box', "a@b.cn"),
    ("'a@b.cn' <a@b.cn>", "", "a@b.cn"),  # as Outlook copies it
    ("A@B.cn <a@b.cn>", "", "a@b.cn"),
    (f"{'某某市人民政府办公室' * 8} <a@b.cn>", "某某市人民政府办公室" * 8, "a@b.cn"),
    ("a@例子.公司", "", "a@xn--fsqu00a.xn--55qx5d"),
    ("张三 <a@例子.cn>", "张三", "a@xn--fsqu00a.cn"),
]


@pytest.mark.parametrize(("words", "name", "box"), NAMED)
def test_an_address_may_have_the_name_of_its_owner(words: str, name: str, box: str) -> None:
    known = address(words)
    assert (owner(known), mailbox(known), address(known)) == (name, box, known)
    data = message(Draft("主题", "", (), ()), [known, "x@y.cn"], cc=[known], sender=("", USER))
    for header in ("To", "Cc"):
        (first, found), *_ = getaddresses(["".join(email.message_from_bytes(data)[header].splitlines())])
        assert (str(make_header(decode_header(first))), found) == (name, box)
    lines = data.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(line.isascii() and len(line) <= 78 for line in lines)
    assert all(len(word) <= 75 for line in lines for word in re.findall(rb"=\?\S+\?=", line))


def test_addresses_with_names_stay_apart_in_a_list(tmp_path: Path) -> None:
    cells = {
        "张三 <a@b.cn>；李四 <c@d.cn>": ["张三 <a@b.cn>", "李四 <c@d.cn>"],
        "张三 <a@b.cn> c@d.cn": ["张三 <a@b.cn>", "c@d.cn"],
        "张三＜ａ@b.cn＞\n李四<c@d.cn>": ["张三 <a@b.cn>", "李四 <c@d.cn>"],
        '"张三，科长" <a@b.cn>、“李四, 科员”<c@d.cn>': ["张三,科长 <a@b.cn>", "李四, 科员 <c@d.cn>"],
    }
    book = Workbook()
    book.worksheets[0].append(("单位", "邮箱"))
    for number, words in enumerate(cells):
        book.worksheets[0].append((f"{number}局", words))
    book.save(tmp_path / "通讯录.xlsx")
    assert sending.read_addresses(tmp_path / "通讯录.xlsx") == {f"{n}局": cells[one] for n, one in enumerate(cells)}
    for bad in ("张三，科长 <a@b.cn>", "a@b.cn>", "a@b.cn 张三 <c@d.cn>", "张三 <a@b.cn"):
        (tmp_path / "通讯录.csv").write_text(f'单位,邮箱\n甲局,"{bad}"\n', "utf-8")
        with pytest.raises(BadMail, match=r"第 2 行的邮箱“.+”"):
            sending.read_addresses(tmp_path / "通讯录.csv")


@pytest.mark.slow
def test_a_long_list_of_addresses_is_read_at_once() -> None:
    start = time.process_time()
    for words in ("a " * 16_000, "张三 " * 10_000 + "<", '"' * 32_767, "“" * 32_767):
        with pytest.raises(BadMail):
            addresses(words)
    assert time.process_time() - start < 20  # a quadratic pattern takes minutes


def test_the_same_mailbox_under_a_name_is_the_same_mailbox(
    peer: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_TO", "“张三, 科长” <a@example.cn>, b@example.cn")
    assert main(["send", str(path), "--cc", "王五 <A@example.cn>", "--dry-run"]) == 0
    assert "→ 张三, 科长 <a@example.cn>、b@example.cn\n" in capsys.readouterr().out
    assert main(["send", str(path), "--cc", "王五 <A@example.cn>"]) == 0
    assert main(["send", str(path), "--to", "a@example.cn", "--to", "某某 <b@example.cn>"]) == 0
    assert "a@example.cn 已经发过" in capsys.readouterr().out
    ((recipients, data),) = peer.post.taken
    assert recipients == ("a@example.cn", "b@example.cn")
    assert [one.display_name for one in decoded(data)["To"].addresses] == ["张三, 科长", ""]


def test_the_name_of_the_sender_may_stand_beside_the_address(tmp_path: Path) -> None:
    path = tmp_path / "邮件.toml"
    for name, shown in (("", "李四"), ("name = '市财政局'", "市财政局")):
        path.write_text(f"[mail]\npreset = 'qq'\nuser = '李四 <a@qq.com>'\n{name}\n", "utf-8")
        assert (read_settings(path).user, read_settings(path).name) == ("a@qq.com", shown)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["mail", "test", "--settings"], "无法读取邮件设置，没有这个文件或者它不是普通文件"),
        (["targets", "import"], "这是设备或管道，不是工作簿"),
    ],
)
def test_nothing_is_waited_for_that_is_no_file(
    command: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "x.txt")
    assert main([*command, str(tmp_path / "x.txt")]) in (2, 3)
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a:b?c.xlsx", "a_b_c.xlsx"),
        ("...xlsx", "自评表.xlsx"),
        (" 表 .xlsx", "表.xlsx"),
        ("表" * 200 + ".xlsx", "表" * 83 + ".xlsx"),
    ],
)
def test_file_names_are_such_as_disks_keep(name: str, kept: str) -> None:
    assert file_name(name) == kept
    assert len(kept.encode()) <= 255


def test_the_name_of_an_attachment_is_cut_only_where_windows_could_not_keep_it() -> None:
    assert shown_name("表" * 195 + ".xlsx") == "表" * 195 + ".xlsx"
    assert shown_name("表" * 300 + ".xlsx") == "表" * 195 + ".xlsx"


def small(recipients: int = 1) -> tuple[Draft, list[str]]:
    attachment = Attachment("自评表.xlsx", b"PK" + bytes(range(256)) * 40)
    draft = Draft("主题", ".一行以点开头\n.\n..", (("总分", "94.66"),), [attachment])
    return draft, [f"{number}@example.cn" for number in range(recipients)]


def test_lines_that_begin_with_a_dot_arrive_as_they_are(peer: Listening, tmp_path: Path) -> None:
    draft, to = small()
    box = outbox(tmp_path)
    settings = read_settings()
    sent = message(draft, to, sender=("", USER)).replace(b"\r\n\r\n", b"\r\n\r\n.\r\n..x\r\n.y\r\n", 1)
    box.queue(lambda _: sent, "主题", "", USER, to, "内容")
    assert box.send(lambda: Server(settings, PASSWORD)).fault is None
    assert peer.post.taken[0][1] == sent


def test_a_large_mail_has_the_limit_of_time_for_each_block_and_not_as_a_whole(
    peer: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    send = SMTP.send

    def counted(smtp: SMTP, data: Any) -> None:
        sizes.append(len(data))
        send(smtp, data)

    monkeypatch.setattr(SMTP, "send", counted)
    box, settings, data = outbox(tmp_path), read_settings(), bytes(range(256)) * 2000
    draft = Draft("主题", "您好！", (), [Attachment("自评表.xlsx", data)])
    box.queue(partial(message, draft, sender=("", USER)), "主题", "", USER, ["a@example.cn"], "内容")
    assert box.send(lambda: Server(settings, PASSWORD)).fault is None
    (part,) = decoded(peer.post.taken[0][1]).iter_attachments()
    assert part.get_content() == data
    assert max(sizes) <= BLOCK < len(data)


@pytest.mark.slow
def test_the_line_cut_at_every_block_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    states_of: dict[str, str] = {}
    with server(tmp_path, "none") as listening:
        for after in range(200):
            draft, to = small()[0], [f"{after}-{number}@example.cn" for number in (1, 2)]
            box = Outbox(tmp_path / f"{after}.sqlite")
            cut = Cut(listening.port, after)
            box.queue(partial(message, draft, sender=("", USER)), "主题", "", USER, to, "内容")
            box.send(partial(Server, plain(cut.port), ""))
            after_cut = {one.address: one.state for one in box.all()}
            arrived = Counter(one for recipients, _ in listening.post.taken for one in recipients)
            for one, state in after_cut.items():
                assert state in (QUEUED, SENT, UNKNOWN)
                assert state == UNKNOWN or arrived[one] == (state == SENT), f"cut after {after} blocks"
            seen.update(after_cut.values())
            cut.close()
            box.send(lambda: Server(plain(listening.port), ""))
            for delivery in box.all():
                assert delivery.state == (UNKNOWN if after_cut[delivery.address] == UNKNOWN else SENT)
                states_of[delivery.address] = delivery.state
            box.close()
            if not cut.cut:
                break
    arrived = Counter(one for recipients, _ in listening.post.taken for one in recipients)
    assert {one: state for one, state in states_of.items() if state == SENT and arrived[one] != 1} == {}
    assert {one: count for one, count in arrived.items() if count > 1} == {}
    assert after > 15
    assert {QUEUED, UNKNOWN, SENT} == set(seen)


@pytest.mark.slow
def test_after_a_lost_line_the_rest_goes_out_over_a_new_one(tmp_path: Path) -> None:
    with server(tmp_path, "none") as listening:
        box = outbox(tmp_path)
        for number in range(4):
            draft, to = small()
            box.queue(partial(message, draft, sender=("", USER)), "主题", "", USER, to, f"内容{number}")
        lines = iter([Cut(listening.port, before=b"rcpt"), Cut(listening.port)])
        run = box.send(lambda: Server(plain(next(lines).port), ""))
        assert run.fault is None
        assert Counter(one.state for one in box.all()) == {QUEUED: 1, SENT: 3}
        assert len(listening.post.taken) == 3
        box.send(lambda: Server(plain(listening.port), ""))
        assert len(listening.post.taken) == 4


def plain(port: int) -> Settings:
    return Settings(host="127.0.0.1", port=port, security="none", user=USER, pause=0, timeout=2)


def test_what_a_dead_process_was_sending_is_unknown_and_waits_for_a_person(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, to = small()
    box = outbox(tmp_path)
    box.queue(lambda who: message(draft, who, sender=("", USER)), "主题", "表.xlsx", USER, to, "内容")
    (one,) = box.all()
    box.change([one.id], "sending", "", of=(QUEUED,))  # as a process that was killed then leaves it
    assert main(["outbox", "retry"]) == 0
    assert peer.post.taken == []
    other, to2 = small(2)
    box.queue(lambda who: message(other, who, sender=("", USER)), "主题", "表.xlsx", USER, to2[1:], "内容2")
    assert main(["outbox", "retry"]) == 0
    assert states(tmp_path) == {UNKNOWN: 1, SENT: 1}
    capsys.readouterr()
    assert main(["outbox"]) == 0
    assert "发送结果不明" in capsys.readouterr().out
    assert main(["outbox", "resolve", str(one.id)]) == 2
    assert main(["outbox", "resolve", str(one.id), "--lost"]) == 0
    assert main(["outbox", "retry"]) == 0
    assert len(peer.post.taken) == 2
    assert states(tmp_path) == {SENT: 2}


def test_the_only_mail_of_a_dead_process_can_be_settled_at_once(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    assert main(["send", str(path), "--to", "a@example.cn"]) == 0
    box = outbox(tmp_path)
    box.change([1], "sending", "", of=(SENT,))  # as a process that was killed then leaves it
    with box.exclusive():
        box.change([1], "sending", "", of=(UNKNOWN,))
        assert main(["outbox"]) == 0  # the process lives
        assert "正在发" in capsys.readouterr().out
    assert main(["outbox"]) == 0
    assert "发送结果不明" in capsys.readouterr().out
    assert main(["outbox", "resolve", "1", "--sent"]) == 0
    assert main(["send", str(path), "--to", "a@example.cn"]) == 0
    assert len(peer.post.taken) == 1


def test_what_failed_is_made_anew_when_it_is_sent_again(peer: Listening, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    peer.post.refuses["a@example.cn"] = "550 no"
    assert main(["send", str(path), "--to", "a@example.cn", "--subject", "写错的主题"]) == 1
    del peer.post.refuses["a@example.cn"]
    assert main(["send", str(path), "--to", "a@example.cn", "--subject", "{单位} {年度}"]) == 0
    assert [str(decoded(data)["Subject"]) for _, data in peer.post.taken] == ["甲局 2023年度"]
    assert states(tmp_path) == {SENT: 1}


def test_a_retry_of_one_mail_leaves_the_others(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = outbox(tmp_path)
    for number in range(3):
        draft, to = small()
        box.queue(partial(message, draft, sender=("", USER)), "主题", "", USER, to, f"内容{number}")
    assert main(["outbox", "retry", "2"]) == 0
    assert [one.state for one in box.all()] == [QUEUED, SENT, QUEUED]
    assert len(peer.post.taken) == 1
    capsys.readouterr()
    assert main(["outbox", "list", "2", "9"]) == 0
    assert "共 1 封" in capsys.readouterr().out


def test_a_mail_that_everyone_has_is_not_kept(peer: Listening, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    peer.post.refuses["b@example.cn"] = "550 no"
    arguments = ["send", str(path), "--to", "a@example.cn", "--to", "b@example.cn"]
    assert main(arguments) == 1
    rows = sqlite3.connect(tmp_path / "home" / "workbook_tools" / "outbox.sqlite")
    assert rows.execute("select length(data) > 0 from message").fetchall() == [(1,)]
    del peer.post.refuses["b@example.cn"]
    assert main(["outbox", "retry"]) == 0
    assert rows.execute("select length(data) from message").fetchall() == [(0,)]
    assert PASSWORD not in "\n".join(rows.iterdump())


def test_two_windows_do_not_send_at_the_same_time(
    peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    box = outbox(tmp_path)
    with box.exclusive():
        assert main(["send", str(path), "--to", "a@example.cn"]) == 2
    assert "另一个窗口正在发邮件" in capsys.readouterr().out
    assert peer.post.taken == []
    assert main(["outbox", "retry"]) == 0
    assert len(peer.post.taken) == 1


def test_what_another_window_queues_again_meanwhile_goes_out_once_and_whole(peer: Listening, tmp_path: Path) -> None:
    settings, box, other = read_settings(), outbox(tmp_path), outbox(tmp_path)
    draft, to = small()

    def queue(where: Outbox) -> None:
        for number in range(3):
            where.queue(partial(message, draft, sender=("", USER)), "主题", "", USER, to, f"内容{number}")

    queue(box)
    box.send(lambda: Server(settings, PASSWORD), show=lambda number, *_: queue(other) if number == 1 else None)
    assert {one.state for one in box.all()} <= {SENT, QUEUED}
    box.send(lambda: Server(settings, PASSWORD))
    assert [one.state for one in box.all()] == [SENT] * 3
    assert [len(decoded(data).get_payload()) for _, data in peer.post.taken] == [2] * 3


def test_while_forms_are_read_another_window_may_use_the_outbox(
    peer: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "收到").mkdir()
    for unit in ("甲局", "乙局"):
        (tmp_path / "收到" / f"{unit}.xlsx").write_bytes(form_bytes(unit))
    outbox(tmp_path).close()
    other = sqlite3.connect(tmp_path / "home" / "workbook_tools" / "outbox.sqlite", timeout=0, isolation_level=None)

    def read(path: Path, **how: Any) -> sending.Outgoing:
        other.execute("begin immediate")
        other.execute("commit")
        return outgoing(path, **how)

    outgoing = sending.outgoing
    monkeypatch.setattr(sending, "outgoing", read)
    assert main(["send", str(tmp_path / "收到"), "--to", "a@example.cn"]) == 0
    assert len(peer.post.taken) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to one thread")
def test_an_interrupted_run_ends_without_waiting_for_the_server(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    listening, after = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        line = listening.accept()[0]
        said = line.makefile("rb")
        line.sendall(b"220 here\r\n")
        for command in said:
            if command.startswith(b"mail"):
                break
            line.sendall(b"250-here\r\n250 AUTH PLAIN\r\n" if command.startswith(b"ehlo") else b"235 in\r\n")
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        while not select.select([line], [], [], 5)[0]:  # one that comes just before a system call is not seen in it
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        after.append(said.read())

    server = threading.Thread(target=serve)
    server.start()
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f"[mail]\nhost = '127.0.0.1'\nport = {listening.getsockname()[1]}\nsecurity = 'none'\nuser = '{USER}'\n"
    )
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell starts behind it ignores the signal
    try:
        assert main(["send", str(path), "--to", "a@example.cn", "--settings", str(settings)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    server.join()
    assert after == [b""]
    assert states(tmp_path) == {QUEUED: 1}


@pytest.mark.slow
def test_five_hundred_forms_resumed_after_a_kill_arrive_once_each(tmp_path: Path) -> None:
    folder = tmp_path / "收到"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number:03}.xlsx").write_bytes(form_bytes(f"单位{number % 50:02}", f"项目{number:03}"))
    addresses = "单位,邮箱\n" + "".join(f"单位{number:02},unit{number}@example.cn\n" for number in range(50))
    (tmp_path / "通讯录.csv").write_text(addresses, "utf-8")
    with server(tmp_path) as listening:
        configure(tmp_path, listening, security="ssl")
        command = [
            sys.executable,
            "-m",
            "workbook_tools",
            "send",
            str(folder),
            "--to-list",
            str(tmp_path / "通讯录.csv"),
        ]
        for least in (100, 300):
            running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while len(listening.post.taken) < least and running.poll() is None:
                time.sleep(0.01)
            running.send_signal(signal.SIGKILL)
            running.wait()
            command = [sys.executable, "-m", "workbook_tools", "outbox", "retry"]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        subjects = Counter((recipients, str(decoded(data)["Subject"])) for recipients, data in listening.post.taken)
    counted = states(tmp_path)
    assert set(subjects.values()) == {1}
    assert counted[SENT] + counted[UNKNOWN] == 500
    assert counted[UNKNOWN] <= 2  # what was at its last line when the process died
    assert counted[SENT] <= len(subjects) <= 500
    assert all(
        f"单位{recipients[0].removeprefix('unit').partition('@')[0]:0>2}" in subject for recipients, subject in subjects
    )


def test_forms_become_mails_or_say_what_stops_them_and_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("好.xlsx", "别处.xlsx", "错.xlsx", "坏.xlsx")
    for name, data in zip(names, (form_bytes(), form_bytes("乙局"), form_bytes(), b"no workbook"), strict=True):
        (tmp_path / name).write_bytes(data)
    workbook = load_workbook(tmp_path / "错.xlsx")
    total = next(cell for row in workbook.worksheets[0].iter_rows() for cell in row if cell.value == 98)
    total.value = 97
    workbook.save(tmp_path / "错.xlsx")
    listed = {"甲局": ["a@example.cn", "A@example.cn"]}
    made = list(compose_forms([tmp_path / name for name in names], listed, cc=["a@example.cn", "b@example.cn"]))
    assert [one.result for one in made] == ["ready", "unlisted", "faulty", "unreadable"]
    assert [one.mail is None for one in made] == [False, True, True, True]
    assert [one.form is None for one in made] == [False, False, False, True]
    mail = made[0].mail
    assert mail is not None
    assert (mail.name, mail.to, mail.cc) == ("好", ["a@example.cn"], ["b@example.cn"])
    box = outbox(tmp_path)
    [seen] = preview([mail], box)
    assert seen.had == []
    settings = Settings(host="h", port=25, security="none", user="u@example.cn", name="我", pause=0, timeout=1)
    first, again = queue(box, settings, [mail]), queue(box, settings, [mail])
    assert (len(first.deliveries), first.older, first.had) == (2, 0, [])
    assert (len(again.deliveries), again.older) == (2, 0)  # they wait, and wait only once
    box.change(first.deliveries, SENT, "", of=(QUEUED,))
    third = queue(box, settings, [mail])
    assert (third.deliveries, [one.address for _, one in third.had]) == (frozenset(), ["a@example.cn", "b@example.cn"])
    assert not third.uncertain
    box.change(first.deliveries, UNKNOWN, "", of=(SENT,))
    assert queue(box, settings, [mail]).uncertain
    assert capsys.readouterr().out == ""


def test_a_reminder_names_the_file_without_its_folder_whatever_that_is_called(tmp_path: Path) -> None:
    path = tmp_path / "一科：收到" / "甲局.xlsx"
    path.parent.mkdir()
    path.write_bytes(form_bytes())
    [reminder] = reminders([path], {"甲局": ["a@example.cn"]}, date(2000, 1, 1)).reminders
    assert "\n逾期：甲局.xlsx：" in reminder.draft.text
    assert "一科" not in reminder.draft.text


class TestChasing:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "收到"
        folder.mkdir()
        (folder / "甲.xlsx").write_bytes(form_bytes("甲局"))
        faulty = load_workbook(Path(shutil.copy(folder / "甲.xlsx", folder / "乙.xlsx")))
        for row in faulty.worksheets[0].iter_rows():
            for cell in row:
                if cell.value == "甲局":
                    cell.value = "乙局"
                elif cell.value == 98:
                    cell.value = 97
        faulty.save(folder / "乙.xlsx")
        (folder / "丁.xlsx").write_bytes(form_bytes("丁局"))
        late = time.mktime((2026, 3, 5, 9, 0, 0, 0, 0, -1))
        early = time.mktime((2026, 2, 5, 9, 0, 0, 0, 0, -1))
        for name, moment in (("甲", early), ("乙", early), ("丁", late)):
            os.utime(folder / f"{name}.xlsx", (moment, moment))
        units = "单位,邮箱\n甲局,jia@example.cn\n乙局,yi@example.cn\n丙局,bing@example.cn\n丁局,ding@example.cn\n"
        (tmp_path / "通讯录.csv").write_text(units, "utf-8")
        return folder

    def command(self, folder: Path, *more: str) -> list[str]:
        listed = str(folder.parent / "通讯录.csv")
        return ["chase", str(folder), "--to-list", listed, "--deadline", "2026-02-28", *more]

    def test_a_dry_run_says_who_was_told_the_same(
        self, folder: Path, peer: Listening, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(self.command(folder))
        assert len(peer.post.taken) == 3
        capsys.readouterr()
        main(self.command(folder, "--dry-run"))
        assert len(re.findall(r"@example\.cn（.+ 已经提醒）$", capsys.readouterr().out, re.MULTILINE)) == 3

    @pytest.mark.slow
    def test_several_processes_remind_of_the_same(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "坏.xlsx").write_bytes(b"PK")
        said, readers = list[str](), list[int]()

        def counted(count: int) -> Processes:
            readers.append(count)
            return Processes(count)

        for least in (1000, 1):  # files that make a process worth its start
            monkeypatch.setattr("workbook_tools.batch.running.LEAST", least)
            monkeypatch.setattr("workbook_tools.batch.running.processors", lambda: 2)
            monkeypatch.setattr("workbook_tools.batch.workers.Processes", counted)
            main(self.command(folder, "--dry-run"))
            said.append(capsys.readouterr().out)
        assert said[0] == said[1]
        assert "4 个单位，3 个要提醒" in said[0]
        assert readers == [2]

    def test_who_was_told_is_known_by_the_mailbox(
        self, folder: Path, peer: Listening, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(self.command(folder))
        listed = folder.parent / "通讯录.csv"
        listed.write_text(re.sub(r",(\w+@)(\S+)", r",张三 <\1\2>", listed.read_text("utf-8")), "utf-8")
        capsys.readouterr()
        main(self.command(folder, "--dry-run"))
        assert len(re.findall(r"张三 <\w+@example\.cn>（.+ 已经提醒）$", capsys.readouterr().out, re.MULTILINE)) == 3
        main(self.command(folder))
        assert len(peer.post.taken) == 3

    def test_the_whole_list_is_shown_first(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(self.command(folder, "--dry-run")) == 1
        said = capsys.readouterr().out
        assert said.splitlines()[0] == "收到日期按：文件时间（3 张）"
        assert [line.split()[:2] for line in said.splitlines()[2:6]] == [
            ["丙局", "没有报送"],
            ["丁局", "逾期"],
            ["乙局", "有错误"],
            ["4", "个单位，3"],
        ]

    def test_each_unit_gets_one_reminder_with_its_marked_copies(
        self, folder: Path, peer: Listening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(self.command(folder)) == 0
        mails = {recipients[0]: decoded(data) for recipients, data in peer.post.taken}
        assert mails.keys() == {"bing@example.cn", "ding@example.cn", "yi@example.cn"}
        assert mails["bing@example.cn"]["Subject"] == "绩效自评表没有报送：丙局"
        text = mails["yi@example.cn"].get_body(("plain",))
        assert text is not None
        assert "有错误：乙.xlsx：" in text.get_content()
        assert str(folder) not in text.get_content()
        (copy,) = mails["yi@example.cn"].iter_attachments()
        assert copy.get_filename() == "乙_校验结果.xlsx"
        (tmp_path / "副本.xlsx").write_bytes(copy.get_content())
        assert load_workbook(tmp_path / "副本.xlsx").sheetnames[0] == "校验结果"
        assert main(self.command(folder)) == 0  # nothing has changed since: nobody is reminded twice
        assert "已经发过" in capsys.readouterr().out
        assert len(peer.post.taken) == 3

    def test_a_reminder_is_the_same_wherever_the_folder_stands_and_another_for_another_form(
        self, folder: Path, peer: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert main(self.command(folder)) == 0
        monkeypatch.chdir(folder.parent)
        assert main(["chase", folder.name, *self.command(folder)[2:]]) == 0
        assert len(peer.post.taken) == 3
        path, early = folder / "乙.xlsx", (folder / "乙.xlsx").stat().st_mtime
        workbook = load_workbook(path)
        workbook.worksheets[0]["A30"] = "又报了一次，还是有错"
        workbook.save(path)
        os.utime(path, (early, early))
        assert main(self.command(folder)) == 0
        assert [recipients for recipients, _ in peer.post.taken[3:]] == [("yi@example.cn",)]

    def test_nobody_is_told_to_have_sent_nothing_while_a_file_could_not_be_read(
        self, folder: Path, peer: Listening, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "丙.xls").write_bytes(b"\xd0\xcf\x11\xe0")
        assert main(self.command(folder)) == 3
        assert "可能就是“没有报送”的单位交的；先处理好或移走再催报，没有发送" in capsys.readouterr().out
        assert main(self.command(folder.parent / "写错的文件夹")) == 3
        assert peer.post.taken == []
        (folder / "丙.xls").unlink()
        assert main(self.command(folder)) == 0
        assert len(peer.post.taken) == 3

    def test_a_unit_that_is_not_on_the_list_is_told(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "戊.xlsx").write_bytes(form_bytes("丙局本级"))
        assert main(self.command(folder, "--dry-run")) == 1
        assert f"{folder / '戊.xlsx'}：表上的单位“丙局本级”不在通讯录里" in capsys.readouterr().out

    @pytest.mark.parametrize("command", ["chase", "send"])
    def test_a_workbook_with_a_waiver_that_is_none_is_named(
        self, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        workbook = load_workbook(folder / "乙.xlsx")
        sheet = workbook.create_sheet("校验")
        sheet.append(("代码", "位置", "理由", "姓名"))
        sheet.append(("S102", "", "", ""))
        workbook.save(folder / "乙.xlsx")
        whom = ["--to-list", str(folder.parent / "通讯录.csv"), "--dry-run"]
        assert main([command, str(folder), *whom]) == {"chase": 3, "send": 2}[command]
        assert f"{folder / '乙.xlsx'}：工作表“校验”：放行 S102 要写理由和姓名" in capsys.readouterr().out


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_needs_only_an_address(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PRESET", name)
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_USER", "a@example.cn")
    if not PRESETS[name].host:
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_HOST", "mail.example.cn")
    settings = read_settings()
    assert (settings.port, settings.security) == (PRESETS[name].port, PRESETS[name].security)
    assert settings.host
    assert settings.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "还没有邮件设置"),
        ("[mail]\npassword = 'x'\n", "密码不写在这里"),
        ("[mail]\npreset = 'x'\n", "没有名为“x”的预设，有 163、qq"),
        ("[mail]\nuser = 'a@b.cn'\n", "缺少 host"),
        ("[mail]\nhost = 'h'\nuser = 'a'\n", "发件人（user）“a”不是邮箱地址"),
        ("[mail]\nhost = 'h'\nuser = 'a@b.cn'\nsecurity = 'tls'\n", "security 只能是 ssl、starttls、none"),
        ("[mail]\nhost = 'h'\nuser = 'a@b.cn'\nport = 'x'\n", "port 要是数"),
        ("[mail]\nhost = 'h'\nuser = 'a@b.cn'\ntimeout = 0\n", "timeout 要是数，1 到 65535"),
        ("[mail]\nhost = 'h'\nuser = 'a@b.cn'\nto = ['c@d.cn']\n", "to 要是文字，写在引号里"),
        ("mail = 1\n", "邮件设置要写在 [mail] 下面"),
        ("[mail\n", "不是 UTF-8 的 TOML 文件"),
    ],
)
def test_settings_that_cannot_be_used_are_told(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "home" / "workbook_tools" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    assert main(["mail", "test"]) == 2
    assert said in capsys.readouterr().out


def test_a_certificate_is_looked_for_beside_the_settings(
    peer: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configure(tmp_path, peer, security="ssl", ca="单位.pem")
    shutil.copy(peer.authority, path.parent / "单位.pem")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert read_settings().ca == str(path.parent / "单位.pem")
    assert read_settings(path).ca == str(path.parent / "单位.pem")


@pytest.mark.parametrize("host", [".example.cn", f"{'h' * 70}.cn"])
def test_a_host_that_none_can_be_called_is_told(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "home" / "workbook_tools" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"[mail]\nhost = '{host}'\nuser = 'a@b.cn'\n", "utf-8")
    assert main(["mail", "test"]) == 3
    assert f"找不到邮件服务器 {host}；请检查设置里的 host 和网络" in capsys.readouterr().out


@pytest.mark.usefixtures("peer")
def test_no_password_is_not_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setattr("getpass.getpass", lambda _: input())
    assert main(["mail", "password"]) == 2
    assert "没有输入密码，没有存" in capsys.readouterr().out


def test_an_outbox_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "home" / "workbook_tools" / "outbox.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    assert main(["outbox"]) == 2
    assert "无法使用" in capsys.readouterr().out
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("select * from delivery")


@pytest.mark.usefixtures("peer")
def test_an_outbox_that_breaks_later_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "表.xlsx").write_bytes(form_bytes())
    outbox(tmp_path).close()
    rows = sqlite3.connect(tmp_path / "home" / "workbook_tools" / "outbox.sqlite")
    rows.execute("alter table delivery rename column content to other")
    assert main(["send", str(tmp_path / "表.xlsx"), "--to", "a@example.cn"]) == 3
    assert "里面记着发过什么，请不要删，交给维护人员" in capsys.readouterr().out
    rows.execute("alter table delivery rename column other to content")
    (tmp_path / "home" / "workbook_tools" / "outbox.lock").write_bytes(b"no database" * 100)
    assert main(["send", str(tmp_path / "表.xlsx"), "--to", "a@example.cn"]) == 3
    assert "无法使用（file is not a database）" in capsys.readouterr().out
    assert states(tmp_path) == {QUEUED: 1}


class TestTheRibbonsButton:
    def said(self, tmp_path: Path, *more: str) -> list[tuple[str, str]]:
        """The kind and the words of each row that the macros get."""
        folder = tmp_path / "temp"
        folder.mkdir(exist_ok=True)
        (folder / "自评表.xlsx").write_bytes(form_bytes())
        answer = folder / "answer.xlsx"
        assert main(["patch", "send", *more, f"--answer={answer}", f"--book={folder / '自评表.xlsx'}"]) == 0
        rows = load_workbook(answer).worksheets[0].values
        return [(str(row[0]), str(row[3])) for row in rows]

    @pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
    def test_without_settings_it_opens_a_draft(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = tmp_path / "bin"
        opened.mkdir()
        (opened / "xdg-open").write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n', "utf-8")
        (opened / "xdg-open").chmod(0o755)
        monkeypatch.setenv("PATH", f"{opened}:{os.environ['PATH']}")
        ((kind, words),) = self.said(tmp_path)
        assert kind == "say"
        assert "双击用邮件程序打开，核对以后发出" in words
        draft = Path((tmp_path / "opened").read_text("utf-8").strip())
        mail = decoded(draft.read_bytes())
        assert (mail["X-Unsent"], [part.get_filename() for part in mail.iter_attachments()]) == ("1", ["自评表.xlsx"])

    def test_with_a_receiver_in_the_settings_it_asks_and_then_sends(self, peer: Listening, tmp_path: Path) -> None:
        path = tmp_path / "home" / "workbook_tools" / "settings.toml"
        path.write_text(path.read_text("utf-8") + "to = 'bureau2@example.cn'\n", "utf-8")
        ((kind, words),) = self.said(tmp_path)
        assert kind == "ask"
        assert words.startswith("自评表.xlsx → bureau2@example.cn\n")
        assert words.endswith("按“是”发出，按“否”不发。")
        assert peer.post.taken == []
        ((kind, words),) = self.said(tmp_path, "--yes")
        assert (kind, words) == ("say", "发出 1 封")
        assert [recipients for recipients, _ in peer.post.taken] == [("bureau2@example.cn",)]
        ((_, words),) = self.said(tmp_path)  # who has it already is told before the question
        assert "bureau2@example.cn 已经发过（" in words
        ((_, words),) = self.said(tmp_path, "--yes")
        assert words.startswith("自评表.xlsx：bureau2@example.cn 已经发过（")
        assert len(peer.post.taken) == 1

    @pytest.mark.usefixtures("peer")
    def test_an_outbox_that_cannot_be_used_and_a_server_that_is_not_there_are_told_in_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "home" / "workbook_tools" / "settings.toml"
        path.write_text(path.read_text("utf-8") + "to = 'bureau2@example.cn'\n", "utf-8")
        monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PORT", "1")
        ((kind, words),) = self.said(tmp_path, "--yes")
        assert kind == "say"
        assert "拒绝连接；请检查设置里的 host 和 port；还有 1 封没有发" in words
        rows = sqlite3.connect(tmp_path / "home" / "workbook_tools" / "outbox.sqlite")
        rows.execute("alter table delivery rename column content to other")
        ((kind, words),) = self.said(tmp_path, "--yes")
        assert kind == "say"
        assert "里面记着发过什么，请不要删，交给维护人员" in words

    def test_a_fault_that_nobody_foresaw_is_told_with_what_became_of_the_work(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError("x")

        monkeypatch.setattr("workbook_tools.mail.batch.write_drafts", broken)
        ((kind, words),) = self.said(tmp_path)
        assert kind == "say"
        assert words.startswith("程序出错，这一步没有做完；有没有发出，请用 workbook_tools outbox 查看。")
        assert words.endswith("（ZeroDivisionError：x）")
        monkeypatch.setattr(sending, "outgoing", broken)
        ((kind, words),) = self.said(tmp_path)
        assert (kind, words) == (
            "say",
            "自评表.xlsx：程序出错（ZeroDivisionError：x），请把这个文件交给维护人员；没有发送",
        )


def test_the_sessions_of_the_page_on_mail_run_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "mail.md").read_text("utf-8")
    sessions = re.findall(r"```console\n\$ (.*?)\n(.*?)```", text, re.DOTALL)
    assert len(sessions) == 2
    monkeypatch.chdir(tmp_path)
    Path("自评表.xlsx").write_bytes(form_bytes())
    for command, shown in sessions:
        assert main(command.split()[1:]) == 0
        said = capsys.readouterr().out
        assert doctest.OutputChecker().check_output(shown, said, doctest.ELLIPSIS), said
