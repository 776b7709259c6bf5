"""Which students are in which course, and which meeting is whose: answers from memory, for the question who may see
what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Membership, membership_of
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView
from secure_attend.storage.values import Record

RecordedIn = Callable[[DocumentView, Record], Collection[str]]
"""Returns the courses that a record concerns. Registers know, and are above this room."""


@dataclass(frozen=True)
class CourseDirectory:
    """The answers as of one version of the documents. Memberships are listed by course, and courses by student."""

    view: DocumentView = field(repr=False)
    recorded_in: RecordedIn = field(repr=False)
    taught: Mapping[str, Course] = field(repr=False)
    memberships: Mapping[str, tuple[Membership, ...]] = field(repr=False)
    attended: Mapping[str, frozenset[str]] = field(repr=False)
    meetings: Mapping[str, Document] = field(repr=False)

    @property
    def version(self) -> int:
        """The version of the documents."""
        return self.view.version

    @property
    def any_course(self) -> bool:
        """Whether the site has a course."""
        return bool(self.taught)

    def knows(self, course: str) -> bool:
        """Whether there is a course with this key."""
        return course in self.taught

    def course_of(self, meeting: str) -> str | None:
        """Return the course of a meeting; None if there is no such meeting."""
        document = self.meetings.get(meeting)
        return str(document.value["course"]) if document is not None else None

    def students(self, courses: Collection[str], day: date) -> frozenset[str]:
        """Return who is in one of these courses on this day or later. A course that is over or archived has nobody."""
        running = (key for key in courses if key in self.taught and _runs(self.taught[key], day))
        return frozenset(
            membership.student
            for key in running
            for membership in self.memberships.get(key, ())
            if membership.current(day)
        )

    def courses(self, student: str) -> frozenset[str]:
        """Return the courses that the student is or was in."""
        return self.attended.get(student, frozenset())

    def counted(self, record: Record, courses: Collection[str]) -> bool:
        """Whether a record concerns one of these courses."""
        return any(course in courses for course in self.recorded_in(self.view, record))


class CourseDirectories:
    """Makes the directory of a view of the documents, and keeps the last one."""

    def __init__(self, recorded_in: RecordedIn) -> None:
        self._recorded_in = recorded_in
        self._last: tuple[DocumentView, CourseDirectory] | None = None

    def of(self, view: DocumentView) -> CourseDirectory:
        """Return the directory of this view."""
        last = self._last
        if last is not None and last[0] is view:
            return last[1]
        directory = self._made(view) if last is None else self._followed(*last, view)
        self._last = view, directory
        return directory

    def _made(self, view: DocumentView) -> CourseDirectory:
        by_course: dict[str, list[Membership]] = defaultdict(list)
        by_student: dict[str, set[str]] = defaultdict(set)
        for document in view.kinds[MEMBERSHIPS.name].values():
            membership = membership_of(document)
            by_course[membership.course].append(membership)
            by_student[membership.student].add(membership.course)
        return CourseDirectory(
            view,
            self._recorded_in,
            {key: course_of(document) for key, document in view.kinds[COURSES.name].items()},
            {course: tuple(memberships) for course, memberships in by_course.items()},
            {student: frozenset(courses) for student, courses in by_student.items()},
            view.kinds[MEETINGS.name],
        )

    def _followed(self, before: DocumentView, directory: CourseDirectory, view: DocumentView) -> CourseDirectory:
        """Return the directory of a later view: if only other documents changed, without reading them all again."""
        same = (view.kinds[kind] is before.kinds[kind] for kind in (COURSES.name, MEMBERSHIPS.name))
        if not all(same):
            return self._made(view)
        return replace(directory, view=view, meetings=view.kinds[MEETINGS.name])


def _runs(course: Course, day: date) -> bool:
    return not course.archived and day <= course.last_day
