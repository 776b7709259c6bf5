"""Which students are in which course, and which meeting is whose: answers from memory, for the question who may see
what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.recorded_courses import RecordedCourses
from secure_attend.storage.values import Record


@dataclass(frozen=True)
class CourseDirectory:
    """The answers as of one `version` of the documents, and one of the store."""

    version: int
    as_of: int
    curriculum: Curriculum
    recorded: RecordedCourses

    @property
    def any_course(self) -> bool:
        """Whether the site has a course."""
        return bool(self.curriculum.courses)

    def knows(self, course: str) -> bool:
        """Whether there is a course with this key."""
        return course in self.curriculum.courses

    def course_of(self, meeting: str) -> str | None:
        """Return the course of a meeting; None if there is no such meeting."""
        ruled = self.curriculum.timetable.by_key.get(meeting)
        return ruled.meeting.course if ruled is not None else None

    def students(self, courses: Collection[str], day: date) -> frozenset[str]:
        """Return who is in one of these courses on this day or later. A course that is over or archived has nobody."""
        taught = self.curriculum.courses
        running = (key for key in courses if key in taught and _runs(taught[key], day))
        return frozenset(
            membership.student
            for key in running
            for membership in self.curriculum.members.get(key, ())
            if membership.current(day)
        )

    def courses(self, student: str) -> frozenset[str]:
        """Return the courses that the student is or was in."""
        return frozenset(self.curriculum.memberships.get(student, ()))

    def counted(self, record: Record, courses: Collection[str]) -> bool:
        """Whether a record concerns one of these courses."""
        return any(course in courses for course in self.recorded.of(self.curriculum, record))


def _runs(course: Course, day: date) -> bool:
    return not course.archived and day <= course.last_day
