"""The attendance log in the database: a row a record, numbered from 1 without a gap, chained like the file's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Text,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import NOBODY, LogChain, day_of, mark_of, number_of, of_person
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.sql.schema import MARKED, records, students
from secure_attend.storage.sql.students_table import in_pieces, merged_into, storable
from secure_attend.storage.sql.writing import SiteRow
from secure_attend.storage.values import CHECK_INS, EVERY_ROOM, Entry, MergedInto, Record, entries_of, person_of

A_PAGE = 2000
"""Records fetched at once while reading on: neither a reader nor its connection waits for a slow listener."""


_READ = tuple(records.c[name] for name in ("number", "mark", "format", *(field.name for field in fields(Record)[1:])))
"""What a record is made of, in the order of its fields, without what only the chain needs."""
_OLD = [field.name for field in fields(Record)[1:]].index("person") + 1
"""How many of them a row of format 1 has, the ID aside."""
_ONLY_2 = [records.c[name] for name in sorted({*log_chain.FIELDS} - {*log_chain.FIELDS_1, "person"})]
_UNNOTED = {"reason": None, "note": None, "note_salt": None}
NAMED = records.c.student_id.is_not(None)
"""Records that say whose they are."""
NOTED = records.c.note_salt.is_not(None)
"""Records with a remark or a note."""
_UNNAMED = {"student_id": None, "person": None, "salt": None, **_UNNOTED}


def as_chained(row: Row[Any]) -> dict[str, str | None]:
    """The row as the chain knows it, and as it is in a file."""
    values: dict[str, Any] = dict(row._mapping)
    values["id"], values["time"] = f"{row.number}-{row.mark}", to_text(row.time)
    if row.format == 1:
        return {name: values[name] for name in log_chain.FIELDS_1}
    named = ((name, values[name]) for name in log_chain.FIELDS)
    return {name: value for name, value in named if value is not None or name in log_chain.IDENTITY}


def as_stored(row: Mapping[str, str | None], persons: Mapping[str, str] = NOBODY) -> dict[str, object]:
    """The reverse. `persons` tells whose rows of format 1 are: the key by student ID."""
    values: dict[str, Any] = {name: row.get(name) for name in log_chain.FIELDS}
    number, mark = values.pop("id").split("-")
    if log_chain.format_of(row) == 1:
        values["person"] = persons.get(row["student_id"] or "")
    where = {"number": int(number), "mark": mark, "time": from_text(values["time"])}
    return {**values, **where, "format": log_chain.format_of(row)}


def as_record(row: Row[Any], merged: MergedInto) -> Record:
    """A row of `_READ` as a value."""
    number, mark, format_, *values = list(row)
    if format_ == 1:  # of the columns behind `person`, its mac says nothing
        return of_person(replace(Record(f"{number}-{mark}", *values[:_OLD]), room=EVERY_ROOM), merged)
    record = of_person(Record(f"{number}-{mark}", *values), merged)
    if row.first_day is None and row.last_day is None:
        return record
    return replace(record, first_day=day_of(row.first_day), last_day=day_of(row.last_day))


def append(connection: Connection, head: SiteRow, chain: LogChain, entries: Sequence[Entry]) -> list[Record]:
    """Add records. The caller holds the head."""
    rows = []
    for entry in entries:
        rows.append(chain.seal(head.records + 1, entry, head.last_mac))
        head.records, head.last_mac = head.records + 1, str(rows[-1]["mac"])
    connection.execute(insert(records), [as_stored(row) for row in rows])
    merged = merged_into(connection)
    return [of_person(log_chain.to_record(row), merged) for row in rows]


def record(connection: Connection, record_id: str) -> Record | None:
    """The record with this id."""
    numbered = _first(connection, select(*_READ).where(records.c.number == number_of(record_id)))
    return numbered if numbered is not None and numbered.id == record_id else None


def redeemed(connection: Connection, redemption: str) -> Record | None:
    """The record that `redemption` was traded for."""
    return _first(connection, select(*_READ).where(records.c.mark == mark_of(redemption)))


def cancellation_of(connection: Connection, record_id: str) -> Record | None:
    """The first record that cancels this one."""
    if number_of(record_id) is None:
        return None
    return _first(connection, select(*_READ).where(records.c.cancels == record_id).order_by(records.c.number).limit(1))


def cancellations(connection: Connection) -> dict[str, str]:
    """All cancelled records' ids, each with the id of the record that cancels it: of several, the first."""
    columns = (records.c.cancels, records.c.number, records.c.mark)
    asked = select(*columns).where(records.c.cancels.is_not(None)).order_by(records.c.number.desc())
    return {row.cancels: f"{row.number}-{row.mark}" for row in connection.execute(asked)}


def latest_check_in(connection: Connection, person: str) -> Record | None:
    """The student's newest check-in that stands: the last in the log, whatever the clock said."""
    if not storable(person):
        return None
    cancellation = records.alias()
    its_id = cast(records.c.number, Text) + "-" + records.c.mark
    asked = (
        select(*_READ)
        .where(records.c.person.in_(entries_of(person, merged_into(connection))))
        .where(records.c.method.in_(sorted(CHECK_INS)))
        .where(~select(cancellation.c.number).where(cancellation.c.cancels == its_id).exists())
        .order_by(records.c.number.desc())
        .limit(1)
    )
    return _first(connection, asked)


