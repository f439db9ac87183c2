"""Real mail servers on the loopback interface: aiosmtpd in both TLS modes with AUTH, and a line that is cut at a chosen moment."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

HERE = "127.0.0.1"
USER, PASSWORD = "bureau@example.cn", "authcode123"


class Post:
    """What a server has taken, by recipient; and what it refuses: recipient → its answer, "" for the message itself."""

    def __init__(self) -> None:
        self.taken: list[tuple[tuple[str, ...], bytes]] = []
        self.refuses: dict[str, str] = {}
        self.hangs_up = False  # after it has refused a recipient
        self.passwords = 0  # that were tried

    async def handle_MAIL(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            if self.hangs_up:
                server.loop.call_soon(server.transport.close)
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "" in self.refuses:
            return self.refuses[""]
        self.taken.append((tuple(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 taken"


class Listening(NamedTuple):
    """A server that listens: its port, what it has taken, and the file of the authority that signed its certificate."""

    port: int
    post: Post
    authority: Path


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    """Whether the one password was given."""
    server.event_handler.passwords += 1
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def server(
    folder: Path,
    security: str = "ssl",
    *,
    most: int = 2**25,
    expired: bool = False,
    future: bool = False,
    host: str = HERE,
) -> Iterator[Listening]:
    """A server in one of the modes of `security`, wanting a password under TLS."""
    authority = trustme.CA()
    ended = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    begun = ended + datetime.timedelta(days=9) if future else ended - datetime.timedelta(days=9) if expired else None
    issued = authority.issue_cert(host, not_after=ended if expired else None, not_before=begun)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    post = Post()
    how: dict[str, Any] = {"data_size_limit": most}
    if security != "none":
        how |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        how |= {"tls_context": context, "require_starttls": True}
    controller = Controller(
        post, hostname=HERE, port=free_port(), ssl_context=context if security == "ssl" else None, **how
    )
    controller.start()
    try:
        yield Listening(controller.port, post, trusted)
    finally:
        controller.stop()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


class Cut:
    """A line to a server that is cut after so many blocks, of both directions together, or before a command."""

    def __init__(self, port: int, after: int = 1_000_000, *, before: bytes = b"") -> None:
        self._to, self._left, self._before = port, after, before
        self.cut = False
        self._lock = threading.Lock()
        self._listening = socket.create_server((HERE, 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection((HERE, self._to))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink, near, far), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, *both: socket.socket) -> None:
        while True:
            try:
                block = source.recv(2048)
                with self._lock:
                    here = bool(self._before) and block.lower().startswith(self._before)
                    if not block or self._left == 0 or here:
                        self.cut = self.cut or bool(block)
                        break
                    self._left -= 1
                    sink.sendall(block)
            except OSError:
                break
        for line in both:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def close(self) -> None:
        """Listens no longer."""
        self._listening.close()
