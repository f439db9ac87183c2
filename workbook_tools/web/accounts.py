"""Who may log in: people, the links with which they set a password, and sessions. Tokens are kept as digests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from workbook_tools.errors import FileRejected
from workbook_tools.web.database import Database, add_act, digest, insert, make_admin, new_token, now
from workbook_tools.web.tables import pass_, person

SESSION_HOURS, LINK_DAYS = 10, 3
SERVER = "服务器"  # who acts where the command does


class Accounts:
    """The people of one server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def any(self) -> bool:
        """Whether anybody has set a password."""
        with self._database.reading() as db:
            return db.execute(sa.select(person.c.id).where(person.c.password != "")).first() is not None

    def people(self) -> list[Row[Any]]:
        """All who may log in, each with how long a link for the password is valid, and how many sessions."""
        counted = [
            sa.func.max(sa.case((pass_.c.kind == "password", pass_.c.until))).label("link"),
            sa.func.count(sa.case((pass_.c.kind == "session", 1))).label("sessions"),
        ]
        valid = sa.and_(pass_.c.person == person.c.id, pass_.c.until >= now())
        wanted = sa.select(person, *counted).outerjoin(pass_, valid).group_by(person.c.id).order_by(person.c.id)
        with self._database.reading() as db:
            return list(db.execute(wanted))

    def add(self, who: str, name: str, *, admin: bool) -> str:
        """A new person and the link to set a password; raises `FileRejected` for a name that there is already."""
        token = new_token()
        with self._database.transaction() as db:
            if db.execute(sa.select(person.c.id).where(person.c.name == name)).first():
                raise FileRejected("E_KIND", f"已经有用户“{name}”；请换一个用户名")
            _link(db, token, insert(db, person, {"name": name, "admin": admin}))
            add_act(db, who, "加人", f"{name}{'，管理人员' if admin else ''}")
        return token

    def remove(self, who: str, number: int) -> str | None:
        """Removes a person, whose sessions and links end at once; the name, None where there is no such person."""
        with self._database.transaction() as db:
            name = db.execute(sa.select(person.c.name).where(person.c.id == number)).scalar()
            if name is not None:
                db.execute(sa.delete(pass_).where(pass_.c.person == number))
                db.execute(sa.delete(person).where(person.c.id == number))
                add_act(db, who, "移出用户", name)
        return name

    def reset(self, who: str, number: int) -> tuple[str, str] | None:
        """Ends the password and the sessions of a person; the name and the link to set a new one."""
        token = new_token()
        with self._database.transaction() as db:
            name = db.execute(sa.select(person.c.name).where(person.c.id == number)).scalar()
            if name is None:
                return None
            db.execute(sa.delete(pass_).where(pass_.c.person == number))
            db.execute(sa.update(person).where(person.c.id == number).values(password=""))
            _link(db, token, number)
            add_act(db, who, "重设密码", name)
        return name, token

    def password_link(self, name: str, who: str = SERVER) -> str:
        """A token with which the password of a person can be set, who need not be known yet; the first one manages."""
        token = new_token()
        with self._database.transaction() as db:
            found = db.execute(sa.select(person.c.id).where(person.c.name == name)).scalar()
            if found is None:
                found = insert(db, person, {"name": name})
                make_admin(db)
            _link(db, token, found)
            add_act(db, who, "发出设密码的链接", name)
        return token

    def name_of_link(self, token: str) -> str | None:
        """Whose password a link sets; None where it is not valid."""
        with self._database.reading() as db:
            found = _valid(db, token, "password")
        return found.name if found else None

    def set_password(self, token: str, hashed: str) -> str | None:
        """Sets the password of whose link it is, once; the name, None where the link is not valid."""
        with self._database.transaction() as db:
            found = _valid(db, token, "password")
            if found is None:
                return None
            db.execute(sa.delete(pass_).where(pass_.c.person == found.id))  # sessions and other links, too
            db.execute(sa.update(person).where(person.c.id == found.id).values(password=hashed))
            add_act(db, found.name, "设密码", found.name)
            return cast("str", found.name)

    def password_of(self, name: str) -> tuple[int, str] | None:
        """The number of a person and the hash of the password; None for a stranger."""
        with self._database.reading() as db:
            row = db.execute(sa.select(person.c.id, person.c.password).where(person.c.name == name)).first()
        return (row.id, row.password) if row and row.password else None

    def log_in(self, number: int, name: str) -> str | None:
        """The token of a new session; None where the person has been removed meanwhile."""
        token = new_token()
        with self._database.transaction() as db:
            if db.execute(sa.select(person.c.id).where(person.c.id == number, person.c.password != "")).first() is None:
                return None
            _pass(db, token, number, "session", timedelta(hours=SESSION_HOURS))
            add_act(db, name, "登录", name)
        return token

    def session(self, token: str) -> Row[Any] | None:
        """The person whose session it is, and what the next page is to say."""
        with self._database.reading() as db:
            return _valid(db, token, "session")

    def tell(self, token: str, said: str) -> None:
        """What the next page of a session says; "" after it has."""
        with self._database.transaction() as db:
            db.execute(sa.update(pass_).where(pass_.c.digest == digest(token)).values(said=said))

    def log_out(self, token: str) -> None:
        """Ends a session."""
        with self._database.transaction() as db:
            db.execute(sa.delete(pass_).where(pass_.c.digest == digest(token)))


def _link(db: Connection, token: str, number: int) -> None:
    _pass(db, token, number, "password", timedelta(days=LINK_DAYS))


def _pass(db: Connection, token: str, number: int, kind: str, valid: timedelta) -> None:
    db.execute(sa.delete(pass_).where(pass_.c.until < now()))
    until = (datetime.now(UTC) + valid).isoformat(timespec="seconds")
    db.execute(sa.insert(pass_).values(digest=digest(token), person=number, kind=kind, until=until))


def _valid(db: Connection, token: str, kind: str) -> Row[Any] | None:
    wanted = sa.select(person.c.id, person.c.name, person.c.admin, pass_.c.said).join_from(pass_, person)
    wanted = wanted.where(pass_.c.digest == digest(token), pass_.c.kind == kind, pass_.c.until >= now())
    return cast("Row[Any] | None", db.execute(wanted).first())
