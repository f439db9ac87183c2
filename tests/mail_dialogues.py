"""Random SMTP dialogues: a real server on the loopback interface, and before it a line that lies and is cut.

What the server took is the truth; the states in the outbox are held against it after every run. A lie is something that
a client can notice: a reply too early, twice, late, cut, endless, garbled, or with a code that answers nothing. A
server that refuses a message in the right words and keeps it all the same cannot be noticed by anybody, nor can one
that says too much at one step and as much too little at another; these are not among them.
"""

from __future__ import annotations

import contextlib
import logging
import random
import select
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from aiosmtpd.controller import Controller

from mail_peers import HERE, PASSWORD, USER, Post, authenticate, free_port
from workbook_tools.mail.outbox import FAILED, QUEUED, SENT, UNKNOWN, Outbox, State
from workbook_tools.mail.server import Server
from workbook_tools.mail.settings import Security, Settings

logging.getLogger("mail.log").setLevel(logging.ERROR)  # the server warns of itself
PATIENCE = 0.25  # seconds that the client waits for an answer on a line that lies
STRAY = (
    *[b"250 ok"] * 5,
    b"250-a\r\n250 b",
    b"354 go",
    b"421 bye",
    b"451 later",
    b"500 what",
    b"554 no",
    b"220 hello",
    b"\xb2\xbb",
)
MORE = ("twice", "twice, later", "before", "before, apart", "during", "during")  # a reply that no command asked for
OTHER = (
    "code",
    "many lines",
    "mixed",
    "eight bits",
    "noise",
    "long",
    "longer",
    "endless",
    "drip",
    "half",
    "late",
    "later",
)
FEWER = ("none", "deaf")
COMMANDS = ("hello", "EHLO", "AUTH", *("MAIL", "RCPT", "DATA", "RSET") * 2, *["end"] * 6, "STAR", "QUIT")
KINDS = (*MORE, *MORE, *OTHER, *FEWER)


class Plan(NamedTuple):
    """What happens to one connection: the command → what becomes of its reply, and after how many bytes it is cut.

    "body" is the text of a message, "end" its final dot; a lie may be told at the first mail of the connection or later.
    """

    lies: dict[str, str]
    up: int | None = None
    down: int | None = None
    reset: bool = False


def smtp_dialogue(seed: int) -> None:
    """One outbox sent over lines that lie and are cut, resumed, and settled.

    Raises `AssertionError` where a state is not the truth, or something arrives twice, changed, or not at all.
    """
    states_in_dialogue(seed)


def states_in_dialogue(seed: int) -> Counter[str]:
    """A dialogue as above, and how often each state came up in it."""
    chance, seen = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, _server() as (post, port):
        box = Outbox(Path(folder) / "outbox.sqlite")
        mails = {number: _mail(seed, number, chance) for number in range(chance.randint(1, 3))}
        whom = {number: [f"{number}-{one}@example.cn" for one in range(chance.randint(1, 3))] for number in mails}
        for number, data in mails.items():
            box.queue(lambda _, data=data: data, "主题", "", USER, whom[number], f"内容{number}")  # type: ignore[misc]
        refused = {one for number in mails for one in whom[number] if chance.random() < 0.15}
        post.refuses = dict.fromkeys(refused, "550 5.1.1 no such user")
        try:
            for _ in range(chance.randint(1, 3)):
                if chance.random() < 0.35:
                    post.refuses[""] = chance.choice(["554 5.7.1 spam", "451 4.3.0 later", "552 5.3.4 too big"])
                security: Security = chance.choice(["none", "starttls", "ssl"])
                with _line(port, security, [_plan(chance) for _ in range(chance.randint(1, 4))]) as at:
                    limit = chance.choice([PATIENCE / 2, 5, 5, 5])
                    box.send(lambda at=at, how=(security, limit): _client(at, *how))  # type: ignore[misc]
                _hold(box, post, mails, seed)
                seen.update(one.state for one in box.all())
                post.refuses.pop("", None)
                box.change([one.id for one in box.all()], QUEUED, "", of=(FAILED,))  # the clerk orders it
            _settle(box, post)
            box.send(lambda: _client(port, "none", 30, 10))
            _hold(box, post, mails, seed)
            left = {one.address: one.state for one in box.all() if one.state != SENT}
            assert left == dict.fromkeys(refused, FAILED), (seed, left)
        finally:
            box.close()
    return seen


def _mail(seed: int, number: int, chance: random.Random) -> bytes:
    """A message; one in four is of several blocks."""
    lines = chance.choice([3, 30, 300, 3000])
    body = b"".join(chance.choice([b".", b"..", b"QUIT", b"x" * 70, b""]) + b"\r\n" for _ in range(lines))
    return b"Subject: %d-%d\r\n\r\n%s" % (seed, number, body)


