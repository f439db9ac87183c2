"""Debian's postfix takes the mail, dovecot gives it back over IMAPS, and mutt and a JavaScript parser read its names.

Both programs run from folders of their own, on the loopback interface and high ports, and relay nothing.
"""

from __future__ import annotations

import hashlib
import imaplib
import json
import os
import re
import select
import shutil
import socket
import ssl
import struct
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("aiosmtpd", reason='aiosmtpd is not installed: pip install ".[test]"')
pwd = pytest.importorskip("pwd", reason="postfix runs on Unix")
import fcntl
import pty
import termios

import trustme
from test_mail import NAMES, PROJECT, at_home, configure, decoded, form_bytes, outbox, states  # noqa: F401

from mail_peers import HERE, PASSWORD, USER, free_port
from workbook_tools.commands.main import main
from workbook_tools.mail.message import Attachment, Draft, message
from workbook_tools.mail.outbox import FAILED, SENT
from workbook_tools.mail.server import Server
from workbook_tools.mail.settings import read_settings

PROGRAMS = {
    name: shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in ("postfix", "dovecot", "mutt", "node")
}
POSTAL_MIME = os.environ.get("POSTAL_MIME", "")  # the folder of the npm package
MISSING = [name for name, found in PROGRAMS.items() if not found] + ([] if POSTAL_MIME else ["postal-mime (npm)"])
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING) and not os.environ.get("CI"), reason=f"not installed: {'、'.join(MISSING)}"),
    pytest.mark.skipif(
        (not hasattr(os, "geteuid") or os.geteuid() != 0) and not os.environ.get("WHOLE_CHAIN"),
        reason="postfix has to be started by root",
    ),
]

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
myhostname = mail.example.cn
mydestination =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
alias_maps =
message_size_limit = 300000
virtual_mailbox_domains = example.cn
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{ a@example.cn=box/ }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""
MASTER = """
{starttls} inet n - n - - smtpd
{ssl} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
ssl_dh =
mail_location = maildir:{folder}/mail/box
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0666
  }}
}}
"""


