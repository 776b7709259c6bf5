"""At the end of a term: the faces of students who are in no current course. They are looked at, and then erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from secure_attend.attendance.courses.course import COURSES, course_of
from secure_attend.attendance.courses.holds import held_students
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.roster_plan import confirm, digest_of
from secure_attend.storage.ports import Documents, HasDocuments, StudentStore
from secure_attend.storage.values import Student


class UnneededStore(StudentStore, HasDocuments, Protocol):
    """The ports that this needs."""


@dataclass(frozen=True)
class FacesPlan:
    """Whose faces would be erased, by name. Faces that wait for staff are among them."""

    students: tuple[Student, ...]

    @property
    def digest(self) -> str:
        """What names this plan: the same for the same students."""
        return digest_of(sorted(student.key for student in self.students))


class UnneededFaces:
    """Plans and erases. Codes, consents and attendance stay, and so do the students."""

    def __init__(self, store: UnneededStore, time: SiteTime) -> None:
        self._store = store
        self._time = time

    def plan(self, scope: ReaderScope) -> FacesPlan:
        """Return the students with a face who are in no course that runs today or later, of those whom the reader may
        see, and who are not held. A site without any course has none: it does not say who is needed."""
        courses = [course_of(document) for document in self._store.documents.all(COURSES.name)]
        if not courses:
            return FacesPlan(())
        today = self._time.today()
        running = {course.key for course in courses if not course.archived and today <= course.last_day}
        needed = _members(self._store.documents, running, today) | held_students(self._store.documents)
        found = [
            student
            for student in self._store.students()
            if (student.templates or student.held is not None) and student.key not in needed and scope.sees(student.key)
        ]
        return FacesPlan(tuple(sorted(found, key=lambda student: (student.name.casefold(), student.student_id))))

    def erase(self, digest: str, scope: ReaderScope) -> FacesPlan:
        """Erase the faces of the plan with this digest. Return it. Raises `Conflict` `plan_changed`, and then nothing
        has changed."""
        with self._store.transaction():
            plan = self.plan(scope)
            confirm(plan.digest, digest)
            if plan.students:
                self._store.write_students([], drop_faces=[student.key for student in plan.students])
        return plan


def _members(documents: Documents, courses: Iterable[str], day: date) -> set[str]:
    """Return who is in one of these courses on this day or later."""
    members = map(membership_of, documents.all(MEMBERSHIPS.name))
    return {member.student for member in members if member.course in courses and member.current(day)}
