"""Forms and reminders as mails: composed or stopped, then queued once and sent, written as drafts, or only previewed.

Nothing is printed here: each step gives records, of which the commands and the ribbon make their sentences.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from workbook_tools.batch import run
from workbook_tools.errors import BadMail, FileRejected, NoOffice, WorkbookToolsError
from workbook_tools.excel import save
from workbook_tools.findings import Waiver
from workbook_tools.mail import compose
from workbook_tools.mail.compose import Outgoing
from workbook_tools.mail.message import Draft, distinct, file_name, mailbox, message
from workbook_tools.mail.outbox import FAILED, HAD, QUEUED, SENT, UNKNOWN, Delivery, Outbox
from workbook_tools.mail.server import Server
from workbook_tools.mail.settings import Settings, outbox_path, password, read_settings
from workbook_tools.values import normalize

if TYPE_CHECKING:
    from workbook_tools.mail.reminders import Reminder

Result = Literal["ready", "faulty", "unlisted", "unreadable", "no_pdf", "unmailable"]


class Mail(NamedTuple):
    """One mail, ready to go; `about` is the file that it brings, or what it is; `name` is that of its draft.

    `files` are those whose words or copies it brings.
    """

    about: str
    name: str
    to: Sequence[str]
    cc: Sequence[str]
    draft: Draft
    content: str
    files: Sequence[Path] = ()

    @property
    def recipients(self) -> Sequence[str]:
        """Everyone who is to get it."""
        return (*self.to, *self.cc)


class Composed(NamedTuple):
    """What a file has come to: `mail` only where the result is "ready", `fault` where there is no form.

    "faulty": errors stop it; "unlisted": the list has no address of its unit; "unreadable": it is no form;
    "no_pdf": no PDF can be made; "unmailable": its words or waivers cannot be used, which ends a batch.
    """

    path: Path
    result: Result
    form: Outgoing | None = None
    mail: Mail | None = None
    fault: Exception | None = None


class Preview(NamedTuple):
    """A mail that would go, its bytes of attachments, and the recipients who have it or may have it."""

    mail: Mail
    size: int
    had: Sequence[Delivery]


class Written(NamedTuple):
    """A draft in a file, the backup of what stood there, and whether a mail program shows it (None: not asked for)."""

    path: Path
    backup: Path | None
    opened: bool | None


class Batch(NamedTuple):
    """Mails that were queued as a whole: their deliveries, who had one already, and how many older ones wait."""

    deliveries: frozenset[int]
    had: Sequence[tuple[Mail, Delivery]]
    older: int

    @property
    def uncertain(self) -> bool:
        """Whether somebody may have a mail already, and a person has to ask."""
        return any(one.state != SENT for _, one in self.had)


class Sent(NamedTuple):
    """One run of sending: the deliveries that were tried, how many still wait, and what ended the run, None nothing."""

    tried: Sequence[Delivery]
    left: int
    fault: WorkbookToolsError | None

    @property
    def complete(self) -> bool:
        """Whether the run came to its end and everything tried was sent."""
        return self.fault is None and all(one.state == SENT for one in self.tried)


def settings_if_any(path: Path | None = None) -> Settings | None:
    """The settings for what is not sent yet: whom it is for, and its subject; raises `BadMail` for a named file."""
    try:
        return read_settings(path)
    except BadMail:
        if path:  # someone means these
            raise
        return None


def open_outbox() -> Outbox:
    """One's own outbox; raises `BadMail`."""
    box = Outbox(outbox_path())
    box.recover_interrupted()
    return box


def outbox_if_any() -> Outbox | None:
    """One's own outbox where anything was ever queued; raises `BadMail`."""
    return open_outbox() if outbox_path().exists() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composing:
    """How a form becomes a mail, in whatever process.

    Attributes:
        scheme: the name of the scheme of all forms, None recognises each.
        waivers: the list of waivers.
        subject: the pattern of the subject, "" for the usual one.
        pdf: whether a PDF goes along.
        contact: whom to ask, below the text.
        report: says where the report of a file lies, which is then attached; None attaches none.
        report_as_is: whether the report goes also with figures that differ.
    """

    scheme: str | None = None
    waivers: Sequence[Waiver] = ()
    subject: str = ""
    pdf: bool = False
    contact: str = ""
    report: Callable[[Path], Path] | None = None
    report_as_is: bool = False


USUAL = Composing()


def compose_forms(
    files: Sequence[Path],
    to: Sequence[str] | Mapping[str, Sequence[str]],
    how: Composing = USUAL,
    *,
    cc: Sequence[str] = (),
    jobs: int | None = 1,
) -> Iterator[Composed]:
    """Each file as a mail to those receivers, or to those that are listed for the unit of the form.

    A file that cannot be read costs that file; `jobs` says on how many worker processes they are read.
    """
    for path, one, why in run(files, partial(composed, how), jobs=jobs):
        if one is None:
            yield Composed(path, "unreadable", fault=why)
        elif one.form is None:
            yield one
        else:
            whom = to.get(normalize(one.form.unit)) if isinstance(to, Mapping) else to
            if whom is None:
                yield Composed(path, "unlisted", one.form)
            elif one.form.errors:
                yield one
            else:
                name = path.stem if path.suffix.lower() in (".xlsx", ".xlsm") else path.name
                mail = _mail(str(path), name, whom, cc, one.form.draft, one.form.content, [path])
                yield Composed(path, "ready", one.form, mail)


