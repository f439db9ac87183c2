"""What a bureau's collections hold, in SQLite or PostgreSQL: units, versions handed in, reviews, people, what was done.

A version is a row only after its file is safely in the store of files; a receipt is given only after its row is
committed. Tokens and passwords are kept as digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Row

from workbook_tools.values import normalize
from workbook_tools.web.accounts import Accounts
from workbook_tools.web.database import Database, add_act, digest, insert, new_token, now
from workbook_tools.web.tables import act, closing, collection, link, review, unit, version

MOST_ACTS = 1000  # on one page
FACTS = {"title": "名称", "deadline": "截止日期", "contact": "联系人"}  # of a collection, that can be changed
NONE = "（没有）"


class Facts(NamedTuple):
    """What a collection asks for."""

    title: str
    deadline: date | None
    scheme: str
    contact: str


class Store:
    """The database of one server."""

    def __init__(self, address: str, folder: Path) -> None:
        self.database = Database(address, folder)
        self.accounts = Accounts(self.database)
        self.transaction, self.reading = self.database.transaction, self.database.reading

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()

    # Collections and their units

    def begin(self, who: str, facts: Facts, units: Mapping[str, str]) -> int:
        """A new collection; `units` has the addresses by name. Gives its number."""
        with self.transaction() as db:
            until = facts.deadline.isoformat() if facts.deadline else None
            number = insert(db, collection, {**facts._asdict(), "deadline": until, "made": now()})
            rows = [{"collection": number, "name": name, "mail": mail} for name, mail in units.items()]
            db.execute(sa.insert(unit), rows)
            add_act(db, who, "开始收表", f"{facts.title}，{len(rows)} 个单位", number)
        return number

    def collections(self) -> list[Row[Any]]:
        """All collections, the newest first, each with how many units it has and how many have handed in."""
        handed = sa.select(unit.c.collection, sa.func.count(sa.distinct(unit.c.id)).label("handed"))
        handed = handed.join(version).where(version.c.handed_in.is_not(None), unit.c.removed.is_(None))
        handed_in = handed.group_by(unit.c.collection).subquery()
        units = sa.select(unit.c.collection, sa.func.count().label("units")).where(unit.c.removed.is_(None))
        counted = units.group_by(unit.c.collection).subquery()
        both = (
            sa.func.coalesce(counted.c.units, 0).label("units"),
            sa.func.coalesce(handed_in.c.handed, 0).label("handed"),
        )
        wanted = sa.select(collection, *both).outerjoin(counted, counted.c.collection == collection.c.id)
        wanted = wanted.outerjoin(handed_in, handed_in.c.collection == collection.c.id)
        with self.reading() as db:
            return list(db.execute(wanted.order_by(collection.c.id.desc())))

    def collection(self, number: int) -> Row[Any] | None:
        """One collection."""
        with self.reading() as db:
            return db.execute(sa.select(collection).where(collection.c.id == number)).first()

    def change_collection(self, who: str, number: int, title: str, deadline: date | None, contact: str) -> bool:
        """What a collection is called, until when it runs, and whom to ask; False where nothing is new."""
        said = {"title": title, "deadline": deadline.isoformat() if deadline else None, "contact": contact}
        with self.transaction() as db:
            had = db.execute(sa.select(collection).where(collection.c.id == number)).one()._mapping
            other = [name for name in FACTS if said[name] != had[name]]
            if other:
                db.execute(sa.update(collection).where(collection.c.id == number).values(**said))
                about = (f"{FACTS[name]}由“{had[name] or NONE}”改为“{said[name] or NONE}”" for name in other)
                add_act(db, who, "修改收表", "；".join(about), number)
        return bool(other)

    def close_collection(self, who: str, number: int, *, closed: bool) -> None:
        """Ends a collection, or opens it again."""
        with self.transaction() as db:
            wanted = sa.update(collection).where(collection.c.id == number, collection.c.closed != closed)
            if db.execute(wanted.values(closed=closed)).rowcount:
                add_act(db, who, "结束收表" if closed else "重新开放", "", number)

    def units(self, number: int) -> list[Row[Any]]:
        """The units of a collection, in the order of the list, each with when a link of it was last revoked."""
        last = sa.select(link.c.unit, sa.func.max(link.c.revoked).label("revoked")).group_by(link.c.unit).subquery()
        wanted = sa.select(unit, last.c.revoked).outerjoin(last, last.c.unit == unit.c.id)
        with self.reading() as db:
            return list(db.execute(wanted.where(unit.c.collection == number).order_by(unit.c.id)))

    def add_units(self, who: str, number: int, units: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Adds units, addresses by name; one that was removed comes back. The names added, and those there before."""
        with self.transaction() as db:
            known = {normalize(one.name): one for one in db.execute(sa.select(unit).where(unit.c.collection == number))}
            had = [name for name in units if (one := known.get(normalize(name))) and one.removed is None]
            added = [name for name in units if name not in had]
            for name in added:
                if one := known.get(normalize(name)):
                    mail = units[name] or one.mail
                    db.execute(sa.update(unit).where(unit.c.id == one.id).values(removed=None, mail=mail))
                else:
                    insert(db, unit, {"collection": number, "name": name, "mail": units[name]})
            if added:
                add_act(db, who, "加单位", f"{len(added)} 个：{'、'.join(added)}", number)
        return added, had

    def change_mail(self, who: str, one: Row[Any], mail: str) -> None:
        """Where the letters of a unit go."""
        with self.transaction() as db:
            db.execute(sa.update(unit).where(unit.c.id == one.id).values(mail=mail))
            about = f"{one.name}的邮箱由“{one.mail or NONE}”改为“{mail or NONE}”"
            add_act(db, who, "改邮箱", about, one.collection)

    def remove_unit(self, who: str, one: Row[Any], *, removed: bool) -> None:
        """Takes a unit out of a collection, or back; what it has handed in is kept."""
        with self.transaction() as db:
            same = unit.c.removed.is_not(None) if removed else unit.c.removed.is_(None)
            wanted = sa.update(unit).where(unit.c.id == one.id, sa.not_(same))
            if db.execute(wanted.values(removed=now() if removed else None)).rowcount:
                add_act(db, who, "移出单位" if removed else "恢复单位", one.name, one.collection)

    # Links

    def new_link(self, number: int) -> str:
        """A token with which a unit comes in; those that it has stay valid."""
        token = new_token()
        with self.transaction() as db:
            db.execute(sa.insert(link).values(unit=number, digest=digest(token), made=now()))
        return token

    def revoke_links(self, who: str, one: Row[Any]) -> int:
        """Ends all links of a unit; how many there were."""
        with self.transaction() as db:
            wanted = sa.update(link).where(link.c.unit == one.id, link.c.revoked.is_(None))
            count = int(db.execute(wanted.values(revoked=now())).rowcount)
            if count:
                add_act(db, who, "作废链接", f"{one.name}，{count} 个", one.collection)
        return count

    def links(self, number: int) -> list[Row[Any]]:
        """When the links of a unit were made and revoked, the newest first."""
        with self.reading() as db:
            return list(
                db.execute(sa.select(link.c.made, link.c.revoked).where(link.c.unit == number).order_by(-link.c.id))
            )

    def unit_of(self, token: str) -> Row[Any] | None:
        """The unit whose link it is or was, with its collection."""
        wanted = sa.select(unit, collection.c.title, collection.c.deadline, collection.c.scheme, collection.c.contact)
        wanted = wanted.add_columns(collection.c.closed, link.c.revoked)
        wanted = wanted.join(collection).join(link, link.c.unit == unit.c.id)
        with self.reading() as db:
            return db.execute(wanted.where(link.c.digest == digest(token))).first()

    # What units hand in

    def add_version(self, number: int, values: Mapping[str, Any]) -> int:
        """A version that a unit has uploaded; its file is in the store of files already. Gives its number."""
        with self.transaction() as db:
            made = insert(db, version, {"unit": number, "came": now(), **values})
            of = db.execute(sa.select(unit.c.name, unit.c.collection).where(unit.c.id == number)).one()
            add_act(db, of.name, "上传", f"第 {made} 号 {values['name']} SHA-256 {values['sha256']}", of.collection)
            return made

    def hand_in(
        self,
        number: int,
        of: int,
        who: str,
        collection_number: int,
        follows: int | None = None,
        seen: int | None = None,
    ) -> Row[Any] | None:
        """Submits a version of a unit; a second time changes nothing. None where it is not that unit's, or is deleted.

        `follows` is a version of the same project, or the version itself where it begins one; `seen` how many the unit
        had handed in when that was decided: where there are others now, nothing is done.
        """
        with self.transaction() as db:
            db.execute(sa.select(unit.c.id).where(unit.c.id == of).with_for_update())
            mine = sa.and_(version.c.id == number, version.c.unit == of, version.c.deleted.is_(None))
            row = db.execute(sa.select(version).where(mine)).first()
            if row is None or row.handed_in:
                return row
            before = sa.select(sa.func.count()).where(version.c.unit == of, version.c.handed_in.is_not(None))
            if seen is not None and db.execute(before).scalar_one() != seen:
                return None
            db.execute(sa.update(version).where(mine).values(handed_in=now(), follows=follows))
            add_act(db, who, "报送", f"{receipt_number(row)} {row.name} SHA-256 {row.sha256}", collection_number)
            return db.execute(sa.select(version).where(mine)).one()

    def delete_version(self, number: int, of: Row[Any]) -> str:
        """Deletes what a unit has uploaded and not handed in; gives the name of its file in the store of files, or "".

        Its row stays, so that its number is never that of another version; nothing that was in the file is in it.
        """
        with self.transaction() as db:
            mine = sa.and_(version.c.id == number, version.c.unit == of.id)
            row = db.execute(sa.select(version).where(mine).with_for_update()).first()
            if row is None or row.handed_in or row.deleted:
                return ""
            nothing = dict.fromkeys(("file", "project", "record", "total", "grade"), "")
            db.execute(sa.update(version).where(mine).values(deleted=now(), **nothing))
            add_act(db, of.name, "删去没有报送的", f"第 {number} 号 {row.name} SHA-256 {row.sha256}", of.collection)
            return str(row.file)

    def deleted(self, number: int, of: int) -> Row[Any] | None:
        """What is left of a version that a unit has deleted: its name and when; None for any other."""
        wanted = sa.select(version).where(version.c.id == number, version.c.unit == of)
        with self.reading() as db:
            return db.execute(wanted.where(version.c.deleted.is_not(None))).first()

    def kept(self, of: int) -> tuple[int, int]:
        """How many versions a unit has uploaded, deleted ones too, and the bytes of those that are kept."""
        left = sa.case((version.c.deleted.is_(None), version.c.size), else_=0)
        wanted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(left), 0))
        with self.reading() as db:
            count, size = db.execute(wanted.where(version.c.unit == of)).one()
        return int(count), int(size)

    def versions(self, of: int) -> list[Row[Any]]:
        """All versions of a unit, the newest first, each with its latest review."""
        with self.reading() as db:
            return list(db.execute(_reviewed().where(version.c.unit == of).order_by(version.c.id.desc())))

    def version(self, number: int) -> Row[Any] | None:
        """One version with its latest review and its unit."""
        wanted = _reviewed().add_columns(unit.c.name.label("unit_name"), unit.c.mail, unit.c.collection)
        wanted = wanted.add_columns(unit.c.removed).join(unit)
        with self.reading() as db:
            return db.execute(wanted.where(version.c.id == number)).first()

    def handed_in(self, number: int) -> list[Row[Any]]:
        """Everything handed in to a collection with its latest reviews, without the records of findings."""
        wanted = _reviewed(record=False).add_columns(unit.c.name.label("unit_name")).join(unit)
        wanted = wanted.where(unit.c.collection == number, version.c.handed_in.is_not(None))
        with self.reading() as db:
            return list(db.execute(wanted.order_by(version.c.handed_in, version.c.id)))

    def set_follows(self, who: str, number: int, follows: int, about: str, collection_number: int) -> None:
        """Says of what project a version is: that of another one, or one of its own."""
        with self.transaction() as db:
            db.execute(sa.update(version).where(version.c.id == number).values(follows=follows))
            add_act(db, who, "分开项目" if number == follows else "合并项目", about, collection_number)

    # Reviews

    def add_review(
        self, number: int, who: str, what: str, values: Mapping[str, Any], collection_number: int, seen: int | None
    ) -> Row[Any] | None:
        """What somebody says of a version who has seen the review `seen`; the latest one, where that is another.

        Nothing is written then; nor where the latest one says the same and is of the same person.
        """
        with self.transaction() as db:
            db.execute(sa.select(version.c.id).where(version.c.id == number).with_for_update())
            last = db.execute(sa.select(review).where(review.c.version == number).order_by(review.c.id.desc())).first()
            if last and last.person == who and all(last._mapping[name] == said for name, said in values.items()):
                return None
            if (last.id if last else None) != seen:
                return last
            db.execute(sa.insert(review).values(version=number, person=who, made=now(), **values))
            add_act(db, who, what, f"第 {number} 号 {values['score']} {values['grade']}".rstrip(), collection_number)
        return None

    def reviews(self, number: int) -> list[Row[Any]]:
        """All reviews of a version, the newest first."""
        with self.reading() as db:
            return list(db.execute(sa.select(review).where(review.c.version == number).order_by(review.c.id.desc())))

    def add_closing(self, who: str, number: int, values: Mapping[str, Any]) -> int:
        """A 复核 that was handed in; its archive is in the store of files already. Gives its number."""
        with self.transaction() as db:
            made = insert(db, closing, {"collection": number, "person": who, "made": now(), **values})
            add_act(db, who, "上传复核表", values["name"], number)
        return made

    def closings(self, number: int) -> list[Row[Any]]:
        """The 复核 that were handed in to a collection, the newest first."""
        with self.reading() as db:
            wanted = sa.select(closing).where(closing.c.collection == number)
            return list(db.execute(wanted.order_by(closing.c.id.desc())))

    # What was done

    def add_act(self, who: str, what: str, about: str, collection_number: int | None = None) -> None:
        """One line of the log."""
        with self.transaction() as db:
            add_act(db, who, what, about, collection_number)

    def acts(self, number: int | None = None) -> list[Row[Any]]:
        """The newest of the log, of one collection or of everything, the newest first."""
        wanted = sa.select(act).order_by(act.c.id.desc()).limit(MOST_ACTS)
        with self.reading() as db:
            return list(db.execute(wanted if number is None else wanted.where(act.c.collection == number)))


def receipt_number(row: Row[Any]) -> str:
    """The number of a receipt: the version, and the beginning of its digest so that a slip of the pen is noticed."""
    return f"{row.id:06d}-{row.sha256[:6].upper()}"


def _reviewed(*, record: bool = True) -> sa.Select[Any]:
    """Versions with their latest reviews, without those that their units have deleted."""
    latest = sa.select(review.c.version, sa.func.max(review.c.id).label("last")).group_by(review.c.version).subquery()
    columns = [column for column in version.c if record or column.name != "record"]
    wanted = sa.select(
        *columns,
        review.c.id.label("review"),
        review.c.score.label("review_score"),
        review.c.grade.label("review_grade"),
        review.c.opinion.label("review_opinion"),
        review.c.basis.label("review_basis"),
        review.c.returned,
        review.c.person.label("reviewer"),
        review.c.made.label("reviewed"),
    )
    wanted = wanted.where(version.c.deleted.is_(None))
    return wanted.outerjoin(latest, latest.c.version == version.c.id).outerjoin(review, review.c.id == latest.c.last)