def _first(connection: Connection, asked: Select[Any]) -> Record | None:
    row = connection.execute(asked).first()
    return as_record(row, merged_into(connection)) if row is not None else None


def chosen(entries: Sequence[str] | None, since: datetime | None, until: datetime | None) -> Select[Any]:
    """The records wanted, for `as_record`, oldest first: those of these entries, or all."""
    asked = select(*_READ).order_by(records.c.number)
    if entries is not None:
        asked = asked.where(records.c.person.in_(entries))
    if since is not None:
        asked = asked.where(records.c.time >= since)
    if until is not None:
        asked = asked.where(records.c.time < until)
    return asked


def span(connection: Connection, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Return the numbers between which the records of a time lie, the first excluded. A question with them spares the
    database reading a million records to find today's (0.9 s in SQLite)."""
    if since is None and until is None:  # the database would read all of them for the lowest and the highest together
        return 0, newest_number(connection)
    wanted = chosen(None, since, until).order_by(None).with_only_columns(records.c.number).subquery()
    first, last = connection.execute(select(func.min(wanted.c.number), func.max(wanted.c.number))).one()
    return (first or 1) - 1, last or 0


def marks(connection: Connection, meetings: Collection[str]) -> list[Record]:
    """The marks of these meetings, oldest first."""
    found: list[Record] = []
    merged = merged_into(connection) if meetings else {}
    for some in in_pieces(filter(storable, meetings)):
        asked = select(*_READ).where(records.c.meeting.in_(some), MARKED)
        found += (as_record(row, merged) for row in connection.execute(asked))
    return sorted(found, key=lambda mark: number_of(mark.id) or 0)


def newest() -> ScalarSelect[int]:
    """The number of the last record."""
    return select(func.max(records.c.number)).scalar_subquery()


def newest_number(connection: Connection) -> int:
    """The number of the last record, 0 if there is none."""
    return connection.scalar(select(func.max(records.c.number))) or 0


def page(connection: Connection, asked: Select[Any], after: int, last: int) -> Sequence[Row[Any]]:
    """The next of the records `after < number <= last`."""
    piece = asked.where(records.c.number > after, records.c.number <= last).limit(A_PAGE)
    return connection.execute(piece).all()


def rows(connection: Connection, after: int = 0) -> Iterator[dict[str, str | None]]:
    """All rows behind record `after`, as the chain knows them, one page in memory."""
    while piece := page(connection, select(records).order_by(records.c.number), after, 1 << 62):
        yield from map(as_chained, piece)
        after = piece[-1].number


def forget(connection: Connection, entries: Sequence[str]) -> int:
    """Null the identity in all records of these entries, with what was noted about them. Return how many those were."""
    return connection.execute(update(records).where(records.c.person.in_(entries)).values(_UNNAMED)).rowcount


def erase_note(connection: Connection, number: int) -> bool:
    """Null remark and note of a record. Return whether it had any."""
    noted = records.c.number == number, records.c.note_salt.is_not(None)
    return connection.execute(update(records).where(*noted).values(_UNNOTED)).rowcount > 0


def recognised_since(connection: Connection, time: datetime) -> set[str]:
    """The keys of students with a check-in by face at `time` or later."""
    asked = select(records.c.person).where(records.c.time >= time, records.c.method == "face").distinct()
    merged = merged_into(connection)
    return {person_of(person, merged) for person in connection.scalars(asked) if person is not None}


def due_before(
    connection: Connection, time: datetime, wanted: ColumnElement[bool], after: int, most: int
) -> list[tuple[int, Record]]:
    """The records behind `after`, older than `time`, that are wanted, with their numbers: the lowest `most`."""
    asked = select(*_READ).where(records.c.number > after, records.c.time < time, wanted)
    due = connection.execute(asked.order_by(records.c.number).limit(most))
    merged = merged_into(connection)
    return [(row.number, as_record(row, merged)) for row in due]


def forget_numbered(connection: Connection, numbers: Sequence[int]) -> None:
    """Null the identity in these records, at most A_PAGE of them."""
    asked = update(records).where(records.c.number.in_(numbers))
    connection.execute(asked.values(_UNNAMED))


def erase_notes_numbered(connection: Connection, numbers: Sequence[int]) -> None:
    """Null remark and note of these records, at most A_PAGE of them."""
    connection.execute(update(records).where(records.c.number.in_(numbers)).values(_UNNOTED))


def altered_beside_chain(connection: Connection, after: int) -> tuple[int, str] | None:
    """Return number and id of the first row of format 1 behind `after` that was altered where the chain does not look:
    its `person` is not the student with its ID as `logged_id`, or it has what only format 2 has."""
    asked = (
        select(records.c.number, records.c.mark)
        .outerjoin(students, students.c.logged_id == records.c.student_id)
        .where(records.c.number > after, records.c.format == 1)
        .where(or_(records.c.person.is_distinct_from(students.c.key), *(column.is_not(None) for column in _ONLY_2)))
        .order_by(records.c.number)
        .limit(1)
    )
    row = connection.execute(asked).first()
    return (row.number, f"{row.number}-{row.mark}") if row is not None else None


def mac_of(connection: Connection, number: int) -> str:
    """Return what the record behind `number` is chained to."""
    if not number:
        return log_chain.START
    return connection.scalar(select(records.c.mac).where(records.c.number == number)) or log_chain.START


def counted(connection: Connection) -> int:
    """Return how many records there are."""
    return connection.scalar(select(func.count()).select_from(records)) or 0
