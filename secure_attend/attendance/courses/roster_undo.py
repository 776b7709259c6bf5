"""Undoing the last import into a course, until the next change of what it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from secure_attend.attendance.courses.course import Course, CourseGroup, course_document
from secure_attend.attendance.courses.course_roster_plan import RosterScope
from secure_attend.attendance.courses.courses import Courses, CourseStore, Refuse
from secure_attend.attendance.courses.last_import import (
    LAST_IMPORTS,
    ImportedStudent,
    LastImport,
    ListedAs,
    last_import_of,
)
from secure_attend.attendance.courses.membership import (
    MEMBERSHIPS,
    Membership,
    MembershipChange,
    membership_document,
    membership_key,
    membership_of,
)
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import AttendanceLog
from secure_attend.storage.values import Student


class UndoStore(CourseStore, AttendanceLog, Protocol):
    """The ports that undoing needs."""


@dataclass(frozen=True)
class UndoneImport:
    """What undoing did: which memberships are as before the import, each with what it had made of it, whose entry on
    the list is as before, and who is off the list, because the import had added them."""

    memberships: tuple[MembershipChange, ...]
    restored: tuple[Student, ...]
    removed: tuple[Student, ...]


class RosterUndo:
    """Puts back what an import into a course changed."""

    def __init__(self, store: UndoStore, courses: Courses, time: SiteTime, refuse: Refuse) -> None:
        """`refuse` raises if documents may not be written so: it is asked before the students are."""
        self._store = store
        self._courses = courses
        self._time = time
        self._refuse = refuse

    def offered(self, course: str) -> LastImport | None:
        """Return the course's last import while it can be undone; None if there is none, the course is archived, or
        something that the import changed has been changed since. Raises `NotFound`."""
        document = self._store.documents.get(LAST_IMPORTS.name, course)
        if document is None:
            return None
        last, taught = last_import_of(document), self._courses.get(course)
        return last if not taught.archived and self._unchanged(taught, last, document, self._known(last)) else None

    def undo(self, course: str, digest: str, scope: RosterScope) -> UndoneImport:
        """Undo the course's last import, if its plan had this digest. Students whom it added leave the list, unless
        something is known of them by now: a face, a consent, a record, another course.

        Raises `NotFound`, and `Conflict`: `course_archived`, or `import_changed` if there is no such import, or
        something that it changed has been changed since. Students are written first: if the program ends in between,
        undoing again completes it.
        """
        with self._store.transaction():
            taught = self._courses.unarchived(course)
            document = self._store.documents.get(LAST_IMPORTS.name, course)
            if document is None or document.value["digest"] != digest:
                raise _changed()
            last = last_import_of(document)
            known = self._known(last)
            if not self._unchanged(taught, last, document, known):
                raise _changed()
            changes = self._before(taught, last, document, known)
            self._refuse(*changes)
            restored = self._each(last, lambda student, each: self._as_before(student, each, scope))
            removed = self._each(last, lambda student, each: self._off_the_list(student, each, course))
            if restored or removed:
                self._store.write_students([*restored, *removed])
            self._store.documents.write(*changes)
        changed = ((_as_it_is(course, key, now), _as_it_was(last, key)) for key, now in known.items())
        return UndoneImport(tuple(changed), restored, removed)

    def _known(self, last: LastImport) -> dict[str, Document | None]:
        """Return the memberships that the import changed, by student, as they are now."""
        return {
            key: self._membership(last.course, key) for key, each in last.students.items() if each.spans is not None
        }

    def _unchanged(
        self, taught: Course, last: LastImport, imported: Document, known: Mapping[str, Document | None]
    ) -> bool:
        """Return whether the memberships are as the import left them, and could be as before: with groups that are
        there. Those of the past may be gone."""
        today = self._time.today()
        as_left = all(
            last.students[key].deleted if each is None else each.version == imported.version
            for key, each in known.items()
        )
        coming = (span for key in known for span in Period(today, None).of(_as_it_was(last, key).spans))
        return as_left and all(span.groups <= taught.group_keys for span in coming)

    def _each(
        self, last: LastImport, change: Callable[[Student, ImportedStudent], Student | None]
    ) -> tuple[Student, ...]:
        found = ((self._store.student(key), each) for key, each in last.students.items())
        changed = (change(student, each) for student, each in found if student is not None)
        return tuple(student for student in changed if student is not None)

    def _as_before(self, student: Student, each: ImportedStudent, scope: RosterScope) -> Student | None:
        """Return the student as the list had them before; None if that is to stay as it is."""
        if each.was is None or ListedAs.of(student) != each.now or not scope.answers_for(student.key):
            return None
        return replace(student, name=each.was.name, email=each.was.email, removed_at=each.was.removed_at)

    def _off_the_list(self, student: Student, each: ImportedStudent, course: str) -> Student | None:
        """Return a student whom the import added, off the list; None if something is known of them by now."""
        added = each.now is not None and each.was is None
        if not added or ListedAs.of(student) != each.now:
            return None
        own = {(MEMBERSHIPS.name, membership_key(course, student.key)), (LAST_IMPORTS.name, course)}
        if {document.id for document in self._store.documents.about(student.key)} - own:
            return None
        if student.templates or student.held is not None or student.consent is not None:
            return None
        if next(iter(self._store.records(person=student.key)), None) is not None:
            return None
        return replace(student, removed_at=self._time.now())

    def _before(
        self, taught: Course, last: LastImport, document: Document, known: dict[str, Document | None]
    ) -> tuple[list[Document], list[Document]]:
        """Return what to put and what to delete, so that the course is as before."""
        puts: list[Document] = []
        deletes = [document]
        for key, now in known.items():
            before = _as_it_was(last, key)
            if before.spans:
                puts.append(membership_document(before, now.version if now is not None else 0))
            elif now is not None:
                deletes.append(now)
        groups = self._without_added(taught, last, known)
        if groups != taught.groups:
            puts.append(course_document(replace(taught, groups=groups), self._courses.version(taught.key)))
        return puts, deletes

    def _without_added(
        self, taught: Course, last: LastImport, known: dict[str, Document | None]
    ) -> tuple[CourseGroup, ...]:
        """Return the course's groups without those that the import added, unless they are in use by now."""
        used = set(self._courses.groups_of_meetings(taught.key))
        for document in self._store.documents.all(MEMBERSHIPS.name):
            member = membership_of(document)
            if member.course == taught.key and member.student not in known:
                used |= {group for span in member.spans for group in span.groups}
        return tuple(group for group in taught.groups if group.key not in last.groups or group.key in used)

    def _membership(self, course: str, student: str) -> Document | None:
        return self._store.documents.get(MEMBERSHIPS.name, membership_key(course, student))


def _as_it_is(course: str, student: str, document: Document | None) -> Membership:
    return membership_of(document) if document is not None else Membership(course, student, ())


def _as_it_was(last: LastImport, student: str) -> Membership:
    """Return the membership as it was before the import."""
    return Membership(last.course, student, last.students[student].spans or ())


def _changed() -> Conflict:
    return Conflict(
        "import_changed",
        "This import can no longer be undone: its students have been changed since. Change them one by one.",
    )