def _plan(chance: random.Random) -> Plan:
    if chance.random() < 0.15:
        return Plan({})
    kinds = chance.choices(KINDS, k=chance.randint(0, 2))
    if set(kinds) & set(MORE) and set(kinds) & set(FEWER):
        kinds = kinds[:1]
    elif chance.random() < 0.2:  # the worst: words for the answer to the final dot that are none
        kinds = [chance.choice(["during", "before", "before, apart"])]
        return Plan({"body" if kinds == ["during"] else "end": kinds[0]})
    lies = {"body" if kind == "during" else chance.choice(COMMANDS): kind for kind in kinds}
    up = down = None
    if chance.random() < 0.4:
        up = chance.choice([chance.randint(0, 400), chance.randint(0, 5000)])
    elif chance.random() < 0.4:
        down = chance.choice([chance.randint(0, 600), chance.randint(0, 5000)])
    return Plan(lies, up, down, reset=chance.random() < 0.5)


def _client(port: int, security: Security, limit: float, timeout: float = PATIENCE) -> Server:
    settings = Settings(
        host=HERE, port=port, security=security, user=USER, ca=str(_trust()[1]), pause=0, timeout=timeout, limit=limit
    )
    return Server(settings, PASSWORD)


def _hold(box: Outbox, post: Post, mails: dict[int, bytes], seed: int) -> None:
    """The states against what the server took."""
    arrived = Counter(one for recipients, _ in post.taken for one in recipients)
    possible: dict[State, tuple[int, ...]] = {SENT: (1,), QUEUED: (0,), FAILED: (0,), UNKNOWN: (0, 1)}
    for one in box.all():
        assert arrived[one.address] in possible.get(one.state, ()), (seed, one, arrived[one.address])
    for recipients, data in post.taken:
        assert data == mails[int(recipients[0].partition("-")[0])], (seed, recipients)


def _settle(box: Outbox, post: Post) -> None:
    """The clerk asks the receivers."""
    arrived = {one for recipients, _ in post.taken for one in recipients}
    for one in box.all(UNKNOWN):
        box.change([one.id], SENT if one.address in arrived else QUEUED, "", of=(UNKNOWN,))
    box.change([one.id for one in box.all()], QUEUED, "", of=(FAILED,))


@cache
def _trust() -> tuple[ssl.SSLContext, Path, Any]:
    """The context of the server, and the file of the authority that the client trusts."""
    folder = tempfile.TemporaryDirectory()
    authority = trustme.CA()
    path = Path(folder.name) / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HERE).configure_cert(context)
    return context, path, folder


@contextlib.contextmanager
def _server() -> Iterator[tuple[Post, int]]:
    post = Post()
    controller = Controller(post, hostname=HERE, port=free_port(), authenticator=authenticate, auth_require_tls=False)
    controller.start()
    try:
        yield post, controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def _line(port: int, security: Security, plans: list[Plan]) -> Iterator[int]:
    """The port of a line to the server; the first connections go as planned, those after them honestly."""
    listening, threads, left = socket.create_server((HERE, 0)), list[threading.Thread](), iter(plans)

    def accept() -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            plan = next(left, Plan({}))
            inner, outer = socket.socketpair()
            far = socket.create_connection((HERE, port))
            for work in (lambda: _cut(near, outer, plan), lambda: _talk(inner, far, security, plan)):  # noqa: B023
                threads.append(threading.Thread(target=work, daemon=True))
                threads[-1].start()
            time.sleep(0)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()
        for one in threads:
            one.join()


def _cut(near: socket.socket, outer: socket.socket, plan: Plan) -> None:
    """Passes bytes in both directions until so many have gone in one of them."""
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    left: dict[socket.socket, int | None] = {near: plan.up, outer: plan.down}
    with near, outer:
        try:
            while ready := select.select([near, outer], [], [], 10)[0]:
                for source in ready:
                    most = left[source]
                    data = b"" if most == 0 else source.recv(min(most or 1 << 16, 1 << 16))
                    if not data:
                        raise ConnectionError
                    (outer if source is near else near).sendall(data)
                    left[source] = None if most is None else most - len(data)
        except OSError:
            if plan.reset:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _talk(near: socket.socket, far: socket.socket, security: Security, plan: Plan) -> None:
    with far, contextlib.suppress(OSError), _Talk(near, far, security, plan) as talk:
        talk.run()
    near.close()


