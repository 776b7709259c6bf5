"""Erasing from a database: students, once more those whom an older backup brought back, and what is old in the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.schema import erasures, students
from secure_attend.storage.sql.writing import Writing
from secure_attend.storage.values import Spared


def erase(writing: Writing, entries: Sequence[str], list_path: Path, now: datetime) -> int:
    """Erase identity and templates of these entries, and null the identity in the log. Return how many records that
    were.

    The list on this machine, at `list_path`, is written just before the commit: if the database is lost after it, it is
    still known whom to erase, and what the transaction refuses before stays undone. If the commit itself fails, the
    next start erases them all the same. That is on purpose: it often isn't known whether such a commit was made, and
    who was erased must never come back.
    """
    connection, version = writing.connection, writing.change().version
    writing.erases = True
    connection.execute(delete(students).where(students.c.key.in_(entries)))
    connection.execute(delete(erasures).where(erasures.c.key.in_(entries)))
    connection.execute(insert(erasures), [{"key": key, "time": now, "version": version} for key in entries])
    writing.just_before_commit(lambda: _list(entries, list_path, now))
    return log_table.forget(connection, entries)


def _list(entries: Sequence[str], list_path: Path, now: datetime) -> None:
    try:
        # The list is read again: other processes of this machine add to it, too.
        Erasures(list_path).add(dict.fromkeys(entries, now))
    except (NotWritten, Unsure, OSError, StartRefused) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise durable_writes.failure("not_written", f"Nothing was erased: {list_path}: {why}.", error) from error


def reappeared(writing: Writing, list_path: Path) -> set[str]:
    """Return the keys of students whom this machine or the database lists as erased, and who are in it once more."""
    connection = writing.connection
    listed = select(students.c.key).where(students.c.key.in_(select(erasures.c.key)))
    known = filter(students_table.storable, Erasures(list_path).times)
    back = (key for key in known if students_table.select_students(connection, students.c.key == key))
    return {*connection.scalars(listed), *back}


def listed(writing: Writing, list_path: Path) -> set[str]:
    """The keys of everybody who was erased, as this machine or the database lists them."""
    return {*writing.connection.scalars(select(erasures.c.key)), *Erasures(list_path).times}


def forget_before(database: Database, time: datetime, spared: Spared | None) -> int:
    """Null the identity in the records older than `time` that are not spared. Return how many they are."""
    return _change_before(database, time, log_table.NAMED, log_table.forget_numbered, spared)


def erase_notes_before(database: Database, time: datetime, spared: Spared | None) -> int:
    """Null remark and note of the records older than `time` that are not spared, and let their students count as
    changed. Return how many records they are."""
    return _change_before(database, time, log_table.NOTED, log_table.erase_notes_numbered, spared, touches=True)


def _change_before(
    database: Database,
    time: datetime,
    wanted: ColumnElement[bool],
    change: Callable[[Connection, Sequence[int]], None],
    spared: Spared | None,
    *,
    touches: bool = False,
) -> int:
    """Change a page of records in each transaction, so that check-ins continue."""
    with database.reading() as connection:
        due = log_table.due_before(connection, time, wanted, 0, 1)
    behind, changed = due[0][0] - 1 if due else 0, 0
    while due:
        with database.writing() as writing:
            due = log_table.due_before(writing.connection, time, wanted, behind, log_table.A_PAGE)
            chosen = [(number, record) for number, record in due if spared is None or not spared(record)]
            numbers = [number for number, _ in chosen]
            if numbers:
                change(writing.connection, numbers)
                people = sorted({record.person or "" for _, record in chosen}) if touches else []
                students_table.touch(writing.connection, writing.change().version, people)
            behind, changed = due[-1][0] if due else behind, changed + len(numbers)
            writing.erases |= len(due) < log_table.A_PAGE
    return changed
