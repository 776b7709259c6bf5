"""`python -m secure_attend.admin import`: the nightly file from a timer, while the server runs or is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from secure_attend.access.access import Access
from secure_attend.access.course_staff import CourseStaffing
from secure_attend.access.open_access import open_repository
from secure_attend.attendance.courses.course_roster import CourseRosters
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.nightly_import import NightlyImport, NightlyLoad, NightlyOrder
from secure_attend.attendance.locks.lock_guard import LockGuard
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.import_progress import RunningImports
from secure_attend.errors import Conflict
from secure_attend.server.running_server import ask
from secure_attend.settings import Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store

MOST_BYTES = 16_000_000
"""Bytes of an archive: as many as the interface takes."""


@dataclass(frozen=True)
class NightlyFindings:
    """What a file changed, or would change: numbers by name, and lines that are left out."""

    applied: bool
    digest: str
    asks: bool
    counts: dict[str, int]
    left_out: tuple[str, ...]


def archive_at(path: Path) -> bytes:
    """Return the archive's bytes. Raises `Conflict` if it is too large or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Conflict("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MOST_BYTES:
        raise Conflict("too_large", f"{path} has more than {MOST_BYTES // 1_000_000} MB. Send fewer courses.")
    return data


def ask_server(settings: Settings, access: Access, address: str, data: bytes, order: NightlyOrder) -> NightlyFindings:
    """Let the server that owns the files import it. Raises `Conflict` with its words, and `NotReady`."""
    query = {"dry_run": "1" if order.dry_run else None, "plan": order.confirmed}
    given = urlencode({name: value for name, value in query.items() if value is not None})
    answer: Any = ask(settings, access, address, f"/imports/nightly?{given}", data)
    counts = {name: value for name, value in answer.items() if type(value) is int}
    left_out = tuple(_line(each["file"], each["line"], each["message"]) for each in answer["warnings"])
    return NightlyFindings(answer["applied"], answer["digest"], answer["asks"], counts, left_out)


def load_here(
    settings: Settings, store: Store | None, data: bytes, order: NightlyOrder
) -> tuple[NightlyFindings, NightlyLoad]:
    """Import it in this process: into the database, or into the files of a server that is stopped. Return also what
    the audit trail is told."""
    opened = store if store is not None else open_store(settings)
    try:
        time, imports = SiteTime(utc_now, settings.time_zone), RunningImports()
        guard = LockGuard.put_before(opened, time)
        courses = Courses(opened, CourseMeetings(opened.documents, time), time, settings.retain_days)
        rosters = CourseRosters(opened, courses, time, imports, guard.refuse)
        nightly = NightlyImport(opened, courses, rosters, time, imports)
        loaded = nightly.load(data, order, CourseStaffing(opened, open_repository(settings, opened)))
    finally:
        if store is None:
            opened.close()
    plan = loaded.plan
    left_out = tuple(_line(each.file, each.line, each.message) for each in plan.warnings)
    found = NightlyFindings(not order.dry_run, plan.digest, plan.asks, plan.counts, left_out)
    return found, loaded


def in_words(found: NightlyFindings) -> Iterator[str]:
    """Yield the lines that a timer's mail shows."""
    yield "Imported:" if found.applied else f"Nothing was changed. The plan {found.digest} would be:"
    words = {
        "new_courses": "courses added",
        "changed_courses": "courses changed",
        "added": "students added to the list",
        "updated": "students updated",
        "restored": "students restored to the list",
        "joining": "join a course",
        "moving": "change groups",
        "leaving": "leave a course",
        "new_staff": "added to the staff of a course",
    }
    for name, what in words.items():
        if found.counts[name]:
            yield f"  {found.counts[name]:>6} {what}"
    if not any(found.counts[name] for name in words):
        yield "  nothing: the site is as the file says"
    if found.asks and not found.applied:
        yield "More students would leave than may unasked. If that is right, import the file with --plan DIGEST."
    if found.left_out:
        yield f"Left out or unclear: {len(found.left_out)} lines"
        yield from (f"  {line}" for line in found.left_out)


def _line(file: str, line: int, message: str) -> str:
    return f"{file}, line {line}: {message}" if line else f"{file}: {message}"
