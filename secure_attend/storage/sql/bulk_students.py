"""Thousands of students written at once into PostgreSQL.

Nobody checks in meanwhile, for the site's row is held, and at one statement each 100 000 took 7 s on an idle machine.
So they are copied into a table of this transaction's own first, and taken from there in few statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, exc, text

from secure_attend.storage.conflicts import id_taken, was_erased
from secure_attend.storage.consent_values import consent_value, former_value
from secure_attend.storage.values import Student

AT_ONCE = 10_000
"""Students in one statement: a tenth of a second, of the ten that one may take."""

_IDENTITY = "student_id, name, email, removed_at, consent, known_as, former, merged_into, mac"
_INCOMING = (
    "CREATE TEMPORARY TABLE incoming (place bigint PRIMARY KEY, key text, student_id text, name text, email text, "
    "removed_at timestamptz, consent json, known_as text, former json, merged_into text, mac text) ON COMMIT DROP"
)
_ERASED = "SELECT EXISTS (SELECT FROM incoming JOIN erasures USING (key))"
_TAKEN = (
    "SELECT EXISTS (SELECT FROM incoming JOIN students USING (student_id) WHERE students.key NOT IN "
    "(SELECT key FROM incoming))"
)
_CHANGE = (
    "UPDATE students SET student_id = i.student_id, name = i.name, email = i.email, removed_at = i.removed_at, "
    "consent = i.consent, known_as = i.known_as, former = i.former, merged_into = i.merged_into, mac = i.mac, "
    "version = :version FROM incoming i "
    "WHERE students.key = i.key AND i.place > :after AND i.place <= :until"
)
_ADD = (
    f"INSERT INTO students (key, {_IDENTITY}, version, position) "  # noqa: S608
    f"SELECT key, {_IDENTITY}, :version, :behind + place FROM incoming "
    "WHERE place > :after AND place <= :until AND NOT EXISTS (SELECT FROM students s WHERE s.key = incoming.key) "
    "ORDER BY place"
)


def put(
    connection: Connection,
    version: int,
    given: Sequence[Student],
    mac_of: Callable[[Student], str | None],
    progress: Callable[[int], object] | None = None,
) -> None:
    """Do what `students_table.put` does, for students who differ in key and ID."""
    connection.execute(text(_INCOMING))
    _copy(connection, given, mac_of)
    for question, conflict in ((_ERASED, was_erased), (_TAKEN, id_taken)):
        if connection.scalar(text(question)):
            raise conflict()
    known = connection.scalar(text("SELECT count(*) FROM incoming JOIN students USING (key)")) or 0
    behind = connection.scalar(text("SELECT coalesce(max(position), 0) FROM students"))
    done = 0
    for statement, wanted in ((_CHANGE, known > 0), (_ADD, known < len(given))):
        for after in range(0, len(given), AT_ONCE) if wanted else ():
            slice_of = {"version": version, "after": after, "until": after + AT_ONCE}
            behind_of = {"behind": behind} if statement is _ADD else {}
            done += connection.execute(text(statement), slice_of | behind_of).rowcount
            if progress is not None:
                progress(done)
    connection.execute(text("DROP TABLE incoming"))


def _copy(connection: Connection, given: Sequence[Student], mac_of: Callable[[Student], str | None]) -> None:
    own: Any = connection.connection.cursor()  # psycopg's, which SQLAlchemy knows as any driver's
    with _sqlalchemy_errors(), closing(own) as cursor:
        for after in range(0, len(given), AT_ONCE):
            with cursor.copy("COPY incoming FROM STDIN") as copy:
                for place, student in enumerate(given[after : after + AT_ONCE], after + 1):
                    copy.write_row((place, *_values(student), mac_of(student)))


def _values(student: Student) -> tuple[object, ...]:
    consent = consent_value(student.consent)
    return (
        student.key,
        student.student_id,
        student.name,
        student.email,
        student.removed_at,
        None if consent is None else json.dumps(consent),
        student.known_as,
        json.dumps(former_value(student.former)) if student.former else None,
        student.merged_into,
    )


@contextmanager
def _sqlalchemy_errors() -> Iterator[None]:
    """Report what fails on psycopg's own cursor as on a connection of SQLAlchemy."""
    try:
        yield
    except psycopg.Error as error:
        raise exc.DBAPIError.instance("COPY incoming FROM STDIN", None, error, psycopg.Error) from error
