"""Servers that answer too early, too late, too much, or nonsense: what is not certain is never called sent, nor sent twice."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("aiosmtpd", reason='aiosmtpd is not installed: pip install ".[test]"')

import trustme
from test_mail import at_home, configure, form_bytes, outbox, states  # noqa: F401

from mail_dialogues import smtp_dialogue, states_in_dialogue
from mail_peers import HERE, PASSWORD, USER, Cut, server
from workbook_tools.commands.main import main
from workbook_tools.errors import ConnectionLost
from workbook_tools.mail.outbox import FAILED, QUEUED, SENT, UNKNOWN, Outbox
from workbook_tools.mail.server import Server
from workbook_tools.mail.settings import Settings

GOOD = {
    "hello": b"220 here\r\n",
    "EHLO": b"250-here\r\n250 SIZE\r\n",
    "DATA": b"354 go\r\n",
    "end": b"250 taken\r\n",
    "QUIT": b"221 bye\r\n",
}
MESSAGE = b"Subject: x\r\n\r\n" + b"x" * 60 + b"\r\n"


class Scripted(NamedTuple):
    """A server that follows a script: its port, every line that it was told, and how many connections it had."""

    port: int
    heard: list[bytes]
    connections: list[socket.socket]


class How(NamedTuple):
    """How a server answers: the seconds before each answer, before each byte of the last, before it reads a message;
    when it hangs up.
    """

    slow: float = 0
    drip: float = 0
    idle: float = 0
    closes: str = ""
    tls: ssl.SSLContext | None = None


class _Script:
    """The work of a server that follows a script."""

    def __init__(self, script: dict[str, bytes], heard: list[bytes], how: How) -> None:
        self.script, self.heard, self.how = script, heard, how

    def say(self, line: socket.socket, command: str) -> None:
        time.sleep(self.how.slow)
        said = self.script.get(command, GOOD.get(command, b"250 ok\r\n"))
        step = 1 if self.how.drip and command == "end" else len(said) or 1
        for at in range(0, len(said), step):
            line.sendall(said[at : at + step])
            time.sleep(self.how.drip if step == 1 else 0)
        if command == self.how.closes:
            raise ConnectionError

    def talk(self, line: socket.socket) -> None:
        self.say(line, "hello")
        words = line.makefile("rb")
        while told := words.readline():
            self.heard.append(told)
            command = told.split()[0].decode("latin-1").upper()
            self.say(line, command)
            if command == "STARTTLS" and self.how.tls:
                line = self.how.tls.wrap_socket(line, server_side=True)
                words = line.makefile("rb")
            elif command == "DATA":
                self.take(line, words)

    def take(self, line: socket.socket, words: Any) -> None:
        """The text of a message."""
        time.sleep(self.how.idle)
        if "body" in self.script:
            words.peek(1)
            self.say(line, "body")
        while (text := words.readline()) not in (b".\r\n", b""):
            self.heard.append(text)
        self.say(line, "end")

    def work(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            self.talk(line)


@contextmanager
def scripted(script: dict[str, bytes], **how: Any) -> Iterator[Scripted]:
    """A server with an answer for each command; "body" is said when the text of a message begins."""
    listening, found = socket.create_server((HERE, 0)), Scripted(0, [], [])
    work = _Script(script, found.heard, How(**how)).work

    def accept() -> None:
        with suppress(OSError):
            while True:
                found.connections.append(listening.accept()[0])
                threading.Thread(target=work, args=(found.connections[-1],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found._replace(port=int(listening.getsockname()[1]))
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def settings(port: int, **more: Any) -> Settings:
    return Settings(**{"host": HERE, "port": port, "security": "none", "user": USER, "pause": 0, "timeout": 2, **more})


def sent_through(folder: Path, at: Scripted, mails: int = 1, **more: Any) -> list[tuple[str, str]]:
    """State and words of each of so many mails after one run."""
    box = Outbox(folder / f"{at.port}.sqlite")
    for number in range(mails):
        box.queue(lambda _: MESSAGE, "主题", "", USER, [f"{number}@example.cn"], f"内容{number}")
    box.send(lambda: Server(settings(at.port, **more), ""))
    found: list[tuple[str, str]] = [(one.state, one.said) for one in box.all()]
    box.close()
    return found


TOO_EARLY = "没有轮到它就应答（“250 ok”），它的应答和命令不一致，已断开连接；请稍后再试"


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize(
    ("script", "state", "said"),
    [
        # Before the final dot: the mail has not gone, whatever was said.
        ({"DATA": b"354 go\r\n250 ok\r\n", "end": b"554 no\r\n"}, QUEUED, TOO_EARLY),
        ({"DATA": b"354 go\r\n421 closing\r\n"}, QUEUED, "不接受（421 closing）"),
        ({"MAIL": b"250 ok\r\n250 ok\r\n"}, QUEUED, TOO_EARLY),
        ({"hello": b"220 here\r\n250 ok\r\n"}, QUEUED, TOO_EARLY),
        ({"RCPT": b"250 a\r\n550 b\r\n"}, QUEUED, "没有轮到它就应答（“550 b”）"),
        # After it: the answer counts when the next one is in step, too.
        (
            {"end": b"250 ok\r\n554 no\r\n"},
            UNKNOWN,
            "答复收下（250 ok），但接着的核对没有得到应有的答复，服务器可能已经收下",
        ),
        (
            {"end": b"554 no\r\n250 ok\r\n"},
            UNKNOWN,
            "答复不收（554 no），但接着的核对没有得到应有的答复，服务器可能已经收下",
        ),
        ({"end": b"250 ok\r\n", "RSET": b"554 no\r\n"}, UNKNOWN, "答复收下（250 ok）"),
        ({"end": b"451 later\r\n", "QUIT": b"250 ok\r\n"}, UNKNOWN, "答复不收（451 later）"),
        ({"end": b"554 no\r\n"}, FAILED, "邮件被拒绝（554 no）"),
        ({"end": b"250 ok\r\n"}, SENT, ""),
        # No answer as RFC 5321 writes one.
        ({"end": b"250-ok\r\n554 no\r\n"}, UNKNOWN, "的应答无法识别（“554 no”）"),
        ({"end": b"250taken\r\n"}, UNKNOWN, "的应答无法识别（“250taken”）"),
        ({"end": b"+25 taken\r\n"}, UNKNOWN, "的应答无法识别"),
        ({"end": b"\xb2\xbb\xca\xd5\x1b[2J\r\n"}, UNKNOWN, "的应答无法识别（“不收□[2J”）"),  # in GBK
        ({"end": b"554 \xb2\xbb\xca\xd5\x1b[2J\x07\r\n"}, FAILED, "邮件被拒绝（554 不收□[2J□）"),
        ({"end": b"250 " + b"x" * 70000 + b"\r\n"}, UNKNOWN, "的一次应答超过 64 KB"),
        ({"end": b"250-x\r\n" * 20000}, UNKNOWN, "的一次应答超过 64 KB"),
        ({"end": b"250-many\r\n" * 50 + b"250 taken\r\n"}, SENT, ""),
    ],
)
def test_an_answer_counts_only_in_its_place_and_whole(
    script: dict[str, bytes], state: str, said: str, tmp_path: Path
) -> None:
    with scripted(script) as at:
        ((found, words),) = sent_through(tmp_path, at)
    assert (found, said in words) == (state, True), words


@pytest.mark.parametrize("end", ["554 no", "451 later", "421 closing"])
def test_an_answer_that_is_on_its_way_when_the_dot_is_sent_is_not_taken_for_that_to_the_dot(
    end: str, tmp_path: Path
) -> None:
    for early in (b"250 ok\r\n", b"554 no\r\n"):
        with scripted({"body": early, "end": f"{end}\r\n".encode()}) as at:
            assert sent_through(tmp_path, at)[0][0] in (QUEUED, UNKNOWN)


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("cut", range(len(b"250 taken\r\n")))
def test_an_answer_that_is_cut_is_none(cut: int, tmp_path: Path) -> None:
    with scripted({"end": b"250 taken\r\n"[:cut]}, closes="end") as at:
        assert sent_through(tmp_path, at)[0][0] == UNKNOWN


def test_a_server_that_hangs_up_right_after_its_answer_may_have_meant_another_command(tmp_path: Path) -> None:
    for answer in (b"250 ok\r\n", b"554 no\r\n", b"421 closing\r\n"):
        with scripted({"end": answer}, closes="end") as at:
            assert sent_through(tmp_path, at)[0][0] == UNKNOWN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "more", "said"),
    [
        ({"drip": 0.1}, {"timeout": 0.5}, "的应答 0.5 秒还没有完（“2"),
        ({"slow": 0.2}, {"limit": 0.5}, "用了 0.5 秒还没有完成，已断开连接；网络慢、附件大的，请把设置里的 limit"),
        ({"slow": 1}, {"timeout": 0.3}, "没有应答；请检查网络"),
    ],
    ids=["a byte at a time", "each step slow", "silent"],
)
def test_nothing_is_waited_for_without_end(
    how: dict[str, Any], more: dict[str, Any], said: str, tmp_path: Path
) -> None:
    start = time.monotonic()
    with scripted({"end": b"250 taken\r\n"}, **how) as at:
        ((_, words),) = sent_through(tmp_path, at, **more)
    assert said in words
    assert time.monotonic() - start < 5


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_reads_no_further_is_not_waited_for(
    tls: bool, tmp_path: Path, authority: tuple[ssl.SSLContext, str]
) -> None:
    context, ca = authority
    large, start = b"Subject: x\r\n\r\n" + (b"x" * 900 + b"\r\n") * 16_000, time.monotonic()
    script = {"EHLO": b"250-here\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go\r\n"}
    with scripted(script, idle=4, tls=context) as at:
        box = outbox(tmp_path)
        box.queue(lambda _: large, "主题", "", USER, ["a@example.cn"], "内容")
        how = settings(at.port, security="starttls" if tls else "none", ca=ca, timeout=0.5)
        box.send(lambda: Server(how, ""))
    assert states(tmp_path) == {QUEUED: 1}
    assert time.monotonic() - start < 4


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize(
    ("lines", "most"),
    [
        ("SIZE 5000", 5000),
        ("size 5000", 5000),
        ("SIZE", 0),
        ("SIZE 0", 0),
        ("SIZE -5", 0),
        ("SIZE=5000", 0),
        ("SIZE 5000 6000", 0),
        ("SIZE 5k", 0),
        ("SIZE 1e6", 0),
        ("SIZE １２", 0),
        ("SIZE " + "9" * 20, 10**20 - 1),
        ("SIZE " + "9" * 21, 0),
        ("SIZES 5", 0),
        ("8BITMIME", 0),
        ("SIZE 5000\nSIZE 5000", 5000),
        ("SIZE 5000\nSIZE 90000000", 0),  # nobody knows which holds: the server will say it itself
        ("SIZE 5000\nSIZE", 0),
    ],
)
def test_the_largest_message_is_read_as_its_standard_says(lines: str, most: int) -> None:
    answer = "250-here\r\n" + "".join(f"250-{line}\r\n" for line in lines.split("\n")) + "250 HELP\r\n"
    with scripted({"EHLO": answer.encode()}) as at:
        known = Server(settings(at.port), "")
        assert known.most_bytes == most
        known.close()


def test_the_size_that_is_declared_is_that_of_the_lines_without_the_dots_that_are_doubled() -> None:
    with scripted({}) as at:
        known = Server(settings(at.port), "")
        known.send(USER, ["a@example.cn"], b"Subject: x\n\n.\n..y", before_end=lambda _: None)
        known.close()
    declared = b"mail from:<%b> size=%d\r\n" % (USER.encode(), len(b"Subject: x\r\n\r\n.\r\n..y\r\n"))
    assert declared in [line.lower() for line in at.heard]
    assert at.heard[-5:-1] == [b"\r\n", b"..\r\n", b"...y\r\n", b"rset\r\n"]


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(HERE).configure_cert(context)
    return context, str(tmp_path / "authority.pem")


class TestStartTls:
    def said(self, script: dict[str, bytes], authority: tuple[ssl.SSLContext, str], closes: str = "") -> str:
        context, ca = authority
        with scripted({"EHLO": b"250-here\r\n250 STARTTLS\r\n", **script}, tls=context, closes=closes) as at:
            try:
                Server(settings(at.port, security="starttls", ca=ca), "").close()
            except ConnectionLost as fault:
                return str(fault)
        return ""

    def test_it_works(self, authority: tuple[ssl.SSLContext, str]) -> None:
        assert self.said({"STARTTLS": b"220 go\r\n"}, authority) == ""

    @pytest.mark.parametrize("more", [b"250 ok\r\n", b"250-here\r\n250 AUTH PLAIN\r\n", b"2", b"\r\n"])
    def test_words_before_the_encryption_are_not_taken_for_encrypted_ones(
        self, more: bytes, authority: tuple[ssl.SSLContext, str]
    ) -> None:
        said = self.said({"STARTTLS": b"220 go\r\n" + more}, authority)
        assert "在加密开始以前多说了" in said
        assert "请换一个网络，或者改用 465 端口" in said

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ({"EHLO": b"250 here\r\n"}, "不支持加密或登录（starttls）"),  # stripped by someone on the line
            ({"EHLO": b"250-here\r\n250 STARTTLS\r\n250 more\r\n"}, "没有轮到它就应答（“250 more”）"),
            ({"STARTTLS": b"454 not now\r\n"}, "不接受（454 not now）"),
            ({"STARTTLS": b"250 ok\r\n"}, "的应答无法识别（250 ok）"),
            ({"STARTTLS": b"220-go\r\n454 not now\r\n"}, "的应答无法识别（“454 not now”）"),
        ],
    )
    def test_there_is_no_way_back_to_a_plain_line(
        self, script: dict[str, bytes], said: str, authority: tuple[ssl.SSLContext, str]
    ) -> None:
        assert said in self.said(script, authority)

    @pytest.mark.parametrize("answer", [b"", b"2", b"220", b"220 go"])
    def test_a_consent_that_is_cut_is_none(self, answer: bytes, authority: tuple[ssl.SSLContext, str]) -> None:
        assert "的连接被服务器中断" in self.said({"STARTTLS": answer}, authority, closes="STARTTLS")


@pytest.mark.slow
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_an_encrypted_line_cut_at_every_block_loses_nothing_and_doubles_nothing(security: str, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    with server(tmp_path, security) as listening:
        for after in range(200):
            box, cut = Outbox(tmp_path / f"{after}.sqlite"), Cut(listening.port, after)
            to = [f"{after}-{number}@example.cn" for number in (1, 2)]
            box.queue(lambda _: MESSAGE, "主题", "", USER, to, "内容")
            how = settings(cut.port, security=security, ca=str(listening.authority))
            box.send(lambda how=how: Server(how, PASSWORD))  # type: ignore[misc]
            cut.close()
            before = {one.address: one.state for one in box.all()}
            seen.update(before.values())
            box.send(lambda: Server(settings(listening.port, security=security, ca=str(listening.authority)), PASSWORD))
            arrived = Counter(one for recipients, _ in listening.post.taken for one in recipients)
            for one in box.all():
                assert one.state == (UNKNOWN if before[one.address] == UNKNOWN else SENT), f"cut after {after} blocks"
                assert arrived[one.address] in ((0, 1) if one.state == UNKNOWN else (1,)), f"cut after {after} blocks"
            box.close()
            if not cut.cut:
                break
    assert after > 15
    assert {QUEUED, UNKNOWN, SENT} == set(seen)


@pytest.mark.slow
def test_a_connection_that_ended_during_the_pause_is_opened_again(tmp_path: Path) -> None:
    for answer in ({}, {"RSET": b"250 ok\r\n421 idle\r\n"}):
        with scripted(answer, closes="RSET") as at:
            found = sent_through(tmp_path, at, mails=3)
            assert len(at.connections) in (2, 3)  # the end may come together with the answer before it
        assert {state for state, _ in found} <= {SENT, UNKNOWN}  # unknown where the end came together with the answer
    with scripted({"end": b"554 no\r\n"}) as at:
        assert [state for state, _ in sent_through(tmp_path, at, mails=2)] == [FAILED, FAILED]


@pytest.mark.parametrize(("answer", "said"), [("334 A", "登录时的应答无法识别"), ("250 ok", "应答无法识别（250 ok）")])
def test_an_answer_to_the_login_that_is_none_says_nothing_about_the_password(answer: str, said: str) -> None:
    script = {"EHLO": b"250-here\r\n250 AUTH LOGIN\r\n", "AUTH": f"{answer}\r\n".encode()}
    with scripted(script) as at, pytest.raises(ConnectionLost, match=said):
        Server(settings(at.port), PASSWORD)


def test_the_name_of_the_computer_is_not_told_and_may_be_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "张三-台式机.local")
    with scripted({}) as at:
        Server(settings(at.port), "").close()
    assert at.heard[0] == b"ehlo [127.0.0.1]\r\n"


def test_no_clock_that_jumps_sends_twice_or_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    jumps = iter(range(10**6))
    real, shown = time.time, time.strftime

    def jumping(*_: object) -> float:
        return real() + (10**8 if next(jumps) % 2 else -(10**8))

    start = time.monotonic()
    with server(tmp_path) as listening:
        configure(tmp_path, listening, security="ssl", limit=5)
        monkeypatch.setattr(time, "time", jumping)
        monkeypatch.setattr(time, "strftime", lambda how, *_: shown(how, time.localtime(jumping())))
        for _ in range(4):
            assert main(["send", str(path), "--to", "a@example.cn", "--to", "b@example.cn"]) == 0
            assert main(["outbox", "retry"]) == 0
        assert [recipients for recipients, _ in listening.post.taken] == [("a@example.cn", "b@example.cn")]
        box = outbox(tmp_path)
        box.change([1], "sending", "", of=(SENT,))  # as a process that was killed then leaves it
        assert main(["outbox", "retry"]) == 0
        assert len(listening.post.taken) == 1
    assert states(tmp_path) == {UNKNOWN: 1, SENT: 1}
    assert time.monotonic() - start < 20


@pytest.mark.skipif(os.name != "posix", reason="rights of a file")
@pytest.mark.parametrize("older", [False, True], ids=["new", "made by an older version"])
def test_nobody_else_reads_what_is_to_be_sent(older: bool, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "workbook_tools"
    names = ("outbox.sqlite", "outbox.lock", "outbox.sqlite-wal", "outbox.sqlite-shm")
    before = os.umask(0o022)
    try:
        if older:
            folder.mkdir(parents=True, mode=0o755)
            for name in names[:2]:
                (folder / name).touch(mode=0o644)
        box = outbox(tmp_path)
        with box.exclusive():
            box.queue(lambda _: MESSAGE, "主题", "", USER, ["a@example.cn"], "内容")
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}
        box.close()
    finally:
        os.umask(before)
    assert modes.keys() >= set(names)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("seed", range(12))
def test_what_the_outbox_says_is_true_over_any_line(seed: int) -> None:
    smtp_dialogue(seed)


@pytest.mark.slow
def test_five_hundred_dialogues_with_lies_and_cuts_double_nothing_and_call_nothing_sent_that_is_not() -> None:
    seen = sum((states_in_dialogue(seed) for seed in range(1000, 1500)), Counter[str]())
    assert min(seen[state] for state in (SENT, QUEUED, FAILED, UNKNOWN)) > 50  # each was tried
