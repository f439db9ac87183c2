"""What a bureau's collections hold, in SQLite or PostgreSQL: units, versions handed in, reviews, people, what was done.

A version is a row only after its file is safely in the store of files; a receipt is given only after its row is
committed. Tokens and passwords are kept as digests.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Row, event

from workbook_tools.errors import FileRejected
from workbook_tools.web.tables import act, collection, link, metadata, pass_, person, review, unit, version

MAKING_TABLES = 20_221_231  # the lock's number, nothing more
SESSION_HOURS, LINK_DAYS = 10, 3
BUSY_MILLISECONDS = 30_000  # that a writer waits for another on SQLite
NO_DATABASE = (
    "数据库打不开；请核对 --database 的写法（postgresql+psycopg://用户@主机/库）、数据库是否开着、psycopg 是否装好"
)
MOST_ACTS = 1000  # on one page


def now() -> str:
    """This moment."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def digest(token: str) -> str:
    """What is kept of a token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


class Facts(NamedTuple):
    """What a collection asks for."""

    title: str
    deadline: date | None
    scheme: str
    contact: str


class Store:
    """The database of one server."""

    def __init__(self, address: str, folder: Path) -> None:
        if not address:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            address = f"sqlite:///{folder / 'serve.sqlite'}"
        try:
            self.engine = sa.create_engine(address, pool_pre_ping=True)
            self._reading = self._prepared()
        except (
            sa.exc.ArgumentError,
            sa.exc.DBAPIError,
            ModuleNotFoundError,
        ) as fault:  # an address may hold a password
            raise FileRejected("E_FILE", NO_DATABASE) from fault

    def _prepared(self) -> sa.Engine:
        """Makes the tables that there are not yet; gives the engine for reading."""
        sqlite = self.engine.dialect.name == "sqlite"
        if sqlite:
            event.listen(self.engine, "connect", _sqlite)
            event.listen(self.engine, "begin", _begin)
        with self.engine.begin() as connection:
            if not sqlite:  # two servers may begin at the same time
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MAKING_TABLES})")
            metadata.create_all(connection)
        return self.engine.execution_options(reading=True, **({} if sqlite else {"isolation_level": "REPEATABLE READ"}))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything within is done, or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of all tables, for reading: nobody has to wait for it."""
        with self._reading.begin() as connection:
            yield connection

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    # People

    def people(self) -> list[str]:
        """The names of all who may log in."""
        with self.reading() as db:
            return list(db.execute(sa.select(person.c.name).where(person.c.password != "")).scalars())

    def password_link(self, name: str) -> str:
        """A token with which the password of a person can be set, who need not be known yet."""
        token = new_token()
        with self.transaction() as db:
            found = db.execute(sa.select(person.c.id).where(person.c.name == name)).scalar()
            if found is None:
                found = _insert(db, person, {"name": name})
            until = datetime.now(UTC) + timedelta(days=LINK_DAYS)
            _pass(db, token, found, "password", until)
            _act(db, "服务器", "发出设密码的链接", name)
        return token

    def name_of_link(self, token: str) -> str | None:
        """Whose password a link sets; None where it is not valid."""
        with self.reading() as db:
            found = _valid(db, token, "password")
        return found.name if found else None

    def set_password(self, token: str, hashed: str) -> str | None:
        """Sets the password of whose link it is, once; the name, None where the link is not valid."""
        with self.transaction() as db:
            found = _valid(db, token, "password")
            if found is None:
                return None
            db.execute(sa.delete(pass_).where(pass_.c.person == found.person))  # sessions and other links, too
            db.execute(sa.update(person).where(person.c.id == found.person).values(password=hashed))
            _act(db, found.name, "设密码", found.name)
            return cast("str", found.name)

    def password_of(self, name: str) -> tuple[int, str] | None:
        """The number of a person and the hash of the password; None for a stranger."""
        with self.reading() as db:
            row = db.execute(sa.select(person.c.id, person.c.password).where(person.c.name == name)).first()
        return (row.id, row.password) if row and row.password else None

    def log_in(self, number: int, name: str) -> str:
        """The token of a new session."""
        token = new_token()
        with self.transaction() as db:
            _pass(db, token, number, "session", datetime.now(UTC) + timedelta(hours=SESSION_HOURS))
            _act(db, name, "登录", name)
        return token

    def session(self, token: str) -> str | None:
        """The name of the person whose session it is."""
        with self.reading() as db:
            found = _valid(db, token, "session")
        return found.name if found else None

    def log_out(self, token: str) -> None:
        """Ends a session."""
        with self.transaction() as db:
            db.execute(sa.delete(pass_).where(pass_.c.digest == digest(token)))

    # Collections and their units

    def begin(self, who: str, facts: Facts, units: Mapping[str, str]) -> int:
        """A new collection; `units` has the addresses by name. Gives its number."""
        with self.transaction() as db:
            until = facts.deadline.isoformat() if facts.deadline else None
            number = _insert(db, collection, {**facts._asdict(), "deadline": until, "made": now()})
            rows = [{"collection": number, "name": name, "mail": mail} for name, mail in units.items()]
            db.execute(sa.insert(unit), rows)
            _act(db, who, "开始收表", f"{facts.title}，{len(rows)} 个单位", number)
        return number

    def collections(self) -> list[Row[Any]]:
        """All collections, the newest first, each with how many units it has and how many have handed in."""
        handed = sa.select(unit.c.collection, sa.func.count(sa.distinct(unit.c.id)).label("handed"))
        handed_in = handed.join(version).where(version.c.handed_in.is_not(None)).group_by(unit.c.collection).subquery()
        units = sa.select(unit.c.collection, sa.func.count().label("units")).group_by(unit.c.collection).subquery()
        wanted = sa.select(collection, units.c.units, sa.func.coalesce(handed_in.c.handed, 0).label("handed"))
        wanted = wanted.join(units, units.c.collection == collection.c.id)
        wanted = wanted.outerjoin(handed_in, handed_in.c.collection == collection.c.id)
        with self.reading() as db:
            return list(db.execute(wanted.order_by(collection.c.id.desc())))

    def collection(self, number: int) -> Row[Any] | None:
        """One collection."""
        with self.reading() as db:
            return db.execute(sa.select(collection).where(collection.c.id == number)).first()

    def close_collection(self, who: str, number: int, *, closed: bool) -> None:
        """Ends a collection, or opens it again."""
        with self.transaction() as db:
            db.execute(sa.update(collection).where(collection.c.id == number).values(closed=closed))
            _act(db, who, "结束收表" if closed else "重新开放", "", number)

    def units(self, number: int) -> list[Row[Any]]:
        """The units of a collection, in the order of the list."""
        with self.reading() as db:
            return list(db.execute(sa.select(unit).where(unit.c.collection == number).order_by(unit.c.id)))

    def new_link(self, number: int) -> str:
        """A token with which a unit comes in; those that it has stay valid."""
        token = new_token()
        with self.transaction() as db:
            db.execute(sa.insert(link).values(unit=number, digest=digest(token), made=now()))
        return token

    def unit_of(self, token: str) -> Row[Any] | None:
        """The unit whose link it is, with its collection."""
        wanted = sa.select(unit, collection.c.title, collection.c.deadline, collection.c.scheme, collection.c.contact)
        wanted = wanted.add_columns(collection.c.closed).join(collection).join(link, link.c.unit == unit.c.id)
        with self.reading() as db:
            return db.execute(wanted.where(link.c.digest == digest(token))).first()

    # What units hand in

    def add_version(self, number: int, values: Mapping[str, Any]) -> int:
        """A version that a unit has uploaded; its file is in the store of files already. Gives its number."""
        with self.transaction() as db:
            made = _insert(db, version, {"unit": number, "came": now(), **values})
            of = db.execute(sa.select(unit.c.name, unit.c.collection).where(unit.c.id == number)).one()
            _act(db, of.name, "上传", f"第 {made} 号 {values['name']} SHA-256 {values['sha256']}", of.collection)
            return made

    def hand_in(self, number: int, of: int, who: str, collection_number: int) -> Row[Any] | None:
        """Submits a version of a unit; a second time changes nothing. None where it is not that unit's."""
        with self.transaction() as db:
            mine = sa.and_(version.c.id == number, version.c.unit == of)
            done = db.execute(sa.update(version).where(mine, version.c.handed_in.is_(None)).values(handed_in=now()))
            row = db.execute(sa.select(version).where(mine)).first()
            if done.rowcount and row:
                _act(db, who, "报送", f"{receipt_number(row)} {row.name} SHA-256 {row.sha256}", collection_number)
            return row

    def kept(self, of: int) -> tuple[int, int]:
        """How many versions of a unit are kept, and their bytes."""
        wanted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(version.c.size), 0))
        with self.reading() as db:
            count, size = db.execute(wanted.where(version.c.unit == of)).one()
        return int(count), int(size)

    def versions(self, of: int) -> list[Row[Any]]:
        """All versions of a unit, the newest first, each with its latest review."""
        with self.reading() as db:
            return list(db.execute(_reviewed().where(version.c.unit == of).order_by(version.c.id.desc())))

    def version(self, number: int) -> Row[Any] | None:
        """One version with its latest review and its unit."""
        wanted = _reviewed().add_columns(unit.c.name.label("unit_name"), unit.c.mail, unit.c.collection).join(unit)
        with self.reading() as db:
            return db.execute(wanted.where(version.c.id == number)).first()

    def handed_in(self, number: int) -> list[Row[Any]]:
        """Everything handed in to a collection with its latest reviews, without the records of findings."""
        wanted = _reviewed(record=False).add_columns(unit.c.name.label("unit_name")).join(unit)
        wanted = wanted.where(unit.c.collection == number, version.c.handed_in.is_not(None))
        with self.reading() as db:
            return list(db.execute(wanted.order_by(version.c.handed_in, version.c.id)))

    def add_review(self, number: int, who: str, values: Mapping[str, Any], collection_number: int) -> None:
        """What a reviewer says of a version."""
        with self.transaction() as db:
            db.execute(sa.insert(review).values(version=number, person=who, made=now(), **values))
            _act(db, who, "退回" if values.get("returned") else "审核", f"第 {number} 号", collection_number)

    # What was done

    def add_act(self, who: str, what: str, about: str, collection_number: int | None = None) -> None:
        """One line of the log."""
        with self.transaction() as db:
            _act(db, who, what, about, collection_number)

    def acts(self, number: int | None = None) -> list[Row[Any]]:
        """The newest of the log, of one collection or of everything, the newest first."""
        wanted = sa.select(act).order_by(act.c.id.desc()).limit(MOST_ACTS)
        with self.reading() as db:
            return list(db.execute(wanted if number is None else wanted.where(act.c.collection == number)))


