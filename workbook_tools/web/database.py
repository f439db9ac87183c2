"""The database of one server, SQLite or PostgreSQL: its engine, its transactions, what an earlier version lacked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.schema import CreateColumn

from workbook_tools.errors import FileRejected
from workbook_tools.web.tables import act, metadata, person

MAKING_TABLES = 20_221_231  # the lock's number, nothing more
SQLITE = "serve.sqlite"  # in the folder of a server
BUSY_MILLISECONDS = 30_000  # that a writer waits for another on SQLite
NO_DATABASE = (
    "数据库打不开；请核对 --database 的写法（postgresql+psycopg://用户@主机/库）、数据库是否开着、psycopg 是否装好"
)


def now() -> str:
    """This moment."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def digest(token: str) -> str:
    """What is kept of a token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


def insert(db: Connection, table: sa.Table, values: Mapping[str, Any]) -> int:
    """The number of a new row."""
    return int(db.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one())


def add_act(db: Connection, who: str, what: str, about: str, number: int | None = None) -> None:
    """One line of the log."""
    db.execute(sa.insert(act).values(made=now(), who=who, what=what, about=about, collection=number))


class Database:
    """The engine of one server; its tables are as this version needs them."""

    def __init__(self, address: str, folder: Path) -> None:
        if not address:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            address = f"sqlite:///{folder / SQLITE}"
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
        """Makes the tables and columns that there are not yet; gives the engine for reading."""
        sqlite = self.engine.dialect.name == "sqlite"
        if sqlite:
            event.listen(self.engine, "connect", _sqlite)
            event.listen(self.engine, "begin", _begin)
        with self.engine.begin() as connection:
            if not sqlite:  # two servers may begin at the same time
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MAKING_TABLES})")
            metadata.create_all(connection)
            _upgrade(connection)
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


def _upgrade(connection: Connection) -> None:
    """Adds the columns that an earlier version did not have; what is there stays as it is."""
    known = sa.inspect(connection)
    added = set()
    for table in metadata.sorted_tables:
        had = {column["name"] for column in known.get_columns(table.name)}
        for column in table.columns:
            if column.name not in had:
                said = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN {said}')
                added.add(column)
    if person.c.admin in added:
        make_admin(connection)


def make_admin(db: Connection) -> None:
    """Lets the first person manage the others where nobody does: the one for whom the server was begun."""
    if db.execute(sa.select(person.c.id).where(person.c.admin)).first() is None:
        first = sa.select(sa.func.min(person.c.id)).scalar_subquery()
        db.execute(sa.update(person).where(person.c.id == first).values(admin=True))


def _begin(connection: Connection) -> None:
    """Whoever writes takes the lock at once, so that no transaction fails half way."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")


def _sqlite(connection: Any, _: Any) -> None:
    """Every commit is on the disk before it counts; readers do not wait for writers."""
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {setting}")
