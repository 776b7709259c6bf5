"""Erasing students from a database, and once more those whom an older backup of it brought back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.durable_writes import NotWritten, Unsure
from secure_attend.storage.erasures import Erasures
from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.database import Writing
from secure_attend.storage.sql.schema import erasures, students


def erase(writing: Writing, key: str, here: Path, now: datetime) -> int:
    """Erases identity and templates, nulls the identity in the log; how many records that were. Raises NotFound.

    The list on this machine, at `here`, comes first: should the database be lost now, it is still known whom to erase.
    """
    connection, version = writing.connection, writing.change().version
    student_id = students_table.student_id_of(connection, key)
    writing.erases = True
    try:
        Erasures(here).add({key: now})  # read anew: other processes of this machine add to it, too
    except (NotWritten, Unsure, OSError, StartRefused) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise durable_writes.failure("not_written", f"Nothing was erased: {here}: {why}.", error) from error
    connection.execute(delete(students).where(students.c.key == key))
    connection.execute(delete(erasures).where(erasures.c.key == key))
    connection.execute(insert(erasures).values(key=key, time=now, version=version))
    return log_table.forget(connection, student_id)


def to_erase_again(writing: Writing, here: Path) -> set[str]:
    """The keys of those whom this machine had erased, or the database lists, and who stand in it once more."""
    connection = writing.connection
    listed = select(students.c.key).where(students.c.key.in_(select(erasures.c.key)))
    known = filter(students_table.storable, Erasures(here).times)
    back = (key for key in known if students_table.found(connection, students.c.key == key))
    return {*connection.scalars(listed), *back}