class _Talk:
    """One connection between a client and the server, command by command."""

    def __init__(self, near: socket.socket, far: socket.socket, security: Security, plan: Plan) -> None:
        self.near, self.far, self.lies, self.tls = near, far, dict(plan.lies), security
        self.chance = random.Random(str(plan))
        self.heard = self.answered = b""
        self.due: list[tuple[float, bytes]] = []
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far.settimeout(5)

    def __enter__(self) -> _Talk:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until the server has closed: afterwards nothing changes what it took."""
        with contextlib.suppress(OSError):
            self.near.close()
        with contextlib.suppress(OSError):
            self.far.shutdown(socket.SHUT_WR)
            while self.far.recv(1 << 16):
                pass

    def lie(self, command: str) -> str:
        """What becomes of the reply to a command, "" nothing; each lie is told once."""
        return self.lies.pop(command) if command in self.lies and self.chance.random() < 0.7 else ""

    def run(self) -> None:
        if self.tls == "ssl":
            self.secure()
        self.answer(self.reply(), "hello")
        while line := self.line():
            verb = line[:4].upper()
            if verb == b"STAR" and self.tls == "starttls":
                self.answer(b"220 go ahead\r\n", "STAR")
                self.secure()
                continue
            self.far.sendall(line)
            said = self.reply()
            if verb == b"EHLO" and self.tls == "starttls":
                said = b"250-here\r\n250-STARTTLS\r\n" + said.partition(b"\r\n")[2]
            self.answer(said, verb.decode("latin-1"))
            if verb == b"DATA" and said.startswith(b"354"):
                self.body()
            elif verb == b"QUIT":
                return

    def secure(self) -> None:
        self.near.settimeout(5)
        self.near = _trust()[0].wrap_socket(self.near, server_side=True)
        self.tls = "none"

    def body(self) -> None:
        """The text of a message up to its end; `during` it the server speaks."""
        tail, during = b"\r\n", self.lie("body") == "during"
        while not tail.endswith(b"\r\n.\r\n"):
            data, self.heard = self.heard or self.hear(), b""
            if not data:
                raise ConnectionError
            self.far.sendall(data)
            tail = (tail + data)[-5:]
            if during and not tail.endswith(b"\r\n.\r\n") and self.chance.random() < 0.7:
                self.near.sendall(self.chance.choice(STRAY) + b"\r\n")
                during = False
        self.answer(self.reply(), "end")

    def hear(self) -> bytes:
        """What the client sends next; meanwhile what is due is said."""
        end = time.monotonic() + 10
        while (now := time.monotonic()) < end:
            if self.due and self.due[0][0] <= now:
                self.near.sendall(self.due.pop(0)[1])
                continue
            self.near.settimeout((self.due[0][0] if self.due else end) - now)
            with contextlib.suppress(TimeoutError):
                return self.near.recv(1 << 16)
        return b""

    def line(self) -> bytes:
        while b"\n" not in self.heard:
            data = self.hear()
            if not data:
                return b""
            self.heard += data
        line, end, self.heard = self.heard.partition(b"\n")
        return line + end

    def reply(self) -> bytes:
        said = b""
        while True:
            while b"\n" not in self.answered:
                data = self.far.recv(1 << 16)
                if not data:
                    raise ConnectionError
                self.answered += data
            line, _, self.answered = self.answered.partition(b"\n")
            said += line + b"\n"
            if line[3:4] != b"-":
                return said

    def answer(self, said: bytes, command: str) -> None:
        """Says it, or what the plan makes of it; a clear answer that decides is not replaced by another clear one."""
        kind, chance, clear = self.lie(command), self.chance, command in ("RCPT", "end")
        stray, code = chance.choice(STRAY) + b"\r\n", said[:3]
        odd = [b"354 go\r\n", b"999 x\r\n", b"000 x\r\n", b"25\r\n", b"199 x\r\n", b"250ok\r\n", b"\r\n"]
        other = odd if clear else [*odd, b"250 x\r\n", b"421 x\r\n", b"451 x\r\n", b"554 x\r\n"]
        many = b"".join(b"%b-%d\r\n" % (code, number) for number in range(chance.randint(1, 200)))
        changed: dict[str, bytes] = {
            "twice": said + said,
            "before": stray + said,
            "code": chance.choice(other),
            "many lines": many + said,
            "mixed": chance.choice([b"250-a\r\n354-b\r\n", b"554-a\r\n", b"250-a\r\n"]) + b"999 c\r\n",
            "eight bits": code + b" \xc4\xfa\xba\xc3\x1b[2J\xff\x00\r\n" if said[3:4] == b" " else said,
            "noise": chance.randbytes(300).replace(b"\n", b"") + b"\r\n",
            "long": code + b" " + b"x" * chance.choice([9000, 20000]) + b"\r\n",
            "longer": code + b" " + b"x" * chance.choice([70000, 200000]) + b"\r\n",
            "half": said[: chance.randint(0, len(said) - 1)],
            **dict.fromkeys(("deaf", "none", "before, apart"), b""),
        }
        slow = {"late": 0.02, **dict.fromkeys(("later", "deaf"), PATIENCE + 0.05)}
        if kind == "before, apart":
            self.near.sendall(stray)
            slow[kind] = chance.choice([0, 0.001, 0.01, 0.05])
            changed[kind] = said
        time.sleep(slow.get(kind, 0))
        self.near.settimeout(5)
        said = changed.get(kind, said)
        if kind in ("endless", "drip"):
            pieces = [said[:4].replace(b" ", b"-") + b"x\r\n"] * 300 if kind == "endless" else _bytes(said[:200])
            for piece in pieces:
                self.near.sendall(piece)
                time.sleep(0.002 if kind == "endless" else 0.003)
        else:
            self.near.sendall(said)
        if kind == "twice, later":
            self.due.append((time.monotonic() + chance.choice([0.0005, 0.005, 0.02]), chance.choice([said, stray])))
        elif kind in ("half", "deaf"):
            raise ConnectionError


def _bytes(said: bytes) -> list[bytes]:
    return [said[at : at + 1] for at in range(len(said))]