def _insert(db: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """The number of a new row."""
    return int(db.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one())


def receipt_number(row: Row[Any]) -> str:
    """The number of a receipt: the version, and the beginning of its digest so that a slip of the pen is noticed."""
    return f"{row.id:06d}-{row.sha256[:6].upper()}"


def _reviewed(*, record: bool = True) -> sa.Select[Any]:
    """Versions with their latest reviews."""
    latest = sa.select(review.c.version, sa.func.max(review.c.id).label("last")).group_by(review.c.version).subquery()
    columns = [column for column in version.c if record or column.name != "record"]
    wanted = sa.select(
        *columns,
        review.c.score.label("review_score"),
        review.c.grade.label("review_grade"),
        review.c.opinion.label("review_opinion"),
        review.c.returned,
        review.c.person.label("reviewer"),
        review.c.made.label("reviewed"),
    )
    return wanted.outerjoin(latest, latest.c.version == version.c.id).outerjoin(review, review.c.id == latest.c.last)


def _pass(db: Connection, token: str, number: int, kind: str, until: datetime) -> None:
    db.execute(sa.delete(pass_).where(pass_.c.until < now()))
    said = {"digest": digest(token), "person": number, "kind": kind, "until": until.isoformat(timespec="seconds")}
    db.execute(sa.insert(pass_).values(**said))


def _valid(db: Connection, token: str, kind: str) -> Row[Any] | None:
    wanted = sa.select(pass_.c.person, person.c.name).join(person)
    wanted = wanted.where(pass_.c.digest == digest(token), pass_.c.kind == kind, pass_.c.until >= now())
    return cast("Row[Any] | None", db.execute(wanted).first())


def _act(db: Connection, who: str, what: str, about: str, number: int | None = None) -> None:
    db.execute(sa.insert(act).values(made=now(), who=who, what=what, about=about, collection=number))


def _begin(connection: Connection) -> None:
    """Whoever writes takes the lock at once, so that no transaction fails half way."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")


def _sqlite(connection: Any, _: Any) -> None:
    """Every commit is on the disk before it counts; readers do not wait for writers."""
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {setting}")
