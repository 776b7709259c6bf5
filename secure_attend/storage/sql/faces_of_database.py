"""Which models the faces in a database belong to: from tables of version 0.1 as of this one, and without changing
any."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, inspect, select

from secure_attend.storage.consent_values import to_held
from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.schema import site, students, templates
from secure_attend.storage.stored_faces import NOTHING, SiteFaces, StoredFaces


def read(url: str) -> SiteFaces:
    """Return the profiles of all faces. Raises StartRefused and StorageFailed."""
    database = connect(url)
    try:
        with database.reading() as connection:
            return _in_tables(connection)
    finally:
        database.close()


def _in_tables(connection: Connection) -> SiteFaces:
    there = inspect(connection)
    names = set(there.get_table_names())
    if not {"site", "students", "templates"} <= names:
        return NOTHING
    if "held" not in {column["name"] for column in there.get_columns("students")}:
        return NOTHING
    of_templates: dict[str, set[str]] = defaultdict(set)
    for key, name in connection.execute(select(templates.c.student_key, templates.c.profile).distinct()):
        of_templates[key].add(name)
    faces: dict[str, StoredFaces] = {}
    for key, removed_at, value in connection.execute(select(students.c.key, students.c.removed_at, students.c.held)):
        held, _ = to_held(value)
        if held is not None or key in of_templates:
            waiting = frozenset({held.profile, *held.made_by}) if held else frozenset()
            waits_for = held.profile if held else None
            faces[key] = StoredFaces(frozenset(of_templates[key]), waiting, waits_for, removed_at is None)
    return SiteFaces(connection.scalar(select(site.c.profile)), faces)
