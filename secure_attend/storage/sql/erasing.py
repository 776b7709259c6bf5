"""Erasing students from a database, and once more those whom an older backup of it brought back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.schema import erasures, students
from secure_attend.storage.sql.writing import Writing


def erase(writing: Writing, entries: Sequence[str], list_path: Path, now: datetime) -> int:
    """Erase identity and templates of these entries, and null the identity in the log. Return how many records that
    were.

    The list on this machine, at `list_path`, comes first: if the database is lost now, it is still known whom to erase.
    """
    connection, version = writing.connection, writing.change().version
    writing.erases = True
    try:
        Erasures(list_path).add(
            dict.fromkeys(entries, now)
        )  # read again: other processes of this machine add to it, too
    except (NotWritten, Unsure, OSError, StartRefused) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise durable_writes.failure("not_written", f"Nothing was erased: {list_path}: {why}.", error) from error
    connection.execute(delete(students).where(students.c.key.in_(entries)))
    connection.execute(delete(erasures).where(erasures.c.key.in_(entries)))
    connection.execute(insert(erasures), [{"key": key, "time": now, "version": version} for key in entries])
    return log_table.forget(connection, entries)


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
