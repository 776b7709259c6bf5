"""Students in courses: join, leave, and move between groups. The past stays where it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.courses import Courses, CourseStore
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.courses.membership import (
    MEMBERSHIPS,
    Membership,
    membership_document,
    membership_key,
    membership_of,
)
from secure_attend.attendance.find_student import known_student, listed_student
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.values import Student

Change = Callable[[Membership], Membership]


def students_of_course(store: CourseStore, course: str) -> list[Student]:
    """Return the students who are or were in a course."""
    members = map(membership_of, store.documents.all(MEMBERSHIPS.name))
    found = (store.student(member.student) for member in members if member.course == course)
    return [student for student in found if student is not None]


class Memberships:
    """Changes who is in a course. Faces, codes, consents and records are never touched."""

    def __init__(self, store: CourseStore, courses: Courses, time: SiteTime) -> None:
        self._store = store
        self._courses = courses
        self._time = time

    def of_course(self, course: str) -> list[Membership]:
        """Return the memberships of a course, ended ones included."""
        members = map(membership_of, self._store.documents.all(MEMBERSHIPS.name))
        return [member for member in members if member.course == course]

    def of_student(self, student: str) -> list[Membership]:
        """Return the student's memberships, ended ones included."""
        return [
            membership_of(document)
            for document in self._store.documents.about(student)
            if document.kind == MEMBERSHIPS.name
        ]

    def find(self, course: str, student: str) -> Membership | None:
        """Return the student's membership of the course, even if it has ended."""
        document = self._store.documents.get(MEMBERSHIPS.name, membership_key(course, student))
        return membership_of(document) if document is not None else None

    def join(
        self, course: str, students: Sequence[str], first_day: date | None = None, groups: Collection[str] = ()
    ) -> list[Membership]:
        """Add students to a course from this local day on, today by default; all or none. Those who are in it from
        that day on stay as they are: move them to change their groups. Return all of them.

        Raises `InvalidInput`, `NotFound`, and `Conflict` if the course is archived or a student is not on the list.
        """
        with self._store.transaction():
            for student in dict.fromkeys(students):
                listed_student(self._store, student)
            day = first_day if first_day is not None else self._time.today()
            self._check(self._courses.unarchived(course), "first_day", day, groups)

            def joined(member: Membership) -> Membership:
                span = member.span_on(day)
                here = span is not None and span.last_day is None
                return member if here else member.joined(day, frozenset(groups))

            return self._write(course, students, joined)

    def let_in(self, course: str, students: Sequence[str], first_day: date, groups: Collection[str]) -> None:
        """Add students to a course from a local day on which they were not in it; all or none. Where they were in it
        later, those days and their groups stay. Raises as `join`."""
        with self._store.transaction():
            for student in dict.fromkeys(students):
                listed_student(self._store, student)
            self._check(self._courses.unarchived(course), "first_day", first_day, groups)

            def joined(member: Membership) -> Membership:
                here = member.span_on(first_day) is not None
                return member if here else member.joined_before_the_rest(first_day, frozenset(groups))

            self._write(course, students, joined)

    def leave(self, course: str, students: Sequence[str], last_day: date | None = None) -> list[Membership]:
        """End memberships with this local day, today by default; all or none. A membership without any day left is
        deleted. Return them as they are now. Raises `InvalidInput`, and `NotFound` for a student who is not in the
        course."""
        day = last_day if last_day is not None else self._time.today()
        with self._store.transaction():
            self._check(self._courses.get(course), "last_day", day, ())
            self._require(course, students)
            return self._write(course, students, lambda member: member.left(day))

    def move(
        self, course: str, students: Sequence[str], groups: Collection[str], first_day: date | None = None
    ) -> list[Membership]:
        """Let students be in these groups, and no others, from this local day on, today by default; all or none.

        Raises `InvalidInput`, `NotFound` for a student who is not in the course, and `Conflict` if it is archived.
        """
        day = first_day if first_day is not None else self._time.today()
        with self._store.transaction():
            self._check(self._courses.unarchived(course), "first_day", day, groups)
            self._require(course, students)
            return self._write(course, students, lambda member: member.moved(day, frozenset(groups)))

    def end_all(self, students: Collection[str]) -> int:
        """End all memberships of students who leave the site's list, with today. Return how many those were."""
        today = self._time.today()
        with self._store.transaction():
            documents = [
                document
                for student in students
                for document in self._store.documents.about(student)
                if document.kind == MEMBERSHIPS.name and membership_of(document).current(today)
            ]
            changed = [(document, membership_of(document).left(today)) for document in documents]
            changed = [(document, member) for document, member in changed if member != membership_of(document)]
            self._store_all(changed)
        return len(changed)

    def _check(self, course: Course, field: str, day: date, groups: Collection[str]) -> None:
        faults = FieldFaults()
        faults.day(field, day)
        if day > course.last_day and field == "first_day":
            faults.add(field, f"{course.code} ends on {course.last_day}. Choose an earlier day.")
        faults.keys("groups", groups, course.group_keys, "group")
        faults.refuse()

    def _require(self, course: str, students: Sequence[str]) -> None:
        for student in students:
            known_student(self._store, student)
            if self.find(course, student) is None:
                raise NotFound("not_a_member", "This student is not in the course. Load its students again.")

    def _write(self, course: str, students: Sequence[str], change: Change) -> list[Membership]:
        """Change the memberships of these students in one write. Return them as they are then."""
        changed: list[tuple[Document, Membership]] = []
        found: list[Membership] = []
        for student in dict.fromkeys(students):
            known = self._store.documents.get(MEMBERSHIPS.name, membership_key(course, student))
            before = membership_of(known) if known is not None else Membership(course, student, ())
            after = change(before)
            found.append(after)
            if after != before:
                changed.append((known if known is not None else membership_document(before), after))
        self._store_all(changed)
        return found

    def _store_all(self, changed: Sequence[tuple[Document, Membership]]) -> None:
        puts = [membership_document(member, document.version) for document, member in changed if member.spans]
        deletes = [document for document, member in changed if not member.spans and document.version]
        if puts or deletes:
            self._store.documents.write(puts, deletes)
