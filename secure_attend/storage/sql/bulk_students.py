"""Thousands of students written at once.

Nobody checks in meanwhile, for the site's row is held. So what takes time is done before: each student's MAC, and the
rows as JSON. A few statements put them into a table of this transaction's own, and take them from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, text

from secure_attend.storage.clock import to_text
from secure_attend.storage.conflicts import id_taken, was_erased
from secure_attend.storage.consent_values import consent_value, former_value
from secure_attend.storage.values import PreparedStudents, Student

FEW = 1_000
"""Up to this many students are written one by one."""
AT_ONCE = 10_000
"""Students in one statement: a tenth of a second, of the ten that one may take."""

_IDENTITY = "student_id, name, email, removed_at, consent, known_as, former, merged_into, mac"
_NAMES = ("place", "key", *_IDENTITY.split(", "))
_POSTGRESQL = {"place": "bigint", "removed_at": "timestamptz", "consent": "json", "former": "json"}
"""Types of columns that are not text."""
_ERASED = "SELECT EXISTS (SELECT 1 FROM incoming JOIN erasures USING (key))"
_TAKEN = (
    "SELECT EXISTS (SELECT 1 FROM incoming JOIN students USING (student_id) "
    "WHERE NOT EXISTS (SELECT 1 FROM incoming mine WHERE mine.key = students.key))"
)
_KNOWN = "SELECT count(*) FROM incoming JOIN students USING (key)"
_FREE = (
    "UPDATE students SET student_id = :mark || key WHERE EXISTS (SELECT 1 FROM incoming mine "
    "WHERE mine.key = students.key AND mine.student_id <> students.student_id)"
)
"""IDs are unique at any moment, and one student may get what another gives up."""
_CHANGE = (
    f"UPDATE students SET version = :version, ({_IDENTITY}) = "  # noqa: S608
    f"(SELECT {_IDENTITY} FROM incoming WHERE incoming.key = students.key) "
    "WHERE key IN (SELECT key FROM incoming WHERE place > :after AND place <= :until)"
)
_ADD = (
    f"INSERT INTO students (key, {_IDENTITY}, version, position) "  # noqa: S608
    f"SELECT key, {_IDENTITY}, :version, :behind + place FROM incoming "
    "WHERE place > :after AND place <= :until AND NOT EXISTS (SELECT 1 FROM students s WHERE s.key = incoming.key) "
    "ORDER BY place"
)


def prepared(given: Sequence[Student], mac_of: Callable[[Student], str | None]) -> PreparedStudents:
    """Return what `put` and `students_table.put` write: of students with one key the last."""
    students = tuple({student.key: student for student in given}.values())
    macs = tuple(map(mac_of, students))
    rows = [[place, *_values(student), mac] for place, (student, mac) in enumerate(zip(students, macs, strict=True), 1)]
    pieces = (rows[after : after + AT_ONCE] for after in range(0, len(rows), AT_ONCE)) if len(rows) > FEW else ()
    return PreparedStudents(students, macs, tuple(json.dumps(piece, ensure_ascii=False) for piece in pieces))


def _values(student: Student) -> tuple[str | None, ...]:
    consent = consent_value(student.consent)
    return (
        student.key,
        student.student_id,
        student.name,
        student.email,
        to_text(student.removed_at) if student.removed_at is not None else None,
        None if consent is None else json.dumps(consent),
        student.known_as,
        json.dumps(former_value(student.former)) if student.former else None,
        student.merged_into,
    )


def put(
    connection: Connection,
    version: int,
    given: PreparedStudents,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Do what `students_table.put` does, for students who differ in ID."""
    _fill_incoming(connection, given.pieces)
    for question, conflict in ((_ERASED, was_erased), (_TAKEN, id_taken)):
        if connection.scalar(text(question)):
            raise conflict()
    known = connection.scalar(text(_KNOWN)) or 0
    connection.execute(text(_FREE), {"mark": "\x7f"})  # no ID has a control character
    behind = connection.scalar(text("SELECT coalesce(max(position), 0) FROM students"))
    done, count = 0, len(given.students)
    for statement, wanted in ((_CHANGE, known > 0), (_ADD, known < count)):
        for after in range(0, count, AT_ONCE) if wanted else ():
            slice_of = {"version": version, "after": after, "until": after + AT_ONCE}
            behind_of = {"behind": behind} if statement is _ADD else {}
            done += connection.execute(text(statement), slice_of | behind_of).rowcount
            if progress is not None:
                progress(done)
    connection.execute(text("DROP TABLE incoming"))


def _fill_incoming(connection: Connection, pieces: Sequence[str]) -> None:
    """Make the table of what is written, which is gone when the transaction ends."""
    if connection.dialect.name == "postgresql":
        types = [(name, _POSTGRESQL.get(name, "text")) for name in _NAMES]
        columns = ", ".join(f"{name} {its_type}" for name, its_type in types)
        cells = ", ".join(f"CAST(value ->> {place} AS {its_type})" for place, (_, its_type) in enumerate(types))
        source = "jsonb_array_elements(CAST(:rows AS jsonb))"
    else:
        columns = ", ".join(f"{name} {'integer' if name == 'place' else 'text'}" for name in _NAMES)
        cells = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(_NAMES)))
        source = "json_each(:rows)"
    connection.execute(text(f"CREATE TEMPORARY TABLE incoming ({columns}, PRIMARY KEY (key), UNIQUE (place))"))
    for piece in pieces:
        connection.execute(text(f"INSERT INTO incoming SELECT {cells} FROM {source}"), {"rows": piece})  # noqa: S608
