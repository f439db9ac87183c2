"""The tables of the database of a server."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()
Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _table(name: str, *columns: sa.Column[Any] | sa.UniqueConstraint) -> sa.Table:
    return sa.Table(name, metadata, sa.Column("id", Key, primary_key=True, autoincrement=True), *columns)


def _words(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="", **more)


def _of(table: str) -> sa.Column[int]:
    return sa.Column(table, sa.ForeignKey(f"{table}.id"), nullable=False, index=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(40), nullable=nullable)  # ISO 8601 in UTC: sorts as text on every database


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


collection = _table(
    "collection",
    _words("title"),
    sa.Column("deadline", sa.String(10)),  # the last day, None where there is none
    _words("scheme"),  # "" recognises each form
    _words("contact"),
    _moment("made"),
    _flag("closed"),
)
unit = _table(
    "unit",
    _of("collection"),
    _words("name"),
    _words("mail"),  # addresses, with ;
    _moment("removed", nullable=True),  # None while it belongs to the collection
    sa.UniqueConstraint("collection", "name"),
)
link = _table(
    "link",
    _of("unit"),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    _moment("made"),
    _moment("revoked", nullable=True),  # None while it is valid
)
version = _table(
    "version",
    _of("unit"),
    _words("name"),  # of the file, as the unit has it
    _words("project"),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    _words("file"),  # where it is in the store of files
    _moment("came"),
    _moment("handed_in", nullable=True),  # None until the unit submits it
    _words("record"),  # what was found, as JSON
    _words("total"),
    _words("grade"),
    sa.Column("errors", sa.Integer, nullable=False),
    sa.Column("hints", sa.Integer, nullable=False),
    sa.Column("unchecked", sa.Integer, nullable=False),
    sa.Column("follows", Key),  # a version of the same project; its own number begins one; None goes by the name
    _moment("deleted", nullable=True),  # by its unit, before it was handed in: then only its name and digest are left
)
review = _table(
    "review",
    _of("version"),
    _words("score"),
    _words("grade"),
    _words("opinion"),
    _flag("returned"),
    _words("person"),
    _moment("made"),
    _words("basis"),  # what it rests on where it comes from a 复核 that was handed in, in words
)
closing = _table(
    "closing",  # a 复核 that the reviewer has filled in, and what followed from it
    _of("collection"),
    _words("person"),
    _moment("made"),
    _words("name"),  # of the file
    _words("sha256"),  # of the archive
    _words("file"),  # the archive in the store of files
    _words("said"),  # what the command said
    _words("results"),  # as JSON: of each version what it came to
)
person = _table(
    "person",
    _words("name", unique=True),
    _words("password"),  # "" until it is set
    _flag("admin"),  # whether it manages the others
)
pass_ = _table(
    "pass",
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    _of("person"),
    sa.Column("kind", sa.String(10), nullable=False),  # session, or password: the link that sets one
    _moment("until"),
    _words("said"),  # what the next page of the session says, once
)
act = _table(
    "act", _moment("made"), _words("who"), _words("what"), _words("about"), sa.Column("collection", Key, index=True)
)
