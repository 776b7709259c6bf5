"""Students and their sealed templates in the database, and the list of them that a process holds in memory."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from secure_attend.errors import NotFound
from secure_attend.storage.conflicts import id_taken, was_erased
from secure_attend.storage.consent_values import consent_value, former_value, held_value, to_consent, to_former, to_held
from secure_attend.storage.pending_faces import without_profiles
from secure_attend.storage.sealed_students import LoggedId, SealedStudent
from secure_attend.storage.sql import bulk_students
from secure_attend.storage.sql.schema import erasures, students, templates
from secure_attend.storage.values import PendingFaces, PreparedStudents, Student, Template

AT_ONCE = 1000
"""Names in one question; SQLite takes 32 766, older ones 999."""
MANY_KEYS = 20_000
"""In one value of a question."""
T = TypeVar("T")


def in_pieces(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def storable(words: str) -> bool:
    """Return whether a database can hold the text at all; one that it cannot is nobody's id."""
    try:
        return b"\0" not in words.encode()
    except UnicodeEncodeError:
        return False


def select_students(connection: Connection, condition: ColumnElement[bool]) -> list[Student]:
    """The students that meet a condition on `students`, in the order they were added."""
    chosen = select(students.c.key).where(condition)
    faces: dict[str, list[Template]] = defaultdict(list)
    asked = select(templates).where(templates.c.student_key.in_(chosen)).order_by(templates.c.place)
    for row in connection.execute(asked):
        faces[row.student_key].append(_template(row))
    rows = connection.execute(select(students).where(condition).order_by(students.c.position))
    return [_student(row, tuple(faces.get(row.key, ()))) for row in rows]


def find(connection: Connection, condition: ColumnElement[bool]) -> Student | None:
    """The first student that meets a condition on `students`."""
    return next(iter(select_students(connection, condition)), None)


def _template(row: Row[Any]) -> Template:
    return Template(row.id, row.profile, row.source, row.created_at, row.quality)


def _student(row: Row[Any], faces: tuple[Template, ...]) -> Student:
    held, _ = to_held(row.held)
    identity = row.key, row.student_id, row.name, row.email, row.removed_at
    return Student(
        *identity, to_consent(row.consent), faces, held, row.known_as, to_former(row.former), row.merged_into
    )


def all_kept(connection: Connection) -> Iterator[SealedStudent]:
    """Yield all students with their sealed templates, in the order in which they were added."""
    sealed: dict[str, list[tuple[Template, str]]] = defaultdict(list)
    asked = select(templates).order_by(templates.c.place).execution_options(yield_per=AT_ONCE)
    for row in connection.execute(asked):
        sealed[row.student_key].append((_template(row), row.sealed))
    for row in connection.execute(select(students).order_by(students.c.position)):
        faces = sealed.get(row.key, [])
        student = _student(row, tuple(template for template, _ in faces))
        macs = row.mac, row.logged_id, row.logged_mac
        yield SealedStudent(student, tuple(text for _, text in faces), to_held(row.held)[1], *macs)


def faceless(connection: Connection) -> Iterator[SealedStudent]:
    """Yield all students without their templates, which no MAC covers: each is sealed by itself."""
    for row in connection.execute(select(students).order_by(students.c.position)):
        yield SealedStudent(_student(row, ()), (), (), row.mac, row.logged_id, row.logged_mac)


def erased(connection: Connection) -> dict[str, datetime]:
    """Return when each erased entry was erased, by key."""
    return {row.key: row.time for row in connection.execute(select(erasures).order_by(erasures.c.time))}


