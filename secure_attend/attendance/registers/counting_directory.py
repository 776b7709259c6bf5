"""The course directory with the answer that only registers have: which check-in counts for whose meeting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from secure_attend.attendance.meetings.course_directory import CourseDirectories, CourseDirectory
from secure_attend.attendance.registers.curriculum import Curricula, Curriculum
from secure_attend.attendance.registers.person_logs import check_in_seen
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.storage.kept_documents import DocumentView
from secure_attend.storage.values import Record


class CountingDirectories:
    """Makes the directory of a view of the documents, and keeps the last one. The view holds the kinds of
    `curriculum.KINDS`."""

    def __init__(self) -> None:
        self._directories = CourseDirectories()
        self._curricula = Curricula()
        self._last: tuple[CourseDirectory, CourseDirectory] | None = None

    def of(self, view: DocumentView) -> CourseDirectory:
        """Return the directory of this view."""
        plain = self._directories.of(view)
        if self._last is None or self._last[0] is not plain:
            of = self._curricula.of  # asked only when a record is: most requests show none
            self._last = plain, replace(plain, counts=lambda record, courses: counts(of(view), record, courses))
        return self._last[1]


def counts(taught: Curriculum, record: Record, courses: Collection[str]) -> bool:
    """Return whether a record belongs to a meeting of these courses: a check-in that counts for one, or a mark there.
    A student's check-in counts only for meetings whose list names the student."""
    if record.meeting is not None:
        ruled = taught.timetable.by_key.get(record.meeting)
        return ruled is not None and ruled.meeting.course in courses
    if not record.is_check_in or record.person is None:
        return False
    person = PersonFacts(record.person, taught.memberships.get(record.person, {}))
    counted = taught.timetable.counted_meetings(person, check_in_seen(record))
    return any(ruled.meeting.course in courses for ruled in counted)