class Office(NamedTuple):
    """A running mail server: its ports and the file of the authority that it is to be trusted by."""

    starttls: int
    ssl: int
    imaps: int
    authority: Path

    @property
    def port(self) -> int:
        return self.ssl


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    assert not MISSING, f"CI installs {'、'.join(MISSING)}"
    folder = Path("/tmp") / f"wt-mail-{os.getpid()}"  # short: the paths of sockets may have 107 bytes
    shutil.rmtree(folder, ignore_errors=True)
    owner, vmail = pwd.getpwnam("postfix"), pwd.getpwnam("mail")
    for name in ("queue/private", "data", "mail/box", "dovecot", "etc"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    for name in ("data", "queue/private"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    for path in (folder / "mail", folder / "mail" / "box"):
        os.chown(path, vmail.pw_uid, vmail.pw_gid)
    authority = trustme.CA()
    authority.issue_cert(HERE).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    ports = {name: free_port() for name in ("starttls", "ssl", "imaps")}
    said = {"folder": folder, "uid": vmail.pw_uid, "gid": vmail.pw_gid, "password": PASSWORD, **ports}
    (folder / "etc" / "main.cf").write_text(MAIN.format(**said))
    (folder / "etc" / "master.cf").write_text(MASTER.format(**said))
    (folder / "dovecot.conf").write_text(DOVECOT.format(**said))
    dovecot = subprocess.Popen([str(PROGRAMS["dovecot"]), "-F", "-c", str(folder / "dovecot.conf")])
    postfix = [str(PROGRAMS["postfix"]), "-c", str(folder / "etc")]
    try:
        started = subprocess.run([*postfix, "start"], check=False, capture_output=True, text=True, timeout=60)
        assert started.returncode == 0, started.stderr + (folder / "postfix.log").read_text("utf-8")
        _wait_for(ports["imaps"], ports["ssl"])
        yield Office(**ports, authority=folder / "authority.pem")
    finally:
        subprocess.run([*postfix, "stop"], check=False, capture_output=True, timeout=60)
        dovecot.terminate()
        dovecot.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(*ports: int) -> None:
    for port in ports:
        for _ in range(100):
            try:
                socket.create_connection((HERE, port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)


def fetched(office: Office, count: int) -> list[bytes]:
    """The mails in the box, read back over IMAPS and removed."""
    context = ssl.create_default_context(cafile=str(office.authority))
    for _ in range(100):
        with imaplib.IMAP4_SSL(HERE, office.imaps, ssl_context=context) as box:
            box.login("a@example.cn", PASSWORD)
            box.select()
            numbers = box.search(None, "ALL")[1][0].split()
            if len(numbers) >= count:
                found = [box.fetch(number.decode(), "(RFC822)")[1][0] for number in numbers]
                for number in numbers:
                    box.store(number.decode(), "+FLAGS", "\\Deleted")
                box.expunge()
                return [one[1] for one in found if isinstance(one, tuple)]
        time.sleep(0.1)
    raise AssertionError("the mail did not arrive")


SCRIPT = """
import PostalMime from {package};
import {{ readFileSync }} from "node:fs";
import {{ createHash }} from "node:crypto";
const mail = await new PostalMime().parse(readFileSync({file}));
const hash = (bytes) => createHash("sha256").update(Buffer.from(bytes)).digest("hex");
console.log(JSON.stringify({{subject: mail.subject, text: mail.text, files: mail.attachments.map((one) => [one.filename, hash(one.content)])}}));
"""


def as_javascript_reads(path: Path, folder: Path) -> dict[str, object]:
    package = json.loads((Path(POSTAL_MIME) / "package.json").read_text("utf-8"))
    main_file = package.get("module") or package.get("main") or "src/postal-mime.js"
    script = folder / "read.mjs"
    script.write_text(SCRIPT.format(package=json.dumps(str(Path(POSTAL_MIME) / main_file)), file=json.dumps(str(path))))
    done = subprocess.run([str(PROGRAMS["node"]), str(script)], check=True, capture_output=True, text=True)
    read: dict[str, object] = json.loads(done.stdout)
    return read


def as_mutt_reads(path: Path, folder: Path) -> tuple[str, str, str]:
    """The name under which mutt lists the attachment, the hash of the file that it saves, and all that it shows."""
    rc = folder / "muttrc"
    rc.write_text(
        f'set folder="{folder}"\nset charset=utf-8\nset rfc2047_parameters=no\nset wait_key=no\nset confirmappend=no\n'
        'set quit=yes\nset attach_format="NAME:%d"\n'
    )
    environment = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    keyboard, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 900, 0, 0))
    command = [str(PROGRAMS["mutt"]), "-R", "-n", "-F", str(rc), "-f", str(path)]
    mutt = subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=environment, cwd=folder)
    os.close(screen)
    shown = b""
    # the mail itself, the list of attachments, its last entry, save it, under another name, and out
    for keys in ("", "\r", "v", "*", "s", "\x01\x0bsaved\r", "q", "q", "q"):
        os.write(keyboard, keys.encode())
        while select.select([keyboard], [], [], 0.5)[0]:
            try:
                shown += os.read(keyboard, 65536)
            except OSError:  # mutt has gone
                break
    mutt.wait(timeout=30)
    os.close(keyboard)
    text = re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9])", "", shown.decode("utf-8", "replace"))
    listed = re.search(r"NAME:(\S*?\.xlsx)", text)
    saved = hashlib.sha256((folder / "saved").read_bytes()).hexdigest()
    return (listed[1] if listed else text), saved, text


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("name", NAMES, ids=len)
def test_it_comes_back_identical(name: str, security: str, office: Office, tmp_path: Path) -> None:
    configure(tmp_path, office, security=security, port=getattr(office, security))
    data = form_bytes()
    whole = hashlib.sha256(data).hexdigest()
    draft = Draft(
        f"2023年度绩效自评表 甲局 {PROJECT} 98.00分 优",
        "您好！\n现报送绩效自评表，请查收附件。",
        (),
        [Attachment(name, data)],
    )
    box, settings = outbox(tmp_path), read_settings()
    box.queue(
        lambda who: message(draft, who, sender=("市财政局", USER)), draft.subject, "", USER, ["a@example.cn"], name
    )
    assert box.send(lambda: Server(settings, PASSWORD)).fault is None
    (taken,) = fetched(office, 1)

    mail = decoded(taken)
    (part,) = mail.iter_attachments()
    assert (mail["Subject"], part.get_filename()) == (draft.subject, name)
    assert hashlib.sha256(part.get_content()).hexdigest() == whole
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == draft.text

    (tmp_path / "mail.eml").write_bytes(taken)
    read = as_javascript_reads(tmp_path / "mail.eml", tmp_path)
    assert (read["subject"], read["files"]) == (draft.subject, [[name, whole]])
    assert str(read["text"]).strip() == draft.text

    (tmp_path / "mbox").write_bytes(b"From a@example.cn Sat Nov 21 00:00:00 2026\n" + taken.replace(b"\r\n", b"\n"))
    listed, saved, shown = as_mutt_reads(tmp_path / "mbox", tmp_path)
    assert (listed, saved) == (name, whole)
    assert f"Subject: {draft.subject}" in shown
    assert [line for line in draft.text.split("\n") if line not in shown] == []


def test_a_recipient_that_is_not_there_and_one_that_is(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, office, security="ssl")
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    assert main(["send", str(path), "--to", "a@example.cn", "--to", "nobody@example.cn"]) == 1
    assert "没有这个收件人，或者拒收；请核对地址（550 5.1.1" in capsys.readouterr().out
    assert states(tmp_path) == {SENT: 1, FAILED: 1}
    assert len(fetched(office, 1)) == 1


def test_postfix_says_how_large_a_mail_may_be(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, office, security="starttls", port=office.starttls)
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes())
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/media/seal.png", os.urandom(400_000))
    assert main(["send", str(path), "--to", "a@example.cn"]) == 1
    assert "服务器最多收 293.0 KB" in capsys.readouterr().out


def test_postfix_does_not_take_a_wrong_password(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, office, security="ssl")
    assert main(["mail", "test"]) == 0
    monkeypatch.setenv("WORKBOOK_TOOLS_MAIL_PASSWORD", "wrong")
    assert main(["mail", "test"]) == 2
    assert "的密码（535）" in capsys.readouterr().out
