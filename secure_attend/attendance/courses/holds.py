"""Holds: a registrar's decision that nothing of a student, or of all students of a course, expires by its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from secure_attend.attendance.courses.course import COURSES, course_of
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.attendance.courses.memberships import students_of_course
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.erasing_reason import reason_without_name, reason_without_names
from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.ports import Documents, HasDocuments, StudentStore

Held = Literal["student", "course"]
HOLDS = DocumentKind(
    "holds",
    erasing="delete",
    example={
        "of": "student",
        "student": "key of the student",
        "reason": "Appeal 2026-17",
        "by": "Ada",
        "at": "2026-12-21T09:30:00.000000Z",
    },
    example_about=("key of the student",),
)


class HoldStore(StudentStore, HasDocuments, Protocol):
    """The ports that holds need."""


@dataclass(frozen=True)
class Hold:
    """Why there is a hold, placed by whom (a name) and when (UTC)."""

    of: Held
    key: str
    reason: str
    by: str
    at: datetime


class Holds:
    """Places and lifts holds. Who may do so is decided before."""

    def __init__(self, store: HoldStore, courses: Courses, time: SiteTime) -> None:
        self._store = store
        self._courses = courses
        self._time = time

    def get(self, of: Held, key: str) -> Hold | None:
        """Return the hold on this student or course. Raises `NotFound`."""
        self._check(of, key)
        document = self._store.documents.get(HOLDS.name, key)
        return hold_of(document) if document is not None else None

    def students(self) -> frozenset[str]:
        """Return the keys of the students of whom nothing is erased by its age."""
        return held_students(self._store.documents)

    def courses_of(self, student: str) -> list[str]:
        """Return the codes of the held courses that the student is or was in."""
        held = {document.key for document in self._store.documents.all(HOLDS.name)}
        mine = {each.value["course"] for each in self._store.documents.about(student) if each.kind == MEMBERSHIPS.name}
        found = (self._store.documents.get(COURSES.name, course) for course in held & mine)
        return sorted(course_of(document).code for document in found if document is not None)

    def place(self, of: Held, key: str, reason: str, by: str) -> Hold:
        """Place a hold. Raises `InvalidInput` if the reason names the student, or one of the course, `NotFound`, and
        `Conflict` (`already_held`)."""
        with self._store.transaction():
            if self.get(of, key) is not None:
                raise Conflict("already_held", "There is a hold already. Lift it first to give another reason.")
            if of == "student":
                said = reason_without_name(reason, self._store, known_student(self._store, key))
            else:
                said = reason_without_names(reason, students_of_course(self._store, key))
            student = key if of == "student" else None
            value = {"of": of, "student": student, "reason": said, "by": by, "at": to_text(self._time.now())}
            document = HOLDS.document(key, value, [key] if of == "student" else [])
            self._store.documents.write([document])
        return hold_of(document)

    def lift(self, of: Held, key: str) -> Hold:
        """Lift a hold. Raises `NotFound` if there is none."""
        with self._store.transaction():
            self._check(of, key)
            document = self._store.documents.get(HOLDS.name, key)
            if document is None:
                raise NotFound("no_hold", "There is no hold. Somebody may have lifted it: load this again.")
            self._store.documents.write([], [document])
        return hold_of(document)

    def refuse_erasing(self, student: str) -> None:
        """Raise `Conflict` (`on_hold`) if the student, or a course that they are or were in, is held."""
        hold, courses = self.get("student", student), self.courses_of(student)
        if hold is None and not courses:
            return
        since = f" since {self._time.date_of(hold.at)}" if hold is not None else ""
        of = f"this student{since}" if hold is not None else f"the course {', '.join(courses)}"
        raise Conflict(
            "on_hold", f"There is a hold on {of}, so nothing is erased. A registrar can lift it, and erase then."
        )

    def refuse_deleting(self, course: str) -> None:
        """Raise `Conflict` (`on_hold`) if the course is held."""
        if self.get("course", course) is not None:
            raise Conflict("on_hold", "There is a hold on this course. A registrar can lift it, and delete it then.")

    def _check(self, of: Held, key: str) -> None:
        if of == "student":
            known_student(self._store, key)
        else:
            self._courses.get(key)


def hold_of(document: Document) -> Hold:
    """Return the hold that a document holds."""
    value = document.value
    return Hold(value["of"], document.key, value["reason"], value["by"], from_text(value["at"]))


def held_students(documents: Documents) -> frozenset[str]:
    """Return the keys of the students who are held: themselves, or with a course that they are or were in."""
    held = {document.key for document in documents.all(HOLDS.name)}
    if not held:
        return frozenset()
    members = map(membership_of, documents.all(MEMBERSHIPS.name))
    return frozenset(held | {member.student for member in members if member.course in held})