def put(
    connection: Connection,
    version: int,
    given: PreparedStudents,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Add or replace identities with their MACs, and call `progress` with how many are done. Raises Conflict, and then
    the caller gives up the transaction."""
    wanted = {student.key: student for student in given.students}
    if len({student.student_id for student in wanted.values()}) != len(wanted):
        raise id_taken()
    if given.pieces:
        bulk_students.put(connection, version, given, progress)
        return
    macs = dict(zip(wanted, given.macs, strict=True))
    known: dict[str, str] = {}
    for keys in in_pieces(wanted):
        _refuse_erased(connection, keys)
        asked = select(students.c.key, students.c.student_id).where(is_one_of(connection, students.c.key, keys))
        known |= {row.key: row.student_id for row in connection.execute(asked)}
    _refuse_taken(connection, wanted, known)
    done = 0
    _free_swapped(connection, wanted, known)
    # who gives up an ID comes before who gets it
    again = update(students).where(students.c.key == bindparam("its_key"))
    for kept in in_pieces(student for key, student in wanted.items() if key in known):
        rows = [{**_values(student, version), "mac": macs[student.key], "its_key": student.key} for student in kept]
        connection.execute(again, rows)
        done = _report(progress, done + len(kept))
    last = connection.scalar(select(func.coalesce(func.max(students.c.position), 0))) or 0
    new = [student for key, student in wanted.items() if key not in known]
    for piece in in_pieces(enumerate(new, last + 1)):
        rows = [
            {**_values(student, version), "mac": macs[student.key], "key": student.key, "position": at}
            for at, student in piece
        ]
        connection.execute(insert(students), rows)
        done = _report(progress, done + len(piece))


def _free_swapped(connection: Connection, wanted: dict[str, Student], known: dict[str, str]) -> None:
    """Take from known students for a moment the IDs that others of them get, since IDs are unique at any moment."""
    kept = {
        student.student_id
        for key, student in wanted.items()
        if known.get(key, student.student_id) != student.student_id
    }
    swapped = [key for key, student_id in known.items() if student_id in kept]
    for piece in in_pieces(swapped):
        freed = update(students).where(students.c.key.in_(piece))
        connection.execute(freed.values(student_id="\x7f" + students.c.key))  # no ID has a control character


def merged_into(connection: Connection) -> dict[str, str]:
    """Return which entries were merged into which students, by key."""
    asked = select(students.c.key, students.c.merged_into).where(students.c.merged_into.is_not(None))
    return {row.key: row.merged_into for row in connection.execute(asked)}


def _report(progress: Callable[[int], object] | None, done: int) -> int:
    if progress is not None:
        progress(done)
    return done


def _values(student: Student, version: int) -> dict[str, object]:
    return {
        "student_id": student.student_id,
        "name": student.name,
        "email": student.email,
        "removed_at": student.removed_at,
        "consent": consent_value(student.consent),
        "known_as": student.known_as,
        "former": former_value(student.former) or None,
        "merged_into": student.merged_into,
        "version": version,
    }


def _refuse_erased(connection: Connection, keys: Sequence[str]) -> None:
    if connection.scalar(select(func.count()).where(is_one_of(connection, erasures.c.key, keys))):
        raise was_erased()


def _refuse_taken(connection: Connection, wanted: dict[str, Student], known: dict[str, str]) -> None:
    """Refuse an ID that somebody has who keeps it."""
    new = (student.student_id for key, student in wanted.items() if known.get(key) != student.student_id)
    for ids in in_pieces(new):
        asked = select(students.c.key).where(is_one_of(connection, students.c.student_id, ids))
        if set(connection.scalars(asked)) - wanted.keys():
            raise id_taken()


def seal_all(connection: Connection, mac_of: Callable[[Student], str]) -> bool:
    """Give a MAC to every student without one. Return whether there was any."""
    change, sealed = update(students).where(students.c.key == bindparam("its_key")), False
    for piece in in_pieces(select_students(connection, students.c.mac.is_(None))):
        connection.execute(change, [{"its_key": student.key, "mac": mac_of(student)} for student in piece])
        sealed = True
    return sealed


def logged_ids(connection: Connection) -> Iterator[LoggedId]:
    """Yield by which IDs the log's rows of format 1 name students."""
    columns = students.c.key, students.c.logged_id, students.c.logged_mac
    asked = select(*columns).where(students.c.logged_id.is_not(None)).execution_options(yield_per=AT_ONCE)
    for row in connection.execute(asked):
        yield row.key, row.logged_id, row.logged_mac


def set_logged_ids(connection: Connection, logged: Iterable[LoggedId]) -> None:
    """Keep by which IDs the log's rows of format 1 name these students."""
    change = update(students).where(students.c.key == bindparam("its_key"))
    rows = ({"its_key": key, "logged_id": logged_id, "logged_mac": mac} for key, logged_id, mac in logged)
    for piece in in_pieces(rows):
        connection.execute(change, piece)


def seal_logged_ids(connection: Connection, mac_of: Callable[[str, str], str]) -> bool:
    """Give a MAC to every `logged_id` without one. Return whether there was any."""
    missing = [(key, logged_id) for key, logged_id, mac in logged_ids(connection) if mac is None]
    set_logged_ids(connection, ((key, logged_id, mac_of(key, logged_id)) for key, logged_id in missing))
    return bool(missing)


def touch(connection: Connection, version: int, keys: Sequence[str]) -> None:
    """Note that these students changed."""
    for piece in in_pieces(keys):
        connection.execute(update(students).where(students.c.key.in_(piece)).values(version=version))


def drop_faces(connection: Connection, version: int, keys: Sequence[str]) -> None:
    """Erase all templates of these students, and their pending faces."""
    drop_held(connection, version, keys)
    for piece in in_pieces(keys):
        connection.execute(delete(templates).where(templates.c.student_key.in_(piece)))


def drop_held(connection: Connection, version: int, keys: Sequence[str]) -> None:
    """Erase the pending faces of these students."""
    for piece in in_pieces(keys):
        connection.execute(update(students).where(students.c.key.in_(piece)).values(version=version, held=None))


def drop_profiles(connection: Connection, version: int, profiles: Collection[str]) -> None:
    """Erase all templates and pending faces of these profiles."""
    of_these = templates.c.profile.in_(profiles)
    touch(connection, version, list(connection.scalars(select(templates.c.student_key).where(of_these).distinct())))
    connection.execute(delete(templates).where(of_these))
    waiting = connection.execute(select(students.c.key, students.c.held).where(students.c.held.is_not(None))).all()
    for key, value in waiting:
        held, sealed = to_held(value)
        left = without_profiles(held, sealed, profiles)
        if left != (held, sealed):
            kept = {"version": version, "held": held_value(*left)}
            connection.execute(update(students).where(students.c.key == key).values(kept))


def set_held(connection: Connection, key: str, held: PendingFaces, waiting: tuple[str, ...]) -> None:
    """Keep these as the student's only pending faces, with their sealed embeddings."""
    connection.execute(update(students).where(students.c.key == key).values(held=held_value(held, waiting)))


def held_of(connection: Connection, key: str) -> tuple[PendingFaces | None, tuple[str, ...]]:
    """The faces of this student that wait, with their sealed embeddings."""
    return to_held(connection.scalar(select(students.c.held).where(students.c.key == key)) if storable(key) else None)


def replace_faces(connection: Connection, key: str, profile: str, pairs: Sequence[tuple[Template, str]]) -> None:
    """Put templates with their sealed embeddings in the place of the student's others of `profile`."""
    connection.execute(delete(templates).where(templates.c.student_key == key, templates.c.profile == profile))
    asked = select(func.coalesce(func.max(templates.c.place), 0)).where(templates.c.student_key == key)
    add_faces(connection, [(key, pairs)], behind=connection.scalar(asked) or 0)


def add_faces(
    connection: Connection, faces: Iterable[tuple[str, Iterable[tuple[Template, str]]]], behind: int = 0
) -> None:
    """Add each student's templates with their sealed embeddings, placed `behind` those that are there."""
    rows = (
        {**vars(template), "student_key": key, "place": place, "sealed": sealed}
        for key, pairs in faces
        for place, (template, sealed) in enumerate(pairs, behind + 1)
    )
    for piece in in_pieces(rows):
        connection.execute(insert(templates), piece)


def student_id_of(connection: Connection, key: str) -> str:
    """The institution's id. Raises NotFound, for a merged entry too."""
    asked = select(students.c.student_id).where(students.c.key == key, students.c.merged_into.is_(None))
    student_id = connection.scalar(asked) if storable(key) else None
    if student_id is None:
        raise NotFound("unknown_student", "There is no such student.")
    return str(student_id)


def sealed_faces(connection: Connection, profile: str, keys: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Yield the key and each sealed template of `profile`, of students on the list."""
    asked = (
        select(templates.c.student_key, templates.c.sealed)
        .join(students)
        .where(templates.c.profile == profile, students.c.removed_at.is_(None), students.c.merged_into.is_(None))
        .order_by(students.c.position, templates.c.place)
    )
    if keys is None:
        yield from _pairs(connection, asked)
        return
    for piece in in_pieces(filter(storable, keys), MANY_KEYS):
        yield from _pairs(connection, asked.where(is_one_of(connection, templates.c.student_key, piece)))


def is_one_of(connection: Connection, column: ColumnElement[str], keys: Sequence[str]) -> ColumnElement[bool]:
    """`column IN (...)` with the keys as one value: with a roster of 100 000 they are as many, and others wait."""
    if connection.dialect.name == "postgresql":
        return column == func.any(literal(list(keys), ARRAY(Text)))
    return column.in_(select(func.json_each(json.dumps(list(keys))).table_valued("value").c.value))


def _pairs(connection: Connection, asked: Select[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for row in connection.execute(asked.execution_options(yield_per=AT_ONCE)):
        yield row.student_key, row.sealed


def changed(connection: Connection, since: int, until: int) -> tuple[str, ...]:
    """Return the keys of students changed or erased at versions `since < version <= until`."""
    asked = union_all(
        *(
            select(table.c.key).where(table.c.version > since, table.c.version <= until)
            for table in (students, erasures)
        )
    )
    return tuple(connection.scalars(asked))


class StudentCache:
    """All students as of some version, brought up to date by what changed since."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = -1
        self._students: dict[str, Student] = {}
        self._merged: dict[str, Student] = {}

    def students(self, connection: Connection, version: int) -> list[Student]:
        """Return all students as of `version` or later, in the order in which they were added. `connection` sees
        committed data only."""
        with self._lock:
            if version > self._version:
                for key in connection.scalars(select(erasures.c.key).where(erasures.c.version > self._version)):
                    self._students.pop(key, None)
                for student in select_students(connection, students.c.version > literal(self._version)):
                    self._students[student.key] = student
                self._version = version
                self._merged = {key: each for key, each in self._students.items() if each.merged_into is not None}
            if not self._merged:
                return list(self._students.values())
            return [student for key, student in self._students.items() if key not in self._merged]