def composed(how: Composing, path: Path) -> Composed:
    """What one file has come to, before it is known whom it goes to: never "ready"."""
    try:
        form = compose.outgoing(
            path,
            scheme=how.scheme,
            waivers=how.waivers,
            subject=how.subject,
            pdf=how.pdf,
            contact=how.contact,
            report=how.report(path) if how.report else None,
            report_as_is=how.report_as_is,
        )
    except NoOffice as fault:
        return Composed(path, "no_pdf", fault=fault)
    except WorkbookToolsError as fault:  # of a file, or of what was asked for
        of_file = fault.exit_code == WorkbookToolsError.exit_code
        return Composed(path, "unreadable" if of_file else "unmailable", fault=fault)
    return Composed(path, "faulty", form)


def compose_reminders(reminders: Iterable[Reminder], cc: Sequence[str] = ()) -> list[Mail]:
    """The reminders as mails."""
    named = ((f"催报 {one.unit}", one) for one in reminders)
    return [_mail(name, name, one.addresses, cc, one.draft, one.content, one.files) for name, one in named]


def _mail(
    about: str,
    name: str,
    to: Sequence[str],
    cc: Sequence[str],
    draft: Draft,
    content: str,
    files: Sequence[Path],
) -> Mail:
    whom = distinct(to)
    return Mail(about, name, whom, distinct(cc, but=whom), draft, content, files)


def preview(mails: Iterable[Mail], box: Outbox | None) -> Iterator[Preview]:
    """What would go; `box` is the outbox that knows who has it already; raises `BadMail` as sending would."""
    for mail in mails:
        message(mail.draft, mail.to, cc=mail.cc)
        size = sum(len(one.data) for one in mail.draft.attachments)
        yield Preview(mail, size, had(box, mail.recipients, mail.content))


def had(box: Outbox | None, addresses: Iterable[str], content: str) -> list[Delivery]:
    """What has gone, or may have gone, to those who are to get a content."""
    found = [box.last(one, content) for one in addresses] if box else []
    return [one for one in found if one and one.state in HAD]


def write_drafts(mails: Iterable[Mail], folder: Path, *, show: bool = False) -> Iterator[Written]:
    """Each mail as a file that mail programs open for sending, under a name of its own.

    With `show` each is opened with the program that the system has for it. Raises `BadMail` or `FileRejected`.
    """
    names: set[str] = set()
    for mail in mails:
        data = message(mail.draft, mail.to, cc=mail.cc)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise FileRejected("E_SYSTEM", f"无法建立文件夹 {folder}，请检查路径和权限") from None
        path = folder / _draft_name(mail, names)
        backup = save(path, data, seen=None, made_from=mail.files)
        yield Written(path, backup, shown_to_clerk(path) if show else None)


def _draft_name(mail: Mail, names: set[str]) -> str:
    """The name of a draft, another one for each mail of this run; it is added to the names."""
    listed = (file_name(f"{'' if number == 1 else f'{number}_'}{mail.name}.eml") for number in count(1))
    found = next(name for name in listed if name.lower() not in names)
    names.add(found.lower())
    return found


def shown_to_clerk(path: Path) -> bool:
    """Opens a file with the program that the system has for it; False where there is none."""
    try:
        if sys.platform == "win32":
            os.startfile(path)
        else:
            opener = "open" if sys.platform == "darwin" else "xdg-open"
            subprocess.run([opener, str(path)], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def queue(box: Outbox, settings: Settings, mails: Iterable[Mail], *, again: bool = False) -> Batch:
    """Queues all the mails or, where one cannot be mailed, none; each goes to those who do not have it.

    With `again` it goes also to those who have it. Raises `BadMail`.
    """
    numbers: set[int | None] = set()
    before: list[tuple[Mail, Delivery]] = []
    with box.transaction():
        for mail in mails:
            queued = box.queue(
                _maker(mail, (settings.name, settings.user)),
                mail.draft.subject,
                mail.about,
                settings.user,
                mail.recipients,
                mail.content,
                again=again,
            )
            numbers.add(queued.number)
            before += [(mail, one) for one in queued.before]
    waiting = box.all(QUEUED)
    new = frozenset(one.id for one in waiting if one.number in numbers)
    return Batch(new, before, len(waiting) - len(new))


def _maker(mail: Mail, sender: tuple[str, str]) -> Callable[[Sequence[str]], bytes]:
    """The bytes of a mail for some of its recipients; those of the copy come first where no other is among them."""

    def make(recipients: Sequence[str]) -> bytes:
        first, copied = ([one for one in named if mailbox(one) in recipients] for named in (mail.to, mail.cc))
        first, copied = (first, copied) if first else (copied, [])
        return message(mail.draft, first, cc=copied, sender=sender)

    return make


def send_queued(
    box: Outbox,
    settings: Settings,
    only: Collection[int],
    show: Callable[[int, int, Delivery], None] = lambda *_: None,
) -> Sent | None:
    """Sends those of the queued deliveries, None where none of them waits; raises `BadMail`."""
    if not any(one.id in only for one in box.all(QUEUED)):
        return None
    secret = password(settings)
    sent = box.send(lambda: Server(settings, secret), only=only, pause=settings.pause, show=show)
    tried = [one for one in box.all() if one.id in set(sent.tried)]
    return Sent(tried, sum(one.id in only for one in box.all(QUEUED)), sent.fault)


def resolve(box: Outbox, ids: Collection[int], *, arrived: bool) -> list[int]:
    """Records what the receivers say about deliveries whose outcome is not known; gives those that were unknown."""
    state, said = (SENT, "经向对方核实，已经收到") if arrived else (FAILED, "经向对方核实，没有收到")
    return box.change(ids, state, said, of=(UNKNOWN,))
